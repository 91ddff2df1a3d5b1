"""The locks: complete, hashed, without an address, and one set of versions."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.house.ground import ROOT

RUN = ROOT / "requirements" / "run.txt"
TEST = ROOT / "requirements" / "test.txt"
PIN = re.compile(r"^([a-z0-9][a-z0-9-]*)(?:\[[a-z,]+\])?==(\S+?)(?: ; (.+?))?(?: \\)?$")


def pins(lock: str) -> dict[tuple[str, str], list[str]]:
    """Each pinned (name, version) of a lock, with its hashes; an unreadable line stops the reading."""
    found: dict[tuple[str, str], list[str]] = {}
    current: list[str] = []
    for line in lock.splitlines():
        pin = PIN.match(line)
        if pin:
            current = found.setdefault((pin[1], pin[2]), [])
        elif hash_ := re.match(r"^    --hash=sha256:([0-9a-f]{64})(?: \\)?$", line):
            current.append(hash_[1])
        elif line.strip() and not line.lstrip().startswith("#"):
            raise ValueError(f"not a pin, a hash or a comment: {line}")
    return found


@pytest.mark.parametrize("lock", [RUN, TEST], ids=["run", "test"])
def test_every_package_of_a_lock_has_its_hashes(lock: Path) -> None:
    found = pins(lock.read_text(encoding="utf-8"))
    assert len(found) > 5
    assert [pin for pin, hashes in found.items() if not hashes] == []


@pytest.mark.parametrize("lock", [RUN, TEST], ids=["run", "test"])
def test_a_lock_holds_no_address(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert not re.search(r"https?:|file:|--(?:extra-)?index-url|--find-links|^-", text, re.MULTILINE)


def test_the_run_lock_is_a_part_of_the_test_lock() -> None:
    assert pins(RUN.read_text(encoding="utf-8")).items() <= pins(TEST.read_text(encoding="utf-8")).items()


def test_every_declared_package_is_locked() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    declared = settings["project"]["dependencies"] + settings["project"]["optional-dependencies"]["postgres"]
    names = {re.split(r"[\[<>=~!; ]", line, maxsplit=1)[0].lower() for line in declared}
    assert names <= {name for name, _ in pins(RUN.read_text(encoding="utf-8"))}
    tests = {
        re.split(r"[\[<>=~!; ]", line, maxsplit=1)[0].lower()
        for line in settings["dependency-groups"]["test"]
    }
    assert tests <= {name for name, _ in pins(TEST.read_text(encoding="utf-8"))}


def test_a_lock_with_a_line_of_another_kind_is_not_read() -> None:
    with pytest.raises(ValueError, match="not a pin"):
        pins("--index-url https://example.com/simple\n")
