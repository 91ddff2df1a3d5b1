"""The keep from a terminal, for the engineer on call: `python3 -m tallybook.keep COMMAND DATABASE EXHIBITS`.

DATABASE is a URL (sqlite:///book.db, postgresql://user@host/name), EXHIBITS the folder beside it. Everyday
work goes through `tallybook`; this makes, checks, guards, rebuilds, exports and imports.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tallybook.keep import tables
from tallybook.keep.copying import copy_to
from tallybook.keep.faults import KeepError
from tallybook.keep.guards import check_guards, install_guards
from tallybook.keep.opening import Keep, make_keep, open_keep, opened_unguarded, told
from tallybook.keep.rebuilding import check_book, export_to, import_entries, rebuild_all

COMMANDS = {
    "make": "make the tables and guards, or bring them up to date",
    "check": "read every byte: entries, exhibits, receipts, published checkpoints",
    "guard": "check, then restore the triggers that protect the entries",
    "rebuild": "make receipts and the list of books anew from the entries",
    "copy": "copy an SQLite database that is in use to a new FILE",
    "export": "write the entries of BOOK to a new FILE",
    "import": "record BOOK anew from FILE; its exhibits must be in the folder",
}


def main(words: list[str] | None = None) -> int:
    """Run one command; 0 if it was done, 1 with a sentence if not."""
    asked = parser().parse_args(words)
    try:
        return run(asked)
    except KeepError as error:
        print(error, file=sys.stderr)
        return 1


def run(asked: argparse.Namespace) -> int:
    """One command, its words parsed."""
    if asked.command == "make":
        make_keep(asked.database, asked.exhibits)
        print("The keep is ready.")
        return 0
    keep = (opened_unguarded if asked.command == "guard" else open_keep)(asked.database, asked.exhibits)
    if asked.command == "copy":
        copy_to(keep, asked.file)
        print(f"Copied to {asked.file}.")
    elif asked.command == "export":
        print(f"{export_to(keep, asked.book, asked.file)} entries written to {asked.file}.")
    elif asked.command == "import":
        with told(), asked.file.open("rb") as lines:
            print(f"{import_entries(keep, asked.book, lines).size} entries recorded.")
    elif asked.command == "rebuild":
        print(f"Rebuilt: {', '.join(rebuild_all(keep)) or 'no book'}.")
    else:
        check(keep)
        if asked.command == "guard":
            guard(keep)
    return 0


def check(keep: Keep) -> None:
    """Every book of a keep, byte by byte."""
    with told():
        names = tables.book_names(keep.alias)
    for book in names:
        found = check_book(keep, book)
        counts = f"{found.entries} entries, {found.exhibits} exhibits, {found.checkpoints} checkpoints"
        print(f"{book}: {counts} are whole.")


def guard(keep: Keep) -> None:
    """Restore the guards, and see that they fire."""
    with told():
        install_guards(keep.alias)
        check_guards(keep.alias)
    print("The entries are protected again.")


def parser() -> argparse.ArgumentParser:
    """The words of the command line."""
    made = argparse.ArgumentParser(prog="python3 -m tallybook.keep", description=__doc__)
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, words in COMMANDS.items():
        command = commands.add_parser(name, help=words, description=words)
        command.add_argument("database", metavar="DATABASE")
        command.add_argument("exhibits", metavar="EXHIBITS", type=Path)
        if name in ("export", "import"):
            command.add_argument("book", metavar="BOOK")
        if name in ("copy", "export", "import"):
            command.add_argument("file", metavar="FILE", type=Path)
    return made


if __name__ == "__main__":
    sys.exit(main())
