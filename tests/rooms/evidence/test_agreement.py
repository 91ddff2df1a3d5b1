"""Two programs that share no code give the same verdict: this room's reader and tallycheck.

The books here are bare (their entries name no acts), so that a package whose first three checks hold
fails tallycheck at a later one.
"""

import random

import pytest

from tallybook.evidence.reading import PackageError, read_package
from tallybook.evidence.sources import open_files, open_folder
from tallycheck.checks import Asked, check
from tests.rooms.evidence.books import files
from tests.rooms.evidence.test_specification import CHANGED, FILES


def ours(contents):
    """The check that fails here, or 0."""
    try:
        read_package(open_files(contents))
    except PackageError as error:
        return error.check
    return 0


def theirs(folder):
    """The check among the first three that fails in tallycheck, or 0."""
    failure = check(folder, "package", Asked()).failure
    return failure.number if failure is not None and failure.number <= 3 else 0


def laid_out(folder, contents):
    for name, data in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


@pytest.mark.parametrize("change", CHANGED)
def test_both_name_the_same_check_for_every_change_of_the_specification(tmp_path, change):
    contents, expected = CHANGED[change]
    assert (ours(contents), theirs(laid_out(tmp_path, contents))) == (expected, expected)


def test_both_accept_the_unchanged_packages(tmp_path):
    for number, contents in enumerate([FILES, files(1), files(257)]):
        assert (ours(contents), theirs(laid_out(tmp_path / str(number), contents))) == (0, 0)


def test_both_name_the_same_check_for_changes_drawn_by_lot(tmp_path):
    dice = random.Random(1788)
    package = files(260)
    folder = laid_out(tmp_path, package)
    for _ in range(60):
        name = dice.choice(sorted(package))
        data = damaged(dice, package[name])
        (folder / name).write_bytes(data)
        found = ours({**package, name: data})
        assert found == theirs(folder) != 0, (name, data)
        (folder / name).write_bytes(package[name])
    assert read_package(open_folder(folder)).checkpoint.size == 260


def damaged(dice, data):
    """The bytes with one bit turned, or cut, or lengthened."""
    at = dice.randrange(len(data))
    turned = data[:at] + bytes([data[at] ^ (1 << dice.randrange(8))]) + data[at + 1 :]
    return dice.choice([turned, turned, turned, data[:at], data + data[:1]])
