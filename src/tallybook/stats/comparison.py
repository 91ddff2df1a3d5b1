"""Numbers built from differences: how far each drawn item falls short of what was reported for it.

A reported value less the value found is an overstatement w in [-u, u]. With v = 2 (reported mean) - 1,
the overstatement assorter B = (1 - w/u)/(2 - v/u) has mean above 1/2 exactly when the true mean is above
1/2. Divided by its no-error value that is x = 1 - w/u in [0, 2] against the null mean t = 1 - v/(2u):
the same test on a coarser lattice, with 1 for "no error" whatever the margin.
Sources: Stark 2020 (SHANGRLA), section 3.2; Spertus 2023 (COBRA), section 2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from tallybook.stats.default_bet import Prior
from tallybook.stats.errors import require
from tallybook.stats.lattice import Null, rational


def comparison_null(v: object, u: object, unit: object, N: int | None) -> Null:
    """The null for x = 1 - w/u: mean at most 1 - v/(2u), on a lattice that holds every multiple of unit/u.

    v     reported margin of the mean, 0 < v < 2u; for a vote margin M over N cards v = M/N
    u     upper bound of the assorter; ``unit`` the step of its values (1/2 for votes)
    """
    margin, bound, step = rational(v, "v"), rational(u, "u"), rational(unit, "unit")
    require(bound > 0, "u", u, "a bound above 0")
    require(0 < margin < 2 * bound, "v", v, f"a margin above 0 and below {2 * bound}")
    require(step > 0, "unit", unit, "a step above 0")
    t, stride = 1 - margin / (2 * bound), step / bound
    d = math.lcm(t.denominator, stride.denominator)
    return Null(t=int(t * d), u=2 * d, N=N, d=d)


def comparison_number(w: object, u: object, null: Null) -> int:
    """The numerator of 1 - w/u on the lattice of ``comparison_null``; w is the overstatement."""
    over, bound = rational(w, "w"), rational(u, "u")
    require(bound > 0, "u", u, "a bound above 0")
    require(abs(over) <= bound, "w", w, f"an overstatement between {-bound} and {bound}")
    x = (1 - over / bound) * null.d
    require(x.denominator == 1, "w", w, "a multiple of the lattice's unit")
    return int(x)


def comparison_prior(null: Null, rates: Sequence[tuple[object, object]], weight: int = 10_000) -> Prior:
    """The prior of the default bet: expected rates of overstatements, weighing ``weight`` draws in all.

    rates: pairs (w/u, rate). Each weight is rounded up and at least 1, so that no error is thought
    impossible; no error takes the rest. A full overstatement (w/u = 1) is always included.
    """
    require(type(weight) is int and weight >= 1, "weight", weight, "a whole weight of at least 1")
    expected = {Fraction(1): Fraction(0)} | {rational(w, "w"): rational(r, "rate") for w, r in rates}
    require(Fraction(0) not in expected, "rates", 0, "errors other than 0")
    require(all(r >= 0 for r in expected.values()), "rates", rates, "rates of at least 0")
    weights = {comparison_number(w, 1, null): max(1, math.ceil(r * weight)) for w, r in expected.items()}
    rest = weight - sum(weights.values())
    require(rest >= 1, "rates", rates, "rates that leave draws without error")
    values = sorted(weights)
    return Prior((null.d, *values), (rest, *(weights[v] for v in values)))


def overstatement_value(w: object, v: object, u: object) -> Fraction:
    """B = (1 - w/u)/(2 - v/u), the overstatement assorter itself (SHANGRLA equation 3.2)."""
    over, margin, bound = rational(w, "w"), rational(v, "v"), rational(u, "u")
    require(bound > 0, "u", u, "a bound above 0")
    require(margin < 2 * bound, "v", v, "a margin below twice the bound")
    require(abs(over) <= bound, "w", w, f"an overstatement between {-bound} and {bound}")
    return (1 - over / bound) / (2 - margin / bound)


def mean_with_errors(v: object, u: object, half: object, whole: object) -> Fraction:
    """The mean of B when shares ``half`` and ``whole`` of the items overstate by u/2 and u."""
    half_rate, whole_rate = rational(half, "half"), rational(whole, "whole")
    require(0 <= half_rate <= 1, "half", half, "a share between 0 and 1")
    require(0 <= whole_rate <= 1 - half_rate, "whole", whole, f"a share between 0 and {1 - half_rate}")
    return (1 - half_rate / 2 - whole_rate) * overstatement_value(0, v, u)
