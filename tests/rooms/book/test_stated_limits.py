"""A plan keeps the risk limit that the audit's order states (docs/spec/audit.md, section 5, check 12)."""

import pytest

from tallybook.book import Standing, fold
from tests.rooms.book.audits import (
    ASH_AHEAD,
    ASH_WINS,
    MAYOR,
    Desk,
    Json,
    cards_of,
    encode,
    manifest_of,
    plan_of,
)
from tests.rooms.book.books import COUNTY, STATE, contest

PAPER = {"mayor": cards_of((600, ["ash"]), (380, ["birch"]), (20, []), size=25)}


def offered(at: Desk, limit: str) -> tuple[Json, list[Json]]:
    """A plan of a poll with this risk limit, and its files."""
    reported = {"cards": 1000, "votes": {"ash": 600, "birch": 380}, "write_ins": 0}
    row = {"evidence": "polling", "outcome": ASH_WINS, "reported": reported}
    plan = plan_of(PAPER, {"mayor": row}, {"mayor": [ASH_AHEAD]}, {"mayor": 60}, risk_limit=limit)
    return plan, [at.file("manifest.json", encode(manifest_of(PAPER)))]


def ordered(*limits: str, **other: str) -> Desk:
    """An audit of two contests; orders of the mayor's contest state these limits, one after another."""
    at = Desk(PAPER, MAYOR, contest("clerk", "elm", "fir"))
    for name, limit in (*(("mayor", one) for one in limits), *other.items()):
        at.book.ask("order_risk_limiting_audit", STATE, contest=name, risk_limit=limit)
    return at


@pytest.mark.parametrize(("stated", "limit"), [("1/20", "1/20"), ("1/20", "1/21"), ("1/20", "49999/999981")])
def test_a_plan_has_the_limit_that_is_stated_or_a_smaller_one(stated, limit):
    at = ordered(stated)
    at.commit(*offered(at, limit))


@pytest.mark.parametrize(("stated", "limit"), [("1/20", "1/10"), ("1/20", "1/19"), ("1/20", "49999/999979")])
def test_a_plan_with_a_greater_limit_than_is_stated_is_a_problem(stated, limit):
    at = ordered(stated)
    last = at.book.entries[-1].seq
    told = f"mayor: a risk limit of {limit}; entry {last} states {stated} for it"
    assert at.unfit(*offered(at, limit)) == told


def test_the_latest_statement_counts_whether_it_is_stricter_or_not():
    assert "states 1/20" in (at := ordered("1/5", "1/20")).unfit(*offered(at, "1/10"))
    at = ordered("1/20", "1/5")
    at.commit(*offered(at, "1/10"))


def test_an_order_that_states_none_leaves_the_one_before_it():
    at = ordered("1/20")
    at.book.ask("order_risk_limiting_audit", STATE, contest="mayor")
    assert "states 1/20" in at.unfit(*offered(at, "1/10"))


def test_what_is_stated_for_another_contest_or_was_refused_does_not_bind():
    at = ordered(clerk="1/100")
    refused = at.book.refused("order_risk_limiting_audit", COUNTY, contest="mayor", risk_limit="1/100")
    assert refused["code"]
    at.commit(*offered(at, "1/10"))


def test_the_limit_stands_after_all_that_follows_in_the_contest():
    at = ordered("1/20")
    said = {"contest": "mayor", "place": "appling", "returns": at.book.votes("mayor", (600, 380))}
    at.book.ask("report_unofficial_returns", COUNTY, **said)
    assert "states 1/20" in at.unfit(*offered(at, "1/10"))
    again = fold(Standing(), at.book.entries, at.book.shelf)
    assert again.contests["mayor"].limit == at.book.standing.contests["mayor"].limit
