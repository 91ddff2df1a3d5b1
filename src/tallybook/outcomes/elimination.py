"""Who leaves the count at the end of a round, and why.

For the counts in rounds. ``docs/spec/counting.md``, section 4.3. In this order: undeclared write-ins, all at
once, and with them those who cannot win whatever happens, where the law removes these together; those below
the least votes the law asks for in the first round; those who cannot win; else the one with the fewest votes,
a tie being settled by its rules.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from tallybook.outcomes.rankings import WRITE_IN
from tallybook.outcomes.rounds import TiePending, TieSettled, units
from tallybook.outcomes.rules import CountRules
from tallybook.outcomes.tiebreaks import Counted, TieInputs, settle
from tallybook.outcomes.words import listed


class Leaving(NamedTuple):
    """Who is eliminated, the tie that decided it if there was one, and the sentence for people."""

    names: tuple[str, ...]
    tie: TieSettled | TiePending | None
    why: str


def who_leaves(
    standing: Counted,
    earlier: Sequence[Counted],
    rules: CountRules,
    ties: TieInputs,
    keep: int,
    places: int,
) -> Leaving:
    """Who of ``standing`` (votes in this round) is eliminated. At least ``keep`` choices always stay."""
    together = no_chance(standing, rules.batch, keep)
    if WRITE_IN in standing:
        also = f", and with them {listed(together)}, who cannot win" if together else ""
        why = f"Undeclared write-ins cannot be elected and are eliminated first{also}."
        return Leaving((*together, WRITE_IN), None, why)
    below = below_minimum(standing, earlier, rules.minimum_votes * 10**places)
    if below and len(standing) - len(below) >= keep:
        why = f"{listed(below)} had fewer than {rules.minimum_votes:,} votes in the first round."
        return Leaving(below, None, why)
    if len(together) > 1:
        return Leaving(together, None, together_words(together, standing, places))
    return _fewest(standing, earlier, ties, places)


def together_words(together: tuple[str, ...], standing: Counted, places: int) -> str:
    """Why these leave together."""
    held = units(sum(standing[name] for name in together), places)
    return f"{listed(together)} together have {held}, and cannot win whatever moves to them."


def below_minimum(standing: Counted, earlier: Sequence[Counted], least: int) -> tuple[str, ...]:
    """Those with fewer units than ``least`` in the first round, if they still stand."""
    first: Mapping[str, int] = earlier[0] if earlier else standing
    return tuple(name for name in standing if first[name] < least)


def no_chance(standing: Counted, batch: str, keep: int, surplus: int = 0) -> tuple[str, ...]:
    """The largest group of the lowest whose votes together do not reach the next one, in ballot order.

    To their votes are added those of undeclared write-ins and all surpluses that have still to move.
    ``cannot_reach``: the sum is less than the next one's votes. ``cannot_pass``: it is not more.
    """
    if batch == "none":
        return ()
    order = sorted((name for name in standing if name != WRITE_IN), key=lambda name: standing[name])
    total, largest = standing.get(WRITE_IN, 0) + surplus, 0
    for place, (name, above) in enumerate(pairwise(order), 1):
        total += standing[name]
        beaten = total < standing[above] or (batch == "cannot_pass" and total == standing[above])
        if beaten and len(order) - place >= keep:
            largest = place
    group = set(order[:largest])
    return tuple(name for name in standing if name in group)


def _fewest(standing: Counted, earlier: Sequence[Counted], ties: TieInputs, places: int) -> Leaving:
    fewest = min(standing.values())
    last = tuple(name for name, votes in standing.items() if votes == fewest)
    if len(last) == 1:
        return Leaving(last, None, f"{last[0]} has the fewest votes, {units(fewest, places)}.")
    tie = settle(last, "elimination", earlier, ties)
    said = f"{listed(last)} have the fewest votes, {units(fewest, places)} each"
    if isinstance(tie, TiePending):
        return Leaving((), tie, f"{said}; people must settle this tie.")
    return Leaving((tie.chosen,), tie, f"{said}; {tie.chosen} was chosen {tie.how}.")
