"""Numbers and days in words."""

from hypothesis import given
from hypothesis import strategies as st

from tallybook.reports.drawings import radius
from tallybook.reports.figures import (
    change,
    day_short,
    day_words,
    month_words,
    percent,
    plural,
    plural_words,
    runs_of,
    whole,
)


def test_whole_numbers_have_separators_and_a_true_minus() -> None:
    assert [whole(n) for n in (0, 12_670, -1_001, 4_998_482)] == ["0", "12,670", "−1,001", "4,998,482"]


def test_a_difference_has_its_sign_and_zero_has_none() -> None:
    assert [change(n) for n in (5, -5, 0, 1_234)] == ["+5", "−5", "0", "+1,234"]


def test_percentages_are_rounded_half_away_from_zero_and_exactly() -> None:
    # 12,670 of 4,998,482 is 0.25347...%: the 0.25% that was published.
    assert percent(12_670, 4_998_482) == "0.25%"
    assert percent(12_670, 4_998_482, 3) == "0.253%"
    assert [percent(1, 8, 0), percent(1, 8, 1), percent(-1, 8, 1)] == ["13%", "12.5%", "−12.5%"]
    assert percent(1, 0) == "–"
    assert percent(-1, 10**9) == "0.00%"


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_a_percentage_is_within_half_a_unit_of_the_truth(part: int, of: int) -> None:
    hundredths = int(percent(part, of).rstrip("%").replace(".", ""))
    assert abs(hundredths * of - part * 10_000) * 2 <= of


def test_days_are_written_out_and_other_words_left_alone() -> None:
    assert day_words("2020-11-03") == "3 November 2020"
    assert day_short("2020-11-03") == "3 Nov 2020"
    assert month_words("2021-01-05") == "January 2021"
    assert [day_words(day) for day in ("soon", "2020-13-01", "a-b-c")] == ["soon", "2020-13-01", "a-b-c"]
    assert day_short("some day soon") == "some day soon"


def test_one_act_two_acts() -> None:
    assert [plural(n, "act", "acts") for n in (0, 1, 2)] == ["0 acts", "1 act", "2 acts"]
    assert [plural_words(n, "count", "counts") for n in (1, 4, 12)] == [
        "One count",
        "Four counts",
        "12 counts",
    ]


def test_numbers_in_a_row_are_told_as_a_run() -> None:
    assert runs_of((14, 15, 16, 180)) == "14 to 16, 180"
    assert runs_of((3, 1, 2)) == "1 to 3"
    assert [runs_of(()), runs_of((7,)), runs_of((1, 3))] == ["", "7", "1, 3"]


def test_four_times_the_votes_make_a_dot_of_four_times_the_area() -> None:
    assert radius(400, 1_600) * 2 == radius(1_600, 1_600)
    assert 0 < radius(0, 1_600) < 3
