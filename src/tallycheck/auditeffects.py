"""What the acts of an audit by plan do, and their results: audit specification, section 8, **What they do**.

As in `effects`, each function takes the act and the `Desk` and gives the result, or None where there is none.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from .auditmeasure import elected_by, numbers_used, readings_of
from .auditmeasure import measure as measured_contest
from .auditplan import BATCHES, MOST_DRAWS
from .auditreadings import pattern_of_reading
from .auditrecord import audit_of, by_all_places, opens, row_of
from .audits import Audit, Audited, Round, Sitting, Stratum
from .auditstart import is_outcome, started
from .differing import contest_failures, lowest, unlike
from .draws import by_weight, drawn_on
from .ed25519 import verifies
from .effects import LONGEST_SAMPLE_SHOWN, Desk, consequence, winner_of
from .exhibited import exhibited, own, stored_part
from .failure import Failed
from .form import Act
from .marks import votes_of
from .merkle import root_of
from .outcomes import Votes, outcome
from .work import MOST_AT_ONCE

Result = dict[str, Any] | None
STREAM = "batches"


def the_audit(act: Act, desk: Desk) -> Audit:
    """The audit of an act that the record has let pass."""
    found = audit_of(act, desk.standing)
    if found is None:
        raise Failed(4, "the act names no audit of its place", entry=act.seq)
    return found


def plan(act: Act, desk: Desk) -> Result:
    """A plan is fixed, and everything that can be known before the draw is looked at."""
    found = desk.plan
    if found is None or isinstance(found, Failed):
        raise found or Failed(4, "the plan was not read", entry=act.seq)
    audit = started(found, act, desk, desk.named)
    for earlier in desk.standing.audits.values():
        if not earlier.contests.keys().isdisjoint(audit.contests):
            earlier.forget()
    desk.standing.audits[act.seq] = audit
    return shown_parts(act, desk, {"contests": {name: planned(one) for name, one in audit.contests.items()}})


def planned(audited: Audited) -> dict[str, Any]:
    """What the result of a plan says of a contest."""
    found = {"cards": audited.plan.cards, "margins": audited.sums, "phantoms": audited.phantoms}
    if not audited.plan.stratified:
        return found
    return found | {
        "strata": {
            one.plan.name: {"cards": one.plan.cards, "margins": one.sums, "phantoms": one.phantoms}
            for one in audited.strata
        }
    }


def shown_parts(act: Act, desk: Desk, result: dict[str, Any]) -> dict[str, Any]:
    """The result with the sums of its long parts in their place; the exhibits of the entry are these."""
    desk.contests = result.get("contests", {})

    def wrong(name: str, stored: Any, found: Any) -> Failed:
        numbers = FIELDS[act.spec.effect][name]
        if isinstance(numbers, dict):
            failures = contest_failures(stored, found, numbers, name, act.seq)
        else:
            failures = [Failed(numbers, unlike(name, stored, found), entry=act.seq)]
        words = f"the entry's exhibits do not end with the long `{name}` of its result"
        failures = failures or [Failed(lowest(numbers), words, entry=act.seq)]
        return min(failures, key=lambda failure: failure.number)

    return exhibited(act, desk, result, wrong)


def plan_seed(act: Act, desk: Desk) -> Result:
    """The seed of an audit is known."""
    audit = the_audit(act, desk)
    audit.seed, audit.seed_seq = act.detail["seed"], act.seq
    desk.standing.seeds.setdefault(audit.seed, act.seq)
    for name in audit.contests:
        desk.standing.seeded.setdefault(name, act.seq)
    return {"checkpoint": desk.standing.covering(audit.seq), "committed": audit.seq}


# Rounds ------------------------------------------------------------


def draw_round(act: Act, desk: Desk) -> Result:
    """A round is drawn anew."""
    audit = the_audit(act, desk)
    sizes = sizes_of(act, audit)
    result: dict[str, Any] = {"round": len(audit.rounds) + 1, "sizes": sizes}
    require_room(act, audit, sizes)
    if audit.by_cards:
        groups = {one.plan.key: one.population for one in strata_of(audit)}
        drawn, audit.tickets = drawn_on(audit.seed, audit.manifest.batches, groups, sizes, audit.tickets)
        audit.rounds.append(Round(sizes, used_of(audit, drawn.usable, sizes), []))
        new = [item for item in drawn.sample if item not in audit.items]
        result["usable"] = {name: len(items) for name, items in drawn.usable.items()}
        result["count"] = len(new)
    else:
        new = draws_of(audit, sizes[BATCHES])
        result["count"] = len(set(new) - audit.items.keys())
    for item in new:
        if item not in audit.items:
            audit.items[item] = audit.drawn(item)
            audit.waiting += 1
            audit.unfinished.add(item)
    require_measurable(act, audit)
    return shown_parts(act, desk, result | {"sample": new})


def used_of(audit: Audit, usable: dict[str, list[str]], sizes: dict[str, int]) -> dict[str, list[str]]:
    """The items used: all that are usable; of a contest with strata no more than its sizes say."""
    divided = {
        one.plan.key
        for contest in audit.contests.values()
        if contest.plan.stratified
        for one in contest.strata
    }
    return {key: items[: sizes[key]] if key in divided else items for key, items in usable.items()}


def require_measurable(act: Act, audit: Audit) -> None:
    """Check 7: the numbers used, each times what it is tested for, are not too many for one measurement."""
    numbers = sum(
        numbers_used(audit, contest, audit.rounds[-1]) * contest.tests for contest in audit.contests.values()
    )
    if numbers > MOST_AT_ONCE:
        raise Failed(7, f"a measurement would use {numbers} numbers; at most {MOST_AT_ONCE}", entry=act.seq)


def strata_of(audit: Audit) -> Iterator[Stratum]:
    """All strata of all contests, in the order of the plan."""
    return (stratum for contest in audit.contests.values() for stratum in contest.strata)


def sizes_of(act: Act, audit: Audit) -> dict[str, int]:
    """The sizes of the round; they grow, strata together, and those of stopped contests stand still."""
    given = act.detail.get("sizes")
    if not audit.rounds:
        if given is not None:
            raise Failed(7, "the first round has the sizes of the plan and states none", entry=act.seq)
        return audit.plan.sizes
    before = audit.rounds[-1].sizes
    if given is None or given.keys() != before.keys():
        raise Failed(7, "`sizes` are not those of the plan's draw", entry=act.seq)
    most, still = {BATCHES: MOST_DRAWS}, set[str]()
    if audit.by_cards:
        most = {stratum.plan.key: stratum.plan.cards for stratum in strata_of(audit)}
        stopped = (contest for contest in audit.contests.values() if contest.stopped is not None)
        still = {stratum.plan.key for contest in stopped for stratum in contest.strata}
    for name, n in given.items():
        if not before[name] <= n <= (before[name] if name in still else most[name]):
            raise Failed(7, f"the size {n} of {name} is out of its bounds", entry=act.seq)
    if given == before:
        raise Failed(7, "no size is greater than in the round before", entry=act.seq)
    require_one_path(act, audit, given)
    found: dict[str, int] = given
    return found


def require_one_path(act: Act, audit: Audit, sizes: dict[str, int]) -> None:
    """Check 7: the strata of each contest grow together, from their sizes in the plan."""
    for name, contest in audit.contests.items() if audit.by_cards else ():
        strata = [one.plan for one in contest.strata]
        if not grow_together([(audit.plan.sizes[one.key], one.cards, sizes[one.key]) for one in strata]):
            raise Failed(7, f"the strata of {name} do not grow together", entry=act.seq)


def grow_together(strata: Sequence[tuple[int, int, int]]) -> bool:
    """Whether a whole r >= s, the greatest size of the plan, gives each n as min(N, ceil(first r/s)).

    Of each stratum `first`, its size in the plan, N, its cards, and n, its size now: 1 <= first <= n <= N.
    ceil(first r/s) >= n bounds r from below; where n < N, ceil(first r/s) <= n bounds it from above too.
    """
    s = max(first for first, _, _ in strata)
    least = max(s, *(s * (n - 1) // first + 1 for first, _, n in strata))
    most = min((s * n // first for first, cards, n in strata if n < cards), default=least)
    return least <= most


def draws_of(audit: Audit, n: int) -> list[str]:
    """The batches drawn in this round, in order."""
    batches = audit.batches
    assert batches is not None
    weights = dict(zip((b for b, _ in audit.manifest.batches), batches.weights, strict=True))
    before = audit.rounds[-1].draws if audit.rounds else []
    new = by_weight(audit.seed, STREAM, weights, range(len(before) + 1, n + 1))
    audit.rounds.append(Round({BATCHES: n}, {}, before + new))
    return new


def require_room(act: Act, audit: Audit, sizes: dict[str, int]) -> None:
    """A sample that must be long is in an exhibit; seen before anything is drawn."""
    fewest = 5 * (max(sizes.values()) - len(audit.items)) if audit.by_cards else 0
    room = max((one.get("bytes", 0) for one in own(act) if one.get("name") == "sample.json"), default=0)
    if fewest > max(LONGEST_SAMPLE_SHOWN, room):
        raise Failed(7, "the sample is not in an exhibit sample.json of its length", entry=act.seq)


# Readings ------------------------------------------------------------


def sat(audit: Audit, desk: Desk, items: Iterable[str]) -> None:
    """The act belongs to the sitting."""
    items = list(items)
    audit.sitting.leaves.append(desk.leaf)
    audit.sitting.items.update(items)
    audit.look_at(items)


def blind(act: Act, desk: Desk) -> Result:
    """Sealed readings come in."""
    audit, commitments = the_audit(act, desk), act.detail["commitments"]
    for item, sealed in commitments:
        audit.items[item].commitments[act.detail["reader"]] = sealed
        audit.waiting -= audit.items[item].both_in
    sat(audit, desk, (item for item, _ in commitments))
    return {"waiting": audit.waiting}


def unblind(act: Act, desk: Desk) -> Result:
    """Readings are opened; items that both read alike are settled."""
    audit, reader, openings = the_audit(act, desk), act.detail["reader"], act.detail["openings"]
    wrong = [item for item, salt, readings in openings if not opens(audit, reader, item, salt, readings)]
    differ = []
    for item, _, readings in openings:
        found = audit.items[item]
        found.opened[reader] = readings
        if len(found.opened) == 2:
            one, other = found.opened.values()
            if one != other:
                differ.append(item)
            elif found.settled is None:
                found.settled = one
    sat(audit, desk, (row[0] for row in openings))
    if wrong:
        raise Failed(8, f"the opening of {wrong[0]} is not what was committed", entry=act.seq)
    return {"differ": differ} if differ else None


def adjudicate(act: Act, desk: Desk) -> Result:
    """Items that were read differently are settled by people."""
    audit, settled = the_audit(act, desk), act.detail["settled"]
    for item, readings, _ in settled:
        audit.items[item].settled = readings
    sat(audit, desk, (row[0] for row in settled))
    unopened = [item for item, _, _ in settled if len(audit.items[item].opened) < 2]
    return {"unopened": unopened} if unopened else None


def records(act: Act, desk: Desk) -> Result:
    """The records of drawn cards are opened."""
    audit, rows = the_audit(act, desk), []
    for item, contest, salt in act.detail["records"]:
        row = row_of(audit, item, contest, salt)
        rows.append(row)
        audit.items[item].rows[contest] = -1 if row is None else row
    sat(audit, desk, (row[0] for row in act.detail["records"]))
    if None in rows:
        item = act.detail["records"][rows.index(None)][0]
        raise Failed(8, f"the opening of {item} is no row of the published cards", entry=act.seq)
    return {"rows": rows}


def explain(act: Act, desk: Desk) -> Result:
    """Discrepancies have their causes."""
    audit = the_audit(act, desk)
    for item, contest, cause in act.detail["causes"]:
        audit.items[item].causes[contest] = cause
    sat(audit, desk, (row[0] for row in act.detail["causes"]))
    return None


def reread(act: Act, desk: Desk) -> Result:
    """A settled reading was wrong; what was measured from it is measured anew."""
    audit, item = the_audit(act, desk), act.detail["item"]
    found = audit.items[item]
    found.settled = act.detail["readings_now"]
    cause = act.detail["cause_code"]
    found.causes = {name: cause for name in found.strata if audit.differs(item, name)}
    audit.corrected = True
    sat(audit, desk, [item])
    stored, contests = stored_contests(act, desk), {}
    for name in found.strata:
        contest = audit.contests[name]
        if contest.measured is None:
            continue
        result = measured_contest(audit, name, contest.measured_round, stored.get(name))
        contest.measured = contests[name] = result
        if (
            contest.stopped is not None
            and not contest.by_places
            and result["step"] not in ("stop", "counted")
        ):
            desk.standing.take_back(contest.stopped)
            contest.stopped = None
            consequence(act, desk, "audit_reopened", name, {"audit": audit.seq, "risk": result["risk"]})
    return shown_parts(act, desk, {"contests": contests} if contests else {}) or None


def sitting(act: Act, desk: Desk) -> Result:
    """The board signs what was done."""
    audit = the_audit(act, desk)
    done, audit.sitting = audit.sitting, Sitting(audit.sitting.number + 1)
    root = root_of(done.leaves).hex()
    lines = [
        "tallybook/sitting/v1", desk.tree.checkpoint.origin, f"audit {audit.seq}", f"sitting {done.number}",
        f"acts {len(done.leaves)}", root,
    ]  # fmt: skip
    text = "".join(line + "\n" for line in lines).encode()
    signatures = act.detail["signatures"]
    for name, signature in signatures:
        key = audit.plan.members.get(name)
        if key is None or not verifies(key, text, bytes.fromhex(signature)):
            words = "is no member of the board" if key is None else "has a signature that does not hold"
            raise Failed(8, f"{name} {words}", entry=act.seq)
    if len(signatures) < audit.plan.quorum:
        words = f"{len(signatures)} members have signed; the quorum is {audit.plan.quorum}"
        raise Failed(8, words, entry=act.seq)
    return {"acts": len(done.leaves), "root": root, "sitting": done.number}


# Measuring and stopping ------------------------------------------------------------


def stored_contests(act: Act, desk: Desk) -> dict[str, Any]:
    """What the entry says was measured, as far as it can be read."""
    contests = stored_part(act, desk, "contests")
    return contests if isinstance(contests, dict) else {}


def measure(act: Act, desk: Desk) -> Result:
    """The risk of every assertion of the contests that go on."""
    audit, stored, contests = the_audit(act, desk), stored_contests(act, desk), {}
    number = len(audit.rounds)
    audit.measured_round, audit.measured_seq, audit.corrected = number, act.seq, False
    for name, contest in audit.contests.items():
        if contest.stopped is None:
            contest.measured = contests[name] = measured_contest(audit, name, number, stored.get(name))
            contest.measured_round = number
    return shown_parts(act, desk, {"contests": contests, "round": number})


def stop(act: Act, desk: Desk) -> Result:
    """The audit of a contest ends."""
    audit = the_audit(act, desk)
    contest = audit.contests[act.case.contest or ""]
    reported = contest.plan.outcome
    contest.by_places = by_all_places(contest, act, desk.bench)
    contest.stopped = act.seq
    if contest.by_places:
        return counted(act, desk, audit, contest, tallied(contest))
    found = contest.measured or {"step": ""}
    if found["step"] == "stop":
        return {"audit": audit.seq, "by": "risk", "confirmed": True, "outcome": reported}
    if found["step"] == "counted" and all(found["true"]):
        return {"audit": audit.seq, "by": "count", "confirmed": True, "outcome": reported}
    if found["step"] != "counted":
        raise Failed(12, "the audit stopped above its limit", entry=act.seq)
    drawn = audit.rounds[contest.measured_round - 1]
    unconfirmed = {"audit": audit.seq, "by": "count", "confirmed": False}
    if contest.plan.outside:
        return unconfirmed
    if contest.claims.ranked:
        winner = elected_by(audit, contest, drawn)
        if winner is None:
            return unconfirmed
        confirmed = reported["winners"] == [winner]
        return unconfirmed | {"confirmed": confirmed, "outcome": {"kind": "winner", "winners": [winner]}}
    votes = votes_read(contest, readings_of(audit, contest, drawn))
    return counted(act, desk, audit, contest, votes) | {"confirmed": False}


def tallied(contest: Audited) -> Votes:
    """The sums of the tallies of all places."""
    found = contest.contest.statements["audit_tally"]
    places = [found[place].votes for place in contest.contest.places]
    return {choice: sum(votes[choice] for votes in places) for choice in contest.contest.choices}


def votes_read(contest: Audited, readings: list[Any]) -> Votes:
    """The votes of the readings of all cards, none of them ranked."""
    choices, allowed = contest.contest.choices, contest.contest.votes_allowed
    votes = dict.fromkeys(choices, 0)
    for reading in readings:
        if isinstance(reading, list):
            for choice in votes_of(pattern_of_reading(reading, False), choices, allowed):
                votes[choice] += 1
    return votes


def counted(act: Act, desk: Desk, audit: Audit, audited: Audited, votes: Votes) -> dict[str, Any]:
    """The result of an audit that a count ends."""
    contest = audited.contest
    found = outcome(votes, contest.seats, winner_of(contest, act.case, desk, act.seq)[1])
    confirmed = is_outcome(found, audited.plan.outcome)
    return {"audit": audit.seq, "by": "count", "confirmed": confirmed, "outcome": found}


EFFECTS: dict[str, Callable[[Act, Desk], Result]] = {
    "plan": plan, "plan_seed": plan_seed, "round": draw_round, "blind": blind, "unblind": unblind,
    "adjudicate": adjudicate, "records": records, "explain": explain, "reread": reread, "sitting": sitting,
    "measure": measure, "stop": stop,
}  # fmt: skip


def told(effect: str, desk: Desk | None) -> dict[str, int]:
    """What the report counts of a result: assertions and outcomes of a plan; risks, and those that meet."""
    if desk is None or effect not in ("plan", "measure", "reread"):
        return {}
    found = list(desk.contests.values())
    if effect == "plan":
        return {"assertions": sum(len(one["margins"]) for one in found), "audited": len(found)}
    return {
        "risks": sum(len(one.get("risks", ())) for one in found),
        "met": sum(sum(one.get("met", ())) for one in found),
    }


LOSES_THE_THREAD = {"plan", "round", "unblind", "records"}

# The check that finds each field of a result again (section 10). Under `contests` they stand by contest.
MEASURED = {
    "cards": 11, "met": 12, "more": 12, "risk": 11, "risks": 11, "step": 12, "true": 12, "used": 11,
}  # fmt: skip
POPULATION = {"cards": 6, "margins": 10, "phantoms": 6}
PLANNED = POPULATION | {"strata": POPULATION}
ROUND = ("round", "sizes", "sizes_sha256", "count", "usable", "usable_sha256", "sample", "sample_sha256")
FIELDS: dict[str, dict[str, Any]] = {
    "plan": {"contests": PLANNED, "contests_sha256": 6},
    "plan_seed": {"checkpoint": 7, "committed": 7},
    "round": dict.fromkeys(ROUND, 7),
    "blind": {"waiting": 8}, "unblind": {"differ": 8}, "adjudicate": {"unopened": 8},
    "records": {"rows": 8}, "explain": {}, "reread": {"contests": MEASURED, "contests_sha256": 11},
    "sitting": dict.fromkeys(("acts", "root", "sitting"), 8),
    "measure": {"contests": MEASURED, "contests_sha256": 11, "round": 12},
    "stop": {"audit": 12, "by": 12, "confirmed": 12, "outcome": 13},
}  # fmt: skip
