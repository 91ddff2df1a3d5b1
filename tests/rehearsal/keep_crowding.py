"""Boards that submit all at once, drop their connections and try again, from one process or several.

Run as `python -m tests.rehearsal.keep_crowding URL EXHIBITS SEED`, it is one of several processes that all
send the same acts. Every act is sent twice and one in a hundred thrice; of each sending, one in five is
dropped before the reply, and sent again. `crowd` is the same within one process.
"""

import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from threading import Thread

from tallybook.keep.opening import open_keep
from tallybook.keep.recorder import Receipt, Recorder
from tests.fakes.small_keep import BOOK, returns, shelve, stopped_clock, stopped_steady


def crowd(recorder: Recorder, boards: int, each: int, seed: int) -> tuple[dict[str, set[str]], list[float]]:
    """(receipts by key, seconds of every answer). A receipt is written `seq:leaf`."""
    receipts: dict[str, set[str]] = defaultdict(set)
    taken: list[float] = []

    def board(n: int) -> None:
        dice = random.Random(seed * 1000 + n)
        for i in range(each):
            for _ in range(3 if dice.random() < 0.01 else 2):
                key = f"{n}-{i}"
                if dice.random() < 0.2:
                    recorder.ask(returns(key, place=n % 3))
                start = time.perf_counter()
                found = recorder.submit(returns(key, place=n % 3))
                taken.append(time.perf_counter() - start)
                assert isinstance(found, Receipt), found
                receipts[key].add(f"{found.seq}:{found.leaf}")

    together([lambda n=n: board(n) for n in range(boards)])
    return receipts, sorted(taken)


def together(works: list[Callable[[], None]]) -> None:
    """Run each in a thread; the first exception of any is raised."""
    faults: list[BaseException] = []

    def one(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            faults.append(error)

    threads = [Thread(target=one, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


def recorder_of(url: str, exhibits: Path) -> Recorder:
    """A recorder of this process."""
    keep = open_keep(url, exhibits)
    return Recorder(keep, BOOK, shelve=shelve, clock=stopped_clock(), steady=stopped_steady())


if __name__ == "__main__":
    recorder = recorder_of(sys.argv[1], Path(sys.argv[2]))
    receipts, taken = crowd(recorder, boards=10, each=20, seed=int(sys.argv[3]))
    recorder.close()
    print(json.dumps({key: sorted(found) for key, found in receipts.items()}))
