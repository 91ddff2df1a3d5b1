"""Contests without ranks: what is a vote, an overvote, an undervote; approval, cumulative, super-majority."""

import datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallybook.election import add, check_tally
from tallybook.election.cards import Ballots, Mark, Pattern
from tallybook.outcomes import CountRules, Elected, Rules, RunoffDue, StarResult, count_ballots, plurality
from tallybook.outcomes.rules import Method
from tallybook.outcomes.selections import super_majority, tally_by_part, tally_cumulative, tally_selections
from tests.rooms.outcomes.ranked_worlds import contest


def marked(*choices: str, flags: tuple[str, ...] = ()) -> Pattern:
    return Pattern(tuple(Mark(choice) for choice in choices), flags)


def test_vote_for_one() -> None:
    ballots = Ballots(
        contest("ab"),
        (marked("a"), marked("b"), marked("a", "b"), marked(), marked("write_in:Eve"), marked("a", "a")),
        (10, 7, 3, 2, 1, 1),
    )
    tally = tally_selections(ballots)
    assert tally.votes == (("a", 11), ("b", 7))
    assert (tally.ballots, tally.overvotes, tally.undervotes, tally.write_ins) == (24, 3, 2, 1)
    assert check_tally(tally, ballots.contest) == ()


def test_vote_for_two_counts_each_vote_not_used() -> None:
    ballots = Ballots(
        contest("abc", seats=2, allowed=2),
        (marked("a", "b"), marked("c"), marked("a", "b", "c"), marked("write_in", "write_in")),
        (5, 4, 2, 1),
    )
    tally = tally_selections(ballots)
    assert tally.votes == (("a", 5), ("b", 5), ("c", 4))
    assert (tally.overvotes, tally.undervotes, tally.write_ins) == (2, 4, 2)
    assert plurality(tally, 2).unfilled == 0  # type: ignore[union-attr]


def test_what_the_voting_system_calls_overvoted_or_invalid_is_believed() -> None:
    ballots = Ballots(
        contest("ab"), (marked("a", flags=("overvote",)), marked("b", flags=("invalid",))), (4, 9)
    )
    tally = tally_selections(ballots)
    assert tally.votes == (("a", 0), ("b", 0))
    assert (tally.ballots, tally.overvotes, tally.undervotes) == (4, 4, 0)  # invalid: not eligible, no ballot


def test_cumulative_votes_may_all_go_to_one_and_more_than_allowed_is_an_overvote() -> None:
    patterns = (
        Pattern((Mark("a", votes=3),)),
        Pattern((Mark("a"), Mark("b", votes=2))),
        Pattern((Mark("a", votes=2), Mark("b", votes=2))),
        Pattern((Mark("b"),)),
    )
    tally = tally_cumulative(Ballots(contest("ab", seats=3, allowed=3), patterns, (4, 3, 2, 1)))
    assert tally.votes == (("a", 15), ("b", 7))
    assert (tally.overvotes, tally.undervotes) == (2, 2)


def test_a_choice_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="zed is not a choice"):
        tally_selections(Ballots(contest("ab"), (marked("zed"),), (1,)))


def test_two_thirds_of_300_needs_200_and_of_301_needs_201() -> None:
    two_thirds = Fraction(2, 3)
    for yes, no, passed in ((200, 100, True), (199, 101, False), (200, 101, False), (201, 100, True)):
        tally = tally_selections(Ballots(contest("yn"), (marked("y"), marked("n")), (yes, no)))
        assert super_majority(tally, "y", two_thirds).passed is passed
    even = tally_selections(Ballots(contest("yn"), (marked("y"), marked("n")), (50, 50)))
    assert super_majority(even, "y", Fraction(1, 2)).passed
    assert not super_majority(even, "y", Fraction(1, 2), "more_than").passed
    assert super_majority(even, "y", Fraction(1, 2), "more_than").needed == 51


PATTERNS = st.builds(
    lambda names, flags: marked(*names, flags=tuple(flags)),
    st.lists(st.sampled_from(["a", "b", "c", "write_in", "write_in:Eve"]), max_size=5),
    st.sampled_from([(), (), (), ("overvote",), ("invalid",)]),
)
PILES = st.lists(st.tuples(PATTERNS, st.integers(1, 50)), min_size=1, max_size=12)


@given(PILES, PILES, st.integers(1, 4), st.booleans())
def test_votes_and_undervotes_and_overvotes_are_the_votes_allowed(
    north: list[tuple[Pattern, int]], south: list[tuple[Pattern, int]], allowed: int, cumulative: bool
) -> None:
    """NIST's identity, checked by the room's own accounts; and the parts add up to the whole."""
    voted = contest("abc", allowed=allowed)

    def grouped(piles: list[tuple[Pattern, int]]) -> Ballots:
        return Ballots(voted, tuple(p for p, _ in piles), tuple(n for _, n in piles))

    whole = (tally_cumulative if cumulative else tally_selections)(grouped(north + south))
    assert check_tally(whole, voted) == ()
    votes = sum(count for _, count in whole.votes) + (whole.write_ins or 0)
    cards = sum(n for p, n in north + south if "invalid" not in p.flags)
    assert votes + (whole.undervotes or 0) + allowed * (whole.overvotes or 0) == allowed * cards
    if not cumulative:
        parts = tally_by_part({"north": grouped(north), "south": grouped(south)})
        assert add(list(parts.values())) == whole


PILE = contest(("a", "b", "write_in"))


@pytest.mark.parametrize("method", ["plurality", "approval", "cumulative", "score"])
def test_undeclared_write_ins_never_keep_a_winner_from_being_declared_by_marks(method: Method) -> None:
    """60 voters wrote names nobody declared: they are not one person, and a, with 40, is elected."""
    piles = {"a": 40, "b": 35, "write_in": 60}
    held = Ballots(PILE, tuple(Pattern((Mark(name),)) for name in piles), tuple(piles.values()))
    found = count_ballots(held, Rules("x", method))
    assert isinstance(found, Elected) and found.elected == ("a",)


def test_a_pile_of_write_ins_larger_than_the_winner_is_told() -> None:
    piles = {"a": 40, "write_in": 60}
    held = Ballots(PILE, tuple(Pattern((Mark(name),)) for name in piles), tuple(piles.values()))
    found = count_ballots(held, Rules("x", "plurality"))
    assert isinstance(found, Elected)
    assert found.why[-2:] == (
        "60 votes are for names written in that were not declared; they elect nobody.",
        "They are as many as a winner's votes or more: see whether one name among them is declared.",
    )


def test_undeclared_write_ins_are_no_finalist() -> None:
    piles = {"a": 40, "b": 35, "write_in": 60}
    patterns = tuple(Pattern((Mark(name, 0, 5),)) for name in piles)
    found = count_ballots(Ballots(PILE, patterns, tuple(piles.values())), Rules("x", "star"))
    assert isinstance(found, StarResult) and found.finalists == ("a", "b")


RUNOFF = Rules(
    "O.C.G.A. 21-2-501(a)", "majority_or_runoff", count=CountRules(runoff_on=datetime.date(2021, 1, 5))
)


def test_a_runoff_is_called_from_ballots_when_nobody_has_a_majority() -> None:
    """Georgia's Senate contest of 2020 in small: Perdue 49.7, Ossoff 47.9, Hazel 2.3 of a hundred."""
    piles = {"perdue": 497, "ossoff": 479, "hazel": 24}
    held = Ballots(
        contest(tuple(piles)), tuple(Pattern((Mark(name),)) for name in piles), tuple(piles.values())
    )
    due = count_ballots(held, RUNOFF)
    assert isinstance(due, RunoffDue)
    assert (due.advance, due.on) == (("perdue", "ossoff"), datetime.date(2021, 1, 5))


def test_a_majority_of_the_votes_for_declared_choices_elects() -> None:
    """51 of 100: the 40 votes for names nobody declared do not keep a from being declared."""
    piles = {"a": 51, "b": 49, "write_in": 40}
    held = Ballots(PILE, tuple(Pattern((Mark(name),)) for name in piles), tuple(piles.values()))
    found = count_ballots(held, RUNOFF)
    assert isinstance(found, Elected) and found.elected == ("a",)
    assert found.why[-1] == "Were these votes cast for the office, too, nobody would have a majority of 140."
