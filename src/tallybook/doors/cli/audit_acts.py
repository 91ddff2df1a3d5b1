"""How the commands of `tallybook audit` ask a book for an act, and tell what became of it.

Nothing is imported from the keep before a command runs: help and refusals of words come at once.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tallybook.doors.cli.shown import DoorError, console, say

if TYPE_CHECKING:
    from tallybook.book import Entry, Standing
    from tallybook.book.audit_runs import Run
    from tallybook.keep.opening import Keep


class Desk:
    """A book at hand: its keep, its name, how it stands, and how an act of the audit is asked for."""

    def __init__(self, home: Path, book: str, place: str) -> None:
        from tallybook.doors import home as homes

        self.keep: Keep = homes.opened(homes.home_at(home))
        self.book, self.place = homes.book_named(self.keep, book), place

    def standing(self) -> "Standing":
        """How the book stands now."""
        from tallybook.doors.home import recorder

        desk = recorder(self.keep, self.book)
        try:
            return desk.standing()
        finally:
            desk.close()

    def run(self) -> "Run":
        """The latest audit of the place."""
        from tallybook.doors.auditing import newest

        return newest(self.standing(), self.place)

    def ask(self, name: str, office: str, detail: dict[str, Any], **more: Any) -> "Entry":
        """An act, entered; a refusal or a problem ends the command in words."""
        from tallybook.book import Act
        from tallybook.doors.cli.asking import recorded
        from tallybook.keep.exhibits import file_public

        files = tuple(file_public(self.keep, *one) for one in more.pop("files", ()))
        key = f"audit-{uuid4()}"
        act = Act(name, office, "", "", key, place=self.place, detail=detail, exhibits=files, **more)
        return entered(self.keep, self.book, recorded(self.keep, self.book, act))

    def each(self, name: str, office: str, field: str, rows: Iterable[Any], **more: Any) -> list["Entry"]:
        """An act for each part of a long list."""
        from tallybook.doors.audit_desk import parts

        number = self.run().seq
        split = parts(list(rows))
        if not split:
            raise DoorError("There is nothing to enter.")
        return [self.ask(name, office, {"audit": number, field: part, **more}) for part in split]


def entered(keep: "Keep", book: str, answer: Any) -> "Entry":
    """The entry of an act; a refusal is told with what to do next, and ends with exit code 1."""
    from tallybook.book import Malformed
    from tallybook.book.writing import decode_entry
    from tallybook.doors.home import stored_entries
    from tallybook.keep.recorder import Behind

    if isinstance(answer, Malformed):
        raise DoorError("Nothing was changed:", *(f"  {one}" for one in answer.problems))
    if isinstance(answer, Behind):
        raise DoorError("Somebody else was faster. Look, then ask again.", code=1)
    entry = decode_entry(next(iter(stored_entries(keep, book, answer.seq, answer.seq + 1))))
    if entry.refusal:
        said = entry.refusal
        told = f"Entry {entry.seq}: refused. {said['words']} {said['next']}"
        raise DoorError(told, f"  Law: {said['citation']}", code=1)
    return entry


def told(entry: "Entry", words: str, as_json: bool = False) -> None:
    """One line for people, or the result for machines."""
    if as_json:
        say({"entry": entry.seq, "result": entry.result})
    else:
        console().print(f"Entry {entry.seq}: {words}")
