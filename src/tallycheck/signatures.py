"""Check 3, signatures and quorum; and the checkpoints that stand elsewhere (package, sections 7 and 10).

A package's own checkpoint, and one recorded in a book, must have its lines in the one canonical form. A
receipt and an old checkpoint may carry lines of other keys in any order, at most a hundred.
"""

from dataclasses import dataclass

from .failure import Failed, shown
from .merkle import included, leaf_hash
from .note import (
    COSIGNATURE,
    LATEST,
    SIGNATURE,
    BadNote,
    Checkpoint,
    Key,
    Line,
    head_and_rest,
    line_verifies,
    parse_head,
    parse_lines,
)
from .plain import decimal, unbase64
from .policy import Policy, parse_policy
from .tree import Tree

MOST_LINES = 100
LONGEST_RECEIPT = 1 << 20


@dataclass(frozen=True)
class Signed:
    """A checkpoint that stands elsewhere: its head and its signature lines."""

    checkpoint: Checkpoint
    lines: list[Line]


@dataclass(frozen=True)
class Receipt:
    """A receipt: an entry's bytes, its number, the inclusion proof and the checkpoint."""

    entry: bytes
    index: int
    proof: list[bytes]
    signed: Signed


# Check 3 ------------------------------------------------------------


def check_signatures(tree: Tree, own: bytes, given: bytes | None) -> str:
    """Steps 1 to 5 of check 3, in words. `own` is the policy of entry 0, `given` the reader's."""
    origin = tree.checkpoint.origin
    policy = own_policy(own, origin)  # 1
    pairs = verified_lines(policy, tree.checkpoint, tree.signatures)  # 2, 3
    signers = {key for key, _ in pairs[1:]}
    if not policy.is_met(signers):  # 4
        words = f"{len(signers)} cosignatures do not satisfy the package's quorum {shown(policy.quorum)}"
        raise Failed(3, words, file="checkpoint")
    cosigned = f"log key and {len(signers)} of {len(policy.witnesses)} witnesses"
    if policy.quorum == "none":
        cosigned += " (the policy asks for none)"
    if given is None:
        return f"{cosigned}; internally consistent; authorship not checked; origin {shown(origin)}"
    return cosigned + under_given_policy(given, own, pairs[0][0], signers)  # 5


def verified_lines(policy: Policy, checkpoint: Checkpoint, signatures: bytes) -> list[tuple[Key, Line]]:
    """Steps 2 and 3: the lines in the form of section 6.1, each with its key, each a valid signature."""
    pairs = canonical_lines(policy, checkpoint, signatures)
    for key, line in pairs:
        if not line_verifies(key, line, checkpoint.text):
            raise Failed(3, f"the signature of {shown(key.name)} does not verify", file="checkpoint")
    return pairs


def own_policy(raw: bytes, origin: str) -> Policy:
    """Step 1: the policy of entry 0 parses and names the log."""
    try:
        policy = parse_policy(raw)
    except BadNote as problem:
        raise Failed(3, f"the package's policy: {problem}", entry=0) from None
    if policy.log_named(origin) is None:
        raise Failed(3, f"the package's policy has no log key named {shown(origin)}", entry=0)
    return policy


def canonical_lines(policy: Policy, checkpoint: Checkpoint, signatures: bytes) -> list[tuple[Key, Line]]:
    """Step 2: the lines in the form of section 6.1, each with its key."""
    try:
        lines = parse_lines(signatures)
    except BadNote as problem:
        raise Failed(3, str(problem), file="checkpoint") from None
    if len(lines) > MOST_LINES:
        raise Failed(
            3, f"found {len(lines)} signature lines; at most {MOST_LINES} may stand", file="checkpoint"
        )
    logs = {(key.name, key.id): key for key in policy.logs if key.name == checkpoint.origin}
    witnesses = {(key.name, key.id): key for key in policy.witnesses.values()}
    pairs: list[tuple[Key, Line]] = []
    last: tuple[bytes, bytes] | None = None
    for line in lines:
        key = (witnesses if pairs else logs).get((line.name, line.id))
        if key is None:
            wanted = "witness" if pairs else "log"
            raise Failed(
                3, f"the line of {shown(line.name)} is not by a {wanted} key of the policy", file="checkpoint"
            )
        place = (line.name.encode(), line.id)
        if len(pairs) > 1 and last is not None and place <= last:
            raise Failed(
                3, f"the cosignature of {shown(line.name)} is not in ascending order", file="checkpoint"
            )
        require_payload(key, line)
        pairs.append((key, line))
        last = place
    return pairs


def require_payload(key: Key, line: Line) -> None:
    """The payload has the length of its type, and a time within bounds."""
    length = 64 if key.type == SIGNATURE else 72
    if len(line.payload) != length:
        words = (
            f"the line of {shown(line.name)} holds {len(line.payload)} bytes after the key id, not {length}"
        )
        raise Failed(3, words, file="checkpoint")
    if key.type == COSIGNATURE and int.from_bytes(line.payload[:8], "big") > LATEST:
        raise Failed(3, f"the time of {shown(line.name)} is beyond 2^63 - 1", file="checkpoint")


def under_given_policy(given: bytes, own: bytes, log: Key, signers: set[Key]) -> str:
    """Step 5: the signatures satisfy the reader's policy too."""
    policy = given_policy(given)
    if log not in policy.logs:
        raise Failed(
            3, f"the log key of {shown(log.name)} is not a log key of your policy", file="checkpoint"
        )
    counted = signers & set(policy.witnesses.values())
    if not policy.is_met(counted):
        words = f"{len(counted)} cosignatures of your policy's witnesses do not satisfy its quorum"
        raise Failed(3, words, file="checkpoint")
    same = given == own
    return ", under your policy" + (
        "" if same else f" ({len(counted)} are yours; the package's own policy differs)"
    )


def given_policy(raw: bytes) -> Policy:
    """The reader's policy."""
    try:
        return parse_policy(raw)
    except BadNote as problem:
        raise Failed(3, f"your policy: {problem}") from None


# Checkpoints that stand elsewhere ------------------------------------------------------------


def parse_signed(raw: bytes) -> Signed:
    """A checkpoint with lines of any key, type and order (section 10); raises `BadNote`."""
    head, rest = head_and_rest(raw)
    lines = parse_lines(rest) if parse_head(head) and rest.count(b"\n") <= MOST_LINES else None
    if lines is None:
        raise BadNote(f"the checkpoint has more than {MOST_LINES} signature lines")
    return Signed(parse_head(head), lines)


def valid_signers(signed: Signed, policy: Policy) -> set[Key]:
    """The keys of the policy that signed; raises `BadNote` where a known key's line does not verify."""
    known = {(key.name, key.id): key for key in policy.all_keys()}
    signers: set[Key] = set()
    for line in signed.lines:
        key = known.get((line.name, line.id))
        if key is None:
            continue
        if not line_verifies(key, line, signed.checkpoint.text):
            raise BadNote(f"the signature of {key.name!r} does not verify")
        signers.add(key)
    return signers


def require_log_signature(signed: Signed, policy: Policy) -> set[Key]:
    """The signers, among whom is a log key of the policy; raises `BadNote`."""
    signers = valid_signers(signed, policy)
    if not any(key in signers for key in policy.logs):
        raise BadNote("no log key of the policy signed it")
    return signers


def check_old_signature(signed: Signed, own: bytes, given: bytes | None, file: str) -> None:
    """What ``--checkpoint`` and ``--receipt`` add to check 3."""
    policy = given_policy(given) if given is not None else own_policy(own, signed.checkpoint.origin)
    try:
        require_log_signature(signed, policy)
    except BadNote as problem:
        raise Failed(3, str(problem), file=file) from None


def check_old_root(signed: Signed, tree: Tree, own: bytes, given: bytes | None, file: str) -> None:
    """What ``--checkpoint`` adds to check 2: the old root is that of the first entries of this package."""
    require_same_history(signed.checkpoint, tree, file)
    if tree.root_at(signed.checkpoint.size) != signed.checkpoint.root:
        words = f"its root is not that of the first {signed.checkpoint.size} entries of this package"
        raise Failed(2, words + fork_words(signed, own, given), file=file)


def require_same_history(old: Checkpoint, tree: Tree, file: str) -> None:
    """Same origin, and not larger than the package."""
    if old.origin != tree.checkpoint.origin:
        words = f"its origin is {shown(old.origin)}; the package's is {shown(tree.checkpoint.origin)}"
        raise Failed(2, words, file=file)
    if old.size > tree.size:
        raise Failed(2, f"its size is {old.size}; the package has {tree.size} entries", file=file)


def fork_words(signed: Signed, own: bytes, given: bytes | None) -> str:
    """Said where the log has signed two histories."""
    try:
        require_log_signature(signed, parse_policy(own if given is None else given))
    except BadNote:
        return ""
    return "; the log's signature on it is valid: the log has signed two different histories"


def read_signed(raw: bytes, file: str) -> Signed:
    """The file of ``--checkpoint``."""
    try:
        return parse_signed(raw)
    except BadNote as problem:
        raise Failed(2, str(problem), file=file) from None


# Receipts ------------------------------------------------------------


def read_receipt(raw: bytes, file: str) -> Receipt:
    """The file of ``--receipt`` (section 10)."""
    head, blank, rest = raw.partition(b"\n\n")
    lines = head.split(b"\n")
    if len(raw) > LONGEST_RECEIPT or not blank or len(lines) < 3 or lines[0] != b"c2sp.org/tlog-proof@v1":
        raise Failed(2, "it is not a receipt", file=file)
    words = [line.decode("latin-1") for line in lines]
    entry = unbase64(words[1].removeprefix("extra ")) if words[1].startswith("extra ") else None
    index = decimal(words[2].removeprefix("index ")) if words[2].startswith("index ") else None
    proof = [unbase64(word) for word in words[3:]]
    hashes = [found for found in proof if found is not None and len(found) == 32]
    if entry is None or index is None or len(hashes) != len(proof):
        raise Failed(2, "its lines `extra`, `index` or one of its hashes are not in their form", file=file)
    return Receipt(entry, index, hashes, read_signed(rest, file))


def check_receipt(receipt: Receipt, tree: Tree, own: bytes, given: bytes | None, file: str) -> None:
    """What ``--receipt`` adds to check 2."""
    old = receipt.signed.checkpoint
    require_same_history(old, tree, file)
    leaf = leaf_hash(receipt.entry)
    if receipt.index >= old.size or not included(receipt.index, old.size, leaf, receipt.proof, old.root):
        raise Failed(2, "its inclusion proof does not hold", file=file)
    check_old_root(receipt.signed, tree, own, given, file)
    if tree.entry(receipt.index) != receipt.entry:
        raise Failed(2, f"its entry is not entry {receipt.index} of this package", file=file)
