"""Rebuilding: everything but entries, exhibits and checkpoints can be dropped, and comes back the same.

For the engineer who restores a back-up and the observer who asks whether anything else is stored. Entries go
out as lines of canonical JSON, one entry a line, and come in again byte for byte; on the way in each line is
checked and the whole book is folded before anything is committed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from tallybook.book import Standing, decode_entry
from tallybook.keep import tables
from tallybook.keep.checkpoints import check_checkpoints
from tallybook.keep.exhibits import is_on_file, list_again, read_exhibit
from tallybook.keep.faults import DamagedError, KeepError, fault
from tallybook.keep.folding import grown
from tallybook.keep.locking import check_name, take_lock
from tallybook.keep.opening import Keep, told
from tallybook.keep.stored import checked, entry_of
from tallybook.keep.tables import Stored
from tallybook.merkle.canonical import encode
from tallybook.merkle.errors import EvidenceError
from tallybook.merkle.tree import leaf_hash


@dataclass(frozen=True)
class Found:
    """What a check of a book went through: entries, exhibits that they name, published checkpoints."""

    entries: int
    exhibits: int
    checkpoints: int


def rebuild(keep: Keep, book: str) -> Standing:
    """Make everything that follows from the entries of a book anew, and give its standing."""
    with told(), transaction.atomic(using=keep.alias, durable=True):
        take_lock(keep, book)
        return _derived(keep, book)


def rebuild_all(keep: Keep) -> list[str]:
    """Rebuild every book that has entries; their names."""
    names = tables.book_names(keep.alias)
    for book in names:
        rebuild(keep, book)
    return names


def check_book(keep: Keep, book: str) -> Found:
    """Read every byte of a book: entries, hashes, exhibits, receipts, checkpoints. Raises DamagedError."""
    grown(keep, book, Standing())
    named = 0
    for entry in checked(tables.rows(keep.alias, book, 0), 0):
        for exhibit in entry.exhibits:
            check_exhibit(keep, entry.seq, exhibit)
            named += 1
    check_receipts(keep, book)
    return Found(tables.size_of(keep.alias, book), named, check_checkpoints(keep, book))


def check_exhibit(keep: Keep, seq: int, exhibit: dict[str, object]) -> None:
    """Refuse an exhibit of an entry that is not on file, or not as filed."""
    if not is_on_file(keep, exhibit):
        name = exhibit.get("name")
        raise DamagedError(
            f"The exhibit {name!r} of entry {seq} is not in {keep.folder}. Restore that folder."
        )
    if exhibit["kind"] == "public":
        read_exhibit(keep, str(exhibit["sha256"]))


def check_receipts(keep: Keep, book: str) -> None:
    """Refuse a table of receipts that does not follow from the entries."""
    due = {one.key: one.seq for one in _stored(keep, book) if one.key}
    found = dict(tables.receipts(keep.alias).filter(book=book).values_list("key", "seq"))
    if due != found:
        raise DamagedError(
            f"The receipts of {book} do not follow from its entries. Nothing is lost: "
            "`python3 -m tallybook.keep rebuild DATABASE EXHIBITS` makes them anew."
        )


def derived_bytes(keep: Keep) -> bytes:
    """All that a keep stores beside entries, exhibits and checkpoints, in canonical JSON."""
    return encode(
        {
            "books": [list(row) for row in tables.books(keep.alias).values_list("book", "title", "origin")],
            "receipts": [list(row) for row in tables.receipts(keep.alias).values_list("book", "key", "seq")],
        }
    )


def drop_derived(keep: Keep) -> None:
    """Empty every table that follows from the entries."""
    with told(), transaction.atomic(using=keep.alias):
        tables.receipts(keep.alias).delete()
        tables.books(keep.alias).delete()


def exported(keep: Keep, book: str) -> Iterator[bytes]:
    """The entries of a book as lines, each its canonical bytes and a line feed."""
    with told():
        for _, data, _ in tables.rows(keep.alias, book, 0):
            yield data + b"\n"


def export_to(keep: Keep, book: str, path: Path) -> int:
    """Write the entries of a book to a new file, durably; how many."""
    count = 0
    try:
        with path.open("xb") as file:
            for line in exported(keep, book):
                file.write(line)
                count += 1
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise KeepError(f"{path} is there already. Nothing was written. Name a new file.") from None
    except OSError as error:
        raise fault(error) from error
    return count


def import_entries(keep: Keep, book: str, lines: Iterable[bytes]) -> Standing:
    """Record a book anew from its exported lines, all or nothing. Its exhibits must be on file.

    Raises KeepError for a book that has entries, and for a line that is not the next entry.
    """
    check_name(book)
    with told(), transaction.atomic(using=keep.alias, durable=True):
        take_lock(keep, book)
        if tables.size_of(keep.alias, book):
            raise KeepError(
                f"The book {book} has entries already. Nothing was changed. Import into an empty one."
            )
        tables.insert_entries(keep.alias, book, (imported(seq, line) for seq, line in enumerate(lines)))
        return _derived(keep, book)


def imported(seq: int, line: bytes) -> Stored:
    """One exported line as it is to be stored."""
    data = line.removesuffix(b"\n")
    try:
        entry = decode_entry(data)
    except EvidenceError as error:
        raise KeepError(f"Line {seq + 1} is no entry: {error} Nothing was recorded.") from error
    if entry.seq != seq:
        raise KeepError(f"Line {seq + 1} is not entry {seq}. Nothing was recorded. Export the book again.")
    return Stored(seq, data, leaf_hash(data), entry.key)


def _derived(keep: Keep, book: str) -> Standing:
    """Inside a transaction: fold, fill the tables that follow from the entries, list their exhibits."""
    standing = grown(keep, book, Standing())
    tables.receipts(keep.alias).filter(book=book).delete()
    tables.books(keep.alias).filter(book=book).delete()
    tables.insert_receipts(keep.alias, book, _stored(keep, book))
    for entry in checked(tables.rows(keep.alias, book, 0), 0):
        for exhibit in entry.exhibits:
            list_again(keep, exhibit)
    if standing.size:
        tables.insert_book(keep.alias, book, standing.title, standing.origin)
    return standing


def _stored(keep: Keep, book: str) -> Iterator[Stored]:
    for seq, data, leaf in tables.rows(keep.alias, book, 0):
        yield Stored(seq, data, leaf, entry_of(data).key)
