"""The ruling on an act: law specification, sections 5 to 7.

`Bench` holds a law set for one election and answers acts. What depends on dates and names alone (the
applicable rows, their class, who may) is worked out once and kept, since a book asks it a million times.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, Protocol

from .clock import Steps, walk
from .law import LawSet, Row, Rule, holds

DEFAULT_CODES = {
    "after": "not_yet", "before": "too_late", "every_place": "places_missing", "from": "too_early",
    "on_day": "wrong_day", "states": "not_stated", "at_least": "too_few", "share_of": "too_few",
    "role": "wrong_role", "margin_at_most": "margin_too_large", "most_votes": "not_most_votes",
    "one_of": "not_among", "close": "margin_too_large",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """An act as the law sees it. Absent contest and place are None, an absent purpose is ``""``.

    `office_class` is that of the contest; None where there is none.
    """

    act: str
    office: str
    purpose: str
    contest: str | None
    place: str | None
    detail: dict[str, Any]
    moment: str
    day: str
    office_class: str | None = None


@dataclass(frozen=True)
class Counted:
    """The certified count of a contest: votes by choice, and the winners that its outcome names."""

    votes: dict[str, int]
    winners: frozenset[str]


class Facts(Protocol):
    """What guards ask of the book."""

    def latest(self, kind: str, contest: str | None, place: str | None) -> str | None:
        """The `received` of the latest entry of the kind that matches, or None."""

    def in_every_place(self, kind: str, contest: str | None) -> bool:
        """Whether every place of the contest has an entry of the kind for that contest."""

    def certified(self, contest: str | None) -> Counted | None:
        """The certified count, if there is one."""

    def contest_day(self, contest: str | None) -> str:
        """The day of the contest, or of the election where there is no contest."""

    def moved(self, row: str, contest: str | None, place: str | None) -> tuple[int, str] | None:
        """The latest entry that moved that row's deadline for an act there, and the moment."""


class Deadline(NamedTuple):
    """A row's deadline: its moment, its local time for people, and the entry that moved it there."""

    moment: str | None
    local: str
    moved: int | None = None


@dataclass(frozen=True)
class Bench:
    """A law set and the day of the election it rules on."""

    law: LawSet
    election_day: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "_classes", {})
        object.__setattr__(self, "_deadlines", {})
        object.__setattr__(self, "_rows", {row.id: row for row in self.law.rows})
        object.__setattr__(self, "_of_act", {})
        for row in self.law.rows:
            self._of_act.setdefault(row.act, []).append(row)
        object.__setattr__(self, "_rules", {})
        object.__setattr__(self, "_first", {})
        for rule in self.law.rules:
            self._rules.setdefault(rule.kind, []).append(rule)

    _rows: Any = None
    _of_act: Any = None
    _rules: Any = None
    _first: Any = None
    _classes: Any = None
    _deadlines: Any = None

    def rule(self, case: Case, facts: Facts) -> tuple[str, dict[str, Any]]:
        """`granted`, `refused` or `no_legal_effect`, and the fields that the entry carries (section 6)."""
        rows, who_may = self.class_of(case)
        if not rows:  # 3
            words = f"No law in force on {case.day} grants this act to this office."
            return "refused", self.refusal(None, "no_law", "", words, who_may, case)
        tried = []
        for row in rows:  # 4
            failed = first_failing(self, row, case, facts) if row.grants else ""
            due = self.deadline(row, case, facts)
            late = due.moment is not None and case.moment > due.moment
            if row.grants and not failed and (not late or row.status == "duty"):
                return "granted", granted_fields(row, due, late)
            tried.append((row, failed, late and row.grants and not failed, due.local))
        deciding = next((t for t in tried if t[1] not in ("after", "before")), tried[0])  # 5
        kind = "no_legal_effect" if deciding[0].status == "no_legal_effect" else "refused"
        return kind, self.refused_by(*deciding, who_may, case)

    def refused_by(
        self, row: Row, failed: str, late: bool, local: str, who_may: tuple[str, ...], case: Case
    ) -> dict[str, Any]:
        """The eight fields of a refusal by that row."""
        if late:
            return self.refusal(
                row, "out_of_time", "due", f"The time for this act ended on {local}.", who_may, case
            )
        code = row.code or default_code(row, failed)
        return self.refusal(row, code, failed, row.words or row.plain, who_may, case)

    def refusal(
        self, row: Row | None, code: str, failed: str, words: str, who_may: tuple[str, ...], case: Case
    ) -> dict[str, Any]:
        """The eight fields."""
        return {
            "citation": row.citation if row else "", "code": code, "failed": failed,
            "law": row.law if row else "",
            "next": (row.next if row else "") or self.next_words(who_may, case.office),
            "row": row.id if row else "", "who_may": list(who_may), "words": words,
        }  # fmt: skip

    def next_words(self, who_may: tuple[str, ...], office: str) -> str:
        """What to do next where the row does not say."""
        names = [self.law.offices[name] for name in who_may if name != office]
        if names:
            return f"Ask: {', '.join(names)}."
        return "Mend what is missing and ask again." if who_may else "No office may do this."

    def class_of(self, case: Case) -> tuple[tuple[Row, ...], tuple[str, ...]]:
        """Steps 1 and 2: the rows of the deciding class, and the offices that may do the act."""
        key = (case.act, case.office, case.purpose, case.day, case.office_class)
        if key not in self._classes:
            if len(self._classes) > 100_000:
                self._classes.clear()
            rows = [row for row in self._of_act.get(case.act, ()) if self.applies(row, case)]
            self._classes[key] = (first_class(rows, case.office), who_may(rows))
        found: tuple[tuple[Row, ...], tuple[str, ...]] = self._classes[key]
        return found

    def applies(self, row: Row, case: Case) -> bool:
        """Step 1 but for the office."""
        return (
            holds(row.in_force, case.day)
            and holds(row.elections_held, self.election_day)
            and (row.purposes is None or case.purpose in row.purposes)
            and (row.classes is None or case.office_class in row.classes)
        )

    def deadline(self, row: Row, case: Case, facts: Facts) -> Deadline:
        """A row's deadline, which an entry may have moved; no moment where `due` has no value."""
        moved = facts.moved(row.id, case.contest, case.place)
        if moved is not None:
            seq, moment = moved
            return Deadline(moment, self.law.clock.local(moment).isoformat(" ", "minutes"), seq)
        steps = row.due
        if steps is None:
            return Deadline(None, "")
        if steps.start in ("act_day", "entry"):
            return self.deadline_of(steps, case, facts)
        key = (row, case.contest)
        if key not in self._deadlines:
            self._deadlines[key] = self.deadline_of(steps, case, facts)
        found: Deadline = self._deadlines[key]
        return found

    def deadline_of(self, steps: Steps, case: Case, facts: Facts) -> Deadline:
        """The deadline that date steps lead to."""
        day = self.day_of(steps, case, facts)
        if day is None:
            return Deadline(None, "")
        end = at_time(day, steps.time) if steps.time else at_time(day, "23:59") + timedelta(seconds=59)
        return Deadline(self.law.clock.moment(end), end.isoformat(" ", "minutes"))

    def moment_of(self, local: str) -> str:
        """The moment of a local time YYYY-MM-DDTHH:MM in a year from 1900 to 2999."""
        return self.law.clock.moment(datetime.fromisoformat(local))

    def row(self, name: str) -> Row | None:
        """The row of that id."""
        found: Row | None = self._rows.get(name)
        return found

    def day_of(self, steps: Steps, case: Case, facts: Facts) -> date | None:
        """The day that date steps lead to, or None where they have no value (section 4)."""
        start = self.start_of(steps, case, facts)
        if start is None:
            return None
        try:
            return walk(start, steps.steps, self.law.holidays)
        except OverflowError:
            return None

    def start_of(self, steps: Steps, case: Case, facts: Facts) -> date | None:
        """The first day of the steps."""
        if steps.start == "entry":
            received = facts.latest(steps.fixed, case.contest, case.place)
            return self.law.clock.local(received).date() if received is not None else None
        if steps.start in ("year", "next_year"):
            year = int(self.election_day[:4]) + (steps.start == "next_year")
            return date.fromisoformat(f"{year:04d}-{steps.fixed}") if year <= 9999 else None
        days = {"day": steps.fixed, "act_day": case.day, "election_day": self.election_day}
        return date.fromisoformat(days.get(steps.start) or facts.contest_day(case.contest))

    def find_rule(self, kind: str, office_class: str, day: str) -> Rule | None:
        """The first rule of that kind that applies to the class on that day (section 7)."""
        first = self.first_rules(kind, day)
        return first.get(office_class) or first.get(None)

    def first_rules(self, kind: str, day: str) -> dict[str | None, Rule]:
        """The first rule of that kind and day for each class, and under None the first for all of them."""
        if (kind, day) not in self._first:
            if len(self._first) > 100:
                self._first.clear()
            first: dict[str | None, Rule] = {}
            for rule in self._rules.get(kind, ()):
                if holds(rule.in_force, day) and holds(rule.elections_held, self.election_day):
                    for office_class in rule.classes or (None,):
                        first.setdefault(office_class, rule)
                    if not rule.classes:
                        break
            self._first[kind, day] = first
        found: dict[str | None, Rule] = self._first[kind, day]
        return found

    def rules_for(self, kind: str, office_class: str | None, day: str) -> Iterator[Rule]:
        """All of them, in order. Without a class only rules of every class apply (officers, section 8)."""
        for rule in self._rules.get(kind, ()):
            concerns = not rule.classes or office_class in rule.classes
            if concerns and holds(rule.in_force, day) and holds(rule.elections_held, self.election_day):
                yield rule


def at_time(day: date, time: str) -> datetime:
    """The local time HH:MM of a day."""
    return datetime(day.year, day.month, day.day, int(time[:2]), int(time[3:]))


def granted_fields(row: Row, due: Deadline, late: bool) -> dict[str, Any]:
    """The ruling of an act granted."""
    fields: dict[str, Any] = {"citation": row.citation, "law": row.law, "row": row.id, "status": row.status}
    if due.moment is not None:
        fields["due"] = due.moment
    if due.moved is not None:
        fields["moved"] = due.moved
    if late:
        fields["late"] = True
    return fields


def first_class(rows: list[Row], office: str) -> tuple[Row, ...]:
    """Step 2: the first class of the applicable rows that is not empty."""
    for named in (office, "*"):
        for with_purposes in (True, False):
            found = tuple(r for r in rows if r.office == named and (r.purposes is not None) == with_purposes)
            if found:
                return found
    return ()


def who_may(rows: list[Row]) -> tuple[str, ...]:
    """The offices named by applicable rows whose class holds a granting row, each once, in order."""
    by_office: dict[str, list[Row]] = {}
    for row in rows:
        by_office.setdefault(row.office, []).append(row)
    named = [office for office in by_office if office != "*"]
    return tuple(o for o in named if any(row.grants for row in first_class(by_office[o], o)))


def default_code(row: Row, failed: str) -> str:
    """The code of a refusal where the row has none."""
    if failed == "majority":
        return "majority_exists" if dict(row.guards)["majority"] == "missing" else "majority_missing"
    if failed:
        return DEFAULT_CODES[failed]
    return "no_legal_effect" if row.status == "no_legal_effect" else "not_permitted"


# Guards, section 5 ------------------------------------------------------------


def first_failing(bench: Bench, row: Row, case: Case, facts: Facts) -> str:
    """The name of the first guard of the row that fails, or ``""``."""
    for name, value in row.guards:
        if not TESTS[name](value, bench, case, facts):
            return name
    return ""


def after(value: list[str], _: Bench, case: Case, facts: Facts) -> bool:
    return all(facts.latest(kind, case.contest, case.place) is not None for kind in value)


def before(value: list[str], _: Bench, case: Case, facts: Facts) -> bool:
    return all(facts.latest(kind, case.contest, case.place) is None for kind in value)


def every_place(value: str, _: Bench, case: Case, facts: Facts) -> bool:
    return facts.in_every_place(value, case.contest)


def starts(value: Steps, bench: Bench, case: Case, facts: Facts) -> bool:
    day = bench.day_of(value, case, facts)
    return day is not None and case.moment >= bench.law.clock.moment(at_time(day, value.time or "00:00"))


def on_day(value: Steps, bench: Bench, case: Case, facts: Facts) -> bool:
    day = bench.day_of(value, case, facts)
    return day is not None and day.isoformat() == case.day


def states(value: list[str], _: Bench, case: Case, __: Facts) -> bool:
    return all(is_stated(case.detail.get(name)) for name in value)


def is_stated(value: object) -> bool:
    """Neither ``""``, ``[]``, ``{}``, null nor false. (The number 0 is stated.)"""
    return (
        value is not None and value is not False and not (isinstance(value, (str, list, dict)) and not value)
    )


def at_least(value: dict[str, int], _: Bench, case: Case, __: Facts) -> bool:
    return all(type(n := case.detail.get(name)) is int and n >= least for name, least in value.items())


def share_of(value: dict[str, tuple[tuple[int, int], int]], _: Bench, case: Case, __: Facts) -> bool:
    return all(
        type(d := case.detail.get(name)) is int and d * b >= a * n for name, ((a, b), n) in value.items()
    )  # fmt: skip


def role(value: str, _: Bench, case: Case, facts: Facts) -> bool:
    counted, choice = facts.certified(case.contest), case.detail.get("choice")
    if counted is None or not isinstance(choice, str) or choice not in counted.votes:
        return False
    return (choice in counted.winners) == (value == "winner")


def margin_at_most(value: tuple[int, int], _: Bench, case: Case, facts: Facts) -> bool:
    counted, choice = facts.certified(case.contest), case.detail.get("choice")
    if counted is None or not isinstance(choice, str) or choice not in counted.votes:
        return False
    own, others = counted.votes[choice], [n for c, n in counted.votes.items() if c != choice]
    margin = abs(own - max(others, default=0))
    return margin * value[1] <= value[0] * sum(counted.votes.values())


def most_votes(_: bool, __: Bench, case: Case, facts: Facts) -> bool:
    counted, choice = facts.certified(case.contest), case.detail.get("choice")
    if counted is None or not isinstance(choice, str) or choice not in counted.votes:
        return False
    return all(counted.votes[choice] > n for c, n in counted.votes.items() if c != choice)


def majority(value: str, _: Bench, case: Case, facts: Facts) -> bool:
    counted = facts.certified(case.contest)
    if counted is None:
        return False
    exists = any(n * 2 > sum(counted.votes.values()) for n in counted.votes.values())
    return exists == (value == "exists")


def one_of(value: dict[str, list[str]], _: Bench, case: Case, __: Facts) -> bool:
    return all(case.detail.get(name) in among for name, among in value.items())


def close(value: dict[str, Any], _: Bench, case: Case, facts: Facts) -> bool:
    counted = facts.certified(case.contest)
    if counted is None:
        return False
    first, second, *_rest = [*sorted(counted.votes.values(), reverse=True), 0, 0]
    whole = {"all_votes": sum(counted.votes.values()), "two_highest": first + second, "winner": first}
    a, b = value["share"]
    gap, most = (first - second) * b, a * whole[value["of"]]
    return bool(gap < most or (gap == most and value["compare"] == "<="))


TESTS: dict[str, Callable[[Any, Bench, Case, Facts], bool]] = {
    "after": after, "before": before, "every_place": every_place, "from": starts, "on_day": on_day,
    "states": states, "at_least": at_least, "share_of": share_of, "role": role,
    "margin_at_most": margin_at_most, "most_votes": most_votes, "majority": majority,
    "one_of": one_of, "close": close,
}  # fmt: skip
