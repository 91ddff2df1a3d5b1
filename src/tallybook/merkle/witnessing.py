"""What a log and a witness say to each other: add-checkpoint (C2SP tlog-witness v1.0.0).

It decides the bytes of a request, the bytes of a reply, and what a witness must answer, as pure
functions: the same over HTTP and as two files by e-mail. Whoever calls keeps the state and the keys.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tallybook.merkle.checkpoints import Checkpoint, parse_checkpoint
from tallybook.merkle.errors import EvidenceError, shown
from tallybook.merkle.notes import (
    Note,
    SignatureLine,
    VerifierKey,
    Verify,
    format_signature_line,
    parse_signature_lines,
    verify_note,
)
from tallybook.merkle.text import decode_hash, decode_utf8, encode_base64, parse_decimal
from tallybook.merkle.tree import EMPTY_ROOT, verify_consistency

MOST_HASHES = 63
PLAIN = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"


@dataclass(frozen=True)
class Request:
    """A log asks a witness to cosign a checkpoint that continues the one of `old_size`."""

    old_size: int
    proof: tuple[bytes, ...]
    checkpoint: bytes


@dataclass(frozen=True)
class Seen:
    """The largest book a witness has cosigned for one origin: its size and root hash."""

    size: int = 0
    root: bytes = EMPTY_ROOT


@dataclass(frozen=True)
class Reply:
    """An answer: an HTTP status, a content type, a body; and what the witness must remember first."""

    status: int
    content_type: str
    body: bytes
    seen: Seen | None = None
    """Set only with status 200. It MUST be stored durably before the reply is sent."""


Cosign = Callable[[str], SignatureLine]
"""cosign(checkpoint text): the witness's signature line."""


def format_request(request: Request) -> bytes:
    """The body of an add-checkpoint request."""
    lines = [f"old {request.old_size}", *map(encode_base64, request.proof)]
    return ("\n".join(lines) + "\n\n").encode() + request.checkpoint


def parse_request(body: bytes) -> Request:
    """Read the body of an add-checkpoint request. Raises EvidenceError."""
    head, separator, checkpoint = body.partition(b"\n\n")
    lines = decode_utf8(head, "request").split("\n")
    if not separator or not lines[0].startswith("old "):
        raise EvidenceError(f"request: found {shown(body)}; expected a line that begins 'old '.")
    if len(lines) > 1 + MOST_HASHES:
        raise EvidenceError(f"request: found {len(lines) - 1} hashes; expected at most {MOST_HASHES}.")
    old_size = parse_decimal(lines[0].removeprefix("old "), "request's old size")
    return Request(old_size, tuple(decode_hash(line, "request's proof") for line in lines[1:]), checkpoint)


def parse_reply(body: bytes) -> tuple[SignatureLine, ...]:
    """The signature lines of a reply with status 200. Raises EvidenceError."""
    return parse_signature_lines(decode_utf8(body, "witness's reply"))


def answer(
    body: bytes,
    logs: Mapping[str, Sequence[VerifierKey]],
    seen_of: Callable[[str], Seen],
    verify: Verify,
    cosign: Cosign,
) -> tuple[str, Reply]:
    """The origin asked about and a witness's reply to one request.

    `logs` gives the trusted log keys of each origin, `seen_of` what was cosigned last. The caller MUST
    hold a lock from before this call until the reply's `seen` is stored. 404 unknown origin; 403 not
    signed by the log; 400 malformed, or old size above the checkpoint's; 409 old size is not the stored
    one, or another root at the stored size; 422 the consistency proof fails.
    """
    try:
        request = parse_request(body)
        checkpoint, note = parse_checkpoint(request.checkpoint)
    except EvidenceError as error:
        return "", _refusal(400, error)
    origin = checkpoint.origin
    if origin not in logs:
        return origin, _refusal(404, f"origin {shown(origin)}: this witness does not follow it.")
    try:
        verify_note(note, logs[origin], verify)
    except EvidenceError as error:
        return origin, _refusal(403, error)
    return origin, _answer_signed(request, checkpoint, note, seen_of(origin), cosign)


def _answer_signed(request: Request, checkpoint: Checkpoint, note: Note, seen: Seen, cosign: Cosign) -> Reply:
    """The reply to a request that the log has signed."""
    if request.old_size > checkpoint.size:
        return _refusal(400, f"old size {request.old_size} is above the checkpoint's {checkpoint.size}.")
    if request.old_size != seen.size:
        return Reply(409, SIZE, f"{seen.size}\n".encode())
    if checkpoint.size == seen.size and checkpoint.root != seen.root:
        # The specification's text asks for 409 here. The body says what an operator must know.
        return _refusal(409, f"the log has signed two different roots for size {seen.size}.")
    try:
        verify_consistency(seen.size, seen.root, checkpoint.size, checkpoint.root, request.proof)
    except EvidenceError as error:
        return _refusal(422, error)
    line = format_signature_line(cosign(note.text))
    return Reply(200, PLAIN, line.encode(), Seen(checkpoint.size, checkpoint.root))


def _refusal(status: int, why: object) -> Reply:
    return Reply(status, PLAIN, f"{why}\n".encode("utf-8", "backslashreplace"))
