"""One contest at the workbench: what was reported, of which cards, and what its outcome claims.

For every module of the workbench. ``workbench_cases`` makes cases of a contest file.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import msgspec

from tallybook.audit.assertions import Claim, FullCount
from tallybook.audit.margins import Margin, Population, margins, margins_from_tally
from tallybook.audit.raire import Search
from tallybook.audit.readings import Ranks, Votes, ranks, votes_by
from tallybook.audit.styles import Styled
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.workbench_files import ContestRow, StratumRow
from tallybook.election import Contest, Tally
from tallybook.election.cards import Mark, Pattern
from tallybook.outcomes import Rules

ROUNDS = ("ranked_choice", "single_transferable_vote", "bottoms_up", "sequential")
BY_RANK = (*ROUNDS, "borda")
POINTS = ("score", "star", "cumulative")
BY_READING = (*BY_RANK, *POINTS)
"""Methods of which totals by choice do not tell the assertions."""


class Reported(msgspec.Struct, frozen=True):
    """The reported readings of a stratum with their cards, and where its records lie, if anywhere."""

    patterns: tuple[Pattern, ...] = ()
    counts: tuple[int, ...] = ()
    source: Path | None = None


NOTHING = Reported()


class Case(msgspec.Struct, frozen=True):
    """One contest to be audited: as reported, its population, and what its outcome claims.

    patterns, counts: the reported cards by reading, where they are known; else the totals of ``tally``.
    winner: of a ranked contest of which nothing else is known; elected: by its rules, from the cards.
    before: who has a seat already, where seats are filled one after another. places: jurisdictions with the
    contest; empty means all. strata: each with its own kind of evidence; empty means one population.
    reported: stratum -> its readings, of a contest by reading. styled: which cards can hold it, by batch;
    None where nobody said, and any card of its places can.
    """

    contest: Contest
    tally: Tally
    population: Population
    claim: Claim | FullCount
    limit: Fraction
    rules: Rules = Rules("plurality", "plurality")
    patterns: tuple[Pattern, ...] = ()
    counts: tuple[int, ...] = ()
    search: Search | None = None
    winner: str = ""
    elected: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    strata: tuple[StratumRow, ...] = ()
    styled: Styled | None = None
    reported: Mapping[str, Reported] = {}

    @property
    def is_without_records(self) -> bool:
        """Is this a ranked contest of which only the reported winner is known?"""
        return bool(self.winner) and not self.patterns

    @property
    def is_by_reading(self) -> bool:
        """Is this a contest of which totals by choice do not tell the assertions?"""
        return self.rules.method in BY_READING

    @property
    def standing(self) -> tuple[str, ...]:
        """The choices among which a ranked count decides."""
        gone = {*self.rules.excluded, *self.before}
        return tuple(name for name in self.contest.choice_ids if name not in gone)


def margins_reported(case: Case) -> tuple[Margin, ...]:
    """The margin of every assertion, from the cards where they are known, else from the totals."""
    if isinstance(case.claim, FullCount):
        return ()
    if case.patterns:
        return margins(case.claim, reading_of(case, case.patterns), case.counts, case.population.cards)
    try:
        allowed = case.contest.votes_allowed
        return margins_from_tally(case.claim, case.tally, case.population.cards, allowed)
    except ValueError as why:
        raise DoorError(f"{case.contest.id}: {why} Name them with cards_from.") from None


def reading_of(case: Case, patterns: Sequence[Pattern]) -> Votes | Ranks:
    """How the rules of the contest read these patterns."""
    if case.rules.method not in ROUNDS:
        return votes_by(case.rules, case.contest, patterns)
    stands = case.rules.method == "single_transferable_vote"
    return ranks(case.contest, patterns, case.rules, without=case.before, write_in_stands=stands)


def singles(case: Case) -> tuple[Pattern, ...]:
    """One pattern a choice: a card with that mark alone."""
    rank = 1 if case.rules.method in BY_RANK else 0
    return tuple(Pattern((Mark(name, rank),)) for name in case.contest.choice_ids)


def population_of(row: ContestRow, cards: int) -> Population:
    """The cards that may carry the contest. cards: how many there are where the row does not say."""
    return Population(
        row.cards if row.cards >= 0 else cards,
        row.records if row.records >= 0 else cards,
        "carries" if row.by_style else "may_lack",
    )


def reported_in(case: Case, stratum: StratumRow) -> Reported:
    """The reported readings of a stratum; nothing where the contest is not by reading."""
    return case.reported.get(stratum.name, NOTHING)
