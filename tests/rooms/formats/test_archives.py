"""Archives from strangers: bombs, tricks with names, links, damage. Each is grave; nothing is unpacked."""

import io
import stat
import struct
import zipfile

import pytest

from tallybook.formats.archives import InMemory, Limits, Unreadable, open_zip, read_whole
from tallybook.formats.problems import Consequence, Problems


def made(*files: tuple[str | zipfile.ZipInfo, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def refused(data: bytes, limits: Limits | None = None) -> str:
    problems = Problems()
    folder = open_zip(data, "x.zip", problems, *([limits] if limits else []))
    assert folder is None and problems.grave
    return " | ".join(problem.found for problem in problems.collected())


@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
@pytest.mark.parametrize("size", [0, 5, 1_200_000])
def test_files_come_out_as_they_went_in(how: int, size: int) -> None:
    data, problems = bytes(range(256)) * (size // 256 + 1), Problems()
    folder = open_zip(made(("a/b.csv", data[:size]), how=how), "x.zip", problems)
    assert folder is not None and folder.names() == ("a/b.csv",)
    assert read_whole(folder, "a/b.csv", 1 << 30, problems) == data[:size]


def test_what_makers_of_archives_add_is_left_out() -> None:
    folder = open_zip(
        made(("__MACOSX/a", b""), ("a", b""), ("b/.DS_Store", b""), ("b/", b"")), "x", Problems()
    )
    assert folder is not None and folder.names() == ("a",)


def test_a_name_with_backslashes_is_read_as_windows_meant_it() -> None:
    folder = open_zip(made(("a\\b.csv", b"1")), "x", Problems())
    assert folder is not None and folder.names() == ("a/b.csv",)
    assert read_whole(folder, "a/b.csv", 10, Problems()) == b"1"


@pytest.mark.parametrize(
    "name",
    ["../x", "a/../../x", "/etc/x", "C:/x", "C:\\x", "..\\x", "a\u202eb", "a\x07b", "x" * 600, "\\\\host\\x"],
)
def test_a_name_that_leads_outside_or_hides_itself_is_refused(name: str) -> None:
    assert "the name" in refused(made((name, b"1")))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_a_link_or_device_is_refused(kind: int) -> None:
    info = zipfile.ZipInfo("a")
    info.external_attr = (kind | 0o777) << 16
    assert "a link or a device" in refused(made((info, b"/etc/passwd")))


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("second", ["a.csv", "A.CSV"])
def test_two_files_of_one_name_are_refused(second: str) -> None:
    assert "2 files of this name" in refused(made(("a.csv", b"1"), (second, b"2")))


def test_a_bomb_is_refused_by_its_ratio() -> None:
    assert "that unpack to" in refused(made(("a", bytes(60 << 20))))


def test_more_than_the_limits_is_refused() -> None:
    data = made(("a", b"12345"), ("b", b"12345"))
    assert "files" in refused(data, Limits(files=1))
    assert "10 bytes" in refused(data, Limits(total_bytes=9))
    assert "5 bytes" in refused(data, Limits(file_bytes=4))


def test_an_encrypted_file_is_refused() -> None:
    data = bytearray(made(("a", b"1")))
    place = data.rfind(b"PK\x01\x02")
    data[place + 8] |= 1
    assert "encrypted" in refused(bytes(data))


def test_files_that_share_their_bytes_are_refused() -> None:
    """The trick of a bomb whose every member looks harmless (Fifield 2019)."""
    data = bytearray(made(("a", b"x" * 900), ("b", b"x" * 900), how=zipfile.ZIP_STORED))
    first = data.find(b"PK\x01\x02")
    second = data.find(b"PK\x01\x02", first + 1)
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    assert "bytes shared with" in refused(bytes(data))


@pytest.mark.parametrize("cut", [0, 3, 30, 100, -1, -20])
def test_an_archive_cut_off_is_refused(cut: int) -> None:
    refused(made(("a", b"x" * 500), how=zipfile.ZIP_STORED)[:cut])


def unpacked(data: bytes) -> bytes | None:
    problems = Problems()
    folder = open_zip(data, "x.zip", problems)
    assert folder is not None
    found = read_whole(folder, "a", 1 << 30, problems)
    assert (found is None) == problems.grave
    return found


@pytest.mark.parametrize("size", [500, 1_200_000])
def test_a_changed_byte_is_found_by_the_sum(size: int) -> None:
    data = bytearray(made(("a", b"x" * size), how=zipfile.ZIP_STORED))
    data[100] ^= 1
    assert unpacked(bytes(data)) is None


@pytest.mark.parametrize("size", [500, 1_200_000])
def test_a_file_longer_than_it_states_is_refused(size: int) -> None:
    data = bytearray(made(("a", b"x" * size)))
    place = data.rfind(b"PK\x01\x02")
    struct.pack_into("<I", data, place + 24, size - 1)
    assert unpacked(bytes(data)) is None


def test_a_file_with_two_names_is_refused() -> None:
    data = bytearray(made(("a", b"1")))
    data[30] = ord("b")
    assert unpacked(bytes(data)) is None


def test_a_file_larger_than_asked_for_is_grave_and_not_held() -> None:
    problems = Problems()
    assert read_whole(InMemory({"a": bytes(5 << 20)}), "a", 1 << 20, problems) is None
    assert problems.collected()[0].consequence is Consequence.GRAVE


def test_unreadable_says_where() -> None:
    assert str(Unreadable("a.csv", "a NUL", "text", "Mend it.")) == "a.csv: a NUL"
