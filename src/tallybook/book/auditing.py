"""What the acts of an audit by plan do: results and consequences (docs/spec/audit.md, section 8).

For `decide`, once law and record admit the act. Each computes from the standing, the act and the shelf, and
changes nothing. The statistics are those of the room `audit`; here they get the shape of the record.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice, takewhile
from typing import Any

from msgspec.structs import replace

from tallybook.audit.growing import grow_together, grown, reach_of
from tallybook.audit.planned import batched
from tallybook.book.audit_basis import cards_of, winner_rule
from tallybook.book.audit_measures import elected, measured, numbers_in, numbers_now, reopened, voted
from tallybook.book.audit_plan import listed
from tallybook.book.audit_proof import bears_out, problems_of
from tallybook.book.audit_record import counted_everywhere, planned, rows_opened, run_of
from tallybook.book.audit_reported import UnfitError
from tallybook.book.audit_runs import PlannedContest, Run
from tallybook.book.cases import Case, covering
from tallybook.book.counts import over_places
from tallybook.book.exhibited import filed
from tallybook.book.nouns import Answer, Consequence, Effect, Problem
from tallybook.book.readings import both_open, corrected
from tallybook.book.results import decided
from tallybook.book.standing import Standing
from tallybook.book.values import quoted
from tallybook.merkle.tree import root
from tallybook.stats.draws import draw_by_weight, ticket, ticket_order

STREAM = "batches"
MOST_NUMBERS = 2 * 10**7
"""The most numbers, each times what it is tested for, of one measurement."""
SITTING = "tallybook/sitting/v1"

Json = dict[str, Any]


def plan(case: Case) -> Answer:
    """The plan, where it can end: cards, margins and phantoms of every contest."""
    found = problems_of(case.standing, planned(case), case.act.place, case.day, case.shelf)
    return found if isinstance(found, Problem) else filed(found)


def plan_seed(case: Case) -> Answer:
    """The seed, the plan before it, and the checkpoint between."""
    run = run_of(case)
    return Effect({"committed": run.seq, "checkpoint": covering(case.standing, run.seq)})


def round_(case: Case) -> Answer:
    """The next round: the same draw, longer."""
    run = run_of(case)
    sizes = sizes_of(case, run)
    if isinstance(sizes, Problem):
        return sizes
    found = cards_drawn(case, run, sizes) if run.plan.draw == "cards" else batches_drawn(run, sizes)
    if (numbers := measurable(run, sizes, found.get("usable", {}))) > MOST_NUMBERS:
        said = f"{numbers:,} numbers of cards and assertions"
        mend = "Draw fewer cards, or plan the audit of some contests apart."
        return Problem("detail.sizes", said, f"at most {MOST_NUMBERS:,} in one measurement", mend)
    return filed({"round": run.round + 1, "sizes": dict(sizes), **found})


def measurable(run: Run, sizes: Mapping[str, int], usable: Mapping[str, int]) -> int:
    """The numbers that a measurement of all contests of a plan would use, each times its assertions."""
    return sum(numbers_of(one, sizes, usable) * tests_of(run, one) for one in run.plan.contests)


def numbers_of(one: PlannedContest, sizes: Mapping[str, int], usable: Mapping[str, int]) -> int:
    """The numbers that a contest uses."""
    if one.strata[0].evidence == "batches":
        return sizes["batches"]
    return sum((sizes if one.is_divided else usable)[part.key] for part in one.strata)


def tests_of(run: Run, one: PlannedContest) -> int:
    """What each card is tested for: the assertions; without records who leaves before whom, among whom."""
    many = len(run.basis.subjects[one.contest].contest.choices)
    return many * (many - 1) * 2 ** (many - 2) if one.is_without_records else len(one.assertions)


def sizes_of(case: Case, run: Run) -> Mapping[str, int] | Problem:
    """How many are drawn in all: as planned in the first round, as asked in a later one."""
    asked = case.act.detail.get("sizes")
    mend = "State for each contest or stratum of the plan how many cards are drawn in all rounds together."
    if run.round == 0:
        if asked is None:
            return run.plan.sizes
        return Problem("detail.sizes", "sizes", "none in the first round: the plan has them", mend)
    bounds, now = run.plan.bounds(), run.sizes
    if asked is None or asked.keys() != now.keys():
        return Problem("detail.sizes", quoted(asked), f"sizes for {listed(now)}", mend)
    done = {one.key for name in run.stopped for one in run.plan.contest(name).strata}
    for name, size in asked.items():
        most = now[name] if name in done else bounds[name]
        if not now[name] <= size <= most:
            return Problem(f"detail.sizes.{name}", str(size), f"from {now[name]} to {most}", mend)
    if asked == now:
        return Problem("detail.sizes", "nothing more", "more of at least one contest", mend)
    return apart(run, asked) or dict(asked)


def apart(run: Run, asked: Mapping[str, int]) -> Problem | None:
    """Strata of one contest grow along one path, which the plan fixed before the seed."""
    for contest in (one for one in run.plan.contests if len(one.strata) > 1):
        keys, cards = zip(*((one.key, one.cards) for one in contest.strata), strict=True)
        first, sizes = [run.plan.sizes[key] for key in keys], [asked[key] for key in keys]
        if not grow_together(first, cards, sizes):
            next_ = grown(first, cards, reach_of(first, cards, sizes))
            found, expected = (", ".join(map(str, some)) for some in (sizes, next_))
            expected = f"strata that grow together, as the plan began: next {expected}"
            mend = "Ask for these sizes, or for more in the same proportions."
            return Problem(f"detail.sizes of {contest.contest}", found, expected, mend)
    return None


def cards_drawn(case: Case, run: Run, sizes: Mapping[str, int]) -> Json:
    """Cards by ticket (draw specification, section 5): strata of one population share one group."""
    cards = cards_of(run.plan, case.shelf)
    where = {key: one.batches for key, one in run.plan.strata.items()}
    most: dict[frozenset[str], int] = {}
    for name, batches in where.items():
        most[batches] = max(most.get(batches, 0), sizes[name])
    in_order = {batches: ordered(run.seed, population(cards, batches)) for batches in most}
    sample = {item for batches, n in most.items() for item in islice(in_order[batches](), n)}
    unbroken = {
        batches: sum(1 for _ in takewhile(sample.__contains__, items()))
        for batches, items in in_order.items()
    }
    new = sorted(sample - run.items.keys(), key=lambda item: ticket(run.seed, item))
    usable = {name: unbroken[batches] for name, batches in where.items()}
    return {"count": len(new), "usable": usable, "sample": new}


def ordered(seed: str, items: Sequence[str]) -> Callable[[], Iterator[str]]:
    """The items in the order of their tickets, from the first again each time it is called."""
    order = ticket_order(seed, items)
    return lambda: (items[place] for place in order)


def population(cards: Mapping[str, int], batches: frozenset[str]) -> list[str]:
    """The items of these batches, of all where none is named."""
    return [
        f"{batch}/{n}"
        for batch, size in cards.items()
        if not batches or batch in batches
        for n in range(1, size + 1)
    ]


def batches_drawn(run: Run, sizes: Mapping[str, int]) -> Json:
    """Batches in proportion to their bounds, with replacement."""
    basis = run.basis
    subjects = [basis.subjects[name] for name in run.plan.names]
    bounds = batched(subjects, basis.cards, [basis.votes[name] for name in run.plan.names]).bounds
    drawn = draw_by_weight(run.seed, STREAM, bounds.weights, sizes["batches"])[len(run.drawn) :]
    return {"count": len({*drawn} - run.items.keys()), "sample": list(drawn)}


def blind(case: Case) -> Answer:
    """How many items of the sample still wait for a reading."""
    run = run_of(case)
    now = {item for item, _ in case.act.detail["commitments"]}
    waiting = sum(len(state.sealed) + (item in now) < 2 for item, state in run.items.items())
    return Effect({"waiting": waiting})


def unblind(case: Case) -> Answer:
    """The items whose two readings are now open and differ."""
    run, differ = run_of(case), []
    for item, _, readings in case.act.detail["openings"]:
        others = list(run.items[item].opened.values())
        if others and others[0] != readings:
            differ.append(item)
    return Effect({"differ": differ} if differ else {})


def adjudicate(case: Case) -> Answer:
    """The items that were settled although a reading was never opened."""
    run = run_of(case)
    unopened = [item for item, _, _ in case.act.detail["settled"] if not both_open(run.items[item])]
    return Effect({"unopened": unopened} if unopened else {})


def records(case: Case) -> Answer:
    """Which pattern the record of each card has."""
    return Effect({"rows": rows_opened(run_of(case), case.act.detail["records"], case.shelf)})


def explain(_: Case) -> Answer:
    """The entry says it all."""
    return Effect()


def reread(case: Case) -> Answer:
    """A settled reading is corrected; the risks that rested on it are measured anew."""
    run, detail = run_of(case), case.act.detail
    item = detail["item"]
    now = replace(run, items=run.items.set(item, corrected(run, item, detail)))
    names = [name for name in run.contests_of(item) if name in run.results]
    found = {
        name: measured(now, name, numbers_in(run, name, run.results[name]), run.looked) for name in names
    }
    follows = tuple(
        Consequence("audit_reopened", name, {"audit": run.seq, "risk": found[name]["risk"]})
        for name in names
        if reopened(run, name, found[name])
    )
    return filed({"contests": found} if found else {}, follows)


def sitting(case: Case) -> Answer:
    """The board's signatures over the root of what was done since the last."""
    run, names = run_of(case), run_of(case).plan.board
    top = root(run.leaves).hex()
    text = statement(case.standing.origin, run, top).encode()
    asked = case.act.detail["signatures"]
    mend = "Ask the members to sign this sitting as it stands now."
    for name, signature in asked:
        if name not in names:
            return Problem("detail.signatures", name, f"members of the board: {', '.join(names)}", mend)
        if not case.shelf.verify(bytes.fromhex(names[name]), bytes.fromhex(signature), text):
            return Problem("detail.signatures", name, "a valid signature of this sitting", mend)
    if len(asked) < run.plan.quorum:
        found = f"{len(asked)} signatures"
        return Problem("detail.signatures", found, f"at least {run.plan.quorum} of the board", mend)
    return Effect({"sitting": run.sittings + 1, "acts": len(run.leaves), "root": top})


def statement(origin: str, run: Run, top: str) -> str:
    """What a board signs: this book, this audit, this sitting, and the root of its acts (hex)."""
    lines = (
        SITTING,
        origin,
        f"audit {run.seq}",
        f"sitting {run.sittings + 1}",
        f"acts {len(run.leaves)}",
        top,
    )
    return "".join(f"{line}\n" for line in lines)


def sitting_statement(standing: Standing, audit: int) -> bytes:
    """The bytes that the board of an audit signs now; audit: the entry of its plan."""
    run = standing.runs[audit]
    return statement(standing.origin, run, root(run.leaves).hex()).encode()


def measure(case: Case) -> Answer:
    """The risk of every open contest, and what comes next."""
    run = run_of(case)
    found = {name: measured(run, name, numbers_now(run, name), run.round) for name in run.open_contests}
    return filed({"round": run.round, "contests": found})


def stop(case: Case) -> Answer:
    """The end of the audit of a contest: by its risk, or by the count of every card."""
    run, name = run_of(case), case.act.contest
    planned_ = run.plan.contest(name)
    try:
        winner_rule(case.standing, case.contest, case.day)
    except UnfitError as why:
        return Problem("on", case.day, str(why), "Adopt the law file that has the rule.")
    if counted_everywhere(case.standing, run, name):
        outcome = decided(
            case.standing, case.contest, over_places(case.contest, "audit_tally")["votes"], case.day
        )
        return ended(run, "count", outcome, bears_out(planned_, outcome))
    result = run.results[name]
    if result["step"] == "stop":
        return ended(run, "risk", planned_.outcome, True)
    if all(result["true"]):
        return ended(run, "count", planned_.outcome, True)
    if planned_.outside:
        return ended(run, "count", None, False)
    if run.basis.methods[name] == "ranked_choice":
        winners = elected(run, name)
        told = {"kind": "winner", "winners": list(winners)} if winners else None
        return ended(run, "count", told, winners == planned_.winners)
    votes = voted(run, name)
    return ended(run, "count", decided(case.standing, case.contest, votes, case.day), False)


def ended(run: Run, by: str, outcome: Mapping[str, Any] | None, confirmed: bool) -> Effect:
    """The result of a stop."""
    said = {} if outcome is None else {"outcome": dict(outcome)}
    return Effect({"audit": run.seq, "by": by, "confirmed": confirmed, **said})


AUDITING: Mapping[str, Callable[[Case], Answer]] = {
    "plan": plan,
    "plan_seed": plan_seed,
    "round": round_,
    "blind": blind,
    "unblind": unblind,
    "adjudicate": adjudicate,
    "records": records,
    "explain": explain,
    "reread": reread,
    "sitting": sitting,
    "measure": measure,
    "stop": stop,
}
"""The effects of an audit by plan."""
