"""A book whose contests and places stand in exhibits of its opening (book.md, section 7, `open`)."""

from dataclasses import replace
from typing import Any

import pytest

from tallybook.book import Malformed, Standing, contests_and_places, fold
from tallybook.merkle.canonical import MAX_ENTRY
from tests.rooms.book.books import (
    COUNTY,
    KEEPER,
    SETS,
    Book,
    contest,
    law,
    law_text,
    model,
    opened_by,
    opening,
    public,
    rules,
    without_audit,
)

MAYOR = contest("mayor", "ash", "birch", places=["bacon"])
CLERK = contest("clerk", "elm", "fir")
PLACES = [{"id": one, "name": one.title(), "kind": "county"} for one in ("appling", "bacon")]
LISTS = {"contests": [MAYOR, CLERK], "places": PLACES}


def ready() -> tuple[Book, dict[str, Any]]:
    """A book to be opened, and a good opening of it."""
    laws = {name: law(name) for name in SETS["model"]}
    book = Book()
    book.shelf = replace(book.shelf, law_files={one: file for one, file, _ in laws.values()})
    return book, opening(laws, [MAYOR, CLERK], ["appling", "bacon"], "2020-11-03")


def in_files(book: Book, said: dict[str, Any], *names: str) -> dict[str, Any]:
    """The same opening with these lists as exhibits."""
    for name in names:
        exhibit = book.file(f"{name}.json", said[name])
        said = {one: value for one, value in said.items() if one != name}
        said |= {f"{name}_file": exhibit["sha256"], "exhibits": (*said["exhibits"], exhibit)}
    return said


def problems(book: Book, said: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What is wrong with an opening."""
    found = book.decide(book.act("open_book", KEEPER, **said))
    return rules(found.problems) if isinstance(found, Malformed) else []


@pytest.mark.parametrize("names", [("contests",), ("places",), ("contests", "places")])
def test_a_book_opened_from_files_stands_as_one_opened_from_its_entry(names):
    plain, said = ready()
    plain.ask("open_book", KEEPER, "2020-11-03 08:00", **said)
    filed, said = ready()
    entry = filed.ask("open_book", KEEPER, "2020-11-03 08:00", **in_files(filed, said, *names))
    assert filed.standing.contests == plain.standing.contests
    assert filed.standing.places == plain.standing.places
    assert filed.standing.order == ("mayor", "clerk")
    assert contests_and_places(entry.detail, filed.shelf.documents) == (LISTS["contests"], PLACES)
    assert fold(Standing(), filed.entries, filed.shelf).contests == plain.standing.contests


def test_the_acts_of_such_a_book_are_those_of_any_other():
    book, said = ready()
    book.ask("open_book", KEEPER, "2020-11-03 08:00", **in_files(book, said, "contests", "places"))
    where = {"contest": "mayor", "returns": {"votes": {"ash": 6, "birch": 4}}}
    late = "2020-11-03 21:00"
    elsewhere = book.problems("report_unofficial_returns", COUNTY, late, place="appling", **where)
    assert rules(elsewhere) == [("place", '"appling"', "a place of the contest mayor")]
    book.ask("report_unofficial_returns", COUNTY, late, place="bacon", **where)
    assert book.phase("mayor") == "counting"


@pytest.mark.parametrize("name", ["contests", "places"])
def test_an_opening_has_exactly_one_of_each_pair(name):
    book, said = ready()
    both = {**in_files(book, said, name), name: said[name]}
    neither = {one: value for one, value in said.items() if one != name}
    one = f"exactly one of {name} and {name}_file"
    assert problems(book, both) == [(f"detail.{name}", "both", one)]
    assert problems(book, neither) == [(f"detail.{name}", "neither", one)]


@pytest.mark.parametrize("name", ["contests", "places"])
@pytest.mark.parametrize("wrong", ["text", {}, [], 7])
def test_the_file_is_a_list_of_at_least_one(name, wrong):
    book, said = ready()
    said[name] = wrong
    found = problems(book, in_files(book, said, name))
    assert found == [
        (f"detail.{name}_file", repr(wrong) if wrong != "text" else '"text"', f"a list of {name}")
    ]


@pytest.mark.parametrize("name", ["contests", "places"])
def test_the_file_is_canonical_json(name):
    book, said = ready()
    blank = public(f"{name}.json", "ab" * 32, 30)  # filed, but the door could not read it as canonical JSON
    said = {one: value for one, value in said.items() if one != name} | {f"{name}_file": "ab" * 32}
    said["exhibits"] = (*said["exhibits"], blank)
    assert problems(book, said) == [
        (f"detail.{name}_file", "a file that is no canonical JSON", f"a list of {name} in canonical JSON")
    ]


def test_the_file_has_at_most_sixteen_mebibytes():
    book, said = ready()
    long = {"id": "p", "name": "n" * 16 * 2**20, "kind": "county"}
    found = problems(book, in_files(book, {**said, "places": [long]}, "places"))
    bytes_ = 16 * 2**20 + len('[{"id":"p","kind":"county","name":""}]')
    assert found == [("detail.places_file", f"{bytes_:,} bytes", "at most 16,777,216 bytes")]


@pytest.mark.parametrize("value", ["AB" * 32, "ab" * 31, 7, None, "cd" * 32])
def test_the_file_is_a_public_exhibit_of_the_opening(value):
    book, said = ready()
    said = {one: said[one] for one in said if one != "contests"} | {"contests_file": value}
    assert [(where, expected) for where, _, expected in problems(book, said)] == [
        ("detail.contests_file", "the SHA-256 of a public exhibit of this act")
    ]


def test_what_is_wrong_in_a_file_is_named_as_in_an_entry():
    book, said = ready()
    said["contests"] = [MAYOR, {**CLERK, "choices": []}]
    assert problems(book, in_files(book, said, "contests")) == problems(book, said)
    assert problems(book, said)[0][0] == "detail.contests[1].choices"


def test_contests_in_a_file_need_the_rules_of_contests_in_an_entry():
    book, said = ready()
    said["contests"] = [{**MAYOR, "class": "council", "seats": 2}]
    assert problems(book, in_files(book, said, "contests")) == problems(book, said) != []


def test_more_contests_than_an_entry_holds_are_opened_from_a_file():
    book, said = ready()
    many = [contest(f"contest_{n}", "ash", "birch") for n in range(700)]
    said["contests"] = many
    assert problems(book, said)[0][0] == "detail"
    assert problems(book, said)[0][2] == f"at most {MAX_ENTRY:,} bytes"
    book.ask("open_book", KEEPER, "2020-11-03 08:00", **in_files(book, said, "contests"))
    assert len(book.standing.contests) == 700


def test_a_law_lets_an_opening_name_its_lists_either_way():
    acts = law("book")[1].acts
    declared = next(one for one in acts if one.id == "open_book")
    assert declared.needs == ("election", "law")
    assert declared.may == ("contests", "contests_file", "places", "places_file")


def test_no_other_act_has_a_list_in_a_file():
    book = model(MAYOR)
    found = book.problems("file_exhibit", KEEPER, "2020-11-04 08:00", text="A list.", contests_file="ab" * 32)
    assert [one.field for one in found] == ["detail.contests_file"]


def test_an_act_of_another_law_that_names_such_a_file_names_its_own_exhibit():
    act = (
        'id = "x_list"\nwords = "list"\nentry = "x_listed"\nsaid = "listed"\neffect = "record"\nscope = []\n'
    )
    text = without_audit() + f'\n[[acts]]\n{act}phases = []\nneeds = ["places_file"]\n'
    assert law_text("model") != text
    book = opened_by(text, MAYOR)
    earlier = book.file("places.json", PLACES)
    book.ask("file_exhibit", KEEPER, "2020-11-04 08:00", text="A list.", exhibits=(earlier,))
    found = book.problems("x_list", KEEPER, places_file=earlier["sha256"])
    assert rules(found)[0][0::2] == (
        "detail.places_file", "the SHA-256 of a public exhibit of this act",
    )  # fmt: skip
