"""The stratified test worked out by hand: shares of the total, edges, allocation, wrong calls."""

from __future__ import annotations

import math
import random
from decimal import Context, Decimal
from fractions import Fraction

import numpy as np
import pytest

from tallybook.stats import strata as strata_module
from tallybook.stats import strata_certainty
from tallybook.stats.errors import NumberError
from tallybook.stats.martingale import EPS
from tallybook.stats.strata import (
    Answer,
    Curve,
    Stratum,
    allocate,
    curve_error,
    exact_share_p,
    mixed_stakes,
    product_stakes,
    union_p,
)

HALF = Fraction(1, 2)


def stratum(x, u, N, *stakes, replace=False):
    """The same stake on every draw, or an even mixture of several."""
    rows = mixed_stakes(stakes, len(x)) if len(stakes) > 1 else product_stakes(stakes[0], len(x))
    return Stratum(np.array(x, dtype=int), u, N, rows, replace)


@pytest.mark.parametrize(
    ("one", "total", "p"),
    [
        # 1/2 + 1/2 * 4/3, then 1/2 + 1/2 * 3/(3 - 1): 7/6 * 5/4.
        (stratum([1, 1], 1, 4, 0.5), 3, Fraction(24, 35)),
        # With replacement both factors are 7/6.
        (stratum([1, 1], 1, 4, 0.5, replace=True), 3, Fraction(36, 49)),
        # The mean of two bets: (3/2 + 5/4)/2.
        (stratum([1], 1, 2, 0.5, 0.25), 1, Fraction(8, 11)),
        # Nothing is left after the 1, and the 0 still costs its stake: (1/2 + 8/2) * 1/2.
        (stratum([1, 0], 1, 8, 0.5), 1, Fraction(4, 9)),
        # A total of 1 holds a 1 that was drawn twice: 1/2 + 4/2, squared.
        (stratum([1, 1], 1, 4, 0.5, replace=True), 1, Fraction(4, 25)),
        (stratum([1, 1], 1, 4, 0.5), 1, Fraction(0)),
        (stratum([1, 1], 1, 4, 0.5), Fraction(3, 2), Fraction(0)),
        (stratum([2, 0], 2, 4, 0.5, replace=True), 1, Fraction(0)),
        # Two 0 are seen: the other two hold at most 2 each.
        (stratum([0, 0], 2, 4, 0.5), 4, Fraction(1)),
        (stratum([0, 0], 2, 4, 0.5), 5, Fraction(0)),
        # With replacement all four may still be 2 each.
        (stratum([0, 0], 2, 4, 0.5, replace=True), 8, Fraction(1)),
        (stratum([0, 0], 2, 4, 0.5, replace=True), 9, Fraction(0)),
        (stratum([], 1, 4, 0.5), 0, Fraction(1)),
        (stratum([], 1, 4, 0.5, replace=True), 0, Fraction(1)),
        (stratum([], 1, 4, 0.5), -1, Fraction(0)),
    ],
)
def test_the_risk_of_one_share_is_the_product_worked_by_hand(one, total, p):
    assert exact_share_p([one], [total]) == p


def test_the_risk_of_a_share_is_one_over_the_product_of_all_strata():
    first, second = stratum([1, 1], 1, 4, 0.5), stratum([1], 1, 2, 0.5, 0.25)
    assert exact_share_p([first, second], [3, 1]) == Fraction(24, 35) * Fraction(8, 11)
    # 7/6 and a loss: 1/2 * 7/6 is below 1, the risk is 1.
    assert exact_share_p([stratum([1], 1, 4, 0.5), stratum([0], 1, 4, 0.5)], [3, 1]) == 1


@pytest.mark.parametrize(
    ("one", "B"),
    [
        (stratum([1, 1], 1, 4, 0.5), 3), (stratum([1, 1], 1, 4, 0.5, replace=True), 3),
        (stratum([1], 1, 2, 0.5, 0.25), 1), (stratum([2, 2, 1, 2], 2, 30, 0.75), 30),
        (stratum([2, 2, 1, 2] * 2, 2, 7, 0.75, replace=True), 5), (stratum([1, 1], 1, 4, 0.5), 2),
        (stratum([1] * 9, 1, 400, 0.125, 0.5, 0.875), 200),
    ],
)  # fmt: skip
def test_one_stratum_has_one_hardest_share_and_is_enclosed_by_the_answer(one, B):
    answer, exact = union_p([one], B), exact_share_p([one], [B])
    assert Fraction(answer.least) <= exact <= Fraction(answer.p)
    assert answer.p == pytest.approx(answer.least, rel=1e-8)
    assert answer.totals == (B,)


def random_stratum(rng, replace):
    u, N = rng.choice([1, 2, 4]), rng.randint(6, 12)
    x = [rng.choice([0, u, u, rng.randint(0, u)]) for _ in range(rng.randint(2, 5))]
    return stratum(x, u, N, *rng.choice([(0.25,), (0.5,), (0.875, 0.25)]), replace=replace)


def bounds(one):
    """The totals that are still possible, listed from what was seen."""
    x = one.x.tolist()
    if one.replace:
        return max(x), one.N * one.u
    return sum(x), sum(x) + (one.N - len(x)) * one.u


@pytest.mark.parametrize("replace", [False, True])
def test_the_answer_is_attained_by_a_share_that_is_possible(replace):
    rng, certain = random.Random(12 + replace), 0
    for _ in range(40):
        strata = [random_stratum(rng, replace) for _ in range(rng.choice([2, 3]))]
        B = sum(s.N * s.u for s in strata) * 2 // 5
        limits = [bounds(s) for s in strata]
        if not sum(low for low, _ in limits) <= B < sum(high for _, high in limits):
            continue
        answer = union_p(strata, B)
        assert all(low <= A <= high for A, (low, high) in zip(answer.totals, limits, strict=True))
        assert sum(answer.totals) <= B * (1 + 1e-12)
        attained = exact_share_p(strata, [Fraction(A) for A in answer.totals])
        assert float(attained) == pytest.approx(answer.p, rel=1e-6)
        certain += attained < 1
    assert certain > 5


def test_a_share_may_not_exceed_what_a_stratum_can_still_hold():
    # The second stratum holds 2 or 3, so the first has at least 5 of the 8: 4 of 10 drawn, all 1.
    first, second = stratum([1, 1, 1, 1], 1, 10, 0.5), stratum([1, 1, 0, 0, 0], 1, 6, 0.75)
    grid = [Fraction(k, 200) for k in range(1000, 1201)]
    highest = max(exact_share_p([first, second], [A, 8 - A]) for A in grid)
    assert union_p([first, second], 8).p == pytest.approx(float(highest), rel=1e-3)


def test_more_than_was_allowed_was_seen():
    answer = union_p([stratum([1, 1], 1, 4, 0.5), stratum([1], 1, 2, 0.5)], 2)
    assert answer == Answer(0.0, 0.0, (2.0, 1.0))


def test_a_total_that_every_outcome_meets_is_never_rejected():
    # At most 2 + 2 and 1 + 1 can be there: B = 6 says nothing.
    strata = [stratum([1, 1], 1, 4, 0.5), stratum([1], 1, 2, 0.5)]
    assert union_p(strata, 6).p == 1.0
    assert union_p(strata, 6).totals == (4.0, 2.0)
    assert union_p(strata, 5).p < 1.0


def test_a_search_to_the_last_bit_is_allowed_and_changes_nothing_visible():
    strata = [stratum([1, 1, 0, 1], 1, 40, 0.5), stratum([1, 1, 1], 1, 60, 0.5)]
    assert union_p(strata, 50, gap=0).p == pytest.approx(union_p(strata, 50).p, rel=1e-8)


def test_with_replacement_more_may_be_drawn_than_there_are():
    assert union_p([stratum([1, 0, 1, 1, 0, 1, 1], 1, 3, 0.25, replace=True)], 1).p < 1
    with pytest.raises(NumberError, match="draws without replacement"):
        union_p([stratum([1, 0, 1, 1], 1, 3, 0.25)], 1)


def test_wealth_lost_beyond_every_double_is_a_risk_of_one():
    # T = (1/4)^2000, far below e^-710.
    answer = union_p([stratum([0] * 2000, 1, 9000, 0.75), stratum([1], 1, 9000, 0.5)], 9000)
    assert (answer.p, answer.least) == (1.0, 1.0)


def test_wealth_won_beyond_every_double_is_a_risk_of_hardly_anything():
    # T is about 2^2000.
    answer = union_p([stratum([1] * 4000, 1, 10**7, 0.75)], 10**7 // 2)
    assert 0 < answer.p <= 1e-300
    assert answer.least <= answer.p


def test_the_only_number_of_a_stratum_may_be_as_small_as_one_unit():
    # N = 1 and x = 1 of at most 2, with replacement: ln T = ln(1/2 + 1/2 * 1/A) for A from 1 to 2.
    strata = [stratum([1], 2, 1, 0.5, replace=True), stratum([1] * 5, 1, 20, 0.5)]
    answer = union_p(strata, 8)
    grid = [1 + Fraction(k, 500) for k in range(501)]
    highest = max(exact_share_p(strata, [A, 8 - A]) for A in grid)
    assert answer.p == pytest.approx(float(highest), rel=1e-4)


def test_a_curve_is_infinite_where_a_drawn_number_rules_the_total_out():
    # One draw of 1 after a sum of 1, of N - 1 = 2 left: 1/2 + 1/2 * 2/(A - 1).
    curve = Curve(np.array([2.0]), np.array([1.0]), np.array([[0.5]]), np.array([1.0]), 2, 4, 0.0)
    assert curve.value(3.0) == pytest.approx(math.log(1.0), abs=1e-15)
    assert curve.value(2.0) == pytest.approx(math.log(1.5))
    # The derivative of ln(1/2 + 1/(A - 1)) at 2 is -1/1.5.
    assert curve.value_and_slope(2.0)[1] == pytest.approx(-2 / 3)
    for A in (1.0, 0.5):
        assert curve.value_and_slope(A) == (math.inf, -math.inf)


@pytest.mark.parametrize(("n", "units"), [(0, 26 * 50), (6, 30 * 7 * 50), (14, 32 * 15 * 50)])
def test_the_rounding_of_a_curve_is_the_stated_formula(n, units):
    # EPS (24 + 2 log2(n + 2)) (n + 1) 50
    assert curve_error(n) == pytest.approx(units * EPS, rel=1e-12, abs=0)


def test_a_stake_of_nothing_proves_nothing():
    assert product_stakes(0, 3).tolist() == [0, 0, 0]
    assert union_p([stratum([1, 1, 1], 1, 9, 0.0)], 4).p == pytest.approx(1, abs=1e-9)


def test_the_largest_remainders_get_the_last_draws():
    # 1.5, 2.6 and 5.9 of 10: the two that lost most, 0.9 and 0.6, are rounded up.
    assert allocate(10, [1.5, 2.6, 5.9]) == [1, 3, 6]
    assert allocate(10, [5.9, 1.5, 2.6]) == [6, 1, 3]
    assert allocate(4, [1, 0, 3]) == [1, 0, 3]
    assert allocate(0, [1, 2]) == [0, 0]


@pytest.mark.parametrize(
    ("call", "argument", "found"),
    [
        (lambda: union_p([], 3), "strata", 0),
        (lambda: union_p([stratum([1], 1, 2, 0.5)], 1, gap=-1.0), "gap", -1.0),
        (lambda: union_p([stratum([1], 1, 2, 0.5)], 1, gap=math.nan), "gap", math.nan),
        (lambda: union_p([Stratum(np.array([1]), 1, 2, np.array([0.5, 0.5]))], 1), "stakes", (1, 2)),
        (lambda: union_p([Stratum(np.array([1]), 1, 2, np.array([1.5]))], 1), "stakes", 1.5),
        (lambda: exact_share_p([stratum([1], 1, 2, 0.5)], [1, 1]), "totals", 2),
        (lambda: exact_share_p([], []), "totals", 0),
        (lambda: exact_share_p([stratum([1], 1, 2, 0.5)], ["x"]), "totals", "x"),
        (lambda: product_stakes(1.5, 3), "stakes", 1.5),
        (lambda: mixed_stakes([], 3), "stakes", 0),
        (lambda: mixed_stakes([0.5, -0.5], 3), "stakes", -0.5),
        (lambda: allocate(3, [0, 0]), "weights", [0, 0]),
        (lambda: allocate(3, (1, -1, 5)), "weights", [1, -1, 5]),
        (lambda: allocate(3, [1, math.inf]), "weights", [1, math.inf]),
    ],
)  # fmt: skip
def test_a_wrong_call_is_answered_with_what_was_found(call, argument, found):
    with pytest.raises(NumberError) as problem:
        call()
    assert problem.value.argument == argument
    assert problem.value.found == found or found != found


def test_a_certified_bound_is_never_rounded_below_its_logarithm():
    # e^-b in fifty digits: the double that is published lies at or above it, and close.
    for k in range(1, 200):
        bound = k * 0.37
        exact = Context(prec=50).exp(-Decimal(bound))
        p = Decimal(strata_module._answer(bound, bound, [0.0]).p)
        assert exact <= p <= exact * (1 + Decimal(2) ** -48)


@pytest.mark.parametrize(
    ("one", "B", "p"),
    [
        (stratum([1, 1], 1, 4, 0.5), 3, Fraction(24, 35)),
        (stratum([1, 1], 1, 4, 0.5, replace=True), 3, Fraction(36, 49)),
        (stratum([1], 1, 2, 0.5, 0.25), 1, Fraction(8, 11)),
        (stratum([1, 0], 1, 8, 0.5), 1, Fraction(4, 9)),
        (stratum([1, 1], 1, 4, 0.5, replace=True), 1, Fraction(4, 25)),
        # Two bets on two draws: (7/6 * 5/4 + 13/12 * 9/8)/2 = (35/24 + 117/96)/2 = 257/192.
        (stratum([1, 1], 1, 4, 0.5, 0.25), 3, Fraction(192, 257)),
    ],
)
def test_the_proven_interval_of_one_stratum_holds_the_product_worked_by_hand(one, B, p):
    low, high = strata_certainty.union_between([one], B)
    assert low <= p <= high <= low * (1 + Fraction(1, 10**50))
    assert strata_certainty.union_at_most_proven([one], B, p)
    assert not strata_certainty.union_at_most_proven([one], B, p - Fraction(1, 10**40))


def test_the_wealth_and_its_slope_lie_between_two_fractions_that_differ():
    # At a total of 3 the factors are 7/6 and 5/4, their derivatives -2/9 and -3/8: -4/21 - 3/10.
    found = strata_certainty._enclosed(stratum([1, 1], 1, 4, 0.5), Fraction(3))
    assert found.T[0] < Fraction(35, 24) < found.T[1] < Fraction(35, 24) + Fraction(1, 10**50)
    assert found.slope[0] < -Fraction(103, 210) < found.slope[1] < found.slope[0] + Fraction(1, 10**50)
    # One 1 of N = 5 at a total of 2: 1/2 + 5/4 = 7/4 has few digits, its slope -(5/8)/(7/4) has not.
    found = strata_certainty._enclosed(stratum([1], 1, 5, 0.5), Fraction(2))
    assert (Fraction(7, 4), Fraction(7, 4)) == found.T
    assert found.slope[0] < -Fraction(5, 14) < found.slope[1]


def test_the_second_stratum_never_holds_less_than_was_drawn_from_it():
    # T at shares (A, 6 - A), 3 <= A <= 4: two 1 of N = 9, then two 1 of N = 3, stakes of one half.
    strata, B = [stratum([1, 1], 1, 9, 0.5), stratum([1, 1], 1, 3, 0.5)], 6

    def product(A):
        return (1 + 9 / A) * (1 + 8 / (A - 1)) * (1 + 3 / (6 - A)) * (1 + 2 / (5 - A)) / 16

    low, high = Fraction(3), Fraction(4)
    while high - low > Fraction(1, 10**16):
        left, right = ((low + (high - low) * k / 3).limit_denominator(10**30) for k in (1, 2))
        low, high = (low, right) if product(left) < product(right) else (left, high)
    risk, step = 1 / product((low + high) / 2), Fraction(1, 10**25)
    assert strata_certainty.union_at_most_proven(strata, B, risk + step)
    assert not strata_certainty.union_at_most_proven(strata, B, risk - step)


def test_a_proposed_share_always_spends_what_there_is():
    rng = random.Random(4)
    for _ in range(60):
        strata = [stratum([1] * rng.randint(0, 3), 2, rng.randint(4, 9), 0.5) for _ in range(3)]
        curves = [strata_module.curve_of(one) for one in strata]
        lows, highs = sum(c.low for c in curves), sum(c.high for c in curves)
        B = rng.randint(lows, highs)
        totals = [rng.uniform(c.low - 1, c.high + 1) for c in curves]
        share = strata_certainty._spent(curves, totals, B)
        assert sum(share) == B
        assert all(c.low <= a <= c.high for c, a in zip(curves, share, strict=True))


def test_no_stratum_is_no_question():
    with pytest.raises(NumberError) as problem:
        strata_certainty.union_between([], 3)
    assert (problem.value.argument, problem.value.found) == ("strata", 0)
