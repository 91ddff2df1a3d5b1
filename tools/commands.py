"""Write docs/reference/commands.md: every command of the command line, with its own help.

    python tools/commands.py

A test compares the page with the commands, so none is undocumented and no help is stale.
"""

from collections.abc import Iterator
from pathlib import Path

import typer
from typer.testing import CliRunner

from tallybook.doors.cli import app

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "commands.md"
HEAD = """# Commands

Every command of `tallybook`, with its own help. Exit code 0: done. 1: the law, the record or a witness \
said no, or a check failed. 2: the command itself was wrong; then nothing was changed. Commands that a \
machine may read have `--json`. The checker has [a page of its own](tallycheck.md).
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(section(words) for words in commands(app, ()))


def commands(group: typer.Typer, before: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The words of every command, groups opened."""
    for one in group.registered_commands:
        assert one.callback is not None
        yield (*before, one.name or one.callback.__name__.replace("_", "-"))
    for inner in group.registered_groups:
        assert inner.typer_instance is not None
        yield from commands(inner.typer_instance, (*before, str(inner.name)))


def section(words: tuple[str, ...]) -> str:
    """One command and its help."""
    told = CliRunner().invoke(app, [*words, "--help"], prog_name="tallybook", terminal_width=96)
    assert told.exit_code == 0, told.output
    lines = "\n".join(line.rstrip() for line in told.output.strip().split("\n"))
    return f"\n## `tallybook {' '.join(words)}`\n\n```text\n{lines}\n```\n"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    typer.echo(f"Wrote {PAGE.name}.")


if __name__ == "__main__":
    main()
