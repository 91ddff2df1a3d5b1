"""A law set: the law files of a book, joined in order, checked against each other and indexed.

docs/spec/law.md, section 2.  Ids are unique in a set; every office, act, purpose and entry kind that a row
names is declared in it, so that a ruling can never turn on a misspelt word.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from tallybook.law.clock import clock
from tallybook.law.nouns import ANY_OFFICE, LawFile, LawSet, Row, Rule
from tallybook.law.problems import LawError, Problem
from tallybook.law.steps import Steps, entry_kind

CONSEQUENCES = (
    *("book_opened", "act_refused", "act_without_legal_effect", "runoff_arose", "runoff_withdrawn"),
    "audit_reopened",
)
"""Entry kinds that no act of a law file declares (docs/spec/book.md, section 9)."""


MOST_ROWS = 20_000
"""Rows and rules of a set together."""

PEOPLE = ("signatures", "board", "separation", "keys", "roster")
"""The kinds of rules and the effects of acts that are about the persons who act."""


def law_set(files: Iterable[LawFile]) -> LawSet:
    """The law files as one set, in order.  Raises LawError with every contradiction found."""
    adopted = tuple(files)
    problems = [*too_many(adopted), *repetitions(adopted), *unknown_names(adopted)]
    if problems:
        raise LawError(problems)
    rows = tuple(row for file in adopted for row in file.rows)
    by_act: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_act[row.act].append(row)
    clock_rows = next((file.clock for file in adopted if file.clock), ())
    return LawSet(
        files=adopted,
        clock=clock(
            ((row.start, row.offset) for row in clock_rows),
            (holiday.date for file in adopted for holiday in file.holidays),
        ),
        offices={office.id: office for file in adopted for office in file.offices},
        purposes={purpose.id: purpose for file in adopted for purpose in file.purposes},
        acts={act.id: act for file in adopted for act in file.acts},
        entries={act.entry: act.id for file in adopted for act in file.acts},
        by_act={act: tuple(found) for act, found in by_act.items()},
        peopled=any(map(is_of_people, adopted)),
        rows=rows,
        rules=tuple(rule for file in adopted for rule in file.rules),
        dates=tuple(date for file in adopted for date in file.dates),
        elections=tuple(election for file in adopted for election in file.elections),
    )


def is_of_people(file: LawFile) -> bool:
    """Whether a rule or act of the file is about the persons who act."""
    return any(rule.kind in PEOPLE for rule in file.rules) or any(act.effect in PEOPLE for act in file.acts)


def too_many(files: tuple[LawFile, ...]) -> Iterable[Problem]:
    """More rows and rules than an act can be held against in good time."""
    many = sum(len(file.rows) + len(file.rules) for file in files)
    if many > MOST_ROWS:
        found, expected = f"{many:,} rows and rules", f"at most {MOST_ROWS:,} in a set"
        yield Problem(files[-1].id, "rows", "", "", found, expected, "Leave out what no act needs.")


def repetitions(files: tuple[LawFile, ...]) -> Iterable[Problem]:
    """Ids that stand twice; an office or purpose may, with the same words."""
    yield from repeated("", [(file.id, file.id) for file in files])
    for table in ("acts", "rows", "rules", "dates", "elections"):
        yield from repeated(table, [(file.id, row.id) for file in files for row in getattr(file, table)])
    for table in ("offices", "purposes"):
        different = {row: file.id for file in files for row in getattr(file, table)}
        yield from repeated(table, [(file, row.id) for row, file in different.items()])
    yield from repeated("acts", [(file.id, act.entry) for file in files for act in file.acts], "entry")


def repeated(table: str, ids: list[tuple[str, str]], key: str = "id") -> Iterable[Problem]:
    """A problem for each id that was seen before."""
    seen: dict[str, str] = {}
    for file, one in ids:
        if one in seen:
            mend = "Give one of them another name, or the same words."
            found = f'"{one}", which stands in {seen[one]} too'
            yield Problem(file, table, one, key, found, "a name used once in the set", mend)
        seen[one] = file


def unknown_names(files: tuple[LawFile, ...]) -> Iterable[Problem]:
    """Offices, acts, purposes and entry kinds that no file of the set declares."""
    known = {
        "office": {ANY_OFFICE} | {office.id for file in files for office in file.offices},
        "act": {act.id for file in files for act in file.acts},
        "purpose": {purpose.id for file in files for purpose in file.purposes},
        "row": {row.id for file in files for row in file.rows},
        "entry kind": {act.entry for file in files for act in file.acts} | set(CONSEQUENCES),
    }
    for file in files:
        for row in file.rows:
            for key, kind, name in names_in_row(row):
                if name not in known[kind]:
                    yield unknown(file.id, "rows", row.id, key, kind, name)
        for rule in file.rules:
            for key, kind, name in names_in_rule(rule):
                if name not in known[kind]:
                    yield unknown(file.id, "rules", rule.id, key, kind, name)
        for date in file.dates:
            if (name := entry_kind(date.day)) and name not in known["entry kind"]:
                yield unknown(file.id, "dates", date.id, "day", "entry kind", name)


def names_in_row(row: Row) -> Iterable[tuple[str, str, str]]:
    """(key, kind of name, name) of everything that a row names."""
    yield "office", "office", row.office
    yield "act", "act", row.act
    yield from (("purposes", "purpose", purpose) for purpose in row.purposes or ())
    yield from (("due", "entry kind", kind) for kind in kinds_in(row.due))
    for guard in row.when:
        if guard.name in ("after", "before"):
            yield from ((f"when.{guard.name}", "entry kind", kind) for kind in guard.value)
        elif guard.name == "every_place":
            yield "when.every_place", "entry kind", guard.value
        else:
            yield from ((f"when.{guard.name}", "entry kind", kind) for kind in kinds_in(guard.value))


NAMING = (*(("offices", "office"), ("office", "office"), ("acts", "act"), ("steps", "act"), ("rows", "row")),)
"""The keys of a rule that name what the set must declare, and the kind of name."""


def names_in_rule(rule: Rule) -> Iterable[tuple[str, str, str]]:
    """(key, kind of name, name) of everything that a rule names."""
    for key, value in rule.values.items():
        yield from ((key, "entry kind", kind) for kind in kinds_in(value))
    for key, kind in NAMING:
        named = rule.values.get(key, ())
        yield from ((key, kind, name) for name in ((named,) if isinstance(named, str) else named))


def kinds_in(value: Any) -> tuple[str, ...]:
    """The entry kind that date steps start from, if any."""
    return (kind,) if isinstance(value, Steps) and (kind := entry_kind(value)) else ()


def unknown(file: str, table: str, row: str, key: str, kind: str, name: str) -> Problem:
    """A name that the set does not declare."""
    article = "an" if kind[0] in "aeiou" else "a"
    mend = f"Declare the {kind}, or correct the name."
    return Problem(file, table, row, key, f'"{name}"', f"{article} {kind} that the law set declares", mend)


def rule_for(laws: LawSet, kind: str, contest_class: str, day: str, election_day: str) -> Rule | None:
    """The first rule of that kind for a class of contests, asked on `day` (section 7); None if none is.

    contest_class: such as "president" or "us_senate"; day: the day on which it is asked.
    """
    return next(
        (rule for rule in rules_for(laws, contest_class, day, election_day) if rule.kind == kind), None
    )


def rules_for(laws: LawSet, contest_class: str, day: str, election_day: str) -> tuple[Rule, ...]:
    """Every rule that applies to a class of contests, in order."""
    return tuple(
        rule
        for rule in laws.rules
        if (not rule.classes or contest_class in rule.classes)
        and day in rule.in_force
        and election_day in rule.elections_held
    )
