"""A problem found in what somebody handed in: where, what was found, what was expected, how to mend it.

Problems are collected and shown together, so that a tired person mends a file once, not ten times.
A problem is not a refusal (the law says no) and not a bug (an assertion broken).
"""

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """One thing wrong with the input. ``where`` names the file or argument, and the row or field in it."""

    where: str
    found: str
    expected: str
    mend: str

    def __str__(self) -> str:
        return f"{self.where}: found {self.found}; expected {self.expected}. {self.mend}"
