"""What to stake: bets as values. Each function returns a ``Bet`` for ``martingale``.

A stake f = lam m is the share of the wealth put at risk on draw j. ALPHA's alternative mean eta is the
same bet: f = (eta - m)/(u - m). Any stake in [0, 1] that depends on the past alone is valid; it only
decides how soon the evidence comes. Sources are given at each function.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tallybook.stats.errors import is_number, require, require_whole
from tallybook.stats.lattice import Floats
from tallybook.stats.martingale import Bet, Past


def fixed(lam: float) -> Bet:
    """The same lam on every draw, at most 1/m (COBRA, Spertus 2023, section 3: oracle and fixed bets)."""
    require(is_number(lam) and lam >= 0, "lam", lam, "a bet of at least 0")
    return lambda past: np.minimum(lam * past.m, 1.0)


def kaplan_wald(g: float) -> Bet:
    """T = prod((1 - g) x/m + g), 0 <= g < 1 (Kaplan-Wald; Stark & Teague 2014; SHANGRLA section 3)."""
    require(is_number(g) and 0 <= g < 1, "g", g, "0 <= g < 1")
    return lambda past: np.full_like(past.m, 1.0 - g)


def kaplan_kolmogorov(g: float) -> Bet:
    """T = prod (x + g)/(m + g), g > 0: lam = 1/(m + g). With replacement this is Kaplan-Markov.

    Sources: Stark 2020 (SHANGRLA), sections 3.2 and 3.3; with m_j the null mean of x + g.
    """
    require(is_number(g) and g > 0, "g", g, "a padding g above 0")
    return lambda past: past.m / (past.m + g)


def fixed_mean(eta: float) -> Bet:
    """BRAVO and Wald's SPRT: the alternative says that the whole population has mean eta.

    With replacement eta stays; without, it follows what is left: (N eta - S)/(N - j + 1) (ALPHA, 2.2.1).
    """

    def bet(past: Past) -> Floats:
        _inside("eta", eta, past)
        N = np.where(np.isinf(past.N), 1.0, past.N)
        left = (N * eta - past.total) / np.where(np.isinf(past.N), 1.0, past.N - past.drawn)
        return _stake(np.where(np.isinf(past.N), eta, left), past)

    return bet


def constant_mean(eta: float) -> Bet:
    """ALPHA with eta_j = eta on every draw: the alternative is not adjusted for what was drawn."""

    def bet(past: Past) -> Floats:
        _inside("eta", eta, past)
        return _stake(np.full_like(past.m, eta), past)

    return bet


@dataclass(frozen=True)
class ShrinkTruncate:
    """Settings of ALPHA's estimator (Stark 2023, section 2.5.2).

    eta0 the starting alternative mean; d its weight in draws; c how far above m the estimate must stay
    (c/sqrt(d + j - 1)); f how strongly to pull towards u; sd_floor the least standard deviation;
    eps how far below u the estimate must stay, as a share of u.
    """

    eta0: float
    d: float = 100.0
    c: float = 0.0
    f: float = 0.0
    sd_floor: float = 1e-6
    eps: float = 1e-5


def shrink_truncate(s: ShrinkTruncate) -> Bet:
    """ALPHA: the running mean, shrunk to eta0, truncated to (m_j, u). c = 0 means (eta0 - t)/2."""
    require(s.d > 0, "d", s.d, "a weight above 0")
    require(s.c >= 0 and s.f >= 0, "c, f", (s.c, s.f), "values of at least 0")
    require(s.sd_floor > 0, "sd_floor", s.sd_floor, "a standard deviation above 0")
    require(0 <= s.eps < 1, "eps", s.eps, "a share 0 <= eps < 1")

    def bet(past: Past) -> Floats:
        _inside("eta0", s.eta0, past)
        n = past.drawn
        weight = s.d + n
        c = s.c if s.c > 0 else (s.eta0 - past.t) / 2
        eta = (s.d * s.eta0 + past.total) / weight
        if s.f > 0:
            sd = np.maximum(running_sd(past), s.sd_floor)
            eta = (eta + s.f * past.u / sd) / (1 + s.f / sd)
        cap = past.u * (1 - s.eps)
        eta = np.minimum(cap, np.maximum(past.m + c / np.sqrt(weight), eta))
        eta = np.clip(eta, past.m, past.u)
        return np.where(past.m >= cap, 0.0, _stake(eta, past))

    return bet


def optimal_comparison(p2: float) -> Bet:
    """ALPHA's bet for comparison when a share p2 of the numbers is 0 and the rest are equal.

    eta = (1 - u(1 - p2))/(2 - 2u) + u(1 - p2) - 1/2, in ``(m, u]``; u is the bound of the overstatement
    assorter, above 1 (ALPHA, section 3.2). The null mean is taken to be 1/2.
    """
    require(0 <= p2 < 1, "p2", p2, "a rate in [0, 1)")

    def bet(past: Past) -> Floats:
        require(bool((past.u > 1).all()), "u", past.u.min(), "a bound above 1 (twice the no-error value)")
        kept = past.u * (1 - p2)
        eta = (1 - kept) / (2 - 2 * past.u) + kept - 0.5
        return _stake(np.clip(eta, past.m, past.u), past)

    return bet


def agrapa(c: float = 0.99, mean0: float | None = None, sd0: float = 0.5, d: float = 1.0) -> Bet:
    """Approximate growth-rate adaptive bet (Waudby-Smith & Ramdas 2024, section B.3), lam m <= c.

    lam = (mean - m)/(var + (m - mean)^2), with mean and variance of the past shrunk to mean0 (default t)
    and sd0, which weigh as d draws.
    """
    require(0 < c <= 1, "c", c, "a truncation 0 < c <= 1")
    require(sd0 > 0 and d > 0, "sd0, d", (sd0, d), "values above 0")
    good = mean0 is None or (is_number(mean0) and mean0 >= 0)
    require(good, "mean0", mean0, "a mean of at least 0, or None")

    def bet(past: Past) -> Floats:
        weight = d + past.drawn
        start = past.t if mean0 is None else np.full_like(past.t, mean0)
        mean = (d * start + past.total) / weight
        square = (d * (sd0**2 + start**2) + _before(past.x**2)) / weight
        variance = np.maximum(square - mean**2, 1e-12)
        lam = (mean - past.m) / (variance + (mean - past.m) ** 2)
        return np.clip(lam * past.m, 0.0, c)

    return bet


def capped(bet: Bet, max_loss: float) -> Bet:
    """The same bet, but one draw may lose at most this share of the wealth: lam <= max_loss/m."""
    require(0 < max_loss <= 1, "max_loss", max_loss, "a share 0 < max_loss <= 1")
    return lambda past: np.minimum(bet(past), max_loss)


def mixture(bets: Sequence[Bet], weights: Sequence[float] | None = None) -> Bet:
    """T = sum w_d T_d as one bet: the mean of the stakes, weighted by each component's wealth.

    The wealth of each component runs on its own; one that reached 0 stays 0 (Waudby-Smith & Ramdas
    2024, section 5.4; COBRA section 3.3).
    """
    require(len(bets) > 0, "bets", 0, "at least one bet")
    shares = np.full(len(bets), 1 / len(bets)) if weights is None else np.asarray(weights, dtype=float)
    right = shares.shape == (len(bets),) and bool((shares >= 0).all()) and abs(shares.sum() - 1) < 1e-9
    require(right, "weights", weights, "one weight of at least 0 for each bet, adding up to 1")

    def bet(past: Past) -> Floats:
        stakes = np.array([np.clip(np.broadcast_to(b(past), past.m.shape), 0.0, 1.0) for b in bets])
        ratio = np.where(past.m > 0, past.x / past.m, 1.0)
        log = np.log(1.0 - stakes + stakes * ratio) + 0.0
        with_start = np.log(shares)[:, None, None] + _before(log)
        top = with_start.max(axis=0)
        held = np.where(np.isfinite(top), np.exp(with_start - top), shares[:, None, None])
        return np.asarray((held * stakes).sum(axis=0) / held.sum(axis=0))

    return bet


def grid(count: int, top: float = 1.0) -> Bet:
    """A mixture of ``count`` equal stakes spread over (0, top] (dKelly; Waudby-Smith et al. 2021)."""
    require_whole("count", count, 1)
    require(0 < top <= 1, "top", top, "a stake 0 < top <= 1")
    return mixture([_level(top * (k + 1) / count) for k in range(count)])


def running_sd(past: Past) -> Floats:
    """Standard deviation of the draws before draw j; 1 while fewer than two were drawn (Welford, lagged)."""
    n = np.maximum(past.drawn, 1.0)
    mean = past.total / n
    variance = np.maximum(_before(past.x**2) / n - mean**2, 0.0)
    return np.where(past.drawn >= 2, np.sqrt(variance), 1.0)


def _level(stake: float) -> Bet:
    return lambda past: np.full_like(past.m, stake)


def _stake(eta: Floats, past: Past) -> Floats:
    """f = (eta - m)/(u - m), at least 0 (ALPHA equation for lam, times m)."""
    return np.clip((eta - past.m) / (past.u - past.m), 0.0, 1.0)


def _inside(name: str, eta: float, past: Past) -> None:
    low, high = float(past.t.max()), float(past.u.min())
    require(
        is_number(eta) and low < eta <= high,
        name,
        eta,
        f"a mean above the null's {low:g} and at most {high:g}",
    )


def _before(x: Floats) -> Floats:
    total = np.cumsum(x, axis=-1)
    return np.concatenate((np.zeros_like(total[..., :1]), total[..., :-1]), axis=-1)
