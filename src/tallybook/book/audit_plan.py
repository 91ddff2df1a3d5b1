"""The plan of an audit: what is committed before the seed (docs/spec/audit.md, section 2).

For `decide`, which takes a plan only in this form, and for the standing of the audit, which keeps it. Whether
the plan fits its manifest, its records and the law is for `audit_proof`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tallybook.audit.assertions import Assertion, from_plain, plain
from tallybook.audit.planned import share_below
from tallybook.book.audit_runs import Plan, PlannedContest
from tallybook.book.fractions_of import lowest
from tallybook.book.standing import Contest, Standing
from tallybook.book.values import is_hash, is_text
from tallybook.merkle.canonical import encode
from tallybook.merkle.notes import is_weak

FORMAT = "tallybook/audit-plan/v1"
MOST_CONTESTS, MOST_ASSERTIONS, MOST_MEMBERS, MOST_ROUNDS = 200, 1_500, 20, 100
MOST_DRAWS, MOST_OUTSIDE, MOST_BYTES = 100_000, 10**9, 16 * 2**20
PLAN = {"format", "draw", "manifest", "risk_limit", "contests", "assertions", "sizes", "board"}
CONTEST = {"contest", "evidence", "outcome", "cards", "lacking", "reported"}
RATES = {"half", "full", "phantoms"}


def read_plan(value: Any, standing: Standing) -> Plan | str:
    """A plan from its parsed exhibit, or what was expected instead."""
    if len(encode(value)) > MOST_BYTES:
        return f"a plan of at most {MOST_BYTES:,} bytes"
    if not fields(value, PLAN, {"most_rounds"}) or value["format"] != FORMAT:
        return f"a plan of the form {FORMAT}, with every field and no other"
    draw, rows, claims = value["draw"], value["contests"], value["assertions"]
    if draw not in ("cards", "batches") or not is_hash(value["manifest"]) or not lowest(value["risk_limit"]):
        return "a draw of cards or of batches, the SHA-256 of a manifest, and a risk limit such as 1/20"
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_CONTESTS or not isinstance(claims, dict):
        return "contests and their assertions"
    found = [read_contest(one, claims, standing, draw) for one in rows]
    contests = tuple(one for one in found if isinstance(one, PlannedContest))
    if wrong := next((one for one in found if isinstance(one, str)), ""):
        return wrong
    if sum(len(one.assertions) for one in contests) > MOST_ASSERTIONS:
        return f"at most {MOST_ASSERTIONS:,} assertions; make several plans of a larger audit"
    names = [one.contest for one in contests]
    if len(set(names)) < len(names) or set(names) != claims.keys():
        return "each contest once, with its assertions"
    return settled(value, contests)


def settled(value: Mapping[str, Any], contests: Sequence[PlannedContest]) -> Plan | str:
    """The plan, when its contests are right and the rest is."""
    sizes, most = value["sizes"], value.get("most_rounds", 0)
    bounds = bounds_of(value["draw"], contests)
    if not isinstance(sizes, dict) or sizes.keys() != bounds.keys() or not all(map(counted, sizes.values())):
        return f"sizes for {', '.join(bounds)}"
    if not all(1 <= sizes[name] <= bounds[name] for name in bounds):
        return "sizes from 1 to the cards of each contest, or 100,000 draws of batches"
    if type(most) is not int or not ("most_rounds" not in value or 1 <= most <= MOST_ROUNDS):
        return f"most_rounds from 1 to {MOST_ROUNDS}, or none"
    board = read_board(value["board"])
    if isinstance(board, str):
        return board
    by_name = {one.contest: one for one in contests}
    return Plan(
        draw=value["draw"],
        manifest=value["manifest"],
        risk_limit=value["risk_limit"],
        contests=tuple(contests),
        by_name=by_name,
        sizes=sizes,
        board=board,
        quorum=value["board"]["quorum"],
        most_rounds=most,
    )


def bounds_of(draw: str, contests: Sequence[PlannedContest]) -> dict[str, int]:
    """The most that may be drawn, by the keys of `sizes`."""
    if draw == "batches":
        return {"batches": MOST_DRAWS}
    return {one.contest: one.cards for one in contests}


def read_board(value: Any) -> dict[str, str] | str:
    """Name -> public key of each member, or what was expected."""
    said = (
        f"a board of 1 to {MOST_MEMBERS} members with names and sound Ed25519 keys, each once, and a quorum"
    )
    if not fields(value, {"members", "quorum"}) or not isinstance(value["members"], list):
        return said
    members, quorum = value["members"], value["quorum"]
    if not all(fields(one, {"key", "name"}) and is_text(one["name"], 100) for one in members):
        return said
    if not all(is_hash(one["key"]) and not is_weak(bytes.fromhex(one["key"])) for one in members):
        return said
    board = {one["name"]: one["key"] for one in members}
    if len(board) < len(members) or len(set(board.values())) < len(members):
        return said
    good = 1 <= len(members) <= MOST_MEMBERS and counted(quorum) and 1 <= quorum <= len(members)
    return board if good else said


def read_contest(value: Any, claims: Mapping[str, Any], standing: Standing, draw: str) -> Any:
    """One contest of a plan, or what was expected."""
    if not fields(value, CONTEST, {"batches", "outside", "rates"}):
        return "contests with every field of the specification and no other"
    name = value["contest"]
    contest = standing.contests.get(name) if isinstance(name, str) else None
    if contest is None or contest.withdrawn is not None:
        return "contests of this book that are not withdrawn"
    allowed = ("polling", "comparison") if draw == "cards" else ("batches",)
    if value["evidence"] not in allowed or value["lacking"] not in ("carries", "may_lack"):
        return f"for {name}: evidence by {' or '.join(allowed)}; lacking carries or may_lack"
    if not counted(value["cards"]) or value["cards"] < 1:
        return f"for {name}: the number of its cards"
    outcome = read_outcome(value["outcome"], contest)
    if outcome is None:
        return f"for {name}: an outcome with winners, or with the choices of a runoff, in ballot order"
    if wrong := optional(value, draw):
        return f"for {name}: {wrong}"
    assertions = read_assertions(claims.get(name), contest)
    if assertions is None:
        return f"for {name}: assertions in their published form, about its choices"
    return PlannedContest(
        contest=name,
        evidence=value["evidence"],
        winners=outcome[0],
        advance=outcome[1],
        cards=value["cards"],
        batches=frozenset(value.get("batches", ())),
        lacking=value["lacking"],
        reported=value["reported"],
        outside=value.get("outside", 0),
        rates=value.get("rates", {}),
        assertions=assertions,
        outcome=value["outcome"],
    )


def read_outcome(value: Any, contest: Contest) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Winners and those who advance; None where it is no outcome."""
    kind, field = ("winner", "winners"), ("runoff", "choices")
    for name, key in (kind, field):
        if fields(value, {"kind", key}) and value["kind"] == name and in_order(value[key], contest.choices):
            found = tuple(value[key])
            return (found, ()) if name == "winner" else ((), found)
    return None


def in_order(value: Any, choices: Sequence[str]) -> bool:
    """At least one choice, each once, in the order of the contest's."""
    if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
        return False
    return value == [one for one in choices if one in value]


def optional(value: Mapping[str, Any], draw: str) -> str:
    """What is wrong with the fields that a contest may have, or "" if nothing."""
    if "batches" in value:
        named = value["batches"]
        texts = isinstance(named, list) and named and all(is_text(one, 200) for one in named)
        if draw != "cards" or not texts or len(set(named)) < len(named):
            return "batches of the manifest, each once, and only where cards are drawn"
    if "outside" in value:
        outside = value["outside"]
        if not counted(outside) or not 1 <= outside <= MOST_OUTSIDE:
            return "cards outside, at least 1 if any"
    rates = value.get("rates", {})
    if "rates" in value and (
        value["evidence"] != "comparison" or not isinstance(rates, dict) or not rates.keys() <= RATES
    ):
        return "rates half, full and phantoms, and only by comparison"
    if not all(isinstance(one, str) and share_below(one) is not None for one in rates.values()):
        return "rates such as 1/1000, below 1/10"
    return ""


def read_assertions(value: Any, contest: Contest) -> tuple[Assertion, ...] | None:
    """Assertions in published form; None where one is not, or names a stranger."""
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_ASSERTIONS:
        return None
    found = []
    for row in value:
        try:
            one = from_plain(row)
        except (msgspec.ValidationError, ValueError, ZeroDivisionError, TypeError):
            return None
        if msgspec.json.decode(msgspec.json.encode(plain(one))) != row or not about(row, contest.choices):
            return None
        found.append(one)
    return tuple(found)


def about(row: Mapping[str, Any], choices: Sequence[str]) -> bool:
    """Whether an assertion names choices of the contest only."""
    named = [row[key] for key in ("winner", "loser", "choice") if key in row]
    return all(one in choices for one in (*named, *row.get("standing", ()), *row.get("lists", ())))


def fields(value: Any, needed: set[str], may: set[str] | None = None) -> bool:
    """Whether a value is an object with these fields."""
    return isinstance(value, dict) and needed <= value.keys() <= needed | (may or set())


def counted(value: Any) -> bool:
    """A whole number from 0 to 2^53 - 1."""
    return type(value) is int and 0 <= value < 2**53
