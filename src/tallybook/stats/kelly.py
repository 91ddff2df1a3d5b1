"""Bets from a distribution: stake what makes the logarithm of wealth grow fastest, if the guess is right.

    maximise  sum_k p_k ln(1 + lam (b_k - m))   over 0 <= lam <= 1/m

The guess is a list of values b_k with rates p_k: COBRA's error rates, fixed or learnt from the past
(Spertus 2023, equations 3 to 6), or the known distribution of pooled numbers (ONEAudit; Stark 2023;
Spertus, Glazer & Stark 2025). The values are those of the numbers under test, in units of 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tallybook.stats.bets import mixture
from tallybook.stats.errors import is_number, require
from tallybook.stats.lattice import Floats
from tallybook.stats.martingale import Bet, Past


def known_distribution(values: Sequence[float], rates: Sequence[float]) -> Bet:
    """Kelly's stake for rates that are known beforehand: pooled values, or expected errors (oracle)."""
    b, p = _distribution(values, rates)
    return lambda past: kelly_stake(b, np.broadcast_to(p, (*past.m.shape, len(b))), past.m)


@dataclass(frozen=True)
class Expected:
    """A value b with its expected rate, the weight of that expectation in draws and the least rate kept."""

    value: float
    rate: float
    weight: float
    least: float = 1e-5

    def __post_init__(self) -> None:
        require(is_number(self.value) and self.value >= 0, "value", self.value, "a value of at least 0")
        require(is_number(self.rate) and 0 <= self.rate <= 1, "rate", self.rate, "a rate between 0 and 1")
        require(is_number(self.weight) and self.weight > 0, "weight", self.weight, "a weight above 0")
        require(is_number(self.least) and self.least >= 0, "least", self.least, "a rate of at least 0")


def adaptive_rates(usual: float, errors: Sequence[Expected]) -> Bet:
    """COBRA's adaptive bet: each error's rate is its expectation shrunk with what was drawn so far.

    p_j = max((d p + (j - 1) share so far)/(d + j - 1), eps); ``usual`` is the value without error
    and takes the rest. Spertus 2023, section 3.2 (d = 100 for half, 1000 for full overstatements).
    """
    require(len(errors) > 0, "errors", 0, "at least one expected error")
    _distribution([usual], [1.0])
    b = np.array([usual, *(e.value for e in errors)])

    def bet(past: Past) -> Floats:
        rates = [_shrunk(e, past) for e in errors]
        rest = np.maximum(1.0 - np.sum(rates, axis=0), 0.0)
        return kelly_stake(b, np.stack([rest, *rates], axis=-1), past.m)

    return bet


def distribution_mixture(
    values: Sequence[float], cases: Sequence[Sequence[float]], weights: Sequence[float] | None = None
) -> Bet:
    """COBRA's mixture: one Kelly bet for each guess of the rates, each on its own share of the wealth."""
    return mixture([known_distribution(values, rates) for rates in cases], weights)


def two_point_bet(a: float, p2: float) -> float:
    """lam for numbers a (no error) and 0 (rate p2), null mean 1/2, bound of the assorter 1.

    lam = (2 - 4 a (1 - p2))/(1 - 2 a), in [0, 2]: COBRA equation 3; 0 once p2 exceeds half the margin.
    """
    require(is_number(a) and a > 0.5, "a", a, "a no-error value above 1/2")
    require(0 <= p2 <= 1, "p2", p2, "a rate between 0 and 1")
    return min(2.0, max(0.0, (2 - 4 * a * (1 - p2)) / (1 - 2 * a)))


def kelly_stake(values: Floats, rates: Floats, m: Floats) -> Floats:
    """The stake in [0, 1] with the fastest growth: values (K,), rates (..., K), null means m (...).

    The slope of the logarithm falls with the stake, so halving finds its zero to 2**-40.
    """
    gain = values / m[..., None] - 1.0
    low, high = np.zeros_like(m), np.ones_like(m)
    for _ in range(40):
        middle = (low + high) / 2
        up = (rates * gain / (1.0 + middle[..., None] * gain)).sum(axis=-1) >= 0
        low, high = np.where(up, middle, low), np.where(up, high, middle)
    return np.asarray(np.where(low >= 1.0 - 2.0**-39, 1.0, low))


def _distribution(values: Sequence[float], rates: Sequence[float]) -> tuple[Floats, Floats]:
    b, p = np.asarray(values, dtype=float), np.asarray(rates, dtype=float)
    require(b.shape == p.shape and b.ndim == 1 and len(b) > 0, "rates", rates, "one rate for each value")
    require(bool((b >= 0).all()) and bool(np.isfinite(b).all()), "values", values, "values of at least 0")
    right = bool((p >= 0).all()) and abs(float(p.sum()) - 1) < 1e-9
    require(right, "rates", rates, "rates of at least 0 that add up to 1")
    return b, p


def _shrunk(e: Expected, past: Past) -> Floats:
    hits = np.cumsum(np.isclose(past.x, e.value, rtol=1e-12, atol=0.0), axis=-1)
    so_far = np.concatenate((np.zeros_like(hits[:, :1]), hits[:, :-1]), axis=-1)
    return np.maximum((e.weight * e.rate + so_far) / (e.weight + past.drawn), e.least)
