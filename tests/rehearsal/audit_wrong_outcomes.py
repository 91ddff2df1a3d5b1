"""Audits of wrong outcomes, simulated: how often does one stop short of a full hand count?

Run as `python -m tests.rehearsal.audit_wrong_outcomes TRIALS SEED [STATE MINUTES]`; prints a line for each
world and exits 1 where the risk limit is exceeded beyond chance. With a file STATE it stops after so many
minutes, and goes on there when it is run again. In every world the reported outcome is wrong, by an exact tie
(the hardest case) or by little. A trial draws in random order and looks after every draw; it stops short if
the risk falls to the limit before everything was read. The true rate's 99.9 % lower bound (Clopper and
Pearson) must not exceed the limit. The populations are made by the rooms' own functions, the orders here.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from msgspec.structs import replace

from tallybook.audit.assorters import assorter
from tallybook.audit.awaire import awaire
from tallybook.audit.batches import batch_bounds, batch_part, number_of
from tallybook.audit.claims import highest_averages, majority, most_votes, runoff, share
from tallybook.audit.comparison import ErrorRates, comparison_part, comparison_prior
from tallybook.audit.evidence import LACKS, NOT_FOUND, Part, Scale, scale_of
from tallybook.audit.measuring import single_test
from tallybook.audit.other_plans import HybridShape, suite_p
from tallybook.audit.polling import polling_part
from tallybook.audit.pools import Pool, Read, pooled_part
from tallybook.audit.raire import raire
from tallybook.audit.readings import ranks, selections, votes_by
from tallybook.audit.strata import union_risk
from tallybook.audit.stv import transferable
from tallybook.election import Choice, Contest
from tallybook.election.cards import Mark, Pattern
from tallybook.outcomes.rules import Rules
from tallybook.stats.binomial import binomial, tail
from tallybook.stats.default_bet import Prior, default_bet
from tallybook.stats.kaplan import GAMMA
from tallybook.stats.martingale import wealths
from tallybook.stats.minerva import athena, minerva, providence, schedule

WIN, LOSE, BLANK = 1, 2, 3
PAIR = Scale(-1, 1, (1, -1, 0))
TWO_THIRDS = Scale(-2, 1, (1, -2, 0))
"""More than two thirds: a vote for adds 1, a vote against takes 2."""

IRV = Rules("ranked", "ranked_choice")
RANKED = ("borda", "single_transferable_vote")
TIED_AT_LAST = {"a>a": 50, "b>b": 40, "c,b>c,b": 5, "c,a>c,b": 5}
"""c leaves first; a was reported to have 55 to 45 then, and has 50 to 50."""
SLOW = ("two strata", "three strata", "AWAIRE", "SUITE", "RAIRE in three strata", "a contest that came along")
"""Worlds whose trials take milliseconds each."""

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
    """Every rule, kind of evidence and method, each with a wrong outcome."""
    from tests.rehearsal.audit_further_worlds import further_worlds

    return first_worlds() | further_worlds()


def first_worlds() -> dict[str, Trial]:
    """Each method, and the evidence of one contest."""
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
        "Athena, exact tie, three rounds": athena_rounds,
        "Providence, exact tie, two rounds": providence_rounds,
        "comparison, cards that lack the contest": orders(
            compared(((WIN, LACKS, 15), (WIN, WIN, 70), (LOSE, LOSE, 70), (WIN, LOSE, 8)))
        ),
        "two seats, the last exactly tied": joint(
            votes("abc", seats=2), most_votes, ["a", "b"], {"a>a": 60, "b>b": 45, "c>c": 35, "b>c": 10}
        ),
        "a majority claimed that is exactly half": joint(
            votes("abc"), half_of_all, ["a"], {"a>a": 75, "b>b": 55, "c>c": 10, "a>b": 10}
        ),
        "a runoff claimed where one has half": joint(
            votes("abc"), runoff, ["a", "b"], {"a>a": 65, "b>b": 55, "c>c": 20, "b>a": 10}
        ),
        "a runoff claimed with the wrong second": joint(
            votes("abc"), runoff, ["a", "b"], {"a>a": 60, "b>b": 40, "c>c": 40, "b>c": 5}
        ),
        "D'Hondt, the last seat exactly tied": joint(
            votes("abc", seats=3), seats_claimed, [], {"a>a": 96, "b>b": 35, "c>c": 10, "b>a": 9}
        ),
        "two thirds claimed by comparison": joint(
            votes("ab"), two_thirds, ["a"], {"a>a": 100, "b>b": 40, "a>b": 10}
        ),
        "approval, exact tie": joint(
            votes("abc", allowed=3),
            most_votes,
            ["a"],
            {"a+b>a+b": 50, "a>a": 20, "a>b": 10, "b>b": 10, "c>c": 40},
        ),
        "RAIRE, the last two exactly tied": joint(votes("abc"), raire_claim, ["a"], TIED_AT_LAST),
        "RAIRE, another leaves first": joint(
            votes("abc"),
            raire_claim,
            ["a"],
            {"a>a": 50, "b,c>b,c": 35, "b,c>c,b": 10, "c,a>c,a": 40},
        ),
        "RAIRE polled, the last two exactly tied": joint(
            votes("abc"), raire_claim, ["a"], TIED_AT_LAST, compares=False
        ),
        "AWAIRE, the last two exactly tied": awaire_orders,
        "SUITE, error in the polled stratum": suite,
        "three strata, error in the batches": three_strata,
    }


def run(trials: int, seed: int, limit: float = 0.1, only: str = "") -> Iterator[Result]:
    """Each world's result at this limit."""
    for name, trial in worlds().items():
        if only in name:
            done = Done()
            while done.trials < size_of(name, trials):
                done = further(done, name, trial, seed, limit, min(block_of(name), trials))
            yield result(name, done)


def size_of(name: str, trials: int) -> int:
    """Worlds whose trials take long are tried less often."""
    return max(40, trials // 100) if block_of(name) < 1_000 else trials


def resume(state: Path, trials: int, seed: int, minutes: float, limit: float = 0.1) -> list[Result]:
    """Blocks of every world in turn, kept in ``state`` after each, until all are done or the time is over.

    Asked again, it goes on where it stopped. A block's trials follow from seed, world and block alone.
    """
    held = kept(state, seed, limit)
    end = time.monotonic() + 60 * minutes
    waiting = [name for name in worlds() if held.get(name, Done()).trials < size_of(name, trials)]
    every = worlds()
    while waiting:
        for name in list(waiting):
            if time.monotonic() > end:
                waiting = []
                break
            held[name] = further(held.get(name, Done()), name, every[name], seed, limit, block_of(name))
            keep(state, seed, limit, held)
            if held[name].trials >= size_of(name, trials):
                waiting.remove(name)
    return [result(name, held[name]) for name in every if name in held]


def kept(state: Path, seed: int, limit: float) -> "dict[str, Done]":
    """What was kept of this very rehearsal; nothing of one with another seed or limit."""
    found = json.loads(state.read_text()) if state.exists() else {}
    if (found.get("seed"), found.get("limit")) != (seed, limit):
        return {}
    return {name: Done(*done) for name, done in found["worlds"].items()}


def keep(state: Path, seed: int, limit: float, held: "dict[str, Done]") -> None:
    """Write the file anew, and put it in the place of the old one in one step."""
    worlds_done = {name: [done.trials, done.short] for name, done in held.items()}
    fresh = state.with_suffix(".new")
    fresh.write_text(json.dumps({"seed": seed, "limit": limit, "worlds": worlds_done}, indent=1))
    fresh.replace(state)


@dataclass(frozen=True)
class Done:
    """So many trials of a world, and how many stopped short."""

    trials: int = 0
    short: int = 0


def further(done: Done, name: str, trial: Trial, seed: int, limit: float, block: int) -> Done:
    """The next block of a world."""
    rng = np.random.default_rng([seed, crc32(name.encode()), done.trials])
    return Done(done.trials + block, done.short + trial(rng, block, limit))


def block_of(name: str) -> int:
    """Trials at once: few where each takes long."""
    return 20 if name.startswith(SLOW) else 1_000


def result(name: str, done: Done) -> Result:
    """What the trials say of the true rate."""
    return Result(name, done.trials, done.short, lowest(done.short, done.trials))


def lowest(short: int, count: int) -> Fraction:
    """The 99.9 % lower bound of the true rate: the largest at which so many or more are that unlikely."""
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if tail(binomial(count, middle), short) <= 0.001 else (low, middle)
    return Fraction(low)


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


def orders(population: Part, outside: int = 0) -> Trial:
    """Random orders of a population whose assertion is false, looked at after every draw but the last.

    outside: the points of cards in no population, which are all against the assertion.
    """
    most = population.offset - population.unit * outside
    assert int(np.sum(population.x)) <= most, "The assertion must be false in this world."
    test = single_test(population, outside)

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


def three_strata(rng: Random, count: int, limit: float) -> int:
    """Compared cards as reported, at +2; polled ones even; six of twenty batches hide 42, all there was."""
    poll = polled([WIN] * 50 + [LOSE] * 50)
    compare = compared(((WIN, WIN, 51), (LOSE, LOSE, 49)))
    names = [str(i) for i in range(20)]
    bounds = batch_bounds([dict.fromkeys(names, 2)], dict.fromkeys(names, 100), [-1], [40])
    found = {name: 8 if i < 5 else 2 if i == 5 else 0 for i, name in enumerate(names)}
    whole = batch_part(bounds, 40, -1, names, found)
    short = 0
    for _ in range(count):
        a, b = rng.permutation(poll.x), rng.permutation(compare.x)
        c = whole.x[rng.integers(0, 20, 120)]
        looks = ((20, 20, 20), (50, 50, 60), (90, 90, 120))
        short += any(
            union_risk([replace(poll, x=a[:i]), replace(compare, x=b[:j]), replace(whole, x=c[:k])]).p
            <= limit
            for i, j, k in looks
        )
    return short


def suite(rng: Random, count: int, limit: float) -> int:
    """SUITE: 600 compared cards as reported, at +60; 400 polled, reported at +40, lose the whole margin."""
    shape = HybridShape(600, 60, 400, 220, 180)
    polls = np.array([WIN] * 170 + [LOSE] * 230)
    short = 0
    for _ in range(count):
        drawn = rng.choice(polls, 150)
        wins, losses = int((drawn == WIN).sum()), int((drawn == LOSE).sum())
        short += suite_p(shape, 150, (wins, losses, 0)) <= limit
    return short


def athena_rounds(rng: Random, count: int, limit: float) -> int:
    """As Minerva, with Athena's rule."""
    rounds = schedule(athena("0.55", str(limit)), [100, 250, 475])
    wins = np.cumsum(rng.random((count, 475)) < 0.5, axis=1)
    return int(np.any([wins[:, r.n - 1] >= r.least for r in rounds if r.least is not None], axis=0).sum())


def providence_rounds(rng: Random, count: int, limit: float) -> int:
    """Rounds of 60 and 150 draws at a reported share of 60 %, in truth 50 %."""
    wins = np.cumsum(rng.random((count, 150)) < 0.5, axis=1)
    pairs = wins[:, [59, 149]].tolist()
    return sum(providence_p(60, one) <= limit or providence_p(150, one, two) <= limit for one, two in pairs)


@cache
def providence_p(n: int, *counts: int) -> Fraction:
    """Providence's risk after one or two rounds, the second to n draws in all."""
    sizes = [60, n] if len(counts) == 2 else [n]
    return providence("0.6", sizes, list(counts))


# Several assertions of one claim -----------------------------------------------------------------


def votes(names: str, seats: int = 1, allowed: int = 1) -> Contest:
    """A contest of one-letter choices."""
    return Contest("world", "World", "", tuple(Choice(n, n) for n in names), seats, allowed)


def half_of_all(contest: Contest, elected: list[str]) -> object:
    """A majority."""
    return majority(contest, elected[0])


def two_thirds(contest: Contest, elected: list[str]) -> object:
    """More than two thirds."""
    return share(contest, elected[0], Fraction(2, 3), True)


def seats_claimed(contest: Contest, _: list[str]) -> object:
    """As reported: 96 to 44 to 10 for three seats: 96, 96/2 and 44 before 96/3. In truth 105/3 equals 35."""
    return highest_averages(contest.id, (("a", 2), ("b", 1), ("c", 0)), "dhondt")


def raire_claim(contest: Contest, elected: list[str]) -> object:
    """Set by ``joint``, which knows the reported cards."""
    raise NotImplementedError


def joint(
    contest: Contest,
    claim: Callable[[Contest, list[str]], object],
    elected: list[str],
    cards: dict[str, int],
    compares: bool = True,
    rules: Rules | None = None,
) -> Trial:
    """Audits of a whole claim: they stop short where all of it is met. cards: "recorded>read" -> cards."""
    is_ranked = claim is raire_claim or (rules is not None and rules.method in RANKED)
    pairs = [tuple(pattern(text, is_ranked) for text in one.split(">")) for one in cards]
    patterns = tuple(dict.fromkeys(p for pair in pairs for p in pair))
    code = {p: place for place, p in enumerate(patterns, 1)}
    recorded = [code[pair[0]] for pair, n in zip(pairs, cards.values(), strict=True) for _ in range(n)]
    found = [code[pair[1]] for pair, n in zip(pairs, cards.values(), strict=True) for _ in range(n)]
    counts = [recorded.count(k) for k in code.values()]
    if claim is raire_claim:
        reading: Any = ranks(contest, patterns, IRV)
        told: Any = raire(reading, counts, elected, "world")[0]  # type: ignore[index]
    elif rules is not None and rules.method == "single_transferable_vote":
        reading = ranks(contest, patterns, rules, write_in_stands=True)
        told = transferable(reading, counts, elected, "world", Fraction(1, contest.seats + 1))
    elif rules is not None:
        reading, told = votes_by(rules, contest, patterns), claim(contest, elected)
    else:
        reading, told = selections(contest, patterns), claim(contest, elected)
    parts = []
    for assertion in told.assertions:
        scale = scale_of(assorter(assertion, reading))
        G = sum(scale.points[k - 1] for k in recorded)
        assert G > 0, f"The report must show {assertion}."
        part = comparison_part(scale, len(found), G, recorded, found, "carries")
        parts.append(part if compares else polling_part(scale, len(found), found, "carries", counts))
    assert any(int(np.sum(p.x)) <= p.offset for p in parts), "The claim must be false in this world."
    return all_at_once(parts)


def pattern(text: str, is_ranked: bool) -> Pattern:
    """``a+b`` marks, ``a5+b3`` points, ``a,b`` ranks, ``W`` a write-in, ``-`` blank."""
    names = [] if text == "-" else text.replace("+", ",").split(",")
    return Pattern(tuple(mark(name, place if is_ranked else 0) for place, name in enumerate(names, 1)))


def mark(text: str, rank: int) -> Mark:
    """One mark: a letter, perhaps with points."""
    name = "write_in" if text[0] == "W" else text[0]
    return Mark(name, rank, int(text[1:] or 1))


def all_at_once(parts: list[Part]) -> Trial:
    """Random orders of the cards; the audit stops short at a look at which every assertion is met."""
    tests = [single_test(part) for part in parts]

    def trial(rng: Random, count: int, limit: float) -> int:
        N = len(tests[0].x)
        order = rng.permuted(np.tile(np.arange(N), (count, 1)), axis=1)
        met = np.ones((count, N - 1), dtype=bool)
        for test in tests:
            paths = wealths(np.asarray(test.x)[order], [test.null] * count, default_bet(test.prior))
            met &= np.array([one.p[:-1] <= limit for one in paths])
        return int(met.any(axis=1).sum())

    return trial


def awaire_orders(rng: Random, count: int, limit: float) -> int:
    """Ranked cards without records: a was reported to have won, and the last two are exactly tied."""
    patterns = tuple(pattern(text, True) for text in ("a", "b", "c,b", "c,a"))
    reading = ranks(votes("abc"), patterns, IRV)
    cards = np.array([1] * 40 + [2] * 30 + [3] * 20 + [4] * 10)
    bet = default_bet(Prior((0, 1, 2), (10, 1, 12)))
    found = (awaire(reading, rng.permutation(cards)[:-1].tolist(), 100, "a", bet) for _ in range(count))
    return sum(one.upper <= limit for one in found)


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


def said(one: Result) -> str:
    """A world's result in a line: the share that stopped short, and between which rates the true one lies."""
    seen = f"{one.short:,} of {one.trials:,} stop short, {one.short / one.trials:.3%}"
    return (
        f"{one.name}: {seen}; true rate {float(one.least):.3%} to {float(highest(one)):.3%} (99.9 % each way)"
    )


def highest(one: Result) -> Fraction:
    """The 99.9 % upper bound: the smallest rate at which so few or fewer are that unlikely."""
    return 1 - lowest(one.trials - one.short, one.trials)


def main() -> int:
    """All worlds; 1 where one exceeds the limit beyond chance."""
    trials, seed = int(sys.argv[1]), int(sys.argv[2])
    worst = 0
    state, minutes = (Path(sys.argv[3]), float(sys.argv[4])) if len(sys.argv) > 4 else (None, 0.0)
    for one in resume(state, trials, seed, minutes) if state else run(trials, seed):
        print(said(one))
        worst |= one.least > Fraction(1, 10)
    return worst


if __name__ == "__main__":
    sys.exit(main())
