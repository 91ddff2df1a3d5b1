"""The pages of real audits in books: every number on them is that of an entry, in every kind of audit.

The books are those of the published vectors and of the tests of the room: what stands on their cards is
written there, so what the pages must say is known from elsewhere.
"""

import csv
import io
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import pytest
from msgspec.structs import replace

from tallybook.book import Entry, Standing
from tallybook.doors.telling import book_report
from tallybook.doors.telling_counts import kind_words
from tallybook.doors.telling_outcomes import reading_words, record_words
from tallybook.election.cards import Mark, Pattern
from tallybook.reports import Report, pages, tables
from tallybook.reports.audit_values import Audit
from tests.rooms.book import test_audit_strata as strata
from tests.rooms.reports.structure import Page, heading_problems, table_problems
from tools import audit_books

Made = tuple[Standing, list[Entry], Mapping[str, Any]]


def of_maker(maker: Callable[[], audit_books.AuditMaker]) -> Made:
    book = maker()
    return book.standing, book.entries, book.documents


def of_desk(at: Any) -> Made:
    return at.book.standing, at.book.entries, at.book.shelf.documents


def in_strata() -> Made:
    """A contest of two strata, one with records and one by polling, audited to its end."""
    at, plan, files = strata.hybrid(sizes=(60, 60))
    at.commit(plan, files), at.seed()
    if at.round()["mayor"]["step"] == "stop":
        at.stop("mayor")
    return of_desk(at)


def in_pools() -> Made:
    at = strata.pooled(strata.CLEAR, strata.BATCHES[:8], 60)
    at.round(), at.stop("mayor")
    return of_desk(at)


def without_records() -> Made:
    at, plan, files = strata.untold(strata.UNTOLD, 60)
    at.commit(plan, files), at.seed(), at.round(), at.stop("council")
    return of_desk(at)


def planned_only() -> Made:
    at, plan, files = strata.hybrid()
    at.commit(plan, files)
    return of_desk(at)


BOOKS: dict[str, Callable[[], Made]] = {
    "comparison": lambda: of_maker(audit_books.comparison_book),
    "polling": lambda: of_maker(audit_books.polling_book),
    "ranked": lambda: of_maker(audit_books.ranked_book),
    "two rounds": lambda: of_maker(audit_books.two_rounds_book),
    "batches": lambda: of_maker(audit_books.batches_book),
    "counted": lambda: of_maker(audit_books.counted_book),
    "strata": in_strata,
    "pools": in_pools,
    "without records": without_records,
    "planned": planned_only,
}
EVERY = pytest.mark.parametrize("name", BOOKS)


@cache
def made(name: str) -> tuple[Report, list[Entry], dict[str, str]]:
    """The report of a book, its entries and its pages and lists."""
    standing, entries, documents = BOOKS[name]()
    report = book_report(standing, entries, documents.__getitem__)
    return report, entries, {**pages(report), **tables(report)}


def audit_of(name: str) -> Audit:
    return made(name)[0].audits[0]


def text(name: str, page: str = "audits.html") -> str:
    return " ".join("".join(Page(made(name)[2][page]).text).split())


@EVERY
def test_the_pages_are_well_formed_and_load_nothing(name: str) -> None:
    for file, content in made(name)[2].items():
        if not file.endswith(".html"):
            continue
        page = Page(content)
        assert page.problems == [], file
        assert page.loads == [], file
        assert heading_problems(page.headings) == [], file
        assert [problem for table in page.tables for problem in table_problems(table)] == [], file
        assert len(page.ids) == len(set(page.ids)), file
        assert set(page.references) <= set(page.ids), file


@EVERY
def test_every_risk_and_every_number_of_cards_on_the_pages_is_that_of_an_entry(name: str) -> None:
    report, entries, site = made(name)
    measured = [one for one in entries if one.entry in ("risk_measured", "reading_corrected")]
    said = [found for one in measured for found in one.result.get("contests", {}).values()]
    shown = [found for one in report.audits[0].contests for found in one.measured]
    assert sorted((one["cards"], one.get("risk", "")) for one in said) == sorted(
        (one.cards, one.risk) for one in shown
    )
    whole = text(name)
    for one in said:
        assert one.get("risk", "") in whole
        assert f"{one['cards']:,}" in whole
    assert bool(said) == ("<svg" in site["audits.html"] or "counted in full" in whole)


@EVERY
def test_every_margin_on_the_pages_is_that_of_the_plan_s_entry(name: str) -> None:
    report, entries, site = made(name)
    plan = next(one for one in entries if one.entry == "audit_plan_committed")
    for one in report.audits[0].contests:
        told = plan.result["contests"][one.id]
        assert [row.margin for row in one.assertions] == told["margins"]
        assert one.cards == told["cards"]
        assert one.phantoms == told["phantoms"]
    rows = csv.DictReader(io.StringIO(site["audits.csv"].removeprefix("\ufeff")))
    listed = [row["reported margin"] for row in rows if row["reported margin"]]
    assert listed == [str(n) for one in plan.result["contests"].values() for n in one["margins"]]


@EVERY
def test_each_step_of_the_chain_names_its_entries_and_together_they_are_all_of_the_audit(name: str) -> None:
    report, entries, _ = made(name)
    named = [seq for step in report.audits[0].chain for seq in step.entries]
    of_audit = [one.seq for one in entries if not one.refusal and one.entry in AUDIT_KINDS]
    assert sorted(named) == sorted(of_audit)


AUDIT_KINDS = {
    "audit_plan_committed", "checkpoint_recorded", "audit_seed_recorded", "audit_round_drawn",
    "readings_committed", "readings_opened", "readings_adjudicated", "records_opened",
    "discrepancies_explained", "reading_corrected", "sitting_signed", "risk_measured", "audit_stopped",
    "audit_reopened",
}  # fmt: skip
"""The entries of an audit (audit specification, section 8), and the checkpoint between plan and seed."""


def test_an_audit_that_ended_by_its_sample_says_so_with_its_outcome() -> None:
    (one,) = audit_of("polling").contests
    assert (one.state, one.reported, one.audited) == ("risk", "Elected: Ash.", "Elected: Ash.")
    assert "cards drawn and read, without records" in text("polling")
    assert "Elected: Ash. As reported, and as audited." in text("polling", "index.html")


def test_an_outcome_that_the_count_of_every_card_does_not_bear_out_is_shown_beside_the_reported_one() -> None:
    (one,) = audit_of("counted").contests
    assert (one.state, one.reported, one.audited) == ("overturned", "Elected: Ash.", "Elected: Birch.")
    assert "Counted in full: outcome not confirmed" in text("counted", "index.html")
    assert "Elected: Birch. As counted by hand. As reported: Elected: Ash." in text("counted", "index.html")


def test_an_audit_that_a_correction_reopened_is_shown_as_open() -> None:
    (one,) = audit_of("two rounds").contests
    assert (one.state, one.audited, one.ending) == ("reopened", "", None)
    assert [found.title for found in one.measured] == ["Round 1", "Round 2", "Correction"]
    assert [found.met for found in one.measured] == [False, True, False]
    assert "Reopened" in text("two rounds", "index.html")
    assert "A settled reading is corrected" in text("two rounds")


def test_a_plan_without_a_round_says_that_nothing_is_measured() -> None:
    (one,) = audit_of("planned").contests
    assert (one.state, one.measured, one.used) == ("waiting", (), None)
    assert "No round of this contest is measured yet" in text("planned")


def test_the_seed_is_shown_with_who_rolled_it_and_the_checkpoint_with_who_signed_it() -> None:
    whole = text("comparison")
    assert f"The seed is {audit_books.SEED}. Rolled by A. Roller. Witnessed by W. Witness." in whole
    assert "Signed by" in whole.partition("A checkpoint is witnessed")[2].partition("The seed is rolled")[0]
    assert "signed by A. Able, B. Best" in whole


def test_a_discrepancy_is_shown_with_the_record_the_reading_and_its_cause() -> None:
    # Two rounds: one card for Birch is recorded for Ash; another is later corrected to Birch, recorded Ash.
    found = audit_of("two rounds").differences
    assert {(one.record, one.read) for one in found} == {("Ash", "Birch")}
    assert {one.cause for one in found} == {"scanner", "wrong card"}
    assert all(one.item in text("two rounds") for one in found)
    rows = list(
        csv.DictReader(io.StringIO(made("two rounds")[2]["discrepancies.csv"].removeprefix("\ufeff")))
    )
    assert [(row["item"], row["cause"]) for row in rows] == [(one.item, one.cause) for one in found]


def test_a_batch_that_was_miscounted_is_shown_with_both_counts() -> None:
    (one,) = audit_of("batches").differences
    assert one.item == "B03"
    ash = int(one.read.removeprefix("Ash ").partition(",")[0])
    assert one.record.startswith(f"Ash {ash - 1},")
    assert audit_of("batches").unit == "batch"
    assert "draws" in text("batches") or "Draws" in text("batches")


def test_a_ranked_contest_has_its_assertions_with_names() -> None:
    (one,) = audit_of("ranked").contests
    assert all(row.words[0].isupper() and "ash" not in row.words for row in one.assertions)
    assert any("Ash" in row.words for row in one.assertions)


def test_strata_are_shown_with_their_evidence_and_what_was_used_of_each() -> None:
    report, entries, _ = made("strata")
    (one,) = report.audits[0].contests
    result = next(e for e in entries if e.entry == "risk_measured").result["contests"]["mayor"]
    assert {row.name: row.used for row in one.strata} == result["used"]
    assert [(row.name, row.cards) for row in one.strata] == [("scanned", 120), ("counted", 80)]
    assert "The parts of the cards" in text("strata")
    assert "cards drawn and read, without records" in text("strata")


def test_without_records_there_is_one_risk_and_no_statement() -> None:
    (one,) = audit_of("without records").contests
    assert one.assertions == () and one.state == "risk"
    assert one.measured[0].risk in text("without records")
    assert "every other order of elimination" in text("without records")
    assert "the sample alone speaks for the outcome" in text("without records", "timeline.html")


def test_an_outcome_that_every_place_has_certified_is_decided_before_the_state_certifies() -> None:
    report, entries, _ = made("polling")
    (row,) = report.decided
    certified = next(one for one in entries if one.entry == "county_returns_certified")
    assert (row.entry, row.outcome, dict(row.votes)) == (
        certified.seq,
        "Elected: Ash.",
        {"Ash": 210, "Birch": 85},
    )
    assert row.margin_votes == 125
    assert "Certified returns" in text("polling", "index.html")
    assert "The state has not certified yet." in text("polling", "index.html")
    assert made("comparison")[0].decided == ()


def test_a_long_list_of_contests_is_read_from_its_exhibit() -> None:
    standing, entries, _ = BOOKS["polling"]()
    plan = next(one for one in entries if one.entry == "audit_plan_committed")
    told = dict(plan.result["contests"])
    moved = [
        one if one.seq != plan.seq else replace(one, result={"contests_sha256": "ab" * 32}) for one in entries
    ]
    report = book_report(standing, moved, {"ab" * 32: told}.__getitem__)
    assert report.audits[0].contests[0].assertions[0].margin == 125
    assert "in an exhibit of this entry" in "".join(Page(pages(report)["timeline.html"]).text)


def test_readings_and_records_are_said_in_the_same_words() -> None:
    contest = BOOKS["ranked"]()[0].contests["council"]
    assert reading_words(contest, []) == record_words(contest, Pattern(())) == "no mark"
    assert reading_words(contest, ["ash", "write_in:2"]) == "Ash, write-in 2"
    ranked = Pattern((Mark("ash", 1), Mark("birch", 1), Mark("cedar", 3)))
    assert reading_words(contest, [["ash", "birch"], [], ["cedar"]]) == record_words(contest, ranked)
    assert record_words(contest, ranked) == "1 Ash and Birch, 3 Cedar"
    assert reading_words(contest, "not_on_card") == record_words(contest, Pattern((), ("not_on_card",)))
    assert record_words(contest, Pattern((), ("no_record",))) == "there is no record"
    assert record_words(contest, "unopened") == "the record could not be opened"
    assert record_words(contest, Pattern((Mark("ash"),), ("adjudicated",))) == "Ash (adjudicated)"


def test_places_are_called_by_their_kind() -> None:
    assert kind_words(["county"]) == ("county", "counties")
    assert kind_words(["precinct"]) == ("precinct", "precincts")
    assert kind_words(["parish"]) == ("parish", "parishes")
    assert kind_words(["city_ward"]) == ("city ward", "city wards")
    assert kind_words(["county", "city"]) == ("place", "places")
