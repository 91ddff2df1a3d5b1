"""Contests known by readings with their cards: from a contest file, a table, or the records of each stratum.

For the workbench, where totals by choice do not tell the assertions, or where people have no records. All
readings are counted together by the contest's rules; the assertions hold for the whole contest.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import msgspec

from tallybook.audit.assertions import FullCount
from tallybook.audit.margins import Population
from tallybook.doors.card_texts import codes_of
from tallybook.doors.cli.cards import opened
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.contest_parts import added
from tallybook.doors.workbench_case import Case, Reported, population_of
from tallybook.doors.workbench_counted import counted_cases
from tallybook.doors.workbench_files import ContestRow, StratumRow, readings_in
from tallybook.election import Choice, Contest, Tally
from tallybook.election.cards import Pattern
from tallybook.outcomes import Rules

Grouped = tuple[tuple[Pattern, ...], tuple[int, ...]]
"""Readings, and how many cards bear each."""


def of_readings(row: ContestRow, rules: Rules, limit: Fraction, path: Path) -> tuple[Case, ...]:
    """A contest known by its readings: all counted together, the claim that of the whole contest."""
    where = f"{path}, {row.id}"
    held = _skeleton(row, rules, limit, where)
    reported = {one.name: _reported(one, held, path) for one in row.strata}
    if reported:
        _fitting(row.strata, reported, where)
        grouped = added_up([(one.patterns, one.counts) for one in reported.values()])
    else:
        grouped = _grouped(row.votes, row.readings, held, path, where)
    cards = _cards(row, sum(grouped[1]), where)
    known = msgspec.structs.replace(
        held,
        population=population_of(row, cards),
        patterns=grouped[0],
        counts=grouped[1],
        strata=row.strata,
        reported=reported,
    )
    return counted_cases(known, row.winner, "readings", where)


def patterns_of(votes: Mapping[str, int], case: Case, where: str) -> Grouped:
    """Readings as people write them, with their cards, as patterns and counts; equal ones together."""
    total: dict[Pattern, int] = {}
    for text, cards in votes.items():
        known: dict[Pattern, int] = {}
        (code,) = codes_of([text], case, known, where)
        if code < 1:
            raise DoorError(f'{where}: found "{text}"; expected a reading of cards that bear the contest.')
        if cards < 0:
            raise DoorError(f"{where}: {text}: found {cards} cards; expected 0 or more.")
        (pattern,) = known
        total[pattern] = total.get(pattern, 0) + cards
    return tuple(total), tuple(total.values())


def added_up(many: Sequence[Grouped]) -> Grouped:
    """Grouped cards of several places as one."""
    total: dict[Pattern, int] = {}
    for patterns, counts in many:
        for pattern, count in zip(patterns, counts, strict=True):
            total[pattern] = total.get(pattern, 0) + count
    return tuple(total), tuple(total.values())


def _skeleton(row: ContestRow, rules: Rules, limit: Fraction, where: str) -> Case:
    """The contest without what was reported of it."""
    if row.strata and (row.votes or row.readings):
        raise DoorError(f"{where}: the strata say what was reported; leave it out above them.")
    if row.votes and row.readings:
        raise DoorError(f"{where}: state either votes or readings, not both.")
    if len(row.choices) < 2 or len(set(row.choices)) < len(row.choices):
        raise DoorError(f'{where}: name the choices, each once: choices = ["ann", "bob"].')
    if row.winner and row.winner not in row.choices:
        raise DoorError(f"{where}: {row.winner} is not among the choices ({', '.join(row.choices)}).")
    if min(row.seats, row.votes_allowed) < 1:
        raise DoorError(f"{where}: seats and votes_allowed are at least 1.")
    choices = tuple(Choice(name, name) for name in row.choices)
    contest = Contest(row.id, row.name or row.id, "", choices, row.seats, row.votes_allowed)
    population = Population(0, 0, "carries" if row.by_style else "may_lack")
    nothing = FullCount(row.id, ())
    return Case(contest, Tally(row.id, ()), population, nothing, limit, rules, places=row.jurisdictions)


def _cards(row: ContestRow, read: int, where: str) -> int:
    """How many cards there are: as stated, else those of the strata, else as many as were read."""
    held = sum(one.cards for one in row.strata)
    cards = row.cards if row.cards >= 0 else held or read
    if read < 1:
        raise DoorError(f"{where}: nothing was reported; expected readings with their cards.")
    if read > cards:
        raise DoorError(f"{where}: {read:,} readings on {cards:,} cards. Nothing was drawn.")
    if held > cards:
        raise DoorError(f"{where}: the strata hold {held:,} cards; {cards:,} are stated.")
    return cards


def _reported(one: StratumRow, case: Case, path: Path) -> Reported:
    """The reported readings of a stratum. Says plainly where these are missing."""
    where = f"{path}, {case.contest.id}, {one.name}"
    if sum([bool(one.votes), bool(one.readings), bool(one.cards_from)]) != 1:
        method = case.rules.method.replace("_", " ")
        raise DoorError(
            f"{where}: the margins of {method} need the reported readings of every stratum, once: "
            'votes = { "ann > bob" = 120, ... }, or readings = "FILE.csv" (Reading, Cards), or cards_from = '
            '"FOLDER" with its records. Where nobody reported how rankings fall, AWAIRE can audit the contest'
            " whole, by polling. Nothing was drawn."
        )
    if not one.cards_from:
        return Reported(*_grouped(one.votes, one.readings, case, path, where))
    source = path.parent / one.cards_from
    return Reported(*_of_records(source, case), source)


def _grouped(votes: Mapping[str, int], readings: str, case: Case, path: Path, where: str) -> Grouped:
    """Readings of a contest file or of the table that it names."""
    return patterns_of(readings_in(path.parent / readings) if readings else votes, case, where)


def _of_records(source: Path, case: Case) -> Grouped:
    """The readings of a stratum from its records, whatever batches these lie in."""
    names, ask = opened(source)
    wanted = next((n for _, n in names if n == case.contest.name), names[0][1] if len(names) == 1 else "")
    parts, _ = ask(wanted or case.contest.id, "", None)
    pile = added(parts.values())
    strange = sorted({c.id for c in pile.contest.choices} - set(case.contest.choice_ids))
    if strange:
        raise DoorError(f"{source}: the records have {strange[0]}, who is not a choice of {case.contest.id}.")
    return pile.patterns, pile.counts


def _fitting(strata: Sequence[StratumRow], reported: Mapping[str, Reported], where: str) -> None:
    if len(reported) < len(strata) or len(strata) < 2:
        raise DoorError(f"{where}: expected two strata or more, each with its own name.")
    for one in strata:
        read = sum(reported[one.name].counts)
        if read > one.cards:
            told = f"{read:,} readings on {one.cards:,} cards"
            raise DoorError(f"{where}, {one.name}: {told}. Nothing was drawn.")
