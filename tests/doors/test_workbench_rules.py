"""Every rule at the workbench, by readings or totals: margins by hand, plans, risks, and mistypings."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tallybook.doors.cli import app
from tallybook.doors.cli.shown import DoorError

pytestmark = pytest.mark.slow

SEED = "31415926535897932384"
POINTS = '{ "ann: 5; bob: 3" = 400, "bob: 5; ann: 2" = 300, "cid: 5; bob: 1" = 200, "blank" = 50 }'
RANKED = '{ "ann > bob > cid" = 500, "bob > ann" = 300, "cid > ann" = 100, "blank" = 50 }'
CUMULATIVE = '{ "ann: 3" = 300, "ann: 2; bob: 1" = 200, "bob: 3" = 250, "cid: 3" = 100 }'


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    put("manifest.csv", "Jurisdiction,Batch,Cards\nLee,B1,500\nLee,B2,500\n")


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


def contest(method, votes, more="", count=""):
    put("rules.toml", f'name = "Rules"\nlaw = ["Code 1"]\nmethod = "{method}"\n{count}')
    put(
        "contests.toml",
        f'[[contests]]\nid = "c"\nrules = "rules.toml"\nchoices = ["ann", "bob", "cid"]\ncards = 1000\n'
        f"votes = {votes}\n{more}",
    )


def totals(rule, votes, more=""):
    put("contests.toml", f'[[contests]]\nid = "c"\nrule = "{rule}"\nvotes = {votes}\ncards = 1000\n{more}')


def points():
    return {row["words"]: row["points"] for row in told("assertions", "contests.toml")}


# --- Margins by hand.


def test_scores_have_the_sums_of_points():
    """ann 400 x 5 + 300 x 2 = 2,600; bob 400 x 3 + 300 x 5 + 200 = 2,900; cid 1,000."""
    contest("score", POINTS)
    assert points() == {"bob has more votes than ann.": 300, "bob has more votes than cid.": 1_900}


def test_star_has_the_finalists_by_score_and_the_winner_by_preference():
    """Finalists bob 2,900 and ann 2,600 against cid 1,000; bob is preferred by 300 + 200, ann by 400."""
    contest("star", POINTS)
    assert points() == {
        "bob has more votes than cid.": 1_900,
        "ann has more votes than cid.": 1_600,
        "More cards prefer bob to ann than ann to bob.": 100,
    }


def test_borda_has_the_sums_of_points_by_rank():
    """3, 2, 1 points: ann 1,500 + 600 + 200, bob 1,000 + 900, cid 500 + 300."""
    contest("borda", RANKED, count='[count]\npoints = ["3", "2", "1"]\n')
    assert points() == {"ann has more votes than bob.": 400, "ann has more votes than cid.": 1_500}


def test_cumulative_votes_add_up_card_by_card():
    """ann 900 + 400, bob 200 + 750, cid 300; two seats."""
    contest("cumulative", CUMULATIVE, "votes_allowed = 3\nseats = 2\n")
    assert points() == {"ann has more votes than cid.": 1_000, "bob has more votes than cid.": 650}


def test_transferable_votes_say_what_they_leave_open():
    """1,110 firsts, quota a third: ann's 400 are above it; nobody else's, so one seat is left open."""
    four = '{ "ann > bob" = 400, "bob > cid" = 250, "cid > bob" = 260, "dan > bob" = 200 }'
    contest("single_transferable_vote", four, "seats = 2\n", "seats = 2\n")
    put(
        "contests.toml",
        Path("contests.toml").read_text().replace('"cid"]', '"cid", "dan"]').replace("1000", "1110"),
    )
    rows = told("assertions", "contests.toml")
    assert rows[0]["words"] == "ann has more than 1/3 of the first preferences."
    assert rows[0]["points"] == 3 * 400 - 1_110
    assert "Between these lie 1 of 2 seats; count every card to settle them." in rows[0]["remarks"]


@pytest.mark.parametrize(
    ("rule", "votes", "more", "words", "margin"),
    [
        ("approval", "{ ann = 600, bob = 500 }", "", "ann has more votes than bob.", 100),
        ("super_majority", "{ yes = 700, no = 250 }", 'share = "3/5"\n',
         "yes has more than 3/5 of the votes.", 5 * 700 - 3 * 950),
        ("dhondt", "{ red = 500, blue = 290, green = 140 }", "seats = 5\n",
         "The votes of red divided by 3 exceed those of green divided by 1.", 500 - 3 * 140),
        ("sainte_lague", "{ red = 500, blue = 290, green = 140 }", "seats = 5\n",
         "The votes of red divided by 5 exceed those of blue divided by 3.", 3 * 500 - 5 * 290),
        ("largest_remainders", "{ red = 500, blue = 290, green = 140 }", "seats = 5\n",
         "5 x (votes of red - votes of blue) exceeds 1 x all votes.", 5 * 210 - 930),
    ],
)  # fmt: skip
def test_totals_give_the_margins_of_each_rule(rule, votes, more, words, margin):
    totals(rule, votes, more)
    assert points()[words] == margin


@pytest.mark.parametrize(
    ("method", "votes", "read"),
    [
        ("score", POINTS, ["ann: 5; bob: 3", "bob: 5; ann: 2", "cid: 5; bob: 1"]),
        ("star", POINTS, ["ann: 5; bob: 3", "bob: 5; ann: 2", "blank"]),
        ("cumulative", CUMULATIVE, ["ann: 3", "ann: 2; bob: 1", "bob: 3"]),
        ("borda", RANKED, ["ann > bob > cid", "bob > ann", "cid > ann"]),
    ],
)
def test_plan_draw_and_risk_take_every_rule_by_readings(method, votes, read):
    count = '[count]\npoints = ["3", "2", "1"]\n' if method == "borda" else ""
    contest(method, votes, "votes_allowed = 3\n" if method == "cumulative" else "", count)
    (plan,) = told("plan", "contests.toml", "--manifest", "manifest.csv")
    sizes = {row["method"]: row["sizes"]["0.9"] for row in plan["methods"]}
    assert sizes["card comparison"] <= 130
    cards = told("draw", "manifest.csv", "--seed", SEED, "--size", str(sizes["card comparison"]))
    rows = [f"Lee,{d['batch']},{d['position']},{read[n % 3]},{read[n % 3]}" for n, d in enumerate(cards)]
    put("readings.csv", "\n".join(["Jurisdiction,Batch,Position,Read,Reported", *rows]))
    (found,) = told("risk", "contests.toml", "manifest.csv", "readings.csv", "--seed", SEED)
    assert found["step"] == "stop"


def test_seats_by_remainders_are_planned_from_totals():
    totals("largest_remainders", "{ red = 500, blue = 290, green = 140 }", "seats = 5\n")
    (plan,) = told("plan", "contests.toml", "--method", "card_comparison")
    assert 100 < plan["methods"][0]["sizes"]["0.9"] < 500
    assert "points in a hundred cards" in plan["recommendation"]


@pytest.mark.parametrize("rule", ["dhondt", "sainte_lague", "modified_sainte_lague", "largest_remainders"])
def test_a_threshold_that_no_list_reaches_is_counted_in_full(rule):
    """40, 35 and 25 of a hundred votes, and half of them asked for: nobody has a seat."""
    totals(rule, "{ red = 400, blue = 350, green = 250 }", 'seats = 5\nthreshold = "1/2"\n')
    for words in (("plan", "contests.toml"), ("assertions", "contests.toml")):
        assert "no list has 1/2 of the votes, so nobody has a seat" in refused(*words)


def test_readings_may_stand_in_a_table():
    contest("star", POINTS)
    by_hand = points()
    rows = ['"ann: 5; bob: 3",400', '"bob: 5; ann: 2",300', '"cid: 5; bob: 1",200', "blank,50"]
    put("table.csv", "\n".join(["Reading,Cards", *rows]))
    put(
        "contests.toml",
        Path("contests.toml").read_text().replace(f"votes = {POINTS}", 'readings = "table.csv"'),
    )
    assert points() == by_hand


# --- What people mistype.


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("cards = 1000", "card = 1000", 'found the key "card" in contests[0]; expected of: id, votes'),
        ('id = "c"\n', "", 'expected the key "id"'),
        ('"ann: 5; bob: 3" = 400', '"ann: 9" = 400', 'found "ann: 9"; expected at most 5 points'),
        ('"ann: 5; bob: 3" = 400', '"ann" = 400', "expected a choice and its points, such as ann: 5"),
        ('"ann: 5; bob: 3" = 400', '"dan: 5" = 400', 'found "dan"; expected choices of c'),
        ('"ann: 5; bob: 3" = 400', '"ann: 5; bob: 3" = -4', "found -4 cards; expected 0 or more"),
        ('"ann: 5; bob: 3" = 400', '"ann: 5; bob: 3" = "many"', "expected a whole number, found text"),
        ('"ann: 5; bob: 3" = 400', '"ann: 5; bob: 3" = 4000', "4,550 readings on 1,000 cards"),
        ('rules = "rules.toml"', 'rules = "none.toml"', "there is no rules file none.toml"),
        ('rules = "rules.toml"', 'rule = "dhont"', "found 'dhont'; expected of: plurality"),
        ('choices = ["ann", "bob", "cid"]\n', "", "name the choices, each once"),
    ],
)
def test_a_contest_file_that_is_wrong_is_told_in_words(old, new, words):
    contest("star", POINTS)
    put("contests.toml", Path("contests.toml").read_text().replace(old, new, 1))
    assert words in refused("assertions", "contests.toml")


def test_cumulative_votes_by_totals_alone_are_refused():
    """Three votes on one card move a margin by more than totals can tell."""
    contest("cumulative", "{ ann = 400, bob = 300 }", "votes_allowed = 3\n")
    assert "expected a choice and its points" in refused("assertions", "contests.toml")


@pytest.mark.parametrize(
    ("read", "words"),
    [
        ("", "found nothing; expected what stands on the card"),
        ("ann: 9", "at most 5 points"),
        ("x", 'found "x"'),
    ],
)
def test_a_reading_that_is_wrong_is_told_with_its_card(read, words):
    contest("star", POINTS)
    (card,) = told("draw", "manifest.csv", "--seed", SEED, "--size", "1")
    where = f"Lee,{card['batch']},{card['position']}"
    put("readings.csv", f"Jurisdiction,Batch,Position,Read,Reported\n{where},{read},blank\n")
    said = refused("risk", "contests.toml", "manifest.csv", "readings.csv", "--seed", SEED)
    assert said.startswith(f"{where.replace(',', ', ')}, Read: ")
    assert words in said


def test_the_troubles_of_all_contests_are_told_at_once():
    tied = '[[contests]]\nid = "{}"\nvotes = {{ ann = 10, bob = 10 }}\ncards = 30\n'
    put("contests.toml", tied.format("mayor") + tied.format("judge"))
    said = refused("assertions", "contests.toml")
    assert "mayor: found ann and bob are tied" in said
    assert "judge: found ann and bob are tied" in said
    assert said.count("Nothing was drawn.") == 1
