"""Local time, business days and date steps (docs/spec/law.md, sections 3 and 4)."""

import zoneinfo
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallybook.law import Starts, deadline, local_day, local_time, moment_of, value_day
from tallybook.law.clock import clock, is_business_day
from tallybook.law.steps import beginning, read_steps

EASTERN = clock(
    [
        ("2020-03-08T07:00:00Z", "-04:00"),
        ("2020-11-01T06:00:00Z", "-05:00"),
        ("2021-03-14T07:00:00Z", "-04:00"),
    ],
    ["2020-11-11", "2020-11-26", "2024-11-11"],
)
DAYS = st.dates(date(2018, 1, 1), date(2030, 12, 31))


def starts(election_day: str = "2020-11-03", contest_day: str = "", entry_day: str | None = None) -> Starts:
    entries = {"state_results_certified": entry_day}
    return Starts(election_day, contest_day or election_day, "2020-12-05", entries.get)


def day_of(*steps: str, **given: str) -> str | None:
    return value_day(EASTERN, read_steps(steps), starts(**given))


# The dates below are those of the statutes and of the calendars that were published for these elections.


@pytest.mark.parametrize(
    ("steps", "election_day", "expected"),
    [
        (["election_day", "+2 friday"], "2020-11-03", "2020-11-13"),
        (["election_day", "+17 days"], "2020-11-03", "2020-11-20"),
        (["election_day", "+18 days"], "2020-11-03", "2020-11-21"),
        (["election_day", "+9 tuesday"], "2020-11-03", "2021-01-05"),
        (["election_day", "+28 days"], "2022-11-08", "2022-12-06"),
        (["11-30", "+2 wednesday", "+1 monday"], "2020-11-03", "2020-12-14"),
        (["11-30", "+2 wednesday", "+1 monday", "-6 days"], "2020-11-03", "2020-12-08"),
        (["11-30", "+2 wednesday", "+1 monday"], "2016-11-08", "2016-12-19"),
        (["11-30", "+2 wednesday", "+1 tuesday"], "2024-11-05", "2024-12-17"),
        (["10-31", "+1 monday", "+1 tuesday"], "2022-11-08", "2022-11-08"),
        (["next_year 01-06"], "2020-11-03", "2021-01-06"),
        (["election_day", "+1 monday", "next business day"], "2024-11-05", "2024-11-12"),
        (["election_day", "+1 monday", "next business day"], "2022-11-08", "2022-11-14"),
        (["election_day", "-49 days"], "2020-11-03", "2020-09-15"),
        (["2021-01-20"], "2020-11-03", "2021-01-20"),
        (["act_day"], "2020-11-03", "2020-12-05"),
    ],
)
def test_date_steps_give_the_days_of_the_statutes(steps: list[str], election_day: str, expected: str) -> None:
    assert day_of(*steps, election_day=election_day) == expected


def test_two_business_days_after_a_friday_are_the_next_tuesday() -> None:
    assert day_of("state_results_certified", "+2 business days", entry_day="2020-11-20") == "2020-11-24"


def test_business_days_step_over_a_holiday() -> None:
    assert day_of("state_results_certified", "+2 business days", entry_day="2020-11-25") == "2020-11-30"


def test_three_days_without_sundays_after_a_friday_are_the_next_tuesday() -> None:
    assert day_of("2020-12-04", "+3 days but sundays") == "2020-12-08"


def test_a_runoff_has_its_own_contest_day() -> None:
    assert day_of("contest_day", "+17 days", contest_day="2021-01-05") == "2021-01-22"


def test_steps_from_an_entry_that_is_not_there_have_no_value() -> None:
    assert day_of("state_results_certified", "+2 business days") is None


def test_steps_past_the_last_day_that_can_be_written_have_no_value() -> None:
    assert day_of("9999-12-30", "+2 days") is None


def test_a_deadline_ends_with_its_day_and_a_beginning_starts_with_it() -> None:
    steps = read_steps(("election_day", "+17 days"))
    assert deadline(EASTERN, steps, starts()) == "2020-11-21T04:59:59Z"
    assert beginning(EASTERN, steps, starts()) == "2020-11-20T05:00:00Z"


def test_a_deadline_with_a_time_is_that_local_time() -> None:
    assert (
        deadline(EASTERN, read_steps(("election_day", "+17 days", "17:00")), starts())
        == "2020-11-20T22:00:00Z"
    )


@pytest.mark.parametrize(
    "steps",
    [
        [],
        ["17:00"],
        ["Election day"],
        ["02-29"],
        ["2021-02-29"],
        ["election_day", "+0 days"],
        ["election_day", "+1000 days"],
        ["election_day", "+01 days"],
        ["election_day", "17 days"],
        ["election_day", "-2 business days"],
        ["election_day", "-1 tuesday"],
        ["election_day", "17:00", "+1 days"],
        ["election_day", "24:00"],
        ["election_day", "+2 tuesdays"],
    ],
)
def test_steps_that_the_specification_does_not_know_are_refused(steps: list[str]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_steps(tuple(steps))


@given(DAYS, st.integers(-999, 999).filter(bool))
def test_calendar_days_agree_with_the_calendar(day: date, n: int) -> None:
    assert day_of(day.isoformat(), f"{n:+d} days") == (day + timedelta(days=n)).isoformat()


@given(DAYS, st.integers(1, 60), st.integers(0, 6))
def test_the_nth_weekday_is_strictly_after(day: date, n: int, weekday: int) -> None:
    name = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")[weekday]
    after = [day + timedelta(days=k) for k in range(1, 7 * n + 1)]
    expected = [one for one in after if one.weekday() == weekday][n - 1]
    assert day_of(day.isoformat(), f"+{n} {name}") == expected.isoformat()


@given(DAYS, st.integers(1, 40))
def test_the_nth_business_day_has_n_business_days_behind_it(day: date, n: int) -> None:
    found = date.fromisoformat(day_of(day.isoformat(), f"+{n} business days") or "")
    between = [day + timedelta(days=k) for k in range(1, (found - day).days + 1)]
    assert is_business_day(EASTERN, found)
    assert sum(one.weekday() < 5 and one not in EASTERN.holidays for one in between) == n


@given(DAYS)
def test_the_next_business_day_is_the_day_itself_if_it_is_one(day: date) -> None:
    found = date.fromisoformat(day_of(day.isoformat(), "next business day") or "")
    assert found >= day
    assert is_business_day(EASTERN, found)
    assert (found == day) == is_business_day(EASTERN, day)
    assert not any(is_business_day(EASTERN, day + timedelta(days=k)) for k in range((found - day).days))


def test_a_moment_after_midnight_in_london_is_the_evening_before_in_georgia() -> None:
    assert local_day(EASTERN, "2020-11-04T02:00:00Z") == "2020-11-03"


def test_before_the_first_clock_row_its_offset_holds() -> None:
    assert local_time(EASTERN, "2019-12-31T12:00:00Z") == datetime(2019, 12, 31, 8)


def test_without_clock_rows_local_time_is_utc() -> None:
    assert moment_of(clock([], []), datetime(2020, 11, 3, 19)) == "2020-11-03T19:00:00Z"


def test_a_local_time_that_comes_twice_is_the_first_of_the_two() -> None:
    assert moment_of(EASTERN, datetime(2020, 11, 1, 1, 30)) == "2020-11-01T05:30:00Z"


def test_a_local_time_that_the_clock_skips_is_read_with_the_first_offset() -> None:
    assert moment_of(EASTERN, datetime(2021, 3, 14, 2, 30)) == "2021-03-14T06:30:00Z"


@given(st.datetimes(datetime(2018, 3, 12), datetime(2028, 12, 31)))
def test_the_clock_of_georgia_agrees_with_the_time_zone_database(georgia, utc: datetime) -> None:  # type: ignore[no-untyped-def]
    try:
        zone = zoneinfo.ZoneInfo("America/New_York")
    except zoneinfo.ZoneInfoNotFoundError:
        pytest.skip("no time zone database on this machine")
    utc = utc.replace(microsecond=0)
    expected = utc.replace(tzinfo=zoneinfo.ZoneInfo("UTC")).astimezone(zone).replace(tzinfo=None)
    assert local_time(georgia.clock, f"{utc.isoformat()}Z") == expected


@given(st.datetimes(datetime(2018, 3, 12), datetime(2028, 12, 31)))
def test_a_local_time_comes_back_from_its_moment(georgia, local: datetime) -> None:  # type: ignore[no-untyped-def]
    local = local.replace(microsecond=0)
    back = local_time(georgia.clock, moment_of(georgia.clock, local))
    skipped = local.month == 3 and local.hour == 2
    assert back == local or skipped
