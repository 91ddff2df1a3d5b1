"""An attacker with the folder, and an attacker with the log's key: neither gets a package past its reader."""

import io
import os
import random
import subprocess
import sys

import pytest

from tallybook.evidence.publishing import package_files
from tallybook.evidence.reading import PackageError, compare_older, read_package
from tallybook.evidence.sources import open_files, write_zip
from tests.needs import ROOT
from tests.rooms.evidence.books import book, checkpoint, exhibits, files

MADE = """
import io, sys
from tallybook.evidence.sources import open_files, write_zip
from tests.rooms.evidence.books import files
out = io.BytesIO()
write_zip(open_files(files(300)), out)
sys.stdout.buffer.write(out.getvalue())
"""
INPUT_OF_CHECK_1 = ("contents", "exhibits/")


def failing_check(package):
    with pytest.raises(PackageError) as failure:
        read_package(open_files(package))
    return failure.value.check


def expected_check(package, name, at):
    """The lowest check whose input holds byte `at` of a file (package.md section 7)."""
    if name.startswith(INPUT_OF_CHECK_1):
        return 1
    head = len(b"\n".join(package["checkpoint"].split(b"\n")[:4])) + 1
    return 3 if name == "checkpoint" and at >= head else 2


def changes(package, name, dice):
    """(what is done, changed files, expected check) for one file."""
    data = package[name]
    at = dice.randrange(len(data))
    turned = data[:at] + bytes([data[at] ^ (1 << dice.randrange(8))]) + data[at + 1 :]
    rest = {other: kept for other, kept in package.items() if other != name}
    yield "bit turned", {**rest, name: turned}, expected_check(package, name, at)
    yield "cut", {**rest, name: data[:at]}, expected_check(package, name, at)
    yield "lengthened", {**rest, name: data + b"\n"}, expected_check(package, name, len(data))
    yield "deleted", rest, 1
    yield "renamed", {**rest, name + "0": data}, 1
    other = dice.choice([other for other in sorted(rest) if rest[other] != data])
    checks = {expected_check(package, changed, 0) for changed in (name, other)}
    yield "exchanged", {**package, name: package[other], other: data}, min(checks)


def test_any_change_of_any_file_fails_the_lowest_check_that_reads_it():
    package = files(1030)
    dice = random.Random(2026)
    for name in sorted(package):
        for what, changed, expected in changes(package, name, dice):
            assert failing_check(changed) == expected, (what, name)


@pytest.mark.slow
def test_any_byte_of_a_book_changed_by_lot_is_found():
    package = files(2000)
    dice = random.Random(6962)
    names = sorted(package)
    for _ in range(3000):
        name = dice.choices(names, [len(package[other]) for other in names])[0]
        at = dice.randrange(len(package[name]))
        data = bytearray(package[name])
        data[at] ^= 1 << dice.randrange(8)
        assert failing_check({**package, name: bytes(data)}) == expected_check(package, name, at)


def rewritten(entries, k):
    return [*entries[:k], entries[k].replace(b"Early", b"Extra"), *entries[k + 1 :]]


@pytest.mark.parametrize("cosigners", [(), (0,), (2,)], ids=["alone", "with Ann", "with Cal"])
def test_whoever_holds_the_logs_key_cannot_rewrite_an_entry_without_a_quorum(cosigners):
    entries = book(60)
    for k in range(1, 60):
        forged = rewritten(entries, k)
        package = package_files(checkpoint(forged, cosigners=cosigners), forged, exhibits(60))
        assert failing_check(package) == 3


def test_a_rewriting_with_a_quorum_is_found_by_any_older_checkpoint_past_it():
    entries = book(60)
    forged = rewritten(entries, 30)
    package = read_package(open_files(package_files(checkpoint(forged), forged, {})))
    for size in (1, 15, 30):
        assert compare_older(package, checkpoint(entries[:size])).size == size
    for size in (31, 45, 60):
        with pytest.raises(PackageError, match="another root"):
            compare_older(package, checkpoint(entries[:size]))


@pytest.mark.parametrize(
    "settings",
    [
        {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "2", "TZ": "America/New_York", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "0"},
    ],
)
def test_the_zip_is_the_same_under_any_hash_seed_time_zone_and_locale(tmp_path, settings):
    done = subprocess.run(
        [sys.executable, "-c", MADE], cwd=tmp_path, capture_output=True, check=True, timeout=60,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | settings,
    )  # fmt: skip
    here = io.BytesIO()
    write_zip(open_files(files(300)), here)
    assert done.stdout == here.getvalue()
