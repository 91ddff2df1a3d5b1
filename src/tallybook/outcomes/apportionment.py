"""Seats in proportion to votes or people: highest averages and largest remainders.

For the officials who allot seats to lists or to states, and for everyone who checks them. Section 8 of
``docs/spec/counting.md``. Huntington-Hill is the method of equal proportions by which Congress has been
apportioned since 1941 (2 USC 2a). Averages and remainders are exact fractions; square roots are compared by
their squares. Who is tied for the last seat is an answer, not an accident.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Literal

import msgspec

from tallybook.election import Votes
from tallybook.outcomes.contests import in_vote_order

Method = Literal["dhondt", "sainte_lague", "modified_sainte_lague", "huntington_hill"]
Quota = Literal["hare", "droop"]
Claim = tuple[Fraction, str]
FIRST = Fraction(10**30)


class Apportioned(msgspec.Struct, frozen=True):
    """Seats of each list in the order given. ``open`` seats are left for the ``tied``, one each at most."""

    seats: Votes
    tied: tuple[str, ...]
    open: int


def highest_averages(votes: Votes, seats: int, method: Method, least: Fraction = Fraction(0)) -> Apportioned:
    """Each seat goes to the highest average. Spec 8.1. Lists below the share ``least`` of all votes get none.

    ``dhondt`` divides by 1, 2, 3 ...; ``sainte_lague`` by 1, 3, 5 ...; ``modified_sainte_lague`` by 1.4, 3,
    5 ...; ``huntington_hill`` by the geometric mean of the seats held and one more, so that everyone with a
    vote gets a first seat before anyone gets a second. Raises ValueError on impossible numbers, and where
    Huntington-Hill has fewer seats than lists.
    """
    taking = _taking(votes, seats, least)
    if method == "huntington_hill" and len(taking) > seats:
        raise ValueError(f"{seats} seats cannot give each of {len(taking)} its first seat.")
    average = AVERAGES[method]
    claims = [(average(count, held), name) for name, count in taking for held in range(seats)]
    return _given(votes, claims, seats, {})


def largest_remainder(
    votes: Votes, seats: int, quota: Quota = "hare", least: Fraction = Fraction(0)
) -> Apportioned:
    """Whole quotas first, then one seat each to the largest remainders. Spec 8.2.

    ``hare``: votes / seats, exactly. ``droop``: the whole part of votes / (seats + 1), plus 1. The votes are
    those of the lists that take part.
    """
    taking = _taking(votes, seats, least)
    total = sum(count for _, count in taking)
    if not total:
        return Apportioned(tuple((name, 0) for name, _ in votes), (), 0)
    size = Fraction(total, seats) if quota == "hare" else Fraction(total // (seats + 1) + 1)
    whole = {name: int(count // size) for name, count in taking}
    claims = [(count - whole[name] * size, name) for name, count in taking]
    return _given(votes, claims, seats - sum(whole.values()), whole)


def _dhondt(votes: int, held: int) -> Fraction:
    return Fraction(votes, held + 1)


def _sainte_lague(votes: int, held: int) -> Fraction:
    return Fraction(votes, 2 * held + 1)


def _modified(votes: int, held: int) -> Fraction:
    return Fraction(votes, 2 * held + 1) if held else Fraction(5 * votes, 7)


def _huntington_hill(votes: int, held: int) -> Fraction:
    """The square of votes / sqrt(held x (held + 1)); the first seat comes before every other."""
    return Fraction(votes * votes, held * (held + 1)) if held else FIRST + votes


AVERAGES: dict[Method, Callable[[int, int], Fraction]] = {
    "dhondt": _dhondt,
    "sainte_lague": _sainte_lague,
    "modified_sainte_lague": _modified,
    "huntington_hill": _huntington_hill,
}


def _taking(votes: Votes, seats: int, least: Fraction) -> Votes:
    """The lists that take part: with a vote, and with the least share of all votes."""
    if seats < 1:
        raise ValueError(f"{seats} seats; there must be at least one.")
    in_vote_order(votes)
    total = sum(count for _, count in votes)
    return tuple((name, count) for name, count in votes if count and count >= least * total)


def _given(votes: Votes, claims: Sequence[Claim], seats: int, already: dict[str, int]) -> Apportioned:
    """The highest claims get the seats; equal claims at the edge are tied."""
    order = sorted(claims, key=lambda claim: -claim[0])
    won, tied = order[:seats], []
    if 0 < seats < len(order) and order[seats - 1][0] == order[seats][0]:
        edge = order[seats][0]
        won = [claim for claim in order if claim[0] > edge]
        tied = [name for average, name in order if average == edge]
    held = dict.fromkeys((name for name, _ in votes), 0) | already
    for _, name in won:
        held[name] += 1
    names = tuple(name for name, _ in votes if name in tied)
    return Apportioned(tuple(held.items()), names, seats - len(won) if tied else 0)
