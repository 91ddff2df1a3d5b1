"""A good book passes all fifteen checks, and every change of a computed field fails the check that owns it."""

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tallycheck.checks import Asked, Report, check
from tests.tallycheck.town import story, town
from tests.tallycheck.writer import policy, zipped

Entry = dict[str, Any]


@pytest.fixture
def judge(tmp_path: Path) -> Callable[[list[Entry]], Report]:
    """Checks the package of a changed book, signed anew by all who sign."""

    def check_book(book: list[Entry]) -> Report:
        return check(zipped(town(book), tmp_path / "p.zip"), "p.zip", Asked(policy().encode()))

    return check_book


def test_the_good_book_passes_every_check(judge: Callable[[list[Entry]], Report]) -> None:
    report = judge(story())
    assert report.failure is None, report.failure and report.failure.sentence()
    assert [line.state for line in report.lines()] == ["ok"] * 8 + ["none", "ok", "none", "none", "ok", "ok", "ok"]
    assert [(d["contest"], d["entry"], d["margin"]) for d in report.decided] == [
        ("mayor", 21, 8), ("council", 28, 6), ("treasurer", 34, 0), ("president", 47, 2),
    ]  # fmt: skip
