"""What the reading says about all envelopes: an estimate, a bound that fits the design, and their meaning.

For the officer who must state the result and for the statistician who checks it. The estimate is what the
sample points to; the bound is what it rules out. The bound of a design is used for that design only.
"""

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction

import msgspec

from tallybook.envelopes.boxes import OUTCOMES, Box, Reading
from tallybook.envelopes.designs import DESIGNS, told
from tallybook.envelopes.strata import Stratum, most_bad_in_strata
from tallybook.stats.bounds import Level, most_bad
from tallybook.stats.clusters import (
    Read,
    most_bad_by_shares,
    most_bad_in_sampled_boxes,
    most_bad_in_whole_boxes,
)
from tallybook.stats.errors import require

PARTED = (
    "Envelopes and ballots have parted: no ballot can be traced to an envelope, so this audit can change no "
    "vote and no count. It tests the registrars' work. What a court or the law makes of it is for them."
)


class Measured(msgspec.Struct, frozen=True):
    """The result. `found`: envelopes by outcome. `at_most`: bound on all that cannot be verified.

    estimate: of all envelopes, how many cannot be verified. single: the bound that a simple random sample
    would give, in designs of boxes only; it is wrong for boxes and shown to be corrected.
    """

    design: str
    units: int
    read: int
    found: tuple[tuple[str, int], ...]
    bad: int
    estimate: Fraction
    at_most: int
    alpha: str
    says: tuple[str, ...]
    single: int | None = None


def measure(
    design: str, boxes: Sequence[Box], readings: Sequence[Reading], alpha: Level, margin: int | None = None
) -> Measured:
    """The estimate and the upper bound for the envelopes not verified, by the design that was drawn.

    readings: as `read_readings` gives them, without problems; one for each box of which anything was read.
    In the design of boxes by size a box drawn twice stands twice (`times`), and is read in full.
    alpha: the error allowed, such as "0.01". margin: votes, to compare with.
    """
    require(design in DESIGNS, "design", design, f"one of {', '.join(DESIGNS)}")
    require(len(readings) > 0, "readings", 0, "at least one box read")
    units = sum(one.envelopes for one in boxes)
    read, bad = sum(r.read for r in readings), sum(r.not_verified for r in readings)
    estimate, at_most = by_design(design, boxes, readings, alpha)
    single = most_bad(bad, read, units, alpha) if design.startswith("boxes") else None
    found = tuple((name, sum(r.outcomes[name] for r in readings)) for name in OUTCOMES)
    says = sentences(units, read, bad, estimate, at_most, single, alpha, margin)
    return Measured(design, units, read, found, bad, estimate, at_most, str(alpha), says, single)


def by_design(
    design: str, boxes: Sequence[Box], readings: Sequence[Reading], alpha: Level
) -> tuple[Fraction, int]:
    """(estimate, upper bound) of the envelopes not verified."""
    units = sum(one.envelopes for one in boxes)
    read, bad = sum(r.read for r in readings), sum(r.not_verified for r in readings)
    if design == "simple":
        return Fraction(units * bad, read), most_bad(bad, read, units, alpha)
    if design == "by_county":
        strata = strata_of(boxes, readings)
        sampled = [one for one in strata if one.read]
        estimate = sum((Fraction(s.size * s.bad, s.read) for s in sampled), Fraction(0))
        return estimate, most_bad_in_strata(strata, alpha)
    drawn = reads(boxes, readings)
    if design == "boxes_by_size":
        share = sum((Fraction(one.bad, one.read) for one in drawn), Fraction(0)) / len(drawn)
        return units * share, most_bad_by_shares(drawn, units, alpha)
    totals = sum((Fraction(one.size * one.bad, one.read) for one in drawn), Fraction(0))
    estimate = totals * len(boxes) / len(drawn)
    opened = {(r.county, r.box) for r in readings}
    others = [one.envelopes for one in boxes if (one.county, one.id) not in opened]
    whole = all(one.read == one.size for one in drawn)
    bound = most_bad_in_whole_boxes if whole else most_bad_in_sampled_boxes
    return estimate, bound(drawn, others, alpha)


def reads(boxes: Sequence[Box], readings: Sequence[Reading]) -> list[Read]:
    sizes = {(one.county, one.id): one.envelopes for one in boxes}
    return [Read(sizes[r.county, r.box], r.read, r.not_verified) for r in readings for _ in range(r.times)]


def strata_of(boxes: Sequence[Box], readings: Sequence[Reading]) -> list[Stratum]:
    """One stratum for each county, those of which nothing was read as well."""
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for box in boxes:
        totals[box.county][0] += box.envelopes
    for one in readings:
        totals[one.county][1] += one.read
        totals[one.county][2] += one.not_verified
    return [Stratum(*numbers) for numbers in totals.values()]


def against_margin(at_most: int, margin: int) -> str:
    """The bound beside the margin, in a sentence that claims no more than it can."""
    if at_most < margin:
        return (
            f"Even if each of {at_most:,} envelopes at the bound had been accepted wrongly, and every ballot "
            f"in them had gone to one candidate, they would be fewer than the margin of {margin:,} votes."
        )
    return (
        f"The bound of {at_most:,} is not below the margin of {margin:,} votes: this sample cannot rule "
        "out that as many envelopes as the margin cannot be verified. That is a limit of the sample, "
        "not a finding."
    )


def sentences(
    units: int,
    read: int,
    bad: int,
    estimate: Fraction,
    at_most: int,
    single: int | None,
    alpha: Level,
    margin: int | None,
) -> tuple[str, ...]:
    said = [
        f"{read:,} of {units:,} envelopes were read; {bad:,} could not be verified.",
        f"The sample points to {round(estimate):,} of all. At most {at_most:,} of all cannot be verified: "
        f"if more could not, a sample showing as few as this would have a chance of at most {told(alpha)}.",
    ]
    if single is not None and single < at_most:
        said.append(
            f"A sample of single envelopes would claim at most {single:,}. These were drawn by boxes, where "
            "bad envelopes may lie together, so that claim is not available."
        )
    if margin is not None:
        said.append(against_margin(at_most, margin))
    return (*said, PARTED)
