"""A group of ballots of which a table tells the votes: the smallest thing that can give a voter away.

For whoever is about to publish a table. A group is a contest, a place in any detail (county, mode, batch …)
and what its ballots say, answer by answer. Whoever knows that a neighbour's ballot is in a group of four, or
that every ballot of a group says the same, knows how the neighbour voted, or nearly.
"""

from collections.abc import Iterable, Mapping

import msgspec

Place = tuple[tuple[str, str], ...]
"""(level, name) pairs, sorted by level. Names joined by " + " are one group of all these."""

JOINED = " + "


class Limits(msgspec.Struct, frozen=True):
    """Below `ballots` a group is small. Below `unanimous` it may not say one thing only. A whole reading
    that fewer than `alike` cards share is unique. Where a law gives other numbers, state them."""

    ballots: int = 10
    unanimous: int = 30
    alike: int = 2


class Group(msgspec.Struct, frozen=True):
    """What a table tells of one group. answers: (name, count), or None where the table hides them.

    table: which table tells it. count: which count of the votes; only groups of one count are subtracted.
    votes_allowed: how many answers one ballot may give; then the ballots are at least votes / that many.
    """

    table: str
    contest: str
    place: Place
    answers: tuple[tuple[str, int], ...] | None
    count: str = ""
    votes_allowed: int = 1

    @property
    def size(self) -> int:
        """The fewest ballots that can have given these answers; 0 where they are hidden."""
        return ballots_in(sum(n for _, n in self.answers or ()), self.votes_allowed)

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels of its place."""
        return tuple(level for level, _ in self.place)

    def __str__(self) -> str:
        return f"{self.contest or 'the contest'}, {said(self.place)}"


class Leak(msgspec.Struct, frozen=True):
    """One thing that a publication would give away. place: the cell's name; ballots: how many it concerns.

    besides: the other tables that it takes to see it. under: the citation of the law that requires the
    tables; "" where none does, and publication is refused.
    """

    kind: str
    table: str
    place: str
    ballots: int
    says: str
    to_do: str
    besides: tuple[str, ...] = ()
    under: str = ""

    def __str__(self) -> str:
        law = f" Required by {self.under}: it passes." if self.under else f" {self.to_do}"
        return f"{self.table}: {self.place}: {self.says}{law}"


def place_of(names: Mapping[str, str]) -> Place:
    """A place from its levels; empty names are left out."""
    return tuple(sorted((level, name) for level, name in names.items() if name))


def said(place: Place) -> str:
    """A place in words."""
    return ", ".join(f"{level.replace('_', ' ')} {name}" for level, name in place) or "the whole"


def ballots_in(votes: int, votes_allowed: int) -> int:
    """The fewest ballots that so many votes can come from."""
    return -(-votes // votes_allowed)


def trouble(answers: Iterable[tuple[str, int]], limits: Limits, votes_allowed: int = 1) -> str:
    """Why these answers give voters away: "unanimous", "small", or "" if they do not."""
    told = [n for _, n in answers]
    ballots = ballots_in(sum(told), votes_allowed)
    if ballots == 0:
        return ""
    if len(told) > 1 and sum(1 for n in told if n) == 1 and ballots < limits.unanimous:
        return "unanimous"
    return "small" if ballots < limits.ballots else ""


def under_law(leaks: Iterable[Leak], required: Mapping[str, str]) -> tuple[Leak, ...]:
    """Leaks of tables which a row of law requires pass under it, and stay in the report.

    required: table -> citation. What takes several tables to see passes only where all are required.
    """
    return tuple(
        msgspec.structs.replace(one, under=required[one.table])
        if all(table in required for table in (one.table, *one.besides))
        else one
        for one in leaks
    )


def refused(leaks: Iterable[Leak]) -> tuple[Leak, ...]:
    """Those that no law requires: with any of these, nothing may be published."""
    return tuple(one for one in leaks if not one.under)
