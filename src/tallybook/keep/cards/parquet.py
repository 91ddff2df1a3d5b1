"""Columns in and out of Parquet files, through DuckDB.

For the card store. Columns are numpy arrays and lists of text; nothing here knows what they mean. DuckDB runs
on one thread, so that a computer that counts many stores at once is not asked for more than it has, and may
not load anything from the network. Whatever it says of a damaged file becomes a ``StoreError``.
"""

import functools
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tallybook.keep.faults import KeepError

Array = npt.NDArray[Any]
ROW_GROUP = 122_880
"""Cards in a block of the file: a sample reads the blocks that it falls into."""


class StoreError(KeepError):
    """A card store that cannot be written or read. The sentence says what to do next."""


def write(file: Path, columns: Mapping[str, Array]) -> None:
    """The columns, all of one length, as a Parquet file. The same columns give the same bytes."""
    with _told(file), _cursor() as cursor:
        cursor.register("written", dict(columns))
        kept = ", ".join(_typed(name, values) for name, values in columns.items())
        options = f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"
        cursor.execute(f"COPY (SELECT {kept} FROM written) TO {text_of(file)} {options}")


def read(file: Path, select: str, rest: str = "", given: Sequence[Any] = ()) -> dict[str, Array]:
    """What a query of one file gives, by column. ``select`` and ``rest`` are SQL; ``?`` in ``rest`` is given.

    Rows come in the order of the file: DuckDB keeps it unless a query sorts or groups. Every value of these
    files is present, so no column is masked.
    """
    with _told(file), _cursor() as cursor:
        source = f"read_parquet({text_of(file)}, file_row_number = true)"
        found = cursor.execute(f"SELECT {select} FROM {source} {rest}", list(given)).fetchnumpy()
    if any(isinstance(column, np.ma.MaskedArray) for column in found.values()):
        raise StoreError(f"{file}: a value is missing. The store was changed; make it again from the export.")
    return dict(found)


def quoted(name: str) -> str:
    """A column's name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def text_of(value: object) -> str:
    """A text in SQL."""
    return "'" + str(value).replace("'", "''") + "'"


def texts(values: Sequence[str]) -> Array:
    """A column of text."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def _typed(name: str, values: Array) -> str:
    """A column of text says so: where there are no rows, or only empty ones, nothing else would."""
    return f"{quoted(name)}::VARCHAR AS {quoted(name)}" if values.dtype == object else quoted(name)


@contextmanager
def _cursor() -> Iterator[Any]:
    cursor = _database(os.getpid()).cursor()
    try:
        yield cursor
    finally:
        cursor.close()


@functools.cache
def _database(_process: int) -> Any:
    """One database in memory for each process; a process that was forked must not use its parent's."""
    try:
        import duckdb
    except ImportError:
        raise StoreError(
            "The card store needs DuckDB, which is not installed here. Install it with: "
            'pip install "tallybook[cards]" (in a copy of the repository: .venv/bin/pip install duckdb). '
            "Counting an export directly, without a store, works without it."
        ) from None
    offline = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    return duckdb.connect(":memory:", config={"threads": "1", **offline})


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """DuckDB's trouble in a sentence."""
    _database(os.getpid())
    import duckdb

    try:
        yield
    except duckdb.Error as why:
        words = str(why).splitlines()[0]
        raise StoreError(f"{file}: cannot be used as a file of cards ({words}).") from why
