"""How large the next round of an audit should be: planned by simulation, never deciding.

For the official at the end of a round that did not finish. What was drawn stays; what follows is drawn from
the numbers seen and those expected before, the prior as a hundred draws. The very bet and the very union test
that measure the risk are asked, from a stated seed, so that everybody gets the same size. Several strata
share the further draws as they have shared those so far (by their cards where none was drawn yet); the least
size that would do if every stratum yields exactly what is expected of it is found by bisection, and simulated
samples around it give the size for the chance wanted.
"""

import math
from collections.abc import Sequence
from fractions import Fraction

import msgspec
import numpy as np

from tallybook.audit.evidence import Ints, Part
from tallybook.audit.measuring import Evidence, single_test
from tallybook.audit.strata import union_risk
from tallybook.stats.certainty import risk_limit
from tallybook.stats.default_bet import default_bet
from tallybook.stats.errors import require
from tallybook.stats.martingale import wealths
from tallybook.stats.strata import allocate

MULTIPLES = (0.3, 0.5, 0.7, 0.85, 1.0, 1.15, 1.35, 1.6, 2.0, 2.5, 3.2, 4.0)
"""The sizes at which simulated samples of strata are looked at, as multiples of the size expected."""
WORK = 300
"""Simulated samples times strata; at least 20 samples are made, and never more than the settings say."""


class Settings(msgspec.Struct, frozen=True):
    """How the next round is sized.

    chance    of ending the audit in the next round; share: part of the cards from which all are counted
    most      rounds before a full hand count, 0 for no limit
    trials, seed  of the simulation
    """

    chance: Fraction = Fraction(9, 10)
    share: Fraction = Fraction(1, 2)
    most: int = 0
    trials: int = 200
    seed: int = 20_201_103


USUAL = Settings()


def more_draws(one: Evidence, limit: object, settings: Settings = USUAL) -> int | None:
    """Further draws that meet the limit with the chance wanted; None where no number of them would.

    Simulated: what was drawn stays; what follows is drawn from the numbers seen and expected before. Several
    strata: the sum of ``more_by_stratum``.
    """
    found = more_by_stratum(one, limit, settings)
    return None if found is None else sum(found)


def more_by_stratum(one: Evidence, limit: object, settings: Settings = USUAL) -> tuple[int, ...] | None:
    """The same for each stratum. Strata share the draws as they have shared those so far."""
    require(len(one.parts) > 0, "parts", 0, "at least one stratum")
    alpha = float(risk_limit(limit))
    if len(one.parts) > 1:
        return more_in_strata(one.parts, alpha, one.outside, settings)
    part = one.parts[0]
    top = part.N - len(part.x) if not part.replace else 100 * part.N
    size = 64
    while size < 2 * top:
        found = _simulated(part, one.outside, alpha, min(size, top), settings)
        if found is not None or size >= top or size >= 1 << 17:
            return None if found is None else (found,)
        size *= 4
    return None


def more_in_strata(
    parts: Sequence[Part], alpha: float, outside: int = 0, settings: Settings = USUAL
) -> tuple[int, ...] | None:
    """Further draws of each stratum; None where four times the size expected is still not enough."""
    size = _as_expected(parts, alpha, outside)
    if size is None:
        return None
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([settings.seed, size])))
    looks = sorted({max(1, round(size * factor)) for factor in MULTIPLES})
    ended = []
    for _ in range(max(20, min(settings.trials, WORK // len(parts)))):
        most = shared(parts, looks[-1])
        drawn = [_drawn(part, more, rng) for part, more in zip(parts, most, strict=True)]
        ended.append(_first_look(parts, drawn, looks, alpha, outside))
    wanted = sorted(ended)[math.ceil(settings.chance * len(ended)) - 1]
    return shared(parts, looks[wanted]) if wanted < len(looks) else None


def shared(parts: Sequence[Part], draws: int) -> tuple[int, ...]:
    """Further draws of each stratum: as those so far, by cards where there are none; at most what is left."""
    drawn = [0 if part.is_census else len(part.x) for part in parts]
    weights = drawn if any(drawn) else [0 if part.is_census else part.N for part in parts]
    if not any(weights):
        return tuple(0 for _ in parts)
    return tuple(min(n, _room(part)) for n, part in zip(allocate(draws, weights), parts, strict=True))


def _room(part: Part) -> int:
    return 100 * part.N if part.replace else part.N - len(part.x)


def _as_expected(parts: Sequence[Part], alpha: float, outside: int) -> int | None:
    """The least number of further draws that do if all goes as expected; None if half of all do not."""
    most = max(2, sum(64 * len(part.x) if part.replace else part.N for part in parts) // 2)

    def is_enough(draws: int) -> bool:
        pairs = zip(parts, shared(parts, draws), strict=True)
        return union_risk([_longer(p, _expected_draws(p, n)) for p, n in pairs], outside).p <= alpha

    low, high = 0, 16
    while not is_enough(high):
        if high >= most:
            return None
        low, high = high, min(2 * high, most)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high


def _expected_draws(part: Part, more: int) -> np.ndarray:
    """So many further numbers in the proportions expected, the lowest first: the order that helps least."""
    values, chances = _expected(part)
    return np.sort(np.repeat(values, allocate(more, chances.tolist())))


def _drawn(part: Part, more: int, rng: np.random.Generator) -> np.ndarray:
    values, chances = _expected(part)
    return rng.choice(values, more, p=chances)


def _longer(part: Part, more: np.ndarray) -> Part:
    return msgspec.structs.replace(part, x=np.concatenate((np.asarray(part.x), more)))


def _first_look(
    parts: Sequence[Part], drawn: Sequence[np.ndarray], looks: Sequence[int], alpha: float, outside: int
) -> int:
    """The first look at which the risk is at most the limit, by halving; how many looks where none is."""
    low, high = -1, len(looks)
    while high - low > 1:
        middle = (low + high) // 2
        shares = shared(parts, looks[middle])
        grown = [_longer(part, x[:n]) for part, x, n in zip(parts, drawn, shares, strict=True)]
        met = union_risk(grown, outside).p <= alpha
        low, high = (low, middle) if met else (middle, high)
    return high


def _simulated(part: Part, outside: int, alpha: float, more: int, settings: Settings) -> int | None:
    """The quantile of the stopping time within ``more`` further draws."""
    test = single_test(part, outside)
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([settings.seed, more])))
    values, weights = _expected(part)
    sizes = []
    for _ in range(-(-settings.trials // 20)):
        drawn = rng.choice(values, (20, more), p=weights) * test.scale
        rows: list[Ints | list[int]] = [np.concatenate((test.x, row)) for row in drawn]
        paths = wealths(rows, [test.null] * len(rows), default_bet(test.prior))
        for one in paths:
            hit = np.flatnonzero(one.p <= alpha)
            sizes.append(int(hit[0]) + 1 - len(test.x) if len(hit) else more + 1)
    wanted = sorted(sizes)[math.ceil(settings.chance * len(sizes)) - 1]
    return max(1, wanted) if wanted <= more else None


def _expected(part: Part) -> tuple[np.ndarray, np.ndarray]:
    """Numbers with their chances: the prior as a hundred draws, and every draw so far."""
    total = sum(part.prior.values())
    weight = {value: 100 * w / total for value, w in part.prior.items()}
    for value in part.x:
        weight[int(value)] = weight.get(int(value), 0.0) + 1
    values = np.array(list(weight))
    chances = np.array(list(weight.values()))
    return values, chances / chances.sum()
