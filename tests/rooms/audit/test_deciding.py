"""The next step: stop, another round, a full hand count, or the count itself."""

import pytest

from tallybook.audit.comparison import comparison_part
from tallybook.audit.deciding import decide
from tallybook.audit.evidence import Scale, outside
from tallybook.audit.measuring import Evidence
from tallybook.audit.next_rounds import Settings, more_by_stratum, more_draws, shared
from tallybook.audit.polling import polling_part

WIN, LOSE = 1, 2
PAIR = Scale(-1, 1, (1, -1))
QUICK = Settings(trials=40)


def compared(n, margin=1_000, wrong=0, N=10_000):
    found = [WIN] * (n - wrong) + [LOSE] * wrong
    return (Evidence("ann over bob", (comparison_part(PAIR, N, margin, [WIN] * n, found, "carries"),)),)


def test_an_audit_stops_when_every_assertion_meets_the_limit():
    told = decide("mayor", compared(70), "0.05")
    assert told.step == "stop"
    assert "at most the limit of 5 %" in told.why[0]


def test_one_open_assertion_keeps_the_contest_open():
    both = (*compared(70), *compared(70, margin=400))
    told = decide("mayor", both, "0.05", settings=QUICK)
    assert told.step == "another_round"
    assert "1 assertion is open" in told.why[0]


def test_the_next_round_is_what_is_missing_and_grows_with_errors():
    clean = more_draws(compared(30)[0], "0.05", QUICK)
    wrong = more_draws(compared(30, wrong=1)[0], "0.05", QUICK)
    assert 30 <= clean < wrong


def test_the_size_of_a_round_does_not_depend_on_chance():
    assert more_draws(compared(30)[0], "0.05", QUICK) == more_draws(compared(30)[0], "0.05", QUICK)


def test_a_round_that_would_read_most_cards_becomes_a_full_hand_count():
    told = decide("mayor", compared(10, margin=8, N=400), "0.05", settings=QUICK)
    assert told.step == "full_hand_count"


def test_pending_cards_that_could_undo_the_margin_must_be_counted():
    (one,) = compared(70)
    open_ = Evidence("a", one.parts, outside(PAIR, 30_000))
    assert decide("mayor", [open_], "0.05", settings=QUICK).step == "full_hand_count"


def test_as_many_rounds_as_were_planned_end_in_a_full_hand_count():
    told = decide("mayor", compared(30), "0.05", rounds_done=3, settings=Settings(most=3, trials=40))
    assert told.step == "full_hand_count"


@pytest.mark.parametrize("codes", [[WIN, WIN, LOSE], [LOSE, LOSE, WIN], [WIN, LOSE]])
def test_after_a_full_count_the_count_decides_and_says_for_whom(codes):
    told = decide("mayor", [Evidence("a", (polling_part(PAIR, len(codes), codes, "may_lack"),))], "0.05")
    assert told.step == "count_decides"
    assert ("does not bear" in told.why[0]) == (codes.count(WIN) <= codes.count(LOSE))


def two_strata(losses=4):
    polled = polling_part(PAIR, 2_000, ([WIN] * (10 - losses) + [LOSE] * losses) * 6, "may_lack")
    clean = [WIN] * 40
    return polled, comparison_part(PAIR, 3_000, 300, clean, clean, "carries")


def test_strata_share_the_next_round_as_they_shared_the_rounds_so_far():
    told = decide("mayor", [Evidence("a", two_strata())], "0.05", settings=QUICK)
    assert told.step == "another_round"
    polled, compared = told.shares
    assert polled + compared == told.draws
    assert abs(40 * polled - 60 * compared) <= 60


@pytest.mark.slow
def test_strata_whose_polled_cards_say_less_ask_for_more():
    fewer, more = (sum(more_by_stratum(Evidence("a", two_strata(n)), "0.05", QUICK)) for n in (3, 4))
    assert fewer < more


def test_a_stratum_read_in_full_is_asked_for_nothing_more():
    whole = polling_part(PAIR, 30, [WIN] * 16 + [LOSE] * 14, "may_lack")
    _, compared = two_strata()
    assert shared((whole, compared), 100) == (0, 100)


def test_strata_that_no_further_sample_would_settle_are_counted():
    even = polling_part(PAIR, 2_000, [WIN, LOSE] * 30, "may_lack", [1_000, 1_000])
    clean = [WIN] * 40
    tight = comparison_part(PAIR, 3_000, 2, clean, clean, "carries")
    told = decide("mayor", [Evidence("a", (even, tight))], "0.05", settings=QUICK)
    assert told.step == "full_hand_count"
