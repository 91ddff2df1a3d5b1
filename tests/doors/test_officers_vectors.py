"""The published packages of officers: book and checker find the good one again, and no bad one."""

import json
from pathlib import Path

import pytest

from tallybook.book import Entered, Shelf, Standing, decide, decode_entry, evolve, officers
from tallybook.book.nouns import act_of
from tallybook.doors.lawfiles import read, shipped
from tallybook.evidence.signing import verify_ed25519
from tallycheck.checks import Asked, check
from tools import make_officers_vectors as maker

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).resolve().parents[2] / "vectors" / "officers"
INDEX = json.loads((FOLDER / "index.json").read_text(encoding="utf-8"))
MADE = maker.every()


def found_again(files: dict[str, bytes]) -> str:
    """The kind of the first entry that does not follow from its act; "" if every entry does."""
    bundle = next(data for name, data in files.items() if name.startswith("tile/entries/"))
    laws = [shipped("book"), shipped("officers"), read("own.toml", maker.OWN.encode())]
    documents = {
        name.removeprefix("exhibits/"): json.loads(data)
        for name, data in files.items()
        if name.startswith("exhibits/") and data[:1] == b"{"
    }
    standing, entries, at = Standing(), [], 0
    while at < len(bundle):
        size = int.from_bytes(bundle[at : at + 2], "big")
        entries.append(bundle[at + 2 : at + 2 + size])
        at += 2 + size
    for data in entries:
        try:
            entry = decode_entry(data)
        except Exception:
            return "no entry"
        if not entry.act:
            continue
        shelf = Shelf(
            law_files={one.fingerprint: one.file for one in laws},
            documents=documents,
            origin=maker.ORIGIN,
            policy=maker.POLICY,
            verify=verify_ed25519,
        )
        answer = decide(standing, act_of(entry), shelf)
        if not isinstance(answer, Entered) or answer.entries[0] != entry:
            return entry.entry
        for one in answer.entries:
            standing = evolve(standing, one, shelf)
    return ""


def test_the_good_package_is_found_again_act_by_act() -> None:
    assert found_again(MADE["good-officers"][1]) == ""


@pytest.mark.parametrize("name", [name for name, (check, _) in MADE.items() if check])
def test_a_bad_package_is_not_found_again(name: str) -> None:
    assert found_again(MADE[name][1])


def test_nothing_but_the_rule_of_weak_keys_rejects_the_weak_key(monkeypatch: pytest.MonkeyPatch) -> None:
    files = MADE["bad-weak-key"][1]
    assert found_again(files) == "keys_rotated"
    monkeypatch.setattr(officers, "is_weak", lambda _: False)
    assert found_again(files) == ""


@pytest.mark.parametrize("vector", INDEX, ids=[one["package"].removesuffix(".zip") for one in INDEX])
def test_the_checker_rejects_by_the_named_check_and_believes_the_good(vector: dict[str, str | int]) -> None:
    under = Asked(policy=(FOLDER / "policy.txt").read_bytes())
    failure = check(FOLDER / str(vector["package"]), "package", under).failure
    assert (failure.number if failure else 0) == vector["rejected_by"]


def test_the_published_packages_are_what_the_tool_makes() -> None:
    assert {f"{name}.zip" for name in MADE} == {one["package"] for one in INDEX}
    for name, (_, files) in MADE.items():
        assert (FOLDER / f"{name}.zip").read_bytes() == maker.zipped(files), name
    assert {one["package"]: one["rejected_by"] for one in INDEX} == {
        f"{name}.zip": check for name, (check, _) in MADE.items()
    }
