"""A part of a book: one place's acts, carried on a stick, to be entered in another book of the election.

For a county that worked offline and for the office that takes its part in. Each entry travels as a receipt
(package specification, section 10): the entry's bytes, the proof that it stands in the book it comes from,
and that book's signed checkpoint. So a changed byte is found, and where the log's key is known, so is a
forged part. With them travel the public exhibits, and the sealed ones with their salts: a part is to be kept
like the sealed exhibits it holds.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec

from tallybook.book import Act, Entry
from tallybook.book.nouns import act_of
from tallybook.book.writing import decode_entry
from tallybook.evidence.signing import verify_ed25519
from tallybook.evidence.sources import Source
from tallybook.merkle.canonical import decode, encode
from tallybook.merkle.commitments import verify_opening
from tallybook.merkle.errors import EvidenceError, shown
from tallybook.merkle.notes import VerifierKey, verify_note
from tallybook.merkle.receipts import Receipt, format_receipt, parse_receipt, verify_receipt

FORM = "tallybook/part/v1"
HEAD = "part.json"
REFERS = ("corrects", "finding", "claim")
"""Fields of a detail that name an entry by its number."""


@dataclass(frozen=True)
class Part:
    """A part as read. entries: (its entry, its bytes), in order; sealed: commitment -> (salt, bytes).

    keys: number of an entry of the source book -> key of its act, for every entry that another refers to.
    """

    origin: str
    election: str
    place: str
    size: int
    entries: tuple[tuple[Entry, bytes], ...]
    exhibits: Mapping[str, bytes]
    sealed: Mapping[str, tuple[bytes, bytes]]
    keys: Mapping[int, str]


def belongs(entry: Entry, place: str) -> bool:
    """Whether an entry is an act about a place. Consequences follow by themselves; they are not carried."""
    return bool(entry.act) and entry.place == place


def part_files(
    head: Mapping[str, Any],
    receipts: Iterable[Receipt],
    exhibits: Mapping[str, bytes],
    sealed: Mapping[str, tuple[bytes, bytes]],
) -> dict[str, bytes]:
    """The files of a part. head: origin, election, place, size, keys (number as text -> key)."""
    files = {f"receipts/{one.index:09d}.tlog-proof": format_receipt(one) for one in receipts}
    files |= {f"exhibits/{name}": data for name, data in exhibits.items()}
    files |= {f"sealed/{name}": data for name, (_, data) in sealed.items()}
    salts = {name: salt.hex() for name, (salt, _) in sealed.items()}
    plain = {**head, "form": FORM, "salts": [[name, salt] for name, salt in sorted(salts.items())]}
    return {HEAD: encode(plain), **files}


def read_part(source: Source, key: VerifierKey | None = None) -> Part:
    """A part from its files, every byte of it checked; with the log's key, its signature too.

    Raises EvidenceError naming the file that is missing, too many, or not what it says.
    """
    head = head_of(source)
    salts = {name: bytes.fromhex(salt) for name, salt in head["salts"]}
    names = [name for name in source.lengths if name.startswith("receipts/")]
    entries = tuple(entry_of(source, name, head, key) for name in sorted(names))
    filed = [one for entry, _ in entries for one in entry.exhibits]
    named = {one["sha256"] for one in filed if one["kind"] == "public"}
    committed = {one["commitment"] for one in filed if one["kind"] == "sealed"}
    due = {HEAD, *names, *(f"exhibits/{one}" for one in named), *(f"sealed/{one}" for one in committed)}
    if due != set(source.lengths) or set(salts) != committed:
        odd = min(due ^ set(source.lengths), default="the list of salts")
        raise EvidenceError(f"{shown(odd)}: missing from the part, or not of it. Have the part made again.")
    exhibits = {one: public(source, one) for one in named}
    sealed = {one: (salts[one], opened(source, one, salts[one])) for one in committed}
    keys = {int(number): name for number, name in head["keys"].items()}
    return Part(
        head["origin"], head["election"], head["place"], head["size"], entries, exhibits, sealed, keys
    )


def head_of(source: Source) -> dict[str, Any]:
    """What `part.json` says, in the one form that it may have."""
    if HEAD not in source.lengths:
        raise EvidenceError(f"found no {HEAD}; expected a part made by `tallybook book export-part`.")
    head = decode(source.read(HEAD))
    shape = {
        "form": str,
        "origin": str,
        "election": str,
        "place": str,
        "size": int,
        "keys": dict,
        "salts": list,
    }
    if type(head) is not dict or {k: type(v) for k, v in head.items()} != shape or head["form"] != FORM:
        raise EvidenceError(f"{HEAD}: found another form; expected {FORM} with {', '.join(sorted(shape))}.")
    if not all(k.isdecimal() and type(v) is str for k, v in head["keys"].items()):
        raise EvidenceError(f"{HEAD}: found keys in another form; expected numbers with the keys of acts.")
    try:
        for name, salt in head["salts"]:
            bytes.fromhex(salt + name)
    except (TypeError, ValueError):
        raise EvidenceError(f"{HEAD}: found salts in another form; expected pairs of hexadecimal.") from None
    return head


def entry_of(
    source: Source, name: str, head: Mapping[str, Any], key: VerifierKey | None
) -> tuple[Entry, bytes]:
    """An entry from its receipt, proven to stand in the book that the part names."""
    receipt = parse_receipt(source.read(name))
    checkpoint, note = verify_receipt(receipt)
    entry = decode_entry(receipt.entry)
    if checkpoint.origin != head["origin"] or checkpoint.size != head["size"]:
        raise EvidenceError(f"{name}: found a receipt of {checkpoint.origin}; expected {head['origin']}.")
    if entry.seq != receipt.index or not belongs(entry, head["place"]):
        raise EvidenceError(f"{name}: found entry {entry.seq}, which is not an act of {head['place']}.")
    if key is not None:
        verify_note(note, [key], verify_ed25519)
    return entry, receipt.entry


def public(source: Source, fingerprint: str) -> bytes:
    data = source.read(f"exhibits/{fingerprint}")
    if sha256(data).hexdigest() != fingerprint:
        raise EvidenceError(f"exhibits/{fingerprint}: its bytes are not those of its name.")
    return data


def opened(source: Source, committed: str, salt: bytes) -> bytes:
    data = source.read(f"sealed/{committed}")
    verify_opening(committed, salt, data)
    return data


def acts_here(part: Part, origin: str, known: Mapping[str, int]) -> Iterator[Act | str]:
    """The acts of a part as they are asked in another book, or a sentence where one cannot be.

    known: key -> number of the entries of the other book; it may grow while acts are taken from here. Numbers
    of entries become those of the other book. Where an act came from stands in its note; an act that persons
    signed stays as it is.
    """
    for entry, _ in part.entries:
        act = act_of(entry)
        detail = dict(act.detail)
        lost = [name for name in REFERS if name in detail and part.keys.get(detail[name], "") not in known]
        if lost:
            yield (
                f"entry {entry.seq} ({act.act}): its {lost[0]} names entry {detail[lost[0]]} of "
                f"{part.origin}, which is not in this book. Enter that act first, then import again."
            )
            continue
        detail |= {name: known[part.keys[detail[name]]] for name in REFERS if name in detail}
        if origin != part.origin and not act.by:
            detail["note"] = " ".join(filter(None, [detail.get("note", ""), came_from(part, entry)]))
        yield msgspec.structs.replace(act, detail=detail, seen=None)


def came_from(part: Part, entry: Entry) -> str:
    """Where an entry stood before, in a sentence."""
    return f"Entry {entry.seq} of {part.origin}, received there at {entry.received}."
