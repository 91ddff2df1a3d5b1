"""Retrieval lists: what to fetch, by county, container and batch, with the positions in order."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tallybook.doors.cli import app

SEED = "31415926535897932384"
SHELVES = "Lee,Box 10,40,Shelf 2\nLee,Box 2,60,Shelf 2\nLee,Box 3,50,Shelf 10\nBay,A,50,\n"
OWN = f"Jurisdiction,Batch,Cards,Container\n{SHELVES}"
VOTES = "Lee,Box 10,24,12\nLee,Box 2,36,18\nLee,Box 3,30,15\nBay,A,30,15\n"
COLORADO = "county,device_id,batch_id,ballots,location\nBay,1,7,60,Vault\nBay,2,7,40,Vault\n"
ARLO = "Batch Name,Number of Ballots,Container\nOne,30,Cart 1\nTwo,20,Cart 2\n"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    put("manifest.csv", OWN)


def put(name, text):
    Path(name).write_text(text)


def table(name):
    return list(csv.DictReader(Path(name).read_text("utf-8-sig").splitlines()))


def run(*words):
    result = CliRunner().invoke(app, list(words))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def draw(*words, size=60, manifest="manifest.csv"):
    return run("draw", manifest, "--seed", SEED, "--size", str(size), *words)


def test_a_list_has_exactly_the_cards_of_the_draw():
    by_ticket = {(d["jurisdiction"], d["batch"], d["position"]) for d in json.loads(draw("--json"))}
    fetched = [
        (county["jurisdiction"], batch["batch"], str(card["position"]))
        for county in json.loads(draw("--list", "--json"))
        for container in county["containers"]
        for batch in container["batches"]
        for card in batch["drawn"]
    ]
    assert len(fetched) == 60
    assert set(fetched) == by_ticket


def test_counties_containers_batches_and_positions_stand_in_the_order_of_people():
    counties = json.loads(draw("--list", "--json"))
    assert [one["jurisdiction"] for one in counties] == ["Bay", "Lee"]
    lee = counties[1]["containers"]
    assert [one["container"] for one in lee] == ["Shelf 2", "Shelf 10"]
    assert [batch["batch"] for batch in lee[0]["batches"]] == ["Box 2", "Box 10"]
    for container in lee:
        for batch in container["batches"]:
            places = [card["position"] for card in batch["drawn"]]
            assert places == sorted(places)


def test_the_list_for_print_has_a_table_a_county_and_no_column_of_nothing():
    bay, lee = draw("--list").strip().split("\n\n")
    assert bay.splitlines()[0].startswith("Bay: ")
    assert "Container" not in bay
    assert lee.splitlines()[1].split()[:2] == ["Container", "Batch"]
    assert "Shelf 10" in lee


def test_a_manifest_without_containers_gives_a_list_by_batch():
    put("manifest.csv", "Jurisdiction,Batch,Cards\nLee,B,30\nLee,A,30\n")
    assert "in 1 container" not in draw("--list", size=20)
    (lee,) = json.loads(draw("--list", "--json", size=20))
    assert [batch["batch"] for batch in lee["containers"][0]["batches"]] == ["A", "B"]


def test_the_file_has_room_for_what_is_read_and_goes_back_to_risk():
    put("contests.toml", '[[contests]]\nid = "mayor"\nvotes = { ann = 150, bob = 40 }\ncards = 200\n')
    draw("--out", "list.csv")
    rows = table("list.csv")
    assert list(rows[0]) == ["Jurisdiction", "Container", "Batch", "Position", "Ticket", "Read"]
    filled = [",".join((row | {"Read": "ann"}).values()) for row in rows]
    put("list.csv", "\n".join([",".join(rows[0]), *filled]))
    words = ("risk", "contests.toml", "manifest.csv", "list.csv", "--seed", SEED, "--method", "polling")
    (contest,) = json.loads(run(*words, "--json"))
    assert contest["step"] == "stop"


def test_batches_that_are_drawn_whole_are_fetched_once():
    put("contests.toml", '[[contests]]\nid = "mayor"\nvotes = { ann = 120, bob = 60 }\ncards = 200\n')
    put("manifest.csv", OWN)
    put("totals.csv", f"Jurisdiction,Batch,ann,bob\n{VOTES}")
    words = ("--contests", "contests.toml", "--totals", "totals.csv")
    told = json.loads(draw("--list", "--json", *words, size=15))
    times = [b["times"] for county in told for c in county["containers"] for b in c["batches"]]
    assert (len(times), sum(times)) == (4, 15)
    draw("--out", "list.csv", *words, size=15)
    rows = table("list.csv")
    assert len(rows) == 4
    assert "Read" not in rows[0]


def test_strata_are_named_on_the_list():
    strata = "".join(
        f'[[contests.strata]]\nname = "{name}"\nhow = "polling"\n'
        f'cards = {cards}\njurisdictions = ["{place}"]\n'
        f"votes = {{ ann = {cards // 2}, bob = 10 }}\n"
        for name, place, cards in (("east", "Bay", 50), ("west", "Lee", 150))
    )
    put("contests.toml", '[[contests]]\nid = "mayor"\n' + strata)
    words = ("draw", "manifest.csv", "--seed", SEED, "--contests", "contests.toml", "--list")
    shown = run(*words, "--size", "east=3", "--size", "west=5")
    assert "Bay: 3 cards" in shown
    assert "west" in shown


@pytest.mark.parametrize(
    ("text", "jurisdiction", "batches"),
    [(COLORADO, "Bay", ["1-7", "2-7"]), (ARLO, "lee_county", ["One", "Two"])],
)
def test_published_manifests_are_taken_as_they_are(text, jurisdiction, batches):
    put("lee_county.csv", text)
    (county,) = json.loads(draw("--list", "--json", size=40, manifest="lee_county.csv"))
    assert county["jurisdiction"] == jurisdiction
    assert [b["batch"] for c in county["containers"] for b in c["batches"]] == batches
