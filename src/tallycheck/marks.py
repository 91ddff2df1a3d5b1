"""What a card says in one contest: patterns of marks, and the votes that they give. Checks 8 to 11.

A pattern is what ``contest.json`` of the published cards holds (``docs/spec/cards.md``, section 2), or what a
reading is made into (``docs/spec/audit.md``, section 7). Votes: counting specification, section 2.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

WRITE_IN = "write_in"
NUMBERED = re.compile(r"write_in:[1-9][0-9]{0,8}\Z")

Votes = dict[str, int]


class Mark(NamedTuple):
    """One mark; `rank` 0 in a contest without ranks."""

    choice: str
    rank: int
    votes: int


class Pattern(NamedTuple):
    """One reading of one contest on a card."""

    marks: tuple[Mark, ...]
    flags: frozenset[str]


def votes_of(pattern: Pattern, choices: Iterable[str], allowed: int) -> Votes:
    """The votes of a card for choices of the contest: one for each that is marked; none if overvoted."""
    if "overvote" in pattern.flags or "invalid" in pattern.flags:
        return {}
    named = {mark.choice for mark in pattern.marks if mark.choice != WRITE_IN}
    unnamed = sum(mark.choice == WRITE_IN for mark in pattern.marks)
    if len(named) + unnamed > allowed:
        return {}
    return {choice: 1 for choice in choices if choice in named}


def same_marks(a: Pattern, b: Pattern) -> bool:
    """Whether two patterns have the same marks, each as often, in any order."""
    return sorted(a.marks) == sorted(b.marks)
