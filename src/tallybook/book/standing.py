"""How the election stands: nothing but the entries added up (docs/spec/book.md, section 5).

For `decide`, which reads it, and for every page that shows it. Standing keeps totals, numbers of entries
and fingerprints, never bulk. Its maps are persistent: a new standing shares what did not change.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from tallybook.book.audit_runs import Run
from tallybook.book.people import Officers
from tallybook.book.versions import Map
from tallybook.law import LawSet

PHASES = (
    "announced",
    "counting",
    "county_certified",
    "state_certified",
    "runoff_due",
    "recounting",
    "recertified",
)
"""The phases of a contest. The book itself is open or closed."""

COUNTS = ("unofficial", "county_certified", "audit_tally", "state_certified", "recount", "recertified")
"""The kinds of count. One never replaces another."""

Key = tuple[str, ...]


class Statement(msgspec.Struct, frozen=True, gc=False):
    """One tally of one contest by one count, for one place or for the whole.

    choices: of the contest, in its order; counted: choice -> votes, as the entry has them.
    """

    seq: int
    choices: tuple[str, ...]
    counted: Mapping[str, int]

    @property
    def votes(self) -> tuple[int, ...]:
        """The votes in the order of the contest's choices."""
        return tuple(self.counted[one] for one in self.choices)


class Spot(msgspec.Struct, frozen=True, gc=False):
    """What the book holds of one place of one contest (place "" is the contest as a whole).

    last: number of the latest entry; said: entry kind -> latest moment; held: count -> current statement.
    """

    last: int = -1
    said: Mapping[str, str] = {}
    held: Mapping[str, Statement] = {}


NOWHERE = Spot()


class Record(msgspec.Struct, frozen=True, gc=False):
    """What the book holds of one contest, or of no contest: by place, and by entry kind.

    kinds: entry kind -> (latest moment, number of places that have it).
    """

    at: Map[str, Spot] = msgspec.field(default_factory=Map)
    kinds: Mapping[str, tuple[str, int]] = {}

    def latest(self, kind: str, place: str) -> str:
        """The latest moment of that kind, at that place or without one; anywhere if place is ""; or ""."""
        found = self.kinds.get(kind)
        if found is None or not place:
            return found[0] if found else ""
        return max(self.spot(place).said.get(kind, ""), self.spot("").said.get(kind, ""))

    def spot(self, place: str) -> Spot:
        """What the book holds of a place."""
        return self.at.get(place, NOWHERE)

    def with_only(self, kind: str, left: Iterable[tuple[str, str]]) -> "Record":
        """The record in which only these entries of a kind are left: their places and moments."""
        latest: dict[str, str] = {}
        for place, moment in left:
            latest[place] = max(moment, latest.get(place, ""))
        at = self.at
        for place, spot in self.at.items():
            if kind in spot.said:
                said = {one: moment for one, moment in spot.said.items() if one != kind}
                again = {kind: latest[place]} if place in latest else {}
                at = at.set(place, msgspec.structs.replace(spot, said={**said, **again}))
        kinds = {one: found for one, found in self.kinds.items() if one != kind}
        if latest:
            kinds[kind] = (max(latest.values()), sum(map(bool, latest)))
        return Record(at, kinds)


class Contest(msgspec.Struct, frozen=True, gc=False):
    """A contest and how far it has come.

    certified: how many places have a county-certified statement; outcome, votes, settled: outcome, votes and
    number of the latest state-certified or recertified statement; runoff: its standing runoff, if any;
    of: the contest whose runoff this is; withdrawn: the entry that withdrew it; where: places as a set;
    limit: the risk limit that was stated last for its audit, and the entry that states it.
    """

    id: str
    name: str
    class_id: str
    day: str
    seats: int
    votes_allowed: int
    choices: tuple[str, ...]
    places: tuple[str, ...]
    names: Mapping[str, str]
    of: str = ""
    phase: str = "announced"
    certified: int = 0
    recounting: bool = False
    recertified: bool = False
    outcome: Mapping[str, Any] | None = None
    votes: Mapping[str, int] | None = None
    settled: int | None = None
    runoff: str = ""
    withdrawn: int | None = None
    where: frozenset[str] = frozenset()
    limit: tuple[str, int] | None = None
    record: Record = msgspec.field(default_factory=Record)


class AuditTrack(msgspec.Struct, frozen=True, gc=False):
    """How far the sample audit of one contest (in one place, or whole) has come: numbers of its entries.

    covered: the earliest checkpoint entry that covers the commitment; sample: items in draw order;
    readings: item -> reading.
    """

    committed: int | None = None
    manifest: str = ""
    size: int = 0
    seed_entry: int | None = None
    seed: str = ""
    covered: int | None = None
    drawn: int | None = None
    sample: tuple[str, ...] = ()
    items: frozenset[str] = frozenset()
    readings: Map[str, str] = msgspec.field(default_factory=Map)
    signed: int | None = None


class Finding(msgspec.Struct, frozen=True, gc=False):
    """An open finding of the canvass."""

    seq: int
    contest: str
    place: str


class Standing(msgspec.Struct, frozen=True, gc=False):
    """The whole book, added up.

    size: number of entries; received: the latest moment; law: the set in force, and its fingerprints;
    record: what stands in the book about no contest; keys: act key -> number of its entry; checkpoints:
    (number of the entry, size of the checkpoint); found_at: (contest, place) -> its open findings, ascending.
    """

    size: int = 0
    received: str = ""
    title: str = ""
    election: str = ""
    day: str = ""
    origin: str = ""
    policy: str = ""
    law: LawSet | None = None
    law_files: tuple[str, ...] = ()
    contests: Mapping[str, Contest] = {}
    order: tuple[str, ...] = ()
    places: Mapping[str, str] = {}
    record: Record = msgspec.field(default_factory=Record)
    keys: Map[str, int] = msgspec.field(default_factory=Map)
    audits: Map[Key, AuditTrack] = msgspec.field(default_factory=Map)
    findings: Map[int, Finding] = msgspec.field(default_factory=Map)
    found_at: Map[tuple[str, str], tuple[int, ...]] = msgspec.field(default_factory=Map)
    electors: Map[str, Mapping[str, Any]] = msgspec.field(default_factory=Map)
    exhibits: Map[str, str] = msgspec.field(default_factory=Map)
    checkpoints: tuple[tuple[int, int], ...] = ()
    closed: int | None = None
    officers: Officers = msgspec.field(default_factory=Officers)
    runs: Map[int, Run] = msgspec.field(default_factory=Map)
    planned: Map[str, int] = msgspec.field(default_factory=Map)

    def record_of(self, contest: str) -> Record:
        """What stands in the book about a contest, or about none."""
        return self.contests[contest].record if contest else self.record

    def findings_at(self, contest: str, place: str) -> list[int]:
        """The open findings of a contest or of none, at a place or at none; ascending."""
        if not self.findings:
            return []
        spots = {(contest, place), (contest, ""), ("", place), ("", "")}
        return sorted([seq for spot in spots for seq in self.found_at.get(spot, ())])

    def recorded_at(self, kind: str, contest: str, place: str) -> str | None:
        """The latest moment of an entry of that kind that matches (law specification, section 5)."""
        latest = self.record.latest(kind, place)
        for one in (contest,) if contest else self.order:
            latest = max(latest, self.contests[one].record.latest(kind, place))
        return latest or None


class Facts(msgspec.Struct, frozen=True, gc=False):
    """What the law may ask of a standing (law specification, section 5)."""

    standing: Standing

    def recorded(self, kind: str, contest: str, place: str) -> str | None:
        """The latest `received` of the entries of that kind that match the act, or None."""
        return self.standing.recorded_at(kind, contest, place)

    def every_place(self, kind: str, contest: str) -> bool:
        """Whether every place of the contest has an entry of that kind for that contest."""
        of = self.standing.contests[contest]
        return of.record.kinds.get(kind, ("", 0))[1] == len(of.places)

    def votes(self, contest: str) -> Mapping[str, int] | None:
        """Choice -> votes in the certified count of the contest, or None."""
        return self.standing.contests[contest].votes

    def winners(self, contest: str) -> tuple[str, ...] | None:
        """The choices that the outcome of the certified count names as winners, or None."""
        outcome = self.standing.contests[contest].outcome
        return None if outcome is None else winners_of(outcome)

    def contest_day(self, contest: str) -> str:
        """The day of the contest; a runoff has its own."""
        return self.standing.contests[contest].day

    def moved(self, row: str, contest: str, place: str) -> tuple[str, int] | None:
        """The deadline to which an order moved that row's for such an act, and the order's entry; or None."""
        officers = self.standing.officers
        return officers.deadline_moved(row, contest, place) if officers.moved.get(row) else None


def winners_of(outcome: Mapping[str, Any]) -> tuple[str, ...]:
    """The choices that an outcome names as winners (book specification, section 7)."""
    return tuple(outcome.get("winners", outcome.get("sure", ())))


def phase_of(contest: Contest, *, stated: bool) -> str:
    """The phase of a contest, the first that holds (section 5). stated: whether it has any statement."""
    if contest.recounting:
        return "recounting"
    if contest.outcome is not None:
        if contest.outcome["kind"] == "runoff":
            return "runoff_due"
        return "recertified" if contest.recertified else "state_certified"
    if contest.certified == len(contest.places):
        return "county_certified"
    return "counting" if stated else "announced"
