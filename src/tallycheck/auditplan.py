"""Check 4, the form of an audit plan and of the readings: audit specification, sections 2, 4 and 7.

A plan is an exhibit from a stranger. Whatever is wrong with its form is a `BadPlan`, to which the caller adds
that check 4 fails.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from typing import Any

from .assertions import Assertion, is_published
from .canonical import NotCanonical, read
from .marks import NUMBERED, WRITE_IN, Mark, Pattern
from .note import is_weak
from .outcomes import is_count_by
from .plain import decimal, is_hash, is_whole
from .standing import Contest

LONGEST_PLAN = 16 << 20
FORMAT = "tallybook/audit-plan/v1"
CARDS, BATCHES = "cards", "batches"
COMPARISON, POLLING = "comparison", "polling"
NOT_FOUND, NOT_ON_CARD = "not_found", "not_on_card"
MOST_DRAWS = 10**5
MOST_CONTESTS, MOST_ASSERTIONS = 200, 1500
RATES = ("half", "full", "phantoms")
NO_FLAGS: frozenset[str] = frozenset()


class BadPlan(ValueError):  # noqa: N818 - it is an answer about the input
    """A plan is not in its form; the message says why."""


@dataclass(frozen=True)
class Planned:
    """One contest of a plan. Where `batches` is None, all of the manifest are meant."""

    contest: str
    evidence: str
    outcome: dict[str, Any]
    cards: int
    batches: tuple[str, ...] | None
    lacking: str
    reported: Any
    outside: int
    rates: dict[str, Fraction]


@dataclass(frozen=True)
class Plan:
    """A plan whose form is right."""

    draw: str
    manifest: str
    limit_text: str
    limit: Fraction
    contests: dict[str, Planned]
    assertions: dict[str, list[Assertion]]
    sizes: dict[str, int]
    members: dict[str, bytes]
    quorum: int
    most_rounds: int | None


def ask(holds: object, words: str) -> None:
    """`BadPlan` where it does not hold."""
    if not holds:
        raise BadPlan(words)


def a_fraction(value: object, most: int = 10**9) -> Fraction | None:
    """The value of ``a/b`` in lowest terms with b below `most`, or of ``0``."""
    if value == "0" and isinstance(value, str):
        return Fraction(0)
    a, slash, b = value.partition("/") if isinstance(value, str) else ("", "", "")
    top, bottom = decimal(a), decimal(b)
    if not slash or top is None or not bottom or bottom >= most or gcd(top, bottom) != 1:
        return None
    return Fraction(top, bottom)


def parse_plan(raw: bytes, contests: Mapping[str, Contest]) -> Plan:
    """The plan of these bytes, for contests of the book; raises `BadPlan`."""
    try:
        value = read(raw)
    except NotCanonical as problem:
        raise BadPlan(f"it is not canonical JSON: {problem}") from None
    must = {"assertions", "board", "contests", "draw", "format", "manifest", "risk_limit", "sizes"}
    ask(isinstance(value, dict) and must <= value.keys() <= must | {"most_rounds"}, "it has not its fields")
    ask(value["format"] == FORMAT, f"its format is not {FORMAT}")
    ask(value["draw"] in (CARDS, BATCHES), "`draw` is neither cards nor batches")
    ask(is_hash(value["manifest"]), "`manifest` is no SHA-256")
    limit = a_fraction(value["risk_limit"])
    ask(limit is not None and 0 < limit < 1, "`risk_limit` is no fraction between 0 and 1 in lowest terms")
    found = planned_contests(value["contests"], value["draw"], contests)
    require_assertions(value["assertions"], found)
    require_sizes(value["sizes"], value["draw"], found)
    rounds = value.get("most_rounds")
    ask(
        rounds is None if "most_rounds" not in value else is_whole(rounds, 1) and rounds <= 100,
        "`most_rounds`",
    )
    members, quorum = board_of(value["board"])
    return Plan(
        value["draw"], value["manifest"], value["risk_limit"], limit or Fraction(0), found,
        value["assertions"], value["sizes"], members, quorum, rounds,
    )  # fmt: skip


def planned_contests(value: Any, draw: str, contests: Mapping[str, Contest]) -> dict[str, Planned]:
    """The contests of the plan, in order, each once."""
    ask(isinstance(value, list) and 1 <= len(value) <= MOST_CONTESTS, "`contests` is no array of 1 to 200")
    found: dict[str, Planned] = {}
    for contest in value:
        made = planned(contest, draw, contests)
        ask(made.contest not in found, f"the contest {made.contest} stands twice")
        found[made.contest] = made
    return found


def planned(value: Any, draw: str, contests: Mapping[str, Contest]) -> Planned:
    """One contest of the plan."""
    must = {"cards", "contest", "evidence", "lacking", "outcome", "reported"}
    may = must | {"batches", "outside", "rates"}
    ask(isinstance(value, dict) and must <= value.keys() <= may, "a contest has not its fields")
    name, evidence = value["contest"], value["evidence"]
    ask(isinstance(name, str) and name in contests, "a contest is none of the book")
    kinds = (POLLING, COMPARISON) if draw == CARDS else (BATCHES,)
    ask(isinstance(evidence, str) and evidence in kinds, f"the evidence of {name} is not one of its draw")
    ask(value["lacking"] in ("carries", "may_lack"), f"`lacking` of {name}")
    ask(is_whole(value["cards"], 1), f"`cards` of {name}")
    require_outcome(value["outcome"], contests[name])
    require_reported(value["reported"], evidence, contests[name])
    batches = value.get("batches")
    if "batches" in value:
        ask(draw == CARDS and isinstance(batches, list) and bool(batches), f"`batches` of {name}")
        ask(
            all(isinstance(b, str) for b in batches) and len(set(batches)) == len(batches),
            f"`batches` of {name}",
        )
    outside = value.get("outside", 0)
    ask("outside" not in value or (is_whole(outside, 1) and outside <= 10**9), f"`outside` of {name}")
    ask("rates" not in value or evidence == COMPARISON, f"`rates` of {name}, which is no comparison")
    return Planned(
        name, evidence, value["outcome"], value["cards"], None if batches is None else tuple(batches),
        value["lacking"], value["reported"], outside, rates_of(value.get("rates", {}), name),
    )  # fmt: skip


def require_outcome(value: Any, contest: Contest) -> None:
    """The reported outcome: winners, or the choices of a runoff, in the order of the contest's choices."""
    kinds = {"winner": {"kind", "winners"}, "runoff": {"kind", "choices"}}
    kind = value.get("kind") if isinstance(value, dict) else None
    ask(isinstance(kind, str) and value.keys() == kinds.get(kind), f"the outcome of {contest.id}")
    named = value["winners" if kind == "winner" else "choices"]
    ask(isinstance(named, list) and bool(named), f"the outcome of {contest.id} names nobody")
    proper = [choice for choice in contest.choices if choice in named]
    ask(named == proper, f"the outcome of {contest.id} names choices out of order, or others")


def require_reported(value: Any, evidence: str, contest: Contest) -> None:
    """What was reported (section 4)."""
    if evidence != POLLING:
        ask(is_hash(value), f"`reported` of {contest.id} is no SHA-256")
        return
    proper = isinstance(value, dict) and value.keys() == {"cards", "votes", "write_ins"}
    proper = proper and is_whole(value["cards"]) and is_whole(value["write_ins"])
    ask(proper and is_count_by(value["votes"], contest.choices), f"`reported` of {contest.id}")


def rates_of(value: Any, name: str) -> dict[str, Fraction]:
    """The rates that replace the defaults."""
    ask(isinstance(value, dict) and value.keys() <= set(RATES), f"`rates` of {name}")
    found = {rate: a_fraction(text) for rate, text in value.items()}
    ask(all(rate is not None and rate < Fraction(1, 10) for rate in found.values()), f"`rates` of {name}")
    return {rate: number for rate, number in found.items() if number is not None}


def require_assertions(value: Any, contests: Mapping[str, Planned]) -> None:
    """The assertions of each contest, in published form."""
    ask(
        isinstance(value, dict) and value.keys() == contests.keys(),
        "`assertions` are not those of the contests",
    )
    for name, found in value.items():
        ask(isinstance(found, list) and bool(found), f"the assertions of {name}")
        ask(all(map(is_published, found)), f"an assertion of {name} is not in published form")
    together = sum(map(len, value.values()))
    ask(together <= MOST_ASSERTIONS, f"there are {together} assertions; a plan has at most {MOST_ASSERTIONS}")


def require_sizes(value: Any, draw: str, contests: Mapping[str, Planned]) -> None:
    """The sizes of the first round."""
    most = {name: found.cards for name, found in contests.items()} if draw == CARDS else {BATCHES: MOST_DRAWS}
    ask(isinstance(value, dict) and value.keys() == most.keys(), "`sizes` are not those of the draw")
    ask(all(is_whole(n, 1) and n <= most[name] for name, n in value.items()), "a size is out of its bounds")


def board_of(value: Any) -> tuple[dict[str, bytes], int]:
    """The keys of the board's members by name, and the quorum."""
    ask(isinstance(value, dict) and value.keys() == {"members", "quorum"}, "`board` has not its fields")
    members = value["members"]
    ask(isinstance(members, list) and 1 <= len(members) <= 20, "`members` is no array of 1 to 20")
    keys: dict[str, bytes] = {}
    for member in members:
        ask(isinstance(member, dict) and member.keys() == {"key", "name"}, "a member has not its fields")
        name, key = member["name"], member["key"]
        ask(isinstance(name, str) and 1 <= len(name) <= 100 and name not in keys, "a member's name")
        ask(is_hash(key) and not is_weak(bytes.fromhex(key)), f"the key of {name} is weak, or none")
        keys[name] = bytes.fromhex(key)
    ask(len(set(keys.values())) == len(keys), "a key of the board stands twice")
    ask(is_whole(value["quorum"], 1) and value["quorum"] <= len(keys), "`quorum` is not within the board")
    return keys, value["quorum"]


# Readings, section 7 ------------------------------------------------------------


def is_reading(value: object, choices: Sequence[str], ranked: bool) -> bool:
    """Whether the value is a reading of one contest on a card."""
    if isinstance(value, str):
        return value in (NOT_FOUND, NOT_ON_CARD)
    if not isinstance(value, list):
        return False
    if not ranked:
        return are_marked(value, choices)
    proper = all(isinstance(rank, list) and are_marked(rank, choices) for rank in value)
    return proper and (not value or bool(value[-1]))


def are_marked(value: list[Any], choices: Sequence[str]) -> bool:
    """Choices, each once and in order, then a write-in, or write-ins by number in order."""
    if not all(isinstance(name, str) for name in value):
        return False
    listed = [choice for choice in choices if choice in value]
    rest = value[len(listed) :]
    if value[: len(listed)] != listed:
        return False
    if rest == [WRITE_IN] or not rest:
        return True
    numbers = [int(name.partition(":")[2]) for name in rest if NUMBERED.match(name)]
    return len(numbers) == len(rest) and numbers == sorted(set(numbers))


def is_batch_reading(value: object, choices: Sequence[str], cards: int, allowed: int) -> bool:
    """Whether the value is a reading of one contest in a batch of so many cards."""
    if isinstance(value, str):
        return value == NOT_FOUND
    return is_count_by(value, list(choices)) and fits(value, cards, allowed)


def fits(votes: Any, cards: int, allowed: int) -> bool:
    """Whether so many cards can give these votes."""
    return all(n <= cards for n in votes.values()) and sum(votes.values()) <= cards * allowed


def pattern_of_reading(value: list[Any], ranked: bool) -> Pattern:
    """The pattern of what is marked."""
    ranks = enumerate(value, 1) if ranked else [(0, value)]
    return Pattern(tuple(Mark(name, rank, 1) for rank, names in ranks for name in names), NO_FLAGS)


# Fields of acts, section 8 ------------------------------------------------------------

CAUSES = {
    "reader_error", "marginal_mark", "overvote", "write_in", "scanner", "machine_adjudication", "wrong_card",
    "missing_card", "count_error", "not_known",
}  # fmt: skip


def is_item(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= 400


def is_text(value: object) -> bool:
    return isinstance(value, str)


def is_cause(value: object) -> bool:
    return isinstance(value, str) and value in CAUSES


def is_salt(value: object) -> bool:
    return is_hash(value) or value == "none"


def is_signature(value: object) -> bool:
    return isinstance(value, str) and len(value) == 128 and is_hash(value[:64]) and is_hash(value[64:])


def is_anything(value: object) -> bool:
    return isinstance(value, (list, dict, str))


def is_name(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= 100


def rows_of(*checks: Callable[[object], bool], by: int = 1) -> Callable[[Any, Any], bool]:
    """An array of 1 to 1,000 arrays whose members are as the checks say; the first `by` stand once."""

    def proper(value: Any, _: Any) -> bool:
        if not isinstance(value, list) or not 1 <= len(value) <= 1000:
            return False
        for row in value:
            if not isinstance(row, list) or len(row) != len(checks):
                return False
            if not all(check(member) for check, member in zip(checks, row, strict=True)):
                return False
        return len({tuple(row[:by]) for row in value}) == len(value)

    return proper


def are_sizes(value: Any, _: Any) -> bool:
    return isinstance(value, dict) and bool(value) and all(is_whole(n) for n in value.values())


TYPES: dict[str, Callable[[Any, Any], bool]] = {
    "audit": lambda value, _: is_whole(value),
    "plan": lambda value, asked: is_hash(value) and value in asked.named,
    "sizes": are_sizes,
    "reader": lambda value, _: is_name(value),
    "commitments": rows_of(is_item, is_hash),
    "openings": rows_of(is_item, is_hash, is_anything),
    "settled": rows_of(is_item, is_anything, is_cause),
    "records": rows_of(is_item, is_text, is_salt, by=2),
    "causes": rows_of(is_item, is_text, is_cause, by=2),
    "item": lambda value, _: is_item(value),
    "readings_now": lambda value, _: is_anything(value),
    "cause_code": lambda value, _: is_cause(value),
    "signatures": rows_of(is_name, is_signature),
}
