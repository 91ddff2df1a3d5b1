"""Boards, quorums, dissent, alternates, and duties kept apart (docs/spec/officers.md, sections 4 and 5)."""

from itertools import product

import pytest

from tallybook.book import Entered, Malformed
from tests.rooms.book.books import COUNTY, KEEPER, STATE, Book, contest
from tests.rooms.book.signing import public_key, setting, signed, with_officers

MAYOR = contest("mayor", "ash", "birch")
ROSTER = [
    {"person": "p1", "seat": "chair", "group": "x"},
    {"person": "p2", "seat": "left", "group": "x"},
    {"person": "p3", "seat": "right", "group": "y"},
    {"person": "p4", "seat": "fourth", "group": "y", "until": "2020-11-30"},
    {"person": "p5", "seat": "fifth"},
    {"person": "q3", "seat": "right", "group": "y", "alternate": True},
]
SEATS = {one["person"]: one["seat"] for one in ROSTER}


def board_rule(majority: str = "seats", quorum: int = 3, more: str = "") -> str:
    return f"""
[[rules]]
id = "own-board"
kind = "board"
classes = []
in_force = ["", ""]
elections_held = ["", ""]
citation = "Own law, section 2"
plain = "Certification is put to a vote."
office = "county_superintendent"
acts = ["certify_county_returns"]
seats = 5
quorum = {quorum}
majority = "{majority}"
{more}
"""


def apart_rule(acts: str, between: str, same: str) -> str:
    return f"""
[[rules]]
id = "own-apart"
kind = "separation"
classes = []
in_force = ["", ""]
elections_held = ["", ""]
citation = "Own law, section 3"
plain = "Two persons."
acts = {acts}
between = "{between}"
same = {same}
"""


OBJECTS = """
[[rows]]
id = "own-objects"
office = "county_superintendent"
act = "record_objection"
status = "permitted"
in_force = ["", ""]
elections_held = ["", ""]
citation = "Own law, section 4"
plain = "The county records objections."
"""


def seated(rules: str, roster=ROSTER) -> Book:  # type: ignore[no-untyped-def]
    book = with_officers(MAYOR, rules=rules)
    book.ask("set_roster", KEEPER, place="appling", post=COUNTY, roster=roster)
    return book


def vote(book: Book, votes: dict[str, str], at: str = "", **said):  # type: ignore[no-untyped-def]
    by = tuple({"person": one, "seat": SEATS[one], "vote": votes[one]} for one in sorted(votes))
    returns = book.votes("mayor", (41, 37))
    said = {"by": by, "contest": "mayor", "place": "appling", "returns": returns, **said}
    return book.act("certify_county_returns", COUNTY, at, **said)


def outcome(book: Book, act) -> str:  # type: ignore[no-untyped-def]
    found = book.decide(act)
    if isinstance(found, Malformed):
        return "problem"
    assert isinstance(found, Entered)
    return found.entries[0].refusal.get("words") or found.entries[0].entry


@pytest.mark.parametrize(
    ("majority", "votes", "said"),
    [
        # Of five seats, three ayes carry; two of three present do not.
        ("seats", "aye aye nay", "2 of 5 voted aye; 3 are needed."),
        ("seats", "aye aye aye", "county_returns_certified"),
        ("seats", "aye aye aye nay nay", "county_returns_certified"),
        ("present", "aye aye nay", "county_returns_certified"),
        ("present", "aye aye nay nay", "2 of 4 voted aye; 3 are needed."),
        # An abstention counts among those present, not among the votes.
        ("present", "aye abstain abstain", "1 of 3 voted aye; 2 are needed."),
        ("votes", "aye abstain abstain", "county_returns_certified"),
        ("votes", "aye nay abstain", "1 of 2 voted aye; 2 are needed."),
        ("votes", "abstain abstain abstain", "0 of 0 voted aye; 1 are needed."),
        # A recused seat is not present.
        ("votes", "aye aye recused", "2 of 5 seats are present; the quorum is 3."),
        ("votes", "aye aye", "2 of 5 seats are present; the quorum is 3."),
    ],
)
def test_a_board_acts_by_its_quorum_and_majority(majority: str, votes: str, said: str) -> None:
    book = seated(board_rule(majority))
    assert (
        outcome(book, vote(book, dict(zip(("p1", "p2", "p3", "p4", "p5"), votes.split(), strict=False))))
        == said
    )


@pytest.mark.parametrize("majority", ["seats", "present", "votes"])
def test_every_vote_of_three_seats_is_carried_exactly_when_more_than_half_say_aye(majority: str) -> None:
    book = seated(board_rule(majority, quorum=1))
    for votes in product(("aye", "nay", "abstain", "recused"), repeat=3):
        act = vote(book, dict(zip(("p1", "p2", "p3"), votes, strict=True)))
        ayes, present = votes.count("aye"), 3 - votes.count("recused")
        base = {"seats": 5, "present": present, "votes": ayes + votes.count("nay")}[majority]
        carried = present >= 1 and 2 * ayes > base
        assert (outcome(book, act) == "county_returns_certified") == carried, votes


def test_dissent_is_recorded_beside_the_act_and_stops_nothing() -> None:
    book = seated(board_rule("present"))
    act = vote(book, {"p1": "aye", "p2": "aye", "p3": "nay"})
    by = (*act.by[:2], {**act.by[2], "words": "Two envelopes are not explained."})
    entry = book.enter(vote(book, {}, by=by))[0]
    assert entry.by[2]["words"] == "Two envelopes are not explained."
    counted = {"abstain": 0, "ayes": 2, "nays": 1, "present": 3, "recused": 0, "seats": 5}
    assert entry.result["board"] == counted
    assert entry.result["total"] == 78


def test_a_refusal_by_a_board_names_its_rule() -> None:
    book = seated(board_rule())
    (entry,) = book.enter(vote(book, {"p1": "aye", "p2": "aye", "p3": "nay"}))
    assert entry.refusal == {
        "row": "own-board",
        "law": "model",
        "citation": "Own law, section 2",
        "code": "not_carried",
        "failed": "record",
        "words": "2 of 5 voted aye; 3 are needed.",
        "who_may": [COUNTY],
        "next": "Put it to the vote again; a duty stays a duty.",
    }


def test_an_alternate_votes_only_while_the_holder_is_away_or_recused() -> None:
    book = seated(board_rule("present"))
    for votes, said in (
        ({"p1": "aye", "p2": "aye", "q3": "aye"}, "county_returns_certified"),
        ({"p1": "aye", "p2": "aye", "p3": "recused", "q3": "aye"}, "county_returns_certified"),
        ({"p1": "aye", "p2": "aye", "p3": "aye", "q3": "aye"}, "problem"),
        ({"p1": "aye", "p2": "aye", "p3": "abstain", "q3": "aye"}, "problem"),
    ):
        assert outcome(book, vote(book, votes)) == said, votes


def test_a_seat_whose_term_has_ended_has_no_vote() -> None:
    book = seated(board_rule("present"))
    votes = {"p1": "aye", "p2": "aye", "p4": "aye"}
    assert outcome(book, vote(book, votes, "2020-11-30 23:00")) == "county_returns_certified"
    assert outcome(book, vote(book, votes, "2020-12-01 00:00")) == "problem"


@pytest.mark.parametrize(
    "by",
    [
        (),
        ({"person": "p1"},),
        ({"person": "p1", "seat": "chair"},),
        ({"person": "p1", "vote": "aye"},),
        ({"person": "p1", "seat": "left", "vote": "aye"},),
        ({"person": "stranger", "seat": "chair", "vote": "aye"},),
    ],
)
def test_a_vote_outside_the_roster_is_a_problem(by) -> None:  # type: ignore[no-untyped-def]
    book = seated(board_rule())
    assert outcome(book, vote(book, {}, by=by)) == "problem"


def test_a_board_without_a_roster_cannot_act() -> None:
    book = with_officers(MAYOR, rules=board_rule())
    assert outcome(book, vote(book, {"p1": "aye", "p2": "aye", "p3": "aye"})) == "problem"


def test_a_vote_where_the_law_has_no_board_is_a_problem() -> None:
    book = seated("")
    assert outcome(book, vote(book, {"p1": "aye"})) == "problem"
    assert outcome(book, vote(book, {}, by=({"person": "p1"},))) == "county_returns_certified"


@pytest.mark.parametrize(
    "wrong",
    [
        [{"person": "p1", "seat": "chair"}, {"person": "p2", "seat": "chair"}],
        [{"person": "p1", "seat": "chair"}, {"person": "p1", "seat": "left"}],
        [{"person": "p2", "seat": "chair"}, {"person": "p1", "seat": "left"}],
        [{"person": "p1"}],
        [{"person": "p1", "seat": "chair", "name": "Ann"}],
        [{"person": "p1", "seat": "chair", "alternate": False}],
        [{"person": "p1", "seat": "chair", "until": "2020-02-30"}],
        [],
    ],
)
def test_a_seat_filled_twice_or_a_roster_of_another_form_is_a_problem(wrong) -> None:  # type: ignore[no-untyped-def]
    book = with_officers(MAYOR)
    act = book.act("set_roster", KEEPER, post=COUNTY, roster=wrong)
    assert isinstance(book.decide(act), Malformed)


def test_a_roster_has_no_more_seats_than_the_law_and_balances_its_groups() -> None:
    book = with_officers(MAYOR, rules=board_rule(more="most_of_a_group = 2"))
    six = [{"person": f"p{n}", "seat": f"s{n}"} for n in range(6)]
    found = book.refused("set_roster", KEEPER, place="appling", post=COUNTY, roster=six)
    assert (found["code"], found["words"]) == ("too_many_seats", "The roster has 6 seats; the law has 5.")
    three = [{"person": f"p{n}", "seat": f"s{n}", "group": "x"} for n in range(3)]
    found = book.refused("set_roster", KEEPER, place="appling", post=COUNTY, roster=three)
    assert (found["code"], found["words"]) == ("unbalanced", "The group x holds 3 seats; the law allows 2.")
    alternate = [*three[:2], {**three[2], "alternate": True}]
    assert book.ask("set_roster", KEEPER, place="appling", post=COUNTY, roster=alternate)
    assert book.ask("set_roster", KEEPER, place="bacon", post=STATE, roster=six)


def test_a_meeting_of_one_group_does_not_act_where_the_law_asks_for_two() -> None:
    book = seated(board_rule("present", quorum=2, more="groups_present = 2"))
    assert (
        outcome(book, vote(book, {"p1": "aye", "p2": "aye"}))
        == "Those present are of 1 groups; 2 are needed."
    )
    assert outcome(book, vote(book, {"p1": "aye", "p3": "aye"})) == "county_returns_certified"
    # One without a group adds none, and one who is recused is not there.
    assert outcome(book, vote(book, {"p1": "aye", "p5": "aye"})).startswith("Those present are of 1")
    assert outcome(book, vote(book, {"p1": "aye", "p2": "aye", "p3": "recused"})).startswith("Those present")


def test_a_board_with_keys_votes_by_signature_and_a_vote_is_part_of_what_is_signed() -> None:
    book = seated(board_rule("present"))
    keys = {one: f"board {one}" for one in SEATS}
    book.enter(setting(book, "rotate_keys", COUNTY, keys, 2, place="appling"))
    persons = [(one, keys[one], {"seat": SEATS[one], "vote": vote_}) for one, vote_ in
               (("p1", "aye"), ("p2", "aye"), ("p3", "nay"))]  # fmt: skip
    act = signed(book, vote(book, {}, by=()), *persons)
    assert outcome(book, act) == "county_returns_certified"
    turned = (*act.by[:2], {**act.by[2], "vote": "aye"})
    assert outcome(book, vote(book, {}, by=turned)) == "problem"
    assert {one["key"] for one in act.by} == {public_key(keys[one]) for one in ("p1", "p2", "p3")}
    assert outcome(book, signed(book, vote(book, {}, by=()), persons[0])) == "problem"


def test_the_keeper_of_the_seed_does_not_keep_the_ballots() -> None:
    acts = '["report_finding", "record_objection"]'
    book = with_officers(MAYOR, rules=apart_rule(acts, "acts", '["place"]') + OBJECTS)
    one, other = ({"person": "p1"},), ({"person": "p2"},)
    missing = book.act("report_finding", COUNTY, place="appling", text="A gap.")
    found = book.decide(missing)
    assert isinstance(found, Malformed) and found.problems[0].field == "by"
    book.ask("report_finding", COUNTY, place="appling", text="A gap.", by=one)
    book.ask("report_finding", COUNTY, place="appling", text="Another gap.", by=one)
    found = book.refused("record_objection", COUNTY, place="appling", text="No.", by=one)
    assert found["code"] == "separation"
    assert (
        found["words"] == "Person p1 is named in entry 1 (report_finding), and the law keeps the two apart."
    )
    assert (found["row"], found["citation"]) == ("own-apart", "Own law, section 3")
    assert book.ask("record_objection", COUNTY, place="appling", text="No.", by=other)
    assert book.ask("record_objection", COUNTY, place="bacon", text="No.", by=one)
    # An act about no place is about every place.
    assert book.refused("record_objection", COUNTY, text="No.", by=one)["code"] == "separation"


def test_two_readings_are_not_by_one_person_where_any_two_entries_are_kept_apart() -> None:
    book = with_officers(MAYOR, rules=apart_rule('["report_finding"]', "entries", '["contest", "place"]'))
    where = {"contest": "mayor", "place": "appling", "text": "Read."}
    book.ask("report_finding", COUNTY, by=({"person": "p1"},), **where)
    both = ({"person": "p1"}, {"person": "p2"})
    assert book.refused("report_finding", COUNTY, by=both, **where)["words"].startswith(
        "Person p1 is named in"
    )
    # What was refused is no deed: p2 may still read.
    assert book.ask("report_finding", COUNTY, by=({"person": "p2"},), **where)
    assert book.ask("report_finding", COUNTY, by=({"person": "p1"},), **{**where, "place": "bacon"})
