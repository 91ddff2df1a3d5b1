"""Minerva, Athena and Providence: polling looked at once a round, two choices, with replacement.

k of the n draws that show one of the two choices show the first; under the null each does with chance
1/2, under the alternative with the reported share s. Round by round:
* Minerva stops at the least k with  tail(k) = P_alt(K >= k, not stopped before)/P_null(same) >= 1/alpha;
* Athena stops when also the likelihood ratio at k is at least 1/delta;
* Providence stops when (likelihood ratio of the rounds before) * (tail of this round alone) >= 1/alpha.
The risk of a round is one over that ratio at the observed k. Minerva and Athena need the round sizes
fixed beforehand, or at least not chosen from the counts; Providence does not.
Sources: Zagorski, McClearn, Morin, McBurnett & Vora 2021 (USENIX Security); Broadrick et al. 2022.

Chances are doubles with a stated bound; where a threshold is too close to call, whole numbers of paths
decide: P_null = W/2^n and P_alt = W a^k b^(n-k)/(a+b)^n share the same integer W of unstopped paths.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from tallybook.stats.binomial import Pmf, add, below, binomial, tail, tails
from tallybook.stats.certainty import risk_limit
from tallybook.stats.errors import require, require_inside, require_whole
from tallybook.stats.lattice import rational
from tallybook.stats.martingale import EPS


@dataclass(frozen=True)
class Rule:
    """A stopping rule: the reported share s of the first choice, the risk limit, Athena's delta or None."""

    s: Fraction
    alpha: Fraction
    delta: Fraction | None = None


@dataclass(frozen=True)
class Round:
    """One round's answer: n draws so far, the least k that stops (None: no k does), and its chances.

    stop_if_reported, stop_if_tied: the chance of stopping in this very round, under s and under 1/2.
    """

    n: int
    least: int | None
    stop_if_reported: float
    stop_if_tied: float


def minerva(s: object, alpha: object) -> Rule:
    """The rule of Minerva for a reported share s above 1/2."""
    share = rational(s, "s")
    require(Fraction(1, 2) < share <= 1, "s", s, "a reported share above 1/2 and at most 1")
    return Rule(share, risk_limit(alpha))


def athena(s: object, alpha: object, delta: object = 1) -> Rule:
    """The rule of Athena: Minerva's, and a likelihood ratio of at least 1/delta."""
    ratio = rational(delta, "delta")
    require(ratio > 0, "delta", delta, "a value above 0")
    return Rule(minerva(s, alpha).s, risk_limit(alpha), ratio)


def schedule(rule: Rule, sizes: Sequence[int]) -> list[Round]:
    """The least k that stops in every round of cumulative sizes n_1 < n_2 < ..., with its chances.

    A round that is reached with a chance below 1e-90 under the report is given no k.
    """
    _increasing(sizes)
    alt, null = Pmf(0, np.ones(1)), Pmf(0, np.ones(1))
    rounds: list[Round] = []
    error = 0.0
    for before, n in itertools.pairwise([0, *sizes]):
        alt = add(alt, binomial(n - before, float(rule.s)))
        null = add(null, binomial(n - before, 0.5))
        error += EPS * (16.0 * len(null.chances) + 16.0 * len(alt.chances) + 64.0)
        least = _least(rule, [*rounds], n, alt, null, error)
        if least is None:
            rounds.append(Round(n, None, 0.0, 0.0))
            continue
        rounds.append(Round(n, least, tail(alt, least), tail(null, least)))
        alt, null = below(alt, least), below(null, least)
    return rounds


def risk(rule: Rule, sizes: Sequence[int], k: int) -> float:
    """The risk of the last round at k, never below the exact value: P_null(K >= k, not stopped)/P_alt(same).

    ``sizes`` are the cumulative sizes of all rounds so far; the earlier ones did not stop. At most 1.
    """
    _increasing(sizes)
    require_whole("k", k, 0, sizes[-1])
    alt, null, error = _unstopped(rule, sizes)
    top, bottom = tail(null, k) + 1e-90, tail(alt, k)
    return min(1.0, top / bottom * (1 + 4 * error)) if bottom > 1e-80 else 1.0


def exact_risk(rule: Rule, sizes: Sequence[int], k: int) -> Fraction:
    """The same as a fraction, from whole numbers of paths, for a few thousand draws; 1 without a path."""
    _increasing(sizes)
    require_whole("k", k, 0, sizes[-1])
    stops = [r.least for r in schedule(rule, sizes[:-1])] if len(sizes) > 1 else []
    ratio = _exact_ratio(rule.s, list(sizes), stops, k)[0]
    return min(Fraction(1), 1 / ratio) if ratio else Fraction(1)


def providence(s: object, sizes: Sequence[int], counts: Sequence[int]) -> Fraction:
    """Providence's risk after the last round, exactly, at most 1.

    One over (likelihood ratio of the rounds before) * (tail of this round alone). Sizes and counts are
    cumulative, one a round. Broadrick et al. 2022, definition of R.
    """
    share = minerva(s, 1).s
    _increasing(sizes)
    require(len(counts) == len(sizes), "counts", len(counts), "one count for each round")
    for k in counts:
        require_whole("counts", k)
    steps = list(zip(itertools.pairwise([0, *sizes]), itertools.pairwise([0, *counts]), strict=True))
    for (n0, n1), (k0, k1) in steps:
        require(0 <= k1 - k0 <= n1 - n0, "counts", list(counts), "counts that grow by at most the draws")
    past_n, past_k = (sizes[-2], counts[-2]) if len(sizes) > 1 else (0, 0)
    ratio = likelihood_ratio(share, past_n, past_k)
    this = _exact_ratio(share, [sizes[-1] - past_n], [], counts[-1] - past_k)[0]
    return min(Fraction(1), 1 / (ratio * this)) if ratio else Fraction(1)


def likelihood_ratio(s: Fraction, n: int, k: int) -> Fraction:
    """BRAVO's (2s)^k (2 - 2s)^(n - k)."""
    return (2 * s) ** k * (2 - 2 * s) ** (n - k)


def first_round_size(rule: Rule, chance: float, most: int = 10**7) -> int:
    """The least first round that stops with at least this chance if s is true.

    The chance climbs in saw-teeth about 1/(2s - 1) draws long: doubling and halving find a tooth, and
    eight teeth further back are looked through one by one.
    """
    require_inside("chance", chance, "a chance")
    n = 1
    while _stops(rule, n) < chance:
        require(n < most, "most", most, "a limit above the size needed")
        n *= 2
    low, high = n // 2, n
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _stops(rule, middle) >= chance else (middle, high)
    back = max(1, high - 8 * round(1 / (2 * rule.s - 1)) - 8)
    return next(n for n in range(back, high + 1) if _stops(rule, n) >= chance)


def chance_next(rule: Rule, sizes: Sequence[int], k: int, n: int) -> float:
    """The chance that a next round of n draws in all stops, if s is true, given k after the rounds so far."""
    _increasing(sizes)
    require_whole("n", n, sizes[-1] + 1)
    require_whole("k", k, 0, sizes[-1])
    least = schedule(rule, [*sizes, n])[-1].least
    if least is None:
        return 0.0
    return tail(binomial(n - sizes[-1], float(rule.s)), least - k)


def _stops(rule: Rule, n: int) -> float:
    return schedule(rule, [n])[0].stop_if_reported


def _least(rule: Rule, done: list[Round], n: int, alt: Pmf, null: Pmf, error: float) -> int | None:
    """The least k that stops, in doubles where they are sure and in integers where they are not.

    Below the counts kept under the report its tail is that of the lowest kept.
    """
    ks = np.arange(null.lo, min(n, alt.lo + len(alt.chances) - 1) + 1)
    top = tails(alt)[np.maximum(ks - alt.lo, 0)]
    bottom = np.zeros(len(ks))
    inside = ks - null.lo < len(null.chances)
    bottom[inside] = tails(null)[(ks - null.lo)[inside]]
    margin = top * float(rule.alpha) - bottom
    slack = 4 * error * (top * float(rule.alpha) + bottom) + 1e-90
    near = ks[(margin > -slack) & (top > 0)].tolist()
    for k in near[bisect_left(near, True, key=lambda k: _likely(rule, n, k)) :]:
        if margin[k - null.lo] > slack[k - null.lo] or _exact_stop(rule, done, n, k):
            return int(k)
    return None


def _likely(rule: Rule, n: int, k: int) -> bool:
    return rule.delta is None or likelihood_ratio(rule.s, n, k) >= 1 / rule.delta


def _exact_stop(rule: Rule, done: list[Round], n: int, k: int) -> bool:
    ratio, reachable = _exact_ratio(rule.s, [*(r.n for r in done), n], [r.least for r in done], k)
    return reachable and ratio >= 1 / rule.alpha


def _exact_ratio(s: Fraction, sizes: list[int], stops: Sequence[int | None], k: int) -> tuple[Fraction, bool]:
    """P_alt/P_null of (K >= k, not stopped before) after the last round, from integer numbers of paths."""
    paths = _paths(sizes, stops)
    n, a, b = sizes[-1], s.numerator, s.denominator - s.numerator
    top = bottom = 0
    for i in range(max(k, 0), min(n, len(paths) - 1) + 1):
        top += paths[i] * a**i * b ** (n - i)
        bottom += paths[i]
    if bottom == 0:
        return Fraction(0), False
    return Fraction(top * 2**n, bottom * (a + b) ** n), True


def _paths(sizes: list[int], stops: Sequence[int | None]) -> list[int]:
    """W[k]: how many orders of n draws end with k and were not stopped in an earlier round."""
    paths = [1]
    for i, (before, n) in enumerate(itertools.pairwise([0, *sizes])):
        stop = stops[i] if i < len(stops) else None
        paths = _times_binomials(paths, n - before)
        if stop is not None:
            paths = paths[:stop]
    return paths


def _times_binomials(paths: list[int], m: int) -> list[int]:
    """The product of polynomials paths(z) (1 + z)^m, packed into two large integers."""
    width = (max(paths, default=0).bit_length() + m + len(paths).bit_length()) // 8 + 1
    left = int.from_bytes(b"".join(w.to_bytes(width, "little") for w in paths), "little")
    product = left * (1 + (1 << 8 * width)) ** m
    size = len(paths) + m
    raw = product.to_bytes(size * width, "little")
    return [int.from_bytes(raw[i * width : (i + 1) * width], "little") for i in range(size)]


def _unstopped(rule: Rule, sizes: Sequence[int]) -> tuple[Pmf, Pmf, float]:
    """Chances of the counts in the last round, not stopped before, and their relative error."""
    stops = [r.least for r in schedule(rule, sizes[:-1])] if len(sizes) > 1 else []
    alt, null = Pmf(0, np.ones(1)), Pmf(0, np.ones(1))
    error = 0.0
    for i, (before, n) in enumerate(itertools.pairwise([0, *sizes])):
        stop = stops[i] if i < len(stops) else None
        alt, null = add(alt, binomial(n - before, float(rule.s))), add(null, binomial(n - before, 0.5))
        error += EPS * (16.0 * len(null.chances) + 16.0 * len(alt.chances) + 64.0)
        if stop is not None:
            alt, null = below(alt, stop), below(null, stop)
    return alt, null, error


def _increasing(sizes: Sequence[int]) -> None:
    whole = all(type(n) is int for n in sizes)
    right = whole and len(sizes) > 0 and all(a < b for a, b in itertools.pairwise([0, *sizes]))
    require(right, "sizes", list(sizes), "whole numbers of draws, from 1 upwards, growing round by round")
