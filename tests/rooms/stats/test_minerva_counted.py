"""Minerva, Athena and Providence against a plain count of all paths, in fractions, round by round."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from tallybook.stats.errors import NumberError
from tallybook.stats.minerva import (
    Rule,
    athena,
    chance_next,
    exact_risk,
    first_round_size,
    likelihood_ratio,
    minerva,
    providence,
    risk,
    schedule,
)

HALF = Fraction(1, 2)


def one_round(chances, share, draws):
    """The chances of each count after so many more draws."""
    for _ in range(draws):
        chances = [
            (chances[k - 1] if k else 0) * share + (chances[k] if k < len(chances) else 0) * (1 - share)
            for k in range(len(chances) + 1)
        ]
    return chances


def plain(rule, sizes):
    """Per round: the least count that stops, the chance to stop under the report and under a tie, and
    the ratio of tails at every count (None where no path leads there)."""
    alt, null, done, found = [Fraction(1)], [Fraction(1)], 0, []
    for n in sizes:
        alt, null = one_round(alt, rule.s, n - done), one_round(null, HALF, n - done)
        done = n
        tails = [(sum(alt[k:]), sum(null[k:])) for k in range(n + 1)]
        ratios = [a / b if b else None for a, b in tails]
        stops = [
            k
            for k, ratio in enumerate(ratios)
            if ratio is not None
            and ratio >= 1 / rule.alpha
            and (rule.delta is None or (2 * rule.s) ** k * (2 - 2 * rule.s) ** (n - k) >= 1 / rule.delta)
        ]
        least = stops[0] if stops else None
        found.append((least, *(tails[least] if stops else (0, 0)), ratios))
        if stops:
            alt = [a if k < least else Fraction(0) for k, a in enumerate(alt)]
            null = [b if k < least else Fraction(0) for k, b in enumerate(null)]
    return found


RULES = [
    (minerva("0.6", "0.1"), [10, 25, 60]),
    (minerva("0.75", "0.05"), [5, 11, 30, 31]),
    (minerva("0.52", "0.3"), [20, 60]),
    (minerva("1", "0.1"), [2, 4, 9]),
    (minerva("1", "0.1"), [10]),
    (minerva("0.9", "0.001"), [6, 9, 20]),
    (athena("0.75", "0.1"), [10, 20, 40]),
    pytest.param(athena("0.6", "0.2", "1/2"), [15, 30, 50], marks=pytest.mark.slow),
    (athena("0.6", "0.2", 3), [15, 30, 50]),
    # The ratio at 4 of 5 is 1.5^4 * 0.5 = 81/32 exactly.
    (athena("0.75", "0.5", "32/81"), [5]),
    (athena("0.75", "0.6", "32/81"), [5]),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "sizes"), RULES)
def test_every_round_is_that_of_all_paths_counted(rule, sizes):
    for found, (least, reported, tied, _) in zip(schedule(rule, sizes), plain(rule, sizes), strict=True):
        assert found.least == least
        assert found.stop_if_reported == pytest.approx(float(reported), rel=1e-11, abs=1e-15)
        assert found.stop_if_tied == pytest.approx(float(tied), rel=1e-11, abs=1e-15)
    assert [r.n for r in schedule(rule, sizes)] == sizes


@pytest.mark.parametrize(("rule", "sizes"), RULES)
def test_the_risk_is_one_over_the_ratio_of_all_paths_counted(rule, sizes):
    for r in range(1, len(sizes) + 1):
        ratios = plain(rule, sizes[:r])[-1][3]
        for k, ratio in enumerate(ratios):
            if ratio:
                p = min(Fraction(1), 1 / ratio)
                assert exact_risk(rule, sizes[:r], k) == p
                assert (
                    p
                    <= Fraction(risk(rule, sizes[:r], k))
                    <= p * (1 + Fraction(1, 10**9)) + Fraction(1, 10**60)
                )


def test_a_count_that_must_have_stopped_before_has_risk_one():
    # 17 of 20 stop: at most 16 go on, and five draws more make at most 21.
    rule = minerva("0.6", "0.1")
    assert plain(rule, [20])[0][0] == 17
    assert plain(rule, [20, 25])[1][3][22] is None
    assert risk(rule, [20, 25], 22) == 1.0
    assert risk(rule, [20, 25], 25) == 1.0
    assert exact_risk(rule, [20, 25], 22) == exact_risk(rule, [20, 25], 25) == 1
    # Under a report of 100 % all four stop the first round; seven of eight cannot follow.
    assert risk(minerva(1, "0.1"), [4, 8], 7) == 1.0
    assert exact_risk(minerva(1, "0.1"), [4, 8], 7) == 1


def test_a_risk_below_every_tail_kept_is_still_above_the_exact_one():
    # All of 400 draws: 2^-400 over 0.9^400; the chance under a tie is below 1e-100.
    exact = Fraction(5, 9) ** 400
    assert exact_risk(minerva("0.9", "0.1"), [400], 400) == exact
    assert exact <= Fraction(risk(minerva("0.9", "0.1"), [400], 400)) < Fraction(1, 10**60)


def test_a_report_of_one_is_refuted_by_one_loss():
    rule = minerva(1, "0.1")
    assert schedule(rule, [4])[0].least == 4
    assert risk(rule, [4], 4) == pytest.approx(1 / 16)
    assert exact_risk(rule, [4], 3) == Fraction(5, 16)
    assert providence(1, [4], [4]) == Fraction(1, 16)
    assert providence(1, [4, 8], [3, 7]) == 1


@pytest.mark.parametrize(
    ("s", "alpha", "chance"),
    [pytest.param("0.6", "0.1", 0.9, marks=pytest.mark.slow),
     ("0.6", "0.1", 0.5), ("0.6", "0.05", 0.2), ("0.75", "0.1", 0.9),
     ("0.75", "0.1", 0.99),
     ("0.9", "0.05", 0.6), ("1", "0.5", 0.9), ("1", "0.05", 0.9), ("0.65", "0.3", 0.05),
     ("0.7", "0.01", 0.8)],
)  # fmt: skip
def test_no_smaller_first_round_reaches_the_chance(s, alpha, chance):
    rule = minerva(s, alpha)
    n = first_round_size(rule, chance)
    reached = [plain_stop(rule, size) >= chance for size in range(1, n + 1)]
    assert reached == [False] * (n - 1) + [True]


def plain_stop(rule, n):
    """The chance that a first round of n stops, by whole numbers of paths."""
    top, bottom, best = Fraction(0), 0, Fraction(0)
    for k in range(n, -1, -1):
        top += math.comb(n, k) * rule.s**k * (1 - rule.s) ** (n - k)
        bottom += math.comb(n, k)
        if top * 2**n >= bottom / rule.alpha:
            best = top
    return best


def test_a_first_round_above_the_limit_is_refused_and_one_at_the_limit_is_not():
    rule = minerva("0.6", "0.1")
    n = first_round_size(rule, 0.9)
    assert 128 < n < 256
    assert first_round_size(rule, 0.9, most=n) == n
    with pytest.raises(NumberError) as problem:
        first_round_size(rule, 0.9, most=128)
    assert (problem.value.argument, problem.value.found) == ("most", 128)


@pytest.mark.parametrize("seen", [0, 6, 9, 12])
def test_the_chance_of_the_next_round_is_that_of_its_own_draws(seen):
    rule = minerva("0.7", "0.1")
    least = plain(rule, [8, 20, 33])[-1][0]
    after = one_round([Fraction(1)], rule.s, 13)
    expected = sum(chance for k, chance in enumerate(after) if seen + k >= least)
    assert chance_next(rule, [8, 20], seen, 33) == pytest.approx(float(expected), rel=1e-12)


def test_a_next_round_that_no_count_can_stop_has_no_chance():
    # 13 draws need all 13; after a round of 13 one more draw alone decides nothing (see the schedule).
    rule = minerva("0.6", "0.1")
    assert plain(rule, [13, 14])[1][0] is None
    assert chance_next(rule, [13], 12, 14) == 0.0


def test_providence_is_the_ratio_of_the_past_times_the_tail_of_this_round():
    s = Fraction(7, 10)
    past = Fraction(7, 5) ** 6 * Fraction(3, 5) ** 4
    tail = sum(math.comb(5, k) * s**k * (1 - s) ** (5 - k) for k in (4, 5)) / Fraction(6, 32)
    assert providence("0.7", [10, 15], [6, 10]) == 1 / (past * tail)
    # Only the sum of the rounds before counts, not how they were cut.
    assert providence("0.7", [4, 10, 15], [2, 6, 10]) == 1 / (past * tail)
    assert likelihood_ratio(s, 10, 6) == past
    assert providence("0.7", [10, 11], [0, 0]) == 1
    # A round of wins alone: (7/5)^3 before, (7/5)^2 in it.
    assert providence("0.7", [3, 5], [3, 5]) == Fraction(5, 7) ** 5


@pytest.mark.parametrize(
    ("s", "n"),
    [
        (Fraction(1), 10),
        (Fraction(1), 500),
        (Fraction(3, 4), 1500),
        pytest.param(Fraction(9, 10), 2000, marks=pytest.mark.slow),
    ],
)
def test_a_threshold_is_right_where_the_report_gives_it_hardly_a_chance(s, n):
    # The least count that stops lies far below every count that the report would lead one to expect.
    least = schedule(minerva(s, "0.1"), [n])[0].least
    for k, stops in ((least, True), (least - 1, False)):
        null = sum(math.comb(n, i) for i in range(k, n + 1))
        alt = sum(
            math.comb(n, i) * s.numerator**i * (s.denominator - s.numerator) ** (n - i)
            for i in range(k, n + 1)
        )
        assert (alt * 2**n >= 10 * null * s.denominator**n) is stops


def test_after_a_round_that_the_report_must_end_no_count_is_given():
    first, second = schedule(minerva("0.9", "0.1"), [2000, 4000])
    assert first.stop_if_reported == pytest.approx(1)
    assert (second.least, second.stop_if_reported) == (None, 0.0)


def test_a_rule_is_what_was_asked_for():
    assert minerva("0.6", "0.1") == Rule(Fraction(3, 5), Fraction(1, 10), None)
    assert athena("0.6", "0.1") == Rule(Fraction(3, 5), Fraction(1, 10), Fraction(1))
    assert athena("1", "1", "0.25") == Rule(Fraction(1), Fraction(1), Fraction(1, 4))


@pytest.mark.parametrize(
    ("call", "argument", "found"),
    [
        (lambda: minerva("0.5", "0.1"), "s", "0.5"),
        (lambda: minerva("1.01", "0.1"), "s", "1.01"),
        (lambda: minerva("x", "0.1"), "s", "x"),
        (lambda: minerva("0.6", "1.5"), "alpha", "1.5"),
        (lambda: athena("0.6", "0.1", 0), "delta", 0),
        (lambda: athena("0.6", "0.1", "x"), "delta", "x"),
        (lambda: schedule(minerva("0.6", "0.1"), [0, 4]), "sizes", [0, 4]),
        (lambda: schedule(minerva("0.6", "0.1"), (5, 4)), "sizes", [5, 4]),
        (lambda: schedule(minerva("0.6", "0.1"), [5.0]), "sizes", [5.0]),
        (lambda: risk(minerva("0.6", "0.1"), [10], 11), "k", 11),
        (lambda: risk(minerva("0.6", "0.1"), [10], -1), "k", -1),
        (lambda: exact_risk(minerva("0.6", "0.1"), [10], 11), "k", 11),
        (lambda: exact_risk(minerva("0.6", "0.1"), [10], -1), "k", -1),
        (lambda: exact_risk(minerva("0.6", "0.1"), [], 0), "sizes", []),
        (lambda: first_round_size(minerva("0.6", "0.1"), 1.0), "chance", 1.0),
        (lambda: chance_next(minerva("0.6", "0.1"), [10], 5, 10), "n", 10),
        (lambda: chance_next(minerva("0.6", "0.1"), [10], 11, 20), "k", 11),
        (lambda: chance_next(minerva("0.6", "0.1"), [10], -1, 20), "k", -1),
        (lambda: chance_next(minerva("0.6", "0.1"), [], 5, 20), "sizes", []),
        (lambda: providence("0.5", [10], [5]), "s", "0.5"),
        (lambda: providence("0.6", [10, 20], [5]), "counts", 1),
        (lambda: providence("0.6", [10, 20], [5, 16]), "counts", [5, 16]),
        (lambda: providence("0.6", [10, 20], (5, 4)), "counts", [5, 4]),
        (lambda: providence("0.6", [10], [-1]), "counts", -1),
        (lambda: providence("0.6", [10], [5.0]), "counts", 5.0),
    ],
)
def test_a_wrong_call_is_answered_with_what_was_found(call, argument, found):
    with pytest.raises(NumberError) as problem:
        call()
    assert (problem.value.argument, problem.value.found) == (argument, found)


def test_at_a_limit_of_one_every_first_round_stops_and_nothing_is_known_of_a_second():
    first, second = schedule(minerva("0.6", 1), [5, 10])
    assert (first.least, first.stop_if_tied, second.least) == (0, pytest.approx(1), None)
    assert exact_risk(minerva("0.6", 1), [5, 10], 3) == 1
