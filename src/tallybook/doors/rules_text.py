"""Rules as the readable file that they are read from.

For whoever carries a configuration of another program over: ``outcomes.read_rules`` reads what is written
here and gives the same rules. Only what differs from the defaults is written.
"""

import json
from fractions import Fraction
from typing import Any

import msgspec

from tallybook.outcomes import BallotRules, CountRules, Rules, TieRules
from tallybook.outcomes.rules import NO_LIMIT

TABLES = ("ballot", "count", "ties")


def rules_text(rules: Rules) -> str:
    """The TOML of these rules."""
    parts = ["".join(_line(name, value) for name, value in _told(rules) if name not in TABLES)]
    tables: tuple[BallotRules | CountRules | TieRules, ...] = (rules.ballot, rules.count, rules.ties)
    for name, table in zip(TABLES, tables, strict=True):
        lines = "".join(_line(key, value) for key, value in _told(table))
        parts += [f"[{name}]\n{lines}"] if lines else []
    return "\n".join(parts)


def _told(values: msgspec.Struct) -> list[tuple[str, Any]]:
    """The fields that differ from their defaults."""
    fields = msgspec.structs.fields(values)
    return [
        (one.name, getattr(values, one.name)) for one in fields if getattr(values, one.name) != one.default
    ]


def _line(name: str, value: Any) -> str:
    if value is None:
        return f'{name} = "{NO_LIMIT[name]}"\n' if name in NO_LIMIT else ""
    return f"{name} = {_value(value)}\n"


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_value(one) for one in value)}]"
    # A basic string of TOML escapes what a string of JSON escapes, except for DEL.
    if isinstance(value, Fraction | str):
        return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007F")
    return str(value).lower()
