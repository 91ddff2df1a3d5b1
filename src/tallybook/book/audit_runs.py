"""How far an audit by plan has come: nothing but its entries added up (docs/spec/audit.md, section 8).

For `decide`, which reads it, and for pages that show an audit. Discrepancies are a fold over what was
read and opened: no later entry can lose one, only give it a cause or change the reading it rests on.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from tallybook.audit.assertions import Assertion
from tallybook.audit.planned import Subject
from tallybook.book.versions import Map
from tallybook.election.cards import Pattern

Readings = Mapping[str, Any]
UNOPENED = -1
"""In place of the pattern of a record that nobody could open."""


class PlannedContest(msgspec.Struct, frozen=True):
    """One contest of a plan, as written. winners or advance: the reported outcome, the other is empty.

    batches: where the contest may be, empty for everywhere; reported: a fingerprint, or totals.
    """

    contest: str
    evidence: str
    winners: tuple[str, ...]
    advance: tuple[str, ...]
    cards: int
    batches: frozenset[str]
    lacking: str
    reported: Any
    outside: int
    rates: Mapping[str, str]
    assertions: tuple[Assertion, ...]
    outcome: Mapping[str, Any]


class Plan(msgspec.Struct, frozen=True):
    """A plan in its form. by_name: its contests; board: name -> public key; most_rounds: 0 for none."""

    draw: str
    manifest: str
    risk_limit: str
    contests: tuple[PlannedContest, ...]
    by_name: Mapping[str, PlannedContest]
    sizes: Mapping[str, int]
    board: Mapping[str, str]
    quorum: int
    most_rounds: int

    def contest(self, name: str) -> PlannedContest:
        """The contest of this id; only asked where the plan has it."""
        return self.by_name[name]

    @property
    def names(self) -> tuple[str, ...]:
        """The contests, in order."""
        return tuple(self.by_name)


class Item(msgspec.Struct, frozen=True):
    """A drawn card or batch, as far as it is read.

    sealed: reader -> commitment; opened: reader -> readings; settled: what stands, once it does; rows:
    contest -> place of its record's pattern; differs: contests whose record says something else; causes:
    contest -> cause of its discrepancy.
    """

    sealed: Mapping[str, str] = {}
    opened: Mapping[str, Readings] = {}
    settled: Readings | None = None
    rows: Mapping[str, int] = {}
    differs: frozenset[str] = frozenset()
    causes: Mapping[str, str] = {}


UNREAD = Item()


class Basis(msgspec.Struct, frozen=True, eq=False):
    """What a plan rests on, fetched once: by contest its subject, method, and what was reported of it.

    tables: patterns of the published rows; votes: batch -> choice -> votes reported; cards: batch -> cards,
    where batches are drawn.
    """

    subjects: Mapping[str, Subject]
    methods: Mapping[str, str]
    tables: Mapping[str, tuple[Pattern, ...]]
    votes: Mapping[str, Mapping[str, Mapping[str, int]]]
    cards: Mapping[str, int]


class Run(msgspec.Struct, frozen=True, eq=False):
    """One audit: its plan and every step since. Numbers are those of entries.

    margins: contest -> S of each assertion; items: each drawn item; drawn: items in ticket order (cards), or
    draws in order with repeats (batches); used: contest -> its numbers' items in order; leaves: hashes of the
    acts of the open sitting; touched: their items; measured: the entry that measured the latest round, unless
    a reading was corrected since; looked: rounds that were measured; results: contest -> its latest
    measurement; stopped: contest -> (entry, by the count of all places, moment).
    """

    seq: int
    place: str
    plan: Plan
    basis: Basis
    margins: Mapping[str, tuple[int, ...]]
    phantoms: Mapping[str, int]
    seeded: int | None = None
    seed: str = ""
    round: int = 0
    sizes: Mapping[str, int] = {}
    drawn: tuple[str, ...] = ()
    items: Map[str, Item] = msgspec.field(default_factory=Map)
    used: Mapping[str, tuple[str, ...]] = {}
    leaves: tuple[bytes, ...] = ()
    touched: frozenset[str] = frozenset()
    sittings: int = 0
    looked: int = 0
    measured: int | None = None
    results: Mapping[str, Mapping[str, Any]] = {}
    stopped: Mapping[str, tuple[int, bool, str]] = {}

    def contests_of(self, name: str) -> tuple[str, ...]:
        """The contests that an item is of, in the order of the plan."""
        batch = batch_of(name) if self.plan.draw == "cards" else name
        return tuple(one.contest for one in self.plan.contests if not one.batches or batch in one.batches)

    def compared(self, name: str) -> tuple[str, ...]:
        """The contests of an item whose record is opened."""
        return tuple(one for one in self.contests_of(name) if self.plan.contest(one).evidence == "comparison")

    def is_finished(self, name: str) -> bool:
        """Whether an item is settled, its records are open, and every discrepancy has a cause."""
        item = self.items[name]
        if item.settled is None or any(one not in item.rows for one in self.compared(name)):
            return False
        return all(one in item.causes for one in item.differs)

    @property
    def open_contests(self) -> tuple[str, ...]:
        """The contests whose audit goes on, in the order of the plan."""
        return tuple(one for one in self.plan.names if one not in self.stopped)


def batch_of(card: str) -> str:
    """The batch of a card: batch ids have no slash."""
    return card.rpartition("/")[0]
