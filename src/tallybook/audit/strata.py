"""Several strata, each with its own kind of evidence, under one risk limit.

The null says: the numbers of all parts add up to at most the sum of their offsets (``evidence``). How that
sum is shared among the strata nobody knows; the p-value is the largest over all shares, certified from above
(``stats.strata``; Spertus, Sridhar and Stark 2024). Stakes are a fixed mixture, bold to timid, so that they
do not depend on the share. A stratum read in full enters with its exact sum.
"""

import math
from collections.abc import Sequence
from fractions import Fraction

import msgspec
import numpy as np

from tallybook.audit.evidence import Part
from tallybook.stats.strata import BOLD_TO_TIMID, Stratum, mixed_stakes, union_p
from tallybook.stats.strata_certainty import union_at_most_proven

NEAR = Fraction(1, 10**6)
"""How close to its limit, in proportion, a risk in doubles leaves the decision to exact arithmetic."""


class UnionRisk(msgspec.Struct, frozen=True):
    """The certified p-value of several strata; ``hardest``: the share of the sum hardest to reject."""

    p: float
    least: float
    hardest: tuple[float, ...]


def union_risk(parts: Sequence[Part], outside_points: int = 0) -> UnionRisk:
    """The p-value of "the assertion is false" over all parts and the cards outside (at most 0 points)."""
    strata, B = together(parts, outside_points)
    if B < 0:
        return UnionRisk(0.0, 0.0, tuple(0.0 for _ in parts))
    answer = union_p(strata, B)
    return UnionRisk(answer.p, answer.least, answer.totals)


def union_is_met(parts: Sequence[Part], p: float, alpha: Fraction, outside_points: int = 0) -> bool:
    """Is the risk of several strata at most alpha? p: as ``union_risk`` found it, in doubles.

    Within a millionth of the limit the doubles do not decide: interval and rational arithmetic do
    (``stats.strata_certainty``; docs/spec/risk.md, section 10.5).
    """
    if abs(Fraction(p) / alpha - 1) > NEAR:
        return Fraction(p) <= alpha
    strata, B = together(parts, outside_points)
    return B < 0 or union_at_most_proven(strata, B, alpha)


def together(parts: Sequence[Part], outside_points: int) -> tuple[list[Stratum], int]:
    """All parts on one lattice, and the most that their numbers add up to if the points are not above 0."""
    unit = math.lcm(*(part.unit for part in parts))
    B = sum(part.offset * (unit // part.unit) for part in parts) - unit * outside_points
    return [_stratum(part, unit) for part in parts], B


def _stratum(part: Part, unit: int) -> Stratum:
    scale = unit // part.unit
    x = np.asarray(part.x) * scale
    return Stratum(x, part.top * scale, part.N, mixed_stakes(BOLD_TO_TIMID, len(x)), part.replace)
