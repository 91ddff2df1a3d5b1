"""Whatever someone without the keys changes in a package of 500 entries, the right check notices."""

from pathlib import Path

import pytest

from tests.rehearsal.flipping import ENTRIES, lay, must_notice, package, rehearse, shards, unnoticed, verdict

SAMPLED = {"bit": 9973, "cut": 7001, "longer": 127, "deleted": 1, "renamed": 1, "added": 1}
"""Of each kind of change, every so many-th is tried every day. Primes, so that every bit of a byte is met."""


def test_the_package_has_500_entries_and_is_believed(tmp_path: Path) -> None:
    lay(tmp_path)
    assert f"size {ENTRIES}\n".encode() in package()["contents"]
    assert verdict(tmp_path / "package") == verdict(tmp_path / "package.zip") == 0


def test_each_of_the_first_three_checks_has_something_to_notice() -> None:
    found = {must_notice(file, at) for file in package() for at in (0, len(package()[file]) - 1)}
    assert found == {1, 2, 3}


@pytest.mark.slow
def test_sampled_changes_are_noticed_by_the_right_check(tmp_path: Path) -> None:
    lay(tmp_path)
    assert [wrong for shard in shards() for wrong in unnoticed(tmp_path, shard, SAMPLED[shard.kind])] == []
    assert verdict(tmp_path / "package") == verdict(tmp_path / "package.zip") == 0


@pytest.mark.rehearsal
def test_every_change_is_noticed_by_the_right_check() -> None:
    tried, wrong = rehearse()
    print(f"{tried:,} changes tried")
    assert wrong == []
