"""The sampler agrees with its specification, its published vectors and a second sampler."""

import importlib.util
import json
import random
import re
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from tallybook.stats.draws import (
    check_item,
    check_seed,
    check_stream,
    draw_by_weight,
    draw_consistently,
    draw_with_replacement,
    draw_without_replacement,
    integers_below,
    join_parts,
    ticket,
    ticket_order,
)

ROOT = Path(__file__).parents[3]
SPEC = (ROOT / "docs/spec/draw.md").read_text(encoding="utf-8")
SEED = "31415926535897932384"
CARDS = [f"Appling\nBatch {b}\n{k}" for b in (1, 2) for k in (1, 2, 3)]


def cases(name):
    return json.loads((ROOT / f"vectors/draw/{name}.json").read_text(encoding="ascii"))["cases"]


def plain_sampler():
    spec = importlib.util.spec_from_file_location("plain_draw", Path(__file__).with_name("plain_draw.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pairs(sample):
    return [[one.ticket, one.item] for one in sample]


@pytest.mark.parametrize("case", cases("without_replacement"))
def test_the_published_samples_without_replacement_are_drawn(case):
    assert pairs(draw_without_replacement(case["seed"], case["items"], case["n"])) == case["sample"]


@pytest.mark.parametrize("case", cases("consistent"))
def test_the_published_samples_for_several_groups_are_drawn(case):
    sample = draw_consistently(case["seed"], case["groups"], case["sizes"])
    assert pairs(sample.drawn) == case["expected"]["drawn"]
    assert sample.thresholds == case["expected"]["thresholds"]
    assert {g: list(items) for g, items in sample.usable.items()} == case["expected"]["usable"]


@pytest.mark.parametrize("case", cases("integers"))
def test_the_published_integers_are_drawn(case):
    drawn = integers_below(case["seed"], case["stream"], int(case["total"]))
    assert [str(r) for r in islice(drawn, len(case["integers"]))] == case["integers"]


def test_the_vectors_hold_integers_that_needed_a_second_attempt():
    assert any(attempt > 0 for case in cases("integers") for attempt in case["attempts"])


@pytest.mark.parametrize("case", cases("by_weight"))
def test_the_published_draws_by_weight_are_drawn(case):
    weights = {name: int(weight) for name, weight in case["weights"].items()}
    assert list(draw_by_weight(case["seed"], case["stream"], weights, case["n"])) == case["sample"]


def test_what_the_vectors_refuse_is_refused():
    checks = {"seeds": check_seed, "items": check_item, "streams": check_stream}
    for kind, check in checks.items():
        for bad in cases("refused")[kind]:
            with pytest.raises(ValueError, match="expected"):
                check(bad)
    with pytest.raises(ValueError, match="expected"):
        check_item("\ud800")


def test_the_vectors_are_what_the_second_sampler_prints():
    for name, expected in plain_sampler().vectors():
        assert cases(name) == json.loads(json.dumps(expected))


def test_the_example_of_the_specification_is_right():
    rows = re.findall(r"^\| `([0-9a-f]{64})` \| (.*) \|$", SPEC, re.MULTILINE)
    named = [[hexadecimal, name.replace("\\|", "\n")] for hexadecimal, name in rows]
    assert pairs(draw_without_replacement(SEED, CARDS, 6)) == named
    sample = draw_consistently(SEED, {"mayor": CARDS, "sheriff": CARDS[2:5]}, {"mayor": 2, "sheriff": 2})
    assert pairs(sample.drawn) == named[:3]
    assert sample.usable["mayor"] == tuple(name for _, name in named[:3])
    assert list(islice(integers_below(SEED, "batches", 10), 5)) == [1, 0, 9, 0, 0]
    boxes = {"Batch 1": 5, "Batch 10": 1, "Batch 2": 4}
    assert draw_by_weight(SEED, "batches", boxes, 5) == (
        "Batch 1",
        "Batch 1",
        "Batch 2",
        "Batch 1",
        "Batch 1",
    )


def test_both_samplers_agree_on_random_lists():
    plain = plain_sampler()
    dice = random.Random(20261121)
    for _ in range(60):
        seed = "".join(dice.choices("0123456789", k=dice.randint(20, 40)))
        weights = {
            f"box {dice.randint(0, 10**6)}": dice.randint(0, 10**9) for _ in range(dice.randint(1, 30))
        }
        weights["one more"] = 1
        items = list(weights)
        n = dice.randint(0, len(items))
        assert pairs(draw_without_replacement(seed, items, n)) == plain.without(seed, items, n)
        assert list(draw_by_weight(seed, "s", weights, 20)) == plain.weighted(seed, "s", weights, 20)
        ones = dict.fromkeys(items, 1)
        assert list(draw_with_replacement(seed, "s", items, 9)) == plain.weighted(seed, "s", ones, 9)


def test_the_order_of_the_rows_does_not_matter():
    backwards = CARDS[::-1]
    assert draw_without_replacement(SEED, backwards, 4) == draw_without_replacement(SEED, CARDS, 4)
    assert draw_with_replacement(SEED, "s", backwards, 9) == draw_with_replacement(SEED, "s", CARDS, 9)


def test_the_order_of_all_tickets_is_the_order_of_the_draw():
    cards = [f"card {k}" for k in range(2000)]
    drawn = draw_without_replacement(SEED, cards, len(cards))
    assert [cards[k] for k in ticket_order(SEED, cards)] == [one.item for one in drawn]
    assert ticket_order(SEED, []).tolist() == []


def test_a_bad_name_is_found_among_many_good_ones():
    for bad in cases("refused")["items"]:
        for at in (0, 50, 100):
            names = [f"card\n{k}" for k in range(100)]
            names.insert(at, bad)
            with pytest.raises(ValueError, match="item: found"):
                draw_without_replacement(SEED, names, 1)


def test_a_larger_sample_begins_with_the_smaller():
    whole = draw_without_replacement(SEED, CARDS, 6)
    assert all(draw_without_replacement(SEED, CARDS, n) == whole[:n] for n in range(7))
    assert draw_with_replacement(SEED, "s", CARDS, 40)[:15] == draw_with_replacement(SEED, "s", CARDS, 15)


def test_another_item_never_changes_an_items_ticket():
    before = {one.item: one.ticket for one in draw_without_replacement(SEED, CARDS, 6)}
    after = {one.item: one.ticket for one in draw_without_replacement(SEED, [*CARDS, "late"], 7)}
    assert before.items() < after.items()
    assert all(ticket(SEED, item) == known for item, known in before.items())


def test_the_second_part_of_one_name_is_not_the_first_part_of_another():
    assert ticket(SEED, join_parts("a", "bc")) != ticket(SEED, join_parts("ab", "c"))
    assert ticket(SEED + "1", "2") != ticket(SEED, "12")


def test_two_streams_draw_independently():
    one = draw_with_replacement(SEED, "stratum 1", CARDS, 60)
    two = draw_with_replacement(SEED, "stratum 2", CARDS, 60)
    assert sum(a == b for a, b in zip(one, two, strict=True)) < 25


def test_every_item_is_drawn_about_equally_often():
    """Chi-square on fixed seeds; 99.99 % points: 5 degrees of freedom 25.7."""
    first = Counter(draw_without_replacement(f"{k:020}", CARDS, 1)[0].item for k in range(6000))
    repeated = Counter(draw_with_replacement(SEED, "s", CARDS, 6000))
    for counts in (first, repeated):
        assert sum((counts[card] - 1000) ** 2 / 1000 for card in CARDS) < 25.7


def test_draws_by_weight_follow_the_weights():
    weights = {"a": 1, "b": 2, "c": 0, "d": 7}
    counts = Counter(draw_by_weight(SEED, "s", weights, 10_000))
    assert counts["c"] == 0
    assert sum((counts[k] - 1000 * w) ** 2 / (1000 * w) for k, w in weights.items() if w) < 18.4


@pytest.mark.parametrize(
    ("act", "argument"),
    [
        (lambda: draw_without_replacement(SEED, ["a", "a"], 1), "items"),
        (lambda: draw_without_replacement(SEED, ["a"], 2), "n"),
        (lambda: draw_without_replacement(SEED, ["a"], -1), "n"),
        (lambda: draw_without_replacement(SEED, ["a"], True), "n"),
        (lambda: draw_by_weight(SEED, "s", {"a": -1}, 1), "weights['a']"),
        (lambda: draw_by_weight(SEED, "s", {"a": 1.0}, 1), "weights['a']"),
        (lambda: draw_by_weight(SEED, "s", {"a": 0}, 1), "total"),
        (lambda: draw_by_weight(SEED, "s", {}, 1), "total"),
        (lambda: draw_by_weight(SEED, "s", {"a": 2**255 + 1}, 1), "total"),
        (lambda: draw_consistently(SEED, {"a": []}, {}), "sizes"),
    ],
)
def test_bad_arguments_are_named(act, argument):
    with pytest.raises(ValueError, match="expected") as error:
        act()
    assert error.value.argument == argument
