"""The workbench: plan, draw, assertions and risk on files an official could write, and their refusals."""

import hashlib
import json
import xml.etree.ElementTree as ElementTree
from fractions import Fraction

import pytest
from typer.testing import CliRunner

from tallybook.doors.cli import app
from tallybook.doors.cli.shown import DoorError

pytestmark = pytest.mark.slow

SEED = "31415926535897932384"
CONTESTS = """
risk_limit = "0.05"
[[contests]]
id = "mayor"
votes = { ann = 600, bob = 380 }
cards = 1000
"""
MANIFEST = "Jurisdiction,Batch,Cards\n" + "".join(f"Lee,B{i},100\n" for i in range(10))
TOTALS = "Jurisdiction,Batch,ann,bob\n" + "".join(f"Lee,B{i},60,38\n" for i in range(10))


@pytest.fixture
def town(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contests.toml").write_text(CONTESTS)
    (tmp_path / "manifest.csv").write_text(MANIFEST)
    (tmp_path / "totals.csv").write_text(TOTALS)
    return tmp_path


def run(*words):
    result = CliRunner().invoke(app, list(words))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def told(*words):
    return json.loads(run(*words, "--json").output)


def readings(town, n, found="ann", reported="ann", change=()):
    drawn = told("draw", "manifest.csv", "--seed", SEED, "--size", str(n))
    rows = ["Jurisdiction,Batch,Position,Read,Reported"]
    for place, d in enumerate(drawn):
        read = dict(change).get(place, found)
        rows.append(f"{d['jurisdiction']},{d['batch']},{d['position']},{read},{reported}")
    (town / "readings.csv").write_text("\n".join(rows))


def risk(*more):
    return run("risk", "contests.toml", "manifest.csv", "readings.csv", "--seed", SEED, "--json", *more)


def refused(*words):
    with pytest.raises(DoorError) as trouble:
        run(*words)
    return str(trouble.value)


@pytest.mark.usefixtures("town")
def test_the_draw_is_that_of_the_published_rule():
    drawn = told("draw", "manifest.csv", "--seed", SEED, "--size", "2")
    items = [f"Lee\nB{b}\n{p}" for b in range(10) for p in range(1, 101)]
    tickets = sorted(
        hashlib.sha256(f"tallybook/draw/v1\nticket\n{SEED}\n{item}".encode()).hexdigest() for item in items
    )
    assert [d["ticket"] for d in drawn] == tickets[:2]


@pytest.mark.usefixtures("town")
def test_assertions_and_margins_are_told():
    (row,) = told("assertions", "contests.toml")
    assert (row["points"], row["cards"], row["margin_assorter"]) == (220, 1_000, "11/50")


def test_a_clean_comparison_ends_the_audit(town):
    readings(town, 30)
    result = risk()
    (contest,) = json.loads(result.output)
    assert (result.exit_code, contest["step"]) == (0, "stop")
    assert Fraction(contest["risk"]) <= Fraction(1, 20)
    (interval,) = contest["intervals"]
    assert interval["low"] <= 220 <= interval["high"]
    assert contest["bears"] == [{"stratum": "", "how": "card_comparison", "errors": 0}]


@pytest.mark.slow
def test_one_wrong_card_asks_for_another_round_of_a_stated_size(town):
    readings(town, 30, change={3: "bob"}.items())
    result = risk()
    (contest,) = json.loads(result.output)
    assert (result.exit_code, contest["step"]) == (1, "another_round")
    assert contest["draws"] > 0


@pytest.mark.slow
def test_a_card_that_cannot_be_found_counts_against_the_winner(town):
    readings(town, 30)
    (clean,) = json.loads(risk().output)
    readings(town, 30, change={3: "not found"}.items())
    (missing,) = json.loads(risk().output)
    assert Fraction(missing["risk"]) > Fraction(clean["risk"])


def test_polling_gives_bravo_as_the_paper_does(town):
    readings(town, 40, change=dict.fromkeys(range(10), "bob").items())
    (contest,) = json.loads(risk("--method", "BRAVO").output)
    s = Fraction(600, 980)
    p = 1 / ((2 * s) ** 30 * (2 - 2 * s) ** 10)
    assert float(contest["other_methods"]["BRAVO"]) == pytest.approx(float(p), rel=1e-5)


@pytest.mark.parametrize("method", ["Minerva", "Athena", "Providence", "super-simple", "Colorado"])
def test_the_other_methods_are_named_as_people_name_them(town, method):
    readings(town, 40)
    (contest,) = json.loads(risk("--method", method).output)
    assert 0 < Fraction(contest["other_methods"][method]) < 1


def test_batches_are_drawn_by_bound_and_measured(town):
    words = ("--contests", "contests.toml", "--totals", "totals.csv", "--size", "20")
    drawn = {d["batch"] for d in told("draw", "manifest.csv", "--seed", SEED, *words)}
    counts = [line for line in TOTALS.splitlines() if line.split(",")[1] in {"Batch", *drawn}]
    (town / "readings.csv").write_text("\n".join(counts))
    result = risk("--method", "batch_comparison", "--totals", "totals.csv", "--draws", "20")
    (contest,) = json.loads(result.output)
    assert contest["step"] == "stop"
    # U = 10 batches x (22 + 100)/220; twenty clean draws.
    U = Fraction(10 * 122, 220)
    assert float(contest["other_methods"]["MACRO"]) == pytest.approx(float((1 - 1 / U) ** 20), rel=1e-5)


def test_the_plan_sets_the_methods_side_by_side_and_draws_them(town):
    (plan,) = told(
        "plan", "contests.toml", "--manifest", "manifest.csv", "--totals", "totals.csv", "--svg", "plan.svg"
    )
    sizes = {row["method"]: row["sizes"]["0.9"] for row in plan["methods"]}
    assert sizes["card comparison"] < sizes["Minerva"] < sizes["polling"]
    assert "card comparison" in plan["recommendation"]
    picture = ElementTree.fromstring((town / "plan.svg").read_text())
    assert picture[0].tag.endswith("title")


def test_a_close_contest_is_told_to_be_a_hand_count_by_polling(town):
    close = CONTESTS.replace("600", "494").replace("380", "486")
    (town / "contests.toml").write_text(close)
    (plan,) = told("plan", "contests.toml")
    assert "By polling it is a hand count" in plan["recommendation"]


def test_the_plan_shares_the_work_among_counties_by_their_cards(town):
    two = MANIFEST.replace("Lee,B9", "Ray,B9").replace("Lee,B8", "Ray,B8")
    (town / "manifest.csv").write_text(two)
    (plan,) = told("plan", "contests.toml", "--manifest", "manifest.csv", "--method", "polling")
    size = plan["methods"][0]["sizes"]["0.9"]
    expected = {"Lee": -(-size * 8 // 10), "Ray": -(-size * 2 // 10)}
    assert plan["by_jurisdiction"] == {"polling": expected}


# --- Refused before anything is drawn.


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("bob = 380", "bob = 600", "tied"),
        ("ann = 600", "ann = 1001", "at most the 1,000 cards"),
        ("bob = 380", "bob = 500", "at most 1,000 on 1,000 cards"),
        ("cards = 1000", "cards = 1000\nrecords = 780", "cannot be produced"),
        ("cards = 1000", "cards = 1000\nrecords = 1010", "1,010 cast vote records"),
        (", bob = 380", "", "no choice that lost"),
        ("cards = 1000", "cards = 1000\nseat = 1", "seat"),
        ('"0.05"', '"5"', "risk limit"),
        ("[[contests]]", "[[contests", "Correct the file"),
    ],
)
def test_what_cannot_be_audited_is_refused_in_words(town, old, new, words):
    (town / "contests.toml").write_text(CONTESTS.replace(old, new))
    assert words in refused("plan", "contests.toml")


def test_a_manifest_that_lacks_cards_is_refused(town):
    (town / "manifest.csv").write_text(MANIFEST.replace("Lee,B9,100\n", ""))
    said = refused("plan", "contests.toml", "--manifest", "manifest.csv")
    assert "a manifest of 900 cards" in said
    assert "Nothing was drawn." in said


def test_totals_of_other_batches_than_the_manifests_are_refused(town):
    (town / "totals.csv").write_text(TOTALS.replace("B9", "B10"))
    said = refused("plan", "contests.toml", "--manifest", "manifest.csv", "--totals", "totals.csv")
    assert "do not have the same batches" in said


def test_more_votes_in_a_batch_than_cards_are_refused(town):
    (town / "totals.csv").write_text(TOTALS.replace("B9,60,38", "B9,90,38"))
    said = refused("plan", "contests.toml", "--manifest", "manifest.csv", "--totals", "totals.csv")
    assert "128 votes on 100 cards" in said


def test_a_reading_for_a_card_never_drawn_is_refused(town):
    readings(town, 5)
    rows = (town / "readings.csv").read_text().splitlines()
    (town / "readings.csv").write_text("\n".join([*rows[:-1], "Lee,B0,101,ann,ann"]))
    assert "never drawn" in refused("risk", "contests.toml", "manifest.csv", "readings.csv", "--seed", SEED)


def test_two_readings_for_one_card_are_refused(town):
    readings(town, 5)
    rows = (town / "readings.csv").read_text().splitlines()
    (town / "readings.csv").write_text("\n".join([*rows, rows[1]]))
    assert "2 readings" in refused("risk", "contests.toml", "manifest.csv", "readings.csv", "--seed", SEED)


def test_a_misspelt_choice_is_refused_with_the_choices_there_are(town):
    readings(town, 5, found="anne")
    said = refused("risk", "contests.toml", "manifest.csv", "readings.csv", "--seed", SEED)
    assert "ann, bob" in said


def test_an_unknown_method_is_refused_with_those_there_are(town):
    readings(town, 5)
    said = refused(
        "risk", "contests.toml", "manifest.csv", "readings.csv", "--seed", SEED, "--method", "guess"
    )
    assert "card_comparison" in said
