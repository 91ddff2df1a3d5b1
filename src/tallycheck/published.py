"""Check 6, published cards: the rows of one contest (``docs/spec/cards.md``; what to refuse: section 5).

Millions of rows are never objects: codes are counted as bytes, commitments are compared as numbers of eight
bytes, and of both only a fingerprint of every 4 KiB is kept, so that a row opened later is read again and
known to be the one that was checked.
"""

import hashlib
import sys
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from operator import lt
from typing import Any

from .canonical import NotCanonical, read, write
from .failure import Failed
from .marks import NUMBERED, WRITE_IN, Mark, Pattern
from .plain import is_hash, is_whole
from .sources import Source

FORM = "tallybook/published-cards/v1"
FIELDS = {
    "cards", "code_bytes", "codes_sha256", "commitments_sha256", "contest", "form", "patterns",
}  # fmt: skip
CONTEST_FIELDS = {"choices", "id", "name", "office_class", "seats", "votes_allowed"}
NOT_ON_CARD, NO_RECORD = "not_on_card", "no_record"
FLAGS = {
    "adjudicated", "blank", "invalid", NO_RECORD, NOT_ON_CARD, "overvote", "write_in_unresolved",
}  # fmt: skip
BLOCK = 1 << 12
LOOK = 1 << 18
PRINT = 16
MOST_KNOWN = 10_000
ROW = 32
FEW_PATTERNS = 64


class BadCards(ValueError):  # noqa: N818 - it is an answer about the input
    """The published cards break their specification; the message says why."""


@dataclass(frozen=True)
class Head:
    """What ``contest.json`` says."""

    cards: int
    code_bytes: int
    codes: str
    commitments: str
    contest: dict[str, Any]
    patterns: tuple[Pattern, ...]


@dataclass(frozen=True)
class Blocks:
    """A file that was checked: its name, and a fingerprint of every block, joined, or all its bytes."""

    file: str
    prints: bytes
    source: Source
    kept: bytes | None = None

    def block(self, n: int) -> bytes:
        """A block, as it was when it was checked."""
        if self.kept is not None:
            return self.kept[n * BLOCK : (n + 1) * BLOCK]
        raw = self.source.part(self.file, n * BLOCK, BLOCK)
        if fingerprint(raw) != self.prints[n * PRINT : n * PRINT + PRINT]:
            raise Failed(6, "the file changed while it was checked", file=self.file)
        return raw

    def piece(self, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end`, as they were when they were checked."""
        if self.kept is not None:
            return self.kept[start:end]
        first = start // BLOCK
        raw = b"".join(self.block(n) for n in range(first, -(-end // BLOCK)))
        return raw[start - first * BLOCK : end - first * BLOCK]


@dataclass(frozen=True)
class Cards:
    """The published cards of one contest: head, how many rows have each pattern, and where to look a row up.

    `firsts` are the commitments with which the blocks begin, joined.
    """

    head: Head
    counts: tuple[int, ...]
    codes: Blocks
    rows: Blocks
    firsts: bytes
    known: dict[bytes, int | None] = field(default_factory=dict)

    def pattern_of(self, commitment: bytes) -> int | None:
        """The place of the pattern of the row with this commitment, or None where there is none."""
        if commitment not in self.known:
            if len(self.known) > MOST_KNOWN:
                self.known.clear()
            self.known[commitment] = self.looked_up(commitment)
        return self.known[commitment]

    def looked_up(self, commitment: bytes) -> int | None:
        """The same, from the files."""
        n = last_up_to(self.firsts, commitment)
        if n < 0:
            return None
        block = self.rows.block(n)
        row = last_up_to(block, commitment)
        if block[row * ROW : row * ROW + ROW] != commitment:
            return None
        return self.code_at(n * (BLOCK // ROW) + row)

    def code_at(self, row: int) -> int:
        """The code of a row."""
        n, offset = divmod(row * self.head.code_bytes, BLOCK)
        return int.from_bytes(self.codes.block(n)[offset : offset + self.head.code_bytes], "little")


def last_up_to(rows: bytes, commitment: bytes) -> int:
    """The place of the last of ascending rows that is not above the commitment, or -1."""
    low, high = 0, len(rows) // ROW
    while low < high:
        middle = (low + high) // 2
        if rows[middle * ROW : middle * ROW + ROW] <= commitment:
            low = middle + 1
        else:
            high = middle
    return low - 1


def fingerprint(raw: bytes) -> bytes:
    """A fingerprint of a block."""
    return hashlib.blake2b(raw, digest_size=PRINT).digest()


# contest.json ------------------------------------------------------------


def parse_head(raw: bytes) -> Head:
    """The head of these bytes; raises `BadCards`."""
    try:
        value = read(raw)
    except NotCanonical as problem:
        raise BadCards(f"contest.json is not canonical JSON: {problem}") from None
    ask(isinstance(value, dict) and value.keys() == FIELDS, "contest.json has not exactly its fields")
    ask(value["form"] == FORM, "contest.json has another form")
    ask(is_hash(value["codes_sha256"]) and is_hash(value["commitments_sha256"]), "a sum is no SHA-256")
    ask(is_whole(value["cards"]), "`cards` is no whole number")
    choices = choices_of(value["contest"])
    patterns = patterns_of(value["patterns"], choices)
    width = 1 if len(patterns) <= 256 else 2 if len(patterns) <= 65_536 else 4
    ask(type(value["code_bytes"]) is int and value["code_bytes"] == width, "`code_bytes` does not follow")
    return Head(
        value["cards"], width, value["codes_sha256"], value["commitments_sha256"], value["contest"], patterns
    )


def ask(holds: bool, words: str) -> None:
    """`BadCards` where it does not hold."""
    if not holds:
        raise BadCards(words)


def choices_of(contest: Any) -> set[str]:
    """The ids of the choices of `contest`, whose form is looked at."""
    ask(isinstance(contest, dict) and contest.keys() == CONTEST_FIELDS, "`contest` has not its fields")
    ask(all(isinstance(contest[f], str) for f in ("id", "name", "office_class")), "`contest`: no string")
    ask(is_whole(contest["seats"], 1) and is_whole(contest["votes_allowed"], 1), "seats or votes allowed")
    choices = contest["choices"]
    ask(isinstance(choices, list) and bool(choices), "`choices` is no array")
    for choice in choices:
        proper = isinstance(choice, dict) and choice.keys() == {"id", "name", "party"}
        ask(proper and all(isinstance(text, str) for text in choice.values()), "a choice is not in its form")
    ids = {choice["id"] for choice in choices}
    ask(len(ids) == len(choices), "a choice stands twice")
    return ids


def patterns_of(value: Any, choices: set[str]) -> tuple[Pattern, ...]:
    """The patterns, each once, in the order of their bytes."""
    ask(isinstance(value, list) and len(value) < 2**32, "`patterns` is no array")
    found, last = [], b""
    for pattern in value:
        found.append(pattern_from(pattern, choices))
        text = write(pattern).encode()
        ask(text > last, "patterns are out of order or stand twice")
        last = text
    return tuple(found)


def pattern_from(value: Any, choices: set[str]) -> Pattern:
    """One pattern."""
    proper = isinstance(value, dict) and value.keys() == {"flags", "marks"}
    ask(
        proper and isinstance(value["flags"], list) and isinstance(value["marks"], list), "a pattern's fields"
    )
    flags = value["flags"]
    ask(all(isinstance(flag, str) and flag in FLAGS for flag in flags), "a pattern has an unknown flag")
    ask(flags == sorted(set(flags)), "a pattern's flags are out of order or stand twice")
    if NOT_ON_CARD in flags or NO_RECORD in flags:
        ask(len(flags) == 1 and not value["marks"], "a row without the contest has marks or other flags")
    return Pattern(tuple(mark_from(mark, choices) for mark in value["marks"]), frozenset(flags))


def mark_from(value: Any, choices: set[str]) -> Mark:
    """One mark."""
    ask(isinstance(value, dict) and value.keys() == {"choice", "rank", "votes"}, "a mark has not its fields")
    choice = value["choice"]
    known = isinstance(choice, str) and (choice in choices or choice == WRITE_IN or NUMBERED.match(choice))
    ask(bool(known), "a mark is neither for a choice of the contest nor a write-in by number")
    ask(is_whole(value["rank"]) and is_whole(value["votes"]), "a mark's rank or votes")
    return Mark(choice, value["rank"], value["votes"])


# Rows ------------------------------------------------------------


@dataclass
class Room:
    """How many bytes of exhibits may still be kept in memory; others are read again where they are needed."""

    left: int = 0

    def take(self, length: int) -> bool:
        """Whether so many bytes may be kept; they are then taken."""
        fits = length <= self.left
        self.left -= length if fits else 0
        return fits


def read_rows(head: Head, source: Source, lengths: dict[str, int], room: Room | None = None) -> Cards:
    """The two files of rows, looked at once from end to end; raises `BadCards`."""
    room = room or Room()
    for name, length in ((head.codes, head.cards * head.code_bytes), (head.commitments, head.cards * ROW)):
        ask(name in lengths, f"the file {name} is no public exhibit of this or an earlier act")
        ask(lengths[name] == length, f"the file {name} has {lengths[name]} bytes; the rows make {length}")
    counter = Counting(head)
    codes = looked_through(source, head.codes, counter.add, room.take(lengths[head.codes]))
    order = Order()
    rows = looked_through(source, head.commitments, order.add, room.take(lengths[head.commitments]))
    return Cards(head, counter.counts(), codes, rows, bytes(order.firsts))


def looked_through(source: Source, name: str, look: Callable[[bytes], None], keep: bool = False) -> Blocks:
    """Every piece of an exhibit is looked at; its bytes still have their sum."""
    file, whole, parts = f"exhibits/{name}", hashlib.sha256(), []
    for piece in pieces(source.chunks(file)):
        whole.update(piece)
        look(piece)
        if keep:
            parts.append(piece)
        else:
            parts += [fingerprint(piece[at : at + BLOCK]) for at in range(0, len(piece), BLOCK)]
    ask(whole.hexdigest() == name, f"{file} changed while it was checked")
    found = b"".join(parts)
    return Blocks(file, b"", source, found) if keep else Blocks(file, found, source)


def pieces(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of many whole blocks; the last may be shorter."""
    rest = b""
    for chunk in chunks:
        rest = rest + chunk if rest else chunk
        for at in range(0, len(rest) - LOOK + 1, LOOK):
            yield rest[at : at + LOOK]
        rest = rest[len(rest) // LOOK * LOOK :]
    if rest:
        yield rest


class Counting:
    """How many rows have each code."""

    def __init__(self, head: Head) -> None:
        self.patterns, self.width = len(head.patterns), head.code_bytes
        self.found: Counter[int] = Counter()

    def add(self, block: bytes) -> None:
        """Count the codes of a piece."""
        ask(len(block) % self.width == 0, "the codes changed while they were checked")
        if self.width > 1:
            codes = array("H" if self.width == 2 else "I", block)
            if sys.byteorder == "big":
                codes.byteswap()
            self.found.update(codes)
        elif self.patterns > FEW_PATTERNS:
            self.found.update(block)
        else:
            for code in range(self.patterns):
                self.found[code] += block.count(code)
            self.found[-1] += len(block)

    def counts(self) -> tuple[int, ...]:
        """The counts; every code is one of a pattern."""
        rows = self.found.pop(-1, None)
        ask(rows is None or rows == self.found.total(), "a code has no pattern")
        ask(max(self.found, default=-1) < self.patterns, "a code has no pattern")
        return tuple(self.found[code] for code in range(self.patterns))


class Order:
    """Commitments ascend strictly: seen by their first eight bytes, or by all where those are not enough."""

    def __init__(self) -> None:
        self.last = b""
        self.firsts = bytearray()

    def add(self, piece: bytes) -> None:
        """Look at many commitments."""
        ask(len(piece) % ROW == 0, "the commitments changed while they were checked")
        starts = array("Q", piece)[:: ROW // 8]
        if sys.byteorder == "little":
            starts.byteswap()
        if not all(map(lt, starts, starts[1:])):
            rows = [piece[at : at + ROW] for at in range(0, len(piece), ROW)]
            ask(all(map(lt, rows, rows[1:])), "commitments are out of order or stand twice")
        ask(self.last < piece[:ROW], "commitments are out of order or stand twice")
        for at in range(0, len(piece), BLOCK):
            self.firsts += piece[at : at + ROW]
        self.last = piece[-ROW:]
