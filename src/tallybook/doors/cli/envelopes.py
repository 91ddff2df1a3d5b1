"""`tallybook envelopes`: plan, draw and measure an audit of signatures, on files of counts alone."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tallybook.doors.cli.rows import in_words, refuse, rows_of
from tallybook.doors.cli.shown import DoorError, console, say, show

if TYPE_CHECKING:
    from tallybook.envelopes import Box, Drawn, Plan

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

Boxes = Annotated[Path, typer.Argument(metavar="BOXES.csv", help="The population: county,box,envelopes.")]
Design = Annotated[str, typer.Option(help="simple, by_county, boxes or boxes_by_size.")]
Confidence = Annotated[str, typer.Option(help="As a decimal, such as 0.99.")]
AsJson = Annotated[bool, typer.Option("--json", help="For machines.")]


def add_to(app_: typer.Typer) -> None:
    """Put these commands on the command line."""
    app_.add_typer(app, name="envelopes", help="Audit signatures on oath envelopes: plan, draw, measure.")


@app.command()
def plan(
    boxes: Boxes,
    design: Design = "simple",
    at_most: Annotated[int | None, typer.Option(help="The bound to reach if none is bad.")] = None,
    detect: Annotated[int | None, typer.Option(help="Instead: find one if so many are bad.")] = None,
    in_each: Annotated[
        int, typer.Option(help="Design boxes: envelopes to read of each box; 0 for all.", min=0)
    ] = 0,
    confidence: Confidence = "0.99",
    as_json: AsJson = False,
) -> None:
    """How many envelopes or boxes to draw, for a stated bound or a stated chance of finding one.

    Example: tallybook envelopes plan boxes.csv --design boxes --at-most 1000
    """
    listed = population(boxes)
    if (at_most is None) == (detect is None):
        raise DoorError("State either --at-most or --detect. Nothing was planned.")
    with in_words():
        made = planned(listed, design, at_most, detect, in_each, confidence)
    if as_json:
        say({"design": made.design, "draws": made.draws, "envelopes_most": made.envelopes_most,
             "by_county": dict(made.by_county), "says": made.says})  # fmt: skip
        return
    console().print(made.says, markup=False)
    if made.by_county:
        show("", ("County", "Envelopes"), [(name, f"{n:,}") for name, n in made.by_county])


def planned(
    listed: "tuple[Box, ...]",
    design: str,
    at_most: int | None,
    detect: int | None,
    in_each: int,
    confidence: str,
) -> "Plan":
    """The plan of a design. To find one of N bad ones is to bound them by N - 1 if none is found."""
    from tallybook import envelopes as room

    sizes = [one.envelopes for one in listed]
    units, alpha = sum(sizes), error_of(confidence)
    bound = at_most if at_most is not None else max(0, (detect or 1) - 1)
    if design == "boxes" and in_each:
        return room.plan_boxes_in_part(sizes, in_each, bound, alpha)
    if design == "boxes_by_size":
        return room.plan_boxes_by_size(sizes, max(1, bound), alpha)
    if design == "by_county":
        return room.plan_by_county(by_county(listed), bound, alpha)
    if design == "simple" and at_most is not None:
        return room.plan_simple(units, at_most, alpha)
    if design == "boxes" and at_most is not None:
        return room.plan_boxes(sizes, at_most, alpha)
    if design == "simple" and detect is not None:
        return room.plan_to_detect(units, detect, confidence)
    if design == "boxes" and detect is not None:
        return room.plan_boxes_to_detect(sizes, detect, confidence)
    raise DoorError(f'There is no plan for the design "{design}". There is: {", ".join(room.DESIGNS)}.')


@app.command()
def draw(
    boxes: Boxes,
    seed: Annotated[str, typer.Option(help="20 digits or more, rolled in public after the list is out.")],
    draws: Annotated[int, typer.Option(help="How many envelopes, or boxes.", min=1)],
    design: Design = "simple",
    in_each: Annotated[int, typer.Option(help="Envelopes of each box; 0 for all.", min=0)] = 0,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="For a spreadsheet.")] = False,
) -> None:
    """Which envelopes or boxes to read, by the seed and the labels alone; anyone can draw them again.

    Example: tallybook envelopes draw boxes.csv --design boxes --draws 3 --seed 20201214071503398211
    """
    listed = population(boxes)
    with in_words():
        drawn = chosen(listed, seed, draws, design, in_each)
    rows = [
        (str(k), d.county, d.box, str(d.place or "all"), str(d.times), d.ticket)
        for k, d in enumerate(drawn, 1)
    ]
    columns = ("line", "county", "box", "place", "times", "ticket")
    if as_json:
        say([dict(zip(columns, row, strict=True)) for row in rows])
    elif as_csv:
        from tallybook.reports.sheets import sheet

        typer.echo(sheet(list(columns), rows), nl=False)
    else:
        show("", ("Line", "County", "Box", "Place from the front", "Times", "Ticket"),
             [(*row[:5], row[5][:16]) for row in rows])  # fmt: skip


def chosen(
    listed: "tuple[Box, ...]", seed: str, draws: int, design: str, in_each: int
) -> "tuple[Drawn, ...]":
    """The draw of a design."""
    from tallybook import envelopes as room
    from tallybook.stats.strata import allocate

    if design == "simple":
        return room.draw_simple(seed, listed, draws)
    if design == "by_county":
        sizes = by_county(listed)
        names = sorted(sizes)
        shares = allocate(draws, [sizes[name] for name in names])
        return room.draw_by_county(seed, listed, dict(zip(names, shares, strict=True)))
    if design == "boxes":
        return room.draw_boxes(seed, listed, draws, in_each)
    if design == "boxes_by_size":
        return room.draw_boxes_by_size(seed, listed, draws)
    raise DoorError(f'There is no design "{design}". There is: simple, by_county, boxes, boxes_by_size.')


@app.command()
def measure(
    readings: Annotated[
        Path | None,
        typer.Argument(
            metavar="READ.csv", help="county,box,match,cure_needed,cannot_verify,refer_to_investigation."
        ),
    ] = None,
    boxes: Annotated[Path | None, typer.Option(help="The population: county,box,envelopes.")] = None,
    design: Design = "simple",
    confidence: Confidence = "0.99",
    margin: Annotated[int | None, typer.Option(help="The contest's margin in votes.", min=0)] = None,
    published: Annotated[
        str, typer.Option(metavar="ALL,READ,BAD", help="Instead of files: figures as a report gave them.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """What was read says about all envelopes: an estimate, a bound that fits the design, and its meaning.

    Example: tallybook envelopes measure --published 150431,15118,2 --confidence 0.99
    """
    with in_words():
        if published:
            from_figures(published, confidence, margin, as_json)
        elif readings and boxes:
            from_files(readings, boxes, design, confidence, margin, as_json)
        else:
            raise DoorError("State READ.csv and --boxes, or --published ALL,READ,BAD. Nothing was measured.")


def from_files(
    readings: Path, boxes: Path, design: str, confidence: str, margin: int | None, as_json: bool
) -> None:
    """Measure what was read, box by box."""
    from tallybook import envelopes as room

    listed = population(boxes)
    read, problems = room.read_readings(rows_of(readings), listed, readings.name)
    refuse(problems)
    found = room.measure(design, listed, read, error_of(confidence), margin)
    if as_json:
        say({"design": found.design, "envelopes": found.units, "read": found.read, "found": dict(found.found),
             "not_verified": found.bad, "estimate": str(found.estimate), "at_most": found.at_most,
             "single_envelopes_would_claim": found.single, "says": list(found.says)})  # fmt: skip
        return
    show("", ("Outcome", "Envelopes"), [(name.replace("_", " "), f"{n:,}") for name, n in found.found])
    lines(found.says)


def from_figures(figures: str, confidence: str, margin: int | None, as_json: bool) -> None:
    """What figures without boxes can and cannot mean."""
    from tallybook import envelopes as room

    parts = [part.strip() for part in figures.split(",")]
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        raise DoorError(f'--published: found "{figures}"; expected three numbers, such as 150431,15118,2.')
    units, read, bad = (int(part) for part in parts)
    claim = room.published(units, read, bad, error_of(confidence))
    compared = [] if margin is None else [room.against_margin(claim.single, margin) + " (Drawn singly.)"]
    if as_json:
        rows: list[dict[str, Any]] = [{"in_a_box": size, "at_most": bound} for size, bound in claim.by_boxes]
        say(
            {
                "single": claim.single,
                "poisson": claim.poisson,
                "by_boxes": rows,
                "says": [*claim.says, *compared],
            }
        )
        return
    lines([*claim.says[:-1], *compared, claim.says[-1]])


def population(path: Path) -> "tuple[Box, ...]":
    """The boxes of a file, or its problems."""
    from tallybook.envelopes import read_boxes

    listed, problems = read_boxes(rows_of(path), path.name)
    refuse(problems)
    return listed


def by_county(listed: "tuple[Box, ...]") -> dict[str, int]:
    """County -> envelopes."""
    sizes: dict[str, int] = {}
    for one in listed:
        sizes[one.county] = sizes.get(one.county, 0) + one.envelopes
    return sizes


def error_of(confidence: str) -> str:
    """1 - confidence, exactly, as text that the bounds take."""
    from fractions import Fraction

    try:
        share = Fraction(confidence)
    except (ValueError, ZeroDivisionError):
        share = Fraction(0)
    if not 0 < share < 1:
        raise DoorError(
            f'--confidence: found "{confidence}"; expected a decimal between 0 and 1, such as 0.99.'
        )
    return str(1 - share)


def lines(says: Any) -> None:
    """Sentences, a paragraph each."""
    for one in says:
        console().print(f"\n{one}", markup=False)
