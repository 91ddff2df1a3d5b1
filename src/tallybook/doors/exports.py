"""Exports of cast vote records on the disk: a file, a ZIP archive or a folder, opened for the readers.

For the commands that read cards. What a file holds is for ``formats`` to say; here it is only found, opened
and handed on in pieces, and somebody may watch how many bytes have been read.
"""

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tallybook.doors.cli.shown import DoorError
from tallybook.formats.archives import PIECE, Unreadable, is_zip, open_zip
from tallybook.formats.problems import Consequence, Problems, Reading

Watch = Callable[[int], object]
SPREADSHEETS = (".xlsx", ".xlsm")
MOST_TOLD = 5


def read_export(path: Path, watch: Watch = lambda _: None) -> Reading:
    """The cards of one export, and every problem met. ``watch`` is told of each number of bytes read."""
    from tallybook.formats.detect import read_any

    problems = Problems()
    if path.is_file() and path.suffix.casefold() not in SPREADSHEETS and is_zip(_first_bytes(path)):
        with io.BufferedReader(_Watched(path, watch), PIECE) as stream:
            folder = open_zip(stream, readable(path.name), problems)
            return problems.reading(None) if folder is None else read_any(folder)
    return read_any(OnDisk(path, watch))


def depended_on(reading: Reading) -> list[str]:
    """The problems on which a count from this reading depends, the first few, and how many more there are."""
    told = [str(one) for one in reading.problems if one.consequence is Consequence.COUNT]
    more = f"And {len(told) - MOST_TOLD:,} more like these; tallybook cards EXPORT --problems FILE tells all."
    return [*told[:MOST_TOLD], *([more] if len(told) > MOST_TOLD else [])]


def size_of(path: Path) -> int:
    """The bytes of an export on the disk. Raises DoorError where there is none."""
    if not path.exists():
        raise DoorError(f"There is no file or folder {path}. Nothing was changed.")
    return sum(file.stat().st_size for file in _files(path))


class OnDisk:
    """A folder of the disk, or one file, as readers take it."""

    def __init__(self, path: Path, watch: Watch = lambda _: None) -> None:
        self.name = readable(path.name or path.resolve().name)
        root = path if path.is_dir() else path.parent
        self._files = {readable(file.relative_to(root).as_posix()): file for file in _files(path)}
        self._watch = watch

    def names(self) -> tuple[str, ...]:
        """The names of the files, in alphabetical order of their parts."""
        return tuple(self._files)

    def pieces(self, name: str) -> Iterator[bytes]:
        """The bytes of one file, a piece at a time."""
        try:
            with _Watched(self._files[name], self._watch) as stream:
                while piece := stream.read(PIECE):
                    yield piece
        except OSError as why:
            mend = "See that the file is there and may be read, then try again."
            raise Unreadable(
                name, f"a file that cannot be read ({why.strerror})", "a readable file", mend
            ) from why


class _Watched(io.FileIO):
    """A file that tells how many bytes are read from it."""

    def __init__(self, path: Path, watch: Watch) -> None:
        super().__init__(path)
        self._watch = watch

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(-1 if size is None else size) or b""
        self._watch(len(data))
        return data

    def readinto(self, buffer: Any, /) -> int:
        count = super().readinto(buffer) or 0
        self._watch(count)
        return count


def readable(name: str) -> str:
    """A name of the disk as text that can be written anywhere, whatever its bytes."""
    return os.fsencode(name).decode("utf-8", "replace")


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
