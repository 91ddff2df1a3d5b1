"""A table is the same table as comma-separated text and as a spreadsheet, for every reader of tables."""

import csv
import io
from collections.abc import Callable

import pytest
from xlsxwriter import Workbook

from tallybook.formats import arlo, manifests, openelections, rctab, results_any
from tallybook.formats.archives import InMemory
from tallybook.formats.detect import detect, read_any
from tallybook.formats.problems import Consequence
from tests.generators import clear_ballot, dominion
from tests.generators.world import found, make
from tests.rooms.formats.test_night_results import TABLE
from tests.rooms.formats.test_ranked_files import NEUTRAL

SMALL = make(60, measures=2)
TWO = {"Mayor": ("Ann", "Bob")}


def spreadsheet(text: bytes) -> bytes:
    """The same cells in a spreadsheet, numbers as numbers, as a spreadsheet program saves them."""
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate(csv.reader(io.StringIO(text.decode("utf-8-sig")))):
            for place, cell in enumerate(cells):
                if cell.isdigit() and str(int(cell)) == cell:
                    sheet.write_number(row, place, int(cell))
                elif cell:
                    sheet.write_string(row, place, cell)
    return out.getvalue()


TABLES: dict[str, tuple[bytes, Callable[[bytes], object]]] = {
    "manifest": (
        b'Batch Name,Number of Ballots,Container\nA,"1,204",Box 1\nB,5,Box 2\n',
        lambda data: manifests.read_manifest(data, "f", manifests.ARLO),
    ),
    "comparison manifest": (
        b"Tabulator,Batch Name,Number of Ballots\nT1,1,204\nT2,1,5\n",
        lambda data: manifests.read_manifest(data, "f", manifests.ARLO_COMPARISON),
    ),
    "batch totals": (b"Batch Name,Ann,Bob\nA,4,6\n", lambda data: arlo.read_candidate_totals(data, "f", TWO)),
    "standardized contests": (
        b'Contest Name,Jurisdictions\nMayor,"Cobb, Fulton"\n',
        lambda data: arlo.read_standard_contests(data, "f", ("Cobb", "Fulton")),
    ),
    "participants": (
        b"Jurisdiction,Admin Email,Expected Number of Ballots\nCobb,a@cobb.gov,1204\n",
        lambda data: arlo.read_participants(data, "f"),
    ),
    "OpenElections": (TABLE, lambda data: openelections.read_openelections(data, "f")),
}


@pytest.mark.parametrize("name", TABLES)
def test_officials_may_upload_a_spreadsheet_instead(name: str) -> None:
    text, read = TABLES[name]
    value, problems = read(spreadsheet(text))  # type: ignore[misc]
    assert value is not None, list(map(str, problems))
    assert (value, problems) == read(text)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("dominion_csv", dominion.csv_export(SMALL)),
        ("clear_ballot", clear_ballot.csv_export(SMALL)),
        ("rctab", NEUTRAL),
        ("ranks", b"Ballot ID,Ann,Bob,Cy\n7,1,,2\n8,2,1,\n"),
    ],
)
def test_an_export_saved_as_a_spreadsheet_is_known_and_read_like_the_text(kind: str, data: bytes) -> None:
    saved = InMemory({"export.xlsx": spreadsheet(data)})
    assert detect(saved) == kind
    sheet, text = read_any(saved), read_any(InMemory({"export.csv": data}))
    assert sheet.records is not None and text.records is not None, list(map(str, sheet.problems))
    assert sheet.records.cards == text.records.cards
    if kind != "ranks":
        assert [one.name for one in sheet.records.contests] == [one.name for one in text.records.contests]
        assert found(sheet.records) == found(text.records)


def test_a_table_of_results_saved_as_a_spreadsheet_is_known() -> None:
    results, problems = results_any.read_any(InMemory({"20201103__ga__general.xlsx": spreadsheet(TABLE)}))
    assert results is not None and problems == ()
    assert len(results.votes) == 4


def test_hidden_signs_in_a_spreadsheet_of_totals_are_taken_out_and_told() -> None:
    data = spreadsheet("Batch Name,Ann,Bob\nA\u202e1,4,6\n".encode())
    totals, problems = arlo.read_candidate_totals(data, "f", TWO)
    assert totals is not None and totals[0].batch == "A1"
    assert [(one.consequence, one.row) for one in problems] == [(Consequence.CARE, 2)]


def test_a_formula_in_an_uploaded_spreadsheet_is_read_as_what_it_shows_and_written_as_text() -> None:
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Batch Name", "Ann", "Bob"])
        sheet.write_string(1, 0, "A")
        sheet.write_formula(1, 1, "=2+2", None, 4)
        sheet.write_formula(1, 2, '=HYPERLINK("http://example.org")', None, 6)
    totals, _ = arlo.read_candidate_totals(out.getvalue(), "f", TWO)
    assert totals is not None and totals[0].votes == {"Mayor": {"Ann": 4, "Bob": 6}}


def test_the_generic_table_of_ranks_keeps_its_ranks() -> None:
    sheet = rctab.read_generic(spreadsheet(b"Ann,Bob\n1,2\n,1\n"), "f", "Mayor")
    assert sheet.records is not None
    assert sheet.records.patterns == rctab.read_generic(b"Ann,Bob\n1,2\n,1\n", "f", "Mayor").records.patterns  # type: ignore[union-attr]
