"""The same ballots counted by independent libraries: pref_voting, votekit and apportionment.

They are not part of this project's environment; each test is skipped, with the reason, where its library is
absent. Compared is only what the rules have in common, and where a library leaves a tie to chance the world
is passed over. Rankings without faults; libraries in floating point are compared on who is elected only.
"""

import random
from fractions import Fraction
from typing import Any

import pytest

from tallybook.outcomes.apportionment import highest_averages, largest_remainder
from tallybook.outcomes.contests import Elected
from tallybook.outcomes.ranked import ranked_choice
from tallybook.outcomes.rules import BallotRules, CountRules, Rules, TieRules
from tallybook.outcomes.scoring import borda_points, elect_by_points, points_by_rank
from tallybook.outcomes.stv import transferable_vote
from tests.properties.outcomes_rounds_plainly import piled
from tests.rooms.outcomes.ranked_worlds import ballots

pytestmark = pytest.mark.slow
NAMES = "abcdef"
BY_ORDER = TieRules(("order",), tuple(NAMES))
RANKED = Rules("foreign", "ranked_choice", ties=BY_ORDER)


def library(name: str) -> Any:
    return pytest.importorskip(name, reason=f"the library {name} is not installed; it is compared with only")


def test_instant_runoff_agrees_with_pref_voting() -> None:
    """Complete rankings; theirs gives every winner that some way of breaking ties allows: ours is one."""
    theirs, profiles = library("pref_voting.iterative_methods"), library("pref_voting.profiles")
    roll, alone = random.Random(1), 0
    for _ in range(2000):
        world = [tuple(roll.sample(NAMES, 6)) for _ in range(roll.randint(1, 25))]
        profile = profiles.Profile([[NAMES.index(c) for c in ballot] for ballot in world])
        expected = {NAMES[w] for w in theirs.instant_runoff_put(profile)}
        found = ranked_choice(ballots(NAMES, piled(world)), RANKED).elected
        assert set(found) <= expected and len(found) == 1
        alone += len(expected) == 1
    assert alone > 1000


def test_instant_runoff_of_short_rankings_agrees_with_pref_voting() -> None:
    """Rankings cut short; where theirs leaves one winner after removing all of the lowest, both name it."""
    theirs = library("pref_voting.iterative_methods").instant_runoff_for_truncated_linear_orders
    with_ties = library("pref_voting.profiles_with_ties").ProfileWithTies
    roll, compared = random.Random(2), 0
    for _ in range(2000):
        world = [tuple(roll.sample(NAMES, roll.randint(1, 5))) for _ in range(roll.randint(5, 60))]
        count = ranked_choice(ballots(NAMES, piled(world)), RANKED)
        if any(one.ties for one in count.rounds):
            continue
        ranks = [{NAMES.index(c): place for place, c in enumerate(ballot, 1)} for ballot in world]
        expected = theirs(with_ties(ranks, candidates=list(range(6))))
        assert [NAMES[w] for w in expected] == list(count.elected)
        compared += 1
    assert compared > 200


def test_borda_agrees_with_pref_voting() -> None:
    scoring, profiles = library("pref_voting.scoring_methods"), library("pref_voting.profiles")
    roll = random.Random(3)
    for _ in range(1000):
        world = [tuple(roll.sample(NAMES, 6)) for _ in range(roll.randint(1, 25))]
        profile = profiles.Profile([[NAMES.index(c) for c in ballot] for ballot in world])
        expected = {NAMES[w] for w in scoring.borda(profile)}
        points = points_by_rank(ballots(NAMES, piled(world)), borda_points(6), BallotRules())
        outcome = elect_by_points("mayor", points)
        found = outcome.elected if isinstance(outcome, Elected) else outcome.tied
        assert set(found) == expected


@pytest.mark.parametrize("together", [True, False])
def test_transferable_votes_elect_whom_votekit_elects(together: bool) -> None:
    """Fractional transfer; ours with fifteen decimal places, theirs in floating point."""
    votekit = library("votekit")
    elections = library("votekit.elections")
    rules = CountRules(
        places=15, elect="all" if together else "one", transfer="all" if together else "largest"
    )
    roll, compared = random.Random(4), 0
    for _ in range(300):
        world = [tuple(roll.sample(NAMES, roll.randint(1, 6))) for _ in range(roll.randint(30, 120))]
        count = transferable_vote(
            ballots(NAMES, piled(world), 3), Rules("v", "single_transferable_vote", count=rules)
        )
        if count.pending or any(one.ties for one in count.rounds):
            continue
        profile = votekit.PreferenceProfile(
            ballots=[votekit.Ballot(ranking=[{c} for c in ballot], weight=1) for ballot in world],
            candidates=list(NAMES),
        )
        theirs = elections.STV(profile, m=3, simultaneous=together, tiebreak="borda")
        assert {c for tied in theirs.get_elected() for c in tied} == set(count.elected)
        compared += 1
    assert compared > 60


@pytest.mark.parametrize(
    ("ours", "name"),
    [
        ("dhondt", "dhondt"),
        ("sainte_lague", "saintelague"),
        ("modified_sainte_lague", "modified_saintelague"),
        ("huntington_hill", "huntington"),
        ("hamilton", "hamilton"),
    ],
)
def test_seats_agree_with_apportionment(ours: Any, name: str) -> None:
    compute = library("apportionment.methods").compute
    roll, compared = random.Random(name), 0
    for _ in range(1500):
        votes = [roll.randint(1, 10**6) for _ in range(roll.randint(2, 9))]
        seats = roll.randint(10, 60)
        named = tuple((str(k), v) for k, v in enumerate(votes))
        found = (
            largest_remainder(named, seats) if ours == "hamilton" else highest_averages(named, seats, ours)
        )
        if not found.tied:
            assert [n for _, n in found.seats] == list(compute(name, votes, seats, verbose=False))
            compared += 1
    assert compared > 1000


def test_a_threshold_of_votes_agrees_with_apportionment() -> None:
    compute = library("apportionment.methods").compute
    roll = random.Random(12)
    for _ in range(500):
        votes = [roll.randint(1, 10**5) for _ in range(8)]
        named = tuple((str(k), v) for k, v in enumerate(votes))
        found = highest_averages(named, 40, "dhondt", Fraction(1, 10))
        if not found.tied:
            expected = compute("dhondt", votes, 40, threshold=0.1, verbose=False)
            assert [n for _, n in found.seats] == list(expected)
