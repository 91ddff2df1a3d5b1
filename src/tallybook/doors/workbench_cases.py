"""From a contest file to its cases: what was reported of each contest, of which cards, and what that claims.

For `tallybook plan`, `draw`, `assertions` and `risk`. A contest is known in one of four ways: by its totals
(``workbench_totals``); by its cards, or, ranked and without records, by its choices and the reported winner
(``workbench_cards``); by readings with their cards, where totals do not say enough: counts in rounds, Borda,
scores, STAR, cumulative votes (``workbench_readings``). Nothing is read here but what a row names.
"""

from fractions import Fraction
from pathlib import Path

import msgspec

from tallybook.audit.styles import Styled, styled
from tallybook.doors.cli.cards import rules_in
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.workbench_cards import of_cards, of_winner
from tallybook.doors.workbench_case import BY_READING, Case
from tallybook.doors.workbench_files import (
    ContestRow,
    read_batch_votes,
    read_rows,
    read_styles,
    readings_by_batch,
)
from tallybook.doors.workbench_readings import of_readings
from tallybook.doors.workbench_totals import of_totals
from tallybook.outcomes import Rules

PLAIN = ("plurality", "approval", "ranked_choice", "majority_or_runoff")
"""Rules of a contest file that count cards as they are; others need a rules file for that."""


def read_cases(path: Path) -> tuple[Case, ...]:
    """The contests of a contest file. Raises DoorError with what is wrong in it."""
    rows, limit = read_rows(path)
    ids = [row.id for row in rows]
    twice = next((one for one in ids if ids.count(one) > 1), None)
    if twice is not None:
        raise DoorError(f"{path}: the contest {twice} stands here twice. Nothing was drawn.")
    return tuple(
        msgspec.structs.replace(case, styled=_styled(row, path))
        for row in rows
        for case in _cases(row, limit, path)
    )


def batch_votes(path: Path, case: Case) -> dict[str, dict[str, int]]:
    """Batch -> votes by choice; of a contest by reading, reading -> cards: reported, or counted by hand."""
    return readings_by_batch(path) if case.is_by_reading else read_batch_votes(path, case.contest)


def _cases(row: ContestRow, limit: Fraction, path: Path) -> tuple[Case, ...]:
    """The case of a row; several where seats are filled one after another."""
    where, rules = f"{path}, {row.id}", _rules(row, path)
    by_reading = rules is not None and rules.method in BY_READING
    if rules and not row.cards_from and (row.readings or (by_reading and (row.strata or row.votes))):
        return of_readings(row, rules, limit, path)
    _fitting_numbers(row, where)
    if any(one.readings or one.cards_from for one in row.strata):
        raise DoorError(
            f"{where}: strata have readings where the rule is by reading (ranked choice, scores, STAR); "
            "here each stratum says votes = { ann = 10 }."
        )
    if row.cards_from:
        if rules is None:
            raise DoorError(f'{where}: cards counted by {row.rule} need rules = "FILE.toml".')
        return of_cards(row, rules, limit, path)
    if rules and by_reading:
        return (of_winner(row, rules, limit, where),)
    return (of_totals(row, rules if row.rules else None, limit, where),)


def _styled(row: ContestRow, path: Path) -> Styled | None:
    """Which cards of each batch can hold the contest, where the row names its styles."""
    where = f"{path}, {row.id}"
    if not row.styles and not row.styles_from:
        return None
    if not (row.styles and row.styles_from):
        raise DoorError(
            f'{where}: expected both styles = ["1"], the card styles with the contest, and styles_from = '
            '"FILE.csv" (Jurisdiction, Batch, Style, Cards).'
        )
    if row.strata:
        raise DoorError(f"{where}: styles are not read where there are strata; name batches by containers.")
    found = read_styles(path.parent / row.styles_from)
    strange = sorted(set(row.styles) - {style for of in found.values() for style in of})
    if strange:
        raise DoorError(f"{where}: {row.styles_from} has no style {strange[0]}.")
    return styled(found, row.styles)


def _rules(row: ContestRow, path: Path) -> Rules | None:
    """The rules that count a contest's cards; None where the row names a rule that is of totals alone."""
    if row.rules:
        file = path.parent / row.rules
        if not file.is_file():
            raise DoorError(f"{path}, {row.id}: there is no rules file {file}.")
        return rules_in(file)
    name = row.rule or "plurality"
    return Rules(name, name) if name in PLAIN else None  # type: ignore[arg-type]


def _fitting_numbers(row: ContestRow, where: str) -> None:
    """Refuse numbers below what they can be."""
    numbers = [row.seats, row.votes_allowed, row.cards if row.cards >= 0 else 1]
    votes = [*row.votes.values(), *(v for s in row.strata for v in (s.cards, *s.votes.values()))]
    if min(numbers) < 1 or min([row.write_ins, *votes], default=0) < 0:
        raise DoorError(f"{where}: a number is below what it can be.")
