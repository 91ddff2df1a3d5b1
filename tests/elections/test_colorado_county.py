"""A county of Colorado from its reported count to the state's certified result, under its own rows."""

from typing import Any

import pytest

from tests.rooms.book import audits
from tests.rooms.book.books import STATE, Book, contest, law, law_text, opened_under
from tests.rooms.book.test_audit_rounds import CLEAR

SET = ("book", "audit", "officers", "colorado")
CLERK, CANVASS = "county_clerk", "canvass_board"
HOUSE = contest("mayor", "ash", "birch", of="us_house")


def colorado(_state: str, *contests: Any, places: tuple[str, ...] = ("appling",)) -> Book:
    return opened_under({name: law(name) for name in SET}, *contests, places=places)


@pytest.fixture
def audited(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """The desk of an audit, in a book of Colorado; the Secretary of State carries the audit out."""
    monkeypatch.setattr(audits, "opened", colorado)
    monkeypatch.setattr(audits, "MAYOR", HOUSE)
    monkeypatch.setattr(audits, "COUNTY", STATE)
    return audits.compared(CLEAR, risk_limit="1/20")


def certify(book: Book, ash: int, birch: int, at: str) -> Any:
    returns = {"votes": {"ash": ash, "birch": birch}}
    where = {"contest": "mayor", "place": "appling", "returns": returns}
    return book.enter(book.act("certify_county_returns", CANVASS, at, **where))[0]


def votes_of(paper: Any) -> tuple[int, int]:
    read = [one[0] for one in paper["mayor"].values() if isinstance(one, list) and one]
    return read.count("ash"), read.count("birch")


def test_a_county_is_audited_then_certified_then_totalled(audited) -> None:  # type: ignore[no-untyped-def]
    book, (ash, birch) = audited.book, votes_of(CLEAR)
    refusal = certify(book, ash, birch, book.now).refusal
    assert (refusal["code"], refusal["citation"]) == ("audit_first", "C.R.S. 1-7-515(5)(b), 1-10-103(1)")
    assert audited.round()["mayor"]["step"] == "stop"
    audited.stop("mayor")
    entry = certify(book, ash, birch, "2020-11-20 12:00")
    # The 22nd day after 3 November 2020, to its last second, in Mountain Standard Time.
    assert entry.ruling["due"] == "2020-11-26T06:59:59Z"
    total = book.ask("certify_state_results", STATE, "2020-11-30 12:00", contest="mayor")
    assert total.result["outcome"] == {"kind": "winner", "winners": ["ash"]}
    assert total.ruling["due"] == "2020-12-01T06:59:59Z"


def close_count(ash: int, birch: int) -> Book:
    """A count of the state, certified, whose audit is left out: the rows about recounts are what is asked."""
    from hashlib import sha256

    from tallybook.law import parse_law

    waits = 'when = { after = ["audit_stopped"] }\n'
    text = law_text("colorado")
    assert text.count(waits) == 1
    text = text.replace(waits, "")
    own = (sha256(text.encode()).hexdigest(), parse_law(text), len(text.encode()))
    laws = {**{name: law(name) for name in SET[:3]}, "colorado": own}
    book = opened_under(laws, HOUSE, places=("appling",))
    assert not certify(book, ash, birch, "2020-11-20 12:00").refusal
    book.ask("certify_state_results", STATE, "2020-11-23 12:00", contest="mayor")
    return book


@pytest.mark.parametrize(
    ("ash", "birch", "required"),
    [
        # Half of one percent of the leader's 20,000 votes is 100: required at 100, not at 101.
        (20_000, 19_900, True),
        (20_000, 19_899, False),
        # Of all votes it would be 199: the base is the highest vote, not the total.
        (20_000, 19_850, False),
        (20_000, 20_000, True),
    ],
)
def test_a_recount_is_required_by_the_margin_of_the_leader(ash: int, birch: int, required: bool) -> None:
    book = close_count(ash, birch)
    entry = book.enter(book.act("order_recount", STATE, "2020-11-24 12:00", contest="mayor"))[0]
    assert (entry.entry == "recount_ordered") == required
    if not required:
        assert entry.refusal["code"] == "margin_too_large"


def test_the_loser_asks_for_a_recount_from_the_tenth_to_the_twenty_second_day() -> None:
    book = close_count(20_000, 19_000)
    said = {"contest": "mayor", "choice": "birch"}
    found = book.decide(book.act("request_recount", "losing_candidate", "2020-11-26 09:00", **said))
    assert found.entries[0].refusal["code"] == "out_of_time"
    book.ask("request_recount", "losing_candidate", "2020-11-25 23:00", **said)
    book.ask("order_recount", STATE, contest="mayor")
    assert book.phase("mayor") == "recounting"


def test_a_recount_is_carried_out_and_the_state_certifies_anew() -> None:
    book = close_count(20_000, 19_950)
    book.ask("order_recount", STATE, "2020-11-24 12:00", contest="mayor")
    returns = {"votes": {"ash": 19_980, "birch": 19_985}}
    where = {"contest": "mayor", "place": "appling"}
    book.ask(
        "report_test_deck", CANVASS, **where, bmd_ballots=1, hand_marked_ballots=1, precincts=1, passed=True
    )
    book.ask("conduct_recount", CLERK, "2020-12-01 12:00", **where, returns=returns)
    told = book.ask("publish_recount_result", STATE, contest="mayor").result
    assert (told["same"], told["by_place"]) == (False, {"appling": {"ash": -20, "birch": 35}})
    again = book.ask("recertify_state_results", STATE, contest="mayor", purpose="recount")
    assert again.result["changed"] is True and again.result["outcome"]["winners"] == ["birch"]


def test_a_tie_is_decided_by_lot() -> None:
    book = close_count(20_000, 20_000)
    entry = book.ask("draw_lot", STATE, "2020-11-24 12:00", contest="mayor", choice="birch")
    assert entry.result["outcome"] == {"kind": "winner", "winners": ["birch"]}


def test_an_election_of_2024_has_the_days_of_its_own_law() -> None:
    from tallybook.doors.lawfiles import state_set
    from tallybook.law import calendar

    due = {one.row: one.day for one in calendar(state_set("colorado"), "2024-11-05")}
    assert due["co-recount-2024"] == "2024-11-29"  # the 24th day
    assert due["co-conduct-2024"] == "2024-12-06"  # the 31st
    assert "co-recount-2024" not in {one.row for one in calendar(state_set("colorado"), "2020-11-03")}
