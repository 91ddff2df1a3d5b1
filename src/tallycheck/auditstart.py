"""What a plan MUST hold before anything is drawn: audit specification, sections 3 to 6.

Checks 4, 6, 9, 10 and 12 to 14. Each step looks at all contests before the next begins, so that the lowest
number is found first.
"""

from collections.abc import Iterator, Set
from itertools import islice
from math import lcm
from typing import Any

from .assertions import MOST_STEPS, by_votes, certificate_trouble, needed
from .auditplan import BATCHES, LONGEST_PLAN, POOLS, BadPlan, Plan, parse_plan, require_counting
from .auditrecord import method_of
from .auditreported import Source, flagged, own_points, population_of, read_reported, sum_up
from .audits import Audit, Audited, Claims, Stratum, made_claims
from .canonical import write
from .draw import BadManifest, Manifest, parse_manifest
from .draws import MOST_WEIGHT
from .effects import LONGEST_MANIFEST, Desk, beside_audit, winner_of
from .failure import Failed, shown
from .form import Act
from .lawforms import fraction
from .measuring import POOL_K, weighed
from .outcomes import outcome
from .published import NO_RECORD, NOT_ON_CARD
from .ranked import Reading
from .standing import Contest

FEWEST = 10
WIDEST = 2_000
MOST_CHOICES_UNRECORDED = 6
READING_KEYS = ("overvote", "duplicate", "max_rankings", "max_skipped")


def read_plan(act: Act, desk: Desk) -> Plan | Failed:
    """The plan that an act names, or what is wrong with it."""
    standing, seq = desk.standing, act.seq
    try:
        raw = desk.exhibit(act.detail["plan"], LONGEST_PLAN, 4, seq)
        return parse_plan(raw, standing.contests)
    except BadPlan as problem:
        return Failed(4, f"the plan: {problem}", entry=seq)
    except Failed as problem:
        return problem


def started(plan: Plan, act: Act, desk: Desk, named: Set[str]) -> Audit:
    """The audit that a plan begins; fails with the number that section 5 gives."""
    claims = {name: claims_of(name, plan, act, desk) for name in plan.contests}
    manifest = manifest_of(plan, desk, act.seq, named)
    places = {b: i for i, (b, _) in enumerate(manifest.batches)}
    source = Source(desk, act.seq, named, manifest, places)
    contests = {
        name: Audited(planned, claims[name],
                      [Stratum(one, claims[name], population_of(one, source)) for one in planned.strata])
        for name, planned in plan.contests.items()
    }  # fmt: skip
    for stratum in (one for audited in contests.values() for one in audited.strata):
        read_reported(stratum, source)
    left = [MOST_STEPS]
    for audited in contests.values():
        require_assertions(audited, act, desk, left)
    for audited in contests.values():
        for stratum in audited.strata:
            sum_up(stratum, source)
        require_margins(audited, act.seq)
    audit = Audit(act.seq, act.case.place, plan, manifest, places, contests, work=desk.standing.work)
    if not audit.by_cards:
        weigh(audit)
    require_limits(audit, act, desk)
    for audited in contests.values():
        require_returns(audited, act, desk)
    require_privacy(audit, act.seq)
    return audit


def claims_of(name: str, plan: Plan, act: Act, desk: Desk) -> Claims:
    """The assertions of a contest of the plan; check 4: its place, and the form of what is reported."""
    contest = desk.standing.contests[name]
    require_place(contest, act)
    method = method_of(contest, desk.bench, act.case.day)
    found = made_claims(contest, method, reading_of(contest, desk, act.case.day), plan.assertions[name])
    try:
        require_counting(plan.contests[name], found.ranked)
    except BadPlan as problem:
        raise Failed(4, f"the plan: {problem}", entry=act.seq) from None
    return found


def require_place(contest: Contest, act: Act) -> None:
    """Check 4: the place of the act is the contest's only one; the contest is not withdrawn."""
    if contest.withdrawn is not None:
        raise Failed(4, f"the contest {contest.id} of the plan is withdrawn", entry=act.seq)
    if act.case.place is not None and contest.places != [act.case.place]:
        raise Failed(4, f"the place of the plan is not the only one of {contest.id}", entry=act.seq)


def manifest_of(plan: Plan, desk: Desk, seq: int, named: Set[str]) -> Manifest:
    """The manifest of a plan."""
    if plan.manifest not in named:
        raise Failed(6, f"the manifest {plan.manifest} is no exhibit of this or an earlier act", entry=seq)

    def parsed() -> Manifest:
        desk.once = {key: value for key, value in desk.once.items() if key[0] != "manifest"}
        return parse_manifest(desk.exhibit(plan.manifest, LONGEST_MANIFEST, 6, seq))

    try:
        found: Manifest = desk.known(("manifest", plan.manifest), parsed)
        return found
    except BadManifest as problem:
        raise Failed(6, f"the manifest: {problem}", entry=seq) from None


def reading_of(contest: Contest, desk: Desk, day: str) -> Reading:
    """How a ranked ballot of the contest is read (law specification, section 7)."""
    rule = None if contest.runoff_of else desk.bench.find_rule("winner", contest.office_class, day)
    keys = rule.keys if rule else {}
    return Reading(**{key: keys[key] for key in READING_KEYS if key in keys})


# Assertions and margins ------------------------------------------------------------


def require_assertions(audited: Audited, act: Act, desk: Desk, left: list[int]) -> None:
    """Check 9: the assertions imply the outcome (section 6). `left`: steps certificates may still take."""
    name, claims, reported = audited.plan.contest, audited.claims, audited.plan.outcome
    if max((most - least for least, most in claims.limits), default=0) > WIDEST:
        raise Failed(9, f"a card may have more points in {name} than can be tested", entry=act.seq)
    if claims.ranked:
        key = ("certificate", act.detail["plan"], name)
        trouble = desk.known(key, lambda: ranked_trouble(audited, left))
    else:
        found, choices = claims.assertions, claims.contest.choices
        proper = needed(claims.method, choices, claims.contest.seats, reported)
        expected = list(islice(proper, len(found) + 1))
        trouble = "" if write(found) == write(expected) else "they are not those that it needs"
        trouble = trouble if expected else "no assertions can show it"
    if trouble:
        raise Failed(9, f"the assertions of {name} do not imply its outcome: {trouble}", entry=act.seq)


def ranked_trouble(audited: Audited, left: list[int]) -> str:
    """Why the assertions of a ranked contest do not imply its outcome, or ``""``."""
    claims, winners = audited.claims, audited.plan.outcome.get("winners", [])
    if len(winners) != 1 or claims.contest.seats != 1:
        return "no assertions can show it"
    if audited.plan.without_records:
        return unrecorded_trouble(audited)
    if any(stratum.plan.evidence == BATCHES for stratum in audited.strata):
        return "totals of votes say nothing of a count in rounds"
    return certificate_trouble(claims.assertions, claims.contest.choices, winners[0], left)


def unrecorded_trouble(audited: Audited) -> str:
    """Why a ranked contest cannot be shown without records, or ``""``."""
    if audited.claims.assertions:
        return "without records there are none"
    if len(audited.strata) != 1 or audited.one.plan.lacking != "may_lack" or audited.plan.outside:
        return "without records it takes one stratum, cards that may lack the contest, and none outside"
    if not 2 <= len(audited.contest.choices) <= MOST_CHOICES_UNRECORDED:
        return f"without records there are 2 to {MOST_CHOICES_UNRECORDED} choices"
    return ""


def require_margins(audited: Audited, seq: int) -> None:
    """Check 10: a sample can show every assertion."""
    missing, pooled = audited.phantoms + audited.plan.outside, audited.one.plan.evidence == POOLS
    for a, (found, (least, _)) in enumerate(zip(audited.sums, audited.claims.limits, strict=True)):
        words = f"{write(audited.claims.assertions[a])} of {audited.plan.contest} has {found} points"
        if found + least * missing <= 0:
            raise Failed(10, f"{words}, and {missing} cards lack", entry=seq)
        if len(audited.strata) == 1 and pooled and recorded_by_pools(audited.one, a) <= 0:
            raise Failed(10, f"{words}, of which nothing is left where pools are rounded", entry=seq)


def recorded_by_pools(stratum: Stratum, a: int) -> int:
    """G' of measuring, section 3: what all cards of a stratum are taken to be recorded with, in 1024ths."""
    return POOL_K * own_points(stratum, a) + stratum.pool_values[a]


def weigh(audit: Audit) -> None:
    """Check 7: the weights of the batches, over all assertions of all contests (measuring, section 5).

    Their sum is at least the least common multiple of the margins, so one that is too large ends it early.
    """
    margins: list[int] = []
    for audited in audit.contests.values():
        audited.first = len(margins)
        sums, limits = audited.sums, audited.claims.limits
        margins += [
            total + least * audited.plan.outside for total, (least, _) in zip(sums, limits, strict=True)
        ]
    if lcm(*margins) <= MOST_WEIGHT:
        audit.batches = weighed([n for _, n in audit.manifest.batches], margins, points_by_batch(audit))
    if audit.batches is None or audit.batches.whole > MOST_WEIGHT:
        raise Failed(7, "the weights of all batches do not sum to at most 2^255", entry=audit.seq)


def points_by_batch(audit: Audit) -> Iterator[tuple[Iterator[int], int]]:
    """By assertion: the points reported of each batch, in the order of the manifest, and the least."""
    for audited in audit.contests.values():
        told = [audited.one.votes_in(b) for b in audited.one.population]
        for assertion, (least, _) in zip(audited.claims.assertions, audited.claims.limits, strict=True):
            yield (by_votes(assertion, votes) for votes in told), least


# Limits, outcomes, privacy ------------------------------------------------------------


def require_limits(audit: Audit, act: Act, desk: Desk) -> None:
    """Check 12: the risk limit is at most that of the law, and that of the latest order for the contest."""
    for audited in audit.contests.values():
        rule = desk.bench.find_rule("audit", audited.contest.office_class, act.case.day)
        a, b = fraction(rule.keys["risk_limit"]) or (1, 1) if rule else (1, 1)
        if audit.plan.limit * b > a:
            words = (
                f"the risk limit {audit.plan.limit_text} is above that of the rule for {audited.plan.contest}"
            )
            raise Failed(12, words, entry=act.seq)
        ordered = desk.standing.limits.get(audited.contest.id)
        if ordered is not None and audit.plan.limit * ordered[1] > ordered[0]:
            words = f"the risk limit {audit.plan.limit_text} is above {ordered[0]}/{ordered[1]}"
            words += f", which was ordered for {audited.plan.contest}"
            raise Failed(12, words, entry=act.seq)


def require_returns(audited: Audited, act: Act, desk: Desk) -> None:
    """Check 13: the returns, where all are in, have the outcome of the plan."""
    contest = audited.contest
    counts = ("county_certified", "unofficial")
    everywhere = all(any(contest.statement(count, place) for count in counts) for place in contest.places)
    if not everywhere or audited.claims.ranked:
        return
    told = [beside_audit(contest, place) for place in contest.places]
    votes = {choice: sum(place[choice] for place in told) for choice in contest.choices}
    found = outcome(votes, contest.seats, winner_of(contest, act.case, desk, act.seq)[1])
    if not is_outcome(found, audited.plan.outcome):
        words = f"the returns of {contest.id} have another outcome than the plan: {shown(write(found))}"
        raise Failed(13, words, entry=act.seq)
    total, cards = sum(votes.values()), audited.plan.cards + audited.plan.outside
    if total > cards * contest.votes_allowed:
        words = f"the returns of {contest.id} have {total} votes; the plan has {cards} cards for them"
        raise Failed(13, words, entry=act.seq)


def is_outcome(found: dict[str, Any], reported: dict[str, Any]) -> bool:
    """Whether an outcome has the kind of the reported one, and the same winners or choices."""
    name = "winners" if reported["kind"] == "winner" else "choices"
    return found["kind"] == reported["kind"] and set(found.get(name, ())) == set(reported[name])


def require_privacy(audit: Audit, seq: int) -> None:
    """Check 14: no batch and no contest is so small that its votes tell whose they are."""
    small = next((b for b, n in audit.manifest.batches if n < FEWEST), None)
    if not audit.by_cards and small is not None:
        raise Failed(14, f"the batch {shown(small)} has fewer than {FEWEST} cards", entry=seq)
    for stratum in (one for audited in audit.contests.values() for one in audited.strata):
        if stratum.cards is not None:
            rows = stratum.cards.head.cards - flagged(stratum, NO_RECORD) - flagged(stratum, NOT_ON_CARD)
            if rows < FEWEST:
                raise Failed(14, f"only {rows} rows carry the contest of {stratum.plan.key}", entry=seq)
        places = stratum.pools.places if stratum.pools is not None else ()
        small = next((b for b, n in (audit.manifest.batches[i] for i in places) if n < FEWEST), None)
        if small is not None:
            raise Failed(14, f"the pool {shown(small)} has fewer than {FEWEST} cards", entry=seq)
