"""What the book answers to an act: entered, refused, without effect, repeated, stale."""

import re
from pathlib import Path

import msgspec
import pytest

from tallybook.book import Entered, Malformed, Repeated, Stale, evolve, fold
from tallybook.book.record import NEXT
from tests.rooms.book.books import (
    COUNTY,
    KEEPER,
    STATE,
    Book,
    contest,
    law_text,
    model,
    opened,
    opened_by,
    rules,
)

WHERE = {"contest": "president", "place": "appling"}


def georgia() -> Book:
    """A Georgia book after election night in one of two counties."""
    book = opened("georgia", contest("president", "trump", "biden", of="president"))
    book.ask("report_unofficial_returns", COUNTY, returns=book.votes("president", (6, 4)), **WHERE)
    return book


def everything_but_the_record_of_asking(book: Book) -> object:
    """The standing without keys, size and the numbers of the latest entries."""
    one = book.standing
    plain = [
        (
            c.phase,
            c.outcome,
            c.votes,
            c.runoff,
            c.record.kinds,
            [(c.record.spot(p).held, c.record.spot(p).said) for p in ("", *c.places)],
        )
        for c in one.contests.values()
    ]
    return (
        plain,
        one.record.kinds,
        one.audits,
        one.findings,
        one.electors,
        one.closed,
        one.law_files,
        one.order,
    )


def test_an_act_granted_is_the_example_of_the_specification_in_every_field():
    book = georgia()
    (entry,) = book.enter(
        book.act(
            "certify_county_returns",
            COUNTY,
            "2020-11-13 12:00",
            key="ga2020-appling-president-certified",
            returns=book.votes("president", (6526, 1779)),
            **WHERE,
        )
    )
    assert msgspec.to_builtins(entry) == {
        "v": 1,
        "seq": 2,
        "entry": "county_returns_certified",
        "act": "certify_county_returns",
        "office": "county_superintendent",
        "contest": "president",
        "place": "appling",
        "on": "2020-11-13",
        "received": "2020-11-13T17:00:00Z",
        "key": "ga2020-appling-president-certified",
        "detail": {"returns": {"votes": {"trump": 6526, "biden": 1779}}},
        "ruling": {
            "citation": "O.C.G.A. 21-2-493(k)",
            "due": "2020-11-13T22:00:00Z",
            "law": "us-ga",
            "row": "ga-493k-2020",
            "status": "duty",
        },
        "result": {"count": "county_certified", "total": 8305},
    }


def test_a_duty_past_its_deadline_is_granted_and_said_to_be_late():
    book = georgia()
    said = {"returns": book.votes("president", (6, 4)), **WHERE}
    on_time = book.ask("certify_county_returns", COUNTY, "2020-11-13 17:00", **said)
    assert "late" not in on_time.ruling
    late = book.ask("certify_county_returns", COUNTY, "2020-11-13 17:01", **{**said, "place": "bacon"})
    assert (late.ruling["late"], late.ruling["due"]) == (True, "2020-11-13T22:00:00Z")


def test_a_permission_past_its_deadline_is_refused_out_of_time_in_local_words():
    book = opened("georgia", contest("president", "trump", "biden", of="president"), places=("all",))
    book.certify("president", "2020-11-13 12:00", all=(2461837, 2474507))
    book.ask("certify_state_results", STATE, "2020-11-20 16:00", contest="president")
    said = {"contest": "president", "choice": "trump"}
    refusal = book.refused("request_recount", "losing_candidate", "2020-11-25 00:00", **said)
    assert (refusal["code"], refusal["failed"]) == ("out_of_time", "due")
    assert refusal["words"] == "The time for this act ended on 2020-11-24 23:59."


def test_a_paper_act_is_in_time_by_the_day_its_officer_signed_it():
    book = opened("georgia", contest("president", "trump", "biden", of="president"), places=("all",))
    book.certify("president", "2020-11-13 12:00", all=(2461837, 2474507))
    book.ask("certify_state_results", STATE, "2020-11-20 16:00", contest="president")
    scan = {"bytes": 9, "kind": "public", "name": "request.pdf", "sha256": "ab" * 32}
    said = {"contest": "president", "choice": "trump", "exhibits": (scan,), "paper": scan["sha256"]}
    entry = book.ask("request_recount", "losing_candidate", "2020-11-25 09:00", on="2020-11-24T16:30", **said)
    assert (entry.on, entry.received) == ("2020-11-24T16:30", "2020-11-25T14:00:00Z")
    assert "late" not in entry.ruling


def test_a_refusal_by_law_has_all_eight_fields_and_says_who_may():
    refusal = georgia().refused("order_full_hand_count", "governor", "2020-11-16 12:00", contest="president")
    assert list(refusal) == ["row", "law", "citation", "code", "failed", "words", "who_may", "next"]
    assert (refusal["row"], refusal["law"]) == ("ga-any-order-full-hand-count", "us-ga")
    assert STATE in refusal["who_may"] and "governor" not in refusal["who_may"]
    assert refusal["words"] and refusal["next"] and refusal["citation"]


def test_where_no_law_speaks_the_answer_is_no():
    refusal = georgia().refused("begin_audit", "polling_firm", contest="president", place="appling")
    assert (refusal["code"], refusal["row"], refusal["law"], refusal["citation"]) == ("no_law", "", "", "")
    assert refusal["words"] == "No law in force on 2020-11-03 grants this act to this office."


def test_a_refusal_by_the_record_has_all_eight_fields_and_its_own_citation():
    book = georgia()
    book.ask(
        "certify_county_returns", COUNTY, "2020-11-12 12:00", returns=book.votes("president", (6, 4)), **WHERE
    )
    refusal = book.refused("certify_county_returns", COUNTY, returns=book.votes("president", (6, 4)), **WHERE)
    assert refusal == {
        "row": "",
        "law": "",
        "citation": "Tallybook book specification, section 6",
        "code": "already_recorded",
        "failed": "record",
        "words": "Entry 2 holds this statement. Correct it by an act that names entry 2.",
        "who_may": [COUNTY],
        "next": "Correct that entry.",
    }


def test_a_refused_act_changes_nothing_but_that_it_was_asked():
    book = georgia()
    before = everything_but_the_record_of_asking(book)
    (entry,) = book.enter(
        book.act("order_full_hand_count", "governor", "2020-11-16 12:00", key="no", contest="president")
    )
    assert entry.entry == "act_refused"
    assert everything_but_the_record_of_asking(book) == before
    assert book.standing.keys["no"] == entry.seq
    assert book.standing.received == entry.received == "2020-11-16T17:00:00Z"


def test_an_act_without_legal_effect_is_remembered_and_changes_nothing():
    book = georgia()
    before = everything_but_the_record_of_asking(book)
    (entry,) = book.enter(book.act("tweet_or_allege", "us_president", "2020-11-16 12:00", text="…"))
    assert (entry.entry, entry.ruling) == ("act_without_legal_effect", {})
    assert entry.refusal["row"] == "ga-us-president-tweet-or-allege"
    assert everything_but_the_record_of_asking(book) == before


def test_a_repeated_act_is_answered_with_its_entry_and_enters_nothing():
    book = georgia()
    act = book.act(
        "report_unofficial_returns", COUNTY, key="once", returns=book.votes("president", (7, 4)), **WHERE
    )
    (entry,) = book.enter(act)
    later = msgspec.structs.replace(act, received="2020-11-20T12:00:00Z", seen=entry.seq)
    assert book.decide(act) == book.decide(later) == Repeated(entry.seq)


def test_a_refused_act_that_is_repeated_is_answered_with_its_refusal():
    book = georgia()
    act = book.act("order_full_hand_count", "governor", key="once", contest="president")
    (entry,) = book.enter(act)
    assert book.decide(act) == Repeated(entry.seq)


def test_another_act_under_a_used_key_is_a_problem():
    book = georgia()
    said = {"key": "once", "returns": book.votes("president", (7, 4)), **WHERE}
    book.ask("report_unofficial_returns", COUNTY, **said)
    found = book.problems(
        "report_unofficial_returns", COUNTY, **{**said, "returns": book.votes("president", (7, 5))}
    )
    assert rules(found) == [("key", '"once"', "a new key: entry 2 has this one")]


def test_an_act_that_had_not_seen_the_newest_entry_on_its_subject_is_stale():
    book = georgia()
    said = {"returns": book.votes("president", (7, 4)), **WHERE}
    assert book.decide(book.act("report_unofficial_returns", COUNTY, seen=0, **said)) == Stale(1)
    assert isinstance(book.decide(book.act("report_unofficial_returns", COUNTY, seen=1, **said)), Entered)
    elsewhere = {**said, "place": "bacon"}
    assert isinstance(
        book.decide(book.act("report_unofficial_returns", COUNTY, seen=0, **elsewhere)), Entered
    )


def test_a_refusal_on_the_same_subject_makes_an_act_stale_too():
    book = georgia()
    book.refused("order_full_hand_count", "governor", contest="president")
    assert book.decide(book.act("select_audit_contest", STATE, seen=1, contest="president")) == Stale(2)


def test_an_act_about_no_contest_is_stale_after_an_entry_about_none():
    book = georgia()
    book.enter(book.act("tweet_or_allege", "candidate", text="…"))
    assert book.decide(book.act("tweet_or_allege", "candidate", text="…", seen=0)) == Stale(2)


@pytest.mark.parametrize("seen", [2, 10**9, -1])
def test_an_officer_cannot_have_seen_what_is_not_there(seen):
    found = georgia().problems("tweet_or_allege", "candidate", text="…", seen=seen)
    assert rules(found) == [("seen", str(seen), "the number of an entry before 2")]


def test_a_phase_that_is_over_admits_the_act_no_more():
    book = model(contest("mayor", "ash", "birch"), places=("appling",))
    book.certify("mayor", appling=(2, 1))
    book.ask("certify_state_results", STATE, contest="mayor")
    refusal = book.refused(
        "report_unofficial_returns",
        COUNTY,
        contest="mayor",
        place="appling",
        returns=book.votes("mayor", (2, 1)),
    )
    assert refusal["code"] == "phase"
    assert refusal["words"] == (
        "The contest is in the phase state_certified; "
        "this act belongs to: announced, counting, county_certified."
    )


def test_a_total_without_any_statement_of_its_base_is_refused():
    text = law_text("model").replace('when = { every_place = "county_returns_certified" }\n', "")
    book = opened_by(text, contest("mayor", "ash", "birch"))
    book.ask("report_unofficial_returns", COUNTY, contest="mayor", returns=book.votes("mayor", (2, 1)))
    refusal = book.refused("certify_state_results", STATE, contest="mayor")
    assert (refusal["code"], refusal["words"]) == ("no_tally", "There is no tally to sum.")


def test_a_total_without_every_county_names_the_missing_ones():
    text = law_text("model").replace('when = { every_place = "county_returns_certified" }\n', "")
    text = text.replace('when = { after = ["readings_signed"] }\n', "")
    book = opened_by(text, contest("mayor", "ash", "birch"), places=("appling", "bacon", "clay"))
    book.certify("mayor", bacon=(2, 1))
    result = book.ask("certify_state_results", STATE, contest="mayor").result
    assert (result["places"], result["missing"]) == (1, ["appling", "clay"])


def test_electoral_votes_without_certified_electors_are_refused_by_the_record():
    row = ELECTORS_ROW
    book = opened_by(
        law_text("model").replace('when = { after = ["readings_signed"] }\n', "") + row,
        contest("president", "ash", "birch"),
        places=("appling",),
    )
    book.certify("president", appling=(2, 1))
    book.ask("certify_state_results", STATE, contest="president")
    votes = {"president": {"ash": 1}, "vice_president": {"elm": 1}}
    refusal = book.refused("cast_electoral_votes", STATE, contest="president", **votes)
    assert (refusal["code"], refusal["words"]) == ("no_electors", "No electors are certified.")


ELECTORS_ROW = """
[[rows]]
id = "model-91"
office = "secretary_of_state"
act = "cast_electoral_votes"
status = "permitted"
in_force = ["", ""]
elections_held = ["", ""]
citation = "Model law, section 91"
plain = "The electors vote."
"""


def test_an_audit_result_without_a_tally_is_refused():
    text = law_text("model").replace('when = { after = ["audit_tally_reported"] }\n', "")
    book = opened_by(text, contest("mayor", "ash", "birch"))
    book.ask("report_unofficial_returns", COUNTY, contest="mayor", returns=book.votes("mayor", (2, 1)))
    assert book.refused("publish_audit_result", STATE, contest="mayor")["code"] == "no_tally"


def test_a_closed_book_admits_corrections_of_wording_and_nothing_else():
    book = georgia()
    closed = book.ask("close_book", KEEPER)
    assert book.standing.closed == closed.seq
    refusal = book.refused("file_exhibit", KEEPER, text="A letter.")
    assert (refusal["code"], refusal["words"]) == ("book_closed", "The book is closed.")
    assert book.refused("close_book", KEEPER)["code"] == "book_closed"
    book.ask("correct_entry", COUNTY, corrects=1, wrong="6", right="six", **WHERE)


def test_the_law_is_asked_before_the_record():
    book = georgia()
    book.ask("close_book", KEEPER)
    assert book.refused("call_special_session", "candidate")["row"] == "ga-any-call-special-session"


def test_adopting_a_law_file_changes_later_rulings_and_no_earlier_one():
    book = georgia()
    before = book.refused("order_full_hand_count", "governor", "2020-11-16 12:00", contest="president")
    due = '["contest_day", "+2 friday", "17:00"]'
    text = law_text("georgia").replace(due, due.replace("17:00", "18:00"))
    exhibit = book.lay(text)
    said = {"returns": book.votes("president", (6, 4)), **WHERE}
    adopted = book.ask(
        "adopt_law", KEEPER, "2020-11-16 13:00", law_file=exhibit["sha256"], exhibits=(exhibit,)
    )
    assert "result" not in msgspec.to_builtins(adopted)
    assert book.standing.law_files[2] == exhibit["sha256"]
    late = book.ask("certify_county_returns", COUNTY, **said)
    assert late.ruling["due"] == "2020-11-13T23:00:00Z"
    assert book.entries[2].refusal == before


def test_a_law_file_that_contradicts_the_others_is_not_adopted():
    book = georgia()
    text = law_text("georgia").replace('id = "losing_candidate"\nname', 'id = "losing"\nname')
    exhibit = book.lay(text)
    found = book.problems("adopt_law", KEEPER, law_file=exhibit["sha256"], exhibits=(exhibit,))
    assert {one.field for one in found} == {"detail.law_file"}
    assert "losing_candidate" in found[0].found


def test_a_law_file_of_another_id_is_not_adopted():
    book = georgia()
    exhibit = book.lay(law_text("model"))
    found = book.problems("adopt_law", KEEPER, law_file=exhibit["sha256"], exhibits=(exhibit,))
    assert rules(found)[0][2] == "a law file with one of the ids book, us, us-ga"


def test_a_law_file_without_a_rule_for_a_contest_of_the_book_is_not_adopted():
    book = georgia()
    exhibit = book.lay(
        law_text("georgia").replace(
            'kind = "winner"\nclasses = ["president"]', 'kind = "winner"\nclasses = ["none"]'
        )
    )
    found = book.problems("adopt_law", KEEPER, law_file=exhibit["sha256"], exhibits=(exhibit,))
    assert rules(found) == [
        (
            "detail.law_file",
            "the class president",
            "a class for which the law has a `winner` rule on 2020-11-03",
        )
    ]


def test_a_winner_is_not_guessed_on_a_day_on_which_the_law_has_no_rule_for_it():
    rule = 'id = "model-winner-plurality"\nkind = "winner"\nclasses = []\nin_force = ["", ""]'
    text = law_text("model").replace('when = { after = ["readings_signed"] }\n', "")
    assert rule in text
    book = opened_by(
        text.replace(rule, rule.replace('["", ""]', '["", "2020-11-10"]')),
        contest("mayor", "ash", "birch"),
        places=("appling",),
    )
    book.certify("mayor", appling=(2, 1))
    found = book.problems("certify_state_results", STATE, "2020-11-11 12:00", contest="mayor")
    assert rules(found) == [("on", "2020-11-11", "a day with a `winner` rule for the class other")]


def test_replaying_the_entries_gives_the_same_standing():
    book = georgia()
    book.certify("president", "2020-11-13 12:00", appling=(6, 4), bacon=(1, 3))
    book.refused("order_full_hand_count", "governor", contest="president")
    again = fold(type(book.standing)(), book.entries, book.shelf)
    assert again == msgspec.structs.replace(book.standing, law=again.law)


def test_a_standing_shares_what_an_entry_did_not_touch():
    book = opened(
        "georgia",
        contest("president", "trump", "biden", of="president"),
        contest("us_senate", "a", "b", of="us_senate"),
    )
    act = book.act("report_unofficial_returns", COUNTY, returns=book.votes("president", (6, 4)), **WHERE)
    after = evolve(book.standing, book.decide(act).entries[0], book.shelf)
    assert after.contests["us_senate"] is book.standing.contests["us_senate"]
    for field in ("law", "record", "audits", "findings", "electors", "exhibits", "places", "order"):
        assert getattr(after, field) is getattr(book.standing, field)


def test_an_entry_too_long_for_a_bundle_is_a_problem():
    book = georgia()
    texts = ["x" * 4000] * 17
    found = book.problems("order_full_hand_count", "governor", contest="president", basis=texts)
    assert [(one.field, one.expected) for one in found] == [("detail", "at most 65,535 bytes")]
    assert isinstance(
        book.decide(book.act("order_full_hand_count", "governor", contest="president", basis=texts[:16])),
        Entered,
    )


def test_a_second_opening_is_a_problem():
    book = georgia()
    first = book.entries[0]
    found = book.decide(book.act("open_book", KEEPER, exhibits=first.exhibits, **first.detail))
    assert isinstance(found, Malformed)
    assert [one.expected for one in found.problems] == ["an act after the opening"]


def test_what_to_do_next_after_a_refusal_by_the_record_is_the_specifications_table():
    spec = (Path(__file__).parents[3] / "docs" / "spec" / "book.md").read_text("utf-8")
    table = spec.partition("The `next` of a refusal by the record")[2].partition("**Returns**")[0]
    assert dict(re.findall(r"^\| `(\w+)` \| `(.+)` \|$", table, re.MULTILINE)) == NEXT
