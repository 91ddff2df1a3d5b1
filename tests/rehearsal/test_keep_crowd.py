"""Everything is sent twice, some thrice, one client in five hangs up: each entry once, no duplicate."""

import json
import subprocess
import sys
from collections import defaultdict

import pytest

from tallybook.keep import tables
from tallybook.keep.opening import Keep
from tallybook.keep.rebuilding import check_book
from tallybook.keep.recorder import Recorder
from tests.fakes.small_keep import BOOK
from tests.needs import ROOT
from tests.rehearsal.keep_crowding import crowd


def exactly(keep: Keep, receipts: dict[str, set[str]], acts: int) -> None:
    """One entry for each act beside the opening, and one receipt for each, however often it was asked for."""
    assert len(receipts) == acts
    assert all(len(found) == 1 for found in receipts.values())
    assert tables.size_of(keep.alias, BOOK) == 1 + acts
    rows = {f"{seq}:{leaf.hex()}" for seq, _, leaf in tables.rows(keep.alias, BOOK, 1)}
    assert {receipt for found in receipts.values() for receipt in found} == rows
    assert check_book(keep, BOOK).entries == 1 + acts


def test_40_boards_that_repeat_and_hang_up_make_each_entry_once(keep: Keep, recorder: Recorder) -> None:
    receipts, _ = crowd(recorder, boards=40, each=5, seed=1)
    exactly(keep, receipts, 200)


@pytest.mark.rehearsal
def test_200_boards_that_repeat_and_hang_up_make_10000_entries(keep: Keep, recorder: Recorder) -> None:
    receipts, taken = crowd(recorder, boards=200, each=50, seed=2)
    exactly(keep, receipts, 10_000)
    late = taken[len(taken) * 99 // 100]
    print(f"{keep.vendor}: {len(taken)} answers, median {taken[len(taken) // 2]:.3f} s, p99 {late:.3f} s")


@pytest.mark.slow
def test_three_processes_that_send_the_same_acts_make_each_entry_once(
    keep: Keep, recorder: Recorder, url: str
) -> None:
    """Also a duplicate start: nothing keeps a second process out, and nothing needs to."""
    command = [sys.executable, "-m", "tests.rehearsal.keep_crowding", url, str(keep.folder)]
    running = [
        subprocess.Popen([*command, str(seed)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for seed in (3, 4, 5)
    ]
    receipts: dict[str, set[str]] = defaultdict(set)
    for process in running:
        out, told = process.communicate(timeout=120)
        assert process.returncode == 0, told.decode()
        for key, found in json.loads(out).items():
            receipts[key] |= set(found)
    exactly(keep, receipts, 200)
    assert recorder.standing().size == 201
