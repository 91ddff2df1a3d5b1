"""The numbers of a stratum of an audit by plan, against measuring.md written out by hand."""

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from tallybook.audit.assertions import AboveShare, Ahead
from tallybook.audit.comparison import comparison_prior
from tallybook.audit.evidence import Part, Scale
from tallybook.audit.measuring import Evidence
from tallybook.audit.planned import NOT_FOUND, NOT_ON_CARD, UNOPENED, Reported, Subject
from tallybook.audit.planned_numbers import (
    PoolTold,
    pooled,
    pools_of,
    recorded_with_pools,
    risk_of_strata,
    seen_in_pools,
    together,
)
from tallybook.audit.strata import together as on_one_lattice
from tallybook.election import Choice, Contest
from tallybook.election.cards import Mark, Pattern
from tallybook.stats.strata import exact_share_p

ASH, BIRCH, BLANK = Pattern((Mark("ash"),)), Pattern((Mark("birch"),)), Pattern(())
CHOICES = tuple(Choice(one, one.title()) for one in ("ash", "birch", "cedar"))


def subject(*assertions: Any, allowed: int = 1, cards: int = 100, carries: bool = True) -> Subject:
    contest = Contest("mayor", "Mayor", "", CHOICES, 1, allowed)
    return Subject(contest, assertions, "pools", cards, 0, carries)


AHEAD = Ahead("ash", "birch")
TOLD = {
    "A": PoolTold(30, {"ash": 17, "birch": 8, "cedar": 0}),
    "B": PoolTold(11, {"ash": 0, "birch": 11, "cedar": 0}),
}


def test_the_numbers_of_pools_by_hand():
    """Pool A: 9 points on 30 cards, r = 307.2 -> 307; pool B: -11 on 11, r = -1024. Numbers are 2048 - o.

    A card of A for ash: o = 307 - 1024; one of B for ash: -2048; not found in A: 307 + 1024; without the
    contest in B: -1024 - 0. Records: ash read as birch 2 x 1024; unopened, read blank: 1024.
    """
    one = subject(AHEAD)
    pools = pools_of(one, TOLD)
    where = ["A", "B", "A", "B", "Z", "Z", "Z"]
    seen = seen_in_pools([ASH, ASH, NOT_FOUND, NOT_ON_CARD, BIRCH, BLANK, NOT_ON_CARD], where, pools[0])
    recorded = [BLANK, BLANK, BLANK, BLANK, ASH, UNOPENED, ASH]
    (part,) = pooled(one, Reported((40,), 0), pools, where, seen, recorded)
    assert part.x.tolist() == [
        2048 - 307 + 1024,
        2048 + 1024 + 1024,
        2048 - 307 - 1024,
        2048 + 1024,
        2048 - 2048,
        2048 - 1024,
        2048 - 2048,
    ]
    own = 40 - (9 - 11)
    assert part.offset == 1024 * 100 * 2 - (1024 * own + 307 * 30 - 1024 * 11)
    assert recorded_with_pools(40, pools[0]) == 1024 * own + 307 * 30 - 1024 * 11
    assert (part.top, part.N, part.unit) == (4096, 100, 1024)


def prior_by_hand(
    least: int, most: int, N: int, pools: Mapping[str, tuple[int, int, Mapping[int, int]]]
) -> dict[int, int]:
    """Measuring.md, section 4: pool -> (cards, points, how many cards had how many points)."""
    span, found = most - least, dict[int, Fraction]()
    own = N - sum(n for n, _, _ in pools.values())
    step = max(1, 2 * span * 1024 // 64)
    for value, weight in comparison_prior(Scale(least, most)).items():
        found[value * 1024] = Fraction(weight * own, N)
    for n, points, reads in pools.values():
        r = round(Fraction(points * 1024, n))
        for p, c in reads.items():
            if c:
                at = math.floor(Fraction(span * 1024 - r + p * 1024, step)) * step
                found[at] = found.get(at, Fraction(0)) + Fraction(10_000 * c, N)
    return {value: max(1, round(weight)) for value, weight in found.items()}


def test_the_prior_of_pools_by_votes_is_what_their_cards_show():
    one = subject(AHEAD, AboveShare("ash", Fraction(1, 2)))
    ahead, above = pooled(one, Reported((40, 30), 0), pools_of(one, TOLD), [], [], [])
    marks = {"A": (30, 9, {1: 17, -1: 8, 0: 5}), "B": (11, -11, {1: 0, -1: 11, 0: 0})}
    assert ahead.prior == prior_by_hand(-1, 1, 100, marks)
    marks = {"A": (30, 9, {1: 17, -1: 8, 0: 5}), "B": (11, -11, {1: 0, -1: 11, 0: 0})}
    assert above.prior == prior_by_hand(-1, 1, 100, marks)


def test_the_prior_of_pools_with_several_votes_a_card_knows_only_their_points():
    """Pool A: 9 points on 30 cards, at best 19 for and 11 against: (9 + 30)/2 = 19.5; pool B: all against."""
    one = subject(AHEAD, allowed=2)
    (part,) = pooled(one, Reported((40,), 0), pools_of(one, TOLD), [], [], [])
    assert part.prior == prior_by_hand(-1, 1, 100, {"A": (30, 9, {1: 19, -1: 11}), "B": (11, -11, {-1: 11})})


@pytest.mark.slow
def test_a_risk_beyond_the_range_of_doubles_is_bounded_and_not_nought():
    """Two strata of 100,000 cards with a margin of half of them each; 1,500 cards without error of each."""
    part = Part(np.full(1_500, 2), 4, 100_000, 150_000, prior=comparison_prior(Scale(-1, 1)))
    published = risk_of_strata(Evidence("", (part, part)))
    assert 0 < Fraction(published) < Fraction(1, 10**301)
    strata, most = on_one_lattice((part, part), 0)
    seen = Fraction(int(part.x.sum()))
    shares = [Fraction(most, 2) + d for d in (-50, -1, 0, 1, 50)]
    assert all(a > seen for a in shares)
    worst = max(exact_share_p(strata, (a, most - a)) for a in shares)
    assert worst <= Fraction(published) <= worst * (1 + Fraction(2, 10**5))


@pytest.mark.parametrize("outside", [0, 3])
def test_cards_outside_count_once_however_many_strata_there_are(outside: int):
    whole = replace(subject(AHEAD), outside=outside)
    part = Part(np.array([1]), 2, 10, 10)
    assert [one.outside for one in together(whole, [[part], [part]])] == [-outside]
