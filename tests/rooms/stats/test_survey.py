"""Surveys: the papers' numbers, closed forms, scipy, and a published poll with its data."""

import csv
import math
import random
from collections import Counter, defaultdict
from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import binomtest, t

from tallybook.stats.survey import (
    Poll,
    average,
    change,
    changes_by_size,
    crosstab,
    design_effect,
    effective_size,
    interval,
    margin_of_error,
    rake,
    rolling_average,
    shares,
    size_for_clear_change,
    size_for_margin,
    student,
    topline,
)
from tests.needs import needs_shared


def poll_rows():
    with needs_shared("data/polls/nonvoters_microdata.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_shares_that_the_poll_on_non_voters_published_are_those_of_the_sample():
    """Ipsos and FiveThirtyEight, 26 October 2020: 31 % almost always vote, 44 % sometimes, 25 % rarely.

    5,239 respondents matched to a voter file and 597 others.  These shares are the unweighted ones.
    """
    rows = poll_rows()
    assert len(rows) == 5239 + 597
    published = {"always": 31, "sporadic": 44, "rarely/never": 25}
    found = shares([row["voter_category"] for row in rows], np.ones(len(rows)))
    assert {category: round(100 * share) for category, share in found.items()} == published


@pytest.mark.parametrize(
    "questions",
    [["voter_category"], pytest.param(["Q21", "Q23", "Q30", "race", "educ"], marks=pytest.mark.slow)],
)
def test_the_weighted_topline_of_the_poll_agrees_with_exact_fractions(questions):
    rows = poll_rows()
    weights = [float(row["weight"]) for row in rows]
    exact = [Fraction(row["weight"]) for row in rows]
    for question in questions:
        totals = defaultdict(Fraction)
        for row, weight in zip(rows, exact, strict=True):
            totals[row[question]] += weight
        found = topline([row[question] for row in rows], weights)
        assert found.keys() == totals.keys()
        for answer, one in found.items():
            assert one.share == pytest.approx(float(totals[answer] / sum(exact)), rel=1e-12)
            assert one.low < one.share < one.high
            assert one.effective == pytest.approx(float(sum(exact) ** 2 / sum(w * w for w in exact)))
    weighted = shares([row["voter_category"] for row in rows], weights)
    assert [round(100 * weighted[c]) for c in ("always", "sporadic", "rarely/never")] == [29, 43, 28]


def test_raking_the_poll_gives_the_margins_that_were_asked_for():
    rows = poll_rows()
    variables = {name: [row[name] for row in rows] for name in ("race", "educ", "gender")}
    weights = [float(row["weight"]) for row in rows]
    targets = {name: shares(answers, weights) for name, answers in variables.items()}
    raked = rake(variables, targets)
    assert raked.converged
    for name, answers in variables.items():
        assert shares(answers, raked.weights) == pytest.approx(targets[name], abs=1e-9)


def test_a_subgroup_is_judged_by_its_own_size():
    rows = poll_rows()
    weights = [float(row["weight"]) for row in rows]
    table = crosstab([r["voter_category"] for r in rows], [r["race"] for r in rows], weights)
    sizes = Counter(row["race"] for row in rows)
    assert {group: one["always"].asked for group, one in table.items()} == sizes
    assert all(one["always"].effective <= sizes[group] for group, one in table.items())
    widths = {group: one["always"].high - one["always"].low for group, one in table.items()}
    assert min(widths, key=widths.get) == max(sizes, key=sizes.get)


def test_raking_two_by_two_keeps_the_odds_ratio_and_fits_both_margins():
    """The closed form: a cell x solves x (1 - r - c + x) = ratio (r - x) (c - x)."""
    cells = {("m", "y"): 30, ("m", "o"): 10, ("f", "y"): 20, ("f", "o"): 40}
    people = [cell for cell, number in cells.items() for _ in range(number)]
    r, c, ratio = 0.48, 0.35, 30 * 40 / (10 * 20)
    x = next(
        root
        for root in np.roots([1 - ratio, 1 - r - c + ratio * (r + c), -ratio * r * c]).real
        if 0 < root < min(r, c)
    )
    answers = {"sex": [sex for sex, _ in people], "age": [age for _, age in people]}
    raked = rake(answers, {"sex": {"m": r, "f": 1 - r}, "age": {"y": c, "o": 1 - c}})
    assert raked.converged
    assert raked.largest_gap <= 1e-9
    found = shares(people, raked.weights)
    expected = {("m", "y"): x, ("m", "o"): r - x, ("f", "y"): c - x, ("f", "o"): 1 - r - c + x}
    assert found == pytest.approx(expected, abs=1e-8)
    assert raked.weights.mean() == pytest.approx(1)


def test_raking_that_cannot_fit_says_so():
    """Every man is young and every woman old, so the two margins cannot differ."""
    answers = {"sex": ["m", "f"] * 10, "age": ["y", "o"] * 10}
    raked = rake(answers, {"sex": {"m": 0.5, "f": 0.5}, "age": {"y": 0.3, "o": 0.7}}, most_rounds=50)
    assert not raked.converged
    assert raked.rounds == 50
    assert raked.largest_gap == pytest.approx(0.2)


def test_kishs_design_effect_on_a_page():
    """Weights 1, 1, 2: sum 4, squares 6; 3 x 6 / 16 = 1.125, and 16 / 6 answers are left."""
    assert design_effect([1, 1, 2]) == pytest.approx(1.125)
    assert effective_size([1, 1, 2]) == pytest.approx(16 / 6)
    assert effective_size([3.0] * 7) == pytest.approx(7)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval_has_the_values_of_newcombes_table(k, n, low, high):
    found = interval(k / n, n)
    assert [round(end, 4) for end in found] == [low, high]
    ends = binomtest(k, n).proportion_ci(0.95, "wilson")
    assert found[0] <= ends.low + 1e-13
    assert found[1] >= ends.high - 1e-13
    assert found == pytest.approx((ends.low, ends.high), abs=1e-11)


def test_newcombes_difference_has_the_value_of_his_table():
    """Method 10, 56/70 - 48/80: 0.0524 to 0.3339."""
    found = change(48 / 80, 80, 56 / 70, 70)
    assert found.change == pytest.approx(0.2)
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)
    assert found.clear


def test_the_margin_of_a_thousand_answers_is_three_points():
    assert round(100 * margin_of_error(1000), 1) == 3.1
    assert round(100 * margin_of_error(1843), 1) == 2.3
    assert size_for_margin(0.03) == 1068
    assert size_for_margin(0.03, effect=1.5) == 1601


def test_the_change_in_a_governors_approval_depends_on_sizes_that_were_not_published():
    """86 to 77 among Georgia's Republicans, reported in December 2020 without sample sizes."""
    assumed = changes_by_size(0.86, 0.77, (50, 100, 150, 400))
    assert [one.clear for one in assumed.values()] == [False, False, True, True]
    widths = [one.high - one.low for one in assumed.values()]
    assert widths == sorted(widths, reverse=True)
    enough = size_for_clear_change(0.86, 0.77)
    assert 100 < enough <= 150
    assert change(0.86, enough, 0.77, enough).clear
    assert not change(0.86, enough - 1, 0.77, enough - 1).clear


def test_polls_that_agree_are_as_good_as_one_poll_of_all():
    polls = [Poll(1, 0.5, 400), Poll(2, 0.5, 600)]
    found = average(2, polls)
    assert found.share == 0.5
    assert (found.low, found.high) == interval(0.5, 1000)


def test_a_design_effect_widens_the_average():
    plain, heavy = (average(1, [Poll(1, 0.5, 1000, effect)]) for effect in (1.0, 2.0))
    assert (heavy.low, heavy.high) == interval(0.5, 500)
    assert heavy.high - heavy.low > plain.high - plain.low


def test_polls_that_disagree_widen_the_average():
    """By hand: 40, 50 and 60 % of 1,000 each.  w = 4000, Q = 80, between = 78/8000, in all 0.01 a poll;
    Student's 97.5 % point with 2 degrees of freedom is 4.302653."""
    found = average(1, [Poll(1, share, 1000) for share in (0.4, 0.5, 0.6)])
    assert found.share == pytest.approx(0.5)
    assert found.high - found.share == pytest.approx(4.302653 * math.sqrt(0.01 / 3), rel=1e-6)


def test_students_quantile_agrees_with_scipy():
    for freedom in (1, 2, 3, 4, 5, 9, 10, 30, 101):
        for confidence in (0.5, 0.9, 0.95, 0.99):
            assert student(confidence, freedom) == pytest.approx(
                t.ppf((1 + confidence) / 2, freedom), rel=1e-9
            )


def test_the_average_covers_the_truth_when_every_pollster_leans():
    """Ten polls of 800, each leaning by a normal 2 points: 95 % must hold, within the noise of 400 trials."""
    dice = random.Random(2020)
    held = 0
    for _ in range(400):
        polls = []
        for _ in range(10):
            p = 0.48 + dice.gauss(0, 0.02)
            polls.append(Poll(1, dice.gauss(p, math.sqrt(p * (1 - p) / 800)), 800))
        found = average(1, polls)
        held += found.low <= 0.48 <= found.high
    assert held / 400 >= 0.93


def test_a_rolling_average_has_a_day_for_every_day():
    polls = [Poll(10, 0.4, 500), Poll(14, 0.5, 500)]
    days = rolling_average(polls, 3)
    assert [one.day for one in days] == [10, 11, 12, 13, 14]
    assert [one.polls for one in days] == [1, 1, 1, 0, 1]
    assert days[3].share is None
    assert (days[3].low, days[3].high) == (0.0, 1.0)
    assert rolling_average([], 3) == ()


def test_a_rolling_average_of_real_polls_stays_among_them():
    with needs_shared("data/polls/impeachment_polls_538.csv").open(encoding="utf-8") as file:
        rows = [
            r for r in csv.DictReader(file) if r["category"] == "remove" and r["sample_size"] and r["yes"]
        ]
    polls = [
        Poll(
            date.fromisoformat(r["end_date"]).toordinal(), float(r["yes"]) / 100, float(r["sample_size"]), 1.3
        )
        for r in rows
    ]
    assert len(polls) > 40
    for one in rolling_average(polls, 14):
        window = [p.share for p in polls if one.day - 14 < p.day <= one.day]
        assert one.polls == len(window)
        if window:
            assert min(window) <= one.share <= max(window)
            assert one.low < one.share < one.high


@pytest.mark.parametrize(
    ("act", "argument"),
    [
        (lambda: effective_size([]), "weights"),
        (lambda: effective_size([1, -1]), "weights"),
        (lambda: effective_size([0, 0]), "weights"),
        (lambda: effective_size([math.nan]), "weights"),
        (lambda: shares(["a"], [1, 2]), "answers"),
        (lambda: interval(1.5, 100), "share"),
        (lambda: interval(0.5, 0), "effective"),
        (lambda: margin_of_error(100, 1.0), "confidence"),
        (lambda: rolling_average([], 0), "days"),
        (lambda: average(1, [Poll(1, 0.5, 0)]), "poll"),
        (lambda: rake({"a": ["x"]}, {"a": {"x": 0.4, "y": 0.6}}), "answers['a']"),
        (lambda: rake({"a": ["x", "y"]}, {"a": {"x": 0.4, "y": 0.4}}), "targets['a']"),
        (lambda: rake({"a": ["x"]}, {"b": {"x": 1.0}}), "answers['b']"),
        (lambda: size_for_clear_change(0.5, 0.5), "later"),
    ],
)
def test_bad_arguments_are_named(act, argument):
    with pytest.raises(ValueError, match="expected") as error:
        act()
    assert error.value.argument == argument


def test_a_published_figure_that_the_file_cannot_give():
    """FiveThirtyEight, 3 November 2020: 31 % of those who had missed an election disliked the candidates.

    The file has 1,342 answers to that (Q29_1): 26 % with the weights, 27 % without, so it is not theirs.
    """
    rows = [row for row in poll_rows() if row["Q29_1"] in ("-1.0", "1.0")]
    answers = [row["Q29_1"] == "1.0" for row in rows]
    weighted = shares(answers, [float(row["weight"]) for row in rows])[True]
    assert (len(rows), round(100 * weighted), round(100 * sum(answers) / len(rows))) == (1342, 26, 27)
