"""The older product bounds keep their promise too, and published strings are never below the risk."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallybook.stats.bets import kaplan_wald
from tallybook.stats.bravo import bravo_p
from tallybook.stats.certainty import at_most, exact_p, publish, published
from tallybook.stats.default_bet import Prior, default_bet
from tallybook.stats.kaplan import Discrepancies, kaplan_markov, macro, super_simple
from tallybook.stats.lattice import Null
from tallybook.stats.martingale import wealth
from tests.properties import stats_worlds as worlds

QUARTER, HALF = Fraction(1, 4), Fraction(1, 2)


def smallest(worlds_of_draws, p_value):
    """Where the smallest p-value along the sequences breaks the promise, or None."""
    pairs = [
        (float(min(p_value(s[:j]) for j in range(1, len(s) + 1))), chance) for s, chance in worlds_of_draws
    ]
    return worlds.broken_promise(pairs)


@pytest.mark.parametrize("chances", [(HALF, HALF), (Fraction(2, 3), Fraction(1, 3))])
def test_kaplan_markov(chances):
    sequences = worlds.sequences((0, 1), chances, 6)
    assert smallest(sequences, lambda s: kaplan_markov(s, HALF, Fraction(1, 10))) is None


@pytest.mark.parametrize(
    "rates",
    [
        # Overstatements (none, half, whole, half under) whose mean is half the margin V = 1/2: a tie.
        (Fraction(3, 4), 0, QUARTER, 0),
        (HALF, HALF, 0, 0),
        (Fraction(3, 8), QUARTER, QUARTER, Fraction(1, 8)),
    ],
)
def test_super_simple(rates):
    # 3/8, 1/4, 1/4, 1/8 has mean 1/8 + 1/4 - 1/16 = 5/16, worse than a tie.
    def p_value(s):
        found = Discrepancies(o1=s.count(1), o2=s.count(2), u1=s.count(3))
        return super_simple(len(s), HALF, found)

    assert smallest(worlds.sequences((0, 1, 2, 3), rates, 4), p_value) is None


@pytest.mark.slow
def test_macro():
    # Three batches, bounds 1, 4/5, 3/5; relative overstatements 1/2, 1/2, 0 add up to 1: a tie.
    bounds, errors = [Fraction(1), Fraction(4, 5), Fraction(3, 5)], [HALF, HALF, Fraction(0)]
    U = sum(bounds)
    taints = [e / u for e, u in zip(errors, bounds, strict=True)]
    sequences = worlds.sequences((0, 1, 2), [u / U for u in bounds], 5)
    assert smallest(sequences, lambda s: macro([taints[p] for p in s], U)) is None


def test_bravo():
    sequences = worlds.sequences((0, 1), (HALF, HALF), 8)
    assert smallest(sequences, lambda s: bravo_p("0.7", sum(s), len(s) - sum(s))) is None


@settings(max_examples=50)
@given(st.fractions(min_value=Fraction(1, 10**30), max_value=2))
def test_a_published_string_is_the_risk_rounded_up_within_a_hundred_thousandth(p):
    shown = Fraction(publish(p))
    assert min(p, 1) <= shown <= min(p, 1) * (1 + Fraction(1, 10**5))


samples = st.lists(st.integers(0, 4), min_size=1, max_size=40)


@settings(max_examples=40)
@given(samples, st.sampled_from([None, 40, 41, 300]), st.integers(1, 3))
def test_published_and_decided_agree_with_exact_fractions(x, N, t):
    path = wealth(x, Null(t=t, u=4, N=N, d=4), default_bet(Prior((0, 2, 4), (1, 2, 20))))
    exact = exact_p(path)
    assert published(path) == publish(exact)
    if exact > 0:
        assert at_most(path, exact)
        assert not at_most(path, exact * (1 - Fraction(1, 10**25)))


@pytest.mark.slow
@settings(max_examples=30)
@given(samples, st.integers(2, 50))
def test_the_unit_does_not_matter(x, scale):
    a = wealth(x, Null(t=2, u=4, N=50), default_bet(Prior((0, 2, 4), (1, 2, 20))))
    scaled = Null(t=2 * scale, u=4 * scale, N=50, d=scale)
    b = wealth([scale * v for v in x], scaled, default_bet(Prior((0, 2 * scale, 4 * scale), (1, 2, 20))))
    assert a.stakes.tolist() == b.stakes.tolist()
    assert published(a) == published(b)


@settings(max_examples=50)
@given(samples, st.data())
def test_a_larger_number_never_lowers_the_last_wealth_of_a_fixed_stake(x, data):
    null = Null(t=2, u=4, N=50, d=4)
    i = data.draw(st.integers(0, len(x) - 1))
    y = [*x[:i], 4, *x[i + 1 :]]
    lower, higher = (wealth(v, null, kaplan_wald(0.4)) for v in (x, y))
    slack = lower.error[-1] + higher.error[-1]
    assert higher.certain is not None or higher.log_wealth[-1] >= lower.log_wealth[-1] - slack


@settings(max_examples=50)
@given(samples, st.integers(1, 5))
def test_a_tighter_null_is_never_easier_to_reject(x, shift):
    low, high = (wealth(x, Null(t=t, u=8, N=60, d=8), kaplan_wald(0.4)) for t in (2, 2 + shift))
    assert np.nanmax(high.p - low.p) >= -1e-12
    assert (high.p >= low.p - 1e-12).all()
