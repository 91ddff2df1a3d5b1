"""Read a page's structure with the standard library's parser, and say what is wrong with it."""

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise

VOID = {"br", "hr", "input", "link", "meta"}
HEADINGS = {f"h{level}": level for level in range(1, 7)}
LOADING = {"src", "srcset", "data", "poster", "background", "xlink:href"}

Attributes = list[tuple[str, str | None]]


@dataclass
class Table:
    captions: list[str] = field(default_factory=list)
    headers: list[dict[str, str | None]] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)


class Page(HTMLParser):
    """The parts of a page that the rules ask about, and the tags that do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.problems: list[str] = []
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.ids: list[str] = []
        self.links: list[dict[str, str | None]] = []
        self.headings: list[int] = []
        self.tables: list[Table] = []
        self.drawings: list[dict[str, str | None]] = []
        self.references: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        self.problems += [f"<{tag}> is not closed" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        found = dict(attrs)
        if len(found) != len(attrs):
            self.problems.append(f"<{tag}> repeats an attribute")
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.note(tag, found)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.problems.append(f"</{tag}> at {self.getpos()} closes {self.open[-1:]}")
        else:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        if self.tables and self.open and self.open[-1] == "caption":
            self.tables[-1].captions.append(data)

    def note(self, tag: str, found: dict[str, str | None]) -> None:
        self.ids += [found["id"] or ""] if "id" in found else []
        for name in ("aria-labelledby", "aria-describedby", "for", "headers"):
            self.references += (found.get(name) or "").split()
        if tag == "a":
            self.links.append(found)
        elif tag in HEADINGS:
            self.headings.append(HEADINGS[tag])
        elif tag == "table":
            self.tables.append(Table())
        elif tag == "tr":
            self.tables[-1].widths.append(0)
        elif tag in {"td", "th"}:
            self.tables[-1].widths[-1] += 1
            self.tables[-1].headers += [found] if tag == "th" else []
        elif tag in {"svg", "img"}:
            self.drawings.append(found)

    @property
    def loads(self) -> list[str]:
        """Everything the page would fetch or run by itself."""
        named = [
            f"{tag} {name}" for tag, name, _ in self.attributes if name in LOADING or name.startswith("on")
        ]
        tags = ("script", "link", "iframe", "object", "embed", "img", "video", "audio", "form", "base")
        return named + [tag for tag in tags if self.tags[tag]]


def heading_problems(levels: list[int]) -> list[str]:
    """One first-level heading, at the start, and no level skipped on the way down."""
    found = [] if levels.count(1) == 1 and levels[:1] == [1] else [f"first-level headings in {levels}"]
    return found + [
        f"h{before} is followed by h{after}" for before, after in pairwise(levels) if after > before + 1
    ]


def table_problems(table: Table) -> list[str]:
    found = [] if "".join(table.captions).strip() else ["a table without a caption"]
    found += [
        "a heading without a scope" for head in table.headers if head.get("scope") not in {"col", "row"}
    ]
    return found + ([f"rows of {set(table.widths)} cells"] if len(set(table.widths)) != 1 else [])
