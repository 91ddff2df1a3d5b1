"""Colorado's published audits, done again: draws of cards, and the sizes its audit tool asked for.

For the observer. The draw is ``stats.colorado_draws``: positions in a county's list of records. How long the
list was is not published; where the manifest's total does not reproduce the draw, the one length that does
is looked for, and said to be inferred. The size is Lindeman and Stark 2012, as the tool rounds it.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache

import msgspec

from tallybook.audit.evidence import Part, Scale
from tallybook.audit.measuring import Evidence, measure
from tallybook.audit.polling import polling_part
from tallybook.audit.replaying import Line
from tallybook.stats.colorado_draws import position
from tallybook.stats.kaplan import Discrepancies, super_simple_size

MOST_DRAWS = 100_000


class DrawReplay(msgspec.Struct, frozen=True):
    """One list drawn again. ``population`` reproduces it; ``is_inferred``: it is not the manifest's total.

    draws: how many draws give exactly the published set; None where no length of list does.
    """

    place: str
    population: int | None
    is_inferred: bool
    draws: int | None
    selected: int


class SizeRow(msgspec.Struct, frozen=True):
    """One contest in the tool's table of risks: what it used, and the size it printed."""

    contest: str
    margin: int
    cards: int
    limit: Fraction
    gamma: Fraction
    found: Discrepancies
    printed: int


def draw_again(place: str, seed: str, selected: Sequence[int], manifest: int | None) -> DrawReplay:
    """Draw until the published positions are drawn and nothing else; look for the length if needed."""
    wanted = set(selected)
    if manifest and (draws := draws_that_give(seed, manifest, wanted)):
        return DrawReplay(place, manifest, False, draws, len(wanted))
    for population in range(max(wanted, default=1), 2 * max(wanted, default=1) + 1):
        draws = draws_that_give(seed, population, wanted)
        if draws:
            return DrawReplay(place, population, True, draws, len(wanted))
    return DrawReplay(place, None, False, None, len(wanted))


def draws_that_give(seed: str, population: int, wanted: set[int]) -> int | None:
    """The least number of draws whose positions are exactly these; None where one falls outside first."""
    seen: set[int] = set()
    for i in range(1, MOST_DRAWS):
        drawn = _hash(seed, i) % population + 1
        if drawn not in wanted:
            return None
        seen.add(drawn)
        if len(seen) == len(wanted):
            return i
    return None


@lru_cache(maxsize=MOST_DRAWS)
def _hash(seed: str, i: int) -> int:
    """The whole hash of draw i: its position in a list of 2**256, counted from 0."""
    return position(seed, 1 << 256, i) - 1


def draw_lines(replays: Sequence[DrawReplay]) -> list[Line]:
    """One line a list, and one for all of them."""
    good = [one for one in replays if one.draws is not None]
    lines = [
        Line(
            "draw",
            "agrees" if len(good) == len(replays) else "differs",
            f"The seed draws the published cards in {len(good)} of {len(replays)} lists.",
        )
    ]
    for one in replays:
        if one.draws is None:
            lines.append(Line("draw", "differs", f"{one.place}: no list of any length gives these cards."))
        elif one.is_inferred:
            said = (
                f"{one.place}: the draw fits a list of {one.population:,} records, not the manifest's total."
            )
            lines.append(Line("population", "not_published", said))
    return lines


def size_lines(rows: Sequence[SizeRow]) -> list[Line]:
    """Does the table ask for the sizes that the formula gives?"""
    wrong = [row for row in rows if size_of(row) != row.printed]
    agree = len(rows) - len(wrong)
    lines = [
        Line(
            "size",
            "differs" if wrong else "agrees",
            f"Margin and discrepancies give the printed size in {agree:,} of {len(rows):,} contests.",
        )
    ]
    for row in wrong[:20]:
        lines.append(
            Line("size", "differs", f"{row.contest}: printed {row.printed}, computed {size_of(row)}.")
        )
    return lines


def size_of(row: SizeRow) -> int:
    """The tool's optimistic number of cards."""
    return super_simple_size(Fraction(row.margin, row.cards), row.limit, row.found, row.gamma)


def polled_risks(
    choices: Sequence[str], marks: Sequence[str], population: int, limit: object
) -> dict[str, str]:
    """Choice -> the risk that it is not ahead of the one marked next most often, were it the reported winner.

    marks: what was read for each draw, in the order of the draw, "" for none of the choices. The files name
    no reported winner: a risk counts only for the choice that was reported to have won.
    """
    counts = {choice: marks.count(choice) for choice in choices}
    risks = {}
    for choice in choices:
        rest = [other for other in choices if other != choice]
        parts = [(other, _pair(choice, other, marks, population)) for other in rest]
        found = measure([Evidence(other, (part,)) for other, part in parts], limit)
        risks[choice] = max((one.risk for one in found), key=Fraction, default="1")
    return dict(sorted(risks.items(), key=lambda pair: -counts[pair[0]]))


def _pair(winner: str, loser: str, marks: Sequence[str], population: int) -> Part:
    codes = [1 if mark == winner else 2 if mark == loser else 3 for mark in marks]
    return polling_part(Scale(-1, 1, (1, -1, 0)), population, codes, "may_lack", replace=True)


def in_draw_order(seed: str, population: int, draws: int, reads: Mapping[int, str]) -> list[str] | None:
    """What was read for each draw, a card drawn twice read twice; None where a drawn card has no reading."""
    order = [position(seed, population, i) for i in range(1, draws + 1)]
    return [reads[card] for card in order] if all(card in reads for card in order) else None
