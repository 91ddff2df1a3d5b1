"""Check 11: how much a checker will measure of one book (audit specification, section 10).

A book from a stranger may ask for more than anybody needs: thousands of corrections, each of which measures
a hundred thousand cards anew. What is measured is counted, and beyond a bound the book is refused.
"""

from dataclasses import dataclass, field
from typing import Any

from .failure import Failed

MOST_MEASURED = 300_000_000  # numbers of cards and assertions in a whole book: some minutes
MOST_AT_ONCE = 20_000_000  # the same of all contests of one plan (section 8, `round`)
STRATIFIED = 4  # a number of a contest with strata counts so often


@dataclass
class Work:
    """What may still be measured, and the audit whose martingales are kept."""

    left: int = field(default_factory=lambda: MOST_MEASURED)
    kept: Any = None

    @property
    def is_over(self) -> bool:
        """Whether more was asked for: the reading of the book ends."""
        return self.left < 0

    def spend(self, numbers: int) -> None:
        """So many numbers are measured."""
        self.left -= numbers
        if self.left < 0:
            raise Failed(11, f"the book measures more than {MOST_MEASURED} numbers: more than is looked at")

    def keep(self, audit: Any) -> None:
        """The martingales of this audit are kept; those of the one before are forgotten."""
        if self.kept is not None and self.kept is not audit:
            for contest in self.kept.contests.values():
                contest.runs.clear()
        self.kept = audit


def tests_without_records(choices: int) -> int:
    """How many pairs of choices are tested among those who stand: k (k - 1) 2^(k - 2)."""
    return choices * (choices - 1) << (choices - 2)
