"""Ballot polling: cards are read without looking at what was reported for them.

A card's number is its points above the least. Nothing of the reported result enters but the prior, which
only decides how soon the evidence comes. Stark 2020 (SHANGRLA), section 2; ALPHA (Stark 2023).
"""

from collections.abc import Sequence
from fractions import Fraction

from tallybook.audit.evidence import Ints, Lacking, Part, Scale, check_scale, points_of
from tallybook.stats.errors import require

WEIGHT = 1_000
"""How many draws the reported result weighs in the bet."""


def polling_part(
    scale: Scale,
    N: int,
    codes: Sequence[int] | Ints,
    lacking: Lacking,
    reported: Sequence[int] = (),
    replace: bool = False,
) -> Part:
    """The numbers of a polled sample.

    codes: how the drawn cards read, in the order of the draw; N: cards in the population; reported: how many
    of the N cards were reported with each pattern (for the prior; the rest add 0 points).
    """
    check_scale(scale)
    require(N >= 1, "N", N, "at least one card")
    require(replace or len(codes) <= N, "codes", len(codes), f"at most the {N} cards there are")
    x = points_of(scale, codes, lacking) - scale.least
    return Part(x, scale.span, N, -scale.least * N, prior=polling_prior(scale, N, reported), replace=replace)


def polling_prior(scale: Scale, N: int, reported: Sequence[int] = ()) -> dict[int, int]:
    """The reported composition as weights, each possible number at least 1.

    Without reported counts the guess is mildly in favour and light: 12 draws for, 10 against.
    """
    if not reported:
        return {0: 10, -scale.least: 1, scale.span: 12}
    seen: dict[int, int] = {}
    for points, count in zip(scale.points, reported, strict=False):
        seen[points - scale.least] = seen.get(points - scale.least, 0) + count
    rest = N - sum(seen.values())
    seen[-scale.least] = seen.get(-scale.least, 0) + max(0, rest)
    total = sum(seen.values())
    values = {0, scale.span, -scale.least, *(p - scale.least for p in scale.points)}
    return {v: max(1, round(Fraction(WEIGHT * seen.get(v, 0), total))) for v in sorted(values)}
