"""The 35 events of Georgia 2020, each put to the law as an act on its day.

Where an event is somebody's request, the request is put as the act that was asked for: the answer then says
why it was refused and who may.  Events of several acts have several lines.
"""

import csv

import pytest

from tallybook.law import GRANTED, NO_LEGAL_EFFECT, REFUSED, ruling

SOS, COUNTY, PRESIDENT = "secretary_of_state", "county_superintendent", "president"
GOVERNOR, LOSER, WHITE_HOUSE = "governor", "losing_candidate", "us_president"
REPLACE = "appoint_electors_after_election_day"

# What the book holds by the end; a fact counts only once its moment is past.
BOOK = [
    ("audit_contest_selected", PRESIDENT, "", "2020-11-11T15:00:00Z"),
    ("risk_limiting_audit_ordered", PRESIDENT, "", "2020-11-11T15:05:00Z"),
    *(
        ("county_returns_certified", PRESIDENT, p, "2020-11-13T20:00:00Z")
        for p in ("floyd", "fayette", "walton")
    ),
    *(("audit_tally_reported", PRESIDENT, p, "2020-11-18T20:00:00Z") for p in ("floyd", "fayette", "walton")),
    ("state_results_certified", PRESIDENT, "", "2020-11-20T21:00:00Z"),
    ("electors_certified", PRESIDENT, "", "2020-11-20T22:00:00Z"),
    ("recount_requested", PRESIDENT, "", "2020-11-21T20:00:00Z"),
    ("recount_ordered", PRESIDENT, "", "2020-11-23T15:00:00Z"),
    *(
        ("recount_tally_reported", PRESIDENT, p, "2020-12-02T20:00:00Z")
        for p in ("floyd", "fayette", "walton")
    ),
    ("election_contested", PRESIDENT, "", "2020-12-04T20:00:00Z"),
    ("state_results_recertified", PRESIDENT, "", "2020-12-07T18:00:00Z"),
    ("signature_audit_ordered", "", "", "2020-12-14T20:00:00Z"),
    ("electoral_votes_cast", PRESIDENT, "", "2020-12-14T18:00:00Z"),
    *(
        ("county_returns_certified", "senate_runoff", p, "2021-01-15T20:00:00Z")
        for p in ("floyd", "fayette", "walton")
    ),
    ("state_results_certified", "senate_runoff", "", "2021-01-19T22:00:00Z"),
]
VOTES = {
    PRESIDENT: {"biden": 2_474_507, "trump": 2_461_837, "jorgensen": 62_138},
    "senate_runoff": {"ossoff": 2_269_923, "perdue": 2_214_979},
}
WON = {PRESIDENT: ("biden",), "senate_runoff": ("ossoff",)}

# row of the timeline, act, office, local time, detail, contest, place, purpose, the ruling
EVENTS = [
    (1, "sign_settlement_agreement", SOS, "2020-03-06 12:00", {}, "", "", "", GRANTED),
    (1, "sign_settlement_agreement", "state_election_board", "2020-03-06 12:00", {}, "", "", "", GRANTED),
    (2, "hold_election", COUNTY, "2020-11-03 07:00", {}, "", "floyd", "", GRANTED),
    (2, "appoint_electors", "voters", "2020-11-03 19:00", {}, PRESIDENT, "", "", GRANTED),
    (2, "report_unofficial_returns", COUNTY, "2020-11-03 21:00", {}, PRESIDENT, "floyd", "", GRANTED),
    (3, "select_audit_contest", SOS, "2020-11-11 10:00", {}, PRESIDENT, "", "", GRANTED),
    (3, "order_risk_limiting_audit", SOS, "2020-11-11 10:05", {}, PRESIDENT, "", "", GRANTED),
    (3, "order_full_hand_count", SOS, "2020-11-11 10:10", {}, PRESIDENT, "", "", GRANTED),
    (4, "certify_county_returns", COUNTY, "2020-11-13 17:00", {}, PRESIDENT, "floyd", "", GRANTED),
    (5, "begin_audit", COUNTY, "2020-11-13 09:00", {}, PRESIDENT, "floyd", "", GRANTED),
    (6, "report_finding", COUNTY, "2020-11-16 12:00", {"size": 3060}, PRESIDENT, "floyd", "", GRANTED),
    (6, "correct_county_returns", COUNTY, "2020-11-18 12:00", {}, PRESIDENT, "floyd", "", GRANTED),
    (7, "report_finding", COUNTY, "2020-11-17 12:00", {"size": 2755}, PRESIDENT, "fayette", "", GRANTED),
    (7, "correct_county_returns", COUNTY, "2020-11-18 12:00", {}, PRESIDENT, "fayette", "", GRANTED),
    (8, "report_finding", COUNTY, "2020-11-17 12:00", {"size": 284}, PRESIDENT, "walton", "", GRANTED),
    (8, "correct_county_returns", COUNTY, "2020-11-18 12:00", {}, PRESIDENT, "walton", "", GRANTED),
    (9, "conduct_audit", COUNTY, "2020-11-18 23:59", {}, PRESIDENT, "floyd", "", GRANTED),
    (10, "publish_audit_result", SOS, "2020-11-19 18:00", {}, PRESIDENT, "", "", GRANTED),
    (11, "halt_certification", "voter", "2020-11-19 12:00", {"case": "1:20-cv-04651"}, "", "", "", REFUSED),
    (12, "certify_state_results", SOS, "2020-11-20 16:00", {}, PRESIDENT, "", "", GRANTED),
    (13, "certify_electors", GOVERNOR, "2020-11-20 17:00", {"choice": "biden"}, PRESIDENT, "", "", GRANTED),
    (14, "call_publicly_for_audit", GOVERNOR, "2020-11-20 17:00", {}, "", "", "", NO_LEGAL_EFFECT),
    (15, "request_recount", LOSER, "2020-11-21 15:00", {"choice": "trump"}, PRESIDENT, "", "", GRANTED),
    (15, "order_recount", SOS, "2020-11-23 10:00", {}, PRESIDENT, "", "", GRANTED),
    (16, "begin_recount", COUNTY, "2020-11-24 09:00", {}, PRESIDENT, "floyd", "", GRANTED),
    (17, "overrule_secretary_of_state", WHITE_HOUSE, "2020-11-30 12:00", {}, "", "", "", REFUSED),
    (18, "conduct_recount", COUNTY, "2020-12-02 23:59", {}, PRESIDENT, "floyd", "", GRANTED),
    (19, "contest_election", LOSER, "2020-12-04 15:00", {"ground": "fraud"}, PRESIDENT, "", "", GRANTED),
    (19, "withdraw_contest", LOSER, "2021-01-07 12:00", {}, PRESIDENT, "", "", GRANTED),
    (20, "call_special_session", WHITE_HOUSE, "2020-12-05 10:00", {}, "", "", REPLACE, REFUSED),
    (21, "order_signature_audit", WHITE_HOUSE, "2020-12-05 10:00", {}, "", "", "", REFUSED),
    (22, "petition_special_session", "general_assembly_three_fifths_each_house", "2020-12-06 12:00",
     {"senate_signers": 4, "house_signers": 0}, "", "", "", REFUSED),
    (22, "call_special_session", GOVERNOR, "2020-12-06 12:00", {}, "", "", REPLACE, REFUSED),
    (23, "publish_approval_estimate", "polling_firm", "2020-12-06 12:00", {}, "", "", "", NO_LEGAL_EFFECT),
    (24, "recertify_state_results", SOS, "2020-12-07 12:00", {}, PRESIDENT, "", "recount", GRANTED),
    (25, "certify_electors", GOVERNOR, "2020-12-07 20:00", {"choice": "biden"}, PRESIDENT, "", "", GRANTED),
    (27, "cast_electoral_votes", "presidential_electors", "2020-12-14 12:00", {}, PRESIDENT, "", "", GRANTED),
    (28, "submit_own_slate", "elector_nominees_not_certified", "2020-12-14 12:00", {}, PRESIDENT, "", "",
     NO_LEGAL_EFFECT),
    (29, "order_signature_audit", SOS, "2020-12-14 15:00", {"basis": "an allegation"}, "", "", "", GRANTED),
    (29, "assist_signature_audit", "gbi", "2020-12-14 15:30", {}, "", "", "", GRANTED),
    (30, "publish_signature_audit_report", SOS, "2020-12-29 12:00", {}, "", "", "", GRANTED),
    (31, "hold_election", COUNTY, "2021-01-05 07:00", {}, "senate_runoff", "floyd", "", GRANTED),
    (32, "object_electoral_votes", "senator_and_representative_jointly", "2021-01-06 23:00",
     {"senate_signers": 0, "house_signers": 1}, "", "", "", REFUSED),
    (33, "count_electoral_votes", "congress_joint_session", "2021-01-07 03:44", {}, "", "", "", GRANTED),
    (34, "certify_state_results", SOS, "2021-01-19 17:00", {}, "senate_runoff", "", "", GRANTED),
    (34, "issue_certificate_us_senator", GOVERNOR, "2021-01-19 18:00", {}, "senate_runoff", "", "", GRANTED),
    (35, "swear_in_senators", "us_senate", "2021-01-20 16:30", {}, "", "", "", GRANTED),
]  # fmt: skip

# Row 26 is a date of the calendar, not an act; test_law_at_a_glance.py finds it there.
NO_ACT = {26}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: f"{event[0]}-{event[1]}")
def test_an_event_of_2020_has_its_ruling(georgia, book, ask, event) -> None:  # type: ignore[no-untyped-def]
    _, act, office, local, detail, contest, place, purpose, outcome = event
    of = {"": "", "president": "president"}.get(contest, "us_senate")
    question = ask(georgia, act, office, local, detail, contest, place, purpose, contest_class=of)
    past = tuple(entry for entry in BOOK if entry[3] <= question.moment)
    facts = book(
        entries=past,
        certified=VOTES,
        won=WON,
        days={"senate_runoff": "2021-01-05"},
        places=("floyd", "fayette", "walton"),
    )
    found = ruling(georgia, question, facts)
    assert found.outcome == outcome
    assert not found.late
    assert found.citation


def test_each_act_may_carry_what_its_event_states(georgia) -> None:  # type: ignore[no-untyped-def]
    for _, act, _, _, detail, *_ in EVENTS:
        declared = georgia.acts[act]
        assert set(detail) <= {*declared.needs, *declared.may, "source", "note"}, act


def test_the_rulings_agree_with_the_outcomes_of_the_timeline(shared) -> None:  # type: ignore[no-untyped-def]
    with (shared / "georgia_2020_timeline.csv").open(newline="", encoding="utf-8") as file:
        timeline = {int(row["seq"]): row["accepted_or_refused"] for row in csv.DictReader(file)}
    words = {
        GRANTED: {"accepted", "n/a", "withdrawn"},
        REFUSED: {"refused"},
        NO_LEGAL_EFFECT: {"no legal effect"},
    }
    assert {event[0] for event in EVENTS} | NO_ACT == set(timeline)
    for seq, *_, outcome in EVENTS:
        assert timeline[seq] in words[outcome], seq
