"""Contests known by readings with their cards: from a contest file, a table, or the records of each stratum.

For the workbench, where totals by choice do not tell the assertions, or where people have no records. All
readings are counted together by the contest's rules; the assertions hold for the whole contest.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Literal

import msgspec

from tallybook.audit.assertions import FullCount
from tallybook.audit.margins import Population
from tallybook.audit.outcome_claims import Found, claim_of, claims_in_turn
from tallybook.doors.audit_cases import Case
from tallybook.doors.audit_files import ContestRow, StratumRow
from tallybook.doors.card_texts import codes_of
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.tables import number_in, rows_of
from tallybook.election import Choice, Contest, Tally
from tallybook.election.cards import Ballots, Pattern
from tallybook.outcomes import Rules

Kind = Literal["polling", "card_comparison", "batch_comparison", "pools"]
Grouped = tuple[tuple[Pattern, ...], tuple[int, ...]]
"""Readings, and how many cards bear each."""
READING = "Reading"


class WrittenStratum(StratumRow, frozen=True, forbid_unknown_fields=True):
    """One stratum, as written. votes: choice -> votes, or of a method by reading reading -> cards."""

    how: Kind  # type: ignore[assignment]
    votes: dict[str, int] = msgspec.field(default_factory=dict)
    readings: str = ""
    cards_from: str = ""


class WrittenContest(ContestRow, frozen=True, forbid_unknown_fields=True):
    """One contest, as written."""

    readings: str = ""
    strata: tuple[WrittenStratum, ...] = ()


class ReadStratum(WrittenStratum, frozen=True):
    """A stratum known by its reported readings, and where its records lie, if anywhere."""

    patterns: tuple[Pattern, ...] = ()
    counts: tuple[int, ...] = ()
    source: Path | None = None


def reported_in(stratum: StratumRow) -> Grouped:
    """The reported readings of a stratum with their cards; nothing where the contest is not by reading."""
    return (stratum.patterns, stratum.counts) if isinstance(stratum, ReadStratum) else ((), ())


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


def of_readings(row: WrittenContest, rules: Rules, limit: Fraction, path: Path) -> tuple[Case, ...]:
    """A contest known by its readings: all counted together, the claim that of the whole contest."""
    from tallybook.doors.counts import counted

    where = f"{path}, {row.id}"
    held = _skeleton(row, rules, limit, where)
    strata = tuple(_read_stratum(one, held, path) for one in row.strata)
    if strata:
        _fitting(strata, where)
        patterns, counts = added_up([(one.patterns, one.counts) for one in strata])
    else:
        patterns, counts = _grouped(row.votes, row.readings, held, path, where)
    held = _with_cards(row, held, patterns, counts, where)
    if sum(one.cards for one in strata) > held.population.cards:
        cards = sum(one.cards for one in strata)
        raise DoorError(f"{where}: the strata hold {cards:,} cards; {held.population.cards:,} are stated.")
    result = counted({"": Ballots(held.contest, patterns, counts)}, held.rules)
    seats = result.counted if isinstance(result.counted, tuple) else (result.counted,)
    elected = tuple(name for one in seats for name in _elected(one))
    if len(seats) > 1 and strata:
        raise DoorError(f"{where}: seats filled one after another are not audited in strata.")
    if row.winner and row.winner not in elected:
        raise DoorError(
            f"{where}: the readings elect {', '.join(elected) or 'nobody'}; {row.winner} was reported. Count "
            "every card, or find out which is wrong. Nothing was drawn."
        )
    ballots = Ballots(held.contest, patterns, counts)
    try:
        found: tuple[Found, ...] = (
            claims_in_turn(ballots, held.rules, result.counted)
            if isinstance(result.counted, tuple)
            else (claim_of(ballots, held.rules, result.counted),)
        )
    except ValueError as why:
        raise DoorError(f"{where}: {why}") from None
    known = msgspec.structs.replace(
        held, tally=result.tally or held.tally, patterns=patterns, counts=counts, strata=strata
    )
    return tuple(_claimed(known, one, elected, place, len(found)) for place, one in enumerate(found))


def _claimed(case: Case, found: Found, elected: tuple[str, ...], place: int, many: int) -> Case:
    """The case of one claim: of the whole contest, or of one of the seats that are filled in turn."""
    numbered = case.contest
    if many > 1:
        numbered = msgspec.structs.replace(case.contest, id=f"{case.contest.id}, seat {place + 1}")
    return msgspec.structs.replace(
        case,
        contest=numbered,
        claim=found if isinstance(found, FullCount) else found[0],
        search=None if isinstance(found, FullCount) else found[2],
        before=elected[:place],
        elected=elected if many == 1 else elected[place : place + 1],
    )


def _elected(counted: object) -> tuple[str, ...]:
    """Who is elected by a count, whatever its kind."""
    names: tuple[str, ...] = getattr(getattr(counted, "outcome", counted), "elected", ())
    return names


def added_up(
    many: Sequence[tuple[Sequence[Pattern], Sequence[int]]],
) -> tuple[tuple[Pattern, ...], tuple[int, ...]]:
    """Grouped cards of several places as one."""
    total: dict[Pattern, int] = {}
    for patterns, counts in many:
        for pattern, count in zip(patterns, counts, strict=True):
            total[pattern] = total.get(pattern, 0) + count
    return tuple(total), tuple(total.values())


def _skeleton(row: WrittenContest, rules: Rules, limit: Fraction, where: str) -> Case:
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


def _with_cards(
    row: WrittenContest, case: Case, patterns: Sequence[Pattern], counts: Sequence[int], where: str
) -> Case:
    """The case with its population: as stated, else that of the strata, else as many as were read."""
    held = sum(one.cards for one in row.strata) or sum(counts)
    cards = row.cards if row.cards >= 0 else held
    if not patterns or sum(counts) < 1:
        raise DoorError(f"{where}: nothing was reported; expected readings with their cards.")
    if sum(counts) > cards:
        raise DoorError(f"{where}: {sum(counts):,} readings on {cards:,} cards. Nothing was drawn.")
    population = Population(cards, cards if row.records < 0 else row.records, case.population.lacking)
    return msgspec.structs.replace(case, population=population)


def _read_stratum(one: WrittenStratum, case: Case, path: Path) -> ReadStratum:
    """A stratum with its reported readings. Says plainly where these are missing."""
    where = f"{path}, {case.contest.id}, {one.name}"
    if sum([bool(one.votes), bool(one.readings), bool(one.cards_from)]) != 1:
        method = case.rules.method.replace("_", " ")
        raise DoorError(
            f"{where}: the margins of {method} need the reported readings of every stratum, once: "
            'votes = { "ann > bob" = 120, ... }, or readings = "FILE.csv" (Reading, Cards), or cards_from = '
            '"FOLDER" with its records. Where nobody reported how rankings fall, AWAIRE can audit the contest'
            " whole, by polling. Nothing was drawn."
        )
    source = path.parent / one.cards_from if one.cards_from else None
    if source is not None:
        patterns, counts = _of_records(source, case)
    else:
        patterns, counts = _grouped(one.votes, one.readings, case, path, where)
    fields = {name: getattr(one, name) for name in one.__struct_fields__}
    return ReadStratum(**fields, patterns=patterns, counts=counts, source=source)


def _grouped(votes: Mapping[str, int], readings: str, case: Case, path: Path, where: str) -> Grouped:
    """Readings of a contest file or of the table that it names."""
    return patterns_of(_readings(path.parent / readings) if readings else votes, case, where)


def _of_records(source: Path, case: Case) -> Grouped:
    """The readings of a stratum from its records, whatever batches these lie in."""
    from tallybook.doors.cli.cards import opened
    from tallybook.doors.contest_parts import added

    names, ask = opened(source)
    wanted = next((n for _, n in names if n == case.contest.name), names[0][1] if len(names) == 1 else "")
    parts, _ = ask(wanted or case.contest.id, "", None)
    pile = added(parts.values())
    strange = sorted({c.id for c in pile.contest.choices} - set(case.contest.choice_ids))
    if strange:
        raise DoorError(f"{source}: the records have {strange[0]}, who is not a choice of {case.contest.id}.")
    return pile.patterns, pile.counts


def _fitting(strata: Sequence[ReadStratum], where: str) -> None:
    names = [one.name for one in strata]
    if len(set(names)) < len(names) or len(names) < 2:
        raise DoorError(f"{where}: expected two strata or more, each with its own name.")
    for one in strata:
        if sum(one.counts) > one.cards:
            told = f"{sum(one.counts):,} readings on {one.cards:,} cards"
            raise DoorError(f"{where}, {one.name}: {told}. Nothing was drawn.")


def _readings(path: Path) -> dict[str, int]:
    """Reading -> cards, of all rows of a table."""
    total: dict[str, int] = {}
    for row in rows_of(path, (READING, "Cards")):
        text = row.cells[READING]
        total[text] = total.get(text, 0) + number_in(path, row, "Cards")
    return total


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
