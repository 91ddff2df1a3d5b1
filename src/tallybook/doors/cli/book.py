"""`tallybook book`: open a book, enter acts, see what comes next, show how the election stands."""

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from tallybook.doors.cli.shown import DoorError, console, say, show

if TYPE_CHECKING:
    from tallybook.book import Act, Entry, Standing
    from tallybook.keep.opening import Keep
    from tallybook.keep.recorder import Answer

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

AtHome = Annotated[
    Path, typer.Option("--home", envvar="TALLYBOOK_HOME", help="The folder of this installation.")
]
Book = Annotated[str, typer.Option("--book", help="Which book; needed only where there are several.")]
AsJson = Annotated[bool, typer.Option("--json", help="For machines.")]
HOME = Path("tallybook-home")

EXAMPLE = """\
# An election, as `tallybook book new` takes it.
state = "model"            # the law that comes with the program: georgia, or model for learning
# law = ["my-state.toml"]  # or law files of your own, after the rules of the book

[election]
id = "lee_2026"
title = "Lee County, mayor, 3 November 2026"
day = "2026-11-03"

[[contests]]
id = "mayor"
name = "Mayor"
class = "mayor"
choices = [
  { id = "ash", name = "A. Ash" },
  { id = "birch", name = "B. Birch", party = "as on the ballot" },
]

[[places]]
id = "lee"
name = "Lee County"
kind = "county"
"""


@app.command()
def example() -> None:
    """Print an election file to start from: tallybook book example > election.toml"""
    typer.echo(EXAMPLE, nl=False)


@app.command()
def new(
    file: Annotated[Path, typer.Argument(help="The election file; `tallybook book example` prints one.")],
    origin: Annotated[
        str, typer.Option(help="The book's name for the world, such as elections.example/lee-2026.")
    ],
    witness: Annotated[
        list[str] | None, typer.Option(help="A witness's public key; repeat for several.")
    ] = None,
    quorum: Annotated[int, typer.Option(help="How many witnesses must sign; all by default.")] = 0,
    home: AtHome = HOME,
    as_json: AsJson = False,
) -> None:
    """Open a book for an election: its contests, its places, its law, its keys.

    Make the log's key first: tallybook keys new ORIGIN
    """
    from tallybook.book import Act
    from tallybook.doors import home as homes
    from tallybook.evidence.signing import log_key

    told = election_of(file)
    at = homes.home_at(home)
    log = log_key(origin, homes.read_secret(at.keys / homes.key_file(origin)))
    policy = policy_text(log, witness or [], quorum)
    keep = homes.made(at)
    detail, exhibits = opening(keep, told, file.parent)
    act = Act(
        "open_book",
        "record_keeper",
        opening_day(keep, detail["law"]),
        "",
        f"open-{detail['election']['id']}",
        detail=detail,
        exhibits=exhibits,
    )
    answer = recorded(keep, detail["election"]["id"], act, origin, policy)
    answered(keep, detail["election"]["id"], answer, as_json)


def election_of(file: Path) -> dict[str, Any]:
    """The election file as it is written."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DoorError(f"{file}: {error}. `tallybook book example` prints a file to start from.") from None


def policy_text(log: Any, witnesses: list[str], quorum: int) -> str:
    """The policy of a book: its log key, its witnesses, and how many of them must sign."""
    from tallybook.merkle.errors import EvidenceError
    from tallybook.merkle.notes import format_vkey, parse_vkey
    from tallybook.merkle.policy import parse_policy

    many = quorum or len(witnesses)
    if many > len(witnesses):
        raise DoorError(f"--quorum {quorum}: there are only {len(witnesses)} witnesses.")
    try:
        lines = [f"witness w{n} {format_vkey(parse_vkey(key))}" for n, key in enumerate(witnesses, 1)]
        names = " ".join(f"w{n}" for n in range(1, len(witnesses) + 1))
        group = [f"group witnesses {many} {names}", "quorum witnesses"] if witnesses else ["quorum none"]
        text = "\n".join([f"log {format_vkey(log.verifier)}", *lines, *group]) + "\n"
        parse_policy(text)
    except EvidenceError as error:
        raise DoorError(f"--witness: {error}") from None
    return text


def opening(
    keep: "Keep", told: dict[str, Any], beside: Path
) -> tuple[dict[str, Any], tuple[dict[str, Any], ...]]:
    """The detail and the exhibits of the opening: the law files are filed with it."""
    from tallybook.doors.lawfiles import SETS, Lawbook, from_disk, shipped
    from tallybook.keep.exhibits import file_public
    from tallybook.law import LawError

    for table in ("election", "contests", "places"):
        if table not in told:
            raise DoorError(
                f"The election file has no [{table}]. `tallybook book example` prints one that has."
            )
    state = told.get("state", "")
    if state not in SETS and "law" not in told:
        raise DoorError(
            f'There is no law for the state "{state}" here. There is: {", ".join(SETS)}. Or name `law` files.'
        )
    try:
        own = [from_disk(beside / name) for name in told.get("law", ())]
    except LawError as error:
        raise DoorError("A law file cannot be read:", *(str(one) for one in error.problems)) from None
    laws: list[Lawbook] = [shipped(name) for name in SETS.get(state, ("book",))] + own
    exhibits = tuple(file_public(keep, one.name, [one.data]) for one in laws)
    detail = {name: told[name] for name in ("election", "contests", "places")}
    return {**detail, "law": [one.fingerprint for one in laws]}, exhibits


def opening_day(keep: "Keep", laws: list[str]) -> str:
    """Today by the clock of the law that the book is opened under; "" where the files make no law set."""
    from tallybook.keep.clocks import utc_now
    from tallybook.keep.exhibits import read_exhibit
    from tallybook.law import LawError, law_set, local_day, parse_law

    try:
        clock = law_set(parse_law(read_exhibit(keep, one).decode("utf-8", "replace")) for one in laws).clock
    except LawError:
        return ""
    return local_day(clock, utc_now())


@app.command()
def act(
    name: Annotated[
        str,
        typer.Argument(
            metavar="ACT", help="Such as certify_county_returns; or a JSON file with the whole act."
        ),
    ],
    office: Annotated[str, typer.Option(help="The office that asks.")] = "",
    contest: Annotated[str, typer.Option(help="The contest it is about.")] = "",
    place: Annotated[str, typer.Option(help="The place it is about.")] = "",
    purpose: Annotated[str, typer.Option(help="What for, where that matters.")] = "",
    on: Annotated[str, typer.Option(help="The day of the act; today by default.")] = "",
    returns: Annotated[
        Path | None, typer.Option(help="Returns: a CSV of choice,votes and modes, or JSON.")
    ] = None,
    put: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A field of the act; repeat.")
    ] = None,
    exhibit: Annotated[list[Path] | None, typer.Option(help="A file to publish with it; repeat.")] = None,
    sealed: Annotated[
        list[Path] | None, typer.Option(help="A file to name by a sealed commitment; repeat.")
    ] = None,
    paper: Annotated[
        Path | None, typer.Option(help="The scan of the signed paper; --on then has an hour.")
    ] = None,
    key: Annotated[str, typer.Option(help="The act's own key, so that asking twice enters it once.")] = "",
    under: Annotated[
        str, typer.Option(metavar="ROW", help="The row of law that requires small cells to be published.")
    ] = "",
    home: AtHome = HOME,
    book: Book = "",
    as_json: AsJson = False,
) -> None:
    """Ask for an act. The law answers, and the book remembers the answer.

    Example: tallybook book act certify_county_returns --office county_superintendent --contest mayor
    --place lee --returns lee.csv. Exit code 0 if it was done, 1 if the law or the record refused it.
    """
    from tallybook.book import Act
    from tallybook.doors import home as homes

    keep = homes.opened(homes.home_at(home))
    which = homes.book_named(keep, book)
    if name.endswith(".json"):
        asked = act_from(Path(name))
    else:
        key = key or f"cli-{uuid4()}"
        filed = files(keep, homes.home_at(home), f"{which}/{key}", exhibit or [], sealed or [], paper)
        detail = fields(put or [])
        if returns:
            detail["returns"] = returns_of(returns)
        scan = filed[-1]["sha256"] if paper else ""
        asked = Act(name, office, on, "", key, contest, place, purpose, detail, tuple(filed), scan)
    if under and not asked.by:
        asked = with_row(asked, under)
    guard_privacy(keep, which, asked, under)
    answered(keep, which, recorded(keep, which, asked), as_json)


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


@app.command("next")
def next_(
    office: Annotated[str, typer.Option(help="Only this office.")] = "",
    contest: Annotated[str, typer.Option(help="Only this contest.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also what is closed now, and why.")] = False,
    at: Annotated[str, typer.Option(help="As if it were this moment, YYYY-MM-DDTHH:MM:SSZ.")] = "",
    home: AtHome = HOME,
    book: Book = "",
    as_json: AsJson = False,
) -> None:
    """What may be done now, by whom, until when; with --all also why the rest is closed."""
    from dataclasses import asdict

    from tallybook.book import next_acts
    from tallybook.keep.clocks import utc_now

    now = moment(at) if at else utc_now()
    _, standing = standing_of(home, book)
    found = [
        one
        for one in next_acts(standing, now)
        if (everything or one.open)
        and (not office or one.office == office)
        and (not contest or one.contest == contest)
    ]
    if as_json:
        say([asdict(one) for one in found])
        return
    rows = [
        (one.act, one.contest, one.office_name, until(standing, one), why(one), one.citation) for one in found
    ]
    show(f"{standing.title}: what may be done", ("Act", "Contest", "Office", "Until", "", "Law"), rows)


def moment(text: str) -> str:
    """A moment, or a plain refusal."""
    from tallybook.book.values import is_moment

    if not is_moment(text):
        raise DoorError(f'"{text}" is no moment. Write it in UTC, such as 2020-11-10T17:00:00Z.')
    return text


def until(standing: "Standing", one: Any) -> str:
    """The deadline of an act, in local time."""
    from tallybook.law import local_time

    assert standing.law is not None
    late = " (late)" if one.late else ""
    return f"{local_time(standing.law.clock, one.until):%Y-%m-%d %H:%M}{late}" if one.until else ""


def why(one: Any) -> str:
    """What keeps an act closed, or what it needs."""
    left = f"{one.left} places left." if one.left and one.open else ""
    must = "A duty." if one.status == "duty" and one.open else ""
    return " ".join(part for part in (one.why, must, left, one.conditions) if part)


@app.command("show")
def show_(
    entry: Annotated[int | None, typer.Option(help="Only this entry, whole.")] = None,
    contest: Annotated[str, typer.Option(help="Only this contest.")] = "",
    home: AtHome = HOME,
    book: Book = "",
    as_json: AsJson = False,
) -> None:
    """How the election stands: each contest, its phase, its counts side by side; or one entry, whole."""
    import msgspec

    from tallybook.doors import home as homes

    keep, standing = standing_of(home, book)
    which = homes.book_named(keep, book)
    if entry is not None:
        if not 0 <= entry < standing.size:
            raise DoorError(
                f"There is no entry {entry}: the book has {standing.size} entries, 0 to {standing.size - 1}."
            )
        from tallybook.book.writing import decode_entry

        found = decode_entry(next(homes.stored_entries(keep, which, entry, entry + 1)))
        say(msgspec.to_builtins(found))
        return
    contests = [contest] if contest else list(standing.order)
    if contest and contest not in standing.contests:
        raise DoorError(
            f'There is no contest "{contest}" in this book. There is: {", ".join(standing.order)}.'
        )
    told_contests = [contest_told(standing, one) for one in contests]
    if as_json:
        say(
            {
                "book": which,
                "title": standing.title,
                "size": standing.size,
                "contests": told_contests,
                "findings": sorted(standing.findings),
            }
        )
        return
    console().print(f"{standing.title}: {standing.size} entries, origin {standing.origin}")
    for one in told_contests:
        show_contest(one)
    if standing.findings:
        console().print(f"\nOpen findings: entries {', '.join(map(str, sorted(standing.findings)))}.")


def contest_told(standing: "Standing", contest: str) -> dict[str, Any]:
    """One contest: phase, outcome, and every count as far as it goes."""
    from tallybook.book import COUNTS
    from tallybook.book.counts import by_place, over_places

    of = standing.contests[contest]
    counts: dict[str, Any] = {}
    for kind in COUNTS:
        if whole := of.record.spot("").held.get(kind):
            votes = dict(zip(of.choices, whole.votes, strict=True))
            counts[kind] = {"votes": votes, "total": sum(whole.votes), "entry": whole.seq}
        elif by_place(of, kind):
            counts[kind] = over_places(of, kind)
    return {
        "contest": contest,
        "name": of.name,
        "phase": of.phase,
        "day": of.day,
        "outcome": of.outcome,
        "counts": counts,
        "names": dict(of.names),
    }


def show_contest(one: dict[str, Any]) -> None:
    """One contest on the screen: a row a choice, a column a count."""
    from tallybook.doors.telling import COUNT_WORDS, PHASE_WORDS

    counts = one["counts"]
    console().print(f"\n{one['name']} ({one['contest']}): {PHASE_WORDS[one['phase']]}")
    if not counts:
        return
    columns = ["Choice", *(COUNT_WORDS[kind] for kind in counts)]
    rows = [
        [one["names"][choice], *(f"{count['votes'][choice]:,}" for count in counts.values())]
        for choice in next(iter(counts.values()))["votes"]
    ]
    rows.append(["Places", *(str(count.get("places", "whole")) for count in counts.values())])
    show("", columns, rows)
    if one["outcome"]:
        console().print(f"  Outcome: {json.dumps(one['outcome'], sort_keys=True)}")


def standing_of(home: Path, book: str) -> "tuple[Keep, Standing]":
    """How a book of a home stands."""
    from tallybook.doors import home as homes

    keep = homes.opened(homes.home_at(home))
    desk = homes.recorder(keep, homes.book_named(keep, book))
    try:
        return keep, desk.standing()
    finally:
        desk.close()


@app.command("list")
def list_(home: AtHome = HOME, as_json: AsJson = False) -> None:
    """The books of this installation."""
    from tallybook.doors import home as homes
    from tallybook.keep import tables

    keep = homes.opened(homes.home_at(home))
    found = {name: tables.size_of(keep.alias, name) for name in tables.book_names(keep.alias)}
    if as_json:
        say(found)
    else:
        show("", ("Book", "Entries"), [(name, str(size)) for name, size in found.items()])


@app.command()
def pages(
    out: Annotated[Path, typer.Argument(help="The folder for the pages.")],
    home: AtHome = HOME,
    book: Book = "",
) -> None:
    """Write a book's acts and counts as pages to read and print, and as lists for a spreadsheet."""
    from tallybook.doors import home as homes
    from tallybook.doors.telling import book_report
    from tallybook.reports import pages as html
    from tallybook.reports import tables as lists

    keep, standing = standing_of(home, book)
    every: list[Entry] = list(homes.entries(keep, homes.book_named(keep, book)))
    report = book_report(standing, every)
    out.mkdir(parents=True, exist_ok=True)
    for name, text in {**html(report), **lists(report)}.items():
        (out / name).write_bytes(text.encode())
    console().print(f"Pages: {out / 'index.html'}")
