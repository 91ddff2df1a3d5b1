"""Bayesian tabulation against Vora's table, and the risk under the risk-maximising prior."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest

from tallybook.stats.bayes import (
    least_wins,
    odds_risk,
    upset_chance_even,
    upset_chance_many,
    upset_chance_risk_maximising,
)
from tallybook.stats.errors import NumberError


@pytest.mark.slow
def test_thresholds_of_the_paper():
    # Vora 2019, table 3, 100,000 cards: risk limits 10 %, 5 % and 0.5 %.
    assert least_wins(100_000, 200, Fraction(1, 10)) == 120
    assert least_wins(100_000, 200, Fraction(1, 20)) == 122
    assert least_wins(100_000, 200, Fraction(1, 200)) == 127


def test_more_thresholds_of_the_paper():
    sizes = (200, 400, 800, 1600)
    assert [least_wins(100_000, n, Fraction(1, 10)) for n in sizes] == [120, 230, 443, 863]
    assert [least_wins(100_000, n, Fraction(1, 20)) for n in sizes] == [122, 232, 447, 868]
    assert [least_wins(100_000, n, Fraction(1, 200)) for n in sizes] == [127, 239, 456, 880]


def test_the_smallest_samples_that_can_stop_match_the_authors_program():
    limits = [Fraction(a) for a in ("0.0001", "0.001", "0.01", "0.02", "0.05", "0.1", "0.2")]
    least = [next(n for n in range(1, 40) if least_wins(100, n, a) is not None) for a in limits]
    assert least == [15, 12, 9, 8, 6, 5, 4]


def test_the_posterior_is_bayes_rule_written_out():
    N = 21
    prior = {10: Fraction(1, 2)} | {w: Fraction(1, 22) for w in range(11, 22)}
    for wins, losses in [(0, 4), (3, 2), (6, 0), (11, 4), (2, 12), (8, 6)]:
        weight = {w: p * math.comb(w, wins) * math.comb(N - w, losses) for w, p in prior.items()}
        total = sum(weight.values())
        expected = weight[10] / total if total else Fraction(1)
        assert upset_chance_risk_maximising(N, wins, losses) == expected


def test_the_urn_is_counted_out():
    N, wins, losses = 9, 3, 1
    chance = Fraction(0)
    for rest in itertools.product((0, 1), repeat=5):
        a, b, p, won = 1 + wins, 1 + losses, Fraction(1), wins
        for vote in rest:
            p *= Fraction(a if vote else b, a + b)
            a, b, won = a + vote, b + 1 - vote, won + vote
        chance += p * (won <= N // 2)
    assert upset_chance_even(N, wins, losses) == chance


def test_an_urn_of_two_started_unevenly_is_counted_out():
    N, wins, losses, prior = 7, 2, 1, (3, 2)
    chance = Fraction(0)
    for rest in itertools.product((0, 1), repeat=4):
        a, b, p = prior[0] + wins, prior[1] + losses, Fraction(1)
        for vote in rest:
            p *= Fraction(a if vote else b, a + b)
            a, b = a + vote, b + 1 - vote
        chance += p * (wins + sum(rest) <= 3)
    assert upset_chance_even(N, wins, losses, prior) == chance
    assert upset_chance_even(5, 3, 0) == 0


def test_the_risk_is_the_odds_of_an_upset_and_one_where_they_are_even_or_worse():
    # Four votes, a loss drawn: a tie has 2 losers in 4; three wins have 1, four have none, a quarter each.
    # v = (1/2 * 2/4)/(1/2 * 2/4 + 1/4 * 1/4 + 0) = 4/5, odds 4.
    # A win instead: (1/4)/(1/4 + 3/16 + 1/4) = 4/11, odds 4/7.
    assert (upset_chance_risk_maximising(4, 0, 1), odds_risk(4, 0, 1)) == (Fraction(4, 5), 1)
    assert (upset_chance_risk_maximising(4, 1, 0), odds_risk(4, 1, 0)) == (Fraction(4, 11), Fraction(4, 7))
    # Five votes, a win and a loss drawn: two winners give 6 pairs, three give 6, four give 4, all five none.
    # v = (1/2 * 6)/(1/2 * 6 + 1/6 * 10) = 9/14, odds 9/5.
    assert (upset_chance_risk_maximising(5, 1, 1), odds_risk(5, 1, 1)) == (Fraction(9, 14), 1)


def test_the_least_number_of_wins_may_be_none_or_all_and_a_limit_is_met_exactly():
    # Three votes, one lost: v = (1/2 * 2)/(1/2 * 2 + 1/4 * 1) = 4/5.
    # One won: (1/2)/(1/2 + 1/4 * 2 + 1/4 * 3) = 2/7.
    assert least_wins(3, 1, Fraction(4, 5)) == 0
    assert least_wins(3, 1, Fraction(2, 7)) == 1
    assert least_wins(3, 1, Fraction(2, 7) - Fraction(1, 10**9)) is None
    assert least_wins(1, 1, Fraction(1, 10)) == 1


@pytest.mark.parametrize(
    ("N", "counts", "prior"),
    [
        (9, (3, 1, 1), (1, 1, 1)),
        (8, (2, 2, 0), (1, 2, 1)),
        (8, (0, 1, 1, 1), (1, 1, 1, 1)),
        (6, (3, 2, 1), (1, 1, 1)),
    ],
)
def test_an_urn_of_several_choices_is_counted_out(N, counts, prior):
    upset = Fraction(0)
    for rest in itertools.product(range(len(counts)), repeat=N - sum(counts)):
        balls, votes, chance = [a + b for a, b in zip(counts, prior, strict=True)], list(counts), Fraction(1)
        for vote in rest:
            chance *= Fraction(balls[vote], sum(balls))
            balls[vote] += 1
            votes[vote] += 1
        upset += chance * (votes[0] <= max(votes[1:]))
    assert upset_chance_many(N, counts, prior) == upset


def test_several_choices_agree_with_two_and_do_not_depend_on_the_order_of_the_losers():
    for N in (20, 21):
        assert upset_chance_many(N, (7, 4)) == upset_chance_even(N, 7, 4)
    assert upset_chance_many(40, (9, 5, 2, 1)) == upset_chance_many(40, (9, 1, 5, 2))
    assert upset_chance_many(40, (9, 9, 1)) > Fraction(1, 2)
    assert upset_chance_many(1, (1, 0)) == 0


def test_stopping_at_the_posterior_at_this_limit_keeps_the_risk_of_a_tie_below_it():
    N, alpha = 10, Fraction(1, 4)
    orders = set(itertools.permutations([1] * 5 + [0] * 5, 7))
    weight = {o: math.comb(3, 5 - sum(o)) for o in orders}
    stopped = sum(
        weight[o]
        for o in orders
        if any(upset_chance_risk_maximising(N, sum(o[:n]), n - sum(o[:n])) <= alpha for n in range(1, 8))
    )
    assert 0 < Fraction(stopped, sum(weight.values())) <= alpha


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: upset_chance_risk_maximising(5, 4, 2), "wins, losses"),
        (lambda: upset_chance_risk_maximising(5, -1, 2), "wins"),
        (lambda: upset_chance_even(5, 1, 2, (0, 1)), "prior"),
        (lambda: least_wins(5, 6, Fraction(1, 10)), "n"),
        (lambda: least_wins(0, 1, Fraction(1, 10)), "N"),
        (lambda: upset_chance_risk_maximising(0, 0, 0), "N"),
        (lambda: upset_chance_many(3, (2, 2)), "N"),
        (lambda: least_wins(5, 5, Fraction(2)), "alpha"),
    ],
)
def test_bad_input_is_named(call, argument):
    with pytest.raises(NumberError) as problem:
        call()
    assert problem.value.argument == argument


def test_a_sample_that_only_a_loss_can_give_has_a_risk_of_one():
    # Three of four votes lost: neither a tie nor any win leaves three losses.
    assert upset_chance_risk_maximising(4, 0, 3) == 1
    assert odds_risk(4, 0, 3) == 1
