"""What a report is made of: plain values that a door fills from a book.

Days are `YYYY-MM-DD`, hours `HH:MM` local time or empty, votes whole numbers in the order of the report's
choices. Words are plain text in the report's language; the pages escape them. `entry` is the number (`seq`)
of an entry of the book.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tallybook.reports.audit_values import Audit

Answer = Literal["accepted", "refused", "no_effect"]
Status = Literal["duty", "permitted", "conditional", "not_permitted", "no_legal_effect"]


@dataclass(frozen=True)
class Choice:
    """What could be voted for: the name as on the ballot, a short name for narrow columns, the party."""

    id: str
    name: str
    short: str
    party: str = ""


@dataclass(frozen=True)
class Decided:
    """One thing decided: the contest, the outcome in plain words, and who certified it when, by which law.

    `margin_between` names the margin: where two go to a runoff, the second is that far ahead of the third.
    `others`: how many choices are left out of `votes`, and the votes that they have together.
    """

    contest: str
    outcome: str
    votes: tuple[tuple[str, int], ...]
    margin_votes: int
    office: str
    day: str
    citation: str
    entry: int | None = None
    margin_between: str = "Margin"
    others: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Count:
    """One count of the report's contest: a statement of its own, never replaced by another.

    `title` is its name in plain words ("Hand tally"), `effect` what it is in law ("An audit. It left the
    certified returns standing."), `margin_votes` the votes between the two choices that have most.
    """

    kind: str
    title: str
    day: str
    office: str
    votes: tuple[int, ...]
    margin_votes: int
    effect: str
    citation: str
    entry: int | None = None


@dataclass(frozen=True)
class Line:
    """A margin at which the law changes its answer, drawn across the bars of the margins.

    `words` read after the number: "the largest margin at which a losing candidate may ask for a recount".
    """

    words: str
    margin_votes: int
    citation: str


@dataclass(frozen=True)
class Accounts:
    """What became of every ballot cast in a county, for the report's contest (one vote allowed)."""

    ballots_cast: int
    votes: int
    write_ins: int
    undervotes: int
    overvotes: int

    @property
    def difference(self) -> int:
        """Ballots cast that no other figure explains; 0 when the account adds up."""
        return self.ballots_cast - self.votes - self.write_ins - self.undervotes - self.overvotes


@dataclass(frozen=True)
class CountyRow:
    """One county or other place: its votes by kind of count, its account, where it is, notes, its entries.

    `votes` maps `Count.kind` to votes in the order of the choices. `point` is (latitude, longitude) in
    thousandths of a degree, north and east positive.
    """

    id: str
    name: str
    votes: Mapping[str, tuple[int, ...]]
    accounts: Accounts | None = None
    point: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()
    entries: tuple[int, ...] = ()


@dataclass(frozen=True)
class TimelineRow:
    """One act and its answer. `act` reads after the office: "certified the county's returns", or,
    where it was refused, "asked to order a recount".

    Acts that differ only in their place are shown together, so a door passes one row for each entry.
    """

    entry: int
    day: str
    hour: str
    office: str
    act: str
    answer: Answer
    words: str
    citation: str
    place: str = ""
    contest: str = ""
    who_may: tuple[str, ...] = ()
    next: str = ""


@dataclass(frozen=True)
class AuthorityRow:
    """One row of the law: whether an office may do an act, on what condition, by which text."""

    topic: str
    act: str
    office: str
    status: Status
    plain: str
    citation: str
    until: str = ""


@dataclass(frozen=True)
class Fingerprints:
    """What a stranger compares: the package's SHA-256, the checkpoint's size and root, the policy's text.

    What is empty (or 0 bytes) is not known to the door and not shown.
    """

    package: str
    package_sha256: str
    package_bytes: int
    origin: str
    size: int
    root: str
    policy: str
    policy_file: str = "policy.txt"
    witnesses: tuple[str, ...] = ()
    checker: str = "tallycheck"


@dataclass(frozen=True)
class ActTotals:
    """How many acts were granted, refused and without legal effect, and how many entries followed by law."""

    granted: int
    refused: int
    no_effect: int
    consequences: int


@dataclass(frozen=True)
class Section:
    """A part of the first page that a door words itself: paragraphs, and perhaps a table of words."""

    id: str
    title: str
    paragraphs: tuple[str, ...]
    caption: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Report:
    """Everything the pages show. `base` is the kind of count with which the others are compared.

    `places`: what the places of `counties` are, one and many: ("county", "counties"), ("precinct",
    "precincts"). Where there is no place to show, and where there is no audit, there is no page of them.
    """

    title: str
    day: str
    contest: str
    base: str
    choices: tuple[Choice, ...]
    counts: tuple[Count, ...]
    acts: ActTotals
    fingerprints: Fingerprints
    decided: tuple[Decided, ...] = ()
    counties: tuple[CountyRow, ...] = ()
    timeline: tuple[TimelineRow, ...] = ()
    authority: tuple[AuthorityRow, ...] = ()
    lines: tuple[Line, ...] = ()
    sections: tuple[Section, ...] = ()
    audits: tuple[Audit, ...] = ()
    places: tuple[str, str] = ("county", "counties")
    notice: str = ""
    law_day: str = ""
    language: str = field(default="en")
