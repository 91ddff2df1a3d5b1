"""Tables that people hand in, CSV or spreadsheet: rows, and whole numbers in them, or a plain refusal."""

from collections.abc import Sequence
from pathlib import Path

from tallybook.doors.cli.shown import DoorError
from tallybook.formats.csv_in import Row, as_number, read_table
from tallybook.formats.problems import Problems


def rows_of(path: Path, needed: Sequence[str], optional: Sequence[str] = ()) -> tuple[Row, ...]:
    """The rows of a table; other columns are kept as they are. Raises DoorError with what is wrong in it."""
    problems = Problems()
    held = read_table(path.read_bytes(), str(path), problems, needed, optional, others=True)
    if problems.grave:
        raise DoorError(*(str(one) for one in problems.collected()))
    return held.rows


def number_in(path: Path, row: Row, column: str) -> int:
    """A whole number in a table."""
    value = as_number(row.cells.get(column, ""))
    if value is None:
        found = row.cells.get(column, "")
        raise DoorError(f'{path}, row {row.number}, "{column}": found "{found}"; expected a whole number.')
    return value
