"""Turnout and residual votes, place by place: two ratios that people ask for, as exact fractions.

A residual vote is a vote not used: an undervote, or a ballot overvoted. A high share in one place is a
question (a design that misleads, a scanner that misreads, voters who abstained), not an answer.
"""

from collections.abc import Sequence
from fractions import Fraction

import msgspec

from tallybook.canvass.accounts import Account, Place
from tallybook.canvass.sums import contest_ballots


class Ratio(msgspec.Struct, frozen=True):
    """``part`` of ``whole`` in a place; the share is exact."""

    place: Place
    part: int
    whole: int

    @property
    def share(self) -> Fraction:
        """part / whole."""
        return Fraction(self.part, self.whole)


def turnout(accounts: Sequence[Account]) -> tuple[Ratio, ...]:
    """Ballots cast (or, where not stated, voters credited) of the registered; only where both are stated."""
    found = []
    for one in accounts:
        cast = one.counts.get("ballots_cast", one.counts.get("voters_credited"))
        registered = one.counts.get("registered", 0)
        if cast is not None and registered:
            found.append(Ratio(one.place, cast, registered))
    return tuple(found)


def residual_votes(accounts: Sequence[Account]) -> tuple[Ratio, ...]:
    """Votes not used of the votes that the ballots allowed, where a contest's numbers are stated.

    Undervotes and overvotes where both are given; otherwise what is missing from votes to ballots.
    """
    found = []
    for one in accounts:
        ballots = contest_ballots(one.counts, one.cards_per_ballot)
        if not ballots or not {"votes", "undervotes"} & set(one.counts):
            continue
        room = ballots * one.votes_allowed
        if "undervotes" in one.counts and "overvotes" in one.counts:
            unused = one.counts["undervotes"] + one.counts["overvotes"] * one.votes_allowed
        elif "votes" in one.counts:
            unused = room - one.counts["votes"]
        else:
            continue
        if 0 <= unused <= room:
            found.append(Ratio(one.place, unused, room))
    return tuple(found)
