"""The Merkle tree of RFC 6962: leaf and node hashes, roots, and proofs made and verified.

It decides whether an entry is in a book of a stated size and root, and whether a book has only grown
since an older checkpoint. SHA-256 throughout. A proof is made from a reader of nodes: `node(level,
index)` gives the hash of the complete subtree over leaves index·2^level to (index + 1)·2^level − 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from tallybook.merkle.errors import EvidenceError

Node = Callable[[int, int], bytes]

EMPTY_ROOT = sha256(b"").digest()
"""The root of a tree without leaves."""


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 || entry), RFC 6962 section 2.1."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right), RFC 6962 section 2.1."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True)
class CompactRange:
    """All that is needed of a tree to let it grow: its size and the roots of its complete subtrees."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()
    """Roots of the complete subtrees, the largest first: one for each 1 in the size's binary digits."""


def append(range_: CompactRange, leaf_hashes: Iterable[bytes]) -> CompactRange:
    """The range after these leaf hashes are added at its end."""
    size, peaks = range_.size, list(range_.peaks)
    for hash_ in leaf_hashes:
        bit = 1
        while size & bit:
            hash_ = sha256(b"\x01" + peaks.pop() + hash_).digest()
            bit <<= 1
        peaks.append(hash_)
        size += 1
    return CompactRange(size, tuple(peaks))


def range_root(range_: CompactRange) -> bytes:
    """The root of the tree that the range describes."""
    return fold(range_.peaks)


def fold(peaks: Sequence[bytes]) -> bytes:
    """The root over complete subtrees, the largest first (MTH of RFC 6962, from the right)."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


def halve(hashes: bytes) -> bytes:
    """One level up: the node hashes over consecutive pairs of the 32-byte hashes joined in `hashes`."""
    return b"".join([sha256(b"\x01" + hashes[i : i + 64]).digest() for i in range(0, len(hashes) - 32, 64)])


def root(leaf_hashes: Sequence[bytes]) -> bytes:
    """The root of the tree over these leaf hashes (MTH of RFC 6962)."""
    return fold(peaks_of(b"".join(leaf_hashes)))


def peaks_of(hashes: bytes) -> list[bytes]:
    """The complete subtrees over joined 32-byte hashes, the largest first."""
    peaks = []
    while hashes:
        if len(hashes) // 32 % 2:
            peaks.append(hashes[-32:])
        hashes = halve(hashes)
    return peaks[::-1]


def node_reader(leaf_hashes: Sequence[bytes]) -> Node:
    """A reader of nodes over leaf hashes in memory. It computes each level once."""
    levels = [b"".join(leaf_hashes)]
    while len(levels[-1]) > 32:
        levels.append(halve(levels[-1]))

    def node(level: int, index: int) -> bytes:
        return levels[level][32 * index : 32 * index + 32]

    return node


def subtree_root(node: Node, start: int, end: int) -> bytes:
    """MTH(D[start:end]), where `start` is a multiple of the largest power of two up to end − start."""
    peaks = []
    while start < end:
        level = (end - start).bit_length() - 1
        peaks.append(node(level, start >> level))
        start += 1 << level
    return fold(peaks)


def inclusion_proof(node: Node, index: int, size: int) -> list[bytes]:
    """PATH(index, D[size]) of RFC 6962 section 2.1.1, the leaf's sibling first."""
    if not 0 <= index < size:
        raise EvidenceError(f"inclusion proof: entry {index} is not in a book of {size} entries.")
    start, end, siblings = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            siblings.append((middle, end))
            end = middle
        else:
            siblings.append((start, middle))
            start = middle
    return [subtree_root(node, *sibling) for sibling in reversed(siblings)]


def consistency_proof(node: Node, old_size: int, size: int) -> list[bytes]:
    """PROOF(old_size, D[size]) of RFC 6962 section 2.1.2, for 1 ≤ old_size ≤ size."""
    if not 1 <= old_size <= size:
        raise EvidenceError(f"consistency proof: found {old_size} to {size}; expected 1 ≤ old ≤ new.")
    start, end, parts = 0, size, []
    while end != old_size:
        middle = start + _split(end - start)
        if old_size <= middle:
            parts.append((middle, end))
            end = middle
        else:
            parts.append((start, middle))
            start = middle
    if start:
        parts.append((start, end))
    return [subtree_root(node, *part) for part in reversed(parts)]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root_hash: bytes) -> None:
    """Refuse unless the proof leads from the leaf hash to the root (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size:
        raise EvidenceError(f"inclusion proof: entry {index} is not in a book of {size} entries.")
    first, last, hash_ = index, size - 1, leaf
    for sibling in proof:
        if not last:
            raise EvidenceError("inclusion proof: found too many hashes for this entry and size.")
        if first & 1 or first == last:
            hash_ = node_hash(sibling, hash_)
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            hash_ = node_hash(hash_, sibling)
        first, last = first >> 1, last >> 1
    if last:
        raise EvidenceError("inclusion proof: found too few hashes for this entry and size.")
    if hash_ != root_hash:
        raise EvidenceError("inclusion proof: it leads to another root than the checkpoint's.")


def verify_consistency(
    old_size: int, old_root: bytes, size: int, root_hash: bytes, proof: Sequence[bytes]
) -> None:
    """Refuse unless the tree of `size` continues the tree of `old_size` (RFC 9162 section 2.1.4.2).

    Size 0 continues into anything; its root is the hash of no bytes and its proof is empty.
    """
    if not 0 <= old_size <= size:
        raise EvidenceError(f"consistency proof: found {old_size} to {size}; expected old ≤ new.")
    if old_size == 0 or old_size == size:
        _verify_trivial(old_size, old_root, size, root_hash, proof)
        return
    whole = old_size & (old_size - 1) == 0
    path = [old_root, *proof] if whole else list(proof)
    if not path:
        raise EvidenceError("consistency proof: found no hashes; expected some.")
    _walk_consistency(path, old_size, old_root, size, root_hash)


def _walk_consistency(
    path: Sequence[bytes], old_size: int, old_root: bytes, size: int, root_hash: bytes
) -> None:
    first, last = old_size - 1, size - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    old = new = path[0]
    for part in path[1:]:
        if not last:
            raise EvidenceError("consistency proof: found too many hashes for these sizes.")
        if first & 1 or first == last:
            old, new = node_hash(part, old), node_hash(part, new)
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            new = node_hash(new, part)
        first, last = first >> 1, last >> 1
    if last:
        raise EvidenceError("consistency proof: found too few hashes for these sizes.")
    if old != old_root:
        raise EvidenceError("consistency proof: it leads to another old root than the one known.")
    if new != root_hash:
        raise EvidenceError("consistency proof: it leads to another new root than the checkpoint's.")


def _verify_trivial(
    old_size: int, old_root: bytes, size: int, root_hash: bytes, proof: Sequence[bytes]
) -> None:
    if proof:
        raise EvidenceError("consistency proof: found hashes; expected none for these sizes.")
    if old_size == 0 and old_root != EMPTY_ROOT:
        raise EvidenceError("consistency proof: the root of size 0 is not the hash of no bytes.")
    if old_size == size and old_root != root_hash:
        raise EvidenceError(f"consistency proof: two different roots are shown for the same size {size}.")


def _split(size: int) -> int:
    """The largest power of two smaller than size (size > 1)."""
    return 1 << ((size - 1).bit_length() - 1)
