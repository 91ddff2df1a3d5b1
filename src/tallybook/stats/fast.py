"""The same answers sooner, where the `fast` extra (numba) is installed; nothing here decides anything new.

One thing is worth compiling: SHA-256 over millions of short names. It is written once, as plain functions
of numpy arrays, and compiled when first asked for; without numba ``draws`` takes its plain way and gives the
same answer. The kernel gives 64 bits of every ticket, enough to leave out all but a few names; hashlib then
hashes those few, so no ticket that is published comes from this module. FIPS 180-4 for SHA-256.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

WORTHWHILE = 200_000
"""Names below which loading the compiler costs more than it saves."""

LONGEST = 4096
"""Bytes of the longest name (draw.md, section 3.2)."""

LANES = 256
"""Names hashed side by side: enough for wide registers, few enough for the nearest cache."""

U = np.uint32
Words = NDArray[np.uint32]
Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]


def is_installed() -> bool:
    """Can the compiler be imported here?"""
    return _compiler() is not None


@cache
def compiled(plain: Callable[..., Any]) -> Callable[..., Any]:
    """The function compiled by numba, or itself without numba. Compiled code is kept beside the module."""
    numba = _compiler()
    if numba is None:
        return plain
    try:
        loop: Callable[..., Any] = numba.njit(cache=True, nogil=True)(plain)
    except RuntimeError:  # no folder in which numba may keep its results
        loop = numba.njit(nogil=True)(plain)
    return loop


def leading_words(prefix: bytes, names: Sequence[str]) -> NDArray[np.uint64] | None:
    """The first 64 bits of SHA-256(prefix + name) for every name; None where the plain way must be taken.

    That is: without numba, for few names, or if a name is empty or holds a control character other than a
    line feed, which the plain way refuses by name.
    """
    if len(names) < WORTHWHILE or not is_installed():
        return None
    return leading_by([compiled(loop) for loop in LOOPS], prefix, names)


def leading_by(
    loops: Sequence[Callable[..., Any]], prefix: bytes, names: Sequence[str]
) -> NDArray[np.uint64] | None:
    """The same by LOOPS, compiled or plain. LANES names go through SHA-256 side by side."""
    pack, load, compress = loops
    try:
        data = np.frombuffer("\0".join((*names, "")).encode(), dtype=np.uint8)
    except (UnicodeEncodeError, TypeError):  # a lone surrogate, or no text: the plain way names it
        return None
    text = np.zeros((LANES, (len(prefix) + LONGEST + 72) // 64 * 64), dtype=np.uint8)
    text[:, : len(prefix)] = np.frombuffer(prefix, dtype=np.uint8)
    blocks, leading = np.zeros(LANES, dtype=np.int64), np.empty(len(names), dtype=np.uint64)
    state, rows, message = (np.zeros((size, LANES), dtype=np.uint32) for size in (8, 9, 16))
    at = 0
    for first in range(0, len(names), LANES):
        lanes = leading[first : first + LANES]
        at = pack(data, at, len(prefix), text[: len(lanes)], blocks)
        if at < 0:
            return None
        state[:] = START[:, None]
        for block in range(int(blocks[: len(lanes)].max())):
            load(text, block, message)
            compress(block, blocks, message, state, rows, ROUND, lanes)
    return leading if at == len(data) else None


def pack_names(data: Bytes, at: int, P: int, text: Bytes, blocks: Places) -> int:
    """Put one name, each ended by a 0 byte, behind the P bytes of the prefix in every row, with its padding.

    blocks: how many blocks of 64 bytes each message fills. The place of the next name, or -1 at a bad one:
    a name above LONGEST bytes, an empty part, a control character.
    """
    for lane in range(len(text)):
        size, before = 0, 10
        while data[at] != 0:
            c = data[at]
            if (c < 32 and c != 10) or c == 127 or (c == 10 and before == 10) or size == LONGEST:
                return -1
            text[lane, P + size] = c
            before = c
            size += 1
            at += 1
        if before == 10:
            return -1
        at += 1
        end = (P + size + 72) // 64 * 64
        text[lane, P + size] = 128
        text[lane, P + size + 1 : end] = 0
        for k in range(4):
            text[lane, end - 1 - k] = (8 * (P + size) >> (8 * k)) & 255
        blocks[lane] = end // 64
    return at


def load_block(text: Bytes, block: int, w: Words) -> None:
    """The 16 words of one block of every lane, the first byte highest."""
    for t in range(16):
        for j in range(LANES):
            o = 64 * block + 4 * t
            high = (U(text[j, o]) << U(8)) | U(text[j, o + 1])
            low = (U(text[j, o + 2]) << U(8)) | U(text[j, o + 3])
            w[t, j] = (high << U(16)) | low


def compress_block(
    block: int,
    blocks: Places,
    w: Words,
    state: Words,
    rows: Words,
    K: Words,
    leading: NDArray[np.uint64],
) -> None:
    """One block of every lane through the 64 rounds (FIPS 180-4, section 6.2.2).

    Each step is a loop over lanes without a branch, which a compiler turns into wide instructions. Where a
    message ends in this block, its first 64 bits are noted.
    """
    rows[:8] = state
    a, b, c, d, e, f, g, h, t1 = (
        rows[0], rows[1], rows[2], rows[3], rows[4], rows[5], rows[6], rows[7], rows[8],
    )  # fmt: skip
    for t in range(64):
        now, k = w[t % 16], K[t]
        if t >= 16:
            near, nine, far = w[(t + 1) % 16], w[(t + 9) % 16], w[(t + 14) % 16]
            for j in range(LANES):
                x, y = near[j], far[j]
                s0 = ((x >> U(7)) | (x << U(25))) ^ ((x >> U(18)) | (x << U(14)))
                s1 = ((y >> U(17)) | (y << U(15))) ^ ((y >> U(19)) | (y << U(13)))
                now[j] = now[j] + (s0 ^ (x >> U(3))) + nine[j] + (s1 ^ (y >> U(10)))
        for j in range(LANES):
            x = e[j]
            s1 = ((x >> U(6)) | (x << U(26))) ^ ((x >> U(11)) | (x << U(21)))
            s1 ^= (x >> U(25)) | (x << U(7))
            t1[j] = h[j] + s1 + (g[j] ^ (x & (f[j] ^ g[j]))) + k + now[j]
        for j in range(LANES):
            d[j] = d[j] + t1[j]
        for j in range(LANES):
            x = a[j]
            s0 = ((x >> U(2)) | (x << U(30))) ^ ((x >> U(13)) | (x << U(19)))
            s0 ^= (x >> U(22)) | (x << U(10))
            h[j] = t1[j] + s0 + ((x & b[j]) | (c[j] & (x | b[j])))
        a, b, c, d, e, f, g, h = h, a, b, c, d, e, f, g
    for i in range(8):
        for j in range(LANES):
            state[i, j] = state[i, j] + rows[i, j]
    for j in range(len(leading)):
        if blocks[j] == block + 1:
            leading[j] = (np.uint64(state[0, j]) << np.uint64(32)) | np.uint64(state[1, j])


LOOPS: tuple[Callable[..., Any], ...] = (pack_names, load_block, compress_block)


@cache
def _compiler() -> Any:
    """numba, imported when first needed, or None."""
    try:
        import numba  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError:
        return None
    return numba


def _primes(count: int) -> list[int]:
    found: list[int] = []
    n = 2
    while len(found) < count:
        if all(n % p for p in found):
            found.append(n)
        n += 1
    return found


def _root_bits(n: int, power: int) -> int:
    """The first 32 bits of the fraction of a square or cube root, in whole numbers."""
    scaled = n << (32 * power)
    low, high = 0, scaled
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**power <= scaled else (low, middle)
    return low % 2**32


START: Words = np.array([_root_bits(p, 2) for p in _primes(8)], dtype=np.uint32)
ROUND: Words = np.array([_root_bits(p, 3) for p in _primes(64)], dtype=np.uint32)
"""The constants of FIPS 180-4: roots of the first primes."""
