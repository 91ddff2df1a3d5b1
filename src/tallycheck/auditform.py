"""Check 4: fields of acts of an audit whose form depends on the sample (audit specification, section 8)."""

from collections.abc import Callable
from typing import Any

from .auditplan import BATCHES
from .auditreadings import NOT_FOUND, TYPES, is_batch_reading, is_reading
from .standing import Contest, Standing

__all__ = ["TYPES", "trouble"]


def trouble(detail: dict[str, Any], effect: str, contest: Contest | None, standing: Standing) -> str:
    """What is wrong with the form of the readings, or with the contest of a stop; ``""`` if nothing."""
    audit = standing.audits.get(detail["audit"]) if effect in NAMES else None
    if audit is None:
        return ""
    if effect == "stop" and (contest is None or contest.id not in audit.contests):
        return "the contest is not of the plan"
    for item, readings in NAMES[effect](detail):
        if item in audit.items and not are_readings(audit, item, readings):
            return f"the readings of {item} are not in their form"
    return ""


NAMES: dict[str, Callable[[dict[str, Any]], list[tuple[str, Any]]]] = {
    "unblind": lambda detail: [(item, readings) for item, _, readings in detail["openings"]],
    "adjudicate": lambda detail: [(item, readings) for item, readings, _ in detail["settled"]],
    "reread": lambda detail: [(detail["item"], detail["readings_now"])],
    "stop": lambda _: [],
}
"""The pairs of item and readings that an act of these effects names."""


def are_readings(audit: Any, item: str, readings: Any) -> bool:
    """Whether the value is the readings of an item of the sample (section 7)."""
    if not isinstance(readings, dict) or readings.keys() != audit.items[item].strata.keys():
        return False
    lost = [reading == NOT_FOUND for reading in readings.values()]
    if any(lost) and not all(lost):
        return False
    return all(is_one(audit, item, name, reading) for name, reading in readings.items())


def is_one(audit: Any, item: str, name: str, reading: Any) -> bool:
    """Whether the value is a reading of one contest on that item."""
    audited = audit.contests[name]
    choices, allowed = audited.contest.choices, audited.contest.votes_allowed
    if audit.plan.draw == BATCHES:
        return is_batch_reading(reading, choices, audit.cards_of(item), allowed)
    return is_reading(reading, choices, audited.claims.ranked)
