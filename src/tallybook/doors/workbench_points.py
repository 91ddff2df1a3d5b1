"""Points of votes at the workbench: of a batch or a stratum, ranked or not, under every assertion.

Where totals by choice do not tell the assertions, votes are readings with their cards.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from tallybook.audit.assertions import words
from tallybook.audit.assorters import assorter
from tallybook.audit.margins import Margin
from tallybook.audit.planned import points_of_votes
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.workbench_case import Case, reading_of, reported_in
from tallybook.doors.workbench_files import StratumRow
from tallybook.doors.workbench_readings import patterns_of
from tallybook.election.cards import Pattern


def points_in(case: Case, stratum: StratumRow, margins: Sequence[Margin]) -> list[int]:
    """The reported points of a stratum under each assertion."""
    if case.is_by_reading:
        known = reported_in(case, stratum)
        return points_of_cards(case, margins, known.patterns, known.counts)
    return [linear(margin, stratum.votes) for margin in margins]


def points_by(
    case: Case, margins: Sequence[Margin], votes: Mapping[str, int], where: str = "Reading"
) -> list[int]:
    """The points of the votes of a batch under each assertion."""
    if case.is_by_reading:
        return points_of_cards(case, margins, *patterns_of(votes, case, where))
    return [linear(margin, votes) for margin in margins]


def points_of_cards(
    case: Case, margins: Sequence[Margin], patterns: Sequence[Pattern], counts: Sequence[int]
) -> list[int]:
    """The points of grouped cards under each assertion."""
    if not patterns:
        return [0 for _ in margins]
    reading, column = reading_of(case, patterns), np.array(counts, dtype=np.int64)
    return [int(assorter(margin.assertion, reading).weights @ column) for margin in margins]


def linear(margin: Margin, votes: Mapping[str, int]) -> int:
    """The points of a batch's votes. DoorError where totals do not tell them."""
    try:
        return points_of_votes(margin.assertion, votes)
    except ValueError:
        raise DoorError(
            f"{words(margin.assertion)} Totals by batch do not show this; compare or poll single cards."
        ) from None
