"""What can be worked out about hidden cells of a table whose rows and columns add up to known sums.

For whoever hides a cell and must know that nobody can compute it. The whole numbers that a hidden cell can
have, given the sums, are all those from a least to a greatest: the cells of a two-way table form a network,
and flows in networks take every whole value between their extremes (Ford and Fulkerson, Flows in Networks,
1962, chapter I, sections 8 and 11; used for hidden cells by Gusfield, SIAM J. Comput. 17 (1988) 552-571).
"""

from collections import deque
from collections.abc import Mapping, Sequence
from itertools import pairwise

At = tuple[int, int]
"""(row, column)."""
Node = tuple[str, int]
Net = dict[Node, dict[Node, int]]


def ranges(rows: Sequence[int], columns: Sequence[int], hidden: Sequence[At]) -> dict[At, At] | None:
    """(least, greatest) of every hidden cell; None where no whole numbers from 0 have these sums.

    rows, columns: what is left of each sum after the cells that are told. Exact.
    """
    table = some_table(rows, columns, hidden)
    if table is None:
        return None
    return {at: (least(table, at), greatest(table, at)) for at in table}


def greatest(table: Mapping[At, int], at: At, enough: int | None = None) -> int:
    """The greatest value that a hidden cell can have, from one table that fits; at most about `enough`."""
    wanted = sum(table.values()) if enough is None else max(0, enough - table[at])
    return table[at] + moved(table, at, wanted, grows=True)


def least(table: Mapping[At, int], at: At) -> int:
    """The least value that a hidden cell can have."""
    return table[at] - moved(table, at, table[at], grows=False)


def some_table(rows: Sequence[int], columns: Sequence[int], hidden: Sequence[At]) -> dict[At, int] | None:
    """One table of whole numbers from 0 with these sums, zero outside the hidden cells; None if none is."""
    if sum(rows) != sum(columns) or min((*rows, *columns), default=0) < 0:
        return None
    net: Net = {("source", 0): {}, ("sink", 0): {}}
    for i, left in enumerate(rows):
        add(net, ("source", 0), ("row", i), left)
    for j, left in enumerate(columns):
        add(net, ("column", j), ("sink", 0), left)
    for i, j in hidden:
        add(net, ("row", i), ("column", j), sum(rows))
    if flow(net, ("source", 0), ("sink", 0), sum(rows)) < sum(rows):
        return None
    return {(i, j): net[("column", j)][("row", i)] for i, j in hidden}


def moved(table: Mapping[At, int], at: At, wanted: int, grows: bool) -> int:
    """By how much a cell can grow (or shrink), at most `wanted`, while the others keep all sums.

    A unit more in (i, j) is a unit less in another cell of row i, a unit more in that column … until a unit
    less in column j: a path of alternate cells from row i to column j.
    """
    net: Net = {("row", at[0]): {}, ("column", at[1]): {}}
    most = sum(table.values()) + wanted
    for (i, j), value in table.items():
        if (i, j) != at:
            forth, back = (value, most) if grows else (most, value)
            add(net, ("row", i), ("column", j), forth)
            add(net, ("column", j), ("row", i), back)
    return flow(net, ("row", at[0]), ("column", at[1]), wanted)


def add(net: Net, start: Node, end: Node, capacity: int) -> None:
    net.setdefault(start, {})[end] = net.get(start, {}).get(end, 0) + capacity
    net.setdefault(end, {}).setdefault(start, 0)


def flow(net: Net, start: Node, end: Node, wanted: int) -> int:
    """A flow of at most `wanted` along shortest paths (Edmonds and Karp 1972); `net` keeps what is left."""
    done = 0
    while done < wanted and (path := shortest(net, start, end)):
        steps = list(pairwise(path))
        unit = min([wanted - done, *(net[a][b] for a, b in steps)])
        for a, b in steps:
            net[a][b] -= unit
            net[b][a] += unit
        done += unit
    return done


def shortest(net: Net, start: Node, end: Node) -> list[Node]:
    """A shortest path with room left; empty if there is none."""
    before: dict[Node, Node] = {start: start}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for neighbour, room in net[node].items():
            if room > 0 and neighbour not in before:
                before[neighbour] = node
                if neighbour == end:
                    return traced(before, end)
                queue.append(neighbour)
    return []


def traced(before: Mapping[Node, Node], end: Node) -> list[Node]:
    path = [end]
    while before[path[-1]] != path[-1]:
        path.append(before[path[-1]])
    return path[::-1]
