"""decide: what becomes of an act (docs/spec/book.md, section 6).

For every door. A pure function of the standing, the act and the shelf: form, repetition, staleness, law,
record, effect, in that order. The law is asked before the record, so that a refusal names the statute
whenever there is one. All or nothing: an act that cannot be entered changes nothing.
"""

from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from tallybook.book.boards import with_board
from tallybook.book.cases import Case, Objection
from tallybook.book.effects import EFFECTS
from tallybook.book.form import form_problems
from tallybook.book.nouns import (
    FIRST_VERSION,
    REFUSED,
    WITHOUT_EFFECT,
    Act,
    Consequence,
    Decision,
    Effect,
    Entered,
    Entry,
    Malformed,
    Problem,
    Repeated,
    Shelf,
    Stale,
    act_of,
    same_act,
)
from tallybook.book.officers import opening_people, people_problems
from tallybook.book.opening import opening_law, opening_problems
from tallybook.book.record import NEXT, SECTION, objection
from tallybook.book.standing import Facts, Standing
from tallybook.book.values import quoted
from tallybook.book.writing import written_size
from tallybook.law import (
    GRANTED,
    NO_LEGAL_EFFECT,
    LawSet,
    Question,
    Ruling,
    local_day,
    moment_of,
    offices_that_may,
    ruling,
)
from tallybook.merkle.canonical import MAX_ENTRY

Json = dict[str, Any]


def decide(standing: Standing, act: Act, shelf: Shelf) -> Decision:
    """The entries that an act makes, or why it makes none.

    standing: the book so far; act: what is asked; shelf: what the act names, fetched by the door.
    """
    if standing.size == 0:
        return opened(standing, act, shelf)
    laws = standing.law
    assert laws is not None
    if (seq := standing.keys.get(act.key)) is not None:
        return repeated(seq, act, shelf)
    if problems := form_problems(standing, laws, act, shelf):
        return Malformed(problems)
    if act.act == "open_book":
        mend = "Open another book for another election."
        return Malformed((Problem("act", "open_book", "an act after the opening", mend),))
    if problems := persons(standing, laws, act, shelf):
        return Malformed(problems)
    if act.seen is not None and (newest := standing.record_of(act.contest).spot(act.place).last) > act.seen:
        return Stale(newest)
    return ruled(standing, laws, act, shelf)


def persons(standing: Standing, laws: LawSet, act: Act, shelf: Shelf) -> tuple[Problem, ...]:
    """The problems with the persons of a well-formed act (officers specification, sections 2 to 5)."""
    if not (act.by or laws.peopled or standing.officers.keys):
        return ()
    day = asked(laws, act, standing.day).day
    return people_problems(Case(standing, laws.acts[act.act], act, day, shelf))


def repeated(seq: int, act: Act, shelf: Shelf) -> Decision:
    """The same act again is answered with its entry; another act under the same key is a problem."""
    if same_act(act, act_of(shelf.entries[seq])):
        return Repeated(seq)
    mend = "Give each act a key of its own."
    return Malformed((Problem("key", quoted(act.key), f"a new key: entry {seq} has this one", mend),))


def ruled(standing: Standing, laws: LawSet, act: Act, shelf: Shelf) -> Decision:
    """Law, then record, then effect."""
    of = standing.contests[act.contest].class_id if act.contest else ""
    question = asked(laws, act, standing.day, of)
    found = ruling(laws, question, Facts(standing))
    if found.outcome != GRANTED:
        kind = WITHOUT_EFFECT if found.outcome == NO_LEGAL_EFFECT else REFUSED
        return fitting(Entered((own_entry(standing.size, act, kind, {}, refusal_json(found), {}),)))
    case = Case(standing, laws.acts[act.act], act, question.day, shelf)
    if (against := objection(case)) is not None:
        refusal = by_record(laws, question, against)
        return fitting(Entered((own_entry(standing.size, act, REFUSED, {}, refusal, {}),)))
    done = EFFECTS[case.declared.effect](case)
    if not isinstance(done, Effect):
        return Malformed((done,) if isinstance(done, Problem) else done)
    if act.by:
        done = msgspec.structs.replace(done, result=with_board(case, done.result))
    return fitting(entered(standing.size, act, case.declared.entry, found, done))


def fitting(decision: Entered) -> Entered | Malformed:
    """The entries, if each has room in the book; otherwise the problem of the one that has not."""
    for entry in decision.entries:
        if (size := written_size(entry)) > MAX_ENTRY:
            mend = "File the long part as an exhibit, and name it here."
            expected = f"at most {MAX_ENTRY:,} bytes"
            return Malformed((Problem("detail", f"an entry of {size:,} bytes", expected, mend),))
    return decision


def asked(laws: LawSet, act: Act, election_day: str, contest_class: str = "") -> Question:
    """The act as a question to the law: its moment is when it was received, or what a signed paper says."""
    moment = moment_of(laws.clock, datetime.fromisoformat(act.on)) if act.paper else act.received
    day = local_day(laws.clock, moment)
    return Question(
        act.act,
        act.office,
        act.purpose,
        act.contest,
        act.place,
        act.detail,
        moment,
        day,
        election_day,
        contest_class,
    )


def entered(seq: int, act: Act, kind: str, found: Ruling, done: Effect) -> Entered:
    """The act's own entry, its consequences, and what the book made for it."""
    made: dict[str, bytes] = {}
    if done.made:
        made = {sha256(data).hexdigest(): data for data in done.made.values()}
        exhibits = (exhibit_of(name, data) for name, data in sorted(done.made.items()))
        act = msgspec.structs.replace(act, exhibits=(*act.exhibits, *exhibits))
    own = own_entry(seq, act, kind, ruling_json(found), {}, done.result)
    if not done.follows:
        return Entered((own,), made)
    follows = [consequence(seq, seq + n, act, one) for n, one in enumerate(done.follows, 1)]
    return Entered((own, *follows), made)


def exhibit_of(name: str, data: bytes) -> Json:
    """A public exhibit that the book makes."""
    return {"bytes": len(data), "kind": "public", "name": name, "sha256": sha256(data).hexdigest()}


def own_entry(seq: int, act: Act, kind: str, granted: Json, refusal: Json, result: Json) -> Entry:
    """The entry of the act itself: the fields in their order, since names cost more than all the rest."""
    return Entry(
        seq,
        kind,
        act.received,
        FIRST_VERSION,
        act.act,
        act.office,
        act.contest,
        act.place,
        act.purpose,
        act.on,
        act.detail,
        act.exhibits,
        act.paper,
        act.key,
        act.seen,
        act.by,
        granted,
        refusal,
        result,
    )


def consequence(cause: int, seq: int, act: Act, follows: Consequence) -> Entry:
    """An entry that arises by law from the act."""
    return Entry(
        seq=seq,
        entry=follows.entry,
        received=act.received,
        contest=follows.contest,
        result=follows.result,
        cause=cause,
    )


def ruling_json(found: Ruling) -> Json:
    """A grant as an entry holds it."""
    said: Json = {"row": found.row, "law": found.law, "citation": found.citation, "status": found.status}
    if found.due:
        said["due"] = found.due
    if found.moved is not None:
        said["moved"] = found.moved
    return {**said, "late": True} if found.late else said


def refusal_json(found: Ruling) -> Json:
    """A refusal by law, or an act without legal effect, as an entry holds it."""
    return {
        "row": found.row,
        "law": found.law,
        "citation": found.citation,
        "code": found.code,
        "failed": found.failed,
        "words": found.words,
        "who_may": list(found.who_may),
        "next": found.next,
    }


def by_record(laws: LawSet, question: Question, against: Objection) -> Json:
    """A refusal by the record, with who may as the law says it, and what to do next."""
    who_may = offices_that_may(laws, question.act, *question.circumstances)
    rule = against.rule
    return {
        "row": rule.id if rule else "",
        "law": rule.law if rule else "",
        "citation": rule.citation if rule else SECTION,
        "code": against.code,
        "failed": "record",
        "words": against.words,
        "who_may": list(who_may),
        "next": against.next or NEXT[against.code],
    }


def opened(standing: Standing, act: Act, shelf: Shelf) -> Decision:
    """The first act opens the book; the law that it names must grant it."""
    if act.act != "open_book":
        mend = "Open the book first: `tallybook book new`."
        return Malformed((Problem("act", quoted(act.act), "open_book", mend),))
    laws = opening_law(act, shelf)
    if isinstance(laws, tuple):
        return Malformed(laws)
    if problems := (*form_problems(standing, laws, act, shelf), *opening_problems(laws, act, shelf)):
        return Malformed(problems)
    if problems := opening_people(act):
        return Malformed(problems)
    found = ruling(laws, asked(laws, act, act.detail["election"]["day"]), Facts(standing))
    if found.outcome != GRANTED:
        return Malformed((Problem("office", quoted(act.office), "the keeper of the record", found.words),))
    entry = own_entry(0, act, "book_opened", ruling_json(found), {}, {})
    return fitting(Entered((msgspec.structs.replace(entry, origin=shelf.origin, policy=shelf.policy),)))
