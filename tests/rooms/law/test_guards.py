"""Each guard, true and false (docs/spec/law.md, section 5)."""

import pytest

from tallybook.law import ruling
from tallybook.law.guards import TESTS

VOTES = {"seat": {"ann": 5_010, "bob": 4_990, "cy": 0}}
WON = {"seat": ("ann",)}
CERTIFIED = ("certified", "seat", "", "2020-11-20T22:00:00Z")

# guard, the row's value, what the act says, the facts, whether it holds
CASES = [
    ("after", '["certified"]', {}, {"entries": (CERTIFIED,)}, True),
    ("after", '["certified"]', {}, {}, False),
    ("after", '["certified"]', {}, {"entries": (("certified", "other", "", CERTIFIED[3]),)}, False),
    ("before", '["certified"]', {}, {}, True),
    ("before", '["certified"]', {}, {"entries": (CERTIFIED,)}, False),
    ("every_place", '"certified"', {}, {"entries": (CERTIFIED,), "places": ("",)}, True),
    ("every_place", '"certified"', {}, {"entries": (CERTIFIED,), "places": ("", "bacon")}, False),
    ("from", '["2020-12-01", "12:00"]', {}, {}, True),
    ("from", '["2020-12-01", "12:01"]', {}, {}, False),
    ("from", '["certified", "+1 days"]', {}, {}, False),
    ("on_day", '["2020-12-01"]', {}, {}, True),
    ("on_day", '["2020-12-02"]', {}, {}, False),
    ("on_day", '["certified"]', {}, {}, False),
    ("states", '["basis"]', {"basis": "a complaint"}, {}, True),
    ("states", '["basis"]', {"basis": 0}, {}, True),
    ("states", '["basis"]', {}, {}, False),
    ("states", '["basis"]', {"basis": ""}, {}, False),
    ("states", '["basis"]', {"basis": []}, {}, False),
    ("states", '["basis"]', {"basis": {}}, {}, False),
    ("states", '["basis"]', {"basis": None}, {}, False),
    ("states", '["basis"]', {"basis": False}, {}, False),
    ("at_least", "{ signers = 2 }", {"signers": 2}, {}, True),
    ("at_least", "{ signers = 2 }", {"signers": 1}, {}, False),
    ("at_least", "{ signers = 1 }", {"signers": True}, {}, False),
    ("at_least", "{ signers = 0 }", {}, {}, False),
    ("share_of", '{ signers = ["3/5", 56] }', {"signers": 34}, {}, True),
    ("share_of", '{ signers = ["3/5", 56] }', {"signers": 33}, {}, False),
    ("share_of", '{ signers = ["3/5", 180] }', {"signers": 108}, {}, True),
    ("share_of", '{ signers = ["3/5", 180] }', {"signers": 107}, {}, False),
    ("share_of", '{ signers = ["3/5", 56] }', {"signers": "56"}, {}, False),
    ("role", '"loser"', {"choice": "bob"}, {"certified": VOTES, "won": WON}, True),
    ("role", '"loser"', {"choice": "ann"}, {"certified": VOTES, "won": WON}, False),
    ("role", '"loser"', {"choice": "nobody"}, {"certified": VOTES, "won": WON}, False),
    ("role", '"loser"', {}, {"certified": VOTES, "won": WON}, False),
    ("role", '"loser"', {"choice": "ann"}, {"certified": VOTES, "won": {"seat": ()}}, True),
    ("role", '"winner"', {"choice": "ann"}, {"certified": VOTES, "won": WON}, True),
    ("role", '"winner"', {"choice": "bob"}, {"certified": VOTES, "won": WON}, False),
    ("role", '"winner"', {"choice": "ann"}, {}, False),
    ("margin_at_most", '"20/10000"', {"choice": "bob"}, {"certified": VOTES}, True),
    ("margin_at_most", '"19/10000"', {"choice": "bob"}, {"certified": VOTES}, False),
    ("margin_at_most", '"20/10000"', {"choice": "ann"}, {"certified": VOTES}, True),
    ("margin_at_most", '"19/10000"', {"choice": "ann"}, {"certified": VOTES}, False),
    ("margin_at_most", '"1/1"', {"choice": "bob"}, {}, False),
    ("most_votes", "true", {"choice": "ann"}, {"certified": VOTES}, True),
    ("most_votes", "true", {"choice": "bob"}, {"certified": VOTES}, False),
    ("most_votes", "true", {"choice": "ann"}, {"certified": {"seat": {"ann": 7, "bob": 7}}}, False),
    ("most_votes", "true", {"choice": "ann"}, {}, False),
    ("majority", '"exists"', {}, {"certified": VOTES}, True),
    ("majority", '"exists"', {}, {"certified": {"seat": {"ann": 5, "bob": 4, "cy": 1}}}, False),
    ("majority", '"missing"', {}, {"certified": {"seat": {"ann": 5, "bob": 4, "cy": 1}}}, True),
    ("majority", '"missing"', {}, {"certified": VOTES}, False),
    ("majority", '"missing"', {}, {}, False),
    ("majority", '"exists"', {}, {}, False),
    ("one_of", '{ moves = ["ex-1", "ex-2"] }', {"moves": "ex-2"}, {}, True),
    ("one_of", '{ moves = ["ex-1", "ex-2"] }', {"moves": "ex-3"}, {}, False),
    ("one_of", '{ moves = ["ex-1"] }', {"moves": ["ex-1"]}, {}, False),
    ("one_of", '{ moves = ["ex-1"] }', {}, {}, False),
    # 5,010 to 4,990 of 10,000: 20 votes are 1/500 of all and of the two highest, 2/501 of the winner's.
    ("close", '{ share = "1/500", compare = "<=", of = "all_votes" }', {}, {"certified": VOTES}, True),
    ("close", '{ share = "1/500", compare = "<", of = "all_votes" }', {}, {"certified": VOTES}, False),
    ("close", '{ share = "1/500", compare = "<=", of = "two_highest" }', {}, {"certified": VOTES}, True),
    ("close", '{ share = "2/501", compare = "<=", of = "winner" }', {}, {"certified": VOTES}, True),
    ("close", '{ share = "2/501", compare = "<", of = "winner" }', {}, {"certified": VOTES}, False),
    ("close", '{ share = "1/251", compare = "<=", of = "winner" }', {}, {"certified": VOTES}, False),
    ("close", '{ share = "1/500", compare = "<=", of = "winner" }', {}, {"certified": VOTES}, False),
    (
        "close",
        '{ share = "1/1", compare = "<=", of = "winner" }',
        {},
        {"certified": {"seat": {"ann": 3}}},
        True,
    ),
    ("close", '{ share = "1/1", compare = "<=", of = "winner" }', {}, {}, False),
]


@pytest.mark.parametrize(("guard", "value", "detail", "facts", "holds"), CASES)
def test_a_guard_holds_exactly_when_the_specification_says(  # type: ignore[no-untyped-def]
    example, book, ask, guard, value, detail, facts, holds
) -> None:
    laws = example(f"when = {{ {guard} = {value} }}")
    found = ruling(laws, ask(laws, "certify", "clerk", "2020-12-01 12:00", detail, "seat"), book(**facts))
    assert found.outcome == ("granted" if holds else "refused")
    assert found.failed == ("" if holds else guard)


def test_every_guard_is_tested_both_ways() -> None:
    assert {(guard, holds) for guard, *_, holds in CASES} == {(g, h) for g in TESTS for h in (True, False)}


# The default codes of the specification's table.
CODES = {
    "after": "not_yet",
    "before": "too_late",
    "every_place": "places_missing",
    "from": "too_early",
    "on_day": "wrong_day",
    "states": "not_stated",
    "at_least": "too_few",
    "share_of": "too_few",
    "role": "wrong_role",
    "margin_at_most": "margin_too_large",
    "most_votes": "not_most_votes",
    "one_of": "not_among",
    "close": "margin_too_large",
}


@pytest.mark.parametrize(("guard", "value", "detail", "facts", "holds"), [c for c in CASES if not c[4]])
def test_a_guard_that_fails_gives_its_default_code(  # type: ignore[no-untyped-def]
    example, book, ask, guard, value, detail, facts, holds
) -> None:
    laws = example(f"when = {{ {guard} = {value} }}")
    found = ruling(laws, ask(laws, "certify", "clerk", "2020-12-01 12:00", detail, "seat"), book(**facts))
    majority = "majority_exists" if value == '"missing"' else "majority_missing"
    assert found.code == CODES.get(guard, majority)
    assert holds is False


def test_guards_of_a_contest_fail_for_an_act_without_a_contest(example, book, ask) -> None:  # type: ignore[no-untyped-def]
    facts = book(entries=(CERTIFIED,), certified=VOTES, won=WON, places=())
    for guard, value in (
        ("every_place", '"certified"'),
        ("role", '"winner"'),
        ("margin_at_most", '"1/1"'),
        ("most_votes", "true"),
        ("majority", '"exists"'),
    ):
        laws = example(f"when = {{ {guard} = {value} }}")
        question = ask(laws, "certify", "clerk", "2020-12-01 12:00", {"choice": "ann"})
        assert ruling(laws, question, facts).failed == guard


def test_guards_are_tested_in_the_order_of_the_specification(example, book, ask) -> None:  # type: ignore[no-untyped-def]
    laws = example('when = { most_votes = true, states = ["basis"], after = ["certified"] }')
    question = ask(laws, "certify", "clerk", "2020-12-01 12:00", {"choice": "ann"}, "seat")
    assert ruling(laws, question, book()).failed == "after"
    assert ruling(laws, question, book(entries=(CERTIFIED,))).failed == "states"


def test_a_third_place_is_measured_against_the_leader(example, book, ask) -> None:  # type: ignore[no-untyped-def]
    # Georgia 2020 as first certified: 12,670 of 4,998,482 votes between the two highest.
    votes = {"seat": {"biden": 2_474_507, "trump": 2_461_837, "jorgensen": 62_138}}
    laws = example('when = { margin_at_most = "1/200" }')
    facts = book(certified=votes)
    for choice, outcome in (("trump", "granted"), ("jorgensen", "refused"), ("biden", "granted")):
        question = ask(laws, "certify", "clerk", "2020-12-01 12:00", {"choice": choice}, "seat")
        assert ruling(laws, question, facts).outcome == outcome


def test_the_specification_lists_the_guards_in_this_order() -> None:
    assert tuple(TESTS) == (
        *("after", "before", "every_place", "from", "on_day", "states", "at_least", "share_of"),
        *("role", "margin_at_most", "most_votes", "majority", "one_of", "close"),
    )
