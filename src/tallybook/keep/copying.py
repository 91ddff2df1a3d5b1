"""A copy of the database while it is in use, for a back-up (docs/how-to/back-up.md).

For the engineer. SQLite's file alone is not the database: the latest entries are in the log beside it. So a
copy is made by SQLite itself, in one transaction, then synced and opened for a look.
"""

from __future__ import annotations

from pathlib import Path

from django.db import connections

from tallybook.keep.exhibits import sync_file, sync_folder
from tallybook.keep.faults import KeepError
from tallybook.keep.opening import Keep, open_keep, told


def copy_to(keep: Keep, path: Path) -> None:
    """Copy an SQLite database to a new file, durably, and open the copy. Raises KeepError."""
    if keep.vendor != "sqlite":
        raise KeepError("Only an SQLite database is copied by this command. Use pg_dump for PostgreSQL.")
    if path.exists():
        raise KeepError(f"{path} is there already. Nothing was written. Name a new file.")
    with told(), connections[keep.alias].cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(path)])
    with told():
        sync_file(path)
        sync_folder(path.parent)
    copied = open_keep(f"sqlite:///{path.absolute()}", keep.folder)
    connections[copied.alias].close()
