"""Moments, local time, business days and date steps: law specification, sections 3 and 4."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
STARTS = ("election_day", "contest_day", "act_day")

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z\Z")
_LOCAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]\Z")
_YEAR = re.compile(r"19[0-9]{2}-|2[0-9]{3}-")
_OFFSET = re.compile(r"[+-](?:[01][0-9]|2[0-3]):[0-5][0-9]\Z")
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]\Z")
_KIND = re.compile(r"[a-z][a-z0-9_]*\Z")
_STEP = re.compile(
    r"([+-])([1-9][0-9]{0,2}) (days|business days|days but sundays|" + "|".join(WEEKDAYS) + r")\Z"
)


def is_day(text: object) -> bool:
    """Whether the value is a day of the calendar, YYYY-MM-DD."""
    return isinstance(text, str) and _DAY.match(text) is not None and parses(date.fromisoformat, text)


def is_moment(text: object) -> bool:
    """Whether the value is a moment, YYYY-MM-DDTHH:MM:SSZ."""
    return (
        isinstance(text, str)
        and _MOMENT.match(text) is not None
        and parses(datetime.fromisoformat, text[:-1])
    )


def is_local(text: object) -> bool:
    """Whether the value is a local time, YYYY-MM-DDTHH:MM."""
    return isinstance(text, str) and _LOCAL.match(text) is not None and parses(datetime.fromisoformat, text)


def in_years(text: str) -> bool:
    """Whether a day, moment or local time lies in a year from 1900 to 2999."""
    return _YEAR.match(text) is not None


def is_offset(text: object) -> bool:
    """Whether the value is an offset, +HH:MM or -HH:MM."""
    return isinstance(text, str) and _OFFSET.match(text) is not None


def parses(reader: Callable[[str], object], text: str) -> bool:
    """Whether the reader takes the text."""
    try:
        reader(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class Clock:
    """The offsets of a place: pairs of a first moment and an offset, ascending. Without any it is UTC."""

    rows: tuple[tuple[str, timedelta], ...]

    def offset(self, moment: str) -> timedelta:
        """The offset at a moment."""
        found = self.rows[0][1] if self.rows else timedelta()
        for start, offset in self.rows:
            if start > moment:
                break
            found = offset
        return found

    def local(self, moment: str) -> datetime:
        """The local time of a moment. Raises `OverflowError` where it leaves the calendar."""
        return datetime.fromisoformat(moment[:-1]) + self.offset(moment)

    def moment(self, local: datetime) -> str:
        """The moment of a local time. Raises `OverflowError` where it leaves the calendar."""
        offsets = list(dict.fromkeys(offset for _, offset in self.rows)) or [timedelta()]
        for offset in offsets:
            moment = written(local - offset)
            if self.offset(moment) == offset:
                return moment
        return written(local - offsets[0])


def written(moment: datetime) -> str:
    """A moment as a string."""
    return moment.isoformat(timespec="seconds") + "Z"


def parsed_offset(text: str) -> timedelta:
    """The length of an offset."""
    length = timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
    return -length if text[0] == "-" else length


# Date steps, section 4 ------------------------------------------------------------


@dataclass(frozen=True)
class Steps:
    """Date steps: where they start (and its fixed day or entry kind), the steps, and a time or ``""``."""

    start: str
    fixed: str
    steps: tuple[tuple[str, int], ...]
    time: str

    @property
    def names_entry(self) -> bool:
        """Whether they start at an entry of a kind."""
        return self.start == "entry"


def parse_steps(words: object) -> Steps | None:
    """The steps of an array of strings, or None where one is not in its form."""
    if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
        return None
    start, rest, time = parse_start(words[0]), list(words[1:]), ""
    if rest and _TIME.match(rest[-1]):
        time = rest.pop()
    steps = [parse_step(word) for word in rest]
    if start is None or None in steps:
        return None
    return Steps(start[0], start[1], tuple(step for step in steps if step is not None), time)


def parse_start(word: str) -> tuple[str, str] | None:
    """The kind of a start, and its day or entry kind."""
    if word in STARTS:
        return word, ""
    if is_day(word):
        return "day", word
    if re.match(r"(?:next_year )?[0-9]{2}-[0-9]{2}\Z", word) and is_day("2001-" + word[-5:]):
        return ("next_year" if len(word) > 5 else "year"), word[-5:]
    return ("entry", word) if _KIND.match(word) else None


def parse_step(word: str) -> tuple[str, int] | None:
    """One step as a name and a number (negative for earlier)."""
    if word == "next business day":
        return word, 0
    found = _STEP.match(word)
    if found is None or (found[1] == "-" and found[3] != "days"):
        return None
    return found[3], int(found[1] + found[2])


def walk(day: date, steps: tuple[tuple[str, int], ...], holidays: frozenset[str]) -> date:
    """The day after all steps. Raises `OverflowError` beyond 9999-12-31 (or before 0001-01-01)."""
    for name, n in steps:
        if name == "days":
            day += timedelta(days=n)
        elif name == "next business day":
            while not is_business_day(day, holidays):
                day += timedelta(days=1)
        elif name == "business days":
            day = nth_after(day, n, lambda d: is_business_day(d, holidays))
        elif name == "days but sundays":
            day = nth_after(day, n, lambda d: d.weekday() != 6)
        else:
            wanted = WEEKDAYS.index(name)
            day += timedelta(days=((wanted - day.weekday() - 1) % 7) + 1 + 7 * (n - 1))
    return day


def nth_after(day: date, n: int, counts: Callable[[date], bool]) -> date:
    """The nth day after `day` that counts."""
    while n:
        day += timedelta(days=1)
        n -= counts(day)
    return day


def is_business_day(day: date, holidays: frozenset[str]) -> bool:
    """Monday to Friday and no holiday (section 3)."""
    return day.weekday() < 5 and day.isoformat() not in holidays
