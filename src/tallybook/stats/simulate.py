"""Sample sizes by simulation, for bets whose wealth depends on the order of the draws.

Used only where the exact distributions of ``stopping`` and ``error_stopping`` do not reach. The work is
cut into blocks; block b draws from a generator seeded by (seed, b), so that the result does not depend
on the executor, the number of its workers or their order. Draws stop at the horizon; nothing is drawn
beyond it.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import repeat

import numpy as np

from tallybook.stats.errors import require, require_inside, require_whole
from tallybook.stats.lattice import Null, Numbers
from tallybook.stats.martingale import Bet, wealths


@dataclass(frozen=True)
class World:
    """What is assumed for planning: how many of the N numbers have which value (lattice numerators).

    With replacement (null.N is None) the counts are relative weights.
    """

    null: Null
    values: tuple[int, ...]
    counts: tuple[int, ...]

    def __post_init__(self) -> None:
        require(len(self.values) == len(self.counts) > 0, "counts", self.counts, "one count for each value")
        for count in self.counts:
            require_whole("counts", count)
        require(sum(self.counts) > 0, "counts", self.counts, "at least one number")
        for value in self.values:
            require_whole("values", value, 0, self.null.u)
        whole = self.null.N is None or sum(self.counts) == self.null.N
        require(whole, "counts", sum(self.counts), f"counts that add up to N = {self.null.N}")


@dataclass(frozen=True)
class Trials:
    """How the simulation is cut: a seed, blocks of equal size, and the most draws of one trial."""

    seed: int
    horizon: int
    blocks: int = 10
    size: int = 100

    def __post_init__(self) -> None:
        require_whole("seed", self.seed)
        for name in ("horizon", "blocks", "size"):
            require_whole(name, getattr(self, name), 1)


def simulate(
    world: World, make_bet: Callable[[], Bet], alpha: float, trials: Trials, executor: Executor
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The number of draws of every trial, in trial order; horizon + 1 where the goal was not reached.

    ``make_bet`` builds the bet inside the worker; give a function that can be pickled (such as
    functools.partial(default_bet, prior)) when the executor runs processes.
    """
    require_inside("alpha", alpha, "a risk limit")
    most = trials.horizon if world.null.N is None else min(trials.horizon, world.null.N)
    blocks = range(trials.blocks)
    parts = executor.map(
        _block, repeat(world), repeat(make_bet), repeat(alpha), repeat(trials), repeat(most), blocks
    )
    return np.concatenate(list(parts))


def quantile(sizes: np.ndarray[tuple[int], np.dtype[np.int64]], chance: float) -> int:
    """The least size that at least this share of the trials stayed within."""
    require(len(sizes) > 0, "sizes", 0, "the size of at least one trial")
    require(0 < chance <= 1, "chance", chance, "a chance above 0 and at most 1")
    return int(np.sort(sizes)[max(0, int(np.ceil(chance * len(sizes))) - 1)])


def _block(
    world: World, make_bet: Callable[[], Bet], alpha: float, trials: Trials, most: int, block: int
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([trials.seed, block])))
    rows: list[Numbers | list[int]] = [_draws(world, most, rng) for _ in range(trials.size)]
    paths = wealths(rows, [world.null] * trials.size, make_bet())
    sizes = [
        int(hit.argmax()) + 1 if hit.any() else trials.horizon + 1 for hit in (w.p <= alpha for w in paths)
    ]
    return np.array(sizes, dtype=np.int64)


def _draws(world: World, n: int, rng: np.random.Generator) -> Numbers:
    """n draws: positions among the N numbers sorted by value, turned into values."""
    ends = np.cumsum(world.counts)
    total = int(ends[-1])
    if world.null.N is None:
        at = rng.integers(0, total, n)
    else:
        at = rng.choice(total, n, replace=False, shuffle=True)
    return np.asarray(np.array(world.values, dtype=np.int64)[np.searchsorted(ends, at, side="right")])
