"""The nouns of the book: acts, entries, and the shelf (docs/spec/book.md, sections 2 to 4).

For everyone who keeps or reads a book. An act is what an officer of an office asks. An entry is a fact,
in the past tense, never erased. Both are frozen; a field without a value is empty here and absent in the
stored form.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import msgspec

from tallybook.law import LawFile, LawSet
from tallybook.merkle.notes import Verify

REFUSED = "act_refused"
WITHOUT_EFFECT = "act_without_legal_effect"
NOT_DONE = (REFUSED, WITHOUT_EFFECT)
"""Entries of acts that changed nothing: asked for, answered, remembered."""

Json = dict[str, Any]
LONG_PARTS = ("contests", "sample", "sizes", "usable")
"""Parts of a result that the book files as exhibits where they are long, in the order of their names."""
FIRST_VERSION: Literal[1] = 1
"""Made anew in each entry, so that it is always written out."""


class Act(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    """What an officer asks to have done (section 3).

    on: the day as the officer states it; received: the moment (UTC) at which the door received it;
    paper: the fingerprint of the scan of a signed paper; key: so that a repeated act is known;
    seen: the greatest entry number the officer had seen; by: the persons who act (docs/spec/officers.md).
    """

    act: str
    office: str
    on: str
    received: str
    key: str
    contest: str = ""
    place: str = ""
    purpose: str = ""
    detail: Json = {}
    exhibits: tuple[Json, ...] = ()
    paper: str = ""
    seen: int | None = None
    by: tuple[Json, ...] = ()


class Entry(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    """A fact in the book (section 2): an act granted, refused or without effect, or a consequence."""

    seq: int
    entry: str
    received: str
    v: Literal[1] = msgspec.field(default_factory=lambda: FIRST_VERSION)
    act: str = ""
    office: str = ""
    contest: str = ""
    place: str = ""
    purpose: str = ""
    on: str = ""
    detail: Json = {}
    exhibits: tuple[Json, ...] = ()
    paper: str = ""
    key: str = ""
    seen: int | None = None
    by: tuple[Json, ...] = ()
    ruling: Json = {}
    refusal: Json = {}
    result: Json = {}
    cause: int | None = None
    origin: str = ""
    policy: str = ""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the door found out about a checkpoint: its signatures, its quorum, and the book's own root.

    origin_known: it names this book's origin; signed: by the log key; quorate: by enough witnesses under
    the policy of entry 0; own_root: the book's root at that size, or "" if the book is shorter.
    """

    size: int
    root: str
    origin_known: bool
    signed: bool
    quorate: bool
    own_root: str


def no_signature(_key: bytes, _signature: bytes, _message: bytes) -> bool:
    """For a shelf without cryptography: no signature is valid."""
    return False


@dataclass(frozen=True)
class Shelf:
    """What an act names, fetched and parsed by the door before it asks (never a clock, never a file).

    law_files: fingerprint -> law file; law_sets: fingerprints in order -> set, if the door has it already;
    documents: fingerprint -> parsed canonical JSON exhibit; entries: number -> entry of this book that the
    act names; checkpoint: about the text in the act's detail; origin and policy: for opening a book; verify:
    how an officer's signature is verified; files: fingerprint -> bytes of exhibits that are no JSON.
    """

    law_files: Mapping[str, LawFile] = field(default_factory=dict)
    law_sets: Mapping[tuple[str, ...], LawSet] = field(default_factory=dict)
    documents: Mapping[str, Any] = field(default_factory=dict)
    entries: Mapping[int, Entry] = field(default_factory=dict)
    checkpoint: Checkpoint | None = None
    origin: str = ""
    policy: str = ""
    verify: Verify = no_signature
    files: Mapping[str, bytes] = field(default_factory=dict)


EMPTY_SHELF = Shelf()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something malformed in an act: shown to its sender, never entered (section 3)."""

    field: str
    found: str
    expected: str
    mend: str

    def __str__(self) -> str:
        return f"{self.field}: found {self.found}; expected {self.expected}. {self.mend}"


class Entered(msgspec.Struct, frozen=True, gc=False):
    """The act enters the book: its own entry and its consequences, in order.

    made: fingerprint -> bytes of the exhibits that the book made; parsed, they belong on the shelf with which
    the entries are evolved.
    """

    entries: tuple[Entry, ...]
    made: Mapping[str, bytes] = {}


@dataclass(frozen=True, slots=True)
class Repeated:
    """The same act is in the book already, as this entry."""

    seq: int


@dataclass(frozen=True, slots=True)
class Stale:
    """The officer had not seen the newest entry on this subject; here is its number."""

    newest: int


@dataclass(frozen=True, slots=True)
class Malformed:
    """The act cannot be entered; every problem found."""

    problems: tuple[Problem, ...]


Decision = Entered | Repeated | Stale | Malformed


class Consequence(NamedTuple):
    """An entry that follows by law."""

    entry: str
    contest: str
    result: Json


class Effect(msgspec.Struct, frozen=True, gc=False):
    """What an act does: the result in its entry, what follows, and the exhibits that the book makes.

    made: name -> bytes (``exhibited``).
    """

    result: Json = {}
    follows: tuple[Consequence, ...] = ()
    made: Mapping[str, bytes] = {}


Answer = Effect | Problem | tuple[Problem, ...]


def act_of(entry: Entry) -> Act:
    """The act that made an entry, as it was asked: without the exhibits that the book itself added."""
    added = sum(f"{part}_sha256" in entry.result for part in LONG_PARTS)
    return Act(
        act=entry.act,
        office=entry.office,
        on=entry.on,
        received=entry.received,
        key=entry.key,
        contest=entry.contest,
        place=entry.place,
        purpose=entry.purpose,
        detail=entry.detail,
        exhibits=entry.exhibits[: len(entry.exhibits) - added],
        paper=entry.paper,
        seen=entry.seen,
        by=entry.by,
    )


def same_act(one: Act, other: Act) -> bool:
    """Whether two acts ask for the same, whenever the door received them."""
    plain = {"received": "", "seen": None}
    return msgspec.structs.replace(one, **plain) == msgspec.structs.replace(other, **plain)
