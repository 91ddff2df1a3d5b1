"""The sessions of a CvrExport file, some thousand at a time, whatever the size of the file.

For ``dominion_json``. A county may write one file of gigabytes. The array of sessions is cut between two
of them, and each part is decoded with its types checked (RFC 8259 for the form). Where a session ends is
guessed from how the first one begins; a part that decodes as an array ends between two sessions, whatever
the guess rested on. Where it does not decode, brackets outside strings are counted, which holds for any
order of keys and any white space.
"""

import re
from collections.abc import Iterator
from typing import Generic, NamedTuple, TypeVar

import msgspec
import numpy as np

from tallybook.formats.archives import Unreadable

WHOLE = 4 << 20
PART = 256 << 10
"""Bytes decoded at once: what they become still lies in the processor's cache when it is counted."""
LARGEST_SESSION = 16 << 20
ESCAPED = re.compile(rb"\\.", re.DOTALL)
START = re.compile(rb'"Sessions"\s*:\s*\[')
OPENING = re.compile(rb'\s*(\{\s*"[A-Za-z]{1,64}"\s*:)')
BLANKS = b" \t\r\n"
MOST_BLANKS = 64
MEND = "The file may have been cut off or changed. Export it again."

T = TypeVar("T")


class Head(msgspec.Struct, frozen=True, rename="pascal"):
    """What an export file says about itself besides its sessions."""

    version: str = ""
    election_id: str | int = ""


class Step(NamedTuple, Generic[T]):
    """Sessions decoded, the place in the buffer where they end, and whether the array ends there."""

    sessions: list[T]
    end: int
    is_last: bool = False


class Parts(Generic[T]):
    """The sessions of one file in lists, and ``head`` once the first list has been given."""

    def __init__(self, pieces: Iterator[bytes], file: str, kind: type[T]) -> None:
        self.head = Head()
        self._pieces, self._file = pieces, file
        self._decoder = msgspec.json.Decoder(list[kind])  # type: ignore[valid-type]

    def __iter__(self) -> Iterator[list[T]]:
        """Lists of sessions. Raises ``Unreadable`` where the file is not what it should be."""
        buffer = self._more(b"", WHOLE).removeprefix(b"\xef\xbb\xbf")
        start = START.search(buffer)
        if start is None:
            raise self._trouble("no list of sessions", "an object with Version and Sessions")
        self.head = self._decoded_head(buffer[: start.end()] + b"]}")
        buffer = buffer[start.end() :]
        opening = OPENING.match(buffer)
        at, before = 0, b""
        while True:
            if len(buffer) - at < PART:
                buffer, at = self._more(buffer[at:], WHOLE), 0
            guessed = self._guessed(buffer, at, before, opening[1]) if opening else None
            step = guessed or self._counted(buffer, at, before)
            if step.sessions:
                yield step.sessions
                before = b","
            if step.is_last:
                self._decoded_tail(buffer[step.end :])
                return
            if step.end > at:
                at = step.end
            else:
                buffer, at = self._longer(buffer[at:]), 0

    def _guessed(self, buffer: bytes, at: int, before: bytes, opening: bytes) -> Step[T] | None:
        """The sessions up to where the last one of a part seems to begin; None where it does not."""
        cut = _guessed_cut(buffer, at, opening)
        try:
            return Step(self._decoded(buffer[at:cut], before), cut) if cut > at else None
        except Unreadable:
            return None

    def _counted(self, buffer: bytes, at: int, before: bytes) -> Step[T]:
        """The sessions up to where the brackets say that the last whole one ends; perhaps there is none."""
        rest = buffer[at:]
        cut, ended = _last_cut(rest)
        return Step(self._decoded(rest[:cut], before) if cut else [], at + cut, ended)

    def _longer(self, rest: bytes) -> bytes:
        """The rest, in which no session ends, with more of the file."""
        buffer = self._more(rest, WHOLE + len(rest))
        if len(buffer) == len(rest):
            raise self._trouble("no end of the list of sessions", "a whole file")
        if len(buffer) > LARGEST_SESSION:
            raise self._trouble(f"a session of over {LARGEST_SESSION:,} bytes", "sessions of a few cards")
        return buffer

    def _more(self, rest: bytes, wanted: int) -> bytes:
        parts, size = [rest], len(rest)
        while size < wanted and (piece := next(self._pieces, None)) is not None:
            parts.append(piece)
            size += len(piece)
        return b"".join(parts)

    def _decoded(self, data: bytes, before: bytes) -> list[T]:
        """Whole sessions; ``before`` them stands a comma, save at the first. There is one at least."""
        data = data.strip(BLANKS)
        if not data.startswith(before) or data == before:
            raise self._trouble("no comma between two sessions", "sessions as Dominion writes them")
        try:
            return self._decoder.decode(b"[" + data[len(before) :] + b"]")
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as why:
            raise self._trouble(str(why), "sessions as Dominion writes them") from why

    def _decoded_head(self, data: bytes) -> Head:
        try:
            return msgspec.json.decode(data, type=Head)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as why:
            raise self._trouble(str(why), "a file that starts with its Version") from why

    def _decoded_tail(self, end: bytes) -> None:
        tail = self._more(end, LARGEST_SESSION).lstrip(BLANKS)
        try:
            msgspec.json.decode(b'{"Sessions":[' + tail)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as why:
            raise self._trouble(f"{why} at the end of the file", "a whole file") from why

    def _trouble(self, found: str, expected: str) -> Unreadable:
        return Unreadable(self._file, found[:200], expected, MEND)


def _guessed_cut(data: bytes, start: int, opening: bytes) -> int:
    """The comma before the last session that seems to begin within a part; ``start`` where none does."""
    place = data.rfind(opening, start + 1, start + PART)
    first = max(place - MOST_BLANKS, start)
    before = data[first:place].rstrip(BLANKS) if place > 0 else b""
    return first + len(before) - 1 if before.endswith(b",") else start


def _last_cut(data: bytes) -> tuple[int, bool]:
    """Where the last whole session of this part of the array ends, and whether the array ends after it."""
    plain = ESCAPED.sub(b"__", data) if b"\\" in data else data
    signs = np.frombuffer(plain, np.uint8)
    quotes = np.flatnonzero(signs == ord('"'))
    folded = signs | 32  # "[" and "{" differ in this bit only, and so do "]" and "}".
    places = np.flatnonzero((folded == ord("{")) | (folded == ord("}")))
    places = places[np.searchsorted(quotes, places) % 2 == 0]
    depth = np.cumsum(np.where(folded[places] == ord("{"), 1, -1))
    below = np.flatnonzero(depth < 0)
    ended = below.size > 0
    within = places[: below[0]] if ended else places
    whole = np.flatnonzero(depth[: within.size] == 0)
    return (int(within[whole[-1]]) + 1 if whole.size else 0), ended
