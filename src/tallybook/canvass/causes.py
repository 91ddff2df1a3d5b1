"""What a difference looks like: the causes that its numbers agree with, the most telling first.

For the official who must find out by midnight where to look. Each rule looks for one known accident: a
memory card that was not uploaded, a batch counted twice, a test deck left in, second sheets, a number
mistyped, a count entered under another place. A rule that fits says so with its numbers; it proves nothing.
"""

from collections.abc import Iterator, Sequence

import msgspec

from tallybook.canvass.accounts import STAGES, WORDS, Place
from tallybook.canvass.findings import Cause


class Cell(msgspec.Struct, frozen=True):
    """One stated count: where, of which stage, how many, how many cards a ballot has, in which row."""

    place: Place
    stage: str
    count: int
    sheets: int = 1
    row: int = 0


class Seen(msgspec.Struct, frozen=True):
    """One difference and what is known around it.

    near: every count of any stage within the place. moved_to: another place with the opposite difference.
    """

    earlier: str
    later: str
    expected: int
    found: int
    left: Sequence[Cell]
    right: Sequence[Cell]
    near: Sequence[Cell]
    test_decks: Sequence[int]
    moved_to: Place | None

    @property
    def moved(self) -> int:
        """found - expected: below 0 where something is missing."""
        return self.found - self.expected


def causes(seen: Seen) -> Iterator[Cause]:
    """Every cause that the numbers agree with."""
    rules = (moved_elsewhere, whole_part_missing, part_twice, test_deck, sheets, mistyped, uncast, uncredited)
    for rule in rules:
        yield from rule(seen)


def moved_elsewhere(seen: Seen) -> Iterator[Cause]:
    if seen.moved_to is not None:
        words = f"{seen.moved_to} shows the same difference the other way: entered under the wrong place."
        yield Cause("wrong_place", words, f"Compare the sheets of both places, then of {seen.moved_to}.")


def whole_part_missing(seen: Seen) -> Iterator[Cause]:
    """Nothing arrived, or what is missing equals one part to the card."""
    if seen.moved >= 0:
        return
    if seen.found == 0:
        yield missing(seen, "nothing of this place arrived", seen.left[0])
    for cell in equal_parts(seen, -seen.moved):
        yield missing(
            seen, f"it equals the {cell.count:,} {WORDS[cell.stage]} of {cell.place}, to the card", cell
        )


def missing(seen: Seen, words: str, cell: Cell) -> Cause:
    if seen.later == "cards_tabulated":
        mend = (
            f"Look for the memory card of {cell.place}; upload it under two persons' eyes and tabulate again."
        )
        return Cause("card_not_uploaded", f"{words}: a memory card or batch was not uploaded.", mend)
    if seen.later == "cards_scanned":
        mend = f"Open the container of {cell.place} under two persons' eyes and scan what was not scanned."
        return Cause("never_scanned", f"{words}: a batch was never scanned.", mend)
    mend = f"Look for the batch header and the container of {cell.place}."
    return Cause("batch_missing", f"{words}: a batch is missing from the {WORDS[seen.later]}.", mend)


def part_twice(seen: Seen) -> Iterator[Cause]:
    if seen.moved <= 0:
        return
    if seen.found == 2 * seen.expected:
        yield twice(seen, f"the {seen.expected:,} of this place are there exactly twice", seen.left[0])
    for cell in equal_parts(seen, seen.moved):
        yield twice(
            seen, f"it equals the {cell.count:,} {WORDS[cell.stage]} of {cell.place}, to the card", cell
        )


def twice(seen: Seen, words: str, cell: Cell) -> Cause:
    mend = f"Compare the scanner's log with the {WORDS[seen.later]} of {cell.place}; take the second one out."
    return Cause("batch_twice", f"{words}: a batch was counted twice.", mend)


def equal_parts(seen: Seen, cards: int) -> Iterator[Cell]:
    """The finer places whose count, by any stage, equals the difference; three at most, each once."""
    places: dict[Place, Cell] = {}
    whole = {cell.place for cell in seen.right} if len(seen.right) == 1 else set()
    for cell in seen.near:
        if cell.count == cards and cell.place not in whole and cards > 1:
            places.setdefault(cell.place, cell)
    yield from list(places.values())[:3]


def test_deck(seen: Seen) -> Iterator[Cause]:
    for deck in seen.test_decks:
        if deck > 0 and seen.moved > 0 and seen.moved % deck == 0 and seen.moved // deck <= 3:
            times = seen.moved // deck
            words = (
                f"{seen.moved:,} is {times} × the test deck of {deck:,}: a test deck was left in the count."
            )
            mend = "Compare with the test's printed result; clear the scanner and count this place again."
            yield Cause("test_deck", words, mend)


def sheets(seen: Seen) -> Iterator[Cause]:
    """Ballots were counted as one card each but have two, or voters returned only some of the sheets."""
    if seen.earlier not in STAGES[:2] or seen.later in STAGES[:2]:
        return
    ballots = sum(cell.count for cell in seen.left)
    if ballots == seen.expected and 9 * ballots <= 10 * seen.moved and seen.moved <= ballots:
        words = f"{seen.moved:,} is nearly one more for each of {ballots:,} ballots: second sheets."
        yield Cause("second_sheets", words, 'State 2 in "cards_per_ballot" and compare again.')
    elif seen.expected > ballots and ballots <= seen.found < seen.expected:
        words = "Ballots have several sheets here, and voters may have returned only some of them."
        yield Cause("sheets_not_returned", words, "Count first sheets and second sheets apart.")


def mistyped(seen: Seen) -> Iterator[Cause]:
    if len(seen.left) == len(seen.right) == 1 and is_mistyped(str(seen.expected), str(seen.found)):
        words = f"{seen.found:,} and {seen.expected:,} differ as a typing slip does."
        yield Cause("mistyped", words, f"Read both numbers again at their source (row {seen.right[0].row}).")


def is_mistyped(a: str, b: str) -> bool:
    """Two neighbouring digits exchanged, one digit (not the last) changed, or one left out or doubled."""
    if min(len(a), len(b)) < 2 or a == b:
        return False
    if len(a) == len(b):
        off = [k for k in range(len(a)) if a[k] != b[k]]
        if len(off) == 2 and off[1] == off[0] + 1:
            return a[off[0]] == b[off[1]] and a[off[1]] == b[off[0]]
        return len(off) == 1 and off[0] < len(a) - 1 and len(a) > 2
    short, long = sorted((a, b), key=len)
    return len(long) == len(short) + 1 and any(long[:k] + long[k + 1 :] == short for k in range(len(long)))


def uncast(seen: Seen) -> Iterator[Cause]:
    if seen.earlier == "voters_credited" and seen.moved < 0 and -100 * seen.moved <= seen.expected:
        words = "voters who were checked in and left without casting a ballot, or credits given twice."
        yield Cause("left_without_casting", words, "Compare with the poll workers' notes of voters who left.")


def uncredited(seen: Seen) -> Iterator[Cause]:
    if seen.earlier == "voters_credited" and seen.moved > 0 and 100 * seen.moved <= seen.expected:
        words = "voters who cast a ballot and are not credited yet."
        yield Cause(
            "credit_missing", words, "Compare the list of voters with the numbered list of this place."
        )


def to_do(earlier: str, later: str, moved: int) -> str:
    """What to do where no cause fits."""
    if moved < 0:
        return f"Compare the {WORDS[earlier]} with the {WORDS[later]} part by part, until the part is found."
    if earlier == "voters_credited":
        return (
            "More ballots than voters: investigate before these votes are recorded, as the law may require."
        )
    return f"Find what stands in the {WORDS[later]} and not in the {WORDS[earlier]}; compare part by part."
