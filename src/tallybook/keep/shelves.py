"""What an act or entry names, fetched from this keep: law files, manifests, samples, earlier entries.

For the recorder. The door adds what only it knows: the findings about a checkpoint, a book's origin and
policy. An ordinary act names nothing, and then nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from tallybook.book import EMPTY_SHELF, Act, Entry, Shelf, Standing, list_files
from tallybook.book.exhibited import fingerprints
from tallybook.keep import tables
from tallybook.keep.audit_shelves import named_again, planned, rows_of
from tallybook.keep.exhibits import read_exhibit
from tallybook.keep.faults import KeepError, UnreachableError
from tallybook.keep.opening import Keep
from tallybook.keep.stored import entry_of
from tallybook.law import LawError, LawFile, parse_law
from tallybook.merkle.canonical import decode
from tallybook.merkle.errors import EvidenceError

FILED = ("manifest", "first_batches", "second_batches", "contests_file", "places_file")
"""Fields of a detail that name documents."""

NAMING = {"law", "law_file", "corrects", "plan", "audit", *FILED}
"""Fields of a detail that name an exhibit or an entry."""

WITH_ROWS = ("commit_audit_plan", "open_records")
"""Acts that look at the published rows of a contest."""


def shelf_for_act(
    keep: Keep, book: str, standing: Standing, act: Act, shelf: Shelf, growing: Mapping[int, Entry]
) -> Shelf:
    """The door's shelf with what the act names besides. growing: entries decided but not yet stored."""
    repeats = standing.keys.get(act.key)
    if repeats is None and act.act != "draw_sample" and not act.detail.keys() & NAMING:
        return shelf
    numbers = [one for one in (repeats, act.detail.get("corrects")) if type(one) is int]
    found = {one: entry for one in numbers if (entry := entry_at(keep, book, one, growing)) is not None}
    fetched = with_files(
        keep,
        replace(shelf, entries={**found, **shelf.entries}),
        laws=[*listed(act.detail.get("law")), *listed(act.detail.get("law_file"))],
        documents=[*filed(act), *manifest_of(standing, act), *named_again(standing, act)],
    )
    if isinstance(plan := act.detail.get("plan"), str):
        fetched = with_plan(keep, fetched, plan)
    return with_rows(keep, fetched) if act.act in WITH_ROWS else fetched


def shelf_for_entry(keep: Keep, entry: Entry) -> Shelf:
    """What `evolve` needs for an entry that is in the book."""
    if entry.ruling and entry.entry == "book_opened":
        return opening_shelf(keep, entry)
    if entry.ruling and entry.act == "adopt_law":
        return with_files(keep, EMPTY_SHELF, laws=[entry.detail["law_file"]], documents=[])
    if entry.ruling and entry.act == "commit_audit_plan":
        made = with_files(keep, EMPTY_SHELF, laws=[], documents=fingerprints(entry.result))
        return with_plan(keep, made, entry.detail["plan"])
    if named := fingerprints(entry.result):
        return with_files(keep, EMPTY_SHELF, laws=[], documents=named)
    return EMPTY_SHELF


def opening_shelf(keep: Keep, entry: Entry) -> Shelf:
    """The law files, contests and places of a book that is open. Raises KeepError where one is not there."""
    return Shelf(
        law_files={one: parsed_law(read_exhibit(keep, one)) for one in entry.detail["law"]},
        documents={one: decode(read_exhibit(keep, one)) for one in list_files(entry.detail)},
    )


def with_plan(keep: Keep, shelf: Shelf, fingerprint: str) -> Shelf:
    """A shelf with a plan and the documents that it names."""
    shelf = with_files(keep, shelf, laws=[], documents=[fingerprint])
    return with_files(keep, shelf, laws=[], documents=planned(shelf.documents.get(fingerprint)))


def with_rows(keep: Keep, shelf: Shelf) -> Shelf:
    """A shelf with the codes and commitments of every published contest on it."""
    named = rows_of(shelf.documents.values())
    files = {one: data for one in named if (data := bytes_of(keep, one)) is not None}
    return replace(shelf, files={**files, **shelf.files})


def with_files(keep: Keep, shelf: Shelf, laws: Iterable[str], documents: Iterable[str]) -> Shelf:
    """A shelf with law files and documents from the exhibits. What is not there, or is none, is left out."""
    files = {one: file for one in laws if (file := law_file(keep, one)) is not None}
    read = {one: value for one in documents if (value := document(keep, one)) is not None}
    return replace(shelf, law_files={**files, **shelf.law_files}, documents={**read, **shelf.documents})


def entry_at(keep: Keep, book: str, seq: int, growing: Mapping[int, Entry]) -> Entry | None:
    """One entry of a book, stored or just decided."""
    if seq in growing:
        return growing[seq]
    row = tables.entries(keep.alias, book).filter(seq=seq).values_list("data", flat=True).first()
    return None if row is None else entry_of(bytes(row))


def filed(act: Act) -> list[str]:
    """The documents that an act's detail names."""
    return [one for field in FILED for one in listed(act.detail.get(field))]


def manifest_of(standing: Standing, act: Act) -> list[str]:
    """The manifest of the audit whose sample an act draws."""
    track = standing.audits.get((act.contest, act.place)) if act.act == "draw_sample" else None
    return [track.manifest] if track is not None and track.manifest else []


def law_file(keep: Keep, fingerprint: str) -> LawFile | None:
    """A law file on file; None if it is not there or is none: `decide` then tells the officer."""
    data = bytes_of(keep, fingerprint)
    if data is None:
        return None
    try:
        return parsed_law(data)
    except (LawError, UnicodeDecodeError):
        return None


def document(keep: Keep, fingerprint: str) -> Any:
    """An exhibit in canonical JSON, parsed; None if it is not there or is none."""
    data = bytes_of(keep, fingerprint)
    if data is None:
        return None
    try:
        return decode(data)
    except EvidenceError:
        return None


def bytes_of(keep: Keep, fingerprint: str) -> bytes | None:
    """The bytes of a public exhibit, or None; a damaged one is raised."""
    try:
        return read_exhibit(keep, fingerprint)
    except UnreachableError:
        return None
    except KeepError as error:
        if type(error) is KeepError:
            return None
        raise


@lru_cache(maxsize=32)
def parsed_law(data: bytes) -> LawFile:
    """A law file from its bytes, remembered: every process parses each once."""
    return parse_law(data.decode())


def listed(value: object) -> list[str]:
    """The texts in a field that may hold one, many, or something malformed."""
    many = value if isinstance(value, list) else [value]
    return [one for one in many if isinstance(one, str)]
