"""The pages about the law: their examples run, and the reference lists every act."""

import doctest
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[3] / "docs"


def test_the_examples_of_the_reference_run() -> None:
    page = DOCS / "reference" / "law.md"
    found = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert found.attempted > 10
    assert found.failed == 0


@pytest.mark.parametrize("law", ["us", "us-ga"])
def test_the_reference_lists_every_act_with_its_entry(georgia, law) -> None:  # type: ignore[no-untyped-def]
    page = (DOCS / "reference" / "law.md").read_text(encoding="utf-8")
    acts = [act for file in georgia.files if file.id == law for act in file.acts]
    assert acts
    for act in acts:
        assert f"| `{act.id}` | {act.words} | `{act.entry}` |" in page
