"""The page of the counties: for each one its counts side by side, and what became of every ballot cast."""

from itertools import groupby

from tallybook.reports.comparing import votes_apart
from tallybook.reports.figures import plural, runs_of, whole
from tallybook.reports.frame import page
from tallybook.reports.markup import Html, element, join
from tallybook.reports.parts import Column, download, paragraphs, plain_table
from tallybook.reports.values import Accounts, CountyRow, Report


def counties(report: Report) -> str:
    """counties.html."""
    ordered = sorted(report.counties, key=lambda county: (county.name.lower(), county.id))
    letters = [(letter, list(found)) for letter, found in groupby(ordered, key=lambda c: c.name[:1].upper())]
    return page(
        report,
        "counties.html",
        "Counties",
        element("p", summary(report), class_="lead"),
        download("counties.csv", "All counties as a list"),
        element(
            "nav", element("ul", *(letter_link(*x) for x in letters), class_="letters"), aria_label="Letters"
        ),
        *(letter_section(report, letter, found) for letter, found in letters),
    )


def summary(report: Report) -> str:
    """How many counties, and whether their accounts add up."""
    accounts = [county.accounts for county in report.counties if county.accounts]
    open_ones = sum(1 for account in accounts if account.difference)
    added = (
        f"In all {whole(len(accounts))}: votes + write-ins + undervotes + overvotes = ballots cast."
        if not open_ones
        else f"In {plural(open_ones, 'county', 'counties')} the account of the ballots cast does not add up."
    )
    words = f"{plural(len(report.counties), 'county', 'counties')}, contest: {report.contest}. "
    return words + (added if accounts else "No account of ballots cast is in this report.")


def letter_link(letter: str, found: list[CountyRow]) -> Html:
    label = f"{letter}: {plural(len(found), 'county', 'counties')}"
    return element("li", element("a", letter, href=f"#letter-{anchor(letter)}", aria_label=label))


def anchor(letter: str) -> str:
    return f"{ord(letter):x}" if letter else "0"


def letter_section(report: Report, letter: str, found: list[CountyRow]) -> Html:
    cards = (card(report, county) for county in found)
    head = element("h2", letter, id=f"letter-{anchor(letter)}")
    return element("section", head, element("div", *cards, class_="cards"))


def card(report: Report, county: CountyRow) -> Html:
    """One county, to be read alone."""
    entries = f"In the record: entries {runs_of(county.entries)}"
    return element(
        "article",
        element("h3", county.name, id=county.id),
        votes_table(report, county),
        account(county.accounts) if county.accounts else Html(""),
        paragraphs(*county.notes),
        element("p", entries, class_="soft") if county.entries else Html(""),
        class_="card",
    )


def votes_table(report: Report, county: CountyRow) -> Html:
    """The county's counts side by side, and under each how many votes it lies apart from the base."""
    counts = [count for count in report.counts if count.kind in county.votes]
    if not counts:
        return Html("")
    columns = [Column("Choice"), *(Column(count.title, number=True) for count in counts)]
    rows = [
        (choice.short, *(whole(county.votes[count.kind][place]) for count in counts))
        for place, choice in enumerate(report.choices)
    ]
    last = ("Votes apart", *(apart(report, county, count.kind) for count in counts))
    return plain_table(f"Votes in {county.name} by count", columns, [*rows, last])


def apart(report: Report, county: CountyRow, kind: str) -> str:
    """How far a count lies from the base; the base itself shows a dash."""
    found = votes_apart(county, kind, report.base)
    return "–" if found is None or kind == report.base else whole(found)


def account(found: Accounts) -> Html:
    """The account as a sum that a reader can follow."""
    parts = [
        f"{whole(found.votes)} votes",
        f"{whole(found.write_ins)} write-ins",
        f"{whole(found.undervotes)} undervotes",
        f"{whole(found.overvotes)} overvotes",
    ]
    result = "Adds up." if not found.difference else f"Unexplained: {whole(found.difference)}."
    total = element("strong", f"{whole(found.ballots_cast)} ballots cast")
    return element("p", total, join([" = ", " + ".join(parts), ". ", result]))
