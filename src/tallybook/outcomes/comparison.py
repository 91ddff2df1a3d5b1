"""What changed between two counts of one contest: returns, hand tally, recount.

``docs/spec/outcomes.md``, section 9. For the observer who lays two published counts side by side.
A comparison decides nothing: which count stands is for the law. All shares are exact fractions.
"""

from collections.abc import Mapping
from fractions import Fraction

import msgspec

from tallybook.election import Tally, Votes, listed_votes, votes_for
from tallybook.outcomes.contests import Elected, in_vote_order, plurality
from tallybook.outcomes.words import number, percent


class CountComparison(msgspec.Struct, frozen=True):
    """Second count less first. ``moved``: sum of absolute differences; its share is of the first's votes."""

    contest_id: str
    differences: Votes
    first_votes: int
    second_votes: int
    moved: int
    moved_share: Fraction | None
    leader: str | None
    runner_up: str | None
    margin_first: int | None
    margin_second: int | None
    margin_change: int | None
    same_winners: bool
    why: tuple[str, ...]


class PlacesComparison(msgspec.Struct, frozen=True):
    """The same, place by place: how many places agree exactly, and all absolute differences added.

    ``moved`` adds the differences per choice, ``totals_moved`` those of each place's votes together
    (votes that only passed between choices within a place are not in it).
    """

    places: int
    places_equal: int
    moved: int
    moved_share: Fraction | None
    totals_moved: int
    totals_moved_share: Fraction | None


def compare_counts(first: Tally, second: Tally, seats: int = 1) -> CountComparison:
    """Two counts of one contest. Raises ValueError where the contest or the choices differ. Spec 9."""
    differences = _differences(first, second)
    pair = [name for name, _ in in_vote_order(first.votes)][seats - 1 : seats + 1]
    leader, runner_up = pair if len(pair) == 2 else (None, None)
    margins = [_margin(tally, leader, runner_up) for tally in (first, second)]
    moved = sum(abs(change) for _, change in differences)
    share = _share(moved, listed_votes(first))
    same = _same_winners(first, second, seats)
    return CountComparison(
        contest_id=first.contest_id,
        differences=differences,
        first_votes=listed_votes(first),
        second_votes=listed_votes(second),
        moved=moved,
        moved_share=share,
        leader=leader,
        runner_up=runner_up,
        margin_first=margins[0],
        margin_second=margins[1],
        margin_change=None if margins[0] is None or margins[1] is None else margins[1] - margins[0],
        same_winners=same,
        why=_why(differences, moved, share, leader, runner_up, margins, same),
    )


def compare_places(first: Mapping[str, Tally], second: Mapping[str, Tally]) -> PlacesComparison:
    """Two counts by place (county, batch). Raises ValueError where the places differ. Spec 9, "By place"."""
    if set(first) != set(second):
        raise ValueError(f"Places in one count only: {', '.join(sorted(set(first) ^ set(second)))}.")
    changes = [[n for _, n in _differences(first[place], second[place])] for place in first]
    votes = sum(listed_votes(tally) for tally in first.values())
    moved = sum(abs(n) for place in changes for n in place)
    totals = sum(abs(sum(place)) for place in changes)
    equal = sum(not any(place) for place in changes)
    return PlacesComparison(len(changes), equal, moved, _share(moved, votes), totals, _share(totals, votes))


def _differences(first: Tally, second: Tally) -> Votes:
    after = dict(second.votes)
    if first.contest_id != second.contest_id or set(dict(first.votes)) != set(after):
        raise ValueError(
            f"Counts of {first.contest_id} and {second.contest_id} cannot be compared: "
            "the contest and its choices must be the same."
        )
    return tuple((name, after[name] - votes) for name, votes in first.votes)


def _margin(tally: Tally, leader: str | None, runner_up: str | None) -> int | None:
    if leader is None or runner_up is None:
        return None
    return votes_for(tally, leader) - votes_for(tally, runner_up)


def _same_winners(first: Tally, second: Tally, seats: int) -> bool:
    one, two = plurality(first, seats), plurality(second, seats)
    if not isinstance(one, Elected) or not isinstance(two, Elected):
        return False
    return set(one.elected) == set(two.elected)


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def _why(
    differences: Votes,
    moved: int,
    share: Fraction | None,
    leader: str | None,
    runner_up: str | None,
    margins: list[int | None],
    same: bool,
) -> tuple[str, ...]:
    changes = ", ".join(f"{name} {change:+,}" for name, change in differences)
    said = [f"Second count less first: {changes}.", f"Absolute differences add to {number(moved)}"]
    said[1] += f", {percent(share)} of the first count's votes." if share is not None else "."
    if margins[0] is not None and margins[1] is not None:
        said.append(
            f"Margin of {leader} over {runner_up}: {number(margins[0])} in the first count, "
            f"{number(margins[1])} in the second."
        )
    said.append("Both counts elect the same." if same else "The two counts do not clearly elect the same.")
    return tuple(said)
