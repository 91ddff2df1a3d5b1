"""Many tests on the same draws, with the default bet: a whole state's risks in a second.

A thousand tests look at the same hundred thousand draws, each through its own small table of values. The
draws come as codes, one row a draw and one column a test; the numbers of test a are
values[code] * scales[a] on its own lattice. Blocks of draws stream through the cache with three
running rows: the sum, the logarithm of the wealth, its peak. All integers stay below 2**53, so the
doubles that hold them are exact; a test that does not fit, or that meets an edge, is played by the
engine itself. ``martingale.wealth`` is the specification; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tallybook.stats.certainty import p_between, publish, published
from tallybook.stats.default_bet import UNIT, Prior, best_stakes_of, default_bet, refresh_points
from tallybook.stats.errors import require
from tallybook.stats.lattice import Floats, Null
from tallybook.stats.martingale import EPS, Wealth, wealth

_EXACT = 2.0**53
_BLOCK = 252
"""Draws a block: few enough for counts in one byte and for the cache."""

Codes = np.ndarray[tuple[int, int], np.dtype[np.uint8]]


@dataclass(frozen=True)
class Risks:
    """One p-value a test: exp(-log_peak), and a bound on the error of the logarithm.

    played  tests that met an edge or did not fit in doubles, with their whole path
    """

    p: Floats
    log_peak: Floats
    error: Floats
    played: dict[int, Wealth]


def default_risks(
    codes: Codes, values: Sequence[int], scales: Sequence[int], nulls: Sequence[Null], weights: Sequence[int]
) -> Risks:
    """The risks of many tests with the default bet.

    codes    (n, A) which value draw j has in test a
    values   (K,) whole numbers of at least 0, shared by all tests; test a sees values * scales[a]
    nulls    (A,) one null a test, all with the same n of draws
    weights  (K,) the prior's weight of each value, at least 1
    """
    n, A = codes.shape
    require(
        n >= 1 and len(scales) == len(nulls) == A,
        "codes",
        codes.shape,
        "one column a test, at least one draw",
    )
    require(int(codes.max()) < len(values), "codes", int(codes.max()), f"codes below {len(values)}")
    Prior(tuple(values), tuple(weights))
    for null, scale in zip(nulls, scales, strict=True):
        require(
            scale >= 1 and max(values) * scale <= null.u,
            "scales",
            scale,
            "values within [0, u] of every null",
        )
        require(null.N is None or n <= null.N, "codes", n, "at most N draws without replacement")
    state = _State.start(values, scales, nulls)
    points = refresh_points(n)
    for start, end in zip(points, [*points[1:], n], strict=True):
        state.refresh(weights, start)
        for at in range(start, end, _BLOCK):
            state.play(codes[at : min(end, at + _BLOCK)], at)
    return _finish(state, codes, values, scales, nulls, weights)


def published_risks(
    codes: Codes, values: Sequence[int], scales: Sequence[int], nulls: Sequence[Null], weights: Sequence[int]
) -> list[str]:
    """The published strings of many tests: read off the doubles where their error leaves no doubt."""
    risks = default_risks(codes, values, scales, nulls, weights)
    shown = []
    for a, (peak, error) in enumerate(zip(risks.log_peak.tolist(), risks.error.tolist(), strict=True)):
        low, high = p_between(max(0.0, peak - error), peak + error)
        if a in risks.played:
            shown.append(published(risks.played[a]))
        elif publish(low) == publish(high):
            shown.append(publish(high))
        else:
            shown.append(published(_play_one(codes, a, values, scales, nulls, weights)))
    return shown


@dataclass
class _State:
    """The running rows, one entry a test; they are overwritten block by block and never leave this module."""

    values: Floats
    scales: Floats
    total: Floats
    N: Floats
    bound: Floats
    replace: np.ndarray[tuple[int], np.dtype[np.bool_]]
    counts: Floats
    sums: Floats
    log: Floats
    peak: Floats
    size: Floats
    stake: Floats
    odd: np.ndarray[tuple[int], np.dtype[np.bool_]]

    @staticmethod
    def start(values: Sequence[int], scales: Sequence[int], nulls: Sequence[Null]) -> _State:
        A, K = len(nulls), len(values)
        replace = np.array([null.N is None for null in nulls])
        total = [null.t * (null.N or 1) for null in nulls]
        widest = [max(null.u, max(values) * s) * (null.N or 1) for null, s in zip(nulls, scales, strict=True)]
        odd = np.array([w >= _EXACT for w in widest]) | np.array([t >= _EXACT for t in total])
        sums, log, peak, size, stake = (np.zeros(A) for _ in range(5))
        return _State(
            np.array(values, dtype=float),
            np.array(scales, dtype=float),
            np.array(total, dtype=float),
            np.array([float(null.N or 1) for null in nulls]),
            np.array([float(null.u) for null in nulls]),
            replace,
            np.zeros((A, K)),
            sums,
            log,
            peak,
            size,
            stake,
            odd | replace & (np.array([null.t for null in nulls]) == 0),
        )

    def refresh(self, weights: Sequence[int], drawn: int) -> None:
        """Find every stake anew before draw ``drawn`` + 1."""
        R = np.where(self.replace, self.total, self.total - self.scales * self.sums)
        L = np.where(self.replace, 1.0, self.N - drawn)
        gains = self.values * (self.scales * L)[:, None] - R[:, None]
        live = (R > 0) & (self.bound * L > R) & ~self.odd
        self.stake = best_stakes_of(gains, self.counts + np.array(weights, dtype=float), R, live) / UNIT

    def play(self, codes: Codes, drawn: int) -> None:
        """One block of draws, all tests at once: ln((1 - f) + f x L/R), summed draw by draw."""
        x = np.take(self.values, codes, mode="clip")
        R = self._left(x)
        self._mark_edges(codes, x, R, drawn)
        x *= self.scales * self.stake
        x *= self._count_left(drawn, len(codes))
        with np.errstate(all="ignore"):
            x /= R
            x += 1.0 - self.stake
            np.log(x, out=x)
        self.size += np.abs(x, out=R).sum(axis=0)
        _accumulate(x)
        np.maximum(self.peak, self.log + x.max(axis=0), out=self.peak)
        self.log += x[-1]
        self._count(codes)

    def _left(self, x: Floats) -> Floats:
        """R before every draw of the block: N t less what was drawn, or t with replacement."""
        R = np.empty_like(x)
        R[0] = np.where(self.replace, self.total, self.total - self.scales * self.sums)
        step = np.where(self.replace, 0.0, -self.scales)
        np.multiply(x[:-1], step, out=R[1:])
        _accumulate(R)
        return R

    def _count_left(self, drawn: int, length: int) -> Floats:
        """L before every draw of the block: N - j + 1, or 1 with replacement; one column if all N agree."""
        j = np.arange(drawn, drawn + length, dtype=float)[:, None]
        if self.replace.any() or (self.N[0] != self.N).any():
            return np.asarray(np.where(self.replace, 1.0, self.N - j))
        return np.asarray(self.N[0] - j)

    def _mark_edges(self, codes: Codes, x: Floats, R: Floats, drawn: int) -> None:
        """Tests whose null became impossible or certain in this block; the engine plays them afterwards."""
        last = drawn + len(codes) - 1
        impossible = R[-1] < self.scales * x[-1]
        certain = R[-1] >= self.bound * (self.N - last)
        self.odd |= (impossible | certain | (R[-1] <= 0)) & ~self.replace

    def _count(self, codes: Codes) -> None:
        drawn = np.full(codes.shape[1], len(codes), dtype=np.int64)
        for k in range(len(self.values) - 1):
            hits = (codes == k).view(np.uint8).sum(axis=0, dtype=np.uint8).astype(np.int64)
            self.counts[:, k] += hits
            drawn -= hits
        self.counts[:, -1] += drawn
        self.sums = self.counts @ self.values


def _accumulate(x: Floats) -> None:
    """Running sums down the rows, in place; row by row this is five times as fast as cumsum(axis=0)."""
    for j in range(1, len(x)):
        x[j] += x[j - 1]


def _finish(
    state: _State,
    codes: Codes,
    values: Sequence[int],
    scales: Sequence[int],
    nulls: Sequence[Null],
    weights: Sequence[int],
) -> Risks:
    """Hand tests with an edge, a census or wide numbers to the engine."""
    n = len(codes)
    census = np.array([n == null.N for null in nulls])
    p, played = np.exp(-state.peak), {}
    error = 1.1 * EPS * (12.0 * n + (n + 11.0) * state.size)
    log_peak = state.peak.copy()
    for a in np.flatnonzero(state.odd | census | ~np.isfinite(state.log)).tolist():
        path = _play_one(codes, a, values, scales, nulls, weights)
        played[a] = path
        p[a], error[a] = path.p[-1], path.error[-1]
        with np.errstate(divide="ignore"):
            log_peak[a] = -np.log(p[a])
    return Risks(p, log_peak, error, played)


def _play_one(
    codes: Codes,
    a: int,
    values: Sequence[int],
    scales: Sequence[int],
    nulls: Sequence[Null],
    weights: Sequence[int],
) -> Wealth:
    """Test a alone, by the engine."""
    table = [int(v) * int(scales[a]) for v in values]
    x = np.array(table, dtype=object)[codes[:, a]]
    return wealth(x, nulls[a], default_bet(Prior(tuple(table), tuple(weights))))
