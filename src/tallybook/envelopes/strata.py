"""How many bad envelopes a population in several counties can hold, each sampled at its own rate.

For the statistician who must add counties up without pretending that they were one heap. The statistic is
the number of bad envelopes found in all counties together, T.

None found: P(T = 0) is a product over the counties. Its logarithm is concave in each county's bad envelopes,
so the worst way to share B of them is found by giving them one after the other to the county in which the
next one shrinks the chance least. Exact.

Some found: each county's count is a sum of independent yes-or-no variables in distribution (a hypergeometric
generating function has real zeros only; Vatutin and Mikhailov, Theory Probab. Appl. 27 (1982) 734-743), so T
is too. With mean mu, P(T <= t) is at most that of a Poisson variable of mean mu where t <= mu - 1 (Hoeffding,
Ann. Math. Statist. 27 (1956) 713-721; Anderson and Samuels, Proc. 5th Berkeley Symp. (1967) I, 1-12). The
smallest mean of B bad envelopes lies in the counties sampled most thinly; Garwood's bound on mu then bounds
B. Both rules reject for small T only, so together they keep the level.
"""

import heapq
from collections.abc import Iterator, Sequence
from fractions import Fraction

import msgspec

from tallybook.stats.bounds import Level, highest_count, largest, level
from tallybook.stats.errors import require

MOST_ALPHA = Fraction(1, 4)
"""Up to this level Garwood's bound lies at least 1 above the number found, as the inequality asks."""


class Stratum(msgspec.Struct, frozen=True):
    """A county: `bad` of `read` envelopes, drawn without replacement from `size`."""

    size: int
    read: int
    bad: int = 0


def most_bad_in_strata(strata: Sequence[Stratum], alpha: Level) -> int:
    """Upper bound on the bad envelopes of all strata together; misses with probability at most alpha.

    A stratum of which nothing was read counts as bad altogether.
    """
    check(strata)
    a = level(alpha)
    require(0 < a <= MOST_ALPHA, "alpha", alpha, "a level above 0, at most 1/4")
    found = sum(one.bad for one in strata)
    unseen = sum(one.size - one.read for one in strata)
    if found == 0:
        return most_bad_unseen(strata, a)
    highest = highest_count(found, a)
    return largest(lambda B: smallest_mean(strata, B) < highest, found, found + unseen)


def chance_of_missing(strata: Sequence[Stratum], bad: int) -> Fraction:
    """The largest chance that none of `bad` bad envelopes is drawn, however they are shared. Exact."""
    check(strata)
    chance = Fraction(1)
    for factor in worst_factors(strata, bad):
        chance *= factor
    return chance


def most_bad_unseen(strata: Sequence[Stratum], a: Fraction) -> int:
    """The largest number of which none is seen with a chance above a."""
    limit = sum(one.size for one in strata)
    chance, bad = Fraction(1), 0
    for factor in worst_factors(strata, limit):
        chance = rounded_up(chance * factor)
        if chance <= a:
            return bad
        bad += 1
    return bad


def worst_factors(strata: Sequence[Stratum], bad: int) -> Iterator[Fraction]:
    """The factors by which each further bad envelope shrinks the chance of seeing none, placed at worst.

    1 - read / (size - placed so far), the largest first; 0 once none can be placed unseen.
    """
    heap = [(-Fraction(s.size - s.read, s.size), s.size, s.read) for s in strata if s.size]
    heapq.heapify(heap)
    for _ in range(min(bad, sum(one.size for one in strata))):
        factor, size, read = heap[0]
        if size > 1:
            heapq.heapreplace(heap, (-Fraction(max(0, size - 1 - read), size - 1), size - 1, read))
        else:
            heapq.heappop(heap)
        yield -factor


def rounded_up(chance: Fraction) -> Fraction:
    """Exact while short, else to 2^-256 and never smaller: thousands of factors stay quick to multiply."""
    if chance.denominator < 1 << 1024:
        return chance
    scale = 1 << 256
    return Fraction(-(-chance.numerator * scale // chance.denominator), scale)


def smallest_mean(strata: Sequence[Stratum], bad: int) -> Fraction:
    """The smallest expected number found if `bad` are bad, of the ways that the sample still allows."""
    mean = Fraction(0)
    left = bad - sum(one.bad for one in strata)
    for one in strata:
        mean += Fraction(one.bad * one.read, one.size) if one.size else 0
    for one in sorted(strata, key=lambda s: Fraction(s.read, s.size) if s.size else Fraction(1)):
        here = min(left, one.size - one.read)
        mean += Fraction(here * one.read, one.size) if one.size else 0
        left -= here
    return mean


def check(strata: Sequence[Stratum]) -> None:
    for one in strata:
        require(0 <= one.bad <= one.read <= one.size, "strata", one, "bad <= read <= size")
