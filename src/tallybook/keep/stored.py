"""Entries as bytes: what is hashed, stored and published is the same canonical JSON (book.md, section 2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from tallybook.book import Entry, encode_entry
from tallybook.keep.faults import DamagedError
from tallybook.keep.tables import Stored
from tallybook.merkle.tree import leaf_hash

_decoder = msgspec.json.Decoder(Entry)


def stored(entry: Entry) -> Stored:
    """An entry with its canonical bytes and leaf hash. Raises EvidenceError if it has none."""
    data = encode_entry(entry)
    return Stored(entry.seq, data, leaf_hash(data), entry.key)


def entry_of(data: bytes) -> Entry:
    """The entry in bytes whose leaf hash was compared: they were canonical when they were stored."""
    return _decoder.decode(data)


def checked(rows: Iterable[tuple[int, bytes, bytes]], start: int) -> Iterator[Entry]:
    """The entries of rows, each in its turn and with its hash. Raises DamagedError at the first other."""
    for due, (seq, data, leaf) in enumerate(rows, start):
        if seq != due or leaf_hash(data) != leaf:
            raise DamagedError(
                f"Entry {due} is not as it was recorded. Stop recording, keep the database, and restore the "
                "latest back-up (docs/how-to/back-up.md)."
            )
        yield entry_of(data)
