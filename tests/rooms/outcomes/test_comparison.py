"""What changed between the canvass, the hand tally and the recount of Georgia 2020."""

from collections.abc import Mapping
from fractions import Fraction

import pytest

from tallybook.election import Tally
from tallybook.outcomes import compare_counts, compare_places
from tests.rooms.outcomes.georgia import CANVASS, HAND_TALLY, RECOUNT, rows


def test_the_hand_tally_confirmed_the_winner_with_a_margin_386_smaller() -> None:
    found = compare_counts(CANVASS, HAND_TALLY)
    assert found.differences == (("biden", 634), ("trump", 1020), ("jorgensen", 449))
    assert (found.leader, found.runner_up) == ("biden", "trump")
    assert (found.margin_first, found.margin_second, found.margin_change) == (12670, 12284, -386)
    assert (found.moved, found.moved_share) == (2103, Fraction(2103, 4998482))
    assert (found.first_votes, found.second_votes, found.same_winners) == (4998482, 5000585, True)
    assert found.why[2] == "Margin of biden over trump: 12,670 in the first count, 12,284 in the second."


def test_the_recount_margin_is_11779() -> None:
    found = compare_counts(CANVASS, RECOUNT)
    assert (found.margin_second, found.margin_change, found.same_winners) == (11779, -891, True)


def three_counts() -> tuple[Mapping[str, Tally], Mapping[str, Tally], Mapping[str, Tally]]:
    table = rows("county_three_counts.csv")

    def count(kind: str) -> dict[str, Tally]:
        names = ("biden", "trump", "jorgensen")
        return {
            row["county"]: Tally("president", tuple((n, int(row[f"{kind}_{n}"])) for n in names))
            for row in table
        }

    return count("canvass"), count("hand"), count("recount")


def test_county_by_county_40_of_159_agree_and_the_totals_differ_by_5411() -> None:
    canvass, hand, recount = three_counts()
    found = compare_places(canvass, hand)
    assert (found.places, found.places_equal, found.totals_moved) == (159, 40, 5411)
    assert found.totals_moved_share == Fraction(5411, 4998482)
    assert compare_places(canvass, recount).places_equal == 54


def test_votes_that_pass_between_choices_move_but_do_not_change_the_totals() -> None:
    first = {"East": Tally("x", (("A", 5), ("B", 5))), "West": Tally("x", (("A", 2), ("B", 0)))}
    second = {"East": Tally("x", (("A", 4), ("B", 6))), "West": Tally("x", (("A", 3), ("B", 0)))}
    found = compare_places(first, second)
    assert (found.places_equal, found.moved, found.totals_moved) == (0, 3, 1)
    assert (found.moved_share, found.totals_moved_share) == (Fraction(3, 12), Fraction(1, 12))


def test_a_count_that_turns_the_result_over_says_so() -> None:
    found = compare_counts(Tally("x", (("A", 10), ("B", 9))), Tally("x", (("B", 10), ("A", 9))))
    assert (found.same_winners, found.margin_first, found.margin_second) == (False, 1, -1)


def test_a_tie_in_either_count_is_not_the_same_winner() -> None:
    tie = Tally("x", (("A", 9), ("B", 9)))
    assert not compare_counts(Tally("x", (("A", 10), ("B", 9))), tie).same_winners
    assert not compare_counts(tie, tie).same_winners


def test_with_two_seats_the_margin_is_between_the_second_and_the_third() -> None:
    first = Tally("x", (("A", 10), ("B", 7), ("C", 4)))
    found = compare_counts(first, Tally("x", (("A", 5), ("B", 8), ("C", 6))), seats=2)
    assert (found.leader, found.runner_up, found.margin_first, found.margin_second) == ("B", "C", 3, 2)
    assert not found.same_winners  # A and B in the first count, B and C in the second.


def test_one_choice_alone_has_no_margin() -> None:
    found = compare_counts(Tally("x", (("A", 0),)), Tally("x", (("A", 1),)))
    assert (found.leader, found.margin_first, found.margin_change, found.moved_share) == (
        None,
        None,
        None,
        None,
    )


def test_counts_of_different_contests_choices_or_places_are_not_compared() -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        compare_counts(CANVASS, Tally("us_senate", CANVASS.votes))
    with pytest.raises(ValueError, match="cannot be compared"):
        compare_counts(CANVASS, Tally("president", CANVASS.votes[:2]))
    with pytest.raises(ValueError, match="one count only: Cobb"):
        compare_places({"Cobb": CANVASS}, {})
