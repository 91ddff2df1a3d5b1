"""`tallybook cards`, `count`, `convert`: cast vote records read, kept, counted and carried on."""

import sys
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tallybook.doors.cli.shown import DoorError, console, say, show

if TYPE_CHECKING:
    from tallybook.doors.contest_parts import Ask, Names
    from tallybook.doors.jurisdictions import Ingested
    from tallybook.formats.problems import FileProblem
    from tallybook.outcomes import Rules

MOST_SHOWN = 20
Workers = Annotated[int, typer.Option(min=1, help="Processes to work in, where there are several exports.")]
Cluster = Annotated[str, typer.Option(help="The address of a Dask cluster that sees the same disk.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for machines.")]


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.command()(cards)
    app.command()(count)
    app.command()(convert)


def cards(
    exports: Annotated[
        list[str], typer.Argument(help="Files, ZIPs or folders as exported; NAME=EXPORT says whose it is.")
    ],
    out: Annotated[Path, typer.Option(help="The new folder for the cards.")],
    problems: Annotated[
        Path | None, typer.Option(help="Write every problem to this file, .csv or .json.")
    ] = None,
    manifest: Annotated[
        Path | None, typer.Option(help="The ballot manifest: every batch and its cards must be there.")
    ] = None,
    totals: Annotated[
        Path | None, typer.Option(help="Reported results (Clarity, NIST, OpenElections) that must agree.")
    ] = None,
    tabulators: Annotated[
        Path | None, typer.Option(help="Dominion's tabulator status report (XML) that must name each.")
    ] = None,
    signed_by: Annotated[
        str, typer.Option(help="Check Hart's signatures: a public key (XML), or the word themselves.")
    ] = "",
    workers: Workers = 1,
    cluster: Cluster = "",
    as_json: AsJson = False,
) -> None:
    """Read cast vote records of any vendor, check them, and keep them in a folder, ready to be counted.

    Several exports are several jurisdictions of one election. Either all are kept, or none: an export that is
    damaged, partial or contradicts itself, its manifest or its returns is told, and nothing is stored.
    """
    from tallybook.doors.checking import Papers
    from tallybook.doors.exports import size_of
    from tallybook.doors.jurisdictions import engine, ingest_all, is_grave, jobs_of

    papers = Papers(str(manifest or ""), str(totals or ""), str(tabulators or ""), signed_by)
    jobs = jobs_of(exports, out, papers)
    sizes = [size_of(Path(job.path)) for job in jobs]
    if problems is not None and problems.suffix not in (".csv", ".json"):
        raise DoorError(f"{problems}: name a file that ends in .csv or .json. Nothing was read.")
    with engine(workers, cluster) as executor, progress(sum(sizes), as_json) as (watch, step):
        done = []
        for size, one in zip(sizes, ingest_all(jobs, out, executor, watch), strict=True):
            done.append(one)
            step(size)
    found = [(one, problem) for one in done for problem in one.problems]
    if problems is not None:
        problems.write_bytes(problems_file([problem for _, problem in found], problems.suffix))
    if as_json:
        say(cards_as_json(done, out))
    else:
        show_problems([problem for _, problem in found], problems)
        show_cards(done)
    grave = [problem for problem in found if is_grave(problem[1])]
    if grave:
        many = "a problem is" if len(grave) == 1 else f"{len(grave)} problems are"
        raise DoorError(f"Nothing was stored: {many} grave. Mend that and read the exports again.")
    if not as_json:
        console().print(f"{out}: ready. Next: tallybook count {out} --contest NAME", soft_wrap=True)


def count(
    source: Annotated[
        Path, typer.Argument(help="A folder that `tallybook cards` made, published cards, or an export.")
    ],
    contest: Annotated[str, typer.Option(help="The contest's name or id; without it, the contests.")] = "",
    rules: Annotated[
        Path | None, typer.Option(help="A rules file (docs/reference/rules); without one, most votes win.")
    ] = None,
    by: Annotated[
        str, typer.Option(help="Subtotals by precinct, batch, mode (group) ... or jurisdiction.")
    ] = "",
    seed: Annotated[str, typer.Option(help="The published seed, where the rules settle ties by lot.")] = "",
    decided: Annotated[
        list[str] | None, typer.Option(help="Whom people chose in the tie of a round: ROUND=CHOICE; repeat.")
    ] = None,
    record: Annotated[str, typer.Option(help="Where the decisions of people are written down.")] = "",
    picture: Annotated[Path | None, typer.Option("--svg", help="Draw the count into this file.")] = None,
    workers: Workers = 1,
    cluster: Cluster = "",
    as_json: AsJson = False,
) -> None:
    """Count a contest by its rules, and show every round and the reason for every step."""
    from tallybook.doors.count_pictures import svg
    from tallybook.doors.counts import as_json as result_json
    from tallybook.doors.counts import counted, lines, settled
    from tallybook.doors.jurisdictions import engine

    known = rules_in(rules) if rules is not None else None
    contests, ask = opened(source)
    if not contest:
        show_contests(contests, as_json)
        return
    with engine(workers, cluster) as executor:
        parts, near = ask(contest, by, executor)
    for told in near:
        print(told, file=sys.stderr)
    result = settled(
        lambda decisions: counted(parts, known, seed, bool(by), decisions), decided or [], record
    )
    if picture is not None:
        try:
            picture.write_bytes(svg(result))
        except ValueError as why:
            raise DoorError(f"{picture} was not written. {why}") from None
    if as_json:
        say(result_json(result))
    else:
        typer.echo("\n".join(lines(result, bar())))
        if picture is not None:
            typer.echo(f"{picture}: the picture.")


def convert(
    source: Annotated[
        Path, typer.Argument(help="An export, a folder of cards, a file of results, an RCTab configuration.")
    ],
    out: Annotated[Path, typer.Argument(help="The file or folder to write.")],
    to: Annotated[str, typer.Option(help="The format; without it, by the name of OUT.")] = "",
    contest: Annotated[str, typer.Option(help="The contest, for formats that hold one only.")] = "",
    secret: Annotated[
        Path | None, typer.Option(help="The secret of the salts (32 bytes or more), to publish.")
    ] = None,
    generated: Annotated[
        str, typer.Option(help="The date and time that a report states, such as 2026-11-21T12:00:00Z.")
    ] = "",
    issuer: Annotated[str, typer.Option(help="The office that a report of results names.")] = "",
    status: Annotated[str, typer.Option(help="How final results are: certified, recount ...")] = "",
    day: Annotated[str, typer.Option(help="The election's day, where results do not state it.")] = "",
    fewest: Annotated[
        int, typer.Option(help="Published: a contest on fewer cards gives voters away.", min=1)
    ] = 10,
    under: Annotated[
        str, typer.Option(metavar="STATE:ROW", help="Published: the row of law that requires it anyway.")
    ] = "",
    rules: Annotated[
        Path | None, typer.Option(help="Write ranked ballots as these rules read them, without their faults.")
    ] = None,
) -> None:
    """Write cast vote records or results in another format, or an RCTab configuration as a rules file.

    Of cast vote records: store, cdf-json, cdf-xml, raire, rctab, blt, preflib, published.
    Of results (Clarity, NIST, OpenElections): err-json, err-xml, openelections. Of a configuration: rules.
    """
    from tallybook.doors.converting import About, converted

    known = rules_in(rules) if rules is not None else None
    asked = About(to, contest, secret, generated, issuer, status, day, fewest, under, known)
    told = converted(source, out, asked)
    console().print(told, soft_wrap=True)


# What the commands show -----------------------------------------------------------------------


def show_problems(found: "Sequence[FileProblem]", file: Path | None) -> None:
    """The gravest problems as a table; all of them are in the file."""
    if not found:
        console().print("No problem was found.")
        return
    rows = [
        (one.consequence.name.lower(), place_of(one), one.found, one.expected, one.mend + more(one))
        for one in found[:MOST_SHOWN]
    ]
    show("Problems, gravest first", ("", "where", "found", "expected", "what to do"), rows)
    if len(found) > MOST_SHOWN:
        where = f"all are in {file}" if file else "--problems FILE.csv writes all"
        console().print(f"{len(found) - MOST_SHOWN} more; {where}.")


def problems_file(found: "Sequence[FileProblem]", suffix: str) -> bytes:
    """Every problem as a table for spreadsheets, or as JSON."""
    import msgspec

    from tallybook.formats.csv_out import table

    if suffix == ".json":
        return msgspec.json.format(msgspec.json.encode([problem_json(one) for one in found])) + b"\n"
    columns = ("consequence", "file", "row", "column", "found", "expected", "mend", "others")
    rows = [
        (one.consequence.name, one.file, one.row, one.column, one.found, one.expected, one.mend, one.others)
        for one in found
    ]
    return table(columns, rows)


def problem_json(one: "FileProblem") -> dict[str, Any]:
    """A problem for machines, its consequence by name."""
    import msgspec

    return {**msgspec.structs.asdict(one), "consequence": one.consequence.name}


def place_of(one: "FileProblem") -> str:
    """Where a problem is, in words."""
    row = f", row {one.row:,}" if one.row else ""
    return f"{one.file}{row}" + (f', "{one.column}"' if one.column else "")


def more(one: "FileProblem") -> str:
    """How often else, in words."""
    return f" (And in {one.others:,} other places.)" if one.others else ""


def show_cards(done: "Sequence[Ingested]") -> None:
    """What was read: cards, styles and contests, for each jurisdiction and together."""
    kept = [one for one in done if one.fingerprint]
    if not kept:
        return
    if len(done) > 1:
        rows = [(one.name, f"{one.cards:,}", str(len(one.styles)), str(len(one.contests))) for one in kept]
        show("Jurisdictions", ("jurisdiction", "cards", "styles", "contests"), rows)
    borne: dict[str, int] = {}
    for one in kept:
        for name, number in one.contests:
            borne[name] = borne.get(name, 0) + number
    show("Contests", ("contest", "cards"), [(name, f"{number:,}") for name, number in borne.items()])
    total, styles = sum(one.cards for one in kept), sum(len(one.styles) for one in kept)
    told = (many(total, "card"), many(len(borne), "contest"), many(styles, "card style"))
    console().print(f"{', '.join(told)}.")


def many(number: int, thing: str) -> str:
    """A number of things in words."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def cards_as_json(done: "Sequence[Ingested]", out: Path) -> Any:
    """What was read, for machines."""
    return {
        "folder": str(out),
        "exports": [
            {
                "jurisdiction": one.name,
                "source": one.source,
                "cards": one.cards,
                "contests": dict(one.contests),
                "styles": list(one.styles),
                "fingerprint": one.fingerprint,
                "problems": [problem_json(problem) for problem in one.problems],
            }
            for one in done
        ],
    }


def show_contests(names: Iterable[tuple[str, str]], as_json: bool) -> None:
    """Which contests can be counted."""
    if as_json:
        say([{"id": id_, "name": name} for id_, name in names])
    else:
        show("Contests", ("id", "name"), names)
        typer.echo("Name one with --contest.")


@contextmanager
def progress(total: int, silent: bool) -> Any:
    """A bar of the bytes read, on a screen only: a function for bytes read, and one for a whole export."""
    if silent or not sys.stderr.isatty():
        yield None, lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

    columns = (BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task, seen = shown.add_task("", total=total), [0, 0]

        def watch(size: int) -> None:
            seen[0] = min(total, seen[0] + size)
            shown.update(task, completed=seen[0])

        def step(size: int) -> None:
            seen[1] += size
            seen[0] = seen[1]
            shown.update(task, completed=seen[1])

        yield watch, step


def bar() -> str:
    """What bars are made of on this screen."""
    encoding = sys.stdout.encoding or "ascii"
    return "█" if encoding.lower().replace("-", "") == "utf8" else "#"


# What the commands ask ------------------------------------------------------------------------


def rules_in(file: Path) -> "Rules":
    """The rules of a file. Raises DoorError with every problem in it."""
    from tallybook.outcomes import read_rules

    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        told = f"{file}: not a text in UTF-8. A rules file is TOML: docs/reference/counting.md."
        raise DoorError(told) from None
    rules, problems = read_rules(text, file.name)
    if rules is None:
        raise DoorError(*(str(problem) for problem in problems))
    return rules


def opened(source: Path) -> "tuple[Names, Ask]":
    """The contests of a folder or export (id and name), and how to get the ballots of one of them."""
    from tallybook.doors.contest_parts import of_records, of_stores, stores_in
    from tallybook.doors.exports import depended_on, read_export, size_of
    from tallybook.doors.jurisdictions import is_grave
    from tallybook.doors.published_cards import is_published, of_published, published_in

    size_of(source)
    stores = stores_in(source) if source.is_dir() else ()
    if stores:
        return of_stores(stores)
    if source.is_dir() and is_published(source):
        return of_published(published_in(source))
    reading = read_export(source)
    if reading.records is None:
        grave = [str(problem) for problem in reading.problems if is_grave(problem)]
        raise DoorError(*grave[:5], "Nothing was counted.")
    for told in depended_on(reading):
        print(told, file=sys.stderr)
    return of_records(reading.records)
