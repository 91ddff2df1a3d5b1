"""The canonical ZIP: other programs open it, and nothing but it is accepted."""

import io
import os
import struct
import subprocess
import tracemalloc
import zipfile
import zlib

import pytest

from tallybook.evidence.reading import PackageError, read_package_at
from tallybook.evidence.sources import Source, open_files, open_source, open_zip, write_zip
from tallybook.merkle.errors import EvidenceError
from tests.needs import needs_program
from tests.rooms.evidence.books import files

pytestmark = pytest.mark.slow


def zipped(contents):
    out = io.BytesIO()
    write_zip(open_files(contents), out)
    return out.getvalue()


PACKAGE = zipped(files(300))


def test_the_zip_of_a_package_reads_back_as_the_same_files():
    source = open_zip(PACKAGE)
    assert {name: source.read(name) for name in source.lengths} == files(300)


def test_pythons_zipfile_reads_it_and_finds_no_fault():
    with zipfile.ZipFile(io.BytesIO(PACKAGE)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == files(300)
        assert archive.namelist() == sorted(archive.namelist())
        assert {item.date_time for item in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_unzip_finds_no_fault(tmp_path):
    unzip = needs_program("unzip", "Debian: unzip")
    (tmp_path / "package.zip").write_bytes(PACKAGE)
    subprocess.run([unzip, "-qt", tmp_path / "package.zip"], check=True, capture_output=True, timeout=30)


def test_a_zip_file_on_disk_is_a_package(tmp_path):
    (tmp_path / "package.zip").write_bytes(PACKAGE)
    assert read_package_at(tmp_path / "package.zip").checkpoint.size == 300


def test_the_order_in_which_files_are_given_does_not_matter():
    contents = files(300)
    assert zipped(dict(reversed(contents.items()))) == PACKAGE


def made(*items, method=zipfile.ZIP_STORED):
    """A ZIP as a general program writes it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in items:
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()


def plain(*items, flags=0, method=0, extra=b"", comment=b""):
    """A ZIP in almost canonical form, with whatever is to be wrong."""
    body, central = bytearray(), bytearray()
    for name, data in items:
        crc, size = zlib.crc32(data), len(data)
        shared = (flags, method, 0, 33, crc, size, size, len(name), len(extra))
        central += struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 10, 10, *shared, 0, 0, 0, 0, len(body))
        central += name + extra
        body += struct.pack("<IHHHHHIIIHH", 0x04034B50, 10, *shared) + name + extra + data
    count = len(items) & 0xFFFF
    end = (0, 0, count, count, len(central), len(body), len(comment))
    return bytes(body) + central + struct.pack("<IHHHHIIH", 0x06054B50, *end) + comment


def test_the_helper_below_makes_the_canonical_form_when_nothing_is_wrong():
    assert plain((b"a", b"1"), (b"b", b"2")) == zipped({"a": b"1", "b": b"2"})


BOMB = made(("contents", b"\0" * 40_000_000), method=zipfile.ZIP_DEFLATED)
MANY = zipped({f"f{number:05d}": b"" for number in range(65_534)})

HOSTILE = {
    "empty": b"",
    "not a ZIP": b"PK" * 40,
    "deflated bomb": BOMB,
    "bomb called stored": BOMB.replace(b"\x08\x00\x00\x00!\x00", b"\x00\x00\x00\x00!\x00"),
    "duplicate names": plain((b"a", b"1"), (b"a", b"1")),
    "unsorted names": plain((b"b", b"1"), (b"a", b"1")),
    "encrypted": plain((b"a", b"1"), flags=1),
    "data descriptor": plain((b"a", b"1"), flags=8),
    "deflated": plain((b"a", b"1"), method=8),
    "extra field": plain((b"a", b"1"), extra=b"\x01\x00\x00\x00"),
    "comment": plain((b"a", b"1"), comment=b"hello"),
    "data after the end": PACKAGE + b"x",
    "data before the start": b"x" + PACKAGE,
    "cut": PACKAGE[:-1],
    "cut in a file": PACKAGE[:500] + PACKAGE[-22:],
    "name not ASCII": plain((b"\xc3\xa9", b"1")),
    "zip64 counts": plain((b"a", b"1"))[:-22]
    + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0),
    "a length beyond the end": plain((b"a", b"1")).replace(
        struct.pack("<II", 1, 1), struct.pack("<II", 10**9, 10**9)
    ),
    "another program's attributes": made(("a", b"1")),
    "more files than its end says": plain((b"a", b"1"), (b"b", b"2"))[:-22]
    + plain((b"a", b"1"), (b"b", b"2"))[-22:].replace(b"\x02\x00\x02\x00", b"\x01\x00\x01\x00"),
    "100000 files": plain(*((b"f%05d" % number, b"") for number in range(100_000))),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_zip_is_refused_without_unpacking(tmp_path, name):
    place = tmp_path / "package.zip"
    place.write_bytes(HOSTILE[name])
    tracemalloc.start()
    try:
        with pytest.raises(EvidenceError):
            open_source(place)
        assert tracemalloc.get_traced_memory()[1] < 64 * 1024 * 1024
    finally:
        tracemalloc.stop()


ALIEN = [b"../../etc/passwd", b"/etc/passwd", b"C:\\x", b"a\\b", b"CONTENTS", b"Checkpoint", b"x/"]


@pytest.mark.parametrize("name", ALIEN)
def test_a_name_that_is_no_package_name_fails_check_1(tmp_path, name):
    contents = [(other.encode(), data) for other, data in files(3).items()]
    (tmp_path / "package.zip").write_bytes(plain(*sorted([*contents, (name, b"")])))
    with pytest.raises(PackageError) as failure:
        read_package_at(tmp_path / "package.zip")
    assert failure.value.check == 1


def test_the_largest_number_of_files_is_read_in_little_memory():
    tracemalloc.start()
    try:
        assert len(open_zip(MANY).lengths) == 65_534
        assert tracemalloc.get_traced_memory()[1] < 64 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_a_package_too_large_for_a_zip_is_refused_before_writing():
    out = io.BytesIO()
    with pytest.raises(EvidenceError, match="Ship the folder"):
        write_zip(Source({f"f{number}": 0 for number in range(65_535)}, lambda _: iter(())), out)
    with pytest.raises(EvidenceError, match="Ship the folder"):
        write_zip(Source({"f": 4_294_967_200}, lambda _: iter(())), out)
    assert out.getvalue() == b""


def test_a_link_in_a_folder_fails_check_1(tmp_path):
    (tmp_path / "contents").symlink_to("/dev/zero")
    with pytest.raises(PackageError, match="expected a plain file") as failure:
        read_package_at(tmp_path)
    assert failure.value.check == 1


def test_a_folder_nested_a_thousand_deep_is_read_like_any_other(tmp_path):
    places = [f"{tmp_path}{'/d' * depth}" for depth in range(1, 1051)]
    for place in places:
        os.mkdir(place)  # noqa: PTH102 - pathlib takes seconds at this depth.
    try:
        with pytest.raises(PackageError, match="the file is missing"):
            read_package_at(tmp_path)
    finally:
        for place in reversed(places):
            os.rmdir(place)  # noqa: PTH106 - Python's own removal of folders stumbles over this depth.
