"""Numbers from differences: SHANGRLA's values, COBRA's rates, and the bets that use them."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from tallybook.stats.bets import ShrinkTruncate, fixed, optimal_comparison, shrink_truncate
from tallybook.stats.comparison import (
    comparison_null,
    comparison_number,
    comparison_prior,
    mean_with_errors,
    overstatement_value,
)
from tallybook.stats.default_bet import default_bet
from tallybook.stats.errors import NumberError
from tallybook.stats.kelly import known_distribution, two_point_bet
from tallybook.stats.lattice import Null, on_lattice
from tallybook.stats.martingale import wealth

HALF = Fraction(1, 2)


def test_the_lattice_holds_the_assorter_of_the_paper_up_to_its_no_error_value():
    # 10,000 cards, margin 200 votes: B = x * noerror and its null 1/2 = t * noerror.
    null = comparison_null(Fraction(200, 10_000), 1, HALF, 10_000)
    noerror = overstatement_value(0, Fraction(200, 10_000), 1)
    assert noerror == 1 / (2 - Fraction(2, 100))
    for w in (-1, -HALF, 0, HALF, 1):
        x = Fraction(comparison_number(w, 1, null), null.d)
        assert x * noerror == overstatement_value(w, Fraction(200, 10_000), 1)
    assert Fraction(null.t, null.d) * noerror == HALF
    assert Fraction(null.u, null.d) == 2


def test_a_super_majority_assorter_with_bound_above_one_fits_too():
    # f = 3/5 gives u = 5/6; values 0, 1/2, 5/6 have overstatements in steps of 1/6.
    null = comparison_null(Fraction(1, 10), Fraction(5, 6), Fraction(1, 6), 60)
    assert Fraction(null.t, null.d) == 1 - Fraction(1, 10) / Fraction(5, 3)
    assert Fraction(comparison_number(Fraction(1, 3), Fraction(5, 6), null), null.d) == Fraction(3, 5)


def test_the_mean_with_errors_is_the_formula():
    assert mean_with_errors("0.02", 1, "0.001", "0.0001") == (1 - Fraction("0.0006")) / Fraction("1.98")


def test_ten_clean_draws_give_the_same_wealth_as_the_assorter_itself():
    null = comparison_null(Fraction(1, 10), 1, HALF, None)
    a = wealth([null.d] * 10, null, fixed(1.5 * float(Fraction(null.t, null.d))))
    x, plain = on_lattice(
        [overstatement_value(0, Fraction(1, 10), 1)] * 10, Fraction(2) / Fraction(19, 10), HALF
    )
    scale = float(overstatement_value(0, Fraction(1, 10), 1))
    b = wealth(x, plain, fixed(1.5 * float(Fraction(null.t, null.d)) / scale))
    assert a.log_wealth == pytest.approx(b.log_wealth, rel=1e-12)


def test_the_cobra_bet_is_the_closed_form_and_zero_beyond_half_the_margin():
    # Spertus 2023, equation 3, on numbers a (no error) and 0: Kelly's rule finds the same stake.
    v, p2 = 0.1, 0.002
    a = 1 / (2 - v)
    lam = two_point_bet(a, p2)
    assert lam == pytest.approx((2 - 4 * a * (1 - p2)) / (1 - 2 * a))
    assert two_point_bet(a, v / 2 + 0.01) == 0.0
    assert two_point_bet(a, 0.0) == 2.0
    x, null = on_lattice([Fraction(10, 19)] * 3, Fraction(20, 19), HALF)
    stakes = wealth(x, null, known_distribution([a, 0.0], [1 - p2, p2])).stakes
    assert stakes == pytest.approx([lam / 2] * 3, abs=1e-9)


def test_optimal_comparison_is_the_same_bet_as_an_alternative_mean():
    # ALPHA section 3.2 and COBRA equation 3 are one bet: eta = m (1 + lam (u - m)).
    v, p2 = 0.1, 0.001
    a = 1 / (2 - v)
    x, null = on_lattice([Fraction(10, 19)] * 2, Fraction(20, 19), HALF)
    stakes = wealth(x, null, optimal_comparison(p2)).stakes
    assert stakes == pytest.approx([two_point_bet(a, p2) / 2] * 2, rel=1e-9)


def test_clean_sample_size_is_the_closed_form():
    # n = ceil(ln(1/alpha)/ln(1 + lam (noerror - 1/2))) with lam at stake 63/64, the default's largest.
    null = comparison_null(Fraction(1, 50), 1, HALF, None)
    prior = comparison_prior(null, [], weight=10**6)
    w = wealth([null.d] * 400, null, default_bet(prior))
    n = int((w.p <= 0.05).argmax()) + 1
    assert n == math.ceil(math.log(20) / math.log(1 + 63 / 64 * (1 / 0.99 - 1)))


def test_the_prior_keeps_every_error_possible():
    null = comparison_null(Fraction(1, 50), 1, HALF, 5000)
    prior = comparison_prior(null, [(HALF, "0.001"), (1, 0)])
    assert dict(zip(prior.values, prior.weights, strict=True)) == {null.d: 9989, null.d // 2: 10, 0: 1}


def test_shrink_truncate_follows_the_formula_step_by_step():
    # Stark 2023, section 2.5.2, written out: d = 10, eta0 = 0.7, c = 0.1, no pull to u.
    x = [1, 0, 1, 1, 0, 1]
    N, t, u, d, eta0, c = 40, 0.5, 1.0, 10, 0.7, 0.1
    w = wealth([2 * v for v in x], Null(t=1, u=2, N=N, d=2), shrink_truncate(ShrinkTruncate(eta0, d, c)))
    T, S = 1.0, 0
    for j, value in enumerate(x, start=1):
        m = (N * t - S) / (N - j + 1)
        eta = min(u * (1 - 1e-5), max(m + c / math.sqrt(d + j - 1), (d * eta0 + S) / (d + j - 1)))
        T *= value / m * (eta - m) / (u - m) + (u - eta) / (u - m)
        S += value
        assert math.exp(w.log_wealth[j - 1]) == pytest.approx(T, rel=1e-12)


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: comparison_null(0, 1, HALF, 10), "v"),
        (lambda: comparison_null(2, 1, HALF, 10), "v"),
        (lambda: comparison_number(2, 1, comparison_null("0.1", 1, HALF, 10)), "w"),
        (lambda: comparison_number(Fraction(1, 3), 1, comparison_null("0.1", 1, HALF, 10)), "w"),
        (lambda: comparison_prior(comparison_null("0.1", 1, HALF, 10), [(HALF, 1)]), "rates"),
        (lambda: two_point_bet(0.4, 0.1), "a"),
    ],
)
def test_bad_input_is_named(call, argument):
    with pytest.raises(NumberError) as problem:
        call()
    assert problem.value.argument == argument
