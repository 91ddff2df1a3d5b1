"""Totals of pools and rankings, from clerks' tables and from the records of an export."""

from pathlib import Path

import pytest

from tallybook.book.readings import well_ranked
from tallybook.book.standing import Contest
from tallybook.doors import audit_totals as totals
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.reading_texts import reading_in
from tallybook.election import Choice
from tallybook.election import Contest as Ballot
from tallybook.election.cards import Mark, Pattern

CHOICES = ("ash", "birch")
MAYOR = Contest(
    id="mayor",
    name="Mayor",
    class_id="mayor",
    choices=CHOICES,
    names={"ash": "Ash", "birch": "Birch"},
    seats=1,
    votes_allowed=1,
    places=("lee",),
    day="2020-11-03",
)
BALLOT = Ballot("mayor", "Mayor", "", (Choice("ash", "Ash"), Choice("birch", "Birch")))
MANIFEST = {"batches": [{"cards": 10, "id": one} for one in ("B2", "B1", "B3")]}


def table(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


def test_pools_of_a_table_stand_in_the_order_of_the_manifest(tmp_path: Path):
    found = totals.pool_totals_in(
        table(tmp_path / "t.csv", "Batch,ash,birch,Write-ins", "B1,6,3,1", "B2,4,5,0"), MAYOR, False, MANIFEST
    )
    assert found["pools"] == [
        {"id": "B2", "votes": {"ash": 4, "birch": 5}, "write_ins": 0},
        {"id": "B1", "votes": {"ash": 6, "birch": 3}, "write_ins": 1},
    ]


def test_rankings_of_a_table_are_added_up_and_sorted_by_their_bytes(tmp_path: Path):
    """By their bytes a text comes first (a quotation mark), then `[[`, then the blank, `[]`."""
    lines = (
        "Batch,Reading,Cards",
        "B1,birch>ash,3",
        "B1,blank,2",
        "B1,birch > ash,4",
        "B1,not on card,1",
        "B1,ash,0",
    )
    (pool,) = totals.pool_totals_in(table(tmp_path / "t.csv", *lines), MAYOR, True, MANIFEST)["pools"]
    assert pool == {
        "id": "B1",
        "readings": [["not_on_card", 1], [[["birch"], ["ash"]], 7], [[], 2]],
    }


def test_a_pool_that_is_no_batch_is_told(tmp_path: Path):
    lines = ("Batch,ash,birch,Write-ins", "B9,6,3,1")
    with pytest.raises(DoorError, match="'B9' is no batch of the manifest"):
        totals.pool_totals_in(table(tmp_path / "t.csv", *lines), MAYOR, False, MANIFEST)


def test_a_pool_of_records_has_their_votes_and_no_vote_of_an_overvote():
    ash, both, written = (
        Pattern((Mark("ash"),)),
        Pattern((Mark("ash"), Mark("birch"))),
        Pattern((Mark("write_in"),)),
    )
    found = totals.pool_of(BALLOT, False, [ash, ash, both, written, None, Pattern(())])
    assert found == {"votes": {"ash": 2, "birch": 0}, "write_ins": 1}


def test_a_pool_of_ranked_records_has_their_rankings():
    skipped = Pattern((Mark("birch", 1), Mark("ash", 3)))
    found = totals.pool_of(BALLOT, True, [skipped, skipped, None])
    assert found == {"readings": [["not_on_card", 1], [[["birch"], [], ["ash"]], 2]]}


@pytest.mark.parametrize(
    ("marks", "reading"),
    [
        ((Mark("write_in", 1), Mark("ash", 2)), [["write_in"], ["ash"]]),
        ((Mark("write_in:Jo", 2), Mark("write_in:Al", 1)), [["write_in:2"], ["write_in:1"]]),
        (
            (Mark("write_in:Jo", 1), Mark("birch", 1), Mark("write_in:Al", 1)),
            [["birch", "write_in:1", "write_in:2"]],
        ),
    ],
)
def test_names_written_on_a_record_are_numbered_over_the_card(
    marks: tuple[Mark, ...], reading: list[list[str]]
):
    assert totals.reading_of(Pattern(marks), CHOICES) == reading
    assert well_ranked(reading, CHOICES)


def test_write_ins_of_a_text_stand_by_their_numbers():
    assert reading_in("write_in:10; ash; write_in:2", CHOICES, False) == ["ash", "write_in:2", "write_in:10"]
