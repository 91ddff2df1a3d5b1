"""The chain of custody as a picture: a line for each container, an event a mark, a gap a broken line.

For the board and for observers. Events stand in order at equal distances, since what matters is who handed
what to whom and not how long a night was; the time is written below. A thick line says that somebody vouches
for the stretch, a broken one that nobody does; a ring is an event that is not right by itself. Numbers are
those of the findings. Shapes and words tell everything, colours nothing.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

from tallybook.canvass import Event, Finding, Record
from tallybook.canvass.custody import Gap
from tallybook.reports.markup import Html, element

WIDTH, LEFT, STEP, IN_ROW = 960, 70, 130, 7
HEAD, ROW, FOOT = 34, 150, 96
SHAPES = {
    "sealed": "M-8,-8H8V8H-8Z",
    "resealed": "M-8,-8H8V8H-8Z",
    "opened": "M-8,-8H8V8H-8Z",
    "released": "M-8,-9L10,0L-8,9Z",
    "received": "M8,-9L-10,0L8,9Z",
    "stored": "M0,-9L9,0L0,9L-9,0Z",
}
KEY = (
    ("sealed", "sealed, resealed"), ("opened", "opened"), ("released", "released"), ("received", "received"),
    ("stored", "stored"),
)  # fmt: skip


def picture(record: Record) -> str:
    """The drawing of every container, as a whole file. Raises ValueError where there is none."""
    if not record.timelines:
        raise ValueError("There are no events to draw.")
    parts: list[Html] = []
    top = 20
    for name, line in record.timelines.items():
        numbered = list(numbers(record.findings, name, record.gaps.get(name, ())))
        parts += [heading(name, len(numbered), top), *container(line, numbered, top + HEAD)]
        top += HEAD + ROW * rows(line) + 10
    said = " ".join(words(name, line, record.gaps.get(name, ())) for name, line in record.timelines.items())
    return element(
        "svg",
        element("title", "Chain of custody"),
        element("desc", said),
        element("rect", width=WIDTH, height=top + FOOT, fill="#fff"),
        *parts,
        *key(top + 10),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH} {top + FOOT}",
        role="img",
        font_family="sans-serif",
        font_size=12,
    )


def rows(line: Sequence[Event]) -> int:
    """How many rows a container's events fill, with room for what comes after the last."""
    return -(-(len(line) + 1) // IN_ROW)


def numbers(findings: Sequence[Finding], name: str, gaps: Sequence[Gap]) -> Iterator[tuple[int, Gap]]:
    """(number of its finding, gap) for every gap of a container."""
    own = [one for one in findings if one.place == f"container {name}"]
    for gap in gaps:
        yield next(one.number for one in own if one.kind == gap.kind and one.says.startswith(gap.says)), gap


def heading(name: str, gaps: int, top: int) -> Html:
    state = f"{gaps} gap{'' if gaps == 1 else 's'}" if gaps else "unbroken"
    text = f"Container {name}: {state}"
    return element("text", text, x=20, y=top + 14, font_size=15, font_weight="bold")


def container(line: Sequence[Event], numbered: Sequence[tuple[int, Gap]], top: int) -> Iterator[Html]:
    """Stretches first, marks above them, numbers of findings on top."""
    for at in range(2, len(line) + 1):
        yield from stretch(at, [n for n, gap in numbered if gap.before and gap.at == at], top)
    for at, numbers_ in ((1, ends(numbered, 1)), (len(line) + 1, ends(numbered, len(line) + 1))):
        if numbers_:
            x, y = spot(at, top)
            yield broken(
                x - STEP * 0.42 if at == 1 else x - STEP + 14, x - 12 if at == 1 else x - STEP * 0.45, y
            )
            yield flag(numbers_, x - STEP * 0.32 if at == 1 else x - STEP * 0.55, y - 8)
    for at, one in enumerate(line, 1):
        yield from mark(one, at, [n for n, gap in numbered if not gap.before and gap.at == at], top)


def ends(numbered: Sequence[tuple[int, Gap]], at: int) -> list[int]:
    return [n for n, gap in numbered if gap.before and gap.at == at]


def spot(at: int, top: int) -> tuple[float, float]:
    """Where event number `at` stands."""
    row, column = divmod(at - 1, IN_ROW)
    return LEFT + STEP * column, top + 30 + ROW * row


def stretch(at: int, gaps: Sequence[int], top: int) -> Iterator[Html]:
    """From the event before to this one; over the end of a row it is drawn on both sides."""
    (x1, y1), (x2, y2) = spot(at - 1, top), spot(at, top)
    pieces = [(x1, x2, y1)] if y1 == y2 else [(x1, x1 + STEP * 0.45, y1), (x2 - STEP * 0.4, x2, y2)]
    for start, end, y in pieces:
        yield broken(start + 12, end - 12, y) if gaps else whole(start + 10, end - 10, y)
    if gaps:
        start, end, y = pieces[0]
        yield flag(gaps, (start + end) / 2, y - 8)


def whole(x1: float, x2: float, y: float) -> Html:
    return element("path", d=f"M{x1:.0f},{y:.0f}H{x2:.0f}", stroke="#222", stroke_width=5, fill="none")


def broken(x1: float, x2: float, y: float) -> Html:
    d = f"M{x1:.0f},{y:.0f}H{x2:.0f}"
    return element("path", d=d, stroke="#222", stroke_width=2, stroke_dasharray="3 6", fill="none")


def flag(gaps: Sequence[int], x: float, y: float) -> Html:
    """The numbers of findings, in bold."""
    text = f"gap {', '.join(map(str, gaps))}"
    return element("text", text, x=f"{x:.0f}", y=f"{y:.0f}", text_anchor="middle", font_weight="bold")


def mark(one: Event, at: int, gaps: Sequence[int], top: int) -> Iterator[Html]:
    """An event: its shape, what it is, when, where, which seal, how many persons."""
    x, y = spot(at, top)
    fill = "#fff" if one.action == "opened" else "#222"
    place = f"translate({x:.0f},{y:.0f})"
    yield element("path", d=SHAPES[one.action], transform=place, fill=fill, stroke="#222", stroke_width=2)
    if gaps:
        yield element(
            "circle", cx=f"{x:.0f}", cy=f"{y:.0f}", r=16, fill="none", stroke="#222", stroke_width=2
        )
        yield flag(gaps, x, y - 22)
    people = len(set(one.persons))
    lines = (
        one.action, f"{one.time:%d %b %Y}".lstrip("0"), f"{one.time:%H:%M}", one.place[:19],
        f"seal {one.seal[:14]}" if one.seal else "no seal read",
        f"{people} person{'' if people == 1 else 's'}",
    )  # fmt: skip
    for k, text in enumerate(lines):
        weight = "bold" if not k else None
        yield element(
            "text", text, x=f"{x:.0f}", y=f"{y + 32 + 15 * k:.0f}", text_anchor="middle", font_weight=weight
        )


def key(top: int) -> Iterator[Html]:
    """What shapes and lines mean."""
    for k, (action, text) in enumerate(KEY):
        fill = "#fff" if action == "opened" else "#222"
        place = f"translate({30 + 150 * k},{top + 10})"
        yield element("path", d=SHAPES[action], transform=place, fill=fill, stroke="#222", stroke_width=2)
        yield element("text", text, x=46 + 150 * k, y=top + 14)
    yield whole(20, 60, top + 40)
    yield element("text", "somebody vouches for it", x=70, y=top + 44)
    yield broken(260, 300, top + 40)
    yield element(
        "text", "nobody does: a finding, and an assumption of whoever relies on the cards", x=310, y=top + 44
    )
    yield element("circle", cx=40, cy=top + 68, r=10, fill="none", stroke="#222", stroke_width=2)
    yield element("text", "not right by itself; numbers are those of the findings", x=70, y=top + 72)


def words(name: str, line: Sequence[Event], gaps: Sequence[Gap]) -> str:
    """A container's line in sentences."""
    steps = ", ".join(f"{one.action} {one.time:%Y-%m-%d %H:%M}" for one in islice(line, 40))
    told = " ".join(gap.says for gap in gaps) or "Unbroken."
    return f"Container {name}: {steps}. {told}"
