"""Adding statements up, one kind of count at a time (docs/spec/book.md, sections 5 and 7).

For certifications, audits and the pages that show counts side by side. A count never borrows from another.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from tallybook.book.standing import NOWHERE, Contest, Standing, Statement
from tallybook.law import rule_for

Json = dict[str, Any]


def current(standing: Standing, contest: str, count: str, place: str) -> Statement | None:
    """The current statement for a place, or for the whole where place is ""."""
    return standing.contests[contest].record.at.get(place, NOWHERE).held.get(count)


def by_place(contest: Contest, count: str) -> Mapping[str, Statement]:
    """The current statements of a contest by one count, in the order of its places."""
    found = ((place, contest.record.spot(place).held.get(count)) for place in contest.places)
    return {place: statement for place, statement in found if statement is not None}


def base_of(standing: Standing, contest: Contest, purpose: str, day: str) -> str:
    """Which count a state certification sums."""
    if purpose == "recount":
        return "recount"
    every = len(by_place(contest, "audit_tally")) == len(contest.places)
    if every and hand_count_effect(standing, contest, day) == "replaces_returns":
        return "audit_tally"
    return "county_certified"


def hand_count_effect(standing: Standing, contest: Contest, day: str) -> str:
    """What a full hand count made as an audit does to the returns, by law; "no_rule" where it is silent."""
    assert standing.law is not None
    rule = rule_for(standing.law, "hand_count", contest.class_id, day, standing.day)
    return "no_rule" if rule is None else str(rule.values["effect"])


def summed(contest: Contest, found: Iterable[Statement]) -> Json:
    """The sum of statements: votes by choice, total, number of places."""
    rows = [statement.votes for statement in found]
    totals = [sum(column) for column in zip(*rows, strict=True)] or [0] * len(contest.choices)
    votes = dict(zip(contest.choices, totals, strict=True))
    return {"votes": votes, "total": sum(totals), "places": len(rows)}


def over_places(contest: Contest, count: str) -> Json:
    """The sum of a count over the places of the contest, and the places without a statement."""
    found = by_place(contest, count)
    missing = [place for place in contest.places if place not in found]
    return {**summed(contest, found.values()), **({"missing": missing} if missing else {})}


def returns_beside(contest: Contest) -> tuple[Json, int]:
    """For the places with an audit tally: the returns' sum, and the sum of absolute differences.

    The returns of a place are its county-certified ones, or else its unofficial ones, or else nothing.
    """
    tallied = by_place(contest, "audit_tally")
    certified, unofficial = by_place(contest, "county_certified"), by_place(contest, "unofficial")
    nothing = Statement(0, contest.choices, dict.fromkeys(contest.choices, 0))
    returns = {place: certified.get(place) or unofficial.get(place) or nothing for place in tallied}
    pairs = [(tally.votes, returns[place].votes) for place, tally in tallied.items()]
    difference = sum(abs(a - b) for tally, back in pairs for a, b in zip(tally, back, strict=True))
    return summed(contest, returns.values()), difference
