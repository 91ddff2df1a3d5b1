"""The frame of every page: head, skip link, navigation, the page's own part, foot.

The page names its own content policy: it may load nothing, from anywhere, and run nothing. So a copy that
was mailed or saved shows the same as the one on the web.
"""

from tallybook.reports.figures import day_words
from tallybook.reports.markup import Html, element, join
from tallybook.reports.parts import initial, slug
from tallybook.reports.style import STYLE
from tallybook.reports.values import Report

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def page(report: Report, file: str, title: str, *body: Html) -> str:
    """One whole page. `title` is its only first-level heading."""
    name = title if title == report.title else f"{title} – {report.title}"
    inner = join(
        [
            element("a", "Skip to the content", class_="skip", href="#content"),
            header(report, file),
            element("main", heading(report, title), *body, id="content", class_="wrap", tabindex="-1"),
            footer(report),
        ]
    )
    whole = element("html", head(name), element("body", inner), lang=report.language)
    return f"<!doctype html>\n{whole}\n"


def menu(report: Report) -> list[tuple[str, str]]:
    """The pages of a report and their names; no page of places or audits where there are none."""
    one, many = report.places
    return [
        ("index.html", "Overview"),
        *([("audits.html", "Audits")] if report.audits else []),
        ("timeline.html", "Acts"),
        *(
            [(places_file(report), initial(one if len(report.counties) == 1 else many))]
            if report.counties
            else []
        ),
        ("authority.html", "Who may"),
        ("numbers.html", "Numbers"),
        ("check.html", "Check"),
    ]


def places_file(report: Report, ending: str = "html") -> str:
    """The page of the places, or with another ending their list, named by what they are."""
    return f"{slug(report.places[1])}.{ending}"


def head(name: str) -> Html:
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", name),
        element("style", Html(STYLE)),
    )


def header(report: Report, file: str) -> Html:
    links = [
        element("li", element("a", words, href=target, aria_current="page" if target == file else None))
        for target, words in menu(report)
    ]
    nav = element("nav", element("ul", *links), aria_label="Pages of this report")
    return element("header", element("div", element("p", report.title), nav, class_="wrap"), class_="bar")


def heading(report: Report, title: str) -> Html:
    notice = element("div", element("p", report.notice), class_="notice", role="note")
    return join([element("h1", title), notice if report.notice else Html("")])


def footer(report: Report) -> Html:
    prints = report.fingerprints
    made = f"{prints.package}, {prints.size:,} entries" if prints.package else f"{prints.size:,} entries"
    words = (
        f"Election day: {day_words(report.day)}. Made from {made}. "
        "This page explains the record and is no part of it: the package is what counts, and "
    )
    check = element("a", "anyone can check it", href="check.html")
    last = " No script, no cookie, nothing loaded from another place."
    return element("footer", element("div", element("p", words, check, ".", last), class_="wrap"))
