"""Which cards a contest is drawn from on files, and the draw: its jurisdictions, card styles and records.

For `tallybook plan`, `draw` and `risk`. A manifest that is not the population is refused. No draw is spent on
cards that cannot hold the contest where styles or records say which those are (``audit.styles``).
"""

from collections.abc import Sequence

import msgspec

from tallybook.audit.checks import before_the_draw, readings_of_the_draw
from tallybook.audit.styles import styles_of_the_manifest
from tallybook.doors.card_records import Kept, Records, items_by_record
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.workbench_case import Case
from tallybook.doors.workbench_files import CardReading
from tallybook.election import Manifest, Problem
from tallybook.stats.draws import check_seed, draw_without_replacement, join_parts
from tallybook.stats.errors import NumberError


def against_manifest(case: Case, manifest: Manifest) -> Manifest:
    """The batches of a manifest that may hold the contest. Refuses one that does not fit the population."""
    return fitting_population(case, manifest, of_places(case, manifest))


def fitting_population(case: Case, manifest: Manifest, held: Manifest) -> Manifest:
    """What is drawn from, ``held``, a part of the manifest. Refuses it where it is not the population."""
    strange = sorted(set(case.places) - {batch.jurisdiction for batch in manifest.batches})
    if strange:
        raise DoorError(
            f"{case.contest.id}: the manifest has no jurisdiction {strange[0]}. Nothing was drawn."
        )
    refuse(fitting(case, held))
    if held.cards > case.population.cards:
        raise DoorError(
            f"{case.contest.id}: found {held.cards:,} cards in the manifest; expected the "
            f"{case.population.cards:,} from which it is drawn. Name its jurisdictions or styles, or state "
            f"cards = {held.cards} with by_style = false: then some of them may lack the contest. Nothing "
            "was drawn."
        )
    return held


def is_by_record(case: Case, manifest: Manifest, records: Records) -> bool:
    """Do records tell which of more cards than carry the contest are to be drawn from?"""
    more = of_places(case, manifest).cards > case.population.cards
    return more and bool(records) and case.population.lacking == "carries"


def population_items(case: Case, manifest: Manifest, records: Records = ()) -> list[str]:
    """The names of the cards from which a contest is drawn.

    Where the manifest has more cards than the contest and records tell them apart: those whose record bears
    the contest, and those without a record. Refuses what is not the population.
    """
    if not is_by_record(case, manifest, records):
        return card_items(against_manifest(case, manifest))
    items = items_by_record(Kept(records, cards_in(of_places(case, manifest))))
    if len(items) != case.population.cards:
        raise DoorError(
            f"{case.contest.id}: {len(items):,} cards of the manifest bear the contest by their record, or "
            f"have no record; expected the {case.population.cards:,} cards of the contest. State cards = "
            f"{len(items)} if no more carry it; else complete the manifest. Nothing was drawn."
        )
    return items


def of_places(case: Case, manifest: Manifest) -> Manifest:
    """The batches that can hold the contest: those of its jurisdictions, with a card of its styles."""
    batches = [b for b in manifest.batches if not case.places or b.jurisdiction in case.places]
    if case.styled is None:
        return Manifest(tuple(batches))
    refuse(styles_of_the_manifest(case.styled, cards_in(manifest)))
    return Manifest(tuple(b for b in batches if f"{b.jurisdiction}\n{b.id}" in case.styled.holding))


def holding(case: Case, manifest: Manifest) -> Manifest:
    """The same batches with only the cards that can hold the contest, which is what a batch may hide."""
    held = of_places(case, manifest)
    if case.styled is None:
        return held
    cards = case.styled.holding
    return Manifest(
        tuple(msgspec.structs.replace(b, cards=cards[f"{b.jurisdiction}\n{b.id}"]) for b in held.batches)
    )


def fitting(case: Case, manifest: Manifest | None = None) -> tuple[Problem, ...]:
    """Totals, records and manifest against each other."""
    each = case.contest.votes_allowed if case.rules.method == "cumulative" else 1
    return before_the_draw(case.contest, case.tally, case.population, manifest, each)


def refuse(problems: Sequence[Problem], what: str = "Nothing was drawn.") -> None:
    """Stop with these problems, if there are any. what: what was therefore not done."""
    if problems:
        raise DoorError(*(str(one) for one in problems), what)


def refuse_readings(drawn: Sequence[str], read: Sequence[str]) -> None:
    """Stop where there is not exactly one reading for each drawn item, or one for another."""
    refuse(readings_of_the_draw(drawn, read), "Nothing was measured.")


def cards_in(manifest: Manifest) -> dict[str, int]:
    return {f"{b.jurisdiction}\n{b.id}": b.cards for b in manifest.batches}


def without_others(
    rows: Sequence[CardReading], population: Sequence[str], held: Manifest
) -> Sequence[CardReading]:
    """The rows without those of no named contest that read a card apart from the population."""
    if len(population) == held.cards:
        return rows
    others = set(card_items(held)) - set(population)
    return [row for row in rows if row.contest or join_parts(*row.item) not in others]


# Draws ----------------------------------------------------------------------------------------------


def card_items(manifest: Manifest) -> list[str]:
    """The name of every card of a manifest: jurisdiction, batch, position."""
    return [
        join_parts(batch.jurisdiction, batch.id, str(place))
        for batch in manifest.batches
        for place in range(1, batch.cards + 1)
    ]


def draw_cards(items: Sequence[str], seed: str, n: int) -> list[tuple[str, str]]:
    """The first n of these cards by ticket: pairs (ticket, item). DoorError for no seed, or too many.

    A card's ticket is its own: whoever draws for several contests, each from its own cards, draws some once
    for all of them.
    """
    fitting_seed(seed)
    if n > len(items):
        raise DoorError(f"Found a size of {n:,}; expected at most the {len(items):,} cards there are.")
    return [(one.ticket, one.item) for one in draw_without_replacement(seed, items, n)]


def fitting_seed(seed: str) -> None:
    """Refuse what is not a seed."""
    try:
        check_seed(seed)
    except NumberError as why:
        raise DoorError(f"--seed: found {seed!r}; expected {why.allowed}. Nothing was drawn.") from None
