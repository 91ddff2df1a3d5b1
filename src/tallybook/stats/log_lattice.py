"""How long it will take with any mix of errors: the distribution enclosed from both sides.

The wealth after n draws depends on the counts of errors, and with four kinds of error there are too many
counts to carry. The logarithm of the wealth is one number. Here it lives on a lattice whose unit is an r-th
of the gain of one draw without error, so that this gain is exact, and the change of every kind of error is
rounded: down for the slow walk, up for the fast one. Draw by draw the slow walk is never above the true one
and the fast walk never below, so that they stop no earlier and no later: their distributions enclose the
true one. Each error moves a size by at most 1/r of a draw. Chances are doubles and all terms are positive;
what is given up at the edges never stops in the slow walk and stops at once in the fast one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tallybook.stats.lattice import Floats

_DUST = 1e-15
"""What is given up at either end of the chances, once in _EVERY draws."""

_EVERY = 64

_SURE = 1e-13
"""A walk ends when fewer paths than this are left."""


@dataclass(frozen=True)
class Walk:
    """A walk in lattice units. A path stops once r n + z has reached the goal, z the sum of its shifts.

    shifts, rates  what an error changes beyond a usual draw, and its chance; ``stay`` the chance of no error
    """

    r: int
    goal: int
    stay: float
    shifts: tuple[int, ...]
    rates: tuple[float, ...]
    is_fast: bool


def rounded_walk(
    usual: float, kinds: Sequence[float], rates: Sequence[float], goal: float, r: int, is_fast: bool
) -> Walk:
    """The walk with the usual gain on the lattice and every error rounded to one side.

    An error that ruins the wealth for good (-inf) takes its paths out of the walk.
    """
    whole = math.ceil if is_fast else math.floor
    kept = [(k, rate) for k, rate in zip(kinds, rates, strict=True) if k > -math.inf and rate > 0]
    shifts = tuple(whole(k / usual * r) - r for k, _ in kept)
    least = math.ceil((goal / usual - 1e-12) * r)
    return Walk(r, least, 1.0 - sum(rates), shifts, tuple(rate for _, rate in kept), is_fast)


def carried(walk: Walk, end: int) -> Floats:
    """The chance to stop at every draw 0..end. Cell i of the row holds the paths with z = i - depth."""
    depth = max(0, end * walk.r - walk.goal) + 4 * max(0, *walk.shifts, 0) + 1
    row, after = np.zeros(depth + walk.goal), np.zeros(depth + walk.goal)
    row[depth] = 1.0
    stopped = np.zeros(end + 1)
    low, high = depth, depth + 1
    for n in range(1, end + 1):
        top = max(0, min(len(row), depth + walk.goal - walk.r * n))
        low, high, lost = _draw(walk, row, after, low, high)
        row, after = after, row
        stopped[n] = lost + float(row[top:high].sum())
        row[top:high] = 0.0
        high = min(high, top)
        if n % _EVERY == 0:
            low, high, dust = _trimmed(row, low, high)
            stopped[n] += dust if walk.is_fast else 0.0
        if high <= low or (n % _EVERY == 0 and row[low:high].sum() < _SURE):
            break
    return stopped


def _draw(walk: Walk, row: Floats, after: Floats, low: int, high: int) -> tuple[int, int, float]:
    """One draw of the cells from low to high into ``after``: the new ends, and what left at the top."""
    first = max(0, min(low + shift for shift in (0, *walk.shifts)))
    last = min(len(row), max(high + shift for shift in (0, *walk.shifts)))
    after[first:low] = 0.0
    after[high:last] = 0.0
    np.multiply(row[low:high], walk.stay, out=after[low:high])
    lost = 0.0
    for shift, rate in zip(walk.shifts, walk.rates, strict=True):
        moved = row[low:high] * rate
        start, stop = max(0, -low - shift), min(high - low, len(row) - low - shift)
        if start > 0 and walk.is_fast:
            after[0] += moved[:start].sum()
        if stop < high - low:
            lost += float(moved[max(0, stop) :].sum())
        if start < stop:
            after[low + shift + start : low + shift + stop] += moved[start:stop]
    return first, last, lost


def _trimmed(row: Floats, low: int, high: int) -> tuple[int, int, float]:
    """The ends between which all but dust lies; the dust is taken out."""
    total = np.cumsum(row[low:high])
    first = low + int(np.searchsorted(total, _DUST))
    last = low + int(np.searchsorted(total, total[-1] - _DUST)) + 1 if high > low else high
    last = max(first, min(high, last))
    dust = float(row[low:first].sum() + row[last:high].sum())
    row[low:first] = 0.0
    row[last:high] = 0.0
    return first, last, dust
