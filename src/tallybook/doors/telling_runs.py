"""The audits of a book as values for its pages: the chain of each, its contests, its discrepancies.

For every door that shows a book. What the entries say is taken from the entries, the rest from the standing's
runs; nothing is computed that the record does not hold (docs/spec/audit.md, section 8).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from typing import Any

from tallybook.book import Contest, Entry, Standing
from tallybook.book.audit_runs import PlannedContest, Run
from tallybook.book.readings import recorded_of
from tallybook.doors.telling_audits import (
    Look,
    contests_of,
    ended_words,
    listed,
    nowhere,
    risks,
    signers,
    total,
)
from tallybook.doors.telling_outcomes import (
    assertion_words,
    outcome_words,
    reading_words,
    record_words,
)
from tallybook.law import LawSet
from tallybook.merkle.checkpoints import parse_checkpoint
from tallybook.reports.audit_values import (
    AssertionRow,
    Audit,
    AuditedContest,
    AuditStep,
    Difference,
    Ending,
    Measured,
    State,
    StratumRow,
)

EVIDENCE = {
    "comparison": "cards drawn and compared with their records",
    "polling": "cards drawn and read, without records",
    "pools": "cards drawn and compared with their records, or with what was reported of their pool",
    "batches": "batches drawn, counted by hand, and compared with what was reported of them",
}
ENDS: dict[str, State] = {"another_round": "another_round", "full_hand_count": "full_hand_count"}

Json = Mapping[str, Any]


def audits(laws: LawSet, standing: Standing, entries: list[Entry], look: Look = nowhere) -> tuple[Audit, ...]:
    """Every audit by plan, in the order of the plans. look: fingerprint -> the exhibit, parsed."""
    own: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        if not entry.refusal and (seq := audit_of(entry)) in standing.runs:
            own[seq].append(entry)
    return tuple(
        audit(laws, standing, entries, own[seq], run, look) for seq, run in sorted(standing.runs.items())
    )


def audit_of(entry: Entry) -> int:
    """The plan's entry of an entry of an audit; -1 for other entries."""
    if entry.entry == "audit_plan_committed":
        return entry.seq
    found = entry.result.get("audit", entry.detail.get("audit", -1))
    return found if type(found) is int else -1


def audit(
    laws: LawSet, standing: Standing, entries: list[Entry], own: list[Entry], run: Run, look: Look
) -> Audit:
    """One audit. own: its granted entries, in order."""
    later = [seq for name in run.plan.names if (seq := standing.planned[name]) != run.seq]
    reported = contests_of(own[0], look)
    return Audit(
        entry=run.seq,
        title=title_of(standing, run),
        place=standing.places.get(run.place, ""),
        limit=run.plan.risk_limit,
        unit=unit_of(run),
        plan=own[0].detail["plan"],
        seed=run.seed,
        chain=tuple(chain(laws, standing, entries, own, run, look)),
        contests=tuple(
            audited(laws, standing, entries, own, run, name, reported.get(name, {}), look)
            for name in run.plan.names
        ),
        differences=tuple(differences(standing, run)),
        first=run.drawn[0] if run.drawn and run.plan.draw == "cards" else "",
        replaced=min(later) if later else None,
        latest=frozenset(name for name in run.plan.names if standing.planned[name] == run.seq),
    )


def title_of(standing: Standing, run: Run) -> str:
    """What an audit is called: by its place, and by its plan where there are several."""
    where = f" in {standing.places[run.place]}" if run.place else ""
    which = f", planned in entry {run.seq:,}" if len(standing.runs) > 1 else ""
    return f"The audit{where}{which}"


def unit_of(run: Run) -> str:
    """What is drawn."""
    return "card" if run.plan.draw == "cards" else "batch"


# One contest ---------------------------------------------------------------------------------


def audited(
    laws: LawSet,
    standing: Standing,
    entries: list[Entry],
    own: list[Entry],
    run: Run,
    name: str,
    reported: Json,
    look: Look,
) -> AuditedContest:
    """One contest of an audit. reported: what the plan's entry says of it."""
    contest, planned = standing.contests[name], run.plan.contest(name)
    latest = run.results.get(name, {})
    end = entries[run.stopped[name][0]] if name in run.stopped else None
    outcome = end.result.get("outcome") if end else None
    return AuditedContest(
        id=name,
        contest=contest.name,
        state=state_of(own, name, latest, end),
        reported=outcome_words(standing, contest, planned.outcome),
        audited=outcome_words(standing, contest, outcome) if outcome else "",
        limit=run.plan.risk_limit,
        evidence=evidence_of(planned),
        cards=reported.get("cards", 0),
        phantoms=reported.get("phantoms", 0),
        outside=planned.outside,
        used=latest.get("cards"),
        measured=tuple(measurements(own, name, look)),
        assertions=tuple(assertions(contest, planned, reported, latest)),
        strata=tuple(strata(planned, reported, latest)),
        more=latest.get("more") if end is None else None,
        ending=ending(laws, end) if end else None,
    )


def state_of(own: list[Entry], name: str, latest: Json, end: Entry | None) -> State:
    """How far a contest has come."""
    if end is not None:
        if end.result["by"] == "risk":
            return "risk"
        return "count" if end.result["confirmed"] else "overturned"
    if not latest:
        return "waiting"
    if latest["step"] in ENDS:
        return "reopened" if is_reopened(own, name) else ENDS[latest["step"]]
    return "ready"


def is_reopened(own: list[Entry], name: str) -> bool:
    """Whether the end of a contest was taken back, and no round is measured since."""
    told = ("audit_reopened", "risk_measured")
    last = [one for one in own if one.entry in told and one.contest in ("", name)]
    return bool(last) and last[-1].entry == "audit_reopened"


def evidence_of(planned: PlannedContest) -> str:
    """The kinds of evidence of a contest, in words."""
    if planned.is_without_records:
        return "rankings read from cards drawn, with nothing recorded to compare them with"
    return "; ".join(dict.fromkeys(EVIDENCE[one.evidence] for one in planned.strata))


def measurements(own: list[Entry], name: str, look: Look) -> Iterable[Measured]:
    """The measurements of a contest, in order."""
    for entry in own:
        if entry.entry not in ("risk_measured", "reading_corrected"):
            continue
        found = contests_of(entry, look).get(name)
        if found is None:
            continue
        title = f"Round {entry.result['round']}" if "round" in entry.result else "Correction"
        yield Measured(title, found["cards"], found.get("risk", ""), is_met(found), entry.seq)


def is_met(found: Json) -> bool:
    """Whether a measurement meets the limit; after a count of every card nothing is left to meet."""
    return bool(all(found["met"])) if "met" in found else True


def assertions(
    contest: Contest, planned: PlannedContest, reported: Json, latest: Json
) -> Iterable[AssertionRow]:
    """The assertions of a contest, with the latest that is measured of them."""
    margins = reported.get("margins", ())
    risks_, met = latest.get("risks", ()), latest.get("met", latest.get("true", ()))
    for n, one in enumerate(planned.assertions):
        yield AssertionRow(
            assertion_words(contest, one),
            margins[n] if n < len(margins) else None,
            risks_[n] if n < len(risks_) else "",
            met[n] if n < len(met) else None,
        )


def strata(planned: PlannedContest, reported: Json, latest: Json) -> Iterable[StratumRow]:
    """The strata of a contest, where it has several."""
    found = reported.get("strata", {})
    for one in planned.strata if found else ():
        own, used = found[one.stratum], latest.get("used", {}).get(one.stratum)
        yield StratumRow(one.stratum, EVIDENCE[one.evidence], own["cards"], own["phantoms"], used)


def ending(laws: LawSet, entry: Entry) -> Ending:
    """Who ended an audit, when, by which law."""
    return Ending(laws.offices[entry.office].name, entry.on[:10], entry.ruling["citation"], entry.seq)


# Discrepancies ---------------------------------------------------------------------------------


def differences(standing: Standing, run: Run) -> Iterable[Difference]:
    """Every item and contest on which record and people differ, in the order of the draw."""
    for item in dict.fromkeys(run.drawn):
        state = run.items[item]
        for name in run.plan.names:
            if name not in state.differs or state.settled is None:
                continue
            contest = standing.contests[name]
            cause = state.causes.get(name, "").replace("_", " ")
            read = reading_words(contest, state.settled[name])
            yield Difference(item, contest.name, recorded_words(contest, run, item, name), read, cause)


def recorded_words(contest: Contest, run: Run, item: str, name: str) -> str:
    """What was recorded of an item."""
    if run.plan.draw == "batches":
        return reading_words(contest, run.basis.votes[name][item])
    return record_words(contest, recorded_of(run, item, run.stratum_of(item, contest.id)))


# The chain -------------------------------------------------------------------------------------


def chain(
    laws: LawSet, standing: Standing, entries: list[Entry], own: list[Entry], run: Run, look: Look
) -> Iterable[AuditStep]:
    """Every step of an audit, those of one kind that follow each other together."""
    for kind, several in groupby(own, key=lambda entry: entry.entry):
        group = list(several)
        if kind == "audit_seed_recorded" and "checkpoint" in group[0].result:
            yield witnessed(laws, entries[group[0].result["checkpoint"]])
        if kind not in STEPS:
            continue
        title, told = STEPS[kind]
        words = tuple(one for one in told(standing, run, group, look) if one)
        office = laws.offices[group[0].office].name if group[0].office else ""
        yield AuditStep(title_for(title, group), office, day_of(group[-1]), words, seqs(group))


def title_for(title: str, group: list[Entry]) -> str:
    """A step's title, with the number of its round or sitting."""
    first = group[0].result
    return title.format(round=first.get("round", ""), sitting=first.get("sitting", ""))


def seqs(group: list[Entry]) -> tuple[int, ...]:
    """The numbers of the entries."""
    return tuple(entry.seq for entry in group)


def day_of(entry: Entry) -> str:
    """The day of an entry; of what follows by law, that on which it was received."""
    return entry.on[:10] or entry.received[:10]


def witnessed(laws: LawSet, entry: Entry) -> AuditStep:
    """The checkpoint between the plan and the seed."""
    head, note = parse_checkpoint(entry.detail["checkpoint"].encode())
    names = ", ".join(dict.fromkeys(one.name for one in note.signatures if one.name != head.origin))
    signed = f" Signed by {names}." if names else ""
    words = (
        f"It fixes the first {head.size:,} entries, the plan among them, before the seed is known.{signed}"
    )
    office = laws.offices[entry.office].name
    return AuditStep("A checkpoint is witnessed", office, day_of(entry), (words,), (entry.seq,))


def of_plan(_: Standing, run: Run, __: list[Entry], ___: Look) -> list[str]:
    """What is fixed before anything is drawn."""
    plan = run.plan
    one, many = ("card", "cards") if plan.draw == "cards" else ("batch", "batches")
    most = f" After {total(plan.most_rounds, 'round', 'rounds')} all is counted." if plan.most_rounds else ""
    return [
        f"{total(len(plan.names), 'contest', 'contests')}, drawn by {one}, risk limit {plan.risk_limit}. The "
        f"{many}, what was reported, the statements to be tested and the sizes of the first round are "
        f"fixed.{most}",
        f"Board: {', '.join(plan.board)}; {plan.quorum} must sign.",
    ]


def of_seed(_: Standing, run: Run, group: list[Entry], __: Look) -> list[str]:
    """The seed, who rolled it and who watched."""
    detail = group[0].detail
    said = [f"The seed is {run.seed}."]
    said += [f"Rolled by {', '.join(detail['rollers'])}."] if detail.get("rollers") else []
    said += [f"Witnessed by {', '.join(detail['witnesses'])}."] if detail.get("witnesses") else []
    said += [f"With: {detail['dice']}."] if detail.get("dice") else []
    return [" ".join(said)]


def of_round(_: Standing, run: Run, group: list[Entry], __: Look) -> list[str]:
    """How much was drawn."""
    count = group[0].result["count"]
    if run.plan.draw == "batches":
        return [f"{total(count, 'batch', 'batches')} to count that no earlier round drew."]
    return [f"{total(count, 'card', 'cards')} to pull that no earlier round drew."]


def by_reader(group: list[Entry], field: str) -> str:
    """How many readings each reader handed in or opened."""
    found: Counter[str] = Counter()
    for entry in group:
        found[entry.detail["reader"]] += len(entry.detail[field])
    return ", ".join(f"{reader} {n:,}" for reader, n in found.items())


def of_sealed(_: Standing, __: Run, group: list[Entry], ___: Look) -> list[str]:
    """Who read how many, each without seeing the record or the other's reading."""
    return [f"Read without seeing the record or each other's readings: {by_reader(group, 'commitments')}."]


def of_opened(_: Standing, __: Run, group: list[Entry], ___: Look) -> list[str]:
    """Whose readings are open, and what two readers saw differently."""
    differ = [item for entry in group for item in entry.result.get("differ", ())]
    said = f"Opened: {by_reader(group, 'openings')}."
    return [f"{said} Read differently: {listed(differ) if differ else 'none'}."]


def of_settled(_: Standing, __: Run, group: list[Entry], ___: Look) -> list[str]:
    """What the board settled."""
    rows = [row for entry in group for row in entry.detail["settled"]]
    causes = Counter(cause.replace("_", " ") for _, _, cause in rows)
    return [f"{listed([item for item, _, _ in rows])}. Cause: {tallied(causes)}."]


def of_records(_: Standing, __: Run, group: list[Entry], ___: Look) -> list[str]:
    """How many records are open."""
    rows = [row for entry in group for row in entry.result["rows"]]
    lost = sum(row < 0 for row in rows)
    said = f"{total(len(rows), 'record', 'records')}, opened after the cards were read."
    return [said, f"{lost:,} could not be opened and count against the outcome." if lost else ""]


def of_causes(_: Standing, __: Run, group: list[Entry], ___: Look) -> list[str]:
    """How many discrepancies have which cause."""
    causes = Counter(row[2].replace("_", " ") for entry in group for row in entry.detail["causes"])
    return [f"{total(causes.total(), 'discrepancy', 'discrepancies')}: {tallied(causes)}."]


def of_correction(standing: Standing, _: Run, group: list[Entry], look: Look) -> list[str]:
    """Which reading was corrected, why, and the new risks."""
    said = []
    for entry in group:
        said.append(f"{entry.detail['item']}: {entry.detail['wrong']}")
        said += risks(standing, contests_of(entry, look))
    return said


def of_sitting(_: Standing, __: Run, group: list[Entry], ___: Look) -> list[str]:
    """Who signed how much."""
    return [
        f"{total(entry.result['acts'], 'entry', 'entries')} of the board's work, signed by {signers(entry)}."
        for entry in group
    ]


def of_measure(standing: Standing, _: Run, group: list[Entry], look: Look) -> list[str]:
    """The risks, and what comes next."""
    return [one for entry in group for one in risks(standing, contests_of(entry, look))]


def of_stop(standing: Standing, _: Run, group: list[Entry], __: Look) -> list[str]:
    """How the audit of each contest ended."""
    return [f"{standing.contests[one.contest].name}: {' '.join(ended_words(standing, one))}" for one in group]


def of_reopened(standing: Standing, _: Run, group: list[Entry], __: Look) -> list[str]:
    """Which contests go on, and why."""
    return [
        f"{standing.contests[one.contest].name}: the corrected risk is {one.result['risk']}, above the limit."
        for one in group
    ]


def tallied(found: Counter[str]) -> str:
    """Causes with their numbers; a single kind without."""
    if len(found) == 1:
        return next(iter(found))
    return ", ".join(f"{cause} {n:,}" for cause, n in found.most_common())


Told = Callable[[Standing, Run, list[Entry], Look], list[str]]

STEPS: Mapping[str, tuple[str, Told]] = {
    "audit_plan_committed": ("The plan is committed", of_plan),
    "audit_seed_recorded": ("The seed is rolled", of_seed),
    "audit_round_drawn": ("Round {round} is drawn", of_round),
    "readings_committed": ("Two people read, and seal their readings", of_sealed),
    "readings_opened": ("The readings are opened", of_opened),
    "readings_adjudicated": ("The board settles what was read differently", of_settled),
    "records_opened": ("The records of these cards are opened", of_records),
    "discrepancies_explained": ("Discrepancies get their causes", of_causes),
    "reading_corrected": ("A settled reading is corrected", of_correction),
    "sitting_signed": ("The board signs sitting {sitting}", of_sitting),
    "risk_measured": ("The risk is measured after round {round}", of_measure),
    "audit_stopped": ("The audit of contests ends", of_stop),
    "audit_reopened": ("An audit is reopened", of_reopened),
}
"""By entry kind: the title of the step, and its words."""
