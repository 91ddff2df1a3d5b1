"""Small groups: how many statements tell of so few ballots, or of so few of one mind, that they tell whose.

Privacy specification, sections 2 and 6. It counts and fails nothing: whether a small group had to be
published is a question of law, which the row of its act answers, and an entry cannot be taken back.
"""

from collections.abc import Iterator, Mapping
from typing import Any

FEWEST = 10
ONE_MIND = 30
BESIDE = ("write_ins", "undervotes", "overvotes")
"""What ballots say beside votes, where returns tell it."""


def small_groups(returns: Mapping[str, Any], votes_allowed: int) -> int:
    """How many of the groups that well-formed returns tell of are small or of one mind."""
    return sum(is_small(answers, votes_allowed) for answers in groups(returns))


def groups(returns: Mapping[str, Any]) -> Iterator[list[int]]:
    """The answers of each group: of the place, and of each mode."""
    yield [*returns["votes"].values(), *(returns[name] for name in BESIDE if name in returns)]
    for votes in returns.get("modes", {}).values():
        yield list(votes.values())


def is_small(answers: list[int], votes_allowed: int) -> bool:
    """From 1 to 9 ballots at least, or from 1 to 29 that all say the same."""
    ballots = -(-sum(answers) // votes_allowed)
    one_mind = len(answers) > 1 and sum(1 for n in answers if n) == 1
    return 0 < ballots < (ONE_MIND if one_mind else FEWEST)


def is_required(ruling: Mapping[str, Any] | None, effect: str) -> bool:
    """Whether the law requires what an entry states: the act was a duty, or corrects a statement."""
    return ruling is not None and (ruling.get("status") == "duty" or effect == "restate")
