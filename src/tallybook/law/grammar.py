"""The grammar of a law file: each table's keys, and how each value is read (docs/spec/law.md).

For the reader of law files next door.  A reader gives the value or raises UnfitError, whose text says what
was expected.  The tables at the end are the whole grammar.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tallybook.law.clock import OFFSET, is_day, is_moment
from tallybook.law.guards import TESTS
from tallybook.law.nouns import (
    ANY_OFFICE,
    FORMAT,
    STATUSES,
    ClockRow,
    Guard,
    Holiday,
    LawAct,
    LawDate,
    LawElection,
    Office,
    Purpose,
    Row,
    Rule,
    Span,
)
from tallybook.law.steps import KIND, Steps, read_steps

NAME = re.compile(r"[a-z0-9_.-]+")
SHARE = re.compile(r"(0|[1-9]\d{0,8})/([1-9]\d{0,8})", re.ASCII)
REQUIRED = object()
SCOPES = ("contest", "contest?", "place", "place?")
COUNTS = ("unofficial", "county_certified", "audit_tally", "state_certified", "recount", "recertified")
BASES = ("all_votes", "two_highest", "winner")
"""What the share of a margin may be taken of."""

COUNTING = ("returns", "restate", "state_total")
"""The effects that file a count (docs/spec/book.md, section 7)."""
EFFECTS = (
    *("open", "adopt", "record", "correct", *COUNTING, "audit_result", "recount_order", "electors"),
    *("electoral_votes", "joint_session", "chamber", "finding", "close_finding", "lot", "checkpoint"),
    *("commit", "seed", "draw", "readings", "sign"),
    *("plan", "plan_seed", "round", "blind", "unblind", "adjudicate", "records", "explain", "reread"),
    *("sitting", "measure", "stop"),
    *("keys", "roster", "move_date", "recount_batches", "recount_result", "claim", "answer"),
)
PHASES = (
    *("announced", "counting", "county_certified", "state_certified", "runoff_due", "recounting"),
    "recertified",
)


class UnfitError(ValueError):
    """A value that its key does not take; the text says what was expected."""


@dataclass(frozen=True, slots=True)
class Field:
    """How one key is read: into which name, by which reader, and the value where it is left out."""

    name: str
    read: Callable[[Any], Any]
    default: Any = REQUIRED


Table = Mapping[str, Field]


def words(value: object) -> str:
    """A string that says something."""
    if not isinstance(value, str) or not value.strip():
        raise UnfitError("a string that is not empty")
    return value


def maybe_words(value: object) -> str:
    """A string, perhaps empty."""
    if not isinstance(value, str):
        raise UnfitError("a string")
    return value


def name(value: object) -> str:
    """An id."""
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise UnfitError("an id of the letters a-z, digits, _, - and .")
    return value


def kind(value: object) -> str:
    """An entry kind."""
    if not isinstance(value, str) or not KIND.fullmatch(value):
        raise UnfitError("an entry kind: a letter a-z, then letters, digits and _")
    return value


def one_of(*allowed: Any) -> Callable[[object], Any]:
    """A reader of one of a few values."""

    def read(value: object) -> Any:
        if type(value) not in (str, int) or value not in allowed:
            raise UnfitError("one of " + ", ".join(str(one) for one in allowed))
        return value

    return read


def office_or_any(value: object) -> str:
    """An office's id or *."""
    return ANY_OFFICE if value == ANY_OFFICE else name(value)


def array_of(read: Callable[[object], Any]) -> Callable[[object], tuple[Any, ...]]:
    """A reader of an array whose members are all different."""

    def read_all(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise UnfitError("an array")
        found = tuple(read(one) for one in value)
        if len(set(found)) < len(found):
            raise UnfitError("an array without repetitions")
        return found

    return read_all


def some_of(read: Callable[[object], Any]) -> Callable[[object], tuple[Any, ...]]:
    """A reader of an array that is not empty."""

    def read_some(value: object) -> tuple[Any, ...]:
        if not value:
            raise UnfitError("an array that is not empty")
        return array_of(read)(value)

    return read_some


def scope(value: object) -> tuple[str, ...]:
    """What an act is about: contest or contest?, place or place?."""
    found = array_of(one_of(*SCOPES))(value)
    if len({word.rstrip("?") for word in found}) < len(found):
        raise UnfitError("contest or contest?, place or place?, each once")
    return found


def moment(value: object) -> str:
    """A moment."""
    if not isinstance(value, str) or not is_moment(value):
        raise UnfitError("a moment YYYY-MM-DDTHH:MM:SSZ, as a string")
    return value


def day(value: object) -> str:
    """A day."""
    if not isinstance(value, str) or not is_day(value):
        raise UnfitError("a day YYYY-MM-DD, as a string")
    return value


def offset(value: object) -> str:
    """An offset from UTC."""
    if not isinstance(value, str) or not OFFSET.fullmatch(value):
        raise UnfitError("an offset +HH:MM or -HH:MM")
    return value


def span(value: object) -> Span:
    """First and last day."""
    if not isinstance(value, list) or len(value) != 2:
        raise UnfitError('two days, such as ["", "2021-03-24"]')
    first, last = (end if end == "" else day(end) for end in value)
    if last and last < first:
        raise UnfitError("a last day that is not before the first")
    return Span(first, last)


def steps(value: object) -> Steps:
    """Date steps."""
    if not isinstance(value, list) or not all(isinstance(step, str) for step in value):
        raise UnfitError("an array of strings")
    try:
        return read_steps(tuple(value))
    except ValueError as error:
        raise UnfitError(str(error)) from None


def day_steps(value: object) -> Steps:
    """Date steps that give a day and no time."""
    if (found := steps(value)).time:
        raise UnfitError("a day without a time")
    return found


def share(value: object) -> tuple[int, int]:
    """A fraction a/b between 0 and 1, as two integers."""
    found = SHARE.fullmatch(value) if isinstance(value, str) else None
    if found is None or Fraction(*map(int, found.groups())) > 1:
        raise UnfitError('a fraction between 0 and 1 such as "1/200"')
    return int(found[1]), int(found[2])


def from_one(value: object) -> int:
    """A whole number, 1 or more."""
    if (found := number(value)) == 0:
        raise UnfitError("a whole number, 1 or more")
    return found


def written_share(value: object) -> str:
    """A fraction a/b between 0 and 1, as written."""
    share(value)
    return str(value)


def number(value: object) -> int:
    """A whole number, 0 or more."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise UnfitError("a whole number, 0 or more")
    return value


def share_of_number(value: object) -> tuple[int, int, int]:
    """A fraction and the number it is taken of."""
    if not isinstance(value, list) or len(value) != 2:
        raise UnfitError('a fraction and a number, such as ["3/5", 180]')
    return (*share(value[0]), number(value[1]))


def by_field(read: Callable[[object], Any]) -> Callable[[object], tuple[tuple[str, Any], ...]]:
    """A reader of a table: detail field -> value, as pairs in the order written."""

    def read_table(value: object) -> tuple[tuple[str, Any], ...]:
        if not isinstance(value, dict) or not value:
            raise UnfitError("a table of detail fields")
        return tuple((name(field), read(one)) for field, one in value.items())

    return read_table


def guards(value: object) -> tuple[Guard, ...]:
    """The guards of a row, in the order in which they are tested."""
    if not isinstance(value, dict) or not value:
        raise UnfitError("a table of guards")
    if unknown := sorted(set(value) - set(GUARDS)):
        raise UnfitError(f"guards among {', '.join(GUARDS)}, and not {', '.join(unknown)}")
    return tuple(Guard(name, read_guard(name, value[name])) for name in GUARDS if name in value)


def read_guard(guard: str, value: object) -> Any:
    """The value of one guard; what was expected names the guard."""
    try:
        return GUARDS[guard](value)
    except UnfitError as unfit:
        raise UnfitError(f"for {guard}: {unfit}") from None


def closeness(value: object) -> tuple[int, int, str, str]:
    """A share, a comparison and what the share is of."""
    if not isinstance(value, dict) or value.keys() != {"share", "compare", "of"}:
        raise UnfitError("a table of share, compare and of")
    compare, of = one_of("<=", "<")(value["compare"]), one_of(*BASES)(value["of"])
    return (*share(value["share"]), compare, of)


def is_true(value: object) -> bool:
    """The value true."""
    if value is not True:
        raise UnfitError("true")
    return True


GUARDS: Mapping[str, Callable[[object], Any]] = {
    "after": some_of(kind),
    "before": some_of(kind),
    "every_place": kind,
    "from": steps,
    "on_day": day_steps,
    "states": some_of(name),
    "at_least": by_field(number),
    "share_of": by_field(share_of_number),
    "role": one_of("winner", "loser"),
    "margin_at_most": share,
    "most_votes": is_true,
    "majority": one_of("missing", "exists"),
    "one_of": by_field(some_of(words)),
    "close": closeness,
}
assert tuple(GUARDS) == tuple(TESTS)

TOP: Table = {
    "format": Field("format", one_of(FORMAT)),
    "id": Field("id", name),
    "title": Field("title", words),
    "place": Field("place", words),
    "words": Field("words", maybe_words, ""),
}

DATES_OF_FORCE = {"in_force": Field("in_force", span), "elections_held": Field("elections_held", span)}
SOURCES = {
    "source": Field("source", maybe_words, ""),
    "confidence": Field("confidence", one_of("high", "medium", "low"), ""),
}

TABLES: Mapping[str, tuple[Table, Callable[..., Any]]] = {
    "clock": ({"from": Field("start", moment), "offset": Field("offset", offset)}, ClockRow),
    "holidays": ({"date": Field("date", day), "name": Field("name", words)}, Holiday),
    "offices": ({"id": Field("id", name), "name": Field("name", words)}, Office),
    "purposes": ({"id": Field("id", name), "words": Field("words", words)}, Purpose),
    "acts": (
        {
            "id": Field("id", name),
            "words": Field("words", words),
            "entry": Field("entry", kind),
            "said": Field("said", words),
            "effect": Field("effect", one_of(*EFFECTS)),
            "count": Field("count", one_of(*COUNTS), ""),
            "scope": Field("scope", scope),
            "phases": Field("phases", array_of(one_of(*PHASES))),
            "needs": Field("needs", array_of(name), ()),
            "may": Field("may", array_of(name), ()),
        },
        LawAct,
    ),
    "rows": (
        {
            "id": Field("id", name),
            "office": Field("office", office_or_any),
            "act": Field("act", name),
            "purposes": Field("purposes", some_of(name), None),
            "classes": Field("classes", some_of(name), None),
            "status": Field("status", one_of(*STATUSES)),
            **DATES_OF_FORCE,
            "when": Field("when", guards, ()),
            "due": Field("due", steps, None),
            "citation": Field("citation", words),
            "plain": Field("plain", words),
            "code": Field("code", name, ""),
            "words": Field("words", words, ""),
            "next": Field("next", words, ""),
            "later": Field("later", words, ""),
            **SOURCES,
        },
        Row,
    ),
    "dates": (
        {
            "id": Field("id", name),
            "words": Field("words", words),
            "day": Field("day", steps),
            **DATES_OF_FORCE,
            "citation": Field("citation", words),
            **SOURCES,
        },
        LawDate,
    ),
    "elections": (
        {"id": Field("id", name), "title": Field("title", words), "day": Field("day", day)},
        LawElection,
    ),
}

RULE: Table = {
    "id": Field("id", name),
    "kind": Field("kind", name),
    "classes": Field("classes", array_of(name)),
    **DATES_OF_FORCE,
    "citation": Field("citation", words),
    "plain": Field("plain", words),
}

WINNER: Table = {
    "method": Field("method", one_of("plurality", "majority_or_runoff", "ranked_choice")),
    "tie": Field("tie", one_of("lot", "runoff", "new_election")),
}
RUNOFF_DAY: Table = {"runoff_day": Field("runoff_day", day_steps)}
ADVANCE: Table = {"advance": Field("advance", one_of(2))}
OVERVOTES = (
    *("exhaust", "skip", "exhaust_if_any_continuing", "exhaust_if_several_continuing"),
    "wait_while_several_continuing",
)
RANKED: Table = {
    "overvote": Field("overvote", one_of(*OVERVOTES), "exhaust"),
    "duplicate": Field("duplicate", one_of("skip", "exhaust"), "skip"),
    "max_rankings": Field("max_rankings", from_one, None),
    "max_skipped": Field("max_skipped", number, None),
}
"""How a ranked ballot is read (docs/spec/counting.md, section 3)."""

KINDS: Mapping[str, Table] = {
    "winner": WINNER,
    "recount": {
        "share": Field("share", written_share),
        "compare": Field("compare", one_of("<=", "<")),
        "of": Field("of", one_of(*BASES)),
    },
    "electors": {
        "number": Field("number", number),
        "whole": Field("whole", number),
        "faithless": Field("faithless", one_of("as_cast", "cancelled")),
    },
    "hand_count": {"effect": Field("effect", one_of("returns_stand", "replaces_returns"))},
    "audit": {"risk_limit": Field("risk_limit", written_share)},
    "deadline": {"day": Field("day", steps), "words": Field("words", words)},
    "signatures": {
        "offices": Field("offices", some_of(name)),
        "acts": Field("acts", array_of(name)),
        "threshold": Field("threshold", from_one),
    },
    "board": {
        "office": Field("office", name),
        "acts": Field("acts", array_of(name)),
        "seats": Field("seats", from_one),
        "quorum": Field("quorum", from_one),
        "majority": Field("majority", one_of("seats", "present", "votes")),
        "most_of_a_group": Field("most_of_a_group", from_one, 0),
        "groups_present": Field("groups_present", from_one, 0),
    },
    "separation": {
        "acts": Field("acts", some_of(name)),
        "between": Field("between", one_of("acts", "entries")),
        "same": Field("same", array_of(one_of("contest", "place"))),
    },
    "missed": {"rows": Field("rows", some_of(name)), "words": Field("words", words)},
    "route": {"steps": Field("steps", some_of(name)), "words": Field("words", words)},
}


def rule_table(raw: Mapping[str, Any]) -> Table:
    """The keys of a rule: those of every rule and those of its kind."""
    kind = raw.get("kind")
    own = KINDS.get(kind, {}) if isinstance(kind, str) else {}
    majority = own is WINNER and raw.get("method") == "majority_or_runoff"
    runoff = own is WINNER and (majority or raw.get("tie") == "runoff")
    return {
        **RULE,
        "kind": Field("kind", one_of(*KINDS)),
        **own,
        **(RUNOFF_DAY if runoff else {}),
        **(ADVANCE if majority else {}),
        **(RANKED if own is WINNER and raw.get("method") == "ranked_choice" else {}),
    }


def rule(file: str, found: Mapping[str, Any]) -> Rule:
    """A rule, with the keys of its kind apart."""
    common = {field.name for field in RULE.values()}
    values = {key: value for key, value in found.items() if key not in common}
    return Rule(law=file, values=values, **{key: found[key] for key in common})
