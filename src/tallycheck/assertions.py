"""Checks 9 and 10: assertions, their weights, and that they imply an outcome.

``docs/spec/assertions.md`` says what an assertion is and what it gives each card; ``docs/spec/audit.md``,
section 6, which assertions an outcome needs. All numbers are integers.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from math import gcd
from typing import Any

from .canonical import write
from .plain import is_whole
from .ranked import Entry, union

Assertion = dict[str, Any]

MOST_SETS = 1_000_000
MOST_STEPS = 300_000_000  # in all certificates of a plan: some minutes
MOST_CHOICES = 5_001
HALF = "1/2"

# Section 2 ------------------------------------------------------------

_SHARE = re.compile(r"(0|[1-9][0-9]{0,18})/([1-9][0-9]{0,18})\Z")


def share_of(value: object) -> tuple[int, int] | None:
    """Numerator and denominator of a share: a fraction in lowest terms from 0 to 1."""
    found = _SHARE.match(value) if isinstance(value, str) else None
    p, q = (int(found[1]), int(found[2])) if found else (2, 1)
    return (p, q) if p <= q and gcd(p, q) == 1 else None


def is_choice(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def are_choices(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(is_choice, value))


def is_share(value: object) -> bool:
    return share_of(value) is not None


def is_boolean(value: object) -> bool:
    return isinstance(value, bool)


PAIR = {"winner": is_choice, "loser": is_choice}
ONE = {"choice": is_choice, "share": is_share}
KINDS = {
    "ahead": PAIR,
    "preferred": PAIR,
    "above_share": ONE | {"write_ins": is_boolean},
    "below_share": ONE | {"write_ins": is_boolean},
    "seat_ahead": PAIR | dict.fromkeys(("winner_divisor", "loser_divisor"), lambda n: is_whole(n, 1)),
    "remainder_ahead": PAIR
    | {"seats": lambda n: is_whole(n, 1), "lead": lambda n: type(n) is int, "lists": are_choices},
    "neb": PAIR,
    "nen": PAIR | {"standing": are_choices},
    "firsts_above": ONE,
}  # fmt: skip


def is_published(value: object) -> bool:
    """Whether the value is an assertion in published form."""
    kind = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(kind, str) or kind not in KINDS:
        return False
    fields = KINDS[kind]
    return value.keys() == {"kind", *fields} and all(check(value[name]) for name, check in fields.items())


# Weights, section 4 ------------------------------------------------------------


def bounds(assertion: Assertion, allowed: int) -> tuple[int, int]:
    """The least and the most that a card can give; one vote for a choice, `allowed` in all."""
    kind = assertion["kind"]
    if kind == "above_share":
        p, q = share_of(assertion["share"]) or (0, 1)
        return -p * allowed, q - p
    if kind == "below_share":
        p, q = share_of(assertion["share"]) or (0, 1)
        return -(q - p), p * allowed
    return -1, 1


def by_votes(assertion: Assertion, votes: Mapping[str, int]) -> int:
    """The weight of votes, or of totals: kinds `ahead`, `above_share` and `below_share`."""
    if assertion["kind"] == "ahead":
        return votes.get(assertion["winner"], 0) - votes.get(assertion["loser"], 0)
    p, q = share_of(assertion["share"]) or (0, 1)
    lead = q * votes.get(assertion["choice"], 0) - p * sum(votes.values())
    return lead if assertion["kind"] == "above_share" else -lead


def counts_by_votes(assertion: Assertion, votes: Mapping[str, int], cards: int) -> dict[int, int]:
    """How many of so many cards with one vote at most have which points: kinds as above."""
    counts: dict[int, int] = {}
    if assertion["kind"] == "ahead":
        known = ((1, votes.get(assertion["winner"], 0)), (-1, votes.get(assertion["loser"], 0)))
    else:
        p, q = share_of(assertion["share"]) or (0, 1)
        sign, mine = 1 if assertion["kind"] == "above_share" else -1, votes.get(assertion["choice"], 0)
        known = ((sign * (q - p), mine), (-sign * p, sum(votes.values()) - mine))
    for points, n in (*known, (0, cards - sum(n for _, n in known))):
        counts[points] = counts.get(points, 0) + n
    return counts


def by_entries(assertion: Assertion, card: Sequence[Entry], bit: Mapping[str, int]) -> int:
    """The weight of a ranked card: kinds `neb` and `nen`."""
    winner, loser = bit[assertion["winner"]], bit[assertion["loser"]]
    if assertion["kind"] == "neb":
        if any(entry.sure and entry.choice == winner and not entry.gone for entry in card):
            return 1
        return -any(entry.choice == loser and not entry.gone & winner for entry in card)
    standing = union(bit[name] for name in assertion["standing"])
    if any(entry.sure and entry.choice == winner and not entry.gone & standing for entry in card):
        return 1
    return -any(entry.choice == loser and not entry.gone & standing for entry in card)


# What an outcome needs: audit specification, section 6 ------------------------------------------------------


def needed(
    method: str, choices: Sequence[str], seats: int, outcome: Mapping[str, Any]
) -> Iterator[Assertion]:
    """The assertions that the outcome needs, in order; none where it cannot be shown."""
    if method == "plurality" and outcome["kind"] == "winner":
        chosen, elected = outcome["winners"], set(outcome["winners"])
        if len(chosen) == seats < len(choices):
            yield from (ahead(w, other) for w in chosen for other in choices if other not in elected)
    if method == "majority_or_runoff" and outcome["kind"] == "winner" and len(outcome["winners"]) == 1:
        yield share("above_share", outcome["winners"][0])
    if method == "majority_or_runoff" and outcome["kind"] == "runoff" and len(outcome["choices"]) == 2:
        pair = outcome["choices"]
        yield from (share("below_share", choice) for choice in pair)
        yield from (ahead(w, other) for w in pair for other in choices if other not in pair)


def ahead(winner: str, loser: str) -> Assertion:
    return {"kind": "ahead", "loser": loser, "winner": winner}


def share(kind: str, choice: str) -> Assertion:
    return {"choice": choice, "kind": kind, "share": HALF, "write_ins": False}


# Ranked choice: assertions specification, section 9 ---------------------------------------------------------


def certificate_trouble(
    assertions: Sequence[Assertion], choices: Sequence[str], winner: str, left: list[int] | None = None
) -> str:
    """Why these assertions do not show that every count ends in the winner, or ``""``.

    True assertions are enough only where everybody else is a loser in one. `left` holds how many more steps
    a whole plan may take; they are taken off.
    """
    if len(choices) > MOST_CHOICES:
        return f"{len(choices)} choices would need more assertions than a plan can have"
    bit = {choice: 1 << i for i, choice in enumerate(choices)}
    seen = set[str]()
    for assertion in assertions:
        trouble, text = ranked_trouble(assertion, bit), write(assertion)
        if trouble or text in seen:
            return trouble or f"an assertion stands twice: {text}"
        seen.add(text)
    return search(contradictions(assertions, bit), bit, bit[winner], left or [MOST_STEPS])


def ranked_trouble(assertion: Assertion, bit: Mapping[str, int]) -> str:
    """Why an assertion says nothing of a count in rounds of these choices, or ``""``."""
    if assertion["kind"] not in ("neb", "nen"):
        return f"an assertion of the kind {assertion['kind']} in a count in rounds"
    winner, loser = assertion["winner"], assertion["loser"]
    standing = assertion.get("standing", [winner, loser])
    named = set(standing)
    if winner == loser or not {winner, loser} <= named or not bit.keys() >= named:
        return "an assertion names what is no choice, or one choice twice, or does not let both stand"
    if "standing" in assertion and [c for c in bit if c in named] != standing:
        return "`standing` is not in the order of the contest's choices"
    return ""


Steps = tuple[dict[int, int], dict[int, int], dict[tuple[int, int], int]]


def contradictions(assertions: Sequence[Assertion], bit: Mapping[str, int]) -> Steps:
    """By choice: whom it is never behind (neb), who is never behind it, and the same by who stands (nen)."""
    over: dict[int, int] = {}
    under: dict[int, int] = {}
    standing: dict[tuple[int, int], int] = {}
    for assertion in assertions:
        winner, loser = bit[assertion["winner"]], bit[assertion["loser"]]
        if assertion["kind"] == "neb":
            over[winner] = over.get(winner, 0) | loser
            under[loser] = under.get(loser, 0) | winner
        else:
            key = (winner, union(bit[name] for name in assertion["standing"]))
            standing[key] = standing.get(key, 0) | loser
    return over, under, standing


def search(steps: Steps, bit: Mapping[str, int], winner: int, left: list[int]) -> str:
    """Whether the set of all choices is reached from a last one other than the winner (section 9)."""
    over, under, standing = steps
    everybody = union(bit.values())
    waiting = [y for y in bit.values() if y != winner and not under.get(y, 0) & ~y]
    reached = set(waiting)
    while waiting:
        r = waiting.pop()
        if r == everybody:
            return "another order of elimination is not excluded"
        left[0] -= len(bit)
        if left[0] < 0:
            return f"more than {MOST_STEPS} steps would have to be looked at"
        for a in bit.values():
            if a & r:
                continue
            larger = r | a
            if over.get(a, 0) & r or under.get(a, 0) & ~larger or standing.get((a, larger), 0) & r:
                continue
            if larger not in reached:
                if len(reached) >= MOST_SETS:
                    return f"more than {MOST_SETS} sets would have to be looked at"
                reached.add(larger)
                waiting.append(larger)
    return ""
