"""Audits of wrong outcomes, simulated: how often does one stop short of a full hand count?

Run as `python -m tests.rehearsal.audit_wrong_outcomes TRIALS SEED`; prints a line for each world and exits 1
where the risk limit is exceeded beyond chance. In every world the reported outcome is wrong, by an exact tie
(the hardest case) or by little. A trial draws in random order and looks after every draw; it stops short if
the risk falls to the limit before everything was read. The true rate's 99.9 % lower bound (Clopper and
Pearson) must not exceed the limit. The populations are made by the rooms' own functions, the orders here.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from msgspec.structs import replace

from tallybook.audit.batches import batch_bounds, batch_part, number_of
from tallybook.audit.comparison import ErrorRates, comparison_part, comparison_prior
from tallybook.audit.evidence import LACKS, NOT_FOUND, Part, Scale
from tallybook.audit.measuring import single_test
from tallybook.audit.polling import polling_part
from tallybook.audit.pools import Pool, Read, pooled_part
from tallybook.audit.strata import union_risk
from tallybook.stats.binomial import binomial, tail
from tallybook.stats.default_bet import default_bet
from tallybook.stats.kaplan import GAMMA
from tallybook.stats.martingale import wealths
from tallybook.stats.minerva import minerva, schedule

WIN, LOSE, BLANK = 1, 2, 3
PAIR = Scale(-1, 1, (1, -1, 0))
TWO_THIRDS = Scale(-2, 1, (1, -2, 0))
"""More than two thirds: a vote for adds 1, a vote against takes 2."""

Random = np.random.Generator
Trial = Callable[[Random, int, float], int]
"""How many of so many trials stop short at a risk limit."""


@dataclass(frozen=True)
class Result:
    """A world's trials: how many stopped short, and the interval for the true rate."""

    name: str
    trials: int
    short: int
    least: Fraction


def worlds() -> dict[str, Trial]:
    """Every kind of evidence and method, each with a wrong outcome."""
    return {
        "polling, exact tie": orders(polled([WIN] * 60 + [LOSE] * 60 + [BLANK] * 30)),
        "polling, lost by two": orders(polled([WIN] * 69 + [LOSE] * 71 + [LACKS] * 10)),
        "polling, prior far too sure": orders(polled([WIN] * 75 + [LOSE] * 75, (140, 10, 0))),
        "polling, two thirds missed by none": orders(polled([WIN] * 100 + [LOSE] * 50, scale=TWO_THIRDS)),
        "comparison, votes swapped": orders(compared(((WIN, LOSE, 15), (WIN, WIN, 75), (LOSE, LOSE, 60)))),
        "comparison, blanks counted": orders(compared(((WIN, BLANK, 30), (WIN, WIN, 60), (LOSE, LOSE, 60)))),
        "comparison, offset by understatements": orders(
            compared(((WIN, LOSE, 20), (LOSE, WIN, 5), (WIN, WIN, 75), (LOSE, LOSE, 60)))
        ),
        "comparison, cards not found": orders(
            compared(((WIN, NOT_FOUND, 10), (LACKS, NOT_FOUND, 10), (WIN, WIN, 80), (LOSE, LOSE, 60)))
        ),
        "comparison, no error expected": orders(
            compared(
                ((WIN, LOSE, 15), (WIN, WIN, 75), (LOSE, LOSE, 60)), ErrorRates(Fraction(0), Fraction(0))
            )
        ),
        "pools, one pool wrong": orders(pooled()),
        "batches, one bad batch": batches({0: 40}),
        "batches, errors spread thin": batches(dict.fromkeys(range(20), 2)),
        "batches, errors both ways": batches(dict.fromkeys(range(10), 6) | dict.fromkeys(range(10, 20), -2)),
        "two strata, error in the polled one": strata(),
        "BRAVO, exact tie": bravo,
        "Minerva, exact tie, three rounds": minerva_rounds,
        "super-simple, votes swapped": super_simple,
        "MACRO, few batches badly wrong": macro,
    }


def run(trials: int, seed: int, limit: float = 0.1, only: str = "") -> Iterator[Result]:
    """Each world's result at this limit."""
    for place, (name, trial) in enumerate(worlds().items()):
        if only not in name:
            continue
        rng = np.random.default_rng([seed, place])
        count = min(trials, 40) if "strata" in name and trials < 10_000 else trials
        short = sum(trial(rng, block, limit) for block in blocks(count))
        yield Result(name, count, short, lowest(short, count))


def lowest(short: int, count: int) -> Fraction:
    """The 99.9 % lower bound of the true rate: the largest at which so many or more are that unlikely."""
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if tail(binomial(count, middle), short) <= 0.001 else (low, middle)
    return Fraction(low)


def blocks(trials: int) -> Iterator[int]:
    """Trials in blocks of a thousand, so that memory does not grow."""
    while trials > 0:
        yield min(trials, 1_000)
        trials -= 1_000


def polled(codes: list[int], reported: tuple[int, ...] = (), scale: Scale = PAIR) -> Part:
    """A whole polled population."""
    return polling_part(scale, len(codes), codes, "may_lack", reported)


def compared(kinds: tuple[tuple[int, int, int], ...], rates: ErrorRates | None = None) -> Part:
    """A whole compared population from (recorded, read, cards)."""
    recorded = [r for r, _, n in kinds for _ in range(n)]
    found = [f for _, f, n in kinds for _ in range(n)]
    G = sum({WIN: 1, LOSE: -1}.get(r, 0) for r in recorded)
    part = comparison_part(PAIR, len(found), G, recorded, found, "carries")
    return part if rates is None else replace(part, prior=comparison_prior(PAIR, rates))


def pooled() -> Part:
    """Records of their own that are right and even, and a pool of 60 reported at +20 that is even."""
    own = [Read(WIN, WIN)] * 50 + [Read(LOSE, LOSE)] * 50
    pool = [Read(WIN, pool="p")] * 30 + [Read(LOSE, pool="p")] * 30
    return pooled_part(PAIR, 100, 0, {"p": Pool(60, 20)}, own + pool)


def orders(population: Part) -> Trial:
    """Random orders of a population whose assertion is false, looked at after every draw but the last."""
    assert int(np.sum(population.x)) <= population.offset, "The assertion must be false in this world."
    test = single_test(population)

    def trial(rng: Random, count: int, limit: float) -> int:
        rows = rng.permuted(np.tile(np.asarray(test.x), (count, 1)), axis=1)
        paths = wealths(rows, [test.null] * count, default_bet(test.prior))
        return sum(bool((one.p[:-1] <= limit).any()) for one in paths)

    return trial


def batches(errors: dict[int, int]) -> Trial:
    """Twenty batches of 100 at 51 to 49 (margin 40); errors add up to 40 points or more: a tie or a loss."""
    assert sum(errors.values()) >= 40
    names = [str(i) for i in range(20)]
    bounds = batch_bounds([dict.fromkeys(names, 2)], dict.fromkeys(names, 100), [-1], [40])
    found = {name: errors.get(i, 0) for i, name in enumerate(names)}
    part = batch_part(bounds, 40, -1, names, found)
    numbers = np.array([number_of(bounds, part.N, name, found) for name in names])
    test = single_test(part)

    def trial(rng: Random, count: int, limit: float) -> int:
        rows = numbers[rng.integers(0, 20, (count, 250))] * test.scale
        paths = wealths(rows, [test.null] * count, default_bet(test.prior))
        return sum(bool((one.p <= limit).any()) for one in paths)

    return trial


def strata() -> Trial:
    """A polled stratum that lost what the compared one won: together a tie. Looked at five times."""
    poll = polled([WIN] * 40 + [LOSE] * 60)
    compare = compared(((WIN, WIN, 60), (LOSE, LOSE, 40)))

    def trial(rng: Random, count: int, limit: float) -> int:
        short = 0
        for _ in range(count):
            a, b = rng.permutation(poll.x), rng.permutation(compare.x)
            looks = (20, 40, 60, 80, 95)
            short += any(
                union_risk([replace(poll, x=a[:n]), replace(compare, x=b[:n])]).p <= limit for n in looks
            )
        return short

    return trial


def bravo(rng: Random, count: int, limit: float) -> int:
    """Wald's ratio at a reported share of 55 %, in truth 50 %, 600 draws."""
    s = 0.55
    steps = np.where(rng.random((count, 600)) < 0.5, np.log(2 * s), np.log(2 - 2 * s))
    return int((np.cumsum(steps, axis=1) >= -np.log(limit)).any(axis=1).sum())


def minerva_rounds(rng: Random, count: int, limit: float) -> int:
    """Rounds of 100, 250 and 475 draws at a reported share of 55 %, in truth 50 %."""
    rounds = schedule(minerva("0.55", str(limit)), [100, 250, 475])
    wins = np.cumsum(rng.random((count, 475)) < 0.5, axis=1)
    return int(np.any([wins[:, r.n - 1] >= r.least for r in rounds if r.least is not None], axis=0).sum())


def super_simple(rng: Random, count: int, limit: float) -> int:
    """Kaplan and Markov's product at a reported margin of 10 %, in truth a tie by swapped votes."""
    g = float(GAMMA)
    wrong = rng.random((count, 500)) < 0.05
    steps = np.log(1 - 0.1 / (2 * g)) - np.where(wrong, np.log(1 - 1 / g), 0.0)
    return int((np.cumsum(steps, axis=1) <= np.log(limit)).any(axis=1).sum())


def macro(rng: Random, count: int, limit: float) -> int:
    """U = 6, every sixth draw with a taint of 0.9 and one in sixty with 1: errors add up to the margin."""
    taints = rng.choice([0.0, 0.9, 1 - 1e-12], (count, 400), p=[1 - 1 / 6 - 1 / 60, 1 / 6, 1 / 60])
    steps = np.log(5 / 6) - np.log(1 - taints)
    return int((np.cumsum(steps, axis=1) <= np.log(limit)).any(axis=1).sum())


def main() -> int:
    """All worlds; 1 where one exceeds the limit beyond chance."""
    trials, seed = int(sys.argv[1]), int(sys.argv[2])
    worst = 0
    for one in run(trials, seed):
        seen = f"{one.short:,} of {one.trials:,} stop short, {one.short / one.trials:.4%}"
        print(f"{one.name}: {seen}; at least {float(one.least):.4%}")
        worst |= one.least > Fraction(1, 10)
    return worst


if __name__ == "__main__":
    sys.exit(main())
