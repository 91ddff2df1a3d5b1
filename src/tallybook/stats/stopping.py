"""How long it will take: the exact distribution of the number of draws, for two-valued numbers.

A test on wins and losses stops at the first draw n at which the number of wins reaches a threshold. For
bets that do not change, the threshold follows from the wealth: the least k with
k ln(win factor) + (n - k) ln(loss factor) >= ln(1/alpha). The chances of all counts not yet stopped are
carried forward exactly (in doubles, all terms positive): far from the threshold in long strides by
convolution, near it word by word. A word is a stretch of the threshold's rises between two places where it
rises twice running; along a straight line only a few words occur (the three-distance theorem), so what each
does to the counts is worked out once. Draws that neither win nor lose (blanks) only stretch time and are put
back afterwards.

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

Counts = np.ndarray[tuple[int], np.dtype[np.int64]]

_DUST = 1e-18
"""A chance that is dropped; Hoeffding's inequality says how far a stretch can carry more than this."""

_SHORT = 512
"""Draws up to which the plain way, draw by draw, is as fast."""

_WORD, _LEAST_WORD = 384, 96
"""The least length of a word, in draws, for long and for short lines; the longest is three times that."""

_FAN = 8
"""How many words, or groups of words, are carried under one stride of what is far from the threshold."""


@dataclass(frozen=True)
class Stopping:
    """The distribution of the number of draws.

    done    (n + 1,) chance to have stopped after 0, 1, ..., n decisive draws
    share   the share of all draws that is decisive; the others (blanks) change nothing
    beyond  between which values the mean number of decisive draws after the n-th lies, where that is known
    """

    done: Floats
    share: float = 1.0
    beyond: tuple[float, float] = (0.0, math.inf)


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
        if high > 2**10 * len(s.done) / s.share + 2**16:  # all is decided by then, but for a rounding
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if chance_by(s, middle) >= chance else (middle, high)
    return high


def mean_size(s: Stopping) -> tuple[float, float]:
    """The least the mean number of draws can be, and the chance not to be finished at the horizon."""
    return mean_between(s)[0], 1.0 - float(s.done[-1])


def mean_between(s: Stopping) -> tuple[float, float]:
    """Between which values the mean number of draws lies: up to the horizon exactly, beyond it by bounds.

    Without a bound beyond the horizon, a path that is not finished there counts with the horizon, and the
    upper end is infinite unless every path is finished.
    """
    unfinished = 1.0 - float(s.done[-1])
    within = float((1.0 - s.done[:-1]).sum())
    low, high = s.beyond if unfinished > 0 else (0.0, 0.0)
    return (within + low) / s.share, (within + high) / s.share


def thresholds(win: float, loss: float, goal: float, n: int) -> Counts:
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


def first_passage(least: Counts, p: float) -> Floats:
    """The chance to have stopped after 0..n draws: the number of wins reaches least[j - 1] after draw j.

    Thresholds must not fall and must rise by at most 1 a draw (else use ``first_passage_plain``).
    """
    require(0 < p <= 1, "p", p, "a chance of a win above 0")
    require(len(least) > 0, "least", 0, "the threshold of at least one draw")
    rises = np.diff(least)
    require(
        bool(((rises == 0) | (rises == 1)).all()), "least", "a jump", "thresholds that rise by 0 or 1 a draw"
    )
    if len(least) <= _SHORT:
        return first_passage_plain(least, p)
    ahead: Floats = np.arange(len(least), dtype=float) * p - least
    line = _Line(least, ahead, p, np.zeros(len(least)))
    word = max(_LEAST_WORD, min(_WORD, math.isqrt(len(least)) // 2))
    cuts, state = _cuts(rises, word), _State(0, np.ones(1))
    for first in range(0, len(cuts) - 1, _FAN**2):
        state = _advance(state, line, cuts[first : first + _FAN**2 + 1])
        if len(state.chances) == 0:
            break
    return np.concatenate(([0.0], np.minimum(np.cumsum(line.stops), 1.0)))


def first_passage_plain(least: Counts, p: float) -> Floats:
    """The same, draw by draw: the specification of ``first_passage``, for any thresholds."""
    require(0 < p <= 1, "p", p, "a chance of a win above 0")
    alive = np.zeros(len(least) + 2)
    alive[0] = 1.0
    done = np.zeros(len(least) + 1)
    for j, k in enumerate(least.tolist()):
        moved = alive[: j + 2] * (1 - p)
        moved[1:] += alive[: j + 1] * p
        cut = max(0, k)
        done[j + 1] = done[j] + float(moved[cut:].sum())
        moved[cut:] = 0.0
        alive[: j + 2] = moved
    return done


@dataclass(frozen=True)
class _State:
    """Chances of lo, lo + 1, ... wins among the paths that have not stopped."""

    lo: int
    chances: Floats


@dataclass(frozen=True)
class _Line:
    """The threshold: least (n,), how far the mean runs ahead of it (n,), p; stops (n,) is filled in."""

    least: Counts
    ahead: Floats
    p: float
    stops: Floats


def _cuts(rises: Counts, word: int) -> list[int]:
    """Where words begin, and the end: after two rises running, at least word and at most 3 words apart."""
    doubles = (np.flatnonzero((rises[:-1] == 1) & (rises[1:] == 1)) + 2).tolist()
    end, cuts = len(rises) + 1, [0]
    for place in [*doubles, end]:
        while place - cuts[-1] > 3 * word:
            cuts.append(cuts[-1] + 2 * word)
        if place - cuts[-1] >= word:
            cuts.append(place)
    return cuts if cuts[-1] == end else [*cuts, end]


def _advance(state: _State, line: _Line, cuts: list[int]) -> _State:
    """Carry the state over the words between the cuts: what can reach the threshold word by word."""
    n, end = cuts[0], cuts[-1]
    reach = _reach(line, n, end)
    split = max(0, min(len(state.chances), int(line.least[n]) - 1 - reach - state.lo))
    far = _State(state.lo, state.chances[:split])
    near = _State(state.lo + split, state.chances[split:])
    if len(near.chances) > 0 and len(cuts) == 2:
        near = _word(near, line, n, end, reach)
    elif len(near.chances) > 0:
        size = _FAN if len(cuts) - 1 > _FAN else 1
        for first in range(0, len(cuts) - 1, size):
            near = _advance(near, line, cuts[first : first + size + 1])
    far = _below(_stride(far, end - n, line.p), line, end)
    return _dusted(_join(far, near))


def _reach(line: _Line, n: int, end: int) -> int:
    """From how far below the threshold draws n + 1 to end can reach it, but for a chance of _DUST/100."""
    lead = float(line.ahead[n:end].max() - line.ahead[n])
    return math.ceil(lead + math.sqrt((end - n) * -math.log(_DUST / 100) / 2)) + 2


def _below(state: _State, line: _Line, end: int) -> _State:
    """The dust of a stride that came to lie above the threshold counts as stopped at its end."""
    keep = max(0, int(line.least[end - 1]) - state.lo)
    line.stops[end - 1] += float(state.chances[keep:].sum())
    return _State(state.lo, state.chances[:keep])


def _word(near: _State, line: _Line, n: int, end: int, reach: int) -> _State:
    """One word beside the threshold: a product of matrices says what stops when, and what remains."""
    top = int(line.least[n])
    rises = (line.least[n:end] - top).astype(np.int16).tobytes()
    stay, stop, lo = _matrices(rises, line.p, reach)
    row = np.zeros(reach + 1)
    row[top - 1 - near.lo - np.arange(len(near.chances))] = near.chances
    line.stops[n:end] += row @ stop
    return _State(top - 1 - reach + lo, row @ stay)


@lru_cache(maxsize=64)
def _matrices(word: bytes, p: float, reach: int) -> tuple[Floats, Floats, int]:
    """For one word: where each start ends, and when it stops.

    Row i starts i wins below the highest count that has not stopped. stop[i, j]: it stops at draw j of the
    word; stay[i, w]: it ends w + lo wins above the lowest start.
    """
    rises = np.frombuffer(word, dtype=np.int16).tolist()
    width = reach + 1
    alive = np.zeros((len(rises) + 2, width))
    alive[0] = 1.0
    flat, moved = alive.reshape(-1), np.empty_like(alive)
    stop = np.zeros((len(rises), width))
    low, high = 0, 0
    for j, (rise, lowest, highest) in enumerate(zip(rises, *_wander(len(rises), p), strict=True)):
        np.multiply(alive[low : high + 1], p, out=moved[low : high + 1])
        alive[low : high + 2] *= 1 - p
        alive[low + 1 : high + 2] += moved[low : high + 1]
        low, high = lowest, highest
        met, first = max(0, min(width, high - rise)), (1 + rise) * width
        diagonal = flat[first : first + met * (width + 1) : width + 1]
        stop[j, :met] = diagonal
        diagonal[:] = 0.0
    stay = np.zeros((reach + 1, reach + 1 + high - low))
    for i in range(reach + 1):
        stay[i, reach - i : reach - i + high - low + 1] = alive[low : high + 1, i]
    return stay, stop.T, low


def _wander(draws: int, p: float) -> tuple[list[int], list[int]]:
    """The fewest and the most wins of the first 1, 2, ... draws, but for a chance of _DUST/100."""
    n = np.arange(1, draws + 1)
    far = np.sqrt(n * (-math.log(_DUST / 100) / 2))
    lowest = np.maximum(np.floor(n * p - far), 0).astype(np.int64)
    return np.maximum.accumulate(lowest).tolist(), np.minimum(n, np.ceil(n * p + far)).astype(int).tolist()


def _stride(state: _State, length: int, p: float) -> _State:
    """Many draws at once, far from the threshold."""
    if len(state.chances) == 0:
        return state
    lo, kernel = _kernel(length, p)
    if min(len(state.chances), len(kernel)) > 300:
        return _State(state.lo + lo, _fft(state.chances, kernel))
    return _State(state.lo + lo, np.convolve(state.chances, kernel))


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
