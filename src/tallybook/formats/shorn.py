"""Names without hidden signs, whatever form they came in: the last thing that happens to what a reader made.

For every reader of JSON and XML. Text files lose hidden signs while they are decoded (``text``); in JSON and
XML they may stand in any name, also by their number. A mark that turns the direction of writing makes a name
look like another one, so it is taken out of the names of contests, choices, places and of what voters wrote,
and told. Ids are left as they are: they are compared, never shown alone.
"""

from collections.abc import Mapping

import msgspec
import numpy as np

from tallybook.election import Contest
from tallybook.election.cards import CastVoteRecords, Codes, Column, Pattern, narrowed
from tallybook.formats.problems import Consequence, Problems, shown
from tallybook.formats.results import Results
from tallybook.formats.text import HIDDEN


def shorn_records(records: CastVoteRecords, problems: Problems) -> CastVoteRecords:
    """The records with the hidden signs taken out of every name, each told once."""
    tell = _Teller(records.source, problems)
    contests = tuple(_contest(one, tell) for one in records.contests)
    columns = {name: _column(one, tell) for name, one in records.columns.items()}
    spoilt = {id_ for id_, held in records.patterns.items() if any(map(_is_spoilt, held))}
    if contests == records.contests and columns == records.columns and not spoilt:
        return records
    found = msgspec.structs.replace(records, contests=contests, columns=columns)
    for id_ in spoilt:
        found = _without_written(found, id_, tell)
    return found


def shorn_results(results: Results, problems: Problems) -> Results:
    """The results with the hidden signs taken out of every name, each told once."""
    tell = _Teller(results.source, problems)
    contests = tuple(_contest(one, tell) for one in results.contests)
    units = tuple(
        msgspec.structs.replace(one, name=tell.shorn(one.name)) if HIDDEN.search(one.name) else one
        for one in results.units
    )
    return msgspec.structs.replace(results, contests=contests, units=units, name=tell.shorn(results.name))


class _Teller:
    """Takes signs out of names and tells of each name once."""

    def __init__(self, source: str, problems: Problems) -> None:
        self._source, self._problems = source, problems

    def shorn(self, name: str) -> str:
        if not HIDDEN.search(name):
            return name
        mend = "They were left out. Look at the name: it may be copied from elsewhere, or meant to deceive."
        found = f"hidden signs in {shown(name)}"
        self._problems.add(Consequence.CARE, self._source, found, "visible signs", mend)
        return HIDDEN.sub("", name)


def _contest(contest: Contest, tell: _Teller) -> Contest:
    names = (contest.name, *(part for one in contest.choices for part in (one.name, one.party)))
    if not any(map(HIDDEN.search, names)):
        return contest
    choices = tuple(
        msgspec.structs.replace(one, name=tell.shorn(one.name), party=tell.shorn(one.party))
        for one in contest.choices
    )
    return msgspec.structs.replace(contest, name=tell.shorn(contest.name), choices=choices)


def _column(column: Column, tell: _Teller) -> Column:
    """The column; two values that differ in hidden signs alone become one."""
    if not any(map(HIDDEN.search, column.values)):
        return column
    names = [tell.shorn(value) for value in column.values]
    places = {name: place for place, name in enumerate(dict.fromkeys(names))}
    meaning = np.array([places[name] for name in names], np.uint32)
    return Column(tuple(places), narrowed(meaning[column.codes]))


def _is_spoilt(pattern: Pattern) -> bool:
    return any(mark.choice.startswith("write_in:") and HIDDEN.search(mark.choice) for mark in pattern.marks)


def _without_written(records: CastVoteRecords, id_: str, tell: _Teller) -> CastVoteRecords:
    """The records with what voters wrote in one contest shorn; readings that become alike become one."""
    read = [_pattern(one, tell) if _is_spoilt(one) else one for one in records.patterns[id_]]
    table = {pattern: code for code, pattern in enumerate(dict.fromkeys(read), 1)}
    meaning = np.array([0, *(table[one] for one in read)], np.uint32)
    return msgspec.structs.replace(
        records,
        patterns={**records.patterns, id_: tuple(table)},
        codes=_recoded(records.codes, id_, meaning),
        original=_recoded(records.original, id_, meaning),
    )


def _pattern(pattern: Pattern, tell: _Teller) -> Pattern:
    marks = tuple(
        msgspec.structs.replace(mark, choice=tell.shorn(mark.choice))
        if mark.choice.startswith("write_in:")
        else mark
        for mark in pattern.marks
    )
    return msgspec.structs.replace(pattern, marks=marks)


def _recoded(codes: Mapping[str, Codes], id_: str, meaning: Codes) -> dict[str, Codes]:
    return {name: narrowed(meaning[held]) if name == id_ else held for name, held in codes.items()}
