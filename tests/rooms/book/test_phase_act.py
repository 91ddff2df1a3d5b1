"""Every cell of phase and act, against a table that a person reviews: phase_act.csv."""

from functools import cache

import pytest

from tests.rooms.book.books import BOARD, COUNTY, STATE, Book, contest, opened
from tests.rooms.book.cells import PHASES, STRANGER, cells, in_phase, reviewed
from tests.rooms.book.test_audit import drawn, ordered
from tests.rooms.book.test_outcomes import council, joint_session

TABLE = reviewed()
answers = cache(lambda: list(cells()))


def laws():
    return in_phase("announced").standing.law


def granted(answer: str) -> bool:
    """Whether a cell is an entry that is no refusal."""
    return answer in laws().entries


def test_every_cell_is_as_reviewed():
    assert answers() == TABLE


def test_the_table_has_every_act_of_the_law_twice():
    assert [row["act"] for row in TABLE] == [act for act in laws().acts for _ in range(2)]


@pytest.mark.parametrize("phase", [one for one in PHASES if one != "closed"])
def test_every_phase_is_reached(phase):
    book = in_phase(phase)
    assert book.phase(book.standing.order[0]) == phase


def test_the_record_admits_an_act_only_in_its_phases():
    for row in TABLE:
        phases = laws().acts[row["act"]].phases
        for phase in (one for one in PHASES if one != "closed"):
            assert not phases or phase in phases or not granted(row[phase]), (row["act"], phase)


DONE_BY_THEN = {
    "certify_county_returns": "the state certifies only when every county has",
    "certify_state_results": "it is done in the phases that refuse it; then it is for recertification",
    "order_recount": "the recount is ordered, or the recertification after it is done",
    "conduct_recount": "every county has recounted when the state certifies anew",
    "select_audit_contest": "the audit is of results not yet certified",
    "order_risk_limiting_audit": "the audit is of results not yet certified",
    "certify_electors": "no contest for electors goes to a runoff",
}


def test_no_phase_of_the_record_blocks_a_duty_of_the_law_that_is_still_to_be_done():
    duties = {row.act for row in laws().rows if row.status == "duty"}
    blocked = {row["act"] for row in TABLE for phase in PHASES if row[phase] == "refused: phase"}
    assert blocked & duties == set(DONE_BY_THEN)


def test_in_a_closed_book_nothing_is_entered_but_a_correction_of_wording():
    assert {row["closed"] for row in TABLE if granted(row["closed"])} == {"entry_corrected"}


def test_an_office_without_power_is_granted_only_what_the_law_grants_to_every_office():
    everyone = {row.act for row in laws().rows if row.office == "*" and row.grants}
    own = {row.act for row in laws().rows if row.office == STRANGER and row.grants}
    for row in TABLE:
        if row["office"] == STRANGER:
            assert row["act"] in everyone | own or not any(granted(row[phase]) for phase in PHASES), row


def whole_audit() -> Book:
    """A book with an audit by sample from the commitment to the signature."""
    book = ordered()
    where = {"contest": "mayor", "place": "appling"}
    for item in drawn(book, 2):
        book.ask("enter_readings", BOARD, readings=[[item, "ash"]], **where)
    book.ask("sign_readings", BOARD, **where)
    return book


def corrections() -> Book:
    """A runoff that arises from a lot, goes with a correction, and a recount that is corrected."""
    book = council(5, 4, 4)
    where = {"contest": "seat", "place": "appling"}
    book.ask("draw_lot", STATE, contest="seat", choice="cedar")
    right = {"corrects": 1, "returns": book.votes("seat", (9, 4, 4)), "wrong": "mistyped"}
    book.ask("correct_county_returns", COUNTY, **right, **where)
    book.ask("recertify_state_results", STATE, contest="seat", purpose="correction")
    return book


def what_follows_in_georgia() -> Book:
    """The acts of Georgia's law that wait for another act, one after the other."""
    president = contest("president", "ash", "birch", of="president")
    book = opened("georgia", president, places=("all",), at="2020-10-01 12:00")
    book.ask("prescribe_method_of_appointment", "general_assembly", "2020-10-01 12:00")
    where = {"contest": "president", "place": "all"}
    votes = book.votes("president", (500, 499))
    say = {"contest": "president"}
    book.ask("select_audit_contest", STATE, "2020-11-11 10:00", **say)
    book.ask("order_risk_limiting_audit", STATE, **say)
    book.ask("report_unofficial_returns", COUNTY, **where, returns=votes)
    first = book.ask("conduct_audit", COUNTY, **where, returns=votes)
    again = {"corrects": first.seq, "returns": votes, "wrong": "one batch"}
    book.ask("correct_audit_tally", COUNTY, **where, **again)
    book.ask("order_signature_audit", STATE, basis="a complaint", place="all")
    book.ask("assist_signature_audit", "gbi", place="all")
    book.ask("publish_signature_audit_report", STATE, place="all", sample=10, size=100)
    book.certify("president", "2020-11-13 12:00", all=(500, 499))
    book.ask("certify_state_results", STATE, "2020-11-20 16:00", **say)
    book.ask("certify_electors", "governor", choice="ash", **say)
    book.ask("fill_elector_vacancy", "presidential_electors", **say)
    book.ask("request_recount", "losing_candidate", "2020-11-21 12:00", choice="birch", **say)
    book.ask("order_recount", STATE, **say)
    recounted = book.ask("conduct_recount", COUNTY, "2020-12-01 12:00", **where, returns=votes)
    again = {"corrects": recounted.seq, "returns": votes, "wrong": "one batch"}
    book.ask("correct_recount_tally", COUNTY, **where, **again)
    book.ask("recertify_state_results", STATE, "2020-12-07 11:00", purpose="recount", **say)
    book.ask("contest_election", "losing_candidate", ground="error in counting", **say)
    book.ask("decide_contest", "superior_court", judgment="dismissed", **say)
    book.ask("withdraw_contest", "losing_candidate", **say)
    signers = {"senate_signers": 34, "house_signers": 108}
    book.ask("petition_special_session", "general_assembly_three_fifths_each_house", **signers)
    book.ask("convene_itself", "general_assembly", "2020-12-15 12:00")
    book.ask("call_special_session_on_petition", "governor")
    objectors = {"senate_signers": 1, "house_signers": 1}
    jointly = "senator_and_representative_jointly"
    book.ask("object_electoral_votes", jointly, "2021-01-06 14:00", **objectors)
    sustained = {"senate_sustained": "yes", "house_sustained": "yes"}
    book.ask("reject_electoral_votes", "congress_both_houses", **sustained)
    return book


def emitted() -> set[str]:
    """The entry kinds of every cell, of every book on the way to a phase, and of the stories above."""
    stories = (
        whole_audit(),
        corrections(),
        what_follows_in_georgia(),
        joint_session(table={"ga": {"ash": 1}}),
    )
    books = [*stories, *(in_phase(phase) for phase in PHASES)]
    in_cells = {row[phase] for row in TABLE for phase in PHASES if granted(row[phase])}
    return in_cells | {entry.entry for book in books for entry in book.entries}


def test_every_entry_kind_is_emitted_where_a_row_grants_its_act_and_no_other():
    may = {row.act for row in laws().rows if row.grants and "2020-11-10" in row.in_force}
    model = ordered().standing.law
    may |= {row.act for row in model.rows if row.grants}
    grantable = {act.entry for act in (*laws().acts.values(), *model.acts.values()) if act.id in may}
    named = {"book_opened", "act_refused", "act_without_legal_effect", "runoff_arose", "runoff_withdrawn"}
    assert emitted() | {"act_refused", "act_without_legal_effect"} == grantable | named
