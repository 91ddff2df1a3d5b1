"""How long ranked choice takes over 500,000 grouped ballots, against plain Python and other libraries.

Run: python bench/counting.py [ballots].  CPU seconds of this process: compare the ratios.
The ballots are drawn from 5 choices out of 13 with a preference for some of them, by a fixed seed.
"""

import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tallybook.election import Choice, Contest
from tallybook.election.cards import Ballots, Mark, Pattern
from tallybook.outcomes.ranked import count_rankings
from tallybook.outcomes.rankings import read_rankings
from tallybook.outcomes.rules import CountRules, Rules, TieRules
from tallybook.outcomes.stv import transferable_vote
from tests.foreign.asking import asked
from tests.needs import VOTING_PYTHON

NAMES = "abcdefghijklm"
BY_ORDER = TieRules(("order",), tuple(NAMES))
Piles = dict[tuple[str, ...], int]


def seconds(work: Callable[[], object]) -> float:
    """The best of three."""
    times = []
    for _ in range(3):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def draw(ballots: int) -> Piles:
    """Rankings of up to five choices; the earlier letters are liked more."""
    roll = random.Random(20210622)
    keys = [[roll.random() ** (1 / (14 - place)) for place in range(13)] for _ in range(ballots)]
    return dict(
        Counter(
            tuple(NAMES[place] for place in sorted(range(13), key=key.__getitem__)[-roll.randint(1, 5) :])
            for key in keys
        )
    )


def grouped(piles: Piles, seats: int = 1) -> Ballots:
    contest = Contest("mayor", "Mayor", "city", tuple(Choice(name, name) for name in NAMES), seats)
    patterns = tuple(Pattern(tuple(Mark(c, rank) for rank, c in enumerate(r, 1))) for r in piles)
    return Ballots(contest, patterns, tuple(piles.values()))


def plainly(piles: Piles) -> str:
    """The same count over the same piles in plain Python: every pile is looked at in every round."""
    standing = set(NAMES)
    while True:
        votes = dict.fromkeys(standing, 0)
        for ranking, count in piles.items():
            for choice in ranking:
                if choice in standing:
                    votes[choice] += count
                    break
        top = max(votes, key=votes.__getitem__)
        if 2 * votes[top] > sum(votes.values()):
            return top
        standing.remove(min(votes, key=lambda choice: (votes[choice], choice)))


def foreign(piles: Piles, choices: str) -> list[tuple[str, float]]:
    """What other libraries need for the same piles, their profile already built; nothing where they are not
    installed (``.ci/run`` makes their environment)."""
    if not VOTING_PYTHON.is_file():
        print("pref_voting and votekit are not installed; they are left out")
        return []
    told = [["".join(ranking), count] for ranking, count in piles.items() if ranking]
    (measured,) = asked([{"ask": "seconds", "piles": told, "choices": choices}], VOTING_PYTHON)
    return [(f"{name}, profile already built", took) for name, took in measured.items()]


def main(number: int) -> None:
    piles = draw(number)
    ballots = grouped(piles)
    rules = Rules("bench", "ranked_choice", count=CountRules(until="two_remain"), ties=BY_ORDER)
    rankings = read_rankings({"": ballots}, rules.ballot)
    three = grouped(piles, 3)
    several = Rules("bench", "single_transferable_vote", ties=BY_ORDER)
    rounds = seconds(lambda: count_rankings(rankings, rules))
    rows = [
        ("all rounds, patterns read into columns", rounds),
        (
            "reading the patterns into columns, once",
            seconds(lambda: read_rankings({"": ballots}, rules.ballot)),
        ),
        (
            "single transferable vote, 3 seats, reading too",
            seconds(lambda: transferable_vote(three, several)),
        ),
        ("plain Python over the same piles", seconds(lambda: plainly(piles))),
        *foreign(piles, NAMES),
    ]
    run = len(count_rankings(rankings, rules)[0].rounds)
    print(f"{number:,} ballots, {len(piles):,} patterns, {run} rounds")
    for what, took in rows:
        print(f"{what:<50}{took:9.4f} s CPU {took / rounds:9.1f} x the rounds")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500_000)
