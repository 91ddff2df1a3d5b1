"""Moments, local time and business days, by the clock and holiday rows of the law (docs/spec/law.md, 3).

For every deadline: the law speaks of local time, the book of UTC.  Offsets are data, never the machine's.

A moment is a string YYYY-MM-DDTHH:MM:SSZ; moments compare as strings.  A day is a string YYYY-MM-DD in
questions and answers, a datetime.date inside.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
OFFSET = re.compile(r"([+-])([01]\d|2[0-3]):([0-5]\d)")
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, eq=False)
class Clock:
    """The offsets of a place from UTC, each from its moment on, and the days that are no business days."""

    froms: tuple[str, ...]
    offsets: tuple[timedelta, ...]
    holidays: frozenset[date]


def clock(rows: Iterable[tuple[str, str]], holidays: Iterable[str]) -> Clock:
    """A clock from rows (from, offset), ascending, and the holidays.  Without rows the offset is +00:00."""
    pairs = tuple(rows)
    return Clock(
        froms=tuple(start for start, _ in pairs),
        offsets=tuple(read_offset(offset) for _, offset in pairs) or (timedelta(0),),
        holidays=frozenset(date.fromisoformat(day) for day in holidays),
    )


def local_time(clock: Clock, moment: str) -> datetime:
    """The local time of a moment: the moment plus the offset in force."""
    return read_moment(moment) + offset_at(clock, moment)


@lru_cache(maxsize=4096)
def local_day(clock: Clock, moment: str) -> str:
    """The local day of a moment. Remembered: many acts share a second."""
    return local_time(clock, moment).date().isoformat()


def moment_of(clock: Clock, local: datetime) -> str:
    """The moment of a local time; the first offset that fits, in order of first appearance.

    A local time that the clock skips (spring) is read with the offset of the first clock row.
    """
    for offset in dict.fromkeys(clock.offsets):
        moment = write_moment(local - offset)
        if offset_at(clock, moment) == offset:
            return moment
    return write_moment(local - clock.offsets[0])


def offset_at(clock: Clock, moment: str) -> timedelta:
    """The offset of the last clock row that is not after the moment; before the first row, that row's."""
    return clock.offsets[max(0, bisect_right(clock.froms, moment) - 1)]


def is_business_day(clock: Clock, day: date) -> bool:
    """Monday to Friday and no holiday."""
    return day.weekday() < 5 and day not in clock.holidays


def is_moment(text: str) -> bool:
    """Whether the text is a moment that exists."""
    return bool(MOMENT.fullmatch(text)) and exists(datetime.fromisoformat, text[:-1])


def is_day(text: str) -> bool:
    """Whether the text is a day that exists."""
    return bool(DAY.fullmatch(text)) and exists(date.fromisoformat, text)


def exists(read: object, text: str) -> bool:
    """Whether `read` makes a value of the text."""
    assert callable(read)
    try:
        read(text)
    except ValueError:
        return False
    return True


def read_moment(moment: str) -> datetime:
    """A moment as a datetime in UTC, without zone."""
    return datetime.fromisoformat(moment[:-1])


def write_moment(utc: datetime) -> str:
    """A datetime in UTC as a moment."""
    return utc.isoformat(timespec="seconds") + "Z"


def read_offset(text: str) -> timedelta:
    """+HH:MM or -HH:MM as a length of time."""
    found = OFFSET.fullmatch(text)
    if found is None:
        raise ValueError(text)
    sign, hours, minutes = found.groups()
    length = timedelta(hours=int(hours), minutes=int(minutes))
    return -length if sign == "-" else length


def at(day: date, clock_time: str) -> datetime:
    """That local time on that day; `clock_time` is HH:MM or HH:MM:SS."""
    return datetime.combine(day, time.fromisoformat(clock_time))
