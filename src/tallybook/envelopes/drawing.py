"""Which envelopes or boxes are drawn: by the seed and the boxes' labels alone (docs/spec/draw.md).

For whoever draws in public and for whoever draws again. An envelope is named by its county, its box and its
place in the box, counted from the front; it has no other number here. The list of boxes must be published
before the seed is rolled.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from tallybook.envelopes.boxes import Box
from tallybook.stats.draws import draw_by_weight, draw_without_replacement, join_parts

STREAM = "signature audit boxes"


class Drawn(msgspec.Struct, frozen=True):
    """One drawn envelope, or a whole box (`place` 0). `ticket` is empty in draws by size.

    times: how often it was drawn, more than once only in draws by size.
    """

    county: str
    box: str
    place: int
    ticket: str
    times: int = 1


def draw_simple(seed: str, boxes: Sequence[Box], n: int) -> tuple[Drawn, ...]:
    """n single envelopes from all boxes, in the order of the draw."""
    return tuple(
        parted(one.ticket, one.item) for one in draw_without_replacement(seed, envelopes_of(boxes), n)
    )


def draw_by_county(seed: str, boxes: Sequence[Box], sizes: Mapping[str, int]) -> tuple[Drawn, ...]:
    """sizes[county] single envelopes of each county, in the order of the draw within the county."""
    drawn: list[Drawn] = []
    for county in sorted(sizes):
        drawn += draw_simple(seed, [one for one in boxes if one.county == county], sizes[county])
    return tuple(drawn)


def draw_boxes(seed: str, boxes: Sequence[Box], n: int, in_each: int = 0) -> tuple[Drawn, ...]:
    """n boxes, each equally likely; in_each: single envelopes of each (all where it has fewer), 0 for all."""
    names = {join_parts(one.county, one.id): one for one in boxes}
    chosen = draw_without_replacement(seed, names, n)
    if not in_each:
        return tuple(parted(one.ticket, one.item) for one in chosen)
    second = [(names[one.item], min(in_each, names[one.item].envelopes)) for one in chosen]
    return tuple(row for box, k in second for row in draw_simple(seed, [box], k))


def draw_boxes_by_size(seed: str, boxes: Sequence[Box], n: int) -> tuple[Drawn, ...]:
    """n draws of boxes with replacement, each with a chance in proportion to its envelopes."""
    weights = {join_parts(one.county, one.id): one.envelopes for one in boxes}
    times = Counter(draw_by_weight(seed, STREAM, weights, n))
    return tuple(msgspec.structs.replace(parted("", name), times=count) for name, count in times.items())


def envelopes_of(boxes: Sequence[Box]) -> list[str]:
    """The name of every envelope: its county, its box and its place from the front, from 1."""
    return [
        join_parts(one.county, one.id, str(place)) for one in boxes for place in range(1, one.envelopes + 1)
    ]


def parted(ticket: str, item: str) -> Drawn:
    county, box, *place = item.split("\n")
    return Drawn(county, box, int(place[0]) if place else 0, ticket)
