"""Tables written as comma-separated text (RFC 4180) that a spreadsheet cannot mistake for formulas.

For every list that officials open in a spreadsheet. A cell of text that begins like a formula is given an
apostrophe before it, as OWASP's "CSV Injection" advises: the name ``=HYPERLINK(...)`` stays a name.
Numbers stay numbers, also below zero. UTF-8 with its mark, since Excel takes text without it for another
encoding.
"""

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
Cell = str | int


def table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A header and rows as bytes of a CSV file. Raises ValueError for a row of another length."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([safe(column) for column in columns])
    for row in rows:
        if len(row) != len(columns):
            raise ValueError(f"The row {row!r} has not {len(columns)} cells.")
        writer.writerow([safe(cell) for cell in row])
    return (MARK + out.getvalue()).encode()


def safe(cell: Cell) -> Cell:
    """The cell as it may be written: text that would start a formula has an apostrophe before it.

    >>> safe("=1+1"), safe("Ann"), safe(-3), safe("'=1+1")
    ("'=1+1", 'Ann', -3, "''=1+1")
    """
    if isinstance(cell, int):
        return cell
    bare = cell.lstrip("'")
    return f"'{cell}" if bare.lstrip(" \u00a0").startswith(FORMULA) else cell


def plain(cell: str) -> str:
    """The text that ``safe`` wrote: one apostrophe off where it stands before a formula.

    >>> plain("'=1+1"), plain("'tis"), plain("''=1+1")
    ('=1+1', "'tis", "'=1+1")
    """
    bare = cell.lstrip("'").lstrip(" \u00a0")
    return cell[1:] if cell.startswith("'") and bare.startswith(FORMULA) else cell
