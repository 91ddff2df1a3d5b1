"""The table of the Georgia 2020 demonstration against the published totals, and against what it was made of.

The expected numbers are those that the Secretary of State certified on 20 November 2020, published after
the hand tally on 19 November, recertified on 7 December, and certified for the runoffs on 19 January 2021.
"""

import csv
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.needs import ROOT, needs_shared

TABLE = ROOT / "src" / "tallybook" / "doors" / "georgia_2020"
MODES = ("election_day", "advance", "absentee_by_mail", "provisional")
PRESIDENT = ("biden", "trump", "jorgensen")
FILES_BY_COUNTY = ("returns.csv", "runoff.csv", "president_accounts.csv", "hand_tally.csv", "recount.csv",
                   "voters.csv")  # fmt: skip

Row = dict[str, str]


def table(name: str) -> list[Row]:
    with (TABLE / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def summed(name: str, *columns: str, where: Callable[[Row], bool] = lambda _: True) -> tuple[int, ...]:
    return tuple(sum(int(row[column]) for row in table(name) if where(row)) for column in columns)


def votes(name: str, contest: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in table(name):
        if row["contest"] == contest:
            found[row["choice"]] += int(row["total"])
    return found


def test_the_first_certified_votes_for_president_are_the_published_ones() -> None:
    found = votes("returns.csv", "president")
    assert found == {"biden": 2_474_507, "trump": 2_461_837, "jorgensen": 62_138}
    assert found["biden"] - found["trump"] == 12_670


def test_the_hand_tally_is_the_published_one() -> None:
    assert summed("hand_tally.csv", *PRESIDENT) == (2_475_141, 2_462_857, 62_587)
    assert summed("hand_tally.csv", "batches", "empty_batches") == (41_881, 108)
    marks = ("invalid_write_in", "valid_write_in", "blank_undervote", "overvote")
    assert summed("hand_tally.csv", *marks) == (9_086, 2_983, 132_554, 563)


def test_the_recount_is_the_recertified_one() -> None:
    assert summed("recount.csv", *PRESIDENT) == (2_473_633, 2_461_854, 62_229)
    assert all(sum(int(row[c]) for c in PRESIDENT) == int(row["total"]) for row in table("recount.csv"))


def test_the_first_round_of_both_senate_contests_is_the_published_one() -> None:
    assert votes("returns.csv", "us_senate") == {"perdue": 2_462_617, "ossoff": 2_374_519, "hazel": 115_039}
    special = votes("returns.csv", "us_senate_special")
    assert len(special) == 20
    assert special.most_common(3) == [("warnock", 1_617_035), ("loeffler", 1_273_214), ("collins", 980_454)]


def test_the_runoffs_are_the_certified_ones() -> None:
    assert votes("runoff.csv", "us_senate") == {"ossoff": 2_269_923, "perdue": 2_214_979}
    assert votes("runoff.csv", "us_senate_special") == {"warnock": 2_289_113, "loeffler": 2_195_841}
    commissioner = votes("runoff.csv", "public_service_commissioner_4")
    assert commissioner == {"mcdonald": 2_234_689, "blackman": 2_200_962}


def test_the_four_margins_of_the_contest_for_president_are_the_published_ones() -> None:
    of_count: dict[str, Counter[str]] = {}
    for row in table("totals.csv"):
        if row["contest"] == "president":
            of_count.setdefault(row["count"], Counter())[row["choice"]] = int(row["votes"])
    assert {count: found["biden"] - found["trump"] for count, found in of_count.items()} == {
        "unofficial": 12_780, "state_certified": 12_670, "audit_tally": 12_284, "recount": 11_779,
    }  # fmt: skip


def test_the_statewide_totals_are_the_sums_of_the_counties() -> None:
    sums: dict[tuple[str, str], Counter[str]] = {
        ("president", "audit_tally"): Counter(
            dict(zip(PRESIDENT, summed("hand_tally.csv", *PRESIDENT), strict=True))
        ),
        ("president", "recount"): Counter(
            dict(zip(PRESIDENT, summed("recount.csv", *PRESIDENT), strict=True))
        ),
    }
    for contest in ("president", "us_senate", "us_senate_special"):
        sums[contest, "state_certified"] = votes("returns.csv", contest)
    for contest in ("us_senate", "us_senate_special", "public_service_commissioner_4"):
        sums[f"{contest}_runoff", "state_certified"] = votes("runoff.csv", contest)
    for row in table("totals.csv"):
        if row["count"] != "unofficial":
            assert int(row["votes"]) == sums[row["contest"], row["count"]][row["choice"]]


@pytest.mark.parametrize("name", FILES_BY_COUNTY)
def test_every_county_is_in_every_file(name: str) -> None:
    counties = {row["id"] for row in table("counties.csv")}
    assert len(counties) == 159
    assert {row["county"] for row in table(name)} == counties


@pytest.mark.parametrize("name", ["returns.csv", "runoff.csv"])
def test_every_choice_has_one_row_in_every_county(name: str) -> None:
    keys = Counter((row["county"], row["contest"], row["choice"]) for row in table(name))
    assert set(keys.values()) == {1}
    assert len(keys) == 159 * len({(contest, choice) for _, contest, choice in keys})


@pytest.mark.parametrize("name", ["returns.csv", "runoff.csv"])
def test_the_ways_of_voting_sum_to_the_total(name: str) -> None:
    assert [r for r in table(name) if sum(int(r[mode]) for mode in MODES) != int(r["total"])] == []


def test_every_ballot_of_every_county_is_accounted_for() -> None:
    parts = (*PRESIDENT, "write_ins", "undervotes", "overvotes")
    accounts = table("president_accounts.csv")
    assert [r for r in accounts if sum(int(r[p]) for p in parts) != int(r["ballots_cast"])] == []
    certified = {
        (r["county"], r["choice"]): r["total"] for r in table("returns.csv") if r["contest"] == "president"
    }
    assert all(account[c] == certified[account["county"], c] for account in accounts for c in PRESIDENT)


def test_the_electoral_votes_are_306_to_232_of_538() -> None:
    units = table("electoral_votes.csv")
    assert len(units) == 56
    assert summed("electoral_votes.csv", "electoral_votes") == (538,)
    assert summed("electoral_votes.csv", "electoral_votes", where=lambda r: r["winner"] == "biden") == (306,)
    assert summed("electoral_votes.csv", "electoral_votes", where=lambda r: r["winner"] == "trump") == (232,)


def test_every_spell_of_the_senate_fills_its_seats() -> None:
    parts = ("democrats", "independents_with_democrats", "vacant", "republicans")
    assert all(
        sum(int(spell[part]) for part in parts) == int(spell["seats"]) for spell in table("senate.csv")
    )


def test_the_timeline_has_35_acts_in_order() -> None:
    acts = table("timeline.csv")
    assert [int(act["seq"]) for act in acts] == list(range(1, 36))
    assert [act["date"] for act in acts] == sorted(act["date"] for act in acts)


def test_the_counties_lie_in_georgia_and_no_two_in_one_place() -> None:
    # Georgia's extent: 30.36 to 35.00 degrees north, 85.61 to 80.75 degrees west.
    points = [(float(row["latitude"]), float(row["longitude"])) for row in table("counties.csv")]
    assert all(30.36 < north < 35.0 and -85.61 < east < -80.75 for north, east in points)
    assert len(set(points)) == 159


def test_the_contests_name_exactly_the_choices_that_have_votes() -> None:
    contests = json.loads((TABLE / "contests.json").read_text(encoding="utf-8"))["contests"]
    for contest in contests:
        assert {choice["id"] for choice in contest["choices"]} == set(votes(contest["file"], contest["id"]))


def test_the_table_is_small_text_with_line_feeds() -> None:
    files = [file for file in TABLE.iterdir() if file.suffix in {".csv", ".json"}]
    assert sum(file.stat().st_size for file in files) < 700_000
    assert not [file.name for file in files if b"\r" in file.read_bytes()]
    assert {file.name for file in files} == {row["file"] for row in table("sources.csv")} | {"sources.csv"}


def test_the_table_is_what_the_public_records_make(tmp_path: Path) -> None:
    records = needs_shared("data")
    script = ROOT / "tools" / "compile_georgia_2020.py"
    subprocess.run([sys.executable, script, records, tmp_path], check=True)
    made = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert made == {name: (TABLE / name).read_bytes() for name in made}
    assert len(made) == 13


def test_the_hand_tally_of_every_county_is_the_published_one() -> None:
    """The county sums, taken from the batches, against the sums that were made of the report elsewhere."""
    published = needs_shared("data/georgia2020/county_three_counts.csv")
    with published.open(encoding="utf-8", newline="") as lines:
        counts = list(csv.DictReader(lines))
    for count in counts:
        county = count["county"].lower().replace(" ", "_")
        found = summed("hand_tally.csv", *PRESIDENT, where=lambda row, county=county: row["county"] == county)
        assert found == tuple(int(count[f"hand_{choice}"]) for choice in PRESIDENT), county
