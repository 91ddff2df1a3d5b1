"""Check 2, tree: every tile, every bundle and the root (package specification, section 7, steps 1 to 5).

A first pass over the package that looks at hashes only; what the entries say is read in a second pass,
which sees the same bytes or fails: the hash of each bundle is kept between the two.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from .failure import Failed
from .merkle import HASH, WIDTH, leaf_hash, levels, prefix_root, root_of, split, tile_name
from .note import BadNote, Checkpoint, head_and_rest, parse_head
from .sources import Source

LONGEST_BUNDLE = WIDTH * (65_535 + 2)
LONGEST_CHECKPOINT = 1 << 20


@dataclass
class Tree:
    """A verified tree: where to read it, its size, its checkpoint and the hash of each bundle."""

    source: Source
    size: int
    checkpoint: Checkpoint
    signatures: bytes = b""
    bundles: list[bytes] = field(default_factory=list)

    def root_at(self, size: int) -> bytes:
        """The root of the first `size` entries, from the verified tiles."""
        counts = levels(self.size)

        def tile(level: int, n: int) -> bytes:
            width = min(counts[level] - n * WIDTH, WIDTH)
            return read_exact(self.source, tile_name(str(level), n, width), width * HASH)

        return prefix_root(size, tile)

    def entries(self) -> Iterator[bytes]:
        """Every entry in order, the bundles read again."""
        for n, digest in enumerate(self.bundles):
            width = min(self.size - n * WIDTH, WIDTH)
            name = tile_name("entries", n, width)
            raw = self.source.read(name, LONGEST_BUNDLE)
            if hashlib.sha256(raw).digest() != digest:
                raise Failed(2, "the file changed while it was checked", file=name)
            yield from split_bundle(raw, width, name)

    def entry(self, index: int) -> bytes:
        """One entry."""
        n = index // WIDTH
        width = min(self.size - n * WIDTH, WIDTH)
        name = tile_name("entries", n, width)
        return split_bundle(self.source.read(name, LONGEST_BUNDLE), width, name)[index % WIDTH]


def check_tree(source: Source, size: int) -> Tree:
    """Steps 1 to 5 of check 2."""
    tree = Tree(source, size, Checkpoint(b"", "", 0, b""))
    hashes = check_bundles(tree)  # 1 and 2: bundles and tiles
    for level, count in enumerate(levels(size)[1:], 1):
        hashes = check_level(source, level, count, hashes)
    head, tree.signatures = head_and_rest(source.read("checkpoint", LONGEST_CHECKPOINT))
    try:
        tree.checkpoint = parse_head(head)  # 3
    except BadNote as problem:
        raise Failed(2, str(problem), file="checkpoint") from None
    if tree.checkpoint.size != size:  # 4
        raise Failed(2, f"found size {tree.checkpoint.size}; `contents` says {size}", file="checkpoint")
    computed = tree.root_at(size)
    if computed != tree.checkpoint.root:  # 5
        words = f"the root is {tree.checkpoint.root.hex()}; the entries give {computed.hex()}"
        raise Failed(2, words, file="checkpoint")
    return tree


def check_bundles(tree: Tree) -> bytes:
    """Each bundle has its entries, each level-0 tile their hashes. Gives the hashes of level 1."""
    above = []
    for start in range(0, tree.size, WIDTH):
        n, width = start // WIDTH, min(tree.size - start, WIDTH)
        name = tile_name("entries", n, width)
        raw = tree.source.read(name, LONGEST_BUNDLE)
        hashes = [leaf_hash(entry) for entry in split_bundle(raw, width, name)]
        require_tile(tree.source, 0, n, b"".join(hashes))
        tree.bundles.append(hashlib.sha256(raw).digest())
        if width == WIDTH:
            above.append(root_of(hashes))
    return b"".join(above)


def check_level(source: Source, level: int, count: int, hashes: bytes) -> bytes:
    """The tiles of a level above 0 hold the hashes computed from below. Gives the level above."""
    above = []
    for start in range(0, count, WIDTH):
        tile = hashes[start * HASH : (start + WIDTH) * HASH]
        require_tile(source, level, start // WIDTH, tile)
        if len(tile) == WIDTH * HASH:
            above.append(root_of(split(tile)))
    return b"".join(above)


def require_tile(source: Source, level: int, n: int, expected: bytes) -> None:
    """The tile's file holds exactly these bytes."""
    name = tile_name(str(level), n, len(expected) // HASH)
    if source.read(name, len(expected)) != expected:
        raise Failed(2, "the tile is not made of the hashes of what is below it", file=name)


def split_bundle(raw: bytes, width: int, name: str) -> list[bytes]:
    """The entries of a bundle; fails where there are not exactly `width` of them."""
    entries, at, end = [], 0, len(raw)
    for _ in range(width):
        start = at + 2
        at = start + (raw[at] << 8 | raw[at + 1]) if start <= end else end + 1
        if at > end:
            raise Failed(2, f"the bundle ends before its {width} entries do", file=name)
        entries.append(raw[start:at])
    if at != end:
        raise Failed(2, f"the bundle has bytes after its {width} entries", file=name)
    return entries


def read_exact(source: Source, name: str, length: int) -> bytes:
    """The bytes of a verified file, which must still have its length."""
    raw = source.read(name, length)
    if len(raw) != length:
        raise Failed(2, "the file changed while it was checked", file=name)
    return raw
