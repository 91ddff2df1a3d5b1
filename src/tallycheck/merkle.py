"""The tree of RFC 6962, section 2.1, in tiles of 256 hashes: package specification, sections 2, 3 and 10."""

import hashlib
from collections.abc import Callable, Iterator, Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()
WIDTH = 256
HASH = 32


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 || entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """MTH over hashes that stand in order, each the root of a perfect subtree of one common size."""
    if not hashes:
        return EMPTY_ROOT
    level = list(hashes)
    while len(level) > 1:
        paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = paired + level[len(paired) * 2 :]
    return level[0]


def split(tile: bytes) -> list[bytes]:
    """The hashes of a tile's bytes."""
    return [tile[i : i + HASH] for i in range(0, len(tile), HASH)]


def levels(size: int) -> list[int]:
    """How many hashes each level of tiles holds, from level 0; empty levels are left out."""
    counts = []
    while size:
        counts.append(size)
        size //= WIDTH
    return counts


def prefix_root(size: int, tile: Callable[[int, int], bytes]) -> bytes:
    """The root of the first `size` entries, from tiles of a larger (or the same) verified tree.

    `tile(level, n)` gives the bytes of tile n of that level. The last, partial tile of each level of the
    smaller tree is the beginning of a tile of the larger one.
    """
    right: bytes | None = None
    for level, count in enumerate(levels(size)):
        rest = count % WIDTH
        if rest:
            hashes = split(tile(level, count // WIDTH))[:rest]
            right = joined(hashes, right)
    return EMPTY_ROOT if right is None else right


def joined(hashes: list[bytes], right: bytes | None) -> bytes:
    """MTH of fewer than 256 perfect subtrees followed by a smaller tree whose root is `right`, if any.

    The first perfect power of two of them is the left half, and so on (RFC 6962's split).
    """
    parts, start = [], 0
    for bit in range(8, -1, -1):
        if len(hashes) >> bit & 1:
            parts.append(root_of(hashes[start : start + (1 << bit)]))
            start += 1 << bit
    if right is not None:
        parts.append(right)
    root = parts.pop()
    while parts:
        root = node_hash(parts.pop(), root)
    return root


def included(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof shows the leaf at `index` in a tree of that size and root (RFC 9162, 2.1.3.2)."""
    f, s, r = index, size - 1, leaf
    for p in proof:
        if s == 0:
            return False
        if f & 1 or f == s:
            r = node_hash(p, r)
            while not f & 1 and f:
                f, s = f >> 1, s >> 1
        else:
            r = node_hash(r, p)
        f, s = f >> 1, s >> 1
    return s == 0 and r == root


def number_name(n: int) -> str:
    """A tile's number in groups of three digits: 1234067 is ``x001/x234/067`` (package, section 3)."""
    groups = [f"{n % 1000:03d}"]
    while n := n // 1000:
        groups.append(f"x{n % 1000:03d}")
    return "/".join(reversed(groups))


def tile_name(kind: str, n: int, width: int) -> str:
    """The file of tile n (kind ``0``, ``1`` ...) or bundle n (kind ``entries``) with `width` members."""
    return f"tile/{kind}/{number_name(n)}" + ("" if width == WIDTH else f".p/{width}")


def tiles(count: int) -> Iterator[tuple[int, int]]:
    """Number and width of each tile of a level (or of each bundle) with `count` members."""
    for n in range(count // WIDTH):
        yield n, WIDTH
    if count % WIDTH:
        yield count // WIDTH, count % WIDTH


def file_count(size: int) -> int:
    """How many tiles and bundles a book of that size has, by arithmetic alone."""
    return -(-size // WIDTH) + sum(-(-count // WIDTH) for count in levels(size))
