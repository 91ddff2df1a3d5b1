"""Published audits done again, from the files as the states published them.

Sources of the expected numbers: the report of Georgia's audit of 4 November 2025 (p-value 0.034476286) and a
run of the tool's own functions on it (U, the risk in full); Colorado's audit centre, 2017 and 2020.
"""

import json

import pytest
from typer.testing import CliRunner

from tallybook.doors.cli import app
from tests.needs import needs_shared

SEED = "84437724778708423271"


def replayed(*arguments):
    result = CliRunner().invoke(app, ["replay", *map(str, arguments), "--json"])
    return result.exit_code, json.loads(result.output)


def verdicts(lines, check):
    return [line["verdict"] for line in lines if line["check"] == check]


@pytest.fixture(scope="module")
def georgia():
    return replayed(needs_shared("data/audits/georgia2025_psc_macro/published"))


def test_georgia_2025_is_drawn_and_measured_again_from_its_published_files(georgia):
    code, told = georgia
    assert code == 0
    (contest,) = told["contests"]
    assert contest["risk_decimal"] == "0.034476286380833616"
    assert len(contest["draws"]) == 15
    assert verdicts(contest["lines"], "draw") == ["agrees"]
    assert verdicts(contest["lines"], "sums") == ["agrees"]
    assert verdicts(contest["lines"], "risk") == ["agrees"]


def test_georgia_2025_total_bound_and_tickets_are_those_on_record(georgia):
    import csv
    from fractions import Fraction

    (contest,) = georgia[1]["contests"]
    assert float(Fraction(contest["total_bound"])) == 4.973057299399347
    place = needs_shared("data/audits/georgia2025_psc_macro/sampled_batches.csv")
    rows = [row for row in csv.DictReader(place.open()) if row["ticket"]]
    drawn = {(d["place"], d["batch"]): d["ticket"] for d in contest["draws"]}
    assert drawn == {(row["county"], row["batch"]): row["ticket"] for row in rows}


def test_georgia_2025_notes_the_four_batches_whose_hand_count_differs(georgia):
    (contest,) = georgia[1]["contests"]
    said = [line["says"] for line in contest["lines"] if line["check"] == "hand_count"]
    assert [s.split(",")[0] for s in said[:4]] == ["HOUSTON", "LAMAR", "SPALDING", "WILKES"]


def test_georgia_2025_fingerprints_fit_and_what_is_missing_is_named(georgia):
    lines = georgia[1]["lines"]
    assert verdicts(lines, "fingerprint") == ["agrees", "agrees"]
    assert verdicts(lines, "order") == ["not_published"]


def test_a_report_alone_says_what_was_not_published():
    place = needs_shared("data/audits/georgia2025_psc_macro/published/final_audit_report.csv")
    code, told = replayed(place)
    assert code == 0
    assert told["contests"] == []
    assert "not_published" in verdicts(told["lines"], "files")


def test_colorado_2017_draws_all_fifty_lists_of_cards_again():
    code, told = replayed(needs_shared("data/audits/colorado2017_comparison"), "--seed", SEED)
    assert code == 0
    assert told["lines"][0]["says"] == "The seed draws the published cards in 50 of 50 lists."
    inferred = {line["says"].split(":")[0] for line in told["lines"] if line["check"] == "population"}
    assert inferred == {"Archuleta", "Broomfield", "Lake", "Montezuma", "Park", "Phillips", "Teller"}


def test_colorado_2017_with_another_seed_is_not_the_published_draw():
    code, told = replayed(needs_shared("data/audits/colorado2017_comparison"), "--seed", "1" + SEED[1:])
    assert code == 1
    assert told["lines"][0]["verdict"] == "differs"


def test_colorado_2017_polling_draws_all_six_and_gives_the_risks_of_what_was_read():
    code, told = replayed(needs_shared("data/audits/colorado2017_ballot_polling"))
    assert code == 0
    assert told["lines"][0]["says"] == "The seed draws the published ballots in 6 of 6 audits."
    assert len(verdicts(told["lines"], "risk")) == 6


def test_colorado_2020_sizes_follow_in_all_565_contests_with_a_margin():
    code, told = replayed(needs_shared("data/audits/colorado2020_general_contest_risk.csv"))
    assert code == 0
    assert told["lines"][0]["says"].endswith("in 565 of 565 contests.")
