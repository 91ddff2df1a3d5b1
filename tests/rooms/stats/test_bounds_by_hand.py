"""Bounds and confidence bounds at their edges: exact ties, the last decimal, the last attainable mean."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from scipy.stats import beta, hypergeom

from tallybook.stats.bounds import (
    bad_between,
    fewest_bad,
    highest_count,
    highest_share,
    level,
    lowest_share,
    most_bad,
    sample_to_show,
    share_between,
)
from tallybook.stats.confidence import (
    BETS,
    confidence_sequence,
    kaplan_wald,
    log_sum,
    mean_between,
    mean_lower,
    mean_lower_by_scan,
    mean_upper,
)
from tallybook.stats.errors import NumberError


@pytest.mark.parametrize(("bad", "drawn", "units"), [(2, 30, 400), (1, 40, 60), (5, 90, 3000)])
def test_two_sides_take_half_of_the_level_each(bad, drawn, units):
    low, high = bad_between(bad, drawn, units, "0.1")
    assert hypergeom.cdf(bad, units, high, drawn) > 0.05 >= hypergeom.cdf(bad, units, high + 1, drawn)
    assert hypergeom.sf(bad - 1, units, low, drawn) > 0.05 >= hypergeom.sf(bad - 1, units, low - 1, drawn)
    least, most = share_between(bad, drawn, "0.1", 5)
    assert most == Fraction(math.ceil(beta.ppf(0.95, bad + 1, drawn - bad) * 10**5), 10**5)
    assert least == Fraction(math.floor(beta.ppf(0.05, bad, drawn - bad + 1) * 10**5), 10**5)


def test_a_level_of_nothing_rules_out_only_the_impossible():
    assert most_bad(1, 3, 10, 0) == 8
    assert fewest_bad(1, 3, 10, 0) == 1
    assert sample_to_show(3, 10, 0) == 7


def test_the_least_sample_may_be_everything_or_nothing():
    # One bad of three: two drawn miss it with chance 1/3.
    assert sample_to_show(0, 3, "0.01") == 3
    assert sample_to_show(0, 3, "1/3") == 2
    assert sample_to_show(0, 0, "0.05") == 0
    assert sample_to_show(3, 3, "0.05", 2) == 2
    # 1 - 37/40 * 36/39 * ...: without a bad one, four of 40 must show; the next test counts it out.
    n = sample_to_show(3, 40, "0.05")
    chance = [math.comb(36, k) / math.comb(40, k) for k in (n - 1, n)]
    assert chance[0] > 0.05 >= chance[1]


def test_a_share_is_rounded_up_to_the_decimals_asked_for():
    # None of 1: 1 - p <= 0.05 at p = 0.95 exactly.
    assert highest_share(0, 1, "0.05", 2) == Fraction(95, 100)
    assert lowest_share(1, 1, "0.05", 2) == Fraction(5, 100)
    # None of 10: 1 - 0.05^(1/10) = 0.25887...
    assert highest_share(0, 10, "0.05", 1) == Fraction(3, 10)
    assert highest_share(0, 10, "0.05", 4) == Fraction(2589, 10**4)
    assert (
        highest_share(0, 10, "0.05")
        == highest_share(0, 10, "0.05", 9)
        == Fraction(math.ceil((1 - 0.05**0.1) * 10**9), 10**9)
    )
    assert lowest_share(10, 10, "0.05") == 1 - highest_share(0, 10, "0.05", 9)
    assert share_between(0, 10, "0.1") == (0, highest_share(0, 10, "0.05", 9))
    # None of 100: the smallest step already suffices.
    assert highest_share(0, 100, "0.05", 1) == Fraction(1, 10)
    assert highest_share(4, 4, "0.05") == 1
    assert lowest_share(0, 4, "0.05") == 0


def test_a_count_is_rounded_up_to_the_decimals_asked_for():
    # e^-m <= 0.05 from m = 2.995732...; e^-m <= 0.95 from m = 0.0513.
    assert highest_count(0, "0.05", 1) == 3
    assert highest_count(0, "0.05", 4) == Fraction(29958, 10**4)
    assert highest_count(0, "0.05") == highest_count(0, "0.05", 6) == Fraction(2995733, 10**6)
    assert highest_count(0, "0.95", 1) == Fraction(1, 10)


def from_the_first_draw(x, _N, t):
    """The test that one draw of 0 or 1 allows: p = t if it is 1."""
    return float(t) if x and x[0] == 1 else 1.0


def test_both_sides_use_the_test_that_was_given():
    assert mean_upper((0, 1), None, "0.25", 1, from_the_first_draw, parts=100) == Fraction(3, 4)
    assert mean_lower((1, 0), None, "0.25", 1, from_the_first_draw, parts=100) == Fraction(1, 4)
    assert mean_between((1, 0), None, "0.5", 1, from_the_first_draw, parts=100) == (Fraction(1, 4), 1)
    assert mean_between((0, 1), None, "0.5", 1, from_the_first_draw, parts=100) == (0, Fraction(3, 4))
    narrow = confidence_sequence((1, 0), None, "0.5", 1, (1, 2), from_the_first_draw, parts=8)
    assert narrow == ((Fraction(1, 4), 1), (Fraction(1, 4), 1))


def plain_p(x, N, t):
    """1 over the best of sum of w prod(1 - c + c x / m) so far, in fractions; 0 if the mean is impossible."""
    factors, best = [Fraction(w) for _, w in BETS], Fraction(1)
    for j, one in enumerate(x):
        m = (N * t - sum(x[:j])) / (N - j)
        if one > (N - j) * m:
            return Fraction(0)
        c_factors = [1 - Fraction(c) + Fraction(c) * one / m for c, _ in BETS] if m else [1] * len(BETS)
        factors = [a * b for a, b in zip(factors, c_factors, strict=True)]
        best = max(best, sum(factors))
    return 1 / best


def test_two_sides_of_a_mean_take_half_of_the_level_each():
    x = (2, 1, 2, 2, 0, 2, 2, 2)
    for N in (None, 30):
        whole = mean_between(x, N, "0.2", 2)
        assert whole == (mean_lower(x, N, "0.1", 2), mean_upper(x, N, "0.1", 2))
        assert confidence_sequence(x, N, "0.2", 2, (8,), parts=10**6) == (whole,)
    # In five parts of 2: the last of 0, 2/5, 4/5, ... that the test in fractions rejects at 0.1.
    ((low, high),) = confidence_sequence(x, 30, "0.2", 2, (8,), parts=5)
    missing = [2 - one for one in x]
    parts = [Fraction(2 * k, 5) for k in range(5)]
    assert low == max(t for t in parts if plain_p(x, 30, t) <= Fraction(1, 10))
    assert high == 2 - max(t for t in parts if plain_p(missing, 30, t) <= Fraction(1, 10))
    assert mean_between(x, 30, "0.2", 2) != mean_between(x, None, "0.2", 2)


def test_a_mean_may_be_stated_in_one_part():
    assert mean_lower((1,), None, "0.5", 1, parts=1) == 0
    assert mean_lower((1, 1), 2, "0.5", 1, parts=1) == 0
    assert mean_upper((0, 0), 2, "0.5", 1, parts=1) == 1


@pytest.mark.parametrize(
    ("p_value", "lower"),
    [
        (lambda _x, _N, _t: 0.0, Fraction(2)),
        (lambda _x, _N, _t: 1.0, Fraction(1, 2)),
        (lambda _x, _N, t: 1.0 if t >= Fraction(3, 2) else 0.0, Fraction(3, 2)),
        (lambda _x, _N, t: 1.0 if t >= 2 else 0.0, Fraction(2)),
        (lambda _x, _N, t: 0.25 if t < 1 else 1.0, Fraction(1)),
        (lambda _x, N, t: 1.0 if t * N >= 3 else 0.0, Fraction(3, 2)),
        (lambda _x, _N, t: 1.0 if t > 2 else 0.0, Fraction(2)),
    ],
    ids=[
        "all",
        "none",
        "the last but one",
        "the last",
        "exactly the level",
        "the size is passed",
        "no mean above the top",
    ],
)
def test_a_scan_stops_at_the_first_mean_that_is_not_rejected(p_value, lower):
    assert mean_lower_by_scan((1,), 2, "0.25", 2, p_value) == lower


def test_a_mean_of_zero_falls_at_the_smallest_number_above_it():
    assert kaplan_wald((1,), None, Fraction(0)) == 0.0
    assert kaplan_wald((0, 1), 5, Fraction(0)) == 0.0
    assert kaplan_wald((0, 0), 5, Fraction(0)) == 1.0
    assert kaplan_wald((), None, Fraction(1, 2)) == 1.0
    assert kaplan_wald((0,), None, Fraction(1, 2)) == 1.0


def test_the_logarithm_of_a_sum_stays_finite_or_is_nothing():
    assert log_sum([1000.0, 1000.0]) == pytest.approx(1000 + math.log(2))
    assert log_sum([-math.inf, 0.0]) == 0.0
    assert log_sum([-math.inf, -math.inf]) == -math.inf


@pytest.mark.parametrize(
    ("call", "argument", "found"),
    [
        (lambda: level(0.05), "alpha", 0.05),
        (lambda: level("1"), "alpha", "1"),
        (lambda: level("x"), "alpha", "x"),
        (lambda: level("-1/2"), "alpha", "-1/2"),
        (lambda: highest_count(1, "0"), "alpha", "0"),
        (lambda: highest_share(0, 10, "0.05", 0), "digits", 0),
        (lambda: highest_count(0, "0.05", 0), "digits", 0),
        (lambda: sample_to_show(4, 3, "0.05"), "at_most", 4),
        (lambda: sample_to_show(2, 3, "0.05", 3), "bad", 3),
        (lambda: most_bad(1, 11, 10, "0.05"), "drawn", 11),
        (lambda: mean_lower((1,), None, "0.05", 1, parts=0), "parts", 0),
        (lambda: mean_lower((1, 3), None, "0.05", 2), "x", 3),
        (lambda: mean_lower((1,), None, "0.05", 0), "top", 0),
        (lambda: mean_upper((1, 3), None, "0.05", 2), "x", 3),
        (lambda: confidence_sequence((1, 1, 1), 2, "0.05", 1, (1,)), "N", 2),
        (lambda: confidence_sequence((1, 1, 1), None, "0.05", 1, (2, 2)), "looks", 2),
        (lambda: confidence_sequence((1, 1, 1), None, "0.05", 1, (4,)), "looks", 4),
        (lambda: confidence_sequence((1, 1, 1), None, "0.05", 1, (0,)), "looks", 0),
    ],
)
def test_a_wrong_call_is_answered_with_what_was_found(call, argument, found):
    with pytest.raises(NumberError) as problem:
        call()
    assert (problem.value.argument, problem.value.found) == (argument, found)
