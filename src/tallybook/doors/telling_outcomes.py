"""Outcomes, readings and records in words: what the record says, with the names that stand on the ballot.

For the timeline, the pages and the commands. The words follow from the values alone.
"""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from msgspec.structs import asdict, replace

from tallybook.audit.assertions import Assertion, words
from tallybook.audit.published import NO_RECORD, NOT_ON_CARD
from tallybook.book import Contest, Standing
from tallybook.election.cards import Mark, Pattern

Json = Mapping[str, Any]

SPECIAL = {
    "not_found": "not found",
    "not_on_card": "the card does not carry the contest",
    "unopened": "the record could not be opened",
}


def outcome_words(standing: Standing, contest: Contest, outcome: Json) -> str:
    """An outcome in words. Where voters choose electors, who has the most votes is not elected by it."""
    names = [contest.names[one] for one in outcome.get("winners", outcome.get("choices", ()))]
    if outcome["kind"] == "winner" and names and for_electors(standing, contest):
        return f"Most votes: {', '.join(names)}. The electors are certified by an act of its own."
    if outcome["kind"] == "winner":
        return f"Elected: {', '.join(names)}." if names else "Nobody is elected."
    if outcome["kind"] == "runoff":
        day = f" on {outcome['day']}" if "day" in outcome else ""
        return f"Nobody has a majority: {' and '.join(names)} go to a runoff{day}."
    if outcome["kind"] == "tie":
        return f"A tie between {' and '.join(names)}, to be decided by lot."
    return f"A tie between {' and '.join(names)}: a new election."


def for_electors(standing: Standing, contest: Contest) -> bool:
    """Whether the law appoints electors by this contest."""
    rules = standing.law.rules if standing.law else ()
    return any(rule.kind == "electors" and contest.class_id in rule.classes for rule in rules)


def assertion_words(contest: Contest, assertion: Assertion) -> str:
    """An assertion with the names of the choices."""
    named: dict[str, Any] = {}
    for field, value in asdict(assertion).items():
        if field in ("winner", "loser", "choice"):
            named[field] = contest.names[value]
        elif field in ("standing", "lists"):
            named[field] = tuple(contest.names[one] for one in value)
    return words(replace(assertion, **named))


def choice_words(contest: Contest, choice: str) -> str:
    """A choice by its name; a write-in by its number, if it has one."""
    if choice in contest.names:
        return contest.names[choice]
    return f"write-in {choice.partition(':')[2]}".strip() if choice.startswith("write_in") else choice


def reading_words(contest: Contest, reading: Any) -> str:
    """What people read on a card or counted in a batch."""
    if isinstance(reading, str):
        return SPECIAL.get(reading, reading)
    if isinstance(reading, Mapping):
        return ", ".join(f"{choice_words(contest, one)} {n:,}" for one, n in reading.items())
    ranked = any(isinstance(one, list) for one in reading)
    marks = (
        [(rank, one) for rank, several in enumerate(reading, 1) for one in several]
        if ranked
        else [(0, one) for one in reading]
    )
    return marks_words(contest, marks)


def record_words(contest: Contest, pattern: Pattern | str) -> str:
    """What the record of a card says."""
    if isinstance(pattern, str):
        return SPECIAL.get(pattern, pattern)
    if NO_RECORD in pattern.flags:
        return "there is no record"
    if NOT_ON_CARD in pattern.flags:
        return SPECIAL["not_on_card"]
    flags = [one.replace("_", " ") for one in pattern.flags if one != "blank"]
    said = f" ({', '.join(flags)})" if flags else ""
    return marks_words(contest, [(mark.rank, times(mark)) for mark in pattern.marks]) + said


def times(mark: Mark) -> str:
    """A mark's choice, as often as it has votes."""
    return mark.choice if mark.votes == 1 else f"{mark.choice} × {mark.votes}"


def marks_words(contest: Contest, marks: list[tuple[int, str]]) -> str:
    """Marks in words: `Ash, Birch`, or by rank `1 Ash, 2 Birch and Cedar`."""
    if not marks:
        return "no mark"
    parts = []
    for rank, several in groupby(sorted(marks, key=lambda one: one[0]), key=lambda one: one[0]):
        names = [choice_words(contest, one) for _, one in several]
        parts.append(f"{rank} {' and '.join(names)}" if rank else ", ".join(names))
    return ", ".join(parts)
