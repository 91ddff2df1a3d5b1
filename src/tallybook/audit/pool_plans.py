"""How many cards ONEAudit will read: simulated at the first stake, for a pool has many numbers.

For the official who plans. The cards of a pool scatter about its mean, so the sizes scatter more than those
of a plain comparison (Stark 2023; Spertus, Glazer and Stark 2025): the quantiles count, not the mean. Draws
are with replacement, from what was reported and the error rates assumed, with a fixed seed; planning never
decides.
"""

import math
from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from tallybook.audit.comparison import USUAL, ErrorRates
from tallybook.audit.evidence import Scale
from tallybook.audit.planning import SizePlan, first_stake, plan_of
from tallybook.audit.pools import UNIT as POINT
from tallybook.audit.pools import Pool, pool_reads, pool_value, pooled_part
from tallybook.stats.certainty import risk_limit
from tallybook.stats.stopping import Stopping

METHOD = "ONEAudit"
TRIALS, MOST, SEED = 1_000, 60_000, 20_201_103
BLOCK = 4_000_000
"""Numbers drawn at once."""


def plan_pools(
    scale: Scale,
    cards: int,
    recorded_sum: int,
    pools: Mapping[str, Pool],
    limit: object,
    rates: ErrorRates = USUAL,
) -> SizePlan:
    """The plan of one assertion: ``cards`` with records of their own that add up to ``recorded_sum``."""
    part = pooled_part(scale, cards, recorded_sum, pools, (), rates)
    stake = first_stake(part.prior, part.offset, part.top, part.N)
    numbers, chances = expected_numbers(scale, cards, pools, rates)
    gains = _logs(stake, numbers, float(Fraction(part.offset, part.N)))
    goal = -math.log(float(risk_limit(limit)))
    drift = float(gains @ chances)
    if stake == 0 or drift <= 0 or 2 * goal >= drift * part.N:
        return SizePlan(METHOD, "cards", part.N, dict.fromkeys((0.5, 0.7, 0.8, 0.9, 0.99)), float(part.N))
    horizon = min(MOST, part.N, math.ceil(8 * goal / drift) + 50)
    return plan_of(METHOD, "cards", part.N, _simulated(gains, chances, goal, horizon))


def expected_numbers(
    scale: Scale, cards: int, pools: Mapping[str, Pool], rates: ErrorRates
) -> tuple[np.ndarray, np.ndarray]:
    """The numbers that a drawn card can have, and their chances, if all is as reported but for the rates."""
    usual = scale.span * POINT
    N = cards + sum(pool.cards for pool in pools.values())
    own, half = Fraction(cards, N), min(scale.most, -scale.least) * POINT
    shares = {
        usual: float(own * (1 - rates.half - rates.full)),
        usual - half: float(own * rates.half),
        0: float(own * rates.full),
    }
    for pool in pools.values():
        for points, count in pool_reads(scale, pool).items():
            x = usual - pool_value(pool) + points * POINT
            shares[x] = shares.get(x, 0.0) + count / N
    kept = {x: share for x, share in shares.items() if share > 0}
    chances = np.array(list(kept.values()))
    return np.array(list(kept), dtype=float), chances / chances.sum()


def _logs(stake: float, numbers: np.ndarray, m: float) -> np.ndarray:
    """What each number does to the logarithm of the wealth."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.maximum(np.log(1 - stake + stake * numbers / m), -50.0))


def _simulated(gains: np.ndarray, chances: np.ndarray, goal: float, horizon: int) -> Stopping:
    """The share of simulated audits that have ended after 0..horizon draws."""
    rng = np.random.Generator(np.random.PCG64(SEED))
    ends = np.cumsum(chances)
    done = np.zeros(horizon + 1)
    rows = max(1, min(TRIALS, BLOCK // horizon))
    blocks = -(-TRIALS // rows)
    for _ in range(blocks):
        at = np.minimum(np.searchsorted(ends, rng.random((rows, horizon)), side="right"), len(gains) - 1)
        paths = np.cumsum(gains[at], axis=1) >= goal
        first = paths.argmax(axis=1)[paths.any(axis=1)] + 1
        done += np.bincount(first, minlength=horizon + 1)
    return Stopping(np.cumsum(done) / (rows * blocks))
