"""`tallybook canvass`: do the accounts of a county, or of all, agree? Findings by number, or none."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tallybook.doors.cli.options import HOME, AtHome, Book
from tallybook.doors.cli.rows import refuse, rows_of
from tallybook.doors.cli.shown import DoorError, console, say, show

if TYPE_CHECKING:
    from tallybook.canvass import Account, Canvass, Finding, Record


MOST_PLACES = 12


def add_to(app: typer.Typer) -> None:
    """Put the command on the command line."""
    app.command()(canvass)


def canvass(
    accounts: Annotated[Path, typer.Argument(metavar="ACCOUNTS.csv", help="A row a place, counts as known.")],
    margin: Annotated[int | None, typer.Option(help="The closest contest's margin in votes.", min=0)] = None,
    test_deck: Annotated[
        list[int] | None, typer.Option(help="The size of a test deck in the building; repeat for several.")
    ] = None,
    custody: Annotated[
        Path | None, typer.Option(help="Events of containers: container,time,action,persons,place,seal.")
    ] = None,
    containers: Annotated[Path | None, typer.Option(help="Containers: container,cards.")] = None,
    explained: Annotated[
        Path | None, typer.Option(help="What was found out: places, earlier,later,cards,words.")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option("--svg", help="Draw the containers' timelines into this file.")
    ] = None,
    enter: Annotated[
        bool, typer.Option("--enter", help="Report every open finding in a book, as an act.")
    ] = False,
    office: Annotated[
        str, typer.Option(help="With --enter: the office that reports.")
    ] = "county_superintendent",
    contest: Annotated[str, typer.Option(help="With --enter: the contest; all of them if left out.")] = "",
    home: AtHome = HOME,
    book: Book = "",
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Compare voters credited, ballots cast and cards in manifest, scanned and tabulated; say what differs.

    Columns of places: county precinct mode scanner memory_card batch. Of counts: voters_credited
    ballots_cast cards_manifest cards_scanned cards_tabulated, and others. An empty cell is "not stated".
    Exit code 1 where anything differs. With --enter the open findings stand in the book, and every
    certification after that carries their numbers until they are closed; twice is once.

    Example: tallybook canvass accounts.csv --margin 12670
    """
    from tallybook.canvass import read_accounts

    rows, problems = read_accounts(rows_of(accounts), accounts.name)
    refuse(problems)
    found = reconciled(rows, margin, test_deck or [], explained)
    record = custody_record(custody, containers, margin, len(found.findings)) if custody else None
    if picture is not None:
        draw(record, picture)
    findings = (*found.findings, *(record.findings if record else ()))
    assumed = {f"container {one.container}": one.says for one in record.assumptions} if record else {}
    stand = entered(findings, assumed, accounts, office, contest, home, book) if enter else []
    if as_json:
        more = {"entered": [list(one) for one in stand]} if enter else {}
        say({**plain(found, record), **plain_ratios(rows), **more})
    else:
        told(found, record)
        told_ratios(rows)
        for number, words in stand:
            console().print(f"Finding {number} in the book: {words}", markup=False)
    if any(one.severity != "note" for one in findings):
        raise typer.Exit(1)


def draw(record: "Record | None", file: Path) -> None:
    """The chain of custody as a picture."""
    from tallybook.doors.custody_picture import picture

    if record is None or not record.timelines:
        raise DoorError(f"{file} was not written: --svg draws what --custody names.")
    file.write_text(picture(record) + "\n", encoding="utf-8")


def entered(
    findings: "tuple[Finding, ...]",
    assumed: dict[str, str],
    accounts: Path,
    office: str,
    contest: str,
    home: Path,
    book: str,
) -> list[tuple[int, str]]:
    """Report the open findings in a book: the number of each here, and what became of it there."""
    from tallybook.doors.entering_findings import report_findings

    return list(report_findings(findings, assumed, accounts, office, contest, home, book))


def reconciled(
    rows: "tuple[Account, ...]", margin: int | None, test_decks: list[int], explained: Path | None
) -> "Canvass":
    """The comparison, with the explanations of a file."""
    from tallybook.canvass import read_explanations, reconcile, unused

    told, problems = read_explanations(rows_of(explained), explained.name) if explained else ((), [])
    refuse(problems)
    found = reconcile(rows, margin, test_decks, told)
    differ = {(m.place, m.earlier, m.later) for m in found.meetings if m.found != m.expected}
    refuse(unused(told, differ, explained.name if explained else ""))
    return found


def custody_record(events: Path, containers: Path | None, margin: int | None, before: int) -> "Record":
    """The record of the containers, from its files; its findings are numbered after those `before`."""
    import msgspec

    from tallybook.canvass import custody, read_containers, read_events

    read, problems = read_events(rows_of(events), events.name)
    listed, others = read_containers(rows_of(containers), containers.name) if containers else ((), [])
    refuse([*problems, *others])
    record = custody(read, listed, margin)
    replace = msgspec.structs.replace
    return replace(record, findings=tuple(replace(f, number=f.number + before) for f in record.findings))


def told(found: "Canvass", record: "Record | None") -> None:
    """The answer for people."""
    from tallybook.canvass.accounts import WORDS

    show("Totals as stated", ("Count", "Number"), [(WORDS[s], f"{n:,}") for s, n in found.totals.items()])
    for line in found.not_stated:
        console().print(line)
    console().print(f"\nCompared in {len(found.meetings):,} places. A difference of one card is seen there,")
    console().print("unless an equal and opposite one lies in the same place and step.\n")
    told_findings(found.findings)
    if record is not None:
        told_timelines(record)
        console().print("\nChain of custody:")
        told_findings(record.findings)
        for one in record.assumptions:
            console().print(f"Assumed of container {one.container}: {one.says}")


def told_ratios(rows: "tuple[Account, ...]") -> None:
    """Turnout and votes not used, where they are stated, the highest shares first."""
    from tallybook.canvass import residual_votes, turnout
    from tallybook.canvass.findings import percent

    for title, ratios in (("Turnout", turnout(rows)), ("Votes not used", residual_votes(rows))):
        ordered = sorted(ratios, key=lambda one: (-one.share, str(one.place)))
        lines = [
            (str(one.place), f"{one.part:,}", f"{one.whole:,}", percent(one.share, 2)) for one in ordered
        ]
        if lines:
            console().print("")
            show(title, ("Place", "Number", "Of", "Share"), lines[:MOST_PLACES])
        if len(lines) > MOST_PLACES:
            console().print(f"{len(lines) - MOST_PLACES:,} more places; --json has all.")


def plain_ratios(rows: "tuple[Account, ...]") -> dict[str, Any]:
    """Turnout and votes not used for machines, as exact numbers."""
    from tallybook.canvass import residual_votes, turnout

    return {
        name: [{"place": str(one.place), "number": one.part, "of": one.whole} for one in ratios]
        for name, ratios in (("turnout", turnout(rows)), ("votes_not_used", residual_votes(rows)))
    }


def told_timelines(record: "Record") -> None:
    """Each container's events in the order of time."""
    for name, line in record.timelines.items():
        state = "unbroken" if name in record.unbroken else "with gaps"
        rows = [
            (
                one.time.isoformat(sep=" ", timespec="minutes"),
                one.action,
                one.place,
                one.seal,
                "; ".join(one.persons),
            )
            for one in line
        ]
        console().print("")
        show(f"Container {name}, {state}", ("Time", "", "Place", "Seal", "Present"), rows)


def told_findings(findings: "tuple[Finding, ...]") -> None:
    """Findings one by one, so that each can be read aloud."""
    if not findings:
        console().print("No findings: what is stated agrees.")
    for one in findings:
        console().print(f"{one.number}. [{one.severity}] {one.place}: {one.says}", markup=False)
        for cause in one.causes:
            console().print(f"   Possible: {cause.words}", markup=False)
        if one.to_do:
            console().print(f"   To do: {one.to_do}", markup=False)


def plain(found: "Canvass", record: "Record | None") -> dict[str, Any]:
    """The answer for machines."""
    answer: dict[str, Any] = {
        "margin": found.margin,
        "totals": dict(found.totals),
        "not_stated": list(found.not_stated),
        "places_compared": len(found.meetings),
        "cards_open": found.cards_open,
        "findings": [plain_finding(one) for one in found.findings],
    }
    if record is not None:
        answer["custody"] = {
            "findings": [plain_finding(one) for one in record.findings],
            "assumptions": [
                {"container": a.container, "says": a.says, "cards": a.cards} for a in record.assumptions
            ],
            "unbroken": list(record.unbroken),
            "timelines": {
                name: [
                    {"time": e.time.isoformat(), "action": e.action, "place": e.place, "seal": e.seal}
                    for e in line
                ]
                for name, line in record.timelines.items()
            },
            "gaps": {
                name: [{"kind": g.kind, "event": g.at, "before": g.before, "says": g.says} for g in found]
                for name, found in record.gaps.items()
            },
        }
    return answer


def plain_finding(one: "Finding") -> dict[str, Any]:
    """A finding for machines; the share of the margin as a fraction."""
    return {
        "number": one.number,
        "kind": one.kind,
        "severity": one.severity,
        "place": one.place,
        "step": one.step,
        "expected": one.expected,
        "found": one.found,
        "cards": one.cards,
        "of_margin": "" if one.of_margin is None else str(one.of_margin),
        "says": one.says,
        "causes": [{"kind": c.kind, "words": c.words, "to_do": c.to_do} for c in one.causes],
        "to_do": one.to_do,
    }
