"""The standing of a book in this process: folded once, then kept up by reading only what is new.

For the recorder and for every page that shows a book. It is a cache and nothing more: dropped, it comes
back the same from the entries and exhibits.
"""

from __future__ import annotations

from threading import Lock

from tallybook.book import Standing, evolve
from tallybook.keep import tables
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
        """The standing with every entry that is in the database now."""
        with self._lock:
            self._standing = grown(self.keep, self.book, self._standing)
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
