"""Ranked assertions a second time, plainly: cards and orders one by one, and a checker of certificates.

Written from docs/spec/assertions.md, without the product's code. A card is a string of choices, best first.
The checker (``sufficient``) takes the published form of a certificate and nothing else.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations, permutations
from typing import Any

Cards = Mapping[str, int]


def top(card: str, standing: Sequence[str]) -> str:
    """Whom a card counts for while only these stand; '' for nobody."""
    return next((name for name in card if name in standing), "")


def nen(cards: Cards, winner: str, loser: str, standing: Sequence[str]) -> tuple[int, int]:
    """The votes of winner and loser while these stand."""
    return (
        sum(n for card, n in cards.items() if top(card, standing) == winner),
        sum(n for card, n in cards.items() if top(card, standing) == loser),
    )


def neb(cards: Cards, winner: str, loser: str) -> tuple[int, int]:
    """The winner's first preferences, and the cards that rank the loser ahead of the winner."""
    ahead = 0
    for card, n in cards.items():
        if loser in card and (winner not in card or card.index(loser) < card.index(winner)):
            ahead += n
    return sum(n for card, n in cards.items() if card[:1] == winner), ahead


def instant_runoff(cards: Cards, choices: str) -> set[str]:
    """Every possible winner, whichever way ties for elimination fall."""
    tallies = {name: sum(n for card, n in cards.items() if top(card, choices) == name) for name in choices}
    if len(choices) == 1:
        return {choices}
    least = min(tallies.values())
    found: set[str] = set()
    for name in choices:
        if tallies[name] == least:
            found |= instant_runoff(cards, choices.replace(name, ""))
    return found


def best_for_order(cards: Cards, order: Sequence[str], ease: Any) -> Any:
    """The easiest assertion that contradicts one order (first out first); 0 where none holds."""
    found = [0]
    for k, name in enumerate(order):
        for other in order[k + 1 :]:
            found.append(ease(*neb(cards, name, other)))
            found.append(ease(*nen(cards, name, other, order[k:])))
    return max(found)


def hardest_needed(cards: Cards, choices: str, winners: set[str], ease: Any) -> Any:
    """The best that any set of assertions can do: the hardest order's easiest assertion."""
    return min(
        best_for_order(cards, order, ease)
        for order in permutations(choices)
        if set(order[-len(winners) :]) != winners
    )


def every_order_contradicted(rows: Sequence[Mapping[str, Any]], choices: str, winners: set[str]) -> bool:
    """Brute force over whole orders."""
    return all(
        any(_contradicts(row, order) for row in rows)
        for order in permutations(choices)
        if set(order[-len(winners) :]) != winners
    )


def _contradicts(row: Mapping[str, Any], order: Sequence[str]) -> bool:
    place = order.index(row["winner"])
    if row["kind"] == "neb":
        return place < order.index(row["loser"])
    return set(order[place:]) == set(row["standing"])


# The checker: under fifty lines, no import but the standard library. -------------------------


def sufficient(certificate: Mapping[str, Any]) -> bool:
    """Do the assertions of a published certificate exclude all other winners? Spec, section 9."""
    choices, winners = certificate["choices"], set(certificate["winners"])
    before = {(row["winner"], row["loser"]) for row in certificate["assertions"] if row["kind"] == "neb"}
    stays = {
        (row["winner"], frozenset(row["standing"]))
        for row in certificate["assertions"]
        if row["kind"] == "nen" and {row["winner"], row["loser"]} <= set(row["standing"])
    }
    reached = set()
    for last in combinations(choices, len(winners)):
        others = [name for name in choices if name not in last]
        if set(last) != winners and not any((x, y) in before for x in others for y in last):
            reached.add(frozenset(last))
    todo = list(reached)
    while todo:
        standing = todo.pop()
        if standing == frozenset(choices):
            return False
        for name in choices:
            larger = standing | {name}
            if name in standing or larger in reached or (name, larger) in stays:
                continue
            earlier = [x for x in choices if x not in larger]
            if any((name, y) in before for y in standing) or any((x, name) in before for x in earlier):
                continue
            reached.add(larger)
            todo.append(larger)
            if len(reached) > 1_000_000:
                return False
    return True
