"""Which columns of an ES&S export are which contest, and what the words in them say.

For ``ess``. What a column is, its heading does not say: ranks are ``... Choice 2`` or ``2ND CHOICE ...``, and
a contest with several votes is split into columns ending in 1, 2 and so on, just as the districts of a house
or a list of amendments are. How such columns were read is always told.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise

import msgspec
import numpy as np
import numpy.typing as npt

from tallybook.election import Choice, Contest
from tallybook.election.cards import Column, Mark, Pattern
from tallybook.formats.ess_files import ABOUT_THE_CARD, PLAIN_CELLS, rank_of
from tallybook.formats.gathering import Gathering, distinct_ids
from tallybook.formats.grids import is_write_in
from tallybook.formats.hidden import overvote_at
from tallybook.formats.problems import Consequence, Problems, shown
from tallybook.formats.tables import Table
from tallybook.formats.text import name_key

MOST_CHOICES = 2_000
SLOT = re.compile(r"(?P<name>.+?)\s+(?P<slot>\d{1,2})")
NAMED_ID = re.compile(r"(?P<name>.*?)\s*\((?P<id>[A-Z]{2,}\d+)\)")


class Race(msgspec.Struct, frozen=True):
    """Columns, at ``places``, that are one contest. ``kind`` is plain, ranked or slots."""

    name: str
    kind: str
    places: tuple[int, ...]


def races_of(table: Table, problems: Problems) -> list[Race]:
    """Which columns are which contest."""
    folded = [heading.casefold() for heading in table.headings]
    about = [place for place, heading in enumerate(folded) if heading in ABOUT_THE_CARD - {"count"}]
    after = max(about, default=-1) + 1
    places = [place for place in range(after, len(folded)) if folded[place] != "count"]
    races = []
    while places:
        race = _first_race(table, places, problems)
        places = places[len(race.places) :]
        races.append(race)
    if any(not race.name for race in races):
        mend = "Name every contest, or remove an empty column."
        problems.add(Consequence.GRAVE, table.file, "a column without a heading", "a contest's name", mend)
    ids = distinct_ids([race.name for race in races], table.file, problems)
    return [msgspec.structs.replace(race, name=id_) for id_, race in zip(ids, races, strict=True)]


def contest_of(
    race: Race, table: Table, gathering: Gathering, problems: Problems
) -> tuple[Contest, npt.NDArray[np.uint32]]:
    """A contest and the code of each card's reading of it; each distinct reading is decoded once."""
    columns = [table.columns[place] for place in race.places]
    choices = _choices(race, columns, table.file, problems)
    stacked = np.stack([column.codes.astype(np.uint32) for column in columns])
    key = stacked[0].astype(np.int64)
    for column, codes in zip(columns[1:], stacked[1:], strict=True):
        key = np.unique(key * len(column.values) + codes, return_inverse=True)[1]
    _, first, places = np.unique(key, return_index=True, return_inverse=True)
    known = np.zeros(first.size, np.uint32)
    times = np.bincount(places, minlength=first.size)
    for kind in np.argsort(first).tolist():
        card = int(first[kind])
        words = [column.values[column.codes[card]] for column in columns]
        if any(words):
            known[kind] = gathering.code(race.name, _pattern(words, race.kind, choices))
            _tell_gaps(words, race, table, card, int(times[kind]), problems)
    listed = {choice.id: choice for choice in choices.values()}
    votes = len(columns) if race.kind == "slots" else 1
    return Contest(race.name, race.name, "", tuple(listed.values()), votes_allowed=votes), known[places]


def _first_race(table: Table, places: Sequence[int], problems: Problems) -> Race:
    """The contest that begins at the first of these columns."""
    heading = table.headings[places[0]]
    for read_heading, kind in ((rank_of, "ranked"), (_slot, "slots")):
        start = read_heading(heading)
        if start is None or start[1] != 1:
            continue
        run = [places[0]]
        for place in places[1:]:
            if read_heading(table.headings[place]) != (start[0], len(run) + 1):
                break
            run.append(place)
        if kind == "ranked":
            return Race(start[0], kind, tuple(run))
        if len(run) > 1 and _are_slots(table, run, problems):
            found = f"the columns {shown(heading)} to {shown(table.headings[run[-1]])}"
            mend = f"They were read as one contest with {len(run)} votes, since they share choices and cards."
            problems.add(Consequence.COUNT, table.file, found, "a column for each contest", mend)
            return Race(start[0], kind, tuple(run))
    return Race(heading, "plain", (places[0],))


def _are_slots(table: Table, places: Sequence[int], problems: Problems) -> bool:
    """Whether numbered columns are the votes of one contest, and not, say, Amendments 1 and 2.

    They must be on the same cards, share choices, have more choices than columns, and never the same one
    twice on a card. Columns that share choices and fail otherwise are told, since people may know better.
    """
    columns = [table.columns[place] for place in places]
    on_card = [np.array([word != "" for word in one.values], bool)[one.codes] for one in columns]
    names = [
        {w for w in one.values if w.casefold() not in PLAIN_CELLS and not is_write_in(w)} for one in columns
    ]
    if not all(a & b for a, b in pairwise(names)):
        return False
    together = all((a == b).all() for a, b in pairwise(on_card))
    if (
        together
        and len(set.union(*names)) > len(columns)
        and not _twice_on_a_card(columns, set.union(*names))
    ):
        return True
    first, last = (shown(table.headings[place]) for place in (places[0], places[-1]))
    mend = "They were read as contests of their own. If they are one contest's votes, do not count from this."
    problems.add(Consequence.COUNT, table.file, f"the columns {first} to {last}", "other names", mend)
    return False


def _twice_on_a_card(columns: Sequence[Column], names: set[str]) -> bool:
    """Whether a card has one of the names in two of the columns."""
    number = {name: place for place, name in enumerate(sorted(names), 1)}
    named = [np.array([number.get(word, 0) for word in one.values])[one.codes] for one in columns]
    return any(((a == b) & (a > 0)).any() for a, b in combinations(named, 2))


def _slot(heading: str) -> tuple[str, int] | None:
    match = SLOT.fullmatch(heading)
    return (match["name"], int(match["slot"])) if match else None


def _choices(race: Race, columns: Sequence[Column], file: str, problems: Problems) -> dict[str, Choice]:
    """The choice that each name stands for."""
    cells = dict.fromkeys(word for column in columns for word in column.values)
    names = dict.fromkeys(
        part.strip() for cell in cells if cell.casefold() not in PLAIN_CELLS for part in cell.split("//")
    )
    if len(names) > MOST_CHOICES:
        found, mend = f"{len(names):,} different words in {shown(race.name)}", "See what this column holds."
        problems.add(Consequence.GRAVE, file, found, f"at most {MOST_CHOICES:,} choices", mend)
        return {name: Choice(name, name) for name in names}
    matches = {name: NAMED_ID.fullmatch(name) for name in names if not is_write_in(name)}
    have_ids = bool(matches) and all(matches.values())
    choices = {}
    for name in names:
        match = matches.get(name)
        if is_write_in(name):
            choices[name] = Choice("write_in", name)
        elif match and have_ids:
            choices[name] = Choice(match["id"], match["name"].replace('""', '"'))
        else:
            choices[name] = Choice(name, name)
    _tell_spellings(race, choices, file, problems)
    return choices


def _tell_spellings(race: Race, choices: Mapping[str, Choice], file: str, problems: Problems) -> None:
    spelt: dict[str, Choice] = {}
    for choice in choices.values():
        other = spelt.setdefault(name_key(choice.name), choice)
        if other.id != choice.id:
            mend = (
                "They were kept apart as two choices. If they are one, correct the spelling and read again."
            )
            found = f"{shown(other.name)} and {shown(choice.name)} in {shown(race.name)}"
            problems.add(Consequence.COUNT, file, found, "one spelling of a name", mend)


def _pattern(words: Sequence[str], kind: str, choices: Mapping[str, Choice]) -> Pattern:
    """The reading that the cells of a contest's columns make."""
    marks: list[Mark] = []
    overvoted = False
    for place, word in enumerate(words, 1):
        rank = place if kind == "ranked" else 0
        if word.casefold() not in PLAIN_CELLS:
            marks += [Mark(choices[part.strip()].id, rank) for part in word.split("//")]
        elif word.casefold() == "overvote" and rank:
            marks += overvote_at(rank)
        elif word.casefold() == "overvote":
            overvoted = True
    return Pattern(_in_slots(marks) if kind == "slots" else tuple(marks), ("overvote",) if overvoted else ())


def _in_slots(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Marks of a contest with several votes: further write-ins are further persons; order means nothing."""
    written = [place for place, mark in enumerate(marks) if mark.choice == "write_in"]
    further = {place: f"write_in:slot {number}" for number, place in enumerate(written, 1) if number > 1}
    named = [Mark(further.get(place, mark.choice)) for place, mark in enumerate(marks)]
    return tuple(sorted(named, key=lambda mark: mark.choice))


def _tell_gaps(
    words: Sequence[str], race: Race, table: Table, card: int, times: int, problems: Problems
) -> None:
    if race.kind == "ranked" and not all(words):
        mend = "It was read as a rank not used. In some places it is a write-in that was never declared."
        expected, row = "a name, undervote or overvote in every rank", int(table.numbers[card])
        found = f"a blank rank in {shown(race.name)}"
        problems.add(Consequence.COUNT, table.file, found, expected, mend, row=row, times=times)
