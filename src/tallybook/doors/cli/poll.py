"""`tallybook poll`: the waves of a poll, averaged and drawn, and each change judged for what it is."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tallybook.doors.cli.rows import in_words, refuse, rows_of
from tallybook.doors.cli.shown import DoorError, console, say

if TYPE_CHECKING:
    from tallybook.doors.polls import Columns, Wave
    from tallybook.stats.survey import Average

DAYS = ("wave", "day", "date", "field_end", "end_date")
SHARES = ("percent", "share", "yes")
COUNTED = ("sample_size", "asked", "n")
KINDS = ("category", "question", "group", "answer", "pollster", "population")
MOST_SHOWN = 40


def add_to(app: typer.Typer) -> None:
    """Put the command on the command line."""
    app.command()(poll)


def poll(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="Published shares, or respondents.")],
    where: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN=VALUE", help="Only these rows; repeat for several.")
    ] = None,
    day: Annotated[str, typer.Option(help="The column of days; found by its name if left out.")] = "",
    share: Annotated[str, typer.Option(help="The column of shares in per cent; found by its name.")] = "",
    size: Annotated[str, typer.Option(help="The column of the numbers asked; found by its name.")] = "",
    answer: Annotated[
        str, typer.Option(metavar="COLUMN=VALUE", help="In files of respondents: the answer wanted.")
    ] = "",
    weight: Annotated[str, typer.Option(help="In files of respondents: the column of weights.")] = "",
    days: Annotated[int, typer.Option(help="The average takes this many days together.", min=1)] = 14,
    confidence: Annotated[float, typer.Option(help="Of every interval.", min=0.5, max=0.999)] = 0.95,
    svg: Annotated[Path | None, typer.Option(help="Write the drawing here.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Average and draw the waves of a poll; judge each change, and say what is unknown about it.

    Example: tallybook poll approval.csv --where "group=GA Republicans" --where "pollster=Morning Consult"
    """
    from tallybook.doors import polls

    rows = wanted(rows_of(file), where or [], file.name)
    columns = columns_of(rows, day, share, size, answer, weight)
    with in_words():
        if answer:
            waves, problems = polls.waves_of_respondents(rows, columns, file.name, confidence)
        else:
            waves, problems = polls.waves_published(rows, columns, file.name)
        refuse(problems)
        line = polls.averages(waves, days, confidence)
        judged = [polls.judged(a, b, confidence) for a, b in changes(waves)]
    mixed = mixtures(rows)
    title = f"{file.name}{': ' if where else ''}{', '.join(where or [])}"
    if svg:
        svg.write_text(polls.svg(waves, line, title, confidence) + "\n", encoding="utf-8")
    if as_json:
        say({
            "waves": [{"when": w.when, "percent": round(w.share * 100, 6), "asked": w.asked,
                       "effective": w.effective} for w in waves],
            "averages": [{"day": date.fromordinal(a.day).isoformat(), "percent": round(a.share * 100, 4),
                          "low": round(a.low * 100, 4), "high": round(a.high * 100, 4), "polls": a.polls}
                         for a in line if a.share is not None],
            "changes": [list(one) for one in judged],
            "unknown": list(polls.unknown(waves)),
            "mixed": mixed,
        })  # fmt: skip
        return
    for one in mixed:
        console().print(one, markup=False)
    shown(waves, judged, title, confidence)
    told_average(line)
    if svg:
        console().print(f"\nDrawn in {svg}.", markup=False)


def shown(waves: "Sequence[Wave]", judged: Sequence[Sequence[str]], title: str, confidence: float) -> None:
    """The drawing in text, the changes, what is unknown."""
    from tallybook.doors import polls

    typer.echo(title)
    for line in polls.text_plot(waves[-MOST_SHOWN:], confidence):
        typer.echo(line)
    if len(waves) > MOST_SHOWN:
        typer.echo(f"The last {MOST_SHOWN} of {len(waves)} waves are shown; --json and --svg have all.")
    typer.echo("")
    for sentences in judged:
        for one in sentences:
            console().print(one, markup=False)
    typer.echo("\nNot known, or not in any formula:")
    for one in polls.unknown(waves):
        console().print(f"* {one}", markup=False)


def told_average(line: "Sequence[Average]") -> None:
    """The latest average, where sizes are known."""
    from tallybook.doors import polls

    known = [one for one in line if one.share is not None]
    if known:
        last = known[-1]
        when = date.fromordinal(last.day).isoformat()
        share = polls.pct(last.share or 0.0)
        console().print(
            f"\nAverage on {when}: {share} "
            f"({polls.pct(last.low)} to {polls.pct(last.high)}), {last.polls} polls."
        )


def changes(waves: "Sequence[Wave]") -> "list[tuple[Wave, Wave]]":
    """Each wave against the one before; in a long series only the first against the last."""
    if len(waves) < 2:
        return []
    pairs = list(pairwise(waves))
    return pairs if len(pairs) <= 12 else [(waves[0], waves[-1])]


def wanted(rows: list[dict[str, str]], where: Sequence[str], name: str) -> list[dict[str, str]]:
    """The rows that every COLUMN=VALUE holds for."""
    for one in where:
        column, equals, value = one.partition("=")
        if not equals or column not in rows[0]:
            raise DoorError(f'--where "{one}": expected COLUMN=VALUE; {name} has: {", ".join(rows[0])}.')
        kept = [row for row in rows if row.get(column, "").strip() == value]
        if not kept:
            values = sorted({row.get(column, "").strip() for row in rows})[:12]
            raise DoorError(f'--where "{one}": no such row. "{column}" holds: {", ".join(values)}.')
        rows = kept
    return rows


def mixtures(rows: Sequence[dict[str, str]]) -> list[str]:
    """Columns whose values tell waves apart that should not be compared as one series."""
    told = []
    for name in KINDS:
        values = sorted({row.get(name, "").strip() for row in rows} - {""})
        if len(values) > 1:
            listed = ", ".join(values[:6]) + (" …" if len(values) > 6 else "")
            told.append(f'These rows mix {len(values)} values of "{name}" ({listed}). Choose with --where.')
    return told


def columns_of(
    rows: list[dict[str, str]], day: str, share: str, size: str, answer: str, weight: str
) -> "Columns":
    """The columns to read: as named, else by their usual names."""
    from tallybook.doors.polls import Columns

    have = rows[0]
    column, _, value = answer.partition("=")
    for name in (day, share, size, weight, column):
        if name and name not in have:
            raise DoorError(f'There is no column "{name}". There is: {", ".join(have)}.')
    found = day or next((name for name in DAYS if name in have), "")
    shares = share or next((name for name in SHARES if name in have), "")
    if not found or not (shares or answer):
        raise DoorError(f"Name the columns: --day, and --share or --answer. There is: {', '.join(have)}.")
    counted = size or next((name for name in COUNTED if name in have), "")
    weights = weight or ("weight" if "weight" in have else "")
    return Columns(found, shares, counted, column, value, weights)
