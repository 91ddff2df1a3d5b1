"""Tiles and bundles: how a book of a given size is cut into files (C2SP tlog-tiles; package.md section 3).

It decides the names and bytes of every tile and bundle, for the writer of a package and for its reader.
A `Frontier` is the unfinished right edge of a book: exactly the bytes of its partial tiles and bundle,
so that a book can grow by new entries alone, and a published folder is enough to go on from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from tallybook.merkle.canonical import check_entry_length
from tallybook.merkle.errors import EvidenceError
from tallybook.merkle.tree import Node, fold, halve, peaks_of

WIDTH = 256
"""Hashes in a full tile; entries in a full bundle."""
TILE_BYTES = 32 * WIDTH

Files = dict[str, bytes]


@dataclass(frozen=True)
class Frontier:
    """The right edge of a book: its size, its unfinished tiles (level 0 first) and unfinished bundle."""

    size: int = 0
    tiles: tuple[bytes, ...] = ()
    bundle: bytes = b""


def tile_path(level: int, number: int, width: int = WIDTH) -> str:
    """The name of a tile: `tile/0/x001/000`, with `.p/<width>` when partial."""
    return f"tile/{level}/{_number_path(number)}{_partial(width)}"


def bundle_path(number: int, width: int = WIDTH) -> str:
    """The name of a bundle: `tile/entries/x001/000`, with `.p/<width>` when partial."""
    return f"tile/entries/{_number_path(number)}{_partial(width)}"


def level_sizes(size: int) -> list[int]:
    """The number of hashes on each tile level of a book of `size` entries, level 0 first."""
    sizes = []
    while size:
        sizes.append(size)
        size //= WIDTH
    return sizes


def count_files(size: int) -> int:
    """How many tiles and bundles a book of `size` entries has. Arithmetic only, for any size."""
    return -(-size // WIDTH) + sum(-(-hashes // WIDTH) for hashes in level_sizes(size))


def tile_shapes(size: int) -> Iterator[tuple[int, int, int]]:
    """(level, number, width) of every tile of a book of `size` entries, level by level."""
    for level, hashes in enumerate(level_sizes(size)):
        for number in range(hashes // WIDTH):
            yield level, number, WIDTH
        if hashes % WIDTH:
            yield level, hashes // WIDTH, hashes % WIDTH


def bundle_shapes(size: int) -> Iterator[tuple[int, int]]:
    """(number, width) of every bundle of a book of `size` entries."""
    for number in range(size // WIDTH):
        yield number, WIDTH
    if size % WIDTH:
        yield size // WIDTH, size % WIDTH


def paths(size: int) -> Iterator[str]:
    """The names of all tiles and bundles of a book of `size` entries."""
    for shape in tile_shapes(size):
        yield tile_path(*shape)
    for number, width in bundle_shapes(size):
        yield bundle_path(number, width)


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """The bytes of a bundle: each entry after its length in two bytes, most significant first."""
    return b"".join([len(entry).to_bytes(2, "big") + entry for entry in map(check_entry_length, entries)])


def decode_bundle(data: bytes, width: int) -> list[bytes]:
    """The `width` entries of a bundle. Raises EvidenceError if they do not fill it exactly."""
    entries: list[bytes] = []
    at, end = 0, len(data)
    while at + 2 <= end and len(entries) < width:
        start = at + 2
        at = start + (data[at] << 8 | data[at + 1])
        entries.append(data[start:at])
    if at != end or len(entries) != width:
        raise EvidenceError(
            f"bundle: found {len(entries)} entries to byte {at} of {end}; expected {width} that fill it."
        )
    return entries


def hash_entries(entries: Sequence[bytes]) -> bytes:
    """The leaf hashes of entries, joined: the bytes of a level-0 tile."""
    return b"".join([sha256(b"\x00" + entry).digest() for entry in entries])


def tile_root(tile: bytes) -> bytes:
    """The hash of a full tile, which stands in the tile above."""
    while len(tile) > 32:
        tile = halve(tile)
    return tile


def grow(frontier: Frontier, entries: Sequence[bytes]) -> tuple[Frontier, Files]:
    """Add entries; give the new frontier and the tiles and bundles that became full."""
    files: Files = {}
    at = 0
    while at < len(entries):
        room = WIDTH - frontier.size % WIDTH
        frontier = _grow_within_bundle(frontier, entries[at : at + room], files)
        at += room
    return frontier, files


def partial_files(frontier: Frontier) -> Files:
    """The partial tiles and the partial bundle of a book."""
    files: Files = {}
    for level, (tile, hashes) in enumerate(zip(frontier.tiles, level_sizes(frontier.size), strict=True)):
        if tile:
            files[tile_path(level, hashes // WIDTH, hashes % WIDTH)] = tile
    if frontier.size % WIDTH:
        files[bundle_path(frontier.size // WIDTH, frontier.size % WIDTH)] = frontier.bundle
    return files


def frontier_root(frontier: Frontier) -> bytes:
    """The root hash of the book whose right edge this is."""
    return fold([peak for tile in reversed(frontier.tiles) for peak in peaks_of(tile)])


def node_from_tiles(size: int, read: Callable[[str], bytes]) -> Node:
    """A reader of nodes over the tiles of a book; `read(name)` gives a file's bytes. Tiles are remembered."""
    sizes = level_sizes(size)
    tile_of = lru_cache(maxsize=1024)(read)

    def node(level: int, index: int) -> bytes:
        tile_level, halvings = divmod(level, 8)
        number, at = divmod(index << halvings, WIDTH)
        width = min(WIDTH, sizes[tile_level] - number * WIDTH)
        hashes = tile_of(tile_path(tile_level, number, width))[32 * at : 32 * (at + (1 << halvings))]
        for _ in range(halvings):
            hashes = halve(hashes)
        return hashes

    return node


def _grow_within_bundle(frontier: Frontier, entries: Sequence[bytes], files: Files) -> Frontier:
    """Add entries that fit into the unfinished bundle; put what became full into `files`."""
    size = frontier.size + len(entries)
    bundle = frontier.bundle + encode_bundle(entries)
    tiles = list(frontier.tiles) or [b""]
    tiles[0] += hash_entries(entries)
    if size % WIDTH == 0:
        files[bundle_path(size // WIDTH - 1)] = bundle
        bundle = b""
        _carry(tiles, size, files)
    return Frontier(size, tuple(tiles), bundle)


def _carry(tiles: list[bytes], size: int, files: Files) -> None:
    """Move the hash of each tile that is now full into the tile above it."""
    level = 0
    while level < len(tiles) and len(tiles[level]) == TILE_BYTES:
        size //= WIDTH
        files[tile_path(level, size - 1)] = tiles[level]
        if level + 1 == len(tiles):
            tiles.append(b"")
        tiles[level + 1] += tile_root(tiles[level])
        tiles[level] = b""
        level += 1


def _number_path(number: int) -> str:
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.append(f"x{number % 1000:03d}")
    return "/".join(reversed(groups))


def _partial(width: int) -> str:
    return "" if width == WIDTH else f".p/{width}"
