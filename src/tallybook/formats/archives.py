"""Folders and archives from strangers as names and pieces of bytes, with limits against hostile ones.

For every reader of this room. A ZIP may lie about its sizes, unpack to a thousand times its length, name a
place outside itself, hold a link, or hold one name twice so that two programs see two contents. All of
that is a grave problem here, found before or while its bytes are read. The ZIP format is that of PKWARE's
APPNOTE 6.3.9; encrypted members and members in several parts are refused.
"""

import io
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from typing import BinaryIO, Protocol

import msgspec

from tallybook.formats.problems import UNSAFE, Consequence, Problems, shown
from tallybook.formats.zip_lists import Member, members

PIECE = 1 << 20
MOST_FIELD = 64 << 20
HEADER = 30
USUAL_EXTRA = 64
"""Bytes of a file's header before its name, and as many after it as most archives have at most."""
LOCAL_HEADER = b"PK\x03\x04"
CLUTTER = {"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"}
ZIP_START = (b"PK\x03\x04", b"PK\x05\x06")


class Folder(Protocol):
    """Files by name, as a door, an archive or a test gives them. Names use ``/`` between their parts."""

    @property
    def name(self) -> str:
        """What a person calls it."""

    def names(self) -> tuple[str, ...]:
        """The names of all files, in the order in which they are kept."""

    def pieces(self, name: str) -> Iterator[bytes]:
        """The bytes of one file in pieces of at most about a megabyte. Raises ``Unreadable``."""


class Unreadable(Exception):  # noqa: N818 - told to the sender as a problem
    """A file that cannot be read to its end: damaged, hostile, or larger than the limits."""

    def __init__(self, file: str, found: str, expected: str, mend: str) -> None:
        super().__init__(f"{file}: {found}")
        self.told = (file, found, expected, mend)


class Limits(msgspec.Struct, frozen=True):
    """How large an archive may be. The defaults pass a state's export and stop a bomb within seconds."""

    files: int = 2_000_000
    total_bytes: int = 256 << 30
    file_bytes: int = 16 << 30
    ratio: int = 400
    ratio_free_bytes: int = 16 << 20
    name_length: int = 512


LIMITS = Limits()


class InMemory:
    """A folder whose files are given as bytes."""

    def __init__(self, files: Mapping[str, bytes], name: str = "folder") -> None:
        self.name = name
        self._files = dict(files)

    def names(self) -> tuple[str, ...]:
        """The names, in the order given."""
        return tuple(self._files)

    def pieces(self, name: str) -> Iterator[bytes]:
        """The bytes, a piece at a time."""
        data = self._files[name]
        return (data[start : start + PIECE] for start in range(0, len(data), PIECE))


class ZipFolder:
    r"""A folder that is a ZIP archive already found safe. Made by ``open_zip``.

    Some programs for Windows write ``\\`` between the parts of a name; here it is ``/`` as it should be.
    """

    def __init__(self, listed: Sequence[Member], stream: BinaryIO, name: str) -> None:
        self.name, self._stream = name, stream
        self._members = {one.name.replace("\\", "/"): one for one in listed if not one.is_folder}

    def names(self) -> tuple[str, ...]:
        """The names of the archive's files, in its own order; what makers of archives add is left out."""
        return tuple(name for name in self._members if not is_clutter(name))

    def pieces(self, name: str) -> Iterator[bytes]:
        """The bytes, unpacked a piece at a time and checked against the archive's own sum."""
        member, where = self._members[name], f"{self.name}/{name}"
        try:
            if member.size <= PIECE and member.method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                yield self._small(member)
            else:
                yield from self._large(member)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            RuntimeError,
            ValueError,
        ) as why:
            found = f"a damaged part ({shown(why)})"
            raise Unreadable(where, found, "a whole file", "Export or copy the archive again.") from why

    def _small(self, member: Member) -> bytes:
        """A small file in one go: an export may hold a million of them."""
        self._stream.seek(member.offset)
        start = HEADER + len(member.written)
        raw = self._stream.read(start + USUAL_EXTRA + member.packed)
        if len(raw) < start or raw[:4] != LOCAL_HEADER:
            raise zipfile.BadZipFile("no file where the list says")
        if int.from_bytes(raw[26:28], "little") != len(member.written) or raw[HEADER:start] != member.written:
            raise zipfile.BadZipFile("two names for one file")
        start += int.from_bytes(raw[28:30], "little")
        data = raw[start : start + member.packed]
        if len(data) < member.packed:
            self._stream.seek(member.offset + start)
            data = self._stream.read(member.packed)
        if member.method == zipfile.ZIP_DEFLATED:
            data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, member.size + 1)
        if len(data) != member.size or zlib.crc32(data) != member.crc:
            raise zipfile.BadZipFile("bytes that do not have the stated length and sum")
        return data

    def _large(self, member: Member) -> Iterator[bytes]:
        """A large file a piece at a time, by the standard library, which must find the same file."""
        unpacked, archive = 0, zipfile.ZipFile(self._stream)
        info = archive.getinfo(member.name)
        if (info.header_offset, info.file_size, info.CRC) != (member.offset, member.size, member.crc):
            raise zipfile.BadZipFile("two files of one name")
        with archive.open(info) as stream:
            while piece := stream.read(PIECE):
                unpacked += len(piece)
                yield piece
        if unpacked != member.size:
            raise zipfile.BadZipFile(f"{unpacked:,} bytes where {member.size:,} are stated")


def open_zip(
    data: bytes | BinaryIO, name: str, problems: Problems, limits: Limits = LIMITS
) -> ZipFolder | None:
    """The archive as a folder; None, with grave problems, where it is damaged or breaks a limit.

    ``data`` is the archive's bytes, or a stream that can seek.
    """
    stream = io.BytesIO(data) if isinstance(data, bytes) else data
    try:
        listed = members(stream)
    except (zipfile.BadZipFile, ValueError, EOFError, OSError) as why:
        mend = "The file may have been cut off on its way. Copy or download it again."
        problems.add(
            Consequence.GRAVE, name, f"a damaged archive ({shown(why)})", "a whole ZIP archive", mend
        )
        return None
    found = [*_too_large(listed, limits), *_tricks(listed, limits), *_twice(listed), *_overlaps(listed)]
    for member, what, expected in found:
        mend = "Nothing was unpacked. Ask the sender for the export as the voting system wrote it."
        problems.add(Consequence.GRAVE, f"{name}/{member}" if member else name, what, expected, mend)
    return None if found else ZipFolder(listed, stream, name)


def read_whole(folder: Folder, name: str, most: int, problems: Problems) -> bytes | None:
    """All bytes of one file of at most ``most`` bytes; None, with a grave problem, where it cannot be had."""
    parts, size = [], 0
    try:
        for piece in folder.pieces(name):
            parts.append(piece)
            size += len(piece)
            if size > most:
                mend = "A file of this kind is small. Look at what was exported."
                raise Unreadable(name, f"more than {most:,} bytes", f"at most {most:,} bytes", mend)
    except Unreadable as why:
        problems.add(Consequence.GRAVE, *why.told)
        return None
    return b"".join(parts)


def read_fields(folder: Folder, name: str, most: int, problems: Problems) -> bytes | None:
    """All bytes of one file of JSON, XML or lines, as ``read_whole``; also refused where a field has no end.

    What ends a field is told by the first sign: a quotation mark in JSON, a tag in XML, otherwise a line end.
    """
    parts: list[bytes] = []
    size = since = 0
    mark = b""
    try:
        for piece in folder.pieces(name):
            mark = mark or _mark_of(piece)
            last = piece.rfind(mark) if mark else len(piece) - 1
            since = since + len(piece) if last < 0 else len(piece) - last
            size += len(piece)
            parts.append(piece)
            if since > MOST_FIELD:
                mend = "A quotation mark or a tag may be missing, or this is another kind of file."
                raise Unreadable(name, f"a field of over {MOST_FIELD:,} bytes", "short fields", mend)
            if size > most:
                mend = "A file of this kind is smaller. Look at what was exported, or export it in parts."
                raise Unreadable(name, f"more than {most:,} bytes", f"at most {most:,} bytes", mend)
    except Unreadable as why:
        problems.add(Consequence.GRAVE, *why.told)
        return None
    return b"".join(parts)


def _mark_of(start: bytes) -> bytes:
    """The byte that ends a field of such a file; nothing for an archive, whose members are looked at."""
    if is_zip(start):
        return b""
    first = start[:64].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")[:1]
    return {b"{": b'"', b"[": b'"', b"<": b"<"}.get(first, b"\n")


def is_zip(start: bytes) -> bool:
    """Whether a file that starts with these bytes is a ZIP archive (a spreadsheet is one, too)."""
    return start.startswith(ZIP_START)


def is_clutter(name: str) -> bool:
    """Whether this is a file that an operating system, not a voting system, has put into an archive."""
    return name.startswith("__MACOSX/") or base_name(name) in CLUTTER


def base_name(name: str) -> str:
    """The last part of a name."""
    return name.rsplit("/", 1)[-1]


Trouble = tuple[str, str, str]
"""The member ("" for the archive), what was found, what was expected."""


def _too_large(listed: Sequence[Member], limits: Limits) -> Iterator[Trouble]:
    total = sum(one.size for one in listed)
    if len(listed) > limits.files:
        yield "", f"{len(listed):,} files", f"at most {limits.files:,} files"
    if total > limits.total_bytes:
        yield "", f"{total:,} bytes when unpacked", f"at most {limits.total_bytes:,} bytes"
    for one in listed:
        packed = max(one.packed, 1)
        if one.size > limits.file_bytes:
            yield one.name, f"{one.size:,} bytes when unpacked", f"at most {limits.file_bytes:,}"
        elif one.size > limits.ratio_free_bytes and one.size > limits.ratio * packed:
            found = f"{packed:,} bytes that unpack to {one.size:,}"
            yield one.name, found, f"at most {limits.ratio} times as many bytes when unpacked"


def _tricks(listed: Sequence[Member], limits: Limits) -> Iterator[Trouble]:
    for one in listed:
        if stat.S_IFMT(one.attributes >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            yield one.name, "a link or a device", "plain files only"
        if one.flags & 0x1:
            yield one.name, "an encrypted file", "files that anyone can read"
        if _leads_outside(one.name) or len(one.name) > limits.name_length:
            yield "", f"the name {shown(one.name)}", "a plain name inside the archive"


def _leads_outside(written: str) -> bool:
    parts = written.replace("\\", "/").split("/")
    return ".." in parts or not parts[0] or parts[0][1:2] == ":" or bool(UNSAFE.search(written))


def _twice(listed: Sequence[Member]) -> Iterator[Trouble]:
    seen = Counter(one.name.replace("\\", "/").casefold() for one in listed)
    for name, times in seen.items():
        if times > 1:
            yield name, f"{times} files of this name", "each name once"


def _overlaps(listed: Sequence[Member]) -> Iterator[Trouble]:
    """Members that share bytes: the trick of a bomb that no ratio of one member shows."""
    end, before = 0, ""
    for one in sorted(listed, key=attrgetter("offset")):
        if one.offset < end:
            yield one.name, f"bytes shared with {shown(before)}", "each file with bytes of its own"
        end, before = one.offset + 30 + one.packed, one.name
