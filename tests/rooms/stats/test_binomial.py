"""Binomial chances against scipy's, term by term, and what is cut off at the ends."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from tallybook.stats.binomial import TINY, Pmf, add, below, binomial, tail, tails, trim
from tallybook.stats.errors import NumberError


def listed(pmf):
    """Count -> chance."""
    return dict(enumerate(pmf.chances.tolist(), start=pmf.lo))


@pytest.mark.parametrize(
    ("n", "p"), [(1, 0.5), (1, 0.999), (7, 0.3), (10, 0.5), (9, 0.5), (40, 0.02), (300, 0.97), (5000, 0.4)]
)
def test_every_chance_is_scipys_and_what_is_missing_is_tiny(n, p):
    found = listed(binomial(n, p))
    k = np.array(list(found))
    assert np.array(list(found.values())) == pytest.approx(binom.pmf(k, n, p), rel=1e-9)
    assert sum(found.values()) == pytest.approx(1, abs=1e-13)
    assert min(found.values()) > TINY
    for outside in (k[0] - 1, k[-1] + 1):
        assert binom.pmf(outside, n, p) <= 1.001 * TINY


def test_a_rate_of_nothing_or_everything_and_no_draw_at_all():
    assert listed(binomial(5, 0.0)) == {0: 1.0}
    assert listed(binomial(5, 1.0)) == {5: 1.0}
    assert listed(binomial(0, 0.3)) == {0: 1.0}
    assert listed(binomial(0, 1.0)) == {0: 1.0}


def test_ends_below_the_limit_are_cut_and_nothing_left_is_nothing():
    assert listed(trim(Pmf(3, np.array([1e-101, 0.5, 0.0, 0.5, 1e-300])))) == {4: 0.5, 5: 0.0, 6: 0.5}
    assert listed(trim(Pmf(3, np.array([1e-101, 1e-200])))) == {3: 0.0}
    assert listed(trim(Pmf(2, np.array([1e-100, 2e-100])))) == {3: 2e-100}


def test_the_sum_of_two_counts_is_that_of_all_draws():
    both = listed(add(binomial(6, 0.3), binomial(9, 0.3)))
    assert list(both) == list(range(16))
    assert list(both.values()) == pytest.approx(binom.pmf(range(16), 15, 0.3), rel=1e-12)
    shifted = listed(add(Pmf(2, np.array([0.25, 0.75])), Pmf(3, np.array([0.5, 0.5]))))
    assert shifted == {5: 0.125, 6: 0.5, 7: 0.375}


def test_counts_from_a_limit_on_are_taken_out():
    one = Pmf(3, np.array([0.1, 0.2, 0.7]))
    assert listed(below(one, 9)) == {3: 0.1, 4: 0.2, 5: 0.7}
    assert listed(below(one, 5)) == {3: 0.1, 4: 0.2}
    assert listed(below(one, 4)) == {3: 0.1}
    assert listed(below(one, 3)) == {3: 0.0}
    assert listed(below(one, 1)) == {1: 0.0}


def test_tails_are_summed_from_the_far_end():
    one = Pmf(3, np.array([0.125, 0.25, 0.625]))
    assert tails(one).tolist() == [1.0, 0.875, 0.625]
    assert [tail(one, k) for k in (0, 3, 4, 5, 6)] == [1.0, 1.0, 0.875, 0.625, 0.0]


@pytest.mark.parametrize(("n", "p", "argument"), [(-1, 0.5, "n"), (3, -0.1, "p"), (3, 1.1, "p")])
def test_a_wrong_call_is_answered_with_what_was_found(n, p, argument):
    with pytest.raises(NumberError) as problem:
        binomial(n, p)
    assert (problem.value.argument, problem.value.found) == (argument, {"n": n, "p": p}[argument])
