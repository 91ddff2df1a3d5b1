"""A voting system's report of its tabulators, as Arlo takes it: which number is which machine.

For whoever must find a batch: the export knows a tabulator by number, the staff by name. Dominion writes the
report in two forms: plain XML with ``tb`` elements (``tid``, ``name``), and XML for Excel with a sheet
"Tabulator Status" that has the columns ``Tabulator Id`` and ``Name``. Both are read.
"""

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from tallybook.election.cards import CastVoteRecords
from tallybook.formats.problems import Consequence, FileProblem, Problems, shown
from tallybook.formats.text import cleaned

SHEET, ID, NAME = "tabulator status", "tabulator id", "name"
MOST_BYTES = 64 << 20
AGAIN = "Export the tabulator status report again, in XML."
Pairs = list[tuple[str, str]]


def read_tabulators(data: bytes, file: str) -> tuple[Mapping[str, str] | None, tuple[FileProblem, ...]]:
    """The name of each tabulator by its id; None where the file is no such report or contradicts itself."""
    problems = Problems()
    root = _root(data, file, problems)
    pairs = [] if root is None else _plain(root) or _of_sheet(root)
    if root is not None and not pairs:
        expected = "a report of tabulators in XML"
        problems.add(Consequence.GRAVE, file, "no tabulators", expected, AGAIN)
    names: dict[str, str] = {}
    for id_, name in pairs:
        if not id_ or names.setdefault(id_, name) != name:
            found = f"the tabulator {shown(id_)} as {shown(names.get(id_, ''))} and {shown(name)}"
            problems.add(Consequence.GRAVE, file, found, "each tabulator once, with an id", AGAIN)
    return (None if problems.grave else names), problems.collected()


def check_tabulators(
    records: CastVoteRecords, names: Mapping[str, str], file: str
) -> tuple[FileProblem, ...]:
    """Tabulators of the records that the report does not name: cards of theirs cannot be found by name."""
    problems = Problems()
    column = records.columns.get("tabulator")
    for id_ in column.values if column is not None else ():
        if id_ and id_ not in names:
            mend = "The report may be older than the export. Export both at the same time."
            found = f"cards of tabulator {shown(id_)}, which the report does not name"
            problems.add(Consequence.GRAVE, file, found, "every tabulator of the export", mend)
    return problems.collected()


def _root(data: bytes, file: str, problems: Problems) -> Element | None:
    if len(data) > MOST_BYTES:
        found, expected = f"{len(data):,} bytes", f"at most {MOST_BYTES:,}"
        problems.add(Consequence.GRAVE, file, found, expected, AGAIN)
        return None
    if data.lstrip()[:5].lower() == b"<html":
        found, expected = "a report in HTML", "the same report in XML"
        problems.add(Consequence.GRAVE, file, found, expected, AGAIN)
        return None
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as why:
        found = f"XML that cannot be read ({shown(why)})"
        problems.add(Consequence.GRAVE, file, found, "a report of tabulators in XML", AGAIN)
        return None
    return root


def _plain(root: Element) -> Pairs:
    """The pairs of the plain form, wherever its ``tb`` elements stand."""
    return [
        (cleaned(one.get("tid", "")), cleaned(one.get("name", "")))
        for one in root.iter()
        if _tag(one) == "tb" and one.get("tid") is not None
    ]


def _of_sheet(root: Element) -> Pairs:
    """The pairs of the form for Excel: the rows below the one that has both headings."""
    for sheet in (one for one in root.iter() if _tag(one) == "Worksheet"):
        if SHEET not in {cleaned(value).casefold() for value in sheet.attrib.values()}:
            continue
        rows = list(_rows(sheet))
        for place, row in enumerate(rows):
            heads = [cell.casefold() for cell in row]
            if ID in heads and NAME in heads:
                id_, name = heads.index(ID), heads.index(NAME)
                kept = (one for one in rows[place + 1 :] if len(one) > max(id_, name) and one[id_])
                return [(one[id_], one[name]) for one in kept]
    return []


def _rows(sheet: Element) -> Iterator[list[str]]:
    """The cells of each row; an empty cell may be left out and the next one say its own place."""
    for row in (one for one in sheet.iter() if _tag(one) == "Row"):
        cells: list[str] = []
        for cell in (one for one in row if _tag(one) == "Cell"):
            index = next((value for name, value in cell.attrib.items() if name.endswith("Index")), "")
            if index.isdecimal() and len(cells) < int(index[:4]) <= len(cells) + 1_000:
                cells += [""] * (int(index[:4]) - 1 - len(cells))
            cells.append(cleaned("".join(cell.itertext())))
        yield cells


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
