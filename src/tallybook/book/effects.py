"""What a granted act does: its result and its consequences (docs/spec/book.md, sections 7 and 8).

For `decide`. One function per effect; each computes from the standing and the act, and changes nothing.
Consequences arise by law, not by anyone's call: nobody "calls" a runoff.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any

from tallybook.book.auditing import AUDITING
from tallybook.book.boards import set_roster
from tallybook.book.cases import Case
from tallybook.book.claims import answer
from tallybook.book.counts import base_of, current, hand_count_effect, over_places, returns_beside
from tallybook.book.fitting import acts_fit, winners_fit
from tallybook.book.nouns import Answer, Consequence, Effect, Problem
from tallybook.book.officers import set_keys
from tallybook.book.opening import joined
from tallybook.book.orders import move_date
from tallybook.book.recounts import recount_batches, recount_result
from tallybook.book.results import after_lot, decided, margin, runoff_day, same_outcome
from tallybook.book.sampling import SAMPLING
from tallybook.book.standing import Contest
from tallybook.book.values import MOST
from tallybook.law import Rule, rule_for
from tallybook.outcomes import chamber_control, college_result

Json = dict[str, Any]


def nothing_more(_: Case) -> Answer:
    """The entry says it all."""
    return Effect()


def adopt(case: Case) -> Answer:
    """A corrected law file, where the set it makes fits this book."""
    standing, named = case.standing, case.act.detail["law_file"]
    assert standing.law is not None
    field, file = "detail.law_file", case.shelf.law_files.get(named)
    ids = [one.id for one in standing.law.files]
    if file is None or file.id not in ids:
        return Problem(field, named, f"a law file with one of the ids {', '.join(ids)}", "File that one.")
    laws = joined((file if old.id == file.id else old for old in standing.law.files), field)
    if isinstance(laws, tuple):
        return laws
    contests = ((one.class_id, one.seats) for one in standing.contests.values() if not one.of)
    winners = winners_fit(laws, contests, case.day, standing.day, field)
    return acts_fit(laws, field) or winners or Effect()


def returns(case: Case) -> Answer:
    """A statement of the act's count."""
    act, count = case.act, case.declared.count
    result: Json = {"count": count, "total": sum(act.detail["returns"]["votes"].values())}
    if (earlier := current(case.standing, act.contest, count, act.place)) is not None:
        result["replaces"] = earlier.seq
    if count == "county_certified" and (found := case.standing.findings_at(act.contest, act.place)):
        result["findings"] = found
    return Effect(result)


def correct(case: Case) -> Answer:
    """A correction of wording; no statement changes."""
    return Effect({"corrects": case.act.detail["corrects"]})


def state_total(case: Case) -> Answer:
    """The sum over the places, its outcome, and the runoff that arises from it."""
    if wrong := no_outcome(case):
        return wrong
    standing, contest = case.standing, case.contest
    base = base_of(standing, contest, case.act.purpose, case.day)
    result = {"base": base, "count": case.declared.count, **over_places(contest, base)}
    if result["total"] > MOST:
        return too_many(contest)
    found = sorted(f.seq for f in standing.findings.values() if f.contest in ("", contest.id))
    if found:
        result["findings"] = found
    outcome = outcome_of(case, result["votes"])
    result |= {"outcome": outcome, "margin": margin(contest, result["votes"], outcome)}
    if (earlier := current(standing, contest.id, case.declared.count, "")) is not None:
        result["replaces"] = earlier.seq
    if case.declared.count == "recertified":
        result["changed"] = not same_outcome(outcome, contest.outcome)
    return Effect(result, runoffs(case, outcome))


def outcome_of(case: Case, votes: Mapping[str, int]) -> Json:
    """The outcome of the act's contest on these votes."""
    return decided(case.standing, case.contest, votes, case.day)


def no_outcome(case: Case) -> Problem | None:
    """Where the law of the day has no way to find the winner, there is no total yet."""
    laws, contest = case.standing.law, case.contest
    assert laws is not None
    if contest.of:
        return None
    mend = "Adopt the law file that has the rule, or certify on a day on which it is in force."
    rule = law_rule(case, "winner", contest.class_id)
    if rule is None:
        return Problem("on", case.day, f"a day with a `winner` rule for the class {contest.class_id}", mend)
    if rule.values["method"] == "ranked_choice":
        expected = "a contest whose winner follows from totals; a ranked one is counted in rounds"
        return Problem("contest", contest.id, expected, "Certify what its count in rounds shows.")
    if "runoff_day" in rule.values and not runoff_day(case.standing, rule, contest, case.day):
        return Problem("on", case.day, f"a runoff day by the rule {rule.id}", mend)
    return None


def too_many(contest: Contest) -> Problem:
    """A sum that no entry can hold."""
    return Problem("contest", contest.id, f"sums of at most {MOST:,}", "Correct the places' counts.")


def runoffs(case: Case, outcome: Mapping[str, Any]) -> tuple[Consequence, ...]:
    """The runoff that arises, and the one that is withdrawn because its need has gone."""
    contest, contests = case.contest, case.standing.contests
    standing_runoff = contests.get(contest.runoff) if contest.runoff else None
    wanted = tuple(outcome["choices"]) if outcome["kind"] == "runoff" else ()
    if standing_runoff is not None and set(standing_runoff.choices) == set(wanted):
        return ()
    follows = []
    if standing_runoff is not None:
        follows.append(Consequence("runoff_withdrawn", contest.id, {"runoff": standing_runoff.id}))
    if wanted:
        follows.append(arising(case, contest, outcome))
    return tuple(follows)


def arising(case: Case, contest: Contest, outcome: Mapping[str, Any]) -> Consequence:
    """A runoff, with the rule by which it arises."""
    rule = law_rule(case, "winner", contest.class_id)
    assert rule is not None
    names = chain([f"{contest.id}_runoff"], (f"{contest.id}_runoff_{n}" for n in range(2, 1000)))
    name = next(one for one in names if one not in case.standing.contests)
    by = {"law": rule.law, "row": rule.id, "citation": rule.citation}
    result = {"runoff": name, "choices": outcome["choices"], "day": outcome["day"], **by}
    return Consequence("runoff_arose", contest.id, result)


def audit_result(case: Case) -> Answer:
    """The audit's tally beside the returns of the same places, and what the law makes of it."""
    if wrong := no_outcome(case):
        return wrong
    contest = case.contest
    result = over_places(contest, "audit_tally")
    back, difference = returns_beside(contest)
    if max(result["total"], back["total"], difference) > MOST:
        return too_many(contest)
    ours, theirs = outcome_of(case, result["votes"]), outcome_of(case, back["votes"])
    result |= {
        "returns": back["votes"],
        "margin": margin(contest, result["votes"], ours),
        "returns_margin": margin(contest, back["votes"], theirs),
        "same": same_outcome(ours, theirs),
        "difference": difference,
        "effect": hand_count_effect(case.standing, contest, case.day),
    }
    return Effect(result)


def recounted(case: Case) -> Answer:
    """The recount beside the first count, where the law of the day finds winners."""
    return no_outcome(case) or recount_result(case)


def electors(case: Case) -> Answer:
    """The slate with the most votes is appointed."""
    contest = case.contest
    rule = law_rule(case, "electors", contest.class_id)
    if rule is None:
        return Problem(
            "contest", contest.id, "a contest for which the law appoints electors", "Name that contest."
        )
    by = {"law": rule.law, "row": rule.id, "citation": rule.citation}
    slate = case.act.detail["choice"]
    return Effect(
        {"electors": rule.values["number"], "slate": slate, "votes": dict(contest.votes or {}), **by}
    )


def electoral_votes(case: Case) -> Answer:
    """The electors' votes for President, those not for the slate, and those not cast."""
    certified = case.standing.electors[case.act.contest]
    appointed = certified["electors"]
    president, vice = case.act.detail["president"], case.act.detail["vice_president"]
    for name, votes in (("president", president), ("vice_president", vice)):
        if sum(votes.values()) > appointed:
            return Problem(
                f"detail.{name}", str(sum(votes.values())), f"at most {appointed} votes", "Count again."
            )
    cast = sum(president.values())
    faithless = cast - president.get(certified["slate"], 0)
    return Effect({"appointed": appointed, "cast": cast, "faithless": faithless, "vacant": appointed - cast})


def joint_session(case: Case) -> Answer:
    """All the states' votes, the majority of those appointed, and what follows where nobody has it."""
    rule = law_rule(case, "electors", "president")
    if rule is None:
        return Problem(
            "act", case.act.act, "a law that says how many electors there are", "Adopt that law file."
        )
    appointed = rule.values["whole"] - case.act.detail.get("not_appointed", 0)
    if appointed < 1:
        expected = f"fewer than {rule.values['whole']}, the whole number of electors"
        return Problem(
            "detail.not_appointed", f"{rule.values['whole'] - appointed}", expected, "Count again."
        )
    totals, outcome = college("President", case.act.detail["table"], appointed)
    result: Json = {
        "totals": totals,
        "appointed": appointed,
        "majority": appointed // 2 + 1,
        "outcome": outcome,
    }
    most = sum(totals.values())
    if "vice_table" in case.act.detail:
        vice, vice_outcome = college("Vice President", case.act.detail["vice_table"], appointed)
        result |= {"vice_totals": vice, "vice_outcome": vice_outcome}
        most = max(most, sum(vice.values()))
    if most > appointed:
        return Problem("detail.table", f"{most} votes", f"at most {appointed}", "Count again.")
    return Effect(result)


def college(office: Any, table: Mapping[str, Mapping[str, int]], appointed: int) -> tuple[Json, Json]:
    """The totals of a table of electoral votes, and the outcome."""
    sums: Counter[str] = Counter()
    for row in table.values():
        sums.update(row)
    totals = dict(sums)
    if sum(totals.values()) > appointed:
        return totals, {}
    ranked = tuple(sorted(((n, v) for n, v in totals.items() if v), key=lambda pair: (-pair[1], pair[0])))
    found = college_result(office, ranked, appointed)
    if found.elected is not None:
        return totals, {"kind": "winner", "winners": [found.elected]}
    tied = {"tied": list(found.tied_for_last)} if found.tied_for_last else {}
    return totals, {"chamber": found.chamber, "choices": list(found.eligible), "kind": "contingent", **tied}


def chamber(case: Case) -> Answer:
    """Which caucus can organise the chamber from this day, the tie-breaker included."""
    detail = case.act.detail
    members, breaker = detail["members"], detail.get("tie_breaker")
    if sum(members.values()) + detail.get("vacant", 0) != detail["seats"]:
        found = f"{sum(members.values())} members and {detail.get('vacant', 0)} vacant"
        return Problem("detail.members", found, f"{detail['seats']} seats together", "Count again.")
    control = chamber_control(tuple(sorted(members.items())), breaker).caucus
    if control is None:
        return Effect({"by": "nobody"})
    sitting = sum(members.values())
    by = "majority" if 2 * members[control] > sitting else "tie_breaker"
    return Effect({"by": by, "control": control})


def lot(case: Case) -> Answer:
    """The lot gives one of the tied places."""
    outcome = case.contest.outcome
    assert outcome is not None
    after = after_lot(outcome, case.act.detail["choice"])
    return Effect({"outcome": after}, runoffs(case, after))


def law_rule(case: Case, kind: str, class_id: str) -> Rule | None:
    """The rule of that kind in the law in force on the act's day."""
    assert case.standing.law is not None
    return rule_for(case.standing.law, kind, class_id, case.day, case.standing.day)


EFFECTS: Mapping[str, Callable[[Case], Answer]] = {
    **dict.fromkeys(("open", "record", "recount_order", "finding", "close_finding"), nothing_more),
    "adopt": adopt,
    "returns": returns,
    "restate": returns,
    "correct": correct,
    "state_total": state_total,
    "audit_result": audit_result,
    "electors": electors,
    "electoral_votes": electoral_votes,
    "joint_session": joint_session,
    "chamber": chamber,
    "lot": lot,
    **SAMPLING,
    "keys": set_keys,
    "roster": set_roster,
    "move_date": move_date,
    "recount_batches": recount_batches,
    "recount_result": recounted,
    "claim": nothing_more,
    "answer": answer,
    **AUDITING,
}
"""What an act that law and record admit does, by its effect; problems where its own numbers cannot be."""
