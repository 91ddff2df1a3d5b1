"""A field of a gigabyte, a million columns, a bomb: refused before they are held, for every format.

The files are made up piece by piece as they are read, so a reader that asked for all of one would show.
"""

import io
import zipfile
from collections.abc import Iterator
from time import process_time

import pytest

from tallybook.formats import arlo, manifests, openelections, results_any
from tallybook.formats.archives import InMemory
from tallybook.formats.detect import read_any
from tallybook.formats.problems import Consequence
from tests.rehearsal.fuzzing_readers import CARDS, RESULTS, TWO

GIGABYTE = 1 << 30
MOST_READ = 80 << 20
"""Bytes that a reader may take before it refuses: a thirteenth of what is offered."""
SECONDS = 4.0
NAMES = ("CvrExport.json", "cvr.csv", "1_a.xml", "r.json", "x.blt", "cast-vote-record-report.json")


class Endless:
    """A folder whose one file goes on for a gigabyte after its beginning."""

    def __init__(self, files: dict[str, bytes], name: str, start: bytes, filler: bytes) -> None:
        self.name, self.taken = "folder", 0
        self._files, self._long, self._start, self._filler = files, name, start, filler

    def names(self) -> tuple[str, ...]:
        return tuple(self._files)

    def pieces(self, name: str) -> Iterator[bytes]:
        if name != self._long:
            yield self._files[name]
            return
        yield self._start
        piece = self._filler * ((1 << 20) // len(self._filler))
        for _ in range(GIGABYTE // len(piece)):
            self.taken += len(piece)
            yield piece


def cut(data: bytes, after: bytes) -> bytes:
    """The beginning of a file, up to a place inside its data."""
    assert after in data
    return data[: data.rindex(after) + len(after)]


TEXTS = {
    "Dominion JSON": ("CvrExport.json", b'"'),
    "Dominion CSV": ("cvr.csv", b","),
    "Clear Ballot": ("town.cvr.csv", b","),
    "ES&S": ("cvr.csv", b","),
    "NIST JSON": ("r.json", b'"'),
    "NIST XML": ("r.xml", b">"),
    "a draft of 2018": ("r.xml", b">"),
    "RAIRE": ("x.raire", b","),
    "RCTab": ("x.csv", b","),
    "ranks": ("x.csv", b","),
    "BLT": ("x.blt", b" "),
    "PrefLib": ("x.toi", b","),
    "PrefLib before 2022": ("x.toi", b","),
}


def endless(kind: str, filler: bytes) -> Endless:
    files = dict(CARDS[kind])
    name, after = TEXTS[kind]
    found = name if name in files else next(one for one in files if one.startswith("CvrExport"))
    return Endless(files, found, cut(files[found], after), filler)


@pytest.mark.slow
@pytest.mark.parametrize("kind", TEXTS)
def test_a_field_of_a_gigabyte_is_refused_before_it_is_held(kind: str) -> None:
    folder = endless(kind, b"A")
    begun = process_time()
    reading = read_any(folder)
    assert reading.records is None
    assert reading.problems[0].consequence is Consequence.GRAVE
    assert folder.taken <= MOST_READ
    assert process_time() - begun < SECONDS


@pytest.mark.slow
@pytest.mark.parametrize("kind", [kind for kind, (_, after) in TEXTS.items() if after == b","])
def test_a_row_of_endless_columns_is_refused_before_it_is_held(kind: str) -> None:
    folder = endless(kind, b"1,")
    begun = process_time()
    assert read_any(folder).records is None
    assert folder.taken <= MOST_READ
    assert process_time() - begun < SECONDS


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["Clarity", "OpenElections", "NIST results JSON", "NIST results XML"])
def test_results_with_a_field_of_a_gigabyte_are_refused_before_it_is_held(kind: str) -> None:
    ((name, data),) = RESULTS[kind].items()
    after = {"Clarity": b'"', "OpenElections": b",", "NIST results JSON": b'"', "NIST results XML": b">"}[
        kind
    ]
    folder = Endless({name: data}, name, cut(data, after), b"A")
    begun = process_time()
    results, problems = results_any.read_any(folder)
    assert results is None and problems
    assert folder.taken <= MOST_READ
    assert process_time() - begun < SECONDS


@pytest.mark.parametrize("columns", [1_000_000])
def test_a_million_columns_are_refused_in_every_table(columns: int) -> None:
    header = b"Batch Name," + b"x," * columns + b"Ann,Bob\n"
    assert manifests.manifest_of_any(header + b"1,2\n", "m.csv")[0] is None
    assert arlo.read_candidate_totals(header, "t.csv", TWO)[0] is None
    assert openelections.read_openelections(b"county,office," + header, "o.csv")[0] is None
    assert read_any(InMemory({"cvr.csv": b"Cast Vote Record," + header})).records is None


def bomb(name: str, start: bytes) -> bytes:
    """A ZIP of a few hundred kilobytes that unpacks to two hundred megabytes of one byte."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made,
        made.open(name, "w") as file,
    ):
        file.write(start)
        for _ in range(200):
            file.write(b"0" * (1 << 20))
    return out.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_bomb_is_refused_unopened_whatever_it_calls_itself(name: str) -> None:
    data = bomb(name, b"")
    begun = process_time()
    for read in (read_any, results_any.read_any):
        found = read(InMemory({"export.zip": data}))
        problems = found.problems if hasattr(found, "problems") else found[1]
        assert "at most 400 times as many bytes" in " ".join(map(str, problems))
    assert process_time() - begun < SECONDS


def test_an_archive_that_holds_only_archives_is_refused() -> None:
    data = b""
    for _ in range(8):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as made:
            made.writestr("r.zip", data or b"x")
        data = out.getvalue()
    assert "an archive in an archive" in str(read_any(InMemory({"r.zip": data})).problems[0])
