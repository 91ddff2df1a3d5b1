"""Ballots for the tests of counting: 'a>b>c' is a ranking, '-' a skipped rank, 'a=b' an overvote."""

from collections.abc import Mapping

from tallybook.election import Choice, Contest
from tallybook.election.cards import Ballots, Mark, Pattern


def contest(names: str | tuple[str, ...], seats: int = 1, allowed: int = 1) -> Contest:
    """A contest whose choices have these ids."""
    return Contest("mayor", "Mayor", "city", tuple(Choice(name, name) for name in names), seats, allowed)


def ranked(text: str) -> Pattern:
    """One ranked ballot: 'a>b=c>->d' ranks a first, overvotes at the second rank, skips the third."""
    ranks = [rank.strip() for rank in text.split(">")] if text.strip() else []
    return Pattern(
        tuple(
            Mark(choice.strip(), place)
            for place, rank in enumerate(ranks, 1)
            for choice in rank.split("=")
            if rank != "-"
        )
    )


def ballots(names: str | tuple[str, ...], piles: Mapping[str, int], seats: int = 1) -> Ballots:
    """Grouped ballots of one ranked contest."""
    patterns = tuple(ranked(text) for text in piles)
    return Ballots(contest(names, seats), patterns, tuple(piles.values()))
