"""Cast vote records in NIST's common data format: its rules, and round trips of both forms."""

import datetime
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallybook.election import Choice, Contest
from tallybook.election.cards import (
    CastVoteRecords,
    Mark,
    Pattern,
    ballots,
    check_records,
    column_of,
    narrowed,
)
from tallybook.formats.cvr_cdf import read_json, read_xml
from tallybook.formats.cvr_cdf_out import About, write_json, write_xml
from tests.rooms.formats.nist_facts import faults_of_json, faults_of_xml

ABOUT = About("Kite Club", "Ben Hill", datetime.datetime(2020, 11, 3, 19, 0, tzinfo=datetime.UTC))


def report(*cvrs: dict[str, Any], contests: list[dict[str, Any]] | None = None) -> bytes:
    """A small report as a vendor would write it, with these records."""
    mayor = {
        "@id": "mayor",
        "@type": "CVR.CandidateContest",
        "Name": "Mayor",
        "VotesAllowed": 1,
        "VoteVariation": "plurality",
        "ContestSelection": [
            {"@id": "for-ann", "@type": "CVR.CandidateSelection", "CandidateIds": ["ann"]},
            {"@id": "for-bob", "@type": "CVR.CandidateSelection", "CandidateIds": ["bob"]},
            {"@id": "line", "@type": "CVR.CandidateSelection", "IsWriteIn": True},
        ],
    }
    people = [
        {"@id": "ann", "@type": "CVR.Candidate", "Name": "Ann Ash", "PartyId": "green"},
        {"@id": "bob", "@type": "CVR.Candidate", "Name": "Bob Birch"},
    ]
    election = {"@id": "e", "@type": "CVR.Election", "Candidate": people, "Contest": contests or [mayor]}
    return json.dumps(
        {
            "@type": "CVR.CastVoteRecordReport",
            "Version": "1.0.0",
            "GeneratedDate": "2020-11-03T19:00:00Z",
            "Election": [{**election, "ElectionScopeId": "u1"}],
            "GpUnit": [{"@id": "u1", "@type": "CVR.GpUnit", "Type": "precinct", "Name": "North"}],
            "Party": [{"@id": "green", "@type": "CVR.Party", "Name": "Green"}],
            "ReportGeneratingDeviceIds": ["d1"],
            "ReportingDevice": [{"@id": "d1", "@type": "CVR.ReportingDevice"}],
            "CVR": cvrs,
        }
    ).encode()


def position(has: str = "yes", allocable: str | None = "yes", votes: int = 1, **more: Any) -> dict[str, Any]:
    stated = {} if allocable is None else {"IsAllocable": allocable}
    return {"@type": "CVR.SelectionPosition", "HasIndication": has, "NumberVotes": votes, **stated, **more}


def on_card(
    selections: dict[str, list[dict[str, Any]]], contest: str = "mayor", **more: Any
) -> dict[str, Any]:
    chosen = [{"ContestSelectionId": name, "SelectionPosition": held} for name, held in selections.items()]
    return {"@type": "CVR.CVRContest", "ContestId": contest, "CVRContestSelection": chosen, **more}


def cvr(*contests: dict[str, Any], **more: Any) -> dict[str, Any]:
    snapshot = {"@id": "s", "Type": "interpreted", "CVRContest": list(contests)}
    return {"CurrentSnapshotId": "s", "ElectionId": "e", "CVRSnapshot": [snapshot], **more}


def only_pattern(*cvrs: dict[str, Any], contests: list[dict[str, Any]] | None = None) -> Pattern:
    read = read_json(report(*cvrs, contests=contests), "export.json")
    assert read.records is not None, read.problems
    grouped = ballots(read.records, read.records.contests[0].id)
    assert len(grouped.patterns) == 1
    return grouped.patterns[0]


def test_a_position_with_an_indication_is_a_mark() -> None:
    assert only_pattern(cvr(on_card({"for-ann": [position()]}))) == Pattern((Mark("for-ann"),))


def test_names_and_parties_come_from_the_candidates() -> None:
    read = read_json(report(), "export.json")
    assert read.records is not None
    write_in = Choice("write_in", "Write-in")
    choices = (Choice("for-ann", "Ann Ash", "Green"), Choice("for-bob", "Bob Birch"), write_in)
    assert read.records.contests == (Contest("mayor", "Mayor", "", choices),)


def test_a_position_without_indication_is_no_mark() -> None:
    assert only_pattern(cvr(on_card({"for-ann": [position("no")]}))) == Pattern(())


def test_allocation_left_unknown_counts_as_the_unisyn_export_means_it() -> None:
    held = {"for-ann": [position(allocable="unknown")]}
    assert only_pattern(cvr(on_card(held))) == Pattern((Mark("for-ann"),))


def test_the_specifications_overvote_counts_for_nobody_and_keeps_its_marks() -> None:
    both = {"for-ann": [position(allocable="no")], "for-bob": [position(allocable="no")]}
    expected = Pattern((Mark("for-ann"), Mark("for-bob")), ("overvote",))
    assert only_pattern(cvr(on_card(both, Status=["overvoted"]))) == expected


def test_an_excess_of_marks_without_any_allocable_is_an_overvote_even_where_no_status_says_so() -> None:
    both = {"for-ann": [position(allocable="no")], "for-bob": [position(allocable="no")]}
    assert only_pattern(cvr(on_card(both))).flags == ("overvote",)


def test_a_mark_that_is_not_allocable_beside_one_that_is_does_not_count() -> None:
    both = {"for-ann": [position()], "for-bob": [position(allocable="no")]}
    assert only_pattern(cvr(on_card(both))) == Pattern((Mark("for-ann"),))


def test_an_invalidated_contest_keeps_its_marks_under_its_flag() -> None:
    read = only_pattern(cvr(on_card({"for-ann": [position(allocable="no")]}, Status=["invalidated-rules"])))
    assert read == Pattern((Mark("for-ann"),), ("invalid",))


def test_an_unknown_indication_is_not_counted_and_is_told() -> None:
    read = read_json(report(cvr(on_card({"for-ann": [position("unknown")]}))), "export.json")
    assert read.records is not None
    assert ballots(read.records, "mayor").patterns == (Pattern(()),)
    assert "HasIndication is unknown" in str(read.problems[0])


def test_a_written_name_is_kept_and_an_unread_line_is_a_write_in() -> None:
    named = {"line": [position(CVRWriteIn={"Text": " Cy Cedar "})]}
    assert only_pattern(cvr(on_card(named))).marks == (Mark("write_in:Cy Cedar"),)
    assert only_pattern(cvr(on_card({"line": [position()]}))).marks == (Mark("write_in"),)


RANKED = [
    {
        "@id": "council",
        "VoteVariation": "rcv",
        "ContestSelection": [{"@id": "a", "Selection": "Ann"}, {"@id": "b", "Selection": "Bob"}],
    }
]


def test_ranks_are_read_on_the_selection_or_on_the_position() -> None:
    on_position = on_card({"a": [position(Rank=2)], "b": [position(Rank=1)]}, "council")
    expected = (Mark("a", 2), Mark("b", 1))
    assert only_pattern(cvr(on_position), contests=RANKED).marks == expected
    on_selection = on_card({"a": [position()], "b": [position()]}, "council")
    for selected, rank in zip(on_selection["CVRContestSelection"], (2, 1), strict=True):
        selected["Rank"] = rank
    assert only_pattern(cvr(on_selection), contests=RANKED).marks == expected


def test_an_overvoted_rank_keeps_both_marks_so_that_the_rule_can_judge_it() -> None:
    held = on_card(
        {"a": [position(allocable="no", Rank=1)], "b": [position(allocable="no", Rank=1)]}, "council"
    )
    assert only_pattern(cvr(held), contests=RANKED).marks == (Mark("a", 1), Mark("b", 1))


def test_ranks_in_a_contest_that_is_not_called_ranked_are_read_as_ranks_and_told() -> None:
    silent = [{key: value for key, value in RANKED[0].items() if key != "VoteVariation"}]
    held = on_card({"a": [position(Rank=1)], "b": [position(Rank=2)]}, "council")
    read = read_json(report(cvr(held), contests=silent), "export.json")
    assert read.records is not None
    assert ballots(read.records, "council").patterns[0].marks == (Mark("a", 1), Mark("b", 2))
    assert any("rank of 2 or more" in str(problem) for problem in read.problems)


def test_only_the_current_snapshot_counts_and_the_reading_before_people_is_kept() -> None:
    before = {"@id": "m", "Type": "interpreted", "CVRContest": [on_card({"for-ann": [position()]})]}
    after = {"@id": "p", "Type": "modified", "CVRContest": [on_card({"for-bob": [position()]})]}
    card = {"CurrentSnapshotId": "p", "ElectionId": "e", "CVRSnapshot": [before, after]}
    read = read_json(report(card), "export.json")
    assert read.records is not None
    patterns = read.records.patterns["mayor"]
    assert patterns[read.records.codes["mayor"][0] - 1] == Pattern((Mark("for-bob"),), ("adjudicated",))
    assert patterns[read.records.original["mayor"][0] - 1] == Pattern((Mark("for-ann"),))


def test_a_contest_absent_from_a_card_is_not_a_blank_contest() -> None:
    read = read_json(report(cvr(on_card({})), cvr()), "export.json")
    assert read.records is not None
    assert read.records.codes["mayor"].tolist() == [1, 0]


def test_precincts_go_by_name_and_the_place_in_the_batch_is_kept() -> None:
    card = cvr(BallotStyleUnitId="u1", BatchId="7", BatchSequenceId=3, CreatingDeviceId="d1")
    read = read_json(report(card), "export.json")
    assert read.records is not None
    values = {name: column.values for name, column in read.records.columns.items()}
    assert values == {"precinct": ("North",), "batch": ("7",), "record": ("3",), "tabulator": ("d1",)}


BAD = {
    "no such snapshot": cvr(CurrentSnapshotId="elsewhere"),
    "a contest nobody defined": cvr(on_card({}, "sheriff")),
    "a selection of no contest": cvr(on_card({"for-cy": [position()]})),
    "half a vote": cvr(on_card({"for-ann": [position(FractionalVotes="1/2")]})),
    "a number below 0": cvr(on_card({"for-ann": [position(votes=-1)]})),
    "an indication spelt wrongly": cvr(on_card({"for-ann": [position("Yes")]})),
    "a contest twice": cvr(on_card({"for-ann": [position()]}), on_card({"for-bob": [position()]})),
    "votes in words": cvr(on_card({"for-ann": [position(votes="one")]})),  # type: ignore[arg-type]
    "a number as text": cvr(BatchSequenceId="three"),
}


@pytest.mark.parametrize("name", BAD)
def test_nothing_is_counted_from_a_report_with(name: str) -> None:
    read = read_json(report(cvr(on_card({"for-ann": [position()]})), BAD[name]), "export.json")
    assert read.records is None
    assert str(read.problems[0]).startswith("export.json")


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"Election": 1}', b"\xff\xfe", b"[" * 100_000, b"<x/>"])
def test_what_is_no_report_gives_a_problem_and_no_traceback(data: bytes) -> None:
    for read in (read_json(data, "export"), read_xml(data, "export")):
        assert read.records is None
        assert read.problems


def test_xml_with_a_document_type_is_refused_whole() -> None:
    bomb = b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    read = read_xml(bomb + b"<CastVoteRecordReport><Notes>&b;</Notes></CastVoteRecordReport>", "export.xml")
    assert read.records is None
    assert "DOCTYPE" in str(read.problems[0])


def test_a_file_outside_cannot_be_drawn_in() -> None:
    outside = b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><CastVoteRecordReport>&x;</CastVoteRecordReport>'
    assert read_xml(outside, "export.xml").records is None


def test_xml_of_another_namespace_reads_the_same() -> None:
    text = write_xml(small(), ABOUT).decode()
    old = text.replace("http://itl.nist.gov/ns/voting/1500-103/v1", "NIST_V0_cast_vote_records.xsd")
    assert same(read_xml(old.encode(), "x").records, small())


def test_a_card_exported_twice_is_counted_once_and_told() -> None:
    card = cvr(on_card({"for-ann": [position()]}), BatchId="7", BatchSequenceId=3)
    read = read_json(report(card, card), "export.json")
    assert read.records is not None
    assert ballots(read.records, "mayor").counts == (1,)
    other = cvr(on_card({"for-bob": [position()]}), BatchId="7", BatchSequenceId=3)
    assert read_json(report(card, other), "export.json").records is None


# Round trips ----------------------------------------------------------------------------------

NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp", "Cn", "Co")),
    min_size=1,
    max_size=5,
)


def small() -> CastVoteRecords:
    contest = Contest("1", "Mayor", "municipal", (Choice("ann", "Ann", "Green"), Choice("b o b", "Bob")))
    patterns = (Pattern((Mark("ann"),)), Pattern((Mark("ann"), Mark("b o b")), ("overvote",)), Pattern(()))
    columns = {"batch": column_of(["1", "1", "2", "2"]), "record": column_of(["1", "x", "", "9"])}
    codes = {"1": narrowed(np.array([1, 2, 3, 0]))}
    return CastVoteRecords("x", (contest,), 4, {"1": patterns}, codes, columns)


@st.composite
def marks(draw: st.DrawFn, contest: Contest, is_ranked: bool) -> tuple[Mark, ...]:
    choices = [*contest.choice_ids, *(["write_in:Zoë"] if "write_in" in contest.choice_ids else [])]
    if is_ranked:
        pairs = draw(st.sets(st.tuples(st.sampled_from(choices), st.integers(1, 3)), max_size=5))
        found = [Mark(choice, rank) for choice, rank in pairs]
    else:
        found = [Mark(choice) for choice in draw(st.sets(st.sampled_from(choices)))]
    places = {choice: k for k, choice in enumerate(contest.choice_ids)}
    return tuple(sorted(found, key=lambda m: (places.get(m.choice, 99), m.choice, m.rank)))


@st.composite
def records(draw: st.DrawFn) -> CastVoteRecords:
    """Records of up to three contests, with the patterns that exist on some card, and people's changes."""
    cards = draw(st.integers(1, 6))
    contests, patterns, codes, original = [], {}, {}, {}
    for number in range(draw(st.integers(1, 3))):
        names = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
        choices = tuple(Choice(f"{number}/{k}", name) for k, name in enumerate(names))
        choices += draw(st.sampled_from([(), (Choice("write_in", "Write-in"),)]))
        contest = Contest(f"contest {number}", draw(NAMES), "", choices, 1, draw(st.integers(1, 2)))
        held = draw(st.lists(pattern(contest, draw(st.booleans())), min_size=1, max_size=4, unique=True))
        held = consistent(held)
        contests.append(contest)
        patterns[contest.id] = tuple(held)
        code = st.integers(0, len(held))
        codes[contest.id] = narrowed(np.array(draw(st.lists(code, min_size=cards, max_size=cards))))
    columns = {
        name: column_of(
            draw(st.lists(st.sampled_from(["", "1", "02", "a b"]), min_size=cards, max_size=cards))
        )
        for name in ("tabulator", "batch", "sheet", "precinct", "style")
    }
    numbers = draw(st.permutations([*map(str, range(cards)), "x", "07"]))[:cards]
    columns |= {draw(st.sampled_from(["record", "imprinted_id"])): column_of(numbers)}
    columns = {name: column for name, column in columns.items() if any(column.values)}
    return CastVoteRecords("x", tuple(contests), cards, patterns, codes, columns, original)


def consistent(held: list[Pattern]) -> list[Pattern]:
    """A contest is ranked on all its cards or on none."""
    is_ranked = any(mark.rank for one in held for mark in one.marks)
    return [one for one in held if not one.marks or any(mark.rank for mark in one.marks) == is_ranked]


@st.composite
def pattern(draw: st.DrawFn, contest: Contest, is_ranked: bool) -> Pattern:
    found = draw(marks(contest, is_ranked))
    flags = set(draw(st.sets(st.sampled_from(["invalid", "adjudicated"]))))
    if not is_ranked and len(found) > contest.votes_allowed:
        flags.add("overvote")
    if not found and draw(st.booleans()):
        flags.add("blank")
    if any(mark.choice == "write_in" for mark in found) and draw(st.booleans()):
        flags.add("write_in_unresolved")
    return Pattern(found, tuple(sorted(flags)))


def same(found: CastVoteRecords | None, expected: CastVoteRecords) -> bool:
    """Whether both say the same of every card, whatever their codes."""
    return found is not None and told(found) == told(expected)


def told(held: CastVoteRecords) -> object:
    def readings(codes: Any) -> object:
        return {
            name: [held.patterns[name][code - 1] if code else None for code in column.tolist()]
            for name, column in codes.items()
        }

    columns = {name: [column.values[code] for code in column.codes] for name, column in held.columns.items()}
    return held.contests, held.cards, readings(held.codes), readings(held.original), columns


@settings(max_examples=60, deadline=None)
@given(records())
def test_what_is_written_as_json_reads_back_equal_and_fits_the_published_schema(
    held: CastVoteRecords,
) -> None:
    data = write_json(held, ABOUT)
    assert faults_of_json(json.loads(data), "CVR", "CastVoteRecordReport") == []
    read = read_json(data, "x")
    assert read.records is not None
    assert check_records(read.records) == ()
    assert told(read.records) == told(held)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(records())
def test_what_is_written_as_xml_reads_back_equal_and_fits_the_published_schema(held: CastVoteRecords) -> None:
    data = write_xml(held, ABOUT)
    assert faults_of_xml(data, "CVR", "CastVoteRecordReport") == []
    read = read_xml(data, "x")
    assert read.records is not None
    assert told(read.records) == told(held)


def test_adjudicated_records_keep_both_readings_through_both_forms() -> None:
    contest = small().contests[0]
    held = (Pattern((Mark("ann"),)), Pattern((Mark("b o b"),), ("adjudicated",)))
    now, before = {"1": narrowed(np.array([1, 2]))}, {"1": narrowed(np.array([1, 1]))}
    changed = CastVoteRecords("x", (contest,), 2, {"1": held}, now, {}, before)
    assert same(read_json(write_json(changed, ABOUT), "x").records, changed)
    assert same(read_xml(write_xml(changed, ABOUT), "x").records, changed)


def test_an_excess_without_a_flag_is_written_so_that_no_tool_counts_it() -> None:
    contest = small().contests[0]
    both = Pattern((Mark("ann"), Mark("b o b")))
    held = CastVoteRecords("x", (contest,), 1, {"1": (both,)}, {"1": narrowed(np.array([1]))}, {})
    card = json.loads(write_json(held, ABOUT))["CVR"][0]["CVRSnapshot"][0]["CVRContest"][0]
    assert card["Status"] == ["overvoted"]
    allocable = [p["IsAllocable"] for s in card["CVRContestSelection"] for p in s["SelectionPosition"]]
    assert allocable == ["no", "no"]


def test_the_validator_finds_what_is_wrong() -> None:
    good = json.loads(write_json(small(), ABOUT))
    for spoil, fault in [
        (lambda d: d.pop("Version"), "Version is missing"),
        (lambda d: d.update(Extra=1), "Extra is unknown"),
        (lambda d: d["CVR"][0].update(CurrentSnapshotId="x"), "x names nothing"),
        (lambda d: d["CVR"][0]["CVRSnapshot"][0].update(Type="final"), "not of CVRType"),
    ]:
        bad = json.loads(json.dumps(good))
        spoil(bad)
        assert any(fault in one for one in faults_of_json(bad, "CVR", "CastVoteRecordReport"))
