"""Georgia's file against the research data and against the dates of the statutes."""

import csv
from pathlib import Path

import pytest

from tallybook.law import GRANTED, NO_LEGAL_EFFECT, REFUSED, Row, matrix, rule_for, ruling, value_day
from tallybook.law.steps import Starts

GENERAL = "2020-11-03"
GOLDEN = Path(__file__).with_name("matrix_2020.csv")

# Where the research table marks a row's status for December 2020.
DECEMBER = "2020-12-05"


def rows_of_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def general(row: Row) -> bool:
    """Whether a row is for contests that are not the President's; the research table has no more."""
    return row.classes is None or "us_senate" in row.classes


def counterparts(georgia, row):  # type: ignore[no-untyped-def]
    return [
        found
        for found in georgia.by_act[row["act"]]
        if found.office == row["office"]
        and general(found)
        and found.purposes is None
        and DECEMBER in found.in_force
        and GENERAL in found.elections_held
    ]


def test_every_row_of_the_research_table_has_its_counterpart(georgia, shared) -> None:  # type: ignore[no-untyped-def]
    table = rows_of_csv(shared / "georgia_authority.csv")
    assert len(table) == 105
    for row in table:
        found = counterparts(georgia, row)
        name = (row["office"], row["act"])
        assert found, name
        assert {one.status for one in found} == {row["status"]}, name
        if row["legal_basis"] != "none":
            assert row["legal_basis"] in {one.citation for one in found}, name
        if row["refusal_code"]:
            assert {one.code for one in found} == {row["refusal_code"]}, name
            assert found[0].words == row["refusal_reason"], name


def test_every_later_change_of_the_research_table_has_its_own_row(georgia, shared) -> None:  # type: ignore[no-untyped-def]
    unchanged = {"", "unchanged"}
    # A ruling of 2024 on the same text, and a summary of the same act: no new text for the row.
    same_text = {("county_superintendent", "decline_to_certify_county_returns")}
    for row in rows_of_csv(shared / "georgia_authority.csv"):
        name = (row["office"], row["act"])
        if row["later_change"] in unchanged or name in same_text:
            continue
        later = [
            found
            for found in georgia.by_act[row["act"]]
            if found.office == row["office"]
            and general(found)
            and "2024-12-01" in found.in_force
            and "2024-11-05" in found.elections_held
        ]
        assert later, name
        assert not set(later) & set(counterparts(georgia, row)), name


def test_the_matrix_of_december_2020_is_the_one_that_was_reviewed(georgia) -> None:  # type: ignore[no-untyped-def]
    golden = {(row["office"], row["act"]): row["status"] for row in rows_of_csv(GOLDEN)}
    assert all(office == "*" or office in georgia.offices for office, _ in golden)
    for (office, act), status in matrix(georgia, DECEMBER, GENERAL).items():
        assert golden.get((office, act), golden.get(("*", act), "no_law")) == status, (office, act)


def test_the_reviewed_matrix_agrees_with_the_research_table(shared) -> None:  # type: ignore[no-untyped-def]
    golden = {(row["office"], row["act"]): row["status"] for row in rows_of_csv(GOLDEN)}
    table = {(r["office"], r["act"]): r["status"] for r in rows_of_csv(shared / "georgia_authority.csv")}
    assert {name: golden.get(name) for name in table} == table


def test_every_row_says_where_it_was_seen_and_how_sure_it_is(georgia) -> None:  # type: ignore[no-untyped-def]
    for row in georgia.rows:
        if row.law in ("us", "us-ga"):
            assert row.source, row.id
            assert row.confidence, row.id
            assert row.citation, row.id


def test_no_refusal_of_the_state_file_is_without_words_of_its_own_or_of_its_row(georgia) -> None:  # type: ignore[no-untyped-def]
    assert all(row.words or row.plain for row in georgia.rows)


# --- The same question has two answers.


@pytest.mark.parametrize(
    ("when", "election", "detail", "outcome", "row"),
    [
        ("2020-12-05", GENERAL, {}, REFUSED, "ga-secretary-of-state-order-signature-audit-2020"),
        ("2020-12-05", GENERAL, {"basis": "x"}, GRANTED, "ga-secretary-of-state-order-signature-audit-2020"),
        ("2022-12-05", "2022-11-08", {}, GRANTED, "ga-secretary-of-state-order-signature-audit-2021"),
    ],
)
def test_an_audit_of_envelopes_needs_a_basis_until_the_statute_of_2021(  # type: ignore[no-untyped-def]
    georgia, book, ask, when, election, detail, outcome, row
) -> None:
    question = ask(
        georgia, "order_signature_audit", "secretary_of_state", f"{when} 12:00", detail, election_day=election
    )
    found = ruling(georgia, question, book())
    assert (found.outcome, found.row) == (outcome, row)


def test_the_citation_of_the_envelope_audit_changes_with_the_law(georgia, book, ask) -> None:  # type: ignore[no-untyped-def]
    act, office = "order_signature_audit", "secretary_of_state"
    before = ask(georgia, act, office, "2020-12-05 12:00", {"basis": "x"})
    after = ask(georgia, act, office, "2022-12-05 12:00", {"basis": "x"}, election_day="2022-11-08")
    assert ruling(georgia, before, book()).citation == "O.C.G.A. 21-2-31(5), 21-2-50"
    assert ruling(georgia, after, book()).citation == "O.C.G.A. 21-2-390(b) (2021); Ga. L. 2021 p. 14 s. 30"


def of_contest(georgia, book, ask, act, office, name, contest_class, on="2020-11-25 12:00", election=GENERAL):  # type: ignore[no-untyped-def]
    """The ruling on an act about a certified contest in which nobody has a majority."""
    facts = book(
        entries=(("state_results_certified", name, "", f"{on[:4]}-11-20T17:00:00Z"),),
        certified={name: {"a": 49, "b": 48, "c": 3}},
        won={name: ("a",)},
    )
    question = ask(georgia, act, office, on, contest=name, election_day=election, contest_class=contest_class)
    return ruling(georgia, question, facts)


@pytest.mark.parametrize(
    ("contest_class", "election", "outcome", "row"),
    [
        ("us_senate", GENERAL, GRANTED, "ga-law-itself-call-runoff-2020"),
        ("state_legislature", "2022-11-08", GRANTED, "ga-law-itself-call-runoff-2021"),
        ("president", GENERAL, REFUSED, "ga-law-itself-call-runoff-president"),
        ("president", "2024-11-05", REFUSED, "ga-law-itself-call-runoff-president"),
        ("question", GENERAL, REFUSED, "ga-any-call-runoff"),
    ],
)
def test_presidential_electors_and_questions_have_no_runoff(  # type: ignore[no-untyped-def]
    georgia, book, ask, contest_class, election, outcome, row
) -> None:
    on = f"{election[:4]}-11-25 12:00"
    found = of_contest(georgia, book, ask, "call_runoff", "law_itself", "x", contest_class, on, election)
    assert (found.outcome, found.row) == (outcome, row)
    if contest_class == "president":
        said = ("plurality_office", "O.C.G.A. 21-2-501(f)", "Presidential electors are chosen by plurality.")
        assert (found.code, found.citation, found.words) == said
        assert found.who_may == (), "nobody may call it, and no office is named for the Senate's sake"


def test_a_senators_certificate_is_of_a_contest_for_the_senate(georgia, book, ask) -> None:  # type: ignore[no-untyped-def]
    asked = (georgia, book, ask, "issue_certificate_us_senator", "governor", "x")
    assert of_contest(*asked, "us_senate").outcome == GRANTED
    found = of_contest(*asked, "us_house")
    assert (found.outcome, found.code) == (REFUSED, "no_law")


def test_the_governor_may_call_a_session_but_not_to_replace_electors(georgia, book, ask) -> None:  # type: ignore[no-untyped-def]
    act, noon = "call_special_session", "2020-12-06 12:00"
    plain = ruling(georgia, ask(georgia, act, "governor", noon), book())
    replacing = ask(georgia, act, "governor", noon, purpose="appoint_electors_after_election_day")
    excluded = ruling(georgia, replacing, book())
    assert (plain.outcome, excluded.outcome) == (GRANTED, REFUSED)
    assert (excluded.code, excluded.who_may) == ("purpose_not_available", ())


def test_another_purpose_does_not_close_the_session(georgia, book, ask) -> None:  # type: ignore[no-untyped-def]
    question = ask(georgia, "call_special_session", "governor", "2020-12-06 12:00", purpose="correction")
    assert ruling(georgia, question, book()).outcome == GRANTED


# --- Deadlines: local dates and times of the statutes.

COUNTIES_IN = tuple(
    ("county_returns_certified", "president", p, "2020-11-13T15:00:00Z") for p in ("appling", "bacon")
)


@pytest.mark.parametrize(
    ("act", "office", "election", "day", "due"),
    [
        ("certify_county_returns", "county_superintendent", GENERAL, "2020-11-12", "2020-11-13T22:00:00Z"),
        ("certify_state_results", "secretary_of_state", GENERAL, "2020-11-20", "2020-11-20T22:00:00Z"),
        (
            "lay_elector_returns_before_governor",
            "secretary_of_state",
            GENERAL,
            "2020-11-20",
            "2020-11-20T22:00:00Z",
        ),
        ("certify_electors", "governor", GENERAL, "2020-11-20", "2020-11-21T22:00:00Z"),
        ("request_recount", "losing_candidate", GENERAL, "2020-11-21", "2020-11-25T04:59:59Z"),
        (
            "certify_county_returns",
            "county_superintendent",
            "2022-11-08",
            "2022-11-12",
            "2022-11-14T22:00:00Z",
        ),
        (
            "certify_county_returns",
            "county_superintendent",
            "2024-11-05",
            "2024-11-12",
            "2024-11-12T22:00:00Z",
        ),
        ("certify_state_results", "secretary_of_state", "2024-11-05", "2024-11-22", "2024-11-22T22:00:00Z"),
    ],
)
def test_deadlines_are_those_of_the_statutes(georgia, book, ask, act, office, election, day, due) -> None:  # type: ignore[no-untyped-def]
    facts = book(
        entries=(*COUNTIES_IN, ("state_results_certified", "president", "", "2020-11-20T21:00:00Z")),
        certified={"president": {"a": 2_474_507, "b": 2_461_837, "c": 62_138}},
        won={"president": ("a",)},
        election_day=election,
    )
    choice = {"choice": "b" if act == "request_recount" else "a"}
    question = ask(georgia, act, office, f"{day} 12:00", choice, "president", "", "", election)
    found = ruling(georgia, question, facts)
    assert (found.outcome, found.due, found.late) == (GRANTED, due, False)


def test_a_runoff_has_the_deadlines_of_its_own_day(georgia, book, ask) -> None:  # type: ignore[no-untyped-def]
    facts = book(days={"us_senate_runoff": "2021-01-05"})
    question = ask(
        georgia,
        "certify_county_returns",
        "county_superintendent",
        "2021-01-15 12:00",
        {},
        "us_senate_runoff",
        "bacon",
    )
    assert ruling(georgia, question, facts).due == "2021-01-15T22:00:00Z"


def test_a_late_county_still_certifies_and_the_record_says_late(georgia, book, ask) -> None:  # type: ignore[no-untyped-def]
    question = ask(
        georgia,
        "certify_county_returns",
        "county_superintendent",
        "2020-11-13 17:00",
        {},
        "president",
        "bacon",
    )
    on_time = ruling(georgia, question, book())
    question = ask(
        georgia,
        "certify_county_returns",
        "county_superintendent",
        "2020-11-13 17:01",
        {},
        "president",
        "bacon",
    )
    late = ruling(georgia, question, book())
    assert (on_time.outcome, on_time.late, late.outcome, late.late) == (GRANTED, False, GRANTED, True)
    assert late.row == "ga-493k-2020"


def test_an_extension_for_the_audit_moves_the_county_date_in_2020_only(georgia, book, ask) -> None:  # type: ignore[no-untyped-def]
    audit = (("risk_limiting_audit_ordered", "president", "", "2020-11-11T15:00:00Z"),)
    extend = ask(georgia, "extend_county_deadline", "secretary_of_state", "2020-11-13 12:00")
    assert ruling(georgia, extend, book()).code == "not_needed_for_audit"
    assert ruling(georgia, extend, book(entries=audit)).outcome == GRANTED
    later = ask(
        georgia, "extend_county_deadline", "secretary_of_state", "2022-11-14 12:00", election_day="2022-11-08"
    )
    assert ruling(georgia, later, book(entries=audit)).code == "no_statutory_authority"
    certify = ask(
        georgia,
        "certify_county_returns",
        "county_superintendent",
        "2020-11-14 12:00",
        {},
        "president",
        "bacon",
    )
    extended = book(entries=(("county_deadline_extended", "", "", "2020-11-13T17:00:00Z"),))
    found = ruling(georgia, certify, extended)
    assert (found.row, found.late, found.due) == ("ga-493k-2020-extended", False, "")


def test_the_state_certifies_only_when_every_county_has(georgia, book, ask) -> None:  # type: ignore[no-untyped-def]
    question = ask(
        georgia, "certify_state_results", "secretary_of_state", "2020-11-20 16:00", {}, "president"
    )
    assert ruling(georgia, question, book(entries=COUNTIES_IN)).outcome == GRANTED
    found = ruling(georgia, question, book(entries=COUNTIES_IN[:1]))
    assert (found.code, found.failed) == ("places_missing", "every_place")


def test_certification_has_no_veto(georgia, book, ask) -> None:  # type: ignore[no-untyped-def]
    question = ask(georgia, "decline_to_certify_county_returns", "county_superintendent", "2020-11-13 12:00")
    assert ruling(georgia, question, book()).code == "mandatory_duty"
    objection = ask(georgia, "record_objection", "county_superintendent", "2020-11-13 12:00")
    assert ruling(georgia, objection, book()).outcome == GRANTED


@pytest.mark.parametrize(
    ("choice", "when", "outcome", "code"),
    [
        ("b", "2020-11-24 23:59", GRANTED, ""),
        ("b", "2020-11-25 00:00", REFUSED, "out_of_time"),
        ("a", "2020-11-21 12:00", REFUSED, "margin_or_time"),
        ("c", "2020-11-21 12:00", REFUSED, "margin_or_time"),
    ],
)
def test_a_losing_candidate_within_half_a_percent_may_ask_for_a_recount_in_two_business_days(  # type: ignore[no-untyped-def]
    georgia, book, ask, choice, when, outcome, code
) -> None:
    facts = book(
        entries=(("state_results_certified", "president", "", "2020-11-20T21:00:00Z"),),
        certified={"president": {"a": 2_474_507, "b": 2_461_837, "c": 62_138}},
        won={"president": ("a",)},
    )
    question = ask(georgia, "request_recount", "losing_candidate", when, {"choice": choice}, "president")
    found = ruling(georgia, question, facts)
    assert (found.outcome, found.code) == (outcome, code)


def test_a_margin_above_half_a_percent_gives_no_right_to_a_recount(georgia, book, ask) -> None:  # type: ignore[no-untyped-def]
    # Runoff of 5 January 2021: 2,269,923 to 2,214,979, a margin of 1.2 percent.
    facts = book(
        entries=(("state_results_certified", "runoff", "", "2021-01-19T21:00:00Z"),),
        certified={"runoff": {"ossoff": 2_269_923, "perdue": 2_214_979}},
        won={"runoff": ("ossoff",)},
    )
    question = ask(
        georgia, "request_recount", "losing_candidate", "2021-01-20 12:00", {"choice": "perdue"}, "runoff"
    )
    assert ruling(georgia, question, facts).failed == "margin_at_most"


def test_the_governor_certifies_the_slate_with_most_votes_and_no_other(georgia, book, ask) -> None:  # type: ignore[no-untyped-def]
    first = ("state_results_certified", "president", "", "2020-11-20T21:00:00Z")
    again = ("state_results_recertified", "president", "", "2020-12-07T18:00:00Z")
    votes = {"president": {"a": 2_473_633, "b": 2_461_854}}
    for entries, when, row in (
        ((first,), "2020-11-20 17:30", "ga-governor-certify-electors-2020"),
        ((first, again), "2020-12-07 20:00", "ga-governor-certify-electors-2020-after-recertification"),
    ):
        for choice, outcome in (("a", GRANTED), ("b", REFUSED)):
            question = ask(georgia, "certify_electors", "governor", when, {"choice": choice}, "president")
            found = ruling(georgia, question, book(entries=entries, certified=votes))
            assert (found.outcome, found.row, found.late) == (outcome, row, False)
            assert found.code == ("" if outcome == GRANTED else "not_most_votes")


@pytest.mark.parametrize(
    ("contest_class", "election", "day"),
    [
        ("us_senate", GENERAL, "2021-01-05"),
        ("us_house", GENERAL, "2021-01-05"),
        ("state_legislature", GENERAL, "2020-12-01"),
        ("public_service_commission", GENERAL, "2021-01-05"),
        ("us_senate", "2022-11-08", "2022-12-06"),
        ("state_executive", "2022-11-08", "2022-12-06"),
    ],
)
def test_the_day_of_a_runoff_is_that_of_the_text_in_force(georgia, contest_class, election, day) -> None:  # type: ignore[no-untyped-def]
    rule = rule_for(georgia, "winner", contest_class, "2020-11-20", election)
    assert rule is not None
    assert rule.values["method"] == "majority_or_runoff"
    starts = Starts(election, election, election, {}.get)
    assert value_day(georgia.clock, rule.values["runoff_day"], starts) == day


def test_presidential_electors_are_chosen_by_plurality(georgia) -> None:  # type: ignore[no-untyped-def]
    rule = rule_for(georgia, "winner", "president", "2020-11-20", GENERAL)
    assert rule is not None
    assert rule.values["method"] == "plurality"


@pytest.mark.parametrize(
    ("election", "limit"),
    [(GENERAL, "1/10"), ("2024-11-05", "2/25"), ("2026-11-03", "3/50"), ("2028-11-07", "1/20")],
)
def test_the_greatest_risk_limit_is_that_of_the_year(georgia, election, limit) -> None:  # type: ignore[no-untyped-def]
    rule = rule_for(georgia, "audit", "president", election, election)
    assert rule is not None
    assert rule.values["risk_limit"] == limit


def test_georgia_has_sixteen_of_538_electors(georgia) -> None:  # type: ignore[no-untyped-def]
    rule = rule_for(georgia, "electors", "president", "2020-11-20", GENERAL)
    assert rule is not None
    assert (rule.values["number"], rule.values["whole"]) == (16, 538)


@pytest.mark.parametrize("election", [GENERAL, "2024-11-05"])
def test_the_electors_of_the_states_sum_to_538(georgia, election) -> None:  # type: ignore[no-untyped-def]
    classes = {one for rule in georgia.rules for one in rule.classes if one.startswith("president_")}
    rules = [rule_for(georgia, "electors", one, election, election) for one in classes]
    assert len(rules) == 51
    assert sum(rule.values["number"] for rule in rules if rule) == 538


def test_the_electors_of_each_state_are_those_of_the_research_table(georgia, shared) -> None:  # type: ignore[no-untyped-def]
    for row in rows_of_csv(shared / "state_rules.csv"):
        rule = rule_for(georgia, "electors", f"president_{row['state'].lower()}", GENERAL, GENERAL)
        assert rule is not None
        assert rule.values["number"] == int(row["electors_2020"])


def test_a_hand_count_made_as_an_audit_leaves_the_returns_standing(georgia) -> None:  # type: ignore[no-untyped-def]
    rule = rule_for(georgia, "hand_count", "president", "2020-11-19", GENERAL)
    assert rule is not None
    assert rule.values["effect"] == "returns_stand"


def test_no_class_of_contests_is_without_a_winner_rule(georgia) -> None:  # type: ignore[no-untyped-def]
    classes = ("president", "us_senate", "us_house", "state_executive", "state_legislature")
    for one in (*classes, "public_service_commission", "question"):
        for election in (GENERAL, "2022-11-08", "2024-11-05", "2026-11-03"):
            assert rule_for(georgia, "winner", one, election, election), (one, election)


def test_public_requests_have_no_legal_effect_whoever_makes_them(georgia, book, ask) -> None:  # type: ignore[no-untyped-def]
    for act in ("campaign_or_plead", "tweet_or_allege", "ask_governor", "call_publicly_for_audit"):
        for office in ("us_president", "governor", "candidate", "party", "voter", "secretary_of_state"):
            found = ruling(georgia, ask(georgia, act, office, "2020-12-05 12:00"), book())
            assert found.outcome == NO_LEGAL_EFFECT


def test_three_fifths_of_each_house_are_34_and_108(georgia, book, ask) -> None:  # type: ignore[no-untyped-def]
    office = "general_assembly_three_fifths_each_house"
    for senate, house, outcome in (
        (34, 108, GRANTED),
        (33, 108, REFUSED),
        (34, 107, REFUSED),
        (4, 0, REFUSED),
    ):
        detail = {"senate_signers": senate, "house_signers": house}
        question = ask(georgia, "petition_special_session", office, "2020-12-06 12:00", detail)
        assert ruling(georgia, question, book()).outcome == outcome


def test_an_objection_needs_one_of_each_house_in_2021_and_a_fifth_in_2025(georgia, book, ask) -> None:  # type: ignore[no-untyped-def]
    act, office = "object_electoral_votes", "senator_and_representative_jointly"
    for when, election, senate, house, ground, outcome in (
        ("2021-01-06 13:30", GENERAL, 1, 1, "", GRANTED),
        ("2021-01-06 13:30", GENERAL, 0, 1, "", REFUSED),
        ("2021-01-05 13:30", GENERAL, 1, 1, "", REFUSED),
        ("2025-01-06 13:30", "2024-11-05", 1, 1, "not lawfully certified", REFUSED),
        ("2025-01-06 13:30", "2024-11-05", 20, 86, "not lawfully certified", REFUSED),
        ("2025-01-06 13:30", "2024-11-05", 20, 87, "not lawfully certified", GRANTED),
        ("2025-01-06 13:30", "2024-11-05", 20, 87, "", REFUSED),
    ):
        detail = {"senate_signers": senate, "house_signers": house, "ground": ground}
        question = ask(georgia, act, office, when, detail, election_day=election)
        assert ruling(georgia, question, book()).outcome == outcome, (when, senate, house)


def test_electors_vote_on_the_day_of_the_text_in_force(georgia, book, ask) -> None:  # type: ignore[no-untyped-def]
    facts = book(entries=(("electors_certified", "president", "", "2020-11-20T22:00:00Z"),))
    for when, election, outcome in (
        ("2020-12-14 12:00", GENERAL, GRANTED),
        ("2020-12-15 12:00", GENERAL, REFUSED),
        ("2024-12-17 12:00", "2024-11-05", GRANTED),
        ("2024-12-16 12:00", "2024-11-05", REFUSED),
    ):
        question = ask(
            georgia, "cast_electoral_votes", "presidential_electors", when, {}, "president", "", "", election
        )
        assert ruling(georgia, question, facts).outcome == outcome
