"""What the pages of an audit are made of: plain values that a door fills from a book.

An audit is one plan and all that followed from it; each contest of the plan is audited apart. Risks are the
published strings, rounded up when they were published, and shown as they are. Words are plain text.
"""

from dataclasses import dataclass
from typing import Literal

State = Literal[
    "waiting", "another_round", "full_hand_count", "ready", "risk", "count", "overturned", "reopened"
]
"""How far the audit of a contest has come.

waiting: nothing is measured; another_round, full_hand_count: what the latest measurement asks for; ready: it
may end and nobody has ended it; risk: ended by the sample; count, overturned: ended by the count of every
card, which bore the reported outcome out or did not; reopened: a correction took the end back.
"""


@dataclass(frozen=True)
class AuditStep:
    """One step of an audit, or several of one kind together, with the numbers of their entries.

    `office`: whose acts they are; empty where they follow by law.
    """

    title: str
    office: str
    day: str
    words: tuple[str, ...]
    entries: tuple[int, ...]


@dataclass(frozen=True)
class Measured:
    """One measurement of a contest. `title`: "Round 2", or what else measured it; `cards`: numbers used.

    `risk` is the published string, empty where every card was counted; `met`: at or below the limit.
    """

    title: str
    cards: int
    risk: str
    met: bool
    entry: int


@dataclass(frozen=True)
class AssertionRow:
    """A statement that the audit tests, its reported margin in points, its latest risk and whether it is met.

    `margin` is None where the statement has none; `risk` is empty before a measurement and after a count.
    """

    words: str
    margin: int | None
    risk: str = ""
    met: bool | None = None


@dataclass(frozen=True)
class StratumRow:
    """A part of the cards with a kind of evidence of its own; `used`: None before a measurement."""

    name: str
    evidence: str
    cards: int
    phantoms: int
    used: int | None = None


@dataclass(frozen=True)
class Difference:
    """A card (or batch) on which the record and people differ; `cause` is empty until it is explained."""

    item: str
    contest: str
    record: str
    read: str
    cause: str


@dataclass(frozen=True)
class Ending:
    """Who ended the audit of a contest, when, by which law, in which entry."""

    office: str
    day: str
    citation: str
    entry: int


@dataclass(frozen=True)
class AuditedContest:
    """One contest of an audit. `reported`, `audited`: the outcome in words; `audited` empty until it ends.

    `cards`: its population; `phantoms`: cards that ought to be there and that nobody can produce; `outside`:
    cards in no batch, which count against the outcome; `used`: cards or draws in the latest measurement, None
    before one; `more`: how many further ones the record says would be enough without an error.
    """

    id: str
    contest: str
    state: State
    reported: str
    audited: str
    limit: str
    evidence: str
    cards: int
    phantoms: int
    outside: int
    used: int | None
    measured: tuple[Measured, ...]
    assertions: tuple[AssertionRow, ...]
    strata: tuple[StratumRow, ...] = ()
    more: int | None = None
    ending: Ending | None = None


@dataclass(frozen=True)
class Audit:
    """One audit by plan. `entry` committed the plan, `plan` is its SHA-256, `unit` is "card" or "batch".

    `first`: the card with the smallest ticket of all; empty where batches are drawn, or nothing yet.

    `replaced`: the entry of a later plan of a contest of this one, or None; `latest`: the contests of which
    this is the latest plan, by their ids.
    """

    entry: int
    title: str
    place: str
    limit: str
    unit: str
    plan: str
    seed: str
    chain: tuple[AuditStep, ...]
    contests: tuple[AuditedContest, ...]
    differences: tuple[Difference, ...] = ()
    first: str = ""
    replaced: int | None = None
    latest: frozenset[str] = frozenset()

    @property
    def standing(self) -> tuple[AuditedContest, ...]:
        """The contests that no later plan has taken over."""
        return tuple(one for one in self.contests if one.id in self.latest)
