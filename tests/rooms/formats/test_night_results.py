"""Results as the web shows them: Clarity's detail.xml and OpenElections' tables."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallybook.formats.clarity import read_detail
from tallybook.formats.openelections import named, read_openelections, write_openelections
from tallybook.formats.results import TOTAL, Measured, Results, Unit, check_results, tally
from tallybook.formats.results_csv import contests_of
from tests.needs import needs_shared


def said(problems: object) -> str:
    return " ".join(map(str, problems))  # type: ignore[call-overload]


DETAIL = b"""<?xml version="1.0" encoding="utf-8"?>
<ElectionResult>
  <Timestamp>11/20/2020 3:37:26 PM EST</Timestamp>
  <ElectionName>November 3, 2020 General Election</ElectionName>
  <ElectionDate>11/3/2020</ElectionDate>
  <Region>GA</Region>
  <ElectionVoterTurnout totalVoters="300" ballotsCast="210" voterTurnout="70.00">
    <Counties>
      <County name="Appling" totalVoters="100" ballotsCast="80" voterTurnout="80.00"/>
      <County name="Ben Hill" totalVoters="200" ballotsCast="130" voterTurnout="65.00"/>
    </Counties>
  </ElectionVoterTurnout>
  <Contest key="5000" text="President of the United States" voteFor="1" isQuestion="false">
    <VoteType name="Undervotes" votes="3">
        <County name="Appling" votes="1"/><County name="Ben Hill" votes="2"/>
      </VoteType>
    <Choice key="1" text="Donald J. Trump (I) (Rep)" totalVotes="100">
      <VoteType name="Election Day Votes" votes="60">
        <County name="Appling" votes="20"/><County name="Ben Hill" votes="40"/>
      </VoteType>
      <VoteType name="Absentee by Mail Votes" votes="40">
        <County name="Appling" votes="15"/><County name="Ben Hill" votes="25"/>
      </VoteType>
    </Choice>
    <Choice key="2" text="Joseph R. Biden" party="DEM" totalVotes="1,07">
      <VoteType name="Election Day Votes" votes="50">
        <County name="Appling" votes="25"/><County name="Ben Hill" votes="25"/>
      </VoteType>
      <VoteType name="Absentee by Mail Votes" votes="57">
        <County name="Appling" votes="19"/><County name="Ben Hill" votes="38"/>
      </VoteType>
    </Choice>
  </Contest>
</ElectionResult>
""".replace(b'"1,07"', b'"107"')


def test_a_states_detail_gives_counties_modes_and_turnout() -> None:
    found, problems = read_detail(DETAIL, "detail.xml")
    assert problems == ()
    assert found is not None
    assert (found.day, found.stated) == (datetime.date(2020, 11, 3), "11/20/2020 3:37:26 PM EST")
    assert found.contests[0].name == "President of the United States"
    assert [(c.id, c.party) for c in found.contests[0].choices] == [("1", "Rep"), ("2", "DEM")]
    assert found.units[:2] == (Unit("region", "GA", "other"), Unit("Appling", "Appling", "county", "region"))
    assert check_results(found) == ()
    assert tally(found, "5000").votes == (("1", 100), ("2", 107))
    assert tally(found, "5000", ["Ben Hill"]).votes == (("1", 65), ("2", 63))
    assert {mode.mode for mode in tally(found, "5000", ["Appling"]).modes} == {
        "election-day",
        "absentee-mail",
    }
    assert Measured("", "Ben Hill", TOTAL, "registered_voters", 200) in found.measured
    assert tally(found, "5000").undervotes == 3


def test_a_missing_number_is_left_out_and_told_and_is_not_zero() -> None:
    found, problems = read_detail(
        DETAIL.replace(b'<County name="Ben Hill" votes="38"/>', b'<County name="Ben Hill"/>'), "d.xml"
    )
    assert found is not None
    assert "no number" in said(problems)
    assert not [v for v in found.votes if (v.unit, v.mode, v.choice) == ("Ben Hill", "absentee-mail", "2")]


def test_a_day_beyond_any_calendar_is_left_open_and_told() -> None:
    """Found by damage drawn from a seed: a year of four hundred digits."""
    found, problems = read_detail(DETAIL.replace(b"11/3/2020", b"11/3/" + b"9" * 400), "detail.xml")
    assert found is not None and found.day is None
    assert problems[0].expected == "a day such as 11/3/2020"


def test_totals_that_do_not_add_up_are_found() -> None:
    found, _ = read_detail(DETAIL.replace(b'totalVotes="107"', b'totalVotes="108"'), "detail.xml")
    assert found is not None
    assert "sum of its modes, 107" in said(check_results(found))


@pytest.mark.parametrize(
    "data",
    [
        b"", b"<html/>", b"<ElectionResult/>", DETAIL[:900], DETAIL.replace(b'votes="38"', b'votes="-38"'),
        DETAIL.replace(b'votes="38"', b'votes="3.8"'), DETAIL.replace(b'Choice key="2"', b'Choice key="1"'),
        DETAIL.replace(b"<ElectionResult>", b'<!DOCTYPE x [<!ENTITY y "z">]><ElectionResult>'),
        b"<ElectionResult>" * 5_000,
    ],
)  # fmt: skip
def test_what_is_no_sound_detail_gives_a_problem(data: bytes) -> None:
    found, problems = read_detail(data, "detail.xml")
    assert found is None
    assert problems


# OpenElections --------------------------------------------------------------------------------

TABLE = b"""county,precinct,office,district,party,candidate,votes,election_day,early_voting
Cobb,Acworth 1A,Registered Voters,,,Registered Voters,"1,204",,
Cobb,Acworth 1A,U.S. House,11,REP,Barry Loudermilk,700,300,400
Cobb,Acworth 1A,U.S. House,11,DEM,Dana Barrett,,100,
Cobb,Acworth 1A,U.S. House,11,,Over Votes,2,1,1
"""


def test_offices_districts_and_pseudo_candidates_are_told_apart() -> None:
    found, problems = read_openelections(TABLE, "20201103__ga__general__precinct.csv")
    assert problems == ()
    assert found is not None
    assert (found.day, found.name) == (datetime.date(2020, 11, 3), "general")
    assert [(c.id, [choice.party for choice in c.choices]) for c in found.contests] == [
        ("U.S. House #11", ["REP", "DEM"])
    ]
    assert found.units == (
        Unit("Cobb", "Cobb", "county"),
        Unit("Cobb/Acworth 1A", "Acworth 1A", "precinct", "Cobb"),
    )
    assert Measured("", "Cobb/Acworth 1A", TOTAL, "registered_voters", 1_204) in found.measured
    assert Measured("U.S. House #11", "Cobb/Acworth 1A", TOTAL, "overvotes", 2) in found.measured
    blank = [vote for vote in found.votes if vote.choice == "Dana Barrett (DEM)"]
    assert [(vote.mode, vote.votes) for vote in blank] == [("election-day", 100)]


@pytest.mark.parametrize("cell", [b"-700", b"70O", b"7.5", b"*"])
def test_a_number_that_is_none_is_refused(cell: bytes) -> None:
    found, problems = read_openelections(TABLE.replace(b"700", cell), "t.csv")
    assert found is None
    assert problems[0].row == 3


def test_the_names_of_files_are_read() -> None:
    assert named("20180522__ga__primary__cobb__precinct.csv") is not None
    assert named("results.csv") is None
    assert named("20181399__ga__primary.csv") is None


WORD = st.text("abcXYZ =-+@,\"'", min_size=1, max_size=6).map(lambda text: f"q{text}q")


@given(
    st.lists(
        st.tuples(WORD, WORD, WORD, st.integers(0, 10**9)),
        min_size=1,
        max_size=6,
        unique_by=lambda row: row[:3],
    )
)
def test_results_written_for_openelections_read_back_equal(rows: list[tuple[str, str, str, int]]) -> None:
    lines = [
        f'"{c.replace(chr(34), chr(34) * 2)}","{o.replace(chr(34), chr(34) * 2)}",,' for c, o, _, _ in rows
    ]
    names = [n.replace(chr(34), chr(34) * 2) for _, _, n, _ in rows]
    text = "county,office,party,candidate,votes\n" + "".join(
        f'{line}"{name}",{row[3]}\n' for line, name, row in zip(lines, names, rows, strict=True)
    )
    found, problems = read_openelections(text.encode(), "x.csv")
    assert found is not None, problems
    assert read_openelections(write_openelections(found), "x.csv") == (found, ())


def test_a_mode_without_a_column_is_not_dropped() -> None:
    found, _ = read_openelections(TABLE, "t.csv")
    assert found is not None
    odd = Results("x", contests_of([("Mayor", "Ann")], {}), (Unit("c", "Cobb", "county"),), ())
    assert write_openelections(odd).startswith(b"\xef\xbb\xbfcounty,precinct")
    rows = tuple(
        vote.__class__(vote.contest, vote.unit, "by-drone", vote.choice, vote.votes) for vote in found.votes
    )
    with pytest.raises(ValueError, match="by-drone"):
        write_openelections(Results("x", found.contests, found.units, rows))


def test_the_runoff_of_2021_in_openelections_form_equals_the_county_file() -> None:
    """The precinct file covers 155 counties; its sums per county were checked by its collectors."""
    data = needs_shared("data/georgia2020/runoff_2021_precinct.csv").read_text(encoding="utf-8")
    header, _, body = data.partition("\n")
    renamed = header.replace("contest", "office").replace("choice", "candidate").replace("total", "votes")
    found, problems = read_openelections(f"{renamed}\n{body}".encode(), "20210105__ga__runoff.csv")
    assert problems == ()
    assert found is not None
    assert check_results(found) == ()
    assert sum(unit.kind == "county" for unit in found.units) == 155
    assert len(found.contests) == 3
    cobb = [unit.id for unit in found.units if unit.within == "Cobb"]
    county = needs_shared("data/georgia2020/runoff_2021_county.csv").read_text(encoding="utf-8").splitlines()
    expected = {line.split(",")[3]: int(line.split(",")[-1]) for line in county if ",Cobb," in line}
    votes = {c: v for contest in found.contests for c, v in tally(found, contest.id, cobb).votes}
    assert {name.partition(" (")[0]: count for name, count in votes.items()} == expected
