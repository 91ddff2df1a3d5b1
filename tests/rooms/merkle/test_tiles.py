"""Tiles and bundles: C2SP's arithmetic, the spec's large tree, growth from any edge."""

from hashlib import sha256

import pytest

from tallybook.merkle import tiles, tree
from tallybook.merkle.errors import EvidenceError
from tests.rooms.merkle.plain_tree import leaf, mth


def numbered(start, stop):
    return [b'{"seq":%d}' % number for number in range(start, stop)]


def written(size, step=5000):
    frontier, files = tiles.Frontier(), {}
    for start in range(0, size, step):
        frontier, full = tiles.grow(frontier, numbered(start, min(size, start + step)))
        files |= full
    return frontier, files | tiles.partial_files(frontier)


@pytest.mark.parametrize(
    ("number", "name"),
    [(0, "000"), (7, "007"), (273, "273"), (1000, "x001/000"), (1234067, "x001/x234/067")],
)
def test_a_tile_number_is_written_in_groups_of_three(number, name):
    assert tiles.tile_path(0, number) == f"tile/0/{name}"
    assert tiles.bundle_path(number, 5) == f"tile/entries/{name}.p/5"


def test_a_book_of_70000_entries_has_the_tiles_of_the_specification():
    names = set(tiles.paths(70_000))
    assert len(names) == tiles.count_files(70_000) == 551
    assert {"tile/0/272", "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"} <= names
    assert {"tile/entries/000", "tile/entries/272", "tile/entries/273.p/112"} <= names


def test_a_book_of_256_entries_has_one_full_tile_and_one_hash_above():
    assert sorted(tiles.paths(256)) == ["tile/0/000", "tile/1/000.p/1", "tile/entries/000"]


def test_files_are_counted_without_listing_them():
    assert tiles.count_files(2**53 - 1) > 10**13
    for size in range(0, 2000, 7):
        assert tiles.count_files(size) == len(list(tiles.paths(size)))


def test_the_large_tree_has_the_files_and_roots_of_a_plain_computation():
    hashes = [leaf(entry) for entry in numbered(0, 70_000)]
    frontier, files = written(70_000)
    level_1 = [mth(hashes[256 * i : 256 * i + 256]) for i in range(273)]
    assert files.keys() == set(tiles.paths(70_000))
    assert files["tile/0/272"] == b"".join(hashes[272 * 256 : 273 * 256])
    assert files["tile/1/001.p/17"] == b"".join(level_1[256:])
    assert files["tile/2/000.p/1"] == mth(hashes[:65_536])
    assert tiles.frontier_root(frontier) == mth(hashes)
    # Printed in docs/spec/package.md, section 11.
    assert mth(hashes).hex().startswith("49eb5bb2bfa40df9")
    assert sha256(files["tile/entries/273.p/112"]).hexdigest().startswith("530ca277ceda3471")


def test_proofs_read_from_tiles_are_those_read_from_leaves():
    size = 66_000
    _, files = written(size)
    node = tiles.node_from_tiles(size, files.__getitem__)
    leaves = tree.node_reader([leaf(entry) for entry in numbered(0, size)])
    for index in (0, 255, 256, 65_535, 65_536, 65_999):
        assert tree.inclusion_proof(node, index, size) == tree.inclusion_proof(leaves, index, size)
    for old in (1, 256, 300, 65_536, 65_999):
        assert tree.consistency_proof(node, old, size) == tree.consistency_proof(leaves, old, size)


def test_growing_in_any_steps_gives_the_same_files():
    whole = written(1000, 1000)
    assert all(written(1000, step) == whole for step in (1, 7, 255, 256, 257, 999))


@pytest.mark.parametrize(
    ("data", "width"),
    [
        (b"", 1),
        (b"\x00", 1),
        (b"\x00\x02a", 1),
        (b"\x00\x01a", 2),
        (b"\x00\x01a\x00\x01b", 1),
        (b"\x00\x01a!", 1),
    ],
)
def test_a_bundle_that_its_entries_do_not_fill_exactly_is_refused(data, width):
    with pytest.raises(EvidenceError, match="bundle"):
        tiles.decode_bundle(data, width)


def test_an_entry_of_65535_bytes_fits_and_one_more_does_not():
    assert tiles.decode_bundle(tiles.encode_bundle([b"x" * 65_535]), 1) == [b"x" * 65_535]
    with pytest.raises(EvidenceError, match="65536 bytes"):
        tiles.encode_bundle([b"x" * 65_536])
