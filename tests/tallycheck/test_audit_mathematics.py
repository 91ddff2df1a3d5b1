"""The mathematics of an audit: risks, numbers, assertions, ranked cards, draws, on the pages' own examples.

Expected numbers come from the specification's pages, the published vectors, small worlds counted out, or a
hand calculation that is shown.
"""

import hashlib
import json
import random
import re
from dataclasses import replace
from fractions import Fraction
from itertools import permutations
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tallycheck.assertions import bounds, by_entries, by_votes, certificate_trouble, is_published, needed
from tallycheck.auditstart import weigh
from tallycheck.draws import Known, by_weight, drawn_on, grouped, integer
from tallycheck.failure import Failed
from tallycheck.further import further
from tallycheck.marks import Mark, Pattern, votes_of
from tallycheck.measuring import (
    Claim,
    K,
    batch_null,
    batch_number,
    comparison,
    comparison_prior,
    polling,
    weighed,
)
from tallycheck.published import BadCards, Room, parse_head, read_rows
from tallycheck.ranked import Entry, Reading, entries
from tallycheck.risk import Null, Run, continued, is_turn, measured, published, written
from tallycheck.sources import Folder
from tests.tallycheck.writer import canonical

ROOT = Path(__file__).resolve().parents[2]
RISKS = json.loads((ROOT / "vectors" / "risk" / "default.json").read_text(encoding="utf-8"))["cases"]
CARDS_PAGE = (ROOT / "docs" / "spec" / "cards.md").read_text(encoding="utf-8")


def vectors(name: str) -> Any:
    return json.loads((ROOT / "vectors" / "draw" / name).read_text(encoding="utf-8"))["cases"]


# Risk ------------------------------------------------------------


def null_of(case: dict[str, Any]) -> Null:
    replaced = case["population"] == 0
    size = 1 if replaced else case["population"]
    return Null(case["t"] * size, size, case["u"], tuple(map(tuple, case["prior"])), replaced)


@pytest.mark.parametrize("case", RISKS, ids=lambda case: case["name"])
def test_stakes_and_risk_are_those_of_the_published_vectors(case: dict[str, Any]) -> None:
    run = measured(null_of(case), case["draws"])
    assert run.stakes == case["stakes"]
    assert written(run.risk()) == case["risk"] and run.accepts(case["risk"])


def test_stakes_are_found_anew_at_powers_of_two_and_three_times_them() -> None:
    assert [n for n in range(50) if is_turn(n)] == [0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48]


def naive_risk(test: Null, stakes: list[int], numbers: list[int]) -> Fraction:
    """Sections 5 and 6 of the page, by exact fractions, without replacement."""
    wealth, best, total = Fraction(1), Fraction(1), 0
    for j, (stake, x) in enumerate(zip(stakes, numbers, strict=True)):
        r, left = test.null - total, test.size - j
        if r >= test.top * left:
            break
        if r > 0:
            wealth *= Fraction((2**24 - stake) * r + stake * x * left, 2**24 * r)
        best, total = max(best, wealth), total + x
        if total > test.null:
            return Fraction(0)
    return 1 / best


def test_the_risk_is_that_of_exact_fractions_to_one_part_in_two_to_the_150() -> None:
    dice = random.Random(5)
    for _ in range(20):
        test = Null(dice.randrange(200, 350), 200, 4, ((0, 2), (1, 11), (2, 9975), (3, 11), (4, 1)))
        run = measured(test, dice.choices([0, 1, 2, 3, 4], [1, 2, 90, 5, 2], k=60))
        exact = naive_risk(test, run.stakes, run.numbers)
        if exact:
            assert exact <= run.risk() <= exact * (1 + Fraction(1, 2**150))
            for limit in (exact, exact * (1 - Fraction(1, 2**200))):
                assert run.meets(limit) == (exact <= limit)


def test_a_published_risk_is_accepted_from_the_risk_up_to_one_part_in_a_hundred_thousand() -> None:
    run = measured(Null(1780, 1000, 4, comparison_prior(-1, 1, DEFAULT)), [2] * 30)
    assert [text for text in ("0.0302408", "0.0302409", "0.0302410", "0.0302412", "0.0302413", "0.0302414")
            if run.accepts(text)] == ["0.0302410", "0.0302412"]  # fmt: skip
    for text in ("0", "1", "0.030241", "0.03024100", "3.02410e-2", ".0302410", "", None, 1, "0.0302410 "):
        assert not run.accepts(text)


def test_the_published_string_is_rounded_up_and_has_one_form() -> None:
    assert [written(Fraction(*p)) for p in ((1, 29), (1, 10**6), (21, 10**10), (999_999_5, 10**7))] == [
        "0.0344828", "0.00000100000", "2.10000e-9", "1",
    ]  # fmt: skip
    assert published("2.10000e-6") is None and published("0.000000100000") is None
    assert published("2.10000e-9") == (210000, 14)


def test_the_least_number_of_further_clean_cards_is_found() -> None:
    test = Null(1780, 1000, 4, comparison_prior(-1, 1, DEFAULT))
    limit = Fraction(1, 20)
    runs = [measured(test, [2] * (10 + m)).meets(limit) for m in range(1, 40)]
    assert further(measured(test, [2] * 10), 2, limit, 990) == 1 + runs.index(True)


def test_looking_for_further_cards_leaves_the_run_as_it_was_and_a_longer_run_goes_on_from_it() -> None:
    test = Null(1780, 1000, 4, comparison_prior(-1, 1, DEFAULT))
    numbers = [2, 2, 3, 2, 0, 2, 2, 1, 2, 2, 2, 2, 4, 2]
    run = measured(test, numbers[:6])
    further(run, 2, Fraction(1, 20), 990)
    assert (run.n, run.numbers) == (6, numbers[:6])
    assert continued(run, test, numbers) is run and run == measured(test, numbers)
    other = [3, *numbers[1:]]
    assert continued(run, test, other) == measured(test, other) and run.numbers == numbers


def test_no_number_of_clean_cards_is_enough_where_the_errors_found_are_the_margin() -> None:
    run = measured(Null(38, 20, 4, comparison_prior(-1, 1, DEFAULT)), [0])
    assert further(run, 2, Fraction(1, 20), 19) is None  # 0 + 19 x 2 is not above 38


def test_the_last_card_makes_it_a_census() -> None:
    run = Run(Null(3, 4, 2, ((0, 1), (1, 1), (2, 1))))
    for x in (1, 1, 1):
        run.draw(x)
    assert further(run, 1, Fraction(1, 1000), 1) == 1  # the sum 4 exceeds 3: risk 0


# Measuring ------------------------------------------------------------

DEFAULT = {"half": Fraction(1, 1000), "full": Fraction(1, 10_000), "phantoms": Fraction(0)}


def test_the_example_of_the_measuring_page() -> None:
    test = comparison(Claim(-1, 1, 1000, 220), {})
    assert test is not None and (test.null, test.size, test.top) == (1780, 1000, 4)
    assert written(measured(test, [2] * 30).risk()) == "0.0302410"


def test_the_prior_of_a_comparison() -> None:
    assert dict(comparison_prior(-1, 1, DEFAULT)) == {0: 2, 1: 11, 2: 9975, 3: 11, 4: 1}
    # below_share 1/2 with two votes allowed: least -1, most 2, span 3; span -+ most 1, 5; span +- least 2, 4
    assert dict(comparison_prior(-1, 2, DEFAULT)) == {0: 2, 1: 11, 2: 11, 3: 9953, 4: 11, 5: 11, 6: 1}
    rates = {"half": Fraction(1, 30_000), "full": Fraction(0), "phantoms": Fraction(99, 1000)}
    assert dict(comparison_prior(-1, 1, rates)) == {0: 1, 1: 992, 2: 9004, 3: 2, 4: 1}


def test_the_prior_of_a_poll() -> None:
    told = polling(Claim(-1, 1, 1000, 220), {1: 600, -1: 380, 0: 0})
    assert told is not None and told.null == 1000 and dict(told.prior) == {0: 380, 1: 20, 2: 600}
    untold = polling(Claim(-2, 3, 50, 7, outside=3), None)
    assert untold is not None and (untold.null, untold.top) == (106, 5)
    assert dict(untold.prior) == {0: 10, 2: 1, 5: 12}


def test_shares_of_a_poll_are_rounded_half_to_even_and_are_at_least_one() -> None:
    told = polling(Claim(-1, 1, 400, 100), {1: 1, -1: 3, 0: 0})  # 2.5, 7.5 and 990 thousandths
    assert told is not None and dict(told.prior) == {0: 8, 1: 990, 2: 2}


def test_batches_by_hand() -> None:
    """Two batches of ten cards, 6 and 4 points: M = 10; weights 16 and 14; W = 30; N = 30."""
    found = weighed([10, 10], [10], [([6, 4], -1)])
    assert (found.weights, found.whole, found.sizes) == ((16, 14), 30, (30,))
    assert batch_number(0, 16, 30, 30) == K
    assert batch_number(2, 16, 30, 30) == 917_504  # t = 2 x 30 / (16 x 30) = 1/8
    assert batch_number(16, 16, 30, 30) == 0
    assert batch_number(-40, 16, 30, 30) == 2 * K  # cut at the top
    test = batch_null(10, 30)
    assert Fraction(test.null, test.size) == Fraction(2 * K, 3) and sum(w for _, w in test.prior) == 10_001


def test_the_weight_of_a_batch_is_the_greatest_over_the_assertions() -> None:
    """M = 4 and 6, L = 12: shares 3 and 2."""
    found = weighed([10, 10], [4, 6], [([1, 3], -1), ([10, -4], -1)])
    assert found.weights == (max(11 * 3, 20 * 2), max(13 * 3, 6 * 2)) and found.whole == 79
    assert found.sizes == (27, 40)  # 79 x 4 / 12 and 79 x 6 / 12, rounded up


# Assertions ------------------------------------------------------------


def ahead(winner: str, loser: str) -> dict[str, Any]:
    return {"kind": "ahead", "loser": loser, "winner": winner}


def test_the_example_of_the_assertions_page() -> None:
    totals = {"a": 500, "b": 420, "c": 60}
    outcome = {"kind": "winner", "winners": ["a"]}
    found = list(needed("plurality", ["a", "b", "c"], 1, outcome))
    assert found == [ahead("a", "b"), ahead("a", "c")]
    assert [by_votes(assertion, totals) for assertion in found] == [80, 440]


def test_the_example_of_a_share() -> None:
    assertion = {"choice": "yes", "kind": "above_share", "share": "1/2", "write_ins": False}
    assert by_votes(assertion, {"yes": 600, "no": 300}) == 300 and bounds(assertion, 1) == (-1, 1)
    assert bounds(assertion | {"share": "3/5"}, 2) == (-6, 2)
    assert bounds(assertion | {"kind": "below_share", "share": "3/5"}, 2) == (-2, 6)


def test_what_a_runoff_needs() -> None:
    def below(choice: str) -> dict[str, Any]:
        return {"choice": choice, "kind": "below_share", "share": "1/2", "write_ins": False}

    outcome = {"choices": ["b", "c"], "kind": "runoff"}
    assert list(needed("majority_or_runoff", ["a", "b", "c"], 1, outcome)) == [
        below("b"), below("c"), ahead("b", "a"), ahead("c", "a"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "seats", "outcome"),
    [
        ("plurality", 2, {"kind": "winner", "winners": ["a"]}),  # a seat left empty
        ("plurality", 3, {"kind": "winner", "winners": ["a", "b", "c"]}),  # as many seats as choices
        ("plurality", 1, {"kind": "runoff", "choices": ["a", "b"]}),
        ("majority_or_runoff", 1, {"kind": "runoff", "choices": ["a", "b", "c"]}),
        ("ranked_choice", 1, {"kind": "winner", "winners": ["a"]}),
    ],
)
def test_outcomes_that_cannot_be_shown(method: str, seats: int, outcome: dict[str, Any]) -> None:
    assert list(needed(method, ["a", "b", "c"], seats, outcome)) == []


def test_the_published_form_of_an_assertion() -> None:
    assert is_published(ahead("a", "b"))
    share = {"choice": "a", "kind": "above_share", "share": "1/2", "write_ins": False}
    assert is_published(share)
    wrong: Any
    for wrong in (
        ahead("a", "b") | {"more": 1}, {"kind": "ahead", "winner": "a"}, share | {"share": "2/4"},
        share | {"share": "3/2"}, share | {"write_ins": 0}, ahead("a", "b") | {"kind": "behind"}, None, [], 7,
        ahead("a", "b") | {"kind": ["ahead"]}, ahead("a", "b") | {"winner": 3},
    ):  # fmt: skip
        assert not is_published(wrong)


def test_votes_of_a_card() -> None:
    def votes(*names: str, flags: str = "", allowed: int = 1) -> dict[str, int]:
        marks = tuple(Mark(name, 0, 1) for name in names)
        return votes_of(Pattern(marks, frozenset(flags.split())), ("a", "b", "c"), allowed)

    assert votes("a") == {"a": 1} and votes("a", "b") == {} and votes() == {}
    assert votes("a", "a") == {"a": 1}
    assert votes("b", "a", allowed=2) == {"a": 1, "b": 1}
    assert votes("a", "write_in") == {} and votes("a", "write_in:1", allowed=2) == {"a": 1}
    assert votes("a", "write_in:1", "write_in:2", allowed=2) == {}
    assert votes("a", flags="overvote") == {} and votes("a", flags="invalid") == {}
    assert votes("a", flags="adjudicated write_in_unresolved") == {"a": 1}


# Ranked cards ------------------------------------------------------------

A, B, C = 1, 2, 4


def ranked(*ranks: str, **how: Any) -> list[Entry]:
    marks = [Mark(name, rank, 1) for rank, names in enumerate(ranks, 1) for name in names.split()]
    return entries(marks, (), ("a", "b", "c"), Reading(**how))


def test_entries_of_a_plain_ranking() -> None:
    assert ranked("a", "b", "c") == [Entry(A, 0, True), Entry(B, A, True), Entry(C, A | B, True)]
    assert ranked("b", "b", "a") == [Entry(B, 0, True), Entry(A, B, True)]
    assert ranked("write_in", "c") == [Entry(C, 0, True)]
    assert ranked() == []


def test_where_a_ranking_ends() -> None:
    assert ranked("a", "b", "c", max_rankings=2) == [Entry(A, 0, True), Entry(B, A, True)]
    assert ranked("", "a", max_skipped=0) == [] and ranked("", "a", max_skipped=1) == [Entry(A, 0, True)]
    assert ranked("a", "a", "b", duplicate="exhaust") == [Entry(A, 0, True)]
    assert ranked("a", "b c", "b") == [Entry(A, 0, True)]
    assert ranked("a b", "c", overvote="skip") == [Entry(C, 0, True)]
    assert ranked("a b", "b", "c", overvote="skip") == [Entry(B, 0, True), Entry(C, B, True)]
    assert ranked("a b", "b", "c", overvote="skip", duplicate="exhaust") == []
    assert ranked("a b", "c", overvote="skip", max_skipped=0) == [Entry(C, 0, True)]


def test_a_choice_in_an_overvote_that_was_passed_over_was_marked() -> None:
    """Counting, 3.2, step 2: the repeated choice ends the ballot there; with `skip` it has no effect."""
    how: dict[str, Any] = {"overvote": "skip", "duplicate": "exhaust"}
    assert ranked("a b", "c", "a", **how) == [Entry(C, 0, True)]
    assert ranked("c", "a b", "b", "a", **how) == [Entry(C, 0, True)]
    assert ranked("a b", "b c", "c", **how) == []
    assert ranked("a b", "c", "a", overvote="skip") == [Entry(C, 0, True), Entry(A, C, True)]


def test_overvotes_that_are_resolved_in_the_round() -> None:
    both = [Entry(A, B, False), Entry(B, A, False), Entry(C, A | B, False)]
    assert ranked("a b", "c", overvote="exhaust_if_several_continuing") == both
    assert ranked("a b", "c", overvote="wait_while_several_continuing") == both
    assert ranked("a b", "c", overvote="exhaust_if_any_continuing") == [Entry(C, A | B, False)]
    assert ranked("a", "a b", "c", overvote="wait_while_several_continuing") == [
        Entry(A, 0, True), Entry(B, A, False), Entry(C, A | B, False),
    ]  # fmt: skip
    hidden = "write_in:1 write_in:2"
    assert ranked(hidden, "c", overvote="wait_while_several_continuing") == []
    assert ranked("write_in:1", "write_in:2", "c", duplicate="exhaust") == []
    assert ranked("write_in:1", "write_in:2", "c", duplicate="skip") == [Entry(C, 0, True)]


def test_weights_of_ranked_cards() -> None:
    bit = {"a": A, "b": B, "c": C}
    neb = {"kind": "neb", "loser": "b", "winner": "a"}
    nen = {"kind": "nen", "loser": "b", "standing": ["a", "b"], "winner": "a"}
    cards = [
        ranked("a", "b"),
        ranked("c", "a", "b"),
        ranked("c", "b", "a"),
        ranked("b"),
        ranked("c"),
        ranked(),
    ]
    assert [by_entries(neb, card, bit) for card in cards] == [1, 0, -1, -1, 0, 0]
    assert [by_entries(nen, card, bit) for card in cards] == [1, 1, -1, -1, 0, 0]


def neb(winner: str, loser: str) -> dict[str, Any]:
    return {"kind": "neb", "loser": loser, "winner": winner}


def test_a_certificate_by_hand() -> None:
    choices = ("a", "b", "c")
    assert certificate_trouble([neb("a", "b"), neb("a", "c")], choices, "a") == ""
    nen = {"kind": "nen", "loser": "b", "standing": ["a", "b"], "winner": "a"}
    assert certificate_trouble([neb("a", "c"), nen], choices, "a") == ""
    # with c left out of the neb, c may be the last: {c}, {a, c} or {b, c}, then everybody
    assert certificate_trouble([neb("a", "b")], choices, "a")
    assert certificate_trouble([neb("a", "b"), neb("a", "b"), neb("a", "c")], choices, "a")
    for wrong in (
        neb("a", "a"), neb("a", "x"), ahead("a", "b"), nen | {"standing": ["b", "a"]},
        nen | {"standing": ["a", "c"]}, nen | {"standing": ["a", "a", "b"]},
    ):  # fmt: skip
        assert certificate_trouble([neb("a", "b"), neb("a", "c"), wrong], choices, "a")


def winners_of(ballots: list[tuple[str, ...]], standing: frozenset[str]) -> set[str]:
    """Every possible winner of a count in rounds, however ties for elimination fall."""
    if len(standing) == 1:
        return set(standing)
    firsts = dict.fromkeys(standing, 0)
    for ballot in ballots:
        name = next((name for name in ballot if name in standing), None)
        if name:
            firsts[name] += 1
    least = min(firsts.values())
    found: set[str] = set()
    for name in standing:
        if firsts[name] == least:
            found |= winners_of(ballots, standing - {name})
    return found


def test_true_assertions_with_a_good_certificate_mean_that_every_count_has_that_winner() -> None:
    """Random small elections: all true assertions are tried; a good certificate is never wrong."""
    dice, choices = random.Random(7), ("a", "b", "c", "d")
    bit = {name: 1 << i for i, name in enumerate(choices)}
    pairs = list(permutations(choices, 2))
    claims = [neb(*pair) for pair in pairs] + [
        {"kind": "nen", "loser": y, "standing": [c for c in choices if c in {x, y, *more}], "winner": x}
        for x, y in pairs for more in ((), "a", "b", "c", "d", "abcd")
        if len({x, y, *more}) > 2 or not more
    ]  # fmt: skip
    claims = list({canonical(claim): claim for claim in claims}.values())
    good = 0
    for _ in range(30):
        ballots = [tuple(dice.sample(choices, dice.randrange(1, 5))) for _ in range(9)]
        cards = [
            entries([Mark(c, r, 1) for r, c in enumerate(b, 1)], (), choices, Reading()) for b in ballots
        ]
        true = [c for c in claims if sum(by_entries(c, card, bit) for card in cards) > 0]
        possible = winners_of(ballots, frozenset(choices))
        for winner in choices:
            if certificate_trouble(true, choices, winner) == "":
                good += 1
                assert possible == {winner}
    assert good >= 5


# Draws ------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_a_larger_draw_that_goes_on_from_an_earlier_one_is_as_if_made_anew(seed: int) -> None:
    dice = random.Random(seed)
    batches = [(f"b{i}", dice.randrange(1, 60)) for i in range(12)]
    groups: dict[str, Any] = {
        f"g{i}": sorted(dice.sample(range(12), dice.randrange(1, 12))) for i in range(5)
    }
    groups |= {"all": range(12), "everything": range(12), "again": list(groups["g0"])}
    most = {g: sum(batches[b][1] for b in members) for g, members in groups.items()}
    sizes, known = dict.fromkeys(groups, 1), None
    for _ in range(8):
        found, known = drawn_on("1" * 20, batches, groups, sizes, known)
        assert found == grouped("1" * 20, batches, groups, sizes) and isinstance(known, Known)
        sizes = {g: min(most[g], n + dice.choice([0, 0, 1, 5, 40])) for g, n in sizes.items()}


def test_draws_by_weight_and_integers_are_those_of_the_published_vectors() -> None:
    for case in vectors("by_weight.json"):
        pairs = case["weights"].items() if isinstance(case["weights"], dict) else case["weights"]
        weights = {name: int(weight) for name, weight in pairs}
        assert by_weight(case["seed"], case["stream"], weights, range(1, case["n"] + 1)) == case["sample"]
    for case in vectors("integers.json"):
        total, draws = int(case["total"]), range(1, len(case["integers"]) + 1)
        found = [integer(case["seed"], case["stream"], i, total) for i in draws]
        assert found == [int(x) for x in case["integers"]]


def plainly(
    seed: str, batches: list[tuple[str, int]], groups: dict[str, list[int]], sizes: dict[str, int]
) -> tuple[list[str], dict[str, list[str]]]:
    """Section 5 of the draw page, word for word."""

    def ticket(item: str) -> bytes:
        return hashlib.sha256(f"tallybook/draw/v1\nticket\n{seed}\n{item}".encode()).digest()

    items = {
        g: sorted((f"{batches[b][0]}/{i}" for b in of for i in range(1, batches[b][1] + 1)), key=ticket)
        for g, of in groups.items()
    }
    sample = {item for g in groups for item in items[g][: sizes[g]]}
    usable = {}
    for g in groups:
        first = next((i for i, item in enumerate(items[g]) if item not in sample), len(items[g]))
        usable[g] = items[g][:first]
    return sorted(sample, key=ticket), usable


def test_one_sample_for_several_groups_is_the_pages() -> None:
    dice = random.Random(3)
    for n in range(12):
        batches = [(f"B{i}", dice.randrange(1, 60)) for i in range(8)]
        groups = {g: sorted(dice.sample(range(8), dice.randrange(1, 9))) for g in ("x", "y", "z")}
        sizes = {g: dice.randrange(1, sum(batches[b][1] for b in of) + 1) for g, of in groups.items()}
        if n % 2:
            sizes = {g: min(5, size) for g, size in sizes.items()}
        found = grouped("1" * 20, batches, groups, sizes)
        assert (found.sample, found.usable) == plainly("1" * 20, batches, groups, sizes)


# Published cards ------------------------------------------------------------


def cards_example(folder: Path) -> tuple[bytes, dict[str, int]]:
    """The three files of the page's example; `contest.json` is given back, the others are exhibits."""
    head = re.search(r"without blanks\):\n\n```json\n(.*?)```", CARDS_PAGE, re.DOTALL)
    rows = re.search(r"32 bytes a row:\n\n```text\n(.*?)```", CARDS_PAGE, re.DOTALL)
    assert head and rows
    files = [bytes([1, 1, 2, 2, 0]), bytes.fromhex(rows[1])]
    (folder / "exhibits").mkdir()
    for raw in files:
        (folder / "exhibits" / hashlib.sha256(raw).hexdigest()).write_bytes(raw)
    lengths = {hashlib.sha256(raw).hexdigest(): len(raw) for raw in files}
    return canonical(json.loads(head[1])), lengths


def test_the_example_of_published_cards(tmp_path: Path) -> None:
    raw, lengths = cards_example(tmp_path)
    assert hashlib.sha256(raw).hexdigest() in CARDS_PAGE
    cards = read_rows(parse_head(raw), Folder(tmp_path), lengths)
    assert cards.counts == (1, 2, 2)
    shown = bytes.fromhex("a6e7914dff9c4abbe9bd269c343c146d4fb1cb3574f6d062d36123e0029e2bd7")
    assert cards.pattern_of(shown) == 0
    assert cards.pattern_of(shown[:-1] + b"\0") is None
    assert cards.pattern_of(bytes(32)) is None and cards.pattern_of(b"\xff" * 32) is None


def test_what_a_reader_of_published_cards_refuses(tmp_path: Path) -> None:
    raw, lengths = cards_example(tmp_path)
    value = json.loads(raw)
    patterns = value["patterns"]
    strange = {"flags": [], "marks": [{"choice": "Cedar", "rank": 0, "votes": 1}]}
    change: Any
    for change in (
        {"form": "x"}, {"code_bytes": 2}, {"code_bytes": True}, {"cards": -1}, {"codes_sha256": "0"},
        {"patterns": patterns[::-1]}, {"patterns": patterns + patterns[-1:]}, {"patterns": {}},
        {"patterns": [strange]}, {"patterns": [{"flags": ["odd"], "marks": []}]}, {"more": 1},
        {"patterns": [{"flags": ["no_record", "overvote"], "marks": []}]},
        {"patterns": [{"flags": ["not_on_card"], "marks": patterns[1]["marks"]}]},
        {"contest": value["contest"] | {"seats": 0}}, {"contest": value["contest"] | {"choices": []}},
    ):  # fmt: skip
        with pytest.raises(BadCards):
            parse_head(canonical(value | change))
    for change in ({"cards": 4}, {"cards": 6}, {"patterns": patterns[:2]}, {"codes_sha256": "0" * 64}):
        with pytest.raises(BadCards):
            read_rows(parse_head(canonical(value | change)), Folder(tmp_path), lengths)


def test_commitments_that_do_not_ascend_are_refused(tmp_path: Path) -> None:
    raw, lengths = cards_example(tmp_path)
    value = json.loads(raw)
    rows = (tmp_path / "exhibits" / value["commitments_sha256"]).read_bytes()
    for wrong in (rows[32:64] + rows[:32] + rows[64:], rows[:32] * 2 + rows[64:]):
        name = hashlib.sha256(wrong).hexdigest()
        (tmp_path / "exhibits" / name).write_bytes(wrong)
        head = parse_head(canonical(value | {"commitments_sha256": name}))
        with pytest.raises(BadCards, match="order"):
            read_rows(head, Folder(tmp_path), lengths | {name: len(wrong)})


@pytest.mark.parametrize("patterns", [3, 65, 256, 257])
def test_rows_of_few_and_of_many_patterns_are_counted_and_looked_up(patterns: int, tmp_path: Path) -> None:
    """Codes of one byte and of two; more rows than one block of 4 KiB holds."""
    n = 700
    rows = sorted(hashlib.sha256(b"row %d" % i).digest() for i in range(n))
    numbers = [i * i % patterns for i in range(n)]
    width = 1 if patterns <= 256 else 2
    codes, commitments = b"".join(i.to_bytes(width, "little") for i in numbers), b"".join(rows)
    names = [f"c{i:03}" for i in range(patterns)]
    contest = {"choices": [{"id": name, "name": name, "party": ""} for name in names], "id": "x", "name": "x",
               "office_class": "", "seats": 1, "votes_allowed": 1}  # fmt: skip
    sums = {raw: hashlib.sha256(raw).hexdigest() for raw in (codes, commitments)}
    (tmp_path / "exhibits").mkdir()
    for raw, name in sums.items():
        (tmp_path / "exhibits" / name).write_bytes(raw)
    head = parse_head(canonical({
        "cards": n, "code_bytes": width, "codes_sha256": sums[codes], "commitments_sha256": sums[commitments],
        "contest": contest, "form": "tallybook/published-cards/v1",
        "patterns": [{"flags": [], "marks": [{"choice": name, "rank": 0, "votes": 1}]} for name in names],
    }))  # fmt: skip
    lengths = {name: len(raw) for raw, name in sums.items()}
    cards = read_rows(head, Folder(tmp_path), lengths)
    assert list(cards.counts) == [numbers.count(code) for code in range(patterns)]
    assert [cards.pattern_of(row) for row in rows] == numbers
    half = Room(len(codes))  # room for the codes alone
    kept = [read_rows(head, Folder(tmp_path), lengths, room) for room in (Room(10**6), half)]
    assert [[one.pattern_of(row) for row in rows] for one in kept] == [numbers] * 2 and half.left == 0
    beyond = max(numbers)
    if beyond == patterns - 1:
        with pytest.raises(BadCards, match="pattern"):
            read_rows(replace(head, patterns=head.patterns[:beyond]), Folder(tmp_path), lengths)
    (tmp_path / "exhibits" / sums[codes]).write_bytes(bytes(len(codes)))
    with pytest.raises(Failed, match="changed"):
        cards.code_at(5)


def test_weights_whose_sum_is_beyond_the_draw_are_refused_at_the_plan() -> None:
    """Forty choices behind ash by different primes: the lcm of the margins has some 300 bits."""
    primes = [p for p in range(101, 400) if all(p % q for q in range(2, 20))][:40]
    votes = {"ash": 500} | {f"c{p}": 500 - p for p in primes}
    claims = SimpleNamespace(assertions=[ahead("ash", f"c{p}") for p in primes], limits=[(-1, 1)] * 40)
    one = SimpleNamespace(population=range(1), votes_in=lambda _: votes)
    plan = SimpleNamespace(outside=0)
    audited = SimpleNamespace(first=0, claims=claims, one=one, sums=primes, plan=plan)
    manifest = SimpleNamespace(batches=[("B1", 20_000)])
    audit: Any = SimpleNamespace(seq=3, contests={"x": audited}, manifest=manifest, batches=None)
    with pytest.raises(Failed, match="2\\^255") as found:
        weigh(audit)
    assert found.value.number == 7
