"""The law at a glance: who may do what on a day, and what differs between two elections.

For officials who plan and observers who ask: the same rows that rule on acts, laid out before anyone acts.
Whether a condition holds is left to the ruling; here the row states it in plain words.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from tallybook.law.nouns import LawDate, LawSet, Row, Rule
from tallybook.law.ruling import deciding_rows

NO_LAW = "no_law"
Dated = TypeVar("Dated", Row, Rule, LawDate)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the law says to one office about one act.

    status: of the first row that grants, else of the first row, else "no_law".  rows: the class that
    decides; the rows that grant state their conditions in `plain`, those that refuse say why in `words`.
    """

    office: str
    name: str
    status: str
    rows: tuple[Row, ...]

    @property
    def grants(self) -> bool:
        """Whether the act may be granted, if its conditions hold."""
        return any(row.grants for row in self.rows)


@dataclass(frozen=True, slots=True)
class Change:
    """A difference between two elections.

    table: rows, rules or dates.  key: office and act, kind and classes, or id without its year.  before
    and after: the laws that apply to the first and to the second election and not to both; one is empty
    where a law begins or ends.
    """

    table: str
    key: str
    before: tuple[Row | Rule | LawDate, ...]
    after: tuple[Row | Rule | LawDate, ...]

    @property
    def kind(self) -> str:
        """begins, ends or is replaced."""
        return "begins" if not self.before else "ends" if not self.after else "is replaced"


def who_may(laws: LawSet, act: str, on: str, election_day: str, purpose: str = "") -> tuple[Answer, ...]:
    """Every office's answer about one act on one day, in the order in which offices are declared."""
    return tuple(answer(laws, office, act, on, election_day, purpose) for office in laws.offices)


def matrix(laws: LawSet, on: str, election_day: str, purpose: str = "") -> Mapping[tuple[str, str], str]:
    """(office, act) -> status, for every office and act of the set."""
    return {
        (office, act): answer(laws, office, act, on, election_day, purpose).status
        for office in laws.offices
        for act in laws.acts
    }


def answer(laws: LawSet, office: str, act: str, on: str, election_day: str, purpose: str) -> Answer:
    """One office's answer about one act."""
    rows = deciding_rows(laws, act, office, purpose, on, election_day)
    first = next((row for row in rows if row.grants), rows[0] if rows else None)
    return Answer(office, laws.offices[office].name, first.status if first else NO_LAW, rows)


def in_words(row: Row) -> str:
    """What a row says: its conditions where it grants, else why not; and for which contests alone it is."""
    words = row.plain if row.grants else row.words or row.plain
    return words if row.classes is None else f"{words} Only for: {', '.join(row.classes)}."


def diff(laws: LawSet, day1: str, day2: str) -> tuple[Change, ...]:
    """What differs between an election held on day1 and one held on day2: rows, then rules, then dates.

    The law of each is the law in force on its election day.
    """
    return (
        *changes("rows", laws.rows, day1, day2, lambda row: " ".join((row.office, row.act))),
        *changes("rules", laws.rules, day1, day2, lambda rule: " ".join((rule.kind, *rule.classes))),
        *changes("dates", laws.dates, day1, day2, lambda date: date.words),
    )


def changes(
    table: str, laws: Iterable[Dated], day1: str, day2: str, key: Callable[[Dated], str]
) -> Iterable[Change]:
    """The differences in one table, in the order of its rows."""
    both = tuple(laws)
    old = [law for law in both if applies(law, day1) and not applies(law, day2)]
    new = [law for law in both if applies(law, day2) and not applies(law, day1)]
    for one in dict.fromkeys(key(law) for law in both if law in old or law in new):
        yield Change(
            table,
            one,
            tuple(law for law in old if key(law) == one),
            tuple(law for law in new if key(law) == one),
        )


def applies(law: Row | Rule | LawDate, election_day: str) -> bool:
    """Whether it is in force on the election's day, for that election."""
    return election_day in law.in_force and election_day in law.elections_held
