"""Blocks of cards gathered into cast vote records: distinct readings coded once, cards as columns of codes.

For the readers of cast vote records. A reader decodes some thousand cards at a time, codes each distinct
reading of a contest with ``Gathering.code``, and hands the block over; nothing is kept for a card but its
codes. Cards that stand twice in an export are found here: the same reading twice is counted once and told,
two readings of one card are grave.
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from tallybook.election import Contest
from tallybook.election.cards import CastVoteRecords, Codes, Column, Pattern, narrowed
from tallybook.formats.problems import Consequence, Problems, shown

K = TypeVar("K", bound=Hashable)
Integers = npt.NDArray[np.integer[Any]]


class Numbering(dict[K, int]):
    """Numbers things in the order in which they are first asked for: the first is ``start``."""

    def __init__(self, start: int = 0) -> None:
        super().__init__()
        self._start = start

    def __missing__(self, thing: K) -> int:
        number = self[thing] = len(self) + self._start
        return number

    def of(self, things: Sequence[K]) -> npt.NDArray[np.uint32]:
        """The number of each."""
        return np.fromiter(map(self.__getitem__, things), np.uint32, len(things))


class Gathering:
    """Cards on their way to ``CastVoteRecords``."""

    def __init__(self) -> None:
        self.cards = 0
        self._patterns: dict[str, Numbering[Pattern]] = {}
        self._codes: dict[str, list[tuple[int, Codes]]] = {}
        self._original: dict[str, list[tuple[int, Codes]]] = {}
        self._values: dict[str, Numbering[str]] = {}
        self._columns: dict[str, list[tuple[int, Codes]]] = {}

    def code(self, contest_id: str, pattern: Pattern) -> int:
        """The code of a reading of a contest, the same each time."""
        return self._patterns.setdefault(contest_id, Numbering(start=1))[pattern]

    def pattern(self, contest_id: str, code: int) -> Pattern:
        """The reading that has this code."""
        return list(self._patterns[contest_id])[code - 1]

    def add(
        self,
        cards: int,
        codes: Mapping[str, Integers],
        columns: Mapping[str, Sequence[str] | Column],
        original: Mapping[str, Integers] | None = None,
    ) -> None:
        """A block of cards: one code and one text of each column per card.

        A contest left out of ``codes`` is on none of them; one left out of ``original`` was read alike.
        """
        for contest_id, block in codes.items():
            self._codes.setdefault(contest_id, []).append((self.cards, narrowed(block)))
        for contest_id, block in (original or {}).items():
            self._original.setdefault(contest_id, []).append((self.cards, narrowed(block)))
        for name, values in columns.items():
            coded = self._coded(name, values)
            self._columns.setdefault(name, []).append((self.cards, coded))
        self.cards += cards

    def records(self, source: str, contests: Sequence[Contest]) -> CastVoteRecords:
        """All cards gathered. Every contest of the election is listed, also one that is on no card."""
        codes = {one.id: _joined(self._codes.get(one.id, []), self.cards) for one in contests}
        return CastVoteRecords(
            source=source,
            contests=tuple(contests),
            cards=self.cards,
            patterns={one.id: tuple(self._patterns.get(one.id, ())) for one in contests},
            codes=codes,
            columns={
                name: Column(tuple(self._values[name]), _joined(blocks, self.cards))
                for name, blocks in self._columns.items()
            },
            original={
                name: _joined(blocks, self.cards, codes[name]) for name, blocks in self._original.items()
            },
        )

    def _coded(self, name: str, values: Sequence[str] | Column) -> Codes:
        numbering = self._values.setdefault(name, Numbering())
        if isinstance(values, Column):
            return narrowed(numbering.of(values.values)[values.codes])
        return narrowed(numbering.of(values))


def column_of_numbers(numbers: Integers, names: Mapping[int, str] | None = None) -> Column:
    """A column from one whole number per card, in words where ``names`` has some."""
    distinct, places = np.unique(numbers, return_inverse=True)
    words = tuple((names or {}).get(number) or str(number) for number in distinct.tolist())
    return Column(words, narrowed(places))


def distinct_ids(names: Sequence[str], file: str, problems: Problems, row: int = 0) -> list[str]:
    """An id for each contest, in order: its name, and for a further one of that name also its number."""
    taken: Counter[str] = Counter()
    ids = []
    for name in names:
        taken[name] += 1
        ids.append(name if taken[name] == 1 else f"{name} ({taken[name]})")
        if taken[name] > 1:
            mend = f"They are kept apart; the further one is called {shown(ids[-1])}. Are they different?"
            found = f"several contests named {shown(name)}"
            problems.add(Consequence.CARE, file, found, "each contest's name once", mend, row=row)
    return ids


def spread(
    cells: npt.NDArray[np.int64],
    lengths: npt.NDArray[np.int64],
    contest: npt.NDArray[np.int64],
    code: npt.NDArray[np.int64],
    contests: int,
) -> npt.NDArray[np.uint32]:
    """A row of codes per contest, a column per card, from readings listed card by card.

    ``cells``: the numbers of the readings, ``lengths[i]`` of them on card i. Reading k is of the contest in
    row ``contest[k]`` and has ``code[k]``. Fewer cells filled than listed: a contest was twice on a card.
    """
    table = np.zeros((contests, lengths.size), np.uint32)
    table[contest[cells], np.repeat(np.arange(lengths.size), lengths)] = code[cells]
    return table


def without_repeats(
    records: CastVoteRecords, identity: Sequence[str], file: str, problems: Problems
) -> CastVoteRecords:
    """The records with each card once. ``identity`` names the columns that together tell one card.

    A card that stands twice with one reading is counted once (``COUNT``); with two readings it is ``GRAVE``.
    """
    known = [records.columns[name] for name in identity if name in records.columns]
    if not known or not records.cards:
        return records
    first = _first_place(_key(known), records.cards)
    again = np.flatnonzero(first != np.arange(records.cards))
    if not again.size:
        return records
    differs = np.zeros(again.size, bool)
    for codes in records.codes.values():
        differs |= codes[again] != codes[first[again]]
    _tell_repeats(records, identity, again, differs, file, problems)
    return kept(records, np.delete(np.arange(records.cards), again))


def _tell_repeats(
    records: CastVoteRecords,
    identity: Sequence[str],
    again: npt.NDArray[np.int64],
    differs: npt.NDArray[np.bool_],
    file: str,
    problems: Problems,
) -> None:
    same = np.flatnonzero(~differs)
    if same.size:
        found = f"the card {_named(records, identity, int(again[same[0]]))} more than once, read alike"
        mend = "Each was counted once. Ask whether a file or batch was exported twice."
        problems.add(Consequence.COUNT, file, found, "each card once", mend, times=int(same.size))
    if differs.any():
        place = int(again[np.flatnonzero(differs)[0]])
        found = f"the card {_named(records, identity, place)} more than once, with different votes"
        mend = "Find out which one is right: two exports may be mixed, or a batch scanned twice. Export anew."
        problems.add(Consequence.GRAVE, file, found, "each card once", mend, times=int(differs.sum()))


def _named(records: CastVoteRecords, identity: Sequence[str], card: int) -> str:
    known = [(name, records.columns[name]) for name in identity if name in records.columns]
    return ", ".join(f"{name} {shown(column.values[column.codes[card]])}" for name, column in known)


def _key(columns: Sequence[Column]) -> npt.NDArray[np.int64]:
    """One number for each distinct combination of the columns' values."""
    key = columns[0].codes.astype(np.int64)
    for column in columns[1:]:
        key = key * len(column.values) + column.codes
        if len(column.values) * int(key.max() + 1) >= 1 << 62:
            key = np.unique(key, return_inverse=True)[1]
    return key


def _first_place(key: npt.NDArray[np.int64], cards: int) -> npt.NDArray[np.int64]:
    """For each card, the first card with its key."""
    order = np.argsort(key, kind="stable")
    new = np.concatenate(([True], key[order][1:] != key[order][:-1]))
    first = np.empty(cards, np.int64)
    first[order] = order[np.maximum.accumulate(np.where(new, np.arange(cards), 0))]
    return first


def kept(records: CastVoteRecords, keep: npt.NDArray[np.int64]) -> CastVoteRecords:
    """The records of the cards at these places, in this order, a card as often as its place stands there."""
    columns = {name: Column(one.values, one.codes[keep]) for name, one in records.columns.items()}
    return msgspec.structs.replace(
        records,
        cards=int(keep.size),
        codes={name: codes[keep] for name, codes in records.codes.items()},
        columns=columns,
        original={name: codes[keep] for name, codes in records.original.items()},
    )


def _joined(blocks: Sequence[tuple[int, Codes]], cards: int, otherwise: Codes | None = None) -> Codes:
    """The blocks at their places in a column of this many cards; 0, or ``otherwise``, between them."""
    widest = np.result_type(np.uint8, *[block.dtype for _, block in blocks])
    if otherwise is not None:
        column = otherwise.astype(np.result_type(widest, otherwise.dtype))
    else:
        column = np.zeros(cards, widest)
    for start, block in blocks:
        column[start : start + block.size] = block
    return column
