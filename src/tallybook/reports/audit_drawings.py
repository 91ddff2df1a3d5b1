"""The risk of one audited contest after each round, on a logarithmic scale beside its limit.

A point for each measurement: filled at or below the limit, a ring above it; the limit is the dashed line.
Further to the right is stronger evidence. The places of the points come from the published strings; whether
a risk is met comes with the measurement and is not judged here.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from tallybook.reports.audit_values import Audit, AuditedContest, Measured
from tallybook.reports.audit_words import decimal, share, value_of
from tallybook.reports.drawings import WIDTH, drawing
from tallybook.reports.figures import plural
from tallybook.reports.markup import Html, element, join

LEFT, RIGHT, ROW = 10, 24, 48
MOST_DECADES, LABELS = 12, 5
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def risk_scale(id_: str, contest: AuditedContest, unit: str, decades: int) -> Html:
    """One row for each measurement, the latest last. decades: the powers of ten that the scale spans."""
    limit, found = contest.limit, contest.measured
    below = ROW * len(found)
    places = [(place(one.risk, decades), ROW * n + 31, one) for n, one in enumerate(found)]
    rows = [row(ROW * n, one, unit) for n, one in enumerate(found)]
    dots = [(x, y, one.met) for x, y, one in places if x is not None]
    joined = [
        element("line", class_="way", x1=f"{a:.1f}", y1=b, x2=f"{c:.1f}", y2=d)
        for (a, b, _), (c, d, _) in pairwise(dots)
    ]
    return drawing(
        id_,
        f"{contest.contest}: the risk after each round",
        described(limit, found, unit),
        below + 44,
        *axis(decades, below),
        *across(limit, decades, below),
        *joined,
        *rows,
        *(dot(*one) for one in dots),
        class_="bars",
    )


def described(limit: str, found: Sequence[Measured], unit: str) -> str:
    """The drawing in words."""
    said = [f"Risk limit {share(limit)}."]
    for one in found:
        side = "at or below the limit" if one.met else "above the limit"
        said.append(f"{label(one, unit)}{f', {side}' if one.risk else ''}.")
    return " ".join(said)


def label(one: Measured, unit: str) -> str:
    """A measurement in a line."""
    many = plural(one.cards, unit, {"batch": "batches"}.get(unit, f"{unit}s"))
    return f"{one.title}, {many}: {f'risk {one.risk}' if one.risk else 'every card was counted'}"


def row(top: int, one: Measured, unit: str) -> Html:
    """A measurement's words above its track."""
    words = element("text", label(one, unit), class_="over", x=0, y=top + 15, font_size=15)
    if not one.risk:
        return words
    return join([words, element("line", class_="track", x1=LEFT, x2=WIDTH - RIGHT, y1=top + 31, y2=top + 31)])


def dot(x: float, y: int, met: bool) -> Html:
    return element("circle", class_="met" if met else "unmet", cx=f"{x:.1f}", cy=y, r=6)


def axis(decades: int, below: int) -> list[Html]:
    """The powers of ten under the rows; not more of them named than there is room for."""
    step = -(-decades // LABELS)
    made = []
    for power in range(0, decades + 1, step):
        x = f"{at(power, decades):.1f}"
        made.append(element("line", class_="track", x1=x, x2=x, y1=below, y2=below + 5))
        side = "start" if power == 0 else "middle"
        at_x = 0 if power == 0 else x
        words = element(
            "text", tick(power), class_="faint", x=at_x, y=below + 20, font_size=13, text_anchor=side
        )
        made.append(words)
    return made


def tick(power: int) -> str:
    """A power of ten: `0.01`, or `10⁻⁶` where the zeros would be many."""
    if power == 0:
        return "1"
    return f"0.{'0' * (power - 1)}1" if power <= 4 else f"10{str(-power).translate(RAISED)}"


def across(limit: str, decades: int, below: int) -> list[Html]:
    """The limit, drawn across all rows and named under them."""
    x = place(limit, decades)
    if x is None:
        return []
    line = element("line", class_="limit", x1=f"{x:.1f}", x2=f"{x:.1f}", y1=18, y2=below + 5)
    side = "middle" if 60 < x < WIDTH - 60 else ("start" if x <= 60 else "end")
    name = element(
        "text", f"limit {decimal(limit)}", x=f"{x:.1f}", y=below + 40, font_size=14, text_anchor=side
    )
    return [line, name]


def reach(audits: Sequence[Audit]) -> int:
    """How many powers of ten a scale spans that is to hold every limit and risk, within reason."""
    found = [one for audit in audits for one in audit.contests]
    texts = {text for one in found for text in (one.limit, *(risk.risk for risk in one.measured))}
    powers = [-tens(value).log10() for text in texts if (value := value_of(text))]
    return min(MOST_DECADES, max([2, *(int(power.to_integral_value("ROUND_CEILING")) for power in powers)]))


def place(risk: str, decades: int) -> float | None:
    """Where a risk stands; None where there is none. Smaller than the scale, and 0, stand at its end."""
    value = value_of(risk) if risk else None
    if value is None or value < 0:
        return None
    if value == 0:
        return at(decades, decades)
    return at(min(Decimal(decades), max(Decimal(0), -tens(value).log10())), decades)


def tens(value: Fraction) -> Decimal:
    """A fraction as a decimal number, near enough for a drawing."""
    return Decimal(value.numerator) / Decimal(value.denominator)


def at(power: Decimal | int, decades: int) -> float:
    """Where a power of ten stands across."""
    return LEFT + (WIDTH - LEFT - RIGHT) * float(power) / decades
