"""Other people's programs accept our packages: Go's x/mod and npm's @sigstore/verify."""

import base64
import json
import os
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tallybook.evidence.publishing import publish
from tallybook.evidence.signing import verify_ed25519
from tallybook.merkle import tree
from tallybook.merkle.checkpoints import parse_checkpoint
from tallybook.merkle.notes import format_vkey, parse_note, parse_vkey, verify_note
from tallybook.merkle.receipts import make_receipt
from tests.needs import GO_SOURCES, needs_go, needs_npm_package
from tests.rooms.evidence.books import LOG, book, checkpoint, exhibits, reader, shelf

HERE = Path(__file__).parent / "foreign"


@pytest.fixture(scope="module")
def go_check(tmp_path_factory):
    """The Go program of this folder, built without network against Debian's copy of x/mod."""
    go = needs_go()
    place = tmp_path_factory.mktemp("go")
    place.joinpath("main.go").write_bytes((HERE / "main.go").read_bytes())
    module = GO_SOURCES / "golang.org" / "x" / "mod"
    place.joinpath("go.mod").write_text(
        "module check\n\ngo 1.17\n\nrequire golang.org/x/mod v0.0.0\n\n"
        f"replace golang.org/x/mod => {module}\n"
    )
    settings = os.environ | {"GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOSUMDB": "off"}
    subprocess.run([go, "build", "-o", "check", "."], cwd=place, env=settings, check=True, timeout=300)
    return place / "check"


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 513, 3000])
def test_go_accepts_the_tree_the_tiles_and_the_signature(go_check, tmp_path, size):
    entries = book(size)
    publish(tmp_path / "package", checkpoint(entries), reader(entries), shelf(exhibits(size)))
    leaves = [tree.leaf_hash(entry) for entry in entries]
    older = sorted({1, size // 3 + 1, size // 2 + 1, size})
    lines = [f"{old} {base64.b64encode(tree.root(leaves[:old])).decode()}\n" for old in older]
    done = subprocess.run(
        [go_check, tmp_path / "package", format_vkey(LOG.verifier)],
        input="".join(lines).encode(), capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    report = json.loads(done.stdout)
    assert (report["records"], report["older"]) == (size, len(older))
    note = parse_note(base64.b64decode(report["note"]))
    assert note.text == "Signed by Go.\n\nA second paragraph.\n"
    assert verify_note(note, [parse_vkey(report["vkey"])], verify_ed25519)


def test_npm_sigstore_accepts_our_receipts():
    package = needs_npm_package("@sigstore/verify")
    receipts = [receipt_for_node(size, index) for size, index in [(1, 0), (7, 6), (256, 99), (700, 511)]]
    done = subprocess.run(
        ["node", HERE / "check.js", package], input=json.dumps(receipts).encode(),
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    assert int(done.stdout) == len(receipts)


def receipt_for_node(size, index):
    entries = book(size)
    signed = checkpoint(entries, cosigners=())
    node = tree.node_reader([tree.leaf_hash(entry) for entry in entries])
    receipt = make_receipt(node, index, entries[index], signed)
    public = Ed25519PublicKey.from_public_bytes(LOG.verifier.public_key)
    return {
        "index": index,
        "size": size,
        "proof": [base64.b64encode(hash_).decode() for hash_ in receipt.proof],
        "root": base64.b64encode(parse_checkpoint(signed)[0].root).decode(),
        "checkpoint": signed.decode(),
        "entry": base64.b64encode(receipt.entry).decode(),
        "keyId": LOG.verifier.key_id.hex(),
        "spki": base64.b64encode(
            public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        ).decode(),
    }
