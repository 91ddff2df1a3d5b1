"""What a count in rounds says of itself: frozen values, round by round, with the reason for every step.

For the officials who read the rounds aloud and for everyone who adds them up again: section 4 of
``docs/spec/counting.md``. Votes are whole numbers of units; a unit is 10 to the power of minus ``places``
votes, so a count without fractions has ``places`` 0 and its units are votes.

The identity that every round keeps: the votes of all choices, the inactive votes of all reasons and the
residual add up to the ballots counted.
"""

from typing import Literal

import msgspec

from tallybook.election import Votes

REASONS = ("exhausted", "overvote", "skipped", "duplicate", "blank")
"""Why a ballot is inactive: no ranked choice is left; an overvote; too many skipped rankings; the same choice
ranked again; nothing was ranked."""

Purpose = Literal["elimination", "election", "surplus"]
Why = tuple[str, ...]


class TieSettled(msgspec.Struct, frozen=True):
    """A tie and how it was settled. ``chosen`` is eliminated, or elected, or gives its surplus first."""

    tied: tuple[str, ...]
    purpose: Purpose
    chosen: str
    how: str


class TiePending(msgspec.Struct, frozen=True):
    """A tie that people must settle before the count can go on. ``round`` is the round in which it stands."""

    round: int
    tied: tuple[str, ...]
    purpose: Purpose


class Transfer(msgspec.Struct, frozen=True):
    """Votes that left one choice at the end of a round: to whom, how many became inactive, lost in rounding.

    ``kind`` is ``elimination`` or ``surplus``.
    """

    source: str
    kind: Literal["elimination", "surplus"]
    to: Votes
    inactive: int
    residual: int


class Round(msgspec.Struct, frozen=True):
    """One round: the votes as counted, what was decided on them, and the transfers that followed.

    ``votes`` holds everyone still standing and everyone elected before, in ballot order. ``threshold`` is the
    number of units that elects. ``inactive`` holds every reason in the order of ``REASONS``.
    """

    number: int
    votes: Votes
    threshold: int
    inactive: Votes
    residual: int
    elected: tuple[str, ...]
    eliminated: tuple[str, ...]
    ties: tuple[TieSettled, ...]
    transfers: tuple[Transfer, ...]
    why: Why


class RoundCount(msgspec.Struct, frozen=True):
    """A whole count in rounds. ``elected`` in the order of election; ``unfilled`` seats had nobody left.

    ``pending`` is a tie that stopped the count; then nobody further is elected until people settle it.
    """

    contest_id: str
    places: int
    ballots: int
    rounds: tuple[Round, ...]
    elected: tuple[str, ...]
    unfilled: int
    pending: TiePending | None


class PartRound(msgspec.Struct, frozen=True):
    """The share of one precinct, batch, group or mode in one round. Parts add up to the round exactly."""

    number: int
    votes: Votes
    inactive: Votes


def units(amount: int, places: int) -> str:
    """An amount of units as people write it: 1234567 at 4 places is '123.4567'; at 0 places '1,234,567'."""
    if not places:
        return f"{amount:,}"
    whole, part = divmod(abs(amount), 10**places)
    return f"{'-' if amount < 0 else ''}{whole:,}.{part:0{places}d}"


def round_total(one: Round) -> int:
    """All units of a round: votes, inactive and residual. Always the ballots counted."""
    return sum(votes for _, votes in one.votes) + sum(votes for _, votes in one.inactive) + one.residual
