"""Counting a contest by its rules: one door to every method that takes ballots.

For the doors, which read a rules file and a contest's ballots and ask who is elected. What each method does
is in its own module; ``docs/spec/counting.md`` lists them. Apportionment takes votes of lists, not ballots:
``apportionment``.
"""

from fractions import Fraction

import msgspec

from tallybook.election import Tally
from tallybook.election.cards import Ballots
from tallybook.outcomes.contests import Elected, RunoffDue, Tied, majority_or_runoff, plurality
from tallybook.outcomes.ranked import bottoms_up, ranked_choice, sequential
from tallybook.outcomes.rankings import WRITE_IN
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
from tallybook.outcomes.words import number

Counted = Elected | Tied | RunoffDue | ShareMeasured | StarResult | RoundCount | tuple[RoundCount, ...]


def count(ballots: Ballots, rules: Rules, seed: str = "", decisions: tuple[Decision, ...] = ()) -> Counted:
    """The outcome of a contest by its rules. ``seed`` and ``decisions`` settle ties in rounds only.

    A sequential count takes no decisions here; use ``ranked.sequential``. A super-majority is measured for
    the first choice of the contest (yes). Raises ValueError where ballots, rules or seed do not fit.
    """
    seats = rules.seats or ballots.contest.seats
    match rules.method:
        case "plurality" | "approval":
            return _most_votes(tally_selections(ballots), seats)
        case "majority_or_runoff":
            return _majority(tally_selections(ballots), rules, seats)
        case "cumulative":
            return _most_votes(tally_cumulative(ballots), seats)
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
            found = scores(ballots, rules.count.most_points)
            totals = tuple((name, Fraction(score)) for name, score in found if name != WRITE_IN)
            return elect_by_points(ballots.contest.id, totals, seats)
        case "star":
            return star(ballots, rules.count.most_points)


def _most_votes(tally: Tally, seats: int) -> Elected | Tied:
    """The choices with the most votes. Undeclared write-ins are nobody in particular: spec 2.3."""
    named = _of_persons(tally)
    outcome = plurality(named, seats)
    return msgspec.structs.replace(outcome, why=(*outcome.why, *_pile_words(named, outcome)))


def _majority(tally: Tally, rules: Rules, seats: int) -> Elected | Tied | RunoffDue:
    """More than half of the votes for declared choices, or a runoff between the two highest: spec 2.5."""
    if rules.count.runoff_on is None or seats != 1:
        raise ValueError("A majority or a runoff is for one seat, and its rules state the day of the runoff.")
    named = _of_persons(tally)
    outcome = majority_or_runoff(named, rules.count.runoff_on)
    why = (*outcome.why, *_pile_words(named, outcome))
    cast = sum(votes for _, votes in named.votes) + (named.write_ins or 0)
    if isinstance(outcome, Elected) and any(2 * dict(named.votes)[name] <= cast for name in outcome.elected):
        why += (
            f"Were these votes cast for the office, too, nobody would have a majority of {number(cast)}.",
        )
    return msgspec.structs.replace(outcome, why=why)


def _of_persons(tally: Tally) -> Tally:
    """The tally with the pile of undeclared write-ins among its write-ins, not among its choices."""
    votes = dict(tally.votes)
    pile = votes.pop(WRITE_IN, 0)
    write_ins = (tally.write_ins or 0) + pile
    return msgspec.structs.replace(tally, votes=tuple(votes.items()), write_ins=write_ins)


def _pile_words(tally: Tally, outcome: Elected | Tied | RunoffDue) -> tuple[str, ...]:
    """What to say of votes for names written in, and when somebody should look at the names."""
    write_ins, votes = tally.write_ins or 0, dict(tally.votes)
    if not write_ins:
        return ()
    said = f"{number(write_ins)} votes are for names written in that were not declared; they elect nobody."
    match outcome:
        case Elected():
            places = outcome.elected
        case RunoffDue():
            places = outcome.advance
        case Tied():
            places = (*outcome.clear, *outcome.tied)
    least = min((votes[name] for name in places), default=0)
    if write_ins < max(least, 1):
        return (said,)
    return (
        said,
        "They are as many as a winner's votes or more: see whether one name among them is declared.",
    )


def _share(ballots: Ballots, rules: Rules) -> ShareMeasured:
    share = rules.count.share
    if share is None:
        raise ValueError("The rules of a super-majority state no share.")
    first = ballots.contest.choice_ids[0]
    return super_majority(tally_selections(ballots), first, share, rules.count.comparison)


def _points(ballots: Ballots, rules: Rules, seats: int) -> Elected | Tied:
    points = rules.count.points or borda_points(len(ballots.contest.choices))
    return elect_by_points(ballots.contest.id, points_by_rank(ballots, points, rules.ballot), seats)
