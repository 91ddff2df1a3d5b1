"""Bounds by the room's own engine: coverage at every look, counted out, and exactness at the edges."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest

from tallybook.stats.confidence_engine import Guess, between_by_engine, lower_by_engine, upper_by_engine
from tallybook.stats.default_bet import Prior
from tallybook.stats.errors import NumberError

POPULATIONS = [(0, 0, 1, 1), (0, 1, 2, 2), (2, 2, 2, 0), (0, 0, 0, 0, 1), (1, 1, 1), (2,)]
GUESSES = [
    Guess(Prior((0, 1, 2), (1, 1, 2)), Fraction(1)),
    Guess(Prior((2, 0), (9, 1)), Fraction(1, 3)),
    Guess(Prior((0, 2), (3, 1)), Fraction(7, 5)),
]

EACH_GUESS = [
    pytest.param(GUESSES[0], id="middle"),
    pytest.param(GUESSES[1], id="low", marks=pytest.mark.slow),
    pytest.param(GUESSES[2], id="high", marks=pytest.mark.slow),
]


@pytest.mark.parametrize("guess", EACH_GUESS)
@pytest.mark.parametrize(
    "alpha", [pytest.param("0.2", marks=pytest.mark.slow), "0.5", pytest.param("0.8", marks=pytest.mark.slow)]
)
def test_without_replacement_the_bounds_miss_as_seldom_as_they_say(guess, alpha):
    for population in POPULATIONS:
        N, mean = len(population), Fraction(sum(population), len(population))
        orders = set(itertools.permutations(population))
        looks = range(1, N + 1)
        low = sum(any(lower_by_engine(o[:n], N, alpha, 2, guess) > mean for n in looks) for o in orders)
        high = sum(any(upper_by_engine(o[:n], N, alpha, 2, guess) < mean for n in looks) for o in orders)
        assert max(low, high) <= Fraction(alpha) * len(orders), population


@pytest.mark.slow
@pytest.mark.parametrize("guess", EACH_GUESS)
def test_with_replacement_the_bounds_miss_as_seldom_as_they_say(guess):
    values, n, alpha = (0, 1, 1, 2), 3, "0.6"
    draws = list(itertools.product(values, repeat=n))
    low = high = 0
    for draw in draws:
        looks = range(1, n + 1)
        low += any(lower_by_engine(draw[:k], None, alpha, 2, guess, parts=24) > 1 for k in looks)
        high += any(upper_by_engine(draw[:k], None, alpha, 2, guess, parts=24) < 1 for k in looks)
    assert max(low, high) <= Fraction(alpha) * len(draws)


@pytest.mark.slow
def test_two_sides_together_miss_in_at_most_a_share_alpha_of_all_orders():
    guesses = (GUESSES[0], GUESSES[0])
    for population in POPULATIONS:
        N, mean = len(population), Fraction(sum(population), len(population))
        orders = set(itertools.permutations(population))
        missed = 0
        for order in orders:
            found = [between_by_engine(order[:n], N, "0.6", 2, guesses) for n in range(1, N + 1)]
            missed += any(not low <= mean <= high for low, high in found)
        assert missed <= Fraction("0.6") * len(orders)


def test_a_bound_is_the_least_mean_that_is_not_rejected_one_by_one():
    # Counted by hand for one draw of 1 out of N = 4 numbers 0..1, stake f against t = 1/2 (m = t at draw 1):
    # "mean at most 1/4" is rejected at 1/2 if 1/((1 - f) + f * 4) <= 1/2, that is f >= 1/3.
    bold, timid = Prior((1, 0), (9, 1)), Prior((1, 0), (13, 7))  # Kelly: 2p - 1 = 0.8, and 0.3
    assert lower_by_engine([1], 4, "0.5", 1, Guess(bold, Fraction(1, 2))) == Fraction(1, 2)
    assert lower_by_engine([1], 4, "0.5", 1, Guess(timid, Fraction(1, 2))) == Fraction(1, 4)


def test_a_full_count_gives_the_mean_itself():
    for guess in GUESSES:
        assert between_by_engine((0, 1, 2, 2), 4, "0.05", 2, (guess, guess)) == (Fraction(5, 4),) * 2


def test_nothing_drawn_says_nothing():
    assert between_by_engine((), 10, "0.05", 3, (GUESSES[0], GUESSES[0])) == (0, 3)


def test_the_bounds_close_in_on_the_mean_as_the_sample_grows():
    x = [1, 1, 0, 1, 1] * 80
    guess = Guess(Prior((1, 0), (8, 2)), Fraction(3, 5)), Guess(Prior((1, 0), (2, 8)), Fraction(1, 10))
    wide, narrow = (between_by_engine(x[:n], 5_000, "0.05", 1, guess) for n in (50, 400))
    assert wide[0] < narrow[0] < Fraction(4, 5) < narrow[1] < wide[1]
    assert narrow[0] > Fraction(7, 10)


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: lower_by_engine([3], 4, "0.05", 2, GUESSES[0]), "x"),
        (lambda: lower_by_engine([1] * 5, 4, "0.05", 2, GUESSES[0]), "N"),
        (lambda: lower_by_engine([1], 4, 0.05, 2, GUESSES[0]), "alpha"),
        (lambda: lower_by_engine([1], 4, "0.05", 2, Guess(GUESSES[0].prior, Fraction(2))), "against"),
        (lambda: lower_by_engine([1], 4, "0.05", 2, Guess(Prior((3, 0), (1, 1)), Fraction(1))), "priors"),
        (lambda: lower_by_engine([1], None, "0.05", 2, GUESSES[0], parts=0), "parts"),
    ],
)
def test_bad_input_is_named(call, argument):
    with pytest.raises(NumberError) as problem:
        call()
    assert problem.value.argument == argument
