"""Opening a keep: one database and one folder of exhibits, looked at before anything is recorded.

For every door. `make_keep` sets up tables and guards, and brings older ones up to date; `open_keep` changes
nothing and refuses whatever could lose or corrupt a record: a database of another version, guards that are
missing, a database that would acknowledge before its disk has the bytes, a folder that cannot be written.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.core.management import call_command
from django.db import DatabaseError, InterfaceError, connections
from django.db.migrations.executor import MigrationExecutor

from tallybook.keep.faults import KeepError, NotWritableError, UnreachableError, fault
from tallybook.keep.guards import check_guards
from tallybook.keep.settings import connect_to, without_password

if sys.platform != "win32":
    import fcntl


@dataclass(frozen=True)
class Keep:
    """An opened keep.

    alias: Django's name of the database; folder: the exhibits; shown: its URL without a password.
    """

    alias: str
    folder: Path
    shown: str

    @property
    def vendor(self) -> str:
        """`sqlite` or `postgresql`."""
        return connections[self.alias].vendor


def make_keep(url: str, folder: Path) -> Keep:
    """Make a keep, or bring one up to date, then open it. Raises KeepError."""
    make_folders(folder)
    keep = Keep(connect_to(url), folder, without_password(url))
    with told(), alone(folder):
        call_command("migrate", database=keep.alias, verbosity=0, interactive=False)
    return open_keep(url, folder)


def open_keep(url: str, folder: Path) -> Keep:
    """Open a keep for recording and reading, or refuse. Raises KeepError."""
    keep = opened_unguarded(url, folder)
    with told():
        check_guards(keep.alias)
    return keep


def opened_unguarded(url: str, folder: Path) -> Keep:
    """Open a keep whose guards are about to be restored; everything else is looked at."""
    keep = Keep(connect_to(url), folder, without_password(url))
    with told():
        check_there(keep)
        check_version(keep)
        check_durable(keep)
    check_folder(folder)
    return keep


def check_there(keep: Keep) -> None:
    """Refuse to make an empty database by a slip of the pen, as SQLite would."""
    path = Path(str(connections.databases[keep.alias]["NAME"]))
    if keep.vendor == "sqlite" and not path.is_file():
        raise UnreachableError(
            f"There is no database {path}. Make it: "
            f"`python3 -m tallybook.keep make {keep.shown} {keep.folder}`."
        )


def check_version(keep: Keep) -> None:
    """Refuse tables of another version of the program."""
    loader = MigrationExecutor(connections[keep.alias]).loader
    known = {name for app, name in loader.disk_migrations if app == "keep"}
    applied = {name for app, name in loader.applied_migrations if app == "keep"}
    if newer := sorted(applied - known):
        raise KeepError(
            f"The database was made by a newer Tallybook ({newer[-1]}). Nothing was changed. "
            "Use that version."
        )
    if known - applied:
        raise KeepError(
            "The tables are not there, or are those of an older version. Nothing was changed. Bring them up "
            f"to date, after a back-up: `python3 -m tallybook.keep make {keep.shown} {keep.folder}`."
        )


DURABLE = {
    "sqlite": {"PRAGMA journal_mode": ("wal",), "PRAGMA synchronous": ("2", "3")},
    "postgresql": {
        "SHOW fsync": ("on",),
        "SHOW full_page_writes": ("on",),
        "SHOW synchronous_commit": ("on", "remote_apply"),
    },
}


def check_durable(keep: Keep) -> None:
    """Refuse a database that would acknowledge before the bytes are on the disk."""
    with connections[keep.alias].cursor() as cursor:
        for question, good in DURABLE[keep.vendor].items():
            cursor.execute(question)
            if (found := str(cursor.fetchone()[0])) not in good:
                raise KeepError(
                    f"The database answers {found!r} to `{question}`; expected {good[0]!r}. It could "
                    "lose what was acknowledged when the power fails. Nothing was changed. "
                    "Correct its configuration."
                )


def check_folder(folder: Path) -> None:
    """Refuse a folder of exhibits that is not there or may not be written."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except FileNotFoundError:
        raise UnreachableError(
            f"There is no folder {folder} for exhibits. Restore it, or name the right one."
        ) from None
    except OSError as error:
        raise fault(error) from error


def make_folders(folder: Path) -> None:
    """Make the folder of exhibits where it is missing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NotWritableError(
            f"The folder {folder} cannot be made: {error.strerror}. Nothing was changed."
        ) from error


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep a second process from migrating at the same time (on systems with file locks)."""
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def told() -> Iterator[None]:
    """Turn what the database raises into a plain sentence."""
    try:
        yield
    except (DatabaseError, InterfaceError, OSError) as error:
        raise fault(error) from error
