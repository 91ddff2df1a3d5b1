"""Tables of votes as they are published, read as groups: one row a place, or one row a place and a choice.

For the privacy gate, which must know what it is looking at. Columns that name places are known by their
names; `choice` makes the table long; every other column of whole numbers counts votes. A cell that is empty
or says "*" or "<10" is hidden. A table that tells no votes is named as such and not looked into further.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from tallybook.canvass.groups import Group, Place, place_of

PLACES = (
    "county", "place", "jurisdiction", "district", "precinct", "ward", "mode", "kind", "method", "group",
    "batch", "batch_type", "container", "scanner", "tabulator", "memory_card", "style", "ballot_style",
)  # fmt: skip
MODES = ("election_day", "advance", "absentee_by_mail", "absentee", "mail", "early", "early_voting",
         "provisional", "polls")  # fmt: skip
NOT_ANSWERS = ("ballots", "ballots_cast", "cards", "registered", "registered_voters", "batches",
               "empty_batches", "total", "row", "year", "seats", "latitude", "longitude")  # fmt: skip
TOTALS = ("votes", "total")
HIDDEN = ("", "*", "-", "hidden", "suppressed")
Rows = Sequence[Mapping[str, str]]


def table_groups(table: str, rows: Rows, count: str = "") -> tuple[Group, ...]:
    """The groups that a table of votes tells of; empty where it is no table of votes."""
    columns = list(rows[0]) if rows else []
    levels = [name for name in columns if name in PLACES]
    if "choice" in columns:
        return tuple(long_groups(table, rows, levels, columns, count))
    answers = [
        name
        for name in columns
        if name not in {*PLACES, *NOT_ANSWERS, "contest"}
        and all(is_count(row[name]) for row in rows)
        and any(row[name].strip().isdigit() for row in rows)
    ]
    if not levels or len(answers) < 2:
        return ()
    return tuple(wide_groups(table, rows, levels, answers, count))


def wide_groups(
    table: str, rows: Rows, levels: Sequence[str], answers: Sequence[str], count: str
) -> list[Group]:
    """One row a place: its columns are answers."""
    found = []
    for row in rows:
        hidden = any(is_hidden(row[name]) for name in answers)
        told = None if hidden else tuple((name, number(row[name])) for name in answers)
        found.append(Group(table, row.get("contest", ""), place_in(row, levels), told, count))
    return found


def long_groups(
    table: str, rows: Rows, levels: Sequence[str], columns: Sequence[str], count: str
) -> list[Group]:
    """One row a place and a choice: `votes` or `total` is the place's, columns of modes are groups in it."""
    modes = [name for name in columns if name in MODES]
    totals = [name for name in columns if name in TOTALS][:1]
    cells: dict[tuple[str, Place], dict[str, str]] = defaultdict(dict)
    for row in rows:
        place = place_in(row, levels)
        for name in totals:
            cells[row.get("contest", ""), place][row["choice"]] = row[name]
        for name in modes:
            inner = tuple(sorted((*place, ("mode", name))))
            cells[row.get("contest", ""), inner][row["choice"]] = row[name]
    return [
        Group(table, contest, place, answered(told), count)
        for (contest, place), told in cells.items()
        if all(is_count(cell) for cell in told.values())
    ]


def returns_groups(
    table: str, contest: str, count: str, place: str, returns: Mapping[str, object], votes_allowed: int
) -> tuple[Group, ...]:
    """A statement of the book as groups: the place, with what its ballots say beside votes, and its modes."""
    where = place_of({"place": place})
    votes = mapping(returns.get("votes"))
    beside = {
        name: n for name in ("write_ins", "undervotes", "overvotes") if type(n := returns.get(name)) is int
    }
    found = [Group(table, contest, where, tuple({**votes, **beside}.items()), count, votes_allowed)]
    for mode, told in mapping_of_mappings(returns.get("modes")).items():
        inner = tuple(sorted((*where, ("mode", mode))))
        found.append(Group(table, contest, inner, tuple(told.items()), count, votes_allowed))
    return tuple(found)


def answered(told: Mapping[str, str]) -> tuple[tuple[str, int], ...] | None:
    if any(is_hidden(cell) for cell in told.values()):
        return None
    return tuple((name, number(cell)) for name, cell in told.items())


def place_in(row: Mapping[str, str], levels: Iterable[str]) -> Place:
    return place_of({level: row[level].strip() for level in levels})


def is_hidden(cell: str) -> bool:
    return cell.strip().lower() in HIDDEN or cell.strip().startswith("<")


def is_count(cell: str) -> bool:
    plain = cell.strip().replace(",", "")
    return is_hidden(cell) or (plain.isascii() and plain.isdigit() and len(plain) <= 15)


def number(cell: str) -> int:
    return int(cell.strip().replace(",", ""))


def mapping(found: object) -> dict[str, int]:
    return {str(k): v for k, v in found.items() if type(v) is int} if isinstance(found, Mapping) else {}


def mapping_of_mappings(found: object) -> dict[str, dict[str, int]]:
    return {str(k): mapping(v) for k, v in found.items()} if isinstance(found, Mapping) else {}
