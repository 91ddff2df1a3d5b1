"""The command line: `tallybook` and its commands.

Each command reads words, asks one pure function, keeps what came out and shows it; `--json` shows it to
machines. A problem is a plain sentence and exit code 2; a refusal by the law is an answer like any other,
with exit code 1. Modules are loaded when a command runs, so that `--help` comes at once.
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from tallybook.doors.cli import (
    audit,
    auditing,
    book,
    canvass,
    cards,
    comparing,
    envelopes,
    evidence,
    law,
    officer,
    parts,
    poll,
    privacy,
)
from tallybook.doors.cli.shown import DoorError, console, fail

INTERRUPTED = 130
DEMOS = ("georgia-2020", "georgia-2025", "county")

app = typer.Typer(
    name="tallybook",
    help="From an election's reported count to a certified outcome that anyone can check.\n\n"
    "Start with `tallybook demo`: a whole real election in a few seconds. Then `tallybook law who-may "
    "order_signature_audit --on 2020-12-05` asks the law, and `tallybook book new --help` opens a book.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help comes in a third of the time
)
app.add_typer(law.app, name="law", help="Ask the law: who may do what, when, by which citation.")
app.add_typer(book.app, name="book", help="Keep a book: open it, enter acts, see what comes next, show it.")
parts.add_to(book.app)
evidence.add_to(app)
comparing.add_to(app)
cards.add_to(app)
audit.add_to(app)
auditing.add_to(app)
canvass.add_to(app)
envelopes.add_to(app)
officer.add_to(app)
poll.add_to(app)
privacy.add_to(app)


@app.command()
def demo(
    which: Annotated[str, typer.Argument(help=f"One of: {', '.join(DEMOS)}.")] = DEMOS[0],
    out: Annotated[
        Path | None, typer.Option(help="The folder for the package; demo-out, or demo-county.")
    ] = None,
    published: Annotated[
        Path | None, typer.Option(help="Where the published files of georgia-2025 are.")
    ] = None,
) -> None:
    """Replay Georgia 2020 from the reported count to the certified outcome, and have it checked.

    Writes DIR/package, DIR/package.zip and the pages beside them; DIR/index.html is the first. `demo county`
    audits a made-up county of 100,000 cards instead, from its export to a checked package and the pages
    of its audit. `demo georgia-2025` does a real state's audit again from its published files, or else audits
    the county.
    """
    if which == "georgia-2025":
        from tallybook.doors import georgia_2025

        place = georgia_2025.published_files(published)
        if place is not None:
            raise typer.Exit(georgia_2025.run(place, console()))
        console().print("The files that Georgia published are not here (--published names them).")
        console().print("Instead, the audit of a made-up county:\n")
        which = "county"
    if which == "county":
        from tallybook.doors.county.running import run as audit_county

        raise typer.Exit(audit_county(out or Path("demo-county"), console()))
    if which != DEMOS[0]:
        raise DoorError(f'There is no demonstration "{which}". There is: {", ".join(DEMOS)}.')
    from tallybook.doors.georgia_2020.running import run

    raise typer.Exit(run(out or Path("demo-out"), console()))


def main() -> None:
    """Run the command line. No traceback ever reaches a user; TALLYBOOK_TRACE=1 shows one to an engineer."""
    try:
        app()
    except (KeyboardInterrupt, SystemExit) as ended:
        if isinstance(ended, SystemExit) and ended.code != INTERRUPTED:
            raise
        sys.exit(fail(DoorError("Stopped. What was acknowledged before is kept.", code=INTERRUPTED)))
    except Exception as error:
        if os.environ.get("TALLYBOOK_TRACE"):
            raise
        sys.exit(fail(in_words(error)))


def in_words(error: Exception) -> DoorError:
    """What went wrong, in a sentence that a person can act on."""
    if isinstance(error, DoorError):
        return error
    if isinstance(error, FileNotFoundError):
        return DoorError(f"There is no file {error.filename}. Nothing was changed.")
    if isinstance(error, OSError):
        name = f"{error.filename}: " if error.filename else ""
        return DoorError(f"{name}the system refused ({error.strerror or error}). Nothing more was changed.")
    from tallybook.keep.faults import KeepError
    from tallybook.merkle.errors import EvidenceError

    if isinstance(error, (KeepError, EvidenceError)):
        return DoorError(str(error))
    name = type(error).__name__
    told = f"This is a fault of the program ({name}: {error}). What was acknowledged before is kept."
    return DoorError(
        told, "Please report it; TALLYBOOK_TRACE=1 before the command shows where it happened.", code=3
    )
