"""What is due: every dated duty and right of a book, with the days left and what follows from a missed date.

For the official who must know by when, and for whoever watches (docs/spec/officers.md, sections
6 and 8). Deadlines are those by which the law would rule, orders that moved them included. Nothing here
stops an act.
"""

from collections.abc import Iterator
from datetime import date

import msgspec

from tallybook.book.asking import STATED_BY_THE_ACT, Asking, contests_of, places_left, tried_row
from tallybook.book.cases import rules_of
from tallybook.book.standing import Standing
from tallybook.law import LawAct, LawSet, Row, Rule, local_day
from tallybook.law.ruling import Tried

STATES = ("late", "due", "open", "waits", "done", "ended")
"""What an official looks at first, first."""

STAYS = "The duty stays, and the act is entered as late."
ENDS = "The right ends: an act asked for later is refused as out of time."


class Obligation(msgspec.Struct, frozen=True):
    """One dated duty (or right) of an office, about one contest ("" for none).

    state: done; late or due (a duty not done); open or ended (a right not used); waits (its time has not
    begun, or what it starts from is not in the book). due: a moment, "" while it waits; days_left: calendar
    days from today to the day it is due, negative once it is past, None while it waits. left: places that
    have not done it, 0 if not by place. moved: the entry of the order that moved the date. follows: what
    follows from missing it, and its citation.
    """

    state: str
    act: str
    words: str
    office: str
    contest: str
    due: str
    days_left: int | None
    left: int
    moved: int | None
    row: str
    citation: str
    follows: str
    follows_by: str


def obligations(standing: Standing, moment: str) -> tuple[Obligation, ...]:
    """Every row with a deadline that is in force now: what is late first, then by deadline.

    moment: now, by the door's clock (UTC).
    """
    laws = standing.law
    if laws is None:
        return ()
    day = local_day(laws.clock, moment)
    found = (
        obligation(standing, laws, Asking(laws.acts[row.act], row.office, contest, moment, day), row)
        for row in laws.rows
        if row.due and row.grants and day in row.in_force and standing.day in row.elections_held
        for contest in contests(standing, laws, laws.acts[row.act], day)
    )
    kept = (one for one in found if one is not None)
    return tuple(
        sorted(kept, key=lambda one: (STATES.index(one.state), one.due or "9", one.contest, one.act))
    )


def contests(standing: Standing, laws: LawSet, act: LawAct, day: str) -> tuple[str, ...]:
    """The contests that a dated act is about; "" where it is about none."""
    return contests_of(standing, laws, act, day) if "contest" in act.scope else ("",)


def obligation(standing: Standing, laws: LawSet, asking: Asking, row: Row) -> Obligation | None:
    """One dated row about one contest; None where another row has taken its place."""
    tried = tried_row(standing, laws, asking, row, "")
    if tried.failed is not None and tried.failed.name == "before":
        return None
    left = places_left(standing, asking.act, asking.contest)
    follows, by = what_follows(standing, laws, asking, row)
    return Obligation(
        state=state_of(standing, asking, tried, left),
        act=row.act,
        words=asking.act.words,
        office=row.office,
        contest=asking.contest,
        due=tried.due,
        days_left=days_between(asking.day, local_day(laws.clock, tried.due)) if tried.due else None,
        left=len(left),
        moved=tried.moved,
        row=row.id,
        citation=row.citation,
        follows=follows,
        follows_by=by,
    )


def state_of(standing: Standing, asking: Asking, tried: Tried, left: list[str]) -> str:
    """How far it is with one dated row."""
    by_place = "place" in asking.act.scope and asking.act.effect == "returns"
    recorded = standing.recorded_at(asking.act.entry, asking.contest, "") is not None
    if recorded and not (by_place and left):
        return "done"
    duty = tried.row.status == "duty"
    if tried.late:
        return "late" if duty else "ended"
    if (tried.failed is not None and tried.failed.name not in STATED_BY_THE_ACT) or not tried.due:
        return "waits"
    return "due" if duty else "open"


def days_between(day: str, other: str) -> int:
    """Calendar days from one day to another."""
    return (date.fromisoformat(other) - date.fromisoformat(day)).days


def what_follows(standing: Standing, laws: LawSet, asking: Asking, row: Row) -> tuple[str, str]:
    """What follows when the row's deadline is missed, and by which citation."""
    class_id = standing.contests[asking.contest].class_id if asking.contest else ""
    for rule in rules_of(laws, "missed", class_id, asking.day, standing.day):
        if row.id in rule.values["rows"]:
            return rule.values["words"], rule.citation
    return (STAYS if row.status == "duty" else ENDS), "Tallybook law specification, section 6"


class Step(msgspec.Struct, frozen=True):
    """One act of a route. offices: who may; done: the moment of its latest entry, "" if none."""

    act: str
    words: str
    offices: tuple[str, ...]
    done: str


class Route(msgspec.Struct, frozen=True):
    """A way that a recount, a contest or a petition goes, step by step."""

    id: str
    words: str
    citation: str
    steps: tuple[Step, ...]


def routes(standing: Standing, moment: str) -> tuple[Route, ...]:
    """The routes that the law has now, and how far the book has gone on each."""
    laws = standing.law
    if laws is None:
        return ()
    day = local_day(laws.clock, moment)
    return tuple(
        route_of(standing, laws, rule, day) for rule in rules_of(laws, "route", "", day, standing.day)
    )


def route_of(standing: Standing, laws: LawSet, rule: Rule, day: str) -> Route:
    """One route, with who may take each step."""
    steps = tuple(step_of(standing, laws, laws.acts[act], day) for act in rule.values["steps"])
    return Route(rule.id, rule.values["words"], rule.citation, steps)


def step_of(standing: Standing, laws: LawSet, act: LawAct, day: str) -> Step:
    """One step: who may take it, and when it was last taken."""
    offices = dict.fromkeys(granted(standing, laws, act.id, day))
    return Step(act.id, act.words, tuple(offices), standing.recorded_at(act.entry, "", "") or "")


def granted(standing: Standing, laws: LawSet, act: str, day: str) -> Iterator[str]:
    """The offices that rows in force name for an act."""
    for row in laws.by_act.get(act, ()):
        if row.grants and day in row.in_force and standing.day in row.elections_held:
            yield row.office
