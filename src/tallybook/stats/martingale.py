"""The one engine: wealth in a fair game that cannot grow, on average, while the null is true.

    T_j = prod_{i<=j} (1 + lam_i (x_i - m_i)),   0 <= lam_i <= 1/m_i

m_i is the mean of what is left before draw i, were the null's mean t true. We write the bet as the
stake f = lam m, the share of the wealth put at risk, so that the factor (1 - f) + f x/m has no
subtraction that could cancel, no unit and no bound but 0 <= f <= 1. Ville's inequality gives the
p-value that is valid however often one looks: the running minimum of min(1, 1/T_j).
Sources: Waudby-Smith & Ramdas 2024 (betting); Stark 2023 (ALPHA), sections 2 and 3.

Edges, all decided in integers. "Drawn" means after draw j, S the sum of the drawn numbers:
* S > N t: the null is impossible: T = infinity, p = 0 from then on.
* m_j = 0 and x_j = 0: nothing to bet on; the factor is skipped.
* m_j >= u: the null is certain: T = 0 from then on; the running minimum stays.
* f = 1 and x = 0: the wealth is 0 and stays 0.
* j = N, the last draw: the count itself decides; p is the limit 0 or 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tallybook.stats.errors import NumberError, require
from tallybook.stats.lattice import Floats, Null, Numbers, before, integers

EPS = 2.0**-53
"""Unit roundoff of a double."""


@dataclass(frozen=True)
class Past:
    """What a bet may look at. Row a is one test; column j-1 is draw j.

    x      (A, n) the numbers in units of 1 (x/d). A stake for draw j may use columns before j only.
    total  (A, n) S_{j-1}/d, the sum before draw j
    drawn  (n,)   j - 1, how many were drawn before draw j
    m      (A, n) the null mean of what is left before draw j, in units of 1
    t, u   (A, 1) the null mean and the upper bound, in units of 1
    N      (A, 1) the size of the population, infinity with replacement
    rows, nulls  the same numbers and nulls as integers, for bets that must be exact
    """

    x: Floats
    total: Floats
    drawn: Floats
    m: Floats
    t: Floats
    u: Floats
    N: Floats
    rows: tuple[Numbers, ...]
    nulls: tuple[Null, ...]


Bet = Callable[[Past], Floats]
"""A stake f in [0, 1] for every draw, shape (A, n) or anything that broadcasts to it."""


@dataclass(frozen=True)
class Wealth:
    """The path of one test.

    log_wealth  (n,) ln T_j; +inf once the null is impossible, -inf once the wealth is 0
    error       (n,) a bound on the absolute error of each finite ln T_j
    stakes      (n,) the stakes used, as doubles; they are part of the definition of T
    p           (n,) running minimum of min(1, 1/T_j), the anytime-valid p-value in doubles
    impossible  the first draw (1-based) after which the null is impossible, or None
    certain     the first draw (1-based) before which the null is certain, or None
    census      True when every number of the population was drawn
    """

    x: Numbers
    null: Null
    log_wealth: Floats
    error: Floats
    stakes: Floats
    p: Floats
    impossible: int | None
    certain: int | None
    census: bool


def wealth(x: Numbers | list[int], null: Null, bet: Bet) -> Wealth:
    """Play one test on drawn numerators x (n,) in the order of the draw. An empty sample is an error."""
    return wealths([x], [null], bet)[0]


def wealths(xs: list[Numbers | list[int]] | Numbers, nulls: list[Null], bet: Bet) -> list[Wealth]:
    """Play many tests on equally many draws each: xs (A, n), one null a row."""
    require(0 < len(xs) == len(nulls), "xs", len(xs), f"one row for each of {len(nulls)} nulls, at least one")
    rows = [_checked(x, null) for x, null in zip(xs, nulls, strict=True)]
    require(len({len(row) for row in rows}) == 1, "xs", [len(row) for row in rows], "rows of equal length")
    left = [_left(row, null) for row, null in zip(rows, nulls, strict=True)]
    past = _past(rows, nulls, left)
    stakes = _stakes(bet, past)
    return [_play(*parts) for parts in zip(rows, nulls, left, stakes, strict=True)]


def running_p(log_wealth: Floats) -> Floats:
    """min over i <= j of min(1, 1/T_i), from ln T (Ville's inequality)."""
    return np.asarray(np.exp(-np.maximum.accumulate(np.maximum(log_wealth, 0.0), axis=-1)))


@dataclass(frozen=True)
class _Left:
    """Before each draw, exactly: how many numbers are left and what the null says they add up to."""

    count: Numbers
    sum: Numbers


def _checked(x: Numbers | list[int], null: Null) -> Numbers:
    row = integers(x, null)
    require(row.ndim == 1 and row.size > 0, "x", row.tolist(), "at least one drawn number, in one row")
    return row


def _left(x: Numbers, null: Null) -> _Left:
    """(N - j + 1) and (N t - S_{j-1}) as integers; 1 and t when draws are with replacement."""
    if null.N is None:
        return _Left(np.ones_like(x), np.full_like(x, null.t))
    drawn = np.arange(len(x)).astype(x.dtype)
    return _Left(null.N - drawn, null.N * null.t - before(x))


def _past(rows: list[Numbers], nulls: list[Null], left: list[_Left]) -> Past:
    d = np.array([[float(null.d)] for null in nulls])
    x = np.array([row.astype(float) for row in rows]) / d
    m = np.array([side.sum.astype(float) / side.count.astype(float) for side in left]) / d
    total = np.array([before(row).astype(float) for row in rows]) / d
    column = [(float(null.t), float(null.u), float(null.N or np.inf)) for null in nulls]
    t, u, N = (np.array(values)[:, None] for values in zip(*column, strict=True))
    return Past(x, total, np.arange(x.shape[1], dtype=float), m, t / d, u / d, N, tuple(rows), tuple(nulls))


def _stakes(bet: Bet, past: Past) -> Floats:
    """Ask the bet, with edges masked: a stake is used only where 0 < m < u."""
    with np.errstate(all="ignore"):
        stakes = np.broadcast_to(bet(past), past.x.shape)
    live = (past.m > 0) & (past.m < past.u)
    if np.isnan(stakes[live]).any():
        raise NumberError("bet", float("nan"), "a stake between 0 and 1 for every draw")
    return np.asarray(np.where(live, np.clip(stakes, 0.0, 1.0), 0.0))


def _play(x: Numbers, null: Null, left: _Left, stakes: Floats) -> Wealth:
    census = len(x) == null.N
    impossible, certain = edges(x, null, left.sum, left.count)
    log_factor = _log_factors(x, left, stakes)
    log_wealth = np.cumsum(log_factor)
    error = error_bound(log_factor)
    if certain is not None:
        log_wealth[certain - 1 :] = -np.inf
    if impossible is not None:
        log_wealth[impossible - 1 :] = np.inf
    p = running_p(log_wealth)
    if census:
        p[-1] = 0.0 if impossible is not None else 1.0
    return Wealth(x, null, log_wealth, error, stakes, p, impossible, certain, census)


def edges(x: Numbers, null: Null, left_sum: Numbers, left_count: Numbers) -> tuple[int | None, int | None]:
    """The draw after which the null is impossible, and the draw before which it is certain (1-based)."""
    if null.N is None:
        return (_first(x > 0) if null.t == 0 else None), None
    impossible = _first(left_sum < x)
    certain = _first(left_sum >= left_count * null.u)
    if impossible is not None:
        certain = None
    return impossible, certain


def _first(hit: Numbers) -> int | None:
    return int(hit.argmax()) + 1 if hit.any() else None


def _log_factors(x: Numbers, left: _Left, stakes: Floats) -> Floats:
    """ln((1 - f) + f x/m), with 0 for a skipped factor and -inf for a stake lost whole."""
    live = left.sum > 0
    m_sum = np.where(live, left.sum, 1).astype(float)
    ratio = x.astype(float) * left.count.astype(float) / m_sum
    with np.errstate(divide="ignore"):
        return np.asarray(np.where(live, np.log((1.0 - stakes) + stakes * ratio), 0.0))


def error_bound(log_factor: Floats) -> Floats:
    """A bound on |computed - exact| of the running sums of log factors.

    A factor carries at most 8 roundings of relative size EPS (its terms are never negative, so nothing
    cancels); its logarithm is within 4 units in the last place; a running sum of j terms adds at most
    j EPS times the sum of their sizes. The total is rounded up by a tenth.
    """
    size = np.abs(np.where(np.isfinite(log_factor), log_factor, 0.0))
    j = np.arange(1, len(log_factor) + 1)
    return np.asarray(1.1 * EPS * (10.0 * j + (j + 9.0) * np.cumsum(size)))
