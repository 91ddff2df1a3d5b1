"""What is wrong with a law file, said so that its author can mend it.

Problems are collected, never thrown one at a time: an author who corrects a file wants the whole list.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: where it is, what was found there, what was expected, what to do.

    file: the law file's id ("" if unknown); table: "rows", "acts" ... ("" for the top of the file);
    row: the id of the row, or its number from 1 in its table; key: the key ("" for the row as a whole).
    """

    file: str
    table: str
    row: str
    key: str
    found: str
    expected: str
    mend: str

    def __str__(self) -> str:
        table = f"[[{self.table}]] {self.row}".strip() if self.table else "the top of the file"
        place = ", ".join(part for part in (self.file or "law file", table, self.key) if part)
        return f"{place}: found {self.found}; expected {self.expected}. {self.mend}"


class LawError(ValueError):
    """A law file or law set cannot be used; `problems` says everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
