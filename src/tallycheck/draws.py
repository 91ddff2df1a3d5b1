"""Check 7, the draws of an audit by plan: draw specification, sections 5 to 7.

One sample for several groups of cards, and draws of batches by weight. The cards of a state are too many to
keep: of every batch only the tickets below a cutoff are kept, far enough to find every threshold.
"""

import hashlib
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from itertools import accumulate
from math import isqrt
from typing import NamedTuple

WHOLE = 2**256
MOST_WEIGHT = 2**255
MANY = 10**6

Ticket = tuple[bytes, bytes]  # the ticket and the name, which decides between equal tickets
Batch = tuple[str, int]


@dataclass(frozen=True)
class Drawn:
    """The items drawn, in ticket order, and by group those that are usable for it, in ticket order."""

    sample: list[str]
    usable: dict[str, list[str]]


class Kept(NamedTuple):
    """Of one batch: the tickets below its cutoff, in order, and the least of the others."""

    below: Sequence[Ticket]
    beyond: Ticket | None


@dataclass(frozen=True)
class Known:
    """What an earlier draw with the same seed has kept of each batch, and below which ticket that is all."""

    kept: Mapping[int, Kept]
    cutoffs: Mapping[int, bytes]


def grouped(
    seed: str, batches: Sequence[Batch], groups: Mapping[str, Sequence[int]], sizes: Mapping[str, int]
) -> Drawn:
    """The sample for groups of batches (places in `batches`), so many items each (section 5)."""
    return drawn_on(seed, batches, groups, sizes, None)[0]


def drawn_on(
    seed: str,
    batches: Sequence[Batch],
    groups: Mapping[str, Sequence[int]],
    sizes: Mapping[str, int],
    known: Known | None,
) -> tuple[Drawn, Known]:
    """The same, and what a later draw of larger sizes can go on from.

    Groups of the same batches are one set of items with the greatest of their sizes: what is drawn and what
    is usable is the same for all of them.
    """
    names, wanted = sets_of(groups), dict[str, int]()
    for g, name in names.items():
        wanted[name] = max(wanted.get(name, 0), sizes[g])
    sets = {name: groups[name] for name in wanted}
    drawn, known = of_sets(seed, batches, sets, wanted, known)
    return Drawn(drawn.sample, {g: drawn.usable[name] for g, name in names.items()}), known


def sets_of(groups: Mapping[str, Sequence[int]]) -> dict[str, str]:
    """By group, the first group of the same batches."""
    first: dict[object, str] = {}
    return {g: first.setdefault(sameness(members), g) for g, members in groups.items()}


def sameness(members: Sequence[int]) -> object:
    """What is equal for equal sets of batches, and short."""
    if isinstance(members, range):
        return members
    return hashlib.sha256(array("q", members).tobytes()).digest()


def of_sets(
    seed: str,
    batches: Sequence[Batch],
    groups: Mapping[str, Sequence[int]],
    sizes: Mapping[str, int],
    known: Known | None,
) -> tuple[Drawn, Known]:
    """The sample for sets of batches. A later draw keeps more, so that few have to look at all cards."""
    last = lasts(groups, sizes, known) if known else None
    first = 4 if known and sum(sizes.values()) < MANY else 1
    for slack in (first, 4, WHOLE):
        if known and last:
            return united(known.kept, groups, last), known
        cutoffs = {g: cutoff(sizes[g], sum(batches[b][1] for b in groups[g]), slack) for g in groups}
        of_batch = highest(groups, cutoffs)
        known = Known(tickets(seed, batches, of_batch), of_batch)
        last = lasts(groups, sizes, known)
    if not known or not last:
        raise ValueError("a group has fewer items than its size")
    return united(known.kept, groups, last), known


def lasts(
    groups: Mapping[str, Sequence[int]], sizes: Mapping[str, int], known: Known
) -> dict[str, Ticket] | None:
    """By group, the last ticket of its sample; None where too little is known."""
    found = {}
    for g, members in groups.items():
        bound = min(known.cutoffs[b] for b in members)
        mine = nsmallest(sizes[g], (t for b in members for t in known.kept[b].below if t[0] < bound))
        if len(mine) < sizes[g]:
            return None
        found[g] = mine[-1]
    return found


def cutoff(size: int, cards: int, slack: int) -> bytes:
    """A ticket below which a group very probably has so many items; with the last slack surely."""
    wanted = (size + 8 * isqrt(size) + 40) * slack
    if wanted >= cards:
        return b"\xff" * 33  # above every ticket
    return (WHOLE * wanted // cards).to_bytes(32, "big")


def highest(groups: Mapping[str, Sequence[int]], of_group: Mapping[str, bytes]) -> dict[int, bytes]:
    """By batch, the highest value of the groups that it is of."""
    found: dict[int, bytes] = {}
    for g, members in groups.items():
        value = of_group[g]
        for b in members:
            if b not in found or value > found[b]:
                found[b] = value
    return found


def tickets(seed: str, batches: Sequence[Batch], cutoffs: Mapping[int, bytes]) -> dict[int, Kept]:
    """What is kept of each batch that is of a group (section 4)."""
    start = hashlib.sha256(f"tallybook/draw/v1\nticket\n{seed}\n".encode())
    found = {}
    for b, most in cutoffs.items():
        name, cards = batches[b]
        prefix = f"{name}/".encode()
        batch = start.copy()
        batch.update(prefix)
        copy = batch.copy
        below: list[Ticket] = []
        least, at = b"\xff" * 33, 0
        for position in range(1, cards + 1):
            ticket = copy()
            ticket.update(b"%d" % position)
            digest = ticket.digest()
            if digest < most:
                below.append((digest, prefix + b"%d" % position))
            elif digest < least:
                least, at = digest, position
        found[b] = Kept(sorted(below) if below else (), (least, prefix + b"%d" % at) if at else None)
    return found


def united(
    kept: Mapping[int, Kept], groups: Mapping[str, Sequence[int]], last: Mapping[str, Ticket]
) -> Drawn:
    """The union of the groups' samples, and what of it is usable for each (5.2 to 5.4)."""
    thresholds: dict[int, Ticket] = {}
    for g, members in groups.items():
        for b in members:
            thresholds[b] = max(thresholds.get(b, last[g]), last[g])
    ends = {b: bisect_right(kept[b].below, thresholds[b]) for b in thresholds}
    sample = sorted(t for b, end in ends.items() for t in kept[b].below[:end])
    outside = {b: first_outside(kept[b], end) for b, end in ends.items()}
    named = {name: name.decode() for _, name in sample}
    usable = {}
    for g, members in groups.items():
        first = min((out for b in members if (out := outside[b]) is not None), default=None)
        mine = sorted(t for b in members for t in kept[b].below[: ends[b]] if first is None or t < first)
        usable[g] = [named[name] for _, name in mine]
    return Drawn(list(named.values()), usable)


def first_outside(kept: Kept, end: int) -> Ticket | None:
    """The first item of a batch, in ticket order, that is not in the sample."""
    return kept.below[end] if end < len(kept.below) else kept.beyond


# With replacement, by weight: sections 6 and 7 -------------------------------------------------------------


def integer(seed: str, stream: str, draw: int, total: int) -> int:
    """The integer of a draw below `total` (section 6)."""
    most, attempt = WHOLE - WHOLE % total, 0
    while True:
        message = f"tallybook/draw/v1\ninteger\n{seed}\n{stream}\n{draw}\n{attempt}"
        x = int.from_bytes(hashlib.sha256(message.encode()).digest(), "big")
        if x < most:
            return x % total
        attempt += 1


def by_weight(seed: str, stream: str, weights: Mapping[str, int], draws: Iterable[int]) -> list[str]:
    """The items of these draws, each in proportion to its weight (section 7); 1 <= sum <= 2^255."""
    order = sorted(weights, key=lambda name: name.encode())
    ends = list(accumulate(weights[name] for name in order))
    return [order[bisect_right(ends, integer(seed, stream, draw, ends[-1]))] for draw in draws]
