"""Fisher's combination of independent strata, and SUITE's maximum over shares, with certified cells.

If P_1 .. P_K are independent p-values, -2 sum ln P_k is at most a chi-square variable with 2K degrees of
freedom. A two-stratum audit must take the largest combined value over all ways lambda of sharing the
tolerable overstatement: as lambda grows the first stratum's p-value falls and the second's rises. A
grid alone proves nothing between its points; here every cell is bounded by the larger end of each.
Combined p-values are not valid at repeated looks; ``strata`` is. They stay for published audits.
Sources: Ottoboni, Stark, Lindeman & McBurnett 2018 (SUITE), sections 3 and 4.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tallybook.stats.errors import require, require_whole

PValue = Callable[[float], float]


def fisher(p_values: Sequence[float]) -> float:
    """The tail of chi-square with 2K degrees of freedom beyond -2 sum ln P_k, in closed form.

    exp(-y) sum_{i<K} y^i/i! with y = -sum ln P_k; 0 if any P_k is 0.
    """
    require(len(p_values) > 0, "p_values", 0, "at least one p-value")
    require(all(0 <= p <= 1 for p in p_values), "p_values", list(p_values), "p-values between 0 and 1")
    if min(p_values) == 0:
        return 0.0
    y = -math.fsum(math.log(p) for p in p_values)
    term, total = 1.0, 1.0
    for i in range(1, len(p_values)):
        term *= y / i
        total += term
    return min(1.0, math.exp(-y) * total)


@dataclass(frozen=True)
class Bound:
    """The largest combined p-value: never below the exact one (p), never above it (least), and where."""

    p: float
    least: float
    at: float


def fisher_maximum(falling: PValue, rising: PValue, low: float, high: float, gap: float = 1e-6) -> Bound:
    """max over lambda in [low, high] of fisher([falling(lambda), rising(lambda)]), certified.

    ``falling`` must not rise with lambda and ``rising`` must not fall. Cells are halved, the worst first,
    until the bound and the best value found differ by at most ``gap``.
    """
    require(low <= high, "low", low, f"a value of at most {high}")
    require(gap >= 0, "gap", gap, "a difference of at least 0")
    ends = {x: (falling(x), rising(x)) for x in (low, high)}
    best, at = max((fisher(pair), x) for x, pair in ends.items())
    cells = [(-fisher([ends[low][0], ends[high][1]]), low, high)]
    while -cells[0][0] - best > gap and len(cells) < 100_000:
        _, a, b = heapq.heappop(cells)
        middle = (a + b) / 2
        ends[middle] = (falling(middle), rising(middle))
        best, at = max((best, at), (fisher(ends[middle]), middle))
        for x, y in ((a, middle), (middle, b)):
            heapq.heappush(cells, (-fisher([ends[x][0], ends[y][1]]), x, y))
    return Bound(min(1.0, max(best, -cells[0][0])), best, at)


def trinomial_p(wins: int, losses: int, blanks: int, share: tuple[float, float], excess: float) -> float:
    """SUITE's polling stratum: P for "wins exceed losses by at most ``excess`` of all draws".

    Wald's ratio of the reported shares (win, loss) to the most likely shares with that excess; the
    unknown share of blanks is chosen by the sample's advocate. With replacement. SUITE, section 3.2.
    """
    for name, count in (("wins", wins), ("losses", losses), ("blanks", blanks)):
        require_whole(name, count)
    require(-1 < excess < 1, "excess", excess, "a share between -1 and 1")
    p_w, p_l = share
    right = p_w > 0 and p_l > 0 and p_w + p_l <= 1
    require(right, "share", share, "shares above 0 that add up to at most 1")
    require(p_w - p_l > excess, "excess", excess, f"less than the reported {p_w - p_l:g}")
    reported = _log_chance((wins, losses, blanks), (p_w, p_l, 1 - p_w - p_l))
    null = _largest_null(wins, losses, blanks, excess)
    return min(1.0, math.exp(min(0.0, null - reported)))


def _largest_null(wins: int, losses: int, blanks: int, c: float) -> float:
    """max over q of the log chance with shares (q + c, q, 1 - 2q - c): concave, by halving its slope."""
    low, high = max(0.0, -c), (1 - c) / 2

    def slope(q: float) -> float:
        parts = [(wins, q + c, 1.0), (losses, q, 1.0), (blanks, 1 - 2 * q - c, -2.0)]
        return sum(n * sign / max(share, 1e-300) for n, share, sign in parts if n)

    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    q = (low + high) / 2
    return _log_chance((wins, losses, blanks), (q + c, q, 1 - 2 * q - c))


def _log_chance(counts: tuple[int, int, int], shares: tuple[float, float, float]) -> float:
    if any(n > 0 and s <= 0 for n, s in zip(counts, shares, strict=True)):
        return -math.inf
    return math.fsum(n * math.log(s) for n, s in zip(counts, shares, strict=True) if n)
