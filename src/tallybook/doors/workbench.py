"""An audit on files, without a book: margins, draws and risks of the contests of a contest file.

For `tallybook draw`, `assertions` and `risk`; ``workbench_plans`` plans; ``workbench_strata``, ``_pools`` and
``_awaire`` measure what is not one plain sample. Everything is refused before the draw that cannot be audited
(``audit.checks``). Methods are named as people name them: ours, and those of states and other tools, whose
risks stand beside ours.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import msgspec

from tallybook.audit.assertions import Ahead, NotEliminatedBefore, NotEliminatedNext, words
from tallybook.audit.assorters import Assorter, assorter
from tallybook.audit.batches import Bounds, batch_bounds, batch_margin, batch_part
from tallybook.audit.checks import before_the_draw, provable, readings_of_the_draw
from tallybook.audit.comparison import comparison_part
from tallybook.audit.deciding import Decision, decide
from tallybook.audit.evidence import Part, scale_of
from tallybook.audit.margins import Margin
from tallybook.audit.measuring import Between, Evidence, points_between, withstands
from tallybook.audit.planning import Shape, shape_of
from tallybook.audit.polling import polling_part
from tallybook.audit.strata_intervals import points_between_strata, withstands_in_strata
from tallybook.doors.audit_cases import Case, margins_reported, reading_of, singles
from tallybook.doors.audit_files import CardReading
from tallybook.doors.card_records import Kept, Records, agreeing_sums, looked_up
from tallybook.doors.card_texts import codes_of
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.workbench_points import points_by
from tallybook.election import Manifest, Problem
from tallybook.election.cards import Pattern
from tallybook.stats.bravo import bravo_p
from tallybook.stats.certainty import publish
from tallybook.stats.draws import check_seed, draw_by_weight, draw_without_replacement, join_parts
from tallybook.stats.errors import NumberError
from tallybook.stats.kaplan import Discrepancies, macro, super_simple
from tallybook.stats.minerva import athena, minerva
from tallybook.stats.minerva import risk as rounds_risk

OURS = ("polling", "card_comparison", "batch_comparison", "ONEAudit", "strata", "AWAIRE")
POLLS = ("BRAVO", "Minerva", "Athena", "Providence")
COMPARISONS = ("super-simple", "Colorado")
METHODS = (*OURS, *POLLS, *COMPARISONS, "MACRO", "SUITE")
MOST_DRAWS = 3_000
"""Above so many draws no interval is shown: it would take minutes."""
PAIRS = (Ahead, NotEliminatedBefore, NotEliminatedNext)
"""Assertions that one pile is larger than another: those that the methods of other tools know."""


class Borne(msgspec.Struct, frozen=True):
    """How many more draws of a stratum ("" where there is one) could have been as wrong as one can be."""

    stratum: str
    how: str
    errors: int


class Measured(msgspec.Struct, frozen=True):
    """One contest measured: the decision, and for each assertion an interval for its true points.

    intervals: name, least, most (None where nothing bounds it from above); other: risks by methods of other
    tools; borne: with how many further errors in each stratum alone the limit would still be met, the least
    over the assertions; empty where it is not met. shared: the next round's draws of each stratum.
    """

    decision: Decision
    intervals: tuple[tuple[str, int, int | None], ...]
    other: Mapping[str, str]
    borne: tuple[Borne, ...] = ()
    shared: Mapping[str, int] = {}


# Margins, and what is refused ---------------------------------------------------------------------


def margins_of(case: Case) -> tuple[Margin, ...]:
    """The margins of a case that a sample can show; DoorError says why where none can."""
    problems = [*fitting(case)]
    margins = () if problems else margins_reported(case)
    refuse([*problems, *provable(case.claim, margins, case.population)])
    return margins


def are_pairs(margins: Sequence[Margin]) -> bool:
    """Is every assertion that one pile is larger than another, each card in one pile at most?"""
    return all(isinstance(m.assertion, PAIRS) and (m.least, m.most) == (-1, 1) for m in margins)


def fitting(case: Case, manifest: Manifest | None = None) -> tuple[Problem, ...]:
    """Totals, records and manifest against each other."""
    each = case.contest.votes_allowed if case.rules.method == "cumulative" else 1
    return before_the_draw(case.contest, case.tally, case.population, manifest, each)


def shapes_of(case: Case) -> list[Shape]:
    """What a plan must know of each assertion: from the cards where they are known, else from the totals."""
    margins = margins_of(case)
    if not case.patterns:
        return [shape_of(margin, case.tally) for margin in margins]
    reading = reading_of(case, case.patterns)
    return [_shape(margin, assorter(margin.assertion, reading), case.counts) for margin in margins]


def _shape(margin: Margin, table: Assorter, counts: Sequence[int]) -> Shape:
    """The cards that move the sum, as if each were at its most or its least."""
    moving = sum(n for n, weight in zip(counts, table.weights.tolist(), strict=True) if weight)
    ups = (margin.sum - margin.least * moving) // (margin.most - margin.least)
    name = words(margin.assertion)
    return Shape(name, margin.cards, margin.sum, margin.least, margin.most, ups, moving - ups)


def against_manifest(case: Case, manifest: Manifest) -> Manifest:
    """The batches of a manifest that may hold the contest. Refuses one that does not fit the population."""
    strange = sorted(set(case.places) - {batch.jurisdiction for batch in manifest.batches})
    if strange:
        raise DoorError(
            f"{case.contest.id}: the manifest has no jurisdiction {strange[0]}. Nothing was drawn."
        )
    held = of_places(case, manifest)
    refuse(fitting(case, held))
    if held.cards > case.population.cards:
        raise DoorError(
            f"{case.contest.id}: found {held.cards:,} cards in the manifest; expected the "
            f"{case.population.cards:,} from which it is drawn. Name its jurisdictions, or state cards = "
            f"{held.cards} with by_style = false: then some of them may lack the contest. Nothing was drawn."
        )
    return held


def of_places(case: Case, manifest: Manifest) -> Manifest:
    """The batches of the jurisdictions that have the contest."""
    return Manifest(tuple(b for b in manifest.batches if not case.places or b.jurisdiction in case.places))


def refuse(problems: Sequence[Problem]) -> None:
    """Stop with these problems, if there are any."""
    if problems:
        raise DoorError(*(str(one) for one in problems), "Nothing was drawn.")


# Draws ----------------------------------------------------------------------------------------------


def card_items(manifest: Manifest) -> list[str]:
    """The name of every card of a manifest: jurisdiction, batch, position."""
    return [
        join_parts(batch.jurisdiction, batch.id, str(place))
        for batch in manifest.batches
        for place in range(1, batch.cards + 1)
    ]


def draw_cards(manifest: Manifest, seed: str, n: int) -> list[tuple[str, str]]:
    """The first n cards by ticket: pairs (ticket, item). DoorError for a seed that is none, or too many."""
    fitting_seed(seed)
    if n > manifest.cards:
        raise DoorError(f"Found a size of {n:,}; expected at most the {manifest.cards:,} cards there are.")
    return [(one.ticket, one.item) for one in draw_without_replacement(seed, card_items(manifest), n)]


def fitting_seed(seed: str) -> None:
    """Refuse what is not a seed."""
    try:
        check_seed(seed)
    except NumberError as why:
        raise DoorError(f"--seed: found {seed!r}; expected {why.allowed}. Nothing was drawn.") from None


def bounds_of(case: Case, manifest: Manifest, totals: Mapping[str, Mapping[str, int]]) -> Bounds:
    """The weights of the batches for all assertions of a case."""
    points, least, margins = batch_points(case, manifest, totals)
    if min(margins) <= 0:
        raise DoorError("Votes in no batch could undo the outcome: count every card. Nothing was drawn.")
    return batch_bounds(points, cards_in(manifest), least, margins)


def batch_points(
    case: Case, manifest: Manifest, totals: Mapping[str, Mapping[str, int]]
) -> tuple[list[dict[str, int]], list[int], list[int]]:
    """For each assertion: points by batch, the points of the worst card, and the margin in the batches."""
    names = list(cards_in(manifest))
    same_batches(case, manifest, totals)
    margins = margins_of(case)
    by_batch = {name: points_by(case, margins, totals[name]) for name in names}
    points = [{name: of[place] for name, of in by_batch.items()} for place in range(len(margins))]
    outside = max(0, case.population.cards - manifest.cards)
    least = [margin.least for margin in margins]
    return (
        points,
        least,
        [batch_margin(list(p.values()), low, outside) for p, low in zip(points, least, strict=True)],
    )


def same_batches(case: Case, manifest: Manifest, totals: Mapping[str, Mapping[str, int]]) -> None:
    """Refuse totals that are not of exactly these batches, or hold more votes than their cards can."""
    cards = cards_in(manifest)
    strange = sorted(set(totals) ^ set(cards))
    if strange:
        shown = ", ".join(one.replace("\n", " ") for one in strange[:5])
        raise DoorError(f"Manifest and totals do not have the same batches: {shown}. Nothing was drawn.")
    fitting_votes(case, cards, totals)


def fitting_votes(case: Case, cards: Mapping[str, int], totals: Mapping[str, Mapping[str, int]]) -> None:
    """Refuse batches with more votes than their cards allow."""
    for name, votes in totals.items():
        if sum(votes.values()) > cards[name] * case.contest.votes_allowed:
            where = name.replace("\n", ", ")
            raise DoorError(
                f"{where}: {sum(votes.values()):,} votes on {cards[name]:,} cards. Nothing was drawn."
            )


def draw_batches(bounds: Bounds, seed: str, contest_id: str, n: int) -> tuple[str, ...]:
    """n batches with replacement, in proportion to their bounds, in the stream of the contest."""
    fitting_seed(seed)
    return draw_by_weight(seed, f"batches {contest_id}", bounds.weights, n)


# Risks of cards -------------------------------------------------------------------------------------


class Drawn(msgspec.Struct, frozen=True, eq=False):
    """The readings of drawn cards in the order of the draw, as codes of the patterns ``known``."""

    items: tuple[str, ...]
    found: list[int]
    recorded: list[int]
    known: tuple[Pattern, ...]


def drawn_cards(
    case: Case,
    manifest: Manifest,
    seed: str,
    rows: Sequence[CardReading],
    compares: bool,
    kept: Kept | None = None,
) -> Drawn:
    """Exactly the first cards by ticket, each read once; DoorError names what is missing or strange.

    compares: what was recorded is taken from the records ``kept``, or where there are none from the rows.
    """
    mine = [row for row in rows if row.contest in ("", case.contest.id)]
    items = [item for _, item in draw_cards(manifest, seed, len({row.item for row in mine}))]
    by_item = {join_parts(*row.item): row for row in mine}
    refuse(readings_of_the_draw(items, [join_parts(*row.item) for row in mine]))
    ordered = [by_item[item] for item in items]
    known = {pattern: place for place, pattern in enumerate(case.patterns or singles(case), 1)}
    found = codes_read(case, ordered, known)
    recorded = recorded_codes(case, ordered, items, known, kept) if compares else []
    return Drawn(tuple(items), found, recorded, tuple(known))


def codes_read(case: Case, rows: Sequence[CardReading], known: dict[Pattern, int]) -> list[int]:
    """What people read, row by row. New patterns are added to ``known``."""
    return [code for row in rows for code in codes_of([row.found], case, known, _where(row, "Read"))]


def _where(row: CardReading, column: str) -> str:
    return f"{', '.join(row.item)}, {column}"


def recorded_codes(
    case: Case,
    rows: Sequence[CardReading],
    items: Sequence[str],
    known: dict[Pattern, int],
    kept: Kept | None,
) -> list[int]:
    """What was recorded of drawn cards, by the records; where there are none, as the rows say.

    Refuses a row that says otherwise than the records. New patterns are added to ``known``.
    """
    if kept is None:
        if not all(row.reported.strip() for row in rows):
            raise DoorError(
                f"{case.contest.id}: a comparison needs what was recorded of each card: the column Reported,"
                " or --records with a folder of tallybook cards."
            )
        told = [codes_of([row.reported], case, known, _where(row, "Reported")) for row in rows]
        return [code for codes in told for code in codes]
    looked = looked_up(kept, items)
    found = [0 if one is None else known.setdefault(one, len(known) + 1) for one in looked]
    for row, code in zip(rows, found, strict=True):
        if join_parts(*row.item[:2]) in kept.cards:
            _same_record(case, row, code, known)
    return found


def _same_record(case: Case, row: CardReading, code: int, known: dict[Pattern, int]) -> None:
    """Refuse a row whose Reported column says otherwise than the record. The order of marks is no matter."""
    if not row.reported.strip():
        return
    (said,) = codes_of([row.reported], case, dict(known), _where(row, "Reported"))
    bearing = {place: pattern.marks for pattern, place in known.items()}
    if said != code and (max(said, 0) == 0 or code == 0 or bearing.get(said) != bearing[code]):
        where = ", ".join(row.item)
        raise DoorError(
            f'{where}: the column Reported says "{row.reported}"; the records say otherwise. Leave the '
            "column out, or find out which is wrong."
        )


def measure_cards(
    case: Case,
    manifest: Manifest,
    seed: str,
    rows: Sequence[CardReading],
    method: str,
    records: Records = (),
) -> Measured:
    """The risk of a case from the readings of drawn cards, in the order of the draw."""
    held = against_manifest(case, manifest)
    margins = margins_of(case)
    compares = method == "card_comparison" or method in COMPARISONS
    kept = Kept(records, cards_in(held)) if compares and records else None
    if kept is not None:
        agreeing_sums(case, kept, margins, [margin.sum for margin in margins])
    drawn = drawn_cards(case, held, seed, rows, compares, kept)
    reading = reading_of(case, drawn.known)
    lacking, evidence = case.population.lacking, []
    for margin in margins:
        scale, N = scale_of(assorter(margin.assertion, reading)), margin.cards
        if compares:
            part = comparison_part(scale, N, margin.sum, drawn.recorded, drawn.found, lacking)
        else:
            part = polling_part(scale, N, drawn.found, lacking, reported_counts(case, drawn.known))
        evidence.append(Evidence(words(margin.assertion), (part,)))
    parts = [one.parts[0] for one in evidence]
    measured = measured_by(case, evidence, _other(method, case, margins, parts))
    return with_errors_borne(case, measured, evidence, [("", "card_comparison" if compares else "polling")])


# Risks of batches -----------------------------------------------------------------------------------


def measure_batches(
    case: Case,
    manifest: Manifest,
    totals: Mapping[str, Mapping[str, int]],
    counted: Mapping[str, Mapping[str, int]],
    seed: str,
    draws: int,
) -> Measured:
    """The risk of a case from the hand counts of drawn batches."""
    held = of_places(case, manifest)
    bounds = bounds_of(case, held, totals)
    drawn = draw_batches(bounds, seed, case.contest.id, draws)
    refuse(readings_of_the_draw(list(dict.fromkeys(drawn)), list(counted)))
    fitting_votes(case, cards_in(held), counted)
    points, least, margins = batch_points(case, held, totals)
    outside = max(0, case.population.cards - held.cards)
    evidence, found = [], []
    claimed = margins_of(case)
    read = {name: points_by(case, claimed, votes) for name, votes in counted.items()}
    for place, margin in enumerate(claimed):
        errors = {name: points[place][name] - read[name][place] for name in counted}
        part = batch_part(bounds, margins[place], least[place], drawn, errors, outside)
        evidence.append(Evidence(words(margin.assertion), (part,), least[place] * outside))
        found.append({name: Fraction(error, margins[place]) for name, error in errors.items()})
    measured = measured_by(case, evidence, {"MACRO": publish(_macro(bounds, drawn, found))})
    return with_errors_borne(case, measured, evidence, [("", "batch_comparison")])


def _macro(bounds: Bounds, drawn: Sequence[str], errors: Sequence[Mapping[str, Fraction]]) -> Fraction:
    """MACRO's risk on the same draws: the largest relative error of each batch, below 0 taken as 0."""
    if bounds.U <= 1:
        return Fraction(0)
    taints = [
        max(Fraction(0), *(one[name] for one in errors)) / Fraction(bounds.weights[name], bounds.scale)
        for name in drawn
    ]
    return macro(taints, bounds.U)


# What all of them share -----------------------------------------------------------------------------


def measured_by(case: Case, evidence: Sequence[Evidence], other: Mapping[str, str]) -> Measured:
    """The decision on evidence, with intervals for the true points where a sample gives them."""
    decision = decide(case.contest.id, evidence, case.limit)
    intervals = [
        (one.name, *_between(one))
        for one in evidence
        if not all(part.is_census for part in one.parts)
        and 0 < sum(len(part.x) for part in one.parts) <= MOST_DRAWS
    ]
    return Measured(decision, tuple(intervals), other)


def _between(one: Evidence) -> Between:
    if len(one.parts) == 1:
        return points_between(one.parts[0], Fraction(1, 20), one.outside)
    return points_between_strata(one.parts, Fraction(1, 20), one.outside)


def with_errors_borne(
    case: Case, measured: Measured, evidence: Sequence[Evidence], strata: Sequence[tuple[str, str]]
) -> Measured:
    """The same, with how many further errors each stratum would have borne, where the audit ends.

    strata: name and kind of evidence of each part.
    """
    if measured.decision.step != "stop":
        return measured
    found = []
    for at, (name, how) in enumerate(strata):
        borne = [_borne(case, one, at, how) for one in evidence]
        least = min((n for n in borne if n is not None), default=None)
        found += [Borne(name, how, least)] if least is not None else []
    return msgspec.structs.replace(measured, borne=tuple(found))


def _borne(case: Case, one: Evidence, at: int, how: str) -> int | None:
    """Draws of one stratum that could have been wrong; None where it has none, or by the bounds alone.

    A compared card errs by its whole span, a polled one is read the other way, a batch is wrong to its bound.
    """
    part = one.parts[at]
    right = part.top if how == "polling" else part.top // 2
    if not len(part.x) or part.is_census:
        return None
    if len(one.parts) == 1:
        return withstands(part, case.limit, right // part.unit, one.outside, right)
    return withstands_in_strata(one.parts, at, right, right // part.unit, case.limit, one.outside)


def reported_counts(case: Case, patterns: Sequence[Pattern]) -> list[int]:
    """How many cards were reported with each pattern, for the prior of the bet: of totals, single marks."""
    if case.counts:
        return [*case.counts, *[0] * (len(patterns) - len(case.counts))]
    votes = dict(case.tally.votes)
    single = [p.marks[0].choice if len(p.marks) == 1 else "" for p in patterns]
    return [votes.get(name, 0) for name in single]


def _other(method: str, case: Case, margins: Sequence[Margin], parts: Sequence[Part]) -> dict[str, str]:
    """The risk by the named method of other tools, the largest over the assertions."""
    if method not in (*POLLS, *COMPARISONS):
        return {}
    if not are_pairs(margins):
        ours = "polling" if method in POLLS else "card_comparison"
        raise DoorError(f"{method} knows plurality alone. Use --method {ours}.")
    if method in COMPARISONS:
        return {method: publish(max(_compared(m, p) for m, p in zip(margins, parts, strict=True)))}
    shapes = shapes_of(case)
    return {method: publish(max(_polled(method, case, s, p) for s, p in zip(shapes, parts, strict=True)))}


def _polled(method: str, case: Case, shape: Shape, part: Part) -> Fraction:
    wins, losses = (int((part.x == v).sum()) for v in (part.top, 0))
    share = Fraction(shape.ups, shape.ups + shape.downs)
    if method == "BRAVO" or wins + losses == 0:
        return bravo_p(share, wins, losses)
    rule = athena(share, case.limit) if method == "Athena" else minerva(share, case.limit)
    return Fraction(rounds_risk(rule, [wins + losses], wins))


def _compared(margin: Margin, part: Part) -> Fraction:
    """Super-simple counts overstatements of one and two votes, and understatements of both."""
    span = part.top // 2
    o = [int((part.x == span - k).sum()) for k in (1, 2, -1, -2)]
    return super_simple(len(part.x), Fraction(margin.sum, margin.cards), Discrepancies(*o))


def cards_in(manifest: Manifest) -> dict[str, int]:
    return {f"{b.jurisdiction}\n{b.id}": b.cards for b in manifest.batches}
