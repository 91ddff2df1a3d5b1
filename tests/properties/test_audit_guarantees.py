"""What keeps the risk of an audit in a book what it is said to be, and its check within minutes.

Each rule is tried on both programs: the book writes by it, the checker believes that and nothing else.
"""

from pathlib import Path

import pytest

import tallybook.book.auditing
import tallycheck.auditeffects
import tallycheck.work
from tests.properties.test_every_kind_of_audit import verdict
from tools.audit_books import (
    COUNTY,
    JUDGE,
    MAYOR,
    PLACE,
    AuditMaker,
    ahead,
    dealt,
    head_of,
    manifest_of,
    plan_of,
    polling_book,
    rows_of,
    subject,
    totals,
)
from tools.audit_kinds import batches_of, carried_out, divided, stratum, untold_of, within
from tools.make_audit_vectors import PLAN, forged, nothing, result, same
from tools.make_vectors import moved

Cards = dict[str, object]


def number(folder: Path, files: dict[str, bytes]) -> int:
    """The check that rejects, or 0."""
    failure = verdict(folder, files).failure
    return failure.number if failure else 0


# Several strata -------------------------------------------------------------------------------


def crossed() -> AuditMaker:
    """A contest of two strata, of which eight and ten cards are asked for, and another with nearly all."""
    mayor = dealt((130, ["ash"]), (60, ["birch"]), (10, []))
    judge = dict(zip(mayor, dealt((140, ["elm"]), (40, ["fir"]), (20, ["gum"])).values(), strict=True))
    book = AuditMaker({"mayor": mayor, "judge": judge}, MAYOR, JUDGE)
    scanned, counted = batches_of(mayor)[:12], batches_of(mayor)[12:]
    rows = rows_of("mayor", ("ash", "birch"), within(mayor, scanned))
    told = {"cards": 80, "votes": totals(within(mayor, counted), ("ash", "birch")), "write_ins": 0}
    strata = [
        stratum("scanned", scanned, "comparison", head_of(rows)),
        stratum("counted", counted, "polling", told),
    ]
    other = {"cards": 200, "votes": totals(judge, ("elm", "fir", "gum")), "write_ins": 0}
    claims = {
        "mayor": ahead("ash", "birch"),
        "judge": [{"choice": "elm", "kind": "above_share", "share": "1/2", "write_ins": False}],
    }
    subjects = [divided("mayor", strata), subject("judge", 200, "polling", other, "elm")]
    sizes = {"mayor__scanned": 8, "mayor__counted": 10, "judge": 190}
    plan = plan_of(mayor, subjects, claims, sizes)
    return carried_out(book, plan, [("manifest.json", manifest_of(mayor)), *rows])


def test_strata_use_the_cards_asked_for_and_no_more_though_the_sample_has_more(tmp_path: Path) -> None:
    """Where the usable cards end depends on the card behind them, of which a product must not know."""
    book = crossed()
    drawn = next(one for one in book.entries if one.entry == "audit_round_drawn")
    assert min(drawn.result["usable"]["mayor__scanned"], drawn.result["usable"]["mayor__counted"]) > 10
    found = book.run.results["mayor"]
    assert (found["cards"], found["used"]) == (18, {"scanned": 8, "counted": 10})
    assert book.run.results["judge"]["cards"] == drawn.result["usable"]["judge"] >= 190
    assert number(tmp_path, forged(book, nothing)) == 0
    more = {"scanned": 9, "counted": 10}
    assert (
        number(tmp_path, forged(book, same(result("mayor", "used", more), result("mayor", "cards", 19))))
        == 11
    )


# Counts in rounds -----------------------------------------------------------------------------


@pytest.mark.parametrize(("lost", "stands"), [(0, True), (3, True), (4, False)])
def test_a_count_in_rounds_confirms_nobody_whom_lost_cards_could_undo(
    lost: int, stands: bool, tmp_path: Path
) -> None:
    """14 to 10 in the only round: twice 14 is more than 24 votes and 3 lost cards, but not than 24 and 4."""
    cards = dealt((14, [["ash"]]), (10, [["birch"]]), (lost, "not_found"))
    book = untold_of(cards, 24 + lost, 24 + lost)
    ended = book.entries[-1]
    assert ended.entry == "audit_stopped" and book.run.results["council"]["true"] == [stands]
    assert ended.result["confirmed"] is stands and ("outcome" in ended.result) is stands
    assert number(tmp_path, forged(book, nothing)) == 0


# Returns --------------------------------------------------------------------------------------


def late_returns(ash: int, birch: int) -> AuditMaker:
    """A plan for 300 cards, and after it the unofficial returns."""
    mayor = dealt((210, ["ash"]), (85, ["birch"]), (5, []))
    book = AuditMaker({"mayor": mayor}, MAYOR)
    reported = {"cards": 300, "votes": totals(mayor, ("ash", "birch")), "write_ins": 0}
    row = subject("mayor", 300, "polling", reported, "ash", outside=2)
    plan = plan_of(mayor, [row], {"mayor": ahead("ash", "birch")}, {"mayor": 50})
    book.commit(plan, [("manifest.json", manifest_of(mayor))])
    returns = {"votes": {"ash": ash, "birch": birch}}
    book.do("report_unofficial_returns", COUNTY, contest="mayor", place=PLACE, returns=returns)
    return book


def test_a_plan_has_cards_for_the_votes_of_the_returns(tmp_path: Path) -> None:
    """302 votes are not too many for 300 cards and 2 outside; 303 are."""
    for votes, fits in ((302, True), (303, False)):
        book = late_returns(votes - 90, 90)
        early = forged(book, moved("unofficial_returns_reported", PLAN))
        assert number(tmp_path, forged(book, nothing)) == 0
        assert number(tmp_path, early) == (0 if fits else 13)
        plan = book.documents[book.entries[book.audit].detail["plan"]]
        if fits:
            book.commit(plan, [])
        else:
            with pytest.raises(AssertionError, match="303 votes; the plan has 302 cards"):
                book.commit(plan, [])


# Work -----------------------------------------------------------------------------------------


def test_a_round_is_not_drawn_for_more_numbers_than_can_be_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifty cards for one assertion."""
    files = forged(polling_book(), nothing)
    monkeypatch.setattr(tallycheck.auditeffects, "MOST_AT_ONCE", 50)
    monkeypatch.setattr(tallybook.book.auditing, "MOST_NUMBERS", 50)
    assert number(tmp_path, files) == 0 and polling_book()
    monkeypatch.setattr(tallycheck.auditeffects, "MOST_AT_ONCE", 49)
    monkeypatch.setattr(tallybook.book.auditing, "MOST_NUMBERS", 49)
    assert number(tmp_path, files) == 7
    with pytest.raises(AssertionError, match="50 numbers of cards and assertions"):
        polling_book()


def test_cards_without_records_count_for_every_pair_that_is_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three choices: three pairs both ways while all stand, and of each two who stand one pair: 12 tests."""
    cards = dealt((14, [["ash"]]), (10, [["birch"]]))
    monkeypatch.setattr(tallybook.book.auditing, "MOST_NUMBERS", 12 * 24)
    untold_of(cards, 24, 24)
    monkeypatch.setattr(tallybook.book.auditing, "MOST_NUMBERS", 12 * 24 - 1)
    with pytest.raises(AssertionError, match="288 numbers"):
        untold_of(cards, 24, 24)


def test_a_book_that_measures_more_than_anybody_needs_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = forged(polling_book(), nothing)
    monkeypatch.setattr(tallycheck.work, "MOST_MEASURED", 50)
    assert number(tmp_path, files) == 0
    monkeypatch.setattr(tallycheck.work, "MOST_MEASURED", 49)
    assert number(tmp_path, files) == 11
