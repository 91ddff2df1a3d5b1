"""Small worlds, every one of them: what is hidden stays hidden, what is told adds up, and the gate agrees.

The oracle knows no flow and no network: it writes down every table of whole numbers that has the told cells
and sums, and looks at what all of them have in common. A neighbour could do the same.
"""

from collections.abc import Iterator
from functools import cache
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallybook.canvass import Group, Limits, leaks, made_safe, place_of
from tallybook.canvass.hiding import Safe, Table, added, row_votes, turned
from tallybook.canvass.ranges import ranges

LIMITS = Limits(ballots=3, unanimous=4)
Grid = tuple[tuple[int, ...], ...]


@cache
def fits(
    rows: tuple[int, ...], columns: tuple[int, ...], open_: frozenset[tuple[int, int]]
) -> tuple[dict, ...]:
    """Every filling of the open cells with these sums, by trying all."""
    cells = sorted(open_)
    most = [min(rows[i], columns[j]) for i, j in cells]
    return tuple(
        dict(zip(cells, values, strict=True))
        for values in product(*(range(m + 1) for m in most))
        if all(
            sum(v for (i, _), v in zip(cells, values, strict=True) if i == r) == n for r, n in enumerate(rows)
        )
        and all(
            sum(v for (_, j), v in zip(cells, values, strict=True) if j == c) == n
            for c, n in enumerate(columns)
        )
    )


def worlds(safe: Safe) -> list[tuple[dict, ...]]:
    """For each answer, every filling of the hidden cells that what is told allows."""
    table, found = safe.table, []
    for k in range(len(table.answers)):
        rows = [
            sum(cell[k] for j, cell in enumerate(row) if (i, j) in safe.hidden)
            for i, row in enumerate(table.cells)
        ]
        columns = [
            sum(row[j][k] for i, row in enumerate(table.cells) if (i, j) in safe.hidden)
            for j in range(len(table.columns))
        ]
        found.append(fits(tuple(rows), tuple(columns), safe.hidden))
    return found


def is_unsafe(votes: tuple[int, ...]) -> bool:
    """By the words of the specification: few, or few and of one mind."""
    size, said = sum(votes), sum(1 for n in votes if n)
    return 0 < size < LIMITS.ballots or (len(votes) > 1 and said == 1 and size < LIMITS.unanimous)


def published(safe: Safe) -> list[Group]:
    """What is told: cells, sums of rows, of columns, and of all."""
    table = safe.table

    def group(votes: tuple[int, ...], **names: str) -> Group:
        return Group("t", "mayor", place_of(names), tuple(zip(table.answers, votes, strict=True)))

    cells = [group(votes, precinct=row, mode=column) for row, column, votes in safe.told()]
    rows = [group(votes, precinct=row) for row, votes in zip(table.rows, row_votes(table), strict=True)]
    columns = [group(v, mode=name) for name, v in zip(table.columns, row_votes(turned(table)), strict=True)]
    return [*cells, *rows, *columns, group(added(row_votes(table)))]


def check(table: Table) -> bool:
    """Everything that must hold of a table made safe; whether it could be made safe at all."""
    safe = made_safe(table, LIMITS)
    whole = added(row_votes(table))
    if safe is None:
        assert is_unsafe(whole)
        return False
    assert added([votes for _, _, votes in safe.told()]) == whole
    assert not any(is_unsafe(votes) for _, _, votes in safe.told())
    assert leaks(published(safe), LIMITS) == ()
    by_answer = worlds(safe)
    for i, j in safe.hidden:
        values = [{world[i, j] for world in fillings} for fillings in by_answer]
        assert any(len(told) >= 2 for told in values), (table, safe)
        assert any(not is_unsafe(one) and sum(one) for one in product(*values)), (table, safe)
    return True


def tables(rows: int, columns: int, answers: int, most: int) -> Iterator[Table]:
    for values in product(range(most + 1), repeat=rows * columns * answers):
        numbers = iter(values)
        cells = tuple(
            tuple(tuple(next(numbers) for _ in range(answers)) for _ in range(columns)) for _ in range(rows)
        )
        yield Table(tuple("abc"[:rows]), tuple("xyz"[:columns]), tuple("AB"[:answers]), cells)


def test_every_table_of_two_rows_two_columns_and_one_answer_is_made_safe_or_too_small() -> None:
    done = [check(table) for table in tables(2, 2, 1, 4)]
    assert (len(done), sum(done)) == (625, 625 - 14)  # 14 tables hold 1 or 2 ballots in all


@pytest.mark.slow
def test_every_table_of_two_rows_two_columns_and_two_answers_is_made_safe_or_too_small() -> None:
    done = [check(table) for table in tables(2, 2, 2, 2)]
    assert len(done) == 3**8
    assert sum(done) > 6_400


@pytest.mark.slow
def test_every_table_of_three_rows_and_two_columns_is_made_safe_or_too_small() -> None:
    done = [check(table) for table in tables(3, 2, 1, 3)]
    assert (len(done), sum(done)) == (4**6, 4**6 - 6 - 21)  # 6 tables hold 1 ballot, 21 hold 2


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_larger_tables_are_made_safe(data: st.DataObject) -> None:
    rows, columns = data.draw(st.integers(2, 3)), data.draw(st.integers(2, 3))
    few = st.tuples(st.integers(0, 5), st.integers(0, 5))
    cells = tuple(tuple(data.draw(few) for _ in range(columns)) for _ in range(rows))
    check(Table(tuple("abc"[:rows]), tuple("xyz"[:columns]), ("A", "B"), cells))


def test_the_range_of_every_hidden_cell_is_what_trying_every_table_gives() -> None:
    """All two by three tables with cells 0 or 1, and seven sets of hidden cells."""
    cells = [(i, j) for i in range(2) for j in range(3)]
    tried = 0
    for values in product(range(2), repeat=6):
        value = dict(zip(cells, values, strict=True))
        for bits in (63, 27, 45, 54, 31, 36, 3):
            hidden = [at for k, at in enumerate(cells) if bits >> k & 1]
            rows = tuple(sum(value[at] for at in hidden if at[0] == i) for i in range(2))
            columns = tuple(sum(value[at] for at in hidden if at[1] == j) for j in range(3))
            every = fits(rows, columns, frozenset(hidden))
            found = ranges(rows, columns, hidden)
            assert found == {at: (min(w[at] for w in every), max(w[at] for w in every)) for at in hidden}
            tried += 1
    assert tried == 2**6 * 7


def test_sums_that_no_table_has_are_told() -> None:
    assert ranges([2], [1], [(0, 0)]) is None
    assert ranges([1, 1], [2, 0], [(0, 0), (1, 1)]) is None


@pytest.mark.slow
@pytest.mark.parametrize(("answers", "most"), [(1, 3), (2, 1)])
def test_the_gate_names_a_hidden_cell_exactly_where_every_world_gives_it_away(
    answers: int, most: int
) -> None:
    """Every two by two table, every set of hidden cells, all sums told: unsafe in all worlds, or not."""
    corners = [(0, 0), (0, 1), (1, 0), (1, 1)]
    for table in tables(2, 2, answers, most):
        cells, sums = published(Safe(table, frozenset()))[:4], published(Safe(table, frozenset()))[4:]
        for bits in range(1, 16):
            hidden = frozenset(at for k, at in enumerate(corners) if bits >> k & 1)
            told = [
                Group("t", "mayor", one.place, None) if at in hidden else one
                for at, one in zip(corners, cells, strict=True)
            ]
            found = {one.place for one in leaks([*told, *sums], LIMITS) if "by_difference" in one.kind}
            by_answer = worlds(Safe(table, hidden))
            for i, j in hidden:
                values = ({world[i, j] for world in fillings} for fillings in by_answer)
                possible = set(product(*values))
                given_away = all(is_unsafe(one) or not sum(one) for one in possible)
                place = f"mayor, mode {'xy'[j]}, precinct {'ab'[i]}"
                assert (place in found) == (given_away and possible != {(0,) * answers}), (
                    table,
                    hidden,
                    place,
                )
