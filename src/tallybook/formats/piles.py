"""Grouped ballots as cast vote records: every ballot of a pile is a card of its own.

For the readers of files that say how many ballots are alike, BLT and PrefLib, so that they may be counted,
kept and converted like any export. Such a file names no batch, precinct or record: none is made up.
"""

import numpy as np

from tallybook.election.cards import Ballots, CastVoteRecords, narrowed
from tallybook.formats.blt import read_blt
from tallybook.formats.preflib import read_preflib
from tallybook.formats.problems import Consequence, FileProblem, Problems, Reading, shown

MOST_CARDS = 200_000_000
"""More ballots than any election of a state has; a pile of more is a slip of the keyboard."""


def records_of(held: Ballots, source: str, problems: Problems) -> CastVoteRecords | None:
    """One card for each ballot; None, with a grave problem, where there are more than any election has."""
    total = sum(held.counts)
    if total > MOST_CARDS:
        mend = "Look at the numbers of ballots in the file; nothing was counted."
        found, expected = f"{total:,} ballots", f"at most {MOST_CARDS:,} ballots"
        problems.add(Consequence.GRAVE, source, found, expected, mend)
        return None
    each = np.arange(1, len(held.counts) + 1, dtype=np.uint32)
    codes = narrowed(np.repeat(each, held.counts)) if held.counts else np.zeros(0, np.uint8)
    id_ = held.contest.id
    return CastVoteRecords(source, (held.contest,), total, {id_: held.patterns}, {id_: codes}, {})


def read_blt_cards(data: bytes, source: str) -> Reading:
    """The ballots of a BLT file as cards. Withdrawn choices are told: rules exclude them, not a reader."""
    found, problems = read_blt(data, source)
    told = Problems()
    if found is not None and found.withdrawn:
        names = {choice.id: choice.name for choice in found.ballots.contest.choices}
        gone = ", ".join(shown(names[id_]) for id_ in found.withdrawn)
        mend = "Name them under `excluded` in the rules file; otherwise they are counted."
        told.add(Consequence.COUNT, source, f"withdrawn: {gone}", "choices that stand", mend)
    return _reading(None if found is None else found.ballots, problems, source, told)


def read_preflib_cards(data: bytes, source: str) -> Reading:
    """The orders of a PrefLib file as cards."""
    return _reading(*read_preflib(data, source), source, Problems())


def _reading(held: Ballots | None, problems: tuple[FileProblem, ...], source: str, told: Problems) -> Reading:
    told.extend(problems)
    return told.reading(None if held is None else records_of(held, source, told))
