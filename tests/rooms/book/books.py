"""A door in memory: small books that tests open, ask and read.

Moments are written as an official would, in the local time of the law: "2020-11-13 16:00".
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from tallybook.book import (
    Act,
    Checkpoint,
    Entered,
    Entry,
    Malformed,
    Problem,
    Shelf,
    Standing,
    Statement,
    decide,
    evolve,
)
from tallybook.law import LawFile, moment_of, parse_law
from tallybook.merkle import canonical

SETS = {
    "georgia": ("book", "us", "georgia"),
    "model": ("book", "model"),
    "county": ("book", "audit", "county"),
}
COUNTY, STATE, KEEPER = "county_superintendent", "secretary_of_state", "record_keeper"
BOARD = "audit_board"
SEED = "31415926535897932384"
MANIFEST = {
    "format": "tallybook/manifest/v1",
    "batches": [{"id": "Early 1", "cards": 3}, {"id": "Precinct 2", "cards": 2}],
}


@cache
def law(name: str) -> tuple[str, LawFile, int]:
    """A law file that comes with the program: its fingerprint, its meaning, its length."""
    data = (files("tallybook.law") / "data" / f"{name}.toml").read_bytes()
    return sha256(data).hexdigest(), parse_law(data.decode()), len(data)


def law_text(name: str) -> str:
    """The text of a law file that comes with the program."""
    return (files("tallybook.law") / "data" / f"{name}.toml").read_text("utf-8")


def public(name: str, fingerprint: str, size: int) -> dict[str, Any]:
    """A public exhibit."""
    return {"bytes": size, "kind": "public", "name": name, "sha256": fingerprint}


def contest(name: str, *choices: str, of: str = "other", **more: Any) -> dict[str, Any]:
    """A contest of an opening, of the class `of`."""
    listed = [{"id": one, "name": one.title()} for one in choices]
    return {"id": name, "name": name.replace("_", " ").title(), "class": of, "choices": listed, **more}


class Book:
    """A book that is kept in memory, with the shelf that a door would fetch."""

    def __init__(self) -> None:
        self.standing = Standing()
        self.entries: list[Entry] = []
        self.shelf = Shelf(
            origin="book.example/test", policy="policy\n", entries=NumberedEntries(self.entries)
        )
        self.now = "2020-11-03 19:30"

    def decide(self, act: Act) -> Any:
        """What becomes of an act; nothing is entered."""
        return decide(self.standing, act, self.shelf)

    def enter(self, act: Act) -> tuple[Entry, ...]:
        """The entries that an act makes, now in the book."""
        found = self.decide(act)
        assert isinstance(found, Entered), found
        made = {name: canonical.decode(data) for name, data in found.made.items()}
        self.shelf = replace(self.shelf, documents={**self.shelf.documents, **made})
        for entry in found.entries:
            self.standing = evolve(self.standing, entry, self.shelf)
            self.entries.append(entry)
        return found.entries

    def act(self, act: str, office: str, at: str = "", **said: Any) -> Act:
        """An act at a local time. What is no field of an act is a field of its detail."""
        self.now = at or self.now
        received = self.moment(self.now)
        fields = {name: said.pop(name) for name in tuple(said) if name in Act.__struct_fields__}
        common = {"on": self.now[:10], "received": received, "key": f"key-{len(self.entries)}", **fields}
        return Act(act=act, office=office, **{"detail": said, **common})

    def moment(self, local: str) -> str:
        """The moment of a local time, by the clock of the book's law."""
        laws = self.standing.law
        when = datetime.fromisoformat(local)
        return moment_of(laws.clock, when) if laws else f"{when.isoformat(timespec='seconds')}Z"

    def ask(self, act: str, office: str, at: str = "", **said: Any) -> Entry:
        """The act's own entry, granted; its consequences are in the book too."""
        entry = self.enter(self.act(act, office, at, **said))[0]
        assert not entry.refusal, entry.refusal
        return entry

    def refused(self, act: str, office: str, at: str = "", **said: Any) -> dict[str, Any]:
        """The refusal of an act, now in the book."""
        entry = self.enter(self.act(act, office, at, **said))[0]
        assert entry.refusal, entry
        return entry.refusal

    def problems(self, act: str, office: str, at: str = "", **said: Any) -> tuple[Problem, ...]:
        """The problems of an act that never enters the book."""
        found = self.decide(self.act(act, office, at, **said))
        assert isinstance(found, Malformed), found
        return found.problems

    def count(self, contest: str, count: str, place: str = "") -> Statement | None:
        """The current statement of a count."""
        return self.standing.contests[contest].record.spot(place).held.get(count)

    def phase(self, contest: str) -> str:
        """The phase of a contest."""
        return self.standing.contests[contest].phase

    def certify(self, contest: str, at: str = "", **by_place: Sequence[int]) -> None:
        """Every county named certifies its returns, given in the order of the choices."""
        for place, votes in by_place.items():
            self.ask(
                "certify_county_returns",
                COUNTY,
                at,
                contest=contest,
                place=place,
                returns=self.votes(contest, votes),
            )

    def votes(self, contest: str, votes: Sequence[int]) -> dict[str, Any]:
        """Returns, with the votes in the order of the contest's choices."""
        return {"votes": dict(zip(self.standing.contests[contest].choices, votes, strict=True))}

    def file(self, name: str, document: Any) -> dict[str, Any]:
        """A public exhibit in canonical JSON, on the shelf."""
        data = canonical.encode(document)
        fingerprint = sha256(data).hexdigest()
        self.shelf = replace(self.shelf, documents={**self.shelf.documents, fingerprint: document})
        return public(name, fingerprint, len(data))

    def lay(self, text: str) -> dict[str, Any]:
        """A law file as a public exhibit, on the shelf."""
        fingerprint = sha256(text.encode()).hexdigest()
        self.shelf = replace(self.shelf, law_files={**self.shelf.law_files, fingerprint: parse_law(text)})
        return public("law.toml", fingerprint, len(text.encode()))

    def witness(self, size: int | None = None, **wrong: Any) -> None:
        """A checkpoint on the shelf, as a door finds it: good, but for what is given as wrong."""
        good = Checkpoint(len(self.entries) if size is None else size, "root", True, True, True, "root")
        self.shelf = replace(self.shelf, checkpoint=replace(good, **wrong))


class NumberedEntries(Mapping[int, Entry]):
    """The entries of a book by number, as a door fetches them."""

    def __init__(self, entries: list[Entry]) -> None:
        self.entries = entries

    def __getitem__(self, seq: int) -> Entry:
        return self.entries[seq]

    def __iter__(self) -> Any:
        return iter(range(len(self.entries)))

    def __len__(self) -> int:
        return len(self.entries)


def opening(
    laws: Mapping[str, tuple[str, LawFile, int]], contests: Sequence[Any], places: Sequence[str], day: str
) -> dict[str, Any]:
    """The detail and the exhibits of an opening."""
    return {
        "election": {"id": "test", "title": "A small election", "day": day},
        "contests": list(contests),
        "places": [{"id": one, "name": one.title(), "kind": "county"} for one in places],
        "law": [fingerprint for fingerprint, _, _ in laws.values()],
        "exhibits": tuple(public(f"{name}.toml", one, size) for name, (one, _, size) in laws.items()),
    }


def opened(
    state: str, *contests: Any, places: Sequence[str] = ("appling", "bacon"), at: str = "2020-11-03 08:00"
) -> Book:
    """A book under a law of the package."""
    return opened_under({name: law(name) for name in SETS[state]}, *contests, places=places, at=at)


def opened_by(text: str, *contests: Any, places: Sequence[str] = ("appling", "bacon")) -> Book:
    """A book under the rules of the book and a law written in the test."""
    own = (sha256(text.encode()).hexdigest(), parse_law(text), len(text.encode()))
    return opened_under({"book": law("book"), "own": own}, *contests, places=places)


def opened_under(
    laws: Mapping[str, tuple[str, LawFile, int]],
    *contests: Any,
    places: Sequence[str] = ("appling", "bacon"),
    at: str = "2020-11-03 08:00",
) -> Book:
    """A book under these law files, opened at a time (UTC), and read on the evening of election day."""
    book = Book()
    book.shelf = replace(book.shelf, law_files={one: file for one, file, _ in laws.values()})
    book.ask("open_book", KEEPER, at, **opening(laws, contests, places, "2020-11-03"))
    book.now = "2020-11-03 21:00"
    return book


def model(*contests: Any, places: Sequence[str] = ("appling", "bacon")) -> Book:
    """A book under the model law, after the audit's board has signed by decree: see `without_audit`."""
    return opened_by(without_audit(), *contests, places=places)


@cache
def without_audit() -> str:
    """The model law, but that counties certify without waiting for an audit."""
    text = law_text("model")
    waits = 'when = { after = ["readings_signed"] }\n'
    assert text.count(waits) == 1
    return text.replace(waits, "")


def rules(problems: Sequence[Problem]) -> list[tuple[str, str, str]]:
    """Problems as (field, found, expected)."""
    return [(one.field, one.found, one.expected) for one in problems]
