"""Who may, the calendar and the difference between two elections, on Georgia's law."""

from tallybook.law import calendar, diff, who_may

GENERAL = "2020-11-03"


def days(items, words):  # type: ignore[no-untyped-def]
    return {(item.day, item.time) for item in items if item.words == words}


def test_who_may_answers_for_every_office(georgia) -> None:  # type: ignore[no-untyped-def]
    answers = {one.office: one for one in who_may(georgia, "order_signature_audit", "2020-12-05", GENERAL)}
    assert set(answers) == set(georgia.offices)
    granting = {office for office, one in answers.items() if one.grants}
    assert granting == {"secretary_of_state", "state_election_board", "superior_court"}
    governor = answers["governor"].rows[0]
    assert governor.citation.startswith("no statute")
    assert governor.words
    assert answers["county_registrars"].rows[0].office == "*"


def test_who_may_looks_at_the_purpose(georgia) -> None:  # type: ignore[no-untyped-def]
    act, day = "call_special_session", "2020-12-05"
    for purpose, expected in (("", "permitted"), ("appoint_electors_after_election_day", "not_permitted")):
        answers = {one.office: one.status for one in who_may(georgia, act, day, GENERAL, purpose)}
        assert answers["governor"] == expected


def test_the_calendar_of_2020_has_the_dates_of_the_statutes(georgia) -> None:  # type: ignore[no-untyped-def]
    items = calendar(georgia, GENERAL)
    assert days(items, "certify the county's returns") == {("2020-11-13", "17:00")}
    assert days(items, "certify the state's results") == {("2020-11-20", "17:00")}
    assert days(items, "certify the presidential electors appointed") == {("2020-11-21", "17:00")}
    assert days(items, "safe-harbor date: final determination made by now is conclusive") == {
        ("2020-12-08", "")
    }
    assert days(items, "the presidential electors meet and vote") == {("2020-12-14", "")}
    assert days(items, "Congress counts the electoral votes in joint session") == {("2021-01-06", "13:00")}
    assert days(items, "day for appointing presidential electors") == {(GENERAL, "")}
    assert ("2021-01-05", "") in {(i.day, i.time) for i in items if i.row == "ga-winner-federal-2020"}


def test_the_calendar_of_2024_has_the_dates_of_the_later_texts(georgia) -> None:  # type: ignore[no-untyped-def]
    items = calendar(georgia, "2024-11-05")
    assert days(items, "certify the county's returns") == {("2024-11-12", "17:00")}
    assert days(items, "certify the state's results") == {("2024-11-22", "17:00")}
    assert days(items, "the presidential electors meet and vote") == {("2024-12-17", "")}
    assert days(items, "certificate of ascertainment is due") == {("2024-12-11", "")}
    assert not days(items, "safe-harbor date: final determination made by now is conclusive")


def test_a_date_that_waits_for_an_entry_says_so_and_comes_last(georgia) -> None:  # type: ignore[no-untyped-def]
    items = calendar(georgia, GENERAL)
    recount = next(item for item in items if item.act == "request_recount")
    assert (recount.day, recount.waits_for) == ("", "state_results_certified")
    assert recount.steps == "2 business days after it is recorded: certified the state's results"
    assert [bool(item.day) for item in items] == sorted((bool(item.day) for item in items), reverse=True)


def test_once_the_entry_is_there_the_date_is_there(georgia) -> None:  # type: ignore[no-untyped-def]
    items = calendar(georgia, GENERAL, recorded={"state_results_certified": "2020-11-20T21:00:00Z"})
    assert days(items, "request a recount") == {("2020-11-24", "")}


def test_a_runoff_has_its_own_lines(georgia) -> None:  # type: ignore[no-untyped-def]
    items = calendar(georgia, GENERAL, {"us_senate_runoff": "2021-01-05"})
    own = {(item.words, item.day) for item in items if item.contest == "us_senate_runoff"}
    assert ("certify the county's returns", "2021-01-15") in own
    assert ("certify the state's results", "2021-01-22") in own
    assert not any("electors" in words for words, _ in own)


def test_every_line_of_the_calendar_has_a_citation_and_stands_in_order(georgia) -> None:  # type: ignore[no-untyped-def]
    for election in (GENERAL, "2022-11-08", "2024-11-05", "2026-11-03"):
        items = calendar(georgia, election)
        assert all(item.citation and item.words for item in items)
        moments = [item.moment for item in items if item.day]
        assert moments == sorted(moments)


def test_the_difference_between_2020_and_2022_pairs_old_and_new(georgia) -> None:  # type: ignore[no-untyped-def]
    found = {(one.table, one.key): one for one in diff(georgia, GENERAL, "2022-11-08")}
    county = found["rows", "county_superintendent certify_county_returns"]
    assert county.kind == "is replaced"
    assert [row.id for row in county.before] == ["ga-493k-2020", "ga-493k-2020-extended"]
    assert [row.id for row in county.after] == ["ga-493k-2021"]
    audit = found["rows", "secretary_of_state order_signature_audit"]
    assert audit.after[0].citation == "O.C.G.A. 21-2-390(b) (2021); Ga. L. 2021 p. 14 s. 30"
    assert found["rows", "secretary_of_state sign_settlement_agreement"].kind == "ends"
    assert ("dates", "the presidential electors meet and vote") not in found


def test_the_difference_between_2020_and_2024_has_the_federal_act(georgia) -> None:  # type: ignore[no-untyped-def]
    found = {(one.table, one.key): one for one in diff(georgia, GENERAL, "2024-11-05")}
    assert found["dates", "the presidential electors meet and vote"].kind == "is replaced"
    assert found["dates", "certificate of ascertainment is due"].kind == "begins"
    assert found["dates", "safe-harbor date: final determination made by now is conclusive"].kind == "ends"
    assert found["rules", "audit"].after[0].values["risk_limit"] == "2/25"


def test_an_election_does_not_differ_from_itself(georgia) -> None:  # type: ignore[no-untyped-def]
    assert diff(georgia, GENERAL, GENERAL) == ()
