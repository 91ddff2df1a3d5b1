"""Sealed exhibits: a salted commitment now, the bytes later or never (package.md section 1).

A published leaf can never be taken back, so what must stay private enters a book as a commitment. The
salt hides even a guessable content; it is derived, so that one secret kept apart opens every item.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

from tallybook.merkle.errors import EvidenceError

_DOMAIN = b"tallybook/commit/v1\n"


def salt_of(secret: bytes, item_id: str) -> bytes:
    """The 32-byte salt of an item: HMAC-SHA256 of its id under a secret of at least 32 bytes."""
    if len(secret) < 32:
        raise EvidenceError(f"secret of the salts: found {len(secret)} bytes; expected at least 32.")
    return hmac.new(secret, item_id.encode(), sha256).digest()


def commitment(salt: bytes, data: bytes) -> str:
    """SHA-256("tallybook/commit/v1" || LF || salt || data), in hexadecimal."""
    if len(salt) != 32:
        raise EvidenceError(f"salt: found {len(salt)} bytes; expected 32.")
    return sha256(_DOMAIN + salt + data).hexdigest()


def verify_opening(committed: str, salt: bytes, data: bytes) -> None:
    """Refuse unless the salt and data open this commitment."""
    if not hmac.compare_digest(commitment(salt, data), committed):
        raise EvidenceError("commitment: the salt and bytes shown do not open it.")
