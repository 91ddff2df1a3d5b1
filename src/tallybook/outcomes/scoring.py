"""Points: Borda and other points by rank, scores, and STAR (score, then automatic runoff).

For associations and cities that count by points, and for everyone who checks them. ``docs/spec/counting.md``,
section 7. Points are exact fractions. Ties are answers, as everywhere in this room.
"""

from collections.abc import Sequence
from fractions import Fraction

import msgspec
import numpy as np

from tallybook.election.cards import Ballots, Pattern
from tallybook.outcomes.contests import Elected, Tied, Why
from tallybook.outcomes.rankings import WRITE_IN, Ints, read_rankings
from tallybook.outcomes.rules import BallotRules
from tallybook.outcomes.words import listed

Points = tuple[tuple[str, Fraction], ...]


class StarResult(msgspec.Struct, frozen=True):
    """The scores, the two finalists, how many ballots prefer each, and the outcome.

    ``finalists`` is empty where a tie for a place in the runoff stands. ``preferring`` follows ``finalists``.
    """

    scores: tuple[tuple[str, int], ...]
    finalists: tuple[str, ...]
    preferring: tuple[int, ...]
    outcome: Elected | Tied


def points_by_rank(ballots: Ballots, points: Sequence[Fraction], rules: BallotRules) -> Points:
    """The points of each choice: ``points[0]`` for every first ranking, and so on; 0 beyond. Spec 7.1.

    Rankings are read by the rules of the ballot; a place is its position among the rankings that count.
    A ballot ends at an overvote unless the rules skip it.
    """
    if rules.overvote not in ("exhaust", "skip"):
        raise ValueError("Points by rank need overvotes that exhaust or are skipped.")
    rankings = read_rankings({"": ballots}, rules)
    totals = [Fraction(0)] * len(rankings.choices)
    codes, ends = _without_repeats(rankings.codes), len(rankings.choices)
    for place, value in enumerate(points[: codes.shape[1]]):
        for choice in range(ends):
            ranked = int(rankings.counts[codes[:, place] == choice].sum())
            totals[choice] += value * ranked
    return tuple(
        (name, total) for name, total in zip(rankings.choices, totals, strict=True) if name != WRITE_IN
    )


def borda_points(choices: int) -> tuple[Fraction, ...]:
    """Borda's points: one less than the number of choices for a first ranking, down to 0 for the last."""
    return tuple(Fraction(choices - place) for place in range(1, choices + 1))


def scores(ballots: Ballots, most: int) -> tuple[tuple[str, int], ...]:
    """The sum of scores of each choice. Spec 7.2. A mark's ``votes`` is its score, from 0 to ``most``.

    A choice without a mark has score 0. A contest flagged as overvoted or invalid gives no score.
    Raises ValueError for a score above ``most`` or a choice scored twice on one ballot.
    """
    totals = dict.fromkeys(ballots.contest.choice_ids, 0)
    for given, count in _scored(ballots, most):
        for choice, score in given.items():
            if choice in totals:
                totals[choice] += score * count
    return tuple(totals.items())


def elect_by_points(contest_id: str, points: Points, seats: int = 1) -> Elected | Tied:
    """The choices with the most points. Spec 7.3: the edge of outcomes, section 3, over fractions."""
    if seats < 1:
        raise ValueError(f"{seats} seats; there must be at least one.")
    order = sorted((pair for pair in points if pair[1] > 0), key=lambda pair: -pair[1])
    why = (", ".join(f"{name} {value}" for name, value in order) or "Nobody has a point",)
    if len(order) <= seats or order[seats - 1][1] > order[seats][1]:
        names = tuple(name for name, _ in order[:seats])
        return Elected(contest_id, names, max(seats - len(order), 0), why)
    edge = order[seats - 1][1]
    clear = tuple(name for name, value in order if value > edge)
    tied = tuple(name for name, value in order if value == edge)
    return Tied(contest_id, "seats", clear, tied, seats - len(clear), None, why)


def star(ballots: Ballots, most: int = 5) -> StarResult:
    """STAR: the two highest scores, then the one whom more ballots score higher. Spec 7.4.

    A tie for a place in the runoff goes to whom more ballots prefer, where two are tied for it; a tie in the
    runoff goes to the higher score. What is tied after that is tied.
    """
    totals = scores(ballots, most)
    contest_id = ballots.contest.id
    named = tuple((name, Fraction(score)) for name, score in totals if name != WRITE_IN)
    first = elect_by_points(contest_id, named, 2)
    finalists = first.elected if isinstance(first, Elected) else _finalists(ballots, most, first)
    if len(finalists) < 2:
        stands = (
            first if isinstance(first, Tied) else msgspec.structs.replace(first, unfilled=1 - len(finalists))
        )
        return StarResult(totals, finalists, (), stands)
    preferring = _preferring(ballots, most, finalists[0], finalists[1])
    return StarResult(totals, finalists, preferring, _runoff(contest_id, finalists, preferring, dict(totals)))


def _runoff(
    contest_id: str, finalists: tuple[str, ...], preferring: tuple[int, int], totals: dict[str, int]
) -> Elected | Tied:
    keys = [(votes, totals[name]) for votes, name in zip(preferring, finalists, strict=True)]
    said = f"{finalists[0]} is preferred on {preferring[0]:,} ballots, {finalists[1]} on {preferring[1]:,}."
    if keys[0] == keys[1]:
        why: Why = (said, f"{listed(finalists)} are tied in the runoff and in their scores.")
        return Tied(contest_id, "seats", (), finalists, 1, None, why)
    why = (said, "Equal; the higher score decides.") if preferring[0] == preferring[1] else (said,)
    return Elected(contest_id, (finalists[0] if keys[0] > keys[1] else finalists[1],), 0, why)


def _finalists(ballots: Ballots, most: int, tie: Tied) -> tuple[str, ...]:
    """A tie of two for one place is settled by whom more ballots prefer; any other tie stands."""
    if len(tie.tied) == 2 and tie.open == 1:
        one, other = tie.tied
        ahead, behind = _preferring(ballots, most, one, other)
        if ahead != behind:
            return (*tie.clear, one if ahead > behind else other)
    return ()


def _preferring(ballots: Ballots, most: int, one: str, other: str) -> tuple[int, int]:
    """How many ballots score ``one`` above ``other``, and the reverse."""
    ahead = behind = 0
    for given, count in _scored(ballots, most):
        difference = given.get(one, 0) - given.get(other, 0)
        ahead += count * (difference > 0)
        behind += count * (difference < 0)
    return ahead, behind


def _scored(ballots: Ballots, most: int) -> list[tuple[dict[str, int], int]]:
    """Scores by choice, and the cards, of every pattern that counts."""
    return [
        (_given(pattern, most), count)
        for pattern, count in zip(ballots.patterns, ballots.counts, strict=True)
        if not {"invalid", "overvote"} & set(pattern.flags)
    ]


def _given(pattern: Pattern, most: int) -> dict[str, int]:
    given = {mark.choice: mark.votes for mark in pattern.marks}
    if len(given) < len(pattern.marks):
        raise ValueError("A choice is scored twice on one ballot.")
    for choice, score in given.items():
        if not 0 <= score <= most:
            raise ValueError(f"{choice} has the score {score}; scores are 0 to {most}.")
    return given


def _without_repeats(codes: Ints) -> Ints:
    """Each row's rankings with later ones of the same choice left out, moved up to the front."""
    end = int(codes.max(initial=0))
    kept = codes.copy()
    for place in range(1, codes.shape[1]):
        again = np.any(codes[:, :place] == codes[:, place : place + 1], axis=1)
        kept[again, place] = end
    order = np.argsort(kept == end, axis=1, kind="stable")
    return np.take_along_axis(kept, order, axis=1)
