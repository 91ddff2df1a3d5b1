"""From votes to who has won: outcomes specification, sections 3, 4, 7.3 and 8; book specification, section 7.

Votes come as a dictionary in ballot order. All numbers are integers; a comparison is a product of integers.
"""

from dataclasses import dataclass
from typing import Any

from .plain import is_whole

Votes = dict[str, int]
Outcome = dict[str, Any]


@dataclass(frozen=True)
class Edge:
    """Section 3: the choices that are clear, those that are tied, and the open and unfilled places."""

    clear: list[str]
    tied: list[str]
    open: int
    unfilled: int


@dataclass(frozen=True)
class WinnerRule:
    """How the winner is found, and the day of a runoff where the rule has one."""

    method: str
    tie: str
    runoff_day: str | None


def vote_order(votes: Votes) -> list[str]:
    """More votes first, equal votes in ballot order."""
    return sorted(votes, key=lambda choice: -votes[choice])


def edge(votes: Votes, places: int) -> Edge:
    """Section 3."""
    order = [choice for choice in vote_order(votes) if votes[choice]]
    if len(order) <= places:
        return Edge(order, [], 0, places - len(order))
    last, following = votes[order[places - 1]], votes[order[places]]
    if last > following:
        return Edge(order[:places], [], 0, 0)
    clear = [choice for choice in order if votes[choice] > last]
    tied = [choice for choice in order if votes[choice] == last]
    return Edge(clear, tied, places - len(clear), 0)


def outcome(votes: Votes, seats: int, rule: WinnerRule) -> Outcome:
    """The outcome of a contest as the book writes it (book specification, section 7)."""
    if rule.method == "plurality" or not any(votes.values()):
        return elected_or_tied(edge(votes, seats), rule)
    total = sum(votes.values())
    majority = [choice for choice, n in votes.items() if 2 * n > total]
    if majority:
        return {"kind": "winner", "winners": majority}
    found = edge(votes, 2)
    if not found.tied:
        return {"choices": found.clear, "day": rule.runoff_day, "kind": "runoff"}
    if rule.tie == "runoff":
        return {"choices": found.clear + found.tied, "day": rule.runoff_day, "kind": "runoff"}
    return tie(found, rule, "runoff")


def elected_or_tied(found: Edge, rule: WinnerRule) -> Outcome:
    """The outcome where places are seats."""
    if not found.tied:
        unfilled = {"unfilled": found.unfilled} if found.unfilled else {}
        return {"kind": "winner", "winners": found.clear} | unfilled
    if rule.tie == "runoff":
        sure = {"sure": found.clear} if found.clear else {}
        return {"choices": found.tied, "day": rule.runoff_day, "kind": "runoff"} | sure
    return tie(found, rule, "seats")


def tie(found: Edge, rule: WinnerRule, places: str) -> Outcome:
    """A tie that a lot or a new election decides."""
    if rule.tie == "new_election":
        return {"choices": found.tied, "kind": "new_election", "seats": found.open, "sure": found.clear}
    day = {"day": rule.runoff_day} if places == "runoff" else {}
    return {
        "by": "lot", "choices": found.tied, "for": places, "kind": "tie", "seats": found.open,
        "sure": found.clear,
    } | day  # fmt: skip


def after_lot(found: Outcome, choice: str) -> Outcome:
    """The outcome of a tie once a lot has chosen one of its choices."""
    sure = [*found["sure"], choice]
    if found["seats"] > 1:
        left = [other for other in found["choices"] if other != choice]
        return found | {"choices": left, "seats": found["seats"] - 1, "sure": sure}
    if found["for"] == "runoff":
        return {"choices": sure, "day": found["day"], "kind": "runoff"}
    return {"kind": "winner", "winners": sure}


def same(a: Outcome, b: Outcome) -> bool:
    """Whether two outcomes are the same: kind and, as sets, winners, choices, sure; and seats."""
    lists = ("winners", "choices", "sure")
    return (
        a["kind"] == b["kind"]
        and a.get("seats") == b.get("seats")
        and all((name in a) == (name in b) and set(a.get(name, ())) == set(b.get(name, ())) for name in lists)
    )


def winners(found: Outcome) -> list[str]:
    """The choices that an outcome names as winners."""
    named: list[str] = found.get("winners") or found.get("sure") or []
    return named


def margin(votes: Votes, seats: int, found: Outcome) -> int:
    """The votes of the last place less those of the next choice (book specification, section 7)."""
    for_runoff = found["kind"] == "runoff" and "sure" not in found
    k = 2 if for_runoff or found.get("for") == "runoff" else seats
    order = sorted(votes.values(), reverse=True)
    if k > len(order):
        return 0
    return order[k - 1] - (order[k] if k < len(order) else 0)


# Electors and chambers ------------------------------------------------------------


def by_college(totals: Votes, appointed: int, chamber: str, places: int) -> Outcome:
    """Section 7.3 for one office. `totals` by name; equal votes stand in order of name."""
    votes = {name: totals[name] for name in sorted(totals)}
    for name, n in votes.items():
        if 2 * n > appointed:
            return {"kind": "winner", "winners": [name]}
    found = edge(votes, places)
    tied = {"tied": found.tied} if found.tied else {}
    return {"chamber": chamber, "choices": found.clear, "kind": "contingent"} | tied


def control(members: Votes, seats: int, vacant: int, tie_breaker: object) -> Outcome:
    """Who controls a chamber (section 8)."""
    sitting = seats - vacant
    for caucus, n in members.items():
        if 2 * n > sitting:
            return {"by": "majority", "control": caucus}
    halves = [caucus for caucus, n in members.items() if n and 2 * n == sitting]
    if len(halves) == 2 and tie_breaker in halves:
        return {"by": "tie_breaker", "control": tie_breaker}
    return {"by": "nobody"}


# Accounts, book specification, section 6 ------------------------------------------------------------

PARTS = ("write_ins", "undervotes", "overvotes", "ballots")


def accounts_trouble(returns: dict[str, Any], votes_allowed: int) -> str:
    """What does not add up in returns whose form is right, or ``""``."""
    votes = returns["votes"]
    modes = returns.get("modes")
    if modes is not None:
        for choice, n in votes.items():
            summed = sum(mode[choice] for mode in modes.values())
            if summed != n:
                return f"the modes of {choice} sum to {summed}; its votes are {n}"
    if "ballots" in returns:
        n = votes_allowed
        counted = sum(votes.values()) + returns.get("write_ins", 0) + returns.get("undervotes", 0)
        counted += n * returns.get("overvotes", 0)
        if counted != n * returns["ballots"]:
            made = n * returns["ballots"]
            return f"votes, write-ins, undervotes and overvotes make {counted}; the ballots make {made}"
    return ""


def is_count_by(value: object, choices: list[str]) -> bool:
    """Whether the value gives a whole number for exactly these choices."""
    return (
        isinstance(value, dict) and value.keys() == set(choices) and all(is_whole(n) for n in value.values())
    )
