"""Problems in files: collected, ranked by what follows from them, and told to whoever must mend the file.

A file may be wrong in a million rows in the same way: the first few places are kept, the others counted.
What was found is shown safely: short, and with invisible characters spelt out.
"""

import enum
import re
from collections.abc import Iterable

import msgspec

from tallybook.election.cards import CastVoteRecords

PLACES_KEPT = 5
KINDS_KEPT = 1_000
SHOWN_LENGTH = 80
UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]"
)


class Consequence(enum.IntEnum):
    """What follows from a problem, the gravest highest."""

    NOTE = 1
    """Nothing follows for the count; somebody may want to know."""
    CARE = 2
    """The count stands, but a name, place or number should be looked at."""
    COUNT = 3
    """The count depends on how this was read; the problem says how."""
    GRAVE = 4
    """Nothing may be counted from these files until it is mended."""


class FileProblem(msgspec.Struct, frozen=True):
    """One thing wrong in a file. ``row`` is counted from 1 as a spreadsheet shows it, 0 where there is none.

    ``others`` counts further places with the same problem that are not listed one by one.
    """

    consequence: Consequence
    file: str
    found: str
    expected: str
    mend: str
    row: int = 0
    column: str = ""
    others: int = 0

    def __str__(self) -> str:
        row = f", row {self.row:,}" if self.row else ""
        column = f', "{self.column}"' if self.column else ""
        others = f" (And in {self.others:,} other places.)" if self.others else ""
        return f"{self.file}{row}{column}: found {self.found}; expected {self.expected}. {self.mend}{others}"


class Reading(msgspec.Struct, frozen=True, eq=False):
    """What a reader made of files. ``records`` is None exactly where a problem is ``GRAVE``.

    ``problems`` come gravest first, then in the order in which they were met.
    """

    records: CastVoteRecords | None
    problems: tuple[FileProblem, ...]


class Problems:
    """Problems on their way to a reading: kept to the first places of each kind, the others counted."""

    def __init__(self) -> None:
        self._places: dict[tuple[Consequence, str, str], list[FileProblem]] = {}
        self._others: dict[tuple[Consequence, str, str], int] = {}
        self.grave = False

    def add(
        self,
        consequence: Consequence,
        file: str,
        found: str,
        expected: str,
        mend: str,
        *,
        row: int = 0,
        column: str = "",
        times: int = 1,
    ) -> None:
        """Note a problem met in a place, and ``times - 1`` more of it in places that are not told apart."""
        self.grave = self.grave or consequence is Consequence.GRAVE
        kind = (consequence, expected, mend)
        if kind not in self._places and len(self._places) >= KINDS_KEPT:
            kind = (consequence, "", "")
        places = self._places.setdefault(kind, [])
        if len(places) < PLACES_KEPT:
            words = (_spelt_out(found), _spelt_out(expected), _spelt_out(mend))
            safe = (*words, row, _safe(column))
            places.append(FileProblem(consequence, _safe(file), *safe))
            times -= 1
        self._others[kind] = self._others.get(kind, 0) + times

    def extend(self, problems: Iterable[FileProblem]) -> None:
        """Note problems that another reader has collected."""
        for one in problems:
            self.add(
                one.consequence, one.file, one.found, one.expected, one.mend,
                row=one.row, column=one.column, times=one.others + 1,
            )  # fmt: skip

    def collected(self) -> tuple[FileProblem, ...]:
        """All of them, gravest first; the last place of a kind says how many more there are."""
        told: list[FileProblem] = []
        for kind, places in self._places.items():
            last = msgspec.structs.replace(places[-1], others=self._others[kind])
            told += [*places[:-1], last]
        return tuple(sorted(told, key=lambda one: -one.consequence))

    def reading(self, records: CastVoteRecords | None) -> Reading:
        """The records with these problems; without records where one of the problems is grave."""
        assert records is not None or self.grave, "A reading without records says why."
        return Reading(None if self.grave else records, self.collected())


def shown(value: object) -> str:
    """What was found, safe to show: quoted, at most 80 characters, invisible characters spelt out."""
    text = value if isinstance(value, str) else str(value)
    short = text if len(text) <= SHOWN_LENGTH else f"{text[:SHOWN_LENGTH]}..."
    return f'"{_safe(short)}"'


def _safe(text: str) -> str:
    return _spelt_out(text[: 4 * SHOWN_LENGTH])


def _spelt_out(text: str) -> str:
    """The text with invisible signs written by their numbers: a library's own words may hold some."""
    return UNSAFE.sub(lambda match: f"<U+{ord(match[0]):04X}>", text)
