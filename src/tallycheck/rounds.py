"""Checks 12 and 13, the count of readings in rounds: counting specification, sections 3 and 4.1.

For an audit that read every card of a ranked contest. Every key but how a ballot is read has its default, so
a majority of the votes still active elects, one choice leaves at a time (undeclared write-ins first), and
nothing settles a tie.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from .auditreadings import NOT_FOUND, pattern_of_reading
from .ranked import WRITE_IN, Reading, rankings

Ranking = tuple[tuple[str, ...], bool]


class Pile(NamedTuple):
    """Ballots that read alike: what they rank, how far that is used up, and how many they are."""

    ranks: tuple[Ranking, ...]
    at: int
    ballots: int


def elected(readings: Iterable[Any], choices: Sequence[str], how: Reading) -> str | None:
    """Whom the readings of all cards elect; None where nobody is elected or a tie waits.

    None also where the cards that were not found could have changed who leaves or who is elected.
    """
    found = list(readings)
    piles, lost = piles_of(found, choices, how), found.count(NOT_FOUND)
    named = {name for pile in piles for names, _ in pile.ranks for name in names}
    standing = {*choices, WRITE_IN} if WRITE_IN in named else {*choices}
    while True:
        votes = dict.fromkeys(standing, 0)
        piles = [moved for pile in piles if (moved := counted(pile, votes, how)) is not None]
        active = sum(votes.values())
        if not active:
            return None
        for choice in standing - {WRITE_IN}:
            if votes[choice] > active // 2 or len(standing) == 1:
                return choice if 2 * votes[choice] > active + lost else None
        leaver = leaving(votes, lost)
        if leaver is None:
            return None
        standing.remove(leaver)


def piles_of(readings: Iterable[Any], choices: Sequence[str], how: Reading) -> list[Pile]:
    """The ballots: cards that were found and carry the contest; those that read alike are one pile."""
    bit = dict.fromkeys(choices, 0)
    found: Counter[tuple[Ranking, ...]] = Counter()
    known: dict[str, tuple[Ranking, ...]] = {}
    for reading in readings:
        if isinstance(reading, list):
            key = repr(reading)
            if key not in known:
                marks = pattern_of_reading(reading, ranked=True).marks
                known[key] = tuple((tuple(names), several) for names, several in rankings(marks, bit, how))
            found[known[key]] += 1
    return [Pile(ranks, 0, ballots) for ranks, ballots in found.items()]


def counted(pile: Pile, votes: dict[str, int], how: Reading) -> Pile | None:
    """The pile after this round's count, which adds its votes; None where its ballots have ended (3.3)."""
    for at in range(pile.at, len(pile.ranks)):
        names, several = pile.ranks[at]
        standing = [name for name in names if name in votes]
        if several and set(names) == {WRITE_IN}:
            return None
        if not standing:
            continue
        if several and (len(standing) > 1 or how.overvote == "exhaust_if_any_continuing"):
            return pile._replace(at=at) if how.overvote == "wait_while_several_continuing" else None
        votes[standing[0]] += pile.ballots
        return pile._replace(at=at)
    return None


def leaving(votes: dict[str, int], lost: int) -> str | None:
    """Who is eliminated (4.3): the undeclared write-ins, or who has the fewest votes.

    None in a tie, or where so many cards more could make it another.
    """
    if WRITE_IN in votes:
        return WRITE_IN
    fewest = min(votes.values()) + lost
    last = [choice for choice, n in votes.items() if n <= fewest]
    return last[0] if len(last) == 1 else None
