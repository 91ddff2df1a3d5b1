"""The calendar of an election: duties, windows and dates, each with its citation.

For the official who must know what is due.  A date that waits for an entry of the book ("two business days
after the state's certification") says so until the entry is there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tallybook.law.clock import local_day
from tallybook.law.nouns import LawDate, LawSet, Row, Rule
from tallybook.law.steps import (
    WEEKDAYS,
    Move,
    Starts,
    Steps,
    beginning,
    deadline,
    entry_kind,
    value_day,
)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the calendar.

    kind: duty, window_opens, window_closes, date or deadline.  day: "" while it waits; time: local HH:MM,
    "" for the whole day; moment: when it begins or ends, "" while it waits.  waits_for: the entry kind;
    steps: the date steps in words.  office and act are "" where no office acts; row: id of the row, rule
    or date.  contest: "" for the election itself.
    """

    day: str
    time: str
    moment: str
    kind: str
    words: str
    office: str
    act: str
    contest: str
    waits_for: str
    steps: str
    row: str
    law: str
    citation: str


def calendar(
    laws: LawSet,
    election_day: str,
    contest_days: Mapping[str, str] | None = None,
    recorded: Mapping[str, str] | None = None,
) -> tuple[Item, ...]:
    """Every dated duty, window and date of an election, in order of time; those that wait come last.

    contest_days: contest -> its day, where that is another (a runoff).  recorded: entry kind -> moment of
    its latest entry, for dates that start from one.
    """
    at = When(election_day, "", election_day, recorded or {})
    items = [item(laws, one, at) for one in dated(laws)]
    for contest, day in (contest_days or {}).items():
        own = When(election_day, contest, day, recorded or {})
        items += [item(laws, one, own) for one in dated(laws) if one.steps.start == "contest_day"]
    found = (one for one in items if one is not None)
    return tuple(sorted(found, key=lambda one: (not one.day, one.moment, one.waits_for)))


@dataclass(frozen=True, slots=True)
class Dated:
    """A law that has date steps, what happens then in words, and whether something begins then or ends."""

    kind: str
    steps: Steps
    words: str
    law: Row | Rule | LawDate
    begins: bool


@dataclass(frozen=True, slots=True)
class When:
    """The days by which dates are reckoned: the election's, the contest's, those of recorded entries."""

    election_day: str
    contest: str
    contest_day: str
    recorded: Mapping[str, str]


def item(laws: LawSet, one: Dated, at: When) -> Item | None:
    """One line of the calendar, or None where the law is not in force then."""
    steps = one.steps
    starts = Starts(
        at.election_day, at.contest_day, at.contest_day, lambda kind: recorded_day(laws, at.recorded, kind)
    )
    day = value_day(laws.clock, steps, starts) or ""
    if (day or at.election_day) not in one.law.in_force or at.election_day not in one.law.elections_held:
        return None
    reckon = beginning if one.begins else deadline
    office, act = (one.law.office, one.law.act) if isinstance(one.law, Row) else ("", "")
    return Item(
        day=day,
        time=steps.time,
        moment=reckon(laws.clock, steps, starts) or "",
        kind=one.kind,
        words=one.words,
        office=office,
        act=act,
        contest=at.contest,
        waits_for="" if day else entry_kind(steps),
        steps=in_words(laws, steps),
        row=one.law.id,
        law=one.law.law,
        citation=one.law.citation,
    )


def dated(laws: LawSet) -> Iterable[Dated]:
    """Everything in the set that has date steps."""
    for row in laws.rows:
        yield from dated_row(row, laws.acts[row.act].words)
    for rule in laws.rules:
        if rule.kind == "deadline":
            yield Dated("deadline", rule.values["day"], rule.values["words"], rule, begins=False)
        elif "runoff_day" in rule.values:
            yield Dated("date", rule.values["runoff_day"], rule.plain, rule, begins=True)
    for date in laws.dates:
        yield Dated("date", date.day, date.words, date, begins=True)


def dated_row(row: Row, words: str) -> Iterable[Dated]:
    """The dates of one row: its deadline, the day on which it opens, the day on which it applies."""
    if row.due:
        yield Dated("duty" if row.status == "duty" else "window_closes", row.due, words, row, begins=False)
    for guard in row.when:
        if guard.name == "from":
            yield Dated("window_opens", guard.value, words, row, begins=True)
        elif guard.name == "on_day":
            yield Dated("duty" if row.status == "duty" else "date", guard.value, words, row, begins=True)


def recorded_day(laws: LawSet, recorded: Mapping[str, str], kind: str) -> str | None:
    """The local day of the latest entry of a kind."""
    return local_day(laws.clock, recorded[kind]) if kind in recorded else None


def in_words(laws: LawSet, steps: Steps) -> str:
    """Date steps as a person says them: "2 business days after it is recorded: ..."."""
    start = steps.start.replace("_", " ")
    if kind := entry_kind(steps):
        act = laws.entries.get(kind)
        start = f"it is recorded: {laws.acts[act].said if act else kind.replace('_', ' ')}"
    path = start
    for move in steps.moves:
        path = move_in_words(move, path)
    return f"{path}, {steps.time}" if steps.time else path


def move_in_words(move: Move, path: str) -> str:
    """One step, said of the day before it."""
    if move.unit == "next business day":
        return f"{path}, or the next business day"
    if move.unit in WEEKDAYS:
        return f"{move.unit.capitalize()} no. {move.n} after {path}"
    unit = move.unit.replace("but sundays", "(Sundays not counted)")
    return f"{abs(move.n)} {unit} {'after' if move.n > 0 else 'before'} {path}"
