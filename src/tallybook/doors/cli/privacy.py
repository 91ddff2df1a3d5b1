"""`tallybook privacy`: would these tables give a voter's choice away? And a table made safe."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tallybook.doors.cli.shown import DoorError, console, say

if TYPE_CHECKING:
    from tallybook.canvass import Limits
    from tallybook.doors.privacy import Looked

FEWEST = Annotated[int, typer.Option("--fewest", help="A group of fewer ballots is too small.", min=1)]
ONE_MIND = Annotated[
    int, typer.Option("--one-mind", help="A group of fewer ballots may not say one thing only.", min=1)
]


def add_to(app: typer.Typer) -> None:
    """Put the command on the command line."""
    app.command()(privacy)


def privacy(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE…", help="Tables of votes, folders of published contests, packages."),
    ],
    fewest: FEWEST = 10,
    one_mind: ONE_MIND = 30,
    under: Annotated[
        str, typer.Option(metavar="STATE:ROW", help="The row of law that requires these tables.")
    ] = "",
    safe: Annotated[Path | None, typer.Option(help="Write the table, made safe, to this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Look for what gives voters away: few ballots, one mind, differences, numbers of cards, rare readings.

    All files are looked at together, as a neighbour would. Exit code 1 where anything would be refused.

    Example: tallybook privacy precincts.csv county.csv --safe safe.csv
    """
    from tallybook.canvass import refused
    from tallybook.doors import privacy as gate

    limits = limits_of(fewest, one_mind)
    found = gate.of_files(files, limits, cited(under))
    if safe is not None:
        write_safe(files, limits, safe)
    if as_json:
        say(gate.plain(found))
    else:
        told(found, limits)
    if refused(found.leaks):
        raise typer.Exit(1)


def limits_of(fewest: int, one_mind: int) -> "Limits":
    """The thresholds as the room takes them."""
    from tallybook.canvass import Limits

    return Limits(ballots=fewest, unanimous=one_mind)


def cited(under: str) -> str:
    """The citation of STATE:ROW; "" where nothing was named."""
    from tallybook.doors.lawfiles import SETS, state_set
    from tallybook.doors.privacy_books import row_of

    if not under:
        return ""
    state, colon, row = under.partition(":")
    if state not in SETS or not colon:
        raise DoorError(f'--under "{under}": write it as STATE:ROW, STATE one of {", ".join(SETS)}.')
    return row_of(state_set(state), row)


def told(found: "Looked", limits: "Limits") -> None:
    """The answer for people."""
    from tallybook.canvass import refused
    from tallybook.doors import privacy as gate

    console().print(
        f"{found.groups:,} groups in {found.tables:,} tables. A group is small below {limits.ballots} "
        f"ballots; it may say one thing only from {limits.unanimous}."
    )
    for name in found.others:
        console().print(f"{name}: no table of votes was found in it; it was not looked into.", markup=False)
    bad = refused(found.leaks)
    for one in bad:
        console().print(str(one), markup=False)
    for line in gate.passed(found):
        console().print(line, markup=False)
    if not bad:
        console().print("Nothing here gives a voter away." if not found.leaks else "Nothing else does.")


def write_safe(files: list[Path], limits: "Limits", out: Path) -> None:
    """One table of votes by place and mode, made safe: small places joined, cells hidden, sums kept."""
    from tallybook.doors.safe_tables import safe_table

    if len(files) != 1 or files[0].is_dir():
        raise DoorError("--safe takes one table. Nothing was written.")
    if out.exists():
        raise DoorError(f"{out} is there already. Nothing was changed; name a new file.")
    out.write_text(safe_table(files[0], limits), encoding="utf-8")
