"""Card comparison: each drawn card is compared with the voting system's record of that very card.

A card's number is x = span - o, where o = (points recorded) - (points read) is its overstatement, from -span
to span. The recorded points of all N cards add up to G, so the true points are G minus all overstatements:
the numbers of all cards add up to N span - G + T, and the assertion holds exactly when that sum exceeds the
offset N span - G. Divided by span this is SHANGRLA's overstatement assorter (Stark 2020, section 3.2).
"""

import math
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

import msgspec
import numpy as np

from tallybook.audit.evidence import Ints, Lacking, Part, Scale, check_scale, points_of, reported_points
from tallybook.stats.errors import require

WEIGHT = 10_000


class ErrorRates(msgspec.Struct, frozen=True):
    """Errors expected per drawn card, for the bet and the plan.

    half: a vote read where none was recorded, or the reverse; full: a vote for the wrong choice. Halves of
    both signs, fulls of both signs. phantoms: cards that nobody will find.
    """

    half: Fraction = Fraction(1, 1_000)
    full: Fraction = Fraction(1, 10_000)
    phantoms: Fraction = Fraction(0)


USUAL = ErrorRates()


def comparison_part(
    scale: Scale,
    N: int,
    recorded_sum: int,
    recorded: Sequence[int] | Ints,
    found: Sequence[int] | Ints,
    lacking: Lacking,
    rates: ErrorRates = USUAL,
    replace: bool = False,
) -> Part:
    """The numbers of a compared sample.

    recorded_sum: the points G of all N records, phantoms (0 points each) included; recorded, found: the codes
    of the drawn cards, in the order of the draw; a phantom is recorded as 0 and found as NOT_FOUND.
    """
    check_scale(scale)
    require(len(recorded) == len(found), "found", len(found), f"a reading for each of {len(recorded)} cards")
    require(replace or len(found) <= N, "found", len(found), f"at most the {N} cards there are")
    require(0 < recorded_sum <= N * scale.most, "recorded_sum", recorded_sum, "a reported sum above 0")
    o = reported_points(scale, recorded) - points_of(scale, found, lacking)
    return overstatement_part(scale.span, N, recorded_sum, o, comparison_prior(scale, rates), replace)


def overstatement_part(
    span: int, N: int, recorded_sum: int, o: Ints, prior: dict[int, int], replace: bool = False
) -> Part:
    """The numbers of drawn cards whose overstatements o (n,) are known."""
    return Part(span - o, 2 * span, N, N * span - recorded_sum, prior=prior, replace=replace)


def comparison_prior(scale: Scale, rates: ErrorRates = USUAL) -> dict[int, int]:
    """Every possible number with a weight of at least 1 draw in 10,000; no error takes the rest.

    A card without a record that is not found overstates by -least.
    """
    span = scale.span
    weights = dict.fromkeys(range(2 * span + 1), 1)
    for size in {scale.most, -scale.least}:
        weights[span - size] += math.ceil(WEIGHT * rates.half)
        weights[span + size] += math.ceil(WEIGHT * rates.half)
    weights[0] += math.ceil(WEIGHT * rates.full)
    weights[span + scale.least] += math.ceil(WEIGHT * rates.phantoms)
    weights[span] = 0
    weights[span] = max(1, WEIGHT - sum(weights.values()))
    return weights


def overstatements(part: Part) -> dict[int, int]:
    """How many drawn cards overstate by how many points (understate: below 0); errorless cards left out."""
    span = part.top // 2
    found = Counter((span - np.asarray(part.x)).tolist())
    return {o: n for o, n in sorted(found.items()) if o != 0}
