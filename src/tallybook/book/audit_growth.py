"""The standing of an audit by plan after one more of its entries (docs/spec/audit.md, section 8).

For `evolve`. Nothing is computed again that an entry carries; what is derived here (which items a contest may
use, which readings differ from their records) follows from the entries alone.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from tallybook.book.audit_basis import basis_of
from tallybook.book.audit_measures import reopened
from tallybook.book.audit_plan import read_plan
from tallybook.book.audit_runs import UNREAD, Item, Plan, Run
from tallybook.book.exhibited import part_of
from tallybook.book.nouns import Entry, Shelf
from tallybook.book.readings import alike, both_open, corrected, differing
from tallybook.book.standing import Standing
from tallybook.book.writing import encode_entry
from tallybook.law import local_day, moment_of
from tallybook.merkle.tree import leaf_hash
from tallybook.stats.draws import ticket

STOPPED = "audit_stopped"
"""The kind of entry by which the audit of a contest ends."""

Change = Callable[[Standing, Entry, Shelf], Standing]


def with_run(standing: Standing, run: Run) -> Standing:
    """The standing with a changed audit."""
    return replace(standing, runs=standing.runs.set(run.seq, run))


def run_of(standing: Standing, entry: Entry) -> Run:
    """The audit that an entry is of."""
    return standing.runs[entry.detail["audit"]]


def committed(standing: Standing, entry: Entry, shelf: Shelf) -> Standing:
    """A plan stands; it takes the place of an earlier one of the same contests."""
    plan = read_plan(shelf.documents[entry.detail["plan"]], standing)
    assert isinstance(plan, Plan)
    found = part_of(entry.result, "contests", shelf.documents)
    run = Run(
        seq=entry.seq,
        place=entry.place,
        plan=plan,
        basis=basis_of(standing, plan, day_of(standing, entry), shelf),
        margins={name: tuple(one["margins"]) for name, one in found.items()},
        points={one.key: points_in(found[one.contest], one.stratum) for one in plan.strata.values()},
        phantoms={name: one["phantoms"] for name, one in found.items()},
    )
    planned = standing.planned.update(dict.fromkeys(plan.names, entry.seq))
    return replace(with_run(standing, run), planned=planned)


def points_in(found: Mapping[str, Any], stratum: str) -> tuple[int, ...]:
    """The reported points of a stratum of a contest in the result of a plan; "" for its only one."""
    return tuple((found["strata"][stratum] if stratum else found)["margins"])


def day_of(standing: Standing, entry: Entry) -> str:
    """The local day of an act's moment (law specification, section 6)."""
    assert standing.law is not None
    clock = standing.law.clock
    moment = moment_of(clock, datetime.fromisoformat(entry.on)) if entry.paper else entry.received
    return local_day(clock, moment)


def seeded(standing: Standing, entry: Entry, _: Shelf) -> Standing:
    """The seed is rolled."""
    run = run_of(standing, entry)
    return with_run(standing, replace(run, seeded=entry.seq, seed=entry.detail["seed"]))


def drawn(standing: Standing, entry: Entry, shelf: Shelf) -> Standing:
    """One more round is drawn; what a contest may use follows."""
    run, result = run_of(standing, entry), entry.result
    new, sizes = (part_of(result, part, shelf.documents) for part in ("sample", "sizes"))
    if run.plan.draw == "batches":
        sequence = (*run.drawn, *new)
        used = dict.fromkeys(run.plan.names, sequence)
    else:
        sequence = tuple(sorted((*run.drawn, *new), key=lambda item: ticket(run.seed, item)))
        used = usable(run, sequence, part_of(result, "usable", shelf.documents))
    items = run.items.update({one: UNREAD for one in new if one not in run.items})
    changed = replace(run, round=result["round"], sizes=sizes, measured=None)
    return with_run(standing, replace(changed, drawn=sequence, used=used, items=items))


def usable(run: Run, sequence: Sequence[str], most: Mapping[str, int]) -> dict[str, tuple[str, ...]]:
    """The first so many drawn items that are of each stratum."""
    found: dict[str, list[str]] = {key: [] for key in run.plan.strata}
    for item in sequence:
        for one in run.strata_of(item):
            if len(found[one.key]) < most[one.key]:
                found[one.key].append(item)
    return {key: tuple(items) for key, items in found.items()}


def read(run: Run, entry: Entry, changes: Mapping[str, Item], *, judged: bool = True) -> Run:
    """The audit with changed items, and with one more act of the open sitting."""
    items = run.items
    for name, state in changes.items():
        items = items.set(name, replace(state, differs=differing(run, name, state)) if judged else state)
    leaves = (*run.leaves, leaf_hash(encode_entry(entry)))
    return replace(run, items=items, leaves=leaves, touched=run.touched | changes.keys())


def sealed(standing: Standing, entry: Entry, _: Shelf) -> Standing:
    """Readings are in, sealed."""
    run, reader = run_of(standing, entry), entry.detail["reader"]
    found = {
        item: replace(run.items[item], sealed={**run.items[item].sealed, reader: commitment})
        for item, commitment in entry.detail["commitments"]
    }
    return with_run(standing, read(run, entry, found))


def opened(standing: Standing, entry: Entry, _: Shelf) -> Standing:
    """Readings are open; two that are alike are settled."""
    run, reader = run_of(standing, entry), entry.detail["reader"]
    found = {}
    for item, _salt, readings in entry.detail["openings"]:
        state = replace(run.items[item], opened={**run.items[item].opened, reader: readings})
        done = state.settled is None and both_open(state) and alike(state)
        found[item] = replace(state, settled=readings) if done else state
    return with_run(standing, read(run, entry, found))


def adjudicated(standing: Standing, entry: Entry, _: Shelf) -> Standing:
    """The board has settled readings that differ."""
    run = run_of(standing, entry)
    found = {item: replace(run.items[item], settled=said) for item, said, _ in entry.detail["settled"]}
    return with_run(standing, read(run, entry, found))


def records_opened(standing: Standing, entry: Entry, _: Shelf) -> Standing:
    """Records are open beside settled readings."""
    run, found = run_of(standing, entry), dict[str, Item]()
    for (item, name, _salt), row in zip(entry.detail["records"], entry.result["rows"], strict=True):
        state = found.get(item, run.items[item])
        found[item] = replace(state, rows={**state.rows, name: row})
    return with_run(standing, read(run, entry, found))


def explained(standing: Standing, entry: Entry, _: Shelf) -> Standing:
    """Discrepancies have causes."""
    run, found = run_of(standing, entry), dict[str, Item]()
    for item, name, cause in entry.detail["causes"]:
        state = found.get(item, run.items[item])
        found[item] = replace(state, causes={**state.causes, name: cause})
    return with_run(standing, read(run, entry, found))


def reread(standing: Standing, entry: Entry, shelf: Shelf) -> Standing:
    """A settled reading is another now, and with it the risks that rest on it."""
    run, item = run_of(standing, entry), entry.detail["item"]
    changed = read(run, entry, {item: corrected(run, item, entry.detail)})
    found: Mapping[str, Any] = measured_in(entry, shelf)
    open_again = {name for name, result in found.items() if reopened(run, name, result)}
    stopped = {name: at for name, at in run.stopped.items() if name not in open_again}
    results = {**run.results, **found}
    return with_run(standing, replace(changed, measured=None, results=results, stopped=stopped))


def signed(standing: Standing, entry: Entry, _: Shelf) -> Standing:
    """The sitting is signed; the next one begins."""
    run = run_of(standing, entry)
    return with_run(standing, replace(run, leaves=(), touched=frozenset(), sittings=run.sittings + 1))


def measured(standing: Standing, entry: Entry, shelf: Shelf) -> Standing:
    """The latest round is measured."""
    run = run_of(standing, entry)
    results = {**run.results, **measured_in(entry, shelf)}
    return with_run(standing, replace(run, measured=entry.seq, looked=run.round, results=results))


def measured_in(entry: Entry, shelf: Shelf) -> Mapping[str, Any]:
    """The measurements in an entry; none where a correction touches no measured contest."""
    found: Mapping[str, Any] = {}
    if entry.result:
        found = part_of(entry.result, "contests", shelf.documents)
    return found


def stopped(standing: Standing, entry: Entry, _: Shelf) -> Standing:
    """The audit of a contest has ended."""
    run = run_of(standing, entry)
    by_tally = entry.result["by"] == "count" and run.results.get(entry.contest, {}).get("step") != "counted"
    ends = {**run.stopped, entry.contest: (entry.seq, by_tally, entry.received)}
    return with_run(standing, replace(run, stopped=ends))


def taken_back(standing: Standing, entry: Entry, _: Shelf) -> Standing:
    """The audit goes on, by the entry before; no guard or date of the law sees its stop any more."""
    name, runs = entry.contest, standing.runs.values()
    left = [(run.place, run.stopped[name][2]) for run in runs if name in run.stopped]
    contest = standing.contests[name]
    contest = replace(contest, record=contest.record.with_only(STOPPED, left))
    return replace(standing, contests={**standing.contests, name: contest})


AUDIT_CHANGES: Mapping[str, Change] = {
    "plan": committed,
    "plan_seed": seeded,
    "round": drawn,
    "blind": sealed,
    "unblind": opened,
    "adjudicate": adjudicated,
    "records": records_opened,
    "explain": explained,
    "reread": reread,
    "sitting": signed,
    "measure": measured,
    "stop": stopped,
    "audit_reopened": taken_back,
}
"""What each entry of an audit changes, by effect."""
