"""Sample sizes: the smallest that keeps its promise, checked by foreign tails and by enumeration."""

from fractions import Fraction
from itertools import combinations

import pytest
from scipy.stats import hypergeom

from tallybook.envelopes import (
    plan_boxes,
    plan_boxes_to_detect,
    plan_by_county,
    plan_simple,
    plan_to_detect,
)
from tallybook.envelopes.designs import chance_to_detect
from tallybook.stats.errors import NumberError


def test_single_envelopes_are_as_few_as_keep_the_promise() -> None:
    n = plan_simple(150_431, 100, "0.01").draws
    assert hypergeom.pmf(0, 150_431, 101, n) <= 0.01 < hypergeom.pmf(0, 150_431, 101, n - 1)


def test_a_stated_chance_of_finding_one_is_reached_and_not_exceeded() -> None:
    n = plan_to_detect(20_000, 40, "0.95").draws
    assert 1 - hypergeom.pmf(0, 20_000, 40, n) >= 0.95 > 1 - hypergeom.pmf(0, 20_000, 40, n - 1)


def test_the_counties_share_the_sample_in_proportion() -> None:
    plan = plan_by_county({"Cobb": 6000, "Lee": 3000, "Ray": 1000}, 30, "0.05")
    shares = dict(plan.by_county)
    assert sum(shares.values()) == plan.draws
    assert abs(shares["Cobb"] - 2 * shares["Lee"]) <= 2
    assert chance_to_detect({"Cobb": 6000, "Lee": 3000, "Ray": 1000}, shares, 31) >= Fraction(95, 100)


def test_boxes_find_bad_envelopes_that_lie_together_with_the_stated_chance() -> None:
    """Ten boxes of 10: 15 bad envelopes fit into two boxes; every choice of boxes is tried."""
    plan = plan_boxes_to_detect([10] * 10, 15, "0.8")
    hit = [bool({0, 1} & set(c)) for c in combinations(range(10), plan.draws)]
    less = [bool({0, 1} & set(c)) for c in combinations(range(10), plan.draws - 1)]
    assert Fraction(sum(hit), len(hit)) >= Fraction(4, 5) > Fraction(sum(less), len(less))


def test_boxes_need_far_more_envelopes_than_single_ones_for_the_same_bound() -> None:
    boxes = plan_boxes([500] * 300, 1_500, "0.01")
    single = plan_simple(150_000, 1_500, "0.01")
    assert boxes.envelopes_most > 100 * single.draws
    three_bad = hypergeom.pmf(0, 300, 4, boxes.draws)
    assert three_bad <= 0.01 < hypergeom.pmf(0, 300, 4, boxes.draws - 1)


def test_a_bound_of_none_asks_for_nearly_all() -> None:
    """One bad envelope escapes 495 of 500 with a chance of exactly 1 in 100."""
    assert plan_simple(500, 0, "0.01").draws == 495
    assert plan_boxes([50] * 10, 0, "0.01").draws == 10
    assert plan_by_county({"Lee": 60, "Ray": 40}, 0, "0.05").draws == 95


@pytest.mark.parametrize("bad", [0, 101])
def test_a_number_that_the_population_cannot_hold_is_refused(bad: int) -> None:
    with pytest.raises(NumberError):
        plan_to_detect(100, bad, "0.9")
