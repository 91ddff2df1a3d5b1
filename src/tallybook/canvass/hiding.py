"""Making a two-way table safe: small places are joined, unsafe cells hidden, and every sum still adds up.

For whoever must publish votes by place and mode and has a mode with three ballots in it. First a row or
column that is unsafe as a whole is joined with the smallest other one. Then the unsafe cells are hidden, and
with them as few others as it takes that nobody can work them out: in every row the hidden cells are told
together, in every column they can be subtracted together, and these sums are safe; each hidden cell has two
feasible values at least, and may, for all that is told, hold enough ballots that say different things.
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from tallybook.canvass.groups import JOINED, Limits, ballots_in, trouble
from tallybook.canvass.ranges import At, greatest, least

Votes = tuple[int, ...]
"""One group's votes, answer by answer."""


class Table(msgspec.Struct, frozen=True):
    """Votes by row and column: cells[i][j][k] votes for answers[k] in rows[i] and columns[j]."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    answers: tuple[str, ...]
    cells: tuple[tuple[Votes, ...], ...]
    votes_allowed: int = 1


class Safe(msgspec.Struct, frozen=True):
    """A table that may be published with all its sums. hidden: (row, column) that are told together only."""

    table: Table
    hidden: frozenset[At]

    def told(self) -> Iterator[tuple[str, str, Votes]]:
        """(row, column, votes) as published: a row's hidden cells as one, their columns' names joined."""
        for i, row in enumerate(self.table.rows):
            away = [j for j in range(len(self.table.columns)) if (i, j) in self.hidden]
            if away:
                name = JOINED.join(self.table.columns[j] for j in away)
                yield row, name, added(self.table.cells[i][j] for j in away)
            for j, column in enumerate(self.table.columns):
                if j not in away:
                    yield row, column, self.table.cells[i][j]


def made_safe(table: Table, limits: Limits | None = None) -> Safe | None:
    """The table with rows and columns joined and cells hidden; None where even its whole is unsafe."""
    known = limits or Limits()
    if is_unsafe(added(row_votes(table)), table, known):
        return None
    joined = table
    while (wider := joined_once(joined, known)) != joined:
        joined = wider
    hidden = hidden_cells(joined, known)
    while hidden is None:
        joined = (
            join_smallest_rows(joined) if len(joined.rows) > 1 else turned(join_smallest_rows(turned(joined)))
        )
        hidden = hidden_cells(joined, known)
    return Safe(joined, hidden)


def hidden_cells(table: Table, limits: Limits) -> frozenset[At] | None:
    """The unsafe cells and those hidden with them; None where hiding all of them would not do.

    Greedy: for a cell that can be worked out, the cheapest row and column to hide with it, in ballots. What
    is closed stays closed when more is hidden, so each cell is looked at until it is closed, and not again.
    """
    hidden = frozenset(at for at in every(table) if is_unsafe(votes(table, at), table, limits))
    waiting = sorted(hidden)
    while waiting:
        if is_closed(table, hidden, waiting[0], limits):
            del waiting[0]
            continue
        more = cheapest(table, hidden, waiting[0], limits)
        if more is None:
            return None
        hidden |= more
        waiting += sorted(more)
    return hidden


def is_closed(table: Table, hidden: frozenset[At], at: At, limits: Limits) -> bool:
    """Whether nobody can work this cell out, and what is told of its row and column together is safe."""
    own_row = added(votes(table, (i, j)) for i, j in hidden if i == at[0])
    own_column = added(votes(table, (i, j)) for i, j in hidden if j == at[1])
    if is_unsafe(own_row, table, limits) or is_unsafe(own_column, table, limits):
        return False
    spans = feasible(table, hidden, at, limits.ballots * table.votes_allowed)
    if all(low == high for low, high in spans):
        return False
    enough = ballots_in(sum(high for _, high in spans), table.votes_allowed) >= limits.ballots
    return enough and (len(spans) == 1 or sum(1 for _, high in spans if high) > 1)


def feasible(table: Table, hidden: frozenset[At], at: At, enough: int) -> list[At]:
    """(least, greatest) of the votes for each answer in a hidden cell; no further than `enough`."""
    nearby = connected(hidden, at)
    spans = []
    for k in range(len(table.answers)):
        known = {one: votes(table, one)[k] for one in nearby}
        spans.append((least(known, at), greatest(known, at, max(enough, known[at] + 1))))
    return spans


def connected(hidden: frozenset[At], at: At) -> frozenset[At]:
    """The hidden cells that share rows or columns with this one, directly or by way of others."""
    rows, columns, size = {at[0]}, {at[1]}, 0
    while size < len(rows) + len(columns):
        size = len(rows) + len(columns)
        rows |= {i for i, j in hidden if j in columns}
        columns |= {j for i, j in hidden if i in rows}
    return frozenset(one for one in hidden if one[0] in rows)


def cheapest(table: Table, hidden: frozenset[At], at: At, limits: Limits) -> frozenset[At] | None:
    """What to hide besides so that this cell is closed: three corners of a rectangle; else row and column."""
    i, j = at
    corners = (
        frozenset({(i, c), (r, j), (r, c)}) - hidden
        for r in range(len(table.rows))
        for c in range(len(table.columns))
        if r != i and c != j
    )
    for more in sorted((one for one in corners if one), key=lambda one: (cost(table, one), sorted(one))):
        if is_closed(table, hidden | more, at, limits):
            return more
    row = frozenset((i, c) for c in range(len(table.columns)))
    column = frozenset((r, j) for r in range(len(table.rows)))
    return next(
        (more for more in (row - hidden, column - hidden, frozenset(every(table)) - hidden) if more), None
    )


def cost(table: Table, cells: frozenset[At]) -> int:
    """The votes that would no longer be told."""
    return sum(sum(votes(table, at)) for at in cells)


# Joining rows and columns ------------------------------------------------------------------------


def joined_once(table: Table, limits: Limits) -> Table:
    """The first unsafe row, or column, joined with the smallest other; the table itself if all are safe."""
    for turn in (same, turned):
        view = turn(table)
        for i, row in enumerate(row_votes(view)):
            if len(view.rows) > 1 and is_unsafe(row, view, limits):
                sizes = [(sum(other), k) for k, other in enumerate(row_votes(view)) if k != i]
                return turn(join_rows(view, *sorted((i, min(sizes)[1]))))
    return table


def join_smallest_rows(table: Table) -> Table:
    """The two rows with the fewest votes, joined."""
    sizes = sorted((sum(row), k) for k, row in enumerate(row_votes(table)))
    return join_rows(table, *sorted((sizes[0][1], sizes[1][1])))


def join_rows(table: Table, first: int, second: int) -> Table:
    """Two rows as one, in the place of the first."""
    both = tuple(added(pair) for pair in zip(table.cells[first], table.cells[second], strict=True))
    name = f"{table.rows[first]}{JOINED}{table.rows[second]}"
    rows, cells = list(table.rows), list(table.cells)
    rows[first], cells[first] = name, both
    del rows[second], cells[second]
    return msgspec.structs.replace(table, rows=tuple(rows), cells=tuple(cells))


def same(table: Table) -> Table:
    return table


def turned(table: Table) -> Table:
    """Rows as columns and columns as rows."""
    cells = tuple(zip(*table.cells, strict=True))
    return msgspec.structs.replace(table, rows=table.columns, columns=table.rows, cells=cells)


def row_votes(table: Table) -> list[Votes]:
    return [added(row) for row in table.cells]


def added(groups: Iterator[Votes] | Sequence[Votes]) -> Votes:
    """Votes of several groups together."""
    return tuple(sum(column) for column in zip(*groups, strict=True))


def every(table: Table) -> list[At]:
    return [(i, j) for i in range(len(table.rows)) for j in range(len(table.columns))]


def votes(table: Table, at: At) -> Votes:
    return table.cells[at[0]][at[1]]


def is_unsafe(group: Votes, table: Table, limits: Limits) -> bool:
    named: Mapping[str, int] = dict(zip(table.answers, group, strict=True))
    return bool(trouble(named.items(), limits, table.votes_allowed))
