"""How far an audit by plan has come: nothing but its entries added up (docs/spec/audit.md, section 8).

For `decide`, which reads it, and for pages that show an audit. Discrepancies are a fold over what was
read and opened: no later entry can lose one, only give it a cause or change the reading it rests on.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from tallybook.audit.assertions import Assertion
from tallybook.audit.planned import Subject
from tallybook.audit.planned_more import MOST as MOST_DRAWS
from tallybook.audit.planned_numbers import Pools
from tallybook.book.versions import Map
from tallybook.election.cards import Pattern

Readings = Mapping[str, Any]
UNOPENED = -1
"""In place of the pattern of a record that nobody could open."""


class PlannedStratum(msgspec.Struct, frozen=True):
    """One stratum of a contest, as written; the only one where the contest of the plan has no `strata`.

    key: the contest, or contest__stratum; batches: where its cards are, empty for everywhere; reported: a
    fingerprint, or totals; pools: the fingerprint of their totals, or "".
    """

    key: str
    contest: str
    stratum: str
    evidence: str
    cards: int
    batches: frozenset[str]
    lacking: str
    reported: Any
    pools: str
    rates: Mapping[str, str]


class PlannedContest(msgspec.Struct, frozen=True):
    """One contest of a plan. winners or advance: the reported outcome, the other is empty.

    assertions: none where a ranked contest is polled without records.
    """

    contest: str
    winners: tuple[str, ...]
    advance: tuple[str, ...]
    strata: tuple[PlannedStratum, ...]
    outside: int
    assertions: tuple[Assertion, ...]
    outcome: Mapping[str, Any]

    @property
    def cards(self) -> int:
        """The cards of its population."""
        return sum(one.cards for one in self.strata)

    @property
    def is_divided(self) -> bool:
        """Whether it has several strata."""
        return len(self.strata) > 1

    @property
    def is_without_records(self) -> bool:
        """Whether nothing but the sample speaks for its outcome."""
        return not self.assertions


class Plan(msgspec.Struct, frozen=True):
    """A plan in its form. board: name -> public key; most_rounds: 0 for none.

    by_name: contests; strata: by key, in order; everywhere: keys of strata without batches of their own;
    by_batch: batch -> keys of the others.
    """

    draw: str
    manifest: str
    risk_limit: str
    contests: tuple[PlannedContest, ...]
    by_name: Mapping[str, PlannedContest]
    strata: Mapping[str, PlannedStratum]
    everywhere: tuple[str, ...]
    by_batch: Mapping[str, tuple[str, ...]]
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

    def strata_in(self, batch: str) -> tuple[PlannedStratum, ...]:
        """The strata that a batch is in, in the order of the plan."""
        mine = {*self.everywhere, *self.by_batch.get(batch, ())}
        if len(mine) == len(self.everywhere):
            return tuple(self.strata[key] for key in self.everywhere)
        return tuple(one for key, one in self.strata.items() if key in mine)

    def bounds(self) -> dict[str, int]:
        """The most that may be drawn, by the keys of `sizes`."""
        if self.draw == "batches":
            return {"batches": MOST_DRAWS}
        return {key: one.cards for key, one in self.strata.items()}


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
    """What a plan rests on, fetched once.

    By contest: its subject, method, and where batches are drawn its votes (batch -> choice -> votes). By the
    key of a stratum: its subject; tables: patterns of published rows; rankings: patterns and how many cards
    had each; pools: its pools as each assertion sees them. cards: batch -> cards, where batches are drawn.
    """

    subjects: Mapping[str, Subject]
    methods: Mapping[str, str]
    votes: Mapping[str, Mapping[str, Mapping[str, int]]]
    strata: Mapping[str, Subject]
    tables: Mapping[str, tuple[Pattern, ...]]
    rankings: Mapping[str, tuple[tuple[Pattern, ...], tuple[int, ...]]]
    pools: Mapping[str, Pools]
    cards: Mapping[str, int]


class Run(msgspec.Struct, frozen=True, eq=False):
    """One audit: its plan and every step since. Numbers are those of entries.

    margins: contest -> S of each assertion; points: key of a stratum -> its part of them; items: each drawn
    item; drawn: items in ticket order (cards), or draws in order with repeats (batches); used: key -> its
    numbers' items in order; leaves: hashes of the acts of the open sitting; touched: their items; measured:
    the entry that measured the latest round, unless a reading was corrected since; looked: rounds that were
    measured; results: contest -> its latest measurement; stopped: contest -> (entry, by the count of all
    places, moment).
    """

    seq: int
    place: str
    plan: Plan
    basis: Basis
    margins: Mapping[str, tuple[int, ...]]
    points: Mapping[str, tuple[int, ...]]
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

    def strata_of(self, name: str) -> tuple[PlannedStratum, ...]:
        """The strata that an item is of, at most one of each contest, in the order of the plan."""
        return self.plan.strata_in(batch_of(name) if self.plan.draw == "cards" else name)

    def contests_of(self, name: str) -> tuple[str, ...]:
        """The contests that an item is of, in the order of the plan."""
        return tuple(one.contest for one in self.strata_of(name))

    def stratum_of(self, name: str, contest: str) -> PlannedStratum:
        """The stratum of a contest that an item is of; only asked where it is of the contest."""
        return next(one for one in self.strata_of(name) if one.contest == contest)

    def is_pooled(self, name: str, key: str) -> bool:
        """Whether an item lies in a pool of a stratum."""
        return key in self.basis.pools and batch_of(name) in self.basis.pools[key][0]

    def compared(self, name: str) -> tuple[str, ...]:
        """The contests in which an item has a record of its own, to be opened."""
        return tuple(
            one.contest
            for one in self.strata_of(name)
            if one.evidence == "comparison" or (one.evidence == "pools" and not self.is_pooled(name, one.key))
        )

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
