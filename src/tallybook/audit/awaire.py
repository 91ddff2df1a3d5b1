"""Ranked choice without cast vote records: every wrong order of elimination must be refuted by the sample.

AWAIRE: Ek, Stark, Stuckey and Vukcevic 2023, "Adaptively Weighted Audits of Instant-Runoff Voting Elections".
An order of elimination is true only if, each time somebody leaves, nobody who stays has fewer votes: its
requirements. Each requirement is a mean of at most 1/2, tested by a martingale. The martingale of an order
multiplies, draw by draw, an average of its requirements' factors; the weights are the squares of what each
requirement's martingale had reached before that draw, so the average learns which requirement is false. Where
the order is true its martingale cannot grow on average. The risk is that of the order least refuted.
The number of orders grows as the factorial of the choices: up to seven choices here; with more, use cast vote
records and ``raire``. ``docs/spec/assertions.md``, section 11.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tallybook.audit.assertions import NotEliminatedNext
from tallybook.audit.assorters import Assorter, assorter
from tallybook.audit.readings import Ints, Ranks
from tallybook.stats.certainty import p_between, publish
from tallybook.stats.lattice import Null
from tallybook.stats.martingale import EPS, Bet, wealths

MOST_CHOICES = 7

Floats = NDArray[np.float64]
Order = tuple[str, ...]


@dataclass(frozen=True)
class Refutation:
    """How far the sample refutes every other winner. ``risk``: the p-value, as published, rounded up.

    ``upper`` is the exact upper bound of it in use; ``open`` the order of elimination least refuted, first
    out first; ``orders`` how many were tested.
    """

    risk: str
    upper: Fraction
    open: Order
    orders: int


def awaire(reading: Ranks, drawn: Sequence[int], cards: int, winner: str, bet: Bet) -> Refutation:
    """The risk that ``winner`` did not win, from cards drawn without replacement from ``cards`` in all.

    drawn: the code of each card in the order of the draw: k for the reading's pattern k - 1, 0 where the
    contest is not on the card, -1 where the card was not found (it counts against whatever would refute an
    order). Raises ValueError for more than seven choices, and where every card is drawn: then publish the
    count, not a risk.
    """
    if winner not in reading.choices or not 2 <= len(reading.choices) <= MOST_CHOICES:
        raise ValueError(
            f"{winner} must be one of 2 to {MOST_CHOICES} choices; there are {len(reading.choices)}."
        )
    if not 0 < len(drawn) < cards:
        raise ValueError(f"{len(drawn)} of {cards} cards are drawn; at a full count publish the count.")
    needed = _requirements(reading.choices)
    paths = _paths(reading, needed, np.array(drawn, dtype=np.int64), cards, bet)
    place = {one: k for k, one in enumerate(needed)}
    found = [
        (_p_of_order(paths, [place[one] for one in requirements_of(order)]), order)
        for order in permutations(reading.choices)
        if order[-1] != winner
    ]
    upper, order = max(found)
    return Refutation(publish(upper), upper, order, len(found))


def requirements_of(order: Order) -> list[NotEliminatedNext]:
    """What would refute this order (first out first): one who leaves had more votes than one who stays."""
    return [
        NotEliminatedNext(name, other, tuple(sorted(order[k:])))
        for k, name in enumerate(order)
        for other in order[k + 1 :]
    ]


def _requirements(choices: Order) -> list[NotEliminatedNext]:
    found: dict[NotEliminatedNext, None] = {}
    for order in permutations(choices):
        found.update(dict.fromkeys(requirements_of(order)))
    return list(found)


def _paths(reading: Ranks, needed: Sequence[NotEliminatedNext], drawn: Ints, cards: int, bet: Bet) -> Floats:
    """ln T of every requirement (rows) at the start and after each draw."""
    tables = [assorter(one, reading) for one in needed]
    rows: list[Any] = [_numbers(table, drawn) for table in tables]
    null = Null(t=1, u=2, N=cards, d=2)
    tests = wealths(rows, [null] * len(tables), bet)
    start = np.zeros((len(tests), 1))
    return np.concatenate([start, np.array([test.log_wealth for test in tests])], axis=1)


def _numbers(table: Assorter, drawn: Ints) -> Ints:
    """Numerators of A: 1/2 where the contest is not on the card, 0 where the card was not found."""
    extended = np.concatenate([[-table.least], table.numerators, [0]])
    return np.asarray(extended[drawn])


def _p_of_order(paths: Floats, which: Sequence[int]) -> Fraction:
    """An upper bound on the p-value of one order: the running minimum of 1/E, floats bounded upwards."""
    logs = paths[which]
    if np.isposinf(logs).any():
        return Fraction(0)
    factors, errors = _factors(logs)
    reached = np.cumsum(factors)
    slack = np.cumsum(errors + EPS * np.abs(np.where(np.isfinite(reached), reached, 0.0)))
    peak = float(np.max(reached - 1.1 * slack, initial=0.0))
    return p_between(peak, peak)[1]


def _factors(logs: Floats) -> tuple[Floats, Floats]:
    """ln of the weighted factor at each draw, and how far it may be off.

    Weights are squares of T before the draw; ln is -inf once all is lost. A step of ln T is a rounded sum of
    one logarithm, so that its error is of the size of the two; errors of ln T itself enter through the
    weights alone, and only as far as the factors differ.
    """
    before, after = logs[:, :-1], logs[:, 1:]
    with np.errstate(invalid="ignore", divide="ignore"):
        top = np.max(before, axis=0)
        weights = np.where(np.isneginf(before), 0.0, np.exp(2 * (before - top)))
        gains = np.nan_to_num(np.where(np.isneginf(after), 0.0, np.exp(after - before)), nan=0.0)
        total = np.sum(weights, axis=0)
        mixed = np.sum(weights * gains, axis=0) / total
        apart = np.sum(weights * np.abs(gains - mixed), axis=0) / total / mixed
        lost = np.isneginf(top) | (mixed == 0)
        factors = np.where(lost, -np.inf, np.log(mixed))
        steps = EPS * (16 + 7 * _size(after - before) + _size(after))
        doubt = 2 * np.max(np.cumsum(steps, axis=1), axis=0) + 4 * EPS * np.max(_size(before - top), axis=0)
        errors = np.max(steps, axis=0) + doubt * apart + EPS * (2 * len(logs) + 16 + 4 * _size(factors))
    return np.asarray(factors), np.where(lost, 0.0, errors)


def _size(values: Floats) -> Floats:
    """Absolute values; 0 for what is not finite."""
    return np.asarray(np.abs(np.where(np.isfinite(values), values, 0.0)))
