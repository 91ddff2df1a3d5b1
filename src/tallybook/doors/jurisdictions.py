"""Cards of many jurisdictions: read each on its own, count each on its own, add up.

For a state whose counties hand in an export each. The work is a map over jurisdictions and a sum; the map
may run here, in several processes, or on a Dask cluster that sees the same disk. Results are taken in the
order in which the jurisdictions were named, so that the same bytes come out wherever the work was done.
``contest_parts`` counts what is stored here.
"""

import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from tallybook.doors.checking import Papers, against
from tallybook.doors.cli.shown import DoorError
from tallybook.election.cards import CastVoteRecords
from tallybook.formats.problems import Consequence, FileProblem, Problems, Reading

Watch = Callable[[int], object]
T = TypeVar("T")
R = TypeVar("R")
INDEX = "jurisdictions.json"
PATIENCE = "10s"
"""How long a cluster may take to answer."""
NAME = re.compile(r"[^\s/\\.][^/\\\x00-\x1f]{0,99}")


class Job(msgspec.Struct, frozen=True):
    """One export to read: the jurisdiction's name ("" where there is only one), the export, the store.

    ``papers`` are the files to hold it against.
    """

    name: str
    path: str
    folder: str
    papers: Papers = Papers()


class Ingested(msgspec.Struct, frozen=True):
    """What became of one export. ``contests`` are the names and, of each, the cards that bear it.

    ``styles`` counts the cards of each set of contests. Nothing was stored where a problem is grave.
    """

    name: str
    source: str
    cards: int
    contests: tuple[tuple[str, int], ...]
    styles: tuple[int, ...]
    fingerprint: str
    problems: tuple[FileProblem, ...]


class Entry(msgspec.Struct, frozen=True):
    """A line of the index of a folder with many stores."""

    name: str
    cards: int
    fingerprint: str


# Where the work is done -----------------------------------------------------------------------


@contextmanager
def engine(workers: int = 1, cluster: str = "") -> Iterator[Executor | None]:
    """Where to work: a Dask cluster by its address, several processes, or (None) here, one by one."""
    if cluster:
        with _cluster(cluster) as executor:
            yield executor
    elif workers > 1:
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        # A fresh process, not a fork: libraries that have threads do not survive a fork.
        with _main_not_run_again(), ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as executor:
            yield executor
    else:
        yield None


def each(work: Callable[[T], R], items: Sequence[T], executor: Executor | None) -> Iterator[R]:
    """The results of the work on each item, in the order of the items, wherever it is done."""
    if executor is None:
        return map(work, items)
    futures = [executor.submit(work, item) for item in items]
    return (future.result() for future in futures)


@contextmanager
def _main_not_run_again() -> Iterator[None]:
    """Processes started meanwhile do not import the script that this one was started by.

    A script that calls the command line without looking whether it is the main one would run it in each.
    """
    main = sys.modules["__main__"]
    before = main.__spec__
    main.__spec__ = ModuleSpec("tallybook.__main__", None)
    try:
        yield
    finally:
        main.__spec__ = before


@contextmanager
def _cluster(address: str) -> Iterator[Executor]:
    try:
        client_of: Any = import_module("distributed").Client
    except ImportError:
        raise DoorError(
            "--cluster needs Dask, which is not installed here. Install it with: "
            'pip install "tallybook[dask]". Without it, --workers uses the processors of this computer.'
        ) from None
    try:
        client = client_of(address, timeout=PATIENCE)
    except (OSError, ValueError, TimeoutError) as why:
        raise DoorError(f"The cluster at {address} does not answer ({why}). Nothing was changed.") from None
    with client:
        yield client.get_executor()


# Reading exports into stores ------------------------------------------------------------------


def jobs_of(words: Sequence[str], out: Path, papers: Papers | None = None) -> tuple[Job, ...]:
    """One job per export as typed, ``EXPORT`` or ``NAME=EXPORT``. Raises DoorError for what cannot be."""
    jobs = _jobs(words, out)
    return tuple(msgspec.structs.replace(job, papers=papers or Papers()) for job in jobs)


def _jobs(words: Sequence[str], out: Path) -> tuple[Job, ...]:
    named = [_named(word) for word in words]
    if len(named) == 1:
        return (Job(named[0][0] if "=" in words[0] else "", str(named[0][1]), str(out)),)
    seen: dict[str, Path] = {}
    places: dict[Path, str] = {}
    for name, path in named:
        real = path.resolve()
        if real in places:
            raise DoorError(f"{path} is named twice. Nothing was read; name each export once.")
        if name.casefold() in seen:
            told = f"Two exports would both be called {name}: {seen[name.casefold()]} and {path}."
            raise DoorError(told, "Give each its jurisdiction's name: NAME=EXPORT. Nothing was read.")
        places[real], seen[name.casefold()] = name, path
    return tuple(Job(name, str(path), str(out / name)) for name, path in named)


def ingest(job: Job, watch: Watch = lambda _: None) -> Ingested:
    """Read one export and store it, unless a problem is grave."""
    from tallybook.doors.exports import read_export
    from tallybook.keep import cards as kept

    return _stored(job, read_export(Path(job.path), watch), kept.store)


def _stored(job: Job, reading: Reading, store: Callable[[CastVoteRecords, Path], object]) -> Ingested:
    from tallybook.doors.styles import cards_of_styles
    from tallybook.keep.cards import fingerprint

    reading = _checked(job, reading)
    records = reading.records
    if records is None:
        return Ingested(job.name, job.path, 0, (), (), "", reading.problems)
    store(records, Path(job.folder))
    borne = tuple((one.name, int((records.codes[one.id] > 0).sum())) for one in records.contests)
    counted = (records.cards, borne, cards_of_styles(records), fingerprint(records))
    return Ingested(job.name, records.source, *counted, reading.problems)


def _checked(job: Job, reading: Reading) -> Reading:
    """The reading held against the papers, where there are any."""
    if reading.records is None or job.papers == Papers():
        return reading
    problems = Problems()
    problems.extend(reading.problems)
    problems.extend(against(reading.records, job.path, job.papers, job.name))
    return problems.reading(reading.records)


def ingest_all(
    jobs: Sequence[Job], out: Path, executor: Executor | None, watch: Watch | None = None
) -> Iterator[Ingested]:
    """Read and store every export, all or none of them: ``out`` appears when the last has been taken.

    ``watch`` is told of the bytes read where the work is done here, not elsewhere.

    Raises DoorError, and leaves nothing, where an export may not be counted, is there twice, or is of
    another election than the rest.
    """
    if out.exists():
        raise DoorError(f"{out} exists already. Nothing was changed; name a new folder, or remove it.")
    out.parent.mkdir(parents=True, exist_ok=True)
    staged = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    staged.chmod(0o755)
    try:
        within = [job.name for job in jobs] if len(jobs) > 1 else [""]
        moved = [
            msgspec.structs.replace(job, folder=str(staged / "it" / name))
            for job, name in zip(jobs, within, strict=True)
        ]
        done: list[Ingested] = []
        here = partial(ingest, watch=watch) if watch is not None and executor is None else ingest
        for one in each(here, moved, executor):
            done.append(one)
            yield one
        if any(is_grave(problem) for one in done for problem in one.problems):
            return
        check_together(done)
        if len(jobs) > 1:
            entries = [Entry(one.name, one.cards, one.fingerprint) for one in done]
            (staged / "it" / INDEX).write_bytes(msgspec.json.format(msgspec.json.encode(entries)) + b"\n")
        (staged / "it").rename(out)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def check_together(done: Sequence[Ingested]) -> None:
    """Raises DoorError where two exports are the same, or one shares no contest with the others."""
    prints: dict[str, Ingested] = {}
    for one in done:
        before = prints.setdefault(one.fingerprint, one)
        if before is not one:
            raise DoorError(
                f"{before.name} and {one.name} handed in the same cards: every reading of all {one.cards:,} "
                "is the same. Nothing was stored; ask which of them it is from, or leave one out."
            )
    for one in done:
        others = {name for other in done if other is not one for name, _ in other.contests}
        if len(done) > 1 and not others & {name for name, _ in one.contests}:
            raise DoorError(
                f"{one.name} shares no contest with the others: this looks like the export of another "
                "election. Nothing was stored; read the exports of each election into a folder of their own."
            )


def is_grave(problem: FileProblem) -> bool:
    """Whether nothing may be counted until this is mended."""
    return problem.consequence is Consequence.GRAVE


def _named(word: str) -> tuple[str, Path]:
    name, equals, rest = word.partition("=")
    if equals and not Path(word).exists():
        if not NAME.fullmatch(name):
            raise DoorError(f"{name!r} cannot be a jurisdiction's name here: no / and no dot at its start.")
        return name, Path(rest)
    path = Path(word)
    base = path.resolve().name
    return (base[: -len(path.suffix)] if path.is_file() and path.suffix else base) or base, path
