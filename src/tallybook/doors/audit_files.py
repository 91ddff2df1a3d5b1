"""The files of the workbench: contests, a manifest, totals by batch, readings, costs. Bytes in, rows out.

For `tallybook plan`, `draw`, `assertions` and `risk`. A contest file is TOML:

    risk_limit = "0.05"
    [[contests]]
    id = "mayor"
    votes = { ann = 600, bob = 400 }     # reported
    cards = 1000                         # that may carry the contest, phantoms included
    rule = "plurality"                   # or another of RULES
    by_style = true                      # every card of the population carries the contest

Where absent, ``seats`` and ``votes_allowed`` are 1, ``write_ins`` is 0, and ``records`` (cards with a record)
is ``cards``. What else a contest may say is in docs/reference/audit/workbench.md. ``audit_cases`` makes cases
of the rows.
"""

import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Literal

import msgspec

from tallybook.audit.costs import CostModel
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.tables import number_in, rows_of
from tallybook.election import Contest, Manifest
from tallybook.formats.manifests import OWN
from tallybook.formats.manifests import read_manifest as read_own

Rule = Literal[
    "plurality",
    "majority_or_runoff",
    "approval",
    "super_majority",
    "dhondt",
    "sainte_lague",
    "modified_sainte_lague",
    "largest_remainders",
    "ranked_choice",
]
How = Literal["polling", "card_comparison", "batch_comparison"]


class StratumRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One stratum of a contest: the batches of these jurisdictions and containers; empty means all."""

    name: str
    how: How
    cards: int
    votes: dict[str, int]
    write_ins: int = 0
    jurisdictions: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()


class ContestRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One contest of a contest file, as written. A number of -1 was not stated."""

    id: str
    votes: dict[str, int] = {}
    cards: int = -1
    name: str = ""
    seats: int = 1
    votes_allowed: int = 1
    rule: Rule | None = None
    rules: str = ""
    cards_from: str = ""
    choices: tuple[str, ...] = ()
    winner: str = ""
    share: str = "1/2"
    threshold: str = "0"
    by_style: bool = True
    records: int = -1
    write_ins: int = 0
    jurisdictions: tuple[str, ...] = ()
    strata: tuple[StratumRow, ...] = ()


class ContestFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A contest file, as written."""

    contests: list[ContestRow]
    risk_limit: str = "0.05"


class CardReading(msgspec.Struct, frozen=True):
    """One row of a file of readings."""

    item: tuple[str, str, str]
    contest: str
    found: str
    reported: str


def read_contest_file(path: Path) -> tuple[tuple[ContestRow, ...], Fraction]:
    """The rows of a contest file, and its risk limit. Raises DoorError with what is wrong in it."""
    try:
        held = msgspec.convert(tomllib.loads(path.read_text("utf-8")), ContestFile)
        limit = Fraction(held.risk_limit)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError, ValueError) as error:
        raise DoorError(f"{path}: {error}. Correct the file and ask again; nothing was drawn.") from None
    if not 0 < limit < 1:
        raise DoorError(f'{path}: found the risk limit "{held.risk_limit}"; expected one such as "0.05".')
    if not held.contests:
        raise DoorError(f"{path}: found no contest; expected at least one [[contests]].")
    return tuple(held.contests), limit


def read_costs(path: Path | None, hour_cents: int, boards: int) -> CostModel:
    """The cost model: the usual one, with the figures of a TOML file (fields of ``costs.CostModel``)."""
    model = CostModel(hour_cents=hour_cents, boards=boards)
    if path is None:
        return model
    try:
        table = tomllib.loads(path.read_text("utf-8"))
        known = {one.name: one.type for one in msgspec.structs.fields(CostModel)}
        strange = sorted(table.keys() - known.keys())
        if strange:
            raise ValueError(f"found {strange[0]}; expected one of {', '.join(known)}")
        told = {name: _figure(name, value, known[name]) for name, value in table.items()}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValueError) as error:
        raise DoorError(f"{path}: {error}. Correct the file and ask again.") from None
    return msgspec.structs.replace(model, **told)


def read_manifest(path: Path) -> Manifest:
    """A manifest with the columns Jurisdiction, Batch, Cards, and perhaps Container."""
    found, problems = read_own(path.read_bytes(), str(path), OWN)
    if found is None:
        raise DoorError(*(str(one) for one in problems))
    return found


def read_batch_votes(path: Path, contest: Contest) -> dict[str, dict[str, int]]:
    """Batch (jurisdiction, line feed, batch) -> votes by choice: reported totals, or hand counts."""
    rows = rows_of(path, ("Jurisdiction", "Batch", *contest.choice_ids))
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        key = f"{row.cells['Jurisdiction']}\n{row.cells['Batch']}"
        if key in found:
            raise DoorError(f"{path}, row {row.number}: {key.replace(chr(10), ', ')} stands here twice.")
        found[key] = {choice: number_in(path, row, choice) for choice in contest.choice_ids}
    return found


def read_readings(path: Path) -> tuple[CardReading, ...]:
    """The readings of drawn cards: Jurisdiction, Batch, Position, Read, perhaps Contest and Reported."""
    rows = rows_of(path, ("Jurisdiction", "Batch", "Position", "Read"))
    return tuple(
        CardReading(
            (row.cells["Jurisdiction"], row.cells["Batch"], row.cells["Position"]),
            row.cells.get("Contest", ""),
            row.cells["Read"],
            row.cells.get("Reported", ""),
        )
        for row in rows
    )


def _figure(name: str, value: object, kind: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{name}: found {value}; expected a number of at least 0")
    number = Fraction(str(value))
    if number < 0 or (kind is int and (number.denominator != 1 or number < 1)):
        raise ValueError(f"{name}: found {value}; expected {'a whole number' if kind is int else 'minutes'}")
    return int(number) if kind is int else number
