"""Ties inside a count: each method, in both directions, and what happens when people must decide."""

import hashlib
from typing import get_args

import msgspec
import pytest

from tallybook.outcomes import count_ballots
from tallybook.outcomes.ranked import ranked_choice
from tallybook.outcomes.rounds import RoundCount, TiePending, TieSettled, round_total
from tallybook.outcomes.rules import BallotRules, CountRules, Method, Overvote, Rules, TieMethod, TieRules
from tallybook.outcomes.tiebreaks import Decision, TieInputs, settle
from tests.rooms.outcomes.ranked_worlds import ballots

SEED = "31415926535897932384"
EARLIER = [{"a": 5, "b": 4, "c": 3}, {"a": 6, "b": 7, "c": 3}, {"a": 8, "b": 8, "c": 8}]


def inputs(
    *methods: TieMethod, order: tuple[str, ...] = (), decisions: tuple[Decision, ...] = ()
) -> TieInputs:
    return TieInputs(TieRules(methods, order), "mayor", ("a", "b", "c"), SEED, decisions)


def chosen(purpose: str, *methods: TieMethod, order: tuple[str, ...] = ()) -> str:
    tie = settle(("a", "b"), purpose, EARLIER, inputs(*methods, order=order))  # type: ignore[arg-type]
    assert isinstance(tie, TieSettled)
    return tie.chosen


def test_the_latest_round_in_which_they_differed_decides() -> None:
    assert chosen("elimination", "earlier_rounds") == "a"
    assert chosen("election", "earlier_rounds") == "b"


def test_the_first_round_decides_where_the_rules_say_so() -> None:
    assert (chosen("elimination", "first_round"), chosen("surplus", "first_round")) == ("b", "a")


def test_the_round_before_leaves_a_tie_to_the_next_method() -> None:
    assert chosen("elimination", "previous_round", "first_round") == "b"
    tie = settle(("a", "b"), "elimination", EARLIER, inputs("previous_round"))
    assert tie == TiePending(4, ("a", "b"), "elimination")


def test_the_last_of_a_given_order_is_eliminated_and_the_first_elected() -> None:
    assert chosen("elimination", "order", order=("c", "b", "a")) == "a"
    assert chosen("election", "order", order=("c", "b", "a")) == "b"
    with pytest.raises(ValueError, match="does not name a and b"):
        chosen("election", "order", order=("c",))


def plain_ticket(*parts: str) -> str:
    """The ticket of docs/spec/draw.md, section 4, worked out here."""
    item = "\n".join(parts)
    return hashlib.sha256(f"tallybook/draw/v1\nticket\n{SEED}\n{item}".encode()).hexdigest()


def test_a_lot_is_the_published_draw_which_anyone_can_repeat() -> None:
    order = sorted(("a", "b"), key=lambda name: plain_ticket("tie", "mayor", "4", name))
    assert chosen("election", "lot") == order[0] and chosen("elimination", "lot") == order[1]
    whole = sorted(("a", "b", "c"), key=lambda name: plain_ticket("tie", "mayor", "permutation", name))
    whole.remove("c")
    assert chosen("election", "permutation") == whole[0] and chosen("elimination", "permutation") == whole[1]


def test_a_lot_needs_a_seed() -> None:
    with pytest.raises(ValueError, match="no seed was given"):
        settle(("a", "b"), "election", [], TieInputs(TieRules(("lot",)), "mayor", ("a", "b")))


PILES = {"a>b": 4, "b>a": 4, "c>a": 5}


def test_a_count_stops_where_people_must_decide_and_goes_on_with_their_decision() -> None:
    rules = Rules("x", "ranked_choice")
    stopped = ranked_choice(ballots("abc", PILES), rules)
    assert stopped.pending == TiePending(1, ("a", "b"), "elimination")
    assert (stopped.elected, stopped.unfilled, len(stopped.rounds)) == ((), 0, 1)
    lot = Decision(1, ("a", "b"), "b", "minutes of 5 November, page 2")
    count = ranked_choice(ballots("abc", PILES), rules, decisions=(lot,))
    assert count.elected == ("a",) and count.pending is None
    assert count.rounds[0].ties[0].how.endswith("minutes of 5 November, page 2)")


def test_a_decision_that_does_not_fit_its_tie_is_refused() -> None:
    for bad in (Decision(1, ("a", "b"), "c", "minutes"), Decision(1, ("a", "b"), "a", "")):
        with pytest.raises(ValueError, match="must choose one of a and b"):
            ranked_choice(ballots("abc", PILES), Rules("x", "ranked_choice"), decisions=(bad,))


def test_undeclared_write_ins_never_keep_a_winner_from_being_declared() -> None:
    """Most votes are for strangers; the pile cannot be elected, and leaves first."""
    piles = {"write_in:Eve": 60, "write_in:Eve>a": 10, "a>b": 20, "b": 15}
    count = ranked_choice(ballots("ab", piles), Rules("x", "ranked_choice"))
    assert dict(count.rounds[0].votes) == {"a": 20, "b": 15, "write_in": 70}
    assert count.rounds[0].elected == () and count.rounds[0].eliminated == ("write_in",)
    assert count.elected == ("a",) and dict(count.rounds[1].inactive)["exhausted"] == 60


def test_an_overvote_whose_names_the_export_hides_counts_for_nobody_and_adds_no_pile() -> None:
    """Readers write it as two write-ins at one rank."""
    hidden = "write_in:overvote 1=write_in:overvote 2>b"
    for overvote in get_args(Overvote):
        rules = Rules("x", "ranked_choice", ballot=BallotRules(overvote=overvote))
        first = ranked_choice(ballots("ab", {"a": 5, hidden: 2}), rules).rounds[0]
        passed = overvote == "skip"
        assert dict(first.votes) == {"a": 5, "b": 2 if passed else 0}
        assert dict(first.inactive)["overvote"] == (0 if passed else 2)


def test_a_majority_found_early_stands_while_the_count_goes_on_until_two_remain() -> None:
    piles = {"a": 60, "b>c": 20, "c>b": 15, "d>c": 10}
    rules = Rules("x", "ranked_choice", count=CountRules(until="two_remain"))
    count = ranked_choice(ballots("abcd", piles), rules)
    assert count.elected == ("a",) and count.rounds[0].elected == ("a",)
    assert [set(dict(one.votes)) for one in count.rounds] == [set("abcd"), set("abc"), set("ac")]


def test_a_minimum_of_votes_eliminates_all_below_it_together() -> None:
    piles = {"a": 50, "b": 40, "c>b": 9, "d>b": 8}
    rules = Rules("x", "ranked_choice", count=CountRules(minimum_votes=10))
    count = ranked_choice(ballots("abcd", piles), rules)
    assert count.rounds[0].eliminated == ("c", "d") and count.elected == ("b",)


def test_a_group_that_can_just_equal_the_next_stays_or_goes_as_the_law_says() -> None:
    piles = {"a": 50, "b": 30, "c>b": 20, "d>b": 10}
    for batch, first in (("cannot_reach", ("d",)), ("cannot_pass", ("c", "d"))):
        rules = Rules("x", "ranked_choice", count=CountRules(batch=batch))  # type: ignore[arg-type]
        assert ranked_choice(ballots("abcd", piles), rules).rounds[0].eliminated == first


def test_votes_of_strangers_may_still_save_somebody_from_leaving_with_them() -> None:
    """c's 10 and the strangers' 9 together do not reach b's 20; with 10 strangers they do."""
    rules = Rules("x", "ranked_choice", count=CountRules(batch="cannot_reach"))
    for strangers, first in ((9, ("c", "write_in")), (10, ("write_in",))):
        piles = {"a": 30, "b": 20, "c>b": 10, "write_in>c": strangers}
        assert ranked_choice(ballots("abc", piles), rules).rounds[0].eliminated == first


def test_a_majority_of_the_first_round_may_be_reached_by_nobody_and_the_last_is_elected() -> None:
    piles = {"a": 40, "b": 35, "c": 30}
    rules = Rules("x", "ranked_choice", count=CountRules(threshold="majority_of_first_round"))
    count = ranked_choice(ballots("abc", piles), rules)
    assert [one.threshold for one in count.rounds] == [53, 53, 53]
    assert count.elected == ("a",) and count.rounds[-1].votes == (("a", 40),)


def test_nobody_is_elected_without_a_vote() -> None:
    count = ranked_choice(ballots("ab", {"": 5}), Rules("x", "ranked_choice"))
    assert (count.elected, count.unfilled) == ((), 1)
    assert dict(count.rounds[0].inactive)["blank"] == 5


def test_a_count_stops_after_the_round_that_the_rules_name_whoever_leads() -> None:
    piles = {"a": 40, "b": 35, "c>b": 20, "d>b": 10}
    rules = Rules("x", "ranked_choice", count=CountRules(stop_after_round=2))
    count = ranked_choice(ballots("abcd", piles), rules)
    assert [one.eliminated for one in count.rounds] == [("d",), ()]
    assert (count.elected, count.unfilled, count.pending) == ((), 1, None)
    assert count.rounds[-1].why[-1] == "The rules stop the count after round 2."
    whole = ranked_choice(ballots("abcd", piles), Rules("x", "ranked_choice"))
    assert whole.elected == ("b",)
    assert whole.rounds[0].votes == count.rounds[0].votes


def test_a_winner_of_the_last_round_allowed_is_elected_and_a_tie_of_it_waits_for_nobody() -> None:
    rules = Rules("x", "ranked_choice", count=CountRules(stop_after_round=1))
    assert ranked_choice(ballots("ab", {"a": 5, "b": 4}), rules).elected == ("a",)
    tied = ranked_choice(ballots("abc", {"a": 5, "b": 4, "c": 4}), rules)
    assert (tied.elected, tied.pending) == ((), None)


def test_a_count_in_which_every_ballot_waits_ends_and_says_why() -> None:
    """Nobody has a vote, so nobody can be the one with the fewest: the law must say what happens."""
    count = ranked_choice(ballots("abc", {"a=b>c": 3, "b=c": 2}), _reading("wait_while_several_continuing"))
    assert (count.elected, count.unfilled, count.pending, len(count.rounds)) == ((), 1, None, 1)
    assert dict(count.rounds[0].inactive)["overvote"] == 5
    assert "5 wait with several choices marked at one rank" in count.rounds[0].why[0]


@pytest.mark.parametrize("method", ["bottoms_up", "single_transferable_vote", "sequential_ranked_choice"])
def test_every_count_in_rounds_ends_where_every_ballot_waits(method: Method) -> None:
    rules = msgspec.structs.replace(_reading("wait_while_several_continuing"), method=method, seats=2)
    found = count_ballots(ballots("abcd", {"a=b=c": 3, "b=c=d": 2}, 2), rules)
    counts = found if isinstance(found, tuple) else (found,)
    for one in counts:
        assert isinstance(one, RoundCount) and len(one.rounds) <= 4
        assert {round_total(each) for each in one.rounds} == {5 * 10**one.places}


def test_ballots_that_wait_count_again_when_one_of_their_choices_is_left() -> None:
    """c has the fewest and leaves; the three ballots that marked b and c together then count for b."""
    piles = {"a": 4, "b": 3, "c": 2, "b=c": 3}
    count = ranked_choice(ballots("abc", piles), _reading("wait_while_several_continuing"))
    assert [dict(one.votes) for one in count.rounds] == [{"a": 4, "b": 3, "c": 2}, {"a": 4, "b": 6}]
    assert count.elected == ("b",)


def _reading(overvote: Overvote) -> Rules:
    return Rules(
        "x", "ranked_choice", ballot=BallotRules(overvote=overvote), ties=TieRules(("order",), tuple("abcd"))
    )
