"""Kaplan-Markov and its offspring: the product bounds behind published audits.

Each risk is an exact fraction of rational inputs. They stay because states publish risks computed this
way; each is also a bet of the engine, lam = 1/(t + g).
Sources: Stark 2009, "Risk-limiting postelection audits: conservative P-values from common probability
inequalities" (Kaplan-Markov); Stark 2010, "Super-simple simultaneous single-ballot risk-limiting
audits"; Lindeman & Stark 2012, "A gentle introduction"; Stark 2008 and 2010 (maximum relative
overstatement, MACRO); the arithmetic of Colorado's audit tool, 2017 to 2020.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction

from tallybook.stats.certainty import risk_limit
from tallybook.stats.errors import require, require_whole
from tallybook.stats.lattice import rational

GAMMA = Fraction(103905, 100000)
"""The error inflation factor of super-simple audits, 1.03905 (Lindeman & Stark 2012)."""

_LOGS = Context(prec=60)


def kaplan_markov(x: Iterable[object], t: object, g: object = 0) -> Fraction:
    """p = min(1, prod (t + g)/(x_i + g)) for draws with replacement; an x of 0 with g = 0 gives 1."""
    null, pad = rational(t, "t"), rational(g, "g")
    require(null > 0, "t", t, "a null mean above 0")
    require(pad >= 0, "g", g, "a padding of at least 0")
    values = [rational(v, "x") for v in x]
    require(len(values) > 0, "x", [], "at least one drawn number")
    require(min(values) >= 0, "x", min(values), "numbers of at least 0")
    if min(values) + pad == 0:
        return Fraction(1)
    tops = (null + pad) ** len(values)
    return min(Fraction(1), tops / math.prod((v + pad for v in values), start=Fraction(1)))


@dataclass(frozen=True)
class Discrepancies:
    """How many of the n drawn cards overstate (o) or understate (u) by half (1) or by the whole (2)."""

    o1: int = 0
    o2: int = 0
    u1: int = 0
    u2: int = 0

    def __post_init__(self) -> None:
        for name in ("o1", "o2", "u1", "u2"):
            count = getattr(self, name)
            require(type(count) is int and count >= 0, name, count, "a whole number of at least 0")


NONE = Discrepancies()


def super_simple(n: int, V: object, found: Discrepancies = NONE, g: object = GAMMA) -> Fraction:
    """Risk after n draws with diluted margin V (share of cards), product form, at most 1.

    p = (1 - V/2g)^n (1 - 1/2g)^-o1 (1 - 1/g)^-o2 (1 + 1/2g)^-u1 (1 + 1/g)^-u2
    """
    margin, gamma = _margin_and_gamma(V, g)
    total = found.o1 + found.o2 + found.u1 + found.u2
    require(type(n) is int and n >= max(1, total), "n", n, "at least one draw, and one for each discrepancy")
    p = (1 - margin / (2 * gamma)) ** n
    for base, count in _shifts(gamma, found):
        p /= base**count
    return min(Fraction(1), p)


def super_simple_size(V: object, alpha: object, found: Discrepancies = NONE, g: object = GAMMA) -> int:
    """Colorado's optimistic number of cards to draw, if no further discrepancy is found.

    max(ceil(-2g (ln a + o1 ln(1-1/2g) + o2 ln(1-1/g) + u1 ln(1+1/2g) + u2 ln(1+1/g))/V), o1+o2+u1+u2).
    Logarithms carry 60 digits, so the ceiling is that of the exact value.
    """
    margin, gamma = _margin_and_gamma(V, g)
    total = _ln(risk_limit(alpha))
    for base, count in _shifts(gamma, found):
        total = _LOGS.add(total, _LOGS.multiply(Decimal(count), _ln(base)))
    scale = -2 * gamma / margin
    size = _LOGS.divide(_LOGS.multiply(Decimal(scale.numerator), total), Decimal(scale.denominator))
    return max(math.ceil(size), found.o1 + found.o2 + found.u1 + found.u2)


def super_simple_plan(
    V: object, alpha: object, rates: tuple[float, float, float, float], g: object = GAMMA
) -> int | None:
    """Draws expected to suffice at rates (o1, o2, u1, u2) per drawn card; None: only a full count will do.

    n0 = -2g ln(alpha)/(V + 2g sum r ln(1 -+ ...)) (Lindeman & Stark 2012, "comparison audits").
    """
    margin, gamma = _margin_and_gamma(V, g)
    right = len(rates) == 4 and all(0 <= r <= 1 for r in rates)
    require(right, "rates", rates, "four rates between 0 and 1")
    G = float(gamma)
    logs = [math.log(float(base)) for base, _ in _shifts(gamma, NONE)]
    slope = float(margin) + 2 * G * sum(r * log for r, log in zip(rates, logs, strict=True))
    return math.ceil(-2 * G * math.log(risk_limit(alpha)) / slope) if slope > 0 else None


def macro_bounds(
    differences: Sequence[Sequence[int]], sizes: Sequence[int], margins: Sequence[int]
) -> list[Fraction]:
    """u_p of every batch: the largest relative overstatement it could hold, at least 0.

    differences[p][k]: first minus second reported count of pair k in batch p; sizes[p]: cards in the
    batch; margins[k]: the overall difference of pair k. u_p = max_k (difference + size)/margin.
    """
    require(len(differences) == len(sizes) > 0, "sizes", len(sizes), "one size for each batch, at least one")
    _margins(margins)
    for size in sizes:
        require_whole("sizes", size)
    for row in differences:
        _same_pairs("differences", row, margins)
    return [
        max(Fraction(0), *(Fraction(d + size, m) for d, m in zip(row, margins, strict=True)))
        for row, size in zip(differences, sizes, strict=True)
    ]


def macro_taint(
    reported: Sequence[int], found: Sequence[int], margins: Sequence[int], bound: Fraction
) -> Fraction:
    """t_p = e_p/u_p: the largest relative overstatement found, over the largest possible (may be < 0)."""
    require(bound > 0, "bound", bound, "a batch that could be drawn: a bound above 0")
    _margins(margins)
    _same_pairs("reported", reported, margins)
    _same_pairs("found", found, margins)
    errors = [Fraction(r - a, m) for r, a, m in zip(reported, found, margins, strict=True)]
    return max(errors) / bound


def macro(taints: Iterable[Fraction], U: Fraction) -> Fraction:
    """Kaplan-Markov risk of batches drawn with chance u_p/U, with replacement, at most 1.

    p = prod (1 - 1/U)/(1 - t_p); a taint of 1 gives 1. U is the sum of all u_p.
    """
    require(U > 1, "U", U, "a total bound above 1; below it no outcome can be wrong")
    listed = list(taints)
    require(len(listed) > 0, "taints", 0, "at least one drawn batch")
    require(max(listed) <= 1, "taints", max(listed), "taints of at most 1")
    if max(listed) == 1:
        return Fraction(1)
    return min(Fraction(1), math.prod(((1 - 1 / U) / (1 - t) for t in listed), start=Fraction(1)))


def macro_size(U: Fraction, alpha: object) -> int:
    """Clean draws needed: the least n with (1 - 1/U)^n <= alpha, exactly."""
    require(U > 1, "U", U, "a total bound above 1")
    limit, step = risk_limit(alpha), 1 - 1 / U
    n = max(0, math.floor(math.log(limit) / math.log(step)) - 1)
    while step**n > limit:
        n += 1
    return n


def _margins(margins: Sequence[int]) -> None:
    require(len(margins) > 0, "margins", 0, "the margin of at least one pair")
    for margin in margins:
        require_whole("margins", margin, 1)


def _same_pairs(argument: str, counts: Sequence[int], margins: Sequence[int]) -> None:
    """One whole number for each pair that has a margin."""
    right = len(counts) == len(margins) and all(type(c) is int for c in counts)
    require(right, argument, list(counts), f"a whole number for each of {len(margins)} pairs")


def _margin_and_gamma(V: object, g: object) -> tuple[Fraction, Fraction]:
    margin, gamma = rational(V, "V"), rational(g, "g")
    require(gamma > 1, "g", g, "an inflation factor above 1")
    require(0 < margin <= 2, "V", V, "a diluted margin above 0 and at most 2")
    return margin, gamma


def _shifts(gamma: Fraction, found: Discrepancies) -> list[tuple[Fraction, int]]:
    """What each kind of discrepancy divides the risk by, and how many there are."""
    half, whole = 1 / (2 * gamma), 1 / gamma
    return [(1 - half, found.o1), (1 - whole, found.o2), (1 + half, found.u1), (1 + whole, found.u2)]


def _ln(value: Fraction) -> Decimal:
    return _LOGS.ln(_LOGS.divide(Decimal(value.numerator), Decimal(value.denominator)))
