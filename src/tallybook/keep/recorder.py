"""The recorder: acts in, receipts out. A receipt means that the entry is on the disk.

For every door. The threads of a process put their acts into one queue; one thread takes them out in groups.
A group takes the book's lock, folds what other processes have recorded since, decides act by act against
the growing standing, stores all entries, commits once, and only then answers. Many acts share one sync, so
the fuller the queue, the faster it moves.

An act that fails (a bug) is answered with an error and leaves no trace in the standing; its group goes on.
Should the database itself refuse the group for the sake of one act, the group is taken back and each act is
tried alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from time import sleep

import msgspec
from django.db import connections, transaction

from tallybook.book import (
    EMPTY_SHELF,
    Act,
    Entered,
    Entry,
    Malformed,
    Problem,
    Repeated,
    Shelf,
    Stale,
    Standing,
    decide,
    evolve,
)
from tallybook.keep import tables
from tallybook.keep.clocks import MOST_DRIFT, Clock, Steady, drift_since, seconds_of, steady_seconds, utc_now
from tallybook.keep.exhibits import PUBLIC, is_on_file, put_file
from tallybook.keep.faults import AGAIN, KeepError, fault, is_fault, is_of_database
from tallybook.keep.folding import Fold
from tallybook.keep.locking import check_name, take_lock
from tallybook.keep.opening import Keep
from tallybook.keep.settings import PATIENCE
from tallybook.keep.shelves import entry_at, shelf_for_act
from tallybook.keep.stored import checked, stored
from tallybook.keep.tables import Stored
from tallybook.merkle.errors import EvidenceError

LARGEST_GROUP = 256
LOOK_BACK = 1_000
SHORT_WAIT = 2.0


@dataclass(frozen=True, slots=True)
class Receipt:
    """An act is in the book, durably. leaf: the hash of its own entry, hexadecimal; entry: its kind.

    repeated: it was in the book before, and this is the same receipt again.
    """

    book: str
    seq: int
    leaf: str
    entry: str
    repeated: bool


@dataclass(frozen=True, slots=True)
class Behind:
    """The officer had not seen these newer entries on the same contest and place. Nothing was recorded."""

    newest: int
    entries: tuple[Entry, ...]


Answer = Receipt | Behind | Malformed
Shelve = Callable[[Act, Standing], Shelf]


def empty_shelf(_act: Act, _standing: Standing) -> Shelf:
    """For doors that have nothing to add to what the keep finds by itself."""
    return EMPTY_SHELF


class Ticket:
    """One act in the queue, and the place where its answer appears."""

    __slots__ = ("_answer", "_done", "act")

    def __init__(self, act: Act) -> None:
        self.act = act
        self._answer: Answer | KeepError | None = None
        self._done = Lock()
        self._done.acquire()

    def answer(self, answer: Answer | KeepError) -> None:
        """Hand the answer to whoever waits."""
        self._answer = answer
        self._done.release()

    def wait(self, seconds: float) -> Answer:
        """The answer. Raises KeepError for a fault, or when none came in time."""
        if not self._done.acquire(timeout=seconds):
            raise KeepError(
                f"No answer in {seconds:g} seconds; it is not known whether the act was recorded. {AGAIN}"
            )
        self._done.release()
        if isinstance(self._answer, KeepError):
            raise type(self._answer)(str(self._answer)) from self._answer
        assert self._answer is not None
        return self._answer


class Group:
    """The acts of one transaction: the standing as it grows, and what is to be stored."""

    def __init__(self, standing: Standing, moment: str) -> None:
        self.standing = standing
        self.moment = moment
        self.stored: list[Stored] = []
        self.entries: dict[int, Entry] = {}
        self.made: list[tuple[str, bytes]] = []


class Recorder:
    """Records acts in one book. One per process and book; any number of threads may submit."""

    def __init__(
        self,
        keep: Keep,
        book: str,
        *,
        shelve: Shelve = empty_shelf,
        clock: Clock = utc_now,
        steady: Steady = steady_seconds,
    ) -> None:
        check_name(book)
        self.keep = keep
        self.book = book
        self.fold = Fold(keep, book)
        self._shelve = shelve
        self._clock = clock
        self._drift = drift_since(clock, steady)
        self._queue: SimpleQueue[Ticket | None] = SimpleQueue()
        self._closed = Lock()
        self.fold.catch_up()
        self._thread = Thread(target=self._run, name=f"recorder of {book}", daemon=True)
        self._thread.start()

    def submit(self, act: Act, *, patience: float = 2 * PATIENCE) -> Answer:
        """Have an act decided and recorded; return when that is durable. `received` is set here.

        Never within a transaction of the caller's: the recorder would wait for it.

        patience: seconds to wait for the answer. Raises KeepError for a fault of the surroundings.
        """
        return self.ask(act).wait(patience)

    def ask(self, act: Act) -> Ticket:
        """Put an act into the queue; `wait` on the ticket for the answer."""
        connection = connections[self.keep.alias]
        assert not connection.in_atomic_block, "an act submitted within a transaction would wait for itself"
        ticket = Ticket(msgspec.structs.replace(act, received=self._clock()))
        if self._closed.locked():
            raise KeepError(f"The recorder is closing. {AGAIN}")
        self._queue.put(ticket)
        return ticket

    def standing(self) -> Standing:
        """How the book stands now, with what other processes have recorded."""
        return self.fold.catch_up()

    def close(self) -> None:
        """Answer what is queued, then stop."""
        if self._closed.acquire(blocking=False):
            self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            group = [first]
            ended = self._more(group)
            self._answer(group)
            if ended:
                break
        self._refuse_rest()
        connections[self.keep.alias].close()

    def _more(self, group: list[Ticket]) -> bool:
        """Fill a group from the queue; whether the end of the queue was met."""
        while len(group) < LARGEST_GROUP:
            try:
                ticket = self._queue.get_nowait()
            except Empty:
                return False
            if ticket is None:
                return True
            group.append(ticket)
        return False

    def _refuse_rest(self) -> None:
        """Whoever came while the recorder closed is told so, not left waiting."""
        rest: list[Ticket] = []
        self._more(rest)
        for ticket in rest:
            ticket.answer(KeepError(f"The recorder is closing. {AGAIN}"))

    def _answer(self, tickets: Sequence[Ticket]) -> None:
        """Answer every ticket, whatever happens."""
        try:
            answers = self._record([ticket.act for ticket in tickets])
        except Exception as error:
            with suppress(Exception):
                connections[self.keep.alias].close()
            if is_fault(error) or len(tickets) == 1:
                answers = [fault(error)] * len(tickets)
            else:
                for ticket in tickets:
                    self._answer([ticket])
                return
        for ticket, answer in zip(tickets, answers, strict=True):
            ticket.answer(answer)

    def _record(self, acts: Sequence[Act]) -> list[Answer | KeepError]:
        """One transaction. When it returns, every entry that the answers name is durable."""
        self._wait_for_clock()
        with transaction.atomic(using=self.keep.alias, durable=True):
            take_lock(self.keep, self.book)
            group = Group(self.fold.catch_up(), self._clock())
            answers = [self._step(group, act) for act in acts]
            self._store(group)
        self.fold.advance(group.standing)
        return answers

    def _step(self, group: Group, act: Act) -> Answer | KeepError:
        """Decide one act; the group grows by its entries, or not at all."""
        try:
            return self._decide(group, act)
        except Exception as error:
            if is_of_database(error):
                raise
            return fault(error)

    def _decide(self, group: Group, act: Act) -> Answer:
        act = msgspec.structs.replace(act, received=moment_for(act, group))
        if act.key not in group.standing.keys and (problems := self._problems(group, act)):
            return Malformed(problems)
        shelf = self._shelve(act, group.standing)
        shelf = shelf_for_act(self.keep, self.book, group.standing, act, shelf, group.entries)
        decision = decide(group.standing, act, shelf)
        if isinstance(decision, Entered):
            return self._enter(group, decision, shelf)
        if isinstance(decision, Repeated):
            return self._again(group, decision.seq)
        if isinstance(decision, Stale):
            return self._behind(group, act, decision.newest)
        return decision

    def _enter(self, group: Group, decision: Entered, shelf: Shelf) -> Answer:
        """Add the entries of a decision to the group, all or none."""
        try:
            rows = [stored(entry) for entry in decision.entries]
        except EvidenceError as error:
            mend = "Shorten it, or file the long part as an exhibit."
            return Malformed((Problem("act", str(error), "an act whose entry fits into the book", mend),))
        standing = group.standing
        shelf = with_made(shelf, decision)
        for entry in decision.entries:
            standing = evolve(standing, entry, shelf)
        group.standing = standing
        group.stored += rows
        group.entries.update((entry.seq, entry) for entry in decision.entries)
        group.made += made_by(decision)
        own = decision.entries[0]
        return Receipt(self.book, own.seq, rows[0].leaf.hex(), own.entry, repeated=False)

    def _again(self, group: Group, seq: int) -> Receipt:
        entry = entry_at(self.keep, self.book, seq, group.entries)
        assert entry is not None
        return Receipt(self.book, seq, stored(entry).leaf.hex(), entry.entry, repeated=True)

    def _behind(self, group: Group, act: Act, newest: int) -> Behind:
        """The newer entries on the act's subject, among the latest thousand; the newest always."""
        assert act.seen is not None
        start = max(act.seen + 1, min(newest, group.standing.size - LOOK_BACK))
        old = checked(tables.rows(self.keep.alias, self.book, start), start)
        found = (*old, *(one for seq, one in group.entries.items() if seq >= start))
        return Behind(
            newest, tuple(one for one in found if (one.contest, one.place) == (act.contest, act.place))
        )

    def _problems(self, group: Group, act: Act) -> tuple[Problem, ...]:
        """What only the keep can know to be wrong with an act: its clock, its exhibits."""
        found = [
            Problem(
                f"exhibits[{n}]",
                str(exhibit.get("name")),
                "an exhibit on file",
                "File the exhibit, then ask again.",
            )
            for n, exhibit in enumerate(act.exhibits)
            if not is_on_file(self.keep, exhibit)
        ]
        jump = self._drift(group.moment)
        if abs(jump) > MOST_DRIFT:
            mend = "Set this machine's clock right, then start the program again. Nothing was recorded."
            words = f"a clock that went on by the second, not one that jumped by {jump:+.0f} seconds"
            found.append(Problem("received", group.moment, words, mend))
        return tuple(found)

    def _store(self, group: Group) -> None:
        """Exhibits that the book made, first and durably; then the entries."""
        for name, data in group.made:
            fingerprint, length = put_file(self.keep.folder / PUBLIC, [data])
            tables.insert_exhibit(self.keep.alias, fingerprint, name, length)
        tables.insert(self.keep.alias, self.book, group.stored)
        if group.stored and group.stored[0].seq == 0:
            tables.insert_book(self.keep.alias, self.book, group.standing.title, group.standing.origin)

    def _wait_for_clock(self) -> None:
        """Two machines on one database differ by a moment: wait for ours rather than refuse."""
        latest = self.fold.catch_up().received
        for _ in range(int(SHORT_WAIT / 0.1)):
            if not latest or not 0 < seconds_of(latest) - seconds_of(self._clock()) <= SHORT_WAIT:
                return
            sleep(0.1)


def moment_for(act: Act, group: Group) -> str:
    """When the act was received: at the door, but never before the book's latest moment.

    A clock that is behind the book gives its own moment, which `decide` then refuses.
    """
    latest = group.standing.received
    return group.moment if group.moment < latest else max(act.received, latest)


def made_by(decision: Entered) -> list[tuple[str, bytes]]:
    """The exhibits that a decision made, with the names under which its entry has them."""
    names = {one.get("sha256"): one["name"] for one in decision.entries[0].exhibits}
    return [(names[fingerprint], data) for fingerprint, data in decision.made.items()]


def with_made(shelf: Shelf, decision: Entered) -> Shelf:
    """The shelf with the exhibits that a decision made, which `evolve` reads."""
    if not decision.made:
        return shelf
    documents = {
        **shelf.documents,
        **{name: msgspec.json.decode(data) for name, data in decision.made.items()},
    }
    return replace(shelf, documents=documents)
