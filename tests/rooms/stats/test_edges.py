"""The very edges: the draw at which something becomes impossible or certain, the last bit, the odd type."""

from __future__ import annotations

import math
import warnings
from fractions import Fraction

import numpy as np
import pytest

from tallybook.stats.errors import NumberError
from tallybook.stats.lattice import Null, before, integers, on_lattice, rational
from tallybook.stats.martingale import EPS, error_bound, running_p, wealth, wealths

HALF = lambda past: np.full_like(past.m, 0.5)  # noqa: E731


def test_the_risk_becomes_zero_at_the_very_draw_that_makes_the_null_impossible():
    # N t = 4: after 2, 2 the null is just possible, after the third 2 it is not.
    path = wealth([2, 2, 2, 0], Null(t=1, u=2, N=4), HALF)
    assert path.impossible == 3
    # Draw 1: 1 + (2/1 - 1)/2. Draw 2: m = 2/3, so 1/2 + 1/2 * 3.
    assert path.log_wealth[:2] == pytest.approx([math.log(1.5), math.log(3)])
    assert path.log_wealth[2:].tolist() == [math.inf, math.inf]
    assert path.p.tolist() == pytest.approx([1 / 1.5, 1 / 3, 0, 0])


def test_the_wealth_is_gone_at_the_very_draw_before_which_the_null_is_certain():
    # N t = 5 of at most 2 each; after 0, 0 three are left for 5, after the next 0 two for 5: certain.
    path = wealth([0, 0, 0, 2], Null(t=1, u=2, N=5), HALF)
    assert path.certain == 4
    assert np.isfinite(path.log_wealth[:3]).all()
    assert path.log_wealth[3] == -math.inf


def test_exactly_as_much_left_as_can_be_is_certain():
    # After one 0 of N = 2, one number is left for N t = 2 = u: only a 2 would reach it, and it is a tie.
    assert wealth([0, 2], Null(t=1, u=2, N=2), HALF).certain == 2


@pytest.mark.parametrize(("x", "first"), [([0, 0, 1, 0], 3), ([2, 0], 1), ([0, 0], None), ([1], 1)])
def test_with_replacement_a_null_of_zero_falls_at_the_first_number_above_zero(x, first):
    path = wealth(x, Null(t=0, u=2), HALF)
    assert path.impossible == first
    assert path.p.tolist() == [1.0 if first is None or j < first else 0.0 for j in range(1, len(x) + 1)]


def test_with_replacement_a_null_above_zero_is_never_impossible():
    assert wealth([2, 2, 2], Null(t=1, u=2), HALF).impossible is None


@pytest.mark.parametrize(("asked", "used"), [(3.0, 1.0), (1.5, 1.0), (-1.0, 0.0), (0.25, 0.25)])
def test_a_stake_outside_zero_and_one_is_cut_to_it(asked, used):
    path = wealth([2, 0], Null(t=1, u=2), lambda past: np.full_like(past.m, asked))
    assert path.stakes.tolist() == [used, used]


def test_nothing_is_staked_at_an_edge():
    # m = 0 before the third draw (N t = 2 is drawn), and m = u before the second.
    assert wealth([1, 1, 0], Null(t=1, u=2, N=2 + 2, d=1), HALF).stakes.tolist() == [0.5, 0.5, 0.5]
    assert wealth([4, 0, 0], Null(t=1, u=4, N=4), HALF).stakes.tolist() == [0.5, 0.0, 0.0]
    assert wealth([0, 2], Null(t=1, u=2, N=2), HALF).stakes.tolist() == [0.5, 0.0]


def test_a_bet_that_divides_by_a_mean_of_zero_is_not_asked_for_it_and_warns_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        path = wealth([2, 2, 0], Null(t=1, u=2, N=4), lambda past: 0.5 / past.m)
    # The means are 1, 2/3 and 0: stakes of 1/2, 3/4 and nothing.
    assert path.stakes.tolist() == pytest.approx([0.5, 0.75, 0.0])


def test_a_stake_lost_whole_warns_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        path = wealth([2, 0], Null(t=1, u=2), lambda past: np.ones_like(past.m))
    assert path.log_wealth.tolist() == [math.log(2), -math.inf]


def test_the_error_bound_is_the_stated_formula():
    # 1.1 EPS (10 j + (j + 9) sum of |log factor|); a factor of 0 or infinity has no finite error to add.
    bound = error_bound(np.array([0.5, -0.25, -np.inf]))
    wanted = [10 + 10 * 0.5, 20 + 11 * 0.75, 30 + 12 * 0.75]
    assert bound == pytest.approx([1.1 * EPS * v for v in wanted], rel=1e-12, abs=0)


def test_running_risks_of_many_rows_run_along_each_row():
    rows = running_p(np.log(np.array([[2.0, 1.0], [0.5, 4.0]])))
    assert rows.tolist() == [[0.5, 0.5], [1.0, 0.25]]


def test_sums_before_each_draw_of_many_rows_run_along_each_row():
    assert before(np.array([[1, 2, 3], [4, 5, 6]])).tolist() == [[0, 1, 3], [0, 4, 9]]


def test_rows_of_one_game_are_played_apart():
    a, b = wealths([[2, 0], [0, 2]], [Null(t=1, u=2), Null(t=1, u=2)], HALF)
    assert a.p.tolist() == pytest.approx([1 / 1.5, 1 / 1.5])
    assert b.p.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("value", [3, "3", "3.0", 3.0, np.int64(3), np.uint8(3), Fraction(3), "6/2"])
def test_a_number_may_be_given_in_many_forms(value):
    found = rational(value)
    assert type(found) is Fraction
    assert found == 3


@pytest.mark.parametrize(
    "value", [True, None, "three", "", "1/0", float("nan"), float("inf"), [3], 3j, np.float32(3), b"3"]
)
def test_what_is_no_number_is_refused_by_name(value):
    with pytest.raises(NumberError) as problem:
        rational(value, "share")
    assert problem.value.argument == "share"


def test_the_lattice_is_the_coarsest_that_holds_every_number():
    x, null = on_lattice(["0.5", "1/3"], u="5/4", t="1/2")
    assert (x.tolist(), null) == ([6, 4], Null(t=6, u=15, d=12))
    assert on_lattice([0], u="1/7", t=0)[1].d == 7
    assert on_lattice(["1/9"], u=1, t=0)[1].d == 9


@pytest.mark.parametrize(("u", "t", "argument"), [("x", 0, "u"), (1, "x", "t"), (1, 2, "u"), (1, -1, "t")])
def test_a_lattice_of_nonsense_is_refused_by_name(u, t, argument):
    with pytest.raises(NumberError) as problem:
        on_lattice([0], u=u, t=t)
    assert problem.value.argument == argument


@pytest.mark.parametrize(
    ("u", "N", "kind"),
    [
        (2**61, 1, "i"), (2**61, 2, "O"), (2**62 - 1, 1, "i"), (2**62, 1, "O"),
        (2**31, 2**31 - 1, "i"), (2**31, 2**31, "O"), (2**62 - 1, None, "i"), (2**62, None, "O"),
    ],
)  # fmt: skip
def test_numbers_leave_machine_words_before_a_sum_could_overflow(u, N, kind):
    assert integers([0], Null(t=1, u=u, N=N)).dtype.kind == kind


@pytest.mark.parametrize(
    ("x", "found"),
    [
        ([0.5, 1], 0.5), (np.array([1.0, 2.0]), 1.0), ([1, "a"], "a"), ([1, None], None), ([True, 1], True),
        ([3], 3), ([1, -1], -1), (np.array([1, 2, 9]), 9), ([2**70], 2**70),
    ],
)  # fmt: skip
def test_the_first_number_that_cannot_be_is_named(x, found):
    with pytest.raises(NumberError) as problem:
        integers(x, Null(t=1, u=2))
    assert problem.value.argument == "x"
    assert problem.value.found == found


def test_not_a_number_is_named_before_other_fractions():
    with pytest.raises(NumberError, match="x: found nan"):
        integers([0.5, float("nan")], Null(t=1, u=2))
