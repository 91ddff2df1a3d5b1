"""Faults of disk, clock, database and program: a plain sentence, and a book that is as it was."""

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest
from django.db import DatabaseError, connections, transaction

from tallybook.book import EMPTY_SHELF, Act, Malformed, Shelf
from tallybook.keep import recorder as recording
from tallybook.keep import tables
from tallybook.keep.faults import (
    BugError,
    BusyError,
    DamagedError,
    FullError,
    KeepError,
    NotWritableError,
    UnreachableError,
)
from tallybook.keep.opening import Keep, open_keep
from tallybook.keep.rebuilding import check_book
from tallybook.keep.recorder import Receipt, Recorder
from tallybook.keep.settings import database, without_password
from tests.fakes.small_keep import (
    BOOK,
    NIGHT,
    opening,
    returns,
    shelve,
    small_keep,
    stopped_clock,
    stopped_steady,
)


def opened(keep: Keep, **more: Callable[..., object]) -> Recorder:
    """A recorder with an open book, and whatever is to fail."""
    first = Recorder(keep, BOOK, shelve=shelve, clock=stopped_clock(), steady=stopped_steady())
    first.submit(opening(keep))
    first.close()
    settings = {"shelve": shelve, "clock": stopped_clock(), "steady": stopped_steady(), **more}
    return Recorder(keep, BOOK, **settings)  # type: ignore[arg-type]


def together(recorder: Recorder, acts: list[Act]) -> list[object]:
    """Submit acts so that they stand in the queue at the same time; the answers, faults among them."""
    tickets = [recorder.ask(act) for act in acts]

    def answer(n: int) -> object:
        try:
            return tickets[n].wait(20)
        except KeepError as error:
            return error

    return [answer(n) for n in range(len(tickets))]


def test_a_bug_in_one_act_is_answered_to_it_alone(keep: Keep) -> None:
    def broken(act: Act, _standing: object) -> Shelf:
        assert act.key != "bad", "a bug"
        return EMPTY_SHELF

    recorder = opened(keep, shelve=broken)
    found = together(recorder, [returns("a"), returns("bad"), returns("b")])
    recorder.close()
    assert [one.seq for one in found if isinstance(one, Receipt)] == [1, 2]
    assert isinstance(found[1], BugError) and "AssertionError" in str(found[1])
    check_book(keep, BOOK)


def test_a_group_that_the_database_refuses_is_taken_back_and_tried_singly(
    keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = opened(keep)
    real, sizes = tables.insert, []

    def choosy(alias: str, book: str, rows: list[tables.Stored]) -> None:
        sizes.append(len(rows))
        real(alias, book, rows)
        if any(row.key == "bad" for row in rows):
            raise DatabaseError("this one I do not take")

    monkeypatch.setattr(recording.tables, "insert", choosy)
    with connections[keep.alias].cursor() as cursor:
        if keep.vendor == "sqlite":
            cursor.execute("BEGIN IMMEDIATE")
        else:
            recording.take_lock(keep, BOOK)
        acts = [returns("a"), returns("bad"), returns("b"), returns("a")]
        tickets = [recorder.ask(act) for act in acts]
        time.sleep(0.1)
        if keep.vendor == "sqlite":
            cursor.execute("ROLLBACK")
    found = []
    for ticket in tickets:
        try:
            found.append(ticket.wait(20))
        except KeepError as error:
            found.append(error)
    recorder.close()
    assert [one.seq for one in found if isinstance(one, Receipt)] == [1, 2, 1]
    assert isinstance(found[1], BugError)
    assert max(sizes) > 1
    assert check_book(keep, BOOK).entries == 3


def test_problems_and_refusals_leave_their_group_alone(recorder: Recorder) -> None:
    acts = [returns("a"), returns("wrong", place=99), returns("a"), returns("a", ada=1), returns("b")]
    found = together(recorder, acts)
    assert [type(one) for one in found] == [Receipt, Malformed, Receipt, Malformed, Receipt]
    assert recorder.standing().size == 3


def test_a_clock_behind_the_book_is_a_problem_that_names_the_clock(keep: Keep) -> None:
    recorder = opened(keep, clock=stopped_clock("2026-11-04T01:00:00Z"))
    found = recorder.submit(returns("a"))
    assert isinstance(found, Malformed)
    assert [problem.field for problem in found.problems] == ["received"]
    assert "clock right" in str(found.problems[0])
    assert recorder.standing().size == 1
    again = recorder.submit(opening(keep))
    recorder.close()
    assert isinstance(again, Receipt) and again.repeated


@pytest.mark.parametrize("jump", ["2036-11-04T02:00:00Z", "2026-11-04T03:00:00Z"])
def test_a_clock_that_jumps_ahead_while_running_records_nothing(keep: Keep, jump: str) -> None:
    moments = [NIGHT]
    recorder = opened(keep, clock=lambda: moments[-1])
    assert isinstance(recorder.submit(returns("a")), Receipt)
    moments.append(jump)
    found = recorder.submit(returns("b"))
    recorder.close()
    assert isinstance(found, Malformed)
    assert found.problems[0].field == "received" and "jumped" in str(found.problems[0])
    assert tables.size_of(keep.alias, BOOK) == 2


def test_hours_that_pass_on_both_clocks_are_no_jump(keep: Keep) -> None:
    moments, seconds = [NIGHT], [0.0]
    recorder = opened(keep, clock=lambda: moments[-1], steady=lambda: seconds[-1])
    recorder.submit(returns("a"))
    moments.append("2026-11-04T10:00:00Z")
    seconds.append(8 * 3600.0)
    found = recorder.submit(returns("b"))
    recorder.close()
    assert isinstance(found, Receipt)


def test_a_clock_behind_by_a_second_is_waited_for(keep: Keep) -> None:
    """Two machines, one a second ahead."""
    start = time.monotonic()

    def slow() -> str:
        return "2026-11-04T02:00:00Z" if time.monotonic() - start > 0.5 else "2026-11-04T01:59:59Z"

    recorder = opened(keep, clock=slow)
    found = recorder.submit(returns("a"))
    recorder.close()
    assert isinstance(found, Receipt)


def test_an_act_is_received_when_it_comes_not_when_its_turn_comes(keep: Keep) -> None:
    moments = iter([NIGHT, NIGHT])
    recorder = opened(keep, clock=lambda: next(moments, "2026-11-04T02:00:04Z"))
    recorder.submit(returns("a"))
    received = recorder.standing().received
    recorder.close()
    assert received == NIGHT


def test_another_process_that_holds_the_database_is_waited_for(tmp_path: Path) -> None:
    keep = small_keep(tmp_path)
    recorder = opened(keep)
    other = sqlite3.connect(tmp_path / "book.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")

    def release() -> None:
        time.sleep(0.5)
        other.execute("COMMIT")

    thread = Thread(target=release)
    thread.start()
    found = recorder.submit(returns("a"))
    thread.join()
    recorder.close()
    assert isinstance(found, Receipt)


def test_a_database_held_too_long_is_a_plain_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = small_keep(tmp_path)
    monkeypatch.setitem(connections.databases[keep.alias]["OPTIONS"], "timeout", 0.2)
    recorder = opened(keep)
    other = sqlite3.connect(tmp_path / "book.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(BusyError, match="held by another process") as told:
        recorder.submit(returns("a"))
    assert "SQLITE" not in str(told.value) and "locked" not in str(told.value)
    other.execute("COMMIT")
    found = recorder.submit(returns("a"))
    recorder.close()
    assert isinstance(found, Receipt) and not found.repeated


def test_a_full_disk_refuses_plainly_and_records_again_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite itself reports the disk as full: the database may not grow beyond its pages."""
    keep = small_keep(tmp_path)
    options = connections.databases[keep.alias]["OPTIONS"]
    recorder = opened(keep)
    recorder.close()
    with connections[keep.alias].cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
    connections[keep.alias].close()
    with monkeypatch.context() as patch:
        patch.setitem(
            options, "init_command", options["init_command"] + f"PRAGMA max_page_count={pages + 3};"
        )
        full = opened(keep)
        acknowledged = []
        with pytest.raises(FullError, match=r"disk is full.*Ask again with the same key"):
            for n in range(1000):
                acknowledged.append(full.submit(returns(f"{n}")))
        full.close()
    connections[keep.alias].close()
    again = opened(keep)
    assert acknowledged and tables.size_of(keep.alias, BOOK) == 1 + len(acknowledged)
    found = again.submit(returns(f"{len(acknowledged)}"))
    again.close()
    connections[keep.alias].close()
    assert isinstance(found, Receipt) and not found.repeated
    check_book(keep, BOOK)


READ_ONLY = """
import os, sys
from pathlib import Path
from django.db.backends.sqlite3 import base
from tallybook.keep.opening import open_keep
from tallybook.keep.faults import KeepError
from tallybook.keep.settings import connect_to
connect_to(sys.argv[1])
os.setuid({user})
try:
    open_keep(sys.argv[1], Path(sys.argv[2]))
except KeepError as error:
    print(type(error).__name__, error)
"""


def test_a_read_only_folder_refuses_plainly() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        keep = small_keep(folder)
        opened(keep).close()
        connections[keep.alias].close()
        folder.chmod(0o555)
        script = READ_ONLY.format(user=65534 if os.getuid() == 0 else os.getuid())
        command = [sys.executable, "-c", script, f"sqlite:///{folder}/book.db", str(keep.folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        folder.chmod(0o755)
        assert done.stdout.startswith(("NotWritableError", "UnreachableError")), done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        check_book(keep, BOOK)


def test_a_folder_of_exhibits_that_is_gone_refuses_to_start(keep: Keep, url: str) -> None:
    keep.folder.rename(keep.folder.with_name("elsewhere"))
    with pytest.raises(UnreachableError, match="Restore it, or name the right one"):
        open_keep(url, keep.folder)
    keep.folder.with_name("elsewhere").rename(keep.folder)


def test_a_database_that_is_not_there_is_not_made_by_opening_it(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match="There is no database"):
        open_keep(f"sqlite:///{tmp_path}/slip.db", tmp_path)
    assert not (tmp_path / "slip.db").exists()


def test_a_file_that_is_no_database_is_told_to_be_damaged(tmp_path: Path) -> None:
    (tmp_path / "book.db").write_bytes(b"no database at all, but long enough to be taken for one" * 100)
    with pytest.raises(DamagedError, match="damaged or is none"):
        open_keep(f"sqlite:///{tmp_path}/book.db", tmp_path)


def test_tables_that_were_never_made_are_told(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "book.db").execute("CREATE TABLE other (a)").connection.close()
    with pytest.raises(KeepError, match="keep make"):
        open_keep(f"sqlite:///{tmp_path}/book.db", tmp_path)


@pytest.mark.parametrize("weak", ["PRAGMA synchronous=OFF;", "PRAGMA synchronous=NORMAL;"])
def test_a_database_that_would_not_sync_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weak: str
) -> None:
    keep = small_keep(tmp_path)
    options = connections.databases[keep.alias]["OPTIONS"]
    connections[keep.alias].close()
    monkeypatch.setitem(options, "init_command", options["init_command"] + weak)
    with pytest.raises(KeepError, match="could lose what was acknowledged"):
        open_keep(f"sqlite:///{tmp_path}/book.db", keep.folder)
    connections[keep.alias].close()


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_server_that_drops_its_connections_is_found_again(keep: Keep, recorder: Recorder) -> None:
    recorder.submit(returns("a"))
    recorder.standing()
    with connections[keep.alias].cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            " AND datname = current_database()"
        )
    with pytest.raises(UnreachableError, match="Ask again with the same key"):
        recorder.submit(returns("b"))
    found = recorder.submit(returns("b"))
    assert isinstance(found, Receipt) and (found.seq, found.repeated) == (2, False)


def test_an_act_within_a_transaction_of_its_sender_is_stopped_at_once(keep: Keep, recorder: Recorder) -> None:
    with transaction.atomic(using=keep.alias), pytest.raises(AssertionError, match="would wait for itself"):
        recorder.submit(returns("a"))


def test_a_server_that_does_not_answer_is_a_plain_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match="no longer answers"):
        open_keep("postgresql://nobody:secret@127.0.0.1:1/none", tmp_path)


@pytest.mark.parametrize(
    "url", ["mysql://host/name", "book.db", "sqlite://", "sqlite://host/x", "postgresql://host"]
)
def test_only_two_kinds_of_database_are_known(url: str) -> None:
    with pytest.raises(KeepError, match="is neither"):
        database(url)


def test_a_password_is_never_shown() -> None:
    shown = without_password("postgresql://ann:s3cret@db.example:5432/book?password=s3cret")
    assert shown == "postgresql://ann:***@db.example:5432/book"


@pytest.mark.parametrize("name", ["", "Book", "a/b", "a b", "?", "x" * 101])
def test_a_book_has_a_plain_name(keep: Keep, name: str) -> None:
    with pytest.raises(KeepError, match="cannot be a book's name"):
        Recorder(keep, name)


def test_a_closed_recorder_takes_nothing(recorder: Recorder) -> None:
    recorder.close()
    with pytest.raises(KeepError, match="closing"):
        recorder.submit(returns("a"))


def test_the_write_right_is_named_when_it_is_missing(tmp_path: Path) -> None:
    with pytest.raises(NotWritableError, match="cannot be made"):
        small_keep(Path("/proc/no/such"), f"sqlite:///{tmp_path}/book.db")
