"""What a book says so far: book specification, section 5. A fold over the entries fills it.

It keeps what later entries ask for and no entry as a whole, so a million entries fit in little memory.
"""

from array import array
from collections.abc import Set
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from .draw import Manifest
from .officers import Officers
from .outcomes import Outcome, Votes, winners
from .ruling import Counted
from .work import Work

if TYPE_CHECKING:
    from .audits import Audit

ANY = ""  # stands for every contest, or every place, in the index of latest entries
CERTIFIED = ("recertified", "state_certified")
MOST_NAMED = 32_767  # no entry of 65,535 bytes names as many

Place = str | None


@dataclass(frozen=True)
class Statement:
    """A tally of one contest by one count; for the whole it has an outcome and a margin."""

    seq: int
    votes: Votes
    outcome: Outcome | None = None
    margin: int = 0


@dataclass(slots=True)
class Contest:
    """A contest. A runoff has in `runoff_of` its contest, in `withdrawn` the entry that withdrew it.

    A state's contests may all have the same places: they then share `places` and `place_ids`.
    """

    id: str
    name: str
    office_class: str
    seats: int
    votes_allowed: int
    choices: list[str]
    day: str
    places: list[str]
    place_ids: Set[str]
    choice_ids: frozenset[str]
    runoff_of: str = ""
    withdrawn: int | None = None
    standing_runoff: str = ""
    recounting: bool = False
    latest_certified: tuple[str, int] | None = None
    statements: dict[str, dict[Place, Statement]] = field(default_factory=dict)

    def statement(self, count: str, place: Place = None) -> Statement | None:
        """The current statement of that count for the place (or the whole)."""
        return self.statements.get(count, {}).get(place)

    def latest_outcome(self) -> Outcome | None:
        """The outcome of the latest certified statement."""
        found = self.latest_statement()
        return found.outcome if found else None

    def latest_statement(self) -> Statement | None:
        """The latest certified statement."""
        return self.statement(self.latest_certified[0]) if self.latest_certified else None

    def has_any(self, count: str) -> bool:
        """Whether a place has a statement of that count."""
        return any(place is not None for place in self.statements.get(count, ()))

    def has_all(self, count: str) -> bool:
        """Whether every place has a statement of that count."""
        found = self.statements.get(count, {})
        return all(place in found for place in self.places)

    def phase(self) -> str:
        """The phase, the first of the table that holds."""
        outcome = self.latest_outcome()
        if self.recounting:
            return "recounting"
        if outcome and outcome["kind"] == "runoff":
            return "runoff_due"
        for count in CERTIFIED:
            if self.statement(count):
                return count
        if self.has_all("county_certified"):
            return "county_certified"
        return "counting" if self.statements else "announced"


@dataclass
class Sampling:
    """An audit by sample of one contest and place: commit, seed, draw, readings, signature."""

    committed: int
    manifest: Manifest
    size: int
    seed: str = ""
    seed_seq: int = -1
    drawn: int | None = None
    signed: int | None = None
    readings: dict[str, str] = field(default_factory=dict)
    left: int = 0


@dataclass
class Standing:
    """The whole standing. Implements what guards ask (`ruling.Facts`)."""

    election_day: str = ""
    contests: dict[str, Contest] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    closed: bool = False
    received: str = ""
    findings: dict[int, tuple[str | None, Place]] = field(default_factory=dict)
    findings_of: dict[tuple[str | None, Place], dict[int, None]] = field(default_factory=dict)
    samplings: dict[tuple[str | None, Place], Sampling] = field(default_factory=dict)
    audits: "dict[int, Audit]" = field(default_factory=dict)
    planned: list[str] = field(default_factory=list)
    seeded: dict[str, int] = field(default_factory=dict)  # contest -> the entry of the seed of its plan
    officers: Officers = field(default_factory=Officers)
    checkpoints: list[tuple[int, int]] = field(default_factory=list)
    seeds: dict[str, int] = field(default_factory=dict)
    limits: dict[str, tuple[int, int]] = field(default_factory=dict)
    electors: dict[str, tuple[int, str]] = field(default_factory=dict)
    keys: "array[int]" = field(default_factory=lambda: array("q"))
    entries: dict[str, dict[tuple[str | None, Place], tuple[int, str]]] = field(default_factory=dict)
    stops: dict[int, tuple[str, str | None, Place]] = field(default_factory=dict)
    standing_stops: dict[tuple[str, str | None, Place], list[tuple[int, str]]] = field(default_factory=dict)
    covered: dict[tuple[str, str | None], set[Place]] = field(default_factory=dict)
    newest: dict[tuple[str | None, Place], int] = field(default_factory=dict)
    authors: "array[int]" = field(default_factory=lambda: array("l"))
    author_codes: dict[tuple[Any, ...], int] = field(default_factory=dict)
    work: Work = field(default_factory=Work)

    def note_entry(self, kind: str, contest: str | None, place: Place, seq: int, received: str) -> None:
        """An entry of a kind that guards may ask for is in the book."""
        index = self.entries.setdefault(kind, {})
        for where in found_under(contest, place):
            index[where] = (seq, received)
        if contest is not None and place is not None:
            self.covered.setdefault((kind, contest), set()).add(place)

    def note_stop(self, kind: str, contest: str | None, place: Place, seq: int, received: str) -> None:
        """An entry that `note_entry` has noted, and that a later one may take back."""
        self.stops[seq] = kind, contest, place
        for where in found_under(contest, place):
            self.standing_stops.setdefault((kind, *where), []).append((seq, received))

    def take_back(self, seq: int) -> None:
        """A stop matches nothing any more; the one before it that still stands, if any, is the latest."""
        kind, contest, place = self.stops.pop(seq)
        index = self.entries[kind]
        for where in found_under(contest, place):
            left = self.standing_stops[kind, *where]
            while left and left[-1][0] not in self.stops:
                left.pop()
            if left:
                index[where] = left[-1]
            else:
                index.pop(where, None)
        if place is not None and contest is not None and (contest, place) not in index:
            self.covered[kind, contest].discard(place)

    def note_author(self, office: str | None, contest: str | None, place: Place, seq: int) -> None:
        """Every entry, whatever its kind: whose it is, and the newest of its contest and place."""
        who = (office, contest, place)
        self.authors.append(self.author_codes.setdefault(who, len(self.author_codes)))
        self.newest[contest, place] = seq

    def fill_authors(self, seq: int) -> None:
        """Entries up to `seq` that could not be read have no author."""
        while len(self.authors) <= seq:
            self.authors.append(-1)

    def is_author(self, seq: int, office: str, contest: str | None, place: Place) -> bool:
        """Whether entry `seq` is an act of this office, contest and place."""
        return self.authors[seq] == self.author_codes.get((office, contest, place), -2)

    def open_finding(self, seq: int, contest: str | None, place: Place) -> None:
        """Entry `seq` is a finding on this contest and place; it is open."""
        self.findings[seq] = contest, place
        for where in (place, ANY):
            self.findings_of.setdefault((contest, where), {})[seq] = None

    def close_finding(self, seq: int) -> None:
        """The finding is no longer open."""
        contest, place = self.findings.pop(seq)
        for where in (place, ANY):
            del self.findings_of[contest, where][seq]

    def open_findings(self, contest: str, *places: Place) -> list[int]:
        """The open findings of the contest or of none, at these places, ascending (`ANY` is every place)."""
        wheres = dict.fromkeys((of, place) for of in (contest, None) for place in places)
        found = chain.from_iterable(self.findings_of.get(where, ()) for where in wheres)
        return sorted(islice(found, MOST_NAMED))

    def covering(self, committed: int) -> int | None:
        """The earliest recorded checkpoint that covers that entry."""
        return next((seq for seq, size in self.checkpoints if size > committed), None)

    def replaced_by(self, audit: "Audit") -> int | None:
        """The first later entry whose plan has a contest of this audit."""
        later = (a for seq, a in self.audits.items() if seq > audit.seq)
        return next((a.seq for a in later if not a.contests.keys().isdisjoint(audit.contests)), None)

    def latest(self, kind: str, contest: str | None, place: Place) -> str | None:
        """The `received` of the latest entry of the kind that matches an act on this contest and place."""
        index = self.entries.get(kind)
        if not index:
            return None
        contests = (ANY,) if contest is None else (contest, None)
        places = (ANY,) if place is None else (place, None)
        found = [index[c, p] for c in contests for p in places if (c, p) in index]
        return max(found)[1] if found else None

    def in_every_place(self, kind: str, contest: str | None) -> bool:
        """Whether every place of the contest has an entry of the kind for that contest."""
        if contest is None:
            return False
        return self.covered.get((kind, contest), set()).issuperset(self.contests[contest].places)

    def certified(self, contest: str | None) -> Counted | None:
        """The certified count: the recertified one, or else the state's."""
        if contest is None:
            return None
        for count in CERTIFIED:
            found = self.contests[contest].statement(count)
            if found:
                return Counted(found.votes, frozenset(winners(found.outcome or {})))
        return None

    def moved(self, row: str, contest: str | None, place: Place) -> tuple[int, str] | None:
        """The latest entry that moved that row's deadline for an act there, and the moment."""
        return self.officers.moved_to(row, (contest, place))

    def contest_day(self, contest: str | None) -> str:
        """The day of the contest, or of the election."""
        return self.election_day if contest is None else self.contests[contest].day


def found_under(contest: str | None, place: Place) -> tuple[tuple[str | None, Place], ...]:
    """The places of the index under which an entry of that contest and place is found."""
    return ((contest, place), (contest, ANY), (ANY, place), (ANY, ANY))
