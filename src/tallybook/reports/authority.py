"""The page of the law: who may do what, act by act, with the citation.

First a table that answers "who?" for every act at one look, then each act with its conditions and texts.
"""

from collections.abc import Iterable

from tallybook.reports.figures import day_words
from tallybook.reports.frame import page
from tallybook.reports.markup import Html, element, join
from tallybook.reports.parts import STATUSES, Column, chip, download, initial, word_table
from tallybook.reports.values import AuthorityRow, Report, Status

Act = tuple[str, list[AuthorityRow]]
Topic = tuple[str, list[Act]]

YES: tuple[Status, ...] = ("duty", "permitted")
IF: tuple[Status, ...] = ("conditional",)
NO: tuple[Status, ...] = ("not_permitted", "no_legal_effect")


def authority(report: Report) -> str:
    """authority.html."""
    topics = by_topic(report.authority)
    day = f" As in force on {day_words(report.law_day)}." if report.law_day else ""
    return page(
        report,
        "authority.html",
        "Who may do what",
        element(
            "p",
            "The law gives powers to offices, one act at a time; what it does not give, nobody may take."
            f"{day} This page shows the rows of law that the record was decided by. It is no legal advice.",
            class_="lead",
        ),
        key(),
        glance(topics),
        *(topic_section(number, topic) for number, topic in enumerate(topics)),
        download("authority.csv", "All rows as a list"),
    )


def by_topic(rows: Iterable[AuthorityRow]) -> list[Topic]:
    """The rows by topic and act, both in the order of their first appearance."""
    found: dict[str, dict[str, list[AuthorityRow]]] = {}
    for row in rows:
        found.setdefault(row.topic, {}).setdefault(row.act, []).append(row)
    return [(topic, list(acts.items())) for topic, acts in found.items()]


def key() -> Html:
    meaning = {
        "duty": "the law orders it",
        "permitted": "the office may choose",
        "conditional": "only on the condition named",
        "not_permitted": "the law does not allow it",
        "no_legal_effect": "anyone may say it; it changes nothing",
    }
    items = [
        element("li", chip(*STATUSES[status]), f" {words}")
        for status, words in meaning.items()
        if status in STATUSES
    ]
    return element("ul", *items, class_="toc")


def glance(topics: list[Topic]) -> Html:
    """One line for each act."""
    rows = [
        (
            element("a", initial(act), href=f"#{act_id(number, place)}"),
            offices(found, YES),
            offices(found, IF),
            offices(found, NO),
        )
        for number, (_, acts) in enumerate(topics)
        for place, (act, found) in enumerate(acts)
    ]
    columns = [
        Column("Act"),
        Column("Must or may"),
        Column("May, on conditions"),
        Column("May not, or without effect"),
    ]
    return element(
        "section",
        element("h2", "At a glance", id="glance"),
        word_table("Who may do each act, and who may not", columns, rows),
        aria_labelledby="glance",
    )


def offices(rows: list[AuthorityRow], statuses: tuple[Status, ...]) -> str:
    return ", ".join(dict.fromkeys(row.office for row in rows if row.status in statuses))


def topic_section(number: int, topic: Topic) -> Html:
    name, acts = topic
    id_ = f"topic-{number}"
    return element(
        "section",
        element("h2", initial(name or "Acts"), id=id_),
        *(act_part(act_id(number, place), act, rows) for place, (act, rows) in enumerate(acts)),
        aria_labelledby=id_,
    )


def act_id(topic: int, place: int) -> str:
    return f"act-{topic}-{place}"


def act_part(id_: str, act: str, rows: list[AuthorityRow]) -> Html:
    columns = [Column("Office"), Column("Answer"), Column("In plain words"), Column("Law")]
    made = [
        (row.office, chip(*STATUSES[row.status]), plain(row), element("span", row.citation, class_="law"))
        for row in rows
    ]
    return join([element("h3", initial(act), id=id_), word_table(f"Who may: {act}", columns, made)])


def plain(row: AuthorityRow) -> str:
    until = f" Until: {row.until}." if row.until else ""
    return f"{row.plain}{until}".strip()
