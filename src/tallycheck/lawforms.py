"""The keys of a law file, and the form of each value: law specification, sections 2, 5 and 7.

A schema is a table's keys, each with the test of its value; ``?`` ends the name of a key that may be left
out. Whatever is wrong is a `BadLaw`.
"""

import re
from collections.abc import Callable
from typing import Any

from .clock import is_day, is_moment, is_offset, parse_steps
from .plain import decimal, is_whole
from .ranked import OVERVOTES

GRANTING = frozenset({"permitted", "duty", "conditional"})
STATUSES = GRANTING | {"not_permitted", "no_legal_effect"}
COUNTS = frozenset(
    {"unofficial", "county_certified", "audit_tally", "state_certified", "recount", "recertified"}
)
EFFECTS = {
    "open", "adopt", "record", "returns", "restate", "correct", "state_total", "audit_result",
    "recount_order", "electors", "electoral_votes", "joint_session", "chamber", "finding", "close_finding",
    "lot", "checkpoint", "commit", "seed", "draw", "readings", "sign",
    "plan", "plan_seed", "round", "blind", "unblind", "adjudicate", "records", "explain", "reread", "sitting",
    "measure", "stop",
    "keys", "roster", "move_date", "recount_batches", "recount_result", "claim", "answer",
}  # fmt: skip

Data = dict[str, Any]
Schema = dict[str, Callable[[object], bool]]


class BadLaw(ValueError):  # noqa: N818 - it is an answer about the input
    """A law file or set breaks the specification; the message says where and how."""


# Values ------------------------------------------------------------

_NAME = re.compile(r"[a-z0-9_.-]+\Z")
_KIND = re.compile(r"[a-z][a-z0-9_]*\Z")


def a_string(value: object) -> bool:
    return isinstance(value, str)


def a_name(value: object) -> bool:
    return isinstance(value, str) and _NAME.match(value) is not None


def a_kind(value: object) -> bool:
    return isinstance(value, str) and _KIND.match(value) is not None


def an_integer(value: object) -> bool:
    return type(value) is int


def from_one(value: object) -> bool:
    return is_whole(value, 1)


def from_zero(value: object) -> bool:
    return is_whole(value)


def names(value: object) -> bool:
    return isinstance(value, list) and all(a_name(item) for item in value)


def some_names(value: object) -> bool:
    return names(value) and bool(value)


def kinds(value: object) -> bool:
    return isinstance(value, list) and all(a_kind(item) for item in value)


def strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def a_span(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(end == "" or is_day(end) for end in value)


def a_fraction(value: object) -> bool:
    return fraction(value) is not None


def date_steps(value: object) -> bool:
    return parse_steps(value) is not None


def day_steps(value: object) -> bool:
    steps = parse_steps(value)
    return steps is not None and not steps.time


def a_table(value: object) -> bool:
    return isinstance(value, dict)


def one_of(*allowed: object) -> Callable[[object], bool]:
    return lambda value: value in allowed and type(value) in {type(item) for item in allowed}


def fields_to(check: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, dict) and all(a_name(k) and check(v) for k, v in value.items())


def some_strings(value: object) -> bool:
    return strings(value) and bool(value)


def contest_or_place(value: object) -> bool:
    return isinstance(value, list) and all(word in ("contest", "place") for word in value)


def a_closeness(value: object) -> bool:
    """The value of the guard `close`: exactly its three keys."""
    return (
        isinstance(value, dict)
        and value.keys() == CLOSE.keys()
        and all(check(value[name]) for name, check in CLOSE.items())
    )


def a_share_and_least(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and a_fraction(value[0]) and an_integer(value[1])


def fraction(value: object) -> tuple[int, int] | None:
    """Numerator and denominator of ``a/b``."""
    a, slash, b = value.partition("/") if isinstance(value, str) else ("", "", "")
    top, bottom = decimal(a), decimal(b)
    return (top, bottom) if slash and top is not None and bottom else None


# Tables ------------------------------------------------------------

TABLES: dict[str, Schema] = {
    "clock": {"from": is_moment, "offset": is_offset},
    "holidays": {"date": is_day, "name": a_string},
    "offices": {"id": a_name, "name": a_string},
    "purposes": {"id": a_name, "words": a_string},
    "acts": {
        "id": a_name, "words": a_string, "entry": a_kind, "said": a_string, "effect": one_of(*EFFECTS),
        "count?": one_of(*COUNTS), "scope": strings, "phases": strings, "needs?": names, "may?": names,
    },
    "rows": {
        "id": a_name, "office": a_string, "act": a_name, "purposes?": some_names, "classes?": some_strings,
        "status": one_of(*STATUSES), "in_force": a_span, "elections_held": a_span, "when?": a_table,
        "due?": date_steps, "citation": a_string, "plain": a_string, "code?": a_name, "words?": a_string,
        "next?": a_string, "later?": a_string, "source?": a_string, "confidence?": a_string,
    },
    "dates": {
        "id": a_name, "words": a_string, "day": date_steps, "in_force": a_span, "elections_held": a_span,
        "citation": a_string, "source?": a_string, "confidence?": a_string,
    },
    "elections": {"id": a_name, "title": a_string, "day": is_day},
}  # fmt: skip

RULE: Schema = {
    "id": a_name, "kind": a_string, "classes": strings, "in_force": a_span, "elections_held": a_span,
    "citation": a_string, "plain": a_string,
}  # fmt: skip

CLOSE: Schema = {
    "share": a_fraction, "compare": one_of("<=", "<"), "of": one_of("all_votes", "two_highest", "winner"),
}  # fmt: skip

RULE_KEYS: dict[str, Schema] = {
    "winner": {
        "method": one_of("plurality", "majority_or_runoff", "ranked_choice"), "runoff_day?": day_steps,
        "advance?": one_of(2), "tie": one_of("lot", "runoff", "new_election"),
        "overvote?": one_of(*OVERVOTES),
        "duplicate?": one_of("skip", "exhaust"), "max_rankings?": from_one, "max_skipped?": from_zero,
    },
    "recount": CLOSE,
    "electors": {"number": an_integer, "whole": an_integer, "faithless": one_of("as_cast", "cancelled")},
    "hand_count": {"effect": one_of("returns_stand", "replaces_returns")},
    "audit": {"risk_limit": a_fraction},
    "deadline": {"day": date_steps, "words": a_string},
    "signatures": {"offices": some_names, "acts": names, "threshold": from_one},
    "board": {
        "office": a_name, "acts": names, "seats": from_one, "quorum": from_one,
        "majority": one_of("seats", "present", "votes"), "most_of_a_group?": from_one,
        "groups_present?": from_one,
    },
    "separation": {"acts": some_names, "between": one_of("acts", "entries"), "same": contest_or_place},
    "missed": {"rows": some_names, "words": a_string},
    "route": {"steps": some_names, "words": a_string},
}  # fmt: skip

GUARD_VALUES: Schema = {
    "after": kinds, "before": kinds, "every_place": a_kind, "from": date_steps, "on_day": day_steps,
    "states": names, "at_least": fields_to(an_integer), "share_of": fields_to(a_share_and_least),
    "role": one_of("winner", "loser"), "margin_at_most": a_fraction, "most_votes": one_of(True),
    "majority": one_of("missing", "exists"), "one_of": fields_to(some_strings), "close": a_closeness,
}  # fmt: skip


def keep(table: Any, schema: Schema, where: str) -> Data:
    """The table, whose keys are exactly those of the schema (``?``: may be left out); otherwise `BadLaw`."""
    if not isinstance(table, dict):
        raise BadLaw(f"{where} is not a table")
    for name, check in schema.items():
        key = name.removesuffix("?")
        if key not in table and key == name:
            raise BadLaw(f"{where} has no key `{key}`")
        if key in table and not check(table[key]):
            raise BadLaw(f"{where}: the value of `{key}` is not in its form")
    known = {name.removesuffix("?") for name in schema}
    for key in table:
        if key not in known:
            raise BadLaw(f"{where} has the unknown key {key[:60]!r}")
    kept: Data = table
    return kept
