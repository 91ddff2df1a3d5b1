"""Sizes without replacement, simulated draws and stratified plans: small cases worked by hand."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from tallybook.stats import simulate as simulation
from tallybook.stats.bets import kaplan_wald
from tallybook.stats.errors import NumberError
from tallybook.stats.finite_stopping import finite_sizes, finite_thresholds, passage_without_replacement
from tallybook.stats.lattice import Null
from tallybook.stats.simulate import Trials, World, quantile, simulate
from tallybook.stats.strata_plan import Expected, counted_p, expected_p, expected_size


def test_wins_alone_stop_at_the_draw_that_their_ratio_asks_for():
    # N = 10, eta = 3/5: after k wins the ratio is 6/5, 6 * 5/(5 * 4) = 3/2, * 4/3 = 2, * 3/2 = 3.
    assert finite_sizes(10, 10, "3/5", 0.5).done.tolist() == [0, 0, 0, 1, 1]
    assert finite_sizes(10, 10, "3/5", 0.34).done.tolist() == [0, 0, 0, 0, 1]
    assert finite_sizes(10, 10, "3/5", 0.33).done.tolist() == [0, 0, 0, 0, 0]
    assert finite_sizes(10, 0, "3/5", 0.5).done.tolist() == [0, 0, 0, 0, 0]
    assert finite_sizes(10, 10, "3/5", 0.9, most=1).done.tolist() == [0, 1]


def test_a_ratio_that_meets_the_limit_exactly_stops():
    # One win of eta = 3/4: 3/2 = 1/(2/3). Two of N = 8: 3/2 * 5/3 = 5/2 = 1/(2/5).
    assert finite_thresholds(8, Fraction(3, 4), 2 / 3, 2).tolist()[0] == 1
    assert finite_thresholds(8, Fraction(3, 4), 2 / 5, 2).tolist() == [2, 2]
    assert finite_thresholds(8, Fraction(3, 4), 2 / 5 - 1e-6, 2).tolist() == [2, 3]


def test_all_numbers_may_be_drawn_and_no_more():
    # Two of three are 1; a single 1 stops: at the first draw with chance 2/3, else at the second.
    done = passage_without_replacement(np.array([1, 1, 1]), 3, 2)
    assert done.tolist() == pytest.approx([0, 2 / 3, 1, 1])
    with pytest.raises(NumberError) as problem:
        passage_without_replacement(np.array([1, 1, 1, 1]), 3, 2)
    assert (problem.value.argument, problem.value.found) == ("least", 4)


def test_draws_without_replacement_empty_the_population_in_every_order():
    world, rng = World(Null(t=1, u=2, N=10), (0, 2), (7, 3)), np.random.default_rng(5)
    rows = np.array([simulation._draws(world, 10, rng) for _ in range(600)])
    assert (np.sort(rows, axis=1) == [0] * 7 + [2] * 3).all()
    share = (rows == 2).mean(axis=0)
    assert np.abs(share - 0.3).max() < 5 * math.sqrt(0.3 * 0.7 / 600)


def test_draws_with_replacement_show_every_number_as_often_as_it_weighs():
    world, rng = World(Null(t=1, u=2), (0, 1, 2), (1, 2, 1)), np.random.default_rng(5)
    seen = simulation._draws(world, 8000, rng)
    for value, share in ((0, 0.25), (1, 0.5), (2, 0.25)):
        assert abs((seen == value).mean() - share) < 5 * math.sqrt(share * (1 - share) / 8000)
    assert simulation._draws(World(Null(t=1, u=2), (2,), (1,)), 3, rng).tolist() == [2, 2, 2]


def test_no_trial_draws_more_than_there_are():
    # All ten are drawn: seven of ten are 1, so the null is impossible by the last draw at the latest.
    world = World(Null(t=1, u=2, N=10), (0, 2), (3, 7))
    with ThreadPoolExecutor(1) as executor:
        sizes = simulate(world, partial(kaplan_wald, 0.5), 0.05, Trials(1, 400, 2, 20), executor)
    assert sizes.max() <= 10


def test_the_quantile_of_trials_is_the_least_size_that_covers_the_share():
    sizes = np.array([9, 3, 5, 7])
    assert [quantile(sizes, c) for c in (0.01, 0.25, 0.26, 0.5, 0.75, 1)] == [3, 3, 5, 5, 7, 9]
    assert quantile(np.array([4]), 0.5) == 4


ONE = Expected(N=10, u=2, values=(2, 0), rates=(1.0, 0.0), stakes=(0.5,), weight=1.0)


@pytest.mark.parametrize(("B", "factor"), [(5, 2.5), (1, 10.5), (19, 0.5 + 10 / 19)])
def test_the_expected_risk_of_one_stratum_is_a_power(B, factor):
    # Every number is 2 of at most 2, N = 10: each draw multiplies by 1/2 + 1/2 * 20/B.
    for n in (1, 3):
        assert expected_p([ONE], n, B) == pytest.approx(factor**-n, rel=1e-5)


def test_a_counted_risk_of_one_stratum_is_a_power_up_to_both_ends_of_the_total():
    # Three times a 2, never a 0; the total may be as little as 1 and as much as 19 of 20.
    for B in (1, 5, 19):
        assert counted_p([ONE], [[3, 0]], B) == pytest.approx((0.5 + 10 / B) ** -3, rel=1e-5)


@pytest.mark.parametrize("B", [15, 25])
def test_the_expected_risk_of_two_strata_is_that_of_the_hardest_share(B):
    # Nine draws by weight: 3 and 6. The second stratum mixes two stakes and shows 5.4 of 1 and 0.6 of 0.
    other = Expected(N=30, u=1, values=(1, 0), rates=(0.9, 0.1), stakes=(0.25, 0.5), weight=2.0)

    def log_product(A):
        mixed = (((1 - f) + f * 30 / (B - A)) ** 5.4 * (1 - f) ** 0.6 for f in (0.25, 0.5))
        return 3 * math.log(0.5 + 10 / A) + math.log(sum(mixed) / 2)

    hardest = minimize_scalar(log_product, bounds=(1e-9, min(20, B) - 1e-9), method="bounded").fun
    assert expected_p([ONE, other], 9, B) == pytest.approx(math.exp(-hardest), rel=1e-5)
    assert counted_p([ONE, other], [[3, 0], [5.4, 0.6]], B) == pytest.approx(math.exp(-hardest), rel=1e-5)


def test_the_expected_size_may_be_one_draw_and_may_meet_the_limit():
    assert expected_size([ONE], 5, 0.41) == 1
    assert expected_size([ONE], 5, 0.39) == 2
    assert expected_size([ONE], 5, 2.5**-4 * 1.001) == 4
    assert expected_size([ONE], 5, 2.5**-4 * 0.999) == 5
    p = expected_p([ONE], 3, 5)
    assert expected_size([ONE], 5, p, most=3) == 3
    assert expected_size([ONE], 5, p, most=9) == 3
    assert expected_size([ONE], 5, 0.41, most=1) == 1


def test_a_stratum_may_hold_one_number_and_nothing_may_be_staked():
    idle = Expected(N=1, u=2, values=(2, 0), rates=(1.0, 0.0), stakes=(0.0,), weight=0.0)
    # Hardest to reject: nothing in the idle one, all 7 in the other.
    assert expected_p([ONE, idle], 2, 7) == pytest.approx((0.5 + 10 / 7) ** -2, rel=1e-5)


@pytest.mark.parametrize(
    ("call", "argument", "found"),
    [
        (lambda: finite_sizes(1, 1, "3/5", 0.1), "N", 1),
        (lambda: World(Null(t=1, u=2), (0, 2), (0, 0)), "counts", (0, 0)),
        (lambda: World(Null(t=1, u=2), (), ()), "counts", ()),
        (lambda: quantile(np.array([]), 0.5), "sizes", 0),
        (lambda: Expected(0, 2, (2,), (1.0,), (0.5,), 1.0), "N", 0),
        (lambda: expected_size([], 5, 0.1), "strata", 0),
        (lambda: counted_p([], [], 5), "strata", 0),
        (lambda: expected_p([ONE], 3, 0), "B", 0),
        (lambda: expected_p([ONE], 3, 20), "B", 20),
    ],
)
def test_a_wrong_call_is_answered_with_what_was_found(call, argument, found):
    with pytest.raises(NumberError) as problem:
        call()
    assert (problem.value.argument, problem.value.found) == (argument, found)


@pytest.mark.parametrize(("N", "eta", "alpha"), [(40, "3/5", 0.1), (25, "7/10", 0.03), (60, "11/20", 0.4)])
def test_thresholds_without_replacement_are_those_of_the_ratio_in_fractions(N, eta, alpha):
    share = Fraction(eta)
    n = math.floor(N * (1 - share))

    def ratio(k, j):
        top = math.prod((N * share - i for i in range(k)), start=Fraction(1))
        top *= math.prod((N - N * share - i for i in range(j - k)), start=Fraction(1))
        return top / math.prod((Fraction(N, 2) - i for i in (*range(k), *range(j - k))), start=Fraction(1))

    expected = [
        next((k for k in range(j + 1) if ratio(k, j) >= 1 / Fraction(alpha)), j + 1) for j in range(1, n + 1)
    ]
    assert finite_thresholds(N, share, alpha, n).tolist() == expected


def test_the_smallest_population_has_one_draw():
    # N = 2, eta = 3/5: a win makes 6/5 of the wealth.
    assert finite_sizes(2, 2, "3/5", 0.9).done.tolist() == [0, 1]
    assert finite_sizes(2, 1, "3/5", 0.9).done.tolist() == [0, 0.5]


def test_trials_stop_where_the_limit_is_met_and_say_where_it_never_was():
    never, always = World(Null(t=1, u=2), (0,), (1,)), World(Null(t=1, u=2), (2,), (1,))
    with ThreadPoolExecutor(1) as executor:
        lost = simulate(never, partial(kaplan_wald, 0.5), 0.05, Trials(1, 9, 1, 2), executor)
        # Everything is staked and doubles: 1/4 after two draws.
        won = simulate(always, partial(kaplan_wald, 0.0), 0.25, Trials(1, 9, 1, 2), executor)
        short = simulate(always, partial(kaplan_wald, 0.0), 0.25, Trials(1, 1, 1, 1), executor)
    assert (lost.tolist(), won.tolist(), short.tolist()) == ([10, 10], [2, 2], [2])
