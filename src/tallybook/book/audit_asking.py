"""What an audit by plan waits for: which of its acts are closed now, and why (docs/spec/audit.md, section 8).

For the official who asks what may be done next. The record that would rule on an act is asked before anyone
asks for it; where the act names items, whether any item waits for it.
"""

from collections.abc import Callable, Mapping

from tallybook.book.audit_record import AUDIT_OBJECTIONS
from tallybook.book.audit_runs import Run
from tallybook.book.cases import Case
from tallybook.book.nouns import EMPTY_SHELF, Act
from tallybook.book.readings import both_open
from tallybook.book.standing import Standing
from tallybook.law import LawAct

WHOLE = ("plan_seed", "round", "sitting", "measure", "stop")
"""Effects of which the record knows, without naming an item, whether it would object."""

Waits = Callable[[Run, str], bool]
ITEMS: Mapping[str, tuple[Waits, str]] = {
    "blind": (lambda run, item: len(run.items[item].sealed) < 2, "Every drawn item has both readings."),
    "unblind": (
        lambda run, item: len(run.items[item].sealed) == 2 and not both_open(run.items[item]),
        "No item has both readings sealed and not opened.",
    ),
    "adjudicate": (
        lambda run, item: both_open(run.items[item]) and run.items[item].settled is None,
        "No item is read differently.",
    ),
    "records": (
        lambda run, item: (
            run.items[item].settled is not None and len(run.items[item].rows) < len(run.compared(item))
        ),
        "No settled item waits for its record.",
    ),
    "explain": (
        lambda run, item: bool(run.items[item].differs - run.items[item].causes.keys()),
        "Every discrepancy has its cause.",
    ),
    "reread": (lambda run, item: run.items[item].settled is not None, "No reading is settled yet."),
}
"""By effect: whether an item waits for the act, and what to say if none does."""


def closed_in_audits(standing: Standing, act: LawAct, contest: str, day: str) -> str | None:
    """Why an act of an audit is closed in every audit that stands; "" if one is open, None for other acts."""
    if act.effect not in WHOLE and act.effect not in ITEMS:
        return None
    live = [standing.runs[seq] for seq in dict.fromkeys(standing.planned.values())]
    mine = [run for run in live if not contest or contest in run.plan.names]
    if not mine:
        return "No plan of an audit is committed."
    found = [closed_in(standing, act, contest, day, run) for run in mine]
    return "" if "" in found else found[-1]


def closed_in(standing: Standing, act: LawAct, contest: str, day: str, run: Run) -> str:
    """Why an act is closed in one audit; "" if it is open."""
    if act.effect in ITEMS:
        waits, done = ITEMS[act.effect]
        if not run.round:
            return "No sample is drawn."
        return "" if any(waits(run, item) for item in run.items) else done
    bare = Act(act.id, "", day, "", "", contest=contest, place=run.place, detail={"audit": run.seq})
    against = AUDIT_OBJECTIONS[act.effect](Case(standing, act, bare, day, EMPTY_SHELF))
    return "" if against is None else str(against.words)
