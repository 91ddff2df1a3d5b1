"""Playing acts into a book, with a log key and witnesses that everybody knows.

For the demonstration only: its keys are made from published words, so that every machine makes the same
bytes; whoever reads this can sign in their place. A real book has keys of its own (`tallybook keys`).
"""

from calendar import timegm
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

import msgspec

from tallybook.book import Act, Checkpoint, Entered, Entry, Shelf, Standing, decide, encode_entry, evolve
from tallybook.doors.georgia_2020.signing import ORIGIN, secret, signed
from tallybook.doors.georgia_2020.tables import STATE
from tallybook.doors.lawfiles import SETS, shipped, state_set
from tallybook.evidence.signing import (
    SigningKey,
    cosign_text,
    log_key,
    sign_checkpoint,
    verify_ed25519,
    witness_key,
)
from tallybook.merkle.checkpoints import Checkpoint as Head
from tallybook.merkle.checkpoints import canonical_order, parse_checkpoint
from tallybook.merkle.notes import Note, format_note, format_vkey
from tallybook.merkle.tree import CompactRange, append, leaf_hash, range_root

WITNESSES = ("witness-one.example", "witness-two.example")


LOG = log_key(ORIGIN, secret("log"))
OBSERVERS: tuple[SigningKey, ...] = tuple(witness_key(name, secret(name)) for name in WITNESSES)
POLICY = "".join(
    [
        f"log {format_vkey(LOG.verifier)}\n",
        *(f"witness w{n} {format_vkey(key.verifier)}\n" for n, key in enumerate(OBSERVERS, 1)),
        "group observers all w1 w2\n",
        "quorum observers\n",
    ]
)


@dataclass
class Played:
    """A book while it is played: its standing, its entries as bytes, its tree."""

    standing: Standing = field(default_factory=Standing)
    entries: list[Entry] = field(default_factory=list)
    stored: list[bytes] = field(default_factory=list)
    tree: CompactRange = field(default_factory=CompactRange)


def play(opening: Act, acts: Iterable[Act | str], told: Callable[[int], None]) -> Played:
    """The book after all acts. told: called with the number of entries after each act."""
    book = Played()
    laws = {shipped(name).fingerprint: shipped(name).file for name in SETS[STATE]}
    by_name = {tuple(laws): state_set(STATE)}
    shelf = Shelf(law_files=laws, law_sets=by_name, origin=ORIGIN, policy=POLICY)
    enter(book, opening, shelf)
    for act in acts:
        if isinstance(act, str):
            enter_checkpoint(book, act.partition(" ")[2])
        else:
            enter(book, signed(with_numbers(book, act)), Shelf(verify=verify_ed25519))
        told(len(book.stored))
    return book


def enter(book: Played, act: Act, shelf: Shelf) -> None:
    """One act, decided and entered. Whatever is not entered is a bug of the demonstration."""
    made = decide(book.standing, act, shelf)
    assert isinstance(made, Entered), f"{act.act} {act.key}: {made}"
    for entry in made.entries:
        stored = encode_entry(entry)
        book.standing = evolve(book.standing, entry, shelf)
        book.entries.append(entry)
        book.stored.append(stored)
        book.tree = append(book.tree, [leaf_hash(stored)])


def with_numbers(book: Played, act: Act) -> Act:
    """The act with the numbers of entries that it names in words: a finding, a claim, what bears on it."""
    detail = dict(act.detail)
    if act.act == "close_finding":
        detail["finding"] = next(f.seq for f in book.standing.findings.values() if f.place == act.place)
    if act.act == "answer_claim":
        detail["claim"] = book.standing.keys[f"claim-{detail['claim']}"]
    if "entries" in detail:
        detail["entries"] = sorted(latest(book, words) for words in detail["entries"])
    return msgspec.structs.replace(act, detail=detail)


def latest(book: Played, words: str) -> int:
    """The number of the latest entry of a kind; `place=` and `contest=` after it choose among several."""
    kind, *narrower = words.split(" ")
    wanted = dict(part.split("=") for part in narrower)
    return next(
        one.seq
        for one in reversed(book.entries)
        if one.entry == kind and all(getattr(one, key) == value for key, value in wanted.items())
    )


def enter_checkpoint(book: Played, moment: str) -> None:
    """Witnesses sign the book as it stands, and the book records it."""
    text = witnessed(book, moment).decode()
    head = parse_checkpoint(text.encode())[0]
    root = range_root(book.tree).hex()
    seen = Checkpoint(
        head.size,
        text.split("\n")[2],
        True,
        True,
        True,
        text.split("\n")[2] if head.root.hex() == root else "",
    )
    act = Act(
        act="record_checkpoint",
        office="record_keeper",
        on=moment[:10],
        received=moment,
        key=f"checkpoint-{head.size}",
        detail={"checkpoint": text},
    )
    enter(book, act, Shelf(checkpoint=seen))


def witnessed(book: Played, moment: str) -> bytes:
    """A checkpoint of the book as it stands, signed by the log and by both witnesses at a moment."""
    signed = sign_checkpoint(Head(ORIGIN, len(book.stored), range_root(book.tree)), LOG)
    note = parse_checkpoint(signed)[1]
    at = timegm(datetime.fromisoformat(moment).timetuple())
    lines = [cosign_text(note.text, key, at) for key in OBSERVERS]
    return format_note(Note(note.text, canonical_order(note.signatures[0], lines)))


def exhibits(book: Played, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The public exhibits that the entries name, by fingerprint."""
    named = {one["sha256"] for entry in book.entries for one in entry.exhibits if one["kind"] == "public"}
    return {name: data for data in files.values() if (name := sha256(data).hexdigest()) in named}
