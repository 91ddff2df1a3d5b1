"""Law files: parsed, every key looked at, and joined into a law set. Law specification, sections 2 and 7.

A law file comes from a stranger like everything else in a package. Each mistake is a `BadLaw`, to which
the caller adds that check 5 fails.
"""

import re
import tomllib
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from typing import Any

from .clock import Clock, Steps, is_day, is_moment, is_offset, parse_steps, parsed_offset
from .plain import decimal, is_whole
from .ranked import OVERVOTES

LONGEST = 4 << 20
FORMAT = "tallybook/law/v1"
GRANTING = frozenset({"permitted", "duty", "conditional"})
STATUSES = GRANTING | {"not_permitted", "no_legal_effect"}
PHASES = {
    "announced", "counting", "county_certified", "state_certified", "runoff_due", "recounting",
    "recertified",
}  # fmt: skip
COUNTS = frozenset(
    {"unofficial", "county_certified", "audit_tally", "state_certified", "recount", "recertified"}
)
COUNTED = {"returns", "restate", "state_total"}
EFFECTS = {
    "open", "adopt", "record", "returns", "restate", "correct", "state_total", "audit_result",
    "recount_order", "electors", "electoral_votes", "joint_session", "chamber", "finding", "close_finding",
    "lot", "checkpoint", "commit", "seed", "draw", "readings", "sign",
    "plan", "plan_seed", "round", "blind", "unblind", "adjudicate", "records", "explain", "reread", "sitting",
    "measure", "stop",
    "keys", "roster", "move_date", "recount_batches", "recount_result", "claim", "answer",
}  # fmt: skip
OF_A_CONTEST = COUNTED | {
    "audit_result", "recount_order", "electors", "electoral_votes", "lot", "commit", "seed", "draw",
    "readings", "sign", "stop", "recount_batches", "recount_result",
}  # fmt: skip
OF_THE_STATE = frozenset({"state_certified", "recertified"})
NEEDED = {
    "open": ("election", "law"), "adopt": ("law_file",), "returns": ("returns",),
    "restate": ("corrects", "returns"), "correct": ("corrects",), "electors": ("choice",), "lot": ("choice",),
    "electoral_votes": ("president", "vice_president"), "joint_session": ("table",),
    "chamber": ("members", "seats"), "close_finding": ("finding",), "checkpoint": ("checkpoint",),
    "commit": ("manifest", "sample"), "seed": ("seed",), "readings": ("readings",),
    "plan": ("plan",), "plan_seed": ("audit", "seed"), "round": ("audit",),
    "blind": ("audit", "commitments", "reader"), "unblind": ("audit", "openings", "reader"),
    "adjudicate": ("audit", "settled"), "records": ("audit", "records"), "explain": ("audit", "causes"),
    "reread": ("audit", "cause_code", "item", "readings_now"), "sitting": ("audit", "signatures"),
    "measure": ("audit",), "stop": ("audit",),
    "keys": ("keys", "threshold"), "roster": ("post", "roster"), "move_date": ("moves", "moved_to"),
    "recount_batches": ("first_batches", "second_batches"), "claim": ("text", "source", "dated"),
    "answer": ("claim", "answer", "text"),
}  # fmt: skip
SCOPES = {
    "keys": ({"place"}, {"place?"}, set()), "roster": ({"place"}, {"place?"}, set()),
    "move_date": ({"contest?", "place?"},), "recount_batches": ({"contest", "place"},),
    "recount_result": ({"contest"},),
}  # fmt: skip
FIXED_KINDS = frozenset(
    {
        "book_opened",
        "act_refused",
        "act_without_legal_effect",
        "runoff_arose",
        "runoff_withdrawn",
        "audit_reopened",
    }
)
RANKED_KEYS = frozenset({"overvote", "duplicate", "max_rankings", "max_skipped"})
GUARDS = (
    "after", "before", "every_place", "from", "on_day", "states", "at_least", "share_of", "role",
    "margin_at_most", "most_votes", "majority", "one_of", "close",
)  # fmt: skip

Data = dict[str, Any]


class BadLaw(ValueError):  # noqa: N818 - it is an answer about the input
    """A law file or set breaks the specification; the message says where and how."""


@dataclass(frozen=True)
class ActSpec:
    """An act that the set declares."""

    id: str
    entry: str
    effect: str
    count: str
    scope: frozenset[str]
    phases: tuple[str, ...]
    needs: frozenset[str]
    may: frozenset[str]


@dataclass(frozen=True, eq=False)
class Row:
    """A row of law. `guards` stand in the order in which they are tested; `law` is the file's id.

    `classes` are the office classes of the contests that it is for; None: of all, and of acts without one.
    """

    id: str
    law: str
    office: str
    act: str
    purposes: frozenset[str] | None
    classes: frozenset[str] | None
    status: str
    in_force: tuple[str, str]
    elections_held: tuple[str, str]
    guards: tuple[tuple[str, Any], ...]
    due: Steps | None
    citation: str
    plain: str
    code: str
    words: str
    next: str

    @property
    def grants(self) -> bool:
        """Whether the row's status grants."""
        return self.status in GRANTING


@dataclass(frozen=True, eq=False)
class Rule:
    """A rule of section 7; `keys` are those of its kind."""

    id: str
    law: str
    kind: str
    classes: frozenset[str]
    in_force: tuple[str, str]
    elections_held: tuple[str, str]
    citation: str
    keys: Data


@dataclass(frozen=True, eq=False)
class LawFile:
    """One law file."""

    id: str
    clock: tuple[tuple[str, Any], ...]
    holidays: frozenset[str]
    offices: tuple[tuple[str, str], ...]
    purposes: tuple[tuple[str, str], ...]
    acts: tuple[ActSpec, ...]
    rows: tuple[Row, ...]
    rules: tuple[Rule, ...]
    dates: tuple[str, ...]
    kinds: frozenset[str]


@dataclass(frozen=True, eq=False)
class LawSet:
    """The joined files."""

    files: tuple[LawFile, ...]
    clock: Clock
    holidays: frozenset[str]
    offices: dict[str, str]
    purposes: dict[str, str]
    acts: dict[str, ActSpec]
    rows: tuple[Row, ...]
    rules: tuple[Rule, ...]


def holds(span: tuple[str, str], day: str) -> bool:
    """Whether the day lies between the first and the last, both included; an empty end is open."""
    return span[0] <= day and (not span[1] or day <= span[1])


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


Schema = dict[str, Callable[[object], bool]]

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


# One file ------------------------------------------------------------

_STRINGS = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+"{3,5}'
    r"|'''(?:[^']|'(?!''))*+'{3,5}"
    r'|(?P<open>"""|\'\'\')|"(?:[^"\\\n]|\\.)*+"'
    r"|'[^'\n]*+'|#[^\n]*+",
    re.DOTALL,
)
_LONG_KEY = re.compile(r"(?<![A-Za-z0-9_-])(?:[A-Za-z0-9_-]++[ \t]*+\.[ \t]*+){8}")


def parse_law(raw: bytes) -> LawFile:
    """The law file of these bytes; raises `BadLaw`."""
    top = keep(parse_toml(raw), top_schema(), "the law file")
    if top["format"] != FORMAT:
        raise BadLaw(f"the format is not {FORMAT}")
    law = top["id"]

    def every(name: str) -> list[Data]:
        tables = top.get(name, [])
        if name == "rules":
            return [keep_rule(table, f"rule {i}") for i, table in enumerate(tables, 1)]
        return [keep(table, TABLES[name], f"{name} {i}") for i, table in enumerate(tables, 1)]

    starts = [row["from"] for row in every("clock")]
    if starts != sorted(set(starts)):
        raise BadLaw("the clock's rows are not in ascending order")
    every("elections")
    acts, rows, rules, dates = every("acts"), every("rows"), every("rules"), every("dates")
    return LawFile(
        id=law,
        clock=tuple((row["from"], parsed_offset(row["offset"])) for row in every("clock")),
        holidays=frozenset(row["date"] for row in every("holidays")),
        offices=tuple((row["id"], row["name"]) for row in every("offices")),
        purposes=tuple((row["id"], row["words"]) for row in every("purposes")),
        acts=tuple(made_act(act) for act in acts),
        rows=tuple(made_row(row, law) for row in rows),
        rules=tuple(made_rule(rule, law) for rule in rules),
        dates=tuple(row["id"] for row in dates),
        kinds=frozenset(kinds_named([*rows, *rules, *dates])),
    )


def top_schema() -> Schema:
    """The keys of a whole file."""

    def tables(value: object) -> bool:
        return isinstance(value, list)

    schema: Schema = {
        "format": a_string,
        "id": a_name,
        "title": a_string,
        "place": a_string,
        "words?": a_string,
    }
    return schema | {f"{name}?": tables for name in [*TABLES, "rules"]}


def parse_toml(raw: bytes) -> Data:
    """The TOML of these bytes. Keys of very many parts are refused before Python's reader meets them."""
    if len(raw) > LONGEST:
        raise BadLaw("the law file is larger than 4 MiB")
    try:
        text = raw.decode("utf-8")
        if _LONG_KEY.search(_STRINGS.sub(stand_in, text)):
            raise BadLaw("the law file has a key of many parts")
        return tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise BadLaw("the law file is not UTF-8 TOML") from None
    except (ValueError, RecursionError, OverflowError, MemoryError) as problem:
        raise BadLaw(
            str(problem) if isinstance(problem, BadLaw) else "the law file is not readable TOML"
        ) from None


def stand_in(found: re.Match[str]) -> str:
    """A letter in the place of a string or comment; a string that never ends is refused at once."""
    if found["open"]:
        raise BadLaw("the law file has a string that does not end")
    return "s"


def keep_rule(table: Any, where: str) -> Data:
    """A rule: its common keys and those of its kind."""
    kind = table.get("kind") if isinstance(table, dict) else None
    if not isinstance(kind, str) or kind not in RULE_KEYS:
        raise BadLaw(f"{where} has no known `kind`")
    keep(table, RULE | RULE_KEYS[kind], where)
    if kind == "winner":
        majority = table["method"] == "majority_or_runoff"
        for key, needed in (("runoff_day", majority or table["tie"] == "runoff"), ("advance", majority)):
            if needed != (key in table):
                raise BadLaw(f"{where} has {'no' if needed else 'a needless'} `{key}`")
        if table["method"] != "ranked_choice" and not RANKED_KEYS.isdisjoint(table):
            raise BadLaw(f"{where} says how ranked ballots are read, and is no rule for them")
    if kind == "electors" and (table["number"] < 0 or table["whole"] < 0):
        raise BadLaw(f"{where} has a negative number of electors")
    if kind == "board" and table["quorum"] > table["seats"]:
        raise BadLaw(f"{where}: the quorum is greater than the number of seats")
    kept: Data = table
    return kept


def made_act(act: Data) -> ActSpec:
    """An act; its scope and phases are of the known words."""
    scope, phases = act["scope"], act["phases"]
    if any(word not in ("contest", "contest?", "place", "place?") for word in scope) or len(
        {word.rstrip("?") for word in scope}
    ) < len(scope):
        raise BadLaw(f"act {act['id']}: the scope is not in its form")
    if not PHASES.issuperset(phases):
        raise BadLaw(f"act {act['id']}: there is an unknown phase")
    if act.get("count") not in counts_of(act["effect"]):
        raise BadLaw(f"act {act['id']} has not the `count` of its effect {act['effect']}")
    needs, may = frozenset(act.get("needs", [])), frozenset(act.get("may", []))
    if any("-" in name or "." in name for name in needs | may):
        raise BadLaw(f"act {act['id']} names a field that is not of [a-z0-9_]+")
    if not needs.issuperset(NEEDED.get(act["effect"], ())):
        raise BadLaw(f"act {act['id']} does not need what its effect {act['effect']} works on")
    if act["effect"] in OF_A_CONTEST and "contest" not in scope:
        raise BadLaw(f"act {act['id']} has the effect {act['effect']} and does not name a contest")
    if set(scope) not in SCOPES.get(act["effect"], (set(scope),)):
        raise BadLaw(f"act {act['id']} has not the scope of its effect {act['effect']}")
    return ActSpec(
        act["id"],
        act["entry"],
        act["effect"],
        act.get("count", ""),
        frozenset(scope),
        tuple(phases),
        needs,
        may,
    )


def counts_of(effect: str) -> frozenset[str | None]:
    """The counts that an act of this effect may declare; None for none."""
    if effect == "state_total":
        return OF_THE_STATE
    return COUNTS - OF_THE_STATE if effect in COUNTED else frozenset({None})


def made_row(row: Data, law: str) -> Row:
    """A row; its guards in the order in which they are tested."""
    when = keep(
        row.get("when", {}), {f"{name}?": check for name, check in GUARD_VALUES.items()}, f"row {row['id']}"
    )
    if row["status"] not in GRANTING and ("when" in row or "due" in row):
        raise BadLaw(f"row {row['id']} does not grant and has `when` or `due`")
    return Row(
        id=row["id"], law=law, office=row["office"], act=row["act"],
        purposes=frozenset(row["purposes"]) if "purposes" in row else None,
        classes=frozenset(row["classes"]) if "classes" in row else None, status=row["status"],
        in_force=tuple(row["in_force"]), elections_held=tuple(row["elections_held"]),
        guards=tuple((name, guard_value(name, when[name])) for name in GUARDS if name in when),
        due=parse_steps(row["due"]) if "due" in row else None,
        citation=row["citation"], plain=row["plain"], code=row.get("code", ""), words=row.get("words", ""),
        next=row.get("next", ""),
    )  # fmt: skip


def guard_value(name: str, value: Any) -> Any:
    """A guard's value, its date steps and fractions parsed."""
    if name in ("from", "on_day"):
        return parse_steps(value)
    if name == "margin_at_most":
        return fraction(value)
    if name == "close":
        return value | {"share": fraction(value["share"])}
    if name == "share_of":
        return {field: (fraction(share), least) for field, (share, least) in value.items()}
    return value


def made_rule(rule: Data, law: str) -> Rule:
    """A rule."""
    keys = {name.removesuffix("?"): None for name in RULE_KEYS[rule["kind"]]}
    return Rule(
        rule["id"], law, rule["kind"], frozenset(rule["classes"]), tuple(rule["in_force"]),
        tuple(rule["elections_held"]), rule["citation"],
        {k: parse_steps(rule[k]) if k in ("runoff_day", "day") else rule[k] for k in keys if k in rule},
    )  # fmt: skip


def kinds_named(tables: Iterable[Data]) -> Iterable[str]:
    """Every entry kind that a guard or the start of date steps names."""
    for table in tables:
        when = table.get("when", {})
        yield from (*when.get("after", []), *when.get("before", []))
        if "every_place" in when:
            yield when["every_place"]
        steps = (
            when.get("from"),
            when.get("on_day"),
            table.get("due"),
            table.get("day"),
            table.get("runoff_day"),
        )
        for parsed in filter(None, map(parse_steps, steps)):
            if parsed.names_entry:
                yield parsed.fixed


# A set of files ------------------------------------------------------------


def join(files: Iterable[LawFile]) -> LawSet:
    """The law set of these files, in order; raises `BadLaw`."""
    files = tuple(files)
    once([file.id for file in files], "file")
    acts = [act for file in files for act in file.acts]
    rows = [row for file in files for row in file.rows]
    rules = [rule for file in files for rule in file.rules]
    for kind, ids in (("act", [a.id for a in acts]), ("entry", [a.entry for a in acts]),
                      ("row", [r.id for r in rows]), ("rule", [r.id for r in rules]),
                      ("date", [day for file in files for day in file.dates])):  # fmt: skip
        once(ids, kind)
    law = LawSet(
        files=files,
        clock=Clock(next((file.clock for file in files if file.clock), ())),
        holidays=frozenset().union(*(file.holidays for file in files)),
        offices=repeated((pair for file in files for pair in file.offices), "office"),
        purposes=repeated((pair for file in files for pair in file.purposes), "purpose"),
        acts={act.id: act for act in acts}, rows=tuple(rows), rules=tuple(rules),
    )  # fmt: skip
    require_declared(law)
    return law


def once(ids: list[str], what: str) -> None:
    """No id twice."""
    seen = set[str]()
    for name in ids:
        if name in seen:
            raise BadLaw(f"the {what} {name} is declared twice in the law set")
        seen.add(name)


def repeated(pairs: Iterable[tuple[str, str]], what: str) -> dict[str, str]:
    """Names by id; an id may come again with the same words only."""
    found: dict[str, str] = {}
    for name, words in pairs:
        if found.setdefault(name, words) != words:
            raise BadLaw(f"the {what} {name} is declared twice with different words")
    return found


def require_declared(law: LawSet) -> None:
    """Everything that a row or guard names is declared."""
    for row in law.rows:
        if row.act not in law.acts:
            raise BadLaw(f"row {row.id} names the act {row.act}, which is not declared")
        if row.office != "*" and row.office not in law.offices:
            raise BadLaw(f"row {row.id} names the office {row.office[:60]!r}, which is not declared")
        for purpose in row.purposes or ():
            if purpose not in law.purposes:
                raise BadLaw(f"row {row.id} names the purpose {purpose}, which is not declared")
    rows = {row.id for row in law.rows}
    for rule in law.rules:
        require_named(
            rule, "office", [*rule.keys.get("offices", ()), *one(rule.keys.get("office"))], law.offices
        )
        require_named(rule, "act", [*rule.keys.get("acts", ()), *rule.keys.get("steps", ())], law.acts)
        require_named(rule, "row", rule.keys.get("rows", ()), rows)
    known = FIXED_KINDS | {act.entry for act in law.acts.values()}
    for file in law.files:
        for kind in sorted(file.kinds - known):
            raise BadLaw(f"the law names the entry kind {kind}, which is not declared")


def one(value: str | None) -> tuple[str, ...]:
    """The value, if there is one."""
    return () if value is None else (value,)


def require_named(rule: Rule, what: str, named: Iterable[str], declared: Container[str]) -> None:
    """Offices, acts and rows that a rule names are declared."""
    for name in named:
        if name not in declared:
            raise BadLaw(f"rule {rule.id} names the {what} {name}, which is not declared")
