"""Published draws of Arlo and of consistent_sampler are replayed to the last digit."""

import csv
import json
from decimal import Context, Decimal, localcontext
from hashlib import sha256

import numpy as np
import pytest

from tallybook.stats.arlo_draws import (
    draw_by_bound,
    draw_by_ticket,
    draw_by_ticket_without_replacement,
    first_ticket,
    key_text,
    trim,
    weighted_indices,
)
from tallybook.stats.errors import NumberError
from tests.needs import needs_shared

# The examples that consistent_sampler publishes: seed, ids, and the printed (ticket, id, generation).
SIX = ["A-1", "A-2", "A-3", "B-1", "B-2", "B-3"]
PUBLISHED_WITH_REPLACEMENT = """
0.410310858 B-2 1, 0.470960291 B-3 1, 0.471438751 A-3 1, 0.567089805 A-2 1, 0.659534619 A-2 2,
0.765106651 A-2 3, 0.796265241 B-3 2, 0.872112726 A-2 4, 0.893337722 B-2 2, 0.9026656781 A-3 2,
0.9105083805 A-3 3, 0.9200375234 B-2 3, 0.9257009021 B-3 3, 0.9357740622 A-3 4, 0.9425889093 B-3 4,
0.9501908345 B-2 4
"""
PUBLISHED_GENERATIONS = """
0.9781715679 0.99820529419 0.999816322794 0.9999155113816 0.9999740105535 0.9999889761394 0.9999894745680
0.99999518448838 0.99999770648841 0.999999324301596 0.999999588760690 0.999999659277522 0.999999835543910
0.99999999723005422 0.99999999859359985 0.999999999540636137
"""
# The examples of Arlo's own published tests: this seed, four batches of 25, draws 9 to 13.
ARLO_SEED = "12345678901234567890abcdefghijklmnopqrstuvwxyz😊"
ARLO_BALLOTS = [
    ("0.078998835671540970", ("pct 1", 20), 1),
    ("0.090240829778172783", ("pct 3", 12), 1),
    ("0.096136506157297637", ("pct 1", 20), 2),
    ("0.104280162683637014", ("pct 4", 17), 1),
    ("0.108948480696023984", ("pct 1", 25), 2),
]
# Ten batches of error bound 0.4 and nine of 0.2, ten draws; tickets were then cut at 18 characters in all.
ARLO_BATCHES = [
    ("0.6420743205882562", 8, 1),
    ("0.6349030283573189", 6, 1),
    ("0.6504322149442543", 8, 2),
    ("0.0964865662755737", 0, 1),
    ("0.8355538920117207", 9, 1),
    ("0.9722586520568512", 14, 1),
    ("0.0303382179604618", 18, 1),
    ("0.5463930638831358", 17, 1),
    ("0.6740803217373787", 8, 3),
    ("0.8474302491899700", 2, 1),
]


def shown(sample):
    return [(one.ticket, one.key, one.generation) for one in sample]


def batch_bounds():
    bounds = {("Jx 1", f"pct {i}"): Decimal("0.4") for i in range(10)}
    return bounds | {("Jx 1", f"pct {i}"): Decimal("0.2") for i in range(11, 20)}


def test_the_published_draw_with_replacement_is_replayed():
    expected = [tuple(row.split()) for row in PUBLISHED_WITH_REPLACEMENT.replace("\n", " ").split(", ")]
    drawn = [(t, key, str(g)) for t, key, g in shown(draw_by_ticket("314159", SIX, 16, digits=9))]
    assert drawn == expected


def test_the_published_generations_of_one_item_are_replayed():
    drawn = [one.ticket for one in draw_by_ticket("314159", ["B-1"], 16, digits=9)]
    assert drawn == PUBLISHED_GENERATIONS.split()


def test_the_published_shuffle_is_replayed():
    drawn = draw_by_ticket_without_replacement("314159", SIX, 6, digits=9)
    assert [one.key for one in drawn] == ["B-2", "B-3", "A-3", "A-2", "B-1", "A-1"]
    assert drawn[-1].ticket == "0.9828515724"
    assert [one.generation for one in drawn] == [1] * 6


def test_keys_of_mixed_types_are_replayed():
    published = [(52, ["a", "b", "c", "d", "e"], "dbeac"), (31, ["a", "b", "c", "d"], "badc")]
    for seed, keys, order in published:
        drawn = draw_by_ticket_without_replacement(str(seed), keys, len(keys))
        assert "".join(one.key for one in drawn) == order
    drawn = draw_by_ticket_without_replacement("41", range(100), 5, digits=9)
    assert [one.key for one in drawn] == [73, 51, 17, 58, 38]
    assert drawn[0].ticket == "0.000508333"


def test_arlos_published_ballot_draw_is_replayed_by_rounds():
    ballots = [(f"pct {batch}", k) for batch in range(1, 5) for k in range(1, 26)]
    assert shown(draw_by_ticket(ARLO_SEED, ballots, 5, already=8)) == ARLO_BALLOTS


def test_arlos_published_batch_draw_is_replayed():
    drawn = draw_by_bound(ARLO_SEED, batch_bounds(), 10, digits=16)
    assert [(one.ticket[:18], one.key[1], one.generation) for one in drawn] == [
        (ticket, f"pct {batch}", generation) for ticket, batch, generation in ARLO_BATCHES
    ]
    assert draw_by_bound(ARLO_SEED, batch_bounds(), 5, already=5, digits=16) == drawn[5:]


def test_a_draw_of_as_many_as_there_are_takes_all_that_are_left_in_sorted_order():
    bounds = batch_bounds()
    drawn = draw_by_bound(ARLO_SEED, bounds, 14, already=5)
    before = {one.key for one in draw_by_bound(ARLO_SEED, bounds, 5)}
    assert [one.key for one in drawn] == sorted(bounds.keys() - before)
    assert all(one.generation == 1 for one in drawn)


def test_what_is_left_is_sorted_as_texts_also_where_the_keys_are_numbers():
    for keys, order in (
        ([9, 10, 2], [10, 2, 9]),
        ([("a", 9), ("a", 10)], [("a", 10), ("a", 9)]),
        ([("a b", 0), ("a", 1)], [("a", 1), ("a b", 0)]),
    ):
        drawn = draw_by_bound("1", {key: Decimal(1) for key in keys}, len(keys))
        assert [one.key for one in drawn] == order


def test_a_draw_does_not_depend_on_the_decimals_its_caller_works_with():
    bounds = {f"pct {i}": Decimal(1) / (i % 7 + 3) for i in range(40)}
    expected = draw_by_bound(ARLO_SEED, bounds, 20)
    with localcontext(Context(prec=1)):
        assert draw_by_bound(ARLO_SEED, bounds, 20) == expected


def test_shares_need_not_add_to_one():
    # Doubles times a power of two are exact.
    shares = [0.375, 0.125, 0.3, 0.2]
    assert weighted_indices("5", [64 * s for s in shares], 60) == weighted_indices("5", shares, 60)


def test_batches_that_cannot_be_wrong_give_no_sample():
    assert draw_by_bound("1", {("a", "b"): Decimal(0)}, 3) == ()


def test_the_choice_equals_numpys():
    shares = np.random.default_rng(1).random(500)
    shares /= shares.sum()
    for seed in ("1", "34363370190391208563"):
        hashed = int(sha256(seed.encode()).hexdigest(), 16)
        expected = np.random.default_rng(hashed).choice(500, 200, p=shares, replace=True)
        assert list(weighted_indices(seed, shares.tolist(), 200)) == expected.tolist()


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (("pct 1", 13), "('pct 1', 13)"),
        ((("J1", None, "Batch 1"), 13), "(('J1', None, 'Batch 1'), 13)"),
        (("O'Brien", "x\\y"), "(\"O'Brien\", 'x\\\\y')"),
        (("Doña Ana", "\u00a0"), "('Doña Ana', '\\xa0')"),
    ],
)
def test_a_key_is_hashed_as_python_prints_it(key, text):
    assert key_text(key) == text


@pytest.mark.parametrize(
    ("call", "argument", "found"),
    [
        (lambda: key_text((np.str_("APPLING"), "1")), "key", (np.str_("APPLING"), "1")),
        (lambda: draw_by_ticket(7, ["a"], 1), "seed", 7),
        (lambda: draw_by_bound("7", {"a": Decimal(-1)}, 1), "bounds", Decimal(-1)),
        (lambda: draw_by_bound("7", {"a": Decimal(1), "b": 0.5}, 1), "bounds", 0.5),
        (lambda: draw_by_ticket_without_replacement("7", ["a"], -1), "n", -1),
    ],
)
def test_a_wrong_call_is_answered_with_what_was_found(call, argument, found):
    with pytest.raises(NumberError) as problem:
        call()
    assert (problem.value.argument, problem.value.found) == (argument, found)


def test_a_printed_ticket_keeps_its_leading_nines():
    assert trim("0.995123456", 3) == "0.99512"
    assert first_ticket("34363370190391208563", "('COBB', 'x')").startswith("0.")


def test_georgias_2025_draw_of_15_batches_and_its_tickets_are_replayed():
    georgia = needs_shared("data/audits/georgia2025_psc_macro")
    rows = list(csv.DictReader((georgia / "batches.csv").open(encoding="utf-8")))
    winner, loser = "PSC - District 2::Alicia M. Johnson (Dem)", "PSC - District 2::Tim Echols (I) (Rep)"
    margin = sum(int(r[winner]) - int(r[loser]) for r in rows)
    with localcontext(Context(prec=28)):
        bounds = {
            (r["county"], r["batch"]): Decimal(int(r[winner]) - int(r[loser]) + int(r["ballots"])) / margin
            for r in rows
        }
    seed = json.loads((georgia / "settings.json").read_text())["settings"]["Random Seed"]
    published = csv.DictReader((georgia / "sampled_batches.csv").open(encoding="utf-8"))
    expected = {((r["county"], r["batch"]), r["ticket"]) for r in published if r["ticket"]}
    assert len(expected) == 15
    assert {(one.key, one.ticket) for one in draw_by_bound(seed, bounds, 15)} == expected
