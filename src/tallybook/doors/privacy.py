"""The privacy gate at the door: every table that is about to be public, read and looked at together.

For the commands that publish or look before that: what a file is (votes, rows of cards, an export, neither),
what it gives away alone and beside the others, and how that is said. Books: `privacy_books`.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tallybook.canvass import (
    Group,
    Leak,
    Limits,
    card_leaks,
    leaks,
    refused,
    table_groups,
    under_law,
)
from tallybook.canvass.table_rows import PLACES
from tallybook.doors.cli.shown import DoorError
from tallybook.formats.detect import kind_of

MOST_SHOWN = 12
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
    """What files and folders of published contests give away together, the later after the earlier.

    A package is looked at by itself, under its own law.
    """
    from tallybook.doors.privacy_books import of_package

    told: list[tuple[str, Told]] = []
    packages: list[Looked] = []
    for path in paths:
        if is_package(path):
            packages.append(of_package(path, limits))
        elif path.is_dir():
            told += of_folder(path, limits)
        else:
            told.append((path.name, told_by(path.name, path.read_bytes(), limits)))
    required = {leak.table: citation for _, one in told for leak in one.leaks} if citation else {}
    found = look(told, limits, {**required, **({name: citation for name, _ in told} if citation else {})})
    every = [found, *packages]
    return Looked(
        tuple(leak for one in every for leak in one.leaks),
        sum(one.tables for one in every),
        sum(one.groups for one in every),
        tuple(name for one in every for name in one.others),
    )


def is_package(path: Path) -> bool:
    """Whether a path is an evidence package: a folder with its list of contents, or a ZIP that has one."""
    if path.is_dir():
        return (path / "contents").is_file() and (path / "checkpoint").is_file()
    with path.open("rb") as file:
        return file.read(64).startswith(b"PK\x03\x04") and path.suffix == ".zip"


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
