"""The files of the workbench: contests, a manifest, votes by batch, readings, costs. Bytes in, rows out.

For `tallybook plan`, `draw`, `assertions` and `risk`. A contest file is TOML:

    risk_limit = "0.05"
    [[contests]]
    id = "mayor"
    votes = { ann = 600, bob = 400 }     # reported
    cards = 1000                         # that may carry the contest, phantoms included
    rule = "plurality"                   # or another of RULES
    by_style = true                      # every card of the population carries the contest

Where absent, ``seats`` and ``votes_allowed`` are 1, ``write_ins`` is 0, and ``records`` (cards with a record)
is ``cards``. What else a contest may say is in docs/reference/audit/workbench.md. ``workbench_cases`` makes
cases of the rows.
"""

import re
import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Literal, get_args

import msgspec

from tallybook.audit.costs import CostModel
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.tables import number_in, rows_of
from tallybook.election import Contest, Manifest
from tallybook.formats.manifests import manifest_of_any

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
How = Literal["polling", "card_comparison", "batch_comparison", "pools"]
READING = "Reading"


class StratumRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One stratum of a contest: the batches of these jurisdictions and containers; empty means all.

    votes: choice -> votes, or of a method by reading reading -> cards; readings: a table with these;
    cards_from: where its records lie.
    """

    name: str
    how: How
    cards: int
    votes: dict[str, int] = {}
    write_ins: int = 0
    jurisdictions: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()
    readings: str = ""
    cards_from: str = ""


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
    readings: str = ""
    styles: tuple[str, ...] = ()
    styles_from: str = ""
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


def read_rows(path: Path) -> tuple[tuple[ContestRow, ...], Fraction]:
    """The rows of a contest file, and its risk limit. Raises DoorError with what is wrong in it."""
    try:
        held = msgspec.convert(tomllib.loads(path.read_text("utf-8")), ContestFile)
        limit = Fraction(held.risk_limit)
    except FileNotFoundError:
        raise DoorError(f"There is no file {path}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError, ValueError) as error:
        told = _plainly(str(error))
        raise DoorError(f"{path}: {told}. Correct the file and ask again; nothing was drawn.") from None
    except ZeroDivisionError:
        limit = Fraction(0)
    if not 0 < limit < 1:
        raise DoorError(f'{path}: found the risk limit "{held.risk_limit}"; expected one such as "0.05".')
    if not held.contests:
        raise DoorError(f"{path}: found no contest; expected at least one [[contests]].")
    return tuple(held.contests), limit


def read_manifest(path: Path) -> Manifest:
    """A manifest in our form, in Arlo's or in Colorado's.

    One without a column for the jurisdiction is of the jurisdiction that the file is named after.
    """
    if not path.is_file():
        raise DoorError(f"There is no file {path}. Nothing was drawn.")
    found, problems = manifest_of_any(path.read_bytes(), str(path), path.stem)
    if found is None:
        raise DoorError(*(str(one) for one in problems), "Nothing was drawn.")
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


def readings_by_batch(path: Path) -> dict[str, dict[str, int]]:
    """Batch -> reading -> cards."""
    found: dict[str, dict[str, int]] = {}
    for row in rows_of(path, ("Jurisdiction", "Batch", READING, "Cards")):
        batch = found.setdefault(f"{row.cells['Jurisdiction']}\n{row.cells['Batch']}", {})
        if row.cells[READING] in batch:
            name = f"{row.cells['Jurisdiction']}, {row.cells['Batch']}"
            told = f'"{row.cells[READING]}" of {name} stands here twice.'
            raise DoorError(f"{path}, row {row.number}: {told}")
        batch[row.cells[READING]] = number_in(path, row, "Cards")
    return found


def readings_in(path: Path) -> dict[str, int]:
    """Reading -> cards, of all rows of a table."""
    total: dict[str, int] = {}
    for row in rows_of(path, (READING, "Cards")):
        text = row.cells[READING]
        total[text] = total.get(text, 0) + number_in(path, row, "Cards")
    return total


def read_styles(path: Path) -> dict[str, dict[str, int]]:
    """Batch -> card style -> cards."""
    found: dict[str, dict[str, int]] = {}
    for row in rows_of(path, ("Jurisdiction", "Batch", "Style", "Cards")):
        batch = found.setdefault(f"{row.cells['Jurisdiction']}\n{row.cells['Batch']}", {})
        if row.cells["Style"] in batch:
            raise DoorError(f"{path}, row {row.number}: this style of this batch stands here twice.")
        batch[row.cells["Style"]] = number_in(path, row, "Cards")
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


UNKNOWN = re.compile(r"Object contains unknown field `(.*?)`(?: - at `(.*)`)?")
SAID = (
    ("Object missing required field", "expected the key"),
    (
        r"Invalid enum value '(.*?)' - at (.*rule`)",
        rf"found '\1'; expected of: {', '.join(get_args(Rule))}, at \2",
    ),
    (
        r"Invalid enum value '(.*?)' - at (.*how`)",
        rf"found '\1'; expected of: {', '.join(get_args(How))}, at \2",
    ),
    ("Expected `int`, got `str`", "expected a whole number, found text"),
    ("Expected `(int|str|array|object)`, got `(.*?)`", r"expected another kind of value (\1), found \2"),
    ("Invalid literal for Fraction: (.*)", r'found the risk limit \1; expected one such as "0.05"'),
)
"""What the reader of the file says, and what we say instead."""


def _plainly(error: str) -> str:
    """What is wrong with the form of a contest file: a key that nobody knows is told with those there are."""
    match = UNKNOWN.fullmatch(error)
    if match is None:
        for theirs, ours in SAID:
            error = re.sub(theirs, ours, error)
        return error.replace("$.", "").replace("`", '"')
    places = {"strata": StratumRow, "contests": ContestRow}
    kind = next((kind for name, kind in places.items() if name in (match[2] or "")), ContestFile)
    known = ", ".join(kind.__struct_fields__)
    where = f" in {match[2].removeprefix('$.')}" if match[2] else ""
    return f'found the key "{match[1]}"{where}; expected of: {known}'


def _figure(name: str, value: object, kind: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{name}: found {value}; expected a number of at least 0")
    number = Fraction(str(value))
    if number < 0 or (kind is int and (number.denominator != 1 or number < 1)):
        raise ValueError(f"{name}: found {value}; expected {'a whole number' if kind is int else 'minutes'}")
    return int(number) if kind is int else number
