"""A finding: one difference met in the canvass, with its place, size, likely causes and what to do.

For the official who must explain it and the board that signs below it. The words are complete in themselves:
they carry both numbers, so that a reader can check the subtraction. A cause is what the numbers agree with,
never what has been shown.
"""

from collections.abc import Iterable
from fractions import Fraction

import msgspec

SEVERITIES = ("decisive", "large", "small", "note")
"""decisive: as many cards as the margin, or more. large: a tenth of the margin or more (without a margin:
one card in a hundred of the place). small: less. note: explained, or nothing is missing yet."""


class Cause(msgspec.Struct, frozen=True):
    """What the numbers agree with: ``kind`` for machines, ``words`` with the numbers, ``to_do``."""

    kind: str
    words: str
    to_do: str


class Finding(msgspec.Struct, frozen=True):
    """One difference. ``expected`` and ``found`` are cards (or what ``step`` says), ``cards`` their distance.

    ``of_margin`` is cards / margin, None where no margin was given. ``number`` is 0 until it is numbered.
    """

    kind: str
    place: str
    step: str
    expected: int
    found: int
    cards: int
    severity: str
    says: str
    causes: tuple[Cause, ...] = ()
    to_do: str = ""
    of_margin: Fraction | None = None
    number: int = 0

    def __str__(self) -> str:
        likely = " ".join(f"Possible: {cause.words}" for cause in self.causes)
        return " ".join(part for part in (f"{self.place}: {self.says}", likely, self.to_do) if part)


def numbered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings, the gravest and largest first, numbered from 1: what a certification lists as open."""
    order = sorted(findings, key=lambda f: (SEVERITIES.index(f.severity), -f.cards, f.place, f.step, f.kind))
    return tuple(msgspec.structs.replace(one, number=k) for k, one in enumerate(order, 1))


def severity(cards: int, place_cards: int, margin: int | None) -> str:
    """How grave a difference of so many cards is, in a place of so many, against the margin in votes."""
    if cards == 0:
        return "note"
    if margin is not None:
        return "decisive" if cards >= margin else "large" if 10 * cards >= margin else "small"
    return "large" if 100 * cards >= place_cards else "small"


def of_margin(cards: int, margin: int | None) -> Fraction | None:
    """cards / margin; None without a margin, and at a tie, where every card is decisive."""
    return Fraction(cards, margin) if margin else None


def margin_words(cards: int, margin: int | None) -> str:
    """The size against the margin, in a sentence; empty without a margin."""
    if margin is None:
        return ""
    if cards >= margin:
        return f"The margin is {margin:,}: this alone is as large or larger."
    return f"The margin is {margin:,}; this is {percent(Fraction(cards, margin))} of it."


def percent(share: Fraction, places: int = 1) -> str:
    """A share as a percentage, rounded half up."""
    scaled = (share * 100 * 10**places + Fraction(1, 2)).__floor__()
    whole, rest = divmod(scaled, 10**places)
    return f"{whole:,}.{rest:0{places}d}%"
