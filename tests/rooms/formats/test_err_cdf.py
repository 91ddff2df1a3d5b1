"""Election results in NIST's common data format: what is counted, and round trips of both forms."""

import datetime
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallybook.election import Choice, Contest
from tallybook.formats.err_cdf import read_json, read_xml
from tallybook.formats.err_cdf_out import About, write_json, write_xml
from tallybook.formats.results import TOTAL, Measured, Results, Unit, Votes, check_results, tally
from tallybook.formats.results_csv import read_long
from tests.needs import needs_shared
from tests.rooms.formats.nist_facts import faults_of_json, faults_of_xml
from tests.rooms.formats.test_results import COUNTIES

ABOUT = About(
    "Clerk of Ben Hill",
    "CBH",
    datetime.datetime(2020, 11, 20, 17, tzinfo=datetime.UTC),
    "GA",
    "general",
    "certified",
)
DAY = datetime.date(2020, 11, 3)


def said(problems: object) -> str:
    return " ".join(map(str, problems))  # type: ignore[call-overload]


def report(counts: list[dict[str, Any]], **of_contest: Any) -> bytes:
    """A small report as another office would write it, with these counts for Ann."""

    def text(words: str) -> dict[str, Any]:
        return {"Text": [{"Content": "Nadie", "Language": "es"}, {"Content": words, "Language": "en-US"}]}

    contest = {
        "@id": "mayor",
        "@type": "ElectionResults.CandidateContest",
        "Name": "Mayor",
        "ContestSelection": [
            {"@id": "for-ann", "CandidateIds": ["ann"], "VoteCounts": counts},
            {"@id": "line", "IsWriteIn": True},
        ],
        **of_contest,
    }
    election = {
        "Name": text("General"),
        "StartDate": "2020-11-03",
        "Contest": [contest],
        "Candidate": [{"@id": "ann", "BallotName": text("Ann Ash"), "PartyId": "g"}],
    }
    units = [
        {
            "@id": "c",
            "Type": "county",
            "Name": text("Cobb"),
            "ComposingGpUnitIds": ["p"],
            "VotersRegistered": 90,
        },
        {"@id": "p", "Type": "precinct", "Name": text("North")},
    ]
    return json.dumps(
        {
            "Status": "certified",
            "GeneratedDate": "2020-11-20T17:00:00Z",
            "Election": [election],
            "GpUnit": units,
            "Party": [{"@id": "g", "Name": text("Green")}],
        }
    ).encode()


def count(votes: Any, unit: str = "p", kind: str = "early", **more: Any) -> dict[str, Any]:
    return {"GpUnitId": unit, "Type": kind, "Count": votes, **more}


def test_votes_are_read_by_unit_and_mode_in_english() -> None:
    found, problems = read_json(report([count(7), count(2.0, "c", "total")]), "r.json")
    assert problems == ()
    assert found is not None
    assert found.contests == (
        Contest(
            "mayor", "Mayor", "", (Choice("for-ann", "Ann Ash", "Green"), Choice("write_in", "Write-in"))
        ),
    )
    assert found.units == (Unit("c", "Cobb", "county"), Unit("p", "North", "precinct", "c"))
    assert found.votes == (
        Votes("mayor", "p", "early", "for-ann", 7),
        Votes("mayor", "c", TOTAL, "for-ann", 2),
    )
    assert found.measured == (Measured("", "c", TOTAL, "registered_voters", 90),)
    assert (found.name, found.day, found.status) == ("General", DAY, "certified")


def test_counts_of_several_kinds_of_device_are_added() -> None:
    central, precinct = {"Type": "opscan-central"}, {"Type": "opscan-precinct"}
    found, _ = read_json(report([count(7, DeviceClass=central), count(3, DeviceClass=precinct)]), "r.json")
    assert found is not None
    assert [vote.votes for vote in found.votes] == [10]


def test_later_rounds_and_suppressed_counts_are_left_out_and_told() -> None:
    counts = [count(7), count(9, Round=2), count(0, "c", IsSuppressedForPrivacy=True)]
    found, problems = read_json(report(counts), "r.json")
    assert found is not None
    assert [vote.votes for vote in found.votes] == [7]
    assert "suppressed for privacy" in said(problems)
    assert "round 2" in said(problems)


def test_overvotes_are_counts_of_the_contest() -> None:
    others = [{"GpUnitId": "p", "Overvotes": 1, "Undervotes": 4}]
    found, _ = read_json(report([count(7)], OtherCounts=others), "r.json")
    assert found is not None
    assert (tally(found, "mayor").overvotes, tally(found, "mayor").undervotes) == (1, 4)


@pytest.mark.parametrize(
    "bad", [count(0.5), count(-1), count(7, "elsewhere"), count(None), count("7"), count(1e300)]
)
def test_nothing_is_read_from_a_report_with_a_broken_count(bad: dict[str, Any]) -> None:
    found, problems = read_json(report([count(3, "c"), bad]), "r.json")
    assert found is None
    assert problems


def test_one_number_stated_twice_is_refused() -> None:
    assert read_json(report([count(3), count(3)]), "r.json")[0] is None


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"[" * 100_000, b"\xff", b"<x/>", b"<ElectionReport/>", b"<ElectionReport>"]
)
def test_what_is_no_report_gives_a_problem_and_no_traceback(data: bytes) -> None:
    for found, problems in (read_json(data, "r"), read_xml(data, "r")):
        assert found is None
        assert problems


def test_xml_with_a_document_type_is_refused_whole() -> None:
    data = b'<!DOCTYPE r SYSTEM "file:///etc/hostname"><ElectionReport/>'
    assert "DOCTYPE" in said(read_xml(data, "r.xml")[1])


# Round trips ----------------------------------------------------------------------------------

NAME = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Co", "Zs", "Zl", "Zp")),
    min_size=1,
    max_size=5,
)
MODE = st.sampled_from([TOTAL, "early", "election-day", "hand-delivered"])


@st.composite
def results(draw: st.DrawFn) -> Results:
    contests = []
    for number in range(draw(st.integers(1, 2))):
        choices = [
            Choice(f"{number} {k}", draw(NAME), draw(st.sampled_from(["", "Green"]))) for k in range(2)
        ]
        choices += [Choice("write_in", "Write-in")] if draw(st.booleans()) else []
        contests.append(Contest(f"#{number}", draw(NAME), "", tuple(choices), draw(st.integers(1, 3))))
    units = (
        Unit("GA", draw(NAME), "state"),
        Unit("GA/1", draw(NAME), draw(st.sampled_from(["county", "tent"])), "GA"),
    )
    numbers = st.integers(0, 10**9)
    votes = [
        Votes(contest.id, unit.id, mode, choice.id, draw(numbers))
        for contest in contests
        for choice in contest.choices
        for unit in units
        for mode in draw(st.sets(MODE, max_size=2))
    ]
    measured = [Measured("", "GA", draw(MODE), "ballots_cast", draw(numbers))]
    measured += [Measured("", "GA/1", TOTAL, "registered_voters", draw(numbers))]
    measured += [Measured("#0", "GA/1", TOTAL, "overvotes", draw(numbers))]
    return Results("r", tuple(contests), units, tuple(votes), tuple(measured), "General", DAY, "certified")


def as_told(found: Results | None) -> object:
    """Everything that results say, in no particular order."""
    assert found is not None
    return (
        found.contests,
        found.units,
        set(found.votes),
        set(found.measured),
        found.name,
        found.day,
        found.status,
    )


@settings(max_examples=60, deadline=None)
@given(results())
def test_what_is_written_reads_back_equal_and_fits_the_published_schema(held: Results) -> None:
    data = write_json(held, ABOUT)
    assert faults_of_json(json.loads(data), "ElectionResults", "ElectionReport") == []
    assert as_told(read_json(data, "r")[0]) == as_told(held)
    xml = write_xml(held, ABOUT)
    assert faults_of_xml(xml, "ElectionResults", "ElectionReport") == []
    assert as_told(read_xml(xml, "r")[0]) == as_told(held)


@pytest.mark.slow
def test_georgias_canvass_of_159_counties_goes_through_both_forms_unchanged() -> None:
    data = needs_shared("data/georgia2020/canvass_county_mode.csv").read_bytes()
    held, _ = read_long(data, "counties.csv", COUNTIES)
    assert held is not None
    state = Unit("GA", "Georgia", "state")
    counties = tuple(msgspec.structs.replace(unit, within="GA") for unit in held.units)
    held = msgspec.structs.replace(
        held, units=(state, *counties), name="General", day=DAY, status="certified"
    )
    for found in (read_json(write_json(held, ABOUT), "r")[0], read_xml(write_xml(held, ABOUT), "r")[0]):
        assert found is not None
        assert as_told(found) == as_told(held)
        assert check_results(found) == ()
        assert dict(tally(found, "president").votes)["trump"] == 2_461_837


@pytest.mark.parametrize(
    "change",
    [
        {"day": None},
        {"units": ()},
        {"measured": (Measured("#0", "GA", "early", "overvotes", 1),)},
        {"measured": (Measured("#0", "GA", TOTAL, "ballots_cast", 1),)},
    ],
)
def test_what_the_format_cannot_say_is_not_left_out(change: dict[str, Any]) -> None:
    held = Results("r", (Contest("#0", "Mayor", "", ()),), (Unit("GA", "Georgia", "state"),), (), day=DAY)
    with pytest.raises(ValueError, match=r"report needs|no field|not of a contest"):
        write_json(msgspec.structs.replace(held, **change), ABOUT)
