"""The draws of Colorado and of Rivest's sampler, replayed: hash, remainder, plus one.

For whoever checks a published audit that used them.  Draw i is SHA-256 of "seed,i" in UTF-8, read as an
integer; its remainder by the population, plus 1, is the position drawn.  With replacement.  The remainder
favours small positions by less than population / 2^256, which is nothing; our own draw has no bias at all.
Rivest, "Reference implementation code for pseudo-random sampler for election audits" (2011).
"""

from hashlib import sha256

from tallybook.stats.errors import require


def draw_positions(seed: str, population: int, n: int) -> tuple[int, ...]:
    """Positions 1..population of draws 1 to n, in the order drawn, repeats kept.  The seed is any text."""
    require(isinstance(seed, str), "seed", seed, "text")
    require(
        type(population) is int and population >= 1, "population", population, "a whole number, 1 or more"
    )
    require(type(n) is int and n >= 0, "n", n, "a whole number, 0 or more")
    return tuple(position(seed, population, i) for i in range(1, n + 1))


def position(seed: str, population: int, i: int) -> int:
    """The position of draw i."""
    return int.from_bytes(sha256(f"{seed},{i}".encode()).digest(), "big") % population + 1
