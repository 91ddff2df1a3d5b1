"""The engine of test martingales: its edges, its arithmetic, its refusals."""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction

import numpy as np
import pytest

from tallybook.stats.bets import ShrinkTruncate, constant_mean, fixed, kaplan_wald, mixture, shrink_truncate
from tallybook.stats.certainty import at_most, exact_p, publish, published
from tallybook.stats.default_bet import Prior, default_bet
from tallybook.stats.errors import NumberError
from tallybook.stats.lattice import Null, on_lattice
from tallybook.stats.martingale import EPS, error_bound, wealth, wealths

HALF = Fraction(1, 2)


def test_ten_straight_wins_at_55_percent_give_a_risk_of_0_386():
    x, null = on_lattice([1] * 10, 1, HALF)
    w = wealth(x, null, constant_mean(0.55))
    assert w.p[-1] == pytest.approx(0.5**10 / 0.55**10, rel=1e-12)
    assert published(w) == "0.385544"


def test_ballot_polling_wealth_matches_the_product_worked_by_hand():
    # BRAVO at a reported 60 %: (1.2)^6 (0.8)^4 after six of ten (Lindeman, Stark & Yates 2012).
    x, null = on_lattice([1, 1, 0, 1, 0, 1, 0, 1, 0, 1], 1, HALF)
    w = wealth(x, null, constant_mean(0.6))
    assert math.exp(w.log_wealth[-1]) == pytest.approx(1.2**6 * 0.8**4, rel=1e-12)


def test_the_risk_is_the_running_minimum():
    x, null = on_lattice([1, 1, 1, 0, 0, 0], 1, HALF)
    w = wealth(x, null, constant_mean(0.75))
    assert w.p.tolist() == pytest.approx([1 / 1.5, 1 / 1.5**2] + [1 / 1.5**3] * 4, rel=1e-12)


def test_the_null_is_impossible_once_the_sum_exceeds_what_it_allows():
    w = wealth([1, 1, 1, 0], Null(t=1, u=2, N=4, d=2), constant_mean(0.75))
    assert w.impossible is None
    w = wealth([2, 2, 1, 0], Null(t=1, u=2, N=4, d=2), constant_mean(0.75))
    assert w.impossible == 3
    assert w.p.tolist()[2:] == [0.0, 0.0]
    assert published(w) == "0"


def test_a_null_mean_of_zero_skips_the_factor_until_any_number_is_above_zero():
    w = wealth([2, 2, 0], Null(t=1, u=2, N=4, d=2), constant_mean(0.75))
    assert w.impossible is None
    assert w.log_wealth[2] == w.log_wealth[1]
    assert wealth([2, 2, 0, 1], Null(t=1, u=2, N=4, d=2), constant_mean(0.75)).impossible == 4


def test_a_certain_null_ends_the_game_and_leaves_the_best_risk_as_it_was():
    w = wealth([2, 0, 0, 0, 0], Null(t=1, u=2, N=7, d=2), kaplan_wald(0.5))
    assert w.certain is None
    w = wealth([1, 0, 0, 0, 0], Null(t=1, u=2, N=7, d=2), kaplan_wald(0.9))
    assert w.certain == 5  # (7 - 1)/3 = 2 = u before draw 5
    assert w.log_wealth[-1] == -math.inf
    assert w.p[-1] == w.p[0] == 1.0


def test_at_a_census_the_risk_is_the_limit_that_the_count_decides():
    lost = wealth([2, 2, 0, 0], Null(t=1, u=2, N=4, d=2), constant_mean(0.9))
    won = wealth([2, 2, 1, 0], Null(t=1, u=2, N=4, d=2), constant_mean(0.9))
    assert (lost.census, lost.p[-1], published(lost)) == (True, 1.0, "1")
    assert (won.census, won.p[-1], published(won)) == (True, 0.0, "0")
    assert not at_most(lost, "0.99")


@pytest.mark.parametrize(("x", "p"), [(0, 1.0), (1, 1.0), (2, 0.0)])
def test_a_population_of_one_is_a_census_after_one_draw(x, p):
    assert wealth([x], Null(t=1, u=2, N=1, d=2), constant_mean(0.75)).p.tolist() == [p]


def test_wealth_lost_whole_stays_lost():
    w = wealth([2, 0, 2, 2], Null(t=1, u=2, d=2), fixed(2.0))
    assert w.log_wealth[1:].tolist() == [-math.inf] * 3


def test_a_component_of_a_mixture_that_reached_zero_stays_zero():
    x = [2, 0, 2, 2, 2]
    all_in, half = fixed(2.0), fixed(1.0)
    w = wealth(x, Null(t=1, u=2, d=2), mixture([all_in, half]))
    expected = [
        (2**k * (k < 2) + t) / 2 for k, t in ((1, 1.5), (9, 0.75), (9, 1.125), (9, 1.6875), (9, 2.53125))
    ]
    assert np.exp(w.log_wealth).tolist() == pytest.approx(expected, rel=1e-12)


def test_exact_ties_never_make_the_null_impossible():
    # Sums of thirds, sevenths and the like that meet N t exactly; doubles take some of them for a win.
    rng = random.Random(20201103)
    seen_by_doubles = 0
    for _ in range(400):
        d, N = rng.choice([3, 7, 9, 11, 13, 21, 49]), rng.randint(5, 40)
        x = [rng.randint(0, 2 * d) for _ in range(N)]
        t = Fraction(sum(x), N * d)
        if t >= 2:
            continue
        seen_by_doubles += sum(v / d for v in x) > N * float(t)
        numbers, null = on_lattice([Fraction(v, d) for v in x], 2, t, N)
        w = wealth(numbers, null, kaplan_wald(0.5))
        assert w.impossible is None
        assert w.p[-1] == 1.0
    assert seen_by_doubles > 0


def test_risks_do_not_depend_on_the_unit():
    x = [3, 1, 4, 1, 5, 5, 2, 6]
    a = wealth(x, Null(t=3, u=6, N=20), kaplan_wald(0.3))
    b = wealth([1000 * v for v in x], Null(t=3000, u=6000, N=20, d=7), kaplan_wald(0.3))
    assert published(a) == published(b)


def test_numbers_beyond_64_bits_are_still_exact():
    big = 10**19
    a = wealth([0, 1, 2, 2, 2, 2, 2], Null(t=1, u=2, N=8), kaplan_wald(0.5))
    b = wealth([0, big, *[2 * big] * 5], Null(t=big, u=2 * big, N=8), kaplan_wald(0.5))
    assert a.impossible == b.impossible == 6
    assert a.log_wealth.tolist() == pytest.approx(b.log_wealth.tolist())


def test_rows_played_together_equal_rows_played_alone():
    nulls = [Null(t=1, u=2, N=50, d=2), Null(t=3, u=7, d=5)]
    rows = [[2, 1, 0, 2, 2, 2], [7, 0, 3, 7, 7, 7]]
    bet = shrink_truncate(ShrinkTruncate(eta0=0.8))
    for both, row, null in zip(wealths(rows, nulls, bet), rows, nulls, strict=True):
        assert both.p.tolist() == wealth(row, null, bet).p.tolist()


def test_the_stated_error_holds_against_exact_fractions():
    rng = random.Random(7)
    for N in (None, 400):
        x = [rng.choice([0, 1, 2, 2, 2]) for _ in range(200)]
        w = wealth(x, Null(t=1, u=2, N=N, d=2), shrink_truncate(ShrinkTruncate(eta0=0.6)))
        exact = -math.log(exact_p(w))
        assert abs(max(w.log_wealth) - exact) <= w.error[-1] + 1e-14


def test_a_decision_at_the_very_limit_is_made_exactly():
    # Ten wins at stake 1/2 give T = 1.5^10 exactly: at 1/T itself the limit is met, a hair below it is not.
    w = wealth([2] * 10, Null(t=1, u=2, d=2), kaplan_wald(0.5))
    limit = Fraction(2, 3) ** 10
    assert at_most(w, limit)
    assert not at_most(w, limit * (1 - Fraction(1, 10**40)))
    assert at_most(w, limit * (1 + Fraction(1, 10**40)))
    assert exact_p(w) == limit


@pytest.mark.parametrize(
    ("p", "text"),
    [
        ("0.034476286380833616", "0.0344763"),
        (Fraction(1, 3), "0.333334"),
        (Fraction(1, 10), "0.100000"),
        ("0.1000000000000001", "0.100001"),
        ("0.99999901", "1"),
        ("0.000001", "0.00000100000"),
        ("0.0000009999991", "0.00000100000"),
        ("2.1e-9", "2.10000e-9"),
        (0, "0"),
        (1, "1"),
        (3, "1"),
    ],
)
def test_a_published_risk_has_six_digits_and_is_rounded_up(p, text):
    assert publish(p) == text
    assert Fraction(text) >= min(1, Fraction(p))
    assert Fraction(text) <= min(1, Fraction(p)) * (1 + Fraction(1, 10**5))


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: on_lattice([0.5, float("nan")], 1, HALF), "x[1]"),
        (lambda: on_lattice([float("inf")], 1, HALF), "x[0]"),
        (lambda: wealth(np.array([0.5, np.nan]), Null(1, 2), kaplan_wald(0)), "x"),
        (lambda: wealth([3], Null(1, 2), kaplan_wald(0)), "x"),
        (lambda: wealth([-1], Null(1, 2), kaplan_wald(0)), "x"),
        (lambda: wealth([], Null(1, 2), kaplan_wald(0)), "x"),
        (lambda: wealth([1, 1, 1], Null(1, 2, N=2), kaplan_wald(0)), "x"),
        (lambda: Null(t=2, u=2), "u"),
        (lambda: Null(t=-1, u=2), "t"),
        (lambda: Null(t=1, u=2, N=0), "N"),
        (lambda: wealth([1], Null(1, 2, d=2), constant_mean(0.5)), "eta"),
        (lambda: wealth([1], Null(1, 2, d=2), constant_mean(1.1)), "eta"),
        (lambda: kaplan_wald(1.0), "g"),
        (lambda: mixture([]), "bets"),
        (lambda: Prior((1, 2), (1, -1)), "weights"),
        (lambda: publish(-1), "p"),
        (lambda: at_most(wealth([1], Null(1, 2), kaplan_wald(0)), 0), "alpha"),
    ],
)
def test_bad_input_is_named(call, argument):
    with pytest.raises(NumberError) as problem:
        call()
    assert problem.value.argument == argument
    assert problem.value.allowed


def test_the_default_bet_earns_on_every_order_of_a_small_sample_the_same_prior():
    # A function of counts: before draw 3 the stake is the same whichever came first.
    null = Null(t=1, u=2, N=30, d=2)
    bet = default_bet(Prior((0, 1, 2), (4, 1, 5)))
    for x in itertools.permutations([0, 1, 2], 3):
        last = wealth([*x, 1], null, bet).stakes[3]
        assert last == wealth([0, 1, 2, 1], null, bet).stakes[3]


def test_the_stated_error_covers_the_roundings_that_it_is_made_of():
    # Eight roundings in each factor, four in each logarithm, and one for each addition to the sum so far.
    log_factors = np.array([50.0, -30.0, 1e-9, -math.inf, 4.0])
    stated = error_bound(log_factors)
    sizes = [50.0, 30.0, 1e-9, 0.0, 4.0]
    for j in range(1, 6):
        needed = sum(8 + 4 * size for size in sizes[:j]) + j * sum(sizes[:j])
        assert stated[j - 1] >= needed * EPS
        assert stated[j - 1] <= 4 * needed * EPS
