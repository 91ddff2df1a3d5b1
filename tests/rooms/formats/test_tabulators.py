"""Dominion's tabulator status report, in both of its forms, as Arlo takes it."""

import numpy as np
import pytest

from tallybook.election import Choice, Contest
from tallybook.election.cards import CastVoteRecords, Mark, Pattern, column_of, narrowed
from tallybook.formats.tabulators import check_tabulators, read_tabulators

PLAIN = b"""<?xml version="1.0"?>
<report><tabulators>
 <tb id="1" tid="10" name="Polling Place 1"><sub/></tb>
 <tb id="2" tid="0020" name="Absentee  ICC"/>
</tabulators></report>"""
EXCEL = b"""<?xml version="1.0"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
 <Worksheet ss:Name="Other"><Table><Row><Cell><Data>x</Data></Cell></Row></Table></Worksheet>
 <Worksheet ss:Name="Tabulator Status"><Table>
  <Row><Cell><Data ss:Type="String">Report of 5 November</Data></Cell></Row>
  <Row><Cell><Data>Tabulator Id</Data></Cell><Cell><Data>Load Status</Data></Cell>
   <Cell><Data>Name</Data></Cell></Row>
  <Row><Cell><Data>10</Data></Cell><Cell><Data>1</Data></Cell><Cell><Data>Polling Place 1</Data></Cell></Row>
  <Row><Cell><Data>0020</Data></Cell><Cell ss:Index="3"><Data>Absentee ICC</Data></Cell></Row>
 </Table></Worksheet></Workbook>"""


@pytest.mark.parametrize("data", [PLAIN, EXCEL])
def test_both_forms_give_the_name_of_each_tabulator_and_keep_leading_zeros(data: bytes) -> None:
    assert read_tabulators(data, "status.xml") == ({"10": "Polling Place 1", "0020": "Absentee ICC"}, ())


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"<html><body>10</body></html>", "a report in HTML"),
        (b"<report/>", "no tabulators"),
        (PLAIN[:80], "cannot be read"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><report>&b;</report>", "cannot be read"),
        (PLAIN.replace(b'tid="0020"', b'tid="10"'), 'the tabulator "10" as'),
        (b"", "cannot be read"),
        (EXCEL.replace(b"Tabulator Id", b"Number"), "no tabulators"),
    ],
)
def test_what_is_no_report_or_contradicts_itself_is_refused(data: bytes, told: str) -> None:
    names, problems = read_tabulators(data, "status.xml")
    assert names is None and told in str(problems[0])


def test_every_tabulator_of_the_export_must_be_named() -> None:
    contest = Contest("m", "Mayor", "", (Choice("a", "Ann"),))
    columns = {"tabulator": column_of(["10", "77", "10"])}
    codes = {"m": narrowed(np.array([1, 1, 1]))}
    records = CastVoteRecords("x", (contest,), 3, {"m": (Pattern((Mark("a"),)),)}, codes, columns)
    names, _ = read_tabulators(PLAIN, "status.xml")
    assert names is not None
    (problem,) = check_tabulators(records, names, "status.xml")
    assert problem.found == 'cards of tabulator "77", which the report does not name'
