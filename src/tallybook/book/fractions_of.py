"""Fractions as the book writes them: in lowest terms, between 0 and 1 (docs/spec/book.md, section 3)."""

import re
from math import gcd
from typing import Any

SHARE = re.compile(r"([1-9][0-9]{0,8})/([1-9][0-9]{0,8})")


def lowest(value: Any) -> bool:
    """A fraction a/b in lowest terms, more than 0 and less than 1."""
    found = SHARE.fullmatch(value) if isinstance(value, str) else None
    return found is not None and int(found[1]) < int(found[2]) and gcd(int(found[1]), int(found[2])) == 1
