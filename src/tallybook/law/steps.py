"""Date steps: how the law says "the 17th day, 5 p.m." or "two business days after certification".

docs/spec/law.md, section 4.  An array of strings: a start, then one step after another, then perhaps a
time.  The start may be an entry of the book, so a value may be lacking.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from functools import lru_cache

import msgspec

from tallybook.law.clock import ONE_DAY, Clock, at, is_business_day, is_day, moment_of

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
STARTS = ("election_day", "contest_day", "act_day")
KIND = re.compile(r"[a-z][a-z0-9_]*")
IN_YEAR = re.compile(r"(next_year )?(\d\d-\d\d)", re.ASCII)
COUNTED = re.compile(r"([+-])([1-9]\d{0,2}) ([a-z ]+)", re.ASCII)
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
SUNDAY = 6


@dataclass(frozen=True, slots=True)
class Move:
    """One step from day to day: `n` of `unit` later (earlier where n is negative)."""

    unit: str
    n: int


@dataclass(frozen=True, slots=True)
class Steps:
    """Date steps as written (`text`) and as read: start, moves, time ("HH:MM", or "" for none)."""

    text: tuple[str, ...]
    start: str
    moves: tuple[Move, ...]
    time: str


class Starts(msgspec.Struct, frozen=True, gc=False):
    """The days that steps may start from.

    recorded: gives the day of the latest matching entry of a kind, or None.
    """

    election_day: str
    contest_day: str
    act_day: str
    recorded: Callable[[str], str | None]


def read_steps(text: tuple[str, ...]) -> Steps:
    """Date steps from their strings.  Raises ValueError, whose text says what was expected."""
    if not text:
        raise ValueError("a start, such as election_day")
    start, rest = text[0], text[1:]
    if not is_start(start):
        raise ValueError("a start: election_day, contest_day, act_day, MM-DD, a day or an entry kind")
    time = rest[-1] if rest and TIME.fullmatch(rest[-1]) else ""
    moves = rest[:-1] if time else rest
    return Steps(text, start, tuple(read_move(move) for move in moves), time)


def entry_kind(steps: Steps) -> str:
    """The entry kind that the steps start from; "" if they start from a day."""
    return "" if steps.start in STARTS or not KIND.fullmatch(steps.start) else steps.start


def value_day(clock: Clock, steps: Steps, starts: Starts) -> str | None:
    """The day that the steps give, or None where they have no value."""
    start = start_day(steps, starts)
    return None if start is None else last_day(clock, steps.text, start)


def deadline(clock: Clock, steps: Steps, starts: Starts) -> str | None:
    """The moment at which a time given by the steps ends: its time, or else 23:59:59 of the day."""
    start = start_day(steps, starts)
    return None if start is None else end_moment(clock, steps.text, start)


def beginning(clock: Clock, steps: Steps, starts: Starts) -> str | None:
    """The moment at which a time given by the steps begins: its time, or else 00:00:00 of the day."""
    start = start_day(steps, starts)
    return None if start is None else begin_moment(clock, steps.text, start)


def start_day(steps: Steps, starts: Starts) -> str | None:
    """The day of the start; None for an entry that is not in the book."""
    start = steps.start
    if start == "election_day":
        return starts.election_day
    if start == "contest_day":
        return starts.contest_day
    if start == "act_day":
        return starts.act_day
    if in_year := IN_YEAR.fullmatch(start):
        year = int(starts.election_day[:4]) + bool(in_year[1])
        return f"{year:04d}-{in_year[2]}" if year <= MAXYEAR else None
    return start if is_day(start) else starts.recorded(start)


@lru_cache(maxsize=4096)
def last_day(clock: Clock, text: tuple[str, ...], start: str) -> str | None:
    """The day after every move; None past the last day that a date can name."""
    day = date.fromisoformat(start)
    try:
        for move in read_steps(text).moves:
            day = moved(clock, day, move)
    except OverflowError:
        return None
    return day.isoformat()


@lru_cache(maxsize=4096)
def end_moment(clock: Clock, text: tuple[str, ...], start: str) -> str | None:
    """The deadline that the steps give from that start."""
    return moment_on(clock, last_day(clock, text, start), read_steps(text).time or "23:59:59")


@lru_cache(maxsize=4096)
def begin_moment(clock: Clock, text: tuple[str, ...], start: str) -> str | None:
    """The beginning that the steps give from that start."""
    return moment_on(clock, last_day(clock, text, start), read_steps(text).time or "00:00")


def moment_on(clock: Clock, day: str | None, time: str) -> str | None:
    """The moment of a local time on a day; None without a day, or where no moment can be written."""
    try:
        return day and moment_of(clock, at(date.fromisoformat(day), time))
    except OverflowError:
        return None


def moved(clock: Clock, day: date, move: Move) -> date:
    """The day one move further."""
    if move.unit == "days":
        return day + move.n * ONE_DAY
    if move.unit == "business days":
        return nth_after(day, move.n, lambda later: is_business_day(clock, later))
    if move.unit == "days but sundays":
        return nth_after(day, move.n, lambda later: later.weekday() != SUNDAY)
    if move.unit == "next business day":
        return nth_after(day - ONE_DAY, 1, lambda later: is_business_day(clock, later))
    ahead = (WEEKDAYS.index(move.unit) - day.weekday() - 1) % 7 + 1
    return day + timedelta(days=ahead + 7 * (move.n - 1))


def nth_after(day: date, n: int, counts: Callable[[date], bool]) -> date:
    """The nth day after `day` that counts."""
    while n:
        day += ONE_DAY
        n -= counts(day)
    return day


def is_start(text: str) -> bool:
    """Whether the text is a start; MM-DD must be a day of every year."""
    if in_year := IN_YEAR.fullmatch(text):
        return is_day(f"2021-{in_year[2]}")
    return is_day(text) or bool(KIND.fullmatch(text))


def read_move(text: str) -> Move:
    """One step from its string.  Raises ValueError, whose text says what was expected."""
    if text == "next business day":
        return Move(text, 1)
    found = COUNTED.fullmatch(text)
    if found is None:
        raise ValueError("steps such as +17 days, +2 business days, +9 tuesday, and a time HH:MM last")
    sign, n, unit = found[1], int(found[2]), found[3]
    if unit == "days":
        return Move(unit, -n if sign == "-" else n)
    if sign == "+" and (unit in ("business days", "days but sundays") or unit in WEEKDAYS):
        return Move(unit, n)
    raise ValueError("+N or -N days; +N business days; +N days but sundays; +N of a weekday")
