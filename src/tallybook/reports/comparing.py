"""How two counts differ in each county: plain subtraction, done once for the pages, the map and the lists."""

from tallybook.reports.drawings import Dot
from tallybook.reports.values import Count, CountyRow, Report


def compared(report: Report) -> tuple[Count, ...]:
    """The counts that have votes by county and are not the base."""
    kinds = {kind for county in report.counties for kind in county.votes}
    return tuple(count for count in report.counts if count.kind in kinds and count.kind != report.base)


def base_count(report: Report) -> Count | None:
    """The count with which the others are compared."""
    return next((count for count in report.counts if count.kind == report.base), None)


def differences(county: CountyRow, kind: str, base: str) -> tuple[int, ...] | None:
    """Votes in this count less votes in the base, for each choice; None where a count is missing."""
    if kind not in county.votes or base not in county.votes:
        return None
    return tuple(a - b for a, b in zip(county.votes[kind], county.votes[base], strict=True))


def votes_apart(county: CountyRow, kind: str, base: str) -> int | None:
    """The differences of all choices added up without their sign."""
    found = differences(county, kind, base)
    return None if found is None else sum(abs(difference) for difference in found)


def dots(report: Report, kind: str) -> tuple[Dot, ...]:
    """Every county that has both counts, with the votes by which they differ."""
    found = ((county, votes_apart(county, kind, report.base)) for county in report.counties)
    return tuple(Dot(county, votes) for county, votes in found if votes is not None)


def largest(found: tuple[Dot, ...], how_many: int) -> tuple[Dot, ...]:
    """The dots with the most votes apart, greatest first; none that has no difference."""
    ordered = sorted((dot for dot in found if dot.votes), key=lambda dot: (-dot.votes, dot.county.name))
    return tuple(ordered[:how_many])
