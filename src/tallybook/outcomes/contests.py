"""Plurality, and majority or runoff: who is elected, who is tied, who goes to a runoff.

For the officials who declare a result and for everyone who checks it. ``docs/spec/outcomes.md``, sections
2 to 4. A tie is an answer; ``ties`` settles it as the law says. Georgia: majority O.C.G.A. 21-2-501(a),
plurality for presidential electors 21-2-501(f).
"""

import datetime
from typing import Literal, NamedTuple

import msgspec

from tallybook.election import Tally, Votes, listed_votes
from tallybook.outcomes.words import listed, number

Why = tuple[str, ...]


class Elected(msgspec.Struct, frozen=True, tag_field="kind", tag=True):
    """These are elected, in vote order. ``unfilled`` seats had nobody with a vote."""

    contest_id: str
    elected: tuple[str, ...]
    unfilled: int
    why: Why


class Tied(msgspec.Struct, frozen=True, tag_field="kind", tag=True):
    """The ``clear`` choices have their places; the law must say who of the ``tied`` gets the ``open`` ones.

    ``on`` is the date of the runoff where the places are in a runoff.
    """

    contest_id: str
    places: Literal["seats", "runoff"]
    clear: tuple[str, ...]
    tied: tuple[str, ...]
    open: int
    on: datetime.date | None
    why: Why


class RunoffDue(msgspec.Struct, frozen=True, tag_field="kind", tag=True):
    """A second election on ``on`` between ``advance``. ``elected`` already have a seat, mostly nobody."""

    contest_id: str
    advance: tuple[str, ...]
    on: datetime.date
    elected: tuple[str, ...]
    why: Why


class NewElectionDue(msgspec.Struct, frozen=True, tag_field="kind", tag=True):
    """A new election on ``on`` for the places left. ``elected`` already have a seat."""

    contest_id: str
    on: datetime.date
    elected: tuple[str, ...]
    why: Why


Outcome = Elected | Tied | RunoffDue | NewElectionDue


class Edge(NamedTuple):
    """Who is inside, at and short of the last of some places: ``docs/spec/outcomes.md``, section 3."""

    clear: tuple[str, ...]
    tied: tuple[str, ...]
    open: int
    unfilled: int


def plurality(tally: Tally, seats: int = 1) -> Elected | Tied:
    """The ``seats`` choices with the most votes. Spec 4.1. Raises ValueError on impossible numbers."""
    edge = edge_of(tally.votes, seats)
    counted = (_counted(tally),)
    if edge.tied:
        return Tied(
            tally.contest_id,
            "seats",
            edge.clear,
            edge.tied,
            edge.open,
            None,
            counted + _tie_words(tally, edge),
        )
    said = f"Most votes win: {listed(edge.clear)} for {_seats(seats)}."
    empty = f"{_seats(edge.unfilled)} unfilled: nobody else has a vote."
    why = (*counted, said, empty) if edge.unfilled else (*counted, said)
    return Elected(tally.contest_id, edge.clear, edge.unfilled, why)


def majority_or_runoff(
    tally: Tally, on: datetime.date, total: int | None = None
) -> Elected | Tied | RunoffDue:
    """One seat: more than half of the total votes cast for the office, or a runoff on ``on``. Spec 4.2.

    ``total`` defaults to the votes of the choices listed. Raises ValueError where it is less than these.
    """
    cast = total_votes(tally, total)
    edge = edge_of(tally.votes, 2)
    counted = _counted(tally)
    if not edge.clear and not edge.tied:
        return Elected(tally.contest_id, (), 1, (counted, "Nobody has a vote."))
    first, most = in_vote_order(tally.votes)[0]
    half = f"{first} has {number(most)} of {number(cast)} votes; twice that is {number(2 * most)}"
    if 2 * most > cast:
        return Elected(tally.contest_id, (first,), 0, (counted, f"{half}: a majority."))
    no_majority = f"{half}, not more than {number(cast)}: nobody has a majority."
    if edge.tied:
        why = (counted, no_majority, *_tie_words(tally, edge))
        return Tied(tally.contest_id, "runoff", edge.clear, edge.tied, edge.open, on, why)
    due = f"The two highest go to a runoff on {on}: {listed(edge.clear)}."
    return RunoffDue(tally.contest_id, edge.clear, on, (), (counted, no_majority, due))


def in_vote_order(votes: Votes) -> Votes:
    """More votes first; equal votes in ballot order. Raises ValueError on negative or repeated choices."""
    names = [name for name, _ in votes]
    for name, count in votes:
        if count < 0:
            raise ValueError(f"{name} has {count} votes; votes cannot be negative.")
        if names.count(name) > 1:
            raise ValueError(f"{name} is listed more than once.")
    return tuple(sorted(votes, key=lambda pair: -pair[1]))


def edge_of(votes: Votes, places: int) -> Edge:
    """Who gets ``places`` places, and who is tied for the last of them. Spec, section 3."""
    if places < 1:
        raise ValueError(f"{places} places; there must be at least one.")
    order = [(name, count) for name, count in in_vote_order(votes) if count > 0]
    if len(order) <= places:
        return Edge(tuple(name for name, _ in order), (), 0, places - len(order))
    last, next_below = order[places - 1][1], order[places][1]
    if last > next_below:
        return Edge(tuple(name for name, _ in order[:places]), (), 0, 0)
    clear = tuple(name for name, count in order if count > last)
    tied = tuple(name for name, count in order if count == last)
    return Edge(clear, tied, places - len(clear), 0)


def total_votes(tally: Tally, total: int | None) -> int:
    """The total votes cast for the office: as given, or the votes of the choices listed. Spec, section 2."""
    votes = listed_votes(tally)
    if total is None:
        return votes
    if total < votes:
        raise ValueError(
            f"The total given for {tally.contest_id} is {number(total)}, "
            f"less than the {number(votes)} votes of its choices."
        )
    return total


def _counted(tally: Tally) -> str:
    votes = ", ".join(f"{name} {number(count)}" for name, count in in_vote_order(tally.votes))
    return f"Votes counted: {votes or 'none'}; together {number(listed_votes(tally))}."


def _tie_words(tally: Tally, edge: Edge) -> tuple[str, ...]:
    count = dict(tally.votes)[edge.tied[0]]
    tie = f"{listed(edge.tied)} have {number(count)} votes each, for {edge.open} open place"
    return (tie + ("" if edge.open == 1 else "s") + ".", "Only what the law names may settle this tie.")


def _seats(count: int) -> str:
    return "1 seat" if count == 1 else f"{number(count)} seats"
