"""Carrying reported results from one standard form to another: Clarity, NIST, OpenElections.

For the command `convert`. What the other form has no word for is left out only where it can be added up again
from what is written, or is said; nothing is made up, so a report that must state what the source does not say
asks for it.
"""

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tallybook.doors.cli.shown import DoorError
from tallybook.doors.exports import OnDisk, size_of
from tallybook.formats.results import Results

if TYPE_CHECKING:
    from tallybook.formats.err_cdf_out import About as Report

ENDINGS = {".csv": "openelections", ".xml": "err-xml", ".json": "err-json"}
KINDS = ("general", "primary", "runoff", "special")
MOST_TOLD = 5
MOST_BYTES = 512 << 20
"""A larger file is taken for cast vote records, unless --to says otherwise."""
Told = tuple[str, ...]


class Asked(msgspec.Struct, frozen=True):
    """What a report must state beside its numbers. Empty and None: as the source says."""

    generated: datetime.datetime
    issuer: str = ""
    status: str = ""
    kind: str = ""
    day: datetime.date | None = None


def is_results(source: Path) -> bool:
    """Whether the source holds results rather than cast vote records."""
    from tallybook.formats.results_any import holds_results

    if source.is_dir() or source.stat().st_size > MOST_BYTES:
        return False
    return holds_results(OnDisk(source))


def converted(source: Path, out: Path, to: str, asked: Asked) -> str:
    """Write ``out`` from ``source``, and say what was written and what was left out.

    Raises DoorError where that cannot be done.
    """
    results, told = results_in(source)
    try:
        data, left_out = WRITERS[to](results, asked)
    except ValueError as why:
        raise DoorError(f"{to} cannot hold these results: {why} Nothing was written.") from None
    out.write_bytes(data)
    counted = (
        f"{len(results.contests)} contests, {len(results.units):,} units, {len(results.votes):,} numbers"
    )
    return "\n".join((f"{out}: {counted}.", *left_out, *told))


def results_in(source: Path) -> tuple[Results, Told]:
    """The results of a file, and what somebody should look at. Raises DoorError where there are none."""
    from tallybook.formats.results import check_results
    from tallybook.formats.results_any import read_any

    size_of(source)
    results, problems = read_any(OnDisk(source))
    if results is None:
        raise DoorError(*map(str, problems[:MOST_TOLD]), "Nothing was written.")
    doubts = [str(one) for one in (*problems, *check_results(results))]
    more = [f"And {len(doubts) - MOST_TOLD:,} more like these."] if len(doubts) > MOST_TOLD else []
    return results, (*doubts[:MOST_TOLD], *more)


# One writer per form --------------------------------------------------------------------------


def _err(write: Callable[[Results, "Report"], bytes]) -> Callable[[Results, Asked], tuple[bytes, Told]]:
    def writer(results: Results, asked: Asked) -> tuple[bytes, Told]:
        from tallybook.formats.err_cdf_out import STATUSES
        from tallybook.formats.err_cdf_out import About as Report
        from tallybook.formats.results_any import (
            dated,
            under_one,
            without_measures,
            without_modes_of_measures,
        )

        results = dated(results, asked.day)
        if results.day is None:
            raise DoorError("The source does not say the election's day: --day 2020-11-03.")
        status = asked.status or results.status
        if status not in STATUSES:
            known = ", ".join(sorted(STATUSES))
            raise DoorError(f"The source does not say how final it is: --status, one of {known}.")
        results, scope = under_one(results, asked.issuer)
        results, told = without_modes_of_measures(results)
        results, more = without_measures(results, [("ballots_cast", True), ("registered_voters", True)])
        issuer = asked.issuer or next(unit.name for unit in results.units if unit.id == scope)
        about = Report(issuer, issuer, asked.generated, scope, asked.kind or _kind(results.name), status)
        return write(results, about), (*told, *more)

    return writer


def _err_json(results: Results, asked: Asked) -> tuple[bytes, Told]:
    from tallybook.formats.err_cdf_out import write_json

    return _err(write_json)(results, asked)


def _err_xml(results: Results, asked: Asked) -> tuple[bytes, Told]:
    from tallybook.formats.err_cdf_out import write_xml

    return _err(write_xml)(results, asked)


def _openelections(results: Results, _asked: Asked) -> tuple[bytes, Told]:
    from tallybook.formats.openelections import write_openelections
    from tallybook.formats.results_any import without_containers

    results, told = without_containers(results)
    return write_openelections(results), told


def _kind(name: str) -> str:
    """NIST's word for the kind of election that its name speaks of."""
    words = name.casefold()
    return next((kind for kind in KINDS if kind in words), "other")


WRITERS: dict[str, Callable[[Results, Asked], tuple[bytes, Told]]] = {
    "err-json": _err_json,
    "err-xml": _err_xml,
    "openelections": _openelections,
}
"""The forms of results that can be written."""
