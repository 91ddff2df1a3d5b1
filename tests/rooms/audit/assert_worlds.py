"""Small contests, their patterns and every pile of a few cards, for the tests of assertions."""

from collections.abc import Iterator, Sequence
from itertools import combinations_with_replacement

from tallybook.audit.assertions import Claim
from tallybook.audit.assorters import Reading, assorter
from tallybook.election import Choice, Contest
from tallybook.election.cards import Ballots, Mark, Pattern


def contest(names: Sequence[str], seats: int = 1, allowed: int = 1) -> Contest:
    """A contest whose choices have these ids."""
    return Contest("office", "Office", "city", tuple(Choice(name, name) for name in names), seats, allowed)


def marked(text: str) -> Pattern:
    """'a b' marks a and b; 'a:3' gives a three votes or the score 3; '' is a blank."""
    pairs = ((one, "", "") if one.startswith("write_in") else one.partition(":") for one in text.split())
    return Pattern(tuple(Mark(name, votes=int(votes or 1)) for name, _, votes in pairs))


def worlds(patterns: int, cards: int) -> Iterator[tuple[int, ...]]:
    """Every way to have so many cards of so many patterns: one count per pattern."""
    for drawn in combinations_with_replacement(range(patterns), cards):
        yield tuple(drawn.count(place) for place in range(patterns))


def holds(claim: Claim, reading: Reading, counts: Sequence[int]) -> bool:
    """Is every assertion true of these cards? Sums taken one card kind at a time, in Python integers."""
    return all(
        sum(int(weight) * count for weight, count in zip(assorter(one, reading).weights, counts, strict=True))
        > 0
        for one in claim.assertions
    )


def truths(claim: Claim, reading: Reading, all_worlds: Sequence[Sequence[int]]) -> list[bool]:
    """``holds`` in every world, each table made once."""
    tables = [assorter(one, reading).weights.tolist() for one in claim.assertions]
    return [
        all(sum(w * count for w, count in zip(table, counts, strict=True)) > 0 for table in tables)
        for counts in all_worlds
    ]


def pile(place: Contest, patterns: Sequence[Pattern], counts: Sequence[int]) -> Ballots:
    """The cards as grouped ballots, patterns that no card bears left out."""
    borne = [(p, n) for p, n in zip(patterns, counts, strict=True) if n]
    return Ballots(place, tuple(p for p, _ in borne), tuple(n for _, n in borne))
