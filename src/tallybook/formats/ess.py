"""ES&S's export of cast vote records, CSV or spreadsheet, and the ballots files that may come with it.

For whoever counts or audits from it. A row is a card, a column a contest, a cell the name of the choice,
``undervote`` or ``overvote``; blank means not on the card. Ballots files tell of tabulator, batch and group,
and are joined to the cards one to one.
"""

import re
from collections.abc import Sequence

import numpy as np

from tallybook.election.cards import CastVoteRecords, Column, narrowed
from tallybook.formats.archives import Folder
from tallybook.formats.ess_contests import contest_of, races_of
from tallybook.formats.ess_files import CARD, EXPORT_AGAIN, is_ballots, table_of
from tallybook.formats.gathering import Gathering, kept, without_repeats
from tallybook.formats.problems import Consequence, Problems, Reading, shown
from tallybook.formats.tables import Table

MOST_CARDS = 50_000_000
IDENTITY = ("record",)


def read(folder: Folder) -> Reading:
    """The cards of every CVR file of the folder, joined with its ballots files where there are any.

    Columns: record, and where known tabulator, batch, precinct, style, group, imprinted_id. Contest ids are
    their headings; choice ids are names, or the id in brackets after every name of a contest. An overvoted
    rank whose names the export hides holds two marks, ``write_in:overvote 1`` and ``2``.
    """
    problems = Problems()
    tables = [table for name in folder.names() if (table := table_of(folder, name, problems)) is not None]
    ballots = [table for table in tables if is_ballots(table)]
    cards = [table for table in tables if not is_ballots(table)]
    if not cards and not problems.grave:
        found, expected = "no cast vote records", f'a file with the heading "{CARD}" and contests'
        problems.add(Consequence.GRAVE, folder.name, found, expected, EXPORT_AGAIN)
    if len({table.headings for table in cards}) > 1:
        mend = "Export all cards at once, or read the files apart."
        found = "files with different headings"
        problems.add(Consequence.GRAVE, folder.name, found, "the same contests in every file", mend)
    if problems.grave:
        return problems.reading(None)
    whole = _joined(cards)
    columns = {**_columns(whole), **_from_ballots(whole, ballots, problems)}
    gathering, contests = Gathering(), []
    codes = {}
    for race in races_of(whole, problems):
        contest, coded = contest_of(race, whole, gathering, problems)
        contests.append(contest)
        codes[contest.id] = coded
    gathering.add(whole.rows, codes, columns)
    records = gathering.records(folder.name, contests)
    counted = whole.column("count")
    if counted is not None:
        return problems.reading(_multiplied(records, counted, whole, problems))
    return problems.reading(without_repeats(records, IDENTITY, folder.name, problems))


def _joined(tables: Sequence[Table]) -> Table:
    """Tables with the same headings, one below the other."""
    if len(tables) == 1:
        return tables[0]
    columns = [_stacked(parts) for parts in zip(*(table.columns for table in tables), strict=True)]
    numbers = np.concatenate([table.numbers for table in tables])
    return Table(" and ".join(table.file for table in tables), tables[0].headings, tuple(columns), numbers)


def _stacked(parts: Sequence[Column]) -> Column:
    place = {
        word: number for number, word in enumerate(dict.fromkeys(w for part in parts for w in part.values))
    }
    codes = [np.array([place[word] for word in part.values], np.int64)[part.codes] for part in parts]
    return Column(tuple(place), narrowed(np.concatenate(codes)))


def _columns(table: Table) -> dict[str, Column]:
    """What a table says of each card, by the names of ``CastVoteRecords``."""
    found = {
        "record": table.column(CARD, "serial number"),
        "precinct": table.column("precinct", "precinct id"),
        "style": table.column("ballot style", "style"),
        "batch": table.column("batch", "boxnum"),
        "group": table.column("reporting group"),
        "tabulator": table.column("machine"),
    }
    imprinted = table.column("tabulator cvr")
    if imprinted is not None:
        found["imprinted_id"] = _mapped(imprinted, [_ten_digits(word) for word in imprinted.values])
        if found["tabulator"] is None and all(map(_has_ten_digits, imprinted.values)):
            found["tabulator"] = _mapped(imprinted, [_ten_digits(word)[:4] for word in imprinted.values])
    return {name: column for name, column in found.items() if column is not None}


def _has_ten_digits(word: str) -> bool:
    return re.fullmatch("[0-9]{1,10}", word) is not None


def _ten_digits(word: str) -> str:
    """A tabulator's four digits and a record's six; spreadsheets lose the zeros before them."""
    return word.zfill(10) if _has_ten_digits(word) else word


def _mapped(column: Column, words: Sequence[str]) -> Column:
    """The column with other words for its values; equal ones become one."""
    return _stacked([Column(tuple(words), column.codes)])


def _from_ballots(cards: Table, ballots: Sequence[Table], problems: Problems) -> dict[str, Column]:
    """The ballots files' columns in the order of the cards; cards and rows must match one to one."""
    wanted = cards.column(CARD)
    if not ballots or wanted is None:
        return {}
    parts = [(table, _columns(table)) for table in ballots]
    records = _stacked([columns["record"] for _, columns in parts])
    where = {
        record: row for row, record in enumerate(map(records.values.__getitem__, records.codes.tolist()))
    }
    asked = [wanted.values[code] for code in wanted.codes.tolist()]
    files = " and ".join(table.file for table in ballots)
    if len(where) < records.codes.size:
        times = int(records.codes.size - len(where))
        found, mend = "a record more than once", "Hand in each ballots file once."
        problems.add(Consequence.GRAVE, files, found, "each record once", mend, times=times)
    lost = [record for record in dict.fromkeys(asked) if record not in where]
    more = where.keys() - set(asked)
    for missing, file, other in ((lost, files, cards.file), (sorted(more), cards.file, files)):
        if missing:
            mend = "One of the files is partial. Export both anew, at the same time."
            found = f"no record {shown(missing[0])}, which is in {other}"
            problems.add(Consequence.GRAVE, file, found, "the same records", mend, times=len(missing))
    if problems.grave:
        return {}
    order = np.fromiter(map(where.__getitem__, asked), np.int64, len(asked))
    names = set.intersection(*(set(columns) for _, columns in parts)) - {"record"}
    stacked = {name: _stacked([columns[name] for _, columns in parts]) for name in sorted(names)}
    return {name: Column(column.values, column.codes[order]) for name, column in stacked.items()}


def _multiplied(
    records: CastVoteRecords, counted: Column, table: Table, problems: Problems
) -> CastVoteRecords:
    """The records with each row as often as its column COUNT says."""
    times = [
        int(word.replace(",", "")) if re.fullmatch(r"[0-9,]{1,12}", word) else -1 for word in counted.values
    ]
    for word, number in zip(counted.values, times, strict=True):
        if number < 0:
            row = int(table.numbers[int(np.flatnonzero(counted.codes == counted.values.index(word))[0])])
            expected = "a whole number of cards"
            problems.add(
                Consequence.GRAVE,
                table.file,
                shown(word),
                expected,
                "Correct the number.",
                row=row,
                column="count",
            )
    every = np.array(times, np.int64)[counted.codes]
    if int(every.sum()) > MOST_CARDS:
        found, expected = f"{int(every.sum()):,} cards", f"at most {MOST_CARDS:,} cards"
        problems.add(
            Consequence.GRAVE, table.file, found, expected, "Look at the column COUNT.", column="count"
        )
    if problems.grave:
        return records
    return kept(records, np.repeat(np.arange(table.rows), every))
