"""Arlo's audit report: one CSV of several tables, read so that a published audit can be replayed.

For observers. The report names its tables by headings between ``########``; cells hold lists such as
``A: 10; B: 9``, and choices may themselves hold colons, semicolons in none of the reports seen. What the
report printed is kept as printed (p-values, times, tickets): a replay compares with it, to the last digit.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from tallybook.formats.archives import InMemory, Unreadable
from tallybook.formats.csv_in import Row, as_number
from tallybook.formats.either import rows
from tallybook.formats.problems import Consequence, FileProblem, Problems, shown

HEADING = re.compile(r"#+\s*(.*?)\s*#+")
SECTIONS = (
    "ELECTION INFO",
    "CONTESTS",
    "CONTEST NAME STANDARDIZATIONS",
    "AUDIT SETTINGS",
    "AUDIT BOARDS",
    "ROUNDS",
    "SAMPLED BALLOTS",
    "SAMPLED BATCHES",
    "FULL HAND TALLY BATCH RESULTS",
)
TICKETS = "Ticket Numbers: "
Cells = Mapping[str, str]


class Section(msgspec.Struct, frozen=True):
    """One table of a report: its heading, the number of its first row, its rows by column."""

    name: str
    first_row: int
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


class ReportedContest(msgspec.Struct, frozen=True):
    """A contest as the report gives it. Counts are None where the report leaves them out."""

    name: str
    is_targeted: bool
    seats: int
    votes_allowed: int
    ballots: int | None
    votes: Mapping[str, int]
    votes_from_batches: Mapping[str, int] | None = None
    pending_ballots: int | None = None


class ReportedRound(msgspec.Struct, frozen=True):
    """A round of one contest. ``p_value`` is as printed; ``audited`` holds the votes found."""

    number: int
    contest: str
    is_targeted: bool
    sample_size: int | None
    is_limit_met: bool | None
    p_value: str
    started: str
    ended: str
    audited: Mapping[str, int]


class SampledBatch(msgspec.Struct, frozen=True):
    """A batch that was looked at. ``tickets`` maps a contest to what was printed, round by round.

    ``EXTRA`` instead of numbers means that the batch was audited without being drawn. ``reported`` and
    ``audited`` map a contest to votes by choice, empty where the cell is.
    """

    jurisdiction: str
    batch: str
    ballots: int
    tickets: Mapping[str, tuple[str, ...]]
    is_audited: bool
    reported: Mapping[str, Mapping[str, int]]
    audited: Mapping[str, Mapping[str, int]]
    combined: str = ""


class AuditReport(msgspec.Struct, frozen=True):
    """A whole report. ``sections`` holds every table as it stands, also those not given as nouns here."""

    sections: Mapping[str, Section]
    election: Cells
    settings: Cells
    contests: tuple[ReportedContest, ...]
    rounds: tuple[ReportedRound, ...]
    batches: tuple[SampledBatch, ...]


def read_report(data: bytes, file: str) -> tuple[AuditReport | None, tuple[FileProblem, ...]]:
    """The report in a file."""
    problems = Problems()
    sections = {section.name: section for section in _sections(data, file, problems)}
    for name in ("ELECTION INFO", "AUDIT SETTINGS", "CONTESTS", "ROUNDS"):
        if name not in sections:
            mend = "Download the whole audit report again."
            problems.add(Consequence.GRAVE, file, f"no table {name}", ", ".join(SECTIONS), mend)
    if problems.grave:
        return None, problems.collected()

    def places(name: str) -> list[_Place]:
        held = sections[name].rows if name in sections else ()
        return [_Place(file, row, problems) for row in held]

    sampled = places("SAMPLED BATCHES")
    totals = [place for place in sampled if place.text("Jurisdiction Name") == "Totals"]
    batches = tuple(_batch(place) for place in sampled if place not in totals)
    for place in totals:
        _check_totals(place, batches)
    report = AuditReport(
        sections,
        {key: value for place in places("ELECTION INFO")[:1] for key, value in place.row.cells.items()},
        {key: value for place in places("AUDIT SETTINGS")[:1] for key, value in place.row.cells.items()},
        tuple(_contest(place) for place in places("CONTESTS")),
        tuple(_round(place) for place in places("ROUNDS")),
        batches,
    )
    return (None if problems.grave else report), problems.collected()


def votes_in(cell: str) -> dict[str, int] | None:
    """The votes in a cell such as ``Ann: 1,204; Bob: 9``; None where it is something else.

    >>> votes_in("Tim (I) (Rep): 109; Ann: the Second: 9")
    {'Tim (I) (Rep)': 109, 'Ann: the Second': 9}
    """
    found: dict[str, int] = {}
    for part in filter(None, (part.strip() for part in cell.split(";"))):
        name, colon, number = part.rpartition(":")
        votes = as_number(number.strip())
        if not colon or votes is None or name.strip() in found:
            return None
        found[name.strip()] = votes
    return found


def tickets_in(cell: str) -> tuple[str, ...]:
    """The tickets in a cell such as ``Round 1: 0.123, 0.456``, without the rounds; ``EXTRA`` stays.

    >>> tickets_in("Round 1: 0.123456, 0.234567, Round 2: 0.345678")
    ('0.123456', '0.234567', '0.345678')
    """
    bare = re.sub(r"Round \d+:", ",", cell)
    return tuple(part for part in (part.strip() for part in re.split("[,;]", bare)) if part)


class _Place(msgspec.Struct, frozen=True):
    """A row on its way to a noun, and where to say what is wrong with it."""

    file: str
    row: Row
    problems: Problems

    def text(self, column: str) -> str:
        return self.row.cells.get(column, "")

    def wrong(self, column: str, expected: str) -> None:
        found, mend = shown(self.text(column)) or "nothing", "Download the audit report again."
        self.problems.add(
            Consequence.GRAVE, self.file, found, expected, mend, row=self.row.number, column=column
        )

    def count(self, column: str) -> int:
        value = as_number(self.text(column))
        if value is None:
            self.wrong(column, "a whole number")
        return value or 0

    def count_if_any(self, column: str) -> int | None:
        return self.count(column) if self.text(column) else None

    def votes(self, column: str) -> dict[str, int]:
        value = votes_in(self.text(column))
        if value is None:
            self.wrong(column, "votes such as A: 10; B: 9")
        return value or {}


def _sections(data: bytes, file: str, problems: Problems) -> Iterator[Section]:
    name, first, held = "", 0, list[Row]()
    columns: tuple[str, ...] = ()
    for number, cells in _rows(data, file, problems):
        heading = HEADING.fullmatch(cells[0])
        if heading:
            if name:
                yield Section(name, first, columns, tuple(held))
            name, first, columns, held = heading[1], number + 1, (), []
        elif name and not columns:
            columns = tuple(_without_blanks_at_the_end(cells))
        elif name:
            held.append(Row(number, dict(zip(columns, cells, strict=False))))
    if name:
        yield Section(name, first, columns, tuple(held))


def _rows(data: bytes, file: str, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    try:
        for number, cells in enumerate(rows(InMemory({file: data}), file, problems), 1):
            trimmed = [cell.strip() for cell in cells]
            if any(trimmed):
                yield number, trimmed
    except Unreadable as why:
        problems.add(Consequence.GRAVE, *why.told)


def _without_blanks_at_the_end(cells: Sequence[str]) -> Sequence[str]:
    last = max((place for place, cell in enumerate(cells, 1) if cell), default=0)
    return cells[:last]


def _contest(place: _Place) -> ReportedContest:
    batches = "Vote Totals from Batches"
    return ReportedContest(
        place.text("Contest Name"),
        place.text("Targeted?") == "Targeted",
        place.count("Number of Winners"),
        place.count("Votes Allowed"),
        place.count_if_any("Total Ballots Cast"),
        place.votes("Vote Totals" if place.text("Vote Totals") else "Tabulated Votes"),
        place.votes(batches) if place.text(batches) else None,
        place.count_if_any("Pending Ballots"),
    )


def _round(place: _Place) -> ReportedRound:
    met = place.text("Risk Limit Met?")
    return ReportedRound(
        place.count("Round Number"),
        place.text("Contest Name"),
        place.text("Targeted?") == "Targeted",
        place.count_if_any("Sample Size"),
        {"Yes": True, "No": False}.get(met),
        place.text("P-Value"),
        place.text("Start Time"),
        place.text("End Time"),
        place.votes("Audited Votes"),
    )


def _batch(place: _Place) -> SampledBatch:
    contests = [name.removeprefix(TICKETS) for name in place.row.cells if name.startswith(TICKETS)]
    return SampledBatch(
        place.text("Jurisdiction Name"),
        place.text("Batch Name"),
        place.count("Ballots in Batch"),
        {name: tickets_in(place.text(TICKETS + name)) for name in contests},
        place.text("Audited?") == "Yes",
        {name: place.votes(f"Reported Results: {name}") for name in contests},
        {name: place.votes(f"Audit Results: {name}") for name in contests},
        place.text("Combined Batch"),
    )


def _check_totals(totals: _Place, batches: Sequence[SampledBatch]) -> None:
    """The row of totals must be the sum of the batches: else rows were lost on the way here."""
    if totals.count("Ballots in Batch") != sum(batch.ballots for batch in batches):
        totals.wrong(
            "Ballots in Batch", f"the sum of the batches, {sum(batch.ballots for batch in batches):,}"
        )
    for kind, held in (("Reported", [b.reported for b in batches]), ("Audit", [b.audited for b in batches])):
        for name in dict.fromkeys(contest for one in held for contest in one):
            sums: Counter[str] = Counter()
            for one in held:
                sums.update(one.get(name, {}))
            column = f"{kind} Results: {name}"
            if any(sums[choice] != votes for choice, votes in totals.votes(column).items()):
                totals.wrong(column, f"the sum of the batches, {shown(dict(sums))}")
