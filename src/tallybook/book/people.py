"""Who holds which post: keys, rosters, who did what, what a court moved, what was claimed.

For the standing, which keeps these values; docs/spec/officers.md, sections 3 to 7. A post is an office at a
place ("" for none). Persons are ids without names.
"""

from collections.abc import Mapping

import msgspec

from tallybook.book.versions import Map

Post = tuple[str, str]
"""An office and a place; the place is "" where the post has none."""

Subject = tuple[str, str, str]
"""An act, a contest and a place."""


class Keys(msgspec.Struct, frozen=True, gc=False):
    """The keys of a post, as entry `seq` set them. keys: person -> public key, 64 hexadecimal digits."""

    seq: int
    threshold: int
    keys: Mapping[str, str]


class Seat(msgspec.Struct, frozen=True, gc=False):
    """One person in a board. until: the last day of the term, "" for no end."""

    person: str
    seat: str
    group: str
    alternate: bool
    until: str


class Roster(msgspec.Struct, frozen=True, gc=False):
    """Who sits in a board, as entry `seq` set it. seats: person -> the person's seat."""

    seq: int
    seats: Mapping[str, Seat]


class Moved(msgspec.Struct, frozen=True, gc=False):
    """A deadline that entry `seq` moved to the moment `due`, for this contest and place ("" for all)."""

    seq: int
    contest: str
    place: str
    due: str


class Claim(msgspec.Struct, frozen=True, gc=False):
    """A claim, and the entry of its latest answer. about: its contest and place."""

    seq: int
    about: tuple[str, str]
    answer: str = ""
    answered: int | None = None


class Officers(msgspec.Struct, frozen=True, gc=False):
    """What the book knows of persons, orders and claims.

    owners: public key -> (person, entry that first set it); retired: public key -> entry that dropped it;
    deeds: person -> (act, contest, place) -> first entry; moved: id of a row -> orders, in order; answers:
    numbers of the entries that answer claims.
    """

    keys: Map[Post, Keys] = msgspec.field(default_factory=Map)
    owners: Map[str, tuple[str, int]] = msgspec.field(default_factory=Map)
    retired: Map[str, int] = msgspec.field(default_factory=Map)
    rosters: Map[Post, Roster] = msgspec.field(default_factory=Map)
    deeds: Map[str, Mapping[Subject, int]] = msgspec.field(default_factory=Map)
    moved: Map[str, tuple[Moved, ...]] = msgspec.field(default_factory=Map)
    claims: Map[int, Claim] = msgspec.field(default_factory=Map)
    answers: frozenset[int] = frozenset()

    def keys_for(self, office: str, place: str) -> Keys | None:
        """The keys of an act's post: of its office at its place, or else of its office."""
        return self.keys.get((office, place)) or self.keys.get((office, ""))

    def roster_for(self, office: str, place: str) -> Roster | None:
        """The roster of an act's board: of its office at its place, or else of its office."""
        return self.rosters.get((office, place)) or self.rosters.get((office, ""))

    def deadline_moved(self, row: str, contest: str, place: str) -> tuple[str, int] | None:
        """The moment to which the latest order for this contest and place moved a row's date, and its entry.

        An order that names no contest is for every one, and so with the place (section 6).
        """
        for order in reversed(self.moved.get(row, ())):
            if order.contest in ("", contest) and order.place in ("", place):
                return order.due, order.seq
        return None


def agree(one: str, other: str) -> bool:
    """Whether an entry and an act match in their contests, or places (law specification, section 5)."""
    return not one or not other or one == other
