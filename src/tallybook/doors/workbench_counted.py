"""Contests whose cards or readings are known at the workbench, counted by their rules.

One door for ``workbench_cards`` and ``workbench_readings``: who is elected, what that claims, and a case for
each seat that is filled in turn.
"""

import msgspec

from tallybook.audit.assertions import FullCount
from tallybook.audit.outcome_claims import Found, claim_of, claims_in_turn
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.counts import counted
from tallybook.doors.workbench_case import Case
from tallybook.election import Contest
from tallybook.election.cards import Ballots
from tallybook.outcomes.counting import Counted
from tallybook.outcomes.rounds import RoundCount


def counted_cases(case: Case, winner: str, what: str, where: str) -> tuple[Case, ...]:
    """The case with tally, claim and elected from its own patterns and counts; several where seats follow.

    winner: who was reported, "" where nobody was; a count that elects another is refused. what: how the
    patterns are called in that refusal.
    """
    ballots = Ballots(case.contest, case.patterns, case.counts)
    result = counted({"": ballots}, case.rules)
    seats = result.counted if isinstance(result.counted, tuple) else (result.counted,)
    elected = tuple(name for one in seats for name in _elected(one))
    if len(seats) > 1 and case.strata:
        raise DoorError(f"{where}: seats filled one after another are not audited in strata.")
    _agreeing_winner(winner, case.contest, elected, what, where)
    try:
        found = _claims(ballots, case, result.counted)
    except ValueError as why:
        raise DoorError(f"{where}: {why}") from None
    known = msgspec.structs.replace(case, tally=result.tally or case.tally)
    return tuple(_claimed(known, one, elected, place, len(found)) for place, one in enumerate(found))


def _claims(ballots: Ballots, case: Case, outcome: Counted | tuple[RoundCount, ...]) -> tuple[Found, ...]:
    """One claim, or one for each seat that is filled in turn."""
    if isinstance(outcome, tuple):
        return claims_in_turn(ballots, case.rules, outcome)
    return (claim_of(ballots, case.rules, outcome),)


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


def _elected(outcome: object) -> tuple[str, ...]:
    """Who is elected by a count, whatever its kind."""
    names: tuple[str, ...] = getattr(getattr(outcome, "outcome", outcome), "elected", ())
    return names


def _agreeing_winner(winner: str, contest: Contest, elected: tuple[str, ...], what: str, where: str) -> None:
    """Refuse cards whose count elects somebody else than was reported."""
    names = {choice.id: choice.name for choice in contest.choices}
    if winner and winner not in {*elected, *(names[one] for one in elected)}:
        found = ", ".join(names[one] for one in elected) or "nobody"
        raise DoorError(
            f"{where}: the {what} elect {found}; {winner} was reported. Count every card, or find out which "
            "is wrong. Nothing was drawn."
        )
