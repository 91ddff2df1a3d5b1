"""Ranked contests in strata: one compared, one polled, one known by the rankings of its batches alone."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tallybook.audit.evidence import Part
from tallybook.audit.strata import union_risk
from tallybook.doors.cli import app
from tallybook.doors.cli.shown import DoorError
from tallybook.stats.certainty import publish

pytestmark = pytest.mark.slow

SEED = "31415926535897932384"
RANKED = """
risk_limit = "0.05"
[[contests]]
id = "mayor"
rule = "ranked_choice"
choices = ["ann", "bob", "cid"]
winner = "ann"
[[contests.strata]]
name = "mail"
how = "card_comparison"
cards = 1000
votes = { "ann > bob" = 400, "bob > ann" = 300, "cid > ann" = 250, "blank" = 50 }
containers = ["mail"]
[[contests.strata]]
name = "polls"
how = "polling"
cards = 600
votes = { "ann" = 300, "bob > cid" = 150, "cid > ann > bob" = 100 }
containers = ["polls"]
[[contests.strata]]
name = "early"
how = "pools"
cards = 400
readings = "early.csv"
containers = ["early"]
"""
BATCHES = [f"Lee,M{i},100,mail" for i in range(10)] + [f"Lee,P{i},100,polls" for i in range(6)]
POOLS = [f"Lee,E{i},100,early" for i in range(4)]
EARLY = [f"Lee,E{i},{ranking},{n}" for i in range(4) for ranking, n in (("ann", 60), ("cid > bob", 30))]
LAST = "With only ann and bob standing, ann has more votes than bob."


@pytest.fixture
def town(tmp_path, monkeypatch):
    """First choices: ann 940, bob 450, cid 470, so bob leaves; then ann has 1,240 and cid 620."""
    monkeypatch.chdir(tmp_path)
    put("manifest.csv", "\n".join(["Jurisdiction,Batch,Cards,Container", *BATCHES, *POOLS]))
    put("early.csv", "\n".join(["Jurisdiction,Batch,Reading,Cards", *EARLY]))
    put("contests.toml", RANKED)
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


def refused(*words):
    with pytest.raises(DoorError) as trouble:
        run(*words)
    return str(trouble.value)


def drawn(**sizes):
    words = [word for name, n in sizes.items() for word in ("--size", f"{name}={n}")]
    return told("draw", "manifest.csv", "--seed", SEED, "--contests", "contests.toml", *words)


def as_reported(card, n):
    """Of each stratum what was reported, in its proportions."""
    if card["batch"].startswith("M"):
        return ["ann > bob", "bob > ann", "cid > ann"][n % 3]
    if card["batch"].startswith("P"):
        return ["ann", "ann", "ann", "bob > cid", "cid > ann > bob", "blank"][n % 6]
    return ["ann", "ann", "cid > bob", "ann", "blank"][n % 5]


def readings(cards, read, reported=None):
    rows = [
        f"Lee,{d['batch']},{d['position']},{read(d, n)},{(reported or read)(d, n)}"
        for n, d in enumerate(cards)
    ]
    put("readings.csv", "\n".join(["Jurisdiction,Batch,Position,Read,Reported", *rows]))


def risk(*more):
    words = ("risk", "contests.toml", "manifest.csv", "readings.csv", "--seed", SEED, "--json")
    (contest,) = json.loads(run(*words, "--totals", "early.csv", *more).output)
    return contest


@pytest.mark.usefixtures("town")
def test_the_rankings_of_all_strata_together_give_the_assertions():
    """bob gone: ann has 400 + 300 + 300 + 240, cid 250 + 150 + 100 + 120. cid gone: 1,290 to 570."""
    rows = told("assertions", "contests.toml")
    points = {row["words"]: row["points"] for row in rows}
    assert points[LAST] == 1_290 - 570
    assert points["With only ann and cid standing, ann has more votes than cid."] == 1_240 - 620
    assert "These are enough: every other order of elimination is contradicted." in rows[0]["remarks"]


def parts_by_hand(mail, polls, early):
    """The numbers of one assertion in three strata, from the points of each card as read (and recorded)."""
    o = np.array([a - b for a, b in mail["cards"]])
    values = {name: round(Fraction(1_024 * points, 100)) for name, points in early["pools"].items()}
    x = np.array([2 * 1_024 - values[b] + 1_024 * read for b, read in early["cards"]])
    total = sum(100 * v for v in values.values())
    return [
        Part(2 - o, 4, 1_000, 2_000 - mail["points"]),
        Part(np.array(polls["cards"]) + 1, 2, 600, 600),
        Part(x, 4 * 1_024, 400, 400 * 2 * 1_024 - total, 1_024),
    ]


@pytest.mark.usefixtures("town")
def test_the_risk_is_that_of_the_union_of_the_three_strata_by_hand():
    cards = drawn(mail=120, polls=200, early=120)
    readings(cards, as_reported)
    contest = risk()
    (found,) = [a for a in contest["assertions"] if a["assertion"] == LAST]
    for_ann = ("ann > bob", "cid > ann", "ann", "cid > ann > bob")
    for_bob = ("bob > ann", "bob > cid", "cid > bob")
    points = dict.fromkeys(for_ann, 1) | dict.fromkeys(for_bob, -1) | {"blank": 0}
    read = [(d, points[as_reported(d, n)]) for n, d in enumerate(cards)]
    mail = {"points": 400 + 250 - 300, "cards": [(p, p) for d, p in read if d["stratum"] == "mail"]}
    polls = {"cards": [p for d, p in read if d["stratum"] == "polls"]}
    pools = {f"E{i}": 60 - 30 for i in range(4)}
    early = {"pools": pools, "cards": [(d["batch"], p) for d, p in read if d["stratum"] == "early"]}
    assert found["risk"] == publish(union_risk(parts_by_hand(mail, polls, early)).p)


@pytest.mark.slow
@pytest.mark.usefixtures("town")
def test_cards_that_read_as_reported_end_the_audit_and_others_do_not():
    cards = drawn(mail=250, polls=300, early=200)
    readings(cards, as_reported)
    assert risk()["step"] == "stop"
    readings(
        cards, lambda d, n: "bob > cid" if d["batch"].startswith("P") else as_reported(d, n), as_reported
    )
    assert risk()["step"] != "stop"


@pytest.mark.slow
@pytest.mark.usefixtures("town")
def test_the_plan_shares_the_draws_among_the_strata_of_a_ranked_contest():
    words = ("plan", "contests.toml", "--manifest", "manifest.csv", "--method", "strata")
    (plan,) = told(*words, "--totals", "early.csv")
    assert set(plan["strata"]) == {"mail", "polls", "early"}
    (plan,) = told("plan", "contests.toml", "--manifest", "manifest.csv")
    assert "needs --manifest and --totals" in plan["no_plan"]["strata"]


@pytest.mark.slow
@pytest.mark.usefixtures("town")
def test_batches_of_rankings_are_compared_as_wholes():
    put("contests.toml", RANKED.replace('"pools"', '"batch_comparison"'))
    sizes = {"mail": 250, "polls": 300, "early": 8}
    words = [word for name, n in sizes.items() for word in ("--size", f"{name}={n}")]
    words = ["--contests", "contests.toml", "--totals", "early.csv", *words]
    cards = told("draw", "manifest.csv", "--seed", SEED, *words)
    readings([d for d in cards if d["stratum"] != "early"], as_reported)
    names = {d["batch"] for d in cards if d["stratum"] == "early"}
    heads = "Jurisdiction,Batch,Reading,Cards"
    put("counted.csv", "\n".join([heads, *(row for row in EARLY if row.split(",")[1] in names)]))
    clean = risk("--counted", "counted.csv", "--draws", "early=8")
    wrong = [row.replace("ann,60", "cid > ann,60") for row in EARLY if row.split(",")[1] in names]
    put("counted.csv", "\n".join([heads, *wrong]))
    assert Fraction(risk("--counted", "counted.csv", "--draws", "early=8")["risk"]) > Fraction(clean["risk"])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('readings = "early.csv"\n', "", "early: the margins of ranked choice need the reported readings"),
        ('winner = "ann"', 'winner = "cid"', "elect ann; cid was reported"),
        ('winner = "ann"', 'winner = "dan"', "dan is not among the choices"),
        ("cards = 600", "cards = 500", "polls: 550 readings on 500 cards"),
        ('"ann" = 300', '"not on card" = 300', "expected a reading of cards that bear the contest"),
        ('"ann" = 300', '"dora > ann" = 300', 'found "dora"'),
        ('choices = ["ann", "bob", "cid"]\n', "", "name the choices, each once"),
        ("cards = 400", "cards = 399", "360 readings"),
    ],
)
@pytest.mark.usefixtures("town")
def test_ranked_strata_that_do_not_fit_are_refused_in_words(old, new, words):
    put("contests.toml", RANKED.replace(old, new, 1))
    if words == "360 readings":
        said = refused(
            "draw", "manifest.csv", "--seed", SEED, "--contests", "contests.toml", "--size", "mail=5"
        )
        assert "expected the 399 of the stratum" in said
    else:
        assert words in refused("assertions", "contests.toml")


@pytest.mark.usefixtures("town")
def test_rankings_by_batch_that_differ_from_those_of_the_stratum_are_refused():
    cards = drawn(mail=20, polls=20, early=20)
    readings(cards, as_reported)
    put("other.csv", Path("early.csv").read_text().replace("E0,ann,60", "E0,ann,59"))
    words = ("risk", "contests.toml", "manifest.csv", "readings.csv", "--seed", SEED, "--totals", "other.csv")
    assert "the readings by batch do not add up" in refused(*words)


@pytest.mark.slow
@pytest.mark.usefixtures("town")
def test_the_records_of_a_compared_stratum_are_its_rankings_and_are_looked_up():
    """A store with mail's records in batches 1 to 10: 40, 30 and 25 of each hundred, and 5 blank."""
    heads = [
        "Lee County 2026,5.17",
        "," * 6 + ",".join(['"mayor (Number of positions=1, Number of ranks=2)"'] * 6),
        "," * 6 + "ann(1),ann(2),bob(1),bob(2),cid(1),cid(2)",
        "CvrNumber,TabulatorNum,BatchId,RecordId,ImprintedId,PrecinctPortion,,,,,,",
    ]
    kinds = ["1,0,0,1,0,0"] * 40 + ["0,1,1,0,0,0"] * 30 + ["0,1,0,0,1,0"] * 25 + ["0,0,0,0,0,0"] * 5
    texts = ["ann > bob"] * 40 + ["bob > ann"] * 30 + ["cid > ann"] * 25 + ["blank"] * 5
    rows = [f"{b}{p},M,{b},{p},,North,{kind}" for b in range(10) for p, kind in enumerate(kinds, 1)]
    put("mail.csv", "\n".join([*heads, *rows, ""]))
    assert run("cards", "mail.csv", "--out", "mail").exit_code == 0
    put("manifest.csv", Path("manifest.csv").read_text().replace("Lee,M", "Lee,M-"))
    given = next(line for line in RANKED.splitlines() if line.startswith('votes = { "ann > bob"'))
    put("contests.toml", RANKED.replace(given, 'cards_from = "mail"'))
    cards = drawn(mail=60, polls=100, early=60)

    def read(card, n):
        return texts[int(card["position"]) - 1] if card["stratum"] == "mail" else as_reported(card, n)

    readings(cards, read)
    by_hand = risk()
    readings(cards, read, lambda *_: "")
    assert risk() == by_hand


WHOLE = """
risk_limit = "0.05"
[[contests]]
id = "mayor"
cards_from = "ranked.blt"
rule = "ranked_choice"
"""


@pytest.mark.slow
@pytest.mark.usefixtures("town")
def test_pools_of_a_ranked_contest_are_known_by_the_rankings_of_their_batches():
    """All early cards lie in pools, the others have records; read as reported the audit ends, else not."""
    counted = ("400 1 2 0", "300 2 1 0", "250 3 1 0", "240 1 0", "120 3 2 0")
    put("ranked.blt", "\n".join(["3 1", *counted, "0", '"ann"', '"bob"', '"cid"', '"mayor"', ""]))
    put("contests.toml", WHOLE + "cards = 1400\n")
    put("manifest.csv", "\n".join(["Jurisdiction,Batch,Cards,Container", *BATCHES[:10], *POOLS]))
    cards = told("draw", "manifest.csv", "--seed", SEED, "--contests", "contests.toml", "--size", "200")
    recorded = as_reported
    readings(cards, as_reported, recorded)
    clean = risk("--method", "ONEAudit")
    assert clean["step"] == "stop"
    readings(cards, lambda d, n: "bob" if d["batch"].startswith("E") else as_reported(d, n), recorded)
    assert Fraction(risk("--method", "ONEAudit")["risk"]) > Fraction(clean["risk"])
    (plan,) = told("plan", "contests.toml", "--manifest", "manifest.csv", "--totals", "early.csv")
    assert "ONEAudit" in {row["method"] for row in plan["methods"]}
