"""Arlo's reports of audits of single ballots: polling and card comparison, done again as far as published.

For `tallybook replay`. The sampled ballots of the report give tickets and readings; where the manifests lie
beside it the whole draw is made again. The arithmetic is ``audit.replaying_ballots``; hybrid audits are in
``replay_hybrid``. Of ranked contests the report holds too little for a risk, and that is said.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from tallybook.audit.replaying import Line, Verdict
from tallybook.audit.replaying_ballots import (
    DrawnBallot,
    compared_risk,
    draw_lines,
    near,
    polled_risk,
    ticket_lines,
)
from tallybook.doors.replay_files import Published
from tallybook.doors.replay_hybrid import batch_of, hybrid_lines, with_records_by_report
from tallybook.formats.arlo_report import AuditReport, ReportedContest, tickets_in
from tallybook.formats.csv_in import Row, as_number
from tallybook.formats.manifests import ARLO, ARLO_COMPARISON, ARLO_HYBRID, Columns, read_stored
from tallybook.stats.certainty import publish

POLLS = ("BRAVO", "MINERVA", "ATHENA", "PROVIDENCE")
TICKETS = "Ticket Numbers"
HYBRID = Columns(
    "Batch Name", "Number of Ballots", tabulator="Tabulator", container="Container", has_cvr="CVR"
)
Known = tuple[str, str, str, int, bool | None]
"""Jurisdiction, tabulator, batch, ballots, and whether it has records; None where nobody says."""
FORMS = (HYBRID, ARLO_HYBRID, ARLO_COMPARISON, ARLO)
"""Manifests, those with more columns before those with fewer."""
NEEDED = "the assertions, and how many records bear each ranking"
BLANKS = ("", "BLANK", "CONTEST_NOT_ON_BALLOT", "CANT_AGREE", "Blank", "Not on Ballot")


def ballot_lines(report: AuditReport, published: Published) -> Iterator[Line]:
    """Every line of an audit of ballots: its draw, then its risks, then what is not there."""
    if "SAMPLED BALLOTS" not in report.sections:
        yield Line("draw", "not_published", "The report lists no sampled ballots; the draw cannot be redone.")
    else:
        yield from _draws(report, published)
    kind = report.settings.get("Audit Math Type", "")
    if kind in POLLS:
        yield from _polled(report, kind)
    elif kind == "SUPERSIMPLE" and "SAMPLED BALLOTS" in report.sections:
        yield from _compared(report)
    elif kind == "SUITE":
        yield from _hybrid(report, published)
    elif kind == "RAIRE":
        yield from _ranked(report)
    elif report.settings.get("Audit Type") != "BATCH_COMPARISON":
        said = f"The risk by {kind or 'an unnamed method'} cannot be recomputed from the report alone."
        yield Line("risk", "not_published", said)


def sampled_ballots(report: AuditReport) -> list[DrawnBallot]:
    """The sampled ballots of a report, each row one ballot."""
    contests = [one.name for one in report.contests]
    choices = {one.name: tuple(one.votes) for one in report.contests}
    rows = report.sections["SAMPLED BALLOTS"].rows
    return [
        _ballot(row, contests, choices) for row in rows if as_number(_of(row, "Ballot Position")) is not None
    ]


def _ballot(row: Row, contests: list[str], choices: Mapping[str, tuple[str, ...]]) -> DrawnBallot:
    only = tickets_in(_of(row, TICKETS))
    tickets = {name: tickets_in(_of(row, f"{TICKETS}: {name}")) or only for name in contests}
    return DrawnBallot(
        _of(row, "Jurisdiction Name"),
        _of(row, "Tabulator"),
        _of(row, "Batch Name"),
        as_number(_of(row, "Ballot Position")) or 0,
        {name: found for name, found in tickets.items() if found},
        {name: choices_in(_of(row, f"Audit Result: {name}"), choices[name]) for name in contests},
        {name: choices_in(_of(row, f"CVR Result: {name}"), choices[name]) for name in contests},
        _of(row, "Audited?").upper() != "NOT_FOUND",
    )


def choices_in(cell: str, known: tuple[str, ...]) -> frozenset[str] | None:
    """The choices in a cell such as ``OVERVOTE; Ann, Bob; COMMENT: torn``; None where there are none.

    Names may hold commas; the longest known name wins.

    >>> sorted(choices_in("OVERVOTE; Ann, Bo, Jr.", ("Ann", "Bo", "Bo, Jr.")))
    ['Ann', 'Bo, Jr.']
    """
    text = cell.removeprefix("OVERVOTE;").split("; COMMENT:")[0].strip()
    if text in BLANKS:
        return None
    found = set()
    while text:
        fits = [name for name in known if text == name or text.startswith(f"{name},")]
        name = max(fits, key=len, default=text.split(",")[0])
        found.add(name)
        text = text[len(name) :].lstrip(", ")
    return frozenset(found)


def _draws(report: AuditReport, published: Published) -> Iterator[Line]:
    ballots, seed = sampled_ballots(report), report.settings.get("Random Seed", "")
    batches = _batches(published, {one.jurisdiction for one in ballots})
    for contest in (one.name for one in report.contests if one.is_targeted):
        yield from ticket_lines(seed, contest, ballots)
        for mine, of_these in _strata(ballots, batches):
            yield from draw_lines(seed, contest, mine, of_these)
    if not batches:
        said = "No ballot manifests: that no other ballot has a smaller ticket cannot be checked."
        yield Line("draw", "not_published", said)


def _strata(
    ballots: list[DrawnBallot], batches: list[Known]
) -> Iterator[tuple[list[DrawnBallot], list[tuple[str, str, str, int]]]]:
    """What was drawn apart: everything, or in a hybrid audit batches with records and batches without."""
    kinds = list(dict.fromkeys(one[4] for one in batches))
    names = {kind: {one[:3] for one in batches if one[4] == kind} for kind in kinds}
    for kind in kinds:
        elsewhere = set().union(*(held for other, held in names.items() if other != kind))
        mine = [one for one in ballots if batch_of(one) not in elsewhere]
        if mine:
            yield mine, [one[:4] for one in batches if one[4] == kind]


def _batches(published: Published, places: set[str]) -> list[Known]:
    """The batches of every manifest; nothing unless each is readable."""
    names = {_flat(one): one for one in places}
    found: list[Known] = []
    for file in published.manifests:
        place = names.get(_flat(file.folder), file.folder.replace("_", " "))
        if len(places) == 1 and len(published.manifests) == 1:
            (place,) = places
        stored = next((s for c in FORMS if (s := read_stored(file.data, file.path, c, place)[0])), ())
        found += [(one.jurisdiction, one.tabulator, one.name, one.cards, one.has_cvr) for one in stored]
    return found


def _hybrid(report: AuditReport, published: Published) -> Iterator[Line]:
    """SUITE: which batches have records is said by the manifests, else by the sampled ballots."""
    ballots = sampled_ballots(report) if "SAMPLED BALLOTS" in report.sections else []
    known = {one[:3] for one in _batches(published, {one.jurisdiction for one in ballots}) if one[4]}
    with_records = known or (with_records_by_report(report, ballots) if ballots else set())
    yield from hybrid_lines(report, ballots, with_records, float(_limit(report)))


def _ranked(report: AuditReport) -> Iterator[Line]:
    """RAIRE: what the report would have to hold for its risk."""
    for row in report.rounds:
        where = f"Round {row.number}, {row.contest}: printed {row.p_value or 'nowhere'}"
        yield Line("risk", "not_published", f"{where}; RAIRE's risk needs {NEEDED}.")
    for contest in (one.name for one in report.contests if one.is_targeted):
        said = "of the sampled ballots the report has the choices, not the order in which they were ranked"
        yield Line("rankings", "not_published", f"{contest}: {said}, neither as recorded nor as read.")


def _polled(report: AuditReport, kind: str) -> Iterator[Line]:
    """The risk after each round, from the votes of all rounds so far."""
    contests = {one.name: one for one in report.contests}
    seen: dict[str, list[Mapping[str, int]]] = {}
    for row in report.rounds:
        contest = contests.get(row.contest)
        if contest is None or not row.audited or not row.p_value:
            continue
        rounds = seen.setdefault(row.contest, [])
        rounds.append(row.audited)
        risk = polled_risk(kind, contest.votes, contest.seats, rounds, _limit(report))
        yield _risk_line(f"Round {row.number}, {row.contest}", risk, row.p_value, kind.capitalize())


def _compared(report: AuditReport) -> Iterator[Line]:
    """Super-simple after the last round: every sampled ballot with its draws."""
    ballots = sampled_ballots(report)
    last = {row.contest: row for row in report.rounds if row.p_value}
    for contest in report.contests:
        row = last.get(contest.name)
        if row is None or not contest.is_targeted:
            continue
        risk = compared_risk(contest.name, contest.votes, contest.seats, contest.ballots or 0, ballots)
        yield _risk_line(f"Round {row.number}, {contest.name}", risk, row.p_value, "super-simple")
        yield _differences(contest, ballots)


def _differences(contest: ReportedContest, ballots: list[DrawnBallot]) -> Line:
    """How many sampled ballots were read otherwise than recorded."""
    off = sum(
        one.recorded.get(contest.name) != one.read.get(contest.name) or not one.found
        for one in ballots
        if one.tickets.get(contest.name)
    )
    return Line("readings", "note", f"{contest.name}: {off:,} sampled ballots differ from their records.")


def _risk_line(where: str, risk: Fraction | None, printed: str, method: str) -> Line:
    if risk is None:
        return Line("risk", "not_published", f"{where}: what is printed does not give the risk by {method}.")
    verdict: Verdict = "agrees" if near(risk, printed) else "differs"
    return Line("risk", verdict, f"{where}: recomputed by {method} {publish(risk)}, printed {printed}.")


def _limit(report: AuditReport) -> Fraction:
    text = report.settings.get("Risk Limit", "").strip().removesuffix("%")
    try:
        limit = Fraction(text) / 100
    except (ValueError, ZeroDivisionError):
        limit = Fraction(0)
    return limit if 0 < limit < 1 else Fraction(1, 10)


def _of(row: Row, column: str) -> str:
    return row.cells.get(column, "").strip()


def _flat(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())
