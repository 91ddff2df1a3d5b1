"""Reported results in whatever standard form they come: known by content, read into the nouns of ``results``.

For whoever is handed a file of results and not its name: Clarity's detail.xml, NIST's election results in
JSON and XML, OpenElections' tables, alone or in a ZIP archive. Two files are not added together. The
functions below the readers fit results to a form that has fewer words, and say what is left out.
"""

import datetime
from collections.abc import Callable, Iterable, Mapping

import msgspec

from tallybook.formats import clarity, err_cdf, openelections
from tallybook.formats.archives import Folder, Unreadable, is_clutter, read_fields
from tallybook.formats.detect import loosely, opened, rows_of, start_of
from tallybook.formats.either import rows
from tallybook.formats.problems import Consequence, FileProblem, Problems, shown
from tallybook.formats.results import TOTAL, Measured, Results, Unit
from tallybook.formats.shorn import shorn_results

WHOLE_FILE = 2 << 30
LOOKED_AT = 64
TITLES = {
    "clarity": "Clarity's detail.xml",
    "err_json": "NIST's election results (JSON)",
    "err_xml": "NIST's election results (XML)",
    "openelections": "OpenElections' table",
}
Read = tuple[Results | None, tuple[FileProblem, ...]]
READERS: Mapping[str, Callable[[bytes, str], Read]] = {
    "clarity": clarity.read_detail,
    "err_json": err_cdf.read_json,
    "err_xml": err_cdf.read_xml,
    "openelections": openelections.read_openelections,
}
"""How each form is read."""


def read_any(folder: Folder) -> Read:
    """The results in a folder or file; a ZIP archive that is alone in it is opened."""
    problems = Problems()
    inner = opened(folder, problems)
    found = kinds_in(inner) if inner is not None else {}
    if inner is None or len(found) != 1:
        told = f"{len(found)} files of results" if found else "no file of results"
        expected = f"one file: {'; '.join(TITLES.values())}"
        problems.add(Consequence.GRAVE, folder.name, told, expected, "Hand in one file of results.")
        return None, problems.collected()
    ((name, kind),) = found.items()
    data = read_fields(inner, name, WHOLE_FILE, problems)
    if data is None:
        return None, problems.collected()
    results, told_later = READERS[kind](data, name)
    problems.extend(told_later)
    results = None if results is None else shorn_results(results, problems)
    return results, problems.collected()


def kinds_in(folder: Folder) -> dict[str, str]:
    """The files that hold results, with their forms. Of many files only the first are looked into."""
    names = [name for name in folder.names() if not is_clutter(name)][:LOOKED_AT]
    kinds = {name: kind_of(start_of(folder, name)) or _kind_of_sheet(folder, name) for name in names}
    return {name: kind for name, kind in kinds.items() if kind}


def kind_of(start: bytes) -> str:
    """The form of a file by its first bytes, a key of ``TITLES``; empty where it is none of them."""
    text = loosely(start).lstrip()
    if text.startswith("<"):
        if "ElectionReport" in text:
            return "err_xml"
        return "clarity" if "<ElectionResult" in text else ""
    if text.startswith("{"):
        return "err_json" if "ElectionResults." in text or '"ElectionReport' in text else ""
    return "openelections" if _is_openelections(rows_of(text)[0]) else ""


def _kind_of_sheet(folder: Folder, name: str) -> str:
    """``openelections`` where this is such a table saved as a spreadsheet."""
    if not name.casefold().endswith((".xlsx", ".xlsm")):
        return ""
    try:
        header = next(rows(folder, name, Problems()), [])
    except Unreadable:
        return ""
    return "openelections" if _is_openelections(header) else ""


def _is_openelections(header: Iterable[str]) -> bool:
    return {"county", "office", "candidate"} <= {cell.strip().casefold() for cell in header}


def holds_results(folder: Folder) -> bool:
    """Whether some file is in one of these forms, and not a cast vote record."""
    inner = opened(folder, Problems())
    return inner is not None and bool(kinds_in(inner))


def under_one(results: Results, name: str) -> tuple[Results, str]:
    """The results with one unit that holds all others, and its id: a state of this name where none does."""
    tops = [unit for unit in results.units if not unit.within]
    if len(tops) == 1:
        return results, tops[0].id
    top = Unit("the whole", name or "the whole", "state")
    units = (top, *(msgspec.structs.replace(one, within=one.within or top.id) for one in results.units))
    return msgspec.structs.replace(results, units=units), top.id


def without_modes_of_measures(results: Results) -> tuple[Results, tuple[str, ...]]:
    """The results with over- and undervotes of all modes together, where a form has no modes for them."""
    kept = {(m.contest, m.unit, m.measure): m for m in results.measured if m.mode == TOTAL}
    sums: dict[tuple[str, str, str], int] = {}
    for one in results.measured:
        if one.contest and one.mode != TOTAL:
            key = (one.contest, one.unit, one.measure)
            sums[key] = sums.get(key, 0) + one.count
    new = [Measured(c, unit, TOTAL, measure, count) for (c, unit, measure), count in sums.items()
           if (c, unit, measure) not in kept]  # fmt: skip
    rest = [one for one in results.measured if not (one.contest and one.mode != TOTAL)]
    told = ("Over- and undervotes are written for all modes together.",) if sums else ()
    return msgspec.structs.replace(results, measured=(*rest, *new)), told


def without_measures(
    results: Results, left_out: Iterable[tuple[str, bool]]
) -> tuple[Results, tuple[str, ...]]:
    """The results without these measures, each of a contest (True) or of all ballots (False)."""
    gone = set(left_out)
    kept = tuple(one for one in results.measured if (one.measure, bool(one.contest)) not in gone)
    names = {one.measure.replace("_", " ") for one in results.measured} - {
        one.measure.replace("_", " ") for one in kept
    }
    told = tuple(f"Left out, since the form has no place for it: {name}." for name in sorted(names))
    return msgspec.structs.replace(results, measured=kept), told


def without_containers(results: Results) -> tuple[Results, tuple[str, ...]]:
    """The results without units that hold counties: a form of counties and precincts has no row for them."""
    kinds = {unit.within for unit in results.units if unit.kind == "county" and unit.within}
    gone = {unit.id: unit.name for unit in results.units if unit.id in kinds}
    if not gone:
        return results, ()
    units = tuple(
        msgspec.structs.replace(unit, within="" if unit.within in gone else unit.within)
        for unit in results.units
        if unit.id not in gone
    )
    kept = msgspec.structs.replace(
        results,
        units=units,
        votes=tuple(row for row in results.votes if row.unit not in gone),
        measured=tuple(one for one in results.measured if one.unit not in gone),
    )
    names = ", ".join(map(shown, gone.values()))
    return kept, (f"The totals of {names} are left out: the form has rows for counties and precincts.",)


def dated(results: Results, day: datetime.date | None) -> Results:
    """The results with the election's day, where they do not state it."""
    return msgspec.structs.replace(results, day=results.day or day)
