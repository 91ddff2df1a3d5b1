"""The book's ruling and the checker's, which share no code, are the same word for word.

Random acts, books and days over the real law files. The random numbers are seeded, so a failure repeats.
"""

import random
from datetime import date, timedelta
from importlib.resources import files

import pytest

from tallybook.law import Question, local_day, moment_of, parse_law, ruling
from tallybook.law import law_set as joined
from tallybook.law.clock import at
from tallycheck import lawfile as checker_law
from tallycheck import ruling as checker

FIELDS = (
    *("basis", "case", "court_order", "ground", "apparent_error", "just_cause", "judgment", "relationship"),
    *("senate_signers", "house_signers", "equally_divided", "senate_sustained", "house_sustained"),
)
VALUES = ("stated", "", False, [], 0, 1, 34, 87, 108, None)


class CheckersFacts:
    """The same facts in the checker's form."""

    def __init__(self, book) -> None:  # type: ignore[no-untyped-def]
        self.book = book

    def latest(self, kind, contest, place):  # type: ignore[no-untyped-def]
        return self.book.recorded(kind, contest or "", place or "")

    def in_every_place(self, kind, contest):  # type: ignore[no-untyped-def]
        return bool(contest) and self.book.every_place(kind, contest)

    def certified(self, contest):  # type: ignore[no-untyped-def]
        votes = self.book.votes(contest) if contest else None
        won = frozenset(self.book.winners(contest) or ()) if contest else frozenset()
        return None if votes is None else checker.Counted(dict(votes), won)

    def contest_day(self, contest):  # type: ignore[no-untyped-def]
        return self.book.contest_day(contest) if contest else self.book.election_day

    def moved(self, row, contest, place):  # type: ignore[no-untyped-def]
        return self.book.moved(row, contest or "", place or "")


def a_moment(dice, laws, election_day):  # type: ignore[no-untyped-def]
    day = date.fromisoformat(election_day) + timedelta(
        days=dice.choice([0, 1, 9, 10, 13, 17, 18, 21, 41, 63, 64, dice.randint(-200, 100)])
    )
    clock_time = dice.choice(["00:00", "12:00", "13:00", "17:00", "17:01", "19:00", "23:59"])
    return moment_of(laws.clock, at(day, clock_time))


def a_book(dice, laws, book, election_day):  # type: ignore[no-untyped-def]
    contests = ("president", "senate")
    votes = {
        one: {c: dice.choice([0, 990, 995, 1000]) for c in "abc"} for one in contests if dice.random() < 0.7
    }
    return book(
        entries=tuple(
            (kind, dice.choice(["", *contests]), place, a_moment(dice, laws, election_day))
            for kind in dice.sample(list(laws.entries), dice.randint(0, 30))
            for place in dice.choice([("",), ("appling",), ("appling", "bacon")])
        ),
        certified=votes,
        won={one: tuple(dice.sample("abc", dice.randint(0, 2))) for one in votes},
        days={"senate": (date.fromisoformat(election_day) + timedelta(days=63)).isoformat()},
        election_day=election_day,
    )


def a_case(dice, laws, election_day):  # type: ignore[no-untyped-def]
    act = dice.choice(list(laws.acts))
    named = [row.office for row in laws.by_act.get(act, ()) if row.office != "*"]
    moment = a_moment(dice, laws, election_day)
    detail = {name: dice.choice(VALUES) for name in dice.sample(FIELDS, 6)} | {"choice": dice.choice("abcd")}
    contest = dice.choice([None, "president", "senate"])
    return checker.Case(
        act=act,
        office=dice.choice([*named, *named, *laws.offices]),
        purpose=dice.choice(["", "", *laws.purposes]),
        contest=contest,
        office_class=dice.choice(["president", "us_senate", "council"]) if contest else "",
        place=dice.choice([None, "appling"]),
        detail=detail,
        moment=moment,
        day=local_day(laws.clock, moment),
    )


def fields(found):  # type: ignore[no-untyped-def]
    """A ruling as the checker gives it: the outcome, and the fields that an entry carries."""
    same = {"row": found.row, "law": found.law, "citation": found.citation}
    if found.outcome == "granted":
        more = {"status": found.status, "due": found.due, "late": found.late}
        return found.outcome, same | {key: value for key, value in more.items() if value}
    refusal = {"code": found.code, "failed": found.failed, "words": found.words, "next": found.next}
    return found.outcome, same | refusal | {"who_may": list(found.who_may)}


@pytest.mark.parametrize("names", [("book", "us", "georgia"), ("book", "model")])
def test_two_programs_that_share_no_code_give_the_same_ruling(book, names) -> None:  # type: ignore[no-untyped-def]
    raw = [(files("tallybook.law") / "data" / f"{name}.toml").read_bytes() for name in names]
    laws = joined([parse_law(one.decode()) for one in raw])
    theirs = checker_law.join([checker_law.parse_law(one) for one in raw])
    dice = random.Random("-".join(names))
    outcomes = set()
    for _ in range(1500):
        election_day = dice.choice(["2020-11-03", "2022-11-08", "2024-11-05"])
        facts, case = a_book(dice, laws, book, election_day), a_case(dice, laws, election_day)
        question = Question(
            case.act,
            case.office,
            case.purpose,
            case.contest or "",
            case.place or "",
            case.detail,
            case.moment,
            case.day,
            election_day,
            case.office_class,
        )
        found = fields(ruling(laws, question, facts))
        assert found == checker.Bench(theirs, election_day).rule(case, CheckersFacts(facts))
        outcomes.add(found[0])
    assert {"granted", "refused"} <= outcomes
