"""Check 4, the form of an audit plan: audit specification, sections 2 and 4.

A plan is an exhibit from a stranger. Whatever is wrong with its form is a `BadPlan`, to which the caller adds
that check 4 fails.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from typing import Any

from .assertions import Assertion, is_published
from .canonical import NotCanonical, openings, read
from .note import is_weak
from .outcomes import is_count_by
from .plain import decimal, is_hash, is_whole
from .standing import Contest

LONGEST_PLAN = 64 << 20
FORMAT = "tallybook/audit-plan/v1"
CARDS, BATCHES = "cards", "batches"
COMPARISON, POLLING, POOLS = "comparison", "polling", "pools"
MOST_DRAWS = 10**5
MOST_CONTESTS, MOST_ASSERTIONS, MOST_STRATA = 1000, 5000, 10
MOST_PARTS = 500_000  # 1,000 contests of 10 strata, 5,000 assertions and a board have fewer
RATES = ("half", "full", "phantoms")

_ID = re.compile(r"[a-z0-9_]+\Z")


class BadPlan(ValueError):  # noqa: N818 - it is an answer about the input
    """A plan is not in its form; the message says why."""


@dataclass(frozen=True)
class PlannedStratum:
    """One stratum of a contest. Where `batches` is None, all of the manifest are meant."""

    key: str
    name: str
    evidence: str
    cards: int
    batches: tuple[str, ...] | None
    lacking: str
    reported: Any
    pools: str
    rates: dict[str, Fraction]

    @property
    def without_records(self) -> bool:
        """Whether nothing is reported but a number of cards."""
        return isinstance(self.reported, dict) and self.reported.keys() == {"cards"}


@dataclass(frozen=True)
class Planned:
    """One contest of a plan. `stratified`: it names its strata; otherwise it has one without a name."""

    contest: str
    outcome: dict[str, Any]
    outside: int
    strata: tuple[PlannedStratum, ...]
    stratified: bool

    @property
    def cards(self) -> int:
        """The cards of all its strata."""
        return sum(stratum.cards for stratum in self.strata)

    @property
    def without_records(self) -> bool:
        """Whether a stratum of it has no records; the second row for ranked choice in section 6 holds."""
        return any(stratum.without_records for stratum in self.strata)


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
    ask(openings(raw) <= MOST_PARTS, "it has more parts than a plan can have")
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


# Contests and strata ------------------------------------------------------------


def planned_contests(value: Any, draw: str, contests: Mapping[str, Contest]) -> dict[str, Planned]:
    """The contests of the plan, in order, each once; no key stands twice."""
    proper = isinstance(value, list) and 1 <= len(value) <= MOST_CONTESTS
    ask(proper, f"`contests` is no array of 1 to {MOST_CONTESTS}")
    found: dict[str, Planned] = {}
    for contest in value:
        made = planned(contest, draw, contests)
        ask(made.contest not in found, f"the contest {made.contest} stands twice")
        found[made.contest] = made
    keys = [stratum.key for made in found.values() for stratum in made.strata]
    ask(len(set(keys)) == len(keys), "two strata have the same key")
    return found


STRATUM_MUST = {"cards", "evidence", "lacking", "reported"}
STRATUM_MAY = {"batches", "pools", "rates"}


def planned(value: Any, draw: str, contests: Mapping[str, Contest]) -> Planned:
    """One contest of the plan: its own fields, and those of its one stratum or its strata."""
    ask(isinstance(value, dict) and {"contest", "outcome"} <= value.keys(), "a contest has not its fields")
    name = value["contest"]
    ask(isinstance(name, str) and name in contests, "a contest is none of the book")
    require_outcome(value["outcome"], contests[name])
    outside = value.get("outside", 0)
    ask("outside" not in value or (is_whole(outside, 1) and outside <= 10**9), f"`outside` of {name}")
    rest = {field: value[field] for field in value.keys() - {"contest", "outcome", "outside"}}
    if "strata" in rest:
        ask(rest.keys() == {"strata"} and draw == CARDS, f"`strata` of {name} beside other fields, or draw")
        strata = planned_strata(rest["strata"], contests[name])
    else:
        strata = (planned_stratum(rest, "", draw, contests[name]),)
    return Planned(name, value["outcome"], outside, strata, "strata" in rest)


def planned_strata(value: Any, contest: Contest) -> tuple[PlannedStratum, ...]:
    """Several strata: each has a name and batches of its own."""
    proper = isinstance(value, list) and 2 <= len(value) <= MOST_STRATA
    ask(proper, f"`strata` of {contest.id} is no array of 2 to {MOST_STRATA}")
    strata = []
    for one in value:
        name = one.get("stratum", "") if isinstance(one, dict) else ""
        ask(isinstance(name, str) and _ID.match(name), f"a stratum of {contest.id} has no id")
        ask("batches" in one, f"the stratum {name} of {contest.id} names no batches")
        rest = {field: one[field] for field in one.keys() - {"stratum"}}
        strata.append(planned_stratum(rest, name, CARDS, contest))
    ask(len({stratum.name for stratum in strata}) == len(strata), f"a stratum of {contest.id} stands twice")
    seen = set[str]()
    for stratum in strata:
        ask(seen.isdisjoint(stratum.batches or ()), f"a batch of {contest.id} is in two strata")
        seen.update(stratum.batches or ())
    return tuple(strata)


def key_of(contest: str, stratum: str) -> str:
    """The key of a stratum (section 2); of a contest without strata, its id."""
    return f"{contest}__{stratum}" if stratum else contest


def planned_stratum(value: dict[str, Any], name: str, draw: str, contest: Contest) -> PlannedStratum:
    """The fields of one stratum."""
    key = key_of(contest.id, name)
    ask(STRATUM_MUST <= value.keys() <= STRATUM_MUST | STRATUM_MAY, f"{key} has not its fields")
    evidence = value["evidence"]
    kinds = (POLLING, COMPARISON, POOLS) if draw == CARDS else (BATCHES,)
    ask(isinstance(evidence, str) and evidence in kinds, f"the evidence of {key} is not one of its draw")
    ask(value["lacking"] in ("carries", "may_lack"), f"`lacking` of {key}")
    ask(is_whole(value["cards"], 1), f"`cards` of {key}")
    require_reported(value["reported"], evidence, contest)
    ask(("pools" in value) == (evidence == POOLS), f"`pools` of {key}: only with that evidence")
    ask("pools" not in value or is_hash(value["pools"]), f"`pools` of {key} is no SHA-256")
    batches: Any = value.get("batches")
    if "batches" in value:
        ask(draw == CARDS and isinstance(batches, list) and bool(batches), f"`batches` of {key}")
        ask(all(isinstance(b, str) for b in batches), f"`batches` of {key}")
        ask(len(set(batches)) == len(batches), f"`batches` of {key}: one stands twice")
    ask("rates" not in value or evidence in (COMPARISON, POOLS), f"`rates` of {key}, which compares nothing")
    return PlannedStratum(
        key, name, evidence, value["cards"], None if batches is None else tuple(batches), value["lacking"],
        value["reported"], value.get("pools", ""), rates_of(value.get("rates", {}), key),
    )  # fmt: skip


def require_outcome(value: Any, contest: Contest) -> None:
    """The reported outcome: winners, or the choices of a runoff, in the order of the contest's choices."""
    kinds = {"winner": {"kind", "winners"}, "runoff": {"kind", "choices"}}
    kind = value.get("kind") if isinstance(value, dict) else None
    ask(isinstance(kind, str) and value.keys() == kinds.get(kind), f"the outcome of {contest.id}")
    named = value["winners" if kind == "winner" else "choices"]
    ask(isinstance(named, list) and bool(named), f"the outcome of {contest.id} names nobody")
    ask(all(isinstance(choice, str) for choice in named), f"the outcome of {contest.id}")
    chosen = set(named)
    proper = [choice for choice in contest.choices if choice in chosen]
    ask(named == proper, f"the outcome of {contest.id} names choices out of order, or others")


def require_reported(value: Any, evidence: str, contest: Contest) -> None:
    """What was reported (section 4). Which form a poll has follows from how its contest is counted."""
    if evidence != POLLING or isinstance(value, str):
        ask(is_hash(value), f"`reported` of {contest.id} is no SHA-256")
        return
    proper = isinstance(value, dict) and is_whole(value.get("cards"))
    if proper and value.keys() != {"cards"}:
        proper = value.keys() == {"cards", "votes", "write_ins"} and is_whole(value["write_ins"])
        proper = proper and is_count_by(value["votes"], contest.choices)
    ask(proper, f"`reported` of {contest.id}")


def require_counting(planned: Planned, ranked: bool) -> None:
    """What is reported of polls has the form that goes with how the contest is counted."""
    for stratum in planned.strata:
        if stratum.evidence == POLLING:
            totals = isinstance(stratum.reported, dict) and not stratum.without_records
            ask(totals != ranked, f"`reported` of {stratum.key} is not that of its kind of count")


def rates_of(value: Any, name: str) -> dict[str, Fraction]:
    """The rates that replace the defaults."""
    ask(isinstance(value, dict) and value.keys() <= set(RATES), f"`rates` of {name}")
    found = {rate: a_fraction(text) for rate, text in value.items()}
    ask(all(rate is not None and rate < Fraction(1, 10) for rate in found.values()), f"`rates` of {name}")
    return {rate: number for rate, number in found.items() if number is not None}


# Assertions, sizes, board ------------------------------------------------------------


def require_assertions(value: Any, contests: Mapping[str, Planned]) -> None:
    """The assertions of each contest, in published form; a contest without records may have none."""
    ask(
        isinstance(value, dict) and value.keys() == contests.keys(),
        "`assertions` are not those of the contests",
    )
    for name, found in value.items():
        ask(
            isinstance(found, list) and (bool(found) or contests[name].without_records),
            f"the assertions of {name}",
        )
    together = sum(map(len, value.values()))
    ask(together <= MOST_ASSERTIONS, f"there are {together} assertions; a plan has at most {MOST_ASSERTIONS}")
    for name, found in value.items():
        ask(all(map(is_published, found)), f"an assertion of {name} is not in published form")


def require_sizes(value: Any, draw: str, contests: Mapping[str, Planned]) -> None:
    """The sizes of the first round, by key."""
    most = {BATCHES: MOST_DRAWS}
    if draw == CARDS:
        most = {stratum.key: stratum.cards for found in contests.values() for stratum in found.strata}
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
