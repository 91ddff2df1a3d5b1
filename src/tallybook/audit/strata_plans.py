"""How much several strata will read together, and how best to share it out among them.

For the official who plans one contest over counties, or over cards with and without records. The sample of
each stratum is what was reported, with errors at stated rates; the union test of ``strata`` is asked how many
draws end the audit: by the expected sample the size for one audit in two, by simulated samples from a fixed
seed the other chances. The shares of the draws are those, among the shares tried, that cost the least time.
Spertus, Sridhar and Stark 2024, section 5. Draws with replacement; planning never decides.
"""

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

import msgspec
import numpy as np

from tallybook.audit.batches import STEPS
from tallybook.audit.comparison import USUAL, ErrorRates
from tallybook.audit.planning import CHANCES, BatchErrors, SizePlan
from tallybook.stats.certainty import risk_limit
from tallybook.stats.strata import BOLD_TO_TIMID, allocate
from tallybook.stats.strata_plan import Expected, counted_p, expected_size

METHOD = "strata"
WORK, SEED = 300, 20_201_103
"""Simulated samples times strata; at least 20 and at most 100 samples are made."""
MULTIPLES = (0.5, 0.7, 0.85, 1.0, 1.15, 1.35, 1.6, 2.0, 2.5, 3.2, 4.0)
"""The sizes at which simulated samples are looked at, as multiples of the size expected."""
FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)


class StratumShape(msgspec.Struct, frozen=True):
    """One stratum of one assertion, as reported.

    how: ``polling``, ``card_comparison``, ``batch_comparison`` or ``pools`` (taken as one pool, which asks
    for a little more than many); N its cards, ``ups`` and ``downs`` those at the most and the least points;
    bound: of batches, the sum of their bounds in points; minutes: of one draw.
    """

    name: str
    how: str
    N: int
    ups: int
    downs: int
    least: int
    most: int
    minutes: Fraction
    bound: int = 0

    @property
    def sum(self) -> int:
        """The reported points."""
        return self.ups * self.most + self.downs * self.least


class Shared(msgspec.Struct, frozen=True):
    """A plan over strata: the sizes together, and each stratum's draws at the size for nine audits of ten."""

    plan: SizePlan
    draws: Mapping[str, int]
    minutes: Fraction


def plan_strata(
    strata: Sequence[StratumShape],
    limit: object,
    outside: int = 0,
    rates: ErrorRates = USUAL,
    errors: BatchErrors | None = None,
) -> Shared:
    """The plan of one assertion over strata. outside: the fewest points of cards in no stratum, at most 0."""
    alpha = float(risk_limit(limit))
    unit = STEPS if any(one.how in ("batch_comparison", "pools") for one in strata) else 1
    B = sum(_offset(one, unit) for one in strata) - unit * outside
    cards, most = sum(one.N for one in strata), _most(strata)
    best: tuple[Fraction, int, list[Expected]] | None = None
    for weights in _shares(strata):
        expected = [_expected(s, w, unit, rates, errors) for s, w in zip(strata, weights, strict=True)]
        size = expected_size(expected, B, alpha, most)
        if size is None:
            continue
        cost = _minutes(strata, allocate(size, weights))
        if best is None or cost < best[0]:
            best = (cost, size, expected)
    if best is None:
        plan = SizePlan(METHOD, "cards", cards, dict.fromkeys(CHANCES), float(cards))
        return Shared(plan, {}, Fraction(0))
    _, size, expected = best
    sizes, mean, curve = _simulated(expected, B, alpha, size, most)
    plan = SizePlan(METHOD, "cards", cards, sizes, mean, curve)
    weights = [one.weight for one in expected]
    shares = allocate(sizes[0.9] or size, weights)
    draws = {one.name: n for one, n in zip(strata, shares, strict=True)}
    return Shared(plan, draws, _minutes(strata, shares))


def _offset(one: StratumShape, unit: int) -> int:
    match one.how:
        case "polling":
            return -one.least * one.N * unit
        case "card_comparison":
            return ((one.most - one.least) * one.N - one.sum) * unit
        case "pools":
            return ((one.most - one.least) * unit - _mean(one, unit)) * one.N
        case _:
            return (one.bound - one.sum) * unit


def _expected(
    one: StratumShape, weight: float, unit: int, rates: ErrorRates, errors: BatchErrors | None
) -> Expected:
    """What is expected of a stratum, in lattice units."""
    span = one.most - one.least
    match one.how:
        case "polling":
            up, down = one.ups / one.N, one.downs / one.N
            values, shares = (span, -one.least, 0), (up, max(0.0, 1 - up - down), down)
            return Expected(one.N, span * unit, _times(values, unit), _whole(shares), BOLD_TO_TIMID, weight)
        case "card_comparison":
            half, full = float(rates.half + rates.phantoms), float(rates.full)
            values = (span, span - min(one.most, -one.least), 0)
            shares = (1 - half - full, half, full)
            return Expected(
                one.N, 2 * span * unit, _times(values, unit), _whole(shares), BOLD_TO_TIMID, weight
            )
        case "pools":
            usual, up, down = span * unit - _mean(one, unit), one.ups / one.N, one.downs / one.N
            numbers = (usual + one.most * unit, usual, usual + one.least * unit)
            shares = (up, max(0.0, 1 - up - down), down)
            return Expected(one.N, 2 * span * unit, numbers, _whole(shares), BOLD_TO_TIMID, weight)
        case _:
            wrong = errors or BatchErrors()
            off = math.floor((1 - wrong.taint) * STEPS)
            shares2 = (float(1 - wrong.rate), float(wrong.rate))
            return Expected(one.bound, 2 * STEPS, (STEPS, off), shares2, BOLD_TO_TIMID, weight)


def _mean(one: StratumShape, unit: int) -> int:
    """The mean reported points of a card, in lattice units, rounded."""
    return round(Fraction(one.sum * unit, one.N))


def _times(values: Sequence[int], unit: int) -> tuple[int, ...]:
    return tuple(value * unit for value in values)


def _whole(shares: Sequence[float]) -> tuple[float, ...]:
    total = sum(shares)
    return tuple(share / total for share in shares)


def _shares(strata: Sequence[StratumShape]) -> list[list[float]]:
    """The shares of the draws that are tried: by cards, each kind of evidence from a quarter to four times.

    Counties of one kind share in proportion to their cards.
    """
    kinds = list(dict.fromkeys(one.how for one in strata))
    base = [float(one.N) for one in strata]
    mixes: list[dict[str, float]] = [dict.fromkeys(kinds, 1.0)]
    for kind in kinds[1:]:
        mixes = [mix | {kind: factor} for mix in mixes for factor in FACTORS]
    return [[b * mix[one.how] for b, one in zip(base, strata, strict=True)] for mix in mixes]


def _minutes(strata: Sequence[StratumShape], draws: Sequence[int]) -> Fraction:
    return sum((one.minutes * n for one, n in zip(strata, draws, strict=True)), Fraction(0))


def _most(strata: Sequence[StratumShape]) -> int:
    """Half of all cards: beyond it counting all is the better way."""
    return max(2, sum(one.N for one in strata) // 2)


def _simulated(
    strata: Sequence[Expected], B: int, alpha: float, size: int, most: int
) -> tuple[dict[float, int | None], float, tuple[tuple[int, float], ...]]:
    """Sizes by chance, the mean, and the curve, from simulated samples looked at in a few sizes."""
    rng = np.random.Generator(np.random.PCG64(SEED))
    looks = sorted({min(most, max(1, round(size * factor))) for factor in MULTIPLES})
    ended = np.zeros(len(looks))
    trials = min(100, max(20, WORK // len(strata)))
    for _ in range(trials):
        at = _first_look(_sample(strata, looks, rng), strata, B, alpha)
        ended[at:] += 1
    curve = tuple((n, share / trials) for n, share in zip(looks, ended.tolist(), strict=True))
    sizes = {c: next((n for n, chance in curve if chance >= c), None) for c in CHANCES}
    steps = np.diff(ended, prepend=0.0) / trials
    mean = float(steps @ np.array(looks)) + (1 - float(steps.sum())) * most
    return sizes, mean, curve


def _sample(
    strata: Sequence[Expected], looks: Sequence[int], rng: np.random.Generator
) -> list[list[np.ndarray]]:
    """Counts of each value of each stratum at every look; each look holds the one before."""
    weights = [one.weight for one in strata]
    shares = [allocate(n, weights) for n in looks]
    found: list[list[np.ndarray]] = []
    so_far = [np.zeros(len(one.values)) for one in strata]
    drawn = [0] * len(strata)
    for share in shares:
        more = [max(0, n - before) for n, before in zip(share, drawn, strict=True)]
        so_far = [
            held + rng.multinomial(n, one.rates) for held, n, one in zip(so_far, more, strata, strict=True)
        ]
        drawn = [before + n for before, n in zip(drawn, more, strict=True)]
        found.append(so_far)
    return found


def _first_look(
    counts: Sequence[Sequence[np.ndarray]], strata: Sequence[Expected], B: int, alpha: float
) -> int:
    """The first look at which the risk is at most the limit, by halving; how many looks where none is."""
    low, high = -1, len(counts)
    while high - low > 1:
        middle = (low + high) // 2
        met = counted_p(strata, [one.tolist() for one in counts[middle]], B) <= alpha
        low, high = (low, middle) if met else (middle, high)
    return high
