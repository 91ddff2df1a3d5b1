"""Two reviewers vote blind on each drawn envelope; where they differ, a third decides. Votes are fixed first.

For the teams at the tables and for whoever doubts them. A vote is sealed as a salted commitment before
anyone sees another's; when both are in, both are opened and checked. The bytes of a vote hold the line of
the draw, the reviewer's label and the outcome: no name, no signature, no number of an envelope.
Commitments: docs/spec/package.md, section 1.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from tallybook.election.problems import Problem
from tallybook.envelopes.boxes import OUTCOMES
from tallybook.envelopes.private import check_label
from tallybook.merkle.commitments import commitment, verify_opening
from tallybook.merkle.errors import EvidenceError

DOMAIN = "tallybook/envelope-review/v1"


class Vote(msgspec.Struct, frozen=True):
    """One person's vote. `line` is the line of the draw, from 1; `reviewer` a label such as team-3a."""

    line: int
    reviewer: str
    outcome: str


class Settled(msgspec.Struct, frozen=True):
    """What the reviewers of one envelope agreed on, or what the referee decided."""

    line: int
    outcome: str
    by_referee: bool


def statement(vote: Vote) -> bytes:
    """The bytes of a vote, four lines: the domain, the line of the draw, the reviewer, the outcome."""
    return f"{DOMAIN}\n{vote.line}\n{vote.reviewer}\n{vote.outcome}".encode()


def seal(vote: Vote, salt: bytes) -> str:
    """The commitment to publish now: 64 hexadecimal digits. The salt (32 bytes) stays with the clerk."""
    return commitment(salt, statement(vote))


def settle(
    pairs: Sequence[Vote],
    referees: Sequence[Vote],
    sealed: Mapping[tuple[int, str], str],
    salts: Mapping[tuple[int, str], bytes],
) -> tuple[tuple[Settled, ...], list[Problem]]:
    """Open every vote, and settle each line: two agree, or the referee decides.

    sealed and salts: by (line, reviewer). Lines with a problem are not settled.
    """
    votes: dict[int, list[Vote]] = defaultdict(list)
    third: dict[int, list[Vote]] = defaultdict(list)
    for vote in pairs:
        votes[vote.line].append(vote)
    for vote in referees:
        third[vote.line].append(vote)
    problems: list[Problem] = []
    settled = []
    for line in sorted(votes.keys() | third.keys()):
        found = list(line_problems(line, votes[line], third[line], sealed, salts))
        problems += found
        if not found:
            agreed = votes[line][0].outcome == votes[line][1].outcome
            settled.append(Settled(line, (votes if agreed else third)[line][0].outcome, not agreed))
    return tuple(settled), problems


def line_problems(
    line: int,
    pair: Sequence[Vote],
    third: Sequence[Vote],
    sealed: Mapping[tuple[int, str], str],
    salts: Mapping[tuple[int, str], bytes],
) -> Iterator[Problem]:
    """Everything that keeps a line from being settled."""
    where = f"line {line} of the draw"
    for vote in (*pair, *third):
        yield from vote_problems(vote, where)
    people = [vote.reviewer for vote in (*pair, *third)]
    if len(set(people)) < len(people):
        mend = "Have another person vote, blind."
        yield Problem(where, "one person voting twice", "a person for each vote", mend)
    if len(pair) != 2:
        yield Problem(
            where, f"{len(pair)} votes", "2, of two persons", "Have the line reviewed by two persons."
        )
        return
    differ = pair[0].outcome != pair[1].outcome
    if differ and len(third) != 1:
        found = f"two different votes and {len(third)} of a referee"
        yield Problem(where, found, "one vote of a referee", "Ask one referee to decide.")
    if not differ and third:
        mend = "Take the referee's vote out; two agreed."
        yield Problem(where, "a referee's vote on an agreed line", "none", mend)
    for vote in pair:
        yield from opening_problems(vote, where, sealed, salts)


def vote_problems(vote: Vote, where: str) -> Iterator[Problem]:
    yield from check_label(vote.reviewer, f"{where}, reviewer")
    if vote.outcome not in OUTCOMES:
        found, expected = f'"{vote.outcome[:40]}"', f"one of {', '.join(OUTCOMES)}"
        yield Problem(f"{where}, outcome", found, expected, "Choose one of these.")


def opening_problems(
    vote: Vote, where: str, sealed: Mapping[tuple[int, str], str], salts: Mapping[tuple[int, str], bytes]
) -> Iterator[Problem]:
    """A vote must open what was sealed before the other was seen."""
    key = (vote.line, vote.reviewer)
    who = f"{where}, {vote.reviewer}"
    if key not in sealed or key not in salts:
        mend = "The vote was not fixed before it was shown. Review the line again with two other persons."
        yield Problem(who, "no sealed vote", "a commitment and its salt", mend)
        return
    try:
        verify_opening(sealed[key], salts[key], statement(vote))
    except EvidenceError:
        mend = "The vote was changed after it was sealed, or the salt is another's. Report it; review again."
        yield Problem(who, "a vote that does not open its commitment", "the vote that was sealed", mend)
