"""How many draws several strata will take, if each yields what is expected of it.

The sample of every stratum is replaced by its expected composition, with replacement, and the union
test of ``strata`` is asked for the least number of draws at which its certified p-value falls to the
limit. Half of all audits need more: plan with room, or simulate. Planning never decides.
Source: Spertus, Sridhar & Stark 2024, section 5 (sample sizes by the expected path).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tallybook.stats.errors import is_number, require, require_inside, require_whole
from tallybook.stats.lattice import Floats
from tallybook.stats.strata import Curve, allocate, curve_error, minimise


@dataclass(frozen=True)
class Expected:
    """What is expected of one stratum: values with rates, and the stakes that it mixes evenly.

    N, u    how many numbers it holds, and their upper bound
    weight  its share of the draws, relative to the other strata
    """

    N: int
    u: int
    values: tuple[int, ...]
    rates: tuple[float, ...]
    stakes: tuple[float, ...]
    weight: float

    def __post_init__(self) -> None:
        require(len(self.values) == len(self.rates) > 0, "rates", self.rates, "one rate for each value")
        require(abs(sum(self.rates) - 1) < 1e-9, "rates", self.rates, "rates that add up to 1")
        require(min(self.rates) >= 0, "rates", self.rates, "rates of at least 0")
        require_whole("N", self.N, 1)
        require_whole("u", self.u, 1)
        for value in self.values:
            require_whole("values", value, 0, self.u)
        require(is_number(self.weight) and self.weight >= 0, "weight", self.weight, "a weight of at least 0")
        right = len(self.stakes) > 0 and all(0 <= f < 1 for f in self.stakes)
        require(right, "stakes", self.stakes, "stakes from 0 up to, not including, 1")


def expected_p(strata: Sequence[Expected], n: int, B: int) -> float:
    """The certified p-value of the expected sample of n draws, shared out by weight."""
    shares = allocate(n, [s.weight for s in strata])
    curves = [_curve(s, k) for s, k in zip(strata, shares, strict=True)]
    require_whole("B", B, 1, sum(c.high for c in curves) - 1)
    return minimise(curves, B, 1e-6).p


def expected_size(strata: Sequence[Expected], B: int, alpha: float, most: int | None = None) -> int | None:
    """The least number of draws whose expected sample meets the limit; None if ``most`` does not."""
    require(len(strata) > 0, "strata", 0, "at least one stratum")
    require_inside("alpha", alpha, "a risk limit")
    limit = sum(s.N for s in strata) if most is None else most
    require_whole("most", limit, 1)
    if expected_p(strata, limit, B) > alpha:
        return None
    low, high = 0, limit
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if expected_p(strata, middle, B) <= alpha else (middle, high)
    return high


def counted_p(strata: Sequence[Expected], counts: Sequence[Sequence[float]], B: int) -> float:
    """The certified p-value of a sample that showed each value of each stratum so many times."""
    require(len(strata) > 0, "strata", 0, "at least one stratum")
    require(len(counts) == len(strata), "counts", len(counts), "counts of every stratum")
    curves = [_counted(s, np.array(times, dtype=float)) for s, times in zip(strata, counts, strict=True)]
    require_whole("B", B, 1, sum(c.high for c in curves) - 1)
    return minimise(curves, B, 1e-6).p


def _curve(s: Expected, n: int) -> Curve:
    """ln T of n draws at the expected rates: each value counts n times its rate."""
    return _counted(s, np.array(s.rates) * n)


def _counted(s: Expected, times: Floats) -> Curve:
    n = math.ceil(times.sum())
    gains = np.array(s.values, dtype=float) * s.N
    stakes = np.repeat(np.array(s.stakes)[:, None], len(gains), axis=1)
    return Curve(gains, np.zeros(len(gains)), stakes, times, 0, s.N * s.u, curve_error(n))
