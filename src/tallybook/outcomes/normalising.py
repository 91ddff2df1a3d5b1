"""Ranked ballots as their rules read them: a plain list of choices, best first, with no fault left.

For formats that hold nothing else (RAIRE, PrefLib's .soi, BLT for most programs), and for whoever wants to
see how a ballot will be read. ``docs/spec/counting.md``, section 3.2, with everyone standing. Where the rules
decide an overvote in the round, no list can say what the ballot means, and that is refused.
"""

from collections.abc import Sequence

from tallybook.election import Contest
from tallybook.election.cards import Ballots, Mark, Pattern
from tallybook.outcomes.rankings import WRITE_IN, read_rankings
from tallybook.outcomes.rules import BallotRules

DECIDED_BEFORE = ("exhaust", "skip")


def plain_rankings(
    patterns: Sequence[Pattern], contest: Contest, rules: BallotRules
) -> tuple[Pattern | None, ...]:
    """For each pattern the ranking that counts, as ranks 1, 2 ...; None where it is no ballot of the contest.

    Repeated choices and undeclared write-ins are left out. Raises ValueError where the rules decide overvotes
    in the round, and as ``read_rankings`` does.
    """
    if rules.overvote not in DECIDED_BEFORE:
        raise ValueError(f"the rule {rules.overvote} decides overvotes in the round, not before the count.")
    counted = [pattern for pattern in patterns if "invalid" not in pattern.flags]
    held = Ballots(contest, tuple(counted), (1,) * len(counted))
    rankings = read_rankings({"": held}, rules)
    named = rankings.choices
    read = iter(
        _pattern([named[code] for code in row if code < len(named)]) for row in rankings.codes.tolist()
    )
    return tuple(None if "invalid" in pattern.flags else next(read) for pattern in patterns)


def _pattern(choices: list[str]) -> Pattern:
    kept = [name for name in dict.fromkeys(choices) if name != WRITE_IN]
    return Pattern(tuple(Mark(name, rank) for rank, name in enumerate(kept, 1)))
