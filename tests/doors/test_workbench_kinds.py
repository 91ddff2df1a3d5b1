"""The workbench on mixed evidence: strata, pools, ranked contests with records and without, seats, shares."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tallybook.audit.evidence import Part
from tallybook.audit.strata import union_risk
from tallybook.audit.strata_intervals import points_between_strata, withstands_in_strata
from tallybook.doors.cli import app
from tallybook.doors.cli.shown import DoorError
from tallybook.stats.certainty import publish

pytestmark = pytest.mark.slow

SEED = "31415926535897932384"
HYBRID = """
risk_limit = "0.05"
[[contests]]
id = "mayor"
cards = 20000
[[contests.strata]]
name = "mail"
how = "card_comparison"
cards = 12000
votes = { ann = 6600, bob = 4800 }
containers = ["mail"]
[[contests.strata]]
name = "polls"
how = "polling"
cards = 8000
votes = { ann = 4000, bob = 3600 }
containers = ["polls"]
"""
WHOLE = '[[contests]]\nid = "mayor"\nvotes = { ann = 10600, bob = 8400 }\ncards = 20000\n'
WITHOUT = (
    '[[contests]]\nid = "mayor"\nchoices = ["ann", "bob", "cid"]\nwinner = "ann"\ncards = 20000\n'
    'rule = "ranked_choice"\n'
)
BLT = '4 1\n300 1 2 0\n250 2 1 3 0\n150 3 2 0\n60 4 3 0\n40 4 1 0\n0\n"Ann"\n"Bob"\n"Cid"\n"Dan"\n"Mayor"\n'
RANKED = '[[contests]]\nid = "mayor"\ncards_from = "ranked.blt"\nrule = "ranked_choice"\n'
MAIL = [f"Lee,M{i},400,mail" for i in range(30)]
POLLS = [f"Lee,P{i},400,polls" for i in range(20)]


@pytest.fixture
def town(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    put("manifest.csv", "\n".join(["Jurisdiction,Batch,Cards,Container", *MAIL, *POLLS]))
    put("totals.csv", "\n".join(["Jurisdiction,Batch,ann,bob", *(f"Lee,P{i},200,180" for i in range(20))]))
    put("contests.toml", HYBRID)
    return tmp_path


def put(name, text):
    Path(name).write_text(text)


def run(*words):
    result = CliRunner().invoke(app, list(words))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def told(*words):
    return json.loads(run(*words, "--json").output)


def drawn(*words):
    return told("draw", "manifest.csv", "--seed", SEED, *words)


def readings(cards, read, reported=lambda _: "ann"):
    rows = [
        f"{d['jurisdiction']},{d['batch']},{d['position']},{read(d, n)},{reported(d)}"
        for n, d in enumerate(cards)
    ]
    put("readings.csv", "\n".join(["Jurisdiction,Batch,Position,Read,Reported", *rows]))


def risk(*more):
    result = run("risk", "contests.toml", "manifest.csv", "readings.csv", "--seed", SEED, "--json", *more)
    (contest,) = json.loads(result.output)
    return contest


def refused(*words):
    with pytest.raises(DoorError) as trouble:
        run(*words)
    return str(trouble.value)


def half_and_half(d, n):
    """As reported: mail cards for ann; of twenty polled cards ten for ann, nine for bob, one blank."""
    polled = "ann" if n % 20 < 10 else "bob" if n % 20 < 19 else "blank"
    return "ann" if d["batch"].startswith("M") else polled


# --- Strata.


@pytest.mark.usefixtures("town")
def test_a_hybrid_contest_has_the_risk_of_the_union_of_its_strata():
    cards = drawn("--contests", "contests.toml", "--size", "mail=150", "--size", "polls=300")
    assert [d["stratum"] for d in cards] == ["mail"] * 150 + ["polls"] * 300
    readings(cards, half_and_half)
    contest = risk()
    polled = np.array(
        [{"ann": 2, "blank": 1, "bob": 0}[half_and_half(d, n)] for n, d in enumerate(cards)][150:]
    )
    by_hand = [
        Part(np.full(150, 2), 4, 12_000, 2 * 12_000 - 1_800),
        Part(polled, 2, 8_000, 8_000),
    ]
    assert contest["risk"] == publish(union_risk(by_hand).p)
    assert contest["step"] == "stop"
    (interval,) = contest["intervals"]
    assert (interval["low"], interval["high"]) == points_between_strata(by_hand, "0.05")
    assert [(b["stratum"], b["how"]) for b in contest["bears"]] == [
        ("mail", "card_comparison"),
        ("polls", "polling"),
    ]
    assert contest["bears"][1]["errors"] == withstands_in_strata(by_hand, 1, 2, 2, "0.05")


@pytest.mark.usefixtures("town")
def test_a_hybrid_contest_whose_polled_cards_say_otherwise_is_not_confirmed():
    cards = drawn("--contests", "contests.toml", "--size", "mail=150", "--size", "polls=300")
    readings(cards, lambda d, n: "ann" if d["batch"].startswith("M") else "bob" if n % 20 < 13 else "ann")
    assert risk()["step"] != "stop"
    assert risk()["bears"] == []


@pytest.mark.usefixtures("town")
def test_the_next_round_of_a_hybrid_contest_names_the_draws_of_each_stratum():
    cards = drawn("--contests", "contests.toml", "--size", "mail=40", "--size", "polls=80")
    readings(cards, half_and_half)
    contest = risk()
    assert contest["step"] == "another_round"
    assert set(contest["next_round"]) == {"mail", "polls"}
    assert sum(contest["next_round"].values()) == contest["draws"]
    assert (
        "Of these: mail"
        in run("risk", "contests.toml", "manifest.csv", "readings.csv", "--seed", SEED).output
    )


@pytest.mark.usefixtures("town")
def test_polling_says_how_many_cards_could_have_been_read_the_other_way():
    put("contests.toml", WHOLE)
    readings(drawn("--size", "400"), lambda _, n: "ann" if n % 20 < 13 else "bob")
    contest = risk("--method", "polling")
    (bears,) = contest["bears"]
    assert (contest["step"], bears["how"]) == ("stop", "polling")
    assert bears["errors"] > 0


@pytest.mark.usefixtures("town")
def test_suite_stands_beside_ours_where_one_stratum_is_compared_and_one_polled():
    cards = drawn("--contests", "contests.toml", "--size", "mail=150", "--size", "polls=300")
    readings(cards, half_and_half)
    suite = Fraction(risk("--method", "SUITE")["other_methods"]["SUITE"])
    assert 0 < suite < 1
    readings(cards, lambda d, n: "bob" if d["batch"] == cards[0]["batch"] else half_and_half(d, n))
    assert Fraction(risk("--method", "SUITE")["other_methods"]["SUITE"]) > suite


@pytest.mark.usefixtures("town")
def test_batches_and_compared_cards_are_measured_together():
    put("contests.toml", HYBRID.replace('"polling"', '"batch_comparison"'))
    words = (
        "--contests",
        "contests.toml",
        "--totals",
        "totals.csv",
        "--size",
        "mail=118",
        "--size",
        "polls=20",
    )
    cards = drawn(*words)
    readings([d for d in cards if d["stratum"] == "mail"], half_and_half)
    names = sorted({d["batch"] for d in cards if d["stratum"] == "polls"})
    more = ("--totals", "totals.csv", "--counted", "counted.csv", "--draws", "polls=20")
    put("counted.csv", "\n".join(["Jurisdiction,Batch,ann,bob", *(f"Lee,{name},200,180" for name in names)]))
    clean = risk(*more)
    assert clean["step"] == "stop"
    put("counted.csv", "\n".join(["Jurisdiction,Batch,ann,bob", *(f"Lee,{name},120,260" for name in names)]))
    assert Fraction(risk(*more)["risk"]) > Fraction(clean["risk"])


@pytest.mark.usefixtures("town")
def test_a_stratum_may_be_pools_beside_one_that_is_compared():
    put("contests.toml", HYBRID.replace('"polling"', '"pools"'))
    readings(drawn("--contests", "contests.toml", "--size", "mail=150", "--size", "polls=300"), half_and_half)
    clean = risk("--totals", "totals.csv")
    assert clean["step"] == "stop"
    assert [b["how"] for b in clean["bears"]] == ["card_comparison", "pools"]
    assert "needs --totals" in refused(
        "risk", "contests.toml", "manifest.csv", "readings.csv", "--seed", SEED
    )
    (plan,) = told("plan", "contests.toml", "--manifest", "manifest.csv", "--totals", "totals.csv")
    pools = plan["methods"][0]["sizes"]["0.9"]
    put("contests.toml", HYBRID)
    (plan,) = told("plan", "contests.toml", "--manifest", "manifest.csv", "--method", "strata")
    assert 0.5 < pools / plan["methods"][0]["sizes"]["0.9"] < 1.5


@pytest.mark.slow
@pytest.mark.usefixtures("town")
def test_the_plan_over_strata_shares_the_draws_and_says_why_other_methods_have_none():
    (plan,) = told("plan", "contests.toml", "--manifest", "manifest.csv")
    assert [row["method"] for row in plan["methods"]] == ["strata", "SUITE"]
    size = plan["methods"][0]["sizes"]["0.9"]
    assert sum(plan["strata"].values()) == size
    assert set(plan["strata"]) == {"mail", "polls"}
    assert "split into strata" in plan["no_plan"]["polling"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("cards = 12000", "cards = 11600", "expected the 11,600 of the stratum"),
        ('["polls"]', '["mail", "polls"]', "a batch lies in one"),
        ('"polls"\nhow', '"mail"\nhow', "each with its own name"),
        ("cards = 20000", "cards = 19000", "the strata hold 20,000 cards"),
        ("cards = 20000", "cards = 20000\nvotes = { ann = 10600, bob = 8500 }", "the strata add up to"),
        ("ann = 6600", "ann = 7600", "12,400 votes on 12,000 cards"),
    ],
)
def test_strata_that_do_not_fit_are_refused_before_the_draw(town, old, new, words):
    (town / "contests.toml").write_text(HYBRID.replace(old, new, 1))
    words_of = ("draw", "manifest.csv", "--seed", SEED, "--contests", "contests.toml", "--size", "mail=5")
    assert words in refused(*words_of)


# --- Pools.


@pytest.mark.slow
@pytest.mark.usefixtures("town")
def test_cards_of_pools_are_compared_with_the_mean_of_their_batch():
    put("contests.toml", WHOLE)
    cards = drawn("--size", "420")
    readings(cards, half_and_half, lambda d: "ann" if d["batch"].startswith("M") else "")
    contest = risk("--method", "ONEAudit", "--totals", "totals.csv")
    assert contest["step"] == "stop"
    readings(
        cards,
        lambda d, _: "ann" if d["batch"].startswith("M") else "bob",
        lambda d: "ann" if d["batch"].startswith("M") else "",
    )
    assert risk("--method", "ONEAudit", "--totals", "totals.csv")["step"] != "stop"


@pytest.mark.slow
@pytest.mark.usefixtures("town")
def test_pools_are_planned_between_comparison_and_polling():
    put("contests.toml", WHOLE)
    (plan,) = told("plan", "contests.toml", "--manifest", "manifest.csv", "--totals", "totals.csv")
    sizes = {row["method"]: row["sizes"]["0.9"] for row in plan["methods"]}
    assert sizes["card comparison"] < sizes["ONEAudit"] < sizes["polling"]
    assert "does not hold every batch" in plan["no_plan"]["MACRO"]


@pytest.mark.usefixtures("town")
def test_pools_with_more_votes_than_were_reported_are_refused():
    put("contests.toml", WHOLE.replace("ann = 10600", "ann = 3900").replace("bob = 8400", "bob = 100"))
    said = refused("plan", "contests.toml", "--manifest", "manifest.csv", "--totals", "totals.csv")
    assert "The pools have" in said


# --- Ranked choice.


@pytest.mark.usefixtures("town")
def test_ranked_cards_give_assertions_that_are_enough_with_a_certificate():
    """By hand: Dan leaves, then Cid with 210 (to Bob), then Bob has 400 and Ann 340."""
    put("ranked.blt", BLT)
    put("contests.toml", RANKED)
    rows = told("assertions", "contests.toml", "--certificates", "proofs")
    said = {row["words"]: row["points"] for row in rows}
    assert said["With only Ann and Bob standing, Bob has more votes than Ann."] == 60
    assert "every other order of elimination is contradicted" in rows[0]["remarks"][0]
    proof = json.loads(Path("proofs/mayor.json").read_text())
    assert (proof["winners"], len(proof["assertions"])) == (["Bob"], len(rows))


@pytest.mark.slow
@pytest.mark.usefixtures("town")
def test_ranked_cards_are_compared_as_people_write_them():
    put("ranked.blt", BLT)
    put("contests.toml", RANKED)
    put("manifest.csv", "Jurisdiction,Batch,Cards\nLee,B1,800\n")
    cards = drawn("--contests", "contests.toml", "--size", "130")
    readings(cards, lambda *_: "Ann > Bob", lambda _: "Ann>Bob")
    assert risk()["step"] == "stop"
    readings(cards, lambda _, n: "Cid > Bob" if n % 2 else "Ann > Bob", lambda _: "Ann > Bob")
    assert risk()["step"] != "stop"


@pytest.mark.usefixtures("town")
def test_records_that_elect_another_than_was_reported_are_refused():
    put("ranked.blt", BLT)
    put("contests.toml", RANKED + 'winner = "Ann"\n')
    assert "the cards elect Bob; Ann was reported" in refused("plan", "contests.toml")


@pytest.mark.usefixtures("town")
def test_without_records_awaire_refutes_every_other_order():
    put("contests.toml", WITHOUT)
    cards = drawn("--size", "200")
    readings(
        cards, lambda _, n: "ann > bob" if n % 3 else "bob > ann = cid" if n % 2 else "cid", lambda _: ""
    )
    assert risk()["step"] == "stop"
    readings(cards, lambda _, n: "ann > bob" if n % 2 else "bob > ann", lambda _: "")
    assert risk()["step"] != "stop"
    (plan,) = told("plan", "contests.toml")
    assert plan["methods"] == []
    assert "nobody reported how the rankings fall" in plan["no_plan"]["polling"]


@pytest.mark.usefixtures("town")
def test_awaire_asks_for_the_least_further_cards_that_would_do_if_they_read_as_those_so_far():
    put("contests.toml", WITHOUT)

    def as_before(_, n):
        return ["ann > bob", "bob > ann", "ann", "cid > ann", "ann > bob"][n % 30 % 5]

    def after(n):
        readings(drawn("--size", str(n)), as_before, lambda _: "")
        return risk()

    first = after(30)
    assert first["step"] == "another_round"
    assert after(30 + first["draws"])["step"] == "stop"
    assert after(30 + first["draws"] - 1)["step"] != "stop"


@pytest.mark.usefixtures("town")
def test_a_ranked_contest_without_records_or_winner_is_refused():
    put("contests.toml", WITHOUT.replace('winner = "ann"\n', ""))
    assert "AWAIRE" in refused("plan", "contests.toml")


# --- Other rules, places, costs.


@pytest.mark.usefixtures("town")
def test_seats_and_shares_have_the_margins_of_the_paper():
    """D'Hondt, 5 seats, 9000 to 6000 to 2500: the last seats are 9000/3 and 6000/2, the next 2500/1."""
    put(
        "contests.toml",
        '[[contests]]\nid = "seats"\nvotes = { red = 9000, blue = 6000, green = 2500 }\nseats = 5\n'
        'rule = "dhondt"\ncards = 20000\n[[contests]]\nid = "bond"\nvotes = { yes = 14000, no = 5000 }\n'
        'rule = "super_majority"\nshare = "2/3"\ncards = 20000\n',
    )
    points = {row["words"]: row["points"] for row in told("assertions", "contests.toml")}
    assert points["The votes of red divided by 3 exceed those of green divided by 1."] == 9_000 - 3 * 2_500
    assert points["yes has more than 2/3 of the votes."] == 3 * 14_000 - 2 * 19_000
    seats, _ = told("plan", "contests.toml")
    assert "plurality alone" in seats["no_plan"]["Minerva"]


@pytest.mark.usefixtures("town")
def test_one_sample_serves_the_contests_of_a_jurisdiction():
    """Two contests in all of Lee: the larger sample serves both. Apart, they would be added."""
    other = WHOLE.replace("mayor", "judge").replace("10600", "9600")
    put("contests.toml", WHOLE + other)
    plans = told("plan", "contests.toml", "--manifest", "manifest.csv", "--method", "polling")
    sizes = [plan["methods"][0]["sizes"]["0.9"] for plan in plans]
    union = plans[0]["one_sample_for_all"]["polling"]
    assert union == {"cards": max(sizes), "apart": sum(sizes)}


@pytest.mark.usefixtures("town")
def test_a_manifest_of_more_cards_than_the_population_is_refused():
    put("contests.toml", WHOLE.replace("cards = 20000", "cards = 19500"))
    said = refused("plan", "contests.toml", "--manifest", "manifest.csv")
    assert "found 20,000 cards in the manifest" in said
    assert "by_style = false" in said


@pytest.mark.usefixtures("town")
def test_a_seed_that_is_none_and_a_size_beyond_the_cards_are_refused_in_words():
    assert "20 to 200 digits" in refused("draw", "manifest.csv", "--seed", "123", "--size", "5")
    said = refused("draw", "manifest.csv", "--seed", SEED, "--size", "20001")
    assert "at most the 20,000 cards" in said
    assert "one whole number" in refused("draw", "manifest.csv", "--seed", SEED, "--size", "x")


@pytest.mark.usefixtures("town")
def test_the_cost_model_is_stated_and_can_be_replaced():
    put("contests.toml", WHOLE)
    put("costs.toml", "fetch_minutes = 10\nread_minutes = 2\nround_minutes = 0\nboard_people = 3\n")
    words = ("plan", "contests.toml", "--method", "card comparison")
    (plan,) = told(*words, "--costs", "costs.toml", "--hour-cents", "1000")
    (row,) = plan["methods"]
    hours = Fraction(row["sizes"]["0.9"] * 12 * 3, 60)
    assert row["people_hours"] == pytest.approx(float(hours), abs=0.05)
    assert row["cents"] == -(-hours * 1000 // 1)
    assert plan["cost_model"]["fetch_minutes"] == "10"
    put("costs.toml", "fetch = 10\n")
    assert "expected one of fetch_minutes" in refused(*words, "--costs", "costs.toml")


@pytest.mark.usefixtures("town")
def test_a_small_contest_is_better_counted_in_full():
    put("contests.toml", WHOLE.replace("10600", "60").replace("8400", "40").replace("20000", "100"))
    (plan,) = told("plan", "contests.toml")
    assert "Counting all 100 cards takes fewer hours" in plan["recommendation"]
