"""`tallybook replay`: a published audit done again, in words or with `--json`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tallybook.doors.cli.shown import DoorError, console, say, show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tallybook.audit.replaying import Line, Replay

AsJson = Annotated[bool, typer.Option("--json", help="For machines.")]
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
