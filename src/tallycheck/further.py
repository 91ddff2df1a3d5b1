"""Check 12, `more`: how many further numbers would meet the limit (audit specification, section 8).

The search may be long (10^5 numbers for each of thousands of assertions), so it goes in plain floats from
what was measured, with stakes found exactly as ever. Where floats could be wrong, the exact
martingale decides.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import cycle, repeat
from math import frexp, ldexp, log

from .risk import Run, as_fraction

UNSURE = 1e-8
TINY, HUGE = 1e-200, 1e200


def further(run: Run, clean: int, limit: Fraction, most: int) -> int | None:
    """How many numbers `clean` more meet the limit: the least from 1 to `most`, or None.

    Without replacement `most` is at most all that is left.
    """
    if not run.meets(limit) and falls_short(run, clean, limit, most):
        return None
    return searched(run, lambda: repeat(clean), limit, most)


def falls_short(run: Run, clean: int, limit: Fraction, most: int) -> bool:
    """Whether so many clean numbers are surely too few. No stake wins more than `gain`, that of the last one.

    Numbers at or below the null mean of what is left win nothing at all.
    """
    r, k = run.left()
    left = (r, k) if run.test.replaced else (r - clean * most, k - most)
    if clean * k <= r:
        return True
    if left[0] <= 0 or left[1] <= 0:
        return False
    value, scale = scaled(as_fraction(run.wealth) * limit)
    gain = log(clean * left[1] / left[0])
    return log(value) + scale * log(2) + most * gain < -UNSURE * most - UNSURE


def again(run: Run, limit: Fraction, most: int) -> int | None:
    """The same for the numbers of the run, in their order, again and again."""
    return searched(run, lambda: cycle(run.numbers), limit, most) if run.numbers else None


def searched(run: Run, numbers: Callable[[], Iterator[int]], limit: Fraction, most: int) -> int | None:
    """The least m from 1 to `most` after which the limit is met."""
    if most < 1:
        return None
    if run.meets(limit):
        return 1
    found = in_floats(copied(run), numbers(), limit, most)
    return exactly(copied(run), numbers(), limit, most) if found < 0 else found or None


def in_floats(run: Run, numbers: Iterator[int], limit: Fraction, most: int) -> int:
    """The same in floats; 0 where there is none, and -1 where floats cannot tell.

    `wealth` times 2^`scale` is what there is over what the limit asks.
    """
    wealth, scale = scaled(as_fraction(run.wealth) * limit)
    top, size, replaced = run.test.top, run.test.size, run.test.replaced
    for m in range(1, most + 1):
        x, stake, (r, k) = next(numbers), run.next_stake(), run.left()
        if r >= top * k:
            return 0  # the null is certain
        if r > 0 and stake:
            wealth *= 1.0 + stake * (x * k - r) / (r << 24)
            if not TINY < wealth < HUGE:
                wealth, more = frexp(wealth)
                scale += more
        run.note(x, r)
        if run.impossible:
            return m
        if not replaced and run.n == size:
            return 0
        reached = ldexp(wealth, scale)
        if reached > 1 - UNSURE:
            return m if reached > 1 + UNSURE else -1
    return 0


def scaled(value: Fraction) -> tuple[float, int]:
    """A positive fraction as a float of about 1 and a power of two."""
    scale = value.numerator.bit_length() - value.denominator.bit_length()
    return float(value / Fraction(2) ** scale), scale


def exactly(run: Run, numbers: Iterator[int], limit: Fraction, most: int) -> int | None:
    """The least m from 1 to `most` after which the limit is met, by the exact martingale."""
    for m in range(1, most + 1):
        run.draw(next(numbers))
        if may_meet(run, limit) and run.meets(limit):
            return m
    return None


def copied(run: Run) -> Run:
    """The same run, which can go on by itself."""
    other = replace(run, numbers=list(run.numbers), stakes=list(run.stakes))
    other.weights = dict(run.weights)
    return other


def may_meet(run: Run, limit: Fraction) -> bool:
    """Whether the limit may be met: a cheap look before `Run.meets`."""
    if run.impossible or run.n == run.test.size:
        return True
    m, e = run.best
    return e >= 0 or ((m + (m >> 150) + 1) * limit.numerator) >> -e >= limit.denominator
