"""Settling a tie, by what the law names and nothing else: ``docs/spec/outcomes.md``, section 6.

A lot is drawn by people in public; this room only takes its recorded result and refuses one that
does not fit the tie.
"""

import datetime

import msgspec

from tallybook.outcomes.contests import Elected, NewElectionDue, Outcome, RunoffDue, Tied
from tallybook.outcomes.words import listed


class LotDrawn(msgspec.Struct, frozen=True, tag_field="kind", tag=True):
    """The result of a public lot: whom it chose, when, who drew it, and where the record of it is."""

    chosen: tuple[str, ...]
    on: datetime.date
    by: str
    record: str


class RunoffBetweenTied(msgspec.Struct, frozen=True, tag_field="kind", tag=True):
    """Those tied for a seat meet again in a runoff on this date."""

    on: datetime.date


class NewElection(msgspec.Struct, frozen=True, tag_field="kind", tag=True):
    """The election for the open places is held again on this date."""

    on: datetime.date


class AllTiedAdvance(msgspec.Struct, frozen=True, tag_field="kind", tag=True):
    """All who are tied for a place in a runoff take part in it."""


TieBreak = LotDrawn | RunoffBetweenTied | NewElection | AllTiedAdvance


def break_tie(tie: Tied, by: TieBreak) -> Outcome:
    """The outcome after the tie is settled. Raises ValueError where this does not fit the tie. Spec 6."""
    match by:
        case LotDrawn():
            return _by_lot(tie, by)
        case RunoffBetweenTied():
            return _by_runoff(tie, by)
        case NewElection():
            already = tie.clear if tie.places == "seats" else ()
            said = f"The law asks for a new election, on {by.on}."
            return NewElectionDue(tie.contest_id, by.on, already, (*tie.why, said))
        case AllTiedAdvance():
            return _all_advance(tie)


def _by_lot(tie: Tied, lot: LotDrawn) -> Elected | RunoffDue:
    chosen = tuple(choice for choice in tie.tied if choice in lot.chosen)
    if len(lot.chosen) != tie.open or len(chosen) != tie.open:
        raise ValueError(
            f"The lot chose {listed(lot.chosen)}; it must choose exactly {tie.open} of {listed(tie.tied)}."
        )
    if not lot.by or not lot.record:
        raise ValueError("A lot needs the name of who drew it and the place of its record.")
    said = f"A lot drawn on {lot.on} by {lot.by} chose {listed(chosen)} (record: {lot.record})."
    why = (*tie.why, said)
    if tie.places == "seats":
        return Elected(tie.contest_id, tie.clear + chosen, 0, why)
    return RunoffDue(tie.contest_id, tie.clear + chosen, _runoff_date(tie), (), why)


def _by_runoff(tie: Tied, by: RunoffBetweenTied) -> RunoffDue:
    if tie.places != "seats":
        raise ValueError("A tie for a place in a runoff cannot be settled by another runoff.")
    said = f"The law asks for a runoff between {listed(tie.tied)} on {by.on}."
    return RunoffDue(tie.contest_id, tie.tied, by.on, tie.clear, (*tie.why, said))


def _all_advance(tie: Tied) -> RunoffDue:
    if tie.places != "runoff":
        raise ValueError("A tie for a seat cannot be settled by letting all advance.")
    advance, on = tie.clear + tie.tied, _runoff_date(tie)
    said = f"The law lets all who are tied take part: {listed(advance)} go to the runoff on {on}."
    return RunoffDue(tie.contest_id, advance, on, (), (*tie.why, said))


def _runoff_date(tie: Tied) -> datetime.date:
    if tie.on is None:
        raise ValueError("A tie for a place in a runoff must carry the date of that runoff.")
    return tie.on
