"""A million damaged files, over every reader: no undeclared exception, and nothing over a second of CPU.

A case is known by its reader and its number, so a rehearsal that was stopped goes on where it stood: the next
number of each reader is kept in ``.rehearsal/readers_fuzzed.json``, which is removed when all are done.
``TALLYBOOK_FUZZ_CASES`` asks for fewer cases, ``TALLYBOOK_FUZZ_SECONDS`` stops after so long, all readers
getting an equal share.
"""

import json
import os
import time

import pytest

from tests.house.ground import ROOT
from tests.rehearsal.fuzzing_readers import CASES, SECONDS, play

ALL = int(os.environ.get("TALLYBOOK_FUZZ_CASES", "1000000"))
EACH = -(-ALL // len(CASES))
SHARE = float(os.environ.get("TALLYBOOK_FUZZ_SECONDS", "inf")) / len(CASES)
STOOD = ROOT / ".rehearsal" / "readers_fuzzed.json"
KEPT_EVERY = 200


def next_of(kind: str) -> int:
    """The number of the next case of a reader."""
    return int(json.loads(STOOD.read_text()).get(kind, 0)) if STOOD.exists() else 0


def keep(kind: str, number: int) -> None:
    """Note the next case of a reader; nothing once all readers are done."""
    stood = {**(json.loads(STOOD.read_text()) if STOOD.exists() else {}), kind: number}
    STOOD.parent.mkdir(exist_ok=True)
    STOOD.write_text(json.dumps(stood))
    if all(stood.get(one, 0) >= EACH for one in CASES):
        STOOD.unlink()


@pytest.mark.rehearsal
@pytest.mark.parametrize("kind", CASES)
def test_no_reader_stops_or_runs_away_on_a_damaged_file(kind: str) -> None:
    slowest, end = 0.0, time.monotonic() + SHARE
    for number in range(next_of(kind), EACH):
        try:
            slowest = max(slowest, play(kind, number))
        except Exception as why:
            raise AssertionError(f"case {number} of {kind}") from why
        assert slowest <= SECONDS, f"case {number} of {kind}: {slowest:.2f} s"
        if number % KEPT_EVERY == 0:
            keep(kind, number)
        if time.monotonic() > end:
            keep(kind, number + 1)
            pytest.skip(f"{number + 1:,} of {EACH:,} cases of {kind} are done; run it again to go on")
    keep(kind, EACH)
    print(f"{kind}: {EACH:,} cases, the slowest of this run {slowest * 1000:.0f} ms")
