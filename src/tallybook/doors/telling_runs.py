"""The audits of a book as values for its pages: the chain of each, its contests, its discrepancies.

For every door that shows a book. What the entries say is taken from the entries, the rest from the standing's
runs; nothing is computed that the record does not hold (docs/spec/audit.md, section 8).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from tallybook.book import Contest, Entry, Standing
from tallybook.book.audit_runs import PlannedContest, Run
from tallybook.book.readings import recorded_of
from tallybook.doors.telling_audits import Look, contests_of, nowhere
from tallybook.doors.telling_outcomes import (
    assertion_words,
    outcome_words,
    reading_words,
    record_words,
)
from tallybook.doors.telling_steps import chain
from tallybook.law import LawSet
from tallybook.reports.audit_values import (
    AssertionRow,
    Audit,
    AuditedContest,
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
