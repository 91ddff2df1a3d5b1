"""Keys and signatures: Ed25519 for logs and witnesses (package.md sections 6.1 to 6.4).

It makes keys from 32 given bytes, signs checkpoints, cosigns them, and gathers cosignatures under one
checkpoint in canonical order. Dice and clocks are the caller's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tallybook.merkle.checkpoints import (
    Checkpoint,
    canonical_order,
    cosignature_payload,
    cosigned_message,
    format_text,
    parse_checkpoint,
    verify_cosignature,
)
from tallybook.merkle.errors import EvidenceError
from tallybook.merkle.notes import (
    COSIGNATURE,
    ED25519,
    Note,
    SignatureLine,
    VerifierKey,
    format_note,
    lines_of,
    verify_line,
)
from tallybook.merkle.policy import Policy
from tallybook.merkle.text import check_key_name
from tallybook.merkle.witnessing import parse_reply


@dataclass(frozen=True)
class SigningKey:
    """A private key with the public key that others hold. The secret is never shown."""

    verifier: VerifierKey
    secret: bytes = field(repr=False)


def log_key(origin: str, secret: bytes) -> SigningKey:
    """The log's key for a book of this origin, from 32 secret bytes."""
    return _key(origin, ED25519, secret)


def witness_key(name: str, secret: bytes) -> SigningKey:
    """A witness's key, from 32 secret bytes."""
    return _key(name, COSIGNATURE, secret)


def verify_ed25519(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Is this a valid Ed25519 signature? (RFC 8032; the `Verify` that the merkle room asks for)"""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def officer_public(secret: bytes) -> str:
    """The public key of an officer, 64 hexadecimal digits, from 32 secret bytes (officers.md, section 2)."""
    return Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw().hex()


def officer_signature(secret: bytes, message: bytes) -> str:
    """An officer's signature of a statement, 128 hexadecimal digits (officers.md, section 2)."""
    return Ed25519PrivateKey.from_private_bytes(secret).sign(message).hex()


def sign_text(text: str, key: SigningKey) -> SignatureLine:
    """A log's signature line under a note's text."""
    if key.verifier.kind != ED25519:
        raise EvidenceError("signing: found a witness's key; expected a log's.")
    return _line(key, _sign(key, text.encode()))


def cosign_text(text: str, key: SigningKey, time: int) -> SignatureLine:
    """A witness's signature line under a checkpoint's text, at a time in seconds since 1970 UTC."""
    if key.verifier.kind != COSIGNATURE:
        raise EvidenceError("cosigning: found a log's key; expected a witness's.")
    return _line(key, cosignature_payload(time, _sign(key, cosigned_message(text, time))))


def sign_checkpoint(checkpoint: Checkpoint, key: SigningKey) -> bytes:
    """The checkpoint's file under the log's signature alone. The key's name must be the origin."""
    if key.verifier.name != checkpoint.origin:
        raise EvidenceError(
            f"checkpoint: found the key {key.verifier.name}; expected the key named {checkpoint.origin}."
        )
    text = format_text(checkpoint)
    return format_note(Note(text, (sign_text(text, key),)))


def merge_cosignatures(checkpoint: bytes, replies: Iterable[bytes], policy: Policy) -> bytes:
    """The checkpoint's file with the valid cosignatures of these replies added, in canonical order.

    Lines of keys outside the policy are left out. Of two by one key, the later stays. Raises
    EvidenceError if a line of a known key is not valid.
    """
    note = parse_checkpoint(checkpoint)[1]
    lines = [*note.signatures, *(line for reply in replies for line in parse_reply(reply))]
    merged = Note(note.text, tuple(lines))
    cosignatures = [_latest(merged, key) for key in policy.witnesses.values() if lines_of(merged, key)]
    return format_note(Note(note.text, canonical_order(_log_line(merged, policy), cosignatures)))


def _latest(note: Note, key: VerifierKey) -> SignatureLine:
    lines = lines_of(note, key)
    times = [verify_cosignature(note.text, line, key, verify_ed25519).time for line in lines]
    return lines[times.index(max(times))]


def _log_line(note: Note, policy: Policy) -> SignatureLine:
    origin = note.text.split("\n", 1)[0]
    for key in policy.logs:
        for line in lines_of(note, key):
            if key.name == origin:
                verify_line(note.text, line, key, verify_ed25519)
                return line
    raise EvidenceError(f"checkpoint of {origin}: it is not signed by a log key of the policy.")


def _key(name: str, kind: int, secret: bytes) -> SigningKey:
    if len(secret) != 32:
        raise EvidenceError(f"key of {name}: found {len(secret)} secret bytes; expected 32.")
    public = Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
    return SigningKey(VerifierKey(check_key_name(name), kind, public), secret)


def _sign(key: SigningKey, message: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(key.secret).sign(message)


def _line(key: SigningKey, payload: bytes) -> SignatureLine:
    return SignatureLine(key.verifier.name, key.verifier.key_id, payload)
