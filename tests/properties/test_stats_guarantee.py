"""The promise of every test: if the null is true, p <= a happens with chance at most a, at any stop.

Counted out, not simulated: every order of every small population at or below the null mean, and every
sequence with replacement, each with its exact chance. The p-value taken is the smallest on the path.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from tallybook.stats import bets, kelly
from tallybook.stats.default_bet import Prior, default_bet
from tallybook.stats.lattice import Null
from tallybook.stats.martingale import wealths
from tests.properties import stats_worlds as worlds

# Numbers 0, 1, 2, 4 over d = 4: values 0, 1/4, 1/2, 1 with null mean 1/2 and bound 1.
BETS = {
    "fixed": bets.fixed(1.7),
    "all in": bets.fixed(2.0),
    "BRAVO": bets.fixed_mean(0.7),
    "constant mean": bets.constant_mean(0.8),
    "shrink-truncate": bets.shrink_truncate(bets.ShrinkTruncate(eta0=0.7, d=2)),
    "shrink-truncate, pulled to u": bets.shrink_truncate(bets.ShrinkTruncate(eta0=0.9, d=1, c=0.1, f=0.1)),
    "Kaplan-Wald": bets.kaplan_wald(0.2),
    "Kaplan-Kolmogorov": bets.kaplan_kolmogorov(0.1),
    "aGRAPA": bets.agrapa(c=0.95),
    "capped": bets.capped(bets.fixed(2.0), 0.75),
    "grid": bets.grid(5),
    "mixture": bets.mixture([bets.fixed(2.0), bets.constant_mean(0.6), bets.agrapa()], [0.5, 0.25, 0.25]),
    "known distribution": kelly.known_distribution([0, 0.5, 1], [0.2, 0.2, 0.6]),
    "adaptive rates": kelly.adaptive_rates(1.0, [kelly.Expected(0.0, 0.1, 2), kelly.Expected(0.5, 0.1, 2)]),
    "mixture of distributions": kelly.distribution_mixture([0, 0.5, 1], [(0.1, 0.1, 0.8), (0.0, 0.4, 0.6)]),
    "default": default_bet(Prior((0, 2, 4), (1, 1, 3))),
}
D, U, T = 4, 4, 2


def smallest_p(paths, null, bet):
    return [float(w.p.min()) for w in wealths(paths, [null] * len(paths), bet)]


@pytest.mark.parametrize(
    "sizes", [(1, 2, 3), pytest.param((4, 5), marks=pytest.mark.slow)], ids=["few", "more"]
)
@pytest.mark.parametrize("name", BETS)
def test_no_order_of_a_small_population_breaks_the_promise(name, sizes):
    for N in sizes:
        null = Null(t=T, u=U, N=N, d=D)
        for population in worlds.populations((0, 1, 2, 4), N, T * N):
            paths, chances = zip(*worlds.orders(population), strict=True)
            ps = smallest_p(np.array(paths), null, BETS[name])
            assert worlds.broken_promise(zip(ps, chances, strict=True)) is None, (name, population)


@pytest.mark.parametrize("length", [4, pytest.param(5, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", BETS)
def test_no_sequence_with_replacement_breaks_the_promise(name, length):
    null = Null(t=T, u=U, d=D)
    for values, chances in [
        ((0, 4), (Fraction(1, 2), Fraction(1, 2))),
        ((0, 2, 4), (Fraction(1, 10), Fraction(4, 5), Fraction(1, 10))),
        ((1, 4), (Fraction(2, 3), Fraction(1, 3))),
        ((0, 1, 4), (Fraction(2, 5), Fraction(1, 5), Fraction(2, 5))),
    ]:
        paths, weights = zip(*worlds.sequences(values, chances, length), strict=True)
        ps = smallest_p(np.array(paths), null, BETS[name])
        assert worlds.broken_promise(zip(ps, weights, strict=True)) is None, (name, values)


@pytest.mark.parametrize("name", BETS)
def test_a_stake_looks_at_the_past_alone(name):
    rng = np.random.default_rng(3)
    for N in (None, 40):
        null = Null(t=T, u=U, N=N, d=D)
        x = rng.choice([0, 1, 2, 4], 12)
        first = wealths([x], [null], BETS[name])[0].stakes
        for j in range(12):
            other = x.copy()
            other[j:] = rng.choice([0, 1, 2, 4], 12 - j)
            assert wealths([other], [null], BETS[name])[0].stakes[: j + 1] == pytest.approx(
                first[: j + 1], abs=0
            )


@pytest.mark.parametrize("name", BETS)
def test_more_draws_never_raise_the_risk_short_of_a_census(name):
    rng = np.random.default_rng(4)
    x = rng.choice([0, 2, 4, 4, 4], 30)
    whole = wealths([x], [Null(t=T, u=U, N=60, d=D)], BETS[name])[0].p
    part = wealths([x[:11]], [Null(t=T, u=U, N=60, d=D)], BETS[name])[0].p
    assert (np.diff(whole) <= 0).all()
    assert part == pytest.approx(whole[:11], rel=1e-14)


@pytest.mark.parametrize("name", ["fixed", "Kaplan-Wald", "constant mean", "BRAVO", "known distribution"])
def test_the_final_wealth_with_replacement_does_not_depend_on_the_order(name):
    x = np.array([4, 0, 2, 4, 4, 2, 4, 1, 4, 4])
    null = Null(t=T, u=U, d=D)
    ends = [wealths([np.roll(x, k)], [null], BETS[name])[0].log_wealth[-1] for k in range(10)]
    assert ends == pytest.approx([ends[0]] * 10, rel=1e-12)


def test_a_broken_promise_would_be_seen():
    # Betting after seeing the draw is cheating, and the enumeration must say so.
    peek = lambda past: (past.x > past.m).astype(float)  # noqa: E731
    paths, chances = zip(*worlds.orders((0, 0, 4, 4)), strict=True)
    ps = smallest_p(np.array(paths), Null(t=T, u=U, N=4, d=D), peek)
    assert worlds.broken_promise(zip(ps, chances, strict=True)) is not None
