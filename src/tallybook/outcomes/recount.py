"""Who may have a recount: margins against the limits of the law, exactly.

``docs/spec/outcomes.md``, section 5. Georgia: not more than half of one percent of the total votes cast
for the office, O.C.G.A. 21-2-495(c)(1), measured against a candidate who is elected or eligible for a
runoff. States differ in the comparison, in what the share is of, and in limits in votes; all of these are
arguments. Who must ask, when and in writing, is for the law room.
"""

from fractions import Fraction
from typing import Literal

import msgspec

from tallybook.election import Tally
from tallybook.outcomes.contests import in_vote_order, total_votes
from tallybook.outcomes.words import number, percent

Comparison = Literal["at_most", "less_than"]
Base = Literal["total", "two_highest", "pair", "ahead"]

_BASE_WORDS = {
    "total": "total votes cast for the office",
    "two_highest": "votes of the two highest",
    "pair": "votes of the two compared",
    "ahead": "votes of the one ahead",
}
_COMPARISON_WORDS = {
    ("at_most", True): "not more than",
    ("at_most", False): "more than",
    ("less_than", True): "less than",
    ("less_than", False): "not less than",
}


class ShareLimit(msgspec.Struct, frozen=True, tag_field="kind", tag=True):
    """The margin is at most, or less than, this exact share of a base."""

    share: Fraction
    base: Base = "total"
    comparison: Comparison = "at_most"


class VotesLimit(msgspec.Struct, frozen=True, tag_field="kind", tag=True):
    """The margin is at most, or less than, this many votes. Only a tie: 0, at most."""

    votes: int
    comparison: Comparison = "at_most"


Limit = ShareLimit | VotesLimit


class RecountRule(msgspec.Struct, frozen=True):
    """One or more limits. "all" for 'and' and 'the smaller of'; "any" for 'or' and 'the larger of'."""

    limits: tuple[Limit, ...]
    needs: Literal["all", "any"] = "all"


class RecountEligibility(msgspec.Struct, frozen=True):
    """Whether the margin of ``behind`` lies within the law's limits. ``share_of_total``: margin ÷ total."""

    contest_id: str
    ahead: str
    behind: str
    margin_votes: int
    total: int
    share_of_total: Fraction | None
    eligible: bool
    why: tuple[str, ...]


def recount_eligibility(
    tally: Tally, through: tuple[str, ...], rule: RecountRule, total: int | None = None
) -> tuple[RecountEligibility, ...]:
    """For every choice not ``through`` (elected, or going to a runoff), in vote order. Spec 5.3.

    Raises ValueError where nobody is through, where somebody behind has more votes than the last
    of those through, where the rule has no limit, or where the total is below the votes listed.
    """
    cast = total_votes(tally, total)
    votes = dict(in_vote_order(tally.votes))
    if not through or not set(through) <= set(votes):
        raise ValueError(f"Those who are through must be choices of {tally.contest_id}, at least one.")
    if not rule.limits:
        raise ValueError("A recount rule needs at least one limit.")
    ahead = [name for name in votes if name in through][-1]
    return tuple(
        _eligibility(tally.contest_id, votes, ahead, behind, rule, cast)
        for behind in votes
        if behind not in through
    )


def _eligibility(
    contest_id: str, votes: dict[str, int], ahead: str, behind: str, rule: RecountRule, cast: int
) -> RecountEligibility:
    margin = votes[ahead] - votes[behind]
    if margin < 0:
        raise ValueError(f"{behind} has more votes than {ahead}, who is said to be through.")
    met = []
    why = [f"{ahead} {number(votes[ahead])}, {behind} {number(votes[behind])}: margin {number(margin)}."]
    for limit in rule.limits:
        base = _base(limit, votes, ahead, behind, cast) if isinstance(limit, ShareLimit) else 0
        met.append(_is_met(limit, margin, base))
        why.append(_limit_words(limit, margin, base, met[-1]))
    eligible = all(met) if rule.needs == "all" else any(met)
    why.append(f"A recount is {'open' if eligible else 'not open'} to {behind} by this margin.")
    share = Fraction(margin, cast) if cast else None
    return RecountEligibility(contest_id, ahead, behind, margin, cast, share, eligible, tuple(why))


def _base(limit: ShareLimit, votes: dict[str, int], ahead: str, behind: str, cast: int) -> int:
    match limit.base:
        case "total":
            return cast
        case "two_highest":
            return sum(list(votes.values())[:2])
        case "pair":
            return votes[ahead] + votes[behind]
        case "ahead":
            return votes[ahead]


def _is_met(limit: Limit, margin: int, base: int) -> bool:
    bound = limit.share * base if isinstance(limit, ShareLimit) else limit.votes
    return margin <= bound if limit.comparison == "at_most" else margin < bound


def _limit_words(limit: Limit, margin: int, base: int, met: bool) -> str:
    is_ = _COMPARISON_WORDS[limit.comparison, met]
    if isinstance(limit, VotesLimit):
        return f"The margin of {number(margin)} is {is_} {number(limit.votes)} votes."
    found = f" ({percent(Fraction(margin, base))})" if base else ""
    of = f"{number(base)} {_BASE_WORDS[limit.base]}"
    return (
        f"The margin of {number(margin)}{found} is {is_} {limit.share} ({percent(limit.share)}) of the {of}."
    )
