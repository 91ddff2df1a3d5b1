"""What a book says of an audit by plan: the state that its acts fill (audit specification, sections 3, 7, 8).

Kept for each contest: its population, what was reported, its assertions with their bounds and sums. Kept for
each item drawn: who committed to which reading, what was opened and settled, which record it has.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .assertions import Assertion, bounds, by_entries, by_votes
from .auditplan import (
    BATCHES,
    CARDS,
    COMPARISON,
    NOT_FOUND,
    NOT_ON_CARD,
    Plan,
    Planned,
    pattern_of_reading,
)
from .draw import Manifest
from .marks import Pattern, same_marks, votes_of
from .measuring import Batches
from .published import NO_RECORD, Cards
from .ranked import Reading, entries
from .risk import Run
from .standing import Contest

NONE = -1  # a record opened without a row
Counts = dict[str, int]


@dataclass
class Audited:
    """One contest of an audit. `sums` and `limits` (least, most) stand in the order of its assertions."""

    plan: Planned
    contest: Contest
    method: str
    how: Reading
    population: tuple[int, ...]
    assertions: list[Assertion]
    limits: list[tuple[int, int]]
    sums: list[int] = field(default_factory=list)
    phantoms: int = 0
    cards: Cards | None = None
    by_batch: dict[str, Counts] = field(default_factory=dict)
    first: int = 0
    measured: dict[str, Any] | None = None
    measured_round: int = 0
    stopped: int | None = None
    by_places: bool = False
    runs: dict[int, Run] = field(default_factory=dict)
    _weights: dict[Any, list[int]] = field(default_factory=dict)

    @property
    def ranked(self) -> bool:
        """Whether its cards are ranked."""
        return self.method == "ranked_choice"

    def weights(self, pattern: Pattern) -> list[int]:
        """The points of a pattern, by assertion."""
        choices = tuple(self.contest.choices)
        if self.ranked:
            bit = {choice: 1 << i for i, choice in enumerate(choices)}
            card = entries(pattern.marks, pattern.flags, choices, self.how)
            return [by_entries(assertion, card, bit) for assertion in self.assertions]
        votes = votes_of(pattern, choices, self.contest.votes_allowed)
        return [by_votes(assertion, votes) for assertion in self.assertions]

    def points_read(self, reading: Any) -> list[int]:
        """The points of a reading of a card, by assertion."""
        if reading == NOT_FOUND or (reading == NOT_ON_CARD and self.plan.lacking == "carries"):
            return [least for least, _ in self.limits]
        if reading == NOT_ON_CARD:
            return [0] * len(self.limits)
        key = repr(reading)
        if key not in self._weights:
            self._weights[key] = self.weights(pattern_of_reading(reading, self.ranked))
        return self._weights[key]

    def points_recorded(self, row: int) -> list[int]:
        """The points of a card's record: the pattern at that place, or the most where no row was shown."""
        if row == NONE:
            return [most for _, most in self.limits]
        if row not in self._weights:
            self._weights[row] = self.weights(self.pattern(row))
        return self._weights[row]

    def pattern(self, row: int) -> Pattern:
        """The pattern at that place."""
        assert self.cards is not None
        return self.cards.head.patterns[row]

    def batch_points(self, reading: Any, cards: int) -> list[int]:
        """The points of what was counted in a batch of so many cards, by assertion."""
        if reading == NOT_FOUND:
            return [least * cards for least, _ in self.limits]
        return [by_votes(assertion, reading) for assertion in self.assertions]


@dataclass
class Item:
    """What is known of an item drawn. `rows`: contest -> place of the pattern of its record, or `NONE`."""

    contests: tuple[str, ...]
    commitments: dict[str, str] = field(default_factory=dict)
    opened: dict[str, dict[str, Any]] = field(default_factory=dict)
    settled: dict[str, Any] | None = None
    rows: dict[str, int] = field(default_factory=dict)
    causes: dict[str, str] = field(default_factory=dict)

    @property
    def both_in(self) -> bool:
        """Whether both readings are committed."""
        return len(self.commitments) >= 2


@dataclass(frozen=True)
class Round:
    """A round drawn: its sizes; by contest the items usable so far; or the draws of batches so far."""

    sizes: Counts
    usable: dict[str, list[str]]
    draws: list[str]


@dataclass
class Sitting:
    """What was done since the last signature: leaf hashes of the entries, and the items they name."""

    number: int = 1
    leaves: list[bytes] = field(default_factory=list)
    items: set[str] = field(default_factory=set)


@dataclass
class Audit:
    """An audit, from the entry that committed its plan."""

    seq: int
    place: str | None
    plan: Plan
    manifest: Manifest
    contests: dict[str, Audited]
    batches: Batches | None = None
    seed: str = ""
    seed_seq: int = -1
    rounds: list[Round] = field(default_factory=list)
    items: dict[str, Item] = field(default_factory=dict)
    sitting: Sitting = field(default_factory=Sitting)
    measured_round: int = 0
    measured_seq: int = -1
    corrected: bool = False
    _of_batch: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _cards: dict[str, int] = field(default_factory=dict)

    @property
    def by_cards(self) -> bool:
        """Whether cards are drawn, not batches."""
        return self.plan.draw == CARDS

    def contests_of(self, item: str) -> tuple[str, ...]:
        """The contests that an item is of, in the order of the plan."""
        if not self.by_cards:
            return tuple(self.contests)
        if not self._of_batch:
            found: dict[int, list[str]] = {}
            for name, contest in self.contests.items():
                for b in contest.population:
                    found.setdefault(b, []).append(name)
            self._of_batch = {self.manifest.batches[b][0]: tuple(of) for b, of in found.items()}
        return self._of_batch.get(item.rpartition("/")[0], ())

    def cards_of(self, batch: str) -> int:
        """The cards of a batch."""
        if not self._cards:
            self._cards = dict(self.manifest.batches)
        return self._cards[batch]

    def differs(self, item: str, contest: str) -> bool:
        """Whether a settled item is a discrepancy in a contest (section 8)."""
        found, audited = self.items[item], self.contests[contest]
        if found.settled is None or audited.plan.evidence not in (COMPARISON, BATCHES):
            return False
        reading = found.settled[contest]
        if audited.plan.evidence == BATCHES:
            return bool(reading != audited.by_batch[item])
        return contest in found.rows and not says(audited, found.rows[contest], reading)

    def is_finished(self, item: str) -> bool:
        """Whether nothing is left to do about an item."""
        found = self.items[item]
        if found.settled is None:
            return False
        for name in found.contests:
            if self.contests[name].plan.evidence == COMPARISON and name not in found.rows:
                return False
            if name not in found.causes and self.differs(item, name):
                return False
        return True

    def unfinished(self, items: Sequence[str] | Mapping[str, Any] | set[str]) -> int:
        """How many of these items are not finished."""
        return sum(not self.is_finished(item) for item in items)


def says(audited: Audited, row: int, reading: Any) -> bool:
    """Whether the record of a card says what was read."""
    if row == NONE:
        return False
    pattern = audited.pattern(row)
    if NOT_ON_CARD in pattern.flags:
        return bool(reading == NOT_ON_CARD)
    if NO_RECORD in pattern.flags:
        return bool(reading == NOT_FOUND)
    return isinstance(reading, list) and same_marks(pattern, pattern_of_reading(reading, audited.ranked))


def made_audited(planned: Planned, contest: Contest, method: str, how: Reading, population: tuple[int, ...],
                 assertions: list[Assertion]) -> Audited:  # fmt: skip
    """A contest of an audit, before its sums are known."""
    limits = [bounds(assertion, contest.votes_allowed) for assertion in assertions]
    return Audited(planned, contest, method, how, population, assertions, limits)
