"""`tallybook book export-part` and `import-part`: a county's acts carried from one book to another."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tallybook.doors.cli.asking import guard_privacy
from tallybook.doors.cli.options import HOME, AsJson, AtHome, Book
from tallybook.doors.cli.shown import console, say

if TYPE_CHECKING:
    from tallybook.doors.parts import Taken


def add_to(app: typer.Typer) -> None:
    """Put these commands among those of books."""
    app.command("export-part")(export_part)
    app.command("import-part")(import_part)


def export_part(
    place: Annotated[str, typer.Option(help="The place whose acts are taken out, such as a county.")],
    out: Annotated[Path, typer.Option(help="The new file, such as lee.part.")],
    home: AtHome = HOME,
    book: Book = "",
    as_json: AsJson = False,
) -> None:
    """Write one place's acts to a file, with proofs and exhibits, to be carried elsewhere.

    Sealed exhibits travel in it, opened: keep the file as you keep them.
    """
    from tallybook.doors import home as homes
    from tallybook.doors import parts
    from tallybook.doors.cli.evidence import of_book

    keep, which, standing, note = of_book(home, book)
    many = parts.export_part(keep, which, homes.home_at(home), standing, note, place, out)
    if as_json:
        say({"file": str(out), "place": place, "acts": many, "size": standing.size})
        return
    log = standing.policy.split("\n")[0].split(" ")[1]
    console().print(f"{out}: {many} acts of {standing.places[place]}, of {standing.size} entries.")
    console().print(f"Take it in elsewhere: tallybook book import-part {out} --log {log}", soft_wrap=True)


def import_part(
    file: Annotated[Path, typer.Argument(help="A file that `tallybook book export-part` wrote.")],
    log: Annotated[str, typer.Option(help="The public log key of the book that it comes from.")] = "",
    under: Annotated[
        str, typer.Option(metavar="ROW", help="The row of law that requires small cells to be published.")
    ] = "",
    home: AtHome = HOME,
    book: Book = "",
    as_json: AsJson = False,
) -> None:
    """Ask here for every act of a part. Twice is once; what cannot be entered is told, and stops no other.

    Exit code 0 if all were entered, 1 if the law or the record refused one, 2 with problems.
    """
    from dataclasses import asdict

    from tallybook.doors import home as homes
    from tallybook.doors import parts

    part = parts.opened_part(file, log)
    keep = homes.opened(homes.home_at(home))
    which = homes.book_named(keep, book)
    taken = parts.import_part(keep, which, part, lambda act: guard_privacy(keep, which, act, under))
    if as_json:
        say({"origin": part.origin, "place": part.place, "signature_checked": bool(log),
             "acts": [asdict(one) for one in taken]})  # fmt: skip
    else:
        told_part(part.origin, part.place, log, taken)
    kinds = {one.came for one in taken}
    raise typer.Exit(2 if "problem" in kinds else 1 if "refused" in kinds else 0)


def told_part(origin: str, place: str, log: str, taken: "list[Taken]") -> None:
    """What became of a part's acts, for people."""
    authored = "signed by its log" if log else "whole; whose it is was not checked (--log KEY)"
    console().print(f"The part of {place} from {origin} is {authored}.")
    heads = {"entered": "entered", "known": "entered before", "refused": "refused", "problem": "not entered"}
    for came, words in heads.items():
        some = [one for one in taken if one.came == came]
        if some:
            console().print(f"{len(some)} {words}.")
        for one in some if came in ("refused", "problem") else ():
            console().print("  " + ": ".join(filter(None, (one.act, one.key, one.words))), markup=False)
