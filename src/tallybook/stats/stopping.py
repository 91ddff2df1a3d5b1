"""How long it will take: the exact distribution of the number of draws, for two-valued numbers.

A test on wins and losses stops at the first draw n at which the number of wins reaches a threshold. For
bets that do not change, the threshold follows from the wealth: the least k with
k ln(win factor) + (n - k) ln(loss factor) >= ln(1/alpha). The chances of all counts not yet stopped are
carried forward exactly (in doubles, all terms positive): far from the threshold in long strides by
convolution, near it in blocks of 64 draws whose few patterns are computed once. Draws that neither win
nor lose (blanks) only stretch time and are put back afterwards.

Planning never decides: these are chances under assumed rates, with replacement; without replacement
the sizes are a little smaller.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tallybook.stats.binomial import binomial
from tallybook.stats.errors import is_number, require, require_inside, require_whole
from tallybook.stats.lattice import Floats

_BLOCK = 64
_STRIDE = 1024
_DUST = 1e-18


@dataclass(frozen=True)
class Stopping:
    """The distribution of the number of draws.

    done   (n + 1,) chance to have stopped after 0, 1, ..., n decisive draws
    share  the share of all draws that is decisive; the others (blanks) change nothing
    """

    done: Floats
    share: float = 1.0


def chance_by(s: Stopping, n: int) -> float:
    """The chance to be finished within n draws, blanks included."""
    require_whole("n", n)
    if s.share == 1.0:
        return float(s.done[min(n, len(s.done) - 1)])
    pmf = binomial(n, s.share)
    at = np.minimum(np.arange(pmf.lo, pmf.lo + len(pmf.chances)), len(s.done) - 1)
    return float((pmf.chances * s.done[at]).sum())


def size_for(s: Stopping, chance: float) -> int | None:
    """The least number of draws that finishes with at least this chance; None beyond the horizon."""
    require_inside("chance", chance, "a chance")
    if s.done[-1] < chance:
        return None
    if s.share == 1.0:
        return int(np.searchsorted(s.done, chance))
    low, high = 0, math.ceil(len(s.done) / s.share) + 64
    while chance_by(s, high) < chance:
        high *= 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if chance_by(s, middle) >= chance else (middle, high)
    return high


def mean_size(s: Stopping) -> tuple[float, float]:
    """The mean number of draws up to the horizon, and the chance not to be finished there.

    A path that is not finished counts with the horizon, so the mean is a lower bound while any remain.
    """
    steps = np.diff(s.done)
    unfinished = 1.0 - float(s.done[-1])
    horizon = len(s.done) - 1
    total = float((steps * np.arange(1, horizon + 1)).sum()) + unfinished * horizon
    return total / s.share, unfinished


def thresholds(win: float, loss: float, goal: float, n: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The least k that stops after 1..n draws: k win + (j - k) loss >= goal (logarithms, win > 0 > loss).

    A threshold above j means that no count stops at draw j.
    """
    require(win > 0 > loss, "win, loss", (win, loss), "a gain above 0 and a loss below 0 (logarithms)")
    require_whole("n", n, 1)
    require(
        is_number(goal) and goal > 0,
        "goal",
        goal,
        "a goal above 0 (the logarithm of one over the risk limit)",
    )
    j = np.arange(1, n + 1)
    exact = (goal - j * loss) / (win - loss)
    return np.asarray(np.ceil(exact - 1e-9), dtype=np.int64)


def first_passage(least: np.ndarray[tuple[int], np.dtype[np.int64]], p: float) -> Floats:
    """The chance to have stopped after 0..n draws: the number of wins reaches least[j - 1] after draw j.

    Thresholds must not fall and must rise by at most 1 a draw (else use ``first_passage_plain``).
    """
    require(0 < p <= 1, "p", p, "a chance of a win above 0")
    require(len(least) > 0, "least", 0, "the threshold of at least one draw")
    rises = np.diff(least)
    require(
        bool(((rises == 0) | (rises == 1)).all()), "least", "a jump", "thresholds that rise by 0 or 1 a draw"
    )
    stops = np.zeros(len(least))
    state, n = _State(0, np.ones(1)), 0
    while n < len(least):
        length = min(_STRIDE, len(least) - n)
        state = _advance(state, least, n, length, p, stops)
        n += length
    return np.concatenate(([0.0], np.minimum(np.cumsum(stops), 1.0)))


def first_passage_plain(least: np.ndarray[tuple[int], np.dtype[np.int64]], p: float) -> Floats:
    """The same, draw by draw: the specification of ``first_passage``, for any thresholds."""
    require(0 < p <= 1, "p", p, "a chance of a win above 0")
    alive = np.zeros(len(least) + 2)
    alive[0] = 1.0
    done = [0.0]
    for k in least.tolist():
        moved = alive * (1 - p)
        moved[1:] += alive[:-1] * p
        cut = max(0, k)
        done.append(done[-1] + float(moved[cut:].sum()))
        moved[cut:] = 0.0
        alive = moved
    return np.array(done)


@dataclass(frozen=True)
class _State:
    """Chances of lo, lo + 1, ... wins among the paths that have not stopped."""

    lo: int
    chances: Floats


def _advance(
    state: _State,
    least: np.ndarray[tuple[int], np.dtype[np.int64]],
    n: int,
    length: int,
    p: float,
    stops: Floats,
) -> _State:
    """Carry the state over ``length`` draws after draw n, adding what stops to ``stops``."""
    if state.lo + len(state.chances) - 1 + length < int(least[n]):
        return _stride(state, length, p)
    if length < 2 * _BLOCK:
        return _near(state, least, n, length, p, stops)
    split = max(0, int(least[n]) - length - 1 - state.lo)
    far = _State(state.lo, state.chances[:split])
    half = length // 2
    near = _State(state.lo + split, state.chances[split:])
    near = _advance(near, least, n, half, p, stops)
    near = _advance(near, least, n + half, length - half, p, stops)
    return _join(_stride(far, length, p), near)


def _near(
    state: _State,
    least: np.ndarray[tuple[int], np.dtype[np.int64]],
    n: int,
    length: int,
    p: float,
    stops: Floats,
) -> _State:
    """A short block beside the threshold: what can stop goes through a matrix, the rest strides."""
    top = int(least[n])
    split = max(0, top - length - 1 - state.lo)
    far = _State(state.lo, state.chances[:split])
    close = state.chances[split:]
    rises = tuple((least[n : n + length] - top).tolist())
    stay, stop = _block(rises, p)
    row = np.zeros(length + 1)
    row[top - 1 - state.lo - split - np.arange(len(close))] = close
    stops[n : n + length] += row @ stop
    after = (row @ stay)[: length + 1 + rises[-1]]
    return _join(_stride(far, length, p), _State(top - 1 - length, after))


@lru_cache(maxsize=256)
def _block(rises: tuple[int, ...], p: float) -> tuple[Floats, Floats]:
    """For one pattern of the threshold over a block: where each start ends, and when it stops.

    stay[i, w]: from top - 1 - i wins to top - 1 - length + w; stop[i, j]: stopped at draw j of the block.
    """
    length = len(rises)
    width = 2 * length + 1
    alive = np.zeros((length + 1, width + 1))
    alive[np.arange(length + 1), length - np.arange(length + 1)] = 1.0
    stop = np.zeros((length + 1, length))
    for j, rise in enumerate(rises):
        moved = alive * (1 - p)
        moved[:, 1:] += alive[:, :-1] * p
        cut = length + 1 + rise
        stop[:, j] = moved[:, cut:].sum(axis=1)
        moved[:, cut:] = 0.0
        alive = moved
    return alive[:, :width], stop


def _stride(state: _State, length: int, p: float) -> _State:
    """Many draws at once, far from the threshold."""
    if len(state.chances) == 0 or length == 0:
        return state
    lo, kernel = _kernel(length, p)
    if min(len(state.chances), len(kernel)) > 300:
        return _dusted(_State(state.lo + lo, _fft(state.chances, kernel)))
    return _dusted(_State(state.lo + lo, np.convolve(state.chances, kernel)))


@lru_cache(maxsize=64)
def _kernel(length: int, p: float) -> tuple[int, Floats]:
    pmf = binomial(length, p)
    keep = np.flatnonzero(pmf.chances > _DUST)
    return pmf.lo + int(keep[0]), pmf.chances[keep[0] : keep[-1] + 1]


def _fft(a: Floats, b: Floats) -> Floats:
    """Convolution by Fourier transform: absolute error about 1e-16 of the whole, negatives cut off."""
    n = len(a) + len(b) - 1
    size = 1 << (n - 1).bit_length()
    product = np.fft.irfft(np.fft.rfft(a, size) * np.fft.rfft(b, size), size)[:n]
    return np.asarray(np.maximum(product, 0.0))


def _dusted(state: _State) -> _State:
    keep = np.flatnonzero(state.chances > _DUST)
    if len(keep) == 0:
        return _State(state.lo, state.chances[:0])
    return _State(state.lo + int(keep[0]), state.chances[keep[0] : keep[-1] + 1])


def _join(a: _State, b: _State) -> _State:
    if len(a.chances) == 0 or len(b.chances) == 0:
        return b if len(a.chances) == 0 else a
    lo = min(a.lo, b.lo)
    high = max(a.lo + len(a.chances), b.lo + len(b.chances))
    whole = np.zeros(high - lo)
    whole[a.lo - lo : a.lo - lo + len(a.chances)] += a.chances
    whole[b.lo - lo : b.lo - lo + len(b.chances)] += b.chances
    return _State(lo, whole)
