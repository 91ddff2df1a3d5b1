"""Checkpoints and cosignatures (C2SP tlog-checkpoint, tlog-cosignature; package.md section 6).

A checkpoint closes a book at a size: origin, size and root hash, signed by the log and cosigned by
witnesses. It decides what the text says, what a witness signs, and which order of lines is canonical.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from tallybook.merkle.errors import EvidenceError, shown
from tallybook.merkle.notes import (
    COSIGNATURE,
    Note,
    SignatureLine,
    VerifierKey,
    Verify,
    parse_note,
    parse_signature_lines,
    sort_key,
    verify_line,
)
from tallybook.merkle.policy import Policy
from tallybook.merkle.text import check_origin, decode_hash, decode_utf8, encode_base64, parse_decimal

MAX_TIME = 2**63 - 1


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint's text says."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True)
class Cosignature:
    """A witness's statement: at this time (seconds since 1970 UTC) this was the largest book it had seen."""

    key: VerifierKey
    time: int


def format_text(checkpoint: Checkpoint) -> str:
    """The three lines that are signed."""
    return f"{check_origin(checkpoint.origin)}\n{checkpoint.size}\n{encode_base64(checkpoint.root)}\n"


def parse_text(text: str) -> Checkpoint:
    """Read a checkpoint's three lines; extension lines are refused. Raises EvidenceError."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise EvidenceError(f"checkpoint: found {len(lines) - 1} lines of text; expected origin, size, root.")
    size = parse_decimal(lines[1], "checkpoint's size")
    return Checkpoint(check_origin(lines[0]), size, decode_hash(lines[2], "checkpoint's root hash"))


def parse_checkpoint(data: bytes) -> tuple[Checkpoint, Note]:
    """Read a checkpoint with any signature lines. Raises EvidenceError; verifies nothing."""
    note = parse_note(data)
    return parse_text(note.text), note


def split_file(data: bytes) -> tuple[bytes, bytes]:
    """A package's checkpoint file cut in two: through its fourth line feed, and the rest.

    The first part is an input of check 2, the second of check 3 (package.md section 7).
    """
    at = -1
    for _ in range(4):
        at = data.find(b"\n", at + 1)
        if at < 0:
            return data, b""
    return data[: at + 1], data[at + 1 :]


def parse_head(head: bytes) -> Checkpoint:
    """Read the first part of a package's checkpoint file: three lines and an empty one."""
    text = decode_utf8(head, "checkpoint")
    if not text.endswith("\n\n"):
        raise EvidenceError(f"checkpoint: found {shown(text)}; expected three lines and an empty line.")
    return parse_text(text[:-1])


def cosigned_message(text: str, time: int) -> bytes:
    """What a witness signs: `cosignature/v1`, the time, the checkpoint's text."""
    if not 0 <= time <= MAX_TIME:
        raise EvidenceError(f"cosignature: found the time {time}; expected 0 to 2^63 - 1 seconds.")
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def cosignature_payload(time: int, signature: bytes) -> bytes:
    """The bytes after the key id: the time in eight bytes and the signature."""
    return time.to_bytes(8, "big") + signature


def verify_cosignature(text: str, line: SignatureLine, key: VerifierKey, verify: Verify) -> Cosignature:
    """The cosignature that a line states. Raises EvidenceError unless it is this key's and valid."""
    time = int.from_bytes(line.payload[:8], "big")
    valid = len(line.payload) == 72 and key.kind == COSIGNATURE and time <= MAX_TIME
    if not valid or not verify(key.public_key, line.payload[8:], cosigned_message(text, time)):
        raise EvidenceError(f"cosignature of {shown(key.name)}: it is not valid for this checkpoint.")
    return Cosignature(key, time)


def verify_canonical_lines(text: str, tail: bytes, policy: Policy, verify: Verify) -> list[Cosignature]:
    """Check the signature lines of a package's checkpoint: order, keys of the policy, every signature.

    `tail` is the second part of the file. Gives the valid cosignatures, or raises EvidenceError.
    """
    lines = parse_signature_lines(decode_utf8(tail, "signature lines"))
    log_keys = [key for key in policy.logs if key.name == text.split("\n", 1)[0]]
    verify_line(text, lines[0], _key_of(lines[0], log_keys, "log key of the origin"), verify)
    order = [sort_key(line) for line in lines[1:]]
    if any(later <= earlier for earlier, later in pairwise(order)):
        raise EvidenceError("cosignatures: expected each key once, sorted by key name and key id.")
    witnesses = list(policy.witnesses.values())
    return [
        verify_cosignature(text, line, _key_of(line, witnesses, "witness of the policy"), verify)
        for line in lines[1:]
    ]


def canonical_order(log_line: SignatureLine, cosignatures: list[SignatureLine]) -> tuple[SignatureLine, ...]:
    """The log's line, then the cosignatures by key name and key id."""
    return (log_line, *sorted(cosignatures, key=sort_key))


def _key_of(line: SignatureLine, keys: list[VerifierKey], whose: str) -> VerifierKey:
    for key in keys:
        if (line.name, line.key_id) == (key.name, key.key_id):
            return key
    raise EvidenceError(f"signature line of {shown(line.name)}: its key is not a {whose}.")
