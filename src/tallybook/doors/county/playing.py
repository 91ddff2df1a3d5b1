"""Playing the county's audit into a book: every act by its office, a minute apart.

For the demonstration only: its keys and secrets are made from published words, so that every machine makes
the same bytes; whoever reads this can sign in their place. A real book has its own (`tallybook keys`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import msgspec

from tallybook.book import Act, Checkpoint, Entered, Entry, Shelf, Standing, decide, evolve
from tallybook.book.audit_runs import Run
from tallybook.book.writing import encode_entry
from tallybook.doors import audit_desk as desk
from tallybook.doors.lawfiles import SETS, shipped
from tallybook.evidence.signing import cosign_text, log_key, sign_checkpoint, verify_ed25519, witness_key
from tallybook.merkle.canonical import decode
from tallybook.merkle.checkpoints import Checkpoint as Head
from tallybook.merkle.checkpoints import canonical_order, parse_checkpoint
from tallybook.merkle.notes import Note, format_note, format_vkey
from tallybook.merkle.tree import CompactRange, append, leaf_hash, range_root

ORIGIN = "demonstration.tallybook.example/county-2026"
COUNTY, STATE, KEEPER, BOARD = "county_superintendent", "secretary_of_state", "record_keeper", "audit_board"
PLACE = "made_up"
DAY = datetime(2026, 11, 5, 14, 0)


def secret(name: str) -> bytes:
    """A secret that everybody knows."""
    return sha256(f"tallybook demonstration county, not secret: {name}".encode()).digest()


LOG = log_key(ORIGIN, secret("log"))
WITNESS = witness_key("witness-one.example", secret("witness"))
POLICY = f"log {format_vkey(LOG.verifier)}\nwitness w1 {format_vkey(WITNESS.verifier)}\nquorum w1\n"
ROWS = secret("rows")
MEMBERS = {name: secret(name) for name in ("A. Able", "B. Best", "C. Chance")}
READERS = {name: secret(name) for name in ("R. One", "R. Two")}
LAWS = {shipped(name).fingerprint: shipped(name).file for name in SETS["county"]}

Json = dict[str, Any]


@dataclass
class Played:
    """A book while it is played. stored: its entries as bytes; exhibits: fingerprint -> bytes."""

    standing: Standing = field(default_factory=Standing)
    entries: list[Entry] = field(default_factory=list)
    stored: list[bytes] = field(default_factory=list)
    tree: CompactRange = field(default_factory=CompactRange)
    exhibits: dict[str, bytes] = field(default_factory=dict)
    documents: dict[str, Any] = field(default_factory=dict)
    audit: int = -1

    @property
    def run(self) -> Run:
        """The audit as it stands."""
        return self.standing.runs[self.audit]


def moment(book: Played) -> str:
    """The moment of the next act: a minute for each entry, in the afternoon of the audit's day."""
    return f"{DAY + timedelta(minutes=len(book.entries)):%Y-%m-%dT%H:%M:%SZ}"


def file(book: Played, name: str, data: bytes) -> Json:
    """A public exhibit; parsed where it is canonical JSON."""
    fingerprint = sha256(data).hexdigest()
    book.exhibits[fingerprint] = data
    if name.endswith(".json"):
        book.documents[fingerprint] = decode(data)
    return {"bytes": len(data), "kind": "public", "name": name, "sha256": fingerprint}


def shelf(book: Played) -> Shelf:
    """What a door would fetch."""
    return Shelf(
        law_files=LAWS,
        documents=book.documents,
        entries=dict(enumerate(book.entries)),
        origin=ORIGIN,
        policy=POLICY,
        verify=verify_ed25519,
        files=book.exhibits,
    )


def do(book: Played, name: str, office: str, **said: Any) -> Entry:
    """One act: what is no field of an act is a field of its detail; `files` are its exhibits."""
    files = tuple(file(book, *one) for one in said.pop("files", ()))
    fields = {key: said.pop(key) for key in ("contest", "place") if key in said}
    at = moment(book)
    act = Act(name, office, at[:10], at, f"county-{len(book.entries)}", detail=said, exhibits=files, **fields)
    return enter(book, act, shelf(book))


def enter(book: Played, act: Act, on: Shelf) -> Entry:
    """One act, decided and entered. Whatever is not entered is a bug of the demonstration."""
    made = decide(book.standing, act, on)
    assert isinstance(made, Entered), f"{act.act} {act.key}: {made}"
    for name, data in made.made.items():
        book.exhibits[name], book.documents[name] = data, decode(data)
    for entry in made.entries:
        stored = encode_entry(entry)
        book.standing = evolve(book.standing, entry, replace(on, documents=book.documents))
        book.entries.append(entry)
        book.stored.append(stored)
        book.tree = append(book.tree, [leaf_hash(stored)])
    return made.entries[0]


def ask(book: Played, name: str, office: str = BOARD, **said: Any) -> Entry:
    """An act of the audit."""
    return do(book, name, office, audit=book.audit, **said)


def witnessed(book: Played) -> bytes:
    """A checkpoint of the book as it stands, signed by the log and by the witness."""
    signed = sign_checkpoint(Head(ORIGIN, len(book.stored), range_root(book.tree)), LOG)
    note = parse_checkpoint(signed)[1]
    at = int((DAY - datetime(1970, 1, 1)).total_seconds()) + 60 * len(book.entries)
    lines = [cosign_text(note.text, WITNESS, at)]
    return format_note(Note(note.text, canonical_order(note.signatures[0], lines)))


def checkpoint(book: Played) -> None:
    """The witness signs the book as it stands, and the book records it."""
    text = witnessed(book).decode()
    head = text.split("\n")[2]
    seen = Checkpoint(len(book.stored), head, True, True, True, head)
    at = moment(book)
    key = f"county-{len(book.entries)}"
    act = Act("record_checkpoint", KEEPER, at[:10], at, key, detail={"checkpoint": text})
    enter(book, act, replace(shelf(book), checkpoint=seen))


def opened(contests: Sequence[Json]) -> Played:
    """The book, opened the day before the election, with an audit ordered of every contest."""
    book = Played()
    laws = [shipped(name) for name in SETS["county"]]
    detail = {
        "election": {"id": "county_2026", "title": "Made-up County, 3 November 2026", "day": "2026-11-03"},
        "contests": list(contests),
        "places": [{"id": PLACE, "name": "Made-up County", "kind": "county"}],
        "law": [one.fingerprint for one in laws],
    }
    do(book, "open_book", KEEPER, files=[(one.name, one.data) for one in laws], **detail)
    for one in contests:
        do(book, "order_risk_limiting_audit", STATE, contest=one["id"], risk_limit="1/20")
    return book


def read(book: Played, paper: Mapping[str, Mapping[str, Any]], lost: frozenset[str]) -> int:
    """The round's items, read twice and opened; the second reader slips once. Answers how many were read."""
    items = desk.unread(book.run)
    said = {item: stands(book.run, item, paper, lost) for item in items}
    slip = next(item for item in items if said[item].get("sheriff") == ["fern"])
    by = {"R. One": said, "R. Two": {**said, slip: {**said[slip], "sheriff": []}}}
    for reader, readings in by.items():
        for part in desk.parts(desk.commitments(book.audit, reader, readings, READERS[reader])):
            ask(book, "commit_readings", reader=reader, commitments=part)
    for reader, readings in by.items():
        for part in desk.parts(desk.openings(book.audit, reader, readings, READERS[reader])):
            ask(book, "open_readings", reader=reader, openings=part)
    rows = [[item, stands(book.run, item, paper, lost), "reader_error"] for item in desk.unsettled(book.run)]
    ask(book, "adjudicate_readings", settled=rows)
    return len(items)


def stands(run: Run, item: str, paper: Mapping[str, Mapping[str, Any]], lost: frozenset[str]) -> Json:
    """What two careful people see on an item."""
    names = run.contests_of(item)
    return {name: "not_found" if item in lost else paper[name].get(item, "not_on_card") for name in names}


def compare(book: Played) -> int:
    """The records of the items that were read, opened; every discrepancy with a cause. Answers how many."""
    waiting = [item for item, state in book.run.items.items() if not state.rows]
    for part in desk.parts(desk.record_openings(book.run, waiting, ROWS)):
        ask(book, "open_records", COUNTY, records=part)
    found = desk.explanations(book.run, {})
    rows = [[i, n, "missing_card" if missing(book.run, i, n) else "scanner"] for i, n, _ in found]
    if rows:
        ask(book, "explain_discrepancies", causes=rows)
    return len(rows)


def missing(run: Run, item: str, name: str) -> bool:
    """Whether a card was not found."""
    settled = run.items[item].settled
    return settled is not None and settled[name] == "not_found"


def measure(book: Played) -> Mapping[str, Any]:
    """The sitting signed by its board, and the risk of every open contest."""
    ask(book, "sign_sitting", signatures=desk.signatures(book.standing, book.audit, MEMBERS))
    return dict(ask(book, "measure_risk", COUNTY).result["contests"])


def plain(value: Any) -> Any:
    """A value of the audit's rooms as canonical JSON takes it."""
    return msgspec.json.decode(msgspec.json.encode(value))
