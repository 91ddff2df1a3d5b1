"""How each pattern of marks reads under a rule, as integers: what assertions are evaluated on.

A card's votes are what the count itself would give if that card were the only one; so an audit reads cards
exactly as ``outcomes`` counts them, overvotes and write-ins included. Ranked cards become short lists of
"counts for c while none of these stands", which give the votes under every set of choices still standing.
``docs/spec/assertions.md``, section 3.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tallybook.election import Contest, Tally
from tallybook.election.cards import Ballots, Pattern
from tallybook.outcomes.rankings import STRANGERS, WRITE_IN, Rankings, read_rankings
from tallybook.outcomes.rules import Overvote, Rules
from tallybook.outcomes.scoring import borda_points, points_by_rank, scores
from tallybook.outcomes.selections import tally_cumulative, tally_selections

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
MOST_STANDING = 62
"""Choices in a ranked contest: a set of them must fit a 64-bit word."""


@dataclass(frozen=True, eq=False)
class Votes:
    """What each pattern gives each choice.

    values     (patterns, choices) whole numbers, over ``unit`` where points are fractions
    write_ins  (patterns,) votes for persons who are not among the choices
    most       the most that one card can give one choice, in the same units
    per_card   the most that one card can give altogether
    """

    choices: tuple[str, ...]
    values: Ints
    write_ins: Ints
    most: int
    per_card: int
    unit: int = 1


@dataclass(frozen=True, eq=False)
class Ranks:
    """Ranked patterns as entries. Entry i: a card of pattern ``row[i]`` counts for ``choice[i]`` while
    that choice stands and none of the set ``before[i]`` (a bit per choice) does.

    ``sure[i]`` is false from an overvote on that the rules resolve during the count: depending on the order
    of elimination the card may wait or become inactive there. It then supports nobody's winning side.
    """

    choices: tuple[str, ...]
    patterns: int
    row: Ints
    choice: Ints
    before: Ints
    sure: Bools


def selections(contest: Contest, patterns: Sequence[Pattern]) -> Votes:
    """Vote for one or several, and approval."""
    return _tallied(contest, patterns, tally_selections, 1)


def cumulated(contest: Contest, patterns: Sequence[Pattern]) -> Votes:
    """Cumulative voting: one choice may get all the votes of a card."""
    return _tallied(contest, patterns, tally_cumulative, contest.votes_allowed)


def scored(contest: Contest, patterns: Sequence[Pattern], most: int) -> Votes:
    """Scores from 0 to ``most``; also what STAR needs."""
    rows = [[score for _, score in scores(_one(contest, p), most)] for p in patterns]
    return _votes(contest, rows, [0] * len(rows), most, most * len(contest.choices))


def ranked_points(contest: Contest, patterns: Sequence[Pattern], rules: Rules) -> Votes:
    """Borda and other points by rank, on a common denominator."""
    points = rules.count.points or borda_points(len(contest.choices))
    unit = math.lcm(*(value.denominator for value in points))
    rows = []
    for pattern in patterns:
        given = dict(points_by_rank(_one(contest, pattern), points, rules.ballot))
        rows.append([int(given[name] * unit) for name in contest.choice_ids])
    most, per_card = (int(value * unit) for value in (max(points), sum(points, Fraction(0))))
    return _votes(contest, rows, [0] * len(rows), most, per_card, unit)


def votes_by(rules: Rules, contest: Contest, patterns: Sequence[Pattern]) -> Votes:
    """The reading that the rule's method asks for. Raises ValueError for a method that counts in rounds."""
    match rules.method:
        case "plurality" | "majority_or_runoff" | "approval" | "super_majority":
            return selections(contest, patterns)
        case "cumulative":
            return cumulated(contest, patterns)
        case "score" | "star":
            return scored(contest, patterns, rules.count.most_points)
        case "borda":
            return ranked_points(contest, patterns, rules)
        case _:
            raise ValueError(f"{rules.method} counts in rounds; read it with ranks.")


def ranks(
    contest: Contest,
    patterns: Sequence[Pattern],
    rules: Rules,
    without: Sequence[str] = (),
    write_in_stands: bool = False,
) -> Ranks:
    """Ranked patterns under the rules of the ballot; ``without`` (and the rules' excluded) never stand.

    Undeclared write-ins are eliminated first in every count in rounds, so they stand nowhere, unless
    ``write_in_stands`` (for quotas of the first round). Raises ValueError for more than 62 choices.
    """
    rankings = _rankings(contest, patterns, rules)
    gone = {*rules.excluded, *without} | (set() if write_in_stands else {WRITE_IN})
    choices = tuple(name for name in rankings.choices if name not in gone)
    if len(choices) > MOST_STANDING:
        raise ValueError(f"{len(choices)} choices; sets of standing choices are kept for {MOST_STANDING}.")
    index = {name: place for place, name in enumerate(choices)}
    places = np.array([index.get(name, -1) for name in rankings.choices], dtype=np.int64)
    row, choice, before, sure = _entries(rankings, places, rules.ballot.overvote)
    live = (before >> choice & 1) == 0
    return Ranks(choices, len(patterns), row[live], choice[live], before[live], sure[live])


def _tallied(
    contest: Contest, patterns: Sequence[Pattern], count: Callable[[Ballots], Tally], most: int
) -> Votes:
    rows, write_ins = [], []
    for pattern in patterns:
        tally = count(_one(contest, pattern))
        rows.append([votes for _, votes in tally.votes])
        write_ins.append(tally.write_ins or 0)
    return _votes(contest, rows, write_ins, most, contest.votes_allowed)


def _one(contest: Contest, pattern: Pattern) -> Ballots:
    return Ballots(contest, (pattern,), (1,))


def _votes(
    contest: Contest, rows: list[list[int]], write_ins: list[int], most: int, per_card: int, unit: int = 1
) -> Votes:
    values = np.array(rows, dtype=np.int64).reshape(len(rows), len(contest.choices))
    return Votes(contest.choice_ids, values, np.array(write_ins, dtype=np.int64), most, per_card, unit)


def _rankings(contest: Contest, patterns: Sequence[Pattern], rules: Rules) -> Rankings:
    """One row per pattern. An invalid card is read as blank, since ``read_rankings`` leaves it out."""
    read = tuple(Pattern(()) if "invalid" in p.flags else p for p in patterns)
    return read_rankings({"": Ballots(contest, read, (1,) * len(read))}, rules.ballot)


def _entries(rankings: Rankings, places: Ints, rule: Overvote) -> tuple[Ints, Ints, Ints, Bools]:
    """Row, choice, before and sure of every entry. ``places`` is each choice's bit, -1 if it never stands."""
    rows, singles = len(rankings.counts), len(rankings.choices)
    before, sure = np.zeros(rows, dtype=np.int64), np.ones(rows, dtype=np.bool_)
    ended = np.zeros(rows, dtype=np.bool_)
    found: list[tuple[Ints, Ints, Ints, Bools]] = []

    def counts_for(which: Ints, choice: Ints, others: Ints | int) -> None:
        found.append((which, choice, before[which] | others, sure[which]))

    for codes in rankings.codes.T:
        place = places[np.minimum(codes, singles - 1)]
        which = np.flatnonzero((codes < singles) & (place >= 0) & ~ended)
        counts_for(which, place[which], 0)
        before[which] |= np.int64(1) << place[which]
        for code in np.unique(codes[(codes >= singles) & (codes < singles + len(rankings.overvotes))]):
            which = np.flatnonzero((codes == code) & ~ended)
            if rankings.overvotes[code - singles] == STRANGERS:
                ended[which] = True
                continue
            marked = places[sorted(rankings.overvotes[code - singles])]
            sure[which] = False
            everyone = sum(1 << int(one) for one in marked if one >= 0)
            for one in marked[marked >= 0] if rule != "exhaust_if_any_continuing" else ():
                counts_for(which, np.full(len(which), one), everyone & ~(1 << int(one)))
            before[which] |= everyone
    row, choice, ahead = (_joined([part[k] for part in found]) for k in range(3))
    return row, choice, ahead, _joined([part[3] for part in found]).astype(np.bool_)


def _joined(columns: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(columns) if columns else np.zeros(0, dtype=np.int64)
