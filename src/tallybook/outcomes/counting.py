"""Counting a contest by its rules: one door to every method that takes ballots.

For the doors, which read a rules file and a contest's ballots and ask who is elected. What each method does
is in its own module; ``docs/spec/counting.md`` lists them. Apportionment takes votes of lists, not ballots:
``apportionment``.
"""

from fractions import Fraction

from tallybook.election.cards import Ballots
from tallybook.outcomes.contests import Elected, Tied, plurality
from tallybook.outcomes.ranked import bottoms_up, ranked_choice, sequential
from tallybook.outcomes.rounds import RoundCount
from tallybook.outcomes.rules import Rules
from tallybook.outcomes.scoring import (
    StarResult,
    borda_points,
    elect_by_points,
    points_by_rank,
    scores,
    star,
)
from tallybook.outcomes.selections import ShareMeasured, super_majority, tally_cumulative, tally_selections
from tallybook.outcomes.stv import transferable_vote
from tallybook.outcomes.tiebreaks import Decision

Counted = Elected | Tied | ShareMeasured | StarResult | RoundCount | tuple[RoundCount, ...]


def count(ballots: Ballots, rules: Rules, seed: str = "", decisions: tuple[Decision, ...] = ()) -> Counted:
    """The outcome of a contest by its rules. ``seed`` and ``decisions`` settle ties in rounds only.

    A sequential count takes no decisions here; use ``ranked.sequential``. A super-majority is measured for
    the first choice of the contest (yes). Raises ValueError where ballots, rules or seed do not fit.
    """
    seats = rules.seats or ballots.contest.seats
    match rules.method:
        case "plurality" | "approval":
            return plurality(tally_selections(ballots), seats)
        case "cumulative":
            return plurality(tally_cumulative(ballots), seats)
        case "super_majority":
            return _share(ballots, rules)
        case "ranked_choice":
            return ranked_choice(ballots, rules, seed, decisions)
        case "sequential_ranked_choice":
            return sequential(ballots, rules, seed)
        case "bottoms_up":
            return bottoms_up(ballots, rules, seed, decisions)
        case "single_transferable_vote":
            return transferable_vote(ballots, rules, seed, decisions)
        case "borda":
            return _points(ballots, rules, seats)
        case "score":
            totals = tuple(
                (name, Fraction(score)) for name, score in scores(ballots, rules.count.most_points)
            )
            return elect_by_points(ballots.contest.id, totals, seats)
        case "star":
            return star(ballots, rules.count.most_points)


def _share(ballots: Ballots, rules: Rules) -> ShareMeasured:
    share = rules.count.share
    if share is None:
        raise ValueError("The rules of a super-majority state no share.")
    first = ballots.contest.choice_ids[0]
    return super_majority(tally_selections(ballots), first, share, rules.count.comparison)


def _points(ballots: Ballots, rules: Rules, seats: int) -> Elected | Tied:
    points = rules.count.points or borda_points(len(ballots.contest.choices))
    return elect_by_points(ballots.contest.id, points_by_rank(ballots, points, rules.ballot), seats)
