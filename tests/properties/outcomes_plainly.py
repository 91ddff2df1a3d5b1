"""The outcome rules a second time, as slowly and plainly as the specification page says them.

Written from docs/spec/outcomes.md alone, without the product's code, so that the two can be compared on
every small tally. Results are plain tuples: (kind, names ..., numbers ...).
"""

from fractions import Fraction

Votes = dict[str, int]


def ordered(votes: Votes) -> list[str]:
    """Section 2, vote order: by picking the first highest that is left, again and again."""
    left, order = dict(votes), []
    while left:
        best = next(name for name in left if all(left[name] >= other for other in left.values()))
        order.append(best)
        del left[best]
    return order


def edge(votes: Votes, k: int) -> tuple[list[str], list[str], int, int]:
    """Section 3, by counting for each choice how many others are above it and level with it."""
    names = [name for name in ordered(votes) if votes[name] > 0]
    clear, tied = [], []
    for name in names:
        above = sum(votes[other] > votes[name] for other in names)
        level = sum(votes[other] == votes[name] for other in names)
        if above + level <= k:
            clear.append(name)
        elif above < k:
            tied.append(name)
    return clear, tied, (k - len(clear) if tied else 0), (0 if tied else max(0, k - len(names)))


def plurality(votes: Votes, k: int) -> tuple[object, ...]:
    """Section 4.1."""
    clear, tied, places, unfilled = edge(votes, k)
    return ("Tied", "seats", clear, tied, places) if tied else ("Elected", clear, unfilled)


def majority_or_runoff(votes: Votes, total: int) -> tuple[object, ...]:
    """Section 4.2."""
    if not any(votes.values()):
        return ("Elected", [], 1)
    for name in votes:
        if Fraction(votes[name], total) > Fraction(1, 2):
            return ("Elected", [name], 0)
    clear, tied, places, _ = edge(votes, 2)
    return ("Tied", "runoff", clear, tied, places) if tied else ("RunoffDue", clear)


def recount(
    votes: Votes, through: list[str], share: Fraction, comparison: str
) -> list[tuple[str, str, int, bool]]:
    """Section 5, one share of the total."""
    order, found = ordered(votes), []
    ahead = [name for name in order if name in through][-1]
    for behind in [name for name in order if name not in through]:
        margin, bound = votes[ahead] - votes[behind], share * sum(votes.values())
        found.append((ahead, behind, margin, margin < bound or (margin == bound and comparison == "at_most")))
    return found


def control(members: Votes, tie_breaker: str | None) -> str | None:
    """Section 8, rules 1 to 3, by comparing each caucus with all the others together."""
    for name, size in members.items():
        others = sum(members.values()) - size
        if size > others:
            return name
    for name, size in members.items():
        if size and name == tie_breaker:
            rest = [other for caucus, other in members.items() if caucus != name]
            if size in rest and sum(rest) == size:
                return name
    return None
