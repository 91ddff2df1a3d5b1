"""Every change of a package of 500 entries that someone without the keys could make, and who must notice.

A change is one bit turned, one cut, one byte more, one file more, fewer or renamed; in the folder and in the
ZIP. The check that must notice is the lowest whose input holds the change (docs/spec/package.md, section 7).
The rehearsal tries all of them, some millions, in shards: what is done is remembered, and a run that was
stopped goes on where it was. The tests of every day try a sample.
"""

import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from time import monotonic
from typing import NamedTuple

import tallycheck
from tallycheck.checks import Asked, check
from tools.make_vectors import Maker, choices, forged, zipped

ENTRIES = 500
SHARD = 20_000
ZIP = "package.zip"
MEMORY = Path("/dev/shm")
"""Where Linux keeps files in memory: millions of changes wear out no disk there."""

ADDED = ("README", "tile/0/002", "tile/0/000.p/1", "tile/entries/001", "exhibits/" + "0" * 64, "x/contents")


class Shard(NamedTuple):
    """Some changes of one kind to one file: those numbered from start to stop."""

    kind: str
    file: str
    start: int
    stop: int


@cache
def package() -> dict[str, bytes]:
    """A small election's book of 500 entries, with two full tiles less a bit, exhibits and a checkpoint."""
    book = Maker()
    book.open([{"id": "mayor", "name": "Mayor", "class": "mayor", "choices": choices("ash", "birch")}])
    for seq in range(1, ENTRIES):
        at = {"contest": "mayor", "place": ("north", "south")[seq % 2]}
        votes = {"ash": seq, "birch": ENTRIES - seq}
        book.act(
            "report_unofficial_returns", "county_superintendent", **at, detail={"returns": {"votes": votes}}
        )
    return forged(book, lambda _: None)


@cache
def package_zip() -> bytes:
    """The same as a ZIP."""
    return zipped(package())


def data_of(file: str) -> bytes:
    """The bytes of a file of the package, or of its ZIP."""
    return package_zip() if file == ZIP else package()[file]


def must_notice(file: str, at: int) -> int:
    """The lowest check whose input holds byte `at` of a file."""
    if file in (ZIP, "contents") or file.startswith("exhibits/"):
        return 1
    head = len(b"\n".join(package()["checkpoint"].split(b"\n")[:4])) + 1
    return 3 if file == "checkpoint" and at >= head else 2


def shards() -> Iterator[Shard]:
    """Every change there is."""
    for file in (*sorted(package()), ZIP):
        size = len(data_of(file))
        for kind, many in (("bit", 8 * size), ("cut", size), ("longer", 256)):
            yield from (Shard(kind, file, a, min(a + SHARD, many)) for a in range(0, many, SHARD))
    for file in sorted(package()):
        yield Shard("deleted", file, 0, 1)
        yield Shard("renamed", file, 0, len(ADDED))
    yield Shard("added", "", 0, len(ADDED))


def changed(shard: Shard, number: int) -> tuple[bytes, int]:
    """The bytes after one change, and the check that must notice it."""
    data = data_of(shard.file)
    if shard.kind == "bit":
        at = number // 8
        turned = bytes([data[at] ^ 1 << number % 8])
        return data[:at] + turned + data[at + 1 :], must_notice(shard.file, at)
    if shard.kind == "cut":
        return data[:number], must_notice(shard.file, number)
    return data + bytes([number]), must_notice(shard.file, len(data))


def lay(folder: Path) -> None:
    """The package, as a folder and as a ZIP beside it."""
    for name, data in package().items():
        place = folder / "package" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    (folder / ZIP).write_bytes(package_zip())


def verdict(place: Path) -> int:
    """The check that rejects, or 0."""
    failure = check(place, "package", Asked()).failure
    return failure.number if failure else 0


def unnoticed(folder: Path, shard: Shard, step: int = 1) -> list[str]:
    """The changes of a shard, every step-th, that the right check missed. The folder ends as it was."""
    return [f"{shard.kind} {shard.file} {n}: {said}" for n, said in tried(folder, shard, step) if said]


def tried(folder: Path, shard: Shard, step: int) -> Iterator[tuple[int, str]]:
    """Each change, and what was wrong with the verdict on it ("" if nothing)."""
    whole = folder / "package"
    place = folder / ZIP if shard.file == ZIP else whole / shard.file
    for number in range(shard.start, shard.stop, step):
        if shard.kind in ("bit", "cut", "longer"):
            data, expected = changed(shard, number)
            place.write_bytes(data)
            found = verdict(folder / ZIP if shard.file == ZIP else whole)
        else:
            expected, found = 1, with_other_files(whole, shard, number)
        yield number, "" if found == expected else f"check {found}, not {expected}"
    if shard.file:
        place.write_bytes(data_of(shard.file))


def with_other_files(whole: Path, shard: Shard, number: int) -> int:
    """The verdict on the folder with a file more, fewer, or under another name."""
    other = whole / ADDED[number]
    data = b"" if shard.kind == "added" else data_of(shard.file)
    if shard.kind != "added":
        (whole / shard.file).unlink()
    if shard.kind != "deleted":
        other.parent.mkdir(exist_ok=True)
        other.write_bytes(data)
    found = verdict(whole)
    other.unlink(missing_ok=True)
    if shard.kind != "added":
        (whole / shard.file).write_bytes(data)
    return found


# The whole ------------------------------------------------------------------------------------


def in_a_folder_of_its_own(shard: Shard) -> tuple[Shard, list[str]]:
    """One shard, in its own process."""
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        lay(Path(folder))
        return shard, unnoticed(Path(folder), shard)


def remembered() -> Path:
    """Where the finished shards of this package, under this checker, are remembered."""
    code = sha256(package_zip())
    for file in sorted(Path(tallycheck.__file__).parent.glob("*.py")):
        code.update(file.read_bytes())
    return Path(gettempdir()) / f"tallybook-flips-{code.hexdigest()[:16]}.txt"


def rehearse(processes: int = 2) -> tuple[int, list[str]]:
    """Every change; the number of them, and those that the right check did not notice."""
    memory, every = remembered(), list(shards())
    done = set(memory.read_text("utf-8").splitlines()) if memory.exists() else set[str]()
    left = [one for one in every if repr(one) not in done]
    print(f"{len(every)} shards, {len(every) - len(left)} of them done before; remembered in {memory}")
    wrong: list[str] = []
    begun = monotonic()
    with ProcessPoolExecutor(processes) as pool, memory.open("a", encoding="utf-8") as book:
        waiting = [pool.submit(in_a_folder_of_its_own, one) for one in left]
        for number, one in enumerate(as_completed(waiting), 1):
            shard, found = one.result()
            wrong += found
            if not found:
                print(repr(shard), file=book, flush=True)
            progress(number, len(left), len(wrong), monotonic() - begun)
    print()
    return sum(one.stop - one.start for one in every), wrong


def progress(done: int, of: int, wrong: int, seconds: float) -> None:
    """One line that says how far it is."""
    rest = seconds / done * (of - done) / 60
    line = f"\r{done} of {of} shards, {wrong} changes unnoticed, about {rest:.0f} minutes left "
    sys.stdout.write(line)
    sys.stdout.flush()
