"""Between which values the mean of a population lies, at every look, however often one looks.

For whoever must state a mean with a confidence while a sample grows.  A bound is made by turning a test
round: the mean is above every value that the test has rejected.  Any sequential test will do: it comes in
as a function p_value(x, N, t), the p-value of "the mean is at most t" after all of x, valid at any time.
Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting", J. R. Stat. Soc. B 86
(2024), section 3; sampling without replacement: their section 4 and Waudby-Smith, Stark and Ramdas,
"RiLACS", E-Vote-ID 2021.

The simple test given here is a mixture of Kaplan and Wald's martingales with stakes fixed beforehand:
T = sum over bets of w * prod (1 - c + c x_i / m_i).  Every T of it is a product of numbers that are not
negative, so it needs no upper limit of x; its p-value is rounded up, and falls as t falls.
"""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from tallybook.stats.bounds import Level, level
from tallybook.stats.errors import require, require_whole

PValue = Callable[[Sequence[int], int | None, Fraction], float]

# Stakes c with their weights.  Half of the weight is on the largest stake, which is the best one while
# nothing speaks against it, the rest is spread so that some stake is near the best for any mean.
BETS = (
    (1.0, 0.5),
    *((1 - 2.0**-k, 0.05) for k in (4, 3, 2)),
    *((2.0**-k, 0.05) for k in (1, 2, 3, 4, 5, 7, 9)),
)
EPS = 2.0**-52


def mean_lower(
    x: Sequence[int], N: int | None, alpha: Level, top: int, p_value: PValue | None = None, parts: int = 10**6
) -> Fraction:
    """Lower confidence bound on the mean of numbers 0..top, rounded down to a part of top / parts.

    x: the numbers in the order drawn; N: how many the population has, or None if drawn with replacement.
    Valid at any time: the chance that the bound ever exceeds the mean is at most alpha.  p_value must not
    fall as t grows, as the one given here does not.
    """
    check_numbers(x, N, top)
    a = level(alpha)
    require_whole("parts", parts, 1)
    test = p_value or kaplan_wald

    def is_rejected(t: int) -> bool:
        return t < 0 or Fraction(test(x, N, Fraction(top * t, parts))) <= a

    low, high = -1, parts
    while high - low > 1:  # rejected at low, not at high
        middle = (low + high) // 2
        low, high = (middle, high) if is_rejected(middle) else (low, middle)
    return Fraction(top * max(low, 0), parts)


def mean_upper(
    x: Sequence[int], N: int | None, alpha: Level, top: int, p_value: PValue | None = None, parts: int = 10**6
) -> Fraction:
    """Upper confidence bound on the mean: the lower bound of what is missing to `top`."""
    check_numbers(x, N, top)
    return top - mean_lower([top - one for one in x], N, alpha, top, p_value, parts)


def mean_lower_by_scan(x: Sequence[int], N: int, alpha: Level, top: int, p_value: PValue) -> Fraction:
    """The lower bound for any sequential test, also one whose p-value falls here and there as t grows.

    Every mean that N whole numbers can have is tested, from the smallest that x allows, until one is not
    rejected.  The mean itself is among them, so nothing lies between the points.
    """
    check_numbers(x, N, top)
    a = level(alpha)
    means = (Fraction(total, N) for total in range(sum(x), N * top + 1))
    return next((t for t in means if Fraction(p_value(x, N, t)) > a), Fraction(top))


def mean_between(
    x: Sequence[int], N: int | None, alpha: Level, top: int, p_value: PValue | None = None, parts: int = 10**6
) -> tuple[Fraction, Fraction]:
    """Both bounds at once, each at alpha/2."""
    half = level(alpha) / 2
    return mean_lower(x, N, half, top, p_value, parts), mean_upper(x, N, half, top, p_value, parts)


def confidence_sequence(
    x: Sequence[int],
    N: int | None,
    alpha: Level,
    top: int,
    looks: Sequence[int],
    p_value: PValue | None = None,
    parts: int = 10**4,
) -> tuple[tuple[Fraction, Fraction], ...]:
    """The interval after each look (a number of draws, ascending).  All of them hold together.

    Each is cut down to what the earlier ones left: what was rejected once stays rejected.
    """
    check_numbers(x, N, top)
    for before, look in itertools.pairwise([0, *looks]):
        require_whole("looks", look, before + 1, len(x))
    low, high = Fraction(0), Fraction(top)
    sequence = []
    for look in looks:
        bounds = mean_between(x[:look], N, alpha, top, p_value, parts)
        low, high = max(low, bounds[0]), min(high, bounds[1])
        sequence.append((low, high))
    return tuple(sequence)


def kaplan_wald(x: Sequence[int], N: int | None, t: Fraction) -> float:
    """p-value of "the mean is at most t", the smallest so far, by the mixture of BETS; rounded up."""
    return p_from_log(max(log_wealth(x, N, t), default=0.0))


def log_wealth(x: Sequence[int], N: int | None, t: Fraction) -> Iterator[float]:
    """log T after each number, less its possible rounding error; infinite if t has become impossible.

    Without replacement the mean of what is left, (N t - S) / (N - j + 1), takes the place of t.  Whether
    the sum drawn already exceeds N t is decided in whole numbers.
    """
    logs = [math.log(weight) for _, weight in BETS]
    spread, seen = 0.0, 0
    for j, number in enumerate(x):
        left = t.denominator if N is None else t.denominator * (N - j)
        due = t.numerator if N is None else t.numerator * N - seen * t.denominator
        seen += number
        if (due == 0 and number > 0) or (N is not None and seen * t.denominator > t.numerator * N):
            yield math.inf
            return
        if due > 0:
            steps = [log_or_ruin(1 - c + c * (number * left / due)) for c, _ in BETS]
            logs = [a + b for a, b in zip(logs, steps, strict=True)]
            spread += max((abs(step) for step in steps if step > -math.inf), default=0.0) + 1
        yield log_sum(logs) - 8 * EPS * (spread + 1) * (j + 2)


def p_from_log(log_T: float) -> float:
    """min(1, 1/T), rounded up."""
    if log_T == math.inf:
        return 0.0
    return min(1.0, math.nextafter(math.exp(-max(log_T, 0.0)) * (1 + 4 * EPS), math.inf))


def log_or_ruin(factor: float) -> float:
    return math.log(factor) if factor > 0 else -math.inf


def log_sum(logs: Sequence[float]) -> float:
    """log of the sum of exp, without overflow."""
    top = max(logs)
    return top + math.log(sum(math.exp(one - top) for one in logs)) if top > -math.inf else top


def check_numbers(x: Sequence[int], N: int | None, top: int) -> None:
    require(type(top) is int and top >= 1, "top", top, "a whole number, 1 or more")
    bad = next((one for one in x if type(one) is not int or not 0 <= one <= top), None)
    require(bad is None, "x", bad, f"whole numbers from 0 to {top}")
    if N is not None:
        require_whole("N", N, max(1, len(x)))
