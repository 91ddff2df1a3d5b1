"""Tables from officials, read strictly: what a row lacks or has too much is told, never guessed.

For the readers of manifests, totals and results, as text with commas or as a spreadsheet (``either.rows``:
encoding, hidden signs, limits). The rules are those that Arlo applies to uploaded files, so that a file
accepted there is read here: columns in any order and any case, empty columns at the right and blank rows
passed over, numbers with thousands separators, rows of totals refused.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

import msgspec

from tallybook.formats.archives import InMemory, Unreadable
from tallybook.formats.either import rows
from tallybook.formats.problems import Consequence, Problems, shown

TOTAL_ROW = re.compile(r"(sub)?totals?", re.IGNORECASE)
NUMBER = re.compile(r"\d+|\d{1,3}(,\d{3})+", re.ASCII)
MOST_DIGITS = 15


class Row(msgspec.Struct, frozen=True):
    """A row as a spreadsheet numbers it (the header is row 1), with its cells by column, blanks trimmed."""

    number: int
    cells: Mapping[str, str]


class Table(msgspec.Struct, frozen=True):
    """A table: its columns as asked for (others as the file spells them), and its rows."""

    file: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(
    data: bytes,
    file: str,
    problems: Problems,
    needed: Sequence[str],
    optional: Sequence[str] = (),
    *,
    others: bool = False,
    as_written: Sequence[str] = (),
) -> Table:
    """The table in ``data``. ``others`` admits columns that are neither needed nor optional (choices).

    Cells are trimmed, except in the columns ``as_written``: real batches differ by a blank at the end.

    A file that is no such table gives a grave problem and no rows; a row that does not fit is left out.
    """
    found = _all_rows(data, file, problems)
    header = next(found, None)
    if header is None:
        problems.add(Consequence.GRAVE, file, "nothing", _wanted(needed), "Is this the right file?")
        return Table(file, (), ())
    columns = _columns([cell.strip() for cell in header[1]], file, problems, needed, optional, others)
    if problems.grave:
        return Table(file, (), ())
    exact = {place for place, column in enumerate(columns) if column in as_written}
    kept = [row for number, cells in found if (row := _row(number, cells, columns, exact, file, problems))]
    return Table(file, columns, tuple(kept))


def header_of(data: bytes, file: str) -> tuple[str, ...]:
    """The names of a table's columns; nothing where it is no table."""
    first = next(_all_rows(data, file, Problems()), None)
    return tuple(cell.strip() for cell in first[1]) if first is not None else ()


def whole_number(row: Row, column: str, file: str, problems: Problems) -> int:
    """The whole number, 0 or more, in a cell; 0 with a grave problem where there is none."""
    text = row.cells.get(column, "")
    value = as_number(text)
    if value is None:
        found, expected = shown(text) if text else "nothing", "a whole number, 0 or more"
        mend = f"{why_no_number(text)}Correct the cell and upload the file again."
        problems.add(Consequence.GRAVE, file, found, expected, mend, row=row.number, column=column)
    return value or 0


def as_number(text: str) -> int | None:
    """The whole number written here, with or without thousands separators; None where it is none.

    >>> as_number("1,204"), as_number("12O4"), as_number("-3"), as_number("2.5"), as_number("1,20")
    (1204, None, None, None, None)
    """
    if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS:
        return int(text)
    digits = text.replace(",", "")
    return int(digits) if NUMBER.fullmatch(text) and len(digits) <= MOST_DIGITS else None


def why_no_number(text: str) -> str:
    """The first character that spoils a number, told for a tired reader; empty where that would not help.

    >>> why_no_number("12O4")
    'The third character is the letter O. '
    """
    ordinals = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
    for place, character in enumerate(text[: len(ordinals)]):
        if character in "-−":
            return "A count cannot be below 0. "
        if not (character.isascii() and (character.isdigit() or character == ",")):
            kind = "the letter " if character.isalpha() else ""
            what = f"{kind}{character}" if character.isprintable() else "an invisible sign"
            return f"The {ordinals[place]} character is {what}. "
    return ""


def needs_text(row: Row, column: str, file: str, problems: Problems) -> str:
    """The text of a cell; a grave problem where it is blank."""
    text = row.cells.get(column, "")
    if not text:
        mend = "Fill in the cell and upload the file again."
        problems.add(Consequence.GRAVE, file, "nothing", "some text", mend, row=row.number, column=column)
    return text


def unique(table: Table, columns: Sequence[str], problems: Problems) -> None:
    """Note rows that repeat another's values of these columns together."""
    first: dict[tuple[str, ...], int] = {}
    for row in table.rows:
        key = tuple(row.cells.get(column, "") for column in columns)
        if key in first:
            found = f"{shown(', '.join(key))}, which stands in row {first[key]:,} already"
            mend = "Rename one of them, or remove the row that is there twice."
            problems.add(
                Consequence.GRAVE,
                table.file,
                found,
                "each once",
                mend,
                row=row.number,
                column=", ".join(columns),
            )
        first.setdefault(key, row.number)


def no_row_of_totals(table: Table, columns: Sequence[str], problems: Problems) -> None:
    """Note a last row that is the sum of the others: it would be counted a second time."""
    if len(table.rows) <= 2 or not columns:
        return
    numbers = [[as_number(row.cells.get(column, "")) or 0 for column in columns] for row in table.rows]
    if any(numbers[-1]) and numbers[-1] == [sum(column) for column in zip(*numbers[:-1], strict=True)]:
        mend = "Remove the row of totals and upload the file again."
        found, row = "a last row that is the sum of the others", table.rows[-1].number
        problems.add(Consequence.GRAVE, table.file, found, "rows of single batches", mend, row=row)


def _all_rows(data: bytes, file: str, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    try:
        for number, cells in enumerate(rows(InMemory({file: data}), file, problems), 1):
            if any(map(str.strip, cells)):
                yield number, cells
    except Unreadable as why:
        problems.add(Consequence.GRAVE, *why.told)


def _columns(
    header: Sequence[str],
    file: str,
    problems: Problems,
    needed: Sequence[str],
    optional: Sequence[str],
    others: bool,
) -> tuple[str, ...]:
    spelt = {name.casefold(): name for name in (*needed, *optional)}
    columns = [spelt.get(name.casefold(), name) for name in header]
    while columns and not columns[-1]:
        columns.pop()
    if len(columns) == 1 and ("\t" in columns[0] or ";" in columns[0]):
        mend = "The columns seem to be separated by tabs or semicolons. Save the file with commas."
        problems.add(Consequence.GRAVE, file, shown(columns[0]), _wanted(needed), mend, row=1)
        return ()
    for name in needed:
        if name not in columns:
            mend = "Add the column, or correct the spelling of its header."
            problems.add(Consequence.GRAVE, file, f"no column {shown(name)}", _wanted(needed), mend, row=1)
    for name in dict.fromkeys(columns):
        if columns.count(name) > 1 or not name:
            found = (
                f"the column {shown(name)} {columns.count(name)} times" if name else "a column without a name"
            )
            mend = "Remove or name the column."
            problems.add(Consequence.GRAVE, file, found, "each column once", mend, row=1)
        elif not others and name.casefold() not in spelt:
            mend = "Remove the column, or correct the spelling of its header."
            expected = _wanted((*needed, *optional))
            problems.add(Consequence.GRAVE, file, f"the column {shown(name)}", expected, mend, row=1)
    return tuple(columns)


def _row(
    number: int,
    written: Sequence[str],
    columns: Sequence[str],
    exact: Set[int],
    file: str,
    problems: Problems,
) -> Row | None:
    cells = [cell if place in exact else cell.strip() for place, cell in enumerate(written)]
    if len(cells) < len(columns) or any(cells[len(columns) :]):
        found, expected = f"{len(cells)} cells", f"{len(columns)} cells, as in the header"
        mend = "A comma may be missing or too many; a name with a comma stands between quotation marks."
        problems.add(Consequence.GRAVE, file, found, expected, mend, row=number)
        return None
    for column, cell in zip(columns, cells, strict=False):
        if cell[:1] in "tTsS" and TOTAL_ROW.fullmatch(cell):
            mend = "Remove rows of totals; they are added up here."
            problems.add(
                Consequence.GRAVE, file, shown(cell), "no row of totals", mend, row=number, column=column
            )
            return None
    return Row(number, dict(zip(columns, cells, strict=False)))


def _wanted(names: Iterable[str]) -> str:
    return f"the columns {', '.join(names)}"
