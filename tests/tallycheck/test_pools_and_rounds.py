"""Pools, further numbers, counts in rounds, and totals that are exhibits.

Expected numbers are worked out by hand from the measuring and counting pages, or by the exact martingale.
"""

# ruff: noqa: E501 - tables stand on one line each

import json
import random
from fractions import Fraction
from itertools import combinations_with_replacement, cycle, islice, permutations
from pathlib import Path
from typing import Any

import pytest

from tallycheck import further as searching
from tallycheck.assertions import counts_by_votes
from tallycheck.canonical import NotCanonical, members
from tallycheck.further import again, falls_short, further
from tallycheck.measuring import POOL_K, Claim, comparison_prior, pool_steps, pool_value, pools, spread
from tallycheck.published import looked_through
from tallycheck.ranked import Reading
from tallycheck.risk import Null, Run, measured
from tallycheck.rounds import elected
from tallycheck.sources import Folder
from tallycheck.totals import Asked, BadTotals, Pools, pools_of, rankings
from tests.tallycheck.writer import canonical, sha

# Pools ------------------------------------------------------------


def test_a_card_of_a_pool_is_taken_to_be_recorded_with_the_mean_half_to_even() -> None:
    """60 points of 100 cards: 614.4 1024ths. Half of an odd and of an even 1024th go to the even one."""
    assert pool_value(60, 100) == 614 and pool_value(-60, 100) == -614
    assert pool_value(3, 2048) == 2 and pool_value(1, 2048) == 0  # 1.5 and 0.5
    assert pool_value(-1, 2048) == 0 and pool_value(-3, 2048) == -2
    assert pool_value(7, 7) == 1024


def test_what_cards_with_several_votes_were_reported_with() -> None:
    """Points from -1 to 1: 100 cards with 30 points are 65 with 1 and 35 with -1."""
    claim = Claim(-1, 1, 1000, 0)
    assert spread(claim, 30, 100) == {1: 65, -1: 35} and spread(claim, 31, 100) == {1: 65, -1: 35}
    assert spread(claim, -100, 100) == {1: 0, -1: 100} and spread(claim, 100, 100) == {1: 100, -1: 0}


def test_what_cards_with_one_vote_were_reported_with() -> None:
    votes = {"a": 50, "b": 30, "c": 5}
    share = {"choice": "a", "kind": "above_share", "share": "2/3", "write_ins": False}
    assert counts_by_votes({"kind": "ahead", "loser": "b", "winner": "a"}, votes, 100) == {
        1: 50,
        -1: 30,
        0: 20,
    }
    assert counts_by_votes(share, votes, 100) == {1: 50, -2: 35, 0: 15}
    assert counts_by_votes(share | {"kind": "below_share"}, votes, 100) == {-1: 50, 2: 35, 0: 15}


def test_the_null_and_prior_of_pools_by_hand() -> None:
    """1,000 cards, 800 with records of 150 points; one pool of 200 with 100 for, 60 against: 40 points.

    r = 0.2 x 1024 = 204.8, so 205. G' = 150 x 1024 + 200 x 205. Of the pool's cards 100 are expected at
    2,048 - 205 + 1,024 = 2,867, rounded down to a multiple of 64: 2,816; 60 at 819, so 768; 40 at 1,843, so
    1,792.
    """
    claim, steps = Claim(-1, 1, 1000, 150), dict[int, int]()
    pool_steps(claim, pool_value(40, 200), {1: 100, -1: 60, 0: 40}, steps)
    assert steps == {2816: 100, 768: 60, 1792: 40}
    null = pools(claim, {}, 800, 200 * 205, steps)
    assert null is not None and (null.size, null.top) == (1000, 4096)
    assert null.null == 1024 * 2000 - 150 * 1024 - 200 * 205
    prior = dict(null.prior)  # 2, 11, 9975, 11 and 1 of a comparison, times 0.8
    assert {v: prior.pop(v * POOL_K) for v in range(5)} == {0: 2, 1: 9, 2: 7980, 3: 9, 4: 1}
    assert prior == {2816: 1000, 768: 600, 1792: 400}


def test_weights_of_pools_are_rounded_once_half_to_even_and_are_at_least_one() -> None:
    """One card in 20,000 of a pool: half a weight, so nothing, so 1; three: 1.5, so 2."""
    claim = Claim(-1, 1, 20_000, 9_000)
    null = pools(claim, {}, 19_990, 0, {64: 1, 128: 3})
    assert null is not None and dict(null.prior)[64] == 1 and dict(null.prior)[128] == 2


def test_a_value_of_a_pool_that_is_one_of_the_comparison_adds_to_it() -> None:
    """A pool all blank: r = 0, its cards are expected at 2,048, as cards without error are."""
    steps = dict[int, int]()
    pool_steps(Claim(-1, 1, 1000, 100), 0, {1: 0, 0: 500}, steps)
    null = pools(Claim(-1, 1, 1000, 100), {}, 500, 0, steps)
    assert (
        steps == {2048: 500} and null is not None and dict(null.prior)[2048] == 4988 + 5000
    )  # 9,975/2 to even


def test_steps_of_a_wide_span_are_wider() -> None:
    """Span 100: 2 x 100 x 1024 / 64 = 3,200."""
    claim, steps = Claim(-50, 50, 1000, 100), dict[int, int]()
    pool_steps(claim, 0, {7: 10}, steps)
    assert steps == {107 * 1024 // 3200 * 3200: 10}


# Further numbers ------------------------------------------------------------

DEFAULT = {"half": Fraction(1, 1000), "full": Fraction(1, 10_000), "phantoms": Fraction(0)}
POLL = ((0, 400), (1, 50), (2, 550))


def least(run: Run, numbers: Any, limit: Fraction, most: int) -> int | None:
    """The least number by measuring anew each time."""
    more = list(islice(numbers, most))
    whole = measured(run.test, run.numbers)
    for m, x in enumerate(more, 1):
        whole.draw(x)
        if whole.meets(limit):
            return m
    return None


@pytest.mark.parametrize("seed", range(30))
def test_numbers_drawn_again_and_again_are_enough_as_soon_as_the_exact_risk_says(seed: int) -> None:
    dice = random.Random(seed)
    size = dice.randrange(20, 400)
    test = Null(dice.randrange(size // 2, 2 * size), size, 2, POLL)
    run = measured(test, dice.choices([0, 1, 2], [3, 2, 5], k=dice.randrange(1, 20)))
    limit, most = Fraction(1, dice.choice([2, 10, 20, 100])), size - run.n
    assert again(run, limit, most) == least(run, cycle(run.numbers), limit, most)


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("replaced", [False, True])
def test_clean_numbers_are_enough_as_soon_as_the_exact_risk_says(seed: int, replaced: bool) -> None:
    dice = random.Random(seed)
    size = dice.randrange(30, 600)
    test = Null(
        dice.randrange(int(1.7 * size), 2 * size), size, 4, comparison_prior(-1, 1, DEFAULT), replaced
    )
    run = measured(test, dice.choices([2, 2, 1, 3, 0], [80, 10, 4, 4, 2], k=dice.randrange(0, 15)))
    limit, most = Fraction(1, dice.choice([10, 20])), 400 if replaced else size - run.n
    expected = least(run, cycle([2]), limit, most)
    assert further(run, 2, limit, most) == expected
    assert expected is None or not falls_short(run, 2, limit, most)


def test_where_floats_cannot_tell_the_exact_martingale_does(monkeypatch: pytest.MonkeyPatch) -> None:
    run = measured(Null(1780, 1000, 4, comparison_prior(-1, 1, DEFAULT)), [2] * 5)
    limit = 1 / measured(run.test, [2] * 25).risk() ** -1  # met exactly by twenty more
    sure = further(run, 2, limit, 995)
    monkeypatch.setattr(searching, "UNSURE", 0.5)
    assert further(run, 2, limit, 995) == sure == 20


def test_wealths_far_below_what_a_float_holds_are_followed() -> None:
    """Two thousand cards against, then the same again: nothing is reached, and nothing is lost on the way."""
    run = measured(Null(10**6, 10**6, 2, POLL), [0, 2] * 20 + [0] * 400)
    assert again(run, Fraction(1, 20), 5000) is None
    assert further(measured(Null(1_000_000, 10**6, 2, POLL), [0] * 2000), 2, Fraction(1, 20), 10**5) == least(
        measured(Null(1_000_000, 10**6, 2, POLL), [0] * 2000), cycle([2]), Fraction(1, 20), 10**4
    )  # fmt: skip


def test_a_narrow_margin_is_not_searched_for_ten_thousand_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A margin of 10 in a million: 100,000 clean cards win less than e^1.1; nothing has to be drawn."""
    run = measured(Null(2 * 10**6 - 10, 10**6, 4, comparison_prior(-1, 1, DEFAULT)), [2] * 10)
    monkeypatch.setattr(searching, "searched", lambda *_: 1 / 0)
    assert further(run, 2, Fraction(1, 20), 10**5) is None


# Counts in rounds ------------------------------------------------------------


def ranked(*piles: tuple[int, str]) -> list[Any]:
    """Readings by rank: words are ranks, `-` an empty one, `+` joins an overvote."""
    found = []
    for n, text in piles:
        ranks = [[] if word == "-" else [NAMES.get(c, c) for c in word.split("+")] for word in text.split()]
        found += [ranks] * n
    return found


NAMES = {"w": "write_in"}


def winner(*piles: tuple[int, str], **how: Any) -> str | None:
    return elected(ranked(*piles), ["a", "b", "c"], Reading(**how))


def test_the_example_of_the_counting_page() -> None:
    assert winner((5, "a"), (4, "b c"), (3, "c a"), (2, "c"), (1, "")) == "c"


def test_cards_that_were_not_found_or_lack_the_contest_are_no_ballots() -> None:
    readings: list[Any] = [*ranked((5, "a"), (2, "b")), "not_found", "not_found", "not_on_card"]
    assert elected(readings, ["a", "b"], Reading()) == "a"


def test_whom_cards_that_were_not_found_could_undo_is_not_elected() -> None:
    """Five of seven are more than half of nine, with two cards lost; four of seven are not."""
    assert elected([*ranked((4, "a"), (3, "b")), *["not_found"] * 2], ["a", "b"], Reading()) is None
    close = ranked((5, "a"), (4, "b"), (2, "c a"))  # c leaves two votes behind b
    assert elected([*close, "not_found"], ["a", "b", "c"], Reading()) == "a"
    assert elected([*close, *["not_found"] * 2], ["a", "b", "c"], Reading()) is None


@pytest.mark.parametrize("seed", range(12))
def test_no_cards_that_were_not_found_could_have_made_it_another(seed: int) -> None:
    """Every way in which up to two lost cards could read, beside whoever is elected without them."""
    dice = random.Random(seed)
    orders = [list(o) for n in range(4) for o in permutations("abc", n)]
    for _ in range(20):
        cards = [[[c] for c in dice.choice(orders)] for _ in range(dice.randrange(2, 12))]
        for lost in (1, 2):
            found = elected([*cards, *["not_found"] * lost], ["a", "b", "c"], Reading())
            for more in combinations_with_replacement(orders, lost) if found else ():
                whole = [*cards, *([[c] for c in order] for order in more)]
                assert elected(whole, ["a", "b", "c"], Reading()) == found


def test_half_of_the_votes_is_no_majority_and_nobody_settles_a_tie() -> None:
    assert winner((5, "a"), (5, "b")) is None
    assert winner((5, "a"), (3, "b"), (2, "c")) == "a"  # c leaves, its ballots end: 5 of 8
    assert winner((4, "a"), (3, "b"), (3, "c")) is None  # who leaves is a tie


def test_without_a_vote_nobody_is_elected() -> None:
    assert winner((3, "")) is None and winner() is None and elected([], [], Reading()) is None


def test_undeclared_write_ins_leave_first_even_with_more_votes() -> None:
    """Six for a write-in, then two of them b: 4 for a, 3 and 2 for b."""
    assert winner((4, "a"), (4, "w"), (2, "w b"), (3, "b")) == "b"
    assert winner((9, "w"), (1, "a")) == "a"
    assert winner((9, "w")) is None


def test_a_write_in_that_somebody_ranks_stands_in_the_first_round() -> None:
    """With it 5 of 10 votes are no majority; without it 5 of 6 are. c gets nothing in between."""
    assert winner((5, "a"), (4, "w c"), (1, "b")) == "a"


def test_an_overvote_that_is_skipped_counts_for_the_next_rank() -> None:
    """5 a, 4 b, 2 c, and 4 that mark a and b at one rank, then c: 6 for c. b leaves, and its four rank c."""
    piles = ((5, "a"), (4, "b c"), (2, "c"), (4, "a+b c"))
    assert winner(*piles, overvote="skip") == "c"
    assert winner(*piles, overvote="exhaust") == "a"  # 5, 4 and 2; c leaves, 5 of 9


def test_an_overvote_waits_until_one_of_its_choices_is_left() -> None:
    """5 a, 3 b, 2 c, 4 that mark b and c together. c leaves; the four then count for b: 7 of 12."""
    piles = ((5, "a"), (3, "b"), (2, "c"), (4, "b+c"))
    assert winner(*piles, overvote="wait_while_several_continuing") == "b"
    assert winner(*piles, overvote="exhaust_if_several_continuing") == "a"
    assert winner(*piles, overvote="exhaust") == "a" and winner(*piles, overvote="skip") == "a"


def test_an_overvote_of_which_one_choice_is_left_counts_or_ends() -> None:
    """2 c, then b with c. c leaves first, the overvote is then for b alone."""
    piles = ((5, "a"), (4, "b"), (2, "c b+c"))
    assert winner(*piles, overvote="exhaust_if_several_continuing") == "b"
    assert winner(*piles, overvote="exhaust_if_any_continuing") == "a"


def test_where_a_ballot_ends_by_the_keys_of_the_rule() -> None:
    piles = ((5, "a"), (4, "b"), (2, "c - b"), (1, "c c b"))
    assert winner(*piles) == "b"
    assert winner(*piles, max_skipped=0) is None  # 5 to 5
    assert winner(*piles, max_rankings=2) == "a"
    assert (
        winner(*piles, duplicate="exhaust") == "b"
        and winner(*piles, duplicate="exhaust", max_skipped=0) == "a"
    )


# Totals that are exhibits ------------------------------------------------------------


def totals(readings: Any, **changes: Any) -> bytes:
    return canonical(
        {"contest": "x", "format": "tallybook/ranking-totals/v1", "readings": readings} | changes
    )


def test_rankings_are_read_in_their_order() -> None:
    rows = [["not_on_card", 2], [[["a"], ["b"]], 3], [[["a"]], 1], [[[], ["write_in"]], 1], [[], 4]]
    rows.sort(key=lambda row: canonical(row[0]))
    assert [list(row) for row in rankings(totals(rows), "x", ["a", "b"])] == rows
    assert list(rankings(totals([]), "x", ["a"])) == []


BAD_ROWS: list[Any] = [
    [["not_found", 1]], [["a", 1]], [[["a"], 1]], [[[["a"]], 0]], [[[["a"]], True]], [[[["a"]]]], [[[["z"]], 1]],
    [[[["b", "a"]], 1]], [[[["a"]], 1], [[["a"]], 1]], [[[["b"]], 1], [[["a"]], 1]], [[[["a"], []], 1]], [7], [{}],
    [[[[["a"]]], 1]], ["not_on_card"],
]  # fmt: skip


@pytest.mark.parametrize("rows", BAD_ROWS, ids=repr)
def test_rankings_in_another_form_are_refused(rows: Any) -> None:
    with pytest.raises(BadTotals):
        list(rankings(totals(rows), "x", ["a", "b"]))


GOOD = totals([[[["a"]], 1]])
BAD_BYTES = [
    b"", b"[]", GOOD[:-1], GOOD + b" ", GOOD.replace(b":[", b": ["), GOOD.replace(b",1]", b", 1]"), b"\xff" + GOOD,
    GOOD.replace(b'"x"', b'"y"'), GOOD.replace(b"1]]", b"1],]"), GOOD.replace(b"1]]}", b"1]}"), GOOD[:-2],
    GOOD.replace(b"[[[[", b"[" * 100_000), GOOD.replace(b",1]", b",1.0]"), GOOD.replace(b'"a"', b'"\\u0061"'),
    GOOD[:-1] + b',"more":1}',
]  # fmt: skip


@pytest.mark.parametrize("raw", BAD_BYTES, ids=lambda raw: repr(raw[-24:]))
def test_rankings_in_other_bytes_are_refused(raw: bytes) -> None:
    with pytest.raises(BadTotals):
        list(rankings(raw, "x", ["a", "b"]))


def test_members_of_an_array_are_read_one_by_one() -> None:
    found, text = [], '[1,["é"],{"a":2}]!'
    rows = members(text, 1)
    while True:
        try:
            found.append(next(rows))
        except StopIteration as stop:
            assert text[stop.value] == "!"
            break
    assert [value for value, _, _ in found] == [1, ["é"], {"a": 2}]
    with pytest.raises(NotCanonical):
        list(members('[1,"\\ud800"]', 1))


BATCHES = [("B1", 10), ("B2", 20), ("Bü", 30), ("B4", 40)]


def asked(ranked: bool) -> Asked:
    return Asked("x", ["a", "b"], 1, ranked, {"B1": 0, "B2": 1, "Bü": 2}, BATCHES)


def read_pools(rows: Any, where: Path, ranked: bool = False, **changes: Any) -> Pools:
    raw = canonical({"contest": "x", "format": "tallybook/pool-totals/v1", "pools": rows} | changes)
    (where / "exhibits").mkdir(exist_ok=True)
    (where / "exhibits" / sha(raw)).write_bytes(raw)
    return pools_of(raw, looked_through(Folder(where), sha(raw), lambda _: None), asked(ranked))


def pool(name: str, a: int, b: int, write_ins: int = 0) -> dict[str, Any]:
    return {"id": name, "votes": {"a": a, "b": b}, "write_ins": write_ins}


def test_pools_are_found_by_their_batch(tmp_path: Path) -> None:
    rows = [pool("B2", 12, 8), pool("Bü", 3, 20, 7)]
    found = read_pools(rows, tmp_path)
    assert [found.has(place) for place in range(4)] == [False, True, True, False]
    assert [found.pool(1), found.pool(2)] == rows


def test_pools_with_rankings_are_found_by_their_batch(tmp_path: Path) -> None:
    rows = [{"id": "B1", "readings": [["not_on_card", 1], [[["a"], ["b"]], 4], [[["b"]], 5]]},
            {"id": "Bü", "readings": [[[["a"]], 30]]}]  # fmt: skip
    found = read_pools(rows, tmp_path, ranked=True)
    assert [found.pool(0), found.pool(2)] == rows


def test_many_pools_lie_across_blocks_of_the_file(tmp_path: Path) -> None:
    batches = [(f"ü{i}", 10) for i in range(500)]
    rows = [pool(name, i % 5, i % 3) for i, (name, _) in enumerate(batches)]
    raw = canonical({"contest": "x", "format": "tallybook/pool-totals/v1", "pools": rows})
    (tmp_path / "exhibits").mkdir()
    (tmp_path / "exhibits" / sha(raw)).write_bytes(raw)
    wanted = Asked("x", ["a", "b"], 1, False, {name: i for i, (name, _) in enumerate(batches)}, batches)
    found = pools_of(raw, looked_through(Folder(tmp_path), sha(raw), lambda _: None), wanted)
    assert [found.pool(i) for i in range(500)] == rows


BAD_POOLS: list[tuple[Any, bool]] = [
    ([], False), ([pool("B2", 12, 9)], False), ([pool("B2", 12, 8, 1)], False), ([pool("B4", 1, 1)], False),
    ([pool("B3", 1, 1)], False), ([pool("B2", 1, 1), pool("B1", 1, 1)], False), ([pool("B2", 1, 1)] * 2, False),
    ([{"id": "B2", "votes": {"a": 1}, "write_ins": 0}], False), ([{"id": "B2", "votes": {"a": 1, "b": -1}, "write_ins": 0}], False),
    ([{"id": 3, "votes": {"a": 1, "b": 1}, "write_ins": 0}], False), ([7], False), ([{"id": "B1", "readings": []}], False),
    ([{"id": "B1", "readings": [[[["a"]], 9]]}], True), ([{"id": "B1", "readings": [[[["a"]], 11]]}], True),
    ([{"id": "B1", "readings": []}], True), ([pool("B1", 1, 1)], True), ([7], True), ([{"id": "B1"}], True),
    ([{"id": "B1", "readings": [[[["a"]], 10]], "zeal": 1}], True),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "is_ranked"), BAD_POOLS, ids=repr)
def test_pools_in_another_form_or_beyond_their_batch_are_refused(
    rows: Any, is_ranked: bool, tmp_path: Path
) -> None:
    with pytest.raises(BadTotals):
        read_pools(rows, tmp_path, is_ranked)


def test_cut_pools_are_refused_wherever_they_are_cut(tmp_path: Path) -> None:
    raw = canonical({"contest": "x", "format": "tallybook/pool-totals/v1", "pools": [pool("B1", 1, 2)]})
    (tmp_path / "exhibits").mkdir()
    (tmp_path / "exhibits" / sha(raw)).write_bytes(raw)
    blocks = looked_through(Folder(tmp_path), sha(raw), lambda _: None)
    assert pools_of(raw, blocks, asked(False)).has(0) and json.loads(raw)
    for end in range(len(raw)):
        with pytest.raises(BadTotals):
            pools_of(raw[:end], blocks, asked(False))
