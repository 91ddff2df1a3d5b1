"""How long it will take when errors are rare: exact, by geometric jumps between errors.

Each draw multiplies the wealth by a usual factor, or by that of one of a few kinds of error. The wealth
depends on the counts of errors alone, so every count has one draw at which it is enough. Between those
draws nothing can stop, and the counts are carried over the gap at once (the multinomial distribution as
a power of its transform). Any mix of kinds and rates, understatements included: these make draws count
one by one from the first that can stop. Where there are too many counts, ``log_lattice`` encloses the
distribution from both sides, and the cautious side is given. Draws are taken with replacement at the rates
assumed; planning never decides. The answer is a ``Stopping``: its sizes, chances and mean come from
``stopping``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tallybook.stats.binomial import binomial
from tallybook.stats.errors import require, require_inside, require_whole
from tallybook.stats.lattice import Floats
from tallybook.stats.log_lattice import carried, rounded_walk
from tallybook.stats.stopping import Stopping

Spectrum = np.ndarray[tuple[int, ...], np.dtype[np.complex128]]

_SURE = 1e-14

_MOST_WORK = 2 * 10**7
"""Counts of errors times draws (or times frequencies) up to which every count is carried: under a second."""

_FINE = 2
"""Lattice units to a draw beyond that: no size is more than half a draw for each error too large."""


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
    """The draws that are enough with exactly these errors among them; None if none ever is."""
    goal = _goal(alpha)
    require(len(counts) <= len(s.kinds), "counts", list(counts), f"a count for each of {len(s.kinds)} kinds")
    for count in counts:
        require_whole("counts", count)
    padded = [*counts, *([0] * (len(s.kinds) - len(counts)))]
    change = sum(c * k for c, k in zip(padded, s.kinds, strict=True) if c)
    if change == -math.inf:
        return None
    return sum(padded) + max(0, math.ceil((goal - change) / s.usual - 1e-12))


def cost_of_one_more(s: Steps, alpha: float, kind: int, counts: Sequence[int] = ()) -> int | None:
    """How many more draws one more error of kind s.kinds[kind] asks for, beside these errors; None: no end.

    An error that gains may save draws: the cost is then below 0. COBRA (Spertus 2023), section 2: about
    1 - ln(its factor)/ln(the usual factor).
    """
    require_whole("kind", kind, 0, len(s.kinds) - 1)
    now = draws_needed(s, alpha, counts)
    more = [*counts, *([0] * (len(s.kinds) - len(counts)))]
    more[kind] += 1
    then = draws_needed(s, alpha, more)
    return None if now is None or then is None else then - now


def stopping_with_errors(s: Steps, alpha: float, horizon: int | None = None) -> Stopping:
    """The distribution of the number of draws, up to a horizon (default: four times the mean drift).

    Exact, count by count, where that takes less than about a second; beyond, the first of ``sizes_between``.
    """
    goal = _goal(alpha)
    end = _end(s, goal, horizon)
    kept = s if s.kinds else Steps(s.usual, (-math.inf,), (0.0,))
    caps = [_cap(end, rate) for rate in kept.rates]
    gains = any(kind > s.usual for kind in s.kinds)
    if math.prod(caps) * (end if gains else math.prod(caps) / 2) > _MOST_WORK:
        return _on_lattice(s, goal, end, _FINE, is_fast=False)
    need = _needs(kept, goal, caps, end)
    done = np.zeros(end + 1)
    if gains:
        _draw_by_draw(kept, need, done)
    else:
        _gap_by_gap(kept, need, done)
    return Stopping(np.minimum(np.cumsum(done), 1.0))


def sizes_between(
    s: Steps, alpha: float, horizon: int | None = None, fineness: int = _FINE
) -> tuple[Stopping, Stopping]:
    """The distribution from below and from above: at every draw, done <= exact <= done.

    Sizes of the first are never too small, those of the second never too large; each error parts them by at
    most 2/fineness draws. Any number of kinds.
    """
    goal = _goal(alpha)
    require_whole("fineness", fineness, 1)
    end = _end(s, goal, horizon)
    return _on_lattice(s, goal, end, fineness, False), _on_lattice(s, goal, end, fineness, True)


def _on_lattice(s: Steps, goal: float, end: int, fineness: int, is_fast: bool) -> Stopping:
    walk = rounded_walk(s.usual, s.kinds, s.rates, goal, fineness, is_fast)
    return Stopping(np.minimum(np.cumsum(carried(walk, end)), 1.0))


def _gap_by_gap(s: Steps, need: Floats, done: Floats) -> None:
    """Errors that only cost: no count is reached any more once its need is, so each stops at one draw.

    The chances live in the frequency domain: a gap multiplies them by a power, one count is read off by its
    waves, and taken out by subtracting them.
    """
    base = _transform(s, need.shape)
    spectrum = np.ones(base.shape, dtype=np.complex128)
    waves = [np.exp(2j * np.pi * np.outer(np.arange(k), np.arange(k)) / k) for k in need.shape]
    weight = np.full(base.shape[-1], 2.0)
    weight[0] = 1.0
    if need.shape[-1] % 2 == 0:
        weight[-1] = 1.0
    counts = np.argwhere(np.isfinite(need))
    now = 0
    for n, count in sorted((int(need[tuple(c)]), tuple(c)) for c in counts.tolist()):
        if n > now:
            spectrum *= np.exp((n - now) * base)
            now = n
            if spectrum.flat[0].real < _SURE:
                return
        wave = _wave(waves, count, base.shape[-1])
        chance = max(0.0, float((spectrum * wave * weight).real.sum()) / need.size)
        done[n] += chance
        spectrum -= chance * wave.conj()


def _wave(waves: list[Spectrum], count: Sequence[int], last: int) -> Spectrum:
    """The waves of one count over all axes, the last one cut to the half that is kept."""
    wave: Spectrum = waves[-1][count[-1]][:last]
    for axis in range(len(count) - 2, -1, -1):
        wave = np.multiply.outer(waves[axis][count[axis]], wave)
    return np.asarray(wave)


def _draw_by_draw(s: Steps, need: Floats, done: Floats) -> None:
    """Errors that gain can stop at any draw. Only the corner of counts that carries chances is kept."""
    alive = np.zeros(need.shape)
    alive[(0,) * need.ndim] = 1.0
    start = int(max(1, min(need.min(), len(done))))
    alive = _leap(alive, _transform(s, need.shape), start - 1)
    for n in range(start, len(done)):
        if n % 64 == 0 or n == start:
            corner = tuple(slice(0, size) for size in _corner(alive, need.shape, s.rates))
        moved = _carry_one(alive[corner], s)
        alive[corner] = moved
        done[n] = _absorb(moved, need[corner], n)
        alive[corner] = moved
        if n % 64 == 0 and moved.sum() < _SURE:
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


def _end(s: Steps, goal: float, horizon: int | None) -> int:
    end = _horizon(s, goal) if horizon is None else horizon
    require_whole("horizon", end, 1)
    return end


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
    grids = np.indices(caps)
    change, errors = np.zeros(caps), np.zeros(caps)
    for grid, kind in zip(grids, s.kinds, strict=True):
        change = change + np.where(grid > 0, grid * (kind if kind > -math.inf else -1e9), 0.0)
        errors = errors + grid
    needed = errors + np.maximum(0.0, np.ceil((goal - change) / s.usual - 1e-12))
    return np.asarray(np.where(needed <= end, needed, np.inf))


def _transform(s: Steps, shape: tuple[int, ...]) -> Spectrum:
    one = np.zeros(shape)
    one[(0,) * len(shape)] = 1.0 - sum(s.rates)
    for k, rate in enumerate(s.rates):
        if shape[k] > 1:
            one[tuple(int(i == k) for i in range(len(shape)))] += rate
    return np.asarray(np.log(np.fft.rfftn(one)))


def _leap(alive: Floats, base: Spectrum, draws: int) -> Floats:
    """The distribution of counts after some draws without a stop."""
    if draws == 0:
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
