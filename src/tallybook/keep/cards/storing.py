"""Writing a card store, and opening one.

For the office that reads an export once and counts it many times. A store is a folder:

    cards.json         the form, the source, how many cards, the columns
    cards.parquet      a row per card: contests (c1, c2 ...), before adjudication (o1 ...), attributes
    contests.parquet   what c1 is: the contest's id, name, seats
    choices.parquet    its choices
    patterns.parquet   what a code in c1 means: a row per mark
    values.parquet     what a code in an attribute means

``docs/reference/cards.md`` describes every column. The folder appears whole or not at all.
"""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np

from tallybook.election import Choice, Contest
from tallybook.election.cards import CastVoteRecords, Codes, Column, Pattern, check_records, narrowed
from tallybook.keep.cards import parquet
from tallybook.keep.cards.parquet import Array, StoreError, texts

FORM = "tallybook/cards/v1"
HEAD = "cards.json"
FILES = ("cards", "contests", "choices", "patterns", "values")
ATTRIBUTE = re.compile("[a-z][a-z_]*")
AGAIN = "Make it again from the export: `tallybook cards EXPORT --out DIR`."


class Head(msgspec.Struct, frozen=True):
    """What ``cards.json`` says. ``original`` lists the contests whose reading people changed on a card."""

    form: str
    source: str
    cards: int
    contests: int
    columns: tuple[str, ...]
    original: tuple[str, ...]
    fingerprint: str


class Store(msgspec.Struct, frozen=True):
    """An opened store: what is needed to ask it. ``fingerprint`` is that of the records in it."""

    folder: Path
    source: str
    cards: int
    contests: tuple[Contest, ...]
    columns: tuple[str, ...]
    original: tuple[str, ...]
    fingerprint: str

    def number(self, contest_id: str) -> int:
        """Which contest this is, from 1. Raises StoreError where there is none of this id."""
        for number, contest in enumerate(self.contests, 1):
            if contest.id == contest_id:
                return number
        raise StoreError(f"{contest_id} is not a contest of {self.folder}.")

    def file(self, name: str) -> Path:
        """One of the Parquet files."""
        return self.folder / f"{name}.parquet"


def store(records: CastVoteRecords, folder: Path) -> Store:
    """Write the records to a new folder. Raises StoreError where it exists, or the records cannot be kept."""
    if folder.exists():
        raise StoreError(f"{folder} exists already. Nothing was changed; name a new folder, or remove it.")
    _refuse_what_cannot_be_kept(records)
    folder.parent.mkdir(parents=True, exist_ok=True)
    staged = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, columns in _tables(records).items():
            parquet.write(staged / f"{name}.parquet", columns)
        (staged / HEAD).write_bytes(
            msgspec.json.format(msgspec.json.encode(_head(records)), indent=1) + b"\n"
        )
        for file in staged.iterdir():
            _sync(file)
        _sync(staged)
        staged.chmod(0o755)
        staged.rename(folder)
        _sync(folder.parent)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return open_store(folder)


def open_store(folder: Path) -> Store:
    """The store in a folder. Raises StoreError where there is none, or its parts do not fit together."""
    head = _read_head(folder)
    missing = [name for name in FILES if not (folder / f"{name}.parquet").is_file()]
    if missing:
        raise StoreError(f"{folder}: {missing[0]}.parquet is missing. {AGAIN}")
    contests = _read_contests(folder)
    opened = Store(folder, head.source, head.cards, contests, head.columns, head.original, head.fingerprint)
    rows = int(parquet.read(opened.file("cards"), "count(*) AS n")["n"][0])
    if rows != head.cards or len(contests) != head.contests:
        found = f"{rows} cards and {len(contests)} contests where {head.cards} and {head.contests} were kept"
        raise StoreError(f"{folder}: {found}. {AGAIN}")
    return opened


def is_store(folder: Path) -> bool:
    """Whether this folder says that it is a card store."""
    return (folder / HEAD).is_file()


def fingerprint(records: CastVoteRecords) -> str:
    """SHA-256 over contests, readings and attributes, card by card; not over what the export is called.

    The same export under two names has one fingerprint, so that nobody counts it twice.
    """
    told = hashlib.sha256()
    told.update(msgspec.json.encode((records.contests, records.cards)))
    for contest in records.contests:
        told.update(msgspec.json.encode(records.patterns[contest.id]))
        told.update(_bytes_of(records.codes[contest.id]))
    for name in sorted(records.columns):
        told.update(msgspec.json.encode((name, records.columns[name].values)))
        told.update(_bytes_of(records.columns[name].codes))
    for name in sorted(records.original):
        told.update(name.encode())
        told.update(_bytes_of(records.original[name]))
    return told.hexdigest()


def _bytes_of(codes: Codes) -> bytes:
    return narrowed(codes).tobytes()


def _refuse_what_cannot_be_kept(records: CastVoteRecords) -> None:
    for problem in check_records(records):
        raise StoreError(f"{problem} Nothing was written.")
    for name in records.columns:
        if not ATTRIBUTE.fullmatch(name):
            raise StoreError(f"{name!r} is no name of an attribute: a to z and _. Nothing was written.")


def _head(records: CastVoteRecords) -> Head:
    original = tuple(contest.id for contest in records.contests if contest.id in records.original)
    counted = (records.cards, len(records.contests), tuple(records.columns), original)
    return Head(FORM, records.source, *counted, fingerprint(records))


def _tables(records: CastVoteRecords) -> dict[str, dict[str, Array]]:
    """The Parquet files as columns, by name."""
    return {
        "cards": _card_columns(records),
        "contests": _contest_columns(records.contests),
        "choices": _choice_columns(records.contests),
        "patterns": _pattern_columns([records.patterns[contest.id] for contest in records.contests]),
        "values": _value_columns(records.columns),
    }


def _card_columns(records: CastVoteRecords) -> dict[str, Array]:
    columns: dict[str, Array] = {name: narrowed(one.codes) for name, one in records.columns.items()}
    for number, contest in enumerate(records.contests, 1):
        columns[f"c{number}"] = narrowed(records.codes[contest.id])
        if contest.id in records.original:
            columns[f"o{number}"] = narrowed(records.original[contest.id])
    # A file needs a column: an export without contests and attributes has none.
    return columns or {"c0": np.zeros(records.cards, np.uint8)}


def _contest_columns(contests: Sequence[Contest]) -> dict[str, Array]:
    return {
        "contest": np.arange(1, len(contests) + 1, dtype=np.uint32),
        "id": texts([contest.id for contest in contests]),
        "name": texts([contest.name for contest in contests]),
        "office_class": texts([contest.office_class for contest in contests]),
        "seats": np.array([contest.seats for contest in contests], dtype=np.uint32),
        "votes_allowed": np.array([contest.votes_allowed for contest in contests], dtype=np.uint32),
    }


def _choice_columns(contests: Sequence[Contest]) -> dict[str, Array]:
    rows = [(number, choice) for number, contest in enumerate(contests, 1) for choice in contest.choices]
    return {
        "contest": np.array([number for number, _ in rows], dtype=np.uint32),
        "id": texts([choice.id for _, choice in rows]),
        "name": texts([choice.name for _, choice in rows]),
        "party": texts([choice.party for _, choice in rows]),
    }


def _pattern_columns(tables: Sequence[tuple[Pattern, ...]]) -> dict[str, Array]:
    """A row per mark; a pattern without marks has one row, whose choice is empty and whose mark is 0."""
    rows = [
        (number, code, place, mark, pattern.flags)
        for number, patterns in enumerate(tables, 1)
        for code, pattern in enumerate(patterns, 1)
        for place, mark in (enumerate(pattern.marks, 1) if pattern.marks else ((0, None),))
    ]
    return {
        "contest": np.array([row[0] for row in rows], dtype=np.uint32),
        "code": np.array([row[1] for row in rows], dtype=np.uint32),
        "mark": np.array([row[2] for row in rows], dtype=np.uint32),
        "choice": texts([row[3].choice if row[3] else "" for row in rows]),
        "rank": np.array([row[3].rank if row[3] else 0 for row in rows], dtype=np.uint32),
        "votes": np.array([row[3].votes if row[3] else 0 for row in rows], dtype=np.int64),
        "flags": texts([" ".join(row[4]) for row in rows]),
    }


def _value_columns(columns: Mapping[str, Column]) -> dict[str, Array]:
    rows = [(name, code, value) for name, one in columns.items() for code, value in enumerate(one.values)]
    return {
        "attribute": texts([row[0] for row in rows]),
        "code": np.array([row[1] for row in rows], dtype=np.uint32),
        "value": texts([row[2] for row in rows]),
    }


def _read_head(folder: Path) -> Head:
    try:
        head = msgspec.json.decode((folder / HEAD).read_bytes(), type=Head)
    except FileNotFoundError:
        raise StoreError(f"{folder} is no card store: it has no {HEAD}. {AGAIN}") from None
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as why:
        raise StoreError(f"{folder / HEAD}: cannot be read ({why}). {AGAIN}") from None
    if head.form != FORM:
        raise StoreError(f"{folder / HEAD}: found the form {head.form}; this program reads {FORM}. {AGAIN}")
    return head


def _read_contests(folder: Path) -> tuple[Contest, ...]:
    wanted = "contest, id, name, office_class, seats, votes_allowed"
    rows = parquet.read(folder / "contests.parquet", wanted, "ORDER BY contest")
    choices: dict[int, list[Choice]] = {int(number): [] for number in rows["contest"]}
    named = parquet.read(folder / "choices.parquet", "contest, id, name, party", "ORDER BY file_row_number")
    for number, *told in zip(
        *(named[key].tolist() for key in ("contest", "id", "name", "party")), strict=True
    ):
        if number not in choices:
            raise StoreError(f"{folder}: a choice of the contest {number}, which is not there. {AGAIN}")
        choices[number].append(Choice(*told))
    return tuple(
        Contest(id_, name, office_class, tuple(choices[number]), seats, votes_allowed)
        for number, id_, name, office_class, seats, votes_allowed in zip(
            *(rows[key.strip()].tolist() for key in wanted.split(",")), strict=True
        )
    )


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
