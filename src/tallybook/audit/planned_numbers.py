"""An audit by plan: the numbers of one stratum, from what was read on its cards and what was reported.

For the book, after ``docs/spec/measuring.md``: polling, comparison with records, pools (ONEAudit), and ranked
choice without records. Every function gives one ``Part`` an assertion; ``together`` makes evidence of the
parts of a contest's strata. Batches are drawn and counted in ``planned``.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

import msgspec
import numpy as np

from tallybook.audit.awaire import awaire
from tallybook.audit.comparison import comparison_prior, overstatement_part
from tallybook.audit.evidence import Part, Scale
from tallybook.audit.measuring import Evidence
from tallybook.audit.planned import (
    NOT_FOUND,
    NOT_ON_CARD,
    UNOPENED,
    Reported,
    Seen,
    Subject,
    assorters,
    one_mark,
    points_of_votes,
    scales,
)
from tallybook.audit.polling import polling_prior
from tallybook.audit.pools import UNIT, Pool, overstated_pools, pool_value, total_of_pools
from tallybook.audit.readings import ranks
from tallybook.audit.strata import together as on_one_lattice
from tallybook.audit.strata import union_risk
from tallybook.election.cards import Pattern
from tallybook.stats.certainty import publish
from tallybook.stats.default_bet import Prior, default_bet
from tallybook.stats.strata_certainty import union_between

BLANK = Pattern(())
SURE, SMALL = 1 + 1e-6, 1e-200
"""Where a bound in doubles is as close as this, and as large, it is published; else a proven one."""
UNTOLD = Prior((0, 1, 2), (10, 1, 12))
"""The prior of polling without reported counts, for points from -1 to 1."""

Pools = tuple[Mapping[str, Pool], ...]
"""For each assertion: batch -> the pool that it is."""


class PoolTold(msgspec.Struct, frozen=True):
    """What was reported of a pool: the votes of each choice, or how many cards had each of the patterns."""

    cards: int
    votes: Mapping[str, int] = {}
    patterns: tuple[Pattern, ...] = ()
    counts: tuple[int, ...] = ()


def polled(subject: Subject, reported: Reported, seen: Sequence[Seen]) -> list[Part]:
    """The numbers of cards read without their records."""
    points = points_read(subject, seen)
    known = [one.weights.tolist() for one in assorters(subject, reported.patterns or (BLANK,))]
    found = []
    for at, scale in enumerate(scales(subject)):
        reads = Scale(scale.least, scale.most, tuple(known[at]) if reported.counts else ())
        prior = polling_prior(reads, subject.cards, reported.counts)
        x = points[at] - scale.least
        found.append(Part(x, scale.span, subject.cards, -scale.least * subject.cards, prior=prior))
    return found


def compared(
    subject: Subject, reported: Reported, seen: Sequence[Seen], recorded: Sequence[Seen]
) -> list[Part]:
    """The numbers of cards beside their records."""
    read, told = points_read(subject, seen), points_recorded(subject, recorded)
    return [
        overstatement_part(
            scale.span, subject.cards, total, theirs - ours, comparison_prior(scale, subject.rates)
        )
        for scale, total, theirs, ours in zip(scales(subject), reported.sums, told, read, strict=True)
    ]


def pooled(
    subject: Subject,
    reported: Reported,
    pools: Pools,
    where: Sequence[str],
    seen: Sequence[Seen],
    recorded: Sequence[Seen],
) -> list[Part]:
    """The numbers of cards beside their records, or beside the mean of their pool.

    where: the batch of each card; what is recorded of a card in a pool is not looked at.
    """
    read, told = points_read(subject, seen), points_recorded(subject, recorded)
    found = []
    for at, (scale, mine) in enumerate(zip(scales(subject), pools, strict=True)):
        values = {name: pool_value(pool) for name, pool in mine.items()}
        held = [
            values[batch] if batch in values else UNIT * own
            for batch, own in zip(where, told[at].tolist(), strict=True)
        ]
        o = np.array(held, dtype=np.int64) - UNIT * read[at]
        own = subject.cards - sum(pool.cards for pool in mine.values())
        points = own_points(reported.sums[at], mine)
        found.append(overstated_pools(scale, own, points, mine, o, subject.rates))
    return found


def own_points(total: int, pools: Mapping[str, Pool]) -> int:
    """The points of the cards that have records of their own."""
    return total - sum(pool.points for pool in pools.values())


def pools_of(subject: Subject, told: Mapping[str, PoolTold]) -> Pools:
    """The pools of a stratum as each assertion sees them."""
    patterns = tuple(dict.fromkeys(pattern for one in told.values() for pattern in one.patterns))
    marks = one_mark(subject.contest)[:-1] if subject.rules is None else ()
    tables = assorters(subject, (*patterns, *marks) or (BLANK,))
    found = []
    for assertion, table in zip(subject.assertions, tables, strict=True):
        weights = dict(zip((*patterns, *marks), table.weights.tolist(), strict=False))
        found.append(
            {
                name: pool_of_rankings(one, weights)
                if subject.rules is not None
                else pool_of_votes(one, points_of_votes(assertion, one.votes), weights, subject)
                for name, one in told.items()
            }
        )
    return tuple(found)


def pool_of_rankings(told: PoolTold, weights: Mapping[Pattern, int]) -> Pool:
    """A pool whose cards were reported reading by reading; those without the contest have 0 points."""
    reads = Counter({0: told.cards - sum(told.counts)})
    for pattern, count in zip(told.patterns, told.counts, strict=True):
        reads[weights[pattern]] += count
    return Pool(told.cards, sum(points * n for points, n in reads.items()), dict(reads))


def pool_of_votes(told: PoolTold, points: int, weights: Mapping[Pattern, int], subject: Subject) -> Pool:
    """A pool known by its votes: with one vote a card they say what its cards show, and the rest 0 points."""
    if subject.contest.votes_allowed > 1:
        return Pool(told.cards, points)
    reads = Counter({0: told.cards - sum(told.votes.values())})
    for mark in one_mark(subject.contest)[:-1]:
        reads[weights[mark]] += told.votes[mark.marks[0].choice]
    return Pool(told.cards, points, dict(reads))


def recorded_with_pools(total: int, pools: Mapping[str, Pool]) -> int:
    """G' of ``docs/spec/measuring.md``, section 3, from the reported points of a stratum, in 1024ths."""
    return total_of_pools(own_points(total, pools), pools)


def seen_in_pools(seen: Sequence[Seen], where: Sequence[str], pools: Mapping[str, Pool]) -> list[Seen]:
    """The same, but that a card of a pool without the contest adds 0 points, whatever is said of others."""
    return [
        BLANK if one == NOT_ON_CARD and batch in pools else one
        for one, batch in zip(seen, where, strict=True)
    ]


def together(subject: Subject, strata: Sequence[Sequence[Part]]) -> list[Evidence]:
    """The evidence of a contest, assertion by assertion. strata: the parts of each, one an assertion."""
    return [
        Evidence(str(at), tuple(parts[at] for parts in strata), scale.least * subject.outside)
        for at, scale in enumerate(scales(subject))
    ]


def answer_of_strata(evidence: Sequence[Evidence], limit: Fraction) -> tuple[list[str], list[bool]]:
    """The risks over several strata as published; each is met where that decimal is at most the limit."""
    risks = [risk_of_strata(one) for one in evidence]
    return risks, [Fraction(one) <= limit for one in risks]


def risk_of_strata(one: Evidence) -> str:
    """The stratified risk (``docs/spec/risk.md``, section 10), rounded up from a close bound."""
    found = union_risk(one.parts, one.outside)
    if found.p == 0 or (found.p >= SMALL and found.p <= found.least * SURE):
        return publish(Fraction(found.p))
    strata, most = on_one_lattice(one.parts, one.outside)
    return publish(min(union_between(strata, most)[1], Fraction(1)))


def refuted(subject: Subject, winner: str, seen: Sequence[Seen]) -> str:
    """The published risk of a ranked contest without records (``docs/spec/assertions.md``, section 11)."""
    assert subject.rules is not None
    patterns = tuple(dict.fromkeys(one for one in seen if isinstance(one, Pattern))) or (BLANK,)
    place = {one: at for at, one in enumerate(patterns, 1)}
    words = {NOT_FOUND: -1, NOT_ON_CARD: 0}
    codes = [words[one] if isinstance(one, str) else place[one] for one in seen]
    reading = ranks(subject.contest, patterns, subject.rules)
    return awaire(reading, codes, subject.cards, winner, default_bet(UNTOLD)).risk


def all_points(subject: Subject, seen: Sequence[Seen]) -> tuple[int, ...]:
    """The points of all cards of a stratum that was read in full."""
    return tuple(int(points.sum()) for points in points_read(subject, seen))


def points_read(subject: Subject, seen: Sequence[Seen]) -> list[np.ndarray]:
    """(assertions, cards) the points of cards as people read them."""
    return _points(subject, seen, lambda scale: scale.least if subject.carries else 0)


def points_recorded(subject: Subject, recorded: Sequence[Seen]) -> list[np.ndarray]:
    """(assertions, cards) the points of cards as recorded; an unopened record counts the most there is."""
    return _points(subject, recorded, lambda _: 0)


def _points(subject: Subject, seen: Sequence[Seen], lacks: Callable[[Scale], int]) -> list[np.ndarray]:
    """Points by pattern, looked up card by card."""
    patterns = tuple(dict.fromkeys(one for one in seen if isinstance(one, Pattern)))
    place = {one: at for at, one in enumerate(patterns)}
    found = []
    for table in assorters(subject, patterns or (BLANK,)):
        scale = Scale(table.least, table.most)
        words = {NOT_FOUND: scale.least, NOT_ON_CARD: lacks(scale), UNOPENED: scale.most}
        values = [words[one] if isinstance(one, str) else int(table.weights[place[one]]) for one in seen]
        found.append(np.array(values, dtype=np.int64))
    return found
