"""How many bad units a population can hold, given how many a simple random sample showed.

For whoever must state the result of a sample with a confidence: "at most 79 of 150,431".  The bounds are
exact: each tail is compared with the level in whole numbers, and what is returned is certified, never
approximate.  One-sided bounds miss with probability at most alpha, two-sided ones too (alpha/2 a side).

They hold for a simple random sample of single units and for nothing else.  A sample of boxes, bundles or
other clusters needs `clusters`; a sample that may stop early needs `confidence`.

Hypergeometric: the sample is drawn without replacement from a known number of units.  Binomial (Clopper
and Pearson, Biometrika 26 (1934) 404-413): with replacement.  Poisson (Garwood, Biometrika 28 (1936)
437-442): the usual short cut for rare events, given because published figures use it.
"""

from collections.abc import Callable
from fractions import Fraction
from itertools import count
from math import comb

from tallybook.stats.errors import require, require_whole

Level = Fraction | str | int


def most_bad(bad: int, drawn: int, units: int, alpha: Level) -> int:
    """Upper bound on the bad units among `units`: the largest B that the sample does not rule out.

    `bad` of `drawn` units were bad, drawn without replacement.  The largest B with
    P(at most `bad` in the sample | B) > alpha, exactly.
    """
    check_sample(bad, drawn, units)
    a = level(alpha)
    outcomes = comb(units, drawn)

    def is_possible(B: int) -> bool:
        return samples_up_to(bad, drawn, units, B) * a.denominator > a.numerator * outcomes

    return largest(is_possible, bad, units - drawn + bad)


def fewest_bad(bad: int, drawn: int, units: int, alpha: Level) -> int:
    """Lower bound on the bad units: the smallest B with P(at least `bad` in the sample | B) > alpha."""
    check_sample(bad, drawn, units)
    return units - most_bad(drawn - bad, drawn, units, alpha)


def bad_between(bad: int, drawn: int, units: int, alpha: Level) -> tuple[int, int]:
    """Both bounds at once, each at alpha/2: they miss with probability at most alpha together."""
    half = level(alpha) / 2
    return fewest_bad(bad, drawn, units, half), most_bad(bad, drawn, units, half)


def sample_to_show(at_most: int, units: int, alpha: Level, bad: int = 0) -> int:
    """The smallest simple random sample that, showing `bad` bad units, bounds the total by `at_most`."""
    check_sample(0, 0, units)
    require_whole("at_most", at_most, 0, units)
    require_whole("bad", bad, 0, at_most)
    a = level(alpha)

    def is_too_small(n: int) -> bool:
        passing = samples_up_to(bad, n, units, at_most + 1)
        return passing * a.denominator > a.numerator * comb(units, n)

    return largest(is_too_small, bad - 1, units) + 1 if at_most < units else bad


def highest_share(bad: int, drawn: int, alpha: Level, digits: int = 9) -> Fraction:
    """Clopper and Pearson's upper bound on the share of bad units, drawn with replacement.

    Rounded up to `digits` decimals: at the returned share P(at most `bad` of `drawn`) <= alpha, exactly,
    or the share is 1.
    """
    require_whole("drawn", drawn)
    check_sample(bad, drawn, drawn)
    a = level(alpha)
    require_whole("digits", digits, 1)
    scale = 10**digits
    whole = int(scale**drawn)

    def is_possible(p: int) -> bool:
        return binomial_up_to(bad, drawn, p, scale) * a.denominator > a.numerator * whole

    return Fraction(min(scale, largest(is_possible, 0, scale) + 1), scale)


def lowest_share(bad: int, drawn: int, alpha: Level, digits: int = 9) -> Fraction:
    """Clopper and Pearson's lower bound, rounded down."""
    require_whole("drawn", drawn)
    check_sample(bad, drawn, drawn)
    return 1 - highest_share(drawn - bad, drawn, alpha, digits)


def share_between(bad: int, drawn: int, alpha: Level, digits: int = 9) -> tuple[Fraction, Fraction]:
    """Clopper and Pearson's interval: both bounds, each at alpha/2."""
    half = level(alpha) / 2
    return lowest_share(bad, drawn, half, digits), highest_share(bad, drawn, half, digits)


def highest_count(events: int, alpha: Level, digits: int = 6) -> Fraction:
    """Garwood's upper bound on the mean of a Poisson count, rounded up to `digits` decimals.

    At the returned mean P(at most `events`) <= alpha.  Certified with fractions: e^m is replaced by a
    part of its series, which is smaller.
    """
    require_whole("events", events)
    require_whole("digits", digits, 1)
    a = level(alpha)
    require(a > 0, "alpha", alpha, "more than 0")
    scale = 10**digits

    def is_possible(m: int) -> bool:
        return not is_ruled_out_by_poisson(events, Fraction(m, scale), a)

    above = next(scale * 2**k for k in count() if not is_possible(scale * 2**k))
    return Fraction(largest(is_possible, 0, above) + 1, scale)


def level(alpha: Level) -> Fraction:
    """A level as an exact fraction from 0 to below 1; "0.01" or Fraction(1, 100), never a float."""
    require(isinstance(alpha, Fraction | str | int), "alpha", alpha, "text such as '0.01', or a fraction")
    try:
        a = Fraction(alpha)
    except (ValueError, ZeroDivisionError):
        a = Fraction(-1)
    require(0 <= a < 1, "alpha", alpha, "a level from 0 to below 1, such as '0.01'")
    return a


def samples_up_to(k: int, n: int, N: int, B: int) -> int:
    """How many of the comb(N, n) samples show at most k bad units when B of N are bad."""
    low, high = max(0, n - (N - B)), min(n, B)
    if k >= high:
        return comb(N, n)
    if k - low < high - k:
        return samples_between(low, k, n, N, B)
    return comb(N, n) - samples_between(k + 1, high, n, N, B)


def samples_between(low: int, high: int, n: int, N: int, B: int) -> int:
    """The samples that show low to high bad units, where every number in between is attainable."""
    if low > high:
        return 0
    term = total = comb(B, low) * comb(N - B, n - low)
    for i in range(low, high):
        term = term * (B - i) * (n - i) // ((i + 1) * (N - B - n + i + 1))
        total += term
    return total


def binomial_up_to(k: int, n: int, p: int, scale: int) -> int:
    """scale^n times P(at most k of n) at probability p/scale, a whole number."""
    if 2 * k > n:
        return int(scale**n) - (binomial_up_to(n - k - 1, n, scale - p, scale) if k < n else 0)
    q = scale - p
    choices, power, inner = 1, 1, 0
    for i in range(k + 1):  # Horner's rule: the powers of q are multiplied in as the sum grows
        inner = inner * q + choices * power
        choices = choices * (n - i) // (i + 1)
        power *= p
    return int(inner * q ** (n - k))


def is_ruled_out_by_poisson(events: int, mean: Fraction, alpha: Fraction) -> bool:
    """Certainly P(Poisson(mean) <= events) <= alpha.  Fractions only; undecided within 2^-200 means no."""
    m, d = mean.numerator, mean.denominator
    term, head = Fraction(1), Fraction(1)
    for i in range(1, events + 1):
        term *= Fraction(m, d * i)
        head += term
    series = head
    for i in count(events + 1):
        if alpha * series >= head:
            return True
        term *= Fraction(m, d * i)
        series += term
        if i > 2 * mean and term * (1 << 200) < series:
            return False
    raise AssertionError("the series of e^m ends within its precision")


def largest(is_possible: Callable[[int], bool], low: int, high: int) -> int:
    """The largest x in low..high with is_possible(x), which is true up to some x and false after.

    `low` itself is taken to be possible.
    """
    while low < high:
        middle = (low + high + 1) // 2
        if is_possible(middle):
            low = middle
        else:
            high = middle - 1
    return low


def check_sample(bad: int, drawn: int, units: int) -> None:
    require_whole("units", units)
    require_whole("drawn", drawn, 0, units)
    require_whole("bad", bad, 0, drawn)
