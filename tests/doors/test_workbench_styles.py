"""Card styles at the workbench: only batches and cards that can hold a contest are drawn."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tallybook.doors.cli import app
from tallybook.doors.cli.shown import DoorError
from tallybook.stats.draws import draw_consistently

pytestmark = pytest.mark.slow

SEED = "31415926535897932384"
BATCHES = range(1, 11)
COUNCIL = """[[contests]]
id = "council"
votes = { ann = 270, bob = 130 }
cards = 400
"""
STYLES = 'styles = ["north"]\nstyles_from = "styles.csv"\n'


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


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


# --- Batches


def table(heads, rows):
    return "\n".join([heads, *(",".join(map(str, row)) for row in rows), ""])


def north(batch):
    """Of ten batches of 100 cards four are all of the north, four half of it, two not at all."""
    return 100 if batch <= 2 else 50 if batch <= 6 else 0


@pytest.fixture
def county():
    put("manifest.csv", table("Jurisdiction,Batch,Cards", [("Lee", b, 100) for b in BATCHES]))
    rows = [(*row, n) for b in BATCHES for row, n in styles_of(b) if n]
    put("styles.csv", table("Jurisdiction,Batch,Style,Cards", rows))
    put("totals.csv", table("Jurisdiction,Batch,ann,bob", [("Lee", b, *votes(b)) for b in BATCHES]))
    put("contests.toml", COUNCIL + STYLES)


def styles_of(batch):
    return [(("Lee", batch, "north"), north(batch)), (("Lee", batch, "south"), 100 - north(batch))]


def votes(batch):
    """270 to 130 in all: 65 to 35 in the two whole batches, 35 to 15 in the four halves."""
    return {100: (65, 35), 50: (35, 15), 0: (0, 0)}[north(batch)]


@pytest.mark.usefixtures("county")
def test_a_batch_of_no_card_with_the_contest_is_never_drawn():
    words = ("manifest.csv", "--contests", "contests.toml", "--totals", "totals.csv", "--seed", SEED)
    drawn = {row["batch"] for row in told("draw", *words, "--size", "300")}
    assert drawn == {"1", "2", "3", "4", "5", "6"}


@pytest.mark.usefixtures("county")
def test_a_batch_is_bound_by_the_cards_of_its_styles():
    """Bounds (points + cards)/140: 2 x 130 and 4 x 70 make 540/140; 1 - 140/540 a clean draw, to the p."""
    words = ("manifest.csv", "--contests", "contests.toml", "--totals", "totals.csv", "--seed", SEED)
    drawn = dict.fromkeys(row["batch"] for row in told("draw", *words, "--size", "10"))
    put("read.csv", table("Jurisdiction,Batch,ann,bob", [("Lee", b, *votes(int(b))) for b in drawn]))
    files = ("contests.toml", "manifest.csv", "read.csv", "--seed", SEED, "--totals", "totals.csv")
    (one,) = told("risk", *files, "--method", "MACRO", "--draws", "10")
    macro = Fraction(one["other_methods"]["MACRO"])
    exact = (1 - Fraction(140, 540)) ** 10
    assert exact <= macro < exact + Fraction(1, 10**6)


@pytest.mark.usefixtures("county")
def test_styles_make_the_sample_of_batches_smaller():
    files = ("--manifest", "manifest.csv", "--totals", "totals.csv", "--method", "batch_comparison")
    (by_style,) = told("plan", "contests.toml", *files)
    put("contests.toml", COUNCIL.replace("400", "1000") + "by_style = false\n")
    (without,) = told("plan", "contests.toml", *files)
    sizes = [one["methods"][0]["sizes"]["0.9"] for one in (by_style, without)]
    assert sizes[0] < sizes[1] / 2


@pytest.mark.usefixtures("county")
def test_cards_of_mixed_batches_are_not_polled_without_records():
    (one,) = told("plan", "contests.toml", "--manifest", "manifest.csv", "--totals", "totals.csv")
    assert "only records of cards tell" in one["no_plan"]["polling"]
    words = ("draw", "manifest.csv", "--contests", "contests.toml", "--seed", SEED, "--size", "5")
    assert "found 600 cards in the manifest; expected the 400" in refused(*words)


@pytest.mark.usefixtures("county")
def test_votes_where_no_card_can_hold_the_contest_are_refused():
    put("totals.csv", Path("totals.csv").read_text().replace("Lee,9,0,0", "Lee,9,3,0"))
    words = ("plan", "contests.toml", "--manifest", "manifest.csv", "--totals", "totals.csv")
    assert "Lee, 9: found 3 votes; by its styles no card there can hold the contest" in refused(*words)


@pytest.mark.usefixtures("county")
@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (STYLES, 'styles = ["north"]\n', "expected both styles"),
        ('["north"]', '["nort"]', "styles.csv has no style nort"),
    ],
)
def test_styles_that_are_wrong_are_told_in_words(old, new, words):
    put("contests.toml", (COUNCIL + STYLES).replace(old, new))
    assert words in refused("plan", "contests.toml")


@pytest.mark.usefixtures("county")
def test_styles_of_other_cards_than_the_manifest_are_refused():
    put("styles.csv", Path("styles.csv").read_text().replace("Lee,3,north,50", "Lee,3,north,49"))
    words = ("plan", "contests.toml", "--manifest", "manifest.csv")
    assert "Lee, 3: found 99 cards by style; expected the 100 of the manifest" in refused(*words)


# --- Cards

HEADS = (
    "Lee County 2026,5.17",
    ",,,,,,Mayor (Vote For=1),Mayor (Vote For=1),Bond (Vote For=1),Bond (Vote For=1)",
    ",,,,,,Ann,Bob,Yes,No",
    "CvrNumber,TabulatorNum,BatchId,RecordId,ImprintedId,PrecinctPortion,,,,",
)
BOND = 'risk_limit = "0.05"\n[[contests]]\nid = "Bond"\ncards_from = "lee"\n'


def has_bond(position):
    return position % 2 == 0


@pytest.fixture
def town():
    """Four batches of 50; every second card has the bond, at 9 to 1, and the last card of each no record."""
    marks = {p: ("1,0" if p % 20 else "0,1") if has_bond(p) else "," for p in range(1, 50)}
    rows = [f"{b}{p},4,{b},{p},,North,1,0,{marks[p]}" for b in range(1, 5) for p in range(1, 50)]
    put("lee.csv", "\n".join([*HEADS, *rows, ""]))
    assert run("cards", "lee.csv", "--out", "lee").exit_code == 0
    put("manifest.csv", table("Jurisdiction,Batch,Cards", [("Lee", f"4-{b}", 50) for b in range(1, 5)]))
    put("contests.toml", BOND + "cards = 100\n")


def population(which):
    return [f"Lee\n4-{b}\n{p}" for b in range(1, 5) for p in range(1, 51) if which(p)]


def names(rows):
    return ["\n".join((d["jurisdiction"], d["batch"], d["position"])) for d in rows]


@pytest.mark.usefixtures("town")
def test_only_cards_whose_record_bears_the_contest_or_that_have_none_are_drawn():
    """24 of the 49 recorded cards of a batch, and its last one: 100 in all."""
    words = ("draw", "manifest.csv", "--contests", "contests.toml", "--seed", SEED)
    drawn = names(told(*words, "--size", "100"))
    assert set(drawn) == set(population(has_bond))
    assert names(told(*words, "--size", "30")) == drawn[:30]


@pytest.mark.usefixtures("town")
def test_one_sample_serves_contests_of_other_styles():
    """The first by ticket for the mayor, on all cards, and for the bond: together the sample of both."""
    everywhere = 'votes = { Ann = 196, Bob = 0 }\ncards = 200\n[[contests]]\nid = "Bond"\n'
    put("contests.toml", '[[contests]]\nid = "Mayor"\n' + everywhere + 'cards_from = "lee"\ncards = 100\n')
    words = ("draw", "manifest.csv", "--contests", "contests.toml", "--seed", SEED, "--size")
    of_mayor, of_bond = (names(told(*words, n, "--contest", c)) for n, c in (("8", "Mayor"), ("24", "Bond")))
    groups = {"Mayor": population(bool), "Bond": population(has_bond)}
    both = draw_consistently(SEED, groups, {"Mayor": 8, "Bond": 24})
    assert set(of_mayor) | set(of_bond) == {one.item for one in both.drawn}
    rows = [(*item.split("\n"), "Mayor", "Ann") for item in of_mayor]
    rows += [(*item.split("\n"), "Bond", "Yes") for item in of_bond]
    put("read.csv", table("Jurisdiction,Batch,Position,Contest,Read", rows))
    found = told("risk", "contests.toml", "manifest.csv", "read.csv", "--seed", SEED, "--records", "lee")
    assert [one["contest"] for one in found] == ["Mayor", "Bond"]


@pytest.mark.usefixtures("town")
def test_a_card_without_the_contest_that_was_read_for_another_is_no_matter():
    words = ("draw", "manifest.csv", "--contests", "contests.toml", "--seed", SEED, "--size", "24")
    drawn = [item.split("\n") for item in names(told(*words))]
    read = [
        (*one, "not found" if one[2] == "50" else "No" if int(one[2]) % 20 == 0 else "Yes") for one in drawn
    ]
    put("read.csv", table("Jurisdiction,Batch,Position,Read", read))
    (one,) = told("risk", "contests.toml", "manifest.csv", "read.csv", "--seed", SEED)
    assert one["step"] == "stop"
    put("read.csv", table("Jurisdiction,Batch,Position,Read", [*read, ("Lee", "4-1", 1, "not on card")]))
    (same,) = told("risk", "contests.toml", "manifest.csv", "read.csv", "--seed", SEED)
    assert same == one


@pytest.mark.usefixtures("town")
def test_more_cards_by_record_than_are_stated_are_refused():
    put("contests.toml", BOND)
    words = ("draw", "manifest.csv", "--contests", "contests.toml", "--seed", SEED, "--size", "5")
    said = refused(*words)
    assert "100 cards of the manifest bear the contest by their record, or have no record" in said
    assert "expected the 96 cards" in said and "State cards = 100" in said


@pytest.mark.usefixtures("town")
def test_a_plan_by_style_says_what_each_county_reads():
    (one,) = told("plan", "contests.toml", "--manifest", "manifest.csv", "--method", "card_comparison")
    assert one["by_jurisdiction"]["card comparison"] == {"Lee": one["methods"][0]["sizes"]["0.9"]}
