"""2,000 recorders killed at random moments: no acknowledged entry is lost, no book is unreadable."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.needs import ROOT


def rehearse(folder: Path, runs: int, seed: int) -> dict[str, int]:
    """The rehearsal in a process of its own, which may fork."""
    command = [sys.executable, "-m", "tests.rehearsal.keep_killing", str(folder), str(runs), str(seed)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, int] = json.loads(done.stdout)
    return found


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and kill -9")
def test_no_acknowledged_entry_is_lost_in_25_kills(tmp_path: Path) -> None:
    found = rehearse(tmp_path, 25, 20261103)
    assert found["runs"] == 25
    assert found["acknowledged"] > 100


@pytest.mark.rehearsal
@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and kill -9")
def test_no_acknowledged_entry_is_lost_in_2000_kills(tmp_path: Path) -> None:
    found = rehearse(tmp_path, 2000, 20261104)
    print(found)
    assert found["runs"] == 2000
    assert found["killed_before_any_receipt"] > 10, "some must die while they start"
    assert found["found_then"] > 10, "some must die between the commit and the answer"
