"""Which caucus controls a chamber, and from which day: ``docs/spec/outcomes.md``, section 8.

For anyone who asks what an election's seats mean. Control at an equal division follows the officer who
votes when the members are equally divided (U.S. Const. art. I § 3 cl. 4), and so changes on the day that
office changes hands, not on the day of an election. Nobody is an answer. No party is inferred: the
composition states which caucus an independent sits with.
"""

import datetime
from collections.abc import Iterable, Sequence
from typing import TypeVar

import msgspec

from tallybook.election import Votes
from tallybook.outcomes.contests import in_vote_order
from tallybook.outcomes.words import listed, number


class Composition(msgspec.Struct, frozen=True):
    """From this date: members by caucus, and vacant seats; together they are the seats."""

    start: datetime.date
    seats: int
    members: Votes
    vacant: int = 0


class TieBreaker(msgspec.Struct, frozen=True):
    """From this date: the officer who votes in an equal division, and that officer's caucus or None."""

    start: datetime.date
    caucus: str | None
    officer: str = ""


class ChamberControl(msgspec.Struct, frozen=True):
    """The caucus in control, or None for nobody."""

    caucus: str | None
    why: tuple[str, ...]


class ControlSpell(msgspec.Struct, frozen=True):
    """Control from ``start`` until the day before ``end``; ``end`` is None for the last spell."""

    start: datetime.date
    end: datetime.date | None
    control: ChamberControl


def chamber_control(members: Votes, tie_breaker: str | None) -> ChamberControl:
    """Who has control: more than half of the members in office, or half and the tie-breaker. Spec 8."""
    in_office = sum(count for _, count in members)
    order = in_vote_order(members)
    sizes = ", ".join(f"{name} {number(count)}" for name, count in order)
    counted = f"Members in office: {number(in_office)} ({sizes})."
    halves = [name for name, count in order if 2 * count == in_office and count]
    for name, count in order:
        if 2 * count > in_office:
            return ChamberControl(name, (counted, f"{name} has more than half: {number(count)}."))
    if len(halves) < 2:
        return ChamberControl(None, (counted, "No caucus has half of the members. Nobody has control."))
    divided = f"The members are equally divided between {listed(halves)}."
    if tie_breaker in halves:
        by = f"The officer who votes in an equal division is of caucus {tie_breaker}."
        return ChamberControl(tie_breaker, (counted, divided, by))
    return ChamberControl(
        None, (counted, divided, "No officer of either half breaks it. Nobody has control.")
    )


def control_timeline(
    compositions: Iterable[Composition], tie_breakers: Iterable[TieBreaker]
) -> tuple[ControlSpell, ...]:
    """Who has control, from which day to which. Spec 8, "Timeline".

    Raises ValueError where a composition does not add up to its seats or a date stands twice in a list.
    """
    rows = _by_date([_checked(row) for row in compositions])
    officers = _by_date(list(tie_breakers))
    if not rows:
        return ()
    first = rows[0].start
    dates = sorted({row.start for row in rows} | {row.start for row in officers if row.start > first})
    starts = [(day, _control_on(day, rows, officers)) for day in dates]
    joined = [
        spell
        for place, spell in enumerate(starts)
        if not place or starts[place - 1][1].caucus != spell[1].caucus
    ]
    ends: list[datetime.date | None] = [day for day, _ in joined[1:]]
    return tuple(
        ControlSpell(day, end, control) for (day, control), end in zip(joined, [*ends, None], strict=True)
    )


Dated = TypeVar("Dated", Composition, TieBreaker)


def _by_date(rows: list[Dated]) -> list[Dated]:
    if len({row.start for row in rows}) != len(rows):
        raise ValueError("Two rows of one list begin on the same date; one of them must be left out.")
    return sorted(rows, key=lambda row: row.start)


def _checked(row: Composition) -> Composition:
    have = sum(count for _, count in row.members) + row.vacant
    if have != row.seats or row.vacant < 0:
        raise ValueError(
            f"From {row.start}: members and vacant seats add to {have}, not to {row.seats} seats."
        )
    return row


def _control_on(
    day: datetime.date, rows: Sequence[Composition], officers: Sequence[TieBreaker]
) -> ChamberControl:
    holds = [row for row in rows if row.start <= day][-1]
    officer = [row for row in officers if row.start <= day][-1:]
    return chamber_control(holds.members, officer[0].caucus if officer else None)
