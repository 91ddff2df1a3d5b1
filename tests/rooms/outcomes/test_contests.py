"""Plurality, majority, runoff and ties, on real contests and on the edges between the rules."""

import datetime

import pytest

from tallybook.election import Tally, Votes
from tallybook.outcomes import (
    AllTiedAdvance,
    Elected,
    LotDrawn,
    NewElection,
    NewElectionDue,
    RunoffBetweenTied,
    RunoffDue,
    TieBreak,
    Tied,
    break_tie,
    majority_or_runoff,
    plurality,
)
from tests.rooms.outcomes.georgia import CANVASS, SENATE, SENATE_RUNOFF, SPECIAL_RUNOFF, rows

NINTH_TUESDAY = datetime.date(2021, 1, 5)
LATER = datetime.date(2021, 3, 2)


def tally(**votes: int) -> Tally:
    return Tally("mayor", tuple(votes.items()))


def lot(*chosen: str) -> LotDrawn:
    return LotDrawn(chosen, LATER, "the superintendent", "minutes of 2 March 2021")


def test_a_runoff_is_called_when_nobody_has_a_majority() -> None:
    # 2,462,617 of 4,952,175 is 49.73 percent.
    outcome = majority_or_runoff(SENATE, NINTH_TUESDAY)
    assert isinstance(outcome, RunoffDue)
    assert (outcome.advance, outcome.on, outcome.elected) == (("perdue", "ossoff"), NINTH_TUESDAY, ())
    assert outcome.why == (
        "Votes counted: perdue 2,462,617, ossoff 2,374,519, hazel 115,039; together 4,952,175.",
        "perdue has 2,462,617 of 4,952,175 votes; twice that is 4,925,234, not more than 4,952,175: "
        "nobody has a majority.",
        "The two highest go to a runoff on 2021-01-05: perdue and ossoff.",
    )


def test_the_special_election_of_twenty_candidates_goes_to_a_runoff() -> None:
    sums: dict[str, int] = {}
    for row in rows("canvass_county_mode.csv"):
        if row["contest"] == "us_senate_special":
            sums[row["choice"]] = sums.get(row["choice"], 0) + int(row["total"])
    assert len(sums) == 20
    outcome = majority_or_runoff(Tally("us_senate_special", tuple(sums.items())), NINTH_TUESDAY)
    assert isinstance(outcome, RunoffDue)
    assert outcome.advance == ("warnock", "loeffler")


def test_the_runoffs_of_january_2021_are_decided() -> None:
    for result, winner in ((SENATE_RUNOFF, "ossoff"), (SPECIAL_RUNOFF, "warnock")):
        outcome = plurality(result)
        assert isinstance(outcome, Elected) and outcome.elected == (winner,)


def test_a_plurality_is_enough_for_presidential_electors() -> None:
    # 2,474,507 of 4,998,482 is 49.505 percent: no majority, and none is asked.
    outcome = plurality(CANVASS)
    assert isinstance(outcome, Elected) and outcome.elected == ("biden",)
    assert isinstance(majority_or_runoff(CANVASS, NINTH_TUESDAY), RunoffDue)


@pytest.mark.parametrize(("votes", "elected"), [((51, 49), ("A",)), ((50, 50), None), ((50, 49), ("A",))])
def test_a_majority_is_more_than_half(votes: tuple[int, int], elected: tuple[str] | None) -> None:
    outcome = majority_or_runoff(tally(A=votes[0], B=votes[1]), NINTH_TUESDAY)
    assert (outcome.elected if isinstance(outcome, Elected) else None) == elected


def test_what_counts_in_the_total_can_take_a_majority_away() -> None:
    assert isinstance(majority_or_runoff(tally(A=51, B=49), NINTH_TUESDAY, total=101), Elected)
    assert isinstance(majority_or_runoff(tally(A=51, B=49), NINTH_TUESDAY, total=102), RunoffDue)


def test_a_total_below_the_votes_counted_is_refused() -> None:
    with pytest.raises(ValueError, match="less than the 100 votes"):
        majority_or_runoff(tally(A=51, B=49), NINTH_TUESDAY, total=99)


@pytest.mark.parametrize(
    ("votes", "clear", "tied", "places"),
    [
        ((5, 4, 4), ("A",), ("B", "C"), 1),
        ((4, 4, 4), (), ("A", "B", "C"), 2),
        ((3, 4, 3), ("B",), ("A", "C"), 1),
    ],
)
def test_a_tie_for_a_place_in_the_runoff_is_reported(
    votes: tuple[int, int, int], clear: tuple[str], tied: tuple[str], places: int
) -> None:
    outcome = majority_or_runoff(tally(A=votes[0], B=votes[1], C=votes[2]), NINTH_TUESDAY)
    assert isinstance(outcome, Tied)
    assert (outcome.places, outcome.clear, outcome.tied, outcome.open) == ("runoff", clear, tied, places)
    assert outcome.on == NINTH_TUESDAY


def test_two_equal_leaders_both_go_to_the_runoff() -> None:
    outcome = majority_or_runoff(tally(A=3, B=5, C=5), NINTH_TUESDAY)
    assert isinstance(outcome, RunoffDue) and outcome.advance == ("B", "C")


def test_the_highest_fill_the_seats_most_votes_first() -> None:
    outcome = plurality(tally(A=3, B=9, C=5, D=1), seats=3)
    assert isinstance(outcome, Elected) and outcome.elected == ("B", "C", "A")


def test_a_tie_for_the_last_seat_leaves_the_others_elected() -> None:
    outcome = plurality(tally(A=3, B=9, C=3, D=1), seats=2)
    assert isinstance(outcome, Tied)
    assert (outcome.clear, outcome.tied, outcome.open, outcome.on) == (("B",), ("A", "C"), 1, None)
    assert "A and C have 3 votes each, for 1 open place." in outcome.why


def test_a_tie_within_the_seats_is_no_tie() -> None:
    outcome = plurality(tally(A=3, B=3, C=2), seats=2)
    assert isinstance(outcome, Elected) and outcome.elected == ("A", "B")


def test_nobody_is_elected_without_a_vote() -> None:
    outcome = plurality(tally(A=0, B=2), seats=2)
    assert isinstance(outcome, Elected) and (outcome.elected, outcome.unfilled) == (("B",), 1)
    empty = majority_or_runoff(tally(A=0, B=0), NINTH_TUESDAY)
    assert isinstance(empty, Elected) and (empty.elected, empty.unfilled) == ((), 1)


@pytest.mark.parametrize("votes", [(("A", -1),), (("A", 1), ("A", 2))])
def test_impossible_votes_are_refused(votes: Votes) -> None:
    with pytest.raises(ValueError, match=r"A (has -1 votes|is listed more than once)"):
        plurality(Tally("mayor", votes))
    with pytest.raises(ValueError, match="at least one"):
        plurality(tally(A=1), seats=0)


SEATS_TIED = plurality(tally(A=9, B=3, C=3, D=3), seats=3)
RUNOFF_TIED = majority_or_runoff(tally(A=5, B=4, C=4), NINTH_TUESDAY)


def settle(outcome: object, by: TieBreak) -> object:
    assert isinstance(outcome, Tied)
    return break_tie(outcome, by)


def test_a_lot_drawn_in_public_fills_the_open_seats() -> None:
    settled = settle(SEATS_TIED, lot("D", "B"))
    assert isinstance(settled, Elected) and settled.elected == ("A", "B", "D")
    assert settled.why[-1] == (
        "A lot drawn on 2021-03-02 by the superintendent chose B and D (record: minutes of 2 March 2021)."
    )


def test_a_lot_for_a_place_in_the_runoff_keeps_the_runoff_date() -> None:
    settled = settle(RUNOFF_TIED, lot("C"))
    assert isinstance(settled, RunoffDue) and (settled.advance, settled.on) == (("A", "C"), NINTH_TUESDAY)


@pytest.mark.parametrize("chosen", [("B",), ("B", "C", "D"), ("A", "B"), ("B", "B"), ()])
def test_a_lot_that_does_not_fit_the_tie_is_refused(chosen: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="must choose exactly 2 of B, C and D"):
        settle(SEATS_TIED, lot(*chosen))


def test_a_lot_without_a_record_is_refused() -> None:
    with pytest.raises(ValueError, match="record"):
        settle(SEATS_TIED, LotDrawn(("B", "C"), LATER, "the superintendent", ""))


def test_the_law_may_send_those_tied_to_a_runoff_or_hold_a_new_election() -> None:
    runoff = settle(SEATS_TIED, RunoffBetweenTied(LATER))
    assert isinstance(runoff, RunoffDue)
    assert (runoff.advance, runoff.on, runoff.elected) == (("B", "C", "D"), LATER, ("A",))
    again = settle(SEATS_TIED, NewElection(LATER))
    assert isinstance(again, NewElectionDue) and (again.on, again.elected) == (LATER, ("A",))
    whole = settle(RUNOFF_TIED, NewElection(LATER))
    assert isinstance(whole, NewElectionDue) and whole.elected == ()


def test_the_law_may_let_all_who_are_tied_into_the_runoff() -> None:
    settled = settle(RUNOFF_TIED, AllTiedAdvance())
    assert isinstance(settled, RunoffDue) and settled.advance == ("A", "B", "C")


def test_a_way_of_breaking_ties_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be settled by another runoff"):
        settle(RUNOFF_TIED, RunoffBetweenTied(LATER))
    with pytest.raises(ValueError, match="cannot be settled by letting all advance"):
        settle(SEATS_TIED, AllTiedAdvance())
