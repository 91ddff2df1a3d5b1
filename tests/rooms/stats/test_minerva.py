"""Minerva, Athena and Providence against their papers, and counted out in full."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest

from tallybook.stats.errors import NumberError
from tallybook.stats.minerva import (
    athena,
    chance_next,
    exact_risk,
    first_round_size,
    likelihood_ratio,
    minerva,
    providence,
    risk,
    schedule,
)


def leasts(rule, sizes):
    return [r.least for r in schedule(rule, sizes)]


def test_the_first_example_of_the_athena_paper():
    # Zagorski et al. 2021: 75 % reported, risk limit 10 %, first round 50: Minerva 31, Athena (delta 1) 32.
    assert leasts(minerva("0.75", "0.1"), [50]) == [31]
    assert leasts(athena("0.75", "0.1", 1), [50]) == [32]


def test_thresholds_of_the_authors_own_program():
    assert leasts(minerva("0.6", "0.1"), [100, 200, 400]) == [58, 113, 221]


def test_a_round_too_small_to_stop_has_no_threshold():
    assert leasts(minerva("0.6", "0.1"), [13, 14, 15]) == [13, None, 14]


def test_looking_at_every_draw_minerva_is_bravo():
    s, alpha = Fraction(6, 10), Fraction(1, 10)
    for n, least in zip(range(1, 121), leasts(minerva(s, alpha), range(1, 121)), strict=True):
        stops = [k for k in range(n + 1) if likelihood_ratio(s, n, k) >= 1 / alpha]
        if least is not None:
            assert least == stops[0]


def test_a_single_round_is_a_ratio_of_binomial_tails():
    p = risk(minerva("0.55", "0.05"), [400], 218)
    ways = [math.comb(400, k) for k in range(218, 401)]
    tied = Fraction(sum(ways), 2**400)
    reported = sum(w * Fraction(11, 20) ** k * Fraction(9, 20) ** (400 - k) for k, w in enumerate(ways, 218))
    assert p == pytest.approx(float(tied / reported), rel=1e-9)


@pytest.mark.parametrize("margin", ["0.501", "0.505", "0.53", "0.7", "0.99"])
def test_small_and_large_margins_agree_with_whole_numbers_of_paths(margin):
    rule = minerva(margin, "0.1")
    for k in (95, 110, 120):
        exact = exact_risk(rule, [100, 200], k)
        assert float(exact) <= risk(rule, [100, 200], k) <= float(exact) * (1 + 1e-8) + 1e-60


def test_a_tight_threshold_is_decided_exactly():
    # With alpha set to the very risk at k = 58, the threshold is 58; a hair less and it is 59.
    at = exact_risk(minerva("0.6", "0.1"), [100], 58)
    assert leasts(minerva("0.6", at), [100]) == [58]
    assert leasts(minerva("0.6", at - Fraction(1, 10**30)), [100]) == [59]


def test_providence_equals_minerva_in_the_first_round():
    assert providence("0.6", [100], [58]) == exact_risk(minerva("0.6", "0.1"), [100], 58)
    assert providence("0.6", [100], [58]) <= Fraction(1, 10) < providence("0.6", [100], [57])


def test_the_least_first_round_is_the_first_that_reaches_the_chance():
    rule = minerva("0.6", "0.1")
    chances = [schedule(rule, [n])[0].stop_if_reported for n in range(1, 200)]
    assert first_round_size(rule, 0.9) == 1 + next(i for i, c in enumerate(chances) if c >= 0.9)


def test_the_next_round_is_planned_from_the_count_so_far():
    # 54 of 100 at 60 % and 10 %: the authors' program plans 306 draws in all for a chance of 90 %.
    rule = minerva("0.6", "0.1")
    assert chance_next(rule, [100], 54, 306) >= 0.9 > chance_next(rule, [100], 54, 298)
    least = leasts(rule, [100, 306])[1]
    ways = sum(
        math.comb(206, i) * Fraction(3, 5) ** i * Fraction(2, 5) ** (206 - i) for i in range(least - 54, 207)
    )
    assert chance_next(rule, [100], 54, 306) == pytest.approx(float(ways), rel=1e-10)


@pytest.mark.parametrize("rule", [minerva("0.7", "0.2"), athena("0.7", "0.2"), minerva("0.95", "0.3")])
def test_of_all_sequences_of_a_tie_at_most_the_risk_limit_stop(rule):
    sizes = [4, 7, 12]
    rounds = schedule(rule, sizes)
    stopped = 0
    for sequence in itertools.product((0, 1), repeat=12):
        stopped += any(r.least is not None and sum(sequence[: r.n]) >= r.least for r in rounds)
    assert Fraction(stopped, 2**12) <= rule.alpha
    assert sum(r.stop_if_tied for r in rounds) == pytest.approx(stopped / 2**12, abs=1e-12)


def test_of_all_sequences_of_a_tie_at_most_the_risk_limit_satisfy_providence():
    alpha, stopped = Fraction(1, 5), 0
    for sequence in itertools.product((0, 1), repeat=10):
        counts = [sum(sequence[:n]) for n in (4, 7, 10)]
        stopped += any(providence("0.7", [4, 7, 10][:r], counts[:r]) <= alpha for r in (1, 2, 3))
    assert 0 < Fraction(stopped, 2**10) <= alpha


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: minerva("0.5", "0.1"), "s"),
        (lambda: minerva("0.6", "0"), "alpha"),
        (lambda: schedule(minerva("0.6", "0.1"), []), "sizes"),
        (lambda: schedule(minerva("0.6", "0.1"), [20, 20]), "sizes"),
        (lambda: risk(minerva("0.6", "0.1"), [10], 11), "k"),
        (lambda: providence("0.6", [10, 20], [5, 4]), "counts"),
        (lambda: providence("0.6", [10, 20], [5]), "counts"),
    ],
)
def test_bad_input_is_named(call, argument):
    with pytest.raises(NumberError) as problem:
        call()
    assert problem.value.argument == argument
