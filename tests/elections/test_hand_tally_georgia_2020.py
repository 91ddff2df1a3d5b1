"""Georgia's full hand tally of 2020, all 41,881 batches, from the published list.

Sources of the expected numbers: the header of the state's audit report of 19 November 2020 (votes), the
published table of three counts (margins 12,670 and 12,284), and an analysis of Gwinnett's second sheets by
another author (about 119,461), which the county's own report of 416,458 voters and 827,758 cards bears out.
"""

import csv
from functools import cache

import pytest

from tallybook.audit.alarms import alarms, counted_in, second_sheets, usual_blanks
from tallybook.audit.hand_tally import (
    BLANK,
    INVALID_WRITE_IN,
    OVERVOTE,
    WRITE_IN,
    Sheet,
    counted_outcome,
    hand_tally,
    lines_of,
    tallies_by_place,
    tally_of,
)
from tallybook.election import Batch, Choice, Contest, Manifest, Tally
from tallybook.outcomes import compare_places, plurality
from tests.needs import needs_shared

NAMES = ("trump", "biden", "jorgensen")
PRESIDENT = Contest("president", "President", "president", tuple(Choice(n, n) for n in NAMES))
LINES = {
    "trump": "trump",
    "biden": "biden",
    "jorgensen": "jorgensen",
    "invalid_write_in": INVALID_WRITE_IN,
    "valid_write_in": WRITE_IN,
    "blank_undervote": BLANK,
    "overvote": OVERVOTE,
}


@cache
def rows():
    return list(csv.DictReader(needs_shared("data/georgia2020/hand_tally_batches.csv").open(newline="")))


@cache
def tally():
    sheets = [
        Sheet(r["county"], r["batch"], {"president": {line: int(r[c]) for c, line in LINES.items()}})
        for r in rows()
    ]
    batches = tuple(Batch(s.jurisdiction, s.batch, sum(s.counts["president"].values())) for s in sheets)
    held, problems = hand_tally(Manifest(batches), [PRESIDENT], sheets)
    assert problems == ()
    return held


@cache
def counts():
    place = needs_shared("data/georgia2020/county_three_counts.csv")
    return list(csv.DictReader(place.open(newline="")))


def county_tallies(prefix):
    return {
        r["county"]: Tally("president", tuple((n, int(r[f"{prefix}_{n}"])) for n in NAMES)) for r in counts()
    }


@pytest.mark.slow
def test_all_batches_are_counted_once_and_add_up_to_the_published_votes():
    held = tally()
    assert len(held.counted) == 41_881
    assert held.is_complete
    assert dict(tally_of(held, "president").votes) == {
        "biden": 2_475_141,
        "trump": 2_462_857,
        "jorgensen": 62_587,
    }
    lines = lines_of(held, "president")
    assert (lines[INVALID_WRITE_IN], lines[WRITE_IN], lines[BLANK]) == (9_086, 2_983, 132_554)
    assert lines[OVERVOTE] == 563
    assert lines.total() == 5_145_771


def test_the_counties_add_up_to_the_published_counties():
    assert {p: t.votes for p, t in tallies_by_place(tally(), "president").items()} == {
        place: told.votes for place, told in county_tallies("hand").items()
    }


def test_forty_counties_agree_with_the_canvass_in_every_choice():
    canvass, hand = county_tallies("canvass"), county_tallies("hand")
    told = compare_places(canvass, hand)
    assert (told.places, told.places_equal) == (159, 40)
    assert told.totals_moved == 5_411


def test_the_outcome_is_the_same_and_the_returns_stand():
    canvass = county_tallies("canvass")
    votes = tuple((n, sum(dict(t.votes)[n] for t in canvass.values())) for n in NAMES)
    told = counted_outcome(tally(), Tally("president", votes), plurality, "leaves_returns")
    assert told.is_same
    assert told.standing.elected == ("biden",)
    margins = [dict(t)["biden"] - dict(t)["trump"] for t in (votes, tally_of(tally(), "president").votes)]
    assert margins == [12_670, 12_284]


@pytest.mark.slow
def test_the_alarms_name_the_empty_batches_odd_names_and_gwinnetts_blanks():
    found = alarms(tally())
    told = counted_in(found)
    assert told["empty"] == 108
    assert told["odd_name"] == 328
    assert "omitted" not in told
    assert "over_full" not in told
    blank = {one.batches[0][0]: len(one.batches) for one in found if one.kind == "blank_laden"}
    assert max(blank, key=lambda place: blank[place]) == "Gwinnett"
    assert sum(n for place, n in blank.items() if place != "Gwinnett") <= 5


@pytest.mark.slow
def test_of_41881_batches_four_pairs_are_equal_beyond_chance():
    found = [one for one in alarms(tally()) if one.kind == "identical"]
    pairs = {one.batches for one in found}
    assert (("Gwinnett", "ABM1D-2"), ("Gwinnett", "George Pierce 1D-2")) in pairs
    assert (("Gwinnett", "ABM1D-3"), ("Gwinnett", "George Pierce 1D-3")) in pairs
    assert len(pairs) == 4
    for a, b in pairs:
        assert tally().counted[a] == tally().counted[b]


def test_gwinnetts_blanks_are_the_second_sheets_of_absentee_ballots():
    of_type = {(r["county"], r["batch"]): r["batch_type"] for r in rows()}
    gwinnett = {k: c["president"] for k, c in tally().counted.items() if k[0] == "Gwinnett"}
    assert sum(c[BLANK] for c in gwinnett.values()) == 120_260
    two_sheets = ("Absentee By Mail", "Provisional")
    mailed = {k: c for k, c in gwinnett.items() if of_type[k] in two_sheets}
    elsewhere = {
        k: c["president"]
        for k, c in tally().counted.items()
        if k[0] != "Gwinnett" and of_type[k] in two_sheets
    }
    estimate = second_sheets(mailed, usual_blanks(elsewhere))
    assert abs(estimate - 119_461) < 150
