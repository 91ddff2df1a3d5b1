"""One contest measured: the decision, intervals for the true points, and how many more errors it would bear.

For `tallybook risk`, whatever was read: cards, batches, pools or several strata.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import msgspec

from tallybook.audit.deciding import Decision, decide
from tallybook.audit.measuring import Between, Evidence, points_between, withstands
from tallybook.audit.strata_intervals import points_between_strata, withstands_in_strata
from tallybook.doors.workbench_case import Case

MOST_DRAWS = 3_000
"""Above so many draws no interval is shown: it would take minutes."""


class Borne(msgspec.Struct, frozen=True):
    """How many more draws of a stratum ("" where there is one) could have been as wrong as one can be."""

    stratum: str
    how: str
    errors: int


class Measured(msgspec.Struct, frozen=True):
    """One contest measured: the decision, and for each assertion an interval for its true points.

    intervals: name, least, most (None where nothing bounds it from above); other: risks by methods of other
    tools; borne: with how many further errors in each stratum alone the limit would still be met, the least
    over the assertions; empty where it is not met. shared: the next round's draws of each stratum.
    """

    decision: Decision
    intervals: tuple[tuple[str, int, int | None], ...]
    other: Mapping[str, str]
    borne: tuple[Borne, ...] = ()
    shared: Mapping[str, int] = {}


def measured_by(case: Case, evidence: Sequence[Evidence], other: Mapping[str, str]) -> Measured:
    """The decision on evidence, with intervals for the true points where a sample gives them."""
    decision = decide(case.contest.id, evidence, case.limit)
    intervals = [
        (one.name, *_between(one))
        for one in evidence
        if not all(part.is_census for part in one.parts)
        and 0 < sum(len(part.x) for part in one.parts) <= MOST_DRAWS
    ]
    return Measured(decision, tuple(intervals), other)


def _between(one: Evidence) -> Between:
    if len(one.parts) == 1:
        return points_between(one.parts[0], Fraction(1, 20), one.outside)
    return points_between_strata(one.parts, Fraction(1, 20), one.outside)


def with_errors_borne(
    case: Case, measured: Measured, evidence: Sequence[Evidence], strata: Sequence[tuple[str, str]]
) -> Measured:
    """The same, with how many further errors each stratum would have borne, where the audit ends.

    strata: name and kind of evidence of each part.
    """
    if measured.decision.step != "stop":
        return measured
    found = []
    for at, (name, how) in enumerate(strata):
        borne = [_borne(case, one, at, how) for one in evidence]
        least = min((n for n in borne if n is not None), default=None)
        found += [Borne(name, how, least)] if least is not None else []
    return msgspec.structs.replace(measured, borne=tuple(found))


def _borne(case: Case, one: Evidence, at: int, how: str) -> int | None:
    """Draws of one stratum that could have been wrong; None where it has none, or by the bounds alone.

    A compared card errs by its whole span, a polled one is read the other way, a batch is wrong to its bound.
    """
    part = one.parts[at]
    right = part.top if how == "polling" else part.top // 2
    if not len(part.x) or part.is_census:
        return None
    if len(one.parts) == 1:
        return withstands(part, case.limit, right // part.unit, one.outside, right)
    return withstands_in_strata(one.parts, at, right, right // part.unit, case.limit, one.outside)
