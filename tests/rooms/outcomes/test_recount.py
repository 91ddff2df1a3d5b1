"""Recount margins against the limits of real state laws, exactly at the limit and one vote beyond it.

The limits are those of the states as described in compilations of 2020 to 2024; which of them is in
force on which day is for the law room.
"""

from fractions import Fraction

import pytest

from tallybook.election import Tally
from tallybook.outcomes import RecountRule, ShareLimit, VotesLimit, recount_eligibility
from tests.rooms.outcomes.georgia import CANVASS, RECOUNT, SENATE

HALF_PERCENT = Fraction(1, 200)
GEORGIA = RecountRule((ShareLimit(HALF_PERCENT),))
ALABAMA = RecountRule((ShareLimit(HALF_PERCENT, comparison="less_than"),))
COLORADO = RecountRule((ShareLimit(HALF_PERCENT, base="ahead"),))
ARIZONA_2022 = RecountRule((ShareLimit(HALF_PERCENT, base="pair"),))
WASHINGTON = RecountRule(
    (ShareLimit(HALF_PERCENT, "two_highest", "less_than"), VotesLimit(2000, "less_than")), needs="all"
)
HAWAII = RecountRule((ShareLimit(Fraction(1, 400)), VotesLimit(100)), needs="any")
TIE_ONLY = RecountRule((VotesLimit(0),))


def eligible(rule: RecountRule, *votes: int, total: int | None = None) -> bool:
    tally = Tally("office", tuple(zip("ABCD", votes, strict=False)))
    return recount_eligibility(tally, ("A",), rule, total)[0].eligible


def test_georgia_2020_was_within_half_of_one_percent() -> None:
    first, second = recount_eligibility(CANVASS, ("biden",), GEORGIA)
    assert (first.ahead, first.behind, first.margin_votes, first.eligible) == ("biden", "trump", 12670, True)
    assert first.share_of_total == Fraction(12670, 4998482)
    assert first.why[1] == (
        "The margin of 12,670 (about 0.2535 percent) is not more than 1/200 (0.5000 percent) "
        "of the 4,998,482 total votes cast for the office."
    )
    assert (second.behind, second.margin_votes, second.eligible) == ("jorgensen", 2412369, False)


def test_after_the_recount_the_margin_is_11779() -> None:
    assert recount_eligibility(RECOUNT, ("biden",), GEORGIA)[0].margin_votes == 11779


def test_the_senate_margin_of_88098_would_not_have_allowed_a_recount() -> None:
    (ossoff, _) = recount_eligibility(SENATE, ("perdue",), GEORGIA)
    assert (ossoff.margin_votes, ossoff.eligible) == (88098, False)


def test_those_left_out_of_a_runoff_are_measured_against_the_last_who_advanced() -> None:
    (hazel,) = recount_eligibility(SENATE, ("perdue", "ossoff"), GEORGIA)
    assert (hazel.ahead, hazel.behind, hazel.margin_votes) == ("ossoff", "hazel", 2374519 - 115039)


def test_at_exactly_the_limit_the_comparison_decides() -> None:
    # 10,000 votes; half of one percent is 50.
    assert eligible(GEORGIA, 5025, 4975) and not eligible(ALABAMA, 5025, 4975)
    assert eligible(ALABAMA, 5024, 4975, total=10000)
    assert not eligible(GEORGIA, 5026, 4974)


def test_the_base_of_the_share_decides() -> None:
    # Margin 50: 0.25 percent of all 19,950, 0.4975 of the 10,050 of the pair, 0.9901 of the 5,050 ahead.
    votes = (5050, 5000, 4950, 4950)
    assert eligible(GEORGIA, *votes) and eligible(ARIZONA_2022, *votes) and not eligible(COLORADO, *votes)
    # Margin 50 of a pair of 9,950 is more than half of one percent, of all 12,000 it is less.
    assert not eligible(ARIZONA_2022, 5000, 4950, 2050) and eligible(GEORGIA, 5000, 4950, 2050)


def test_the_two_highest_are_the_base_also_for_a_third() -> None:
    # Of the two highest, 10,000 votes, one percent is 100; the third's own votes do not widen it.
    rule = RecountRule((ShareLimit(Fraction(1, 100), "two_highest"),))
    tally = Tally("office", (("A", 5001), ("B", 4999), ("C", 4901), ("D", 4900)))
    found = recount_eligibility(tally, ("A",), rule)
    assert [(row.behind, row.eligible) for row in found] == [("B", True), ("C", True), ("D", False)]


def test_both_limits_where_the_law_says_and() -> None:
    assert eligible(WASHINGTON, 500_000, 498_001)
    assert not eligible(WASHINGTON, 500_000, 498_000)
    assert not eligible(WASHINGTON, 1_000, 990)


def test_either_limit_where_the_law_says_the_larger() -> None:
    assert eligible(HAWAII, 200, 100)
    assert not eligible(HAWAII, 201, 100)
    assert eligible(HAWAII, 100_250, 99_750)
    assert not eligible(HAWAII, 100_251, 99_749)


def test_only_in_a_tie() -> None:
    assert eligible(TIE_ONLY, 7, 7) and not eligible(TIE_ONLY, 8, 7)


def test_nobody_voted() -> None:
    (row,) = recount_eligibility(Tally("office", (("A", 0), ("B", 0))), ("A",), GEORGIA)
    assert row.eligible and row.share_of_total is None


def test_a_total_that_includes_more_votes_widens_the_limit() -> None:
    assert not eligible(GEORGIA, 5026, 4974) and eligible(GEORGIA, 5026, 4974, total=10400)


@pytest.mark.parametrize("through", [(), ("nobody",), ("trump",)])
def test_who_is_through_must_make_sense(through: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"must be choices|has more votes than"):
        recount_eligibility(CANVASS, through, GEORGIA)


def test_a_rule_without_limits_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one limit"):
        recount_eligibility(CANVASS, ("biden",), RecountRule(()))
