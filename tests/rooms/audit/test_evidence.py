"""Every kind of evidence, alone and mixed: hand-worked numbers, and the guarantee by enumeration."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from tallybook.audit.batches import batch_bounds, batch_margin, batch_part, combined
from tallybook.audit.comparison import comparison_part, overstatement_part, overstatements
from tallybook.audit.evidence import LACKS, NOT_FOUND, Scale, codes_in_order, outside, points_of
from tallybook.audit.measuring import (
    Evidence,
    contest_risk,
    measure,
    path,
    points_between,
    true_points,
    withstands,
)
from tallybook.audit.polling import polling_part
from tallybook.audit.pools import Pool, Read, pool_value, pooled_part
from tallybook.audit.strata import together, union_is_met, union_risk
from tallybook.stats.certainty import published
from tallybook.stats.comparison import comparison_null, comparison_number
from tallybook.stats.default_bet import Prior, default_bet
from tallybook.stats.draws import draw_consistently, ticket
from tallybook.stats.errors import NumberError
from tallybook.stats.martingale import wealth
from tallybook.stats.strata_certainty import union_between

WIN, LOSE, BLANK = 1, 2, 3
PLURALITY = Scale(-1, 1, (1, -1, 0))
"""Patterns: a vote for the winner, one for the loser, a blank."""


def test_a_card_that_lacks_the_contest_follows_the_rule_stated_before_the_draw():
    assert points_of(PLURALITY, [WIN, LOSE, BLANK, LACKS, NOT_FOUND], "carries").tolist() == [
        1,
        -1,
        0,
        -1,
        -1,
    ]
    assert points_of(PLURALITY, [WIN, LOSE, BLANK, LACKS, NOT_FOUND], "may_lack").tolist() == [
        1,
        -1,
        0,
        0,
        -1,
    ]


def test_an_overstatement_is_what_the_record_gave_too_much():
    part = comparison_part(
        PLURALITY, 100, 20, [WIN, WIN, LOSE, BLANK], [WIN, LOSE, WIN, NOT_FOUND], "carries"
    )
    assert part.x.tolist() == [2, 0, 4, 1]
    assert overstatements(part) == {-2: 1, 1: 1, 2: 1}


def test_a_phantom_without_a_record_overstates_by_one_vote():
    part = comparison_part(PLURALITY, 100, 20, [LACKS], [NOT_FOUND], "carries")
    assert overstatements(part) == {1: 1}


def test_a_clean_comparison_needs_about_the_draws_that_the_papers_give():
    # COBRA with no errors expected stakes nearly all: n = ln(1/alpha)/ln(noerror/(1/2)) = 59 at v = 10 %.
    N, G = 10_000, 1_000
    clean = [WIN] * 80
    part = comparison_part(PLURALITY, N, G, clean, clean, "carries")
    p = path(part).p
    assert 59 <= int((p <= 0.05).argmax()) + 1 <= 66


def test_the_numbers_are_the_overstatement_assorter_of_the_papers():
    # SHANGRLA's own form: v = 2 (reported mean) - 1 = 100/1000 for plurality, u = 1, x = 1 - w/u.
    recorded, found = [WIN, WIN, LOSE, BLANK] * 15, [WIN, WIN, LOSE, WIN] * 15
    found[7] = LOSE
    part = comparison_part(PLURALITY, 1_000, 100, recorded, found, "carries")
    null = comparison_null("1/10", 1, Fraction(1, 2), 1_000)
    A = {WIN: Fraction(1), LOSE: Fraction(0), BLANK: Fraction(1, 2)}
    x = [comparison_number(A[r] - A[f], 1, null) for r, f in zip(recorded, found, strict=True)]
    prior = Prior(tuple(v * null.u // 4 for v in part.prior), tuple(part.prior.values()))
    (risk,) = measure([Evidence("a", (part,))], "0.05")
    assert risk.risk == published(wealth(x, null, default_bet(prior)))


def test_a_tighter_assertion_has_the_larger_risk_and_speaks_for_the_contest():
    cards = [WIN] * 70
    parts = [comparison_part(PLURALITY, 10_000, G, cards, cards, "carries") for G in (900, 1_800)]
    risks = measure([Evidence(str(i), (part,)) for i, part in enumerate(parts)], "0.05")
    assert Fraction(risks[0].risk) > Fraction(risks[1].risk)
    assert contest_risk(risks).name == "0"


def test_many_assertions_at_once_give_the_risks_of_each_alone():
    rng = np.random.default_rng(1)
    evidence = []
    for a in range(6):
        recorded = rng.choice([WIN, LOSE, BLANK], 300, p=[0.5, 0.4, 0.1])
        found = np.where(rng.random(300) < 0.01, BLANK, recorded)
        part = comparison_part(PLURALITY, 5_000, 100 + 50 * a, recorded, found, "carries")
        evidence.append(Evidence(str(a), (part,)))
    assert measure(evidence, "0.05") == [measure([one], "0.05")[0] for one in evidence]


def test_after_a_full_count_the_count_decides_whoever_won():
    for codes, holds in (([WIN, WIN, LOSE], True), ([WIN, LOSE], False), ([LOSE, LOSE, WIN], False)):
        part = polling_part(PLURALITY, len(codes), codes, "may_lack")
        (risk,) = measure([Evidence("a", (part,))], "0.05")
        assert (risk.how, risk.is_met, risk.risk) == ("count", holds, "0" if holds else "1")


def test_an_audit_that_read_nothing_has_shown_nothing():
    (risk,) = measure([Evidence("a", (polling_part(PLURALITY, 10, [], "may_lack"),))], "0.05")
    assert (risk.risk, risk.is_met, risk.how) == ("1", False, "nothing")


def test_pending_cards_count_against_the_assertion_in_full():
    clean = [WIN] * 200
    part = comparison_part(PLURALITY, 1_000, 100, clean, clean, "carries")
    settled, open_ = (measure([Evidence("a", (part,), outside(PLURALITY, n))], "0.05")[0] for n in (0, 100))
    assert settled.is_met
    assert (open_.risk, open_.is_met) == ("1", False)


def test_a_contest_uses_others_cards_up_to_the_first_of_its_own_that_was_left_out():
    seed, cards = "31415926535897932384", [f"card {i}" for i in range(40)]
    sheriff = cards[::3]
    sample = draw_consistently(seed, {"mayor": cards, "sheriff": sheriff}, {"mayor": 12, "sheriff": 0})
    drawn = sorted(cards, key=lambda card: ticket(seed, card))[:12]
    codes = codes_in_order(sample, "sheriff", {card: cards.index(card) for card in drawn})
    assert [cards[code] for code in codes] == [card for card in drawn if card in sheriff]
    with pytest.raises(NumberError, match="a reading of every usable card"):
        codes_in_order(sample, "mayor", {drawn[0]: WIN})


# --- Batches.


def test_the_total_bound_of_equal_batches_is_that_of_the_paper():
    # Stark 2010: 100 equal batches 60-40 give U = 6; 50 batches 52-48 with 5 blanks give U = 27.25.
    names = [f"b{i}" for i in range(100)]
    margin = batch_margin([20] * 100, -1)
    bounds = batch_bounds([dict.fromkeys(names, 20)], dict.fromkeys(names, 100), [-1], [margin])
    assert bounds.U == 6
    few = names[:50]
    margin = batch_margin([4] * 50, -1)
    bounds = batch_bounds([dict.fromkeys(few, 4)], dict.fromkeys(few, 105), [-1], [margin])
    assert bounds.U == Fraction(109, 4) == Fraction("27.25")


def test_clean_batch_draws_confirm_about_as_soon_as_kaplan_markov():
    names = [f"b{i}" for i in range(100)]
    bounds = batch_bounds([dict.fromkeys(names, 20)], dict.fromkeys(names, 100), [-1], [2_000])
    part = batch_part(bounds, 2_000, -1, names[:20], dict.fromkeys(names, 0))
    p = path(part).p
    assert 17 <= int((p <= 0.05).argmax()) + 1 <= 18


def test_votes_in_no_batch_shrink_the_margin_by_the_worst_they_can_hold():
    assert batch_margin([20, 30], -1, 10) == 40
    with pytest.raises(NumberError, match="count in full"):
        batch_bounds([{"a": 5}], {"a": 10}, [-1], [batch_margin([5], -1, 5)])


def test_batches_counted_together_are_one_unit_with_the_sum_of_their_weights():
    bounds = batch_bounds([{"a": 2, "b": 3, "c": 4}], {"a": 10, "b": 10, "c": 10}, [-1], [9])
    joined = combined(bounds, {"a+b": ("a", "b")})
    assert joined.weights == {"c": 14, "a+b": 25}
    assert joined.U == bounds.U
    assert batch_part(joined, 9, -1, ["a+b"], {"a+b": 0}).x.tolist() == [2**20]


def test_a_batch_of_the_same_name_elsewhere_is_not_fused():
    bounds = batch_bounds([{"x": 1, "y": 1}], {"x": 2, "y": 2}, [-1], [2])
    with pytest.raises(NumberError, match="names that no other batch has"):
        combined(bounds, {"y": ("x",)})


# --- Pools.


def test_a_pooled_card_is_compared_with_the_mean_of_its_pool():
    assert pool_value(Pool(3, 1)) == round(1024 / 3)
    part = pooled_part(
        PLURALITY, 10, 4, {"p": Pool(4, 2)}, [Read(WIN, WIN), Read(WIN, pool="p"), Read(LACKS, pool="p")]
    )
    assert part.x.tolist() == [2048, 2048 - 512 + 1024, 2048 - 512]
    assert part.offset == 14 * 2048 - (4 * 1024 + 2 * 1024 // 4 * 4)


def test_pools_without_pools_are_a_card_comparison():
    codes = [WIN, LOSE, BLANK, WIN]
    own = pooled_part(PLURALITY, 100, 30, {}, [Read(c, c) for c in codes])
    plain = comparison_part(PLURALITY, 100, 30, codes, codes, "carries")
    assert [x // 1024 for x in own.x.tolist()] == plain.x.tolist()
    assert own.offset == 1024 * plain.offset


# --- The guarantee, by enumeration: a false assertion is confirmed in at most a share alpha of all orders.


def false_polling(order):
    return (polling_part(PLURALITY, len(order), list(order), "may_lack"),)


def false_comparison(order):
    """Pairs (recorded, read): the records say 4 to 2, the paper says 3 to 3."""
    recorded, found = zip(*order, strict=True)
    return (comparison_part(PLURALITY, 6, 2, recorded, found, "carries"),)


def false_pools(order):
    """Pairs (read, pool): a pool of four reported at +2 is even, and two cards of their own cancel."""
    reads = [Read(code, pool=pool) if pool else Read(code, code) for code, pool in order]
    return (pooled_part(PLURALITY, 2, 0, {"p": Pool(4, 2)}, reads),)


@pytest.mark.parametrize(
    ("population", "part"),
    [
        ([WIN, WIN, WIN, LOSE, LOSE, LOSE], false_polling),
        ([WIN, WIN, LOSE, LOSE, LOSE, BLANK], false_polling),
        ([(WIN, LOSE), *[(WIN, WIN)] * 3, *[(LOSE, LOSE)] * 2], false_comparison),
        ([(WIN, "p"), (WIN, "p"), (LOSE, "p"), (LOSE, "p"), (WIN, ""), (LOSE, "")], false_pools),
    ],
)
def test_no_order_of_the_draw_is_confirmed_too_often(population, part):
    orders = sorted(set(itertools.permutations(population)))
    least = sorted(float(path(part(order)[0]).p[-2]) for order in orders)
    for p in least:
        assert sum(other <= p for other in least) <= p * len(least) + 1e-9


def test_two_strata_are_confirmed_too_rarely_by_enumeration():
    """A polled stratum and a compared one that tie together: every order of both, before the end."""
    polled, kinds = [WIN, WIN, LOSE, WIN], [(WIN, LOSE), (LOSE, LOSE), (WIN, WIN), (LOSE, LOSE)]
    seen = []
    for a in set(itertools.permutations(polled)):
        for b in sorted(set(itertools.permutations(kinds))):
            first = polling_part(PLURALITY, 4, a[:3], "may_lack")
            o = [{(WIN, LOSE): 2}.get(kind, 0) for kind in b[:3]]
            second = overstatement_part(2, 4, 0, np.array(o), {0: 1, 1: 1, 2: 96, 3: 1, 4: 1})
            seen.append(union_risk([first, second]).p)
    for a in (0.05, 0.1, 0.2, 0.5):
        assert sum(p <= a for p in seen) <= a * len(seen)


def test_a_true_pair_of_strata_is_confirmed():
    polled = polling_part(PLURALITY, 2_000, ([WIN] * 7 + [LOSE] * 3) * 20, "may_lack")
    clean = [WIN] * 100
    compared = comparison_part(PLURALITY, 3_000, 900, clean, clean, "carries")
    (risk,) = measure([Evidence("a", (polled, compared))], "0.05")
    assert risk.how == "strata"
    assert risk.is_met


def test_a_limit_between_the_true_risk_and_its_double_is_decided_by_the_true_one():
    polled = polling_part(PLURALITY, 2_000, ([WIN] * 7 + [LOSE] * 3) * 20, "may_lack")
    compared = comparison_part(PLURALITY, 3_000, 900, [WIN] * 100, [WIN] * 100, "carries")
    parts = (polled, compared)
    p = union_risk(parts).p
    low, high = union_between(*together(parts, 0))
    assert high < Fraction(p) < high * Fraction(1_000_001, 1_000_000)
    assert union_is_met(parts, p, (high + Fraction(p)) / 2)
    assert not union_is_met(parts, p, low * Fraction(999_999_999, 1_000_000_000))
    assert not union_is_met(parts, p, high * Fraction(9, 10))


def test_three_kinds_of_evidence_serve_one_assertion():
    names = [f"b{i}" for i in range(40)]
    bounds = batch_bounds([dict.fromkeys(names, 20)], dict.fromkeys(names, 100), [-1], [800])
    batches = batch_part(bounds, 800, -1, names, dict.fromkeys(names, 0))
    clean = [WIN] * 150
    compared = comparison_part(PLURALITY, 3_000, 900, clean, clean, "carries")
    polled = polling_part(PLURALITY, 2_000, ([WIN] * 7 + [LOSE] * 3) * 20, "may_lack")
    (risk,) = measure([Evidence("a", (polled, compared, batches), outside(PLURALITY, 50))], "0.05")
    assert risk.is_met


# --- What else a sample says.


def test_the_interval_for_the_margin_holds_the_true_margin_and_shrinks():
    truth = ([WIN] * 6 + [LOSE] * 4) * 100
    rng = np.random.default_rng(3)
    order = rng.permutation(truth)
    few, more = (
        points_between(polling_part(PLURALITY, 1_000, order[:n], "may_lack"), "0.05") for n in (60, 400)
    )
    assert few[0] <= 200 <= few[1]
    assert more[0] <= 200 <= more[1]
    assert more[1] - more[0] < few[1] - few[0]


def test_what_an_audit_withstands_is_the_last_number_of_errors_that_still_meets_the_limit():
    clean = [WIN] * 150
    part = comparison_part(PLURALITY, 10_000, 1_000, clean, clean, "carries")
    errors = withstands(part, "0.05", 2)
    assert errors is not None

    def with_errors(n):
        found = [LOSE] * n + [WIN] * (150 - n)
        return measure(
            [Evidence("a", (comparison_part(PLURALITY, 10_000, 1_000, clean, found, "carries"),))], "0.05"
        )

    assert with_errors(errors)[0].is_met
    assert not with_errors(errors + 1)[0].is_met


def test_true_points_of_a_full_count_are_the_margin():
    part = comparison_part(PLURALITY, 4, 2, [WIN, WIN, WIN, LOSE], [WIN, LOSE, BLANK, LOSE], "carries")
    assert true_points(Evidence("a", (part,))) == -1
