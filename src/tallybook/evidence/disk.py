"""Bytes onto the disk, so that they stay: the few calls on which publishing and witnessing rest.

A file counts as written when it and its folder are synced. Every call goes through this module, so that
a test can stop the machine at any one of them and see what a restart would find.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

if sys.platform != "win32":
    import fcntl


class DiskError(Exception):
    """The disk refused (full, read-only, failing). The sentence says what stands and what to do."""


def write(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file, without sync."""
    with path.open("wb") as file:
        for piece in pieces:
            file.write(piece)


def sync_file(path: Path) -> None:
    """Return when the file's bytes are durable."""
    _sync(path)


def sync_files(paths: Sequence[Path]) -> None:
    """Return when all these files are durable. Asked for at once, the disk takes them in groups."""
    with ThreadPoolExecutor(8) as pool:
        for _ in pool.map(sync_file, paths):
            pass


def sync_folder(path: Path) -> None:
    """Return when the folder's list of names is durable."""
    if sys.platform != "win32":
        _sync(path)


def rename(old: Path, new: Path) -> None:
    """Put a file in another's place in one step."""
    old.replace(new)


def remove(path: Path) -> None:
    """Remove a file."""
    path.unlink()


def make_folder(path: Path) -> None:
    """Make a folder in an existing one."""
    path.mkdir()


def stage(path: Path, data: bytes) -> None:
    """Write a file's new bytes beside it, durably; the file itself is not touched."""
    write(_temporary(path), [data])
    sync_file(_temporary(path))


def install(path: Path) -> None:
    """Put the staged bytes in the file's place, durably and in one step."""
    rename(_temporary(path), path)
    sync_folder(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _temporary(path: Path) -> Path:
    return path.with_name(path.name + ".tmp")


def make_top_folder(path: Path) -> None:
    """Make a folder and those above it, durably."""
    made: set[Path] = set()
    make_folders(path, made)
    for folder in made:
        sync_folder(folder)


def make_folders(path: Path, made: set[Path]) -> None:
    """Make a folder and those above it; add to `made` every folder whose list of names has changed."""
    if path.is_dir():
        return
    make_folders(path.parent, made)
    make_folder(path)
    made.update((path, path.parent))


@contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Hold a folder alone; whoever comes second waits, in another process or another thread."""
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
