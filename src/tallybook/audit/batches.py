"""Batch comparison: the hand count of a batch against the votes reported for it.

Batches are drawn with replacement, each in proportion to its bound: the most that its error could take from
any assertion, as a share of that assertion's margin (MACRO: Stark 2008, 2010). One draw serves every
assertion. For each assertion the drawn batch's **taint** is its error over its bound; the number is one less
the taint, in steps of 2**-20, rounded down, at most 2: rounding and capping only weaken the evidence.

Votes in no batch (pending, or on cards of no manifest) count against the assertion in full. Batches that were
counted together are one unit with the sum of their bounds, which is valid where their mixing is a fact of the
paper and not a choice made after the draw.
"""

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

import msgspec
import numpy as np

from tallybook.audit.evidence import Part
from tallybook.stats.errors import require

STEPS = 2**20
"""Lattice units of a taint."""
CLEAN, DIRTY = 9_990, 10
"""The prior: 999 clean draws of a thousand; the others spread over four sizes of taint."""


class Bounds(msgspec.Struct, frozen=True):
    """What may be drawn, with whole weights; ``scale`` of them make the whole margin of every assertion.

    weights  unit (a batch, or several counted together) -> weight; the draw is in proportion
    members  unit -> its batches
    """

    weights: Mapping[str, int]
    scale: int
    members: Mapping[str, tuple[str, ...]]

    @property
    def U(self) -> Fraction:
        """The sum of all bounds, in margins: below 1 no error could change the outcome."""
        return Fraction(sum(self.weights.values()), self.scale)


def batch_margin(points: Sequence[int], least: int, unbatched_cards: int = 0) -> int:
    """The points by which an assertion holds in the batches, if everything outside them spoke against it.

    points: reported points of each batch; least: the points of the worst card. At 0 or below only a full
    count can show anything. A sound form of "the margin less what is pending and what cannot be audited".
    """
    require(unbatched_cards >= 0, "unbatched_cards", unbatched_cards, "at least 0 cards")
    return sum(points) + least * unbatched_cards


def batch_bounds(
    points: Sequence[Mapping[str, int]],
    cards: Mapping[str, int],
    least: Sequence[int],
    margins: Sequence[int],
    most_cards: int = 1,
) -> Bounds:
    """The weights of all batches for several assertions at once.

    points[a]: batch -> reported points under assertion a; least[a]: points of the worst card; margins[a] as
    ``batch_margin`` gives it. A batch's bound under a is (points - least * cards)/margin, at least 0; its
    weight is the largest over the assertions, over the common denominator. ``most_cards`` cards a ballot.
    """
    require(all(m > 0 for m in margins), "margins", list(margins), "margins above 0; else count in full")
    require(most_cards >= 1, "most_cards", most_cards, "at least one card a ballot")
    scale = math.lcm(*margins)
    weights = {
        batch: max(
            max(0, row.get(batch, 0) - low * size * most_cards) * (scale // margin)
            for row, low, margin in zip(points, least, margins, strict=True)
        )
        for batch, size in cards.items()
    }
    return Bounds(weights, scale, {batch: (batch,) for batch in cards})


def combined(bounds: Bounds, groups: Mapping[str, Sequence[str]]) -> Bounds:
    """The same with some batches counted together: one unit a group, under the group's name."""
    gone = [batch for batches in groups.values() for batch in batches]
    require(len(gone) == len(set(gone)), "groups", gone, "each batch in one group at most")
    missing = [batch for batch in gone if batch not in bounds.weights]
    require(not missing, "groups", missing[:3], "batches of the manifest")
    kept = {unit: weight for unit, weight in bounds.weights.items() if unit not in set(gone)}
    clash = sorted(kept.keys() & groups.keys())
    require(not clash, "groups", clash[:3], "names that no other batch has")
    sums = {name: sum(bounds.weights[one] for one in batches) for name, batches in groups.items()}
    members = {unit: bounds.members[unit] for unit in kept} | {g: tuple(b) for g, b in groups.items()}
    return Bounds(kept | sums, bounds.scale, members)


def batch_part(
    bounds: Bounds,
    margin: int,
    least: int,
    drawn: Sequence[str],
    errors: Mapping[str, int],
    unbatched: int = 0,
) -> Part:
    """The numbers of drawn units for one assertion.

    margin: as ``batch_margin``; errors: unit -> reported points less points found in it. N is the total
    bound U margin in points, rounded up; the points of ``unbatched`` cards are left to ``outside``.
    """
    N = -(-sum(bounds.weights.values()) * margin // bounds.scale)
    numbers = [number_of(bounds, N, unit, errors) for unit in drawn]
    reported = margin - least * unbatched
    x = np.array(numbers, dtype=np.int64)
    return Part(x, 2 * STEPS, N, (N - reported) * STEPS, STEPS, prior(), replace=True, capped=True)


def number_of(bounds: Bounds, N: int, unit: str, errors: Mapping[str, int]) -> int:
    """One less the taint of a drawn unit, in lattice units, rounded down and capped at 2.

    The taint is the error over the unit's share of the total bound N, so that its mean is (all errors)/N.
    """
    require(unit in errors, "errors", unit, "a hand count of every drawn batch")
    require(bounds.weights.get(unit, 0) > 0, "drawn", unit, "a batch that could be drawn")
    taint = Fraction(errors[unit] * sum(bounds.weights.values()), bounds.weights[unit] * N)
    require(taint <= 1, "errors", errors[unit], f"an error that batch {unit} could hold")
    return max(0, min(2 * STEPS, math.floor((1 - taint) * STEPS)))


def prior() -> dict[int, int]:
    """Clean draws mostly, and a few of every size."""
    sizes = (1, 4, 32, 256)
    return {STEPS: CLEAN} | {STEPS - STEPS // s: max(1, DIRTY * s // sum(sizes)) for s in sizes}
