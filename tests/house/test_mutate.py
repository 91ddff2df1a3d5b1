"""The breaking of a room on purpose: which changes are made, and which survive."""

from pathlib import Path

import pytest

from tools.mutate import is_noticed, mutants, survivors


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a < b", "a <= b"),
        ("a >= b", "a > b"),
        ("a == b", "a != b"),
        ("a + b", "a - b"),
        ("a and b", "a or b"),
        ("not a", "a"),
        ("7", "8"),
    ],
)
def test_each_kind_of_expression_is_changed(before: str, after: str) -> None:
    assert [(mutant.line, mutant.before, mutant.after) for mutant in mutants(f"\nx = {before}\n")] == [
        (2, before, after)
    ]


def test_a_change_replaces_only_its_own_place_also_behind_letters_of_more_than_one_byte() -> None:
    (mutant,) = mutants('names = "ééé", a < b  # é\nrest = 1.5\n')
    assert mutant.source == 'names = "ééé", (a <= b)  # é\nrest = 1.5\n'


def test_words_and_large_numbers_are_left_alone() -> None:
    assert mutants('text = "a < b"\nyear = 2020\nis_so = True\n') == []


def world(folder: Path, test: str) -> Path:
    """A repository of one room with one function, `more`, and one test of it."""
    (folder / "src" / "tallybook" / "toy").mkdir(parents=True)
    (folder / "src" / "tallybook" / "__init__.py").touch()
    (folder / "src" / "tallybook" / "toy" / "__init__.py").write_text(
        "def more(a, b):\n    return a > b\n", encoding="utf-8"
    )
    (folder / "tests" / "rooms" / "toy").mkdir(parents=True)
    (folder / "tests" / "rooms" / "toy" / "test_more.py").write_text(
        f"from tallybook.toy import more\n\ndef test_more():\n    {test}\n", encoding="utf-8"
    )
    return folder


@pytest.mark.slow
def test_a_change_that_no_test_notices_survives(tmp_path: Path) -> None:
    loose = world(tmp_path / "loose", "assert more(2, 1)")
    assert not is_noticed(loose, "toy")
    tried, missed = survivors(loose, "toy", most=10)
    assert (tried, missed) == (1, ["src/tallybook/toy/__init__.py:2: a > b  ->  a >= b"])


@pytest.mark.slow
def test_a_change_at_the_edge_is_noticed_by_a_test_at_the_edge(tmp_path: Path) -> None:
    tight = world(tmp_path / "tight", "assert more(2, 1) and not more(1, 1)")
    assert survivors(tight, "toy", most=10) == (1, [])
