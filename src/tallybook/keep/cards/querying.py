"""Asking a card store: grouped ballots, whole cards by position, and everything back as it was.

For counting, audits and conversion. Counting reads one column and groups it; no card becomes an object of
Python. The SQL is what any Parquet tool would be asked (``docs/reference/cards.md``).
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from tallybook.election.cards import (
    Ballots,
    CastVoteRecords,
    Codes,
    Column,
    Mark,
    Pattern,
    check_records,
    narrowed,
)
from tallybook.keep.cards import parquet
from tallybook.keep.cards.parquet import Array, StoreError, quoted
from tallybook.keep.cards.storing import AGAIN, Store


def ballots(store: Store, contest_id: str, where: Mapping[str, str] | None = None) -> Ballots:
    """The cards bearing the contest, grouped by pattern; with ``where``, only those with these attributes.

    Raises StoreError where there is no such contest, attribute or value.
    """
    number = store.number(contest_id)
    wheres = [f"c{number} > 0", *(f"{quoted(name)} = ?" for name in where or {})]
    given = [_code_of(store, name, value) for name, value in (where or {}).items()]
    rest = f"WHERE {' AND '.join(wheres)} GROUP BY code ORDER BY code"
    found = parquet.read(store.file("cards"), f"c{number} AS code, count(*) AS cards", rest, given)
    known = _known(store, number, found["code"])
    readings = tuple(known[code] for code in found["code"].tolist())
    return Ballots(store.contests[number - 1], readings, tuple(found["cards"].tolist()))


def ballots_by(store: Store, contest_id: str, column_name: str) -> dict[str, Ballots]:
    """The cards bearing the contest, grouped by pattern, for each value of an attribute that has any."""
    number, values = store.number(contest_id), column_values(store, column_name)
    rest = f"WHERE c{number} > 0 GROUP BY ALL"
    select = f"{quoted(column_name)} AS part, c{number} AS code, count(*) AS cards"
    found = parquet.read(store.file("cards"), select, rest)
    order = np.lexsort((found["code"], found["part"]))
    part, code, cards = (found[key][order] for key in ("part", "code", "cards"))
    known = _known(store, number, code)
    starts = np.flatnonzero(np.diff(part.astype(np.int64), prepend=-1)).tolist()
    readings, counts = [known[one] for one in code.tolist()], cards.tolist()
    contest, named = store.contests[number - 1], [values[one] for one in part[starts].tolist()]
    return {
        name: Ballots(contest, tuple(readings[start:end]), tuple(counts[start:end]))
        for name, start, end in zip(named, starts, [*starts[1:], len(counts)], strict=False)
    }


def all_ballots(store: Store) -> Iterator[Ballots]:
    """The grouped ballots of every contest, one after the other."""
    return (ballots(store, contest.id) for contest in store.contests)


def codes(store: Store, contest_id: str) -> Codes:
    """One code per card, in the order of the store; 0 where the contest is not on the card."""
    return narrowed(_column(store, f"c{store.number(contest_id)}"))


def patterns(store: Store, contest_id: str) -> tuple[Pattern, ...]:
    """What the codes of a contest mean: code k is the reading at place k - 1."""
    rest = "WHERE contest = ? ORDER BY file_row_number"
    select = "code, mark, choice, rank, votes, flags"
    rows = parquet.read(store.file("patterns"), select, rest, [store.number(contest_id)])
    starts = np.flatnonzero(np.diff(rows["code"].astype(np.int64), prepend=0))
    if len(starts) and not np.array_equal(rows["code"][starts], np.arange(1, len(starts) + 1)):
        raise StoreError(f"{store.folder}: the patterns of {contest_id} are not in order. {AGAIN}")
    marks, flags = _marks(rows), rows["flags"][starts].tolist()
    ends = np.append(starts, len(marks))[1:].tolist()
    cut = zip(starts.tolist(), ends, flags, strict=True)
    known = {words: tuple(words.split()) for words in set(flags)}
    blank = (rows["mark"][starts] == 0).tolist()
    return tuple(
        Pattern(() if empty else tuple(marks[start:end]), known[words])
        for (start, end, words), empty in zip(cut, blank, strict=True)
    )


def column_values(store: Store, name: str) -> tuple[str, ...]:
    """What the codes of an attribute mean. Raises StoreError where the store has no such attribute."""
    if name not in store.columns:
        known = ", ".join(store.columns) or "none"
        raise StoreError(f"{name} is not an attribute of the cards of {store.folder}; there are: {known}.")
    rest = "WHERE attribute = ? ORDER BY code"
    return tuple(parquet.read(store.file("values"), "value", rest, [name])["value"].tolist())


def column(store: Store, name: str) -> Column:
    """An attribute of all cards."""
    return Column(column_values(store, name), narrowed(_column(store, quoted(name))))


def positions(store: Store, where: Mapping[str, str]) -> Array:
    """The positions of the cards with these attributes, in the order of the store, from 0."""
    wheres = " AND ".join(f"{quoted(name)} = ?" for name in where) or "true"
    given = [_code_of(store, name, value) for name, value in where.items()]
    rest = f"WHERE {wheres} ORDER BY position"
    return parquet.read(store.file("cards"), "file_row_number AS position", rest, given)["position"]


def sample(store: Store, places: Sequence[int]) -> CastVoteRecords:
    """The whole cards at these positions, from 0, in this order, a card as often as its position is there.

    Raises StoreError for a position beyond the last card.
    """
    wanted = np.asarray(places, dtype=np.int64)
    if wanted.size and not 0 <= int(wanted.min()) <= int(wanted.max()) < store.cards:
        raise StoreError(
            f"{store.folder} has the cards 0 to {store.cards - 1}; asked for {_outside(store, wanted)}."
        )
    once, order = np.unique(wanted, return_inverse=True)
    rest = "WHERE file_row_number IN (SELECT unnest(?)) ORDER BY file_row_number"
    rows = parquet.read(store.file("cards"), "*", rest, [once.tolist()])
    return _records(store, {name: values[order] for name, values in rows.items()}, len(wanted))


def records(store: Store) -> CastVoteRecords:
    """Everything, as it was kept. Raises StoreError where the parts of the store contradict each other."""
    rows = parquet.read(store.file("cards"), "*")
    read = _records(store, rows, store.cards)
    for problem in check_records(read):
        raise StoreError(f"{problem} {AGAIN}")
    return read


def _records(store: Store, rows: Mapping[str, Array], cards: int) -> CastVoteRecords:
    numbered = {contest.id: number for number, contest in enumerate(store.contests, 1)}
    return CastVoteRecords(
        source=store.source,
        contests=store.contests,
        cards=cards,
        patterns={name: patterns(store, name) for name in numbered},
        codes={name: narrowed(rows[f"c{number}"]) for name, number in numbered.items()},
        columns={name: Column(column_values(store, name), narrowed(rows[name])) for name in store.columns},
        original={name: narrowed(rows[f"o{numbered[name]}"]) for name in store.original},
    )


def _marks(rows: Mapping[str, Array]) -> list[Mark]:
    """The mark of each row; equal marks are one object, since there are few of them."""
    told = zip(rows["choice"].tolist(), rows["rank"].tolist(), rows["votes"].tolist(), strict=True)
    made: dict[tuple[str, int, int], Mark] = {}
    marks = []
    for one in told:
        mark = made.get(one)
        if mark is None:
            mark = made[one] = Mark(*one)
        marks.append(mark)
    return marks


NOT_THERE = Pattern(())
"""Stands at code 0, which no grouped ballot has."""


def _known(store: Store, number: int, found: Array) -> tuple[Pattern, ...]:
    """The patterns of a contest at their codes. Raises StoreError for a code that has none."""
    contest = store.contests[number - 1]
    known = (NOT_THERE, *patterns(store, contest.id))
    if len(found) and int(found.max()) >= len(known):
        raise StoreError(f"{store.folder}: the code {found.max()} of {contest.id} has no pattern. {AGAIN}")
    return known


def _column(store: Store, name: str) -> Array:
    return parquet.read(store.file("cards"), f"{name} AS it")["it"]


def _code_of(store: Store, name: str, value: str) -> int:
    values = column_values(store, name)
    if value not in values:
        few = ", ".join(values[:5]) + (" and more" if len(values) > 5 else "")
        raise StoreError(f"No card of {store.folder} has the {name} {value!r}; there are: {few}.")
    return values.index(value)


def _outside(store: Store, wanted: Array) -> int:
    return int(wanted[(wanted < 0) | (wanted >= store.cards)][0])
