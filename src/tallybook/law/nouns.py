"""The nouns of the law: the rows that a law file holds, as frozen values (docs/spec/law.md, section 2).

For everyone who reads a ruling: a row keeps its citation, its plain words and its dates beside its
meaning, so that nothing must be looked up elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tallybook.law.clock import Clock
from tallybook.law.steps import Steps

FORMAT = "tallybook/law/v1"
ANY_OFFICE = "*"
GRANTING = ("permitted", "duty", "conditional")
STATUSES = (*GRANTING, "not_permitted", "no_legal_effect")


@dataclass(frozen=True, slots=True)
class Span:
    """First and last day, both included; "" leaves that end open."""

    first: str
    last: str

    def __contains__(self, day: str) -> bool:
        return self.first <= day and (not self.last or day <= self.last)


@dataclass(frozen=True, slots=True)
class ClockRow:
    """From this moment on, local time is UTC plus `offset` (+HH:MM or -HH:MM)."""

    start: str
    offset: str


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day that is no business day."""

    date: str
    name: str


@dataclass(frozen=True, slots=True)
class Office:
    """A post that may hold a power, or a person or body that may ask for an act."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Purpose:
    """What an act is for.  The law may grant an act and exclude a purpose."""

    id: str
    words: str


@dataclass(frozen=True, slots=True)
class LawAct:
    """An act that may be asked for, and the entry that it makes.

    words: infinitive ("certify the state's results"); said: past tense; effect: what the book does with
    it; count: which count it files ("" if none); scope: what it is about; phases: when the record admits
    it (empty = all but closed); needs and may: detail fields it MUST and MAY carry.
    """

    id: str
    words: str
    entry: str
    said: str
    effect: str
    count: str
    scope: tuple[str, ...]
    phases: tuple[str, ...]
    needs: tuple[str, ...]
    may: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guard:
    """One condition of a row.  The kind of `value` follows from `name` (docs/spec/law.md, section 5)."""

    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class Row:
    """The law's answer to one office that asks for one act.

    law: the file's id; purposes: None where the row asks for none; classes: of contests, None for all;
    when: guards in the order in which they are tested; due: the deadline's steps, or None.
    """

    id: str
    law: str
    office: str
    act: str
    purposes: tuple[str, ...] | None
    classes: tuple[str, ...] | None
    status: str
    in_force: Span
    elections_held: Span
    when: tuple[Guard, ...]
    due: Steps | None
    citation: str
    plain: str
    code: str
    words: str
    next: str
    later: str
    source: str
    confidence: str

    @property
    def grants(self) -> bool:
        """Whether the row gives the act, if its conditions hold."""
        return self.status in GRANTING


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that decides something no office asks for: winners, recounts, electors (section 7).

    values: the keys of its kind; date steps as Steps, all else as written.
    """

    id: str
    law: str
    kind: str
    classes: tuple[str, ...]
    in_force: Span
    elections_held: Span
    citation: str
    plain: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LawDate:
    """A day that the law fixes, in words and steps."""

    id: str
    law: str
    words: str
    day: Steps
    in_force: Span
    elections_held: Span
    citation: str
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class LawElection:
    """An election that the file knows by its day."""

    id: str
    title: str
    day: str


@dataclass(frozen=True, slots=True)
class LawFile:
    """One law file, read."""

    id: str
    title: str
    place: str
    words: str
    clock: tuple[ClockRow, ...]
    holidays: tuple[Holiday, ...]
    offices: tuple[Office, ...]
    purposes: tuple[Purpose, ...]
    acts: tuple[LawAct, ...]
    rows: tuple[Row, ...]
    rules: tuple[Rule, ...]
    dates: tuple[LawDate, ...]
    elections: tuple[LawElection, ...]


@dataclass(frozen=True, eq=False)
class LawSet:
    """The law files that a book has adopted, joined in order and indexed.

    Equal only to itself, so that answers about it can be remembered cheaply.
    entries: entry kind -> id of the act that makes it; by_act: act -> its rows, in order; peopled: whether
    any rule or act is about the persons who act (docs/spec/officers.md).
    """

    files: tuple[LawFile, ...]
    clock: Clock
    offices: Mapping[str, Office]
    purposes: Mapping[str, Purpose]
    acts: Mapping[str, LawAct]
    entries: Mapping[str, str]
    by_act: Mapping[str, tuple[Row, ...]]
    peopled: bool
    rows: tuple[Row, ...]
    rules: tuple[Rule, ...]
    dates: tuple[LawDate, ...]
    elections: tuple[LawElection, ...]
