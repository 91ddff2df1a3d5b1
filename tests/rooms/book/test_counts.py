"""Counts of different kinds stand beside each other; a correction names what it corrects."""

from tests.rooms.book.books import COUNTY, STATE, contest, model, rules

COUNTS = ("unofficial", "county_certified", "audit_tally", "state_certified", "recount", "recertified")


def test_every_count_of_one_contest_stands_beside_the_others():
    book = model(contest("mayor", "ash", "birch"))
    said = {"contest": "mayor", "place": "appling"}
    book.ask("report_unofficial_returns", COUNTY, returns=book.votes("mayor", (10, 5)), **said)
    book.certify("mayor", appling=(11, 5), bacon=(1, 1))
    book.ask("order_full_hand_count", STATE, contest="mayor", basis="a close race")
    book.ask("conduct_audit", COUNTY, returns=book.votes("mayor", (11, 6)), **said)
    book.ask("certify_state_results", STATE, contest="mayor")
    held = {count: book.count("mayor", count, "appling") for count in COUNTS}
    assert {count: one.votes for count, one in held.items() if one} == {
        "unofficial": (10, 5),
        "county_certified": (11, 5),
        "audit_tally": (11, 6),
    }
    assert book.count("mayor", "state_certified").votes == (12, 6)


def test_unofficial_returns_may_be_reported_again_and_name_what_they_follow():
    book = model(contest("mayor", "ash", "birch"))
    where = {"contest": "mayor", "place": "appling"}
    first = book.ask("report_unofficial_returns", COUNTY, returns=book.votes("mayor", (10, 5)), **where)
    second = book.ask("report_unofficial_returns", COUNTY, returns=book.votes("mayor", (12, 5)), **where)
    assert first.result == {"count": "unofficial", "total": 15}
    assert second.result == {"count": "unofficial", "total": 17, "replaces": first.seq}


def test_a_certified_statement_is_never_replaced_in_silence():
    book = model(contest("mayor", "ash", "birch"))
    book.certify("mayor", appling=(10, 5))
    again = {"contest": "mayor", "place": "appling", "returns": book.votes("mayor", (99, 5))}
    refusal = book.refused("certify_county_returns", COUNTY, **again)
    assert refusal["code"] == "already_recorded"
    assert refusal["words"] == ("Entry 1 holds this statement. Correct it by an act that names entry 1.")
    assert book.count("mayor", "county_certified", "appling").votes == (10, 5)


def test_a_correction_replaces_the_statement_it_names_and_no_other_count():
    book = model(contest("mayor", "ash", "birch"))
    where = {"contest": "mayor", "place": "appling"}
    book.ask("report_unofficial_returns", COUNTY, returns=book.votes("mayor", (10, 5)), **where)
    book.certify("mayor", appling=(10, 5))
    corrected = book.ask(
        "correct_county_returns",
        COUNTY,
        corrects=2,
        wrong="a card not read",
        returns=book.votes("mayor", (10, 6)),
        **where,
    )
    assert corrected.result == {"count": "county_certified", "total": 16, "replaces": 2}
    assert book.count("mayor", "county_certified", "appling").votes == (10, 6)
    assert book.count("mayor", "unofficial", "appling").votes == (10, 5)
    assert book.count("mayor", "county_certified", "bacon") is None


def test_a_correction_must_name_the_current_statement_of_its_place_and_office():
    book = model(contest("mayor", "ash", "birch"))
    book.certify("mayor", appling=(10, 5), bacon=(1, 1))
    right = {"contest": "mayor", "place": "appling", "wrong": "typed twice"}
    votes = book.votes("mayor", (10, 4))
    for named in (0, 2):
        refusal = book.refused("correct_county_returns", COUNTY, corrects=named, returns=votes, **right)
        assert (refusal["code"], refusal["failed"]) == ("nothing_to_correct", "record")
        assert refusal["words"] == (
            f"Entry {named} is not a current statement of this office for this contest and place."
        )
    once = book.ask("correct_county_returns", COUNTY, corrects=1, returns=votes, **right)
    assert book.refused("correct_county_returns", COUNTY, corrects=1, returns=votes, **right)["code"] == (
        "nothing_to_correct"
    )
    twice = book.ask("correct_county_returns", COUNTY, corrects=once.seq, returns=votes, **right)
    assert twice.result["replaces"] == once.seq


def test_the_wording_of_an_entry_is_corrected_by_its_own_office_and_changes_no_count():
    book = model(contest("mayor", "ash", "birch"))
    book.certify("mayor", appling=(10, 5))
    said = {"contest": "mayor", "place": "appling", "corrects": 1, "wrong": "Aplling", "right": "Appling"}
    before = book.standing.contests["mayor"].certified
    entry = book.ask("correct_entry", COUNTY, **said)
    assert entry.result == {"corrects": 1}
    assert book.count("mayor", "county_certified", "appling").seq == 1
    assert book.standing.contests["mayor"].certified == before
    refusal = book.refused("correct_entry", STATE, **said)
    assert refusal["code"] == "nothing_to_correct"


def test_a_state_total_sums_the_certified_returns_and_says_what_is_missing():
    book = model(contest("mayor", "ash", "birch"))
    book.certify("mayor", appling=(10, 5))
    assert book.refused("certify_state_results", STATE, contest="mayor")["code"] == "counties_missing"
    book.certify("mayor", bacon=(2, 4))
    entry = book.ask("certify_state_results", STATE, contest="mayor")
    assert entry.result == {
        "base": "county_certified",
        "count": "state_certified",
        "votes": {"ash": 12, "birch": 9},
        "total": 21,
        "places": 2,
        "outcome": {"kind": "winner", "winners": ["ash"]},
        "margin": 3,
    }


def test_a_full_hand_count_replaces_the_returns_only_where_the_law_says_so():
    book = model(contest("mayor", "ash", "birch"))
    book.certify("mayor", appling=(10, 9), bacon=(5, 5))
    book.ask("order_full_hand_count", STATE, contest="mayor", basis="a close race")
    book.ask("conduct_audit", COUNTY, contest="mayor", place="appling", returns=book.votes("mayor", (10, 8)))
    book.ask("conduct_audit", COUNTY, contest="mayor", place="bacon", returns=book.votes("mayor", (4, 7)))
    published = book.ask("publish_audit_result", STATE, contest="mayor")
    assert published.result == {
        "votes": {"ash": 14, "birch": 15},
        "total": 29,
        "places": 2,
        "returns": {"ash": 15, "birch": 14},
        "margin": 1,
        "returns_margin": 1,
        "same": False,
        "difference": 1 + 1 + 2,
        "effect": "replaces_returns",
    }
    certified = book.ask("certify_state_results", STATE, contest="mayor")
    assert certified.result["base"] == "audit_tally"
    assert certified.result["outcome"] == {"kind": "winner", "winners": ["birch"]}
    assert book.count("mayor", "county_certified", "appling").votes == (10, 9)


def test_an_audit_result_compares_with_unofficial_returns_where_a_place_has_not_certified():
    book = model(contest("mayor", "ash", "birch"), places=("appling", "bacon", "clay"))
    book.ask("order_full_hand_count", STATE, contest="mayor", basis="a close race")
    where = {"contest": "mayor", "place": "appling"}
    book.ask("report_unofficial_returns", COUNTY, returns=book.votes("mayor", (10, 5)), **where)
    book.ask("conduct_audit", COUNTY, returns=book.votes("mayor", (10, 6)), **where)
    book.ask("conduct_audit", COUNTY, contest="mayor", place="clay", returns=book.votes("mayor", (2, 1)))
    result = book.ask("publish_audit_result", STATE, contest="mayor").result
    assert (result["places"], result["missing"]) == (2, ["bacon"])
    assert result["returns"] == {"ash": 10, "birch": 5}
    assert result["difference"] == 1 + 3


def test_a_recount_is_summed_from_recounted_tallies_and_the_recertification_says_what_changed():
    book = model(contest("mayor", "ash", "birch"))
    book.certify("mayor", appling=(500, 499), bacon=(500, 499))
    first = book.ask("certify_state_results", STATE, contest="mayor")
    book.ask("request_recount", "candidate", contest="mayor", choice="birch")
    book.ask("order_recount", STATE, contest="mayor")
    assert book.phase("mayor") == "recounting"
    recount = {"contest": "mayor", "purpose": "recount"}
    assert book.refused("recertify_state_results", STATE, **recount)["code"] == "no_tally"
    for place in ("appling", "bacon"):
        votes = book.votes("mayor", (499, 500))
        book.ask("conduct_recount", COUNTY, contest="mayor", place=place, returns=votes)
    again = book.ask("recertify_state_results", STATE, **recount)
    assert again.result["base"] == "recount"
    assert again.result["changed"] is True
    assert again.result["margin"] == 2
    assert "replaces" not in again.result
    assert book.phase("mayor") == "recertified"
    assert book.count("mayor", "state_certified").seq == first.seq
    third = book.ask("recertify_state_results", STATE, contest="mayor", purpose="correction")
    assert (third.result["replaces"], third.result["base"]) == (again.seq, "county_certified")


def test_open_findings_are_listed_in_a_certification_and_closed_ones_are_not():
    book = model(contest("mayor", "ash", "birch"), contest("clerk", "elm", "fir"))
    book.certify("mayor", appling=(10, 5), bacon=(2, 4))
    where = {"place": "appling", "text": "Two more envelopes than voters credited."}
    mine = book.ask("report_finding", COUNTY, contest="mayor", size=2, **where)
    anyones = book.ask("report_finding", COUNTY, **where)
    book.ask("report_finding", COUNTY, contest="clerk", **where)
    closed = book.ask("report_finding", COUNTY, contest="mayor", **where)
    book.ask("close_finding", COUNTY, contest="mayor", place="appling", finding=closed.seq, text="Found.")
    entry = book.ask("certify_state_results", STATE, contest="mayor")
    assert entry.result["findings"] == [mine.seq, anyones.seq]
    refusal = book.refused("close_finding", COUNTY, contest="mayor", finding=closed.seq, text="Again.")
    assert (refusal["code"], refusal["words"]) == (
        "no_finding",
        f"Entry {closed.seq} is not an open finding.",
    )


def test_a_county_certifies_with_the_open_findings_of_its_contest_and_place_and_is_not_blocked():
    book = model(contest("mayor", "ash", "birch"), contest("clerk", "elm", "fir"))
    here = book.ask("report_finding", COUNTY, contest="mayor", place="appling", text="Two envelopes more.")
    anywhere = book.ask("report_finding", COUNTY, text="Test ballots were printed twice.")
    book.ask("report_finding", COUNTY, contest="mayor", place="bacon", text="A seal was missing.")
    book.ask("report_finding", COUNTY, contest="clerk", place="appling", text="A page was missing.")
    closed = book.ask("report_finding", COUNTY, place="appling", text="A box was late.")
    book.ask("close_finding", COUNTY, place="appling", finding=closed.seq, text="It came.")
    votes = book.votes("mayor", (10, 5))
    unofficial = book.ask(
        "report_unofficial_returns", COUNTY, contest="mayor", place="appling", returns=votes
    )
    certified = book.ask("certify_county_returns", COUNTY, contest="mayor", place="appling", returns=votes)
    assert "findings" not in unofficial.result
    assert certified.result["findings"] == [here.seq, anywhere.seq]
    book.ask("close_finding", COUNTY, contest="mayor", place="appling", finding=here.seq, text="Explained.")
    book.ask("close_finding", COUNTY, finding=anywhere.seq, text="Destroyed.")
    corrected = book.ask(
        "correct_county_returns",
        COUNTY,
        contest="mayor",
        place="appling",
        corrects=certified.seq,
        wrong="10",
        returns=book.votes("mayor", (11, 5)),
    )
    assert "findings" not in corrected.result


def test_a_sum_that_no_entry_can_hold_is_a_problem():
    book = model(contest("mayor", "ash", "birch"))
    most = 2**53 - 1
    book.certify("mayor", appling=(most, 0), bacon=(1, 0))
    found = book.problems("certify_state_results", STATE, contest="mayor")
    assert rules(found) == [("contest", "mayor", f"sums of at most {most:,}")]
    book.ask("order_full_hand_count", STATE, contest="mayor", basis="a close race")
    book.ask("conduct_audit", COUNTY, contest="mayor", place="bacon", returns=book.votes("mayor", (0, most)))
    found = book.problems("publish_audit_result", STATE, contest="mayor")
    assert rules(found) == [("contest", "mayor", f"sums of at most {most:,}")]
