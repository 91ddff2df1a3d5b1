"""Bayesian tabulation of two choices, and the prior under which it limits the risk.

The chance, given the sample, that the reported winner did not win. With the risk-maximising prior, half
its weight on a tie (as near as N allows) and the other half spread evenly over the wins, the odds of that
chance are a likelihood ratio: its reciprocal is a martingale under a tie, so the odds are a risk that may be
looked at after every draw. The chance v itself is not: stopping at v <= alpha has a risk of up to
alpha/(1 - alpha), a little more than alpha. Other priors give an opinion, and the functions say so by name.
The risk-maximising prior is defined for two choices (Vora 2019); for more, the literature has Dirichlet
priors alone (Rivest & Shen 2012; Rivest 2018), hence an opinion: ``upset_chance_many``.
Sources: Rivest & Shen 2012; Rivest 2018 ("Bayesian tabulation audits"); Vora 2019 ("Risk-limiting
Bayesian polling audits for two candidate elections"). Sums are exact fractions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from tallybook.stats.errors import require, require_inside, require_whole


def upset_chance_risk_maximising(N: int, wins: int, losses: int) -> Fraction:
    """The posterior chance of "no win", prior 1/2 on floor(N/2) wins and 1/2 even over more. Exact.

    Draws without replacement from N votes for one of the two choices. Vora 2019, section 4.
    """
    _checked(N, wins, losses)
    tie = N // 2
    at_tie = math.comb(tie, wins) * math.comb(N - tie, losses)
    above = _ways_above(N, wins, losses, tie)
    wins_possible = N - tie
    if at_tie == 0 and above == 0:
        return Fraction(1)
    return Fraction(at_tie * wins_possible, at_tie * wins_possible + above)


def odds_risk(N: int, wins: int, losses: int) -> Fraction:
    """The risk: the odds v/(1 - v) of an upset under the risk-maximising prior, at most 1. Exact.

    Valid at every look (Ville's inequality for the ratio of "spread over the wins" to "tie").
    """
    v = upset_chance_risk_maximising(N, wins, losses)
    return min(Fraction(1), v / (1 - v)) if v < 1 else Fraction(1)


def upset_chance_even(N: int, wins: int, losses: int, prior: tuple[int, int] = (1, 1)) -> Fraction:
    """The posterior chance of "no win" when the rest is a Polya urn started at ``prior``: an opinion.

    The beta-binomial distribution of the N - n votes not drawn; ties count as no win. Rivest 2018.
    """
    _checked(N, wins, losses)
    require(len(prior) == 2, "prior", prior, "two pseudo-counts")
    for weight in prior:
        require_whole("prior", weight, 1)
    a, b, rest = prior[0] + wins, prior[1] + losses, N - wins - losses
    most = min(rest, N // 2 - wins)
    ways = sum(
        math.comb(a + i - 1, i) * math.comb(b + rest - i - 1, rest - i) for i in range(max(0, most + 1))
    )
    return Fraction(ways, math.comb(a + b + rest - 1, rest))


def upset_chance_many(N: int, counts: Sequence[int], prior: Sequence[int] | None = None) -> Fraction:
    """The posterior chance that the first choice has not strictly the most votes: an opinion. Exact.

    counts: how often each of two or more choices was drawn, every card showing one; the rest is a Polya urn
    started at ``prior`` (default: 1 each), the Dirichlet-multinomial distribution of the votes not drawn.
    Rivest & Shen 2012, section 3; Rivest 2018. Ties count as no win. The work grows with the square of what
    was not drawn: seconds at a thousand cards.
    """
    require(len(counts) >= 2, "counts", list(counts), "counts of at least two choices")
    weights = [1] * len(counts) if prior is None else list(prior)
    require(len(weights) == len(counts), "prior", weights, "one pseudo-count for each choice")
    for count, weight in zip(counts, weights, strict=True):
        require_whole("counts", count)
        require_whole("prior", weight, 1)
    require_whole("N", N, max(1, sum(counts)))
    rest = N - sum(counts)
    started = [count + weight for count, weight in zip(counts, weights, strict=True)]
    won = sum(
        _ways(started[0], extra) * _ways_behind(started[1:], counts[1:], counts[0] + extra, rest - extra)
        for extra in range(rest + 1)
    )
    return 1 - Fraction(won, math.comb(sum(started) + rest - 1, rest))


def least_wins(N: int, n: int, alpha: Fraction) -> int | None:
    """The least number of wins among n draws at which the chance of an upset is at most alpha, or None.

    The rule of the published audits (Vora 2019, table 3); its risk is at most alpha/(1 - alpha).
    """
    require_inside("alpha", alpha, "a risk limit")
    require_whole("N", N, 1)
    require_whole("n", n, 1, N)
    low, high = -1, n
    if upset_chance_risk_maximising(N, n, 0) > alpha:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        stops = upset_chance_risk_maximising(N, middle, n - middle) <= alpha
        low, high = (low, middle) if stops else (middle, high)
    return high


def _ways(started: int, extra: int) -> int:
    """In how many ways an urn that started with so many balls of a colour gains so many more of it."""
    return math.comb(started + extra - 1, extra)


def _ways_behind(started: Sequence[int], counts: Sequence[int], top: int, rest: int) -> int:
    """The ways in which these choices gain ``rest`` votes together and each stays below ``top``."""
    ways = [1] + [0] * rest
    for k, (balls, count) in enumerate(zip(started, counts, strict=True)):
        most = min(rest, top - 1 - count)
        own = [_ways(balls, extra) for extra in range(most + 1)]
        if k == len(started) - 1:
            return sum(way * ways[rest - extra] for extra, way in enumerate(own))
        ways = [sum(own[i] * ways[n - i] for i in range(min(n, most) + 1)) for n in range(rest + 1)]
    return 0


def _ways_above(N: int, wins: int, losses: int, tie: int) -> int:
    """Sum over w > tie of C(w, wins) C(N - w, losses), in at most wins + 1 terms.

    It counts the ways to choose wins + losses + 1 of N + 1 places with at most ``wins`` of them among the
    first tie + 1: place w + 1 is the one with ``wins`` chosen before it.
    """
    places = wins + losses + 1
    least = max(0, places - (N - tie))
    if least > wins:
        return 0
    term = math.comb(tie + 1, least) * math.comb(N - tie, places - least)
    total = term
    for j in range(least, wins):
        term = term * (tie + 1 - j) * (places - j) // ((j + 1) * (N - tie - places + j + 1))
        total += term
    return total


def _checked(N: int, wins: int, losses: int) -> None:
    require_whole("N", N, 1)
    require_whole("wins", wins)
    require_whole("losses", losses)
    require(1 <= wins + losses <= N, "wins, losses", (wins, losses), f"between 1 and N = {N} draws")
