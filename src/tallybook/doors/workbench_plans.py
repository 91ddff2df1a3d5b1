"""Plans of an audit on files: every method side by side, or why a method has no plan; hours, money, counties.

For `tallybook plan`, before the seed. Sizes are those of ``audit.planning`` and its siblings for the tightest
assertion of each contest; nothing here decides anything.
"""

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
    expected_rounds,
    plan_batch_comparison,
    plan_card_comparison,
    plan_polling,
    tightest,
)
from tallybook.audit.pool_plans import plan_pools
from tallybook.audit.strata_plans import Shared, StratumShape, plan_strata
from tallybook.doors.card_records import Records
from tallybook.doors.workbench import are_pairs, margins_of, shapes_of
from tallybook.doors.workbench_batches import bounds_of
from tallybook.doors.workbench_case import Case, reading_of, reported_in
from tallybook.doors.workbench_files import StratumRow
from tallybook.doors.workbench_points import points_in
from tallybook.doors.workbench_pools import fitting_pools, pools_of, rest_of
from tallybook.doors.workbench_population import (
    against_manifest,
    cards_in,
    fitting_population,
    holding,
    is_by_record,
    of_places,
    population_items,
)
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
    records: Records = ()


class Plan(msgspec.Struct, frozen=True):
    """The plans of one contest. skipped: method -> why it has none. shared: draws of each stratum.

    items: the cards that are drawn from, where records tell them apart from others in their batches.
    """

    case: Case
    plans: tuple[SizePlan, ...]
    efforts: tuple[Effort, ...]
    skipped: Mapping[str, str]
    least_margin: Fraction
    full_count: Effort
    shared: Mapping[str, int] = {}
    items: tuple[str, ...] = ()


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
        fit_of_manifest(case, asked)
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
    return Plan(case, tuple(found), tuple(efforts), skipped, least, full, shared, _items(case, asked))


def fit_of_manifest(case: Case, asked: Asked) -> None:
    """Refuse a manifest that does not fit the cards that can hold the contest."""
    assert asked.manifest is not None
    if is_by_record(case, asked.manifest, asked.records):
        population_items(case, asked.manifest, asked.records)
    else:
        fitting_population(case, asked.manifest, holding(case, asked.manifest))


def _items(case: Case, asked: Asked) -> tuple[str, ...]:
    if asked.manifest is None or case.strata or not is_by_record(case, asked.manifest, asked.records):
        return ()
    return tuple(population_items(case, asked.manifest, asked.records))


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
    if not by_batch and _is_mixed(case, asked):
        return "some batches hold cards without the contest; only records of cards tell which to draw"
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


def _is_mixed(case: Case, asked: Asked) -> bool:
    """Do cards that can hold the contest lie among others that nobody can tell from them?"""
    if asked.manifest is None or is_by_record(case, asked.manifest, asked.records):
        return False
    return of_places(case, asked.manifest).cards > case.population.cards


def _covers(case: Case, asked: Asked) -> bool:
    assert asked.manifest is not None and asked.totals is not None
    return not cards_in(of_places(case, asked.manifest)).keys() - asked.totals.keys()


def _plan(name: str, case: Case, asked: Asked) -> tuple[SizePlan, Bounds | None]:
    """The plan of one method that fits, with the bounds of the batches where it draws these."""
    limit, rates = case.limit, asked.rates
    if name in ("batch_comparison", "MACRO"):
        assert asked.manifest is not None and asked.totals is not None
        bounds = bounds_of(case, holding(case, asked.manifest), asked.totals)
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
