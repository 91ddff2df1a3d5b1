"""The default bet where it is closest to call, for many rows at once, and what it refuses.

The slope of the logarithm of wealth at stake f is sum w a/(R + f a); cases are built so that it is exactly
0 at a stake worked out by hand, where doubles miss it by one unit.
"""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest

from tallybook.stats.default_bet import (
    CAP,
    UNIT,
    Odds,
    Prior,
    best_stake,
    best_stakes,
    best_stakes_of,
    default_bet,
    default_stakes,
    refresh_points,
)
from tallybook.stats.errors import NumberError
from tallybook.stats.lattice import Null
from tallybook.stats.martingale import wealth, wealths

TIES = [
    # 7 * 20/35 + 8 * 25/37.5 = 4 + 16/3 = 28/3 = 7 * 20/15 at f = 1/2.
    ((20, 25, -20), (7, 8, 7), 25, UNIT // 2),
    ((10, 16, -8), (6, 6, 7), 10, UNIT // 2),
    ((6, 36, -6), (4, 7, 15), 18, UNIT * 3 // 4),
    ((16, 24, -4), (6, 3, 23), 14, UNIT * 7 // 16),
    ((38, 3, -2), (21, 14, 25), 3, UNIT * 3 // 4),
    # Equal gains and losses at weights 5 and 3: f = (5 - 3)/(5 + 3).
    ((1, -1), (5, 3), 1, UNIT // 4),
    # The loss weighs one part in 10^15 more: a hair below 1/4, and no double sees it.
    ((1, -1), (5 * 10**15, 3 * 10**15 + 1), 1, UNIT // 4 - 1),
    ((1, -1), (5 * 10**15 + 1, 3 * 10**15), 1, UNIT // 4),
    # 26/21 + 19/17.5 against 7/4.5 at f = 1/2, one unit of weight beyond the tie: doubles see the tie.
    ((26, 19, -7), (6029409337189770, 6029409337189770, 9007199254740637), 8, UNIT // 2 - 1),
    ((6, 3, -6), (3602879701896244, 9007199254740610, 6808038917219527), 30, UNIT // 2 - 1),
    ((1, 34, -14), (9007199254740640, 6755399441055480, 8130182485200105), 21, UNIT * 3 // 8 - 1),
    # 1265 * 8/11 + 2277 * 9/11.5 = 920 + 1782 = 2702 = 1351 * 7/3.5 at f = 1/2. The loss weighs one part in
    # 10^15 more, so half is too much; the doubles' sum is above 0 there, and must not be believed.
    ((8, 9, -7), (5003999585966205, 9007199254739169, 5344192443193948), 7, UNIT // 2 - 1),
    ((7, 9, -2), (3578654960624250, 4294385952749100, 9007199254740421), 3, UNIT // 2 - 1),
    ((16, 28, -17), (3443531948963910, 4591375931951880, 9007199254740895), 28, UNIT // 8 - 1),
    ((1, -1), (3, 5), 1, 0),
    ((5, 3), (1, 1), 7, CAP),
    ((0, 0), (4, 4), 7, CAP),
]  # fmt: skip


def slope(gains, weights, R, i):
    """The slope at stake i/2^24, up to a positive factor, in fractions."""
    return sum((Fraction(w * a, UNIT * R + i * a) for a, w in zip(gains, weights, strict=True)), Fraction(0))


@pytest.mark.parametrize(("gains", "weights", "R", "stake"), TIES)
def test_an_exact_tie_is_decided_exactly(gains, weights, R, stake):
    odds = Odds(gains, weights, R, True)
    assert stake == 0 or slope(gains, weights, R, stake) >= 0
    assert stake == CAP or slope(gains, weights, R, stake + 1) < 0
    assert best_stake(odds) == stake
    assert best_stakes([odds]) == [stake]


def table(cases, least=0):
    """The cases side by side as arrays, narrow ones filled up with values of weight 0."""
    width = max(least, *(len(gains) for gains, *_ in cases))
    gains = np.array([[*g, *[0] * (width - len(g))] for g, *_ in cases], dtype=float)
    weights = np.array([[*w, *[0] * (width - len(w))] for _, w, *_ in cases], dtype=float)
    return gains, weights, np.array([float(R) for _, _, R, _ in cases])


def test_many_rows_at_once_are_decided_as_each_alone():
    rng = random.Random(31)
    cases = list(TIES)
    for _ in range(150):
        R, u, L = rng.randint(1, 10**6), rng.randint(1, 60), rng.randint(1, 10**5)
        gains = tuple(rng.randint(0, u) * L - R for _ in range(rng.randint(1, 5)))
        if min(gains) >= -R:
            weights = tuple(rng.randint(1, 10**5) for _ in gains)
            cases.append((gains, weights, R, best_stake(Odds(gains, weights, R, True))))
    live = np.array([k % 5 != 3 for k in range(len(cases))])
    found = best_stakes_of(*table(cases), live)
    assert found.tolist() == [case[3] if alive else 0 for case, alive in zip(cases, live, strict=True)]
    odds = [Odds(g, w, R, bool(alive)) for (g, w, R, _), alive in zip(cases, live, strict=True)]
    assert best_stakes(odds) == found.tolist()
    for gains, weights, R, stake in cases[len(TIES) :]:
        assert stake == 0 or slope(gains, weights, R, stake) >= 0
        assert stake == CAP or slope(gains, weights, R, stake + 1) < 0


def test_values_that_never_occur_change_no_stake():
    # Thirty values of weight 0 beside each case.
    everywhere = np.ones(len(TIES), dtype=bool)
    assert best_stakes_of(*table(TIES, 33), everywhere).tolist() == [stake for *_, stake in TIES]


def test_a_row_without_stakes_changes_no_other_row():
    # What a dead row holds (R = 0 or less) is never divided by.
    gains, weights, R = (
        np.array([[1.0, -1.0], [3.0, 5.0]]),
        np.array([[5.0, 3.0], [1.0, 1.0]]),
        np.array([1.0, -3.0]),
    )
    assert best_stakes_of(gains, weights, R, np.array([True, False])).tolist() == [UNIT // 4, 0]
    assert best_stakes([Odds((1, -1), (5, 3), 1, True), Odds((3, 5), (1, 1), -3, False)]) == [UNIT // 4, 0]


def test_the_stake_is_found_anew_at_powers_of_two_and_half_way_between():
    assert refresh_points(1) == [0]
    assert refresh_points(2) == [0, 1]
    assert refresh_points(3) == [0, 1, 2]
    assert refresh_points(4) == [0, 1, 2, 3]
    assert refresh_points(49) == [0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48]
    assert refresh_points(48) == [0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32]


def test_nothing_is_staked_where_the_null_is_certain_or_nothing_is_left():
    prior = Prior((3, 0), (5, 1))
    # N t = 6 is drawn after 3, 3; before draws 3 and 4 nothing is left to bet on.
    assert default_stakes([np.array([3, 3, 0, 0])], [Null(t=1, u=4, N=6)], [prior])[0, 2:].tolist() == [0, 0]
    # N t = 8 of at most 4 each: after 0, 0 two are left for 8. The null is certain.
    assert default_stakes([np.array([0, 0, 0])], [Null(t=2, u=4, N=4)], [prior])[0, 2] == 0
    assert default_stakes([np.array([0, 0, 0])], [Null(t=2, u=4, N=40)], [prior])[0, 0] > 0


def test_values_that_the_prior_did_not_name_are_counted():
    # After 0 and 4 at even weights the mean 2 equals t: nothing to win; the prior 2 is neither gain nor loss.
    null = Null(t=2, u=4)
    stakes = default_stakes([np.array([0, 4, 4, 4, 4])], [null], [Prior((2,), (1,))])[0].tolist()
    # n = 0: no gain, no loss: the cap. n = 1: one loss. n = 2: a tie at 0. n = 3: weights 2 and 1, f = 1/3.
    assert stakes == [CAP, 0, 0, UNIT // 3, UNIT // 2]


def test_each_row_follows_its_own_prior_and_its_own_null():
    rows = [[2, 0, 2, 2, 2, 0, 2], [2, 2, 2, 0, 2, 2, 2]]
    nulls = [Null(t=1, u=2), Null(t=1, u=2, N=90)]
    priors = [Prior((2, 0), (6, 4)), Prior((2, 1), (3, 3))]
    alone = [
        wealth(x, null, default_bet(p)).stakes.tolist()
        for x, null, p in zip(rows, nulls, priors, strict=True)
    ]
    together = [w.stakes.tolist() for w in wealths(rows, nulls, default_bet(priors))]
    assert together == alone
    shared = [w.stakes.tolist() for w in wealths(rows, nulls, default_bet(priors[0]))]
    assert shared[0] == alone[0]
    assert shared[1] != alone[1]
    assert [w.stakes.tolist() for w in wealths(rows, nulls, default_bet([priors[0]]))] == shared


@pytest.mark.parametrize(
    ("call", "argument", "found"),
    [
        (lambda: Prior((), ()), "weights", ()),
        (lambda: Prior((1, 2), (1,)), "weights", (1,)),
        (lambda: Prior((1, 1), (1, 2)), "values", (1, 1)),
        (lambda: Prior((1, 0), (1, 0)), "weights", 0),
        (lambda: Prior((-1, 0), (1, 1)), "values", -1),
        (lambda: default_bet([]), "priors", 0),
        (lambda: wealths([[1]] * 3, [Null(t=1, u=2)] * 3, default_bet([Prior((2,), (1,))] * 2)), "priors", 2),
        (lambda: wealths([[1]] * 2, [Null(t=1, u=2)] * 2, default_bet([Prior((2,), (1,))] * 4)), "priors", 4),
        (lambda: wealth([1], Null(t=1, u=2), default_bet(Prior((3, 1), (1, 1)))), "priors", 3),
    ],
)  # fmt: skip
def test_a_wrong_prior_is_answered_with_what_was_found(call, argument, found):
    with pytest.raises(NumberError) as problem:
        call()
    assert (problem.value.argument, problem.value.found) == (argument, found)
    assert Prior((2,), (5,)).values == (2,)
