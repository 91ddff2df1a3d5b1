"""The page of the acts: in order, each with its answer, its law, who could act, and what next.

Acts that differ only in their place (159 counties certifying) are shown as one. The page is filtered by
the style sheet alone; where that fails, everything is shown.
"""

from collections.abc import Iterable
from itertools import groupby

from tallybook.reports.figures import day_words, month_words, plural, runs_of, whole
from tallybook.reports.frame import page
from tallybook.reports.markup import Html, element, join
from tallybook.reports.parts import ANSWERS, chip, download, initial
from tallybook.reports.values import Report, TimelineRow

FILTERS = (
    ("show-all", "Everything"),
    ("show-accepted", "Accepted"),
    ("show-refused", "Refused"),
    ("show-no-effect", "No legal effect"),
)
CLASSES = {"accepted": "is-accepted", "refused": "is-refused", "no_effect": "is-no-effect"}

Group = tuple[TimelineRow, ...]


def acts(report: Report) -> str:
    """timeline.html."""
    groups = grouped(report.timeline)
    months = [list(found) for _, found in groupby(groups, key=lambda group: month_words(group[0].day))]
    return page(
        report,
        "timeline.html",
        "Acts and answers",
        element(
            "p",
            "What officers and others asked for, in the order of the record, and how the law answered. "
            "Accepted: the act was within the law and took effect. Refused: it was not, and changed nothing. "
            "No legal effect: it was said or asked, but no law attaches anything to it.",
            class_="lead",
        ),
        filters(),
        *(month(found) for found in months),
        download("timeline.csv", "All acts as a list"),
    )


def grouped(rows: Iterable[TimelineRow]) -> list[Group]:
    """Rows of one day that differ only in entry, hour and place, together; in the order of the first."""
    found: dict[tuple[str, ...], list[TimelineRow]] = {}
    for row in rows:
        alike = (row.day, row.office, row.act, row.answer, row.words, row.citation, row.contest)
        key = alike if row.place else (*alike, str(row.entry))
        found.setdefault(key, []).append(row)
    return [tuple(group) for group in found.values()]


def filters() -> Html:
    boxes = [
        element(
            "label",
            element("input", type="radio", name="show", id=id_, checked=id_ == "show-all"),
            f" {words}",
        )
        for id_, words in FILTERS
    ]
    return element("fieldset", element("legend", "Show"), *boxes, class_="filter")


def month(groups: list[Group]) -> Html:
    name = month_words(groups[0][0].day)
    id_ = f"month-{groups[0][0].entry}"
    return element(
        "section",
        element("h2", name, id=id_),
        element("ol", *(act(group) for group in groups), class_="acts"),
        aria_labelledby=id_,
    )


def act(group: Group) -> Html:
    """One act, or one act of many places."""
    first = group[0]
    words, class_ = ANSWERS[first.answer]
    about = [part for part in (first.contest, where(group)) if part]
    body = [
        element("h3", f"{first.office} {first.act}"),
        element("p", chip(words, class_), *([" ", initial(". ".join(about))] if about else [])),
        *([element("p", initial(first.words))] if first.words else []),
        *([element("p", first.citation, class_="law")] if first.citation else []),
        *([next_step(first)] if first.who_may or first.next else []),
        *([places(group)] if len(group) > 1 else []),
    ]
    when = element(
        "div", element("time", day_words(first.day), datetime=first.day), *notes(group), class_="when"
    )
    return element("li", when, element("div", *body), id=f"act-{first.entry}", class_=CLASSES[first.answer])


def notes(group: Group) -> list[Html]:
    hour = f"{group[0].hour}, " if group[0].hour and len({row.hour for row in group}) == 1 else ""
    entries = tuple(row.entry for row in group)
    return [join([f"{hour}{'entry' if len(group) == 1 else 'entries'} {runs_of(entries)}"])]


def where(group: Group) -> str:
    return group[0].place if len(group) == 1 else f"In {plural(len(group), 'place', 'places')}"


def next_step(row: TimelineRow) -> Html:
    """Who may, and what next; the law's own "Ask: A, B." says only again who may, so it is left out."""
    who = f"Who may: {', '.join(row.who_may)}. " if row.who_may else ""
    then = f"Next: {row.next}" if row.next and not (who and row.next.startswith("Ask: ")) else ""
    return element("p", who, then, class_="next")


def places(group: Group) -> Html:
    listed = ", ".join(f"{row.place} ({whole(row.entry)})" for row in group)
    return element("details", element("summary", "The places, with their entries"), element("p", listed))
