"""Survey numbers and engine bounds once more: scipy's quantiles, plain formulas, and what an error shows."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import norm, t

from tallybook.stats.certainty import at_most
from tallybook.stats.confidence_engine import Guess, between_by_engine, lower_by_engine, upper_by_engine
from tallybook.stats.default_bet import Prior, default_bet
from tallybook.stats.errors import NumberError
from tallybook.stats.lattice import Null
from tallybook.stats.martingale import wealth
from tallybook.stats.survey import (
    Poll,
    average,
    change,
    crosstab,
    interval,
    margin_of_error,
    rake,
    rolling_average,
    shares,
    size_for_clear_change,
    size_for_margin,
    student,
)

ASKED = {"sex": list("mmmffm"), "age": list("yoyoyo")}
WANTED = {"sex": {"m": 0.5, "f": 0.5}, "age": {"y": 0.4, "o": 0.6}}


def test_raked_weights_meet_every_target_whatever_the_scale_of_the_first_weights():
    base = [1.0, 2.0, 1.0, 0.5, 1.0, 3.0]
    found, scaled = rake(ASKED, WANTED, base), rake(ASKED, WANTED, [7 * b for b in base])
    assert found.converged
    assert found.weights == pytest.approx(scaled.weights, rel=1e-9)
    assert found.weights.mean() == pytest.approx(1)
    for name, wanted in WANTED.items():
        for category, share in shares(ASKED[name], found.weights).items():
            assert share == pytest.approx(wanted[category], abs=1e-9)
    # Raking multiplies rows and columns: the cross ratio of a 2 x 2 table stays that of the base.
    cell = {a + b: 0.0 for a in "mf" for b in "yo"}
    first = dict(cell)
    for a, b, w, v in zip(ASKED["sex"], ASKED["age"], found.weights.tolist(), base, strict=True):
        cell[a + b] += w
        first[a + b] += v
    ratio = first["my"] * first["fo"] / (first["mo"] * first["fy"])
    assert cell["my"] * cell["fo"] / (cell["mo"] * cell["fy"]) == pytest.approx(ratio)


def test_one_variable_is_fitted_in_one_round_and_a_limit_of_rounds_is_kept():
    one = rake({"sex": list("mmmf")}, {"sex": {"m": 0.5, "f": 0.5}})
    assert (one.rounds, one.converged) == (1, True)
    assert one.weights.tolist() == pytest.approx([2 / 3, 2 / 3, 2 / 3, 2])
    cut = rake(ASKED, WANTED, [1, 2, 1, 0.5, 1, 3], most_rounds=1)
    assert (cut.rounds, cut.converged) == (1, False)
    assert cut.largest_gap > 1e-9


def test_a_group_without_weight_is_left_without_and_said_so():
    found = rake({"sex": list("mmf")}, {"sex": {"m": 0.5, "f": 0.5}}, base=[1, 3, 0], most_rounds=5)
    assert not found.converged
    assert found.weights.tolist() == pytest.approx([0.75, 2.25, 0])
    assert shares(["a", "b"], [1, 0]) == {"a": 1.0, "b": 0.0}


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.99])
@pytest.mark.parametrize(("share", "n"), [(0.5, 100), (0.03, 40), (0.8, 0.5), (0.62, 1200)])
def test_wilsons_bounds_are_the_shares_that_are_just_z_errors_away(share, n, confidence):
    low, high = interval(share, n, confidence)
    z = norm.ppf((1 + confidence) / 2)
    for bound in (low, high):
        assert abs(share - bound) == pytest.approx(z * math.sqrt(bound * (1 - bound) / n), rel=1e-7)
    assert low < share < high
    assert margin_of_error(n, confidence, share) == pytest.approx(
        z * math.sqrt(share * (1 - share) / n), abs=1e-9
    )
    assert interval(0.0, n, confidence)[0] == 0.0
    assert interval(1.0, n, confidence)[1] == 1.0


def test_a_margin_is_rounded_outward_also_at_the_ends():
    assert margin_of_error(50, share=0.0) >= 0
    assert margin_of_error(50, share=1.0) >= 0
    assert margin_of_error(2500) >= 1.959963984540054 / 100
    assert size_for_margin(0.03) == math.ceil((1.959963984540054 / 0.06) ** 2)
    assert size_for_margin(0.03, 1.5, 0.99) == math.ceil(1.5 * (norm.ppf(0.995) / 0.06) ** 2)


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 9, 30])
@pytest.mark.parametrize("confidence", [0.3, 0.5, 0.95, 0.999])
def test_students_quantile_is_scipys(freedom, confidence):
    assert student(confidence, freedom) == pytest.approx(t.ppf((1 + confidence) / 2, freedom), rel=1e-9)


def plain_average(polls, confidence):
    """DerSimonian and Laird by their formulas: weights 1/variance, the moment estimate between polls."""
    p = np.array([one.share for one in polls])
    n = np.array([one.asked / one.design_effect for one in polls])
    pooled = (p * n).sum() / n.sum()
    w = n / (pooled * (1 - pooled))
    centre = (w * p).sum() / w.sum()
    Q = (w * (p - centre) ** 2).sum()
    between = max(0.0, (Q - (len(p) - 1)) / (w.sum() - (w**2).sum() / w.sum()))
    w = 1 / (1 / w + between)
    centre = (w * p).sum() / w.sum()
    half = t.ppf((1 + confidence) / 2, len(p) - 1) / math.sqrt(w.sum())
    return between, centre, centre - half, centre + half


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_polls_that_disagree_are_averaged_by_the_published_formulas(confidence):
    polls = [Poll(1, 0.42, 900, 1.5), Poll(1, 0.5, 1500), Poll(2, 0.46, 700, 2.0), Poll(2, 0.55, 1100, 1.2)]
    between, centre, low, high = plain_average(polls, confidence)
    assert between > 0
    found = average(2, polls, confidence)
    assert (found.share, found.low, found.high) == pytest.approx((centre, low, high), abs=1e-9)
    assert found.low < low < high < found.high  # outward, by more than the doubles err
    wide = average(1, [Poll(1, 0.95, 500), Poll(1, 0.5, 500)])
    assert (wide.low, wide.high) == (0.0, 1.0)


def test_a_window_of_one_day_and_polls_at_the_ends():
    day = rolling_average([Poll(3, 0.5, 100, 2.0)], 1, 0.5)
    assert [(one.day, one.share, one.low, one.high) for one in day] == [(3, 0.5, *interval(0.5, 50.0, 0.5))]
    for share in (0.0, 1.0):
        assert average(1, [Poll(1, share, 0.5)]).share == share


@pytest.mark.parametrize("confidence", [0.5, 0.95])
def test_a_change_is_newcombes_and_the_least_clear_size_is_the_least(confidence):
    moved = change(0.4, 300, 0.52, 500, confidence)
    (l1, h1), (l2, h2) = interval(0.4, 300, confidence), interval(0.52, 500, confidence)
    assert moved.low == pytest.approx(0.12 - math.hypot(0.52 - l2, h1 - 0.4), abs=1e-9)
    assert moved.high == pytest.approx(0.12 + math.hypot(h2 - 0.52, 0.4 - l1), abs=1e-9)
    assert moved.low < 0.12 - math.hypot(0.52 - l2, h1 - 0.4)
    assert moved.high > 0.12 + math.hypot(h2 - 0.52, 0.4 - l1)
    for earlier, later in ((0.4, 0.52), (0.6, 0.55), (0.0, 1.0), (1.0, 0.0), (0.0, 0.2)):
        n = size_for_clear_change(earlier, later, confidence)
        assert type(n) is int
        assert change(earlier, n, later, n, confidence).clear
        assert n == 1 or not change(earlier, n - 1, later, n - 1, confidence).clear


EVEN = Guess(Prior((2, 0), (3, 1)), Fraction(1))
ZERO = Guess(Prior((2, 0), (3, 1)), Fraction(0))


def test_engine_bounds_where_nothing_or_everything_is_known():
    assert lower_by_engine([], 5, "0.1", 2, EVEN) == 0
    assert lower_by_engine([], None, "0.1", 2, EVEN) == 0
    assert lower_by_engine([2, 1], 5, 0, 2, EVEN) == Fraction(3, 5)
    assert lower_by_engine([2, 1], None, 0, 2, EVEN) == 0
    assert upper_by_engine([2, 1], 5, 0, 2, EVEN) == 2 - Fraction(1, 5)
    assert lower_by_engine([2, 1, 2], 3, "0.1", 2, EVEN) == Fraction(5, 3)
    assert lower_by_engine([0, 0], None, "0.1", 2, EVEN, parts=1) == 0
    assert lower_by_engine([0, 1, 0], None, "0.1", 2, ZERO, parts=100) >= 0


def test_both_engine_bounds_take_half_of_the_level_and_the_parts_asked_for():
    x = [2, 2, 1, 2, 2, 2, 2, 0, 2, 2]
    for N, parts in ((None, 50), (40, 10**6)):
        both = between_by_engine(x, N, "0.2", 2, (EVEN, EVEN), parts)
        assert both == (
            lower_by_engine(x, N, "0.1", 2, EVEN, parts),
            upper_by_engine(x, N, "0.1", 2, EVEN, parts),
        )
        assert 0 < both[0] < Fraction(17, 10) < both[1]
    assert (between_by_engine(x, None, "0.2", 2, (EVEN, EVEN), 50)[0] * 25).denominator == 1


@pytest.mark.parametrize(
    ("x", "N", "alpha"),
    [
        ([2, 2, 1, 2, 0, 2, 2, 2], 12, "0.3"),
        # Stakes made for draws with replacement would give another bound in each of these.
        ([2, 2, 1, 2, 2], 13, "0.1"),
        ([2, 1, 2, 2], 8, "0.2"),
    ],
)
def test_without_replacement_the_bound_is_the_least_mean_that_the_engine_does_not_reject(x, N, alpha):
    w = wealth(x, Null(t=1, u=2, N=N), default_bet(EVEN.prior))
    bet = lambda _past: w.stakes[None, :]  # noqa: E731
    kept = [
        total
        for total in range(sum(x), 2 * N)
        if not at_most(wealth([v * N for v in x], Null(t=total, u=2 * N, N=N), bet), alpha)
    ]
    assert lower_by_engine(x, N, alpha, 2, EVEN) == Fraction(min(kept), N)
    assert min(kept) > sum(x)


def test_with_replacement_both_bounds_are_stated_in_the_parts_asked_for():
    low, high = between_by_engine([2, 1, 0, 2] * 15, None, "0.2", 2, (EVEN, EVEN), 50)
    assert 0 < low < Fraction(5, 4) < high < 2
    assert [(bound * 25).denominator for bound in (low, high)] == [1, 1]


def broken(**given):
    right = {"answers": {"a": ["x", "y"]}, "targets": {"a": {"x": 0.5, "y": 0.5}}}
    return lambda: rake(**{**right, **given})


@pytest.mark.parametrize(
    ("call", "argument", "found"),
    [
        (broken(answers={}), "answers", 0),
        (broken(targets={}), "targets", 0),
        (broken(base=[1.0]), "base", 1),
        (broken(base=[1.0, -1.0]), "base", [1.0, -1.0]),
        (broken(targets={"b": {"x": 1.0}}), "answers['b']", 0),
        (broken(targets={"a": {"x": 1.0, "y": 0.0}}), "targets['a']", {"x": 1.0, "y": 0.0}),
        (broken(targets={"a": {"x": 0.5, "y": 0.4}}), "targets['a']", {"x": 0.5, "y": 0.4}),
        (broken(targets={"a": {"x": 0.5, "z": 0.5}}), "answers['a']", ["x", "y"]),
        (lambda: shares(["a"], [1, 2]), "answers", 1),
        (lambda: shares(["a"], [0]), "weights", [0]),
        (lambda: crosstab(["a"], ["g", "h"], [1]), "groups", 2),
        (lambda: interval(1.1, 5), "share", 1.1),
        (lambda: interval(0.5, 0), "effective", 0),
        (lambda: margin_of_error(0), "effective", 0),
        (lambda: margin_of_error(5, share=-0.1), "share", -0.1),
        (lambda: size_for_margin(0.03, 0.5), "effect", 0.5),
        (lambda: average(1, [Poll(1, 1.5, 10)]), "share", 1.5),
        (lambda: average(1, [Poll(1, 1.5, 10), Poll(1, 0.1, 5000)]), "share", 1.5),
        (lambda: average(1, [Poll(1, 0.5, 0)]), "poll", Poll(1, 0.5, 0)),
        (lambda: average(1, [Poll(1, 0.5, 10, 0.5)]), "poll", Poll(1, 0.5, 10, 0.5)),
        (lambda: size_for_clear_change(1.5, 0.5), "earlier", 1.5),
        (lambda: size_for_clear_change(0.5, 1.5), "later", 1.5),
        (lambda: size_for_clear_change(0.5, 0.5), "later", 0.5),
        (lambda: lower_by_engine([1], None, "0.1", 2, EVEN, parts=0), "parts", 0),
        (lambda: lower_by_engine([1], 3, "0.1", 2, Guess(EVEN.prior, Fraction(2))), "against", Fraction(2)),
        (lambda: lower_by_engine([1], 3, "0.1", 2, Guess(EVEN.prior, "x")), "against", "x"),
        (lambda: upper_by_engine([3], 3, "0.1", 2, EVEN), "x", 3),
    ],
)  # fmt: skip
def test_a_wrong_call_is_answered_with_what_was_found(call, argument, found):
    with pytest.raises(NumberError) as problem:
        call()
    assert (problem.value.argument, problem.value.found) == (argument, found)
