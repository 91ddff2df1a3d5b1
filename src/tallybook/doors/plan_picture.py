"""The plan as a picture: for each method, the chance to have finished by how many draws.

One SVG with a title and a description in words; the table of `tallybook plan` says the same. Draws are on a
logarithmic scale from 1, chances from 0 to 1, each line with its own dashes so that colour is not needed.
The key says what the size for nine audits of ten takes in people-hours and money.
"""

from collections.abc import Sequence
from html import escape
from math import log10

from tallybook.audit.costs import Effort
from tallybook.audit.planning import SizePlan

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 720, 440, 60, 40, 60
DASHES = ("", "8 4", "2 3", "10 3 2 3", "4 4", "1 4", "12 6", "6 2 2 2", "3 6")
COLOURS = ("#1b4f72", "#7b241c", "#196f3d", "#6c3483", "#7e5109", "#1c2833", "#5b2c6f", "#0e6251", "#784212")


def picture(title: str, plans: Sequence[SizePlan], efforts: Sequence[Effort]) -> str:
    """The drawing as a whole file. Methods without a distribution are named in the key alone."""
    notes = [_note(plan, effort) for plan, effort in zip(plans, efforts, strict=True)]
    heading = escape(f"{title}: chance to have finished")
    drawn = [plan for plan in plans if plan.curve]
    most = max((plan.curve[-1][0] for plan in drawn), default=10)
    parts = [*_frame(most)]
    for place, plan in enumerate(plans):
        parts.append(_line(plan, place, most))
        parts.append(_key(notes[place], place))
    said = "; ".join(notes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT + 20 * len(plans)}" '
        'role="img" '
        f'aria-labelledby="t d" font-family="sans-serif" font-size="13">'
        f'<title id="t">{heading}</title><desc id="d">{escape(said)}.</desc>'
        f'<text x="{LEFT}" y="22" font-size="15">{heading}</text>' + "".join(parts) + "</svg>\n"
    )


def _frame(most: int) -> list[str]:
    """Axes with tens along the bottom and quarters up the side."""
    parts = [f'<path d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - 20}" fill="none" stroke="#333"/>']
    for power in range(int(log10(most)) + 2):
        if 10**power <= 1.001 * most:
            x = _x(10**power, most)
            parts.append(
                f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{10**power:,}</text>'
            )
    for quarter in range(5):
        y = _y(quarter / 4)
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{25 * quarter} %</text>')
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - 20}" stroke="#ddd" fill="none"/>')
    label = f'<text x="{WIDTH / 2}" y="{HEIGHT - 18}" text-anchor="middle">Cards or batches drawn</text>'
    return [*parts, label]


def _line(plan: SizePlan, place: int, most: int) -> str:
    if not plan.curve:
        return ""
    rise = [(plan.curve[0][0], 0.0)] if plan.mean is not None else []
    points = " ".join(f"{_x(n, most):.1f},{_y(chance):.1f}" for n, chance in [*rise, *plan.curve])
    return f'<polyline points="{points}" fill="none" stroke-width="2" {_stroke(place)}/>'


def _note(plan: SizePlan, effort: Effort) -> str:
    worth = f"{float(effort.people_hours):,.0f} people-hours, {effort.cents / 100:,.0f} in money"
    return f"{plan.method} ({plan.unit}): 9 of 10 end within {_size(plan)}; {worth}"


def _key(note: str, place: int) -> str:
    y = HEIGHT + 20 * place
    words = escape(note)
    line = f'<path d="M{LEFT} {y}h40" stroke-width="2" {_stroke(place)} fill="none"/>'
    return f'{line}<text x="{LEFT + 50}" y="{y + 4}">{words}</text>'


def _stroke(place: int) -> str:
    dash = DASHES[place % len(DASHES)]
    return f'stroke="{COLOURS[place % len(COLOURS)]}" stroke-dasharray="{dash}"'


def _size(plan: SizePlan) -> str:
    size = plan.sizes.get(0.9)
    return "all cards" if size is None else f"{size:,}"


def _x(n: int, most: int) -> float:
    return LEFT + (WIDTH - 20 - LEFT) * log10(max(1, n)) / max(1.0, log10(most))


def _y(chance: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * chance
