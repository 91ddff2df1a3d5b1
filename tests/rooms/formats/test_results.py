"""Reported results: nouns, their sums and corrections, and the tables of Georgia 2020."""

import csv
import datetime
import io
from collections import Counter

import pytest

from tallybook.election import Choice, Contest
from tallybook.formats.results import (
    TOTAL,
    Feed,
    Measured,
    Results,
    Unit,
    Version,
    Votes,
    as_of,
    check_results,
    corrections,
    outermost,
    tally,
)
from tallybook.formats.results_csv import Long, Wide, read_feed, read_long, read_wide
from tests.needs import needs_shared

pytestmark = pytest.mark.slow

GEORGIA = "data/georgia2020"
MAYOR = Contest("Mayor", "Mayor", "", (Choice("Ann", "Ann"), Choice("Bob", "Bob")))
MODES = {
    "election_day": "election-day",
    "advance": "early",
    "absentee_by_mail": "absentee-mail",
    "provisional": "provisional",
    "total": TOTAL,
}


def results(
    *rows: tuple[str, str, str, int], units: tuple[Unit, ...] = (), measured: tuple[Measured, ...] = ()
) -> Results:
    return Results("r.csv", (MAYOR,), units, tuple(Votes("Mayor", *row) for row in rows), measured)


NORTH_AND_SOUTH = (
    Unit("c", "County", "county"),
    Unit("n", "North", "precinct", "c"),
    Unit("s", "South", "precinct", "c"),
)


def test_a_tally_adds_the_outermost_units_and_their_modes() -> None:
    held = results(
        ("n", "early", "Ann", 1),
        ("n", "early", "Bob", 2),
        ("n", "election-day", "Ann", 10),
        ("s", "early", "Ann", 100),
    )
    found = tally(held, "Mayor")
    assert found.votes == (("Ann", 111), ("Bob", 2))
    assert [(mode.mode, mode.votes) for mode in found.modes] == [
        ("early", (("Ann", 101), ("Bob", 2))),
        ("election-day", (("Ann", 10), ("Bob", 0))),
    ]


def test_a_county_and_its_precincts_are_not_counted_twice() -> None:
    held = results(
        ("c", TOTAL, "Ann", 3), ("n", TOTAL, "Ann", 1), ("s", TOTAL, "Ann", 2), units=NORTH_AND_SOUTH
    )
    assert outermost(held, "Mayor") == ("c",)
    assert tally(held, "Mayor").votes == (("Ann", 3), ("Bob", 0))
    assert check_results(held) == ()


def test_a_total_beside_modes_is_not_counted_twice() -> None:
    held = results(("n", "early", "Ann", 1), ("n", "election-day", "Ann", 2), ("n", TOTAL, "Ann", 3))
    assert tally(held, "Mayor").votes == (("Ann", 3), ("Bob", 0))
    assert check_results(held) == ()


def test_modes_are_left_out_where_a_unit_reported_a_total_only() -> None:
    held = results(("n", "early", "Ann", 1), ("n", TOTAL, "Ann", 1), ("s", TOTAL, "Ann", 5))
    assert tally(held, "Mayor").votes == (("Ann", 6), ("Bob", 0))
    assert tally(held, "Mayor").modes == ()


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ((("n", "early", "Ann", 1), ("n", TOTAL, "Ann", 2)), "sum of its modes, 1"),
        ((("n", TOTAL, "Ann", 1), ("n", TOTAL, "Ann", 1)), "stated again"),
        ((("c", TOTAL, "Ann", 3), ("n", TOTAL, "Ann", 1), ("s", TOTAL, "Ann", 1)), "units in it, 2"),
    ],
)
def test_results_that_disagree_with_themselves_are_told(
    rows: tuple[tuple[str, str, str, int], ...], told: str
) -> None:
    (problem,) = check_results(results(*rows, units=NORTH_AND_SOUTH))
    assert told in str(problem)


def test_overvotes_and_ballots_enter_a_tally_only_where_every_unit_states_them() -> None:
    rows = (("n", TOTAL, "Ann", 1), ("s", TOTAL, "Ann", 2))
    both = (Measured("Mayor", "n", TOTAL, "overvotes", 1), Measured("Mayor", "s", TOTAL, "overvotes", 2))
    assert tally(results(*rows, measured=both), "Mayor").overvotes == 3
    assert tally(results(*rows, measured=both[:1]), "Mayor").overvotes is None


# Versions -------------------------------------------------------------------------------------


def feed(*versions: tuple[int, dict[str, int]]) -> Feed:
    at = datetime.datetime(2021, 1, 5, tzinfo=datetime.UTC)
    held = tuple(
        Version(
            at.replace(hour=hour),
            str(hour),
            tuple(Votes("Mayor", "n", TOTAL, *pair) for pair in votes.items()),
        )
        for hour, votes in versions
    )
    return Feed("f.csv", (MAYOR,), (Unit("n", "North"),), held)


def test_a_number_replaces_the_earlier_one_and_what_fell_is_a_correction() -> None:
    held = feed((1, {"Ann": 5, "Bob": 7}), (2, {"Ann": 9, "Bob": 6}), (3, {"Ann": 9}))
    (fallen,) = corrections(held)
    assert (fallen.label, fallen.unit) == ("2", "n")
    assert [vote.votes for vote in (*fallen.before, *fallen.after)] == [7, 6]
    at = datetime.datetime(2021, 1, 5, 1, 30, tzinfo=datetime.UTC)
    assert tally(as_of(held, at), "Mayor").votes == (("Ann", 5), ("Bob", 7))
    assert tally(as_of(held, at.replace(hour=4)), "Mayor").votes == (("Ann", 9), ("Bob", 6))
    assert as_of(held, at.replace(hour=0)).votes == ()


# Georgia 2020 and 2021, as published ----------------------------------------------------------

PRECINCTS = Long(
    "contest",
    {"county": "county", "precinct_key": "precinct"},
    "choice",
    MODES,
    others=("precinct_id", "precinct_name"),
)
COUNTIES = Long("contest", {"county": "county"}, "choice", MODES, others=("fips",))
RUNOFF = Wide(
    {"county": "county"},
    {
        "perdue": ("us_senate", "perdue"),
        "ossoff": ("us_senate", "ossoff"),
        "loeffler": ("us_senate_special", "loeffler"),
        "warnock": ("us_senate_special", "warnock"),
        "mcdonald": ("public_service_commissioner_4", "mcdonald"),
        "blackman": ("public_service_commissioner_4", "blackman"),
    },
    captured="captured_at",
    label="feed_version",
)


def georgia(name: str) -> bytes:
    return needs_shared(f"{GEORGIA}/{name}").read_bytes()


def test_the_canvass_by_precinct_adds_up_to_the_certified_result() -> None:
    held, problems = read_long(georgia("canvass_president_precinct.csv"), "canvass.csv", PRECINCTS)
    assert problems == ()
    assert held is not None
    assert check_results(held) == ()
    found = tally(held, "president")
    assert dict(found.votes) == {"biden": 2_474_507, "jorgensen": 62_138, "trump": 2_461_837}
    assert {mode.mode for mode in found.modes} == {"election-day", "early", "absentee-mail", "provisional"}
    assert sum(unit.kind == "precinct" for unit in held.units) == 2_656


def test_the_special_senate_contest_with_20_candidates_adds_up() -> None:
    held, _ = read_long(georgia("canvass_us_senate_special_precinct.csv"), "special.csv", PRECINCTS)
    assert held is not None
    votes = dict(tally(held, "us_senate_special").votes)
    assert len(votes) == 20
    assert (votes["warnock"], votes["loeffler"], votes["collins"]) == (1_617_035, 1_273_214, 980_454)


def test_counties_and_precincts_of_one_canvass_agree() -> None:
    counties, _ = read_long(georgia("canvass_county_mode.csv"), "counties.csv", COUNTIES)
    precincts, _ = read_long(georgia("canvass_us_senate_precinct.csv"), "precincts.csv", PRECINCTS)
    assert counties is not None
    assert precincts is not None
    assert tally(counties, "us_senate").votes == tally(precincts, "us_senate").votes
    assert dict(tally(counties, "us_senate").votes)["hazel"] == 115_039


def test_the_hand_tally_by_batch_adds_up_to_its_report() -> None:
    names = ("trump", "biden", "jorgensen")
    layout = Wide(
        {"county": "county", "batch": "ballot-batch"},
        {name: ("president", name) for name in names},
        others=("batch_type", "invalid_write_in", "valid_write_in", "blank_undervote", "overvote"),
        as_written=("batch",),
    )
    held, problems = read_wide(georgia("hand_tally_batches.csv"), "hand.csv", layout)
    assert problems == ()
    assert held is not None
    assert dict(tally(held, "president").votes) == {
        "trump": 2_462_857,
        "biden": 2_475_141,
        "jorgensen": 62_587,
    }
    assert sum(unit.kind == "ballot-batch" for unit in held.units) == 41_881


def test_the_runoff_feed_has_108_versions_and_79_downward_corrections() -> None:
    held, problems = read_feed(georgia("runoff_2021_feed.csv"), "feed.csv", RUNOFF)
    assert problems == ()
    assert held is not None
    assert len(held.versions) == 108
    assert len(corrections(held)) == 79


def test_the_last_version_of_the_runoff_feed_is_the_certified_result() -> None:
    held, _ = read_feed(georgia("runoff_2021_feed.csv"), "feed.csv", RUNOFF)
    assert held is not None
    last = as_of(held, held.versions[-1].captured)
    assert dict(tally(last, "us_senate").votes) == {"ossoff": 2_269_923, "perdue": 2_214_979}
    assert dict(tally(last, "us_senate_special").votes) == {"warnock": 2_289_113, "loeffler": 2_195_841}
    commissioner = dict(tally(last, "public_service_commissioner_4").votes)
    assert commissioner == {"mcdonald": 2_234_689, "blackman": 2_200_962}


def test_every_correction_of_the_runoff_feed_is_one_that_a_plain_reading_finds() -> None:
    text = georgia("runoff_2021_feed.csv").decode()
    last: dict[tuple[str, str], int] = {}
    fallen: Counter[tuple[str, str]] = Counter()
    for row in csv.DictReader(io.StringIO(text)):
        for name in RUNOFF.choices:
            votes, key = int(row[name]), (row["county"], name)
            fallen[row["captured_at"], row["county"]] += votes < last.get(key, 0)
            last[key] = votes
    held, _ = read_feed(text.encode(), "feed.csv", RUNOFF)
    assert held is not None
    found = {(one.captured.isoformat(), one.unit): len(one.after) for one in corrections(held)}
    assert found == {key: times for key, times in fallen.items() if times}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b"Appling,0,0", b"Appling,-1,0", "below 0"),
        (b"Appling,0,0", b"Appling,0.5,0", "whole number"),
        (b"Appling,0,0", b"Appling,,0", "found nothing"),
        (b"2021-01-05T22:47:41+00:00", b"January 5", "a time with its offset"),
        (b"2021-01-05T22:47:41+00:00", b"2031-01-05T22:47:41+00:00", "not before"),
    ],
)
def test_a_feed_with_a_broken_row_is_refused_and_the_row_told(old: bytes, new: bytes, told: str) -> None:
    header = b"captured_at,feed_version,county,perdue,ossoff,loeffler,warnock,mcdonald,blackman\n"
    row = b"2021-01-05T22:47:41+00:00,1,Appling,0,0,0,0,0,0\n2021-01-05T23:00:00+00:00,2,Bacon,1,1,1,1,1,1\n"
    assert read_feed(header + row, "feed.csv", RUNOFF)[0] is not None
    held, problems = read_feed(header + row.replace(old, new), "feed.csv", RUNOFF)
    assert held is None
    assert told in " ".join(map(str, problems))
    assert problems[0].row in {2, 3}


def test_a_number_stated_twice_is_refused() -> None:
    table = b"contest,county,choice,total\nMayor,Cobb,Ann,5\nMayor,Cobb,Ann,6\n"
    held, problems = read_long(
        table, "t.csv", Long("contest", {"county": "county"}, "choice", {"total": TOTAL})
    )
    assert held is None
    assert "row 2 already" in str(problems[0])
