"""Every bet against its paper's formula, written out step by step."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tallybook.stats import bets
from tallybook.stats.bets import ShrinkTruncate
from tallybook.stats.errors import NumberError
from tallybook.stats.kelly import (
    Expected,
    adaptive_rates,
    distribution_mixture,
    kelly_stake,
    known_distribution,
    two_point_bet,
)
from tallybook.stats.lattice import Null
from tallybook.stats.martingale import wealth, wealths

X = [1, 0.5, 1, 0, 1, 1, 0.5]
DRAWN = [int(2 * x) for x in X]
N, T0 = 40, 0.5
WITHOUT, WITH = Null(t=1, u=2, N=N, d=2), Null(t=1, u=2, d=2)


def null_means(null):
    return [T0 if null.N is None else (N * T0 - sum(X[:j])) / (N - j) for j in range(len(X))]


def by_hand(null, factor):
    """The product of factor(j, x, m) for j = 0, 1, ..."""
    return np.cumprod([factor(j, x, m) for j, (x, m) in enumerate(zip(X, null_means(null), strict=True))])


def played(null, bet):
    return np.exp(wealth(DRAWN, null, bet).log_wealth)


@pytest.mark.parametrize("null", [WITHOUT, WITH], ids=["without replacement", "with replacement"])
class TestFormulas:
    def test_kaplan_wald(self, null):
        assert played(null, bets.kaplan_wald(0.2)) == pytest.approx(
            by_hand(null, lambda _, x, m: 0.8 * x / m + 0.2)
        )

    def test_kaplan_kolmogorov(self, null):
        hand = by_hand(null, lambda _, x, m: (x + 0.1) / (m + 0.1))
        assert played(null, bets.kaplan_kolmogorov(0.1)) == pytest.approx(hand)

    def test_fixed(self, null):
        assert played(null, bets.fixed(1.5)) == pytest.approx(
            by_hand(null, lambda _, x, m: 1 + 1.5 * (x - m))
        )

    def test_constant_mean(self, null):
        hand = by_hand(null, lambda _, x, m: x / m * (0.7 - m) / (1 - m) + 0.3 / (1 - m))
        assert played(null, bets.constant_mean(0.7)) == pytest.approx(hand)

    def test_fixed_mean_follows_what_is_left(self, null):
        def factor(j, x, m):
            eta = 0.7 if null.N is None else (N * 0.7 - sum(X[:j])) / (N - j)
            return x / m * (eta - m) / (1 - m) + (1 - eta) / (1 - m)

        assert played(null, bets.fixed_mean(0.7)) == pytest.approx(by_hand(null, factor))

    def test_shrink_truncate_with_a_pull_to_the_top(self, null):
        def factor(j, x, m):
            past = X[:j]
            sd = max(np.std(past), 1e-6) if j >= 2 else 1.0
            eta = ((5 * 0.7 + sum(past)) / (5 + j) + 0.05 / sd) / (1 + 0.05 / sd)
            eta = min(1 - 1e-5, max(m + 0.1 / math.sqrt(5 + j), eta))
            return x / m * (eta - m) / (1 - m) + (1 - eta) / (1 - m)

        bet = bets.shrink_truncate(ShrinkTruncate(eta0=0.7, d=5, c=0.1, f=0.05))
        assert played(null, bet) == pytest.approx(by_hand(null, factor), rel=1e-9)

    def test_agrapa(self, null):
        def factor(j, x, m):
            mean = (T0 + sum(X[:j])) / (1 + j)
            variance = (0.25 + T0**2 + sum(v * v for v in X[:j])) / (1 + j) - mean**2
            lam = (mean - m) / (variance + (mean - m) ** 2)
            return 1 + min(max(lam, 0.0), 0.9 / m) * (x - m)

        assert played(null, bets.agrapa(c=0.9)) == pytest.approx(by_hand(null, factor))

    def test_a_mixture_is_the_mean_of_its_parts(self, null):
        parts = [bets.fixed(0.5), bets.kaplan_wald(0.3), bets.constant_mean(0.8)]
        hand = np.average([played(null, part) for part in parts], axis=0, weights=[0.5, 0.3, 0.2])
        assert played(null, bets.mixture(parts, [0.5, 0.3, 0.2])) == pytest.approx(hand)

    def test_a_grid_is_the_mean_of_equal_stakes(self, null):
        hand = np.mean([played(null, bets.kaplan_wald(1 - f)) for f in (0.25, 0.5, 0.75, 1.0)], axis=0)
        assert played(null, bets.grid(4)) == pytest.approx(hand)

    def test_a_mixture_of_distributions_is_a_mixture(self, null):
        cases = [(0.1, 0.2, 0.7), (0.3, 0.1, 0.6)]
        hand = np.mean([played(null, known_distribution([0, 0.5, 1], c)) for c in cases], axis=0)
        assert played(null, distribution_mixture([0, 0.5, 1], cases)) == pytest.approx(hand)

    def test_a_capped_bet_loses_at_most_its_share_on_one_draw(self, null):
        path = wealth([0], null, bets.capped(bets.fixed(2.0), 0.75))
        assert math.exp(path.log_wealth[0]) == pytest.approx(0.25)

    def test_adaptive_rates_shrink_expectation_with_what_was_seen(self, null):
        # Rates before draw j: max((d p + count)/(d + j - 1), eps), COBRA 3.2; the rest is without error.
        def factor(j, x, m):
            half = max((10 * 0.1 + X[:j].count(0.5)) / (10 + j), 1e-5)
            none = max((20 * 0.05 + X[:j].count(0)) / (20 + j), 1e-5)
            f = float(
                kelly_stake(np.array([1, 0.5, 0]), np.array([1 - half - none, half, none]), np.array(m))
            )
            return 1 - f + f * x / m

        bet = adaptive_rates(1.0, [Expected(0.5, 0.1, 10), Expected(0.0, 0.05, 20)])
        assert played(null, bet) == pytest.approx(by_hand(null, factor))


def test_kellys_stake_grows_fastest_among_all_stakes():
    values, rates, m = np.array([0, 0.3, 0.6, 1.2]), np.array([0.1, 0.2, 0.4, 0.3]), 0.55
    stakes = np.linspace(0, 0.99999, 200_001)
    growth = (rates * np.log(1 - stakes[:, None] + stakes[:, None] * values / m)).sum(axis=1)
    best = float(kelly_stake(values, rates, np.array(m)))
    assert best == pytest.approx(stakes[growth.argmax()], abs=1e-5)


def test_pools_with_known_values_bet_on_their_own_distribution():
    # ONEAudit: a pool of 60 % for, 30 % against, 10 % neither, with the pooled mean as its record.
    v, pool = 0.2, 0.65
    values = [(1 - (pool - a)) / (2 - v) for a in (1.0, 0.0, 0.5)]
    f = float(kelly_stake(np.array(values), np.array([0.6, 0.3, 0.1]), np.array(0.5)))

    def growth(stake):
        parts = zip((0.6, 0.3, 0.1), values, strict=True)
        return sum(r * math.log(1 - stake + stake * b / 0.5) for r, b in parts)

    assert growth(f) > max(growth(f - 0.01), growth(f + 0.01))


def test_rows_with_and_without_replacement_play_side_by_side():
    paths = wealths([DRAWN, DRAWN], [WITHOUT, WITH], bets.fixed_mean(0.7))
    assert np.exp(paths[0].log_wealth) == pytest.approx(played(WITHOUT, bets.fixed_mean(0.7)))
    assert np.exp(paths[1].log_wealth) == pytest.approx(played(WITH, bets.fixed_mean(0.7)))


def test_shrink_truncate_gives_the_numbers_of_the_papers_own_program():
    """1/T, at most 1, by SHANGRLA's alpha_mart: N = 7, t = 1/2, eta0 = 4/7, d = 10, c = (eta0 - t)/2."""
    x, eta = [1, 0, 1, 1, 0, 0, 1], 4 / 7
    path = wealth([2 * v for v in x], Null(t=1, u=2, N=7, d=2), bets.shrink_truncate(ShrinkTruncate(eta, 10)))
    p = np.minimum(1, np.exp(-path.log_wealth))
    assert p == pytest.approx([0.875, 1, 1, 0.73981759, 1, 1, 0], abs=5e-9)


def test_kaplan_wald_gives_the_numbers_of_the_papers_own_program():
    """SHANGRLA's tests, t = 1/2: five times 1 is 2^-5; with g = 0.1 it is 1.9^-5, and a 0 costs 10."""
    assert wealth([1] * 5, Null(t=1, u=2), bets.kaplan_wald(0.0)).p[-1] == 1
    whole = wealth([2] * 5, Null(t=1, u=2, d=2), bets.kaplan_wald(0.0)).p[-1]
    padded = wealth([2] * 5 + [0], Null(t=1, u=2, d=2), bets.kaplan_wald(0.1))
    assert whole == pytest.approx(2**-5)
    assert np.exp(-padded.log_wealth[-2:]) == pytest.approx([1.9**-5, 10 * 1.9**-5])


def test_a_fixed_alternative_of_three_quarters_needs_eight_draws():
    """SHANGRLA's own worked size: (0.75/0.5)^8 = 25.6 is the first power above 20; N = 1000."""
    path = wealth([2] * 20, Null(t=1, u=2, N=1000, d=2), bets.fixed_mean(0.75))
    assert int((path.p <= 0.05).argmax()) + 1 == 8


def stakes(x, null, bet):
    return wealth(x, null, bet).stakes.ravel().tolist()


def test_no_bet_stakes_more_than_everything_or_less_than_nothing():
    assert stakes([2, 2], WITH, bets.fixed(5.0)) == [1.0, 1.0]
    assert bets.fixed(5.0)(some_past()).max() == 1.0
    # After a 0 the mean so far lies below 1/2: lam is below 0, nothing is staked.
    assert stakes([0, 0, 0], WITH, bets.agrapa()) == [0.0, 0.0, 0.0]
    assert bets.agrapa(mean0=0.0)(some_past()).min() == 0.0
    assert bets.agrapa(c=0.25, mean0=1.0, sd0=0.1)(some_past()).max() == 0.25
    wild = bets.mixture([lambda past: np.full_like(past.m, 3.0), lambda past: np.full_like(past.m, -2.0)])
    with np.errstate(divide="ignore"):
        assert wild(some_past()).tolist()[0][0] == 0.5


def some_past():
    """What a bet is shown of DRAWN with replacement."""
    seen = []

    def bet(past):
        seen.append(past)
        return np.zeros_like(past.m)

    wealth(DRAWN, WITH, bet)
    return seen[0]


def test_a_bet_at_the_end_of_what_is_allowed_is_a_bet():
    nothing = np.ones(len(X))
    assert played(WITH, bets.fixed(0)) == pytest.approx(nothing)
    assert played(WITH, bets.capped(bets.fixed(1.5), 1)) == pytest.approx(played(WITH, bets.fixed(1.5)))
    assert played(WITH, bets.grid(1)) == pytest.approx(played(WITH, bets.fixed(2.0)))
    assert played(WITH, bets.grid(1, 0.25)) == pytest.approx(played(WITH, bets.fixed(0.5)))
    parts = [bets.fixed(0.5), bets.fixed(1.5)]
    assert played(WITH, bets.mixture(parts, [1, 0])) == pytest.approx(played(WITH, parts[0]))
    # agrapa with mean0 = 1 and sd0 = 1/2 stakes first (1 - 1/2)/(1/4 + 1/4)/2 = 1/2 of the wealth.
    assert stakes([2], WITH, bets.agrapa(c=1, mean0=1)) == pytest.approx([0.5])
    assert stakes([2], WITH, bets.agrapa(c=1, mean0=1, sd0=1e-3)) == pytest.approx([0.25 / 0.250001])
    assert stakes([2], WITH, bets.agrapa(mean0=0)) == [0.0]
    # eta0 = 1 and eps = 0: everything is staked; d below one draw: (0.5 * 0.7 + 1)/1.5 = 0.9 after a 1.
    assert stakes([2], WITH, bets.shrink_truncate(ShrinkTruncate(1.0, eps=0))) == [1.0]
    half = stakes([2, 2], WITH, bets.shrink_truncate(ShrinkTruncate(0.7, d=0.5, c=0.01)))
    assert half == pytest.approx([0.4, 0.8])


def test_a_bet_for_comparison_needs_a_bound_above_one():
    # u = 5/4 without errors: eta = (1 - 5/4)/(2 - 5/2) + 5/4 - 1/2 = 5/4, the bound itself: all is staked.
    assert stakes([5], Null(t=2, u=5, d=4), bets.optimal_comparison(0)) == [1.0]
    with pytest.raises(NumberError) as problem:
        wealth([2], WITH, bets.optimal_comparison(0.1))
    assert (problem.value.argument, problem.value.found) == ("u", 1.0)


def test_a_mixture_holds_beyond_every_double():
    # Stakes of 1 and 1/2 on 1 against 1/2: T = (2^n + 1.5^n)/2, and 2^1500 is no double.
    n = 1500
    path = wealth([2] * n, WITH, bets.mixture([bets.fixed(2.0), bets.fixed(1.0)]))
    expected = [k * math.log(2) - math.log(2) + math.log1p(0.75**k) for k in range(1, n + 1)]
    assert path.log_wealth == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_a_guess_at_the_end_of_what_is_allowed_is_a_guess():
    assert two_point_bet(0.75, 1) == 0.0
    assert two_point_bet(0.75, 0) == 2.0
    # Rates 0 or 1, weights below one draw, no least rate: half of the wealth on even odds of 3 to 1.
    assert stakes([2], WITH, adaptive_rates(1.0, [Expected(0.0, 0, 0.5, 0)])) == [1.0]
    assert stakes([2], WITH, adaptive_rates(1.0, [Expected(0.0, 1, 0.5, 0)])) == [0.0]
    assert stakes([2], WITH, known_distribution([1, 0, 0.5], [0.75, 0.25, 0])) == pytest.approx([0.5])
    cases = [(0.1, 0.2, 0.7), (0.3, 0.1, 0.6)]
    hand = [played(WITH, known_distribution([0, 0.5, 1], c)) for c in cases]
    uneven = played(WITH, distribution_mixture([0, 0.5, 1], cases, [0.75, 0.25]))
    assert uneven == pytest.approx(0.75 * hand[0] + 0.25 * hand[1])


def plain_shrink_truncate(x, t, u, s):
    """ALPHA, section 2.5.2, draw by draw with replacement: the stakes (eta - t)/(u - t)."""
    c = s.c or (s.eta0 - t) / 2
    found = []
    for j in range(len(x)):
        past = x[:j]
        eta = (s.d * s.eta0 + sum(past)) / (s.d + j)
        if s.f:
            sd = max(float(np.std(past)), s.sd_floor) if j >= 2 else 1.0
            eta = (eta + s.f * u / sd) / (1 + s.f / sd)
        eta = min(u * (1 - s.eps), max(t + c / math.sqrt(s.d + j), eta))
        found.append((eta - t) / (u - t))
    return found


@pytest.mark.parametrize(
    "s",
    [
        ShrinkTruncate(1.4, d=2),  # the lower end is (eta0 - t)/2 above the null's mean
        ShrinkTruncate(1.4, d=2, c=0.03),
        ShrinkTruncate(1.4, d=2, c=1.5),
        ShrinkTruncate(1.9, d=50, eps=0.1),  # the upper end is 1.8
        ShrinkTruncate(1.4, d=3, f=0.2, c=0.01),
        ShrinkTruncate(1.4, d=3, f=0.2, sd_floor=0.6),
    ],
)
def test_shrink_truncate_stays_between_its_ends_whatever_was_drawn(s):
    x = [0, 0, 2, 2, 2, 2, 2, 0.5, 0, 0, 0, 1, 2]
    null = Null(t=2, u=4, d=2)  # mean 1, bound 2
    drawn = [int(2 * v) for v in x]
    assert stakes(drawn, null, bets.shrink_truncate(s)) == pytest.approx(plain_shrink_truncate(x, 1, 2, s))


def test_nothing_is_staked_where_no_estimate_fits_below_the_bound():
    # The estimate must stay below half of the bound 1, which is the null's mean.
    assert stakes([2, 2], WITH, bets.shrink_truncate(ShrinkTruncate(0.9, eps=0.5))) == [0.0, 0.0]


def test_kellys_stake_on_a_sure_gain_is_everything():
    assert float(kelly_stake(np.array([1.0]), np.array([1.0]), np.array(0.5))) == 1.0


def test_only_the_very_value_counts_as_the_error_that_was_expected():
    # Near 1/2 and near 0, but neither: the rates stay 1 and 2 of 20 draws, diluted by those seen.
    d = 10**9
    null = Null(t=d // 2, u=d, d=d)
    x = [d // 2 + 1000, 1, d]
    bet = adaptive_rates(1.0, [Expected(0.5, 0.05, 20), Expected(0.0, 0.1, 20)])
    values = np.array([1, 0.5, 0])
    hand = []
    for j in range(3):
        half, none = 1 / (20 + j), 2 / (20 + j)
        rates = np.array([1 - half - none, half, none])
        hand.append(float(kelly_stake(values, rates, np.array(0.5))))
    assert stakes(x, null, bet) == pytest.approx(hand, abs=1e-9)


@pytest.mark.parametrize(
    ("call", "argument", "found"),
    [
        (lambda: bets.mixture([]), "bets", 0),
        (lambda: adaptive_rates(1.0, []), "errors", 0),
        (lambda: known_distribution([], []), "rates", []),
    ],
)
def test_nothing_to_bet_on_is_answered_with_what_was_found(call, argument, found):
    with pytest.raises(NumberError) as problem:
        call()
    assert (problem.value.argument, problem.value.found) == (argument, found)
