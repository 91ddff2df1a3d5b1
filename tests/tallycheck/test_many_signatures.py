"""Books of very many signatures and persons: what is signed, what is verified once, what is kept of it.

No time is measured here. A signature that stands many times is verified once, and what a book keeps of the
persons it names is little more than their names.
"""

# ruff: noqa: E501 - tables stand on one line each

import tracemalloc
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tallycheck import ed25519
from tallycheck.checks import Asked, check
from tallycheck.officers import ANY, Officers, Where
from tallycheck.people import filed_exhibits
from tests.tallycheck.officered import (
    LAW,
    Entry,
    finished,
    key,
    new,
    secret,
    signed_entry,
    signers,
)
from tests.tallycheck.officered import story as officers_story
from tests.tallycheck.town import ruling, story, town
from tests.tallycheck.writer import (
    LOG,
    Signer,
    b64,
    canonical,
    leaf,
    package,
    policy,
    public,
    root,
    sha,
    signed,
    zipped,
)

CROWD = [f"s{i:03}" for i in range(100)]
CROWD_OF_WITNESSES = tuple(Signer(f"w{i:03}.example") for i in range(99))


def judged(entries: list[bytes], where: Path, **checkpoint: Any) -> tuple[int, int | None, str]:
    files = zipped(package(entries, [LAW], **checkpoint), where / "p.zip")
    found = check(files, "p.zip", Asked(policy().encode())).failure
    return (found.number, found.entry, found.words) if found else (0, None, "")


def crowded(acts: int, by: list[Entry] | None = None) -> list[bytes]:
    """A post of a hundred keys, and acts that all of its persons sign."""
    enrolled: Entry = {
        "act": "rotate_keys",
        "detail": {"keys": new(*CROWD), "threshold": 100},
        "on": "2026-11-01",
    }
    found: Entry = {
        "act": "find",
        "by": by or signers(*CROWD),
        "detail": {"text": "a seal"},
        "on": "2026-11-05",
    }
    county = {"office": "county"}
    book = [officers_story()[0], enrolled | county, *[found | county] * acts]
    return [canonical(signed_entry(finished(entry, seq))) for seq, entry in enumerate(book)]


@pytest.mark.slow
def test_a_hundred_persons_sign_every_act_and_one_wrong_signature_is_found(tmp_path: Path) -> None:
    entries = crowded(3)
    assert judged(entries, tmp_path) == (0, None, "")
    right = secret("s063").sign(b"something else").hex().encode()
    last = entries[-1]
    start = last.index(b'"signature":"', last.index(b'"person":"s063"')) + 13
    entries[-1] = last[:start] + right + last[start + 128 :]
    number, entry, words = judged(entries, tmp_path)
    assert (number, entry) == (4, 4) and words == "the signature of s063 does not verify"


def test_a_hundred_and_one_persons_are_refused_before_any_signature_is_verified(tmp_path: Path) -> None:
    by = [{"key": key("s000"), "person": f"s{i:03}", "signature": "0" * 128} for i in range(101)]
    entries = crowded(0)
    found: Entry = {
        "act": "find",
        "by": by,
        "detail": {"text": "a seal"},
        "office": "county",
        "on": "2026-11-05",
    }
    entries.append(canonical(finished(found, 2)))
    before = ed25519.holds.cache_info()
    number, entry, words = judged(entries, tmp_path)
    after = ed25519.holds.cache_info()
    assert (number, entry) == (4, 2) and "1 to 100 persons" in words
    # the hundred possessions of entry 1, the log's line and the two witnesses' of the package
    assert after.hits + after.misses - before.hits - before.misses == 103


@pytest.mark.slow
def test_a_checkpoint_that_is_recorded_many_times_is_verified_once(tmp_path: Path) -> None:
    """99 witnesses and the log, in twenty entries: 2,000 signature lines, of which 100 differ."""
    opening = story()[0] | {"policy": policy(LOG, CROWD_OF_WITNESSES, "1")}
    first = canonical(opening)
    text = signed([first], (LOG, *CROWD_OF_WITNESSES)).decode()
    record = {"act": "record_checkpoint", "detail": {"checkpoint": text}, "entry": "checkpoint_recorded",
              "office": "keeper", "on": "2026-11-02", "received": "2026-11-02T12:00:00Z",
              "result": {"root": b64(root([leaf(first)])), "size": 1}}  # fmt: skip
    book = [opening] + [
        record | ruling("record_checkpoint") | {"key": f"act-{seq}", "seq": seq, "v": 1}
        for seq in range(1, 21)
    ]
    files = town(book) | {"checkpoint": signed([canonical(e) for e in book], (LOG, CROWD_OF_WITNESSES[0]))}
    ed25519.holds.cache_clear()
    found = check(zipped(files, tmp_path / "p.zip"), "p.zip", Asked()).failure
    assert found is None, found and found.sentence()
    info = ed25519.holds.cache_info()
    assert (info.misses, info.hits) == (100 + 2, 1900)


def test_one_signature_kept_is_not_taken_for_another() -> None:
    """Key, message and signature all count."""
    message, signature = b"yes", secret("p1").sign(b"yes")
    mine, other = bytes.fromhex(key("p1")), bytes.fromhex(key("p2"))
    for _ in range(2):
        assert ed25519.verifies(mine, message, signature)
        assert not ed25519.verifies(mine, b"no", signature)
        assert not ed25519.verifies(other, message, signature)
        assert not ed25519.verifies(
            mine, message, signature[:32] + bytes([signature[32] ^ 1]) + signature[33:]
        )


# What is kept of persons ------------------------------------------------------------


@pytest.mark.slow
def test_a_hundred_thousand_persons_named_take_little_memory(tmp_path: Path) -> None:
    """A thousand acts of a hundred persons each, no person twice: 2.6 MB of entries."""
    county = {"act": "find", "detail": {"text": "a seal"}, "office": "county", "on": "2026-11-05"}
    book = [officers_story()[0]]
    book += [county | {"by": [{"person": f"p{i:04}{j:02}"} for j in range(100)]} for i in range(1000)]
    entries = [canonical(finished(entry, seq)) for seq, entry in enumerate(book)]
    files = zipped(package(entries, [LAW]), tmp_path / "p.zip")
    tracemalloc.start()
    found = check(files, "p.zip", Asked(policy().encode())).failure
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found is None, found and found.sentence()
    assert peak < 25_000_000


WHERES: list[Where] = [(c, p) for c in ("a", None) for p in ("x", "y", None)]
SAMES = ([], ["contest"], ["place"], ["contest", "place"])


def earliest(noted: tuple[Where, ...], where: Where, same: list[str]) -> int | None:
    """The first entry whose contest and place match, by the words of the officers page, section 5."""

    def match(a: str | None, b: str | None, asked: bool) -> bool:
        return not asked or a is None or b is None or a == b

    found = [seq for seq, (c, p) in enumerate(noted)
             if match(c, where[0], "contest" in same) and match(p, where[1], "place" in same)]  # fmt: skip
    return min(found, default=None)


def test_the_earliest_entry_that_names_a_person_is_found_in_every_small_world() -> None:
    assert ANY == ""
    for n in range(4):
        for noted in product(WHERES, repeat=n):
            officers = Officers()
            for seq, where in enumerate(noted):
                officers.note_persons(["p", "q"] if seq else ["p"], "find", where, seq)
            for where, same in product(WHERES, SAMES):
                assert officers.first_entry("p", "find", where, same) == earliest(noted, where, same)
                assert officers.first_entry("p", "certify", where, same) is None
                of_q = earliest(noted[1:], where, same)
                assert officers.first_entry("q", "find", where, same) == (None if of_q is None else of_q + 1)


# What is signed of exhibits ------------------------------------------------------------


def exhibit(name: str) -> dict[str, Any]:
    return public(name.encode(), f"{name}.json")


OWN = exhibit("plan")
ADDED = {name: exhibit(name) for name in ("contests", "sample", "sizes", "usable")}


@pytest.mark.parametrize(
    "names", [[], ["contests"], ["sample"], ["sizes", "usable"], ["sample", "sizes", "usable"]]
)
def test_a_person_signs_the_exhibits_filed_and_none_that_the_book_adds(names: list[str]) -> None:
    result = {f"{name}_sha256": ADDED[name]["sha256"] for name in reversed(names)}
    entry: Entry = {"exhibits": [OWN, *(ADDED[name] for name in names)], "result": result, "ruling": {}}
    assert filed_exhibits(entry) == [OWN]
    assert filed_exhibits(entry | {"exhibits": entry["exhibits"][1:]}) == []


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"result": {"sample_sha256": sha(b"else")}}, id="another file"),
        pytest.param({"result": {}}, id="none is added"),
        pytest.param({"result": "sample"}, id="no result"),
        pytest.param({"exhibits": [ADDED["usable"], ADDED["sizes"]],
                      "result": {f"{n}_sha256": ADDED[n]["sha256"] for n in ("sizes", "usable")}}, id="another order"),
        pytest.param({"exhibits": [], "result": {"sample_sha256": ADDED["sample"]["sha256"]}}, id="no exhibit"),
    ],
)  # fmt: skip
def test_what_the_book_did_not_add_is_signed(change: dict[str, Any]) -> None:
    entry: Entry = {"exhibits": [OWN, ADDED["sample"]], "ruling": {},
                    "result": {"sample_sha256": ADDED["sample"]["sha256"]}}  # fmt: skip
    assert filed_exhibits(entry) == [OWN]
    refused = {name: value for name, value in entry.items() if name != "ruling"}
    assert filed_exhibits(refused) == entry["exhibits"]
    assert filed_exhibits(entry | change) == (entry | change)["exhibits"]
