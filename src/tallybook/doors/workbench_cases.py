"""Contest files with all that the workbench takes: readings with their cards, strata of any kind, pools.

``audit_cases`` makes the cases of contests known by totals or by records. Where totals do not say enough
(counts in rounds, Borda, scores, STAR, cumulative votes) a contest, or each of its strata, says how many
cards were reported with each reading: in the contest file (``votes``), in a table (``readings``: Reading,
Cards, perhaps by Jurisdiction and Batch), or by its records (``cards_from``). All are counted together by the
contest's rules, and the assertions hold for the whole contest.
"""

import re
import tomllib
from fractions import Fraction
from pathlib import Path
from typing import get_args

import msgspec

from tallybook.doors import audit_cases
from tallybook.doors.audit_cases import ROUNDS, Case
from tallybook.doors.audit_files import Rule, StratumRow, read_batch_votes
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.workbench_readings import (
    Kind,
    WrittenContest,
    WrittenStratum,
    of_readings,
    readings_by_batch,
)
from tallybook.election import Manifest
from tallybook.formats.manifests import manifest_of_any
from tallybook.outcomes import Rules

BY_READING = (*ROUNDS, "borda", "score", "star", "cumulative")
"""Methods of which totals by choice do not tell the assertions."""


class WrittenFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A contest file, as written."""

    contests: list[WrittenContest]
    risk_limit: str = "0.05"


def read_cases(path: Path) -> tuple[Case, ...]:
    """The contests of a contest file. Raises DoorError with what is wrong in it."""
    rows, limit = read_rows(path)
    ids = [row.id for row in rows]
    twice = next((one for one in ids if ids.count(one) > 1), None)
    if twice is not None:
        raise DoorError(f"{path}: the contest {twice} stands here twice. Nothing was drawn.")
    return tuple(case for row in rows for case in _cases(row, limit, path))


def read_rows(path: Path) -> tuple[tuple[WrittenContest, ...], Fraction]:
    """The rows of a contest file, and its risk limit. Raises DoorError with what is wrong in it."""
    try:
        held = msgspec.convert(tomllib.loads(path.read_text("utf-8")), WrittenFile)
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


UNKNOWN = re.compile(r"Object contains unknown field `(.*?)`(?: - at `(.*)`)?")


SAID = (
    ("Object missing required field", "expected the key"),
    (
        r"Invalid enum value '(.*?)' - at (.*rule`)",
        rf"found '\1'; expected of: {', '.join(get_args(Rule))}, at \2",
    ),
    (
        r"Invalid enum value '(.*?)' - at (.*how`)",
        rf"found '\1'; expected of: {', '.join(get_args(Kind))}, at \2",
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
    places = {"strata": WrittenStratum, "contests": WrittenContest}
    kind = next((kind for name, kind in places.items() if name in (match[2] or "")), WrittenFile)
    known = ", ".join(kind.__struct_fields__)
    where = f" in {match[2].removeprefix('$.')}" if match[2] else ""
    return f'found the key "{match[1]}"{where}; expected of: {known}'


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


def is_by_reading(case: Case) -> bool:
    """Is the contest one of which totals by choice do not tell the assertions?"""
    return case.rules.method in BY_READING


def batch_votes(path: Path, case: Case) -> dict[str, dict[str, int]]:
    """Batch -> votes by choice; of a contest by reading, reading -> cards: reported, or counted by hand."""
    return readings_by_batch(path) if is_by_reading(case) else read_batch_votes(path, case.contest)


def kind_of(stratum: StratumRow) -> str:
    """The kind of evidence of a stratum; ``pools`` is one that ``audit_files`` does not know."""
    return stratum.how


def _cases(row: WrittenContest, limit: Fraction, path: Path) -> tuple[Case, ...]:
    where = f"{path}, {row.id}"
    rules = _rules(row, path)
    by_reading = rules is not None and rules.method in BY_READING
    if rules is None or row.cards_from or not (row.readings or (by_reading and (row.strata or row.votes))):
        if any(one.readings or one.cards_from for one in row.strata):
            raise DoorError(
                f"{where}: strata have readings where the rule is by reading (ranked choice, scores, STAR); "
                "here each stratum says votes = { ann = 10 }."
            )
        return _of_totals_by_rules(row, rules, limit, path)
    return of_readings(row, rules, limit, path)


def _of_totals_by_rules(
    row: WrittenContest, rules: Rules | None, limit: Fraction, path: Path
) -> tuple[Case, ...]:
    """A contest of which totals say enough, or records; by rules of its own where it names some."""
    if rules is None or not row.rules or not (row.votes or row.strata):
        return audit_cases._case(row, limit, path)
    share = str(rules.count.share or row.share)
    known = msgspec.structs.replace(row, rules="", rule=rules.method, share=share)
    cases = audit_cases._case(known, limit, path)
    return tuple(msgspec.structs.replace(case, rules=rules) for case in cases)


def _rules(row: WrittenContest, path: Path) -> Rules | None:
    """The rules of a contest that may be known by readings; None where only its totals or records are."""
    from tallybook.doors.cli.cards import rules_in

    if row.rules:
        file = path.parent / row.rules
        if not file.is_file():
            raise DoorError(f"{path}, {row.id}: there is no rules file {file}.")
        return rules_in(file)
    plain = ("plurality", "approval", "ranked_choice", "majority_or_runoff")
    name = row.rule or "plurality"
    return Rules(name, name) if name in plain else None  # type: ignore[arg-type]
