"""What the system calls of a recording process show: is the log on the disk before each acknowledgement?

Run as `python -m tests.rehearsal.keep_tracing FOLDER ACTS [off]` under strace, it records acts one by one
and writes `ACK` after each receipt; with `off` the database is told not to sync, for a control that must
fail. `unsynced` reads the trace.
"""

import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connections
from msgspec.structs import replace

from tallybook.keep.exhibits import file_public
from tallybook.keep.recorder import Receipt, Recorder
from tests.fakes.small_keep import BOOK, opening, returns, shelve, small_keep, stopped_clock, stopped_steady

CALLS = "pwrite64,write,fdatasync,fsync,rename,renameat,renameat2"
LINE = re.compile(r"^(?P<pid>\d+) +(?P<rest>.*)$")
CALL = re.compile(r"^(?P<name>\w+)\((?:\d+<(?P<path>[^>]*)>)?")
RESUMED = re.compile(r"^<\.\.\. (?P<name>\w+) resumed>")


@dataclass
class Seen:
    """What a trace shows: faults in words, and how many acknowledgements, writes and syncs."""

    faults: list[str] = field(default_factory=list)
    acks: int = 0
    writes: int = 0
    syncs: int = 0


def unsynced(trace: str) -> Seen:
    """Follow writes and syncs of the database's log and of exhibits; every ACK must find them synced.

    A file is clean again when a sync of it has returned that began after its last write returned.
    """
    seen, dirty, begun = Seen(), set[str](), dict[str, tuple[str, str]]()
    since_ack = 0
    for line in trace.splitlines():
        if (found := LINE.match(line)) is None:
            continue
        pid, rest = found["pid"], found["rest"]
        if RESUMED.match(rest):
            name, path = begun.pop(pid, ("", ""))
        elif call := CALL.match(rest):
            name, path = call["name"], call["path"] or ""
            if name in ("write", "pwrite64") and kept(path):
                dirty.add(path)
                seen.writes += 1
                since_ack += path.endswith("-wal")
            if rest.endswith("<unfinished ...>"):
                begun[pid] = (name, path)
                if '"ACK' not in rest:
                    continue
        else:
            continue
        if name in ("fsync", "fdatasync") and kept(path):
            dirty.discard(path)
            seen.syncs += 1
        if '"ACK' in rest and name == "write":
            seen.acks += 1
            seen.faults += [f"ACK {seen.acks}: {Path(one).name} is not synced" for one in sorted(dirty)]
            seen.faults += [f"ACK {seen.acks}: nothing was written to the log"] * (not since_ack)
            since_ack = 0
    return seen


def kept(path: str) -> bool:
    """Whether a file must be on the disk for an acknowledgement: the log, and files of exhibits."""
    return path.endswith("book.db-wal") or "/incoming/" in path


def record(folder: Path, acts: int, *, off: bool) -> None:
    """Record and acknowledge, one by one."""
    keep = small_keep(folder)
    if off:
        connections[keep.alias].close()
        connections.databases[keep.alias]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
    recorder = Recorder(keep, BOOK, shelve=shelve, clock=stopped_clock(), steady=stopped_steady())
    recorder.submit(opening(keep))
    for n in range(acts):
        act = returns(f"{n}")
        if n % 4 == 3:
            act = replace(act, exhibits=(file_public(keep, "a.txt", [b"%d" % n]),))
        assert isinstance(recorder.submit(act), Receipt)
        os.write(1, b"ACK %d\n" % n)
    recorder.close()


if __name__ == "__main__":
    record(Path(sys.argv[1]), int(sys.argv[2]), off=sys.argv[3:] == ["off"])
