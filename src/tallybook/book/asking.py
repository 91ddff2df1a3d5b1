"""What may be done now, by whom, until when, and why the rest is closed (docs/spec/book.md, section 6).

For the official at midnight. The same law and the same record that would rule on an act are asked about
every act, before anyone asks for it. What only the act itself can state (a basis, a choice, signatures) is
told as a condition, not guessed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tallybook.book.counts import by_place
from tallybook.book.standing import Contest, Facts, Standing
from tallybook.law import LawAct, LawSet, Question, Row, local_day
from tallybook.law.guards import Asked
from tallybook.law.nouns import ANY_OFFICE
from tallybook.law.ruling import Tried, deciding_rows, ended, try_row

STATED_BY_THE_ACT = ("states", "at_least", "share_of", "role", "margin_at_most", "most_votes")
"""Guards that only the act itself can meet."""


@dataclass(frozen=True, slots=True)
class NextAct:
    """One office's answer about one act now.

    open: whether it may be asked for now; until: the deadline's moment, "" if none; late: a duty past its
    deadline; why: what keeps it closed, "" if open; left: places that have not done it, 0 if not by place.
    """

    act: str
    words: str
    office: str
    office_name: str
    contest: str
    status: str
    open: bool
    until: str
    late: bool
    why: str
    conditions: str
    citation: str
    left: int


def next_acts(standing: Standing, moment: str, everyone: bool = False) -> tuple[NextAct, ...]:
    """Every act that a row of the law grants to an office, open ones first, then by deadline.

    moment: now, by the door's clock. everyone: also what every office may always do (rows of `*`).
    """
    laws = standing.law
    if laws is None:
        return ()
    found = [one for act in laws.acts.values() for one in of_act(standing, laws, act, moment, everyone)]
    return tuple(sorted(found, key=lambda one: (not one.open, not one.until, one.until, one.act)))


def of_act(standing: Standing, laws: LawSet, act: LawAct, moment: str, everyone: bool) -> Iterator[NextAct]:
    """The answers about one act: for each contest where it is about one."""
    if act.id == "open_book":
        return
    contests = standing.order if "contest" in act.scope else ("",)
    offices = dict.fromkeys(row.office for row in laws.by_act.get(act.id, ()) if row.office != ANY_OFFICE)
    for contest in contests:
        for office in (*offices, ANY_OFFICE) if everyone else offices:
            yield from of_office(standing, laws, act, Asking(office, contest, moment))


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, about which contest, when."""

    office: str
    contest: str
    moment: str


def of_office(standing: Standing, laws: LawSet, act: LawAct, asking: Asking) -> Iterator[NextAct]:
    """The answer to one office, by the best of its rows: one that is open, or else the first that grants."""
    day = local_day(laws.clock, asking.moment)
    rows = deciding_rows(laws, act.id, asking.office, "", day, standing.day)
    for_purposes = [
        row
        for purpose in laws.purposes
        for row in deciding_rows(laws, act.id, asking.office, purpose, day, standing.day)
    ]
    tried = [tried_row(standing, laws, act, asking, row) for row in dict.fromkeys((*rows, *for_purposes))]
    granting = [one for one in tried if one.row.grants]
    if not granting:
        return
    best = next((one for one in granting if law_is_open(one)), granting[0])
    yield answered(standing, laws, act, asking, best)


def tried_row(standing: Standing, laws: LawSet, act: LawAct, asking: Asking, row: Row) -> Tried:
    """A row put to the test without what only the act can state."""
    guards = tuple(guard for guard in row.when if guard.name not in STATED_BY_THE_ACT)
    question = Question(
        act=act.id,
        office=asking.office,
        purpose="",
        contest=asking.contest,
        place="",
        detail={},
        moment=asking.moment,
        day=local_day(laws.clock, asking.moment),
        election_day=standing.day,
    )
    found = try_row(replace(row, when=guards), Asked(question, Facts(standing), laws.clock))
    return replace(found, row=row)


def law_is_open(tried: Tried) -> bool:
    """Whether the row's conditions hold and its time is not over."""
    return tried.failed is None and (not tried.late or tried.row.status == "duty")


def answered(standing: Standing, laws: LawSet, act: LawAct, asking: Asking, best: Tried) -> NextAct:
    """The answer by one row."""
    row = best.row
    left = places_left(standing, act, asking.contest)
    why = closed_by(standing, laws, act, asking, best, left)
    conditions = row.plain if any(guard.name in STATED_BY_THE_ACT for guard in row.when) else ""
    office = laws.offices.get(asking.office)
    return NextAct(
        act=act.id,
        words=act.words,
        office=asking.office,
        office_name=office.name if office else "Every office",
        contest=asking.contest,
        status=row.status,
        open=not why,
        until=best.due,
        late=best.late,
        why=why,
        conditions=conditions,
        citation=row.citation,
        left=left,
    )


def closed_by(standing: Standing, laws: LawSet, act: LawAct, asking: Asking, best: Tried, left: int) -> str:
    """What keeps an act closed now: the record, the row's conditions, or its deadline; "" if nothing does."""
    if standing.closed is not None and act.id != "correct_entry":
        return "The book is closed."
    if asking.contest and (why := closed_by_contest(standing.contests[asking.contest], act)):
        return why
    if best.failed is not None:
        return waiting_words(laws, best)
    if best.late and best.row.status != "duty":
        return ended(laws, best.due)
    by_place = act.effect == "returns" and act.count != "unofficial" and "place" in act.scope
    return "Every place has done this." if by_place and not left else ""


def closed_by_contest(contest: Contest, act: LawAct) -> str:
    """Whether the contest's phase, or its withdrawal, keeps the act closed."""
    if contest.withdrawn is not None:
        return f"This runoff was withdrawn in entry {contest.withdrawn}."
    if act.phases and contest.phase not in act.phases:
        return f"The contest is in the phase {contest.phase}; this act belongs to: {', '.join(act.phases)}."
    return ""


def waiting_words(laws: LawSet, best: Tried) -> str:
    """What a row waits for, in words."""
    assert best.failed is not None
    name, value = best.failed.name, best.failed.value
    said = {act.entry: f"{act.words}" for act in laws.acts.values()}
    if name == "after":
        return f"Waits until someone does: {'; '.join(said.get(one, one) for one in value)}."
    if name == "before":
        return f"Closed once someone does: {'; '.join(said.get(one, one) for one in value)}."
    if name == "every_place":
        return f"Waits until every place does: {said.get(value, value)}."
    return best.row.words or best.row.plain


def places_left(standing: Standing, act: LawAct, contest: str) -> int:
    """How many places of the contest have not done an act that each must do."""
    if not contest or "place" not in act.scope or act.effect != "returns":
        return 0
    of = standing.contests[contest]
    return len(of.places) - len(by_place(of, act.count))
