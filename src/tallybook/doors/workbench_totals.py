"""Contests known by their totals at the workbench: what the votes by choice claim, rule by rule.

For `tallybook plan`, `draw`, `assertions` and `risk`; strata are held against the contest that they make up.
"""

import datetime
from collections.abc import Mapping, Sequence
from fractions import Fraction

import msgspec

from tallybook.audit.assertions import Claim, FullCount
from tallybook.audit.claims import highest_averages as seats_claim
from tallybook.audit.claims import largest_remainders, of_outcome, share
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.workbench_case import Case, population_of
from tallybook.doors.workbench_files import ContestRow
from tallybook.election import Choice, Contest, Tally
from tallybook.outcomes import (
    Rules,
    highest_averages,
    largest_remainder,
    majority_or_runoff,
    plurality,
    super_majority,
)


def of_totals(row: ContestRow, rules: Rules | None, limit: Fraction, where: str) -> Case:
    """A contest of which totals say enough. rules: of its rules file, where it names one."""
    if rules is not None:
        wanted = str(rules.count.share or row.share)
        row = msgspec.structs.replace(row, rule=rules.method, share=wanted)
    votes = dict(row.votes) or _added([stratum.votes for stratum in row.strata])
    cards = row.cards if row.cards >= 0 else sum(stratum.cards for stratum in row.strata)
    if not votes or cards < 1:
        raise DoorError(f"{where}: expected votes = {{ ... }} with a choice, and cards of at least 1.")
    _agreeing_strata(row, votes, cards, where)
    allowed = len(votes) if row.rule == "approval" else row.votes_allowed
    choices = tuple(Choice(name, name) for name in votes)
    contest = Contest(row.id, row.name or row.id, "", choices, row.seats, allowed)
    write_ins = row.write_ins or sum(stratum.write_ins for stratum in row.strata)
    tally = Tally(row.id, tuple(votes.items()), write_ins=write_ins)
    claim, population = _claim(row, contest, tally, where), population_of(row, cards)
    held = Case(contest, tally, population, claim, limit, places=row.jurisdictions, strata=row.strata)
    return held if rules is None else msgspec.structs.replace(held, rules=rules)


def _claim(row: ContestRow, contest: Contest, tally: Tally, where: str) -> Claim | FullCount:
    """What the totals claim, rule by rule."""
    match row.rule:
        case "majority_or_runoff":
            return of_outcome(contest, majority_or_runoff(tally, datetime.date.min), True)
        case "super_majority":
            wanted = _share(row.share, where)
            choice = row.winner or contest.choice_ids[0]
            if choice not in contest.choice_ids:
                raise DoorError(f"{where}: {choice} is not a choice.")
            return share(contest, choice, wanted, super_majority(tally, choice, wanted).passed)
        case "dhondt" | "sainte_lague" | "modified_sainte_lague" | "largest_remainders":
            return _seats(row, tally, where)
        case _:
            return of_outcome(contest, plurality(tally, row.seats), False)


def _seats(row: ContestRow, tally: Tally, where: str) -> Claim | FullCount:
    """The claim of seats for lists, with a threshold where one is stated."""
    least = _share(row.threshold, where) if row.threshold != "0" else Fraction(0)
    total = sum(votes for _, votes in tally.votes)
    taking = tuple(name for name, votes in tally.votes if votes and votes >= least * total) if least else None
    try:
        if row.rule == "largest_remainders":
            allotted = largest_remainder(tally.votes, row.seats, least=least)
        else:
            allotted = highest_averages(tally.votes, row.seats, row.rule, least)  # type: ignore[arg-type]
    except ValueError as why:
        raise DoorError(f"{where}: {why}") from None
    if allotted.open:
        tied = ", ".join(allotted.tied)
        return FullCount(row.id, (f"{tied} are tied for a seat; every card is counted.",))
    if row.rule == "largest_remainders":
        return largest_remainders(row.id, allotted.seats, least, taking)
    return seats_claim(row.id, allotted.seats, row.rule, least, taking)  # type: ignore[arg-type]


def _agreeing_strata(row: ContestRow, votes: Mapping[str, int], cards: int, where: str) -> None:
    """Refuse strata that do not add up to the contest."""
    if not row.strata:
        return
    names = [one.name for one in row.strata]
    sums = _added([one.votes for one in row.strata])
    held = sum(one.cards for one in row.strata)
    if len(set(names)) < len(names) or len(names) < 2:
        raise DoorError(f"{where}: expected two strata or more, each with its own name.")
    if {name: sums.get(name, 0) for name in votes} != dict(votes) or sums.keys() - votes.keys():
        raise DoorError(f"{where}: the strata add up to {sums}; the contest reports {dict(votes)}.")
    if held > cards:
        raise DoorError(f"{where}: the strata hold {held:,} cards; the contest has {cards:,}.")
    most = next((s for s in row.strata if sum(s.votes.values()) > s.cards * row.votes_allowed), None)
    if most is not None:
        found = f"{sum(most.votes.values()):,} votes on {most.cards:,} cards"
        raise DoorError(f"{where}, {most.name}: {found}. Nothing was drawn.")


def _added(many: Sequence[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for votes in many:
        for name, count in votes.items():
            total[name] = total.get(name, 0) + count
    return total


def _share(text: str, where: str) -> Fraction:
    try:
        wanted = Fraction(text)
    except (ValueError, ZeroDivisionError):
        wanted = Fraction(0)
    if not 0 < wanted < 1:
        raise DoorError(f'{where}: found the share "{text}"; expected one such as "2/3".')
    return wanted
