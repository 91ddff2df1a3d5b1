"""Fisher's combination, its certified maximum, and SUITE's polling stratum."""

from __future__ import annotations

import itertools
import math
from functools import lru_cache

import pytest
from scipy.special import chdtrc

from tallybook.stats.errors import NumberError
from tallybook.stats.fisher import fisher, fisher_maximum, trinomial_p


@pytest.mark.parametrize("p_values", [[0.05], [0.1, 0.4], [0.03, 0.9, 0.2], [0.5] * 8, [1.0, 1.0]])
def test_the_combination_is_the_chi_square_tail(p_values):
    statistic = -2 * sum(map(math.log, p_values))
    assert fisher(p_values) == pytest.approx(chdtrc(2 * len(p_values), statistic), rel=1e-12)


def test_the_maximum_is_bracketed_and_a_coarse_grid_would_miss_it():
    # The combined value has a narrow peak between grid points a step of 1 apart.
    def falling(x):
        return math.exp(-40 * max(0.0, x - 0.52))

    def rising(x):
        return math.exp(-40 * max(0.0, 0.48 - x))

    bound = fisher_maximum(falling, rising, 0.0, 1.0)
    assert bound.least <= bound.p <= bound.least + 1e-6
    assert bound.p == 1.0
    assert 0.48 <= bound.at <= 0.52
    assert max(fisher([falling(x), rising(x)]) for x in (0.0, 1.0)) < 1e-6


def test_the_maximum_agrees_with_a_fine_grid():
    def falling(x):
        return 1 / (1 + math.exp(9 * (x - 0.3)))

    def rising(x):
        return 1 / (1 + math.exp(-7 * (x - 0.8)))

    fine = max(fisher([falling(i / 20000), rising(i / 20000)]) for i in range(20001))
    bound = fisher_maximum(falling, rising, 0.0, 1.0)
    assert bound.least - 1e-9 <= fine + 1e-6
    assert fine <= bound.p <= fine + 1e-5


def test_without_blanks_the_trinomial_ratio_is_bravo():
    p = trinomial_p(60, 40, 0, (0.55, 0.45), 0.0)
    assert p == pytest.approx(min(1.0, 1 / (1.1**60 * 0.9**40)), rel=1e-9)


def test_no_null_with_the_excess_breaks_the_promise_of_the_trinomial_ratio():
    share, excess, n = (0.6, 0.2), 0.1, 6
    risk = lru_cache(lambda *counts: trinomial_p(*counts, share, excess))
    for q in (0.05, 0.2, 0.35, 0.45):
        chances = (q + excess, q, 1 - 2 * q - excess)
        by_p: dict[float, float] = {}
        for sequence in itertools.product(range(3), repeat=n):
            counts = [[sequence[:j].count(c) for c in range(3)] for j in range(1, n + 1)]
            smallest = min(risk(*c) for c in counts)
            by_p[smallest] = by_p.get(smallest, 0.0) + math.prod(chances[c] for c in sequence)
        total = 0.0
        for p in sorted(by_p):
            total += by_p[p]
            assert total <= p * (1 + 1e-9)


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: fisher([]), "p_values"),
        (lambda: fisher([1.2]), "p_values"),
        (lambda: fisher([float("nan")]), "p_values"),
        (lambda: fisher_maximum(math.exp, math.exp, 1.0, 0.0), "low"),
        (lambda: trinomial_p(-1, 0, 0, (0.6, 0.4), 0.0), "wins"),
        (lambda: trinomial_p(1, 0, 0, (0.6, 0.5), 0.0), "share"),
        (lambda: trinomial_p(1, 0, 0, (0.6, 0.4), 0.3), "excess"),
    ],
)
def test_bad_input_is_named(call, argument):
    with pytest.raises(NumberError) as problem:
        call()
    assert problem.value.argument == argument
