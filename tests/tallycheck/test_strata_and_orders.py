"""Risks over several strata (risk page, section 10) and over orders of elimination (assertions, section 11).

Expected numbers: the risk page's example; exact fractions by the pages' own formulas, over every share of a
fine grid and every order; and small worlds in which every sample is drawn.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import permutations, product
from math import exp, inf, isinf, log

import pytest

from tallycheck import orders as counts_in_orders
from tallycheck.assertions import by_entries
from tallycheck.auditmeasure import accepts, own_text
from tallycheck.auditreadings import pattern_of_reading
from tallycheck.orders import Orders, assertions_of, continued, started
from tallycheck.ranked import Reading, entries
from tallycheck.risk import Null, Run
from tallycheck.stratified import STAKES, Drawn, Found, least_wealth

ROWS = [Fraction(63, 64) / 3**i for i in range(6)]
HALF = [Fraction(1, 2)]


# Several strata ------------------------------------------------------------


def exact_wealth(drawn: Drawn, total: Fraction, rows: Sequence[Fraction]) -> Fraction:
    """T of section 10, 2 at one total."""
    whole = Fraction(0)
    for stake in rows:
        wealth, left = Fraction(1), total
        for j, x in enumerate(drawn.numbers):
            wealth *= 1 - stake + (stake * x * (drawn.size - j) / left if x else 0)
            left -= x
        whole += wealth
    return whole / len(rows)


def grid(strata: Sequence[Drawn], bound: int, parts: int) -> Iterator[list[Fraction]]:
    """Every share whose totals are whole numbers of parts."""
    ranges = []
    for one in strata:
        low = sum(one.numbers)
        ranges.append(range(low * parts, (low + (one.size - len(one.numbers)) * one.top) * parts + 1))
    for share in product(*ranges):
        if sum(share) <= bound * parts:
            yield [Fraction(a, parts) for a in share]


def worst_on_grid(strata: Sequence[Drawn], bound: int, parts: int, rows: Sequence[Fraction]) -> Fraction:
    """The greatest risk over the grid; 0 where no share is on it."""
    worst = Fraction(0)
    for share in grid(strata, bound, parts):
        wealth = Fraction(1)
        for one, total in zip(strata, share, strict=True):
            wealth *= exact_wealth(one, total, rows)
        worst = max(worst, 1 / max(Fraction(1), wealth))
    return worst


def risk_of(found: Found) -> float:
    return exp(-max(found.low, 0.0))


def test_the_example_of_the_risk_page() -> None:
    found = least_wealth([Drawn([1, 1], 3, 1), Drawn([1], 2, 1)], 4, [0.5])
    assert own_text(found) == "0.686736" and found.high - found.low < 1e-9
    tried = ("0.686734", "0.686735", "0.686736", "0.686748", "0.686750")
    assert [text for text in tried if accepts(found, text)] == [
        "0.686736", "0.686748",
    ]  # fmt: skip


def test_the_shares_of_the_page_are_on_the_curve() -> None:
    one, other = Drawn([1, 1], 3, 1), Drawn([1], 2, 1)
    assert exact_wealth(one, Fraction(3), HALF) * exact_wealth(other, Fraction(1), HALF) == Fraction(3, 2)
    assert exact_wealth(one, Fraction(2), HALF) * exact_wealth(other, Fraction(2), HALF) == Fraction(15, 8)


SMALL: list[tuple[list[Drawn], int]] = [
    ([Drawn([1, 1], 3, 1), Drawn([1], 2, 1)], 4),
    ([Drawn([2, 2, 1], 6, 4), Drawn([2, 0], 5, 4)], 18),
    ([Drawn([2, 2, 2], 6, 4), Drawn([1, 2], 4, 2)], 14),
    ([Drawn([], 4, 2), Drawn([2, 2], 4, 2)], 8),
    ([Drawn([2], 3, 2), Drawn([2, 2], 3, 2), Drawn([1], 3, 2)], 9),
    ([Drawn([2, 2], 2, 2), Drawn([2, 1, 2], 4, 2)], 10),
]


@pytest.mark.slow
@pytest.mark.parametrize(("strata", "bound"), SMALL)
def test_no_share_of_a_fine_grid_is_worse_and_the_worst_comes_near(strata: list[Drawn], bound: int) -> None:
    found = least_wealth(strata, bound)
    worst = float(worst_on_grid(strata, bound, 8 if len(strata) == 2 else 4, ROWS))
    assert worst <= risk_of(found) * (1 + 1e-9)
    assert worst >= risk_of(found) * 0.97
    assert found.high - found.low < 1e-9


def test_a_stratum_read_in_full_has_its_own_total() -> None:
    strata = [Drawn([2, 2, 0], 3, 2), Drawn([2, 2], 5, 2)]
    expected = exact_wealth(strata[0], Fraction(4), ROWS) * exact_wealth(strata[1], Fraction(6), ROWS)
    assert abs(least_wealth(strata, 10).low - log(expected)) < 1e-12


def test_where_every_total_can_be_at_its_highest_it_is() -> None:
    strata = [Drawn([2, 2], 4, 2), Drawn([1], 3, 2)]
    expected = exact_wealth(strata[0], Fraction(8), ROWS) * exact_wealth(strata[1], Fraction(5), ROWS)
    assert abs(least_wealth(strata, 1000).low - log(expected)) < 1e-12


def test_without_a_share_the_risk_is_0() -> None:
    found = least_wealth([Drawn([2, 2], 4, 2), Drawn([2], 3, 2)], 5)
    assert isinf(found.low) and own_text(found) == "0"
    assert accepts(found, "0") and not accepts(found, "0.00000100000")
    assert not accepts(Found(3.0, 3.0), "0")


def test_a_risk_of_1_is_written_1() -> None:
    assert own_text(Found(-0.5, -0.5)) == "1" and accepts(Found(-0.5, -0.5), "1")
    assert not accepts(Found(-0.5, -0.5), "0.999900")


def test_very_small_risks_are_compared_by_their_logarithms() -> None:
    found = Found(2000.0, 2000.0)
    text = own_text(found)
    assert text.endswith("e-869") and accepts(found, text)  # 2000 / ln 10 = 868.58…
    assert not accepts(found, text.replace("e-869", "e-868")) and not accepts(found, "1.00000e-999999999")


@pytest.mark.parametrize("seed", range(12))
def test_strata_of_any_kind_are_enclosed_and_never_below_a_share_tried(seed: int) -> None:
    """Random strata of 2 to 10; a thousand random shares each, in plain floats, are never less convincing."""
    dice = random.Random(seed)
    strata = []
    for _ in range(dice.randrange(2, 11)):
        size, top = dice.randrange(2, 60), dice.choice([1, 2, 4, 4096])
        n = dice.randrange(size + 1)
        strata.append(Drawn([dice.choice([0, top // 2, top // 2, top]) for _ in range(n)], size, top))
    sums = [sum(one.numbers) for one in strata]
    mosts = [(one.size - len(one.numbers)) * one.top for one in strata]
    bound = sum(sums) + int(sum(mosts) * dice.random())
    found = least_wealth(strata, bound)
    assert found.high - found.low < 1e-9
    for _ in range(200):
        parts = [dice.expovariate(1.0) for _ in strata]
        room = bound - sum(sums)
        share = [min(m, room * p / sum(parts)) for p, m in zip(parts, mosts, strict=True)]
        value = sum(log_wealth(one, s + y) for one, s, y in zip(strata, sums, share, strict=True))
        assert value >= found.low - 1e-9


@pytest.mark.parametrize("seed", range(150))
def test_strata_of_very_different_sizes_are_enclosed_as_well(seed: int) -> None:
    """From one card to ten million, from nothing left to share to nearly everything."""
    dice = random.Random(seed)
    strata = []
    for _ in range(dice.randrange(2, 11)):
        size, top = dice.choice([1, 2, 5, 1000, 10**5, 10**7]), dice.choice([1, 2, 4, 4000, 8_192_000])
        n = min(size, dice.choice([0, 1, 3, 20, 60]))
        strata.append(
            Drawn(dice.choices([0, top // 2, top], [dice.random() for _ in range(3)], k=n), size, top)
        )
    whole = sum((one.size - len(one.numbers)) * one.top for one in strata)
    room = dice.choice([0, 1, whole // 10**6, whole // 1000, whole // 2, int(whole * 0.9), whole])
    found = least_wealth(strata, sum(sum(one.numbers) for one in strata) + room)
    assert found.high - found.low <= 1e-9


def test_where_too_little_is_known_a_risk_that_may_be_too_low_is_refused() -> None:
    assert not accepts(Found(3.0, 3.1), own_text(Found(3.1, 3.1))) and accepts(
        Found(3.0, 3.1), own_text(Found(3.0, 3.0))
    )


def log_wealth(drawn: Drawn, total: float) -> float:
    """ln T, row by row and number by number."""
    rows = []
    for stake in STAKES:
        value, left = 0.0, total
        for j, x in enumerate(drawn.numbers):
            value += log(1 - stake + (stake * x * (drawn.size - j) / left if x else 0))
            left -= x
        rows.append(value)
    most = max(rows)
    return most + log(sum(exp(value - most) for value in rows) / len(rows))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("one", "other"), [((0, 1, 1, 2), (0, 2, 0)), ((1, 1, 1), (1, 0, 2, 1)), ((2, 0), (0, 2, 1))]
)
def test_a_small_risk_is_as_rare_as_it_says(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    """Every sample of two cards of each stratum, where the null is just true: Ville's inequality holds."""
    bound = sum(one) + sum(other)
    risks: Counter[float] = Counter()
    for a, b in product(permutations(one, 2), permutations(other, 2)):
        risks[risk_of(least_wealth([Drawn(a, len(one), 2), Drawn(b, len(other), 2)], bound))] += 1
    whole, seen = risks.total(), 0
    for risk in sorted(risks):
        seen += risks[risk]
        assert seen / whole <= risk + 1e-9


# Orders of elimination ------------------------------------------------------------


def points_of(reading: list[list[str]], choices: Sequence[str]) -> tuple[int, ...]:
    """The points of a reading for every test."""
    bit = {choice: 1 << i for i, choice in enumerate(choices)}
    card = entries(pattern_of_reading(reading, True).marks, (), tuple(choices), Reading())
    return tuple(by_entries(one, card, bit) for one in assertions_of(choices))


def read(cards: Sequence[list[list[str]]], choices: Sequence[str], winner: str, size: int) -> Orders:
    made = started(len(choices), choices.index(winner), size)
    return continued(None, lambda: made, [points_of(card, choices) for card in cards])


def first_standing(card: list[list[str]], standing: set[str]) -> str:
    return next((name for (name,) in card if name in standing), "")


def naive_risk(cards: Sequence[list[list[str]]], choices: Sequence[str], winner: str, size: int) -> Fraction:
    """Section 11, order by order, in exact fractions; only the stakes are those of `risk`."""
    worst = Fraction(0)
    for order in permutations(choices):
        if order[-1] == winner:
            continue
        tests = []
        for i, leaves in enumerate(order):
            for stays in order[i + 1 :]:
                tests.append(
                    [
                        leaves,
                        stays,
                        set(order[i:]),
                        Run(Null(size, size, 2, ((0, 10), (1, 1), (2, 12)))),
                        Fraction(1),
                    ]
                )
        e = best = Fraction(1)
        refuted = False
        for card in cards:
            top = whole = Fraction(0)
            for test in tests:
                leaves, stays, standing, run, wealth = test
                vote = first_standing(card, standing)
                x = 1 + (vote == leaves) - (vote == stays)
                stake, (r, k) = run.next_stake(), run.left()
                factor = Fraction((2**24 - stake) * r + stake * x * k, 2**24 * r) if r > 0 else Fraction(1)
                factor = Fraction(0) if r >= 2 * k else factor
                run.draw(x)
                top, whole = top + wealth**2 * factor, whole + wealth**2
                test[4] = wealth * factor
                refuted = refuted or run.impossible
            e *= top / whole if whole else 0
            best = max(best, e)
        worst = max(worst, Fraction(0) if refuted else 1 / best)
    return worst


def ballot(text: str) -> list[list[str]]:
    return [[name] for name in text]


def test_the_orders_and_tests_of_small_contests() -> None:
    assert [len(started(n, 0, 10).orders) for n in (2, 3, 4, 5, 6)] == [1, 4, 18, 96, 600]
    assert assertions_of(["a", "b"]) == [
        {"kind": "nen", "loser": "b", "standing": ["a", "b"], "winner": "a"},
        {"kind": "nen", "loser": "a", "standing": ["a", "b"], "winner": "b"},
    ]
    assert len(assertions_of("abc")) == 12 and len(assertions_of("abcdef")) == 480


@pytest.mark.parametrize("seed", range(8))
def test_the_risk_without_records_is_that_of_exact_fractions(seed: int) -> None:
    dice = random.Random(seed)
    kinds = [ballot(text) for text in ("abc", "a", "b", "ba", "cab", "cb", "", "acb")]
    cards = dice.choices(kinds, [30, 20, 8, 6, 4, 3, 2, 5], k=dice.randrange(1, 16))
    size = len(cards) + dice.randrange(6, 40)
    found = exp(-read(cards, "abc", "a", size).low)
    assert found == pytest.approx(float(naive_risk(cards, "abc", "a", size)), rel=1e-9)


def test_an_order_is_refuted_where_a_test_has_become_impossible() -> None:
    """Eleven of twenty cards for a: b cannot have outlasted it."""
    cards = [ballot("a")] * 11
    found = read(cards, "ab", "a", 20)
    assert found.low == inf and naive_risk(cards, "ab", "a", 20) == 0
    assert read(cards[:10], "ab", "a", 20).low < inf


def test_cards_that_come_later_go_on_from_those_before() -> None:
    dice = random.Random(3)
    points = [points_of(ballot(dice.choice(["abc", "ba", "ca", "b"])), "abc") for _ in range(40)]
    known = continued(None, lambda: started(3, 0, 100), points[:25])
    whole = continued(None, lambda: started(3, 0, 100), points)
    assert continued(known, lambda: started(3, 0, 100), points) is known
    assert known.logs == whole.logs and known.best == whole.best
    other = [points[3], *points[1:]]
    assert continued(known, lambda: started(3, 0, 100), other).logs == continued(
        None, lambda: started(3, 0, 100), other
    ).logs  # fmt: skip


def test_wealths_that_are_too_large_for_their_squares_are_taken_by_logarithms(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dice = random.Random(4)
    cards = [ballot(dice.choice(["ab", "a", "a", "ac", "b", "ca"])) for _ in range(120)]
    plain = read(cards, "abcd", "a", 5000)
    monkeypatch.setattr(counts_in_orders, "FAR", 0.0)
    assert read(cards, "abcd", "a", 5000).logs == pytest.approx(plain.logs, rel=1e-9)


def test_thousands_of_cards_for_one_choice_do_not_overflow() -> None:
    found = read([ballot("a")] * 1500, "abc", "a", 10**7)
    assert 800 < found.low < inf and own_text(Found(found.low, found.low)).partition("e-")[2].isdigit()


@pytest.mark.slow
def test_a_wrong_winner_is_confirmed_as_seldom_as_the_risk_says() -> None:
    """All orders in which three or five of seven cards can be drawn; b wins, a is reported."""
    cards = [ballot(text) for text in ("ab", "ac", "b", "ba", "b", "cb", "ca")]
    for n in (3, 5):
        risks: Counter[float] = Counter()
        for drawn in permutations(range(7), n):
            risks[round(exp(-read([cards[i] for i in drawn], "abc", "a", 7).low), 12)] += 1
        whole, seen = risks.total(), 0
        for risk in sorted(risks):
            seen += risks[risk]
            assert seen / whole <= risk + 1e-9
