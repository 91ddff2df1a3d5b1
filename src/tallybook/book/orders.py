"""Orders that move a date: from the next entry on, another deadline (docs/spec/officers.md, section 6).

For courts, and for officers whom the law lets extend a time. Who may move which date is a row of the law.
"""

from datetime import datetime
from typing import Any

import msgspec

from tallybook.book.cases import Case
from tallybook.book.nouns import Act, Answer, Effect, Entry, Shelf
from tallybook.book.people import Moved
from tallybook.book.standing import Facts, Standing
from tallybook.book.values import is_local
from tallybook.law import Question, Row, moment_of
from tallybook.law.guards import Asked
from tallybook.law.ruling import due_of


def row_type(value: Any, standing: Standing, _a: Act, _h: Shelf) -> str:
    """A row of the law in force that has a deadline."""
    row = row_of(standing, value) if isinstance(value, str) else None
    return "" if row is not None and row.due else "the id of a row of the law with a deadline (`due`)"


def local_type(value: Any, _s: Standing, _a: Act, _h: Shelf) -> str:
    """A local time."""
    return "" if isinstance(value, str) and is_local(value) else "a local time YYYY-MM-DDTHH:MM"


def row_of(standing: Standing, name: str) -> Row | None:
    """A row of the law in force."""
    laws = standing.law
    return next((row for row in laws.rows if row.id == name), None) if laws else None


def move_date(case: Case) -> Answer:
    """The deadline from now on, and the one that the row had for this contest and place."""
    standing, act, laws = case.standing, case.act, case.standing.law
    row = row_of(standing, act.detail["moves"])
    assert laws is not None and row is not None
    question = Question(
        act=row.act,
        office=row.office,
        purpose="",
        contest=act.contest,
        place=act.place,
        detail={},
        moment=act.received,
        day=case.day,
        election_day=standing.day,
    )
    was, _ = due_of(row, Asked(question, Facts(standing), laws.clock))
    due = moment_of(laws.clock, datetime.fromisoformat(act.detail["moved_to"]))
    return Effect({"due": due, **({"was": was} if was else {})})


def date_moved(standing: Standing, entry: Entry, _: Shelf) -> Standing:
    """One more order about a row."""
    row, officers = entry.detail["moves"], standing.officers
    order = Moved(entry.seq, entry.contest, entry.place, entry.result["due"])
    moved = officers.moved.set(row, (*officers.moved.get(row, ()), order))
    return msgspec.structs.replace(standing, officers=msgspec.structs.replace(officers, moved=moved))


ORDER_TYPES = {"moves": row_type, "moved_to": local_type}
