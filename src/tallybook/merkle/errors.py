"""The one error of this room: some bytes are not the evidence they claim to be."""

from __future__ import annotations


class EvidenceError(ValueError):
    """Malformed or false evidence. The message is a sentence: what was found, what was expected."""


def shown(found: object, most: int = 60) -> str:
    """Quote what was found, cut to `most` characters, so that a hostile input cannot flood a screen."""
    if isinstance(found, int) and found.bit_length() > 4 * most:
        return f"a number of {found.bit_length()} bits"
    text = repr(bytes(found[: most + 1])) if isinstance(found, (bytes, bytearray)) else repr(found)
    return text if len(text) <= most else text[:most] + "…"
