"""Small texts with one canonical form: decimals, hex, base64, key names, lines.

Each reader here refuses what differs from the canonical form, since two spellings of one value would
let a byte change without being noticed (`docs/spec/package.md`, opening and section 6.2).
"""

from __future__ import annotations

import base64
import binascii
import re

from tallybook.merkle.errors import EvidenceError, shown

MAX_INTEGER = 2**53 - 1
"""The largest integer of canonical JSON and of every size and length in a package."""

_DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z")
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_WHITE_SPACE = "\x20\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_NOT_IN_NAME = re.compile(rf"[\x00-\x1f+\ud800-\udfff{_WHITE_SPACE}]")


def decode_base64(text: str, what: str) -> bytes:
    """Decode RFC 4648 base64 in its one canonical form. Raises EvidenceError, naming `what`."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise EvidenceError(f"{what}: found {shown(text)}; expected base64.") from None
    if base64.b64encode(data).decode("ascii") != text:
        raise EvidenceError(f"{what}: found {shown(text)}; expected base64 in its canonical form.")
    return data


def encode_base64(data: bytes) -> str:
    """Encode bytes as canonical base64 text."""
    return base64.b64encode(data).decode("ascii")


def decode_hash(text: str, what: str) -> bytes:
    """Decode the base64 of one SHA-256 hash, 32 bytes."""
    data = decode_base64(text, what)
    if len(data) != 32:
        raise EvidenceError(f"{what}: found {len(data)} bytes; expected a hash of 32 bytes.")
    return data


def parse_decimal(text: str, what: str, most: int = MAX_INTEGER) -> int:
    """Read an ASCII decimal without sign or leading zero, at most `most`."""
    if not _DECIMAL.match(text) or int(text) > most:
        raise EvidenceError(f"{what}: found {shown(text)}; expected a whole number from 0 to {most}.")
    return int(text)


def check_digest(found: object, what: str) -> str:
    """Give back a SHA-256 in 64 lower-case hexadecimal digits, or refuse."""
    if not isinstance(found, str) or not _DIGEST.match(found):
        raise EvidenceError(f"{what}: found {shown(found)}; expected 64 lower-case hexadecimal digits.")
    return found


def check_key_name(name: str) -> str:
    """Give back a key name of C2SP signed-note (no white space, no control character, no plus)."""
    if not name or _NOT_IN_NAME.search(name):
        raise EvidenceError(f"key name: found {shown(name)}; expected a name without white space and plus.")
    return name


def check_origin(origin: object) -> str:
    """Give back an origin: a key name that is an address without scheme and without trailing slash."""
    if not isinstance(origin, str):
        raise EvidenceError(f"origin: found {shown(origin)}; expected a text.")
    check_key_name(origin)
    if origin.endswith("/") or "://" in origin:
        raise EvidenceError(
            f"origin: found {shown(origin)}; expected an address without scheme and final slash."
        )
    return origin


def decode_utf8(data: bytes, what: str) -> str:
    """Decode UTF-8 strictly. Raises EvidenceError, naming `what`."""
    try:
        return bytes(data).decode("utf-8")
    except UnicodeDecodeError as error:
        raise EvidenceError(f"{what}: byte {error.start} is not UTF-8; expected UTF-8 text.") from None
