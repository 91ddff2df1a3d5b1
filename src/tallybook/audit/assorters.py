"""Assertions as integer tables over patterns: what a card that reads so adds to an assertion.

For an assertion, a card adds ``weight`` to a sum that must exceed zero; the least possible weight is below 0.
Its assorter is A = (weight - least)/(-2 least): a number from 0 to u whose mean exceeds 1/2 exactly when the
sum exceeds 0 (Blom et al. 2021, section 4; Stark 2020, section 2). A blank weighs 0, so its A is 1/2. The
tables serve cast vote records and hand readings alike; nothing is computed card by card.
``docs/spec/assertions.md``, section 4.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from tallybook.audit.assertions import (
    AboveShare,
    Ahead,
    Assertion,
    BelowShare,
    FirstsAbove,
    NotEliminatedBefore,
    NotEliminatedNext,
    Preferred,
    RemainderAhead,
    SeatAhead,
)
from tallybook.audit.readings import Bools, Ints, Ranks, Votes

Reading = Votes | Ranks


@dataclass(frozen=True, eq=False)
class Assorter:
    """One whole number per pattern. ``least`` < 0 and ``most`` > 0 bound it over every possible card."""

    weights: Ints
    least: int
    most: int

    @property
    def denominator(self) -> int:
        """A of a card is a whole number over this."""
        return -2 * self.least

    @property
    def numerators(self) -> Ints:
        """A of each pattern, times the denominator: from 0 to ``most - least``; 1/2 is ``-least``."""
        return self.weights - self.least

    @property
    def upper(self) -> Fraction:
        """u: the largest value that A can take."""
        return Fraction(self.most - self.least, self.denominator)


def assorter(assertion: Assertion, reading: Reading) -> Assorter:
    """The table of an assertion over the patterns of a reading.

    Raises ValueError where the assertion does not fit the reading, or names a choice that is not in it.
    """
    match assertion, reading:
        case (Ahead(), Votes()):
            return _pair(assertion.winner, assertion.loser, 1, 1, reading)
        case (SeatAhead(), Votes()):
            return _pair(
                assertion.winner, assertion.loser, assertion.loser_divisor, assertion.winner_divisor, reading
            )
        case (Preferred(), Votes()):
            signs = np.sign(_column(assertion.winner, reading) - _column(assertion.loser, reading))
            return Assorter(signs, -1, 1)
        case (AboveShare(), Votes()):
            return _share(assertion, 1, reading)
        case (BelowShare(), Votes()):
            return _share(assertion, -1, reading)
        case (RemainderAhead(), Votes()):
            return _remainder(assertion, reading)
        case (NotEliminatedBefore(), Ranks()):
            return _never_before(assertion, reading)
        case (NotEliminatedNext(), Ranks()):
            return _not_next(assertion, reading)
        case (FirstsAbove(), Ranks()):
            return _firsts(assertion, reading)
    raise ValueError(f"{type(assertion).__name__} cannot be read from {type(reading).__name__.lower()}.")


def _pair(winner: str, loser: str, ours: int, theirs: int, reading: Votes) -> Assorter:
    weights = ours * _column(winner, reading) - theirs * _column(loser, reading)
    return Assorter(weights, -theirs * reading.most, ours * reading.most)


def _share(assertion: AboveShare | BelowShare, sign: int, reading: Votes) -> Assorter:
    """q x votes - p x all votes for share p/q, or the negative of it."""
    p, q = assertion.share.numerator, assertion.share.denominator
    if not 0 < p < q:
        raise ValueError(f"A share of {assertion.share} cannot be shown by a sample; it must be in (0, 1).")
    votes = reading.values.sum(axis=1) + (reading.write_ins if assertion.write_ins else 0)
    above = q * _column(assertion.choice, reading) - p * votes
    low, high = -p * reading.per_card, (q - p) * reading.most
    return Assorter(above, low, high) if sign > 0 else Assorter(-above, -high, -low)


def _remainder(assertion: RemainderAhead, reading: Votes) -> Assorter:
    if reading.per_card != 1:
        raise ValueError("Largest remainders are read from cards with one vote each.")
    seats, lead = assertion.seats, assertion.lead
    lists = sum(_column(name, reading) for name in assertion.lists)
    difference = _column(assertion.winner, reading) - _column(assertion.loser, reading)
    weights = np.asarray(seats * difference - lead * lists)
    extremes = (seats - lead, -seats - lead, -lead, 0)
    return Assorter(weights, min(extremes), max(extremes))


def _never_before(assertion: NotEliminatedBefore, reading: Ranks) -> Assorter:
    winner, loser = (_bit(name, reading) for name in (assertion.winner, assertion.loser))
    firsts = reading.sure & (reading.choice == winner) & (reading.before == 0)
    ahead = (reading.choice == loser) & ((reading.before >> winner & 1) == 0)
    return _for_and_against(firsts, ahead, reading)


def _not_next(assertion: NotEliminatedNext, reading: Ranks) -> Assorter:
    winner, loser = (_bit(name, reading) for name in (assertion.winner, assertion.loser))
    standing = sum(1 << _bit(name, reading) for name in assertion.standing)
    if not (standing >> winner & 1 and standing >> loser & 1):
        raise ValueError(f"{assertion.winner} and {assertion.loser} must both be standing.")
    free = (reading.before & standing) == 0
    gains = reading.sure & free & (reading.choice == winner)
    return _for_and_against(gains, free & (reading.choice == loser), reading)


def _firsts(assertion: FirstsAbove, reading: Ranks) -> Assorter:
    """q for a first preference, less p for any; an overvote that may lead anywhere counts in the total."""
    p, q = assertion.share.numerator, assertion.share.denominator
    if not 0 < p < q:
        raise ValueError(f"A share of {assertion.share} cannot be shown by a sample; it must be in (0, 1).")
    bit = _bit(assertion.choice, reading)
    firsts = _held(reading.sure & (reading.before == 0) & (reading.choice == bit), reading)
    anybody = _held(np.ones_like(reading.sure), reading)
    return Assorter(q * firsts - p * anybody, -p, q - p)


def _for_and_against(gains: Bools, losses: Bools, reading: Ranks) -> Assorter:
    return Assorter(_held(gains, reading) - _held(losses, reading), -1, 1)


def _held(entries: Bools, reading: Ranks) -> Ints:
    """1 for each pattern with such an entry."""
    held = np.zeros(reading.patterns, dtype=np.int64)
    held[reading.row[entries]] = 1
    return held


def _column(name: str, reading: Votes) -> Ints:
    if name not in reading.choices:
        raise ValueError(f"{name} is not among the choices of this contest.")
    return reading.values[:, reading.choices.index(name)]


def _bit(name: str, reading: Ranks) -> int:
    if name not in reading.choices:
        raise ValueError(f"{name} does not stand in this contest.")
    return reading.choices.index(name)
