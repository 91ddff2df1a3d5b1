"""Many tests at once give what the engine gives one by one."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from tallybook.stats import many
from tallybook.stats.certainty import published
from tallybook.stats.default_bet import Prior, default_bet
from tallybook.stats.errors import NumberError
from tallybook.stats.lattice import Null
from tallybook.stats.many import default_risks, published_risks
from tallybook.stats.martingale import EPS, wealth

VALUES, WEIGHTS = [0, 1, 2], [1, 10, 500]


def one_by_one(codes, scales, nulls):
    for a, (scale, null) in enumerate(zip(scales, nulls, strict=True)):
        table = [v * scale for v in VALUES]
        bet = default_bet(Prior(tuple(table), tuple(WEIGHTS)))
        yield wealth([table[c] for c in codes[:, a].tolist()], null, bet)


@pytest.mark.parametrize("seed", range(6))
def test_every_risk_equals_that_of_the_engine(seed):
    rng = np.random.default_rng(seed)
    n, scales = 300 + 97 * seed, [1, 7, 40, 1, 5]
    nulls = [
        Null(t=1, u=2, N=2000),
        Null(t=13, u=28, N=900),
        Null(t=79, u=160),
        Null(t=1, u=2, N=n + 1),
        Null(t=8, u=10, N=n),
    ]
    codes = rng.choice(
        np.arange(3, dtype=np.uint8), (n, 5), p=[0.02, 0.08, 0.9] if seed % 2 else [0.3, 0.2, 0.5]
    )
    risks = default_risks(codes, VALUES, scales, nulls, WEIGHTS)
    for a, path in enumerate(one_by_one(codes, scales, nulls)):
        if path.p[-1] in (0.0, 1.0):
            assert risks.p[a] == path.p[-1]
        else:
            assert abs(-np.log(path.p[-1]) - risks.log_peak[a]) <= risks.error[a] + path.error[-1]
    assert 4 in risks.played
    alone = [published(path) for path in one_by_one(codes, scales, nulls)]
    assert published_risks(codes, VALUES, scales, nulls, WEIGHTS) == alone


def test_numbers_too_wide_for_doubles_go_to_the_engine():
    codes = np.array([[2], [2], [0]], dtype=np.uint8)
    wide = default_risks(codes, VALUES, [10**15], [Null(t=10**15, u=2 * 10**15, N=50)], WEIGHTS)
    narrow = default_risks(codes, VALUES, [1], [Null(t=1, u=2, N=50)], WEIGHTS)
    assert list(wide.played) == [0]
    assert not narrow.played
    assert wide.p == pytest.approx(narrow.p, rel=1e-12)


def test_numbers_beyond_a_machine_word_go_to_the_engine_too():
    codes = np.array([[2], [2], [0]], dtype=np.uint8)
    wide = default_risks(codes, VALUES, [10**20], [Null(t=10**20, u=2 * 10**20, N=50)], WEIGHTS)
    assert list(wide.played) == [0]
    assert wide.p == pytest.approx(default_risks(codes, VALUES, [1], [Null(t=1, u=2, N=50)], WEIGHTS).p)


ONE_WIN = (np.array([[1]], dtype=np.uint8), [0, 3], [1], [Null(t=1, u=3)], [1, 2])
"""A 3 is expected in two of three draws, the null mean is 1: Kelly stakes 2/3 - (1/3)/2 = 1/2, and wins 2."""


def test_one_win_at_the_stake_of_kelly_doubles_the_wealth():
    risks = default_risks(*ONE_WIN)
    assert risks.p.tolist() == [0.5]
    assert risks.log_peak == pytest.approx([math.log(2)], rel=1e-15)
    assert published_risks(*ONE_WIN) == ["0.500000"]
    # At least the engine's own bound, 1.1 EPS (10 + 10 ln 2), and not half as much again.
    engine = 1.1 * EPS * 10 * (1 + math.log(2))
    assert engine <= risks.error[0] <= 1.5 * engine


@pytest.mark.parametrize("off", [-0.9, 0.9])
def test_doubles_that_are_off_within_their_error_change_no_published_risk(monkeypatch, off):
    risks, error = default_risks(*ONE_WIN), 1e-3
    shifted = replace(risks, log_peak=risks.log_peak + off * error, error=np.array([error]))
    monkeypatch.setattr(many, "default_risks", lambda *_: shifted)
    assert published_risks(*ONE_WIN) == ["0.500000"]


@pytest.mark.parametrize(("last", "p", "log_peak"), [(2, 0.0, math.inf), (0, 1.0, 0.0)])
def test_a_count_to_the_end_gives_the_risk_the_logarithm_and_no_warning(last, p, log_peak):
    # 2, 2, 0 and the last of N = 4 with a null mean of 1: 6 of 4 is too many, 4 of 4 is the null itself.
    codes = np.array([[2], [2], [0], [last]], dtype=np.uint8)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        risks = default_risks(codes, VALUES, [1], [Null(t=1, u=2, N=4)], WEIGHTS)
    assert (risks.p.tolist(), risks.log_peak.tolist()) == ([p], [log_peak])


@pytest.mark.parametrize(
    ("codes", "argument"),
    [([[3]], "codes"), ([[0]] * 60, "codes"), ([[0, 1]], "codes")],
)
def test_bad_input_is_named(codes, argument):
    with pytest.raises(NumberError) as problem:
        default_risks(np.array(codes, dtype=np.uint8), VALUES, [1], [Null(t=1, u=2, N=50)], WEIGHTS)
    assert problem.value.argument == argument


def test_where_the_doubles_leave_a_doubt_the_engine_decides(monkeypatch):
    rng = np.random.default_rng(8)
    nulls, scales = [Null(t=1, u=2, N=900), Null(t=13, u=28)], [1, 7]
    codes = rng.choice(np.arange(3, dtype=np.uint8), (60, 2), p=[0.05, 0.15, 0.8])
    alone = [published(path) for path in one_by_one(codes, scales, nulls)]
    monkeypatch.setattr(many, "p_between", lambda _low, _high: (Fraction(0), Fraction(1)))
    assert published_risks(codes, VALUES, scales, nulls, WEIGHTS) == alone


def test_small_populations_and_draws_with_replacement_equal_the_engine():
    rng = np.random.default_rng(17)
    kinds = {"0": 0, "1": 0, "between": 0}
    for _ in range(15):
        n, A = int(rng.integers(3, 13)), 4
        scales = [1, 3, 1, 2]
        nulls = [
            Null(t=1, u=2, N=n + int(rng.integers(0, 4))),
            Null(t=4, u=6, N=n + int(rng.integers(0, 30))),
            Null(t=1, u=2),
            Null(t=int(rng.integers(0, 4)), u=4),
        ]
        codes = rng.choice(np.arange(3, dtype=np.uint8), (n, A), p=[0.1, 0.2, 0.7])
        paths = list(one_by_one(codes, scales, nulls))
        risks = default_risks(codes, VALUES, scales, nulls, WEIGHTS)
        assert published_risks(codes, VALUES, scales, nulls, WEIGHTS) == [published(p) for p in paths]
        assert risks.p == pytest.approx([p.p[-1] for p in paths], rel=1e-9)
        for a, path in enumerate(paths):
            kinds[{0.0: "0", 1.0: "1"}.get(float(path.p[-1]), "between")] += 1
            assert (a in risks.played) or n != nulls[a].N
            assert risks.error[a] >= path.error[-1]  # no smaller than the engine states for itself
    assert min(kinds.values()) >= 2


def test_numbers_whose_sums_are_too_wide_go_to_the_engine_even_where_the_null_is_narrow():
    codes = np.array([[2], [0], [1]], dtype=np.uint8)
    null = Null(t=10**14, u=2 * 10**15, N=50)
    found = default_risks(codes, VALUES, [10**15], [null], WEIGHTS)
    assert list(found.played) == [0]
    assert found.p[0] == next(one_by_one(codes, [10**15], [null])).p[-1]


@pytest.mark.parametrize("seed", range(4))
def test_draws_with_replacement_leave_the_null_as_it_is(seed):
    rng = np.random.default_rng(seed)
    codes = rng.choice(np.arange(3, dtype=np.uint8), (60, 1), p=[0.02, 0.28, 0.7])
    null = Null(t=4, u=6)
    (path,) = one_by_one(codes, [3], [null])
    assert 0 < path.p[-1] < 1
    assert published_risks(codes, VALUES, [3], [null], WEIGHTS) == [published(path)]
    assert not default_risks(codes, VALUES, [3], [null], WEIGHTS).played


def test_a_census_that_meets_the_null_exactly_is_decided_by_the_count():
    codes = np.array([[2], [2], [0], [0], [1], [1]], dtype=np.uint8)  # six of six, sum 6: a mean of 1
    assert published_risks(codes, VALUES, [1], [Null(t=1, u=2, N=6)], WEIGHTS) == ["1"]
