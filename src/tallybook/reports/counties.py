"""The page of the counties or other places: for each its counts side by side, and every ballot's account."""

from itertools import groupby

from tallybook.reports.comparing import votes_apart
from tallybook.reports.figures import plural, runs_of, whole
from tallybook.reports.frame import page, places_file
from tallybook.reports.markup import Html, element, join
from tallybook.reports.parts import Column, download, initial, paragraphs, plain_table
from tallybook.reports.values import Accounts, CountyRow, Report

FEW = 12
"""So many places stand in one part of the page; more of them under their letters."""


def counties(report: Report) -> str:
    """counties.html, or the page of the places whatever they are."""
    one, many = report.places
    ordered = sorted(report.counties, key=lambda county: (county.name.lower(), county.id))
    return page(
        report,
        places_file(report),
        initial(one if len(ordered) == 1 else many),
        element("p", summary(report), class_="lead"),
        download(
            places_file(report, "csv"), f"{initial(many) if len(ordered) == 1 else f'All {many}'} as a list"
        ),
        *(by_letter(report, ordered) if len(ordered) > FEW else [part(report, ordered)]),
    )


def part(report: Report, ordered: list[CountyRow]) -> Html:
    """A few places, without letters."""
    cards = (card(report, county) for county in ordered)
    return element(
        "section", element("h2", f"Counts of {report.contest}"), element("div", *cards, class_="cards")
    )


def by_letter(report: Report, ordered: list[CountyRow]) -> list[Html]:
    """Many places, under their letters."""
    letters = [(letter, list(found)) for letter, found in groupby(ordered, key=lambda c: c.name[:1].upper())]
    links = element("ul", *(letter_link(report, *x) for x in letters), class_="letters")
    sections = [letter_section(report, letter, found) for letter, found in letters]
    return [element("nav", links, aria_label="Letters"), *sections]


def summary(report: Report) -> str:
    """How many places, and whether their accounts add up."""
    one, many = report.places
    accounts = [county.accounts for county in report.counties if county.accounts]
    open_ones = sum(1 for account in accounts if account.difference)
    added = (
        f"In all {whole(len(accounts))}: votes + write-ins + undervotes + overvotes = ballots cast."
        if not open_ones
        else f"In {plural(open_ones, one, many)} the account of the ballots cast does not add up."
    )
    words = f"{plural(len(report.counties), one, many)}, contest: {report.contest}. "
    return words + (added if accounts else "No account of ballots cast is in this report.")


def letter_link(report: Report, letter: str, found: list[CountyRow]) -> Html:
    label = f"{letter}: {plural(len(found), *report.places)}"
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
    """A place's counts side by side, and under each how many votes it lies apart from the base."""
    counts = [count for count in report.counts if count.kind in county.votes]
    if not counts:
        return Html("")
    columns = [Column("Choice"), *(Column(count.title, number=True) for count in counts)]
    rows = [
        (choice.short, *(whole(county.votes[count.kind][place]) for count in counts))
        for place, choice in enumerate(report.choices)
    ]
    last = (
        ("Votes apart", *(apart(report, county, count.kind) for count in counts))
        if len(counts) > 1
        else ("Together", whole(sum(county.votes[counts[0].kind])))
    )
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
