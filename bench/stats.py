"""How fast the statistics are: CPU seconds and ratios to a plain reference, all in one run.

Run: python3 go.py run bench stats [number of names]. Each reference is the shortest honest way to the same
number; where it would take minutes it does a stated part of the work, and the ratio is per unit of work.
Each line also gives the physical limit: what the processor needs for the arithmetic that cannot be left
out (logarithms, SHA-256 blocks, multiplications), measured in the same run. The draws follow, from
``draws.py``; with the `fast` extra the compiled loops are measured too, after they were compiled.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from typing import TypeVar

import draws as bench_draws
import numpy as np

from tallybook.stats.bravo import bravo_sizes
from tallybook.stats.default_bet import Prior, default_bet
from tallybook.stats.error_stopping import steps, stopping_with_errors
from tallybook.stats.kelly import kelly_stake
from tallybook.stats.lattice import Null
from tallybook.stats.many import default_risks
from tallybook.stats.martingale import wealth
from tallybook.stats.stopping import first_passage_plain, mean_between, size_for, thresholds
from tallybook.stats.strata import BOLD_TO_TIMID
from tallybook.stats.strata_plan import Expected, expected_size

T = TypeVar("T")
Kinds = tuple[float, ...]


def cpu(work: Callable[[], T]) -> tuple[T, float]:
    """The result and the CPU seconds of one call."""
    start = time.process_time()
    result = work()
    return result, time.process_time() - start


def report(name: str, seconds: float, reference: float, limit: float, goal: float) -> None:
    ratio = reference / seconds
    print(f"{name:<56}{seconds:8.3f} s{ratio:9.1f} x reference{limit:9.1e} s limit   goal {goal:g} s")


def logarithms(count: int) -> float:
    """The CPU seconds of so many logarithms of doubles, a block in the cache at a time."""
    block = np.random.default_rng(0).random(100_000) + 0.5
    return cpu(lambda: [np.log(block) for _ in range(10)])[1] * count / 1_000_000


def multiplications(count: float) -> float:
    """The CPU seconds of so many multiplications with addition, a block in the cache at a time."""
    block = np.random.default_rng(0).random(20_000)
    return cpu(lambda: [np.dot(block, block) for _ in range(500)])[1] * count / 10_000_000


def risks_of_many_tests() -> None:
    """1,000 tests x 100,000 draws; reference: the engine, test by test, for 5 of them."""
    tests, n, N = 1000, 100_000, 5_000_000
    rng = np.random.default_rng(1)
    codes = rng.choice(np.array([2, 1, 0], dtype=np.uint8), (n, tests), p=[0.9985, 0.001, 0.0005])
    nulls = [Null(t=2 * N - 12_000 - 100 * a, u=4 * N, N=N, d=2 * N) for a in range(tests)]
    _, quick = cpu(lambda: default_risks(codes, [0, 1, 2], [N] * tests, nulls, [1, 10, 10_000]))
    table, bet = np.array([0, N, 2 * N]), default_bet(Prior((0, N, 2 * N), (1, 10, 10_000)))
    _, slow = cpu(lambda: [wealth(table[codes[:, a]], nulls[a], bet) for a in range(5)])
    report(
        "risks, 1,000 tests x 100,000 draws, default bet", quick, slow * tests / 5, logarithms(n * tests), 1.0
    )


def sizes_of_comparisons() -> None:
    """N = 5,000,000, margin 0.24 %: few errors, ten times as many, and as many that gain."""
    over, under = (0.5, 0.0), (1.5, 2.0)
    size_of_a_comparison("errors 1e-4 and 1e-5", over, (1e-4, 1e-5), 0.1)
    size_of_a_comparison("errors 1e-3 and 1e-4", over, (1e-3, 1e-4), 0.1)
    size_of_a_comparison("both signs, 1e-4 and 1e-5", over + under, (1e-4, 1e-5) * 2, 1.0)
    size_of_a_comparison("both signs, 1e-3 and 1e-4", over + under, (1e-3, 1e-4) * 2, 1.0)


def size_of_a_comparison(name: str, kinds: Kinds, rates: Kinds, goal: float) -> None:
    """The distribution at Kelly's stake; reference: 200 simulated samples for 10,000."""
    m, values = 1 - 0.0024 / 2, np.array([1.0, *kinds])
    chances = np.array([1 - sum(rates), *rates])
    stake = min(63 / 64, float(kelly_stake(values, chances, np.array(m))))
    game = steps(stake, m, 1.0, kinds, rates)
    found, quick = cpu(lambda: stopping_with_errors(game, 0.05))
    logs = np.log(1 - stake + stake * values / m)
    longest = len(found.done) - 1

    def simulate() -> list[int]:
        rng = np.random.default_rng(2)
        paths = (np.cumsum(logs[rng.choice(len(logs), longest, p=chances)]) for _ in range(200))
        reached = (path >= math.log(20) for path in paths)
        return [int(hit.argmax()) + 1 if hit.any() else longest for hit in reached]

    sizes, slow = cpu(simulate)
    report(f"comparison, 0.24 %, {name}", quick, slow * 50, multiplications(longest), goal)
    print(f"    90 % size {size_for(found, 0.9)}; of 200 simulated {int(np.quantile(sizes, 0.9))}")


def size_of_a_poll(reported: str) -> None:
    """5 % risk, exact to some million draws; reference: draw by draw, 20,000 draws of them."""
    s = float(reported)
    found, quick = cpu(lambda: bravo_sizes(reported, "0.05"))
    draws = len(found.done) - 1
    least = thresholds(math.log(2 * s), math.log(2 - 2 * s), math.log(20), 20_000)
    _, slow = cpu(lambda: first_passage_plain(least, s))
    name = f"polling, margin {200 * s - 100:.2f} %, exact to {draws:,} draws"
    report(name, quick, slow * (draws / 20_000) ** 2, multiplications(draws), 1.0)
    low, high = mean_between(found)
    print(
        f"    median {size_for(found, 0.5)}, 90 % size {size_for(found, 0.9)}, mean {low:.0f} to {high:.0f}"
    )


def size_of_two_strata() -> None:
    """A polled and a compared stratum, margin 0.5 %; reference: a grid of 2,000 shares, 25 sizes."""
    N1, N2, v = 200_000, 800_000, 0.0025
    strata = [
        Expected(N1, 2, (0, 2), (0.5 - v, 0.5 + v), BOLD_TO_TIMID, 0.5),
        Expected(N2, 4, (2, 0), (0.9999, 0.0001), BOLD_TO_TIMID, 0.5),
    ]
    B = N1 + 2 * N2 - 4_000
    n, quick = cpu(lambda: expected_size(strata, B, 0.05))

    def grid() -> float:
        totals = np.linspace(1, 2 * N1 - 1, 2_000)
        logs = [0.0, 0.0]
        for k, (s, A) in enumerate(zip(strata, (totals, B - totals), strict=True)):
            parts = [
                sum(
                    r * n / 2 * np.log(1 - f + f * v * s.N / A)
                    for v, r in zip(s.values, s.rates, strict=True)
                )
                for f in s.stakes
            ]
            logs[k] = np.logaddexp.reduce(parts) - math.log(len(parts))
        return float(np.min(logs[0] + logs[1]))

    _, slow = cpu(lambda: [grid() for _ in range(25)])
    report(
        "two-stratum size, margin 0.5 %, certified", quick, slow, logarithms(round(24 * math.log2(n))), 1.0
    )
    print(f"    {n} draws; the grid proves nothing between its points")


if __name__ == "__main__":
    risks_of_many_tests()
    sizes_of_comparisons()
    size_of_a_poll("0.5025")
    size_of_a_poll("0.5012")
    size_of_two_strata()
    bench_draws.main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000)
