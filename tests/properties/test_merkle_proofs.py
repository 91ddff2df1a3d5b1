"""Proofs over every small tree, and what a single change does to them."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallybook.merkle import tree
from tallybook.merkle.errors import EvidenceError
from tests.rooms.merkle.plain_tree import leaf, mth, path, proof

LEAVES = [leaf(bytes([number])) for number in range(40)]
NODE = tree.node_reader(LEAVES)
ROOTS = [mth(LEAVES[:size]) for size in range(41)]


def test_every_inclusion_proof_of_every_small_tree_is_that_of_the_rfc():
    for size in range(1, 41):
        for index in range(size):
            made = tree.inclusion_proof(NODE, index, size)
            assert made == path(index, LEAVES[:size])
            tree.verify_inclusion(LEAVES[index], index, size, made, ROOTS[size])


def test_every_consistency_proof_of_every_pair_of_small_trees_is_that_of_the_rfc():
    for size in range(1, 41):
        for old in range(1, size + 1):
            made = tree.consistency_proof(NODE, old, size)
            assert made == proof(old, LEAVES[:size])
            tree.verify_consistency(old, ROOTS[old], size, ROOTS[size], made)


def changed(hashes):
    """Every proof that differs from this one by one hash left out, doubled, changed, added or exchanged."""
    for at, hash_ in enumerate(hashes):
        yield [*hashes[:at], *hashes[at + 1 :]]
        yield [*hashes[: at + 1], *hashes[at:]]
        yield [*hashes[:at], bytes([hash_[0] ^ 1]) + hash_[1:], *hashes[at + 1 :]]
        if at and hashes[at - 1] != hash_:
            yield [*hashes[: at - 1], hash_, hashes[at - 1], *hashes[at + 1 :]]
    yield [*hashes, bytes(32)]
    yield [bytes(32), *hashes]


def test_no_changed_inclusion_proof_is_accepted():
    for size in range(1, 18):
        for index in range(size):
            made = tree.inclusion_proof(NODE, index, size)
            for false in changed(made):
                with pytest.raises(EvidenceError):
                    tree.verify_inclusion(LEAVES[index], index, size, false, ROOTS[size])
            for other in range(size):
                if other != index:
                    with pytest.raises(EvidenceError):
                        tree.verify_inclusion(LEAVES[index], other, size, made, ROOTS[size])
                    with pytest.raises(EvidenceError):
                        tree.verify_inclusion(LEAVES[other], index, size, made, ROOTS[size])


def test_no_changed_consistency_proof_is_accepted():
    for size in range(2, 18):
        for old in range(1, size):
            made = tree.consistency_proof(NODE, old, size)
            for false in changed(made):
                with pytest.raises(EvidenceError):
                    tree.verify_consistency(old, ROOTS[old], size, ROOTS[size], false)
            with pytest.raises(EvidenceError):
                tree.verify_consistency(old, ROOTS[old - 1], size, ROOTS[size], made)
            with pytest.raises(EvidenceError):
                tree.verify_consistency(old, ROOTS[old], size, ROOTS[size + 1], made)


@given(size=st.integers(2, 3000), seed=st.integers(0, 2**32))
def test_a_fork_cannot_be_proven_consistent(size, seed):
    dice = random.Random(seed)
    old, fork = dice.randrange(1, size + 1), dice.randrange(size)
    honest = [leaf(b"%d" % number) for number in range(size)]
    other = [*honest[:fork], leaf(b"forked"), *honest[fork + 1 :]]
    made = tree.consistency_proof(tree.node_reader(other), old, size)
    claim = (old, tree.root(honest[:old]), size, tree.root(other), made)
    if fork >= old:
        tree.verify_consistency(*claim)
    else:
        with pytest.raises(EvidenceError):
            tree.verify_consistency(*claim)


@pytest.mark.slow
@given(first=st.integers(0, 300), second=st.integers(0, 300))
def test_a_compact_range_grown_in_two_steps_is_the_one_grown_at_once(first, second):
    hashes = [leaf(b"%d" % number) for number in range(first + second)]
    stepped = tree.append(tree.append(tree.CompactRange(), hashes[:first]), hashes[first:])
    assert stepped == tree.append(tree.CompactRange(), hashes)
    assert tree.range_root(stepped) == tree.root(hashes)
