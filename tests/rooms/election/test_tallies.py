"""Tallies are added part by part, and a tally whose own numbers disagree is told where and how to mend it.

The county's numbers are Appling, Georgia, 3 November 2020, President (canvass; ballots, undervotes and
overvotes from the county's own report).
"""

import pytest

from tallybook.election import Choice, Contest, ModeVotes, Tally, add, check_tally, listed_votes, votes_for
from tests.needs import needs_shared
from tests.rooms.outcomes.georgia import rows

PRESIDENT = Contest(
    "president", "President", "federal", tuple(Choice(n, n) for n in ("biden", "trump", "jorgensen"))
)
APPLING = Tally(
    "president",
    (("biden", 1779), ("trump", 6526), ("jorgensen", 36)),
    ballots=8367,
    undervotes=26,
    overvotes=0,
    modes=(
        ModeVotes("election_day", (("biden", 334), ("trump", 1753), ("jorgensen", 5))),
        ModeVotes("advance", (("biden", 855), ("trump", 3874), ("jorgensen", 26))),
        ModeVotes("absentee_by_mail", (("biden", 587), ("trump", 890), ("jorgensen", 5))),
        ModeVotes("provisional", (("biden", 3), ("trump", 9))),
    ),
)


def changed(**parts: object) -> Tally:
    return Tally(**{**{f: getattr(APPLING, f) for f in APPLING.__struct_fields__}, **parts})


def test_a_real_county_agrees_with_itself() -> None:
    assert check_tally(APPLING, PRESIDENT) == ()
    assert listed_votes(APPLING) == 8341
    assert votes_for(APPLING, "jorgensen") == 36


def test_ballots_that_are_not_votes_and_undervotes_and_overvotes_are_a_problem() -> None:
    (problem,) = check_tally(changed(ballots=8368), PRESIDENT)
    assert str(problem) == (
        "tally of president, ballots: found 8368 ballots = 8368; expected 8341 votes + 0 write-ins + "
        "26 undervotes + 0 overvotes = 8367. Find the difference of 1 in the source of these numbers."
    )


def test_write_ins_are_part_of_the_account() -> None:
    assert check_tally(changed(write_ins=2, undervotes=24), PRESIDENT) == ()
    assert len(check_tally(changed(write_ins=2), PRESIDENT)) == 1


def test_what_is_not_stated_is_not_checked() -> None:
    assert check_tally(changed(ballots=1, overvotes=None), PRESIDENT) == ()


def test_where_two_votes_are_allowed_an_overvoted_ballot_loses_both() -> None:
    # Five ballots: A+B, A+B, A alone (1 undervote), blank (2 undervotes), one overvoted.
    board = Contest("board", "Board", "local", (Choice("A", "A"), Choice("B", "B")), seats=2, votes_allowed=2)
    tally = Tally("board", (("A", 3), ("B", 2)), ballots=5, undervotes=3, overvotes=1)
    assert check_tally(tally, board) == ()
    wrong = Tally("board", (("A", 3), ("B", 2)), ballots=5, undervotes=3, overvotes=2)
    assert "2 × 5 ballots = 10" in check_tally(wrong, board)[0].found


def test_modes_that_do_not_add_to_the_total_are_a_problem_with_the_difference() -> None:
    (problem,) = check_tally(changed(modes=APPLING.modes[:3], ballots=None), PRESIDENT)[1:]
    assert problem.where == "tally of president, trump"
    assert (problem.found, problem.expected) == ("a total of 6526", "the sum of the modes, 6517")
    assert "difference of 9" in problem.mend


def test_all_problems_are_collected_at_once() -> None:
    votes = (("biden", -1), ("biden", 2), ("kanye", 3))
    problems = check_tally(Tally("governor", votes, ballots=-4), PRESIDENT)
    found = [problem.found for problem in problems]
    assert found == [
        "contest governor", "no votes for jorgensen", "no votes for trump", "choice kanye",
        "biden more than once", "-1", "-4",
    ]  # fmt: skip
    assert all(problem.mend for problem in problems)


def test_tallies_are_added_part_by_part() -> None:
    # Atkinson's own report, the second county of the same file.
    atkinson = Tally(
        "president",
        (("biden", 825), ("trump", 2300), ("jorgensen", 30)),
        ballots=3172,
        undervotes=15,
        overvotes=0,
    )
    both = add([APPLING, atkinson])
    assert both.votes == (("biden", 2604), ("trump", 8826), ("jorgensen", 66))
    assert (both.ballots, both.undervotes, both.overvotes) == (11539, 41, 0)
    assert both.write_ins is None and both.modes == ()
    assert add([APPLING, APPLING]).modes[0].votes == (("biden", 668), ("trump", 3506), ("jorgensen", 10))


def test_a_part_that_one_county_does_not_state_is_not_stated_in_the_sum() -> None:
    assert add([APPLING, changed(ballots=None)]).ballots is None


def test_tallies_of_different_contests_or_orders_are_not_added() -> None:
    with pytest.raises(ValueError, match="cannot be added"):
        add([APPLING, changed(contest_id="governor")])
    with pytest.raises(ValueError, match="cannot be added"):
        add([APPLING, changed(votes=APPLING.votes[::-1])])
    with pytest.raises(ValueError, match="no tally to add"):
        add([])


def test_the_159_counties_of_georgia_add_to_the_certified_result() -> None:
    needs_shared("data/georgia2020/canvass_county_mode.csv")
    modes = ("election_day", "advance", "absentee_by_mail", "provisional")
    counties: dict[str, dict[str, dict[str, str]]] = {}
    for row in rows("canvass_county_mode.csv"):
        if row["contest"] == "president":
            counties.setdefault(row["county"], {})[row["choice"]] = row
    tallies = []
    for county in counties.values():
        votes = tuple((name, int(county[name]["total"])) for name in PRESIDENT.choice_ids)
        by_mode = tuple(
            ModeVotes(mode, tuple((name, int(county[name][mode])) for name in PRESIDENT.choice_ids))
            for mode in modes
        )
        tallies.append(Tally("president", votes, modes=by_mode))
        assert check_tally(tallies[-1], PRESIDENT) == ()
    assert len(tallies) == 159
    assert add(tallies).votes == (("biden", 2474507), ("trump", 2461837), ("jorgensen", 62138))
    assert check_tally(add(tallies), PRESIDENT) == ()
