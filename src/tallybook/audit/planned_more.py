"""An audit by plan: how many further numbers would end it (``docs/spec/audit.md``, section 8, `more`).

For the official who has to say how large the next round is. By comparison and by batches the further numbers
are without error; by polling and pools they are those already used, in their order, again and again. One path
of further numbers serves every size up to its length; each size is decided exactly.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

import msgspec
import numpy as np

from tallybook.audit.evidence import Part
from tallybook.audit.measuring import Evidence, path
from tallybook.stats.certainty import at_most
from tallybook.stats.martingale import Wealth

MOST = 100_000
"""The most further numbers that are looked at, and the most draws of batches in all."""
FIRST, GROWTH = 64, 8
NEAR = 1e-9
"""How far, beyond their stated error, doubles may be from the limit for a size to be looked at."""


def more_needed(evidence: Sequence[Evidence], limit: Fraction, again: bool) -> int | None:
    """The least number of further numbers, from 1, after which every assertion is met; None if there is none.

    again: whether the further numbers are those used, over and over; else they are without error. The
    assertion that the numbers support least is asked first, the others from that size on.
    """
    left = sorted(evidence, key=_open_risk, reverse=True) if len(evidence) > 1 else list(evidence)
    needed = 1
    for one in left:
        found = _least(one, limit, again, needed)
        if found is None:
            return None
        needed = found
    if needed < _room(left[0].parts[0]):
        return needed
    # Where all numbers would be read their sum decides, not what was met on the way.
    return needed if all(_least(one, limit, again, needed) == needed for one in left) else None


def _room(part: Part) -> int:
    """How many further numbers there can be."""
    n = len(part.x)
    return MOST - n if part.replace else min(part.N - n, MOST)


def _is_sure(one: Evidence) -> bool:
    """Whether the bounds alone say that the assertion holds."""
    part = one.parts[0]
    return part.offset < part.unit * one.outside


def _open_risk(one: Evidence) -> float:
    """The risk as it stands, in doubles: only for the order in which assertions are asked."""
    return 0.0 if _is_sure(one) else float(path(one.parts[0], one.outside).p[-1])


def _least(one: Evidence, limit: Fraction, again: bool, start: int) -> int | None:
    """The least number from ``start`` on that is enough for one assertion."""
    part, size = one.parts[0], FIRST
    n, room = len(part.x), _room(part)
    if _is_sure(one) and start <= room:
        return start
    while start <= room:
        tried = min(max(size, start), room)
        walked = path(_longer(part, tried, again), one.outside)
        for k in _candidates(walked, n + start, limit):
            if at_most(_cut(walked, k), limit):
                return k - n
        if tried == room:
            return None
        size *= GROWTH
    return None


def _candidates(walked: Wealth, first: int, limit: Fraction) -> Iterator[int]:
    """Lengths from ``first`` on at which the limit may be met, as far as doubles can tell.

    A length at which the wealth has no new peak is as good as the one before it, but for the whole.
    """
    peak = np.maximum.accumulate(walked.log_wealth + walked.error)
    goal = math.log(limit.denominator) - math.log(limit.numerator) - NEAR
    before = -math.inf
    for k in range(first, len(peak) + 1):
        if peak[k - 1] >= goal and (peak[k - 1] > before or k == len(peak)):
            before = float(peak[k - 1])
            yield k


def _cut(walked: Wealth, k: int) -> Wealth:
    """The first k draws of a path."""
    if k == len(walked.x):
        return walked
    kept = walked.impossible if walked.impossible is not None and walked.impossible <= k else None
    parts = {name: getattr(walked, name)[:k] for name in ("x", "log_wealth", "error", "stakes", "p")}
    return replace(walked, **parts, impossible=kept, census=False)


def _longer(part: Part, more: int, again: bool) -> Part:
    """A part with so many further numbers."""
    n = len(part.x)
    usual = np.full(more, part.top // 2, dtype=np.int64)
    x = np.resize(np.asarray(part.x), n + more) if again else np.concatenate((part.x, usual))
    return msgspec.structs.replace(part, x=x)
