"""Plans of an audit on files: every method side by side, or why a method has no plan; hours, money, counties.

For `tallybook plan`, before the seed. Sizes are those of ``audit.planning`` and its siblings for the tightest
assertion of each contest; nothing here decides anything.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction

import msgspec

from tallybook.audit.assertions import Ahead
from tallybook.audit.assorters import assorter
from tallybook.audit.batches import Bounds
from tallybook.audit.comparison import ErrorRates
from tallybook.audit.costs import CostModel, Effort, of_batches, of_cards, of_full_count
from tallybook.audit.evidence import Scale
from tallybook.audit.margins import Margin
from tallybook.audit.other_plans import (
    athena_plan,
    bravo_plan,
    macro_plan,
    minerva_plan,
    providence_plan,
    suite_plan,
    super_simple_plan,
)
from tallybook.audit.planning import (
    Shape,
    SizePlan,
    distinct,
    expected_by_place,
    expected_rounds,
    plan_batch_comparison,
    plan_card_comparison,
    plan_polling,
    tightest,
    union_of_samples,
)
from tallybook.audit.pool_plans import plan_pools
from tallybook.audit.strata_plans import Shared, StratumShape, plan_strata
from tallybook.doors.workbench import against_manifest, are_pairs, cards_in, margins_of, of_places, shapes_of
from tallybook.doors.workbench_batches import bounds_of
from tallybook.doors.workbench_case import Case, reading_of, reported_in
from tallybook.doors.workbench_files import StratumRow
from tallybook.doors.workbench_points import points_in
from tallybook.doors.workbench_pools import fitting_pools, pools_of, rest_of
from tallybook.doors.workbench_strata import bounds_in, hybrid_shape, manifests_of
from tallybook.election import Manifest

OURS = ("polling", "card comparison", "batch comparison", "ONEAudit", "strata")
Totals = Mapping[str, Mapping[str, int]]


class Asked(msgspec.Struct, frozen=True):
    """What a plan is asked for: methods, error rates, costs, and the files that are there."""

    methods: tuple[str, ...]
    rates: ErrorRates
    model: CostModel
    manifest: Manifest | None = None
    totals: Totals | None = None


class Plan(msgspec.Struct, frozen=True):
    """The plans of one contest. skipped: method -> why it has none. shared: draws of each stratum."""

    case: Case
    plans: tuple[SizePlan, ...]
    efforts: tuple[Effort, ...]
    skipped: Mapping[str, str]
    least_margin: Fraction
    full_count: Effort
    shared: Mapping[str, int] = {}


def plan_case(case: Case, asked: Asked) -> Plan:
    """Every method asked for: its plan, or in words why it has none."""
    full = full_count(case, asked)
    if case.is_without_records:
        why = (
            "nobody reported how the rankings fall, so there is nothing to plan from; draw, read and measure"
        )
        return Plan(case, (), (), dict.fromkeys(asked.methods, why), Fraction(0), full)
    margins = margins_of(case)
    least = min(Fraction(m.sum, m.cards) for m in margins)
    if asked.manifest is not None and not case.strata:
        against_manifest(case, asked.manifest)
    found: list[SizePlan] = []
    efforts: list[Effort] = []
    skipped: dict[str, str] = {}
    shared: Mapping[str, int] = {}
    for name in asked.methods:
        why = lacking(name, case, asked, margins)
        if why:
            skipped[name] = why
            continue
        if name == "strata":
            over = strata_plan(case, asked)
            shared = over.draws
            found.append(over.plan)
            efforts.append(_effort_of_strata(over, case, asked))
            continue
        plan, bounds = _plan(name, case, asked)
        found.append(plan)
        efforts.append(_effort(plan, bounds, case, asked))
    return Plan(case, tuple(found), tuple(efforts), skipped, least, full, shared)


def lacking(name: str, case: Case, asked: Asked, margins: Sequence[Margin]) -> str:
    """Why a method has no plan for this contest; "" where it has one."""
    by_batch = name in ("batch_comparison", "MACRO")
    pairs = are_pairs(margins)
    if name == "AWAIRE":
        return "it is for ranked choice without records; with records their assertions need fewer cards"
    if name in ("strata", "SUITE"):
        return _lacking_strata(name, case, asked, margins)
    if case.strata:
        return "the contest is split into strata, each with its own evidence"
    if (by_batch or name == "ONEAudit") and (asked.manifest is None or asked.totals is None):
        return "it needs --manifest and --totals, the votes by batch"
    if (by_batch or name == "ONEAudit") and not (_is_linear(margins) or case.is_by_reading):
        return "votes by batch do not tell the points of these assertions"
    if by_batch and not _covers(case, asked):
        return "--totals does not hold every batch; it can serve as the pools of ONEAudit"
    if name not in ("polling", "card_comparison", "batch_comparison", "ONEAudit", "MACRO") and not pairs:
        return "it knows plurality alone; here an assertion is about a share, or about points"
    return ""


def _lacking_strata(name: str, case: Case, asked: Asked, margins: Sequence[Margin]) -> str:
    if not case.strata:
        return "the contest has one stratum; name several in the contest file"
    kinds = [one.how for one in case.strata]
    by_batch = {"batch_comparison", "pools"} & set(kinds)
    if by_batch and (asked.manifest is None or asked.totals is None):
        return "a stratum of batches or pools needs --manifest and --totals"
    if name == "strata":
        return ""
    if sorted(kinds) != ["card_comparison", "polling"]:
        return "it needs one stratum of card comparison and one of polling"
    return "" if all(isinstance(m.assertion, Ahead) for m in margins) else "it knows plurality alone"


def _is_linear(margins: Sequence[Margin]) -> bool:
    names = ("Ahead", "AboveShare", "BelowShare")
    return all(type(margin.assertion).__name__ in names for margin in margins)


def _covers(case: Case, asked: Asked) -> bool:
    assert asked.manifest is not None and asked.totals is not None
    return not cards_in(of_places(case, asked.manifest)).keys() - asked.totals.keys()


def _plan(name: str, case: Case, asked: Asked) -> tuple[SizePlan, Bounds | None]:
    """The plan of one method that fits, with the bounds of the batches where it draws these."""
    limit, rates = case.limit, asked.rates
    if name in ("batch_comparison", "MACRO"):
        assert asked.manifest is not None and asked.totals is not None
        bounds = bounds_of(case, of_places(case, asked.manifest), asked.totals)
        if name == "MACRO":
            return macro_plan(len(bounds.weights), bounds.U, limit), bounds
        return plan_batch_comparison(bounds, limit), bounds
    if name == "ONEAudit":
        return _pool_plan(case, asked), None
    if name == "SUITE":
        margins = [m for m in margins_of(case) if isinstance(m.assertion, Ahead)]
        return suite_plan(hybrid_shape(case, min(margins, key=lambda m: m.sum)), limit), None
    shape = tightest(shapes_of(case))
    return _of_shape(name, shape, limit, rates), None


def _of_shape(name: str, shape: Shape, limit: Fraction, rates: ErrorRates) -> SizePlan:
    match name:
        case "polling":
            return plan_polling(shape, limit)
        case "card_comparison":
            return plan_card_comparison(shape, limit, rates)
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


def _pool_plan(case: Case, asked: Asked) -> SizePlan:
    """ONEAudit's: of the assertion that takes most cards."""
    assert asked.manifest is not None and asked.totals is not None
    cards = cards_in(against_manifest(case, asked.manifest))
    fitting_pools(case, cards, asked.totals)
    own = case.population.cards - sum(cards[name] for name in asked.totals)
    plans, margins = [], margins_of(case)
    every = pools_of(case, margins, cards, asked.totals)
    for margin, pools, rest in zip(margins, every, rest_of(case, margins, asked.totals), strict=True):
        plans.append(plan_pools(Scale(margin.least, margin.most), own, rest, pools, case.limit, asked.rates))
    return max(plans, key=lambda plan: plan.sizes.get(0.9) or plan.population)


def strata_plan(case: Case, asked: Asked) -> Shared:
    """The plan over strata, of the assertion that takes most draws."""
    held = manifests_of(case, asked.manifest) if asked.manifest is not None else None
    outside = case.population.cards - sum(one.cards for one in case.strata)
    plans, margins = [], margins_of(case)
    points = [points_in(case, one, margins) for one in case.strata]
    for place, margin in enumerate(margins):
        shapes = [
            _stratum_shape(case, one, margin, of[place], held, asked)
            for one, of in zip(case.strata, points, strict=True)
        ]
        plans.append(plan_strata(shapes, case.limit, margin.least * outside, asked.rates))
    return max(plans, key=lambda one: one.plan.sizes.get(0.9) or one.plan.population)


def _stratum_shape(
    case: Case,
    one: StratumRow,
    margin: Margin,
    points: int,
    held: Mapping[str, Manifest] | None,
    asked: Asked,
) -> StratumShape:
    model = asked.model
    moving = _moving(case, one, margin)
    ups = max(0, min(moving, (points - margin.least * moving) // (margin.most - margin.least)))
    minutes, bound = model.fetch_minutes + model.read_minutes, 0
    if one.how == "batch_comparison" and held is not None and asked.totals is not None:
        bounds = bounds_in(case, one, held[one.name], asked.totals)
        bound = -(-sum(bounds.weights.values()) * margin.sum // bounds.scale)
        batches = len(held[one.name].batches)
        minutes = model.batch_minutes + Fraction(one.cards, batches) * model.count_minutes
    shape = (one.name, one.how, one.cards, ups, moving - ups, margin.least, margin.most, minutes, bound)
    return StratumShape(*shape)


def _moving(case: Case, one: StratumRow, margin: Margin) -> int:
    """How many of a stratum's cards were reported to move the assertion at all."""
    if not case.is_by_reading:
        return min(one.cards, sum(one.votes.values()) + one.write_ins)
    known = reported_in(case, one)
    weights = (
        assorter(margin.assertion, reading_of(case, known.patterns)).weights.tolist()
        if known.patterns
        else []
    )
    return sum(n for n, weight in zip(known.counts, weights, strict=True) if weight)


# Hours, money, counties ---------------------------------------------------------------------------


def full_count(case: Case, asked: Asked) -> Effort:
    """What counting every card of the contest by hand takes."""
    if asked.manifest is None:
        return of_full_count(asked.model, 0, case.population.cards)
    held = of_places(case, asked.manifest)
    return of_full_count(asked.model, len(held.batches), held.cards)


def _effort(plan: SizePlan, bounds: Bounds | None, case: Case, asked: Asked) -> Effort:
    """What the size for nine audits of ten takes; a hand count where that is the plan."""
    manifest = of_places(case, asked.manifest) if asked.manifest is not None else None
    size = plan.sizes.get(0.9) or plan.sizes.get(0.5)
    if size is None:
        return full_count(case, asked)
    if plan.unit == "batches" and bounds is not None and manifest is not None:
        return of_batches(asked.model, *distinct(bounds, cards_in(manifest), size))
    return of_cards(asked.model, size)


def _effort_of_strata(over: Shared, case: Case, asked: Asked) -> Effort:
    """The draws of each stratum at its own minutes; a hand count where there is no size."""
    if not over.draws:
        return full_count(case, asked)
    free = msgspec.structs.replace(asked.model, fetch_minutes=over.minutes, read_minutes=Fraction(0))
    return of_cards(free, 1)


def rounds_of(plan: SizePlan) -> float | None:
    """The mean number of rounds where the first has the size for nine audits of ten; None where unknown."""
    first = plan.sizes.get(0.9)
    return expected_rounds(plan, first) if first and plan.curve else None


def by_county(plan: Plan, manifest: Manifest | None) -> dict[str, dict[str, int]]:
    """Method -> the cards that each jurisdiction can expect to read at the 90 % size, rounded up."""
    if manifest is None:
        return {}
    cards: Counter[str] = Counter()
    for batch in of_places(plan.case, manifest).batches:
        cards[batch.jurisdiction] += batch.cards
    sizes = {p.method: p.sizes.get(0.9) for p in plan.plans if p.unit == "cards" and p.method != "strata"}
    return {
        method: {place: math.ceil(n) for place, n in expected_by_place(cards, size).items()}
        for method, size in sizes.items()
        if size is not None
    }


def together(plans: Sequence[Plan], manifest: Manifest | None) -> dict[str, tuple[int, int]]:
    """Method -> cards of one sample that serves all contests, and of as many samples as there are contests.

    A card serves every contest of its jurisdiction; without a manifest every card serves all contests.
    """
    found = {}
    for method in ("polling", "card comparison"):
        sizes = {
            one.case.contest.id: size
            for one in plans
            for plan in one.plans
            if plan.method == method and (size := plan.sizes.get(0.9)) is not None
        }
        if len(sizes) > 1:
            union = union_of_samples(
                _styles([p for p in plans if p.case.contest.id in sizes], manifest), sizes
            )
            found[method] = (math.ceil(union), sum(sizes.values()))
    return found


def _styles(plans: Sequence[Plan], manifest: Manifest | None) -> dict[tuple[str, ...], int]:
    """The contests that a card can serve -> how many cards there are of that kind."""
    if manifest is None:
        most = max(plan.case.population.cards for plan in plans)
        return {tuple(plan.case.contest.id for plan in plans): most}
    styles: Counter[tuple[str, ...]] = Counter()
    for batch in manifest.batches:
        on = [p.case for p in plans if not p.case.places or batch.jurisdiction in p.case.places]
        styles[tuple(case.contest.id for case in on)] += batch.cards
    return dict(styles)


def recommendation(plan: Plan) -> str:
    """In words: what each way of auditing means at this margin, the cheapest first."""
    if not plan.plans:
        return "No method has a plan here."
    cards, said = plan.case.population.cards, f"The smallest margin is {_share(plan)}."
    ours = [(p, e) for p, e in zip(plan.plans, plan.efforts, strict=True) if p.method in OURS]
    for one, _ in sorted(ours, key=lambda pair: (pair[0].is_hand_count, pair[1].cents)):
        size = one.sizes.get(0.9)
        way = "strata" if one.method == "strata" else one.method
        if one.is_hand_count or size is None:
            said += f" By {way} it is a hand count: count all {cards:,} cards instead."
        else:
            said += f" By {way} {size:,} {one.unit} end nine audits of ten in one round."
    best = [pair for pair in sorted(ours, key=lambda pair: pair[1].cents) if not pair[0].is_hand_count]
    if best and best[0][1].cents >= plan.full_count.cents:
        said += f" Counting all {cards:,} cards takes fewer hours than any of these: recommended."
    elif best:
        said += f" Recommended: {best[0][0].method}, which takes the fewest hours."
    elif ours:
        said += " Recommended: a full hand count."
    return said


def _share(plan: Plan) -> str:
    """The smallest margin in words; votes where each card moves it by one, else points."""
    margin = f"{float(plan.least_margin) * 100:.3g}"
    unit = "vote" if are_pairs([_tightest(plan.case)]) else "point"
    return f"{margin} {unit if margin == '1' else f'{unit}s'} in a hundred cards"


def _tightest(case: Case) -> Margin:
    """The smallest margin."""
    return min(margins_of(case), key=lambda m: Fraction(m.sum, m.cards))
