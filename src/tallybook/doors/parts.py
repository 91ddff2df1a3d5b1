"""A county's part of a book written to a file, and taken in elsewhere.

For the commands `book export-part` and `book import-part`. Every act that comes in is asked anew, under the
law and the record of the book it comes to; what was entered before is answered with the same receipt. One
act that cannot be entered stops no other: all problems are told at the end.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tallybook.book import Act, Entry, Malformed, Standing
from tallybook.doors import home as homes
from tallybook.doors.cli.shown import DoorError
from tallybook.evidence.parts import REFERS, Part, acts_here, belongs, part_files, read_part
from tallybook.evidence.sources import open_files, open_source, write_zip
from tallybook.keep.exhibits import file_opened, file_public, read_sealed
from tallybook.keep.faults import KeepError
from tallybook.keep.opening import Keep
from tallybook.keep.recorder import Behind, Recorder
from tallybook.merkle.errors import EvidenceError
from tallybook.merkle.notes import VerifierKey, parse_vkey
from tallybook.merkle.receipts import make_receipt


@dataclass(frozen=True)
class Taken:
    """What became of one act: entered, known (entered before), refused (by law or record), or a problem."""

    key: str
    act: str
    came: str
    words: str


# Out ---------------------------------------------------------------------------------------------


def export_part(
    keep: Keep, book: str, home: homes.Home, standing: Standing, note: bytes, place: str, out: Path
) -> int:
    """Write a place's part of a book under its checkpoint; how many acts it holds."""
    if place not in standing.places:
        known = ", ".join(list(standing.places)[:12])
        raise DoorError(f'There is no place "{place}" in this book. There is: {known}. Nothing was written.')
    if out.exists():
        raise DoorError(f"{out} is there already. Nothing was written; name a new file.")
    every = list(homes.entries(keep, book))
    own = [one for one in every if belongs(one, place)]
    node = homes.node_at(keep, book, standing.size)
    stored = {one.seq: next(homes.stored_entries(keep, book, one.seq, one.seq + 1)) for one in own}
    named = {one.seq: one.key for one in own} | {n: every[n].key for one in own for n in references(one)}
    head = {
        "origin": standing.origin,
        "election": every[0].detail["election"]["id"],
        "place": place,
        "size": standing.size,
        "keys": {str(number): key for number, key in named.items()},
    }
    receipts = [make_receipt(node, seq, data, note) for seq, data in stored.items()]
    public = {one["sha256"]: whole(keep, one["sha256"]) for one in filed(own, "public")}
    sealed = sealed_of(keep, home, own)
    with out.open("xb") as file:
        write_zip(open_files(part_files(head, receipts, public, sealed)), file)
    return len(own)


def references(entry: Entry) -> Iterator[int]:
    """The numbers of the earlier entries that an act names."""
    return (entry.detail[name] for name in REFERS if type(entry.detail.get(name)) is int)


def filed(entries: list[Entry], kind: str) -> Iterator[Mapping[str, str]]:
    return (one for entry in entries for one in entry.exhibits if one["kind"] == kind)


def whole(keep: Keep, fingerprint: str) -> bytes:
    with homes.exhibit(keep, fingerprint) as file:
        return file.read()


def sealed_of(keep: Keep, home: homes.Home, entries: list[Entry]) -> dict[str, tuple[bytes, bytes]]:
    """Commitment -> (salt, bytes) of the sealed exhibits."""
    named = {one["commitment"] for one in filed(entries, "sealed")}
    secret = homes.read_secret(home.keys / "salts.key") if named else b""
    return {one: read_sealed(keep, secret, one) for one in named}


# In ----------------------------------------------------------------------------------------------


def opened_part(path: Path, log: str) -> Part:
    """A part from its file. log: the public log key of the book it comes from; "" checks no signature."""
    try:
        key: VerifierKey | None = parse_vkey(log) if log else None
        return read_part(open_source(path), key)
    except EvidenceError as error:
        raise DoorError(f"{path.name}: {error}", "Nothing was entered.") from None


def import_part(keep: Keep, book: str, part: Part, guard: Callable[[Act], None]) -> list[Taken]:
    """Ask for every act of a part in a book, in order. guard: stops an act that may not be published."""
    desk = homes.recorder(keep, book)
    try:
        standing = desk.standing()
        election = next(homes.entries(keep, book)).detail["election"]["id"]
        if election != part.election:
            raise DoorError(
                f"The part is of the election {part.election}, the book of {election}. Nothing was entered."
            )
        file_exhibits(keep, part)
        known = dict(standing.keys.items())
        taken: list[Taken] = []
        for act in acts_here(part, standing.origin, known):
            if isinstance(act, str):
                taken.append(Taken("", "", "problem", act))
                continue
            taken.append(one := taken_in(desk, act, guard))
            if one.came != "problem":
                known[act.key] = desk.standing().keys[act.key]
        return taken
    finally:
        desk.close()


def file_exhibits(keep: Keep, part: Part) -> None:
    """Everything that the acts name, on file before they are asked."""
    for entry, _ in part.entries:
        for one in entry.exhibits:
            if one["kind"] == "public":
                file_public(keep, one["name"], [part.exhibits[one["sha256"]]])
            else:
                file_opened(
                    keep, part.sealed[one["commitment"]][0], one["name"], part.sealed[one["commitment"]][1]
                )


def taken_in(desk: Recorder, act: Act, guard: Callable[[Act], None]) -> Taken:
    """One act asked, and what came of it."""
    try:
        if act.key not in desk.standing().keys:
            guard(act)
        answer = desk.submit(act)
    except (DoorError, KeepError) as error:
        return Taken(act.key, act.act, "problem", str(error))
    if isinstance(answer, Malformed):
        return Taken(act.key, act.act, "problem", " ".join(str(one) for one in answer.problems))
    if isinstance(answer, Behind):
        return Taken(act.key, act.act, "problem", f"entry {answer.newest} is newer than what was seen.")
    was_refused = answer.entry in ("act_refused", "act_without_legal_effect")
    came = "known" if answer.repeated else "refused" if was_refused else "entered"
    return Taken(act.key, act.act, came, f"entry {answer.seq}")
