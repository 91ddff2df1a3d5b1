"""The demonstration: Georgia 2020 from the reported count to a certified outcome that a stranger checks.

`python3 go.py demo [--out DIR]`. Plays every act, writes the package, its ZIP, the policy and the pages, says
what was decided by whom under which law, and has the independent checker check it all.
The folder must be new, empty, or of an earlier demonstration: nothing that somebody else put there is lost

"""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tallybook.doors.cli.shown import DoorError, show
from tallybook.doors.georgia_2020.acting import acts, moment, opening
from tallybook.doors.georgia_2020.playing import POLICY, Played, exhibits, play, witnessed
from tallybook.doors.georgia_2020.sections import claims
from tallybook.doors.georgia_2020.tables import STATE, Table, raw, table
from tallybook.doors.georgia_2020.telling import answers, decisions, report
from tallybook.doors.lawfiles import SETS, shipped
from tallybook.evidence.publishing import package_files
from tallybook.evidence.sources import open_files, write_zip
from tallybook.reports import pages, tables

LAST = moment("2021-01-20", "16:30")
OURS = re.compile(r"contents|checkpoint|exhibits/[0-9a-f]{64}|tile/([0-9]|entries)/[0-9]{3}(\.p/[0-9]{1,3})?")
"""The names of files that a demonstration of any version wrote into its package."""

FILES = (
    "sources.csv",
    "timeline.csv",
    "returns.csv",
    "hand_tally.csv",
    "recount.csv",
    "runoff.csv",
    "voters.csv",
)


def run(out: Path, console: Console, check: bool = True) -> int:
    """Play, write, tell, check. Answers the checker's exit code (0: the package proves what it claims)."""
    refuse_foreign(out)
    told = table()
    book = played(told, console)
    files = package(book)
    try:
        write(out, book, files)
    except OSError as error:
        raise DoorError(
            f"{error.filename or out}: the system refused ({error.strerror or error}).",
            f"What stands in {out} is not finished. Make room, or name another folder, and run this again.",
        ) from error
    tell(told, book, out, console)
    return checked(out, console) if check else 0


def played(told: Table, console: Console) -> Played:
    """The book, with a progress bar while it is played."""
    every = list(acts(told))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Playing the acts of Georgia 2020", total=len(every))
        return play(opening(told), every, lambda _: bar.advance(task))


def package(book: Played) -> dict[str, bytes]:
    """All files of the package."""
    public = {name: raw(name) for name in FILES}
    public |= {shipped(name).name: shipped(name).data for name in SETS[STATE]}
    return dict(package_files(witnessed(book, LAST), book.stored, exhibits(book, public)))


def refuse_foreign(out: Path) -> None:
    """Refuse a folder that is neither new, nor empty, nor of an earlier demonstration: its policy tells."""
    if out.exists() and not out.is_dir():
        raise DoorError(f"{out} is a file. Name a folder with --out. Nothing was changed.")
    if not out.is_dir() or not any(out.iterdir()):
        return
    policy, inside = out / "policy.txt", out / "package"
    if not policy.is_file() or policy.read_bytes() != POLICY.encode():
        raise DoorError(
            f"{out} holds something else than a demonstration. Name a new folder with --out.",
            "Nothing was changed.",
        )
    foreign = (
        [inside] if inside.is_symlink() else [one for one in inside.rglob("*") if not is_ours(one, inside)]
    )
    if foreign:
        raise DoorError(
            f"{min(foreign)} is not of the demonstration. Move it away, or name a new folder with --out.",
            "Nothing was changed.",
        )


def is_ours(path: Path, package: Path) -> bool:
    """Whether a demonstration wrote this path: a folder, or a file with the name of a package's file."""
    if path.is_symlink():
        return False
    return path.is_dir() or OURS.fullmatch(path.relative_to(package).as_posix()) is not None


def write(out: Path, book: Played, files: dict[str, bytes]) -> None:
    """The policy, by which the folder is known again; the package as a folder and as a ZIP; the pages."""
    put(out / "policy.txt", POLICY.encode())
    for old in (out / "package").rglob("*"):
        if not old.is_dir():
            old.unlink()
    for name, data in files.items():
        put(out / "package" / name, data)
    with (out / "package.zip").open("wb") as zipped:
        write_zip(open_files(files), zipped)
    told = report(book, files["checkpoint"], (out / "package.zip").read_bytes())
    for name, text in {**pages(told), **tables(told)}.items():
        put(out / name, text.encode())


def put(path: Path, data: bytes) -> None:
    """A file, in folders that are made if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def tell(told: Table, book: Played, out: Path, console: Console) -> None:
    """What was decided, by whom, under which law; what was asked in vain; where to look."""
    show("What was decided", ("Day", "Act", "Office", "Outcome", "Law", "Entry"), decisions(book))
    console.print()
    rows = answers(told, book)
    show("Asked for, and answered by the law", ("Day", "Asked", "By", "Answer", "Who may"), rows)
    console.print()
    told_claims = claims(book)
    show(told_claims.title, told_claims.columns, told_claims.rows)
    console.print()
    console.print(f"Package  {out / 'package'} and {out / 'package.zip'}")
    console.print(f"Pages    {out / 'index.html'}")


def checked(out: Path, console: Console) -> int:
    """The independent checker, as a stranger would run it: another process, nothing but the files."""
    console.print("\nThe independent checker, under the demonstration's policy:")
    command = [
        sys.executable,
        "-m",
        "tallycheck",
        str(out / "package.zip"),
        "--policy",
        str(out / "policy.txt"),
    ]
    return run_shown(command, console.file.write)


def run_shown(command: list[str], show: Callable[[str], object]) -> int:
    """Run a command, show what it says, answer its exit code."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    show(done.stdout + done.stderr)
    return done.returncode
