"""Cast vote records as columns: for each contest one small code per card, and what each code means.

For everyone who counts or audits cards. A code names a pattern: one distinct reading of a contest on a
card. Code 0 means that the contest is not on the card, which is not the same as a contest left blank.
Millions of cards bear a few dozen patterns in a contest, so a rule runs over patterns and cards are only
counted. This module decides nothing about votes: an overvote is for the rule of the contest to judge.
Words: ``docs/glossary.md``; the model is that of NIST SP 1500-103 (one snapshot of each card).
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from tallybook.election.nouns import Contest
from tallybook.election.problems import Problem

Codes = npt.NDArray[np.unsignedinteger[Any]]
Mask = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.integer[Any]]

FLAGS = ("adjudicated", "blank", "invalid", "overvote", "write_in_unresolved")
"""What a pattern may carry besides marks. ``overvote`` and ``invalid``: the voting system says that the
contest does not count on this card. ``adjudicated``: people changed the reading. ``blank``: it says that
nothing was marked. ``write_in_unresolved``: a written name that nobody has decided yet."""


class Mark(msgspec.Struct, frozen=True):
    """One selection as read. ``choice`` is a choice id, of a write-in ``write_in`` or ``write_in:<name>``.

    ``rank`` is 0 in a contest without ranks. ``votes`` is more than 1 only in cumulative voting.
    """

    choice: str
    rank: int = 0
    votes: int = 1


class Pattern(msgspec.Struct, frozen=True):
    """One distinct reading of one contest on one card. ``flags`` are sorted and from ``FLAGS``.

    Marks stand in ballot order; several marks of one rank are an overvote at that rank.
    """

    marks: tuple[Mark, ...]
    flags: tuple[str, ...] = ()


class Ballots(msgspec.Struct, frozen=True):
    """The cards of one contest, grouped: what every counting rule takes. ``counts[i]`` cards bear
    ``patterns[i]``; patterns that no card bears are left out."""

    contest: Contest
    patterns: tuple[Pattern, ...]
    counts: tuple[int, ...]


class BallotColumns(msgspec.Struct, frozen=True, eq=False):
    """The same as ``Ballots`` in columns, for a count of so many distinct readings that objects are slow.

    Row i stands for ``counts[i]`` cards. Mark m is of row ``row[m]`` (rows ascend, the marks of a row stand
    in ballot order), has the rank ``rank[m]`` and is for the choice ``names[choice[m]]``. ``flags`` holds the
    rows that bear each flag. The ``votes`` of a mark are left out: in contests with ranks they are 1.
    """

    contest: Contest
    counts: Whole
    row: Whole
    rank: Whole
    choice: Whole
    names: tuple[str, ...]
    flags: Mapping[str, Whole]


class Column(msgspec.Struct, frozen=True, eq=False):
    """An attribute of cards: ``codes`` holds one unsigned number per card, its place in ``values``."""

    values: tuple[str, ...]
    codes: Codes


class CastVoteRecords(msgspec.Struct, frozen=True, eq=False):
    """The voting system's reading of every card. ``source`` names the export for a person.

    ``codes[contest id]`` has one unsigned number per card: 0 where the contest is not on the card, else
    k for the reading ``patterns[contest id][k - 1]``. ``columns`` hold what is known of
    ``tabulator batch record sheet imprinted_id precinct style group``.
    ``original`` has the codes before adjudication, for the contests in which any card's reading changed.
    """

    source: str
    contests: tuple[Contest, ...]
    cards: int
    patterns: Mapping[str, tuple[Pattern, ...]]
    codes: Mapping[str, Codes]
    columns: Mapping[str, Column]
    original: Mapping[str, Codes] = {}

    def contest(self, contest_id: str) -> Contest:
        """The contest of this id. Raises ValueError where there is none."""
        for contest in self.contests:
            if contest.id == contest_id:
                return contest
        raise ValueError(f"{contest_id} is not a contest of {self.source}.")


def ballots(records: CastVoteRecords, contest_id: str, where: Mask | None = None) -> Ballots:
    """The cards bearing the contest, grouped by pattern; only those where ``where`` (one per card) is true.

    Raises ValueError where the records have no such contest.
    """
    contest = records.contest(contest_id)
    codes = records.codes[contest_id] if where is None else records.codes[contest_id][where]
    counts = np.bincount(codes, minlength=len(records.patterns[contest_id]) + 1)
    borne = np.flatnonzero(counts[1:])
    return _ballots(records, contest, borne, counts[1:][borne])


def ballots_by(records: CastVoteRecords, contest_id: str, column: str) -> dict[str, Ballots]:
    """The cards bearing the contest, grouped by pattern, for each value of a column that has any.

    Values come in the column's order. Raises ValueError where there is no such contest or column.
    """
    contest = records.contest(contest_id)
    if column not in records.columns:
        raise ValueError(f"{column} is not a column of {records.source}.")
    by, width = records.columns[column], len(records.patterns[contest_id]) + 1
    keys = by.codes.astype(np.int64) * width + records.codes[contest_id]
    cells, counts = np.unique(keys[records.codes[contest_id] > 0], return_counts=True)
    starts = np.flatnonzero(np.diff(cells // width, prepend=-1))
    return {
        by.values[rows[0] // width]: _ballots(records, contest, rows % width - 1, cards)
        for rows, cards in zip(np.split(cells, starts[1:]), np.split(counts, starts[1:]), strict=True)
        if len(rows)
    }


def in_columns(grouped: Ballots) -> BallotColumns:
    """The same ballots in columns; rows stand in the order of ``patterns``."""
    patterns = grouped.patterns
    marks = list(chain.from_iterable(pattern.marks for pattern in patterns))
    choices = [mark.choice for mark in marks]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(choices))}
    sizes = np.fromiter((len(pattern.marks) for pattern in patterns), np.int64, len(patterns))
    flagged: dict[str, list[int]] = {}
    for place, pattern in enumerate(patterns):
        for flag in pattern.flags:
            flagged.setdefault(flag, []).append(place)
    return BallotColumns(
        contest=grouped.contest,
        counts=np.array(grouped.counts, dtype=np.int64),
        row=np.repeat(np.arange(len(patterns)), sizes),
        rank=np.fromiter((mark.rank for mark in marks), np.int64, len(marks)),
        choice=np.fromiter(map(numbers.__getitem__, choices), np.int64, len(choices)),
        names=tuple(numbers),
        flags={flag: np.array(rows, dtype=np.int64) for flag, rows in flagged.items()},
    )


def column_of(values: Sequence[str]) -> Column:
    """A column from one text per card, its values in the order of their first card."""
    places = {value: place for place, value in enumerate(dict.fromkeys(values))}
    codes = np.fromiter(map(places.__getitem__, values), np.uint32, len(values))
    return Column(tuple(places), narrowed(codes))


def narrowed(codes: npt.NDArray[np.integer[Any]]) -> Codes:
    """The same numbers, none of them negative, in the smallest unsigned type that holds them."""
    largest = int(codes.max()) if codes.size else 0
    return codes.astype(np.min_scalar_type(largest))


def check_records(records: CastVoteRecords) -> tuple[Problem, ...]:
    """Every way in which the columns disagree with each other or with the contests; empty where they agree.

    Records that a reader of ours made have none; this is for records that come back from a store.
    """
    wanted = {contest.id for contest in records.contests}
    problems = [
        _problem(records, name, "a contest without its codes or patterns", "codes and patterns for each")
        for name in sorted(wanted ^ set(records.codes) | wanted ^ set(records.patterns))
    ]
    for name, codes in {**records.original, **records.codes}.items():
        problems += _check_codes(records, name, codes, len(records.patterns.get(name, ())))
    for name, column in records.columns.items():
        problems += _check_codes(records, name, column.codes, len(column.values) - 1)
    for contest in records.contests:
        problems += _check_patterns(records, contest)
    return tuple(problems)


def _ballots(
    records: CastVoteRecords,
    contest: Contest,
    places: npt.NDArray[np.int64],
    counts: npt.NDArray[np.int64],
) -> Ballots:
    patterns = records.patterns[contest.id]
    return Ballots(contest, tuple(patterns[place] for place in places), tuple(counts.tolist()))


def _check_codes(records: CastVoteRecords, name: str, codes: Codes, largest: int) -> list[Problem]:
    problems = []
    if codes.dtype.kind != "u" or codes.shape != (records.cards,):
        found = f"{codes.size} numbers of type {codes.dtype}"
        problems.append(_problem(records, name, found, f"{records.cards} unsigned numbers"))
    if codes.size and int(codes.max()) > largest:
        problems.append(_problem(records, name, f"the code {codes.max()}", f"codes up to {largest}"))
    return problems


def _check_patterns(records: CastVoteRecords, contest: Contest) -> list[Problem]:
    known, patterns = set(contest.choice_ids), records.patterns.get(contest.id, ())
    strange = {
        m.choice for p in patterns for m in p.marks if m.choice not in known and not _written(m.choice)
    }
    flags = {flag for p in patterns for flag in p.flags} - set(FLAGS)
    found = [f"the choice {choice!r}" for choice in sorted(strange)] + [
        f"the flag {f!r}" for f in sorted(flags)
    ]
    if len(set(patterns)) < len(patterns):
        found.append("one pattern twice")
    return [_problem(records, contest.id, what, "patterns of its choices, each once") for what in found]


def _written(choice: str) -> bool:
    return choice == "write_in" or choice.startswith("write_in:")


def _problem(records: CastVoteRecords, name: str, found: str, expected: str) -> Problem:
    return Problem(
        f"{records.source}, {name}", found, expected, "Read the export again; count nothing from this."
    )
