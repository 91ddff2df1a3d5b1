"""ES&S's files as tables: where the headings are, what a total says, and rows whose names hold bare commas.

For ``ess``. A CVR file begins with its headings; a ballots file may have five rows before them and a total
below. Some exports forget the quotation marks around ``SMITH, JOHN (CND0001)`` and ``Undervote, Overvote``:
such a row is mended where only one way of mending fits, and that is told.
"""

import re
from collections.abc import Iterator, Sequence

import msgspec

from tallybook.formats import sheets
from tallybook.formats.archives import Folder, Unreadable, is_zip, read_whole
from tallybook.formats.problems import Consequence, Problems
from tallybook.formats.tables import Table, read_table
from tallybook.formats.text import cleaned, rows

SPREADSHEET_BYTES = 1 << 30
CARD = "cast vote record"
ABOUT_THE_CARD = {
    CARD, "precinct", "precinct id", "ballot style", "style", "election id", "audit number", "tabulator cvr",
    "batch", "ballot status", "seqno", "serial number", "boxnum", "boxposition", "machine", "poll place",
    "poll place id", "reporting group", "results report", "original ballot exception", "type",
    "remaining ballot exception", "write-in type", "adjudicated by", "county", "count",
}  # fmt: skip
ONLY_IN_BALLOTS = {
    "original ballot exception",
    "remaining ballot exception",
    "results report",
    "reporting group",
}
PLAIN_CELLS = {"", "undervote", "overvote"}
RANK = (
    re.compile(r"(?P<name>.+?)\s+choice\s+(?P<rank>\d{1,2})(?:\s*\(\d+\))?", re.IGNORECASE),
    re.compile(r"(?P<rank>\d{1,2})(?:st|nd|rd|th)\s+choice\s+(?P<name>.+)", re.IGNORECASE),
)
TOTAL = re.compile(r"total\s*:\s*([\d,]+)", re.IGNORECASE)
EXPORT_AGAIN = "Export the file again as the voting system writes it, without editing it in a spreadsheet."


def table_of(folder: Folder, name: str, problems: Problems) -> Table | None:
    """One file as a table; None, told, where it is none."""
    totals: list[tuple[int, int]] = []
    try:
        source = _without_totals(_rows(folder, name, problems), totals)
        headings, first = _headings(source)
        if not headings:
            mend = "It was not read. If it holds cards, export it again."
            problems.add(Consequence.CARE, name, "no headings of ES&S's", f'a heading "{CARD}"', mend)
            return None
        known = [place for place, heading in enumerate(headings) if heading.casefold() in ABOUT_THE_CARD]
        table = read_table(source, headings, first, name, _repair(len(headings), known), problems)
    except Unreadable as why:
        problems.add(Consequence.GRAVE, *why.told)
        return None
    for row, total in totals:
        if total != table.rows:
            found, expected = (
                f"a total of {total:,} and {table.rows:,} rows",
                "as many rows as the total says",
            )
            problems.add(Consequence.GRAVE, name, found, expected, EXPORT_AGAIN, row=row)
    return table


def _rows(folder: Folder, name: str, problems: Problems) -> Iterator[list[str]]:
    if is_zip(next(iter(folder.pieces(name)), b"")):
        data = read_whole(folder, name, SPREADSHEET_BYTES, problems)
        return iter(()) if data is None else sheets.rows(data, name, problems)
    return rows(folder, name, problems)


def _without_totals(source: Iterator[list[str]], totals: list[tuple[int, int]]) -> Iterator[list[str]]:
    """The rows, with ``Total : 12`` below them taken out, remembered, and left as an empty row."""
    for number, row in enumerate(source, 1):
        match = TOTAL.fullmatch(row[0].strip()) if row and row[0][:1] in "Tt " else None
        if match:
            totals.append((number, int(match[1].replace(",", "")[:12])))
        yield [] if match else row


def _headings(source: Iterator[list[str]]) -> tuple[list[str], int]:
    """The headings, and the number of the row below them. Ballots files have five rows before them."""
    for number, row in zip(range(1, 12), source, strict=False):
        cells = [cleaned(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if any(cell.casefold() == CARD or rank_of(cell) for cell in cells):
            return cells, number + 1
    return [], 0


def _repair(width: int, known: Sequence[int]) -> "_Repair":
    return _Repair(width, max(known, default=-1) + 1)


class _Repair(msgspec.Struct, frozen=True):
    """Mends a row whose names or lists hold commas without quotation marks, where only one way fits."""

    width: int
    contests: int

    def __call__(self, row: list[str]) -> list[str] | None:
        """The row at its width, or None."""
        for mended in (_joined_at_blanks(row), _joined_to_brackets(row, self.contests)):
            if len(mended) == self.width:
                return mended
        return None


def _joined_at_blanks(row: Sequence[str]) -> list[str]:
    """Lists such as ``Undervote, Overvote``: a cell that starts with a blank belongs to the one before."""
    mended: list[str] = []
    for cell in row:
        if mended and cell.startswith(" ") and cell.strip():
            mended[-1] += "," + cell
        else:
            mended.append(cell)
    return mended


def _joined_to_brackets(row: Sequence[str], contests: int) -> list[str]:
    """Names such as ``SMITH, JOHN (CND0001)``: a name goes on to its closing bracket."""
    mended, open_name = list(row[:contests]), ""
    for cell in row[contests:]:
        open_name += ("," if open_name else "") + cell
        if open_name.strip().casefold() in PLAIN_CELLS or open_name.rstrip().endswith(")"):
            mended.append(open_name)
            open_name = ""
    return [*mended, open_name] if open_name else mended


def is_ballots(table: Table) -> bool:
    """Whether this is a ballots file: it tells of cards and has no contest."""
    headings = {heading.casefold() for heading in table.headings}
    return bool(headings & ONLY_IN_BALLOTS) and headings <= ABOUT_THE_CARD


def rank_of(heading: str) -> tuple[str, int] | None:
    """The contest and the rank that a heading names, or none."""
    match = next((match for form in RANK if (match := form.fullmatch(heading))), None)
    return (match["name"], int(match["rank"])) if match else None
