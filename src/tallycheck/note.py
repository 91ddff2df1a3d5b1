"""Checkpoints, key names, verifier keys and signature lines: package specification, section 6.

Parsing only; which signatures are asked for is decided in ``signatures``. Every refusal is a
`BadNote`, to which the caller adds the number of its check.
"""

import hashlib
from dataclasses import dataclass

from . import ed25519
from .plain import decimal, unbase64

SIGNATURE, COSIGNATURE = 0x01, 0x04
SPACES = frozenset("\u0020\u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000") | {
    chr(c) for c in range(0x2000, 0x200B)
}
LATEST = 2**63 - 1
WEAK = frozenset(
    int.from_bytes(bytes.fromhex(digits), "little")
    for digits in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    )
)


class BadNote(ValueError):  # noqa: N818 - it is an answer about the input
    """A text of section 6, 8 or 10 is not in its form; the message says why."""


@dataclass(frozen=True)
class Key:
    """A verifier key: its name, its type (1 signature, 4 cosignature) and its 32 bytes."""

    name: str
    type: int
    public: bytes

    @property
    def id(self) -> bytes:
        """The key id (section 6.3)."""
        return key_id(self.name, self.type, self.public)


@dataclass(frozen=True)
class Line:
    """A signature line: the key's name, its id and what follows the id in the base64."""

    name: str
    id: bytes
    payload: bytes


@dataclass(frozen=True)
class Checkpoint:
    """The text of a checkpoint (its bytes, as signed) and what its three lines say."""

    text: bytes
    origin: str
    size: int
    root: bytes


def is_key_name(name: str) -> bool:
    """Section 6.2."""
    return bool(name) and not any(c < " " or c == "+" or c in SPACES for c in name) and encodable(name)


def is_origin(name: object) -> bool:
    """Section 6.2: a key name that does not end in ``/`` and does not contain ``://``."""
    return isinstance(name, str) and is_key_name(name) and not name.endswith("/") and "://" not in name


def encodable(text: str) -> bool:
    """Whether the text has a UTF-8 form."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """The first four bytes of SHA-256(name || LF || type || key): section 6.3."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def parse_vkey(text: str) -> Key:
    """The key of a vkey (section 6.3)."""
    parts = text.split("+", 2)
    body = unbase64(parts[2]) if len(parts) == 3 else None
    if body is None or not is_key_name(parts[0]):
        raise BadNote(f"{text[:80]!r} is not a verifier key")
    if len(body) != 33 or body[0] not in (SIGNATURE, COSIGNATURE):
        raise BadNote(f"the key of {parts[0][:80]!r} has an unknown type or length")
    key = Key(parts[0], body[0], body[1:])
    if parts[1] != key.id.hex():
        raise BadNote(f"the key of {parts[0][:80]!r} states the key id {parts[1][:16]!r}, not {key.id.hex()}")
    if is_weak(key.public):
        raise BadNote(f"the key of {parts[0][:80]!r} is weak")
    return key


def is_weak(public: bytes) -> bool:
    """Whether the public key is of small order or not written in its one form (section 6.3)."""
    y = int.from_bytes(public, "little") & (2**255 - 1)
    return y >= ed25519.P or y in WEAK


def head_and_rest(raw: bytes) -> tuple[bytes, bytes]:
    """A checkpoint's bytes up to and including its fourth LF, and the rest (section 7)."""
    end = -1
    for _ in range(4):
        end = raw.find(b"\n", end + 1)
        if end < 0:
            return raw, b""
    return raw[: end + 1], raw[end + 1 :]


def parse_head(head: bytes) -> Checkpoint:
    """The first four lines of a checkpoint: origin, size, root hash, and an empty one."""
    try:
        lines = head.decode("utf-8").split("\n")
    except UnicodeDecodeError:
        raise BadNote("the first four lines of the checkpoint are not UTF-8") from None
    if len(lines) != 5 or lines[3] or lines[4]:
        raise BadNote("the checkpoint does not begin with three lines and an empty one")
    origin, size, root = lines[0], decimal(lines[1]), unbase64(lines[2])
    if not is_origin(origin):
        raise BadNote("the first line of the checkpoint is not an origin")
    if size is None:
        raise BadNote("the second line of the checkpoint is not a number")
    if root is None or len(root) != 32:
        raise BadNote("the third line of the checkpoint is not the base64 of 32 bytes")
    return Checkpoint(head[:-1], origin, size, root)


def parse_lines(raw: bytes) -> list[Line]:
    """The signature lines (section 6.1), at least one; only their form is looked at."""
    try:
        lines = raw.decode("utf-8").split("\n")
    except UnicodeDecodeError:
        raise BadNote("the signature lines are not UTF-8") from None
    if lines.pop() != "" or not lines:
        raise BadNote("there is no signature line, or the last one does not end with a line feed")
    return [parse_line(line) for line in lines]


def parse_line(line: str) -> Line:
    """One signature line."""
    words = line.split(" ")
    body = unbase64(words[2]) if len(words) == 3 else None
    if body is None or words[0] != "\u2014" or not is_key_name(words[1]) or len(body) < 5:
        raise BadNote(f"{line[:120]!r} is not a signature line")
    return Line(words[1], body[:4], body[4:])


def line_verifies(key: Key, line: Line, text: bytes) -> bool:
    """Whether the line is a valid signature, or cosignature, of the text by that key (section 6.1)."""
    if key.type == SIGNATURE:
        return ed25519.verifies(key.public, text, line.payload)
    if len(line.payload) != 72:
        return False
    time = int.from_bytes(line.payload[:8], "big")
    message = b"cosignature/v1\ntime %d\n" % time + text
    return time <= LATEST and ed25519.verifies(key.public, message, line.payload[8:])
