"""A ballot with faults as a plain list: what its rules read, with everyone standing."""

import pytest

from tallybook.election.cards import Mark, Pattern
from tallybook.outcomes.normalising import plain_rankings
from tallybook.outcomes.ranked import ranked_choice
from tallybook.outcomes.rules import BallotRules, Rules
from tests.rooms.outcomes.ranked_worlds import ballots, contest, ranked

ABC = contest("abc")


def plain(text: str, rules: BallotRules) -> str | None:
    (found,) = plain_rankings([ranked(text)], ABC, rules)
    assert found is not None
    assert [mark.rank for mark in found.marks] == list(range(1, len(found.marks) + 1))
    return ">".join(mark.choice for mark in found.marks)


@pytest.mark.parametrize(
    ("text", "rules", "read"),
    [
        ("a>b>c", BallotRules(), "a>b>c"),
        ("->b>c", BallotRules(), "b>c"),
        ("a>->c", BallotRules(max_skipped=0), "a"),
        ("a>b=c>c", BallotRules(), "a"),
        ("a>b=c>c", BallotRules(overvote="skip"), "a>c"),
        ("a>a>b", BallotRules(), "a>b"),
        ("a>a>b", BallotRules(duplicate="exhaust"), "a"),
        ("write_in:Zoe>write_in:Max>b", BallotRules(duplicate="exhaust"), ""),
        ("write_in:Zoe>write_in>b", BallotRules(duplicate="exhaust"), ""),
        ("write_in:Zoe=write_in:Max>b", BallotRules(duplicate="exhaust", overvote="skip"), "b"),
        ("a>b>c", BallotRules(max_rankings=2), "a>b"),
        ("write_in:Zoe>b", BallotRules(), "b"),
        ("", BallotRules(), ""),
    ],
)
def test_a_ballot_is_read_by_the_rules_of_the_specification(text: str, rules: BallotRules, read: str) -> None:
    assert plain(text, rules) == read


def test_a_ballot_that_is_none_of_the_contest_stays_none() -> None:
    found = plain_rankings([Pattern((Mark("a", 1),), ("invalid",)), ranked("b")], ABC, BallotRules())
    assert found == (None, ranked("b"))


def test_a_rule_that_decides_overvotes_in_the_round_is_refused() -> None:
    with pytest.raises(ValueError, match="in the round"):
        plain_rankings([ranked("a")], ABC, BallotRules(overvote="wait_while_several_continuing"))


def test_the_count_of_plain_lists_has_the_rounds_of_the_count_of_the_ballots() -> None:
    piles = {"a=b>c": 3, "->b>a": 4, "a>->->c": 5, "c>c>b": 3, "b": 2}
    rules = Rules("x", "ranked_choice", ballot=BallotRules(max_skipped=1))
    held = ballots("abc", piles)
    read = plain_rankings(held.patterns, held.contest, rules.ballot)
    again = type(held)(held.contest, tuple(one for one in read if one is not None), held.counts)
    first, second = ranked_choice(held, rules), ranked_choice(again, rules)
    assert [one.votes for one in first.rounds] == [one.votes for one in second.rounds]
    assert first.elected == second.elected
