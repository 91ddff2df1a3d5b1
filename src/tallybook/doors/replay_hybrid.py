"""Arlo's reports of hybrid audits: SUITE's risk, from what the report says of each stratum.

For `tallybook replay`. The report gives cards and votes with records and without ("CVR" and "Non-CVR"), the
votes found in the polled stratum round by round, and each sampled ballot with its record. A batch has records
where any of its sampled ballots shows one; where the manifests lie beside the report, as these say. The
arithmetic is ``audit.replaying_suite``.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from tallybook.audit.replaying import Line
from tallybook.audit.replaying_ballots import DrawnBallot, Pair, near, pairs_of
from tallybook.audit.replaying_suite import ComparedStratum, PolledStratum, suite_risk
from tallybook.formats.arlo_report import AuditReport, ReportedContest, votes_in
from tallybook.formats.csv_in import Row, as_number

Batch = tuple[str, str, str]
NEEDED = ("Total Ballots Cast: CVR", "Total Ballots Cast: Non-CVR")
TOTALS = (("Vote Totals: CVR", "Tabulated Votes: CVR"), ("Vote Totals: Non-CVR", "Tabulated Votes: Non-CVR"))
FOUND = ("Audited Votes: Non CVR", "Audited Votes: Non-CVR")


def hybrid_lines(
    report: AuditReport, ballots: Sequence[DrawnBallot], with_records: set[Batch], limit: float
) -> Iterator[Line]:
    """SUITE's risk of every targeted contest after the last round, as far as it was published."""
    last = {row.contest: row for row in report.rounds if row.p_value}
    rows = {row.cells.get("Contest Name", ""): row for row in report.sections["CONTESTS"].rows}
    for contest in report.contests:
        printed = last.get(contest.name)
        if printed is None or not contest.is_targeted:
            continue
        where = f"Round {printed.number}, {contest.name}"
        strata = _strata(rows[contest.name], contest)
        found = _polled_votes(report, contest.name)
        lacking = _lacking(strata is not None, found is not None, bool(ballots))
        if lacking or strata is None or found is None:
            yield Line("risk", "not_published", f"{where}: SUITE's risk needs {lacking}.")
            continue
        (cards1, votes1), (cards2, votes2) = strata
        drawn = [one for one in ballots if one.tickets.get(contest.name)]
        compared = [one for one in drawn if batch_of(one) in with_records]
        errors = _errors(contest, compared)
        draws = sum(len(one.tickets[contest.name]) for one in compared)
        rest = sum(len(one.tickets[contest.name]) for one in drawn) - draws
        risk = suite_risk(
            ComparedStratum(cards1, votes1, draws, errors),
            PolledStratum(cards2, votes2, rest, found),
            contest.seats,
            limit,
        )
        if risk is None:
            yield Line("risk", "not_published", f"{where}: the reported votes show no winner and loser.")
            continue
        verdict = "agrees" if _is_printed(risk.printed, printed.p_value) else "differs"
        said = f"{where}: recomputed by SUITE {risk.printed:.10f}, printed {printed.p_value}."
        yield Line("risk", verdict, said)  # type: ignore[arg-type]
        yield Line("strata", "note", f"{contest.name}: {draws:,} draws were compared, {rest:,} polled.")
        yield from _remarks(contest, compared, risk.printed, risk.finer)


def batch_of(ballot: DrawnBallot) -> Batch:
    """Where a ballot lies."""
    return ballot.jurisdiction, ballot.tabulator, ballot.batch


def with_records_by_report(report: AuditReport, ballots: Sequence[DrawnBallot]) -> set[Batch]:
    """The batches with records, by the sampled ballots: one shows an imprinted number, or any record."""
    rows = report.sections["SAMPLED BALLOTS"].rows
    found = {batch_of(one) for one in ballots if any(of is not None for of in one.recorded.values())}
    for row in rows:
        if row.cells.get("Imprinted ID", "").strip():
            names = ("Jurisdiction Name", "Tabulator", "Batch Name")
            place = [row.cells.get(name, "").strip() for name in names]
            found.add((place[0], place[1], place[2]))
    return found


def _lacking(strata: bool, found: bool, ballots: bool) -> str:
    needed = {
        "cards and votes of each stratum (columns such as Tabulated Votes: CVR)": strata,
        "the votes found in the polled stratum (Audited Votes: Non CVR)": found,
        "the sampled ballots with their records": ballots,
    }
    return "; ".join(name for name, is_there in needed.items() if not is_there)


def _strata(
    row: Row, contest: ReportedContest
) -> tuple[tuple[int, Mapping[str, int]], tuple[int, Mapping[str, int]]] | None:
    """Cards and reported votes, compared and polled; None where the report does not split them."""
    cards = [as_number(row.cells.get(name, "")) for name in NEEDED]
    votes = [
        votes_in(next((row.cells[name] for name in names if row.cells.get(name)), "")) for names in TOTALS
    ]
    if cards[0] is None or cards[1] is None or not votes[0] or not votes[1]:
        return None
    names = contest.votes
    first, second = ({name: held.get(name, 0) for name in names} for held in votes if held is not None)
    return (cards[0], first), (cards[1], second)


def _polled_votes(report: AuditReport, contest: str) -> Mapping[str, int] | None:
    """The votes found in the polled stratum over all rounds; None where the report does not tell them."""
    total: dict[str, int] = {}
    for row in report.sections["ROUNDS"].rows:
        if row.cells.get("Contest Name") != contest or not row.cells.get("P-Value"):
            continue
        votes = votes_in(next((row.cells[name] for name in FOUND if row.cells.get(name)), ""))
        if not votes:
            return None
        for name, count in votes.items():
            total[name] = total.get(name, 0) + count
    return total or None


def _errors(contest: ReportedContest, ballots: Sequence[DrawnBallot]) -> dict[Pair, tuple[int, int]]:
    """Of each pair the ballots that overstate it by one vote and by two, each once; not found is two."""
    found = {}
    for pair in pairs_of(contest.votes, contest.seats):
        sizes = [_error(contest.name, one, pair) for one in ballots]
        found[pair] = (sizes.count(1), sizes.count(2))
    return found


def _error(contest: str, ballot: DrawnBallot, pair: Pair) -> int:
    if not ballot.found:
        return 2
    winner, loser = pair
    recorded, read = (held.get(contest) or frozenset() for held in (ballot.recorded, ballot.read))
    return (winner in recorded) - (loser in recorded) - (winner in read) + (loser in read)


def _remarks(
    contest: ReportedContest, compared: Sequence[DrawnBallot], printed: float, finer: float
) -> Iterator[Line]:
    """What a statistician would ask about the number that was printed."""
    if finer > printed * (1 + 1e-6):
        said = f"a grid twenty times as fine finds {finer:.10f}; the tool's grid does not bound the risk"
        yield Line("search", "note", f"{contest.name}: {said}.")
    pairs = pairs_of(contest.votes, contest.seats)
    again = sum(
        len(one.tickets[contest.name]) > 1 and any(_error(contest.name, one, pair) > 0 for pair in pairs)
        for one in compared
    )
    if again:
        said = (
            f"{again:,} erroneous ballots were drawn more than once; the tool counts the error of each once"
        )
        yield Line("readings", "note", f"{contest.name}: {said}.")


def _is_printed(risk: float, printed: str) -> bool:
    return near(Fraction(risk), printed)
