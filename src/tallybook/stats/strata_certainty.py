"""Stratified decisions without a float: the risk between two fractions, from interval arithmetic.

The stratified risk is at most alpha when the product P of the strata's wealths is at least 1/alpha at every
share. ln P is convex and falls in every total, so one share a and one number mu <= 0 bound it everywhere:
with g_k the slope of ln T_k at a_k, and any other share a + d (the sum of d is not above 0),

    P(a + d) >= P(a) (1 + sum g_k d_k) >= P(a) (1 + sum over k of the least (g_k - mu) d_k).

Doubles only propose a and mu, at the hardest share, where the bound is nearly P(a) itself. T_k and its slope
at a_k are then enclosed with 60 decimal digits, rounded outwards at every step. For two strata a proposal
that is not yet good enough is bisected further. Where the bound is P(a) exactly (one stratum, or a hardest
share in a corner), a tie with the limit is settled in fractions.
"""

from __future__ import annotations

import decimal
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from tallybook.stats.certainty import risk_limit
from tallybook.stats.errors import require, require_whole
from tallybook.stats.martingale import EPS
from tallybook.stats.strata import Curve, Stratum, curve_of, exact_share_p, exact_stakes

_DOWN, _UP = (
    decimal.Context(prec=60, rounding=side, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)
    for side in (decimal.ROUND_FLOOR, decimal.ROUND_CEILING)
)

_HALVINGS = 120
"""How often the share of two strata is bisected while the answer is open."""


def union_between(strata: Sequence[Stratum], B: int) -> tuple[Fraction, Fraction]:
    """The stratified risk between two fractions, proven; usually within a trillionth of each other.

    The same risk as ``strata.union_p``; 0 where integers rule every share out.
    """
    curves = _checked(strata, B)
    if sum(c.low for c in curves) > B:
        return Fraction(0), Fraction(0)
    found = _bound(strata, curves, _hardest(curves, B))
    return found.low, found.high


def union_at_most_proven(strata: Sequence[Stratum], B: int, alpha: object) -> bool:
    """Is the stratified risk at most alpha? Yes only with a proof in interval or rational arithmetic.

    No means: a share with a larger risk was found, or 60 digits (two strata) or what doubles propose (more
    strata) could not tell the risk from the limit.
    """
    limit = risk_limit(alpha)
    curves = _checked(strata, B)
    if limit == 1 or sum(c.low for c in curves) > B:
        return True
    share = _hardest(curves, B)
    found = _bound(strata, curves, share)
    if found.low <= limit < found.high and len(strata) == 2:
        found = _bisected(strata, curves, B, limit)
    if found.low <= limit < found.high and found.is_corner:
        return exact_share_p(strata, found.share) <= limit
    return found.high <= limit


@dataclass(frozen=True)
class _Proof:
    """The risk between two fractions, from one share; ``is_corner``: no other share has a larger risk."""

    low: Fraction
    high: Fraction
    share: tuple[Fraction, ...]
    is_corner: bool


@dataclass(frozen=True)
class _Enclosed:
    """T and the slope of ln T between two fractions; the slope is at most 0."""

    T: tuple[Fraction, Fraction]
    slope: tuple[Fraction, Fraction]


def _checked(strata: Sequence[Stratum], B: int) -> list[Curve]:
    require(len(strata) > 0, "strata", 0, "at least one stratum")
    require_whole("B", B)
    return [curve_of(stratum) for stratum in strata]


def _bound(strata: Sequence[Stratum], curves: Sequence[Curve], share: tuple[Fraction, ...]) -> _Proof:
    """The bound of the module's first paragraph at one share that spends all of B, or is all highs."""
    parts = [_enclosed(stratum, a) for stratum, a in zip(strata, share, strict=True)]
    low = high = Fraction(1)
    for part in parts:
        low, high = low * part.T[0], high * part.T[1]
    loss = _most_lost(curves, share, [part.slope for part in parts])
    least = low * (1 + loss)
    risk = Fraction(1) if least <= 1 else 1 / least
    return _Proof(1 / max(Fraction(1), high), risk, share, loss == 0)


def _most_lost(
    curves: Sequence[Curve], share: Sequence[Fraction], slopes: Sequence[tuple[Fraction, Fraction]]
) -> Fraction:
    """The least of sum (g_k - mu) d_k, at most 0, for the best mu among the slopes' own ends."""
    spare = sum(share) - sum(c.low for c in curves)
    spans = [
        (Fraction(c.low) - a, min(Fraction(c.high), c.low + spare) - a)
        for c, a in zip(curves, share, strict=True)
    ]

    def lost(mu: Fraction) -> Fraction:
        return sum(
            (
                min((g - mu) * d for g in slope for d in span)
                for slope, span in zip(slopes, spans, strict=True)
            ),
            Fraction(0),
        )

    middles = [(slope[0] + slope[1]) / 2 for slope in slopes]
    return max(lost(mu) for mu in {Fraction(0), *middles, *(end for slope in slopes for end in slope)})


def _enclosed(stratum: Stratum, total: Fraction) -> _Enclosed:
    """T_k and the slope of ln T_k at one total, from every draw and every row of stakes."""
    rows = [exact_stakes(row) for row in np.atleast_2d(np.asarray(stratum.stakes, dtype=float))]
    products = [_row(stratum, total, row) for row in rows]
    T = tuple(sum((p[0][side] for p in products), Fraction(0)) / len(rows) for side in (0, 1))
    weighted = [sum((p[0][side] * p[1][side] for p in products), Fraction(0)) for side in (0, 1)]
    # Sizes of slopes: the mean of the rows' slopes, weighted by their wealth.
    steep, gentle = weighted[1] / (len(rows) * T[0]), weighted[0] / (len(rows) * T[1])
    return _Enclosed((T[0], T[1]), (-steep, -gentle))


def _row(
    stratum: Stratum, total: Fraction, stakes: Sequence[Fraction]
) -> tuple[tuple[Fraction, Fraction], tuple[Fraction, Fraction]]:
    """One row of stakes: its wealth, and the size of its logarithm's slope, each between two fractions.

    With A = p/q, y = q (A - sum before) and c numbers left: the factor is ((1 - f) y + f x c q)/y and the
    size of its logarithm's slope f x c q^2/(y ((1 - f) y + f x c q)); all terms are whole numbers.
    """
    p, q = total.numerator, total.denominator
    wealth = [decimal.Decimal(1), decimal.Decimal(1)]
    slope = [decimal.Decimal(0), decimal.Decimal(0)]
    seen = 0
    for j, (x, f) in enumerate(zip(map(int, stratum.x), stakes, strict=True)):
        y = p - (0 if stratum.replace else seen) * q
        won = f.numerator * x * (stratum.N if stratum.replace else stratum.N - j) * q
        seen += x
        y = y if x else 1
        top, bottom = (f.denominator - f.numerator) * y + won, f.denominator * y
        for side, context in enumerate((_DOWN, _UP)):
            wealth[side] = context.multiply(wealth[side], context.divide(top, bottom))
            if won:
                slope[side] = context.add(slope[side], context.divide(won * q, y * top))
    return (Fraction(wealth[0]), Fraction(wealth[1])), (Fraction(slope[0]), Fraction(slope[1]))


def _hardest(curves: Sequence[Curve], B: int) -> tuple[Fraction, ...]:
    """A share near the hardest, proposed in doubles: all slopes equal mu, or the total at an end."""
    if sum(c.high for c in curves) <= B:
        return tuple(Fraction(c.high) for c in curves)
    steep, gentle = -1e300, -1e-300
    lows, highs = [float(c.low) for c in curves], [float(c.high) for c in curves]
    for _ in range(80):
        mu = -math.sqrt(-steep) * math.sqrt(-gentle)
        totals = [_total_at(*each, mu) for each in zip(curves, lows, highs, strict=True)]
        if sum(totals) > B:
            gentle, highs = mu, totals
        else:
            steep, lows = mu, totals
    return _spent(curves, lows, B)


def _total_at(curve: Curve, low: float, high: float, mu: float) -> float:
    """The total from low to high at which the slope of ln T is mu; the slope rises with the total."""
    if curve.value_and_slope(low)[1] >= mu:
        return low
    if curve.value_and_slope(high)[1] <= mu:
        return high
    while high - low > 4 * EPS * high:
        middle = (low + high) / 2
        low, high = (middle, high) if curve.value_and_slope(middle)[1] < mu else (low, middle)
    return low


def _spent(curves: Sequence[Curve], totals: Sequence[float], B: int) -> tuple[Fraction, ...]:
    """The totals as fractions; what is missing from B, or too much, is put where there is room."""
    share = [Fraction(min(max(t, c.low), c.high)) for t, c in zip(totals, curves, strict=True)]
    missing = B - sum(share)
    inner = sorted(range(len(share)), key=lambda k: share[k] in (curves[k].low, curves[k].high))
    for k in inner:
        moved = min(max(share[k] + missing, Fraction(curves[k].low)), Fraction(curves[k].high))
        missing, share[k] = missing - (moved - share[k]), moved
    return tuple(share)


def _bisected(strata: Sequence[Stratum], curves: Sequence[Curve], B: int, limit: Fraction) -> _Proof:
    """Two strata: halve the interval of the first one's total until the limit is decided or 60 digits end."""
    first, second = curves
    low = max(Fraction(first.low), Fraction(B - second.high))
    high = min(Fraction(first.high), Fraction(B - second.low))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        share = (middle, B - middle)
        found = _bound(strata, curves, share)
        if not found.low <= limit < found.high:
            return found
        slopes = [_enclosed(stratum, a).slope for stratum, a in zip(strata, share, strict=True)]
        if slopes[0][1] < slopes[1][0]:
            low = middle
        elif slopes[0][0] > slopes[1][1]:
            high = middle
        else:
            return found
    return found
