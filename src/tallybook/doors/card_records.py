"""The records of drawn cards, looked up where the cards lie: a folder of `tallybook cards`, or an export.

For `tallybook risk`, so that nobody copies records by hand. A card is named as a manifest names it: its
jurisdiction, its batch (``<tabulator>-<batch>`` where cards have tabulators), its place in the batch from 1,
in the order of the export, which is that of the batch. A place beyond the last record of a batch has no
record: a phantom. What the records of the audited batches add up to must be what was reported.
"""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from tallybook.audit.assertions import words
from tallybook.audit.assorters import assorter
from tallybook.audit.margins import Margin
from tallybook.audit.styles import places_by_record
from tallybook.doors.cli.shown import DoorError
from tallybook.doors.workbench_case import Case, reading_of
from tallybook.election import Choice, Contest
from tallybook.election.cards import CastVoteRecords, Codes, Mark, Pattern

Places = NDArray[np.int64]

BATCH, TABULATOR = "batch", "tabulator"


class Shelf(msgspec.Struct, frozen=True, eq=False):
    """The cards of one jurisdiction ("" for whichever it is): the batch and the reading of each, in order.

    code 0 of a reading says that the contest is not on the card, k that it bears ``patterns[k - 1]``.
    """

    jurisdiction: str
    batches: tuple[str, ...]
    of_batch: Codes
    codes: Codes
    patterns: tuple[Pattern, ...]


Records = tuple[Shelf, ...]


def open_records(source: Path, case: Case) -> Records:
    """The records of a contest, its choices called as the contest file calls them. DoorError where none."""
    from tallybook.doors.contest_parts import stores_in
    from tallybook.doors.exports import read_export, size_of

    size_of(source)
    stores = stores_in(source) if source.is_dir() else ()
    if stores:
        held = [(name, _of_store(folder, case)) for name, folder in stores]
    else:
        records = read_export(source).records
        if records is None:
            raise DoorError(f"{source} holds no records of single cards. Make a folder with tallybook cards.")
        held = [("", records)]
    shelves = [_shelf(name, one, case, source) for name, one in held if one is not None]
    found = tuple(one for one in shelves if one is not None)
    if not found:
        raise DoorError(f"{source} has no contest {case.contest.name} ({case.contest.id}).")
    return found


class Kept(msgspec.Struct, frozen=True, eq=False):
    """Records, and the batches (jurisdiction, line feed, batch) that have them -> cards in the manifest."""

    records: Records
    cards: Mapping[str, int]


def looked_up(kept: Kept, items: Sequence[str]) -> list[Pattern | None]:
    """What was recorded of each item; None where the record lacks the contest, or there is no record."""
    places: dict[str, tuple[Shelf, Places]] = {}
    found: list[Pattern | None] = []
    for item in items:
        batch, _, position = item.rpartition("\n")
        if batch not in kept.cards:
            found.append(None)
            continue
        if batch not in places:
            places[batch] = _batch(kept.records, batch, kept.cards)
        shelf, lying = places[batch]
        place = int(position)
        code = int(shelf.codes[lying[place - 1]]) if place <= len(lying) else 0
        found.append(shelf.patterns[code - 1] if code else None)
    return found


def items_by_record(kept: Kept) -> list[str]:
    """The cards of these batches whose record bears the contest, and those that have no record."""
    items = []
    for batch, cards in kept.cards.items():
        shelf, lying = _batch(kept.records, batch, kept.cards)
        items += [f"{batch}\n{place}" for place in places_by_record(shelf.codes[lying], cards).tolist()]
    return items


def grouped_in(records: Records, batches: Collection[str]) -> tuple[tuple[Pattern, ...], tuple[int, ...]]:
    """The records of these batches that bear the contest, grouped by reading."""
    total: dict[Pattern, int] = {}
    for shelf in records:
        mine = [at for at, name in enumerate(shelf.batches) if _is_in(shelf, name, batches)]
        lying = np.isin(shelf.of_batch, mine)
        counts = np.bincount(shelf.codes[lying], minlength=len(shelf.patterns) + 1)[1:]
        for pattern, count in zip(shelf.patterns, counts.tolist(), strict=True):
            if count:
                total[pattern] = total.get(pattern, 0) + count
    return tuple(total), tuple(total.values())


def agreeing_sums(case: Case, kept: Kept, margins: Sequence[Margin], reported: Sequence[int]) -> None:
    """Refuse records that do not add up to the points reported for their batches under each assertion."""
    for batch in kept.cards:
        _batch(kept.records, batch, kept.cards)
    patterns, counts = grouped_in(kept.records, kept.cards)
    reading = reading_of(case, patterns)
    for margin, points in zip(margins, reported, strict=True):
        found = int(assorter(margin.assertion, reading).weights @ np.array(counts, dtype=np.int64))
        if found != points:
            raise DoorError(
                f"{case.contest.id}: the records of these batches give {found:,} points, {points:,} were "
                f"reported: {words(margin.assertion)} Find out which is wrong, or count every card. Nothing "
                "was measured."
            )


def _is_in(shelf: Shelf, name: str, batches: Collection[str]) -> bool:
    if shelf.jurisdiction:
        return f"{shelf.jurisdiction}\n{name}" in batches
    return any(batch.partition("\n")[2] == name for batch in batches)


def _batch(records: Records, batch: str, cards: Mapping[str, int]) -> tuple[Shelf, Places]:
    """The shelf of a batch, and where its cards lie on it. DoorError where the records have no such batch."""
    jurisdiction, _, name = batch.partition("\n")
    several = len({one.partition("\n")[0] for one in cards}) > 1
    for shelf in records:
        if shelf.jurisdiction not in ("", jurisdiction) or name not in shelf.batches:
            continue
        if not shelf.jurisdiction and several:
            raise DoorError(
                "The manifest has several jurisdictions; the records say of none where they are from. Make "
                "a folder with tallybook cards EXPORT EXPORT ..., one export a jurisdiction."
            )
        lying = np.flatnonzero(shelf.of_batch == shelf.batches.index(name))
        if len(lying) > cards.get(batch, 0):
            raise DoorError(
                f"{jurisdiction}, {name}: found {len(lying):,} records; expected at most the "
                f"{cards.get(batch, 0):,} cards of the manifest. Nothing was drawn."
            )
        return shelf, lying
    known = [name for shelf in records if shelf.jurisdiction in ("", jurisdiction) for name in shelf.batches]
    few = ", ".join(known[:5]) + (" and more" if len(known) > 5 else "")
    raise DoorError(
        f"{jurisdiction}, {name}: the records have no such batch; there are: {few or 'none'}. A batch with a "
        "tabulator is called TABULATOR-BATCH; batches without records are a polled stratum, or pools."
    )


def _of_store(folder: Path, case: Case) -> CastVoteRecords | None:
    """The one contest of a store, with what names the batch of each card."""
    from tallybook.keep.cards import codes, column, open_store, patterns

    store = open_store(folder)
    contest = _named(store.contests, case)
    if contest is None:
        return None
    columns = {name: column(store, name) for name in (TABULATOR, BATCH) if name in store.columns}
    read, known = codes(store, contest.id), patterns(store, contest.id)
    return CastVoteRecords("", (contest,), len(read), {contest.id: known}, {contest.id: read}, columns)


def _shelf(jurisdiction: str, records: CastVoteRecords, case: Case, source: Path) -> Shelf | None:
    from tallybook.doors.contest_parts import batch_names

    contest = _named(records.contests, case)
    if contest is None:
        return None
    if BATCH not in records.columns:
        raise DoorError(f"{source}: these records do not say in which batch a card lies; none can be found.")
    by = records.columns[BATCH]
    if TABULATOR in records.columns:
        by = batch_names(records.columns[TABULATOR], by)
    renamed = _renamed(records.patterns[contest.id], contest, case, source)
    return Shelf(jurisdiction, by.values, by.codes, records.codes[contest.id], renamed)


def _named(contests: Sequence[Contest], case: Case) -> Contest | None:
    """The contest of the records that the case is about: by its name, else by its id."""
    from tallybook.doors.contest_parts import named_contest

    found = named_contest(contests, case.contest.name)
    return found if found is not None else named_contest(contests, case.contest.id.split(", seat ")[0])


def _renamed(patterns: Sequence[Pattern], contest: Contest, case: Case, source: Path) -> tuple[Pattern, ...]:
    """The readings with the choices called as in the case."""
    names = {one.id: found for one in contest.choices if (found := _called(one, case.contest)) is not None}
    strange = sorted(
        {
            mark.choice
            for pattern in patterns
            for mark in pattern.marks
            if mark.choice not in names and mark.choice.partition(":")[0] != "write_in"
        }
    )
    if strange:
        choices = ", ".join(one.name for one in case.contest.choices)
        raise DoorError(
            f"{source}: the records have votes for {strange[0]}, who is not among the choices of "
            f"{case.contest.id} ({choices})."
        )
    return tuple(
        Pattern(
            tuple(Mark(names.get(m.choice, m.choice), m.rank, m.votes) for m in pattern.marks), pattern.flags
        )
        for pattern in patterns
    )


def _called(choice: Choice, contest: Contest) -> str | None:
    """The id that a choice of the records has in the case: by its name, else by its id; None where none."""
    name = choice.name.casefold()
    by_name = [one.id for one in contest.choices if name in (one.id.casefold(), one.name.casefold())]
    if len(by_name) == 1:
        return by_name[0]
    return choice.id if choice.id in contest.choice_ids else None
