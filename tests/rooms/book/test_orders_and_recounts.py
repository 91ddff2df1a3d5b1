"""Orders that move a date, and recounts carried out, under Georgia's law (officers.md, sections 6 and 7)."""

from typing import Any

import pytest

from tallybook.book import Malformed, recounts
from tests.rooms.book.books import COUNTY, STATE, Book, contest, law, opened_under
from tests.rooms.book.signing import with_officers

SENATE = contest("president", "ash", "birch", of="president")
SET = ("book", "officers", "us", "georgia", "georgia_officers")
COURT = "superior_court"
STATE_ROW = "ga-secretary-of-state-certify-state-results"
ORDER = {"moves": STATE_ROW, "moved_to": "2020-11-25T12:00", "court_order": "Order 1", "just_cause": "Flood."}


def georgia() -> Book:
    book = opened_under({name: law(name) for name in SET}, SENATE)
    book.now = "2020-11-03 21:00"
    return book


def certified() -> Book:
    book = georgia()
    book.certify("president", "2020-11-13 12:00", appling=(500, 499), bacon=(300, 301))
    return book


def test_an_order_moves_the_deadline_and_later_rulings_name_the_order() -> None:
    book = certified()
    order = book.ask("move_date", COURT, "2020-11-19 12:00", **ORDER)
    # 17 days after 3 November, 17:00 Eastern; moved to 25 November, noon Eastern.
    assert order.result == {"due": "2020-11-25T17:00:00Z", "was": "2020-11-20T22:00:00Z"}
    entry = book.ask("certify_state_results", STATE, "2020-11-24 09:00", contest="president")
    assert (entry.ruling["due"], entry.ruling["moved"]) == ("2020-11-25T17:00:00Z", order.seq)
    assert "late" not in entry.ruling


def test_without_an_order_the_same_certification_is_late() -> None:
    entry = certified().ask("certify_state_results", STATE, "2020-11-24 09:00", contest="president")
    assert entry.ruling["late"] is True and "moved" not in entry.ruling


def test_the_latest_order_decides_and_one_of_another_contest_does_not() -> None:
    book = certified()
    book.ask("move_date", COURT, "2020-11-19 12:00", **ORDER)
    later = book.ask("move_date", COURT, contest="president", **{**ORDER, "moved_to": "2020-11-23T12:00"})
    assert later.result == {"due": "2020-11-23T17:00:00Z", "was": "2020-11-25T17:00:00Z"}
    entry = book.ask("certify_state_results", STATE, "2020-11-24 09:00", contest="president")
    assert entry.ruling["late"] is True and entry.ruling["moved"] == later.seq


@pytest.mark.parametrize(
    ("order", "moved"),
    [
        ({}, {"appling", "bacon", ""}),
        ({"contest": "president"}, {"appling", "bacon", ""}),
        ({"place": "appling"}, {"appling"}),
        ({"contest": "president", "place": "appling"}, {"appling"}),
    ],
)
def test_an_order_moves_the_date_where_it_says_and_nowhere_else(order: Any, moved: set[str]) -> None:
    book = certified()
    entry = book.ask("move_date", COURT, "2020-11-19 12:00", **ORDER, **order)
    officers, due = book.standing.officers, ("2020-11-25T17:00:00Z", entry.seq)
    for place in ("appling", "bacon", ""):
        assert officers.deadline_moved(STATE_ROW, "president", place) == (due if place in moved else None)
    # An order about the president is not for an act without a contest; one about no contest is.
    assert officers.deadline_moved(STATE_ROW, "", "appling") == (None if "contest" in order else due)


def test_an_order_for_one_county_does_not_move_the_states_total() -> None:
    book = certified()
    book.ask("move_date", COURT, "2020-11-19 12:00", place="appling", **ORDER)
    entry = book.ask("certify_state_results", STATE, "2020-11-24 09:00", contest="president")
    assert entry.ruling["late"] is True and "moved" not in entry.ruling


@pytest.mark.parametrize(
    ("office", "changed", "code"),
    [
        (COURT, {"just_cause": ""}, None),
        (COURT, {"just_cause": None}, "not_stated"),
        (COURT, {"moves": "ga-493k-2020"}, "not_among"),
        (STATE, {}, "not_yet"),
        ("governor", {}, "no_statutory_authority"),
        ("general_assembly", {}, "no_statutory_authority"),
    ],
)
def test_a_date_is_moved_by_whom_the_law_names_and_by_nobody_else(office, changed, code) -> None:  # type: ignore[no-untyped-def]
    book = certified()
    said = {name: value for name, value in {**ORDER, **changed}.items() if value is not None}
    act = book.act("move_date", office, "2020-11-19 12:00", **said)
    found = book.decide(act)
    if code is None:
        assert isinstance(found, Malformed)
    else:
        assert found.entries[0].refusal["code"] == code


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("moves", "no-such-row"),
        ("moves", "ga-losing-candidate-withdraw-contest"),
        ("moved_to", "2020-11-25"),
        ("moved_to", "2020-11-25T24:00"),
    ],
)
def test_an_order_names_a_row_with_a_deadline_and_a_local_time(field: str, value: str) -> None:
    book = certified()
    found = book.decide(book.act("move_date", COURT, "2020-11-19 12:00", **{**ORDER, field: value}))
    assert isinstance(found, Malformed) and found.problems[0].field == f"detail.{field}"


def recounting() -> Book:
    book = certified()
    book.ask("certify_state_results", STATE, "2020-11-20 16:00", contest="president")
    book.ask("request_recount", "losing_candidate", "2020-11-21 12:00", contest="president", choice="birch")
    book.ask("order_recount", STATE, "2020-11-23 12:00", contest="president")
    return book


DECK = {"bmd_ballots": 75, "hand_marked_ballots": 25, "precincts": 3, "passed": True}


@pytest.mark.parametrize(
    ("deck", "code"),
    [
        ({}, ""),
        ({"bmd_ballots": 74}, "too_few"),
        ({"hand_marked_ballots": 24}, "too_few"),
        ({"precincts": 2}, "too_few"),
    ],
)
def test_a_scanner_is_tested_before_a_recount_with_the_deck_of_the_rule(
    deck: dict[str, int], code: str
) -> None:
    book = recounting()
    where = {"contest": "president", "place": "appling", "observers": ["party a", "party b"]}
    found = book.decide(book.act("report_test_deck", COUNTY, **where, **{**DECK, **deck}))
    assert found.entries[0].refusal.get("code", "") == code


def recounted(appling: tuple[int, int] = (502, 496)) -> Book:
    book = recounting()
    for place, votes in (("appling", appling), ("bacon", (300, 301))):
        returns = book.votes("president", votes)
        book.ask(
            "conduct_recount", COUNTY, "2020-12-01 12:00", contest="president", place=place, returns=returns
        )
    return book


def batches(book: Book, name: str, **votes: tuple[int, int]) -> dict[str, Any]:
    listed = [{"id": one, "votes": {"ash": pair[0], "birch": pair[1]}} for one, pair in votes.items()]
    return book.file(name, {"format": "tallybook/batch-votes/v1", "batches": listed})


def by_batch(book: Book, first: dict[str, Any], second: dict[str, Any]):  # type: ignore[no-untyped-def]
    fields = {"first_batches": first["sha256"], "second_batches": second["sha256"]}
    where = {"contest": "president", "place": "appling", "exhibits": (first, second)}
    return book.act("report_recount_batches", COUNTY, **where, **fields)


def test_a_recount_shows_batch_by_batch_what_it_changed() -> None:
    book = recounted()
    first = batches(book, "first.json", a=(200, 200), b=(250, 250), c=(50, 49))
    second = batches(book, "second.json", a=(200, 200), b=(252, 245), d=(50, 51))
    (entry,) = book.enter(by_batch(book, first, second))
    # b: 2 + 5; c is gone: 50 + 49; d is new: 50 + 51.
    assert entry.result == {
        "batches": 4,
        "only_first": 1,
        "only_second": 1,
        "changed": 1,
        "difference": 207,
        "greatest": [["d", 101], ["c", 99], ["b", 7]],
    }


def test_batches_that_do_not_add_up_to_the_statement_are_a_problem() -> None:
    book = recounted()
    first = batches(book, "first.json", a=(500, 499))
    for wrong in (batches(book, "w.json", a=(502, 495)), batches(book, "w2.json", a=(500, 499))):
        found = book.decide(by_batch(book, first, wrong))
        assert isinstance(found, Malformed) and found.problems[0].field == "detail.second_batches"


@pytest.mark.parametrize(
    "document",
    [
        {"format": "tallybook/batch-votes/v2", "batches": []},
        {"format": "tallybook/batch-votes/v1", "batches": []},
        {"format": "tallybook/batch-votes/v1", "batches": [{"id": "a", "votes": {"ash": 502}}]},
        {
            "format": "tallybook/batch-votes/v1",
            "batches": [{"id": "a/1", "votes": {"ash": 502, "birch": 496}}],
        },
        {"format": "tallybook/batch-votes/v1", "batches": [{"id": "a", "votes": {"ash": -2, "birch": 496}}]},
        {"format": "tallybook/batch-votes/v1", "batches": [{"id": "a", "votes": {"ash": 0, "birch": 0}}] * 2},
        [],
    ],
)
def test_a_list_of_batches_of_another_form_is_a_problem(document: Any) -> None:
    book = recounted()
    first, second = batches(book, "first.json", a=(500, 499)), book.file("second.json", document)
    found = book.decide(by_batch(book, first, second))
    assert isinstance(found, Malformed) and found.problems[0].field == "detail.second_batches"


def test_a_list_of_batches_that_is_too_long_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    book = recounted()
    first, second = (batches(book, f"{n}.json", a=votes) for n, votes in enumerate(((500, 499), (502, 496))))
    listed = '{"batches":[{"id":"a","votes":{"ash":500,"birch":499}}],"format":"tallybook/batch-votes/v1"}'
    monkeypatch.setattr(recounts, "MOST_BYTES", len(listed))
    unlimited = book.decide(by_batch(book, first, second))
    monkeypatch.setattr(recounts, "MOST_BYTES", len(listed) - 1)
    found = book.decide(by_batch(book, first, second))
    assert not isinstance(unlimited, Malformed)
    assert isinstance(found, Malformed) and found.problems[0].field == "detail.first_batches"


RECOUNTS = "".join(
    f"""
[[rows]]
id = "own-{act}"
office = "{office}"
act = "{act}"
status = "permitted"
in_force = ["", ""]
elections_held = ["", ""]
citation = "Own law, section 5"
plain = "A recount without further conditions."
"""
    for act, office in (
        ("order_recount", STATE),
        ("report_recount_batches", COUNTY),
        ("conduct_recount", COUNTY),
        ("publish_recount_result", STATE),
        ("certify_state_results", STATE),
    )
)


def test_a_place_without_a_recount_has_nothing_to_compare() -> None:
    book = with_officers(contest("president", "ash", "birch"), rules=RECOUNTS)
    book.certify("president", appling=(500, 499), bacon=(300, 301))
    book.ask("certify_state_results", STATE, contest="president")
    book.ask("order_recount", STATE, contest="president")
    first = batches(book, "first.json", a=(500, 499))
    refusal = book.enter(by_batch(book, first, first))[0].refusal
    assert refusal["code"] == "nothing_to_compare"
    assert refusal["words"] == "This place has no recount, or no certified returns, to compare with."
    assert refusal["next"] == "Report the recount first."


def test_the_result_of_a_recount_stands_beside_the_first_count() -> None:
    book = recounted()
    entry = book.ask("publish_recount_result", STATE, "2020-12-02 12:00", contest="president")
    # First count 800 to 800, recount 802 to 797: a tie becomes a win by 5.
    assert entry.result == {
        "votes": {"ash": 802, "birch": 797},
        "total": 1599,
        "places": 2,
        "first": {"votes": {"ash": 800, "birch": 800}, "total": 1600, "places": 2},
        "margin": 5,
        "first_margin": 0,
        "same": False,
        "difference": 5,
        "changed": 1,
        "by_place": {"appling": {"ash": 2, "birch": -3}},
    }


def test_a_recount_that_changes_nothing_says_so() -> None:
    book = recounted((500, 499))
    entry = book.ask("publish_recount_result", STATE, "2020-12-02 12:00", contest="president")
    assert (entry.result["difference"], entry.result["changed"], entry.result["same"]) == (0, 0, True)
    assert "by_place" not in entry.result


def test_only_the_places_recounted_are_compared() -> None:
    book = recounting()
    returns = book.votes("president", (500, 500))
    book.ask(
        "conduct_recount", COUNTY, "2020-12-01 12:00", contest="president", place="appling", returns=returns
    )
    entry = book.ask("publish_recount_result", STATE, "2020-12-02 12:00", contest="president")
    assert entry.result["missing"] == ["bacon"]
    assert entry.result["first"] == {"votes": {"ash": 500, "birch": 499}, "total": 999, "places": 1}


def test_a_recounted_place_without_certified_returns_is_not_among_the_first_places() -> None:
    book = with_officers(contest("president", "ash", "birch"), rules=RECOUNTS)
    book.certify("president", appling=(500, 499))
    book.ask("certify_state_results", STATE, contest="president")
    book.ask("order_recount", STATE, contest="president")
    for place, votes in (("appling", (500, 499)), ("bacon", (300, 301))):
        returns = book.votes("president", votes)
        book.ask("conduct_recount", COUNTY, contest="president", place=place, returns=returns)
    result = book.ask("publish_recount_result", STATE, contest="president").result
    assert result["first"] == {"votes": {"ash": 500, "birch": 499}, "total": 999, "places": 1}
    assert (result["places"], result["difference"], result["changed"]) == (2, 601, 1)
