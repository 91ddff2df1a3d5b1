"""What gives a voter away is found and named; what does not is let through; the law's tables are reported."""

import pytest

from tallybook.canvass import (
    Group,
    Leak,
    Limits,
    card_leaks,
    contest_leaks,
    leaks,
    linked_rows,
    place_of,
    refused,
    returns_groups,
    table_groups,
    under_law,
)
from tallybook.election import Choice, Contest
from tallybook.election.cards import Ballots, Mark, Pattern
from tests.rooms.canvass.sheets import rows


def kinds(*tables: str, limits: Limits | None = None) -> list[tuple[str, str]]:
    groups = [one for k, text in enumerate(tables) for one in table_groups(f"{k}.csv", rows(text))]
    return [(one.kind, one.place.removeprefix("the contest, ")) for one in leaks(groups, limits)]


# Cells --------------------------------------------------------------------------------------------


def test_a_cell_of_nine_ballots_is_small_and_one_of_ten_is_not() -> None:
    assert kinds("precinct ash birch\n1 5 4\n2 5 5\n3 0 0") == [("small", "precinct 1")]


def test_a_cell_of_one_mind_tells_every_vote_in_it_until_it_is_large() -> None:
    assert kinds("precinct ash birch\n1 29 0\n2 0 30") == [("unanimous", "precinct 1")]


def test_other_numbers_may_be_stated_where_a_law_gives_them() -> None:
    text = "precinct ash birch\n1 5 4\n2 29 0"
    assert kinds(text, limits=Limits(ballots=5, unanimous=20)) == []
    assert len(kinds(text, limits=Limits(ballots=30))) == 2


def test_votes_are_no_ballots_where_a_ballot_has_several() -> None:
    """Twelve votes where three are allowed can be four ballots."""
    (one,) = returns_groups("entry 4", "council", "", "lee", {"votes": {"a": 7, "b": 5}}, 3)
    assert (one.size, [found.kind for found in leaks([one])]) == (4, ["small"])


# Differences --------------------------------------------------------------------------------------


def test_a_precinct_left_out_is_told_by_the_county_less_the_others() -> None:
    county = "county ash birch\nLee 500 400"
    precincts = "county precinct ash birch\nLee 1 300 200\nLee 2 197 197"
    assert kinds(county, precincts) == [("small_by_difference", "county Lee")]
    both = "county precinct ash birch\nLee 1 300 200\nLee 2 150 150"
    assert kinds(county, both) == []


def test_a_rest_of_one_mind_is_told_too() -> None:
    county = "county ash birch\nLee 512 400"
    precincts = "county precinct ash birch\nLee 1 300 200\nLee 2 200 200"
    assert kinds(county, precincts) == [("unanimous_by_difference", "county Lee")]


def test_a_later_version_tells_the_ballots_that_it_adds() -> None:
    assert kinds("precinct ash birch\n1 500 400", "precinct ash birch\n1 502 401") == [
        ("small_by_difference", "precinct 1")
    ]
    assert kinds("precinct ash birch\n1 500 400", "precinct ash birch\n1 499 401") == []


def test_a_hidden_cell_that_its_row_and_column_give_back_is_named() -> None:
    """Of the 4 provisional ballots that the sums leave, North had 3."""
    found = kinds(
        """
        precinct mode        ash birch
        North    polls       120 98
        North    provisional *   *
        South    polls       90  103
        South    provisional *   *
        """,
        "precinct ash birch\nNorth 122 99\nSouth 110 123",
        "mode ash birch\npolls 210 201\nprovisional 22 21",
    )
    assert ("small_by_difference", "mode provisional, precinct North") in found
    assert ("small_by_difference", "precinct North") in found


def told_together(*cells: str) -> tuple[Group, ...]:
    """Cells as "place|mode|ash|birch"; an empty place or mode stands for all."""
    split = [cell.split("|") for cell in cells]
    return tuple(
        Group("t", "", place_of({"place": p, "mode": m}), (("ash", int(a)), ("birch", int(b))))
        for p, m, a, b in split
    )


WHOLE = ("North||162|129", "South||113|141", "East||98|109", "||373|379")
MODES = ("|polls|270|271", "|mail|92|96", "|provisional|11|12")
POLLS = ("North|polls|120|98", "South|polls|90|103", "East|polls|60|70")


def test_hidden_cells_that_could_hold_enough_are_let_through() -> None:
    """Three precincts with 2, 4 and 17 provisional ballots: in each, any of 0 to 23 remains possible."""
    hidden = (
        "North|mail + provisional|42|31",
        "South|mail + provisional|23|38",
        "East|mail + provisional|38|39",
    )
    assert leaks(told_together(*WHOLE, *MODES, *POLLS, *hidden)) == ()


def test_one_told_cell_too_many_gives_the_others_back() -> None:
    """With East told, what is left of the provisional ballots is 3 for Ash and 3 for Birch in two places."""
    hidden = ("North|mail + provisional|42|31", "South|mail + provisional|23|38")
    east = ("East|mail|30|30", "East|provisional|8|9")
    found = leaks(told_together(*WHOLE, *MODES, *POLLS, *hidden, *east))
    assert {(one.kind, one.place, one.ballots) for one in found} == {
        ("small_by_difference", "the contest, mode provisional", 6),
        ("small_by_difference", "the contest, mode provisional, place North", 6),
        ("small_by_difference", "the contest, mode provisional, place South", 6),
    }


# The law ------------------------------------------------------------------------------------------


def test_a_table_that_the_law_requires_passes_and_is_reported() -> None:
    found = leaks(table_groups("returns.csv", rows("precinct ash birch\n1 5 4")))
    (one,) = under_law(found, {"returns.csv": "Model law, section 3"})
    assert refused([one]) == ()
    assert str(one).endswith("Required by Model law, section 3: it passes.")


def test_what_takes_two_tables_to_see_passes_only_if_both_are_required() -> None:
    county = table_groups("county.csv", rows("county ash birch\nLee 500 400"))
    precincts = table_groups("news.csv", rows("county precinct ash birch\nLee 1 300 200\nLee 2 197 197"))
    found = leaks([*county, *precincts])
    assert refused(under_law(found, {"county.csv": "law"})) == found
    assert refused(under_law(found, {"county.csv": "law", "news.csv": "law"})) == ()


# Rows of cards ------------------------------------------------------------------------------------


def cards(text: str, *places: str) -> list[str]:
    return [one.kind for one in card_leaks("cvr.csv", rows(text), places)]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (("7", "8", "9"), "by consecutive numbers"),
        (("7", "9", "8"), "by consecutive numbers"),
        (("10", "31", "47"), "by numbers that ascend"),
        (("08:00:01", "08:00:09", "08:00:04"), "by times"),
        (("864803", "57604", "911"), "names single cards;"),
    ],
)
def test_a_column_that_tells_cards_apart_is_refused_even_if_it_looks_random(
    values: tuple[str, ...], says: str
) -> None:
    found = card_leaks("cvr.csv", [{"no": v, "mayor": m} for v, m in zip(values, "aab", strict=True)], ())
    assert any(one.kind == "identifier" and says in one.says for one in found)


def test_rows_in_the_order_of_scanning_are_refused_and_sorted_ones_are_not() -> None:
    assert cards("precinct mayor\n1 ash\n1 birch\n1 ash", "precinct") == ["row_order"]
    assert cards("precinct mayor\n1 ash\n1 ash\n1 birch", "precinct") == []


def test_two_contests_of_one_ballot_in_a_row_are_linked_and_unique_rows_are_named() -> None:
    found = cards("mayor judge\nash yes\nash yes\nbirch no")
    assert found == ["linked_contests", "unique_pattern"]


def test_rows_under_commitments_stand_in_their_order() -> None:
    first, second, third = "0" * 64, "1" * 64, "2" * 64
    assert cards(f"sealed mayor\n{first} ash\n{second} birch\n{third} ash") == []
    assert cards(f"sealed mayor\n{second} ash\n{first} birch\n{third} ash") == ["row_order"]


def contest(*told: tuple[str, int]) -> Ballots:
    """Readings such as "ash > birch" with how many cards have each."""
    names = sorted({name for reading, _ in told for name in reading.replace(" > ", " ").split()})
    ranked = [
        Pattern(tuple(Mark(name, k if " > " in r else 0) for k, name in enumerate(r.split(" > "), 1)))
        for r, _ in told
    ]
    choices = tuple(Choice(name, name) for name in names)
    return Ballots(Contest("mayor", "Mayor", "", choices), tuple(ranked), tuple(n for _, n in told))


def test_an_order_of_choices_that_one_card_has_signs_it_where_there_are_more_orders_than_cards() -> None:
    """Five choices have 5 + 20 + 60 + 120 + 120 orders and the empty one, 326 in all."""
    common = [("ash > birch > elm > fir > oak", 20), ("oak > fir", 29)]
    (one,) = contest_leaks(contest(*common, ("fir > oak > ash", 1)))
    assert (one.kind, "fir > oak > ash" in one.says) == ("unique_pattern", True)
    many = [(reading, n * 20) for reading, n in common]
    assert contest_leaks(contest(*many, ("fir > oak > ash", 1))) == ()


def test_a_contest_on_few_cards_is_not_published_card_by_card() -> None:
    assert [one.kind for one in contest_leaks(contest(("ash", 5), ("birch", 4)))] == ["small"]
    assert [one.kind for one in contest_leaks(contest(("ash", 25)))] == ["unanimous"]
    assert contest_leaks(contest(("ash", 25), ("birch", 4))) == ()


def test_one_commitment_in_two_contests_links_them() -> None:
    assert linked_rows({"mayor": [b"1", b"2"], "judge": [b"3"]}) == ()
    (one,) = linked_rows({"mayor": [b"1", b"2"], "judge": [b"2"]})
    assert (one.kind, one.table) == ("linked_contests", "judge")


def test_a_leak_says_its_table_its_cell_and_what_to_do() -> None:
    one = Leak("small", "t.csv", "Mayor, precinct 1", 3, "3 ballots, fewer than 10.", "Combine it.")
    assert str(one) == "t.csv: Mayor, precinct 1: 3 ballots, fewer than 10. Combine it."
    assert str(Group("t", "", place_of({"precinct": "1", "mode": ""}), None)) == "the contest, precinct 1"
