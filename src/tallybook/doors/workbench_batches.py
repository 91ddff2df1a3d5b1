"""Batch comparison on files: bounds, draws by bound, and risks from the hand counts of drawn batches.

For `tallybook plan`, `draw` and `risk` where votes are known by batch; MACRO's risk stands beside ours.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from tallybook.audit.assertions import words
from tallybook.audit.batches import Bounds, batch_bounds, batch_margin, batch_part
from tallybook.audit.measuring import Evidence
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.workbench import margins_of
from tallybook.doors.workbench_case import Case
from tallybook.doors.workbench_measured import Measured, measured_by, with_errors_borne
from tallybook.doors.workbench_points import points_by
from tallybook.doors.workbench_population import cards_in, fitting_seed, holding, refuse_readings
from tallybook.election import Manifest
from tallybook.stats.certainty import publish
from tallybook.stats.draws import draw_by_weight
from tallybook.stats.kaplan import macro


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
    totals = {name: votes for name, votes in totals.items() if not _is_apart(case, name, votes)}
    strange = sorted(set(totals) ^ set(cards))
    if strange:
        shown = ", ".join(one.replace("\n", " ") for one in strange[:5])
        raise DoorError(f"Manifest and totals do not have the same batches: {shown}. Nothing was drawn.")
    fitting_votes(case, cards, totals)


def _is_apart(case: Case, batch: str, votes: Mapping[str, int]) -> bool:
    """Is this a batch of which no card can hold the contest? Refuses votes in it."""
    if case.styled is None or batch in case.styled.holding or batch not in case.styled.cards:
        return False
    if any(votes.values()):
        raise DoorError(
            f"{batch.replace(chr(10), ', ')}: found {sum(votes.values()):,} votes; by its styles no card "
            "there can hold the contest. Correct the table of styles or the totals. Nothing was drawn."
        )
    return True


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


def measure_batches(
    case: Case,
    manifest: Manifest,
    totals: Mapping[str, Mapping[str, int]],
    counted: Mapping[str, Mapping[str, int]],
    seed: str,
    draws: int,
) -> Measured:
    """The risk of a case from the hand counts of drawn batches."""
    held = holding(case, manifest)
    bounds = bounds_of(case, held, totals)
    drawn = draw_batches(bounds, seed, case.contest.id, draws)
    refuse_readings(list(dict.fromkeys(drawn)), list(counted))
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
