"""NIST's cast vote records as drafts and vendors wrote them: reports before 1.0, and VotingWorks' folders."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tallybook.election.cards import Mark, Pattern, ballots, check_records
from tallybook.formats.archives import InMemory
from tallybook.formats.detect import detect, read_any
from tallybook.formats.problems import Consequence, Reading
from tests.rooms.formats.test_cvr_cdf import cvr, on_card, position, report

# Drafts ---------------------------------------------------------------------------------------


def indication(allocable: str = "yes", **more: Any) -> dict[str, Any]:
    """A mark as the examples of spring 2018 show it: it is there, so something was indicated."""
    return {"IsAllocable": allocable, "NumberVotes": 1, **more}


def of_2018(*selections: dict[str, Any], earlier: list[dict[str, Any]] | None = None) -> bytes:
    """A report of that draft with one record, whose later snapshot is current."""
    chosen = {"IsCurrent": True, "Type": "interpreted",
              "CVRContest": [{"ContestId": "mayor", "CVRContestSelection": list(selections)}]}  # fmt: skip
    before = {"IsCurrent": False, "Type": "original",
              "CVRContest": [{"ContestId": "mayor", "CVRContestSelection": earlier or []}]}  # fmt: skip
    text = report({"CVRSnapshot": [before, chosen], "BatchId": "7"})
    return text.replace(b'"Version": "1.0.0", ', b"")


def for_(choice: str, *marks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"ContestSelectionId": choice, "SelectionIndication": list(marks), **more}


def only(reading: Reading) -> Pattern:
    assert reading.records is not None, list(map(str, reading.problems))
    (pattern,) = ballots(reading.records, reading.records.contests[0].id).patterns
    return pattern


def test_a_mark_of_the_draft_of_2018_is_a_mark_and_the_current_snapshot_counts() -> None:
    reading = read_any(
        InMemory({"x.json": of_2018(for_("for-bob", indication()), earlier=[for_("for-ann", indication())])})
    )
    assert only(reading) == Pattern((Mark("for-bob"),))
    assert [one.found for one in reading.problems if one.consequence is Consequence.CARE] == [
        "a report of a draft"
    ]


def test_a_mark_that_the_draft_calls_not_allocable_is_no_vote_whichever_word_it_uses() -> None:
    for word in ("no", "false"):
        reading = read_any(
            InMemory({"x.json": of_2018(for_("for-ann", indication(word)), for_("for-bob", indication()))})
        )
        assert only(reading).marks == (Mark("for-bob"),)


def test_a_written_name_of_the_draft_is_kept() -> None:
    reading = read_any(InMemory({"x.json": of_2018(for_("line", indication(), Text="Cy Ash"))}))
    assert only(reading).marks == (Mark("write_in:Cy Ash"),)


def test_two_snapshots_that_are_both_current_are_grave() -> None:
    data = of_2018(for_("for-ann", indication())).replace(b'"IsCurrent": false', b'"IsCurrent": true')
    assert read_any(InMemory({"x.json": data})).records is None


XML_2018 = b"""<?xml version="1.0"?>
<cdf:CastVoteRecordReport xmlns:cdf="NIST_V0_cast_vote_records.xsd"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <cdf:CVR><cdf:CVRSnapshot>
   <cdf:CVRContest><cdf:ContestId>_C1</cdf:ContestId>
    <cdf:CVRContestSelection><cdf:ContestSelectionId>_S2</cdf:ContestSelectionId><cdf:Position>1</cdf:Position>
     <cdf:SelectionIndication xsi:type="cdf:Mark"><cdf:IsAllocable>yes</cdf:IsAllocable>
      <cdf:NumberVotes>1</cdf:NumberVotes></cdf:SelectionIndication></cdf:CVRContestSelection>
   </cdf:CVRContest>
   <cdf:IsCurrent>true</cdf:IsCurrent><cdf:Type>interpreted</cdf:Type></cdf:CVRSnapshot></cdf:CVR>
 <cdf:Election ObjectId="_E">
  <cdf:Candidate ObjectId="_P1"><cdf:Name>Ann</cdf:Name></cdf:Candidate>
  <cdf:Candidate ObjectId="_P2"><cdf:Name>Bob</cdf:Name></cdf:Candidate>
  <cdf:Contest ObjectId="_C1" xsi:type="CandidateContest"><cdf:Name>Treasurer</cdf:Name>
   <cdf:ContestSelection ObjectId="_S1" xsi:type="CandidateSelection">
    <cdf:CandidateIds>_P1</cdf:CandidateIds></cdf:ContestSelection>
   <cdf:ContestSelection ObjectId="_S2" xsi:type="CandidateSelection">
    <cdf:CandidateIds>_P2</cdf:CandidateIds></cdf:ContestSelection>
   <cdf:VotesAllowed>1</cdf:VotesAllowed></cdf:Contest></cdf:Election>
</cdf:CastVoteRecordReport>
"""


def test_the_xml_of_the_draft_of_2018_reads_the_same() -> None:
    reading = read_any(InMemory({"x.xml": XML_2018}))
    assert only(reading) == Pattern((Mark("_S2"),))
    assert reading.records is not None
    assert [choice.name for choice in reading.records.contests[0].choices] == ["Ann", "Bob"]


def of_2017(*marks: dict[str, Any], status: list[str] | None = None, ranked: bool = False) -> bytes:
    """A report by the schema of 2017: one reading a record, votes under their selections."""
    said = {"Text": [{"Content": "Ann Ash", "Language": "en"}]}
    choices = [{"@id": "for-ann", "CandidateIds": ["ann"]}, {"@id": "line", "IsWriteIn": True}]
    contest = {"@id": "mayor", "Name": "Mayor", "BallotSelections": choices, "VotesAllowed": 1,
               "VoteVariation": "rcv" if ranked else "one-of-m"}  # fmt: skip
    votes = [{"BallotSelectionId": "for-ann", "VoteMarks": list(marks), "TotalNumberVotes": 1}]
    record = {"ContestVotes": [{"ContestId": "mayor", "BallotSelectionVotes": votes}],
              "BallotStatus": status or [], "BatchId": "7", "BatchSequenceNumber": 3,
              "SmallestVotingUnitId": "u1", "SheetNumber": 1, "OriginatingDeviceId": "d1"}  # fmt: skip
    return json.dumps({
        "@type": "CVR.CastVoteRecordReport", "Version": "1.0", "CastVoteRecords": [record],
        "Elections": [{"@id": "e", "Candidates": [{"@id": "ann", "Name": said}], "Contests": [contest]}],
        "GpUnits": [{"@id": "u1", "Type": "precinct", "Name": "North"},
                    {"@id": "d1", "@type": "CVR.ReportingDevice", "Name": "Scanner 4"}],
    }).encode()  # fmt: skip


def test_a_record_of_the_schema_of_2017_is_read_with_its_place() -> None:
    reading = read_any(InMemory({"x.json": of_2017({"NumberVotes": 1, "Status": ["voter-countable"]})}))
    assert only(reading) == Pattern((Mark("for-ann"),))
    records = reading.records
    assert records is not None and check_records(records) == ()
    assert {name: column.values for name, column in records.columns.items()} == {
        "tabulator": ("Scanner 4",), "batch": ("7",), "record": ("3",), "sheet": ("1",),
        "precinct": ("North",),
    }  # fmt: skip
    assert records.contests[0].choices[0].name == "Ann Ash"


@pytest.mark.parametrize(
    "status", ["adjudicated-invalidated", "invalidated-marginal-mark", "invalidated-rules"]
)
def test_a_mark_of_2017_that_was_invalidated_is_no_vote(status: str) -> None:
    assert only(read_any(InMemory({"x.json": of_2017({"NumberVotes": 1, "Status": [status]})}))).marks == ()


def test_a_ballot_of_2017_that_does_not_count_has_no_contest_that_counts() -> None:
    pattern = only(read_any(InMemory({"x.json": of_2017({"NumberVotes": 1}, status=["invalid"])})))
    assert pattern.flags == ("invalid",)


def test_ranks_of_2017_are_kept() -> None:
    pattern = only(read_any(InMemory({"x.json": of_2017({"NumberVotes": 1, "Rank": 2}, ranked=True)})))
    assert pattern.marks == (Mark("for-ann", 2),)


@pytest.mark.parametrize(
    "gone", ["GpUnit", "ReportingDevice", "ReportGeneratingDeviceIds", "Version", "Party"]
)
def test_a_report_without_what_1_0_made_required_is_read(gone: str) -> None:
    """RCTab refuses a report without GpUnit; exports of such drafts exist, and the votes are all there."""
    held = json.loads(report(cvr(on_card({"for-ann": [position()]}))))
    del held[gone]
    assert only(read_any(InMemory({"x.json": json.dumps(held).encode()}))).marks == (Mark("for-ann"),)


@pytest.mark.parametrize(
    "data",
    [
        b'{"@type": "CVR.CastVoteRecordReport", "CastVoteRecords": 3}',
        b'{"@type": "CVR.CastVoteRecordReport", "CastVoteRecords": [3], "Elections": [{"@id": "e"}]}',
        b'{"@type": "CVR.CastVoteRecordReport", "CastVoteRecords": [{"BatchSequenceNumber": "x"}]}',
        b'{"x": "CastVoteRecordReport", "SelectionIndication": ',
        b"<CastVoteRecordReport><CVR><CVRSnapshot><SelectionIndication/>",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><CastVoteRecordReport><CVR>"
        b"<SelectionIndication>&a;</SelectionIndication></CVR></CastVoteRecordReport>",
    ],
)
def test_what_is_no_draft_either_is_grave_and_no_traceback(data: bytes) -> None:
    reading = read_any(InMemory({"x": data}))
    assert reading.records is None and reading.problems


# VotingWorks ----------------------------------------------------------------------------------


def definitions() -> dict[str, Any]:
    """What stands once in an export: all of a report but its records."""
    held: dict[str, Any] = json.loads(report())
    del held["CVR"]
    return held


def sheet(unique: str, choice: str, how: str = "precinct", batch: str = "b1") -> dict[str, Any]:
    """A record as the vendor's documentation of the field tells: how it was cast is a text in OtherStatus."""
    record = cvr(on_card({choice: [position()]}), UniqueId=unique, BatchId=batch, CreatingDeviceId="d1")
    record["CVRSnapshot"][0] |= {"Status": ["other"], "OtherStatus": json.dumps({"ballotType": how})}
    return record


def export(*sheets: dict[str, Any], sheets_in_batch: int | None = None, **more: Any) -> dict[str, bytes]:
    """The files of an export: metadata once, a folder for each sheet, images beside."""
    count = len(sheets) if sheets_in_batch is None else sheets_in_batch
    metadata = {
        "arePollsClosed": True,
        "batchManifest": [{"id": "b1", "label": "Batch 1", "batchNumber": 1, "sheetCount": count,
                           "scannerId": "d1", "startTime": "2024-11-05T12:00:00.000Z"}],
        "castVoteRecordReportMetadata": {**definitions(), **more},
        "castVoteRecordRootHash": "00",
    }  # fmt: skip
    files = {"export/metadata.json": json.dumps(metadata).encode()}
    for one in sheets:
        files[f"export/{one['UniqueId']}/cast-vote-record-report.json"] = json.dumps({"CVR": [one]}).encode()
        files[f"export/{one['UniqueId']}/{one['UniqueId']}-front.jpg"] = b"\xff\xd8"
    files["export/rejected-9/9-front.jpg"] = b"\xff\xd8"
    return files


def test_a_folder_for_each_sheet_is_one_export() -> None:
    files = export(sheet("a", "for-ann"), sheet("b", "for-bob", "absentee"), sheet("c", "for-ann"))
    assert detect(InMemory(files)) == "votingworks"
    reading = read_any(InMemory(files))
    assert reading.records is not None, list(map(str, reading.problems))
    grouped = ballots(reading.records, "mayor")
    assert dict(zip(grouped.patterns, grouped.counts, strict=True)) == {
        Pattern((Mark("for-ann"),)): 2, Pattern((Mark("for-bob"),)): 1,
    }  # fmt: skip
    group = reading.records.columns["group"]
    assert [group.values[code] for code in group.codes] == ["precinct", "absentee", "precinct"]
    assert [str(p) for p in reading.problems if p.consequence >= Consequence.COUNT] == []


def test_reports_that_each_have_the_definitions_are_read_too() -> None:
    """So the system exported before its metadata stood apart."""
    files = {
        f"export/{name}/cast-vote-record-report.json": report(sheet(name, "for-ann")) for name in ("a", "b")
    }
    reading = read_any(InMemory(files))
    assert reading.records is not None, list(map(str, reading.problems))
    assert reading.records.cards == 2


def other_election() -> dict[str, bytes]:
    files = export(sheet("a", "for-ann"))
    other = json.loads(report(sheet("b", "for-ann")))
    other["Election"][0]["@id"] = "another"
    return {**files, "export/b/cast-vote-record-report.json": json.dumps(other).encode()}


def again(votes: str) -> dict[str, bytes]:
    second = json.dumps({"CVR": [sheet("a", votes)]}).encode()
    return {**export(sheet("a", "for-ann")), "export/a copy/cast-vote-record-report.json": second}


WHOLE = export(sheet("a", "for-ann"))
BARE = {name: data for name, data in WHOLE.items() if "metadata" not in name}
REFUSED: Mapping[str, tuple[dict[str, bytes], str]] = {
    "no definitions": (BARE, "no definitions"),
    "two elections": (other_election(), "reports of several elections"),
    "one id, other votes": (again("for-bob"), "again, with other votes"),
    "a report cut off": (
        {**WHOLE, "export/z/cast-vote-record-report.json": b'{"CVR": ['},
        "expected a report",
    ),
    "metadata cut off": ({**WHOLE, "x/metadata.json": b'{"castVoteRecordReportMetadata"'}, "the metadata"),
    "an unknown choice": (export(sheet("a", "for-cy")), "for-cy"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_export_that_contradicts_itself_gives_no_records(name: str) -> None:
    files, told = REFUSED[name]
    reading = read_any(InMemory(files))
    assert reading.records is None
    assert told in " ".join(map(str, reading.problems))


def test_a_sheet_that_stands_twice_alike_is_counted_once_and_told() -> None:
    reading = read_any(InMemory(again("for-ann")))
    assert reading.records is not None and reading.records.cards == 1
    assert any("again" in one.found for one in reading.problems)


def test_records_that_are_missing_from_a_batch_are_told() -> None:
    reading = read_any(InMemory(export(sheet("a", "for-ann"), sheets_in_batch=3)))
    assert reading.records is not None
    assert [one.expected for one in reading.problems if one.consequence is Consequence.COUNT] == [
        "as many as its sheets, 3"
    ]


def test_test_ballots_are_told() -> None:
    reading = read_any(InMemory(export(sheet("a", "for-ann"), OtherReportType="test", ReportType=["other"])))
    assert any(one.found == "an export of test ballots" for one in reading.problems)
