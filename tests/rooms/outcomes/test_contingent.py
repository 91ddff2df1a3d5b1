"""The House and the Senate choose: the ballots of 1801, 1825 and 1837, and the edges of quorum and majority.

Votes: Annals of Congress, 17 February 1801; Register of Debates, 9 February 1825 and 8 February 1837.
The rule of 1801 was that of article II, which asks for the same quorum and majority in the House.
"""

import pytest

from tallybook.outcomes import delegation_vote, house_ballot, senate_ballot

JEFFERSON = ["GA", "KY", "NJ", "NY", "NC", "PA", "TN", "VA"]
BURR = ["CT", "DE", "MA", "NH", "RI", "SC"]
FIRST_1801 = {**dict.fromkeys(JEFFERSON, "Jefferson"), **dict.fromkeys(BURR, "Burr"), "MD": None, "VT": None}
LAST_1801 = {**FIRST_1801, "MD": "Jefferson", "VT": "Jefferson", "DE": None, "SC": None}

ADAMS_1825 = ["CT", "IL", "KY", "LA", "ME", "MD", "MA", "MO", "NH", "NY", "OH", "RI", "VT"]
JACKSON_1825 = ["AL", "IN", "MS", "NJ", "PA", "SC", "TN"]
CRAWFORD_1825 = ["DE", "GA", "NC", "VA"]


def test_eight_of_sixteen_states_did_not_choose_in_1801() -> None:
    ballot = house_ballot(("Jefferson", "Burr"), 16, FIRST_1801)
    assert (ballot.elected, ballot.quorum, ballot.needed) == (None, True, 9)
    assert ballot.votes == (("Jefferson", 8), ("Burr", 6))
    assert ballot.why[-1] == "Nobody is chosen; the chamber ballots again."


def test_the_thirty_sixth_ballot_chose_jefferson_by_ten_states() -> None:
    ballot = house_ballot(("Jefferson", "Burr"), 16, LAST_1801)
    assert (ballot.elected, ballot.votes) == ("Jefferson", (("Jefferson", 10), ("Burr", 4)))


def test_thirteen_of_twenty_four_states_chose_adams_in_1825() -> None:
    votes = {
        **dict.fromkeys(ADAMS_1825, "Adams"),
        **dict.fromkeys(JACKSON_1825, "Jackson"),
        **dict.fromkeys(CRAWFORD_1825, "Crawford"),
    }
    ballot = house_ballot(("Jackson", "Adams", "Crawford"), 24, votes)
    assert (ballot.elected, ballot.needed) == ("Adams", 13)
    assert ballot.votes == (("Jackson", 7), ("Adams", 13), ("Crawford", 4))
    one_less = house_ballot(("Jackson", "Adams", "Crawford"), 24, {**votes, "NY": None})
    assert one_less.elected is None


def test_a_delegation_votes_by_more_than_half_of_its_votes() -> None:
    # 1825: New York 18 Adams, 14 Crawford, 2 Jackson; Maryland 5, 3, 1. 1801: Maryland 4 and 4.
    assert delegation_vote((("Adams", 18), ("Crawford", 14), ("Jackson", 2))) == "Adams"
    assert delegation_vote((("Adams", 17), ("Crawford", 14), ("Jackson", 3))) is None
    assert delegation_vote((("Adams", 5), ("Jackson", 3), ("Crawford", 1))) == "Adams"
    assert delegation_vote((("Jefferson", 4), ("Burr", 4))) is None
    assert delegation_vote(()) is None


def test_a_majority_of_all_states_is_needed_and_not_of_those_present() -> None:
    states = [f"state {n}" for n in range(50)]
    assert house_ballot(("A", "B"), 50, dict.fromkeys(states[:25], "A")).elected is None
    assert house_ballot(("A", "B"), 50, dict.fromkeys(states[:34], "A")).elected == "A"
    half = {**dict.fromkeys(states[:25], "A"), **dict.fromkeys(states[25:], "B")}
    assert house_ballot(("A", "B"), 50, half).elected is None
    assert house_ballot(("A", "B"), 50, {**half, "state 25": "A"}).elected == "A"


def test_members_from_two_thirds_of_the_states_are_a_quorum() -> None:
    states = [f"state {n}" for n in range(34)]
    assert house_ballot(("A",), 50, dict.fromkeys(states, "A")).quorum
    assert house_ballot(("A",), 24, dict.fromkeys(states[:16], "A")).elected == "A"  # Exactly two thirds.
    assert not house_ballot(("A",), 24, dict.fromkeys(states[:15], "A")).quorum
    short = house_ballot(("A",), 50, dict.fromkeys(states[:33], "A"))
    assert (short.quorum, short.elected) == (False, None)


def test_the_senate_chose_johnson_in_1837() -> None:
    ballot = senate_ballot(("Johnson", "Granger"), 52, 49, (("Johnson", 33), ("Granger", 16)))
    assert (ballot.elected, ballot.needed, ballot.quorum) == ("Johnson", 27, True)


def test_fifty_of_a_hundred_senators_choose_nobody() -> None:
    ballot = senate_ballot(("A", "B"), 100, 100, (("A", 50), ("B", 50)))
    assert (ballot.elected, ballot.needed) == (None, 51)
    assert senate_ballot(("A", "B"), 100, 100, (("A", 51), ("B", 49))).elected == "A"
    assert not senate_ballot(("A", "B"), 100, 66, (("A", 66),)).quorum
    assert senate_ballot(("A", "B"), 100, 67, (("A", 51),)).elected == "A"


def test_a_vote_for_somebody_not_on_the_list_is_refused() -> None:
    with pytest.raises(ValueError, match="Not among those to choose from: Clay"):
        house_ballot(("Jackson", "Adams", "Crawford"), 24, {"KY": "Clay"})
    with pytest.raises(ValueError, match="Not among those to choose from: Tyler"):
        senate_ballot(("Johnson", "Granger"), 52, 49, (("Tyler", 1),))


def test_more_votes_than_there_are_states_or_senators_are_refused() -> None:
    with pytest.raises(ValueError, match="there are 1"):
        house_ballot(("A",), 1, {"X": "A", "Y": "A"})
    with pytest.raises(ValueError, match="cannot be"):
        senate_ballot(("A",), 100, 50, (("A", 51),))
