"""Published audits of single ballots, done again: tickets, and risks by the polling methods and super-simple.

For the observer. The report alone shows which ballots were drawn, with which tickets, and what was read. A
ballot's ticket follows from the seed and its own name, so each can be checked without the manifests. Risks
follow the conventions of the tool that ran the audit (Arlo): BRAVO, Minerva, Athena and Providence by pair of
a winner and a loser on the votes for these two; super-simple with gamma 1.03905 and the pair with the largest
error in votes, which is **not risk-limiting** where a tighter pair hides behind it. Nothing is decided here.
"""

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import accumulate

import msgspec

from tallybook.audit.replaying import Line
from tallybook.stats.arlo_draws import draw_by_ticket, first_ticket, key_text, next_ticket, trim
from tallybook.stats.bravo import bravo_p
from tallybook.stats.kaplan import GAMMA
from tallybook.stats.minerva import athena, minerva, providence
from tallybook.stats.minerva import risk as rounds_risk

Votes = Mapping[str, int]
NOT_FOUND = "not found"
Pair = tuple[str, str]
Key = tuple[tuple[str | None, ...], int]


class DrawnBallot(msgspec.Struct, frozen=True):
    """A ballot of the report: where it lies, its printed tickets by contest, what was recorded and read.

    read, recorded: contest -> choices; None where the contest is on neither; ``found``: could it be produced?
    """

    jurisdiction: str
    tabulator: str
    batch: str
    position: int
    tickets: Mapping[str, tuple[str, ...]]
    read: Mapping[str, frozenset[str] | None] = {}
    recorded: Mapping[str, frozenset[str] | None] = {}
    found: bool = True


def key_of(ballot: DrawnBallot, by_tabulator: bool = True) -> Key:
    """What the tool hashes for a ballot; before 2021 it left the tabulator out where there was none."""
    if by_tabulator:
        return ((ballot.jurisdiction, ballot.tabulator or None, ballot.batch), ballot.position)
    return ((ballot.jurisdiction, ballot.batch), ballot.position)


def ticket_lines(seed: str, contest: str, ballots: Sequence[DrawnBallot]) -> list[Line]:
    """Are the printed tickets those that the seed gives these ballots?"""
    drawn = [one for one in ballots if one.tickets.get(contest)]
    newer = has_tabulators(seed, contest, drawn)
    given = {key_of(one): tickets_of(seed, one, contest, newer) for one in drawn}
    wrong = [one for one in drawn if sorted(one.tickets[contest]) != given[key_of(one)]]
    lines = [
        Line("tickets", "differs", f"{_place(one)}: the seed gives {', '.join(given[key_of(one)])}.")
        for one in wrong[:20]
    ]
    if drawn and not wrong:
        many = sum(len(one.tickets[contest]) for one in drawn)
        said = f"{contest}: the seed {seed} gives all {many:,} printed tickets of {len(drawn):,} ballots."
        lines.append(Line("tickets", "agrees", said))
    return lines


def has_tabulators(seed: str, contest: str, drawn: Sequence[DrawnBallot]) -> bool:
    """Does the tool's newer way of naming a ballot give the printed tickets? The older one is tried once."""
    one = next(iter(drawn), None)
    return one is None or tickets_of(seed, one, contest, False) != sorted(one.tickets[contest])


def tickets_of(seed: str, ballot: DrawnBallot, contest: str, by_tabulator: bool = True) -> list[str]:
    """The first tickets of a ballot, as many as were printed for it, in order."""
    found, ticket = [], first_ticket(seed, key_text(key_of(ballot, by_tabulator)))
    for _ in ballot.tickets.get(contest, ()):
        found.append(trim(ticket))
        ticket = next_ticket(ticket)
    return sorted(found)


def draw_lines(
    seed: str, contest: str, ballots: Sequence[DrawnBallot], batches: Sequence[tuple[str, str, str, int]]
) -> list[Line]:
    """Is the published sample the whole draw? batches: jurisdiction, tabulator, batch, ballots."""
    drawn = [one for one in ballots if one.tickets.get(contest)]
    newer = has_tabulators(seed, contest, drawn)
    every = [DrawnBallot(j, t, b, place, {}) for j, t, b, n in batches for place in range(1, n + 1)]
    printed = sorted(ticket for one in drawn for ticket in one.tickets[contest])
    keys = [key_of(one, newer) for one in every]
    agrees = sorted(one.ticket for one in draw_by_ticket(seed, keys, len(printed))) == printed
    many = f"{len(printed):,} smallest tickets of {len(every):,} ballots"
    said = f"{contest}: the published sample {'is' if agrees else 'is NOT'} the {many}."
    return [Line("draw", "agrees" if agrees else "differs", said)]


def pairs_of(votes: Votes, seats: int) -> list[Pair]:
    """Every reported winner with every loser; ties in the order of the file, as the tool has it."""
    order = sorted(votes, key=lambda name: -votes[name])
    return [(w, one) for w in order[:seats] for one in order[seats:] if votes[w] > votes[one]]


def polled_risk(
    method: str, reported: Votes, seats: int, rounds: Sequence[Votes], limit: Fraction
) -> Fraction | None:
    """The risk after these rounds (votes of each round alone), largest over the pairs; None if unknown."""
    risks = [_of_pair(method, reported, pair, rounds, limit) for pair in pairs_of(reported, seats)]
    return None if not risks or None in risks else max(one for one in risks if one is not None)


def _of_pair(
    method: str, reported: Votes, pair: Pair, rounds: Sequence[Votes], limit: Fraction
) -> Fraction | None:
    winner, loser = pair
    share = Fraction(reported[winner], reported[winner] + reported[loser])
    wins = list(accumulate(one.get(winner, 0) for one in rounds))
    sizes = list(accumulate(one.get(winner, 0) + one.get(loser, 0) for one in rounds))
    if method == "BRAVO":
        return bravo_p(share, wins[-1], sizes[-1] - wins[-1])
    rising = [n for n, before in zip(sizes, [0, *sizes], strict=False) if n > before]
    if rising != sizes or share >= 1:
        return None
    if method == "PROVIDENCE":
        return providence(share, sizes, wins)
    rule = athena(share, limit) if method == "ATHENA" else minerva(share, limit)
    return Fraction(rounds_risk(rule, sizes, wins[-1]))


def compared_risk(
    contest: str, reported: Votes, seats: int, ballots_cast: int, ballots: Sequence[DrawnBallot]
) -> Fraction | None:
    """Super-simple's risk over all draws, by the tool's conventions; None where no margin is above 0."""
    pairs = pairs_of(reported, seats)
    if not pairs or ballots_cast < 1:
        return None
    margins = {pair: reported[pair[0]] - reported[pair[1]] for pair in pairs}
    gamma = Fraction(GAMMA)
    V = Fraction(min(margins.values()), ballots_cast)
    U = 2 * gamma / V
    p = Fraction(1)
    for ballot in ballots:
        draws = len(ballot.tickets.get(contest, ()))
        e = _error(contest, ballot, margins, min(margins.values()))
        p *= ((1 - 1 / U) / (1 - e * V / (2 * gamma))) ** draws
    return min(Fraction(1), p)


def _error(contest: str, ballot: DrawnBallot, margins: Mapping[Pair, int], least: int) -> Fraction:
    """The error of a ballot in units of the smallest margin: 2 where it was not found, at least 0."""
    if not ballot.found:
        return Fraction(2)
    recorded, read = (held.get(contest) or frozenset() for held in (ballot.recorded, ballot.read))
    errors = {
        (w, one): (w in recorded) - (one in recorded) - (w in read) + (one in read) for w, one in margins
    }
    worst = max(errors, key=errors.__getitem__)
    return max(Fraction(0), Fraction(errors[worst] * least, margins[worst]))


def _place(one: DrawnBallot) -> str:
    return ", ".join(filter(None, (one.jurisdiction, one.tabulator, one.batch, str(one.position))))


def near(risk: Fraction, printed: str, places: int = 10) -> bool:
    """Is a risk that the tool computed in doubles printed so, to so many places?"""
    text = printed.strip()
    try:
        if text.startswith("<"):
            return risk < Fraction(text[1:].strip())
        value = Fraction(text)
    except (ValueError, ZeroDivisionError):
        return False
    return math.isclose(float(value), float(risk), rel_tol=1e-9, abs_tol=1.5 * 10.0**-places)
