"""The rows of a spreadsheet from a stranger, with its size known before it is unpacked.

For exports that come as .xlsx (ECMA-376). The file is a ZIP and is held to an archive's limits; a sheet whose
one cell lies in the last row and column would be held whole in memory by any reader, so the places that cells
name are looked at first. Only the first sheet is read, as the vendors write it.
"""

import datetime
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from python_calamine import CalamineError, CalamineWorkbook

from tallybook.formats.archives import Folder, Limits, Unreadable, open_zip
from tallybook.formats.problems import Consequence, Problems, shown

LIMITS = Limits(files=2_000, total_bytes=8 << 30, file_bytes=4 << 30, ratio=200)
MOST_CELLS = 40_000_000
CELL = re.compile(rb"""\sr=["']([A-Z]{1,4})([0-9]{1,9})["']""")
SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
LONGEST_TAG = 256
MEND = "Save the sheet as CSV (UTF-8) from the voting system, or export it in parts."


def rows(data: bytes, file: str, problems: Problems) -> Iterator[list[str]]:
    """The rows of the first sheet as text, from its first row; a whole number has no decimal point.

    Raises ``Unreadable`` for a damaged or locked file and for one of more than forty million places.
    """
    archive = open_zip(data, file, problems, LIMITS)
    if archive is None:
        raise Unreadable(file, "no whole spreadsheet", "an .xlsx file", MEND)
    sheets = [name for name in archive.names() if SHEET.fullmatch(name)]
    for name in sheets:
        _refuse_sparse(archive, name, file)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        if len(book.sheet_names) > 1:
            others = ", ".join(map(shown, book.sheet_names[1:4]))
            mend = "They were not read. If one holds cards, save it as a file of its own."
            problems.add(Consequence.CARE, file, f"further sheets: {others}", "one sheet", mend)
        sheet = book.get_sheet_by_index(0)
        table = sheet.to_python(skip_empty_area=False) if sheet.height < 2_000 else None
        source: Iterator[Sequence[object]] = (
            iter(table) if table is not None else _long(sheet.start, sheet.iter_rows())
        )
    except (CalamineError, OSError, ValueError, IndexError) as why:
        found = f"a spreadsheet that cannot be read ({shown(why)})"
        raise Unreadable(file, found, "an .xlsx file without a password", MEND) from why
    for row in source:
        yield [cell if type(cell) is str else _text(cell) for cell in row]


def _long(start: tuple[int, int] | None, table: Iterable[Sequence[object]]) -> Iterator[Sequence[object]]:
    """The rows of a long sheet, with the empty rows above and columns before them put back."""
    above, before = start or (0, 0)
    for _ in range(above):
        yield []
    for row in table:
        yield [*[""] * before, *row] if before else row


def _refuse_sparse(archive: Folder, name: str, file: str) -> None:
    """Refuse a sheet whose cells span more places than a reader should hold."""
    widest, last, tail = 1, 1, b""
    for piece in archive.pieces(name):
        text = tail + piece
        found = CELL.findall(text)
        tail = text[-LONGEST_TAG:]
        if found:
            letters, numbers = zip(*found, strict=True)
            widest = max(widest, *map(_column, set(letters)))
            last = max(last, int(max(numbers, key=_magnitude)))
        if widest * last > MOST_CELLS:
            where = f"cells as far as row {last:,} and column {widest:,}"
            raise Unreadable(file, where, f"at most {MOST_CELLS:,} places in a sheet", MEND)


def _magnitude(digits: bytes) -> tuple[int, bytes]:
    return len(digits), digits


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _text(cell: object) -> str:
    """A cell as a person would have typed it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    if isinstance(cell, (datetime.datetime, datetime.date, datetime.time)):
        return cell.isoformat()
    return str(cell)
