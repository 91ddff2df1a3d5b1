"""How long a draw from five million cards takes, against what the processor needs for the hashing alone.

Run: python3 go.py run bench draws [number of cards]; it is also the last part of
`bench stats`.  CPU seconds of this process: compare the ratios.
"""

import sys
import time
from collections.abc import Callable
from hashlib import sha256

from tallybook.stats import fast
from tallybook.stats.draws import draw_by_weight, draw_without_replacement, ticket_order, ticket_prefix

SEED = "31415926535897932384"
BLOCK = 64


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def blocks(length: int) -> int:
    """SHA-256 blocks that a message of this length fills, with its padding of at least nine bytes."""
    return (length + 9 + BLOCK - 1) // BLOCK


def main(cards: int) -> None:
    names = [f"County {k // 40_000:03}\nBatch {k // 200 % 200}\n{k % 200 + 1}" for k in range(cards)]
    prefix = ticket_prefix(SEED)
    total_blocks = sum(blocks(len(prefix) + len(name)) for name in names)
    batches = {f"batch {k}": 200 + k % 700 for k in range(20_000)}

    if fast.is_installed():
        draw_without_replacement(SEED, names[: fast.WORTHWHILE], 1)  # compiled before it is measured
    with_or_without = "with" if fast.is_installed() else "without"
    raw = seconds(lambda: sha256(bytes(BLOCK * total_blocks)))
    calls = seconds(lambda: [sha256(prefix + name.encode()).digest() for name in names])
    smallest = seconds(lambda: draw_without_replacement(SEED, names, 2_000))
    order = seconds(lambda: ticket_order(SEED, names))
    weighted = seconds(lambda: draw_by_weight(SEED, "batches", batches, 1_000))

    print(f"{cards:,} cards, {total_blocks:,} SHA-256 blocks")
    rows = [
        ("raw SHA-256 over as many blocks (the limit)", raw),
        ("one hashlib call a card, nothing else", calls),
        (f"draw 2,000 cards, {with_or_without} numba", smallest),
        (f"put all tickets in order, {with_or_without} numba", order),
        ("draw 1,000 of 20,000 batches by weight", weighted),
    ]
    for what, took in rows:
        print(f"{what:<46}{took:8.2f} s CPU {took / raw:8.1f} x the limit")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000)
