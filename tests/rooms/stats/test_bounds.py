"""Bounds for simple random samples: exact coverage in small worlds, scipy, and a published audit."""

import json
from fractions import Fraction
from itertools import combinations
from math import comb

import pytest
from scipy.stats import beta, chi2, hypergeom

from tallybook.stats.bounds import (
    bad_between,
    fewest_bad,
    highest_count,
    highest_share,
    lowest_share,
    most_bad,
    sample_to_show,
    share_between,
)
from tests.needs import needs_shared

LEVELS = [Fraction(1, 100), Fraction(1, 20), Fraction(1, 10), Fraction(1, 3)]


def chance_of(bad, drawn, units, total):
    """P(bad in the sample), counted by listing every sample of a small population."""
    samples = combinations([1] * total + [0] * (units - total), drawn)
    return Fraction(sum(sum(s) == bad for s in samples), comb(units, drawn))


@pytest.mark.parametrize("alpha", LEVELS)
def test_the_bounds_miss_at_most_as_often_as_they_say_in_every_small_world(alpha):
    for units in range(1, 9):
        for drawn in range(units + 1):
            bounds = {k: most_bad(k, drawn, units, alpha) for k in range(drawn + 1)}
            lower = {k: fewest_bad(k, drawn, units, alpha) for k in range(drawn + 1)}
            both = {k: bad_between(k, drawn, units, alpha) for k in range(drawn + 1)}
            for total in range(units + 1):
                chance = {k: chance_of(k, drawn, units, total) for k in range(drawn + 1)}
                assert sum(p for k, p in chance.items() if bounds[k] < total) <= alpha
                assert sum(p for k, p in chance.items() if lower[k] > total) <= alpha
                assert sum(p for k, p in chance.items() if not both[k][0] <= total <= both[k][1]) <= alpha


def test_no_smaller_bound_would_do():
    """The bound itself is possible at the level, one more is not: scipy's tails on both sides of it."""
    for bad, drawn, units in [(0, 30, 400), (2, 151, 1504), (7, 90, 100), (25, 250, 5000)]:
        top = most_bad(bad, drawn, units, "0.05")
        assert hypergeom.cdf(bad, units, top, drawn) > 0.05 >= hypergeom.cdf(bad, units, top + 1, drawn)
        low = fewest_bad(bad, drawn, units, "0.05")
        assert hypergeom.sf(bad - 1, units, low, drawn) > 0.05
        assert low == 0 or hypergeom.sf(bad - 1, units, low - 1, drawn) <= 0.05


def test_a_full_count_leaves_no_doubt():
    assert bad_between(3, 12, 12, "0.01") == (3, 3)
    assert bad_between(0, 0, 12, "0.01") == (0, 12)


@pytest.mark.parametrize(
    ("bad", "drawn"),
    [
        (0, 10),
        (1, 10),
        *(pytest.param(*c, marks=pytest.mark.slow) for c in [(10, 100), (50, 100), (99, 100), (2, 15118)]),
    ],
)
def test_clopper_and_pearsons_interval_agrees_with_the_beta_distribution(bad, drawn):
    low, high = share_between(bad, drawn, "0.05")
    assert 0 <= float(high) - beta.ppf(0.975, bad + 1, drawn - bad) < 1.01e-9
    expected = beta.ppf(0.025, bad, drawn - bad + 1) if bad else 0
    assert 0 <= expected - float(low) < 1.01e-9


def test_clopper_and_pearsons_bounds_cover_at_every_share():
    alpha, n = Fraction(1, 10), 7
    highs = [highest_share(k, n, alpha) for k in range(n + 1)]
    lows = [lowest_share(k, n, alpha) for k in range(n + 1)]
    for p in [Fraction(i, 60) for i in range(61)]:
        chance = [comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
        assert sum(c for c, high in zip(chance, highs, strict=True) if high < p) <= alpha
        assert sum(c for c, low in zip(chance, lows, strict=True) if low > p) <= alpha


def test_the_rule_of_three():
    """None of 300 bad: at 95 % the share is below 1 %, and 3/n is the usual short cut."""
    assert Fraction(99, 10000) < highest_share(0, 300, "0.05") < Fraction(1, 100)


@pytest.mark.parametrize("events", [0, 2, *(pytest.param(e, marks=pytest.mark.slow) for e in (1, 5, 40))])
def test_garwoods_bound_agrees_with_the_chi_square_distribution(events):
    for alpha in ("0.01", "0.05", "0.5"):
        expected = chi2.ppf(1 - float(alpha), 2 * events + 2) / 2
        assert 0 <= float(highest_count(events, alpha)) - expected < 1.01e-6


def test_the_smallest_sample_that_shows_a_bound():
    for units, at_most, bad in [(40, 3, 0), (40, 3, 1), (40, 0, 0), (40, 40, 2), (40, 39, 0)]:
        n = sample_to_show(at_most, units, "0.05", bad)
        assert most_bad(bad, n, units, "0.05") <= at_most
        assert n == bad or most_bad(bad, n - 1, units, "0.05") > at_most


@pytest.mark.slow
def test_cobbs_signature_sample_read_as_if_it_were_a_simple_random_sample():
    """2 of 15,118 of 150,431: the 99 % bound by Poisson is 0.056 %, about 84 envelopes.

    The boxes make it invalid: test_clusters.py.  Drawn without replacement the same reading gives 80.
    """
    audit = json.loads(needs_shared("data/georgia2020/signature_audit_cobb.json").read_text("utf-8"))
    bad, drawn, units = (
        audit[k] for k in ("should_have_received_cure_notice", "sample_envelopes", "population_envelopes")
    )
    share = highest_count(bad, "0.01") / drawn
    assert round(100 * share, 3) == Fraction("0.056")
    assert round(share * units) == 84
    top = most_bad(bad, drawn, units, "0.01")
    assert hypergeom.cdf(bad, units, top, drawn) > 0.01 >= hypergeom.cdf(bad, units, top + 1, drawn)
    assert top == 80


@pytest.mark.parametrize(
    ("act", "argument"),
    [
        (lambda: most_bad(3, 2, 10, "0.05"), "bad"),
        (lambda: most_bad(-1, 2, 10, "0.05"), "bad"),
        (lambda: most_bad(1, 11, 10, "0.05"), "drawn"),
        (lambda: most_bad(1, 2, 10, 0.05), "alpha"),
        (lambda: most_bad(1, 2, 10, "1"), "alpha"),
        (lambda: most_bad(1, 2, 10, "5 %"), "alpha"),
        (lambda: highest_count(1, "0"), "alpha"),
        (lambda: highest_count(-1, "0.05"), "events"),
        (lambda: sample_to_show(11, 10, "0.05"), "at_most"),
    ],
)
def test_bad_arguments_are_named(act, argument):
    with pytest.raises(ValueError, match="expected") as error:
        act()
    assert error.value.argument == argument
