"""Check 11, the risk over several strata: ``docs/spec/risk.md``, section 10.

For whoever must say whether a published risk of a contest in several strata is right. By a way of its own:
the logarithm of the wealth of a stratum is convex in the total that the stratum is given, so the share under
which all strata together are least convincing is found by Newton steps, and a tangent says how far from it
the answer can still be. Stakes are 63/64, 21/64, 7/64 … of section 8 of ``docs/spec/audit.md``.

Totals are kept as what lies above the sum drawn, so that nothing is lost where little is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, frexp, inf, log, prod
from operator import mul
from typing import NamedTuple

STAKES = tuple(63 / 64 / 3**i for i in range(6))
CLOSE = 1e-9  # a bound on the error of the logarithm that is aimed at
STALLS, HALVINGS = 100, 50
NOISE = 1e-13  # less than this, of the logarithm, is not told apart
TOGETHER = 30  # factors multiplied before their size is looked at: each is between 2^-6 and 2^28
LOG_2 = log(2.0)


@dataclass(frozen=True)
class Drawn:
    """The draws of a stratum: numbers from 0 to `top` out of `size`, on the common lattice."""

    numbers: Sequence[int]
    size: int
    top: int


class At(NamedTuple):
    """The logarithm of the wealth of a stratum at a total, and its first and second derivative."""

    value: float
    slope: float
    bend: float


@dataclass(frozen=True)
class Curve:
    """The wealth of a stratum as it depends on its total.

    `most`: how far the total can lie above the sum drawn. `steps`: for each number above 0, the number times
    the cards then left, and the sum of it and the numbers after it. `zeros`: how many numbers are 0.
    """

    most: int
    steps: Sequence[tuple[float, float]]
    zeros: int
    stakes: Sequence[float]

    def at(self, above: float) -> At:
        """The wealth where the total lies so far above the sum drawn."""
        inverses = [1.0 / (rest + above) for _, rest in self.steps]
        ratios = [number * inverse for (number, _), inverse in zip(self.steps, inverses, strict=True)]
        once, twice = sum(inverses), sum(map(mul, inverses, inverses))
        rows = [self.row(stake, inverses, ratios) for stake in self.stakes]
        best = max(row.value for row in rows)
        shares = [exp(row.value - best) for row in rows]
        whole = sum(shares)
        slopes, bends = [row.slope - once for row in rows], [twice - row.bend for row in rows]
        slope = sum(map(mul, shares, slopes)) / whole
        bend = sum(s * (g * g + h) for s, g, h in zip(shares, slopes, bends, strict=True)) / whole
        return At(best + log(whole / len(rows)), slope, max(0.0, bend - slope * slope))

    def row(self, stake: float, inverses: list[float], ratios: list[float]) -> At:
        """The same for one row of stakes, but for the sums of the inverses and of their squares.

        A factor is f = 1 - stake + stake r, with r the number over the mean of what is left; with i the
        inverse of what is left, d ln f = -(1 - (1 - stake)/f) i.
        """
        kept = 1.0 - stake
        factors = [kept + stake * ratio for ratio in ratios]
        parts = [kept * inverse / factor for inverse, factor in zip(inverses, factors, strict=True)]
        product, exponent = 1.0, 0
        for start in range(0, len(factors), TOGETHER):
            product, shift = frexp(prod(factors[start : start + TOGETHER], start=product))
            exponent += shift
        value = log(product) + exponent * LOG_2 + self.zeros * log(kept)
        return At(value, sum(parts), sum(map(mul, parts, parts)))


def curve(drawn: Drawn, stakes: Sequence[float]) -> Curve:
    """What the draws of a stratum say of its total."""
    steps: list[tuple[float, float]] = []
    rest = sum(drawn.numbers)
    for j, x in enumerate(drawn.numbers):
        if x:
            steps.append((float(x * (drawn.size - j)), float(rest)))
        rest -= x
    left = drawn.size - len(drawn.numbers)
    return Curve(left * drawn.top, steps, len(drawn.numbers) - len(steps), stakes)


class Found(NamedTuple):
    """The logarithm of the least wealth, from `low` to `high`. Infinite where there is no share."""

    low: float
    high: float


def least_wealth(strata: Sequence[Drawn], bound: int, stakes: Sequence[float] = STAKES) -> Found:
    """The least wealth over all shares whose totals add up to at most `bound`, as a logarithm."""
    room = bound - sum(sum(drawn.numbers) for drawn in strata)
    if room < 0:
        return Found(inf, inf)
    curves = [curve(drawn, stakes) for drawn in strata]
    mosts = [float(one.most) for one in curves]
    whole = sum(one.most for one in curves)
    if room >= whole:
        value = sum(one.at(most).value for one, most in zip(curves, mosts, strict=True))
        return Found(value, value)
    share = [float(room * one.most) / float(whole) for one in curves]
    return walked(curves, mosts, share)


def walked(curves: Sequence[Curve], mosts: Sequence[float], share: list[float]) -> Found:
    """From a share to the least wealth, by Newton steps that keep the sum; each must lower the wealth.

    What is too small to be told apart counts as lowered: the last steps serve the tangent. It ends when that
    is close, or comes no closer.
    """
    here = [one.at(y) for one, y in zip(curves, share, strict=True)]
    low, high, stalls = -inf, sum(at.value for at in here), 0
    while high - low > CLOSE and stalls < STALLS:
        closer = high + tangent(here, share, mosts)
        stalls = 0 if closer > low + (high - low) / 2 else stalls + 1
        low = max(low, closer)
        step = newton(here, share, mosts)
        gain = sum(at.slope * d for at, d in zip(here, step, strict=True)) / 4
        noise = NOISE * max(1.0, abs(high))
        for _ in range(HALVINGS):
            share_there = [clipped(y + d, most) for y, d, most in zip(share, step, mosts, strict=True)]
            there = [one.at(y) for one, y in zip(curves, share_there, strict=True)]
            if sum(at.value for at in there) <= high + gain + noise:
                share, here = share_there, there
                break
            step, gain = [d / 2 for d in step], gain / 2
        high = min(high, sum(at.value for at in here))
    return Found(low, high)


def clipped(y: float, most: float) -> float:
    """Within the bounds."""
    return min(max(y, 0.0), most)


def tangent(here: Sequence[At], share: Sequence[float], mosts: Sequence[float]) -> float:
    """How much less than here the logarithm can be anywhere: section 10.5, with the best mu (<= 0)."""

    def least(mu: float) -> float:
        ends = zip((at.slope - mu for at in here), share, mosts, strict=True)
        return sum(min(-slope * y, slope * (most - y)) for slope, y, most in ends)

    return max(map(least, {at.slope for at in here}))


def newton(here: Sequence[At], share: Sequence[float], mosts: Sequence[float]) -> list[float]:
    """The step that is best for the parabolas, among those that keep the sum and the bounds.

    Each stratum goes to where its slope would be mu; the mu at which the steps add up to nothing is found by
    halving.
    """
    low, high = min(at.slope for at in here), max(at.slope for at in here)
    for _ in range(200):
        mu = (low + high) / 2
        if not low < mu < high:
            break
        if sum(moves(here, share, mosts, mu)) > 0:
            high = mu
        else:
            low = mu
    under, over = moves(here, share, mosts, low), moves(here, share, mosts, high)
    less, more = sum(under), sum(over)
    part = -less / (more - less) if more > less else 0.0
    return [u + part * (o - u) for u, o in zip(under, over, strict=True)]


def moves(here: Sequence[At], share: Sequence[float], mosts: Sequence[float], mu: float) -> list[float]:
    """How far each stratum would go for the slope mu."""
    found = []
    for at, y, most in zip(here, share, mosts, strict=True):
        wanted = mu - at.slope
        step = 0.0 if not wanted else wanted / at.bend if at.bend > 0 else inf if wanted > 0 else -inf
        found.append(clipped(y + step, most) - y)
    return found
