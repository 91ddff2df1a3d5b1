"""A witness: it remembers the largest checkpoint it cosigned, and cosigns only what continues it.

It follows C2SP tlog-witness. The answer itself is the pure function `merkle.witnessing.answer`; here it
is given a memory on disk, which is locked from reading to writing and durable before any reply leaves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from tallybook.evidence import disk
from tallybook.evidence.signing import SigningKey, cosign_text, verify_ed25519
from tallybook.merkle.checkpoints import Checkpoint, format_text, parse_checkpoint, parse_text
from tallybook.merkle.errors import EvidenceError
from tallybook.merkle.notes import VerifierKey
from tallybook.merkle.text import decode_utf8
from tallybook.merkle.tree import Node, consistency_proof
from tallybook.merkle.witnessing import PLAIN, Reply, Request, Seen, answer, format_request

MOST_BODY = 1 << 20

Logs = Mapping[str, Sequence[VerifierKey]]
"""The trusted log keys of each origin that a witness follows."""


def serve(
    method: str, path: str, body: bytes, *, memory: Path, logs: Logs, key: SigningKey, time: int
) -> Reply:
    """Answer one HTTP request to a witness. `time` is now, in seconds since 1970 UTC.

    `path` is what follows the witness's prefix: `/add-checkpoint`. Anything else is 404 or 405.
    """
    if path != "/add-checkpoint":
        return Reply(404, PLAIN, b"This witness answers at /add-checkpoint.\n")
    if method != "POST":
        return Reply(405, PLAIN, b"Send the request with POST.\n")
    if len(body) > MOST_BODY:
        return Reply(400, PLAIN, f"The request is longer than {MOST_BODY} bytes.\n".encode())
    try:
        return add_checkpoint(body, memory, logs, key, time)
    except (EvidenceError, disk.DiskError) as error:
        return Reply(500, PLAIN, f"Nothing was cosigned. {error}\n".encode())


def add_checkpoint(body: bytes, memory: Path, logs: Logs, key: SigningKey, time: int) -> Reply:
    """Answer one request, whichever way it came. The memory is durable before this returns.

    Raises disk.DiskError if the memory cannot be locked or written, and EvidenceError if it is damaged;
    then nothing was cosigned.
    """
    try:
        disk.make_top_folder(memory)
        with disk.lock(memory):
            origin, reply = answer(
                body,
                logs,
                lambda origin: recall(memory, origin),
                verify_ed25519,
                lambda text: cosign_text(text, key, time),
            )
            if reply.seen is not None:
                disk.stage(_place(memory, origin), _remembered(origin, reply.seen))
                disk.install(_place(memory, origin))
            return reply
    except OSError as error:
        raise disk.DiskError(f"The witness's memory cannot be used ({error.strerror or error}).") from error


def recall(memory: Path, origin: str) -> Seen:
    """What was cosigned last for an origin; size 0 if nothing was. Raises EvidenceError if damaged."""
    path = _place(memory, origin)
    if not path.exists():
        return Seen()
    checkpoint = parse_text(decode_utf8(path.read_bytes(), "witness's memory"))
    if checkpoint.origin != origin:
        raise EvidenceError(f"witness's memory: found {checkpoint.origin}; expected {origin}.")
    return Seen(checkpoint.size, checkpoint.root)


def request_for(checkpoint: bytes, old_size: int, node: Node) -> bytes:
    """The request that asks a witness who has seen `old_size` entries to cosign a checkpoint.

    `node` reads the tree of the checkpoint's size. Begin with 0, or with the size a reply 409 gave.
    """
    size = parse_checkpoint(checkpoint)[0].size
    proof = consistency_proof(node, old_size, size) if old_size else []
    return format_request(Request(old_size, tuple(proof), checkpoint))


def _place(memory: Path, origin: str) -> Path:
    return memory / f"{sha256(origin.encode()).hexdigest()}.seen"


def _remembered(origin: str, seen: Seen) -> bytes:
    return format_text(Checkpoint(origin, seen.size, seen.root)).encode()
