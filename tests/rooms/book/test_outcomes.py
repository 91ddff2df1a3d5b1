"""What follows from a certified count: winners, runoffs, ties, electors, control of a chamber."""

import pytest

from tests.rooms.book.books import (
    COUNTY,
    STATE,
    Book,
    contest,
    model,
    opened,
    opened_by,
    rules,
    without_audit,
)

TIE_TO_RUNOFF = without_audit().replace('advance = 2\ntie = "lot"', 'advance = 2\ntie = "runoff"')
TIE_TO_NEW_ELECTION = without_audit().replace('"plurality"\ntie = "lot"', '"plurality"\ntie = "new_election"')


def council(*votes: int, text: str = without_audit()) -> Book:
    """A book in which the state has just certified a council seat, for which the law asks a majority."""
    names = ("ash", "birch", "cedar", "dogwood")[: len(votes)]
    book = opened_by(text, contest("seat", *names, of="council"), places=("appling",))
    book.certify("seat", appling=votes)
    book.ask("certify_state_results", STATE, contest="seat")
    return book


def kinds(book: Book, since: int) -> list[str]:
    """The entry kinds from a number on."""
    return [entry.entry for entry in book.entries[since:]]


def correct(book: Book, corrects: int, *votes: int) -> None:
    """The county corrects its returns, and the state certifies anew."""
    returns = book.votes("seat", votes)
    said = {"contest": "seat", "place": "appling", "wrong": "mistyped"}
    book.ask("correct_county_returns", COUNTY, corrects=corrects, returns=returns, **said)
    book.ask("recertify_state_results", STATE, contest="seat", purpose="correction")


def test_a_majority_wins_and_no_runoff_arises():
    book = council(6, 3, 2)
    assert book.entries[-1].result["outcome"] == {"kind": "winner", "winners": ["ash"]}
    assert book.phase("seat") == "state_certified"
    assert list(book.standing.order) == ["seat"]


def test_exactly_half_is_no_majority_and_a_runoff_arises_by_law():
    book = council(5, 3, 2)
    certified, arose = book.entries[-2:]
    day = {"choices": ["ash", "birch"], "day": "2020-12-01"}
    assert certified.result["outcome"] == {"kind": "runoff", **day}
    assert certified.result["margin"] == 1, "second place less third: who may go to the runoff"
    by = {"law": "model", "row": "model-winner-majority", "citation": "Model law, section 20"}
    assert arose.result == {"runoff": "seat_runoff", **day, **by}
    assert (arose.entry, arose.contest, arose.cause) == ("runoff_arose", "seat", certified.seq)
    assert arose.received == certified.received
    assert (arose.act, arose.office, arose.key, arose.on) == ("", "", "", "")


def test_a_runoff_is_a_contest_of_its_own_between_those_who_advance():
    book = council(5, 3, 2)
    runoff = book.standing.contests["seat_runoff"]
    assert (runoff.name, runoff.class_id, runoff.day) == ("Seat (runoff)", "council", "2020-12-01")
    assert (runoff.choices, runoff.seats, runoff.places) == (("ash", "birch"), 1, ("appling",))
    assert (book.phase("seat"), runoff.phase) == ("runoff_due", "announced")
    book.ask(
        "certify_county_returns",
        COUNTY,
        "2020-12-02 12:00",
        contest="seat_runoff",
        place="appling",
        returns=book.votes("seat_runoff", (4, 7)),
    )
    entry = book.ask("certify_state_results", STATE, contest="seat_runoff")
    assert entry.result["outcome"] == {"kind": "winner", "winners": ["birch"]}
    assert book.phase("seat_runoff") == "state_certified"


def test_a_tie_in_a_runoff_is_decided_by_lot_and_makes_no_further_runoff():
    book = council(5, 3, 2, text=TIE_TO_RUNOFF)
    book.certify("seat_runoff", "2020-12-02 12:00", appling=(4, 4))
    entry = book.ask("certify_state_results", STATE, contest="seat_runoff")
    assert entry.result["outcome"]["kind"] == "tie"
    assert "seat_runoff_runoff" not in book.standing.contests


def test_a_runoff_is_withdrawn_when_a_correction_gives_a_majority():
    book = council(5, 3, 2)
    since = len(book.entries)
    correct(book, 1, 6, 3, 2)
    assert kinds(book, since) == ["county_returns_corrected", "state_results_recertified", "runoff_withdrawn"]
    withdrawn = book.entries[-1]
    assert (withdrawn.contest, withdrawn.result) == ("seat", {"runoff": "seat_runoff"})
    assert book.entries[-2].result["changed"] is True
    assert book.phase("seat") == "recertified"
    assert book.phase("seat_runoff") == "announced"
    where = {"contest": "seat_runoff", "place": "appling"}
    refusal = book.refused(
        "certify_county_returns",
        COUNTY,
        "2020-12-02 12:00",
        returns=book.votes("seat_runoff", (4, 7)),
        **where,
    )
    assert refusal["code"] == "withdrawn"
    assert refusal["words"] == f"This runoff was withdrawn in entry {withdrawn.seq}."


def test_a_runoff_arises_anew_under_another_name_after_a_second_correction():
    book = council(5, 3, 2)
    correct(book, 1, 6, 3, 2)
    since = len(book.entries)
    correct(book, 4, 5, 2, 3)
    assert kinds(book, since) == ["county_returns_corrected", "state_results_recertified", "runoff_arose"]
    assert book.entries[-1].result["runoff"] == "seat_runoff_2"
    assert book.standing.contests["seat_runoff_2"].choices == ("ash", "cedar")
    assert book.standing.contests["seat"].runoff == "seat_runoff_2"


def test_a_runoff_between_others_replaces_the_one_whose_choices_have_gone():
    book = council(5, 3, 2)
    since = len(book.entries)
    correct(book, 1, 5, 2, 3)
    assert kinds(book, since)[1:] == ["state_results_recertified", "runoff_withdrawn", "runoff_arose"]
    assert [entry.cause for entry in book.entries[-2:]] == [since + 1, since + 1]


def test_a_runoff_between_the_same_two_stands_even_where_their_order_changed():
    book = council(5, 4, 2)
    since = len(book.entries)
    correct(book, 1, 4, 5, 2)
    assert kinds(book, since) == ["county_returns_corrected", "state_results_recertified"]
    assert book.entries[-1].result["changed"] is False, "the same two go to the runoff"
    assert book.phase("seat") == "runoff_due"


def test_a_tie_for_a_seat_is_settled_by_lot():
    book = model(contest("mayor", "ash", "birch", "cedar"), places=("appling",))
    book.certify("mayor", appling=(4, 4, 1))
    entry = book.ask("certify_state_results", STATE, contest="mayor")
    assert entry.result["outcome"] == {
        "by": "lot",
        "choices": ["ash", "birch"],
        "for": "seats",
        "kind": "tie",
        "seats": 1,
        "sure": [],
    }
    assert entry.result["margin"] == 0
    assert book.refused("draw_lot", STATE, contest="mayor", choice="cedar")["code"] == "no_tie"
    lot = book.ask("draw_lot", STATE, contest="mayor", choice="birch")
    assert lot.result == {"outcome": {"kind": "winner", "winners": ["birch"]}}
    assert book.standing.contests["mayor"].outcome == {"kind": "winner", "winners": ["birch"]}
    refusal = book.refused("draw_lot", STATE, contest="mayor", choice="ash")
    assert (refusal["code"], refusal["words"]) == (
        "no_tie",
        "No tie that this lot could decide is in the book.",
    )


def test_a_lot_is_drawn_once_for_each_open_seat():
    book = model(contest("board", "ash", "birch", "cedar", "dogwood", seats=3), places=("appling",))
    book.certify("board", appling=(9, 4, 4, 4))
    entry = book.ask("certify_state_results", STATE, contest="board")
    assert (entry.result["outcome"]["sure"], entry.result["outcome"]["seats"]) == (["ash"], 2)
    first = book.ask("draw_lot", STATE, contest="board", choice="cedar").result["outcome"]
    assert (first["choices"], first["sure"], first["seats"]) == (["birch", "dogwood"], ["ash", "cedar"], 1)
    second = book.ask("draw_lot", STATE, contest="board", choice="dogwood").result["outcome"]
    assert second == {"kind": "winner", "winners": ["ash", "cedar", "dogwood"]}


def test_a_lot_for_the_second_place_in_a_runoff_makes_the_runoff_arise():
    book = council(5, 4, 4)
    tie = book.entries[-1].result
    assert tie["outcome"] == {
        "by": "lot",
        "choices": ["birch", "cedar"],
        "for": "runoff",
        "kind": "tie",
        "seats": 1,
        "sure": ["ash"],
        "day": "2020-12-01",
    }
    assert (tie["margin"], book.phase("seat")) == (0, "state_certified")
    since = len(book.entries)
    lot = book.ask("draw_lot", STATE, contest="seat", choice="cedar")
    assert lot.result["outcome"] == {"choices": ["ash", "cedar"], "day": "2020-12-01", "kind": "runoff"}
    assert kinds(book, since) == ["lot_drawn", "runoff_arose"]
    assert book.phase("seat") == "runoff_due"


def test_where_the_law_sends_all_tied_to_the_runoff_all_are_in_it():
    book = council(5, 4, 4, text=TIE_TO_RUNOFF)
    assert book.entries[-2].result["outcome"] == {
        "choices": ["ash", "birch", "cedar"],
        "day": "2020-12-01",
        "kind": "runoff",
    }
    assert book.standing.contests["seat_runoff"].choices == ("ash", "birch", "cedar")


def test_where_the_law_asks_a_new_election_after_a_tie_no_lot_is_drawn():
    book = opened_by(TIE_TO_NEW_ELECTION, contest("mayor", "ash", "birch"), places=("appling",))
    book.certify("mayor", appling=(4, 4))
    entry = book.ask("certify_state_results", STATE, contest="mayor")
    assert entry.result["outcome"] == {
        "choices": ["ash", "birch"],
        "kind": "new_election",
        "seats": 1,
        "sure": [],
    }
    assert book.refused("draw_lot", STATE, contest="mayor", choice="ash")["code"] == "no_tie"


def test_a_seat_for_which_nobody_has_a_vote_is_unfilled():
    book = model(contest("board", "ash", "birch", "cedar", seats=2), places=("appling",))
    book.certify("board", appling=(3, 0, 0))
    result = book.ask("certify_state_results", STATE, contest="board").result
    assert result["outcome"] == {"kind": "winner", "winners": ["ash"], "unfilled": 1}
    assert result["margin"] == 0, "the second choice has no more votes than the third"


def test_the_margin_of_several_seats_is_between_the_last_in_and_the_first_out():
    book = model(contest("board", "ash", "birch", "cedar", seats=2), places=("appling",))
    book.certify("board", appling=(30, 10, 17))
    assert book.ask("certify_state_results", STATE, contest="board").result["margin"] == 7


def georgia_president() -> Book:
    """Georgia, where the state has just certified its figures for President of 2020."""
    book = opened(
        "georgia", contest("president", "trump", "biden", "jorgensen", of="president"), places=("all",)
    )
    book.certify("president", "2020-11-13 12:00", all=(2461837, 2474507, 62138))
    book.ask("certify_state_results", STATE, "2020-11-20 16:00", contest="president")
    return book


def test_the_certified_margin_of_georgia_2020_is_12670():
    result = georgia_president().entries[-1].result
    assert (result["total"], result["margin"]) == (4998482, 12670)
    assert result["outcome"] == {"kind": "winner", "winners": ["biden"]}


def test_a_slate_of_electors_is_certified_by_the_number_in_the_law():
    book = georgia_president()
    entry = book.ask("certify_electors", "governor", contest="president", choice="biden")
    assert entry.result["electors"] == 16
    assert entry.result["slate"] == "biden"
    assert entry.result["votes"] == {"trump": 2461837, "biden": 2474507, "jorgensen": 62138}
    assert (entry.result["law"], entry.result["row"]) == ("us-ga", "ga-electors")


def test_electors_of_a_contest_for_another_office_are_a_problem():
    book = opened_by(
        without_audit() + GOVERNOR_CERTIFIES, contest("mayor", "ash", "birch"), places=("appling",)
    )
    book.certify("mayor", appling=(2, 1))
    book.ask("certify_state_results", STATE, contest="mayor")
    found = book.problems("certify_electors", STATE, contest="mayor", choice="ash")
    assert rules(found) == [("contest", "mayor", "a contest for which the law appoints electors")]


GOVERNOR_CERTIFIES = """
[[rows]]
id = "model-90"
office = "secretary_of_state"
act = "certify_electors"
status = "permitted"
in_force = ["", ""]
elections_held = ["", ""]
citation = "Model law, section 90"
plain = "The electors are certified."
"""


@pytest.mark.parametrize(
    ("president", "faithless", "vacant"),
    [
        ({"biden": 16}, 0, 0),
        ({"biden": 14, "powell": 2}, 2, 0),
        ({"biden": 15}, 0, 1),
        ({"powell": 1}, 1, 15),
    ],
)
def test_electors_who_vote_otherwise_are_faithless_and_votes_not_cast_are_vacant(
    president, faithless, vacant
):
    book = georgia_president()
    book.ask("certify_electors", "governor", contest="president", choice="biden")
    votes = {"president": president, "vice_president": {"harris": 16}}
    entry = book.ask(
        "cast_electoral_votes", "presidential_electors", "2020-12-14 12:00", contest="president", **votes
    )
    cast = sum(president.values())
    assert entry.result == {"appointed": 16, "cast": cast, "faithless": faithless, "vacant": vacant}


def test_more_electoral_votes_than_electors_are_a_problem():
    book = georgia_president()
    book.ask("certify_electors", "governor", contest="president", choice="biden")
    votes = {"president": {"biden": 16}, "vice_president": {"harris": 9, "pence": 8}}
    found = book.problems(
        "cast_electoral_votes", "presidential_electors", "2020-12-14 12:00", contest="president", **votes
    )
    assert rules(found) == [("detail.vice_president", "17", "at most 16 votes")]


def joint_session(**detail: object) -> Book:
    """Georgia after its electors voted, on the day of the joint session, with these votes counted."""
    book = georgia_president()
    book.ask("certify_electors", "governor", contest="president", choice="biden")
    votes = {"president": {"biden": 16}, "vice_president": {"harris": 16}}
    book.ask(
        "cast_electoral_votes", "presidential_electors", "2020-12-14 12:00", contest="president", **votes
    )
    book.ask("count_electoral_votes", "congress_joint_session", "2021-01-06 13:30", **detail)
    return book


def test_the_joint_session_of_2021_counted_306_to_232():
    table = {"georgia": {"biden": 16}, "others": {"biden": 290, "trump": 232}}
    assert joint_session(table=table).entries[-1].result == {
        "totals": {"biden": 306, "trump": 232},
        "appointed": 538,
        "majority": 270,
        "outcome": {"kind": "winner", "winners": ["biden"]},
    }


def test_269_to_269_is_for_the_house_of_representatives():
    table = {"one": {"ash": 269}, "other": {"birch": 269}}
    assert joint_session(table=table).entries[-1].result["outcome"] == {
        "kind": "contingent",
        "chamber": "House of Representatives",
        "choices": ["ash", "birch"],
    }


def test_the_vice_president_is_for_the_senate_and_a_tie_for_the_last_place_is_named():
    table = {"one": {"ash": 270, "birch": 268}}
    vice = {"one": {"elm": 260, "fir": 139, "gum": 139}}
    result = joint_session(table=table, vice_table=vice).entries[-1].result
    assert result["outcome"] == {"kind": "winner", "winners": ["ash"]}
    assert result["vice_totals"] == {"elm": 260, "fir": 139, "gum": 139}
    assert result["vice_outcome"] == {
        "kind": "contingent",
        "chamber": "Senate",
        "choices": ["elm"],
        "tied": ["fir", "gum"],
    }


def test_electors_who_were_not_appointed_lower_the_majority():
    table = {"one": {"ash": 268, "birch": 260}}
    result = joint_session(table=table, not_appointed=10).entries[-1].result
    assert (result["appointed"], result["majority"]) == (528, 265)
    assert result["outcome"] == {"kind": "winner", "winners": ["ash"]}


def test_more_votes_than_electors_in_the_joint_session_are_a_problem():
    book = joint_session(table={"one": {"ash": 1}})
    for detail in ({"table": {"one": {"ash": 539}}}, {"table": {"one": {"ash": 1}}, "not_appointed": 538}):
        assert book.problems("count_electoral_votes", "congress_joint_session", **detail)


@pytest.mark.parametrize(
    ("detail", "result"),
    [
        ({"members": {"d": 46, "i": 2, "r": 52}}, {"by": "majority", "control": "r"}),
        ({"members": {"d": 50, "r": 50}, "tie_breaker": "r"}, {"by": "tie_breaker", "control": "r"}),
        ({"members": {"d": 50, "r": 50}, "tie_breaker": "d"}, {"by": "tie_breaker", "control": "d"}),
        ({"members": {"d": 50, "r": 50}}, {"by": "nobody"}),
        ({"members": {"d": 49, "r": 50}, "vacant": 1}, {"by": "majority", "control": "r"}),
        ({"members": {"d": 40, "i": 20, "r": 40}, "tie_breaker": "d"}, {"by": "nobody"}),
    ],
)
def test_control_of_the_senate_is_a_majority_of_those_sitting_or_half_and_the_tie_breaker(detail, result):
    entry = georgia_president().ask("swear_in_senators", "us_senate", "2021-01-20 16:30", seats=100, **detail)
    assert entry.result == result


def test_members_and_vacant_seats_must_make_up_the_chamber():
    book = georgia_president()
    found = book.problems("swear_in_senators", "us_senate", members={"d": 48, "r": 50}, seats=100)
    assert rules(found) == [("detail.members", "98 members and 0 vacant", "100 seats together")]
