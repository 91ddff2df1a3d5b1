"""Contests known by their cards at the workbench, or ranked ones of which only the winner is known.

``cards_from`` names a folder of `tallybook cards`, published cards, an export, a BLT or RAIRE file. Without
any record of cards AWAIRE alone can audit a ranked contest: from its choices and its reported winner.
"""

from fractions import Fraction
from pathlib import Path

import msgspec

from tallybook.audit.assertions import FullCount
from tallybook.doors.cli.cards import opened
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.contest_parts import added
from tallybook.doors.workbench_case import Case, population_of
from tallybook.doors.workbench_counted import counted_cases
from tallybook.doors.workbench_files import ContestRow
from tallybook.election import Choice, Contest, Tally
from tallybook.outcomes import Rules


def of_cards(row: ContestRow, rules: Rules, limit: Fraction, path: Path) -> tuple[Case, ...]:
    """A contest known by its cards, counted by its rules; a case for each seat that is filled in turn."""
    where = f"{path}, {row.id}"
    if row.votes or row.strata:
        raise DoorError(f"{where}: state either cards_from or votes and strata, not both.")
    names, ask = opened(path.parent / row.cards_from)
    wanted = row.name or (names[0][1] if len(names) == 1 else row.id)
    parts, _ = ask(wanted, "", None)
    pile = added(parts.values())
    held = Case(
        msgspec.structs.replace(pile.contest, id=row.id),
        Tally(row.id, ()),
        population_of(row, sum(pile.counts)),
        FullCount(row.id, ()),
        limit,
        rules,
        patterns=pile.patterns,
        counts=pile.counts,
        places=row.jurisdictions,
    )
    return counted_cases(held, row.winner, "cards", where)


def of_winner(row: ContestRow, rules: Rules, limit: Fraction, where: str) -> Case:
    """A ranked contest without records: its choices, and who was reported to have won."""
    if row.winner not in row.choices or row.cards < 1 or row.strata or row.votes:
        raise DoorError(
            f"{where}: a ranked contest needs cards_from (its records), or else choices = [...], winner and "
            "cards, to be audited by AWAIRE without records. Nothing was drawn."
        )
    choices = tuple(Choice(name, name) for name in row.choices)
    contest = Contest(row.id, row.name or row.id, "", choices, row.seats, row.votes_allowed)
    why = "No record of single cards is given; AWAIRE alone can audit it: tallybook risk --method AWAIRE."
    claim, population = FullCount(row.id, (why,)), population_of(row, row.cards)
    tally = Tally(row.id, ())
    return Case(contest, tally, population, claim, limit, rules, winner=row.winner, places=row.jurisdictions)
