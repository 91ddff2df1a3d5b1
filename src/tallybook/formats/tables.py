"""A table of words as coded columns: each distinct word once, and a small number for each row.

For exports in which a cell is a choice's name, of which a column holds a few dozen: rules look at words once
and rows are only numbers. Words are cleaned here, and hidden signs in them are told.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import msgspec
import numpy as np
import numpy.typing as npt

from tallybook.election.cards import Codes, Column, narrowed
from tallybook.formats.gathering import Numbering
from tallybook.formats.problems import Consequence, Problems, shown
from tallybook.formats.text import HIDDEN, cleaned

BLOCK = 8_000
MEND = "Look at that row; it may be cut off or hold an unquoted comma. Export the file again."

Repair = Callable[[list[str]], list[str] | None]


class Table(msgspec.Struct, frozen=True, eq=False):
    """A file's rows. ``numbers`` are the rows as a spreadsheet counts them."""

    file: str
    headings: tuple[str, ...]
    columns: tuple[Column, ...]
    numbers: npt.NDArray[np.int64]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return int(self.numbers.size)

    def column(self, *names: str) -> Column | None:
        """The first column with one of these headings (in lower case), or none."""
        folded = [heading.casefold() for heading in self.headings]
        return next((self.columns[folded.index(name)] for name in names if name in folded), None)


def read_table(
    rows: Iterator[list[str]],
    headings: Sequence[str],
    first: int,
    file: str,
    repair: Repair,
    problems: Problems,
) -> Table:
    """All rows below the headings; ``first`` is the number of the first. Empty rows are left out.

    A row too long is handed to ``repair``, which gives it back at its width, or None: then it is grave.
    """
    width = len(headings)
    raw: list[Numbering[str]] = [Numbering() for _ in headings]
    codes: list[list[Codes]] = [[] for _ in headings]
    numbers: list[npt.NDArray[np.int64]] = []
    kept = _kept(rows, width, first, file, repair, problems)
    while block := list(islice(kept, BLOCK)):
        numbers.append(np.fromiter((number for number, _ in block), np.int64, len(block)))
        for place, cells in enumerate(zip(*(row for _, row in block), strict=True)):
            codes[place].append(narrowed(raw[place].of(cells)))
    columns = tuple(
        _column(words, parts, heading, file, problems)
        for words, parts, heading in zip(raw, codes, headings, strict=True)
    )
    every = np.concatenate(numbers) if numbers else np.zeros(0, np.int64)
    return Table(file, tuple(headings), columns, every)


def _kept(
    rows: Iterator[list[str]], width: int, first: int, file: str, repair: Repair, problems: Problems
) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(rows, first):
        if len(row) == width and row[0]:
            yield number, row
            continue
        while row and not row[-1].strip():
            row.pop()
        if not row:
            continue
        fitted = [*row, *[""] * (width - len(row))] if len(row) <= width else repair(row)
        if fitted is None:
            found, expected = f"{len(row):,} cells", f"{width:,} cells, as in the headings"
            problems.add(Consequence.GRAVE, file, found, expected, MEND, row=number)
        else:
            if len(row) > width:
                mend = "They were taken as parts of one cell. See that the row reads right."
                found = "commas without quotation marks"
                problems.add(Consequence.COUNT, file, found, "cells in quotation marks", mend, row=number)
            yield number, fitted


def _column(
    raw: Numbering[str], parts: Sequence[Codes], heading: str, file: str, problems: Problems
) -> Column:
    words: Numbering[str] = Numbering()
    places = words.of([_cleaned(word, heading, file, problems) for word in raw])
    codes = np.concatenate(parts) if parts else np.zeros(0, np.uint8)
    return Column(tuple(words), narrowed(places[codes]) if codes.size else narrowed(codes))


def _cleaned(word: str, heading: str, file: str, problems: Problems) -> str:
    if not word.isascii() and HIDDEN.search(word):
        mend = "They were left out. Look at that word: it may have been copied from elsewhere."
        found = f"hidden signs in {shown(word)}"
        problems.add(Consequence.CARE, file, found, "visible signs", mend, column=heading)
        word = HIDDEN.sub("", word)
    return cleaned(word)
