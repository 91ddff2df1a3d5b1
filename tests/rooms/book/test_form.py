"""What is malformed never enters: each problem says field, found, expected, and how to mend it."""

from typing import Any

import pytest

from tallybook.book import Act, Malformed
from tests.rooms.book.books import (
    COUNTY,
    KEEPER,
    MANIFEST,
    STATE,
    Book,
    contest,
    law,
    law_text,
    opened,
    opened_by,
    opening,
    public,
    rules,
)

WHERE = {"contest": "mayor", "place": "appling"}
GOOD = {"votes": {"ash": 6, "birch": 4}}


def town() -> Book:
    """A book of two contests; the clerk is elected in one place only."""
    clerk = contest("clerk", "elm", "fir", places=["bacon"])
    board = contest("board", "oak", "pine", "yew", seats=2, votes_allowed=2)
    return opened("model", contest("mayor", "ash", "birch"), clerk, board)


def found(book: Book, act: str = "report_unofficial_returns", office: str = COUNTY, **said: Any) -> Any:
    """The problems of an act, by field, found and expected."""
    return rules(book.problems(act, office, **said))


def returns(**changed: Any) -> dict[str, Any]:
    """Good returns with something changed."""
    return {"returns": {**GOOD, **changed}, **WHERE}


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"office": "mayor"}, ("office", '"mayor"', "an office of the law in force")),
        ({"purpose": "fun"}, ("purpose", '"fun"', "a purpose of the law in force")),
        ({"key": "a b"}, ("key", '"a b"', "1 to 100 characters of A-Z a-z 0-9 . _ : -")),
        ({"key": ""}, ("key", '""', "1 to 100 characters of A-Z a-z 0-9 . _ : -")),
        ({"key": "k" * 101}, ("key", '"' + "k" * 101 + '"', "1 to 100 characters of A-Z a-z 0-9 . _ : -")),
        ({"contest": ""}, ("contest", "nothing", "a contest")),
        ({"contest": "judge"}, ("contest", '"judge"', "a contest of this book: mayor, clerk, board")),
        ({"place": "elsewhere"}, ("place", '"elsewhere"', "a place of this book")),
        ({"received": "now"}, ("received", '"now"', "a moment YYYY-MM-DDTHH:MM:SSZ")),
        (
            {"received": "2020-13-01T00:00:00Z"},
            ("received", '"2020-13-01T00:00:00Z"', "a moment YYYY-MM-DDTHH:MM:SSZ"),
        ),
        (
            {"received": "0001-01-01T00:00:00Z"},
            ("received", '"0001-01-01T00:00:00Z"', "a moment YYYY-MM-DDTHH:MM:SSZ"),
        ),
        (
            {"received": "9999-12-31T23:59:59Z"},
            ("received", '"9999-12-31T23:59:59Z"', "a moment YYYY-MM-DDTHH:MM:SSZ"),
        ),
        (
            {"received": "2020-11-03T00:00:00Z"},
            ("received", "2020-11-03T00:00:00Z", "not before 2020-11-03T08:00:00Z, the book's latest"),
        ),
        ({"on": "3 November"}, ("on", '"3 November"', "a day YYYY-MM-DD")),
        ({"on": "2020-11-31"}, ("on", '"2020-11-31"', "a day YYYY-MM-DD")),
        ({"on": "2020-11-04"}, ("on", "2020-11-04", "not after the moment it was received")),
        ({"paper": "ab" * 32}, ("paper", '"' + "ab" * 32 + '"', "the fingerprint of an exhibit of this act")),
    ],
)
def test_each_field_of_an_act_is_what_the_specification_says(changed, problem):
    assert problem in found(town(), **{"returns": GOOD, **WHERE, **changed})


def test_an_act_that_the_law_does_not_declare_is_a_problem():
    assert found(town(), "dance", COUNTY) == [("act", '"dance"', "an act that the law in force declares")]


def test_an_act_names_no_contest_and_no_place_that_are_not_its_own():
    problems = found(town(), "close_book", KEEPER, contest="mayor", place="bacon")
    assert problems == [("contest", '"mayor"', "no contest"), ("place", '"bacon"', "no place")]


def test_a_place_must_vote_in_the_contest():
    problems = found(town(), contest="clerk", place="appling", returns={"votes": {"elm": 1, "fir": 2}})
    assert problems == [("place", '"appling"', "a place of the contest clerk")]


def test_every_problem_is_said_at_once_with_a_way_to_mend_it():
    problems = town().problems("report_unofficial_returns", "mayor", key="", on="never", contest="judge")
    assert [one.field for one in problems] == ["office", "key", "contest", "on", "detail.returns"]
    assert all(one.mend for one in problems)
    assert (
        str(problems[0])
        == 'office: found "mayor"; expected an office of the law in force. Check the spelling.'
    )


def test_a_field_that_the_act_needs_and_one_that_is_foreign_are_problems():
    assert found(town(), "certify_county_returns", COUNTY, colour="red", **WHERE) == [
        ("detail.returns", "nothing", "a value"),
        ("detail.colour", "a field of this name", "only: returns, dissent, source, note"),
    ]


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        (
            {"votes": {"ash": 6}},
            ("detail.returns.votes", "{'ash': 6}", "a whole number for each of ash, birch, and nobody else"),
        ),
        ({"votes": {"ash": 6, "birch": 4, "elm": 1}}, None),
        ({"votes": {"ash": 6, "birch": -4}}, None),
        ({"votes": {"ash": 6, "birch": 4.0}}, None),
        ({"votes": {"ash": 6, "birch": True}}, None),
        ({"votes": {"ash": 6, "birch": 2**53}}, None),
        ({"votes": 10}, None),
        (
            {"ballots": 11},
            (
                "detail.returns.ballots",
                "11 (11 ballots)",
                "10: votes, write-ins, undervotes and overvotes together",
            ),
        ),
        ({"ballots": "10"}, ("detail.returns.ballots", '"10"', "a whole number")),
        ({"undervotes": -1}, ("detail.returns.undervotes", "-1", "a whole number")),
        ({"modes": {"mail": {"ash": 1, "birch": 4}}}, ("detail.returns.votes.ash", "6", "1, the modes' sum")),
        ({"modes": {}}, ("detail.returns.modes", "{}", "an object: mode to votes")),
        ({"modes": {"By Mail": {"ash": 6, "birch": 4}}}, None),
        ({"modes": {"mail": {"ash": 6}}}, None),
        ({"spoiled": 1}, None),
    ],
)
def test_returns_name_the_choices_in_whole_numbers_that_add_up(changed, problem):
    problems = found(town(), **returns(**changed))
    assert problems and (problem is None or problem in problems)


def test_votes_that_no_record_can_hold_together_are_a_problem():
    most = 2**53 - 1
    problems = found(town(), **returns(votes={"ash": most, "birch": 1}))
    assert problems == [("detail.returns.votes", "9,007,199,254,740,992 together", f"at most {most:,}")]


@pytest.mark.parametrize(
    "good",
    [
        {"ballots": 10},
        {"ballots": 15, "write_ins": 1, "undervotes": 3, "overvotes": 1},
        {"modes": {"mail": {"ash": 1, "birch": 4}, "election_day": {"ash": 5, "birch": 0}}},
    ],
)
def test_returns_that_add_up_are_entered(good):
    town().ask("report_unofficial_returns", COUNTY, **returns(**good))


def test_where_two_votes_are_allowed_each_ballot_counts_twice():
    book = town()
    votes = {"oak": 5, "pine": 3, "yew": 1}
    good = {"votes": votes, "ballots": 7, "undervotes": 3, "overvotes": 1}
    book.ask("report_unofficial_returns", COUNTY, contest="board", returns=good)
    problems = found(book, contest="board", returns={**good, "ballots": 8})
    assert problems == [
        (
            "detail.returns.ballots",
            "16 (8 ballots)",
            "14: votes, write-ins, undervotes and overvotes together",
        )
    ]


TEXT = "text of 1 to 4,000 characters, a whole number, yes or no, or a list of up to 1,000 texts"
SHARE = 'a fraction in lowest terms such as "1/20"'


@pytest.mark.parametrize(
    ("act", "office", "field", "value", "expected"),
    [
        ("request_recount", "candidate", "choice", "elm", "a choice of the contest: ash, birch"),
        ("order_risk_limiting_audit", STATE, "risk_limit", "2/40", SHARE),
        ("order_risk_limiting_audit", STATE, "risk_limit", "1/1", SHARE),
        ("order_risk_limiting_audit", STATE, "risk_limit", "0/1", SHARE),
        ("order_risk_limiting_audit", STATE, "risk_limit", 0.05, SHARE),
        ("order_recount", STATE, "text", "", TEXT),
        ("order_recount", STATE, "text", "x" * 4001, TEXT),
        ("order_recount", STATE, "text", 0.5, TEXT),
        ("order_recount", STATE, "text", -1, TEXT),
        ("order_recount", STATE, "text", 2**53, TEXT),
        ("order_recount", STATE, "text", None, TEXT),
        ("order_recount", STATE, "text", [], TEXT),
        ("order_recount", STATE, "text", ["a", 1], TEXT),
        ("order_recount", STATE, "text", {"a": 1}, TEXT),
        ("order_recount", STATE, "text", "half \ud800 a pair", TEXT),
        ("order_recount", STATE, "text", ["half \udfff a pair"], TEXT),
        ("report_finding", COUNTY, "size", "2", "a whole number from 0"),
        ("close_finding", COUNTY, "finding", 1, "the number of an entry before 1"),
        ("correct_entry", COUNTY, "corrects", "0", "the number of an entry before 1"),
        ("record_seed", COUNTY, "seed", "123", "20 to 200 digits 0-9, as rolled"),
        ("record_seed", COUNTY, "seed", "１" * 20, "20 to 200 digits 0-9, as rolled"),
        (
            "commit_audit_inputs",
            COUNTY,
            "manifest",
            "ab" * 32,
            "the SHA-256 of a public exhibit of this act or of an earlier entry",
        ),
        ("cast_electoral_votes", STATE, "president", {"A B": 1}, "an object: name to whole number"),
        ("cast_electoral_votes", STATE, "vice_president", {}, "an object: name to whole number"),
        (
            "count_electoral_votes",
            STATE,
            "table",
            {"ga": {"x": -1}},
            "an object: unit to an object of name to whole number",
        ),
        ("swear_in_senators", STATE, "members", {"d": 0.5}, "an object: name to whole number"),
        ("swear_in_senators", STATE, "tie_breaker", ["d"], "text of 1 to 4,000 characters"),
        ("record_checkpoint", KEEPER, "checkpoint", "text", "the text of a signed checkpoint"),
    ],
)
def test_each_field_of_a_detail_has_its_type(act, office, field, value, expected):
    book = town()
    where = {"contest": "mayor"} if "contest" in book.standing.law.acts[act].scope else {}
    problems = found(book, act, office, **where, **{field: value})
    assert (f"detail.{field}", expected) in [(one[0], one[2]) for one in problems]


@pytest.mark.parametrize(
    "readings",
    [
        [],
        [["b/1"]],
        [["b/1", "elm"]],
        [["b/1", "ash"], ["b/1", "blank"]],
        [["\ud800", "ash"]],
        [[1, "ash"]],
        {"b/1": "ash"},
        [["b/1", "ash"]] * 1001,
    ],
)
def test_readings_are_pairs_of_an_item_and_what_was_read(readings):
    problems = found(town(), "enter_readings", "audit_board", contest="mayor", readings=readings)
    known = "ash, birch, blank, not_found, overvote, write_in"
    expected = f"up to 1,000 pairs [item, reading], no item twice, a reading one of {known}"
    assert [(one[0], one[2]) for one in problems] == [("detail.readings", expected)]


SCAN = public("scan.pdf", "ab" * 32, 9)


@pytest.mark.parametrize(
    "wrong",
    [
        {**SCAN, "name": "a/b"},
        {**SCAN, "name": "a\\b"},
        {**SCAN, "name": "a\x00b"},
        {**SCAN, "name": ".."},
        {**SCAN, "name": ""},
        {**SCAN, "name": "n" * 201},
        {**SCAN, "name": "\ud800"},
        {**SCAN, "sha256": "AB" * 32},
        {**SCAN, "bytes": -1},
        {**SCAN, "kind": "secret"},
        {**SCAN, "extra": 1},
        {"kind": "sealed", "name": "scan.pdf", "commitment": "ab" * 31},
        {"kind": "sealed", "name": "scan.pdf", "sha256": "ab" * 32},
        "scan.pdf",
    ],
)
def test_an_exhibit_is_public_with_its_fingerprint_or_sealed_with_a_commitment(wrong):
    problems = found(town(), "file_exhibit", KEEPER, text="A scan.", exhibits=(SCAN, wrong))
    assert [(one[0], one[2]) for one in problems] == [
        ("exhibits[1]", "a public or sealed exhibit (section 4)")
    ]


def test_at_most_a_hundred_exhibits_are_filed_with_an_act():
    book = town()
    book.ask("file_exhibit", KEEPER, text="Scans.", exhibits=(SCAN,) * 100)
    problems = found(book, "file_exhibit", KEEPER, text="Scans.", exhibits=(SCAN,) * 101)
    assert problems == [("exhibits", "101 exhibits", "at most 100")]


def test_a_sealed_exhibit_is_no_manifest():
    sealed = {"kind": "sealed", "name": "manifest.json", "commitment": "ab" * 32}
    said = {"contest": "mayor", "sample": 1, "manifest": "ab" * 32, "exhibits": (sealed,)}
    assert found(town(), "commit_audit_inputs", COUNTY, **said)[0][0] == "detail.manifest"


def test_a_public_exhibit_of_an_earlier_entry_may_be_named():
    book = town()
    book.ask("order_risk_limiting_audit", STATE, contest="mayor")
    book.ask("report_unofficial_returns", COUNTY, returns=GOOD, **WHERE)
    manifest = book.file("manifest.json", MANIFEST)
    book.ask("file_exhibit", KEEPER, text="The manifest.", exhibits=(manifest,))
    book.ask("commit_audit_inputs", COUNTY, contest="mayor", sample=1, manifest=manifest["sha256"])


def opening_problems(**changed: Any) -> list[tuple[str, str, str]]:
    """The problems of an opening in which something is changed; `contest` changes its only contest."""
    book = Book()
    laws = {name: law(name) for name in ("book", "model")}
    book.shelf = type(book.shelf)(
        law_files={one: file for one, file, _ in laws.values()}, origin=changed.pop("origin", "o"), policy="p"
    )
    mayor = {**contest("mayor", "ash", "birch"), **changed.pop("contest", {})}
    said = {**opening(laws, [mayor], ["appling"], "2020-11-03"), **changed}
    answer = book.decide(book.act("open_book", said.pop("office", KEEPER), **said))
    return rules(answer.problems) if isinstance(answer, Malformed) else []


def test_a_good_opening_has_no_problem():
    assert opening_problems() == []


ASH = {"id": "ash", "name": "Ash"}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"election": {"id": "x", "title": "y"}}, "detail.election"),
        ({"election": {"id": "X", "title": "y", "day": "2020-11-03"}}, "detail.election.id"),
        ({"election": {"id": "x", "title": "", "day": "2020-11-03"}}, "detail.election.title"),
        ({"election": {"id": "x", "title": "\ud800", "day": "2020-11-03"}}, "detail.election.title"),
        ({"election": {"id": "x", "title": "y", "day": "2020-02-30"}}, "detail.election.day"),
        ({"election": {"id": "x", "title": "y", "day": "9999-12-31"}}, "detail.election.day"),
        ({"places": []}, "detail.places"),
        ({"places": [{"id": "appling", "name": "Appling"}]}, "detail.places[0]"),
        ({"places": [{"id": "appling", "name": "Appling", "kind": "county"}] * 2}, "detail.places"),
        ({"contests": []}, "detail.contests"),
        ({"contests": [contest("mayor", "ash", "birch")] * 2}, "detail.contests"),
        ({"contest": {"id": "The Mayor"}}, "detail.contests[0]"),
        ({"contest": {"seats": 0}}, "detail.contests[0].seats"),
        ({"contest": {"votes_allowed": "2"}}, "detail.contests[0].votes_allowed"),
        ({"contest": {"places": ["bacon"]}}, "detail.contests[0].places"),
        ({"contest": {"places": []}}, "detail.contests[0].places"),
        ({"contest": {"places": [1]}}, "detail.contests[0].places"),
        ({"contest": {"choices": []}}, "detail.contests[0].choices"),
        ({"contest": {"choices": [ASH, ASH]}}, "detail.contests[0].choices"),
        ({"contest": {"choices": [{"id": "blank", "name": "Blank"}]}}, "detail.contests[0].choices"),
        ({"contest": {"colour": "red"}}, "detail.contests[0]"),
        ({"contest": {"class": "council", "seats": 2}}, "detail.contests"),
        ({"law": []}, "detail.law"),
        ({"law": ["ab" * 32]}, "detail.law"),
        ({"exhibits": ()}, "detail.law"),
        ({"office": "candidate"}, "office"),
        ({"origin": ""}, "origin"),
    ],
)
def test_an_opening_names_an_election_its_contests_its_places_and_its_law(changed, field):
    assert field in [one[0] for one in opening_problems(**changed)]


def test_the_law_files_of_an_opening_are_filed_with_it_even_where_the_door_knows_the_set():
    book = opened("model", contest("mayor", "ash", "birch"))
    first, new = book.entries[0], Book()
    new.shelf = type(new.shelf)(
        law_sets={tuple(first.detail["law"]): book.standing.law}, origin="o", policy="p"
    )
    assert isinstance(new.decide(new.act("open_book", KEEPER, **first.detail)), Malformed)
    assert not isinstance(
        new.decide(new.act("open_book", KEEPER, exhibits=first.exhibits, **first.detail)), Malformed
    )


def test_a_book_begins_with_its_opening():
    answer = Book().decide(Act("close_book", KEEPER, "2020-11-03", "2020-11-03T12:00:00Z", "k"))
    assert isinstance(answer, Malformed)
    assert rules(answer.problems) == [("act", '"close_book"', "open_book")]


@pytest.mark.parametrize(
    ("old", "new", "found_part"),
    [
        ('effect = "record"', 'effect = "lot"', "without choice in its `needs`"),
        ('effect = "record"', 'effect = "returns"\ncount = "recertified"', "with the count recertified"),
        ("phases = []", 'phases = []\nneeds = ["a-b"]', "with the field a-b"),
        (
            'effect = "record"\nscope = []',
            'effect = "roster"\nneeds = ["post", "roster"]\nscope = ["contest?"]',
            r"with contest\? in its `scope`",
        ),
        (
            'effect = "record"\nscope = []',
            'effect = "move_date"\nneeds = ["moves", "moved_to"]\nscope = ["contest?"]',
            r"with contest\? in its `scope`",
        ),
        (
            'effect = "record"\nscope = []',
            'effect = "recount_result"\nscope = ["contest", "place?"]',
            r"with contest and place\? in its `scope`",
        ),
    ],
)
def test_a_law_whose_act_the_book_cannot_carry_out_opens_no_book(old, new, found_part):
    with pytest.raises(AssertionError, match=found_part):
        opened_by(law_text("model") + OWN_ACT.replace(old, new), contest("mayor", "ash", "birch"))
    opened_by(law_text("model") + OWN_ACT, contest("mayor", "ash", "birch"))


OWN_ACT = """
[[acts]]
id = "ring_bell"
words = "ring the bell"
entry = "bell_rung"
said = "rang the bell"
effect = "record"
scope = []
phases = []
"""
