"""The random numbers that numpy's default generator gives for a seed, in plain integers.

Only for replaying audits that were drawn with it (arlo_draws).  Our own draws never use it.  Nothing here
depends on the installed numpy.  Facts: O'Neill, "PCG: A Family of Simple Fast Space-Efficient
Statistically Good Algorithms for Random Number Generation" (2014), the generator with 128 bits of state,
a linear step and the output "xor of the halves, rotated by the top six bits" (PCG XSL RR 128/64);
O'Neill's seed-sequence alternative with a pool of four 32-bit words; numpy's documentation of
SeedSequence, PCG64 and Generator.random.
"""

from collections.abc import Iterator

from tallybook.stats.errors import require

MULTIPLIER = 47026247687942121848144207491837523525
_32 = (1 << 32) - 1
_64 = (1 << 64) - 1
_128 = (1 << 128) - 1
POOL = 4


def uniforms(seed: int) -> Iterator[float]:
    """The doubles of numpy.random.default_rng(seed).random(), one by one: multiples of 2^-53 in [0, 1)."""
    for word in words(seed):
        yield (word >> 11) * 2.0**-53


def words(seed: int) -> Iterator[int]:
    """The 64-bit outputs of numpy's PCG64(seed), seed any whole number 0 or more."""
    require(type(seed) is int and seed >= 0, "seed", seed, "a whole number, 0 or more")
    first, second, third, fourth = seed_words(seed)
    increment = ((third << 64 | fourth) << 1 | 1) & _128
    state = step((increment + (first << 64 | second)) & _128, increment)
    while True:
        state = step(state, increment)
        yield rotate_right((state >> 64 ^ state) & _64, state >> 122)


def step(state: int, increment: int) -> int:
    return (state * MULTIPLIER + increment) & _128


def rotate_right(x: int, by: int) -> int:
    return (x >> by | x << (64 - by)) & _64


def seed_words(seed: int) -> tuple[int, int, int, int]:
    """The four 64-bit words that a seed is spread over, lower half first."""
    scramble = Scramble(0x8B51F9DD, 0x58F38DED)
    pool = seed_pool(seed)
    halves = [scramble.next(pool[i % POOL]) for i in range(8)]
    a, b, c, d = (low | high << 32 for low, high in zip(halves[::2], halves[1::2], strict=True))
    return a, b, c, d


def seed_pool(seed: int) -> list[int]:
    """The pool of four words: fill it, stir every word into every other, then add the rest of the seed."""
    scramble = Scramble(0x43B0D7E5, 0x931E8875)
    entropy = [seed >> shift & _32 for shift in range(0, max(seed.bit_length(), 32 * POOL), 32)]
    pool = [scramble.next(word) for word in entropy[:POOL]]
    for source in range(POOL):
        for target in range(POOL):
            if source != target:
                pool[target] = stir(pool[target], scramble.next(pool[source]))
    for word in entropy[POOL:]:
        for target in range(POOL):
            pool[target] = stir(pool[target], scramble.next(word))
    return pool


class Scramble:
    """A running hash of 32-bit words; its constant moves on with every word."""

    def __init__(self, start: int, factor: int) -> None:
        self.constant = start
        self.factor = factor

    def next(self, word: int) -> int:
        moved = self.constant * self.factor & _32
        product = (word ^ self.constant) * moved & _32
        self.constant = moved
        return product ^ product >> 16


def stir(x: int, y: int) -> int:
    mixed = (0xCA01F9DD * x - 0x4973F715 * y) & _32
    return mixed ^ mixed >> 16
