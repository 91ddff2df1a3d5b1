"""What is due, with days left and what follows from a missed date; routes (docs/spec/officers.md)."""

from tallybook.book import next_acts
from tallybook.book.obligations import Obligation, obligations, routes
from tests.rooms.book.books import STATE, Book
from tests.rooms.book.test_orders_and_recounts import COURT, ORDER, STATE_ROW, certified, georgia, recounting

COUNTY_ROW = "ga-493k-2020"
RECOUNT = "ga-losing-candidate-request-recount"


def of(book: Book, row: str, at: str) -> Obligation:
    """What is due by one row, at a local time."""
    return next(one for one in obligations(book.standing, book.moment(at)) if one.row == row)


def test_a_duty_has_its_days_left_until_it_is_late() -> None:
    book = georgia()
    # The county certifies by the second Friday after, 13 November 2020, 17:00.
    for at, state, days in (
        ("2020-11-04 09:00", "due", 9),
        ("2020-11-13 09:00", "due", 0),
        ("2020-11-13 17:01", "late", 0),
        ("2020-11-14 00:00", "late", -1),
    ):
        found = of(book, COUNTY_ROW, at)
        assert (found.state, found.days_left, found.left) == (state, days, 2), at
    assert found.due == "2020-11-13T22:00:00Z"
    assert found.follows.startswith("The duty stays")
    assert found.follows_by == "O.C.G.A. 21-2-493(k); superior court, order of 2024-10-14"


def test_a_duty_by_place_is_done_when_every_place_has_done_it() -> None:
    book = georgia()
    book.certify("president", "2020-11-12 12:00", appling=(500, 499))
    found = of(book, COUNTY_ROW, "2020-11-12 13:00")
    assert (found.state, found.left) == ("due", 1)
    book.certify("president", "2020-11-12 14:00", bacon=(300, 301))
    found = of(book, COUNTY_ROW, "2020-11-12 15:00")
    assert (found.state, found.left) == ("done", 0)


def test_a_right_waits_opens_and_ends() -> None:
    book = certified()
    assert of(book, RECOUNT, "2020-11-14 09:00").state == "waits"
    book.ask("certify_state_results", STATE, "2020-11-20 16:00", contest="president")
    # Two business days after Friday 20 November: Tuesday the 24th.
    found = of(book, RECOUNT, "2020-11-21 09:00")
    assert (found.state, found.days_left) == ("open", 3)
    assert found.due == "2020-11-25T04:59:59Z"
    found = of(book, RECOUNT, "2020-11-25 09:00")
    assert (found.state, found.days_left) == ("ended", -1)
    assert found.follows == "The right to a recount on request has ended."


def test_an_order_changes_the_days_left_and_is_named() -> None:
    book = certified()
    assert of(book, STATE_ROW, "2020-11-19 12:00").days_left == 1
    order = book.ask("move_date", COURT, "2020-11-19 12:00", **ORDER)
    found = of(book, STATE_ROW, "2020-11-19 13:00")
    assert (found.days_left, found.moved) == (6, order.seq)


def test_what_is_late_comes_first_and_what_is_done_last() -> None:
    book = georgia()
    states = [one.state for one in obligations(book.standing, book.moment("2020-11-18 09:00"))]
    order = ("late", "due", "open", "waits", "done", "ended")
    assert states == sorted(states, key=order.index) and states[0] == "late"


def test_a_route_says_who_may_take_each_step_and_how_far_the_book_has_gone() -> None:
    book = recounting()
    found = {one.id: one for one in routes(book.standing, book.moment("2020-11-24 09:00"))}
    steps = found["ga-officers-route-recount"].steps
    assert [(one.act, one.offices, bool(one.done)) for one in steps] == [
        ("request_recount", ("losing_candidate",), True),
        ("order_recount", ("secretary_of_state",), True),
        ("report_test_deck", ("county_superintendent",), False),
        ("conduct_recount", ("county_superintendent",), False),
        ("publish_recount_result", ("secretary_of_state",), False),
        ("recertify_state_results", ("secretary_of_state",), False),
    ]
    contest = found["ga-officers-route-contest"].steps
    assert [(one.act, one.offices) for one in contest] == [
        ("contest_election", ("losing_candidate", "voter")),
        ("decide_contest", ("superior_court",)),
        ("call_second_election", ("superior_court",)),
    ]
    assert "ga-officers-route-petition" in found


def test_a_court_is_shown_that_it_may_move_a_date_and_what_it_must_state() -> None:
    book = certified()
    found = {
        (one.office, one.act): one
        for one in next_acts(book.standing, book.moment("2020-11-19 12:00"))
        if one.open
    }
    assert "just cause" in found[(COURT, "move_date")].conditions
