"""Keep: one database and one folder, so that what was acknowledged stays, and can be shown to have stayed.

    keep = open_keep("sqlite:////srv/tallybook/book.db", Path("/srv/tallybook/exhibits"))
    recorder = Recorder(keep, "ga2020")            # one per process and book
    answer = recorder.submit(act)                  # Receipt, Behind or Malformed; KeepError for a fault

What it decides: in which order acts are heard, when they were received, and when one may be acknowledged:
after its entry is on the disk, and not before. What an act becomes is decided by `book`.

* Tables (SQLite in WAL with full sync, or PostgreSQL): entries and published checkpoints, which triggers
  keep from being changed; the list of exhibits; receipts and books, which follow from the entries. The
  files of exhibits lie in the folder, each under its fingerprint, the sealed ones apart. A book's own name
  is its origin; its name here only tells the books of one installation apart.
* `make_keep` makes or updates, `open_keep` only looks, and refuses what could lose a record.
* `Recorder.submit` may be called from any thread; acts of all threads share a sync. Any number of processes
  may record in one book. An act that was not answered is asked again with the same key: the answer is the
  receipt of its entry, never a second entry.
* `Recorder.standing` is for pages; `read_entries` and `open_exhibit` are for the publisher.
* `shelve(act, standing)`, given to the recorder, adds what only a door knows: about a checkpoint, or a new
  book's origin and policy. Files and entries that an act names are fetched here.
* `rebuild`, `check_book`, `exported`, `import_entries` need nothing but entries, exhibits and checkpoints.
* From a terminal: `python3 -m tallybook.keep COMMAND DATABASE EXHIBITS`: make, check,
  guard, rebuild, copy, export, import.

This room refuses to know: any law, any office, who is at the door, whose signature is on a checkpoint, and
what a page looks like. The secret of the salts and the log key are not kept here; they are backed up apart.
"""

from tallybook.keep.checkpoints import check_checkpoints, keep_checkpoint, latest_checkpoint, root_at
from tallybook.keep.clocks import steady_seconds, utc_now
from tallybook.keep.exhibits import file_public, file_sealed, open_exhibit, read_exhibit, read_sealed
from tallybook.keep.faults import (
    BugError,
    BusyError,
    DamagedError,
    FullError,
    KeepError,
    NotWritableError,
    UnguardedError,
    UnreachableError,
)
from tallybook.keep.folding import Fold, books_of, read_entries, receipt_of
from tallybook.keep.opening import Keep, make_keep, open_keep
from tallybook.keep.rebuilding import (
    Found,
    check_book,
    derived_bytes,
    drop_derived,
    export_to,
    exported,
    import_entries,
    rebuild,
    rebuild_all,
)
from tallybook.keep.recorder import Answer, Behind, Receipt, Recorder, Ticket

__all__ = [
    "Answer",
    "Behind",
    "BugError",
    "BusyError",
    "DamagedError",
    "Fold",
    "Found",
    "FullError",
    "Keep",
    "KeepError",
    "NotWritableError",
    "Receipt",
    "Recorder",
    "Ticket",
    "UnguardedError",
    "UnreachableError",
    "books_of",
    "check_book",
    "check_checkpoints",
    "derived_bytes",
    "drop_derived",
    "export_to",
    "exported",
    "file_public",
    "file_sealed",
    "import_entries",
    "keep_checkpoint",
    "latest_checkpoint",
    "make_keep",
    "open_exhibit",
    "open_keep",
    "read_entries",
    "read_exhibit",
    "read_sealed",
    "rebuild",
    "rebuild_all",
    "receipt_of",
    "root_at",
    "steady_seconds",
    "utc_now",
]
