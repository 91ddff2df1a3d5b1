"""docs/spec/package.md: its complete example and every vector of its section 11, read from the page."""

import base64
import io
import re
from hashlib import sha256

import pytest

from tallybook.evidence.contents import Contents, format_contents
from tallybook.evidence.publishing import package_files
from tallybook.evidence.reading import PackageError, compare_older, compare_receipt, read_package
from tallybook.evidence.signing import (
    cosign_text,
    log_key,
    merge_cosignatures,
    sign_checkpoint,
    verify_ed25519,
    witness_key,
)
from tallybook.evidence.sources import open_files, open_zip, write_zip
from tallybook.merkle import tree
from tallybook.merkle.canonical import encode_entry
from tallybook.merkle.checkpoints import Checkpoint, parse_checkpoint
from tallybook.merkle.commitments import commitment, salt_of, verify_opening
from tallybook.merkle.errors import EvidenceError
from tallybook.merkle.notes import (
    Note,
    format_signature_line,
    format_vkey,
    parse_note,
    parse_vkey,
    verify_note,
)
from tallybook.merkle.policy import parse_policy
from tallybook.merkle.receipts import format_receipt, make_receipt, parse_receipt
from tests.rooms.evidence.books import SPEC, block, example_zip
from tests.rooms.merkle.plain_tree import REFERENCE, leaf

ZIP = example_zip()
SOURCE = open_zip(ZIP)
FILES = {name: SOURCE.read(name) for name in SOURCE.lengths}
ORIGIN = "elections.example/bibb/2026-11-03"
EXHIBIT = next(name for name in FILES if name.startswith("exhibits/"))
HEAD = 82


def secret(name):
    return sha256(f"tallybook example {name}".encode()).digest()


LOG = log_key(ORIGIN, secret("log key"))
WITNESSES = [
    witness_key(name, secret(f"witness {name}"))
    for name in ("witness-a.example", "witness-b.example", "witness-c.example")
]


def failing_check(files, policy=None):
    with pytest.raises(PackageError) as failure:
        read_package(open_files(files), policy)
    return failure.value.check


def test_the_example_is_a_package():
    package = read_package(SOURCE, block("The policy is the field `policy` of entry 0"))
    assert (package.checkpoint.origin, package.checkpoint.size) == (ORIGIN, 3)
    assert package.checkpoint.root.hex() == block("The root hash is SHA-256").strip()
    assert [cosignature.time for cosignature in package.cosignatures] == [1_795_305_600, 1_795_305_660]
    assert package.exhibit(EXHIBIT.removeprefix("exhibits/")) == block("(56 bytes, LF").encode()


def test_the_example_is_made_again_from_its_entries_and_keys():
    entries = list(read_package(SOURCE).entries)
    root = tree.root([tree.leaf_hash(entry) for entry in entries])
    signed = sign_checkpoint(Checkpoint(ORIGIN, 3, root), LOG)
    text = parse_checkpoint(signed)[1].text
    lines = [cosign_text(text, WITNESSES[2], 1_795_305_660), cosign_text(text, WITNESSES[0], 1_795_305_600)]
    policy = parse_policy(block("The policy is the field `policy` of entry 0"))
    closed = merge_cosignatures(signed, [format_signature_line(line).encode() for line in lines], policy)
    made = package_files(closed, entries, {EXHIBIT.removeprefix("exhibits/"): FILES[EXHIBIT]})
    out = io.BytesIO()
    write_zip(open_files(made), out)
    assert out.getvalue() == ZIP
    assert sha256(ZIP).hexdigest() in SPEC


def test_the_printed_keys_are_the_keys_of_the_policy():
    printed = set(re.findall("`([0-9a-f]{64})` \\| SHA-256 of", SPEC))
    assert printed == {key.secret.hex() for key in [LOG, *WITNESSES]}
    policy = parse_policy(block("The policy is the field `policy` of entry 0"))
    assert list(policy.witnesses.values()) == [key.verifier for key in WITNESSES]
    assert format_vkey(LOG.verifier) in SPEC


def test_the_printed_commitment_is_opened_by_its_salt():
    salt = salt_of(secret("secret of the salts"), "cvr/early-1/17")
    data = b"scan 17: cast vote record, not published\n"
    printed = dict(line.split() for line in block("is the 41 bytes").splitlines())
    assert printed == {"salt": salt.hex(), "commitment": commitment(salt, data)}
    verify_opening(printed["commitment"], salt, data)
    with pytest.raises(EvidenceError, match="do not open"):
        verify_opening(printed["commitment"], salt, data + b"!")


def test_the_printed_receipt_is_made_and_accepted():
    package = read_package(SOURCE)
    node = tree.node_reader([tree.leaf_hash(entry) for entry in package.entries])
    data = format_receipt(make_receipt(node, 1, package.entries[1], FILES["checkpoint"]))
    assert data.decode() == block("The receipt of entry 1 of the example")
    assert sha256(data).hexdigest() in SPEC
    assert compare_receipt(package, data) == package.checkpoint
    assert parse_receipt(data).index == 1


def test_the_printed_roots_and_proofs_hold():
    hashes = [leaf(data) for data in REFERENCE]
    rows = re.search(r"reference leaves.*?\n\n(.*?)\n\n\*\*Inclusion", SPEC, re.DOTALL)[1]
    for size, root in re.findall("\\| (\\d) \\| `([0-9a-f]{64})` \\|", rows):
        assert tree.root(hashes[: int(size)]).hex() == root
    rows = re.search(r"\*\*Inclusion proofs.*?\n\n(.*?)\n\n\*\*A larger", SPEC, re.DOTALL)[1]
    printed = re.findall(r"\| (\d), (\d) \| (.*) \|", rows)
    assert len(printed) == 5
    for index, size, proof in printed:
        path = [bytes.fromhex(hash_) for hash_ in re.findall("[0-9a-f]{64}", proof)]
        root = tree.root(hashes[: int(size)])
        tree.verify_inclusion(hashes[int(index)], int(index), int(size), path, root)


def test_the_signed_note_of_the_c2sp_specification_is_verified():
    key = parse_vkey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    signature = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
    note = parse_note(f"This is an example message.\n\n— example.com/foo {signature}\n".encode())
    assert verify_note(note, [key], verify_ed25519) == [key]
    with pytest.raises(EvidenceError, match="not a valid signature"):
        verify_note(Note("This is another message.\n", note.signatures), [key], verify_ed25519)


def test_the_rfc_8032_signatures_are_accepted_and_their_variants_refused():
    order = 2**252 + 27742317777372353535851937790883648493
    rows = re.findall(r"\| `([0-9a-f]{64})` \| (\S+) \| `([0-9a-f]{128})` \|", SPEC)
    assert len(rows) == 3
    for key, message, signature in rows:
        public, data, signed = (
            bytes.fromhex(key),
            bytes.fromhex("" if "none" in message else message.strip("`")),
            bytes.fromhex(signature),
        )
        assert verify_ed25519(public, signed, data)
        larger = signed[:32] + (int.from_bytes(signed[32:], "little") + order).to_bytes(32, "little")
        assert not verify_ed25519(public, larger, data)
        for bit in range(512):
            assert not verify_ed25519(public, flipped(signed, bit), data)


def flipped(data, bit):
    return data[: bit // 8] + bytes([data[bit // 8] ^ (1 << bit % 8)]) + data[bit // 8 + 1 :]


@pytest.mark.parametrize("name", sorted(FILES))
def test_any_changed_bit_fails_the_lowest_check_whose_input_holds_it(name):
    data = FILES[name]
    for bit in range(8 * len(data)):
        if name == "checkpoint":
            expected = 2 if bit // 8 < HEAD else 3
        else:
            expected = 2 if name.startswith("tile/") else 1
        assert failing_check({**FILES, name: flipped(data, bit)}) == expected


def test_any_changed_bit_of_the_zip_is_refused_as_a_zip():
    for bit in range(8 * len(ZIP)):
        with pytest.raises(EvidenceError, match="ZIP"):
            open_zip(flipped(ZIP, bit))


def without(name):
    return {other: data for other, data in FILES.items() if other != name}


LINES = FILES["checkpoint"][HEAD:].splitlines(keepends=True)


def relined(*lines):
    return {**FILES, "checkpoint": FILES["checkpoint"][:HEAD] + b"".join(lines)}


def listed(size, exhibits):
    return {**FILES, "contents": format_contents(Contents(size, exhibits))}


XH = EXHIBIT.removeprefix("exhibits/")
STRAY = sha256(b"stray").hexdigest()

CHANGED = {
    "a README added": ({**FILES, "README": b""}, 1),
    "a full tile added": ({**FILES, "tile/0/000": b""}, 1),
    "an older partial tile added": ({**FILES, "tile/0/000.p/2": FILES["tile/0/000.p/3"][:64]}, 1),
    "an exhibit added": ({**FILES, "exhibits/" + "0" * 64: b""}, 1),
    "size 2": (listed(2, {XH: 56}), 1),
    "size 0": (listed(0, {XH: 56}), 1),
    "an absurd size": (listed(2**53 - 1, {XH: 56}), 1),
    "an exhibit left out": ({name: data for name, data in listed(3, {}).items() if name != EXHIBIT}, 2),
    "an exhibit that no entry names": ({**listed(3, {XH: 56, STRAY: 5}), f"exhibits/{STRAY}": b"stray"}, 2),
    "a tile too long": ({**FILES, "tile/0/000.p/3": FILES["tile/0/000.p/3"] + b"x"}, 2),
    "a tile too short": ({**FILES, "tile/0/000.p/3": FILES["tile/0/000.p/3"][:-1]}, 2),
    "a bundle too long": ({**FILES, "tile/entries/000.p/3": FILES["tile/entries/000.p/3"] + b"\0"}, 2),
    "a bundle too short": ({**FILES, "tile/entries/000.p/3": FILES["tile/entries/000.p/3"][:-1]}, 2),
    "no signatures": (relined(), 3),
    "the log's line last": (relined(*LINES[1:], LINES[0]), 3),
    "cosignatures exchanged": (relined(LINES[0], LINES[2], LINES[1]), 3),
    "a cosignature twice": (relined(*LINES, LINES[2]), 3),
    "a cosignature too few": (relined(*LINES[:2]), 3),
    "an empty line after": (relined(*LINES, b"\n"), 3),
    "other unused bits in base64": (relined(*LINES[:2], LINES[2].replace(b"AQ==", b"AR==")), 3),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGED)
def test_a_changed_package_fails_the_check_that_the_page_names(change):
    files, check = CHANGED[change]
    assert files != FILES
    assert failing_check(files) == check


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_file_deleted_or_renamed_fails_check_1(name):
    assert failing_check(without(name)) == 1
    assert failing_check({**without(name), name + "x": FILES[name]}) == 1


def test_a_key_outside_the_policy_may_not_sign():
    stranger = witness_key("witness-z.example", secret("stranger"))
    line = cosign_text(parse_checkpoint(FILES["checkpoint"])[1].text, stranger, 1)
    assert failing_check(relined(*LINES, format_signature_line(line).encode())) == 3


def resealed(entries, cosigners=()):
    """What an attacker with the log's key makes of other entries."""
    root = tree.root([tree.leaf_hash(entry) for entry in entries])
    signed = sign_checkpoint(Checkpoint(ORIGIN, len(entries), root), LOG)
    text = parse_checkpoint(signed)[1].text
    replies = [format_signature_line(cosign_text(text, key, 1)).encode() for key in cosigners]
    closed = merge_cosignatures(
        signed, replies, parse_policy(block("The policy is the field `policy` of entry 0"))
    )
    return package_files(closed, entries, {XH: FILES[EXHIBIT]})


def test_a_book_rewritten_by_the_log_alone_lacks_its_quorum():
    entries = [*read_package(SOURCE).entries[:2], encode_entry({"seq": 2, "kind": "Invented"})]
    assert failing_check(resealed(entries)) == 3
    assert failing_check(resealed(entries, WITNESSES[:1])) == 3


def test_a_book_rewritten_with_a_quorum_is_caught_by_an_older_checkpoint():
    entries = [*read_package(SOURCE).entries[:2], encode_entry({"seq": 2, "kind": "Invented"})]
    forged = read_package(open_files(resealed(entries, WITNESSES[:2])))
    with pytest.raises(PackageError, match="another root") as failure:
        compare_older(forged, FILES["checkpoint"])
    assert failure.value.check == 2


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"seq": 3}, "found the seq 3"),
        ({"seq": True}, "found the seq True"),
        ({"kind": "NoSeq"}, "found the seq None"),
        ({"seq": 2, "exhibits": {}}, "expected a list"),
        ({"seq": 2, "exhibits": [1]}, "expected a public or a sealed one"),
        ({"seq": 2, "exhibits": [{"kind": "secret"}]}, "expected a public or a sealed one"),
        ({"seq": 2, "exhibits": [{"kind": "public", "sha256": XH.upper(), "bytes": 56}]}, "64 lower-case"),
        ({"seq": 2, "exhibits": [{"kind": "public", "sha256": XH}]}, "expected a whole number"),
        ({"seq": 2, "exhibits": [{"kind": "public", "sha256": XH, "bytes": 57}]}, "two lengths"),
        ({"seq": 2, "exhibits": [{"kind": "sealed"}]}, "64 lower-case"),
        ({"seq": 2, "exhibits": [{"kind": "sealed", "commitment": XH, "sha256": XH}]}, "public or a sealed"),
    ],
)
def test_an_entry_that_breaks_the_rules_fails_check_2_even_when_signed(entry, words):
    good = resealed(read_package(SOURCE).entries, WITNESSES)
    bad = replaced(good, [*read_package(SOURCE).entries[:2], encode_entry(entry)])
    with pytest.raises(PackageError, match=words) as failure:
        read_package(open_files(bad))
    assert failure.value.check == 2


def replaced(files, entries):
    """The package over other entries, truly signed: only the entries' own rules are broken."""
    root = tree.root([tree.leaf_hash(entry) for entry in entries])
    signed = sign_checkpoint(Checkpoint(ORIGIN, len(entries), root), LOG)
    text = parse_checkpoint(signed)[1].text
    lines = b"".join(format_signature_line(cosign_text(text, key, 1)).encode() for key in WITNESSES)
    bundle = b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)
    tile = b"".join(map(tree.leaf_hash, entries))
    return {**files, "checkpoint": signed + lines, "tile/entries/000.p/3": bundle, "tile/0/000.p/3": tile}


@pytest.mark.parametrize(
    ("entry", "check", "words"),
    [
        ({"seq": 0, "origin": "other.example", "policy": "quorum none\n"}, 2, "expected elections.example"),
        ({"seq": 0, "policy": "quorum none\n"}, 2, "expected a text"),
        ({"seq": 0, "origin": ORIGIN}, 2, "no policy"),
        ({"seq": 0, "origin": ORIGIN, "policy": "quorum none\n"}, 3, "not a log key of the origin"),
        ({"seq": 0, "origin": ORIGIN, "policy": "quorum none"}, 3, "policy"),
    ],
)
def test_a_first_entry_without_origin_or_policy_is_refused(entry, check, words):
    entries = [encode_entry(entry), *read_package(SOURCE).entries[1:]]
    with pytest.raises(PackageError, match=words) as failure:
        read_package(open_files(replaced(FILES, entries)))
    assert failure.value.check == check


def test_another_policy_must_be_met_too():
    package = read_package(SOURCE)
    log, a, b, c = map(format_vkey, [package.policy.logs[0], *package.policy.witnesses.values()])
    assert read_package(SOURCE, f"log {log}\nwitness x {a}\nquorum x\n")
    assert read_package(SOURCE, f"log {log}\nwitness x {a}\nwitness y {c}\ngroup g all x y\nquorum g\n")
    for policy in (
        f"log {log}\nwitness x {b}\nquorum x\n",
        f"witness x {a}\nquorum x\n",
        "quorum none\n",
        "?",
    ):
        assert failing_check(FILES, policy) == 3


def test_an_older_checkpoint_must_be_signed_by_the_log():
    package = read_package(SOURCE)
    text, lines = FILES["checkpoint"][:HEAD], LINES
    with pytest.raises(PackageError, match="none of the known keys") as failure:
        compare_older(package, text + lines[1])
    assert failure.value.check == 3
    assert compare_older(package, text + lines[2] + lines[0]).size == 3


def test_a_false_line_of_a_known_witness_under_an_older_checkpoint_fails_check_3():
    false = LINES[1].replace(b"8xy0MwAAAABr", b"8xy0MwAAAABs")
    assert false != LINES[1]
    with pytest.raises(PackageError, match="not valid for this checkpoint") as failure:
        compare_older(read_package(SOURCE), FILES["checkpoint"][:HEAD] + LINES[0] + false)
    assert failure.value.check == 3


def test_a_checkpoint_of_nothing_begins_every_book():
    empty = sign_checkpoint(Checkpoint(ORIGIN, 0, tree.EMPTY_ROOT), LOG)
    assert compare_older(read_package(SOURCE), empty).size == 0


def test_a_receipt_of_another_entry_fails_check_2():
    package = read_package(SOURCE)
    node = tree.node_reader([tree.leaf_hash(entry) for entry in package.entries])
    receipt = make_receipt(node, 1, package.entries[2], FILES["checkpoint"])
    with pytest.raises(PackageError, match="another root") as failure:
        compare_receipt(package, format_receipt(receipt))
    assert failure.value.check == 2


def test_base64_in_the_page_is_whole():
    assert base64.b64encode(ZIP).decode() == "".join(
        re.search(r"Here it is in base64.*?```text\n(.*?)```", SPEC, re.DOTALL)[1].split()
    )
