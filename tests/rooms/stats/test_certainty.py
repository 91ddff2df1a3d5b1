"""Decisions and published figures hold whatever the doubles say within their stated error.

Every expected value is the plain product of fractions, or the decimal module. A path is given a larger
error than it has, or logarithms that are off by nearly as much as stated: nothing that is decided or
published may change, because the doubles only say where to look.
"""

from __future__ import annotations

import math
import random
from dataclasses import replace
from decimal import ROUND_CEILING, Context, Decimal
from fractions import Fraction

import numpy as np
import pytest

from tallybook.stats.certainty import (
    at_most,
    exact_p,
    exact_wealth,
    p_between,
    publish,
    published,
    risk_limit,
)
from tallybook.stats.errors import NumberError
from tallybook.stats.lattice import Null
from tallybook.stats.martingale import wealth

TINY = Fraction(1, 10**60)


def staked(*stakes):
    """A bet that stakes these in turn, the last one from then on."""
    return lambda past: np.array([[stakes[min(j, len(stakes) - 1)] for j in range(past.x.shape[1])]])


def path(x, null, *stakes):
    return wealth(x, null, staked(*stakes))


def plain_wealth(w):
    """T_1 .. T_n by the definition, in fractions."""
    T, found, N = Fraction(1), [], w.null.N
    for j, (x, f) in enumerate(zip(w.x.tolist(), w.stakes.tolist(), strict=True)):
        m = Fraction(w.null.t) if N is None else Fraction(N * w.null.t - int(w.x[:j].sum()), N - j)
        T *= 1 if m <= 0 else 1 - Fraction(f) + Fraction(f) * x / m
        found.append(T)
    return found


def plain_p(w):
    return 1 / max(Fraction(1), *plain_wealth(w))


def six_digits_up(p):
    """The decimal module's six significant digits, rounded up."""
    up = Context(prec=6, rounding=ROUND_CEILING)
    return up.divide(Decimal(p.numerator), Decimal(p.denominator))


def doubtful(w, rng):
    """The same path with less trusted and with misplaced logarithms; the stated error covers them."""
    for error in (1e-9, 1e-3, 0.5, 40.0):
        yield replace(w, error=w.error + error)
        shift = np.array([rng.uniform(-error, error) for _ in w.x])
        yield replace(w, error=w.error + error, log_wealth=w.log_wealth + shift)
    yield replace(w, error=w.error + 1.0, log_wealth=w.log_wealth + 1.0)
    yield replace(w, error=w.error + 1.0, log_wealth=w.log_wealth - 1.0)


def paths():
    """Twelve games on random numbers, a third of them with replacement."""
    rng = random.Random(7)
    found = []
    for case in range(12):
        u, n = rng.choice([2, 5, 40]), rng.randint(1, 40)
        t = rng.randint(1, u - 1)
        N = None if case % 3 == 0 else n * 50
        x = [rng.choice([0, u, u, rng.randint(0, u)]) for _ in range(n)]
        w = path(x, Null(t=t, u=u, N=N), *(rng.choice([0.25, 0.5, 0.1, 63 / 64]) for _ in range(n)))
        found.append(pytest.param(w, id=f"{case}"))
    return found


@pytest.mark.parametrize("w", paths())
def test_what_is_published_does_not_depend_on_how_far_doubles_are_trusted(w):
    p = plain_p(w)
    for doubted in (w, *doubtful(w, random.Random(3))):
        assert exact_p(doubted) == p
        assert Decimal(published(doubted)) == six_digits_up(p)


@pytest.mark.parametrize("w", paths())
def test_what_is_decided_does_not_depend_on_how_far_doubles_are_trusted(w):
    p = plain_p(w)
    for doubted in (w, *doubtful(w, random.Random(4))):
        assert at_most(doubted, p)
        assert at_most(doubted, min(Fraction(1), p + TINY))
        assert not at_most(doubted, p - TINY)


def test_the_draw_of_the_highest_wealth_is_found_wherever_it_lies():
    # Factors 1.5 and 0.5 by turns: T is 1.5 * 0.75^k at its crests, the first is the highest.
    falling = path([2, 0] * 8, Null(t=1, u=2), 0.5)
    assert {exact_p(w) for w in doubtful(falling, random.Random(1))} == {Fraction(2, 3)}
    assert {published(w) for w in doubtful(falling, random.Random(1))} == {"0.666667"}
    # The last draw is the highest: T = 1.5^8.
    rising = path([2] * 8, Null(t=1, u=2), 0.5)
    assert {exact_p(w) for w in doubtful(rising, random.Random(1))} == {Fraction(2, 3) ** 8}
    # And one in the middle: 1.5, 2.25, 1.125, 1.6875.
    middle = path([2, 2, 0, 2], Null(t=1, u=2), 0.5)
    assert {published(w) for w in doubtful(middle, random.Random(1))} == {"0.444445"}


def test_a_risk_that_is_exactly_the_limit_is_at_most_the_limit():
    # 10/3 * 6 = 20, although neither 256 bits nor doubles hold 10/3.
    tie = path([10, 18], Null(t=3, u=20), 1.0)
    for w in (tie, *doubtful(tie, random.Random(2))):
        assert at_most(w, "0.05")
        assert not at_most(w, Fraction(1, 20) - TINY)
        assert published(w) == "0.0500000"


@pytest.mark.parametrize("n", [300, 800, 2000])
def test_wealth_beyond_every_double_is_still_decided_and_published_exactly(n):
    # T = 1.5^n: beyond 2^256 at n = 800, beyond e^700 at n = 2000.
    w = path([2] * n, Null(t=1, u=2), 0.5)
    p = Fraction(2, 3) ** n
    for doubted in (w, replace(w, error=w.error + 1e-3)):
        assert at_most(doubted, p)
        assert not at_most(doubted, p * (1 - TINY))
        assert Decimal(published(doubted)) == six_digits_up(p)


def test_wealth_that_was_nearly_lost_and_won_back_is_exact():
    # 64^-50 and back by factors of 127/64: far below 2^-256 in between.
    w = path([0] * 50 + [2] * 400, Null(t=1, u=2), 63 / 64)
    p = Fraction(64**50 * 64**400, 127**400)
    for doubted in (w, replace(w, error=w.error + 1e-3)):
        assert Decimal(published(doubted)) == six_digits_up(p)
        assert at_most(doubted, p)
        assert not at_most(doubted, p * (1 - TINY))


def test_a_draw_that_bets_on_nothing_leaves_the_wealth_as_it_was():
    # N t = 4 is drawn after two draws; what is left must be 0, and two zeros follow.
    w = path([3, 3, 0, 0], Null(t=1, u=4, N=6), 0.5)
    # m = 1, then 3/5: 1/2 + 3/2 = 2, and 1/2 + 5/2 = 3.
    for doubted in (w, *doubtful(w, random.Random(6))):
        assert exact_p(doubted) == Fraction(1, 6)
        assert published(doubted) == "0.166667"
        assert at_most(doubted, Fraction(1, 6))
    assert [exact_wealth(w, j) for j in range(5)] == [1, 2, 6, 6, 6]


def test_an_impossible_null_is_rejected_at_every_limit_and_a_census_decides():
    impossible = path([2, 2, 2], Null(t=1, u=2, N=5), 0.5)
    assert impossible.impossible == 3
    assert at_most(impossible, TINY)
    assert exact_p(impossible) == 0
    assert published(impossible) == "0"
    late = path([0, 0, 2, 2, 2, 2, 2], Null(t=1, u=2, N=8), 0.5)
    assert (late.impossible, late.p[1]) == (7, 1.0)
    assert exact_p(late) == 0
    counted = path([2, 0], Null(t=1, u=2, N=2), 0.5)
    assert not at_most(counted, 1 - TINY)
    assert at_most(counted, 1)
    assert exact_p(counted) == 1
    won = path([2, 1], Null(t=1, u=2, N=2), 0.5)
    assert at_most(won, TINY)
    assert exact_p(won) == 0
    assert published(won) == "0"


def test_a_limit_of_one_is_always_met():
    assert at_most(path([0], Null(t=1, u=2), 0.5), 1)
    assert not at_most(path([0], Null(t=1, u=2), 0.5), 1 - TINY)


def test_a_limit_close_to_one_is_compared_exactly():
    # T = 1 + 2^-10. The limit lies between the exact risk and the double next to it.
    w = path([2], Null(t=1, u=2), 2.0**-10)
    p = Fraction(1024, 1025)
    w = replace(w, error=np.array([math.ulp(float(w.log_wealth[0]))]))
    for k in range(1, 60):
        assert not at_most(w, p - Fraction(k, 10**18)), k
        assert at_most(w, p + Fraction(k, 10**18)), k


def test_a_limit_below_every_double_is_compared_exactly():
    limit = Fraction(1, 10**400)
    assert not at_most(path([2] * 40, Null(t=1, u=2), 0.5), limit)
    n = math.ceil(400 / math.log10(1.5))
    assert at_most(path([2] * n, Null(t=1, u=2), 0.5), limit)
    assert not at_most(path([2] * (n - 1), Null(t=1, u=2), 0.5), limit)


@pytest.mark.parametrize(
    ("low", "high"), [(0.0, 0.0), (0.0, 1e-12), (1.5, 1.5), (3.0, 3.0 + 1e-9), (0.1, 7.3)]
)
def test_bounds_from_logarithms_enclose_the_exponential(low, high):
    rng, exact = random.Random(8), Context(prec=60)
    for _ in range(50):
        shift = rng.uniform(0, 100) if low else 0.0
        a, b = low + shift, high + shift
        least, most = p_between(a, b)
        below, above = (Fraction(exact.exp(Decimal(-v))) for v in (b, a))
        assert below * (1 - Fraction(1, 10**14)) <= least <= below
        assert above <= most <= min(Fraction(1), above * (1 + Fraction(1, 10**14)))


@pytest.mark.parametrize("log", [511.9, 700.0, 745.2, 5_000.25, 65_000.0])
def test_far_below_the_least_double_p_is_still_bounded_on_both_sides(log):
    """exp(-log) to 60 digits by the decimal module; a power of n roundings is off by n of them."""
    exact = Fraction(Context(prec=60).exp(Decimal(-log)))
    least, most = p_between(log, log)
    assert exact * (1 - Fraction(1, 10**12)) <= least < exact < most <= exact * (1 + Fraction(1, 10**12))


def test_beyond_the_reach_of_powers_of_doubles_the_bounds_are_the_trivial_ones():
    assert p_between(0.0, 65_536.0) == (0, 1)
    assert p_between(720.0, 1e9)[0] == 0


@pytest.mark.parametrize(
    ("p", "text"),
    [
        ("0.000001", "0.00000100000"), ("0.00000099", "9.90000e-7"), (Fraction(1, 3), "0.333334"),
        ("0.01", "0.0100000"), ("0.0999999", "0.0999999"), ("0.09999991", "0.100000"), ("0.9999991", "1"),
        ("0.999999", "0.999999"), ("1e-7", "1.00000e-7"), (Fraction(1, 10**400), "1.00000e-400"), (0, "0"),
        (1, "1"), ("1.5", "1"), (25, "1"),
    ],
)  # fmt: skip
def test_six_digits_are_printed_plainly_down_to_a_millionth(p, text):
    assert publish(p) == text


def test_a_wrong_limit_and_a_wrong_risk_are_shown():
    for bad in (0, "-0.1", "1.01"):
        with pytest.raises(NumberError) as problem:
            risk_limit(bad)
        assert (problem.value.argument, problem.value.found) == ("alpha", bad)
    with pytest.raises(NumberError) as problem:
        publish("-0.1")
    assert (problem.value.argument, problem.value.found) == ("p", "-0.1")
