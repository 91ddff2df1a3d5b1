"""Checks 11 and 12: the measurement of an audit, audit specification, section 8, **measure**.

A published risk within the tolerance of ``docs/spec/risk.md`` is taken as it stands; another is replaced by
our own. Whether a limit is met, and what follows, never looks at a published risk.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from .auditplan import COMPARISON, MOST_DRAWS, NOT_FOUND
from .audits import Audit, Audited, Round
from .measuring import Claim, K, batch_null, batch_number, comparison, polling
from .risk import Null, Run, continued, further, published, written

Numbers = list[int]


def measure(audit: Audit, name: str, number: int, stored: Any) -> dict[str, Any]:
    """The measurement of a contest over the sample of that round. `stored`: what was published for it."""
    contest, drawn = audit.contests[name], audit.rounds[number - 1]
    if audit.by_cards and len(drawn.usable[name]) == contest.plan.cards:
        true = counted(audit, contest, drawn.usable[name])
        return {"cards": contest.plan.cards, "step": "counted", "true": true}
    runs = runs_of(audit, contest, drawn)
    risks = [published_risk(run, at(stored, i)) for i, run in enumerate(runs)]
    met = [run is None or run.meets(audit.plan.limit) for run in runs]
    step = "stop" if all(met) else "another_round"
    if (
        step != "stop"
        and audit.plan.most_rounds is not None
        and audit.measured_round >= audit.plan.most_rounds
    ):
        step = "full_hand_count"
    n = len(drawn.usable[name]) if audit.by_cards else len(drawn.draws)
    result = {"cards": n, "met": met, "risk": max(risks, key=value_of), "risks": risks, "step": step}
    if step == "another_round":
        more = more_of(audit, contest, runs, n)
        if more is not None:
            result["more"] = more
    return result


def at(stored: Any, i: int) -> Any:
    """The published risk of assertion i, if there is one."""
    risks = stored.get("risks") if isinstance(stored, dict) else None
    return risks[i] if isinstance(risks, list) and i < len(risks) else None


def published_risk(run: Run | None, stored: Any) -> str:
    """The published risk where it is right, otherwise ours."""
    if run is None:
        return "0"
    return str(stored) if run.accepts(stored) else written(run.risk())


def value_of(text: str) -> Fraction:
    """The value of a published risk."""
    digits, places = published(text) or (0, 0)
    return Fraction(digits, 10**places)


def counted(audit: Audit, contest: Audited, items: list[str]) -> list[bool]:
    """Whether each assertion is true by the readings of all cards."""
    sums = [least * contest.plan.outside for least, _ in contest.limits]
    for item in items:
        points = contest.points_read(reading_of(audit, item, contest))
        sums = [a + b for a, b in zip(sums, points, strict=True)]
    return [total > 0 for total in sums]


def reading_of(audit: Audit, item: str, contest: Audited) -> Any:
    """What was settled for a contest on an item."""
    settled = audit.items[item].settled
    return NOT_FOUND if settled is None else settled[contest.plan.contest]


# Runs ------------------------------------------------------------


def runs_of(audit: Audit, contest: Audited, drawn: Round) -> list[Run | None]:
    """The martingale of each assertion; None where the null is impossible from the beginning."""
    if not audit.by_cards:
        return batch_runs(audit, contest, drawn.draws)
    items = drawn.usable[contest.plan.contest]
    numbers = compared if contest.plan.evidence == COMPARISON else polled
    columns = columns_of(audit, contest, items, numbers)
    nulls = [null_of(contest, a) for a in range(len(contest.assertions))]
    return [None if null is None else gone_on(contest, a, null, columns[a]) for a, null in enumerate(nulls)]


def gone_on(contest: Audited, a: int, null: Null, numbers: Numbers) -> Run:
    """The martingale of assertion a; what was measured before is not measured again."""
    contest.runs[a] = continued(contest.runs.get(a), null, numbers)
    return contest.runs[a]


def null_of(contest: Audited, a: int) -> Null | None:
    """The null hypothesis of assertion a, where cards are drawn."""
    least, most = contest.limits[a]
    claim = Claim(least, most, contest.plan.cards, contest.sums[a], contest.plan.outside)
    if contest.plan.evidence == COMPARISON:
        return comparison(claim, contest.plan.rates)
    return polling(claim, reported_points(contest, a))


def reported_points(contest: Audited, a: int) -> dict[int, int] | None:
    """Cards reported by their points; None where a card may have several votes."""
    if contest.contest.votes_allowed != 1:
        return None
    reported, counts = contest.plan.reported, {0: contest.plan.reported["write_ins"]}
    for choice, n in reported["votes"].items():
        points = contest.points_read([choice])[a]
        counts[points] = counts.get(points, 0) + n
    return counts


def compared(contest: Audited, row: int, reading: Any) -> Numbers:
    """The numbers of a card compared: span less points recorded plus points read."""
    pairs = zip(contest.points_recorded(row), contest.points_read(reading), contest.limits, strict=True)
    return [most - least - recorded + read for recorded, read, (least, most) in pairs]


def polled(contest: Audited, _: int, reading: Any) -> Numbers:
    """The numbers of a card polled: points less the least."""
    return [
        read - least for read, (least, _) in zip(contest.points_read(reading), contest.limits, strict=True)
    ]


def columns_of(
    audit: Audit, contest: Audited, items: list[str], numbers: Callable[[Audited, int, Any], Numbers]
) -> list[Numbers]:
    """The numbers of all items, by assertion; what cards have in common is worked out once."""
    known: dict[tuple[int, str], Numbers] = {}
    rows = []
    name = contest.plan.contest
    for item in items:
        reading, row = reading_of(audit, item, contest), audit.items[item].rows.get(name, 0)
        key = (row, repr(reading))
        if key not in known:
            known[key] = numbers(contest, row, reading)
        rows.append(known[key])
    return [[row[a] for row in rows] for a in range(len(contest.assertions))]


def batch_runs(audit: Audit, contest: Audited, draws: list[str]) -> list[Run | None]:
    """The martingales of a comparison of batches."""
    batches = audit.batches
    assert batches is not None
    weights = dict(zip((b for b, _ in audit.manifest.batches), batches.weights, strict=True))
    errors = {}
    for b in set(draws):
        read = contest.batch_points(reading_of(audit, b, contest), audit.cards_of(b))
        told = contest.batch_points(contest.by_batch[b], 0)
        errors[b] = [one - other for one, other in zip(told, read, strict=True)]
    runs: list[Run | None] = []
    for a in range(len(contest.assertions)):
        margin, size = batches.margins[contest.first + a], batches.sizes[contest.first + a]
        known = {b: batch_number(found[a], weights[b], batches.whole, size) for b, found in errors.items()}
        runs.append(gone_on(contest, a, batch_null(margin, size), [known[b] for b in draws]))
    return runs


def more_of(audit: Audit, contest: Audited, runs: list[Run | None], n: int) -> int | None:
    """How many further numbers without error would do; None where there is no such number."""
    if audit.by_cards and contest.plan.evidence != COMPARISON:
        return None
    most = contest.plan.cards - n if audit.by_cards else MOST_DRAWS - n
    needed = 1
    for run, (least, high) in zip(runs, contest.limits, strict=True):
        if run is None:
            continue
        clean = high - least if audit.by_cards else K
        found = further(run, clean, audit.plan.limit, most)
        if found is None:
            return None
        needed = max(needed, found)
    census = audit.by_cards and needed == most
    return needed if not census or all(map(wins, runs, contest.limits)) else None


def wins(run: Run | None, limits: tuple[int, int]) -> bool:
    """Whether a census whose other numbers are without error ends above the null."""
    if run is None:
        return True
    clean = limits[1] - limits[0]
    return run.total + clean * (run.test.size - run.n) > run.test.null
