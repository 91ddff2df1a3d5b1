"""Decisions and published figures: no float has the last word.

"p <= alpha" is read off the doubles only where their stated error leaves no doubt. Otherwise the same
product is enclosed in intervals of 256-bit integers, and if even these touch the limit, it is computed
as one exact fraction. The stakes are doubles or multiples of 2**-24, hence exact numbers themselves.

A published risk is a decimal string of six significant digits, rounded up from the exact value, so
that publishing never overstates the evidence and two programs print the same string.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from tallybook.stats.errors import require
from tallybook.stats.lattice import before, rational
from tallybook.stats.martingale import EPS, Wealth

DIGITS = 6
_BITS = 256
MOST_LOG = 65_536.0
"""The largest logarithm of wealth of which doubles give p within bounds; beyond it intervals do."""


def at_most(w: Wealth, alpha: object) -> bool:
    """Is the p-value of this path at most alpha? Exact. At a census the count has decided."""
    limit = risk_limit(alpha)
    if w.census or w.impossible is not None:
        return bool(w.p[-1] <= limit)
    if limit == 1:
        return True
    top, bottom = math.log(limit.numerator), math.log(limit.denominator)
    goal, slack = bottom - top, 4 * EPS * (1 + top + bottom)
    if bool((w.log_wealth - w.error >= goal + slack).any()):
        return True
    open_draws = np.flatnonzero(w.log_wealth + w.error >= goal - slack)
    return len(open_draws) > 0 and _reaches(w, open_draws.tolist(), 1 / limit)


def risk_limit(alpha: object) -> Fraction:
    """A risk limit as an exact fraction in (0, 1]; give it as a string or Fraction to mean 0.05 exactly."""
    limit = rational(alpha, "alpha")
    require(0 < limit <= 1, "alpha", alpha, "a risk limit above 0 and at most 1")
    return limit


def published(w: Wealth) -> str:
    """The risk of this path as a decimal string: the exact p-value rounded up to six digits."""
    if w.census or w.impossible is not None:
        return publish(Fraction(int(w.p[-1])))
    peak = [float(np.max(w.log_wealth + side * w.error, initial=0.0)) for side in (-1, 1)]
    low, high = p_between(*peak)
    if publish(low) == publish(high):
        return publish(high)
    low, high = _interval_bounds(w)
    return publish(high) if publish(low) == publish(high) else publish(exact_p(w))


def publish(p: object) -> str:
    """Six significant digits of p, rounded up; "0" and "1" for the limits and anything above 1.

    From 10**-6 up in plain digits, "0.0344763"; below with an exponent, "2.10000e-9".
    """
    value = rational(p, "p")
    require(value >= 0, "p", p, "a p-value of at least 0")
    if value == 0 or value >= 1:
        return "0" if value == 0 else "1"
    exponent = _exponent(value)
    shift = DIGITS - 1 - exponent
    digits = math.ceil(value * 10**shift)
    if digits == 10**DIGITS:
        digits, exponent = digits // 10, exponent + 1
    if exponent == 0:
        return "1"
    text = str(digits)
    return f"{text[0]}.{text[1:]}e{exponent}" if exponent < -6 else "0." + "0" * (-exponent - 1) + text


def exact_p(w: Wealth) -> Fraction:
    """min over j of min(1, 1/T_j), as a fraction. Slow beyond ten thousand draws; used when all else ties."""
    if w.census or w.impossible is not None:
        return Fraction(int(w.p[-1]))
    peak = max([Fraction(1), *(exact_wealth(w, j) for j in _near_peak(w))])
    return 1 / peak


def exact_wealth(w: Wealth, j: int) -> Fraction:
    """T_j as a fraction, for a path without an edge up to draw j."""
    tops, bottoms = [], []
    for top, bottom in _factors(w, j):
        tops.append(top)
        bottoms.append(bottom)
    return Fraction(_product(tops), _product(bottoms))


def _reaches(w: Wealth, draws: list[int], goal: Fraction) -> bool:
    """Does T_j reach the goal at any of these draws (0-based)? Intervals first, then fractions."""
    wanted = set(draws)
    doubtful = []
    for j, enclosed in enumerate(_intervals(w, max(draws) + 1)):
        if j not in wanted:
            continue
        low, high = _ends(enclosed)
        if low >= goal:
            return True
        if high >= goal:
            doubtful.append(j + 1)
    return any(exact_wealth(w, j) >= goal for j in doubtful)


def p_between(log_low: float, log_high: float) -> tuple[Fraction, Fraction]:
    """p between two fractions, from bounds on the logarithm of the peak of the wealth (at least 0)."""
    if not log_high < MOST_LOG:
        return Fraction(0), Fraction(1)
    return _exp(-log_high, 1 - 8 * EPS), min(Fraction(1), _exp(-log_low, 1 + 8 * EPS))


def _exp(x: float, slack: float) -> Fraction:
    """A bound on exp(x) for x at most 0: a double, or a power of one where doubles would underflow.

    Halving is exact, so that only the error of one exponential, within the slack, is raised to the power.
    """
    halvings = max(0, math.ceil(math.log2(-x / 512))) if x < -512 else 0
    bound: Fraction = Fraction(math.exp(x / 2**halvings) * slack) ** (2**halvings)
    return bound


def _interval_bounds(w: Wealth) -> tuple[Fraction, Fraction]:
    low, high = Fraction(1), Fraction(1)
    near = set(_near_peak(w))
    for j, enclosed in enumerate(_intervals(w, max(near, default=0)), start=1):
        if j in near:
            least, most = _ends(enclosed)
            low, high = max(low, least), max(high, most)
    return 1 / high, 1 / low


def _near_peak(w: Wealth) -> list[int]:
    """Draws (1-based) at which the peak of T may lie, as far as the doubles can tell."""
    floor = max(0.0, float(np.max(w.log_wealth - w.error, initial=0.0)))
    return [int(j) + 1 for j in np.flatnonzero(w.log_wealth + w.error >= floor)]


def _factors(w: Wealth, j: int) -> Iterator[tuple[int, int]]:
    """The first j factors as integer fractions: ((1 - f) m + f x)/m with everything multiplied out."""
    x = [int(v) for v in w.x[:j]]
    sums = [int(v) for v in before(w.x[:j])]
    for i, (value, drawn) in enumerate(zip(x, sums, strict=True)):
        count = 1 if w.null.N is None else w.null.N - i
        total = w.null.t if w.null.N is None else w.null.N * w.null.t - drawn
        a, b = float(w.stakes[i]).as_integer_ratio()
        yield (1, 1) if total <= 0 else ((b - a) * total + a * value * count, b * total)


def _intervals(w: Wealth, j: int) -> Iterator[tuple[int, int, int]]:
    """Enclosures of T_1 .. T_j in integers of 256 bits and a scale, rounded outwards at every draw."""
    low = high = 1
    scale = 0
    for top, bottom in _factors(w, j):
        room = _BITS - high.bit_length() + bottom.bit_length()
        shift = max(0, room)
        low = (low * top << shift) // bottom
        high = -((-high * top << shift) // bottom)
        scale += shift
        drop = max(0, high.bit_length() - _BITS)
        low, high, scale = low >> drop, -(-high >> drop), scale - drop
        yield low, high, scale


def _ends(enclosed: tuple[int, int, int]) -> tuple[Fraction, Fraction]:
    """The two ends of an enclosure: integers over 2**scale."""
    low, high, scale = enclosed
    unit = Fraction(1, 1 << scale) if scale >= 0 else Fraction(1 << -scale)
    return low * unit, high * unit


def _product(numbers: list[int]) -> int:
    """A balanced product, so that the large multiplications are few."""
    while len(numbers) > 1:
        numbers = [math.prod(numbers[i : i + 2]) for i in range(0, len(numbers), 2)]
    return numbers[0] if numbers else 1


def _exponent(value: Fraction) -> int:
    """The e with 10**e <= value < 10**(e + 1)."""
    guess = math.floor((value.numerator.bit_length() - value.denominator.bit_length()) * math.log10(2)) - 1
    while Fraction(10) ** (guess + 1) <= value:
        guess += 1
    return guess
