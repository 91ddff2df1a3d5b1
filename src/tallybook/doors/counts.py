"""Counting one contest by its rules and saying how it came out, for people and for machines.

For the command that counts. The rules of counting are in ``outcomes``; here their answer is put into lines,
round by round, with bars, and into one value for JSON. Choices are called by their names throughout.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import msgspec

from tallybook.doors.cli.shown import DoorError
from tallybook.doors.contest_parts import Parts, added
from tallybook.election import Contest, Tally
from tallybook.outcomes import (
    Counted,
    Decision,
    PartRound,
    RoundCount,
    Rules,
    StarResult,
    bottoms_up_by,
    count_ballots,
    ranked_choice_by,
    tally_cumulative,
    tally_selections,
    transferable_vote_by,
)
from tallybook.outcomes.rounds import Round, units

BAR = 30
WRITTEN = "Write-in"
"""What people call the pile of write-ins; as long as its id, so that columns stay straight."""
PLAIN = Rules("Most votes win (no rules file was given)", "plurality")
SELECTIONS = ("plurality", "majority_or_runoff", "approval", "super_majority", "cumulative")
RANKED = {
    "ranked_choice": ranked_choice_by,
    "single_transferable_vote": transferable_vote_by,
    "bottoms_up": bottoms_up_by,
}
"""Counts in rounds of which each part has a share of every round."""
PartRounds = Mapping[str, tuple[PartRound, ...]]


class Result(msgspec.Struct, frozen=True):
    """One contest counted. ``tally`` where votes are simply added; ``rounds_by`` and ``tally_by`` by part."""

    contest: Contest
    cards: int
    rules: Rules
    counted: Counted
    tally: Tally | None
    tally_by: Mapping[str, Tally]
    rounds_by: PartRounds


def counted(
    parts: Parts,
    rules: Rules | None = None,
    seed: str = "",
    by: bool = False,
    decisions: tuple[Decision, ...] = (),
) -> Result:
    """The contest of these parts by these rules; most votes win where there are none.

    ``by``: also for each part. Raises DoorError where the rules do not fit the ballots.
    """
    whole = added(parts.values())
    ranked = any(mark.rank for pattern in whole.patterns for mark in pattern.marks)
    if rules is None and ranked:
        raise DoorError(
            f"Voters ranked the choices of {whole.contest.name}, so a count needs its rules: "
            "--rules RULES.toml.",
            "docs/reference/rules has those of several states and cities.",
        )
    rules = rules or PLAIN
    if by and rules.method not in (*SELECTIONS, *RANKED):
        raise DoorError(f"A count by {rules.method.replace('_', ' ')} has no subtotals; leave --by out.")
    try:
        if by and rules.method in RANKED:
            count, shares = RANKED[rules.method](parts, rules, seed, decisions)
            return _result(parts, rules, count, None, {}, shares)
        count_ = count_ballots(whole, rules, seed, decisions)
        if rules.method not in SELECTIONS:
            return _result(parts, rules, count_, None, {}, {})
        added_up = tally_cumulative if rules.method == "cumulative" else tally_selections
        by_part = {name: added_up(part) for name, part in parts.items()} if by else {}
        return _result(parts, rules, count_, added_up(whole), by_part, {})
    except ValueError as why:
        raise DoorError(f"{whole.contest.name} cannot be counted by these rules: {why}") from None


def settled(count: Callable[[tuple[Decision, ...]], Result], decided: Sequence[str], record: str) -> Result:
    """The count with what people decided about its ties, each as ``ROUND=CHOICE``.

    Raises DoorError for a decision that meets no tie, or chooses somebody who is not tied.
    """
    made: tuple[Decision, ...] = ()
    left = dict(_decision(text) for text in decided)
    while True:
        result = count(made)
        pending = getattr(result.counted, "pending", None)
        if pending is None or pending.round not in left:
            break
        made += (Decision(pending.round, pending.tied, left.pop(pending.round), record or "not stated"),)
    for number, choice in left.items():
        raise DoorError(f"--decided {number}={choice}: no tie waits in round {number}. Leave it out.")
    return result


def _decision(text: str) -> tuple[int, str]:
    number, equals, choice = text.partition("=")
    if not (equals and number.isdecimal()):
        raise DoorError(f"--decided {text}: expected ROUND=CHOICE, such as 3=Ash.")
    return int(number), choice


def as_json(result: Result) -> Any:
    """The result for machines."""
    rules, contest = result.rules, result.contest
    told = {
        "contest": contest.name,
        "seats": rules.seats or contest.seats,
        "cards": result.cards,
        "rules": {
            "name": rules.name,
            "method": rules.method,
            "law": rules.law,
            "verified": rules.verified,
            "unverified": rules.unverified,
        },
        "result": result.counted,
        "tally": result.tally,
        "by": result.tally_by or result.rounds_by,
    }
    return msgspec.to_builtins(told, enc_hook=_fraction)


def lines(result: Result, bar: str = "█") -> Iterator[str]:
    """The result for people. ``bar``: what a bar is made of."""
    return (
        line.replace("write_in:", "written in: ").replace("write_in", WRITTEN) for line in _lines(result, bar)
    )


def _lines(result: Result, bar: str) -> Iterator[str]:
    yield f"{result.contest.name}: {result.cards:,} cards"
    yield f"Rules: {result.rules.name}"
    yield from (f"Law: {law}" for law in result.rules.law)
    yield from (f"Verified: {words}" for words in result.rules.verified)
    yield from (f"Not verified: {doubt}" for doubt in result.rules.unverified)
    if result.tally:
        yield ""
        yield from _tally_lines(result.tally, bar)
    counts = result.counted if isinstance(result.counted, tuple) else (result.counted,)
    for one in counts:
        yield ""
        yield from _round_lines(one, bar) if isinstance(one, RoundCount) else _why_lines(one)
    for name, tally in result.tally_by.items():
        yield ""
        yield name or "(none)"
        yield from _tally_lines(tally, bar)
    for name, rounds in result.rounds_by.items():
        yield ""
        places = result.counted.places if isinstance(result.counted, RoundCount) else 0
        yield from _part_lines(name or "(none)", rounds, places, bar)


def _result(
    parts: Parts,
    rules: Rules,
    count: Counted,
    tally: Tally | None,
    by: Mapping[str, Tally],
    rounds: PartRounds,
) -> Result:
    first = next(iter(parts.values()))
    cards = sum(sum(part.counts) for part in parts.values())
    return Result(first.contest, cards, rules, count, tally, by, rounds)


def _tally_lines(tally: Tally, bar: str) -> Iterator[str]:
    yield from _bars([(name, votes, f"{votes:,}") for name, votes in tally.votes], bar)
    if tally.overvotes:
        yield f"  {tally.overvotes:,} overvoted {'card' if tally.overvotes == 1 else 'cards'}"
    if tally.undervotes:
        yield f"  {tally.undervotes:,} {'vote' if tally.undervotes == 1 else 'votes'} not used"
    if tally.write_ins:
        yield f"  {tally.write_ins:,} votes for names written in"


def _round_lines(count: RoundCount, bar: str) -> Iterator[str]:
    for one in count.rounds:
        yield f"Round {one.number}; {units(one.threshold, count.places)} votes elect"
        yield from _bars([(name, votes, units(votes, count.places)) for name, votes in one.votes], bar)
        yield from _inactive_lines(one, count.places)
        yield from (f"  {sentence}" for sentence in one.why)
        yield ""
    if count.pending:
        tied = ", ".join(count.pending.tied)
        yield f"The count waits: people must settle the tie of {tied} in round {count.pending.round}."
    elif count.elected:
        yield f"Elected: {', '.join(count.elected)}."
    else:
        yield "Nobody is elected."
    if count.unfilled:
        seats = "1 seat stays" if count.unfilled == 1 else f"{count.unfilled} seats stay"
        yield f"{seats} empty."


def _inactive_lines(one: Round, places: int) -> Iterator[str]:
    inactive = [f"{units(votes, places)} {reason}" for reason, votes in one.inactive if votes]
    if inactive:
        yield f"  inactive: {', '.join(inactive)}"
    if one.residual:
        yield f"  lost in rounding: {units(one.residual, places)}"


def _why_lines(count: Any) -> Iterator[str]:
    if isinstance(count, StarResult):
        yield from _bars([(name, score, f"{score:,}") for name, score in count.scores], "")
        for name, cards in zip(count.finalists, count.preferring, strict=True):
            yield f"  {cards:,} cards prefer {name}"
        count = count.outcome
    yield from count.why


def _part_lines(name: str, rounds: tuple[PartRound, ...], places: int, bar: str) -> Iterator[str]:
    for one in rounds:
        yield f"{name}, round {one.number}"
        yield from _bars([(choice, votes, units(votes, places)) for choice, votes in one.votes], bar)


def _bars(rows: list[tuple[str, int, str]], bar: str) -> Iterator[str]:
    """A line per choice: its name, its votes, a bar as long as its share of the longest."""
    wide = max((len(name) for name, _, _ in rows), default=0)
    right = max((len(told) for _, _, told in rows), default=0)
    most = max((votes for _, votes, _ in rows), default=0)
    for name, votes, told in rows:
        length = (2 * BAR * votes + most) // (2 * most) if most else 0
        yield f"  {name:<{wide}}  {told:>{right}}  {bar * length}".rstrip()


def _fraction(value: Any) -> str:
    if isinstance(value, Fraction):
        return str(value)
    raise NotImplementedError(type(value))
