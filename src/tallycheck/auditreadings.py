"""Check 4, the form of readings and of fields of acts: audit specification, sections 7 and 8."""

from collections.abc import Callable, Sequence
from typing import Any

from .marks import NUMBERED, WRITE_IN, Mark, Pattern
from .outcomes import is_count_by
from .plain import is_hash, is_whole

NOT_FOUND, NOT_ON_CARD = "not_found", "not_on_card"
NO_FLAGS: frozenset[str] = frozenset()
MOST_RANKS = 100

# Readings, section 7 ------------------------------------------------------------


def is_reading(value: object, choices: Sequence[str], ranked: bool) -> bool:
    """Whether the value is a reading of one contest on a card."""
    if isinstance(value, str):
        return value in (NOT_FOUND, NOT_ON_CARD)
    if not isinstance(value, list):
        return False
    if not ranked:
        return are_marked(value, choices)
    proper = all(isinstance(rank, list) and are_marked(rank, choices) for rank in value)
    return proper and len(value) <= MOST_RANKS and (not value or bool(value[-1]))


def are_marked(value: list[Any], choices: Sequence[str]) -> bool:
    """Choices, each once and in order, then a write-in, or write-ins by number in order."""
    if not all(isinstance(name, str) for name in value):
        return False
    marked = set(value)
    listed = [choice for choice in choices if choice in marked]
    rest = value[len(listed) :]
    if value[: len(listed)] != listed:
        return False
    if rest == [WRITE_IN] or not rest:
        return True
    numbers = [int(name.partition(":")[2]) for name in rest if NUMBERED.match(name)]
    return len(numbers) == len(rest) and numbers == sorted(set(numbers))


def is_batch_reading(value: object, choices: Sequence[str], cards: int, allowed: int) -> bool:
    """Whether the value is a reading of one contest in a batch of so many cards."""
    if isinstance(value, str):
        return value == NOT_FOUND
    return is_count_by(value, list(choices)) and fits(value, cards, allowed)


def fits(votes: Any, cards: int, allowed: int) -> bool:
    """Whether so many cards can give these votes."""
    return all(n <= cards for n in votes.values()) and sum(votes.values()) <= cards * allowed


def pattern_of_reading(value: list[Any], ranked: bool) -> Pattern:
    """The pattern of what is marked."""
    ranks = enumerate(value, 1) if ranked else [(0, value)]
    return Pattern(tuple(Mark(name, rank, 1) for rank, names in ranks for name in names), NO_FLAGS)


# Fields of acts, section 8 ------------------------------------------------------------

CAUSES = {
    "reader_error", "marginal_mark", "overvote", "write_in", "scanner", "machine_adjudication", "wrong_card",
    "missing_card", "count_error", "not_known",
}  # fmt: skip


def is_item(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= 400


def is_text(value: object) -> bool:
    return isinstance(value, str)


def is_cause(value: object) -> bool:
    return isinstance(value, str) and value in CAUSES


def is_salt(value: object) -> bool:
    return is_hash(value) or value == "none"


def is_signature(value: object) -> bool:
    return isinstance(value, str) and len(value) == 128 and is_hash(value[:64]) and is_hash(value[64:])


def is_anything(value: object) -> bool:
    return isinstance(value, (list, dict, str))


def is_name(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= 100


def rows_of(*checks: Callable[[object], bool], by: int = 1) -> Callable[[Any, Any], bool]:
    """An array of 1 to 1,000 arrays whose members are as the checks say; the first `by` stand once."""

    def proper(value: Any, _: Any) -> bool:
        if not isinstance(value, list) or not 1 <= len(value) <= 1000:
            return False
        for row in value:
            if not isinstance(row, list) or len(row) != len(checks):
                return False
            if not all(check(member) for check, member in zip(checks, row, strict=True)):
                return False
        return len({tuple(row[:by]) for row in value}) == len(value)

    return proper


def are_sizes(value: Any, _: Any) -> bool:
    return isinstance(value, dict) and bool(value) and all(is_whole(n) for n in value.values())


TYPES: dict[str, Callable[[Any, Any], bool]] = {
    "audit": lambda value, _: is_whole(value),
    "plan": lambda value, asked: is_hash(value) and value in asked.named,
    "sizes": are_sizes,
    "reader": lambda value, _: is_name(value),
    "commitments": rows_of(is_item, is_hash),
    "openings": rows_of(is_item, is_hash, is_anything),
    "settled": rows_of(is_item, is_anything, is_cause),
    "records": rows_of(is_item, is_text, is_salt, by=2),
    "causes": rows_of(is_item, is_text, is_cause, by=2),
    "item": lambda value, _: is_item(value),
    "readings_now": lambda value, _: is_anything(value),
    "cause_code": lambda value, _: is_cause(value),
    "signatures": rows_of(is_name, is_signature),
}
