"""An audit on files, without a book: margins, plans, draws and risks of the contests of a contest file.

For `tallybook plan`, `draw`, `assertions` and `risk`. Everything is refused before the draw that cannot be
audited (``audit.checks``). Methods are named as people name them: ours (polling, card_comparison,
batch_comparison), and those of states and other tools, whose risks are given for comparison.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction

import msgspec

from tallybook.audit.assertions import Claim, FullCount, words
from tallybook.audit.assorters import Assorter, assorter
from tallybook.audit.batches import Bounds, batch_bounds, batch_margin, batch_part
from tallybook.audit.checks import before_the_draw, provable, readings_of_the_draw
from tallybook.audit.comparison import ErrorRates, comparison_part
from tallybook.audit.costs import CostModel, Effort, of_batches, of_cards, of_full_count
from tallybook.audit.deciding import Decision, decide
from tallybook.audit.evidence import Part, scale_of
from tallybook.audit.margins import Margin, margins_from_tally
from tallybook.audit.measuring import Evidence, points_between, withstands
from tallybook.audit.other_plans import (
    athena_plan,
    bravo_plan,
    macro_plan,
    minerva_plan,
    providence_plan,
    super_simple_plan,
)
from tallybook.audit.planning import (
    Shape,
    SizePlan,
    distinct,
    expected_by_place,
    plan_batch_comparison,
    plan_card_comparison,
    plan_polling,
    shape_of,
    tightest,
)
from tallybook.audit.polling import polling_part
from tallybook.audit.readings import votes_by
from tallybook.doors.audit_files import CardReading, Case, codes_of
from tallybook.doors.cli.shown import DoorError
from tallybook.election import Manifest, Problem
from tallybook.election.cards import Mark, Pattern
from tallybook.outcomes.rules import Rules
from tallybook.stats.bravo import bravo_p
from tallybook.stats.certainty import publish
from tallybook.stats.draws import draw_by_weight, draw_without_replacement, join_parts
from tallybook.stats.kaplan import Discrepancies, macro, super_simple
from tallybook.stats.minerva import athena, minerva
from tallybook.stats.minerva import risk as rounds_risk

OURS = ("polling", "card_comparison", "batch_comparison")
POLLS = ("BRAVO", "Minerva", "Athena", "Providence")
COMPARISONS = ("super-simple", "Colorado")
METHODS = (*OURS, *POLLS, *COMPARISONS, "MACRO", "SUITE")
PLURALITY = Rules("plurality", "plurality")


class Measured(msgspec.Struct, frozen=True):
    """One contest measured: the decision, and for each assertion an interval for its true points.

    other: risks by methods of other tools; withstands: how many of the compared cards could have been wrong
    by a whole vote each way, with the limit still met; None where it is not met or nothing was compared.
    """

    decision: Decision
    intervals: tuple[tuple[str, int, int], ...]
    other: Mapping[str, str]
    withstands: int | None = None


def margins_of(case: Case) -> tuple[Margin, ...]:
    """The margins of a case that a sample can show; DoorError says why where none can."""
    problems = [*before_the_draw(case.contest, case.tally, case.population)]
    claim = case.claim
    margins: tuple[Margin, ...] = ()
    if isinstance(claim, Claim):
        margins = margins_from_tally(claim, case.tally, case.population.cards, case.contest.votes_allowed)
    refuse([*problems, *provable(claim, margins, case.population)])
    return margins


def against_manifest(case: Case, manifest: Manifest) -> None:
    """Refuse a manifest that cannot hold the contest's cards."""
    refuse(before_the_draw(case.contest, case.tally, case.population, manifest))


def refuse(problems: Sequence[Problem]) -> None:
    """Stop with these problems, if there are any."""
    if problems:
        raise DoorError(*(str(one) for one in problems), "Nothing was drawn.")


def plans_of(
    case: Case, methods: Sequence[str], rates: ErrorRates, bounds: Bounds | None = None
) -> list[SizePlan]:
    """The plans of a case, method by method. Batch methods need bounds from the totals by batch."""
    shape = tightest([shape_of(margin, case.tally) for margin in margins_of(case)])
    return [_plan(name, shape, case, rates, bounds) for name in methods if _fits(name, shape, bounds)]


def _fits(name: str, shape: Shape, bounds: Bounds | None) -> bool:
    if name in ("batch_comparison", "MACRO"):
        return bounds is not None
    return name in OURS or ((shape.least, shape.most) == (-1, 1) and name != "SUITE")


def _plan(name: str, shape: Shape, case: Case, rates: ErrorRates, bounds: Bounds | None) -> SizePlan:
    limit = case.limit
    match name:
        case "polling":
            return plan_polling(shape, limit)
        case "card_comparison":
            return plan_card_comparison(shape, limit, rates)
        case "batch_comparison" if bounds is not None:
            return plan_batch_comparison(bounds, limit)
        case "MACRO" if bounds is not None:
            return macro_plan(len(bounds.weights), bounds.U, limit)
        case "BRAVO":
            return bravo_plan(shape, limit)
        case "Minerva":
            return minerva_plan(shape, limit)
        case "Athena":
            return athena_plan(shape, limit)
        case "Providence":
            return providence_plan(shape, limit)
        case _:
            return super_simple_plan(shape, limit, rates, name)


def recommendation(plans: Sequence[SizePlan], cards: int, least_margin: Fraction) -> str:
    """In words: what each way of auditing means at this margin, the shortest first."""
    said = f"The smallest margin is {float(least_margin) * 100:.3g} votes in a hundred cards."
    ours = [plan for plan in plans if plan.method.replace(" ", "_") in OURS]
    for plan in sorted(ours, key=lambda p: (p.sizes.get(0.9) is None, p.sizes.get(0.9) or 0)):
        size = plan.sizes.get(0.9)
        if plan.is_hand_count or size is None:
            said += f" By {plan.method} it is a hand count: count all {cards:,} cards instead."
        else:
            said += f" By {plan.method} {size:,} {plan.unit} end nine audits of ten in one round."
    return said


def least_margin(case: Case) -> Fraction:
    """The smallest margin of a case, in points a card."""
    return min(Fraction(m.sum, m.cards) for m in margins_of(case))


def efforts(
    plans: Sequence[SizePlan], bounds: Bounds | None, manifest: Manifest | None, model: CostModel
) -> list[Effort]:
    """What the size for nine audits of ten takes; a hand count where that is the plan."""
    batches = len(manifest.batches) if manifest else 0
    return [_effort(plan, bounds, manifest, batches, model) for plan in plans]


def _effort(
    plan: SizePlan, bounds: Bounds | None, manifest: Manifest | None, batches: int, model: CostModel
) -> Effort:
    size = plan.sizes.get(0.9) or plan.sizes.get(0.5)
    if size is None:
        cards = manifest.cards if manifest else plan.population
        return of_full_count(model, batches, cards)
    if plan.unit == "batches" and bounds is not None and manifest is not None:
        cards_in = {_key(b.jurisdiction, b.id): b.cards for b in manifest.batches}
        return of_batches(model, *distinct(bounds, cards_in, size))
    return of_cards(model, size)


def by_county(plans: Sequence[SizePlan], manifest: Manifest | None) -> dict[str, dict[str, int]]:
    """Method -> the cards that each jurisdiction can expect to read at the 90 % size, rounded up."""
    if manifest is None:
        return {}
    cards: Counter[str] = Counter()
    for batch in manifest.batches:
        cards[batch.jurisdiction] += batch.cards
    sizes = {plan.method: plan.sizes.get(0.9) for plan in plans if plan.unit == "cards"}
    return {
        method: {place: math.ceil(n) for place, n in expected_by_place(cards, size).items()}
        for method, size in sizes.items()
        if size is not None
    }


def card_items(manifest: Manifest) -> list[str]:
    """The name of every card of a manifest: jurisdiction, batch, position."""
    return [
        join_parts(batch.jurisdiction, batch.id, str(place))
        for batch in manifest.batches
        for place in range(1, batch.cards + 1)
    ]


def draw_cards(manifest: Manifest, seed: str, n: int) -> list[tuple[str, str]]:
    """The first n cards by ticket: pairs (ticket, item)."""
    return [(one.ticket, one.item) for one in draw_without_replacement(seed, card_items(manifest), n)]


def bounds_of(case: Case, manifest: Manifest, totals: Mapping[str, Mapping[str, int]]) -> Bounds:
    """The weights of the batches for all assertions of a case."""
    points, least, margins = batch_points(case, manifest, totals)
    if min(margins) <= 0:
        raise DoorError("Votes in no batch could undo the outcome: count every card. Nothing was drawn.")
    cards = {_key(b.jurisdiction, b.id): b.cards for b in manifest.batches}
    return batch_bounds(points, cards, least, margins)


def batch_points(
    case: Case, manifest: Manifest, totals: Mapping[str, Mapping[str, int]]
) -> tuple[list[dict[str, int]], list[int], list[int]]:
    """For each assertion: points by batch, the points of the worst card, and the margin in the batches."""
    names = [_key(b.jurisdiction, b.id) for b in manifest.batches]
    strange = sorted(set(totals) ^ set(names))
    if strange:
        shown = ", ".join(one.replace("\n", " ") for one in strange[:5])
        raise DoorError(f"Manifest and totals do not have the same batches: {shown}. Nothing was drawn.")
    for batch in manifest.batches:
        votes = sum(totals[_key(batch.jurisdiction, batch.id)].values())
        if votes > batch.cards * case.contest.votes_allowed:
            where = f"{batch.jurisdiction}, {batch.id}"
            raise DoorError(f"{where}: {votes:,} votes on {batch.cards:,} cards. Nothing was drawn.")
    tables = [(table, _single_votes(case)) for table in _tables(case)]
    points = [{name: _batch_sum(t, totals[name], order) for name in names} for t, order in tables]
    outside = max(0, case.population.cards - manifest.cards)
    least = [table.least for table, _ in tables]
    return (
        points,
        least,
        [batch_margin(list(p.values()), low, outside) for p, low in zip(points, least, strict=True)],
    )


def draw_batches(bounds: Bounds, seed: str, contest_id: str, n: int) -> tuple[str, ...]:
    """n batches with replacement, in proportion to their bounds, in the stream of the contest."""
    return draw_by_weight(seed, f"batches {contest_id}", bounds.weights, n)


def measure_cards(
    case: Case, manifest: Manifest, seed: str, rows: Sequence[CardReading], method: str
) -> Measured:
    """The risk of a case from the readings of drawn cards, in the order of the draw."""
    against_manifest(case, manifest)
    margins = margins_of(case)
    mine = [row for row in rows if row.contest in ("", case.contest.id)]
    drawn = [item for _, item in draw_cards(manifest, seed, len({row.item for row in mine}))]
    by_item = {join_parts(*row.item): row for row in mine}
    refuse(readings_of_the_draw(drawn, [join_parts(*row.item) for row in mine]))
    ordered = [by_item[item] for item in drawn]
    known = {pattern: place for place, pattern in enumerate(_singles(case), 1)}
    found = codes_of([row.found for row in ordered], case.contest, known, "Read")
    compares = method == "card_comparison" or method in COMPARISONS
    recorded = codes_of(
        [row.reported for row in ordered] if compares else [], case.contest, known, "Reported"
    )
    reading = votes_by(PLURALITY, case.contest, tuple(known))
    assert isinstance(case.claim, Claim)
    tables = [assorter(one, reading) for one in case.claim.assertions]
    lacking = case.population.lacking
    evidence = []
    for margin, table in zip(margins, tables, strict=True):
        scale, N = scale_of(table), margin.cards
        if compares:
            part = comparison_part(scale, N, margin.sum, recorded, found, lacking)
        else:
            part = polling_part(scale, N, found, lacking, _reported(case, tuple(known)))
        evidence.append(Evidence(words(margin.assertion), (part,)))
    parts = [one.parts[0] for one in evidence]
    measured = _measured(case, evidence, _other(method, case, margins, parts))
    if not compares or measured.decision.step != "stop":
        return measured
    borne = [withstands(part, case.limit, part.top // 2) for part in parts]
    return msgspec.structs.replace(
        measured, withstands=min((n for n in borne if n is not None), default=None)
    )


def measure_batches(
    case: Case,
    manifest: Manifest,
    totals: Mapping[str, Mapping[str, int]],
    counted: Mapping[str, Mapping[str, int]],
    seed: str,
    draws: int,
) -> Measured:
    """The risk of a case from the hand counts of drawn batches."""
    margins_of(case)
    bounds = bounds_of(case, manifest, totals)
    drawn = draw_batches(bounds, seed, case.contest.id, draws)
    refuse(readings_of_the_draw(list(dict.fromkeys(drawn)), list(counted)))
    points, least, margins = batch_points(case, manifest, totals)
    outside = max(0, case.population.cards - manifest.cards)
    evidence = []
    for place, table in enumerate(_tables(case)):
        order = _single_votes(case)
        errors = {name: points[place][name] - _batch_sum(table, counted[name], order) for name in counted}
        part = batch_part(bounds, margins[place], least[place], drawn, errors, outside)
        assert isinstance(case.claim, Claim)
        evidence.append(Evidence(words(case.claim.assertions[place]), (part,), least[place] * outside))
    risk = _macro(bounds, margins, drawn, points, counted, case)
    return _measured(case, evidence, {"MACRO": publish(risk)})


def _macro(
    bounds: Bounds,
    margins: Sequence[int],
    drawn: Sequence[str],
    points: Sequence[Mapping[str, int]],
    counted: Mapping[str, Mapping[str, int]],
    case: Case,
) -> Fraction:
    """MACRO's risk on the same draws: the largest relative error of each batch, below 0 taken as 0."""
    if bounds.U <= 1:
        return Fraction(0)
    taints = []
    for name in drawn:
        errors = [
            Fraction(points[a][name] - _batch_sum(table, counted[name], _single_votes(case)), margins[a])
            for a, table in enumerate(_tables(case))
        ]
        taints.append(max(Fraction(0), *errors) / Fraction(bounds.weights[name], bounds.scale))
    return macro(taints, bounds.U)


def _measured(case: Case, evidence: Sequence[Evidence], other: Mapping[str, str]) -> Measured:
    decision = decide(case.contest.id, evidence, case.limit)
    intervals = []
    for one in evidence:
        part = one.parts[0]
        if len(part.x) and not part.is_census and len(part.x) <= 3_000:
            low, high = points_between(part, Fraction(1, 20), one.outside)
            intervals.append((one.name, low, high))
    return Measured(decision, tuple(intervals), other)


def _reported(case: Case, patterns: Sequence[Pattern]) -> list[int]:
    """The reported votes of each choice as cards with that single mark, for the prior of the bet."""
    votes = dict(case.tally.votes)
    single = [p.marks[0].choice if len(p.marks) == 1 else "" for p in patterns]
    return [votes.get(name, 0) for name in single]


def _other(method: str, case: Case, margins: Sequence[Margin], parts: Sequence[Part]) -> dict[str, str]:
    """The risk by the named method of other tools, the largest over the assertions."""
    if method in POLLS:
        return {
            method: publish(max(_polled(method, case, m, p) for m, p in zip(margins, parts, strict=True)))
        }
    if method in COMPARISONS:
        return {method: publish(max(_compared(m, p) for m, p in zip(margins, parts, strict=True)))}
    return {}


def _polled(method: str, case: Case, margin: Margin, part: Part) -> Fraction:
    shape = shape_of(margin, case.tally)
    wins, losses = (int((part.x == v).sum()) for v in (part.top, 0))
    share = Fraction(shape.ups, shape.ups + shape.downs)
    if (margin.least, margin.most) != (-1, 1):
        raise DoorError(f"{method} knows plurality alone. Use --method polling.")
    if method == "BRAVO" or wins + losses == 0:
        return bravo_p(share, wins, losses)
    rule = athena(share, case.limit) if method == "Athena" else minerva(share, case.limit)
    return Fraction(rounds_risk(rule, [wins + losses], wins))


def _compared(margin: Margin, part: Part) -> Fraction:
    """Super-simple counts overstatements of one and two votes, and understatements of both."""
    span = part.top // 2
    if (margin.least, margin.most) != (-1, 1):
        raise DoorError("Super-simple knows plurality alone. Use --method card_comparison.")
    o = [int((part.x == span - k).sum()) for k in (1, 2, -1, -2)]
    return super_simple(len(part.x), Fraction(margin.sum, margin.cards), Discrepancies(*o))


def _tables(case: Case) -> list[Assorter]:
    """Each assertion's points for a single vote, choice by choice."""
    if isinstance(case.claim, FullCount):
        return []
    return [assorter(one, votes_by(PLURALITY, case.contest, _singles(case))) for one in case.claim.assertions]


def _singles(case: Case) -> tuple[Pattern, ...]:
    """One pattern a choice: a card with that mark alone."""
    return tuple(Pattern((Mark(name),)) for name in case.contest.choice_ids)


def _single_votes(case: Case) -> tuple[str, ...]:
    return case.contest.choice_ids


def _batch_sum(table: Assorter, votes: Mapping[str, int], order: Sequence[str]) -> int:
    return sum(int(w) * votes[name] for w, name in zip(table.weights, order, strict=True))


def _key(jurisdiction: str, batch: str) -> str:
    return f"{jurisdiction}\n{batch}"
