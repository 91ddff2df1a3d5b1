"""Several seats: quotas, surpluses, values, and the counts without surpluses."""

from fractions import Fraction

import pytest

from tallybook.outcomes.ranked import bottoms_up, bottoms_up_by, sequential
from tallybook.outcomes.rules import CountRules, Rules, TieRules
from tallybook.outcomes.stv import quota, transfer_value, transferable_vote
from tests.rooms.outcomes.ranked_worlds import ballots

BY_ORDER = TieRules(("order",), tuple("abcdef"))


@pytest.mark.parametrize(
    ("rules", "units"),
    [
        (CountRules(places=4), 26_0000),  # the whole part of 100 / 4, plus 1
        (CountRules(places=4, quota_form="next_unit"), 25_0001),
        (CountRules(places=4, quota="hare"), 34_0000),
        (CountRules(places=4, quota="hare", quota_form="or_more"), 33_3334),
        (CountRules(places=0), 26),
    ],
)
def test_quotas_of_100_votes_for_three_seats(rules: CountRules, units: int) -> None:
    assert quota(100 * 10**rules.places, 3, rules) == units


def test_31_votes_over_a_quota_of_25_move_at_0_1935() -> None:
    """The worked example of the Ranked Choice Voting Resource Center: 6/31 to four places."""
    assert transfer_value(1_0000, 6_0000, 31_0000, CountRules(places=4)) == 1935


def test_cutting_once_or_twice_differs() -> None:
    """A ballot of value 0.33333 moves with a surplus of 2 of 3 votes: 0.22222 cut once, 0.22221 cut twice."""
    twice, once = CountRules(places=5), CountRules(places=5, transfer_value="product_first")
    assert transfer_value(33333, 200000, 300000, once) == 22222
    assert transfer_value(33333, 200000, 300000, twice) == 22221


FRUIT = {
    "orange>pear": 3,
    "pear>strawberry>cake": 8,
    "strawberry>orange>pear": 1,
    "cake>candy": 3,
    "cake>strawberry": 1,
    "candy>cake": 4,
    "strawberry": 3,
}
FOODS = ("orange", "pear", "strawberry", "cake", "candy")


def test_a_small_party_chooses_three_foods_by_hand() -> None:
    """23 guests, quota 6. Pear has 8: its surplus of 2 moves to strawberry at 0.25 each, which makes 6."""
    rules = Rules("party", "single_transferable_vote", ties=TieRules(("order",), FOODS))
    count = transferable_vote(ballots(FOODS, FRUIT, 3), rules)
    first, second, third = count.rounds[:3]
    assert (first.threshold, first.elected) == (6_0000, ("pear",))
    assert first.transfers[0].to == (("strawberry", 2_0000),)
    assert (second.elected, second.eliminated) == (("strawberry",), ("orange",))
    assert dict(third.votes) == {"pear": 6_0000, "strawberry": 6_0000, "cake": 4_0000, "candy": 4_0000}
    assert dict(third.inactive)["exhausted"] == 3_0000
    assert count.elected == ("pear", "strawberry", "cake")


def test_one_winner_a_round_lets_others_over_the_quota_still_receive_votes() -> None:
    piles = {"a>b": 50, "b": 30, "c": 10, "d": 5}
    one = Rules("one", "single_transferable_vote", count=CountRules(elect="one"), ties=BY_ORDER)
    both = Rules("all", "single_transferable_vote", ties=BY_ORDER)
    first, second = (transferable_vote(ballots("abcd", piles, 3), rules) for rules in (one, both))
    assert (first.rounds[0].elected, second.rounds[0].elected) == (("a",), ("a", "b"))
    assert dict(first.rounds[1].votes)["b"] == 30_0000 + 50 * 5200  # 26/50 of a vote each
    assert dict(second.rounds[1].inactive)["exhausted"] == 50 * 5200


def test_nobody_is_eliminated_while_others_with_the_quota_wait_for_their_election() -> None:
    """Quota 26; a and b have it exactly, so there is no surplus, and b waits for the second round."""
    rules = Rules("one", "single_transferable_vote", count=CountRules(elect="one"), ties=BY_ORDER)
    count = transferable_vote(ballots("abcd", {"a": 26, "b": 26, "c": 25, "d": 23}, 3), rules)
    found = [(one.elected, one.eliminated) for one in count.rounds]
    assert found == [(("a",), ()), (("b",), ("d",)), (("c",), ())]
    assert count.rounds[0].ties[0].purpose == "election"


def test_those_who_cannot_win_with_every_surplus_leave_before_it_moves() -> None:
    """Minneapolis: quota 34; a's surplus of 16, strangers 2 and d 3 together do not reach c's 22."""
    piles = {"a>b": 50, "b": 23, "c": 22, "d>b": 3, "write_in": 2}
    rules = CountRules(batch="cannot_reach", elect="one")
    count = transferable_vote(ballots("abcd", piles, 2), Rules("m", "single_transferable_vote", count=rules))
    assert count.rounds[0].elected == ("a",)
    assert count.rounds[0].eliminated == ("d", "write_in")
    assert [one.kind for one in count.rounds[0].transfers] == ["elimination", "elimination"]
    assert count.elected == ("a", "b")


def test_bottoms_up_stops_when_each_has_15_percent_of_the_active_votes() -> None:
    """The Resource Center's example: 15 percent of 2,000 continuing ballots is 300 votes."""
    rules = Rules("p", "bottoms_up", count=CountRules(share=Fraction(15, 100)), ties=BY_ORDER)
    exactly = bottoms_up(ballots("abc", {"a": 1000, "b": 700, "c": 300}), rules)
    assert exactly.elected == ("a", "b", "c") and len(exactly.rounds) == 1
    short = bottoms_up(ballots("abc", {"a": 1000, "b": 701, "c>b": 299}), rules)
    assert short.elected == ("a", "b") and short.rounds[1].votes == (("a", 1000), ("b", 1000))


def test_seats_one_after_another_pass_over_those_elected_before() -> None:
    piles = {"a>b>c": 60, "b>a": 10, "c>d": 40, "d": 5}
    counts = sequential(ballots("abcd", piles, 3), Rules("s", "sequential_ranked_choice", ties=BY_ORDER))
    assert [one.elected for one in counts] == [("a",), ("b",), ("c",)]
    assert dict(counts[1].rounds[0].votes) == {"b": 70, "c": 40, "d": 5}


def test_a_transferable_count_stops_after_the_round_that_the_rules_name() -> None:
    """Pear has the quota in round 1; its surplus would make strawberry's quota in round 2."""
    rules = Rules("party", "single_transferable_vote", count=CountRules(stop_after_round=1))
    count = transferable_vote(ballots(FOODS, FRUIT, 3), rules)
    assert (count.elected, count.unfilled, len(count.rounds)) == (("pear",), 2, 1)
    assert count.rounds[0].transfers == () and count.rounds[0].eliminated == ()
    assert count.rounds[0].why[-1] == "The rules stop the count after round 1."


def test_the_parts_of_a_count_from_the_bottom_up_add_up_in_every_round() -> None:
    north, south = {"a>b": 20, "c>a": 9, "d>b": 3}, {"b": 18, "c>b": 4, "d>a": 5}
    rules = Rules("x", "bottoms_up", seats=2, ties=BY_ORDER)
    parts = {"north": ballots("abcd", north, 2), "south": ballots("abcd", south, 2)}
    count, shares = bottoms_up_by(parts, rules)
    assert count == bottoms_up(ballots("abcd", north | south, 2), rules)
    for place, one in enumerate(count.rounds):
        for choice, votes in one.votes:
            assert votes == sum(dict(rounds[place].votes)[choice] for rounds in shares.values())
    assert count.elected == ("a", "b")
