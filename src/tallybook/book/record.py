"""What the record itself refuses, whatever the law grants (docs/spec/book.md, section 6, step 5).

For every act that the law has granted: the book must be open, the contest in a phase that admits the act,
and what the act builds on must be there. The order of an audit by sample is kept here.
"""

from collections.abc import Callable, Mapping

from tallybook.book.audit_record import AUDIT_OBJECTIONS
from tallybook.book.boards import of_roster, people_objection
from tallybook.book.cases import Case, Objection, covering, seed_known
from tallybook.book.claims import of_answer
from tallybook.book.counts import base_of, by_place, current
from tallybook.book.officers import of_keys
from tallybook.book.recounts import of_recount_batches, of_recount_result
from tallybook.book.standing import AuditTrack

SECTION = "Tallybook book specification, section 6"


NEXT: Mapping[str, str] = {
    "book_closed": "Open a new book, or correct the wording of an entry.",
    "withdrawn": "Nothing is left to do for this runoff.",
    "phase": "Look at what may be done now, and ask for that.",
    "no_electors": "Certify the electors first.",
    "already_recorded": "Correct that entry.",
    "nothing_to_correct": "Name the current statement.",
    "no_tally": "Report the tally of at least one place first.",
    "no_finding": "Look at the open findings, and name one.",
    "no_tie": "Look at what may be done now, and ask for that.",
    "not_committed": "Commit the inputs first.",
    "not_witnessed": "Have a checkpoint of the book witnessed and record it, then ask again.",
    "seed_exists": "Go on with that seed.",
    "seed_known": "Roll another seed.",
    "no_seed": "Record the seed first.",
    "already_drawn": "Read the items of that sample.",
    "not_drawn": "Draw the sample first.",
    "signed": "What is signed stays; file what was found as a finding.",
    "not_in_sample": "Leave them out, and read the items that were drawn.",
    "already_read": "Leave them out.",
    "not_all_read": "Read the rest, then sign.",
}
"""What to do next, by the code of an objection."""


def objection(case: Case) -> Objection | None:
    """The first objection of the record to an act, or None."""
    standing, act = case.standing, case.act
    if standing.closed is not None and act.act != "correct_entry":
        return Objection("book_closed", "The book is closed.")
    if act.contest:
        contest, phases = case.contest, case.declared.phases
        if contest.withdrawn is not None:
            return Objection("withdrawn", f"This runoff was withdrawn in entry {contest.withdrawn}.")
        if phases and contest.phase not in phases:
            words = f"The contest is in the phase {contest.phase}; this act belongs to: {', '.join(phases)}."
            return Objection("phase", words)
    if act.by and (against := people_objection(case)) is not None:
        return against
    test = BY_EFFECT.get(case.declared.effect)
    return test(case) if test else None


def of_returns(case: Case) -> Objection | None:
    """A place has one statement of a count; unofficial returns may be reported again and again."""
    act, count = case.act, case.declared.count
    if count == "unofficial" or (found := current(case.standing, act.contest, count, act.place)) is None:
        return None
    words = f"Entry {found.seq} holds this statement. Correct it by an act that names entry {found.seq}."
    return Objection("already_recorded", words)


def of_restate(case: Case) -> Objection | None:
    """A correction names the current statement of its own office."""
    act, named = case.act, case.act.detail["corrects"]
    found = current(case.standing, act.contest, case.declared.count, act.place)
    if found is not None and found.seq == named and case.shelf.entries[named].office == act.office:
        return None
    return nothing_to_correct(named)


def of_correct(case: Case) -> Objection | None:
    """A correction of wording names an entry of its own office, contest and place."""
    act, named = case.act, case.act.detail["corrects"]
    entry = case.shelf.entries[named]
    if (entry.office, entry.contest, entry.place) == (act.office, act.contest, act.place):
        return None
    return nothing_to_correct(named)


def nothing_to_correct(named: int) -> Objection:
    """The entry named cannot be corrected by this act."""
    words = f"Entry {named} is not a current statement of this office for this contest and place."
    return Objection("nothing_to_correct", words)


def of_state_total(case: Case) -> Objection | None:
    """A total needs at least one place."""
    base = base_of(case.standing, case.contest, case.act.purpose, case.day)
    return no_tally(case, base)


def of_audit_result(case: Case) -> Objection | None:
    """A result needs at least one tally."""
    return no_tally(case, "audit_tally")


def no_tally(case: Case, count: str) -> Objection | None:
    """No place has a statement of that count."""
    if by_place(case.contest, count):
        return None
    return Objection("no_tally", "There is no tally to sum.")


def of_close_finding(case: Case) -> Objection | None:
    """Only an open finding is closed."""
    named = case.act.detail["finding"]
    return (
        None
        if named in case.standing.findings
        else Objection("no_finding", f"Entry {named} is not an open finding.")
    )


def of_lot(case: Case) -> Objection | None:
    """Only a tie that the law leaves to a lot is decided by one."""
    outcome = case.contest.outcome
    if outcome and outcome["kind"] == "tie" and case.act.detail["choice"] in outcome["choices"]:
        return None
    return Objection("no_tie", "No tie that this lot could decide is in the book.")


def of_electoral_votes(case: Case) -> Objection | None:
    """Electors vote after they are certified."""
    return (
        None
        if case.act.contest in case.standing.electors
        else Objection("no_electors", "No electors are certified.")
    )


def of_commit(case: Case) -> Objection | None:
    """Inputs are committed before the seed."""
    return seed_exists(case.track)


def of_seed(case: Case) -> Objection | None:
    """The seed comes after the commitment, and after a witnessed checkpoint that covers it; a new one."""
    track = case.track
    if track.committed is None:
        return Objection("not_committed", "The inputs of the draw are not committed.")
    if (covered := covering(case.standing, track.committed)) is None:
        words = f"No witnessed checkpoint covers entry {track.committed}, the inputs of the draw."
        return Objection("not_witnessed", words)
    return seed_exists(track) or seed_known(case, covered)


def seed_exists(track: AuditTrack) -> Objection | None:
    """One seed for one draw."""
    if track.seed_entry is None:
        return None
    return Objection("seed_exists", f"The seed is recorded in entry {track.seed_entry}.")


def of_draw(case: Case) -> Objection | None:
    """The draw follows the seed, once."""
    track = case.track
    if track.seed_entry is None:
        return Objection("no_seed", "No seed is recorded.")
    if track.drawn is not None:
        return Objection("already_drawn", f"The sample is drawn in entry {track.drawn}.")
    return None


def of_readings(case: Case) -> Objection | None:
    """Drawn items are read, each once, before the board signs."""
    track, asked = case.track, sorted(item for item, _ in case.act.detail["readings"])
    if found := not_open(track):
        return found
    if foreign := [item for item in asked if item not in track.items]:
        return Objection("not_in_sample", f"These items are not in the sample: {', '.join(foreign[:10])}.")
    if again := [item for item in asked if item in track.readings]:
        return Objection("already_read", f"These items are read already: {', '.join(again[:10])}.")
    return None


def of_sign(case: Case) -> Objection | None:
    """A board signs finished work only."""
    track = case.track
    if found := not_open(track):
        return found
    left = len(track.sample) - len(track.readings)
    return Objection("not_all_read", f"{left} items of the sample are not read.") if left else None


def not_open(track: AuditTrack) -> Objection | None:
    """Readings are open between the draw and the signature."""
    if track.drawn is None:
        return Objection("not_drawn", "No sample is drawn.")
    if track.signed is not None:
        return Objection("signed", f"The readings are signed in entry {track.signed}.")
    return None


BY_EFFECT: Mapping[str, Callable[[Case], Objection | None]] = {
    "returns": of_returns,
    "restate": of_restate,
    "correct": of_correct,
    "state_total": of_state_total,
    "audit_result": of_audit_result,
    "close_finding": of_close_finding,
    "lot": of_lot,
    "electoral_votes": of_electoral_votes,
    "commit": of_commit,
    "seed": of_seed,
    "draw": of_draw,
    "readings": of_readings,
    "sign": of_sign,
    "keys": of_keys,
    "roster": of_roster,
    "recount_batches": of_recount_batches,
    "recount_result": of_recount_result,
    "answer": of_answer,
    **AUDIT_OBJECTIONS,
}
