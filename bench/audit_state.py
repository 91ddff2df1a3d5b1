"""How fast the audit of a whole state is: CPU seconds beside the goals, all in one run.

Run: python bench/audit_state.py [cards, 5,000,000 unless said]. The state is made up from a fixed seed: 159
counties, 600 contests on the ballots of the whole state, of single counties or of districts of several, with
2,000 assertions in all. Its cards are held as they are counted, grouped by reading. Timed are: assertions and
margins; the plan of every contest by card comparison and by polling, with the whole distribution of each; one
draw that serves every contest, the tickets of all cards included; and the risk of every assertion, each on
the cards that its contest may use. Times of making the state are not counted.
"""

import sys
import time
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple, TypeVar

import numpy as np

from tallybook.audit.assertions import Claim
from tallybook.audit.assorters import assorter
from tallybook.audit.claims import most_votes
from tallybook.audit.comparison import comparison_part
from tallybook.audit.evidence import scale_of
from tallybook.audit.margins import Margin, margins
from tallybook.audit.measuring import Evidence, measure
from tallybook.audit.planning import Shape, plan_card_comparison, plan_polling, tightest
from tallybook.audit.readings import selections
from tallybook.election import Choice, Contest
from tallybook.election.cards import Mark, Pattern
from tallybook.stats import fast
from tallybook.stats.draws import draw_without_replacement, ticket_order

T = TypeVar("T")
SEED = "31415926535897932384"
COUNTIES, CONTESTS, ASSERTIONS, LIMIT = 159, 600, 2_000, "0.05"
GOALS = {"assertions and margins": 2.0, "plans": 5.0, "draw": 2.0, "all risks": 1.0}


class Race(NamedTuple):
    """A contest, the counties that have it, its readings and how many cards bear each."""

    contest: Contest
    counties: np.ndarray
    patterns: tuple[Pattern, ...]
    counts: tuple[int, ...]

    @property
    def cards(self) -> int:
        """The cards that carry it."""
        return sum(self.counts)


def cpu(work: Callable[[], T]) -> tuple[T, float]:
    """The result and the CPU seconds of one call."""
    start = time.process_time()
    result = work()
    return result, time.process_time() - start


def state(cards: int) -> tuple[np.ndarray, list[Race]]:
    """The county of every card, and the contests."""
    rng = np.random.default_rng(20_201_103)
    sizes = rng.pareto(1.2, COUNTIES) + 0.2
    county = np.repeat(np.arange(COUNTIES), np.maximum(400, (cards * sizes / sizes.sum()).astype(int)))
    held = np.bincount(county, minlength=COUNTIES)
    losers = np.full(CONTESTS, ASSERTIONS // CONTESTS)
    losers[: ASSERTIONS - losers.sum()] += 1
    return county, [race(k, int(losers[k]), held, rng) for k in range(CONTESTS)]


def race(k: int, losers: int, held: np.ndarray, rng: np.random.Generator) -> Race:
    """Ten statewide contests, fifty of some counties, the others of one county each."""
    if k < 10:
        counties = np.arange(COUNTIES)
    elif k < 60:
        counties = rng.choice(COUNTIES, 12, replace=False)
    else:
        counties = np.array([k % COUNTIES])
    names = [f"c{n}" for n in range(losers + 1)]
    contest = Contest(f"contest {k}", f"Contest {k}", "", tuple(Choice(n, n) for n in names))
    patterns = [Pattern(()), *(Pattern((Mark(name),)) for name in names)]
    patterns += [Pattern((Mark(a), Mark(b))) for a, b in pairwise(names)]
    whole = int(held[counties].sum())
    lead = rng.uniform(0.02, 0.25)
    rest = rng.dirichlet(np.full(losers, 6.0)) * (0.94 - 0.94 / (losers + 1) - lead)
    second = np.minimum(rest, 0.94 / (losers + 1))
    shares = [0.05, 0.94 / (losers + 1) + lead, *second, *np.full(len(names) - 1, 0.002)]
    counts = [int(whole * share) for share in shares]
    counts[0] += whole - sum(counts)
    return Race(contest, counties, tuple(patterns), tuple(counts))


def all_margins(races: list[Race]) -> list[tuple[Margin, ...]]:
    """The assertions of every contest with their margins."""
    found = []
    for one in races:
        claim = most_votes(one.contest, one.contest.choice_ids[:1])
        assert isinstance(claim, Claim)
        found.append(margins(claim, selections(one.contest, one.patterns), one.counts, one.cards))
    return found


def plans(races: list[Race], known: list[tuple[Margin, ...]]) -> list[int]:
    """The whole distribution of every contest by two methods; the 90 % size of card comparison."""
    sizes = []
    for one, of in zip(races, known, strict=True):
        shapes = [shape(m, one.cards) for m in of]
        plan_polling(tightest(shapes), LIMIT)
        size = plan_card_comparison(tightest(shapes), LIMIT).sizes[0.9]
        sizes.append(min(one.cards, size or one.cards))
    return sizes


def shape(margin: Margin, cards: int) -> Shape:
    """What the plan must know: nine cards of ten speak for one of the two."""
    moving = int(0.6 * cards)
    return Shape("a", cards, margin.sum, -1, 1, (moving + margin.sum) // 2, (moving - margin.sum) // 2)


def draw(names: list[str], county: np.ndarray, races: list[Race], sizes: list[int]) -> list[np.ndarray]:
    """One order of tickets; of it each contest's first cards, found county by county."""
    order = ticket_order(SEED, names)
    of = county[order].astype(np.uint8)
    by_county = np.argsort(of, kind="stable")
    ends = np.cumsum(np.bincount(of, minlength=COUNTIES))
    places = np.split(by_county, ends[:-1])
    found = []
    for one, size in zip(races, sizes, strict=True):
        if len(one.counties) == COUNTIES:
            found.append(order[:size])
            continue
        first = np.concatenate([places[c][:size] for c in one.counties.tolist()])
        found.append(order[np.sort(first)[:size]])
    return found


def evidence(races: list[Race], known: list[tuple[Margin, ...]], sizes: list[int]) -> list[Evidence]:
    """Readings of every sample, one card in a thousand read otherwise; made before the clock starts."""
    rng, found = np.random.default_rng(7), []
    for one, of, size in zip(races, known, sizes, strict=True):
        chances = np.array(one.counts) / one.cards
        recorded = rng.choice(len(chances), size, p=chances) + 1
        read = np.where(rng.random(size) < 0.001, 1, recorded)
        reading = selections(one.contest, one.patterns)
        for margin in of:
            scale = scale_of(assorter(margin.assertion, reading))
            part = comparison_part(scale, one.cards, margin.sum, recorded, read, "carries")
            found.append(Evidence(f"{one.contest.id} {len(found)}", (part,)))
    return found


def report(name: str, seconds: float, said: str) -> None:
    """One line: what, how long, the goal, and what came out."""
    goal = GOALS[name]
    verdict = "reached" if seconds <= goal else "MISSED"
    print(f"{name:<24}{seconds:8.3f} s   goal {goal:g} s {verdict:<8} {said}")


def main(cards: int) -> int:
    """The four goals, and 2,000 risks on 10,000 cards each."""
    county, races = state(cards)
    names = [
        f"County {c:03}\nBatch {k // 200 % 200}\n{k % 200 + 1}-{k}" for k, c in enumerate(county.tolist())
    ]
    if fast.is_installed():
        draw_without_replacement(SEED, names[: fast.WORTHWHILE], 1)  # compiled before it is measured
    known, one = cpu(lambda: all_margins(races))
    assertions = sum(map(len, known))
    report("assertions and margins", one, f"{assertions:,} of {len(races)} contests, {len(names):,} cards")
    sizes, two = cpu(lambda: plans(races, known))
    report("plans", two, f"{2 * len(races):,} distributions; comparison reads {sum(sizes):,} at most")
    samples, three = cpu(lambda: draw(names, county, races, sizes))
    together = len(np.unique(np.concatenate(samples)))
    report(
        "draw",
        three,
        f"{together:,} cards serve all contests ({'with' if fast.is_installed() else 'no'} numba)",
    )
    held = evidence(races, known, sizes)
    risks, four = cpu(lambda: measure(held, LIMIT))
    met = sum(risk.is_met for risk in risks)
    report("all risks", four, f"{met:,} of {len(risks):,} assertions at most {Fraction(LIMIT)}")
    many = evidence(races, known, [min(10_000, race.cards) for race in races])
    _, five = cpu(lambda: measure(many, LIMIT))
    drawn = sum(len(e.parts[0].x) for e in many)
    print(f"{'risks, 10,000 cards each':<24}{five:8.3f} s   {drawn:,} numbers")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000))
