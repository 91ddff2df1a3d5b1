"""A sample of the rehearsal of the same name: damaged files of every format, a few of each."""

import pytest

from tests.rehearsal.fuzzing_readers import CASES, SECONDS, play


@pytest.mark.parametrize("kind", CASES)
def test_the_file_itself_is_sound(kind: str) -> None:
    files, read = CASES[kind]
    found = read(files)
    value = found.records if hasattr(found, "records") else found[0]  # type: ignore[index]
    assert (value is None) == (kind in {"RCTab configuration", "Hart signatures"})


@pytest.mark.parametrize("kind", CASES)
def test_a_damaged_file_gives_a_value_or_problems_within_a_second(kind: str) -> None:
    """Numbers beyond those of the rehearsal, so that each run of both sees other damage."""
    assert max(play(kind, number) for number in range(10_000_000, 10_000_012)) <= SECONDS
