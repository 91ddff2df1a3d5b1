"""`tallybook compare`: what two packages say differently, in words."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tallybook.doors.cli.options import AsJson
from tallybook.doors.cli.shown import DoorError, console, say

if TYPE_CHECKING:
    from tallybook.evidence.comparing import Book as Compared
    from tallybook.evidence.comparing import Difference


def add_to(app: typer.Typer) -> None:
    """Put the command on the command line."""
    app.command()(compare)


def compare(
    a: Annotated[Path, typer.Argument(metavar="A", help="A package: a folder or a ZIP.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="Another one.")],
    as_json: AsJson = False,
) -> None:
    """What two packages say differently, in words: history, acts, votes, outcomes, findings, exhibits.

    Exit code 0 if they hold the same book, 1 if they differ.
    """
    from tallybook.evidence.comparing import differences

    found = differences(compared(a), compared(b))
    if as_json:
        say([{"about": one.about, "subject": one.subject, "says": one.says} for one in found])
    elif not found:
        console().print("The two packages hold the same book, entry by entry.")
    else:
        told_differences(found)
    raise typer.Exit(1 if found else 0)


def compared(path: Path) -> "Compared":
    """A package as it is compared: whole, signed and by its own name."""
    from tallybook.book.writing import decode_entry
    from tallybook.evidence.comparing import Book as Compared
    from tallybook.evidence.reading import read_package_at
    from tallybook.merkle.errors import EvidenceError

    try:
        found = read_package_at(path)
        entries = tuple(decode_entry(one) for one in found.entries)
    except EvidenceError as error:
        raise DoorError(f"{path}: {error}", "Nothing was compared.") from None
    return Compared(path.name, found.checkpoint.origin, found.entries, entries)


def told_differences(found: "Sequence[Difference]") -> None:
    """Differences by what they are about, as many as a person reads."""
    from tallybook.evidence.comparing import MOST_TOLD

    heads = {"history": "History", "act": "Acts", "answer": "Answers", "statement": "Votes",
             "outcome": "Outcomes", "finding": "Open findings", "exhibit": "Exhibits"}  # fmt: skip
    for about, head in heads.items():
        some = [one for one in found if one.about == about]
        if some:
            console().print(f"{head}:")
        for one in some[:MOST_TOLD]:
            named = f"{one.subject}: " if one.subject and about in ("statement", "outcome", "answer") else ""
            console().print(f"  {named}{one.says}", markup=False)
        if len(some) > MOST_TOLD:
            console().print(f"  and {len(some) - MOST_TOLD:,} more; --json has all.")
