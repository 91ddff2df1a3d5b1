"""Exact sample sizes against the literature, enumeration and the plain specification."""

from __future__ import annotations

import itertools
import math
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from fractions import Fraction
from functools import partial
from multiprocessing import get_context

import numpy as np
import pytest
from scipy.stats import binom

from tallybook.stats import error_stopping, log_lattice, stopping
from tallybook.stats.bets import fixed_mean, kaplan_wald
from tallybook.stats.bravo import bravo_mean, bravo_p, bravo_sizes
from tallybook.stats.default_bet import Prior, default_bet
from tallybook.stats.error_stopping import (
    Steps,
    cost_of_one_more,
    draws_needed,
    sizes_between,
    steps,
    stopping_with_errors,
)
from tallybook.stats.errors import NumberError
from tallybook.stats.finite_stopping import finite_sizes
from tallybook.stats.lattice import Null
from tallybook.stats.martingale import wealth
from tallybook.stats.simulate import Trials, World, quantile, simulate
from tallybook.stats.stopping import (
    Stopping,
    chance_by,
    first_passage,
    first_passage_plain,
    mean_between,
    mean_size,
    size_for,
    thresholds,
)


def test_bravo_at_60_percent_and_10_percent_risk():
    # Lindeman, Stark & Yates 2012, table 1: median 84, 90 % quantile 244, mean 118.5; ASN 119 by formula.
    sizes = bravo_sizes("0.6", "0.1")
    assert size_for(sizes, 0.5) == 84
    assert size_for(sizes, 0.9) == 244
    low, high = mean_between(sizes)
    assert low == pytest.approx(118.5, abs=0.05) and high - low < 0.05
    assert bravo_mean("0.6", 0.6, 0.4, "0.1") == 119


def test_bravo_risk_is_the_product_form():
    assert bravo_p("0.6", 6, 4) == 1 / (Fraction(6, 5) ** 6 * Fraction(4, 5) ** 4)
    assert bravo_p("0.6", 0, 4) == 1


@pytest.mark.parametrize(
    ("s", "truth", "alpha"), [("0.6", 0.6, "0.1"), ("0.55", 0.6, "0.05"), ("0.7", 0.66, "0.2")]
)
def test_the_mean_beyond_the_horizon_is_bounded_as_a_far_horizon_shows(s, truth, alpha):
    share = float(s)
    least = thresholds(math.log(2 * share), math.log(2 - 2 * share), -math.log(float(alpha)), 6000)
    far = Stopping(first_passage_plain(least, truth))
    low, high = mean_between(bravo_sizes(s, alpha, true_share=truth))
    assert mean_size(far)[1] < 1e-9
    assert low - 1e-6 <= mean_size(far)[0] <= high + 1e-6
    assert high - low < 0.1


def test_a_mean_is_unbounded_where_the_audit_may_never_end():
    low, high = mean_between(bravo_sizes("0.7", "0.1", true_share=0.5))
    assert low > 118.5 and high == math.inf
    assert mean_between(Stopping(np.array([0.0, 0.25, 1.0]))) == (1.75, 1.75)


@pytest.mark.parametrize(
    ("s", "truth", "alpha", "n"),
    [
        (0.55, 0.5, 0.05, 6000),
        (0.51, 0.53, 0.1, 9000),
        pytest.param(0.505, 0.505, 0.05, 40_000, marks=pytest.mark.slow),
        pytest.param(0.7, 0.65, 1e-6, 5000, marks=pytest.mark.slow),
        pytest.param(0.6, 0.55, 0.1, 5000, marks=pytest.mark.slow),
        pytest.param(0.95, 0.8, 0.1, 5000, marks=pytest.mark.slow),
    ],
)
def test_words_and_strides_equal_the_draw_by_draw_specification(s, truth, alpha, n):
    least = thresholds(math.log(2 * s), math.log(2 - 2 * s), -math.log(alpha), n)
    assert first_passage(least, truth) == pytest.approx(first_passage_plain(least, truth), abs=1e-12)


@pytest.mark.parametrize(("word", "fan"), [(5, 2), (16, 2), (40, 3)])
def test_short_words_in_small_groups_equal_the_specification_too(monkeypatch, word, fan):
    # Many words, groups of groups, and a threshold that turns, on a sample small enough to check at once.
    for name, value in (("_SHORT", 0), ("_WORD", word), ("_LEAST_WORD", word), ("_FAN", fan)):
        monkeypatch.setattr(stopping, name, value)
    rises = np.random.default_rng(word).random(1499) < np.repeat([0.4, 0.7, 0.5], [500, 300, 699])
    for least, p in [
        (np.concatenate(([4], 4 + np.cumsum(rises))), 0.5),
        (thresholds(math.log(1.1), math.log(0.9), math.log(10), 1500), 0.55),
        (thresholds(math.log(1.1), math.log(0.9), math.log(10), 1500), 0.9),
    ]:
        assert first_passage(least, p) == pytest.approx(first_passage_plain(least, p), abs=1e-12)


@pytest.mark.slow
def test_a_crooked_threshold_is_followed_too():
    rises = np.random.default_rng(7).random(6000) < np.repeat([0.4, 0.9, 0.0, 0.55], 1500)
    least = 9 + np.cumsum(rises)
    assert first_passage(least, 0.5) == pytest.approx(first_passage_plain(least, 0.5), abs=1e-12)


def test_the_chance_to_stop_is_that_of_all_sequences_counted_out():
    s, alpha, n = Fraction(7, 10), Fraction(1, 5), 9
    stopped = [Fraction(0)] * (n + 1)
    for sequence in itertools.product((0, 1), repeat=n):
        first = next(
            (j for j in range(1, n + 1) if bravo_p(s, sum(sequence[:j]), j - sum(sequence[:j])) <= alpha),
            None,
        )
        if first is not None:
            wins = sum(sequence)
            stopped[first] += s**wins * (1 - s) ** (n - wins)
    least = thresholds(math.log(1.4), math.log(0.6), math.log(5), n)
    exact = np.cumsum([float(c) for c in stopped])
    assert first_passage(least, 0.7) == pytest.approx(exact, abs=1e-14)


@pytest.mark.parametrize(
    ("N", "wins", "eta", "alpha"), [(10, 7, "0.7", 0.6), (12, 6, "0.6", 0.7), (9, 8, "2/3", 0.5)]
)
def test_a_small_population_is_counted_out_with_the_engine_itself(N, wins, eta, alpha):
    sizes = finite_sizes(N, wins, eta, alpha)
    horizon = len(sizes.done) - 1
    stopped = [0.0] * (horizon + 1)
    orders = set(itertools.permutations([2] * wins + [0] * (N - wins), horizon))
    null, bet = Null(t=1, u=2, N=N, d=2), fixed_mean(float(Fraction(eta)))
    for order in orders:
        path = wealth(list(order), null, bet)
        drawn = sum(order) // 2
        weight = math.comb(N - horizon, wins - drawn) / math.comb(N, wins)
        hit = np.flatnonzero(path.log_wealth >= -math.log(alpha) - 1e-9)
        if len(hit):
            stopped[hit[0] + 1] += weight
    assert sizes.done == pytest.approx(np.cumsum(stopped), abs=1e-12)
    assert sizes.done[-1] > 0


def test_a_large_population_needs_what_draws_with_replacement_need():
    sizes = finite_sizes(10**6, 6 * 10**5, "0.6", 0.1, most=1000)
    assert size_for(sizes, 0.5) == 84
    assert size_for(sizes, 0.9) in (243, 244)


def test_blanks_stretch_the_sample():
    # With half the cards blank, n cards finish when the binomial number of decisive ones does.
    plain, blanks = bravo_sizes("0.7", "0.1"), bravo_sizes("0.7", "0.1", decisive=0.5)
    by_hand = sum(math.comb(60, k) / 2**60 * chance_by(plain, k) for k in range(61))
    assert chance_by(blanks, 60) == pytest.approx(by_hand, abs=1e-12)
    n = size_for(blanks, 0.9)
    assert chance_by(blanks, n - 1) < 0.9 <= chance_by(blanks, n)


def test_a_size_beyond_the_horizon_is_not_invented():
    assert size_for(Stopping(np.array([0.0, 0.1, 0.2])), 0.5) is None


def counted_out(s, alpha, n):
    """The chance to have stopped after 0..n draws, from every sequence of numbers and errors."""
    gains, chances = [s.usual, *s.kinds], [1 - sum(s.rates), *s.rates]
    stopped = [0.0] * (n + 1)
    for sequence in itertools.product(range(len(gains)), repeat=n):
        path = itertools.accumulate(gains[i] for i in sequence)
        first = next((j for j, log in enumerate(path, 1) if log >= -math.log(alpha) - 1e-9), None)
        if first is not None:
            stopped[first] += math.prod(chances[i] for i in sequence)
    return np.cumsum(stopped)


KINDS = {
    "overstatements": (0.5, 0.0),
    "with understatements": (0.5, 1.5),
    "all four": (0.5, 0.0, 1.5, 2.0),
}


@pytest.mark.parametrize("kinds", KINDS.values(), ids=KINDS)
def test_leaps_between_errors_equal_all_sequences_counted_out(kinds):
    rates = [0.1, 0.05, 0.07, 0.02][: len(kinds)]
    s = steps(0.6, 0.7, 1.0, kinds, rates)
    assert stopping_with_errors(s, 0.4, horizon=6).done == pytest.approx(counted_out(s, 0.4, 6), abs=1e-12)


@pytest.mark.parametrize("fineness", [1, 3])
@pytest.mark.parametrize("kinds", KINDS.values(), ids=KINDS)
def test_two_walks_on_a_lattice_enclose_all_sequences_counted_out(kinds, fineness):
    rates = [0.1, 0.05, 0.07, 0.02][: len(kinds)]
    s = steps(0.6, 0.7, 1.0, kinds, rates)
    exact = counted_out(s, 0.4, 6)
    slow, fast = sizes_between(s, 0.4, 6, fineness)
    assert (slow.done <= exact + 1e-12).all() and (exact <= fast.done + 1e-12).all()


def test_the_two_walks_close_on_the_exact_distribution():
    s = steps(0.8, 0.9, 1.0, (0.5, 0.0, 1.5, 2.0), (0.01, 0.004, 0.02, 0.005))
    exact = stopping_with_errors(s, 0.05, 150).done
    gaps = []
    for fineness in (1, 8, 64):
        slow, fast = sizes_between(s, 0.05, 150, fineness)
        assert (slow.done <= exact + 1e-12).all() and (exact <= fast.done + 1e-12).all()
        gaps.append(float((fast.done - slow.done).sum()))
    assert gaps[0] > 4 * gaps[1] > 16 * gaps[2]


def test_where_counts_are_too_many_the_size_is_never_too_small(monkeypatch):
    s = steps(0.9, 0.98, 1.0, (0.5, 0.0, 1.5), (0.004, 0.001, 0.002))
    exact = stopping_with_errors(s, 0.05)
    monkeypatch.setattr(error_stopping, "_MOST_WORK", 0)
    cautious = stopping_with_errors(s, 0.05)
    assert (cautious.done <= exact.done + 1e-12).all()
    for chance in (0.5, 0.9, 0.95):
        assert 0 <= size_for(cautious, chance) - size_for(exact, chance) <= 3


def test_an_error_that_ruins_the_wealth_leaves_the_walk():
    slow, fast = sizes_between(steps(1.0, 0.9, 1.0, (0.0,), (0.01,)), 0.05, 200)
    n = math.ceil(math.log(20) / -math.log(0.9))
    assert slow.done[n] == pytest.approx(0.99**n, rel=1e-9)
    assert fast.done[-1] == pytest.approx(0.99**n, rel=1e-9)


def test_without_errors_the_size_is_the_closed_form():
    # n = ceil(ln(1/alpha)/ln(1 + lam(noerror - 1/2))), COBRA section 2: here f = 0.9, m = 0.98, x = 1.
    s = steps(0.9, 0.98, 1.0, [0.0], [0.001])
    n = math.ceil(math.log(20) / math.log(0.1 + 0.9 / 0.98))
    assert draws_needed(s, 0.05) == n
    sizes = stopping_with_errors(s, 0.05)
    assert size_for(sizes, 0.5) == n
    assert chance_by(sizes, n) == pytest.approx(0.999**n, rel=1e-9)


def test_one_more_overstatement_costs_what_its_factor_takes_away():
    # Cards beyond the erroneous one: -ln(1 - f)/ln(1 + f(1/m - 1)).
    s = steps(0.9, 0.98, 1.0, [0.0], [0.0])
    cost = cost_of_one_more(s, 0.05, 0)
    assert cost == draws_needed(s, 0.05, [1]) - draws_needed(s, 0.05)
    assert cost - 1 == pytest.approx(-math.log(0.1) / s.usual, abs=1)
    assert cost_of_one_more(steps(1.0, 0.98, 1.0, [0.0], [0.0]), 0.05, 0) is None
    both = steps(0.9, 0.98, 1.0, [0.5, 2.0], [0.001, 0.001])
    assert cost_of_one_more(both, 0.05, 1, [2]) < 0 < cost_of_one_more(both, 0.05, 0, [2, 1])
    assert draws_needed(steps(1.0, 0.98, 1.0, [0.0], [0.0]), 0.05, [1]) is None


class InTurn(Executor):
    """An executor that does the work at once, in this thread: the plainest there is."""

    def submit(self, fn, /, *args, **kwargs):
        done = Future()
        done.set_result(fn(*args, **kwargs))
        return done


@pytest.mark.parametrize(
    "pool",
    [partial(ThreadPoolExecutor, 1), partial(ThreadPoolExecutor, 3),
     pytest.param(partial(ProcessPoolExecutor, 2, mp_context=get_context("spawn")), marks=pytest.mark.slow)],
    ids=["one thread", "three threads", "two processes"],
)  # fmt: skip
def test_results_of_a_simulation_do_not_depend_on_the_workers(pool):
    world = World(Null(t=98, u=200, N=20_000, d=100), (100, 0), (19_990, 10))
    trials = Trials(seed=20201103, horizon=400, blocks=4, size=25)
    make = partial(default_bet, Prior((100, 50, 0), (9_989, 10, 1)))
    with pool() as workers:
        first = simulate(world, make, 0.05, trials, workers)
    assert first.tolist() == simulate(world, make, 0.05, trials, InTurn()).tolist()
    assert len(first) == 100


def test_another_seed_gives_other_trials_and_blocks_differ():
    world = World(Null(t=98, u=200, N=20_000, d=100), (100, 0), (19_000, 1_000))
    make = partial(kaplan_wald, 0.1)
    first, other = (simulate(world, make, 0.5, Trials(s, 100, 2, 25), InTurn()).tolist() for s in (1, 2))
    assert first != other
    assert first[:25] != first[25:]
    assert max(first) <= 101


def test_a_simulation_agrees_with_the_exact_distribution():
    world = World(Null(t=98, u=200, d=100), (100, 0), (995, 5))
    exact = stopping_with_errors(steps(0.9, 0.98, 1.0, [0.0], [0.005]), 0.05, horizon=600)
    with ThreadPoolExecutor(2) as executor:
        sizes = simulate(world, partial(kaplan_wald, 0.1), 0.05, Trials(5, 600, 10, 100), executor)
    for n in (165, 300, 500):
        share, chance = float((sizes <= n).mean()), chance_by(exact, n)
        assert abs(share - chance) < 4 * math.sqrt(chance * (1 - chance) / len(sizes)) + 1e-3
    assert quantile(sizes, 0.3) == 165


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: bravo_sizes("0.5", "0.1"), "s"),
        (lambda: bravo_sizes("0.6", "0.1", decisive=0.0), "decisive"),
        (lambda: bravo_p("0.6", -1, 0), "wins"),
        (lambda: first_passage(np.array([1, 3]), 0.5), "least"),
        (lambda: thresholds(0.1, 0.1, 1.0, 5), "win, loss"),
        (lambda: thresholds(0.1, -0.1, 1.0, 0), "n"),
        (lambda: size_for(Stopping(np.array([0.0, 1.0])), 1.5), "chance"),
        (lambda: Steps(0.1, (-0.5,), (1.2,)), "rates"),
        (lambda: steps(0.5, 1.0, 0.9, [], []), "usual"),
        (lambda: draws_needed(Steps(0.1), 0.05, [-1]), "counts"),
        (lambda: finite_sizes(10, 11, "0.6", 0.1), "wins"),
        (lambda: World(Null(1, 2, N=5), (0, 2), (2, 2)), "counts"),
    ],
)
def test_bad_input_is_named(call, argument):
    with pytest.raises(NumberError) as problem:
        call()
    assert problem.value.argument == argument


@pytest.mark.parametrize(
    ("kinds", "rates", "end"),
    [
        ((0.0,), (0.01,), 150),
        ((0.5, 0.0), (0.01, 0.03), 150),
        ((0.95, 1.0), (0.03, 0.01), 90),
        ((1.0, 0.95, 0.5), (0.03, 0.01, 0.03), 60),
    ],
)
def test_leaps_in_the_frequency_domain_equal_steps_draw_by_draw(kinds, rates, end):
    # The plain way, meant for errors that gain, is valid for errors that only cost as well.
    s, goal = steps(0.8, 0.93, 1.0, kinds, rates), math.log(20)
    need = error_stopping._needs(s, goal, [error_stopping._cap(end, rate) for rate in rates], end)
    leaps, plain = np.zeros(end + 1), np.zeros(end + 1)
    error_stopping._gap_by_gap(s, need, leaps)
    error_stopping._draw_by_draw(s, need, plain)
    assert np.cumsum(leaps) == pytest.approx(np.cumsum(plain), abs=1e-12)
    slow, fast = sizes_between(s, 0.05, end, 8)
    assert (slow.done <= np.cumsum(plain) + 1e-12).all() and (np.cumsum(plain) <= fast.done + 1e-12).all()


def test_the_walks_lose_no_path():
    # Some errors gain, some cost, none ends the game: far out nearly every path has stopped in both walks.
    s = steps(0.7, 0.8, 1.0, (0.2, 1.9), (0.02, 0.05))
    slow, fast = sizes_between(s, 0.05, 2000, 3)
    assert slow.done[-1] == pytest.approx(1.0, abs=1e-11)
    assert fast.done[-1] == pytest.approx(1.0, abs=1e-11)


def test_a_goal_that_is_met_exactly_needs_no_further_draw():
    # Each draw doubles the wealth: 8 is reached at the third, though ln 8/ln 2 is not 3 in every arithmetic.
    doubling = steps(1.0, 0.5, 1.0, [2.0, 0.0], [0.125, 0.0])  # one draw in eight gives a factor of four
    assert draws_needed(doubling, 0.125) == 3
    assert draws_needed(doubling, 0.125, [1]) == 2
    assert draws_needed(doubling, 0.25, [1]) == draws_needed(doubling, 0.5, [1]) == 1
    # Stopped after two draws: unless both are plain, 1 - (7/8)^2; after three: always.
    expected = [0, 0, 1 - (7 / 8) ** 2, 1]
    assert stopping_with_errors(doubling, 0.125, 3).done == pytest.approx(expected, abs=1e-12)
    for side in sizes_between(doubling, 0.125, 3):
        assert side.done == pytest.approx(expected, abs=1e-12)


def test_beyond_the_horizon_no_chance_is_added():
    sizes = Stopping(np.array([0.0, 0.25, 0.75]))
    assert chance_by(sizes, 2) == chance_by(sizes, 99) == 0.75
    assert mean_between(sizes) == (1.75, math.inf)


def test_blanks_stretch_sizes_chances_and_means_by_hand():
    sizes = Stopping(np.array([0.0, 0.25, 0.75]), 0.5, (1.0, 2.0))
    # Of two cards none, one or both are decisive with chances 1/4, 1/2, 1/4.
    assert chance_by(sizes, 2) == pytest.approx(0.5 * 0.25 + 0.25 * 0.75)
    assert chance_by(sizes, 400) == pytest.approx(0.75)
    assert mean_between(sizes) == (5.5, 7.5)  # (1 + 3/4 + 1 or 2) decisive draws, two cards each
    assert mean_size(sizes) == (5.5, 0.25)
    # The first decisive card ends it: 1 in 2 are, 9 in 10, or 1 in 1,000.
    half = Stopping(np.array([0.0, 1.0]), 0.5)
    assert [size_for(half, chance) for chance in (0.5, 0.75, 0.875, 0.876)] == [1, 2, 3, 4]
    assert size_for(Stopping(np.array([0.0, 1.0]), 0.9), 0.5) == 1
    rare = Stopping(np.array([0.0, 1.0]), 0.001)
    assert size_for(rare, 0.9999) == math.ceil(math.log(1e-4) / math.log(0.999))


def test_a_chance_that_is_reached_exactly_at_the_horizon_has_a_size():
    sizes = Stopping(np.array([0.0, 0.25, 0.75]))
    assert [size_for(sizes, chance) for chance in (0.25, 0.26, 0.75, 0.76)] == [1, 2, 2, None]


def test_a_line_may_be_one_draw_long():
    assert thresholds(math.log(2), -math.log(2), math.log(2), 1).tolist() == [1]
    assert first_passage(np.array([1]), 0.25).tolist() == [0, 0.25]


@pytest.mark.parametrize(("n", "p"), [(600, 0.0), (600, 1.5), (3, 0.0), (3, 1.5)])
def test_a_win_has_a_chance_above_zero_and_at_most_one_on_long_lines_too(n, p):
    with pytest.raises(NumberError) as problem:
        first_passage(np.full(n, 2), p)
    assert (problem.value.argument, problem.value.found) == ("p", p)


def test_where_every_draw_wins_the_sample_stops_where_the_line_is_met(monkeypatch):
    # n wins against 200 + floor((n - 1)/2): met at n = 398, where both are 398; never before.
    for name, value in (("_SHORT", 0), ("_WORD", 5), ("_LEAST_WORD", 5), ("_FAN", 2)):
        monkeypatch.setattr(stopping, name, value)
    done = first_passage(200 + np.arange(500) // 2, 1.0)
    assert done.tolist() == [float(n >= 398) for n in range(501)]


def test_two_stretches_of_chances_are_added_where_they_meet_and_kept_where_they_do_not():
    def joined(*parts):
        whole = stopping._join(*(stopping._State(lo, np.array(chances)) for lo, chances in parts))
        return whole.lo, whole.chances.tolist()

    assert joined((2, [0.125]), (5, [0.25, 0.5])) == (2, [0.125, 0, 0, 0.25, 0.5])
    assert joined((5, [0.25, 0.5]), (2, [0.125])) == (2, [0.125, 0, 0, 0.25, 0.5])
    assert joined((3, [0.125, 0.25]), (4, [0.5, 0.125])) == (3, [0.125, 0.75, 0.125])
    assert joined((3, [0.5]), (9, [])) == joined((9, []), (3, [0.5])) == (3, [0.5])


def test_a_long_convolution_is_the_plain_one():
    rng = np.random.default_rng(3)
    for long, short in ((700, 301), (301, 700), (512, 513), (512, 514)):
        a, b = rng.random(long), rng.random(short)
        assert stopping._fft(a, b) == pytest.approx(np.convolve(a, b), rel=1e-10)
        far = stopping._stride(stopping._State(5, a / a.sum()), 2000, 0.5)
        near = np.convolve(a / a.sum(), binom.pmf(np.arange(2001), 2000, 0.5))
        assert far.chances == pytest.approx(near[far.lo - 5 :][: len(far.chances)], abs=1e-14)


def test_the_default_horizon_is_four_mean_times_or_forty_clean_ones():
    # ln 20 = 2.9957. Gains 0.9 * 0.5 - 0.1 = 0.35 a draw: 4 * 2.9957/0.35 = 34.2.
    assert len(stopping_with_errors(Steps(0.5, (-1.0,), (0.1,)), 0.05).done) - 1 == 36
    # Gains 0.9 * 0.5 - 0.2 = 0.25 a draw: 4 * 2.9957/0.25 = 47.9.
    assert len(stopping_with_errors(Steps(0.5, (-2.0,), (0.1,)), 0.05).done) - 1 == 49
    # Neither gains nor loses, to the last bit: as if it lost.
    assert len(stopping_with_errors(Steps(0.5, (-0.5,), (0.5,)), 0.05).done) - 1 == 241
    # Loses on average: 40 * 2.9957/0.5 = 239.7. A gain of a tenth of that of a clean draw: the same.
    assert len(stopping_with_errors(Steps(0.5, (-1.0,), (0.5,)), 0.05).done) - 1 == 241
    assert len(stopping_with_errors(Steps(0.5, (-0.9,), (0.35,)), 0.05).done) - 1 == 241


def test_an_error_that_wins_at_once_stops_at_once():
    # Each draw doubles the wealth, one in eight multiplies it by 1,024; eight is enough.
    leaping = steps(1.0, 0.5, 1.0, [512.0], [0.125])
    expected = [0, 1 / 8, 1 - (7 / 8) ** 2, 1]
    assert stopping_with_errors(leaping, 0.125, 3).done == pytest.approx(expected, abs=1e-12)
    for fineness in (1, 8):
        for side in sizes_between(leaping, 0.125, 3, fineness):
            assert side.done == pytest.approx(expected, abs=1e-12)


def test_a_threshold_of_nothing_stops_at_the_first_draw_and_none_is_refused():
    assert first_passage_plain(np.array([0, 3]), 0.25).tolist() == [0, 1, 1]
    with pytest.raises(NumberError) as problem:
        first_passage(np.array([], dtype=np.int64), 0.25)
    assert (problem.value.argument, problem.value.found) == ("least", 0)


def test_a_threshold_that_is_met_exactly_is_met():
    # k ln 2 - (j - k) ln 2 >= ln 2: one ahead, which is 1 of 1, 2 of 2 or 3, 3 of 4 or 5.
    assert thresholds(math.log(2), -math.log(2), math.log(2), 5).tolist() == [1, 2, 2, 3, 3]
    with pytest.raises(NumberError) as problem:
        first_passage(np.array([1]), 0.0)
    assert (problem.value.argument, problem.value.found) == ("p", 0.0)


def test_without_any_kind_of_error_every_path_stops_at_the_same_draw():
    # ln 20/0.5 = 5.99: six draws.
    assert stopping_with_errors(Steps(0.5), 0.05, 8).done.tolist() == pytest.approx([0] * 6 + [1] * 3)


@pytest.mark.parametrize("rate", [0.3, 0.6])
def test_errors_that_neither_gain_nor_lose_stretch_the_sample_like_blanks(rate):
    # ln 20/0.2 = 14.98: fifteen draws without error are enough, however many others lie between.
    sizes = stopping_with_errors(Steps(0.2, (0.0,), (rate,)), 0.05, horizon=120)
    expected = binom.sf(14, np.arange(121), 1 - rate)
    assert sizes.done == pytest.approx(expected, abs=1e-12)


def test_an_error_that_ruins_the_wealth_never_stops_a_sample():
    n = math.ceil(math.log(20) / -math.log(0.9))
    done = stopping_with_errors(steps(1.0, 0.9, 1.0, (0.0,), (0.01,)), 0.05, 60).done
    assert done[:n].tolist() == [0.0] * n
    assert done[n:] == pytest.approx([0.99**n] * (61 - n), rel=1e-9)


def test_a_long_game_of_gains_and_losses_equals_a_walk_on_whole_numbers():
    # One unit up, at 0.45 one down, at 0.01 two up; 20 units are enough.
    unit, goal, end = math.log(20) / 19.5, 20, 400
    alive, stopped = np.zeros(end + goal + 2), np.zeros(end + 1)
    alive[end] = 1.0  # cell end + w holds a wealth of w units; two more than 19 is the last cell
    for n in range(1, end + 1):
        alive = 0.54 * np.roll(alive, 1) + 0.45 * np.roll(alive, -1) + 0.01 * np.roll(alive, 2)
        stopped[n] = alive[end + goal :].sum()
        alive[end + goal :] = 0.0
    found = stopping_with_errors(Steps(unit, (-unit, 2 * unit), (0.45, 0.01)), 0.05, end)
    assert 0.5 < found.done[-1] < 0.99
    assert found.done == pytest.approx(np.cumsum(stopped), abs=1e-11)


@pytest.mark.parametrize("n", [1, 64, 100])
def test_without_any_kind_of_error_every_path_stops_at_one_draw(n):
    s = Steps(math.log(20) / n)
    expected = [float(j >= n) for j in range(n + 29)]
    for side in (stopping_with_errors(s, 0.05, n + 28), *sizes_between(s, 0.05, n + 28)):
        assert side.done == pytest.approx(expected, abs=1e-12)
    assert stopping_with_errors(s, 0.05, n).done[-1] == pytest.approx(1)


def test_what_is_given_up_stops_at_once_in_the_fast_walk_and_never_in_the_slow_one(monkeypatch):
    s = steps(0.8, 0.9, 1.0, (0.5, 1.5), (0.05, 0.03))
    exact = stopping_with_errors(s, 0.05, 90).done
    monkeypatch.setattr(log_lattice, "_DUST", 0.01)
    monkeypatch.setattr(log_lattice, "_EVERY", 8)
    slow, fast = sizes_between(s, 0.05, 90, 8)
    assert (slow.done <= exact + 1e-12).all() and (exact <= fast.done + 1e-12).all()
    # Eleven times at most 0.02 is given up: the fast walk finishes nonetheless, the slow one does not.
    assert fast.done[-1] >= exact[-1] > slow.done[-1] >= exact[-1] - 0.22
