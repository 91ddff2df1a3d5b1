"""Long parts of a result, which the book files as exhibits (docs/spec/audit.md and book.md, sections 8).

For the effects, which make them, and for everyone who reads a result. A part named here that is longer in
canonical JSON than an entry has room for is an exhibit; the result then has its SHA-256 in its place.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from tallybook.book.nouns import LONG_PARTS, Consequence, Effect
from tallybook.merkle.canonical import encode

INLINE = 16_384
"""The longest part, in bytes of canonical JSON, that stands in the entry itself."""


def filed(result: Mapping[str, Any], follows: tuple[Consequence, ...] = ()) -> Effect:
    """The effect with this result: its long parts are exhibits, named after them."""
    said, made = dict(result), dict[str, bytes]()
    for part in LONG_PARTS:
        if part in said and len(written := encode(said[part])) > INLINE:
            del said[part]
            said[f"{part}_sha256"] = sha256(written).hexdigest()
            made[f"{part}.json"] = written
    return Effect(said, follows, made)


def part_of(result: Mapping[str, Any], part: str, documents: Mapping[str, Any]) -> Any:
    """A part of a result, from the entry or from its exhibit. documents: fingerprint -> parsed exhibit."""
    return result[part] if part in result else documents[result[f"{part}_sha256"]]


def fingerprints(result: Mapping[str, Any]) -> list[str]:
    """The exhibits that the book made for a result, in order."""
    return [result[f"{part}_sha256"] for part in LONG_PARTS if f"{part}_sha256" in result]
