"""A format is known by what is in a file, whatever the file is called, and two formats are never mixed."""

import io
import zipfile
from collections.abc import Callable, Mapping

import pytest

from tallybook.formats.archives import InMemory
from tallybook.formats.detect import READERS, TITLES, detect, read_any
from tallybook.formats.problems import Consequence
from tests.generators import clear_ballot, dominion, ess, hart
from tests.generators.world import World, found, make

SMALL = make(60, measures=2)


def as_zip(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return out.getvalue()


EXPORTS: dict[str, tuple[str, Callable[[World], Mapping[str, bytes]]]] = {
    "Dominion JSON": ("dominion_json", dominion.json_export),
    "Dominion JSON, split": ("dominion_json", lambda w: dominion.json_export(w, 10)),
    "Dominion CSV": ("dominion_csv", lambda w: {"export.txt": dominion.csv_export(w)}),
    "Dominion CSV, quoted": ("dominion_csv", lambda w: {"x.csv": dominion.csv_export(w, True)}),
    "ES&S": ("ess", lambda w: {"cards.csv": ess.csv_export(w)}),
    "ES&S with ballots": ("ess", lambda w: {"b.csv": ess.ballots_file(w), "c.csv": ess.csv_export(w)}),
    "ES&S spreadsheet": ("ess", lambda w: {"cards.xlsx": ess.xlsx_export(w)}),
    "Hart": ("hart", lambda w: dict(hart.sheets(w))),
    "Clear Ballot": ("clear_ballot", lambda w: {"x.cvr.csv": clear_ballot.csv_export(w)}),
    "Clear Ballot in UTF-16": (
        "clear_ballot",
        lambda w: {"x.csv": clear_ballot.csv_export(w).decode().encode("utf-16")},
    ),
}
OTHERS = {
    "cvr_cdf_json": b'{"@type": "CVR.CastVoteRecordReport", "Version": "1.0.0"}',
    "cvr_cdf_xml": b'<?xml version="1.0"?><CastVoteRecordReport xmlns="http://itl.nist.gov/ns/voting/1500-103/v1"/>',
    "raire": b"1\nContest,1,2,11,12\n1,99813_1_1,11,12\n",
    "rctab": b"Source Filepath,CVR Provider,Contest Id,Tabulator Id,Batch Id,Record Id,Precinct,Rank 1\n",
    "blt": b'3 2\n4 1 2 0\n0\n"Ann"\n"Bob"\n"Cy"\n"Board"\n',
    "preflib": b"# FILE NAME: 1.soi\n# NUMBER ALTERNATIVES: 2\n",
    "ranks": b"Ballot ID,Precinct,Ann,Bob,Cy\n7,North,1,,2\n8,South,2,1,\n",
    "": b"County,Votes\nAppling,3\n",
}


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_known_by_its_content(name: str) -> None:
    kind, files = EXPORTS[name]
    assert detect(InMemory(files(make(60, measures=2)))) == kind


@pytest.mark.parametrize("kind", OTHERS)
def test_a_standard_file_is_known_by_its_first_bytes(kind: str) -> None:
    assert detect(InMemory({"some file": OTHERS[kind]})) == kind


def test_a_preflib_file_from_before_2022_is_known_by_its_first_two_lines() -> None:
    assert detect(InMemory({"x": b"2\n1,Ann\n2,Bob\n3,3,1\n3,1,2\n"})) == "preflib"


@pytest.mark.parametrize(
    "data",
    [
        b"Batch Name,Ann,Bob\nA,1,2\n", b"Ann,Bob\n1,3\n", b"Ann,Bob\n2,\n", b"Ann,Bob\n", b"Ann\n1\n",
        b"County,Ann,Bob\nCobb,1,2\n", b"Ann,Bob\n1,1.5\n", b"1,2\n1,2\n",
    ],
)  # fmt: skip
def test_a_table_that_may_hold_votes_is_never_taken_for_ranks(data: bytes) -> None:
    assert detect(InMemory({"x.csv": data})) == ""


@pytest.mark.parametrize("name", EXPORTS)
def test_any_export_is_read_alike_loose_in_a_zip_and_in_a_zip_within_a_zip(name: str) -> None:
    files = EXPORTS[name][1](make(60, measures=2))
    loose = read_any(InMemory(files, "x"))
    if loose.records is None:
        assert name == "Hart"  # Its batches are numbered by tabulator, which loose files do not tell.
        return
    for packed in (as_zip(files), as_zip({"inner.zip": as_zip(files)})):
        reading = read_any(InMemory({"export.zip": packed}))
        assert reading.records is not None, list(map(str, reading.problems))
        assert found(reading.records) == found(loose.records)


def test_a_zip_of_hart_s_archives_is_read_as_several_tabulators() -> None:
    reading = read_any(InMemory({"all.zip": as_zip(hart.archives(SMALL))}))
    assert reading.records is not None, list(map(str, reading.problems))
    assert found(reading.records) == SMALL.truth()


def test_two_formats_in_one_folder_are_grave() -> None:
    files = {"a.csv": dominion.csv_export(SMALL), "b.csv": clear_ballot.csv_export(SMALL)}
    reading = read_any(InMemory(files))
    assert reading.records is None and detect(InMemory(files)) == ""
    assert "Dominion's CSV export and Clear Ballot's export" in reading.problems[0].found


def test_a_file_that_is_no_part_of_the_export_is_told() -> None:
    files = {"a.csv": ess.csv_export(SMALL), "notes.pdf": b"%PDF-1.7", ".DS_Store": b"\0"}
    told = [p.file for p in read_any(InMemory(files)).problems if p.consequence is Consequence.CARE]
    assert told == ["notes.pdf"]


@pytest.mark.parametrize(
    "data", [b"", b"\0" * 500, b"{}", b"<x/>", b"PK\x03\x04", b"a,b\n", b"\xff\xfe", b'"']
)
def test_what_is_no_export_is_grave_and_says_what_would_be(data: bytes) -> None:
    reading = read_any(InMemory({"x": data}))
    assert reading.records is None and reading.problems[0].consequence is Consequence.GRAVE


def test_every_format_has_a_reader_and_a_title() -> None:
    assert READERS.keys() == TITLES.keys()
