"""From a reported outcome to the assertions that imply it, rule by rule, for counts without rounds.

For the statistician who asks "is it enough?" and the official who asks "what is tested?". Each function says
which assertions make the outcome correct and whether they are also necessary. Sources: Stark 2020 (SHANGRLA),
section 2; Blom et al. 2021 for shares, seats and remainders. ``docs/spec/assertions.md``, section 7.
An outcome that ends in a tie cannot be shown by a sample: every card is counted.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

from tallybook.audit.assertions import (
    AboveShare,
    Ahead,
    Assertion,
    BelowShare,
    Claim,
    FullCount,
    Preferred,
    RemainderAhead,
    SeatAhead,
)
from tallybook.election import Contest, Votes
from tallybook.outcomes.apportionment import Apportioned
from tallybook.outcomes.contests import Elected, NewElectionDue, Outcome, RunoffDue, Tied
from tallybook.outcomes.scoring import StarResult
from tallybook.outcomes.selections import ShareMeasured
from tallybook.outcomes.words import listed

HALF = Fraction(1, 2)
Divisors = Literal["dhondt", "sainte_lague", "modified_sainte_lague"]


def most_votes(contest: Contest, elected: Sequence[str]) -> Claim | FullCount:
    """Plurality, approval, cumulative voting, points: everyone elected is ahead of everyone who is not.

    Exact: true together exactly when these are the only ones elected. With as many seats as choices there
    is nothing to show.
    """
    losers = tuple(name for name in contest.choice_ids if name not in elected)
    if losers and len(elected) < contest.seats:
        return FullCount(
            contest.id,
            (f"{listed(losers)} have no seat only because they have no vote; no sample can show that.",),
        )
    says = f"{listed(elected)} elected with the most votes."
    return Claim(contest.id, says, tuple(Ahead(w, l) for w in elected for l in losers))  # noqa: E741


def majority(contest: Contest, winner: str, write_ins: bool = False) -> Claim:
    """``winner`` has more than half of the votes. Exact. ``write_ins``: unlisted persons' votes count."""
    return Claim(contest.id, f"{winner} has a majority.", (AboveShare(winner, HALF, write_ins),))


def runoff(contest: Contest, advance: Sequence[str], write_ins: bool = False) -> Claim | FullCount:
    """Nobody has a majority, and these two lead: each below one half, each ahead of all others.

    With the leaders below one half everyone is. A leader at exactly one half makes the claim true, but no
    sample can tell that from a majority; the margin is then 0 and every card is counted.
    """
    if len(advance) != 2:
        return FullCount(contest.id, (f"{listed(advance)} go to the runoff; a sample can show two leaders.",))
    others = tuple(name for name in contest.choice_ids if name not in advance)
    below: list[Assertion] = [BelowShare(name, HALF, write_ins) for name in advance]
    ahead: list[Assertion] = [Ahead(name, other) for name in advance for other in others]
    return Claim(contest.id, f"Nobody has a majority; {listed(advance)} lead.", (*below, *ahead))


def share(contest: Contest, choice: str, wanted: Fraction, reached: bool) -> Claim | FullCount:
    """``choice`` has the share of the votes asked for, or not. Exact but at the share itself: full count."""
    if wanted >= 1:
        return FullCount(contest.id, ("A share of all votes fails by one card; no sample can show it.",))
    says = f"{choice} {'has' if reached else 'does not have'} {wanted} of the votes."
    return Claim(contest.id, says, ((AboveShare if reached else BelowShare)(choice, wanted),))


def star(contest: Contest, finalists: Sequence[str], winner: str) -> Claim | FullCount:
    """STAR: both finalists score above everyone else, and more cards prefer the winner to the other.

    Exact for winner and finalists together; another pair of finalists could elect the same winner.
    """
    if len(finalists) != 2 or winner not in finalists:
        return FullCount(contest.id, ("There are not two finalists of whom one won.",))
    loser = next(name for name in finalists if name != winner)
    others = tuple(name for name in contest.choice_ids if name not in finalists)
    ahead: list[Assertion] = [Ahead(name, other) for name in finalists for other in others]
    return Claim(contest.id, f"{winner} wins over {loser}.", (*ahead, Preferred(winner, loser)))


def highest_averages(
    contest_id: str,
    seats: Votes,
    method: Divisors,
    least: Fraction = Fraction(0),
    taking: Sequence[str] | None = None,
) -> Claim | FullCount:
    """Every last seat won comes before every next seat not won; every list is above or below the threshold.

    ``taking``: the lists that reached the share ``least``; all where there is no threshold. Exact. Where no
    list has a seat the rules do not say who fills them, and every card is counted.
    Huntington-Hill is not covered: its divisors are square roots.
    """
    if least and taking is None:
        raise ValueError("Say which lists reached the threshold.")
    if not any(count for _, count in seats):
        return _no_seats(contest_id, least)
    part = tuple(name for name, _ in seats) if taking is None else tuple(taking)
    held = dict(seats)
    pairs = [
        SeatAhead(one, other, divisor(method, held[one]), divisor(method, held[other] + 1))
        for one in part
        if held[one]
        for other in part
        if other != one
    ]
    claim = (*_thresholds(seats, part, least), *pairs)
    return Claim(contest_id, f"Seats by {method}: {_seats(seats)}.", claim)


def largest_remainders(
    contest_id: str, seats: Votes, least: Fraction = Fraction(0), taking: Sequence[str] | None = None
) -> Claim | FullCount:
    """Largest remainders with the Hare quota: for each pair, the seats differ by less than one too many.

    Exact: with y = (seats x share of votes) - seats won, all y differ by less than 1 exactly when this is the
    only allotment (Blom et al. 2021, section 4). Pairs that no card can contradict are left out.
    ``taking`` as in ``highest_averages``; without any seat given every card is counted.
    """
    if least and taking is None:
        raise ValueError("Say which lists reached the threshold.")
    if not any(count for _, count in seats):
        return _no_seats(contest_id, least)
    part = tuple(name for name, _ in seats) if taking is None else tuple(taking)
    held, total = dict(seats), sum(count for _, count in seats)
    pairs = [
        RemainderAhead(one, other, total, held[one] - held[other] - 1, part)
        for one in part
        for other in part
        if one != other and total + held[one] - held[other] - 1 > 0
    ]
    claim = (*_thresholds(seats, part, least), *pairs)
    return Claim(contest_id, f"Seats by largest remainders: {_seats(seats)}.", claim)


def divisor(method: Divisors, seat: int) -> int:
    """The divisor of the ``seat``-th seat, seats counted from 1; modified Sainte-Lague times 5."""
    match method:
        case "dhondt":
            return seat
        case "sainte_lague":
            return 2 * seat - 1
        case "modified_sainte_lague":
            return 5 * (2 * seat - 1) if seat > 1 else 7


def of_outcome(contest: Contest, outcome: Outcome, by_majority: bool = False) -> Claim | FullCount:
    """The claim of an outcome of ``outcomes.contests``. ``by_majority``: the one elected had to have half."""
    match outcome:
        case Elected(elected=elected, unfilled=unfilled):
            if by_majority:
                return majority(contest, elected[0]) if elected else _nobody(contest)
            return most_votes(contest, elected) if elected or not unfilled else _nobody(contest)
        case RunoffDue(advance=advance, elected=()):
            return runoff(contest, advance)
        case Tied(tied=tied):
            why = f"{listed(tied)} are tied; one card could decide, so every card is counted."
            return FullCount(contest.id, (why,))
        case RunoffDue() | NewElectionDue():
            return FullCount(contest.id, ("This follows from a tie; every card is counted.",))


def of_share(contest: Contest, measured: ShareMeasured, wanted: Fraction) -> Claim | FullCount:
    """The claim of a super-majority measured by ``outcomes.selections``."""
    return share(contest, measured.choice, wanted, measured.passed)


def of_star(contest: Contest, result: StarResult) -> Claim | FullCount:
    """The claim of a STAR count."""
    if not isinstance(result.outcome, Elected) or len(result.outcome.elected) != 1:
        return FullCount(contest.id, ("The count ends in a tie; every card is counted.",))
    return star(contest, result.finalists, result.outcome.elected[0])


def of_seats(contest_id: str, allotted: Apportioned, method: Divisors) -> Claim | FullCount:
    """The claim of an allotment by highest averages without a threshold."""
    if allotted.open:
        why = f"{listed(allotted.tied)} are tied for a seat; every card is counted."
        return FullCount(contest_id, (why,))
    return highest_averages(contest_id, allotted.seats, method)


def _thresholds(seats: Votes, part: Sequence[str], least: Fraction) -> list[Assertion]:
    if not least:
        return []
    return [(AboveShare if name in part else BelowShare)(name, least) for name, _ in seats]


def _seats(seats: Votes) -> str:
    return ", ".join(f"{name} {count}" for name, count in seats)


def _no_seats(contest_id: str, least: Fraction) -> FullCount:
    wanted = f"{least} of the votes" if least else "a vote"
    return FullCount(contest_id, (f"no list has {wanted}, so nobody has a seat; no sample settles that.",))


def _nobody(contest: Contest) -> FullCount:
    return FullCount(contest.id, ("Nobody has a vote; no sample can show that.",))
