"""The published audits: the book writes every good one again, byte for byte, and would write no bad one."""

import json
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tallybook.book import Checkpoint, Entered, Shelf, Standing, decide, decode_entry, evolve
from tallybook.book.nouns import act_of
from tallybook.book.writing import encode_entry
from tallybook.doors.lawfiles import shipped
from tallybook.evidence.signing import verify_ed25519
from tallybook.merkle.canonical import decode
from tallybook.merkle.errors import EvidenceError
from tallybook.merkle.tree import leaf_hash, root
from tools import make_audit_vectors
from tools.make_vectors import ORIGIN, POLICY, zipped

FOLDER = Path(__file__).resolve().parents[2] / "vectors" / "audits"
INDEX = json.loads((FOLDER / "index.json").read_text(encoding="utf-8"))
NAMES = [one["package"].removesuffix(".zip") for one in INDEX]
LAWS = {shipped(name).fingerprint: shipped(name).file for name in ("book", "audit", "county")}

made = cache(make_audit_vectors.every)

pytestmark = pytest.mark.slow


def entries_of(files: Mapping[str, bytes]) -> list[bytes]:
    """The entries of a package, from its bundles."""
    found = []
    for name in sorted(one for one in files if one.startswith("tile/entries/")):
        data = files[name]
        while data:
            size = int.from_bytes(data[:2], "big")
            found.append(data[2 : 2 + size])
            data = data[2 + size :]
    return found


def written_again(files: Mapping[str, bytes], laws: Mapping[str, Any] = LAWS) -> str:
    """ "" if the book would have written these entries from their acts; else where it would not.

    laws: fingerprint -> the law file that it is.
    """
    stored = entries_of(files)
    exhibits = {name.removeprefix("exhibits/"): data for name, data in files.items() if "exhibits/" in name}
    documents = {name: value for name, data in exhibits.items() if (value := parsed(data)) is not None}
    standing, expected, seen = Standing(), list[bytes](), dict[int, Any]()
    for seq, data in enumerate(stored):
        try:
            entry = decode_entry(data)
        except EvidenceError as wrong:
            return f"entry {seq}: {wrong}"
        seen[seq] = entry
        if expected:
            if expected.pop(0) != data:
                return f"entry {seq}: another consequence"
            continue
        if not entry.act:
            return f"entry {seq}: a consequence of nothing"
        head = root([leaf_hash(one) for one in stored[:seq]])
        told = Checkpoint(seq, base64_of(head), True, True, True, base64_of(head))
        shelf = Shelf(laws, {}, documents, seen, told, ORIGIN, POLICY, verify_ed25519, exhibits)
        found = decide(standing, act_of(entry), shelf)
        if not isinstance(found, Entered):
            return f"entry {seq}: {found}"
        named = [one for one in act_of(entry).exhibits if "sha256" in one]
        if any(len(exhibits.get(one["sha256"], b"")) != one["bytes"] for one in named):
            return f"entry {seq}: an exhibit of another length"
        again = [encode_entry(one) for one in found.entries]
        if again[0] != data:
            return f"entry {seq}: the book writes {again[0].decode()[:300]}"
        expected = again[1:]
        for one in found.entries:
            standing = evolve(standing, one, shelf)
    return "a consequence is missing" if expected else ""


def parsed(data: bytes) -> Any:
    """An exhibit in canonical JSON; None where it is none."""
    try:
        return decode(data)
    except EvidenceError:
        return None


def base64_of(data: bytes) -> str:
    """The root as a checkpoint has it."""
    from base64 import b64encode

    return b64encode(data).decode()


@pytest.mark.parametrize("name", NAMES)
def test_the_book_writes_good_audits_again_and_no_bad_one(name: str) -> None:
    check, files = made()[name]
    assert (written_again(files) == "") == (check == 0), written_again(files)


def test_the_published_audits_are_what_the_tool_makes() -> None:
    assert set(made()) == set(NAMES)
    assert {one["package"]: one["rejected_by"] for one in INDEX} == {
        f"{k}.zip": v[0] for k, v in made().items()
    }
    for name, (_, files) in made().items():
        data = (FOLDER / f"{name}.zip").read_bytes()
        assert sha256(data).digest() == sha256(zipped(files)).digest(), name
