"""evolve: the standing after one more entry (docs/spec/book.md, section 5).

For `keep`, which folds the book, and for every rebuild. Nothing is computed again: an entry carries its
results. What an entry does not touch is shared with the standing before it.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from tallybook.book.audit_growth import AUDIT_CHANGES
from tallybook.book.boards import roster_set, with_deeds
from tallybook.book.claims import answered, claimed
from tallybook.book.nouns import NOT_DONE, Entry, Shelf
from tallybook.book.officers import keys_set
from tallybook.book.opening import contests_and_places, opened_contests
from tallybook.book.orders import date_moved
from tallybook.book.standing import (
    NOWHERE,
    AuditTrack,
    Contest,
    Finding,
    Record,
    Spot,
    Standing,
    Statement,
    phase_of,
)
from tallybook.book.versions import Map
from tallybook.law import LawSet, law_set

NO_KIND = ("", 0)
STATEMENTS = ("returns", "restate")
NO_TRACK = AuditTrack()


def evolve(standing: Standing, entry: Entry, shelf: Shelf) -> Standing:
    """The standing after an entry. The shelf holds the law files that an opening or an adoption names."""
    effect = effect_of(standing, entry)
    record, contests = standing.record, standing.contests
    if entry.contest:
        noted = statement if effect in STATEMENTS else mentioned
        contests = {**contests, entry.contest: noted(contests[entry.contest], entry)}
    else:
        record = with_entry(record, entry)
    standing = replace(
        standing,
        size=entry.seq + 1,
        received=entry.received,
        keys=standing.keys.set(entry.key, entry.seq) if entry.key else standing.keys,
        exhibits=with_exhibits(standing.exhibits, entry) if entry.exhibits else standing.exhibits,
        record=record,
        contests=contests,
    )
    if entry.by and entry.entry not in NOT_DONE:
        standing = with_deeds(standing, entry)
    change = CHANGES.get(effect)
    return change(standing, entry, shelf) if change else standing


def fold(standing: Standing, entries: Iterable[Entry], shelf: Shelf) -> Standing:
    """The standing after many entries."""
    for entry in entries:
        standing = evolve(standing, entry, shelf)
    return standing


def effect_of(standing: Standing, entry: Entry) -> str:
    """The effect of the act that made an entry, "" where it has none; a consequence is its own effect."""
    if entry.entry in NOT_DONE:
        return ""
    if not entry.act:
        return entry.entry
    if entry.act == "open_book":
        return "open"
    assert standing.law is not None
    return standing.law.acts[entry.act].effect


def mentioned(contest: Contest, entry: Entry) -> Contest:
    """A contest that the entry is about; what else it does follows."""
    return replace(contest, record=with_entry(contest.record, entry))


def with_entry(record: Record, entry: Entry) -> Record:
    """A record with one more entry; of an act that was not done, only its number."""
    spot = record.at.get(entry.place, NOWHERE)
    if entry.entry in NOT_DONE:
        return replace(record, at=record.at.set(entry.place, replace(spot, last=entry.seq)))
    return with_deed(record, entry, spot, spot.held)


def with_deed(record: Record, entry: Entry, spot: Spot, held: Mapping[str, Statement]) -> Record:
    """A record in which something was done at a place. spot: what stood there; held: what it holds now."""
    kind = entry.entry
    place, received = entry.place, entry.received
    places = record.kinds.get(kind, NO_KIND)[1] + (place != "" and kind not in spot.said)
    spot = Spot(entry.seq, {**spot.said, kind: received}, held)
    return Record(record.at.set(place, spot), {**record.kinds, kind: (received, places)})


def with_exhibits(exhibits: Map[str, str], entry: Entry) -> Map[str, str]:
    """The public exhibits, by fingerprint, with the name they were filed under."""
    for exhibit in entry.exhibits:
        if exhibit["kind"] == "public":
            exhibits = exhibits.set(exhibit["sha256"], exhibit["name"])
    return exhibits


def opening(standing: Standing, entry: Entry, shelf: Shelf) -> Standing:
    """The election, its contests and places, its law."""
    detail, day = entry.detail, entry.detail["election"]["day"]
    listed, places = contests_and_places(detail, shelf.documents)
    contests = opened_contests(day, listed, places)
    named = tuple(detail["law"])
    return replace(
        standing,
        title=detail["election"]["title"],
        election=detail["election"]["id"],
        day=day,
        origin=entry.origin,
        policy=entry.policy,
        law=shelf.law_sets.get(named) or law_set(shelf.law_files[one] for one in named),
        law_files=named,
        contests={one.id: one for one in contests},
        order=tuple(one.id for one in contests),
        places={place["id"]: place["name"] for place in places},
    )


def adoption(standing: Standing, entry: Entry, shelf: Shelf) -> Standing:
    """A corrected law file takes the place of the one with the same id."""
    laws, named = standing.law, entry.detail["law_file"]
    assert isinstance(laws, LawSet)
    file = shelf.law_files[named]
    files = zip(laws.files, standing.law_files, strict=True)
    names = tuple(named if old.id == file.id else name for old, name in files)
    return replace(
        standing, law=law_set(file if old.id == file.id else old for old in laws.files), law_files=names
    )


def statement(contest: Contest, entry: Entry) -> Contest:
    """A contest with a statement of the act's count, beside every other count."""
    count = entry.result["count"]
    spot = contest.record.at.get(entry.place, NOWHERE)
    made = Statement(entry.seq, contest.choices, entry.detail["returns"]["votes"])
    first = count == "county_certified" and entry.place != "" and count not in spot.held
    certified, phase = contest.certified + first, contest.phase
    if contest.outcome is None and not contest.recounting:
        phase = "county_certified" if certified == len(contest.places) else "counting"
    record = with_deed(contest.record, entry, spot, {**spot.held, count: made})
    return replace(contest, record=record, certified=certified, phase=phase)


def total(standing: Standing, entry: Entry, _: Shelf) -> Standing:
    """A certified count of the whole contest."""
    contest, result = standing.contests[entry.contest], entry.result
    count, votes = result["count"], result["votes"]
    spot = contest.record.spot("")
    made = Statement(entry.seq, contest.choices, votes)
    spot = replace(spot, held={**spot.held, count: made})
    contest = replace(
        contest,
        record=replace(contest.record, at=contest.record.at.set("", spot)),
        outcome=result["outcome"],
        votes=votes,
        settled=entry.seq,
        recertified=contest.recertified or count == "recertified",
        recounting=contest.recounting and not (count == "recertified" and entry.purpose == "recount"),
    )
    return with_contest(standing, contest)


def with_contest(standing: Standing, contest: Contest) -> Standing:
    """The standing with a changed contest, in the phase that follows."""
    contest = replace(contest, phase=phase_of(contest, stated=contest.phase != "announced"))
    return replace(standing, contests={**standing.contests, contest.id: contest})


def recount_order(standing: Standing, entry: Entry, _: Shelf) -> Standing:
    """The contest is being recounted."""
    return with_contest(standing, replace(standing.contests[entry.contest], recounting=True))


def lot(standing: Standing, entry: Entry, _: Shelf) -> Standing:
    """The tie is decided, or has one place fewer."""
    contest = replace(standing.contests[entry.contest], outcome=entry.result["outcome"])
    return with_contest(standing, contest)


def runoff_arose(standing: Standing, entry: Entry, _: Shelf) -> Standing:
    """A contest of its own, between the choices that advance."""
    of, result = standing.contests[entry.contest], entry.result
    runoff = Contest(
        id=result["runoff"],
        name=f"{of.name} (runoff)",
        class_id=of.class_id,
        day=result["day"],
        seats=of.seats - len(of.outcome.get("sure", ())) if of.outcome else of.seats,
        votes_allowed=1,
        choices=tuple(result["choices"]),
        names={one: of.names[one] for one in result["choices"]},
        places=of.places,
        where=of.where,
        of=of.id,
    )
    contests = {**standing.contests, runoff.id: runoff, of.id: replace(of, runoff=runoff.id)}
    return replace(standing, contests=contests, order=(*standing.order, runoff.id))


def runoff_withdrawn(standing: Standing, entry: Entry, _: Shelf) -> Standing:
    """The need for the runoff has gone."""
    of, runoff = standing.contests[entry.contest], standing.contests[entry.result["runoff"]]
    withdrawn = {runoff.id: replace(runoff, withdrawn=entry.seq), of.id: replace(of, runoff="")}
    return replace(standing, contests={**standing.contests, **withdrawn})


def electors(standing: Standing, entry: Entry, _: Shelf) -> Standing:
    """The electors appointed."""
    return replace(standing, electors=standing.electors.set(entry.contest, entry.result))


def finding(standing: Standing, entry: Entry, _: Shelf) -> Standing:
    """A finding is open."""
    made = Finding(entry.seq, entry.contest, entry.place)
    at = (entry.contest, entry.place)
    found_at = standing.found_at.set(at, (*standing.found_at.get(at, ()), entry.seq))
    return replace(standing, findings=standing.findings.set(entry.seq, made), found_at=found_at)


def close_finding(standing: Standing, entry: Entry, _: Shelf) -> Standing:
    """A finding is closed."""
    closed = standing.findings[entry.detail["finding"]]
    at = (closed.contest, closed.place)
    left = tuple(seq for seq in standing.found_at[at] if seq != closed.seq)
    return replace(
        standing,
        findings=standing.findings.delete(closed.seq),
        found_at=standing.found_at.set(at, left),
    )


def checkpoint(standing: Standing, entry: Entry, _: Shelf) -> Standing:
    """Witnesses have seen the book at this size."""
    return replace(standing, checkpoints=(*standing.checkpoints, (entry.seq, entry.result["size"])))


def track(standing: Standing, entry: Entry, **changed: Any) -> Standing:
    """The sample audit of the entry's contest and place, one step further."""
    at = (entry.contest, entry.place)
    now = replace(standing.audits.get(at, NO_TRACK), **changed)
    return replace(standing, audits=standing.audits.set(at, now))


def commit(standing: Standing, entry: Entry, _: Shelf) -> Standing:
    """The inputs are committed."""
    size, manifest = entry.detail["sample"], entry.detail["manifest"]
    return track(standing, entry, committed=entry.seq, manifest=manifest, size=size)


def seed(standing: Standing, entry: Entry, _: Shelf) -> Standing:
    """The seed is recorded."""
    covered = entry.result["checkpoint"]
    return track(standing, entry, seed_entry=entry.seq, seed=entry.detail["seed"], covered=covered)


def draw(standing: Standing, entry: Entry, shelf: Shelf) -> Standing:
    """The sample is drawn; a long one stands in an exhibit."""
    listed = entry.result.get("sample") or shelf.documents[entry.result["sample_sha256"]]
    return track(standing, entry, drawn=entry.seq, sample=tuple(listed), items=frozenset(listed))


def readings(standing: Standing, entry: Entry, _: Shelf) -> Standing:
    """More items are read."""
    found = standing.audits[(entry.contest, entry.place)].readings
    return track(standing, entry, readings=found.update(dict(entry.detail["readings"])))


def sign(standing: Standing, entry: Entry, _: Shelf) -> Standing:
    """The board has signed."""
    return track(standing, entry, signed=entry.seq)


def record(standing: Standing, entry: Entry, _: Shelf) -> Standing:
    """Most acts only stand in the record; one of them closes the book, some state a risk limit."""
    if entry.contest and "risk_limit" in entry.detail:
        limit = (entry.detail["risk_limit"], entry.seq)
        stated = replace(standing.contests[entry.contest], limit=limit)
        return replace(standing, contests={**standing.contests, entry.contest: stated})
    return replace(standing, closed=entry.seq) if entry.entry == "book_closed" else standing


CHANGES: Mapping[str, Callable[[Standing, Entry, Shelf], Standing]] = {
    "open": opening,
    "adopt": adoption,
    "record": record,
    "state_total": total,
    "recount_order": recount_order,
    "electors": electors,
    "finding": finding,
    "close_finding": close_finding,
    "lot": lot,
    "checkpoint": checkpoint,
    "commit": commit,
    "seed": seed,
    "draw": draw,
    "readings": readings,
    "sign": sign,
    "runoff_arose": runoff_arose,
    "runoff_withdrawn": runoff_withdrawn,
    "keys": keys_set,
    "roster": roster_set,
    "move_date": date_moved,
    "claim": claimed,
    "answer": answered,
    **AUDIT_CHANGES,
}
