"""Plain values of an act: whole numbers, ids, texts, fingerprints, moments (docs/spec/book.md, section 3).

For the tests of form. Each answers yes or no and never raises, whatever a sender put there.
"""

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeGuard

MOST = 2**53 - 1
ID = re.compile(r"[a-z0-9_]+")
HASH = re.compile(r"[0-9a-f]{64}")
SURROGATE = re.compile("[\\ud800-\\udfff]")
DAY = re.compile(r"(?:19|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}")
"""Days and moments of the years 1900 to 2999, so that no reckoning leaves the calendar."""

LOCAL = re.compile(rf"{DAY.pattern}T(?:[01][0-9]|2[0-3]):[0-5][0-9]")
MOMENT = re.compile(rf"{LOCAL.pattern}:[0-5][0-9]Z")


def whole(value: Any) -> bool:
    """A whole number from 0 to 2^53 - 1."""
    return type(value) is int and 0 <= value <= MOST


def is_hash(value: Any) -> bool:
    """64 lower-case hexadecimal digits."""
    return isinstance(value, str) and HASH.fullmatch(value) is not None


def reality(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    """The test whether a text has the form of a date or time, and is one. It remembers its answers."""

    @lru_cache(maxsize=4096)
    def is_real(text: str) -> bool:
        try:
            return pattern.fullmatch(text) is not None and bool(datetime.fromisoformat(text))
        except ValueError:
            return False

    return is_real


is_day, is_local, is_moment = map(reality, (DAY, LOCAL, MOMENT))


def is_id(value: Any) -> bool:
    """An id of small letters, digits and underscores."""
    return isinstance(value, str) and ID.fullmatch(value) is not None


def is_text(value: Any, longest: int) -> TypeGuard[str]:
    """Text that is not empty, not too long and can be written down."""
    return isinstance(value, str) and 1 <= len(value) <= longest and sound(value)


def sound(text: str) -> bool:
    """Whether the text is Unicode: half a surrogate pair cannot be written as UTF-8."""
    return text.isascii() or not SURROGATE.search(text)


def quoted(value: Any) -> str:
    """What was found, short enough to read."""
    try:
        text = f'"{value}"' if isinstance(value, str) else repr(value)
    except (ValueError, RecursionError):
        return "a value too large to show"
    return text if len(text) <= 120 else text[:117] + "..."
