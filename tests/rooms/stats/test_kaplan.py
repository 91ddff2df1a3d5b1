"""Kaplan-Markov, super-simple and MACRO against published audits and worked numbers."""

from __future__ import annotations

import csv
import json
import math
from fractions import Fraction

import pytest

from tallybook.stats.bets import kaplan_kolmogorov
from tallybook.stats.certainty import exact_p, publish
from tallybook.stats.errors import NumberError
from tallybook.stats.kaplan import (
    Discrepancies,
    kaplan_markov,
    macro,
    macro_bounds,
    macro_size,
    macro_taint,
    super_simple,
    super_simple_plan,
    super_simple_size,
)
from tallybook.stats.lattice import Null
from tallybook.stats.martingale import wealth
from tests.needs import needs_shared


def test_colorado_2020_optimistic_sizes_are_reproduced_in_all_565_rows():
    text = needs_shared("data/audits/colorado2020_general_contest_risk.csv").read_text().splitlines()
    rows = [row for row in csv.DictReader(text) if int(row["min_margin"] or 0) > 0]
    assert len(rows) == 565
    for row in rows:
        kinds = ("one_vote_over", "two_vote_over", "one_vote_under", "two_vote_under")
        found = Discrepancies(*(int(row[f"{kind}_count"]) for kind in kinds))
        V = Fraction(int(row["min_margin"]), int(row["ballot_card_count"]))
        size = super_simple_size(V, row["risk_limit"], found, row["gamma"])
        assert size == int(row["optimistic_samples_to_audit"]), row["contest_name"]


def test_georgia_2025_total_bound_and_risk_are_reproduced():
    folder = needs_shared("data/audits/georgia2025_psc_macro")
    batches = list(csv.DictReader((folder / "batches.csv").read_text().splitlines()))
    loser, winner = (name for name in batches[0] if "::" in name)
    margin = sum(int(b[winner]) - int(b[loser]) for b in batches)
    assert margin == 980470 - 582403
    bounds = macro_bounds(
        [[int(b[winner]) - int(b[loser])] for b in batches], [int(b["ballots"]) for b in batches], [margin]
    )
    U = sum(bounds)
    assert float(U) == pytest.approx(4.973057299399347, rel=1e-15)
    place = {(b["county"], b["batch"]): bound for b, bound in zip(batches, bounds, strict=True)}
    sampled = list(csv.DictReader((folder / "sampled_batches.csv").read_text().splitlines()))
    drawn = [row for row in sampled if row["extra"] != "yes"]
    taints = []
    for row in drawn:
        reported, found = (
            {name.split("::")[-1]: votes for name, votes in json.loads(row[kind]).items()}
            for kind in ("reported", "audit")
        )
        pair = [n.split("::")[-1] for n in (winner, loser)]
        differences = [[kind[pair[0]] - kind[pair[1]]] for kind in (reported, found)]
        taint = macro_taint(*differences, [margin], place[row["county"], row["batch"]])
        repeats = max(1, len(row["ticket"].split(",")))
        taints += [max(taint, Fraction(0))] * repeats
    assert len(taints) == 15
    assert float(macro(taints, U)) == pytest.approx(0.034476286380833616, rel=1e-14)
    assert publish(macro(taints, U)) == "0.0344763"


def test_a_hundred_equal_batches_at_60_to_40_have_a_total_bound_of_6():
    # 100 batches of 100 cards, 60 to 40: u = (20 + 100)/2000 each.
    bounds = macro_bounds([[20]] * 100, [100] * 100, [2000])
    assert sum(bounds) == 6
    assert macro_size(Fraction(6), "0.05") == 17


def test_three_way_batches_take_the_worst_pair():
    # 50 batches 52-48-5 of 105 cards: (4 + 105)/4 per batch share gives U = 27.25.
    bounds = macro_bounds([[4, 47]] * 50, [105] * 50, [200, 2350])
    assert sum(bounds) == Fraction("27.25")


def test_super_simple_without_discrepancy_needs_the_published_multiplier():
    # Lindeman & Stark 2012: at 10 % risk the multiplier is 4.8 with gamma 1.03905.
    n = super_simple_size("0.01", "0.1")
    assert n == math.ceil(2 * 1.03905 * math.log(10) / 0.01) == 479


def test_super_simple_product_form_agrees_with_hand_arithmetic():
    g, V = 1.03905, 0.02
    found = Discrepancies(o1=2, o2=1, u1=3, u2=1)
    p = super_simple(900, "0.02", found)
    by_hand = (1 - V / (2 * g)) ** 900 / (1 - 0.5 / g) ** 2 / (1 - 1 / g) / (1 + 0.5 / g) ** 3 / (1 + 1 / g)
    assert float(p) == pytest.approx(by_hand, rel=1e-12)


def test_super_simple_is_kaplan_markov_on_its_own_numbers():
    # x = 1 - (w/2)/g with null mean 1 - V/2g: one full overstatement is 1 - 1/g.
    g, V = Fraction("1.03905"), Fraction("0.1")
    x = [Fraction(1)] * 30 + [1 - 1 / g, 1 - 1 / (2 * g), 1 + 1 / (2 * g)]
    assert kaplan_markov(x, 1 - V / (2 * g)) == super_simple(33, V, Discrepancies(o1=1, o2=1, u1=1))


def test_kaplan_markov_is_a_bet_of_the_engine():
    x = [3, 5, 4, 5, 5, 5]
    p = kaplan_markov([Fraction(v, 5) for v in x], Fraction(3, 5), Fraction(1, 8))
    w = wealth(x, Null(t=3, u=5, d=5), kaplan_kolmogorov(0.125))
    assert float(p) == pytest.approx(math.exp(-w.log_wealth[-1]), rel=1e-14)
    assert float(exact_p(w)) == pytest.approx(float(p), rel=1e-14)


def test_a_plan_whose_errors_eat_the_margin_asks_for_a_full_count():
    assert super_simple_plan("0.001", "0.05", (0.001, 0.0001, 0, 0)) is None
    assert super_simple_plan("0.01", "0.05", (0, 0, 0, 0)) == super_simple_size("0.01", "0.05")


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: super_simple(0, "0.1"), "n"),
        (lambda: super_simple(1, "0.1", Discrepancies(o1=2)), "n"),
        (lambda: super_simple_size(0, "0.05"), "V"),
        (lambda: super_simple_size("0.1", "0"), "alpha"),
        (lambda: super_simple_size("0.1", "0.05", g=1), "g"),
        (lambda: Discrepancies(o1=-1), "o1"),
        (lambda: kaplan_markov([], 1), "x"),
        (lambda: kaplan_markov([-1], 1), "x"),
        (lambda: macro([], Fraction(6)), "taints"),
        (lambda: macro([Fraction(0)], Fraction(1)), "U"),
        (lambda: macro_bounds([[1]], [3], [0]), "margins"),
    ],
)
def test_bad_input_is_named(call, argument):
    with pytest.raises(NumberError) as problem:
        call()
    assert problem.value.argument == argument
