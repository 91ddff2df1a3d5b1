"""Law files, clocks, rulings, outcomes and draws, each on the examples of its own specification."""

# ruff: noqa: E501, ARG002 - tables stand on one line each

import json
import re
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tallycheck.clock import Clock, is_day, is_moment, parse_steps, parsed_offset, walk
from tallycheck.draw import BadManifest, is_item_name, is_seed, parse_manifest, sample, ticket
from tallycheck.law import LawFile
from tallycheck.lawfile import join, parse_law
from tallycheck.lawforms import BadLaw
from tallycheck.outcomes import (
    WinnerRule,
    accounts_trouble,
    after_lot,
    by_college,
    control,
    edge,
    margin,
    outcome,
    same,
    winners,
)
from tallycheck.ruling import Bench, Case, Counted
from tests.tallycheck.writer import canonical

ROOT = Path(__file__).resolve().parents[2]
LAW_PAGE = (ROOT / "docs" / "spec" / "law.md").read_text(encoding="utf-8")
BLOCK = re.search(r"```toml\n(.*?)```", LAW_PAGE, re.DOTALL)
EXAMPLE = BLOCK[1] if BLOCK else ""


class Book:
    """Facts for guards, set by hand."""

    def __init__(self, latest: dict[str, str] | None = None, counted: Counted | None = None) -> None:
        self.kinds, self.counted = latest or {}, counted
        self.moves: dict[str, tuple[int, str]] = {}

    def latest(self, kind: str, contest: str | None, place: str | None) -> str | None:
        return self.kinds.get(kind)

    def in_every_place(self, kind: str, contest: str | None) -> bool:
        return kind in self.kinds

    def certified(self, contest: str | None) -> Counted | None:
        return self.counted

    def contest_day(self, contest: str | None) -> str:
        return "2020-11-03"

    def moved(self, row: str, contest: str | None, place: str | None) -> tuple[int, str] | None:
        return self.moves.get(row)


def ask(law: str, office: str, moment: str = "2020-12-05T15:00:00Z", book: Book | None = None, purpose: str = "",
        **detail: Any) -> tuple[str, dict[str, Any]]:  # fmt: skip
    bench = Bench(join([parse_law(law.encode())]), "2020-11-03")
    day = bench.law.clock.local(moment).date().isoformat()
    act = bench.law.rows[0].act
    return bench.rule(Case(act, office, purpose, "c", None, detail, moment, day, "mayor"), book or Book())


def test_the_example_of_the_page() -> None:
    assert ask(EXAMPLE, "secretary_of_state", basis="a seal") == (
        "granted",
        {"citation": "Example Code 1-31(5)", "law": "example", "row": "ex-1", "status": "conditional"},
    )
    kind, fields = ask(EXAMPLE, "secretary_of_state", basis="")
    assert (kind, fields["code"], fields["failed"], fields["row"]) == (
        "refused",
        "basis_required",
        "states",
        "ex-1",
    )
    assert (fields["words"], fields["next"]) == (
        "State the basis of the investigation.",
        "File the allegation with the act.",
    )
    kind, fields = ask(EXAMPLE, "governor", basis="a seal")
    assert (kind, fields["row"], fields["who_may"]) == ("refused", "ex-2", ["secretary_of_state"])
    assert fields["next"] == "Ask: Secretary of State."


def test_a_row_counts_to_its_last_day_by_the_clock_of_the_place() -> None:
    # 2021-03-24 ends in the place at 04:00 or 05:00 UTC of the 25th; the example's clock says -05:00.
    assert ask(EXAMPLE, "secretary_of_state", "2021-03-25T04:59:59Z", basis="x")[0] == "granted"
    kind, fields = ask(EXAMPLE, "secretary_of_state", "2021-03-25T05:00:00Z", basis="x")
    assert (kind, fields["row"], fields["who_may"]) == ("refused", "ex-2", [])
    assert fields["next"] == "No office may do this."


def test_no_row_at_all_is_said() -> None:
    law = EXAMPLE.replace('office = "*"', 'office = "governor"')
    kind, fields = ask(law, "somebody")
    assert kind == "refused" and fields == {
        "row": "", "law": "", "citation": "", "code": "no_law", "failed": "", "who_may": ["secretary_of_state"],
        "words": "No law in force on 2020-12-05 grants this act to this office.", "next": "Ask: Secretary of State.",
    }  # fmt: skip


def test_a_set_has_at_most_twenty_thousand_rows_and_rules() -> None:
    file = parse_law(EXAMPLE.encode())
    assert not file.rules

    def rows(many: int) -> LawFile:
        return replace(file, rows=tuple(replace(file.rows[0], id=f"x-{n}") for n in range(many)))

    assert len(join([rows(20_000)]).rows) == 20_000
    with pytest.raises(BadLaw, match="more than 20,000 rows and rules"):
        join([rows(20_001)])


def of_classes(words: str) -> str:
    """The example whose first row, of the Secretary of State, is for some classes of contest."""
    return EXAMPLE.replace('status = "conditional"', f'classes = {words}\nstatus = "conditional"', 1)


@pytest.mark.parametrize(
    ("words", "office_class", "row", "who_may"),
    [
        ('["mayor"]', "mayor", "ex-1", None),
        ('["council", "mayor"]', "mayor", "ex-1", None),
        ('["council"]', "mayor", "ex-2", []),
        ('["council"]', "council", "ex-1", None),
        ('["council"]', None, "ex-2", []),
    ],
)
def test_a_row_for_some_classes_is_for_contests_of_these_alone(
    words: str, office_class: str | None, row: str, who_may: list[str] | None
) -> None:
    law = join([parse_law(of_classes(words).encode())])
    detail = {"basis": "a seal"}
    case = Case("order_signature_audit", "secretary_of_state", "", office_class and "c", None, detail,
                "2020-12-05T15:00:00Z", "2020-12-05", office_class)  # fmt: skip
    kind, fields = Bench(law, "2020-11-03").rule(case, Book())
    assert (kind, fields["row"]) == ("granted" if who_may is None else "refused", row)
    assert fields.get("who_may") == who_may


def test_one_bench_keeps_contests_of_different_classes_apart() -> None:
    bench = Bench(join([parse_law(of_classes('["mayor"]').encode())]), "2020-11-03")
    found = []
    for office_class in ("mayor", "council", None, "mayor"):
        case = Case("order_signature_audit", "secretary_of_state", "", office_class, None, {"basis": "x"},
                    "2020-12-05T15:00:00Z", "2020-12-05", office_class)  # fmt: skip
        found.append(bench.rule(case, Book())[0])
    assert found == ["granted", "refused", "refused", "granted"]


@pytest.mark.parametrize("words", ["[]", '"mayor"', "[1]", "{}"])
def test_classes_of_a_row_are_strings_and_at_least_one(words: str) -> None:
    with pytest.raises(BadLaw):
        parse_law(of_classes(words).encode())


def with_row(guards: str, status: str = "conditional", more: str = "") -> str:
    """The example with its first row under other guards, without a code or words of its own."""
    law = EXAMPLE.replace(
        'when = { states = ["basis"] }', f"when = {{ {guards} }}\n{more}" if guards else more, 1
    )
    law = law.replace('code = "basis_required"\n', "", 1).replace(
        'words = "State the basis of the investigation."\n', "", 1
    )
    return law.replace('status = "conditional"', f'status = "{status}"', 1)


COUNT = Counted({"ann": 100, "bob": 90, "cat": 10}, frozenset({"ann"}))
ALONE = Counted({"ann": 7}, frozenset({"ann"}))
THERE = {"book_opened": "2020-11-03T12:00:00Z"}


@pytest.mark.parametrize(
    ("guards", "detail", "book", "code"),
    [
        ('after = ["book_opened"]', {}, Book(THERE), ""),
        ('after = ["book_opened"]', {}, Book(), "not_yet"),
        ('before = ["book_opened"]', {}, Book(THERE), "too_late"),
        ('before = ["book_opened"]', {}, Book(), ""),
        ('every_place = "book_opened"', {}, Book(), "places_missing"),
        ('one_of = { moves = ["a", "b"] }', {"moves": "b"}, Book(), ""),
        ('one_of = { moves = ["a", "b"] }', {"moves": "c"}, Book(), "not_among"),
        ('one_of = { moves = ["a"] }', {}, Book(), "not_among"),
        ('one_of = { moves = ["a"], x = ["y"] }', {"moves": "a", "x": ["y"]}, Book(), "not_among"),
        # 100 to 90 of 200: ten are 1/20 of all, 1/19 of the two highest, 1/10 of the winner's
        ('close = { share = "1/20", compare = "<=", of = "all_votes" }', {}, Book(counted=COUNT), ""),
        (
            'close = { share = "1/20", compare = "<", of = "all_votes" }',
            {},
            Book(counted=COUNT),
            "margin_too_large",
        ),
        ('close = { share = "1/19", compare = "<=", of = "two_highest" }', {}, Book(counted=COUNT), ""),
        (
            'close = { share = "1/19", compare = "<", of = "two_highest" }',
            {},
            Book(counted=COUNT),
            "margin_too_large",
        ),
        ('close = { share = "1/10", compare = "<=", of = "winner" }', {}, Book(counted=COUNT), ""),
        (
            'close = { share = "1/11", compare = "<=", of = "winner" }',
            {},
            Book(counted=COUNT),
            "margin_too_large",
        ),
        ('close = { share = "1/1", compare = "<=", of = "winner" }', {}, Book(counted=ALONE), ""),
        (
            'close = { share = "1/1", compare = "<", of = "winner" }',
            {},
            Book(counted=ALONE),
            "margin_too_large",
        ),
        ('close = { share = "1/2", compare = "<=", of = "winner" }', {}, Book(), "margin_too_large"),
        ('from = ["2020-12-05", "10:00"]', {}, Book(), ""),  # 10:00 in the place is 15:00 UTC
        ('from = ["2020-12-05", "10:01"]', {}, Book(), "too_early"),
        ('from = ["runoff_arose"]', {}, Book(), "too_early"),
        ('on_day = ["12-05"]', {}, Book(), ""),
        ('on_day = ["next_year 12-05"]', {}, Book(), "wrong_day"),
        ('states = ["x"]', {"x": 0}, Book(), ""),
        ('states = ["x"]', {"x": False}, Book(), "not_stated"),
        ('states = ["x"]', {"x": []}, Book(), "not_stated"),
        ("at_least = { n = 3 }", {"n": 3}, Book(), ""),
        ("at_least = { n = 3 }", {"n": 2}, Book(), "too_few"),
        ("at_least = { n = 1 }", {"n": True}, Book(), "too_few"),
        ('share_of = { n = ["1/3", 10] }', {"n": 4}, Book(), ""),
        ('share_of = { n = ["1/3", 10] }', {"n": 3}, Book(), "too_few"),
        ('role = "loser"', {"choice": "bob"}, Book(counted=COUNT), ""),
        ('role = "loser"', {"choice": "ann"}, Book(counted=COUNT), "wrong_role"),
        ('role = "winner"', {"choice": "ann"}, Book(counted=COUNT), ""),
        ('role = "loser"', {"choice": "eve"}, Book(counted=COUNT), "wrong_role"),
        ('role = "loser"', {"choice": "bob"}, Book(), "wrong_role"),
        ('margin_at_most = "1/20"', {"choice": "bob"}, Book(counted=COUNT), ""),  # 10 of 200
        ('margin_at_most = "9/200"', {"choice": "bob"}, Book(counted=COUNT), "margin_too_large"),
        ('margin_at_most = "1/20"', {"choice": "ann"}, Book(counted=COUNT), ""),
        ("most_votes = true", {"choice": "ann"}, Book(counted=COUNT), ""),
        ("most_votes = true", {"choice": "bob"}, Book(counted=COUNT), "not_most_votes"),
        ('majority = "missing"', {}, Book(counted=COUNT), ""),  # exactly half is none
        ('majority = "exists"', {}, Book(counted=COUNT), "majority_missing"),
        (
            'majority = "missing"',
            {},
            Book(counted=Counted({"ann": 2, "bob": 1}, frozenset())),
            "majority_exists",
        ),
        ('after = ["book_opened"], states = ["x"]', {}, Book(THERE), "not_stated"),
    ],
)
def test_each_guard_holds_or_fails_with_its_code(
    guards: str, detail: dict[str, Any], book: Book, code: str
) -> None:
    kind, fields = ask(with_row(guards), "secretary_of_state", book=book, **detail)
    assert (kind, fields.get("code", "")) == ("refused" if code else "granted", code)
    if code:
        assert fields["failed"] == guards.split(" ")[0] or "," in guards


def test_a_deadline_that_an_order_moved_decides_and_is_named() -> None:
    law, book = with_row("", more='due = ["2020-12-04", "17:00"]'), Book()
    assert (
        ask(law, "secretary_of_state", book=book)[1]["words"]
        == "The time for this act ended on 2020-12-04 17:00."
    )
    book.moves = {"ex-1": (7, "2020-12-05T15:00:00Z")}  # 10:00 in the place
    kind, fields = ask(law, "secretary_of_state", "2020-12-05T15:00:00Z", book=book)
    assert (kind, fields["due"], fields["moved"]) == ("granted", "2020-12-05T15:00:00Z", 7)
    kind, fields = ask(law, "secretary_of_state", "2020-12-05T15:00:01Z", book=book)
    assert (kind, fields["code"], fields["words"]) == (
        "refused", "out_of_time", "The time for this act ended on 2020-12-05 10:00.",
    )  # fmt: skip
    kind, fields = ask(
        with_row("", "duty", 'due = ["2020-12-04", "17:00"]'),
        "secretary_of_state",
        "2020-12-06T15:00:00Z",
        book=book,
    )
    assert (kind, fields["late"], fields["moved"]) == ("granted", True, 7)


def test_a_deadline_in_the_place_s_time_and_a_duty_that_is_late() -> None:
    due = 'due = ["2020-12-04", "17:00"]'
    kind, fields = ask(with_row("", "conditional", due), "secretary_of_state", "2020-12-04T22:00:00Z")
    assert (kind, fields["due"]) == ("granted", "2020-12-04T22:00:00Z")
    kind, fields = ask(with_row("", "conditional", due), "secretary_of_state", "2020-12-04T22:00:01Z")
    assert (kind, fields["code"], fields["failed"]) == ("refused", "out_of_time", "due")
    assert fields["words"] == "The time for this act ended on 2020-12-04 17:00."
    kind, fields = ask(with_row("", "duty", due), "secretary_of_state", "2020-12-04T22:00:01Z")
    assert kind == "granted" and fields["late"] is True


@pytest.mark.parametrize(
    ("steps", "day"),
    [
        (["+7 days"], "2020-11-10"), (["-1 days"], "2020-11-02"), (["+5 business days"], "2020-11-10"),
        (["+6 business days"], "2020-11-12"), (["+5 days but sundays"], "2020-11-09"), (["+1 tuesday"], "2020-11-10"),
        (["+2 monday"], "2020-11-16"), (["+8 days", "next business day"], "2020-11-12"),
        (["+4 days", "next business day"], "2020-11-09"), (["next business day"], "2020-11-03"),
    ],
)  # fmt: skip
def test_date_steps_from_election_day_2020(steps: list[str], day: str) -> None:
    """Tuesday 3 November 2020; Wednesday the 11th is a holiday. By a paper calendar."""
    parsed = parse_steps(["election_day", *steps])
    assert parsed is not None
    assert walk(date(2020, 11, 3), parsed.steps, frozenset({"2020-11-11"})).isoformat() == day


@pytest.mark.parametrize(
    "steps",
    [[], ["tomorrow "], ["election_day", "+0 days"], ["election_day", "+1000 days"], ["02-29"], ["election_day", "24:00"],
     ["election_day", "-1 business days"], ["election_day", "12:00", "+1 days"], ["2021-02-29"], "election_day", [1]],
)  # fmt: skip
def test_bad_date_steps_are_refused(steps: Any) -> None:
    assert parse_steps(steps) is None


def test_local_time_where_the_clock_changes() -> None:
    clock = Clock(
        (("2020-03-08T07:00:00Z", parsed_offset("-04:00")), ("2020-11-01T06:00:00Z", parsed_offset("-05:00")))
    )
    assert clock.local("2020-11-01T05:59:59Z").isoformat() == "2020-11-01T01:59:59"
    assert clock.local("2020-11-01T06:00:00Z").isoformat() == "2020-11-01T01:00:00"
    assert clock.moment(clock.local("2020-11-01T05:30:00Z")) == "2020-11-01T05:30:00Z"  # the first of two
    assert clock.moment(clock.local("2020-11-01T07:00:00Z")) == "2020-11-01T07:00:00Z"
    assert clock.local("2019-01-01T00:00:00Z").isoformat() == "2018-12-31T20:00:00"  # before the first row


@pytest.mark.parametrize(
    "text", ["2020-02-30", "20200101", "2020-1-1", "2020-W01-1", "２０２０-01-01", "", None, 5]
)
def test_these_are_no_days(text: object) -> None:
    assert not is_day(text) and not is_moment(text)


# Outcomes ------------------------------------------------------------

LOT = WinnerRule("plurality", "lot", None)
MAJORITY = WinnerRule("majority_or_runoff", "lot", "2021-01-05")


def test_the_runoff_of_the_page() -> None:
    votes = {"perdue": 2462617, "ossoff": 2374519, "hazel": 115039}
    found = outcome(votes, 1, MAJORITY)
    assert found == {"choices": ["perdue", "ossoff"], "day": "2021-01-05", "kind": "runoff"}
    assert margin(votes, 1, found) == 2374519 - 115039
    assert outcome(votes, 1, LOT) == {"kind": "winner", "winners": ["perdue"]}


def test_ties_of_the_page() -> None:
    first = outcome({"a": 5, "b": 4, "c": 4}, 1, MAJORITY)
    assert first == {"by": "lot", "choices": ["b", "c"], "for": "runoff", "kind": "tie", "seats": 1, "sure": ["a"],
                     "day": "2021-01-05"}  # fmt: skip
    assert after_lot(first, "c") == {"choices": ["a", "c"], "day": "2021-01-05", "kind": "runoff"}
    three = outcome({"a": 4, "b": 4, "c": 4}, 1, MAJORITY)
    assert (three["sure"], three["choices"], three["seats"]) == ([], ["a", "b", "c"], 2)
    once = after_lot(three, "b")
    assert (once["kind"], once["choices"], once["sure"], once["seats"]) == ("tie", ["a", "c"], ["b"], 1)
    assert after_lot(once, "a")["choices"] == ["b", "a"]
    assert margin({"a": 5, "b": 4, "c": 4}, 1, first) == 0
    both = outcome({"a": 4, "b": 4, "c": 1}, 1, MAJORITY)
    assert both["choices"] == ["a", "b"]
    all_go = WinnerRule("majority_or_runoff", "runoff", "2021-01-05")
    assert outcome({"a": 5, "b": 4, "c": 4}, 1, all_go)["choices"] == ["a", "b", "c"]


def test_a_tie_for_seats_under_each_rule() -> None:
    votes = {"a": 9, "b": 5, "c": 5, "d": 1}
    assert outcome(votes, 2, LOT) == {
        "by": "lot", "choices": ["b", "c"], "for": "seats", "kind": "tie", "seats": 1, "sure": ["a"],
    }  # fmt: skip
    assert outcome(votes, 2, WinnerRule("plurality", "runoff", "2021-01-05")) == {
        "choices": ["b", "c"], "day": "2021-01-05", "kind": "runoff", "sure": ["a"],
    }  # fmt: skip
    again = outcome(votes, 2, WinnerRule("plurality", "new_election", None))
    assert again == {"choices": ["b", "c"], "kind": "new_election", "seats": 1, "sure": ["a"]}
    assert winners(again) == ["a"] and margin(votes, 2, again) == 0
    assert margin(votes, 3, outcome(votes, 3, LOT)) == 4


def test_nobody_wins_without_a_vote() -> None:
    assert outcome({"a": 0, "b": 0}, 1, MAJORITY) == {"kind": "winner", "unfilled": 1, "winners": []}
    assert outcome({"a": 3, "b": 0}, 2, LOT) == {"kind": "winner", "unfilled": 1, "winners": ["a"]}
    assert outcome({"a": 1, "b": 1}, 1, MAJORITY)["kind"] == "runoff"  # exactly half is no majority
    assert edge({"a": 1}, 1).clear == ["a"]
    assert margin({"a": 7}, 1, {"kind": "winner", "winners": ["a"]}) == 7
    assert margin({"a": 7}, 2, {"kind": "winner", "winners": ["a"]}) == 0


def test_two_outcomes_are_the_same_as_sets() -> None:
    assert same({"kind": "winner", "winners": ["a", "b"]}, {"kind": "winner", "winners": ["b", "a"]})
    assert not same({"kind": "winner", "winners": ["a"]}, {"kind": "runoff", "choices": ["a"]})
    one = {"kind": "runoff", "choices": ["a", "b"], "day": "2021-01-05"}
    assert same(one, one | {"day": "2021-01-06"}) and not same(one, one | {"sure": []})


def test_the_college_and_the_senate() -> None:
    assert by_college({"x": 306, "y": 232}, 538, "House of Representatives", 3) == {
        "kind": "winner",
        "winners": ["x"],
    }
    found = by_college({"c": 1, "b": 269, "a": 268}, 538, "House of Representatives", 3)
    assert found == {"chamber": "House of Representatives", "choices": ["b", "a", "c"], "kind": "contingent"}
    tied = by_college({"a": 3, "b": 3, "c": 3, "d": 3}, 12, "House of Representatives", 3)
    assert (tied["choices"], tied["tied"]) == ([], ["a", "b", "c", "d"])
    assert control({"d": 50, "r": 50}, 100, 0, "d") == {"by": "tie_breaker", "control": "d"}
    assert control({"d": 50, "r": 49, "i": 1}, 100, 0, "d") == {"by": "nobody"}
    assert control({"d": 50, "r": 49}, 100, 1, None) == {"by": "majority", "control": "d"}


def test_accounts_with_several_votes_allowed() -> None:
    returns = {"votes": {"a": 5, "b": 3}, "ballots": 6, "undervotes": 2, "overvotes": 1}
    assert accounts_trouble(returns, 2) == ""
    assert accounts_trouble(returns, 1) != ""
    assert accounts_trouble({"votes": {"a": 1}, "modes": {"mail": {"a": 1}, "day": {"a": 1}}}, 1) != ""


# The draw ------------------------------------------------------------

VECTORS = ROOT / "vectors" / "draw"


def test_draws_without_replacement_of_the_vectors() -> None:
    cases = json.loads((VECTORS / "without_replacement.json").read_text(encoding="utf-8"))["cases"]
    assert cases
    for case in cases:
        drawn = sample(case["seed"], iter(case["items"]), case["n"])
        assert [[ticket(case["seed"], item), item] for item in drawn] == case["sample"]


def test_what_the_vectors_refuse_is_refused() -> None:
    cases = json.loads((VECTORS / "refused.json").read_text(encoding="utf-8"))["cases"]
    assert not any(is_seed(seed) for seed in cases["seeds"])
    assert not any(is_item_name(item) for item in cases["items"])


def batch(name: Any, cards: Any) -> dict[str, Any]:
    return {"cards": cards, "id": name}


@pytest.mark.parametrize(
    "batches",
    [[], [batch("a", 0)], [batch("a", 1), batch("a", 1)], [batch("a/b", 1)], [batch("", 1)], [batch("a\n", 1)],
     [batch("a" * 201, 1)], [batch("a", 10**7 + 1)], [batch("a", True)], [batch(1, 1)], [batch("a", 1) | {"x": 1}],
     [batch(str(i), 10**7) for i in range(6)], {}, [1],
     *([batch("a", 1) | {name: value}] for name in ("container", "place")
       for value in ("", "a/b", "a\n", "a\x7f", "a" * 201, 1, None, ["a"]))],
)  # fmt: skip
def test_bad_manifests_are_refused(batches: Any) -> None:
    good = canonical({"batches": [batch("a", 2)], "format": "tallybook/manifest/v1"})
    assert list(parse_manifest(good).items()) == ["a/1", "a/2"]
    with pytest.raises(BadManifest):
        parse_manifest(canonical({"batches": batches, "format": "tallybook/manifest/v1"}))


def test_a_batch_may_say_where_its_paper_is_found_and_is_drawn_the_same() -> None:
    rows = [
        batch("a", 2) | {"container": "Box 7 é"},
        batch("b", 1) | {"container": "Box 7 é", "place": "p" * 200},
    ]
    plain = [batch("a", 2), batch("b", 1)]
    told, bare = (
        parse_manifest(canonical({"batches": of, "format": "tallybook/manifest/v1"})) for of in (rows, plain)
    )
    assert told == bare and list(told.items()) == ["a/1", "a/2", "b/1"]


@pytest.mark.slow
def test_a_law_of_very_many_offices_is_ruled_by_in_one_pass() -> None:
    """20,000 offices with a row each: a pass for every office would be 400 million looks at a row."""
    n = 20_000
    offices = ",".join(f'{{id="o{i}",name="O"}}' for i in range(n))
    lines = ['format="tallybook/law/v1"\nid="x"\ntitle=""\nplace=""', f"offices=[{offices}]"]
    lines.append('[[acts]]\nid="a"\nwords=""\nentry="e"\nsaid=""\neffect="record"\nscope=[]\nphases=[]')
    for i in range(n):
        status = "not_permitted" if i % 2 else "permitted"
        lines.append(f'[[rows]]\nid="r{i}"\noffice="o{i}"\nact="a"\nstatus="{status}"\nin_force=["",""]\n'
                     'elections_held=["",""]\ncitation=""\nplain=""')  # fmt: skip
    bench = Bench(join([parse_law("\n".join(lines).encode())]), "2020-11-03")
    case = Case("a", "o1", "", None, None, {}, "2020-11-03T00:00:00Z", "2020-11-03", None)
    kind, fields = bench.rule(case, Book())
    assert (kind, fields["who_may"]) == ("refused", [f"o{i}" for i in range(0, n, 2)])


SPANS = (["", ""], ["", "2020-06-30"], ["2020-07-01", ""], ["2020-11-03", "2020-11-03"])
CLASSES: tuple[list[str], ...] = ([], ["a"], ["b", "a"], [""])


def of_rules(chosen: tuple[tuple[list[str], list[str], list[str]], ...]) -> Bench:
    """A law with these rules of one kind: classes, days in force, days of elections."""
    lines = ['format="tallybook/law/v1"\nid="x"\ntitle=""\nplace=""']
    for i, (classes, in_force, held) in enumerate(chosen):
        lines.append(f'[[rules]]\nid="r{i}"\nkind="hand_count"\nclasses={classes}\nin_force={in_force}\n'
                     f'elections_held={held}\ncitation=""\nplain=""\neffect="returns_stand"')  # fmt: skip
    return Bench(join([parse_law("\n".join(lines).encode())]), "2020-11-03")


@pytest.mark.slow
def test_the_rule_for_a_class_is_the_first_that_applies_in_every_small_law() -> None:
    """Two rules of every kind of classes and days, and every question about them."""
    one = [(c, s, h) for c in CLASSES for s in SPANS for h in (["", ""], ["2021-01-01", ""])]
    for chosen in product(one, repeat=2):
        bench = of_rules(chosen)
        for office_class, day in product(("a", "b", "c"), ("2020-06-30", "2020-07-01", "2020-11-03")):
            applies = [f"r{i}" for i, (classes, (first, last), (held, _)) in enumerate(chosen)
                       if (not classes or office_class in classes) and first <= day <= (last or "9") and not held]  # fmt: skip
            found = bench.find_rule("hand_count", office_class, day)
            assert (found.id if found else None) == next(iter(applies), None)


@pytest.mark.slow
def test_a_class_is_found_at_once_among_very_many_rules() -> None:
    """20,000 rules and as many classes: a look at each rule for each class would be 400 million."""
    n = 20_000
    bench = of_rules(tuple(([f"c{i}"], ["", ""], ["", ""]) for i in range(n)))
    for i in range(n):
        found = bench.find_rule("hand_count", f"c{i}", "2020-11-03")
        assert found is not None and found.id == f"r{i}"
