"""The list of an archive is what the standard library reads in it, and nothing where two could be read."""

import io
import struct
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tallybook.formats.zip_lists import Member, members

NAMES = some.text(some.characters(codec="utf-8", exclude_characters="\0/\\"), min_size=1, max_size=8)
FILES = some.dictionaries(NAMES, some.binary(max_size=60), max_size=6)


def made(files: dict[str, bytes], comment: bytes = b"", how: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        archive.comment = comment
    return out.getvalue()


def listed(data: bytes) -> list[Member]:
    return members(io.BytesIO(data))


def library_lists(data: bytes) -> list[tuple[object, ...]]:
    return [
        (one.orig_filename, one.flag_bits, one.compress_type, one.CRC, one.compress_size, one.file_size,
         one.external_attr, one.header_offset)
        for one in zipfile.ZipFile(io.BytesIO(data)).infolist()
    ]  # fmt: skip


def as_library(found: list[Member]) -> list[tuple[object, ...]]:
    return [
        (one.name, one.flags, one.method, one.crc, one.packed, one.size, one.attributes, one.offset)
        for one in found
    ]


@given(FILES, some.binary(max_size=30).filter(lambda comment: b"PK" not in comment), some.binary(max_size=9))
def test_what_is_listed_is_what_the_standard_library_lists(
    files: dict[str, bytes], comment: bytes, before: bytes
) -> None:
    data = before + made(files, comment)
    assert as_library(listed(data)) == library_lists(data)


@given(FILES, some.data())
def test_what_is_listed_after_damage_is_what_the_standard_library_lists_or_nothing(
    files: dict[str, bytes], more: some.DataObject
) -> None:
    """Where the library lists something else, or more than we do, the archive is refused here."""
    data = bytearray(made(files))
    for _ in range(more.draw(some.integers(1, 3))):
        data[more.draw(some.integers(0, len(data) - 1))] = more.draw(some.integers(0, 255))
    try:
        found = as_library(listed(bytes(data)))
    except (zipfile.BadZipFile, ValueError):
        return
    with suppress(zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError):
        assert found == library_lists(bytes(data))


def test_sizes_in_the_field_of_large_archives_are_read() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, archive.open("a", "w", force_zip64=True) as stream:
        stream.write(b"x" * 70)
    data = bytearray(out.getvalue())
    at = data.rindex(b"PK\x01\x02")
    sizes, extra = struct.pack("<2L", 0xFFFFFFFF, 0xFFFFFFFF), struct.pack("<2H2Q", 1, 16, 70, 70)
    data[at + 20 : at + 28] = sizes
    name = struct.unpack_from("<H", data, at + 28)[0]
    data[at + 30 : at + 32] = struct.pack("<H", len(extra))
    data[at + 46 + name : at + 46 + name] = extra
    end = data.rindex(b"PK\x05\x06")
    data[end + 12 : end + 16] = struct.pack("<L", end - at)
    assert as_library(listed(bytes(data))) == library_lists(bytes(data))
    assert [(one.size, one.packed) for one in listed(bytes(data))] == [(70, 70)]
    data[at + 46 + name : at + 48 + name] = b"\x02\0"
    with pytest.raises(zipfile.BadZipFile):
        listed(bytes(data))


@pytest.mark.slow
def test_more_files_than_two_bytes_can_count_are_listed() -> None:
    data = made({str(number): b"" for number in range(66_000)}, how=zipfile.ZIP_STORED)
    assert as_library(listed(data)) == library_lists(data) and len(listed(data)) == 66_000


BROKEN = {
    "nothing": lambda data: data[:0],
    "cut off": lambda data: data[:-3],
    "bytes after its end": lambda data: data + b"more",
    "another archive behind it": lambda data: data + made({"a": b"other"})[:-1],
    "one file more than it counts": lambda data: data[:-12] + b"\x01\0" + data[-10:],
    "several parts": lambda data: data[:-18] + b"\x01\0" + data[-16:],
    "a list that is not where it should be": lambda data: data[:-6] + b"\xff\0\0\0" + data[-2:],
}


@pytest.mark.parametrize("name", BROKEN)
def test_an_archive_is_refused_with(name: str) -> None:
    with pytest.raises(zipfile.BadZipFile):
        listed(BROKEN[name](made({"a": b"1", "b": b"2"})))
