"""Published hybrid audits by SUITE, done again: the risk of two strata by the conventions of the tool (Arlo).

For the observer. One stratum was compared card by card, the other polled. For every share lambda of the
overall margin the compared stratum's Kaplan-Markov risk and the polled stratum's Wald ratio are combined by
Fisher's formula, and the largest over lambda is published (Ottoboni, Stark, Lindeman and McBurnett 2018). The
tool polls without replacement, counts an erroneous ballot once however often it was drawn, leaves
understatements out, and looks for the largest value on a grid of lambdas, a twentieth apart, refined only
where the value found is at most the risk limit. A grid can miss the largest value, so what a finer one finds
stands beside. Nothing is decided here.
"""

import math
from collections.abc import Callable, Mapping

import msgspec

from tallybook.audit.replaying_ballots import Pair, Votes, pairs_of
from tallybook.stats.fisher import fisher
from tallybook.stats.kaplan import GAMMA

STEP = 0.05
G = float(GAMMA)


class ComparedStratum(msgspec.Struct, frozen=True):
    """Cards and reported votes; draws; of each pair the ballots that overstate it by one vote and by two."""

    cards: int
    votes: Votes
    draws: int
    errors: Mapping[Pair, tuple[int, int]] = {}


class PolledStratum(msgspec.Struct, frozen=True):
    """Cards and reported votes; draws; the votes found in them."""

    cards: int
    votes: Votes
    draws: int
    found: Votes


class SuiteRisk(msgspec.Struct, frozen=True):
    """The risk as the tool finds it on its grid, and the largest value on a grid twenty times as fine."""

    printed: float
    finer: float


def suite_risk(
    compared: ComparedStratum, polled: PolledStratum, seats: int, limit: float
) -> SuiteRisk | None:
    """The largest over the pairs of reported winners and losers; None where there is no pair."""
    totals = {name: votes + polled.votes.get(name, 0) for name, votes in compared.votes.items()}
    found = [of_pair(compared, polled, pair, limit) for pair in pairs_of(totals, seats)]
    if not found:
        return None
    return SuiteRisk(max(one.printed for one in found), max(one.finer for one in found))


def of_pair(compared: ComparedStratum, polled: PolledStratum, pair: Pair, limit: float) -> SuiteRisk:
    """The risk of one pair."""
    winner, loser = pair
    m1 = compared.votes[winner] - compared.votes[loser]
    m2 = polled.votes[winner] - polled.votes[loser]
    V = m1 + m2

    def combined(share: float) -> float:
        return fisher([compared_p(compared, pair, V, share), polled_p(polled, pair, V, 1 - share)])

    low = max(m1 - compared.cards, V - (m2 + polled.cards)) / V
    high = min(m1 + compared.cards, V - (m2 - polled.cards)) / V
    on_grid = _on_grid(combined, low, high, limit, lambda step: _modulus(compared, polled, pair, V, step))
    finer = max(combined(share) for share in _grid(low, high, STEP / 20))
    return SuiteRisk(min(1.0, on_grid), max(on_grid, finer))


def compared_p(stratum: ComparedStratum, pair: Pair, V: int, share: float) -> float:
    """Kaplan-Markov: the compared stratum overstates by at least ``share`` of the overall margin V."""
    if stratum.draws == 0:
        return 1.0
    clean = 1 - share * V / (2 * G * stratum.cards)
    if clean <= 0:
        return 1.0
    o1, o2 = stratum.errors.get(pair, (0, 0))
    log_p = stratum.draws * math.log(clean) - o1 * math.log(1 - 1 / (2 * G)) - o2 * math.log(1 - 1 / G)
    return min(1.0, math.exp(min(0.0, log_p)))


def polled_p(stratum: PolledStratum, pair: Pair, V: int, share: float) -> float:
    """Wald's ratio without replacement: the polled stratum overstates by at least ``share`` of V.

    The null is the likeliest of all stratum totals with that margin, taken as real numbers. 0 where no totals
    with that margin could have given the sample; 1 where the reported totals could not.
    """
    winner, loser = pair
    reported = (stratum.votes[winner], stratum.votes[loser])
    counts = (stratum.found.get(winner, 0), stratum.found.get(loser, 0))
    seen = (*counts, stratum.draws - sum(counts))
    alternative = (*reported, stratum.cards - sum(reported))
    if stratum.draws == 0 or any(a < n for a, n in zip(alternative, seen, strict=True)):
        return 1.0
    margin = reported[0] - reported[1] - share * V
    low, high = max(seen[0], seen[1] + margin), (stratum.cards - seen[2] + margin) / 2
    if high < seen[0] or high - margin < seen[1]:
        return 0.0
    null = _likeliest(stratum.cards, seen, margin, min(low, high), max(low, high))
    return min(1.0, math.exp(min(0.0, null - _log_chance(alternative, seen))))


def _likeliest(cards: int, seen: tuple[int, int, int], margin: float, low: float, high: float) -> float:
    """The largest log likelihood over the winner's total W: concave in W, by golden sections."""

    def totals(W: float) -> tuple[float, float, float]:
        return W, W - margin, cards - 2 * W + margin

    a, b = low, high
    ratio = (math.sqrt(5) - 1) / 2
    for _ in range(60):
        c, d = b - ratio * (b - a), a + ratio * (b - a)
        a, b = (a, d) if _nearly(totals(c), seen) >= _nearly(totals(d), seen) else (c, b)
    return max(_log_chance(totals(W), seen) for W in (low, (a + b) / 2, high))


def _nearly(totals: tuple[float, ...], seen: tuple[int, ...]) -> float:
    """The same as ``_log_chance`` by the gamma function: quick, and good enough to find the place."""
    if any(n and total - (n - 1) <= 0 for total, n in zip(totals, seen, strict=True)):
        return -math.inf
    return math.fsum(
        math.lgamma(total + 1) - math.lgamma(total - n + 1)
        for total, n in zip(totals, seen, strict=True)
        if n
    )


def _log_chance(totals: tuple[float, ...], seen: tuple[int, ...]) -> float:
    """The log of the product of falling totals, one factor for each draw; minus infinity where one is not."""
    logs = []
    for total, n in zip(totals, seen, strict=True):
        if n and total - (n - 1) <= 0:
            return -math.inf
        logs += [math.log(total - i) for i in range(n)]
    return math.fsum(logs)


def _on_grid(
    combined: Callable[[float], float],
    low: float,
    high: float,
    limit: float,
    modulus: Callable[[float], float],
) -> float:
    """The largest value on the tool's grid, refined around it until no step could lift it to the limit."""
    step, best = STEP, 0.0
    for _ in range(6):
        shares = _grid(low, high, step)
        if len(shares) < 5:
            step = (high + 1 - low) / 5
            shares = _grid(low, high, step)
        values = [combined(share) for share in shares]
        best = max(values)
        if best > limit or modulus(step) <= abs(_statistic(best) - _statistic(limit)):
            break
        at = shares[values.index(best)]
        low, high, step = at - 2 * step, at + 2 * step, step / 10
    return best


def _modulus(compared: ComparedStratum, polled: PolledStratum, pair: Pair, V: int, step: float) -> float:
    """By how much Fisher's statistic can change within a step of the share."""
    decisive = sum(polled.found.get(name, 0) for name in pair)
    rest = polled.draws - decisive
    records = 2 * compared.draws * math.log(1 + V * step / (2 * compared.cards * G))
    return 2 * decisive * math.log(1 + V * step) + 2 * rest * math.log(1 + 2 * V * step) + records


def _statistic(p: float) -> float:
    """Fisher's statistic of two p-values that combine to p: twice the root of exp(-y) (1 + y) = p."""
    low, high = 0.0, 2_000.0
    for _ in range(200):
        y = (low + high) / 2
        low, high = (y, high) if math.exp(-y) * (1 + y) > p else (low, y)
    return low + high


def _grid(low: float, high: float, step: float) -> list[float]:
    """low, low + step, ... below high + step."""
    count = max(0, math.ceil((high + step - low) / step))
    return [low + i * step for i in range(count)]
