"""An audit on files, without a book: the margins of the contests of a contest file, and risks of their cards.

For `tallybook assertions` and `risk`; ``workbench_plans`` plans, ``workbench_population`` draws;
``workbench_strata``, ``_batches``, ``_pools`` and ``_awaire`` measure what is not one plain sample of cards.
Everything is refused before the draw that cannot be audited (``audit.checks``). Methods are named as people
name them: ours, and those of states and other tools, whose risks stand beside ours.
"""

from collections.abc import Sequence
from fractions import Fraction

import msgspec

from tallybook.audit.assertions import Ahead, NotEliminatedBefore, NotEliminatedNext, words
from tallybook.audit.assorters import Assorter, assorter
from tallybook.audit.checks import provable
from tallybook.audit.comparison import comparison_part
from tallybook.audit.evidence import Part, scale_of
from tallybook.audit.margins import Margin
from tallybook.audit.measuring import Evidence
from tallybook.audit.planning import Shape, shape_of
from tallybook.audit.polling import polling_part
from tallybook.doors.card_records import Kept, Records, agreeing_sums, looked_up
from tallybook.doors.card_texts import codes_of
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.workbench_case import Case, margins_reported, reading_of, singles
from tallybook.doors.workbench_files import CardReading
from tallybook.doors.workbench_measured import Measured, measured_by, with_errors_borne
from tallybook.doors.workbench_population import (
    cards_in,
    draw_cards,
    fitting,
    of_places,
    population_items,
    refuse,
    refuse_readings,
    without_others,
)
from tallybook.election import Manifest
from tallybook.election.cards import Pattern
from tallybook.stats.bravo import bravo_p
from tallybook.stats.certainty import publish
from tallybook.stats.draws import join_parts
from tallybook.stats.kaplan import Discrepancies, super_simple
from tallybook.stats.minerva import athena, minerva
from tallybook.stats.minerva import risk as rounds_risk

OURS = ("polling", "card_comparison", "batch_comparison", "ONEAudit", "strata", "AWAIRE")
POLLS = ("BRAVO", "Minerva", "Athena", "Providence")
COMPARISONS = ("super-simple", "Colorado")
METHODS = (*OURS, *POLLS, *COMPARISONS, "MACRO", "SUITE")
PAIRS = (Ahead, NotEliminatedBefore, NotEliminatedNext)
"""Assertions that one pile is larger than another: those that the methods of other tools know."""


# Margins -------------------------------------------------------------------------------------------


def margins_of(case: Case) -> tuple[Margin, ...]:
    """The margins of a case that a sample can show; DoorError says why where none can."""
    problems = [*fitting(case)]
    margins = () if problems else margins_reported(case)
    refuse([*problems, *provable(case.claim, margins, case.population)])
    return margins


def are_pairs(margins: Sequence[Margin]) -> bool:
    """Is every assertion that one pile is larger than another, each card in one pile at most?"""
    return all(isinstance(m.assertion, PAIRS) and (m.least, m.most) == (-1, 1) for m in margins)


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


# Risks of cards -------------------------------------------------------------------------------------


class Drawn(msgspec.Struct, frozen=True, eq=False):
    """The readings of drawn cards in the order of the draw, as codes of the patterns ``known``."""

    items: tuple[str, ...]
    found: list[int]
    recorded: list[int]
    known: tuple[Pattern, ...]


def drawn_cards(
    case: Case,
    population: Sequence[str],
    seed: str,
    rows: Sequence[CardReading],
    compares: bool,
    kept: Kept | None = None,
) -> Drawn:
    """Exactly the first cards by ticket, each read once; DoorError names what is missing or strange.

    compares: what was recorded is taken from the records ``kept``, or where there are none from the rows.
    """
    mine = [row for row in rows if row.contest in ("", case.contest.id)]
    items = [item for _, item in draw_cards(population, seed, len({row.item for row in mine}))]
    by_item = {join_parts(*row.item): row for row in mine}
    refuse_readings(items, [join_parts(*row.item) for row in mine])
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
    population = population_items(case, manifest, records)
    held = of_places(case, manifest)
    margins = margins_of(case)
    compares = method == "card_comparison" or method in COMPARISONS
    kept = Kept(records, cards_in(held)) if compares and records else None
    if kept is not None:
        agreeing_sums(case, kept, margins, [margin.sum for margin in margins])
    mine = without_others(rows, population, held)
    drawn = drawn_cards(case, population, seed, mine, compares, kept)
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
