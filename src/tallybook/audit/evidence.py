"""The one shape of evidence: how a sample of cards or batches becomes whole numbers with a known sum.

For the statistician. An assertion gives every card a whole number of **points**, from ``least`` (below 0) to
``most`` (above 0), and claims that all cards together have more than 0 (``assertions``). Whatever is read, by
polling, comparison, pools or batches, becomes a ``Part``: numbers x in 0..top, drawn in order, of a
population of N numbers whose sum is tied to the points T of the part's cards by

    unit * T >= (sum of all N numbers) - offset.

So "no points" implies "the numbers add up to at most the offsets", for one part or for several strata at
once; that is the null hypothesis that ``measuring`` and ``strata`` test. SHANGRLA (Stark 2020), sections 2
and 3.2; ONEAudit (Stark 2023); MACRO (Stark 2010), all in whole numbers.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from tallybook.audit.assorters import Assorter
from tallybook.stats.draws import ConsistentSample
from tallybook.stats.errors import require

Ints = NDArray[Any]
"""Whole numbers: int64, or Python integers where they are wider."""

NOT_FOUND = -1
"""The code of a drawn card that nobody could produce."""
LACKS = 0
"""The code of a card that does not carry the contest, as in ``election.cards``."""

Lacking = Literal["carries", "may_lack"]
"""What is stated of a population before the draw: that every card of it carries the contest (then a card
read without it is counted against the assertion), or that some may lack it (then such a card adds 0)."""


class Scale(msgspec.Struct, frozen=True):
    """How an assertion reads cards. ``points[k - 1]`` belongs to pattern code k; least < 0 < most."""

    least: int
    most: int
    points: tuple[int, ...] = ()

    @property
    def span(self) -> int:
        """The most by which one card can move the sum."""
        return self.most - self.least


class Part(msgspec.Struct, frozen=True, eq=False):
    """The numbers of one stratum for one assertion.

    x        (n,) whole numbers 0..top, in the order of the draw
    top, N   the largest number, and how many numbers there are (by weight: the total bound, see ``batches``)
    offset   what is taken off the sum of all N numbers, in lattice units
    unit     lattice units of one point
    prior    what was expected before the draw: value -> whole weight in draws
    replace  True when draws are with replacement
    capped   True where a number may be less than what was found (batches): it says nothing from above;
             elsewhere unit * T equals the sum less the offset
    """

    x: Ints
    top: int
    N: int
    offset: int
    unit: int = 1
    prior: Mapping[int, int] = {}
    replace: bool = False
    capped: bool = False

    @property
    def is_census(self) -> bool:
        """Was every number of the population read?"""
        return not self.replace and len(self.x) == self.N


def scale_of(table: Assorter) -> Scale:
    """The scale of an assertion from its table over the patterns."""
    return Scale(table.least, table.most, tuple(table.weights.tolist()))


def points_of(scale: Scale, codes: Sequence[int] | Ints, lacking: Lacking) -> Ints:
    """The points of cards as people read them, (n,). Not found: the least. Lacking the contest: as stated."""
    table = _table(scale, scale.least, scale.least if lacking == "carries" else 0)
    return _looked_up(table, codes)


def reported_points(scale: Scale, codes: Sequence[int] | Ints) -> Ints:
    """The points of cards as the voting system recorded them: 0 where the record lacks the contest.

    A phantom's record is code 0 too: nothing was recorded, so it adds nothing.
    """
    return _looked_up(_table(scale, 0, 0), codes)


def codes_in_order(sample: ConsistentSample, contest_id: str, read: Mapping[str, int]) -> list[int]:
    """The codes of the cards that may be used for a contest, in the order of the draw.

    sample: one draw for several contests (docs/spec/draw.md, section 5); read: item -> code. A contest that
    was not drawn for may use the cards of others up to the first of its own that was left out, and no more.
    """
    usable = sample.usable[contest_id]
    missing = [item for item in usable if item not in read]
    require(not missing, "read", missing[:3], "a reading of every usable card of the contest")
    return [read[item] for item in usable]


def counted_points(scale: Scale, counts: Sequence[int]) -> int:
    """The points of grouped cards: counts[k] cards bear the pattern of code k + 1."""
    require(len(counts) == len(scale.points), "counts", len(counts), "one count for each pattern")
    return sum(int(p) * int(c) for p, c in zip(scale.points, counts, strict=True))


def outside(scale: Scale, cards: int) -> int:
    """The fewest points that cards outside every population can have: pending, or on no manifest."""
    require(cards >= 0, "cards", cards, "at least 0 cards")
    return scale.least * cards


def check_scale(scale: Scale) -> None:
    """Refuse a scale on which no assertion could fail, or none could hold."""
    require(scale.least < 0 < scale.most, "scale", (scale.least, scale.most), "least below 0, most above 0")
    wide = [p for p in scale.points if not scale.least <= p <= scale.most]
    require(not wide, "points", wide[:3], f"points from {scale.least} to {scale.most}")


def _table(scale: Scale, not_found: int, lacks: int) -> Ints:
    """Points by code; the last place answers for code -1."""
    return np.array([lacks, *scale.points, not_found], dtype=np.int64)


def _looked_up(table: Ints, codes: Sequence[int] | Ints) -> Ints:
    places = np.asarray(codes, dtype=np.int64)
    known = len(table) - 2
    strange = places[(places < NOT_FOUND) | (places > known)]
    require(strange.size == 0, "codes", strange[:3].tolist(), f"codes from {NOT_FOUND} to {known}")
    return table[places]
