"""Law files: parsed, every key looked at, and joined into a law set. Law specification, sections 2 and 7.

A law file comes from a stranger like everything else in a package. Each mistake is a `BadLaw`, to which
the caller adds that check 5 fails.
"""

import re
import tomllib
from collections.abc import Container, Iterable
from typing import Any

from .clock import Clock, parse_steps, parsed_offset
from .law import ActSpec, LawFile, LawSet, Row, Rule
from .lawforms import (
    COUNTS,
    GRANTING,
    GUARD_VALUES,
    RULE,
    RULE_KEYS,
    TABLES,
    BadLaw,
    Data,
    Schema,
    a_name,
    a_string,
    fraction,
    keep,
)

LONGEST = 4 << 20
MOST_ROWS = 20_000
FORMAT = "tallybook/law/v1"
PHASES = {
    "announced", "counting", "county_certified", "state_certified", "runoff_due", "recounting",
    "recertified",
}  # fmt: skip
COUNTED = {"returns", "restate", "state_total"}
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
    if len(rows) + len(rules) > MOST_ROWS:
        raise BadLaw(f"the law set has more than {MOST_ROWS:,} rows and rules")
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
