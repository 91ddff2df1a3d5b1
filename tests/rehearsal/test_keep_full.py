"""A disk that is really full: a small file system of memory, filled by the recorder itself."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections

from tallybook.keep import FullError, Receipt, Recorder, check_book, file_public
from tests.fakes.small_keep import BOOK, opening, returns, shelve, small_keep, stopped_clock, stopped_steady

SMALL, LARGER = "3m", "9m"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of three megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    try:
        mount(place, f"size={SMALL}", "-t", "tmpfs", "tmpfs")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this user may not mount a file system here")
    yield place
    connections.close_all()
    subprocess.run(["umount", str(place)], check=True)


def mount(place: Path, options: str, *more: str) -> None:
    """Mount, or mount again with other options."""
    subprocess.run(["mount", *more, str(place), "-o", options], check=True, capture_output=True)


def test_a_full_disk_loses_nothing_and_recording_goes_on_when_there_is_room(small_disk: Path) -> None:
    keep = small_keep(small_disk)
    recorder = Recorder(keep, BOOK, shelve=shelve, clock=stopped_clock(), steady=stopped_steady())
    recorder.submit(opening(keep))
    acknowledged = 0
    with pytest.raises(FullError, match="The disk is full"):
        for n in range(100_000):
            assert isinstance(recorder.submit(returns(f"{n}")), Receipt)
            acknowledged += 1
    with pytest.raises(FullError, match="The disk is full"):
        file_public(keep, "large", [b"x" * 1_000_000] * 4)
    mount(small_disk, f"remount,size={LARGER}")
    found = recorder.submit(returns(f"{acknowledged}"))
    recorder.close()
    assert isinstance(found, Receipt) and not found.repeated
    assert acknowledged > 10
    assert check_book(keep, BOOK).entries == acknowledged + 2
