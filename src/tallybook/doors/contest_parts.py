"""The ballots of one contest from many jurisdictions, and by precinct or any attribute, ready to be counted.

For the command that counts. Each store is asked on its own, wherever the work is done, and the answers are
put together here. Contests and choices of different jurisdictions are one where their names are written alike
and only there; a name that is nearly the same is told, never joined.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from tallybook.doors.cli.shown import DoorError
from tallybook.doors.jurisdictions import INDEX, Entry, each
from tallybook.election import Choice, Contest
from tallybook.election.cards import Ballots, CastVoteRecords, Column, Mark, Pattern, narrowed
from tallybook.election.cards import ballots as grouped
from tallybook.election.cards import ballots_by as grouped_by

if TYPE_CHECKING:
    from tallybook.keep.cards import Store

Parts = dict[str, Ballots]
Names = tuple[tuple[str, str], ...]
Ask = Callable[[str, str, Executor | None], tuple[Parts, tuple[str, ...]]]
"""Takes a contest, an attribute and where to work; gives the parts, and what a person should look at."""

JURISDICTION, BATCH, TABULATOR = "jurisdiction", "batch", "tabulator"


def stores_in(folder: Path) -> tuple[tuple[str, Path], ...]:
    """The stores of a folder by jurisdiction; one nameless one where it is a store itself; else none.

    Raises DoorError where a jurisdiction of the index is missing or is not what was stored.
    """
    from tallybook.keep.cards import is_store, open_store

    if is_store(folder):
        return (("", folder),)
    if not (folder / INDEX).is_file():
        return ()
    try:
        entries = msgspec.json.decode((folder / INDEX).read_bytes(), type=list[Entry])
    except msgspec.MsgspecError as why:
        raise DoorError(f"{folder / INDEX}: cannot be read ({why}). Make the folder again.") from None
    for entry in entries:
        if not is_store(folder / entry.name):
            raise DoorError(
                f"{folder}: the cards of {entry.name} are missing. Nothing is counted without them."
            )
        if open_store(folder / entry.name).fingerprint != entry.fingerprint:
            raise DoorError(
                f"{folder}: the cards of {entry.name} are not those stored. Make the folder again."
            )
    return tuple((entry.name, folder / entry.name) for entry in entries)


def of_stores(stores: Sequence[tuple[str, Path]]) -> tuple[Names, Ask]:
    """The contests of stores (id and name, each name once), and how to get the ballots of one of them."""
    from tallybook.keep.cards import open_store

    opened = [(name, open_store(folder)) for name, folder in stores]
    known: dict[str, str] = {}
    for one in (contest for _, store in opened for contest in store.contests):
        known.setdefault(one.name, one.id)

    def ask(wanted: str, by: str, executor: Executor | None) -> tuple[Parts, tuple[str, ...]]:
        found = {name: named_contest(store.contests, wanted) for name, store in opened}
        attribute = "" if by == JURISDICTION else by
        asked = [
            (name, Question(str(store.folder), contest.id, attribute))
            for name, store in opened
            if (contest := found[name]) is not None
        ]
        if not asked:
            raise DoorError(_no_contest(wanted, known))
        told = [_near(name, store.contests, wanted) for name, store in opened if found[name] is None]
        answers = each(answer, [question for _, question in asked], executor)
        parts = {name: of for (name, _), of in zip(asked, answers, strict=True)}
        return together(parts), tuple(filter(None, told))

    return tuple((id_, name) for name, id_ in known.items()), ask


def of_records(records: CastVoteRecords) -> tuple[Names, Ask]:
    """The same of records that were read and not stored."""

    def ask(wanted: str, by: str, _executor: Executor | None) -> tuple[Parts, tuple[str, ...]]:
        contest = named_contest(records.contests, wanted)
        if contest is None:
            raise DoorError(_no_contest(wanted, [one.name for one in records.contests]))
        return together({"": parts_of(records, contest.id, "" if by == JURISDICTION else by)}), ()

    return tuple((one.id, one.name) for one in records.contests), ask


class Question(msgspec.Struct, frozen=True):
    """What one store is asked: the contest's id, and the attribute to count by ("" for none)."""

    folder: str
    contest_id: str
    by: str


def answer(question: Question) -> Parts:
    """The grouped ballots of one contest in one store, by the attribute's values, or all under ""."""
    from tallybook.keep.cards import ballots, ballots_by, open_store

    store = open_store(Path(question.folder))
    by = meant(question.by, store.columns)
    if by == BATCH and TABULATOR in store.columns:
        return grouped_by(_batches_of(store, question.contest_id), question.contest_id, BATCH)
    if by:
        return ballots_by(store, question.contest_id, by)
    return {"": ballots(store, question.contest_id)}


def _batches_of(store: "Store", contest_id: str) -> CastVoteRecords:
    """The contest alone, with the batch of each card by its tabulator and number."""
    from tallybook.keep.cards import codes, column, patterns

    (contest,) = (one for one in store.contests if one.id == contest_id)
    read = codes(store, contest_id)
    named = batch_names(column(store, TABULATOR), column(store, BATCH))
    known = {contest_id: patterns(store, contest_id)}
    return CastVoteRecords("", (contest,), len(read), known, {contest_id: read}, {BATCH: named})


def batch_names(tabulator: Column, batch: Column) -> Column:
    """The batch of each card as manifests call it, ``<tabulator>-<batch>``: numbers are one tabulator's."""
    if set(tabulator.values) <= {""}:
        return batch
    width = len(batch.values)
    key = tabulator.codes.astype(np.int64) * width + batch.codes
    pairs, codes = np.unique(key, return_inverse=True)
    names = (f"{tabulator.values[pair // width]}-{batch.values[pair % width]}" for pair in pairs.tolist())
    return Column(tuple(names), narrowed(codes))


def meant(by: str, columns: Iterable[str]) -> str:
    """The attribute that a word means: the way of voting is called the group on cards."""
    return "group" if by == "mode" and "mode" not in columns else by


def parts_of(records: CastVoteRecords, contest_id: str, by: str) -> Parts:
    """The same of records that were read and not stored. Raises DoorError for an unknown attribute."""
    by = meant(by, records.columns)
    if by == BATCH and {BATCH, TABULATOR} <= records.columns.keys():
        named = batch_names(records.columns[TABULATOR], records.columns[BATCH])
        records = msgspec.structs.replace(records, columns={**records.columns, BATCH: named})
    if by and by not in records.columns:
        known = ", ".join(records.columns) or "none"
        raise DoorError(f"{by} is not an attribute of the cards of {records.source}; there are: {known}.")
    return grouped_by(records, contest_id, by) if by else {"": grouped(records, contest_id)}


def named_contest(contests: Iterable[Contest], wanted: str) -> Contest | None:
    """The contest of this id or name; a name in other letters or with other blanks counts where it is one.

    Raises DoorError where it could be several.
    """
    known = list(contests)
    for same in (
        lambda one: one.id == wanted,
        lambda one: one.name == wanted,
        lambda one: _key(one.name) == _key(wanted),
    ):
        found = [one for one in known if same(one)]
        if len(found) > 1:
            ids = ", ".join(one.id for one in found)
            raise DoorError(f"{wanted!r} is the name of {len(found)} contests. Say which by its id: {ids}.")
        if found:
            return found[0]
    return None


def together(parts: Mapping[str, Parts]) -> Parts:
    """The parts of all jurisdictions as parts of one contest whose choices are called by their names.

    Keys are ``jurisdiction: value``, or whichever of the two is there. Raises DoorError where the
    jurisdictions differ on the seats or the votes allowed.
    """
    contests = [one.contest for of in parts.values() for one in of.values()]
    if len({(one.seats, one.votes_allowed) for one in contests}) > 1:
        told = f"The exports differ on the seats of {contests[0].name}, or the votes allowed."
        raise DoorError(told, "Nothing was counted; ask which is right.")
    choices = {_called(one, choice): choice.party for one in contests for choice in one.choices}
    joined = msgspec.structs.replace(
        contests[0], choices=tuple(Choice(name, name, party) for name, party in choices.items())
    )
    return {
        ": ".join(filter(None, (jurisdiction, value))): _renamed(ballots, joined)
        for jurisdiction, of in parts.items()
        for value, ballots in of.items()
    }


def added(parts: Iterable[Ballots]) -> Ballots:
    """The parts of one contest as one: equal patterns together, in the order in which they are met."""
    counts: dict[Pattern, int] = {}
    contest = None
    for part in parts:
        contest = part.contest
        for pattern, count in zip(part.patterns, part.counts, strict=True):
            counts[pattern] = counts.get(pattern, 0) + count
    assert contest is not None, "There is a part to add."
    return Ballots(contest, tuple(counts), tuple(counts.values()))


def _renamed(ballots: Ballots, contest: Contest) -> Ballots:
    """The ballots of ``contest``, with names for the ids of choices."""
    names = {choice.id: _called(ballots.contest, choice) for choice in ballots.contest.choices}
    counts: dict[Pattern, int] = {}
    for pattern, count in zip(ballots.patterns, ballots.counts, strict=True):
        marks = tuple(
            Mark(names.get(mark.choice, mark.choice), mark.rank, mark.votes) for mark in pattern.marks
        )
        renamed = Pattern(marks, pattern.flags)
        counts[renamed] = counts.get(renamed, 0) + count
    return Ballots(contest, tuple(counts), tuple(counts.values()))


def _called(contest: Contest, choice: Choice) -> str:
    """A choice's name; with its id where two choices of the contest have one name, or it has none."""
    alike = sum(other.name == choice.name for other in contest.choices)
    if choice.id.partition(":")[0] == "write_in":
        return choice.id
    return choice.name if choice.name and alike == 1 else f"{choice.name} ({choice.id})".strip()


def _no_contest(wanted: str, known: Iterable[str]) -> str:
    names = list(known)
    few = "; ".join(names[:8]) + ("; and more" if len(names) > 8 else "")
    return f"There is no contest {wanted!r} here. There are: {few or 'none'}."


def _near(jurisdiction: str, contests: Iterable[Contest], wanted: str) -> str:
    """What to say of a jurisdiction without the contest: a name that may be the same, spelt otherwise."""
    from tallybook.formats.text import name_key

    same = [one.name for one in contests if name_key(one.name) == name_key(wanted)]
    if not same:
        return ""
    return f"{jurisdiction} is not counted: its {same[0]!r} may be the same contest, spelt otherwise."


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()
