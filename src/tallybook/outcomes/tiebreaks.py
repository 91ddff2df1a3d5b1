"""Settling ties inside a count in rounds, by the methods the rules name and in their order.

For the counts in rounds. ``docs/spec/counting.md``, section 5. Each method narrows those who are tied; the
first that leaves one settles it. A lot is the project's published draw (``docs/spec/draw.md``): anyone with
the seed repeats it. Where the rules say ``people``, the count stops and asks, and goes on with their answer.
"""

from collections.abc import Mapping, Sequence

import msgspec

from tallybook.outcomes.rounds import Purpose, TiePending, TieSettled
from tallybook.outcomes.rules import TieMethod, TieRules
from tallybook.outcomes.words import listed
from tallybook.stats.draws import join_parts, ticket

Counted = Mapping[str, int]


class Decision(msgspec.Struct, frozen=True):
    """What people decided about the tie of one round: whom they chose, and where the record of it is."""

    round: int
    tied: tuple[str, ...]
    chosen: str
    record: str


class TieInputs(msgspec.Struct, frozen=True):
    """What settling a tie may need: the rules, the contest, the seed of the draw, what people decided."""

    rules: TieRules
    contest_id: str
    choices: tuple[str, ...]
    seed: str = ""
    decisions: tuple[Decision, ...] = ()


def settle(
    tied: tuple[str, ...], purpose: Purpose, earlier: Sequence[Counted], inputs: TieInputs
) -> TieSettled | TiePending:
    """Whom a tie chooses: the worst for an elimination, else the best. ``earlier``: the votes of past rounds.

    Raises ValueError where a lot is asked for and no seed was given, or a decision does not fit its tie.
    """
    number, left = len(earlier) + 1, tied
    for method in inputs.rules.break_by:
        if method == "people":
            return _by_people(tied, left, purpose, number, inputs)
        left = _narrowed(left, method, purpose, earlier, inputs)
        if len(left) == 1:
            return TieSettled(tied, purpose, left[0], HOW[method])
    return TiePending(number, left, purpose)


HOW: dict[TieMethod, str] = {
    "previous_round": "by the votes of the round before",
    "earlier_rounds": "by the votes of the latest earlier round in which they differed",
    "first_round": "by the votes of the first round",
    "lot": "by lot, drawn from the published seed",
    "permutation": "by the order drawn for the whole contest from the published seed",
    "order": "by the order given before the count",
}


def _narrowed(
    left: tuple[str, ...], method: TieMethod, purpose: Purpose, earlier: Sequence[Counted], inputs: TieInputs
) -> tuple[str, ...]:
    """Those still tied after one method."""
    match method:
        case "previous_round":
            return _extreme(left, purpose, earlier[-1:])
        case "earlier_rounds":
            return _extreme(left, purpose, earlier[::-1])
        case "first_round":
            return _extreme(left, purpose, earlier[:1])
        case "lot":
            return (_by_order(left, purpose, _drawn(left, inputs, str(len(earlier) + 1))),)
        case "permutation":
            return (_by_order(left, purpose, _drawn(inputs.choices, inputs, "permutation")),)
        case _:
            return (_by_order(left, purpose, inputs.rules.order),)


def _extreme(left: tuple[str, ...], purpose: Purpose, rounds: Sequence[Counted]) -> tuple[str, ...]:
    """Narrowed to the fewest votes (elimination) or the most, round after round."""
    best = min if purpose == "elimination" else max
    for votes in rounds:
        edge = best(votes[name] for name in left)
        left = tuple(name for name in left if votes[name] == edge)
    return left


def _by_order(left: tuple[str, ...], purpose: Purpose, order: Sequence[str]) -> str:
    """The last of an order is eliminated; the first is elected."""
    missing = [name for name in left if name not in order]
    if missing:
        raise ValueError(f"The order of the tie-break does not name {listed(missing)}.")
    return sorted(left, key=order.index)[-1 if purpose == "elimination" else 0]


def _drawn(names: Sequence[str], inputs: TieInputs, what: str) -> tuple[str, ...]:
    """The names in the order of their tickets. Draw spec, section 4; the item is named in spec 5.2."""
    if not inputs.seed:
        raise ValueError("The rules settle ties by lot, and no seed was given.")
    return tuple(
        sorted(names, key=lambda name: ticket(inputs.seed, join_parts("tie", inputs.contest_id, what, name)))
    )


def _by_people(
    tied: tuple[str, ...], left: tuple[str, ...], purpose: Purpose, number: int, inputs: TieInputs
) -> TieSettled | TiePending:
    """The decision handed in for this tie; without one the count must wait."""
    for one in inputs.decisions:
        if one.round == number and set(one.tied) == set(left):
            if one.chosen not in left or not one.record:
                raise ValueError(
                    f"The decision of round {number} must choose one of {listed(left)} and name its record."
                )
            return TieSettled(tied, purpose, one.chosen, f"by decision of people (record: {one.record})")
    return TiePending(number, left, purpose)
