"""Small books to publish, the keys that sign them, and the specification's own example."""

import base64
import io
import re
from hashlib import sha256
from pathlib import Path

from tallybook.evidence.publishing import package_files
from tallybook.evidence.signing import cosign_text, log_key, merge_cosignatures, sign_checkpoint, witness_key
from tallybook.merkle import tiles
from tallybook.merkle.canonical import encode_entry
from tallybook.merkle.checkpoints import Checkpoint, parse_checkpoint
from tallybook.merkle.notes import format_signature_line, format_vkey
from tallybook.merkle.policy import parse_policy

SPEC = (Path(__file__).parents[3] / "docs" / "spec" / "package.md").read_text("utf-8")

ORIGIN = "elections.example/monroe/2026-11-03"
LOG = log_key(ORIGIN, sha256(b"test log").digest())
WITNESSES = [witness_key(f"{name}.example", sha256(name.encode()).digest()) for name in ("ann", "ben", "cal")]
POLICY = "".join(
    [f"log {format_vkey(LOG.verifier)}\n"]
    + [f"witness {key.verifier.name[:3]} {format_vkey(key.verifier)}\n" for key in WITNESSES]
    + ["group people 2 ann ben cal\nquorum people\n"]
)
NOW = 1_795_305_600


def exhibit(number):
    """An exhibit's bytes, one for every hundredth entry."""
    return f"batch {number}: forty cards\n".encode() * (number // 50 + 1)


def book(size):
    """Entries 0 to size − 1; every hundredth names a public exhibit."""
    entries = [{"seq": 0, "kind": "BookOpened", "origin": ORIGIN, "policy": POLICY}]
    for seq in range(1, size):
        entry = {"seq": seq, "kind": "BatchRead", "batch": f"Early-{seq}"}
        if seq % 100 == 0:
            data = exhibit(seq)
            entry["exhibits"] = [{"kind": "public", "sha256": sha256(data).hexdigest(), "bytes": len(data)}]
        entries.append(entry)
    return [encode_entry(entry) for entry in entries[:size]]


def exhibits(size):
    """The public exhibits of `book(size)`, by fingerprint."""
    return {sha256(exhibit(seq)).hexdigest(): exhibit(seq) for seq in range(100, size, 100)}


def checkpoint(entries, cosigners=(0, 2), time=NOW, key=LOG):
    """A signed and cosigned checkpoint over these entries."""
    frontier, _ = tiles.grow(tiles.Frontier(), entries)
    return cosigned(
        sign_checkpoint(Checkpoint(ORIGIN, len(entries), tiles.frontier_root(frontier)), key), cosigners, time
    )


def cosigned(signed, cosigners=(0, 2), time=NOW):
    """The checkpoint with cosignatures added."""
    text = parse_checkpoint(signed)[1].text
    replies = [
        format_signature_line(cosign_text(text, WITNESSES[number], time)).encode() for number in cosigners
    ]
    return merge_cosignatures(signed, replies, parse_policy(POLICY))


def files(size, **signing):
    """A whole package in memory."""
    entries = book(size)
    return package_files(checkpoint(entries, **signing), entries, exhibits(size))


def reader(entries):
    """Read entries from memory, as `publish` asks for them."""
    return lambda start, stop: entries[start:stop]


def shelf(kept):
    """Open exhibits from memory, as `publish` asks for them."""
    return lambda fingerprint: io.BytesIO(kept[fingerprint])


def example_zip():
    """The ZIP printed in docs/spec/package.md."""
    return base64.b64decode(re.search(r"Here it is in base64.*?```text\n(.*?)```", SPEC, re.DOTALL)[1])


def block(after):
    """The first fenced block of the specification after some words."""
    return re.search(re.escape(after) + r".*?```\w+\n(.*?)```", SPEC, re.DOTALL)[1]
