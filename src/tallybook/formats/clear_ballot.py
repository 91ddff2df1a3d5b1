"""Clear Ballot's ClearVote export: a row for each card, a column for each choice.

For whoever counts or audits from it; the facts of the format are those of the vendor's specification 2.1.
A heading is ``Choice_<choice>_<party>:<contest>:<rule>:<choice>:<party>``, with the rank after the contest
where there are ranks; files of 2012 have the first part only, and tables of choices and contests beside
them. An overvote is written as no mark at all, so this export cannot tell one from an undervote.
"""

import re
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from tallybook.election import Choice, Contest
from tallybook.election.cards import Mark
from tallybook.formats.archives import Folder, Unreadable, base_name
from tallybook.formats.either import rows
from tallybook.formats.gathering import Gathering, distinct_ids, without_repeats
from tallybook.formats.grids import Block, Race, add_races, blocks, choice_of, column
from tallybook.formats.problems import Consequence, Problems, Reading, shown
from tallybook.formats.text import cleaned

CHOICE = re.compile(r"Choice_(?P<choice>\w+?)_(?P<party>\w*)(?::(?P<words>.*))?")
RULE = re.compile(r"Vote For\s*(\d{1,4})", re.IGNORECASE)
COLUMNS = {
    "scancomputername": "tabulator",
    "boxid": "batch",
    "boxposition": "record",
    "ballotid": "imprinted_id",
    "precinctid": "precinct",
    "precinctstylename": "style",
}
NEEDED = ("boxid", "boxposition", "scancomputername", "status", "remade")
IDENTITY = ("tabulator", "batch", "record")
EXPORT_AGAIN = "Export the file again as the voting system writes it, without editing it in a spreadsheet."
SIDE_TABLES = (".choices.csv", ".contests.csv", ".parties.csv", ".precincts.csv")


class _Choice(msgspec.Struct, frozen=True):
    """What one heading says."""

    contest: str
    choice: Choice
    rank: int
    votes_allowed: int


def read(folder: Folder) -> Reading:
    """The cards of every CVR file of the folder; their headings must be the same.

    Columns: tabulator, batch, record, imprinted_id, precinct, style. Contest ids are names, choice ids those
    of the export.
    """
    problems, gathering = Problems(), Gathering()
    races: list[Race] = []
    for name in folder.names():
        base = base_name(name).casefold()
        if base.endswith((".csv", ".txt", ".xlsx", ".xlsm")) and not base.endswith(SIDE_TABLES):
            try:
                races = _read_file(folder, name, races, gathering, problems)
            except Unreadable as why:
                problems.add(Consequence.GRAVE, *why.told)
    if not races and not problems.grave:
        found, expected = "no cast vote records", "a .cvr.csv file with Choice_ headings"
        problems.add(Consequence.GRAVE, folder.name, found, expected, EXPORT_AGAIN)
    if problems.grave:
        return problems.reading(None)
    mend = "Compare undervotes with the paper before relying on them; votes are not affected."
    found = "overvotes that the export hides as undervotes"
    problems.add(Consequence.NOTE, folder.name, found, "overvotes told apart", mend)
    records = gathering.records(folder.name, [race.contest for race in races])
    return problems.reading(without_repeats(records, IDENTITY, folder.name, problems))


def _read_file(
    folder: Folder, name: str, before: list[Race], gathering: Gathering, problems: Problems
) -> list[Race]:
    """One file into the gathering; the contests it has."""
    table = rows(folder, name, problems)
    names = [cleaned(cell) for cell in next(table, [])]
    while names and not names[-1]:
        names.pop()
    start = next((place for place, cell in enumerate(names) if CHOICE.fullmatch(cell)), len(names))
    places = {cell.casefold(): place for place, cell in enumerate(names[:start])}
    for needed in NEEDED:
        if needed not in places:
            found, expected = f"no column {needed}", "the headings that ClearVote writes"
            problems.add(Consequence.GRAVE, name, found, expected, EXPORT_AGAIN, row=1)
    races = _races(names, start, _side_tables(folder, name, problems), name, problems)
    if before and [race.contest for race in before] != [race.contest for race in races]:
        mend = "Read exports of different elections or moments apart."
        problems.add(Consequence.GRAVE, name, "other contests", "the contests of the first file", mend)
    if problems.grave:
        return races
    known: dict[tuple[str, bytes], int] = {}
    for block in blocks(table, len(names), 2, name, problems):
        votable = _votable(block, places, name, problems)
        if votable.rows:
            columns = {what: column(votable, places[one]) for one, what in COLUMNS.items() if one in places}
            add_races(votable, races, columns, gathering, known, name, names, problems)
    return races


def _votable(block: Block, places: Mapping[str, int], file: str, problems: Problems) -> Block:
    """The block without images of several cards that overlap; unreadable and hidden cards are told."""
    status = column(block, places["status"])
    remade = column(block, places["remade"])
    if set(status.values) <= {"0", ""}:
        return block
    keep = np.ones(len(block.rows), bool)
    for card, code in enumerate(status.codes):
        word = status.values[code]
        if word in ("0", ""):
            continue
        keep[card] = _is_votable(word, remade.values[remade.codes[card]], block.numbers[card], file, problems)
    places_kept = np.flatnonzero(keep).tolist()
    return Block([block.numbers[card] for card in places_kept], [block.rows[card] for card in places_kept])


def _is_votable(status: str, remade: str, row: int, file: str, problems: Problems) -> bool:
    """Whether a row with a status stands for one card. ClearVote's specification, "Status"."""
    if not re.fullmatch(r"-?\d{1,6}", status) or int(status) < -1:
        found, expected = f"the status {shown(status)}", "a status of -1, 0, or a number of cards"
        problems.add(Consequence.GRAVE, file, found, expected, EXPORT_AGAIN, row=row, column="Status")
        return False
    if int(status) >= 2:
        mend = "The row was left out. See that each of these cards was scanned again by itself."
        found = f"an image of {status} cards that overlap"
        problems.add(Consequence.COUNT, file, found, "one card in an image", mend, row=row)
        return False
    if status == "-1" and remade != "1":
        mend = "Its row was read as it stands. A person should read the paper and remake the record."
        problems.add(Consequence.COUNT, file, "an unreadable card", "a card that was read", mend, row=row)
    elif status == "1":
        mend = "Its row was read as it stands. Look at the paper."
        problems.add(Consequence.CARE, file, "an obstructed image", "a card seen whole", mend, row=row)
    return True


def _races(
    names: Sequence[str], start: int, side: Mapping[str, _Choice], file: str, problems: Problems
) -> list[Race]:
    """The contests, from the headings."""
    runs: list[tuple[str, int, list[_Choice]]] = []
    for place, heading in enumerate(names[start:], start):
        one = _choice(heading, side)
        if one is None:
            expected = "Choice_1_1:contest:Vote For 1:choice:party"
            problems.add(
                Consequence.GRAVE, file, shown(heading), expected, EXPORT_AGAIN, row=1, column=f"{place + 1}"
            )
        elif runs and runs[-1][0] == one.contest:
            runs[-1][2].append(one)
        else:
            runs.append((one.contest, place, [one]))
    ids = distinct_ids([contest for contest, _, _ in runs], file, problems, row=1)
    return [
        _race(id_, contest, first, choices, file, problems)
        for id_, (contest, first, choices) in zip(ids, runs, strict=True)
    ]


def _race(id_: str, name: str, start: int, columns: Sequence[_Choice], file: str, problems: Problems) -> Race:
    marks = tuple(Mark(one.choice.id, one.rank) for one in columns)
    if len(set(marks)) < len(marks) or len({one.votes_allowed for one in columns}) > 1:
        found = f"a choice twice, or two rules, in {shown(id_)}"
        problems.add(Consequence.GRAVE, file, found, "each choice once under one rule", EXPORT_AGAIN, row=1)
    choices = {one.choice.id: one.choice for one in columns}
    allowed = columns[0].votes_allowed
    return Race(Contest(id_, name, "", tuple(choices.values()), votes_allowed=allowed), start, marks)


def _choice(heading: str, side: Mapping[str, _Choice]) -> _Choice | None:
    """What a heading says; names may hold colons, so the rule is looked for."""
    match = CHOICE.fullmatch(heading)
    if match is None:
        return None
    if match["words"] is None:
        return side.get(match["choice"])
    words = [cleaned(word) for word in match["words"].split(":")]
    place = next((place for place, word in enumerate(words) if RULE.fullmatch(word)), 0)
    rule = RULE.fullmatch(words[place])
    if not place or rule is None or len(words) < place + 2 or int(rule[1]) < 1:
        return None
    is_ranked = place > 1 and re.fullmatch(r"\d{1,3}", words[place - 1]) is not None
    contest = ":".join(words[: place - 1] if is_ranked else words[:place])
    rank = int(words[place - 1]) if is_ranked else 0
    choice = choice_of(":".join(words[place + 1 : -1]) or words[-1], match["choice"])
    return _Choice(contest, choice, rank, int(rule[1])) if contest and choice.name else None


def _side_tables(folder: Folder, name: str, problems: Problems) -> dict[str, _Choice]:
    """The choices of the old form by number, from the tables beside the file; empty where there are none."""
    stem = name.casefold().removesuffix(".csv").removesuffix(".cvr")
    beside = {one.casefold(): one for one in folder.names()}
    found = [beside.get(f"{stem}.{what}.csv") for what in ("choices", "contests")]
    if None in found:
        return {}
    choices, contests = (_by_heading(folder, one or "", problems) for one in found)
    rules = {row.get("contestid", ""): row for row in contests}
    told = {}
    for row in choices:
        contest = rules.get(row.get("contestid", ""), {})
        allowed = next((RULE.fullmatch(word) for word in contest.values() if RULE.fullmatch(word)), None)
        votes = allowed[1] if allowed else contest.get("votefor", "")
        if contest.get("contestname") and row.get("choicename") and votes.isascii() and votes.isdigit():
            choice = choice_of(row["choicename"], row["choiceid"])
            told[row["choiceid"]] = _Choice(contest["contestname"], choice, 0, max(int(votes[:4]), 1))
    return told


def _by_heading(folder: Folder, name: str, problems: Problems) -> list[dict[str, str]]:
    table = rows(folder, name, problems)
    headings = [cleaned(cell).casefold() for cell in next(table, [])]
    return [dict(zip(headings, map(cleaned, row), strict=False)) for row in table]
