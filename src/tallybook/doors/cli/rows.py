"""Rows of a CSV file as dicts, for commands on small sheets; and numbers' problems told in words."""

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tallybook.doors.cli.shown import DoorError

MOST_BYTES = 200_000_000


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows by heading; headings in lower case, blanks as underscores. Refuses what is no table."""
    data = path.read_bytes()
    if len(data) > MOST_BYTES:
        raise DoorError(f"{path.name}: found {len(data):,} bytes; expected at most {MOST_BYTES:,}.")
    try:
        text = data.decode("utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        lines = [line for line in reader if any(cell.strip() for cell in line)]
    except (UnicodeDecodeError, csv.Error) as error:
        mend = "Save it as CSV, UTF-8, separated by commas."
        raise DoorError(f"{path.name}: cannot be read as a table ({error}). {mend}") from None
    if len(lines) < 2:
        raise DoorError(
            f"{path.name}: found {len(lines)} rows; expected headings and at least one row below."
        )
    headings = ["_".join(cell.split()).lower() for cell in lines[0]]
    check_shape(path.name, headings, lines)
    return [dict(zip(headings, line, strict=False)) for line in lines[1:]]


def check_shape(name: str, headings: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    """Each heading once and not empty; no row with more cells than headings."""
    twice = [h or "(empty)" for k, h in enumerate(headings) if not h or h in headings[:k]]
    told = [f'{name}, row 1: found the heading "{h}" twice or empty; expected each once.' for h in twice]
    told += [
        f"{name}, row {k}: found {len(line)} cells; expected {len(headings)}. Look for an unquoted comma."
        for k, line in enumerate(lines[1:], 2)
        if len(line) > len(headings)
    ]
    if told:
        raise DoorError(*told[:20])


def refuse(problems: Sequence[object]) -> None:
    """Stop where anything is wrong with what was handed in."""
    if problems:
        more = [f"And {len(problems) - 20:,} more."] if len(problems) > 20 else []
        raise DoorError(*(str(one) for one in problems[:20]), *more, "Nothing was concluded.")


@contextmanager
def in_words() -> Iterator[None]:
    """Turn a number that no sample could have into a sentence."""
    from tallybook.stats.errors import NumberError

    try:
        yield
    except NumberError as error:
        raise DoorError(str(error)) from None
