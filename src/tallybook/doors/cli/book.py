"""`tallybook book`: open a book, enter acts, see what comes next, show how the election stands."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from tallybook.doors.cli.asking import (
    act_from,
    answered,
    fields,
    files,
    guard_privacy,
    recorded,
    returns_of,
    with_row,
)
from tallybook.doors.cli.opening import EXAMPLE, election_of, opening, opening_day, policy_text
from tallybook.doors.cli.options import HOME, AsJson, AtHome, Book
from tallybook.doors.cli.shown import DoorError, console, say, show

if TYPE_CHECKING:
    from tallybook.book import Standing
    from tallybook.keep.opening import Keep

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)


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
    detail, exhibits = opening(keep, told, file.parent, policy)
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
    from tallybook.doors.telling import PHASE_WORDS
    from tallybook.doors.telling_counts import COUNT_WORDS

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
    package: Annotated[
        Path | None,
        typer.Option(help="A package of the book as it stands; the pages then say its fingerprint."),
    ] = None,
    home: AtHome = HOME,
    book: Book = "",
) -> None:
    """Write a book's acts, counts and audits as pages to read and print, and as lists for a spreadsheet."""
    from tallybook.doors import home as homes
    from tallybook.doors.book_pages import pages_of

    keep, standing = standing_of(home, book)
    made = pages_of(keep, homes.book_named(keep, book), standing, package)
    out.mkdir(parents=True, exist_ok=True)
    for name, text in made.items():
        (out / name).write_bytes(text.encode())
    console().print(f"Pages: {out / 'index.html'}")
