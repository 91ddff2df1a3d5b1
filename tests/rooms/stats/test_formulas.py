"""Formulas of the older methods once more, each number worked out by hand or by the plainest loop."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from tallybook.stats.bravo import bravo_mean, bravo_p, bravo_sizes
from tallybook.stats.errors import NumberError
from tallybook.stats.kaplan import (
    Discrepancies,
    kaplan_markov,
    macro,
    macro_bounds,
    macro_size,
    macro_taint,
    super_simple,
    super_simple_plan,
    super_simple_size,
)
from tallybook.stats.stopping import chance_by, first_passage_plain, thresholds

HALF = Fraction(1, 2)


def test_a_taint_is_the_largest_relative_overstatement_over_the_bound():
    # Pair 1: reported 10, found 6, margin 20: 4/20. Pair 2: reported 3, found 2, margin 4: 1/4, the larger.
    assert macro_taint([10, 3], [6, 2], [20, 4], HALF) == Fraction(1, 2)
    assert macro_taint([10], [14], [20], HALF) == Fraction(-2, 5)


def test_a_bound_is_the_largest_error_a_batch_could_hold():
    # (30 + 100)/200 = 13/20 beats (-50 + 100)/100 = 1/2; a batch that can only help is worth 0.
    assert macro_bounds([[30, -50], [-90, -90]], [100, 80], [200, 100]) == [Fraction(13, 20), Fraction(0)]
    assert macro_bounds([[0]], [0], [1]) == [Fraction(0)]


def test_macro_multiplies_one_factor_a_draw():
    # U = 2: a clean batch halves the risk, a taint of 1/4 gives 2/3, a taint of -1 a quarter.
    assert macro([Fraction(0)] * 3, Fraction(2)) == Fraction(1, 8)
    assert macro([Fraction(0), Fraction(1, 4)], Fraction(2)) == Fraction(1, 3)
    assert macro([Fraction(-1)], Fraction(2)) == Fraction(1, 4)
    assert macro([Fraction(9, 10)], Fraction(2)) == 1
    assert macro([Fraction(0), Fraction(1)], Fraction(2)) == 1
    assert macro([Fraction(0)], Fraction(3, 2)) == Fraction(1, 3)


@pytest.mark.parametrize(
    ("U", "alpha", "n"),
    [(2, "1/8", 3), (2, "0.12", 4), (2, "1/2", 1), (2, "0.51", 1), (2, 1, 0), ("3/2", "1/9", 2),
     (6, "0.05", 17), ("101/100", "0.000001", 3),
     (1000, "0.05", 2995)],
)  # fmt: skip
def test_the_size_of_macro_is_the_least_power_at_or_below_the_limit(U, alpha, n):
    U = Fraction(U)
    assert macro_size(U, alpha) == n
    assert (1 - 1 / U) ** n <= Fraction(alpha) < (1 - 1 / U) ** (n - 1)


def test_the_planned_size_of_super_simple_is_the_formula_of_the_paper():
    # Lindeman and Stark 2012: -2g ln(a) / (V + 2g times the rates' logarithms).
    g, V, a, rates = 1.03905, 0.02, 0.1, (0.001, 0.0001, 0.0005, 0.00005)
    logs = [math.log(1 - 1 / (2 * g)), math.log(1 - 1 / g), math.log(1 + 1 / (2 * g)), math.log(1 + 1 / g)]
    drag = 2 * g * sum(r * log for r, log in zip(rates, logs, strict=True))
    assert super_simple_plan("0.02", "0.1", rates) == math.ceil(-2 * g * math.log(a) / (V + drag))
    assert super_simple_plan("0.02", "0.1", (0.02, 0, 0, 0)) is None
    assert super_simple_plan("0.5", "0.1", (0, 0, 1, 0)) is not None
    assert super_simple_plan(2, "0.1", (0, 0, 0, 0)) == math.ceil(-g * math.log(a))


def test_the_mean_sample_takes_shares_up_to_all_cards_and_none_beyond():
    # ASN of the paper at 60 % and 10 %: (ln 10 + ln 1.2 / 2)/(0.6 ln 1.2 + 0.4 ln 0.8), rounded up.
    exact = (math.log(10) + math.log(1.2) / 2) / (0.6 * math.log(1.2) + 0.4 * math.log(0.8))
    assert bravo_mean("0.6", 0.6, 0.4, "0.1") == math.ceil(exact)
    assert bravo_mean("0.6", 1, 0, "0.1") == math.ceil((math.log(10) + math.log(1.2) / 2) / math.log(1.2))
    for p_w, p_l in [(0.7, 0.4), (1.1, 0.0), (0.0, 0.4), (0.9, -0.1), (0, 0)]:
        with pytest.raises(NumberError, match="p_w, p_l"):
            bravo_mean("0.6", p_w, p_l, "0.1")


@pytest.mark.parametrize("kind", ["o1", "o2", "u1", "u2"])
def test_each_kind_of_discrepancy_is_counted_among_the_draws(kind):
    found = Discrepancies(**{kind: 3})
    assert super_simple(3, "0.01", found) <= 1
    with pytest.raises(NumberError):
        super_simple(2, "0.01", found)
    assert super_simple_size("2", "0.99", Discrepancies(**{kind: 500})) >= 500


def test_the_markov_bound_is_one_when_a_number_of_zero_is_not_padded():
    assert kaplan_markov([1, 0], HALF) == 1
    assert kaplan_markov([1, 0], HALF, HALF) == min(1, Fraction(1, 1) ** 2 / (Fraction(3, 2) * HALF))
    assert kaplan_markov([1, 1], HALF) == Fraction(1, 4)
    assert kaplan_markov(["1/4"], HALF) == 1
    assert kaplan_markov([2, 2], HALF, 2) == (Fraction(5, 2) / 4) ** 2  # x equal to the padding is no zero


def test_a_unanimous_report_is_refuted_by_one_loss_and_doubled_by_each_win():
    assert bravo_p(1, 3, 0) == Fraction(1, 8)
    assert bravo_p(1, 3, 1) == 1


@pytest.mark.parametrize(
    ("truth", "n"),
    [
        pytest.param(0.52, 150, marks=pytest.mark.slow),
        pytest.param(0.5, 150, marks=pytest.mark.slow),
        (0.45, 80),
        (0.7, 60),
        (1.0, 30),
    ],
)
def test_sizes_if_the_truth_is_not_the_report_follow_the_plain_recursion(truth, n):
    plain = first_passage_plain(thresholds(math.log(1.2), math.log(0.8), math.log(10), n), truth)
    found = bravo_sizes("0.6", "0.1", true_share=truth)
    assert [chance_by(found, k) for k in range(0, n, 7)] == pytest.approx(plain[:n:7].tolist(), abs=1e-12)


def test_the_horizon_holds_nearly_all_of_what_will_ever_stop():
    # Under the report the test stops surely; less than half a percent is cut off.
    for s in ("0.55", "0.6", "0.7", "0.9"):
        assert bravo_sizes(s, "0.05").done[-1] > 0.995
