"""Book: acts, entries, standing, refusals. What becomes of an act, and how the election stands.

`decide` answers an act by form, law and record; `evolve` adds an entry to the standing. Both are pure. A
refusal is an entry like any other. Counts of different kinds stand beside each other and never replace one
another. Specification: docs/spec/book.md.

This room refuses to know: which state's law it applies, who is at the door, what time it is, where the
entries are kept and how they are published.
"""

from tallybook.book.asking import NextAct, next_acts
from tallybook.book.auditing import sitting_statement
from tallybook.book.deciding import decide
from tallybook.book.evolving import evolve, fold
from tallybook.book.nouns import (
    EMPTY_SHELF,
    Act,
    Checkpoint,
    Decision,
    Entered,
    Entry,
    Malformed,
    Problem,
    Repeated,
    Shelf,
    Stale,
)
from tallybook.book.opening import contests_and_places, list_files
from tallybook.book.standing import COUNTS, PHASES, Contest, Standing, Statement
from tallybook.book.writing import decode_entry, encode_entry, read_act

__all__ = [
    "COUNTS",
    "EMPTY_SHELF",
    "PHASES",
    "Act",
    "Checkpoint",
    "Contest",
    "Decision",
    "Entered",
    "Entry",
    "Malformed",
    "NextAct",
    "Problem",
    "Repeated",
    "Shelf",
    "Stale",
    "Standing",
    "Statement",
    "contests_and_places",
    "decide",
    "decode_entry",
    "encode_entry",
    "evolve",
    "fold",
    "list_files",
    "next_acts",
    "read_act",
    "sitting_statement",
]
