"""Where a package's bytes come from: a folder, or a canonical ZIP (package.md sections 5 and 9).

It decides which files are there and gives their bytes in pieces, for either kind alike. A ZIP is read
strictly against the one form it may have; nothing is unpacked, so nothing can explode or escape.
"""

from __future__ import annotations

import mmap
import os
import stat
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tallybook.merkle.errors import EvidenceError, shown

PIECE = 1 << 20
MOST_FILES = 65_534
MOST_BYTES = 4_294_967_294

_LOCAL = struct.Struct("<IHHHHHIIIHH")
_CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
_END = struct.Struct("<IHHHHIIH")
_VERSION, _DATE = 10, 33  # ZIP 1.0; 1980-01-01.


@dataclass(frozen=True)
class Source:
    """The files of a package: their lengths by name, and a reader that gives a file in pieces."""

    lengths: Mapping[str, int]
    pieces: Callable[[str], Iterator[bytes]]

    def read(self, name: str) -> bytes:
        """All bytes of a file."""
        return b"".join(self.pieces(name))


def open_source(path: Path) -> Source:
    """A package at a path: a folder as a folder, a file as a ZIP. Raises EvidenceError or OSError."""
    if path.is_dir():
        return open_folder(path)
    with path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            raise EvidenceError(f"{path.name}: found an empty file; expected a package.")
        return open_zip(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def open_files(files: Mapping[str, bytes]) -> Source:
    """A package held in memory as names and bytes."""
    return Source({name: len(data) for name, data in files.items()}, lambda name: iter((files[name],)))


def open_folder(folder: Path) -> Source:
    """A package that is a folder. Raises EvidenceError at a link, a device or the like."""

    def pieces(name: str) -> Iterator[bytes]:
        with (folder / name).open("rb") as file:
            while piece := file.read(PIECE):
                yield piece

    return Source(dict(_walk(str(folder))), pieces)


def open_zip(data: bytes | mmap.mmap) -> Source:
    """A package that is a canonical ZIP. Raises EvidenceError for any other bytes."""
    count, central_start = _read_end(data)
    at, previous, central = 0, b"", []
    spans: dict[str, tuple[int, int]] = {}
    for _ in range(count):
        name, start, end, crc = _read_member(data, at, central_start)
        if name <= previous:
            raise EvidenceError(f"ZIP: found {shown(name)} after {shown(previous)}; expected sorted names.")
        central.append(_central(name, crc, end - start, at))
        spans[name.decode("ascii")] = (start, end)
        at, previous = end, name
    ending = b"".join(central)
    ending += _end(count, len(ending), at)
    if at != central_start or len(data) != at + len(ending) or data[at:] != ending:
        raise EvidenceError("ZIP: its directory is not the canonical one for the files it holds.")

    def pieces(name: str) -> Iterator[bytes]:
        start, end = spans[name]
        for first in range(start, end, PIECE):
            yield data[first : min(first + PIECE, end)]

    return Source({name: end - start for name, (start, end) in spans.items()}, pieces)


def write_zip(source: Source, out: BinaryIO) -> None:
    """Write the canonical ZIP of these files. Raises EvidenceError if they are too many or too large."""
    names = sorted(source.lengths, key=str.encode)
    _check_limits(source, names)
    central, at = [], 0
    for name in names:
        crc, length = _checksum(source, name)
        head = _local(name.encode("ascii"), crc, length)
        out.write(head)
        for piece in source.pieces(name):
            out.write(piece)
        central.append(_central(name.encode("ascii"), crc, length, at))
        at += len(head) + length
    directory = b"".join(central)
    out.write(directory + _end(len(names), len(directory), at))


def _check_limits(source: Source, names: list[str]) -> None:
    """Refuse before anything is written."""
    parts = sum(_LOCAL.size + _CENTRAL.size + 2 * len(name) for name in names)
    total = sum(source.lengths.values()) + parts + _END.size
    if len(names) > MOST_FILES or total > MOST_BYTES:
        raise EvidenceError(
            f"ZIP: {len(names)} files make {total} bytes; at most {MOST_FILES} files and {MOST_BYTES} bytes "
            "fit. Ship the folder."
        )


def _checksum(source: Source, name: str) -> tuple[int, int]:
    crc = length = 0
    for piece in source.pieces(name):
        crc, length = zlib.crc32(piece, crc), length + len(piece)
    return crc, length


def _read_end(data: bytes | mmap.mmap) -> tuple[int, int]:
    """The count of files and the start of the directory, from the last 22 bytes."""
    if not _END.size <= len(data) <= MOST_BYTES:
        raise EvidenceError(f"ZIP: found {len(data)} bytes; expected {_END.size} to {MOST_BYTES}.")
    tail = data[len(data) - _END.size :]
    count, length, start = _END.unpack(tail)[4:7]
    if tail != _end(count, length, start) or count > MOST_FILES:
        raise EvidenceError("ZIP: its last 22 bytes are not the end of a canonical ZIP.")
    if start + length + _END.size != len(data):
        raise EvidenceError("ZIP: the place of its directory does not fit its length.")
    return count, start


def _read_member(data: bytes | mmap.mmap, at: int, limit: int) -> tuple[bytes, int, int, int]:
    """(name, start, end, crc) of the file whose local part begins at `at`."""
    head = data[at : min(at + _LOCAL.size, limit)]
    if len(head) < _LOCAL.size:
        raise EvidenceError(f"ZIP: byte {at}: found no local part; expected one more file.")
    crc, length, _, name_length = _LOCAL.unpack(head)[6:10]
    start = at + _LOCAL.size + name_length
    name = data[at + _LOCAL.size : start]
    if not name.isascii() or head != _local(name, crc, length)[: _LOCAL.size]:
        raise EvidenceError(f"ZIP: byte {at}: the local part of {shown(name)} is not in canonical form.")
    end = start + length
    if end > limit or _crc_of(data, start, end) != crc:
        raise EvidenceError(f"ZIP: {shown(name)}: its bytes do not match its checksum and length.")
    return name, start, end, crc


def _crc_of(data: bytes | mmap.mmap, start: int, end: int) -> int:
    crc = 0
    for first in range(start, end, PIECE):
        crc = zlib.crc32(data[first : min(first + PIECE, end)], crc)
    return crc


def _local(name: bytes, crc: int, length: int) -> bytes:
    return _LOCAL.pack(0x04034B50, _VERSION, 0, 0, 0, _DATE, crc, length, length, len(name), 0) + name


def _central(name: bytes, crc: int, length: int, at: int) -> bytes:
    fields = (_VERSION, _VERSION, 0, 0, 0, _DATE, crc, length, length, len(name), 0, 0, 0, 0, 0, at)
    return _CENTRAL.pack(0x02014B50, *fields) + name


def _end(count: int, length: int, start: int) -> bytes:
    return _END.pack(0x06054B50, 0, 0, count, count, length, start, 0)


def _walk(top: str) -> Iterator[tuple[str, int]]:
    """(name, length) of every file below a folder. Folders themselves have no meaning."""
    waiting = [""]
    while waiting:
        prefix = waiting.pop()
        with os.scandir(f"{top}/{prefix}") as found:
            for item in found:
                kind = item.stat(follow_symlinks=False)
                if stat.S_ISDIR(kind.st_mode):
                    waiting.append(f"{prefix}{item.name}/")
                elif stat.S_ISREG(kind.st_mode):
                    yield prefix + item.name, kind.st_size
                else:
                    raise EvidenceError(
                        f"{shown(prefix + item.name)}: found a link or device; expected a plain file."
                    )
