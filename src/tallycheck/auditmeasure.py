"""Checks 11 and 12: the measurement of an audit, audit specification, section 8, **measure**.

A published risk within the tolerance of ``docs/spec/risk.md`` is taken as it stands; another is replaced by
our own. In one stratum, whether a limit is met never looks at a published risk; over several strata and
without records the published string decides, as the specification says.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from math import inf, lcm, log
from typing import Any, NamedTuple

from .auditplan import BATCHES, COMPARISON, MOST_DRAWS, POLLING, POOLS
from .auditreported import own_points, reported_counts
from .audits import Audit, Audited, Claims, Item, Round, Stratum
from .further import again, further
from .measuring import POOL_K, Claim, K, batch_null, batch_number, comparison, polling, pools
from .orders import assertions_of, started
from .orders import continued as continued_orders
from .risk import Null, Run, continued, published, written
from .rounds import elected
from .stratified import Drawn, Found, least_wealth
from .work import STRATIFIED

Numbers = list[int]
Result = dict[str, Any]
LOOSE = log(1 + 2e-5)
OWN_ERROR = 1e-7
LOG_10 = log(10)


class Judged(NamedTuple):
    """The risk of one assertion as it is published, or as it ought to be, and whether it meets the limit."""

    risk: str
    met: bool


def measure(audit: Audit, name: str, number: int, stored: Any) -> Result:
    """The measurement of a contest over the sample of that round. `stored`: what was published for it."""
    contest, drawn = audit.contests[name], audit.rounds[number - 1]
    used = used_of(audit, contest, drawn)
    n = sum(used.values())
    audit.work.keep(audit)
    audit.work.spend(n * contest.tests * (STRATIFIED if contest.plan.stratified else 1))
    result: Result = {"cards": n}
    if contest.plan.stratified:
        result["used"] = used
    if audit.by_cards and n == contest.plan.cards:
        return result | {"step": "counted", "true": counted(audit, contest, drawn)}
    runs = runs_of(audit, contest, drawn) if is_plain(contest) else []
    judged = judge(audit, contest, drawn, runs, stored)
    step = step_of(audit, judged)
    risks = [one.risk for one in judged]
    result |= {
        "met": [one.met for one in judged],
        "risk": max(risks, key=value_of),
        "risks": risks,
        "step": step,
    }
    if step == "another_round" and is_plain(contest):
        more = more_of(audit, contest, runs, n)
        if more is not None:
            result["more"] = more
    return result


def is_plain(contest: Audited) -> bool:
    """Whether the contest has one stratum, and assertions."""
    return len(contest.strata) == 1 and not contest.plan.without_records


def used_of(audit: Audit, contest: Audited, drawn: Round) -> dict[str, int]:
    """The numbers used, by stratum."""
    if not audit.by_cards:
        return {"": len(drawn.draws)}
    return {stratum.plan.name: len(drawn.used[stratum.plan.key]) for stratum in contest.strata}


def numbers_used(audit: Audit, contest: Audited, drawn: Round) -> int:
    """The numbers used, of all strata."""
    return sum(used_of(audit, contest, drawn).values())


def step_of(audit: Audit, judged: Sequence[Judged]) -> str:
    """What follows."""
    if all(one.met for one in judged):
        return "stop"
    most = audit.plan.most_rounds
    return "full_hand_count" if most is not None and audit.measured_round >= most else "another_round"


def at(stored: Any, i: int) -> Any:
    """The published risk of assertion i, if there is one."""
    risks = stored.get("risks") if isinstance(stored, dict) else None
    return risks[i] if isinstance(risks, list) and i < len(risks) else None


def value_of(text: str) -> Fraction:
    """The value of a published risk."""
    digits, places = published(text) or (0, 0)
    return Fraction(digits, 10**places)


def judge(audit: Audit, contest: Audited, drawn: Round, runs: list[Run | None], stored: Any) -> list[Judged]:
    """The risks of a contest, in order."""
    if contest.plan.without_records:
        low = orders_of(audit, contest, drawn)
        return [by_bounds(Found(low, low), audit.plan.limit, at(stored, 0))]
    if len(contest.strata) > 1:
        found = strata_found(audit, contest, drawn)
        return [by_bounds(one, audit.plan.limit, at(stored, a)) for a, one in enumerate(found)]
    limit = audit.plan.limit
    return [by_run(run, limit, at(stored, a)) for a, run in enumerate(runs)]


def by_run(run: Run | None, limit: Fraction, stored: Any) -> Judged:
    """One stratum: the published risk where it is right, otherwise ours; met by the exact martingale."""
    if run is None:
        return Judged("0", True)
    return Judged(str(stored) if run.accepts(stored) else written(run.risk()), run.meets(limit))


def by_bounds(found: Found, limit: Fraction, stored: Any) -> Judged:
    """A risk known by the logarithm of the least wealth; met by the string."""
    text = str(stored) if accepts(found, stored) else own_text(found)
    return Judged(text, value_of(text) <= limit)


def accepts(found: Found, text: Any) -> bool:
    """Whether a published string is at least the risk and at most 2 in 10^5 above it, up to our own error."""
    value = published(text)
    if value is None:
        return False
    if found.low == inf or value[0] == 0:
        return found.low == inf and value[0] == 0
    here = log(value[0]) - value[1] * LOG_10
    most = -max(found.low, 0.0)
    least = max(-max(found.high, 0.0), most - OWN_ERROR)  # never more in doubt than that
    return least - OWN_ERROR <= here <= most + LOOSE + OWN_ERROR


def own_text(found: Found) -> str:
    """Our own string, from the middle of what we know; rounded up."""
    if found.low == inf:
        return "0"
    places, rest = divmod(-max(found.low, 0.0) / LOG_10, 1.0)
    return written(min(Fraction(1), Fraction(10**rest) * Fraction(10) ** int(places)))


# Counted in full ------------------------------------------------------------


def counted(audit: Audit, contest: Audited, drawn: Round) -> list[bool]:
    """Whether each assertion is true by the readings of all cards; without records, whether the winner is."""
    if contest.plan.without_records:
        return [elected_by(audit, contest, drawn) == contest.plan.outcome["winners"][0]]
    sums = [least * contest.plan.outside for least, _ in contest.claims.limits]
    for stratum in contest.strata:
        for item in drawn.used[stratum.plan.key]:
            found = audit.items[item]
            reading = found.reading(contest.plan.contest)
            points = stratum.points_read(reading, stratum.has_pool(found.place))
            sums = [a + b for a, b in zip(sums, points, strict=True)]
    return [total > 0 for total in sums]


def elected_by(audit: Audit, contest: Audited, drawn: Round) -> str | None:
    """Whom the readings of all cards of a ranked contest elect; None where they elect nobody."""
    return elected(readings_of(audit, contest, drawn), contest.contest.choices, contest.claims.how)


def readings_of(audit: Audit, contest: Audited, drawn: Round) -> list[Any]:
    """What was settled for the contest on all items used, by stratum in ticket order."""
    keys = [stratum.plan.key for stratum in contest.strata]
    return [audit.items[item].reading(contest.plan.contest) for key in keys for item in drawn.used[key]]


# One stratum ------------------------------------------------------------


def runs_of(audit: Audit, contest: Audited, drawn: Round) -> list[Run | None]:
    """The martingale of each assertion; None where the null is impossible from the beginning."""
    if not audit.by_cards:
        return batch_runs(audit, contest, drawn.draws)
    columns = columns_of(audit, contest, contest.one, drawn)
    nulls = [null_of(contest, contest.one, a) for a in range(len(contest.claims.assertions))]
    return [None if null is None else gone_on(contest, a, null, columns[a]) for a, null in enumerate(nulls)]


def gone_on(contest: Audited, a: int, null: Null, numbers: Numbers) -> Run:
    """The martingale of assertion a; what was measured before is not measured again."""
    found: Run = continued(contest.runs.get(a), null, numbers)
    contest.runs[a] = found
    return found


def null_of(contest: Audited, stratum: Stratum, a: int) -> Null | None:
    """The null hypothesis of assertion a in the only stratum, where cards are drawn."""
    least, most = contest.claims.limits[a]
    claim = Claim(least, most, stratum.plan.cards, stratum.sums[a], contest.plan.outside)
    if stratum.plan.evidence == COMPARISON:
        return comparison(claim, stratum.plan.rates)
    if stratum.plan.evidence == POLLING:
        return polling(claim, reported_counts(stratum, a))
    assert stratum.cards is not None
    own = replace(claim, reported=own_points(stratum, a))
    rows, values = stratum.cards.head.cards, stratum.pool_values[a]
    return pools(own, stratum.plan.rates, rows, values, stratum.pool_steps[a])


def columns_of(audit: Audit, contest: Audited, stratum: Stratum, drawn: Round) -> list[Numbers]:
    """The numbers of a stratum's items, by assertion; what cards have in common is worked out once."""
    name, known = contest.plan.contest, dict[tuple[int, int, str], Numbers]()
    make, rows = NUMBERS[stratum.plan.evidence], list[Numbers]()
    for item in drawn.used[stratum.plan.key]:
        found = audit.items[item]
        reading, row = found.reading(name), found.rows.get(name, 0)
        key = (row, found.place if stratum.has_pool(found.place) else -1, repr(reading))
        if key not in known:
            known[key] = make(audit, stratum, found, row, reading)
        rows.append(known[key])
    return [[row[a] for row in rows] for a in range(len(stratum.claims.assertions))]


def compared(_: Audit, stratum: Stratum, __: Item, row: int, reading: Any) -> Numbers:
    """The numbers of a card compared: span less points recorded plus points read."""
    pairs = zip(
        stratum.points_recorded(row), stratum.points_read(reading), stratum.claims.limits, strict=True
    )
    return [most - least - recorded + read for recorded, read, (least, most) in pairs]


def polled(_: Audit, stratum: Stratum, __: Item, ___: int, reading: Any) -> Numbers:
    """The numbers of a card polled: points less the least."""
    pairs = zip(stratum.points_read(reading), stratum.claims.limits, strict=True)
    return [read - least for read, (least, _) in pairs]


def pooled(audit: Audit, stratum: Stratum, item: Item, row: int, reading: Any) -> Numbers:
    """The numbers of a card where others are in pools, in 1024ths."""
    if not stratum.has_pool(item.place):
        return [POOL_K * x for x in compared(audit, stratum, item, row, reading)]
    values = stratum.points_pooled(item.place, audit.manifest.batches[item.place][1])
    pairs = zip(values, stratum.points_read(reading, True), stratum.claims.limits, strict=True)
    return [POOL_K * (most - least + read) - value for value, read, (least, most) in pairs]


NUMBERS: dict[str, Callable[[Audit, Stratum, Item, int, Any], Numbers]] = {
    COMPARISON: compared,
    POLLING: polled,
    POOLS: pooled,
}


def batch_runs(audit: Audit, contest: Audited, draws: list[str]) -> list[Run | None]:
    """The martingales of a comparison of batches."""
    batches, stratum = audit.batches, contest.one
    assert batches is not None
    errors = {}
    for b in set(draws):
        read = stratum.batch_points(audit.items[b].reading(contest.plan.contest), audit.cards_of(b))
        told = stratum.batch_points(stratum.votes_in(audit.places[b]), 0)
        errors[b] = [one - other for one, other in zip(told, read, strict=True)]
    runs: list[Run | None] = []
    for a in range(len(contest.claims.assertions)):
        margin, size = batches.margins[contest.first + a], batches.sizes[contest.first + a]
        known = {
            b: batch_number(found[a], batches.weights[audit.places[b]], batches.whole, size)
            for b, found in errors.items()
        }
        runs.append(gone_on(contest, a, batch_null(margin, size), [known[b] for b in draws]))
    return runs


def more_of(audit: Audit, contest: Audited, runs: list[Run | None], n: int) -> int | None:
    """How many further numbers would do; None where there is no such number."""
    evidence = contest.one.plan.evidence
    most = min(contest.plan.cards - n, MOST_DRAWS) if audit.by_cards else MOST_DRAWS - n
    needed = 1
    for run, (least, high) in zip(runs, contest.claims.limits, strict=True):
        if run is None:
            continue
        if evidence in (COMPARISON, BATCHES):
            clean = high - least if evidence == COMPARISON else K
            found = further(run, clean, audit.plan.limit, most)
        else:
            found = again(run, audit.plan.limit, most)
        audit.work.spend(most if found is None else found)
        if found is None:
            return None
        needed = max(needed, found)
    census = audit.by_cards and needed == contest.plan.cards - n
    spans = [high - least for least, high in contest.claims.limits]
    repeated = evidence != COMPARISON
    return needed if not census or all(map(wins, runs, spans, [repeated] * len(runs))) else None


def wins(run: Run | None, clean: int, repeated: bool) -> bool:
    """Whether a census whose other numbers are clean, or the run's again and again, ends above the null."""
    if run is None:
        return True
    left = run.test.size - run.n
    if not repeated:
        return run.total + clean * left > run.test.null
    whole, part = divmod(left, run.n)
    return run.total * (1 + whole) + sum(run.numbers[:part]) > run.test.null


# Several strata ------------------------------------------------------------


def strata_found(audit: Audit, contest: Audited, drawn: Round) -> list[Found]:
    """What is known of the wealth of each assertion over all strata, on their common lattice.

    Assertions whose cards read alike have the same numbers, and are worked out once.
    """
    columns = [columns_of(audit, contest, stratum, drawn) for stratum in contest.strata]
    units = [POOL_K if stratum.plan.evidence == POOLS else 1 for stratum in contest.strata]
    unit, known = lcm(*units), dict[bytes, Found]()
    found = []
    for a, (least, most) in enumerate(contest.claims.limits):
        bound, strata = -unit * least * contest.plan.outside, []
        for stratum, own, column in zip(contest.strata, units, columns, strict=True):
            bound += offset(stratum, a, most - least, least) * (unit // own)
            top = (most - least) * (1 if stratum.plan.evidence == POLLING else 2) * unit
            strata.append(Drawn([x * (unit // own) for x in column[a]], stratum.plan.cards, top))
        key = hashlib.sha256(repr((bound, strata)).encode()).digest()
        if key not in known:
            known[key] = least_wealth(strata, bound) if bound >= 0 else Found(inf, inf)
        found.append(known[key])
    return found


def offset(stratum: Stratum, a: int, span: int, least: int) -> int:
    """F of measuring, section 3, in the unit of the stratum."""
    cards = stratum.plan.cards
    if stratum.plan.evidence == POLLING:
        return -least * cards
    if stratum.plan.evidence == COMPARISON:
        return cards * span - stratum.sums[a]
    return POOL_K * (cards * span - own_points(stratum, a)) - stratum.pool_values[a]


# Without records ------------------------------------------------------------


def orders_of(audit: Audit, contest: Audited, drawn: Round) -> float:
    """The logarithm of the least wealth that an order of elimination has reached."""
    choices, stratum = contest.contest.choices, contest.one
    claims = Claims(contest.contest, contest.claims.method, contest.claims.how, assertions_of(choices), [])
    claims.limits = [(-1, 1)] * len(claims.assertions)
    tests = Stratum(stratum.plan, claims, stratum.population)
    known: dict[str, tuple[int, ...]] = {}
    read = []
    for reading in readings_of(audit, contest, drawn):
        key = repr(reading)
        if key not in known:
            known[key] = tuple(tests.points_read(reading))
        read.append(known[key])
    winner = choices.index(contest.plan.outcome["winners"][0])
    made = lambda: started(len(choices), winner, stratum.plan.cards)  # noqa: E731 - read on one line
    contest.runs[0] = continued_orders(contest.runs.get(0), made, read)
    return float(contest.runs[0].low)
