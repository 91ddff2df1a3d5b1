"""Tables written as a spreadsheet (Office Open XML) in which no cell is a formula or a link.

For officials who sort and print. Texts are written as texts and whole numbers as numbers, whatever they begin
with. The same tables give the same bytes: the date of making is an argument, and nothing else varies.
"""

import datetime
import io
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from xlsxwriter import Workbook

MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
MOST_TEXT = 32_767
MOST_NUMBER = 10**15
"""A spreadsheet keeps fifteen digits of a number; a longer one is written as text."""
BAD_IN_NAMES = set("[]:*?/\\")
Cell = str | int


class Sheet(msgspec.Struct, frozen=True):
    """One sheet: its name (at most 31 characters), its header, its rows."""

    name: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def workbook(sheets: Sequence[Sheet], made: datetime.datetime) -> bytes:
    """The sheets as one file, headers frozen. Raises ValueError for what a spreadsheet cannot hold."""
    out = io.BytesIO()
    # The library takes dates without a zone; the file states them as UTC.
    created = made.astimezone(datetime.UTC).replace(tzinfo=None)
    with Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"created": created})
        bold = book.add_format({"bold": True})
        for sheet in sheets:
            if not 0 < len(sheet.name) <= 31 or BAD_IN_NAMES & set(sheet.name):
                raise ValueError(f"{sheet.name!r} cannot be the name of a sheet.")
            page = book.add_worksheet(sheet.name)
            page.freeze_panes(1, 0)
            for place, column in enumerate(sheet.columns):
                page.write_string(0, place, column, bold)
            for number, row in enumerate(sheet.rows, 1):
                _check_row(sheet, number, row)
                for place, cell in enumerate(row):
                    _write(page, number, place, cell)
    return out.getvalue()


def _write(page: Any, row: int, place: int, cell: Cell) -> None:
    if isinstance(cell, int) and abs(cell) < MOST_NUMBER:
        page.write_number(row, place, cell)
    else:
        page.write_string(row, place, str(cell))


def _check_row(sheet: Sheet, number: int, row: Sequence[Cell]) -> None:
    if len(row) != len(sheet.columns) or len(row) > MOST_COLUMNS or number >= MOST_ROWS:
        raise ValueError(f"Row {number} of {sheet.name!r} does not fit into a spreadsheet with its header.")
    if any(isinstance(cell, str) and len(cell) > MOST_TEXT for cell in row):
        raise ValueError(f"Row {number} of {sheet.name!r} has a cell of over {MOST_TEXT:,} characters.")
