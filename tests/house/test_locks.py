"""The locks: complete, hashed, without an address, and one set of versions."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.house.ground import ROOT

RUN = ROOT / "requirements" / "run.txt"
TEST = ROOT / "requirements" / "test.txt"
FOREIGN = ROOT / "requirements" / "foreign.txt"
LOCKS = {"run": RUN, "test": TEST, "foreign": FOREIGN}
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


@pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)
def test_every_package_of_a_lock_has_its_hashes(lock: Path) -> None:
    found = pins(lock.read_text(encoding="utf-8"))
    assert len(found) > 5
    assert [pin for pin, hashes in found.items() if not hashes] == []


@pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)
def test_a_lock_holds_no_address(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert not re.search(r"https?:|file:|--(?:extra-)?index-url|--find-links|^-", text, re.MULTILINE)


def test_the_run_lock_is_a_part_of_the_test_lock() -> None:
    assert pins(RUN.read_text(encoding="utf-8")).items() <= pins(TEST.read_text(encoding="utf-8")).items()


def declared() -> dict[Path, list[Requirement]]:
    """What pyproject.toml asks for, by the lock that must hold it."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project, groups = settings["project"], settings["dependency-groups"]
    run = [*project["dependencies"], *project["optional-dependencies"]["postgres"]]
    asked = {RUN: run, TEST: groups["test"], FOREIGN: groups["foreign"]}
    return {lock: [Requirement(line) for line in lines] for lock, lines in asked.items()}


@pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)
def test_every_declared_package_is_locked_at_a_version_that_fits(lock: Path) -> None:
    locked = pins(lock.read_text(encoding="utf-8"))
    stale = [
        str(asked)
        for asked in declared()[lock]
        if not any(
            name == asked.name.lower().replace("_", "-") and asked.specifier.contains(version)
            for name, version in locked
        )
    ]
    assert stale == [], "run: python3 go.py run lock"


def test_a_lock_with_a_line_of_another_kind_is_not_read() -> None:
    with pytest.raises(ValueError, match="not a pin"):
        pins("--index-url https://example.com/simple\n")
