"""Every tally of three candidates with up to six votes, against the rules written a second time.

`outcomes_plainly` says the specification page again in its slowest words; here the two are compared on
every world small enough to list. Nothing is left to chance, and ties of every kind occur.
"""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from itertools import combinations, permutations, product

from tallybook.election import Tally
from tallybook.outcomes import (
    Elected,
    Outcome,
    RecountRule,
    RunoffDue,
    ShareLimit,
    Tied,
    chamber_control,
    college_result,
    delegation_vote,
    house_ballot,
    majority_or_runoff,
    plurality,
    recount_eligibility,
)
from tests.properties import outcomes_plainly as plainly

NAMES = ("A", "B", "C")
DAY = date(2021, 1, 5)


def worlds(most: int = 6) -> Iterator[dict[str, int]]:
    for votes in product(range(most + 1), repeat=3):
        if sum(votes) <= most:
            yield dict(zip(NAMES, votes, strict=True))


def tally(votes: dict[str, int]) -> Tally:
    return Tally("contest", tuple(votes.items()))


def plain(outcome: Outcome) -> tuple[object, ...]:
    match outcome:
        case Elected():
            return ("Elected", list(outcome.elected), outcome.unfilled)
        case Tied():
            return ("Tied", outcome.places, list(outcome.clear), list(outcome.tied), outcome.open)
        case RunoffDue():
            return ("RunoffDue", list(outcome.advance))
    raise AssertionError(outcome)


def test_there_are_84_small_worlds() -> None:
    assert len(list(worlds())) == 84  # C(6 + 3, 3)


def test_plurality_is_as_the_page_says_in_every_small_world() -> None:
    for votes in worlds():
        for seats in (1, 2, 3, 4):
            assert plain(plurality(tally(votes), seats)) == plainly.plurality(votes, seats)


def test_majority_or_runoff_is_as_the_page_says_in_every_small_world() -> None:
    for votes in worlds():
        for extra in (0, 1, 2, 7):
            total = sum(votes.values()) + extra
            expected = plainly.majority_or_runoff(votes, total)
            assert plain(majority_or_runoff(tally(votes), DAY, total)) == expected


def test_recount_eligibility_is_as_the_page_says_in_every_small_world() -> None:
    for votes in worlds():
        order = plainly.ordered(votes)
        for places in (1, 2):
            for share, comparison in product((Fraction(1, 6), Fraction(1, 3)), ("at_most", "less_than")):
                rule = RecountRule((ShareLimit(share, "total", comparison),))  # type: ignore[arg-type]
                found = recount_eligibility(tally(votes), tuple(order[:places]), rule)
                assert [(f.ahead, f.behind, f.margin_votes, f.eligible) for f in found] == plainly.recount(
                    votes, order[:places], share, comparison
                )


def test_a_tie_always_has_fewer_places_than_names_and_no_hidden_winner() -> None:
    for votes in worlds():
        for seats in (1, 2):
            outcome = plurality(tally(votes), seats)
            if isinstance(outcome, Tied):
                assert len(outcome.clear) + outcome.open == seats
                assert 0 < outcome.open < len(outcome.tied)
                assert len({votes[name] for name in outcome.tied}) == 1


def test_the_order_on_the_ballot_never_decides_who_is_elected() -> None:
    for votes in worlds(4):
        for seats in (1, 2):
            answers = set()
            for names in permutations(NAMES):
                outcome = plurality(tally({name: votes[name] for name in names}), seats)
                winners = outcome.elected if isinstance(outcome, Elected) else outcome.clear
                answers.add((type(outcome), frozenset(winners)))
            assert len(answers) == 1


def test_control_of_every_small_chamber_is_as_the_page_says() -> None:
    for members in worlds():
        for officer in (*NAMES, "D", None):
            found = chamber_control(tuple(members.items()), officer)
            assert found.caucus == plainly.control(members, officer)


def test_in_every_small_college_a_majority_elects_and_otherwise_a_chamber_chooses() -> None:
    for votes in worlds():
        for appointed in range(sum(votes.values()), 8):
            result = college_result("President", tuple(votes.items()), appointed)
            winners = [name for name in NAMES if votes[name] > appointed - votes[name]]
            assert (result.elected or "nobody") == "".join(winners or ["nobody"])
            assert (result.chamber is None) == bool(winners)
            if not winners:
                assert set(result.eligible) == {name for name in NAMES if votes[name]}


def test_in_every_house_of_four_states_three_must_agree() -> None:
    for votes in product(("A", "B", None), repeat=4):
        ballot = house_ballot(("A", "B"), 4, dict(zip("wxyz", votes, strict=True)))
        three = [set(group) for group in combinations(range(4), 3)]
        chosen = {name for name in "AB" for group in three if all(votes[seat] == name for seat in group)}
        assert (ballot.elected or "nobody") == "".join(chosen or {"nobody"})


def test_a_delegation_of_every_small_size_votes_by_its_majority() -> None:
    for votes in worlds():
        beats_the_rest = [n for n in NAMES if votes[n] > sum(votes.values()) - votes[n]]
        assert (delegation_vote(tuple(votes.items())) or "nobody") == "".join(beats_the_rest or ["nobody"])
