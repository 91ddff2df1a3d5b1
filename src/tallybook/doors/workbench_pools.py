"""ONEAudit on files: some batches are known by their votes alone, all other cards by their records.

For `tallybook plan` and `risk --method ONEAudit`. The pools are the batches of ``--totals``; a card of any
other batch has a record, written under "Reported" (``audit.pools``).
"""

from collections.abc import Mapping, Sequence

import msgspec

from tallybook.audit.assertions import words
from tallybook.audit.assorters import assorter
from tallybook.audit.evidence import scale_of
from tallybook.audit.margins import Margin
from tallybook.audit.measuring import Evidence
from tallybook.audit.pools import Pool, Read, pooled_part
from tallybook.doors.card_records import Kept, Records, agreeing_sums
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.workbench import drawn_cards, margins_of
from tallybook.doors.workbench_batches import fitting_votes
from tallybook.doors.workbench_case import Case, reading_of
from tallybook.doors.workbench_files import CardReading
from tallybook.doors.workbench_measured import Measured, measured_by, with_errors_borne
from tallybook.doors.workbench_points import points_by
from tallybook.doors.workbench_population import against_manifest, card_items, cards_in
from tallybook.election import Manifest
from tallybook.stats.draws import join_parts


def measure_pools(
    case: Case,
    manifest: Manifest,
    pooled: Mapping[str, Mapping[str, int]],
    seed: str,
    rows: Sequence[CardReading],
    records: Records = (),
) -> Measured:
    """ONEAudit: batches of ``pooled`` are known by their votes alone, all other cards by their records."""
    held = against_manifest(case, manifest)
    margins = margins_of(case)
    cards = cards_in(held)
    fitting_pools(case, cards, pooled)
    kept = Kept(records, {name: n for name, n in cards.items() if name not in pooled}) if records else None
    if kept is not None:
        rests = rest_of(case, margins, pooled)
        agreeing_sums(case, kept, margins, rests)
    drawn = drawn_cards(case, card_items(held), seed, [_unrecorded(row, pooled) for row in rows], True, kept)
    reading = reading_of(case, drawn.known)
    pool_of = ["\n".join(item.split("\n")[:2]) for item in drawn.items]
    reads = [
        Read(found, pool=pool) if pool in pooled else Read(found, recorded)
        for found, recorded, pool in zip(drawn.found, drawn.recorded, pool_of, strict=True)
    ]
    own, evidence = case.population.cards - sum(cards[name] for name in pooled), []
    every = pools_of(case, margins, cards, pooled)
    for margin, pools, rest in zip(margins, every, rest_of(case, margins, pooled), strict=True):
        scale = scale_of(assorter(margin.assertion, reading))
        part = pooled_part(scale, own, rest, pools, reads, lacking=case.population.lacking)
        evidence.append(Evidence(words(margin.assertion), (part,)))
    return with_errors_borne(case, measured_by(case, evidence, {}), evidence, [("", "ONEAudit")])


def pools_of(
    case: Case,
    margins: Sequence[Margin],
    cards: Mapping[str, int],
    pooled: Mapping[str, Mapping[str, int]],
) -> list[dict[str, Pool]]:
    """The pools of each assertion: their cards, and their reported points."""
    points = {name: points_by(case, margins, votes) for name, votes in pooled.items()}
    return [
        {name: Pool(cards[name], of[place]) for name, of in points.items()} for place in range(len(margins))
    ]


def rest_of(case: Case, margins: Sequence[Margin], pooled: Mapping[str, Mapping[str, int]]) -> list[int]:
    """The points under each assertion of all cards that are in no pool."""
    points = [points_by(case, margins, votes) for votes in pooled.values()]
    return [margin.sum - sum(of[place] for of in points) for place, margin in enumerate(margins)]


def fitting_pools(case: Case, cards: Mapping[str, int], pooled: Mapping[str, Mapping[str, int]]) -> None:
    """Refuse pools that are no batches of the manifest, or hold more votes than cards, or than reported."""
    strange = sorted(set(pooled) - set(cards))
    if strange:
        shown = ", ".join(one.replace("\n", " ") for one in strange[:5])
        raise DoorError(f"Manifest and totals do not have the same batches: {shown}. Nothing was drawn.")
    fitting_votes(case, cards, pooled)
    for choice, votes in () if case.is_by_reading else case.tally.votes:
        found = sum(one[choice] for one in pooled.values())
        if found > votes:
            raise DoorError(
                f"The pools have {found:,} votes for {choice}; {votes:,} were reported. Nothing was drawn."
            )


def _unrecorded(row: CardReading, pooled: Mapping[str, object]) -> CardReading:
    """A card of a pool has no record of its own; whatever stands there is not used."""
    if join_parts(*row.item[:2]) in pooled:
        return msgspec.structs.replace(row, reported="blank")
    return row
