"""How fast exports of cast vote records are read, against the standard library's parser on the same bytes.

Run: python bench/formats.py [number of cards] [format ...].  CPU seconds of a process of its own for each
format, its peak memory, and the ratio to what `json`, `csv` or `zlib` alone need to parse or unpack the file
without understanding it. Exports are made from a seed: 23 contests, one with ranks, one for two votes.
"""

import csv
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tallybook.formats.archives import PIECE
from tallybook.formats.detect import READERS
from tests.generators import clear_ballot, dominion, ess, hart
from tests.generators.world import World, make

CARDS = 100_000
MEASURES = 20
LARGEST_BASELINE = 600
"""MB: a plain parser holds a whole file as objects, four times its size and more."""


class OnDisk:
    """A folder on disk as the room takes it: names and pieces of bytes."""

    def __init__(self, place: Path) -> None:
        self.name, self._place = place.name, place

    def names(self) -> tuple[str, ...]:
        """The files' names."""
        return tuple(sorted(one.name for one in self._place.iterdir()))

    def pieces(self, name: str) -> Iterator[bytes]:
        """A file's bytes."""
        with (self._place / name).open("rb") as stream:
            while piece := stream.read(PIECE):
                yield piece


def json_files(world: World) -> Iterable[tuple[str, Iterable[bytes]]]:
    """Dominion's JSON bundle, its one large file a piece at a time."""
    for name, rows in dominion.manifests(world.races).items():
        yield name, [json.dumps({"Version": dominion.VERSION, "List": rows}).encode()]
    yield "CvrExport.json", dominion.export_file(dominion.sessions(world, 0, world.cards))


MAKERS: dict[str, Callable[[World], Iterable[tuple[str, Iterable[bytes]]]]] = {
    "dominion_json": json_files,
    "dominion_csv": lambda world: [("cvr.csv", [dominion.csv_export(world)])],
    "clear_ballot": lambda world: [("county.cvr.csv", [clear_ballot.csv_export(world)])],
    "ess": lambda world: [("cvr.csv", [ess.csv_export(world)])],
    "ess_xlsx": lambda world: [("cvr.xlsx", [ess.xlsx_export(world)])],
    "hart": lambda world: ((name, [data]) for name, data in hart.archives(world).items()),
}


def parse_json(place: Path) -> None:
    """The whole file as dicts and lists."""
    json.loads((place / "CvrExport.json").read_bytes())


def parse_csv(place: Path) -> None:
    """Every row as a list of cells."""
    with next(place.iterdir()).open(encoding="utf-8", newline="") as stream:
        for _ in csv.reader(stream):
            pass


def unpack(place: Path) -> None:
    """Every file of every archive as bytes."""
    for one in place.iterdir():
        with zipfile.ZipFile(io.BytesIO(one.read_bytes())) as archive:
            for name in archive.namelist():
                archive.read(name)


BASELINES = {"dominion_json": parse_json, "hart": unpack, "ess_xlsx": unpack}


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of one run."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def peak_memory() -> float:
    """The most memory that this process has held, in MB. Linux counts its parent's into ru_maxrss."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(kind: str, place: Path) -> None:
    """Read one export in this process, then the baseline; print what it took."""
    reader = READERS[kind.removesuffix("_xlsx")]
    readings = []
    seconds = cpu(lambda: readings.append(reader(OnDisk(place))))
    megabytes = peak_memory()
    records = readings[0].records
    if records is None:
        raise SystemExit("\n".join(map(str, readings[0].problems)))
    size = sum(one.stat().st_size for one in place.iterdir()) / 1e6
    told = f"{kind:14} {size:8.1f} MB {seconds:7.2f} s {size / seconds:7.1f} MB/s "
    told += f"{records.cards / seconds:10,.0f} cards/s {megabytes:7.0f} MB memory "
    if size <= LARGEST_BASELINE:
        plain = cpu(lambda: BASELINES.get(kind, parse_csv)(place))
        told += f"{seconds / plain:6.2f} x the plain parser"
    print(told)


def main(words: list[str]) -> None:
    """Make each export, and read it in a process of its own."""
    if words[:1] == ["--read"]:
        return measure(words[1], Path(words[2]))
    cards = int(words[0]) if words else CARDS
    world = make(cards, measures=MEASURES)
    for kind in words[1:] or MAKERS:
        with tempfile.TemporaryDirectory() as folder:
            for name, pieces in MAKERS[kind](world):
                with (Path(folder) / name).open("wb") as out:
                    out.writelines(pieces)
            subprocess.run([sys.executable, __file__, "--read", kind, folder], check=True)
    return None


if __name__ == "__main__":
    main(sys.argv[1:])
