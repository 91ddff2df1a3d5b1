"""Seats by averages and remainders: the House after the census of 2020, and textbook elections."""

import csv
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest

from tallybook.election import Votes
from tallybook.outcomes.apportionment import Apportioned, Method, highest_averages, largest_remainder

LISTS = (
    ("Yellows", 47000),
    ("Whites", 16000),
    ("Reds", 15900),
    ("Greens", 12000),
    ("Blues", 6000),
    ("Pinks", 3100),
)


def census() -> tuple[Votes, Votes]:
    """Apportionment populations and seats of the fifty states (Census Bureau, 26 April 2021, table 1)."""
    with (Path(__file__).parent / "census_2020.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    people = tuple((row["state"], int(row["people"])) for row in rows)
    return people, tuple((row["state"], int(row["seats"])) for row in rows)


def test_the_house_of_2022_has_the_seats_of_the_census() -> None:
    people, seats = census()
    assert sum(count for _, count in people) == 331_108_434
    assert highest_averages(people, 435, "huntington_hill") == Apportioned(seats, (), 0)


def test_89_more_people_would_have_kept_new_yorks_27th_seat_and_cost_minnesota_its_eighth() -> None:
    people, seats = census()

    def with_more(extra: int) -> dict[str, int]:
        more = tuple((state, count + extra * (state == "New York")) for state, count in people)
        return dict(highest_averages(more, 435, "huntington_hill").seats)

    assert with_more(88) == dict(seats)
    assert (with_more(89)["New York"], with_more(89)["Minnesota"]) == (27, 7)


def test_dhondt_and_sainte_lague_on_the_textbook_election() -> None:
    votes = (("A", 53000), ("B", 24000), ("C", 23000))
    assert highest_averages(votes, 7, "sainte_lague").seats == (("A", 3), ("B", 2), ("C", 2))
    assert highest_averages(votes, 7, "dhondt").seats == (("A", 4), ("B", 2), ("C", 1))
    four = (("A", 100000), ("B", 80000), ("C", 30000), ("D", 20000))
    assert highest_averages(four, 8, "dhondt").seats == (("A", 4), ("B", 3), ("C", 1), ("D", 0))


def test_the_modified_first_divisor_makes_the_first_seat_dearer() -> None:
    votes = (("A", 100), ("B", 40))
    assert highest_averages(votes, 2, "sainte_lague").seats == (("A", 1), ("B", 1))  # 100, 40, then 33 1/3
    assert highest_averages(votes, 2, "modified_sainte_lague").seats == (
        ("A", 2),
        ("B", 0),
    )  # 40 / 1.4 = 28 4/7


def test_largest_remainders_with_the_quotas_of_hare_and_droop() -> None:
    hare, droop = largest_remainder(LISTS, 10), largest_remainder(LISTS, 10, "droop")
    assert [seats for _, seats in hare.seats] == [5, 2, 1, 1, 1, 0]
    assert [seats for _, seats in droop.seats] == [5, 2, 2, 1, 0, 0]


def test_lists_below_the_threshold_take_no_part() -> None:
    found = highest_averages(LISTS, 10, "dhondt", Fraction(7, 100))
    assert [seats for _, seats in found.seats][4:] == [0, 0]
    exactly = highest_averages((("A", 95), ("B", 5)), 20, "sainte_lague", Fraction(5, 100))
    assert exactly.seats == (("A", 19), ("B", 1))


def test_a_tie_for_the_last_seat_is_an_answer() -> None:
    assert highest_averages((("A", 10), ("B", 10)), 3, "dhondt") == Apportioned(
        (("A", 1), ("B", 1)), ("A", "B"), 1
    )
    assert largest_remainder((("A", 5), ("B", 5)), 1) == Apportioned((("A", 0), ("B", 0)), ("A", "B"), 1)


def test_impossible_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="0 seats"):
        highest_averages((("A", 1),), 0, "dhondt")
    with pytest.raises(ValueError, match="cannot give each of 2"):
        highest_averages((("A", 1), ("B", 1)), 1, "huntington_hill")
    with pytest.raises(ValueError, match="negative"):
        largest_remainder((("A", -1),), 1)


DIVISORS = {"dhondt": (1, 1), "sainte_lague": (2, 1)}


@pytest.mark.parametrize("method", ["dhondt", "sainte_lague"])
def test_every_small_world_satisfies_the_definition_of_highest_averages(method: Method) -> None:
    """No seat could move to a list with a higher average: the highest next is at most the lowest last."""
    step, first = DIVISORS[method]
    for counts in product(range(7), repeat=3):
        if not any(counts):
            continue
        votes = tuple(zip("ABC", counts, strict=True))
        found = highest_averages(votes, 4, method)
        held = dict(found.seats)
        for name in found.tied[: found.open]:
            held[name] += 1
        assert sum(held.values()) == 4
        after = [Fraction(count, step * held[name] + first) for name, count in votes]
        before = [Fraction(count, step * (held[name] - 1) + first) for name, count in votes if held[name]]
        assert max(after) <= min(before)
        assert bool(found.tied) == (max(after) == min(before) and max(after) > 0)
