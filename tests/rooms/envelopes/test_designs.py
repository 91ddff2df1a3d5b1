"""Sample sizes: the smallest that keeps its promise, checked by foreign tails and by enumeration."""

from fractions import Fraction
from itertools import combinations, product
from math import comb

import pytest
from scipy.stats import hypergeom

from tallybook.envelopes import (
    plan_boxes,
    plan_boxes_by_size,
    plan_boxes_in_part,
    plan_boxes_to_detect,
    plan_by_county,
    plan_simple,
    plan_to_detect,
)
from tallybook.envelopes.designs import chance_to_detect
from tallybook.stats.errors import NumberError


@pytest.mark.slow
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


@pytest.mark.slow
def test_boxes_need_far_more_envelopes_than_single_ones_for_the_same_bound() -> None:
    boxes = plan_boxes([500] * 300, 1_500, "0.01")
    single = plan_simple(150_000, 1_500, "0.01")
    assert boxes.envelopes_most > 100 * single.draws
    three_bad = hypergeom.pmf(0, 300, 4, boxes.draws)
    assert three_bad <= 0.01 < hypergeom.pmf(0, 300, 4, boxes.draws - 1)


def chance_of_none(sizes: list[int], bad: tuple[int, ...], boxes: int, in_each: int) -> Fraction:
    """The chance that boxes drawn at random, read in part, show no bad envelope; every choice is tried."""
    chances = []
    for drawn in combinations(range(len(sizes)), boxes):
        here = Fraction(1)
        for box in drawn:
            read = min(in_each, sizes[box])
            here *= Fraction(comb(sizes[box] - bad[box], read), comb(sizes[box], read))
        chances.append(here)
    return sum(chances, Fraction(0)) / len(chances)


@pytest.mark.parametrize("in_each", [1, 2])
def test_boxes_read_in_part_keep_their_promise_however_the_bad_ones_lie(in_each: int) -> None:
    """Six boxes of 4, 3, 3, 3, 2 and 1: every way in which more than the bound could be bad is tried."""
    sizes = [4, 3, 3, 3, 2, 1]
    for at_most in (8, 11):
        plan = plan_boxes_in_part(sizes, in_each, at_most, "0.2")
        if "No number" not in plan.says:
            worst = max(
                chance_of_none(sizes, bad, plan.draws, in_each)
                for bad in product(*(range(size + 1) for size in sizes))
                if sum(bad) > at_most
            )
            assert worst <= Fraction(1, 5), (at_most, plan)
    assert plan_boxes_in_part(sizes, in_each, 11, "0.2").draws < 6


def test_boxes_by_size_keep_their_promise() -> None:
    """With a share p bad, none is found in m draws of whole boxes with a chance of at most (1 - p)^m."""
    plan = plan_boxes_by_size([500] * 300, 1_500, "0.01")
    assert (Fraction(150_000 - 1_501, 150_000)) ** plan.draws <= Fraction(1, 100)
    fewest = next(m for m in range(400, 600) if Fraction(150_000 - 1_501, 150_000) ** m <= Fraction(1, 100))
    assert fewest <= plan.draws <= 1.2 * fewest  # the bound must also hold where some are found


def test_a_bound_that_boxes_in_part_cannot_reach_is_told() -> None:
    assert "No number of boxes read in part" in plan_boxes_in_part([50] * 10, 5, 0, "0.01").says


def test_a_bound_of_none_asks_for_nearly_all() -> None:
    """One bad envelope escapes 495 of 500 with a chance of exactly 1 in 100."""
    assert plan_simple(500, 0, "0.01").draws == 495
    assert plan_boxes([50] * 10, 0, "0.01").draws == 10
    assert plan_by_county({"Lee": 60, "Ray": 40}, 0, "0.05").draws == 95


@pytest.mark.parametrize("bad", [0, 101])
def test_a_number_that_the_population_cannot_hold_is_refused(bad: int) -> None:
    with pytest.raises(NumberError):
        plan_to_detect(100, bad, "0.9")
