"""Reading a package: checks 1 files, 2 tree and checkpoint, 3 signatures and quorum (package.md section 7).

It decides whether bytes handed in are a package, and gives back its entries and exhibits. The numbers
of the steps are those of the specification. The independent checker, tallycheck, does the same and more.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from tallybook.evidence.contents import (
    MAX_CONTENTS,
    Contents,
    add_entries,
    count_names,
    exhibit_path,
    names,
    parse_contents,
    policy_of,
)
from tallybook.evidence.signing import verify_ed25519
from tallybook.evidence.sources import Source, open_source
from tallybook.merkle import tiles
from tallybook.merkle.checkpoints import (
    Checkpoint,
    Cosignature,
    format_text,
    parse_checkpoint,
    parse_head,
    split_file,
    verify_canonical_lines,
    verify_cosignature,
)
from tallybook.merkle.errors import EvidenceError
from tallybook.merkle.notes import Note, lines_of, verify_note
from tallybook.merkle.policy import Policy, parse_policy, quorum_met, witness_names
from tallybook.merkle.receipts import parse_receipt, verify_receipt
from tallybook.merkle.tree import CompactRange, leaf_hash, range_root
from tallybook.merkle.tree import append as append_leaves

_MOST_CHECKPOINT = 1 << 20
_MOST_BUNDLE = tiles.WIDTH * (2 + 65_535)


class PackageError(EvidenceError):
    """A package fails a check. `check` is its number in the specification: 1, 2 or 3."""

    def __init__(self, check: int, sentence: str) -> None:
        super().__init__(f"Check {check}: {sentence}")
        self.check = check


@dataclass(frozen=True)
class Package:
    """A package that passed its checks. Exhibits are read from `source` by `exhibit_path`."""

    contents: Contents
    checkpoint: Checkpoint
    entries: tuple[bytes, ...]
    policy: Policy
    cosignatures: tuple[Cosignature, ...]
    source: Source

    def exhibit(self, fingerprint: str) -> bytes:
        """The bytes of a public exhibit."""
        return self.source.read(exhibit_path(fingerprint))


@dataclass(frozen=True)
class _Tree:
    """What check 2 learned."""

    checkpoint: Checkpoint
    entries: tuple[bytes, ...]
    policy_text: str
    signature_lines: bytes


def read_package(source: Source, policy_text: str | None = None) -> Package:
    """Check a package and give it back. Raises PackageError with the lowest failing check's number.

    With `policy_text` the quorum of that policy is asked for, besides the package's own.
    """
    with _check(1):
        contents = check_files(source)
    with _check(2):
        tree = _check_tree(source, contents)
    with _check(3):
        policy = parse_policy(tree.policy_text)
        cosignatures = _check_signatures(tree, policy)
        if policy_text is not None:
            _check_other_policy(tree, policy_text, cosignatures)
    return Package(contents, tree.checkpoint, tree.entries, policy, tuple(cosignatures), source)


def read_package_at(path: Path, policy_text: str | None = None) -> Package:
    """Check the package at a path, a folder or a ZIP file, and give it back. Raises PackageError, OSError."""
    with _check(1):
        source = open_source(path)
    return read_package(source, policy_text)


def check_files(source: Source) -> Contents:
    """Check 1: the set of files is the one that `contents` implies, and every exhibit is itself."""
    if source.lengths.get("contents", MAX_CONTENTS + 1) > MAX_CONTENTS:
        raise EvidenceError("contents: the file is missing or too long.")
    contents = parse_contents(source.read("contents"))
    if count_names(contents) != len(source.lengths):
        raise EvidenceError(f"found {len(source.lengths)} files; expected {count_names(contents)}.")
    for name in names(contents):
        if name not in source.lengths:
            raise EvidenceError(f"{name}: the file is missing, and another stands in its stead.")
    for fingerprint, length in contents.exhibits.items():
        _check_exhibit(source, fingerprint, length)
    return contents


def compare_older(package: Package, older: bytes, policy: Policy | None = None) -> Checkpoint:
    """Refuse unless this older checkpoint, signed by the log, is of the same book as the package."""
    with _check(2):
        checkpoint, note = parse_checkpoint(older)
        _check_prefix(package, checkpoint)
    with _check(3):
        _check_known_signatures(note, policy or package.policy)
    return checkpoint


def compare_receipt(package: Package, data: bytes, policy: Policy | None = None) -> Checkpoint:
    """Refuse unless this receipt's entry stands in the package where the receipt says."""
    with _check(2):
        receipt = parse_receipt(data)
        checkpoint, note = verify_receipt(receipt)
        _check_prefix(package, checkpoint)
        if package.entries[receipt.index] != receipt.entry:
            raise EvidenceError(f"entry {receipt.index}: the package holds another than the receipt.")
    with _check(3):
        _check_known_signatures(note, policy or package.policy)
    return checkpoint


@contextmanager
def _check(number: int) -> Iterator[None]:
    try:
        yield
    except PackageError:
        raise
    except EvidenceError as error:
        raise PackageError(number, str(error)) from None


def _check_exhibit(source: Source, fingerprint: str, length: int) -> None:
    name = exhibit_path(fingerprint)
    if source.lengths[name] != length:
        raise EvidenceError(f"{name}: found {source.lengths[name]} bytes; expected {length}.")
    digest = sha256()
    for piece in source.pieces(name):
        digest.update(piece)
    if digest.hexdigest() != fingerprint:
        raise EvidenceError(f"{name}: found the SHA-256 {digest.hexdigest()}; expected that of its name.")


def _check_tree(source: Source, contents: Contents) -> _Tree:
    """Check 2, steps 1 to 9."""
    entries, frontier = _check_tiles(source, contents.size)
    head, tail = split_file(_read_at_most(source, "checkpoint", _MOST_CHECKPOINT))
    checkpoint = parse_head(head)
    if checkpoint.size != contents.size:
        raise EvidenceError(f"checkpoint: found the size {checkpoint.size}; expected {contents.size}.")
    if checkpoint.root != tiles.frontier_root(frontier):
        raise EvidenceError("checkpoint: its root hash is not the root hash of the entries.")
    exhibits: dict[str, int] = {}
    add_entries(exhibits, entries, 0)
    policy_text = policy_of(entries[0], checkpoint.origin)
    if exhibits != contents.exhibits:
        raise EvidenceError("contents: its exhibits are not the public exhibits that the entries name.")
    return _Tree(checkpoint, tuple(entries), policy_text, tail)


def _check_tiles(source: Source, size: int) -> tuple[list[bytes], tiles.Frontier]:
    """Steps 1 and 2: read the bundles, build the book again, compare every tile."""
    entries: list[bytes] = []
    frontier = tiles.Frontier()
    for number, width in tiles.bundle_shapes(size):
        name = tiles.bundle_path(number, width)
        bundle = tiles.decode_bundle(_read_at_most(source, name, _MOST_BUNDLE), width)
        frontier, files = tiles.grow(frontier, bundle)
        _compare(source, files)
        entries += bundle
    _compare(source, tiles.partial_files(frontier))
    return entries, frontier


def _compare(source: Source, files: tiles.Files) -> None:
    for name, data in files.items():
        if source.lengths[name] != len(data) or source.read(name) != data:
            raise EvidenceError(f"{name}: its bytes are not those that the entries give.")


def _check_signatures(tree: _Tree, policy: Policy) -> list[Cosignature]:
    """Check 3, steps 1 to 4."""
    text = format_text(tree.checkpoint)
    cosignatures = verify_canonical_lines(text, tree.signature_lines, policy, verify_ed25519)
    _check_quorum(policy, cosignatures, "the book's policy")
    return cosignatures


def _check_other_policy(tree: _Tree, policy_text: str, cosignatures: list[Cosignature]) -> None:
    """Check 3, step 5: another policy's log key has signed, and its quorum is met."""
    other = parse_policy(policy_text)
    # The first line is the log's, checked above; under this policy it must be a known log key's too.
    text = format_text(tree.checkpoint)
    data = text.encode() + b"\n" + tree.signature_lines.split(b"\n", 1)[0] + b"\n"
    logs = [key for key in other.logs if key.name == tree.checkpoint.origin]
    verify_note(parse_checkpoint(data)[1], logs, verify_ed25519)
    _check_quorum(other, cosignatures, "the policy given")


def _check_quorum(policy: Policy, cosignatures: list[Cosignature], whose: str) -> None:
    signers = witness_names(policy, [cosignature.key for cosignature in cosignatures])
    if not quorum_met(policy, signers):
        counted = ", ".join(sorted(signers)) or "none"
        raise EvidenceError(f"quorum {policy.quorum} of {whose}: not met. Witnesses counted: {counted}.")


def _check_known_signatures(note: Note, policy: Policy) -> None:
    """The log has signed, and no line of a key of the policy is false."""
    verify_note(note, policy.logs, verify_ed25519)
    for key in policy.witnesses.values():
        for line in lines_of(note, key):
            verify_cosignature(note.text, line, key, verify_ed25519)


def _check_prefix(package: Package, older: Checkpoint) -> None:
    if older.origin != package.checkpoint.origin:
        raise EvidenceError(f"older checkpoint: found {older.origin}; expected {package.checkpoint.origin}.")
    if older.size > package.checkpoint.size:
        raise EvidenceError(f"older checkpoint: its size {older.size} is above {package.checkpoint.size}.")
    leaves = map(leaf_hash, package.entries[: older.size])
    if range_root(append_leaves(CompactRange(), leaves)) != older.root:
        raise EvidenceError(f"older checkpoint: the package's first {older.size} entries have another root.")


def _read_at_most(source: Source, name: str, most: int) -> bytes:
    if source.lengths[name] > most:
        raise EvidenceError(f"{name}: found {source.lengths[name]} bytes; expected at most {most}.")
    return source.read(name)
