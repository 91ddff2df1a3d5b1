"""The list of what a ZIP archive holds, read from its central directory.

For ``archives``, which looks at each entry before anything is unpacked: an export may hold a million files,
so an entry is read in a microsecond. Follows PKWARE's APPNOTE 6.3.9, sections 4.3.12 to 4.3.16 and 4.5.3
(ZIP64). Archives in several parts are refused, and so is a list that does not stand exactly where the end of
the archive says: then two programs might see two contents.
"""

import struct
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

END, END_64, LOCATOR_64, ENTRY = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"PK\x01\x02"
ENDS = struct.Struct("<4s4H2LH")
ENDS_64 = struct.Struct("<4sQ2H2L4Q")
LOCATES_64 = struct.Struct("<4sLQL")
ENTRIES = struct.Struct("<4s6H3L5H2L")
MOST_COMMENT = 0xFFFF
FULL, FULL_COUNT = 0xFFFFFFFF, 0xFFFF
SIZES_64 = 1
UTF8 = 0x800


class Member(msgspec.Struct, frozen=True, gc=False):
    """A file or folder of an archive, as the list says. ``written`` is its name's bytes there."""

    name: str
    written: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    attributes: int
    offset: int

    @property
    def is_folder(self) -> bool:
        """Whether this is a folder: its name ends so."""
        return self.name.endswith("/")


def members(stream: BinaryIO) -> list[Member]:
    """All entries, in the order of the list. Raises ``zipfile.BadZipFile`` for what is no whole archive."""
    length = stream.seek(0, 2)
    tail = _from(stream, max(length - MOST_COMMENT - ENDS.size, 0), MOST_COMMENT + ENDS.size)
    place = tail.rfind(END)
    if place < 0 or len(tail) - place < ENDS.size:
        raise zipfile.BadZipFile("no end of the list of files")
    _, disk, first_disk, here, count, size, start, comment = ENDS.unpack_from(tail, place)
    if place + ENDS.size + comment != len(tail):
        raise zipfile.BadZipFile("bytes after the end of the archive, or an end cut off")
    end = length - len(tail) + place
    if FULL in (size, start) or FULL_COUNT in (count, disk):
        end, disk, first_disk, here, count, size, start = _end_64(
            stream, end, (disk, first_disk, here, count, size, start)
        )
    if disk or first_disk or here != count:
        raise zipfile.BadZipFile("an archive in several parts")
    before = end - size - start
    if before < 0:
        raise zipfile.BadZipFile("a list of files that begins before the archive")
    found = list(_entries(_from(stream, start + before, size), before))
    if len(found) % (FULL_COUNT + 1) != count % (FULL_COUNT + 1):
        raise zipfile.BadZipFile(f"{len(found):,} files where {count:,} are stated")
    return found


def _end_64(stream: BinaryIO, end: int, plain: tuple[int, ...]) -> tuple[int, ...]:
    """Where a large archive's list ends, and what its further record says; ``plain`` where it has none."""
    locator = _from(stream, max(end - LOCATES_64.size, 0), LOCATES_64.size)
    if len(locator) < LOCATES_64.size or not locator.startswith(LOCATOR_64):
        return end, *plain
    _, disk, _, disks = LOCATES_64.unpack(locator)
    at = end - LOCATES_64.size - ENDS_64.size
    record = _from(stream, max(at, 0), ENDS_64.size)
    if disk or disks > 1 or len(record) < ENDS_64.size or not record.startswith(END_64):
        raise zipfile.BadZipFile("an end of a large archive that cannot be read")
    _, _, _, _, disk, first_disk, here, count, size, start = ENDS_64.unpack(record)
    return at, disk, first_disk, here, count, size, start


def _entries(listed: bytes, before: int) -> Iterator[Member]:
    """Each entry; ``before`` bytes stand before the archive, as a program that unpacks itself may."""
    at, unpack = 0, ENTRIES.unpack_from
    while at < len(listed):
        try:
            (
                sign, _, _, flags, method, _, _, crc, packed, size, named, extra, comment, _, _, attributes,
                offset,
            ) = unpack(listed, at)  # fmt: skip
        except struct.error as why:
            raise zipfile.BadZipFile("a list of files cut off") from why
        begin = at + ENTRIES.size
        written = listed[begin : begin + named]
        at = begin + named + extra + comment
        if sign != ENTRY or at > len(listed):
            raise zipfile.BadZipFile("a list of files that does not hold together")
        if FULL in (size, packed, offset):
            size, packed, offset = _large(listed[begin + named : begin + named + extra], size, packed, offset)
        name = written.decode("utf-8" if flags & UTF8 else "cp437")
        yield Member(name, written, flags, method, crc, packed, size, attributes, offset + before)


def _large(extra: bytes, *values: int) -> Iterator[int]:
    """Size, packed size and offset, those that do not fit from the ZIP64 field. APPNOTE 4.5.3."""
    field = b""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<2H", extra)
        if kind == SIZES_64:
            field = extra[4 : 4 + length]
        extra = extra[4 + length :]
    for value in values:
        if value == FULL:
            if len(field) < 8:
                raise zipfile.BadZipFile("a large file without its size")
            value, field = int.from_bytes(field[:8], "little"), field[8:]
        yield value


def _from(stream: BinaryIO, place: int, length: int) -> bytes:
    stream.seek(place)
    return stream.read(length)
