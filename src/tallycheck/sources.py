"""Where a package's bytes come from: a folder, or a canonical ZIP (package specification, sections 5 and 9).

Both give names, lengths and bytes, and nothing else. A folder must hold regular files only. A ZIP must
be the one ZIP that its names and bytes make, so it is walked from its first byte against the table of
section 9; no ZIP library is asked.
"""

import errno
import os
import stat
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from .failure import Failed, shown

CHUNK = 1 << 20
LONGEST_NAME = 80  # no file of a package has so long a name: ``exhibits/`` and 64 digits are 73
MOST_FILES = 65_534
LONGEST_ZIP = 4_294_967_294
_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class Folder:
    """A package that lies open in a folder."""

    is_zip = False

    def __init__(self, root: Path) -> None:
        self.root = root

    def names(self) -> Iterator[str]:
        """The name of every file; fails check 1 at anything that is no regular file."""
        waiting = [""]
        while waiting:
            folder = waiting.pop()
            try:
                with os.scandir(self.root / folder) as found:
                    for item in found:
                        name = folder + item.name
                        if item.is_dir(follow_symlinks=False):
                            waiting.append(name + "/")
                        elif item.is_file(follow_symlinks=False):
                            yield name
                        else:
                            raise Failed(1, "not a regular file", file=shown(name))
            except (OSError, ValueError) as error:
                raise Failed(1, f"the folder cannot be read: {reason(error)}", file=shown(folder)) from None

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of a file, piece by piece."""
        try:
            with os.fdopen(os.open(self.root / name, _OPEN), "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise Failed(1, "not a regular file", file=name)
                while chunk := file.read(CHUNK):
                    yield chunk
        except (OSError, ValueError) as error:
            raise Failed(1, f"the file cannot be read: {reason(error)}", file=name) from None

    def read(self, name: str, most: int) -> bytes:
        """All bytes of a file, or the first `most` + 1 if there are more than `most`."""
        try:
            with os.fdopen(os.open(self.root / name, _OPEN), "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise Failed(1, "not a regular file", file=name)
                return file.read(min(most + 1, os.fstat(file.fileno()).st_size + 1))
        except FileNotFoundError:
            raise Failed(1, "the file is missing", file=name) from None
        except (OSError, ValueError) as error:
            raise Failed(1, f"the file cannot be read: {reason(error)}", file=name) from None

    def part(self, name: str, start: int, length: int) -> bytes:
        """Up to so many bytes of a file, from `start`."""
        try:
            with os.fdopen(os.open(self.root / name, _OPEN), "rb") as file:
                file.seek(start)
                return file.read(length)
        except (OSError, ValueError) as error:
            raise Failed(1, f"the file cannot be read: {reason(error)}", file=name) from None


class Zip:
    """A package in one canonical ZIP. `index` gives each name's first byte and length."""

    is_zip = True

    def __init__(self, file: BinaryIO, index: dict[str, tuple[int, int]]) -> None:
        self.file, self.index = file, index

    def names(self) -> Iterator[str]:
        """The name of every file."""
        return iter(self.index)

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of a file, piece by piece."""
        offset, left = self.place(name)
        while left:
            self.file.seek(offset)
            chunk = self.file.read(min(left, CHUNK))
            if not chunk:
                raise Failed(1, "the ZIP became shorter while it was read", file=name)
            yield chunk
            offset, left = offset + len(chunk), left - len(chunk)

    def read(self, name: str, most: int) -> bytes:
        """All bytes of a file, or the first `most` + 1 if there are more than `most`."""
        offset, length = self.place(name)
        self.file.seek(offset)
        return self.file.read(min(most + 1, length))

    def part(self, name: str, start: int, length: int) -> bytes:
        """Up to so many bytes of a file, from `start`."""
        offset, whole = self.place(name)
        self.file.seek(offset + start)
        return self.file.read(max(0, min(length, whole - start)))

    def place(self, name: str) -> tuple[int, int]:
        """Where the file's bytes lie."""
        if name not in self.index:
            raise Failed(1, "the file is missing", file=name)
        return self.index[name]


Source = Folder | Zip


def open_source(path: Path) -> Source:
    """The package at `path`. Raises `OSError` where there is nothing to read; fails check 1 for a bad ZIP."""
    if path.is_dir():
        return Folder(path)
    file = os.fdopen(os.open(path, _OPEN & ~getattr(os, "O_NOFOLLOW", 0)), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "neither a folder nor a file", str(path))
    return Zip(file, walked(file))


def reason(error: Exception) -> str:
    """Why the system would not read, without the path (which may be hostile)."""
    return getattr(error, "strerror", None) or type(error).__name__


# The canonical ZIP, section 9 ------------------------------------------------------------

_LOCAL = struct.Struct("<4s6s4s3L2H")
_FIXED = (b"PK\x03\x04", b"\x0a\x00\x00\x00\x00\x00", b"\x00\x00\x21\x00")
_CENTRAL = struct.Struct("<4s8s4s3LH12sL")
_END = struct.Struct("<4s4s2H2LH")


def walked(file: BinaryIO) -> dict[str, tuple[int, int]]:
    """The index of a canonical ZIP: check 1, step 1."""
    size = file.seek(0, os.SEEK_END)
    count, central = read_end(file, size)
    index: dict[str, tuple[int, int]] = {}
    parts: list[tuple[bytes, int, int, int]] = []
    offset, last = 0, b""
    for _ in range(count):
        name, crc, length = read_local(file, offset)
        if name <= last:
            raise Failed(1, f"the ZIP's names are not in ascending order at {shown(name.decode('latin-1'))}")
        start = offset + _LOCAL.size + len(name)
        if start + length > central:
            raise Failed(1, "a file of the ZIP runs past its end")
        if crc_of(file, start, length) != crc:
            raise Failed(1, "its bytes do not have the CRC the ZIP states", file=name.decode("ascii"))
        index[name.decode("ascii")] = (start, length)
        parts.append((name, crc, length, offset))
        offset, last = start + length, name
    if offset != central:
        raise Failed(1, "the ZIP has bytes between its files and its list of files")
    require_central(file, parts)
    return index


def read_end(file: BinaryIO, size: int) -> tuple[int, int]:
    """The number of files and the offset of the central parts, from the last 22 bytes."""
    if size > LONGEST_ZIP or size < _END.size:
        raise Failed(1, "this is no folder, and no ZIP of a package")
    file.seek(size - _END.size)
    mark, zeros, count, again, length, offset, comment = _END.unpack(file.read(_END.size))
    if mark != b"PK\x05\x06" or zeros != bytes(4) or count != again or comment:
        raise Failed(1, "this is no folder, and no canonical ZIP: its last 22 bytes are not a ZIP's end")
    if count > MOST_FILES or offset + length + _END.size != size or length < count * 46:
        raise Failed(1, "the end of the ZIP states numbers that do not fit")
    return count, offset


def read_local(file: BinaryIO, offset: int) -> tuple[bytes, int, int]:
    """Name, CRC and length in the local part at `offset`."""
    file.seek(offset)
    head = file.read(_LOCAL.size)
    if len(head) != _LOCAL.size:
        raise Failed(1, "the ZIP ends within a file's head")
    mark, version, time, crc, length, again, name_length, extra = _LOCAL.unpack(head)
    if (mark, version, time) != _FIXED or length != again or extra:
        raise Failed(1, f"the file's head at byte {offset} of the ZIP is not canonical")
    if not 0 < name_length <= LONGEST_NAME:
        raise Failed(
            1, f"a name of {name_length} bytes at byte {offset} of the ZIP: no file of a package has it"
        )
    name = file.read(name_length)
    if len(name) != name_length or not name.isascii():
        raise Failed(1, f"the name at byte {offset} of the ZIP is not ASCII")
    return name, crc, length


def crc_of(file: BinaryIO, start: int, length: int) -> int:
    """The CRC-32 of that stretch of the file."""
    crc = 0
    file.seek(start)
    while length and (chunk := file.read(min(length, CHUNK))):
        crc, length = zlib.crc32(chunk, crc), length - len(chunk)
    return crc


def require_central(file: BinaryIO, parts: list[tuple[bytes, int, int, int]]) -> None:
    """The central parts are those that the local parts make, and the end follows them."""
    file.seek(parts[-1][3] + _LOCAL.size + len(parts[-1][0]) + parts[-1][2] if parts else 0)
    for name, crc, length, offset in parts:
        head = _CENTRAL.pack(
            b"PK\x01\x02",
            b"\x0a\x00" * 2 + bytes(4),
            _FIXED[2],
            crc,
            length,
            length,
            len(name),
            bytes(12),
            offset,
        )
        if file.read(len(head) + len(name)) != head + name:
            raise Failed(1, "the ZIP's list of files does not repeat its files", file=name.decode("ascii"))
    here = file.tell()
    if here != file.seek(0, os.SEEK_END) - _END.size:
        raise Failed(1, "the ZIP's list of files is not followed by its end")
