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

from tallybook.stats.errors import require
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
        require(min(self.values) >= 0 and max(self.values) <= self.u, "values", self.values, f"0 to {self.u}")
        right = len(self.stakes) > 0 and all(0 <= f < 1 for f in self.stakes)
        require(right, "stakes", self.stakes, "stakes from 0 up to, not including, 1")


def expected_p(strata: Sequence[Expected], n: int, B: int) -> float:
    """The certified p-value of the expected sample of n draws, shared out by weight."""
    shares = allocate(n, [s.weight for s in strata])
    curves = [_curve(s, k) for s, k in zip(strata, shares, strict=True)]
    require(0 < B < sum(c.high for c in curves), "B", B, "a total between none and all")
    return minimise(curves, B, 1e-6).p


def expected_size(strata: Sequence[Expected], B: int, alpha: float, most: int | None = None) -> int | None:
    """The least number of draws whose expected sample meets the limit; None if ``most`` does not."""
    require(len(strata) > 0, "strata", 0, "at least one stratum")
    require(0 < alpha < 1, "alpha", alpha, "a risk limit between 0 and 1")
    limit = sum(s.N for s in strata) if most is None else most
    if expected_p(strata, limit, B) > alpha:
        return None
    low, high = 0, limit
    while high - low > 1:
        middle = math.isqrt(low * high) if low and high > 4 * low else (low + high) // 2
        low, high = (low, middle) if expected_p(strata, middle, B) <= alpha else (middle, high)
    return high


def _curve(s: Expected, n: int) -> Curve:
    """ln T of n draws at the expected rates: each value counts n times its rate."""
    gains = np.array(s.values, dtype=float) * s.N
    times = np.array(s.rates) * n
    stakes = np.repeat(np.array(s.stakes)[:, None], len(gains), axis=1)
    return Curve(gains, np.zeros(len(gains)), stakes, times, 0, s.N * s.u, curve_error(n))
