"""The pages of a book, with the fingerprints of a package that was written, or of the book as it stands.

For `tallybook book pages`. A package that is not of this book, or that a later entry has overtaken, is
refused: its pages would say more than it holds.
"""

from hashlib import sha256
from pathlib import Path
from typing import Any

from tallybook.book import Entry, Standing
from tallybook.doors import home as homes
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.telling import book_report
from tallybook.evidence.sources import open_source
from tallybook.keep.exhibits import read_exhibit
from tallybook.keep.opening import Keep
from tallybook.merkle.canonical import decode
from tallybook.merkle.checkpoints import parse_checkpoint
from tallybook.merkle.text import encode_base64
from tallybook.reports import Fingerprints, pages, tables


def pages_of(keep: Keep, which: str, standing: Standing, package: Path | None) -> dict[str, str]:
    """File name -> text: every page and list of a book. package: a ZIP that was written of it, or None."""

    def look(fingerprint: str) -> Any:
        return decode(read_exhibit(keep, fingerprint))

    entries: list[Entry] = list(homes.entries(keep, which))
    prints = of_book(keep, which, standing) if package is None else of_package(keep, which, standing, package)
    report = book_report(standing, entries, look, prints)
    return {**pages(report), **tables(report)}


def of_book(keep: Keep, which: str, standing: Standing) -> Fingerprints:
    """What a package of the book as it stands will have, without the package."""
    root = encode_base64(homes.root_at(keep, which, standing.size))
    return Fingerprints("", "", 0, standing.origin, standing.size, root, standing.policy)


def of_package(keep: Keep, which: str, standing: Standing, package: Path) -> Fingerprints:
    """Those of a package. Raises DoorError where it is not of this book as it stands."""
    if not package.is_file():
        raise DoorError(f"{package} is no file. Write it: `tallybook package {package}`.")
    head, note = parse_checkpoint(open_source(package).read("checkpoint"))
    if head.origin != standing.origin or head.root != homes.root_at(
        keep, which, min(head.size, standing.size)
    ):
        raise DoorError(f"{package} is not of this book. Write it: `tallybook package {package}`.")
    if head.size != standing.size:
        raise DoorError(
            f"{package} has {head.size} entries, the book {standing.size}.",
            f"Write it again: `tallybook package {package}`.",
        )
    data = package.read_bytes()
    return Fingerprints(
        package=package.name,
        package_sha256=sha256(data).hexdigest(),
        package_bytes=len(data),
        origin=standing.origin,
        size=head.size,
        root=encode_base64(head.root),
        policy=standing.policy,
        witnesses=tuple(dict.fromkeys(one.name for one in note.signatures if one.name != head.origin)),
    )
