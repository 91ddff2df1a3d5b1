"""How fast a package of a million entries is written, read and verified, as ratios to raw SHA-256.

Run `python bench/package.py [entries]`. Everything is measured in one run on one machine; the ratio of
each time to hashing the same bytes once is what may be compared between machines.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, TypeVar

from tallybook.evidence.publishing import ReadEntries, publish
from tallybook.evidence.reading import read_package_at
from tallybook.evidence.signing import cosign_text, log_key, merge_cosignatures, sign_checkpoint, witness_key
from tallybook.merkle import tiles
from tallybook.merkle.canonical import encode_entry
from tallybook.merkle.checkpoints import Checkpoint, parse_checkpoint
from tallybook.merkle.notes import format_signature_line, format_vkey
from tallybook.merkle.policy import parse_policy

T = TypeVar("T")

ORIGIN = "elections.example/bench"
LOG = log_key(ORIGIN, sha256(b"bench log").digest())
WITNESS = witness_key("witness.example", sha256(b"bench witness").digest())
POLICY = f"log {format_vkey(LOG.verifier)}\nwitness w {format_vkey(WITNESS.verifier)}\nquorum w\n"


def main() -> None:
    """Measure and print."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    entries = make_entries(size)
    frontier, _ = tiles.grow(tiles.Frontier(), entries)
    checkpoint = sign(Checkpoint(ORIGIN, size, tiles.frontier_root(frontier)))
    raw, _ = timed(lambda: [sha256(entry).digest() for entry in entries])
    print(f"{size} entries, {sum(map(len, entries)) / 1e6:.0f} MB; raw SHA-256 of each: {raw:.2f} s")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "package"
        seconds, _ = timed(lambda: publish(place, checkpoint, reader(entries), no_exhibit))
        report("written and synced", seconds, raw)
        seconds, package = timed(lambda: read_package_at(place))
        report("read and verified", seconds, raw)
        assert list(package.entries) == entries
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MB, of which the bench itself holds the entries")


def make_entries(size: int) -> list[bytes]:
    """A book of entries of the usual length."""
    first = {"seq": 0, "kind": "BookOpened", "origin": ORIGIN, "policy": POLICY}
    return [encode_entry(first)] + [
        encode_entry(
            {"seq": seq, "kind": "BatchRead", "by": "board 12", "on": "2026-11-17"}
            | {"batch": f"Early-{seq % 997}", "cards": seq % 500, "votes": [seq % 7, seq % 11, 3]}
        )
        for seq in range(1, size)
    ]


def sign(checkpoint: Checkpoint) -> bytes:
    """The checkpoint, signed and cosigned."""
    signed = sign_checkpoint(checkpoint, LOG)
    line = cosign_text(parse_checkpoint(signed)[1].text, WITNESS, 1_795_305_600)
    return merge_cosignatures(signed, [format_signature_line(line).encode()], parse_policy(POLICY))


def reader(entries: list[bytes]) -> ReadEntries:
    """Read entries from memory."""
    return lambda start, stop: entries[start:stop]


def no_exhibit(fingerprint: str) -> BinaryIO:
    """The bench has no exhibits."""
    raise AssertionError(fingerprint)


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds taken, and the result."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def report(what: str, seconds: float, raw: float) -> None:
    """One line of the table."""
    print(f"{what}: {seconds:.2f} s, {seconds / raw:.1f} times raw SHA-256")


if __name__ == "__main__":
    main()
