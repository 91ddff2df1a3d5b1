"""The cards of a report in NIST's common data format on their way to columns of codes.

A card is kept as the numbers of its contests' texts; once each distinct text has been read, columns are made
from them without another look at a card. Of each record only the current snapshot counts; where people
modified it, the system's own reading is kept beside it.
"""

from array import array
from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from tallybook.election.cards import Codes, Pattern, narrowed
from tallybook.formats.cvr_cdf_shape import Definitions
from tallybook.formats.problems import Consequence, Problems, shown

AGAIN = "Export the report again, or ask the vendor; nothing was counted."
ATTRIBUTES = ("tabulator", "batch", "record", "sheet", "imprinted_id", "precinct", "style")
Cells = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
Wide = npt.NDArray[np.uint32]


class Snapshot(msgspec.Struct, frozen=True):
    """One version of a record. The contests stay text: most were met before."""

    id: str = msgspec.field(default="", name="@id")
    Type: str = ""
    CVRContest: tuple[msgspec.Raw, ...] = ()


class Record(msgspec.Struct, frozen=True):
    """One record (a CVR): where the card is from, and its snapshots."""

    CVRSnapshot: tuple[Snapshot, ...]
    CurrentSnapshotId: str
    BallotAuditId: str = ""
    BallotSheetId: str = ""
    BallotStyleId: str = ""
    BallotStyleUnitId: str = ""
    BatchId: str = ""
    BatchSequenceId: int | None = None
    CreatingDeviceId: str = ""
    UniqueId: str = ""


class Cards:
    """The cards of a report on their way to columns: what each is, and the numbers of its contests' texts."""

    def __init__(self) -> None:
        self.count = 0
        self.texts: dict[bytes, int] = {}
        self.cells: dict[str, tuple[array[int], array[int]]] = {
            when: (array("q"), array("q")) for when in ("current", "original")
        }
        self.changed = array("q")
        self._rows: list[tuple[str, ...]] = []

    def add(self, record: Record, known: Sequence[int] = ()) -> str:
        """Add a card; gives what is wrong with the record, empty where nothing is. ``known``: the numbers of
        the current snapshot's contests, where they were cut off the record before."""
        by_id = {snapshot.id: snapshot for snapshot in record.CVRSnapshot}
        current = by_id.get(record.CurrentSnapshotId)
        if current is None or len(by_id) < len(record.CVRSnapshot):
            return f"the current snapshot {shown(record.CurrentSnapshotId)} among {shown(', '.join(by_id))}"
        self._add_snapshot("current", current)
        self._add_numbers("current", known)
        before = _before_people(current, record.CVRSnapshot)
        if before is not None:
            self.changed.append(self.count)
            self._add_snapshot("original", before)
        self._rows.append(_attributes(record))
        self.count += 1
        return ""

    @property
    def columns(self) -> dict[str, tuple[str, ...]]:
        """What is known of each card, by the names of ``CastVoteRecords``."""
        return dict(zip(ATTRIBUTES, zip(*self._rows, strict=True), strict=True)) if self._rows else {}

    def number_of(self, text: bytes) -> int:
        """The number of a contest's text, the same each time."""
        return self.texts.setdefault(text, len(self.texts))

    def _add_snapshot(self, when: str, snapshot: Snapshot) -> None:
        self._add_numbers(when, [self.number_of(bytes(contest)) for contest in snapshot.CVRContest])

    def _add_numbers(self, when: str, numbers: Sequence[int]) -> None:
        cards, texts = self.cells[when]
        texts.extend(numbers)
        cards.extend([self.count] * len(numbers))


def columns_of_codes(
    cards: Cards,
    read: Sequence[tuple[str, Pattern] | None],
    known: Definitions,
    source: str,
    problems: Problems,
) -> tuple[dict[str, tuple[Pattern, ...]], dict[str, Codes], dict[str, Codes]]:
    """The patterns of each contest, its current codes, and its original ones where any card's changed.

    ``read`` holds, for the number of each text, the contest's id in the file and the reading it means.
    """
    found: tuple[dict[str, tuple[Pattern, ...]], dict[str, Codes], dict[str, Codes]] = ({}, {}, {})
    current, before = _cells(cards, "current"), _cells(cards, "original")
    changed = np.frombuffer(cards.changed, np.int64) if cards.changed else np.zeros(0, np.int64)
    for file_id, contest in known.contests.items():
        table: dict[Pattern, int] = {}
        meaning = np.zeros(len(read), np.uint32)
        for number, cell in enumerate(read):
            if cell is not None and cell[0] == file_id:
                meaning[number] = table.setdefault(cell[1], len(table) + 1)
        codes = _spread(current, meaning, cards.count)
        if codes is None:
            expected = "each contest once on a card"
            problems.add(Consequence.GRAVE, source, f"{shown(contest.name)} twice", expected, AGAIN)
            continue
        earlier = codes.copy()
        earlier[changed] = 0
        spread = _spread(before, meaning, cards.count)
        earlier += spread if spread is not None else 0
        if (earlier != codes).any():
            codes = _flag_adjudicated(codes, earlier, table)
            found[2][contest.id] = narrowed(earlier)
        found[0][contest.id], found[1][contest.id] = tuple(table), narrowed(codes)
    return found


def _before_people(current: Snapshot, snapshots: Sequence[Snapshot]) -> Snapshot | None:
    """The system's own reading, where people modified it: with the contest rules applied if there is one."""
    if current.Type != "modified":
        return None
    by_type = {snapshot.Type: snapshot for snapshot in snapshots}
    return by_type.get("interpreted", by_type.get("original"))


def _attributes(record: Record) -> tuple[str, ...]:
    """What is known of the card, in the order of ``ATTRIBUTES``."""
    place = "" if record.BatchSequenceId is None else str(record.BatchSequenceId)
    return (
        record.CreatingDeviceId,
        record.BatchId,
        place or record.UniqueId,
        record.BallotSheetId,
        record.BallotAuditId,
        record.BallotStyleUnitId,
        record.BallotStyleId,
    )


def _cells(cards: Cards, when: str) -> Cells:
    where, texts = cards.cells[when]
    return np.array(where, np.int64), np.array(texts, np.int64)


def _spread(cells: Cells, meaning: Wide, cards: int) -> Wide | None:
    """One code per card from its texts; None where a card has the contest twice."""
    where, texts = cells
    codes = np.zeros(cards, np.uint32)
    means = meaning[texts] if len(texts) else np.zeros(0, np.uint32)
    here = where[means > 0]
    codes[here] = means[means > 0]
    return codes if np.count_nonzero(codes) == len(here) else None


def _flag_adjudicated(codes: Wide, earlier: Wide, table: dict[Pattern, int]) -> Wide:
    """The codes, with the readings that people changed flagged as adjudicated; extends the table."""
    patterns, codes = list(table), codes.copy()
    touched = (codes != earlier) & (codes > 0)
    for code in np.unique(codes[touched]).tolist():
        pattern = patterns[code - 1]
        flags = tuple(sorted({*pattern.flags, "adjudicated"}))
        code_of = table.setdefault(Pattern(pattern.marks, flags), len(table) + 1)
        codes[touched & (codes == code)] = code_of
    return codes
