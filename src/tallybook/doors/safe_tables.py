"""A table of votes made safe for publication, with every sum it had.

For the official whose table was refused. The table that comes out has a row for each place and mode, one for
each place (mode empty), one for each mode (place empty) and one for all; small places are joined, and modes
that must be hidden are told together. It is looked at again before it is written.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from tallybook.canvass import Group, Limits, Safe, Table, leaks, made_safe, table_groups
from tallybook.canvass.hiding import added, row_votes, turned
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.privacy import rows_in
from tallybook.reports.sheets import sheet

COLUMNS = ("mode", "kind", "method", "batch_type")
Row = list[str | int]


def safe_table(path: Path, limits: Limits) -> str:
    """The text of the safe table, as CSV. Raises DoorError where the file cannot be made safe."""
    rows = rows_in(path.read_bytes())
    contests: dict[str, list[Group]] = defaultdict(list)
    for one in table_groups(path.name, rows):
        contests[one.contest].append(one)
    if not contests:
        raise DoorError(f"{path.name}: no table of votes was found in it. Nothing was written.")
    lines: list[tuple[tuple[str, ...], Row]] = []
    for contest, groups in contests.items():
        table = two_way(groups, path.name)
        safe = made_safe(table, limits)
        if safe is None:
            raise DoorError(
                f"{path.name}: {contest or 'the contest'} has too few ballots, or all say the same. "
                "No table of it is safe. Nothing was written."
            )
        lines += [(table.answers, [contest, *line]) for line in written(safe)]
    answers = tuple(dict.fromkeys(name for own, _ in lines for name in own))
    whole = [padded(line, dict(zip(own, line[3:], strict=True)), answers) for own, line in lines]
    text = sheet(["contest", "place", "mode", *answers], whole)
    left = leaks(table_groups("it", rows_in(text.encode())), limits)
    assert not left, left
    return text


def padded(line: Row, told: dict[str, str | int], answers: Sequence[str]) -> Row:
    """A line with a number for every answer of the file; 0 for those of other contests."""
    return [*line[:3], *(told.get(name, 0) for name in answers)]


def two_way(groups: Sequence[Group], name: str) -> Table:
    """The finest cells as rows (places) and columns (modes)."""
    levels = max((one.levels for one in groups), key=len)
    cells = [one for one in groups if one.levels == levels]
    across = next((level for level in COLUMNS if level in levels), "")
    if any(one.answers is None for one in cells):
        raise DoorError(
            f"{name}: some cells are hidden already. Start from the whole table. Nothing was written."
        )
    found = {
        (row_name(one, across), dict(one.place).get(across, "")): dict(one.answers or ()) for one in cells
    }
    rows = tuple(dict.fromkeys(row for row, _ in found))
    columns = tuple(dict.fromkeys(column for _, column in found))
    answers = tuple(dict.fromkeys(answer for told in found.values() for answer in told))
    votes = tuple(
        tuple(tuple(found.get((row, column), {}).get(answer, 0) for answer in answers) for column in columns)
        for row in rows
    )
    return Table(rows, columns, answers, votes)


def row_name(one: Group, across: str) -> str:
    return ", ".join(name for level, name in one.place if level != across)


def written(safe: Safe) -> Iterator[Row]:
    """place, mode, votes: cells, then the sums of rows, of columns and of all; "" stands for every one."""
    table = safe.table
    has_modes = table.columns != ("",)
    for row, column, votes in safe.told() if has_modes else ():
        yield [row, column, *votes]
    for row, votes in zip(table.rows, row_votes(table), strict=True):
        yield [row, "", *votes]
    for column, votes in zip(table.columns, row_votes(turned(table)), strict=True) if has_modes else ():
        yield ["", column, *votes]
    yield ["", "", *added(row_votes(table))]
