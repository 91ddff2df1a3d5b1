"""Tables that a spreadsheet cannot mistake for formulas, and manifests through them."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallybook.election import Batch, Manifest
from tallybook.formats.csv_out import FORMULA, plain, safe, table
from tallybook.formats.manifests import COLORADO, OWN, read_manifest, write_manifest
from tests.needs import needs_shared

NAME = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp", "Cn", "Co")), min_size=1
).filter(
    lambda text: text == text.strip() and text.casefold() not in {"total", "totals", "subtotal", "subtotals"}
)


@pytest.mark.parametrize("cell", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "＝1", "'=1"])
def test_a_cell_that_would_be_a_formula_is_written_as_text(cell: str) -> None:
    assert str(safe(cell)).startswith("'")


def test_numbers_and_names_are_written_as_they_are() -> None:
    data = table(["Batch", "Change"], [["Box 1", -3], ["O'Neill, Ann", 12]])
    assert data == b'\xef\xbb\xbfBatch,Change\r\nBox 1,-3\r\n"O\'Neill, Ann",12\r\n'


def test_a_row_of_another_length_is_a_bug() -> None:
    with pytest.raises(ValueError, match="not 2 cells"):
        table(["A", "B"], [["x"]])


@given(st.text())
def test_no_text_cell_starts_a_formula_and_every_one_reads_back(text: str) -> None:
    written = str(safe(text))
    assert not written.lstrip(" ").startswith(FORMULA)
    assert plain(written) == text


@given(
    st.lists(
        st.tuples(NAME, NAME, st.integers(0, 10**9)), unique_by=lambda row: row[:2], min_size=1, max_size=2
    )
)
def test_a_manifest_reads_back_equal(rows: list[tuple[str, str, int]]) -> None:
    held = Manifest(tuple(Batch(place, name, cards) for place, name, cards in rows))
    assert read_manifest(write_manifest(held), "manifest.csv", OWN)[0] == held


def colorado() -> bytes:
    return needs_shared("data/audits/colorado2017_comparison/manifest.csv").read_bytes()


def test_two_batches_stand_twice_in_colorados_published_manifest_and_both_are_told() -> None:
    found, problems = read_manifest(colorado(), "manifest.csv", COLORADO)
    assert found is None
    assert [one.found.split('"')[1] for one in problems] == ["Lake, 2, 92", "San Miguel, 3, 25"]


def test_the_rest_of_colorados_manifest_is_read_as_published() -> None:
    lines = colorado().decode().splitlines()
    once = [line for number, line in enumerate(lines, 1) if number not in {11_434, 16_248}]
    found, problems = read_manifest("\n".join(once).encode(), "manifest.csv", COLORADO)
    assert problems == ()
    assert found is not None
    assert len(found.batches) == 17_100 - 2
    assert found.cards == sum(int(row["ballots"]) for row in csv.DictReader(once))
    assert (found.batches[0].jurisdiction, found.batches[0].id, found.batches[0].cards) == (
        "Adams",
        "1-1",
        208,
    )
