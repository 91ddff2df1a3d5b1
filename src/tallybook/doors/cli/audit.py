"""`tallybook replay`, `plan`, `draw`, `assertions`, `risk`: audits on files, without a book.

Each command reads files, asks the room of audits one thing, and shows the answer in words or with `--json`.
Nothing is kept and nothing is changed.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from tallybook.doors.cli.replaying import replay
from tallybook.doors.cli.shown import DoorError, console, say, show

if TYPE_CHECKING:
    from fractions import Fraction

    from tallybook.doors.card_records import Records
    from tallybook.doors.workbench_case import Case
    from tallybook.doors.workbench_measured import Measured
    from tallybook.election import Manifest

T = TypeVar("T")
AsJson = Annotated[bool, typer.Option("--json", help="For machines.")]


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.command()(plan)
    app.command()(draw)
    app.command()(assertions)
    app.command()(risk)
    app.command()(replay)


ContestFile = Annotated[Path, typer.Argument(metavar="CONTESTS", help="The contest file, TOML.")]
ManifestFile = Annotated[
    Path,
    typer.Argument(
        metavar="MANIFEST", help="Jurisdiction, Batch, Cards, perhaps Container; or Arlo's, or Colorado's."
    ),
]
Seed = Annotated[str, typer.Option(help="20 to 200 digits, rolled in public after everything was fixed.")]
Totals = Annotated[Path | None, typer.Option(help="Reported votes by batch: for batches, and for pools.")]
Which = Annotated[str, typer.Option("--contest", help="The contest's id, where the file has several.")]


# Plan, draw, assertions, risk --------------------------------------------------------------------


def plan(
    contests: ContestFile,
    manifest: Annotated[Path | None, typer.Option(help="The manifest, for batches and counties.")] = None,
    totals: Totals = None,
    method: Annotated[list[str] | None, typer.Option(help="Only these methods; repeat for several.")] = None,
    half_rate: Annotated[str, typer.Option(help="Cards in one that differ by one vote.")] = "0.001",
    full_rate: Annotated[str, typer.Option(help="Cards in one that differ by two votes.")] = "0.0001",
    hour_cents: Annotated[int, typer.Option(help="What an hour of one person costs, in cents.")] = 2_000,
    boards: Annotated[int, typer.Option(help="Audit boards at work at once.")] = 1,
    costs: Annotated[Path | None, typer.Option(help="A cost model, TOML: minutes to fetch, read ...")] = None,
    svg: Annotated[Path | None, typer.Option(help="Write a picture of the distributions here.")] = None,
    as_json: AsJson = False,
) -> None:
    """How many cards or batches each method would read, with hours and money, before the seed.

    A method that has no plan for a contest is named, with the reason.

    Example: tallybook plan contests.toml --manifest manifest.csv
    """
    from tallybook.audit.comparison import ErrorRates
    from tallybook.doors import workbench_cases, workbench_files, workbench_plans
    from tallybook.doors.cli import audit_shown
    from tallybook.doors.plan_picture import picture
    from tallybook.doors.workbench import METHODS

    rates = ErrorRates(share(half_rate, "half-rate"), share(full_rate, "full-rate"))
    model = workbench_files.read_costs(costs, hour_cents, boards)
    held = workbench_files.read_manifest(manifest) if manifest else None
    names = tuple(known_methods(method or METHODS))

    def planned(case: "Case") -> workbench_plans.Plan:
        votes = workbench_cases.batch_votes(totals, case) if totals else None
        records = records_for(contests, case) if held else ()
        asked = workbench_plans.Asked(names, rates, model, held, votes, records)
        return workbench_plans.plan_case(case, asked)

    plans = each(workbench_cases.read_cases(contests), planned)
    for place, one in enumerate(plans if svg else ()):
        assert svg is not None
        name = svg if place == 0 else svg.with_name(f"{svg.stem}-{one.case.contest.id}{svg.suffix}")
        name.write_text(picture(one.case.contest.name, one.plans, one.efforts), "utf-8")
    if as_json:
        say(audit_shown.plain_plans(plans, held, model))
    else:
        audit_shown.show_plans(plans, held, model, bool(method))


def draw(
    manifest: ManifestFile,
    seed: Seed,
    size: Annotated[
        list[str], typer.Option(help="Cards, or draws of batches; STRATUM=N where there are strata.")
    ],
    contests: Annotated[
        Path | None,
        typer.Option(help="The contest file: for batches, for strata, and for the cards of a contest alone."),
    ] = None,
    totals: Totals = None,
    contest: Which = "",
    as_list: Annotated[
        bool, typer.Option("--list", help="By county, container and batch, for those who fetch the cards.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Also write that list to this CSV file, with room for what is read.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Draw cards by ticket, or batches by their bounds where a contest file and totals are given.

    With a contest file only what can hold the contest is drawn: its jurisdictions, the batches of its card
    styles, and where records tell them apart the cards that bear it.

    Shown in the order of the draw; with --list in the order in which the cards lie.

    Example: tallybook draw manifest.csv --seed 31415926535897932384 --size 50 --list
    """
    from tallybook.doors import (
        retrieval,
        workbench_batches,
        workbench_cases,
        workbench_files,
        workbench_population,
        workbench_strata,
    )

    held = workbench_files.read_manifest(manifest)
    case = one_case(workbench_cases.read_cases(contests), contest) if contests else None
    votes = workbench_cases.batch_votes(totals, case) if totals and case else {}
    columns = ["stratum", "ticket", "jurisdiction", "batch", "position"]
    if case is not None and case.strata:
        drawn = workbench_strata.draw_strata(case, held, votes, seed, sizes_of(size, case))
    elif case is not None and votes:
        bounds = workbench_batches.bounds_of(case, workbench_population.holding(case, held), votes)
        names = workbench_batches.draw_batches(bounds, seed, case.contest.id, one_size(size))
        drawn = [("", "", name) for name in names]
    else:
        items = workbench_population.card_items(held)
        if case is not None and contests is not None:
            items = workbench_population.population_items(case, held, records_for(contests, case))
        drawn = [("", *one) for one in workbench_population.draw_cards(items, seed, one_size(size))]
    stops = retrieval.retrieval(held, drawn)
    if out is not None:
        out.write_text(retrieval.file_of(stops), encoding="utf-8", newline="")
    if as_list and as_json:
        say(retrieval.plain(stops))
        return
    if as_list:
        for title, titles, lines in retrieval.listed(stops):
            show(title, titles, lines)
            console().print()
        return
    rows = [(stratum, ticket, *item.split("\n")) for stratum, ticket, item in drawn]
    if as_json:
        told = [dict(zip(columns, row, strict=False)) for row in rows]
        say([{k: v for k, v in one.items() if k != "stratum" or v} for one in told])
        return
    padded = [(*row, "")[:5] for row in rows]
    kept = [n for n, _ in enumerate(columns) if any(row[n] for row in padded)]
    heads = [columns[n].capitalize() for n in kept]
    show(f"{len(rows)} drawn", heads, [[row[n] for n in kept] for row in padded])


def assertions(
    contests: ContestFile,
    certificates: Annotated[
        Path | None, typer.Option(help="A folder for the proofs that ranked assertions are enough.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """What must be true for each reported outcome to be right, and by how much the totals say it is.

    Example: tallybook assertions contests.toml
    """
    from tallybook.doors import workbench, workbench_cases
    from tallybook.doors.cli import audit_shown

    cases = workbench_cases.read_cases(contests)
    told = each(cases, lambda c: (c, () if c.is_without_records else workbench.margins_of(c)))
    if certificates is not None:
        certificates.mkdir(parents=True, exist_ok=True)
        for case, _ in told:
            audit_shown.write_certificate(case, certificates)
    if as_json:
        say([row for case, margins in told for row in audit_shown.plain_margins(case, margins)])
        return
    for case, margins in told:
        audit_shown.show_margins(case, margins)


def risk(
    contests: ContestFile,
    manifest: ManifestFile,
    readings: Annotated[Path, typer.Argument(metavar="READINGS", help="What people read.")],
    seed: Seed,
    method: Annotated[str, typer.Option(help="How it was audited.")] = "",
    totals: Totals = None,
    counted: Annotated[
        Path | None, typer.Option(help="Hand counts by batch, where a stratum has some.")
    ] = None,
    draws: Annotated[
        list[str] | None, typer.Option(help="Draws of batches; STRATUM=N where there are strata.")
    ] = None,
    records: Annotated[
        Path | None, typer.Option(help="Where the records of drawn cards lie: a folder of tallybook cards.")
    ] = None,
    contest: Which = "",
    as_json: AsJson = False,
) -> None:
    """The risk of every assertion from what was read, and the next step: stop, another round, count all.

    What was recorded of a drawn card is looked up in --records, or in the folder that the contest file
    names as cards_from; where there is neither, the readings say it in the column Reported.
    Exit code 1 while a contest is not finished.

    Example: tallybook risk contests.toml manifest.csv readings.csv --seed 31415926535897932384
    """
    from tallybook.doors import workbench_cases, workbench_files
    from tallybook.doors.cli import audit_shown

    held = workbench_files.read_manifest(manifest)
    cases = workbench_cases.read_cases(contests)
    chosen = [one_case(cases, contest)] if contest else list(cases)
    kept = {case.contest.id: records or records_beside(contests, case) for case in chosen}

    def ask(case: "Case") -> "Measured":
        files = (readings, totals, counted, kept[case.contest.id])
        return measured(case, held, files, seed, method, draws or [])

    told = each(chosen, ask)
    if as_json:
        say([audit_shown.plain_measured(one) for one in told])
    else:
        for one in told:
            audit_shown.show_measured(one)
    if any(one.decision.step in ("another_round", "full_hand_count") for one in told):
        raise typer.Exit(1)


def each(cases: "Sequence[Case]", ask: "Callable[[Case], T]") -> list[T]:
    """The answer for every contest; DoorError with the troubles of all of them."""
    answers, lines = [], []
    for case in cases:
        try:
            answers.append(ask(case))
        except DoorError as trouble:
            lines += str(trouble).splitlines()
    if lines:
        last = lines[-1]
        raise DoorError(*dict.fromkeys(line for line in lines if line != last), last)
    return answers


Files = tuple[Path, Path | None, Path | None, Path | None]
"""Readings (of batches: the hand counts), totals by batch, hand counts beside readings of cards, records."""


def records_beside(contests: Path, case: "Case") -> Path | None:
    """The folder of `tallybook cards` that the contest file names for a contest; None where it is none."""
    from tallybook.doors.contest_parts import stores_in
    from tallybook.doors.workbench_files import read_rows

    rows, _ = read_rows(contests)
    named = {row.id: row.cards_from for row in rows}.get(case.contest.id.split(", seat ")[0], "")
    source = contests.parent / named
    return source if named and source.is_dir() and stores_in(source) else None


def records_for(contests: Path, case: "Case") -> "Records":
    """The records of the folder that the contest file names for a contest; none where it names none."""
    return records_in(records_beside(contests, case), case)


def measured(
    case: "Case", held: "Manifest", files: Files, seed: str, asked: str, draws: Sequence[str]
) -> "Measured":
    """One contest measured by the method that fits, or that was asked for."""
    from tallybook.doors import workbench, workbench_awaire, workbench_batches, workbench_pools
    from tallybook.doors.workbench_cases import batch_votes
    from tallybook.doors.workbench_files import read_readings

    readings, totals, _, source = files
    method = known_methods([asked])[0] if asked else usual_method(case)
    if case.strata or method in ("strata", "SUITE"):
        return measured_strata(case, held, files, seed, method, draws)
    if method in ("batch_comparison", "MACRO"):
        if totals is None or not draws:
            raise DoorError("Batch comparison needs --totals, the reported votes by batch, and --draws.")
        reported, found = (batch_votes(path, case) for path in (totals, readings))
        return workbench_batches.measure_batches(case, held, reported, found, seed, one_size(draws))
    rows = read_readings(readings)
    if method == "AWAIRE" or case.is_without_records:
        if method != "AWAIRE":
            raise DoorError(f"{case.contest.id}: without records of cards only AWAIRE can tell.")
        return workbench_awaire.measure_awaire(case, held, seed, rows)
    if method == "ONEAudit":
        if totals is None:
            raise DoorError("ONEAudit needs --totals: the reported votes of the batches that are pools.")
        pooled = batch_votes(totals, case)
        return workbench_pools.measure_pools(case, held, pooled, seed, rows, records_in(source, case))
    compares = method == "card_comparison" or method in workbench.COMPARISONS
    kept = records_in(source, case) if compares else ()
    return workbench.measure_cards(case, held, seed, rows, method, kept)


def records_in(source: Path | None, case: "Case") -> "Records":
    """The records of a case, where there are any."""
    from tallybook.doors.card_records import open_records

    return open_records(source, case) if source is not None else ()


def measured_strata(
    case: "Case", held: "Manifest", files: Files, seed: str, method: str, draws: Sequence[str]
) -> "Measured":
    """A contest of several strata: each with its own files."""
    from tallybook.doors.workbench_cases import batch_votes
    from tallybook.doors.workbench_files import read_readings
    from tallybook.doors.workbench_strata import Files as Read
    from tallybook.doors.workbench_strata import measure_strata

    readings, totals, counted, source = files
    if not case.strata:
        raise DoorError(f"{case.contest.id} has one stratum; {method} needs several in the contest file.")
    if method not in ("strata", "SUITE"):
        raise DoorError(
            f"{case.contest.id} has strata, each with its own evidence: --method strata or SUITE."
        )
    batches = any(one.how == "batch_comparison" for one in case.strata)
    if any(one.how == "pools" for one in case.strata) and totals is None:
        raise DoorError("A stratum of pools needs --totals: what was reported of each of its batches.")
    if batches and (totals is None or counted is None or not draws):
        raise DoorError("A stratum of batches needs --totals, --counted and --draws STRATUM=N.")
    read = Read(
        held,
        read_readings(readings),
        batch_votes(totals, case) if totals else {},
        batch_votes(counted, case) if counted else {},
        sizes_of(draws, case),
        records_in(source, case),
    )
    return measure_strata(case, read, seed, method)


def usual_method(case: "Case") -> str:
    """The method where none was named."""
    if case.strata:
        return "strata"
    return "AWAIRE" if case.is_without_records else "card_comparison"


def share(text: str, option: str) -> "Fraction":
    """A rate from 0 to below 1."""
    from fractions import Fraction

    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(-1)
    if not 0 <= rate < 1:
        raise DoorError(f'--{option}: found "{text}"; expected a rate from 0 to below 1, such as 0.001.')
    return rate


def one_size(words: Sequence[str]) -> int:
    """A single whole number."""
    if len(words) != 1 or not words[0].isdecimal() or int(words[0]) < 1:
        raise DoorError(f'Found the size "{" ".join(words)}"; expected one whole number, such as 50.')
    return int(words[0])


def sizes_of(words: Sequence[str], case: "Case") -> Mapping[str, int]:
    """Stratum -> size, from words such as mail=50."""
    names = [one.name for one in case.strata]
    sizes = {}
    for word in words:
        name, _, number = word.rpartition("=")
        if name not in names or not number.isdecimal():
            raise DoorError(f'Found "{word}"; expected STRATUM=N with a stratum of: {", ".join(names)}.')
        sizes[name] = int(number)
    return sizes


def known_methods(names: Sequence[str]) -> list[str]:
    """The methods as this program spells them; DoorError names those that there are."""
    from tallybook.doors.workbench import METHODS

    also = {"pools": "ONEAudit", "hybrid": "strata", "stratified": "strata", "comparison": "card_comparison"}
    spelt = {flat(name): name for name in METHODS} | also
    strange = [name for name in names if flat(name) not in spelt]
    if strange:
        raise DoorError(f'There is no method "{strange[0]}". There is: {", ".join(METHODS)}.')
    return [spelt[flat(name)] for name in names]


def flat(name: str) -> str:
    """A method's name without case, hyphens and blanks."""
    return name.casefold().replace("-", "").replace("_", "").replace(" ", "")


def one_case(cases: "Sequence[Case]", contest: str) -> "Case":
    """The contest asked for, or the only one."""
    found = [case for case in cases if contest in ("", case.contest.id)]
    if len(found) != 1:
        ids = ", ".join(case.contest.id for case in cases)
        raise DoorError(f"Name one contest with --contest. The file has: {ids}.")
    return found[0]
