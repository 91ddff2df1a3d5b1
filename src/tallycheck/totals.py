"""Check 6, totals that are exhibits: pools, and rankings of a poll (audit specification, section 4).

They may have 64 MiB, so they are read member by member and not kept: of pools only where each begins. What
is wrong with one is a `BadTotals`, to which the caller adds the check.
"""

from array import array
from bisect import bisect_left
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .auditreadings import NOT_ON_CARD, fits, is_reading
from .canonical import NotCanonical, member, members, read, write
from .failure import shown
from .outcomes import is_count_by
from .plain import is_whole
from .published import Blocks

POOLS_FORMAT = "tallybook/pool-totals/v1"
RANKINGS_FORMAT = "tallybook/ranking-totals/v1"

Counted = tuple[Any, int]
"""A reading and how many cards have it."""


class BadTotals(ValueError):  # noqa: N818 - it is an answer about the input
    """Totals are not in their form, or do not fit; the message says why."""


@dataclass(frozen=True)
class Pools:
    """The pools of a stratum: their places in the manifest, ascending, and where each stands in its file."""

    blocks: Blocks
    places: "array[int]" = field(default_factory=lambda: array("q"))
    starts: "array[int]" = field(default_factory=lambda: array("q"))
    ends: "array[int]" = field(default_factory=lambda: array("q"))

    def add(self, place: int, start: int, end: int) -> None:
        """One pool more."""
        self.places.append(place)
        self.starts.append(start)
        self.ends.append(end)

    def has(self, place: int) -> bool:
        """Whether the batch at that place is a pool."""
        i = bisect_left(self.places, place)
        return i < len(self.places) and self.places[i] == place

    def pool(self, place: int) -> dict[str, Any]:
        """The pool at that place."""
        i = bisect_left(self.places, place)
        found: dict[str, Any] = read(self.blocks.piece(self.starts[i], self.ends[i]))
        return found


def text_of(raw: bytes, contest: str, form: str, name: str) -> tuple[str, int]:
    """The text of an exhibit of totals, and where the members of its array begin."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise BadTotals("the bytes are not UTF-8") from None
    head = f'{{"contest":{write(contest)},"format":"{form}","{name}":['
    if not text.startswith(head):
        raise BadTotals(f"it does not begin as totals of {contest} in the format {form}")
    return text, len(head)


def require_end(text: str, at: int) -> None:
    """The array was the last field."""
    if text[at:] != "}":
        raise BadTotals("it goes on behind its array")


# Rankings ------------------------------------------------------------


def rankings(raw: bytes, contest: str, choices: Sequence[str]) -> Iterator[Counted]:
    """The readings of a ranked poll, in order, with how many cards have each."""
    text, at = text_of(raw, contest, RANKINGS_FORMAT, "readings")
    try:
        end = yield from readings_at(text, at, choices)
    except NotCanonical as problem:
        raise BadTotals(str(problem)) from None
    require_end(text, end)


def readings_at(text: str, at: int, choices: Sequence[str]) -> Generator[Counted, None, int]:
    """Readings that begin there; returns where they end."""
    last, rows = b"", members(text, at)
    while True:
        try:
            value, _, _ = next(rows)
        except StopIteration as stop:
            return int(stop.value)
        last = require_counted(value, choices, last)
        yield value[0], value[1]


def require_counted(value: Any, choices: Sequence[str], last: bytes) -> bytes:
    """One reading and its number, behind the one whose text is `last`; gives its text."""
    proper = isinstance(value, list) and len(value) == 2 and is_whole(value[1], 1)
    if not proper or not (value[0] == NOT_ON_CARD or isinstance(value[0], list)):
        raise BadTotals(f"{shown(value)} is no reading with its number")
    if not is_reading(value[0], choices, ranked=True):
        raise BadTotals(f"{shown(value[0])} is no reading of its contest")
    text = write(value[0]).encode()
    if text <= last:
        raise BadTotals("readings are out of order, or one stands twice")
    return text


# Pools ------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """What pools have to fit: contest, choices, votes allowed, whether ranked; batches and their cards."""

    contest: str
    choices: list[str]
    allowed: int
    ranked: bool
    places: Mapping[str, int]
    cards: Sequence[tuple[str, int]]


def pools_of(raw: bytes, blocks: Blocks, asked: Asked) -> Pools:
    """The pools of an exhibit, in the order of the manifest; raises `BadTotals`."""
    found, last = Pools(blocks), -1
    byte = char = 0
    for place, start, end, text in walked(raw, asked):
        if place <= last:
            raise BadTotals("pools are out of order, or one stands twice")
        byte, char, last = byte + len(text[char:start].encode()), start, place
        length = len(text[start:end].encode())
        found.add(place, byte, byte + length)
    if last < 0:
        raise BadTotals("there is no pool")
    return found


def walked(raw: bytes, asked: Asked) -> Iterator[tuple[int, int, int, str]]:
    """By pool: the place of its batch, where it begins and ends, and the text. Each fits its batch."""
    text, at = text_of(raw, asked.contest, POOLS_FORMAT, "pools")
    try:
        while True:
            place, end = ranked_pool(text, at, asked) if asked.ranked else voted_pool(text, at, asked)
            yield place, at, end, text
            if not text.startswith(",", end):
                break
            at = end + 1
    except NotCanonical as problem:
        raise BadTotals(str(problem)) from None
    if not text.startswith("]", end):
        raise BadTotals("the text is not JSON")
    require_end(text, end + 1)


def voted_pool(text: str, at: int, asked: Asked) -> tuple[int, int]:
    """The place of a pool with votes, and where it ends."""
    value, end = member(text, at)
    proper = isinstance(value, dict) and value.keys() == {"id", "votes", "write_ins"}
    proper = proper and is_whole(value["write_ins"]) and is_count_by(value["votes"], asked.choices)
    if not proper:
        raise BadTotals(f"{shown(value)} is no pool")
    place, cards = batch_of(value["id"], asked)
    most = cards * asked.allowed
    if (
        not fits(value["votes"], cards, asked.allowed)
        or sum(value["votes"].values()) + value["write_ins"] > most
    ):
        raise BadTotals(f"the pool {shown(value['id'])} has more votes than {cards} cards can give")
    return place, end


def ranked_pool(text: str, at: int, asked: Asked) -> tuple[int, int]:
    """The place of a pool with readings, and where it ends."""
    if not text.startswith('{"id":', at):
        raise BadTotals("a pool has no id")
    name, end = member(text, at + len('{"id":'))
    head = ',"readings":['
    if not text.startswith(head, end):
        raise BadTotals(f"the pool {shown(name)} has no readings")
    place, cards = batch_of(name, asked)
    rows, counted = readings_at(text, end + len(head), asked.choices), 0
    while True:
        try:
            counted += next(rows)[1]
        except StopIteration as stop:
            end = int(stop.value)
            break
    if counted != cards or not text.startswith("}", end):
        raise BadTotals(f"the pool {shown(name)} tells of {counted} cards; its batch holds {cards}")
    return place, end + 1


def batch_of(name: Any, asked: Asked) -> tuple[int, int]:
    """The place and the cards of the batch of the stratum that a pool names."""
    place = asked.places.get(name) if isinstance(name, str) else None
    if place is None:
        raise BadTotals(f"{shown(name)} is no batch of its stratum")
    return place, asked.cards[place][1]
