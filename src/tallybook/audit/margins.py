"""By how much the reported cards support each assertion, and where no sample can show it.

For the official who plans and the observer who recomputes. Margins are exact fractions over one stated
population of N cards, phantoms included (Stark 2020, section 3.2). A phantom's record weighs 0; a card that
cannot be produced weighs the least there is. ``docs/spec/assertions.md``, section 5.
"""

from collections.abc import Sequence
from fractions import Fraction

import msgspec
import numpy as np

from tallybook.audit.assertions import (
    AboveShare,
    Ahead,
    Assertion,
    BelowShare,
    Claim,
    RemainderAhead,
    SeatAhead,
    words,
)
from tallybook.audit.assorters import Assorter, Reading, assorter
from tallybook.audit.evidence import Lacking
from tallybook.audit.readings import Ints
from tallybook.election import Tally, votes_for


class Population(msgspec.Struct, frozen=True):
    """The cards that a sample is drawn from: which they are must be published before the draw.

    ``cards`` is N, the most cards there may be, phantoms included; ``records`` how many have a record.
    ``lacking``: where every card is said to carry the contest, by its record or style, a hand reading without
    it counts against the assertion; where some may lack it, such a reading weighs nothing.
    """

    cards: int
    records: int
    lacking: Lacking

    @property
    def phantoms(self) -> int:
        """Cards of the bound that have no record."""
        return self.cards - self.records


class Margin(msgspec.Struct, frozen=True):
    """What the reported cards say of one assertion: ``sum`` of weights over N ``cards``.

    The assertion holds for the reported cards exactly when ``sum`` exceeds 0.
    """

    assertion: Assertion
    sum: int
    cards: int
    least: int
    most: int

    @property
    def margin_assorter(self) -> Fraction:
        """v: twice the mean of A over all N cards, less 1."""
        return Fraction(self.sum, -self.least * self.cards)

    @property
    def upper(self) -> Fraction:
        """u: the largest value of A."""
        return Fraction(self.most - self.least, -2 * self.least)

    @property
    def no_error(self) -> Fraction:
        """B of a card read as reported: 1/(2 - v/u) (Stark 2020, section 3.2)."""
        return 1 / (2 - self.margin_assorter / self.upper)


class Unprovable(msgspec.Struct, frozen=True):
    """Why no sample can show an assertion: every card must be counted."""

    assertion: Assertion
    why: str


def margins(claim: Claim, reading: Reading, counts: Sequence[int], cards: int) -> tuple[Margin, ...]:
    """The margin of every assertion from grouped cards; ``counts`` belong to the reading's patterns.

    Raises ValueError where the population has fewer cards than were counted.
    """
    if sum(counts) > cards:
        raise ValueError(f"The population has {cards} cards; {sum(counts)} carry the contest.")
    column = np.array(counts, dtype=np.int64)
    return tuple(margin_of(one, assorter(one, reading), column, cards) for one in claim.assertions)


def margin_of(assertion: Assertion, table: Assorter, counts: Ints, cards: int) -> Margin:
    """The margin of one assertion whose table is known."""
    return Margin(assertion, int(table.weights @ counts), cards, table.least, table.most)


def margins_from_tally(claim: Claim, tally: Tally, cards: int, votes_allowed: int = 1) -> tuple[Margin, ...]:
    """The same from totals alone, where votes are one per choice and card. Raises ValueError otherwise.

    An audit without cast vote records has nothing else. Claims about rankings or preferences need cards.
    """
    return tuple(_from_tally(one, tally, cards, votes_allowed) for one in claim.assertions)


def unprovable(found: Sequence[Margin], population: Population) -> tuple[Unprovable, ...]:
    """The assertions that no sample from this population can show, with the reason for each.

    A card that is missing may weigh the least: it must be possible to confirm even if every phantom does.
    """
    return tuple(
        Unprovable(one.assertion, why) for one in found if (why := _hopeless(one, population)) is not None
    )


def _hopeless(one: Margin, population: Population) -> str | None:
    if one.sum == 0:
        return f"The reported cards show an exact tie: {words(one.assertion)} Count every card."
    if one.sum < 0:
        return f"The reported cards do not show this: {words(one.assertion)} Check the reported outcome."
    if one.sum + one.least * population.phantoms <= 0:
        return (
            f"{population.phantoms:,} cards cannot be produced, which could undo this: "
            f"{words(one.assertion)} Count every card."
        )
    return None


def _from_tally(assertion: Assertion, tally: Tally, cards: int, allowed: int) -> Margin:
    match assertion:
        case Ahead(winner, loser):
            return Margin(assertion, votes_for(tally, winner) - votes_for(tally, loser), cards, -1, 1)
        case SeatAhead(winner, loser, ours, theirs):
            total = theirs * votes_for(tally, winner) - ours * votes_for(tally, loser)
            return Margin(assertion, total, cards, -ours, theirs)
        case AboveShare(choice, share, write_ins) | BelowShare(choice, share, write_ins):
            p, q = share.numerator, share.denominator
            cast = sum(votes for _, votes in tally.votes) + ((tally.write_ins or 0) if write_ins else 0)
            above, low, high = q * votes_for(tally, choice) - p * cast, -p * allowed, q - p
            if isinstance(assertion, AboveShare):
                return Margin(assertion, above, cards, low, high)
            return Margin(assertion, -above, cards, -high, -low)
        case RemainderAhead(winner, loser, seats, lead, lists):
            cast = sum(votes_for(tally, name) for name in lists)
            total = seats * (votes_for(tally, winner) - votes_for(tally, loser)) - lead * cast
            extremes = (seats - lead, -seats - lead, -lead, 0)
            return Margin(assertion, total, cards, min(extremes), max(extremes))
        case _:
            raise ValueError(f"{words(assertion)} This cannot be judged from totals; it needs the cards.")
