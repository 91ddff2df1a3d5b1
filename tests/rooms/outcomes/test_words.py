"""The sentences' numbers are exact, or say "about"; and the specification's own example is what happens."""

import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tallybook.election import Tally
from tallybook.outcomes import majority_or_runoff, plurality
from tallybook.outcomes.words import listed, number, percent
from tests.house.pages import blocks

PAGE = Path(__file__).resolve().parents[3] / "docs" / "spec" / "outcomes.md"


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (Fraction(1, 200), "0.5000 percent"),
        (Fraction(12670, 4998482), "about 0.2535 percent"),  # 12,670 ÷ 4,998,482 = 0.00253477...
        (Fraction(1, 3), "about 33.3333 percent"),
        (Fraction(2, 3), "about 66.6667 percent"),
        (Fraction(1, 2_000_000), "about 0.0001 percent"),  # 0.00005 percent, half, rounded up.
        (Fraction(-1, 8), "-12.5000 percent"),
        (Fraction(1), "100.0000 percent"),
    ],
)
def test_a_percentage_has_four_decimals_and_says_when_it_is_rounded(share: Fraction, words: str) -> None:
    assert percent(share) == words


def test_lists_and_numbers_read_as_people_write_them() -> None:
    assert [listed([]), listed(["a"]), listed(["a", "b"]), listed("abc")] == [
        "nobody",
        "a",
        "a and b",
        "a, b and c",
    ]
    assert (number(4998482), number(-386)) == ("4,998,482", "-386")


def test_the_example_on_the_specification_page_is_what_happens() -> None:
    given, runoff, elected = (
        json.loads(b.text) for b in blocks(PAGE.read_text("utf-8")) if b.language == "json"
    )
    tally = Tally(given["contest_id"], tuple((name, votes) for name, votes in given["votes"]))
    assert without_why(majority_or_runoff(tally, date(2021, 1, 5))) == runoff
    assert without_why(plurality(tally)) == elected


def without_why(outcome: msgspec.Struct) -> dict[str, Any]:
    shown: dict[str, Any] = json.loads(msgspec.json.encode(outcome))
    assert shown.pop("why")
    return shown
