"""What commands share: troubles told in words, JSON for machines, tables for people."""

import json
import sys
from collections.abc import Iterable
from textwrap import wrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


GAP = 2
NARROWEST, READABLE = 16, 26
"""In characters: what a column of long text has at least, and what the widest of them must have."""


class DoorError(Exception):
    """Something a person can mend, in a sentence or several. code: the exit code."""

    def __init__(self, *words: str, code: int = 2) -> None:
        super().__init__("\n".join(words))
        self.code = code


def fail(trouble: DoorError) -> int:
    """Say what is wrong, on the error channel, and answer the exit code."""
    print(trouble, file=sys.stderr)
    return trouble.code


def console() -> "Console":
    """The screen: as wide as it is, plain where it is no screen."""
    from rich.console import Console

    made = Console(highlight=False, soft_wrap=False)
    return made if made.is_terminal else Console(highlight=False, width=120, no_color=True)


def say(value: Any) -> None:
    """A value as JSON, for machines."""
    print(json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True))


def show(title: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """A table for people; where the screen is too narrow for one, an entry below the other."""
    from rich.table import Table

    heads, cells = list(columns), [list(row) for row in rows]
    screen = console()
    fitted = widths([heads, *cells], screen.width)
    if fitted is None:
        show_stacked(screen, title, heads, cells)
        return
    grid = Table(title=title, title_justify="left", pad_edge=False, box=None, padding=(0, GAP, 0, 0))
    for head, width in zip(heads, fitted, strict=True):
        grid.add_column(head, overflow="fold", width=width)
    for row in cells:
        grid.add_row(*row)
    screen.print(grid)


def widths(lines: list[list[str]], screen: int) -> list[int] | None:
    """How wide each column is on a screen of that width; None where one would be too narrow to read.

    Short columns have what they need; the long ones share the rest, more text getting more room.
    """
    needs = [max(map(len, column)) for column in zip(*lines, strict=True)]
    left, long = screen - GAP * len(needs), list(range(len(needs)))
    while long and (short := [n for n in long if needs[n] <= left // len(long)]):
        left -= sum(needs[n] for n in short)
        long = [n for n in long if n not in short]
    floors = {n: min(needs[n], NARROWEST) for n in long}
    weights = {n: sum(len(line[n]) for line in lines) ** 0.5 for n in long}
    spare = left - sum(floors.values())
    shares = {n: floors[n] + int(spare * weight / sum(weights.values())) for n, weight in weights.items()}
    if long and (spare < 0 or max(shares.values()) < READABLE):
        return None
    return [shares.get(n, need) for n, need in enumerate(needs)]


def show_stacked(screen: "Console", title: str, heads: list[str], rows: list[list[str]]) -> None:
    """The rows one below the other: under each first cell, said once, the other cells that say something."""
    lines, said = [title] if title else [], ""
    for row in rows:
        lines += ["", row[0]] if row[0] != said else [""]
        said = row[0]
        for head, cell in zip(heads[1:], row[1:], strict=True):
            text = f"{head}: {cell}" if head else cell
            lines += wrap(text, screen.width, initial_indent="  ", subsequent_indent="    ") if cell else []
    screen.print("\n".join(lines), markup=False, soft_wrap=True)
