"""Counts in rounds against plain definitions: every ballot, every small world, thousands of larger ones."""

import random
from itertools import combinations, combinations_with_replacement, permutations, product

import pytest

from tallybook.election.cards import Ballots
from tallybook.outcomes.ranked import bottoms_up, ranked_choice, ranked_choice_by
from tallybook.outcomes.rankings import advance, read_rankings, start
from tallybook.outcomes.rounds import REASONS, RoundCount, round_total
from tallybook.outcomes.rules import BallotRules, CountRules, Overvote, Rules, TieRules
from tallybook.outcomes.stv import transferable_vote, transferable_vote_by
from tests.properties.outcomes_rounds_plainly import (
    PlainBallot,
    instant_runoff,
    piled,
    through_rounds,
    transferable,
)
from tests.rooms.outcomes.ranked_worlds import ballots, ranked

NAMES = "abc"
CELLS = [frozenset(cell) for size in range(4) for cell in combinations(NAMES, size)]
EVERY_BALLOT = list(product(CELLS, repeat=3))
CHAINS = [[set(order[k:]) for k in range(3)] for order in permutations(NAMES)]
RULES: list[Overvote] = [
    "exhaust",
    "skip",
    "exhaust_if_any_continuing",
    "exhaust_if_several_continuing",
    "wait_while_several_continuing",
]
TRUNCATED = [order[:k] for k in range(1, 4) for order in permutations(NAMES, k)] + [()]
BY_ORDER = TieRules(("order",), tuple("abcdef"))


def text_of(ballot: PlainBallot) -> str:
    return ">".join("=".join(sorted(rank)) or "-" for rank in ballot)


@pytest.mark.parametrize("overvote", RULES)
@pytest.mark.parametrize("max_skipped", [None, 0, 1])
@pytest.mark.parametrize("duplicate", ["skip", "exhaust"])
def test_every_ballot_of_three_choices_and_three_ranks_counts_as_its_rules_say(
    overvote: Overvote, max_skipped: int | None, duplicate: str
) -> None:
    piles = {text_of(ballot): 1 for ballot in EVERY_BALLOT}
    rules = BallotRules(None, overvote, max_skipped, "exhaust" if duplicate == "exhaust" else "skip")
    rankings = read_rankings({"": ballots(NAMES, piles)}, rules)
    for chain in CHAINS:
        places, found = start(rankings), []
        for standing in chain:
            places = advance(rankings, places, frozenset(map(NAMES.index, standing)), overvote)
            held = [NAMES[h] if h >= 0 else "" for h in places.held]
            why = [f"({REASONS[1 if h == -3 else e]})" for h, e in zip(places.held, places.ends, strict=True)]
            found.append([one or reason for one, reason in zip(held, why, strict=True)])
        expected = [through_rounds(b, chain, overvote, max_skipped, duplicate) for b in EVERY_BALLOT]
        assert [list(row) for row in zip(*found, strict=True)] == expected


@pytest.mark.slow
def test_every_world_of_four_ballots_has_the_winner_of_the_plain_count() -> None:
    rules = Rules("plain", "ranked_choice", ties=BY_ORDER)
    for world in combinations_with_replacement(TRUNCATED, 4):
        winner, gone = instant_runoff(world, NAMES)
        count = ranked_choice(ballots(NAMES, piled(world)), rules)
        assert (next(iter(count.elected), "") == winner) and _gone(count) == gone, world


@pytest.mark.slow
def test_thousands_of_larger_worlds_have_the_winner_of_the_plain_count() -> None:
    roll = random.Random(20261121)
    rules = Rules("plain", "ranked_choice", ties=BY_ORDER)
    for _ in range(1500):
        world = _world(roll, "abcdef", roll.randint(1, 40))
        winner, gone = instant_runoff(world, "abcdef")
        count = ranked_choice(ballots("abcdef", piled(world)), rules)
        assert (next(iter(count.elected), ""), _gone(count)) == (winner, gone)


@pytest.mark.slow
def test_removing_together_those_who_cannot_win_never_changes_the_winner() -> None:
    roll = random.Random(7)
    one_by_one = Rules("plain", "ranked_choice", ties=BY_ORDER)
    together = Rules("batch", "ranked_choice", count=CountRules(batch="cannot_reach"), ties=BY_ORDER)
    for _ in range(500):
        world = ballots("abcdef", piled(_world(roll, "abcdef", roll.randint(1, 60))))
        assert ranked_choice(world, one_by_one).elected == ranked_choice(world, together).elected


@pytest.mark.slow
@pytest.mark.parametrize("product_first", [False, True])
@pytest.mark.parametrize("seats", [2, 3])
def test_transferable_votes_end_in_the_units_of_the_plain_count(product_first: bool, seats: int) -> None:
    roll = random.Random(seats)
    count_rules = CountRules(
        places=4, transfer_value="product_first" if product_first else "fraction_first", transfer="largest"
    )
    rules = Rules("plain", "single_transferable_vote", count=count_rules, ties=BY_ORDER)
    for _ in range(400):
        world = _world(roll, "abcdef", roll.randint(5, 60))
        elected, votes = transferable(world, "abcdef", seats, 4, product_first)
        count = transferable_vote(ballots("abcdef", piled(world), seats), rules)
        assert set(count.elected) == set(elected), world
        final = dict(count.rounds[-1].votes)
        assert final == {name: votes[name] for name in final}, world


@pytest.mark.slow
def test_every_round_accounts_for_every_ballot_and_the_parts_add_up() -> None:
    roll = random.Random(11)
    for overvote in RULES:
        rules = BallotRules(overvote=overvote, max_skipped=1)
        runoff = Rules("parts", "ranked_choice", ballot=rules, ties=BY_ORDER)
        proportional = Rules("parts", "single_transferable_vote", ballot=rules, ties=BY_ORDER)
        for _ in range(40):
            parts = {name: _faulty(roll) for name in ("north", "south")}
            for count, shares, lost in (
                (*ranked_choice_by(parts, runoff), False),
                (*transferable_vote_by(parts, proportional), True),
            ):
                assert all(round_total(one) == count.ballots * 10**count.places for one in count.rounds)
                for number, one in enumerate(count.rounds):
                    mine = [share[number] for share in shares.values()]
                    held = {name: sum(dict(part.votes)[name] for part in mine) for name, _ in one.votes}
                    extra = sum(held.values()) - sum(dict(one.votes).values())
                    assert extra == (one.residual if lost else 0)
                    assert all(held[name] >= votes for name, votes in one.votes)
                    for reason, votes in one.inactive:
                        assert sum(dict(part.inactive)[reason] for part in mine) == votes


def test_transfers_carry_one_round_into_the_next() -> None:
    roll = random.Random(5)
    rules = Rules("all", "single_transferable_vote", count=CountRules(transfer="all"), ties=BY_ORDER)
    for _ in range(200):
        count = transferable_vote(ballots("abcdef", piled(_world(roll, "abcdef", 30)), 3), rules)
        for before, after in zip(count.rounds, count.rounds[1:], strict=False):
            expected = dict(before.votes)
            for one in before.transfers:
                gone = sum(votes for _, votes in one.to) + one.inactive + one.residual
                expected[one.source] -= gone
                for name, votes in one.to:
                    expected[name] += votes
            for name in before.eliminated:
                assert expected.pop(name) == 0
            assert expected == dict(after.votes)


def test_counting_twice_the_same_ballots_in_any_grouping_changes_nothing() -> None:
    roll = random.Random(3)
    rules = Rules("plain", "ranked_choice", ties=BY_ORDER)
    for _ in range(50):
        world = _faulty(roll)
        singles = [
            (pattern, 1)
            for pattern, count in zip(world.patterns, world.counts, strict=True)
            for _ in range(count)
        ]
        roll.shuffle(singles)
        apart = Ballots(world.contest, tuple(p for p, _ in singles), tuple(n for _, n in singles))
        assert ranked_choice(world, rules) == ranked_choice(apart, rules)


def test_as_many_as_the_seats_are_left_at_the_bottom() -> None:
    roll = random.Random(9)
    rules = Rules("up", "bottoms_up", ties=BY_ORDER)
    for _ in range(200):
        world = _world(roll, "abcdef", 25)
        count = bottoms_up(ballots("abcdef", piled(world), 3), rules)
        last = dict(count.rounds[-1].votes)
        assert set(count.elected) == {name for name, votes in last.items() if votes} and len(last) <= 3


def test_numbers_too_large_for_a_machine_word_are_still_exact() -> None:
    piles = {"a>b": 10**15, "b": 3 * 10**14, "c>b": 4 * 10**14}
    rules = Rules("big", "single_transferable_vote", count=CountRules(places=15), ties=BY_ORDER)
    count = transferable_vote(ballots("abc", piles, 2), rules)
    assert count.elected[0] == "a" and all(round_total(one) == 17 * 10**29 for one in count.rounds)
    surplus = 10**30 - count.rounds[0].threshold
    fraction = surplus * 10**15 // 10**30
    assert dict(count.rounds[1].votes)["b"] == 3 * 10**29 + fraction * 10**15


def _gone(count: RoundCount) -> list[str]:
    return [name for one in count.rounds for name in one.eliminated]


def _world(roll: random.Random, names: str, size: int) -> list[tuple[str, ...]]:
    return [tuple(roll.sample(names, roll.randint(0, len(names)))) for _ in range(size)]


def _faulty(roll: random.Random) -> Ballots:
    """Ballots with overvotes, skipped ranks and repeats."""
    cells = ["a", "b", "c", "d", "-", "a=b", "b=c=d", "write_in"]
    piles = {">".join(roll.choices(cells, k=4)): roll.randint(1, 9) for _ in range(30)}
    assert all(ranked(text).marks or set(text) <= set("->") for text in piles)
    return ballots("abcd", piles, 2)
