"""`tallybook law`: what is due in a book, the routes, and the states."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

ORIGIN = "elections.example/lee"


@pytest.fixture
def run(run: Callable[..., tuple[int, str, str]]) -> Callable[..., str]:
    """Type words; what was said, with the exit code that is expected."""

    def typed(*words: str, code: int = 0) -> str:
        ended, out, err = run(*words)
        assert ended == code, out + err
        return out + err

    return typed


def test_the_calendar_of_a_book_has_the_days_left_and_what_follows(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    election = run("book", "example").replace("2026-11-03", "2020-11-03")
    (tmp_path / "election.toml").write_text(election.replace('state = "model"', 'state = "model_officers"'))
    run("keys", "new", ORIGIN)
    run("book", "new", "election.toml", "--origin", ORIGIN)
    asked = ("law", "calendar", "--home", "tallybook-home", "--at")
    # The model law: the county certifies within 14 days, the state within 21, at 17:00 (22:00 in UTC).
    due = {one["act"]: one for one in json.loads(run(*asked, "2020-11-10T12:00:00Z", "--json"))}
    assert due["certify_county_returns"]["state"] == "waits"
    assert (due["certify_county_returns"]["due"], due["certify_county_returns"]["days_left"]) == (
        "2020-11-17T22:00:00Z",
        7,
    )
    late = json.loads(run(*asked, "2020-11-25T12:00:00Z", "--json"))
    assert {one["act"]: one["days_left"] for one in late}["certify_state_results"] == -1
    shown = run(*asked, "2020-11-25T12:00:00Z")
    assert "(1 day ago)" in shown and "The duty stays" in shown


def test_a_calendar_asks_for_an_election_or_a_book(run) -> None:  # type: ignore[no-untyped-def]
    assert "Name an election, such as 2020-11-03, or a book" in run("law", "calendar", code=2)


def test_the_routes_are_those_of_the_law_of_the_day(run) -> None:  # type: ignore[no-untyped-def]
    listed = json.loads(run("law", "routes", "--on", "2020-11-20", "--json"))
    assert listed[0]["id"] == "ga-officers-route-recount"
    assert "lists no routes" in run("law", "routes", "--state", "model")
    listed = json.loads(run("law", "routes", "--state", "colorado", "--json"))
    assert listed[0]["steps"][0]["act"] == "order_recount"


def test_a_state_is_told_fact_by_fact(run) -> None:  # type: ignore[no-untyped-def]
    told = json.loads(run("law", "state", "wa", "--votes", "10025,9975", "--json"))
    assert told["facts"]["audit of the tabulation"] == "not verified here"
    assert [(one["kind"], one["answer"]) for one in told["recounts"]] == [
        ("automatic", "yes"),
        ("request", "yes"),
    ]
    assert "not verified here" in run("law", "state", "Louisiana", "--votes", "10,10")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("law", "state", "GU"), 'There is no state "GU"'),
        (("law", "state", "CO", "--votes", "ten"), "write whole numbers separated by commas"),
        (("law", "state", "CO", "--votes", "1,-1"), "write whole numbers separated by commas"),
        (("law", "routes", "--state", "nowhere"), 'There is no law for "nowhere" here'),
        (("law", "calendar", "--home", "none"), "There is no home in none"),
        (
            ("officer", "draft", "x", "--office", "y", "--on", "z", "--holder", "p1", "--out", "f"),
            "PERSON=FILE.pub",
        ),
        (
            ("officer", "sign", "none.json", "--person", "p", "--key", "k", "--origin", "o"),
            "There is no file none.json",
        ),
    ],
)
def test_a_wrong_argument_is_told_in_words(run, words: tuple[str, ...], part: str) -> None:  # type: ignore[no-untyped-def]
    assert part in run(*words, code=2)
