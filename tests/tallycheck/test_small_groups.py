"""Small groups: the checker counts them as the specification says, and as the program's own gate does."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tallycheck.small import is_required, small_groups


@pytest.mark.parametrize(
    ("votes", "small"),
    [((5, 4), 1), ((5, 5), 0), ((29, 0), 1), ((30, 0), 0), ((0, 0), 0), ((1, 0), 1), ((10, 1), 0)],
)
def test_a_group_is_small_below_ten_and_of_one_mind_below_thirty(votes: tuple[int, int], small: int) -> None:
    assert small_groups({"votes": dict(zip("ab", votes, strict=True))}, 1) == small


def test_what_ballots_say_beside_votes_is_an_answer_too() -> None:
    assert small_groups({"votes": {"a": 9, "b": 0}, "undervotes": 2}, 1) == 0
    assert small_groups({"votes": {"a": 9, "b": 0}, "undervotes": 0}, 1) == 1


def test_every_mode_is_a_group_of_its_own_and_votes_are_not_ballots() -> None:
    returns = {"votes": {"a": 40, "b": 40}, "modes": {"polls": {"a": 38, "b": 36}, "mail": {"a": 2, "b": 4}}}
    assert small_groups(returns, 1) == 1
    assert small_groups({"votes": {"a": 20, "b": 9}}, 3) == 0
    assert small_groups({"votes": {"a": 18, "b": 9}}, 3) == 1


def test_duties_and_corrections_are_counted_apart() -> None:
    assert is_required({"status": "duty"}, "returns")
    assert is_required({"status": "permitted"}, "restate")
    assert not is_required({"status": "permitted"}, "returns")
    assert not is_required(None, "returns")


@pytest.mark.slow
def test_both_programs_count_the_same_in_georgia_2020(tmp_path: Path) -> None:
    run = [sys.executable, "-m", "tallybook"]
    subprocess.run([*run, "demo", "--out", str(tmp_path / "d")], check=True, capture_output=True)
    package = str(tmp_path / "d" / "package.zip")
    ours = json.loads(
        subprocess.run([*run, "privacy", package, "--json"], capture_output=True, text=True).stdout
    )
    alone = [one for one in ours["required"] if one["kind"] in ("small", "unanimous")]
    in_entries = [one for one in alone if one["table"].startswith("entry ")]
    checker = [sys.executable, "-m", "tallycheck", package]
    told = subprocess.run(checker, capture_output=True, text=True).stdout
    assert f"; {len(in_entries)} small groups, {len(in_entries)} of them in duties or corrections" in told
