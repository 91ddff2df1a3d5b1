"""Exhibits: files on disk, each under its fingerprint; the sealed ones apart, each under its commitment.

For doors that file evidence and for the recorder, which lets no entry name an exhibit that is not on file.
A file is written beside its place, synced, then moved there in one step, so that a file under a fingerprint
is always whole. Reading looks at every byte again. Sealed exhibits (package specification, section 1) are
never served; whoever holds the secret of the salts can open each of them.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from tallybook.keep import tables
from tallybook.keep.faults import DamagedError, KeepError, UnreachableError, fault
from tallybook.keep.opening import Keep, told
from tallybook.merkle.commitments import commitment, salt_of, verify_opening

Json = dict[str, Any]
PUBLIC, SEALED, ITEMS = "public", "sealed", "items"
"""Folders: files by fingerprint; sealed files by commitment; the item ids of their salts, likewise."""
SALT = "salt:"
"""Begins the item id of what another installation sealed: its salt itself, since its secret is not here."""


def file_public(keep: Keep, name: str, pieces: Iterable[bytes]) -> Json:
    """File a public exhibit, durably, and give the object that an act names it by. Twice is once."""
    fingerprint, length = put_file(keep.folder / PUBLIC, pieces)
    with told():
        tables.insert_exhibit(keep.alias, fingerprint, name, length)
    return {"bytes": length, "kind": "public", "name": name, "sha256": fingerprint}


def file_sealed(keep: Keep, secret: bytes, item: str, name: str, data: bytes) -> Json:
    """File a sealed exhibit, durably, and give the object that an act names it by.

    secret: of the salts, at least 32 bytes, backed up apart; item: names this exhibit in the installation
    and nothing else ever (book, act key and position do). The same item again must be the same bytes.
    """
    if not 1 <= len(item) <= 300 or item.startswith(SALT):
        raise KeepError(f"A sealed exhibit needs an item id of 1 to 300 characters; found {len(item)}.")
    committed = commitment(salt_of(secret, item), data)
    put_bytes(keep.folder / SEALED, committed, data)
    put_bytes(keep.folder / ITEMS, committed, item.encode())
    with told():
        tables.insert_exhibit(keep.alias, committed, name, len(data), item)
        if not tables.exhibits(keep.alias).filter(name_hash=committed, item=item).exists():
            raise KeepError(
                f"The item {item!r} is another exhibit already. Give each sealed exhibit its own id."
            )
    return {"commitment": committed, "kind": "sealed", "name": name}


def file_opened(keep: Keep, salt: bytes, name: str, data: bytes) -> Json:
    """File a sealed exhibit that another installation sealed, durably, with its salt. Twice is once."""
    committed, item = commitment(salt, data), f"{SALT}{salt.hex()}"
    put_bytes(keep.folder / SEALED, committed, data)
    put_bytes(keep.folder / ITEMS, committed, item.encode())
    with told():
        tables.insert_exhibit(keep.alias, committed, name, len(data), item)
    return {"commitment": committed, "kind": "sealed", "name": name}


def open_exhibit(keep: Keep, fingerprint: str) -> BinaryIO:
    """A public exhibit opened for reading, for the publisher, who hashes it again."""
    path = place(keep.folder / PUBLIC, fingerprint)
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise UnreachableError(
            f"The exhibit {fingerprint} is not in {keep.folder}. Restore that folder."
        ) from None


def read_exhibit(keep: Keep, fingerprint: str) -> bytes:
    """The bytes of a public exhibit, compared with its fingerprint."""
    with open_exhibit(keep, fingerprint) as file:
        data = file.read()
    if sha256(data).hexdigest() != fingerprint:
        raise DamagedError(
            f"The exhibit {fingerprint} in {keep.folder} was changed. Restore it from a back-up."
        )
    return data


def read_sealed(keep: Keep, secret: bytes, committed: str) -> tuple[bytes, bytes]:
    """(salt, bytes) of a sealed exhibit, which together open its commitment."""
    row = tables.exhibits(keep.alias).filter(name_hash=committed, sealed=True).first()
    path = place(keep.folder / SEALED, committed)
    if row is None or not path.is_file():
        raise UnreachableError(
            f"The sealed exhibit {committed} is not in {keep.folder}. Restore that folder."
        )
    salt = bytes.fromhex(row.item[len(SALT) :]) if row.item.startswith(SALT) else salt_of(secret, row.item)
    data = path.read_bytes()
    verify_opening(committed, salt, data)
    return salt, data


def is_on_file(keep: Keep, exhibit: Mapping[str, Any]) -> bool:
    """Whether the exhibit that an act names is listed and its file is there, whole by its length."""
    sealed = exhibit.get("kind") == "sealed"
    named = str(exhibit.get("commitment" if sealed else "sha256", ""))
    row = tables.exhibits(keep.alias).filter(name_hash=named, sealed=sealed).first()
    if row is None or (not sealed and row.length != exhibit.get("bytes")):
        return False
    path = place(keep.folder / (SEALED if sealed else PUBLIC), named)
    return path.is_file() and path.stat().st_size == row.length


def list_again(keep: Keep, exhibit: Mapping[str, Any]) -> None:
    """Put an exhibit that an entry names on the list, if its file is there and it is not listed."""
    sealed = exhibit.get("kind") == "sealed"
    named = str(exhibit.get("commitment" if sealed else "sha256", ""))
    path = place(keep.folder / (SEALED if sealed else PUBLIC), named)
    if path.is_file():
        item = place(keep.folder / ITEMS, named).read_text() if sealed else ""
        tables.insert_exhibit(keep.alias, named, str(exhibit["name"]), path.stat().st_size, item)


def put_file(folder: Path, pieces: Iterable[bytes]) -> tuple[str, int]:
    """Write bytes under their fingerprint, durably. (fingerprint, length)."""
    hasher, length = sha256(), 0
    temporary = begun(folder)
    try:
        with temporary.open("wb") as file:
            for piece in pieces:
                hasher.update(piece)
                length += len(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        finish(temporary, place(folder, hasher.hexdigest()))
    except OSError as error:
        raise fault(error) from error
    finally:
        temporary.unlink(missing_ok=True)
    return hasher.hexdigest(), length


def put_bytes(folder: Path, named: str, data: bytes) -> None:
    """Write bytes under a name that was worked out before, durably."""
    temporary = begun(folder)
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        finish(temporary, place(folder, named))
    except OSError as error:
        raise fault(error) from error
    finally:
        temporary.unlink(missing_ok=True)


def begun(folder: Path) -> Path:
    """A file of its own for what is being written. One that a stopped process leaves is never named."""
    try:
        (folder / "incoming").mkdir(parents=True, exist_ok=True)
        descriptor, path = tempfile.mkstemp(dir=folder / "incoming")
    except OSError as error:
        raise fault(error) from error
    os.close(descriptor)
    return Path(path)


def finish(temporary: Path, path: Path) -> None:
    """Move a synced file to its place and make the folder's list of names durable."""
    made = not path.parent.is_dir()
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary.chmod(0o644)
    temporary.replace(path)
    sync_folder(path.parent)
    if made:
        sync_folder(path.parent.parent)
        sync_folder(path.parent.parent.parent)


def sync_folder(folder: Path) -> None:
    """Return when the folder's list of names is durable (Windows has no such call)."""
    if os.name != "nt":
        sync_file(folder)


def sync_file(path: Path) -> None:
    """Return when the file's bytes are durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def place(folder: Path, named: str) -> Path:
    """Where a file lies: two digits of its name make a folder. Only hexadecimal names have a place."""
    if len(named) != 64 or not set(named) <= set("0123456789abcdef"):
        raise KeepError(f"{named[:80]!r} is no fingerprint: expected 64 digits of 0-9 a-f.")
    return folder / named[:2] / named
