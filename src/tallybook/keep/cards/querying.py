"""Asking a card store: grouped ballots, whole cards by position, and everything back as it was.

For counting, audits and conversion. Counting reads one column and groups it, or two side by side; no card
becomes an object of Python. The SQL is what any Parquet tool would be asked (``docs/reference/cards.md``).
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from tallybook.election.cards import (
    BallotColumns,
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

CARDS_AT_ONCE = 4_000_000


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


def ballot_columns(store: Store, contest_id: str) -> BallotColumns:
    """The cards bearing the contest, grouped by reading, in columns: for counts of many distinct rankings."""
    number = store.number(contest_id)
    listed = store.contests[number - 1].choice_ids
    cards = _cards_by_code(store, number)
    given = [[*listed], number]
    place = "coalesce(list_position(?::VARCHAR[], choice), 0)::UINTEGER AS choice"
    rows = parquet.read(store.file("patterns"), f"code, mark, rank, {place}", "WHERE contest = ?", given)
    starts = _starts(store, contest_id, rows["code"])
    _refuse_unknown(store, contest_id, len(cards) - 1, len(starts))
    counts = np.zeros(len(starts), np.int64)
    counts[: len(cards) - 1] = cards[1:]
    of_marks = rows["mark"] > 0
    choice = rows["choice"][of_marks].astype(np.int64) - 1
    strangers = _strangers(store, number, listed) if np.any(choice < 0) else []
    choice[choice < 0] = len(listed) + np.arange(len(strangers))
    marks = rows["code"][of_marks].astype(np.int64) - 1, rows["rank"][of_marks], choice
    told = parquet.read(
        store.file("patterns"), "code, flags", "WHERE contest = ? AND mark < 2 AND flags <> ''", [number]
    )
    flags = _by_flag(told["code"].astype(np.int64) - 1, told["flags"].tolist())
    return _borne(BallotColumns(store.contests[number - 1], counts, *marks, (*listed, *strangers), flags))


def ballots_by(store: Store, contest_id: str, column_name: str) -> dict[str, Ballots]:
    """The cards bearing the contest, grouped by pattern, for each value of an attribute that has any."""
    return _ballots_by(store, contest_id, column(store, column_name))


def all_ballots_by(store: Store, column_name: str) -> Iterator[dict[str, Ballots]]:
    """The same for every contest, one after the other; the attribute is read once."""
    by = column(store, column_name)
    return (_ballots_by(store, contest.id, by) for contest in store.contests)


def _ballots_by(store: Store, contest_id: str, by: Column) -> dict[str, Ballots]:
    contest, known = store.contests[store.number(contest_id) - 1], patterns(store, contest_id)
    read = codes(store, contest_id)
    table = _crossed(by, read, max(int(read.max(initial=0)), len(known)) + 1)[:, 1:]
    _refuse_unknown(store, contest_id, table.shape[1], len(known))
    rows, places = np.nonzero(table)
    counts, starts = table[rows, places].tolist(), np.searchsorted(rows, np.arange(len(table) + 1)).tolist()
    packed, met = np.packbits(table > 0, axis=1), dict[bytes, tuple[Pattern, ...]]()
    found = {}
    for value, bits, start, end in zip(by.values, map(bytes, packed), starts, starts[1:], strict=False):
        if start < end:
            if bits not in met:
                met[bits] = tuple(known[place] for place in places[start:end].tolist())
            found[value] = Ballots(contest, met[bits], tuple(counts[start:end]))
    return found


def all_ballots(store: Store) -> Iterator[Ballots]:
    """The grouped ballots of every contest, one after the other."""
    return (ballots(store, contest.id) for contest in store.contests)


def codes(store: Store, contest_id: str) -> Codes:
    """One code per card, in the order of the store; 0 where the contest is not on the card."""
    return narrowed(_column(store, f"c{store.number(contest_id)}"))


def patterns(store: Store, contest_id: str) -> tuple[Pattern, ...]:
    """What the codes of a contest mean: code k is the reading at place k - 1."""
    rest = "WHERE contest = ?"
    select = "code, mark, choice, rank, votes, flags"
    rows = parquet.read(store.file("patterns"), select, rest, [store.number(contest_id)])
    starts = _starts(store, contest_id, rows["code"])
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
    """An attribute of all cards. Raises StoreError where the store does not say what a code means."""
    values, found = column_values(store, name), narrowed(_column(store, quoted(name)))
    if int(found.max(initial=0)) >= max(len(values), 1):
        raise StoreError(f"{store.folder}: the code {found.max()} of {name} has no value. {AGAIN}")
    return Column(values, found)


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
    _refuse_unknown(store, contest.id, int(found.max(initial=0)), len(known) - 1)
    return known


def _refuse_unknown(store: Store, contest_id: str, largest: int, known: int) -> None:
    """Refuse a store in which a card's code has no pattern."""
    if largest > known:
        raise StoreError(f"{store.folder}: the code {largest} of {contest_id} has no pattern. {AGAIN}")


def _starts(store: Store, contest_id: str, code: Array) -> Array:
    """Where the marks of each pattern begin, which stand in the order of the codes."""
    starts = np.flatnonzero(np.diff(code.astype(np.int64), prepend=0))
    if len(starts) and not np.array_equal(code[starts], np.arange(1, len(starts) + 1)):
        raise StoreError(f"{store.folder}: the patterns of {contest_id} are not in order. {AGAIN}")
    return starts


def _cards_by_code(store: Store, number: int) -> npt.NDArray[np.int64]:
    """How many cards have each code of a contest, from 0 to the largest met; none is told of code 0."""
    rest = f"WHERE c{number} > 0 GROUP BY code"
    found = parquet.read(store.file("cards"), f"c{number} AS code, count(*) AS cards", rest)
    cards = np.zeros(int(found["code"].max(initial=0)) + 1, np.int64)
    cards[found["code"]] = found["cards"]
    return cards


def _crossed(by: Column, codes: Codes, width: int) -> npt.NDArray[np.int64]:
    """How many cards have each value of a column and each code: a row per value, a column per code."""
    table = np.zeros(len(by.values) * width, np.int64)
    for start in range(0, codes.size, CARDS_AT_ONCE):
        few = slice(start, start + CARDS_AT_ONCE)
        table += np.bincount(by.codes[few].astype(np.int64) * width + codes[few], minlength=table.size)
    return table.reshape(-1, width)


def _strangers(store: Store, number: int, listed: Sequence[str]) -> list[str]:
    """What each mark says that is for no listed choice, in the order of the marks."""
    rest = "WHERE contest = ? AND mark > 0 AND NOT list_contains(?::VARCHAR[], choice)"
    return list(parquet.read(store.file("patterns"), "choice", rest, [number, [*listed]])["choice"])


def _by_flag(rows: Array, words: Sequence[str]) -> dict[str, Array]:
    """The rows that bear each flag."""
    found: dict[str, list[int]] = {}
    for row, flags in zip(rows.tolist(), words, strict=True):
        for flag in flags.split():
            found.setdefault(flag, []).append(row)
    return {flag: np.array(of_flag, np.int64) for flag, of_flag in found.items()}


def _borne(columns: BallotColumns) -> BallotColumns:
    """The rows that some card bears."""
    borne = columns.counts > 0
    if borne.all():
        return columns
    place, of_marks = np.cumsum(borne) - 1, borne[columns.row]
    return msgspec.structs.replace(
        columns,
        counts=columns.counts[borne],
        row=place[columns.row[of_marks]],
        rank=columns.rank[of_marks],
        choice=columns.choice[of_marks],
        flags={flag: place[rows[borne[rows]]] for flag, rows in columns.flags.items()},
    )


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
