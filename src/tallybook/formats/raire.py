"""RAIRE's text form of ranked ballots, read and written.

For tools that compute assertions for instant-runoff contests. Line 1 is the number of contests; then a line
``Contest,<id>,<n>,<choices>[,winner,<id>][,informal,<k>]`` each; then a line per ballot and contest with the
ballot's id and its choices, the most preferred first. The form has normalised ballots only: no overvote and
no skipped rank. Writing a ballot that has one is an error, not a silent change.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import msgspec
import numpy as np

from tallybook.election import Choice, Contest
from tallybook.election.cards import CastVoteRecords, Mark, Pattern, column_of, narrowed
from tallybook.formats.archives import InMemory, Unreadable
from tallybook.formats.csv_in import as_number
from tallybook.formats.in_words import told
from tallybook.formats.problems import Consequence, Problems, Reading, shown
from tallybook.formats.text import rows

NORMALISE = "Apply the contest's rules to the ballots first."
AGAIN = "Export the file again; nothing was counted."


class Reported(msgspec.Struct, frozen=True):
    """What a file says of a contest beside its choices; empty or None where it says nothing."""

    winner: str = ""
    informal: int | None = None


def read_raire(data: bytes, source: str) -> tuple[Reading, Mapping[str, Reported]]:
    """The ballots of a file, and the reported winner and informal count of each contest that states them.

    A ballot id that stands in several contests is one card. The column ``record`` holds the ids.
    """
    problems = Problems()
    lines = list(_lines(data, source, problems))
    count = as_number(lines[0][1][0]) if lines else None
    if count is None or len(lines) <= count:
        problems.add(
            Consequence.GRAVE, source, "no number of contests", "a number in the first line", AGAIN, row=1
        )
        return problems.reading(None), {}
    contests: dict[str, Contest] = {}
    reported: dict[str, Reported] = {}
    for row, cells in lines[1 : count + 1]:
        _add_contest(row, cells, contests, reported, source, problems)
    ballots = lines[count + 1 :]
    found = None if problems.grave else _records(ballots, contests, source, problems)
    return problems.reading(found), reported


def write_raire(records: CastVoteRecords, reported: Mapping[str, Reported] | None = None) -> bytes:
    """The ranked contests as text. Ballots go by their record, else by their number: ``_ballot_names``.

    Raises ValueError for an overvote, a skipped rank, a flag, a repeated or unranked choice, a comma.
    """
    lines = [str(len(records.contests))]
    for contest in records.contests:
        said = (reported or {}).get(contest.id, Reported())
        cells = ["Contest", contest.id, str(len(contest.choices)), *contest.choice_ids]
        cells += ["winner", said.winner] if said.winner else []
        cells += ["informal", str(said.informal)] if said.informal is not None else []
        lines.append(_joined(cells))
    names = _ballot_names(records)
    for contest in records.contests:
        preferences = [_preferences(pattern, contest) for pattern in records.patterns[contest.id]]
        for card, code in enumerate(records.codes[contest.id].tolist()):
            if code:
                lines.append(_joined([contest.id, names[card], *preferences[code - 1]]))
    return ("\n".join(lines) + "\n").encode()


def _lines(data: bytes, source: str, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    try:
        for row, cells in enumerate(rows(InMemory({source: data}), source, problems), 1):
            if any(cells):
                yield row, [cell.strip() for cell in cells]
    except Unreadable as why:
        problems.add(Consequence.GRAVE, *why.told)


def _add_contest(
    row: int,
    cells: Sequence[str],
    contests: dict[str, Contest],
    reported: dict[str, Reported],
    source: str,
    problems: Problems,
) -> None:
    count = as_number(cells[2]) if len(cells) > 2 else None
    expected = "Contest,<id>,<number of choices>,<choices>"
    if cells[0] != "Contest" or count is None or len(cells) < 3 + count:
        problems.add(Consequence.GRAVE, source, shown(",".join(cells)), expected, AGAIN, row=row)
        return
    choices, rest = cells[3 : 3 + count], cells[3 + count :]
    if cells[1] in contests or len(set(choices)) < count or "" in choices:
        problems.add(
            Consequence.GRAVE, source, "a contest or choice twice or blank", expected, AGAIN, row=row
        )
    stated = dict(zip(rest[::2], rest[1::2], strict=False))
    informal = as_number(stated.get("informal", ""))
    if stated.keys() - {"winner", "informal"} or len(rest) % 2 or ("informal" in stated and informal is None):
        found = shown(",".join(rest))
        problems.add(
            Consequence.CARE, source, found, "winner,<id> or informal,<k>", "It was passed over.", row=row
        )
    contests[cells[1]] = Contest(cells[1], cells[1], "", tuple(Choice(name, name) for name in choices))
    reported[cells[1]] = Reported(stated.get("winner", ""), informal)


def _records(
    ballots: Sequence[tuple[int, list[str]]], contests: Mapping[str, Contest], source: str, problems: Problems
) -> CastVoteRecords | None:
    cards: dict[str, int] = {}
    tables: dict[str, dict[Pattern, int]] = defaultdict(dict)
    cells: dict[str, dict[int, int]] = {name: {} for name in contests}
    for row, (contest, ballot, *choices) in (
        (row, (*line, "")[: max(len(line), 2)]) for row, line in ballots
    ):
        if contest not in contests or not ballot or not set(choices) <= set(contests[contest].choice_ids):
            expected = "<contest>,<ballot>,<choices of that contest>"
            found = shown(",".join((contest, ballot, *choices)))
            problems.add(Consequence.GRAVE, source, found, expected, AGAIN, row=row)
            continue
        card = cards.setdefault(ballot, len(cards))
        if card in cells[contest] or len(set(choices)) < len(choices):
            found = f"the ballot {shown(ballot)} or one of its choices twice"
            problems.add(Consequence.GRAVE, source, found, "each once", AGAIN, row=row)
        pattern = pattern_of(choices, contests[contest])
        cells[contest][card] = tables[contest].setdefault(pattern, len(tables[contest]) + 1)
    if problems.grave:
        return None
    codes = {}
    for name, held in cells.items():
        column = np.zeros(len(cards), np.uint32)
        column[np.fromiter(held, np.int64, len(held))] = np.fromiter(held.values(), np.uint32, len(held))
        codes[name] = narrowed(column)
    patterns = {name: tuple(tables[name]) for name in contests}
    columns = {"record": column_of(list(cards))}
    return CastVoteRecords(source, tuple(contests.values()), len(cards), patterns, codes, columns)


def pattern_of(choices: Sequence[str], contest: Contest) -> Pattern:
    """The ranking with the most preferred choice first, as a pattern."""
    rank = {choice: place for place, choice in enumerate(choices, 1)}
    return Pattern(tuple(Mark(choice, rank[choice]) for choice in contest.choice_ids if choice in rank))


def _preferences(pattern: Pattern, contest: Contest) -> list[str]:
    marks = sorted(pattern.marks, key=lambda mark: mark.rank)
    if pattern.flags or [mark.rank for mark in marks] != list(range(1, len(marks) + 1)):
        raise ValueError(f"{told(pattern, contest)}: no plain ranking from the first rank on. {NORMALISE}")
    choices = [mark.choice for mark in marks]
    if len(set(choices)) < len(choices):
        raise ValueError(f"{told(pattern, contest)}: the same choice twice. {NORMALISE}")
    return choices


def _ballot_names(records: CastVoteRecords) -> list[str]:
    """A name for each card: its record, with its tabulator, batch and sheet where that alone is not enough.

    So the exports of San Francisco name ballots: ``99813_1_6``. Cards that nothing tells apart are numbered.
    """
    for identity in (
        ("record",),
        ("tabulator", "batch", "record"),
        ("tabulator", "batch", "record", "sheet"),
    ):
        columns = [records.columns[name] for name in identity if name in records.columns]
        if "record" not in records.columns or "" in records.columns["record"].values:
            break
        texts = [[column.values[code] for code in column.codes.tolist()] for column in columns]
        names = ["_".join(parts) for parts in zip(*texts, strict=True)]
        if len(set(names)) == len(names):
            return names
    return [str(card) for card in range(1, records.cards + 1)]


def _joined(cells: Sequence[str]) -> str:
    if any(not cell or cell != cell.strip() or set(cell) & set(',"\r\n') for cell in cells):
        raise ValueError(f"{cells!r} has a blank name, or a comma, a quotation mark or a line end in one.")
    return ",".join(cells)
