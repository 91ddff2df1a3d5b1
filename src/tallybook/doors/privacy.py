"""The privacy gate at the door: every table that is about to be public, read and looked at together.

For the commands that publish. A book's statements and public exhibits pass where the act that filed them was
a duty, or corrects such a one: the law requires them then. Everything else passes only if it gives nobody
away, or under a row of law that a person names.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from tallybook.book import Act, Entry, Standing
from tallybook.canvass import (
    Group,
    Leak,
    Limits,
    card_leaks,
    leaks,
    refused,
    returns_groups,
    table_groups,
    under_law,
)
from tallybook.canvass.table_rows import PLACES
from tallybook.doors.cli.shown import DoorError
from tallybook.formats.detect import kind_of
from tallybook.law import LawSet
from tallybook.law.ruling import deciding_rows

MOST_SHOWN = 12
UNDER = "Small groups are published under {}."
NAMED_ROW = re.compile(r"Small groups are published under ([A-Za-z0-9_-]+)\.")
"""The words by which the note of an act names the row that requires its small groups."""
MOST_BYTES = 200_000_000
HEAD = 64 << 10
EXPORTS = ("dominion_json", "dominion_csv", "ess", "hart", "clear_ballot", "cvr_cdf_json", "cvr_cdf_xml")
PERSONAL = re.compile(
    r"(voter|elector|first|last|full|sur|middle|maiden)_?name|signature_?(image|on|scan)|date_of_birth|birth|(^|_)"
    r"dob($|_)|ssn|social_security|home_address|street|phone|e_?mail|driver|passport|voter_?(id|no|number)|"
    r"registration_?(id|no|number)|(envelope|oath)_?(id|no|num|number|code|barcode)"
)
CARD_HEADINGS = ("cvr", "imprint", "record_id", "recordid", "ballot_id", "ballotid", "card_id", "cardid")


@dataclass(frozen=True)
class Looked:
    """What was found. tables: tables of votes; groups: cells in them; others: files without votes."""

    leaks: tuple[Leak, ...]
    tables: int
    groups: int
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Told:
    """One file: the groups that it tells of, what it gives away by itself, and whether it holds votes."""

    groups: tuple[Group, ...] = ()
    leaks: tuple[Leak, ...] = ()
    has_votes: bool = False


def look(told: Iterable[tuple[str, Told]], limits: Limits, required: Mapping[str, str]) -> Looked:
    """Everything that these tables give away, alone and together. required: table -> citation."""
    every = list(told)
    groups = [group for _, one in every for group in one.groups]
    found = [*(leak for _, one in every for leak in one.leaks), *leaks(groups, limits)]
    others = tuple(name for name, one in every if not one.has_votes)
    return Looked(under_law(found, required), len(every) - len(others), len(groups), others)


def told_by(name: str, data: bytes, limits: Limits, count: str = "") -> Told:
    """What a file tells: a table of votes, a table with a row a card, an export of cards, or no votes."""
    if len(data) > MOST_BYTES:
        raise DoorError(f"{name}: found {len(data):,} bytes; expected at most {MOST_BYTES:,}.")
    if kind_of(name, data[:HEAD]) in EXPORTS and not data.startswith(b"PK"):
        return Told(leaks=(whole_ballots(name),), has_votes=True)
    rows = rows_in(data)
    headings = list(rows[0]) if rows else []
    named = [heading for heading in headings if PERSONAL.search(heading)]
    if named:
        return Told(leaks=(of_persons(name, named, len(rows)),), has_votes=True)
    if any(mark in heading for heading in headings for mark in CARD_HEADINGS):
        places = [heading for heading in headings if heading in PLACES]
        return Told(leaks=card_leaks(name, rows, places, limits), has_votes=True)
    groups = table_groups(name, rows, count)
    return Told(groups, (), bool(groups))


def of_persons(name: str, headings: Sequence[str], rows: int) -> Leak:
    """A table with a column about persons, or with numbers of envelopes. Nothing in it is repeated."""
    says = (
        f'the column "{headings[0]}" seems to hold names, numbers or signatures of persons, or of envelopes.'
    )
    return Leak("personal", name, "the file", rows, says, "Take the column out, or file the table sealed.")


def whole_ballots(name: str) -> Leak:
    """Cast vote records as a voting system wrote them."""
    says = (
        "cast vote records as a voting system wrote them: whole ballots, with numbers that tell their order."
    )
    to_do = "File it sealed, and publish each contest by itself (tallybook convert --to published)."
    return Leak("linked_contests", name, "the file", 0, says, to_do)


def rows_in(data: bytes) -> list[dict[str, str]]:
    """The rows of a CSV table by heading in lower case; none where it is no table."""
    try:
        lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        return []
    lines = [line for line in lines if any(cell.strip() for cell in line)]
    if len(lines) < 2 or len(lines[0]) < 2 or len(set(lines[0])) != len(lines[0]):
        return []
    headings = ["_".join(cell.split()).lower() for cell in lines[0]]
    if any(len(line) != len(headings) for line in lines):
        return []
    return [dict(zip(headings, line, strict=True)) for line in lines[1:]]


# A book ----------------------------------------------------------------------------------------


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
    seen: set[str] = set()
    day = ""
    for entry in entries:
        if not entry.seq:
            day = entry.detail["election"]["day"]
            allowed = {one["id"]: one.get("votes_allowed", 1) for one in entry.detail["contests"]}
        citation = citation_of(laws, entry, day) or default
        for name, one in of_entry(laws, entry, exhibit, limits, allowed, seen):
            told.append((name, one))
            if citation:
                required[name] = citation
    return look(told, limits, required)


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
                yield (
                    one["name"],
                    told_by(one["name"], file.read(MOST_BYTES + 1), limits, f"{one['name']} {count}"),
                )


def citation_of(laws: LawSet, entry: Entry, election_day: str) -> str:
    """The citation under which an entry's tables are required: of a duty, or of a statement's correction.

    An act that was refused, of an office whose duty it is, states what the law will require of it. Else the
    row that the act's note names.
    """
    effect = laws.acts[entry.act].effect if entry.act in laws.acts else ""
    if (named := NAMED_ROW.search(str(entry.detail.get("note", "")))) and (row := known_row(laws, named[1])):
        return row
    if not entry.ruling:
        return required_by(laws, entry, election_day) if entry.act else ""
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
    citation = row_of(laws, under) if under else required_by(laws, act, standing.day)
    return look(told, limits, {name: citation for name, _ in told} if citation else {})


def is_named(exhibit: Mapping[str, Any]) -> bool:
    """Whether an exhibit has a name and a fingerprint; what has none is told as a problem elsewhere."""
    return isinstance(exhibit.get("name"), str) and len(str(exhibit.get("sha256", ""))) == 64


def required_by(laws: LawSet, act: Act | Entry, election_day: str) -> str:
    """The citation under which the law makes this act its office's duty, or lets it correct a statement."""
    if act.act not in laws.acts or act.office not in laws.offices:
        return ""
    rows = deciding_rows(laws, act.act, act.office, act.purpose, act.on[:10], election_day)
    corrects = laws.acts[act.act].effect == "restate"
    row = next((row for row in rows if row.grants and (corrects or row.status == "duty")), None)
    return f"{row.citation} ({row.id})" if row else ""


# What is said ------------------------------------------------------------------------------------


def refuse(found: Looked, what: str) -> None:
    """Stop where a table that no law requires gives somebody away, naming the cells."""
    bad = refused(found.leaks)
    if bad:
        more = [f"And {len(bad) - MOST_SHOWN:,} more."] if len(bad) > MOST_SHOWN else []
        raise DoorError(
            f"{what} Somebody's vote could be worked out:",
            *(f"  {one}" for one in bad[:MOST_SHOWN]),
            *more,
            "A table that the law requires passes under its row: --under ROW.",
            code=1,
        )


def passed(found: Looked) -> list[str]:
    """The cells that pass under a row of law, counted by row, in sentences."""
    by_law: dict[str, list[Leak]] = {}
    for one in found.leaks:
        if one.under:
            by_law.setdefault(one.under, []).append(one)
    return [
        f"{len(some):,} small cells or cells of one mind pass, since the law requires them: {citation}."
        for citation, some in sorted(by_law.items())
    ]


def plain(found: Looked) -> dict[str, Any]:
    """The finding for machines."""
    return {
        "tables": found.tables,
        "groups": found.groups,
        "not_looked_into": list(found.others),
        "refused": [plain_leak(one) for one in refused(found.leaks)],
        "required": [plain_leak(one) for one in found.leaks if one.under],
    }


def plain_leak(one: Leak) -> dict[str, Any]:
    """A leak for machines."""
    return {
        "kind": one.kind,
        "table": one.table,
        "place": one.place,
        "ballots": one.ballots,
        "says": one.says,
        "to_do": one.to_do,
        "besides": list(one.besides),
        "under": one.under,
    }


def of_files(paths: Sequence[Path], limits: Limits, citation: str) -> Looked:
    """What files and folders of published contests give away together, the later after the earlier."""
    told: list[tuple[str, Told]] = []
    for path in paths:
        if path.is_dir():
            told += of_folder(path, limits)
        else:
            told.append((path.name, told_by(path.name, path.read_bytes(), limits)))
    required = {leak.table: citation for _, one in told for leak in one.leaks} if citation else {}
    return look(told, limits, {**required, **({name: citation for name, _ in told} if citation else {})})


def of_folder(path: Path, limits: Limits) -> Iterable[tuple[str, Told]]:
    """Every published contest in a folder; each by itself and all together."""
    from tallybook.canvass import contest_leaks, linked_rows
    from tallybook.keep.cards.parquet import StoreError
    from tallybook.keep.cards.published import CODES, COMMITMENTS, HEAD, LENGTH, ballots_of, read_published

    heads = sorted(path.rglob(HEAD))
    if not heads:
        raise DoorError(f"{path}: found no table and no published contest in this folder.")
    sealed: dict[str, list[bytes]] = {}
    for head in heads:
        files = {name: (head.parent / name).read_bytes() for name in (HEAD, CODES, COMMITMENTS)}
        try:
            one = read_published(files)
        except StoreError as why:
            raise DoorError(f"{head.parent}: {why}") from None
        rows = one.commitments
        sealed[one.contest.id] = [rows[at : at + LENGTH] for at in range(0, len(rows), LENGTH)]
        yield one.contest.id, Told((), contest_leaks(ballots_of(one), limits), True)
    yield path.name, Told((), linked_rows(sealed), True)
