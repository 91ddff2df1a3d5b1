"""The bound over counties keeps its level in every small world, and agrees with known cases."""

from fractions import Fraction
from itertools import product
from math import comb

import pytest
from scipy.stats import chi2, hypergeom, poisson

from tallybook.envelopes.strata import Stratum, chance_of_missing, most_bad_in_strata
from tallybook.stats.bounds import most_bad
from tallybook.stats.errors import NumberError

World = tuple[tuple[int, int], ...]
WORLDS: list[World] = [((4, 2), (3, 1)), ((5, 2), (5, 3)), ((6, 1), (2, 2), (3, 1)), ((3, 0), (4, 3))]
LEVELS = [Fraction(1, 4), Fraction(1, 10), Fraction(1, 50)]


def chance(bad: tuple[int, ...], seen: tuple[int, ...], world: World) -> Fraction:
    """The chance of seeing exactly this, from the definition."""
    p = Fraction(1)
    for B, x, (N, n) in zip(bad, seen, world, strict=True):
        p *= Fraction(comb(B, x) * comb(N - B, n - x), comb(N, n))
    return p


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("alpha", LEVELS)
def test_the_bound_misses_with_at_most_its_level_however_the_bad_ones_lie(
    world: World, alpha: Fraction
) -> None:
    """Every placing, every sample: the chance of a bound below the truth is at most alpha."""
    seen = list(product(*(range(n + 1) for _, n in world)))
    bounds = {
        x: most_bad_in_strata([Stratum(N, n, k) for (N, n), k in zip(world, x, strict=True)], alpha)
        for x in seen
    }
    for bad in product(*(range(N + 1) for N, _ in world)):
        missed = sum((chance(bad, x, world) for x in seen if bounds[x] < sum(bad)), Fraction(0))
        assert missed <= alpha


@pytest.mark.parametrize("world", WORLDS)
def test_the_chance_of_missing_is_the_worst_over_every_placing(world: tuple[tuple[int, int], ...]) -> None:
    strata = [Stratum(N, n) for N, n in world]
    placings = list(product(*(range(N + 1) for N, _ in world)))
    none = (0,) * len(world)
    for total in range(sum(N for N, _ in world) + 1):
        worst = max(chance(bad, none, world) for bad in placings if sum(bad) == total)
        assert chance_of_missing(strata, total) == worst


@pytest.mark.parametrize("alpha", LEVELS)
def test_one_county_with_nothing_found_gives_the_exact_bound(alpha: Fraction) -> None:
    assert most_bad_in_strata([Stratum(3000, 200)], alpha) == most_bad(0, 200, 3000, alpha)


def test_the_bound_of_several_counties_is_garwoods_on_the_thinnest() -> None:
    """Garwood for 3 at 1% from scipy's chi-square; the county read at 1 in 20 takes all unseen bad ones."""
    highest = chi2.ppf(0.99, 2 * 4) / 2
    assert abs(poisson.cdf(3, highest) - 0.01) < 1e-12
    strata = [Stratum(10_000, 500, 2), Stratum(1_000, 100, 1)]
    mean_of_found = 2 / 20 + 1 / 10
    assert most_bad_in_strata(strata, "0.01") == 3 + int((highest - mean_of_found) * 20)


def test_a_county_that_was_not_read_counts_as_bad() -> None:
    assert most_bad_in_strata([Stratum(1000, 1000), Stratum(40, 0)], "0.05") == 40


def test_a_census_leaves_nothing_open() -> None:
    assert most_bad_in_strata([Stratum(10, 10, 2), Stratum(5, 5, 1)], "0.05") == 3


def test_a_level_at_which_the_inequality_does_not_hold_is_refused() -> None:
    with pytest.raises(NumberError):
        most_bad_in_strata([Stratum(10, 5)], "0.3")


def test_adding_counties_up_as_one_heap_would_claim_too_much() -> None:
    """A county read at 1 in 100 can hide more than its share; the heap's bound does not see it."""
    strata = [Stratum(10_000, 100), Stratum(1_000, 900)]
    assert most_bad_in_strata(strata, "0.05") > most_bad(0, 1_000, 11_000, "0.05")
    assert hypergeom.pmf(0, 10_000, most_bad_in_strata(strata, "0.05"), 100) > 0.05
