"""The rows of a keep: the only module that asks Django for its models.

Django loads models only after its settings, so they are imported here on first use. Everything that is
asked of the database, but for locks and guards, stands on this page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from django.db import connections

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from tallybook.keep.models import BookRow, CheckpointRow, EntryRow, ExhibitRow, ReceiptRow

PAGE = 2_000
MOST_ROWS = 200
"""Rows in one statement: older SQLites take 999 values."""


class Stored(NamedTuple):
    """An entry as it lies in the database; key: "" for a consequence."""

    seq: int
    data: bytes
    leaf: bytes
    key: str


def entries(alias: str, book: str) -> QuerySet[EntryRow]:
    """The entries of a book, in order."""
    from tallybook.keep.models import EntryRow

    return EntryRow.objects.using(alias).filter(book=book).order_by("seq")


def receipts(alias: str) -> QuerySet[ReceiptRow]:
    """The receipts of all books."""
    from tallybook.keep.models import ReceiptRow

    return ReceiptRow.objects.using(alias).order_by("book", "key")


def books(alias: str) -> QuerySet[BookRow]:
    """The books of the installation."""
    from tallybook.keep.models import BookRow

    return BookRow.objects.using(alias).order_by("book")


def exhibits(alias: str) -> QuerySet[ExhibitRow]:
    """The exhibits on file."""
    from tallybook.keep.models import ExhibitRow

    return ExhibitRow.objects.using(alias).order_by("name_hash")


def checkpoints(alias: str, book: str) -> QuerySet[CheckpointRow]:
    """The published checkpoints of a book, in the order published."""
    from tallybook.keep.models import CheckpointRow

    return CheckpointRow.objects.using(alias).filter(book=book).order_by("id")


def book_names(alias: str) -> list[str]:
    """The books that have entries, whatever the list of books says."""
    from tallybook.keep.models import EntryRow

    return sorted(EntryRow.objects.using(alias).filter(seq=0).values_list("book", flat=True))


def size_of(alias: str, book: str) -> int:
    """How many entries a book has."""
    last = entries(alias, book).reverse().values_list("seq", flat=True).first()
    return 0 if last is None else last + 1


def rows(alias: str, book: str, start: int, stop: int | None = None) -> Iterator[tuple[int, bytes, bytes]]:
    """(seq, bytes, leaf hash) of the entries from start up to, not including, stop, read page by page."""
    while stop is None or start < stop:
        upto = start + PAGE if stop is None else min(start + PAGE, stop)
        page = entries(alias, book).filter(seq__gte=start, seq__lt=upto).values_list("seq", "data", "leaf")
        found = [(seq, bytes(data), bytes(leaf)) for seq, data, leaf in page]
        yield from found
        if len(found) < upto - start:
            return
        start = upto


def insert(alias: str, book: str, stored: Iterable[Stored]) -> None:
    """Add entries and their receipts, inside the caller's transaction."""
    stored = list(stored)
    insert_entries(alias, book, stored)
    insert_receipts(alias, book, stored)


def insert_entries(alias: str, book: str, stored: Iterable[Stored]) -> None:
    """Add entries, inside the caller's transaction."""
    for some in batched(stored, MOST_ROWS):
        _insert(alias, "keep_entries (book, seq, data, leaf)", [(book, *one[:3]) for one in some])


def insert_receipts(alias: str, book: str, stored: Iterable[Stored]) -> None:
    """Add the receipts of entries, inside the caller's transaction."""
    for some in batched(stored, MOST_ROWS):
        with_key = [(book, one.key, one.seq) for one in some if one.key]
        _insert(alias, "keep_receipts (book, key, seq)", with_key)


def _insert(alias: str, into: str, rows: Sequence[tuple[str | int | bytes, ...]]) -> None:
    """Many rows in one statement. By hand: Django's bulk_create costs as much as deciding the acts."""
    if rows:
        marks = ", ".join([f"({', '.join(['%s'] * len(rows[0]))})"] * len(rows))
        with connections[alias].cursor() as cursor:
            cursor.execute(f"INSERT INTO {into} VALUES {marks}", [value for row in rows for value in row])


def batched(stored: Iterable[Stored], size: int) -> Iterator[list[Stored]]:
    """Consecutive lists of at most this many."""
    left = iter(stored)
    while some := list(islice(left, size)):
        yield some


def insert_book(alias: str, book: str, title: str, origin: str) -> None:
    """Add a book to the list."""
    from tallybook.keep.models import BookRow

    BookRow.objects.using(alias).create(book=book, title=title, origin=origin)


def insert_exhibit(alias: str, name_hash: str, name: str, length: int, item: str = "") -> None:
    """Put an exhibit on the list; one with an item is sealed. Twice is once."""
    from tallybook.keep.models import ExhibitRow

    row = ExhibitRow(name_hash=name_hash, sealed=bool(item), name=name, length=length, item=item)
    ExhibitRow.objects.using(alias).bulk_create([row], ignore_conflicts=True)


def insert_checkpoint(alias: str, book: str, size: int, note: bytes) -> None:
    """Add a published checkpoint."""
    from tallybook.keep.models import CheckpointRow

    CheckpointRow.objects.using(alias).create(book=book, size=size, note=note)
