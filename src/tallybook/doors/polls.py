"""Waves of a poll: read from rows, averaged, compared, and drawn as text and as SVG.

For whoever reads a headline about a poll. A row is a published share (with the number asked, where that was
published) or one respondent with a weight. Intervals need a size: where none was published there is none,
and the change is judged for several sizes instead. Numbers: `tallybook.stats.survey`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tallybook.reports.markup import element
from tallybook.stats.survey import (
    Average,
    Poll,
    change,
    changes_by_size,
    interval,
    rolling_average,
    size_for_clear_change,
    topline,
)

SIZES = (100, 200, 400, 800)
WIDTH, HEIGHT, LEFT, TOP = 640, 300, 44, 30
BAR = 50
ROUNDING = 0.005


@dataclass(frozen=True)
class Columns:
    """Which columns to read. `answer` is the answer whose share is wanted, in files of respondents."""

    day: str
    share: str = ""
    size: str = ""
    answer_column: str = ""
    answer: str = ""
    weight: str = ""


@dataclass(frozen=True)
class Wave:
    """One wave: its day, its share, its effective size (None: not published), if only a month is known."""

    day: date
    share: float
    effective: float | None
    asked: int | None
    by_month: bool = False

    @property
    def when(self) -> str:
        """The day as known."""
        return f"{self.day:%Y-%m}" if self.by_month else self.day.isoformat()


def waves_published(
    rows: Sequence[Mapping[str, str]], columns: Columns, file: str
) -> tuple[tuple[Wave, ...], list[str]]:
    """Published shares in per cent, oldest first; and what could not be read, in sentences."""
    waves, problems = [], []
    for number, row in enumerate(rows, 2):
        day, by_month = day_of(row.get(columns.day, ""))
        share = number_of(row.get(columns.share, ""))
        size_text = (row.get(columns.size) or "").strip() if columns.size else ""
        size = number_of(size_text)
        if day is None:
            problems.append(
                f'{file}, row {number}, "{columns.day}": expected a day YYYY-MM-DD or a month YYYY-MM.'
            )
        if share is None or not 0 <= share <= 100:
            problems.append(
                f'{file}, row {number}, "{columns.share}": expected a share from 0 to 100 per cent.'
            )
        if size_text and (size is None or size < 1):
            problems.append(
                f'{file}, row {number}, "{columns.size}": expected how many were asked, 1 or more.'
            )
        if day is not None and share is not None:
            asked = int(size) if size else None
            waves.append(Wave(day, share / 100, float(asked) if asked else None, asked, by_month))
    return tuple(sorted(waves, key=lambda w: w.day)), problems


def waves_of_respondents(
    rows: Sequence[Mapping[str, str]], columns: Columns, file: str, confidence: float
) -> tuple[tuple[Wave, ...], list[str]]:
    """Each wave's weighted share of one answer, with Kish's effective size; oldest first."""
    groups: dict[str, list[tuple[str, float]]] = defaultdict(list)
    problems = []
    for number, row in enumerate(rows, 2):
        weight = number_of(row.get(columns.weight, "")) if columns.weight else 1.0
        if weight is None or weight < 0:
            problems.append(f'{file}, row {number}, "{columns.weight}": expected a weight, 0 or more.')
        elif day_of(row.get(columns.day, ""))[0] is None:
            problems.append(
                f'{file}, row {number}, "{columns.day}": expected a day YYYY-MM-DD or a month YYYY-MM.'
            )
        else:
            groups[row[columns.day].strip()].append((row.get(columns.answer_column, "").strip(), weight))
    waves = []
    for text, members in groups.items():
        day, by_month = day_of(text)
        told = topline([answer for answer, _ in members], [w for _, w in members], confidence)
        one = told.get(columns.answer)
        effective = next(iter(told.values())).effective
        assert day is not None
        waves.append(Wave(day, one.share if one else 0.0, effective, len(members), by_month))
    return tuple(sorted(waves, key=lambda w: w.day)), problems


def averages(waves: Sequence[Wave], days: int, confidence: float) -> tuple[Average, ...]:
    """The rolling average of the waves whose sizes are known."""
    polls = [
        Poll(w.day.toordinal(), w.share, w.asked, max(1.0, w.asked / w.effective))
        for w in waves
        if w.effective and w.asked
    ]
    return rolling_average(polls, days, confidence)


def judged(earlier: Wave, later: Wave, confidence: float) -> tuple[str, ...]:
    """The change between two waves in sentences, with what is not known about it."""
    moved = f"From {earlier.when} to {later.when}: {pct(earlier.share)} to {pct(later.share)}"
    points = f"{(later.share - earlier.share) * 100:+.1f} points"
    if earlier.effective and later.effective:
        found = change(earlier.share, earlier.effective, later.share, later.effective, confidence)
        clear = "clear of no change" if found.clear else "not clear of no change"
        return (
            f"{moved}, {points}, {confidence:.0%} interval "
            f"{found.low * 100:+.1f} to {found.high * 100:+.1f}: {clear}.",
        )
    said = [f"{moved}, {points}. No size was published for both, so no interval can be given."]
    if earlier.share == later.share:
        return tuple(said)
    by_size = changes_by_size(earlier.share, later.share, SIZES, confidence)
    listed = "; ".join(
        f"{size:,}: {one.low * 100:+.1f} to {one.high * 100:+.1f}{'' if one.clear else ' (not clear)'}"
        for size, one in by_size.items()
    )
    need = size_for_clear_change(earlier.share, later.share, confidence)
    said.append(f"If so many had answered in effect in each: {listed}.")
    said.append(
        f"The change is clear of none at {confidence:.0%} if {need:,} or more answered in effect in each."
    )
    low, high = nearest(earlier.share, later.share), furthest(earlier.share, later.share)
    if abs(high[0] - high[1]) <= 1 and low[0] != low[1] and is_whole(earlier.share) and is_whole(later.share):
        worst = size_for_clear_change(*low, confidence)
        said.append(
            f"Both shares are whole points, so the change lies between {abs(low[1] - low[0]) * 100:.0f} and "
            f"{abs(high[1] - high[0]) * 100:.0f} points before any sampling; "
            f"at the smaller it takes {worst:,}."
        )
    return tuple(said)


def unknown(waves: Sequence[Wave]) -> tuple[str, ...]:
    """What the file does not say, and what no file could."""
    said = []
    if any(w.effective is None for w in waves):
        said.append("How many were asked in some waves, so no interval for them.")
    if any(w.by_month for w in waves):
        said.append("The days of some waves: only the month was published.")
    said.append("How far weights widen the intervals, where only the number asked was published.")
    said.append("Whether the same people were asked twice: the intervals take the waves as independent.")
    said.append("Who could not be reached or would not answer, and how the question was put.")
    return tuple(said)


def text_plot(waves: Sequence[Wave], confidence: float) -> list[str]:
    """A line for each wave on a scale from 0 to 100: o is the share, - its interval."""
    plotted = [f"{'':10}  {'':6}  0{'50':>{BAR // 2 + 1}}{'100':>{BAR // 2 + 1}}"]
    for wave in waves:
        cells = ["."] * (BAR + 1)
        if wave.effective:
            low, high = interval(wave.share, wave.effective, confidence)
            for k in range(round(low * BAR), round(high * BAR) + 1):
                cells[k] = "-"
        cells[round(wave.share * BAR)] = "o"
        size = f"  n {wave.asked:,}" if wave.asked else "  n not published"
        plotted.append(f"{wave.when:10}  {pct(wave.share):>6}  {''.join(cells)}{size}")
    return plotted


def svg(waves: Sequence[Wave], line: Sequence[Average], title: str, confidence: float) -> str:
    """The same as a drawing: dots with their intervals, and the average with its band's ends as lines."""
    first, last = waves[0].day.toordinal(), waves[-1].day.toordinal()

    def x(day: int) -> float:
        return LEFT + (WIDTH - LEFT - 20) * ((day - first) / (last - first) if last > first else 0.5)

    def y(share: float) -> float:
        return TOP + (HEIGHT - TOP - 40) * (1 - share)

    parts = []
    for tick in (0, 25, 50, 75, 100):
        at = f"{y(tick / 100):.1f}"
        parts.append(element("line", x1=LEFT, x2=WIDTH - 20, y1=at, y2=at, stroke="#cccccc"))
        parts.append(element("text", f"{tick}%", x=4, y=at, font_size=12))
    for wave in waves:
        at = f"{x(wave.day.toordinal()):.1f}"
        if wave.effective:
            low, high = interval(wave.share, wave.effective, confidence)
            parts.append(
                element("line", x1=at, x2=at, y1=f"{y(low):.1f}", y2=f"{y(high):.1f}", stroke="#336699")
            )
        parts.append(element("circle", cx=at, cy=f"{y(wave.share):.1f}", r=3, fill="#336699"))
    known = [(x(a.day), a) for a in line if a.share is not None]
    for pick, width in (("share", 2), ("low", 1), ("high", 1)):
        path = " ".join(
            f"{'L' if k else 'M'}{at:.1f},{y(getattr(a, pick)):.1f}" for k, (at, a) in enumerate(known)
        )
        if path:
            parts.append(element("path", d=path, fill="none", stroke="#884400", stroke_width=width))
    for wave, anchor in ((waves[0], "start"), (waves[-1], "end")):
        at = f"{x(wave.day.toordinal()):.1f}"
        parts.append(element("text", wave.when, x=at, y=HEIGHT - 12, font_size=12, text_anchor=anchor))
    said = "; ".join(f"{w.when} {pct(w.share)}" for w in waves[:40])
    return element(
        "svg",
        element("title", title),
        element(
            "desc", f"Shares by wave, 0 to 100 per cent: {said}. Vertical lines: {confidence:.0%} intervals."
        ),
        element("text", title, x=LEFT, y=18, font_size=14),
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        font_family="sans-serif",
    )


def day_of(text: str) -> tuple[date | None, bool]:
    """(day, only the month is known): a month counts from its first day."""
    text = text.strip()
    by_month = len(text) == 7
    try:
        return date.fromisoformat(f"{text}-01" if by_month else text), by_month
    except ValueError:
        return None, False


def number_of(text: str | None) -> float | None:
    """A decimal number, or None; thousands may be set off by commas."""
    plain = (text or "").strip().replace(",", "").rstrip("%")
    try:
        value = float(plain)
    except ValueError:
        return None
    return value if abs(value) < 1e12 else None


def nearest(a: float, b: float) -> tuple[float, float]:
    """The two shares as near to each other as rounding to whole points allows."""
    step = ROUNDING if b > a else -ROUNDING
    return a + step, b - step


def furthest(a: float, b: float) -> tuple[float, float]:
    """The two shares as far from each other as rounding to whole points allows."""
    step = ROUNDING if b > a else -ROUNDING
    return a - step, b + step


def is_whole(share: float) -> bool:
    return abs(share * 100 - round(share * 100)) < 1e-9


def pct(share: float) -> str:
    return f"{share * 100:.1f}%"
