"""What an election is made of. Frozen values; the words are those of ``docs/glossary.md``.

Nothing here checks itself: ``reading`` builds these from plain dicts and collects what is wrong,
and ``tallies.check_tally`` says where a tally's accounts disagree.
"""

import datetime

import msgspec

Votes = tuple[tuple[str, int], ...]
"""Pairs (choice id, votes), in ballot order."""


class Choice(msgspec.Struct, frozen=True):
    """What may be voted for in a contest. ``party`` is as printed on the ballot, empty where none is."""

    id: str
    name: str
    party: str = ""


class Contest(msgspec.Struct, frozen=True):
    """One decision put to the voters: ``seats`` to fill, at most ``votes_allowed`` selections a ballot."""

    id: str
    name: str
    office_class: str
    choices: tuple[Choice, ...]
    seats: int = 1
    votes_allowed: int = 1

    @property
    def choice_ids(self) -> tuple[str, ...]:
        """The choices' ids, in ballot order."""
        return tuple(choice.id for choice in self.choices)


class Jurisdiction(msgspec.Struct, frozen=True):
    """An area with authority to run elections. ``within`` is the id of the larger one, empty at the top."""

    id: str
    name: str
    within: str = ""


class Election(msgspec.Struct, frozen=True):
    """Contests decided on one day under one law, and the jurisdictions that run it."""

    id: str
    name: str
    day: datetime.date
    contests: tuple[Contest, ...]
    jurisdictions: tuple[Jurisdiction, ...] = ()


class Batch(msgspec.Struct, frozen=True):
    """Cards kept together. ``card_ids`` is empty where cards are known only by their place in the batch."""

    jurisdiction: str
    id: str
    cards: int
    container: str = ""
    card_ids: tuple[str, ...] = ()


class Manifest(msgspec.Struct, frozen=True):
    """The officials' catalogue of every batch. Batch ids are unique within a jurisdiction, not beyond it."""

    batches: tuple[Batch, ...]

    @property
    def cards(self) -> int:
        """The cards of all batches."""
        return sum(batch.cards for batch in self.batches)


class ModeVotes(msgspec.Struct, frozen=True):
    """Votes per choice cast in one mode: election day, advance, absentee by mail, provisional."""

    mode: str
    votes: Votes


class Tally(msgspec.Struct, frozen=True):
    """Votes per choice in one contest, in ballot order. What is None or empty was not stated.

    ``undervotes`` counts votes not used, ``overvotes`` counts ballots overvoted in this contest,
    ``write_ins`` counts valid votes for persons who are not among the choices.
    """

    contest_id: str
    votes: Votes
    ballots: int | None = None
    undervotes: int | None = None
    overvotes: int | None = None
    write_ins: int | None = None
    modes: tuple[ModeVotes, ...] = ()
