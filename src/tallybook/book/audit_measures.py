"""The risk of a contest in an audit by plan, and its next step (docs/spec/audit.md, section 8, `measure`).

For measurements and for corrections, which measure anew. The numbers used are the first so many of the
contest's sequence; risks are published rounded up, decisions are exact.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from tallybook.audit.measuring import Evidence
from tallybook.audit.planned import (
    Reported,
    all_points,
    answer,
    batched,
    compared,
    counted_batches,
    more_without_error,
    one_mark,
    polled,
    votes_of,
    worst,
)
from tallybook.book.audit_runs import Run
from tallybook.book.readings import pattern_of, recorded_of

Json = dict[str, Any]


def measured(run: Run, name: str, n: int, round_: int) -> Json:
    """The measurement of a contest over the first n of its numbers, after so many rounds."""
    subject = run.basis.subjects[name]
    if run.plan.draw == "cards" and n == subject.cards:
        points = all_points(subject, seen(run, name, n))
        return {"cards": n, "step": "counted", "true": [one > 0 for one in points]}
    evidence, limit = evidence_of(run, name, n), Fraction(run.plan.risk_limit)
    risks, met = answer(evidence, limit)
    result: Json = {"cards": n, "met": met, "risk": worst(risks), "risks": risks}
    if all(met):
        return {**result, "step": "stop"}
    if run.plan.most_rounds and round_ >= run.plan.most_rounds:
        return {**result, "step": "full_hand_count"}
    more = None if subject.how == "polling" else more_without_error(evidence, limit)
    return {**result, "step": "another_round", **({} if more is None else {"more": more})}


def evidence_of(run: Run, name: str, n: int) -> list[Evidence]:
    """What speaks for every assertion of a contest."""
    subject = run.basis.subjects[name]
    if subject.how == "batches":
        return of_batches(run, name, n)
    reported = reported_of(run, name)
    if subject.how == "polling":
        return polled(subject, reported, seen(run, name, n))
    recorded = [recorded_of(run, item, name) for item in run.used[name][:n]]
    return compared(subject, reported, seen(run, name, n), recorded)


def of_batches(run: Run, name: str, n: int) -> list[Evidence]:
    """The batches drawn so far, against what was reported of them."""
    names, basis = run.plan.names, run.basis
    subjects = [basis.subjects[one] for one in names]
    whole = batched(subjects, basis.cards, [basis.votes[one] for one in names])
    drawn = run.drawn[:n]
    counts = {batch: settled(run, batch, name) for batch in set(drawn)}
    at = names.index(name)
    return counted_batches(at, subjects[at], whole, drawn, counts)


def reported_of(run: Run, name: str) -> Reported:
    """What was reported of a contest, as the bet takes it."""
    contest, said = run.basis.subjects[name].contest, run.plan.contest(name).reported
    if run.plan.contest(name).evidence != "polling" or contest.votes_allowed > 1:
        return Reported(run.margins[name], run.phantoms[name])
    counts = (*(said["votes"][one] for one in contest.choice_ids), said["write_ins"])
    return Reported(run.margins[name], run.phantoms[name], one_mark(contest), counts)


def seen(run: Run, name: str, n: int) -> list[Any]:
    """What stands on the first n cards used for a contest."""
    return [pattern_of(settled(run, item, name)) for item in run.used[name][:n]]


def settled(run: Run, item: str, name: str) -> Any:
    """The settled reading of an item; only asked where there is one."""
    readings = run.items[item].settled
    assert readings is not None
    return readings[name]


def voted(run: Run, name: str) -> dict[str, int]:
    """The votes of all cards of a contest that was read in full."""
    subject = run.basis.subjects[name]
    return votes_of(subject.contest, seen(run, name, subject.cards))


def reopened(run: Run, name: str, result: Mapping[str, Any]) -> bool:
    """Whether a correction takes away what an audit stopped on."""
    if name not in run.stopped or run.stopped[name][1]:
        return False
    return result["step"] not in ("stop", "counted")
