"""Binomial chances in doubles with a stated error, over the part that matters.

A ``Pmf`` holds the chances of lo, lo+1, ... successes; everything outside adds up to less than 1e-90 and
is left out. Each entry is a product of positive factors started at the mode, so no difference of large
numbers is ever taken; its relative error is at most 8 (width) units of rounding.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tallybook.stats.errors import require
from tallybook.stats.lattice import Floats

TINY = 1e-100


@dataclass(frozen=True)
class Pmf:
    """Chances of lo, lo + 1, ... ; what is missing is below 1e-90 in all."""

    lo: int
    chances: Floats


def binomial(n: int, p: float) -> Pmf:
    """The chances of k successes in n draws at rate p, trimmed where they fall below 1e-100."""
    require(n >= 0, "n", n, "at least 0 draws")
    require(0 <= p <= 1, "p", p, "a rate between 0 and 1")
    if p in (0.0, 1.0) or n == 0:
        return Pmf(n if p == 1.0 else 0, np.ones(1))
    mode = min(n, math.floor((n + 1) * p))
    odds = p / (1 - p)
    reach = math.ceil(22 * math.sqrt(n * p * (1 - p)) + 250)
    up = np.arange(mode, min(n, mode + reach))
    down = np.arange(mode, max(0, mode - reach), -1)
    above = np.multiply.accumulate((n - up) / (up + 1.0) * odds)
    below = np.multiply.accumulate(down / (n - down + 1.0) / odds)
    whole = np.concatenate((below[::-1], [1.0], above))
    return trim(Pmf(mode - len(down), whole / whole.sum()))


def trim(pmf: Pmf) -> Pmf:
    """Drop both ends where the chances are below 1e-100."""
    keep = np.flatnonzero(pmf.chances > TINY)
    if len(keep) == 0:
        return Pmf(pmf.lo, np.zeros(1))
    return Pmf(pmf.lo + int(keep[0]), pmf.chances[keep[0] : keep[-1] + 1])


def add(a: Pmf, b: Pmf) -> Pmf:
    """The sum of two independent counts (direct convolution: all terms positive, nothing cancels)."""
    return trim(Pmf(a.lo + b.lo, np.convolve(a.chances, b.chances)))


def below(pmf: Pmf, k: int) -> Pmf:
    """What is left when counts of k and more are taken out."""
    return Pmf(pmf.lo, pmf.chances[: max(0, k - pmf.lo)]) if k > pmf.lo else Pmf(k, np.zeros(1))


def tails(pmf: Pmf) -> Floats:
    """P(K >= k) for k = lo, lo + 1, ..., summed from the far end."""
    return np.asarray(np.cumsum(pmf.chances[::-1])[::-1])


def tail(pmf: Pmf, k: int) -> float:
    """P(K >= k)."""
    return float(pmf.chances[max(0, k - pmf.lo) :].sum())
