"""Between which values a mean lies, by turning round the room's own engine with its default bet.

``confidence`` turns round any test; this module turns round the one that decides audits. The default bet
finds its stakes at one reference mean, from the past alone, and those stakes are kept for every mean that is
tested. A stake that depends on the past alone is fair against any null, and with stakes held fixed the wealth
falls as the tested mean grows, so the means that are rejected form a ray and halving finds its end exactly.
Every rejection is decided by ``certainty``, in integers where doubles leave a doubt.
Waudby-Smith and Ramdas 2024, section 3 (inverting a test); Waudby-Smith, Stark and Ramdas 2021 (RiLACS).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from tallybook.stats.bounds import Level, level
from tallybook.stats.certainty import at_most
from tallybook.stats.confidence import check_numbers
from tallybook.stats.default_bet import UNIT, Prior, default_stakes
from tallybook.stats.errors import require, require_whole
from tallybook.stats.lattice import Floats, Null, rational
from tallybook.stats.martingale import wealth


@dataclass(frozen=True)
class Guess:
    """What the stakes are made for: a prior on values 0..top, and the mean they should best reject.

    A good guess makes the interval narrow; any guess keeps it valid. It must be chosen before the draw.
    """

    prior: Prior
    against: Fraction


def lower_by_engine(
    x: Sequence[int], N: int | None, alpha: Level, top: int, guess: Guess, parts: int = 10**6
) -> Fraction:
    """Lower confidence bound on the mean of numbers 0..top, valid at any time, one-sided at level alpha.

    x: the numbers in the order drawn. Without replacement the bound is the least mean of N whole numbers
    that is not rejected; with replacement it is rounded down to a multiple of top / parts.
    """
    check_numbers(x, N, top)
    a = level(alpha)
    require_whole("parts", parts, 1)
    scale = N if N is not None else parts
    if not x or a == 0:
        return Fraction(sum(x), scale) if N is not None else Fraction(0)
    stakes = _stakes(x, N, top, guess)
    low, high = (sum(x) - 1, N * top) if N is not None else (-1, parts)
    while high - low > 1:  # rejected at low, not rejected at high
        middle = (low + high) // 2
        rejected = _is_rejected(x, N, a, top, stakes, middle, scale)
        low, high = (middle, high) if rejected else (low, middle)
    return Fraction(high, N) if N is not None else Fraction(top * max(low, 0), parts)


def upper_by_engine(
    x: Sequence[int], N: int | None, alpha: Level, top: int, guess: Guess, parts: int = 10**6
) -> Fraction:
    """Upper confidence bound: the lower bound of what is missing to ``top``. The guess is about top - x."""
    check_numbers(x, N, top)
    return top - lower_by_engine([top - v for v in x], N, alpha, top, guess, parts)


def between_by_engine(
    x: Sequence[int], N: int | None, alpha: Level, top: int, guesses: tuple[Guess, Guess], parts: int = 10**6
) -> tuple[Fraction, Fraction]:
    """Both bounds at once, each at alpha/2; the second guess is about top - x."""
    half = level(alpha) / 2
    low = lower_by_engine(x, N, half, top, guesses[0], parts)
    return low, upper_by_engine(x, N, half, top, guesses[1], parts)


def _stakes(x: Sequence[int], N: int | None, top: int, guess: Guess) -> Floats:
    """The default bet's stakes against the reference mean, on the lattice that holds it."""
    mean = rational(guess.against, "against")
    require(0 <= mean < top, "against", guess.against, f"a mean from 0 to below {top}")
    d = mean.denominator
    prior = Prior(tuple(v * d for v in guess.prior.values), guess.prior.weights)
    null = Null(t=mean.numerator, u=top * d, N=N, d=d)
    row = np.array([v * d for v in x], dtype=object)
    return np.asarray(default_stakes([row], [null], [prior])[0] / UNIT)


def _is_rejected(
    x: Sequence[int], N: int | None, a: Fraction, top: int, stakes: Floats, part: int, scale: int
) -> bool:
    """Is "the mean is at most part/N" (or part of ``scale`` equal parts of top) rejected at level a?"""
    if N is None:
        null, unit = Null(t=part * top, u=top * scale, d=scale), scale
    else:
        null, unit = Null(t=part, u=top * N, N=N, d=N), N
    return at_most(wealth([v * unit for v in x], null, lambda _: stakes[None, :]), a)
