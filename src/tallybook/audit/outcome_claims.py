"""From a count by its rules to the claim an audit tests: one door for every method of ``outcomes.counting``.

For the doors, which hold the reported cards, the rules and the reported outcome. The claim is always about
the outcome as reported, whether or not these cards show it; where they do not, its margins say so.
``docs/spec/assertions.md``, section 7, lists what each method needs and what is not covered.
"""

from collections.abc import Sequence
from fractions import Fraction

from tallybook.audit.assertions import Claim, FullCount
from tallybook.audit.claims import of_outcome, of_share, of_star
from tallybook.audit.raire import Measure, Search, raire
from tallybook.audit.readings import Ranks, Votes, ranks, votes_by
from tallybook.audit.stv import transferable
from tallybook.election.cards import Ballots
from tallybook.outcomes.contests import Elected, RunoffDue, Tied
from tallybook.outcomes.counting import Counted
from tallybook.outcomes.rounds import RoundCount
from tallybook.outcomes.rules import Rules
from tallybook.outcomes.scoring import StarResult
from tallybook.outcomes.selections import ShareMeasured

Found = tuple[Claim, Votes | Ranks, Search | None] | FullCount
"""A claim, the reading its assertions are evaluated on, and what the search found where there was one."""


def claim_of(ballots: Ballots, rules: Rules, outcome: Counted, measure: Measure = "comparison") -> Found:
    """The claim that ``outcome`` is what ``rules`` give; ranked assertions depend on the reported cards.

    Sequential counts (one winner after another) have one claim for each seat: use ``claims_in_turn``.
    """
    contest = ballots.contest
    match outcome:
        case ShareMeasured() if rules.count.share is not None:
            return _with_votes(of_share(contest, outcome, rules.count.share), ballots, rules)
        case StarResult():
            return _with_votes(of_star(contest, outcome), ballots, rules)
        case Elected() | Tied() | RunoffDue():
            by_majority = rules.method == "majority_or_runoff"
            return _with_votes(of_outcome(contest, outcome, by_majority), ballots, rules)
        case RoundCount():
            return _by_rounds(ballots, rules, outcome, measure)
        case _:
            raise ValueError(f"The outcome of {contest.id} does not fit a count by {rules.method}.")


def claims_in_turn(
    ballots: Ballots, rules: Rules, counts: Sequence[RoundCount], measure: Measure = "comparison"
) -> tuple[Found, ...]:
    """One claim for each seat of a sequential count, those elected before being passed over."""
    found: list[Found] = []
    elected: tuple[str, ...] = ()
    for one in counts:
        found.append(_eliminations(ballots, rules, one, measure, elected))
        elected += one.elected
    return tuple(found)


def quota_share(rules: Rules, seats: int) -> Fraction:
    """The share of first preferences above which a choice has the quota at once. Droop or Hare."""
    return Fraction(1, seats + 1 if rules.count.quota == "droop" else seats)


def _by_rounds(ballots: Ballots, rules: Rules, outcome: RoundCount, measure: Measure) -> Found:
    if rules.method != "single_transferable_vote":
        return _eliminations(ballots, rules, outcome, measure, ())
    seats = rules.seats or ballots.contest.seats
    if outcome.pending or len(outcome.elected) != seats:
        return _unfinished(ballots)
    reading = ranks(ballots.contest, ballots.patterns, rules, write_in_stands=True)
    claim = transferable(
        reading, ballots.counts, outcome.elected, ballots.contest.id, quota_share(rules, seats)
    )
    return claim if isinstance(claim, FullCount) else (claim, reading, None)


def _eliminations(
    ballots: Ballots, rules: Rules, outcome: RoundCount, measure: Measure, before: Sequence[str]
) -> Found:
    if rules.count.minimum_votes:
        why = "The rules eliminate whoever has fewer votes than a number; no assertion here covers that."
        return FullCount(ballots.contest.id, (why,))
    if rules.method == "bottoms_up" and rules.count.share is not None:
        why = "The number of winners depends on the count; no assertion here covers that."
        return FullCount(ballots.contest.id, (why,))
    if outcome.pending or not outcome.elected or outcome.unfilled:
        return _unfinished(ballots)
    reading = ranks(ballots.contest, ballots.patterns, rules, without=before)
    answer = raire(reading, ballots.counts, outcome.elected, ballots.contest.id, measure)
    return answer if isinstance(answer, FullCount) else (answer[0], reading, answer[1])


def _unfinished(ballots: Ballots) -> FullCount:
    why = "The count waits for a tie to be settled, or leaves a seat empty; every card is counted."
    return FullCount(ballots.contest.id, (why,))


def _with_votes(claim: Claim | FullCount, ballots: Ballots, rules: Rules) -> Found:
    if isinstance(claim, FullCount):
        return claim
    return claim, votes_by(rules, ballots.contest, ballots.patterns), None
