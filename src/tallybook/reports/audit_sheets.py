"""The lists of the audits for a spreadsheet: every contest with its assertions, every discrepancy."""

from collections.abc import Iterable

from tallybook.reports.audit_values import Audit, AuditedContest
from tallybook.reports.audit_words import latest_risk
from tallybook.reports.sheets import sheet
from tallybook.reports.values import Report


def audits_sheet(report: Report) -> str:
    """One row for each assertion of each contest; one for a contest without any."""
    columns = [
        "audit", "contest", "state", "reported", "audited", "risk limit", "evidence", "cards", "used",
        "rounds",
        "contest's risk", "assertion", "reported margin", "risk", "limit met", "ended in entry",
    ]  # fmt: skip
    return sheet(
        columns, (row for audit in report.audits for one in audit.contests for row in rows(audit, one))
    )


def rows(audit: Audit, one: AuditedContest) -> Iterable[list[str | int]]:
    """The rows of a contest."""
    about: list[str | int] = [
        audit.entry, one.contest, one.state.replace("_", " "), one.reported, one.audited, one.limit,
        one.evidence, one.cards, "" if one.used is None else one.used, len(one.measured), latest_risk(one),
    ]  # fmt: skip
    end = one.ending.entry if one.ending else ""
    for found in one.assertions:
        margin = "" if found.margin is None else found.margin
        met = "" if found.met is None else ("yes" if found.met else "no")
        yield [*about, found.words, margin, found.risk, met, end]
    if not one.assertions:
        yield [*about, "", "", "", "", end]


def discrepancies_sheet(report: Report) -> str:
    """One row for each item and contest on which record and people differ."""
    columns = ["audit", "item", "contest", "the record says", "people read", "cause"]
    found = (
        (audit.entry, one.item, one.contest, one.record, one.read, one.cause)
        for audit in report.audits
        for one in audit.differences
    )
    return sheet(columns, found)
