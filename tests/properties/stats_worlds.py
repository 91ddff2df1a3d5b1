"""Small worlds, counted out in full: every population, every order, every sequence, with its chance."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

World = tuple[tuple[int, ...], Fraction]
"""One sequence of draws and its exact chance."""


def populations(values: Sequence[int], N: int, most: int) -> Iterator[tuple[int, ...]]:
    """Every multiset of N of these values whose sum is at most ``most``."""
    return (p for p in itertools.combinations_with_replacement(values, N) if sum(p) <= most)


def orders(population: Sequence[int], n: int | None = None) -> list[World]:
    """Every distinct order of the first n draws without replacement, with its chance."""
    n = len(population) if n is None else n
    ways = math.perm(len(population), n)
    counts: dict[tuple[int, ...], int] = {}
    for order in itertools.permutations(population, n):
        counts[order] = counts.get(order, 0) + 1
    return [(order, Fraction(count, ways)) for order, count in counts.items()]


def sequences(values: Sequence[int], chances: Sequence[Fraction], n: int) -> list[World]:
    """Every sequence of n draws with replacement, with its chance."""
    chance = dict(zip(values, chances, strict=True))
    return [
        (s, math.prod((chance[v] for v in s), start=Fraction(1))) for s in itertools.product(values, repeat=n)
    ]


def broken_promise(worlds: Iterable[tuple[float, Fraction]]) -> tuple[float, Fraction] | None:
    """The first level a at which the chance of p <= a exceeds a, from (smallest p, chance) pairs."""
    total = Fraction(0)
    by_p: dict[float, Fraction] = {}
    for p, chance in worlds:
        by_p[p] = by_p.get(p, Fraction(0)) + chance
    for p in sorted(by_p):
        total += by_p[p]
        if float(total) > p * (1 + 1e-12) + 1e-300:
            return p, total
    return None
