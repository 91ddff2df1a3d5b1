"""What a book says of its officers so far: officers specification, sections 3 to 7.

Keys and rosters by post, the first entry that named a person in an act, dates moved, claims and answers. What
later entries ask of earlier ones is kept in indexes, so that a hostile book cannot make the reading slow.
"""

from dataclasses import dataclass, field

Post = tuple[str, str | None]  # an office, at a place or without
Where = tuple[str | None, str | None]  # contest and place
Once = tuple[Where, int]  # the one contest and place so far, and the first entry there
ANY = ""  # stands for every contest, or every place, in an index


@dataclass(frozen=True)
class KeySet:
    """The keys of a post: the entry that set them, the threshold, and person -> public key in hexadecimal."""

    seq: int
    threshold: int
    keys: dict[str, str]


@dataclass(frozen=True)
class Member:
    """A person of a roster. `group` and `until` are ``""`` where there is none."""

    seat: str
    group: str
    alternate: bool
    until: str


@dataclass(frozen=True)
class Roster:
    """Who sits in a board, by person, from the entry after `seq` on."""

    seq: int
    members: dict[str, Member]


@dataclass
class Officers:
    """The whole. `owners`: key -> person and first entry that set it; `dropped`: key -> first that did."""

    keys: dict[Post, KeySet] = field(default_factory=dict)
    rosters: dict[Post, Roster] = field(default_factory=dict)
    owners: dict[str, tuple[str, int]] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    claims: dict[int, Where] = field(default_factory=dict)
    answers: dict[int, int] = field(default_factory=dict)
    answering: set[int] = field(default_factory=set)
    first_named: dict[str, dict[str, "Once | dict[Where, int]"]] = field(default_factory=dict)
    moved: dict[str, dict[Where, tuple[int, str]]] = field(default_factory=dict)

    def keys_of(self, office: str, place: str | None) -> KeySet | None:
        """The keys of the post of an act: at its place, or else without place (section 3)."""
        return self.keys.get((office, place)) or self.keys.get((office, None))

    def roster_of(self, office: str, place: str | None) -> Roster | None:
        """The roster of an act, found as the keys of its post are (section 4)."""
        return self.rosters.get((office, place)) or self.rosters.get((office, None))

    def set_keys(self, post: Post, found: KeySet) -> tuple[int | None, list[str]]:
        """The keys of a post from now on. Gives the entry that set those before, and the keys dropped."""
        before = self.keys.get(post)
        gone = sorted(set(before.keys.values()) - set(found.keys.values())) if before else []
        for person, key in found.keys.items():
            self.owners.setdefault(key, (person, found.seq))
        for key in gone:
            self.dropped.setdefault(key, found.seq)
        self.keys[post] = found
        return (before.seq if before else None), gone

    def note_persons(self, persons: list[str], act: str, where: Where, seq: int) -> None:
        """Persons, not recused, are in the `by` of a granted entry. Most are named at one place only."""
        index, once = self.first_named.setdefault(act, {}), (where, seq)
        for person in persons:
            held = index.setdefault(person, once)
            if isinstance(held, dict):
                indexed(held, where, seq)
            elif held[0] != where:
                index[person] = indexed(indexed({}, *held), where, seq)

    def first_entry(self, person: str, act: str, where: Where, same: list[str]) -> int | None:
        """The earliest entry that names the person in that act; contest and place as far as `same` asks."""
        held = self.first_named.get(act, {}).get(person)
        if held is None:
            return None
        index = held if isinstance(held, dict) else indexed({}, *held)
        places = matching(where, "contest" in same, "place" in same)
        found = [index[place] for place in places if place in index]
        return min(found, default=None)

    def move(self, row: str, where: Where, seq: int, due: str) -> None:
        """The deadline of a row is that moment for every act that the order is about."""
        self.moved.setdefault(row, {})[where] = (seq, due)

    def moved_to(self, row: str, where: Where) -> tuple[int, str] | None:
        """The latest entry that moved the deadline of a row for an act there, and the moment (section 6)."""
        index, (contest, place) = self.moved.get(row), where
        if not index:
            return None
        orders = [index.get((c, p)) for c in {contest, None} for p in {place, None}]
        return max((order for order in orders if order), default=None)


def indexed(index: dict[Where, int], where: Where, seq: int) -> dict[Where, int]:
    """The index with an entry at that contest and place, where it has no earlier one."""
    for place in places_in_index(where):
        index.setdefault(place, seq)
    return index


def places_in_index(where: Where) -> tuple[Where, ...]:
    """Where an entry is looked up: by what it names, and among all."""
    contest, place = where
    return ((contest, place), (contest, ANY), (ANY, place), (ANY, ANY))


def matching(where: Where, same_contest: bool, same_place: bool) -> list[Where]:
    """Where the entries stand that match (law specification, section 5): the same, or one has none."""
    contest, place = where
    contests = (contest, None) if same_contest and contest is not None else (ANY,)
    places = (place, None) if same_place and place is not None else (ANY,)
    return [(c, p) for c in contests for p in places]
