"""Every example in README, docs and docstrings runs, and shows what happens."""

import doctest
import importlib
from pathlib import Path

import pytest

from tests.house.ground import ROOT, name_of, with_suffix
from tests.house.pages import agrees, blocks, commands, failures

SLOW = "<!-- slow page -->"
PAGES = [
    pytest.param(page, id=name_of(page), marks=[pytest.mark.slow] if SLOW in page.read_text("utf-8") else [])
    for page in with_suffix(".md")
]
MODULES = [
    ".".join(file.relative_to(ROOT / "src").with_suffix("").parts).removesuffix(".__init__")
    for file in with_suffix(".py", "src")
    if ">>>" in file.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_of_a_page_are_true(page: Path, tmp_path: Path) -> None:
    told = failures(page.read_text(encoding="utf-8"), tmp_path)
    assert not told, "\n\n".join(told)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_docstring_are_true(name: str) -> None:
    told: list[str] = []
    finder, runner = doctest.DocTestFinder(), doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for test in finder.find(importlib.import_module(name)):
        runner.run(test, out=told.append)
    assert runner.failures == 0, "".join(told)


# The runner itself --------------------------------------------------------------------------


def block(language: str, *lines: str) -> str:
    return "\n".join([f"```{language}", *lines, "```", ""])


@pytest.mark.parametrize(
    "page",
    [
        block("console", "$ echo one; echo two >&2", "one", "two"),
        block("console", "$ seq 1 9", "1", "...", "9"),
        block("console", "$ echo 12 cards in 0.31 s", "12 cards in ... s"),
        block("console", "$ echo a\\", "> b", "ab"),
        block("console", "$ echo whatever it prints is not shown"),
        block("console", "$ echo kept > note") + block("console", "$ cat note", "kept"),
        block("console", "$ false || echo status $?", "status 1"),
        block("python", ">>> 2 + 2", "4"),
        block("python", "votes = 7") + block("python", ">>> votes", "7"),
        block("json", '{"seats": 1}'),
        block("toml", "seats = 1"),
        block("text", "anything { at all"),
        "<!-- not run: needs a printer -->\n\n" + block("console", "$ exit 1"),
        "* a list:\n\n  ```json\n  [1]\n  ```\n",
    ],
)
def test_a_true_page_passes(page: str, tmp_path: Path) -> None:
    assert failures(page, tmp_path) == []


@pytest.mark.parametrize(
    ("page", "told"),
    [
        (block("console", "$ echo one", "two"), "line 1: `echo one` is shown with:"),
        (block("console", "$ exit 3"), "line 1: `exit 3` ended with status 3"),
        (block("console", "echo one"), "without a line that starts with `$ `"),
        (block("console", "$ python3 go.py test"), "would run the tests inside a test"),
        (block("python", ">>> 2 + 2", "5"), "Expected:\n    5\nGot:\n    4"),
        (block("python", "1 / 0"), "ZeroDivisionError"),
        (block("json", "{'seats': 1}"), "the json does not parse"),
        (block("toml", "seats is 1"), "the toml does not parse"),
        (block("sh", "ls"), "use `console`"),
        (block("", "$ ls"), "looks like an example"),
        (block("text", "python3 go.py demo"), "looks like an example"),
        ("<!-- not run: -->\n" + block("console", "$ exit 1"), "ended with status 1"),
        (
            "<!-- not run: once -->\n" + block("text", "x") + block("console", "$ exit 1"),
            "ended with status 1",
        ),
    ],
)
def test_an_untrue_page_fails_and_says_where(page: str, told: str, tmp_path: Path) -> None:
    assert told in "\n".join(failures(page, tmp_path))


def test_a_block_that_is_never_closed_is_an_error() -> None:
    with pytest.raises(ValueError, match="never closed"):
        blocks("```json\n[1]\n")


def test_a_console_block_is_read_as_commands_and_what_they_show() -> None:
    assert commands("$ a\\\n> b\nshown\n$ c\n") == [("a\\\nb", "shown\n"), ("c", "")]


def test_three_dots_stand_for_any_text_and_nothing_else_does() -> None:
    assert agrees("checked ... entries\n", "checked 41 entries\n")
    assert not agrees("checked entries\n", "checked  entries\n")
