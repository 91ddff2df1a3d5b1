"""Plans over strata and pools: between what is known of their ends, and honest against simulated audits."""

from fractions import Fraction

import numpy as np
import pytest

from tallybook.audit.comparison import ErrorRates
from tallybook.audit.evidence import Part, Scale
from tallybook.audit.planning import Shape, plan_card_comparison, plan_polling
from tallybook.audit.pool_plans import expected_numbers, plan_pools
from tallybook.audit.pools import UNIT, Pool
from tallybook.audit.strata import union_risk
from tallybook.audit.strata_plans import StratumShape, plan_strata

PAIR = Scale(-1, 1)
NONE = ErrorRates(Fraction(0), Fraction(0))


def stratum(name, how, N, ups, downs, minutes=5):
    return StratumShape(name, how, N, ups, downs, -1, 1, Fraction(minutes))


def test_a_pool_of_one_mind_costs_as_little_as_records():
    """Every card of the pool is for the winner: its mean is what each card shows, and nothing scatters."""
    pools = {"p": Pool(20_000, 20_000, {1: 20_000})}
    with_pool = plan_pools(PAIR, 80_000, -10_000, pools, "0.05", NONE)
    records = plan_card_comparison(Shape("a", 100_000, 10_000, -1, 1, 55_000, 45_000), "0.05", NONE)
    assert with_pool.sizes[0.9] == pytest.approx(records.sizes[0.9], rel=0.1)


def test_a_pool_of_two_minds_costs_more_than_records_and_less_than_polling():
    pools = {"p": Pool(50_000, 5_000)}
    shape = Shape("a", 100_000, 10_000, -1, 1, 55_000, 45_000)
    size = plan_pools(PAIR, 50_000, 5_000, pools, "0.05").sizes[0.9]
    assert plan_card_comparison(shape, "0.05").sizes[0.9] < size < plan_polling(shape, "0.05").sizes[0.9]


def test_the_expected_numbers_of_pools_have_the_mean_that_the_report_gives():
    """All x add up to N span + (points read) - (points recorded): without errors to N span, in 1024ths."""
    pools = {"p": Pool(300, 100), "q": Pool(100, -50)}
    numbers, chances = expected_numbers(PAIR, 600, pools, NONE)
    assert float(numbers @ chances) == pytest.approx(2 * UNIT, abs=1)


@pytest.mark.slow
def test_the_size_of_strata_ends_about_nine_audits_of_ten():
    """Checked by other means: whole samples drawn card by card, measured by the certified union test."""
    strata = [
        stratum("mail", "card_comparison", 60_000, 33_000, 27_000),
        stratum("polls", "polling", 40_000, 22_000, 18_000),
    ]
    shared = plan_strata(strata, "0.1", rates=NONE)
    assert sum(shared.draws.values()) == shared.plan.sizes[0.9]
    rng, ended = np.random.default_rng(5), 0
    for _ in range(60):
        mail = Part(np.full(shared.draws["mail"], 2), 4, 60_000, 2 * 60_000 - 6_000)
        polls = Part(np.where(rng.random(shared.draws["polls"]) < 0.55, 2, 0), 2, 40_000, 40_000)
        ended += union_risk([mail, polls]).p <= 0.1
    assert 45 <= ended <= 60


@pytest.mark.slow
def test_cheaper_draws_take_the_larger_share():
    dear = [stratum("a", "card_comparison", 50_000, 27_000, 23_000, 50)]
    cheap = [stratum("a", "card_comparison", 50_000, 27_000, 23_000, 1)]
    poll = stratum("b", "polling", 50_000, 27_000, 23_000, 5)
    shares = [plan_strata([*first, poll], "0.1").draws for first in (dear, cheap)]
    of_a = [one["a"] / sum(one.values()) for one in shares]
    assert of_a[0] <= of_a[1]


def test_strata_that_cannot_show_it_in_half_of_the_cards_have_no_size():
    close = [stratum(name, "polling", 5_000, 2_510, 2_490) for name in "ab"]
    shared = plan_strata(close, "0.05")
    assert shared.plan.sizes[0.9] is None
    assert shared.draws == {}


@pytest.mark.slow
def test_cards_outside_every_stratum_make_the_audit_longer():
    strata = [stratum("a", "card_comparison", 9_000, 5_400, 3_600), stratum("b", "polling", 1_000, 600, 400)]
    without, outside = (plan_strata(strata, "0.05", points).plan.sizes[0.9] for points in (0, -800))
    assert without < outside
