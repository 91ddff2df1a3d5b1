"""The default bet: a stake that two programs compute alike, to the last bit.

It stakes what would have made the most of a prior guess and the draws so far (Kelly's rule on shrunken
counts; COBRA, Spertus 2023, section 3.2; Waudby-Smith & Ramdas 2024, section B). The stake is a
multiple of 2**-24 found by integer arithmetic: a function of the counts of past values, the prior, N
and t alone. It is found anew before draw n + 1 when n is 0, 2**a or 3 * 2**a, and kept in between.
``docs/spec/risk.md`` defines it for a second implementation. The search runs on doubles, many rows at
once; every answer is then confirmed with a stated error bound, or found again in integers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tallybook.stats.errors import require, require_whole
from tallybook.stats.lattice import Floats, Null, Numbers
from tallybook.stats.martingale import EPS, Bet, Past

UNIT = 2**24
CAP = UNIT - 2**18
"""The largest stake, 63/64: one draw of 0 divides the wealth by at most 64."""


@dataclass(frozen=True)
class Prior:
    """What is expected before any draw: values (numerators on the lattice) with whole weights in draws."""

    values: tuple[int, ...]
    weights: tuple[int, ...]

    def __post_init__(self) -> None:
        require(
            len(self.values) == len(self.weights) > 0, "weights", self.weights, "one weight for each value"
        )
        for value in self.values:
            require_whole("values", value)
        require(len(set(self.values)) == len(self.values), "values", self.values, "each value once")
        for weight in self.weights:
            require_whole("weights", weight, 1)


Marks = np.ndarray[tuple[int], np.dtype[np.bool_]]


def default_bet(priors: Prior | Sequence[Prior]) -> Bet:
    """The default bet for one prior, or one prior for each row of the test."""
    many = (priors,) if isinstance(priors, Prior) else tuple(priors)
    require(len(many) > 0, "priors", 0, "one prior, or one for each row")

    def bet(past: Past) -> Floats:
        each = many * (len(past.rows) if len(many) == 1 else 1)
        require(
            len(each) == len(past.rows), "priors", len(many), f"one prior for each of {len(past.rows)} rows"
        )
        return default_stakes(past.rows, past.nulls, each) / UNIT

    return bet


def default_stakes(
    rows: Sequence[Numbers], nulls: Sequence[Null], priors: Sequence[Prior]
) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """The stakes of the default bet in units of 2**-24, shape (rows, draws), before every draw."""
    for prior, null in zip(priors, nulls, strict=True):
        require(max(prior.values) <= null.u, "priors", max(prior.values), f"values of at most {null.u}")
    n = len(rows[0])
    points = refresh_points(n)
    tables = [_table(row, null, prior, points) for row, null, prior in zip(rows, nulls, priors, strict=True)]
    held = np.empty((len(rows), len(points)), dtype=np.int64)
    for p in range(len(points)):
        held[:, p] = best_stakes([table[p] for table in tables])
    widths = np.diff([*points, n])
    return np.repeat(held, widths, axis=1)


def refresh_points(n: int) -> list[int]:
    """The numbers of past draws, below n, at which the stake is found anew: 0, 2**a and 3 * 2**a."""
    points = {0}
    a = 1
    while a < n:
        points |= {a, 3 * a // 2} if a > 1 else {a}
        a *= 2
    return sorted(p for p in points if p < n)


@dataclass(frozen=True)
class Odds:
    """One stake to be found: a_k = v_k L - R and weight W_k for every value, R and L as in the spec."""

    gains: tuple[int, ...]
    weights: tuple[int, ...]
    R: int
    live: bool


def best_stakes(cases: Sequence[Odds]) -> list[int]:
    """The best stake of each case: searched in doubles for all at once, confirmed or found exactly."""
    width = max(len(case.gains) for case in cases)
    a = np.zeros((len(cases), width))
    w = np.zeros((len(cases), width))
    for i, case in enumerate(cases):
        a[i, : len(case.gains)] = case.gains
        w[i, : len(case.weights)] = case.weights
    R = np.array([[float(case.R) if case.live else 1.0] for case in cases])
    low = _search(a, w, R)
    sure = _confirmed(a, w, R, low)
    return [
        (int(k) if ok else best_stake(case)) if case.live else 0
        for case, k, ok in zip(cases, low, sure, strict=True)
    ]


def best_stakes_of(gains: Floats, weights: Floats, R: Floats, live: Marks) -> Floats:
    """The same from arrays of whole numbers below 2**53: gains and weights (A, K), R and live (A,)."""
    column = np.where(live, R, 1.0)[:, None]
    a = np.where(live[:, None], gains, 0.0)
    low = _search(a, weights, column)
    for i in np.flatnonzero(live & ~_confirmed(a, weights, column, low)).tolist():
        exact = Odds(tuple(map(int, gains[i])), tuple(map(int, weights[i])), int(R[i]), True)
        low[i] = best_stake(exact)
    return np.asarray(np.where(live, low, 0.0))


def best_stake(case: Odds) -> int:
    """The largest i in 0..CAP at which more stake would still have helped, in integers (risk.md)."""
    low, high = 0, CAP + 1
    while high - low > 1:
        middle = (low + high) // 2
        if helps(case, middle):
            low = middle
        else:
            high = middle
    return low


def helps(case: Odds, i: int) -> bool:
    """Is sum_k W_k a_k/(2**24 R + i a_k) at least 0? The slope of the logarithm of wealth at stake i."""
    top, bottom = 0, 1
    for a, w in zip(case.gains, case.weights, strict=True):
        part = UNIT * case.R + i * a
        top, bottom = top * part + w * a * bottom, bottom * part
    return top >= 0


def _table(row: Numbers, null: Null, prior: Prior, points: list[int]) -> list[Odds]:
    """The odds at every refresh point of one row."""
    values, counts = _counts(row, prior, points)
    weights = np.array([*prior.weights, *([0] * (len(values) - len(prior.weights)))])
    sums = np.add.reduceat(row, points)
    total = 0
    table = []
    for p, n in enumerate(points):
        R, L = (null.t, 1) if null.N is None else (null.N * null.t - total, null.N - n)
        gains = tuple(v * L - R for v in values)
        table.append(Odds(gains, tuple((weights + counts[p]).tolist()), R, 0 < R < null.u * L))
        total += int(sums[p])
    return table


def _counts(row: Numbers, prior: Prior, points: list[int]) -> tuple[list[int], Numbers]:
    """The distinct values, the prior's first, and how often each was drawn before every refresh point."""
    values = list(prior.values)
    ends = [*points[1:], len(row)]
    seen = _tally(row, values, points, ends)
    if int(seen.sum()) < len(row):
        values += [int(v) for v in np.unique(row) if int(v) not in set(prior.values)]
        seen = _tally(row, values, points, ends)
    counts = np.cumsum(seen, axis=0)
    return values, np.concatenate((np.zeros_like(counts[:1]), counts[:-1]))


def _tally(row: Numbers, values: list[int], starts: list[int], ends: list[int]) -> Numbers:
    """How often each value occurs between two refresh points, shape (points, values)."""
    tally = np.zeros((len(starts), len(values)), dtype=np.int64)
    for k, v in enumerate(values):
        hit = row == v
        for p, (start, end) in enumerate(zip(starts, ends, strict=True)):
            tally[p, k] = np.count_nonzero(hit[start:end])
    return tally


def _slope(a: Floats, w: Floats, R: Floats, i: Floats) -> tuple[Floats, Floats]:
    """The slope at stake i and the sum of the sizes of its terms; no cancellation inside a term."""
    f = (i / UNIT)[:, None]
    term = w * a / ((1.0 - f) * R + f * (a + R))
    return term.sum(axis=1), np.abs(term).sum(axis=1)


def _search(a: Floats, w: Floats, R: Floats) -> Floats:
    """Bisection over 0..CAP on doubles."""
    low, high = np.zeros(len(a)), np.full(len(a), float(CAP + 1))
    for _ in range(25):
        middle = np.floor((low + high) / 2)
        up = _slope(a, w, R, middle)[0] >= 0
        low = np.where(up, middle, low)
        high = np.where(up, high, middle)
    return np.asarray(low)


def _confirmed(a: Floats, w: Floats, R: Floats, low: Floats) -> Marks:
    """Are the signs at i and i + 1 beyond the rounding of the doubles?"""
    error = (20 + a.shape[1]) * EPS
    here, size_here = _slope(a, w, R, low)
    next_, size_next = _slope(a, w, R, low + 1)
    below = (here > error * size_here) | (low == 0)
    above = (next_ < -error * size_next) | (low == CAP)
    return np.asarray(below & above)
