"""ONEAudit: cards whose records cannot be found one by one, compared with the mean of their pool.

Some cards have a record each, others only a pool (a batch, a precinct) with a reported sum. Each card of a
pool is taken to be recorded with the pool's mean, rounded to a 1024th of a point: any recorded value is
valid, so long as the values of all cards add up to the sum against which the overstatements are weighed.
The sum used is that of the rounded values, so that nothing rests on the rounding.
Stark 2023, "Overstatement-Net-Equivalent Risk-Limiting Audit"; a pool that holds any card with the contest
is in the population whole, and a card of it that lacks the contest adds 0 (not the least).
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import msgspec
import numpy as np

from tallybook.audit.comparison import USUAL, ErrorRates, comparison_prior
from tallybook.audit.evidence import Ints, Lacking, Part, Scale, check_scale, points_of, reported_points
from tallybook.stats.errors import require

UNIT = 1_024
"""Lattice units of a point."""
WEIGHT = 10_000
BINS = 64
"""How finely a pool's expected numbers are told apart in the prior."""


class Pool(msgspec.Struct, frozen=True):
    """A group of cards known only together. ``points``: reported sum; ``reads``: points -> cards."""

    cards: int
    points: int
    reads: Mapping[int, int] = {}


class Read(msgspec.Struct, frozen=True):
    """A drawn card: the code of its record, or the pool it is in; and the code that people read."""

    found: int
    recorded: int = 0
    pool: str = ""


def pool_value(pool: Pool) -> int:
    """What each card of the pool is taken to be recorded with, in 1024ths of a point."""
    require(pool.cards >= 1, "cards", pool.cards, "a pool of at least one card")
    return round(Fraction(pool.points * UNIT, pool.cards))


def pooled_part(
    scale: Scale,
    cards: int,
    recorded_sum: int,
    pools: Mapping[str, Pool],
    reads: Sequence[Read],
    rates: ErrorRates = USUAL,
    lacking: Lacking = "carries",
) -> Part:
    """The numbers of a sample of cards with records of their own and cards from pools.

    cards, recorded_sum: how many cards have records of their own (phantoms included), and their points.
    lacking: what is said of cards with their own record; one from a pool that lacks the contest adds 0.
    """
    total = total_of_pools(recorded_sum, pools)
    require(total > 0, "recorded_sum", total / UNIT, "a reported sum above 0")
    return pooled_stratum(scale, cards, recorded_sum, pools, reads, rates, lacking)


def pooled_stratum(
    scale: Scale,
    cards: int,
    recorded_sum: int,
    pools: Mapping[str, Pool],
    reads: Sequence[Read],
    rates: ErrorRates = USUAL,
    lacking: Lacking = "carries",
) -> Part:
    """The same for one stratum of several: its own reported sum may be 0 or less."""
    values = {name: pool_value(pool) for name, pool in pools.items()}
    o = np.array([_overstatement(scale, read, values, lacking) for read in reads], dtype=np.int64)
    return overstated_pools(scale, cards, recorded_sum, pools, o, rates)


def total_of_pools(recorded_sum: int, pools: Mapping[str, Pool]) -> int:
    """The recorded points of all cards in 1024ths, the cards of pools at their pools' values."""
    return recorded_sum * UNIT + sum(pool_value(pool) * pool.cards for pool in pools.values())


def overstated_pools(
    scale: Scale,
    cards: int,
    recorded_sum: int,
    pools: Mapping[str, Pool],
    o: Ints,
    rates: ErrorRates = USUAL,
) -> Part:
    """The numbers of drawn cards whose overstatements o (n,) are known, in 1024ths of a point.

    cards, recorded_sum: as for ``pooled_part``; of one stratum among several the sum may be anything.
    """
    check_scale(scale)
    values = {name: pool_value(pool) for name, pool in pools.items()}
    wide = [name for name, v in values.items() if not scale.least * UNIT <= v <= scale.most * UNIT]
    require(not wide, "pools", wide[:3], "no more points than the cards of the pool can have")
    N = cards + sum(pool.cards for pool in pools.values())
    require(len(o) <= N, "reads", len(o), f"at most the {N} cards there are")
    span = scale.span * UNIT
    prior = _prior(scale, cards, N, pools, values, rates)
    return Part(span - o, 2 * span, N, N * span - total_of_pools(recorded_sum, pools), UNIT, prior)


def _overstatement(scale: Scale, read: Read, values: Mapping[str, int], lacking: Lacking) -> int:
    if read.pool:
        require(read.pool in values, "pool", read.pool, "a pool that was declared before the draw")
        return values[read.pool] - UNIT * int(points_of(scale, [read.found], "may_lack")[0])
    own: Ints = reported_points(scale, [read.recorded]) - points_of(scale, [read.found], lacking)
    return UNIT * int(own[0])


def _prior(
    scale: Scale,
    cards: int,
    N: int,
    pools: Mapping[str, Pool],
    values: Mapping[str, int],
    rates: ErrorRates,
) -> dict[int, int]:
    """Records of their own as in a comparison; each pool's numbers as reported, in coarse steps."""
    step = max(1, 2 * scale.span * UNIT // BINS)
    shares: dict[int, Fraction] = {}
    for value, weight in comparison_prior(scale, rates).items():
        shares[value * UNIT] = Fraction(weight * cards, N)
    for name, pool in pools.items():
        for points, count in pool_reads(scale, pool).items():
            if not count:
                continue
            x = (scale.span * UNIT - values[name] + points * UNIT) // step * step
            shares[x] = shares.get(x, Fraction(0)) + Fraction(WEIGHT * count, N)
    return {value: max(1, round(share)) for value, share in sorted(shares.items())}


def pool_reads(scale: Scale, pool: Pool) -> Mapping[int, int]:
    """The pool's cards by points; where not told, as many of the most and the least as give its sum."""
    if pool.reads:
        return pool.reads
    ups = min(pool.cards, max(0, (pool.points - scale.least * pool.cards) // scale.span))
    return {scale.most: ups, scale.least: pool.cards - ups}
