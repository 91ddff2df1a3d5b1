"""The default bet agrees with a second implementation, written here from ``docs/spec/risk.md`` alone."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from pathlib import Path

import pytest

from tallybook.stats.certainty import published
from tallybook.stats.default_bet import Odds, Prior, best_stake, best_stakes, default_bet
from tallybook.stats.lattice import Null
from tallybook.stats.martingale import wealth

SPEC = Path(__file__).parents[3] / "docs" / "spec" / "risk.md"
VECTORS = Path(__file__).parents[3] / "vectors" / "risk" / "default.json"
UNIT, CAP = 2**24, 2**24 - 2**18


def plain(t, u, N, prior, x):
    """Sections 3 to 6 of the specification in plain integers and fractions."""
    stakes, T, peak, found = [], Fraction(1), Fraction(1), 0
    for n, drawn in enumerate(x):
        R, L = (t, 1) if N is None else (N * t - sum(x[:n]), N - n)
        if n == 0 or n & (n - 1) == 0 or (n % 3 == 0 and (n // 3) & (n // 3 - 1) == 0):
            found = plain_stake(R, L, u, prior, x[:n])
        i = found if 0 < R < u * L else 0
        stakes.append(i)
        if u * L <= R:
            T = Fraction(0)
        elif R > 0:
            T *= Fraction((UNIT - i) * R + i * drawn * L, UNIT * R)
        peak = max(peak, T)
    return stakes, 1 / peak


def plain_stake(R, L, u, prior, past):
    if not 0 < R < u * L:
        return 0
    W = dict(prior)
    for v in past:
        W[v] = W.get(v, 0) + 1
    low, high = 0, CAP + 1
    while high - low > 1:
        i = (low + high) // 2
        if sum(Fraction(w * (v * L - R), UNIT * R + i * (v * L - R)) for v, w in W.items()) >= 0:
            low = i
        else:
            high = i
    return low


def test_the_specification_opens_with_an_example_that_is_true():
    rows = [line.split("|")[1:-1] for line in SPEC.read_text().splitlines() if line.startswith("| ")]
    table = [[int(cell) for cell in row] for row in rows if len(row) == 6 and row[0].strip().isdigit()]
    x = [row[5] for row in table]
    stakes, p = plain(1, 2, 20, [(2, 6), (0, 4)], x)
    assert len(table) == 8
    assert [row[4] for row in table] == stakes
    w = wealth(x, Null(t=1, u=2, N=20, d=2), default_bet(Prior((2, 0), (6, 4))))
    assert (w.stakes * UNIT).tolist() == stakes
    assert f"`{published(w)}`" in SPEC.read_text()
    assert p <= Fraction(published(w)) <= p * (1 + Fraction(1, 10**5))


@pytest.mark.parametrize("N", [None, 60, 61, 5000])
def test_two_implementations_stake_alike_to_the_last_bit(N):
    rng = random.Random(N or 1)
    for case in range(6):
        values = [*sorted(rng.sample(range(1, 40), 3)), 0, 40]
        t = rng.randint(5, 35)
        prior = [(v, rng.randint(1, 30)) for v in values[:4]]
        x = [rng.choice(values) for _ in range(60 if case % 3 else 20)]
        stakes, p = plain(t, 40, N, prior, x)
        null = Null(t=t, u=40, N=N)
        w = wealth(x, null, default_bet(Prior(*map(tuple, zip(*prior, strict=True)))))
        if w.impossible is None and not w.census:
            assert (w.stakes * UNIT).tolist() == stakes
            assert p <= Fraction(published(w)) <= p * (1 + Fraction(1, 10**5)) or published(w) == "1"


def test_the_search_in_doubles_is_confirmed_or_replaced_by_integers():
    rng = random.Random(5)
    cases = []
    for _ in range(400):
        L, u = rng.randint(1, 10**6), rng.randint(1, 50)
        R = rng.randint(1, u * L - 1) if u * L > 1 else 1
        gains = tuple(rng.randint(0, u) * L - R for _ in range(rng.randint(1, 6)))
        cases.append(Odds(gains, tuple(rng.randint(1, 10**4) for _ in gains), R, True))
    # Balanced odds put the zero of the slope exactly on a stake: doubles alone could go either way.
    cases += [Odds((k, -k), (5, 3), k, True) for k in (1, 3, 7, 10**6)]
    assert best_stakes(cases) == [best_stake(case) for case in cases]
    assert best_stake(cases[-1]) == UNIT // 4


def test_a_full_overstatement_lowers_the_stake():
    # 1,000 clean draws and one 0, then the stake at draw 1,537 is below that of a clean sample.
    null, prior = Null(t=99, u=200, N=10**5, d=100), Prior((100, 0), (1000, 1))
    clean = [100] * 1600
    hit = [*clean[:1000], 0, *clean[1001:]]
    bet = default_bet(prior)
    assert wealth(hit, null, bet).stakes[1536] < wealth(clean, null, bet).stakes[1536]


@pytest.mark.parametrize("case", json.loads(VECTORS.read_text())["cases"], ids=lambda case: case["name"])
def test_published_vectors_hold_for_both_implementations(case):
    N, x = case["population"] or None, case["draws"]
    stakes, _ = plain(case["t"], case["u"], N, case["prior"], x)
    assert stakes == case["stakes"]
    prior = Prior(*map(tuple, zip(*case["prior"], strict=True)))
    w = wealth(x, Null(t=case["t"], u=case["u"], N=N), default_bet(prior))
    assert (w.stakes * UNIT).tolist() == stakes
    assert published(w) == case["risk"]
