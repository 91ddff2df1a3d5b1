"""Sizes by the methods that states and other tools use, from BRAVO to SUITE.

For comparison in one table. Sources: Lindeman, Stark and Yates 2012 (BRAVO); Zagorski et al. 2021 (Minerva,
Athena); Broadrick et al. 2022 (Providence); Lindeman and Stark 2012 and Colorado's tool (super-simple,
gamma 1.03905); Stark 2010 (MACRO); Ottoboni et al. 2018 (SUITE). They assume plurality between two choices;
for other assertions there is no such plan. Round methods have sizes for one round only, and no mean.
"""

import math
from collections.abc import Callable, Mapping
from fractions import Fraction

import msgspec

from tallybook.audit.comparison import USUAL, ErrorRates
from tallybook.audit.planning import CHANCES, BatchErrors, Shape, SizePlan, plan_of, plan_polling
from tallybook.stats.certainty import risk_limit
from tallybook.stats.error_stopping import Steps, stopping_with_errors
from tallybook.stats.errors import NumberError, require
from tallybook.stats.fisher import fisher_maximum, trinomial_p
from tallybook.stats.kaplan import GAMMA
from tallybook.stats.minerva import Rule, athena, first_round_size, minerva

ATHENA_DELTA = 1


class HybridShape(msgspec.Struct, frozen=True):
    """Two strata of one plurality assertion: cards with records each, and cards without.

    margins are in votes: reported winner less loser in each stratum; ups and downs of the polled stratum.
    """

    compared: int
    compared_margin: int
    polled: int
    polled_ups: int
    polled_downs: int

    @property
    def margin(self) -> int:
        """Winner less loser in both strata."""
        return self.compared_margin + self.polled_ups - self.polled_downs


def bravo_plan(shape: Shape, limit: object) -> SizePlan:
    """BRAVO: the stake is the reported share's, so the distribution is that of polling for plurality."""
    _pair(shape)
    return msgspec.structs.replace(plan_polling(shape, limit), method="BRAVO")


def minerva_plan(shape: Shape, limit: object) -> SizePlan:
    """Minerva: the first round that ends the audit with each chance."""
    return _first_rounds("Minerva", shape, lambda s: minerva(s, limit))


def athena_plan(shape: Shape, limit: object) -> SizePlan:
    """Athena with delta 1."""
    return _first_rounds("Athena", shape, lambda s: athena(s, limit, ATHENA_DELTA))


def providence_plan(shape: Shape, limit: object) -> SizePlan:
    """Providence: its first round is Minerva's."""
    return _first_rounds("Providence", shape, lambda s: minerva(s, limit))


def super_simple_plan(
    shape: Shape, limit: object, rates: ErrorRates = USUAL, method: str = "super-simple"
) -> SizePlan:
    """Super-simple, which is also Colorado's: exact distribution at the stated rates of overstatement."""
    _pair(shape)
    V, g = float(shape.margin), float(GAMMA)
    usual = -math.log(1 - V / (2 * g))
    kinds = (usual + math.log(1 - 1 / (2 * g)), usual + math.log(1 - 1 / g))
    found = (float(rates.half + rates.phantoms), float(rates.full))
    return _errors(method, "cards", shape.N, usual, kinds, found, limit)


def macro_plan(batches: int, U: Fraction, limit: object, errors: BatchErrors | None = None) -> SizePlan:
    """MACRO: batches drawn by their bounds, U their sum in margins."""
    require(U > 1, "U", U, "a total bound above 1; below it no error could matter")
    wrong = errors or BatchErrors()
    usual = -math.log(1 - 1 / U)
    kind = usual + math.log(1 - wrong.taint)
    return _errors("MACRO", "batches", batches, usual, (kind,), (float(wrong.rate),), limit)


def suite_p(
    shape: HybridShape, compared: int, polled: tuple[int, int, int], o1: int = 0, o2: int = 0
) -> float:
    """SUITE's risk: compared cards drawn with o1 and o2 overstatements; polled wins, losses and blanks.

    lambda shares the overall margin: the compared stratum may overstate lambda of it, the polled one the
    rest. Fisher's combination, largest over lambda, certified.
    """
    M, N1, N2 = shape.margin, shape.compared, shape.polled
    shares = (shape.polled_ups / N2, shape.polled_downs / N2)
    m2 = shape.polled_ups - shape.polled_downs

    def falling(x: float) -> float:
        return _kaplan_markov(min(2.0, max(0.0, x * M / N1)), compared, o1, o2)

    def rising(x: float) -> float:
        excess = (m2 - (1 - x) * M) / N2
        if excess >= shares[0] - shares[1] - 1e-12 or sum(polled) == 0:
            return 1.0
        return trinomial_p(*polled, shares, excess) if excess > -1 else 0.0

    low, high = max(1 - 2 * N2 / M, -2 * N1 / M), min(1.0 + 2 * N2 / M, 2 * N1 / M)
    return fisher_maximum(falling, rising, low, high, 1e-5).p


def suite_plan(shape: HybridShape, limit: object) -> SizePlan:
    """SUITE: draws in both strata, in proportion to their cards, if the sample is as expected and clean.

    Half of all audits need more; there is one size, given for the chance one half.
    """
    alpha, N = float(risk_limit(limit)), shape.compared + shape.polled
    require(shape.margin > 0, "margin", shape.margin, "a reported margin above 0")

    def is_enough(n: int) -> bool:
        n1 = round(n * shape.compared / N)
        wins, losses = (round((n - n1) * v / shape.polled) for v in (shape.polled_ups, shape.polled_downs))
        return suite_p(shape, n1, (wins, losses, n - n1 - wins - losses)) <= alpha

    size = _least(is_enough, N)
    sizes: dict[float, int | None] = dict.fromkeys(CHANCES)
    sizes[0.5] = size
    return SizePlan("SUITE", "cards", N, sizes, None if size is None else float(size))


def _kaplan_markov(V: float, n: int, o1: int, o2: int) -> float:
    g = float(GAMMA)
    p = (1 - V / (2 * g)) ** n * (1 - 1 / (2 * g)) ** -o1 * (1 - 1 / g) ** -o2
    return min(1.0, p)


def _least(is_enough: Callable[[int], bool], most: int) -> int | None:
    low, high = 1, 2
    while not is_enough(high):
        low, high = high, 2 * high
        if high >= most:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high


def _first_rounds(method: str, shape: Shape, rule: Callable[[Fraction], Rule]) -> SizePlan:
    _pair(shape)
    decisive = shape.ups + shape.downs
    share, sizes = Fraction(shape.ups, decisive), dict[float, int | None]()
    for chance in CHANCES:
        try:
            k = first_round_size(rule(share), chance, decisive)
        except NumberError:
            sizes[chance] = None
            continue
        n = math.ceil(Fraction(k * shape.N, decisive))
        sizes[chance] = n if n < shape.N else None
    curve: Mapping[int, float] = {n: chance for chance, n in sizes.items() if n is not None}
    return SizePlan(method, "cards", shape.N, sizes, None, tuple(sorted(curve.items())))


def _errors(
    method: str,
    unit: str,
    population: int,
    usual: float,
    kinds: tuple[float, ...],
    rates: tuple[float, ...],
    limit: object,
) -> SizePlan:
    alpha = float(risk_limit(limit))
    stopping = stopping_with_errors(
        Steps(usual, kinds, rates), alpha, min(math.ceil(-12 * math.log(alpha) / usual), 4 * population) + 1
    )
    return plan_of(method, "cards" if unit == "cards" else "batches", population, stopping)


def _pair(shape: Shape) -> None:
    require((shape.least, shape.most) == (-1, 1), "shape", (shape.least, shape.most), "plurality: -1, 0 or 1")
