"""No method without its guarantee counted out: the list of all, and the tests that do it.

Every public function that gives a p-value, a bound or a stopping rule stands here with the test that lists
every order or sequence of small worlds for it, without and with replacement where it may be used so, and
at every stopping point. What is missing is named with its reason. New guarantees are counted out below.
"""

from __future__ import annotations

import importlib
import itertools
import math
from fractions import Fraction

import pytest

from tallybook.stats.bayes import odds_risk, upset_chance_risk_maximising
from tallybook.stats.bets import fixed, fixed_mean, optimal_comparison
from tallybook.stats.bravo import bravo_p
from tallybook.stats.fisher import fisher, fisher_maximum, trinomial_p
from tallybook.stats.kaplan import Discrepancies, kaplan_markov, super_simple
from tallybook.stats.kelly import two_point_bet
from tallybook.stats.lattice import Null
from tallybook.stats.many import default_risks
from tallybook.stats.martingale import wealth
from tallybook.stats.minerva import athena, minerva, providence, schedule
from tests.properties import stats_worlds as worlds

P, R = "tests.properties.", "tests.rooms.stats."
ENGINE = (
    P + "test_stats_guarantee:test_no_order_of_a_small_population_breaks_the_promise",
    P + "test_stats_guarantee:test_no_sequence_with_replacement_breaks_the_promise",
)
HERE = P + "test_stats_every_guarantee:"
WITHOUT = HERE + "test_methods_made_for_draws_with_replacement_keep_their_promise_without_it"

# method -> (without replacement, with replacement); a reason where the method is not for that design.
GUARANTEES = {
    "martingale.wealth": ENGINE,
    "bets (each of the sixteen)": ENGINE,
    "bets.optimal_comparison, kelly.two_point_bet": (HERE + "test_bets_for_comparison_keep_the_promise",) * 2,
    "kelly (each)": ENGINE,
    "default_bet.default_bet": ENGINE,
    "many.default_risks": (HERE + "test_many_tests_at_once_keep_the_promise",) * 2,
    "certainty.at_most": (
        P + "test_stats_product_bounds:test_published_and_decided_agree_with_exact_fractions",
    )
    * 2,
    "kaplan.kaplan_markov": (WITHOUT, P + "test_stats_product_bounds:test_kaplan_markov"),
    "kaplan.super_simple": (
        HERE + "test_super_simple_without_replacement",
        P + "test_stats_product_bounds:test_super_simple",
    ),
    "kaplan.macro": (
        "batches are drawn by size with replacement, by design",
        P + "test_stats_product_bounds:test_macro",
    ),
    "bravo.bravo_p": (HERE + "test_bravo_without_replacement", P + "test_stats_product_bounds:test_bravo"),
    "minerva.minerva, athena": (
        WITHOUT,
        R + "test_minerva:test_of_all_sequences_of_a_tie_at_most_the_risk_limit_stop",
    ),
    "minerva.providence": (WITHOUT, HERE + "test_providence_with_rounds_chosen_from_the_counts"),
    "bayes.odds_risk": (
        HERE + "test_the_bayesian_audit_at_every_stop",
        "the urn is drawn without replacement",
    ),
    "strata_certainty.union_between": (
        P + "test_stats_strata:test_the_proven_risk_lies_where_every_share_and_the_doubles_say",
        P + "test_stats_strata:test_strata_drawn_with_replacement_and_mixed_stakes_are_proven_too",
    ),
    "strata.union_p": (
        P + "test_stats_strata:test_no_three_small_strata_break_the_promise",
        P + "test_stats_strata:test_no_pair_of_strata_with_replacement_breaks_the_promise",
    ),
    "fisher.fisher_maximum (one look)": (
        HERE + "test_suite_at_its_one_look",
        HERE + "test_suite_at_its_one_look",
    ),
    "fisher.trinomial_p": (
        WITHOUT,
        R + "test_fisher:test_no_null_with_the_excess_breaks_the_promise_of_the_trinomial_ratio",
    ),
    "bounds (hypergeometric)": (
        R + "test_bounds:test_the_bounds_miss_at_most_as_often_as_they_say_in_every_small_world",
        "see Clopper-Pearson",
    ),
    "bounds (Clopper-Pearson)": (
        "see the hypergeometric bounds",
        R + "test_bounds:test_clopper_and_pearsons_bounds_cover_at_every_share",
    ),
    "clusters (whole boxes)": (
        R + "test_clusters:test_whole_boxes_miss_at_most_as_often_as_they_say_in_every_small_world",
        "boxes are drawn once",
    ),
    "clusters (sampled boxes)": (
        R + "test_clusters:test_sampled_boxes_miss_at_most_as_often_as_they_say_in_every_small_world",
        "boxes are drawn once",
    ),
    "clusters (by size)": (
        "drawn with replacement by design",
        R + "test_clusters:test_boxes_drawn_by_size_miss_at_most_as_often_as_they_say_in_every_small_world",
    ),
    "confidence": (
        R + "test_confidence:test_the_bounds_hold_at_every_look_in_a_share_of_all_orders",
        R + "test_confidence:test_the_bounds_hold_for_draws_with_replacement",
    ),
    "confidence_engine": (
        R + "test_confidence_engine:test_without_replacement_the_bounds_miss_as_seldom_as_they_say",
        R + "test_confidence_engine:test_with_replacement_the_bounds_miss_as_seldom_as_they_say",
    ),
}
# Wilson's and Newcombe's intervals in `survey` are approximate by design; no guarantee is claimed for them.


@pytest.mark.parametrize("method", GUARANTEES)
def test_the_guarantee_of_every_method_is_counted_out(method):
    named = [place for place in GUARANTEES[method] if place.startswith("tests.")]
    assert named
    for place in named:
        module, _, test = place.partition(":")
        assert callable(getattr(importlib.import_module(module), test))


@pytest.mark.parametrize(
    "bet", [optimal_comparison(0.1), fixed(two_point_bet(0.625, 0.05))], ids=["ALPHA", "COBRA"]
)
def test_bets_for_comparison_keep_the_promise(bet):
    # B in units of 1/8: no error 5, half overstatement near 3, whole 0, understatement 10; u = 10/8.
    for N in (2, 4, 5):
        null = Null(t=4, u=10, N=N, d=8)
        for population in worlds.populations((0, 3, 5, 10), N, 4 * N):
            smallest = [(float(wealth(list(x), null, bet).p.min()), c) for x, c in worlds.orders(population)]
            assert worlds.broken_promise(smallest) is None, population
    null = Null(t=4, u=10, d=8)
    for values, chances in (((0, 5), (1, 4)), ((0, 5, 10), (2, 2, 1)), ((3, 5), (1, 1))):
        rates = [Fraction(c, sum(chances)) for c in chances]
        assert sum(v * r for v, r in zip(values, rates, strict=True)) <= 4
        drawn = worlds.sequences(values, rates, 5)
        smallest = [(float(wealth(list(x), null, bet).p.min()), c) for x, c in drawn]
        assert worlds.broken_promise(smallest) is None, values


@pytest.mark.parametrize("N", [4, 6, 8])
def test_methods_made_for_draws_with_replacement_keep_their_promise_without_it(N):
    """A tie drawn without replacement spreads less: every order, every stop, every level up to one half."""
    orders = worlds.orders((0, 1) * (N // 2))
    sizes = [N // 2, N - 1]
    wins = {x: [sum(x[:n]) for n in range(N + 1)] for x, _ in orders}
    methods = {
        "Kaplan-Markov": lambda x: min(kaplan_markov(x[:n], "0.5", "0.1") for n in range(1, N + 1)),
        "Minerva": lambda x: rounds_p(minerva("0.7", "0.4"), sizes, wins[x]),
        "Athena": lambda x: rounds_p(athena("0.7", "0.4"), sizes, wins[x]),
        "Providence": lambda x: min(
            providence("0.7", sizes[:r], [wins[x][n] for n in sizes[:r]]) for r in (1, 2)
        ),
        "SUITE's trinomial": lambda x: min(
            trinomial_p(wins[x][n], n - wins[x][n], 0, (0.6, 0.3), 0.0) for n in range(1, N + 1)
        ),
    }
    for name, smallest in methods.items():
        found = [(float(smallest(x)), c) for x, c in orders]
        assert worlds.broken_promise((p, c) for p, c in found if p <= 0.5) is None, name


def test_above_one_half_they_need_draws_with_replacement():
    # Five of the six orders of a tie of four have a win among the first two; with replacement 3/4 have one.
    # So Providence's p after one win of two, 0.824, comes more often than that without replacement.
    assert providence("0.7", [2], [1]) == Fraction(3, 4) / (1 - Fraction(9, 100)) < Fraction(5, 6)


def rounds_p(rule, sizes, wins):
    """The risk limit if one of the rounds stops the audit, else 1."""
    rounds = schedule(rule, sizes)
    return float(rule.alpha) if any(r.least is not None and wins[r.n] >= r.least for r in rounds) else 1.0


def test_many_tests_at_once_keep_the_promise():
    import numpy as np

    for N, population in ((None, (0, 1, 1, 2)), (4, (0, 1, 1, 2)), (4, (0, 0, 2, 2)), (5, (2, 2, 1, 0, 0))):
        null, n = Null(t=1, u=2, N=N), 4 if N is None else N
        drawn = (
            worlds.orders(population)
            if N
            else worlds.sequences((0, 1, 2), (Fraction(1, 4), Fraction(1, 2), Fraction(1, 4)), n)
        )
        codes = np.array([x for x, _ in drawn], dtype=np.uint8).T
        A = codes.shape[1]
        looks = [
            default_risks(codes[:j], [0, 1, 2], [1] * A, [null] * A, [1, 1, 3]).p for j in range(1, n + 1)
        ]
        smallest = np.min(looks, axis=0).tolist()
        assert worlds.broken_promise(zip(smallest, (c for _, c in drawn), strict=True)) is None, (
            N,
            population,
        )


@pytest.mark.parametrize("cards", [(0, 0, 0, 2), (0, 1, 1, 0), (0, 1, 2, 0, 1, 2), (3, 2, 0, 0, 1)])
def test_super_simple_without_replacement(cards):
    """Overstatements: none, one vote, two votes, one vote under; V is the margin they just eat."""
    V = Fraction(sum({0: 0, 1: 1, 2: 2, 3: -1}[c] for c in cards), len(cards))

    def risk(drawn):
        found = Discrepancies(o1=drawn.count(1), o2=drawn.count(2), u1=drawn.count(3))
        return float(super_simple(len(drawn), V, found))

    smallest = [(min(risk(x[:j]) for j in range(1, len(x) + 1)), c) for x, c in worlds.orders(cards)]
    assert worlds.broken_promise(smallest) is None


def test_bravo_without_replacement():
    # Wald's ratio with a fixed alternative on a tie, and the one that follows what is left.
    for N in (2, 4, 6, 8):
        tie = (0, 1) * (N // 2)
        orders = worlds.orders(tie)
        plain = [
            (min(float(bravo_p("0.7", sum(x[:j]), j - sum(x[:j]))) for j in range(1, N + 1)), c)
            for x, c in orders
        ]
        follows = [
            (float(wealth(list(x), Null(t=1, u=2, N=N, d=2), fixed_mean(0.7)).p.min()), c)
            for x, c in ((tuple(2 * v for v in x), c) for x, c in orders)
        ]
        assert worlds.broken_promise(plain) is None
        assert worlds.broken_promise(follows) is None


def test_providence_with_rounds_chosen_from_the_counts():
    """Three rounds; the second and third are longer or shorter by what was counted, as Providence allows."""
    stopped = []
    for sequence in itertools.product((0, 1), repeat=11):
        sizes = [3]
        sizes.append(sizes[0] + (2 if sum(sequence[:3]) == 3 else 4))
        sizes.append(sizes[1] + (4 if sum(sequence[: sizes[1]]) > sizes[1] / 2 else 2))
        counts = [sum(sequence[:n]) for n in sizes]
        p = min(providence("0.7", sizes[:r], counts[:r]) for r in (1, 2, 3))
        stopped.append((float(p), Fraction(1, 2**11)))
    assert worlds.broken_promise(stopped) is None


@pytest.mark.parametrize(("N", "wins"), [(4, 2), (5, 2), (6, 3), (7, 3), (8, 4), (8, 3)])
def test_the_bayesian_audit_at_every_stop(N, wins):
    orders = worlds.orders((1,) * wins + (0,) * (N - wins))
    smallest = [
        (min(float(odds_risk(N, sum(x[:j]), j - sum(x[:j]))) for j in range(1, N + 1)), c) for x, c in orders
    ]
    assert worlds.broken_promise(smallest) is None


def test_the_chance_of_an_upset_is_not_a_risk():
    """The published rule v <= alpha has a risk above alpha, but never above alpha/(1 - alpha)."""
    orders = worlds.orders((1, 1, 1, 0, 0, 0))

    def smallest(x):
        return min(upset_chance_risk_maximising(6, sum(x[:j]), j - sum(x[:j])) for j in range(1, 7))

    alpha = Fraction(3, 8)
    stopped = sum((chance for x, chance in orders if smallest(x) <= alpha), Fraction(0))
    assert alpha < stopped <= alpha / (1 - alpha)


def test_suite_at_its_one_look():
    """Two strata, each a binomial tail with 3 draws; the null means together tie."""

    def tail(k, rate):
        return math.fsum(math.comb(3, i) * rate**i * (1 - rate) ** (3 - i) for i in range(k, 4))

    found = {
        (a, b): fisher_maximum(lambda x, a=a: tail(a, 1 - x), lambda x, b=b: tail(b, x), 0.0, 1.0).p
        for a in range(4)
        for b in range(4)
    }
    for truth in (0.1, 0.3, 0.5, 0.8):
        first = [math.comb(3, k) * (1 - truth) ** k * truth ** (3 - k) for k in range(4)]
        second = [math.comb(3, k) * truth**k * (1 - truth) ** (3 - k) for k in range(4)]
        total = 0.0
        for p, a, b in sorted((p, a, b) for (a, b), p in found.items()):
            total += first[a] * second[b]
            assert total <= p + 2e-6  # the search closes to a millionth
    assert fisher([1.0, 1.0]) == 1.0
