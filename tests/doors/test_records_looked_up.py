"""What was recorded of drawn cards, looked up in a folder of `tallybook cards` instead of asked for."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tallybook.doors.cli import app
from tallybook.doors.cli.shown import DoorError

pytestmark = pytest.mark.slow

SEED = "31415926535897932384"
HEADS = (
    "Lee County 2026,5.17",
    ",,,,,,Mayor (Vote For=1),Mayor (Vote For=1),Bond (Vote For=1),Bond (Vote For=1)",
    ",,,,,,Ann,Bob,Yes,No",
    "CvrNumber,TabulatorNum,BatchId,RecordId,ImprintedId,PrecinctPortion,,,,",
)
BATCHES = ("1", "2", "3", "4")
MAYOR = 'risk_limit = "0.05"\n[[contests]]\nid = "Mayor"\ncards_from = "lee"\n'


def recorded(batch, position):
    """What the voting system recorded of a card: seven of ten for Ann; in batch 4 nobody has the bond."""
    mayor = "1,0" if position % 10 < 7 else "0,1"
    return f"{mayor},{',' if batch == '4' else '1,0' if position % 5 else '0,1'}"


@pytest.fixture
def town(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [f"{b}{p},4,{b},{p},,North,{recorded(b, p)}" for b in BATCHES for p in range(1, 51)]
    put("lee.csv", "\n".join([*HEADS, *rows, ""]))
    assert run("cards", "lee.csv", "--out", "lee").exit_code == 0
    put("manifest.csv", "\n".join(["Jurisdiction,Batch,Cards", *(f"Lee,4-{b},50" for b in BATCHES), ""]))
    put("contests.toml", MAYOR)
    return tmp_path


def put(name, text):
    Path(name).write_text(text)


def run(*words):
    result = CliRunner().invoke(app, list(words))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def drawn(size):
    words = ("draw", "manifest.csv", "--seed", SEED, "--size", str(size), "--json")
    return json.loads(run(*words).output)


def mayor(card):
    return "Ann" if int(card["position"]) % 10 < 7 else "Bob"


def read(cards, said, reported=None):
    heads = "Jurisdiction,Batch,Position,Read" + (",Reported" if reported else "")
    rows = [
        f"{d['jurisdiction']},{d['batch']},{d['position']},{said(d)}"
        + (f",{reported(d)}" if reported else "")
        for d in cards
    ]
    put("readings.csv", "\n".join([heads, *rows]))


def risk(*more):
    result = run("risk", "contests.toml", "manifest.csv", "readings.csv", "--seed", SEED, "--json", *more)
    (contest,) = json.loads(result.output)
    return contest


def refused(*more):
    with pytest.raises(DoorError) as trouble:
        risk(*more)
    return str(trouble.value)


@pytest.mark.usefixtures("town")
def test_the_records_of_drawn_cards_are_looked_up_where_the_contest_file_says():
    cards = drawn(20)
    read(cards, mayor, mayor)
    by_hand = risk()
    read(cards, mayor)
    assert risk() == by_hand
    assert by_hand["step"] == "stop"


@pytest.mark.usefixtures("town")
def test_a_card_read_otherwise_than_its_record_is_a_discrepancy():
    cards = drawn(20)
    read(cards, mayor)
    clean = Fraction(risk()["risk"])
    wrong = next(d for d in cards if mayor(d) == "Ann")
    read(cards, lambda d: "Bob" if d is wrong else mayor(d))
    assert Fraction(risk()["risk"]) > clean


@pytest.mark.usefixtures("town")
def test_totals_may_be_reported_and_the_records_named_beside_them():
    put("contests.toml", '[[contests]]\nid = "Mayor"\nvotes = { ann = 140, bob = 60 }\ncards = 200\n')
    read(drawn(20), lambda d: mayor(d).lower())
    assert "column Reported" in refused()
    assert risk("--records", "lee")["step"] == "stop"


@pytest.mark.usefixtures("town")
def test_records_that_do_not_add_up_to_what_was_reported_are_refused():
    put("contests.toml", '[[contests]]\nid = "Mayor"\nvotes = { ann = 150, bob = 50 }\ncards = 200\n')
    read(drawn(20), mayor)
    assert "the records of these batches give 80 points, 100 were reported" in refused("--records", "lee")


@pytest.mark.usefixtures("town")
def test_a_reported_column_that_contradicts_the_records_is_refused():
    cards = drawn(20)
    read(cards, mayor, lambda d: "Bob" if d is cards[0] else mayor(d))
    assert "the records say otherwise" in refused()


@pytest.mark.usefixtures("town")
def test_a_card_whose_record_lacks_the_contest_is_compared_as_such():
    """150 of the 200 cards bear the bond; four of five of these say yes."""
    votes = "votes = { Yes = 120, No = 30 }"
    put("contests.toml", f'[[contests]]\nid = "Bond"\n{votes}\ncards = 200\nby_style = false\n')

    def bond(d):
        return "not on card" if d["batch"] == "4-4" else "Yes" if int(d["position"]) % 5 else "No"

    cards = drawn(30)
    read(cards, bond, bond)
    by_hand = risk()
    read(cards, bond)
    assert risk("--records", "lee") == by_hand
    read(cards, lambda d: "No" if d["batch"] == "4-4" else bond(d))
    assert Fraction(risk("--records", "lee")["risk"]) > Fraction(by_hand["risk"])


@pytest.mark.usefixtures("town")
def test_cards_that_the_manifest_has_and_the_records_have_not_are_phantoms():
    put("manifest.csv", "Jurisdiction,Batch,Cards\nLee,4-1,50\nLee,4-2,50\nLee,4-3,50\nLee,4-4,52\n")
    put("contests.toml", MAYOR + "cards = 202\n")
    cards = drawn(202)
    read(cards, lambda d: "not found" if int(d["position"]) > 50 else mayor(d))
    told = risk()
    assert (told["step"], told["assertions"][0]["cards"]) == ("count_decides", 202)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("Lee,4-4,50", "Lee,4-9,50", "the records have no such batch; there are: 4-1"),
        ("Lee,4-4,50", "Lee,4-4,49\nLee,4-5,1", "found 50 records; expected at most the 49 cards"),
        ("Lee,4-4,50", "Orange,4-4,50", "the records say of none where they are from"),
    ],
)
@pytest.mark.usefixtures("town")
def test_records_that_do_not_fit_the_manifest_are_refused(old, new, words):
    put("manifest.csv", Path("manifest.csv").read_text().replace(old, new))
    read(drawn(20), mayor)
    assert words in refused()
