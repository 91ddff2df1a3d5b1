"""Tables and small parts that several pages use.

A table of numbers scrolls sideways in a box that the keyboard reaches; a table of words is stacked on a
narrow screen. Stacking takes a table's meaning away from some screen readers, so its roles are written out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tallybook.reports.markup import Html, element, join
from tallybook.reports.values import Answer, Status


@dataclass(frozen=True)
class Column:
    """A column's heading, and whether its cells are numbers."""

    title: str
    number: bool = False


def number_table(caption: str, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> Html:
    """A table of numbers in a box of its own; the first cell of a row is its heading."""
    inner = element("table", element("caption", caption), table_head(columns), table_body(columns, rows))
    return element("div", inner, class_="scroll", role="region", aria_label=caption, tabindex="0")


def word_table(caption: str, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> Html:
    """A table of words, stacked on a narrow screen; the first cell of a row is its heading."""
    return element(
        "table",
        element("caption", caption),
        table_head(columns, roles=True),
        table_body(columns, rows, roles=True),
        class_="stack",
        role="table",
    )


def plain_table(caption: str, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> Html:
    """A small table that fits a narrow screen as it is."""
    return element("table", element("caption", caption), table_head(columns), table_body(columns, rows))


def table_head(columns: Sequence[Column], roles: bool = False) -> Html:
    cells = [
        element("th", c.title, scope="col", class_=kind(c), role="columnheader" if roles else None)
        for c in columns
    ]
    row = element("tr", *cells, role="row" if roles else None)
    return element("thead", row, role="rowgroup" if roles else None)


def table_body(columns: Sequence[Column], rows: Iterable[Sequence[str]], roles: bool = False) -> Html:
    made = [table_row(columns, row, roles) for row in rows]
    return element("tbody", *made, role="rowgroup" if roles else None)


def table_row(columns: Sequence[Column], row: Sequence[str], roles: bool) -> Html:
    first = element("th", row[0], scope="row", role="rowheader" if roles else None)
    rest = [
        element(
            "td",
            cell,
            class_=kind(column),
            role="cell" if roles else None,
            data_label=column.title if roles else None,
        )
        for column, cell in zip(columns[1:], row[1:], strict=True)
    ]
    return element("tr", first, *rest, role="row" if roles else None)


def kind(column: Column) -> str | None:
    return "num" if column.number else None


ANSWERS: dict[Answer, tuple[str, str]] = {
    "accepted": ("Accepted", "chip yes"),
    "refused": ("Refused", "chip no"),
    "no_effect": ("No legal effect", "chip none"),
}
STATUSES: dict[Status, tuple[str, str]] = {
    "duty": ("Must", "chip yes"),
    "permitted": ("May", "chip yes"),
    "conditional": ("May, if", "chip if"),
    "not_permitted": ("May not", "chip no"),
    "no_legal_effect": ("No legal effect", "chip none"),
}


def chip(words: str, class_: str) -> Html:
    """A short word in a box whose edge tells the same without colour."""
    return element("span", words, class_=class_)


def download(file: str, words: str) -> Html:
    """A link to a CSV file beside the page."""
    return element("p", element("a", words, href=file, download=True), " (CSV, opens in a spreadsheet)")


def command(program: str, *arguments: str) -> Html:
    """A command to copy; a line breaks between its arguments and not within one."""
    held = [element("span", argument, class_="hold") for argument in arguments]
    return element("pre", join([program, *held], " "))


def paragraphs(*texts: str) -> Html:
    return join(element("p", text) for text in texts)


def initial(words: str) -> str:
    """The words with a capital at the start."""
    return words[:1].upper() + words[1:]


def slug(words: str) -> str:
    """Words as an id: lower-case letters, digits and hyphens; two different texts may share one."""
    kept = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in words.lower())
    return "-".join(kept.split()) or "x"
