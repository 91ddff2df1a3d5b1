"""Several strata at once: the union-of-intersections test with a certified answer for any number.

The null says that the totals of K strata add up to at most B. It is the union, over all ways eta of
sharing B among the strata, of "every stratum k has total at most A_k". Each share is tested by the
product of one martingale a stratum, and the p-value is the largest over all shares:

    P = max over A with sum A_k <= B of  min(1, 1/prod_k T_k(A_k))

The stakes here do not depend on the share ("inverse" bets: lam = f/eta), and a stratum may mix several:
T_k = mean over d of T_k,d, so that a share far from the truth meets a bold bet and one near it a timid one.
Then ln T_k is convex and falls in A_k (a sum of log-convex terms is log-convex), so that the least product
is a convex problem. Tangents bound it from below, at every point at
once; we add tangents where the bound is attained until bound and value meet. The published P is the
bound, so it is never below the true maximum: for K = 2 and for K = 58 alike. Shares that the sample has
ruled out (A_k below the sum seen, or above what is left) are excluded by integers.
Sources: Spertus & Stark 2022; Spertus, Sridhar & Stark 2024 (sections 3 and 5); Stark 2023 section 4.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from tallybook.stats.certainty import publish, risk_limit
from tallybook.stats.errors import require, require_whole
from tallybook.stats.lattice import Floats, Null, Numbers, before, integers, rational
from tallybook.stats.martingale import EPS

MOST = 1.0 - 2.0**-40
"""The largest stake: at 1 one draw of 0 would ruin the product for good; a hair less keeps ln T finite."""


@dataclass(frozen=True)
class Stratum:
    """The draws of one stratum on the lattice that all strata share.

    x       (n,) integers in [0, u] in the order of the draw; n may be 0
    u, N    the upper bound of a number, and how many numbers the stratum holds
    stakes  (n,), or (D, n) for an even mixture of D bets: shares of wealth in [0, 1], chosen from the past
            alone, not from eta
    replace True when draws in this stratum are made with replacement
    """

    x: Numbers
    u: int
    N: int
    stakes: Floats
    replace: bool = False


@dataclass(frozen=True)
class Answer:
    """The p-value of the union, from above and below.

    p      upper bound, the one to publish; least: a lower bound on the same maximum. p is 0 only
           where integers rule every share out; otherwise it is at least 1e-300
    totals (K,) the share of B that is hardest to reject, in lattice units
    """

    p: float
    least: float
    totals: tuple[float, ...]


def union_p(strata: Sequence[Stratum], B: int, gap: float = 1e-9) -> Answer:
    """The largest p-value over all shares of B, certified: least <= exact <= p.

    ``gap`` is the relative difference at which the search stops. B is in lattice units: sum of N_k t.
    """
    require(len(strata) > 0, "strata", 0, "at least one stratum")
    require_whole("B", B)
    require(gap >= 0, "gap", gap, "a difference of at least 0")
    curves = [curve_of(stratum) for stratum in strata]
    seen, room = sum(c.low for c in curves), sum(c.high for c in curves)
    if seen > B:
        return Answer(0.0, 0.0, tuple(float(c.low) for c in curves))
    if room <= B:
        return _answer(
            -math.inf, sum(c.value(float(c.high)) for c in curves), [float(c.high) for c in curves]
        )
    return minimise(curves, B - seen, gap)


def published_union(answer: Answer) -> str:
    """The stratified risk as a decimal string, rounded up; ``docs/spec/risk.md``, section 10."""
    return publish(Fraction(answer.p))


def union_at_most(answer: Answer, alpha: object) -> bool:
    """Is the stratified risk at most alpha? Yes only where the certified upper bound says so.

    The bound exceeds the exact risk by less than a hundred-millionth of it; in that gap the answer is no, and
    ``strata_certainty.union_at_most_proven`` may still say yes.
    """
    return Fraction(answer.p) <= risk_limit(alpha)


def exact_share_p(strata: Sequence[Stratum], totals: Sequence[Fraction | int]) -> Fraction:
    """The p-value of one share of B as a fraction: 1/max(1, prod T_k), 0 where it is ruled out.

    A check on ``union_p``: of no share with totals adding up to at most B may it exceed the answer's p.
    """
    require(len(totals) == len(strata) > 0, "totals", len(totals), "one total for each stratum")
    product = Fraction(1)
    for stratum, total in zip(strata, totals, strict=True):
        T = _exact_wealth(stratum, rational(total, "totals"))
        if T is None:
            return Fraction(0)
        product *= T
    return 1 / max(Fraction(1), product)


def product_stakes(stake: Floats | float, n: int) -> Floats:
    """The same stake on every one of n draws, or a given row, checked to lie in [0, 1]."""
    require_whole("n", n)
    row = np.broadcast_to(np.asarray(stake, dtype=float), (n,)).copy()
    return _in_range(row)


def mixed_stakes(stakes: Sequence[float], n: int) -> Floats:
    """An even mixture of constant stakes for n draws, shape (D, n)."""
    require(len(stakes) > 0, "stakes", 0, "at least one stake")
    require_whole("n", n)
    return _in_range(np.repeat(np.array(stakes, dtype=float)[:, None], n, axis=1))


BOLD_TO_TIMID = tuple(63 / 64 / 3**k for k in range(6))
"""Stakes for a mixture that serves shares near and far: 0.98, 0.33, ... 0.004."""


def allocate(n: int, weights: Sequence[float]) -> list[int]:
    """Share n draws among strata in proportion to the weights (sizes, or sizes times deviations: Neyman).

    Largest remainders; the sum is n.
    """
    require_whole("n", n)
    total = sum(weights)
    right = len(weights) > 0 and min(weights) >= 0 and 0 < total < math.inf
    require(right, "weights", list(weights), "weights of at least 0, not all 0")
    exact = [n * w / total for w in weights]
    shares = [math.floor(e) for e in exact]
    order = sorted(range(len(exact)), key=lambda k: (shares[k] - exact[k], k))
    for k in order[: n - sum(shares)]:
        shares[k] += 1
    return shares


@dataclass(frozen=True)
class Curve:
    """ln T as a function of the stratum's total A: the logarithm of the mean over bets d of
    exp(sum of c ln(1 - f_d + f_d g/(A - s))).

    gains g, sums s and times c (r,), stakes f (D, r); low and high bound the totals that are still
    possible; error bounds the rounding of one value.
    """

    gains: Floats
    sums: Floats
    stakes: Floats
    times: Floats
    low: int
    high: int
    error: float

    def value(self, A: float) -> float:
        """ln T_k(A); infinity where the sample rules the total out."""
        return self.value_and_slope(A)[0]

    def value_and_slope(self, A: float) -> tuple[float, float]:
        """ln T_k(A) and its derivative."""
        left = A - self.sums
        won = self.gains > 0
        if bool((left[won] <= 0).any()):
            return math.inf, -math.inf
        # A draw of 0 always costs its stake, also where nothing is left: lower, hence valid, and convex.
        left = np.where(won, left, 1.0)
        ratio = self.gains / left
        factor = (1.0 - self.stakes) + self.stakes * ratio
        logs = np.log(factor) @ self.times
        slopes = (self.stakes * (-ratio / left) / factor) @ self.times
        top = float(logs.max())
        weights = np.exp(logs - top)
        value = top + math.log(float(weights.mean()))
        return value, float((weights * slopes).sum() / weights.sum())


def _exact_wealth(stratum: Stratum, total: Fraction) -> Fraction | None:
    """T of one stratum were its total ``total``, exactly; None where a drawn number rules that total out."""
    x, N = [int(v) for v in stratum.x], stratum.N
    rows = np.atleast_2d(np.asarray(stratum.stakes, dtype=float))
    ratios, seen = [], 0
    for j, value in enumerate(x):
        left = total if stratum.replace else total - seen
        if value > 0 and left <= 0:
            return None
        ratios.append(Fraction(value * (N if stratum.replace else N - j)) / left if value else Fraction(0))
        seen += value
    low = max(x, default=0) if stratum.replace else seen
    high = N * stratum.u if stratum.replace else seen + (N - len(x)) * stratum.u
    if not low <= total <= high:
        return None
    wealths = [
        math.prod((1 - f + f * r for f, r in zip(exact_stakes(row), ratios, strict=True)), start=Fraction(1))
        for row in rows
    ]
    return sum(wealths, Fraction(0)) / len(wealths)


def exact_stakes(row: Floats) -> list[Fraction]:
    """A row of stakes as fractions, none above MOST."""
    return [Fraction(min(float(f), MOST)) for f in row]


def curve_of(stratum: Stratum) -> Curve:
    """ln T of one stratum's sample as a function of its total, after every check of the arguments."""
    null = Null(t=0, u=stratum.u, N=None if stratum.replace else stratum.N)
    x = integers(stratum.x, null)
    n, N = len(x), stratum.N
    stakes = np.atleast_2d(np.asarray(stratum.stakes, dtype=float))
    require(stakes.shape[1] == n, "stakes", stakes.shape, f"one stake for each of the {n} draws")
    stakes = np.minimum(_in_range(stakes), MOST)
    if stratum.replace:
        # A number that was drawn is in the stratum, however often it was drawn.
        low, high = int(x.max()) if n else 0, N * stratum.u
        gains, sums = x.astype(float) * N, np.zeros(n)
    else:
        total = int(x.sum()) if n else 0
        low, high = total, total + (N - n) * stratum.u
        gains, sums = x.astype(float) * (N - np.arange(n)), (before(x) if n else x).astype(float)
    return _merge(gains, sums, stakes, low, high)


def _merge(gains: Floats, sums: Floats, stakes: Floats, low: int, high: int) -> Curve:
    """Equal factors counted once: with replacement a thousand draws become a handful."""
    rows, times = np.unique(np.vstack((gains, sums, stakes)).T, axis=0, return_counts=True)
    return Curve(
        rows[:, 0], rows[:, 1], rows[:, 2:].T, times.astype(float), low, high, curve_error(len(gains))
    )


def curve_error(n: int) -> float:
    """A bound on the rounding of ln T over n draws: |ln factor| < 50, a factor within 8 roundings."""
    return EPS * (24.0 + 2 * math.log2(n + 2)) * (n + 1) * 50.0


def _in_range(stakes: Floats) -> Floats:
    """The stakes again; the error shows the first that is not in [0, 1]."""
    bad = stakes[~((stakes >= 0) & (stakes <= 1))]
    require(bad.size == 0, "stakes", float(bad[0]) if bad.size else None, "stakes in [0, 1]")
    return stakes


@dataclass(frozen=True)
class _Tangent:
    """A line below the curve: value + slope (a - at), for a = A - low >= 0."""

    at: float
    value: float
    slope: float


def minimise(curves: list[Curve], budget: int, gap: float) -> Answer:
    """The least sum of ln T_k when ``budget`` above the lows is shared out, by cutting planes.

    The tangents' best share gives a lower bound on the sum; the curves there give an upper one.
    """
    widths = [float(c.high - c.low) for c in curves]
    starts = _starts(widths, float(budget))
    tangents = [
        [t for a in start if (t := _tangent(c, a)) is not None]
        for c, start in zip(curves, starts, strict=True)
    ]
    best, best_at = math.inf, [0.0] * len(curves)
    bound, size = -math.inf, 0.0
    for _ in range(200):
        bound, size, shares = _spend(tangents, widths, float(budget))
        value = sum(c.value(c.low + a) for c, a in zip(curves, shares, strict=True))
        if value < best:
            best, best_at = value, shares
        if best - bound <= gap or best < -700:
            break
        for c, a, lines in zip(curves, shares, tangents, strict=True):
            new = _tangent(c, a)
            if new is not None and all(line.at != new.at for line in lines):
                lines.append(new)
    slack = sum(c.error for c in curves) + 64 * EPS * (1 + size)
    return _answer(bound - slack, best + slack, [c.low + a for c, a in zip(curves, best_at, strict=True)])


def _answer(bound: float, value: float, totals: list[float]) -> Answer:
    top = 1.0 if bound <= 0 else max(math.exp(-min(bound, 700.0)) * (1 + 4 * EPS), 1e-300)
    return Answer(min(1.0, top), min(1.0, math.exp(-max(0.0, min(value, 745.0)))), tuple(totals))


def _starts(widths: list[float], budget: float) -> list[list[float]]:
    """A few places in every stratum where the first tangents are laid."""
    share = budget / sum(widths)
    return [sorted({w * f for f in (1.0, share, (share + 1) / 2, share / 2, share / 16)}) for w in widths]


def _tangent(curve: Curve, a: float) -> _Tangent | None:
    A = curve.low + a
    value, slope = curve.value_and_slope(A)
    return _Tangent(A - curve.low, value, slope) if math.isfinite(value) and math.isfinite(slope) else None


def _spend(
    tangents: list[list[_Tangent]], widths: list[float], budget: float
) -> tuple[float, float, list[float]]:
    """The least sum of the tangents' upper envelopes when the budget is spent: steepest pieces first.

    Returns that sum, the sum of the sizes of its terms (for the rounding), and the share of each stratum.
    """
    terms, pieces = [], []
    for k, (lines, width) in enumerate(zip(tangents, widths, strict=True)):
        start, parts = _envelope(lines, width)
        terms.append(start)
        pieces += [(slope, k, length) for slope, length in parts]
    spent = [0.0] * len(widths)
    for slope, k, length in sorted(pieces):
        step = min(length, budget)
        spent[k] += step
        terms.append(slope * step)
        budget -= step
    return math.fsum(terms), math.fsum(map(abs, terms)), spent


def _envelope(lines: list[_Tangent], width: float) -> tuple[float, list[tuple[float, float]]]:
    """The maximum of the tangents on [0, width]: its value at 0 and its pieces (slope, length) in order."""
    if not lines:
        return 0.0, [(0.0, width)]
    ordered = sorted(lines, key=lambda line: line.at)
    cuts = [0.0]
    for left, right in itertools.pairwise(ordered):
        rise = right.slope - left.slope
        meet = (
            (left.value - left.slope * left.at - right.value + right.slope * right.at) / rise
            if rise > 0
            else right.at
        )
        cuts.append(min(max(meet, cuts[-1], left.at), right.at))
    cuts.append(width)
    pieces = [
        (line.slope, max(0.0, b - a)) for line, (a, b) in zip(ordered, itertools.pairwise(cuts), strict=True)
    ]
    first = ordered[0]
    return first.value - first.slope * first.at, pieces
