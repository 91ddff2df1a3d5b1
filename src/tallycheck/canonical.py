"""Canonical JSON, read and written: ``docs/spec/canonical-json.md``.

A value has one sequence of bytes. Reading parses, looks at depth, keys and numbers, writes the value
again and compares, so duplicate keys, white space and other spellings are refused by the comparison.
The looks are made on the text, by patterns, because a package holds a million entries.
"""

import json
import re
from collections.abc import Generator
from json import JSONDecoder, JSONEncoder
from typing import Any, NoReturn

from .plain import MOST

DEEPEST = 16
MANY_OPENINGS = 500_000
LONGEST_ENTRY = 65_535


class NotCanonical(ValueError):  # noqa: N818 - it is an answer about the input
    """The bytes are not the canonical form of any value; the message says why."""


def _no_number(text: str) -> NoReturn:
    raise NotCanonical(f"{text[:40]} is not an integer in canonical form")


def _integer(text: str) -> int:
    """Section 1, rule 2; the spelling is seen when the value is written again."""
    if len(text) > 17 or (len(text) > 15 and abs(int(text)) > MOST):
        raise NotCanonical(f"the integer {text[:40]} is beyond 2^53 - 1")
    return int(text)


_ENCODER = JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False
)
_DECODER = JSONDecoder(parse_float=_no_number, parse_int=_integer, parse_constant=_no_number)

_KEY = re.compile(r'[{,]"[a-z0-9_]+":')
_PLAIN_KEY = re.compile(r"[a-z0-9_]+\Z")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_BRACKET = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[{]|[\]}]', re.DOTALL)

write = _ENCODER.encode
"""The canonical text of a value that keeps the rules of section 1."""


def read(raw: bytes) -> Any:
    """The value of these canonical bytes; raises `NotCanonical`."""
    value, text = parse(raw)
    require_written_so(value, text)
    return value


def parse(raw: bytes) -> tuple[Any, str]:
    """The value and the text; all rules of section 1 hold, the spelling is not yet compared."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise NotCanonical("the bytes are not UTF-8") from None
    if text.count("[") + text.count("{") > DEEPEST:
        require_shallow(text)
    try:
        value = _DECODER.decode(text)
    except NotCanonical:
        raise
    except (ValueError, RecursionError):
        raise NotCanonical("the text is not JSON") from None
    if plain_keys(text) != text.count('":'):
        require_plain_keys(value)
    if _SURROGATE.search(text):
        require_scalar(value)
    return value, text


def plain_keys(text: str) -> int:
    """How many keys of a text are surely plain; those of a long one are counted one by one: memory."""
    return len(_KEY.findall(text)) if len(text) < 1 << 20 else sum(1 for _ in _KEY.finditer(text))


def members(text: str, at: int) -> Generator[tuple[Any, int, int], None, int]:
    """The members of an array of a long text, one by one, with where each begins and ends.

    `at` is where the first begins, behind the bracket. Returns the place behind the closing bracket. Each
    member is in canonical form; raises `NotCanonical`.
    """
    if text.startswith("]", at):
        return at + 1
    while True:
        value, end = member(text, at)
        yield value, at, end
        if text.startswith("]", end):
            return end + 1
        if not text.startswith(",", end):
            raise NotCanonical("the text is not JSON")
        at = end + 1


def member(text: str, at: int) -> tuple[Any, int]:
    """The value that begins there, in canonical form, and where it ends."""
    try:
        end = _DECODER.raw_decode(text, at)[1]
    except NotCanonical:
        raise
    except (ValueError, RecursionError):
        raise NotCanonical("the text is not JSON") from None
    return read(text[at:end].encode()), end


def require_written_so(value: Any, text: str) -> None:
    """The text is how the value is written (section 2)."""
    if write(value) != text:
        raise NotCanonical("the text is JSON but not its canonical form")


def require_scalar(value: Any) -> None:
    """No string holds half of a surrogate pair (section 1, rule 4)."""
    try:
        write(value).encode()
    except UnicodeEncodeError:
        raise NotCanonical("a string holds a surrogate") from None


def openings(raw: bytes) -> int:
    """How many brackets and braces open outside of strings; those within strings count where they are few."""
    together = raw.count(b"[") + raw.count(b"{")
    if together <= MANY_OPENINGS:
        return together
    return sum(1 for token in _BRACKET.finditer(raw.decode(errors="replace")) if token.group()[0] in "[{")


def require_shallow(text: str) -> None:
    """No array or object stands deeper than 16; seen before anything is parsed."""
    depth = 0
    for token in _BRACKET.finditer(text):
        first = token.group()[0]
        if first in "[{":
            depth += 1
            if depth > DEEPEST:
                raise NotCanonical(f"arrays and objects are nested deeper than {DEEPEST}")
        elif first in "]}":
            depth -= 1


def require_plain_keys(value: Any) -> None:
    """Keys are of ``[a-z0-9_]+`` (section 1, rule 3)."""
    if isinstance(value, dict):
        for key, member in value.items():
            if not _PLAIN_KEY.match(key):
                raise NotCanonical(f"the key {json.dumps(key[:40])} is not of [a-z0-9_]+")
            require_plain_keys(member)
    elif isinstance(value, list):
        for member in value:
            require_plain_keys(member)
