"""The lock of a book: whoever holds it is the only one who adds to that book, among all processes."""

from __future__ import annotations

from hashlib import sha256

from django.db import connections

from tallybook.keep.faults import KeepError
from tallybook.keep.opening import Keep
from tallybook.keep.settings import PATIENCE


def take_lock(keep: Keep, book: str) -> None:
    """Wait for the book's lock, within our patience, and hold it until the transaction ends.

    On SQLite every transaction begins with the lock of the whole database (`BEGIN IMMEDIATE`).
    """
    if keep.vendor == "postgresql":
        number = int.from_bytes(sha256(b"tallybook/book\n" + book.encode()).digest()[:8], "big", signed=True)
        with connections[keep.alias].cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}s'")
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def check_name(book: str) -> None:
    """Refuse a name that could be taken for something else in a path, an address or a list."""
    if not 1 <= len(book) <= 100 or not set(book) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-."):
        raise KeepError(
            f"{book[:120]!r} cannot be a book's name: expected 1 to 100 characters of a-z 0-9 _ - ."
        )
