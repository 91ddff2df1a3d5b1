"""How fast the checker is: a package of many entries, its files, tree and signatures, then every ruling.

    python bench/checking.py [ENTRIES]

The book is the model law's, with returns, findings and refusals, made once in a temporary folder. Beside the
checker stands the physical limit: raw SHA-256 over the same bytes, in the same run. Goals for 1,000,000
entries: checks 1 to 3 in 5 s and 100 MB, all checks in 60 s.
"""

import resource
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from tallybook.book import Act, Entered, Shelf, Standing, decide, evolve
from tallybook.book.writing import encode_entry
from tallybook.doors.lawfiles import shipped
from tallybook.evidence.publishing import publish
from tallybook.evidence.signing import log_key, sign_checkpoint
from tallybook.merkle.checkpoints import Checkpoint
from tallybook.merkle.notes import format_vkey
from tallybook.merkle.tree import leaf_hash, root

ORIGIN = "bench.tallybook.example/many"
LOG = log_key(ORIGIN, bytes(32))
POLICY = f"log {format_vkey(LOG.verifier)}\nquorum none\n"
PLACES = 200
LAWS = [shipped("book"), shipped("model")]


def opening(contests: int) -> Act:
    """A book of many contests."""
    choices = [{"id": one, "name": one.title()} for one in ("ash", "birch", "cedar")]
    detail = {
        "election": {"id": "bench", "title": "Many entries", "day": "2020-11-03"},
        "contests": [
            {"id": f"c{n}", "name": f"Contest {n}", "class": "council", "choices": choices}
            for n in range(contests)
        ],
        "places": [{"id": f"p{n}", "name": f"Place {n}", "kind": "county"} for n in range(PLACES)],
        "law": [one.fingerprint for one in LAWS],
    }
    files = tuple(
        {"bytes": len(one.data), "kind": "public", "name": one.name, "sha256": one.fingerprint}
        for one in LAWS
    )
    return Act(
        "open_book",
        "record_keeper",
        "2020-11-02",
        "2020-11-03T00:00:00Z",
        "open",
        detail=detail,
        exhibits=files,
    )


def acts(contests: int, entries: int) -> Iterator[Act]:
    """Returns for the most part; every tenth act is refused by the law, every twentieth a finding."""
    for n in range(1, entries):
        contest, place = f"c{n % contests}", f"p{n // contests % PLACES}"
        received = f"2020-11-{5 + n * 20 // entries:02}T00:00:00Z"
        key, on = f"k{n}", "2020-11-04"
        if n % 20 == 0:
            yield Act(
                "report_finding",
                "county_superintendent",
                on,
                received,
                key,
                contest,
                place,
                "",
                {"text": "x"},
            )
            continue
        office = "candidate" if n % 10 == 5 else "county_superintendent"
        detail = {"returns": {"votes": {"ash": n, "birch": n // 2, "cedar": 7}}}
        yield Act("report_unofficial_returns", office, on, received, key, contest, place, "", detail)


def stored(entries: int) -> list[bytes]:
    """The entries of the book, as stored."""
    contests = 100
    shelf = Shelf(law_files={one.fingerprint: one.file for one in LAWS}, origin=ORIGIN, policy=POLICY)
    standing, found = Standing(), []
    for act in (opening(contests), *acts(contests, entries)):
        made = decide(standing, act, shelf)
        assert isinstance(made, Entered), made
        for entry in made.entries:
            standing = evolve(standing, entry, shelf)
            found.append(encode_entry(entry))
    return found


def package(folder: Path, found: list[bytes]) -> None:
    """The book as a package in a folder."""
    note = sign_checkpoint(Checkpoint(ORIGIN, len(found), root([leaf_hash(one) for one in found])), LOG)
    files = {one.fingerprint: folder.parent / one.name for one in LAWS}
    for one in LAWS:
        files[one.fingerprint].write_bytes(one.data)
    publish(folder, note, lambda start, stop: found[start:stop], lambda name: files[name].open("rb"))


def timed_checks(folder: Path) -> tuple[float, float, int]:
    """CPU seconds of checks 1 to 3 and of all checks, and the memory in MB after the first."""
    from tallycheck.bookform import read_first
    from tallycheck.checks import Asked, Report, check, signatures
    from tallycheck.files import check_files
    from tallycheck.sources import open_source
    from tallycheck.tree import check_tree

    start = process_time()
    contents = check_files(open_source(folder))
    tree = check_tree(open_source(folder), contents.size)
    own = read_first(next(tree.entries()), tree.checkpoint.origin)
    signatures(tree, own, Asked(None, None, None))
    first = process_time() - start
    memory = most_memory()
    start = process_time()
    report: Report = check(folder, "bench", Asked(POLICY.encode(), None, None))
    assert report.proves, report.failure
    return first, process_time() - start, memory


def most_memory() -> int:
    """The most memory this process has had, in MB (Linux; elsewhere as the system counts it)."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main(entries: int) -> None:
    """Make the package, check it in a process of its own, print times and ratios."""
    import subprocess

    with TemporaryDirectory() as place:
        folder = Path(place) / "package"
        found = stored(entries)
        package(folder, found)
        start = process_time()
        for one in found:
            sha256(one).digest()
        raw = process_time() - start
        size = sum(map(len, found))
        del found
        words = [sys.executable, __file__, "--check", str(folder)]
        first, whole, memory = subprocess.run(
            words, check=True, capture_output=True, text=True
        ).stdout.split()
    print(f"{entries:,} entries, {size / 1e6:,.0f} MB; raw SHA-256 of each entry {raw:.2f} s")
    print(
        f"files, tree, signatures  {float(first):6.2f} s  {float(first) / raw:6.1f} times raw   {memory} MB"
    )
    print(f"every check              {float(whole):6.2f} s  {float(whole) / raw:6.1f} times raw")
    print(f"an entry                 {float(whole) / entries * 1e6:6.1f} microseconds")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--check"]:
        print(*timed_checks(Path(sys.argv[2])))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
