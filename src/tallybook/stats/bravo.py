"""BRAVO: ballot polling between two choices, the older way, with exact sizes.

The wealth is Wald's ratio (2s)^wins (2 - 2s)^losses, s the reported share among the two. It is the bet
``bets.fixed_mean(s)`` of the engine on numbers 0 and 1 with null mean 1/2; blanks change nothing.
Source: Lindeman, Stark & Yates 2012, "BRAVO: Ballot-polling risk-limiting audits to verify outcomes".
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from tallybook.stats.certainty import risk_limit
from tallybook.stats.errors import require, require_whole
from tallybook.stats.lattice import Floats, rational
from tallybook.stats.stopping import Counts, Stopping, first_passage, thresholds


def bravo_p(s: object, wins: int, losses: int) -> Fraction:
    """One over Wald's ratio after these counts, at most 1, exactly."""
    share = _share(s)
    require_whole("wins", wins)
    require_whole("losses", losses)
    ratio = (2 * share) ** wins * (2 - 2 * share) ** losses
    return min(Fraction(1), 1 / ratio) if ratio else Fraction(1)


def bravo_mean(s: object, p_w: float, p_l: float, alpha: object) -> int:
    """The approximate mean sample, the paper's ASN: ceil((ln(1/alpha) + z_w/2)/(p_w z_w + p_l z_l)).

    p_w and p_l: the shares of all cards; z_w = ln 2s, z_l = ln(2 - 2s). Lindeman et al., section 5.
    """
    share, limit = _share(s), risk_limit(alpha)
    require(share < 1, "s", s, "a share below 1; with no vote for the loser one needs no average")
    z_w, z_l = math.log(2 * share), math.log(2 - 2 * share)
    shares = 0 <= p_w <= 1 and 0 <= p_l <= 1 and p_w + p_l <= 1 + 1e-9
    require(shares, "p_w, p_l", (p_w, p_l), "shares of all cards, together at most 1")
    gain = p_w * z_w + p_l * z_l
    require(gain > 0, "p_w, p_l", (p_w, p_l), "shares under which the ratio grows")
    return math.ceil((-math.log(limit) + z_w / 2) / gain)


def bravo_sizes(s: object, alpha: object, true_share: float | None = None, decisive: float = 1.0) -> Stopping:
    """The exact distribution of the number of cards drawn, with replacement.

    true_share: the share among the two that is assumed to be true (default: as reported); decisive: the
    share of cards that show one of the two.
    """
    share, limit = float(_share(s)), risk_limit(alpha)
    truth = share if true_share is None else true_share
    require(share < 1, "s", s, "a reported share below 1")
    require(0 < truth <= 1, "true_share", truth, "a share above 0 and at most 1")
    require(0 < decisive <= 1, "decisive", decisive, "a share above 0 and at most 1")
    win, loss, goal = math.log(2 * share), math.log(2 - 2 * share), -math.log(limit)
    drift = truth * win + (1 - truth) * loss
    least = thresholds(win, loss, goal, _horizon(share, truth, goal, drift, win - loss))
    done = first_passage(least, truth)
    return Stopping(done, decisive, _beyond(least, done, (win, loss), goal, drift))


def _horizon(share: float, truth: float, goal: float, drift: float, step: float) -> int:
    """Five standard deviations past the mean, at most eight means: all but about one path in 300."""
    mean = goal / drift if drift > 0 else 10 * goal / (share - 0.5) ** 2
    deviation = math.sqrt(goal * truth * (1 - truth) * step**2 / drift**3) if drift > 0 else mean
    return math.ceil(min(mean + 5 * deviation, 8 * mean) + 50)


def _beyond(
    least: Counts, done: Floats, logs: tuple[float, float], goal: float, drift: float
) -> tuple[float, float]:
    """Between which values the mean number of draws after the horizon lies, by Wald's identity.

    The mean of the log wealth at the end, or at the horizon if that comes first, is drift times the mean
    number of draws. That leaves the mean log wealth of the unfinished; each still needs what it lacks of
    the goal, and at most one win more, divided by the drift. Wald 1944, "On cumulative sums".
    """
    if drift <= 0:
        return 0.0, math.inf
    win, loss = logs
    n = np.arange(1, len(done))
    at_stop = float((np.diff(done) * (least * win + (n - least) * loss)).sum())
    unfinished = 1.0 - float(done[-1])
    lacking = goal * unfinished - (drift * float((1.0 - done[:-1]).sum()) - at_stop)
    rounding = 1e-11 * (goal + drift * len(n))
    return max(0.0, lacking - rounding) / drift, (max(0.0, lacking) + rounding + win * unfinished) / drift


def _share(s: object) -> Fraction:
    share = rational(s, "s")
    require(Fraction(1, 2) < share <= 1, "s", s, "a reported share above 1/2 and at most 1")
    return share
