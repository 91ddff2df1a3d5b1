"""How long it will take when the population is small: exact sizes without replacement.

N numbers, W of them 1 and the rest 0, are drawn without replacement and tested with the alternative mean
eta that follows what is left (``bets.fixed_mean``). Its wealth is a ratio of falling factorials of the
counts alone, so that each draw has a least number of wins that stops; the chances of all counts are
carried forward draw by draw (hypergeometric steps, all terms positive).
Source: Stark 2023 (ALPHA), section 2.2.1; the distribution is plain dynamic programming.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from tallybook.stats.errors import require, require_inside, require_whole
from tallybook.stats.lattice import rational
from tallybook.stats.stopping import Stopping

Counts = np.ndarray[tuple[int], np.dtype[np.int64]]


def finite_sizes(N: int, wins: int, eta: object, alpha: float, most: int | None = None) -> Stopping:
    """The exact distribution of draws for null mean 1/2, up to the horizon N (1 - eta), or ``most`` draws.

    Beyond it the alternative could be contradicted by losses alone; what is unfinished there stays so.
    """
    share = rational(eta, "eta")
    require(type(N) is int and N >= 2, "N", N, "a population of at least 2")
    require_whole("wins", wins, 0, N)
    require(Fraction(1, 2) < share < 1, "eta", eta, "an alternative mean above 1/2 and below 1")
    require_inside("alpha", alpha, "a risk limit")
    if most is not None:
        require_whole("most", most, 1)
    end = max(1, math.floor(N * (1 - share)))
    horizon = end if most is None else max(1, min(end, most))
    least = finite_thresholds(N, share, alpha, horizon)
    return Stopping(passage_without_replacement(least, N, wins))


def finite_thresholds(N: int, eta: Fraction, alpha: float, n: int) -> Counts:
    """The least k that stops after 1..n draws.

    (N eta)_k (N - N eta)_(j-k) / ((N/2)_k (N/2)_(j-k)) >= 1/alpha, where (a)_k is the falling factorial.
    The ratio grows with k, and the least k grows by 0 or 1 a draw; above j means none.
    """
    i = np.arange(n)
    left = np.maximum(N / 2 - i, 1e-9)
    up = np.concatenate(([0.0], np.cumsum(np.log((float(N * eta) - i) / left))))
    down = np.concatenate(([0.0], np.cumsum(np.log(np.maximum(float(N - N * eta) - i, 1e-300) / left))))
    goal, least, k = -math.log(alpha) - 1e-9, [], 0
    for j in range(1, n + 1):
        while k <= j and up[k] + down[j - k] < goal:
            k += 1
        least.append(k)
        k = max(0, k - 1)
    return np.array(least, dtype=np.int64)


def passage_without_replacement(
    least: Counts, N: int, wins: int
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The chance to have stopped after 0..n draws from N numbers of which ``wins`` are 1.

    Counts whose chance is below 1e-18 are dropped; once nothing is left the rest is known.
    """
    require(len(least) <= N, "least", len(least), f"at most N = {N} draws")
    lo, alive = 0, np.ones(1)
    done = np.zeros(len(least) + 1)
    for drawn, stop in enumerate(least.tolist()):
        chance = np.clip((wins - lo - np.arange(len(alive))) / (N - drawn), 0.0, 1.0)
        moved = np.append(alive * (1.0 - chance), 0.0)
        moved[1:] += alive * chance
        cut = max(0, stop - lo)
        done[drawn + 1] = done[drawn] + float(moved[cut:].sum())
        held = np.flatnonzero(moved[:cut] > 1e-18)
        if len(held) == 0:
            done[drawn + 1 :] = done[drawn + 1]
            break
        lo, alive = lo + int(held[0]), moved[held[0] : held[-1] + 1]
    return done
