"""All pages and all lists of a report, by file name."""

from tallybook.reports.acts import acts
from tallybook.reports.audit_sheets import audits_sheet, discrepancies_sheet
from tallybook.reports.audits import audits
from tallybook.reports.authority import authority
from tallybook.reports.checking import check
from tallybook.reports.comparing import votes_apart
from tallybook.reports.counties import counties
from tallybook.reports.frame import places_file
from tallybook.reports.numbers import numbers
from tallybook.reports.overview import overview
from tallybook.reports.sheets import sheet
from tallybook.reports.values import CountyRow, Report


def pages(report: Report) -> dict[str, str]:
    """The HTML pages, to be stored as UTF-8 in one folder."""
    return {
        "index.html": overview(report),
        **({"audits.html": audits(report)} if report.audits else {}),
        "timeline.html": acts(report),
        **({places_file(report): counties(report)} if report.counties else {}),
        "authority.html": authority(report),
        "numbers.html": numbers(report),
        "check.html": check(report),
    }


def tables(report: Report) -> dict[str, str]:
    """The CSV files that the pages link to, to be stored as UTF-8 beside them."""
    return {
        **({"counts.csv": counts_sheet(report)} if report.counts else {}),
        **({places_file(report, "csv"): counties_sheet(report)} if report.counties else {}),
        "timeline.csv": timeline_sheet(report),
        "authority.csv": authority_sheet(report),
        **(
            {"audits.csv": audits_sheet(report), "discrepancies.csv": discrepancies_sheet(report)}
            if report.audits
            else {}
        ),
    }


def counts_sheet(report: Report) -> str:
    names = [choice.name for choice in report.choices]
    columns = ["contest", "count", "day", "office", *names, "margin", "effect", "citation", "entry"]
    return sheet(
        columns,
        (
            (
                report.contest, c.title, c.day, c.office, *c.votes, c.margin_votes, c.effect, c.citation,
                "" if c.entry is None else c.entry,
            )
            for c in report.counts
        ),
    )  # fmt: skip


def counties_sheet(report: Report) -> str:
    """One row for each place: every count, the votes apart from the base, the account."""
    columns = ["id", report.places[0]]
    for count in report.counts:
        columns += [f"{count.title}: {choice.name}" for choice in report.choices] + [
            f"{count.title}: votes apart"
        ]
    columns += ["ballots cast", "votes", "write-ins", "undervotes", "overvotes", "unexplained"]
    return sheet(columns, (county_cells(report, county) for county in report.counties))


def county_cells(report: Report, county: CountyRow) -> list[str | int]:
    cells: list[str | int] = [county.id, county.name]
    for count in report.counts:
        cells += county.votes.get(count.kind, ("",) * len(report.choices))
        apart = votes_apart(county, count.kind, report.base)
        cells.append("" if apart is None else apart)
    a = county.accounts
    if a is None:
        return [*cells, *[""] * 6]
    return [*cells, a.ballots_cast, a.votes, a.write_ins, a.undervotes, a.overvotes, a.difference]


def timeline_sheet(report: Report) -> str:
    columns = [
        "entry",
        "day",
        "hour",
        "office",
        "act",
        "contest",
        "place",
        "answer",
        "words",
        "citation",
        "who may",
    ]
    return sheet(
        [*columns, "next"],
        (
            (
                r.entry, r.day, r.hour, r.office, r.act, r.contest, r.place, r.answer, r.words, r.citation,
                "; ".join(r.who_may), r.next,
            )
            for r in report.timeline
        ),
    )  # fmt: skip


def authority_sheet(report: Report) -> str:
    columns = ["topic", "act", "office", "status", "plain words", "citation", "until"]
    return sheet(
        columns,
        ((r.topic, r.act, r.office, r.status, r.plain, r.citation, r.until) for r in report.authority),
    )
