"""Arlo's files: what officials uploaded, and the audit report that was published."""

import csv
import io
import json
import zipfile

import pytest

from tallybook.election import Batch, Manifest
from tallybook.formats.arlo import (
    Participant,
    StandardContest,
    columns_of,
    read_candidate_totals,
    read_participants,
    read_standard_contests,
)
from tallybook.formats.arlo_report import read_report, tickets_in, votes_in
from tallybook.formats.manifests import ARLO, ARLO_COMPARISON, ARLO_HYBRID, read_manifest, read_stored
from tests.needs import needs_shared

GEORGIA = "data/audits/georgia2025_psc_macro"
CONTEST = "PSC - District 2"
CHOICES = ("Tim Echols (I) (Rep)", "Alicia M. Johnson (Dem)")


def said(problems: object) -> str:
    return " ".join(map(str, problems))  # type: ignore[call-overload]


# Manifests ------------------------------------------------------------------------------------


def test_a_manifest_is_read_with_columns_in_any_order_and_case() -> None:
    data = b"number of ballots,Container,BATCH NAME,,\n1000,Box 1,Batch 1,,\n\n250,Box 2,Batch 2,,\n"
    expected = Manifest(
        (Batch("Ben Hill", "Batch 1", 1_000, "Box 1"), Batch("Ben Hill", "Batch 2", 250, "Box 2"))
    )
    assert read_manifest(data, "manifest.csv", ARLO, "Ben Hill") == (expected, ())


def test_thousands_separators_are_read() -> None:
    found, _ = read_manifest(b'Batch Name,Number of Ballots\nA,"1,204"\n', "manifest.csv", ARLO)
    assert found is not None
    assert found.cards == 1_204


def test_a_letter_in_a_number_is_told_as_the_style_guide_shows() -> None:
    found, problems = read_manifest(b"Batch Name,Number of Ballots\nA,12O4\n", "manifest.csv", ARLO)
    assert found is None
    assert str(problems[0]) == (
        'manifest.csv, row 2, "Number of Ballots": found "12O4"; expected a whole number, 0 or more. '
        "The third character is the letter O. Correct the cell and upload the file again."
    )


BAD = {
    "a negative number": (b"Batch Name,Number of Ballots\nA,-5\n", "cannot be below 0"),
    "a fraction": (b"Batch Name,Number of Ballots\nA,2.5\n", "second character"),
    "a blank cell": (b"Batch Name,Number of Ballots\n,5\n", "row 2"),
    "no number": (b"Batch Name,Number of Ballots\nA,\n", "found nothing"),
    "too many cells": (b"Batch Name,Number of Ballots\nA,5,6\n", "3 cells"),
    "too few cells": (b"Batch Name,Number of Ballots\nA\n", "1 cells"),
    "a batch twice": (b"Batch Name,Number of Ballots\nA,5\nA,6\n", "stands in row 2"),
    "a row of totals": (b"Batch Name,Number of Ballots\nA,5\nTotal,5\n", "no row of totals"),
    "a sum without a name": (b"Batch Name,Number of Ballots\nA,5\nB,6\nC,11\n", "sum of the others"),
    "tabs": (b"Batch Name\tNumber of Ballots\nA\t5\n", "tabs"),
    "a column too many": (b"Batch Name,Number of Ballots,Boxes\nA,5,1\n", '"Boxes"'),
    "a column twice": (b"Batch Name,Number of Ballots,batch name\nA,5,B\n", "2 times"),
    "no header": (b"", "the right file"),
    "a misspelt header": (b"Batch,Number of Ballots\nA,5\n", 'no column "Batch Name"'),
    "commas out of place": (b'Batch Name,Number of Ballots\nA,"1,20"\n', "whole number"),
    "a NUL byte": (b"Batch Name,Number of Ballots\nA\0,5\n", "NUL"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_manifest_is_refused_for(name: str) -> None:
    data, told = BAD[name]
    found, problems = read_manifest(data, "manifest.csv", ARLO)
    assert found is None
    assert told in said(problems)


def test_batches_of_two_tabulators_may_share_a_name_in_a_comparison_audit() -> None:
    data = b"Tabulator,Batch Name,Number of Ballots\n1,A,5\n2,A,6\n"
    found, _ = read_manifest(data, "manifest.csv", ARLO_COMPARISON, "Ben Hill")
    assert found is not None
    assert [batch.id for batch in found.batches] == ["1-A", "2-A"]


def test_a_hybrid_manifest_says_of_each_batch_whether_records_cover_it() -> None:
    data = b"Batch Name,Number of Ballots,CVR\nA,5,Y\nB,6,no\n"
    stored, problems = read_stored(data, "manifest.csv", ARLO_HYBRID)
    assert problems == ()
    assert stored is not None
    assert [one.has_cvr for one in stored] == [True, False]
    assert read_stored(data.replace(b"no", b"maybe"), "manifest.csv", ARLO_HYBRID)[0] is None


# Candidate totals -----------------------------------------------------------------------------

MANIFEST = Manifest((Batch("Ben Hill", "A", 10), Batch("Ben Hill", "B", 20)))
TWO = {"Mayor": ("Ann", "Bob")}


def test_votes_are_read_by_batch_and_choice() -> None:
    data = b'Batch Name,Ann,Bob\nA,4,6\nB,"1,0",0\n'.replace(b'"1,0"', b"12")
    found, problems = read_candidate_totals(data, "totals.csv", TWO, MANIFEST, "Ben Hill")
    assert problems == ()
    assert found is not None
    assert [totals.votes for totals in found] == [
        {"Mayor": {"Ann": 4, "Bob": 6}},
        {"Mayor": {"Ann": 12, "Bob": 0}},
    ]


def test_with_several_contests_a_column_names_the_contest_too() -> None:
    names = columns_of({"Mayor": ("Ann", "Bob"), "Bonds": ("Yes",)})
    assert list(names) == ["Mayor - Ann", "Mayor - Bob", "Bonds - Yes"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"Batch Name,Ann,Bob\nA,4,7\nB,0,0\n", "11 votes"),
        (b"Batch Name,Ann,Bob\nA,4,6\n", 'no row for "B"'),
        (b"Batch Name,Ann,Bob\na ,4,6\nB,0,0\n", 'Did you mean "A"?'),
        (b"Batch Name,Ann,Bob,Cy\nA,4,6,0\nB,0,0,0\n", '"Cy"'),
    ],
)
def test_totals_that_do_not_fit_the_manifest_or_the_contest_are_refused(data: bytes, told: str) -> None:
    found, problems = read_candidate_totals(data, "totals.csv", TWO, MANIFEST, "Ben Hill")
    assert found is None
    assert told in said(problems)


def test_a_vote_for_two_contest_may_have_two_votes_a_card() -> None:
    data = b"Batch Name,Ann,Bob\nA,10,10\nB,0,0\n"
    found, problems = read_candidate_totals(data, "t.csv", TWO, MANIFEST, "Ben Hill", {"Mayor": 2})
    assert problems == ()
    assert found is not None


# Standardized contests and participants -------------------------------------------------------


def test_contests_are_on_all_ballots_or_in_named_jurisdictions() -> None:
    data = (
        b'Contest Name,Jurisdictions,Choice Names\nMayor (Vote For=1),"cobb, Ben Hill",Ann;Bob\nBonds,ALL,\n'
    )
    found, problems = read_standard_contests(data, "contests.csv", ("Cobb", "Ben Hill"))
    assert problems == ()
    assert found == (
        StandardContest("Mayor", ("Cobb", "Ben Hill"), ("Ann", "Bob")),
        StandardContest("Bonds", ()),
    )


def test_a_contest_in_an_unknown_jurisdiction_is_refused() -> None:
    found, problems = read_standard_contests(b"Contest Name,Jurisdictions\nMayor,Cob\n", "c.csv", ("Cobb",))
    assert found is None
    assert 'found "Cob"' in said(problems)


def test_a_jurisdiction_may_have_several_managers() -> None:
    data = b"Jurisdiction,Admin Email\nCobb,a@cobb.gov\nCobb,b@cobb.gov\n"
    found, _ = read_participants(data, "p.csv")
    assert found == (Participant("Cobb", "a@cobb.gov"), Participant("Cobb", "b@cobb.gov"))
    assert read_participants(b"Jurisdiction,Admin Email\nCobb,at home\n", "p.csv")[0] is None


# Georgia 2025, as published -------------------------------------------------------------------


def bundle(name: str) -> dict[str, bytes]:
    """The files of a ZIP in a ZIP, by county folder."""
    outer = zipfile.ZipFile(needs_shared(f"{GEORGIA}/published/{name}.zip"))
    inner = next(one for one in outer.namelist() if one.endswith(".zip"))
    files = zipfile.ZipFile(io.BytesIO(outer.read(inner)))
    return {one.split("/")[0]: files.read(one) for one in files.namelist() if one.endswith(".csv")}


def published_batches() -> list[dict[str, str]]:
    text = (needs_shared(GEORGIA) / "batches.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def test_all_159_manifests_of_georgia_2025_equal_the_published_list_of_batches() -> None:
    files = bundle("manifests_bundle")
    read = {
        county: read_manifest(data, county, ARLO, county.replace("-", " ")) for county, data in files.items()
    }
    assert [problems for _, problems in read.values() if problems] == []
    found = {(b.jurisdiction, b.id): b.cards for held, _ in read.values() if held for b in held.batches}
    expected = {(row["county"], row["batch"].strip()): int(row["ballots"]) for row in published_batches()}
    assert len(read) == 159
    assert found == expected
    assert sum(found.values()) == 1_581_543


def test_all_159_candidate_totals_of_georgia_2025_add_up_to_the_reported_result() -> None:
    manifests, totals = bundle("manifests_bundle"), bundle("candidate_totals_bundle")
    sums = dict.fromkeys(CHOICES, 0)
    for county, data in totals.items():
        manifest, _ = read_manifest(manifests[county], county, ARLO, county)
        found, problems = read_candidate_totals(data, county, {CONTEST: CHOICES}, manifest, county)
        assert problems == ()
        for batch in found or ():
            for choice, votes in batch.votes[CONTEST].items():
                sums[choice] += votes
    assert sums == {"Tim Echols (I) (Rep)": 582_403, "Alicia M. Johnson (Dem)": 980_470}


def test_the_audit_report_of_georgia_2025_is_read_to_the_last_digit() -> None:
    place = needs_shared(f"{GEORGIA}/published/final_audit_report.csv")
    report, problems = read_report(place.read_bytes(), "report.csv")
    assert problems == ()
    assert report is not None
    settings = json.loads((needs_shared(GEORGIA) / "settings.json").read_text(encoding="utf-8"))
    assert report.settings["Random Seed"] == "34363370190391208563"
    assert report.settings["Random Seed"] in json.dumps(settings)
    assert report.contests[0].votes == {"Tim Echols (I) (Rep)": 582_403, "Alicia M. Johnson (Dem)": 980_470}
    assert (report.contests[0].ballots, report.contests[0].pending_ballots) == (1_581_543, 0)
    assert (report.rounds[0].p_value, report.rounds[0].sample_size) == ("0.034476286", 15)
    assert report.rounds[0].is_limit_met is True


def test_the_sampled_batches_of_georgia_2025_equal_the_published_list() -> None:
    place = needs_shared(f"{GEORGIA}/published/final_audit_report.csv")
    report, _ = read_report(place.read_bytes(), "report.csv")
    assert report is not None
    text = (needs_shared(GEORGIA) / "sampled_batches.csv").read_text(encoding="utf-8")
    expected = list(csv.DictReader(io.StringIO(text)))
    assert len(report.batches) == len(expected) == 355
    for batch, row in zip(report.batches, expected, strict=True):
        assert (batch.jurisdiction, batch.batch) == (row["county"], row["batch"].strip())
        assert batch.ballots == int(row["ballots"])
        assert batch.reported[CONTEST] == json.loads(row["reported"] or "{}")
        assert batch.audited[CONTEST] == json.loads(row["audit"] or "{}")
        assert batch.tickets[CONTEST][0] == (row["ticket"] or "EXTRA")


def test_a_report_whose_totals_do_not_add_up_is_refused() -> None:
    place = needs_shared(f"{GEORGIA}/published/final_audit_report.csv")
    data = place.read_bytes().replace(b"Totals,,100961", b"Totals,,100960")
    report, problems = read_report(data, "report.csv")
    assert report is None
    assert "100,961" in said(problems)


def test_a_report_cut_short_is_refused() -> None:
    place = needs_shared(f"{GEORGIA}/published/final_audit_report.csv")
    assert read_report(place.read_bytes()[:300], "report.csv")[0] is None


@pytest.mark.parametrize("cell", ["Ann", "Ann: x", "Ann: 1; Ann: 2", "Ann: -1", "Ann: 1.5"])
def test_a_cell_that_is_no_list_of_votes_is_not_guessed_at(cell: str) -> None:
    assert votes_in(cell) is None


def test_tickets_are_kept_as_printed() -> None:
    assert tickets_in("Round 1: EXTRA") == ("EXTRA",)
    assert tickets_in("Round 1: 0.479338112697893960") == ("0.479338112697893960",)
    assert tickets_in("") == ()
