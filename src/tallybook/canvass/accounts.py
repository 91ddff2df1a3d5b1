"""What a county states about its ballots, place by place: the rows of an account.

For the official who fills in the sheet and for whoever compares it. A row names a place in as much detail
as is known (county, precinct, mode, scanner, memory card, batch) and states some of the counts. An empty
cell is "not stated" and is never taken for 0.

Two places are apart (they differ in a column that both fill), or one lies within the other (it fills more
columns), or they cross: "precinct 4" and "advance voting" share ballots that nobody has separated. The same
count stated for two crossing places would be added twice, so it is refused.
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from tallybook.election.problems import Problem

LEVELS = ("county", "precinct", "mode", "scanner", "memory_card", "batch")
"""The columns that name a place, from the largest to the smallest."""

STAGES = ("voters_credited", "ballots_cast", "cards_manifest", "cards_scanned", "cards_tabulated")
"""The counts that must agree, in the order in which ballots move. The first two count ballots, the others
cards (sheets); ``cards_per_ballot`` turns one into the other."""

OTHER_COUNTS = (
    "registered",
    "votes",
    "undervotes",
    "overvotes",
    "provisional_issued",
    "provisional_accepted",
    "provisional_rejected",
    "provisional_pending",
    "provisional_counted",
    "mail_returned",
    "mail_accepted",
    "mail_rejected",
    "mail_pending",
    "cure_notices",
    "cured",
    "not_cured",
    "cure_pending",
)
"""Counts beside the five stages. ``votes``, ``undervotes`` and ``overvotes`` are of one contest: undervotes
count votes not used, overvotes count ballots."""

FACTORS = ("cards_per_ballot", "votes_allowed")
WORDS = {
    "voters_credited": "voters credited",
    "ballots_cast": "ballots cast",
    "cards_manifest": "cards in the manifest",
    "cards_scanned": "cards scanned",
    "cards_tabulated": "cards tabulated",
}


class Place(msgspec.Struct, frozen=True, order=True):
    """Where: what is empty was not stated."""

    county: str = ""
    precinct: str = ""
    mode: str = ""
    scanner: str = ""
    memory_card: str = ""
    batch: str = ""

    def __str__(self) -> str:
        named = [
            f"{level.replace('_', ' ')} {name}" if level != "county" else name for level, name in self.parts
        ]
        return ", ".join(named) or "the whole account"

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """(level, name) of what is stated."""
        return tuple((level, name) for level in LEVELS if (name := getattr(self, level)))

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels that are stated."""
        return tuple(level for level, _ in self.parts)


class Account(msgspec.Struct, frozen=True):
    """What was stated of one place: ``counts`` by the names in STAGES and OTHER_COUNTS."""

    place: Place
    counts: Mapping[str, int]
    cards_per_ballot: int = 1
    votes_allowed: int = 1
    row: int = 0


def read_accounts(rows: Sequence[Mapping[str, str]], file: str) -> tuple[tuple[Account, ...], list[Problem]]:
    """Rows of a sheet (heading -> cell; the first is row 2) as accounts, and everything wrong with them.

    Where there are problems, nothing may be concluded from the accounts.
    """
    problems = list(check_headings(rows, file))
    accounts = [read_row(row, number, file, problems) for number, row in enumerate(rows, 2)]
    problems += check_places(accounts, file)
    return tuple(accounts), problems


def common(places: Sequence[Place]) -> Place:
    """The smallest place that holds all of these."""
    first = dict(places[0].parts)
    kept = {k: v for k, v in first.items() if all(getattr(other, k) == v for other in places)}
    return Place(**kept)


def check_headings(rows: Sequence[Mapping[str, str]], file: str) -> Iterator[Problem]:
    known = {*LEVELS, *STAGES, *OTHER_COUNTS, *FACTORS}
    headings = list(rows[0]) if rows else []
    for heading in headings:
        if heading not in known:
            mend = f"Leave the column out, or name it as one of: {', '.join(sorted(known))}."
            yield Problem(f"{file}, row 1", f'the heading "{heading}"', "a known heading", mend)
    if not set(headings) & set(LEVELS):
        expected = f"at least one of {', '.join(LEVELS)}"
        yield Problem(f"{file}, row 1", "no column that names a place", expected, "Add the column county.")
    if not set(headings) & {*STAGES, *OTHER_COUNTS}:
        expected = f"at least one of {', '.join(STAGES)}"
        yield Problem(f"{file}, row 1", "no column of counts", expected, "Add the counts that you have.")


def read_row(row: Mapping[str, str], number: int, file: str, problems: list[Problem]) -> Account:
    counts = {}
    for name in (*STAGES, *OTHER_COUNTS, *FACTORS):
        where = f'{file}, row {number}, "{name}"'
        value = whole_number(row.get(name) or "", where, problems)
        if value is not None:
            counts[name] = value
    for name in FACTORS:
        if counts.get(name) == 0:
            where = f'{file}, row {number}, "{name}"'
            problems.append(Problem(where, "0", "1 or more", "Correct the cell, or leave it empty for 1."))
    place = Place(**{level: (row.get(level) or "").strip() for level in LEVELS})
    if not place.parts:
        mend = "Fill in at least the county, or remove the row."
        problems.append(Problem(f"{file}, row {number}", "no place", "a place", mend))
    sheets, allowed = (counts.pop(name, 1) for name in FACTORS)
    return Account(place, counts, sheets, allowed, number)


def whole_number(cell: str, where: str, problems: list[Problem]) -> int | None:
    """A cell as a number; empty is None. Thousands may be set off by commas."""
    text = cell.strip()
    if not text:
        return None
    plain = text.replace(",", "")
    if plain.isascii() and plain.isdigit() and len(plain) <= 15:
        return int(plain)
    if plain.startswith("-") and plain[1:].isdigit():
        problems.append(Problem(where, text, "0 or more", "A count cannot be negative. Correct the cell."))
    else:
        mend = "Correct the cell; leave it empty if the number is not known."
        problems.append(Problem(where, f'"{text[:40]}"', "a whole number", mend))
    return None


def check_places(accounts: Sequence[Account], file: str) -> Iterator[Problem]:
    """The same place twice for one count (a batch counted twice in the sheet), and places that cross."""
    for name in (*STAGES, *OTHER_COUNTS):
        stated = [one for one in accounts if name in one.counts]
        yield from check_repeated(stated, name, file)
        yield from check_crossing(stated, name, file)


def check_repeated(stated: Sequence[Account], name: str, file: str) -> Iterator[Problem]:
    seen: dict[Place, int] = {}
    for one in stated:
        if one.place in seen:
            found = f"{one.place} a second time (first in row {seen[one.place]})"
            mend = "Leave one of the two rows; if they are two batches, give them two names."
            yield Problem(f'{file}, row {one.row}, "{name}"', found, "each place once", mend)
        seen.setdefault(one.place, one.row)


def check_crossing(stated: Sequence[Account], name: str, file: str) -> Iterator[Problem]:
    shapes: dict[tuple[str, ...], dict[Place, int]] = {}
    for one in stated:
        shapes.setdefault(one.place.levels, {})[one.place] = one.row
    kinds = sorted(shapes)
    for k, left in enumerate(kinds):
        for right in kinds[k + 1 :]:
            if not set(left) <= set(right) and not set(right) <= set(left):
                yield from crossing(shapes[left], shapes[right], name, file)


def crossing(
    left: Mapping[Place, int], right: Mapping[Place, int], name: str, file: str
) -> Iterator[Problem]:
    """The first pair of places that cross, of two kinds of places."""
    shared = [level for level in next(iter(left)).levels if level in next(iter(right)).levels]
    met = {tuple(getattr(place, level) for level in shared): place for place in left}
    for place, row in right.items():
        other = met.get(tuple(getattr(place, level) for level in shared))
        if other is not None:
            found = f"{place}, while row {left[other]} states {other}: they may share ballots"
            mend = "State this count in one way only, or in rows that fill both columns."
            yield Problem(f'{file}, row {row}, "{name}"', found, "places that are apart or within", mend)
            return
