"""How many cards or batches an audit will read: the whole distribution, before the seed.

For the official who books rooms and people. For each assertion of a contest the number of draws has an exact
distribution under stated assumptions: the outcome is as reported, errors come at stated rates, and the stake
is the one with which the bet begins (it moves little while the sample agrees with what was reported). Draws
are taken with replacement; without it the sizes are a little smaller. An audit ends when its slowest
assertion does: the distribution of a contest is that of its tightest assertion. Planning never decides.
Methods of other tools are in ``other_plans``.
"""

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Literal

import msgspec
import numpy as np

from tallybook.audit.assertions import (
    AboveShare,
    Ahead,
    BelowShare,
    Preferred,
    RemainderAhead,
    SeatAhead,
    words,
)
from tallybook.audit.batches import STEPS, Bounds
from tallybook.audit.batches import prior as batch_prior
from tallybook.audit.comparison import USUAL, ErrorRates, comparison_prior
from tallybook.audit.evidence import Scale
from tallybook.audit.margins import Margin
from tallybook.election import Tally, votes_for
from tallybook.stats.certainty import risk_limit
from tallybook.stats.default_bet import UNIT, Prior, default_stakes
from tallybook.stats.error_stopping import Steps, stopping_with_errors
from tallybook.stats.errors import require
from tallybook.stats.lattice import Null
from tallybook.stats.stopping import Stopping, first_passage, mean_size, size_for, thresholds

CHANCES = (0.5, 0.7, 0.8, 0.9, 0.99)
"""The chances of finishing in one round for which sizes are given."""
Unit = Literal["cards", "batches"]


class Shape(msgspec.Struct, frozen=True):
    """What a plan must know of an assertion: reported points ``sum`` of N cards between least and most.

    ups, downs: cards that speak for it and against it (at their most and their least).
    """

    name: str
    N: int
    sum: int
    least: int
    most: int
    ups: int
    downs: int

    @property
    def margin(self) -> Fraction:
        """The diluted margin for plurality: points a card."""
        return Fraction(self.sum, self.N)


class BatchErrors(msgspec.Struct, frozen=True):
    """Assumed of batches: this share of the draws is off, by this taint (error over the batch's bound)."""

    rate: Fraction = Fraction(1, 50)
    taint: Fraction = Fraction(1, 100)


class SizePlan(msgspec.Struct, frozen=True):
    """How many draws one method takes. Sizes beyond the population are None: read everything.

    sizes  chance -> draws with which the audit ends in one round with this chance
    mean   mean number of draws if it is stopped at the first moment; None where the method has rounds only
    curve  pairs (draws, chance to have finished), for a drawing
    """

    method: str
    unit: Unit
    population: int
    sizes: Mapping[float, int | None]
    mean: float | None
    curve: tuple[tuple[int, float], ...] = ()

    @property
    def is_hand_count(self) -> bool:
        """Does the method take half of everything or more, in one audit of ten?

        Batches are drawn with replacement: 7 draws for 10 batches reach half of them.
        """
        size = self.sizes.get(0.9)
        if size is None:
            return True
        return 2 * size >= self.population if self.unit == "cards" else 10 * size >= 7 * self.population


def shape_of(margin: Margin, tally: Tally) -> Shape:
    """The shape of an assertion from totals. Raises ValueError where the totals do not show it.

    Where votes move the sum by several sizes (remainders) it is as if each moved it by the most or the least:
    the same sum with a wider spread, hence no smaller sizes.
    """
    one = margin.assertion
    match one:
        case Ahead() | SeatAhead() | Preferred():
            ups, downs = votes_for(tally, one.winner), votes_for(tally, one.loser)
        case AboveShare() | BelowShare():
            cast = sum(n for _, n in tally.votes) + ((tally.write_ins or 0) if one.write_ins else 0)
            of_choice = votes_for(tally, one.choice)
            rest = cast - of_choice
            ups, downs = (of_choice, rest) if isinstance(one, AboveShare) else (rest, of_choice)
        case RemainderAhead():
            moving = sum(votes_for(tally, name) for name in one.lists)
            ups = (margin.sum - margin.least * moving) // (margin.most - margin.least)
            downs = moving - ups
        case _:
            raise ValueError(f"{words(one)} This cannot be planned from totals; it needs the cards.")
    return Shape(words(one), margin.cards, margin.sum, margin.least, margin.most, ups, downs)


def tightest(shapes: Sequence[Shape]) -> Shape:
    """The assertion with the smallest margin in relation to what a card can move."""
    require(len(shapes) > 0, "shapes", 0, "at least one assertion")
    return min(shapes, key=lambda s: (Fraction(s.sum, (s.most - s.least) * s.N), s.name))


def plan_polling(shape: Shape, limit: object) -> SizePlan:
    """Ballot polling: cards that speak for the assertion and against it, blanks between."""
    alpha, p = float(risk_limit(limit)), shape.ups / (shape.ups + shape.downs)
    span, m = shape.most - shape.least, -shape.least
    stake = (p * span - m) / (span - m)
    share = (shape.ups + shape.downs) / shape.N
    if stake <= 0:
        return _hand_count("polling", "cards", shape.N)
    win = math.log(1 - stake + stake * span / m)
    loss = math.log(1 - stake) if stake < 1 else -50.0
    end = _polling_horizon(p, win, loss, -math.log(alpha), shape)
    done = first_passage(thresholds(win, loss, -math.log(alpha), end), p)
    return plan_of("polling", "cards", shape.N, Stopping(done, min(1.0, share)))


def plan_card_comparison(shape: Shape, limit: object, rates: ErrorRates = USUAL) -> SizePlan:
    """Card comparison: overstatements of half and of full size at stated rates."""
    scale = Scale(shape.least, shape.most)
    span, m = scale.span, float(scale.span - shape.margin)
    stake = first_stake(comparison_prior(scale, rates), span * shape.N - shape.sum, 2 * span, shape.N)
    if stake == 0:
        return _hand_count("card comparison", "cards", shape.N)
    half = min(shape.most, -shape.least)
    kinds = _logs(stake, m, (span - half, 0))
    found = (float(rates.half + rates.phantoms), float(rates.full))
    return _with_errors("card comparison", "cards", shape.N, _logs(stake, m, (span,))[0], kinds, found, limit)


def plan_batch_comparison(bounds: Bounds, limit: object, errors: BatchErrors | None = None) -> SizePlan:
    """Batch comparison with our bet; draws are with replacement, so a batch may be drawn twice."""
    wrong = errors or BatchErrors()
    population, m = len(bounds.weights), 1 - 1 / bounds.U
    if m <= 0:
        return SizePlan("batch comparison", "batches", population, dict.fromkeys(CHANCES, 0), 0.0)
    N = 10**12
    stake = first_stake(batch_prior(), math.ceil(m * N * STEPS), 2 * STEPS, N)
    (usual, kind) = _logs(stake, float(m), (1.0, float(1 - wrong.taint)))
    return _with_errors(
        "batch comparison", "batches", population, usual, (kind,), (float(wrong.rate),), limit
    )


def first_stake(prior: Mapping[int, int], offset: int, top: int, N: int) -> float:
    """The stake of the default bet before the first draw, for numbers 0..top that add up to ``offset``."""
    s = N // math.gcd(N, offset)
    null = Null(offset * s // N, top * s, None, s)
    asked = Prior(tuple(v * s for v in prior), tuple(prior.values()))
    return float(default_stakes([np.array([0])], [null], [asked])[0][0]) / UNIT


def plan_of(method: str, unit: Unit, population: int, stopping: Stopping) -> SizePlan:
    """Sizes, mean and curve of a distribution; what exceeds the population is a full count."""
    sizes: dict[float, int | None] = {}
    for chance in CHANCES:
        size = size_for(stopping, chance)
        sizes[chance] = size if size is not None and (size < population or unit == "batches") else None
    mean, unfinished = mean_size(stopping)
    known = mean if unfinished < 0.5 and (mean < population or unit == "batches") else float(population)
    return SizePlan(method, unit, population, sizes, known, _curve(stopping, population))


def distinct(bounds: Bounds, cards: Mapping[str, int], draws: int) -> tuple[int, int]:
    """The expected number of different batches and of their cards after so many draws, rounded up."""
    total = sum(bounds.weights.values())
    chances = {unit: 1 - (1 - weight / total) ** draws for unit, weight in bounds.weights.items()}
    held = {unit: sum(cards[one] for one in bounds.members[unit]) for unit in chances}
    return math.ceil(sum(chances.values())), math.ceil(sum(held[u] * c for u, c in chances.items()))


def union_of_samples(styles: Mapping[tuple[str, ...], int], sizes: Mapping[str, int]) -> Fraction:
    """The expected number of cards in one sample that serves several contests.

    styles: the contests on a card -> cards; sizes: contest -> cards that it needs. A contest's sample is the
    cards with the smallest tickets, so a card is drawn with the largest of its contests' shares.
    """
    on = {c: sum(n for style, n in styles.items() if c in style) for c in sizes}
    total = Fraction(0)
    for style, cards in styles.items():
        wanted = [Fraction(min(sizes[c], on[c]), on[c]) for c in style if c in sizes and on[c]]
        total += cards * max(wanted, default=Fraction(0))
    return total


def expected_by_place(cards: Mapping[str, int], draws: int) -> dict[str, Fraction]:
    """How many of the drawn cards each county can expect."""
    total = sum(cards.values())
    require(total > 0, "cards", total, "places with cards")
    return {place: Fraction(draws * n, total) for place, n in cards.items()}


def expected_rounds(plan: SizePlan, first: int, growth: Fraction = Fraction(3, 2), most: int = 12) -> float:
    """The mean number of rounds, if each is ``growth`` times the one before, ``most`` at most."""
    at, size, mean = first, Fraction(first), 1.0
    for _ in range(most - 1):
        mean += 1.0 - chance_within(plan, at)
        size *= growth
        at += math.ceil(size)
    return mean


def chance_within(plan: SizePlan, draws: int) -> float:
    """The chance to be finished within so many draws, read off the curve from below; 1 for everything."""
    if draws >= plan.population and plan.unit == "cards":
        return 1.0
    return max((chance for n, chance in plan.curve if n <= draws), default=0.0)


def _with_errors(
    method: str,
    unit: Unit,
    population: int,
    usual: float,
    kinds: Sequence[float],
    rates: Sequence[float],
    limit: object,
) -> SizePlan:
    alpha = float(risk_limit(limit))
    kept = [(k, r) for k, r in zip(kinds, rates, strict=True) if r > 0]
    steps = Steps(usual, tuple(k for k, _ in kept), tuple(r for _, r in kept))
    clean = -math.log(alpha) / usual
    drift = (1 - sum(steps.rates)) * usual
    drift += sum(r * max(k, -50.0) for k, r in zip(steps.kinds, steps.rates, strict=True))
    if drift <= 0 or (unit == "cards" and clean * usual >= population * drift / 2):
        return _hand_count(method, unit, population)
    most = math.ceil(4 * clean * usual / drift) + 1
    return plan_of(method, unit, population, stopping_with_errors(steps, alpha, most))


def _hand_count(method: str, unit: Unit, population: int) -> SizePlan:
    """The mean need passes half of everything: reading all of it is the plan."""
    return SizePlan(method, unit, population, dict.fromkeys(CHANCES), float(population))


def _logs(stake: float, m: float, numbers: Sequence[float]) -> tuple[float, ...]:
    """What each number does to the logarithm of the wealth."""
    return tuple(math.log(1 - stake + stake * x / m) for x in numbers)


def _polling_horizon(p: float, win: float, loss: float, goal: float, shape: Shape) -> int:
    """Where to stop looking: many deviations beyond the mean (fewer in long audits), or all cards."""
    drift = p * win + (1 - p) * loss
    everything = max(1, shape.ups + shape.downs)
    if drift <= 0:
        return everything
    deviation = math.sqrt(goal * p * (1 - p) * (win - loss) ** 2 / drift**3)
    mean = goal / drift
    far = mean + 15 * deviation if mean < 20_000 else min(8 * mean, mean + 6 * deviation)
    return max(1, min(everything, math.ceil(far) + 50))


def _curve(stopping: Stopping, population: int, points: int = 160) -> tuple[tuple[int, float], ...]:
    """Pairs (draws, chance), evenly spaced in chance; draws with blanks put back."""
    done = stopping.done
    at = np.unique(np.searchsorted(done, np.linspace(0.001, float(done[-1]) * 0.9999, points)))
    draws = np.minimum(at, len(done) - 1)
    pairs = {min(population, math.ceil(int(n) / stopping.share)): float(done[n]) for n in draws}
    return tuple(sorted(pairs.items()))
