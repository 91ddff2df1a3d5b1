"""`tallybook demo county`: the audit of a made-up county, from its export to a package that anyone checks.

Writes the export, the package as a folder and as a ZIP, the policy and the pages, says what was found, and
has the independent checker check it all. The folder must be new, empty, or of an earlier run of this
demonstration.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from rich.console import Console

from tallybook.doors.cli.shown import DoorError, show
from tallybook.doors.county import auditing, playing
from tallybook.doors.county.making import RACES, export, made
from tallybook.doors.county.playing import POLICY, Played
from tallybook.doors.county.telling import decisions, report
from tallybook.evidence.publishing import package_files
from tallybook.evidence.sources import open_files, write_zip
from tallybook.reports import Report, pages, tables


def run(out: Path, console: Console, cards: int = 100_000, check: bool = True) -> int:
    """Make, read, publish, audit, write, check. Answers the checker's exit code."""
    refuse_foreign(out)
    county = made(cards)
    written = export(county)
    console.print(f"The voting system's export: {len(written):,} bytes, {len(county.items):,} cards.")
    rows = auditing.publish(county, auditing.read_back(written))
    book = playing.opened([auditing.opening(race) for race in RACES])
    margins = auditing.commit(book, county, rows)["contests"]
    show("What must be true of all cards", ("Contest", "Assertions", "Smallest sum", "Cards"), sums(margins))
    told = auditing.rounds(book, county, console.print)
    show("What the cards said", ("Round", "Contest", "Cards used", "Risk", "Next"), told)
    auditing.certify(book, rows)
    shown = write(out, book, written)
    console.print("\nWhat was decided")
    for line in decisions(shown):
        console.print(line)
    console.print()
    console.print(f"Package  {out / 'package'} and {out / 'package.zip'}: {len(book.entries)} entries")
    console.print(f"Pages    {out / 'index.html'}, the audits in {out / 'audits.html'}")
    return checked(out, console) if check else 0


def sums(margins: dict[str, dict[str, object]]) -> list[tuple[str, str, str, str]]:
    """For each contest its assertions and the smallest reported sum."""
    names = {race.id: race.name for race in RACES}
    rows = []
    for contest, found in margins.items():
        points = found["margins"]
        assert isinstance(points, list)
        rows.append((names[contest], str(len(points)), f"{min(points):,}", f"{found['cards']:,}"))
    return rows


def refuse_foreign(out: Path) -> None:
    """Refuse a folder that holds anything else than an earlier run: its policy tells."""
    if out.exists() and not out.is_dir():
        raise DoorError(f"{out} is a file. Name a folder with --out. Nothing was changed.")
    policy = out / "policy.txt"
    if (
        out.is_dir()
        and any(out.iterdir())
        and (not policy.is_file() or policy.read_bytes() != POLICY.encode())
    ):
        raise DoorError(
            f"{out} holds something else than this demonstration. Name a new folder with --out.",
            "Nothing was changed.",
        )


def write(out: Path, book: Played, written: bytes) -> Report:
    """The policy, the export, the package as a folder and as a ZIP, and the pages. Answers what they show."""
    named = {one["sha256"] for entry in book.entries for one in entry.exhibits if one["kind"] == "public"}
    exhibits = {name: data for name, data in book.exhibits.items() if name in named}
    files = dict(package_files(playing.witnessed(book), book.stored, exhibits))
    put(out / "policy.txt", POLICY.encode())
    put(out / "export.csv", written)
    if (out / "package").is_dir():
        shutil.rmtree(out / "package")
    for name, data in files.items():
        put(out / "package" / name, data)
    with (out / "package.zip").open("wb") as zipped:
        write_zip(open_files(files), zipped)
    told = report(book, files["checkpoint"], (out / "package.zip").read_bytes())
    for name, text in {**pages(told), **tables(told)}.items():
        put(out / name, text.encode())
    return told


def put(path: Path, data: bytes) -> None:
    """A file, in folders that are made if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


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
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    console.file.write(done.stdout + done.stderr)
    return done.returncode
