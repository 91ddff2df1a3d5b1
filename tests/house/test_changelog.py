"""Folding the fragments of changes into the changelog."""

import pytest

from tests.house.ground import ROOT
from tools.changelog import MARK, fold, problems, section


def test_fragments_are_folded_by_kind_and_then_by_name() -> None:
    fragments = {
        "tie.fixed.md": "A tie is named as a tie.\n",
        "recount.added.md": "Recounts on request.\n\nWithin half of one percent.\n",
        "audit.added.md": "Batch comparison.",
    }
    assert section("0.2.0", "2026-12-01", fragments) == (
        "## 0.2.0, 2026-12-01\n\n### Added\n\n* Batch comparison.\n"
        "* Recounts on request.\n\n  Within half of one percent.\n\n### Fixed\n\n* A tie is named as a tie.\n"
    )


def test_the_newest_version_stands_first() -> None:
    once = fold(f"# Changelog\n\n{MARK}", "## 0.1.0\n")
    assert fold(once, "## 0.2.0\n") == f"# Changelog\n\n{MARK}\n## 0.2.0\n\n## 0.1.0\n"


@pytest.mark.parametrize("name", ["tie.md", "tie.repaired.md", ".added.md", "tie.added.txt", "a.b.added.md"])
def test_a_misnamed_fragment_is_a_problem(name: str) -> None:
    assert problems({name: "Something."}) == [
        f"{name}: expected SUBJECT.KIND.md, KIND one of added, changed, fixed, removed, security. Rename it."
    ]


def test_an_empty_fragment_is_a_problem() -> None:
    assert problems({"tie.fixed.md": " \n"}) == [
        "tie.fixed.md: is empty. Say what people will notice, or remove it."
    ]


def test_a_changelog_without_its_mark_is_not_touched() -> None:
    with pytest.raises(ValueError, match="where the versions begin"):
        fold("# Changelog\n", "## 0.2.0\n")


def test_every_fragment_in_the_repository_is_well_named() -> None:
    files = [file for file in (ROOT / "changelog.d").glob("*.md") if file.name != "README.md"]
    assert problems({file.name: file.read_text(encoding="utf-8") for file in files}) == []


def test_the_changelog_has_its_mark() -> None:
    assert (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").count(MARK) == 1
