"""Independent counting libraries (pref_voting, votekit, apportionment) behind questions and answers in JSON.

Run by the interpreter of an environment that holds them and nothing of ours; see ``asking``. A line in is a
question: ``{"ask": NAME, ...}`` with the words of the function of that name below. A line out is its answer.
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

Rankings = list[str]
"""Each a string of one-letter choices, best first."""
ENOUGH = 5.0
"""CPU seconds after which a measure is not taken again."""


def instant_runoff(rankings: Rankings, choices: str) -> list[str]:
    """Every winner that some way of breaking ties allows. Complete rankings (pref_voting)."""
    from pref_voting.iterative_methods import instant_runoff_put

    return [choices[one] for one in instant_runoff_put(_profile(rankings, choices))]


def instant_runoff_of_short(rankings: Rankings, choices: str) -> list[str]:
    """The winners where all of the lowest leave together. Rankings may be cut short (pref_voting)."""
    from pref_voting.iterative_methods import instant_runoff_for_truncated_linear_orders
    from pref_voting.profiles_with_ties import ProfileWithTies

    ranks = [{choices.index(one): place for place, one in enumerate(r, 1)} for r in rankings]
    profile = ProfileWithTies(ranks, candidates=list(range(len(choices))))
    return [choices[one] for one in instant_runoff_for_truncated_linear_orders(profile)]


def borda(rankings: Rankings, choices: str) -> list[str]:
    """Those with the most points. Complete rankings (pref_voting)."""
    from pref_voting.scoring_methods import borda

    return [choices[one] for one in borda(_profile(rankings, choices))]


def transferable_vote(rankings: Rankings, choices: str, seats: int, together: bool) -> list[str]:
    """Those elected by fractional transfer (votekit)."""
    from votekit.elections import STV

    profile = _votekit_profile([(one, 1) for one in rankings], choices)
    elected = STV(profile, m=seats, simultaneous=together, tiebreak="borda").get_elected()
    return [one for tied in elected for one in tied]


def seats(method: str, votes: list[int], seats: int, threshold: float | None = None) -> list[int]:
    """The seats of each party (apportionment)."""
    from apportionment.methods import compute

    limits = {} if threshold is None else {"threshold": threshold}
    return [int(one) for one in compute(method, votes, seats, verbose=False, **limits)]


def seconds(piles: list[tuple[str, int]], choices: str) -> dict[str, float]:
    """CPU seconds of an instant runoff of piles of equal rankings, the profile already built."""
    from pref_voting.iterative_methods import instant_runoff_for_truncated_linear_orders
    from pref_voting.profiles_with_ties import ProfileWithTies
    from votekit.elections import IRV

    made = _votekit_profile(piles, choices)
    ranks = [{choices.index(one): place for place, one in enumerate(ranking, 1)} for ranking, _ in piles]
    counts = [count for _, count in piles]
    tied = ProfileWithTies(ranks, rcounts=counts, candidates=list(range(len(choices))))
    return {
        "pref_voting": _cheapest(lambda: instant_runoff_for_truncated_linear_orders(tied)),
        "votekit": _cheapest(lambda: IRV(made, tiebreak="borda")),
    }


def _profile(rankings: Rankings, choices: str) -> Any:
    from pref_voting.profiles import Profile

    return Profile([[choices.index(one) for one in ranking] for ranking in rankings])


def _votekit_profile(piles: list[tuple[str, int]], choices: str) -> Any:
    from votekit.ballot import RankBallot
    from votekit.pref_profile import RankProfile

    made = [RankBallot(ranking=[{one} for one in ranking], weight=count) for ranking, count in piles]
    return RankProfile(ballots=made, candidates=list(choices))


def _cheapest(work: Callable[[], object]) -> float:
    """The cheapest of three runs, or of fewer where they are long."""
    taken: list[float] = []
    while len(taken) < 3 and sum(taken) < ENOUGH:
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return min(taken)


QUESTIONS = (instant_runoff, instant_runoff_of_short, borda, transferable_vote, seats, seconds)


def main() -> None:
    """Answer every line."""
    known = {one.__name__: one for one in QUESTIONS}
    for line in sys.stdin:
        words = json.loads(line)
        print(json.dumps(known[words.pop("ask")](**words)))


if __name__ == "__main__":
    main()
