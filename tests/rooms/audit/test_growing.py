"""Strata grow along one path: the sizes that some reach gives are taken, no others (docs/spec/audit.md)."""

from fractions import Fraction
from itertools import product
from math import ceil

import pytest

from tallybook.audit.growing import grow_together, grown, reach_of


@pytest.mark.parametrize(
    ("reach", "sizes"),
    [(90, (90, 60, 3)), (91, (91, 61, 4)), (135, (135, 90, 5)), (300, (200, 200, 10)), (900, (200, 300, 30))],
)
def test_sizes_keep_the_proportions_of_the_plan_until_a_stratum_is_read_in_full(
    reach: int, sizes: tuple[int, ...]
) -> None:
    assert grown((90, 60, 3), (200, 300, 30), reach) == sizes


def paths(first: tuple[int, ...], cards: tuple[int, ...]) -> set[tuple[int, ...]]:
    """Every tuple of sizes on the path, by the words of the specification."""
    top = max(first)
    return {
        tuple(min(most, ceil(Fraction(size * reach, top))) for size, most in zip(first, cards, strict=True))
        for reach in range(top, top * max(cards) + 1)
    }


@pytest.mark.parametrize("first", [*product(range(1, 4), repeat=2), (1, 2, 3), (3, 1, 1)])
def test_sizes_are_taken_exactly_where_some_reach_gives_them(first: tuple[int, ...]) -> None:
    for cards in product(range(3, 6), repeat=len(first)):
        on_path = paths(first, cards)
        for sizes in product(*(range(least, most + 1) for least, most in zip(first, cards, strict=True))):
            assert grow_together(first, cards, sizes) == (sizes in on_path)


def test_the_next_sizes_on_the_path_hold_those_that_were_asked() -> None:
    assert reach_of((90, 60), (200, 300), (100, 80)) == 119
    assert grown((90, 60), (200, 300), 119) == (119, 80)
