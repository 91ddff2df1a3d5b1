"""`tallybook audit`: a risk-limiting audit inside a book, one command for each of its acts.

For the officials of the audit, in the order of the commands: publish, commit, seed, draw (pull), read, open,
settle, records, explain, sign, measure, stop. What each act is and when it is refused: docs/spec/audit.md.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tallybook.doors.cli.audit_acts import Desk, told
from tallybook.doors.cli.shown import DoorError, console, say, show

if TYPE_CHECKING:
    from tallybook.book.audit_runs import Run

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

HOME = Path("tallybook-home")
COUNTY, BOARD = "county_superintendent", "audit_board"
AtHome = Annotated[
    Path, typer.Option("--home", envvar="TALLYBOOK_HOME", help="The folder of this installation.")
]
Book = Annotated[str, typer.Option("--book", help="Which book; needed only where there are several.")]
Office = Annotated[str, typer.Option(help="The office that asks.")]
Place = Annotated[str, typer.Option(help="The place of the audit, where it has one.")]
Secret = Annotated[Path, typer.Option(help="The file of the secret of the salts, kept apart.")]
Reader = Annotated[str, typer.Argument(help="Who read: a name for each of the two readers.")]
Table = Annotated[Path, typer.Argument(metavar="READINGS.csv", help="Item, Contest, Reading.")]
Out = Annotated[Path | None, typer.Option(help="Also write the list to this CSV file, for a spreadsheet.")]
AsJson = Annotated[bool, typer.Option("--json", help="For machines.")]


def add_to(main: typer.Typer) -> None:
    """The command, under the main one."""
    main.add_typer(app, name="audit", help="A risk-limiting audit inside a book, act by act.")


@app.command()
def publish(
    source: Annotated[Path, typer.Argument(metavar="EXPORT", help="The voting system's export.")],
    out: Annotated[Path, typer.Argument(help="The folder for the rows.")],
    secret: Secret,
    pools: Annotated[
        Path | None,
        typer.Option(help="A table of batches (Batch) whose cards cannot be told apart: totals, no rows."),
    ] = None,
    only: Annotated[
        Path | None, typer.Option(help="A table of batches (Batch): rows for their cards alone, a stratum.")
    ] = None,
    home: AtHome = HOME,
    book: Book = "",
) -> None:
    """Make the rows of every contest of the book from an export: readings with sealed names, shuffled.

    The secret is made if it is not there. Keep it apart: whoever has it can open every row. Batches that are
    pools are audited by their totals (pools.json beside the rows); name both in the plan.
    """
    from tallybook.doors import auditing
    from tallybook.doors.audit_totals import batches_in
    from tallybook.doors.home import new_secret, read_secret

    key = read_secret(secret) if secret.exists() else new_secret(secret)
    named = [batches_in(table) if table is not None else [] for table in (only, pools)]
    for line in auditing.publish(source, out, Desk(home, book, "").standing(), key, *named):
        console().print(line)


@app.command()
def commit(
    plan: Annotated[Path, typer.Argument(metavar="PLAN.toml", help="The plan file.")],
    office: Office = COUNTY,
    place: Place = "",
    home: AtHome = HOME,
    book: Book = "",
    as_json: AsJson = False,
) -> None:
    """Commit the plan of an audit: contests, manifest, what was reported, sizes, the board's keys.

    A contest is audited by `comparison` with its rows, by `polling`, by `pools` (rows and totals of batches),
    or in several strata, each by one of these. Then have a checkpoint witnessed and recorded; the seed waits
    for it.
    """
    from tallybook.doors import audit_plans
    from tallybook.doors.cli.asking import today
    from tallybook.keep.clocks import utc_now

    desk = Desk(home, book, place)
    standing = desk.standing()
    data, files = audit_plans.planned(plan, standing, today(standing, utc_now()))
    filed = [(name, [data]) for name, data in (*files, ("plan.json", data))]
    entry = desk.ask("commit_audit_plan", office, {"plan": audit_plans.fingerprint(data)}, files=filed)
    told(
        entry, "the plan is committed. Have a checkpoint witnessed and recorded, then roll the seed.", as_json
    )


@app.command()
def seed(
    digits: Annotated[str, typer.Argument(help="20 or more digits, as rolled.")],
    roller: Annotated[list[str] | None, typer.Option(help="Who rolled; repeat.")] = None,
    witness: Annotated[list[str] | None, typer.Option(help="Who watched; repeat.")] = None,
    dice: Annotated[str, typer.Option(help="What was rolled.")] = "",
    office: Office = COUNTY,
    place: Place = "",
    home: AtHome = HOME,
    book: Book = "",
) -> None:
    """Record the seed that was rolled in public."""
    desk = Desk(home, book, place)
    said = {"rollers": roller or [], "witnesses": witness or [], "dice": dice}
    detail = {"audit": desk.run().seq, "seed": digits, **{k: v for k, v in said.items() if v}}
    told(desk.ask("record_audit_seed", office, detail), "the seed is recorded. Draw: `tallybook audit draw`.")


@app.command()
def draw(
    size: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CONTEST=N",
            help="Cards in all rounds; later rounds only. Of strata: of the one that was planned greatest.",
        ),
    ] = None,
    out: Out = None,
    office: Office = COUNTY,
    place: Place = "",
    home: AtHome = HOME,
    book: Book = "",
    as_json: AsJson = False,
) -> None:
    """Draw a round, and list what to pull: where it is kept, batch, item, contests."""
    from tallybook.doors import audit_desk

    desk = Desk(home, book, place)
    before = desk.run()
    asked = dict(size_of(one) for one in size or ())
    sizes = audit_desk.sizes_of(before, asked)
    detail = {"audit": before.seq, **({"sizes": sizes} if size else {})}
    entry = desk.ask("draw_audit_round", office, detail)
    run = desk.run()
    new = [one for one in run.items if one not in before.items]
    listed(desk, run, entry.seq, run.round, new, out, as_json)


@app.command()
def pull(
    number: Annotated[int, typer.Option("--round", help="Which round; the latest where none is named.")] = 0,
    out: Out = None,
    place: Place = "",
    home: AtHome = HOME,
    book: Book = "",
    as_json: AsJson = False,
) -> None:
    """List again what a round drew, from the book: where it is kept, batch, item, contests.

    Nothing is drawn and nothing is entered.

    Example: tallybook audit pull --round 1 --out pull.csv
    """
    from tallybook.doors import home as homes
    from tallybook.doors.pull_lists import rounds_of
    from tallybook.keep.exhibits import read_exhibit
    from tallybook.merkle.canonical import decode

    desk = Desk(home, book, place)
    run = desk.run()
    found = rounds_of(
        run, homes.entries(desk.keep, desk.book), lambda name: decode(read_exhibit(desk.keep, name))
    )
    if not found:
        raise DoorError("No round is drawn yet: `tallybook audit draw`.")
    if not 0 <= number <= len(found):
        raise DoorError(f"--round: found {number}; expected a round from 1 to {len(found)}.")
    which = number or len(found)
    entry, items = found[which - 1]
    listed(desk, run, entry, which, items, out, as_json)


def listed(
    desk: Desk, run: "Run", entry: int, number: int, items: Iterable[str], out: Path | None, as_json: bool
) -> None:
    """What a round drew, in the order in which it lies: shown, and written where asked."""
    from tallybook.doors import pull_lists
    from tallybook.keep.exhibits import read_exhibit
    from tallybook.merkle.canonical import decode

    manifest = decode(read_exhibit(desk.keep, run.plan.manifest))
    pulls = pull_lists.to_pull(run, items, manifest)
    if out:
        out.write_text(pull_lists.sheet_of(pulls), encoding="utf-8", newline="")
    if as_json:
        say({"entry": entry, "pull": pull_lists.plain(pulls)})
        return
    show(f"Round {number}: to pull", *pull_lists.table_of(pulls))


def size_of(text: str) -> tuple[str, int]:
    """CONTEST=N."""
    name, _, number = text.partition("=")
    if not (number.isascii() and number.isdecimal()):
        raise DoorError(f'--size "{text}": write it as CONTEST=N, such as --size mayor=90.')
    return name, int(number)


@app.command()
def read(
    reader: Reader,
    table: Table,
    secret: Secret,
    office: Office = BOARD,
    place: Place = "",
    home: AtHome = HOME,
    book: Book = "",
) -> None:
    """Hand in one reader's readings, sealed. The other reader does not see them before both are in."""
    from tallybook.doors import audit_desk, auditing
    from tallybook.doors.home import new_secret, read_secret

    desk = Desk(home, book, place)
    run, key = desk.run(), read_secret(secret) if secret.exists() else new_secret(secret)
    rows = audit_desk.commitments(run.seq, reader, auditing.readings_of(table, run), key)
    last = desk.each("commit_readings", office, "commitments", rows, reader=reader)[-1]
    told(last, f"{len(rows)} readings are sealed; {last.result['waiting']} items wait for a reading.")


@app.command("open")
def open_(
    reader: Reader,
    table: Table,
    secret: Secret,
    office: Office = BOARD,
    place: Place = "",
    home: AtHome = HOME,
    book: Book = "",
) -> None:
    """Open one reader's readings, once both are in."""
    from tallybook.doors import audit_desk, auditing
    from tallybook.doors.home import read_secret

    desk = Desk(home, book, place)
    run = desk.run()
    rows = audit_desk.openings(run.seq, reader, auditing.readings_of(table, run), read_secret(secret))
    made = desk.each("open_readings", office, "openings", rows, reader=reader)
    differ = [item for entry in made for item in entry.result.get("differ", ())]
    told(made[-1], f"{len(rows)} readings are open. Read differently: {', '.join(differ) or 'none'}.")


@app.command()
def settle(
    table: Annotated[Path, typer.Argument(metavar="SETTLED.csv", help="Item, Contest, Reading, Cause.")],
    office: Office = BOARD,
    place: Place = "",
    home: AtHome = HOME,
    book: Book = "",
) -> None:
    """Settle what two readers read differently."""
    from tallybook.doors import auditing

    desk = Desk(home, book, place)
    causes = {item: cause for (item, _), cause in auditing.causes_of(table).items()}
    rows = [[i, said, causes[i]] for i, said in auditing.readings_of(table, desk.run()).items()]
    told(desk.each("adjudicate_readings", office, "settled", rows)[-1], f"{len(rows)} readings are settled.")


@app.command()
def records(
    secret: Secret, office: Office = COUNTY, place: Place = "", home: AtHome = HOME, book: Book = ""
) -> None:
    """Open the records of every settled item, and list what differs."""
    from tallybook.doors import audit_desk
    from tallybook.doors.home import read_secret

    desk = Desk(home, book, place)
    run = desk.run()
    waiting = [
        i for i, one in run.items.items() if one.settled is not None and len(one.rows) < len(run.compared(i))
    ]
    rows = audit_desk.record_openings(run, waiting, read_secret(secret))
    last = desk.each("open_records", office, "records", rows)[-1]
    found = audit_desk.explanations(desk.run(), {})
    told(last, f"{len(rows)} records are open; {len(found)} discrepancies without a cause.")
    if found:
        show("To explain", ("Item", "Contest"), [(item, name) for item, name, _ in found])


@app.command()
def explain(
    table: Annotated[Path, typer.Argument(metavar="CAUSES.csv", help="Item, Contest, Cause.")],
    office: Office = BOARD,
    place: Place = "",
    home: AtHome = HOME,
    book: Book = "",
) -> None:
    """Say what caused each discrepancy."""
    from tallybook.doors import auditing

    rows = [[item, name, cause] for (item, name), cause in auditing.causes_of(table).items()]
    desk = Desk(home, book, place)
    told(desk.each("explain_discrepancies", office, "causes", rows)[-1], f"{len(rows)} causes are recorded.")


@app.command()
def correct(
    table: Annotated[
        Path, typer.Argument(metavar="NOW.csv", help="Item, Contest, Reading, Cause of one item.")
    ],
    wrong: Annotated[str, typer.Option(help="What was wrong with the settled reading.")],
    office: Office = BOARD,
    place: Place = "",
    home: AtHome = HOME,
    book: Book = "",
    as_json: AsJson = False,
) -> None:
    """Correct a settled reading by an entry of its own, which says the new risk. The board signs it after."""
    from tallybook.doors import auditing

    desk = Desk(home, book, place)
    run = desk.run()
    found, causes = auditing.readings_of(table, run), auditing.causes_of(table)
    if len(found) != 1:
        raise DoorError(f"{table}: found {len(found)} items; expected the rows of one.")
    ((item, now),) = found.items()
    detail = {"audit": run.seq, "item": item, "readings_now": now, "wrong": wrong}
    entry = desk.ask("correct_reading", office, {**detail, "cause_code": next(iter(causes.values()))})
    after = desk.run()
    again = [name for name in after.contests_of(item) if name in after.results]
    rows = [auditing.counted(name, after.results[name]) for name in again]
    told(entry, f"the reading of {item} is corrected.", as_json)
    if rows and not as_json:
        show("Measured anew", ("Contest", "Cards used", "Risk", "Next"), rows)


@app.command()
def sign(
    member: Annotated[list[str], typer.Option(metavar="NAME=KEYFILE", help="Who signs; repeat.")],
    office: Office = BOARD,
    place: Place = "",
    home: AtHome = HOME,
    book: Book = "",
) -> None:
    """Sign the sitting: one signature of each member under the root of all its acts."""
    from tallybook.doors import audit_desk
    from tallybook.doors.home import read_secret

    desk = Desk(home, book, place)
    run = desk.run()
    keys = {name: read_secret(Path(path)) for name, _, path in (one.partition("=") for one in member)}
    rows = audit_desk.signatures(desk.standing(), run.seq, keys)
    entry = desk.ask("sign_sitting", office, {"audit": run.seq, "signatures": rows})
    told(entry, f"sitting {entry.result['sitting']} is signed, {entry.result['acts']} acts.")


@app.command()
def measure(
    office: Office = COUNTY, place: Place = "", home: AtHome = HOME, book: Book = "", as_json: AsJson = False
) -> None:
    """Measure the risk of every open contest, and say what comes next."""
    from tallybook.doors import auditing

    desk = Desk(home, book, place)
    before = desk.run()
    entry = desk.ask("measure_risk", office, {"audit": before.seq})
    run = desk.run()
    found = {name: run.results[name] for name in before.open_contests}
    if as_json:
        say({"entry": entry.seq, "result": {**entry.result, "contests": found}})
        return
    rows = [auditing.counted(name, one) for name, one in found.items()]
    show(f"Round {run.round}", ("Contest", "Cards used", "Risk", "Next"), rows)
    sure = [row for name in found for row in auditing.how_sure(run, name)]
    if sure:
        show("How sure", ("Claim", "Reported", "True sum between", "More full errors it bears"), sure)


@app.command()
def stop(
    contest: Annotated[str, typer.Argument(help="The contest whose audit ends.")],
    office: Office = COUNTY,
    place: Place = "",
    home: AtHome = HOME,
    book: Book = "",
    as_json: AsJson = False,
) -> None:
    """End the audit of a contest: at its risk limit, or when every card is counted."""
    desk = Desk(home, book, place)
    entry = desk.ask("stop_audit", office, {"audit": desk.run().seq}, contest=contest)
    found = entry.result
    said = "bears out" if found["confirmed"] else "does not bear out"
    by = "the count of every card" if found["by"] == "count" else "the sample"
    told(entry, f"the audit of {contest} has ended: {by} {said} the reported outcome.", as_json)
