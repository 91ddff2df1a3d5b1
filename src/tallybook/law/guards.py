"""Guards: the small closed set of conditions that a row of law may set (docs/spec/law.md, section 5).

For the ruling: each guard looks at the act and at facts that the book supplies, and answers yes or no.
Integers and cross-multiplication only; a fact that is not there never satisfies a guard.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from tallybook.law.clock import Clock, local_day
from tallybook.law.nouns import Guard
from tallybook.law.steps import Starts, Steps, beginning, value_day


class Question(msgspec.Struct, frozen=True, gc=False):
    """An act, put to the law.

    contest, place, purpose: "" where the act has none.  moment: the moment of the act; day: its local
    day; election_day: the day of the election; contest_class: the class of the contest.
    """

    act: str
    office: str
    purpose: str
    contest: str
    place: str
    detail: Mapping[str, Any]
    moment: str
    day: str
    election_day: str
    contest_class: str = ""

    @property
    def circumstances(self) -> tuple[str, str, str, str]:
        """What decides which rows apply, beside act and office: purpose, days, the class of the contest."""
        return self.purpose, self.day, self.election_day, self.contest_class


class Facts(Protocol):
    """What the book knows.  The law asks for nothing else."""

    def recorded(self, kind: str, contest: str, place: str) -> str | None:
        """The latest `received` of the entries of that kind that match the act, or None (section 5)."""

    def every_place(self, kind: str, contest: str) -> bool:
        """Whether every place of the contest has an entry of that kind for that contest."""

    def votes(self, contest: str) -> Mapping[str, int] | None:
        """Choice -> votes in the certified count of the contest, or None where there is none."""

    def winners(self, contest: str) -> tuple[str, ...] | None:
        """The choices that the outcome of the certified count names as winners, or None."""

    def contest_day(self, contest: str) -> str:
        """The day of the contest; a runoff has its own."""

    def moved(self, row: str, contest: str, place: str) -> tuple[str, int] | None:
        """The deadline to which an order moved that row's for such an act, and the order's entry; or None."""


class Asked(msgspec.Struct, frozen=True, gc=False):
    """A question with the facts and the clock by which its guards are tested."""

    question: Question
    facts: Facts
    clock: Clock

    def starts(self) -> Starts:
        """The days from which date steps may start, for this act."""
        asked = self.question
        contest_day = self.facts.contest_day(asked.contest) if asked.contest else asked.election_day
        return Starts(asked.election_day, contest_day, asked.day, self.recorded_day)

    def recorded(self, kind: str) -> str | None:
        """The moment of the latest matching entry of that kind."""
        return self.facts.recorded(kind, self.question.contest, self.question.place)

    def recorded_day(self, kind: str) -> str | None:
        """The local day of the latest matching entry of that kind."""
        moment = self.recorded(kind)
        return None if moment is None else local_day(self.clock, moment)


def failing(guards: tuple[Guard, ...], asked: Asked) -> Guard | None:
    """The first guard that fails, or None when all hold."""
    for guard in guards:
        if not TESTS[guard.name](guard.value, asked):
            return guard
    return None


def default_code(guard: Guard) -> str:
    """The code of a refusal by this guard, where the row gives none."""
    if guard.name == "majority":
        return "majority_exists" if guard.value == "missing" else "majority_missing"
    return CODES[guard.name]


def after(kinds: tuple[str, ...], asked: Asked) -> bool:
    """For each kind, a matching entry is in the book."""
    return all(asked.recorded(kind) is not None for kind in kinds)


def before(kinds: tuple[str, ...], asked: Asked) -> bool:
    """For no kind is a matching entry in the book."""
    return all(asked.recorded(kind) is None for kind in kinds)


def every_place(kind: str, asked: Asked) -> bool:
    """Every place of the act's contest has an entry of that kind."""
    contest = asked.question.contest
    return bool(contest) and asked.facts.every_place(kind, contest)


def from_moment(steps: Steps, asked: Asked) -> bool:
    """The act's moment is not before the steps' value."""
    begins = beginning(asked.clock, steps, asked.starts())
    return begins is not None and begins <= asked.question.moment


def on_day(steps: Steps, asked: Asked) -> bool:
    """The act's day is the steps' day."""
    return value_day(asked.clock, steps, asked.starts()) == asked.question.day


def states(fields: tuple[str, ...], asked: Asked) -> bool:
    """Each field is in the detail and says something."""
    return all(says_something(asked.question.detail.get(field)) for field in fields)


def at_least(least: tuple[tuple[str, int], ...], asked: Asked) -> bool:
    """Each field is an integer of at least that size."""
    return all(reaches(whole(asked.question.detail.get(field)), n, 1, 1) for field, n in least)


def share_of(shares: tuple[tuple[str, tuple[int, int, int]], ...], asked: Asked) -> bool:
    """Each field is an integer d that is at least the share a/b of n: d * b >= a * n."""
    return all(reaches(whole(asked.question.detail.get(field)), *share) for field, share in shares)


def role(wanted: str, asked: Asked) -> bool:
    """The detail's choice is (winner) or is not (loser) among the winners of the certified count."""
    winners = asked.facts.winners(asked.question.contest) if asked.question.contest else None
    if winners is None or certified(asked) is None:
        return False
    return (asked.question.detail["choice"] in winners) == (wanted == "winner")


def margin_at_most(share: tuple[int, int], asked: Asked) -> bool:
    """The choice is within the share a/b of all votes of the leader, or of the next if it leads."""
    if (votes := certified(asked)) is None:
        return False
    a, b = share
    own = votes[asked.question.detail["choice"]]
    rivals = best_other(votes, asked.question.detail["choice"])
    return abs(rivals - own) * b <= a * sum(votes.values())


def most_votes(_: bool, asked: Asked) -> bool:
    """The choice has more votes than every other."""
    if (votes := certified(asked)) is None:
        return False
    choice = asked.question.detail["choice"]
    return all(n < votes[choice] for other, n in votes.items() if other != choice)


def majority(wanted: str, asked: Asked) -> bool:
    """Some choice has more than half of all votes (exists), or none has (missing)."""
    votes = asked.facts.votes(asked.question.contest) if asked.question.contest else None
    if votes is None:
        return False
    exists = any(2 * n > sum(votes.values()) for n in votes.values())
    return exists == (wanted == "exists")


def close(limit: tuple[int, int, str, str], asked: Asked) -> bool:
    """The margin of the leader over the next is within the share a/b of a base, by the law's comparison."""
    a, b, compare, of = limit
    votes = asked.facts.votes(asked.question.contest) if asked.question.contest else None
    if not votes:
        return False
    first, second = sorted((*votes.values(), 0), reverse=True)[:2]
    base = {"all_votes": sum(votes.values()), "two_highest": first + second, "winner": first}[of]
    margin, bound = (first - second) * b, a * base
    return margin < bound if compare == "<" else margin <= bound


def one_of(allowed: tuple[tuple[str, tuple[str, ...]], ...], asked: Asked) -> bool:
    """Each field is one of the strings that the law lists for it."""
    return all(asked.question.detail.get(field) in listed for field, listed in allowed)


TESTS: Mapping[str, Callable[[Any, Asked], bool]] = {
    "after": after,
    "before": before,
    "every_place": every_place,
    "from": from_moment,
    "on_day": on_day,
    "states": states,
    "at_least": at_least,
    "share_of": share_of,
    "role": role,
    "margin_at_most": margin_at_most,
    "most_votes": most_votes,
    "majority": majority,
    "one_of": one_of,
    "close": close,
}
"""Every guard, in the order in which the guards of a row are tested."""

CODES: Mapping[str, str] = {
    "after": "not_yet",
    "before": "too_late",
    "every_place": "places_missing",
    "from": "too_early",
    "on_day": "wrong_day",
    "states": "not_stated",
    "at_least": "too_few",
    "share_of": "too_few",
    "role": "wrong_role",
    "margin_at_most": "margin_too_large",
    "most_votes": "not_most_votes",
    "one_of": "not_among",
    "close": "margin_too_large",
}


def certified(asked: Asked) -> Mapping[str, int] | None:
    """The certified count, if there is one and the detail's choice is a choice of it."""
    votes = asked.facts.votes(asked.question.contest) if asked.question.contest else None
    choice = asked.question.detail.get("choice")
    return votes if votes is not None and isinstance(choice, str) and choice in votes else None


def best_other(votes: Mapping[str, int], choice: str) -> int:
    """The greatest votes of any other choice; 0 if there is no other."""
    return max((n for other, n in votes.items() if other != choice), default=0)


def says_something(value: object) -> bool:
    """Not "", [], {}, null or false.  Zero says something."""
    return value is not None and value is not False and value != "" and value != [] and value != {}


def whole(value: object) -> int | None:
    """The value if it is an integer; a boolean is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def reaches(d: int | None, a: int, b: int, n: int) -> bool:
    """Whether d is at least the share a/b of n."""
    return d is not None and d * b >= a * n
