"""Ballot manifests as officials write them: batches, where they are kept, and how many cards each holds.

Reads the columns of Arlo's manifests, those of Colorado's published ones (one file for many counties), and
our own, which the writer gives. A batch that is known by its tabulator and its name becomes one batch id,
``<tabulator>-<name>``, as voting systems print it on cards. Batches of no card are kept: they are on a shelf.
"""

from collections.abc import Iterable, Mapping

import msgspec

from tallybook.election import Batch, Manifest
from tallybook.formats.csv_in import (
    Row,
    Table,
    header_of,
    needs_text,
    no_row_of_totals,
    read_table,
    unique,
    whole_number,
)
from tallybook.formats.csv_out import plain, table
from tallybook.formats.problems import Consequence, FileProblem, Problems, shown

YES_OR_NO = {"y": True, "yes": True, "n": False, "no": False}
OURS = ("Jurisdiction", "Batch", "Cards", "Container")


class Columns(msgspec.Struct, frozen=True):
    """How a manifest calls its columns; empty where it has none of that kind."""

    batch: str
    cards: str
    jurisdiction: str = ""
    tabulator: str = ""
    container: str = ""
    has_cvr: str = ""

    def needed(self) -> tuple[str, ...]:
        """Columns without which no batch is known."""
        return tuple(filter(None, (self.jurisdiction, self.tabulator, self.batch, self.cards, self.has_cvr)))


ARLO = Columns("Batch Name", "Number of Ballots", container="Container")
ARLO_COMPARISON = Columns("Batch Name", "Number of Ballots", tabulator="Tabulator", container="Container")
ARLO_HYBRID = Columns("Batch Name", "Number of Ballots", container="Container", has_cvr="CVR")
COLORADO = Columns("batch_id", "ballots", jurisdiction="county", tabulator="device_id", container="location")
OWN = Columns("Batch", "Cards", jurisdiction="Jurisdiction", container="Container")

FORMS = (OWN, COLORADO, ARLO_HYBRID, ARLO_COMPARISON, ARLO)
"""The known forms, those with more columns before those with fewer."""


class StoredBatch(msgspec.Struct, frozen=True):
    """A row of a manifest as written: for tools that need the tabulator and the name apart.

    ``has_cvr`` says whether cast vote records cover the batch; None where the manifest does not say.
    """

    jurisdiction: str
    tabulator: str
    name: str
    cards: int
    container: str
    has_cvr: bool | None = None


def read_manifest(
    data: bytes, file: str, columns: Columns, jurisdiction: str = ""
) -> tuple[Manifest | None, tuple[FileProblem, ...]]:
    """The manifest in a file. ``jurisdiction`` is the one that it covers, where no column says so."""
    stored, problems = read_stored(data, file, columns, jurisdiction)
    return (None if stored is None else manifest(stored)), problems


def manifest_of_any(
    data: bytes, file: str, jurisdiction: str = ""
) -> tuple[Manifest | None, tuple[FileProblem, ...]]:
    """The manifest in a file whose header says which of the known forms it has; ours where it is none."""
    header = {name.casefold() for name in header_of(data, file)}
    fitting = [one for one in FORMS if {name.casefold() for name in one.needed()} <= header]
    return read_manifest(data, file, fitting[0] if fitting else OWN, jurisdiction)


def read_stored(
    data: bytes, file: str, columns: Columns, jurisdiction: str = "", optional: Iterable[str] = ()
) -> tuple[tuple[StoredBatch, ...] | None, tuple[FileProblem, ...]]:
    """The rows of a manifest. ``optional`` names further columns that may stand in it and are passed over."""
    problems = Problems()
    admitted = [name for name in (columns.container, *optional) if name]
    held = read_table(data, file, problems, columns.needed(), admitted)
    keys = [name for name in (columns.jurisdiction, columns.tabulator, columns.batch) if name]
    unique(held, keys, problems)
    no_row_of_totals(held, [columns.cards], problems)
    stored = tuple(_stored(row, held, columns, jurisdiction, problems) for row in held.rows)
    return (None if problems.grave else stored), problems.collected()


def manifest(stored: Iterable[StoredBatch]) -> Manifest:
    """The manifest of these rows."""
    return Manifest(tuple(Batch(one.jurisdiction, batch_id(one), one.cards, one.container) for one in stored))


def batch_id(stored: StoredBatch) -> str:
    """What the batch is called in its jurisdiction."""
    return f"{stored.tabulator}-{stored.name}" if stored.tabulator else stored.name


def write_manifest(held: Manifest) -> bytes:
    """The manifest as a table, safe to open in a spreadsheet; ids of single cards are not written."""
    return table(OURS, ([b.jurisdiction, b.id, b.cards, b.container] for b in held.batches))


def _stored(row: Row, held: Table, columns: Columns, jurisdiction: str, problems: Problems) -> StoredBatch:
    read = plain if columns == OWN else str

    def text(column: str) -> str:
        return read(needs_text(row, column, held.file, problems)) if column else ""

    cells: Mapping[str, str] = row.cells
    return StoredBatch(
        text(columns.jurisdiction) or jurisdiction,
        text(columns.tabulator),
        text(columns.batch),
        whole_number(row, columns.cards, held.file, problems),
        read(cells.get(columns.container, "")) if columns.container else "",
        _yes_or_no(row, columns.has_cvr, held.file, problems) if columns.has_cvr else None,
    )


def _yes_or_no(row: Row, column: str, file: str, problems: Problems) -> bool | None:
    text = row.cells.get(column, "")
    answer = YES_OR_NO.get(text.casefold())
    if answer is None:
        mend = "Write Y or N in every row."
        problems.add(Consequence.GRAVE, file, shown(text), "Y or N", mend, row=row.number, column=column)
    return answer
