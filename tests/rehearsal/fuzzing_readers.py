"""Small files of every format that is read, and damage drawn from a seed: no reader stops or runs away.

Each case is a format, a number, and nothing else: a failure names both and can be played again. What must
hold is said once, in ``check``.
"""

import json
import random
import zlib
from collections.abc import Callable, Mapping
from time import process_time

from tallybook.election.cards import check_records
from tallybook.formats import (
    arlo,
    arlo_report,
    blt,
    err_cdf_out,
    manifests,
    openelections,
    preflib,
    rctab,
    results_any,
    results_csv,
    tabulators,
)
from tallybook.formats.archives import InMemory
from tallybook.formats.detect import read_any
from tallybook.formats.hart_signatures import check_export
from tallybook.formats.problems import UNSAFE, Consequence, Reading
from tests.generators import clear_ballot, dominion, ess, hart
from tests.generators.world import make
from tests.rooms.formats import (
    test_cdf_dialects,
    test_cvr_cdf,
    test_results,
    test_tabulators,
)
from tests.rooms.formats import test_night_results as night
from tests.rooms.formats import test_ranked_files as ranked
from tests.rooms.formats import test_spoilt_files as spoilt
from tests.rooms.formats.test_either import spreadsheet

SECONDS = 1.0
WORLD = make(4, measures=1)
SPICE = (
    *(
        b"\0",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\r",
        b"\r\n",
        b"\n\n",
        b'"',
        b'""',
        b",",
        b";",
        b"\t",
        b"{",
        b"}",
    ),
    *(
        b"[",
        b"]}",
        b"<!DOCTYPE a>",
        b"<!ENTITY a 'b'>",
        b"<!--",
        b"-->",
        b"<![CDATA[",
        b"]]>",
        b"<?x?>",
        b"&a;",
    ),
    *(b"&#0;", b"\x81", b"\xc3", b"-1", b"0.5", b"1e309", b"9" * 20, b"9" * 400, b"\xe2\x80\xae", b"null"),
    *(b"\xe2\x80\x8f", b"NaN", b"true", b"=", b"+", b"@", b"'", b"<Contest>", b"</Contest>", b"PK\x03\x04"),
    *(b"\\u0000", b"\\ud800", b"A" * 5_000, b"," * 5_000, b"[" * 5_000, b"<a>" * 5_000),
)
Files = Mapping[str, bytes]
Read = Callable[[Files], object]
TWO = {"Mayor": ("Ann", "Bob")}


def _one(read: Callable[[bytes, str], object]) -> Read:
    return lambda files: read(*reversed(next(iter(files.items()))))


def _any(files: Files) -> object:
    return read_any(InMemory(files))


def _results(files: Files) -> object:
    return results_any.read_any(InMemory(files))


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


CARDS: dict[str, Files] = {
    "Dominion JSON": dominion.json_export(WORLD, 2),
    "Dominion CSV": {"cvr.csv": dominion.csv_export(WORLD)},
    "Dominion CSV as a spreadsheet": {"cvr.xlsx": spreadsheet(dominion.csv_export(WORLD))},
    "Clear Ballot": {"town.cvr.csv": clear_ballot.csv_export(WORLD)},
    "ES&S": {"cvr.csv": ess.csv_export(WORLD), "ballots.csv": ess.ballots_file(WORLD)},
    "ES&S as a spreadsheet": {"cvr.xlsx": ess.xlsx_export(WORLD)},
    "Hart archives": hart.archives(WORLD),
    "Hart sheets": dict(hart.sheets(WORLD)),
    "NIST JSON": {"r.json": test_cvr_cdf.write_json(test_cvr_cdf.small(), test_cvr_cdf.ABOUT)},
    "NIST XML": {"r.xml": test_cvr_cdf.write_xml(test_cvr_cdf.small(), test_cvr_cdf.ABOUT)},
    "a draft of 2017": {"r.json": test_cdf_dialects.of_2017({"NumberVotes": 1})},
    "a draft of 2018": {"r.xml": test_cdf_dialects.XML_2018},
    "VotingWorks": test_cdf_dialects.WHOLE,
    "RAIRE": {"x.raire": ranked.RAIRE},
    "RCTab": {"x.csv": ranked.NEUTRAL},
    "ranks": {"x.csv": b"Ballot ID,Ann,Bob,Cy\n7,1,,2\n8,2,1,\n"},
    "BLT": {"x.blt": ranked.BLT},
    "PrefLib": {"x.toi": ranked.TOI},
    "PrefLib before 2022": {"x.toi": ranked.OLD},
}
RESULTS: dict[str, Files] = {
    "Clarity": {"detail.xml": night.DETAIL},
    "OpenElections": {"20201103__ga__general.csv": night.TABLE},
    "OpenElections as a spreadsheet": {"x.xlsx": spreadsheet(night.TABLE)},
    "NIST results JSON": {"r.json": err_cdf_out.write_json(spoilt.RESULTS, spoilt.ABOUT)},
    "NIST results XML": {"r.xml": err_cdf_out.write_xml(spoilt.RESULTS, spoilt.ABOUT)},
}
MANIFEST = b'Batch Name,Number of Ballots,Container\nA,"1,204",Box\nB,5,Box\n'
TABLES: dict[str, tuple[bytes, Callable[[bytes, str], object]]] = {
    "manifest": (MANIFEST, manifests.manifest_of_any),
    "manifest as a spreadsheet": (spreadsheet(MANIFEST), manifests.manifest_of_any),
    "batch totals": (
        b"Batch Name,Ann,Bob\nA,4,6\n",
        lambda data, name: arlo.read_candidate_totals(data, name, TWO),
    ),
    "contests": (
        b'Contest Name,Jurisdictions\nMayor,"Cobb, Fulton"\n',
        lambda data, name: arlo.read_standard_contests(data, name, ("Cobb", "Fulton")),
    ),
    "participants": (b"Jurisdiction,Admin Email\nCobb,a@cobb.gov\n", arlo.read_participants),
    "audit report": (spoilt.REPORT, arlo_report.read_report),
    "feed": (
        spoilt.FEED,
        lambda data, name: results_csv.read_feed(data, name, test_results.RUNOFF),
    ),
    "tabulators": (test_tabulators.PLAIN, tabulators.read_tabulators),
    "tabulators for Excel": (test_tabulators.EXCEL, tabulators.read_tabulators),
    "RCTab configuration": (_json({"candidates": [], "rules": {}, "cvrFileSources": []}), rctab.read_config),
    "BLT itself": (ranked.BLT, blt.read_blt),
    "PrefLib itself": (ranked.TOI, preflib.read_preflib),
    "OpenElections itself": (night.TABLE, openelections.read_openelections),
}
SIGNED = {"1_a.xml": b"<Cvr/>", "1_a.xml.sig.xml": b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>'}
CASES: dict[str, tuple[Files, Read]] = {
    **{name: (files, _any) for name, files in CARDS.items()},
    **{name: (files, _results) for name, files in RESULTS.items()},
    **{name: ({"f": data}, _one(read)) for name, (data, read) in TABLES.items()},
    "Hart signatures": (SIGNED, lambda files: (None, check_export(InMemory(files), None))),
}


def play(kind: str, number: int) -> float:
    """One case: damage, read, check. Gives the seconds of CPU that the reading took."""
    files, read = CASES[kind]
    die = random.Random(zlib.crc32(f"{kind} {number}".encode()))
    spoilt = damaged_files(files, die)
    begun = process_time()
    found = read(spoilt)
    spent = process_time() - begun
    check(found)
    return spent


def check(found: object) -> None:
    """A value, or grave problems and no value; nothing unsafe in what is told; records that hold together."""
    value, problems = (found.records, found.problems) if isinstance(found, Reading) else found  # type: ignore[misc]
    assert value is not None or problems
    assert not any(UNSAFE.search(str(problem)) for problem in problems)
    if isinstance(found, Reading):
        assert (found.records is None) == any(one.consequence is Consequence.GRAVE for one in problems)
        if found.records is not None:
            assert check_records(found.records) == ()


def damaged_files(files: Files, die: random.Random) -> dict[str, bytes]:
    """The files with one of them damaged once or a few times, missing, or there twice."""
    name, what = die.choice(list(files)), die.randrange(20)
    if what == 0 and len(files) > 1:
        return {one: data for one, data in files.items() if one != name}
    if what == 1:
        return {**files, f"copy of {name}": files[name]}
    data = files[name]
    for _ in range(die.choice((1, 1, 1, 2, 3))):
        data = damaged(data, die)
    return {**files, name: data}


def damaged(data: bytes, die: random.Random) -> bytes:
    """The bytes with one thing wrong: cut, copied, swapped, spiced, or garbled."""
    place, other = sorted(die.randrange(len(data) + 1) for _ in range(2))
    other = min(other, place + 2_000)
    spice = die.choice(SPICE)
    match die.randrange(10):
        case 0:
            return data[:place]
        case 1:
            return data[place:]
        case 2:
            return data[:place] + data[other:]
        case 3:
            return data[:other] + data[place:other] + data[other:]
        case 4 | 5:
            return data[:place] + spice + data[place:]
        case 6:
            return data[:place] + spice + data[other:]
        case 7:
            return data[:place] + bytes([die.randrange(256)]) + data[place + 1 :]
        case 8:
            return data[:place] + die.randbytes(50) + data[place:]
        case _:
            number = die.choice((b"0", b"-1", b"1e9", b"2147483648", b"18446744073709551616"))
            return data[:place] + number + data[place + 1 :]
