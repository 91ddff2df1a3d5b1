"""What is drawn is listed as it is fetched: place by place, container by container."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from tallybook.doors.audit_plans import manifest_of
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.pull_lists import plain, sheet_of, table_of, to_pull
from tests.rooms.book.audits import Desk, cards_of, polled
from tests.rooms.book.audits import manifest_of as bare_manifest

PAPER = {"mayor": cards_of((30, ["ash"]), (10, ["birch"]))}  # batches B01 to B04 of ten cards


def audit() -> Desk:
    """An audit of forty cards, all of which are drawn."""
    at = polled(PAPER, size=40)
    at.draw()
    return at


def kept(**where: tuple[str, str]) -> dict[str, Any]:
    """The manifest; where: batch -> its place and its container, "" for none."""
    manifest = bare_manifest(PAPER)
    for batch in manifest["batches"]:
        place, container = where.get(batch["id"], ("", ""))
        batch |= {"place": place} if place else {}
        batch |= {"container": container} if container else {}
    return manifest


MANIFEST = kept(B01=("West", "Box 2"), B02=("East", "Box 9"), B03=("West", "Box 1"), B04=("East", "Box 9"))


def test_the_list_goes_through_places_then_containers_then_batches_then_positions():
    pulls = to_pull(audit().run, audit().run.drawn, MANIFEST)
    blocks = list(dict.fromkeys((one.place, one.container, one.batch) for one in pulls))
    assert blocks == [
        ("East", "Box 9", "B02"),
        ("East", "Box 9", "B04"),
        ("West", "Box 1", "B03"),
        ("West", "Box 2", "B01"),
    ]
    assert [one.item for one in pulls[:10]] == [f"B02/{n}" for n in range(1, 11)]
    assert len(pulls) == 40


def test_an_item_that_was_drawn_twice_is_pulled_once():
    pulls = to_pull(audit().run, ["B02/2", "B01/10", "B02/2", "B01/9"], bare_manifest(PAPER))
    assert [one.item for one in pulls] == ["B01/9", "B01/10", "B02/2"]


def test_a_batch_that_is_drawn_whole_lies_where_the_manifest_says():
    assert [tuple(one)[:4] for one in to_pull(audit().run, ["B03"], MANIFEST)] == [
        ("West", "Box 1", "B03", "B03")
    ]


def test_columns_that_the_manifest_does_not_have_are_left_out():
    run = audit().run
    bare, boxes = kept(), kept(B01=("", "Box 1"))
    assert table_of(to_pull(run, ["B01/1"], bare)) == (
        ("Batch", "Item", "Contests"),
        [("B01", "B01/1", "mayor")],
    )
    assert table_of(to_pull(run, ["B01/1", "B02/1"], boxes)) == (
        ("Container", "Batch", "Item", "Contests"),
        [("", "B02", "B02/1", "mayor"), ("Box 1", "B01", "B01/1", "mayor")],
    )


def test_the_sheet_and_the_list_for_machines_say_the_same():
    pulls = to_pull(audit().run, ["B01/1", "B02/7"], MANIFEST)
    rows = list(csv.DictReader(io.StringIO(sheet_of(pulls).removeprefix("\ufeff"))))
    assert rows == [
        {"Place": "East", "Container": "Box 9", "Batch": "B02", "Item": "B02/7", "Contests": "mayor"},
        {"Place": "West", "Container": "Box 2", "Batch": "B01", "Item": "B01/1", "Contests": "mayor"},
    ]
    assert plain(pulls)[0] == {
        "place": "East", "container": "Box 9", "batch": "B02", "item": "B02/7", "contests": ("mayor",),
    }  # fmt: skip
    assert plain(to_pull(audit().run, ["B01/1"], kept()))[0].keys() == {"batch", "item", "contests"}


def test_a_manifest_is_made_from_a_table_with_or_without_where_the_paper_is(tmp_path: Path):
    table = tmp_path / "manifest.csv"
    table.write_text("Batch,Cards\nB01,10\n")
    assert manifest_of(table)["batches"] == [{"cards": 10, "id": "B01"}]
    table.write_text("place,Batch,CONTAINER,Cards\nWest,B01,Box 2,10\n,B02,,12\n")
    assert manifest_of(table)["batches"] == [
        {"cards": 10, "container": "Box 2", "id": "B01", "place": "West"},
        {"cards": 12, "id": "B02"},
    ]


def test_a_container_that_no_manifest_can_hold_is_told(tmp_path: Path):
    table = tmp_path / "manifest.csv"
    table.write_text("Batch,Cards,Container\nB01,10,A/B\n")
    with pytest.raises(DoorError, match="container"):
        manifest_of(table)
