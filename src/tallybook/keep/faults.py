"""What went wrong with the database or the disk, in a plain sentence that says what to do.

For the official at midnight and the engineer on call. The database's own words are kept as the cause of
the exception, for a log; no reader needs them. A busy database is waited for; only when the patience has
run out is it a fault. Whenever it is not known whether an act was recorded, asking again with the same key
is safe: the book answers with the entry it has.
"""

from __future__ import annotations

import errno

from django.db import DatabaseError, InterfaceError, OperationalError

AGAIN = "Ask again with the same key: an act that was recorded is answered with its receipt, never twice."


class KeepError(Exception):
    """Something outside the book: disk, database, set-up. The sentence says what to do next."""


class BusyError(KeepError):
    """Another process held the database longer than our patience."""


class FullError(KeepError):
    """There is no room left on the disk."""


class NotWritableError(KeepError):
    """The disk, folder or file may not be written."""


class UnreachableError(KeepError):
    """The database cannot be opened or no longer answers."""


class DamagedError(KeepError):
    """The stored bytes are not what was written. Stop and compare with a back-up."""


class UnguardedError(KeepError):
    """The triggers that keep entries from being changed are missing or do not fire."""


class BugError(KeepError):
    """A fault of the program, met while answering one act."""


_OF_DATABASE = (DatabaseError, InterfaceError)
_BUSY = "The database is held by another process and did not become free in time. Nothing is lost. "
_FULL = "The disk is full. What was acknowledged is safe; nothing else was recorded. Make room. "
_READ_ONLY = (
    "The database may not be written: its folder or file is read-only for this user. Nothing was changed. "
    "Give this user the right to write there. "
)
_GONE = "The database cannot be opened, or no longer answers. Nothing acknowledged is lost. Start it. "
_DISK = "The disk failed while the database was read or written. What was acknowledged before is on it. "
_DAMAGED = (
    "The database file is damaged or is none. Stop recording, keep the file, and restore the latest back-up "
    "(docs/how-to/back-up.md). "
)

_SQLITE: tuple[tuple[str, type[KeepError], str], ...] = (
    ("SQLITE_BUSY", BusyError, _BUSY),
    ("SQLITE_LOCKED", BusyError, _BUSY),
    ("SQLITE_FULL", FullError, _FULL),
    ("SQLITE_READONLY", NotWritableError, _READ_ONLY),
    ("SQLITE_CANTOPEN", UnreachableError, _GONE),
    ("SQLITE_IOERR", UnreachableError, _DISK),
    ("SQLITE_CORRUPT", DamagedError, _DAMAGED),
    ("SQLITE_NOTADB", DamagedError, _DAMAGED),
)
_POSTGRESQL: tuple[tuple[str, type[KeepError], str], ...] = (
    ("55P03", BusyError, _BUSY),
    ("40", BusyError, _BUSY),
    ("53100", FullError, _FULL),
    ("25006", NotWritableError, _READ_ONLY),
    ("42501", NotWritableError, _READ_ONLY),
    ("58", UnreachableError, _DISK),
    ("XX001", DamagedError, _DAMAGED),
    ("XX002", DamagedError, _DAMAGED),
)


def fault(error: Exception) -> KeepError:
    """The plain sentence for what a database or a disk raised; a bug for everything else."""
    if isinstance(error, KeepError):
        return error
    kind, words = _kind(error)
    told = kind(words + AGAIN)
    told.__cause__ = error
    return told


def is_fault(error: Exception) -> bool:
    """Whether the surroundings failed (all acts of a group alike), not one act."""
    return isinstance(error, OperationalError | InterfaceError | OSError | KeepError) or (
        isinstance(error, DatabaseError) and _kind(error)[0] is not BugError
    )


def is_of_database(error: Exception) -> bool:
    """Whether the database raised it, so that the transaction it was raised in is lost."""
    return isinstance(error, _OF_DATABASE) or isinstance(error.__cause__, _OF_DATABASE)


def _kind(error: Exception) -> tuple[type[KeepError], str]:
    cause = error.__cause__
    if (name := getattr(cause, "sqlite_errorname", None)) is not None:
        return _first(_SQLITE, name, error)
    if isinstance(error, DatabaseError | InterfaceError):
        return _first(_POSTGRESQL, getattr(cause, "sqlstate", None) or "", error)
    if isinstance(error, OSError):
        return _of_disk(error)
    return BugError, f"The program failed on this act ({type(error).__name__}). Nothing of it was recorded. "


def _first(
    table: tuple[tuple[str, type[KeepError], str], ...], code: str, error: Exception
) -> tuple[type[KeepError], str]:
    for beginning, kind, words in table:
        if code.startswith(beginning):
            return kind, words
    if isinstance(error, OperationalError | InterfaceError):
        return UnreachableError, _GONE
    return BugError, f"The database refused this act ({type(error).__name__}). Nothing of it was recorded. "


def _of_disk(error: OSError) -> tuple[type[KeepError], str]:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return FullError, _FULL
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return NotWritableError, _READ_ONLY
    return UnreachableError, _DISK
