"""Plans: sizes of the papers, our own against simulation, several contests, costs."""

from fractions import Fraction

import numpy as np
import pytest

from tallybook.audit.batches import batch_bounds
from tallybook.audit.comparison import ErrorRates, comparison_prior, overstatement_part
from tallybook.audit.costs import CostModel, of_batches, of_cards, shared_by_place
from tallybook.audit.evidence import Scale
from tallybook.audit.measuring import path
from tallybook.audit.other_plans import (
    HybridShape,
    bravo_plan,
    macro_plan,
    minerva_plan,
    suite_p,
    super_simple_plan,
)
from tallybook.audit.planning import (
    Shape,
    distinct,
    expected_by_place,
    expected_rounds,
    plan_batch_comparison,
    plan_card_comparison,
    plan_polling,
    tightest,
    union_of_samples,
)

CLEAN = ErrorRates(Fraction(0), Fraction(0))


def pair(N, ups, downs):
    return Shape("a", N, ups - downs, -1, 1, ups, downs)


def test_bravo_at_sixty_percent_has_the_exact_sizes_of_the_paper():
    # Lindeman, Stark and Yates 2012, by exact computation: median 84, 90 % quantile 244, mean 118.5.
    plan = bravo_plan(pair(10**7, 6 * 10**6, 4 * 10**6), "0.1")
    assert (plan.sizes[0.5], plan.sizes[0.9]) == (84, 244)
    assert plan.mean == pytest.approx(118.5, abs=0.1)


def test_minerva_needs_fewer_cards_in_one_round_than_bravo():
    shape = pair(10**6, 6 * 10**5, 4 * 10**5)
    assert minerva_plan(shape, "0.1").sizes[0.9] < bravo_plan(shape, "0.1").sizes[0.9]


def test_super_simple_without_errors_needs_the_cards_of_the_paper():
    # Lindeman and Stark 2012: 10 % margin, 10 % limit: 48 clean cards.
    plan = super_simple_plan(pair(10_000, 5_500, 4_500), "0.1", CLEAN)
    assert set(plan.sizes.values()) == {47} or set(plan.sizes.values()) == {48}


def test_macro_needs_seventeen_clean_draws_at_a_bound_of_six():
    assert macro_plan(100, Fraction(6), "0.05").sizes[0.5] == 17


@pytest.mark.slow
def test_our_comparison_plan_is_what_the_bet_does_on_simulated_audits():
    N, G = 100_000, 2_000
    rates = ErrorRates(Fraction(1, 500), Fraction(1, 5_000))
    plan = plan_card_comparison(pair(N, 51_000, 49_000), "0.05", rates)
    rng = np.random.default_rng(7)
    prior = comparison_prior(Scale(-1, 1), rates)
    sizes = []
    for _ in range(150):
        o = rng.choice([0, 1, 2], 6_000, p=[1 - 1 / 500 - 1 / 5_000, 1 / 500, 1 / 5_000])
        p = path(overstatement_part(2, N, G, o, prior)).p
        sizes.append(int((p <= 0.05).argmax()) + 1 if (p <= 0.05).any() else 6_000)
    assert np.quantile(sizes, 0.5) == pytest.approx(plan.sizes[0.5], rel=0.12)
    assert np.quantile(sizes, 0.9) == pytest.approx(plan.sizes[0.9], rel=0.2)


def test_a_close_contest_makes_polling_a_hand_count_but_not_comparison():
    shape = pair(100_000, 49_250, 48_750)
    assert plan_polling(shape, "0.05").is_hand_count
    assert not plan_card_comparison(shape, "0.05").is_hand_count


def test_errors_that_eat_the_margin_make_comparison_a_hand_count():
    many = ErrorRates(Fraction(1, 50), Fraction(1, 500))
    assert plan_card_comparison(pair(100_000, 49_250, 48_750), "0.05", many).is_hand_count


def test_the_tightest_assertion_is_the_one_with_the_smallest_margin():
    assert tightest([pair(100, 60, 40), Shape("b", 100, 5, -1, 1, 50, 45)]).name == "b"


def test_batches_drawn_twice_are_counted_once():
    names = [f"b{i}" for i in range(100)]
    cards = dict.fromkeys(names, 100)
    bounds = batch_bounds([dict.fromkeys(names, 20)], cards, [-1], [2_000])
    plan = plan_batch_comparison(bounds, "0.05")
    assert plan.sizes[0.5] == 17
    expected = 100 * (1 - 0.99**17)
    batches, read = distinct(bounds, cards, 17)
    assert (batches - 1 < expected <= batches) and 100 * (batches - 1) < read <= 100 * batches


def test_one_sample_serves_contests_that_share_cards():
    # Every card has the mayor, half also the sheriff: the sheriff's cards are drawn at the larger rate.
    styles = {("mayor",): 500, ("mayor", "sheriff"): 500}
    assert union_of_samples(styles, {"mayor": 100, "sheriff": 100}) == 50 + 100
    assert union_of_samples(styles, {"mayor": 100, "sheriff": 20}) == 100


def test_counties_expect_cards_in_proportion():
    assert expected_by_place({"Lee": 300, "Ray": 100}, 40) == {"Lee": 30, "Ray": 10}


def test_a_first_round_of_the_ninety_percent_size_seldom_needs_a_second():
    plan = plan_polling(pair(10**6, 550_000, 450_000), "0.05")
    assert 1.05 < expected_rounds(plan, plan.sizes[0.9]) < 1.15


def test_suite_falls_with_the_sample_and_never_below_its_certified_maximum():
    shape = HybridShape(50_000, 4_000, 10_000, 5_500, 4_000)
    p = [suite_p(shape, n, (11 * n // 100, 8 * n // 100, n // 100)) for n in (200, 400, 800)]
    assert p[0] > p[1] > p[2]
    assert suite_p(shape, 400, (44, 32, 4), o2=3) > p[1]


def test_hours_and_money_follow_from_the_stated_model():
    model = CostModel(Fraction(4), Fraction(1), Fraction(20), Fraction(1, 5), Fraction(60), 2, 1, 2_000)
    effort = of_cards(model, 60)
    assert (effort.people_hours, effort.clock_hours, effort.cents) == (12, 6, 24_000)
    batches = of_batches(model, 3, 300)
    assert batches.people_hours == 2 * (2 + 1)
    assert shared_by_place(effort, {"Lee": 3, "Ray": 1}) == {"Lee": 9, "Ray": 3}
