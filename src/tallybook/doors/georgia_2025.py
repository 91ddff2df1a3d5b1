"""`tallybook demo georgia-2025`: Georgia's audit of 4 November 2025, done again from its published files.

For the observer. The published files (report, manifests, candidate totals) are looked for beside the project,
or where somebody says they are; they are the state's and are not part of this project. Everything said is
recomputed by `tallybook replay`; here it is put into an order and into sentences. Batch comparison by MACRO
(Stark 2010), drawn as ``stats.arlo_draws`` tells. Where the files are not, the made-up county is audited.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from tallybook.audit.replaying import Line, Replay
from tallybook.doors.cli.shown import DoorError, show
from tallybook.doors.replay import Told, replay_reports
from tallybook.doors.replay_files import open_published

PUBLISHED = Path("shared", "data", "audits", "georgia2025_psc_macro", "published")
PROJECT = Path(__file__).resolve().parents[3]
HEADS = {
    "agrees": "What agrees",
    "differs": "What DIFFERS",
    "note": "What else the files show",
    "not_published": "What was not published, and so cannot be checked",
}


def published_files(given: Path | None) -> Path | None:
    """The folder of published files: as given, or beside the project or this folder; None where neither is.

    Raises DoorError where one was given and is not there.
    """
    if given is not None:
        if not given.exists():
            raise DoorError(f"There is no file or folder {given}. Nothing was replayed.")
        return given
    beside = (PROJECT.parent / PUBLISHED, Path.cwd().parent / PUBLISHED)
    return next((place for place in beside if place.is_dir()), None)


def run(place: Path, console: Console) -> int:
    """Replay the audit in these files and tell it. Answers 1 where anything differs, else 0."""
    told = replay_reports(open_published([place]))
    if not any(one.replays for one in told):
        raise DoorError(f"{place} holds no published batch comparison that can be done again.")
    lines: list[Line] = []
    for one in told:
        lines += one.lines
        for again in one.replays:
            lines += again.lines
            tell(one, again, console)
    return 1 if any(line.verdict == "differs" for line in lines) else 0


def tell(one: Told, again: Replay, console: Console) -> None:
    """One contest: the sample drawn again, the figures, and every line under its verdict."""
    console.print(f"{one.title}: {again.contest}\n")
    drawn = [(str(n), key[0], key[1], ticket) for n, (key, ticket) in enumerate(again.drawn, 1)]
    show("Drawn again from the seed", ("Draw", "County", "Batch", "Ticket"), drawn)
    for sentence in figures(one, again):
        console.print(f"\n{sentence}")
    for verdict, head in HEADS.items():
        said = [line.says for line in (*again.lines, *one.lines) if line.verdict == verdict]
        if said:
            console.print(f"\n{head}:")
            for words in said:
                console.print(f"  - {words}", soft_wrap=True)


def figures(one: Told, again: Replay) -> Iterator[str]:
    """The figures of the audit, each with what it means."""
    times = Counter(key for key, _ in again.drawn)
    yield (
        f"The seed {one.settings.get('Random Seed', '')} gives {len(again.drawn)} draws of {len(times)} "
        f"different batches."
    )
    yield (
        f"U = {float(again.U)!r}: if every batch were wrong by all that it can hold, the errors would "
        f"undo the margin {float(again.U):.2f} times over. The draw gives each batch its share of U."
    )
    if again.risk is not None:
        yield (
            f"p = {float(again.risk)!r}: were the reported outcome wrong, at most this share of such audits "
            f"would find so little wrong. The limit was {one.settings.get('Risk Limit', 'not stated')}."
        )
    if again.own_risk:
        yield (
            f"By this project's own rule, on the same draws: {again.own_risk}. It also holds for an audit "
            f"that was looked at after every draw."
        )
