"""From a row of a contest file to a case: what was reported, of which cards, and what that claims.

For the workbench. A contest is known in one of three ways: by its totals (``votes``); by its cards
(``cards_from``: a folder of `tallybook cards`, published cards, an export, a BLT or RAIRE file), which are
counted by their rules; or, ranked and without records, by its choices and the reported winner, for AWAIRE.
Nothing is read here but what a row names.
"""

import datetime
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import msgspec

from tallybook.audit.assertions import Claim, FullCount
from tallybook.audit.claims import highest_averages as seats_claim
from tallybook.audit.claims import largest_remainders, of_outcome, share
from tallybook.audit.margins import Margin, Population, margins, margins_from_tally
from tallybook.audit.outcome_claims import Found, claim_of, claims_in_turn
from tallybook.audit.raire import Search
from tallybook.audit.readings import Ranks, Votes, ranks, votes_by
from tallybook.doors.audit_files import ContestRow, StratumRow, read_contest_file
from tallybook.doors.cli.shown import DoorError
from tallybook.election import Choice, Contest, Tally
from tallybook.election.cards import Ballots, Mark, Pattern
from tallybook.outcomes import (
    Rules,
    highest_averages,
    largest_remainder,
    majority_or_runoff,
    plurality,
    super_majority,
)

DIVISORS = ("dhondt", "sainte_lague", "modified_sainte_lague")
ROUNDS = ("ranked_choice", "single_transferable_vote", "bottoms_up", "sequential")
BY_RANK = (*ROUNDS, "borda")
POINTS = ("score", "star", "cumulative")


class Case(msgspec.Struct, frozen=True):
    """One contest to be audited: as reported, its population, and what its outcome claims.

    patterns, counts: the reported cards by reading, where they are known; else the totals of ``tally``.
    winner: of a ranked contest of which nothing else is known; elected: by its rules, from the cards.
    before: who has a seat already, where seats are filled one after another. places: jurisdictions with the
    contest; empty means all. strata: each with its own kind of evidence; empty means one population.
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

    @property
    def is_without_records(self) -> bool:
        """Is this a ranked contest of which only the reported winner is known?"""
        return bool(self.winner) and not self.patterns

    @property
    def standing(self) -> tuple[str, ...]:
        """The choices among which a ranked count decides."""
        gone = {*self.rules.excluded, *self.before}
        return tuple(name for name in self.contest.choice_ids if name not in gone)


def read_cases(path: Path) -> tuple[Case, ...]:
    """The contests of a contest file. Raises DoorError with what is wrong in it."""
    rows, limit = read_contest_file(path)
    ids = [row.id for row in rows]
    twice = next((one for one in ids if ids.count(one) > 1), None)
    if twice is not None:
        raise DoorError(f"{path}: the contest {twice} stands here twice. Nothing was drawn.")
    return tuple(case for row in rows for case in _case(row, limit, path))


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


def _case(row: ContestRow, limit: Fraction, path: Path) -> tuple[Case, ...]:
    numbers = [row.seats, row.votes_allowed, row.cards if row.cards >= 0 else 1]
    votes = [*row.votes.values(), *(v for s in row.strata for v in (s.cards, *s.votes.values()))]
    if min(numbers) < 1 or min([row.write_ins, *votes], default=0) < 0:
        raise DoorError(f"{path}, {row.id}: a number is below what it can be.")
    if row.cards_from:
        return _of_cards(row, limit, path)
    if row.rule == "ranked_choice" or row.rules:
        return (_of_winner(row, limit, path),)
    return (_of_totals(row, limit, path),)


def _of_totals(row: ContestRow, limit: Fraction, path: Path) -> Case:
    votes = dict(row.votes) or _added([stratum.votes for stratum in row.strata])
    cards = row.cards if row.cards >= 0 else sum(stratum.cards for stratum in row.strata)
    if not votes or cards < 1:
        raise DoorError(
            f"{path}, {row.id}: expected votes = {{ ... }} with a choice, and cards of at least 1."
        )
    _agreeing_strata(row, votes, cards, path)
    allowed = len(votes) if row.rule == "approval" else row.votes_allowed
    choices = tuple(Choice(name, name) for name in votes)
    contest = Contest(row.id, row.name or row.id, "", choices, row.seats, allowed)
    write_ins = row.write_ins or sum(stratum.write_ins for stratum in row.strata)
    tally = Tally(row.id, tuple(votes.items()), write_ins=write_ins)
    records = cards if row.records < 0 else row.records
    population = Population(cards, records, "carries" if row.by_style else "may_lack")
    claim = _claim(row, contest, tally, path)
    return Case(contest, tally, population, claim, limit, places=row.jurisdictions, strata=row.strata)


def _claim(row: ContestRow, contest: Contest, tally: Tally, path: Path) -> Claim | FullCount:
    """What the totals claim, rule by rule."""
    match row.rule:
        case "majority_or_runoff":
            return of_outcome(contest, majority_or_runoff(tally, datetime.date.min), True)
        case "super_majority":
            wanted = _share(row.share, row, path)
            choice = row.winner or contest.choice_ids[0]
            if choice not in contest.choice_ids:
                raise DoorError(f"{path}, {row.id}: {choice} is not a choice.")
            return share(contest, choice, wanted, super_majority(tally, choice, wanted).passed)
        case "dhondt" | "sainte_lague" | "modified_sainte_lague" | "largest_remainders":
            return _seats(row, tally, path)
        case _:
            return of_outcome(contest, plurality(tally, row.seats), False)


def _seats(row: ContestRow, tally: Tally, path: Path) -> Claim | FullCount:
    """The claim of seats for lists, with a threshold where one is stated."""
    least = _share(row.threshold, row, path) if row.threshold != "0" else Fraction(0)
    total = sum(votes for _, votes in tally.votes)
    taking = tuple(name for name, votes in tally.votes if votes and votes >= least * total) if least else None
    try:
        if row.rule == "largest_remainders":
            allotted = largest_remainder(tally.votes, row.seats, least=least)
        else:
            allotted = highest_averages(tally.votes, row.seats, row.rule, least)  # type: ignore[arg-type]
    except ValueError as why:
        raise DoorError(f"{path}, {row.id}: {why}") from None
    if allotted.open:
        tied = ", ".join(allotted.tied)
        return FullCount(row.id, (f"{tied} are tied for a seat; every card is counted.",))
    if row.rule == "largest_remainders":
        return largest_remainders(row.id, allotted.seats, least, taking)
    return seats_claim(row.id, allotted.seats, row.rule, least, taking)  # type: ignore[arg-type]


def _of_cards(row: ContestRow, limit: Fraction, path: Path) -> tuple[Case, ...]:
    """A contest known by its cards, counted by its rules; a case for each seat that is filled in turn."""
    from tallybook.doors.cli.cards import opened
    from tallybook.doors.contest_parts import added
    from tallybook.doors.counts import counted

    if row.votes or row.strata:
        raise DoorError(f"{path}, {row.id}: state either cards_from or votes and strata, not both.")
    names, ask = opened(path.parent / row.cards_from)
    wanted = row.name or (names[0][1] if len(names) == 1 else row.id)
    parts, _ = ask(wanted, "", None)
    pile = added(parts.values())
    rules = _rules(row, path)
    result = counted({"": pile}, rules)
    contest = msgspec.structs.replace(pile.contest, id=row.id)
    named = Ballots(contest, pile.patterns, pile.counts)
    seats = result.counted if isinstance(result.counted, tuple) else (result.counted,)
    elected = tuple(name for one in seats for name in _elected(one))
    _agreeing_winner(row, contest, elected, path)
    try:
        found = (
            claims_in_turn(named, rules, result.counted)
            if isinstance(result.counted, tuple)
            else (claim_of(named, rules, result.counted),)
        )
    except ValueError as why:
        raise DoorError(f"{path}, {row.id}: {why}") from None
    tally = result.tally or Tally(row.id, ())
    first = Case(contest, tally, _population(row, sum(pile.counts)), _claimed(found[0]), limit, rules)
    held = {"patterns": pile.patterns, "counts": pile.counts, "places": row.jurisdictions}
    return tuple(
        msgspec.structs.replace(
            first,
            **held,
            contest=_numbered(contest, place, len(found)),
            claim=_claimed(one),
            search=None if isinstance(one, FullCount) else one[2],
            before=elected[:place],
            elected=elected if len(found) == 1 else elected[place : place + 1],
        )
        for place, one in enumerate(found)
    )


def _claimed(found: Found) -> Claim | FullCount:
    return found if isinstance(found, FullCount) else found[0]


def _elected(counted: object) -> tuple[str, ...]:
    """Who is elected by a count, whatever its kind."""
    names: tuple[str, ...] = getattr(getattr(counted, "outcome", counted), "elected", ())
    return names


def _numbered(contest: Contest, place: int, many: int) -> Contest:
    """The contest of one of several seats that are filled in turn."""
    return contest if many == 1 else msgspec.structs.replace(contest, id=f"{contest.id}, seat {place + 1}")


def _population(row: ContestRow, cards: int) -> Population:
    return Population(
        row.cards if row.cards >= 0 else cards,
        row.records if row.records >= 0 else cards,
        "carries" if row.by_style else "may_lack",
    )


def _of_winner(row: ContestRow, limit: Fraction, path: Path) -> Case:
    """A ranked contest without records: its choices, and who was reported to have won."""
    if row.winner not in row.choices or row.cards < 1 or row.strata or row.votes:
        raise DoorError(
            f"{path}, {row.id}: a ranked contest needs cards_from (its records), or else choices = [...], "
            "winner and cards, to be audited by AWAIRE without records. Nothing was drawn."
        )
    choices = tuple(Choice(name, name) for name in row.choices)
    contest = Contest(row.id, row.name or row.id, "", choices, row.seats, row.votes_allowed)
    records = row.cards if row.records < 0 else row.records
    population = Population(row.cards, records, "carries" if row.by_style else "may_lack")
    why = "No record of single cards is given; AWAIRE alone can audit it: tallybook risk --method AWAIRE."
    claim = FullCount(row.id, (why,))
    rules = _rules(row, path)
    tally = Tally(row.id, ())
    return Case(contest, tally, population, claim, limit, rules, winner=row.winner, places=row.jurisdictions)


def _rules(row: ContestRow, path: Path) -> Rules:
    """The rules of a contest: from its rules file, or the plain ones of its rule."""
    from tallybook.doors.cli.cards import rules_in

    if row.rules:
        return rules_in(path.parent / row.rules)
    known = ("plurality", "approval", "ranked_choice", "majority_or_runoff")
    if row.rule not in (None, *known):
        raise DoorError(f'{path}, {row.id}: cards counted by {row.rule} need rules = "FILE.toml".')
    return Rules(row.rule or "plurality", row.rule or "plurality")  # type: ignore[arg-type]


def _agreeing_strata(row: ContestRow, votes: Mapping[str, int], cards: int, path: Path) -> None:
    """Refuse strata that do not add up to the contest."""
    if not row.strata:
        return
    names = [one.name for one in row.strata]
    sums = _added([one.votes for one in row.strata])
    held = sum(one.cards for one in row.strata)
    if len(set(names)) < len(names) or len(names) < 2:
        raise DoorError(f"{path}, {row.id}: expected two strata or more, each with its own name.")
    if {name: sums.get(name, 0) for name in votes} != dict(votes) or sums.keys() - votes.keys():
        raise DoorError(f"{path}, {row.id}: the strata add up to {sums}; the contest reports {dict(votes)}.")
    if held > cards:
        raise DoorError(f"{path}, {row.id}: the strata hold {held:,} cards; the contest has {cards:,}.")
    most = next((s for s in row.strata if sum(s.votes.values()) > s.cards * row.votes_allowed), None)
    if most is not None:
        found = f"{sum(most.votes.values()):,} votes on {most.cards:,} cards"
        raise DoorError(f"{path}, {row.id}, {most.name}: {found}. Nothing was drawn.")


def _agreeing_winner(row: ContestRow, contest: Contest, elected: Sequence[str], path: Path) -> None:
    """Refuse records whose count elects somebody else than was reported."""
    names = {choice.id: choice.name for choice in contest.choices}
    if row.winner and row.winner not in {*elected, *(names[one] for one in elected)}:
        found = ", ".join(names[one] for one in elected) or "nobody"
        raise DoorError(
            f"{path}, {row.id}: the cards elect {found}; {row.winner} was reported. Count every card, or "
            "find out which is wrong. Nothing was drawn."
        )


def _added(many: Sequence[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for votes in many:
        for name, count in votes.items():
            total[name] = total.get(name, 0) + count
    return total


def _share(text: str, row: ContestRow, path: Path) -> Fraction:
    try:
        wanted = Fraction(text)
    except (ValueError, ZeroDivisionError):
        wanted = Fraction(0)
    if not 0 < wanted < 1:
        raise DoorError(f'{path}, {row.id}: found the share "{text}"; expected one such as "2/3".')
    return wanted
