"""A receipt means durable: the trace of the system calls shows the sync before each acknowledgement."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.needs import ROOT, needs_program
from tests.rehearsal.keep_tracing import CALLS, Seen, unsynced

pytestmark = pytest.mark.slow


def traced(folder: Path, acts: int, *more: str) -> Seen:
    """Record under strace and read the trace."""
    strace = needs_program("strace", "Debian: strace")
    out = folder / "trace"
    recording = [sys.executable, "-m", "tests.rehearsal.keep_tracing", str(folder), str(acts), *more]
    done = subprocess.run(
        [str(strace), "-f", "-y", "-e", f"trace={CALLS}", "-o", str(out), *recording],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if "ptrace" in done.stderr and not out.stat().st_size:
        pytest.skip("this system does not let a process be traced")
    assert done.returncode == 0, done.stderr
    return unsynced(out.read_text())


def test_every_acknowledgement_follows_the_sync_of_its_entry(tmp_path: Path) -> None:
    seen = traced(tmp_path, 40)
    assert seen.acks == 40
    assert seen.faults == []
    assert seen.syncs >= 40


def test_without_the_sync_the_same_check_fails_at_every_acknowledgement(tmp_path: Path) -> None:
    seen = traced(tmp_path, 40, "off")
    assert seen.acks == 40
    assert len([fault for fault in seen.faults if "book.db-wal is not synced" in fault]) == 40


def test_the_reading_of_a_trace_knows_when_a_sync_is_too_late() -> None:
    """Three traces written by hand: synced, synced after the ACK, and a sync that has not returned."""
    log = "/x/book.db-wal"
    write, ack = f'1 pwrite64(5<{log}>, "a"..., 1, 0) = 1', '2 write(1<pipe:[3]>, "ACK 0\\n", 6) = 6'
    sync = f"1 fdatasync(5<{log}>) = 0"
    begun, ended = f"1 fdatasync(5<{log}> <unfinished ...>", "1 <... fdatasync resumed>) = 0"
    assert unsynced("\n".join([write, sync, ack])).faults == []
    assert unsynced("\n".join([write, begun, ended, ack])).faults == []
    assert unsynced("\n".join([write, ack, sync])).faults == ["ACK 1: book.db-wal is not synced"]
    assert unsynced("\n".join([write, begun, ack, ended])).faults == ["ACK 1: book.db-wal is not synced"]
    assert unsynced("\n".join([write, sync, ack, ack])).faults == ["ACK 2: nothing was written to the log"]
