"""Claims: what was alleged or asked in public, and what this record says to it (docs/spec/officers.md, 7).

For everyone who hears an allegation. A claim is entered as it was made, with its source and day. It is
answered in one of four ways, and an answer that the record shows or contradicts it names what bears on it:
never more than the evidence says.
"""

from itertools import pairwise
from typing import Any

import msgspec

from tallybook.book.cases import Case, Objection
from tallybook.book.nouns import Act, Answer, Effect, Entry, Shelf
from tallybook.book.people import Claim
from tallybook.book.standing import Standing
from tallybook.book.values import is_day, is_hash, whole

FROM_THE_RECORD = ("record_shows", "record_contradicts")
ANSWERS = (*FROM_THE_RECORD, "record_cannot_tell", "outside_this_record")
MOST_NAMED = 100


def entries_type(value: Any, standing: Standing, _a: Act, _h: Shelf) -> str:
    """Numbers of earlier entries, ascending."""
    good = listed(value) and all(whole(one) and one < standing.size for one in value) and ascending(value)
    return "" if good else f"1 to {MOST_NAMED} numbers of entries before {standing.size}, ascending"


def named_type(value: Any, standing: Standing, act: Act, _h: Shelf) -> str:
    """Fingerprints of public exhibits on file, ascending."""
    filed = {one.get("sha256") for one in act.exhibits if isinstance(one, dict)}
    good = listed(value) and all(is_hash(one) for one in value) and ascending(value)
    if good and all(one in filed or one in standing.exhibits for one in value):
        return ""
    return f"1 to {MOST_NAMED} SHA-256 of public exhibits of this act or of earlier entries, ascending"


def listed(value: Any) -> bool:
    """A list that is not empty and not too long."""
    return isinstance(value, list) and 1 <= len(value) <= MOST_NAMED


def ascending(value: list[Any]) -> bool:
    """Each greater than the one before."""
    return all(one < later for one, later in pairwise(value))


def day_type(value: Any, _s: Standing, _a: Act, _h: Shelf) -> str:
    """A day."""
    return "" if isinstance(value, str) and is_day(value) else "a day YYYY-MM-DD"


def answer_type(value: Any, _s: Standing, _a: Act, _h: Shelf) -> str:
    """One of the four answers."""
    return "" if isinstance(value, str) and value in ANSWERS else f"one of {', '.join(ANSWERS)}"


def of_answer(case: Case) -> Objection | None:
    """An answer is about a claim, and rests on what it says it rests on."""
    act, officers = case.act, case.standing.officers
    detail, claim = act.detail, officers.claims.get(act.detail["claim"])
    if claim is None or claim.about != (act.contest, act.place):
        words = f"Entry {detail['claim']} is not a claim about this contest and place."
        return Objection("no_claim", words, "Name a claim.")
    if detail["answer"] not in FROM_THE_RECORD:
        return None
    if "entries" not in detail and "named" not in detail:
        words = "This answer must name what in the record bears on the claim."
        mend = "Name an entry or an exhibit, or answer that the record cannot tell."
        return Objection("nothing_bears", words, mend)
    for seq in detail.get("entries", ()):
        if seq in officers.claims or seq in officers.answers:
            words = f"Entry {seq} is a claim or an answer, not evidence."
            return Objection("no_evidence", words, "Name what the claim is about.")
    return None


def answer(case: Case) -> Answer:
    """Which answer it follows."""
    before = case.standing.officers.claims[case.act.detail["claim"]].answered
    return Effect({} if before is None else {"replaces": before})


def claimed(standing: Standing, entry: Entry, _: Shelf) -> Standing:
    """A claim without an answer."""
    officers = standing.officers
    claims = officers.claims.set(entry.seq, Claim(entry.seq, (entry.contest, entry.place)))
    return msgspec.structs.replace(standing, officers=msgspec.structs.replace(officers, claims=claims))


def answered(standing: Standing, entry: Entry, _: Shelf) -> Standing:
    """The latest answer to a claim."""
    officers, detail = standing.officers, entry.detail
    claim = officers.claims[detail["claim"]]
    claim = msgspec.structs.replace(claim, answer=detail["answer"], answered=entry.seq)
    officers = msgspec.structs.replace(
        officers,
        claims=officers.claims.set(claim.seq, claim),
        answers=officers.answers | {entry.seq},
    )
    return msgspec.structs.replace(standing, officers=officers)


CLAIM_TYPES = {"entries": entries_type, "named": named_type, "dated": day_type, "answer": answer_type}
