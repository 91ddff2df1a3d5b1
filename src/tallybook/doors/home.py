"""The home of an installation: one folder with the database, the exhibits and the keys.

For the commands that keep books. `--home DIR` or TALLYBOOK_HOME names the folder; TALLYBOOK_DATABASE names
another database than the SQLite file in it. Secrets lie in `keys/`, readable by their owner only; back them
up apart from the rest.
"""

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tallybook.book import Act, Checkpoint, Entry, Shelf, Standing
from tallybook.book.writing import decode_entry
from tallybook.doors.cli.shown import DoorError
from tallybook.evidence.signing import SigningKey, log_key, verify_ed25519, witness_key
from tallybook.keep import tables
from tallybook.keep.exhibits import open_exhibit
from tallybook.keep.opening import Keep, make_keep, open_keep
from tallybook.keep.recorder import Recorder
from tallybook.merkle.checkpoints import format_text, parse_checkpoint, split_file, verify_canonical_lines
from tallybook.merkle.errors import EvidenceError
from tallybook.merkle.policy import parse_policy, quorum_met, witness_names
from tallybook.merkle.tree import CompactRange, Node, append, node_reader, range_root


@dataclass(frozen=True)
class Home:
    """Where an installation lives, and its database."""

    folder: Path
    url: str

    @property
    def keys(self) -> Path:
        """The folder of secrets."""
        return self.folder / "keys"


def home_at(folder: Path) -> Home:
    """The home in a folder; its database is the one that TALLYBOOK_DATABASE names, or a file in it."""
    url = os.environ.get("TALLYBOOK_DATABASE") or f"sqlite:///{(folder / 'books.sqlite3').resolve()}"
    return Home(folder, url)


def made(home: Home) -> Keep:
    """The keep of a home, made if it is not there yet."""
    home.folder.mkdir(parents=True, exist_ok=True)
    return make_keep(home.url, home.folder / "exhibits")


def opened(home: Home) -> Keep:
    """The keep of a home that is there."""
    if not home.folder.is_dir():
        raise DoorError(
            f"There is no home in {home.folder}. Make one: `tallybook keys new ORIGIN --home DIR`."
        )
    return open_keep(home.url, home.folder / "exhibits")


def book_named(keep: Keep, name: str) -> str:
    """The book that a command means: the one named, or the only one there is."""
    known = tables.book_names(keep.alias)
    if name and name in known:
        return name
    if name:
        raise DoorError(f'There is no book "{name}" here. There is: {", ".join(known) or "none"}.')
    if len(known) != 1:
        what = "Name one with --book: " + ", ".join(known) if known else "Open one: `tallybook book new FILE`"
        raise DoorError(f"There are {len(known)} books here. {what}.")
    return known[0]


# Keys ----------------------------------------------------------------------------------------


def new_secret(path: Path) -> bytes:
    """A new secret of 32 bytes, readable by its owner only. An existing one is never replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    value = secrets.token_bytes(32)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(value.hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise DoorError(
            f"{path} is there already; nothing was changed. A key is never replaced by a command."
        ) from None
    return value


def read_secret(path: Path) -> bytes:
    """A secret of 32 bytes from its file."""
    try:
        value = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except FileNotFoundError:
        raise DoorError(f"There is no key {path}. Make it: `tallybook keys new`.") from None
    except ValueError:
        value = b""
    if len(value) != 32:
        raise DoorError(f"{path} is no key: expected 64 hexadecimal digits.")
    return value


def key_file(origin: str) -> str:
    """The file name of an origin's log key."""
    return "".join(one if one.isalnum() or one in ".-" else "_" for one in origin) + ".log.key"


def log_of(home: Home, origin: str) -> SigningKey:
    """The log key of a book's origin."""
    return log_key(origin, read_secret(home.keys / key_file(origin)))


def witness_from(path: Path) -> SigningKey:
    """A witness's key from its file: the name on the first line, the secret on the second."""
    try:
        name, value = path.read_text(encoding="utf-8").split("\n")[:2]
        return witness_key(name, bytes.fromhex(value))
    except FileNotFoundError:
        raise DoorError(
            f"There is no key {path}. Make it: `tallybook witness new NAME --out {path}`."
        ) from None
    except ValueError:
        raise DoorError(f"{path} is no witness's key: expected a name and 64 hexadecimal digits.") from None


# Reading a book ------------------------------------------------------------------------------


def stored_entries(keep: Keep, book: str, start: int, stop: int) -> Iterator[bytes]:
    """The entries start … stop − 1, as stored."""
    return (bytes(data) for _, data, _ in tables.rows(keep.alias, book, start, stop))


def entries(keep: Keep, book: str) -> Iterator[Entry]:
    """Every entry of a book."""
    return (decode_entry(bytes(data)) for _, data, _ in tables.rows(keep.alias, book, 0))


def leaves(keep: Keep, book: str, stop: int) -> list[bytes]:
    """The leaf hashes of the first entries."""
    return [bytes(leaf) for _, _, leaf in tables.rows(keep.alias, book, 0, stop)]


def root_at(keep: Keep, book: str, size: int) -> bytes:
    """The root of the first `size` entries."""
    return range_root(append(CompactRange(), leaves(keep, book, size)))


def node_at(keep: Keep, book: str, size: int) -> Node:
    """A reader of the tree of the first `size` entries."""
    return node_reader(leaves(keep, book, size))


def exhibit(keep: Keep, fingerprint: str) -> BinaryIO:
    """A public exhibit, opened."""
    return open_exhibit(keep, fingerprint)


# Recording -----------------------------------------------------------------------------------


def recorder(keep: Keep, book: str, origin: str = "", policy: str = "") -> Recorder:
    """The recorder of a book. origin, policy: for a book that is about to be opened."""

    def shelve(act: Act, standing: Standing) -> Shelf:
        seen = act.detail.get("checkpoint")
        if standing.size == 0:
            return Shelf(origin=origin, policy=policy)
        found = look(keep, book, standing, seen) if isinstance(seen, str) else None
        return Shelf(checkpoint=found, verify=verify_ed25519)

    return Recorder(keep, book, shelve=shelve)


def look(keep: Keep, book: str, standing: Standing, text: str) -> Checkpoint | None:
    """What a checkpoint's text proves about this book; None where it is no checkpoint."""
    try:
        data = text.encode()
        head = parse_checkpoint(data)[0]
        policy = parse_policy(standing.policy)
    except (EvidenceError, UnicodeEncodeError):
        return None
    own = root_at(keep, book, head.size) if head.size <= standing.size else b""
    signed = quorate = False
    try:
        found = verify_canonical_lines(format_text(head), split_file(data)[1], policy, verify_ed25519)
        signed, quorate = True, quorum_met(policy, witness_names(policy, [one.key for one in found]))
    except EvidenceError:
        pass
    root = text.split("\n")[2]
    own_root = root if own == head.root else ""
    return Checkpoint(head.size, root, head.origin == standing.origin, signed, quorate, own_root)
