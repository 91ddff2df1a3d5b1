"""Draw the plots of the reference pages for the statistics: what each method does, as small SVG files.

For whoever changes a method and wants to see it. Every curve is computed by the room itself from fixed
inputs, so the same code gives the same file; a test compares them. The writer knows lines, axes and a
legend, and nothing else; lines differ in dashes as well as in colour, and every file holds its description.

    python3 tools/plots.py            (with the environment's Python) writes docs/reference/stats/*.svg
"""

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape
from pathlib import Path

import numpy as np

from tallybook.stats import bets
from tallybook.stats.bayes import upset_chance_even, upset_chance_risk_maximising
from tallybook.stats.bounds import most_bad
from tallybook.stats.bravo import bravo_sizes
from tallybook.stats.comparison import comparison_null, comparison_prior
from tallybook.stats.confidence import confidence_sequence
from tallybook.stats.default_bet import Prior, default_bet
from tallybook.stats.draws import draw_with_replacement
from tallybook.stats.error_stopping import steps, stopping_with_errors
from tallybook.stats.kaplan import Discrepancies, super_simple_size
from tallybook.stats.lattice import Null
from tallybook.stats.martingale import Bet, wealth
from tallybook.stats.minerva import minerva, schedule
from tallybook.stats.stopping import chance_by
from tallybook.stats.strata import BOLD_TO_TIMID
from tallybook.stats.strata_plan import Expected, expected_p
from tallybook.stats.survey import margin_of_error

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference" / "stats"
WIDTH, HEIGHT = 640, 380
LEFT, RIGHT, TOP, BOTTOM = 76, 16, 40, 52
STYLES = (("#0072B2", ""), ("#D55E00", "7 3"), ("#009E73", "2 3"), ("#8F4C86", "9 3 2 3"), ("#555555", "1 2"))


@dataclass(frozen=True)
class Line:
    """One curve: its name in the legend and its points."""

    name: str
    x: Sequence[float]
    y: Sequence[float]


@dataclass(frozen=True)
class Plot:
    """A figure: what it shows in one line, the names of the axes, its lines, whether y is logarithmic."""

    title: str
    x: str
    y: str
    lines: tuple[Line, ...]
    log: bool = False


def svg(plot: Plot) -> str:
    """The figure as text."""
    xs = [x for line in plot.lines for x in line.x]
    ys = [y for line in plot.lines for y in line.y]
    across = scale(0.0 if min(xs) >= 0 else min(xs), max(xs), LEFT, WIDTH - RIGHT)
    low = math.floor(math.log10(min(ys))) if plot.log else 0.0
    high = math.ceil(math.log10(max(ys))) if plot.log else max(ys) * 1.04
    upward = scale(low, high, HEIGHT - BOTTOM, TOP)
    level: Callable[[float], float] = (lambda y: upward(math.log10(y))) if plot.log else upward
    y_ticks = [10.0**k for k in range(int(low), int(high) + 1)] if plot.log else ticks(0.0, high)
    parts = [
        *frame(plot),
        *(grid_line(f"{v:g}", LEFT, level(v), WIDTH - RIGHT, level(v)) for v in y_ticks),
        *(grid_line(f"{v:,g}", across(v), HEIGHT - BOTTOM, across(v), TOP) for v in ticks(0.0, max(xs))),
        *(curve(line, k, across, level) for k, line in enumerate(plot.lines)),
        *legend(plot),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    return lambda v: start + (v - low) / (high - low) * (end - start)


def ticks(low: float, high: float) -> list[float]:
    """Four to nine round values from low to high."""
    step = 10.0 ** math.floor(math.log10((high - low) / 3))
    step *= next(k for k in (1, 2, 5, 10) if (high - low) / (k * step) <= 8)
    return [round(low + step * k, 12) for k in range(int((high - low) / step + 1e-9) + 1)]


def frame(plot: Plot) -> list[str]:
    """The head of the file, the title and the names of the axes."""
    middle = (TOP + HEIGHT - BOTTOM) / 2
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'height="{HEIGHT}" role="img" font-family="sans-serif" font-size="13" fill="#111111">',
        f"<title>{escape(plot.title)}</title>",
        f"<desc>{escape(plot.y)} against {escape(plot.x)}, for: "
        f"{escape('; '.join(line.name for line in plot.lines))}.</desc>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="24" font-size="15" font-weight="bold">{escape(plot.title)}</text>',
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2:g}" y="{HEIGHT - 12}" text-anchor="middle">'
        f"{escape(plot.x)}</text>",
        f'<text transform="translate(18 {middle:g}) rotate(-90)" text-anchor="middle">'
        f"{escape(plot.y)}</text>",
    ]


def grid_line(text: str, x1: float, y1: float, x2: float, y2: float) -> str:
    """A thin line across the figure and its label beside the axis."""
    upright = x1 == x2
    place = f'x="{x1:.1f}" y="{y1 + 18:.1f}" text-anchor="middle"' if upright else (
        f'x="{x1 - 7:.1f}" y="{y1 + 4:.1f}" text-anchor="end"'
    )  # fmt: skip
    line = f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="#dddddd"/>'
    return f"{line}<text {place}>{text}</text>"


def curve(line: Line, k: int, across: Callable[[float], float], level: Callable[[float], float]) -> str:
    color, dash = STYLES[k]
    points = " ".join(f"{across(x):.1f},{level(y):.1f}" for x, y in zip(line.x, line.y, strict=True))
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2"{dashes}/>'


def legend(plot: Plot) -> list[str]:
    """The names of the lines on a white ground, in the corner where the lines leave most room."""
    width = 50 + 7 * max(len(line.name) for line in plot.lines)
    height = 8 + 19 * len(plot.lines)
    x, y = emptiest_corner(plot, width, height)
    made = [f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="#ffffff" stroke="#bbbbbb"/>']
    for k, line in enumerate(plot.lines):
        color, dash = STYLES[k]
        at = y + 17 + 19 * k
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        made.append(f'<path d="M{x + 8} {at - 4}h28" stroke="{color}" stroke-width="2"{dashes}/>')
        made.append(f'<text x="{x + 42}" y="{at}">{escape(line.name)}</text>')
    return made


def emptiest_corner(plot: Plot, width: int, height: int) -> tuple[int, int]:
    ys = [math.log10(y) if plot.log else y for line in plot.lines for y in line.y]
    high, low = max(ys), min(math.floor(min(ys)) if plot.log else 0.0, *ys)
    xs = [x for line in plot.lines for x in line.x]
    places = [(right, part) for part in (0.0, 1.0, 0.5) for right in (False, True)]

    def crowd(place: tuple[bool, float]) -> int:
        right, part = place
        near = 0
        for x, y in zip(xs, ys, strict=True):
            u, v = x / max(xs), 1 - (y - low) / (high - low)
            near += (u > 0.45 if right else u < 0.55) and abs(v - (0.2 + 0.6 * part)) < 0.2
        return near

    right, part = min(places, key=crowd)
    x = WIDTH - RIGHT - width - 8 if right else LEFT + 8
    return x, round(TOP + 8 + part * (HEIGHT - BOTTOM - TOP - 16 - height))


# The figures --------------------------------------------------------------------------------


def evenly(share: float, n: int, win: int, loss: int) -> list[int]:
    """n draws of which this share wins, spread as evenly as they can be."""
    return [win if math.floor((j + 1) * share) > math.floor(j * share) else loss for j in range(n)]


def risks(name: str, x: list[int], null: Null, bet: Bet) -> Line:
    return Line(name, range(len(x) + 1), [1.0, *wealth(x, null, bet).p.tolist()])


def martingales() -> Plot:
    null, bet = Null(t=1, u=2, N=20_000, d=2), default_bet(Prior((2, 0), (60, 40)))
    lines = (risks(f"{share:.0%} for the winner", evenly(share, 200, 2, 0), null, bet)
             for share in (0.65, 0.6, 0.55, 0.5))  # fmt: skip
    return Plot("Risk as cards are read, default bet", "cards drawn", "risk", tuple(lines), log=True)


def bets_plot() -> Plot:
    x, null = evenly(0.6, 300, 2, 0), Null(t=1, u=2, N=20_000, d=2)
    lines = (
        risks("BRAVO, reported 60 %", x, null, bets.fixed_mean(0.6)),
        risks("BRAVO, reported 70 %", x, null, bets.fixed_mean(0.7)),
        risks("shrink-truncate from 70 %", x, null, bets.shrink_truncate(bets.ShrinkTruncate(0.7))),
        risks("aGRAPA", x, null, bets.agrapa()),
        risks("default, prior 70 %", x, null, default_bet(Prior((2, 0), (35, 15)))),
    )
    return Plot("One sample, 60 % for the winner, under five bets", "cards drawn", "risk", lines, log=True)


def comparison() -> Plot:
    null = comparison_null(Fraction(2, 100), 1, "0.5", 100_000)
    bet, clean = default_bet(comparison_prior(null, [("0.5", "0.001")])), [null.d] * 600
    lines = [risks("no error", clean, null, bet)]
    for name, found in (("one card, one vote too many", null.d // 2), ("one card, two votes too many", 0)):
        lines.append(risks(name, [*clean[:99], found, *clean[100:]], null, bet))
    return Plot(
        "Comparison at a margin of 2 %; the error is card 100", "cards drawn", "risk", tuple(lines), True
    )


def kaplan() -> Plot:
    margins = [Fraction(k, 1000) for k in range(5, 101)]
    lines = (
        Line(f"{k} two-vote overstatement{'s' * (k != 1)}", [float(100 * v) for v in margins],
             [super_simple_size(v, "0.1", Discrepancies(o2=k)) for v in margins])
        for k in (0, 1, 2)
    )  # fmt: skip
    return Plot(
        "Super-simple: cards to draw at a 10 % limit", "diluted margin, %", "cards", tuple(lines), True
    )


def polling_rounds() -> Plot:
    sizes = list(range(10, 401, 10))
    rule, bravo = minerva("0.6", "0.1"), bravo_sizes("0.6", "0.1")
    once = [schedule(rule, [n])[0].stop_if_reported for n in sizes]
    tied = [schedule(rule, [n])[0].stop_if_tied for n in sizes]
    lines = (
        Line("Minerva, one round, 60 % true", sizes, once),
        Line("BRAVO, card by card, 60 % true", sizes, [chance_by(bravo, n) for n in sizes]),
        Line("Minerva, one round, a tie true", sizes, tied),
    )
    return Plot("Chance to stop; 60 % reported, 10 % limit", "cards showing one of the two", "chance", lines)


def bayes() -> Plot:
    wins = list(range(45, 76))
    lines = (
        Line(
            "risk-maximising prior",
            wins,
            [float(upset_chance_risk_maximising(1000, w, 100 - w)) for w in wins],
        ),
        Line("even prior: an opinion", wins, [float(upset_chance_even(1000, w, 100 - w)) for w in wins]),
    )
    shifted = tuple(Line(line.name, [w - 45 for w in line.x], line.y) for line in lines)
    return Plot(
        "Chance of an upset, 100 of 1,000 votes drawn",
        "winner's votes drawn above 45",
        "chance",
        shifted,
        True,
    )


def strata() -> Plot:
    sizes = list(range(20, 401, 10))
    polled = (5_000, 2, (0, 2), (0.46, 0.54), BOLD_TO_TIMID)
    compared = (45_000, 4, (2, 0), (0.9999, 0.0001), BOLD_TO_TIMID)
    B = round(0.96 * 5_000) // 2 * 2 + 2 * 45_000 - 4_000
    lines = (
        Line(f"{share:.0%} of the cards from the polled stratum", sizes, [
            expected_p([Expected(*polled, share), Expected(*compared, 1 - share)], n, B) for n in sizes])
        for share in (0.1, 0.3, 0.6)
    )  # fmt: skip
    return Plot("Two strata: risk of the expected sample", "cards drawn in both", "risk", tuple(lines), True)


def sizes_plot() -> Plot:
    draws = list(range(0, 1001, 5))
    lines = []
    for margin in (0.05, 0.02, 0.01):
        found = stopping_with_errors(steps(0.9, 1 - margin / 2, 1.0, (0.5, 0.0), (0.001, 0.0001)), 0.05)
        lines.append(Line(f"margin {margin:.0%}", draws, [chance_by(found, n) for n in draws]))
    title = "Comparison: chance to be finished, 5 % limit"
    return Plot(title, "cards drawn", "chance", tuple(lines))


def draws() -> Plot:
    items = [f"card {k}" for k in range(1000)]
    drawn = draw_with_replacement("31415926535897932384", "plot", items, 3000)
    sizes = list(range(0, 3001, 50))
    lines = (
        Line("without replacement", sizes, [min(n, 1000) for n in sizes]),
        Line("with replacement", sizes, [len(set(drawn[:n])) for n in sizes]),
    )
    return Plot("Different cards in a sample from 1,000", "draws", "different cards", lines)


def bounds() -> Plot:
    sizes = list(range(50, 2001, 50))
    lines = (Line(f"{bad} bad seen", sizes, [most_bad(bad, n, 10_000, "0.05") for n in sizes])
             for bad in (0, 1, 3))  # fmt: skip
    return Plot(
        "Most bad units among 10,000, at 95 %", "units read", "bad units, at most", tuple(lines), True
    )


def confidence() -> Plot:
    x, looks = evenly(0.6, 400, 1, 0), list(range(20, 401, 20))
    found = confidence_sequence(x, 1000, "0.05", 1, looks, parts=1000)
    lines = (
        Line("upper bound", looks, [float(high) for _, high in found]),
        Line("mean of the sample", looks, [float(np.mean(x[:n])) for n in looks]),
        Line("lower bound", looks, [float(low) for low, _ in found]),
    )
    return Plot("95 % confidence sequence, 1,000 numbers", "numbers drawn", "mean", lines)


def surveys() -> Plot:
    asked = list(range(100, 3001, 50))
    lines = (Line(f"design effect {effect:g}", asked, [100 * margin_of_error(n / effect) for n in asked])
             for effect in (1.0, 1.5, 2.5))  # fmt: skip
    return Plot("Margin of error at one half, 95 %", "people asked", "points, plus or minus", tuple(lines))


PLOTS: dict[str, Callable[[], Plot]] = {
    "bayes": bayes, "bets": bets_plot, "bounds": bounds, "comparison": comparison, "confidence": confidence,
    "draws": draws, "kaplan": kaplan, "martingales": martingales, "polling-rounds": polling_rounds,
    "sizes": sizes_plot, "strata": strata, "surveys": surveys,
}  # fmt: skip


def main() -> int:
    for name, make in PLOTS.items():
        (FOLDER / f"{name}.svg").write_text(svg(make()), encoding="utf-8")
    print(f"Wrote {len(PLOTS)} plots.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
