"""RCTab's files: its neutral export of cast vote records, its generic CSV, and its configuration.

For replaying a ranked-choice count that was tabulated with RCTab (formats as of version 2). The neutral
export names, card by card, the choice at each rank; ``undervote`` is a skipped rank, ``overvote`` a rank with
several marks, which ones is not said. The generic CSV has a column per choice and the rank in the cell.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import msgspec
import numpy as np

from tallybook.election import Choice, Contest
from tallybook.election.cards import CastVoteRecords, Mark, Pattern, column_of, narrowed
from tallybook.formats.csv_in import Row, Table, as_number, read_table
from tallybook.formats.csv_out import table
from tallybook.formats.hidden import overvote_at
from tallybook.formats.problems import Consequence, FileProblem, Problems, Reading, shown
from tallybook.formats.text import name_key

FIXED = (
    "Source Filepath",
    "CVR Provider",
    "Contest Id",
    "Tabulator Id",
    "Batch Id",
    "Record Id",
    "Precinct",
    "Precinct Portion",
)
UNDERVOTE, OVERVOTE = "undervote", "overvote"
COLUMNS = {"tabulator": "Tabulator Id", "batch": "Batch Id", "record": "Record Id", "precinct": "Precinct"}
OF_CARDS = frozenset(
    {
        *("id", "ballot", "ballot id", "ballot number", "card", "cast vote record", "cvr", "cvr id"),
        *("cvr number", "record", "record id", "precinct", "batch", "batch id", "tabulator", "tabulator id"),
        *("ballot style", "style", "source filepath"),
    }
)
"""Headings, as ``name_key`` gives them, of columns that tell of a card and are no choice."""
MOST_TOLD = 10
AGAIN = "Export the file again; nothing was counted."
Config = Mapping[str, Any]


def read_neutral(data: bytes, source: str) -> Reading:
    """The cards of a neutral export (``*_rctab_cvr.csv``). Choices are those that are named on some card.

    The file does not say which choices were marked at an overvoted rank: two marks without a name stand for
    them, so that every rule about overvoted ranks applies as it should.
    """
    problems = Problems()
    held = read_table(data, source, problems, FIXED, others=True)
    ranks = [name for name in held.columns if name.startswith("Rank ")]
    if not problems.grave and (ranks != [f"Rank {k}" for k in range(1, len(ranks) + 1)] or not ranks):
        problems.add(Consequence.GRAVE, source, shown(", ".join(ranks)), "Rank 1, Rank 2, ...", AGAIN, row=1)
    if problems.grave:
        return problems.reading(None)
    contests: dict[str, list[Row]] = {}
    for row in held.rows:
        contests.setdefault(row.cells["Contest Id"], []).append(row)
    return problems.reading(_neutral_records(contests, ranks, held))


def read_generic(data: bytes, source: str, contest_id: str, first_column: int = 1) -> Reading:
    """The cards of a generic CSV: choices stand in the header from ``first_column`` (from 1), ranks in cells.

    A blank cell is a choice that was not ranked; two choices with one rank are an overvote at that rank.
    """
    problems = Problems()
    held = read_table(data, source, problems, (), others=True)
    names = held.columns[first_column - 1 :]
    if not names and not problems.grave:
        problems.add(Consequence.GRAVE, source, "no column of a choice", "names of choices", AGAIN, row=1)
    contest = Contest(contest_id, contest_id, "", tuple(Choice(name, name) for name in names))
    patterns = [_generic_pattern(row, names, source, problems) for row in held.rows]
    return problems.reading(
        None if problems.grave else _records(source, [contest], [patterns], held.rows, {})
    )


def is_generic(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first rows are a generic CSV: names of choices, and below them ranks or nothing.

    Columns before the choices are known by their headings (``OF_CARDS``). Any other column of text, and a
    rank beyond the number of choices, says that the table is something else.
    """
    header, *others = rows
    start = _first_choice(header)
    names, cells = header[start:], [row[start:] for row in others if any(cell.strip() for cell in row)]
    ranks = [cell.strip() for row in cells for cell in row if cell.strip()]
    named = len(names) > 1 and all(name.strip() and not name.strip().isdigit() for name in names)
    known = all(rank.isascii() and rank.isdigit() and 1 <= int(rank[:9]) <= len(names) for rank in ranks)
    return named and known and "1" in ranks and all(len(row) == len(names) for row in cells)


def read_ranks(data: bytes, source: str) -> Reading:
    """A generic CSV of which nobody says where its choices begin: after the headings of ``OF_CARDS``."""
    problems = Problems()
    held = read_table(data, source, problems, (), others=True)
    first = _first_choice(held.columns)
    reading = read_generic(data, source, source.rpartition("/")[2].rpartition(".")[0] or source, first + 1)
    told = Problems()
    told.extend(reading.problems)
    if reading.records is not None:
        choices = ", ".join(shown(name) for name in held.columns[first:][:MOST_TOLD])
        mend = "If a column is no choice, or the numbers are no ranks, do not count from this."
        told.add(
            Consequence.COUNT, source, f"the columns {choices}", "choices, with ranks below", mend, row=1
        )
    return told.reading(reading.records)


def _first_choice(header: Sequence[str]) -> int:
    known = (place for place, name in enumerate(header) if name_key(name) not in OF_CARDS)
    return next(known, len(header))


def write_neutral(records: CastVoteRecords, provider: str = "Tallybook") -> bytes:
    """The ranked contests as a neutral export. Names of choices stand for them, as in RCTab."""
    width = max(
        (mark.rank for held in records.patterns.values() for p in held for mark in p.marks), default=1
    )
    columns = {name: _texts(records, name) for name in COLUMNS}
    lines: list[list[str | int]] = []
    for contest in records.contests:
        names = {choice.id: choice.name for choice in contest.choices}
        cells = [_rank_cells(pattern, names, width) for pattern in records.patterns[contest.id]]
        for card, code in enumerate(records.codes[contest.id].tolist()):
            if code:
                known = [columns[name][card] for name in COLUMNS]
                lines.append([records.source, provider, contest.name, *known, "", *cells[code - 1]])
    return table([*FIXED, *(f"Rank {k}" for k in range(1, width + 1))], lines)


def read_config(data: bytes, source: str) -> tuple[Config | None, tuple[FileProblem, ...]]:
    """A configuration: the sections ``outputSettings``, ``cvrFileSources``, ``candidates`` and ``rules``.

    Values are left as RCTab writes them; this only says whether the parts that a count needs are there.
    """
    problems = Problems()
    try:
        config = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        problems.add(Consequence.GRAVE, source, shown(str(error)), "a configuration of RCTab in JSON", AGAIN)
        return None, problems.collected()
    config = config if isinstance(config, dict) else {}
    for name, kind in (("candidates", list), ("rules", dict), ("cvrFileSources", list)):
        if not isinstance(config.get(name), kind):
            mend = "Use the configuration that RCTab saved."
            problems.add(
                Consequence.GRAVE, source, f"no part {shown(name)}", "candidates, rules, files", mend
            )
    rules = config.get("rules")
    for name in ("tiebreakMode", "overvoteRule", "winnerElectionMode", "maxRankingsAllowed"):
        if isinstance(rules, dict) and name not in rules:
            problems.add(
                Consequence.GRAVE, source, f"no rule {shown(name)}", "every rule of the count", AGAIN
            )
    return (None if problems.grave else config), problems.collected()


def _neutral_records(
    contests: Mapping[str, Sequence[Row]], ranks: Sequence[str], held: Table
) -> CastVoteRecords:
    """Each row is one card of one contest: RCTab tabulates one contest at a time."""
    nouns, readings = list[Contest](), list[list[Pattern]]()
    rows = list[Row]()
    for name, of in contests.items():
        named = dict.fromkeys(row.cells[rank] for row in of for rank in ranks)
        choices = [choice for choice in named if choice not in {UNDERVOTE, OVERVOTE, ""}]
        nouns.append(Contest(name, name, "", tuple(Choice(choice, choice) for choice in choices)))
        readings.append([_neutral_pattern(row, ranks, choices) for row in of])
        rows += of
    return _records(held.file, nouns, readings, rows, COLUMNS)


def _neutral_pattern(row: Row, ranks: Sequence[str], choices: Sequence[str]) -> Pattern:
    places = {choice: place for place, choice in enumerate(choices)}
    marks = [
        Mark(row.cells[name], rank)
        for rank, name in enumerate(ranks, 1)
        if row.cells[name] not in {UNDERVOTE, OVERVOTE, ""}
    ]
    over = [rank for rank, name in enumerate(ranks, 1) if row.cells[name] == OVERVOTE]
    marks += chain.from_iterable(map(overvote_at, over))
    return Pattern(tuple(sorted(marks, key=lambda m: (places.get(m.choice, len(places)), m.choice, m.rank))))


def _generic_pattern(row: Row, names: Sequence[str], source: str, problems: Problems) -> Pattern:
    marks = []
    for name in names:
        text = row.cells[name]
        rank = as_number(text)
        if text and not rank:
            mend = "Write the rank given to the choice, or nothing."
            problems.add(
                Consequence.GRAVE,
                source,
                shown(text),
                "a rank of 1 or more",
                mend,
                row=row.number,
                column=name,
            )
        marks += [Mark(name, rank)] if rank else []
    return Pattern(tuple(marks))


def _records(
    source: str,
    contests: Sequence[Contest],
    readings: Sequence[Sequence[Pattern]],
    rows: Sequence[Row],
    columns: Mapping[str, str],
) -> CastVoteRecords:
    """Cards one after the other, contest by contest: each card bears the one contest of its row."""
    total, start = sum(map(len, readings)), 0
    patterns, codes = {}, {}
    for contest, held in zip(contests, readings, strict=True):
        places = {pattern: k for k, pattern in enumerate(dict.fromkeys(held), 1)}
        column = np.zeros(total, np.uint32)
        column[start : start + len(held)] = [places[pattern] for pattern in held]
        patterns[contest.id], codes[contest.id] = tuple(places), narrowed(column)
        start += len(held)
    known = {name: column_of([row.cells[column] for row in rows]) for name, column in columns.items()}
    known = {name: column for name, column in known.items() if any(column.values)}
    return CastVoteRecords(source, tuple(contests), total, patterns, codes, known)


def _rank_cells(pattern: Pattern, names: Mapping[str, str], width: int) -> list[str]:
    at = [[mark.choice for mark in pattern.marks if mark.rank == rank] for rank in range(1, width + 1)]
    return [_rank_cell(choices, names) for choices in at]


def _rank_cell(choices: Sequence[str], names: Mapping[str, str]) -> str:
    if len(choices) > 1:
        return OVERVOTE
    return names.get(choices[0], choices[0]) if choices else UNDERVOTE


def _texts(records: CastVoteRecords, name: str) -> list[str]:
    column = records.columns.get(name)
    if column is None:
        return [""] * records.cards
    return [column.values[code] for code in column.codes.tolist()]
