"""Confidence bounds on a mean: coverage at every look, by listing every order of small populations."""

from fractions import Fraction
from itertools import permutations, product

import pytest

from tallybook.stats import bets
from tallybook.stats.confidence import (
    BETS,
    confidence_sequence,
    kaplan_wald,
    mean_between,
    mean_lower,
    mean_lower_by_scan,
    mean_upper,
)
from tallybook.stats.lattice import on_lattice
from tallybook.stats.martingale import wealth

POPULATIONS = [(0, 0, 1, 1), (0, 1, 2, 2, 2), (2, 2, 2, 0), (0, 0, 0, 0, 1), (1, 1, 1)]


def exact_p(x, N, t):
    """The same test in fractions: the smallest 1/T over all looks."""
    bets = [(Fraction(c), Fraction(w)) for c, w in BETS]
    factors, best, seen = [Fraction(1)] * len(bets), Fraction(1), 0
    for j, number in enumerate(x):
        m = t if N is None else (N * t - seen) / (N - j)
        seen += number
        if (m == 0 and number > 0) or (N and seen > N * t):
            return Fraction(0)
        if m > 0:
            factors = [f * (1 - c + c * number / m) for f, (c, _) in zip(factors, bets, strict=True)]
        best = max(best, sum(w * f for f, (_, w) in zip(factors, bets, strict=True)))
    return 1 / best


def test_the_weights_of_the_bets_add_up_to_one_at_most():
    assert sum(Fraction(weight) for _, weight in BETS) <= 1 + Fraction(1, 10**15)
    assert all(0 < c <= 1 for c, _ in BETS)


@pytest.mark.parametrize("population", POPULATIONS)
def test_the_p_value_is_at_most_a_in_a_share_a_of_all_orders(population):
    """The guarantee of the test itself, looking after every draw."""
    N = len(population)
    mean = Fraction(sum(population), N)
    p_values = [kaplan_wald(order, N, mean) for order in permutations(population)]
    for a in sorted(set(p_values)):
        assert sum(p <= a for p in p_values) <= Fraction(a) * len(p_values)


@pytest.mark.parametrize("population", POPULATIONS)
@pytest.mark.parametrize("alpha", ["0.1", "0.5", "0.9"])
def test_the_bounds_hold_at_every_look_in_a_share_of_all_orders(population, alpha):
    N, top = len(population), 2
    mean = Fraction(sum(population), N)
    orders = set(permutations(population))
    low_missed = high_missed = 0
    for order in orders:
        looks = range(1, N + 1)
        low_missed += any(mean_lower(order[:n], N, alpha, top, parts=240) > mean for n in looks)
        high_missed += any(mean_upper(order[:n], N, alpha, top, parts=240) < mean for n in looks)
    assert low_missed <= Fraction(alpha) * len(orders)
    assert high_missed <= Fraction(alpha) * len(orders)


def test_the_bounds_hold_for_draws_with_replacement():
    values, n, alpha = (0, 1, 3), 4, "0.6"
    mean = Fraction(sum(values), 3)
    draws = list(product(values, repeat=n))
    missed = sum(mean_upper(x, None, alpha, 3, parts=300) < mean for x in draws)
    assert missed <= Fraction(alpha) * len(draws)


@pytest.mark.parametrize("population", POPULATIONS)
def test_the_rounded_p_value_is_never_below_the_exact_one_and_close_to_it(population):
    for order in set(permutations(population)):
        for t in (Fraction(1, 3), Fraction(1, 2), Fraction(7, 5), Fraction(2)):
            for N in (len(population), None):
                p, exact = Fraction(kaplan_wald(order, N, t)), exact_p(order, N, t)
                assert exact <= p <= exact * (1 + Fraction(1, 10**11))


def test_the_p_value_never_falls_as_the_mean_tested_grows():
    x = (0, 2, 1, 2, 2, 0, 2)
    for N in (None, 9):
        p_values = [kaplan_wald(x, N, Fraction(k, 40)) for k in range(81)]
        assert p_values == sorted(p_values)


def test_a_full_count_gives_the_mean_itself():
    assert mean_between((0, 1, 2, 2), 4, "0.05", 2, parts=8) == (Fraction(1), Fraction(3, 2))
    low, high = mean_between((0, 1, 2, 2), 4, "0.05", 2)
    assert low <= Fraction(5, 4) <= high
    assert high - low <= Fraction(5, 10**6)


def test_nothing_drawn_says_nothing():
    assert mean_between((), 10, "0.05", 3) == (0, 3)


def test_a_sequence_only_narrows():
    x = [1, 1, 0, 1, 1, 1, 1, 0, 1, 1] * 6
    looks = (5, 20, 40, 60)
    sequence = confidence_sequence(x, 1000, "0.05", 1, looks)
    lows, highs = [low for low, _ in sequence], [high for _, high in sequence]
    assert lows == sorted(lows)
    assert highs == sorted(highs, reverse=True)
    assert Fraction(1, 2) < lows[-1] < Fraction(4, 5) < highs[-1]


def test_another_test_can_be_turned_round():
    """The sequential test that a single draw allows: p = t if the first number is at its top, else 1."""

    def first_draw(x, _, t):
        return float(t) if x and x[0] == 1 else 1.0

    assert mean_lower((1, 0), None, "0.25", 1, first_draw, parts=100) == Fraction(1, 4)
    assert mean_lower((0, 1), None, "0.25", 1, first_draw, parts=100) == 0


def engine(bet):
    """The room's engine of test martingales as a function to turn round."""

    def p_value(x, N, t):
        if t == 2:
            return 1.0
        numbers, null = on_lattice(x, 2, t, N)
        return float(wealth(numbers, null, bet).p[-1]) if len(x) else 1.0

    return p_value


@pytest.mark.parametrize("bet", [bets.kaplan_wald(0.5), bets.agrapa()], ids=["kaplan_wald", "agrapa"])
@pytest.mark.parametrize("alpha", ["0.6", "0.8"])
def test_the_rooms_engine_can_be_turned_round(bet, alpha):
    """agrapa's p-value need not grow with t, so every attainable mean is tested."""
    informative = 0
    for population in ((0, 1, 2, 2), (2, 2, 2, 0), (1, 1, 2, 0)):
        mean, orders = Fraction(sum(population), 4), set(permutations(population))
        missed = 0
        for order in orders:
            bounds = [mean_lower_by_scan(order[:n], 4, alpha, 2, engine(bet)) for n in (1, 2, 3, 4)]
            missed += any(bound > mean for bound in bounds)
            informative += any(b > Fraction(sum(order[:n]), 4) for n, b in enumerate(bounds, 1))
        assert missed <= Fraction(alpha) * len(orders)
    assert informative


@pytest.mark.parametrize(
    ("act", "argument"),
    [
        (lambda: mean_lower((3,), None, "0.05", 2), "x"),
        (lambda: mean_lower((-1,), None, "0.05", 2), "x"),
        (lambda: mean_lower((0.5,), None, "0.05", 2), "x"),
        (lambda: mean_lower((1, 1), 1, "0.05", 2), "N"),
        (lambda: mean_upper((1,), 1, "0.05", 0), "top"),
    ],
)
def test_bad_arguments_are_named(act, argument):
    with pytest.raises(ValueError, match="expected") as error:
        act()
    assert error.value.argument == argument
