"""When no person has a majority of the electors: the House chooses a President, the Senate a Vice President.

U.S. Const. amend. XII; ``docs/spec/outcomes.md``, sections 7.4 and 7.5. One call decides one ballot. In the
House each state has one vote, a quorum is a member or members from two thirds of the states, and a majority
of all the states is needed. In the Senate a quorum is two thirds of the whole number of Senators, and a
majority of the whole number is needed.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from tallybook.election import Votes
from tallybook.outcomes.words import number


class ChamberBallot(msgspec.Struct, frozen=True):
    """One ballot of a chamber: who is chosen, if anybody. ``needed`` is the least number that chooses."""

    elected: str | None
    quorum: bool
    votes: Votes
    needed: int
    why: tuple[str, ...]


def delegation_vote(members: Votes) -> str | None:
    """The person with more than half of the votes given by a state's members; None where divided. Spec 7.4.

    A blank is not a vote given. This is the rule the House made for itself in 1825; another rule of the
    House would give another delegation vote, which ``house_ballot`` takes as it is.
    """
    given = sum(count for _, count in members)
    return next((name for name, count in members if 2 * count > given), None)


def house_ballot(eligible: Sequence[str], states: int, ballot: Mapping[str, str | None]) -> ChamberBallot:
    """One ballot by states. ``ballot``: state with a member present -> person, or None if divided or blank.

    Raises ValueError where more states vote than there are, or a vote names somebody not eligible. Spec 7.4.
    """
    _refuse_strangers([name for name in ballot.values() if name is not None], eligible)
    if len(ballot) > states:
        raise ValueError(f"{len(ballot)} states are on the ballot; there are {states}.")
    counted = Counter(name for name in ballot.values() if name is not None)
    votes = tuple((name, counted[name]) for name in eligible)
    return _decide(votes, len(ballot), states, "states")


def senate_ballot(eligible: Sequence[str], senators: int, present: int, votes: Votes) -> ChamberBallot:
    """One ballot of the Senate, ``present`` of ``senators`` taking part. Spec 7.5.

    Raises ValueError where more vote than are present or exist, or a vote names somebody not eligible.
    """
    _refuse_strangers([name for name, _ in votes], eligible)
    cast = sum(count for _, count in votes)
    if not 0 <= cast <= present <= senators or any(count < 0 for _, count in votes):
        raise ValueError(f"{cast} votes from {present} Senators present of {senators} cannot be.")
    return _decide(votes, present, senators, "Senators")


def _decide(votes: Votes, present: int, whole: int, who: str) -> ChamberBallot:
    quorum = 3 * present >= 2 * whole
    needed = whole // 2 + 1
    why = [f"{present} of {whole} {who} take part; a quorum is two thirds."]
    why.append(", ".join(f"{name} {number(count)}" for name, count in votes) + f"; needed: {needed}.")
    elected = next((name for name, count in votes if quorum and count >= needed), None)
    if not quorum:
        why.append("There is no quorum, so nobody is chosen.")
    else:
        why.append(f"{elected} is chosen." if elected else "Nobody is chosen; the chamber ballots again.")
    return ChamberBallot(elected, quorum, votes, needed, tuple(why))


def _refuse_strangers(named: Sequence[str], eligible: Sequence[str]) -> None:
    strangers = sorted(set(named) - set(eligible))
    if strangers:
        raise ValueError(f"Not among those to choose from: {', '.join(strangers)}.")
