"""Check 11: from points to the numbers whose risk is published, ``docs/spec/measuring.md``.

One population, or batches drawn by weight. An assertion gives each card points from `least` to `most`; what
is drawn becomes a number from 0 to `top`, and the claim becomes "the mean of the numbers is above the null
mean".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from .risk import Null, Prior

K = 2**20
RATES = {"half": Fraction(1, 1000), "full": Fraction(1, 10_000), "phantoms": Fraction(0)}


@dataclass(frozen=True)
class Claim:
    """One assertion over a population: bounds of points, cards, points reported, and cards outside."""

    least: int
    most: int
    cards: int
    reported: int
    outside: int = 0

    @property
    def span(self) -> int:
        """The distance of the bounds."""
        return self.most - self.least


def comparison(claim: Claim, rates: Mapping[str, Fraction]) -> Null | None:
    """The null of a card comparison; None where it is impossible (its offset is below 0)."""
    null = claim.cards * claim.span - claim.reported - claim.least * claim.outside
    prior = comparison_prior(claim.least, claim.most, RATES | dict(rates))
    return None if null < 0 else Null(null, claim.cards, 2 * claim.span, prior)


def comparison_prior(least: int, most: int, rates: Mapping[str, Fraction]) -> Prior:
    """The weights of section 4 for a comparison."""
    span = most - least
    weights = dict.fromkeys(range(2 * span + 1), 1)
    for value in {span - most, span + most, span + least, span - least}:
        weights[value] += ceiling(10_000 * rates["half"])
    weights[0] += ceiling(10_000 * rates["full"])
    weights[span + least] += ceiling(10_000 * rates["phantoms"])
    weights[span] = 0
    weights[span] = max(1, 10_000 - sum(weights.values()))
    return tuple(weights.items())


def polling(claim: Claim, counts: Mapping[int, int] | None) -> Null | None:
    """The null of a poll. `counts`: cards reported with these points; None where none are reported."""
    null = -claim.least * claim.cards - claim.least * claim.outside
    return Null(null, claim.cards, claim.span, polling_prior(claim, counts))


def polling_prior(claim: Claim, counts: Mapping[int, int] | None) -> Prior:
    """The weights of section 4 for a poll."""
    least = claim.least
    if counts is None:
        return ((0, 10), (-least, 1), (claim.span, 12))
    cards = dict.fromkeys((0, claim.span, -least), 0)
    for points, n in counts.items():
        cards[points - least] = cards.get(points - least, 0) + n
    cards[-least] += claim.cards - sum(counts.values())
    return tuple((value, max(1, round(Fraction(1000 * n, claim.cards)))) for value, n in cards.items())


def ceiling(number: Fraction) -> int:
    """The least whole number that is not below."""
    return -(-number.numerator // number.denominator)


# Batches, section 5 ------------------------------------------------------------


@dataclass(frozen=True)
class Batches:
    """The draw by weight: each batch's weight, their sum, and by assertion M and the N of its numbers."""

    weights: tuple[int, ...]
    whole: int
    margins: tuple[int, ...]
    sizes: tuple[int, ...]


def weighed(cards: Sequence[int], points: Iterable[tuple[Sequence[int], int, int]]) -> Batches:
    """The weights of batches of so many cards. For each assertion: its points by batch, `least` and M."""
    points = list(points)
    common = lcm(*(margin for _, _, margin in points))
    weights = [0] * len(cards)
    for of_batch, least, margin in points:
        share = common // margin
        for b, (n, reported) in enumerate(zip(cards, of_batch, strict=True)):
            weights[b] = max(weights[b], (reported - least * n) * share)
    whole = sum(weights)
    margins = tuple(margin for _, _, margin in points)
    return Batches(tuple(weights), whole, margins, tuple(-(-whole * m // common) for m in margins))


def batch_null(margin: int, size: int) -> Null:
    """The null of a comparison of batches: the mean is at most K (1 - M/N)."""
    prior = ((K, 9990), (0, 1), (K - K // 4, 1), (K - K // 32, 1), (K - K // 256, 8))
    return Null(K * (size - margin), size, 2 * K, prior, replaced=True)


def batch_number(error: int, weight: int, whole: int, size: int) -> int:
    """The number of a drawn batch whose points reported less points counted are `error`."""
    return max(0, min(2 * K, K * (weight * size - error * whole) // (weight * size)))
