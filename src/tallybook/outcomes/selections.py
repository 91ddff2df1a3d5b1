"""From marks to a tally, for contests without ranks: vote for one or several, approval, cumulative voting.

For the officials who report votes, overvotes and undervotes, and for everyone who adds them up. Each vote
that a ballot allows is used in one of three ways: ``docs/spec/counting.md``, section 2 (votes + undervotes
+ overvotes = ballots x votes allowed). The tally then goes to ``contests``.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Literal

import msgspec

from tallybook.election import Tally
from tallybook.election.cards import Ballots, Pattern
from tallybook.outcomes.contests import Why, in_vote_order, total_votes
from tallybook.outcomes.rankings import WRITE_IN
from tallybook.outcomes.words import number

Given = dict[str, int]


class ShareMeasured(msgspec.Struct, frozen=True, tag_field="kind", tag=True):
    """Whether a choice has the share that the law asks. ``needed`` is the least number of votes with it."""

    contest_id: str
    choice: str
    votes: int
    total: int
    needed: int
    passed: bool
    why: Why


def tally_selections(ballots: Ballots) -> Tally:
    """Vote for one, or for as many as the contest allows; approval where that is all choices. Spec 2.1."""
    return _tally(ballots, _selected)


def tally_cumulative(ballots: Ballots) -> Tally:
    """Several votes may go to one choice, together no more than the contest allows. Spec 2.2."""
    return _tally(ballots, _cumulated)


def tally_by_part(parts: Mapping[str, Ballots]) -> dict[str, Tally]:
    """The tally of each precinct, batch, group or mode. They add up to the whole with ``election.add``."""
    return {name: tally_selections(ballots) for name, ballots in parts.items()}


def super_majority(
    tally: Tally,
    choice: str,
    share: Fraction,
    comparison: Literal["at_least", "more_than"] = "at_least",
    total: int | None = None,
) -> ShareMeasured:
    """Whether ``choice`` has the share of the total votes cast, or of ``total`` where given. Spec 2.4.

    Raises ValueError where the choice is unknown or the total is less than the votes of the choices.
    """
    votes, cast = dict(in_vote_order(tally.votes)), total_votes(tally, total)
    if choice not in votes:
        raise ValueError(f"{choice} is not a choice of {tally.contest_id}.")
    exact = share * cast
    needed = -(-exact.numerator // exact.denominator) if comparison == "at_least" else exact // 1 + 1
    passed = votes[choice] >= needed and votes[choice] > 0
    words = "at least" if comparison == "at_least" else "more than"
    why = (
        f"{words.capitalize()} {share} of {number(cast)} is {number(needed)} votes or more.",
        f"{choice} has {number(votes[choice])}: {'passed' if passed else 'not passed'}.",
    )
    return ShareMeasured(tally.contest_id, choice, votes[choice], cast, needed, passed, why)


def _tally(ballots: Ballots, given: Callable[[Pattern], Given]) -> Tally:
    """The votes given by each pattern, times its cards; an overvoted contest gives none."""
    contest = ballots.contest
    votes = dict.fromkeys(contest.choice_ids, 0)
    cards = used = over = write_ins = 0
    for pattern, count in zip(ballots.patterns, ballots.counts, strict=True):
        if "invalid" in pattern.flags:
            continue
        cards += count
        marked = given(pattern)
        if "overvote" in pattern.flags or sum(marked.values()) > contest.votes_allowed:
            over += count
            continue
        used += count * sum(marked.values())
        for choice, one in marked.items():
            if choice in votes:
                votes[choice] += count * one
            else:
                write_ins += count * one
                _check_write_in(choice, contest.id)
    under = contest.votes_allowed * (cards - over) - used
    return Tally(contest.id, tuple(votes.items()), cards, under, over, write_ins)


def _selected(pattern: Pattern) -> Given:
    """One vote for each choice marked. Unnamed write-ins are as many persons as there are marks."""
    unnamed = sum(mark.choice == WRITE_IN for mark in pattern.marks)
    named = dict.fromkeys((mark.choice for mark in pattern.marks if mark.choice != WRITE_IN), 1)
    return named | {WRITE_IN: unnamed} if unnamed else named


def _cumulated(pattern: Pattern) -> Given:
    """All votes given to each choice."""
    given: Given = {}
    for mark in pattern.marks:
        given[mark.choice] = given.get(mark.choice, 0) + mark.votes
    return given


def _check_write_in(choice: str, contest_id: str) -> None:
    if choice.partition(":")[0] != WRITE_IN:
        raise ValueError(f"{choice} is not a choice of {contest_id}, nor a write-in.")
