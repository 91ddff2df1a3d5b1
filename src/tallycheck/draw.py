"""The draw of a sample: draw specification, sections 2 to 4; manifests: book specification, section 8.

A sample of a book is drawn by tickets, uniformly and without replacement. The draws of sections 5 to 7
are those of an audit by plan, in `draws`.
"""

import hashlib
import heapq
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .canonical import NotCanonical, read
from .note import encodable
from .plain import is_whole

LONGEST_NAME = 4096
MOST_IN_BATCH = 10**7
MOST_CARDS = 5 * 10**7
MANIFEST = "tallybook/manifest/v1"
FOUND_IN = ("container", "place")

_SEED = re.compile(r"[0-9]{20,200}\Z")
_CONTROL = re.compile("[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Manifest:
    """Batches of cards, in order: id and number of cards."""

    batches: tuple[tuple[str, int], ...]
    cards: int

    def items(self) -> Iterator[str]:
        """The name of every card: ``<batch>/<position>``, positions from 1."""
        for batch, cards in self.batches:
            for position in range(1, cards + 1):
                yield f"{batch}/{position}"


class BadManifest(ValueError):  # noqa: N818 - it is an answer about the input
    """An exhibit is not a manifest; the message says why."""


def is_seed(value: object) -> bool:
    """Section 2.1."""
    return isinstance(value, str) and _SEED.match(value) is not None


def is_item_name(name: str) -> bool:
    """Section 3, rules 1 and 2: parts joined by line feeds."""
    parts = name.split("\n")
    return (
        all(part and not _CONTROL.search(part) for part in parts)
        and encodable(name)
        and len(name.encode()) <= LONGEST_NAME
    )


def ticket(seed: str, name: str) -> str:
    """The ticket of an item (section 4), 64 hexadecimal digits."""
    return hashlib.sha256(f"tallybook/draw/v1\nticket\n{seed}\n{name}".encode()).hexdigest()


def sample(seed: str, items: Iterator[str], n: int) -> list[str]:
    """The n items of the smallest tickets, in ascending order (section 4.3)."""
    start = hashlib.sha256(f"tallybook/draw/v1\nticket\n{seed}\n".encode())

    def ticketed() -> Iterator[tuple[bytes, bytes]]:
        for item in items:
            name, digest = item.encode(), start.copy()
            digest.update(name)
            yield digest.digest(), name

    return [name.decode() for _, name in heapq.nsmallest(n, ticketed())]


def parse_manifest(raw: bytes) -> Manifest:
    """The manifest of these bytes; raises `BadManifest`."""
    try:
        value = read(raw)
    except NotCanonical as problem:
        raise BadManifest(f"it is not canonical JSON: {problem}") from None
    if not isinstance(value, dict) or value.keys() != {"batches", "format"} or value["format"] != MANIFEST:
        raise BadManifest(f"it is not an object with `batches` and the `format` {MANIFEST}")
    batches = value["batches"]
    if not isinstance(batches, list) or not batches or not all(is_batch(batch) for batch in batches):
        raise BadManifest("`batches` is empty, or a batch has no proper `id` or `cards`")
    pairs = tuple((batch["id"], batch["cards"]) for batch in batches)
    cards = sum(n for _, n in pairs)
    if len({name for name, _ in pairs}) < len(pairs) or cards > MOST_CARDS:
        raise BadManifest(f"a batch stands twice, or there are more than {MOST_CARDS} cards")
    return Manifest(pairs, cards)


def is_batch(batch: Any) -> bool:
    """One batch of a manifest; it may say in which container and at which place its paper is found."""
    if not isinstance(batch, dict) or not {"cards", "id"} <= batch.keys() <= {"cards", "id", *FOUND_IN}:
        return False
    cards = batch["cards"]
    named = all(is_batch_id(batch[name]) for name in ("id", *FOUND_IN) if name in batch)
    return named and is_whole(cards, 1) and bool(cards <= MOST_IN_BATCH)


def is_batch_id(value: Any) -> bool:
    """The id of a batch, a container or a place of a manifest."""
    if not isinstance(value, str) or not 1 <= len(value) <= 200:
        return False
    return "/" not in value and "\n" not in value and is_item_name(value)
