"""What the tests of the law share: the law files of the package, and a small book of facts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import pytest

from tallybook.law import LawFile, LawSet, Question, law_set, local_day, moment_of, parse_law
from tallybook.law.clock import at

SHARED = Path(__file__).parents[3].parent / "shared" / "data"


@dataclass(frozen=True)
class Book:
    """Facts as a book supplies them.

    entries: (kind, contest, place, received); certified: contest -> votes; won: contest -> winners;
    days: contest -> its day, where it is not the election's; orders: row -> moment
    to which an order moved its deadline, and the order's entry.
    """

    entries: tuple[tuple[str, str, str, str], ...] = ()
    certified: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    won: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    days: Mapping[str, str] = field(default_factory=dict)
    orders: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    places: tuple[str, ...] = ("appling", "bacon")
    election_day: str = "2020-11-03"

    def recorded(self, kind: str, contest: str, place: str) -> str | None:
        matching = [
            received
            for found, its_contest, its_place, received in self.entries
            if found == kind
            and (not contest or not its_contest or contest == its_contest)
            and (not place or not its_place or place == its_place)
        ]
        return max(matching, default=None)

    def every_place(self, kind: str, contest: str) -> bool:
        there = {entry[2] for entry in self.entries if entry[0] == kind and entry[1] == contest}
        return set(self.places) <= there

    def votes(self, contest: str) -> Mapping[str, int] | None:
        return self.certified.get(contest)

    def winners(self, contest: str) -> tuple[str, ...] | None:
        return self.won.get(contest)

    def contest_day(self, contest: str) -> str:
        return self.days.get(contest, self.election_day)

    def moved(self, row: str, _contest: str, _place: str) -> tuple[str, int] | None:
        return self.orders.get(row)


def asked(
    laws: LawSet,
    act: str,
    office: str,
    local: str,
    detail: Mapping[str, object] | None = None,
    contest: str = "",
    place: str = "",
    purpose: str = "",
    election_day: str = "2020-11-03",
    contest_class: str = "",
) -> Question:
    """A question put at a local time "YYYY-MM-DD HH:MM"."""
    day, time = local.split()
    moment = moment_of(laws.clock, at(_date(day), time))
    assert local_day(laws.clock, moment) == day
    return Question(
        act, office, purpose, contest, place, detail or {}, moment, day, election_day, contest_class
    )


def _date(day: str):  # type: ignore[no-untyped-def]
    from datetime import date

    return date.fromisoformat(day)


def package_law(name: str) -> LawFile:
    return parse_law((files("tallybook.law") / "data" / f"{name}.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def georgia() -> LawSet:
    """The law set of a Georgia book: the book's own file, the federal layer, the state."""
    return law_set([package_law("book"), package_law("us"), package_law("georgia")])


@pytest.fixture(scope="session")
def book() -> type[Book]:
    return Book


@pytest.fixture(scope="session")
def ask():  # type: ignore[no-untyped-def]
    return asked


@pytest.fixture(scope="session")
def shared() -> Path:
    """The research data beside the project; the product never needs it."""
    if not SHARED.is_dir():
        pytest.skip("the research data are not beside this checkout")
    return SHARED


EXAMPLE_HEAD = """
format = "tallybook/law/v1"
id = "x"
title = "Example"
place = "Example"
[[clock]]
from = "2020-03-08T07:00:00Z"
offset = "-04:00"
[[clock]]
from = "2020-11-01T06:00:00Z"
offset = "-05:00"
[[holidays]]
date = "2020-11-26"
name = "Thanksgiving Day"
[[offices]]
id = "clerk"
name = "Clerk"
[[offices]]
id = "judge"
name = "Judge"
[[purposes]]
id = "mend"
words = "to mend"
[[acts]]
id = "certify"
words = "certify"
entry = "certified"
said = "certified"
effect = "record"
scope = ["contest?", "place?"]
phases = []
"""


@pytest.fixture(scope="session")
def example():  # type: ignore[no-untyped-def]
    """A small law set from rows as text; each row has an act, dates and citation unless it says otherwise."""

    def laws(*rows: str) -> LawSet:
        text = EXAMPLE_HEAD
        for number, row in enumerate(rows, start=1):
            given = {line.split(" = ")[0] for line in row.strip().splitlines()}
            usual = {
                "id": f'"x-{number}"',
                "office": '"clerk"',
                "act": '"certify"',
                "status": '"permitted"',
                "in_force": '["", ""]',
                "elections_held": '["", ""]',
                "citation": f'"Example Code {number}"',
                "plain": f'"Plain {number}."',
            }
            rest = "\n".join(f"{key} = {value}" for key, value in usual.items() if key not in given)
            text += f"\n[[rows]]\n{row.strip()}\n{rest}\n"
        return law_set([parse_law(text)])

    return laws
