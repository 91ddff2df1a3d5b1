"""Every reader of standard files, given files that somebody spoilt: never a traceback."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallybook.formats import (
    arlo,
    arlo_report,
    blt,
    clarity,
    cvr_cdf,
    cvr_cdf_out,
    err_cdf,
    err_cdf_out,
    manifests,
    openelections,
    preflib,
    raire,
    rctab,
    results_csv,
)
from tallybook.formats.problems import UNSAFE, Reading
from tests.rooms.formats import (
    test_cvr_cdf,
    test_err_cdf,
    test_night_results,
    test_ranked_files,
    test_results,
)

SAMPLED = (
    b"Jurisdiction Name,Batch Name,Ballots in Batch,Ticket Numbers: Mayor,Audited?,Reported Results: Mayor,"
    b"Audit Results: Mayor"
)
REPORT = (
    b"""######## ELECTION INFO ########,,
Organization,Election Name,State
Georgia,"November 4, 2025",GA

######## CONTESTS ########,,
Contest Name,Targeted?,Number of Winners,Votes Allowed,Total Ballots Cast,Vote Totals
Mayor,Targeted,1,1,120,Ann: 70; Bob: 50
######## AUDIT SETTINGS ########
Audit Name,Random Seed
A,123
######## ROUNDS ########
Round Number,Contest Name,Targeted?,Sample Size,Risk Limit Met?,P-Value,Start Time,End Time,Audited Votes
1,Mayor,Targeted,5,Yes,0.03,x,y,Ann: 4; Bob: 1
######## SAMPLED BATCHES ########
"""
    + SAMPLED
    + b"""
Cobb,B1,10,Round 1: 0.1,Yes,Ann: 4; Bob: 1,Ann: 4; Bob: 1
Totals,,10,,,Ann: 4; Bob: 1,Ann: 4; Bob: 1
"""
)
FEED = b"""captured_at,feed_version,county,perdue,ossoff,loeffler,warnock,mcdonald,blackman
2021-01-05T22:47:41+00:00,273729,Appling,0,0,0,0,0,0
2021-01-05T23:47:41+00:00,273733,Appling,5,4,5,4,5,4
"""
RESULTS = err_cdf.read_json(test_err_cdf.report([test_err_cdf.count(7)]), "r")[0]
assert RESULTS is not None
ABOUT = err_cdf_out.About("O", "O", test_err_cdf.ABOUT.generated, "c", "general", "certified")
TWO = {"Mayor": ("Ann", "Bob")}

READERS: dict[str, tuple[bytes, Callable[[bytes], object]]] = {
    "cdf json": (
        cvr_cdf_out.write_json(test_cvr_cdf.small(), test_cvr_cdf.ABOUT),
        lambda data: cvr_cdf.read_json(data, "f"),
    ),
    "cdf xml": (
        cvr_cdf_out.write_xml(test_cvr_cdf.small(), test_cvr_cdf.ABOUT),
        lambda data: cvr_cdf.read_xml(data, "f"),
    ),
    "results json": (err_cdf_out.write_json(RESULTS, ABOUT), lambda data: err_cdf.read_json(data, "f")),
    "results xml": (err_cdf_out.write_xml(RESULTS, ABOUT), lambda data: err_cdf.read_xml(data, "f")),
    "clarity": (test_night_results.DETAIL, lambda data: clarity.read_detail(data, "f")),
    "openelections": (test_night_results.TABLE, lambda data: openelections.read_openelections(data, "f")),
    "raire": (test_ranked_files.RAIRE, lambda data: raire.read_raire(data, "f")[0]),
    "rctab": (test_ranked_files.NEUTRAL, lambda data: rctab.read_neutral(data, "f")),
    "ranks": (b"Ann,Bob\n1,2\n,1\n", lambda data: rctab.read_generic(data, "f", "Mayor")),
    "rctab configuration": (b'{"candidates":[],"rules":{}}', lambda data: rctab.read_config(data, "f")),
    "blt": (test_ranked_files.BLT, lambda data: blt.read_blt(data, "f")),
    "preflib": (test_ranked_files.TOI, lambda data: preflib.read_preflib(data, "f")),
    "feed": (FEED, lambda data: results_csv.read_feed(data, "f", test_results.RUNOFF)),
    "manifest": (
        b'Batch Name,Number of Ballots,Container\nA,"1,204",Box\nB,5,Box\n',
        lambda data: manifests.read_manifest(data, "f", manifests.ARLO),
    ),
    "totals": (b"Batch Name,Ann,Bob\nA,4,6\n", lambda data: arlo.read_candidate_totals(data, "f", TWO)),
    "contests": (
        b'Contest Name,Jurisdictions\nMayor,"Cobb, Fulton"\n',
        lambda data: arlo.read_standard_contests(data, "f", ("Cobb", "Fulton")),
    ),
    "participants": (
        b"Jurisdiction,Admin Email\nCobb,a@cobb.gov\n",
        lambda data: arlo.read_participants(data, "f"),
    ),
    "audit report": (REPORT, lambda data: arlo_report.read_report(data, "f")),
}

SPOILS = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.integers(0, 40),
        st.one_of(
            st.binary(max_size=6),
            st.sampled_from(
                [
                    b"\n",
                    b",",
                    b'"',
                    b"<",
                    b">",
                    b"&x;",
                    b"{",
                    b"]",
                    b"-1",
                    b"9" * 40,
                    b"\xff",
                    b"\0",
                    b"1e9",
                    b"",
                ]
            ),
        ),
    ),
    min_size=1,
    max_size=4,
)


@pytest.mark.parametrize("name", READERS)
def test_the_sample_itself_is_sound(name: str) -> None:
    data, read = READERS[name]
    found = read(data)
    value = found.records if isinstance(found, Reading) else found[0]  # type: ignore[index]
    assert (value is None) == (name == "rctab configuration")


@settings(max_examples=700, deadline=None)
@given(st.sampled_from(sorted(READERS)), SPOILS)
def test_a_spoilt_file_gives_a_value_or_problems_and_never_a_traceback(
    name: str, spoils: list[tuple[float, int, bytes]]
) -> None:
    data, read = READERS[name]
    for where, cut, put in spoils:
        at = int(where * len(data))
        data = data[:at] + put + data[at + cut :]
    found = read(data)
    value, problems = (
        (found.records, found.problems) if isinstance(found, Reading) else found  # type: ignore[misc]
    )
    assert value is not None or problems
    assert not any(UNSAFE.search(str(problem)) for problem in problems)
