"""A million damaged files, over every reader: no undeclared exception, and nothing over a second of CPU."""

import os

import pytest

from tests.rehearsal.fuzzing_readers import CASES, SECONDS, play

ALL = int(os.environ.get("TALLYBOOK_FUZZ_CASES", "1000000"))
"""How many cases, all readers together; fewer may be asked for on a small machine."""


@pytest.mark.rehearsal
@pytest.mark.parametrize("kind", CASES)
def test_no_reader_stops_or_runs_away_on_a_damaged_file(kind: str) -> None:
    slowest, number = 0.0, 0
    for number in range(-(-ALL // len(CASES))):
        try:
            slowest = max(slowest, play(kind, number))
        except Exception as why:
            raise AssertionError(f"case {number} of {kind}") from why
        assert slowest <= SECONDS, f"case {number} of {kind}: {slowest:.2f} s"
    print(f"{kind}: {number + 1:,} cases, the slowest {slowest * 1000:.0f} ms")
