"""Bounds for boxes: valid in every small world, where the bound for single units is not."""

from fractions import Fraction
from itertools import combinations, product
from math import comb

import numpy as np
import pytest
from scipy.stats import hypergeom

from tallybook.stats.bounds import most_bad
from tallybook.stats.clusters import (
    Read,
    equal_boxes,
    most_bad_by_shares,
    most_bad_in_sampled_boxes,
    most_bad_in_whole_boxes,
    simple_claim,
)

WORLDS = [(1, 2, 3), (2, 2, 2, 2), (1, 1, 1, 4)]
LEVELS = [Fraction(1, 10), Fraction(1, 3), Fraction(2, 3)]


def contents(sizes):
    """Every way to have bad units in boxes of these sizes."""
    return product(*(range(size + 1) for size in sizes))


def samples_of_boxes(sizes, number):
    """(drawn boxes, sizes of the others) for every simple random sample of boxes."""
    for drawn in combinations(range(len(sizes)), number):
        yield drawn, [size for k, size in enumerate(sizes) if k not in drawn]


@pytest.mark.parametrize("sizes", WORLDS)
@pytest.mark.parametrize("alpha", LEVELS)
def test_whole_boxes_miss_at_most_as_often_as_they_say_in_every_small_world(sizes, alpha):
    for number in (1, 2, 3):
        for bad in contents(sizes):
            missed = 0
            for drawn, others in samples_of_boxes(sizes, number):
                reads = [Read(sizes[k], sizes[k], bad[k]) for k in drawn]
                missed += most_bad_in_whole_boxes(reads, others, alpha) < sum(bad)
            assert missed <= alpha * comb(len(sizes), number)


def test_the_same_listing_catches_the_bound_for_single_units():
    caught = 0
    for sizes in WORLDS:
        for bad in contents(sizes):
            missed = 0
            for drawn, _ in samples_of_boxes(sizes, 2):
                found, read = sum(bad[k] for k in drawn), sum(sizes[k] for k in drawn)
                missed += most_bad(found, read, sum(sizes), LEVELS[1]) < sum(bad)
            caught += missed > LEVELS[1] * comb(len(sizes), 2)
    assert caught > 0


def chance_in_box(size, bad, read, found):
    return Fraction(comb(bad, found) * comb(size - bad, read - found), comb(size, read))


def readings(sizes, bad, drawn, depth):
    """(chance, reads) for every sample of at most `depth` units in each drawn box."""
    reads = [min(depth, sizes[k]) for k in drawn]
    for found in product(*(range(read + 1) for read in reads)):
        chance = Fraction(1)
        for k, read, number in zip(drawn, reads, found, strict=True):
            chance *= chance_in_box(sizes[k], bad[k], read, number)
        if chance:
            yield (
                chance,
                [Read(sizes[k], r, f) for k, r, f in zip(drawn, reads, found, strict=True)],
            )


@pytest.mark.parametrize("sizes", [(1, 2, 3), (2, 2, 2), (1, 1, 4)])
@pytest.mark.parametrize("alpha", LEVELS)
@pytest.mark.parametrize("depth", [1, 2])
def test_sampled_boxes_miss_at_most_as_often_as_they_say_in_every_small_world(sizes, alpha, depth):
    for bad in contents(sizes):
        missed = Fraction(0)
        for drawn, others in samples_of_boxes(sizes, 2):
            for chance, reads in readings(sizes, bad, drawn, depth):
                if most_bad_in_sampled_boxes(reads, others, alpha) < sum(bad):
                    missed += chance
        assert missed <= alpha * comb(len(sizes), 2)


@pytest.mark.parametrize("sizes", [(1, 2), (1, 1, 3)])
@pytest.mark.parametrize("alpha", LEVELS)
def test_boxes_drawn_by_size_miss_at_most_as_often_as_they_say_in_every_small_world(sizes, alpha):
    units = sum(sizes)
    for bad in contents(sizes):
        missed = Fraction(0)
        for drawn in product(range(len(sizes)), repeat=2):
            share = Fraction(sizes[drawn[0]] * sizes[drawn[1]], units**2)
            for chance, reads in readings(sizes, bad, drawn, 1):
                if most_bad_by_shares(reads, units, alpha) < sum(bad):
                    missed += share * chance
        assert missed <= alpha


def test_the_bound_for_single_units_misses_too_often_when_boxes_were_drawn():
    """Ten boxes of ten, one of them read, nothing bad in it.

    At 75 % the simple bound then says 12 or fewer of 100.  With twenty bad ones in two boxes it says so
    four times in five, and it allows itself to be wrong one time in four.
    """
    alpha = Fraction(1, 4)
    nothing = [Read(10, 10, 0)]
    claim = simple_claim(most_bad_in_whole_boxes(nothing, [10] * 9, alpha), nothing, 100, alpha)
    assert claim.claimed == 12
    assert claim.claimed == most_bad(0, 10, 100, alpha)
    assert claim.is_overstated
    bad = [10, 10, *[0] * 8]
    missed = sum(most_bad(b, 10, 100, alpha) < 20 for b in bad)
    assert Fraction(missed, 10) == Fraction(8, 10) > alpha
    assert claim.valid == 70


def test_boxes_of_one_unit_are_a_simple_random_sample():
    reads = [Read(1, 1, 1), *[Read(1, 1, 0)] * 39]
    assert most_bad_in_whole_boxes(reads, [1] * 360, "0.05") == most_bad(1, 40, 400, "0.05")


def test_all_boxes_read_in_full_leave_no_doubt():
    reads = [Read(3, 3, 1), Read(5, 5, 0)]
    assert most_bad_in_whole_boxes(reads, [], "0.01") == 1


@pytest.mark.parametrize("size", [50, 250, 500])
@pytest.mark.slow
def test_cobbs_signature_sample_by_boxes_allows_far_more_than_a_simple_sample_would_claim(size):
    """15,118 of 150,431 envelopes came from boxes drawn at random; the boxes' sizes were not published.

    Expected: scipy's hypergeometric tail for the boxes, every unseen bad box full.
    """
    for bad_boxes in ({2: 1}, {1: 2}):
        drawn, others = equal_boxes(150_431, 15_118, size, bad_boxes)
        touched, boxes = sum(bad_boxes.values()), len(drawn) + len(others)
        assert sum(one.size for one in drawn) + sum(others) == 150_431
        top = int((hypergeom.cdf(touched, boxes, np.arange(boxes + 1), len(drawn)) > 0.01).nonzero()[0].max())
        valid = most_bad_in_whole_boxes(drawn, others, "0.01")
        assert valid == 2 + (top - touched) * size
        claim = simple_claim(valid, drawn, 150_431, "0.01")
        assert claim.claimed == most_bad(2, sum(one.size for one in drawn), 150_431, "0.01")
        assert claim.valid > 30 * claim.claimed


@pytest.mark.parametrize(
    "act",
    [
        lambda: most_bad_in_whole_boxes([Read(5, 4, 0)], [5], "0.05"),
        lambda: most_bad_in_sampled_boxes([Read(5, 4, 5)], [5], "0.05"),
        lambda: most_bad_in_sampled_boxes([Read(5, 0, 0)], [5], "0.05"),
        lambda: most_bad_in_sampled_boxes([Read(5, 5, 0)], [0], "0.05"),
    ],
)
def test_impossible_readings_are_refused(act):
    with pytest.raises(ValueError, match="expected"):
        act()
