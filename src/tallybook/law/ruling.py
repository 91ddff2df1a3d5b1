"""The ruling: what the law says to an office that asks for an act (docs/spec/law.md, section 6).

For the officer who asked and for the stranger who checks: every answer carries its row and citation, and
every refusal says who may act and what to do next.  The default is to refuse: rows grant, nothing else does.
"""

from functools import lru_cache
from typing import NamedTuple, cast

import msgspec

from tallybook.law.clock import local_time
from tallybook.law.guards import Asked, Facts, Question, default_code, failing
from tallybook.law.nouns import ANY_OFFICE, Guard, LawSet, Row
from tallybook.law.steps import beginning, deadline, entry_kind, moment_on

GRANTED = "granted"
REFUSED = "refused"
NO_LEGAL_EFFECT = "no_legal_effect"
ORDER_GUARDS = ("after", "before")
DAY_GUARDS = ("from", "on_day")


class Ruling(msgspec.Struct, frozen=True, gc=False):
    """The law's answer.

    outcome: granted, refused or no_legal_effect.  row, law, citation: the row that decided ("" where no law
    speaks).  A grant has status, due (the deadline's moment, "" if none), late, and moved (the entry by which
    an order moved the deadline, or None).  A refusal, and an act
    without legal effect, has code, failed (guard, "due" or ""), words, who_may (office ids) and next.
    """

    outcome: str
    row: str
    law: str
    citation: str
    status: str = ""
    due: str = ""
    late: bool = False
    moved: int | None = None
    code: str = ""
    failed: str = ""
    words: str = ""
    who_may: tuple[str, ...] = ()
    next: str = ""


class Tried(msgspec.Struct, frozen=True, gc=False):
    """A row put to the test: the first guard that fails (None if all hold) and its deadline ("" if none)."""

    row: Row
    failed: Guard | None
    due: str
    late: bool
    moved: int | None = None


class Settled(NamedTuple):
    """A ruling that days alone decide: after one moment, up to another, if no order moved its days."""

    ruling: Ruling
    rows: tuple[str, ...]
    after: str
    until: str


class DaysAlone(msgspec.Struct, frozen=True, gc=False):
    """The facts for rows that turn on days alone: the day of the contest, and no date moved."""

    day: str

    def contest_day(self, _contest: str) -> str:
        """The day of the one contest that is asked about."""
        return self.day

    def moved(self, _row: str, _contest: str, _place: str) -> None:
        """No order moved a date."""


def ruling(laws: LawSet, question: Question, facts: Facts) -> Ruling:
    """The ruling on one act, under the law in force on its day for its election.

    question.day is the local day of question.moment; every id is declared in the set.
    """
    contest = question.contest
    contest_day = facts.contest_day(contest) if contest else question.election_day
    settled = by_days(
        laws,
        question.act,
        question.office,
        question.purpose,
        question.day,
        question.election_day,
        question.contest_class,
        contest_day,
    )
    if settled is None or not settled.after < question.moment <= settled.until:
        return ruled(laws, question, facts)
    for row in settled.rows:
        if facts.moved(row, contest, question.place) is not None:
            return ruled(laws, question, facts)
    return settled.ruling


@lru_cache(maxsize=8192)
def by_days(
    laws: LawSet,
    act: str,
    office: str,
    purpose: str,
    day: str,
    election_day: str,
    contest_class: str,
    contest_day: str,
) -> Settled | None:
    """The ruling at the end of a day, where nothing that it rests on is in the book; None where something is.

    It holds since the last moment at which a row's time began or ended. Remembered: most acts of a night are
    of a few kinds.
    """
    rows = deciding_rows(laws, act, office, purpose, day, election_day, contest_class)
    end = moment_on(laws.clock, day, "23:59:59")
    if end is None or not all(map(turns_on_days, rows)):
        return None
    question = Question(act, office, purpose, "any", "", {}, end, day, election_day, contest_class)
    facts = cast(Facts, DaysAlone(contest_day))
    starts = Asked(question, facts, laws.clock).starts()
    turns = [beginning(laws.clock, guard.value, starts) for row in rows for guard in row.when]
    turns += [deadline(laws.clock, row.due, starts) for row in rows if row.due]
    after = max((one for one in turns if one and one <= end), default="")
    return Settled(ruled(laws, question, facts), tuple(row.id for row in rows), after, end)


def turns_on_days(row: Row) -> bool:
    """Whether a row looks at days only: not at the act's own words, nor at what stands in the book."""
    dates = [guard.value for guard in row.when if guard.name in DAY_GUARDS]
    return len(dates) == len(row.when) and not any(map(entry_kind, (*dates, row.due) if row.due else dates))


def ruled(laws: LawSet, question: Question, facts: Facts) -> Ruling:
    """The ruling, found anew."""
    rows = deciding_rows(laws, question.act, question.office, *question.circumstances)
    if not rows:
        return no_law(laws, question)
    asked = Asked(question, facts, laws.clock)
    for row in rows:
        one = try_row(row, asked)
        if one.failed is None and row.grants and (not one.late or row.status == "duty"):
            return Ruling(GRANTED, row.id, row.law, row.citation, row.status, one.due, one.late, one.moved)
    return refused(laws, question, decisive([try_row(row, asked) for row in rows]))


@lru_cache(maxsize=8192)
def deciding_rows(
    laws: LawSet,
    act: str,
    office: str,
    purpose: str,
    day: str,
    election_day: str,
    contest_class: str | None = None,
) -> tuple[Row, ...]:
    """The class of rows that decides (section 6, steps 1 and 2); empty where no law speaks.

    A row that names the office goes before *; a row that names the purpose before one that names none.
    contest_class: "" for an act without a contest, None for the rows of every class together.
    """
    rows = applicable(laws, act, purpose, day, election_day, contest_class)
    classes = (
        tuple(row for row in rows if row.office == holder and (row.purposes is not None) == named)
        for holder in (office, ANY_OFFICE)
        for named in (True, False)
    )
    return next((found for found in classes if found), ())


@lru_cache(maxsize=8192)
def offices_that_may(
    laws: LawSet, act: str, purpose: str, day: str, election_day: str, contest_class: str | None = None
) -> tuple[str, ...]:
    """The offices, in order, to whom a row of their own may grant the act for that purpose and class."""
    asked = (purpose, day, election_day, contest_class)
    named = dict.fromkeys(row.office for row in applicable(laws, act, *asked))
    return tuple(
        office
        for office in named
        if office != ANY_OFFICE and any(row.grants for row in deciding_rows(laws, act, office, *asked))
    )


def applicable(
    laws: LawSet, act: str, purpose: str, day: str, election_day: str, contest_class: str | None
) -> tuple[Row, ...]:
    """The rows of an act that are in force, in order, for any office."""
    return tuple(
        row
        for row in laws.by_act.get(act, ())
        if (row.purposes is None or purpose in row.purposes)
        and (row.classes is None or contest_class is None or contest_class in row.classes)
        and day in row.in_force
        and election_day in row.elections_held
    )


def try_row(row: Row, asked: Asked) -> Tried:
    """A row put to the test.  A deadline whose start is not in the book is no deadline yet."""
    due, moved = due_of(row, asked)
    return Tried(row, failing(row.when, asked), due, bool(due) and asked.question.moment > due, moved)


def due_of(row: Row, asked: Asked) -> tuple[str, int | None]:
    """The deadline of a row ("" if it has none, or its start is not in the book), and what moved it.

    An order holds also where a law adopted later gives the row no deadline.
    """
    question = asked.question
    if (order := asked.facts.moved(row.id, question.contest, question.place)) is not None:
        return order
    return (deadline(asked.clock, row.due, asked.starts()) or "" if row.due else ""), None


def decisive(tried: list[Tried]) -> Tried:
    """The row that decides a refusal: the first that belongs to this moment of the count.

    That is the first of which neither `after` nor `before` fails, or else the first (step 5).
    """
    timely = (one for one in tried if one.failed is None or one.failed.name not in ORDER_GUARDS)
    return next(timely, tried[0])


def refused(laws: LawSet, question: Question, decided: Tried) -> Ruling:
    """The refusal, or the act without legal effect, by the row that decided."""
    row, failed = decided.row, decided.failed
    out_of_time = row.grants and failed is None
    who_may = offices_that_may(laws, question.act, *question.circumstances)
    return Ruling(
        outcome=NO_LEGAL_EFFECT if row.status == NO_LEGAL_EFFECT else REFUSED,
        row=row.id,
        law=row.law,
        citation=row.citation,
        code="out_of_time" if out_of_time else row.code or (default_code(failed) if failed else row.status),
        failed="due" if out_of_time else failed.name if failed else "",
        words=ended(laws, decided.due) if out_of_time else row.words or row.plain,
        who_may=who_may,
        next=row.next or next_step(laws, question.office, who_may),
    )


def no_law(laws: LawSet, question: Question) -> Ruling:
    """The refusal where no law in force speaks of this act and office."""
    who_may = offices_that_may(laws, question.act, *question.circumstances)
    return Ruling(
        outcome=REFUSED,
        row="",
        law="",
        citation="",
        code="no_law",
        words=f"No law in force on {question.day} grants this act to this office.",
        who_may=who_may,
        next=next_step(laws, question.office, who_may),
    )


def next_step(laws: LawSet, office: str, who_may: tuple[str, ...]) -> str:
    """What to do next, where the row does not say."""
    if not who_may:
        return "No office may do this."
    others = [laws.offices[other].name for other in who_may if other != office]
    return f"Ask: {', '.join(others)}." if others else "Mend what is missing and ask again."


def ended(laws: LawSet, due: str) -> str:
    """The words of an act that comes after its deadline, in local time."""
    return f"The time for this act ended on {local_time(laws.clock, due):%Y-%m-%d %H:%M}."
