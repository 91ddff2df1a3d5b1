"""Signed notes and verifier keys (C2SP signed-note v1.0.0; package.md sections 6.1 to 6.4).

It decides whose signature stands under a text, and whether it is valid. How a signature is verified is
a function argument, `Verify`, since this room holds no cryptography but SHA-256.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256

from tallybook.merkle.errors import EvidenceError, shown
from tallybook.merkle.text import check_key_name, decode_base64, decode_utf8, encode_base64

ED25519 = 0x01
"""Signature type: Ed25519 over the text of a note."""
COSIGNATURE = 0x04
"""Signature type: Ed25519 timestamped cosignature of a checkpoint."""

Verify = Callable[[bytes, bytes, bytes], bool]
"""verify(public key, signature, message): is this Ed25519 signature valid?"""

MOST_SIGNATURES = 100
_DASH = "— "
_KEY_ID = re.compile(r"[0-9a-f]{8}\Z")
_PRIME = 2**255 - 19
_SMALL_ORDER = {
    int.from_bytes(bytes.fromhex(y), "little")
    for y in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    )
}


@dataclass(frozen=True)
class VerifierKey:
    """A public key with the name it signs under and the type of its signatures."""

    name: str
    kind: int
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes that a signature line carries to tell keys apart."""
        return key_id(self.name, self.kind, self.public_key)


@dataclass(frozen=True)
class SignatureLine:
    """One line under a note: who signed, with which key, and the bytes."""

    name: str
    key_id: bytes
    payload: bytes


@dataclass(frozen=True)
class Note:
    """A text (with its final line feed) and the signature lines under it."""

    text: str
    signatures: tuple[SignatureLine, ...]


def key_id(name: str, kind: int, public_key: bytes) -> bytes:
    """The first four bytes of SHA-256(name || LF || type || public key)."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + public_key).digest()[:4]


def parse_vkey(text: str) -> VerifierKey:
    """Read `<name>+<key id>+<base64>`. Raises EvidenceError."""
    parts = text.split("+", 2)
    if len(parts) != 3 or not _KEY_ID.match(parts[1]):
        raise EvidenceError(f"vkey: found {shown(text)}; expected <name>+<8 hexadecimal digits>+<base64>.")
    material = decode_base64(parts[2], "vkey")
    if len(material) != 33 or material[0] not in (ED25519, COSIGNATURE):
        raise EvidenceError(
            f"vkey of {shown(parts[0])}: found {len(material)} bytes of type {material[:1].hex() or 'none'}; "
            "expected 33 bytes of type 01 or 04."
        )
    key = VerifierKey(check_key_name(parts[0]), material[0], _check_strong(material[1:]))
    if key.key_id.hex() != parts[1]:
        raise EvidenceError(f"vkey: found the key id {parts[1]}; expected {key.key_id.hex()} for this key.")
    return key


def format_vkey(key: VerifierKey) -> str:
    """Write `<name>+<key id>+<base64>`."""
    return (
        f"{check_key_name(key.name)}+{key.key_id.hex()}+{encode_base64(bytes([key.kind]) + key.public_key)}"
    )


def parse_note(data: bytes) -> Note:
    """Read a signed note: the text, an empty line, at least one signature line. Raises EvidenceError."""
    whole = decode_utf8(data, "signed note")
    if any(character < " " and character != "\n" for character in set(whole)):
        raise EvidenceError("signed note: found a control character; expected none but line feeds.")
    text, separator, tail = whole.rpartition("\n\n")
    if not separator:
        raise EvidenceError("signed note: found no empty line; expected one before the signatures.")
    return Note(text + "\n", parse_signature_lines(tail))


def format_note(note: Note) -> bytes:
    """Write a signed note."""
    return (note.text + "\n" + "".join(map(format_signature_line, note.signatures))).encode()


def parse_signature_lines(text: str) -> tuple[SignatureLine, ...]:
    """Read one or more signature lines, each ended by a line feed. Raises EvidenceError."""
    if not text.endswith("\n"):
        raise EvidenceError(f"signature lines: found {shown(text[-60:])}; expected a line feed at the end.")
    lines = text[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise EvidenceError(f"signature lines: found {len(lines)}; expected at most {MOST_SIGNATURES}.")
    return tuple(map(_parse_signature_line, lines))


def format_signature_line(line: SignatureLine) -> str:
    """Write one signature line with its line feed."""
    return f"{_DASH}{check_key_name(line.name)} {encode_base64(line.key_id + line.payload)}\n"


def verify_note(note: Note, keys: Iterable[VerifierKey], verify: Verify) -> list[VerifierKey]:
    """The known keys (type 01) that signed the note's text.

    Lines of unknown keys are ignored. Raises EvidenceError if a known key's signature is invalid, or
    if no known key signed.
    """
    signed = []
    for key in keys:
        for line in lines_of(note, key):
            verify_line(note.text, line, key, verify)
            signed.append(key)
    if not signed:
        raise EvidenceError("signed note: none of the known keys has signed it.")
    return signed


def lines_of(note: Note, key: VerifierKey) -> list[SignatureLine]:
    """The lines under the note that carry the name and id of this key."""
    return [line for line in note.signatures if (line.name, line.key_id) == (key.name, key.key_id)]


def verify_line(text: str, line: SignatureLine, key: VerifierKey, verify: Verify) -> None:
    """Refuse unless the line is this key's valid Ed25519 signature (type 01) of the text."""
    valid = len(line.payload) == 64 and key.kind == ED25519
    if not valid or not verify(key.public_key, line.payload, text.encode()):
        raise EvidenceError(f"signature of {shown(key.name)}: it is not a valid signature of this text.")


def _parse_signature_line(line: str) -> SignatureLine:
    name, separator, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not separator:
        raise EvidenceError(f"signature line: found {shown(line)}; expected — <name> <base64>.")
    data = decode_base64(encoded, "signature line")
    if len(data) < 5:
        raise EvidenceError(f"signature line: found {len(data)} bytes; expected a key id and a signature.")
    return SignatureLine(check_key_name(name), data[:4], data[4:])


def is_weak(public_key: bytes) -> bool:
    """Whether an Ed25519 key is not canonical or of small order (package.md section 6.3)."""
    y = int.from_bytes(public_key, "little") & (2**255 - 1)
    return y >= _PRIME or y in _SMALL_ORDER


def _check_strong(public_key: bytes) -> bytes:
    """Refuse weak keys."""
    if is_weak(public_key):
        raise EvidenceError(f"vkey: found the weak public key {public_key.hex()}; expected a sound one.")
    return public_key


def sort_key(line: SignatureLine) -> tuple[bytes, bytes]:
    """Cosignatures stand in order of key name, then key id, both by bytes."""
    return line.name.encode(), line.key_id
