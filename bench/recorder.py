"""How many acts a second are decided and durably acknowledged, beside a naive recorder in the same run.

Run `python bench/recorder.py [clients] [acts each]`. The clients are threads of this process that submit to
one book on SQLite and wait for each receipt. The naive recorder decides as well, then commits each act by
itself under one lock. Both numbers depend on the machine and on who else works on it; their ratio much less.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.resources import files
from itertools import chain
from pathlib import Path
from threading import Barrier, Lock, Thread

from django.db import connections, transaction
from msgspec.structs import replace

from tallybook.book import Act, Entered, Shelf, Standing, decide, evolve
from tallybook.keep import tables
from tallybook.keep.clocks import utc_now
from tallybook.keep.exhibits import file_public
from tallybook.keep.folding import Fold
from tallybook.keep.opening import Keep, make_keep
from tallybook.keep.recorder import Receipt, Recorder
from tallybook.keep.stored import stored

PLACES = 200
GOAL, GOAL_P99 = 5_000, 0.075
Submit = Callable[[Act], object]


def main() -> None:
    """Measure both and print them."""
    clients = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    each = int(sys.argv[2]) if len(sys.argv) > 2 else 250
    with tempfile.TemporaryDirectory() as folder:
        keep = make_keep(f"sqlite:///{folder}/bench.db", Path(folder) / "exhibits")
        one_sync = sync_seconds(Path(folder))
        busy = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
        print(f"{clients} clients, {busy}; one sync {one_sync * 1e3:.2f} ms")
        recorder = opened(keep, "grouped")
        rate = report("recorder", *measured(recorder.submit, clients, each))
        recorder.close()
        restart(keep, "grouped")
        opened(keep, "naive").close()
        naive_rate = report("naive", *measured(naive(keep, "naive"), clients, max(1, each // 25)))
        print(f"ratio {rate / naive_rate:.1f}; goal {GOAL} a second, p99 {GOAL_P99 * 1e3:.0f} ms")


def restart(keep: Keep, book: str) -> None:
    """What starting on a book costs a process: it reads every entry, compares its hash, folds it."""
    wall, cpu = time.perf_counter(), time.process_time()
    size = Fold(keep, book).catch_up().size
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"restart   {size} entries folded in {wall:.2f} s, {cpu / size * 1e6:.0f} microseconds of CPU each")


def opened(keep: Keep, book: str) -> Recorder:
    """A recorder on a new book."""
    recorder = Recorder(
        keep, book, shelve=lambda _act, _standing: Shelf(origin="bench.example/b", policy="quorum none\n")
    )
    found = recorder.submit(opening(keep))
    assert isinstance(found, Receipt), found
    return recorder


def opening(keep: Keep) -> Act:
    """Open a book of one contest in many places, under the product's own model law."""
    data = files("tallybook.law") / "data"
    laws = [file_public(keep, one, [(data / one).read_bytes()]) for one in ("book.toml", "model.toml")]
    choices = [{"id": "ada", "name": "Ada"}, {"id": "ben", "name": "Ben"}]
    detail = {
        "election": {"id": "bench", "title": "Bench", "day": "2020-11-03"},
        "contests": [{"id": "mayor", "name": "Mayor", "class": "council", "choices": choices}],
        "places": [{"id": f"p{n}", "name": f"Place {n}", "kind": "county"} for n in range(PLACES)],
        "law": [law["sha256"] for law in laws],
    }
    return Act("open_book", "record_keeper", "2020-11-03", "", "opening", detail=detail, exhibits=tuple(laws))


def returns(key: str, place: int) -> Act:
    """Unofficial returns of one place."""
    return Act(
        "report_unofficial_returns",
        "county_superintendent",
        "2020-11-03",
        "",
        key,
        "mayor",
        f"p{place % PLACES}",
        detail={"returns": {"votes": {"ada": 10, "ben": 7}}},
    )


def naive(keep: Keep, book: str) -> Submit:
    """Each act by itself: lock, decide, insert, commit."""
    lock, standing = Lock(), Recorder(keep, book).standing()

    def submit(act: Act) -> object:
        nonlocal standing
        with lock, transaction.atomic(using=keep.alias, durable=True):
            standing = committed(
                keep, book, standing, replace(act, received=max(utc_now(), standing.received))
            )
        return standing.size

    return submit


def committed(keep: Keep, book: str, standing: Standing, act: Act) -> Standing:
    """Decide an act and store its entries."""
    decision = decide(standing, act, Shelf())
    assert isinstance(decision, Entered), decision
    tables.insert(keep.alias, book, [stored(entry) for entry in decision.entries])
    for entry in decision.entries:
        standing = evolve(standing, entry, Shelf())
    return standing


def measured(submit: Submit, clients: int, each: int) -> tuple[list[float], float, float]:
    """(seconds of each submission, seconds in all, CPU seconds of this process in all)."""
    times: list[list[float]] = [[] for _ in range(clients)]

    begin = Barrier(clients + 1)

    def client(n: int) -> None:
        connections["default"].ensure_connection()
        begin.wait()
        for i in range(each):
            start = time.perf_counter()
            submit(returns(f"{n}-{i}", n))
            times[n].append(time.perf_counter() - start)
        connections.close_all()

    threads = [Thread(target=client, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    begin.wait()
    wall, cpu = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.join()
    return sorted(chain.from_iterable(times)), time.perf_counter() - wall, time.process_time() - cpu


def report(name: str, times: list[float], wall: float, cpu: float) -> float:
    """One line of the table; acknowledgements a second."""
    rate, middle, late = len(times) / wall, times[len(times) // 2], times[len(times) * 99 // 100]
    print(
        f"{name:9} {rate:7.0f} a second, median {middle * 1e3:6.1f} ms, p99 {late * 1e3:6.1f} ms, "
        f"{cpu / len(times) * 1e6:5.0f} microseconds of CPU each, {cpu / wall:.0%} of one core"
    )
    return rate


def sync_seconds(folder: Path) -> float:
    """What one fdatasync of a small write costs here, median of 50."""
    taken = []
    with (folder / "sync").open("wb", buffering=0) as file:
        for _ in range(50):
            start = time.perf_counter()
            file.write(b"x" * 4096)
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - start)
    return sorted(taken)[25]


if __name__ == "__main__":
    main()
