"""Tables of reported results in comma-separated text: by reporting unit, mode and choice, and as a feed.

For the canvass tables of a state, as published or collected: one row per unit and choice with a column per
mode (long), one row per unit with a column per choice (wide), and a feed of wide rows each with the time at
which it was captured. A layout says which column is which; nothing is guessed from a header.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from tallybook.election import Choice, Contest
from tallybook.formats.csv_in import Row, Table, needs_text, read_table, whole_number
from tallybook.formats.problems import Consequence, FileProblem, Problems, shown
from tallybook.formats.results import TOTAL, Feed, Results, Unit, Version, Votes


class Long(msgspec.Struct, frozen=True):
    """A table with a row per unit and choice. ``units`` are columns from the widest unit to the narrowest.

    ``modes`` maps columns to modes; the column of all modes maps to ``total``. ``others`` are passed over.
    """

    contest: str
    units: Mapping[str, str]
    choice: str
    modes: Mapping[str, str]
    party: str = ""
    others: tuple[str, ...] = ()


class Wide(msgspec.Struct, frozen=True):
    """A table with a row per unit: ``choices`` maps columns to pairs (contest, choice).

    ``captured`` and ``label`` are the columns of a feed; ``others`` are passed over. Names of units in the
    columns ``as_written`` keep the blanks at their ends.
    """

    units: Mapping[str, str]
    choices: Mapping[str, tuple[str, str]]
    captured: str = ""
    label: str = ""
    others: tuple[str, ...] = ()
    as_written: tuple[str, ...] = ()


def read_long(data: bytes, file: str, layout: Long) -> tuple[Results | None, tuple[FileProblem, ...]]:
    """The results in a long table. A unit's id is its name after those of the units that it lies in."""
    problems = Problems()
    needed = [layout.contest, *layout.units, layout.choice, *layout.modes]
    held = read_table(data, file, problems, needed, [*filter(None, [layout.party]), *layout.others])
    votes = [vote for row in held.rows for vote in _long_votes(row, layout, file, problems)]
    _note_twice(votes, held, len(layout.modes), problems)
    if problems.grave:
        return None, problems.collected()
    parties = {
        (row.cells[layout.contest], row.cells[layout.choice]): row.cells.get(layout.party, "")
        for row in held.rows
    }
    contests = contests_of(((vote.contest, vote.choice) for vote in votes), parties)
    return Results(file, contests, units_of(held.rows, layout.units), tuple(votes)), problems.collected()


def read_wide(data: bytes, file: str, layout: Wide) -> tuple[Results | None, tuple[FileProblem, ...]]:
    """The results in a wide table, as totals of all modes."""
    problems = Problems()
    held = read_table(
        data, file, problems, [*layout.units, *layout.choices], layout.others, as_written=layout.as_written
    )
    votes = [vote for row in held.rows for vote in _wide_votes(row, layout, file, problems)]
    _note_twice(votes, held, len(layout.choices), problems)
    if problems.grave:
        return None, problems.collected()
    contests = contests_of(layout.choices.values(), {})
    return Results(file, contests, units_of(held.rows, layout.units), tuple(votes)), problems.collected()


def read_feed(data: bytes, file: str, layout: Wide) -> tuple[Feed | None, tuple[FileProblem, ...]]:
    """The versions in a table of captures. Rows of one time are one version; times never run backwards."""
    problems = Problems()
    needed = [layout.captured, layout.label, *layout.units, *layout.choices]
    held = read_table(data, file, problems, needed, layout.others)
    versions: dict[datetime.datetime, list[Votes]] = {}
    labels: dict[datetime.datetime, str] = {}
    for row in held.rows:
        captured = _moment(row, layout.captured, file, problems)
        if versions and captured < max(versions):
            mend = "Put the rows in the order of their capture."
            found, expected = shown(row.cells[layout.captured]), "a time not before the last row's"
            problems.add(
                Consequence.GRAVE, file, found, expected, mend, row=row.number, column=layout.captured
            )
        labels.setdefault(captured, " ".join(row.cells[layout.label].split()))
        versions.setdefault(captured, []).extend(_wide_votes(row, layout, file, problems))
    if problems.grave:
        return None, problems.collected()
    units, contests = units_of(held.rows, layout.units), contests_of(layout.choices.values(), {})
    kept = tuple(Version(at, labels[at], tuple(votes)) for at, votes in versions.items())
    return Feed(file, contests, units, kept), problems.collected()


def units_of(rows: Iterable[Row], columns: Mapping[str, str]) -> tuple[Unit, ...]:
    """The units that rows name, each after the one it lies in. ``columns``: column -> kind of unit."""
    found: dict[str, Unit] = {}
    for row in rows:
        path: list[str] = []
        for column, kind in columns.items():
            within, name = "/".join(path), row.cells[column]
            path.append(name)
            if "/".join(path) not in found:
                found["/".join(path)] = Unit("/".join(path), name, kind, within)
    return tuple(found.values())


def unit_id(row: Row, columns: Mapping[str, str], file: str, problems: Problems) -> str:
    """The id of the row's narrowest unit."""
    return "/".join(needs_text(row, column, file, problems) for column in columns)


def contests_of(
    pairs: Iterable[tuple[str, str]], parties: Mapping[tuple[str, str], str]
) -> tuple[Contest, ...]:
    """Contests with their choices, in the order in which they are met."""
    choices: dict[str, dict[str, Choice]] = {}
    for contest, choice in pairs:
        held = choices.setdefault(contest, {})
        if choice not in held:
            held[choice] = Choice(choice, choice, parties.get((contest, choice), ""))
    return tuple(Contest(name, name, "", tuple(held.values())) for name, held in choices.items())


def _long_votes(row: Row, layout: Long, file: str, problems: Problems) -> list[Votes]:
    contest, choice = (needs_text(row, column, file, problems) for column in (layout.contest, layout.choice))
    unit = unit_id(row, layout.units, file, problems)
    return [
        Votes(contest, unit, mode, choice, whole_number(row, column, file, problems))
        for column, mode in layout.modes.items()
    ]


def _wide_votes(row: Row, layout: Wide, file: str, problems: Problems) -> list[Votes]:
    unit = unit_id(row, layout.units, file, problems)
    return [
        Votes(contest, unit, TOTAL, choice, whole_number(row, column, file, problems))
        for column, (contest, choice) in layout.choices.items()
    ]


def _moment(row: Row, column: str, file: str, problems: Problems) -> datetime.datetime:
    text = row.cells[column]
    try:
        moment = datetime.datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment
    except ValueError:
        pass
    mend = "Write it like 2021-01-05T22:47:41+00:00."
    expected = "a time with its offset"
    problems.add(Consequence.GRAVE, file, shown(text), expected, mend, row=row.number, column=column)
    return datetime.datetime.min.replace(tzinfo=datetime.UTC)


def _note_twice(votes: Sequence[Votes], held: Table, a_row: int, problems: Problems) -> None:
    """Note each row whose first number was stated in an earlier row."""
    first: dict[tuple[str, str, str], int] = {}
    for row, vote in zip(held.rows, votes[::a_row], strict=False):
        key = (vote.contest, vote.unit, vote.choice)
        if key in first:
            found = f"{shown(', '.join(key))}, which stands in row {first[key]:,} already"
            mend = "Find out which row is right and remove the other."
            problems.add(Consequence.GRAVE, held.file, found, "each number once", mend, row=row.number)
        first.setdefault(key, row.number)
