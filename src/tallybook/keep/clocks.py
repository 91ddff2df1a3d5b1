"""The clock of an installation, and whether it can be trusted.

Deadlines hang on the moment an act is received, and moments in a book never go back. A clock that was set
wrong ahead would block a book for as long, so a clock that jumps while the program runs stops recording
until a person has looked. Time asleep is no jump: it is counted by the steady clock as well.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], str]
"""Gives the moment now, UTC, `YYYY-MM-DDTHH:MM:SSZ`."""
Steady = Callable[[], float]
"""Gives seconds from any start, never set by anyone."""

MOST_DRIFT = 300
"""Seconds that the clock may be set forward or back while the program runs."""


def utc_now() -> str:
    """This machine's moment."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def steady_seconds() -> float:
    """Seconds since the machine started, sleep included."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if hasattr(time, "clock_gettime"):
        return time.clock_gettime(time.CLOCK_MONOTONIC)
    return time.monotonic()


def seconds_of(moment: str) -> float:
    """A moment in seconds since 1970."""
    return datetime.strptime(moment, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()


def drift_since(clock: Clock, steady: Steady) -> Callable[[str], float]:
    """A function that tells how many seconds the clock has jumped (ahead: positive) since this call."""
    start = seconds_of(clock()) - steady()
    return lambda moment: seconds_of(moment) - steady() - start
