"""A picture of a count: bars of votes, a panel for each round, as one SVG file that needs nothing else.

For a page or a wall. Every bar has its number beside it, so that nothing is told by length or colour alone;
the file has a title and a description for whoever listens to it. The same result gives the same bytes.
"""

from collections.abc import Iterator, Sequence
from html import escape

import msgspec

from tallybook.doors.counts import Result
from tallybook.outcomes import RoundCount
from tallybook.outcomes.rounds import units

ROW, HEAD, LEFT, BAR, RIGHT = 22, 34, 240, 360, 140
INK, QUIET, ELECTED, LEAVING = "#1a1a1a", "#5b7083", "#1b6e3c", "#9a5b13"


class Panel(msgspec.Struct, frozen=True):
    """One chart: its heading, and of each choice the name, the votes, the votes in words, the colour."""

    heading: str
    bars: tuple[tuple[str, int, str, str], ...]


def svg(result: Result) -> bytes:
    """The picture of a result. Raises ValueError where it has neither rounds nor a tally."""
    panels = panels_of(result)
    if not panels:
        raise ValueError("This way of counting has no bars to draw.")
    height = 60 + sum(HEAD + ROW * len(panel.bars) + 12 for panel in panels)
    width = LEFT + BAR + RIGHT
    title = f"{result.contest.name}: {result.cards:,} cards"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'font-family="sans-serif" font-size="13" fill="{INK}">',
        f"<title>{_text(title)}</title>",
        f"<desc>{_text('; '.join(_described(panels)))}</desc>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="16" y="26" font-size="17" font-weight="bold">{_text(title)}</text>',
        f'<text x="16" y="46" fill="{QUIET}">{_text(result.rules.name)}</text>',
        *_drawn(panels),
        "</svg>",
    ]
    return ("\n".join(parts) + "\n").encode()


def panels_of(result: Result) -> list[Panel]:
    """A panel for each round, or one for a simple tally."""
    counts = result.counted if isinstance(result.counted, tuple) else (result.counted,)
    panels = [panel for one in counts if isinstance(one, RoundCount) for panel in _of_rounds(one)]
    if not panels and result.tally is not None:
        elected = getattr(result.counted, "elected", ())
        bars = [(n, v, f"{v:,}", ELECTED if n in elected else QUIET) for n, v in result.tally.votes]
        panels = [Panel("Votes", tuple(bars))]
    return panels


def _of_rounds(count: RoundCount) -> Iterator[Panel]:
    elected: set[str] = set()
    for one in count.rounds:
        elected |= set(one.elected)
        colours = dict.fromkeys(one.eliminated, LEAVING) | dict.fromkeys(elected, ELECTED)
        bars = [
            (name, votes, units(votes, count.places), colours.get(name, QUIET)) for name, votes in one.votes
        ]
        inactive = sum(votes for _, votes in one.inactive)
        if inactive:
            bars.append(("inactive", inactive, units(inactive, count.places), "#b8b8b8"))
        words = [f"Round {one.number}"]
        words += [f"elected: {', '.join(one.elected)}"] if one.elected else []
        words += [f"leaves: {', '.join(one.eliminated)}"] if one.eliminated else []
        yield Panel("; ".join(words), tuple(bars))


def _drawn(panels: Sequence[Panel]) -> Iterator[str]:
    top = 60
    most = max((votes for panel in panels for _, votes, _, _ in panel.bars), default=0)
    for panel in panels:
        yield f'<text x="16" y="{top + 20}" font-weight="bold">{_text(panel.heading)}</text>'
        top += HEAD
        for name, votes, told, colour in panel.bars:
            length = votes * BAR // most if most else 0
            yield f'<text x="{LEFT - 8}" y="{top + 14}" text-anchor="end">{_text(_short(name))}</text>'
            yield f'<rect x="{LEFT}" y="{top + 2}" width="{length}" height="{ROW - 6}" fill="{colour}"/>'
            yield f'<text x="{LEFT + length + 6}" y="{top + 14}">{_text(told)}</text>'
            top += ROW
        top += 12


def _described(panels: Sequence[Panel]) -> Iterator[str]:
    for panel in panels:
        yield f"{panel.heading}: {', '.join(f'{name} {told}' for name, _, told, _ in panel.bars)}"


def _short(name: str) -> str:
    return name if len(name) <= 32 else name[:31] + "…"


def _text(text: str) -> str:
    """Text that XML can hold: markup escaped, characters that it forbids replaced."""
    allowed = "".join(
        c if c in "\t\n" or " " <= c < "\ud800" or "\ue000" <= c < "\ufffe" or c > "\uffff" else "�"
        for c in text
    )
    return escape(allowed)
