"""What a book says of an audit by plan: the state that its acts fill (audit specification, sections 3, 7, 8).

Kept for each contest: its assertions with their bounds and sums; for each of its strata its population and
what was reported. Kept for each item drawn: who committed to which reading, what was opened and settled,
which record it has.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .assertions import Assertion, bounds, by_entries, by_votes
from .auditplan import BATCHES, CARDS, COMPARISON, POLLING, POOLS, Plan, Planned, PlannedStratum
from .auditreadings import NOT_FOUND, NOT_ON_CARD, pattern_of_reading
from .draw import Manifest
from .draws import Known
from .marks import Pattern, same_marks, votes_of
from .measuring import Batches, pool_value
from .published import NO_RECORD, Cards
from .ranked import Reading, entries
from .standing import Contest
from .totals import Pools
from .work import Work, tests_without_records

NONE = -1  # a record opened without a row
MOST_KEPT = 10**6  # points kept for readings and records
Counts = dict[str, int]
Population = range | array  # type: ignore[type-arg]
"""Places of batches in the manifest, ascending."""


@dataclass
class Claims:
    """The assertions of a contest, and what they give a card. `limits`: least and most, in the same order."""

    contest: Contest
    method: str
    how: Reading
    assertions: list[Assertion]
    limits: list[tuple[int, int]]
    _known: dict[str, list[int]] = field(default_factory=dict)

    @property
    def ranked(self) -> bool:
        """Whether the contest's cards are ranked."""
        return self.method == "ranked_choice"

    @cached_property
    def bit(self) -> dict[str, int]:
        """A bit for each choice."""
        return {choice: 1 << i for i, choice in enumerate(self.contest.choices)}

    def weights(self, pattern: Pattern) -> list[int]:
        """The points of a pattern, by assertion."""
        choices = tuple(self.contest.choices)
        if self.ranked:
            card = entries(pattern.marks, pattern.flags, choices, self.how)
            return [by_entries(assertion, card, self.bit) for assertion in self.assertions]
        votes = votes_of(pattern, choices, self.contest.votes_allowed)
        return self.by_totals(votes)

    def by_totals(self, votes: Mapping[str, int]) -> list[int]:
        """The points of votes, by assertion."""
        return [by_votes(assertion, votes) for assertion in self.assertions]

    def of_reading(self, reading: list[Any]) -> list[int]:
        """The points of what is marked, by assertion."""
        key = repr(reading)
        if key not in self._known:
            if len(self._known) * len(self.assertions) > MOST_KEPT:
                self._known.clear()
            self._known[key] = self.weights(pattern_of_reading(reading, self.ranked))
        return self._known[key]


@dataclass
class Stratum:
    """One stratum of a contest. Its sums, and what is said of pools, stand in the order of the assertions.

    `pool_sums`: the points of all pools; `pool_values`: what their cards are taken to be recorded with, in
    1024ths; `pool_steps`: the numbers expected of them (measuring, section 4). `rankings`: how many cards of
    a poll have which points. `by_batch`: the votes of batches, as the manifest and the choices stand.
    """

    plan: PlannedStratum
    claims: Claims
    population: Population
    sums: list[int] = field(default_factory=list)
    phantoms: int = 0
    cards: Cards | None = None
    by_batch: "array[int]" = field(default_factory=lambda: array("q"))
    pools: Pools | None = None
    pool_sums: list[int] = field(default_factory=list)
    pool_values: list[int] = field(default_factory=list)
    pool_steps: list[dict[int, int]] = field(default_factory=list)
    rankings: list[dict[int, int]] | None = None
    _pool_points: dict[int, list[int]] = field(default_factory=dict)
    _recorded: dict[int, list[int]] = field(default_factory=dict)

    def has(self, place: int) -> bool:
        """Whether the batch at that place is of the population."""
        if isinstance(self.population, range):
            return place in self.population
        i = bisect_left(self.population, place)
        return i < len(self.population) and self.population[i] == place

    def has_pool(self, place: int) -> bool:
        """Whether the batch at that place is a pool."""
        return self.pools is not None and self.pools.has(place)

    def has_own_records(self, place: int) -> bool:
        """Whether the cards of that batch have records of their own."""
        return self.plan.evidence in (COMPARISON, POOLS) and not self.has_pool(place)

    def points_read(self, reading: Any, pooled: bool = False) -> list[int]:
        """The points of a reading of a card, by assertion; `pooled`: a card of a pool."""
        if reading == NOT_ON_CARD and (pooled or self.plan.lacking != "carries"):
            return [0] * len(self.claims.limits)
        if reading in (NOT_FOUND, NOT_ON_CARD):
            return [least for least, _ in self.claims.limits]
        return self.claims.of_reading(reading)

    def points_recorded(self, row: int) -> list[int]:
        """The points of a card's record: the pattern at that place, or the most where no row was shown."""
        if row == NONE:
            return [most for _, most in self.claims.limits]
        if row not in self._recorded:
            if len(self._recorded) * len(self.claims.assertions) > MOST_KEPT:
                self._recorded.clear()
            self._recorded[row] = self.claims.weights(self.pattern(row))
        return self._recorded[row]

    def pattern(self, row: int) -> Pattern:
        """The pattern at that place."""
        assert self.cards is not None
        return self.cards.head.patterns[row]

    def points_pooled(self, place: int, cards: int) -> list[int]:
        """What a card of the pool at that place is taken to be recorded with, by assertion, in 1024ths."""
        assert self.pools is not None
        if place not in self._pool_points:
            if len(self._pool_points) * len(self.claims.assertions) > MOST_KEPT:
                self._pool_points.clear()
            points = self.points_of_pool(self.pools.pool(place))
            self._pool_points[place] = [pool_value(n, cards) for n in points]
        return self._pool_points[place]

    def points_of_pool(self, pool: Mapping[str, Any]) -> list[int]:
        """The points reported of a pool, by assertion."""
        if "votes" in pool:
            return self.claims.by_totals(pool["votes"])
        points = ((n, self.points_ranked(reading)) for reading, n in pool["readings"])
        return summed(len(self.claims.assertions), points)

    def points_ranked(self, reading: Any) -> list[int]:
        """The points of a reading that was reported: one without the contest has none."""
        return (
            [0] * len(self.claims.assertions) if reading == NOT_ON_CARD else self.claims.of_reading(reading)
        )

    def votes_in(self, place: int) -> Counts:
        """The votes reported in the batch at that place, where batches are drawn."""
        choices = self.claims.contest.choices
        start = place * len(choices)
        return dict(zip(choices, self.by_batch[start : start + len(choices)], strict=True))

    def batch_points(self, reading: Any, cards: int) -> list[int]:
        """The points of what was counted in a batch of so many cards, by assertion."""
        if reading == NOT_FOUND:
            return [least * cards for least, _ in self.claims.limits]
        return self.claims.by_totals(reading)


def summed(n: int, rows: Iterable[tuple[int, list[int]]]) -> list[int]:
    """The sums, by assertion, of points that so many cards have each."""
    sums = [0] * n
    for cards, points in rows:
        for i, weight in enumerate(points):
            if weight:
                sums[i] += cards * weight
    return sums


@dataclass
class Audited:
    """One contest of an audit. `first`: the place of its first assertion among those of all contests."""

    plan: Planned
    claims: Claims
    strata: list[Stratum]
    first: int = 0
    measured: dict[str, Any] | None = None
    measured_round: int = 0
    stopped: int | None = None
    by_places: bool = False
    runs: dict[int, Any] = field(default_factory=dict)

    @property
    def contest(self) -> Contest:
        """The contest of the book."""
        return self.claims.contest

    @property
    def one(self) -> Stratum:
        """Its first stratum, the only one where it names none."""
        return self.strata[0]

    @property
    def tests(self) -> int:
        """What each of its numbers is tested for: the assertions, or every pair that an order needs."""
        if self.plan.without_records:
            return tests_without_records(len(self.contest.choices))
        return len(self.claims.assertions)

    @property
    def phantoms(self) -> int:
        """The phantoms of its strata together."""
        return sum(stratum.phantoms for stratum in self.strata)

    @property
    def sums(self) -> list[int]:
        """The points reported, by assertion."""
        return [sum(parts) for parts in zip(*(stratum.sums for stratum in self.strata), strict=True)]

    def at(self, place: int) -> Stratum | None:
        """The stratum that the batch at that place is of."""
        return next((stratum for stratum in self.strata if stratum.has(place)), None)


@dataclass
class Item:
    """What is known of an item drawn. `rows`: contest -> place of the pattern of its record, or `NONE`.

    `place`: the place of its batch in the manifest; `strata`: contest -> the stratum it is of. `differing`:
    where the reading `looked` at differs from what was recorded, once all records are open.
    """

    place: int
    strata: dict[str, Stratum]
    commitments: dict[str, str] = field(default_factory=dict)
    opened: dict[str, dict[str, Any]] = field(default_factory=dict)
    settled: dict[str, Any] | None = None
    rows: dict[str, int] = field(default_factory=dict)
    causes: dict[str, str] = field(default_factory=dict)
    looked: dict[str, Any] | None = None
    differing: tuple[str, ...] = ()

    @property
    def both_in(self) -> bool:
        """Whether both readings are committed."""
        return len(self.commitments) >= 2

    def reading(self, contest: str) -> Any:
        """What was settled for a contest."""
        return NOT_FOUND if self.settled is None else self.settled[contest]


@dataclass(frozen=True)
class Round:
    """A round drawn: its sizes; by key the items used so far; or the draws of batches so far."""

    sizes: Counts
    used: dict[str, list[str]]
    draws: list[str]


@dataclass
class Sitting:
    """What was done since the last signature: leaf hashes of the entries, and the items they name."""

    number: int = 1
    leaves: list[bytes] = field(default_factory=list)
    items: set[str] = field(default_factory=set)


@dataclass
class Audit:
    """An audit, from the entry that committed its plan. `places`: batch -> its place in the manifest.

    `waiting`: how many items have not two commitments; `unfinished`: those with whom something is left to do.
    """

    seq: int
    place: str | None
    plan: Plan
    manifest: Manifest
    places: dict[str, int]
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
    waiting: int = 0
    unfinished: set[str] = field(default_factory=set)
    work: Work = field(default_factory=Work)
    tickets: Known | None = None
    _of_batch: dict[int, dict[str, Stratum]] = field(default_factory=dict)
    _own_records: dict[int, int] = field(default_factory=dict)

    @property
    def by_cards(self) -> bool:
        """Whether cards are drawn, not batches."""
        return self.plan.draw == CARDS

    def forget(self) -> None:
        """A later plan has taken its place, before there was a seed: nothing will be drawn from this one."""
        self.manifest, self.places, self.batches = Manifest((), 0), {}, None
        for audited in self.contests.values():
            audited.strata = []

    def drawn(self, name: str) -> Item:
        """What is known at first of an item that is drawn."""
        place = self.places[name.rpartition("/")[0] if self.by_cards else name]
        if place not in self._of_batch:
            found = ((contest, audited.at(place)) for contest, audited in self.contests.items())
            self._of_batch[place] = {contest: stratum for contest, stratum in found if stratum is not None}
        return Item(place, self._of_batch[place])

    def cards_of(self, batch: str) -> int:
        """The cards of a batch."""
        return self.manifest.batches[self.places[batch]][1]

    def has_own_record(self, item: str, contest: str) -> bool:
        """Whether an item of the sample has a record of its own in a contest that it is of."""
        found = self.items[item]
        return found.strata[contest].has_own_records(found.place)

    def differs(self, item: str, contest: str) -> bool:
        """Whether a settled item is a discrepancy in a contest (section 8)."""
        found = self.items[item]
        stratum = found.strata[contest]
        if found.settled is None or stratum.plan.evidence == POLLING:
            return False
        reading = found.settled[contest]
        if stratum.plan.evidence == BATCHES:
            return bool(reading != stratum.votes_in(found.place))
        return contest in found.rows and not says(stratum, found.rows[contest], reading)

    def is_finished(self, item: str) -> bool:
        """Whether nothing is left to do about an item."""
        found = self.items[item]
        if found.settled is None:
            return False
        if len(found.rows) < self.own_records(found):
            return False
        if found.looked is not found.settled:
            found.looked = found.settled
            found.differing = tuple(name for name in found.strata if self.differs(item, name))
        return all(name in found.causes for name in found.differing)

    def own_records(self, item: Item) -> int:
        """In how many contests the cards of an item's batch have records of their own."""
        if item.place not in self._own_records:
            own = sum(stratum.has_own_records(item.place) for stratum in item.strata.values())
            self._own_records[item.place] = own
        return self._own_records[item.place]

    def look_at(self, items: Iterable[str]) -> None:
        """Something was done about these items: they may be finished now."""
        for item in items:
            (self.unfinished.discard if self.is_finished(item) else self.unfinished.add)(item)


def says(stratum: Stratum, row: int, reading: Any) -> bool:
    """Whether the record of a card says what was read."""
    if row == NONE:
        return False
    pattern = stratum.pattern(row)
    if NOT_ON_CARD in pattern.flags:
        return bool(reading == NOT_ON_CARD)
    if NO_RECORD in pattern.flags:
        return bool(reading == NOT_FOUND)
    return isinstance(reading, list) and same_marks(
        pattern, pattern_of_reading(reading, stratum.claims.ranked)
    )


def made_claims(contest: Contest, method: str, how: Reading, assertions: list[Assertion]) -> Claims:
    """The assertions of a contest with their bounds."""
    return Claims(
        contest, method, how, assertions, [bounds(one, contest.votes_allowed) for one in assertions]
    )
