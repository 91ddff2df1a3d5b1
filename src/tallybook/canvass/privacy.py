"""The privacy gate: what do tables of votes give away about single voters, alone and taken together?

For whoever publishes results in detail. A cell is refused where its ballots are few, or few and of one mind;
so is what can be got by subtraction: a whole less its told parts, a later version less the earlier one, and
hidden cells that the sums of rows and columns pin down. Nothing here knows a voter; it knows what a
neighbour could compute. A table that a law requires passes under that law, and is reported.

Not seen: what follows only from three or more tables that cross one another, from knowing how a voter's
friends voted, or from how this program chooses what to hide.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations

import msgspec

from tallybook.canvass.groups import JOINED, Group, Leak, Limits, Place, ballots_in, said, trouble
from tallybook.canvass.ranges import At, greatest, least, some_table

COMBINE = "Combine it with a neighbouring group, or hide it and another one with it."
HIDE_MORE = "Hide or combine one more cell in the same row and column."


def leaks(groups: Sequence[Group], limits: Limits | None = None) -> tuple[Leak, ...]:
    """Everything that these groups give away, each alone and all together.

    groups: of all tables that are public, or about to be; a later statement of a group after an earlier one.
    """
    known = limits or Limits()
    found = [*alone(groups, known), *versions(groups, known)]
    for parts in by_count(groups).values():
        found += rests(parts, known)
        found += [one for grid in grids(parts) for one in pinned(grid, known)]
    return tuple({(one.kind, one.table, one.place, one.says): one for one in found}.values())


def alone(groups: Sequence[Group], limits: Limits) -> Iterator[Leak]:
    """Cells that are small, or of one mind."""
    for one in groups:
        why = trouble(one.answers or (), limits, one.votes_allowed)
        if why:
            yield leak(why, [one.table], str(one), one.size, "", COMBINE, limits)


def leak(
    kind: str,
    tables: Sequence[str],
    place: str,
    ballots: int,
    how: str,
    to_do: str,
    limits: Limits,
) -> Leak:
    """A leak of the first of these tables, to be seen with the others. how: what leaves the ballots."""
    words = {
        "small": f"{how}{ballots:,} ballots, fewer than {limits.ballots}.",
        "unanimous": f"{how}{ballots:,} ballots that all say the same, fewer than {limits.unanimous}.",
    }
    name = kind if not how else f"{kind}_by_difference"
    besides = tuple(dict.fromkeys(tables[1:]))
    return Leak(name, tables[0], place, ballots, words[kind], to_do, besides)


def versions(groups: Sequence[Group], limits: Limits) -> Iterator[Leak]:
    """Ballots that a later statement of a group adds to an earlier one: their votes are the difference."""
    last: dict[tuple[str, str, Place], Group] = {}
    for one in groups:
        if one.answers is None:
            continue
        before = last.get((one.contest, one.count, one.place))
        last[one.contest, one.count, one.place] = one
        if before is None:
            continue
        rest = less(one, [before])
        why = trouble(rest or (), limits, one.votes_allowed)
        if rest and why:
            how = f"it differs from {before.table} by "
            mend = "Publish it together with other additions, so that they are not told apart."
            tables = [one.table, before.table]
            yield leak(why, tables, str(one), total(rest, one.votes_allowed), how, mend, limits)


def by_count(groups: Sequence[Group]) -> dict[tuple[str, str], dict[Place, Group]]:
    """(contest, count) -> place -> its latest statement; one that tells goes before one that hides."""
    found: dict[tuple[str, str], dict[Place, Group]] = defaultdict(dict)
    for one in groups:
        known = found[one.contest, one.count]
        if one.place not in known or one.answers is not None:
            known[one.place] = one
    return found


def rests(parts: Mapping[Place, Group], limits: Limits) -> Iterator[Leak]:
    """A whole less all parts that are told: the rest is a group like any other."""
    for outer, told in wholes(parts):
        rest = less(outer, told)
        why = trouble(rest or (), limits, outer.votes_allowed)
        if rest and why and outer.answers is not None:
            how = f"less its {len(told):,} parts in {told[0].table} leaves "
            ballots = total(rest, outer.votes_allowed)
            tables = [outer.table, *(one.table for one in told)]
            yield leak(why, tables, str(outer), ballots, how, HIDE_MORE, limits)


def wholes(parts: Mapping[Place, Group]) -> Iterator[tuple[Group, list[Group]]]:
    """(a group that tells its votes, the groups of one finer kind within it that tell theirs)."""
    shapes: dict[tuple[str, ...], list[Group]] = defaultdict(list)
    for one in parts.values():
        if one.answers is not None:
            shapes[one.levels].append(one)
    for coarse, outers in shapes.items():
        for fine, inners in shapes.items():
            if set(coarse) < set(fine):
                within: dict[Place, list[Group]] = defaultdict(list)
                for one in inners:
                    within[tuple(p for p in one.place if p[0] in coarse)].append(one)
                yield from ((one, within[one.place]) for one in outers if one.place in within)


def less(whole: Group, parts: Sequence[Group]) -> tuple[tuple[str, int], ...] | None:
    """A group's answers less those of its parts, in the answers that all tell; None if one is below 0."""
    tables = [dict(one.answers or ()) for one in parts]
    shared = [(name, n) for name, n in whole.answers or () if all(name in table for table in tables)]
    rest = tuple((name, n - sum(table[name] for table in tables)) for name, n in shared)
    return rest if all(n >= 0 for _, n in rest) else None


def total(answers: Sequence[tuple[str, int]], votes_allowed: int) -> int:
    return ballots_in(sum(n for _, n in answers), votes_allowed)


# Hidden cells of two-way tables -------------------------------------------------------------------


class Grid(msgspec.Struct, frozen=True):
    """A two-way table of one contest with hidden cells, whose rows and columns have sums that are told.

    told: (row, column) -> the cell's group. hidden: (row, column) -> the cell's place.
    """

    rows: tuple[Group, ...]
    columns: tuple[Group, ...]
    told: Mapping[At, Group]
    hidden: Mapping[At, Place]
    tables: tuple[str, ...]


def grids(parts: Mapping[Place, Group]) -> Iterator[Grid]:
    """Every two-way table with hidden cells. A cell less one level is its row, less another its column."""
    shapes: dict[tuple[str, ...], list[Group]] = defaultdict(list)
    for one in parts.values():
        shapes[one.levels].append(one)
    for levels, cells in shapes.items():
        for across, down in permutations(levels, 2):
            if across < down:
                rows = sums_of(shapes, tuple(level for level in levels if level != across))
                columns = sums_of(shapes, tuple(level for level in levels if level != down))
                yield from grids_of(cells, rows, columns, across, down)


def sums_of(shapes: Mapping[tuple[str, ...], list[Group]], levels: tuple[str, ...]) -> list[Group]:
    return [one for one in shapes.get(levels, []) if one.answers is not None]


def grids_of(
    cells: Sequence[Group], rows: Sequence[Group], columns: Sequence[Group], across: str, down: str
) -> Iterator[Grid]:
    """The table of each place that holds rows and columns, where all rows have sums and a cell is hidden."""
    sides: dict[Place, tuple[list[Group], list[Group], list[Group]]] = defaultdict(lambda: ([], [], []))
    for kind, found in enumerate((cells, rows, columns)):
        for one in found:
            sides[without(one.place, across, down)][kind].append(one)
    for inner, above, beside in sides.values():
        if inner and above and beside:
            made = grid(inner, above, beside, across, down)
            if made and made.hidden:
                yield made


def grid(
    cells: Sequence[Group], rows: Sequence[Group], columns: Sequence[Group], across: str, down: str
) -> Grid | None:
    """The table; None where a cell lies in a row without a sum. A cell "mail + advance" hides both."""
    row_at = {one.place: i for i, one in enumerate(rows)}
    column_at = {one.place: j for j, one in enumerate(columns)}
    told: dict[At, Group] = {}
    hidden: dict[At, Place] = {}
    for one in cells:
        row, column = without(one.place, across), without(one.place, down)
        if row not in row_at:
            return None
        if column in column_at and one.answers is not None:
            told[row_at[row], column_at[column]] = one
        else:
            spread = {place: column_at[place] for place in separate(column, across) if place in column_at}
            hidden |= {(row_at[row], j): tuple(sorted({*row, *place})) for place, j in spread.items()}
    tables = tuple(one.table for one in (*cells, *rows, *columns))
    return Grid(tuple(rows), tuple(columns), told, hidden, tables)


def without(place: Place, *levels: str) -> Place:
    return tuple(one for one in place if one[0] not in levels)


def separate(place: Place, level: str) -> list[Place]:
    """The places that a joined name stands for."""
    names = dict(place).get(level, "").split(JOINED)
    return [tuple((one, name if one == level else told) for one, told in place) for name in names]


def pinned(grid: Grid, limits: Limits) -> Iterator[Leak]:
    """Hidden cells of which the sums of rows and columns tell that they are small, or of one mind."""
    found: dict[At, list[At]] = {at: [] for at in grid.hidden}
    for answer in answers_of(grid):
        table = some_table(*left_over(grid, answer), tuple(grid.hidden))
        if table is None:
            return
        for at in found:
            found[at].append((least(table, at), greatest(table, at)))
    for at, spans in found.items():
        place = f"{grid.rows[0].contest or 'the contest'}, {said(grid.hidden[at])}"
        most = ballots_in(sum(high for _, high in spans), grid.rows[0].votes_allowed)
        one_mind = sum(1 for _, high in spans if high) == 1 and any(low for low, _ in spans)
        sums = "the sums of its row and column leave at most "
        if one_mind and len(spans) > 1 and most < limits.unanimous:
            yield leak("unanimous", grid.tables, place, most, sums, HIDE_MORE, limits)
        elif 0 < most < limits.ballots:
            yield leak("small", grid.tables, place, most, sums, HIDE_MORE, limits)


def answers_of(grid: Grid) -> tuple[str, ...]:
    """The answers that all sums and all told cells tell."""
    tables = [dict(one.answers or ()) for one in (*grid.rows, *grid.columns, *grid.told.values())]
    return tuple(name for name in tables[0] if all(name in table for table in tables))


def left_over(grid: Grid, answer: str) -> tuple[list[int], list[int]]:
    """What is left of the sums of rows and of columns for the hidden cells."""
    rows, columns = ([dict(one.answers or ())[answer] for one in side] for side in (grid.rows, grid.columns))
    for (i, j), one in grid.told.items():
        value = dict(one.answers or ())[answer]
        rows[i] -= value
        columns[j] -= value
    return rows, columns
