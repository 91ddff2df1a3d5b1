"""Check 11, ranked choice without records: ``docs/spec/assertions.md``, section 11.

For whoever must say whether a published risk of such a contest is right. Every order of elimination that
does not end in the winner has a martingale E; it grows by the average growth of the tests of `nen` that
contradict the order, weighted by the squares of what these have reached. Six choices have 600 such orders.

A test is of a pair and of who stands. All pairs of one order in which the same choice leaves while the same
others stand are a **leave**; orders share leaves, so each is summed up once. Stakes are exact (`risk`);
wealths are logarithms, or plain floats while these are far from their limits.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from math import exp, inf, log
from typing import Any

from .risk import Null, Run

PRIOR = ((0, 10), (1, 1), (2, 12))  # of a poll without reported counts, for points from -1 to 1
UNIT = 2**24
FAR = 200.0  # squares of e^200 and of e^-200 are floats

Leave = tuple[int, int]
"""Who leaves (a bit), and who stood before, that one included."""


def leaves_of(choices: int) -> list[Leave]:
    """Every leave: who stands, and who of them leaves, as long as others are left."""
    sets = [s for s in range(1 << choices) if s & (s - 1)]
    return [(1 << i, s) for s in sets for i in range(choices) if s >> i & 1]


def orders_of(choices: int, winner: int) -> list[list[Leave]]:
    """The leaves of every order of elimination that does not end in the winner (a place)."""
    found = []
    for order in permutations(range(choices)):
        if order[-1] != winner:
            standing, leaves = (1 << choices) - 1, list[Leave]()
            for i in order[:-1]:
                leaves.append((1 << i, standing))
                standing &= ~(1 << i)
            found.append(leaves)
    return found


@dataclass
class Test:
    """The null "the sum of nen(a, b, standing) is at most 0"; its numbers are points + 1, out of 2."""

    run: Run
    log: float = 0.0
    gone: bool = False

    def draw(self, x: int) -> float:
        """One number more; gives the factor of the wealth. `gone` from then on: the null is impossible."""
        run = self.run
        stake, (r, k) = run.next_stake(), run.left()
        factor = 1.0
        if not run.impossible and not run.certain:
            if r >= run.test.top * k:
                run.certain, factor = True, 0.0
            elif r > 0 and stake:
                factor = ((UNIT - stake) * r + stake * x * k) / (UNIT * r)
        run.note(x, r)
        self.gone = run.impossible
        self.log = self.log + log(factor) if factor > 0 else -inf
        return factor


@dataclass
class Orders:
    """The martingales of all orders, as cards are read one after another.

    `logs` and `best`: by order, ln E and the greatest it has been. `read`: the cards read so far.
    """

    orders: list[list[int]]
    leaves: list[list[int]]
    tests: list[Test]
    logs: list[float]
    best: list[float]
    read: list[tuple[int, ...]] = field(default_factory=list)

    def draw(self, points: Sequence[int]) -> None:
        """The points of one card more, by test."""
        before = [test.log for test in self.tests]
        factors = [test.draw(p + 1) for test, p in zip(self.tests, points, strict=True)]
        growth = plain if all(-FAR < one < FAR or one == -inf for one in before) else by_logs
        for i, value in growth(self, before, factors):
            self.logs[i] += value
            if self.logs[i] > self.best[i]:
                self.best[i] = self.logs[i]
        if any(test.gone for test in self.tests):
            gone = [any(self.tests[t].gone for t in leave) for leave in self.leaves]
            for i, order in enumerate(self.orders):
                if any(gone[leave] for leave in order):
                    self.best[i] = self.logs[i] = inf

    @property
    def low(self) -> float:
        """The least of the greatest wealths, as a logarithm: the risk is e to its negative."""
        return min(self.best, default=inf)


def plain(of: Orders, before: list[float], factors: list[float]) -> Iterable[tuple[int, float]]:
    """By order that still goes on, the logarithm of its growth."""
    squares = [exp(2.0 * one) for one in before]
    under = [sum([squares[t] for t in leave]) for leave in of.leaves]
    over = [sum([squares[t] * factors[t] for t in leave]) for leave in of.leaves]
    for i, order in enumerate(of.orders):
        if of.logs[i] < inf:
            top, whole = sum([over[leave] for leave in order]), sum([under[leave] for leave in order])
            yield i, log(top / whole) if top > 0 else -inf


def by_logs(of: Orders, before: list[float], factors: list[float]) -> Iterable[tuple[int, float]]:
    """The same where squares are too large or too small: scaled by the greatest of an order."""
    for i, order in enumerate(of.orders):
        if of.logs[i] < inf:
            tests = [t for leave in order for t in of.leaves[leave]]
            most = max(before[t] for t in tests)
            weights = [exp(2.0 * (before[t] - most)) if most > -inf else 0.0 for t in tests]
            top = sum(w * factors[t] for w, t in zip(weights, tests, strict=True))
            yield i, log(top / sum(weights)) if top > 0 else -inf


def started(choices: int, winner: int, cards: int) -> Orders:
    """Nothing is read yet. Choices are places; `cards` is the size of the population."""
    leaves = leaves_of(choices)
    place = {leave: n for n, leave in enumerate(leaves)}
    orders = [[place[leave] for leave in order] for order in orders_of(choices, winner)]
    pairs = pairs_of(choices)
    of_leave: list[list[int]] = [[] for _ in leaves]
    for t, (leave, _) in enumerate(pairs):
        of_leave[place[leave]].append(t)
    tests = [Test(Run(Null(cards, cards, 2, PRIOR))) for _ in pairs]
    return Orders(orders, of_leave, tests, [0.0] * len(orders), [0.0] * len(orders))


def pairs_of(choices: int) -> list[tuple[Leave, int]]:
    """Every test, in the order of the points that `Orders.draw` takes: a leave, and one who stays (a bit)."""
    bits = [1 << i for i in range(choices)]
    return [(leave, stays) for leave in leaves_of(choices) for stays in bits if stays & leave[1] & ~leave[0]]


def assertions_of(choices: Sequence[str]) -> list[dict[str, Any]]:
    """The assertions of these tests, in the same order."""
    bit = {1 << i: choice for i, choice in enumerate(choices)}
    return [
        {"kind": "nen", "loser": bit[stays], "standing": [bit[b] for b in bit if b & standing],
         "winner": bit[leaves]}
        for (leaves, standing), stays in pairs_of(len(choices))
    ]  # fmt: skip


def continued(known: Orders | None, made: Callable[[], Orders], read: list[tuple[int, ...]]) -> Orders:
    """The martingales over all these cards; those whose cards are their beginning go on."""
    if known is None or known.read != read[: len(known.read)]:
        known = made()
    for points in read[len(known.read) :]:
        known.draw(points)
        known.read.append(points)
    return known
