"""The lists of pages in the documents' folders are complete."""

import pytest

from tests.house.ground import ROOT
from tools.index import FOLDERS, MARK, pages_of, with_list

PAGE = "# Install Tallybook\n\n<!-- a comment -->\n\nFor [one county](x.md) or ten. More words.\n"


@pytest.mark.parametrize("name", FOLDERS)
def test_every_page_is_in_the_list_of_its_folder(name: str) -> None:
    readme = (ROOT / "docs" / name / "README.md").read_text(encoding="utf-8")
    made = with_list(readme, pages_of(ROOT / "docs" / name))
    assert readme == made, "run: python3 go.py run index"


def test_a_list_gives_each_page_by_its_title_and_first_sentence() -> None:
    made = with_list(f"# How to\n\n{MARK}old", {"install.md": PAGE})
    assert made == f"# How to\n\n{MARK}\n* [Install Tallybook](install.md). For one county or ten.\n"


@pytest.mark.parametrize("before", ["```text\nx\n```", "* one\n* two", "| a | b |", "> quoted", "Version 1."])
def test_what_is_no_sentence_is_passed_over(before: str) -> None:
    page = f"# A page\n\n{before}\n\n`tallycheck` reads one evidence package.\n"
    made = with_list(MARK, {"page.md": page})
    assert made.endswith("* [A page](page.md). `tallycheck` reads one evidence package.\n")


def test_a_readme_without_its_mark_is_not_touched() -> None:
    with pytest.raises(ValueError, match="where its list begins"):
        with_list("# How to\n", {})
