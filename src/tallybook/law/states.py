"""What is known of the law of every state, fact by fact, with what is not verified said so.

For whoever asks about a state whose whole law is not here: recount thresholds with their exact comparison,
denominator and tiers, the kind of audit, the majority asked, electors, ranked choice. An empty cell of the
research is "not verified here", never "no rule" and never a guess. The facts are data: data/states.toml,
format tallybook/states/v1.
"""

import tomllib
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, Literal

import msgspec

from tallybook.law.problems import LawError, Problem

FORMAT = "tallybook/states/v1"
NOT_VERIFIED = "not verified here"
BASES = ("all_votes", "two_highest", "pair", "winner")


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A margin's limit: a share of a base, or a number of votes. base, compare: "" is not verified."""

    share: str = ""
    base: str = ""
    votes: int = -1
    compare: str = ""


class Recount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One threshold for a recount.

    kind: automatic, or request (the one who asks must be within it). needs: all limits (the smaller of) or
    any (the larger of). Tiers: for: which offices, as the source says; cast_more_than, cast_at_most: votes
    cast in the contest, -1 for no bound. always: a request needs no margin.
    """

    kind: Literal["automatic", "request"]
    limits: tuple[Limit, ...] = ()
    needs: Literal["all", "any"] = "all"
    offices: str = ""
    cast_more_than: int = -1
    cast_at_most: int = -1
    always: bool = False


class State(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One state, or the District of Columbia. "" is not verified; words are those of the research."""

    id: str
    name: str
    electors_2020: int
    allocation: str
    as_of: str
    confidence: str
    sources: tuple[str, ...]
    automatic_recount: str = ""
    requested_recount: str = ""
    requested_recount_rule: str = ""
    recounts: tuple[Recount, ...] = ()
    audit: str = ""
    audit_share: str = ""
    audit_rule: str = ""
    threshold: str = ""
    ranked_choice: str = ""
    elector_pledge: str = ""
    faithless: str = ""
    certified_2020: str = ""
    certified_2020_other: str = ""
    certified_2024: str = ""
    certifying_office: str = ""
    notes: str = ""


class States(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    format: Literal["tallybook/states/v1"]
    words: str
    states: tuple[State, ...]


FACTS: Mapping[str, str] = {
    "electors_2020": "electors in 2020",
    "allocation": "how electors are allocated",
    "threshold": "what a winner needs at a general election",
    "ranked_choice": "ranked choice statewide",
    "automatic_recount": "recount without a request",
    "requested_recount": "recount on request",
    "requested_recount_rule": "who may request it, and how",
    "audit": "audit of the tabulation",
    "audit_share": "share audited",
    "audit_rule": "how the audit is made",
    "elector_pledge": "statute that pledges electors",
    "faithless": "effect of a vote against the pledge",
    "certifying_office": "who certifies",
    "certified_2020": "certification in 2020",
    "certified_2020_other": "other lists say of 2020",
    "certified_2024": "certification in 2024",
}
"""Every fact that may be asked, and its words, in order."""


def parse_states(text: str) -> States:
    """The facts from their file. Raises LawError with what is wrong."""
    try:
        read = msgspec.convert(tomllib.loads(text), States)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise LawError([told("", "", str(error), FORMAT)]) from None
    if problems := list(wrong(read.states)):
        raise LawError(problems)
    return read


def wrong(states: Iterable[State]) -> Iterable[Problem]:
    """States named twice, and limits that say neither a share nor votes, or both."""
    seen: set[str] = set()
    for state in states:
        if state.id in seen:
            yield told(state.id, "id", f"{state.id} twice", "each state once")
        seen.add(state.id)
        for recount in state.recounts:
            for limit in recount.limits:
                if bool(limit.share) == (limit.votes >= 0) or limit.base not in ("", *BASES):
                    expected = "a share (with a base, if verified) or a number of votes"
                    yield told(state.id, "recounts.limits", str(limit), expected)
                if limit.compare not in ("", "<", "<="):
                    yield told(state.id, "recounts.limits.compare", limit.compare, "< or <=, or nothing")


def told(state: str, key: str, found: str, expected: str) -> Problem:
    """A problem of the file."""
    return Problem("states", "states", state, key, found, expected, "Correct it.")


def facts(state: State) -> tuple[tuple[str, str], ...]:
    """Every fact of a state in words, `not verified here` where the research is silent."""
    return tuple((words, str(getattr(state, name)) or NOT_VERIFIED) for name, words in FACTS.items())


class Answer(msgspec.Struct, frozen=True):
    """Whether a margin is within a threshold: yes, no, or not verified here; and why, limit by limit."""

    answer: str
    kind: str
    offices: str
    why: tuple[str, ...]


def recount_answers(state: State, votes: Mapping[str, int], cast: int | None = None) -> tuple[Answer, ...]:
    """What each threshold of the state says of the margin between the two highest.

    votes: choice -> votes; cast: votes cast for the office, the sum if not given. Whole numbers and
    fractions only. Where nothing is verified there is no answer to give: an empty tuple.
    """
    first, second = (*sorted(votes.values(), reverse=True), 0, 0)[:2]
    total = sum(votes.values()) if cast is None else cast
    return tuple(
        answer_of(one, first, second, total)
        for one in state.recounts
        if one.cast_more_than < total and (one.cast_at_most < 0 or total <= one.cast_at_most)
    )


def answer_of(recount: Recount, first: int, second: int, total: int) -> Answer:
    """What one threshold says of one margin."""
    if recount.always:
        return Answer("yes", recount.kind, recount.offices, ("Any margin.",))
    tried = [limit_holds(one, first, second, total) for one in recount.limits]
    found = [holds for holds, _ in tried]
    decisive = recount.needs == "any"
    if decisive in found:
        answer = decisive
    elif not found or None in found:
        return Answer(NOT_VERIFIED, recount.kind, recount.offices, tuple(words for _, words in tried))
    else:
        answer = not decisive
    return Answer(
        "yes" if answer else "no", recount.kind, recount.offices, tuple(words for _, words in tried)
    )


def limit_holds(limit: Limit, first: int, second: int, total: int) -> tuple[bool | None, str]:
    """Whether the margin is within one limit, and why; None where the rule is not fully verified."""
    margin = first - second
    if limit.share:
        bases = {"all_votes": total, "two_highest": first + second, "pair": first + second, "winner": first}
        if limit.base not in bases:
            return None, f"{limit.share} of what is {NOT_VERIFIED}."
        bound, of = Fraction(limit.share) * bases[limit.base], f"{limit.share} of {bases[limit.base]:,}"
    else:
        bound, of = Fraction(limit.votes), f"{limit.votes:,} votes"
    if not limit.compare:
        return None, f"Whether the margin may equal {of} is {NOT_VERIFIED}."
    holds = margin < bound if limit.compare == "<" else margin <= bound
    return holds, f"The margin of {margin:,} is {'' if holds else 'not '}{limit.compare} {of}."


def state_named(known: Iterable[State], name: str) -> State | None:
    """A state by its two letters or its name; None if there is none."""
    wanted: Any = name.casefold()
    return next((one for one in known if wanted in (one.id.casefold(), one.name.casefold())), None)
