"""How a ranked card reads, for check 9 to 11: counting specification, section 3; assertions, section 3.

A card becomes entries: a choice for which it may count, the choices that must be gone before, and whether it
is sure. Choices are bits: bit i is the i-th choice of the contest. Undeclared write-ins never stand.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from .marks import Mark

WRITE_IN = "write_in"
IN_THE_ROUND = (
    "exhaust_if_any_continuing",
    "exhaust_if_several_continuing",
    "wait_while_several_continuing",
)
OVERVOTES = ("exhaust", "skip", *IN_THE_ROUND)


@dataclass(frozen=True)
class Reading:
    """How a ranked ballot is read; None is no limit."""

    overvote: str = "exhaust"
    duplicate: str = "skip"
    max_rankings: int | None = None
    max_skipped: int | None = None


class Entry(NamedTuple):
    """The card counts for `choice` while it stands and nobody of `gone` does."""

    choice: int
    gone: int
    sure: bool


def entries(
    marks: Iterable[Mark], flags: Iterable[str], choices: tuple[str, ...], how: Reading
) -> list[Entry]:
    """The entries of a card, best first."""
    if "overvote" in flags or "invalid" in flags:
        return []
    bit = {choice: 1 << i for i, choice in enumerate(choices)}
    found: list[Entry] = []
    gone, sure = 0, True
    for names, several in rankings(marks, bit, how):
        standing = [bit[name] for name in names if name in bit]
        if not several:
            found.extend(Entry(choice, gone, sure) for choice in standing if not choice & gone)
        elif not standing:
            break  # all its marks are undeclared write-ins
        else:
            sure = False
            found.extend(overvoted(standing, gone, how))
        gone |= union(standing)
    return found


def overvoted(standing: list[int], gone: int, how: Reading) -> list[Entry]:
    """The entries of an overvote that is resolved during the count (step 2 of assertions, section 3)."""
    if how.overvote == "exhaust_if_any_continuing":
        return []
    all_of_them = union(standing)
    made = [Entry(choice, gone | all_of_them & ~choice, False) for choice in standing]
    return [entry for entry in made if not entry.choice & entry.gone]


def union(bits: Iterable[int]) -> int:
    """All these bits."""
    found = 0
    for bit in bits:
        found |= bit
    return found


def rankings(marks: Iterable[Mark], bit: dict[str, int], how: Reading) -> list[tuple[list[str], bool]]:
    """The rankings that count, in order: the choices marked, and whether that is an overvote (3.1, 3.2)."""
    found: list[tuple[list[str], bool]] = []
    earlier: set[str] = set()
    last = 0
    for rank, (names, several) in sorted(by_rank(marks, bit, how.max_rankings).items()):
        if how.max_skipped is not None and rank - last - 1 > how.max_skipped:
            break
        last = rank
        if how.duplicate == "exhaust" and earlier.intersection(names):
            break
        if several and how.overvote == "exhaust":
            break
        earlier.update(names)
        if several and how.overvote == "skip":
            continue
        found.append((names, several))
    return found


def by_rank(
    marks: Iterable[Mark], bit: dict[str, int], most: int | None
) -> dict[int, tuple[list[str], bool]]:
    """The different choices of each rank, and whether they are an overvote."""
    written: dict[int, list[str]] = {}
    for mark in marks:
        if mark.rank >= 1 and (most is None or mark.rank <= most):
            names = written.setdefault(mark.rank, [])
            if mark.choice not in names:
                names.append(mark.choice)
    return {
        rank: (list(dict.fromkeys(name if name in bit else WRITE_IN for name in names)), len(names) > 1)
        for rank, names in written.items()
    }
