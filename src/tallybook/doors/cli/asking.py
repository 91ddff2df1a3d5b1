"""An act on its way from the words of a command to the record, and the answer on its way back."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from tallybook.doors.cli.shown import DoorError, console, say

if TYPE_CHECKING:
    from tallybook.book import Act, Standing
    from tallybook.keep.opening import Keep
    from tallybook.keep.recorder import Answer


def with_row(asked: "Act", row: str) -> "Act":
    """The act with the row in its note that requires its small groups to be published."""
    import msgspec

    from tallybook.doors.privacy_books import UNDER

    note = " ".join(filter(None, [asked.detail.get("note", ""), UNDER.format(row)]))
    return msgspec.structs.replace(asked, detail={**asked.detail, "note": note})


def guard_privacy(keep: "Keep", which: str, asked: "Act", under: str) -> None:
    """Refuse to enter what may never be published: an entry cannot be taken back."""
    import msgspec

    from tallybook.book import Shelf
    from tallybook.book.form import form_problems
    from tallybook.canvass import Limits
    from tallybook.doors import home as homes
    from tallybook.doors import privacy, privacy_books
    from tallybook.keep.clocks import utc_now

    if "returns" not in asked.detail and not asked.exhibits:
        return
    desk = homes.recorder(keep, which)
    standing = desk.standing()
    desk.close()
    if standing.law is None or asked.key in standing.keys:
        return
    now = utc_now()
    dated = msgspec.structs.replace(asked, on=asked.on or today(standing, now), received=now)
    if form_problems(standing, standing.law, dated, Shelf()):
        return  # They are told first, and nothing is entered.
    found = privacy_books.of_act(standing, dated, lambda name: homes.exhibit(keep, name), Limits(), under)
    privacy.refuse(found, "Nothing was entered.")


def act_from(path: Path) -> "Act":
    """An act from a JSON file."""
    from tallybook.book import Act
    from tallybook.book.writing import read_act

    found = read_act(path.read_bytes())
    if not isinstance(found, Act):
        raise DoorError(f"{path} holds no act:", *(str(one) for one in found))
    return found


def fields(put: list[str]) -> dict[str, Any]:
    """Fields of a detail from NAME=VALUE; whole numbers, true, false and JSON are read as such."""
    found: dict[str, Any] = {}
    for one in put:
        name, equals, value = one.partition("=")
        if not equals or not name:
            raise DoorError(f'--set "{one}": write it as NAME=VALUE, such as --set choice=ash.')
        try:
            found[name] = (
                json.loads(value)
                if value[:1] in "[{" or value in ("true", "false") or value.isdecimal()
                else value
            )
        except ValueError as error:
            raise DoorError(f"--set {name}: the value begins like JSON but is none ({error}).") from None
    if isinstance(found.get("seed"), int):
        found["seed"] = next(one.partition("=")[2] for one in put if one.startswith("seed="))
    return found


def returns_of(path: Path) -> dict[str, Any]:
    """Returns from a file: JSON as the book has them, or CSV with the columns choice, votes and any modes.

    Rows named ballots, undervotes, overvotes and write_ins are the account.
    """
    import csv

    text = path.read_text(encoding="utf-8-sig")
    if path.suffix == ".json":
        try:
            return dict(json.loads(text))
        except (ValueError, TypeError) as error:
            raise DoorError(f"{path}: no JSON object ({error}).") from None
    rows = list(csv.DictReader(text.splitlines()))
    columns = list(rows[0]) if rows else []
    if columns[:2] != ["choice", "votes"]:
        raise DoorError(
            f"{path}, row 1: found {', '.join(columns) or 'nothing'}; expected choice,votes and any modes."
        )
    votes, account, modes = {}, {}, {mode: dict[str, int]() for mode in columns[2:]}
    for number, row in enumerate(rows, 2):
        name = row["choice"].strip()
        if name in ("ballots", "undervotes", "overvotes", "write_ins"):
            account[name] = cell(path, number, "votes", row["votes"])
            continue
        votes[name] = cell(path, number, "votes", row["votes"])
        for mode, found in modes.items():
            found[name] = cell(path, number, mode, row[mode])
    return {"votes": votes, **account, **({"modes": modes} if modes else {})}


def cell(path: Path, row: int, column: str, text: str | None) -> int:
    """A whole number in a table; thousands separators are allowed."""
    plain = (text or "").strip().replace(",", "")
    if plain.isascii() and plain.isdigit():
        return int(plain)
    raise DoorError(
        f'{path}, row {row}, "{column}": found "{text or ""}"; expected a whole number. Correct the cell.'
    )


def files(
    keep: "Keep", home: Any, item: str, public: list[Path], sealed: list[Path], paper: Path | None
) -> list[dict[str, Any]]:
    """The exhibits of an act, filed; the scan of its paper comes last."""
    from tallybook.doors.home import new_secret, read_secret
    from tallybook.keep.exhibits import file_public, file_sealed

    found = [file_public(keep, path.name, [path.read_bytes()]) for path in public]
    for number, path in enumerate(sealed):
        salts = home.keys / "salts.key"
        secret = read_secret(salts) if salts.exists() else new_secret(salts)
        found.append(file_sealed(keep, secret, f"{item}/{number}", path.name, path.read_bytes()))
    if paper:
        found.append(file_public(keep, paper.name, [paper.read_bytes()]))
    return found


def recorded(keep: "Keep", book: str, asked: "Act", origin: str = "", policy: str = "") -> "Answer":
    """Have an act decided and recorded. Without a day it is today's, by the law's clock."""
    import msgspec

    from tallybook.doors.home import recorder
    from tallybook.keep.clocks import utc_now

    desk = recorder(keep, book, origin, policy)
    try:
        if not asked.on:
            asked = msgspec.structs.replace(asked, on=today(desk.standing(), utc_now()))
        return desk.submit(asked)
    finally:
        desk.close()


def today(standing: "Standing", now: str) -> str:
    """The local day, by the clock of the book's law; UTC before the book is open."""
    from tallybook.law import local_day

    return local_day(standing.law.clock, now) if standing.law else now[:10]


def answered(keep: "Keep", book: str, answer: "Answer", as_json: bool) -> None:
    """Show the answer to an act, and end with 0 (done), 1 (refused, or newer entries) or 2 (problems)."""
    from tallybook.book import Malformed
    from tallybook.keep.recorder import Behind

    if isinstance(answer, Malformed):
        if as_json:
            say({"problems": [vars_of(one) for one in answer.problems]})
            raise typer.Exit(2)
        raise DoorError(
            "Nothing was changed. The act cannot be entered:", *(f"  {one}" for one in answer.problems)
        )
    if isinstance(answer, Behind):
        if as_json:
            say({"behind": [one.seq for one in answer.entries]})
        else:
            console().print(
                f"Nothing was changed: entry {answer.newest} is newer than what you had seen. "
                "Look, then ask again."
            )
        raise typer.Exit(1)
    raise typer.Exit(told(keep, book, answer, as_json))


def vars_of(problem: Any) -> dict[str, str]:
    """A problem's fields."""
    return {name: getattr(problem, name) for name in ("field", "found", "expected", "mend")}


def told(keep: "Keep", book: str, receipt: Any, as_json: bool) -> int:
    """Show what was entered, with its consequences."""
    import msgspec

    from tallybook.book.writing import decode_entry
    from tallybook.doors.home import recorder, stored_entries
    from tallybook.doors.telling import timeline_row
    from tallybook.keep import tables

    size = tables.size_of(keep.alias, book)
    made = [decode_entry(one) for one in stored_entries(keep, book, receipt.seq, min(size, receipt.seq + 8))]
    own = [made[0], *(one for one in made[1:] if one.cause == receipt.seq)]
    if as_json:
        say(
            {
                "leaf": receipt.leaf,
                "repeated": receipt.repeated,
                "entries": [msgspec.to_builtins(one) for one in own],
            }
        )
        return 1 if own[0].refusal else 0
    desk = recorder(keep, book)
    standing = desk.standing()
    desk.close()
    assert standing.law is not None
    for entry in own:
        row = timeline_row(standing.law, standing, entry)
        again = " (entered before)" if receipt.repeated and entry is own[0] else ""
        console().print(f"Entry {entry.seq}{again}: {row.office} {row.act}.")
        for words in (row.words, f"Law: {row.citation}" if row.citation else ""):
            if words:
                console().print(f"  {words}")
        if entry.refusal:
            head = "Refused" if row.answer == "refused" else "Without legal effect"
            console().print(f"  {head}. Who may: {', '.join(row.who_may) or 'no office'}. {row.next}")
    return 1 if own[0].refusal else 0
