"""The stratified test against every share of the total, and its promise counted out in full."""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction

import numpy as np
import pytest

from tallybook.stats.bets import kaplan_wald
from tallybook.stats.errors import NumberError
from tallybook.stats.lattice import Null
from tallybook.stats.martingale import wealth
from tallybook.stats.strata import (
    BOLD_TO_TIMID,
    Answer,
    Stratum,
    allocate,
    exact_share_p,
    mixed_stakes,
    product_stakes,
    published_union,
    union_at_most,
    union_p,
)
from tallybook.stats.strata_certainty import union_at_most_proven, union_between
from tallybook.stats.strata_plan import Expected, expected_p, expected_size
from tests.properties import stats_worlds as worlds


def every_share(strata, B):
    """The largest p-value over every attainable share of B, one by one."""
    ranges = [range(sum(s.x), sum(s.x) + (s.N - len(s.x)) * s.u + 1) for s in strata]
    return max((one_share(strata, A) for A in itertools.product(*ranges) if sum(A) <= B), default=0.0)


def one_share(strata, totals):
    T = Fraction(1)
    for s, total in zip(strata, totals, strict=True):
        for i, (x, f) in enumerate(zip(s.x.tolist(), s.stakes.tolist(), strict=True)):
            left = total - int(s.x[:i].sum())
            if left <= 0 and x > 0:
                return 0.0
            if left > 0:
                T *= 1 - Fraction(f) + Fraction(f) * Fraction(x * (s.N - i), left)
    return 1 / max(1.0, float(T))


def random_stratum(rng):
    u, N = rng.choice([1, 2, 4]), rng.randint(2, 9)
    n = rng.randint(0, N)
    x = [rng.choice([0, u, u, rng.randint(0, u)]) for _ in range(n)]
    return Stratum(np.array(x, dtype=int), u, N, np.array([rng.choice([0.25, 0.5, 0.875]) for _ in range(n)]))


@pytest.mark.parametrize("K", [1, 2, pytest.param(3, marks=pytest.mark.slow)])
def test_no_share_of_the_total_has_a_larger_p_value(K):
    rng = random.Random(K)
    for _ in range(60 if K < 3 else 25):
        strata = [random_stratum(rng) for _ in range(K)]
        B = sum(s.N * s.u for s in strata) // 2 + rng.randint(-2, 2)
        answer = union_p(strata, B)
        assert every_share(strata, B) <= answer.p * (1 + 1e-12)
        assert answer.least <= answer.p
        assert answer.p - answer.least <= 1e-7


def test_with_many_cards_the_answer_is_the_hardest_share_itself():
    # 400 against 600 cards: the lattice is fine, so the bound and the worst whole share agree closely.
    strata = [
        Stratum(np.array([1] * 14 + [0] * 6), 1, 400, product_stakes(0.25, 20)),
        Stratum(np.array([1] * 18 + [0] * 2), 1, 600, product_stakes(0.5, 20)),
    ]
    whole = max(one_share(strata, (A, 500 - A)) for A in range(14, 395) if 18 <= 500 - A <= 598)
    assert union_p(strata, 500).p == pytest.approx(whole, rel=1e-4)


def test_one_stratum_is_the_plain_test():
    x = [2, 1, 2, 2, 2, 0, 2]
    w = wealth(x, Null(t=1, u=2, N=30, d=2), kaplan_wald(0.75))
    answer = union_p([Stratum(np.array(x), 2, 30, product_stakes(0.25, 7))], 30)
    assert answer.p == pytest.approx(np.exp(-w.log_wealth[-1]), rel=1e-9)


def test_an_exact_tie_is_never_confirmed_by_a_census_of_one_stratum():
    # Stratum one counted in full, 3 of 4; stratum two all wins so far: a tie overall remains possible.
    strata = [
        Stratum(np.array([1, 1, 1, 0]), 1, 4, product_stakes(0.5, 4)),
        Stratum(np.array([1]), 1, 4, product_stakes(0.5, 1)),
    ]
    assert union_p(strata, 4).p > 0
    assert union_p(strata, 3).p == 0.0


def test_a_certain_null_has_p_value_one():
    strata = [Stratum(np.array([0, 0]), 1, 3, product_stakes(0.5, 2)), Stratum(np.array([1]), 1, 2, [0.5])]
    assert union_p(strata, 3).p == 1.0


def test_fifty_eight_strata_are_bounded_from_both_sides():
    rng = np.random.default_rng(58)
    sizes = rng.integers(500, 200_000, 58).tolist()
    strata = [
        Stratum(rng.choice([0, 1, 2], 30, p=[0.3, 0.1, 0.6]), 2, N, product_stakes(0.2, 30)) for N in sizes
    ]
    answer = union_p(strata, sum(sizes))
    assert answer.least <= answer.p <= answer.least * (1 + 1e-6)
    assert sum(answer.totals) == pytest.approx(sum(sizes), rel=1e-9)


def test_no_pair_of_small_strata_breaks_the_promise():
    # All orders within each stratum; stratum one is looked at after 1..3 draws, then stratum two grows.
    for first, second in [
        ((0, 1, 1), (0, 0, 1)),
        ((0, 0, 0), (1, 1, 1)),
        ((1, 1, 0), (0, 1, 0)),
        ((1, 1), (0, 0, 0, 1)),
    ]:
        B = sum(first) + sum(second)
        smallest = []
        for (a, pa), (b, pb) in itertools.product(worlds.orders(first), worlds.orders(second)):
            looks = [(i, min(i, len(b))) for i in range(1, len(a) + 1)] + [
                (len(a), j) for j in range(1, len(b) + 1)
            ]
            p = min(look(a[:i], len(a), b[:j], len(b), B) for i, j in looks)
            smallest.append((p, pa * pb))
        assert worlds.broken_promise(smallest) is None


def look(a, N1, b, N2, B):
    strata = [
        Stratum(np.array(a, dtype=int), 1, N1, product_stakes(0.75, len(a))),
        Stratum(np.array(b, dtype=int), 1, N2, product_stakes(0.5, len(b))),
    ]
    return union_p(strata, B).p


def mixed_look(a, N1, b, N2, B):
    strata = [
        Stratum(np.array(a, dtype=int), 1, N1, mixed_stakes((0.9, 0.3), len(a))),
        Stratum(np.array(b, dtype=int), 1, N2, mixed_stakes((0.75, 0.1), len(b))),
    ]
    return union_p(strata, B).p


def test_a_mixture_of_stakes_keeps_the_promise_and_is_the_mean_of_its_bets():
    smallest = []
    for (a, pa), (b, pb) in itertools.product(worlds.orders((0, 1, 1)), worlds.orders((1, 0, 0))):
        looks = [(i, i) for i in (1, 2, 3)]
        smallest.append((min(mixed_look(a[:i], 3, b[:j], 3, 3) for i, j in looks), pa * pb))
    assert worlds.broken_promise(smallest) is None
    x = np.array([1, 1, 0, 1, 1, 1])
    alone = [union_p([Stratum(x, 1, 90, product_stakes(f, 6))], 45).p for f in (0.5, 0.2)]
    mixed = union_p([Stratum(x, 1, 90, mixed_stakes((0.5, 0.2), 6))], 45).p
    assert mixed == pytest.approx(2 / (1 / alone[0] + 1 / alone[1]), rel=1e-7)


def test_no_three_small_strata_break_the_promise():
    # Orders of every stratum, drawn in turn: first, second, third, first, ...; a look after each draw.
    for populations in [((0, 1), (1, 0), (1,)), ((0, 0, 1), (1, 1), (0,)), ((1, 1), (0, 0), (0, 1))]:
        B = sum(map(sum, populations))
        smallest = []
        for drawn in itertools.product(*(worlds.orders(p) for p in populations)):
            chance = math.prod((c for _, c in drawn), start=Fraction(1))
            looks = [[min(len(x), (n + 2 - k) // 3) for k, (x, _) in enumerate(drawn)] for n in range(1, 10)]
            p = min(
                in_turn([x[:n] for (x, _), n in zip(drawn, look, strict=True)], populations, B)
                for look in looks
            )
            smallest.append((p, chance))
        assert worlds.broken_promise(smallest) is None, populations


def in_turn(samples, populations, B):
    strata = [
        Stratum(np.array(x, dtype=int), 1, len(whole), product_stakes(f, len(x)))
        for x, whole, f in zip(samples, populations, (0.75, 0.5, 0.9), strict=True)
    ]
    return union_p(strata, B).p


@pytest.mark.slow
def test_no_pair_of_strata_with_replacement_breaks_the_promise():
    # Means 1/4 of 4 and 3/4 of 8 numbers: together 7 of 12, the null of B = 7.
    first = worlds.sequences((0, 1), (Fraction(3, 4), Fraction(1, 4)), 3)
    second = worlds.sequences((0, 1), (Fraction(1, 4), Fraction(3, 4)), 3)
    smallest = []
    for (a, pa), (b, pb) in itertools.product(first, second):
        ps = [union_p([replaced(a[:n], 4), replaced(b[:n], 8)], 7).p for n in (1, 2, 3)]
        smallest.append((min(ps), pa * pb))
    assert worlds.broken_promise(smallest) is None


def replaced(x, N, u=1, stake=0.75):
    return Stratum(np.array(x, dtype=int), u, N, product_stakes(stake, len(x)), replace=True)


def test_one_stratum_with_replacement_is_the_plain_test():
    x = [2, 1, 2, 2, 2, 0, 2]
    w = wealth(x, Null(t=1, u=2, d=2), kaplan_wald(0.75))
    assert union_p([replaced(x, 30, 2, 0.25)], 30).p == pytest.approx(np.exp(-w.log_wealth[-1]), rel=1e-9)
    assert union_p([replaced(x, 30, 2, 0.25)], 60).p == 1.0
    assert union_p([replaced(x, 30, 2, 0.25)], 0).p <= 1e-300


def test_a_whole_stake_is_cut_so_that_one_draw_of_zero_is_not_the_end():
    lost = [Stratum(np.array([0, 1, 1]), 1, 9, product_stakes(1.0, 3))]
    assert union_p(lost, 4).p == 1.0
    assert exact_share_p(lost, [4]) == 1
    won = [Stratum(np.array([1, 1, 1]), 1, 9, product_stakes(1.0, 3))]
    assert float(exact_share_p(won, [4])) == pytest.approx(4 * 3 * 2 / (9 * 8 * 7), rel=1e-9)


@pytest.mark.parametrize("replace", [False, True])
@pytest.mark.parametrize("K", [1, 2, 3])
def test_the_answer_is_never_below_the_exact_risk_of_any_share(K, replace):
    rng = random.Random(10 * K + replace)
    for _ in range(12):
        drawn = [random_stratum(rng) for _ in range(K)]
        strata = [Stratum(s.x, s.u, s.N, s.stakes, replace) for s in drawn]
        B = sum(s.N * s.u for s in strata) // 2
        answer = union_p(strata, B)
        for _ in range(25):
            cuts = sorted(Fraction(rng.randint(0, 64 * B), 64) for _ in range(K - 1))
            totals = [b - a for a, b in itertools.pairwise([Fraction(0), *cuts, Fraction(B)])]
            if all(t <= s.N * s.u for t, s in zip(totals, strata, strict=True)):
                assert exact_share_p(strata, totals) <= Fraction(answer.p)


@pytest.mark.slow
def test_the_example_of_the_specification():
    strata = [
        Stratum(np.array([1, 1]), 1, 3, product_stakes(0.5, 2)),
        Stratum(np.array([1]), 1, 2, product_stakes(0.5, 1)),
    ]
    assert exact_share_p(strata, [3, 1]) == Fraction(2, 3)
    assert exact_share_p(strata, [2, 2]) == Fraction(8, 15)
    assert exact_share_p(strata, [1, 3]) == 0
    # The largest risk over shares (A, 4 - A), by steps of 1/10000 about the hardest.
    steps = (2 + Fraction(k, 10_000) for k in [*range(0, 10_001, 100), *range(7500, 7550)])
    highest = max(exact_share_p(strata, [a, 4 - a]) for a in steps)
    answer = union_p(strata, 4)
    assert highest <= Fraction(answer.p) <= highest * (1 + Fraction(1, 10**7))
    assert published_union(answer) == "0.686736"


@pytest.mark.parametrize("K", [1, 2, pytest.param(3, marks=pytest.mark.slow)])
def test_the_proven_risk_lies_where_every_share_and_the_doubles_say(K):
    rng = random.Random(100 + K)
    for _ in range(6):
        strata = [random_stratum(rng) for _ in range(K)]
        B = max(0, sum(s.N * s.u for s in strata) // 2 + rng.randint(-2, 2))
        low, high = union_between(strata, B)
        answer = union_p(strata, B)
        assert low <= high <= low * (1 + Fraction(1, 10**9))
        assert low <= Fraction(answer.p) and Fraction(answer.least) <= high * (1 + Fraction(1, 10**9))
        assert every_share(strata, B) <= float(high) * (1 + 1e-12)


def the_example():
    return [
        Stratum(np.array([1, 1]), 1, 3, product_stakes(0.5, 2)),
        Stratum(np.array([1]), 1, 2, product_stakes(0.5, 1)),
    ]


def test_two_strata_are_decided_however_near_the_limit_lies():
    # T = (1/2 + 3/(2A)) (1/2 + 1/(A - 1)) (1/2 + 1/(4 - A)); its least value, from exact arithmetic.
    low, high = union_between(the_example(), 4)
    assert Fraction("0.68673535897906") < low <= high < Fraction("0.68673535897908")
    for digits in (12, 25):
        step = Fraction(1, 10**digits)
        near = least_product(digits)
        assert union_at_most_proven(the_example(), 4, near + step)
        assert not union_at_most_proven(the_example(), 4, near - step)


def least_product(digits):
    """The risk of the example to so many digits: a search for the least product in fractions."""

    def T(A):
        return (1 + 3 / A) * (1 + 2 / (A - 1)) * (1 + 2 / (4 - A)) / 8

    low, high = Fraction(2), Fraction(7, 2)
    while high - low > Fraction(1, 10 ** (digits // 2 + 3)):
        third = (high - low) / 3
        left, right = (low + third).limit_denominator(10**40), (high - third).limit_denominator(10**40)
        low, high = (low, right) if T(left) < T(right) else (left, high)
    return 1 / T((low + high) / 2)


def test_a_tie_with_the_limit_is_settled_in_fractions():
    alone = [Stratum(np.array([1, 1, 0, 1]), 1, 9, product_stakes(0.5, 4))]
    risk = exact_share_p(alone, [4])
    assert union_at_most_proven(alone, 4, risk)
    assert not union_at_most_proven(alone, 4, risk * (1 - Fraction(1, 10**50)))
    # One stratum counted in full: its total is known, so the hardest share is a corner.
    corner = [
        Stratum(np.array([1, 0, 1]), 1, 3, product_stakes(0.5, 3)),
        Stratum(np.array([1, 1, 1]), 1, 9, product_stakes(0.5, 3)),
    ]
    risk = exact_share_p(corner, [2, 4])
    assert risk < 1
    assert union_at_most_proven(corner, 6, risk)
    assert not union_at_most_proven(corner, 6, risk * (1 - Fraction(1, 10**50)))


def test_edges_of_a_proof():
    seen = [Stratum(np.array([1, 1]), 1, 3, product_stakes(0.5, 2))]
    assert union_between(seen, 1) == (0, 0)
    assert union_at_most_proven(seen, 1, Fraction(1, 10**9))
    assert union_at_most_proven(seen, 3, 1)
    assert union_between([Stratum(np.array([0]), 1, 3, np.array([0.5]))], 1) == (1, 1)
    unread = [*the_example(), Stratum(np.array([], dtype=int), 1, 2, np.array([]))]
    assert union_between(unread, 4)[0] <= Fraction(union_p(unread, 4).p)


def test_strata_drawn_with_replacement_and_mixed_stakes_are_proven_too():
    strata = [
        replaced([1, 1, 0, 1, 1], 40),
        Stratum(np.array([2, 2, 2, 1]), 2, 30, mixed_stakes((0.9, 0.2), 4)),
    ]
    low, high = union_between(strata, 45)
    answer = union_p(strata, 45)
    assert low <= Fraction(answer.p) <= high * (1 + Fraction(1, 10**7))
    for totals in ((20, 25), (15, 30), (11, 34), (6, 39)):
        assert exact_share_p(strata, totals) <= high


@pytest.mark.slow
def test_fifty_eight_strata_are_proven_within_a_trillionth():
    rng = np.random.default_rng(58)
    sizes = rng.integers(500, 200_000, 58).tolist()
    strata = [
        Stratum(rng.choice([0, 1, 2], 30, p=[0.3, 0.1, 0.6]), 2, N, product_stakes(0.2, 30)) for N in sizes
    ]
    low, high = union_between(strata, sum(sizes))
    assert low <= Fraction(union_p(strata, sum(sizes)).p)
    assert high <= low * (1 + Fraction(1, 10**12))


def test_a_stratified_risk_is_published_rounded_up_and_decided_on_its_bound():
    assert published_union(Answer(0.05, 0.05, ())) == "0.0500001"  # the double 0.05 is above 1/20
    assert not union_at_most(Answer(0.05, 0.04, ()), "0.05")
    assert union_at_most(Answer(0.25, 0.25, ()), "0.25")
    assert not union_at_most(Answer(math.nextafter(0.25, 1), 0.2, ()), "0.25")
    assert published_union(Answer(0.0, 0.0, ())) == "0"


def test_the_planned_size_is_the_least_that_meets_the_limit():
    # A polled stratum of 200,000 and a compared one of 800,000, both with a margin of half a percent.
    N1, N2, half_v = 200_000, 800_000, 0.0025
    strata = [
        Expected(N1, 2, (0, 2), (0.5 - half_v, 0.5 + half_v), BOLD_TO_TIMID, 0.5),
        Expected(N2, 4, (2, 0), (0.9999, 0.0001), BOLD_TO_TIMID, 0.5),
    ]
    B = N1 + 2 * N2 - 4_000
    n = expected_size(strata, B, 0.05)
    assert expected_p(strata, n, B) <= 0.05 < expected_p(strata, n - 1, B)
    assert expected_size(strata, B, 0.05, most=n // 2) is None


def test_one_clean_stratum_needs_the_closed_form():
    # Every number 1 against a null mean of 0.98 at stake 0.9: the same n as for a single test.
    strata = [Expected(10_000, 200, (100,), (1.0,), (0.9,), 1.0)]
    assert expected_size(strata, 98 * 10_000, 0.05) == math.ceil(math.log(20) / math.log(0.1 + 0.9 / 0.98))


def test_draws_are_allocated_by_largest_remainder():
    assert allocate(10, [1, 1, 1]) == [4, 3, 3]
    assert allocate(100, [5, 3, 2]) == [50, 30, 20]
    assert allocate(7, [0.5, 0.25, 0.25]) == [3, 2, 2]


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: union_p([], 3), "strata"),
        (lambda: union_p([Stratum(np.array([1]), 1, 2, np.array([0.5]))], -1), "B"),
        (lambda: union_p([Stratum(np.array([2]), 1, 2, np.array([0.5]))], 1), "x"),
        (lambda: union_p([Stratum(np.array([1, 1, 1]), 1, 2, np.array([0.5] * 3))], 1), "x"),
        (lambda: product_stakes(float("nan"), 3), "stakes"),
        (lambda: allocate(3, [0, 0]), "weights"),
    ],
)
def test_bad_input_is_named(call, argument):
    with pytest.raises(NumberError) as problem:
        call()
    assert problem.value.argument == argument
