"""Dominion Democracy Suite's JSON export, versions 4.21 to 5.17: manifests and one or many CvrExport files.

For whoever counts or audits from it. The facts of the format were read in the vendor's description of the
export and in published exports. What is counted is the state marked current: the original reading, or the
modified one that replaces it whole. In contests without ranks a mark counts where IsVote is true. In ranked
contests IsVote means different things in different versions (5.5 sets it false on every rank but the first),
so marks that are not ambiguous are taken, and the contest's rule judges the ranks. Outstack condition 7,
which no manifest names, is a contest that the voter was not eligible for.
What contradicts the export's own manifests is grave.
"""

import re
from array import array
from collections.abc import Iterator, Mapping, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from tallybook.election.cards import Column, Mark, Pattern
from tallybook.formats.archives import Folder, Unreadable, base_name
from tallybook.formats.dominion_manifests import EXPORT_AGAIN, Manifests, Natural, contests_of, read_manifests
from tallybook.formats.dominion_stream import Parts
from tallybook.formats.gathering import Gathering, Numbering, column_of_numbers, spread, without_repeats
from tallybook.formats.problems import Consequence, Problems, Reading, shown

BLOCK = 20_000
CVR_FILE = re.compile(r"CvrExport(?:_(\d+))?\.json", re.IGNORECASE)
IMAGE_NAME = re.compile(r"[0-9]{5}_[0-9]{5}_([0-9]{1,15})")
DIGITS = re.compile(r"([0-9]{1,15})")
OVERVOTE, INVALID_CONTEST = 5, 7
COLUMNS = ("tabulator", "batch", "record", "sheet", "precinct", "style", "group")
IDENTITY = ("tabulator", "batch", "record", "sheet")


class SessionMark(msgspec.Struct, frozen=True, rename="pascal", gc=False):
    """A mark, without its density and position, which no count depends on."""

    candidate_id: Natural
    rank: Natural = 1
    is_ambiguous: bool = False
    is_vote: bool = True
    writein_index: Natural | None = None


class SessionContest(msgspec.Struct, frozen=True, rename="pascal", gc=False):
    """A contest on a card. Equal ones have one reading, so each distinct one is interpreted once."""

    id: Natural
    marks: tuple[SessionMark, ...]
    undervotes: Natural | None = None
    overvotes: Natural | None = None
    outstack_condition_ids: tuple[int, ...] = ()


class SessionCard(msgspec.Struct, frozen=True, rename="pascal", gc=False):
    """A card of a session; ``id`` tells the session's cards apart."""

    contests: tuple[SessionContest, ...]
    id: Natural = 0


class State(msgspec.Struct, frozen=True, rename="pascal", gc=False):
    """A reading of a session: with cards since version 5.5, with contests only before."""

    is_current: bool
    ballot_type_id: Natural
    precinct_portion_id: Natural
    cards: tuple[SessionCard, ...] | None = None
    contests: tuple[SessionContest, ...] | None = None


class Session(msgspec.Struct, frozen=True, rename="pascal", gc=False):
    """What a voter's ballot left on a tabulator: one card, or several of one voter."""

    tabulator_id: Natural
    batch_id: Natural
    record_id: Natural | str
    original: State
    modified: State | None = None
    counting_group_id: Natural = 0
    image_mask: str = ""


class Flaw(msgspec.Struct, frozen=True):
    """What contradicts the manifests in one distinct reading, and where it was first met."""

    file: str
    session: int
    found: str
    expected: str


def read(folder: Folder) -> Reading:
    """The cards of an export: a folder with its manifests and CvrExport files, at any depth.

    Columns: tabulator, batch, record, sheet, precinct, style, group. Contest and choice ids are the export's
    own numbers as text. A write-in is ``write_in``, one in a further slot ``write_in:slot 2`` and so on.
    """
    problems = Problems()
    manifests = read_manifests(folder, problems)
    exports = sorted((name for name in folder.names() if CVR_FILE.fullmatch(base_name(name))), key=_number)
    if not exports:
        found, expected = "no CvrExport file", "CvrExport.json, or CvrExport_1.json and so on"
        problems.add(Consequence.GRAVE, folder.name, found, expected, EXPORT_AGAIN)
    if problems.grave:
        return problems.reading(None)
    cards = _Cards(manifests, problems)
    elections: dict[str, str] = {}
    for name in exports:
        _read_export(folder, name, cards, elections, problems)
    cards.finish()
    if len(elections) > 1:
        found, expected = f"exports of {len(elections)} elections", "one election in one bundle"
        problems.add(Consequence.GRAVE, ", ".join(elections.values()), found, expected, EXPORT_AGAIN)
    records = cards.gathering.records(folder.name, contests_of(manifests))
    return problems.reading(without_repeats(records, IDENTITY, folder.name, problems))


def _number(name: str) -> tuple[int, str]:
    match = CVR_FILE.fullmatch(base_name(name))
    return int(match[1] or 0) if match else 0, name


def _read_export(
    folder: Folder, name: str, cards: "_Cards", elections: dict[str, str], problems: Problems
) -> None:
    """One CvrExport file into the cards."""
    parts = Parts(iter(folder.pieces(name)), name, Session)
    done = 0
    try:
        for sessions in parts:
            for number, session in enumerate(sessions, done + 1):
                cards.add(session, name, number)
            done += len(sessions)
    except Unreadable as why:
        problems.add(Consequence.GRAVE, *why.told, row=done + 1)
    elections.setdefault(str(parts.head.election_id), name)


class _Cards:
    """Sessions on their way to columns. Kept per card: its numbers and one number per contest."""

    def __init__(self, manifests: Manifests, problems: Problems) -> None:
        self.gathering = Gathering()
        self._problems, self._manifests = problems, manifests
        self._readings = _Readings(manifests, self.gathering)
        self._empty_block()

    def _empty_block(self) -> None:
        self._numbers, self._cells, self._lengths = array("q"), array("q"), array("q")
        self._changed: list[tuple[int, list[int], list[int]]] = []

    def add(self, session: Session, file: str, number: int) -> None:
        """One session: its current state, and where people changed it, what it was before."""
        self._readings.file, self._readings.session = file, number
        state = session.original if session.original.is_current else session.modified
        if state is None or not state.is_current:
            mend = "Finish the adjudication of this session, then export again."
            found = "neither state marked as current"
            self._problems.add(Consequence.GRAVE, file, found, "one current state", mend, row=number)
            return
        cards = _cards_of(state)
        if cards is None:
            found, expected = "a state with neither Cards nor Contests", "the contests of a card"
            self._problems.add(Consequence.GRAVE, file, found, expected, EXPORT_AGAIN, row=number)
            return
        record = self._record(session, file, number)
        if state is session.modified:
            self._note_changes(cards, _cards_of(session.original) or (), file, number)
        reading = self._readings.__getitem__
        for card in cards:
            self._cells.extend(map(reading, card.contests))
            self._lengths.append(len(card.contests))
            self._numbers.extend(
                (session.tabulator_id, session.batch_id, record, card.id, state.precinct_portion_id,
                 state.ballot_type_id, session.counting_group_id)
            )  # fmt: skip
        if len(self._lengths) >= BLOCK:
            self.close_block()

    def _record(self, session: Session, file: str, number: int) -> int:
        """The record's number; from the image's name, where the export hides it as X."""
        if isinstance(session.record_id, int):
            return session.record_id
        match = DIGITS.fullmatch(session.record_id) or IMAGE_NAME.search(session.image_mask)
        if match:
            return int(match[1])
        found = f"the RecordId {shown(session.record_id)} and no number in ImageMask"
        mend = "The card cannot be told from others. Ask for an export with record numbers."
        self._problems.add(Consequence.GRAVE, file, found, "a record's number", mend, row=number)
        return 0

    def _note_changes(
        self, cards: Sequence[SessionCard], before: Sequence[SessionCard], file: str, number: int
    ) -> None:
        """Remember, card by card, the contests whose reading people changed."""
        old = [{contest.id: contest for contest in card.contests} for card in before]
        new = [{contest.id: contest for contest in card.contests} for card in cards]
        if [list(card) for card in old] != [list(card) for card in new]:
            found, expected = "a modified state with other contests", "the contests of the original state"
            mend = "The modified state was taken whole. Look at this card's image."
            self._problems.add(Consequence.COUNT, file, found, expected, mend, row=number)
            return
        for place, (first, last) in enumerate(zip(old, new, strict=True), len(self._lengths)):
            changed = [one for one in last if first[one] != last[one]]
            if changed:
                then, now = ([self._readings[card[one]] for one in changed] for card in (first, last))
                self._changed.append((place, then, now))

    def close_block(self) -> None:
        """Turn what was gathered into columns of codes."""
        count = len(self._lengths)
        numbers = np.frombuffer(self._numbers, np.int64).reshape(count, len(COLUMNS))
        lengths = np.frombuffer(self._lengths, np.int64)
        cell = np.frombuffer(self._cells, np.int64)
        contest, code = self._readings.tables()
        table = spread(cell, lengths, contest, code, len(self._readings.contests))
        style = np.repeat(numbers[:, COLUMNS.index("style")], lengths)
        self._check_block(int(np.count_nonzero(table)), contest[cell], style)
        self._readings.count(cell)
        original = self._adjudicated(table, contest, code)
        ids = list(self._readings.contests)
        self.gathering.add(
            count,
            {str(ids[row]): table[row] for row in np.flatnonzero(table.any(axis=1))},
            {name: self._column(name, numbers[:, place]) for place, name in enumerate(COLUMNS)},
            {str(ids[row]): codes for row, codes in original.items()},
        )
        self._empty_block()

    def _adjudicated(
        self, table: npt.NDArray[np.uint32], contest: npt.NDArray[np.int64], code: npt.NDArray[np.int64]
    ) -> dict[int, npt.NDArray[np.uint32]]:
        """Flag in the table what people changed; give the codes before, for contests where any changed."""
        original: dict[int, npt.NDArray[np.uint32]] = {}
        ids = list(self._readings.contests)
        for place, then, now in self._changed:
            for old, new in zip(then, now, strict=True):
                row = int(contest[new])
                if code[old] != code[new]:
                    before = original.setdefault(row, table[row].copy())
                    pattern = self.gathering.pattern(str(ids[row]), int(code[new]))
                    flags = tuple(sorted({*pattern.flags, "adjudicated"}))
                    flagged = msgspec.structs.replace(pattern, flags=flags)
                    before[place] = code[old]
                    table[row, place] = self.gathering.code(str(ids[row]), flagged)
        return original

    def _check_block(
        self, on_cards: int, contest: npt.NDArray[np.int64], style: npt.NDArray[np.int64]
    ) -> None:
        if on_cards < contest.size:
            found, times = "a contest twice on one card", contest.size - on_cards
            where = self._readings.file
            self._problems.add(
                Consequence.GRAVE, where, found, "each contest once", EXPORT_AGAIN, times=times
            )
        if not self._manifests.ballot_type_contests:
            return
        ids = np.fromiter(self._readings.contests, np.int64, len(self._readings.contests))
        pairs, times_of = np.unique(np.stack([style, ids[contest]]), axis=1, return_counts=True)
        for (type_, one), times in zip(pairs.T.tolist(), times_of.tolist(), strict=True):
            if (type_, one) not in self._manifests.ballot_type_contests:
                found = f"contest {one} on cards of ballot type {type_}"
                expected = "contests as BallotTypeContestManifest lists them"
                file = self._readings.file
                self._problems.add(Consequence.GRAVE, file, found, expected, EXPORT_AGAIN, times=times)

    def _column(self, name: str, numbers: npt.NDArray[np.int64]) -> Column:
        names = self._manifests.names.get(name, {})
        for number in set(np.unique(numbers).tolist()) - names.keys() if names else ():
            found, expected = f"the {name} number {number}", f"a {name} that its manifest lists"
            mend = "Its number stands for its name. Ask for the manifests of this very export."
            self._problems.add(Consequence.CARE, self._readings.file, found, expected, mend)
        return column_of_numbers(numbers, names)

    def finish(self) -> None:
        """Close the last block, and tell each flawed reading with the number of cards that bear it."""
        if self._lengths:
            self.close_block()
        for flaw, times in self._readings.flaws():
            self._problems.add(
                Consequence.GRAVE, flaw.file, flaw.found, flaw.expected, EXPORT_AGAIN,
                row=flaw.session, times=times,
            )  # fmt: skip


class _Readings(dict[SessionContest, int]):
    """A number for each distinct contest on a card, interpreted when it is first met."""

    def __init__(self, manifests: Manifests, gathering: Gathering) -> None:
        super().__init__()
        self.file, self.session = "", 0
        self.contests: Numbering[int] = Numbering()
        self._manifests, self._gathering = manifests, gathering
        self._order = {number: place for place, number in enumerate(manifests.candidates)}
        self._rows, self._codes = array("q"), array("q")
        self._flaws: list[tuple[int, Flaw]] = []
        self._times: npt.NDArray[np.int64] = np.zeros(0, np.int64)

    def __missing__(self, contest: SessionContest) -> int:
        number = self[contest] = len(self)
        self._rows.append(self.contests[contest.id])
        pattern = _pattern(contest, self._manifests, self._order)
        self._codes.append(self._gathering.code(str(contest.id), pattern))
        for found, expected in _flaws(contest, self._manifests):
            self._flaws.append((number, Flaw(self.file, self.session, found, expected)))
        return number

    def tables(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """For each number: the row of its contest, and the code of its pattern."""
        return np.array(self._rows, np.int64), np.array(self._codes, np.int64)

    def count(self, cells: npt.NDArray[np.int64]) -> None:
        """Count how often each was met."""
        times = np.bincount(cells, minlength=len(self))
        times[: self._times.size] += self._times
        self._times = times

    def flaws(self) -> Iterator[tuple[Flaw, int]]:
        """Each flaw, and on how many cards."""
        for number, flaw in self._flaws:
            if self._times[number]:
                yield flaw, int(self._times[number])


def _cards_of(state: State) -> tuple[SessionCard, ...] | None:
    if state.cards is not None:
        return state.cards
    return None if state.contests is None else (SessionCard(state.contests),)


def _is_ranked(contest: SessionContest, manifests: Manifests) -> bool:
    named = manifests.contests.get(contest.id)
    return named is not None and named.num_of_ranks > 0


def _is_overvoted(contest: SessionContest) -> bool:
    return OVERVOTE in contest.outstack_condition_ids or bool(contest.overvotes)


def _pattern(contest: SessionContest, manifests: Manifests, order: Mapping[int, int]) -> Pattern:
    """The reading of a contest: which marks are selections, and what the voting system says of them."""
    ranked = _is_ranked(contest, manifests)
    overvoted = not ranked and _is_overvoted(contest)
    taken = [one for one in contest.marks if (not one.is_ambiguous if ranked or overvoted else one.is_vote)]
    taken.sort(
        key=lambda one: (one.rank if ranked else 0, order.get(one.candidate_id, -1), one.writein_index or 0)
    )
    said = {
        "blank": not contest.marks,
        "invalid": INVALID_CONTEST in contest.outstack_condition_ids,
        "overvote": overvoted,
    }
    marks = tuple(Mark(_choice(one, manifests), one.rank if ranked else 0) for one in taken)
    return Pattern(marks, tuple(flag for flag, holds in said.items() if holds))


def _choice(mark: SessionMark, manifests: Manifests) -> str:
    candidate = manifests.candidates.get(mark.candidate_id)
    if candidate is None or not candidate.is_write_in:
        return str(mark.candidate_id)
    return f"write_in:slot {mark.writein_index + 1}" if mark.writein_index else "write_in"


def _flaws(contest: SessionContest, manifests: Manifests) -> Iterator[tuple[str, str]]:
    """What in this reading contradicts the manifests or itself: found, expected."""
    named = manifests.contests.get(contest.id)
    if named is None:
        yield f"contest {contest.id}, which ContestManifest does not list", "contests that the manifest lists"
        return
    name = shown(named.description)
    for mark in contest.marks:
        candidate = manifests.candidates.get(mark.candidate_id)
        if candidate is None or candidate.contest_id != contest.id:
            yield (
                f"candidate {mark.candidate_id} in contest {name}",
                "candidates that the manifest lists for it",
            )
    if named.num_of_ranks:
        highest = max((mark.rank for mark in contest.marks), default=1)
        if highest > named.num_of_ranks or any(mark.rank < 1 for mark in contest.marks):
            yield f"rank {highest} in {name}", "ranks from 1 to the contest's number of ranks"
    elif INVALID_CONTEST not in contest.outstack_condition_ids:
        yield from _flaws_of_sums(contest, name, named.vote_for)


def _flaws_of_sums(contest: SessionContest, name: str, vote_for: int) -> Iterator[tuple[str, str]]:
    votes = sum(mark.is_vote for mark in contest.marks)
    overvoted = _is_overvoted(contest)
    if votes > vote_for:
        yield f"{votes} votes in {name}, of which {vote_for} are allowed", "an overvote marked as one"
    if not overvoted and contest.undervotes is not None and contest.undervotes != vote_for - votes:
        found = f"{contest.undervotes} undervotes and {votes} votes in {name}, where {vote_for} are allowed"
        yield found, "votes and undervotes that add up to the votes allowed"
    if contest.overvotes is not None and (OVERVOTE in contest.outstack_condition_ids) != bool(
        contest.overvotes
    ):
        yield f"{contest.overvotes} overvotes in {name}, and the opposite as its condition", "one account"
