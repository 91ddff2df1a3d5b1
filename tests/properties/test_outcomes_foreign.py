"""The same ballots counted by independent libraries: pref_voting, votekit and apportionment.

They live in an environment of their own (``requirements/foreign.txt``, made by ``.ci/run``) and are asked
through a pipe; each test is skipped, with the reason, where it is absent. Compared is only what the rules
have in common, and where a library leaves a tie to chance the world is passed over. Rankings without faults;
libraries in floating point are compared on who is elected only.
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
from tests.foreign.asking import asked
from tests.properties.outcomes_rounds_plainly import piled
from tests.rooms.outcomes.ranked_worlds import ballots

pytestmark = pytest.mark.slow
NAMES = "abcdef"
BY_ORDER = TieRules(("order",), tuple(NAMES))
RANKED = Rules("foreign", "ranked_choice", ties=BY_ORDER)
World = list[tuple[str, ...]]


def worlds(seed: int, number: int, ballots: tuple[int, int], least: int, most: int) -> list[World]:
    """So many elections, each of some ballots that rank some of the choices."""
    roll = random.Random(seed)
    return [
        [tuple(roll.sample(NAMES, roll.randint(least, most))) for _ in range(roll.randint(*ballots))]
        for _ in range(number)
    ]


def answers(question: str, asked_of: list[World], **more: object) -> list[list[str]]:
    """What a library says of each world."""
    told = [["".join(ballot) for ballot in world] for world in asked_of]
    return asked({"ask": question, "rankings": world, "choices": NAMES, **more} for world in told)


def test_instant_runoff_agrees_with_pref_voting() -> None:
    """Complete rankings; theirs gives every winner that some way of breaking ties allows: ours is one."""
    many = worlds(1, 2000, (1, 25), 6, 6)
    expected = answers("instant_runoff", many)
    for world, winners in zip(many, expected, strict=True):
        found = ranked_choice(ballots(NAMES, piled(world)), RANKED).elected
        assert set(found) <= set(winners) and len(found) == 1
    assert sum(len(winners) == 1 for winners in expected) > 1000


def test_instant_runoff_of_short_rankings_agrees_with_pref_voting() -> None:
    """Rankings cut short; where theirs leaves one winner after removing all of the lowest, both name it."""
    many = worlds(2, 2000, (5, 60), 1, 5)
    counts = [ranked_choice(ballots(NAMES, piled(world)), RANKED) for world in many]
    clear = [place for place, count in enumerate(counts) if not any(one.ties for one in count.rounds)]
    expected = answers("instant_runoff_of_short", [many[place] for place in clear])
    assert expected == [list(counts[place].elected) for place in clear]
    assert len(clear) > 200


def test_borda_agrees_with_pref_voting() -> None:
    many = worlds(3, 1000, (1, 25), 6, 6)
    for world, winners in zip(many, answers("borda", many), strict=True):
        points = points_by_rank(ballots(NAMES, piled(world)), borda_points(6), BallotRules())
        outcome = elect_by_points("mayor", points)
        assert set(outcome.elected if isinstance(outcome, Elected) else outcome.tied) == set(winners)


@pytest.mark.parametrize("together", [True, False])
def test_transferable_votes_elect_whom_votekit_elects(together: bool) -> None:
    """Fractional transfer; ours with fifteen decimal places, theirs in floating point."""
    rules = CountRules(
        places=15, elect="all" if together else "one", transfer="all" if together else "largest"
    )
    stated = Rules("v", "single_transferable_vote", count=rules)
    many = worlds(4, 300, (30, 120), 1, 6)
    counts = [transferable_vote(ballots(NAMES, piled(world), 3), stated) for world in many]
    clear = [
        place
        for place, count in enumerate(counts)
        if not count.pending and not any(one.ties for one in count.rounds)
    ]
    expected = answers("transferable_vote", [many[place] for place in clear], seats=3, together=together)
    assert list(map(set, expected)) == [set(counts[place].elected) for place in clear]
    assert len(clear) > 60


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
    roll = random.Random(name)
    many = [([roll.randint(1, 10**6) for _ in range(roll.randint(2, 9))], roll.randint(10, 60))
            for _ in range(1500)]  # fmt: skip
    expected = asked({"ask": "seats", "method": name, "votes": v, "seats": s} for v, s in many)
    compared = 0
    for (votes, seats), theirs in zip(many, expected, strict=True):
        named = tuple((str(k), v) for k, v in enumerate(votes))
        found = (
            largest_remainder(named, seats) if ours == "hamilton" else highest_averages(named, seats, ours)
        )
        if not found.tied:
            assert [n for _, n in found.seats] == theirs
            compared += 1
    assert compared > 1000


def test_a_threshold_of_votes_agrees_with_apportionment() -> None:
    roll = random.Random(12)
    many = [[roll.randint(1, 10**5) for _ in range(8)] for _ in range(500)]
    limits = {"ask": "seats", "method": "dhondt", "seats": 40, "threshold": 0.1}
    for votes, theirs in zip(many, asked({**limits, "votes": votes} for votes in many), strict=True):
        found = highest_averages(
            tuple((str(k), v) for k, v in enumerate(votes)), 40, "dhondt", Fraction(1, 10)
        )
        if not found.tied:
            assert [n for _, n in found.seats] == theirs
