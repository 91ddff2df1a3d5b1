"""Ranked choice without records: the guarantee, by every order of draw of a few cards, and the power."""

from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise, permutations

import numpy as np
import pytest

from tallybook.audit.awaire import awaire, requirements_of
from tallybook.audit.readings import Ranks, ranks
from tallybook.outcomes.rules import Rules
from tallybook.stats.default_bet import Prior, default_bet
from tallybook.stats.lattice import Null
from tallybook.stats.martingale import Bet, wealth
from tests.properties.audit_ranked_plainly import instant_runoff
from tests.rooms.audit.assert_worlds import contest
from tests.rooms.outcomes.ranked_worlds import ranked

BET: Bet = default_bet(Prior((0, 1, 2), (4, 1, 6)))
IRV = Rules("ranked", "ranked_choice")


def reading(choices: str, cards: list[str]) -> Ranks:
    return ranks(contest(choices), [ranked(">".join(card)) for card in cards], IRV)


def risk(found: object) -> Fraction:
    return Fraction(found.upper)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("choices", "cards"),
    [
        ("ab", [("a", 3), ("b", 3)]),
        ("ab", [("a", 2), ("b", 3), ("", 1)]),
        ("abc", [("ab", 2), ("b", 2), ("cb", 2)]),
        pytest.param("abc", [("a", 2), ("ba", 2), ("cb", 1), ("bc", 1)], marks=pytest.mark.slow),
    ],
)
def test_a_wrong_winner_is_confirmed_no_more_often_than_the_risk_limit(
    choices: str, cards: list[tuple[str, int]]
) -> None:
    """All orders of draw. The risk is the least so far, so five of six cards show whether it was reached."""
    kinds = [card for card, _ in cards]
    population = [k + 1 for k, (_, n) in enumerate(cards) for _ in range(n)]
    winners = instant_runoff(dict(cards), choices)
    read = reading(choices, kinds)
    for name in choices:
        if winners != {name}:
            orders = set(permutations(population))
            reached = [risk(awaire(read, order[:5], len(order), name, BET)) for order in orders]
            for limit in (Fraction(1, 20), Fraction(1, 10), Fraction(1, 4), Fraction(1, 2), Fraction(3, 4)):
                assert Fraction(sum(one <= limit for one in reached), len(orders)) <= limit


def test_the_right_winner_is_confirmed_from_a_small_sample() -> None:
    """60 % for a, 30 % b, 10 % c of 20,000 cards; 300 drawn."""
    rng = np.random.default_rng(7)
    drawn = rng.choice([1, 2, 3], 300, p=[0.6, 0.3, 0.1]).tolist()
    read = reading("abc", ["a", "b", "cb"])
    found = awaire(read, drawn, 20_000, "a", BET)
    assert risk(found) < Fraction(1, 20) and found.orders == 4
    assert risk(awaire(read, drawn, 20_000, "b", BET)) > Fraction(1, 2)


def test_a_card_that_was_not_found_counts_against_every_refutation() -> None:
    read = reading("abc", ["a", "b", "cb"])
    all_found = awaire(read, [1] * 40, 1_000, "a", BET)
    some_lost = awaire(read, [1] * 35 + [-1] * 5, 1_000, "a", BET)
    lacking = awaire(read, [1] * 35 + [0] * 5, 1_000, "a", BET)
    assert risk(all_found) <= risk(lacking) <= risk(some_lost)
    assert risk(awaire(read, [-1] * 30 + [1] * 10, 1_000, "a", BET)) == 1


def test_more_evidence_never_raises_the_risk() -> None:
    rng = np.random.default_rng(3)
    drawn = rng.choice([1, 2, 3, 0], 120, p=[0.4, 0.3, 0.2, 0.1]).tolist()
    read = reading("abc", ["a", "b", "ca"])
    risks = [risk(awaire(read, drawn[:n], 5_000, "a", BET)) for n in range(1, 121, 7)]
    assert all(later <= earlier * Fraction(1_000_001, 1_000_000) for earlier, later in pairwise(risks))


def test_an_order_asks_that_nobody_who_leaves_had_more_than_one_who_stays() -> None:
    wanted = {("a", "b", ("a", "b", "c")), ("a", "c", ("a", "b", "c")), ("b", "c", ("b", "c"))}
    assert {(one.winner, one.loser, one.standing) for one in requirements_of(("a", "b", "c"))} == wanted


def test_too_many_choices_and_full_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="one of 2 to 7 choices"):
        awaire(reading("abcdefgh", ["a"]), [1], 10, "a", BET)
    with pytest.raises(ValueError, match="publish the count"):
        awaire(reading("ab", ["a"]), [1, 1], 2, "a", BET)


def refuted_plainly(cards: list[str], drawn: list[int], N: int, winner: str) -> Decimal:
    """The risk by the definition (assertions.md, section 11) in sixty digits; stakes are those of the bet."""
    least = Decimal("Infinity")
    for order in permutations("abc"):
        if order[-1] == winner:
            continue
        tests = []
        for k, name in enumerate(order):
            for other in order[k + 1 :]:
                left = [next((one for one in cards[code - 1] if one in order[k:]), "") for code in drawn]
                x = [2 if one == name else 0 if one == other else 1 for one in left]
                stakes = wealth(x, Null(t=1, u=2, N=N, d=2), BET).stakes
                tests.append((x, [Decimal(float(f)) for f in stakes]))
        T, E, peak, seen = [Decimal(1)] * len(tests), Decimal(1), Decimal(1), [0] * len(tests)
        for j in range(len(drawn)):
            factors = [
                1 - f[j] + f[j] * x[j] * (N - j) / Decimal(N - seen[i]) for i, (x, f) in enumerate(tests)
            ]
            E *= sum(t * t * g for t, g in zip(T, factors, strict=True)) / sum(t * t for t in T)
            peak = max(peak, E)
            T = [t * g for t, g in zip(T, factors, strict=True)]
            seen = [s + x[j] for s, (x, _) in zip(seen, tests, strict=True)]
        least = min(least, peak)
    return 1 / least


@pytest.mark.parametrize(
    ("n", "N", "shares"), [(40, 900, (0.5, 0.3, 0.2)), (900, 40_000, (0.42, 0.36, 0.22))]
)
def test_the_published_bound_is_above_the_risk_and_within_two_in_a_hundred_thousand(
    n: int, N: int, shares: tuple[float, ...]
) -> None:
    cards = ["ab", "ba", "cb"]
    drawn = np.random.default_rng(11).choice([1, 2, 3], n, p=shares).tolist()
    found = awaire(reading("abc", cards), drawn, N, "a", BET)
    with localcontext() as digits:
        digits.prec = 60
        exact = refuted_plainly(cards, drawn, N, "a")
        assert exact <= Decimal(found.risk) <= exact * (1 + Decimal(2) / 10**5)
        assert 0 <= Fraction(found.upper) / Fraction(exact) - 1 < Fraction(1, 10**8)


def test_a_risk_that_no_double_holds_is_not_called_nought() -> None:
    """Six thousand cards of a million, all for a: every order is refuted beyond the range of doubles."""
    found = awaire(reading("abc", ["ab", "ba"]), [1] * 6_000, 10**6, "a", BET)
    assert 0 < risk(found) < Fraction(1, 10**1_000) and found.risk.partition("e-")[2] > "1000"
