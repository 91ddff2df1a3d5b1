"""Several strata in one contest, on files: counties, or cards with and without records, under one limit.

For `tallybook draw`, `risk` and `plan` where a contest of the contest file has strata. Each stratum is a set
of batches of the manifest with its own kind of evidence (polling, card comparison, batches, pools)
and its own draw; ranked contests have RAIRE's assertions in every stratum. The risk is that of the union test
(``audit.strata``). Cards of the contest in no stratum count at their worst. With one compared and one polled
stratum SUITE's risk can stand beside ours.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import msgspec
import numpy as np

from tallybook.audit.assertions import Ahead, words
from tallybook.audit.assorters import assorter
from tallybook.audit.batches import STEPS, Bounds, batch_bounds, number_of
from tallybook.audit.batches import prior as batch_prior
from tallybook.audit.comparison import comparison_prior, overstatement_part
from tallybook.audit.evidence import Part, Scale, points_of, reported_points, scale_of
from tallybook.audit.margins import Margin
from tallybook.audit.measuring import Evidence
from tallybook.audit.other_plans import HybridShape, suite_p
from tallybook.audit.polling import polling_part
from tallybook.audit.pools import Pool, Read, pooled_stratum
from tallybook.doors.card_records import Kept, Records, agreeing_sums, open_records
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.contest_parts import stores_in
from tallybook.doors.workbench import codes_read, margins_of, recorded_codes
from tallybook.doors.workbench_batches import draw_batches, fitting_votes, same_batches
from tallybook.doors.workbench_case import Case, Reported, reading_of, reported_in, singles
from tallybook.doors.workbench_files import CardReading, StratumRow
from tallybook.doors.workbench_measured import Measured, measured_by, with_errors_borne
from tallybook.doors.workbench_points import points_by, points_in
from tallybook.doors.workbench_population import card_items, cards_in, draw_cards, refuse_readings
from tallybook.election import Manifest
from tallybook.election.cards import Pattern
from tallybook.stats.certainty import publish
from tallybook.stats.draws import join_parts

Totals = Mapping[str, Mapping[str, int]]


class Files(msgspec.Struct, frozen=True):
    """What was read: the manifest, readings of cards, and of batch strata reported totals and hand counts."""

    manifest: Manifest
    readings: Sequence[CardReading] = ()
    totals: Totals = {}
    counted: Totals = {}
    draws: Mapping[str, int] = {}
    records: Records = ()


def manifests_of(case: Case, manifest: Manifest) -> dict[str, Manifest]:
    """Stratum -> its batches. Refuses batches of two strata, and strata that hold other than their cards."""
    found: dict[str, list[object]] = {one.name: [] for one in case.strata}
    for batch in manifest.batches:
        fits = [s.name for s in case.strata if _holds(s, batch.jurisdiction, batch.container)]
        if len(fits) > 1:
            raise DoorError(
                f"{batch.jurisdiction}, {batch.id} lies in the strata {' and '.join(fits)}; a batch lies in"
                " one. Name jurisdictions or containers for each. Nothing was drawn."
            )
        if fits:
            found[fits[0]].append(batch)
    held = {name: Manifest(tuple(batches)) for name, batches in found.items()}  # type: ignore[arg-type]
    for one in case.strata:
        if held[one.name].cards != one.cards:
            raise DoorError(
                f"{case.contest.id}, {one.name}: found {held[one.name].cards:,} cards in the manifest; "
                f"expected the {one.cards:,} of the stratum. Nothing was drawn."
            )
    return held


def _holds(stratum: StratumRow, jurisdiction: str, container: str) -> bool:
    return (not stratum.jurisdictions or jurisdiction in stratum.jurisdictions) and (
        not stratum.containers or container in stratum.containers
    )


def draw_strata(
    case: Case, manifest: Manifest, totals: Totals, seed: str, sizes: Mapping[str, int]
) -> list[tuple[str, str, str]]:
    """Each stratum's draw: rows (stratum, ticket, item); of batches no ticket, in the order of the draw."""
    strange = sorted(set(sizes) - {one.name for one in case.strata})
    if strange:
        raise DoorError(
            f"There is no stratum {strange[0]}. There is: {', '.join(s.name for s in case.strata)}."
        )
    held = manifests_of(case, manifest)
    rows = []
    for one in case.strata:
        size = sizes.get(one.name, 0)
        if one.how == "batch_comparison" and size:
            bounds = bounds_in(case, one, held[one.name], totals)
            drawn = draw_batches(bounds, seed, f"{case.contest.id} {one.name}", size)
            rows += [(one.name, "", item) for item in drawn]
        elif size:
            rows += [
                (one.name, ticket, item)
                for ticket, item in draw_cards(card_items(held[one.name]), seed, size)
            ]
    return rows


def totals_in(case: Case, stratum: StratumRow, manifest: Manifest, totals: Totals) -> Totals:
    """The reported votes of a stratum's batches. Refuses those that are not what the stratum reports."""
    mine = {name: votes for name, votes in totals.items() if name in cards_in(manifest)}
    same_batches(case, manifest, mine)
    if case.is_by_reading:
        margins = margins_of(case)
        found = [sum(of) for of in zip(*(points_by(case, margins, v) for v in mine.values()), strict=True)]
        if found != points_in(case, stratum, margins):
            raise DoorError(
                f"{case.contest.id}, {stratum.name}: the readings by batch do not add up to those of the "
                "stratum. Nothing was drawn."
            )
        return mine
    sums = {choice: sum(votes[choice] for votes in mine.values()) for choice in stratum.votes}
    if sums != dict(stratum.votes):
        raise DoorError(
            f"{case.contest.id}, {stratum.name}: the totals by batch add up to {sums}; the stratum reports "
            f"{dict(stratum.votes)}. Nothing was drawn."
        )
    return mine


def bounds_in(case: Case, stratum: StratumRow, manifest: Manifest, totals: Totals) -> Bounds:
    """The weights of a stratum's batches: the most that each can take from any assertion's whole margin."""
    mine, margins = totals_in(case, stratum, manifest, totals), margins_of(case)
    by_batch = {name: points_by(case, margins, votes) for name, votes in mine.items()}
    points = [{name: of[place] for name, of in by_batch.items()} for place in range(len(margins))]
    return batch_bounds(points, cards_in(manifest), [m.least for m in margins], [m.sum for m in margins])


def measure_strata(case: Case, files: Files, seed: str, method: str) -> Measured:
    """The risk of a contest from the samples of its strata."""
    margins = margins_of(case)
    held = manifests_of(case, files.manifest)
    known_batches = {name for one in held.values() for name in cards_in(one)}
    lost = [row for row in files.readings if join_parts(*row.item[:2]) not in known_batches]
    refuse_readings([], [join_parts(*row.item) for row in lost])
    parts = [_parts(case, one, held[one.name], files, seed, margins) for one in case.strata]
    outside = max(0, case.population.cards - sum(one.cards for one in case.strata))
    evidence = [
        Evidence(words(margin.assertion), tuple(of[place] for of in parts), margin.least * outside)
        for place, margin in enumerate(margins)
    ]
    other = {"SUITE": publish(_suite(case, margins, parts))} if method == "SUITE" else {}
    measured = measured_by(case, evidence, other)
    kinds = [(one.name, one.how) for one in case.strata]
    return with_next_round(case, with_errors_borne(case, measured, evidence, kinds))


def with_next_round(case: Case, measured: Measured) -> Measured:
    """The same, with the next round's draws of each stratum by name."""
    shares = measured.decision.shares
    if not shares:
        return measured
    return msgspec.structs.replace(
        measured, shared={one.name: n for one, n in zip(case.strata, shares, strict=True)}
    )


def _parts(
    case: Case,
    stratum: StratumRow,
    manifest: Manifest,
    files: Files,
    seed: str,
    margins: Sequence[Margin],
) -> list[Part]:
    """One stratum's numbers for every assertion."""
    if stratum.how == "batch_comparison":
        return _batch_parts(case, stratum, manifest, files, seed, margins)
    rows = [
        row
        for row in files.readings
        if join_parts(*row.item[:2]) in cards_in(manifest) and row.contest in ("", case.contest.id)
    ]
    items = [item for _, item in draw_cards(card_items(manifest), seed, len({row.item for row in rows}))]
    refuse_readings(items, [join_parts(*row.item) for row in rows])
    by_item = {join_parts(*row.item): row for row in rows}
    ordered = [by_item[item] for item in items]
    mine = reported_in(case, stratum)
    known: dict[Pattern, int] = {one: place for place, one in enumerate(mine.patterns or singles(case), 1)}
    found = codes_read(case, ordered, known)
    if stratum.how == "card_comparison":
        return _compared_parts(case, stratum, manifest, files, margins, ordered, found, known)
    scales = _scales(case, margins, known)
    if stratum.how == "pools":
        return _pooled_parts(case, stratum, manifest, files, margins, scales, items, found)
    votes = _reported_votes(mine, known) if mine.patterns else _single_votes(stratum, known)
    return [polling_part(scale, stratum.cards, found, case.population.lacking, votes) for scale in scales]


def _scales(case: Case, margins: Sequence[Margin], known: Mapping[Pattern, int]) -> list[Scale]:
    reading = reading_of(case, tuple(known))
    return [scale_of(assorter(margin.assertion, reading)) for margin in margins]


def _reported_votes(mine: Reported, known: Mapping[Pattern, int]) -> list[int]:
    """How many cards were reported with each reading; none of those that were not reported."""
    return [*mine.counts, *[0] * (len(known) - len(mine.counts))]


def _single_votes(stratum: StratumRow, known: Mapping[Pattern, int]) -> list[int]:
    """How many cards were reported with each reading, of totals: single marks."""
    return [stratum.votes.get(p.marks[0].choice, 0) if len(p.marks) == 1 else 0 for p in known]


def _compared_parts(
    case: Case,
    stratum: StratumRow,
    manifest: Manifest,
    files: Files,
    margins: Sequence[Margin],
    rows: Sequence[CardReading],
    found: Sequence[int],
    known: dict[Pattern, int],
) -> list[Part]:
    """A compared stratum; its own reported sum may be negative, as long as the contest's is not."""
    reported = points_in(case, stratum, margins)
    records = records_of_stratum(case, stratum, files.records)
    kept = Kept(records, cards_in(manifest)) if records else None
    if kept is not None:
        agreeing_sums(case, kept, margins, reported)
    items = [join_parts(*row.item) for row in rows]
    recorded = recorded_codes(case, rows, items, known, kept)
    parts = []
    for scale, G in zip(_scales(case, margins, known), reported, strict=True):
        o = reported_points(scale, recorded) - points_of(scale, found, case.population.lacking)
        parts.append(overstatement_part(scale.span, stratum.cards, G, o, comparison_prior(scale)))
    return parts


def records_of_stratum(case: Case, stratum: StratumRow, records: Records) -> Records:
    """The records of a stratum: those that were named, else those that it was counted from, if in batches."""
    source = reported_in(case, stratum).source
    if records or source is None or not source.is_dir() or not stores_in(source):
        return records
    return open_records(source, case)


def _pooled_parts(
    case: Case,
    stratum: StratumRow,
    manifest: Manifest,
    files: Files,
    margins: Sequence[Margin],
    scales: Sequence[Scale],
    items: Sequence[str],
    found: Sequence[int],
) -> list[Part]:
    """A stratum of which every batch is a pool: no card has a record, each batch has its votes."""
    cards, totals = cards_in(manifest), totals_in(case, stratum, manifest, files.totals)
    fitting_votes(case, cards, totals)
    by_batch = {name: points_by(case, margins, votes) for name, votes in totals.items()}
    reads = [Read(code, pool=item.rpartition("\n")[0]) for item, code in zip(items, found, strict=True)]
    return [
        pooled_stratum(
            scale, 0, 0, {name: Pool(cards[name], of[place]) for name, of in by_batch.items()}, reads
        )
        for place, scale in enumerate(scales)
    ]


def _batch_parts(
    case: Case,
    stratum: StratumRow,
    manifest: Manifest,
    files: Files,
    seed: str,
    margins: Sequence[Margin],
) -> list[Part]:
    """A stratum of batches: taints over shares of the whole margin (``audit.batches``)."""
    bounds = bounds_in(case, stratum, manifest, files.totals)
    draws = files.draws.get(stratum.name, 0)
    drawn = draw_batches(bounds, seed, f"{case.contest.id} {stratum.name}", draws) if draws else ()
    counted = {name: votes for name, votes in files.counted.items() if name in cards_in(manifest)}
    refuse_readings(list(dict.fromkeys(drawn)), list(counted))
    fitting_votes(case, cards_in(manifest), counted)
    reported = points_in(case, stratum, margins)
    told = {name: points_by(case, margins, files.totals[name]) for name in counted}
    read = {name: points_by(case, margins, votes) for name, votes in counted.items()}
    found = []
    for place, margin in enumerate(margins):
        N = -(-sum(bounds.weights.values()) * margin.sum // bounds.scale)
        errors = {name: told[name][place] - read[name][place] for name in counted}
        x = np.array([number_of(bounds, N, unit, errors) for unit in drawn], dtype=np.int64)
        offset = (N - reported[place]) * STEPS
        found.append(Part(x, 2 * STEPS, N, offset, STEPS, batch_prior(), replace=True, capped=True))
    return found


def _suite(case: Case, margins: Sequence[Margin], parts: Sequence[Sequence[Part]]) -> Fraction:
    """SUITE's risk: the largest over the pairs, from one compared and one polled stratum."""
    kinds = [one.how for one in case.strata]
    if sorted(kinds) != ["card_comparison", "polling"]:
        raise DoorError("SUITE needs one stratum of card comparison and one of polling. Use --method strata.")
    if not all(isinstance(margin.assertion, Ahead) for margin in margins):
        raise DoorError("SUITE knows plurality alone. Use --method strata.")
    c, p = kinds.index("card_comparison"), kinds.index("polling")
    risks = [
        _suite_of_pair(hybrid_shape(case, margin), parts[c][place], parts[p][place])
        for place, margin in enumerate(margins)
    ]
    return max(risks)


def _suite_of_pair(shape: HybridShape, compared: Part, polled: Part) -> Fraction:
    span = compared.top // 2
    o1, o2 = (int((compared.x == span - k).sum()) for k in (1, 2))
    wins, losses = (int((polled.x == value).sum()) for value in (polled.top, 0))
    found = (wins, losses, len(polled.x) - wins - losses)
    return Fraction(min(1.0, suite_p(shape, len(compared.x), found, o1, o2)))


def hybrid_shape(case: Case, margin: Margin) -> HybridShape:
    """The two strata of a plurality assertion, as SUITE sees them."""
    assert isinstance(margin.assertion, Ahead)
    winner, loser = margin.assertion.winner, margin.assertion.loser
    (compared,) = (one for one in case.strata if one.how == "card_comparison")
    (polled,) = (one for one in case.strata if one.how == "polling")
    return HybridShape(
        compared.cards,
        compared.votes.get(winner, 0) - compared.votes.get(loser, 0),
        polled.cards,
        polled.votes.get(winner, 0),
        polled.votes.get(loser, 0),
    )
