"""The files of the workbench: a contest file, a manifest, totals by batch, readings. Bytes in, nouns out.

For `tallybook plan`, `draw`, `assertions` and `risk`. A contest file is TOML:

    risk_limit = "0.05"
    [[contests]]
    id = "mayor"
    votes = { ann = 600, bob = 400 }     # reported
    cards = 1000                         # that may carry the contest, phantoms included
    rule = "plurality"                   # or "majority_or_runoff"
    by_style = true                      # every card of the population carries the contest

Where absent, ``seats`` and ``votes_allowed`` are 1, ``write_ins`` is 0, and ``records`` (cards with a record)
is ``cards``. Readings name the card by Jurisdiction, Batch and Position; "Read" and
"Reported" hold choices joined by ";", or "blank", "not on card", "not found".
"""

import datetime
import tomllib
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Literal

import msgspec

from tallybook.audit.assertions import Claim, FullCount
from tallybook.audit.claims import of_outcome
from tallybook.audit.margins import Population
from tallybook.doors.cli.shown import DoorError
from tallybook.election import Choice, Contest, Manifest, Tally
from tallybook.election.cards import Mark, Pattern
from tallybook.formats.csv_in import Row, as_number, read_table
from tallybook.formats.manifests import OWN
from tallybook.formats.manifests import read_manifest as read_own
from tallybook.formats.problems import Problems
from tallybook.outcomes import Outcome, majority_or_runoff, plurality

NOT_ON_CARD, NOT_READ = "not on card", "not found"
RULES = ("plurality", "majority_or_runoff")


class ContestRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One contest of a contest file, as written."""

    id: str
    votes: dict[str, int]
    cards: int
    name: str = ""
    seats: int = 1
    votes_allowed: int = 1
    rule: Literal["plurality", "majority_or_runoff"] = "plurality"
    by_style: bool = True
    records: int = -1
    write_ins: int = 0


class ContestFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A contest file, as written."""

    contests: list[ContestRow]
    risk_limit: str = "0.05"


class Case(msgspec.Struct, frozen=True):
    """One contest to be audited: as reported, its population, and what its outcome claims."""

    contest: Contest
    tally: Tally
    population: Population
    outcome: Outcome
    claim: Claim | FullCount
    limit: Fraction


class CardReading(msgspec.Struct, frozen=True):
    """One row of a file of readings."""

    item: tuple[str, str, str]
    contest: str
    found: str
    reported: str


def read_cases(path: Path) -> tuple[Case, ...]:
    """The contests of a contest file. Raises DoorError with what is wrong in it."""
    try:
        held = msgspec.convert(tomllib.loads(path.read_text("utf-8")), ContestFile)
        limit = Fraction(held.risk_limit)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError, ValueError) as error:
        raise DoorError(f"{path}: {error}. Correct the file and ask again; nothing was drawn.") from None
    if not 0 < limit < 1:
        raise DoorError(f'{path}: found the risk limit "{held.risk_limit}"; expected one such as "0.05".')
    if not held.contests:
        raise DoorError(f"{path}: found no contest; expected at least one [[contests]].")
    return tuple(_case(row, limit, path) for row in held.contests)


def _case(row: ContestRow, limit: Fraction, path: Path) -> Case:
    choices = tuple(Choice(name, name) for name in row.votes)
    contest = Contest(row.id, row.name or row.id, "", choices, row.seats, row.votes_allowed)
    tally = Tally(row.id, tuple(row.votes.items()), write_ins=row.write_ins)
    least = min([row.cards, row.seats, row.votes_allowed, *row.votes.values()], default=-1)
    if least < 0 or not row.votes or row.cards < 1 or row.seats < 1 or row.votes_allowed < 1:
        raise DoorError(f"{path}, {row.id}: a number is below what it can be, or there is no choice.")
    majority = row.rule == "majority_or_runoff"
    if majority:
        outcome: Outcome = majority_or_runoff(tally, datetime.date.min)
    else:
        outcome = plurality(tally, row.seats)
    records = row.cards if row.records < 0 else row.records
    population = Population(row.cards, records, "carries" if row.by_style else "may_lack")
    return Case(contest, tally, population, outcome, of_outcome(contest, outcome, majority), limit)


def read_manifest(path: Path) -> Manifest:
    """A manifest with the columns Jurisdiction, Batch, Cards, and perhaps Container."""
    found, problems = read_own(path.read_bytes(), str(path), OWN)
    if found is None:
        raise DoorError(*(str(one) for one in problems))
    return found


def read_batch_votes(path: Path, contest: Contest) -> dict[str, dict[str, int]]:
    """Batch (jurisdiction, line feed, batch) -> votes by choice: reported totals, or hand counts."""
    rows = _rows(path, ("Jurisdiction", "Batch", *contest.choice_ids))
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        key = f"{row.cells['Jurisdiction']}\n{row.cells['Batch']}"
        if key in found:
            raise DoorError(f"{path}, row {row.number}: {key.replace(chr(10), ', ')} stands here twice.")
        found[key] = {choice: _number(path, row, choice) for choice in contest.choice_ids}
    return found


def read_readings(path: Path) -> tuple[CardReading, ...]:
    """The readings of drawn cards."""
    rows = _rows(path, ("Jurisdiction", "Batch", "Position", "Read"))
    return tuple(
        CardReading(
            (row.cells["Jurisdiction"], row.cells["Batch"], row.cells["Position"]),
            row.cells.get("Contest", ""),
            row.cells["Read"],
            row.cells.get("Reported", ""),
        )
        for row in rows
    )


def codes_of(texts: Sequence[str], contest: Contest, known: dict[Pattern, int], where: str) -> list[int]:
    """The code of each text; new patterns are added to ``known``."""
    return [_code(text, contest, known, where) for text in texts]


def _code(text: str, contest: Contest, known: dict[Pattern, int], where: str) -> int:
    plain = text.strip()
    if plain.casefold() == NOT_READ:
        return -1
    if plain.casefold() == NOT_ON_CARD:
        return 0
    names = [] if plain.casefold() == "blank" else [one.strip() for one in plain.split(";")]
    for name in names:
        if name not in contest.choice_ids and name != "write_in" and not name.startswith("write_in:"):
            choices = ", ".join(contest.choice_ids)
            raise DoorError(
                f'{where}: found "{name}"; expected choices of {contest.id} joined by ";" ({choices}, '
                f"write_in), or blank, {NOT_ON_CARD}, {NOT_READ}."
            )
    pattern = Pattern(tuple(Mark(name) for name in names))
    return known.setdefault(pattern, len(known) + 1)


def _rows(path: Path, needed: Sequence[str]) -> tuple[Row, ...]:
    problems = Problems()
    held = read_table(path.read_bytes(), str(path), problems, needed, others=True)
    if problems.grave:
        raise DoorError(*(str(one) for one in problems.collected()))
    return held.rows


def _number(path: Path, row: Row, column: str) -> int:
    value = as_number(row.cells.get(column, ""))
    if value is None:
        found = row.cells.get(column, "")
        raise DoorError(f'{path}, row {row.number}, "{column}": found "{found}"; expected a whole number.')
    return value
