"""Receipts: one file that shows that an entry is in a book (C2SP tlog-proof; package.md section 10).

A board prints one after signing. It holds the entry itself, its number, the inclusion proof and the
checkpoint, so that it can be checked alone, and against any later package of the same book.
"""

from __future__ import annotations

from dataclasses import dataclass

from tallybook.merkle.checkpoints import Checkpoint, parse_checkpoint
from tallybook.merkle.errors import EvidenceError, shown
from tallybook.merkle.notes import Note
from tallybook.merkle.text import decode_base64, decode_hash, decode_utf8, encode_base64, parse_decimal
from tallybook.merkle.tree import Node, inclusion_proof, leaf_hash, verify_inclusion

_FIRST = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True)
class Receipt:
    """An entry, its number, the inclusion proof (leaf's sibling first), and the checkpoint's bytes."""

    entry: bytes
    index: int
    proof: tuple[bytes, ...]
    checkpoint: bytes


def make_receipt(node: Node, index: int, entry: bytes, checkpoint: bytes) -> Receipt:
    """The receipt of entry `index` under a checkpoint; `node` reads the tree of the checkpoint's size."""
    size = parse_checkpoint(checkpoint)[0].size
    return Receipt(entry, index, tuple(inclusion_proof(node, index, size)), checkpoint)


def format_receipt(receipt: Receipt) -> bytes:
    """Write a `.tlog-proof` file."""
    lines = [_FIRST, f"extra {encode_base64(receipt.entry)}", f"index {receipt.index}"]
    lines += map(encode_base64, receipt.proof)
    return ("\n".join(lines) + "\n\n").encode() + receipt.checkpoint


def parse_receipt(data: bytes) -> Receipt:
    """Read a `.tlog-proof` file. Raises EvidenceError; verifies nothing."""
    head, separator, checkpoint = data.partition(b"\n\n")
    lines = decode_utf8(head, "receipt").split("\n")
    if not separator or len(lines) < 3 or lines[0] != _FIRST:
        raise EvidenceError(f"receipt: found {shown(data)}; expected a {_FIRST} file.")
    entry = decode_base64(_after("extra ", lines[1]), "receipt's entry")
    index = parse_decimal(_after("index ", lines[2]), "receipt's index")
    if len(lines) > 3 + 64:
        raise EvidenceError(f"receipt: found {len(lines) - 3} hashes; expected at most 64.")
    proof = tuple(decode_hash(line, "receipt's proof") for line in lines[3:])
    return Receipt(entry, index, proof, checkpoint)


def verify_receipt(receipt: Receipt) -> tuple[Checkpoint, Note]:
    """Refuse unless the entry is in the tree of the receipt's checkpoint. Signatures are not checked here."""
    checkpoint, note = parse_checkpoint(receipt.checkpoint)
    verify_inclusion(leaf_hash(receipt.entry), receipt.index, checkpoint.size, receipt.proof, checkpoint.root)
    return checkpoint, note


def _after(prefix: str, line: str) -> str:
    if not line.startswith(prefix):
        raise EvidenceError(f"receipt: found {shown(line)}; expected a line that begins {prefix!r}.")
    return line.removeprefix(prefix)
