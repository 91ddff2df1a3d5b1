"""Published files of Arlo's audits, matched with each other and done again: batches here.

For `tallybook replay`. The report names the contests, the seed and what was audited; the manifests and the
candidate totals of every jurisdiction say what was there to draw. What was not published is told, and only
what depends on it is left out. The arithmetic is ``audit.replaying``; single
ballots are in ``replay_ballots``.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TypeVar

import msgspec

from tallybook.audit.replaying import (
    Audited,
    Line,
    PublishedAudit,
    Replay,
    ReplayBatch,
    replay,
)
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.replay_ballots import ballot_lines
from tallybook.doors.replay_files import Published, PublishedFile
from tallybook.formats.arlo import BatchTotals, columns_of, read_candidate_totals
from tallybook.formats.arlo_report import AuditReport, ReportedContest, SampledBatch, read_report
from tallybook.formats.csv_in import header_of
from tallybook.formats.manifests import ARLO, StoredBatch, read_stored
from tallybook.formats.problems import FileProblem

T = TypeVar("T")


class Told(msgspec.Struct, frozen=True):
    """An audit replayed: what it was, its lines, and each contest that could be redone."""

    title: str
    settings: Mapping[str, str]
    replays: tuple[Replay, ...]
    lines: tuple[Line, ...]


def replay_reports(published: Published) -> list[Told]:
    """Each report with the manifests and totals published beside it."""
    return [_replayed(file, published) for file in published.reports]


def _replayed(file: PublishedFile, published: Published) -> Told:
    report = _read(*read_report(file.data, file.path))
    title = " – ".join(v for k, v in report.election.items() if k in ("Organization", "Election Name") and v)
    if report.settings.get("Audit Type") != "BATCH_COMPARISON":
        return Told(title, report.settings, (), tuple(_only_report(report, published)))
    lines = list(_missing(published))
    if not published.manifests or not published.totals:
        return Told(title, report.settings, (), (*lines, *_only_report(report, published)))
    batches = _batches(report, published)
    replays = tuple(
        replay(_audit(report, contest, batches[contest.name]))
        for contest in report.contests
        if contest.is_targeted and contest.name in batches
    )
    return Told(title, report.settings, replays, tuple(lines))


def _missing(published: Published) -> Iterator[Line]:
    """What a replay would need and nobody published."""
    for path, fits in published.sums:
        said = "fits" if fits else "does not fit"
        yield Line("fingerprint", "agrees" if fits else "differs", f"The published SHA-256 {said} {path}.")
    for kind, found in (("ballot manifests", published.manifests), ("candidate totals", published.totals)):
        if not found:
            yield Line("files", "not_published", f"No {kind}: neither draw nor risk can be redone.")
    commitment = "No proof that manifests and totals were fixed before the seed was rolled."
    yield Line("order", "not_published", commitment)
    yield Line("tally_sheets", "not_published", "The audit boards' own tally sheets, batch by batch.")


def _only_report(report: AuditReport, published: Published) -> Iterator[Line]:
    """What the report alone allows: its sums and rounds, and what it lacks."""
    for row in report.rounds:
        printed = row.p_value or "none"
        said = f"Round {row.number}, {row.contest}: sample {row.sample_size}, p-value printed {printed}."
        yield Line("round", "note", said)
    yield from ballot_lines(report, published)


def _batches(report: AuditReport, published: Published) -> dict[str, tuple[ReplayBatch, ...]]:
    """Contest -> its batches in the order of the draw: jurisdictions by name, rows as uploaded."""
    contests = {c.name: tuple(c.votes) for c in report.contests}
    places = {_flat(one.jurisdiction): one.jurisdiction for one in report.batches}
    stored, totals = {}, {}
    for file in published.manifests:
        place = _place(file, places)
        stored[place] = _read(*read_stored(file.data, file.path, ARLO, place))
    for file in published.totals:
        place = _place(file, places)
        totals[place] = _totals(file, place, contests)
    lacking = sorted(stored.keys() ^ totals.keys())
    if lacking:
        raise DoorError(f"Manifest or candidate totals of {', '.join(lacking[:5])} are missing.")
    found: dict[str, list[ReplayBatch]] = {name: [] for name in contests}
    for place in sorted(stored):
        votes = {one.batch: one.votes for one in totals[place]}
        for batch in stored[place]:
            for contest, by_choice in _votes_of(batch, votes).items():
                found[contest].append(ReplayBatch((place, batch.name), batch.cards, by_choice))
    return {name: tuple(rows) for name, rows in found.items() if rows}


def _totals(
    file: PublishedFile, place: str, contests: Mapping[str, tuple[str, ...]]
) -> tuple[BatchTotals, ...]:
    """The totals of one jurisdiction, whose columns show which of the contests it voted on."""
    header = ",".join(header_of(file.data, file.path))
    here = {
        name: choices
        for name, choices in contests.items()
        if all(column in header for column in columns_of({name: choices}))
        or all(f"{name} - {choice}" in header for choice in choices)
    }
    return _read(*read_candidate_totals(file.data, file.path, here, jurisdiction=place))


def _votes_of(
    batch: StoredBatch, votes: Mapping[str, Mapping[str, Mapping[str, int]]]
) -> Mapping[str, Mapping[str, int]]:
    if batch.name not in votes:
        raise DoorError(f"{batch.jurisdiction}: the batch {batch.name} has no row of candidate totals.")
    return votes[batch.name]


def _audit(report: AuditReport, contest: ReportedContest, batches: Sequence[ReplayBatch]) -> PublishedAudit:
    rounds = [row for row in report.rounds if row.contest == contest.name]
    names: dict[str, list[str]] = {}
    for batch in batches:
        names.setdefault(batch.key[0], []).append(batch.key[1])
    rows = tuple(_audited(one, contest.name, names) for one in report.batches if one.is_audited)
    law = report.sections["CONTESTS"].rows
    return PublishedAudit(
        contest=contest.name,
        votes=contest.votes,
        seats=contest.seats,
        votes_allowed=contest.votes_allowed,
        pending=contest.pending_ballots or 0,
        batches=tuple(batches),
        seed=report.settings.get("Random Seed", ""),
        rounds=tuple(row.sample_size or 0 for row in rounds),
        audited=rows,
        printed=rounds[-1].p_value if rounds else "",
        limit=_share(report.settings.get("Risk Limit", "")),
        said_met=rounds[-1].is_limit_met if rounds else None,
        has_runoff_law=any(
            row.cells.get("Contest Name") == contest.name and row.cells.get("Runoff Law", "") in ("Yes", "Y")
            for row in law
        ),
        audited_votes=rounds[-1].audited if len(rounds) == 1 else {},
    )


def _audited(row: SampledBatch, contest: str, names: Mapping[str, Sequence[str]]) -> Audited:
    tickets = tuple(t for t in row.tickets.get(contest, ()) if t != "EXTRA")
    return Audited(
        (row.jurisdiction, row.batch),
        row.ballots,
        row.reported.get(contest, {}),
        row.audited.get(contest, {}),
        tickets,
        tuple((row.jurisdiction, one) for one in members(row.combined, names.get(row.jurisdiction, ()))),
    )


def members(cell: str, names: Sequence[str]) -> tuple[str, ...]:
    """The batches in a cell such as ``Combines A, B``. Names may hold commas; the longest known name wins.

    >>> members("Combines ICC - 1, All, rest - 2", ["ICC - 1", "All, rest - 2", "All"])
    ('ICC - 1', 'All, rest - 2')
    """
    text = re.sub(r"^Combines\s+", "", cell).strip()
    found = []
    while text:
        fits = [name for name in names if text == name or text.startswith(f"{name},")]
        if not fits:
            raise DoorError(f'The report combines "{text}", which is in no manifest of the jurisdiction.')
        name = max(fits, key=len)
        found.append(name)
        text = text[len(name) :].lstrip(", ")
    return tuple(found)


def _place(file: PublishedFile, known: Mapping[str, str]) -> str:
    """The jurisdiction of a file: its folder, spelt as the report spells it (BEN_HILL is BEN HILL)."""
    return known.get(_flat(file.folder), file.folder.replace("_", " "))


def _flat(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())


def _share(text: str) -> Fraction:
    try:
        return Fraction(text.strip().removesuffix("%")) / (100 if text.strip().endswith("%") else 1)
    except ValueError:
        raise DoorError(f'The report states the risk limit "{text}"; expected one such as 5%.') from None


def _read(found: T | None, problems: Sequence[FileProblem]) -> T:
    """What a reader made of a file; its problems as words where it made nothing."""
    if found is None:
        raise DoorError(*(str(one) for one in problems))
    return found
