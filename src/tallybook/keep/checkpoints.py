"""Published checkpoints: what the installation has shown the world about a book, kept with its cosignatures.

For the publisher, and for whoever doubts a restored back-up: a book that disagrees with a checkpoint it once
published has lost or changed an entry. Signatures are verified where keys are known, in `evidence`; here the
book's own root is compared.
"""

from __future__ import annotations

from tallybook.keep import tables
from tallybook.keep.faults import DamagedError, KeepError
from tallybook.keep.opening import Keep, told
from tallybook.merkle.checkpoints import Checkpoint, parse_checkpoint
from tallybook.merkle.errors import EvidenceError
from tallybook.merkle.tree import CompactRange, append, range_root


def keep_checkpoint(keep: Keep, book: str, note: bytes) -> None:
    """Keep a checkpoint as published, durably. One with more cosignatures is kept beside the earlier one.

    Raises KeepError if it is none, or is not of this book at that size.
    """
    found = read_note(note)
    own = root_at(keep, book, found.size)
    if own != found.root:
        size = tables.size_of(keep.alias, book)
        raise KeepError(
            f"The checkpoint of size {found.size} is not of the book {book}, which has {size} entries. "
            "Nothing was kept. Publish from this database only."
        )
    with told():
        if not tables.checkpoints(keep.alias, book).filter(size=found.size, note=note).exists():
            tables.insert_checkpoint(keep.alias, book, found.size, note)


def latest_checkpoint(keep: Keep, book: str) -> bytes | None:
    """The published checkpoint of the greatest size, the latest of them; None if there is none."""
    with told():
        row = tables.checkpoints(keep.alias, book).order_by("-size", "-id").first()
    return None if row is None else bytes(row.note)


def check_checkpoints(keep: Keep, book: str) -> int:
    """Compare the book with every checkpoint that it published; how many. Raises DamagedError."""
    with told():
        notes = [
            read_note(bytes(row.note)) for row in tables.checkpoints(keep.alias, book).order_by("size", "id")
        ]
    size, grown = 0, CompactRange()
    for found in notes:
        grown = append(grown, leaves(keep, book, size, found.size))
        size = grown.size
        if size != found.size or range_root(grown) != found.root:
            raise DamagedError(
                f"The book {book} is not the one whose checkpoint of size {found.size} was published: "
                "entries are missing or changed. Stop recording, keep the database, and restore the latest "
                "back-up (docs/how-to/back-up.md)."
            )
    return len(notes)


def root_at(keep: Keep, book: str, size: int) -> bytes | None:
    """The book's own root hash at a size, from the stored leaf hashes; None if the book is shorter."""
    found = append(CompactRange(), leaves(keep, book, 0, size))
    return range_root(found) if found.size == size else None


def leaves(keep: Keep, book: str, start: int, stop: int) -> list[bytes]:
    """Leaf hashes start … stop − 1, as many as there are."""
    with told():
        found = tables.entries(keep.alias, book).filter(seq__gte=start, seq__lt=stop)
        return [bytes(leaf) for leaf in found.values_list("leaf", flat=True)]


def read_note(note: bytes) -> Checkpoint:
    """What a checkpoint says. Raises KeepError if it is none."""
    try:
        return parse_checkpoint(note)[0]
    except EvidenceError as error:
        raise KeepError(f"This is no checkpoint: {error}") from error
