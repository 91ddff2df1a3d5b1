"""Rivest's published vectors and the draws of Colorado's 2017 audits are replayed."""

import csv
import json
from collections import Counter, defaultdict

import pytest

from tallybook.stats.colorado_draws import draw_positions
from tallybook.stats.errors import NumberError
from tests.needs import needs_shared


def rows(name):
    return list(csv.DictReader(needs_shared(f"data/audits/{name}").open(encoding="utf-8")))


def test_the_example_of_rivests_reference_implementation_is_replayed():
    assert draw_positions("3546311556112163624615351222", 876, 5) == (740, 180, 264, 789, 238)


def test_a_seed_is_text_not_a_number():
    assert draw_positions("0", 1000, 3) == (905, 573, 160)
    assert draw_positions("0000000000", 1000, 3) == (978, 359, 132)
    assert draw_positions("😀", 1000, 5) == (596, 415, 303, 11, 141)


def test_a_population_of_one_has_one_position_and_no_draw_gives_none():
    assert draw_positions("7", 1, 3) == (1, 1, 1)
    assert draw_positions("7", 10, 0) == ()


def test_all_of_rivests_vectors_are_replayed():
    tests = json.loads(needs_shared("data/audits/rivest_sampler_vectors.json").read_text(encoding="utf-8"))[
        "tests"
    ]
    assert len(tests) == 10
    for test in tests:
        data = test["data"]
        assert list(draw_positions(data["seed"], data["total"], data["count"])) == test["expected"]


def test_the_draws_of_50_colorado_counties_are_replayed():
    selected = defaultdict(set)
    for row in rows("colorado2017_comparison/ballots_selected.csv"):
        selected[row["county"]].add(int(row["cvr_number"]))
    counties = rows("colorado2017_comparison/sampler_oracle.csv")
    assert len(counties) == 50
    for row in counties:
        drawn = draw_positions(row["seed"], int(row["population"]), int(row["draws_reproduced"]))
        assert set(drawn) == selected[row["county"]], row["county"]


def test_the_draws_of_six_colorado_polling_audits_are_replayed():
    listed = defaultdict(Counter)
    for row in rows("colorado2017_ballot_polling/ballots_drawn.csv"):
        listed[row["audit"]][int(row["ballot"])] += 1
    audits = rows("colorado2017_ballot_polling/audits.csv")
    assert len(audits) == 6
    for row in audits:
        drawn = Counter(draw_positions(row["seed"], int(row["population"]), int(row["draws_reproduced"])))
        published = listed[row["audit"]]
        assert drawn.keys() == published.keys(), row["audit"]
        # Custer's and Rio Blanco's lists leave out one repeat.
        assert (drawn - published).total() <= (1 if row["audit"] in ("2017_Custer", "2017_RioBlanco") else 0)


@pytest.mark.parametrize(
    ("call", "argument", "found"),
    [
        (("1", 0, 1), "population", 0),
        (("1", -5, 1), "population", -5),
        (("1", 10.0, 1), "population", 10.0),
        (("1", 10, -1), "n", -1),
        (("1", 10, 1.0), "n", 1.0),
        ((1, 10, 1), "seed", 1),
    ],
)
def test_an_impossible_seed_population_or_size_is_answered_with_what_was_found(call, argument, found):
    with pytest.raises(NumberError) as problem:
        draw_positions(*call)
    assert (problem.value.argument, problem.value.found) == (argument, found)
