"""The tree of RFC 6962: its published roots, and two foreign verifiers over random trees."""

import random
from types import SimpleNamespace

import pymerkle
import pytest
from sigstore._internal.merkle import verify_merkle_inclusion

from tallybook.merkle import tree
from tallybook.merkle.errors import EvidenceError
from tests.rooms.merkle.plain_tree import REFERENCE, leaf

ROOTS = ["6e340b9c", "fac54203", "aeb6bcfe", "d37ee418", "4e3bbb1f", "76e67dad", "ddb89be4", "5dc9da79"]


def leaves(size):
    return [leaf(b"entry %d" % number) for number in range(size)]


def test_the_empty_tree_has_the_hash_of_no_bytes():
    expected = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert tree.root([]).hex() == tree.range_root(tree.CompactRange()).hex() == expected


@pytest.mark.parametrize("size", range(1, 9))
def test_the_reference_leaves_have_their_published_roots(size):
    hashes = [tree.leaf_hash(data) for data in REFERENCE[:size]]
    assert tree.root(hashes).hex()[:8] == ROOTS[size - 1]
    assert tree.range_root(tree.append(tree.CompactRange(), hashes)) == tree.root(hashes)


def test_the_full_root_of_the_eight_reference_leaves_is_the_published_one():
    hashes = map(tree.leaf_hash, REFERENCE)
    expected = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    assert tree.range_root(tree.append(tree.CompactRange(), hashes)).hex() == expected


def test_a_compact_range_keeps_one_peak_for_each_binary_one_of_the_size():
    for size in range(70):
        grown = tree.append(tree.CompactRange(), leaves(size))
        assert (grown.size, len(grown.peaks)) == (size, bin(size).count("1"))


def test_pymerkle_computes_the_same_roots():
    foreign = pymerkle.InmemoryTree()
    grown = tree.CompactRange()
    for number in range(400):
        data = random.Random(number).randbytes(number % 90)
        foreign.append_entry(data)
        grown = tree.append(grown, [tree.leaf_hash(data)])
        assert foreign.get_root() == tree.range_root(grown)


def test_sigstore_accepts_our_inclusion_proofs():
    dice = random.Random(6962)
    for _ in range(60):
        size = dice.randrange(1, 600)
        entries = [dice.randbytes(dice.randrange(40)) for _ in range(size)]
        node = tree.node_reader([tree.leaf_hash(entry) for entry in entries])
        index = dice.randrange(size)
        proof = tree.inclusion_proof(node, index, size)
        root = tree.subtree_root(node, 0, size)
        verify_merkle_inclusion(rekor_entry(entries[index], index, size, proof, root))


def rekor_entry(body, index, size, proof, root):
    shown = SimpleNamespace(log_index=index, tree_size=size, hashes=proof, root_hash=root)
    return SimpleNamespace(_inner=SimpleNamespace(inclusion_proof=shown, canonicalized_body=body))


def test_a_book_of_size_zero_continues_into_any_book():
    tree.verify_consistency(0, tree.EMPTY_ROOT, 5, tree.root(leaves(5)), [])


@pytest.mark.parametrize(
    ("old_size", "old_root", "size", "root", "proof"),
    [
        (0, tree.EMPTY_ROOT, 5, tree.root(leaves(5)), [tree.EMPTY_ROOT]),
        (0, tree.root(leaves(1)), 5, tree.root(leaves(5)), []),
        (5, tree.root(leaves(5)), 5, tree.root(leaves(6)), []),
        (5, tree.root(leaves(5)), 4, tree.root(leaves(4)), []),
        (-1, tree.EMPTY_ROOT, 4, tree.root(leaves(4)), []),
        (3, tree.root(leaves(3)), 5, tree.root(leaves(5)), []),
        (4, tree.root(leaves(4)), 5, tree.root(leaves(5)), []),
    ],
)
def test_a_false_consistency_claim_is_refused(old_size, old_root, size, root, proof):
    with pytest.raises(EvidenceError):
        tree.verify_consistency(old_size, old_root, size, root, proof)


@pytest.mark.parametrize(("index", "size"), [(5, 5), (-1, 5), (0, 0)])
def test_a_proof_about_an_entry_outside_the_book_is_refused(index, size):
    node = tree.node_reader(leaves(5))
    with pytest.raises(EvidenceError, match="is not in a book"):
        tree.inclusion_proof(node, index, size)
    with pytest.raises(EvidenceError, match="is not in a book"):
        tree.verify_inclusion(leaves(5)[0], index, size, [], tree.root(leaves(5)))


def test_no_consistency_proof_is_made_from_size_zero():
    with pytest.raises(EvidenceError):
        tree.consistency_proof(tree.node_reader(leaves(5)), 0, 5)
