"""Explanations of differences: what an official found out, tied to one place and one step, in cards.

For the board that signs. An explained difference stays in the list as a note; what is left of it stays open.
An explanation that fits no difference is a problem: it may be meant for another place.
"""

from collections.abc import Mapping, Sequence

import msgspec

from tallybook.canvass.accounts import LEVELS, STAGES, Place
from tallybook.election.problems import Problem


class Explanation(msgspec.Struct, frozen=True):
    """Why so many cards differ in one place between two stages: ``cards`` is later minus earlier, signed."""

    place: Place
    earlier: str
    later: str
    cards: int
    words: str


def read_explanations(
    rows: Sequence[Mapping[str, str]], file: str
) -> tuple[tuple[Explanation, ...], list[Problem]]:
    """Rows of places with earlier, later, cards and words (the first is row 2), and what is wrong."""
    problems: list[Problem] = []
    told = []
    for number, row in enumerate(rows, 2):
        where = f"{file}, row {number}"
        earlier, later = ((row.get(name) or "").strip() for name in ("earlier", "later"))
        for name, stage in (("earlier", earlier), ("later", later)):
            if stage not in STAGES:
                expected = f"one of {', '.join(STAGES)}"
                problems.append(
                    Problem(f'{where}, "{name}"', f'"{stage[:40]}"', expected, "Correct the cell.")
                )
        cards = signed((row.get("cards") or "").strip())
        words = (row.get("words") or "").strip()
        if cards is None:
            expected = "later minus earlier as a whole number, such as -3"
            problems.append(
                Problem(f'{where}, "cards"', f'"{row.get("cards")}"', expected, "Correct the cell.")
            )
        if not words:
            problems.append(
                Problem(f'{where}, "words"', "nothing", "what was found out", "Fill in the cell.")
            )
        place = Place(**{level: (row.get(level) or "").strip() for level in LEVELS})
        told.append(Explanation(place, earlier, later, cards or 0, words))
    return tuple(told), problems


def unused(
    explanations: Sequence[Explanation], differ: set[tuple[Place, str, str]], file: str
) -> list[Problem]:
    """Explanations of places and steps in which nothing differs."""
    return [
        Problem(
            file,
            f"an explanation for {one.place}, {one.earlier} to {one.later}",
            "a place and step that differ",
            "Name the place and the step as the finding does.",
        )
        for one in explanations
        if (one.place, one.earlier, one.later) not in differ
    ]


def signed(text: str) -> int | None:
    digits = text[1:] if text[:1] in "+-" else text
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= 12 else None
