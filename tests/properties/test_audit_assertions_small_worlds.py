"""Every pile of a few cards: the assertions of an outcome hold exactly when the count gives that outcome.

The count is the product's own, itself held to plain counts elsewhere; the assertions are evaluated on the
whole pile. A claim that holds for a pile with another outcome would let an audit confirm a wrong outcome.
"""

import datetime
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import combinations

import pytest

from tallybook.audit.assertions import Claim, FullCount
from tallybook.audit.claims import (
    highest_averages,
    largest_remainders,
    majority,
    most_votes,
    of_outcome,
    runoff,
    share,
    star,
)
from tallybook.audit.readings import Votes, cumulated, ranked_points, scored, selections
from tallybook.election import Contest
from tallybook.election.cards import Ballots, Pattern
from tallybook.outcomes import apportionment
from tallybook.outcomes.contests import Elected, RunoffDue, majority_or_runoff, plurality
from tallybook.outcomes.counting import count
from tallybook.outcomes.rules import CountRules, Rules
from tallybook.outcomes.scoring import star as count_star
from tallybook.outcomes.selections import super_majority, tally_selections
from tests.rooms.audit.assert_worlds import contest, marked, pile, truths, worlds
from tests.rooms.outcomes.ranked_worlds import ranked

DAY = datetime.date(2021, 1, 5)


def elected_by(rules: Rules) -> Callable[[Ballots], frozenset[str]]:
    """Who is elected, empty where anybody is tied or a seat stays empty."""

    def elect(ballots: Ballots) -> frozenset[str]:
        outcome = count(ballots, rules)
        return frozenset(outcome.elected if isinstance(outcome, Elected) and not outcome.unfilled else ())

    return elect


def agree(
    place: Contest,
    patterns: Sequence[Pattern],
    reading: Votes,
    claim: Claim | FullCount,
    cards: int,
    is_outcome: Callable[[Ballots], bool],
) -> int:
    """The claim holds in exactly the worlds with its outcome. Gives in how many it does."""
    assert isinstance(claim, Claim)
    everywhere = list(worlds(len(patterns), cards))
    held = truths(claim, reading, everywhere)
    for counts, true in zip(everywhere, held, strict=True):
        assert true == is_outcome(pile(place, patterns, counts)), (claim.says, counts)
    return sum(held)


MARKED = ["", "a", "b", "c", "a b", "write_in:X"]
SELECTIONS = [("abc", 1, 1), ("abc", 2, 2), ("abc", 1, 3), ("abcd", 2, 2)]


@pytest.mark.parametrize(("names", "seats", "allowed"), SELECTIONS)
def test_most_votes_is_shown_exactly_by_winners_ahead_of_losers(names: str, seats: int, allowed: int) -> None:
    place = contest(names, seats, allowed)
    texts = [*MARKED, *(["b c"] if allowed > 1 else []), *(["d"] if "d" in names else [])]
    patterns = [marked(text) for text in texts]
    elect = elected_by(Rules("most", "plurality"))
    found = 0
    for names_in in combinations(names, seats):
        claim = most_votes(place, names_in)
        found += agree(
            place,
            patterns,
            selections(place, patterns),
            claim,
            4,
            lambda ballots, want=frozenset(names_in): elect(ballots) == want,
        )
    assert found


def test_cumulative_votes_are_shown_exactly() -> None:
    place = contest("abc", 1, 3)
    patterns = [marked(text) for text in ("", "a:3", "b:2 c:1", "c:3", "a:1 b:1 c:1", "a:2 b:2", "b:1")]
    elect = elected_by(Rules("points", "cumulative"))
    for name in "abc":
        assert agree(
            place,
            patterns,
            cumulated(place, patterns),
            most_votes(place, [name]),
            4,
            lambda ballots, want=name: elect(ballots) == {want},
        )


def test_scores_are_shown_exactly() -> None:
    place = contest("abc")
    patterns = [marked(text) for text in ("", "a:5 b:4", "b:5 c:1", "c:5", "a:1 b:2 c:3", "b:3 a:3")]
    rules = Rules("scores", "score")
    elect = elected_by(rules)
    for name in "abc":
        assert agree(
            place,
            patterns,
            scored(place, patterns, 5),
            most_votes(place, [name]),
            4,
            lambda ballots, want=name: elect(ballots) == {want},
        )


@pytest.mark.parametrize("points", [(), (Fraction(1), Fraction(1, 2), Fraction(1, 3))])
def test_points_by_rank_are_shown_exactly(points: tuple[Fraction, ...]) -> None:
    place = contest("abc")
    patterns = [ranked(text) for text in ("", "a>b>c", "b>c", "c", "c=a>b", "b>a>b", "b>-")]
    rules = Rules("points", "borda", count=CountRules(points=points))
    elect = elected_by(rules)
    for name in "abc":
        assert agree(
            place,
            patterns,
            ranked_points(place, patterns, rules),
            most_votes(place, [name]),
            4,
            lambda ballots, want=name: elect(ballots) == {want},
        )


def test_star_is_shown_exactly_where_no_tie_decides() -> None:
    """A tie for the runoff that preferences settle, or in it that scores settle, is true and not provable."""
    place = contest("abc")
    patterns = [marked(text) for text in ("", "a:5 b:4", "b:5 c:4", "c:5 a:1", "a:3 b:2 c:1", "c:2 b:3")]

    def clean(ballots: Ballots) -> tuple[frozenset[str], str] | None:
        result = count_star(ballots)
        totals = sorted((score for _, score in result.scores), reverse=True)
        if len(result.finalists) < 2 or not isinstance(result.outcome, Elected):
            return None
        if totals[1] == totals[2] or result.preferring[0] == result.preferring[1]:
            return None
        return frozenset(result.finalists), result.outcome.elected[0]

    for pair in combinations("abc", 2):
        for winner in pair:
            assert agree(
                place,
                patterns,
                scored(place, patterns, 5),
                star(place, pair, winner),
                4,
                lambda ballots, want=(frozenset(pair), winner): clean(ballots) == want,
            )


def test_a_majority_and_its_absence_are_shown_exactly_but_at_one_half() -> None:
    place = contest("abc")
    patterns = [marked(text) for text in ("", "a", "b", "c", "a b")]
    reading = selections(place, patterns)

    def outcome(ballots: Ballots) -> object:
        tally = tally_selections(ballots)
        found = majority_or_runoff(tally, DAY)
        if isinstance(found, RunoffDue):
            half = any(2 * votes == sum(v for _, v in tally.votes) for _, votes in tally.votes)
            return None if half else frozenset(found.advance)
        return found.elected if isinstance(found, Elected) else None

    for name in "abc":
        assert agree(
            place, patterns, reading, majority(place, name), 6, lambda b, want=(name,): outcome(b) == want
        )
    for pair in combinations("abc", 2):
        assert agree(
            place,
            patterns,
            reading,
            runoff(place, pair),
            6,
            lambda b, want=frozenset(pair): outcome(b) == want,
        )


def test_a_runoff_is_never_shown_where_somebody_has_a_majority_or_exactly_half() -> None:
    place = contest("abcd")
    patterns = [marked(text) for text in "abcd"]
    claim = runoff(place, ("a", "b"))
    assert isinstance(claim, Claim)
    everywhere = list(worlds(4, 6))
    for counts, true in zip(everywhere, truths(claim, selections(place, patterns), everywhere), strict=True):
        assert not (true and 2 * max(counts) >= 6)


def test_unlisted_write_ins_count_in_the_total_where_the_law_says_so() -> None:
    place = contest("ab")
    patterns = [marked(text) for text in ("a", "b", "write_in:X")]
    for write_ins in (False, True):
        assert agree(
            place,
            patterns,
            selections(place, patterns),
            majority(place, "a", write_ins),
            5,
            lambda ballots, count_them=write_ins: (
                2 * dict(tally_selections(ballots).votes)["a"]
                > sum(v for _, v in tally_selections(ballots).votes)
                + (tally_selections(ballots).write_ins or 0) * count_them
            ),
        )


@pytest.mark.parametrize("wanted", [Fraction(1, 2), Fraction(2, 3), Fraction(3, 5), Fraction(1, 5)])
def test_a_share_is_shown_exactly_but_at_the_share_itself(wanted: Fraction) -> None:
    place = contest(("yes", "no"))
    patterns = [marked(text) for text in ("", "yes", "no", "yes no")]
    reading = selections(place, patterns)
    for reached, comparison in ((True, "more_than"), (False, "at_least")):
        assert agree(
            place,
            patterns,
            reading,
            share(place, "yes", wanted, reached),
            7,
            lambda ballots, how=comparison, yes=reached: (
                super_majority(tally_selections(ballots), "yes", wanted, how).passed == yes  # type: ignore[arg-type]
                and (yes or sum(v for _, v in tally_selections(ballots).votes) > 0)
            ),
        )


@pytest.mark.parametrize("method", ["dhondt", "sainte_lague", "modified_sainte_lague"])
@pytest.mark.parametrize("seats", [1, 2, 3, 5])
def test_seats_by_highest_averages_are_shown_exactly(method: str, seats: int) -> None:
    place = contest("abc")
    patterns = [marked(text) for text in ("", "a", "b", "c")]
    reading = selections(place, patterns)
    everywhere = list(worlds(4, 8))

    def allot(counts: Sequence[int]) -> apportionment.Apportioned:
        votes = tuple(zip("abc", counts[1:], strict=True))
        return apportionment.highest_averages(votes, seats, method)  # type: ignore[arg-type]

    given = [allot(counts) for counts in everywhere]
    for seats_won in {one.seats for one in given if not one.open and sum(dict(one.seats).values()) == seats}:
        claim = highest_averages("council", seats_won, method)  # type: ignore[arg-type]
        assert isinstance(claim, Claim)
        held = truths(claim, reading, everywhere)
        assert held == [one.seats == seats_won and not one.open for one in given]
    assert place.seats == 1


@pytest.mark.parametrize("seats", [1, 2, 3, 5])
def test_seats_by_largest_remainders_are_shown_exactly(seats: int) -> None:
    place = contest("abc")
    patterns = [marked(text) for text in ("", "a", "b", "c")]
    reading = selections(place, patterns)
    everywhere = list(worlds(4, 9))
    given = [
        apportionment.largest_remainder(tuple(zip("abc", counts[1:], strict=True)), seats)
        for counts in everywhere
    ]
    for seats_won in {one.seats for one in given if not one.open and sum(dict(one.seats).values()) == seats}:
        claim = largest_remainders("council", seats_won)
        held = truths(claim, reading, everywhere)
        assert held == [one.seats == seats_won and not one.open for one in given], seats_won


def test_thresholds_keep_a_small_list_out_of_the_seats() -> None:
    """A list below one quarter takes no seat; at exactly one quarter it does, which no sample can show."""
    place = contest("abc")
    patterns = [marked(text) for text in "abc"]
    reading = selections(place, patterns)
    everywhere = list(worlds(3, 9))
    least = Fraction(1, 4)
    for counts in everywhere:
        votes = tuple(zip("abc", counts, strict=True))
        given = apportionment.highest_averages(votes, 4, "dhondt", least)
        taking = [name for name, n in votes if n and n >= least * 9]
        if given.open or not taking:
            continue
        claim = highest_averages("council", given.seats, "dhondt", least, taking)
        assert isinstance(claim, Claim)
        for other, true in zip(everywhere, truths(claim, reading, everywhere), strict=True):
            there = apportionment.highest_averages(tuple(zip("abc", other, strict=True)), 4, "dhondt", least)
            assert not true or (there.seats == given.seats and not there.open)
        assert truths(claim, reading, [counts]) == [True] or 4 * min(n for n in counts if n) == 9


def test_as_many_seats_as_choices_leave_nothing_to_show() -> None:
    claim = most_votes(contest("ab", 2, 2), ("a", "b"))
    assert isinstance(claim, Claim) and claim.assertions == ()


def test_a_seat_left_empty_for_want_of_votes_needs_every_card() -> None:
    assert isinstance(most_votes(contest("abc", 2, 2), ("a",)), FullCount)


def test_plurality_ties_are_never_claimed() -> None:
    place = contest("ab")
    patterns = [marked("a"), marked("b")]
    for name in "ab":
        claim = most_votes(place, [name])
        assert isinstance(claim, Claim)
        assert truths(claim, selections(place, patterns), [(3, 3)]) == [False]
    tied = plurality(tally_selections(pile(place, patterns, (3, 3))))
    assert isinstance(of_outcome(place, tied), FullCount)
