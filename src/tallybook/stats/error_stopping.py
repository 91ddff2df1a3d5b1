"""How long it will take when errors are rare: exact, by geometric jumps between errors.

Each draw multiplies the wealth by a usual factor, or by that of one of a few kinds of error. The wealth
depends on the counts of errors alone, so every count has one draw at which it is enough. Between those
draws nothing can stop, and the counts are carried over the gap at once (the multinomial distribution as
a power of its transform). Any mix of kinds and rates, understatements included: these make draws count
one by one from the first that can stop. Draws are taken with replacement at the rates assumed; planning
never decides. The answer is a ``Stopping``: its sizes, chances and mean come from ``stopping``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tallybook.stats.binomial import binomial
from tallybook.stats.errors import require, require_inside, require_whole
from tallybook.stats.fast import carry_draws, compiled, is_installed
from tallybook.stats.lattice import Floats
from tallybook.stats.stopping import Stopping

_SURE = 1e-14

_WORTHWHILE = 10**9
"""Cells times draws from which compiling the loop, where that is possible, saves time."""


@dataclass(frozen=True)
class Steps:
    """What one draw does to the logarithm of the wealth.

    usual  the gain without error, above 0
    kinds  the change for each kind of error (may be -inf)
    rates  the chance of each kind per draw
    """

    usual: float
    kinds: tuple[float, ...] = ()
    rates: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        require(0 < self.usual < math.inf, "usual", self.usual, "a gain above 0 without error")
        require(len(self.kinds) == len(self.rates), "rates", self.rates, "one rate for each kind")
        right = all(r >= 0 for r in self.rates) and sum(self.rates) < 1
        require(right, "rates", self.rates, "rates of at least 0 that add up to less than 1")
        require(not any(math.isnan(k) for k in self.kinds), "kinds", self.kinds, "logarithms")


def steps(stake: float, m: float, usual: float, kinds: Sequence[float], rates: Sequence[float]) -> Steps:
    """The logarithms of (1 - f) + f b/m for the usual number and each kind b of error, at a fixed stake f."""
    require(0 < stake <= 1, "stake", stake, "a stake above 0 and at most 1")
    require(m > 0, "m", m, "a null mean above 0")
    require(usual > m, "usual", usual, f"a number above the null mean {m:g}")
    require(all(b >= 0 for b in kinds), "kinds", list(kinds), "numbers of at least 0")
    return Steps(_log(stake, usual / m), tuple(_log(stake, b / m) for b in kinds), tuple(rates))


def draws_needed(s: Steps, alpha: float, counts: Sequence[int] = ()) -> int | None:
    """The draws that are enough with exactly these errors among them; None if none ever is.

    One more error costs draws_needed(counts + one) - draws_needed(counts).
    """
    goal = _goal(alpha)
    require(len(counts) <= len(s.kinds), "counts", list(counts), f"a count for each of {len(s.kinds)} kinds")
    for count in counts:
        require_whole("counts", count)
    padded = [*counts, *([0] * (len(s.kinds) - len(counts)))]
    change = sum(c * k for c, k in zip(padded, s.kinds, strict=True) if c)
    if change == -math.inf:
        return None
    return sum(padded) + max(0, math.ceil((goal - change) / s.usual - 1e-12))


def stopping_with_errors(s: Steps, alpha: float, horizon: int | None = None) -> Stopping:
    """The exact distribution of the number of draws, up to a horizon (default: four times the mean drift)."""
    goal = _goal(alpha)
    end = _horizon(s, goal) if horizon is None else horizon
    require_whole("horizon", end, 1)
    caps = [_cap(end, rate) for rate in s.rates]
    need = _needs(s, goal, caps, end)
    times = _times(s, need, end)
    done = np.zeros(end + 1)
    if any(kind > s.usual for kind in s.kinds):
        if need.size * len(times) > _WORTHWHILE and is_installed():
            _draw_by_draw_with(compiled(carry_draws), s, need, times, done)
        else:
            _draw_by_draw(s, need, times, done)
    else:
        _gap_by_gap(s, need, times, done)
    return Stopping(np.minimum(np.cumsum(done), 1.0))


def _gap_by_gap(s: Steps, need: Floats, times: list[int], done: Floats) -> None:
    """Errors that only cost: between two needs nothing stops, and the counts leap over the gap."""
    alive = np.zeros(need.shape)
    alive[(0,) * need.ndim] = 1.0
    base = _transform(s, need.shape)
    now = 0
    for n in times:
        alive = _leap(alive, base, n - now)
        now = n
        done[n] = _absorb(alive, need, n)
        if alive.sum() < _SURE:
            return


def _draw_by_draw(s: Steps, need: Floats, times: list[int], done: Floats) -> None:
    """Errors that gain can stop at any draw. Only the corner of counts that carries chances is kept."""
    alive = np.zeros(need.shape)
    alive[(0,) * need.ndim] = 1.0
    alive = _leap(alive, _transform(s, need.shape), times[0] - 1) if times else alive
    for n in times:
        if n % 64 == 0 or n == times[0]:
            corner = tuple(slice(0, size) for size in _corner(alive, need.shape, s.rates))
        moved = _carry_one(alive[corner], s)
        alive[corner] = moved
        done[n] = _absorb(moved, need[corner], n)
        alive[corner] = moved
        if n % 64 == 0 and moved.sum() < _SURE:
            return


def _draw_by_draw_with(
    carry: Callable[..., object], s: Steps, need: Floats, times: list[int], done: Floats
) -> None:
    """The same by the loop of ``fast``, 64 draws at a call, on arrays with a margin of empty cells."""
    alive = np.zeros(need.shape)
    alive[(0,) * need.ndim] = 1.0
    alive = _leap(alive, _transform(s, need.shape), times[0] - 1)
    held, needed = np.pad(alive, (1, 0)), np.pad(need, (1, 0), constant_values=np.inf)
    strides = np.array(held.strides, dtype=np.int64) // held.itemsize
    inside = held[(slice(1, None),) * held.ndim]
    for start in range(times[0], times[-1] + 1, 64):
        size = _corner(inside, need.shape, s.rates)
        axes = [stride * np.arange(1, length + 1) for stride, length in zip(strides, size, strict=True)]
        cells = sum(np.ix_(*axes), start=np.zeros((), dtype=np.int64)).ravel()[::-1].copy()
        span = np.array([start, min(start + 64, times[-1] + 1)], dtype=np.int64)
        carry(held.ravel(), needed.ravel(), cells, strides, np.array(s.rates), 1.0 - sum(s.rates), span, done)
        if inside.sum() < _SURE:
            return


def _absorb(alive: Floats, need: Floats, n: int) -> float:
    """Take out what has enough draws at n, and say how likely that was."""
    stopped = need <= n
    chance = float(alive[stopped].sum())
    alive[stopped] = 0.0
    return chance


def _corner(alive: Floats, shape: tuple[int, ...], rates: Sequence[float]) -> list[int]:
    """How many counts of each kind carry chances, with room for twice what the next 64 draws bring."""
    sizes = []
    for axis, (size, rate) in enumerate(zip(shape, rates, strict=True)):
        others = tuple(a for a in range(alive.ndim) if a != axis)
        held = np.flatnonzero(alive.sum(axis=others) > _SURE / 100)
        sizes.append(min(size, int(held[-1]) + 7 + math.ceil(128 * rate) if len(held) else 1))
    return sizes


def _log(stake: float, ratio: float) -> float:
    factor = (1.0 - stake) + stake * ratio
    return math.log(factor) if factor > 0 else -math.inf


def _goal(alpha: float) -> float:
    require_inside("alpha", alpha, "a risk limit")
    return -math.log(alpha)


def _horizon(s: Steps, goal: float) -> int:
    """Four times the draws that the mean gain needs; forty times the errorless size if it never gains."""
    clean = 1.0 - sum(s.rates)
    drift = clean * s.usual + sum(r * max(k, -50.0) for r, k in zip(s.rates, s.kinds, strict=True))
    most = 40.0 * goal / s.usual
    return math.ceil(min(most, 4.0 * goal / drift) if drift > 0 else most) + 1


def _cap(n: int, rate: float) -> int:
    """One more than the number of errors that n draws hardly ever exceed."""
    pmf = binomial(n, rate)
    beyond = np.cumsum(pmf.chances[::-1])[::-1]
    return pmf.lo + int((beyond > _SURE).sum()) + 1


def _needs(s: Steps, goal: float, caps: list[int], end: int) -> Floats:
    """For every combination of counts, the draw at which it is enough."""
    grids = np.indices(caps) if caps else np.zeros((0,))
    change, errors = np.zeros(caps), np.zeros(caps)
    for grid, kind in zip(grids, s.kinds, strict=True):
        change = change + np.where(grid > 0, grid * (kind if kind > -math.inf else -1e9), 0.0)
        errors = errors + grid
    needed = errors + np.maximum(0.0, np.ceil((goal - change) / s.usual - 1e-12))
    return np.asarray(np.where(needed <= end, needed, np.inf))


def _times(s: Steps, need: Floats, end: int) -> list[int]:
    """The draws at which something can stop."""
    reached = np.unique(need[np.isfinite(need)])
    if len(reached) == 0:
        return []
    if any(kind > s.usual for kind in s.kinds):
        return list(range(max(1, int(reached[0])), end + 1))
    return [int(n) for n in reached if n >= 1]


def _transform(s: Steps, shape: tuple[int, ...]) -> np.ndarray[tuple[int, ...], np.dtype[np.complex128]]:
    one = np.zeros(shape)
    one[(0,) * len(shape)] = 1.0 - sum(s.rates)
    for k, rate in enumerate(s.rates):
        if shape[k] > 1:
            one[tuple(int(i == k) for i in range(len(shape)))] += rate
    return np.asarray(np.log(np.fft.rfftn(one))) if shape else np.asarray(one, dtype=np.complex128)


def _leap(alive: Floats, base: np.ndarray[tuple[int, ...], np.dtype[np.complex128]], draws: int) -> Floats:
    """The distribution of counts after some draws without a stop."""
    if alive.ndim == 0 or draws == 0:
        return alive
    moved = np.fft.irfftn(np.fft.rfftn(alive) * np.exp(draws * base), s=alive.shape, axes=range(alive.ndim))
    return np.asarray(np.maximum(moved, 0.0))


def _carry_one(alive: Floats, s: Steps) -> Floats:
    moved = alive * (1.0 - sum(s.rates))
    for k, rate in enumerate(s.rates):
        if alive.shape[k] > 1:
            up = tuple(slice(1, None) if i == k else slice(None) for i in range(alive.ndim))
            down = tuple(slice(None, -1) if i == k else slice(None) for i in range(alive.ndim))
            moved[up] += alive[down] * rate
    return moved
