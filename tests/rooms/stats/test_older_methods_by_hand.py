"""Fisher's combination, SUITE's polling stratum, overstatements and boxes: each by its plain definition."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import chi2

from tallybook.stats.clusters import (
    Read,
    equal_boxes,
    most_bad_by_shares,
    most_bad_in_sampled_boxes,
    most_bad_in_whole_boxes,
    simple_claim,
)
from tallybook.stats.comparison import (
    comparison_null,
    comparison_number,
    comparison_prior,
    mean_with_errors,
    overstatement_value,
)
from tallybook.stats.confidence import BETS
from tallybook.stats.default_bet import Prior
from tallybook.stats.errors import NumberError
from tallybook.stats.fisher import fisher, fisher_maximum, trinomial_p
from tallybook.stats.lattice import Null


def test_fishers_tail_is_chi_square_and_nothing_survives_a_zero():
    for ps in ([0.3], [0.2, 0.04], [0.5, 0.1, 0.9], [1.0, 1.0], [1e-5, 0.7, 0.2, 0.9]):
        expected = chi2.sf(-2 * sum(math.log(p) for p in ps), 2 * len(ps))
        assert fisher(ps) == pytest.approx(expected, rel=1e-12)
        assert fisher(ps) <= 1
    assert fisher([0.0, 1.0]) == 0.0


def test_the_combined_maximum_is_enclosed_and_a_single_place_is_allowed():
    falling, rising = (lambda x: 1 - x), (lambda x: (0.1 + x) / 1.2)
    found = fisher_maximum(falling, rising, 0.0, 1.0, 1e-4)
    highest = max(fisher([falling(x), rising(x)]) for x in np.linspace(0, 1, 2001).tolist())
    assert found.least <= highest + 1e-9
    assert highest <= found.p <= found.least + 1e-4
    assert fisher([falling(found.at), rising(found.at)]) == found.least
    point = fisher_maximum(falling, rising, 0.25, 0.25)
    assert (point.p, point.least, point.at) == (point.least, fisher([0.75, 0.35 / 1.2]), 0.25)
    assert fisher_maximum(lambda _x: 0.5, lambda _x: 0.5, 0.0, 1.0, 0).p == fisher([0.5, 0.5])
    assert fisher_maximum(lambda _x: 1.0, lambda _x: 1.0, 0.0, 1.0).p == 1.0


def plain_trinomial(wins, losses, blanks, share, excess):
    """Wald's ratio with the unknown share of losses q tried on a fine grid."""
    lowest = max(0.0, -excess)
    q = np.linspace(lowest, (1 - excess) / 2, 400_001)[1:-1]
    null = wins * np.log(q + excess) + losses * np.log(q) + blanks * np.log(1 - 2 * q - excess)
    reported = wins * math.log(share[0]) + losses * math.log(share[1])
    reported += blanks * math.log(1 - sum(share)) if blanks else 0
    return min(1.0, math.exp(min(0.0, float(null.max()) - reported)))


@pytest.mark.parametrize("excess", [-0.3, -0.05, 0.0, 0.04, 0.15])
@pytest.mark.parametrize(
    ("wins", "losses", "blanks", "share"),
    [
        (60, 30, 10, (0.6, 0.3)),
        (45, 40, 15, (0.5, 0.3)),
        (70, 25, 5, (0.6, 0.25)),
        (30, 20, 90, (0.35, 0.15)),
    ],
)
def test_the_polled_stratum_gives_the_null_its_best_share_of_blanks(wins, losses, blanks, share, excess):
    expected = plain_trinomial(wins, losses, blanks, share, excess)
    assert trinomial_p(wins, losses, blanks, share, excess) == pytest.approx(expected, rel=1e-6)


def test_the_polled_stratum_without_one_kind_of_answer():
    # No blanks, no excess: shares 1/2 each, (1/2)^100 over 0.6^70 0.4^30.
    expected = 0.5**100 / (0.6**70 * 0.4**30)
    assert trinomial_p(70, 30, 0, (0.6, 0.4), 0.0) == pytest.approx(expected, rel=1e-9)
    # Blanks though the report knows none: no evidence for the report.
    assert trinomial_p(70, 29, 1, (0.6, 0.4), 0.0) == 1.0
    # Wins alone: the null's best is q = 1/2 without blanks.
    assert trinomial_p(10, 0, 0, (0.6, 0.3), 0.0) == pytest.approx((0.5 / 0.6) ** 10, rel=1e-9)
    assert trinomial_p(0, 0, 0, (0.6, 0.3), 0.0) == 1.0
    # Blanks alone against "losses lead by at least 0.4": at most 0.6 are blank then, 0.85 by the report.
    assert trinomial_p(0, 0, 10, (0.1, 0.05), -0.4) == pytest.approx((0.6 / 0.85) ** 10, rel=1e-9)
    assert trinomial_p(0, 10, 0, (0.6, 0.3), 0.0) == 1.0


@pytest.mark.parametrize(
    ("u", "v", "unit"), [(2, "0.5", 1), ("1/2", "0.1", "1/4"), (3, 1, "3/2"), (3, 3, 1), (1, "0.02", "1/2")]
)
def test_an_overstatement_is_a_number_whatever_the_bound(u, v, unit):
    null = comparison_null(v, u, unit, 100)
    bound, step = Fraction(u), Fraction(unit)
    assert Fraction(null.t, null.d) == 1 - Fraction(v) / (2 * bound)
    assert (null.u, null.N) == (2 * null.d, 100)
    steps = int(bound / step)
    for k in range(-steps, steps + 1):
        w = k * step
        x = Fraction(comparison_number(w, u, null), null.d)
        assert x == 1 - w / bound
        assert overstatement_value(w, v, u) == x / (2 - Fraction(v) / bound)


def test_the_overstatement_assorter_of_the_paper_for_a_bound_of_two():
    # (1 - 1/2)/(2 - 1/4) and, with shares of halves and wholes, (1 - 0.1/2 - 0.2)/(2 - 1/4).
    assert overstatement_value(1, "0.5", 2) == Fraction(2, 7)
    assert mean_with_errors("0.5", 2, "0.1", "0.2") == Fraction(3, 7)
    assert mean_with_errors("0.5", 2, 0, 1) == 0
    assert mean_with_errors("0.5", 2, 1, 0) == Fraction(2, 7)


def test_the_prior_of_a_comparison_counts_every_expected_error():
    null = comparison_null("0.5", 1, "1/2", None)
    assert null == Null(t=3, u=8, N=None, d=4)
    prior = comparison_prior(null, [("1/2", "0.001"), ("-1/2", "0.00001")], 10_000)
    # A half overstatement is 2 of 4, a half understatement 6, a whole overstatement 0.
    assert prior == Prior((4, 0, 2, 6), (9_988, 1, 10, 1))
    assert comparison_prior(null, [], 2) == Prior((4, 0), (1, 1))
    assert comparison_prior(null, [(1, "0.5")], 2) == Prior((4, 0), (1, 1))


def plain_by_product(x, top, N, most, alpha):
    """The largest total that the mixture of products does not reject, total by total in fractions."""
    possible = 0
    for total in range(most + 1):
        m = Fraction(total, N)
        if m >= top:
            T = Fraction(0) if all(one == top for one in x) else None
            wealth = 0
        else:
            wealth = sum(
                Fraction(w) * math.prod(1 - Fraction(c) + Fraction(c) * (top - one) / (top - m) for one in x)
                for c, w in BETS
            )
            T = wealth
        if T is not None and (wealth == 0 or 1 / Fraction(wealth) > alpha):
            possible = max(possible, total)
    return possible


@pytest.mark.parametrize("alpha", ["0.05", pytest.param("0.3", marks=pytest.mark.slow)])
@pytest.mark.parametrize("reads", [[(10, 4, 1), (10, 5, 0)] * 4, [(8, 8, 0)] * 9, [(6, 3, 3), (9, 3, 1)] * 3])
def test_boxes_drawn_by_size_bound_the_total_by_their_shares(reads, alpha):
    drawn = [Read(*one) for one in reads]
    shares = [Fraction(bad, read) for _, read, bad in reads]
    expected = plain_by_product(shares, 1, 60, 60, Fraction(alpha))
    assert most_bad_by_shares(drawn, 60, alpha) == expected
    assert expected < 60


def test_enough_clean_boxes_leave_no_bad_unit():
    # One of ten makes each factor 1/0.9 at the full stake, which weighs half: 0.5/0.9^100 is far above 20.
    assert most_bad_by_shares([Read(3, 1, 0)] * 100, 10, "0.05") == 0


@pytest.mark.parametrize("reads", [[(10, 4, 1), (10, 5, 0)] * 4, [(8, 8, 0)] * 9, [(6, 3, 2), (9, 3, 1)] * 3])
def test_sampled_boxes_bound_the_total_by_their_estimates(reads):
    drawn, others = [Read(*one) for one in reads], [7, 10, 3]
    sizes = [*others, *(size for size, _, _ in reads)]
    estimates = [Fraction(size * bad, read) for size, read, bad in reads]
    expected = plain_by_product(estimates, max(sizes), len(sizes), sum(sizes), Fraction(1, 10))
    assert most_bad_in_sampled_boxes(drawn, others, "0.1") == expected


def test_a_made_up_design_holds_exactly_its_units():
    assert equal_boxes(100, 20, 10, {2: 1}) == ([Read(10, 10, 2), Read(10, 10, 0)], [10] * 8)
    assert equal_boxes(25, 10, 10, {}) == ([Read(10, 10, 0)], [10, 5])
    assert equal_boxes(5, 1, 1, {1: 1, 0: 0}) == ([Read(1, 1, 1)], [1] * 4)
    # Ten units in boxes of four: the last holds two, also where it is read.
    assert equal_boxes(10, 10, 4, {1: 1}) == ([Read(4, 4, 1), Read(4, 4, 0), Read(2, 2, 0)], [])
    assert equal_boxes(1, 1, 1, {0: 1}) == ([Read(1, 1, 0)], [])
    assert equal_boxes(10, 10, 4, {4: 1, 2: 2})[0] == [Read(4, 4, 4), Read(4, 4, 2), Read(2, 2, 2)]


@pytest.mark.parametrize(
    ("call", "argument", "found"),
    [
        (lambda: fisher([]), "p_values", 0),
        (lambda: fisher((0.5, 1.5)), "p_values", [0.5, 1.5]),
        (lambda: fisher_maximum(lambda x: x, lambda x: x, 1.0, 0.0), "low", 1.0),
        (lambda: fisher_maximum(lambda x: x, lambda x: x, 0.0, 1.0, -1.0), "gap", -1.0),
        (lambda: trinomial_p(1, 1, 1, (0.6, 0.3), 1.0), "excess", 1.0),
        (lambda: trinomial_p(1, 1, 1, (0.6, 0.3), 0.4), "excess", 0.4),
        (lambda: trinomial_p(1, 1, 1, (0.5, 0.25), 0.25), "excess", 0.25),
        (lambda: trinomial_p(1, 1, 1, (0.6, 0.0), 0.1), "share", (0.6, 0.0)),
        (lambda: trinomial_p(1, 1, 1, (0.6, 0.5), 0.0), "share", (0.6, 0.5)),
        (lambda: comparison_null("0.5", 0, 1, 9), "u", 0),
        (lambda: comparison_null(4, 2, 1, 9), "v", 4),
        (lambda: comparison_null(0, 2, 1, 9), "v", 0),
        (lambda: comparison_null(1, 2, 0, 9), "unit", 0),
        (lambda: comparison_number("5/2", 2, comparison_null(1, 2, 1, 9)), "w", "5/2"),
        (lambda: comparison_number("1/3", 2, comparison_null(1, 2, 1, 9)), "w", "1/3"),
        (lambda: comparison_number(0, -1, comparison_null(1, 2, 1, 9)), "u", -1),
        (lambda: comparison_prior(comparison_null(1, 2, 1, 9), [], 0), "weight", 0),
        (lambda: comparison_prior(comparison_null(1, 2, 1, 9), [], 1), "rates", []),
        (lambda: comparison_prior(comparison_null(1, 2, 1, 9), [(0, "0.1")]), "rates", 0),
        (lambda: comparison_prior(comparison_null(1, 2, 1, 9), [(1, -1)]), "rates", [(1, -1)]),
        (lambda: comparison_prior(comparison_null(1, 2, 1, 9), [("x", 1)]), "w", "x"),
        (lambda: comparison_prior(comparison_null(1, 2, 1, 9), [(1, "x")]), "rate", "x"),
        (lambda: overstatement_value(0, 4, 2), "v", 4),
        (lambda: overstatement_value(3, 1, 2), "w", 3),
        (lambda: overstatement_value(0, 1, 0), "u", 0),
        (lambda: mean_with_errors("0.5", 2, "1.5", 0), "half", "1.5"),
        (lambda: mean_with_errors("0.5", 2, "0.5", "0.6"), "whole", "0.6"),
        (lambda: equal_boxes(10, 11, 1, {}), "read", 11),
        (lambda: equal_boxes(10, 4, 11, {}), "size", 11),
        (lambda: equal_boxes(10, 4, 2, {3: 1}), "bad_boxes", 3),
        (lambda: equal_boxes(10, 4, 2, {1: 3}), "bad_boxes", 3),
        (lambda: equal_boxes(10, 4, 2, {1: 2, 2: 1}), "bad_boxes", {1: 2, 2: 1}),
        (lambda: equal_boxes(10, 10, 4, {4: 3}), "bad_boxes", {4: 3}),
        (lambda: equal_boxes(0, 1, 1, {}), "units", 0),
        (lambda: most_bad_by_shares([], 3, "0.05"), "drawn", 0),
        (lambda: most_bad_by_shares([Read(0, 0, 0)], 3, "0.05"), "drawn", 0),
        (lambda: most_bad_by_shares([Read(5, 4, 5)], 9, "0.05"), "drawn", Read(5, 4, 5)),
        (lambda: most_bad_in_whole_boxes([Read(5, 4, 0)], [5], "0.05"), "drawn", [Read(5, 4, 0)]),
        (lambda: most_bad_in_sampled_boxes([Read(5, 4, 0)], [5, 0], "0.05"), "others", 0),
        (lambda: simple_claim(11, [Read(5, 5, 1)], 10, "0.05"), "valid", 11),
        (lambda: simple_claim(-1, [Read(5, 5, 1)], 10, "0.05"), "valid", -1),
    ],
)  # fmt: skip
def test_a_wrong_call_is_answered_with_what_was_found(call, argument, found):
    with pytest.raises(NumberError) as problem:
        call()
    assert (problem.value.argument, problem.value.found) == (argument, found)


def test_a_valid_bound_of_no_bad_unit_is_allowed():
    # Every box was read: none is left to be bad.
    claim = simple_claim(0, [Read(5, 5, 0), Read(4, 4, 0)], 9, "0.05")
    assert (claim.valid, claim.claimed, claim.is_overstated) == (0, 0, False)
