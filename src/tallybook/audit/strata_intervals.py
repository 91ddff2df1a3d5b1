"""Between which values the true points of several strata lie, and how many errors their audit would bear.

For the official who is asked "how sure is the margin?" and "how much more could have been wrong?". The union
test of ``strata`` is asked about shifted nulls, "the points are at most t": its p-value grows with t, so
bisection finds the least points that are not rejected. The most points come from the same numbers counted
from the top.

For each share the product of the strata's wealths is a nonnegative martingale while draws are added to one
stratum or another by any rule that looks at the past alone. By Ville's inequality the intervals of all looks
therefore hold together, and each may be cut down to what the earlier ones left (Spertus, Sridhar and Stark
2024, section 3; Waudby-Smith and Ramdas 2024, section 3, for turning tests round).
"""

import math
from collections.abc import Sequence
from fractions import Fraction

import msgspec
import numpy as np

from tallybook.audit.evidence import Part
from tallybook.audit.measuring import Between, lowered, most_borne, speaking_for
from tallybook.audit.strata import together, union_risk
from tallybook.stats.certainty import risk_limit
from tallybook.stats.strata import curve_of, minimise

GAP = 1e-6
"""How close, in proportion, the certified bound of a p-value is brought to it: an end of an interval may lie
that much further out, never further in."""


def points_between_strata(parts: Sequence[Part], limit: object, outside_points: int = 0) -> Between:
    """A confidence interval for the true points of all strata, and of cards outside them at their worst.

    It misses with a chance of at most ``limit``, at this look and all others together; whole points, rounded
    outwards. The most is None where a stratum says nothing from above (batches).
    """
    alpha = risk_limit(limit) / 2
    low = _least_points(parts, alpha, outside_points)
    if any(part.capped for part in parts):
        return low, None
    return low, -_least_points([_turned(part) for part in parts], alpha, -outside_points)


def points_at_looks(
    looks: Sequence[Sequence[Part]], limit: object, outside_points: int = 0
) -> tuple[Between, ...]:
    """The interval after each look, cut down to what the earlier ones left. Each look holds the one before.

    All of them hold together with a chance of at least 1 - ``limit``. Empty (least above most) only where
    the numbers contradict themselves, with at most that chance.
    """
    found: list[Between] = []
    for parts in looks:
        low, high = points_between_strata(parts, limit, outside_points)
        if found:
            before = found[-1]
            low = max(low, before[0])
            high = before[1] if high is None or before[1] is None else min(high, before[1])
        found.append((low, high))
    return tuple(found)


def withstands_in_strata(
    parts: Sequence[Part], at: int, right: int, size: int, limit: object, outside_points: int = 0
) -> int | None:
    """How many draws of stratum ``at`` could have been lower by ``size`` points, with the limit still met.

    right: the number from which a draw of the stratum speaks for the assertion. None: not met as it is.
    """
    alpha, part = risk_limit(limit), parts[at]
    good = speaking_for(part, right)

    def is_met(errors: int) -> bool:
        changed = [*parts]
        changed[at] = lowered(part, good[:errors], size * part.unit)
        return Fraction(union_risk(changed, outside_points).p) <= alpha

    return most_borne(is_met, len(good))


def _least_points(parts: Sequence[Part], alpha: Fraction, outside_points: int) -> int:
    """The least points that are not rejected: bisection, as the p-value of "at most t" grows with t."""
    unit = math.lcm(*(part.unit for part in parts))
    strata, B = together(parts, outside_points)
    curves = [curve_of(stratum) for stratum in strata]
    seen, room = sum(c.low for c in curves), sum(c.high for c in curves)
    low, high = -((B - seen) // unit) - 1, -((B - room) // unit)
    while high - low > 1:  # at low less than was seen; at high all that there can be
        middle = (low + high) // 2
        is_rejected = Fraction(minimise(curves, B + unit * middle - seen, GAP).p) <= alpha
        low, high = (middle, high) if is_rejected else (low, middle)
    return high


def _turned(part: Part) -> Part:
    """The same numbers counted from the top: they speak of the points with the other sign."""
    x = part.top - np.asarray(part.x)
    return msgspec.structs.replace(part, x=x, offset=part.top * part.N - part.offset)
