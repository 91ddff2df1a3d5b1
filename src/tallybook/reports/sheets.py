"""CSV files that open in a spreadsheet and cannot run there.

A spreadsheet takes a cell that begins with = + - @ (also in full width), a tab or a line break as a
formula or a command. Such text gets an apostrophe in front, which spreadsheets show as plain text;
numbers stay numbers. The form is RFC 4180, with the byte order mark by which spreadsheets know UTF-8.
"""

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA = ("=", "+", "-", "@", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}",
           "\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}")  # fmt: skip
CONTROL = ("\t", "\r", "\n")


def sheet(columns: Sequence[str], rows: Iterable[Sequence[str | int]]) -> str:
    """The text of a CSV file with a header; to be stored as UTF-8."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\r\n")
    out.writerow([harmless(column) for column in columns])
    out.writerows([harmless(cell) for cell in row] for row in rows)
    return "\ufeff" + text.getvalue()


def harmless(cell: str | int) -> str | int:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(cell, int):
        return cell
    risky = cell.startswith(CONTROL) or cell.lstrip().startswith(FORMULA)
    return f"'{cell}" if risky else cell
