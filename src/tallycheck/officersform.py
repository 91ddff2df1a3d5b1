"""Check 4: the types of the detail fields of the officers specification, section 8, the same in every act.

What the fields of keys and rosters hold is asked by the effects that work on them; whether an office or a row
is declared, by `people.require_declared`.
"""

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from .clock import in_years, is_day, is_local
from .plain import is_hash, is_whole

ANSWERS = ("record_shows", "record_contradicts", "record_cannot_tell", "outside_this_record")
MOST = 100

_ID = re.compile(r"[a-z0-9_]{1,40}\Z")
_HEX128 = re.compile(r"[0-9a-f]{128}\Z")


def is_id(value: object) -> bool:
    """A person, a seat or a group (section 2)."""
    return isinstance(value, str) and _ID.match(value) is not None


def is_signature(value: object) -> bool:
    """128 lower-case hexadecimal digits."""
    return isinstance(value, str) and _HEX128.match(value) is not None


def ascends(values: list[Any]) -> bool:
    """Whether each is greater than the one before."""
    return all(a < b for a, b in pairwise(values))


def are_objects(value: Any, _: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def is_number(value: Any, _: Any) -> bool:
    return is_whole(value)


def is_a_string(value: Any, _: Any) -> bool:
    return isinstance(value, str)


def is_local_time(value: Any, _: Any) -> bool:
    return is_local(value) and in_years(value)


def is_a_day(value: Any, _: Any = None) -> bool:
    return is_day(value) and in_years(value)


def is_earlier(value: Any, asked: Any) -> bool:
    return is_whole(value) and bool(value < asked.seq)


def is_exhibit(value: Any, asked: Any) -> bool:
    return is_hash(value) and value in asked.named


def are_entries(value: Any, asked: Any) -> bool:
    """1 to 100 numbers of earlier entries, ascending."""
    proper = isinstance(value, list) and 1 <= len(value) <= MOST
    return proper and all(is_earlier(item, asked) for item in value) and ascends(value)


def are_exhibits(value: Any, asked: Any) -> bool:
    """1 to 100 names of public exhibits, ascending."""
    proper = isinstance(value, list) and 1 <= len(value) <= MOST
    return proper and all(is_exhibit(item, asked) for item in value) and ascends(value)


def is_answer(value: Any, _: Any) -> bool:
    return isinstance(value, str) and value in ANSWERS


TYPES: dict[str, Callable[[Any, Any], bool]] = {
    **dict.fromkeys(("keys", "roster"), are_objects), **dict.fromkeys(("post", "moves"), is_a_string),
    **dict.fromkeys(("first_batches", "second_batches"), is_exhibit), "threshold": is_number,
    "moved_to": is_local_time, "dated": is_a_day, "entries": are_entries, "named": are_exhibits,
    "claim": is_earlier, "answer": is_answer,
}  # fmt: skip
