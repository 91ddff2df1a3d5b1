"""An audit by plan: how many further numbers would end it (``docs/spec/audit.md``, section 8, `more`).

For the official who has to say how large the next round is. By comparison and by batches the further numbers
are without error; by polling and pools they are those already used, in their order, again and again. Doubles
propose a size; that it is enough, and that one less is not, is decided exactly.
"""

from collections.abc import Sequence
from fractions import Fraction

import msgspec
import numpy as np

from tallybook.audit.evidence import Part
from tallybook.audit.measuring import Evidence, path
from tallybook.stats.certainty import at_most

MOST = 100_000
"""The most further numbers that are looked at, and the most draws of batches in all."""
FIRST, GROWTH = 64, 8


def more_needed(evidence: Sequence[Evidence], limit: Fraction, again: bool) -> int | None:
    """The least number of further numbers, from 1, after which every assertion is met; None if there is none.

    again: whether the further numbers are those used, over and over; else they are without error. The
    assertion that the numbers support least is asked first, the others only whether that is enough.
    """
    left = sorted(evidence, key=_open_risk, reverse=True)
    needed = 1
    for one in left:
        found = _least(one, limit, again, needed)
        if found is None:
            return None
        needed = found
    whole = needed == _room(left[0].parts[0])  # then the sum of all numbers decides, not the draws before
    return needed if not whole or all(_enough(one, limit, again, needed) for one in left) else None


def _open_risk(one: Evidence) -> float:
    """The risk as it stands, in doubles: only for the order in which assertions are asked."""
    return 0.0 if _is_sure(one) else float(path(one.parts[0], one.outside).p[-1])


def _is_sure(one: Evidence) -> bool:
    """Whether the bounds alone say that the assertion holds."""
    part = one.parts[0]
    return part.offset < part.unit * one.outside


def _room(part: Part) -> int:
    """How many further numbers there can be."""
    n = len(part.x)
    return MOST - n if part.replace else min(part.N - n, MOST)


def _least(one: Evidence, limit: Fraction, again: bool, start: int) -> int | None:
    """The least number from ``start`` on that is enough for one assertion."""
    part = one.parts[0]
    room = _room(part)
    if start > room:
        return None
    if _enough(one, limit, again, start):
        return start
    guess = _guess(one, limit, again, start, room)
    if guess is None or not _enough(one, limit, again, guess):
        guess = next((m for m in range(guess or room, room + 1) if _enough(one, limit, again, m)), None)
    while guess is not None and guess > start + 1 and _enough(one, limit, again, guess - 1):
        guess -= 1
    return guess


def _enough(one: Evidence, limit: Fraction, again: bool, more: int) -> bool:
    """Whether an assertion is met after so many further numbers, exactly."""
    return _is_sure(one) or at_most(path(_longer(one.parts[0], more, again), one.outside), limit)


def _guess(one: Evidence, limit: Fraction, again: bool, start: int, room: int) -> int | None:
    """How many further numbers it takes, as far as doubles can tell; None where so many do not do."""
    part, size = one.parts[0], FIRST
    while True:
        tried = min(max(size, start), room)
        found = path(_longer(part, tried, again), one.outside).p
        hits = np.flatnonzero(found[len(part.x) + start - 1 :] <= float(limit))
        if len(hits):
            return start + int(hits[0])
        if tried >= room:
            return None
        size *= GROWTH


def _longer(part: Part, more: int, again: bool) -> Part:
    """A part with so many further numbers."""
    n = len(part.x)
    usual = np.full(more, part.top // 2, dtype=np.int64)
    x = np.resize(np.asarray(part.x), n + more) if again else np.concatenate((part.x, usual))
    return msgspec.structs.replace(part, x=x)
