"""Check 11, ranked choice without records: ``docs/spec/assertions.md``, section 11.

For whoever must say whether a published risk of such a contest is right. Every order of elimination that
does not end in the winner has a martingale E; it grows by the average growth of the tests of `nen` that
contradict the order, weighted by the squares of what these have reached. Six choices have 600 such orders.

A test is of a pair and of who stands. All pairs of one order in which the same choice leaves while the same
others stand are a **leave**; orders share leaves, so each is summed up once. Stakes are exact (`risk`);
wealths are logarithms, or plain floats while these are far from their limits.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from math import exp, inf, log
from typing import Any

from .risk import best_stake, is_turn

PRIOR = (10, 1, 12)  # the weights of 0, 1 and 2 in a poll without reported counts
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
class Orders:
    """The martingales of all orders, as cards are read one after another.

    `orders`: the leaves of each; `leaves`: the tests of each, both by their places. By test: its numbers of 1
    and of 2, its stake, ln T, and whether its null has become impossible. By order: ln E and the greatest it
    has been. `read`: the cards read so far.
    """

    size: int
    orders: list[tuple[int, ...]]
    leaves: list[list[int]]
    ones: list[int]
    twos: list[int]
    stakes: list[int]
    wealths: list[float]
    gone: list[bool]
    logs: list[float]
    best: list[float]
    read: list[tuple[int, ...]] = field(default_factory=list)

    def draw(self, points: tuple[int, ...]) -> None:
        """The points of one card more, by test; numbers are points + 1, out of 2, with the null mean 1."""
        if is_turn(len(self.read)):
            self.find_stakes()
        before, factors = self.wealths, self.factors(points)
        growth = plain if all(-FAR < one < FAR or one == -inf for one in before) else by_logs
        for i, value in enumerate(growth(self, before, factors)):
            self.logs[i] += value
            if self.logs[i] > self.best[i]:
                self.best[i] = self.logs[i]
        self.wealths = [w + log(f) if f > 0 else -inf for w, f in zip(before, factors, strict=True)]
        self.read.append(points)
        self.count(points)

    def factors(self, points: tuple[int, ...]) -> list[float]:
        """By how much each test's wealth is multiplied (risk page, sections 4.4 and 5)."""
        left, found = self.size - len(self.read), []
        for p, stake, ones, twos, wealth in zip(
            points, self.stakes, self.ones, self.twos, self.wealths, strict=True
        ):
            r = self.size - ones - 2 * twos
            if r >= 2 * left:
                found.append(0.0 if wealth > -inf else 1.0)  # the null is certain
            elif r > 0 and stake:
                found.append(1.0 + stake * ((p + 1) * left - r) / (r << 24))
            else:
                found.append(1.0)
        return found

    def find_stakes(self) -> None:
        """The stakes of all tests anew; tests that have drawn the same numbers have the same."""
        known: dict[tuple[int, int], int] = {}
        n = len(self.read)
        for t, counts in enumerate(zip(self.ones, self.twos, strict=True)):
            if counts not in known:
                ones, twos = counts
                r, left = self.size - ones - 2 * twos, self.size - n
                weights = {0: PRIOR[0] + n - ones - twos, 1: PRIOR[1] + ones, 2: PRIOR[2] + twos}
                known[counts] = 0 if r <= 0 or r >= 2 * left else best_stake(weights, r, left)
            self.stakes[t] = known[counts]

    def count(self, points: tuple[int, ...]) -> None:
        """Count the numbers; an order with a test whose null has become impossible is refuted."""
        news = False
        for t, p in enumerate(points):
            if p >= 0:
                (self.twos if p else self.ones)[t] += 1
                if not self.gone[t] and self.ones[t] + 2 * self.twos[t] > self.size:
                    self.gone[t] = news = True
        if news:
            gone = [any(self.gone[t] for t in leave) for leave in self.leaves]
            for i, order in enumerate(self.orders):
                if any(gone[leave] for leave in order):
                    self.logs[i] = self.best[i] = inf

    @property
    def low(self) -> float:
        """The least of the greatest wealths, as a logarithm: the risk is e to its negative."""
        return min(self.best, default=inf)


def plain(of: Orders, before: list[float], factors: list[float]) -> Iterator[float]:
    """By order, the logarithm of its growth."""
    squares = [exp(2.0 * one) for one in before]
    grown = [square * factor for square, factor in zip(squares, factors, strict=True)]
    under = [sum([squares[t] for t in leave]) for leave in of.leaves]
    over = [sum([grown[t] for t in leave]) for leave in of.leaves]
    for order in of.orders:
        top = sum([over[leave] for leave in order])
        yield log(top / sum([under[leave] for leave in order])) if top > 0 else -inf


def by_logs(of: Orders, before: list[float], factors: list[float]) -> Iterator[float]:
    """The same where squares are too large or too small: scaled by the greatest of an order."""
    for order in of.orders:
        tests = [t for leave in order for t in of.leaves[leave]]
        most = max(before[t] for t in tests)
        weights = [exp(2.0 * (before[t] - most)) if most > -inf else 0.0 for t in tests]
        top = sum(w * factors[t] for w, t in zip(weights, tests, strict=True))
        yield log(top / sum(weights)) if top > 0 else -inf


def started(choices: int, winner: int, cards: int) -> Orders:
    """Nothing is read yet. Choices are places; `cards` is the size of the population."""
    leaves = leaves_of(choices)
    place = {leave: n for n, leave in enumerate(leaves)}
    orders = [tuple(place[leave] for leave in order) for order in orders_of(choices, winner)]
    pairs = pairs_of(choices)
    of_leave: list[list[int]] = [[] for _ in leaves]
    for t, (leave, _) in enumerate(pairs):
        of_leave[place[leave]].append(t)
    n, m = len(pairs), len(orders)
    return Orders(
        cards, orders, of_leave, [0] * n, [0] * n, [0] * n, [0.0] * n, [False] * n, [0.0] * m, [0.0] * m
    )


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
    return known
