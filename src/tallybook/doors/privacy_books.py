"""The privacy gate over a book: its statements and public exhibits, and the law that requires them.

For the commands that enter acts and that publish. They pass where the act that filed them was a duty, or
corrects such a one: the law requires them then. Everything else passes only if it gives nobody away, or under
a row of law that a person names, in the act's note or when publishing (docs/spec/privacy.md, section 4).
"""

import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np

from tallybook.book import Act, Entry, Standing, contests_and_places, list_files
from tallybook.canvass import Limits, contest_leaks, returns_groups
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.privacy import MOST_BYTES, Looked, Told, look, told_by
from tallybook.election import Contest
from tallybook.election.cards import Ballots, Pattern
from tallybook.keep.faults import KeepError
from tallybook.law import LawSet
from tallybook.law.ruling import deciding_rows
from tallybook.merkle.canonical import decode

FORM = "tallybook/published-cards/v1"
EMPTY = {"not_on_card", "no_record"}
"""Flags of rows that hold a place and no reading (audit specification)."""
UNDER = "Small groups are published under {}."
NAMED_ROW = re.compile(r"Small groups are published under ([A-Za-z0-9_-]+)\.")
"""The words by which the note of an act names the row that requires its small groups."""


def of_book(
    laws: LawSet,
    entries: Iterable[Entry],
    exhibit: Callable[[str], BinaryIO],
    limits: Limits,
    under: str = "",
) -> Looked:
    """What a book's statements and public exhibits give away. under: a row for what no duty requires."""
    told: list[tuple[str, Told]] = []
    required: dict[str, str] = {}
    default = row_of(laws, under) if under else ""
    allowed: dict[str, int] = {}
    classes: dict[str, str] = {}
    seen: set[str] = set()
    day = ""
    for entry in entries:
        if not entry.seq:
            day = entry.detail["election"]["day"]
            contests = contests_of(entry, exhibit)
            allowed = {one["id"]: one.get("votes_allowed", 1) for one in contests}
            classes = {one["id"]: one["class"] for one in contests}
        if entry.entry == "runoff_arose":
            classes[entry.result["runoff"]] = classes[entry.contest]
        citation = citation_of(laws, entry, day, classes.get(entry.contest, "")) or default
        for name, one in of_entry(laws, entry, exhibit, limits, allowed, seen):
            told.append((name, one))
            if citation:
                required[name] = citation
    return look(told, limits, required)


def contests_of(opening: Entry, exhibit: Callable[[str], BinaryIO]) -> list[Mapping[str, Any]]:
    """The contests that a book's opening names."""
    documents = {}
    for name in list_files(opening.detail):
        with exhibit(name) as file:
            documents[name] = decode(file.read())
    contests, _ = contests_and_places(opening.detail, documents)
    return list(contests)


def of_entry(
    laws: LawSet,
    entry: Entry,
    exhibit: Callable[[str], BinaryIO],
    limits: Limits,
    allowed: Mapping[str, int],
    seen: set[str],
) -> Iterable[tuple[str, Told]]:
    """The returns and the public exhibits of one entry; each exhibit once."""
    count = str(entry.result.get("count") or (laws.acts[entry.act].count if entry.act in laws.acts else ""))
    returns = entry.detail.get("returns")
    if isinstance(returns, dict):
        name = f"entry {entry.seq}"
        many = allowed.get(entry.contest, 1)
        yield name, Told(returns_groups(name, entry.contest, count, entry.place, returns, many), (), True)
    for one in entry.exhibits:
        if one["kind"] == "public" and one["sha256"] not in seen:
            seen.add(one["sha256"])
            with exhibit(one["sha256"]) as file:
                data = file.read(MOST_BYTES + 1)
            cards = cards_told(data, exhibit, limits)
            yield one["name"], cards or told_by(one["name"], data, limits, f"{one['name']} {count}")


def cards_told(data: bytes, exhibit: Callable[[str], BinaryIO], limits: Limits) -> Told | None:
    """What a contest gives away that is published card by card; None where the file is no such contest.

    Rows that stand for cards without the contest, or without a record, say nothing and are left out.
    """
    if FORM.encode() not in data:
        return None
    try:
        head = json.loads(data)
        with exhibit(head["codes_sha256"]) as file:
            codes = np.frombuffer(file.read(), dtype=f"<u{head['code_bytes']}")
        counts = np.bincount(codes.astype(np.int64), minlength=len(head["patterns"])).tolist()
        contest = msgspec.convert(head["contest"], Contest)
        read = zip(msgspec.convert(head["patterns"], tuple[Pattern, ...]), counts, strict=True)
        told = [(one, n) for one, n in read if n and not EMPTY & set(one.flags)]
    except (ValueError, KeyError, TypeError, KeepError):
        return None
    patterns, numbers = tuple(one for one, _ in told), tuple(n for _, n in told)
    return Told((), contest_leaks(Ballots(contest, patterns, numbers), limits), True)


def citation_of(laws: LawSet, entry: Entry, election_day: str, contest_class: str) -> str:
    """The citation under which an entry's tables are required: of a duty, or of a statement's correction.

    An act that was refused, of an office whose duty it is, states what the law will require of it. Else the
    row that the act's note names.
    """
    effect = laws.acts[entry.act].effect if entry.act in laws.acts else ""
    if (named := NAMED_ROW.search(str(entry.detail.get("note", "")))) and (row := known_row(laws, named[1])):
        return row
    if not entry.ruling:
        return required_by(laws, entry, election_day, contest_class) if entry.act else ""
    is_required = entry.ruling["status"] == "duty" or effect in ("restate", "adopt", "open")
    return f"{entry.ruling['citation']} ({entry.ruling['row']})" if is_required else ""


def row_of(laws: LawSet, name: str) -> str:
    """The citation of a row that a person names. Raises DoorError where the law has no such row."""
    if found := known_row(laws, name):
        return found
    raise DoorError(
        f'The law of this book has no row "{name}". `tallybook law who-may ACT --json` names rows.'
    )


def known_row(laws: LawSet, name: str) -> str:
    """The citation of a row of the law; "" where there is none."""
    return next((f"{row.citation} ({row.id})" for row in laws.rows if row.id == name), "")


# An act that is about to be entered --------------------------------------------------------------


def of_act(
    standing: Standing, act: Act, exhibit: Callable[[str], BinaryIO], limits: Limits, under: str = ""
) -> Looked:
    """What an act would make public, judged before it is entered: what is entered cannot be taken back."""
    laws = standing.law
    assert laws is not None
    entry = Entry(
        seq=1, entry="asked", received=act.received, act=act.act, contest=act.contest, place=act.place,
        detail=act.detail, exhibits=act.exhibits,
    )  # fmt: skip
    filed = (one for one in act.exhibits if one["kind"] == "public")
    told = list(of_entry(laws, entry, exhibit, limits, {}, set())) if all(map(is_named, filed)) else []
    contest = standing.contests.get(act.contest)
    of = contest.class_id if contest else ""
    citation = row_of(laws, under) if under else required_by(laws, act, standing.day, of)
    return look(told, limits, {name: citation for name, _ in told} if citation else {})


def is_named(exhibit: Mapping[str, Any]) -> bool:
    """Whether an exhibit has a name and a fingerprint; what has none is told as a problem elsewhere."""
    return isinstance(exhibit.get("name"), str) and len(str(exhibit.get("sha256", ""))) == 64


def required_by(laws: LawSet, act: Act | Entry, election_day: str, contest_class: str) -> str:
    """The citation under which the law makes this act its office's duty, or lets it correct a statement."""
    if act.act not in laws.acts or act.office not in laws.offices:
        return ""
    rows = deciding_rows(laws, act.act, act.office, act.purpose, act.on[:10], election_day, contest_class)
    corrects = laws.acts[act.act].effect == "restate"
    row = next((row for row in rows if row.grants and (corrects or row.status == "duty")), None)
    return f"{row.citation} ({row.id})" if row else ""


def of_package(path: Path, limits: Limits) -> Looked:
    """What a package gives away, under the law that it carries."""
    from tallybook.book import decode_entry
    from tallybook.evidence.reading import read_package_at
    from tallybook.law import LawError, law_set, parse_law
    from tallybook.merkle.errors import EvidenceError

    try:
        package = read_package_at(path)
        entries = [decode_entry(one) for one in package.entries]
        laws = law_set(
            parse_law(package.exhibit(name).decode("utf-8", "replace")) for name in entries[0].detail["law"]
        )
    except (EvidenceError, LawError, KeyError) as error:
        raise DoorError(f"{path.name}: {error}", "It was not looked into.") from None
    return of_book(laws, entries, lambda name: io.BytesIO(package.exhibit(name)), limits)
