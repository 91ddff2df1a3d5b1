"""One door from a count by its rules to its claim: every method has an answer that its cards support."""

from datetime import date
from fractions import Fraction

import pytest

from tallybook.audit.assertions import (
    AboveShare,
    Ahead,
    BelowShare,
    Claim,
    FirstsAbove,
    FullCount,
    NotEliminatedBefore,
)
from tallybook.audit.claims import highest_averages, largest_remainders, of_seats
from tallybook.audit.margins import margins
from tallybook.audit.outcome_claims import claim_of, claims_in_turn, quota_share
from tallybook.election.cards import Ballots
from tallybook.outcomes.apportionment import Apportioned
from tallybook.outcomes.counting import count
from tallybook.outcomes.rounds import RoundCount
from tallybook.outcomes.rules import CountRules, Rules
from tests.rooms.audit.assert_worlds import contest, marked
from tests.rooms.outcomes.ranked_worlds import ballots

RANKED = {"a>b": 50, "b>c": 30, "c>b": 15, "d>a": 6}
RUNOFF = Rules("r", "majority_or_runoff", count=CountRules(runoff_on=date(2021, 1, 5)))
POINTS = {"a:5 b:4": 30, "b:5 c:1": 20, "c:5": 10}


def marked_pile(piles: dict[str, int], names: str, seats: int = 1, allowed: int = 1) -> Ballots:
    return Ballots(contest(names, seats, allowed), tuple(map(marked, piles)), tuple(piles.values()))


@pytest.mark.parametrize(
    ("rules", "pile"),
    [
        (Rules("r", "plurality"), marked_pile({"a": 5, "b": 3}, "ab")),
        (Rules("r", "approval"), marked_pile({"a b": 5, "b c": 3, "b": 1}, "abc", 1, 3)),
        (Rules("r", "cumulative"), marked_pile({"a:3": 5, "b:2 c:1": 3}, "abc", 1, 3)),
        (
            Rules("r", "super_majority", count=CountRules(share=Fraction(2, 3))),
            marked_pile({"a": 9, "b": 3}, "ab"),
        ),
        (
            Rules("r", "super_majority", count=CountRules(share=Fraction(2, 3))),
            marked_pile({"a": 5, "b": 3}, "ab"),
        ),
        (RUNOFF, marked_pile({"a": 5, "b": 3, "c": 1}, "abc")),
        (RUNOFF, marked_pile({"a": 5, "b": 4, "c": 3}, "abc")),
        (Rules("r", "score"), marked_pile(POINTS, "abc")),
        (Rules("r", "star"), marked_pile(POINTS, "abc")),
        (Rules("r", "borda"), ballots(tuple("abcd"), RANKED)),
        (Rules("r", "ranked_choice"), ballots(tuple("abcd"), RANKED)),
        (Rules("r", "bottoms_up", seats=2), ballots(tuple("abcd"), RANKED, 2)),
        (Rules("r", "single_transferable_vote"), ballots(tuple("abcd"), RANKED, 1)),
    ],
)
def test_every_method_has_assertions_that_the_reported_cards_support(rules: Rules, pile: Ballots) -> None:
    found = claim_of(pile, rules, count(pile, rules))
    assert not isinstance(found, FullCount)
    claim, reading, _ = found
    assert claim.assertions and not claim.not_covered
    assert all(one.sum > 0 for one in margins(claim, reading, pile.counts, sum(pile.counts)))


def test_a_majority_is_claimed_as_one_and_a_runoff_as_nobody_having_it() -> None:
    half = Fraction(1, 2)
    for piles, wanted in (
        ({"a": 5, "b": 3, "c": 1}, {AboveShare("a", half)}),
        (
            {"a": 5, "b": 4, "c": 3},
            {BelowShare("a", half), BelowShare("b", half), Ahead("a", "c"), Ahead("b", "c")},
        ),
    ):
        pile = marked_pile(piles, "abc")
        found = claim_of(pile, RUNOFF, count(pile, RUNOFF))
        assert not isinstance(found, FullCount) and set(found[0].assertions) == wanted


def test_a_sequential_count_has_one_claim_for_each_seat() -> None:
    rules, pile = Rules("r", "sequential_ranked_choice", seats=2), ballots(tuple("abcd"), RANKED, 2)
    counts = count(pile, rules)
    assert isinstance(counts, tuple) and [one.elected for one in counts] == [("a",), ("b",)]
    found = claims_in_turn(pile, rules, counts)
    assert len(found) == 2 and not any(isinstance(one, FullCount) for one in found)
    with pytest.raises(ValueError, match="does not fit"):
        claim_of(pile, rules, counts)


@pytest.mark.parametrize(
    "rules",
    [
        Rules("r", "ranked_choice", count=CountRules(minimum_votes=10)),
        Rules("r", "bottoms_up", count=CountRules(share=Fraction(15, 100))),
    ],
)
def test_what_no_assertion_covers_is_said_plainly(rules: Rules) -> None:
    pile = ballots(tuple("abcd"), RANKED)
    found = claim_of(pile, rules, count(pile, rules))
    assert isinstance(found, FullCount) and "no assertion here covers that" in found.why[0]


def test_seats_that_no_list_has_are_no_claim() -> None:
    """Every list below the threshold, or no vote at all: assertions about nobody would show nothing."""
    nobody = (("a", 0), ("b", 0))
    half = Fraction(1, 2)
    found = [
        highest_averages("c", nobody, "dhondt", half, ()),
        largest_remainders("c", nobody, half, ()),
        largest_remainders("c", nobody),
        of_seats("c", Apportioned(nobody, (), 0), "sainte_lague"),
    ]
    assert [isinstance(one, FullCount) for one in found] == [True] * 4
    assert [one.why[0].split(",")[0] for one in found if isinstance(one, FullCount)] == [
        "no list has 1/2 of the votes",
        "no list has 1/2 of the votes",
        "no list has a vote",
        "no list has a vote",
    ]


def test_a_count_that_waits_for_a_tie_has_no_claim() -> None:
    pile = ballots(tuple("abc"), {"a": 4, "b": 3, "c": 3})
    outcome = count(pile, Rules("r", "ranked_choice"))
    assert isinstance(outcome, RoundCount) and outcome.pending
    assert isinstance(claim_of(pile, Rules("r", "ranked_choice"), outcome), FullCount)


def test_transferable_votes_name_what_is_left_open() -> None:
    """a has a Droop quota of 34 of 100; whether b or c follows depends on transfers."""
    rules = Rules("r", "single_transferable_vote")
    pile = ballots(tuple("abcd"), {"a>c": 45, "b": 26, "c": 24, "d>c": 5}, 2)
    outcome = count(pile, rules)
    found = claim_of(pile, rules, outcome)
    assert not isinstance(found, FullCount)
    claim, _, _ = found
    assert isinstance(claim, Claim) and FirstsAbove("a", Fraction(1, 3)) in claim.assertions
    assert NotEliminatedBefore("a", "d") in claim.assertions
    assert claim.says.startswith("Part of: ") and "count every card" in claim.not_covered[1]
    assert quota_share(rules, 2) == Fraction(1, 3)


def test_a_reported_winner_whom_the_cards_do_not_elect_gets_a_claim_with_a_negative_margin() -> None:
    pile = marked_pile({"a": 5, "b": 3}, "ab")
    wrong = count(marked_pile({"b": 1}, "ab"), Rules("r", "plurality"))
    found = claim_of(pile, Rules("r", "plurality"), wrong)
    assert not isinstance(found, FullCount)
    (one,) = margins(found[0], found[1], pile.counts, 8)
    assert one.assertion == Ahead("b", "a") and one.sum == -2
