"""HTML and SVG as values: text is escaped unless it was built here.

`Html` marks text that is markup already; everything else is escaped when it becomes a child or an
attribute, so a hostile name in a county's file stays a name. Control characters, and the characters that
turn the direction of writing, are shown as the replacement character: they could hide or reorder what
stands beside them.
"""

import html
import re
from collections.abc import Iterable

VOID = {"br", "circle", "hr", "input", "line", "link", "meta", "path", "rect"}
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
BLOCKS = {"article", "dl", "figure", "header", "li", "main", "nav", "p", "section", "table", "tr", "ul", "ol"}


class Html(str):
    """Text that is markup already and is not escaped again."""

    __slots__ = ()


def element(tag: str, /, *children: str, **attributes: str | int | bool | None) -> Html:
    """An element. `class_` and `for_` lose their underscore, `aria_label` becomes `aria-label`.

    An attribute that is None or False is left out; True stands without a value.
    """
    start = tag + "".join(attribute(key, value) for key, value in attributes.items())
    if tag in VOID:
        return Html(f"<{start}>") if tag not in {"circle", "line", "path", "rect"} else Html(f"<{start}/>")
    end = "\n" if tag in BLOCKS else ""
    return Html(f"<{start}>{join(children)}</{tag}>{end}")


def join(parts: Iterable[str], between: str = "") -> Html:
    """Several parts as one; those that are not markup are escaped."""
    return Html(escaped(between).join(escaped(part) for part in parts))


def escaped(text: str) -> Html:
    """Text as HTML; markup as it is."""
    if isinstance(text, Html):
        return text
    return Html(html.escape(HIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)))


def attribute(key: str, value: str | int | bool | None) -> str:
    """One attribute; its value is escaped even if it was built as markup, for it is text there."""
    name = key.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{escaped(str(value))}"'
