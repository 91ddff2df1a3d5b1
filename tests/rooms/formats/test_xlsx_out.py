"""Spreadsheets in which no cell is a formula, read back with a foreign reader."""

import datetime
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import load_workbook

from tallybook.formats.xlsx_out import Sheet, workbook

MADE = datetime.datetime(2020, 11, 20, 17, tzinfo=datetime.UTC)
TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Co")), min_size=1, max_size=12
)
FORMULAS = st.sampled_from(
    ["=1+1", "{=A1}", "http://example.com", "+1", "-1", "@x", "1204", "internal:A1", " "]
)


def cells(data: bytes) -> list[list[object]]:
    return load_workbook(io.BytesIO(data)).get_sheet_by_index(0).to_python()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXT | FORMULAS, st.integers(-(10**14), 10**14)), min_size=1, max_size=5))
def test_every_cell_reads_back_as_it_was_given(rows: list[tuple[str, int]]) -> None:
    data = workbook([Sheet("Batches", ["Batch", "Cards"], rows)], MADE)
    assert cells(data) == [["Batch", "Cards"], *([name, float(cards)] for name, cards in rows)]


def test_no_cell_is_a_formula_or_a_link() -> None:
    rows = [["=HYPERLINK(A1)"], ["https://example.com"], ["{=1}"]]
    files = zipfile.ZipFile(io.BytesIO(workbook([Sheet("S", ["Name"], rows)], MADE)))
    page = files.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in page
    assert b"hyperlink" not in page.lower()


def test_the_same_tables_give_the_same_bytes() -> None:
    sheet = Sheet("S", ["Name"], [["Ann"], [7]])
    assert workbook([sheet], MADE) == workbook([sheet], MADE)


def test_a_long_number_keeps_its_digits_as_text() -> None:
    assert cells(workbook([Sheet("S", ["Seed"], [[84437724778708423271]])], MADE))[1] == [
        "84437724778708423271"
    ]


@pytest.mark.parametrize(
    "sheet",
    [
        Sheet("a/b", ["A"], []),
        Sheet("", ["A"], []),
        Sheet("S", ["A"], [["x", "y"]]),
        Sheet("S", ["A"], [["x" * 40_000]]),
    ],
)
def test_what_a_spreadsheet_cannot_hold_is_not_cut(sheet: Sheet) -> None:
    with pytest.raises(ValueError, match=r"cannot be|does not fit|over 32,767"):
        workbook([sheet], MADE)
