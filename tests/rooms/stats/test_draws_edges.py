"""The sampler at its edges: names just allowed, tickets that begin alike, and what an error shows."""

from __future__ import annotations

import hashlib
from itertools import islice

import numpy as np
import pytest

from tallybook.stats import draws
from tallybook.stats.draws import (
    check_item,
    check_seed,
    draw_by_weight,
    draw_consistently,
    draw_with_replacement,
    draw_without_replacement,
    has_repeat,
    integers_below,
    join_parts,
    ticket,
    ticket_order,
)
from tallybook.stats.errors import NumberError

SEED = "31415926535897932384"
NAMES = [f"Box {b}\n{k}" for b in range(12) for k in range(12)]


def hashed(name):
    return hashlib.sha256(f"tallybook/draw/v1\nticket\n{SEED}\n{name}".encode()).hexdigest()


def by_hand(names):
    return sorted(names, key=lambda name: (hashed(name), name))


def first_bits(bits):
    """What stands in for the compiled hashing: only so many of a ticket's first 64 bits, the rest 0."""

    def leading_words(prefix, names):
        words = [int(hashlib.sha256(prefix + name.encode()).hexdigest()[:16], 16) for name in names]
        return np.array([word >> (64 - bits) << (64 - bits) for word in words], dtype=np.uint64)

    return leading_words


@pytest.mark.parametrize("bits", [64, 16, 4, 1])
def test_the_draw_is_the_same_however_few_bits_of_a_ticket_were_looked_at_first(monkeypatch, bits):
    monkeypatch.setattr(draws, "leading_words", first_bits(bits))
    order = by_hand(NAMES)
    for n in (0, 1, 7, 143, 144):
        sample = draw_without_replacement(SEED, NAMES, n)
        assert [(one.ticket, one.item) for one in sample] == [(hashed(name), name) for name in order[:n]]
    found = ticket_order(SEED, NAMES)
    assert [NAMES[k] for k in found] == order
    assert found.dtype == np.int64
    for names in (["b", "a", "a"], ["a", "b", "a"], ["a", "a"]):
        with pytest.raises(NumberError, match="items: found 'a'"):
            draw_without_replacement(SEED, names, 1)
        with pytest.raises(NumberError, match="items: found 'a'"):
            ticket_order(SEED, names)


def test_without_compiled_hashing_the_order_is_the_same(monkeypatch):
    monkeypatch.setattr(draws, "leading_words", lambda _prefix, _names: None)
    assert [NAMES[k] for k in ticket_order(SEED, NAMES)] == by_hand(NAMES)
    assert [one.item for one in draw_without_replacement(SEED, NAMES, 9)] == by_hand(NAMES)[:9]
    with pytest.raises(NumberError, match="items: found 'a'"):
        ticket_order(SEED, ["a", "b", "a"])


def test_tickets_that_begin_alike_are_told_apart_by_the_rest(monkeypatch):
    # Hashes as they might be: the first 64 bits of all but the largest ticket are 0.
    cards = NAMES[:20]
    real = {name: bytes.fromhex(hashed(name)) for name in cards}
    last = max(cards, key=lambda name: real[name][8:])
    alike = {name: (b"\xff" if name == last else b"\0") * 8 + real[name][8:] for name in cards}
    early = {name: (b"\0" if name == cards[3] else b"\xff") * 8 + real[name][8:] for name in cards}
    monkeypatch.setattr(draws, "leading_words", lambda _prefix, _names: None)
    for made in (alike, early):
        monkeypatch.setattr(draws, "digests", lambda _seed, names, made=made: ((made[n], n) for n in names))
        assert [cards[k] for k in ticket_order(SEED, cards)] == sorted(cards, key=made.__getitem__)


@pytest.mark.parametrize(
    ("words", "repeats"),
    [([], False), ([5], False), ([3, 1, 2], False), ([3, 1, 3], True), ([2, 2], True), ([1, 2, 2, 3], True)],
)
def test_two_equal_beginnings_are_found_wherever_they_stand(words, repeats):
    assert has_repeat(np.array(words, dtype=np.uint64)) is repeats


def test_the_parts_of_a_name_are_joined_by_one_line_feed():
    assert join_parts("Appling", "Batch 1", "7") == "Appling\nBatch 1\n7"
    assert join_parts("alone") == "alone"
    assert ticket(SEED, join_parts("Box", "7")) == hashed("Box\n7")
    with pytest.raises(NumberError, match="stream"):
        join_parts("a", "b\nc")


def test_a_name_may_be_as_long_as_4096_bytes_of_utf_8():
    for name in ("a" * 4096, "é" * 2048, "\U0001f5f3" * 1024):
        assert ticket(SEED, name) == hashed(name)
        assert [one.item for one in draw_without_replacement(SEED, [name, "b"], 2)] == by_hand([name, "b"])
    for name in ("a" * 4097, "é" * 2048 + "a", "\U0001f5f3" * 1024 + "a"):
        with pytest.raises(NumberError, match="item"):
            check_item(name)
        with pytest.raises(NumberError, match="item"):
            draw_without_replacement(SEED, [name, "b"], 2)


@pytest.mark.parametrize("name", ["", "\n", "a\n", "\na", "a\n\nb", "a\0b", "\0"])
def test_no_part_of_a_name_is_empty(name):
    for names in ([name], ["a", name], [name, "z"]):
        with pytest.raises(NumberError, match="item"):
            draw_without_replacement(SEED, names, 0)


def test_one_name_and_many_names_are_checked_alike():
    # Every character of the first two blocks, the edges of the control characters among them.
    for code in [*range(0x180), 0x2028, 0xD7FF, 0xD800, 0xDFFF, 0xE000, 0xFFFF]:
        name = f"a{chr(code)}b"
        control = code < 32 and code != 10
        allowed = not control and code != 127 and not 0xD800 <= code <= 0xDFFF
        for check in (check_item, lambda name: draw_without_replacement(SEED, ["first", name], 1)):
            if allowed:
                check(name)
            else:
                with pytest.raises(NumberError, match="item"):
                    check(name)


@pytest.mark.parametrize("seed", ["0" * 20, "9" * 200, "01234567890123456789"])
def test_a_seed_has_20_to_200_digits(seed):
    check_seed(seed)
    assert draw_without_replacement(seed, ["a"], 1)[0].item == "a"


@pytest.mark.parametrize(
    "seed", ["0" * 19, "9" * 201, "0123456789 123456789", "²" * 20, "", b"0" * 20, 10**20]
)
def test_what_is_no_seed_is_shown(seed):
    for call in (
        check_seed,
        lambda s: next(integers_below(s, "a", 5)),
        lambda s: draw_without_replacement(s, [], 0),
    ):
        with pytest.raises(NumberError) as problem:
            call(seed)
        assert (problem.value.argument, problem.value.found) == ("seed", seed)


def attempts(draw):
    """The hashes of one draw, attempt after attempt."""
    k = 0
    while True:
        text = f"tallybook/draw/v1\ninteger\n{SEED}\ns\n{draw}\n{k}"
        yield int(hashlib.sha256(text.encode()).hexdigest(), 16)
        k += 1


@pytest.mark.parametrize("total", [1, 2, 10, 2**255, 2**255 - 1, 3 * 2**253, 2**254 + 1])
def test_a_hash_in_the_last_incomplete_run_is_refused(total):
    limit = 2**256 // total * total
    expected = [next(x for x in attempts(d) if x < limit) % total for d in range(1, 21)]
    assert list(islice(integers_below(SEED, "s", total), 20)) == expected


def test_an_item_is_drawn_in_proportion_to_its_weight_in_the_order_of_names():
    # Cumulative weights by name: a 0, b 3, c 3, d 10. A draw of 0..2 is b, 3..9 is d.
    drawn = list(islice(integers_below(SEED, "s", 10), 30))
    assert {0, 2, 3, 9} <= set(drawn)
    expected = tuple("b" if r < 3 else "d" for r in drawn)
    assert draw_by_weight(SEED, "s", {"d": 7, "c": 0, "b": 3, "a": 0}, 30) == expected
    assert draw_by_weight(SEED, "s", {"a": 1}, 0) == ()
    assert draw_with_replacement(SEED, "s", ["only"], 3) == ("only",) * 3


def test_what_may_be_used_for_a_group_ends_before_its_first_item_left_out():
    order = by_hand(NAMES)
    groups = {"all": NAMES, "late": order[5:40], "none": order[:3]}
    sample = draw_consistently(SEED, groups, {"all": 2, "late": 1, "none": 0})
    assert [one.item for one in sample.drawn] == [order[0], order[1], order[5]]
    assert sample.thresholds == {"all": hashed(order[1]), "late": hashed(order[5]), "none": ""}
    # Of all: items 0 and 1, then 2 was left out. Of "none": 0 and 1 were drawn for others.
    assert sample.usable == {"all": tuple(order[:2]), "late": (order[5],), "none": tuple(order[:2])}
    whole = draw_consistently(SEED, {"all": ["x", "y"]}, {"all": 2})
    assert whole.usable == {"all": tuple(by_hand(["x", "y"]))}


@pytest.mark.parametrize(
    ("call", "argument", "found"),
    [
        (lambda: draw_consistently(SEED, {"b": ["x"], "a": []}, {"c": 1, "a": 0}), "sizes", ["a", "c"]),
        (lambda: draw_consistently(SEED, {"a": ["x"]}, {"a": 2}), "sizes['a']", 2),
        (lambda: draw_consistently(SEED, {"a": ["x"]}, {"a": -1}), "sizes['a']", -1),
        (lambda: draw_consistently(SEED, {"a": ["x", "x"]}, {"a": 1}), "items", "x"),
        (lambda: draw_without_replacement(SEED, ["a"], 2), "n", 2),
        (lambda: draw_without_replacement(SEED, ["a"], True), "n", True),
        (lambda: draw_without_replacement(SEED, ["a", 3], 1), "item", 3),
        (lambda: draw_by_weight(SEED, "s", {"a": -1}, 1), "weights['a']", -1),
        (lambda: draw_by_weight(SEED, "s", {"a": 1}, -1), "n", -1),
        (lambda: draw_by_weight(SEED, "s", {"a\0": 1}, 1), "item", "a\0"),
        (lambda: draw_by_weight(SEED, "s\nt", {"a": 1}, 1), "stream", "s\nt"),
        (lambda: draw_by_weight(SEED, "s", {"a": 0}, 1), "total", 0),
        (lambda: integers_below(SEED, "s", 2**255 + 1), "total", 2**255 + 1),
        (lambda: integers_below(SEED, "s", 2.0), "total", 2.0),
        (lambda: check_item(7), "item", 7),
        (lambda: ticket(SEED, ""), "item", ""),
        (lambda: ticket("1", "a"), "seed", "1"),
    ],
)
def test_an_error_shows_what_was_found(call, argument, found):
    with pytest.raises(NumberError) as problem:
        call()
    assert (problem.value.argument, problem.value.found) == (argument, found)
