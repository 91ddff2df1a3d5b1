"""Reading a law file: TOML in, frozen rows out, every problem collected (docs/spec/law.md, section 2).

For the author of a law file.  An unknown key is a problem, so that a misspelt guard can never be passed
over in silence.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any

from tallybook.law.grammar import COUNTING, REQUIRED, TABLES, TOP, Field, Table, UnfitError, rule, rule_table
from tallybook.law.nouns import GRANTING, ClockRow, LawAct, LawFile, Row
from tallybook.law.problems import LawError, Problem

MOST_BYTES = 4 * 1024 * 1024
TOLD_THEIR_FILE = ("rows", "dates")


def parse_law(text: str) -> LawFile:
    """A law file from its text.

    Raises LawError with every problem found: file, table, row, key, found, expected, how to mend it.
    """
    return law_file(read_toml(text))


def read_toml(text: str) -> dict[str, Any]:
    """The file as plain tables.  Raises LawError if it is too long or no TOML."""
    try:
        if len(text.encode()) > MOST_BYTES:
            raise LawError([whole_file("more than 4 MiB", "4 MiB at most", "Split the file in two.")])
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeEncodeError) as error:
        raise LawError([whole_file(str(error), "TOML 1.0", "Correct the line named.")]) from None
    except (ValueError, OverflowError, RecursionError) as error:
        if isinstance(error, LawError):
            raise
        found = "numbers too long or arrays nested too deep"
        raise LawError([whole_file(found, "TOML 1.0", "Shorten them.")]) from None


def law_file(raw: dict[str, Any]) -> LawFile:
    """The law file from plain tables, or LawError with every problem."""
    file = raw["id"] if isinstance(raw.get("id"), str) else ""
    problems: list[Problem] = []
    top = {key: value for key, value in raw.items() if key not in TABLES and key != "rules"}
    head = fields_of(top, TOP, (file, "", ""), problems)
    tables: dict[str, Any] = {name: table_of(file, name, raw.get(name, []), problems) for name in TABLES}
    rules = rows_of(file, "rules", raw.get("rules", []), rule_table, problems)
    problems += contradictions(file, tables["rows"])
    problems += uncounted(file, tables["acts"])
    problems += disorder(file, tables["clock"])
    problems += unreachable(file, rules)
    if problems or head is None:
        raise LawError(problems)
    head.pop("format")
    return LawFile(rules=tuple(rule(file, found) for found in rules if found), **head, **tables)


def table_of(file: str, name: str, rows: object, problems: list[Problem]) -> tuple[Any, ...]:
    """The rows of one array of tables as nouns; a row with a problem is left out."""
    table, make = TABLES[name]
    own = {"law": file} if name in TOLD_THEIR_FILE else {}
    return tuple(
        make(**own, **found) for found in rows_of(file, name, rows, lambda _: table, problems) if found
    )


def rows_of(
    file: str,
    name: str,
    rows: object,
    table: Callable[[Mapping[str, Any]], Table],
    problems: list[Problem],
) -> list[dict[str, Any] | None]:
    """The rows of one array of tables, read; None for each row with a problem."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        found = Problem(
            file, name, "", "", shown(rows), "an array of tables", f"Write [[{name}]] above each row."
        )
        problems.append(found)
        return []
    places = [(file, name, row_name(row, number)) for number, row in enumerate(rows, start=1)]
    return [fields_of(row, table(row), place, problems) for row, place in zip(rows, places, strict=True)]


def fields_of(
    raw: Mapping[str, Any], table: Table, place: tuple[str, str, str], problems: list[Problem]
) -> dict[str, Any] | None:
    """The values of one table by field name, or None if there is a problem; problems are added."""
    before = len(problems)
    for key in raw:
        if key not in table:
            known = ", ".join(table)
            problems.append(
                Problem(*place, key, "an unknown key", f"one of {known}", "Correct or remove it.")
            )
    values = {field.name: value_of(raw, key, field, place, problems) for key, field in table.items()}
    return values if len(problems) == before else None


def value_of(
    raw: Mapping[str, Any], key: str, field: Field, place: tuple[str, str, str], problems: list[Problem]
) -> Any:
    """The value of one key; a problem is added where it is missing or does not fit."""
    if key not in raw:
        if field.default is REQUIRED:
            problems.append(Problem(*place, key, "no such key", "a value", f"Add the key {key}."))
        return field.default
    try:
        return field.read(raw[key])
    except UnfitError as unfit:
        problems.append(Problem(*place, key, shown(raw[key]), str(unfit), "Correct the value."))
        return None


def contradictions(file: str, rows: Iterable[Row]) -> Iterable[Problem]:
    """A row that refuses has no conditions: `when` and `due` belong to rows that grant."""
    for row in rows:
        for key, value in (("when", row.when), ("due", row.due)):
            if value and row.status not in GRANTING:
                mend = "Remove it, or write a second row that grants."
                yield Problem(file, "rows", row.id, key, row.status, "a status that grants", mend)


def uncounted(file: str, acts: Iterable[LawAct]) -> Iterable[Problem]:
    """An act that files a count says which."""
    for act in acts:
        if act.effect in COUNTING and not act.count:
            found = f"no count for the effect {act.effect}"
            yield Problem(file, "acts", act.id, "count", found, "a kind of count", "Add the key count.")


def unreachable(file: str, rules: Iterable[dict[str, Any] | None]) -> Iterable[Problem]:
    """A board's quorum is one that its seats can make."""
    for one in rules:
        if one and one["kind"] == "board" and one["quorum"] > one["seats"]:
            found, expected = f"{one['quorum']}", f"at most {one['seats']}, the seats"
            yield Problem(file, "rules", one["id"], "quorum", found, expected, "Correct one of the two.")


def disorder(file: str, rows: Iterable[ClockRow]) -> Iterable[Problem]:
    """Clock rows ascend."""
    for earlier, later in pairwise(rows):
        if later.start <= earlier.start:
            expected = f"a moment later than {earlier.start}"
            mend = "Put the clock rows in order."
            yield Problem(file, "clock", later.start, "from", later.start, expected, mend)


def whole_file(found: str, expected: str, mend: str) -> Problem:
    """A problem of the file as a whole."""
    return Problem("", "", "", "", found, expected, mend)


def row_name(row: Mapping[str, Any], number: int) -> str:
    """A row's id, or its number in its table."""
    found = row.get("id")
    return found if isinstance(found, str) and found else f"number {number}"


def shown(value: object) -> str:
    """A value as a person may read it, not too long."""
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else text[:77] + "..."
