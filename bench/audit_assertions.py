"""How fast assertions and margins are: CPU seconds, and ratios to a plain reference, all in one run.

Run: python bench/audit_assertions.py. The cards are made up from a fixed seed. The plain reference reads
grouped cards one pattern at a time in Python, or searches whole orders of elimination.
"""

import time
from collections.abc import Callable
from itertools import pairwise, permutations
from typing import TypeVar

import numpy as np

from tallybook.audit.assertions import Claim, FullCount
from tallybook.audit.claims import most_votes
from tallybook.audit.margins import margins
from tallybook.audit.raire import Search, raire
from tallybook.audit.readings import ranks, selections
from tallybook.election import Choice, Contest
from tallybook.election.cards import Ballots, Mark, Pattern
from tallybook.outcomes.rules import Rules

T = TypeVar("T")
IRV = Rules("ranked", "ranked_choice")


def cpu(work: Callable[[], T]) -> tuple[T, float]:
    """The result and the CPU seconds of one call."""
    start = time.process_time()
    result = work()
    return result, time.process_time() - start


def report(name: str, seconds: float, reference: float | None, goal: float) -> None:
    """One line: what was done, how long it took, how much longer the reference takes."""
    ratio = f"{reference / seconds:9.1f} x" if reference else " " * 11
    print(f"{name:<62} {seconds:8.4f} s {ratio}   goal {goal:g} s")


def contest(choices: int, name: str = "office") -> Contest:
    """A contest of so many choices."""
    listed = tuple(Choice(f"c{k}", f"c{k}") for k in range(choices))
    return Contest(name, name, "city", listed)


def ranked_cards(choices: int, cards: int, seed: int, longest: int, strong: int) -> Ballots:
    """Rankings of at most ``longest``, many shorter; the last few choices are ``strong``."""
    rng = np.random.default_rng(seed)
    strength = np.concatenate([np.linspace(-3.5, -2, choices - strong), np.linspace(0, 1.6, strong)])
    order = np.argsort(strength + rng.gumbel(size=(cards, choices)), axis=1)[:, ::-1][:, :longest].copy()
    length = np.minimum(rng.geometric(0.3, cards), order.shape[1])
    order[np.arange(order.shape[1]) >= length[:, None]] = -1
    rows, counts = np.unique(order, axis=0, return_counts=True)
    names = contest(choices).choice_ids
    patterns = tuple(
        Pattern(tuple(Mark(names[c], rank) for rank, c in enumerate(row, 1) if c >= 0))
        for row in rows.tolist()
    )
    return Ballots(contest(choices), patterns, tuple(counts.tolist()))


def show(pile: Ballots) -> tuple[Claim, Search]:
    """The assertions for whoever has some, the strongest first."""
    reading = ranks(pile.contest, pile.patterns, IRV)
    for name in pile.contest.choice_ids[::-1]:
        answer = raire(reading, pile.counts, [name], "office")
        if not isinstance(answer, FullCount):
            return answer
    raise SystemExit("These cards show no winner.")


def all_orders(pile: Ballots, winner: str) -> int:
    """Plain: every order of elimination, one by one, with the votes of each round counted anew."""
    cards = [(tuple(m.choice for m in p.marks), n) for p, n in zip(pile.patterns, pile.counts, strict=True)]
    hardest = sum(pile.counts)
    for order in permutations(pile.contest.choice_ids):
        if order[-1] != winner:
            best = 0
            for k, name in enumerate(order[:-1]):
                tally = dict.fromkeys(order[k:], 0)
                for card, n in cards:
                    held = next((c for c in card if c in tally), None)
                    if held:
                        tally[held] += n
                best = max(best, tally[name] - min(tally[other] for other in order[k + 1 :]))
            hardest = min(hardest, best)
    return hardest


FIELDS = (
    (4, 20_000, 4, 4, 0.005),
    (5, 20_000, 5, 5, 0.005),
    (11, 120_000, 11, 8, 0.5),
    (36, 80_000, 3, 6, 5.0),
)
"""Choices, cards, longest ranking, strong choices, seconds to reach. The last resembles Minneapolis 2013."""


def ranked_choice() -> None:
    """The first, small call only warms the libraries up. Evenly matched fields of twenty take far longer."""
    show(ranked_cards(3, 1_000, 1, 3, 3))
    for choices, cards, longest, strong, goal in FIELDS:
        pile = ranked_cards(choices, cards, 2009, longest, strong)
        (claim, search), seconds = cpu(lambda pile=pile: show(pile))  # type: ignore[misc]
        winner = claim.says.split()[0]
        slow = cpu(lambda p=pile, w=winner: all_orders(p, w))[1] if choices <= 5 else None  # type: ignore[misc]
        name = f"RAIRE, {choices} choices, {cards:,} cards, {len(pile.patterns):,} patterns"
        report(name, seconds, slow, goal)
        print(f"  {len(claim.assertions)} assertions, {search.expanded} sets examined")


def a_state() -> None:
    """600 contests, 2,000 assertions, with margins, from patterns; reference: one pattern at a time."""
    rng = np.random.default_rng(1)
    state = []
    for k in range(600):
        place = contest(2 + k % 4 + k % 3, f"contest {k}")
        names = place.choice_ids
        patterns = [Pattern(()), *(Pattern((Mark(name),)) for name in names)]
        patterns += [Pattern((Mark(a), Mark(b))) for a, b in pairwise(names)]
        counts = sorted(rng.integers(10, 40_000, len(patterns)).tolist(), reverse=True)
        state.append((place, patterns, tuple(counts)))

    def fast() -> int:
        found = 0
        for place, patterns, counts in state:
            claim = most_votes(place, place.choice_ids[:1])
            assert isinstance(claim, Claim)
            found += len(margins(claim, selections(place, patterns), counts, 5_000_000))
        return found

    def plainly() -> int:
        found = 0
        for place, patterns, counts in state[:30]:
            winner, *losers = place.choice_ids
            for loser in losers:
                total = 0
                for pattern, n in zip(patterns, counts, strict=True):
                    for _ in range(min(n, 2_000)):
                        marked = {m.choice for m in pattern.marks}
                        total += (len(marked) == 1) * ((winner in marked) - (loser in marked))
                found += 1
        return found

    number, seconds = cpu(fast)
    part, slow = cpu(plainly)
    cards = sum(sum(counts) for _, _, counts in state)
    report(
        f"{number:,} assertions and margins, 600 contests, {cards:,} readings",
        seconds,
        slow * number / part,
        2,
    )


if __name__ == "__main__":
    ranked_choice()
    a_state()
