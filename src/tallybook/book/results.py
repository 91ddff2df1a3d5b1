"""Outcomes and margins as the book writes them (docs/spec/book.md, section 7).

For certifications and audits: the contest's rule in the law, the votes, and what follows. The deciding is
done in `outcomes`; here it gets the shape of the record.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from tallybook.book.standing import Contest, Standing
from tallybook.election import Tally
from tallybook.law import Rule, Starts, local_day, rule_for, value_day
from tallybook.outcomes import Elected, NewElectionDue, RunoffDue, Tied, majority_or_runoff, plurality
from tallybook.outcomes.contests import Outcome, in_vote_order

Json = dict[str, Any]


def decided(standing: Standing, contest: Contest, votes: Mapping[str, int], day: str) -> Json:
    """The outcome of a contest on these votes, asked on a day on which the law has a rule for its winner.

    A runoff is decided by plurality, and its tie by lot, whatever the rule.
    """
    tally = Tally(contest.id, tuple((one, votes[one]) for one in contest.choices))
    if contest.of:
        return outcome_json(plurality(tally, contest.seats), "lot", "")
    assert standing.law is not None
    rule = rule_for(standing.law, "winner", contest.class_id, day, standing.day)
    assert rule is not None
    on = runoff_day(standing, rule, contest, day)
    if rule.values["method"] == "plurality":
        return outcome_json(plurality(tally, contest.seats), rule.values["tie"], on)
    return outcome_json(majority_or_runoff(tally, date.fromisoformat(on)), rule.values["tie"], on)


def runoff_day(standing: Standing, rule: Rule, contest: Contest, day: str) -> str:
    """The day that the rule sets for a runoff of this contest, asked on `day`; "" where it sets none."""
    steps, laws = rule.values.get("runoff_day"), standing.law
    if steps is None or laws is None:
        return ""

    def recorded(kind: str) -> str | None:
        moment = standing.recorded_at(kind, contest.id, "")
        return local_day(laws.clock, moment) if moment else None

    return value_day(laws.clock, steps, Starts(standing.day, contest.day, day, recorded)) or ""


def outcome_json(found: Outcome, tie: str, on: str) -> Json:
    """The outcome in the shape of the record; `tie` is what the rule says of ties."""
    if isinstance(found, Elected):
        unfilled: Json = {"unfilled": found.unfilled} if found.unfilled else {}
        return {"kind": "winner", "winners": list(found.elected), **unfilled}
    if isinstance(found, RunoffDue):
        return runoff(found.advance, on)
    assert not isinstance(found, NewElectionDue)
    return tied_json(found, tie, on)


def tied_json(found: Tied, tie: str, on: str) -> Json:
    """What becomes of a tie."""
    clear, tied = list(found.clear), list(found.tied)
    if tie == "runoff" and found.places == "runoff":
        return runoff((*clear, *tied), on)
    if tie == "runoff":
        return {**runoff(tied, on), **({"sure": clear} if clear else {})}
    if tie == "new_election":
        return {"choices": tied, "kind": "new_election", "seats": found.open, "sure": clear}
    day = {"day": on} if found.places == "runoff" else {}
    held = {"by": "lot", "for": found.places, "kind": "tie", "seats": found.open, "sure": clear}
    return {"choices": tied, **held, **day}


def runoff(choices: tuple[str, ...] | list[str], on: str) -> Json:
    """A runoff between these choices."""
    return {"choices": list(choices), "day": on, "kind": "runoff"}


def after_lot(outcome: Mapping[str, Any], choice: str) -> Json:
    """A tie after a lot gave one of its places to `choice`."""
    sure = [*outcome["sure"], choice]
    seats = outcome["seats"] - 1
    if seats:
        left = [one for one in outcome["choices"] if one != choice]
        return {**outcome, "choices": left, "seats": seats, "sure": sure}
    return runoff(sure, outcome["day"]) if outcome["for"] == "runoff" else {"kind": "winner", "winners": sure}


def same_outcome(one: Mapping[str, Any], other: Mapping[str, Any] | None) -> bool:
    """Whether two outcomes are the same: kind, winners, choices, sure and seats; lists as sets."""
    return other is not None and essence(one) == essence(other)


def essence(outcome: Mapping[str, Any]) -> Json:
    """What two outcomes are compared by."""
    lists = {name: frozenset(outcome[name]) for name in ("winners", "choices", "sure") if name in outcome}
    return {"kind": outcome["kind"], "seats": outcome.get("seats"), **lists}


def margin(contest: Contest, votes: Mapping[str, int], outcome: Mapping[str, Any]) -> int:
    """The votes of the last who wins or advances, less those of the next."""
    order = in_vote_order(tuple((one, votes[one]) for one in contest.choices))
    to_runoff = outcome["kind"] == "runoff" and "sure" not in outcome
    places = 2 if to_runoff or outcome.get("for") == "runoff" else contest.seats
    at = [count for _, count in order[places - 1 : places + 1]]
    return (at[0] - at[1] if len(at) == 2 else at[0]) if at else 0
