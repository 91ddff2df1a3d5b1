"""Counts in rounds written as people would do them, one ballot at a time: what the room must agree with.

A ballot is a list of ranks; a rank is the set of choices marked there. Nothing here is shared with the room.
"""

from collections.abc import Sequence
from itertools import groupby

Rank = frozenset[str]
PlainBallot = tuple[Rank, ...]


def counts_for(
    ballot: PlainBallot, standing: set[str], overvote: str, max_skipped: int | None, duplicate: str
) -> str:
    """The choice in capitals-free words, or the reason in brackets: read the ranks one after another."""
    seen: set[str] = set()
    skipped = 0
    for rank in ballot:
        if not rank:
            skipped += 1
            continue
        if max_skipped is not None and skipped > max_skipped:
            return "(skipped)"
        skipped = 0
        if duplicate == "exhaust" and rank & seen:
            return "(duplicate)"
        seen |= rank
        continuing = rank & standing
        if len(rank) > 1:
            if overvote == "exhaust":
                return "(overvote)"
            if overvote == "skip" or not continuing:
                continue
            if overvote == "exhaust_if_any_continuing" or len(continuing) > 1:
                return "(overvote)"
        if continuing:
            return next(iter(continuing))
    return "(exhausted)" if any(ballot) else "(blank)"


def through_rounds(
    ballot: PlainBallot, rounds: Sequence[set[str]], overvote: str, max_skipped: int | None, duplicate: str
) -> list[str]:
    """The same for each round's standing choices; a ballot that an overvote exhausted stays exhausted."""
    found: list[str] = []
    for standing in rounds:
        if overvote != "wait_while_several_continuing" and "(overvote)" in found:
            found.append("(overvote)")
        else:
            found.append(counts_for(ballot, standing, overvote, max_skipped, duplicate))
    return found


def instant_runoff(ballots: Sequence[Sequence[str]], choices: Sequence[str]) -> tuple[str, list[str]]:
    """(winner, order of elimination) of rankings without faults. Of equals the later in ballot order goes."""
    standing, gone = list(choices), []
    while True:
        tops = [next((c for c in ballot if c in standing), "") for ballot in ballots]
        votes = {c: tops.count(c) for c in standing}
        active = sum(votes.values())
        if not active:
            return "", gone
        for choice in standing:
            if 2 * votes[choice] > active or len(standing) == 1:
                return choice, gone
        fewest = min(votes.values())
        last = [c for c in standing if votes[c] == fewest][-1]
        standing.remove(last)
        gone.append(last)


def transferable(
    ballots: Sequence[Sequence[str]], choices: Sequence[str], seats: int, places: int, product_first: bool
) -> tuple[list[str], dict[str, int]]:
    """(elected in order, units of everyone at the end): one surplus at a time, the largest first.

    Units of 10^-places. Droop quota in whole votes. Of equals the earlier in ballot order is ahead.
    """
    one = 10**places
    values = [one] * len(ballots)
    standing, elected, moved = list(choices), [], []
    holder = [next(iter(b), "") for b in ballots]
    quota = (sum(1 for b in ballots if b) // (seats + 1) + 1) * one
    while True:
        votes = {c: sum(v for v, h in zip(values, holder, strict=True) if h == c) for c in choices}
        votes.update(dict.fromkeys(moved, quota))
        left = seats - len(elected)
        if len(standing) <= left:
            return elected + [c for c in sorted(standing, key=lambda c: -votes[c]) if votes[c]], votes
        for choice in sorted([c for c in standing if votes[c] >= quota], key=lambda c: -votes[c])[:left]:
            standing.remove(choice)
            elected.append(choice)
        if len(elected) == seats:
            return elected, votes
        waiting = [c for c in elected if c not in moved and votes[c] > quota]
        if waiting:
            most = max(votes[c] for c in waiting)
            source = next(c for c in choices if c in waiting and votes[c] == most)
            surplus = votes[source] - quota
            moved.append(source)
            for k, held in enumerate(holder):
                if held == source and product_first:
                    values[k] = values[k] * surplus // votes[source]
                elif held == source:
                    values[k] = values[k] * (surplus * one // votes[source]) // one
        else:
            fewest = min(votes[c] for c in standing)
            source = [c for c in standing if votes[c] == fewest][-1]
            standing.remove(source)
        for k, held in enumerate(holder):
            if held == source:
                holder[k] = next((c for c in ballots[k] if c in standing), "")


def piled(ballots: Sequence[Sequence[str]]) -> dict[str, int]:
    """Rankings as piles: 'a>b' -> how many."""
    texts = sorted(">".join(ballot) for ballot in ballots)
    return {text: len(list(group)) for text, group in groupby(texts)}
