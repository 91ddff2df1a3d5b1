"""A law, as the checker knows it: acts, rows and rules, the files that declare them, and the set of these.

Law specification, section 2. `lawfile` makes them; `ruling` asks them.
"""

from dataclasses import dataclass
from typing import Any

from .clock import Clock, Steps
from .lawforms import GRANTING, Data


@dataclass(frozen=True)
class ActSpec:
    """An act that the set declares."""

    id: str
    entry: str
    effect: str
    count: str
    scope: frozenset[str]
    phases: tuple[str, ...]
    needs: frozenset[str]
    may: frozenset[str]


@dataclass(frozen=True, eq=False)
class Row:
    """A row of law. `guards` stand in the order in which they are tested; `law` is the file's id.

    `classes` are the office classes of the contests that it is for; None: of all, and of acts without one.
    """

    id: str
    law: str
    office: str
    act: str
    purposes: frozenset[str] | None
    classes: frozenset[str] | None
    status: str
    in_force: tuple[str, str]
    elections_held: tuple[str, str]
    guards: tuple[tuple[str, Any], ...]
    due: Steps | None
    citation: str
    plain: str
    code: str
    words: str
    next: str

    @property
    def grants(self) -> bool:
        """Whether the row's status grants."""
        return self.status in GRANTING


@dataclass(frozen=True, eq=False)
class Rule:
    """A rule of section 7; `keys` are those of its kind."""

    id: str
    law: str
    kind: str
    classes: frozenset[str]
    in_force: tuple[str, str]
    elections_held: tuple[str, str]
    citation: str
    keys: Data


@dataclass(frozen=True, eq=False)
class LawFile:
    """One law file."""

    id: str
    clock: tuple[tuple[str, Any], ...]
    holidays: frozenset[str]
    offices: tuple[tuple[str, str], ...]
    purposes: tuple[tuple[str, str], ...]
    acts: tuple[ActSpec, ...]
    rows: tuple[Row, ...]
    rules: tuple[Rule, ...]
    dates: tuple[str, ...]
    kinds: frozenset[str]


@dataclass(frozen=True, eq=False)
class LawSet:
    """The joined files."""

    files: tuple[LawFile, ...]
    clock: Clock
    holidays: frozenset[str]
    offices: dict[str, str]
    purposes: dict[str, str]
    acts: dict[str, ActSpec]
    rows: tuple[Row, ...]
    rules: tuple[Rule, ...]


def holds(span: tuple[str, str], day: str) -> bool:
    """Whether the day lies between the first and the last, both included; an empty end is open."""
    return span[0] <= day and (not span[1] or day <= span[1])
