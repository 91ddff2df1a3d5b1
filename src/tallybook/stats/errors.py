"""The one exception of this room: an argument that no sample could have produced.

It carries the argument's name, what was found and what is allowed, so that a door can turn it into a
sentence an official understands. It is raised before anything is computed.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np


class NumberError(ValueError):
    """An argument outside its allowed values: ``argument``, ``found``, ``allowed``."""

    def __init__(self, argument: str, found: object, allowed: str) -> None:
        super().__init__(f"{argument}: found {found!r}; expected {allowed}.")
        self.argument = argument
        self.found = found
        self.allowed = allowed


def require(condition: bool, argument: str, found: object, allowed: str) -> None:
    """Raise ``NumberError`` unless the condition holds."""
    if not condition:
        raise NumberError(argument, found, allowed)


def require_whole(argument: str, value: object, least: int = 0, most: int | None = None) -> None:
    """Raise unless the value is a whole number (no bool, no float) from ``least`` to ``most``."""
    good = type(value) is int and value >= least and (most is None or value <= most)
    above = f"{least} or more" if most is None else f"from {least} to {most}"
    require(good, argument, value, f"a whole number, {above}")


def require_inside(argument: str, value: object, what: str) -> None:
    """Raise unless the value is a number above 0 and below 1."""
    good = is_number(value) and 0 < value < 1  # type: ignore[operator]
    require(good, argument, value, f"{what} between 0 and 1")


def is_number(value: object) -> bool:
    """A finite number, of Python or numpy, and not a bool."""
    plain = isinstance(value, int | float | Fraction | np.integer | np.floating) and not isinstance(
        value, bool
    )
    return plain and math.isfinite(value)  # type: ignore[arg-type]
