"""`tallybook replay`, `plan`, `draw`, `assertions`, `risk`: audits on files, without a book.

Each command reads files, asks the room of audits one thing, and shows the answer in words or with `--json`.
Nothing is kept and nothing is changed.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tallybook.doors.cli.shown import DoorError, console, say, show

if TYPE_CHECKING:
    from fractions import Fraction

    from tallybook.audit.costs import Effort
    from tallybook.audit.deciding import Decision
    from tallybook.audit.planning import SizePlan
    from tallybook.audit.replaying import Line, Replay
    from tallybook.doors.audit_files import Case
    from tallybook.doors.workbench import Measured

AsJson = Annotated[bool, typer.Option("--json", help="For machines.")]


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.command()(plan)
    app.command()(draw)
    app.command()(assertions)
    app.command()(risk)
    app.command()(replay)


ContestFile = Annotated[Path, typer.Argument(metavar="CONTESTS", help="The contest file, TOML.")]
ManifestFile = Annotated[Path, typer.Argument(metavar="MANIFEST", help="Jurisdiction, Batch, Cards.")]
Seed = Annotated[str, typer.Option(help="20 to 200 digits, rolled in public after everything was fixed.")]
Totals = Annotated[Path | None, typer.Option(help="Reported votes by batch, for batch comparison.")]
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
    svg: Annotated[Path | None, typer.Option(help="Write a picture of the distributions here.")] = None,
    as_json: AsJson = False,
) -> None:
    """How many cards or batches each method would read, with hours and money, before the seed.

    Example: tallybook plan contests.toml --manifest manifest.csv
    """
    from tallybook.audit.comparison import ErrorRates
    from tallybook.audit.costs import CostModel
    from tallybook.doors import audit_files, workbench
    from tallybook.doors.plan_picture import picture

    rates = ErrorRates(share(half_rate, "half-rate"), share(full_rate, "full-rate"))
    model = CostModel(hour_cents=hour_cents, boards=boards)
    held = audit_files.read_manifest(manifest) if manifest else None
    told: list[tuple[Case, list[SizePlan], list[Effort]]] = []
    for case in audit_files.read_cases(contests):
        bounds = None
        if held:
            workbench.against_manifest(case, held)
        if held and totals:
            bounds = workbench.bounds_of(case, held, audit_files.read_batch_votes(totals, case.contest))
        names = known_methods(method or list(workbench.METHODS))
        plans = workbench.plans_of(case, names, rates, bounds)
        if svg:
            name = svg if len(told) == 0 else svg.with_name(f"{svg.stem}-{case.contest.id}{svg.suffix}")
            name.write_text(picture(case.contest.name, plans), "utf-8")
        told.append((case, plans, workbench.efforts(plans, bounds, held, model)))
    if as_json:
        shares = [workbench.by_county(plans, held) for _, plans, _ in told]
        say([plain_plan(*one) | {"by_jurisdiction": s} for one, s in zip(told, shares, strict=True)])
        return
    for case, plans, efforts in told:
        show_plan(case, plans, efforts)
        show_counties(workbench.by_county(plans, held))


def draw(
    manifest: ManifestFile,
    seed: Seed,
    size: Annotated[int, typer.Option(help="How many cards, or draws of batches.")],
    contests: Annotated[Path | None, typer.Option(help="The contest file, to draw batches.")] = None,
    totals: Totals = None,
    contest: Which = "",
    as_json: AsJson = False,
) -> None:
    """Draw cards by ticket, or batches by their bounds where a contest file and totals are given.

    Example: tallybook draw manifest.csv --seed 31415926535897932384 --size 50
    """
    from tallybook.doors import audit_files, workbench

    held = audit_files.read_manifest(manifest)
    if contests and totals:
        case = one_case(audit_files.read_cases(contests), contest)
        bounds = workbench.bounds_of(case, held, audit_files.read_batch_votes(totals, case.contest))
        drawn = [("", name) for name in workbench.draw_batches(bounds, seed, case.contest.id, size)]
    else:
        drawn = workbench.draw_cards(held, seed, size)
    rows = [(ticket, *item.split("\n")) for ticket, item in drawn]
    columns = ("ticket", "jurisdiction", "batch", "position")
    if as_json:
        say([dict(zip(columns, row, strict=False)) for row in rows])
        return
    show(f"{len(rows)} drawn", [c.capitalize() for c in columns[: len(rows[0])]] if rows else (), rows)


def assertions(contests: ContestFile, as_json: AsJson = False) -> None:
    """What must be true for each reported outcome to be right, and by how much the totals say it is.

    Example: tallybook assertions contests.toml
    """
    from tallybook.audit.assertions import plain, words
    from tallybook.doors import audit_files, workbench

    told = [(case, workbench.margins_of(case)) for case in audit_files.read_cases(contests)]
    if as_json:
        rows = [
            {"assertion": plain(m.assertion), "points": m.sum, "cards": m.cards, "words": words(m.assertion)}
            | {"margin_assorter": str(m.margin_assorter), "contest": case.contest.id}
            for case, margins in told
            for m in margins
        ]
        say(rows)
        return
    for case, margins in told:
        lines = [(words(m.assertion), f"{m.sum:,}", f"{float(m.sum / m.cards):.4%}") for m in margins]
        show(case.contest.name, ("Assertion", "Points", "Of all cards"), lines)


def risk(
    contests: ContestFile,
    manifest: ManifestFile,
    readings: Annotated[Path, typer.Argument(metavar="READINGS", help="What people read.")],
    seed: Seed,
    method: Annotated[str, typer.Option(help="How it was audited.")] = "card_comparison",
    totals: Totals = None,
    draws: Annotated[int, typer.Option(help="Draws of batches, for batch comparison.")] = 0,
    contest: Which = "",
    as_json: AsJson = False,
) -> None:
    """The risk of every assertion from what was read, and the next step: stop, another round, count all.

    Exit code 1 while a contest is not finished.

    Example: tallybook risk contests.toml manifest.csv readings.csv --seed 31415926535897932384
    """
    from tallybook.doors import audit_files, workbench

    (name,) = known_methods([method])
    if name == "SUITE":
        raise DoorError(
            "SUITE needs two strata; this command reads one. See docs/reference/audit/measuring.md."
        )
    held = audit_files.read_manifest(manifest)
    cases = audit_files.read_cases(contests)
    if name in ("batch_comparison", "MACRO"):
        case = one_case(cases, contest)
        if totals is None or draws < 1:
            raise DoorError("Batch comparison needs --totals, the reported votes by batch, and --draws.")
        reported = audit_files.read_batch_votes(totals, case.contest)
        counted = audit_files.read_batch_votes(readings, case.contest)
        told = [workbench.measure_batches(case, held, reported, counted, seed, draws)]
    else:
        rows = audit_files.read_readings(readings)
        chosen = [one_case(cases, contest)] if contest else cases
        told = [workbench.measure_cards(case, held, seed, rows, name) for case in chosen]
    if as_json:
        say([plain_measured(one) for one in told])
    else:
        for one in told:
            show_measured(one)
    if any(one.decision.step in ("another_round", "full_hand_count") for one in told):
        raise typer.Exit(1)


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


def known_methods(names: Sequence[str]) -> list[str]:
    """The methods as this program spells them; DoorError names those that there are."""
    from tallybook.doors.workbench import METHODS

    spelt = {name.casefold().replace("-", "").replace("_", "").replace(" ", ""): name for name in METHODS}
    flat = [name.casefold().replace("-", "").replace("_", "").replace(" ", "") for name in names]
    strange = [name for name, key in zip(names, flat, strict=True) if key not in spelt]
    if strange:
        raise DoorError(f'There is no method "{strange[0]}". There is: {", ".join(METHODS)}.')
    return [spelt[key] for key in flat]


def one_case(cases: "Sequence[Case]", contest: str) -> "Case":
    """The contest asked for, or the only one."""
    found = [case for case in cases if contest in ("", case.contest.id)]
    if len(found) != 1:
        ids = ", ".join(case.contest.id for case in cases)
        raise DoorError(f"Name one contest with --contest. The file has: {ids}.")
    return found[0]


def show_plan(case: "Case", plans: "Sequence[SizePlan]", efforts: "Sequence[Effort]") -> None:
    """The table of methods for one contest, and what it means."""
    from tallybook.doors.workbench import least_margin, recommendation

    rows = []
    for one, effort in zip(plans, efforts, strict=True):
        sizes = [number(one.sizes.get(chance)) for chance in (0.5, 0.8, 0.9, 0.99)]
        mean = "" if one.mean is None else f"{one.mean:,.0f}"
        money = f"{effort.cents / 100:,.0f}"
        rows.append((one.method, one.unit, mean, *sizes, f"{float(effort.people_hours):,.0f}", money))
    columns = ("Method", "", "Mean", "50 %", "80 %", "90 %", "99 %", "People-hours", "Money")
    show(f"{case.contest.name}: draws that finish with this chance", columns, rows)
    console().print(f"\n{recommendation(plans, case.population.cards, least_margin(case))}\n")


def show_counties(shares: dict[str, dict[str, int]]) -> None:
    """What each jurisdiction can expect to read, where there are several."""
    places = list(next(iter(shares.values()), {}))
    if len(places) > 1:
        rows = [(place, *(f"{share[place]:,}" for share in shares.values())) for place in places]
        show("Cards to expect, for nine audits of ten in one round", ("Jurisdiction", *shares), rows)


def number(size: int | None) -> str:
    """A size, or "all"."""
    return "all" if size is None else f"{size:,}"


def plain_plan(case: "Case", plans: "Sequence[SizePlan]", efforts: "Sequence[Effort]") -> dict[str, Any]:
    """A plan for machines. Chances are strings; a size of null means all."""
    from tallybook.doors.workbench import least_margin, recommendation

    rows = [
        {
            "method": one.method,
            "unit": one.unit,
            "mean": None if one.mean is None else round(one.mean, 1),
            "sizes": {str(chance): size for chance, size in one.sizes.items()},
            "distribution": [[n, round(chance, 6)] for n, chance in one.curve],
            "people_hours": round(float(effort.people_hours), 1),
            "cents": effort.cents,
        }
        for one, effort in zip(plans, efforts, strict=True)
    ]
    said = recommendation(plans, case.population.cards, least_margin(case))
    return {"contest": case.contest.id, "methods": rows, "recommendation": said}


def show_measured(one: "Measured") -> None:
    """Risks, intervals and the next step of one contest."""
    decision = one.decision
    spans = {name: f"{low:,} to {high:,}" for name, low, high in one.intervals}
    rows = [(r.name, r.risk, "yes" if r.is_met else "no", spans.get(r.name, "")) for r in decision.risks]
    show(decision.contest_id, ("Assertion", "Risk", "Limit met", "True points, 95 %"), rows)
    for name, value in one.other.items():
        console().print(f"By {name}: {value}.")
    if one.withstands is not None:
        console().print(f"Cards wrong by a whole vote that the result would have borne: {one.withstands}.")
    console().print("\n" + " ".join(decision.why))


def plain_measured(one: "Measured") -> dict[str, Any]:
    """The same for machines."""
    decision: Decision = one.decision
    return {
        "contest": decision.contest_id,
        "step": decision.step,
        "risk": decision.risk,
        "draws": decision.draws,
        "why": list(decision.why),
        "assertions": [
            {"assertion": r.name, "risk": r.risk, "is_met": r.is_met, "cards": r.cards}
            for r in decision.risks
        ],
        "intervals": [{"assertion": name, "low": low, "high": high} for name, low, high in one.intervals],
        "other_methods": dict(one.other),
        "withstands_whole_votes": one.withstands,
    }


# Replay ----------------------------------------------------------------------------------------


VERDICTS = {"agrees": "agrees", "differs": "DIFFERS", "not_published": "not published", "note": ""}


def replay(
    published: Annotated[
        list[Path], typer.Argument(metavar="PUBLISHED...", help="Files, folders, ZIPs, ZIPs in ZIPs.")
    ],
    seed: Annotated[str, typer.Option(help="The seed, where no file holds it (Colorado's notice).")] = "",
    as_json: AsJson = False,
) -> None:
    """Do a published audit again: draw the sample, recompute every risk, compare and say what differs.

    Takes what states publish: an Arlo audit report with its manifests and candidate totals, and the files of
    Colorado's audit centre. Exit code 1 where anything differs.

    Example: tallybook replay final_audit_report.csv manifests.zip candidate_totals.zip
    """
    from tallybook.doors.replay import replay_reports
    from tallybook.doors.replay_colorado import colorado_lines
    from tallybook.doors.replay_files import open_published

    files = open_published(published)
    told = replay_reports(files)
    colorado = colorado_lines(files, seed)
    if not told and not colorado:
        raise DoorError("None of these files is of a published audit that this command knows.")
    lines = [line for one in told for line in (*one.lines, *(w for r in one.replays for w in r.lines))]
    if as_json:
        contests = [plain_replay(r) for one in told for r in one.replays]
        others = [plain_line(line) for one in told for line in one.lines]
        others += [plain_line(line) for line in colorado]
        say({"contests": contests, "lines": others, "left_aside": list(files.aside)})
    else:
        for one in told:
            show_lines(one.title, one.lines)
            for again in one.replays:
                show_lines(again.contest, again.lines)
                show_replay(again)
        show_lines("Colorado's files", colorado)
        if files.aside:
            console().print(f"\nLeft aside, not of a known kind: {', '.join(files.aside)}")
    if any(line.verdict == "differs" for line in (*lines, *colorado)):
        raise typer.Exit(1)


def show_lines(title: str, lines: "Sequence[Line]") -> None:
    """Lines for people."""
    if lines:
        show(
            title,
            ("", "", ""),
            [(one.check.replace("_", " "), VERDICTS[one.verdict], one.says) for one in lines],
        )


def show_replay(again: "Replay") -> None:
    """What was recomputed, in figures."""
    if again.risk is not None:
        console().print(f"\nTotal error bound U {float(again.U):.6f}; risk {float(again.risk):.12f}.")
    if again.own_risk:
        said = "by Tallybook's own rule, every assertion by itself and the default bet"
        console().print(f"On the same draws, {said}: {again.own_risk}.\n")


def plain_line(line: "Line") -> dict[str, str]:
    """A line for machines."""
    return {"check": line.check, "verdict": line.verdict, "says": line.says}


def plain_replay(again: "Replay") -> dict[str, Any]:
    """A contest for machines; fractions as strings."""
    return {
        "contest": again.contest,
        "total_bound": str(again.U),
        "draws": [{"place": key[0], "batch": key[1], "ticket": ticket} for key, ticket in again.drawn],
        "risk": "" if again.risk is None else str(again.risk),
        "risk_decimal": "" if again.risk is None else repr(float(again.risk)),
        "own_risk": again.own_risk,
        "lines": [plain_line(line) for line in again.lines],
    }
