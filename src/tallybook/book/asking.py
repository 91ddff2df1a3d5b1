"""What may be done now, by whom, until when, and why the rest is closed (docs/spec/book.md, section 6).

For the official at midnight. The same law and the same record that would rule on an act are asked about
every act, before anyone asks for it. What only the act itself can state (a basis, a choice, signatures) is
told as a condition, not guessed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from msgspec import structs

from tallybook.book.audit_asking import closed_in_audits
from tallybook.book.cases import Case
from tallybook.book.counts import by_place
from tallybook.book.nouns import EMPTY_SHELF, Act
from tallybook.book.record import BY_EFFECT
from tallybook.book.standing import Contest, Facts, Standing
from tallybook.law import LawAct, LawSet, Question, Row, local_day, local_time, rule_for, value_day
from tallybook.law.guards import Asked
from tallybook.law.nouns import ANY_OFFICE, Guard
from tallybook.law.ruling import Tried, deciding_rows, decisive, ended, try_row
from tallybook.law.steps import beginning

STATED_BY_THE_ACT = ("states", "at_least", "share_of", "role", "margin_at_most", "most_votes", "one_of")
"""Guards that only the act itself can meet."""

ASKED_OF_THE_RECORD = ("state_total", "audit_result", "electoral_votes", "commit", "seed", "draw", "sign")
"""Effects of which the record knows, without the act's detail, whether it would object."""

MOST_PLACES = 5


@dataclass(frozen=True, slots=True)
class NextAct:
    """One office's answer about one act now.

    open: whether it may be asked for now; until: the deadline's moment, "" if none; late: a duty past its
    deadline; why: what keeps it closed, "" if open; conditions: what the act itself must state; left: places
    that have not done it, 0 if not by place; purpose: for which purpose the row grants it, "" for any; done:
    when it was last done, "" if never.
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
    purpose: str
    done: str


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for which act, about which contest ("" for none), when: its moment and its local day."""

    act: LawAct
    office: str
    contest: str
    moment: str
    day: str


def next_acts(standing: Standing, moment: str, everyone: bool = False) -> tuple[NextAct, ...]:
    """Every act that a row of the law grants to an office: open ones first, then by deadline.

    moment: now, by the door's clock. everyone: also what every office may always do (rows of `*`).
    """
    laws = standing.law
    if laws is None:
        return ()
    found = (answer(standing, laws, asking) for asking in askings(standing, laws, moment, everyone))
    return tuple(sorted((one for one in found if one is not None), key=urgency))


def urgency(one: NextAct) -> tuple[bool, bool, str, bool, bool, str]:
    """What an official looks at first: what is open, what ends soon, what is a duty not yet done."""
    return (not one.open, not one.until, one.until, one.status != "duty", bool(one.done), one.act)


def askings(standing: Standing, laws: LawSet, moment: str, everyone: bool) -> Iterator[Asking]:
    """Every office that a row names, for every act and each contest that it could be about."""
    day = local_day(laws.clock, moment)
    for act in laws.acts.values():
        rows = laws.by_act.get(act.id, ())
        offices = dict.fromkeys(row.office for row in rows if everyone or row.office != ANY_OFFICE)
        contests = contests_of(standing, laws, act, day) if "contest" in act.scope else ("",)
        if act.effect != "open":
            yield from (Asking(act, office, one, moment, day) for one in contests for office in offices)


def contests_of(standing: Standing, laws: LawSet, act: LawAct, day: str) -> tuple[str, ...]:
    """The contests that an act could be about: none withdrawn, and electors only where the law has them."""
    of_electors = act.effect in ("electors", "electoral_votes")
    return tuple(
        one.id
        for one in (standing.contests[name] for name in standing.order)
        if one.withdrawn is None
        and (not of_electors or rule_for(laws, "electors", one.class_id, day, standing.day))
    )


def answer(standing: Standing, laws: LawSet, asking: Asking) -> NextAct | None:
    """The answer by the best of the office's rows: the first that is open, or else the one that decides."""
    of = standing.contests[asking.contest].class_id if asking.contest else ""
    rows = [
        row
        for purpose in ("", *laws.purposes)
        for row in deciding_rows(laws, asking.act.id, asking.office, purpose, asking.day, standing.day, of)
    ]
    tried = [tried_anywhere(standing, laws, asking, row) for row in dict.fromkeys(rows) if row.grants]
    if not tried:
        return None
    return answered(standing, laws, asking, next((one for one in tried if law_is_open(one)), decisive(tried)))


def tried_anywhere(standing: Standing, laws: LawSet, asking: Asking, row: Row) -> Tried:
    """A row put to the test for the whole and, if it is closed there, for each place that may act."""
    whole = tried_row(standing, laws, asking, row, "")
    if law_is_open(whole) or not {"place", "place?"} & {*asking.act.scope}:
        return whole
    places = standing.contests[asking.contest].places if asking.contest else standing.places
    each = (tried_row(standing, laws, asking, row, place) for place in places)
    return next((one for one in each if law_is_open(one)), whole)


def tried_row(standing: Standing, laws: LawSet, asking: Asking, row: Row, place: str) -> Tried:
    """A row put to the test without what only the act can state."""
    guards = tuple(guard for guard in row.when if guard.name not in STATED_BY_THE_ACT)
    found = try_row(replace(row, when=guards), asked(standing, laws, asking, place))
    return structs.replace(found, row=row)


def asked(standing: Standing, laws: LawSet, asking: Asking, place: str) -> Asked:
    """The question to the law, without a detail."""
    question = Question(
        act=asking.act.id,
        office=asking.office,
        purpose="",
        contest=asking.contest,
        place=place,
        detail={},
        moment=asking.moment,
        day=asking.day,
        election_day=standing.day,
    )
    return Asked(question, Facts(standing), laws.clock)


def law_is_open(tried: Tried) -> bool:
    """Whether the row's conditions hold and its time is not over."""
    return tried.failed is None and (not tried.late or tried.row.status == "duty")


def answered(standing: Standing, laws: LawSet, asking: Asking, best: Tried) -> NextAct:
    """The answer by one row."""
    row, act = best.row, asking.act
    why = closed_by_record(standing, asking, best) or closed_by_law(standing, laws, asking, best)
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
        conditions=row.plain if any(guard.name in STATED_BY_THE_ACT for guard in row.when) else "",
        citation=row.citation,
        left=len(places_left(standing, act, asking.contest)),
        purpose=row.purposes[0] if row.purposes else "",
        done=standing.recorded_at(act.entry, asking.contest, "") or "",
    )


def closed_by_law(standing: Standing, laws: LawSet, asking: Asking, best: Tried) -> str:
    """The condition that the row waits for, or the deadline that is past; "" if neither."""
    if best.failed is not None:
        return waiting_words(standing, laws, asking, best.row, best.failed)
    if best.late and best.row.status != "duty":
        return ended(laws, best.due)
    return ""


def waiting_words(standing: Standing, laws: LawSet, asking: Asking, row: Row, guard: Guard) -> str:
    """What a row waits for, in words."""
    at = asked(standing, laws, asking, "")
    if guard.name == "after":
        missing = [deed(laws, kind) for kind in guard.value if at.recorded(kind) is None]
        return f"First somebody must {' and '.join(missing)}."
    if guard.name == "before":
        done = next(kind for kind in guard.value if at.recorded(kind))
        since = local_minute(laws, at.recorded(done) or "")
        return f"Closed since {since}, when this was done: {deed(laws, done)}."
    if guard.name == "every_place" and asking.contest:
        contest = standing.contests[asking.contest]
        places = [place for place in contest.places if guard.value not in contest.record.spot(place).said]
        return f"First these must {deed(laws, guard.value)}: {named(standing, places)}."
    if guard.name == "from" and (opens := beginning(laws.clock, guard.value, at.starts())):
        return f"Opens on {local_minute(laws, opens)}."
    if guard.name == "on_day" and (day := value_day(laws.clock, guard.value, at.starts())):
        return f"Only on {day}."
    return row.words or row.plain


def deed(laws: LawSet, kind: str) -> str:
    """An entry kind as something that somebody can do: "certify the state's results"."""
    act = laws.entries.get(kind)
    return laws.acts[act].words if act else f"see that this is in the book: {kind}"


def local_minute(laws: LawSet, moment: str) -> str:
    """A moment in the law's local time."""
    return f"{local_time(laws.clock, moment):%Y-%m-%d %H:%M}"


def named(standing: Standing, places: list[str]) -> str:
    """The names of places: all, or the first few and how many more."""
    names = ", ".join(standing.places[place] for place in places[:MOST_PLACES])
    more = len(places) - MOST_PLACES
    return f"{names} and {more} more" if more > 0 else names


def closed_by_record(standing: Standing, asking: Asking, best: Tried) -> str:
    """What the record would object to, whatever the act states; "" if nothing."""
    act = asking.act
    if standing.closed is not None and act.id != "correct_entry":
        return "The book is closed."
    if act.effect == "close_finding" and not standing.findings:
        return "No finding is open."
    if (
        law_is_open(best)
        and (closed := closed_in_audits(standing, act, asking.contest, asking.day)) is not None
    ):
        return closed
    if not asking.contest or not law_is_open(best):
        return ""
    contest = standing.contests[asking.contest]
    if act.effect == "returns" and act.count != "unofficial" and not places_left(standing, act, contest.id):
        return "Every place has done this."
    if act.phases and contest.phase not in act.phases:
        return f"The contest is in the phase {contest.phase}; this act belongs to: {', '.join(act.phases)}."
    if act.effect == "lot" and (contest.outcome is None or contest.outcome["kind"] != "tie"):
        return "No tie that a lot could decide is in the book."
    return objection_anywhere(standing, contest, asking, best.row)


def objection_anywhere(standing: Standing, contest: Contest, asking: Asking, row: Row) -> str:
    """The record's objection, if it objects for the contest as a whole and for every place that may act."""
    act = asking.act
    if act.effect not in ASKED_OF_THE_RECORD:
        return ""
    places = contest.places if {"place", "place?"} & {*act.scope} else ()
    objections = []
    for place in ("", *places):
        bare = Act(
            act=act.id,
            office=asking.office,
            on=asking.day,
            received=asking.moment,
            key="",
            contest=contest.id,
            place=place,
            purpose=row.purposes[0] if row.purposes else "",
        )
        found = BY_EFFECT[act.effect](Case(standing, act, bare, asking.day, EMPTY_SHELF))
        if found is None:
            return ""
        objections.append(found.words)
    return next((words for words in objections if words != objections[0]), objections[0])


def places_left(standing: Standing, act: LawAct, contest: str) -> list[str]:
    """The places of the contest that have not done an act that each must do."""
    if not contest or "place" not in act.scope or act.effect != "returns":
        return []
    of = standing.contests[contest]
    done = by_place(of, act.count)
    return [place for place in of.places if place not in done]
