"""The one exception of this room: an argument that no sample could have produced.

It carries the argument's name, what was found and what is allowed, so that a door can turn it into a
sentence an official understands. It is raised before anything is computed.
"""

from __future__ import annotations


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
