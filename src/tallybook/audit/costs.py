"""People-hours and money: what reading a number of cards or batches takes, under a stated cost model.

For the official who must find people and a room. Every figure is an argument with a default that anybody can
replace; a county's own clock is better than any default. Hours are exact fractions, money whole cents,
rounded up.
"""

import math
from collections.abc import Mapping
from fractions import Fraction

import msgspec


class CostModel(msgspec.Struct, frozen=True):
    """Minutes of one board, and what an hour of one person costs.

    fetch_minutes   to find, check and open the container of one drawn card, and to put it back
    read_minutes    to read one card in one contest and key it
    batch_minutes   to fetch and put back one batch that is counted whole
    count_minutes   to count one card of a batch, sorting included
    round_minutes   to gather, swear in and close, for each board and round
    board_people    people on a board; boards: how many work at once
    hour_cents      one person's hour
    """

    fetch_minutes: Fraction = Fraction(4)
    read_minutes: Fraction = Fraction(1)
    batch_minutes: Fraction = Fraction(20)
    count_minutes: Fraction = Fraction(1, 5)
    round_minutes: Fraction = Fraction(60)
    board_people: int = 2
    boards: int = 1
    hour_cents: int = 2_000


USUAL = CostModel()


class Effort(msgspec.Struct, frozen=True):
    """What it takes: hours of all people together, hours by the clock with these boards, and money."""

    people_hours: Fraction
    clock_hours: Fraction
    cents: int


def of_cards(model: CostModel, cards: int, contests: int = 1, rounds: int = 1) -> Effort:
    """Single cards, drawn from all over."""
    minutes = cards * (model.fetch_minutes + contests * model.read_minutes)
    return _effort(model, minutes, rounds)


def of_batches(model: CostModel, batches: int, cards: int, contests: int = 1, rounds: int = 1) -> Effort:
    """Whole batches with this many cards in all."""
    minutes = batches * model.batch_minutes + cards * contests * model.count_minutes
    return _effort(model, minutes, rounds)


def of_full_count(model: CostModel, batches: int, cards: int, contests: int = 1) -> Effort:
    """Every batch, once."""
    return of_batches(model, batches, cards, contests)


def shared_by_place(effort: Effort, cards: Mapping[str, int]) -> dict[str, Fraction]:
    """People-hours of each place, in proportion to the cards that it reads."""
    total = sum(cards.values())
    return {place: effort.people_hours * n / total if total else Fraction(0) for place, n in cards.items()}


def _effort(model: CostModel, minutes: Fraction, rounds: int) -> Effort:
    board_hours = minutes / 60 + rounds * model.boards * model.round_minutes / 60
    people = board_hours * model.board_people
    return Effort(people, board_hours / model.boards, math.ceil(people * model.hour_cents))
