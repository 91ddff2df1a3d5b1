"""What the record refuses in an audit by plan (docs/spec/audit.md, section 8).

For every act that the law has granted: the plan must stand, the seed must wait for its witness, items must
be drawn before they are read, sealed before they are opened, settled before their record is seen, signed
before they are measured, and measured before the audit of a contest may stop.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tallybook.audit.published import Rows, UnfitRowsError, read_head, row_of, rows_again
from tallybook.book.audit_plan import read_plan
from tallybook.book.audit_runs import UNOPENED, Plan, PlannedStratum, Run
from tallybook.book.cases import Case, Objection, covering, seed_known
from tallybook.book.counts import by_place
from tallybook.book.nouns import Shelf
from tallybook.book.readings import sealed
from tallybook.book.standing import Standing

AUDIT_NEXT: Mapping[str, str] = {
    "no_audit": "Name the entry that committed the plan.",
    "plan_replaced": "Go on with that plan.",
    "audit_over": "Nothing is left to draw.",
    "round_open": "Finish and measure that round first.",
    "not_both_in": "Wait for the other reader.",
    "already_open": "Leave them out.",
    "does_not_open": "Open what was committed; if it was wrong, adjudicate it.",
    "nothing_to_settle": "Leave them out.",
    "not_settled": "Open both readings first, and settle those that differ.",
    "no_row": "Find the salt of that card, or open it with none: it then counts against the outcome.",
    "no_discrepancy": "Leave them out.",
    "nothing_to_sign": "Read first, then sign.",
    "unfinished": "Finish them, then sign.",
    "not_signed": "Have the board sign it.",
    "already_measured": "Draw another round, or stop.",
    "already_stopped": "Nothing is left to do in it.",
    "not_measured": "Read, sign and measure first.",
    "above_limit": "Draw another round, or count in full.",
}
"""What to do next, by the code of an objection that only an audit knows."""

Found = Objection | None
ENDING = ("stop", "counted")
"""Steps of a measurement after which the audit of a contest may stop."""


def run_of(case: Case) -> Run:
    """The audit that an act names; only asked once it is known to be one."""
    return case.standing.runs[case.act.detail["audit"]]


def planned(case: Case) -> Plan:
    """The plan that an act commits, which has passed the tests of form."""
    found = read_plan(case.shelf.documents[case.act.detail["plan"]], case.standing)
    assert isinstance(found, Plan)
    return found


def of_plan(case: Case) -> Found:
    """A contest whose seed is rolled keeps its plan."""
    for name in planned(case).names:
        for run in case.standing.runs.values():
            if run.seeded is not None and name in run.plan.names:
                return seed_exists(run.seeded)
    return None


def seed_exists(entry: int) -> Objection:
    """One seed for one draw."""
    return refused("seed_exists", f"The seed is recorded in entry {entry}.")


def in_audit(test: Callable[[Case, Run], Found]) -> Callable[[Case], Found]:
    """A test of an act on a plan that stands: the plan is of this place, and none has replaced it."""

    def asked(case: Case) -> Found:
        number = case.act.detail["audit"]
        run = case.standing.runs.get(number)
        if run is None or run.place != case.act.place:
            return refused("no_audit", f"Entry {number} is not an audit plan of this place.")
        later = (case.standing.planned[name] for name in run.plan.names)
        replaced = next((entry for entry in later if entry != number), None)
        if replaced is not None:
            return refused("plan_replaced", f"The plan was replaced in entry {replaced}.")
        return test(case, run)

    return asked


def in_sample(test: Callable[[Case, Run], Found]) -> Callable[[Case], Found]:
    """A test of an act on a drawn sample."""

    def drawn(case: Case, run: Run) -> Found:
        return test(case, run) if run.round else refused("not_drawn", "No sample is drawn.")

    return in_audit(drawn)


def of_seed(case: Case, run: Run) -> Found:
    """The seed comes after a witnessed checkpoint that covers the plan, and once."""
    if run.seeded is not None:
        return seed_exists(run.seeded)
    if (covered := covering(case.standing, run.seq)) is None:
        words = f"No witnessed checkpoint covers entry {run.seq}, the inputs of the draw."
        return refused("not_witnessed", words)
    return seed_known(case, covered)


def of_round(_: Case, run: Run) -> Found:
    """A round follows the seed, and the measurement of the round before."""
    if run.seeded is None:
        return refused("no_seed", "No seed is recorded.")
    if not run.open_contests:
        return refused("audit_over", "The audit of every contest has ended.")
    if run.round > run.looked:
        return refused("round_open", f"Round {run.round} is not measured yet.")
    return None


def of_blind(case: Case, run: Run) -> Found:
    """Each drawn item is read by two people, once each."""
    items, reader = [one for one, _ in case.act.detail["commitments"]], case.act.detail["reader"]
    if found := not_in_sample(items, run):
        return found
    done = [one for one in items if reader in run.items[one].sealed or len(run.items[one].sealed) == 2]
    return listing("already_read", "These items are read already: ", done)


def of_unblind(case: Case, run: Run) -> Found:
    """Readings are opened when both are in, each once, as they were committed."""
    detail = case.act.detail
    openings, reader = detail["openings"], detail["reader"]
    items = [one for one, _, _ in openings]
    if found := not_in_sample(items, run):
        return found
    alone = [one for one in items if len(run.items[one].sealed) < 2 or reader not in run.items[one].sealed]
    if found := listing("not_both_in", "These items do not have both readings yet: ", alone):
        return found
    again = [one for one in items if reader in run.items[one].opened]
    if found := listing("already_open", "These items are open already: ", again):
        return found
    other = [
        item
        for item, salt, readings in openings
        if sealed(run.seq, item, reader, readings, salt) != run.items[item].sealed[reader]
    ]
    return listing("does_not_open", "These openings do not match what was committed: ", other)


def of_adjudicate(case: Case, run: Run) -> Found:
    """Only items that two people read, and that are not settled, are adjudicated."""
    items = [one for one, _, _ in case.act.detail["settled"]]
    if found := not_in_sample(items, run):
        return found
    other = [one for one in items if len(run.items[one].sealed) < 2 or run.items[one].settled is not None]
    return listing("nothing_to_settle", "These items have no two readings to settle: ", other)


def of_records(case: Case, run: Run) -> Found:
    """The record of a card is opened after its reading is settled, once, and to a row that was published."""
    pairs = [(item, name) for item, name, _ in case.act.detail["records"]]
    strange = [one for one in pairs if one[0] not in run.items or one[1] not in run.compared(one[0])]
    if found := listing("not_in_sample", "These items are not in the sample: ", map(told, strange)):
        return found
    if found := not_settled([item for item, _ in pairs], run):
        return found
    again = [one for one in pairs if one[1] in run.items[one[0]].rows]
    if found := listing("already_open", "These items are open already: ", map(told, again)):
        return found
    places = rows_opened(run, case.act.detail["records"], case.shelf)
    lost = [pair for pair, place in zip(pairs, places, strict=True) if place is None]
    return listing("no_row", "These openings match no row: ", map(told, lost))


def rows_opened(run: Run, asked: Iterable[Sequence[str]], shelf: Shelf) -> list[int | None]:
    """For each item, contest and salt the place of its row's pattern; None where the salt opens no row."""
    known: dict[str, Rows] = {}
    found: list[int | None] = []
    for item, name, salt in asked:
        stratum = run.stratum_of(item, name)
        if salt == "none":
            found.append(UNOPENED)
            continue
        if stratum.key not in known:
            known[stratum.key] = rows_in(stratum, shelf)
        found.append(row_of(known[stratum.key], item, bytes.fromhex(salt)))
    return found


def rows_in(stratum: PlannedStratum, shelf: Shelf) -> Rows:
    """The published rows of a stratum, from the shelf."""
    try:
        return rows_again(read_head(shelf.documents[stratum.reported]), shelf.files)
    except (UnfitRowsError, KeyError) as why:  # they held when the plan was committed
        raise AssertionError(f"The published rows of {stratum.key} are not on the shelf: {why}") from None


def of_explain(case: Case, run: Run) -> Found:
    """Only a discrepancy has a cause."""
    pairs = [(item, name) for item, name, _ in case.act.detail["causes"]]
    strange = [one for one in pairs if one[0] not in run.items or one[1] not in run.contests_of(one[0])]
    if found := listing("not_in_sample", "These items are not in the sample: ", map(told, strange)):
        return found
    if found := not_settled([item for item, _ in pairs], run):
        return found
    same = [one for one in pairs if one[1] not in run.items[one[0]].differs]
    return listing("no_discrepancy", "These do not differ: ", map(told, same))


def of_reread(case: Case, run: Run) -> Found:
    """Only a settled reading is corrected."""
    items = [case.act.detail["item"]]
    return not_in_sample(items, run) or not_settled(items, run)


def of_sitting(_: Case, run: Run) -> Found:
    """A board signs finished work only."""
    if not run.leaves:
        return refused("nothing_to_sign", "Nothing was done since the last signature.")
    left = sum(not run.is_finished(one) for one in run.touched)
    return refused("unfinished", f"{left} items of the sitting are not finished.") if left else None


def of_measure(_: Case, run: Run) -> Found:
    """The risk is measured when the sample is read and signed."""
    left = sum(not run.is_finished(one) for one in run.items)
    if left:
        return refused("unfinished", f"{left} items of the sample are not finished.")
    if run.leaves:
        return refused("not_signed", "The last sitting is not signed.")
    if run.measured is not None:
        return refused("already_measured", f"The risk is measured in entry {run.measured}.")
    return None


def of_stop(case: Case, run: Run) -> Found:
    """An audit stops at or below the limit, or when every card is counted."""
    name = case.act.contest
    if name in run.stopped:
        words = f"The audit of this contest ended in entry {run.stopped[name][0]}."
        return refused("already_stopped", words)
    if counted_everywhere(case.standing, run, name):
        return None
    if run.leaves:
        return refused("not_signed", "The last sitting is not signed.")
    if (result := run.results.get(name)) is None:
        return refused("not_measured", "No risk of this contest is measured.")
    if result["step"] in ENDING:
        return None
    words = f"The risk is {result['risk']}, above the limit of {run.plan.risk_limit}."
    return refused("above_limit", words)


def counted_everywhere(standing: Standing, run: Run, name: str) -> bool:
    """Whether every place of the contest has a hand tally, and the law finds the winner from totals."""
    contest = standing.contests[name]
    whole = len(by_place(contest, "audit_tally")) == len(contest.places)
    return whole and run.basis.methods[name] != "ranked_choice"


def not_in_sample(items: Sequence[str], run: Run) -> Found:
    """Items that were not drawn."""
    strange = [one for one in items if one not in run.items]
    return listing("not_in_sample", "These items are not in the sample: ", strange)


def not_settled(items: Iterable[str], run: Run) -> Found:
    """Items whose reading does not stand yet."""
    waiting = dict.fromkeys(one for one in items if run.items[one].settled is None)
    return listing("not_settled", "These items have no settled reading: ", waiting)


def listing(code: str, words: str, items: Iterable[str]) -> Found:
    """An objection that names items, at most ten, in the order of their names; None where there are none."""
    found = sorted(items)
    return refused(code, f"{words}{', '.join(found[:10])}.") if found else None


def refused(code: str, words: str) -> Objection:
    """An objection, with what to do next where only an audit knows it."""
    return Objection(code, words, AUDIT_NEXT.get(code, ""))


def told(pair: tuple[str, str]) -> str:
    """An item and a contest in words."""
    return f"{pair[0]} ({pair[1]})"


AUDIT_OBJECTIONS: Mapping[str, Any] = {
    "plan": of_plan,
    "plan_seed": in_audit(of_seed),
    "round": in_audit(of_round),
    "blind": in_sample(of_blind),
    "unblind": in_sample(of_unblind),
    "adjudicate": in_sample(of_adjudicate),
    "records": in_sample(of_records),
    "explain": in_sample(of_explain),
    "reread": in_sample(of_reread),
    "sitting": in_sample(of_sitting),
    "measure": in_sample(of_measure),
    "stop": in_audit(of_stop),
}
"""The tests of the record, by effect."""
