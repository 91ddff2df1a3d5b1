"""Dominion's JSON export: every trap of the format, on bundles written here as the vendor writes them."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pytest

from tallybook.election.cards import ballots, check_records
from tallybook.formats import dominion_stream
from tallybook.formats.archives import InMemory
from tallybook.formats.dominion_json import read
from tallybook.formats.problems import Consequence, FileProblem, Reading
from tests.generators.dominion import json_export
from tests.generators.world import found, make

CONTESTS = [
    {"Id": 1, "Description": "Mayor", "VoteFor": 1, "NumOfRanks": 0},
    {"Id": 2, "Description": "Council", "VoteFor": 2, "NumOfRanks": 0},
    {"Id": 3, "Description": "Sheriff", "VoteFor": 1, "NumOfRanks": 3},
]
CANDIDATES = [
    {"Id": 11, "ContestId": 1, "Description": "Ash", "Type": "Regular"},
    {"Id": 12, "ContestId": 1, "Description": "Birch", "Type": "Regular"},
    {"Id": 13, "ContestId": 1, "Description": "Write-in", "Type": "WriteIn"},
    {"Id": 21, "ContestId": 2, "Description": "Cedar", "Type": "Regular"},
    {"Id": 22, "ContestId": 2, "Description": "Dogwood", "Type": "QualifiedWriteIn"},
    {"Id": 23, "ContestId": 2, "Description": "Write-in", "Type": "WriteIn"},
    {"Id": 31, "ContestId": 3, "Description": "Elm", "Type": "Regular"},
    {"Id": 32, "ContestId": 3, "Description": "Fir", "Type": "Regular"},
]


def mark(
    candidate: int, rank: int = 1, vote: bool = True, ambiguous: bool = False, **more: Any
) -> dict[str, Any]:
    return {"CandidateId": candidate, "PartyId": 0, "Rank": rank, "MarkDensity": 97, "IsAmbiguous": ambiguous,
            "IsVote": vote, "OutstackConditionIds": [], **more}  # fmt: skip


def on_card(contest: int, *marks: dict[str, Any], **more: Any) -> dict[str, Any]:
    votes = sum(one["IsVote"] for one in marks)
    under = max({1: 1, 2: 2, 3: 0}[contest] - votes, 0)
    return {"Id": contest, "ManifestationId": 5, "Undervotes": under, "Overvotes": 0,
            "OutstackConditionIds": [], "Marks": list(marks), **more}  # fmt: skip


def state(*contests: dict[str, Any], current: bool = True) -> dict[str, Any]:
    card = {"Id": 1, "PaperIndex": 0, "Contests": list(contests), "OutstackConditionIds": []}
    return {"PrecinctPortionId": 1, "BallotTypeId": 1, "IsCurrent": current, "Cards": [card]}


def session(*contests: dict[str, Any], record: int | str = 0, **more: Any) -> dict[str, Any]:
    return {"TabulatorId": 4, "BatchId": 2, "RecordId": record, "CountingGroupId": 1, "ImageMask": "",
            "Original": state(*contests), **more}  # fmt: skip


def bundle(
    *sessions: dict[str, Any], contests: Iterable[dict[str, Any]] = CONTESTS, **files: Any
) -> dict[str, bytes]:
    numbered = [{**one, "RecordId": place if one["RecordId"] == 0 else one["RecordId"]}
                for place, one in enumerate(sessions, 1)]  # fmt: skip
    written: dict[str, Any] = {
        "ContestManifest.json": {"Version": "5.10.50.85", "List": list(contests)},
        "CandidateManifest.json": {"Version": "5.10.50.85", "List": CANDIDATES},
        "PrecinctPortionManifest.json": {
            "Version": "5.10.50.85",
            "List": [{"Id": 1, "Description": "007 East"}],
        },
        "CvrExport.json": {"Version": "5.10.50.85", "ElectionId": "Town 2020", "Sessions": numbered},
        **{name.replace("_json", ".json"): content for name, content in files.items()},
    }
    return {name: json.dumps(content).encode() for name, content in written.items() if content is not None}


def reading_of(*sessions: dict[str, Any], **more: Any) -> Reading:
    return read(InMemory(bundle(*sessions, **more), "town"))


def votes_of(reading: Reading, contest: str) -> list[tuple[list[tuple[str, int]], tuple[str, ...], int]]:
    assert reading.records is not None, list(map(str, reading.problems))
    assert check_records(reading.records) == ()
    grouped = ballots(reading.records, contest)
    return [([(m.choice, m.rank) for m in p.marks], p.flags, n)
            for p, n in zip(grouped.patterns, grouped.counts, strict=True)]  # fmt: skip


def grave(reading: Reading) -> list[FileProblem]:
    assert (reading.records is None) == any(p.consequence is Consequence.GRAVE for p in reading.problems)
    return [p for p in reading.problems if p.consequence is Consequence.GRAVE]


# What counts --------------------------------------------------------------------------------


def test_a_mark_counts_in_a_contest_without_ranks_where_the_system_says_it_is_a_vote() -> None:
    reading = reading_of(
        session(on_card(1, mark(11))), session(on_card(1, mark(11), mark(12, vote=False, ambiguous=True)))
    )
    assert votes_of(reading, "1") == [([("11", 0)], (), 2)]
    assert reading.problems == ()


def test_in_a_ranked_contest_every_rank_counts_though_the_export_says_isvote_false() -> None:
    """Version 5.5 (Alaska 2022) writes IsVote false on every rank but the first."""
    reading = reading_of(session(on_card(3, mark(32), mark(31, rank=2, vote=False))))
    assert votes_of(reading, "3") == [([("32", 1), ("31", 2)], (), 1)]


def test_an_ambiguous_mark_is_no_ranking() -> None:
    reading = reading_of(session(on_card(3, mark(32), mark(31, rank=2, ambiguous=True))))
    assert votes_of(reading, "3") == [([("32", 1)], (), 1)]


def test_two_marks_of_one_rank_stay_for_the_rule_to_judge() -> None:
    reading = reading_of(session(on_card(3, mark(31), mark(32), OutstackConditionIds=[9])))
    assert votes_of(reading, "3") == [([("31", 1), ("32", 1)], (), 1)]


def test_an_overvote_keeps_its_marks_and_says_that_it_does_not_count() -> None:
    marks = [mark(11, vote=False), mark(12, vote=False)]
    reading = reading_of(session(on_card(1, *marks, Undervotes=0, Overvotes=1, OutstackConditionIds=[5])))
    assert votes_of(reading, "1") == [([("11", 0), ("12", 0)], ("overvote",), 1)]


def test_condition_7_drops_a_contest_for_which_the_voter_was_not_eligible() -> None:
    """Used in Alaska 2024, though missing from the manifest of conditions."""
    reading = reading_of(session(on_card(1, mark(11), Undervotes=1, OutstackConditionIds=[7])))
    assert votes_of(reading, "1") == [([("11", 0)], ("invalid",), 1)]


def test_a_contest_without_a_mark_is_blank_and_not_the_same_as_a_contest_not_on_the_card() -> None:
    reading = reading_of(session(on_card(1)), session(on_card(2, mark(21))))
    assert votes_of(reading, "1") == [([], ("blank",), 1)]
    assert reading.records is not None and reading.records.codes["1"].tolist() == [1, 0]


def test_the_slots_of_write_ins_are_kept_apart_and_a_qualified_write_in_is_a_choice() -> None:
    slots = [mark(23, WriteinIndex=0), mark(23, WriteinIndex=1)]
    reading = reading_of(session(on_card(2, *slots)), session(on_card(2, mark(22))))
    assert votes_of(reading, "2")[0] == ([("write_in", 0), ("write_in:slot 2", 0)], (), 1)
    assert votes_of(reading, "2")[1] == ([("22", 0)], (), 1)


def test_marks_stand_in_ballot_order_whatever_their_order_in_the_file() -> None:
    reading = reading_of(session(on_card(2, mark(21), mark(22))), session(on_card(2, mark(22), mark(21))))
    assert votes_of(reading, "2") == [([("21", 0), ("22", 0)], (), 2)]


# Original and modified ----------------------------------------------------------------------


def test_the_modified_state_replaces_the_original_whole_and_both_are_kept() -> None:
    changed = session(
        on_card(1, mark(11)), on_card(2, mark(21)),
        Modified=state(on_card(1, mark(12)), on_card(2, mark(21))),
    )  # fmt: skip
    changed["Original"]["IsCurrent"] = False
    reading = reading_of(session(on_card(1, mark(12)), on_card(2, mark(21))), changed)
    assert votes_of(reading, "1") == [([("12", 0)], (), 1), ([("12", 0)], ("adjudicated",), 1)]
    assert votes_of(reading, "2") == [([("21", 0)], (), 2)]
    records = reading.records
    assert records is not None and list(records.original) == ["1"]
    before = [records.patterns["1"][code - 1].marks[0].choice for code in records.original["1"]]
    assert before == ["12", "11"]


def test_the_original_counts_where_it_is_current_though_a_modified_state_is_there() -> None:
    both = session(on_card(1, mark(11)), Modified=state(on_card(1, mark(12)), current=False))
    assert votes_of(reading_of(both), "1") == [([("11", 0)], (), 1)]


@pytest.mark.parametrize("modified", [None, state(on_card(1, mark(12)), current=False)])
def test_a_session_without_a_current_state_is_grave(modified: dict[str, Any] | None) -> None:
    lost = session(on_card(1, mark(11)), Modified=modified)
    lost["Original"]["IsCurrent"] = False
    problem, *others = grave(reading_of(session(on_card(1, mark(12))), lost))
    assert (problem.file, problem.row, others) == ("CvrExport.json", 2, [])


# Identity -----------------------------------------------------------------------------------


def test_a_session_of_several_cards_is_several_cards() -> None:
    two = session(on_card(1, mark(11)))
    two["Original"]["Cards"].append({"Id": 2, "PaperIndex": 1, "Contests": [on_card(2, mark(21))]})
    reading = reading_of(two)
    assert reading.records is not None and reading.records.cards == 2
    assert reading.records.columns["sheet"].values == ("1", "2")
    assert reading.records.codes["1"].tolist() == [1, 0] and reading.records.codes["2"].tolist() == [0, 1]


def test_the_oldest_form_has_contests_without_cards() -> None:
    old = session(on_card(1, mark(11)))
    old["Original"] = {"PrecinctPortionId": 1, "BallotTypeId": 1, "IsCurrent": True,
                       "Contests": [{"Id": 1, "Marks": [mark(11)]}]}  # fmt: skip
    assert votes_of(reading_of(old), "1") == [([("11", 0)], (), 1)]


def test_a_hidden_record_number_is_recovered_from_the_image_s_name() -> None:
    mask = r"D:\NAS\Results\00004_00002_000123*.*"
    reading = reading_of(session(on_card(1, mark(11)), record="X", ImageMask=mask))
    assert reading.records is not None and reading.records.columns["record"].values == ("123",)


def test_a_record_number_written_as_text_is_that_number() -> None:
    reading = reading_of(session(on_card(1, mark(11)), record="17"), session(on_card(1, mark(11)), record=17))
    assert reading.records is not None and reading.records.columns["record"].values == ("17",)
    assert [p.consequence for p in reading.problems] == [Consequence.COUNT]


def test_a_hidden_record_number_without_an_image_is_grave() -> None:
    assert "X" in grave(reading_of(session(on_card(1, mark(11)), record="X")))[0].found


def test_leading_zeros_of_a_precinct_stay() -> None:
    reading = reading_of(session(on_card(1, mark(11))))
    assert reading.records is not None and reading.records.columns["precinct"].values == ("007 East",)


def test_a_session_that_stands_twice_alike_is_counted_once_and_told() -> None:
    reading = reading_of(
        *[session(on_card(1, mark(11)), record=5)] * 3, session(on_card(1, mark(12)), record=6)
    )
    assert votes_of(reading, "1") == [([("11", 0)], (), 1), ([("12", 0)], (), 1)]
    (problem,) = reading.problems
    assert problem.consequence is Consequence.COUNT and problem.others == 1 and 'record "5"' in problem.found


def test_a_session_that_stands_twice_with_different_votes_is_grave() -> None:
    reading = reading_of(session(on_card(1, mark(11)), record=5), session(on_card(1, mark(12)), record=5))
    assert 'record "5"' in grave(reading)[0].found


# Bundles that contradict themselves ---------------------------------------------------------


def test_a_file_of_sessions_copied_under_another_number_is_counted_once() -> None:
    files = bundle(session(on_card(1, mark(11))))
    files["CvrExport_1.json"] = files["CvrExport_2.json"] = files.pop("CvrExport.json")
    reading = read(InMemory(files))
    assert votes_of(reading, "1") == [([("11", 0)], (), 1)] and len(reading.problems) == 1


@pytest.mark.parametrize("setting", [True, "true"])
def test_an_export_through_a_filter_is_partial_and_refused(setting: object) -> None:
    reading = reading_of(
        session(on_card(1, mark(11))), Configuration_json={"Export": {"IncludeBatchFilter": setting}}
    )
    assert "IncludeBatchFilter" in grave(reading)[0].found


def test_an_export_with_every_filter_off_is_read() -> None:
    settings = {"IncludeBatchFilter": False, "SplitFilesPerBatch": True}
    assert reading_of(session(on_card(1, mark(11))), Configuration_json=settings).problems == ()


CONTRADICTIONS = {
    "a contest that no manifest lists": ({"Id": 9, "Marks": []}, "contest 9"),
    "a candidate that no manifest lists": (on_card(1, mark(19)), "candidate 19"),
    "a candidate of another contest": (on_card(1, mark(21)), "candidate 21"),
    "undervotes that do not add up": (on_card(1, mark(11), Undervotes=1), "1 undervotes and 1 votes"),
    "more votes than allowed": (on_card(1, mark(11), mark(12)), "2 votes"),
    "an overvote that is none": (on_card(1, mark(11), Overvotes=1), "1 overvotes"),
    "a rank beyond the last": (on_card(3, mark(31, rank=4)), "rank 4"),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_a_reading_that_contradicts_the_manifests_is_grave_and_says_on_how_many_cards(name: str) -> None:
    contest, what = CONTRADICTIONS[name]
    problem = grave(reading_of(session(on_card(2, mark(21))), *[session(contest)] * 3))[0]
    assert what in problem.found
    assert (problem.file, problem.row, problem.others) == ("CvrExport.json", 2, 2)


def test_a_contest_outside_its_ballot_type_is_grave() -> None:
    pairs = {"List": [{"BallotTypeId": 1, "ContestId": 1}]}
    reading = reading_of(
        session(on_card(1, mark(11)), on_card(2, mark(21))), BallotTypeContestManifest_json=pairs
    )
    assert [p.found for p in grave(reading)] == ["contest 2 on cards of ballot type 1"]


def test_a_contest_twice_on_one_card_is_grave() -> None:
    assert "twice" in grave(reading_of(session(on_card(1, mark(11)), on_card(1, mark(11)))))[0].found


def test_a_state_without_contests_or_cards_is_grave() -> None:
    lost = session()
    del lost["Original"]["Cards"]
    assert "neither" in grave(reading_of(lost))[0].found


@pytest.mark.parametrize("missing", ["ContestManifest.json", "CandidateManifest.json", "CvrExport.json"])
def test_a_bundle_without_a_part_that_it_needs_is_grave(missing: str) -> None:
    files = bundle(session(on_card(1, mark(11))))
    del files[missing]
    assert missing.removesuffix(".json") in grave(read(InMemory(files)))[0].found


def test_two_exports_in_one_folder_are_grave() -> None:
    files = bundle(session(on_card(1, mark(11))))
    both = {f"{place}/{name}": data for place in ("a", "b") for name, data in files.items()}
    assert grave(read(InMemory(both)))


def test_exports_of_two_elections_in_one_bundle_are_grave() -> None:
    files = bundle(session(on_card(1, mark(11))))
    files["CvrExport_2.json"] = files["CvrExport.json"].replace(b"Town 2020", b"Town 2018")
    assert any("2 elections" in p.found for p in grave(read(InMemory(files))))


def test_contests_of_one_name_with_two_numbers_are_kept_apart_and_told() -> None:
    contests = [*CONTESTS, {"Id": 4, "Description": "MAYOR ", "VoteFor": 1, "NumOfRanks": 0}]
    reading = reading_of(session(on_card(1, mark(11))), contests=contests)
    assert reading.records is not None and [c.id for c in reading.records.contests] == ["1", "2", "3", "4"]
    assert [p.consequence for p in reading.problems] == [Consequence.CARE]


def test_precincts_of_one_name_are_not_fused() -> None:
    names = {"List": [{"Id": 1, "Description": "BEN-HILL"}, {"Id": 2, "Description": "Ben Hill"}]}
    other = session(on_card(1, mark(11)))
    other["Original"]["PrecinctPortionId"] = 2
    reading = reading_of(session(on_card(1, mark(11))), other, PrecinctPortionManifest_json=names)
    assert reading.records is not None
    assert reading.records.columns["precinct"].values == ("BEN-HILL (1)", "Ben Hill (2)")


# Damaged and hostile files ------------------------------------------------------------------

DAMAGE = {
    "cut off": lambda data: data[: len(data) // 2],
    "cut off at the end": lambda data: data[:-1],
    "more after the end": lambda data: data + b"]",
    "no JSON": lambda _: b"MZ\x90\x00 not JSON",
    "empty": lambda _: b"",
    "a number below zero": lambda data: data.replace(b'"TabulatorId": 4', b'"TabulatorId": -4'),
    "a fraction": lambda data: data.replace(b'"Undervotes": 0', b'"Undervotes": 0.5'),
    "a text for a number": lambda data: data.replace(b'"Rank": 1', b'"Rank": "1"'),
    "a number too large": lambda data: data.replace(b'"BatchId": 2', b'"BatchId": 99999999999999999999999'),
    "no marks": lambda data: data.replace(b'"Marks"', b'"Smudges"'),
    "a thousand brackets": lambda data: data.replace(b'"Marks": [', b'"Marks": ' + b"[" * 100_000),
    "not UTF-8": lambda data: data.replace(b"Town", b"T\xf6wn"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_grave_and_named(damage: str) -> None:
    files = bundle(session(on_card(1, mark(11))))
    files["CvrExport.json"] = DAMAGE[damage](files["CvrExport.json"])
    assert grave(read(InMemory(files)))[0].file == "CvrExport.json"


@pytest.mark.parametrize("damage", ["cut off", "no JSON", "empty"])
def test_a_damaged_manifest_is_grave_and_named(damage: str) -> None:
    files = bundle(session(on_card(1, mark(11))))
    files["ContestManifest.json"] = DAMAGE[damage](files["ContestManifest.json"])
    assert grave(read(InMemory(files)))[0].file == "ContestManifest.json"


def test_a_file_is_read_alike_whole_and_cut_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Strings that hold brackets, quotes and backslashes must not mislead the cutting."""
    masks = ["C:\\\\", 'a "quoted" name', "{[", "]}", '\\"]}', ""]
    files = bundle(
        *[session(on_card(1, mark(11 + place % 2)), ImageMask=mask) for place, mask in enumerate(masks)]
    )
    whole = votes_of(read(InMemory(files)), "1")
    for size in (1, 50, 333, 1_000, 2_000):
        monkeypatch.setattr(dominion_stream, "WHOLE", size)
        assert votes_of(read(InMemory(files)), "1") == whole == [([("11", 0)], (), 3), ([("12", 0)], (), 3)]


@pytest.mark.parametrize("indent", [None, 2])
def test_what_only_looks_like_the_start_of_a_session_does_not_part_one(
    monkeypatch: pytest.MonkeyPatch, indent: int | None
) -> None:
    """The place to cut is guessed from how sessions begin; a session may hold what begins alike."""
    alike = [{"TabulatorId": 1, "Of": "another kind"}] * 3
    sessions = [session(on_card(1, mark(11 + place % 2)), Links=alike) for place in range(6)]
    files = bundle(*sessions)
    export = json.loads(files["CvrExport.json"])
    files["CvrExport.json"] = json.dumps(export, indent=indent).encode()
    for size in (1, 100, 700, 1_500, 4_000):
        monkeypatch.setattr(dominion_stream, "WHOLE", size)
        monkeypatch.setattr(dominion_stream, "PART", size // 2)
        assert votes_of(read(InMemory(files)), "1") == [([("11", 0)], (), 3), ([("12", 0)], (), 3)]


class InPieces(InMemory):
    """A folder whose files come in pieces of so many bytes."""

    def __init__(self, files: dict[str, bytes], size: int) -> None:
        super().__init__(files)
        self._size = size

    def pieces(self, name: str) -> Iterator[bytes]:
        whole = b"".join(super().pieces(name))
        return (whole[start : start + self._size] for start in range(0, len(whole), self._size))


def test_a_file_is_read_alike_in_pieces_that_end_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also between a session and the comma behind it, which once stopped a county's export."""
    files = bundle(*[session(on_card(1, mark(11 + place % 2))) for place in range(4)])
    monkeypatch.setattr(dominion_stream, "WHOLE", 1)
    for size in range(300, 520):
        assert votes_of(read(InPieces(files, size)), "1") == [([("11", 0)], (), 2), ([("12", 0)], (), 2)]


@pytest.mark.parametrize("size", [350, 1_000_000])
@pytest.mark.parametrize(
    ("right", "wrong"), [(b"}, {", b"} {"), (b"}, {", b"},, {"), (b"}, {", b"}, , {"), (b"}]}", b"},]}")]
)
def test_a_comma_too_few_or_too_many_is_grave_however_the_file_is_cut(
    monkeypatch: pytest.MonkeyPatch, size: int, right: bytes, wrong: bytes
) -> None:
    monkeypatch.setattr(dominion_stream, "WHOLE", 1)
    files = bundle(*[session(on_card(1, mark(11))) for _ in range(3)])
    data = files["CvrExport.json"]
    place = data.rindex(right if right == b"}]}" else b'}, {"TabulatorId"')
    files["CvrExport.json"] = data[:place] + wrong + data[place + len(right) :]
    assert grave(read(InPieces(files, size)))


# A county -----------------------------------------------------------------------------------


@pytest.mark.parametrize("per_file", [0, 50])
def test_what_was_put_into_a_county_s_export_is_what_is_found(per_file: int) -> None:
    world = make(700, seed=per_file)
    reading = read(InMemory(json_export(world, per_file), "county"))
    assert reading.problems == () and reading.records is not None
    assert found(reading.records) == world.truth()
    assert Counter(reading.records.columns["precinct"].codes.tolist()).total() == 700
    assert np.array_equal(reading.records.codes["1"] > 0, world.codes["Mayor"] > 0)
