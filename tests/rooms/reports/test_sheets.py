"""The CSV files: they open in a spreadsheet, say what the pages say, and run nothing there."""

import csv
import io

import pytest

from tallybook.reports import tables
from tallybook.reports.sheets import harmless, sheet
from tests.rooms.reports.samples import georgia, hostile


def rows(text: str) -> list[list[str]]:
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline="")))


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "-2+3|cmd"]
)
def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Ben Hill", "a=b", "O.C.G.A. 21-2-499", "2020-11-03", 12_670, -5])
def test_a_plain_cell_stays_as_it_is(cell: str | int) -> None:
    assert harmless(cell) == cell


def test_headings_are_made_harmless_too() -> None:
    assert rows(sheet(["=a"], [["x"]])) == [["'=a"], ["x"]]


def test_no_cell_of_a_hostile_report_begins_like_a_formula() -> None:
    for text in tables(hostile()).values():
        cells = [cell for row in rows(text) for cell in row]
        assert cells
        assert not [
            cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@")) and not is_number(cell)
        ]


def is_number(cell: str) -> bool:
    return cell.lstrip("-").isdecimal()


@pytest.mark.parametrize("name", ["counts.csv", "counties.csv", "timeline.csv", "authority.csv"])
def test_every_row_has_a_cell_for_every_column(name: str) -> None:
    for report in (georgia(), hostile()):
        found = rows(tables(report)[name])
        assert len(found) > 1
        assert {len(row) for row in found} == {len(found[0])}


def test_the_county_list_adds_up_to_the_certified_totals() -> None:
    head, *counties = rows(tables(georgia())["counties.csv"])
    assert len(counties) == 159

    def total(column: str) -> int:
        return sum(int(county[head.index(column)]) for county in counties)

    assert total("First certified: Joseph R. Biden") == 2_474_507
    assert total("First certified: Donald J. Trump") == 2_461_837
    assert total("Hand tally: Joseph R. Biden") == 2_475_141
    assert total("Recount by scanner: Jo Jorgensen") == 62_229
    assert total("unexplained") == 0
