"""What a county official reads at midnight: what may be done now, until when, and why the rest is closed.

The book is Georgia's of 2020 in small: two counties, the certified figures of the whole state halved.
"""

from functools import cache

import pytest

from tallybook.book import NextAct, next_acts
from tests.rooms.book.books import COUNTY, STATE, Book, contest, opened
from tests.rooms.book.test_audit import commit, ordered

PRESIDENT = (2461837, 2474507, 62138)
SENATE = (2462617, 2374519, 115039)
COUNTIES = ("appling", "bacon")


def half(votes, county):
    """A county's half of the votes; Bacon has the odd vote."""
    return tuple(n // 2 if county == "appling" else n - n // 2 for n in votes)


@cache
def on(day: str) -> tuple[NextAct, ...]:
    """What the book of that day says at one minute to midnight."""
    book = until(day)
    return next_acts(book.standing, book.moment(f"{day} 23:59"))


def until(day: str) -> Book:
    """Georgia's book up to the end of a day."""
    president = contest("president", "trump", "biden", "jorgensen", of="president")
    senate = contest("us_senate", "perdue", "ossoff", "hazel", of="us_senate")
    book = opened("georgia", president, senate, places=COUNTIES)
    for name, votes in (("president", PRESIDENT), ("us_senate", SENATE)):
        reported = book.votes(name, half(votes, "appling"))
        book.ask("report_unofficial_returns", COUNTY, contest=name, place="appling", returns=reported)
    if day < "2020-11-11":
        return book
    book.ask("select_audit_contest", STATE, "2020-11-11 10:00", contest="president")
    book.ask("order_risk_limiting_audit", STATE, contest="president")
    for name, votes in (("president", PRESIDENT), ("us_senate", SENATE)):
        book.certify(name, "2020-11-13 12:00", appling=half(votes, "appling"))
    if day < "2020-11-15":
        return book
    for name, votes in (("president", PRESIDENT), ("us_senate", SENATE)):
        book.certify(name, "2020-11-15 12:00", bacon=half(votes, "bacon"))
    for name in ("president", "us_senate"):
        book.ask("certify_state_results", STATE, "2020-11-20 16:00", contest=name)
    book.ask("certify_electors", "governor", "2020-11-20 17:00", contest="president", choice="biden")
    if day < "2020-11-22":
        return book
    book.ask("request_recount", "losing_candidate", "2020-11-22 12:00", contest="president", choice="trump")
    book.ask("order_recount", STATE, "2020-11-23 12:00", contest="president")
    recount(book, "2020-11-30 12:00", "appling")
    if day < "2020-12-02":
        return book
    recount(book, "2020-12-02 12:00", "bacon")
    book.ask("recertify_state_results", STATE, "2020-12-07 12:00", contest="president", purpose="recount")
    return book


def recount(book: Book, at: str, county: str) -> None:
    returns = book.votes("president", half(PRESIDENT, county))
    book.ask("conduct_recount", COUNTY, at, contest="president", place=county, returns=returns)


def row(day: str, act: str, office: str, contest: str = "president") -> NextAct:
    """One office's answer about one act."""
    (found,) = [one for one in on(day) if (one.act, one.office, one.contest) == (act, office, contest)]
    return found


@pytest.mark.parametrize(
    ("day", "act", "office", "until", "late", "left"),
    [
        ("2020-11-10", "certify_county_returns", COUNTY, "2020-11-13T22:00:00Z", False, 2),
        ("2020-11-14", "certify_county_returns", COUNTY, "2020-11-13T22:00:00Z", True, 1),
        ("2020-11-14", "conduct_audit", COUNTY, "", False, 2),
        ("2020-11-21", "request_recount", "losing_candidate", "2020-11-25T04:59:59Z", False, 0),
        ("2020-12-01", "conduct_recount", COUNTY, "", False, 1),
        ("2020-12-10", "certify_electors", "governor", "", False, 0),
    ],
)
def test_what_is_open_says_until_when_and_how_many_counties_are_left(day, act, office, until, late, left):
    found = row(day, act, office)
    assert (found.open, found.why) == (True, "")
    assert (found.until, found.late, found.left) == (until, late, left)


@pytest.mark.parametrize(
    ("day", "act", "office", "why"),
    [
        (
            "2020-11-10",
            "certify_state_results",
            STATE,
            "First these must certify the county's returns: Appling, Bacon.",
        ),
        ("2020-11-10", "conduct_audit", COUNTY, "First somebody must order a risk-limiting audit."),
        (
            "2020-11-14",
            "certify_state_results",
            STATE,
            "First these must certify the county's returns: Bacon.",
        ),
        ("2020-11-14", "draw_sample", COUNTY, "No seed is recorded."),
        ("2020-11-14", "record_seed", COUNTY, "The inputs of the draw are not committed."),
        ("2020-11-21", "certify_county_returns", COUNTY, "Every place has done this."),
        (
            "2020-11-21",
            "conduct_audit",
            COUNTY,
            "Closed since 2020-11-20 16:00, when this was done: certify the state's results.",
        ),
        ("2020-11-21", "cast_electoral_votes", "presidential_electors", "Only on 2020-12-14."),
        (
            "2020-12-01",
            "request_recount",
            "losing_candidate",
            "The time for this act ended on 2020-11-24 23:59.",
        ),
        (
            "2020-12-01",
            "recertify_state_results",
            STATE,
            "First these must report the county's recount: Bacon.",
        ),
        (
            "2020-12-01",
            "order_recount",
            STATE,
            "The contest is in the phase recounting; this act belongs to: state_certified, runoff_due.",
        ),
        ("2020-12-10", "conduct_recount", COUNTY, "Every place has done this."),
    ],
)
def test_what_is_closed_says_what_it_waits_for_or_since_when(day, act, office, why):
    found = row(day, act, office)
    assert (found.open, found.why) == (False, why)


def test_a_runoff_has_its_own_dates():
    runoff = "us_senate_runoff"
    assert row("2020-11-21", "report_unofficial_returns", COUNTY, runoff).why == "Opens on 2021-01-05 19:00."
    assert row("2020-11-21", "certify_state_results", STATE, runoff).until == "2021-01-22T22:00:00Z"


def test_what_is_open_comes_first_and_then_what_ends_soonest():
    found = on("2020-11-10")
    assert [one.open for one in found] == sorted((one.open for one in found), reverse=True)
    dated = [one.until for one in found if one.open and one.until]
    assert dated == sorted(dated)
    assert found[0].act == "certify_county_returns"


def test_what_the_act_itself_must_state_is_a_condition_and_not_guessed():
    found = row("2020-11-21", "request_recount", "losing_candidate")
    assert "not more than" in found.conditions
    assert row("2020-11-10", "report_finding", COUNTY, "").conditions == ""


def test_the_purpose_and_the_last_time_are_said():
    assert row("2020-12-01", "recertify_state_results", STATE).purpose == "recount"
    assert row("2020-12-01", "order_recount", STATE).done == "2020-11-23T17:00:00Z"
    assert row("2020-11-10", "order_recount", STATE).done == ""


def test_electors_are_certified_only_for_the_contest_that_has_them():
    assert {one.contest for one in on("2020-11-21") if one.act == "certify_electors"} == {"president"}


def test_a_place_that_may_still_act_keeps_an_act_open():
    """Appling has certified, so its own error is for a correction; Bacon may still count by hand."""
    found = [one for one in on("2020-11-14") if (one.act, one.office) == ("order_full_hand_count", COUNTY)]
    assert [one.open for one in found] == [True, True]


def test_every_open_answer_is_one_that_the_book_gives_where_the_act_states_nothing_more():
    """Each act without a detail, a condition or a place of its own is asked: it is granted, as was said."""
    for day in ("2020-11-10", "2020-11-14", "2020-11-21", "2020-12-01", "2020-12-10"):
        book = until(day)
        for one in next_acts(book.standing, book.moment(f"{day} 23:59")):
            declared = book.standing.law.acts[one.act]
            if declared.needs or one.conditions or "place" in declared.scope:
                continue
            contest = {"contest": one.contest} if one.contest else {}
            asked = book.act(one.act, one.office, f"{day} 23:59", key="ask", purpose=one.purpose, **contest)
            (entry, *_) = book.decide(asked).entries
            if not {"contest?", "place?"} & {*declared.scope}:
                assert bool(entry.refusal) is not one.open, (day, one, entry.refusal)


def test_in_a_closed_book_only_the_wording_may_be_corrected():
    book = until("2020-12-10")
    book.ask("close_book", "record_keeper")
    found = next_acts(book.standing, book.moment("2020-12-11 12:00"), everyone=True)
    assert {one.act for one in found if one.open} == {"correct_entry"}


def test_the_next_step_of_an_audit_by_sample_is_the_one_that_is_open():
    book = ordered()

    def steps():
        steps = ("commit_audit_inputs", "record_seed", "draw_sample")
        found = next_acts(book.standing, book.moment(book.now))
        return [one.act for one in found if one.open and one.office == COUNTY and one.act in steps]

    assert steps() == ["commit_audit_inputs"]
    book.ask("commit_audit_inputs", COUNTY, contest="mayor", place="appling", **commit(book))
    assert "draw_sample" not in steps() and "record_seed" not in steps()
    book.witness()
    book.ask("record_checkpoint", "record_keeper", checkpoint="signed text")
    assert "record_seed" in steps()


def test_a_book_without_a_law_has_nothing_to_say():
    assert next_acts(Book().standing, "2020-11-03T12:00:00Z") == ()
