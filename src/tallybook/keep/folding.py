"""The standing of a book in this process: folded once, then kept up by reading only what is new.

For the recorder and for every page that shows a book. It is a cache and nothing more: dropped, it comes
back the same from the entries and exhibits.
"""

from __future__ import annotations

from collections.abc import Iterator
from threading import Lock

from django.db import connections

from tallybook.book import Standing, evolve
from tallybook.keep import tables
from tallybook.keep.faults import KeepError
from tallybook.keep.opening import Keep, told
from tallybook.keep.shelves import shelf_for_entry
from tallybook.keep.stored import checked


class Fold:
    """The standing of one book, shared by the threads of a process."""

    def __init__(self, keep: Keep, book: str) -> None:
        self.keep = keep
        self.book = book
        self._standing = Standing()
        self._lock = Lock()

    def catch_up(self) -> Standing:
        """The standing with every entry that is in the database now.

        A connection that has died is dropped, so that the next call makes a new one.
        """
        with self._lock:
            try:
                self._standing = grown(self.keep, self.book, self._standing)
            except KeepError:
                connections[self.keep.alias].close_if_unusable_or_obsolete()
                raise
            return self._standing

    def advance(self, standing: Standing) -> None:
        """Take a standing that has just been committed, unless a reader was faster."""
        with self._lock:
            if standing.size > self._standing.size:
                self._standing = standing


def grown(keep: Keep, book: str, standing: Standing) -> Standing:
    """A standing with the entries that the database has after it."""
    with told():
        found = tables.rows(keep.alias, book, standing.size)
        for entry in checked(found, standing.size):
            standing = evolve(standing, entry, shelf_for_entry(keep, entry))
    return standing


def read_entries(keep: Keep, book: str, start: int, stop: int) -> Iterator[bytes]:
    """The bytes of entries start … stop − 1 of a book, as stored, for the publisher."""
    with told():
        for _, data, _ in tables.rows(keep.alias, book, start, stop):
            yield data


def receipt_of(keep: Keep, book: str, key: str) -> int | None:
    """The number of the entry that has a key; None where no entry has it."""
    with told():
        return tables.receipts(keep.alias).filter(book=book, key=key).values_list("seq", flat=True).first()


def books_of(keep: Keep) -> list[tuple[str, str, str]]:
    """(name, title, origin) of each book of the installation."""
    with told():
        return list(tables.books(keep.alias).values_list("book", "title", "origin"))
