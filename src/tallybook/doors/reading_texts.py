"""Readings as people write them in a table: choices joined by ";", ranks by ">", or a word.

For the commands of an audit inside a book. The words are blank, "not on card" and "not found"; a rank without
a mark is left empty between two ">". Text in, a reading (docs/spec/audit.md, section 7) out.
"""

from collections.abc import Sequence
from typing import Any

from tallybook.audit.planned import NOT_FOUND, NOT_ON_CARD
from tallybook.doors.cli.shown import DoorError

WORDS = {"not on card": NOT_ON_CARD, "not found": NOT_FOUND}


def reading_in(text: str, choices: Sequence[str], ranked: bool) -> Any:
    """A reading of a contest with these choices. Raises DoorError for a stranger."""
    plain = " ".join(text.split())
    if plain.casefold() in WORDS:
        return WORDS[plain.casefold()]
    if plain.casefold() == "blank":
        return []
    if not ranked:
        return in_order(plain, choices)
    return [in_order(one, choices) for one in plain.split(">")]


def in_order(text: str, choices: Sequence[str]) -> list[str]:
    """Choices joined by ";", in ballot order; then write-ins."""
    named = [one.strip() for one in text.split(";") if one.strip()]
    strange = [one for one in named if one not in choices and not one.startswith("write_in")]
    if strange:
        raise DoorError(f"Found {strange[0]!r}; expected choices of {', '.join(choices)}, or write_in.")
    written = [one for one in named if one not in choices]
    return [one for one in choices if one in named] + sorted(written, key=lambda one: (len(one), one))
