"""Ranked assertions against plain counts: margins, the easiest set, sufficiency and soundness."""

from collections.abc import Callable
from fractions import Fraction
from itertools import combinations, permutations

import msgspec
import numpy as np
import pytest

from tallybook.audit.assertions import Claim, FullCount, NotEliminatedBefore, NotEliminatedNext, plain
from tallybook.audit.assorters import assorter
from tallybook.audit.certificate import Certificate, open_order
from tallybook.audit.raire import easiness, raire
from tallybook.audit.readings import ranks
from tallybook.audit.stv import transferable
from tallybook.election.cards import Ballots
from tallybook.outcomes.counting import count
from tallybook.outcomes.rounds import RoundCount
from tallybook.outcomes.rules import BallotRules, CountRules, Rules, TieRules
from tallybook.outcomes.stv import transferable_vote
from tests.properties.audit_ranked_plainly import (
    Cards,
    every_order_contradicted,
    hardest_needed,
    instant_runoff,
    neb,
    nen,
    sufficient,
)
from tests.rooms.audit.assert_worlds import contest, truths, worlds
from tests.rooms.outcomes.ranked_worlds import ballots, ranked

pytestmark = pytest.mark.slow

IRV = Rules("ranked", "ranked_choice")


def some_cards(choices: str, piles: int, most: int, seed: int) -> dict[str, int]:
    """Random rankings, some cut short, with random numbers of cards."""
    rng = np.random.default_rng(seed)
    cards: dict[str, int] = {}
    for _ in range(piles):
        order = "".join(rng.permutation(list(choices))[: rng.integers(0, len(choices) + 1)])
        cards[order] = cards.get(order, 0) + int(rng.integers(1, most))
    return cards


def as_ballots(cards: Cards, choices: str, seats: int = 1) -> Ballots:
    return ballots(tuple(choices), {">".join(card): n for card, n in cards.items()}, seats)


def certificate_of(choices: str, winners: set[str], claim: Claim) -> dict[str, object]:
    return {
        "choices": list(choices),
        "winners": sorted(winners),
        "assertions": [plain(one) for one in claim.assertions],
    }


@pytest.mark.parametrize("seed", range(8))
def test_the_votes_behind_every_assertion_are_those_of_a_count_card_by_card(seed: int) -> None:
    choices = "abcd"
    cards = some_cards(choices, 12, 9, seed)
    pile = as_ballots(cards, choices)
    reading = ranks(pile.contest, pile.patterns, IRV)
    column = np.array(pile.counts)
    for winner, loser in permutations(choices, 2):
        ours, theirs = neb(cards, winner, loser)
        table = assorter(NotEliminatedBefore(winner, loser), reading)
        assert int(table.weights @ column) == ours - theirs
        for size in range(2, 5):
            for standing in combinations(choices, size):
                if winner in standing and loser in standing:
                    ours, theirs = nen(cards, winner, loser, standing)
                    table = assorter(NotEliminatedNext(winner, loser, standing), reading)
                    assert int(table.weights @ column) == ours - theirs


@pytest.mark.parametrize("measure", ["comparison", "polling"])
@pytest.mark.parametrize(("choices", "seeds"), [("ab", 6), ("abc", 25), ("abcd", 20), ("abcde", 6)])
def test_no_set_of_assertions_is_easier_and_every_order_is_excluded(
    choices: str, seeds: int, measure: str
) -> None:
    found = 0
    for seed in range(seeds):
        cards = some_cards(choices, 9, 40, seed)
        total = sum(cards.values())
        for winner in instant_runoff(cards, choices):
            found += check(cards, choices, {winner}, measure, easiness(measure, total))  # type: ignore[arg-type]
    assert found


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_six_choices_too(seed: int) -> None:
    cards = some_cards("abcdef", 14, 60, seed)
    for winner in instant_runoff(cards, "abcdef"):
        check(cards, "abcdef", {winner}, "comparison", easiness("comparison", sum(cards.values())))


@pytest.mark.parametrize("seed", range(12))
def test_elimination_from_the_bottom_up_is_shown_the_same_way(seed: int) -> None:
    cards = some_cards("abcd", 10, 40, seed)
    for winners in combinations("abcd", 2):
        check(cards, "abcd", set(winners), "comparison", easiness("comparison", sum(cards.values())))


def check(
    cards: Cards, choices: str, winners: set[str], measure: str, ease: Callable[[int, int], int]
) -> bool:
    """The answer is optimal, true of the cards and sufficient, by brute force; True where there is one."""
    pile = as_ballots(cards, choices, len(winners))
    reading = ranks(pile.contest, pile.patterns, IRV)
    answer = raire(reading, pile.counts, sorted(winners), "office", measure)  # type: ignore[arg-type]
    wanted = hardest_needed(cards, choices, winners, ease)
    if isinstance(answer, FullCount):
        assert wanted == 0
        return False
    claim, search = answer
    assert search.hardest == search.best == wanted > 0
    rows = [plain(one) for one in claim.assertions]
    assert every_order_contradicted(rows, choices, winners)
    assert sufficient(certificate_of(choices, winners, claim))
    assert open_order(Certificate(tuple(choices), tuple(winners), claim.assertions)) is None  # type: ignore[arg-type]
    assert truths(claim, reading, [pile.counts]) == [True]
    return True


@pytest.mark.parametrize("seed", range(40))
def test_three_checkers_agree_on_sets_with_assertions_missing(seed: int) -> None:
    """Also on insufficient ones: any part of an answer, and any few assertions at all."""
    rng, choices = np.random.default_rng(seed), "abcd"
    everything = [NotEliminatedBefore(*pair) for pair in permutations(choices, 2)] + [
        NotEliminatedNext(x, y, standing)
        for size in (2, 3, 4)
        for standing in combinations(choices, size)
        for x, y in permutations(standing, 2)
    ]
    some = [everything[k] for k in rng.choice(len(everything), int(rng.integers(1, 40)), replace=False)]
    for winners in ({"a"}, {"a", "b"}):
        claim = Claim("office", "", tuple(some))
        enough = every_order_contradicted([plain(one) for one in some], choices, winners)
        assert sufficient(certificate_of(choices, winners, claim)) == enough
        left = open_order(Certificate(tuple(choices), tuple(winners), tuple(some)))
        assert (left is None) == enough
        if left is not None:
            assert set(left[-len(winners) :]) != winners and sorted(left) == list(choices)


@pytest.mark.parametrize("seed", range(6))
def test_an_answer_cut_short_is_still_sufficient_and_states_its_gap(seed: int) -> None:
    cards, choices = some_cards("abcde", 14, 60, seed), "abcde"
    winner = min(instant_runoff(cards, choices))
    pile = as_ballots(cards, choices)
    reading = ranks(pile.contest, pile.patterns, IRV)
    wanted = hardest_needed(cards, choices, {winner}, easiness("comparison", sum(cards.values())))
    for limit in (1, 3, 6, 9):
        answer = raire(reading, pile.counts, [winner], "office", limit=limit)
        if not isinstance(answer, FullCount):
            claim, search = answer
            assert search.hardest <= wanted <= search.best
            assert sufficient(certificate_of(choices, {winner}, claim))


# Soundness under every rule of the ballot ----------------------------------------------------

OVERVOTES = [
    "exhaust",
    "skip",
    "exhaust_if_any_continuing",
    "exhaust_if_several_continuing",
    "wait_while_several_continuing",
]
TEXTS = ["", "a", "b>a", "c>b", "a=b>c", "c>a=b", "a>b=c", "write_in>a", "c=write_in>b", "b>c>a"]


def irv_rules(overvote: str, order: str, **counting: object) -> Rules:
    return Rules(
        "ranked",
        "ranked_choice",
        ballot=BallotRules(overvote=overvote),  # type: ignore[arg-type]
        count=msgspec.convert(counting, CountRules),
        ties=TieRules(("order",), tuple(order)),
    )


COUNTING = [
    pytest.param({}, marks=pytest.mark.slow),
    pytest.param({"until": "two_remain"}, marks=pytest.mark.slow),
    {"until": "two_remain", "batch": "cannot_pass"},
    pytest.param({"threshold": "majority_of_first_round", "batch": "cannot_reach"}, marks=pytest.mark.slow),
]


@pytest.mark.parametrize("overvote", OVERVOTES)
@pytest.mark.parametrize("counting", COUNTING)
def test_ranked_assertions_imply_the_winner_whatever_the_rules_and_the_ties(
    overvote: str, counting: dict[str, object]
) -> None:
    """Every claim that any pile of three cards gives, held against every pile of three cards."""
    place, patterns = contest("abc"), [ranked(text) for text in TEXTS]
    everywhere = list(worlds(len(patterns), 3))
    reading = ranks(place, patterns, irv_rules(overvote, "abc"))
    claims: dict[tuple[object, ...], tuple[str, Claim]] = {}
    for counts in everywhere:
        for name in "abc":
            answer = raire(reading, counts, [name], "office")
            if not isinstance(answer, FullCount):
                claims[(name, *answer[0].assertions)] = (name, answer[0])
    held = [(name, truths(claim, reading, everywhere)) for name, claim in claims.values()]
    assert held
    for k, counts in enumerate(everywhere):
        shown = {name for name, true in held if true[k]}
        if shown:
            pile = Ballots(place, tuple(patterns), counts)
            for order in ("abc", "cba", "bca"):
                outcome = count(pile, irv_rules(overvote, order, **counting))
                assert isinstance(outcome, RoundCount)
                assert {*outcome.elected} == shown, counts


STV_TEXTS = ["a", "b", "a>b>c", "b>a", "c>a", "d>c", "c>d>b", "a=d>c", "write_in>d"]


@pytest.mark.parametrize(
    ("options", "transfer"),
    [
        ({}, "largest"),
        ({"quota": "hare", "quota_form": "or_more"}, "all"),
        pytest.param({"elect": "one"}, "largest", marks=pytest.mark.slow),
        pytest.param({}, "all", marks=pytest.mark.slow),
        pytest.param({"elect": "one"}, "all", marks=pytest.mark.slow),
    ],
)
def test_what_is_claimed_of_transferable_votes_is_true(options: dict[str, str], transfer: str) -> None:
    """Full claims give the winners; partial ones at least the quotas and the losers they name."""
    place, patterns = contest("abcd", 2), [ranked(text) for text in STV_TEXTS]
    rules = Rules(
        "transferable",
        "single_transferable_vote",
        count=msgspec.convert({**options, "transfer": transfer}, CountRules),
        ties=TieRules(("order",), ("a", "b", "c", "d")),
    )
    quota = Fraction(1, 2) if options.get("quota") == "hare" else Fraction(1, 3)
    reading = ranks(place, patterns, rules, write_in_stands=True)
    full = partial = 0
    for counts in worlds(len(patterns), 4):
        outcome = transferable_vote(Ballots(place, tuple(patterns), counts), rules)
        for winners in combinations("abcd", 2):
            claim = transferable(reading, counts, winners, "office", quota)
            if isinstance(claim, FullCount):
                continue
            assert truths(claim, reading, [counts]) == [True]
            if not claim.not_covered:
                full += 1
                assert set(outcome.elected) == set(winners), counts
            else:
                partial += 1
                firsts = {one.choice for one in claim.assertions if not isinstance(one, NotEliminatedBefore)}  # type: ignore[union-attr]
                behind = [one for one in claim.assertions if isinstance(one, NotEliminatedBefore)]
                assert firsts <= set(outcome.elected), counts
                assert not {one.loser for one in behind} & set(outcome.elected), counts
    assert full and partial
