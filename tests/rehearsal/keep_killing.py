"""Processes that record are killed at random moments; after each, everything acknowledged must be there.

Run as `python -m tests.rehearsal.keep_killing FOLDER RUNS SEED`; prints what it saw as one line of JSON. This
process only forks, kills and compares: it never opens the database itself. Each run forks a recorder with
four clients and kills it (-9) within a quarter of a second: one run in four counted from its first
instruction, the others from its first receipt, so that a slow machine records as well. Then it forks a reader
that opens the same database, looks at every byte, and sends again what was never answered.

A kill leaves what the operating system was given; that the disk had it is shown by keep_tracing.
"""

import json
import os
import random
import select
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

from msgspec.structs import replace

from tallybook.book import Act
from tallybook.keep import tables
from tallybook.keep.exhibits import file_public
from tallybook.keep.opening import Keep, open_keep
from tallybook.keep.rebuilding import check_book
from tallybook.keep.recorder import Receipt, Recorder
from tallybook.keep.settings import connect_to
from tallybook.keep.shelves import parsed_law
from tests.fakes.small_keep import (
    BOOK,
    LAWS,
    certification,
    law_bytes,
    opening,
    returns,
    shelve,
    small_keep,
    stopped_clock,
    stopped_steady,
)

CLIENTS = 4
LONGEST = 0.25
PATIENCE = 60.0
"""Seconds to wait for a first receipt."""
RUNS_PER_BOOK = 50


def rehearse(folder: Path, runs: int, seed: int) -> dict[str, int]:
    """Kill that many recorders; what was counted. Raises AssertionError at the first loss."""
    dice = random.Random(seed)
    seen = {"runs": 0, "killed_before_any_receipt": 0, "acknowledged": 0, "sent_again": 0, "found_then": 0}
    for law in LAWS:
        parsed_law(law_bytes(law))
    for run in range(runs):
        place = folder / f"book-{run // RUNS_PER_BOOK}"
        if not place.exists():
            place.mkdir()
            connect_to(f"sqlite:///{place}/book.db")
            in_child(lambda place=place: begin(place))
        told = killed(place, run, dice.uniform(0, LONGEST), at_once=run % 4 == 0)
        sent = [line.removeprefix("sent ") for line in told if line.startswith("sent ")]
        got = [line.removeprefix("got ").partition("=") for line in told if line.startswith("got ")]
        receipts = {key: found for key, _, found in got}
        lost = [key for key in sent if key not in receipts]
        answer = json.loads(in_child(lambda at=(place, receipts, lost): look(*at)))
        assert answer["wrong"] == [], (run, answer)
        seen["runs"] += 1
        seen["killed_before_any_receipt"] += not receipts
        seen["acknowledged"] += len(receipts)
        seen["sent_again"] += len(lost)
        seen["found_then"] += answer["found"]
    return seen


def begin(place: Path) -> str:
    """Make a keep and open its book."""
    keep = small_keep(place)
    recorder = recorder_of(keep)
    recorder.submit(opening(keep))
    recorder.close()
    return ""


def recorder_of(keep: Keep) -> Recorder:
    """A recorder at a fixed moment."""
    return Recorder(keep, BOOK, shelve=shelve, clock=stopped_clock(), steady=stopped_steady())


def killed(place: Path, run: int, seconds: float, at_once: bool) -> list[str]:
    """Let a recorder run for so long, kill it, and give the lines that it managed to say.

    at_once: the seconds count from the fork, and not from the first receipt.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        record(place, run, writing)
    os.close(writing)
    said = b"" if at_once else heard(reading, PATIENCE, b"got ")
    said += heard(reading, seconds)
    os.kill(child, signal.SIGKILL)
    while more := os.read(reading, 65536):
        said += more
    os.close(reading)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    return said.decode().splitlines()


def heard(reading: int, seconds: float, until: bytes = b"\0") -> bytes:
    """What a pipe says within so many seconds, or until it has said a word."""
    said, end = b"", time.monotonic() + seconds
    while until not in said and (left := end - time.monotonic()) > 0:
        if select.select([reading], [], [], left)[0]:
            said += os.read(reading, 65536)
    return said


def record(place: Path, run: int, writing: int) -> None:
    """In the child: four clients submit for ever, and say so before and after. Never returns."""
    keep = open_keep(f"sqlite:///{place}/book.db", place / "exhibits")
    recorder = recorder_of(keep)

    def client(n: int) -> None:
        for i in range(1_000_000):
            act = act_of(keep, f"{run}-{n}-{i}", i)
            os.write(writing, f"sent {act.key}\n".encode())
            found = recorder.submit(act)
            assert isinstance(found, Receipt)
            os.write(writing, f"got {act.key}={found.seq}:{found.leaf}\n".encode())

    for n in range(CLIENTS):
        Thread(target=client, args=(n,)).start()
    time.sleep(3600)


def act_of(keep: Keep, key: str, i: int) -> Act:
    """Returns; now and then a refused certification, now and then an exhibit with them."""
    if i % 5 == 4:
        return certification(key, place=i % 3)
    act = returns(key, place=i % 3, ada=i)
    return replace(act, exhibits=(file_public(keep, f"{key}.txt", [key.encode()]),)) if i % 7 == 3 else act


def look(place: Path, receipts: dict[str, str], lost: list[str]) -> str:
    """In a child: each receipt names an entry that is there; what was never answered is sent twice more."""
    keep = open_keep(f"sqlite:///{place}/book.db", place / "exhibits")
    check_book(keep, BOOK)
    leaves = {seq: leaf.hex() for seq, _, leaf in tables.rows(keep.alias, BOOK, 0)}
    keys = tables.receipts(keep.alias).filter(book=BOOK).values_list("key", "seq")
    there = {key: f"{seq}:{leaves[seq]}" for key, seq in keys}
    wrong = [key for key in receipts if there.get(key) != receipts[key]]
    before, found = tables.size_of(keep.alias, BOOK), 0
    recorder = recorder_of(keep)
    for key in lost:
        act = act_of(keep, key, int(key.rsplit("-", 1)[1]))
        first, second = recorder.submit(act), recorder.submit(act)
        assert isinstance(first, Receipt) and isinstance(second, Receipt)
        found += first.repeated
        wrong += [key] * (second.seq != first.seq or not second.repeated)
    recorder.close()
    wrong += ["size"] * (tables.size_of(keep.alias, BOOK) != before + len(lost) - found)
    return json.dumps({"wrong": wrong, "found": found})


def in_child(work: Callable[[], str]) -> str:
    """Do something in a process of its own, so that this one keeps no connection; its answer."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, work().encode())
        except BaseException as error:
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
            os._exit(1)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        answer = file.read()
    assert os.waitpid(child, 0)[1] == 0
    return answer.decode()


if __name__ == "__main__":
    print(json.dumps(rehearse(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
