"""How many envelopes, or boxes, to draw for a stated bound or a stated chance of finding something.

For whoever orders the audit and must fix its design before anything is read. Three designs: single envelopes
from all boxes (`simple`), single envelopes county by county (`by_county`), whole boxes (`boxes`). Whole boxes
are handy to carry and poor to conclude from: bad envelopes may lie together in a box that nobody opened.

Cochran, Sampling Techniques, 3rd ed. (1977), chapters 3, 5 and 9, for the designs; the bounds are those of
`stats.bounds`, `stats.clusters` and `strata`, and each plan is checked with the bound that will be used.
"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

import msgspec

from tallybook.envelopes.strata import Stratum, chance_of_missing, most_bad_in_strata
from tallybook.stats.bounds import Level, level, most_bad, sample_to_show
from tallybook.stats.clusters import Read, most_bad_by_shares, most_bad_in_sampled_boxes
from tallybook.stats.errors import require
from tallybook.stats.strata import allocate

DESIGNS = ("simple", "by_county", "boxes", "boxes_by_size")


class Plan(msgspec.Struct, frozen=True):
    """A design and its size. `draws` counts envelopes, or boxes in the designs of boxes.

    by_county: envelopes for each county. envelopes_most: the most that could have to be read.
    """

    design: str
    draws: int
    envelopes_most: int
    by_county: tuple[tuple[str, int], ...]
    says: str


def plan_simple(units: int, at_most: int, alpha: Level, expected_bad: int = 0) -> Plan:
    """Single envelopes, so that `expected_bad` among them bounds the total by `at_most` (error alpha)."""
    n = sample_to_show(at_most, units, alpha, expected_bad)
    if_so = (
        f"at most {expected_bad:,} of them are not verified" if expected_bad else "all of them are verified"
    )
    says = (
        f"Read {n:,} of {units:,} envelopes, drawn singly. If {if_so}, at most {at_most:,} of all are not, "
        f"with an error of at most {told(alpha)}."
    )
    return Plan("simple", n, n, (), says)


def plan_to_detect(units: int, bad: int, chance: Level) -> Plan:
    """Single envelopes, so that one of `bad` or more bad ones is drawn with at least this chance."""
    require(1 <= bad <= units, "bad", bad, f"1 to {units}")
    n = sample_to_show(bad - 1, units, 1 - level(chance))
    says = (
        f"Read {n:,} of {units:,} envelopes, drawn singly. If {bad:,} or more are bad, at least one of them "
        f"is among these with a chance of at least {told(chance)}."
    )
    return Plan("simple", n, n, (), says)


def plan_by_county(sizes: Mapping[str, int], at_most: int, alpha: Level) -> Plan:
    """Single envelopes in proportion to the counties, so that none bad bounds the total by `at_most`."""
    names, units = sorted(sizes), sum(sizes.values())
    require(0 <= at_most <= units, "at_most", at_most, f"0 to {units}")

    def strata(n: int) -> list[Stratum]:
        shares = allocate(n, [sizes[name] for name in names])
        return [Stratum(sizes[name], k) for name, k in zip(names, shares, strict=True)]

    n = smallest(lambda n: most_bad_in_strata(strata(n), alpha) <= at_most, units)
    drawn = tuple((name, one.read) for name, one in zip(names, strata(n), strict=True))
    says = (
        f"Read {n:,} of {units:,} envelopes in {len(names):,} counties. If all of them are verified, at most "
        f"{at_most:,} of all are not, with an error of at most {told(alpha)}, however they lie."
    )
    return Plan("by_county", n, n, drawn, says)


def plan_boxes(sizes: Sequence[int], at_most: int, alpha: Level) -> Plan:
    """Whole boxes, equally likely, read in full, so that none bad bounds the total by `at_most`.

    The boxes that may hold bad envelopes unseen are taken to be the largest and bad altogether.
    """
    boxes, units = len(sizes), sum(sizes)
    require(0 <= at_most <= units, "at_most", at_most, f"0 to {units}")
    large = sorted(sizes, reverse=True)

    def bound(m: int) -> int:
        return sum(large[: most_bad(0, m, boxes, alpha)])

    m = smallest(lambda m: bound(m) <= at_most, boxes)
    says = (
        f"Open {m:,} of {boxes:,} boxes, drawn at random, and read every envelope in them (at most "
        f"{sum(large[:m]):,} of {units:,}). If all are verified, at most {at_most:,} of all are not, with an "
        f"error of at most {told(alpha)}, also if the bad ones lie together."
    )
    return Plan("boxes", m, sum(large[:m]), (), says)


def plan_boxes_to_detect(sizes: Sequence[int], bad: int, chance: Level) -> Plan:
    """Whole boxes, so that one with a bad envelope is opened with this chance if `bad` or more are bad.

    At worst the bad ones fill as few boxes as can hold them, the largest.
    """
    boxes, units = len(sizes), sum(sizes)
    require(1 <= bad <= units, "bad", bad, f"1 to {units}")
    large, held, needed = sorted(sizes, reverse=True), 0, 0
    while held < bad:
        held += large[needed]
        needed += 1
    m = sample_to_show(needed - 1, boxes, 1 - level(chance))
    says = (
        f"Open {m:,} of {boxes:,} boxes, drawn at random, and read every envelope in them. {bad:,} bad "
        f"envelopes may all lie in {needed:,} boxes; one of these is opened with a chance of at least "
        f"{told(chance)}."
    )
    return Plan("boxes", m, sum(large[:m]), (), says)


def plan_boxes_in_part(sizes: Sequence[int], in_each: int, at_most: int, alpha: Level) -> Plan:
    """Boxes, equally likely, and `in_each` single envelopes of each, so that none bad bounds by `at_most`.

    With none bad the bound is the same whichever boxes are drawn, and however many envelopes are read in
    each: what counts is the number of boxes. More in each only sharpens a sample that finds some.
    """
    boxes, units = len(sizes), sum(sizes)
    require(0 <= at_most <= units, "at_most", at_most, f"0 to {units}")
    require(in_each >= 1, "in_each", in_each, "1 or more")
    large = sorted(sizes, reverse=True)

    def bound(m: int) -> int:
        drawn = [Read(size, min(in_each, size), 0) for size in large[:m]]
        return most_bad_in_sampled_boxes(drawn, large[m:], alpha) if m else units

    m = smallest(lambda m: bound(m) <= at_most, boxes)
    most = sum(min(in_each, size) for size in large[:m])
    if bound(m) > at_most:
        says = (
            f"No number of boxes read in part bounds the envelopes by {at_most:,} at {told(alpha)}: with all "
            f"{boxes:,} boxes opened the bound is {bound(m):,}. Read the boxes in full, or draw singly."
        )
        return Plan("boxes", m, units, (), says)
    says = (
        f"Open {m:,} of {boxes:,} boxes, drawn at random, and read {in_each:,} envelopes of each, drawn "
        f"singly (at most {most:,} of {units:,}). If all are verified, at most {bound(m):,} of all are not, "
        f"with an error of at most {told(alpha)}, also if the bad ones lie together."
    )
    return Plan("boxes", m, most, (), says)


def plan_boxes_by_size(sizes: Sequence[int], at_most: int, alpha: Level) -> Plan:
    """Boxes drawn with replacement in proportion to their size, so that none bad bounds by `at_most`."""
    units, largest = sum(sizes), max(sizes)
    require(1 <= at_most <= units, "at_most", at_most, f"1 to {units}")

    def bound(m: int) -> int:
        return most_bad_by_shares([Read(largest, largest, 0)] * m, units, alpha) if m else units

    high = 1
    while bound(high) > at_most:
        high *= 2
    m = smallest(lambda m: bound(m) <= at_most, high)
    most = min(units, m * largest)
    says = (
        f"Draw {m:,} times a box, each in proportion to its size, and read every envelope in it (at most "
        f"{most:,} of {units:,}; a box drawn twice counts twice). If all are verified, at most {bound(m):,} "
        f"of all are not, with an error of at most {told(alpha)}, also if the bad ones lie together."
    )
    return Plan("boxes_by_size", m, most, (), says)


def chance_to_detect(sizes: Mapping[str, int], drawn: Mapping[str, int], bad: int) -> Fraction:
    """The least chance that a sample by county holds one of `bad` bad envelopes, however they lie. Exact."""
    strata = [Stratum(sizes[name], drawn.get(name, 0)) for name in sizes]
    return 1 - chance_of_missing(strata, bad)


def smallest(is_enough: Callable[[int], bool], most: int) -> int:
    """The smallest n in 0..most that is enough; `most` itself (everything is read) always is.

    Rounding the counties' shares can make one n worse than a smaller one: the search ends on an n that is.
    """
    low, high = -1, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high


def told(share: Level) -> str:
    """A level in words, as given."""
    return f"{float(level(share)) * 100:g}%"
