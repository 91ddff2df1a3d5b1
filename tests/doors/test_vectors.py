"""The published packages: good ones are believed, bad ones rejected by the check that is named."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tools import make_vectors

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).resolve().parents[2] / "vectors" / "packages"
INDEX = json.loads((FOLDER / "index.json").read_text(encoding="utf-8"))


def checked(name: str, under: str) -> tuple[int, int]:
    """The checker's exit code, and the number of the check that failed (0 for none)."""
    command = [sys.executable, "-m", "tallycheck", str(FOLDER / name), "--json"]
    if under == "policy":
        command += ["--policy", str(FOLDER / "policy.txt")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert not done.stderr, done.stderr
    failed = [one["number"] for one in json.loads(done.stdout)["checks"] if one["state"] == "failed"]
    assert len(failed) <= 1
    return done.returncode, failed[0] if failed else 0


@pytest.mark.parametrize("vector", INDEX, ids=[one["package"].removesuffix(".zip") for one in INDEX])
def test_the_checker_rejects_by_the_named_check_and_believes_the_good(vector: dict[str, str | int]) -> None:
    number = int(vector["rejected_by"])
    assert checked(str(vector["package"]), str(vector["under"])) == (1 if number else 0, number)


def test_the_published_packages_are_what_the_tool_makes() -> None:
    made = make_vectors.every()
    assert {f"{name}.zip" for name in made} == {one["package"] for one in INDEX}
    for name, (_, _, files) in made.items():
        assert (FOLDER / f"{name}.zip").read_bytes() == make_vectors.zipped(files), name
