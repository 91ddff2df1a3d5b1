"""Tables with a row for each card and a column for each choice, its cells 1, 0 or blank.

For the readers of Dominion's and Clear Ballot's CSV. A contest whose cells are all blank is not on the card.
One that is partly blank, and any cell but 1, 0 and blank, contradicts the form and is grave. Some thousand
rows are turned into numbers at once, and each distinct row of a contest is decoded once.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

import msgspec
import numpy as np
import numpy.typing as npt

from tallybook.election import Choice, Contest
from tallybook.election.cards import Column, Mark, Pattern
from tallybook.formats.gathering import Gathering, Numbering
from tallybook.formats.problems import Consequence, Problems, shown
from tallybook.formats.text import cleaned, name_key

BLOCK = 8_000
BLANK = 2
MEND_ROW = "Look at that row; it may be cut off or hold an unquoted comma. Export the file again."
WRITE_IN_KEYS = {"write in", "writein", "write ins", "write in candidate"}

Cells = npt.NDArray[np.uint8]
Rows = list[list[str]]


class Race(msgspec.Struct, frozen=True):
    """A contest and its columns: a 1 in column ``start + i`` stands for the selection ``marks[i]``."""

    contest: Contest
    start: int
    marks: tuple[Mark, ...]


class Block(msgspec.Struct, frozen=True):
    """Rows of equal width, with the number that a spreadsheet shows beside each."""

    numbers: list[int]
    rows: Rows


def blocks(
    rows: Iterator[list[str]], width: int, first: int, file: str, problems: Problems
) -> Iterator[Block]:
    """The rows in blocks, empty rows left out. A row of another width is grave; blanks at its end are not.

    ``first`` is the number of the first row.
    """
    numbers: list[int] = []
    kept: Rows = []
    for number, row in enumerate(rows, first):
        if len(row) != width or not row[0]:
            row = _fitted(row, width, number, file, problems)
        if row:
            numbers.append(number)
            kept.append(row)
        if len(kept) == BLOCK:
            yield Block(numbers, kept)
            numbers, kept = [], []
    if kept:
        yield Block(numbers, kept)


def _fitted(row: list[str], width: int, number: int, file: str, problems: Problems) -> list[str]:
    """The row at its width; empty where it is blank, or where it is wrong."""
    if not any(map(str.strip, row)):
        return []
    if len(row) >= width and not any(map(str.strip, row[width:])):
        return row[:width]
    found, expected = f"{len(row):,} cells", f"{width:,} cells, as in the headings"
    problems.add(Consequence.GRAVE, file, found, expected, MEND_ROW, row=number)
    return []


def column(block: Block, place: int) -> Column:
    """A column of words, cleaned; ``="12"`` as spreadsheets are told to keep a text is 12."""
    raw: Numbering[str] = Numbering()
    codes = raw.of([row[place] for row in block.rows])
    words: Numbering[str] = Numbering()
    places = words.of([cleaned(unquoted(cell)) for cell in raw])
    return Column(tuple(words), places[codes])


def unquoted(cell: str) -> str:
    """A cell without the ``="..."`` by which some exports keep spreadsheets from changing numbers."""
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell


def is_write_in(name: str) -> bool:
    """Whether a choice's name stands for the names that voters write, however it is spelt."""
    return name_key(name) in WRITE_IN_KEYS


def choice_of(name: str, id_: str = "") -> Choice:
    """A choice by its name, its id the name where the export has none."""
    return Choice("write_in", cleaned(name)) if is_write_in(name) else Choice(id_ or name, name)


def add_races(
    block: Block,
    races: Sequence[Race],
    columns: Mapping[str, Column],
    gathering: Gathering,
    known: dict[tuple[str, bytes], int],
    file: str,
    headings: Sequence[str],
    problems: Problems,
) -> None:
    """A block of cards into the gathering. ``known`` keeps the codes of rows met before."""
    start = min((race.start for race in races), default=0)
    cells = _cells(block, start, len(headings) - start, file, headings, problems)
    codes = {}
    for race in races:
        part = cells[:, race.start - start : race.start - start + len(race.marks)]
        codes[race.contest.id] = _codes(part, race, gathering, known)
        blank = (part == BLANK).sum(axis=1)
        partly = np.flatnonzero((blank > 0) & (blank < len(race.marks)))
        if partly.size:
            expected, mend = "a contest on the card whole or not at all", "Export the file again, unedited."
            problems.add(
                Consequence.GRAVE, file, f"{shown(race.contest.name)} partly blank", expected, mend,
                row=block.numbers[int(partly[0])], times=int(partly.size),
            )  # fmt: skip
    gathering.add(len(block.rows), codes, columns)


def _codes(
    part: Cells, race: Race, gathering: Gathering, known: dict[tuple[str, bytes], int]
) -> npt.NDArray[np.uint32]:
    """The code of each row of one contest's cells."""
    packed = np.packbits(part == 1, axis=1)
    lanes = -(-packed.shape[1] // 8)
    wide = np.zeros((len(part), lanes * 8), np.uint8)
    wide[:, : packed.shape[1]] = packed
    keys = wide.view(np.uint64)
    places, distinct = _distinct(keys)
    codes = np.zeros(len(distinct), np.uint32)
    for place in np.argsort(distinct).tolist():
        row = int(distinct[place])
        key = race.contest.id, packed[row].tobytes()
        if key not in known:
            marks = tuple(mark for mark, cell in zip(race.marks, part[row], strict=True) if cell == 1)
            known[key] = gathering.code(race.contest.id, Pattern(marks))
        codes[place] = known[key]
    on_card: npt.NDArray[np.bool_] = (part != BLANK).any(axis=1)
    return np.where(on_card, codes[places], 0).astype(np.uint32)


def _distinct(keys: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """For each row the place of its kind, and for each kind one row that is of it."""
    places = np.unique(keys[:, 0], return_inverse=True)[1]
    for lane in keys.T[1:]:
        other = np.unique(lane, return_inverse=True)[1]
        places = np.unique(places * (int(other.max(initial=0)) + 1) + other, return_inverse=True)[1]
    return places, np.unique(places, return_index=True)[1]


def _cells(
    block: Block, start: int, width: int, file: str, headings: Sequence[str], problems: Problems
) -> Cells:
    """The cells from ``start`` as 0, 1 or ``BLANK``; what is none of these is told and taken as no mark."""
    text = ",".join(chain.from_iterable(row[start:] for row in block.rows)) + ","
    if '"' in text:
        text = text.replace('="', "").replace('"', "")
    signs = np.frombuffer(text.replace(" ", "").encode("ascii", "replace"), np.uint8)
    ends = np.flatnonzero(signs == ord(","))
    lengths = np.diff(ends, prepend=-1) - 1
    if ends.size == len(block.rows) * width and not (lengths > 1).any():
        last = signs[np.maximum(ends - 1, 0)]
        cells = np.where(lengths == 0, BLANK, last - ord("0")).astype(np.uint8).reshape(-1, width)
        if not (cells > BLANK).any() and not ((cells == BLANK) & (lengths == 1).reshape(-1, width)).any():
            return cells
    return _cells_one_by_one(block, start, width, file, headings, problems)


def _cells_one_by_one(
    block: Block, start: int, width: int, file: str, headings: Sequence[str], problems: Problems
) -> Cells:
    """The same where some cell is wrong: each wrong one is told with its place."""
    cells = np.full((len(block.rows), width), BLANK, np.uint8)
    for row, (number, values) in enumerate(zip(block.numbers, block.rows, strict=True)):
        for place, value in enumerate(values[start:]):
            plain = unquoted(value).strip()
            if plain in ("0", "1"):
                cells[row, place] = int(plain)
            elif plain:
                cells[row, place] = 0
                mend = "A row may stand for several cards, or a column was moved. Export the file again."
                problems.add(
                    Consequence.GRAVE, file, shown(value), "1, 0 or blank", mend,
                    row=number, column=headings[start + place],
                )  # fmt: skip
    return cells
