"""Publishing: a book's new entries into a folder that any web server can serve (package.md section 5).

It decides in which order bytes reach the disk, so that the checkpoint there never names what is not
durable: exhibits, bundles, tiles, all synced; then `contents`; then `checkpoint`, each in one step; then
the old partial files go. Stopped anywhere, the next call mends it. The folder's own tiles are enough to
go on from, and a folder that shows another history is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from tallybook.evidence import disk
from tallybook.evidence.contents import (
    Contents,
    add_entries,
    exhibit_path,
    format_contents,
    names,
    parse_contents,
    policy_of,
)
from tallybook.evidence.signing import verify_ed25519
from tallybook.evidence.sources import PIECE, Source, open_folder
from tallybook.merkle import tiles
from tallybook.merkle.checkpoints import (
    Checkpoint,
    format_text,
    parse_checkpoint,
    parse_head,
    split_file,
    verify_canonical_lines,
)
from tallybook.merkle.errors import EvidenceError, shown
from tallybook.merkle.policy import parse_policy

ReadEntries = Callable[[int, int], Iterable[bytes]]
"""read_entries(start, stop): the book's entries start … stop − 1, as stored."""
OpenExhibit = Callable[[str], BinaryIO]
"""open_exhibit(fingerprint): a public exhibit, opened for reading."""

_CHUNK = 16 * tiles.WIDTH
_OURS = re.compile(
    r"contents|checkpoint|(contents|checkpoint)\.tmp|exhibits/[0-9a-f]{64}"
    r"|tile/([0-9]{1,2}|entries)/(x[0-9]{3}/)*[0-9]{3}(\.p/[0-9]{1,3})?"
)


@dataclass(frozen=True)
class _Published:
    """What a folder holds already: the last checkpoint, the right edge of its tree, its exhibits."""

    size: int
    frontier: tiles.Frontier
    exhibits: dict[str, int]


def publish(folder: Path, checkpoint: bytes, read_entries: ReadEntries, open_exhibit: OpenExhibit) -> None:
    """Bring a folder to a checkpoint's size; the folder is made if need be.

    Raises EvidenceError if the folder is of another book or not a beginning of this one, holds foreign
    files, or if the entries or exhibits are not those of the checkpoint. Raises disk.DiskError if the
    disk refuses. In either case the checkpoint published before still stands, whole.
    """
    try:
        disk.make_top_folder(folder)
        with disk.lock(folder):
            _publish(folder, checkpoint, read_entries, open_exhibit)
    except OSError as error:
        raise disk.DiskError(
            f"{folder.name}: the disk refused ({error.strerror or error}). What was published before "
            "still stands. Make room or mend the disk, then publish again."
        ) from error


def package_files(checkpoint: bytes, entries: Iterable[bytes], exhibits: dict[str, bytes]) -> tiles.Files:
    """All files of a package, as names and bytes, for a book that fits in memory.

    `exhibits` maps fingerprints to bytes; those no entry names are left out. Verifies no signature.
    """
    entries = list(entries)
    frontier, files = tiles.grow(tiles.Frontier(), entries)
    named: dict[str, int] = {}
    add_entries(named, entries, 0)
    files |= tiles.partial_files(frontier)
    files |= {exhibit_path(fingerprint): exhibits[fingerprint] for fingerprint in named}
    files["contents"] = format_contents(Contents(len(entries), named))
    files["checkpoint"] = checkpoint
    _check_root(frontier, parse_checkpoint(checkpoint)[0])
    return files


def _publish(folder: Path, data: bytes, read_entries: ReadEntries, open_exhibit: OpenExhibit) -> None:
    source = open_folder(folder)
    _refuse_foreign(source)
    checkpoint = _check_signed(data, read_entries)
    before = _read_published(source, checkpoint, read_entries)
    writer = _Writer(folder, set(tiles.partial_files(before.frontier)), [], set())
    try:
        frontier, exhibits = _write_tree(writer, before, checkpoint, read_entries)
        _check_root(frontier, checkpoint)
        for fingerprint, length in exhibits.items():
            if fingerprint not in before.exhibits or exhibit_path(fingerprint) not in source.lengths:
                _write_exhibit(writer, fingerprint, length, open_exhibit)
        writer.sync()
        contents = Contents(checkpoint.size, exhibits)
        disk.stage(folder / "contents", format_contents(contents))
        disk.stage(folder / "checkpoint", data)
    except (EvidenceError, OSError):
        with suppress(OSError):
            _remove_others(folder, open_folder(folder), _kept_before(before, source))
        raise
    disk.install(folder / "contents")
    disk.install(folder / "checkpoint")
    _remove_others(folder, open_folder(folder), set(names(contents)))


def _check_signed(data: bytes, read_entries: ReadEntries) -> Checkpoint:
    """The checkpoint to publish: signed as entry 0's policy says, lines in order; the quorum may follow."""
    head, tail = split_file(data)
    checkpoint = parse_head(head)
    if checkpoint.size < 1:
        raise EvidenceError("checkpoint: found the size 0; expected at least one entry.")
    first = b"".join(read_entries(0, 1))
    policy = parse_policy(policy_of(first, checkpoint.origin))
    verify_canonical_lines(format_text(checkpoint), tail, policy, verify_ed25519)
    return checkpoint


def _refuse_foreign(source: Source) -> None:
    for name in source.lengths:
        if not _OURS.fullmatch(name):
            raise EvidenceError(
                f"{shown(name)}: not a file of a package. Publish into another folder. Nothing was changed."
            )


def _read_published(source: Source, new: Checkpoint, read_entries: ReadEntries) -> _Published:
    """What the folder holds, proven to be what its checkpoint says and of the same origin."""
    if "checkpoint" not in source.lengths:
        return _Published(0, tiles.Frontier(), {})
    old = parse_checkpoint(source.read("checkpoint"))[0]
    if old.origin != new.origin:
        raise EvidenceError(f"the folder holds the book {old.origin}; expected {new.origin}.")
    if old.size > new.size:
        raise EvidenceError(
            f"the folder holds {old.size} entries, more than the {new.size} to publish. Nothing was changed."
        )
    frontier = _read_frontier(source, old.size)
    if tiles.frontier_root(frontier) != old.root:
        raise EvidenceError(
            "the folder's tiles do not match its checkpoint. Keep the folder aside as evidence, and "
            "publish into a new one. Nothing was changed."
        )
    return _Published(old.size, frontier, _read_exhibits(source, old.size, read_entries))


def _read_frontier(source: Source, size: int) -> tiles.Frontier:
    """The right edge of a published book, from its partial tiles and bundle."""
    try:
        edges = [
            source.read(tiles.tile_path(level, hashes // tiles.WIDTH, hashes % tiles.WIDTH))
            if hashes % tiles.WIDTH
            else b""
            for level, hashes in enumerate(tiles.level_sizes(size))
        ]
        number, width = divmod(size, tiles.WIDTH)
        bundle = source.read(tiles.bundle_path(number, width)) if width else b""
    except FileNotFoundError as error:
        raise EvidenceError(f"{error.filename}: the file is missing from the published folder.") from None
    if width and tiles.hash_entries(tiles.decode_bundle(bundle, width)) != edges[0]:
        raise EvidenceError("the folder's last bundle does not match its last tile. Nothing was changed.")
    return tiles.Frontier(size, tuple(edges), bundle)


def _read_exhibits(source: Source, size: int, read_entries: ReadEntries) -> dict[str, int]:
    """The exhibits published so far: from `contents`, or from the entries after a publication broke off."""
    if "contents" in source.lengths:
        contents = parse_contents(source.read("contents"))
        if contents.size == size:
            return dict(contents.exhibits)
    exhibits: dict[str, int] = {}
    add_entries(exhibits, read_entries(0, size), 0)
    return exhibits


@dataclass(frozen=True)
class _Writer:
    """Files going into a folder: which to leave alone, which still need a sync."""

    folder: Path
    kept: set[str]
    unsynced: list[Path]
    folders: set[Path]

    def write(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write a file unless the checkpoint already published rests on it."""
        if name in self.kept:
            return
        path = self.folder / name
        disk.make_folders(path.parent, self.folders)
        disk.write(path, pieces)
        self.unsynced.append(path)
        self.folders.add(path.parent)

    def sync(self) -> None:
        """Return when every file and every folder's list of names is durable."""
        disk.sync_files(self.unsynced)
        for path in sorted(self.folders, reverse=True):
            disk.sync_folder(path)


def _write_tree(
    writer: _Writer, before: _Published, checkpoint: Checkpoint, read_entries: ReadEntries
) -> tuple[tiles.Frontier, dict[str, int]]:
    """Write the new bundles and tiles; give the new right edge and all public exhibits."""
    frontier, exhibits = before.frontier, dict(before.exhibits)
    for entries in _chunks(read_entries(before.size, checkpoint.size)):
        add_entries(exhibits, entries, frontier.size)
        frontier, files = tiles.grow(frontier, entries)
        for name, data in files.items():
            writer.write(name, [data])
    for name, data in tiles.partial_files(frontier).items():
        writer.write(name, [data])
    return frontier, exhibits


def _chunks(entries: Iterable[bytes]) -> Iterator[list[bytes]]:
    rest = iter(entries)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk


def _check_root(frontier: tiles.Frontier, checkpoint: Checkpoint) -> None:
    if frontier.size != checkpoint.size:
        raise EvidenceError(f"the book gave {frontier.size} entries; expected {checkpoint.size}.")
    if tiles.frontier_root(frontier) != checkpoint.root:
        raise EvidenceError(
            "the checkpoint's root is not that of the published entries and the new ones: they are not "
            "one history. What was published before still stands."
        )


def _write_exhibit(writer: _Writer, fingerprint: str, length: int, open_exhibit: OpenExhibit) -> None:
    """Copy an exhibit, and refuse if it is not the one its fingerprint names."""
    digest, written = sha256(), 0

    def pieces(file: BinaryIO) -> Iterator[bytes]:
        nonlocal written
        while piece := file.read(PIECE):
            digest.update(piece)
            written += len(piece)
            yield piece

    with open_exhibit(fingerprint) as file:
        writer.write(exhibit_path(fingerprint), pieces(file))
    if (digest.hexdigest(), written) != (fingerprint, length):
        raise EvidenceError(f"exhibit {fingerprint}: the file kept is not the one that the entries name.")


def _kept_before(before: _Published, source: Source) -> set[str]:
    """The files to leave when a publication is refused: those the earlier checkpoint rests on."""
    if not before.size:
        return set()
    kept = set(names(Contents(before.size, before.exhibits)))
    return kept & source.lengths.keys()


def _remove_others(folder: Path, source: Source, kept: set[str]) -> None:
    """Remove what no longer belongs: old partial files, leftovers of a publication that broke off."""
    for name in source.lengths.keys() - kept:
        path = folder / name
        disk.remove(path)
        while path.parent != folder and not any(path.parent.iterdir()):
            path = path.parent
            path.rmdir()
