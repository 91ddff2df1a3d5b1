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
POOL_K = 2**10
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


# Pools ------------------------------------------------------------

Counts = Mapping[int, int]


def pool_value(points: int, cards: int) -> int:
    """What each card of a pool is taken to be recorded with, in 1024ths (section 3): half to even."""
    whole, rest = divmod(POOL_K * points, cards)
    up = 2 * rest > cards or (2 * rest == cards and whole & 1)
    return whole + up


def pool_steps(claim: Claim, value: int, counts: Counts, steps: dict[int, int]) -> None:
    """Add what the cards of a pool were reported with (points -> cards) to the values that are expected."""
    wide = max(1, 2 * claim.span * POOL_K // 64)
    for points, n in counts.items():
        if n:
            at = (claim.span + points) * POOL_K - value
            steps[at - at % wide] = steps.get(at - at % wide, 0) + n


def spread(claim: Claim, points: int, cards: int) -> dict[int, int]:
    """What the cards of a pool were reported with where a card may have several votes (section 4)."""
    high = min(cards, max(0, (points - claim.least * cards) // claim.span))
    return {claim.most: high, claim.least: cards - high}


def pools(
    claim: Claim, rates: Mapping[str, Fraction], own: int, values: int, steps: Mapping[int, int]
) -> Null | None:
    """The null of cards of which only `own` have a record of their own; None where it is impossible.

    `claim.reported` are the points of those records; `values`: what the cards of all pools are taken to be
    recorded with, in 1024ths.
    """
    null = POOL_K * (claim.cards * claim.span - claim.reported - claim.least * claim.outside) - values
    parts = {v * POOL_K: w * own for v, w in comparison_prior(claim.least, claim.most, RATES | dict(rates))}
    for value, n in steps.items():
        parts[value] = parts.get(value, 0) + 10_000 * n
    prior = tuple((value, max(1, round(Fraction(n, claim.cards)))) for value, n in parts.items())
    return None if null < 0 else Null(null, claim.cards, 2 * POOL_K * claim.span, prior)


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


def weighed(
    cards: Sequence[int], margins: Sequence[int], points: Iterable[tuple[Iterable[int], int]]
) -> Batches:
    """The weights of batches of so many cards. For each assertion: M, its points by batch, and `least`."""
    common = lcm(*margins)
    weights = [0] * len(cards)
    for margin, (of_batch, least) in zip(margins, points, strict=True):
        share = common // margin
        for b, (n, reported) in enumerate(zip(cards, of_batch, strict=True)):
            weights[b] = max(weights[b], (reported - least * n) * share)
    whole = sum(weights)
    return Batches(tuple(weights), whole, tuple(margins), tuple(-(-whole * m // common) for m in margins))


def batch_null(margin: int, size: int) -> Null:
    """The null of a comparison of batches: the mean is at most K (1 - M/N)."""
    prior = ((K, 9990), (0, 1), (K - K // 4, 1), (K - K // 32, 1), (K - K // 256, 8))
    return Null(K * (size - margin), size, 2 * K, prior, replaced=True)


def batch_number(error: int, weight: int, whole: int, size: int) -> int:
    """The number of a drawn batch whose points reported less points counted are `error`."""
    return max(0, min(2 * K, K * (weight * size - error * whole) // (weight * size)))
