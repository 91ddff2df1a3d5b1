"""The three spellings that every text of a package uses: decimal, hexadecimal and base64.

Each has exactly one form for a value (package specification, opening), so readers refuse what Python's
own functions would let pass: ``+5``, ``1_000``, ``007``, other scripts' digits, upper-case
hexadecimal, base64 with stray bits or white space.
"""

import base64
import binascii
import re

MOST = 2**53 - 1

_DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z")
_HEX64 = re.compile(r"[0-9a-f]{64}\Z")


def decimal(text: str, most: int = MOST) -> int | None:
    """The number that a canonical decimal stands for, at most `most` (below 10^19); otherwise None."""
    if not _DECIMAL.match(text):
        return None
    number = int(text)
    return number if number <= most else None


def is_hash(value: object) -> bool:
    """Whether the value is a string of 64 lower-case hexadecimal digits."""
    return isinstance(value, str) and _HEX64.match(value) is not None


def unbase64(text: str) -> bytes | None:
    """The bytes of a canonical base64 text (RFC 4648, section 4), or None."""
    try:
        raw = text.encode("ascii")
        found = base64.b64decode(raw, validate=True)
    except (ValueError, binascii.Error):
        return None
    return found if base64.b64encode(found) == raw else None


def is_whole(value: object, least: int = 0) -> bool:
    """Whether the value is an integer (not a boolean) of at least `least`."""
    return type(value) is int and value >= least
