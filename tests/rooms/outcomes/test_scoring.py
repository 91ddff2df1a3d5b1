"""Points by rank, scores and STAR. The capital of Tennessee is the textbook's Borda election."""

from fractions import Fraction

import pytest

from tallybook.election.cards import Ballots, Mark, Pattern
from tallybook.outcomes.contests import Elected, Tied
from tallybook.outcomes.counting import count
from tallybook.outcomes.rules import BallotRules, CountRules, Rules
from tallybook.outcomes.scoring import borda_points, elect_by_points, points_by_rank, scores, star
from tests.rooms.outcomes.ranked_worlds import ballots, contest

TENNESSEE = {
    "Memphis>Nashville>Chattanooga>Knoxville": 42,
    "Nashville>Chattanooga>Knoxville>Memphis": 26,
    "Chattanooga>Knoxville>Nashville>Memphis": 15,
    "Knoxville>Chattanooga>Nashville>Memphis": 17,
}
CITIES = ("Memphis", "Nashville", "Chattanooga", "Knoxville")


def scored(names: str, piles: dict[str, int]) -> Ballots:
    """'a5 b3' is a ballot that scores a 5 and b 3."""
    patterns = tuple(
        Pattern(tuple(Mark(one[0], votes=int(one[1:])) for one in text.split())) for text in piles
    )
    return Ballots(contest(names), patterns, tuple(piles.values()))


def test_borda_chooses_nashville_with_194_points() -> None:
    points = points_by_rank(ballots(CITIES, TENNESSEE), borda_points(4), BallotRules())
    assert points == (("Memphis", 126), ("Nashville", 194), ("Chattanooga", 173), ("Knoxville", 107))
    outcome = elect_by_points("capital", points)
    assert isinstance(outcome, Elected) and outcome.elected == ("Nashville",)


def test_instant_runoff_chooses_knoxville_where_borda_chooses_nashville() -> None:
    chosen = count(ballots(CITIES, TENNESSEE), Rules("runoff", "ranked_choice"))
    borda = count(ballots(CITIES, TENNESSEE), Rules("points", "borda"))
    assert (chosen.elected, borda.elected) == (("Knoxville",), ("Nashville",))  # type: ignore[union-attr]


def test_points_may_be_fractions_and_a_repeated_choice_counts_once() -> None:
    harmonic = (Fraction(1), Fraction(1, 2), Fraction(1, 3))
    points = dict(points_by_rank(ballots("abc", {"a>a>b": 3, "b>->c": 3}), harmonic, BallotRules()))
    assert points == {"a": 3, "b": Fraction(9, 2), "c": Fraction(3, 2)}


def test_scores_are_added_and_a_score_above_the_most_is_refused() -> None:
    world = scored("abc", {"a5 b3": 10, "c4": 5})
    assert scores(world, 5) == (("a", 50), ("b", 30), ("c", 20))
    outcome = count(world, Rules("scores", "score", count=CountRules(most_points=5)))
    assert isinstance(outcome, Elected) and outcome.elected == ("a",)
    with pytest.raises(ValueError, match="scores are 0 to 4"):
        scores(world, 4)


def test_star_elects_the_finalist_whom_more_ballots_prefer_not_the_higher_score() -> None:
    result = star(scored("abc", {"a5 b4": 10, "b5 a4": 6, "c5 b5": 3}))
    assert dict(result.scores) == {"a": 74, "b": 85, "c": 15}
    assert (result.finalists, result.preferring) == (("b", "a"), (9, 10))
    assert isinstance(result.outcome, Elected) and result.outcome.elected == ("a",)


def test_star_settles_a_tie_for_the_runoff_by_preference_and_a_tied_runoff_by_score() -> None:
    second = star(scored("abc", {"a5": 4, "b5 c4": 2, "c2": 1}))
    assert dict(second.scores) == {"a": 20, "b": 10, "c": 10}
    assert second.finalists == ("a", "b")  # 2 ballots prefer b to c, 1 prefers c
    runoff = star(scored("ab", {"a5 b1": 3, "b3": 3}))
    assert runoff.preferring == (3, 3)
    assert isinstance(runoff.outcome, Elected) and runoff.outcome.elected == ("a",)


def test_star_leaves_a_tie_that_its_rules_do_not_settle() -> None:
    equal = star(scored("ab", {"a5": 3, "b5": 3}))
    assert isinstance(equal.outcome, Tied) and equal.outcome.tied == ("a", "b")
    three = star(scored("abc", {"a5": 1, "b5": 1, "c5": 1}))
    assert isinstance(three.outcome, Tied) and three.finalists == () and three.outcome.open == 2


def test_approval_and_plurality_go_through_the_same_door() -> None:
    patterns = (Pattern((Mark("a"), Mark("b"))), Pattern((Mark("b"),)), Pattern((Mark("c"),)))
    approving = Ballots(contest("abc", allowed=3), patterns, (5, 3, 4))
    outcome = count(approving, Rules("approval", "approval"))
    assert isinstance(outcome, Elected) and outcome.elected == ("b",)
    once = Ballots(contest("abc"), patterns, (5, 3, 4))
    first = count(once, Rules("plurality", "plurality"))
    assert isinstance(first, Elected) and first.elected == ("c",)
