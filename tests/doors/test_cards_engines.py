"""Many jurisdictions: the same bytes come out wherever the work is done."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tallybook.doors.contest_parts import of_stores, stores_in
from tallybook.doors.counts import as_json, counted
from tallybook.doors.jurisdictions import each, engine, ingest_all, jobs_of
from tests.generators import dominion, world

COUNTIES = {f"county {seed}": world.make(60 + seed, seed=seed) for seed in (3, 1, 2)}


@pytest.fixture
def exports(tmp_path: Path) -> list[str]:
    """Three counties' exports, in an order that is not alphabetical."""
    for name, made in COUNTIES.items():
        (tmp_path / f"{name}.csv").write_bytes(dominion.csv_export(made))
    return [str(tmp_path / f"{name}.csv") for name in COUNTIES]


def all_bytes(folder: Path) -> dict[str, bytes]:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def read_and_count(exports: list[str], out: Path, executor: object) -> tuple[dict[str, bytes], str]:
    """The files of a folder made by an executor, and a count made by it, as the command would show it."""
    told = list(ingest_all(jobs_of(exports, out), out, executor))  # type: ignore[arg-type]
    _, ask = of_stores(stores_in(out))
    parts, _ = ask("Mayor", "precinct", executor)  # type: ignore[arg-type]
    result = as_json(counted(parts, by=True))
    return all_bytes(out), json.dumps([result, [[one.name, one.cards, one.contests] for one in told]])


@pytest.mark.slow
def test_processes_give_the_bytes_that_one_process_gives(exports: list[str], tmp_path: Path) -> None:
    here = read_and_count(exports, tmp_path / "here", None)
    with engine(workers=2) as processes:
        assert read_and_count(exports, tmp_path / "processes", processes) == here
    assert [one["name"] for one in json.loads(here[0]["jurisdictions.json"])] == list(COUNTIES)
    assert len(here[0]) == 1 + 3 * 6


def test_any_executor_will_do(exports: list[str], tmp_path: Path) -> None:
    here = read_and_count(exports, tmp_path / "here", None)
    with ThreadPoolExecutor(3) as threads:
        assert read_and_count(exports, tmp_path / "threads", threads) == here


@pytest.mark.slow
def test_a_dask_cluster_gives_the_bytes_that_one_process_gives(exports: list[str], tmp_path: Path) -> None:
    """A scheduler and a worker of its own process, reached by address as on any other computer."""
    distributed = pytest.importorskip("distributed")
    here = read_and_count(exports, tmp_path / "here", None)
    quiet = {"dashboard_address": None, "silence_logs": 50, "local_directory": str(tmp_path)}
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=2, processes=True, **quiet) as cluster,
        engine(cluster=cluster.scheduler_address) as dask,
    ):
        assert read_and_count(exports, tmp_path / "dask", dask) == here


def test_results_come_in_the_order_of_the_work_and_not_of_its_end() -> None:
    with ThreadPoolExecutor(4) as threads:
        assert list(each(slow_square, [4, 3, 2, 1, 0], threads)) == [16, 9, 4, 1, 0]


def slow_square(number: int) -> int:
    import time

    time.sleep(number / 100)
    return number * number


@pytest.mark.slow
def test_a_script_without_a_guard_may_use_processes(exports: list[str], tmp_path: Path) -> None:
    """The command that `go.py` installs calls `main` without asking whether it is the main script."""
    script = tmp_path / "tallybook-script.py"
    script.write_text(
        "import sys\nfrom tallybook.doors.cli import main\nsys.exit(main())\n", encoding="utf-8"
    )
    words = [sys.executable, str(script), "cards", *exports, "--out", "kept", "--workers", "2", "--json"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [one["cards"] for one in json.loads(done.stdout)["exports"]] == [
        one.cards for one in COUNTIES.values()
    ]
