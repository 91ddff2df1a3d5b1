"""What a plan MUST hold before anything is drawn: audit specification, sections 3 to 6.

Checks 4, 6, 9, 10 and 12 to 14. Each step looks at all contests before the next begins, so that the lowest
number is found first.
"""

from collections.abc import Callable, Set
from math import lcm
from typing import Any

from .assertions import by_votes, certificate_trouble, needed
from .auditplan import BATCHES, COMPARISON, LONGEST_PLAN, POLLING, BadPlan, Plan, Planned, fits, parse_plan
from .auditrecord import method_of
from .audits import Audit, Audited, made_audited
from .canonical import NotCanonical, read, write
from .draw import BadManifest, Manifest, parse_manifest
from .draws import MOST_WEIGHT
from .effects import LONGEST_MANIFEST, Desk, beside_audit, winner_of
from .failure import Failed, shown
from .form import Act
from .lawfile import fraction
from .measuring import weighed
from .outcomes import is_count_by, outcome
from .published import NO_RECORD, NOT_ON_CARD, BadCards, parse_head, read_rows
from .ranked import Reading
from .standing import Contest

LONGEST_REPORTED = 64 << 20
TOTALS = "tallybook/batch-totals/v1"
FEWEST = 10
WIDEST = 2_000
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
    book = desk.standing.contests
    for name in plan.contests:
        require_place(book[name], act)
    manifest = manifest_of(plan, desk, act.seq, named)
    places = {b: i for i, (b, _) in enumerate(manifest.batches)}
    contests = {}
    for name, planned in plan.contests.items():
        population = population_of(planned, places, manifest, act.seq)
        method = method_of(book[name], desk.bench, act.case.day)
        how = reading_of(book[name], desk, act.case.day)
        found = made_audited(planned, book[name], method, how, population, plan.assertions[name])
        contests[name] = found
    for audited in contests.values():
        READ[audited.plan.evidence](audited, manifest, desk, act.seq, named)
    for audited in contests.values():
        require_assertions(audited, act.seq)
    for audited in contests.values():
        require_margins(audited, act.seq)
    audit = Audit(act.seq, act.case.place, plan, manifest, contests)
    if not audit.by_cards:
        weigh(audit)
    require_limits(audit, act, desk)
    for audited in contests.values():
        require_returns(audited, act, desk)
    require_privacy(audit, act.seq)
    return audit


def require_place(contest: Contest, act: Act) -> None:
    """Check 4: the place of the act is the contest's only one; the contest is not withdrawn."""
    if contest.withdrawn is not None:
        raise Failed(4, f"the contest {contest.id} of the plan is withdrawn", entry=act.seq)
    if act.case.place is not None and contest.places != [act.case.place]:
        raise Failed(4, f"the place of the plan is not the only one of {contest.id}", entry=act.seq)


# Accounts ------------------------------------------------------------


def manifest_of(plan: Plan, desk: Desk, seq: int, named: Set[str]) -> Manifest:
    """The manifest of a plan."""
    if plan.manifest not in named:
        raise Failed(6, f"the manifest {plan.manifest} is no exhibit of this or an earlier act", entry=seq)
    try:
        return parse_manifest(desk.exhibit(plan.manifest, LONGEST_MANIFEST, 6, seq))
    except BadManifest as problem:
        raise Failed(6, f"the manifest: {problem}", entry=seq) from None


def population_of(planned: Planned, places: dict[str, int], manifest: Manifest, seq: int) -> tuple[int, ...]:
    """The places of the contest's batches in the manifest, whose cards are N."""
    names = planned.batches if planned.batches is not None else tuple(places)
    unknown = next((name for name in names if name not in places), None)
    if unknown is not None:
        raise Failed(6, f"the batch {shown(unknown)} of {planned.contest} is not in the manifest", entry=seq)
    population = tuple(places[name] for name in names)
    cards = sum(manifest.batches[b][1] for b in population)
    if cards != planned.cards:
        words = f"`cards` of {planned.contest}: found {planned.cards}; its batches hold {cards}"
        raise Failed(6, words, entry=seq)
    return population


def reading_of(contest: Contest, desk: Desk, day: str) -> Reading:
    """How a ranked ballot of the contest is read (law specification, section 7)."""
    rule = None if contest.runoff_of else desk.bench.find_rule("winner", contest.office_class, day)
    keys = rule.keys if rule else {}
    return Reading(**{key: keys[key] for key in READING_KEYS if key in keys})


def reported_exhibit(audited: Audited, desk: Desk, seq: int, named: Set[str]) -> bytes:
    """The exhibit that says what was reported."""
    name = audited.plan.reported
    if name not in named:
        words = f"`reported` of {audited.plan.contest} is no public exhibit of this or an earlier act"
        raise Failed(6, words, entry=seq)
    return desk.exhibit(name, LONGEST_REPORTED, 6, seq)


def read_cards(audited: Audited, _: Manifest, desk: Desk, seq: int, named: Set[str]) -> None:
    """Published cards: their form, their contest, their number, and the sums of points."""
    name, contest = audited.plan.contest, audited.contest
    raw = reported_exhibit(audited, desk, seq, named)
    lengths = {file: desk.lengths[file] for file in named}
    try:
        head = parse_head(raw)
        require_same_contest(head.contest, contest)
        if head.cards != audited.plan.cards:
            raise BadCards(f"there are {head.cards} rows; the population has {audited.plan.cards} cards")
        cards = read_rows(head, desk.tree.source, lengths)
    except BadCards as problem:
        raise Failed(6, f"the published cards of {name}: {problem}", entry=seq) from None
    audited.cards, audited.sums = cards, [0] * len(audited.assertions)
    audited.phantoms = flagged(audited, NO_RECORD)


def require_same_contest(found: dict[str, Any], contest: Contest) -> None:
    """The contest of the published cards is that of the book."""
    ids = [choice["id"] for choice in found["choices"]]
    here = (found["id"], found["seats"], found["votes_allowed"], ids)
    if here != (contest.id, contest.seats, contest.votes_allowed, contest.choices):
        raise BadCards("id, seats, votes allowed or choices are not those of the book")


def flagged(audited: Audited, flag: str) -> int:
    """How many rows have that flag."""
    assert audited.cards is not None
    pairs = zip(audited.cards.head.patterns, audited.cards.counts, strict=True)
    return sum(n for pattern, n in pairs if flag in pattern.flags)


def read_poll(audited: Audited, _: Manifest, __: Desk, seq: int, ___: Set[str]) -> None:
    """The totals of a poll."""
    reported, n = audited.plan.reported, audited.plan.cards
    votes, cards, allowed = reported["votes"], reported["cards"], audited.contest.votes_allowed
    together = sum(votes.values()) + reported["write_ins"]
    if cards > n or not fits(votes, cards, allowed) or together > cards * allowed:
        words = f"the totals of {audited.plan.contest} are more than {cards} cards of {n} can give"
        raise Failed(6, words, entry=seq)
    audited.phantoms = n - cards


def read_batches(audited: Audited, manifest: Manifest, desk: Desk, seq: int, named: Set[str]) -> None:
    """The totals of batches."""
    contest = audited.contest
    try:
        value = read(reported_exhibit(audited, desk, seq, named))
    except NotCanonical as problem:
        raise Failed(6, f"the batch totals of {contest.id}: {problem}", entry=seq) from None
    proper = isinstance(value, dict) and value.keys() == {"batches", "contest", "format"}
    proper = proper and value["format"] == TOTALS and value["contest"] == contest.id
    if not proper or not isinstance(value["batches"], list) or len(value["batches"]) != len(manifest.batches):
        raise Failed(6, f"the batch totals of {contest.id} are not in their form", entry=seq)
    for found, (name, cards) in zip(value["batches"], manifest.batches, strict=True):
        proper = isinstance(found, dict) and found.keys() == {"id", "votes"} and found["id"] == name
        if not proper or not is_count_by(found["votes"], contest.choices):
            raise Failed(6, f"the totals of {contest.id} for the batch {shown(name)}", entry=seq)
        if not fits(found["votes"], cards, contest.votes_allowed):
            words = f"the batch {shown(name)} has more votes of {contest.id} than {cards} cards can give"
            raise Failed(6, words, entry=seq)
        audited.by_batch[name] = found["votes"]


READ: dict[str, Callable[[Audited, Manifest, Desk, int, Set[str]], None]] = {
    COMPARISON: read_cards,
    POLLING: read_poll,
    BATCHES: read_batches,
}

# Assertions and margins ------------------------------------------------------------


def require_assertions(audited: Audited, seq: int) -> None:
    """Check 9: the assertions imply the outcome (section 6)."""
    name, choices, reported = audited.plan.contest, audited.contest.choices, audited.plan.outcome
    if max((most - least for least, most in audited.limits), default=0) > WIDEST:
        raise Failed(9, f"a card may have more points in {name} than can be tested", entry=seq)
    if not audited.ranked:
        expected = needed(audited.method, choices, audited.contest.seats, reported)
        if not expected:
            raise Failed(9, f"no assertions can show the outcome of {name}", entry=seq)
        if write(audited.assertions) != write(expected):
            words = f"the assertions of {name} are not the {len(expected)} that its outcome needs"
            raise Failed(9, words, entry=seq)
        return
    winners = reported.get("winners", [])
    if len(winners) != 1 or audited.contest.seats != 1 or audited.plan.evidence != COMPARISON:
        raise Failed(9, f"no assertions can show the outcome of {name}", entry=seq)
    trouble = certificate_trouble(audited.assertions, choices, winners[0])
    if trouble:
        raise Failed(9, f"the assertions of {name} do not imply its outcome: {trouble}", entry=seq)


def require_margins(audited: Audited, seq: int) -> None:
    """Check 10: the sums of points, and that a sample can show every assertion."""
    audited.sums = sums_of(audited)
    missing = audited.phantoms + audited.plan.outside
    for found, (least, _), assertion in zip(audited.sums, audited.limits, audited.assertions, strict=True):
        if found + least * missing <= 0:
            words = (
                f"{write(assertion)} of {audited.plan.contest} has {found} points, and {missing} cards lack"
            )
            raise Failed(10, words, entry=seq)


def sums_of(audited: Audited) -> list[int]:
    """The points reported, by assertion (section 4)."""
    if audited.plan.evidence == POLLING:
        return [by_votes(assertion, audited.plan.reported["votes"]) for assertion in audited.assertions]
    sums = [0] * len(audited.assertions)
    if audited.plan.evidence == BATCHES:
        for votes in audited.by_batch.values():
            sums = [s + by_votes(a, votes) for s, a in zip(sums, audited.assertions, strict=True)]
        return sums
    assert audited.cards is not None
    for pattern, n in zip(audited.cards.head.patterns, audited.cards.counts, strict=True):
        if n and pattern.marks:
            sums = [s + n * w for s, w in zip(sums, audited.weights(pattern), strict=True)]
    return sums


def weigh(audit: Audit) -> None:
    """Check 7: the weights of the batches, over all assertions of all contests (measuring, section 5).

    Their sum is at least the least common multiple of the margins, so one that is too large ends it early.
    """
    points: list[tuple[list[int], int, int]] = []
    for audited in audit.contests.values():
        audited.first = len(points)
        for a, assertion in enumerate(audited.assertions):
            of_batch = [by_votes(assertion, audited.by_batch[b]) for b, _ in audit.manifest.batches]
            least = audited.limits[a][0]
            points.append((of_batch, least, audited.sums[a] + least * audited.plan.outside))
    if lcm(*(margin for _, _, margin in points)) <= MOST_WEIGHT:
        audit.batches = weighed([n for _, n in audit.manifest.batches], points)
    if audit.batches is None or audit.batches.whole > MOST_WEIGHT:
        raise Failed(7, "the weights of all batches do not sum to at most 2^255", entry=audit.seq)


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
    if not everywhere or audited.ranked:
        return
    told = [beside_audit(contest, place) for place in contest.places]
    votes = {choice: sum(place[choice] for place in told) for choice in contest.choices}
    found = outcome(votes, contest.seats, winner_of(contest, act.case, desk, act.seq)[1])
    if not is_outcome(found, audited.plan.outcome):
        words = f"the returns of {contest.id} have another outcome than the plan: {shown(write(found))}"
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
    for audited in audit.contests.values():
        if audited.plan.evidence == COMPARISON:
            rows = audited.plan.cards - flagged(audited, NO_RECORD) - flagged(audited, NOT_ON_CARD)
            if rows < FEWEST:
                raise Failed(14, f"only {rows} rows carry the contest {audited.plan.contest}", entry=seq)
