"""Canonical JSON: one value, one sequence of bytes (`docs/spec/canonical-json.md`, a part of RFC 8785).

Every entry is written and read here. No floating point, keys of `[a-z0-9_]+`, integers within 2⁵³ − 1,
no lone surrogates, at most sixteen levels. msgspec does the work at speed; the tests hold it to rfc8785.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import msgspec

from tallybook.merkle.errors import EvidenceError, shown
from tallybook.merkle.text import MAX_INTEGER

Json = Any
"""A JSON value: dict, list, str, int, bool or None. Deeper typing would cost more than it tells."""

MAX_DEPTH = 16
MAX_ENTRY = 65_535
"""The longest entry, in bytes: a bundle gives its length in two bytes."""

_KEY = re.compile(r"[a-z0-9_]+\Z")
_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder()


def encode(value: Json) -> bytes:
    """The canonical bytes of a value. Raises EvidenceError if the value has none."""
    _check(value, MAX_DEPTH)
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        raise EvidenceError("canonical JSON: found a lone surrogate; expected Unicode text.") from None


def decode(data: bytes) -> Json:
    """The value of canonical bytes. Raises EvidenceError for bytes that are not canonical."""
    try:
        value = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise EvidenceError(f"canonical JSON: found {shown(data)}; expected canonical JSON.") from None
    if encode(value) != data:
        raise EvidenceError(f"canonical JSON: found {shown(data)}, which differs from its canonical form.")
    return value


def encode_entry(entry: dict[str, Json]) -> bytes:
    """The canonical bytes of an entry: an object of at most 65,535 bytes."""
    if type(entry) is not dict:
        raise EvidenceError(f"entry: found {shown(entry)}; expected an object.")
    return check_entry_length(encode(entry))


def decode_entry(data: bytes) -> dict[str, Json]:
    """The entry of canonical bytes: an object of at most 65,535 bytes."""
    value = decode(check_entry_length(data))
    if type(value) is not dict:
        raise EvidenceError(f"entry: found {shown(data)}; expected an object.")
    return value


def check_entry_length(data: bytes) -> bytes:
    """Give back the bytes of an entry if they fit into a bundle."""
    if len(data) > MAX_ENTRY:
        raise EvidenceError(
            f"entry: found {len(data)} bytes; expected at most {MAX_ENTRY}. File the rest as an exhibit."
        )
    return data


def _check(value: Json, depth: int) -> None:
    """Refuse a value outside the canonical form; `depth` is how many levels are still allowed."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return
    if kind is int:
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise EvidenceError(
                f"canonical JSON: found {shown(value)}; expected at most 2^53 - 1 either way."
            )
    elif kind is not dict and kind is not list:
        raise EvidenceError(
            f"canonical JSON: found {shown(value)}; expected an object, list, text, integer, boolean or null."
        )
    elif not depth:
        raise EvidenceError(
            f"canonical JSON: found more than {MAX_DEPTH} levels; expected at most {MAX_DEPTH}."
        )
    elif kind is dict:
        for key, member in value.items():
            _check_key(key)
            _check(member, depth - 1)
    else:
        for member in value:
            _check(member, depth - 1)


@lru_cache(maxsize=4096)
def _check_key(key: object) -> None:
    """Refuse a key outside `[a-z0-9_]+`. The few keys of a book are remembered as good."""
    if type(key) is not str or not _KEY.match(key):
        raise EvidenceError(f"canonical JSON: found the key {shown(key)}; expected only a-z, 0-9 and _.")
