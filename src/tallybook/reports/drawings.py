"""Drawings inside the pages: the margins as bars, the differences by county as dots on a plain map.

Each is one SVG with a title and a description; each stands beside a table that says the same. Lengths
start at zero and areas are proportional to votes, so that a small difference looks small. The map places
a county at the Census Bureau's internal point; it draws no border, for none is needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from tallybook.reports.figures import plural, whole
from tallybook.reports.markup import Html, element, join
from tallybook.reports.values import Count, CountyRow, Line

WIDTH = 360


@dataclass(frozen=True)
class Dot:
    """A county on the map: where (thousandths of a degree) and how many votes it differs by."""

    county: CountyRow
    votes: int


def margin_bars(counts: Sequence[Count], lines: Sequence[Line]) -> Html:
    """One bar for each count's margin, all from zero on one scale, with the law's lines across."""
    longest = max([abs(c.margin_votes) for c in counts] + [line.margin_votes for line in lines] + [1])
    scale = (WIDTH - 60) / longest
    height = 46 * len(counts) + (20 if lines else 0)
    bars = [bar(count, 46 * place, scale) for place, count in enumerate(counts)]
    limits = [limit(line, 46 * len(counts), scale) for line in lines]
    said = "; ".join(f"{count.title}, {whole(count.margin_votes)} votes" for count in counts)
    marks = "".join(f" Dashed line at {whole(line.margin_votes)} votes: {line.words}." for line in lines)
    return drawing(
        "margins", "The margin in each count", f"{said}.{marks}", height, *limits, *bars, class_="bars"
    )


def bar(count: Count, top: int, scale: float) -> Html:
    length = max(1.0, abs(count.margin_votes) * scale)
    return join(
        [
            element("text", count.title, x=0, y=top + 14, font_size=13),
            element("rect", class_="rod", x=0, y=top + 20, width=f"{length:.1f}", height=14),
            element("text", whole(count.margin_votes), x=f"{length + 5:.1f}", y=top + 32, font_size=13),
        ]
    )


def limit(line: Line, below: int, scale: float) -> Html:
    x = line.margin_votes * scale
    side = "end" if x > WIDTH / 2 else "start"
    words = element(
        "text",
        whole(line.margin_votes),
        class_="faint",
        x=f"{x:.1f}",
        y=below + 16,
        font_size=12,
        text_anchor=side,
    )
    return join([element("line", class_="limit", x1=f"{x:.1f}", x2=f"{x:.1f}", y1=0, y2=below + 2), words])


def difference_map(
    id_: str, title: str, dots: Sequence[Dot], ranked: Sequence[Dot], most: int, places: tuple[str, str]
) -> Html:
    """A dot for each county or place, its area proportional to the votes by which two counts differ.

    `ranked` are the dots that carry their rank as a number, greatest first. `most` is the number of votes
    that fills the largest dot, so that several maps can share one scale.
    """
    placed = [dot for dot in dots if dot.county.point is not None]
    across, down, height = projection(placed)
    drawn = sorted(placed, key=lambda dot: (-dot.votes, dot.county.id))
    circles = [
        circle(dot, across[dot.county.id], down[dot.county.id], radius(dot.votes, most)) for dot in drawn
    ]
    ranks = [
        element(
            "text",
            str(rank),
            class_="rank",
            x=f"{across[dot.county.id]:.1f}",
            y=f"{down[dot.county.id] + 4:.1f}",
        )
        for rank, dot in enumerate(ranked, start=1)
        if dot.county.id in across
    ]
    same = sum(1 for dot in dots if not dot.votes)
    one, many = places
    ring = plural(same, f"{one} has", f"{many} have")
    said = [f"{ring} the same votes in both counts and {'shows' if same == 1 else 'show'} a ring."]
    said += [f"{dot.county.name}, {plural(dot.votes, 'vote', 'votes')}." for dot in ranked]
    return drawing(id_, title, " ".join(said), height, *circles, *ranks, class_="map")


def circle(dot: Dot, x: float, y: float, r: float) -> Html:
    return element(
        "circle", class_="dot" if dot.votes else "same", cx=f"{x:.1f}", cy=f"{y:.1f}", r=f"{r:.1f}"
    )


def radius(votes: int, most: int) -> float:
    """Area in proportion to votes; a county without difference is a small ring."""
    return max(2.0, 24 * sqrt(votes / most)) if votes else 2.5


def projection(dots: Sequence[Dot]) -> tuple[dict[str, float], dict[str, float], int]:
    """Where each county goes, by id, and the drawing's height: degrees east shrunk by the cosine of 33°."""
    points = {dot.county.id: dot.county.point for dot in dots if dot.county.point}
    if not points:
        return {}, {}, 20
    north = [point[0] for point in points.values()]
    east = [point[1] * 0.839 for point in points.values()]
    edge = 26
    scale = (WIDTH - 2 * edge) / max(1.0, max(east) - min(east))
    across = {id_: edge + (point[1] * 0.839 - min(east)) * scale for id_, point in points.items()}
    down = {id_: edge + (max(north) - point[0]) * scale for id_, point in points.items()}
    return across, down, round(2 * edge + (max(north) - min(north)) * scale)


def drawing(id_: str, title: str, said: str, height: int, *inner: Html, class_: str | None = None) -> Html:
    """An SVG that says in words what it shows."""
    return element(
        "svg",
        element("title", title, id=f"{id_}-title"),
        element("desc", said, id=f"{id_}-desc"),
        *inner,
        viewBox=f"0 0 {WIDTH} {height}",
        role="img",
        aria_labelledby=f"{id_}-title {id_}-desc",
        class_=class_,
    )
