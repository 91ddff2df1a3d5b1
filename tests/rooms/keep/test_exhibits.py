"""Exhibits: whole or not there, named before they are used, the sealed ones apart."""

import errno
import hmac
import os
from hashlib import sha256

import pytest
from msgspec.structs import replace

from tallybook.book import Malformed
from tallybook.keep import exhibits
from tallybook.keep.exhibits import (
    file_public,
    file_sealed,
    is_on_file,
    place,
    read_exhibit,
    read_sealed,
)
from tallybook.keep.faults import DamagedError, FullError, KeepError, UnreachableError
from tallybook.keep.opening import Keep
from tallybook.keep.recorder import Receipt, Recorder
from tests.fakes.small_keep import returns

SECRET = b"s" * 32


def test_a_public_exhibit_lies_under_its_fingerprint(keep: Keep) -> None:
    named = file_public(keep, "manifest.csv", [b"container,", b"batch\n"])
    fingerprint = sha256(b"container,batch\n").hexdigest()
    assert named == {"bytes": 16, "kind": "public", "name": "manifest.csv", "sha256": fingerprint}
    assert (keep.folder / "public" / fingerprint[:2] / fingerprint).read_bytes() == b"container,batch\n"


def test_filing_twice_is_filing_once(keep: Keep) -> None:
    assert file_public(keep, "a.txt", [b"same"]) == file_public(keep, "a.txt", [b"same"])


def test_a_changed_exhibit_is_found_when_it_is_read(keep: Keep) -> None:
    named = file_public(keep, "a.txt", [b"as filed"])
    place(keep.folder / "public", named["sha256"]).write_bytes(b"as faked")
    with pytest.raises(DamagedError, match="was changed"):
        read_exhibit(keep, named["sha256"])


def test_a_sealed_exhibit_is_named_by_its_salted_commitment(keep: Keep) -> None:
    """package.md, section 1, worked out here with the standard library alone."""
    named = file_sealed(keep, SECRET, "book/key/0", "envelopes.csv", b"names of voters")
    salt = hmac.new(SECRET, b"book/key/0", "sha256").digest()
    committed = sha256(b"tallybook/commit/v1\n" + salt + b"names of voters").hexdigest()
    assert named == {"commitment": committed, "kind": "sealed", "name": "envelopes.csv"}
    assert read_sealed(keep, SECRET, committed) == (salt, b"names of voters")


def test_a_sealed_exhibit_is_nowhere_among_the_public_files(keep: Keep) -> None:
    file_sealed(keep, SECRET, "book/key/0", "envelopes.csv", b"names of voters")
    plain = sha256(b"names of voters").hexdigest()
    assert not place(keep.folder / "public", plain).exists()
    assert not any(plain in str(path) for path in keep.folder.rglob("*"))


def test_the_wrong_secret_opens_no_seal(keep: Keep) -> None:
    named = file_sealed(keep, SECRET, "item", "a", b"data")
    with pytest.raises(Exception, match="do not open it"):
        read_sealed(keep, b"t" * 32, named["commitment"])


def test_an_item_id_is_used_for_one_exhibit_only(keep: Keep) -> None:
    first = file_sealed(keep, SECRET, "item", "a", b"data")
    assert file_sealed(keep, SECRET, "item", "a", b"data") == first
    with pytest.raises(KeepError, match="another exhibit already"):
        file_sealed(keep, SECRET, "item", "a", b"other data")


def test_an_act_cannot_name_an_exhibit_that_is_not_on_file(recorder: Recorder) -> None:
    missing = {"bytes": 3, "kind": "public", "name": "a.txt", "sha256": sha256(b"abc").hexdigest()}
    found = recorder.submit(replace(returns("a"), exhibits=(missing,)))
    assert isinstance(found, Malformed)
    assert [problem.field for problem in found.problems] == ["exhibits[0]"]


def test_an_act_cannot_state_a_wrong_length(keep: Keep, recorder: Recorder) -> None:
    named = file_public(keep, "a.txt", [b"abc"])
    assert isinstance(recorder.submit(replace(returns("a"), exhibits=({**named, "bytes": 4},))), Malformed)
    assert isinstance(recorder.submit(replace(returns("a"), exhibits=(named,))), Receipt)


def test_an_exhibit_whose_file_is_gone_is_not_on_file(keep: Keep) -> None:
    named = file_public(keep, "a.txt", [b"abc"])
    place(keep.folder / "public", named["sha256"]).unlink()
    assert not is_on_file(keep, named)
    with pytest.raises(UnreachableError, match="Restore that folder"):
        read_exhibit(keep, named["sha256"])


def test_a_full_disk_leaves_no_exhibit_and_no_rubbish(keep: Keep, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(exhibits.os, "fsync", full)
    with pytest.raises(FullError, match="disk is full"):
        file_public(keep, "a.txt", [b"abc"])
    monkeypatch.undo()
    assert [path for path in keep.folder.rglob("*") if path.is_file()] == []


def test_a_stop_at_any_call_leaves_a_whole_exhibit_or_none(
    keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine stops at the first, second, … call that touches the disk; then it is filed again."""

    class StoppedError(Exception):
        pass

    data, stops = b"x" * 10_000, 0
    where = place(keep.folder / "public", sha256(data).hexdigest())
    for stop in range(100):
        calls = iter(range(1000))

        def step(real, calls=calls, stop=stop):  # type: ignore[no-untyped-def]
            def call(*args, **more):  # type: ignore[no-untyped-def]
                if next(calls) == stop:
                    raise StoppedError
                return real(*args, **more)

            return call

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", step(os.fsync))
            patch.setattr(os, "replace", step(os.replace))
            patch.setattr("pathlib.Path.replace", step(type(where).replace))
            try:
                file_public(keep, "a", [data])
            except StoppedError:
                stops += 1
                assert not where.exists() or where.read_bytes() == data
                continue
        break
    assert stops >= 3
    assert read_exhibit(keep, where.name) == data


def test_only_a_fingerprint_has_a_place(keep: Keep) -> None:
    for name in ("../../etc/passwd", "A" * 64, "", "a" * 63):
        with pytest.raises(KeepError, match="no fingerprint"):
            place(keep.folder, name)
