"""Which assertions show a ranked-choice outcome, given cast vote records: the easiest set there is.

Counts in rounds of elimination are shown by excluding every order of elimination that ends in other winners
(Blom, Stuckey and Teague 2019, "RAIRE"). An order is excluded by one assertion that contradicts it. What
contradicts the last part of an order depends only on which choices still stand and who leaves next, not on
the order among those who stay; so the search runs over sets of standing choices, not over orders. It looks
for the order whose best assertion is hardest: a path through growing sets whose easiest step is as hard as
possible, found by taking the hardest known set first. The assertions that cut every path at or above that
hardness are an answer, and none can have an easier hardest assertion.
``docs/spec/assertions.md``, section 8.
"""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import msgspec
import numpy as np

from tallybook.audit.assertions import Claim, FullCount, NotEliminatedBefore, NotEliminatedNext, Ranked
from tallybook.audit.readings import Ints, Ranks
from tallybook.outcomes.words import listed

Measure = Literal["comparison", "polling"]
TABLED = 18
"""Up to so many choices the votes under every set of standing choices are tabulated at once."""
LIMIT = 20_000
"""Sets to examine unless the caller says otherwise; contests in practice need some hundreds."""
MOST_STARTS = 200_000
NEVER = 0


class Search(msgspec.Struct, frozen=True):
    """What the search found, apart from the assertions.

    ``hardest`` is the easiness of the hardest assertion used; no set of assertions can have a hardest one
    that is easier than ``best``. They are equal unless the search stopped at its limit. Easiness is the
    margin in cards for comparison, and floor(margin^2 x 2^shift / (votes of both)) for polling.
    ``expanded`` is how many sets of standing choices were examined.
    """

    measure: Measure
    hardest: int
    best: int
    expanded: int

    @property
    def is_optimal(self) -> bool:
        """Is no easier set of assertions possible?"""
        return self.hardest == self.best


@dataclass(frozen=True)
class Step:
    """One way back through the count: ``leaving`` leaves while ``staying`` (a set) remain. Of a start,
    ``staying`` are the last to stand and ``leaving`` is -1."""

    staying: int
    leaving: int


@dataclass(frozen=True)
class Chosen:
    """An assertion by numbers: NEN where ``standing`` is not 0, else NEB, and how easy it is."""

    easiness: int
    winner: int
    loser: int
    standing: int


def raire(
    reading: Ranks,
    counts: Sequence[int],
    winners: Sequence[str],
    contest_id: str,
    measure: Measure = "comparison",
    limit: int = LIMIT,
) -> tuple[Claim, Search] | FullCount:
    """The assertions for ``winners``: one for ranked choice, several for elimination from the bottom up.

    counts: cards per pattern of the reading. limit: sets to examine; beyond it the answer is still
    sufficient, and ``Search`` states how much easier one could be. FullCount where some order of
    elimination cannot be excluded by any assertion that holds for these cards.
    """
    missing = [name for name in winners if name not in reading.choices]
    if missing:
        raise ValueError(f"{listed(missing)} does not stand in {contest_id}.")
    tallies = _Tallies(reading, counts)
    found = _search(tallies, _bits(winners, reading.choices), measure, limit)
    says = f"{listed(winners)} elected by ranked choice."
    if found is None:
        why = "Some other order of elimination fits the reported cards as well; every card is counted."
        return FullCount(contest_id, (why,))
    steps, search = found
    chosen = _fewest([step for step, _ in steps], [one for _, one in steps])
    assertions = tuple(_named(one, reading.choices) for one in chosen)
    return Claim(contest_id, says, assertions), search


def easiness(measure: Measure, cards: int) -> Callable[[int, int], int]:
    """How easy an assertion is to confirm, as a whole number that keeps the order exactly.

    Takes the votes for and against. Comparison: 1/difficulty = margin/N, so the margin itself. Polling:
    1/difficulty = p q^2, p = (V_w + V_l)/N, q = margin/(V_w + V_l); scaled by 2^shift so that different
    fractions stay different. 0 where the assertion does not hold. Blom et al. 2019, section 4.
    """
    shift = 2 * (2 * cards + 1).bit_length()

    def comparison(ours: int, theirs: int) -> int:
        return max(ours - theirs, NEVER)

    def polling(ours: int, theirs: int) -> int:
        return ((ours - theirs) ** 2 << shift) // (ours + theirs) if ours > theirs else NEVER

    return comparison if measure == "comparison" else polling


class _Tallies:
    """Votes while a set stands, and the counts behind every NEB. Sets are integers, a bit per choice."""

    def __init__(self, reading: Ranks, counts: Sequence[int]) -> None:
        self.n, self.cards = len(reading.choices), sum(counts)
        cards = np.array(counts, dtype=np.int64)[reading.row]
        sure = (reading.choice[reading.sure], reading.before[reading.sure], cards[reading.sure])
        every = (reading.choice, reading.before, cards)
        self.gains = _votes_while(self.n, *sure)
        self.losses = self.gains if reading.sure.all() else _votes_while(self.n, *every)
        self.firsts = self.gains((1 << self.n) - 1)
        self.ahead = [
            [
                int(cards[(reading.choice == y) & ((reading.before >> x & 1) == 0)].sum())
                for y in range(self.n)
            ]
            for x in range(self.n)
        ]
        """ahead[x][y]: cards that can count for y while x stands."""


def _votes_while(n: int, choice: Ints, before: Ints, cards: Ints) -> Callable[[int], list[int]]:
    """A function from a set of standing choices to the votes of all."""
    if n <= TABLED:
        return _tabled(n, choice, before, cards)
    keys, place = np.unique(np.stack([before, choice]), axis=1, return_inverse=True)
    weights = np.bincount(place.ravel(), weights=cards)
    before, choice = keys
    known: dict[int, list[int]] = {}

    def votes(standing: int) -> list[int]:
        if standing not in known:
            free = (before & standing) == 0
            tally = np.bincount(choice[free], weights=weights[free], minlength=n)
            known[standing] = [int(one) for one in tally]
        return known[standing]

    return votes


def _tabled(n: int, choice: Ints, before: Ints, cards: Ints) -> Callable[[int], list[int]]:
    """The same for all sets at once: sums over all subsets of those who are gone."""
    table = np.zeros((1 << n, n), dtype=np.int64)
    np.add.at(table, (before, choice), cards)
    for bit in range(n):
        halves = table.reshape(-1, 2, 1 << bit, n)
        halves[:, 1] += halves[:, 0]
    everyone = (1 << n) - 1

    def votes(standing: int) -> list[int]:
        found: list[int] = table[everyone ^ standing].tolist()
        return found

    return votes


def _search(
    tallies: _Tallies, winners: int, measure: Measure, limit: int
) -> tuple[list[tuple[Step, Chosen]], Search] | None:
    """The steps that must be contradicted, each with its easiest assertion; None where one cannot be."""
    hints = _Hints(tallies, easiness(measure, tallies.cards))
    everyone = (1 << tallies.n) - 1
    known = {last: _value(hints.never_before(Step(last, -1))) for last in _other_endings(tallies.n, winners)}
    if not known:
        return [], Search(measure, 0, 0, 0)
    ceiling = min(
        _a_whole_order(hints, last, known[last]) for last in sorted(known, key=known.__getitem__)[:3]
    )
    waiting = [(hard, -last.bit_count(), last) for last, hard in known.items()]
    heapq.heapify(waiting)
    expanded: dict[int, int] = {}
    while True:
        hard, _, standing = heapq.heappop(waiting)
        if standing == everyone or len(expanded) >= limit:
            break
        if standing in expanded:
            continue
        expanded[standing] = hard
        for one in _members(everyone ^ standing):
            larger = standing | 1 << one
            value = max(hard, hints.value(Step(standing, one), ceiling))
            if value < known.get(larger, value + 1):
                known[larger] = value
                heapq.heappush(waiting, (value, -larger.bit_count(), larger))
    if hard == NEVER:
        return None
    inside = {reached for reached, value in expanded.items() if value < hard}
    starts = [Step(last, -1) for last in _other_endings(tallies.n, winners)]
    steps = starts + [Step(reached, one) for reached in inside for one in _members(everyone ^ reached)]
    cut = [(step, hints.easiest(step)) for step in steps if _crosses(step, inside)]
    best = hard if standing == everyone else ceiling
    chosen = [(step, one) for step, one in cut if one is not None]
    return chosen, Search(measure, min(one.easiness for _, one in chosen), best, len(expanded))


def _crosses(step: Step, inside: set[int]) -> bool:
    """Does a step lead out of the sets that harder assertions would have had to keep?"""
    if step.leaving < 0:
        return step.staying not in inside
    return step.staying in inside and step.staying | 1 << step.leaving not in inside


def _other_endings(n: int, winners: int) -> list[int]:
    """Every set of as many last choices as there are winners, except the winners themselves."""
    places = winners.bit_count()
    sets = combinations(range(n), places)
    found = [sum(1 << one for one in last) for last in sets if sum(1 << one for one in last) != winners]
    if len(found) > MOST_STARTS:
        raise ValueError(f"{len(found)} ways to fill {places} seats are too many to exclude one by one.")
    return found


class _Hints:
    """How easily each step is contradicted. NEB(x, y) does where y stays and x leaves now or is gone, and
    where y leaves and x is gone; NEN(x, y) with these standing does where x leaves.
    """

    def __init__(self, tallies: _Tallies, ease: Callable[[int, int], int]) -> None:
        self.tallies, self.ease = tallies, ease
        firsts, ahead, everyone = tallies.firsts, tallies.ahead, range(tallies.n)
        self.neb = [[0 if x == y else ease(firsts[x], ahead[x][y]) for y in everyone] for x in everyone]

    def never_before(self, step: Step) -> Chosen | None:
        """The easiest NEB; of equals the first by the order of winner and loser."""
        now = step.leaving
        stays, gone = _members(step.staying), _members((1 << self.tallies.n) - 1 ^ step.staying)
        pairs = [(x, y) for x in (gone if now < 0 else [now]) for y in stays]
        pairs += [(x, now) for x in gone if now >= 0 and x != now]
        value, x, y = max(((self.neb[x][y], -x, -y) for x, y in pairs), default=(NEVER, 0, 0))
        return Chosen(value, -x, -y, 0) if value > NEVER else None

    def not_next(self, step: Step) -> Chosen | None:
        """The easiest NEN: against whoever stays with the fewest votes."""
        if step.leaving < 0:
            return None
        standing = step.staying | 1 << step.leaving
        against = self.tallies.losses(standing)
        lowest = min(_members(step.staying), key=against.__getitem__)
        value = self.ease(self.tallies.gains(standing)[step.leaving], against[lowest])
        return Chosen(value, step.leaving, lowest, standing) if value > NEVER else None

    def value(self, step: Step, enough: int) -> int:
        """The easiness of the easiest; the votes are not counted where a NEB is easy enough."""
        first = _value(self.never_before(step))
        return first if first >= enough else max(first, _value(self.not_next(step)))

    def easiest(self, step: Step) -> Chosen | None:
        """The easiest of all; of equals the NEB."""
        first, second = self.never_before(step), self.not_next(step)
        return first if _value(first) >= _value(second) else second


def _value(one: Chosen | None) -> int:
    return one.easiness if one else NEVER


def _members(numbers: int) -> list[int]:
    """The choices of a set, in ballot order."""
    return [bit for bit in range(numbers.bit_length()) if numbers >> bit & 1]


def _a_whole_order(hints: _Hints, standing: int, hard: int) -> int:
    """How easy the hardest assertion can be at most: one order followed to its end, hardest step first."""
    everyone = (1 << hints.tallies.n) - 1
    while standing != everyone:
        steps = [Step(standing, one) for one in _members(everyone ^ standing)]
        value, one = min((_value(hints.easiest(step)), step.leaving) for step in steps)
        hard, standing = max(hard, value), standing | 1 << one
    return hard


def _fewest(steps: Sequence[Step], easiest: Sequence[Chosen]) -> list[Chosen]:
    """Enough of the assertions chosen to contradict every step: hard ones left out first where others do.

    In the order of easiness, easiest first; of equals in the order of winner, loser and standing.
    """
    staying = np.array([step.staying for step in steps], dtype=np.int64)
    leaving = np.array([step.leaving for step in steps], dtype=np.int64)
    pool = sorted(set(easiest), key=lambda one: (one.easiness, one.winner, one.loser, one.standing))
    covers = [_contradicted(one, staying, leaving) for one in pool]
    times = np.sum(covers, axis=0) if covers else np.zeros(0, dtype=np.int64)
    kept = []
    for one, covered in zip(pool, covers, strict=True):
        if (times[covered] > 1).all():
            times -= covered
        else:
            kept.append(one)
    return kept[::-1]


def _contradicted(one: Chosen, staying: Ints, leaving: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which steps an assertion contradicts."""
    if one.standing:
        standing = np.where(leaving >= 0, staying | np.left_shift(1, np.maximum(leaving, 0)), 0)
        return np.asarray((standing == one.standing) & (leaving == one.winner))
    loser_in = ((staying >> one.loser & 1) == 1) | (leaving == one.loser)
    winner_stays = (staying >> one.winner & 1) == 1
    return np.asarray(loser_in & ~winner_stays)


def _named(one: Chosen, choices: Sequence[str]) -> Ranked:
    winner, loser = choices[one.winner], choices[one.loser]
    if not one.standing:
        return NotEliminatedBefore(winner, loser)
    standing = tuple(name for place, name in enumerate(choices) if one.standing >> place & 1)
    return NotEliminatedNext(winner, loser, standing)


def _bits(names: Sequence[str], choices: Sequence[str]) -> int:
    return sum(1 << choices.index(name) for name in names)
