"""How many bad units a population can hold, when whole clusters (boxes, bundles) were drawn.

For whoever must judge a sample of units that came out of randomly chosen boxes.  Bad units may lie
together: one box that was not opened can hide as many as it holds.  So a bound for single units, drawn
one by one, claims too much here; `simple_claim` computes it so that it can be named as what it is.

Three designs, three bounds, each valid whatever the boxes hold and however unequal they are.  The design
and the bound MUST be chosen before anything is read.
* Boxes drawn without replacement and read in full: most_bad_in_whole_boxes.
* Boxes drawn without replacement, a simple random sample read in each: most_bad_in_sampled_boxes.
* Boxes drawn with replacement in proportion to their size, read in full or in part: most_bad_by_shares.

Cochran, Sampling Techniques, 3rd ed. (1977), chapters 9A and 10, for the designs; exact hypergeometric
tails and products of bounded numbers (see `confidence`) for the bounds, since normal theory fails for
rare events.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tallybook.stats.bounds import Level, level, most_bad
from tallybook.stats.confidence import log_wealth, p_from_log
from tallybook.stats.errors import require, require_whole


@dataclass(frozen=True, slots=True)
class Read:
    """What was found in one drawn cluster: `bad` of `read` units, of the `size` units that it holds."""

    size: int
    read: int
    bad: int


@dataclass(frozen=True, slots=True)
class SimpleClaim:
    """Two bounds on the bad units: what the clusters allow, and what a simple random sample would claim."""

    valid: int
    claimed: int

    @property
    def is_overstated(self) -> bool:
        """Does the simple bound claim more than the clusters allow?"""
        return self.claimed < self.valid


def most_bad_in_whole_boxes(drawn: Sequence[Read], others: Sequence[int], alpha: Level) -> int:
    """Upper bound on all bad units: a simple random sample of boxes, each read in full.

    others: the sizes of the boxes that were not drawn.  How many boxes hold any bad unit is bounded by
    the exact hypergeometric tail; the unseen ones of these are taken to be the largest, and all bad.
    """
    check_reads(drawn, others)
    require(all(one.read == one.size for one in drawn), "drawn", drawn, "boxes read in full")
    touched = sum(one.bad > 0 for one in drawn)
    boxes = most_bad(touched, len(drawn), len(drawn) + len(others), alpha)
    return sum(one.bad for one in drawn) + sum(sorted(others, reverse=True)[: boxes - touched])


def most_bad_in_sampled_boxes(drawn: Sequence[Read], others: Sequence[int], alpha: Level) -> int:
    """Upper bound on all bad units: a simple random sample of boxes, a simple random sample in each.

    size * bad / read estimates each box without bias, between 0 and the largest size L.  Each factor
    1 + c (m - estimate) / (L - m), m the mean number bad per box, falls as its estimate grows; numbers
    drawn without replacement are negatively associated (Joag-Dev and Proschan, Ann. Statist. 11 (1983)
    286-295), so the expected product is at most 1 if the mean is m or more.  By Markov's inequality m is
    rejected where the product reaches 1/alpha.  Holds for the planned number of boxes, not at every look.
    """
    check_reads(drawn, others)
    sizes = [*others, *(one.size for one in drawn)]
    estimates = [Fraction(one.size * one.bad, one.read) for one in drawn]
    return most_by_product(estimates, max(sizes), len(sizes), sum(sizes), alpha)


def most_bad_by_shares(drawn: Sequence[Read], units: int, alpha: Level) -> int:
    """Upper bound on all bad units: boxes drawn with replacement in proportion to their size.

    A box drawn twice stands twice, with a fresh sample in it each time unless read in full.  bad / read
    then estimates the share of bad units among all without bias, in every draw, independently.
    units: how many there are in all boxes together.
    """
    check_reads(drawn, ())
    require_whole("units", units, max(one.size for one in drawn))
    shares = [Fraction(one.bad, one.read) for one in drawn]
    return most_by_product(shares, 1, units, units, alpha)


def simple_claim(valid: int, drawn: Sequence[Read], units: int, alpha: Level) -> SimpleClaim:
    """The valid bound beside the one that a simple random sample of as many units would give.

    The second is wrong for boxes.  It is published only to be corrected.
    """
    check_reads(drawn, ())
    require_whole("units", units, sum(one.read for one in drawn))
    require_whole("valid", valid, 0, units)
    bad, read = sum(one.bad for one in drawn), sum(one.read for one in drawn)
    return SimpleClaim(valid, most_bad(bad, read, units, alpha))


def equal_boxes(
    units: int, read: int, size: int, bad_boxes: Mapping[int, int]
) -> tuple[list[Read], list[int]]:
    """A made-up design for planning: boxes of one size, read in full, of which some hold bad units.

    bad_boxes: bad units in a box -> how many drawn boxes hold so many.  A last box may be smaller.
    Gives the boxes drawn and the sizes of the others.
    """
    require_whole("units", units, 1)
    require_whole("read", read, 1, units)
    require_whole("size", size, 1, units)
    number = -(-read // size)
    for held, boxes in bad_boxes.items():
        require_whole("bad_boxes", held, 0, size)
        require_whole("bad_boxes", boxes, 0, number)
    require(
        sum(bad_boxes.values()) <= number, "bad_boxes", dict(bad_boxes), f"at most the {number} boxes read"
    )
    found = sorted((bad for bad, boxes in bad_boxes.items() for _ in range(boxes)), reverse=True)
    sizes = [size] * (number - 1) + [min(size, units - (number - 1) * size)]
    bad = [*found, *[0] * (number - len(found))]
    require(
        bad[-1] <= sizes[-1], "bad_boxes", dict(bad_boxes), f"at most {sizes[-1]} in the last, smaller box"
    )
    drawn = [Read(box, box, wrong) for box, wrong in zip(sizes, bad, strict=True)]
    left = units - sum(sizes)
    return drawn, [size] * (left // size) + ([left % size] if left % size else [])


def most_by_product(x: Sequence[Fraction], top: int, N: int, most: int, alpha: Level) -> int:
    """The largest total of N numbers 0..top, at most `most`, whose mean the numbers x do not reject."""
    a = level(alpha)
    scale = math.lcm(*(one.denominator for one in x)) if x else 1
    missing = [int((top - one) * scale) for one in x]

    def is_possible(total: int) -> bool:
        due = (top - Fraction(total, N)) * scale
        return Fraction(last_p_value(missing, due)) > a

    low, high = -1, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if is_possible(middle) else (low, middle - 1)
    return max(low, 0)


def last_p_value(x: Sequence[int], t: Fraction) -> float:
    """p-value of "the mean is at most t" from the product after all of x, not the best on the way."""
    path = (0.0, *log_wealth(x, None, t))
    return p_from_log(path[-1])


def check_reads(drawn: Sequence[Read], others: Sequence[int]) -> None:
    require(len(drawn) > 0, "drawn", 0, "at least one box")
    for one in drawn:
        require_whole("drawn", one.size, 1)
        require(0 <= one.bad <= one.read <= one.size and one.read >= 1, "drawn", one, "bad <= read <= size")
    bad = next((size for size in others if type(size) is not int or size < 1), None)
    require(bad is None, "others", bad, "sizes of 1 or more")
