"""What commands share: troubles told in words, JSON for machines, tables for people."""

import json
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


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
    """A table for people."""
    from rich.table import Table

    grid = Table(title=title, title_justify="left", pad_edge=False, box=None, padding=(0, 2, 0, 0))
    for column in columns:
        grid.add_column(column, overflow="fold")
    for row in rows:
        grid.add_row(*row)
    console().print(grid)
