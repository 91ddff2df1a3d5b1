"""OpenElections' tables of results, read and written: county, precinct, office, party, candidate, votes.

For the thousands of elections that volunteers have transcribed. Votes may stand in one column, in columns by
mode, or both. Rows for ``Registered Voters``, ``Ballots Cast``, ``Over Votes`` and ``Under Votes`` are counts
of ballots, not candidates. A blank cell is a number that is not known; numbers may have separators.
"""

import datetime
import re
from collections.abc import Iterator, Mapping

import msgspec

from tallybook.election import Choice, Contest
from tallybook.formats.csv_in import Row, as_number, needs_text, read_table, why_no_number
from tallybook.formats.csv_out import plain, table
from tallybook.formats.problems import Consequence, FileProblem, Problems, shown
from tallybook.formats.results import TOTAL, Measured, Results, Unit, Votes

NEEDED = ("county", "office", "party", "candidate")
MODES = {
    "votes": TOTAL,
    "election_day": "election-day",
    "absentee": "absentee",
    "absentee_by_mail": "absentee-mail",
    "mail": "absentee-mail",
    "mail_in": "absentee-mail",
    "early_voting": "early",
    "advance": "early",
    "provisional": "provisional",
    "federal": "uocava",
}
OFFICE = re.compile(r"(.*) #(.*)", re.DOTALL)
"""How a contest's id keeps its district apart from its office."""
PSEUDO = {
    "registered voters": "registered_voters",
    "ballots cast": "ballots_cast",
    "over votes": "overvotes",
    "overvotes": "overvotes",
    "under votes": "undervotes",
    "undervotes": "undervotes",
}
NAMES = {
    "registered_voters": "Registered Voters",
    "ballots_cast": "Ballots Cast",
    "overvotes": "Over Votes",
    "undervotes": "Under Votes",
    "write_ins": "Write-ins",
}
"""What OpenElections calls a measure. Write-ins stand there as a candidate, and are read back as one."""
FILE = re.compile(r"(\d{8})__([a-z]{2})__([a-z0-9_]+?)((?:__[a-z0-9_-]+?)*)\.csv")


class Named(msgspec.Struct, frozen=True):
    """What a file's name says. ``parts`` are those after the kind: a county, ``precinct``, ``county``."""

    day: datetime.date
    state: str
    kind: str
    parts: tuple[str, ...]


def named(file: str) -> Named | None:
    """What the name of a file says; None where it is not of OpenElections' form.

    >>> named("20210105__ga__runoff.csv").kind
    'runoff'
    """
    found = FILE.fullmatch(file)
    if not found:
        return None
    try:
        day = datetime.datetime.strptime(found[1], "%Y%m%d").date()
    except ValueError:
        return None
    return Named(day, found[2], found[3], tuple(filter(None, found[4].split("__"))))


def read_openelections(data: bytes, file: str) -> tuple[Results | None, tuple[FileProblem, ...]]:
    """The results in a file. A contest is an office and its district; a candidate's id has the party too."""
    problems = Problems()
    held = read_table(data, file, problems, NEEDED, ("precinct", "district", *MODES), others=True)
    modes = {column: MODES[column] for column in held.columns if column in MODES}
    if not modes and not problems.grave:
        mend = "Add the column of votes."
        problems.add(Consequence.GRAVE, file, "no column of votes", ", ".join(MODES), mend, row=1)
    for column in held.columns:
        if column not in {*NEEDED, *MODES, "precinct", "district"}:
            mend = "It was passed over."
            problems.add(Consequence.NOTE, file, f"the column {shown(column)}", "known columns", mend, row=1)
    votes: list[Votes] = []
    measured: list[Measured] = []
    contests: dict[str, dict[str, Choice]] = {}
    units: dict[str, Unit] = {}
    for row in held.rows:
        contest, unit = _contest_id(row, file, problems), _add_unit(row, units, file, problems)
        measure = PSEUDO.get(_cell(row, "candidate").casefold())
        counts = list(_counts(row, modes, file, problems))
        if measure is not None:
            whole = (
                ""
                if measure == "registered_voters" or _cell(row, "office") in {"", *NAMES.values()}
                else contest
            )
            measured += [Measured(whole, unit, mode, measure, count) for mode, count in counts]
            continue
        choice = _choice(row, file, problems)
        contests.setdefault(contest, {}).setdefault(choice.id, choice)
        votes += [Votes(contest, unit, mode, choice.id, count) for mode, count in counts]
    said = named(file.rpartition("/")[2])
    found = Results(
        file, tuple(_contest(name, choices) for name, choices in contests.items()), tuple(units.values()),
        tuple(votes), tuple(measured), said.kind if said else "", said.day if said else None,
    )  # fmt: skip
    return (None if problems.grave else found), problems.collected()


def write_openelections(results: Results) -> bytes:
    """The results as a table with a column for each mode that they have.

    Units of the kind ``precinct`` stand in their county, all others as counties. Raises ValueError for a mode
    that the form has no column for.
    """
    columns = {mode: column for column, mode in reversed(MODES.items())}
    modes = list(dict.fromkeys([row.mode for row in results.votes] + [row.mode for row in results.measured]))
    if unknown := [mode for mode in modes if mode not in columns]:
        raise ValueError(f"OpenElections has no column for {', '.join(unknown)}.")
    counts: dict[tuple[str, str, str, str], dict[str, int]] = {}
    choices = {(c.id, choice.id): choice for c in results.contests for choice in c.choices}
    for row in results.votes:
        choice = choices[row.contest, row.choice]
        key = (row.unit, row.contest, choice.party, choice.name)
        counts.setdefault(key, {})[row.mode] = row.votes
    for one in results.measured:
        counts.setdefault((one.unit, one.contest, "", NAMES[one.measure]), {})[one.mode] = one.count
    units = {unit.id: unit for unit in results.units}
    lines = [
        [
            *_place(units[unit], units),
            *_office(contest, results),
            party,
            name,
            *(held.get(mode, "") for mode in modes),
        ]
        for (unit, contest, party, name), held in counts.items()
    ]
    header = [
        "county",
        "precinct",
        "office",
        "district",
        "party",
        "candidate",
        *(columns[mode] for mode in modes),
    ]
    return table(header, lines)


def _counts(row: Row, modes: Mapping[str, str], file: str, problems: Problems) -> Iterator[tuple[str, int]]:
    """The numbers of a row by mode; a blank one is not known and left out."""
    for column, mode in modes.items():
        text = row.cells[column]
        count = as_number(text)
        if text and count is None:
            mend = f"{why_no_number(text)}Correct the cell."
            expected = "a whole number, 0 or more, or nothing"
            problems.add(Consequence.GRAVE, file, shown(text), expected, mend, row=row.number, column=column)
        elif count is not None:
            yield mode, count


def _add_unit(row: Row, units: dict[str, Unit], file: str, problems: Problems) -> str:
    county, precinct = plain(needs_text(row, "county", file, problems)), _cell(row, "precinct")
    units.setdefault(county, Unit(county, county, "county"))
    if not precinct:
        return county
    id_ = f"{county}/{precinct}"
    units.setdefault(id_, Unit(id_, precinct, "precinct", county))
    return id_


def _contest_id(row: Row, file: str, problems: Problems) -> str:
    is_count = _cell(row, "candidate").casefold() in PSEUDO
    office = _cell(row, "office") if is_count else plain(needs_text(row, "office", file, problems))
    district = _cell(row, "district")
    return f"{office} #{district}" if district else office


def _choice(row: Row, file: str, problems: Problems) -> Choice:
    name, party = plain(needs_text(row, "candidate", file, problems)), _cell(row, "party")
    return Choice(f"{name} ({party})" if party else name, name, party)


def _contest(id_: str, choices: Mapping[str, Choice]) -> Contest:
    return Contest(id_, id_.replace(" #", " "), "", tuple(choices.values()))


def _cell(row: Row, column: str) -> str:
    return plain(row.cells.get(column, ""))


def _place(unit: Unit, units: Mapping[str, Unit]) -> tuple[str, str]:
    if unit.kind == "precinct" and unit.within in units:
        return units[unit.within].name, unit.name
    return unit.name, ""


def _office(contest: str, results: Results) -> tuple[str, str]:
    split = OFFICE.fullmatch(contest)
    if split:
        return split[1], split[2]
    return (results.contest(contest).name if contest else ""), ""
