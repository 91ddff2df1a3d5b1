"""The population of a signature audit: boxes of envelopes; and what was read of them, in counts only.

For the custodian who lists the boxes before anything is drawn. A population that leaves out a box makes a
claim about the others only, so the list should add up to the envelopes accepted.
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from tallybook.election.problems import Problem
from tallybook.envelopes.private import check_headings, check_label

OUTCOMES = ("match", "cure_needed", "cannot_verify", "refer_to_investigation")
"""What a review of one envelope may end in. All but `match` count as not verified."""


class Box(msgspec.Struct, frozen=True):
    """A box and how many envelopes it holds."""

    county: str
    id: str
    envelopes: int


class Reading(msgspec.Struct, frozen=True):
    """What was read of one box, in counts: `outcomes` by name, adding up to `read`.

    times: how often the box was drawn; more than once only in draws by size.
    """

    county: str
    box: str
    read: int
    outcomes: Mapping[str, int]
    times: int = 1

    @property
    def not_verified(self) -> int:
        """Envelopes with any outcome but `match`."""
        return self.read - self.outcomes["match"]


Rows = Sequence[Mapping[str, str]]


def read_boxes(rows: Rows, file: str) -> tuple[tuple[Box, ...], list[Problem]]:
    """Rows county, box, envelopes (the first is row 2) as boxes, and everything wrong with them."""
    known = ("county", "box", "envelopes")
    problems = [*check_headings(rows[0] if rows else (), known, file), *missing(rows, known, file)]
    if problems:
        return (), problems
    boxes = []
    for number, row in enumerate(rows, 2):
        where = f"{file}, row {number}"
        problems += check_label(row["box"].strip(), f'{where}, "box"')
        size = counted(row, "envelopes", where, problems)
        if size == 0:
            mend = "Leave an empty box out."
            problems.append(Problem(f'{where}, "envelopes"', "0", "1 or more", mend))
        boxes.append(Box(row["county"].strip(), row["box"].strip(), size))
    problems += repeated([(one.county, one.id) for one in boxes], file)
    return tuple(boxes), problems


def read_readings(rows: Rows, boxes: Sequence[Box], file: str) -> tuple[tuple[Reading, ...], list[Problem]]:
    """Rows county, box, a column for each outcome and perhaps `times`, checked against the population."""
    known = ("county", "box", *OUTCOMES)
    problems = [
        *check_headings(rows[0] if rows else (), (*known, "times"), file),
        *missing(rows, known, file),
    ]
    if problems:
        return (), problems
    sizes = {(one.county, one.id): one.envelopes for one in boxes}
    readings = []
    for number, row in enumerate(rows, 2):
        where = f"{file}, row {number}"
        key = (row["county"].strip(), row["box"].strip())
        outcomes = {name: counted(row, name, where, problems) for name in OUTCOMES}
        times = counted(row, "times", where, problems) if (row.get("times") or "").strip() else 1
        one = Reading(*key, sum(outcomes.values()), outcomes, times)
        problems += check_reading(one, sizes, where)
        readings.append(one)
    problems += repeated([(one.county, one.box) for one in readings], file)
    return tuple(readings), problems


def check_reading(one: Reading, sizes: Mapping[tuple[str, str], int], where: str) -> Iterator[Problem]:
    size = sizes.get((one.county, one.box))
    if size is None:
        mend = "Correct the county and the box's label as in the list of boxes."
        yield Problem(where, "a box that is not in the population", "a box of the list", mend)
    elif one.read > size:
        mend = "Count again, or correct the list of boxes."
        yield Problem(where, f"{one.read:,} envelopes read", f"at most the {size:,} that the box holds", mend)
    elif one.times != 1 and one.read < size:
        mend = "Read every envelope of a box that was drawn more than once."
        yield Problem(where, f"{one.times} draws of a box read in part", "a box read in full", mend)
    elif one.read == 0:
        yield Problem(where, "no envelope read", "1 or more", "Leave the row out until the box is read.")


def counted(row: Mapping[str, str], column: str, where: str, problems: list[Problem]) -> int:
    text = (row.get(column) or "").strip().replace(",", "")
    if text.isascii() and text.isdigit() and len(text) <= 12:
        return int(text)
    expected = "a whole number, 0 or more"
    problems.append(Problem(f'{where}, "{column}"', f'"{text[:20]}"', expected, "Correct the cell."))
    return 0


def missing(rows: Rows, known: Sequence[str], file: str) -> Iterator[Problem]:
    if not rows:
        yield Problem(file, "no rows", "a row for every box", "Fill in the list.")
        return
    for heading in known:
        if heading not in rows[0]:
            yield Problem(f"{file}, row 1", f"no column {heading}", "it", "Add the column.")


def repeated(keys: Sequence[tuple[str, str]], file: str) -> Iterator[Problem]:
    first: dict[tuple[str, str], int] = {}
    for number, key in enumerate(keys, 2):
        if first.setdefault(key, number) != number:
            found = f"the box of row {first[key]} a second time"
            mend = "Leave one row; two boxes need two labels."
            yield Problem(f"{file}, row {number}", found, "each box once", mend)
