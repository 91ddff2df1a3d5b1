"""The plan of an audit: what is committed before the seed (docs/spec/audit.md, section 2).

For `decide`, which takes a plan only in this form, and for the standing of the audit, which keeps it. Whether
the plan fits its manifest, its records and the law is for `audit_proof`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from tallybook.audit.assertions import Assertion, from_plain, plain
from tallybook.audit.planned import share_below
from tallybook.book.audit_runs import Plan, PlannedContest, PlannedStratum
from tallybook.book.fractions_of import lowest
from tallybook.book.standing import Contest, Standing
from tallybook.book.values import is_hash, is_id, is_text
from tallybook.merkle.canonical import encode
from tallybook.merkle.notes import is_weak

FORMAT = "tallybook/audit-plan/v1"
MOST_CONTESTS, MOST_ASSERTIONS, MOST_STRATA, MOST_MEMBERS, MOST_ROUNDS = 1_000, 5_000, 10, 20, 100
MOST_OUTSIDE, MOST_BYTES = 10**9, 64 * 2**20
PLAN = {"format", "draw", "manifest", "risk_limit", "contests", "assertions", "sizes", "board"}
CONTEST, STRATUM = {"contest", "outcome"}, {"evidence", "cards", "lacking", "reported"}
MAY = {"batches", "rates", "pools"}
EVIDENCE: Mapping[str, tuple[str, ...]] = {
    "cards": ("polling", "comparison", "pools"),
    "batches": ("batches",),
}
RATES = {"half", "full", "phantoms"}
NO_HASH = "0" * 64


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
    most = value.get("most_rounds", 0)
    if type(most) is not int or not ("most_rounds" not in value or 1 <= most <= MOST_ROUNDS):
        return f"most_rounds from 1 to {MOST_ROUNDS}, or none"
    board = read_board(value["board"])
    if isinstance(board, str):
        return board
    strata = {one.key: one for contest in contests for one in contest.strata}
    if len(strata) < sum(len(one.strata) for one in contests):
        return "strata whose keys (contest__stratum) are all different"
    found = Plan(
        draw=value["draw"],
        manifest=value["manifest"],
        risk_limit=value["risk_limit"],
        contests=tuple(contests),
        by_name={one.contest: one for one in contests},
        strata=strata,
        everywhere=tuple(key for key, one in strata.items() if not one.batches),
        by_batch=by_batch(strata),
        sizes=value["sizes"],
        board=board,
        quorum=value["board"]["quorum"],
        most_rounds=most,
    )
    return wrong_sizes(found.sizes, found.bounds()) or found


def by_batch(strata: Mapping[str, PlannedStratum]) -> dict[str, tuple[str, ...]]:
    """Batch -> the keys of the strata that name it."""
    found: dict[str, list[str]] = {}
    for key, one in strata.items():
        for batch in one.batches:
            found.setdefault(batch, []).append(key)
    return {batch: tuple(keys) for batch, keys in found.items()}


def wrong_sizes(sizes: Any, bounds: Mapping[str, int]) -> str:
    """What was expected of the sizes of a plan, or "" where they are right."""
    if not isinstance(sizes, dict) or sizes.keys() != bounds.keys() or not all(map(counted, sizes.values())):
        return f"sizes for {listed(bounds)}"
    if not all(1 <= sizes[name] <= bounds[name] for name in bounds):
        return "sizes from 1 to the cards of each contest or stratum, or 100,000 draws of batches"
    return ""


def listed(names: Iterable[str]) -> str:
    """Names, the first ten of them."""
    known = list(names)
    return ", ".join(known[:10]) + (f" and {len(known) - 10:,} more" if len(known) > 10 else "")


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
    if not isinstance(value, dict) or not value.keys() >= CONTEST:
        return "contests with every field of the specification and no other"
    name = value["contest"]
    contest = standing.contests.get(name) if isinstance(name, str) else None
    if contest is None or contest.withdrawn is not None:
        return "contests of this book that are not withdrawn"
    outcome = read_outcome(value["outcome"], contest)
    if outcome is None:
        return f"for {name}: an outcome with winners, or with the choices of a runoff, in ballot order"
    outside = value.get("outside", 0)
    if "outside" in value and (not counted(outside) or not 1 <= outside <= MOST_OUTSIDE):
        return f"for {name}: cards outside, at least 1 if any"
    strata = read_strata(value, name, draw)
    if isinstance(strata, str):
        return f"for {name}: {strata}"
    assertions = read_assertions(claims.get(name), contest, without_records(strata))
    if assertions is None:
        return f"for {name}: assertions in their published form, about its choices"
    return PlannedContest(name, outcome[0], outcome[1], strata, outside, assertions, value["outcome"])


def without_records(strata: Sequence[PlannedStratum]) -> bool:
    """Whether a contest is polled without anything reported but its cards (section 6)."""
    one = strata[0]
    return len(strata) == 1 and one.evidence == "polling" and fields(one.reported, {"cards"})


def read_strata(value: Mapping[str, Any], name: str, draw: str) -> tuple[PlannedStratum, ...] | str:
    """The strata of a contest: its own fields where it has one; or what was expected."""
    own = {key: part for key, part in value.items() if key not in {*CONTEST, "outside"}}
    if "strata" not in own:
        found = read_stratum(own, name, "", draw)
        return found if isinstance(found, str) else (found,)
    many = own["strata"]
    if own.keys() != {"strata"} or draw != "cards" or not isinstance(many, list):
        return "strata, or the fields of one stratum, not both; strata only where cards are drawn"
    ids = [one.get("stratum") if isinstance(one, dict) else None for one in many]
    if not 2 <= len(many) <= MOST_STRATA or not all(map(is_id, ids)) or len(set(ids)) < len(ids):
        return f"2 to {MOST_STRATA} strata, each with an id of its own"
    made = [
        read_stratum({key: part for key, part in one.items() if key != "stratum"}, name, one["stratum"], draw)
        for one in many
    ]
    if wrong := next((one for one in made if isinstance(one, str)), ""):
        return wrong
    strata = tuple(one for one in made if isinstance(one, PlannedStratum))
    named = [batch for one in strata for batch in one.batches]
    apart = len(set(named)) == len(named) and all(one.batches for one in strata)
    return strata if apart else "strata with batches, each batch in one of them"


def read_stratum(value: Mapping[str, Any], name: str, stratum: str, draw: str) -> PlannedStratum | str:
    """One stratum of a contest, or what was expected."""
    if not fields(value, STRATUM, MAY):
        return "every field of the specification and no other"
    allowed = EVIDENCE[draw]
    if value["evidence"] not in allowed or value["lacking"] not in ("carries", "may_lack"):
        return f"evidence by {' or '.join(allowed)}; lacking carries or may_lack"
    if not counted(value["cards"]) or value["cards"] < 1:
        return "the number of its cards"
    if wrong := optional(value, draw):
        return wrong
    return PlannedStratum(
        key=f"{name}__{stratum}" if stratum else name,
        contest=name,
        stratum=stratum,
        evidence=value["evidence"],
        cards=value["cards"],
        batches=frozenset(value.get("batches", ())),
        lacking=value["lacking"],
        reported=value["reported"],
        pools=value.get("pools", ""),
        rates=value.get("rates", {}),
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
    """What is wrong with the fields that a stratum may have, or "" if nothing."""
    if "batches" in value:
        named = value["batches"]
        texts = isinstance(named, list) and named and all(is_text(one, 200) for one in named)
        if draw != "cards" or not texts or len(set(named)) < len(named):
            return "batches of the manifest, each once, and only where cards are drawn"
    if ("pools" in value) != (value["evidence"] == "pools") or not is_hash(value.get("pools", NO_HASH)):
        return "with the evidence pools, and only then, pools: the SHA-256 of their totals"
    rates = value.get("rates", {})
    if "rates" in value and (
        value["evidence"] not in ("comparison", "pools")
        or not isinstance(rates, dict)
        or not rates.keys() <= RATES
    ):
        return "rates half, full and phantoms, and only by comparison and by pools"
    if not all(isinstance(one, str) and share_below(one) is not None for one in rates.values()):
        return "rates such as 1/1000, below 1/10"
    return ""


def read_assertions(value: Any, contest: Contest, may_be_none: bool) -> tuple[Assertion, ...] | None:
    """Assertions in published form; None where one is not, or names a stranger."""
    if not isinstance(value, list) or not (0 if may_be_none else 1) <= len(value) <= MOST_ASSERTIONS:
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
