"""What a published sentence such as "15,118 of 150,431 read, two not verified, 99%" can and cannot mean.

For the reader of a report that does not give its boxes. The bound for single envelopes is computed to be
named as what it is. The bounds for boxes are computed for several sizes of boxes, since the size was not
published; each is valid for boxes drawn at random, of that size, read in full, and for nothing else.
"""

from collections.abc import Sequence
from fractions import Fraction

import msgspec

from tallybook.envelopes.designs import told
from tallybook.envelopes.measuring import PARTED
from tallybook.stats.bounds import Level, highest_count, level, most_bad
from tallybook.stats.clusters import equal_boxes, most_bad_in_whole_boxes
from tallybook.stats.errors import require
from tallybook.stats.survey import size_for_margin

SIZES = (25, 50, 100, 250, 500, 1000)


class Claim(msgspec.Struct, frozen=True):
    """What the figures allow. `by_boxes`: (envelopes in a box, the bound for boxes of that size)."""

    units: int
    read: int
    bad: int
    single: int
    poisson: int
    by_boxes: tuple[tuple[int, int], ...]
    says: tuple[str, ...]


def published(units: int, read: int, bad: int, alpha: Level, sizes: Sequence[int] = SIZES) -> Claim:
    """The bounds that the figures would allow: for single envelopes, and for boxes of several sizes."""
    require(0 <= bad <= read <= units and read > 0, "read", read, f"{bad} to {units}")
    single = most_bad(bad, read, units, alpha)
    poisson = (highest_count(bad, alpha) * Fraction(units, read)).__floor__()
    boxes = tuple((size, in_boxes(units, read, bad, alpha, size)) for size in sizes if size <= read)
    return Claim(units, read, bad, single, poisson, boxes, sentences(units, read, bad, single, boxes, alpha))


def in_boxes(units: int, read: int, bad: int, alpha: Level, size: int) -> int:
    """The bound if the boxes held `size` each and every bad envelope lay in a box of its own."""
    drawn, others = equal_boxes(units, read, size, {1: bad})
    return most_bad_in_whole_boxes(drawn, others, alpha)


def textbook_size(units: int, confidence: Fraction, points: Fraction) -> int:
    """The usual textbook size for a share within `points` at one half, with the finite correction.

    n = n0 / (1 + (n0 - 1) / N), Cochran (1977), section 4.4. For opinion polls; it bounds no rare event.
    """
    n0 = size_for_margin(float(points), 1.0, float(confidence))
    return -((-n0 * units) // (units + n0 - 1))


def sentences(
    units: int, read: int, bad: int, single: int, boxes: Sequence[tuple[int, int]], alpha: Level
) -> tuple[str, ...]:
    sure = told(1 - level(alpha))
    said = [
        f"{bad:,} of {read:,} read could not be verified; {units:,} were accepted in all.",
        f"Had the envelopes been drawn singly: at most {single:,} of all, at {sure}.",
    ]
    if boxes:
        listed = "; ".join(f"boxes of {size:,}: at most {bound:,}" for size, bound in boxes)
        said.append(f"Had whole boxes been drawn, each such envelope in a box of its own: {listed}.")
    said.append(
        f'"{sure}" is not the share of signatures that are right, nor the chance that the result is right. '
        "It can only mean that a stated bound is missed in at most so many samples in a hundred, and the "
        "bound depends on how envelopes were drawn. Without the boxes, no one number follows."
    )
    return (*said, PARTED)
