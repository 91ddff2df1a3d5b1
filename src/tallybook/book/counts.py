"""Adding statements up, one kind of count at a time (docs/spec/book.md, sections 5 and 7).

For certifications, audits and the pages that show counts side by side. A count never borrows from another.
"""

from collections.abc import Iterable
from typing import Any

from tallybook.book.standing import Contest, Standing, Statement, Sums
from tallybook.law import rule_for

Json = dict[str, Any]
NONE = Sums()


def statements(standing: Standing, contest: str, count: str) -> Sums:
    """The current statements of a contest by one count."""
    return standing.statements.get((contest, count), NONE)


def current(standing: Standing, contest: str, count: str, place: str) -> Statement | None:
    """The current statement for a place, or for the whole where place is ""."""
    sums = statements(standing, contest, count)
    return sums.by_place.get(place) if place else sums.whole


def base_of(standing: Standing, contest: Contest, purpose: str, day: str) -> str:
    """Which count a state certification sums."""
    if purpose == "recount":
        return "recount"
    if hand_count_effect(standing, contest, day) == "replaces_returns":
        tallied = statements(standing, contest.id, "audit_tally").by_place
        if len(tallied) == len(contest.places):
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


def over_places(standing: Standing, contest: Contest, count: str) -> Json:
    """The sum of a count over the places of the contest, and the places without a statement."""
    by_place = statements(standing, contest.id, count).by_place
    found = [by_place[place] for place in contest.places if place in by_place]
    missing = [place for place in contest.places if place not in by_place]
    return {**summed(contest, found), **({"missing": missing} if missing else {})}


def returns_beside(standing: Standing, contest: Contest) -> tuple[Json, int]:
    """For the places with an audit tally: the returns' sum, and the sum of absolute differences.

    The returns of a place are its county-certified ones, or else its unofficial ones, or else nothing.
    """
    tallied = statements(standing, contest.id, "audit_tally").by_place
    certified = statements(standing, contest.id, "county_certified").by_place
    unofficial = statements(standing, contest.id, "unofficial").by_place
    nothing = Statement(0, (0,) * len(contest.choices))
    returns = {place: certified.get(place) or unofficial.get(place) or nothing for place in tallied}
    pairs = [(tallied[place].votes, returns[place].votes) for place in contest.places if place in tallied]
    difference = sum(abs(a - b) for tally, back in pairs for a, b in zip(tally, back, strict=True))
    return summed(contest, returns.values()), difference
