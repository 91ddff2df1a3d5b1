"""Dominion Democracy Suite's CSV export of cast vote records.

For whoever counts or audits from it. Four rows of headings: the election, the contest over each choice, the
choice, and the names of the columns that tell the card; they are read by name, since versions add and move
them. A contest's heading says how many votes are allowed, or how many ranks. Marks of an overvoted contest
are in the file as they were made, and the contest's rule judges them.
"""

import re
from collections.abc import Iterator, Sequence

from tallybook.election import Choice, Contest
from tallybook.election.cards import Column, Mark
from tallybook.formats.archives import Folder, Unreadable
from tallybook.formats.either import rows
from tallybook.formats.gathering import Gathering, distinct_ids, without_repeats
from tallybook.formats.grids import Block, Race, add_races, blocks, choice_of, column, unquoted
from tallybook.formats.problems import Consequence, Problems, Reading, shown
from tallybook.formats.text import cleaned

CONTEST = re.compile(
    r"(?P<name>.*?)\s*\((?:Vote For\s*=\s*(?P<votes>\d{1,4})"
    r"|Number of positions\s*=\s*(?P<seats>\d{1,4}),\s*Number of ranks\s*=\s*(?P<ranks>\d{1,4}))\)",
    re.IGNORECASE,
)
RANKED_CHOICE = re.compile(r"(?P<name>.*?)\s*\((?P<rank>\d{1,4})\)")
COLUMNS = {
    "tabulatornum": "tabulator",
    "batchid": "batch",
    "recordid": "record",
    "imprintedid": "imprinted_id",
    "countinggroup": "group",
    "precinctportion": "precinct",
    "precinct": "precinct",
    "ballottype": "style",
}
NEEDED = ("tabulator", "batch", "record")
OTHERWISE_IMPRINTED = "uniquevotingidentifier"
IDENTITY = ("tabulator", "batch", "record")
EXPORT_AGAIN = "Export the file again as the voting system writes it, without editing it in a spreadsheet."


def read(folder: Folder) -> Reading:
    """The cards of every CSV file of the folder; their headings must be the same.

    Columns: tabulator, batch, record, and where the export has them imprinted_id, group, precinct, style.
    Contest and choice ids are their names as written; every spelling of write-in is ``write_in``.
    """
    problems, gathering = Problems(), Gathering()
    files = [name for name in folder.names() if name.casefold().endswith((".csv", ".txt", ".xlsx", ".xlsm"))]
    races: list[Race] = []
    for name in files:
        try:
            races = _read_file(folder, name, races, gathering, problems)
        except Unreadable as why:
            problems.add(Consequence.GRAVE, *why.told)
    if not races and not problems.grave:
        found, expected = "no cast vote records", "a CSV file of Dominion's with contests"
        problems.add(Consequence.GRAVE, folder.name, found, expected, EXPORT_AGAIN)
    if problems.grave:
        return problems.reading(None)
    records = gathering.records(folder.name, [race.contest for race in races])
    return problems.reading(without_repeats(records, IDENTITY, folder.name, problems))


def _read_file(
    folder: Folder, name: str, before: list[Race], gathering: Gathering, problems: Problems
) -> list[Race]:
    """One file into the gathering; the contests it has."""
    table = rows(folder, name, problems)
    _, over, choices, names = ([cleaned(unquoted(cell)) for cell in next(table, [])] for _ in range(4))
    start = next((place for place, cell in enumerate(over) if cell), len(over))
    width = max(len(names), len(_trimmed(choices)), len(_trimmed(over)))
    over, choices, names = ([*row[:width], *[""] * (width - len(row))] for row in (over, choices, names))
    places = _places(names[:start], name, problems)
    races = _races(over, choices, start, name, problems)
    if before and [race.contest for race in before] != [race.contest for race in races]:
        mend = "Read exports of different elections or moments apart."
        problems.add(Consequence.GRAVE, name, "other contests", "the contests of the first file", mend)
    if problems.grave:
        return races
    known: dict[tuple[str, bytes], int] = {}
    headings = [*names[:start], *(f"{a}: {b}" for a, b in zip(over[start:], choices[start:], strict=True))]
    for block in blocks(table, width, 5, name, problems):
        columns = {what: column(block, place) for what, place in places.items()}
        _fill_imprinted(columns, block, names)
        add_races(block, races, columns, gathering, known, name, headings, problems)
    return races


def _trimmed(cells: Sequence[str]) -> Sequence[str]:
    last = max((place for place, cell in enumerate(cells, 1) if cell), default=0)
    return cells[:last]


def _places(names: Sequence[str], file: str, problems: Problems) -> dict[str, int]:
    """Where the columns are that tell the card."""
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        what = COLUMNS.get(name.casefold().replace(" ", "").removeprefix("not"))
        if what:
            places.setdefault(what, place)
    for what in NEEDED:
        if what not in places:
            found, expected = (
                f"no column for the {what}",
                "CvrNumber, TabulatorNum, BatchId, RecordId in row 4",
            )
            problems.add(Consequence.GRAVE, file, found, expected, EXPORT_AGAIN, row=4)
    return places


def _fill_imprinted(columns: dict[str, Column], block: Block, names: Sequence[str]) -> None:
    """Where no card of a block has an imprinted id, the identifier that newer versions give instead."""
    folded = [name.casefold() for name in names]
    known = columns.get("imprinted_id")
    if (known is None or known.values == ("",)) and OTHERWISE_IMPRINTED in folded:
        columns["imprinted_id"] = column(block, folded.index(OTHERWISE_IMPRINTED))


def _races(
    over: Sequence[str], choices: Sequence[str], start: int, file: str, problems: Problems
) -> list[Race]:
    """The contests, from the second and third rows of headings."""
    found = []
    for heading, first, last in _runs(over, start, len(choices)):
        match = CONTEST.fullmatch(heading)
        if match is None:
            expected = 'a contest and "(Vote For=1)" or its number of ranks'
            problems.add(Consequence.GRAVE, file, shown(heading), expected, EXPORT_AGAIN, row=2)
        else:
            found.append((match, first, last))
    ids = distinct_ids([match["name"] for match, _, _ in found], file, problems, row=2)
    return [
        _race(id_, match, choices[first:last], first, file, problems)
        for id_, (match, first, last) in zip(ids, found, strict=True)
    ]


def _runs(over: Sequence[str], start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """Each run of one heading, with its first column and the one after its last."""
    first = start
    for place in range(start + 1, end + 1):
        if place == end or over[place : place + 1] != [over[first]]:
            yield over[first], first, place
            first = place


def _race(
    id_: str, heading: re.Match[str], names: Sequence[str], start: int, file: str, problems: Problems
) -> Race:
    """One contest; a choice that stands twice in it is grave, since its votes cannot be told apart."""
    choices: dict[str, Choice] = {}
    marks: list[Mark] = []
    for place, name in enumerate(names, start):
        match = RANKED_CHOICE.fullmatch(name) if heading["ranks"] else None
        choice = choice_of(match["name"] if match else name)
        mark = Mark(choice.id, int(match["rank"]) if match else 0)
        if not name or mark in marks or (heading["ranks"] and match is None):
            found = f"the choice {shown(name)} in {shown(id_)}" + (" a second time" if mark in marks else "")
            mend = "Give the choices different names in the election's set-up, then export again."
            problems.add(
                Consequence.GRAVE, file, found, "each choice once", mend, row=3, column=f"{place + 1}"
            )
        choices.setdefault(choice.id, choice)
        marks.append(mark)
    contest = Contest(
        id=id_,
        name=heading["name"],
        office_class="",
        choices=tuple(choices.values()),
        seats=int(heading["seats"] or 1) or 1,
        votes_allowed=int(heading["votes"] or 1) or 1,
    )
    return Race(contest, start, tuple(marks))
